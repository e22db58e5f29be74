"""One entry in full: values, signers, digests and place, proof, bytes. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import orjson
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from schema.papercodes import receipt_code
from tracker.values import DossierEvent, EntryProof
from tui.answers import safe
from tui.glyphs import BAD, DONE, TO_COME
from tui.language import named, tr
from tui.shown_codes import code_text, in_sentence
from tui.states import style_of
from tui.words import clock_time


def signature_lines(event: DossierEvent) -> Iterator[str]:
    """Printed name, time and meaning of each signature (21 CFR 11.50)."""
    for one in event.entry.signatures:
        meaning = named(one.meaning.value)
        at = clock_time(event.entry.statement.there(one.signed_at))
        yield f"{one.name} ({one.signer}), {at}, {meaning}"


@dataclass(frozen=True, slots=True)
class EntryPart:
    """One pane of an entry: what it is, what is said of it, and its text."""

    title: Text
    text: RenderableType
    said: str = ""


def entry_parts(event: DossierEvent, proof: EntryProof | None) -> tuple[EntryPart, EntryPart, EntryPart]:
    """One entry in full: values, signers, digests and place; the result of the proof; the bytes."""
    entry, row = event.entry, event.row
    title = Text(tr("Entry {sequence} of", sequence=row.sequence) + " ").append_text(code_text(row.chain))
    title.append(f": {safe(row.title)}")
    facts = Table.grid(padding=(0, 2, 0, 0))
    facts.add_column(no_wrap=True)
    facts.add_column(overflow="fold")  # a digest goes on in the next line
    for name, value in entry_facts(event):
        facts.add_row(Text(name, style="muted"), in_sentence(value))
    facts.add_row(Text(tr("Receipt"), style="muted"), Text(receipt_code(entry.statement.digest).text))
    size = tr("{count} bytes, as they were hashed", count=len(entry.body))
    return (
        EntryPart(title, facts),
        EntryPart(Text(tr("Proof, checked now")), proof_text(proof)),
        EntryPart(Text(tr("Bytes")), bytes_text(event, proof), size),
    )


def proof_text(proof: EntryProof | None) -> Text:
    """The verdict with its shape, then what was checked, a line each."""
    if proof is None:
        return Text().append(f"{TO_COME} " + tr("is being checked ..."))
    word = f"{BAD} " + tr("FAILS")
    if proof.holds:
        word = f"{TO_COME} " + tr("waits for the log") if proof.pending else f"{DONE} " + tr("holds")
    text = Text().append(word, style=style_of(word))
    for line in proof.lines:
        text.append(f"\n{safe(line)}")
    return text


def bytes_text(event: DossierEvent, proof: EntryProof | None) -> Text:
    """The bytes as they were hashed, the same in lines, and the proof as a file."""
    entry = event.entry
    text = Text(safe(entry.body.decode("utf-8", "backslashreplace")))
    text.append("\n\n" + tr("In lines") + "\n", style="muted")
    pretty = orjson.dumps(orjson.loads(entry.body), option=orjson.OPT_INDENT_2).decode()
    text.append("\n".join(safe(line) for line in pretty.splitlines()))
    if proof is not None and proof.text:
        text.append("\n\n" + tr("Proof as a file (C2SP tlog-proof)") + "\n", style="muted")
        text.append("\n".join(safe(line) for line in proof.text.splitlines()))
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
