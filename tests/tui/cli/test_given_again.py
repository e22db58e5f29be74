"""Every command that records, given twice under one event id: the second is answered as the first."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from schema.vocabulary import Purpose
from tests.support.commands import PASSWORDS, Cartrail, Said, Site, found, write_credentials
from tests.support.demos import DemoSite
from tests.support.journeys import World
from tests.support.plans import acting_as
from tests.support.stores import sqlite_url
from tests.tracker.acts.test_plan_races import COORDINATOR, with_one_bed

RECORDED: Final = re.compile(r"Recorded as entry \d+ of \S+\.")
OF_THE_NETWORK: Final = r"""
site add CLINIC --title Clinic --type treatment_center --zone Europe/Berlin
person grant ADA-1 administrator --site CLINIC --training TR-0 --approved-by BEN-1
person grant ADA-1 quality --site CLINIC --training TR-0 --approved-by BEN-1
site set CLINIC --phone '+00 0000 000002'
site set CLINIC --zone Europe/London
site set CLINIC --wristband 'CLINIC/hospital_number=H-######'
site department CLINIC LAB --title 'Cell lab' --role cell_lab_technician
site department CLINIC WARD --title 'Ward' --role ward_nurse
site location CLINIC LAB --title 'Tank 1' --type storage
site conditions {location} --max -150
site conditions {location} --rows 3 --columns 4
site days CLINIC monday tuesday wednesday
site close CLINIC 2035-12-24 2035-12-26 --title Holidays
site reopen CLINIC {event}
site resource set CLINIC CHAIR --type apheresis_chair --title Chairs {chair}
plan close CLINIC/CHAIR 2035-12-24 --title Repair
site add CARRIER --title Courier --type carrier --zone Europe/London
site lane set GO CLINIC PLANT --carrier CARRIER --transit-hours 24 --cutoff 17:00 --on monday
site equipment add CLINIC --title 'Dewar 7' --type shipper --hold-hours 240
site equipment qualify {equipment} --passed --due 2035-11-01 --standard ISTA --approved-by BEN-1
site equipment status {equipment} cleaning
station add WARD-01 --at CLINIC --title Ward
station set WARD-01 --board
station retire WARD-01 --approved-by BEN-1
station reactivate WARD-01 --approved-by BEN-1
person add CAM-1 --name 'Cam Invented'
person grant CAM-1 ward_nurse --site CLINIC --training TR-1
person revoke {event} --reason replaced
person badge CAM-1
person deactivate CAM-1 --reason left_the_organization --approved-by BEN-1
person reactivate CAM-1 --approved-by BEN-1
person review --on 2026-11-30
lot receive PLANT --item viral_vector --number C1 --expires 2035-03-31
lot release {lot}
lot status {lot} quarantined --reason test_pending
lot recall {lot} --approved-by BEN-1
site deactivate CARRIER --approved-by BEN-1
site reactivate CARRIER --approved-by BEN-1
protocol adopt autologous-cryopreserved --approved-by BEN-1
"""
"""In an order in which each can be done; what is in braces is taken from the answer of a line before."""


@pytest.fixture
def rehearsed(tmp_path: Path) -> Site:
    """A demo store with two founders, where two people's passwords may come from one file."""
    found(sqlite_url(tmp_path / "demo.db"), tmp_path, Purpose.DEMO)
    return Site(tmp_path / "demo.db", write_credentials(tmp_path / "passwords.toml", PASSWORDS))


def twice(cartrail: Cartrail, given: tuple[object, ...], count: Callable[[], int]) -> Said:
    """A command given twice under one event id: one event, and the same entry and words on both channels."""
    first = cartrail(*given)
    recorded, before = RECORDED.search(first.err), count()
    again = cartrail(*given)
    answered = RECORDED.search(again.err)
    assert recorded is not None, (given, first)
    assert answered is not None, (given, again)
    assert (recorded[0], first.out, before) == (answered[0], again.out, count()), given
    return first


def event_of(number: int) -> str:
    """An id of a command, with room for the requests that it makes after its first."""
    return f"01900000-0000-7000-8000-{number * 100:012d}"


def test_each_command_of_the_network_is_answered_again(cartrail: Cartrail, rehearsed: Site) -> None:
    """What founds and changes sites, people, places, boxes and lots."""
    known = {"chair": "--per-weekday 2,2,2,2,2,0,0 --occupies-hours 5 --opens 08:00 --closes 12:00"}
    for number, line in enumerate(OF_THE_NETWORK.strip().splitlines()):
        words = shlex.split(line.format_map(known))
        given = (*words, *rehearsed.as_ada, "--station", "HUB-1", "--event-id", event_of(number))
        said = twice(cartrail, given, rehearsed.count)
        known |= {"event": event_of(number)}
        known |= dict(re.findall(r"^(location|equipment|lot)\s+(\S+)$", said.out, re.MULTILINE))


def day(days: int) -> str:
    """The commands go by this machine's clock."""
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def test_each_command_of_a_plan_is_answered_again(
    cartrail: Cartrail, world: Callable[[str], World], tmp_path: Path
) -> None:
    """Booked, moved, promised anew, shipped, noted, given back: what was judged once is not judged again."""
    made = world("enrolled")
    with_one_bed(made)
    acting, coi = acting_as(made, tmp_path, COORDINATOR), made.one.coi
    words = tmp_path / "note.txt"
    words.write_text("Parking is at gate 4.", encoding="utf-8")
    numbers = iter(range(100))

    def given(*command: object) -> None:
        twice(cartrail, (*command, *acting, "--event-id", event_of(next(numbers))), made.count)

    given("plan", "book", coi, "--ready", day(7))
    first = datetime.fromisoformat(cartrail("plan", "show", coi, "--json", *acting).records[0]["start"])
    later = f"{first + timedelta(days=7):%Y-%m-%d %H:%M}"
    given("plan", "move", coi, "collection", later, "--reason", "infection")
    given("plan", "promise", coi, "--reason", "infection")
    window = ("--pick-up", f"{day(20)} 15:00..17:30", "--delivery", f"{day(21)} 20:00..{day(22)} 11:00")
    given("shipment", "book", coi, "--lane", "COLL-A-MFG-1", *window, "--waybill", "020-12345675")
    given("shipment", "progress", "020-12345675", "delayed", "--place", "jfk")
    given("note", coi, words)
    given("plan", "free", coi, "--reason", "patient_not_ready")


def test_each_command_of_the_cells_is_answered_again(cartrail: Cartrail, demo_site: DemoSite) -> None:
    """A count of a tank, and an alert that was seen: both look at what is there before they ask."""
    shared = ("--database", demo_site.path, "--credentials", demo_site.credentials)
    acting = (*shared, "--as", "COORD-A", "--station", "TREAT-A-01")
    alert = cartrail("alerts", "list", "--mine", "--json", *acting).records[0]["alert"]
    seen = ("alerts", "acknowledge", alert, *acting, "--event-id", event_of(1))
    twice(cartrail, seen, demo_site.count)
    places = cartrail("storage", "map", "--json", "--site", "TREAT-A", *acting).records
    tank = next(one["location"] for one in places if one["units"])
    (held,) = cartrail("storage", "map", tank, "--json", *acting).records
    units = [one["unit"] for one in held["units"]]
    counting = (*shared, "--as", "LAB-A1", "--station", "TREAT-A-01")
    twice(cartrail, ("storage", "count", tank, *units, *counting, "--event-id", event_of(2)), demo_site.count)
