"""Storage at a terminal: units put into positions, a place as a picture, restowed, counted and signed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace as changed

from labels.keyed import in_groups
from schema.positions import every_position
from schema.vocabulary import LocationType
from tests.support.front_desk import desk_at
from tests.tui.screens.test_rack import cassette, frozen, open_rack
from tracker.demo.network import administer
from tracker.registry.places import counting
from tracker.registry.places.requests import SetLocationConditions
from tracker.rules.registry_state import CountSaid, Location
from tracker.views.storage import StorageMap, StoredUnit
from tui.screens.rack.tally import COUNT, PUT_AWAY, RESTOW, Rack
from tui.screens.rack.text import count_words
from tui.screens.stop import StopScreen
from tui.screens.storage import PlaceScreen
from tui.screens.storage.text import columns_for, map_cells, map_legend, place_cells, place_rows, unit_rows
from tui.widgets.place_grid import GridCell, grid_table, turned, window_of, window_words

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
TANK = Location("LD234567892", "COLL-A", "LAB", "LN2 tank 1", LocationType.STORAGE, "-196", "-150", 5, 8)


def unit(number: int, position: str | None, **more: object) -> StoredUnit:
    """A unit in the tank."""
    name = f"UD23456789{number}"
    known = StoredUnit(name, "CD234567892", "product", None, position, NOW, None, False, False, False)
    return replace(known, **more)  # type: ignore[arg-type]


def test_a_place_as_a_picture() -> None:
    """Each position has a shape and the end of a code; what is wrong, soon and free is counted below."""
    units = (
        unit(2, "A1"),
        unit(3, "A2", is_missed=True),
        unit(4, "B1", expires_at=NOW + timedelta(days=3)),
        unit(5, "B8", is_quarantined=True),
        unit(6, None),
    )
    found = StorageMap(TANK, units)
    cells = map_cells(found, NOW, is_shown=True)
    assert {at: cell.words for at, cell in cells.items()} == {
        "A1": " ● 892", "A2": " ■ 893", "B1": " ▲ 894", "B8": " ■ 895",
    }  # fmt: skip
    assert map_legend(found, NOW) == "● 2 in order  ▲ 1 look  ■ 2 wrong  · 36 free"
    hidden = map_cells(found, NOW, is_shown=False)
    assert {cell.words.strip() for cell in hidden.values()} == {"●", "■", "▲"}, "whose it is, is not said"
    said = [(label.plain, value.plain) for label, value in unit_rows(units[1], NOW, lambda at: at)]
    assert ("", "■ MISSED by the last count") in said and ("Therapy", "CD23 4567 892") in said
    counted = changed(TANK, counted=CountSaid(NOW, "TECH-A1", 5, 4, 1, 0, 1))
    rows = [value.plain for _, value in place_rows(StorageMap(counted, units), lambda at: at)]
    assert rows[1:] == ["2 Mar 08:00  TECH-A1", "4 of 5 found  ■ 1 missing  ■ 1 not expected"]
    names = [name for name, _, _ in columns_for(76)]
    line = [cell.plain for cell in place_cells(StorageMap(counted, units), names, NOW, lambda at: at)]
    assert line == ["LN2 tank 1", "A1-E8", "■ 5/40", "-196 to -150 C"]
    assert [name for name, _, _ in columns_for(110)][-1] == "counted"


@pytest.mark.parametrize(
    ("grid", "around", "width", "height", "shown", "words"),
    [
        ((5, 8), "E8", 76, 12, (5, 8), ""),
        ((5, 8), "A1", 110, 30, (5, 8), ""),
        ((26, 99), "A1", 76, 12, (11, 12), "A1-K12"),
        ((26, 99), "Z99", 76, 12, (11, 12), "P88-Z99"),
        ((2, 30), "B13", 76, 12, (2, 12), "A13-B24"),
    ],
)
def test_a_large_place_is_shown_in_parts(
    grid: tuple[int, int], around: str, width: int, height: int, shown: tuple[int, int], words: str
) -> None:
    """The part with the chosen position; no row, column or code is cut."""
    window = window_of(grid, around, width=width, height=height)
    assert (len(window.rows), len(window.columns)) == shown and window_words(window, grid) == words
    table = grid_table({around: GridCell("●", "G7P", "ok")}, window, around)
    assert len(table.columns) == shown[1] + 1


def test_pages_of_a_large_place() -> None:
    """Columns first, then rows; at the end it stays."""
    grid = (26, 20)
    first = window_of(grid, "A1", width=76, height=12)
    assert turned(first, grid, 1) == "A13"
    second = window_of(grid, "A13", width=76, height=12)
    assert second.columns[0] == 8 and turned(second, grid, 1) == "L1"
    assert (
        turned(first, grid, -1) == "A1"
        and turned(window_of((5, 8), "A1", width=76, height=9), (5, 8), 1) is None
    )


async def test_logistics_l6_a_day_at_the_tank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put away by place, bag and position; seen as a picture; two of them restowed; counted and signed.

    The count has more to tell than one act takes here: F10 and the PIN tell the others, too.
    """
    monkeypatch.setattr(counting, "TOLD_AT_ONCE", 1)
    async with desk_at("COLL-A", tmp_path) as desk:
        one, two = frozen(desk, 2)
        tank = desk.network.storage["COLL-A"]
        administer(desk.story().network, SetLocationConditions, location=tank, rows=2, columns=3)
        one.retrieve("TECH-A1", "COLL-A", (one.bag,))
        await desk.sign_in("TECH-A1")
        screen = await open_rack(desk, PUT_AWAY)
        await desk.see(tank)
        await desk.see(cassette(one))
        assert "Where does" in desk.told and "The next free one is A1" in desk.told, desk.told
        await desk.see(cassette(two))
        assert "does not count yet" in desk.told
        await desk.type("z99")
        assert "has the positions A1 to B3, and no Z99" in desk.told, desk.told
        await desk.type("b2")
        assert screen.rack is not None and screen.rack.positions == {one.bag: "B2"}, desk.told
        await desk.press("f10")
        await desk.pin("TECH-A1")
        assert "1 unit in one act" in desk.told, desk.told
        await desk.press("escape")

        await open_rack(desk, RESTOW)
        await desk.see(tank)
        assert "2 expected by the record" in desk.told
        for each, position in ((two, "B2"), (one, "A1")):
            await desk.see(cassette(each))
            if each is two:
                await desk.type(position)
                await desk.press("f10")
                assert f"B2: by the record {one.bag} lies there" in desk.told, desk.told
            else:
                await desk.type(position)
        await desk.press("f10")
        await desk.pin("TECH-A1")
        assert "2 units in one act" in desk.told, desk.told
        lies = {each.unit: each.position for each in desk.tracker.read.storage_map(location=tank).units}
        assert lies == {one.bag: "A1", two.bag: "B2"}
        await desk.press("escape")

        await desk.press("ctrl+u")
        assert "A1-B3" in desk.screen, desk.screen
        await desk.press("enter")
        place: object = desk.app.screen
        assert isinstance(place, PlaceScreen) and in_groups(one.bag) in desk.screen, desk.screen
        await desk.press("down", "right")
        assert place.cursor == "B2" and in_groups(two.bag) in desk.screen
        await desk.press("f10")
        assert "not scanned yet" in desk.screen and "no positions" not in desk.screen
        await desk.press("escape")
        await desk.see(tank)
        await desk.press("f10")
        assert "2 expected by the record" in desk.told, desk.told
        await desk.type("8")
        assert "You counted 8, 0 scanned so far." in desk.told, desk.told
        await desk.press("f10")
        assert "You counted 8 and scanned 0." in desk.told, desk.told
        await desk.type("0")
        await desk.press("f10")
        assert "2 expected: 0 found, 2 missing; 0 unexpected, 0 unknown." in desk.told, desk.told
        assert "missing, by the record in B2" in desk.screen
        await desk.press("f10")
        await desk.pin("TECH-A1")
        assert "to 1 therapy nothing is written yet" in desk.told and "at a terminal F10" in desk.told
        await desk.press("f10")
        await desk.pin("TECH-A1")
        assert "2 missing" in desk.told, desk.told
        missed = desk.tracker.read.storage_map(location=tank).units
        assert [each.is_missed for each in missed] == [True, True]


async def test_logistics_l6_a_position_that_is_taken_is_a_stop(tmp_path: Path) -> None:
    """It says what lies there; the bag in the hand still waits for its position."""
    async with desk_at("COLL-A", tmp_path) as desk:
        one, two = frozen(desk, 2)
        tank = desk.network.storage["COLL-A"]
        administer(desk.story().network, SetLocationConditions, location=tank, rows=1, columns=2)
        await desk.sign_in("TECH-A1")
        await open_rack(desk, PUT_AWAY)
        await desk.see(tank)
        await desk.type("A1")
        await desk.see(cassette(one))
        await desk.press("f10")
        await desk.pin("TECH-A1")
        await desk.see(tank)
        await desk.see(cassette(two))
        await desk.type("a1")
        assert isinstance(desk.app.screen, StopScreen) and one.bag in desk.told, desk.told


def test_a_count_in_words() -> None:
    """What will be signed, before it is."""
    rack = Rack(COUNT, expected=tuple(f"U{number}" for number in range(3)))
    assert count_words(rack) == "3 expected: 0 found, 3 missing; 0 unexpected, 0 unknown."
    assert next(iter(every_position(2, 2))) == "A1"
