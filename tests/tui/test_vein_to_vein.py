"""Init to infusion on PostgreSQL: the published commands, a hub that is killed, three terminals.

The store is a demo one, the only kind in which a file of passwords signs for two; `test_first_site` follows
the same commands with people who type.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final, cast

import pytest
import sqlalchemy as sa
from sqlalchemy import URL

from tests.support.commands import Cartrail, Said, write_credentials
from tests.support.forked import Command
from tests.support.front_desk import Busy, Desk, rest, unwatched
from tests.support.postgres import database
from tests.tracker.ledger.test_roles import as_role, role, run
from tests.tracker.test_backup import CLIENT
from tests.tui.screens.test_journey import (
    fill_bag,
    fit_logger,
    freeze,
    hand_unit,
    inspect,
    newest,
    state_of,
    take_out,
)
from tests.tui.test_from_nothing import WallClock, kinds_of, password, words
from tracker.clock import SimulatedClock
from tracker.demo.journey import GOOD_RESULTS
from tracker.demo.network import Network
from tracker.people.passwords import WEAK
from tracker.settings import Settings
from tracker.tracker import Environment, Tracker
from tui.app import CartrailApp, this_station
from tui.screens.stop import StopScreen
from tui.session import TerminalSession

__all__ = ["role"]

pytestmark = [pytest.mark.slow, pytest.mark.waits]

FOUNDERS: Final = ("ADA-1", "BEN-1")
HANDS: Final = ("NURSE-1", "TECH-1", "COUR-1", "OPER-1", "QP-1", "WARD-1", "DOC-1")
PINS: Final = {staff: f"4{at:02}913" for at, staff in enumerate((*FOUNDERS, *HANDS))}
WRISTBANDS: Final = (("H-000123", "P-004711"), ("H-000456", "P-000456"))
PATIENCE_SECONDS: Final = 60.0


@dataclass
class Sites:
    """A plant, a clinic and a carrier of the published example, and the machines at which people work."""

    owner: str
    url: str
    folder: Path
    run: Cartrail
    monkeypatch: pytest.MonkeyPatch

    @property
    def credentials(self) -> Path:
        """Everybody's password and PIN, and the one-time codes."""
        return self.folder / "credentials.toml"

    def at(self, machine: str, line: str, *, owner: bool = False, exit_code: int = 0) -> Said:
        """A command at a machine, by the role of the stations, with passwords from a file."""
        self.monkeypatch.setenv("CARTRAIL_CONFIG", str(self.folder / machine))
        url = self.owner if owner else self.url
        told = ("--database", url, "--credentials", str(self.credentials))
        return self.run(*words(line), *told, exit_code=exit_code)

    def write_codes(self, codes: dict[str, str]) -> None:
        """One-time codes beside passwords and PINs."""
        write_credentials(self.credentials, {one: password(one) for one in PINS}, PINS)
        with self.credentials.open("a", encoding="utf-8") as file:
            file.write("[codes]\n" + "".join(f'{staff} = "{code}"\n' for staff, code in codes.items()))

    @contextmanager
    def hub(self) -> Iterator[None]:
        """The service, killed at the end as a power cut would."""
        self.monkeypatch.setenv("CARTRAIL_CONFIG", str(self.folder / "hub"))
        report = ("--report", f"pdf:{self.folder / 'downtime.pdf'}")
        with Command("hub", "--database", self.url, *report) as process:
            try:
                yield
            finally:
                process.kill()

    def hub_status(self) -> dict[str, object]:
        """What the hub says of itself; a backup was never made, which is exit code 6."""
        said = self.run("hub", "status", "--json", "--database", self.url, exit_code=6)
        return dict(said.records[0])

    @asynccontextmanager
    async def terminal(self, machine: str, size: tuple[int, int]) -> AsyncIterator[Desk]:
        """The terminal of the station that this machine remembers to be."""
        self.monkeypatch.setenv("CARTRAIL_CONFIG", str(self.folder / machine))
        settings = Settings.of(database=self.url)
        tracker = Tracker.open(url=self.url, environment=Environment(config=settings.config, cost=WEAK))
        session = TerminalSession.at(tracker, this_station(tracker, settings))
        session.folder = self.folder / machine / "labels"
        badges = {staff: tracker.registry.people[staff].badges[0] for staff in PINS}
        tanks = {
            one.site: one.id for one in tracker.registry.locations.values() if one.title.startswith("Tank")
        }
        clock = cast("SimulatedClock", WallClock())
        network = Network(tracker, clock, random.Random(1), {}, {}, dict(PINS), badges, tanks)
        app, busy = CartrailApp(session), Busy()
        try:
            with unwatched(busy):
                async with app.run_test(size=size) as pilot:
                    await rest(pilot, busy)
                    yield Desk(app, pilot, network, tracker, clock, self.folder, busy)
        finally:
            tracker.close()


def set_up(place: Sites) -> dict[str, str]:
    """The commands of the guide in their order; gives boxes and loggers by name."""
    path = place.folder / "network.toml"
    path.write_text(place.run("init", "--example").out.replace('"training"', '"demo"', 1), encoding="utf-8")
    place.write_codes({})
    founded = place.at("hub", f"init --network {path}", owner=True)
    assert "owns the tables" in founded.err, founded.err
    place.at("hub", f"migrate --app-role {sa.make_url(place.url).username}", owner=True)
    codes = {}
    for staff in HANDS:
        codes[staff] = place.at("hub", f"person code {staff} --as ADA-1 --json").records[0]["code"]
    place.write_codes(codes)
    for staff in HANDS:
        place.at("hub", f"person activate {staff} --witness BEN-1")
    ids, due = {}, f"{datetime.now(UTC) + timedelta(days=300):%Y-%m-%d}"
    for site in ("CLINIC", "PLANT"):
        for one in place.at("hub", f"site equipment list {site} --json").records:
            ids[one["title"]] = one["equipment"]
            line = f"site equipment qualify {one['equipment']} --passed --due {due} --standard S"
            place.at("hub", f"{line} --as ADA-1 --approved-by BEN-1")
    for machine in ("CHAIR-1", "ROOM-1", "DOCK-PC"):
        place.at(machine, f"station use {machine}")
    return ids


def enroll(place: Sites, wristband: tuple[str, str]) -> str:
    """A patient of the clinic, enrolled at the chair; gives the therapy."""
    path = place.folder / "wristband.txt"
    path.write_text(f"CLINIC hospital_number {wristband[0]}\nPROGRAM program_number {wristband[1]}\n")
    sites = "--collection CLINIC --manufacturing PLANT --treatment CLINIC"
    line = (
        f"patient enroll --protocol autologous-cryopreserved {sites} --identifiers {path} --as NURSE-1 --json"
    )
    return str(place.at("CHAIR-1", line).records[0]["entries"][0]["chain"])


async def identify(desk: Desk, coi: str, wristband: tuple[str, str]) -> None:
    """At the chair, by two people."""
    await desk.see(coi)
    await desk.choose("Identify the patient")
    for value in wristband:
        await desk.scan(value)
    await desk.see(coi)
    await desk.pin("NURSE-1")
    await desk.second("TECH-1")
    assert "PATIENT IDENTIFIED" in desk.told, desk.told


async def another_bag(desk: Desk, coi: str) -> str:
    """The bag of the patient before, who has left the chair."""
    await identify(desk, coi, WRISTBANDS[1])
    await desk.choose("Register the collection bag")
    await desk.pick("Leukapheresis")
    await desk.pin("NURSE-1")
    bag = newest(desk, coi).unit
    await desk.press("ctrl+b", "f10")
    await desk.pin("NURSE-1")
    assert "LINE CLEARED" in desk.told, desk.told
    return bag


async def pack(desk: Desk, cassette: str, box: str, to: str, *hands: str) -> str:
    """Charged, filled, its warm display refused, sealed by two; gives the seal."""
    await desk.see(box)
    await desk.choose("Say that it was charged")
    await desk.pin(hands[0])
    assert "SHIPPER CHARGED" in desk.told, desk.told
    seal = f"SEAL-{box[-4:]}"
    await desk.see(cassette)
    await desk.choose("Pack and seal")
    await desk.see(box)
    await desk.command("DONE")
    await desk.type("1")
    await desk.scan(seal)
    await desk.see(fit_logger(desk))
    await desk.pick("Example Courier")
    await desk.pick(to)
    await desk.type("-120.0")
    assert isinstance(desk.app.screen, StopScreen), desk.told
    await desk.press("f3")
    await desk.type("-184.2")
    await desk.pin(hands[0])
    await desk.second(hands[1])
    assert "PACKED" in desk.told, desk.told
    return seal


async def give(desk: Desk, box: str, seal: str, giver: str) -> None:
    """The giver's half alone."""
    await desk.see(box)
    await desk.scan(seal)
    await desk.type("-184.0")
    await desk.command("ALL-IN-ORDER")
    await desk.pin(giver)
    assert "The giver's half is signed" in desk.told, desk.told


async def receive(desk: Desk, box: str, seal: str, staff: str) -> None:
    """From the courier at the door, who signs in for nothing, and opened."""
    await desk.see(box)
    await desk.scan(seal)
    await desk.type("-184.0")
    await desk.command("ALL-IN-ORDER")
    await desk.second("COUR-1")
    await desk.pin(staff)
    assert "ACCEPTED" in desk.told, desk.told


async def make(desk: Desk, coi: str, cassette: str) -> tuple[str, str]:
    """A bag of product and a sample, filled and labeled."""
    await desk.see(cassette)
    await desk.choose("Start manufacturing")
    await desk.see(coi)
    await desk.see(cassette)
    await desk.pin("OPER-1")
    await desk.second("BEN-1")
    made = []
    for material in ("CAR T cells, human", "QC sample"):
        await desk.see(coi)
        await desk.choose("Register a container")
        await desk.pick(material)
        if material != "QC sample":
            await desk.type("1")
            await desk.type("1")
        await desk.pin("OPER-1")
        made.append(newest(desk, coi).unit)
        await desk.choose("Apply the label")
        await desk.see(made[-1])
        await desk.pin("OPER-1")
    await desk.see(cassette)
    await desk.choose("End manufacturing")
    await desk.command("DONE")
    for unit, volume in zip(made, ("68", "5"), strict=True):
        await desk.see(unit)
        await desk.type(volume)
    await desk.command("DONE")
    await desk.pin("OPER-1")
    await desk.second("BEN-1")
    assert "MANUFACTURED" in desk.told, desk.told
    return made[0], made[1]


async def release(desk: Desk, coi: str, sample: str, cassette: str) -> None:
    """Seven tests, of which an impossible result is asked again; the sample used up; two signatures."""
    await desk.sign_in("BEN-1")
    for result in GOOD_RESULTS.values():
        await desk.see(coi)
        await desk.choose("Record a release test")
        await desk.type("1")
        await desk.type(result)
        await desk.pin("BEN-1")
        assert "TESTED" in desk.told, desk.told
    await desk.see(sample)
    await desk.choose("Use up a sample")
    await desk.command("DONE")
    await desk.pin("BEN-1")
    await desk.sign_in("QP-1")
    await desk.see(cassette)
    await desk.choose("Release")
    await desk.press("f10")
    await desk.see(cassette)
    await desk.command("DONE")
    await desk.pin("QP-1")
    await desk.second("ADA-1")
    assert "RELEASED" in desk.told, desk.told
    await desk.press("escape")


async def infuse(desk: Desk, coi: str, product: str, cassette: str, other: str) -> None:
    """Matched, thawed, matched, and at the bed not the bag of another patient."""
    await desk.see(cassette)
    await desk.choose("Match patient and cassette")
    for value in WRISTBANDS[0]:
        await desk.scan(value)
    await desk.see(coi)
    await desk.certificate(coi)
    await desk.see(cassette)
    await desk.confirm()
    await desk.pin("TECH-1")
    await desk.second("DOC-1")
    for step in ("Start the thaw", "End the thaw"):
        await desk.see(cassette)
        await desk.choose(step)
        await desk.command("DONE")
        await desk.pin("TECH-1")
    await desk.see(cassette)
    await desk.choose("Match bag and cassette")
    await desk.see(cassette)
    await desk.see(product)
    await desk.pin("TECH-1")
    await hand_unit(desk, product, "Ward", "TECH-1", "WARD-1")
    await desk.sign_in("WARD-1")
    for bag in (other, product):
        await desk.see(product)
        await desk.choose("Match bag and wristband")
        for value in WRISTBANDS[0]:
            await desk.scan(value)
        await desk.see(coi)
        await desk.certificate(coi)
        await desk.see(bag)
        if bag == other:
            assert isinstance(desk.app.screen, StopScreen) and "is not of this therapy" in desk.told, (
                desk.told
            )
            await desk.press("f3", "escape", "escape")
    await desk.pin("WARD-1")
    await desk.second("DOC-1")
    for step in ("Start the infusion", "Complete the infusion"):
        await desk.see(product)
        await desk.choose(step)
        await desk.command("DONE")
        if step.startswith("Complete"):
            await desk.type("66")
        await desk.pin("WARD-1")
    assert "INFUSION COMPLETED" in desk.told, desk.told


def cut_connections(place: Sites) -> None:
    """The server ends every connection to this database, as it does when it is restarted."""
    name = sa.make_url(place.owner).database
    others = f"datname = '{name}' AND pid <> pg_backend_pid()"
    run(place.owner, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")


async def at_the_clinic(place: Sites, desk: Desk, cois: tuple[str, str], box: str) -> tuple[str, str, str]:
    """From the chair to the courier, with a server that is restarted in a form; gives bag, cassette, seal."""
    coi, before = cois
    await desk.sign_in("NURSE-1")
    other = await another_bag(desk, before)
    await identify(desk, coi, WRISTBANDS[0])
    bag = await fill_bag(desk, coi, "NURSE-1", "TECH-1")
    await desk.see(bag)
    await desk.choose("Hand over")
    cut_connections(place)
    await desk.command("DONE")
    await desk.pick("Cell lab")
    await desk.command("ALL-IN-ORDER")
    cut_connections(place)
    await desk.pin("NURSE-1")
    await desk.second("TECH-1")
    assert "ACCEPTED" in desk.told, desk.told
    await desk.sign_in("TECH-1")
    cassette = (await freeze(desk, (bag,), "TECH-1"))[bag]
    await take_out(desk, [cassette], "TECH-1")
    seal = await pack(desk, cassette, box, "Example Plant", "TECH-1", "NURSE-1")
    await give(desk, box, seal, "TECH-1")
    await desk.second("COUR-1")
    assert "ACCEPTED" in desk.told, desk.told
    return other, cassette, seal


async def at_the_plant(
    desk: Desk, coi: str, cassette: str, boxes: tuple[str, str], seal: str
) -> tuple[str, ...]:
    """From the door to the giver's half of the next handoff; gives product, its cassette and the new seal."""
    came, goes = boxes
    await desk.sign_in("OPER-1")
    await receive(desk, came, seal, "OPER-1")
    await inspect(desk, came, [cassette], "OPER-1")
    product, sample = await make(desk, coi, cassette)
    frozen = (await freeze(desk, (product,), "OPER-1"))[product]
    await release(desk, coi, sample, frozen)
    await desk.sign_in("OPER-1")
    await take_out(desk, [frozen], "OPER-1")
    new_seal = await pack(desk, frozen, goes, "Example Clinic", "OPER-1", "BEN-1")
    await give(desk, goes, new_seal, "OPER-1")
    await desk.press("escape")
    assert "the handoff stays open" in desk.told, desk.told
    return product, frozen, new_seal


@pytest.fixture
def sites(
    fresh_postgres: str, role: str, tmp_path: Path, cartrail: Cartrail, monkeypatch: pytest.MonkeyPatch
) -> Sites:
    """An empty database, and machines on which nothing of cartrail is; passwords are quick to check."""
    monkeypatch.setattr("tracker.tracker.Environment", partial(Environment, cost=WEAK))
    return Sites(fresh_postgres, as_role(fresh_postgres, role), tmp_path, cartrail, monkeypatch)


async def test_from_init_to_infusion_on_postgresql(sites: Sites, postgres_server: URL) -> None:
    """Seven people's hands, a killed hub, a cut server, and a bag of another patient that was stopped."""
    ids = set_up(sites)
    cois = (enroll(sites, WRISTBANDS[0]), enroll(sites, WRISTBANDS[1]))
    coi = cois[0]
    out, back = ids["Dewar 7"], ids["Dewar 8"]
    with sites.hub():
        async with sites.terminal("CHAIR-1", (80, 24)) as chair:
            other, cassette, seal = await at_the_clinic(sites, chair, cois, out)
    async with sites.terminal("ROOM-1", (120, 40)) as room:
        product, frozen, seal = await at_the_plant(room, coi, cassette, (out, back), seal)
    with sites.hub():
        async with sites.terminal("DOCK-PC", (80, 24)) as dock:
            await dock.sign_in("COUR-1")
            await dock.see(back)
            await dock.scan(seal)
            await dock.command("ALL-IN-ORDER")
            await dock.pin("COUR-1")
            assert "ACCEPTED" in dock.told, dock.told
        async with sites.terminal("CHAIR-1", (80, 24)) as chair:
            await chair.sign_in("TECH-1")
            await receive(chair, back, seal, "TECH-1")
            await inspect(chair, back, [frozen], "TECH-1")
            await infuse(chair, coi, product, frozen, other)
            state, kinds = state_of(chair, coi), kinds_of(chair, coi)
        ends = time.monotonic() + PATIENCE_SECONDS
        while sites.hub_status()["unsigned"]:
            assert time.monotonic() < ends, sites.hub_status()
    assert kinds.count("mixup_prevented") == 1 and not state.outside
    assert str(state.units[product].final) == "infused"
    assert (sites.folder / "downtime.pdf").read_bytes().startswith(b"%PDF")
    proved(sites, coi, postgres_server)


def proved(place: Sites, coi: str, server: URL) -> None:
    """The auditor's files, the bundle checked without cartrail, and a backup that stands elsewhere."""
    path = place.folder / "bundle.zip"
    kept, replayed = (
        place.at("hub", f"measure --json {source} --as BEN-1").records for source in ("", "--from-ledger")
    )
    assert kept == replayed
    assert next(one["n"] for one in kept if one["measure"] == "vein_to_vein") == 1
    for form in ("csv", "epcis"):
        place.at("hub", f"trail {coi} --format {form} --out {place.folder / form} --as BEN-1")
    place.at("hub", f"export {coi} --out {path} --as BEN-1")
    place.run("verify", path)
    place.monkeypatch.setenv("PATH", f"{CLIENT}:/usr/bin:/bin")
    backup = place.at("hub", f"backup --to {place.folder / 'backup'} --json").records[0]["folder"]
    with database(server) as elsewhere:
        restored = place.run("restore", backup, "--database", elsewhere)
        assert "`cartrail migrate --app-role NAME`" in restored.err
        place.run("migrate", "--app-role", sa.make_url(place.url).username, "--database", elsewhere)
        again = as_role(elsewhere, str(sa.make_url(place.url).username))
        assert json.loads(place.run("verify", "--json", "--database", again).out)
