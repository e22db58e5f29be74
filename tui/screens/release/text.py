"""What must hold for a release, as lines: whether it holds, what was found, what it rests on. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from schema.events.processing import Tested
from schema.vocabulary import Disposition, ReleasePredicate
from tracker.values import (
    PredicateAnswer,
    ReleaseLine,
    ReleaseView,
    TrailEntry,
    UnitState,
    limit_said,
    with_unit,
)
from tui.answers import safe
from tui.glyphs import BAD, DONE, LOOK, NEXT, TO_COME
from tui.language import named, tr
from tui.shown_codes import code_text, wrapped
from tui.states import style_of
from tui.widgets.happened import moment
from tui.words import quality_words

Local = Callable[[datetime], datetime]

WORDS: Final = {
    ReleasePredicate.STEPS_COMPLETE: tr("steps complete"),
    ReleasePredicate.CERTIFICATE_ADOPTED: tr("certificate read"),
    ReleasePredicate.COUNTS_MATCH: tr("counts match"),
    ReleasePredicate.IDENTIFIERS_MATCH: tr("patient's number"),
    ReleasePredicate.TESTS_MET: tr("tests met"),
    ReleasePredicate.RESULTS_REVIEWED: tr("results reviewed"),
    ReleasePredicate.IDENTITY_ASSAY: tr("identity assay"),
    ReleasePredicate.DOSE_IN_RANGE: tr("dose in range"),
    ReleasePredicate.LOTS_GOOD: tr("lots good"),
    ReleasePredicate.INSTRUMENTS_QUALIFIED: tr("instruments"),
    ReleasePredicate.LABELS_RECONCILED: tr("labels reconciled"),
    ReleasePredicate.CUSTODY_UNBROKEN: tr("custody unbroken"),
    ReleasePredicate.EXCURSIONS_ASSESSED: tr("excursions"),
    ReleasePredicate.WITHIN_LIMITS: tr("within limits"),
    ReleasePredicate.NO_OPEN_DEVIATION: tr("no open deviation"),
    ReleasePredicate.NO_QUARANTINE: tr("no quarantine"),
    ReleasePredicate.NOT_EXPIRED: tr("not expired"),
}
"""How each is called in a line of 80 columns."""

ANSWERS: Final = {
    PredicateAnswer.MET: f"{DONE} " + tr("OK"),
    PredicateAnswer.NOT_APPLICABLE: f"{TO_COME} " + tr("none"),
    PredicateAnswer.NOT_MET: f"{BAD} " + tr("STOP"),
    PredicateAnswer.UNKNOWN: f"{BAD} " + tr("STOP"),
}
"""Unknown counts as not met; the figure says what is missing."""

_NUMBER, _ANSWER, _NAME = 3, 7, 18
"""Columns of what stands before the figure, each with its blank."""

_ENTRIES_MAX: Final = 11
"""Columns of the entries at most."""

_FIGURE_MIN: Final = 24
"""Where the figure would be narrower, the entries go."""


def title_of(view: ReleaseView, views: int = 1) -> Text:
    """The therapy, and which manufacture of it where there was more than one."""
    title = code_text(view.coi).append("  ")
    if view.attempt > 1 or views > 1:
        title.append(tr("manufacture {number}", number=view.attempt) + "  ")
    count = len(view.units)
    return title.append(tr("1 container") if count == 1 else tr("{count} containers", count=count))


def subtitle_of(view: ReleaseView, local: Local) -> str:
    """How many hold, and by which entry and time this is judged."""
    return tr(
        "{holding} of {count} hold   as of entry #{entry}, {at}",
        holding=view.holding,
        count=len(view.lines),
        entry=view.entry,
        at=f"{local(view.at):%d %b %H:%M}",
    )


def must_lines(view: ReleaseView, width: int) -> tuple[Text, ...]:
    """One line each, in the order of the protocol: number, answer, name, figure, entries."""
    room = max(width - _NUMBER - _ANSWER - _NAME, 0)
    wanted = max((len(entries_words(one.entries)) + 1 for one in view.lines if one.entries), default=0)
    entries = wanted if room - wanted >= _FIGURE_MIN else 0
    return tuple(_must_line(at + 1, one, room - entries, entries) for at, one in enumerate(view.lines))


def _must_line(number: int, one: ReleaseLine, room: int, entries: int) -> Text:
    verdict = one.verdict
    figure = wrapped(safe(verdict.figure), room, lines_max=1)[0]
    answer = ANSWERS[verdict.answer]
    line = Text(f"{number:>2} ", no_wrap=True).append(f"{answer:<{_ANSWER}}", style=style_of(answer[0]))
    line.append(f"{WORDS[verdict.predicate]:<{_NAME}}{figure}" + " " * (room - cell_len(figure)))
    return line.append(f"{entries_words(one.entries):>{entries}}" if entries else "", style="muted")


def entries_words(entries: Sequence[int]) -> str:
    """Entries by number, neighbors as a range; where there are more, how many."""
    ranges: list[list[int]] = []
    for number in sorted(entries):
        if ranges and number == ranges[-1][-1] + 1:
            ranges[-1].append(number)
        else:
            ranges.append([number])
    words = [f"#{one[0]}" if len(one) == 1 else f"#{one[0]}-{one[-1]}" for one in ranges]
    shown = list[str]()
    for place, word in enumerate(words):
        left = len(entries) - sum(map(len, ranges[: place + 1]))
        more = f" +{left}" if left else ""
        if shown and len(" ".join((*shown, word))) + len(more) > _ENTRIES_MAX:
            return " ".join(shown) + f" +{left + len(ranges[place])}"
        shown.append(word)
    return " ".join(shown)


def verdict_title(view: ReleaseView) -> str:
    """Whether the release is possible, with its shape."""
    if any(one.disposition is Disposition.RELEASED_OUT_OF_SPECIFICATION for one in view.units):
        return f"{BAD} " + tr("RELEASED OUT OF SPECIFICATION")
    if is_released(view):
        return f"{DONE} " + tr("Released already")
    if view.is_possible:
        return f"{NEXT} " + tr("Release is possible")
    return f"{BAD} " + tr("Release is not possible")


def is_released(view: ReleaseView) -> bool:
    """Whether nothing is left to be released."""
    released = (Disposition.RELEASED, Disposition.RELEASED_OUT_OF_SPECIFICATION)
    return all(one.disposition in released for one in view.units)


def verdict_text(view: ReleaseView, width: int) -> Text:
    """Each thing that does not hold in full, by its number; what comes next where all of it does."""
    missing = [(at + 1, one) for at, one in enumerate(view.lines) if not one.verdict.holds]
    if is_released(view):
        return Text(tr("F8 writes the certificate: what the release says, and its code."))
    if not missing:
        said = tr("F10 asks for the label of each container; then you and the reviewer sign.")
        return Text(said + "\n").append_text(Text("\n").join(map(_container, view.units)))
    text = Text()
    for number, one in missing:
        for place, line in enumerate(wrapped(f"{said_of(one)}.", max(width - 4, 20))):
            text.append(f"{number:>2}: " if place == 0 else "    ", style="stop").append(line + "\n")
    text.rstrip()
    return text


def _container(unit: UnitState) -> Text:
    """A container that would be released: which of how many, how much, how it stands."""
    parts = (
        tr("{number} of {count}", number=unit.number, count=unit.of) if unit.number else "",
        tr("{volume_ml} mL", volume_ml=unit.volume_ml) if unit.volume_ml is not None else "",
        quality_words(unit),
    )
    return code_text(unit.unit).append("  " + ", ".join(filter(None, parts)))


def said_of(line: ReleaseLine) -> str:
    """A line in words: what was found, and that unknown is not enough."""
    figure = safe(line.verdict.figure).rstrip(".")
    return f"{WORDS[line.verdict.predicate]}: {figure}"


def evidence_title(view: ReleaseView, chosen: int) -> str:
    """Which line's evidence it is."""
    name = WORDS[view.lines[chosen].verdict.predicate]
    return tr("Evidence of {number}: {name}", number=chosen + 1, name=name)


def evidence_text(
    view: ReleaseView, chosen: int, entries: Sequence[TrailEntry], now: datetime, local: Local
) -> Text:
    """A line in full, then the entries that it rests on, the newest first, each with who recorded it."""
    line = view.lines[chosen]
    numbers = {*line.entries}
    answer = ANSWERS[line.verdict.answer]
    text = Text(f"{answer}  ", style=style_of(answer[0])).append(safe(line.verdict.figure), style="")
    said = Text().append_text(text).append("\n")
    rests_on = [one for one in reversed(entries) if one.entry.sequence in numbers]
    if not rests_on:
        nothing = tr("It rests on no single entry: it was worked out from the whole record.")
        return said.append("\n").append(nothing, style="muted")
    for one in rests_on:
        shape = BAD if one.is_grave else LOOK if one.marks else DONE
        statement = one.entry.statement
        names = (each.name for each in one.entry.signatures if each.signer == statement.actor)
        at = moment(statement.occurred_at, now, local)
        by = safe(next(names, statement.actor))
        said.append(f"\n{shape} ", style=style_of(shape)).append(safe(_said_of_entry(one)))
        said.append(f"\n  #{one.entry.sequence}  {at}  {by}", style="muted")
    return said


def _said_of_entry(entry: TrailEntry) -> str:
    """The step; of a test its result and its limit: what is decided by is read here."""
    payload = entry.entry.statement.payload
    if not isinstance(payload, Tested):
        return entry.title
    result = with_unit(payload.result, payload.unit_of_measure)
    limit = with_unit(limit_said(payload.limit), payload.unit_of_measure)
    verdict = limit if payload.meets_limit else tr("DOES NOT MEET {limit}", limit=limit)
    return f"{named(payload.test).capitalize()}: {result} ({verdict})"
