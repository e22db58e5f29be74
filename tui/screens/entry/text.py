"""What the auditor's screens say: found therapies, timeline, gaps, one entry with its proof. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson
from rich.text import Text

from schema.papercodes import receipt_code
from tracker.auditing import Audit
from tracker.evidence.entry_proof import EntryProof
from tracker.exports.dossiers import DossierEvent, Held
from tracker.exports.gaps import sequence_of
from tracker.views.models import FoundTherapy
from tui.answers import safe
from tui.language import named, tr
from tui.words import attention_words, clock_time, short_time, spoken

Local = Callable[[datetime], datetime]
RAW_LINE: Final = 76


@dataclass(frozen=True, slots=True)
class GapLine:
    """A line of the gaps: a check, or one of its findings with the entry it is about."""

    text: Text
    sequence: int | None = None


def found_cells(one: FoundTherapy, local: Local) -> tuple[Text, ...]:
    """One therapy in which something is named."""
    entries = tr(
        "{first_sequence} to {last_sequence}",
        first_sequence=one.first_sequence,
        last_sequence=one.last_sequence,
    )
    if one.first_sequence == one.last_sequence:
        entries = str(one.first_sequence)
    return (
        Text(one.coi),
        Text(spoken(one.stage)),
        Text(f"{local(one.at):%Y-%m-%d %H:%M}"),
        Text(entries),
        Text(attention_words(one.attention)),
    )


def heading_text(audit: Audit) -> Text:
    """Which therapy, how it stands, how far it was reviewed, and that it is an earlier state."""
    dossier = audit.dossier
    state = dossier.state
    text = Text(tr("AUDIT of {chain}", chain=dossier.chain), style="bold")
    if state is not None:
        text.append(f", {named(state.status.value).upper()}")
        if state.outside:
            text.append("   " + tr("### {count} OUTSIDE THE RULES", count=len(state.outside)))
    text.append(
        "\n"
        + tr("{count} entries, {findings} findings;", count=len(dossier.entries), findings=audit.findings)
        + " ",
        style="not bold",
    )
    text.append(review_words(audit), style="not bold")
    if audit.as_of is not None:
        one = tr("AS KNOWN AT {as_of}: 1 later entry not shown", as_of=audit.as_of)
        many = tr(
            "AS KNOWN AT {as_of}: {count} later entries not shown", as_of=audit.as_of, count=audit.later
        )
        text.append("\n" + (one if audit.later == 1 else many), style="bold reverse")
    return text


def review_words(audit: Audit) -> str:
    """How far the trail was reviewed."""
    state = audit.dossier.state
    read = None if state is None else state.reviewed
    if read is None:
        return tr("never reviewed")
    return tr(
        "reviewed through #{sequence} by {actor} on {at}",
        sequence=read.through,
        actor=read.actor,
        at=f"{read.at:%Y-%m-%d}",
    )


def event_cells(event: DossierEvent, local: Local) -> tuple[Text, ...]:
    """One event of the timeline: number, time, what, who signed, marks."""
    row = event.row
    marks = safe(row.marks)
    grave = row.is_grave
    return (
        Text(str(row.sequence)),
        Text(short_time(local(event.entry.statement.occurred_at))),
        Text(safe(row.title)),
        Text(safe(signers_words(event)) or tr("(program)")),
        Text(("### " if grave else "") + marks, style="bold reverse" if grave else ""),
    )


def signers_words(event: DossierEvent) -> str:
    """Who signed an event, shortly."""
    return ", ".join(one.signer for one in event.entry.signatures)


def gap_lines(audit: Audit) -> tuple[GapLine, ...]:
    """Checks with findings first, each finding under its check; then what found nothing, in one block."""
    lines: list[GapLine] = []
    for gap in audit.found:
        lines.append(GapLine(Text(f"{gap.total:>4}  {gap.title}", style="bold")))
        for finding in gap.findings:
            short = safe(finding.removeprefix(f"{audit.dossier.chain}").lstrip(": "))
            lines.append(GapLine(Text(f"        {short}"), sequence_of(finding)))
        if gap.total > len(gap.findings):
            lines.append(
                GapLine(Text("        " + tr("and {total} more", total=gap.total - len(gap.findings))))
            )
    clean = [gap.title for gap in audit.gaps if not gap.total]
    if clean:
        lines.append(GapLine(Text(tr("none  Looked for and not found:"), style="bold")))
        lines += [GapLine(Text(f"        {title}")) for title in clean]
    return tuple(lines)


def signature_lines(event: DossierEvent, local: Local) -> Iterator[str]:
    """Printed name, time and meaning of each signature (21 CFR 11.50)."""
    for one in event.entry.signatures:
        meaning = named(one.meaning.value)
        yield f"{one.name} ({one.signer}), {clock_time(local(one.signed_at))}, {meaning}"


def short_entry_text(event: DossierEvent, local: Local) -> Text:
    """The chosen event beside a list: what it says and who signed; Enter proves it."""
    text = Text(
        tr("ENTRY {sequence}: {title}", sequence=event.row.sequence, title=safe(event.row.title)) + "\n",
        style="bold",
    )
    for name, value in _entry_facts(event, local):
        text.append(f"{name}\n", style="bold").append(f"  {safe(value)}\n", style="not bold")
    return text.append("\n" + tr("Enter: its bytes, and its proof."), style="bold")


def entry_text(event: DossierEvent, proof: EntryProof | None, local: Local) -> Text:
    """One entry whole: what it says, who signed, its digests and place, what the proof came to, its bytes."""
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
    for name, value in _entry_facts(event, local):
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
            else tr("### FAILS")
        )
        text.append(f"{verdict}\n", style="bold reverse" if not proof.holds else "bold")
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


def _entry_facts(event: DossierEvent, local: Local) -> Iterator[tuple[str, str]]:
    entry, row, statement = event.entry, event.row, event.entry.statement
    yield tr("Happened"), clock_time(local(statement.occurred_at))
    yield tr("Recorded"), clock_time(local(entry.recorded_at))
    if row.marks:
        yield tr("Marks"), f"### {row.marks}"
    yield tr("By"), tr("{actor} at {station}, {site}", actor=row.actor, station=row.station, site=row.site)
    if row.units:
        yield tr("Units"), row.units
    if row.custody:
        yield tr("Now with"), row.custody
    for line in signature_lines(event, local):
        yield tr("Signed"), line
    if not entry.signatures:
        yield tr("Signed"), tr("by nobody: made by the program as evidence")
    yield tr("Entry digest"), entry.digest
    yield tr("Statement digest"), statement.digest
    yield tr("Entry before"), entry.previous or tr("none: this is the first of its chain")
    if entry.registry is not None:
        yield tr("Registry head"), f"{entry.registry.sequence}: {entry.registry.digest}"
    yield tr("Event"), statement.event_id


def held_text(held: Sequence[Held], moment: datetime, local: Local) -> Text:
    """Who held each unit at that moment, since when and by which entry."""
    text = Text(tr("WHO HELD IT AT {time}", time=clock_time(local(moment))) + "\n", style="bold")
    if not held:
        return text.append(tr("Nobody: no unit was in anybody's custody then."), style="not bold")
    for one in held:
        holding = one.holding
        place = ", ".join(part for part in (holding.site, holding.place) if part)
        text.append(f"{holding.unit} ({holding.material}): ", style="bold")
        text.append(f"{safe(holding.custodian)}", style="bold")
        text.append(
            "\n    "
            + tr(
                "at {place}, since {time}, by entry {sequence}",
                place=safe(place) or tr("no named place"),
                time=clock_time(local(one.since)),
                sequence=one.sequence,
            )
            + "\n",
            style="not bold",
        )
    text.rstrip()
    return text


def _wrapped(line: str) -> Iterator[str]:
    for start in range(0, len(line), RAW_LINE):
        yield line[start : start + RAW_LINE]
