"""Lists of find and trail as text: codes in groups, whole words, the gravest mark before how many more."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest
from msgspec import structs
from rich.cells import cell_len
from rich.console import Console, RenderableType

from tests.support.journeys import World
from tests.support.journeys_shown import COI, NOW, local
from tests.tracker.views.test_journey import Worlds
from tracker.views.models import FoundTherapy, Trail, TrailEntry
from tui.screens.find import found_cells
from tui.screens.find import widths as find_widths
from tui.screens.trail import entry_facts, trail_cells, trail_count, trail_title
from tui.screens.trail import widths as trail_widths
from tui.themes import DARK_PALETTE, word_styles

FOUND = FoundTherapy(COI, 7, 20, NOW, "active", "manufacturing", ("quarantined", "deviation"))


def trail_of(given: World) -> Trail:
    """The trail of the first therapy."""
    return given.tracker.read.trail(coi=given.one.coi)


def drawn(what: RenderableType) -> str:
    """As a terminal of 76 columns shows it."""
    out = StringIO()
    Console(file=out, width=76, theme=word_styles(DARK_PALETTE), color_system=None).print(what)
    return out.getvalue()


def test_a_therapy_that_was_found() -> None:
    """Code in groups, stage, when and where it is named, what calls for somebody."""
    narrow = [cell.plain for cell in found_cells(FOUND, local, find_widths(75))]
    assert narrow == [
        "CDT7 V9D8 S54",
        "Manufacturing",
        "2026-11-29 12:30",
        "7 to 20",
        "■ QUARANTINED\n▲ deviation",
    ]
    wide = [cell.plain for cell in found_cells(replace(FOUND, last_sequence=7), local, find_widths(115))]
    assert wide[3:] == ["7", "■ QUARANTINED  ▲ deviation"]


def test_the_trail_of_a_therapy(world: Worlds) -> None:
    """Its code and sites in the title; below how many events there are."""
    trail = trail_of(world("frozen"))
    code = f"{trail.coi[:4]} {trail.coi[4:8]} {trail.coi[8:]}"
    assert trail_title(trail).plain == f"{code}  active, COLL-A › MFG-1 › TREAT-A"
    assert trail_count(trail) == f"{len(trail.entries)} events"
    outside = replace(trail, state=structs.replace(trail.state, outside=("one", "two")))
    assert trail_title(outside).plain.endswith("■ 2 OUTSIDE THE RULES")


@pytest.mark.parametrize("width", [75, 79, 130])
def test_no_event_is_wider_than_its_columns(world: Worlds, width: int) -> None:
    """Whole words that go on in the next line; the columns fill the room and no more."""
    assert sum(trail_widths(width, digits=5)) + 10 <= width and trail_widths(width, digits=5)[0] == 5
    room = trail_widths(width)
    assert sum(room) + 2 * len(room) <= width
    for one in trail_of(world("frozen")).entries:
        _fit(one, room)
    long = replace(trail_of(world("frozen")).entries[-1], title="細胞調製室 " * 20, marks=("a " * 60, "b"))
    _fit(long, room)


def _fit(one: TrailEntry, room: tuple[int, ...]) -> None:
    cells = [cell.plain for cell in trail_cells(one, room)]
    lines = ((line, width) for cell, width in zip(cells, room, strict=True) for line in cell.split("\n"))
    assert all(cell_len(line) <= width for line, width in lines), cells
    words = cells[2].removesuffix("…").split()
    assert words == one.title.split()[: len(words)]


def test_an_event_whole(world: Worlds) -> None:
    """What happened, when by the clocks there, its marks with their shape, who signed, its receipt."""
    last = trail_of(world("frozen")).entries[-1]
    text = drawn(entry_facts(last))
    assert text.startswith(f"What       {last.title}") and "When       2026-" in text and "CTR" in text
    grave = drawn(entry_facts(replace(last, marks=("late", "outside"), is_grave=True)))
    assert "Marks      ■ late, outside" in grave
    assert "Marks      ▲ late" in drawn(entry_facts(replace(last, marks=("late",))))
