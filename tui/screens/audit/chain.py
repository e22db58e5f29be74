"""The chain of a therapy as lines: its events, the times when nobody held it, what stands open now. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from rich.text import Text

from schema.vocabulary import EntryMode
from tracker.values import Audit, DossierEvent, Gap, SpeaksOf, Unheld, unheld_in
from tui.answers import safe
from tui.glyphs import BAD, DONE, LOOK
from tui.language import tr
from tui.shown_codes import in_sentence
from tui.states import style_of
from tui.words import brief


@dataclass(frozen=True, slots=True)
class ChainLine:
    """One line: an event, a time when nobody held it, or a finding about the therapy as it stands."""

    shape: str
    title: str
    who: str
    at: datetime | None = None
    """By the clocks of the place; None for what stands now."""

    event: DossierEvent | None = None
    """The event itself; of a time when nobody held it, that of its taking."""

    unheld: Unheld | None = None
    standing: Gap | None = None

    @property
    def is_event(self) -> bool:
        """Whether it is an entry and no gap beside one."""
        return self.event is not None and self.unheld is None

    @property
    def is_to_see(self) -> bool:
        """Whether F4 stops here."""
        return self.shape != DONE

    @property
    def short_who(self) -> str:
        """Who signed first, and how many more; the pane beside the chain has them all."""
        if not self.is_event or self.event is None:
            return self.who
        names = list(dict.fromkeys(safe(one.name) for one in self.event.entry.signatures))
        return f"{names[0]} +{len(names) - 1}" if len(names) > 1 else "".join(names) or tr("(program)")

    @property
    def moment(self) -> datetime | None:
        """Where the cursor stands in the lanes."""
        if self.unheld is not None:
            return self.unheld.since
        return None if self.event is None else self.event.entry.statement.occurred_at


def chain_lines(audit: Audit) -> tuple[ChainLine, ...]:
    """Every event in order, before a late taking the time without a holder; last what stands open now."""
    return (*_in_order(audit), *_standing(audit))


def _in_order(audit: Audit) -> Iterator[ChainLine]:
    late = {one.taken.sequence: one for one in unheld_in(audit.dossier)}
    for event in audit.dossier.events:
        unheld = late.get(event.row.sequence)
        if unheld is not None:
            given = unheld.given.statement
            at = given.there(unheld.since)
            title = tr("Gap {span}", span=brief(unheld.length))
            yield ChainLine(BAD, title, tr("nobody held it"), at, event, unheld)
        shape = DONE if not event.marks else BAD if event.row.is_grave else LOOK
        yield ChainLine(shape, safe(event.row.title), who_words(event), event.happened, event)


def _standing(audit: Audit) -> Iterator[ChainLine]:
    for gap in audit.found:
        if gap.speaks_of is SpeaksOf.TODAY:
            for finding in gap.findings:
                said = safe(finding.removeprefix(audit.dossier.chain).lstrip(": "))
                yield ChainLine(BAD if gap.is_grave else LOOK, gap.title, said, standing=gap)


def who_words(event: DossierEvent) -> str:
    """Who signed an event, by printed name, and that it was taken from paper."""
    names = list(dict.fromkeys(safe(one.name) for one in event.entry.signatures))
    said = f" {tr('and')} ".join(names) or tr("(program)")
    return f"{said}, {tr('on paper')}" if event.entry.statement.mode is EntryMode.PAPER else said


def cells_of(line: ChainLine, *, is_wide: bool) -> tuple[Text, ...]:
    """Number, time by the clocks of the place, what, who; each wraps at words in its column."""
    number = str(line.event.row.sequence) if line.is_event and line.event is not None else ""
    when = Text(tr("now"), style="muted")
    if line.at is not None:
        when = Text(f"{line.at:%d %b %H:%M}").append(f" {line.at.isoformat()[-6:]}", style="muted")
    style = style_of(line.shape)
    what = Text().append(f"{line.shape} ", style=style)
    what.append(line.title, style=style if line.unheld is not None else "")
    return Text(number, style="muted"), when, what, in_sentence(line.who if is_wide else line.short_who)


def summary_text(lines: tuple[ChainLine, ...]) -> Text:
    """How many events there are, and how many lines call for somebody."""
    events = sum(one.is_event for one in lines)
    text = Text(tr("1 event") if events == 1 else tr("{count} events", count=events))
    for shape, words in ((BAD, tr("grave")), (LOOK, tr("to look at"))):
        count = sum(one.shape == shape and one.unheld is None for one in lines)
        if count:
            text.append(" · ").append(f"{shape} {count} {words}", style=style_of(shape))
    gaps = sum(one.unheld is not None for one in lines)
    if gaps:
        one, many = tr("1 gap"), tr("{count} gaps", count=gaps)
        text.append(" · ").append(f"{BAD} {one if gaps == 1 else many}", style="stop")
    return text
