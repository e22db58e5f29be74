"""One entry in full: values, signers, digests and place, proof, bytes. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import orjson
from rich.text import Text

from schema.papercodes import receipt_code
from tracker.values import DossierEvent, EntryProof
from tui.answers import safe
from tui.language import named, tr
from tui.words import clock_time

RAW_LINE: Final = 76


def signature_lines(event: DossierEvent) -> Iterator[str]:
    """Printed name, time and meaning of each signature (21 CFR 11.50)."""
    for one in event.entry.signatures:
        meaning = named(one.meaning.value)
        at = clock_time(event.entry.statement.there(one.signed_at))
        yield f"{one.name} ({one.signer}), {at}, {meaning}"


def entry_text(event: DossierEvent, proof: EntryProof | None) -> Text:
    """One entry in full: values, signers, digests and place, the result of the proof, bytes."""
    entry, row = event.entry, event.row
    statement = entry.statement
    text = Text(
        tr(
            "ENTRY {sequence} of {chain}: {title}",
            sequence=row.sequence,
            chain=row.chain,
            title=safe(row.title),
        )
        + "\n",
        style="bold",
    )
    for name, value in entry_facts(event):
        text.append(f"{name:<17} ", style="bold").append(safe(value) + "\n", style="not bold")
    text.append("\n" + tr("PROOF, checked now") + "\n", style="bold")
    if proof is None:
        text.append(tr("is being checked ...") + "\n", style="not bold")
    else:
        verdict = (
            tr("HOLDS")
            if proof.holds and not proof.pending
            else tr("WAITS")
            if proof.holds
            else tr("■ FAILS")
        )
        text.append(f"{verdict}\n", style="stop" if not proof.holds else "bold")
        text.append("".join(f"  {safe(line)}\n" for line in proof.lines), style="not bold")
    text.append("\n" + tr("RAW BYTES"), style="bold")
    text.append(tr(", {count} of them, as they were hashed", count=len(entry.body)) + "\n", style="not bold")
    text.append("\n".join(_wrapped(safe(entry.body.decode("utf-8", "backslashreplace")))), style="not bold")
    text.append("\n\n" + tr("IN LINES") + "\n", style="bold")
    pretty = orjson.dumps(orjson.loads(entry.body), option=orjson.OPT_INDENT_2).decode()
    text.append("\n".join(safe(line) for line in pretty.splitlines()), style="not bold")
    if proof is not None and proof.text:
        text.append("\n\n" + tr("PROOF AS A FILE (C2SP tlog-proof)") + "\n", style="bold")
        text.append("\n".join(safe(line) for line in proof.text.splitlines()), style="not bold")
    text.append("\n\n" + tr("Receipt {text}", text=receipt_code(statement.digest).text), style="not bold")
    return text


def entry_facts(event: DossierEvent) -> Iterator[tuple[str, str]]:
    """What an entry says, by name: times by the clocks of the place, names as printed, digests in full."""
    entry, row, statement = event.entry, event.row, event.entry.statement
    yield tr("Happened"), clock_time(statement.there(statement.occurred_at))
    yield tr("Recorded"), clock_time(statement.there(entry.recorded_at))
    if row.marks:
        yield tr("Marks"), f"■ {row.marks}"
    yield tr("By"), tr("{actor} at {station}, {site}", actor=row.actor, station=row.station, site=row.site)
    if row.units:
        yield tr("Units"), row.units
    if row.custody:
        yield tr("Now with"), row.custody
    for line in signature_lines(event):
        yield tr("Signed"), line
    if not entry.signatures:
        yield tr("Signed"), tr("by nobody: made by the program as evidence")
    yield tr("Entry digest"), entry.digest
    yield tr("Statement digest"), statement.digest
    yield tr("Entry before"), entry.previous or tr("none: this is the first of its chain")
    if entry.registry is not None:
        yield tr("Registry head"), f"{entry.registry.sequence}: {entry.registry.digest}"
    yield tr("Event"), statement.event_id


def _wrapped(line: str) -> Iterator[str]:
    for start in range(0, len(line), RAW_LINE):
        yield line[start : start + RAW_LINE]
