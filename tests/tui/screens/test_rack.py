"""Rack scan on a real store: each thing counts once, a difference says so, one signing for the set."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from labels.keyed import in_groups
from schema.errors import StoreError
from schema.events.shift import TakenOver
from schema.vocabulary import Meaning
from tests.support.front_desk import COMMAND, Desk, code_of, desk_at, rest
from tests.support.terminal import burst
from tracker.demo import stages
from tracker.demo.journey import Journey, scan
from tracker.people.passwords import WEAK
from tracker.requests.base import Scan
from tracker.rules.therapy_state import TherapyState
from tracker.therapy.custody import requests as custody
from tracker.tracker import Environment, Tracker
from tracker.views.models import RackItem
from tui.screens.rack import RackScreen
from tui.screens.rack.tally import COUNT_BOX, PACK, RETRIEVE, TASKS, UNPACK, Task
from tui.screens.stop import StopScreen


def frozen(desk: Desk, count: int) -> list[Journey]:
    """So many therapies whose frozen bags lie in the tank of the collection center."""
    story = desk.story()
    journeys = []
    for number in range(count):
        one = replace(story, number=7 + number, coi="", bag="", cassettes={})
        one.enroll()
        stages.collect_and_freeze(one)
        journeys.append(one)
    return journeys


def cassette(journey: Journey) -> str:
    """The code of a frozen bag."""
    return journey.cassettes[journey.bag]


def misread(object_id: str) -> str:
    """A code whose last character came wrong."""
    code = code_of(object_id)
    return code[:-1] + ("3" if code.endswith("2") else "2")


def pack_all(journeys: list[Journey], box: str) -> None:
    """All of them out of the tank and into one box."""
    first = journeys[0]
    for one in journeys:
        one.retrieve("TECH-A1", "COLL-A", (one.bag,))
    first.ask(
        custody.Pack,
        "TECH-A1",
        "COLL-A",
        ("TECH-A2", Meaning.WITNESSED),
        units=tuple(scan(cassette(one)) for one in journeys),
        box=scan(box),
        seal=Scan(code="SEAL-9"),
        tally=len(journeys),
        data_logger=scan(stages.fit_logger(first, "COLL-A")),
        carrier=first.carrier,
        destination="MFG-1",
    )


def last_kind(state: TherapyState, unit: str) -> str:
    """What was said of a unit last."""
    return max(state.units[unit].facts.items(), key=lambda fact: fact[1].sequence)[0]


async def open_rack(desk: Desk, task: Task) -> RackScreen:
    """From home to a task."""
    await desk.press("ctrl+r")
    await desk.type(str(TASKS.index(task) + 1))
    screen: object = desk.app.screen
    assert isinstance(screen, RackScreen) and screen.rack is not None, desk.told
    return screen


async def test_a_rack_is_retrieved_by_scans_and_one_pin(tmp_path: Path) -> None:
    """Place, three cassettes of three patients, DONE and a PIN: one act, one statement in each chain."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journeys = frozen(desk, 3)
        await desk.sign_in("TECH-A1")
        await open_rack(desk, RETRIEVE)
        await desk.see(desk.network.storage["COLL-A"])
        desk.scans = desk.keys = 0
        for one in journeys:
            await desk.see(cassette(one))
        assert "3 can be signed" in desk.screen
        await desk.command("DONE")
        await desk.pin("TECH-A1")
        assert "3 units in one act" in desk.told, desk.told
        assert (desk.scans, desk.keys) == (4, 7)
        assert {last_kind(one.state, one.bag) for one in journeys} == {"retrieved"}
        trail = desk.tracker.read.trail(coi=journeys[0].coi).entries[-1].entry.statement
        assert not any(one.coi in str(trail.to_json()) for one in journeys[1:])


async def test_twice_is_a_check_and_counts_once(tmp_path: Path) -> None:
    """The second scan of a thing says when the first was."""
    async with desk_at("COLL-A", tmp_path) as desk:
        (one,) = frozen(desk, 1)
        await desk.sign_in("TECH-A1")
        screen = await open_rack(desk, RETRIEVE)
        await desk.see(desk.network.storage["COLL-A"])
        await desk.see(cassette(one))
        at = f"{desk.app.session.now():%H:%M:%S}"
        await desk.see(cassette(one))
        assert desk.told.startswith("CHECK") and f"already at {at}" in desk.told
        assert screen.rack is not None and len(screen.rack.taken) == 1


async def test_what_the_step_does_not_take_is_a_stop_and_not_counted(tmp_path: Path) -> None:
    """A unit that is elsewhere, a place, a misread code: each is told at once, none is taken along."""
    async with desk_at("COLL-A", tmp_path) as desk:
        one, two = frozen(desk, 2)
        stages.pack(two, "TECH-A1", "TECH-A2", "COLL-A", desk.network.boxes["Dry shipper 1"], "MFG-1")
        await desk.sign_in("TECH-A1")
        screen = await open_rack(desk, RETRIEVE)
        await desk.see(desk.network.storage["COLL-A"])
        await desk.see(cassette(one))
        for code in (code_of(cassette(two)), misread(cassette(one))):
            await desk.scan(code)
            assert isinstance(desk.app.screen, StopScreen), (code, desk.told)
            await desk.press("f3")
        await desk.scan(code_of(one.coi))
        assert desk.told.startswith("CHECK") and "not that of a unit" in desk.told, "another kind is no STOP"
        assert screen.rack is not None and set(screen.rack.taken) == {one.bag}


async def test_a_shipper_is_packed_only_when_counted_and_scanned_agree(tmp_path: Path) -> None:
    """The number counted by eye must be the number scanned; the form asks for the rest, not for the units."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journeys = frozen(desk, 2)
        for one in journeys:
            one.retrieve("TECH-A1", "COLL-A", (one.bag,))
        await desk.sign_in("TECH-A1")
        await open_rack(desk, PACK)
        await desk.see(desk.network.boxes["Dry shipper 1"])
        await desk.see(cassette(journeys[0]))
        await desk.command("DONE")
        assert "nobody said how many" in desk.told
        await desk.type("2")
        await desk.command("DONE")
        assert "1 are scanned, 2 were counted" in desk.told
        await desk.see(cassette(journeys[1]))
        await desk.press("f10")
        await desk.scan("SEAL-7")
        await desk.see(stages.fit_logger(journeys[0], "COLL-A"))
        await desk.pick("Polar Courier")
        await desk.pick("Lindenhof")
        await desk.command("DONE")
        await desk.pin("TECH-A1")
        await desk.second("TECH-A2")
        assert "2 units in one act" in desk.told, desk.told
        assert {one.state.units[one.bag].box for one in journeys} == {desk.network.boxes["Dry shipper 1"]}


async def test_a_missing_unit_needs_a_reason(tmp_path: Path) -> None:
    """Unpacking a box: the record expects two, one is there; the reason stands in the record."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journeys = frozen(desk, 2)
        box = desk.network.boxes["Dry shipper 1"]
        pack_all(journeys, box)
        await desk.sign_in("TECH-A1")
        await open_rack(desk, UNPACK)
        await desk.see(box)
        assert "0/2" in desk.told or "2 expected" in desk.told, desk.told
        await desk.see(cassette(journeys[0]))
        await desk.command("DONE")
        assert f"{in_groups(journeys[1].bag)} is missing. Why?" in desk.screen
        await desk.type("1")
        await desk.pin("TECH-A1")
        await desk.second("TECH-A2")
        assert "1 unit in one act" in desk.told, desk.told
        said = desk.tracker.read.trail(coi=journeys[0].coi).entries[-1].entry.statement
        assert said.kind == "unpacked" and said.payload.reason == "contents_differ"


async def test_a_count_of_a_box_records_nothing_and_keeps_a_table(tmp_path: Path) -> None:
    """What is found, missing and unexpected stands in a file; the chains are as long as before."""
    async with desk_at("COLL-A", tmp_path) as desk:
        one, two, three = frozen(desk, 3)
        box = desk.network.boxes["Dry shipper 1"]
        pack_all([one, two], box)
        before = [len(desk.tracker.read.trail(coi=each.coi).entries) for each in (one, two, three)]
        await desk.sign_in("TECH-A1")
        await open_rack(desk, COUNT_BOX)
        await desk.see(box)
        assert "2 expected" in desk.told
        await desk.see(cassette(one))
        await desk.see(cassette(three))
        assert "not expected there" in desk.told
        await desk.command("DONE")
        await desk.type("2")
        await desk.type("6")
        assert "1 found, 2 differ. Nothing was recorded" in desk.told, desk.told
        (path,) = desk.app.session.folder.glob("count-*.csv")
        rows = {row[0]: (row[3], row[6]) for row in csv.reader(path.read_text().splitlines()) if row[0]}
        assert rows[one.bag] == ("found", "") and rows[two.bag] == ("missing", "label_unreadable")
        assert rows[three.bag] == ("unexpected", "other")
        assert before == [len(desk.tracker.read.trail(coi=each.coi).entries) for each in (one, two, three)]


async def test_a_burst_of_scans_is_counted_to_the_last(tmp_path: Path) -> None:
    """Scans without a pause between them, of the same two things: none lost, none doubled."""
    async with desk_at("COLL-A", tmp_path) as desk:
        one, two = frozen(desk, 2)
        await desk.sign_in("TECH-A1")
        screen = await open_rack(desk, RETRIEVE)
        await desk.see(desk.network.storage["COLL-A"])
        for number in range(60):
            burst(desk.app, code_of(cassette(one if number % 2 else two)) + "\r")
        await rest(desk.pilot, desk.busy)
        assert screen.rack is not None
        assert (len(screen.rack.taken), screen.rack.again) == (2, 58)


async def test_discarding_many_scans_takes_two_keys(tmp_path: Path) -> None:
    """One Esc warns; a scan after it is counted as before."""
    async with desk_at("COLL-A", tmp_path) as desk:
        one, two = frozen(desk, 2)
        await desk.sign_in("TECH-A1")
        screen = await open_rack(desk, RETRIEVE)
        assert screen.rack is not None
        await desk.see(desk.network.storage["COLL-A"])
        await desk.see(cassette(one))
        await desk.press("escape")
        assert "1 scan would be lost" in desk.told
        await desk.see(cassette(two))
        await desk.press("escape")
        assert len(screen.rack.taken) == 2
        await desk.press("escape")
        assert screen.rack.is_empty and "nothing was recorded" in desk.told


async def test_a_scan_right_after_done_is_thrown_away_aloud(tmp_path: Path) -> None:
    """It belongs to no set: neither to the one being signed nor, unseen, to the next."""
    async with desk_at("COLL-A", tmp_path) as desk:
        one, two = frozen(desk, 2)
        await desk.sign_in("TECH-A1")
        screen = await open_rack(desk, RETRIEVE)
        await desk.see(desk.network.storage["COLL-A"])
        await desk.see(cassette(one))
        burst(desk.app, f"{COMMAND['DONE']}\r{code_of(cassette(two))}\r")
        await rest(desk.pilot, desk.busy)
        await desk.pin("TECH-A1")
        assert "thrown away" in desk.told, desk.told
        assert screen.rack is not None and screen.rack.is_empty
        assert last_kind(one.state, one.bag) == "retrieved"
        assert last_kind(two.state, two.bag) == "stored"


async def test_of_two_who_take_one_bag_the_second_is_told_who_and_when(tmp_path: Path) -> None:
    """Another terminal retrieves it between scan and signature: nothing is written, the answer names them."""
    async with desk_at("COLL-A", tmp_path) as desk:
        one, two = frozen(desk, 2)
        await desk.sign_in("TECH-A1")
        screen = await open_rack(desk, RETRIEVE)
        await desk.see(desk.network.storage["COLL-A"])
        for each in (one, two):
            await desk.see(cassette(each))
        elsewhere = Tracker.open(url=f"sqlite:///{desk.path}", environment=Environment(desk.clock, cost=WEAK))
        other = replace(one, network=replace(one.network, tracker=elsewhere))
        other.retrieve("TECH-A2", "COLL-A", (one.bag,))
        elsewhere.close()
        await desk.command("DONE")
        assert "retrieved at" in desk.told and "TECH-A2" in desk.told, desk.told
        await desk.press("f3")
        assert screen.rack is not None and set(screen.rack.taken) == {two.bag}
        await desk.command("DONE")
        await desk.pin("TECH-A1")
        assert "1 unit in one act" in desk.told, desk.told
        assert last_kind(two.state, two.bag) == "retrieved"


async def test_a_store_that_is_gone_keeps_what_was_scanned(tmp_path: Path) -> None:
    """The scan meanwhile says that it does not count; when the store is back, the tally goes on."""
    async with desk_at("COLL-A", tmp_path) as desk:
        one, two = frozen(desk, 2)
        await desk.sign_in("TECH-A1")
        screen = await open_rack(desk, RETRIEVE)
        await desk.see(desk.network.storage["COLL-A"])
        await desk.see(cassette(one))
        gone = StoreError("The store cannot be reached.", remedy="Look at the network.")

        def unreachable(_: str) -> RackItem:
            raise gone

        with patch.object(screen, "judge", unreachable):
            await desk.see(cassette(two))
            assert "THIS scan does not count; 1 scanned before it are kept" in desk.told
        await desk.see(cassette(two))
        assert screen.rack is not None and len(screen.rack.taken) == 2


async def test_a_tally_outlasts_a_lock_and_is_named_to_the_next(tmp_path: Path) -> None:
    """The same person goes on scanning; another one is told of it, in each chain, and scans again."""
    async with desk_at("COLL-A", tmp_path) as desk:
        one, two = frozen(desk, 2)
        await desk.sign_in("TECH-A1")
        screen = await open_rack(desk, RETRIEVE)
        await desk.see(desk.network.storage["COLL-A"])
        await desk.see(cassette(one))
        await desk.press("ctrl+k")
        assert "1 scanned, not signed" in desk.screen
        await desk.scan(desk.badge("TECH-A1"))
        await desk.type(desk.network.password("TECH-A1"))
        await desk.see(cassette(two))
        assert screen.rack is not None and len(screen.rack.taken) == 2
        await desk.press("ctrl+k")
        await desk.scan(desk.badge("TECH-A2"))
        await desk.type(desk.network.password("TECH-A2"))
        await desk.press("f10")
        await desk.pin("TECH-A2")
        assert "had entered and not signed" in desk.told, desk.told
        for journey in (one, two):
            last = desk.tracker.read.trail(coi=journey.coi).entries[-1].entry.statement
            assert isinstance(last.payload, TakenOver) and last.payload.tallied == (journey.bag,)


async def test_a_resize_loses_neither_lock_nor_tally(tmp_path: Path) -> None:
    """Narrower and wider while locked and in the middle of a task: what was scanned stays, and is signed."""
    async with desk_at("COLL-A", tmp_path) as desk:
        one, two = frozen(desk, 2)
        await desk.sign_in("TECH-A1")
        screen = await open_rack(desk, RETRIEVE)
        await desk.see(desk.network.storage["COLL-A"])
        await desk.see(cassette(one))
        await desk.press("ctrl+k")
        for size in ((120, 40), (76, 22), (80, 24)):
            await desk.pilot.resize_terminal(*size)
            await rest(desk.pilot, desk.busy)
            assert "LOCKED" in desk.screen and not desk.app.session.is_open
        await desk.scan(desk.badge("TECH-A1"))
        await desk.type(desk.network.password("TECH-A1"))
        await desk.pilot.resize_terminal(200, 60)
        await desk.see(cassette(two))
        await desk.pilot.resize_terminal(80, 24)
        assert screen.rack is not None and len(screen.rack.taken) == 2
        assert "2 can be signed" in desk.screen
        await desk.command("DONE")
        await desk.pin("TECH-A1")
        assert "2 units in one act" in desk.told, desk.told
