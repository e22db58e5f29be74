"""A patient after the infusion, as lines: given, grades, medicines, what is due, and the trace. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Final, TypeVar

from rich.text import Text

from tracker.values import AfterLine, LastGrade, UnitTrace, WatchedTherapy
from tui.answers import safe
from tui.glyphs import BAD, DONE, LOOK, NOW, TO_COME
from tui.language import named, tr
from tui.screens.prepare.text import cells_words
from tui.shown_codes import code_text, grouped
from tui.states import style_of
from tui.widgets.table_cells import broken

Local = Callable[[datetime], datetime]
Thing = TypeVar("Thing")

MEDICINES_SHOWN: Final = 3
DUTIES_SHOWN: Final = 3
_HUNDREDTH: Final = Decimal("0.01")


def title_of(view: WatchedTherapy) -> Text:
    """The therapy, and what it is of for whom."""
    title = code_text(view.coi)
    return title if view.indication is None else title.append(f"  {named(view.indication)}")


def day_words(view: WatchedTherapy) -> str:
    """How many days after the infusion it is."""
    return "" if view.began_at is None else tr("day {day}", day=view.day)


def worst(view: WatchedTherapy) -> LastGrade | None:
    """The highest of the grades that stand, whatever their scale."""
    return max(view.grades, key=lambda one: (one.grade, one.at), default=None)


def verdict_word(view: WatchedTherapy) -> str:
    """What is read from two meters: before the cells, while they flow, and the highest grade after."""
    if view.began_at is None:
        return tr("NOT GIVEN")
    found = worst(view)
    if found is None or (view.is_running and found.grade == 0):
        return tr("INFUSING") if view.is_running else tr("NOT GRADED")
    return f"{found.syndrome} {found.grade}"


def facts_of(view: WatchedTherapy, local: Local) -> Iterator[tuple[Text, Text]]:
    """What was given, what the label says of the days after, and what makes this product another."""
    yield Text(tr("GIVEN")), _given(view, local)
    for rule in view.rules:
        watch = rule.watch
        first = "" if watch.first_week is None else tr("{often} in week 1, ", often=watch.first_week)
        near = "" if rule.near_until is None else tr(", near until {day}", day=_day(rule.near_until, local))
        until = tr("until {day}", day=_day(rule.until, local))
        source = tr("label {label}, {region}", label=watch.label, region=watch.region.upper())
        said = f"{first}{until}{near} ({source})"
        yield Text(tr("WATCH")), Text(safe(said))
    if view.traces:
        yield Text(tr("TOUCHED")), Text(safe(links_words(view.traces)))
    if view.is_out_of_specification:
        words = tr("RELEASED OUT OF SPECIFICATION")
        yield Text(tr("PRODUCT")), Text(f"{LOOK} {words}", style=style_of(LOOK))
    if view.recalled:
        yield Text(tr("LOTS")), Text(safe(f"{BAD} {'; '.join(view.recalled)}"), style=style_of(BAD))


def _given(view: WatchedTherapy, local: Local) -> Text:
    if view.began_at is None:
        return Text(f"{TO_COME} " + tr("no cells were given yet"), style=style_of(TO_COME))
    shape = NOW if view.is_running else DONE
    text = Text(f"{shape} ", style=style_of(shape))
    one = tr("1 container") if view.containers == 1 else tr("{count} containers", count=view.containers)
    text.append(tr("{containers} from {time}", containers=one, time=_time(view.began_at, local)))
    if view.volume_ml:
        text.append(tr(", {ml} mL", ml=view.volume_ml))
    if view.cells is not None:
        text.append(tr(", {cells} million CAR+", cells=cells_words(view.cells)))
        if view.dose is not None and view.dose.weight_kg:
            each = (view.cells / view.dose.weight_kg).quantize(_HUNDREDTH, rounding=ROUND_DOWN)
            text.append(tr(" ({cells}/kg)", cells=each))
    if view.rest:
        left = ", ".join(grouped(one) for one in view.rest)
        text.append("\n").append(f"{LOOK} ", style=style_of(LOOK))
        text.append(tr("rest of {units}: destroy it before a witness", units=left))
    return text


def grade_lines(view: WatchedTherapy, local: Local, width: int) -> Text:
    """The newest grade by each scale, never two of them as one; below it what it rests on."""
    lines: list[Text] = []
    for one in sorted(view.grades, key=lambda each: (-each.grade, each.syndrome, each.scale)):
        shape = BAD if one.is_grave else LOOK if one.grade else DONE
        line = Text(f"{shape} ", style=style_of(shape))
        line.append(safe(f"{one.syndrome} {one.grade}"), style=style_of(shape))
        line.append(safe(f"  {one.scale}"))
        line.append(tr("  {time} {who}", time=_time(one.at, local), who=safe(one.by)), style="muted")
        lines.append(line)
        signs = ", ".join(one.signs) if one.is_computed else tr("read off the scale by the signer")
        if signs:
            below = broken(signs, width - 2)
            lines += [Text("  ").append_text(each) for each in below.split("\n")]
    if view.began_at is not None and view.ungraded:
        said = tr("not graded: {syndromes}", syndromes=", ".join(view.ungraded))
        lines += broken(f"{TO_COME} {said}", width).split("\n")
    if not lines:
        lines.append(Text(tr("No reaction is graded before the first cells flow.")))
    return Text("\n").join(lines)


def after_text(view: WatchedTherapy, local: Local, width: int) -> Text:
    """Medicines, what was recorded and what is due; one line each, the nearest ones."""
    lines = [_after(one, local) for one in view.medicines[:MEDICINES_SHOWN]]
    more = len(view.medicines) - MEDICINES_SHOWN
    if more > 0:
        lines.append(tr("{count} medicines more: see the trail", count=more))
    lines += [_after(one, local) for one in view.outcomes[:1]]
    if not lines:
        lines.append(tr("No medicine and no outcome is recorded."))
    return Text("\n").join(broken(one, width) for one in lines)


def _after(one: AfterLine, local: Local) -> str:
    what = one.what.removeprefix("Medicine: ")
    return f"{_time(one.at, local)} {what}, {one.result}"


def due_text(view: WatchedTherapy, now: datetime, local: Local, width: int) -> Text:
    """What the protocol makes due, the earliest first; what is over has its shape."""
    lines = []
    for one in view.duties[:DUTIES_SHOWN]:
        shape = BAD if one.due_at < now else NOW if one.calls_at <= now else TO_COME
        words = f"{shape} {_day(one.due_at, local)} {one.duty.title}"
        lines.append(broken(tr("{what}, overdue", what=words) if shape == BAD else words, width))
        lines[-1].stylize(style_of(shape))
    if lines and view.last_due_on > view.duties[-1].due_on:
        lines.append(broken(tr("and so on to {year}", year=view.last_due_on[:4]), width))
    return Text("\n").join(lines) if lines else Text(tr("Nothing is due."))


def links_words(traces: Sequence[UnitTrace]) -> str:
    """How much touched the cells that were given."""
    words = [
        (len(_all(traces, lambda one: one.lots)), tr("lots")),
        (len(_all(traces, lambda one: one.instruments)), tr("instruments")),
        (len(_all(traces, lambda one: one.benches)), tr("benches")),
        (len(_all(traces, lambda one: one.people)), tr("people")),
        (len(_all(traces, lambda one: one.carriers)), tr("carriers")),
        (len(_all(traces, lambda one: one.boxes)), tr("boxes")),
    ]
    return ", ".join(f"{word} {count}" for count, word in words if count)


def trace_rows(view: WatchedTherapy) -> Iterator[tuple[Text, Text]]:
    """Everything that touched the cells before they were given; what there is none of goes away."""
    traces = view.traces
    named_things = (
        (tr("Lots"), _all(traces, lambda one: one.lots)),
        (tr("Instruments"), _all(traces, lambda one: one.instruments)),
        (tr("Boxes"), _all(traces, lambda one: one.boxes)),
        (tr("Places"), _all(traces, lambda one: one.places)),
    )
    for label, things in named_things:
        if things:
            said = (f"{title} ({grouped(name)})" for name, title in things)
            yield Text(label, style="muted"), Text(safe(", ".join(said)))
    plain = (
        (tr("Benches"), _all(traces, lambda one: one.benches)),
        (tr("People"), _all(traces, lambda one: one.people)),
        (tr("Carriers"), _all(traces, lambda one: one.carriers)),
    )
    for label, words in plain:
        if words:
            yield Text(label, style="muted"), Text(safe(", ".join(words)))
    count = sum(one.excursions for one in traces)
    if traces:
        yield Text(tr("Excursions"), style="muted"), Text(str(count))
    grades = _all(traces, lambda one: one.grades)
    if grades:
        yield Text(tr("After it"), style="muted"), Text(safe("; ".join(grades)))


def _all(traces: Sequence[UnitTrace], read: Callable[[UnitTrace], Sequence[Thing]]) -> tuple[Thing, ...]:
    return tuple(dict.fromkeys(found for one in traces for found in read(one)))


def _time(at: datetime, local: Local) -> str:
    here = local(at)
    return f"{here.day} {here:%b %H:%M}"


def _day(at: datetime, local: Local) -> str:
    here = local(at)
    return f"{here.day} {here:%b %Y}"
