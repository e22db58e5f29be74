"""From nothing to cells: a store set up with the published commands alone, then worked on at its terminal."""

from __future__ import annotations

import random
import re
import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from schema.instants import to_milliseconds
from tests.support.commands import Cartrail, Said, typed, write_credentials
from tests.support.front_desk import Busy, Desk, rest, unwatched
from tests.tui.screens.test_journey import fill_bag, newest, state_of
from tracker.clock import SimulatedClock
from tracker.demo import cast as demo
from tracker.demo.network import Network
from tracker.settings import Settings
from tracker.tracker import Environment, Tracker
from tui.app import CartrailApp, this_station
from tui.screens.stop import StopScreen
from tui.session import TerminalSession

pytestmark = [pytest.mark.slow, pytest.mark.waits]

PINS = {"ADA-1": "120931", "BEN-1": "778201", "NURSE-1": "431907", "TECH-1": "552018", "NURSE-2": "660912"}
NURSES = {"NURSE-1": "Nora Nurse", "NURSE-2": "Nils Nurse"}
WRISTBAND = ("H-000123", "P-004711")


class WallClock:
    """The machine's own clock, which no test can set: time passes by itself."""

    def now(self) -> datetime:
        """The time."""
        return to_milliseconds(datetime.now(UTC))

    def advance(self, span: timedelta) -> None:
        """Nothing: whoever waits has waited already."""


def password(staff: str) -> str:
    """The password that a person chooses."""
    return demo.PASSWORD.format(staff=staff.lower())


@dataclass
class NewPlace:
    """A machine on which nothing of cartrail is, and somebody who follows the guide at it."""

    url: str
    folder: Path
    run: Cartrail
    credentials: Path
    config: Path

    def command(self, line: str) -> Said:
        """A command of the guide by the administrator, whose password comes from a file."""
        shared = ("--database", self.url, "--as", "ADA-1", "--credentials", self.credentials)
        return self.run(*words(line), *shared)

    def at_terminal(self, line: str, *answers: tuple[str, str]) -> Said:
        """A command that asks for people who are there."""
        said = typed(*words(line), "--database", self.url, answers=answers)
        assert said.exit_code == 0, said
        return said


def words(line: str) -> list[str]:
    """A command as it is printed in the guide."""
    return shlex.split(line)


def twice(what: str, text: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """A secret that is chosen."""
    return ((what, text), ("The same again", text))


@pytest.fixture
def place(empty_url: str, cartrail: Cartrail, tmp_path: Path) -> NewPlace:
    """Neither a store nor keys, on each engine in turn."""
    people = {staff: password(staff) for staff in PINS}
    credentials = write_credentials(tmp_path / "credentials.toml", people)
    return NewPlace(empty_url, tmp_path, cartrail, credentials, tmp_path / "config")


def founded(place: NewPlace) -> None:
    """`cartrail init` alone: everything it needs is asked, and what is wrong is asked again at once."""
    said = place.at_terminal(
        "init --adopt autologous-cryopreserved",
        ("Code of the first site", "plant"),
        ("Code of the first site", "PLANT"),
        ("Its name", "Example Plant"),
        ("Its time zone", "EST"),
        ("Its time zone", "Europe/Berlin"),
        ("What it does", ""),
        ("Its address", "1 Plant Road, 00000 Exampletown"),
        ("A telephone", "+00 0000 000001"),
        ("What is the store for", "training"),
        ("The first founder", "ADA-1=Ada Example"),
        ("The second founder", "ADA-1=Ada Again"),
        ("The second founder", "BEN-1=Ben Example"),
        ("New password of ADA-1", "short"),
        *twice("New password of ADA-1", password("ADA-1")),
        ("New PIN of ADA-1", "12"),
        *twice("New PIN of ADA-1", PINS["ADA-1"]),
        *twice("New password of BEN-1", password("BEN-1")),
        *twice("New PIN of BEN-1", PINS["BEN-1"]),
    )
    assert "Write it as PLANT" in said.err and "is no time zone" in said.err
    assert "The password has 5 characters." in said.err and "is not exactly 6 digits" in said.err


def joined(place: NewPlace, staff: str) -> str:
    """A nurse of the clinic, from being added to a key of her own; gives her badge."""
    place.command(f"person add {staff} --name '{NURSES[staff]}'")
    place.command(f"person grant {staff} apheresis_nurse --site CLINIC --training TR-1")
    badge = place.command(f"person badge {staff} --json").records[0]["entries"]
    assert badge
    code = place.command(f"person code {staff} --json").records[0]["code"]
    place.at_terminal(
        f"person activate {staff} --witness BEN-1",
        ("Password of BEN-1", password("BEN-1")),
        (f"One-time code of {staff}", code),
        *twice(f"New password of {staff}", password(staff)),
        *twice(f"New PIN of {staff}", PINS[staff]),
    )
    shown = place.command(f"person show {staff} --json").records[0]
    return str(shown["badges"][0])


def set_up(place: NewPlace) -> dict[str, str]:
    """The commands of the guide in their order; gives the badge of each person."""
    founded(place)
    place.command(
        "site add CLINIC --title 'Example Clinic' --type treatment_center --zone America/New_York "
        "--wristband 'CLINIC/hospital_number=H-######' --phone '+00 0000 000002'"
    )
    place.command("site set CLINIC --address '2 Clinic Road, 00000 Exampletown'")
    place.command(
        "site set CLINIC --wristband 'CLINIC/hospital_number=H-######' "
        "--wristband 'PROGRAM/program_number=P-######'"
    )
    place.command("site department CLINIC APHERESIS --title 'Apheresis unit' --role apheresis_nurse")
    place.command("station add CHAIR-1 --at CLINIC --title 'Chair 1'")
    badges = {staff: joined(place, staff) for staff in NURSES}
    place.run(*words("station use CHAIR-1"), "--database", place.url)
    return badges


def enroll(place: NewPlace, wristband: tuple[str, str]) -> None:
    """A patient of the clinic with the two numbers of a wristband."""
    identifiers = place.folder / "wristband.txt"
    identifiers.write_text(f"CLINIC hospital_number {wristband[0]}\nPROGRAM program_number {wristband[1]}\n")
    place.run(
        *words(
            "patient enroll --protocol autologous-cryopreserved --collection CLINIC --manufacturing PLANT "
            f"--treatment CLINIC --identifiers {identifiers}"
        ),
        *("--database", place.url, "--as", "NURSE-1", "--credentials", place.credentials),
    )


def kinds_of(desk: Desk, coi: str) -> list[str]:
    """The kinds of a therapy's events in their order."""
    return [row.entry.statement.kind for row in desk.tracker.read.trail(coi=coi).entries]


@asynccontextmanager
async def chair(place: NewPlace, badges: dict[str, str]) -> AsyncIterator[Desk]:
    """The terminal that this machine remembers to be."""
    settings = Settings.of(database=place.url)
    tracker = Tracker.open(url=place.url, environment=Environment(config=settings.config))
    session = TerminalSession.at(tracker, this_station(tracker, settings))
    assert session.station.id == "CHAIR-1"
    session.folder = place.folder / "labels"
    clock = cast("SimulatedClock", WallClock())
    network = Network(tracker, clock, random.Random(1), {}, {}, dict(PINS), badges)
    app, busy = CartrailApp(session), Busy()
    try:
        with unwatched(busy):
            async with app.run_test(size=(80, 24)) as pilot:
                await rest(pilot, busy)
                yield Desk(app, pilot, network, tracker, clock, place.folder, busy)
    finally:
        tracker.close()


async def test_findings_e1_and_b1_from_init_to_collected(place: NewPlace) -> None:
    """Identified by the wristband rules that were set, against another patient's; filled, checked by two."""
    badges = set_up(place)
    enroll(place, WRISTBAND)
    enroll(place, ("H-000456", "P-000456"))
    async with chair(place, badges) as desk:
        other, coi = (row.coi for row in desk.tracker.read.board())
        await desk.sign_in("NURSE-1")
        await desk.see(coi)
        await desk.choose("Identify the patient")
        await desk.scan("H-00123")
        assert "No wristband number of this site" in desk.told
        assert not isinstance(desk.app.screen, StopScreen)
        await desk.scan("H-000456")
        assert isinstance(desk.app.screen, StopScreen), desk.told
        assert f"the wristband of the patient of therapy {coi}" in desk.told
        assert "H-000456" in desk.screen
        assert kinds_of(desk, coi)[-2:] == ["mixup_prevented", "deviation_drafted"]
        assert kinds_of(desk, other) == ["enrolled"]
        await desk.press("f3")
        for value in WRISTBAND:
            await desk.scan(value)
        await desk.see(coi)
        await desk.pin("NURSE-1")
        await desk.second("NURSE-2")
        assert "patient_identified" in state_of(desk, coi).facts, desk.told
        await fill_bag(desk, coi, "NURSE-1", "NURSE-2")
        assert "collected" in newest(desk, coi).facts, desk.told
        here = datetime.now(UTC).astimezone(desk.app.session.zone)
        offsets = {one.entry.statement.offset for one in desk.tracker.read.trail(coi=coi).entries}
        assert offsets == {here.strftime("%z")[:3] + ":" + here.strftime("%z")[3:]}
    place.run("verify", "--database", place.url)


GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "first-site.md"


def printed(heading: str) -> list[str]:
    """The commands of a section of the guide, each on one line."""
    section = re.split(
        r"^#+ ", GUIDE.read_text(encoding="utf-8").partition(f"# {heading}\n")[2], flags=re.MULTILINE
    )[0]
    blocks = re.findall(r"^```\n(.*?)^```", section, flags=re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [line.removeprefix("cartrail ") for line in lines]


def ids_by_title(place: NewPlace, *sites: str) -> dict[str, str]:
    """What the guide writes for an id, and the id that this store gave."""
    shown = "".join(place.run("site", "show", site, "--database", place.url).out for site in sites)
    titles = {"Tank 1": "LT234567892", "Tank 2": "LT234567893", "Dewar 7": "BT234567892"}
    titles["Logger 1"] = "DT234567892"
    return {
        titles[found[2]]: found[1]
        for found in re.finditer(r"^([BDL]T\w{9}) .*?(Tank \d|Dewar 7|Logger 1)", shown, flags=re.MULTILINE)
    }


def follow(place: NewPlace, line: str) -> None:
    """A command of the guide with this store's ids and a date to come; passwords are typed where two sign."""
    if "T23456789" in line:
        for written, given in ids_by_title(place, "CLINIC", "PLANT").items():
            line = line.replace(written, given)
    line = line.replace("pdf:", f"pdf:{place.folder}/")
    line = line.replace("2027-11-01", f"{datetime.now(UTC) + timedelta(days=300):%Y-%m-%d}")
    if "--approved-by" in line:
        answers = [(f"Password of {staff}", password(staff)) for staff in ("ADA-1", "BEN-1")]
        place.at_terminal(line, *answers)
    else:
        place.run(*words(line), "--database", place.url, "--credentials", place.credentials)


def test_the_guide_leads_to_a_box_that_can_be_packed(place: NewPlace) -> None:
    """Every command of the rest of the way, one after the other, in a store of the published commands."""
    founded(place)
    for line in printed("A site with patients"):
        follow(place, line)
    for line in printed("The rest of the way"):
        if line.startswith("site equipment charge"):
            code = place.command("person code TECH-1 --json").records[0]["code"]
            place.at_terminal(
                "person activate TECH-1 --witness BEN-1",
                ("Password of BEN-1", password("BEN-1")),
                ("One-time code of TECH-1", code),
                *twice("New password of TECH-1", password("TECH-1")),
                *twice("New PIN of TECH-1", PINS["TECH-1"]),
            )
        follow(place, line)
    listed = place.run("site", "equipment", "list", "CLINIC", "--json", "--database", place.url).records
    assert {one["title"]: one["state"] for one in listed} == {
        "Dewar 7": "fit",
        "Logger 1": "fit",
    }
    assert next(one["holds"] for one in listed if one["title"] == "Dewar 7")
    assert (place.folder / "places-and-boxes.pdf").read_bytes().startswith(b"%PDF")
