"""`cartrail shipment`: booked, heard of, listed, and a carrier's file as a whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.commands import Cartrail, write_credentials
from tests.support.journeys import World
from tests.support.plans import acting_as
from tests.tracker.acts.test_plan_races import COORDINATOR, with_one_bed
from tracker.clock import SystemClock
from tracker.demo import stages
from tracker.demo.journey import scan
from tracker.registry.equipment.requests import ChargeShipper

Worlds = Callable[[str], World]
WAYBILL = "020-12345675"


@pytest.fixture
def made(world: Worlds) -> World:
    """Two enrolled therapies, and lanes on which a carrier comes each day at 17:00."""
    found = world("enrolled")
    with_one_bed(found)
    return found


@pytest.fixture
def acting(made: World, tmp_path: Path) -> tuple[object, ...]:
    """The coordinator books."""
    return acting_as(made, tmp_path, COORDINATOR)


def day(days: int) -> str:
    """The commands go by this machine's clock."""
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def booking(made: World, *more: str) -> tuple[str, ...]:
    """In a week, by the clocks of the two sites, which are an ocean apart."""
    window = ("--pick-up", f"{day(7)} 15:00..17:30", "--delivery", f"{day(8)} 20:00..{day(9)} 11:00")
    return ("shipment", "book", made.one.coi, "--lane", "COLL-A-MFG-1", *window, *more)


def test_a_shipment_is_booked_heard_of_and_listed(
    cartrail: Cartrail, made: World, acting: tuple[object, ...]
) -> None:
    """As a coordinator would: late, it says so, with every estimate and who told it."""
    assert "No shipment is booked" in cartrail("shipment", "list", *acting).err
    reading = ("--database", made.url)
    cartrail(*booking(made, "--waybill", WAYBILL), *acting)
    (line,) = cartrail("shipment", "list", "--json", *acting).records
    assert (line["status"], line["waybill"], line["therapies"]) == ("booked", WAYBILL, [made.one.coi])
    assert line["pick_up_latest"].startswith(f"{day(7)}T17:30:00-0")
    assert line["delivery_latest"].startswith(f"{day(9)}T11:00:00+0")
    again = cartrail(*booking(made, "--shipment", line["shipment"], "--waybill", "020-12345686"), *acting)
    assert f"The waybill is now 020-12345686; {WAYBILL} no longer stands." in again.err
    gone = cartrail(*booking(made, "--shipment", line["shipment"], "--waybill", "none"), *acting)
    assert "The waybill 020-12345686 no longer stands." in gone.err
    cartrail(*booking(made, "--shipment", line["shipment"], "--waybill", WAYBILL), *acting)
    kept = cartrail(*booking(made, "--shipment", line["shipment"]), *acting)
    assert f"The waybill stays {WAYBILL}." in kept.err
    said = cartrail(
        "shipment", "progress", WAYBILL, "delayed", "--place", "jfk", "--expected", f"{day(9)} 18:30", *acting
    )
    assert f"It is expected at {day(9)} 18:30" in said.err and "Tell the receiving site." in said.err
    listed = cartrail("shipment", "list", *acting)
    assert "LATE" in listed.out and "by the clocks of where it goes" in listed.err
    assert "Box" not in listed.out.splitlines()[0], "no column in which nothing stands"
    shown = cartrail("shipment", "show", WAYBILL, *acting).out
    assert f"delayed jfk, expected {day(9)} 18:30 +0" in shown and f"(phone, {COORDINATOR})" in shown
    assert f"{day(7)} 15:00 -0" in shown and f"to {day(9)} 11:00 +0" in shown
    known = cartrail("scan", WAYBILL, "--lookup", *acting).out
    assert line["shipment"] in known and "COLL-A to MFG-1, by CARR-X" in known
    cartrail("verify", *reading)


def test_a_box_that_nobody_booked_is_shown_with_what_was_heard_of_it(
    cartrail: Cartrail, world: Worlds, tmp_path: Path
) -> None:
    """By the box, on its way and after it was opened; an estimate is read by the clocks where it goes."""
    given = world("packed")
    (box,) = given.state(given.one).boxes_hold
    key = write_credentials(tmp_path / "c.toml", {"COUR-X1": given.network.password("COUR-X1")})
    acting = ("--database", given.url, "--as", "COUR-X1", "--credentials", key)
    station = ("--station", given.network.stations["COLL-A"])
    heard = ("shipment", "progress", box, "delayed", "--place", "jfk", "--expected", f"{day(1)} 18:30")
    told = cartrail(*heard, *acting, *station).out
    assert re.search(rf"expected +{day(1)} 18:30 \+0", told), "answered by the same clocks"
    assert re.search("from +courier\n", told), "a courier who records it did not telephone"
    shown = cartrail("shipment", "show", box, *acting, *station).out
    assert "packed, not booked" in shown and box in shown
    assert re.search("way +COLL-A to MFG-1\n", shown)
    assert f"expected {day(1)} 18:30 +0" in shown, "MFG-1 is east of Greenwich, COLL-A is not"
    harmed = cartrail("shipment", "progress", box, "damaged", "--place", "jfk", *acting, *station).out
    assert re.search(rf"in quarantine +all of {given.one.coi} that is in the shipment\n", harmed), harmed
    assert re.search(r"deviation +[0-9a-f-]{36}, \w", harmed)


def test_logistics_s8_a_wrong_line_refuses_the_whole_file(
    cartrail: Cartrail, made: World, acting: tuple[object, ...], tmp_path: Path
) -> None:
    """By line and value; put right, it is taken, and sent again it says nothing twice."""
    cartrail(*booking(made, "--waybill", WAYBILL), *acting)
    before, file = made.count(), tmp_path / "carrier.csv"
    stamp = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    heading = "waybill,milestone,at,place,estimated_delivery\r\n"
    good = f"{WAYBILL},delayed,{stamp},JFK,{day(9)}T18:30:00+01:00\r\n"
    for bad, said in (
        (f"{WAYBILL},delayed,yesterday,JFK,", 'Line 3, at "yesterday": The time "yesterday" is not ISO'),
        (f"{WAYBILL},late,{stamp},JFK,", 'Line 3, milestone "late": it is none of'),
        (f"020-999,delayed,{stamp},JFK,", 'Line 3, waybill "020-999": it is that of no'),
        (f"{WAYBILL},departed,{stamp},JFK,", "Line 3: Nothing is packed"),
        (f"{WAYBILL},delayed", "Line 3, text"),
        (f"{WAYBILL},delayed,{stamp},JFK,{day(-2)}T10:00:00Z", "Line 3: It cannot be expected"),
    ):
        file.write_text(heading + good + bad + "\r\n", encoding="utf-8")
        exit_code = 3 if "packed" in said else 2
        assert said in cartrail("shipment", "import", file, *acting, exit_code=exit_code).err
        assert made.count() == before
    file.write_text(heading + good, encoding="utf-8-sig")
    assert "Recorded 1 of 1 lines" in cartrail("shipment", "import", file, *acting).err
    again = cartrail("shipment", "import", file, *acting).err
    assert "Recorded 0 of 1 lines; 1 were recorded before" in again
    entry = made.entries(made.one.coi)[-1].statement
    assert (entry.mode.value, entry.payload.kind) == ("imported", "shipment_progress")


WINDOW = "2027-01-04 15:00..17:00"


@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        (
            ("book", "COI", "--lane", "NO", "--pick-up", WINDOW, "--delivery", WINDOW),
            2,
            "There is no lane NO. There are ",
        ),
        (
            (
                "book",
                "COI",
                "--lane",
                "coll-a-mfg-1",
                "--pick-up",
                WINDOW,
                "--delivery",
                WINDOW,
                "--box",
                "X",
            ),
            3,
            "not that of a box",
        ),
        (
            ("book", "COI", "--lane", "COLL-A-MFG-1", "--pick-up", "soon", "--delivery", WINDOW),
            2,
            "from one time until",
        ),
        (("show", "020-1"), 2, "is no shipment of this store"),
        (("import", "nowhere.csv"), 2, "cannot be read"),
    ],
)
def test_bad_input(
    words: tuple[str, ...],
    exit_code: int,
    said: str,
    cartrail: Cartrail,
    made: World,
    acting: tuple[object, ...],
) -> None:
    """In a sentence, and nothing is written."""
    named = [made.one.coi if word == "COI" else word for word in words]
    before = made.count()
    assert said in cartrail("shipment", *named, *acting, exit_code=exit_code).err
    assert made.count() == before


def test_logistics_l4_what_a_courier_holds_is_put_into_another_box(
    cartrail: Cartrail, world: Worlds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At a third site before two people: not before its courier has said that it is there; then all of it."""
    given = world("packed")
    # The bag has its shelf life by the world's clock, which the commands have to go by.
    monkeypatch.setattr(SystemClock, "now", lambda _: given.clock.now())
    one, network = given.one, given.network
    box = given.box_of(one)
    stages.hand_box(one, "TECH-A1", "COUR-X1", "COLL-A", box, given.seal_of(one))
    people = ("COUR-X1", "TECH-B1", "TECH-B2")
    key = write_credentials(tmp_path / "c.toml", {name: network.password(name) for name in people})
    here = ("--database", given.url, "--credentials", key, "--station", network.stations["COLL-B"])
    acting = (*here, "--as", "TECH-B1", "--witness", "TECH-B2")
    into = network.boxes["Dry shipper 3"]
    given.send(given.request(ChargeShipper, "TECH-B1", equipment=scan(into)))
    swapping = (
        "shipment", "swap", box, into, "--unit", one.cassettes[one.bag], "--seal", "SEAL-77",
        "--logger", network.loggers["Logger 2"],
    )  # fmt: skip

    refused = cartrail(*swapping, *acting, exit_code=3)
    assert "not at COLL-B" in refused.err and "--place coll-b" in refused.err
    cartrail("shipment", "progress", box, "delayed", "--place", "COLL-B", *here, "--as", "COUR-X1")
    assert given.kinds(one.coi)[-1] == "shipment_progress"
    cartrail(*swapping, *acting)
    assert given.kinds(one.coi)[-2:] == ["unpacked", "packed"]
    (bag,) = (unit for unit in given.state().units.values() if unit.box is not None)
    assert (bag.box, bag.custodian and bag.custodian.id) == (into, "CARR-X")
    again = cartrail(*swapping, *acting, exit_code=3)
    assert "not that of a packed box" in again.err
