"""Storage in words: how full each place is, what lies in a position, until when. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from rich.text import Text

from tracker.values import StorageMap, StoredUnit, celsius_range
from tui.answers import safe
from tui.glyphs import BAD, DONE, EMPTY, LOOK, TO_COME
from tui.language import named, tr
from tui.shown_codes import code_text
from tui.states import style_of
from tui.widgets.place_grid import GridCell, loose_text
from tui.widgets.table_cells import columns_within
from tui.words import day, short_time

Local = Callable[[datetime], datetime]
SOON: Final = timedelta(days=30)
"""Before its shelf life ends somebody plans what becomes of it."""

COLUMNS: Final = (("place", 20), ("positions", 10), ("lies", 12), ("keeps", 20), ("counted", 24))
"""Each with its least cells; they leave from the end where there is no room."""

_TITLES: Final = {
    "place": tr("Place"),
    "positions": tr("Positions"),
    "lies": tr("Lies there"),
    "keeps": tr("Keeps"),
    "counted": tr("Last counted"),
}


def columns_for(width: int) -> list[tuple[str, str, int]]:
    """Name, title and cells of each column that there is room for; what is left goes to the place."""
    return [(name, _TITLES[name], cells) for name, cells in columns_within(COLUMNS, width, widest="place")]


def place_cells(one: StorageMap, names: Sequence[str], now: datetime, local: Local) -> list[Text]:
    """A line of the list."""
    place, grid = one.place, one.place.grid
    share = f"{len(one.units)}" if grid is None else f"{len(one.units)}/{grid[0] * grid[1]}"
    shape, words = _fullness(one, now)
    said = place.counted
    counted = tr("never") if said is None else short_time(local(said.at))
    if said is not None and said.missing + said.unexpected + said.unknown:
        count = said.missing + said.unexpected + said.unknown
        counted += "  " + tr("{count} differed", count=count)
    kept = celsius_range(place.celsius_min, place.celsius_max)
    known = place.celsius_min is not None or place.celsius_max is not None
    cells = {
        "place": Text(safe(place.title)),
        "positions": Text(place.range_words.replace(" to ", "-") or "-", style="" if grid else "muted"),
        "lies": Text().append(f"{shape} ", style=style_of(shape)).append(f"{share} {words}".strip()),
        "keeps": Text(str(kept) if known else "-", style="" if known else "muted"),
        "counted": Text(counted, style="" if said is not None else "muted"),
    }
    return [cells[name] for name in names]


def _fullness(one: StorageMap, now: datetime) -> tuple[str, str]:
    """The worst of what lies there, else whether there is room."""
    shapes = [shape_of(unit, now) for unit in one.units]
    for shape in (BAD, LOOK):
        if shape in shapes:
            return shape, ""
    if one.place.grid is not None and not one.free:
        return LOOK, tr("full")
    return DONE if one.units else TO_COME, ""


def shape_of(one: StoredUnit, now: datetime) -> str:
    """How it stands with a unit: wrong, to be looked at, or in order."""
    expired = one.expires_at is not None and one.expires_at <= now
    if one.is_missed or one.is_quarantined or expired:
        return BAD
    soon = one.expires_at is not None and one.expires_at <= now + SOON
    return LOOK if soon or one.is_handed_over else DONE


def state_words(one: StoredUnit, now: datetime) -> Iterator[str]:
    """Every word on how it stands, the gravest first; in order is one too."""
    if one.is_missed:
        yield f"{BAD} " + tr("MISSED by the last count")
    if one.is_quarantined:
        yield f"{BAD} " + tr("QUARANTINED")
    if one.expires_at is not None and one.expires_at <= now:
        yield f"{BAD} " + tr("EXPIRED")
    elif one.expires_at is not None and one.expires_at <= now + SOON:
        yield f"{LOOK} " + tr("expires soon")
    if one.is_handed_over:
        yield f"{LOOK} " + tr("handed over, not taken yet")
    if shape_of(one, now) == DONE:
        yield f"{DONE} " + tr("in order")


def map_cells(found: StorageMap, now: datetime, *, is_shown: bool) -> dict[str, GridCell]:
    """The picture of a place; whose the units are is shown to who has a part there."""
    return {
        one.position: GridCell(
            shape := shape_of(one, now),
            (one.cassette or one.unit) if is_shown else "",
            style_of(shape),
            "" if one.expires_at is None or not is_shown else f"{one.expires_at:%b %y}",
        )
        for one in found.units
        if one.position is not None
    }


def map_legend(found: StorageMap, now: datetime) -> str:
    """What the shapes mean, with how many there are."""
    shapes = [shape_of(one, now) for one in found.units]
    words = (
        (DONE, tr("in order"), shapes.count(DONE)),
        (LOOK, tr("look"), shapes.count(LOOK)),
        (BAD, tr("wrong"), shapes.count(BAD)),
        (EMPTY, tr("free"), len(found.free)),
    )
    return "  ".join(f"{shape} {count} {word}" for shape, word, count in words if count or shape == EMPTY)


def unit_rows(one: StoredUnit, now: datetime, local: Local) -> Iterator[tuple[Text, Text]]:
    """What lies there: which unit, whose, since when, until when."""
    yield _label(tr("Unit")), code_text(one.unit).append(f"  {named(one.material)}")
    if one.cassette is not None:
        yield _label(tr("Cassette")), code_text(one.cassette)
    yield _label(tr("Therapy")), code_text(one.coi)
    if one.stored_at is not None:
        yield _label(tr("Since")), Text(short_time(local(one.stored_at)))
    if one.expires_at is not None:
        yield _label(tr("Until")), Text(day(local(one.expires_at), local(now)))
    for words in state_words(one, now):
        yield _label(""), Text(words, style=style_of(words))


def place_rows(found: StorageMap, local: Local) -> Iterator[tuple[Text, Text]]:
    """The place itself: what it keeps, when it was counted and what that said."""
    place, said = found.place, found.place.counted
    if place.celsius_min is not None or place.celsius_max is not None:
        yield _label(tr("Keeps")), Text(str(celsius_range(place.celsius_min, place.celsius_max)))
    if said is None:
        yield _label(tr("Counted")), Text(tr("never"), style="muted")
        return
    yield _label(tr("Counted")), Text(f"{short_time(local(said.at))}  {said.actor}")
    words = tr("{found} of {expected} found", found=said.found, expected=said.expected)
    text = Text(words)
    for count, word in ((said.missing, tr("missing")), (said.unexpected + said.unknown, tr("not expected"))):
        if count:
            text.append(f"  {BAD} {count} {word}", style="stop")
    yield _label(""), text


def _label(word: str) -> Text:
    return Text(word, style="muted")


def unplaced_text(found: StorageMap, now: datetime, width: int, lines: int, *, is_shown: bool) -> Text:
    """What lies in a place without positions, or of which nobody has said where: one after the other."""
    return loose_text(
        [
            (
                shape := shape_of(one, now),
                style_of(shape),
                code_text(one.unit) if is_shown else Text(tr("a unit")),
            )
            for one in found.units
            if one.position is None
        ],
        width,
        lines,
    )
