"""`cartrail storage`: a place as a picture in text, counted from a file, and where the shippers are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.support.commands import Cartrail, write_credentials
from tests.support.journeys import World, scans
from tracker.demo import cast
from tracker.demo.journey import scan
from tracker.registry.places.requests import SetLocationConditions
from tracker.therapy.custody.requests import StoreUnits

Worlds = Callable[[str], World]


def test_logistics_l6_a_tank_in_text_and_counted_from_a_file(
    cartrail: Cartrail, world: Worlds, tmp_path: Path
) -> None:
    """Two bags in their positions; one of them is missed, said before it is signed, and marked afterwards."""
    given = world("frozen")
    tank, bags = given.network.storage["COLL-A"], (given.one.bag, given.two.bag)
    given.do(SetLocationConditions, cast.FOUNDERS[0], at=cast.HUB, location=tank, rows=2, columns=4)
    given.do(StoreUnits, "TECH-A1", units=scans(*bags), positions=("A1", "B3"), location=scan(tank))
    reading = ("--database", given.url)
    shown = cartrail("storage", "map", tank, *reading).out
    assert f" A  *{bags[0][-3:]}" in shown and f" B  .     .     *{bags[1][-3:]}" in shown
    (place,) = [one for one in cartrail("storage", "map", "--json", *reading).records if one["rows"]]
    assert (place["positions"], place["units"], place["free"], place["counted_at"]) == (
        "A1 to B4",
        2,
        6,
        None,
    )

    file = tmp_path / "codes.txt"
    file.write_text(f"\ufeff{scan(bags[0]).code}\r\n{bags[0]}\nhttps://nothing.example\n", encoding="utf-8")
    secrets = write_credentials(tmp_path / "c.toml", {"TECH-A1": given.network.password("TECH-A1")})
    acting = ("--as", "TECH-A1", "--station", given.network.stations["COLL-A"], "--credentials", secrets)
    said = cartrail("storage", "count", tank, "--codes", file, *reading, *acting)
    assert "LN2 tank 1: 2 expected: 1 found, 1 missing; 0 unexpected, 1 unknown." in said.err
    assert f"Missing: {bags[1]} in B3." in said.err and "stands for no unit" in said.err
    again = cartrail("storage", "map", tank, *reading).out
    assert f"#{bags[1][-3:]}" in again and " missed" in again
    assert "1 of 2 found, 1 missing, 1 not expected" in again
    for wrong in ("nofile.txt", tmp_path):
        refused = cartrail("storage", "count", tank, "--codes", wrong, *reading, *acting, exit_code=2)
        assert "cannot be read" in refused.err


def test_logistics_l6_where_the_shippers_are(cartrail: Cartrail, world: Worlds) -> None:
    """Two are packed for another site; the others are at home, as far as is known."""
    given = world("packed")
    reading = ("--database", given.url)
    asked = ("--show", "in_use", "--type", "shipper", "--json")
    used = cartrail("storage", "shippers", *asked, *reading).records
    assert [(one["title"], one["site"], one["destination"], one["units"]) for one in used] == [
        (f"Dry shipper {number}", "COLL-A", "MFG-1", 1) for number in (1, 2)
    ]
    assert used[0]["where"] == "COLL-A, for MFG-1"
    assert "Dry shipper" in cartrail("storage", "shippers", "--of", "COLL-A", *reading).out
    unknown = cartrail("storage", "shippers", "--at", "NOWHERE", *reading, exit_code=2)
    assert 'There is no site "NOWHERE"' in unknown.err
