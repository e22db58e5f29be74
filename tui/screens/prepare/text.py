"""A product that is prepared, as lines: patient ready, paper, dose, clock, and each container. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from schema.vocabulary import FinalDisposition
from tracker.values import CertificateSays, PreparedProduct, PreparedUnit
from tui.answers import safe
from tui.glyphs import BAD, DONE, LOOK, NEXT, NOW, TO_COME
from tui.language import named, tr
from tui.shown_codes import code_text, grouped
from tui.states import style_of
from tui.widgets.limit_bar import limit_line

Local = Callable[[datetime], datetime]

STATES: Final = (
    ("infusion_started", NOW, tr("infusing")),
    ("bedside_matched", NOW, tr("matched at bed")),
    ("bag_matched", NOW, tr("thawed, matched")),
    ("thaw_ended", NOW, tr("thawed")),
    ("thaw_started", NOW, tr("thawing")),
    ("pre_thaw_matched", NOW, tr("matched frozen")),
)
"""How far an open container is, the furthest first: the fact, its shape and its word."""

ENDS: Final = {
    FinalDisposition.INFUSED: (DONE, tr("given")),
    FinalDisposition.DESTROYED: (BAD, tr("destroyed")),
}

WORTH: Final = {
    CertificateSays.VALID: (DONE, tr("VALID")),
    CertificateSays.OUT_OF_SPECIFICATION: (LOOK, tr("VALID, OUT OF SPECIFICATION")),
}
"""What a certificate of the release that stands can say; any other is refused where it is scanned."""

_TENTH: Final = Decimal("0.1")
_NUMBER, _STATE, _ML, _CELLS = 2, 18, 8, 14
_CODE: Final = 14
"""Columns of a code in groups of four with its blank."""


def title_of(view: PreparedProduct) -> Text:
    """The therapy, and what it is of for whom."""
    title = code_text(view.coi)
    return title if view.indication is None else title.append(f"  {named(view.indication)}")


def cells_words(cells: Decimal | None) -> str:
    """Millions to a tenth, cut and never rounded up; a dash while nobody knows."""
    return "-" if cells is None else f"{cells.quantize(_TENTH, rounding=ROUND_DOWN):f}"


def facts_of(view: PreparedProduct, local: Local) -> Iterator[tuple[Text, Text]]:
    """What has to stand before anything is thawed; a line that nobody knows goes away."""
    yield Text(tr("PATIENT")), _patient(view, local)
    paper = _paper(view, local)
    if paper is not None:
        yield Text(tr("PAPER")), paper
    dose = _dose(view)
    if dose is not None:
        yield Text(tr("DOSE")), dose
    if view.order:
        then = f" {tr('then')} "
        said = then.join(view.order)
        yield Text(tr("ORDER")), Text(safe(tr("{order}, each after all of the one before", order=said)))
    yield from _beside(view)


def _patient(view: PreparedProduct, local: Local) -> Text:
    ready, asked = view.ready, len(view.bedside.confirm)
    if ready.at is None:
        return Text(f"{TO_COME} " + tr("not matched yet"), style=style_of(TO_COME))
    by = " + ".join(ready.by)
    text = Text(f"{LOOK if ready.missing else DONE} ", style=style_of(LOOK if ready.missing else DONE))
    text.append(tr("READY {time} {by}", time=f"{local(ready.at):%H:%M}", by=safe(by)))
    if asked:
        text.append("  " + tr("confirmed {count} of {asked}", count=ready.confirmed, asked=asked))
    if ready.missing:
        missing = ", ".join(map(named, ready.missing))
        text.append("\n" + tr("open: {missing}", missing=missing), style="check")
    return text


def _paper(view: PreparedProduct, local: Local) -> Text | None:
    paper = view.paper
    if paper is None:
        return Text(f"{BAD} " + tr("nothing is released"), style=style_of(BAD))
    shape, word = WORTH.get(paper.says, (BAD, tr("NOT VALID")))
    if paper.scanned_at is None:
        shape, word = TO_COME, tr("not scanned yet")
    released = tr("release {time}", time=f"{local(paper.released_at):%d %b %H:%M}")
    text = Text(f"{shape} {word}", style=style_of(shape)).append(f" ..{paper.receipt[-4:]}", style="")
    if paper.scanned_at is not None:
        text.append("  " + tr("scanned {time}", time=f"{local(paper.scanned_at):%H:%M}"), style="")
    return text.append(f"  {released}", style="")


def _dose(view: PreparedProduct) -> Text | None:
    """What was set and what the containers hold, in millions; whether the second lies within the first."""
    dose, cells = view.dose, view.cells
    if dose is None and not view.asks_dose:
        return None
    if dose is None:
        held = "" if cells is None else tr("; they hold {cells} million", cells=cells_words(cells))
        return Text(f"{TO_COME} " + tr("not set") + held, style=style_of(TO_COME))
    least, most = cells_words(dose.minimum), cells_words(dose.maximum)
    said = tr("set {least} to {most}", least=least, most=most)
    if dose.target is not None:
        said += tr(", aim {aim}", aim=cells_words(dose.target))
    if cells is None:
        return Text(f"{LOOK} ", style=style_of(LOOK)).append(
            tr("{said} million; what the containers hold is not known", said=said)
        )
    within = dose.minimum <= cells <= dose.maximum
    shape = DONE if within else BAD
    text = Text(f"{shape} ", style=style_of(shape))
    text.append(tr("{said}; containers hold {cells} million", said=said, cells=cells_words(cells)))
    return text.append("  " + (tr("WITHIN") if within else tr("OUTSIDE")), style=style_of(shape))


def _beside(view: PreparedProduct) -> Iterator[tuple[Text, Text]]:
    """What the label says, and what is left to destroy."""
    for name, value in ((tr("FILTER"), view.bedside.filter), (tr("RATE"), view.bedside.rate)):
        if value is not None:
            yield Text(name), Text(safe(value.text))
    owed = [
        tr("{unit} {ml} mL", unit=grouped(one.unit.unit), ml=left)
        for one in view.units
        if (left := _left(one)) is not None
    ]
    if owed:
        said = tr("{what}: destroy it before a witness", what="; ".join(owed))
        yield Text(tr("REST")), Text(f"{LOOK} ", style=style_of(LOOK)).append(said)


def _left(one: PreparedUnit) -> Decimal | None:
    """What is left in a container that was given or drawn from, and not destroyed yet."""
    if one.is_drawn and one.unit.final is None:
        return one.unit.volume_ml
    return one.unit.remainder_ml or None


def clock_title(view: PreparedProduct, local: Local) -> str:
    """By when all has to be in, or the infusion to begin; of any other limit only when it ends."""
    clock = view.clock
    if clock is None:
        return tr("No clock runs")
    is_far = clock.began_at is None or clock.due_at.year != clock.began_at.year
    form = "%d %b %Y %H:%M" if is_far else "%d %b %H:%M"
    time, ends = local(clock.due_at).strftime(form), view.ends_with.split("|")
    if "infusion_completed" in ends:
        return tr("Give all by {time}", time=time)
    if "infusion_started" in ends:
        return tr("Begin the infusion by {time}", time=time)
    return tr("Ends first, at {time}", time=time)


def clock_text(view: PreparedProduct, now: datetime, local: Local, width: int) -> Text:
    """What runs out first, since when, and how much of it is left."""
    clock = view.clock
    if clock is None:
        return Text(tr("It begins with the removal from storage or the thaw, as the label says."))
    since = "" if clock.began_at is None else f"{local(clock.began_at):%d %b %H:%M}"
    room = max(width - cell_len(safe(clock.title)) - 24, 6)
    text = limit_line(clock, now, room)
    return text.append(f"\n{tr('since {time}', time=since)}", style="muted") if since else text


def state_of(one: PreparedUnit) -> tuple[str, str]:
    """The shape and the word of a container."""
    unit = one.unit
    if unit.final is not None:
        return ENDS.get(unit.final, (DONE, named(unit.final.value)))
    if unit.quarantined:
        return BAD, tr("quarantined")
    if one.is_drawn:
        return DONE, tr("drawn")
    found = ((shape, word) for fact, shape, word in STATES if fact in unit.facts)
    kept = (TO_COME, tr("stored")) if unit.location is not None else (TO_COME, tr("at hand"))
    return next(found, kept)


def next_words(one: PreparedUnit) -> str:
    """What comes next for a container, by number and title."""
    return tr("nothing more") if one.next_step is None else f"{one.next_step[0]} {one.next_step[1]}"


def unit_lines(view: PreparedProduct, width: int) -> tuple[Text, ...]:
    """One line for each container: number, code, component, state, mL, cells, what comes next.

    Where the titles of the steps have no room, their numbers stand there.
    """
    component = max((cell_len(one.component) + 1 for one in view.units if one.component), default=0)
    cells = _CELLS if any(one.cells is not None for one in view.units) else 0
    room = width - _NUMBER - _CODE - component - _STATE - _ML - cells
    is_whole = all(cell_len(next_words(one)) + 2 <= room for one in view.units)
    columns = _Columns(component, cells, is_whole=is_whole)
    return tuple(_unit_line(at + 1, one, columns) for at, one in enumerate(view.units))


@dataclass(frozen=True, slots=True)
class _Columns:
    """How wide those columns are that are not always there, and how the next step is said."""

    component: int
    cells: int
    is_whole: bool


def _unit_line(number: int, one: PreparedUnit, columns: _Columns) -> Text:
    shape, word = state_of(one)
    line = Text(f"{number:<{_NUMBER}}", no_wrap=True).append_text(code_text(one.unit.unit)).append(" ")
    line.append(f"{one.component:<{columns.component}}" if columns.component else "")
    line.append(f"{shape} {word:<{_STATE - 2}}", style=style_of(shape))
    volume = one.unit.volume_ml if one.unit.infused_ml is None else one.unit.infused_ml
    line.append(f"{'-' if volume is None else f'{volume} mL':<{_ML}}")
    if columns.cells:
        said = "-" if one.cells is None else tr("{cells} million", cells=cells_words(one.cells))
        line.append(f"{said:<{columns.cells}}")
    if one.next_step is None:
        return line
    said = next_words(one) if columns.is_whole else str(one.next_step[0])
    return line.append(f"{NEXT} ", style=style_of(NEXT)).append(said)
