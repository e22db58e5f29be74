"""The list of stations before signing in: each on a line, meant by number, name or part of one."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, cast

import pytest

from tests.support.front_desk import desk_at
from tracker.values import Station
from tui.screens.signin import station_lines, stations_meant


class Named(NamedTuple):
    """What the list reads of a station."""

    id: str
    title: str


STATIONS = cast(
    "tuple[Station, ...]",
    (Named("MFG-1-01", "Hub"), Named("COLL-A-01", "Front desk"), Named("COLL-A-02", "Cell laboratory")),
)


def test_findings_f7_stations_stand_below_each_other() -> None:
    """Number, name and title in columns."""
    assert [line.plain for line in station_lines(STATIONS)] == [
        "  1  MFG-1-01   Hub",
        "  2  COLL-A-01  Front desk",
        "  3  COLL-A-02  Cell laboratory",
    ]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2", ["COLL-A-01"]),
        ("coll-a-02 ", ["COLL-A-02"]),
        ("hub", ["MFG-1-01"]),
        ("coll", ["COLL-A-01", "COLL-A-02"]),
        ("0", []),
        ("4", []),
        ("", []),
    ],
)
def test_findings_f7_a_station_is_meant_by_number_or_name(text: str, meant: list[str]) -> None:
    """A part of a name may mean several; those are named, and none is taken."""
    assert [one.id for one in stations_meant(text, STATIONS)] == meant


async def test_findings_f7_the_last_station_is_reached_with_arrows_and_by_name(tmp_path: Path) -> None:
    """Given fifteen stations at 80 by 24, the list scrolls, has its own prompt, and Esc puts it away."""
    async with desk_at("COLL-A", tmp_path) as desk:
        await desk.press("f7")
        assert "Type the number or name of a station" in desk.screen and "stations, arrows" in desk.screen
        await desk.press("end", "enter")
        last = [one for one in desk.tracker.registry.stations.values() if not one.retired][-1]
        assert desk.app.session.station.id == last.id and "Scan your badge" in desk.screen
        await desk.press("f7")
        await desk.type("treat")
        assert "Several stations are named so" in desk.told
        await desk.type("mfg-1-02")
        assert desk.app.session.station.id == "MFG-1-02"
        await desk.press("f7", "escape")
        assert "This is still the station MFG-1-02." in desk.told
