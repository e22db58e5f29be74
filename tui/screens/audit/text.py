"""A therapy as an auditor reads it: heading, gaps, timeline, one event beside them, who held what. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from textwrap import wrap
from typing import Final

from rich.text import Text

from tracker.values import Audit, DossierEvent, Gap, Held, SpeaksOf, sequence_in_finding
from tui.answers import safe
from tui.language import named, tr
from tui.screens.entry.text import entry_facts
from tui.words import clock_time, place_time

_GAP_INDENT: Final = 10
"""Where the words of a finding go on."""


@dataclass(frozen=True, slots=True)
class GapLine:
    """A line of the gaps: a check, or one of its findings with the entry it is about."""

    text: Text
    sequence: int | None = None


def heading_text(audit: Audit) -> Text:
    """Which therapy, how it stands, how far it was reviewed, and that it is an earlier state."""
    dossier = audit.dossier
    state = dossier.state
    text = Text(tr("AUDIT of {chain}", chain=dossier.chain), style="bold")
    if state is not None:
        text.append(f", {named(state.status.value).upper()}")
        if state.outside:
            text.append("   " + tr("■ {count} OUTSIDE THE RULES", count=len(state.outside)))
    text.append(
        "\n"
        + (tr("1 entry") if len(dossier.entries) == 1 else tr("{count} entries", count=len(dossier.entries)))
        + ", "
        + (tr("1 finding;") if audit.findings == 1 else tr("{count} findings;", count=audit.findings))
        + " ",
        style="not bold",
    )
    text.append(review_words(audit), style="not bold")
    if audit.as_of is not None:
        one = tr("AS KNOWN AT {as_of}: 1 later entry not shown", as_of=audit.as_of)
        many = tr(
            "AS KNOWN AT {as_of}: {count} later entries not shown", as_of=audit.as_of, count=audit.later
        )
        text.append("\n" + (one if audit.later == 1 else many), style="stop")
    return text


def review_words(audit: Audit) -> str:
    """How far the trail was reviewed."""
    state = audit.dossier.state
    read = None if state is None else state.reviewed
    if read is None:
        return tr("never reviewed")
    return tr(
        "reviewed through #{sequence} by {actor} on {at}, {outcome}",
        sequence=read.through,
        actor=read.actor,
        at=audit.dossier.reviewed_on,
        outcome=read.words,
    )


def event_cells(event: DossierEvent) -> tuple[Text, ...]:
    """One event of the timeline: number, time, what, who signed, marks."""
    row = event.row
    marks = safe(row.marks)
    grave = row.is_grave
    return (
        Text(str(row.sequence)),
        Text(place_time(event.happened)),
        _fitting(safe(row.title)),
        _fitting(safe(signers_words(event)) or tr("(program)")),
        _fitting(("■ " if grave else "") + marks, "stop" if grave else ""),
    )


def _fitting(words: str, style: str = "") -> Text:
    """A cell whose end is seen to be cut where the column is too narrow for it."""
    return Text(words, style=style, no_wrap=True, overflow="ellipsis")


def signers_words(event: DossierEvent) -> str:
    """Who signed an event first, and how many more; the entry has them all."""
    signers = [one.signer for one in event.entry.signatures]
    return f"{signers[0]} +{len(signers) - 1}" if len(signers) > 1 else "".join(signers)


def gap_lines(audit: Audit) -> tuple[GapLine, ...]:
    """Checks with findings first, each finding under its check; then what found nothing, in one block."""
    lines: list[GapLine] = []
    for gap in audit.found:
        shape = "■ " if gap.is_grave else ""
        lines.append(GapLine(Text(f"{gap.total:>4}  {shape}{gap.title} ({_spoken_of(gap)})", style="bold")))
        if gap.note:
            lines.append(GapLine(Text(f"        {gap.note}")))
        for finding in gap.findings:
            short = safe(finding.removeprefix(f"{audit.dossier.chain}").lstrip(": "))
            lines.append(GapLine(Text(f"        {short}"), sequence_in_finding(finding)))
    clean = [gap for gap in audit.gaps if not gap.total]
    if clean:
        lines.append(GapLine(Text(tr("none  Looked for and not found:"), style="bold")))
        lines += [GapLine(Text(f"        {gap.title} ({_spoken_of(gap)})")) for gap in clean]
    return tuple(lines)


def broken(text: Text, width: int) -> Text:
    """A line over as many as it takes; what goes on stands under its words."""
    lines = wrap(text.plain, max(width, 20), subsequent_indent=" " * _GAP_INDENT)
    return Text("\n".join(lines), style=text.style)


def _spoken_of(gap: Gap) -> str:
    """Whether a check speaks of the events that are shown or of the therapy as it stands."""
    return tr("as it stands") if gap.speaks_of is SpeaksOf.TODAY else tr("in its events")


def short_entry_text(event: DossierEvent) -> Text:
    """The chosen event beside a list: its values and signers; Enter proves it."""
    text = Text(
        tr("ENTRY {sequence}: {title}", sequence=event.row.sequence, title=safe(event.row.title)) + "\n",
        style="bold",
    )
    for name, value in entry_facts(event):
        text.append(f"{name}\n", style="bold").append(f"  {safe(value)}\n", style="not bold")
    return text.append("\n" + tr("Enter: its bytes, and its proof."), style="bold")


def held_text(held: Sequence[Held], moment: datetime) -> Text:
    """Who held each unit at that moment, since when by the clocks there, and the entry that says so."""
    text = Text(tr("WHO HELD IT AT {time}", time=clock_time(moment)) + "\n", style="bold")
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
                time=clock_time(holding.since.statement.there(one.since)),
                sequence=one.sequence,
            )
            + "\n",
            style="not bold",
        )
    text.rstrip()
    return text
