"""The screens on a real store: signing in, handing over, stopping, discarding, and what nobody may do."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from labels.keyed import in_groups
from schema.errors import OutcomeUnknown, StoreUnreachable
from schema.identifiers import first_copy
from schema.vocabulary import EntryMode, Grade, Meaning, ReadMode
from tests.support.front_desk import COMMAND, Desk, code_of, desk_at, rest
from tests.support.gallery.story import another
from tests.support.terminal import burst, by_hand
from tests.tui.screens.test_journey import WRISTBAND, enroll, hand_box, wristband
from tracker.answers import Answer
from tracker.demo import stages
from tracker.demo.journey import Journey
from tracker.tracker import Tracker
from tracker.values import Proposal, Waiting
from tracker.views.models import TrailEntry
from tui import app
from tui.answers import ok
from tui.forms.prompts import FieldAnswer
from tui.forms.reading import read_prompt
from tui.framing import RawScan
from tui.looking import ScannedThing, look
from tui.screens.home import HomeScreen
from tui.screens.sign import SignScreen
from tui.screens.signin import SignInScreen
from tui.screens.step import StepScreen
from tui.screens.stop import StopScreen
from tui.screens.trail import TrailScreen, TrailTable

OTHERS_BAND = ("DEMO-HA-00008", "DEMO-P-00008")
OTHER_NUMBERS = tuple(
    zip(OTHERS_BAND, ("hospital number of HOSPITAL-A", "program number of PROGRAM"), strict=True)
)


def events_of(desk: Desk, coi: str) -> tuple[TrailEntry, ...]:
    """The trail of a therapy."""
    return desk.tracker.read.trail(coi=coi).entries


def kinds(desk: Desk, coi: str) -> list[str]:
    """The kinds of a therapy's events, in order."""
    return [one.entry.statement.kind for one in events_of(desk, coi)]


def packed(desk: Desk) -> tuple[Journey, str, str]:
    """A therapy whose bag waits in a sealed box at the collection center."""
    journey = desk.story()
    journey.enroll()
    stages.collect_and_freeze(journey)
    box = journey.network.boxes["Dry shipper 1"]
    seal = stages.pack(journey, "TECH-A1", "TECH-A2", "COLL-A", box, "MFG-1")
    return journey, box, seal


async def test_signing_in_by_badge_and_by_staff_id(tmp_path: Path) -> None:
    """A badge or a typed staff id, then the password; the header then says who it is."""
    async with desk_at("COLL-A", tmp_path) as desk:
        desk.signs_in_by_hand = True
        assert isinstance(desk.app.screen, SignInScreen)
        await desk.sign_in("NURSE-A1")
        assert desk.network.names["NURSE-A1"] in desk.screen
        await desk.press("ctrl+x")
        assert "nobody signed in" in desk.screen
        await desk.type("nurse-a2")
        await desk.type(desk.network.password("NURSE-A2"))
        assert desk.app.session.staff == "NURSE-A2"


async def test_a_staff_id_typed_as_fast_as_a_scanner_signs_in(tmp_path: Path) -> None:
    """Given a remote terminal that sends a whole line at once, the staff id is taken; the password proves."""
    async with desk_at("COLL-A", tmp_path) as desk:
        await desk.scan("NURSE-A1")
        assert desk.told.startswith("OK: Staff id read."), desk.told
        await desk.type(desk.network.password("NURSE-A1"))
        assert desk.app.session.staff == "NURSE-A1"


async def test_findings_f6_each_station_stands_on_a_line_of_its_own(tmp_path: Path) -> None:
    """F7 before signing in, where the store is not for patients."""
    async with desk_at("COLL-A", tmp_path) as desk:
        await desk.press("f7")
        lines = [line for line in desk.screen.splitlines() if "COLL-A-01" in line or "MFG-1-01" in line]
        assert "<0a>" not in desk.screen
        assert not any("COLL-A-01" in line and "MFG-1-01" in line for line in lines) and len(lines) >= 2


async def test_wrong_passwords_lock_one_person_out_here(tmp_path: Path) -> None:
    """Five failures lock this person at this station, which is said with its end; nobody else is."""
    async with desk_at("COLL-A", tmp_path) as desk:
        desk.signs_in_by_hand = True
        for _ in range(5):
            await desk.scan(desk.badge("NURSE-A1"))
            await desk.type("not the password")
        await desk.scan(desk.badge("NURSE-A1"))
        await desk.type(desk.network.password("NURSE-A1"))
        assert "is locked at the station COLL-A-01 until" in desk.told
        assert "record on paper" in desk.told
        until = f"{desk.app.session.local(desk.clock.now()) + timedelta(minutes=15):%H:%M}"
        assert f"NURSE-A1 is locked out here until {until}." in desk.screen, "by the clock on the wall"
        assert "not the password" not in desk.screen
        await desk.sign_in("NURSE-A2")


async def test_strange_badges_are_refused_with_a_way_on(tmp_path: Path) -> None:
    """A unit's code, a badge of nobody and a made-up staff id let nobody in."""
    async with desk_at("COLL-A", tmp_path) as desk:
        for code in (first_copy("UD234567892").text, first_copy("PD234567892").text, "NOBODY-1"):
            await desk.scan(code)
            assert desk.told.startswith("CHECK")
            assert isinstance(desk.app.screen, SignInScreen)


async def test_a_closed_box_takes_four_scans_one_pin_and_one_password(tmp_path: Path) -> None:
    """Box, seal, ALL-IN-ORDER, PIN, badge, password; custody moves to the carrier."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, box, seal = packed(desk)
        await desk.sign_in("TECH-A1")
        desk.scans = desk.keys = 0
        await hand_box(desk, box, seal, "TECH-A1", "COUR-X1")
        assert desk.scans == 4
        assert desk.keys == len("123456") + len(desk.network.password("COUR-X1")) + 2
        assert kinds(desk, journey.coi)[-2:] == ["relinquished", "accepted"]
        custodian = journey.state.units[journey.bag].custodian
        assert custodian is not None and custodian.id == "CARR-X"
        last = events_of(desk, journey.coi)[-1].entry
        assert [(one.signer, one.meaning) for one in last.signatures] == [("COUR-X1", Meaning.RECEIVED)]


async def test_a_receiver_who_walks_away_leaves_the_handoff_open(tmp_path: Path) -> None:
    """The giver's half stands; the receiver takes over later, signed in, by PIN."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, box, seal = packed(desk)
        await desk.sign_in("TECH-A1")
        await desk.see(box)
        await desk.scan(seal)
        await desk.command("ALL-IN-ORDER")
        await desk.pin("TECH-A1")
        assert "Receiver: scan your badge" in desk.screen
        await desk.press("escape")
        assert "nobody has taken it" in desk.told
        assert kinds(desk, journey.coi)[-1] == "relinquished"
        await desk.sign_in("COUR-X1")
        await desk.see(box)
        assert "handed over to Polar Courier" in desk.screen
        await desk.scan(seal)
        await desk.command("ALL-IN-ORDER")
        await desk.pin("COUR-X1")
        assert kinds(desk, journey.coi)[-1] == "accepted"


async def test_the_giver_cannot_take_over_too(tmp_path: Path) -> None:
    """The badge of the person signed in is not taken for the receiver's."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, box, seal = packed(desk)
        await desk.sign_in("TECH-A1")
        await desk.see(box)
        await desk.scan(seal)
        await desk.command("ALL-IN-ORDER")
        await desk.pin("TECH-A1")
        await desk.scan(desk.badge("TECH-A1"))
        assert "the other one is asked" in desk.told
        await desk.scan(desk.badge("NURSE-A1"))
        await desk.type(desk.network.password("NURSE-A1"))
        assert "accepted" not in kinds(desk, journey.coi)[-1]


async def test_findings_b8_another_seal_stops_at_its_scan(
    tmp_path: Path,
) -> None:
    """A seal that differs stops the handoff; the receiver refuses with a reason and custody stays."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, box, seal = packed(desk)
        await desk.sign_in("TECH-A1")
        await desk.see(box)
        await desk.scan("SEAL-OTHER")
        assert isinstance(desk.app.screen, StopScreen), "compared at its scan and not four fields later"
        assert "SEAL-OTHER" in desk.screen and seal in desk.screen
        await desk.press("f3")
        await desk.scan(seal)
        assert "OK" in desk.told, "the field has waited for the right one"
        await desk.press("escape", "escape")
        stages.relinquish_box(journey, "TECH-A1", "COLL-A", box, seal)
        await desk.sign_in("COUR-X1")
        await desk.see(box)
        await desk.scan(seal)
        await desk.press("ctrl+r")
        await desk.pick("Temperature excursion")
        await desk.type("-118")
        await desk.press("f10")
        await desk.pin("COUR-X1")
        assert kinds(desk, journey.coi)[-3:] == ["refused", "deviation_drafted", "quarantined"]
        assert journey.state.units[journey.bag].handoff is None


async def test_another_patients_wristband_stops_and_is_kept(tmp_path: Path) -> None:
    """At once, before the other identifiers; Enter and scans leave the STOP there; the mix-up is recorded."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        coi = await enroll(desk)
        await desk.sign_in("NURSE-A1", "COLL-A")
        await desk.see(coi)
        await desk.choose("Identify the patient")
        await desk.scan(OTHERS_BAND[0])
        assert isinstance(desk.app.screen, StopScreen)
        for part in ("Expected", "Read", in_groups(coi), OTHERS_BAND[0], "call quality"):
            assert part in desk.screen
        await desk.press("enter", "escape")
        await desk.scan(WRISTBAND[0])
        assert isinstance(desk.app.screen, StopScreen)
        assert "1 scan was thrown away" in desk.screen
        assert kinds(desk, coi) == ["enrolled", "mixup_prevented", "deviation_drafted"]
        await desk.press("f9")
        assert "Open a deviation" in desk.screen and "Scan the COI card" not in desk.screen
        await desk.press("escape")
        await wristband(desk)
        await desk.see(coi)
        await desk.pin("NURSE-A1")
        await desk.second("NURSE-A2")
        assert kinds(desk, coi)[-1] == "patient_identified"
        (row,) = desk.tracker.read.board()
        assert "mixup_prevented" in row.attention


@pytest.mark.parametrize("how", ["typed", "chosen"])
async def test_findings_b8_a_wristband_is_compared_at_its_scan_however_the_therapy_was_chosen(
    tmp_path: Path, how: str
) -> None:
    """By its typed id, or as the line of a list: each number of another patient's band is named itself."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        coi = await enroll(desk)
        await desk.sign_in("NURSE-A1", "COLL-A")
        if how == "typed":
            await desk.type(coi)
        else:
            await desk.take_line(subject=coi)
        for given, (other, other_words) in zip(WRISTBAND, OTHER_NUMBERS, strict=True):
            await desk.choose("Identify the patient")
            if given is WRISTBAND[1]:
                await desk.scan(WRISTBAND[0])
            await desk.scan(other)
            assert isinstance(desk.app.screen, StopScreen)
            assert f"The wristband read ({other_words})" in desk.told
            assert f"{other} (scanned)" in desk.screen
            await desk.press("f3", "escape")
        assert kinds(desk, coi)[1:] == ["mixup_prevented", "deviation_drafted"] * 2


async def test_a_stop_names_the_number_that_the_rule_compared(tmp_path: Path) -> None:
    """Where a wrong number was read before a right one, it is the wrong one that stands beside READ."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        coi = await enroll(desk)
        await desk.sign_in("NURSE-A1", "COLL-A")
        await desk.see(coi)
        await desk.choose("Identify the patient")
        screen = desk.app.screen
        assert isinstance(screen, StepScreen)
        for value in (OTHERS_BAND[0], WRISTBAND[1]):
            prompt, setting = screen.form.current, screen.ready_setting()
            assert prompt is not None
            given = read_prompt(prompt, RawScan(value, ReadMode.SCANNED, 0, len(value)), None, setting)
            assert isinstance(given, FieldAnswer)
            screen.form.take(given)
        await desk.press("f10")
        await desk.see(coi)
        assert f"{OTHERS_BAND[0]} (scanned)" in desk.told


async def test_findings_b1_another_patients_bag_at_manufacture(
    tmp_path: Path,
) -> None:
    """The scan of a neighbor's unit at an identity step is evidence in the chain that was worked on."""
    async with desk_at("MFG-1", tmp_path) as desk:
        journeys = []
        for number, shipper in ((7, "Dry shipper 1"), (8, "Dry shipper 2")):
            journey = desk.story()
            journey.number = number
            box = journey.network.boxes[shipper]
            journey.enroll()
            stages.collect_and_freeze(journey)
            seal = stages.pick_up_leukapheresis(journey, box)
            stages.receive_at_manufacturer(journey, box, seal)
            journeys.append(journey)
        mine, other = journeys
        mine.retrieve("OPER-1", "MFG-1", (mine.bag,))
        await desk.sign_in("OPER-1")
        await desk.see(mine.cassettes[mine.bag])
        await desk.choose("Start manufacturing")
        await desk.see(mine.coi)
        await desk.see(other.cassettes[other.bag])
        assert isinstance(desk.app.screen, StopScreen)
        assert "it may be another" in desk.screen
        assert f"one of therapy {mine.coi}" in desk.told
        assert f"{code_of(other.cassettes[other.bag])}, off the cassette" in desk.told
        assert "mixup_prevented" in kinds(desk, mine.coi)
        assert "mixup_prevented" not in kinds(desk, other.coi)


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("CTUD234567892268", "misread"),
        (first_copy("UP234567892").text, "production store"),
        (first_copy("UD234567892").text, "this store does not know it"),
        ("[@click=app.quit]x[/][/bold", "no code of this store"),
        (COMMAND["PARTLY"], "PARTLY"),
        ("X" * 6000, "6000 characters, 4096 is the most"),
    ],
)
async def test_wrong_codes_at_a_step_have_answers_of_their_own(tmp_path: Path, code: str, part: str) -> None:
    """Misread, of another purpose, unknown, markup, a command, too long: each said, nothing recorded."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        coi = await enroll(desk)
        await desk.sign_in("NURSE-A1", "COLL-A")
        await desk.see(coi)
        await desk.choose("Identify the patient")
        await wristband(desk)
        await desk.scan(code)
        assert part in desk.told
        assert kinds(desk, coi) == ["enrolled"]


async def test_markup_in_a_scan_is_shown_and_not_obeyed(tmp_path: Path) -> None:
    """Wherever a code is shown it stands as it was read."""
    async with desk_at("COLL-A", tmp_path) as desk:
        await desk.sign_in("NURSE-A1")
        await desk.scan("x[/][@click=app.quit]quit[/]")
        assert "x[/][@click=app.quit]quit[/]" in desk.screen
        await desk.press("f2")
        await desk.scan("y[/bold][/]")
        assert "y[/bold][/]" in desk.screen
        assert desk.app.is_running


async def test_two_signatures_need_two_people_with_the_right_role(tmp_path: Path) -> None:
    """The same person, then one without the role, are refused in the dialog; nothing is written."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        coi = await enroll(desk)
        await desk.sign_in("NURSE-A1", "COLL-A")
        await desk.see(coi)
        await desk.choose("Identify the patient")
        await wristband(desk)
        await desk.see(coi)
        await desk.pin("NURSE-A1")
        await desk.second("NURSE-A1")
        assert "signed already" in desk.told
        await desk.second("COUR-X1")
        assert "COUR-X1" in desk.told
        assert isinstance(desk.app.screen, SignScreen)
        assert kinds(desk, coi) == ["enrolled"]
        await desk.second("NURSE-A2")
        assert kinds(desk, coi)[-1] == "patient_identified"


async def test_escape_discards_everything_that_is_not_signed(tmp_path: Path) -> None:
    """In the dialog after the first signature, in the form, and out of the step: nothing is written."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        coi = await enroll(desk)
        await desk.sign_in("NURSE-A1", "COLL-A")
        await desk.see(coi)
        await desk.choose("Identify the patient")
        await wristband(desk)
        await desk.see(coi)
        await desk.pin("NURSE-A1")
        await desk.press("escape")
        assert "nothing was written" in desk.told
        await desk.press("f10")
        assert isinstance(desk.app.screen, SignScreen)
        await desk.press("escape", "escape", "escape")
        assert isinstance(desk.app.screen, HomeScreen)
        assert kinds(desk, coi) == ["enrolled"]


async def test_three_wrong_pins_end_the_session(tmp_path: Path) -> None:
    """The dialog closes, nothing is written, and the next person signs in."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        coi = await enroll(desk)
        await desk.sign_in("QA-A")
        await desk.see(coi)
        await desk.press("f9")
        await desk.pick("Label")
        await desk.type("smeared [/] label")
        await desk.press("f10")
        wrong = f"{(int(desk.network.pins['QA-A']) + 1) % 1_000_000:06d}"
        for _ in range(3):
            await desk.type(wrong)
        assert isinstance(desk.app.screen, SignInScreen)
        assert "nothing was written" in desk.told
        assert kinds(desk, coi) == ["enrolled"]


async def signed_into_an_outage(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, *, was_written: bool = True
) -> str:
    """Sign a deviation of a therapy just enrolled, and lose the database meanwhile; gives the therapy."""
    coi = await enroll(desk)
    await desk.sign_in("QA-A")
    await desk.see(coi)
    await desk.press("f9")
    await desk.pick("Label")
    await desk.type("smeared label")
    conclude = desk.tracker.conclude

    def lost(*, proposal: Proposal) -> Answer:
        monkeypatch.setattr(desk.tracker, "conclude", conclude)
        if was_written:
            conclude(proposal=proposal)
        raise OutcomeUnknown("The database was lost. It is not known whether this was written.")

    monkeypatch.setattr(desk.tracker, "conclude", lost)
    await desk.press("f10")
    await desk.pin("QA-A")
    return coi


@pytest.mark.parametrize("was_written", [True, False])
async def test_availability_a3_f10_asks_for_the_very_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, was_written: bool
) -> None:
    """The database is lost while it is written: nobody is told that nothing was, and F10 writes it once."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        coi = await signed_into_an_outage(desk, monkeypatch, was_written=was_written)
        assert "not known whether this was written" in desk.told
        assert "F10 asks for the very same again" in desk.told
        assert "Nothing was written" not in desk.told
        await desk.press("f10")
        assert "signed and written" in desk.told
        assert kinds(desk, coi).count("deviation_opened") == 1


async def test_availability_a3_something_else_is_not_recorded_over_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who changes the form after the loss hears first what became of the act before."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        coi = await signed_into_an_outage(desk, monkeypatch)
        await desk.press("f4")
        await desk.type("another label")
        await desk.press("f10")
        assert "was recorded before the database was lost" in desk.told
        assert kinds(desk, coi).count("deviation_opened") == 1


async def test_availability_a3_escape_does_not_call_it_discarded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What may have been recorded is not said to be gone."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        coi = await signed_into_an_outage(desk, monkeypatch)
        await desk.press("escape")
        assert "still not known whether it was recorded" in desk.told
        assert kinds(desk, coi).count("deviation_opened") == 1


@pytest.mark.parametrize("was_written", [True, False])
async def test_availability_a5_quit_does_not_wait_and_says_what_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, was_written: bool
) -> None:
    """Who leaves while an act is being written is out within seconds, and told what is known of it."""
    monkeypatch.setattr(app, "LEAVE_SECONDS", 0.2)
    gone = Event()
    async with desk_at("TREAT-A", tmp_path) as desk:
        coi = await enroll(desk)
        await desk.sign_in("QA-A")
        await desk.see(coi)
        await desk.press("f9")
        await desk.pick("Label")
        await desk.type("smeared label")
        asked, loop = asyncio.Event(), asyncio.get_running_loop()

        def hangs(*, proposal: Proposal) -> Answer:
            loop.call_soon_threadsafe(asked.set)
            gone.wait(30)
            if was_written:
                raise OutcomeUnknown("The database was lost. It is not known whether this was written.")
            raise StoreUnreachable("The database does not answer.")

        monkeypatch.setattr(desk.tracker, "conclude", hangs)
        monkeypatch.setattr(Tracker, "give_up_waiting", gone.set)
        await desk.press("f10")
        by_hand(desk.app, desk.network.pins["QA-A"] + "\r")
        await asked.wait()
        began = time.monotonic()
        await desk.app.action_quit()
        assert time.monotonic() - began < 5
        (told,) = desk.app._exit_renderables
    if was_written:
        assert "still not known whether it was recorded" in str(told) and "trail" in str(told)
    else:
        assert "nothing was written" in str(told)


async def test_availability_a5_quit_with_nothing_open_says_nothing(tmp_path: Path) -> None:
    """There is nothing to tell, and nothing is waited for."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        await desk.sign_in("QA-A")
        await desk.app.action_quit()
        assert desk.app._exit_renderables == []


async def test_availability_a5_a_wait_is_shown_and_gone_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the database does not answer the answer bar counts down; then the answer from before is back."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        await desk.sign_in("QA-A")
        before = desk.told
        monkeypatch.setattr(Tracker, "longest_wait", lambda: Waiting(5.0, 55.0))
        await desk.app.look()
        await desk.press()
        assert "The database does not answer. It is asked again for 55 s" in " ".join(desk.screen.split())
        monkeypatch.setattr(Tracker, "longest_wait", lambda: None)
        await desk.app.look()
        await desk.press()
        assert "does not answer" not in desk.screen and desk.told == before


async def test_availability_a5_a_wait_is_shown_where_people_sign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signing is where a lost database is met most often: the dialog counts down too, and goes on."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        coi = await enroll(desk)
        await desk.sign_in("QA-A")
        await desk.see(coi)
        await desk.press("f9")
        await desk.pick("Label")
        await desk.type("smeared label")
        await desk.press("f10")
        assert isinstance(desk.app.screen, SignScreen), desk.told
        monkeypatch.setattr(Tracker, "longest_wait", lambda: Waiting(5.0, 55.0))
        await desk.app.look()
        assert "The database does not answer. It is asked again for 55 s" in " ".join(desk.screen.split())
        monkeypatch.setattr(Tracker, "longest_wait", lambda: None)
        await desk.app.look()
        assert "does not answer" not in desk.screen
        await desk.pin("QA-A")
        assert kinds(desk, coi).count("deviation_opened") == 1


@pytest.mark.waits
async def test_a_locked_database_loses_no_scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says so, the answers stay, and F10 records them once the store is free."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        coi = await enroll(desk)
        await desk.sign_in("QA-A")
        await desk.see(coi)
        await desk.press("f9")
        await desk.pick("Label")
        await desk.type("smeared label")
        monkeypatch.setattr(desk.tracker.store._engine, "_timeout", 0.2)
        other = sqlite3.connect(desk.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        await desk.press("f10")
        assert "Nothing was written and nothing is lost" in desk.told
        assert "smeared label" in desk.screen
        other.execute("ROLLBACK")
        other.close()
        await desk.press("f10")
        await desk.pin("QA-A")
        assert kinds(desk, coi)[-1] == "deviation_opened"


async def test_who_signs_out_while_the_store_is_read_leaves_no_fault_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was being looked up is for nobody any more: the next person meets no STOP of its own."""
    async with desk_at("COLL-A", tmp_path) as desk:
        coi = await enroll(desk)
        home, begun, read, loop = desk.app.screen, asyncio.Event(), Event(), asyncio.get_running_loop()
        assert isinstance(home, HomeScreen)

        def slow(*given: Any, **named: Any) -> ScannedThing:
            loop.call_soon_threadsafe(begun.set)
            read.wait(60)
            return look(*given, **named)

        monkeypatch.setattr("tui.screens.home.look", slow)
        burst(desk.app, code_of(coi) + "\r")
        await asyncio.wait_for(begun.wait(), 60)
        home.sign_out(ok("Signed out."))
        await desk.pilot.pause()
        read.set()
        await rest(desk.pilot, desk.busy)
        assert not home.is_attached and desk.told.startswith("OK: Signed out."), desk.told


async def test_what_is_done_already_is_said_with_who_and_when(tmp_path: Path) -> None:
    """Choosing a step again is a CHECK that names the person and the time."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = desk.story()
        journey.enroll()
        stages.collect_and_freeze(journey)
        await desk.sign_in("TECH-A1")
        await desk.see(journey.cassettes[journey.bag])
        number = desk.number_of("Freeze")
        await desk.type(str(number))
        assert desk.told.startswith("CHECK: Freeze: already done")
        assert "by TECH-A1" in desk.told


async def test_a_typed_code_is_verified_by_a_second_person(tmp_path: Path) -> None:
    """The dialog lists what was typed by hand; who has no badge at hand gives the staff id in its place."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = desk.story()
        journey.enroll()
        stages.collect_and_freeze(journey)
        await desk.sign_in("TECH-A1")
        await desk.type(code_of(journey.cassettes[journey.bag]))
        await desk.choose("Retrieve")
        await desk.press("f10")
        await desk.see(journey.network.storage["COLL-A"])
        assert "TYPED BY HAND" in desk.screen and "verified" in desk.screen
        await desk.pin("TECH-A1")
        await desk.type("tech-a2")
        await desk.type(desk.network.password("TECH-A2"))
        last = events_of(desk, journey.coi)[-1]
        assert "typed" in last.marks
        assert [(one.signer, one.meaning) for one in last.entry.signatures] == [
            ("TECH-A1", Meaning.PERFORMED),
            ("TECH-A2", Meaning.VERIFIED),
        ]


async def test_what_happened_against_a_rule_takes_a_word_a_reason_and_two_people(tmp_path: Path) -> None:
    """F11 after the refusal; the record is marked for ever and a deviation is drafted."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = desk.story()
        journey.enroll()
        journey.identify()
        journey.collect()
        await desk.sign_in("NURSE-A1")
        await desk.see(journey.bag)
        await desk.press("f11")
        assert "refused first" in desk.told
        number = desk.number_of("Freeze")
        await desk.type(str(number))
        assert "F11" in desk.told
        await desk.press("f11")
        await desk.type("happened")
        assert "is not the word" in desk.told
        await desk.type("HAPPENED")
        await desk.pick("Somebody with a part")
        await desk.pick("Performed before entry")
        await desk.type("frozen in the bag, no cassette")
        await desk.see(journey.bag)
        await desk.command("DONE")
        assert "OUTSIDE RULES" in desk.screen
        await desk.pin("NURSE-A1")
        await desk.second("TECH-A1")
        frozen = next(
            one for one in events_of(desk, journey.coi) if one.entry.statement.kind == "cryopreserved"
        )
        assert "too_early" in frozen.entry.statement.outside_rules
        assert journey.state.outside


async def test_findings_g1_what_an_outsider_did_is_attested_by_two_with_name_and_employer(
    tmp_path: Path,
) -> None:
    """F11 at a step that nothing forbids asks who did it; the name is shown for signing and kept sealed."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = desk.story()
        journey.enroll()
        stages.collect_and_freeze(journey)
        await desk.sign_in("TECH-A1")
        await desk.see(journey.cassettes[journey.bag])
        await desk.choose("Retrieve")
        await desk.press("f11")
        assert "somebody without a part in the therapy did" in desk.told
        await desk.type("HAPPENED")
        assert "Name of who did it" in desk.screen
        await desk.type("Toni Tank")
        await desk.type("Nitrogen Service Ltd")
        await desk.pick("Other")
        await desk.type("took it out while he repaired the tank")
        await desk.press("f10")
        await desk.see(journey.network.storage["COLL-A"])
        assert "DONE BY" in desk.screen and "Toni Tank, Nitrogen Service Ltd" in desk.screen
        assert "attester" in desk.screen
        await desk.pin("TECH-A1")
        await desk.second("TECH-A2")
        last = next(one for one in events_of(desk, journey.coi) if one.entry.statement.kind == "retrieved")
        doer = last.entry.statement.payload.doer
        assert doer is not None and doer.evidence is Grade.ATTESTED
        assert last.entry.statement.outside_rules == ("no_part",)
        assert [(one.signer, one.meaning) for one in last.entry.signatures] == [
            ("TECH-A1", Meaning.ATTESTED),
            ("TECH-A2", Meaning.WITNESSED),
        ]
        assert b"Toni" not in last.entry.body and b"Nitrogen" not in last.entry.body


async def test_findings_g1_f11_after_a_refusal_asks_whether_an_outsider_did_it(tmp_path: Path) -> None:
    """Both lie outside the rules then: the rule that was broken, and who broke it."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = desk.story()
        journey.enroll()
        journey.identify()
        journey.collect()
        await desk.sign_in("NURSE-A1")
        await desk.see(journey.bag)
        await desk.type(str(desk.number_of("Freeze")))
        await desk.press("f11")
        await desk.type("HAPPENED")
        await desk.pick("Somebody without a part")
        await desk.type("Toni Tank")
        await desk.type("Nitrogen Service Ltd")
        await desk.pick("Other")
        await desk.type("frozen in the bag by a visitor")
        await desk.see(journey.bag)
        await desk.command("DONE")
        await desk.pin("NURSE-A1")
        await desk.second("TECH-A1")
        said = next(
            one.entry.statement
            for one in events_of(desk, journey.coi)
            if one.entry.statement.kind == "cryopreserved"
        )
        assert said.payload.doer is not None
        assert {"too_early", "no_part"} <= {*said.outside_rules}


async def test_findings_g1_a_refusal_for_no_part_says_who_records_it_instead(tmp_path: Path) -> None:
    """Who has no part is refused without F11, and told that two people who work there have it."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = desk.story()
        journey.enroll()
        stages.collect_and_freeze(journey)
        await desk.sign_in("AUDIT-1")
        await desk.see(journey.cassettes[journey.bag])
        await desk.type(str(desk.number_of("Retrieve")))
        assert "no part in this therapy" in desk.told, desk.told
        assert "two people who work there record it" in desk.told and "F11" in desk.told
        assert "Ctrl+F opens its trail" in desk.told and desk.screen.count("has no part") == 1
        await desk.press("right")
        assert desk.screen.count("has no part") == 2
        await desk.press("left")
        assert desk.screen.count("has no part") == 1
        await desk.press("f11")
        assert "refused first" in desk.told


async def test_a_late_entry_declares_its_time_and_why(tmp_path: Path) -> None:
    """F6 asks both first; the trail says late."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = desk.story()
        journey.enroll()
        stages.collect_and_freeze(journey)
        happened = desk.app.session.now().strftime("%Y-%m-%d %H:%M")
        await desk.sign_in("TECH-A1")
        await desk.see(journey.cassettes[journey.bag])
        await desk.choose("Retrieve")
        await desk.press("f6")
        assert "LATE ENTRY" in desk.screen
        await desk.type("yesterday")
        assert "is no time" in desk.told
        await desk.type(happened)
        await desk.pick("Network down")
        await desk.command("DONE")
        await desk.see(journey.network.storage["COLL-A"])
        await desk.pin("TECH-A1")
        last = events_of(desk, journey.coi)[-1].entry.statement
        assert (last.kind, last.mode) == ("retrieved", EntryMode.LATE)


async def test_findings_a9_a_late_put_away_takes_a_second_person(tmp_path: Path) -> None:
    """Out an hour, said to be back after five minutes: somebody else signs that, and CHECK says why."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = desk.story()
        journey.enroll()
        stages.collect_and_freeze(journey)
        journey.retrieve("TECH-A1", "COLL-A", (journey.bag,))
        happened = (desk.app.session.now() + timedelta(minutes=5)).strftime("%Y-%m-%d %H:%M")
        journey.wait(minutes=60)
        await desk.sign_in("TECH-A1")
        await desk.see(journey.cassettes[journey.bag])
        await desk.type(str(desk.number_of("Put away")))
        assert "exceeded by 30 min" in desk.told and "F11, then F6" in desk.told, desk.told
        await desk.press("f11")
        await desk.press("f6")
        await desk.type(happened)
        await desk.pick("Network down")
        await desk.command("DONE")
        await desk.see(journey.network.storage["COLL-A"])
        await desk.pin("TECH-A1")
        assert "verified     second person" in desk.screen, desk.screen
        assert "Entered live it would be refused" in desk.screen
        await desk.second("TECH-A2")
        last = events_of(desk, journey.coi)[-1].entry
        assert (last.statement.kind, last.statement.mode) == ("stored", EntryMode.LATE)
        assert [(one.signer, one.meaning) for one in last.signatures] == [
            ("TECH-A1", "performed"),
            ("TECH-A2", "verified"),
        ]
        assert "CHECK" in desk.screen and "Entered live it would be refused" in desk.told, desk.told


async def test_a_paper_entry_is_transcribed_and_verified(tmp_path: Path) -> None:
    """The actor is who the paper names; the person signed in transcribes, a second one verifies."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = desk.story()
        journey.enroll()
        stages.collect_and_freeze(journey)
        happened = desk.app.session.now().strftime("%Y-%m-%d %H:%M")
        await desk.sign_in("TECH-A2")
        await desk.see(journey.cassettes[journey.bag])
        await desk.choose("Retrieve")
        await desk.press("f7")
        await desk.command("DONE")
        await desk.type("TECH-A1")
        await desk.type(happened)
        await desk.pick("Power failure")
        await desk.command("DONE")
        await desk.see(journey.network.storage["COLL-A"])
        await desk.pin("TECH-A2")
        await desk.second("NURSE-A1")
        last = events_of(desk, journey.coi)[-1].entry
        assert (last.statement.actor, last.statement.entered_by) == ("TECH-A1", "TECH-A2")
        assert [one.meaning for one in last.signatures] == [Meaning.TRANSCRIBED, Meaning.VERIFIED]


async def test_board_therapy_and_trail_show_places_times_marks_and_signatures(tmp_path: Path) -> None:
    """Enter opens the therapy of the chosen line, F7 its trail; an event has its signatures and receipt."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, _, _ = packed(desk)
        await desk.sign_in("AUDIT-1", "MFG-1")
        await desk.press("f6")
        assert in_groups(journey.coi) in desk.screen and "○ 1 on time" in desk.screen
        await desk.press("enter")
        for part in (in_groups(journey.coi), "COLL-A › MFG-1 › TREAT-A", "Limits", "Pack and seal"):
            assert part in desk.screen
        await desk.press("f7")
        for part in (f"{in_groups(journey.coi)}  active", "Pack and seal", "TECH-A1", "witnessed", "CTR"):
            assert part in desk.screen
        await desk.press("up", "escape", "escape", "escape")
        assert isinstance(desk.app.screen, HomeScreen)


async def test_a_trail_of_more_events_than_a_table_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The arrows go through every event, Home and End to the first and the last of the chain."""
    monkeypatch.setattr("tui.screens.trail.LINES_MAX", 6)
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = desk.story()
        journey.enroll()
        stages.collect_and_freeze(journey)
        await desk.sign_in("TECH-A1")
        screen = TrailScreen(desk.app.session, journey.coi)
        desk.app.push_screen(screen)
        await rest(desk.pilot, desk.busy)
        assert screen.trail is not None
        count = len(screen.trail.entries)
        table = screen.query_one(TrailTable)
        assert count > 8 and screen.chosen == count - 1 and table.row_count == 6
        seen = [screen.chosen]
        while screen.chosen:
            await desk.press("up")
            seen.append(screen.chosen)
        assert seen == list(range(count - 1, -1, -1)) and table.row_count == 6
        for key, expected in (("end", count - 1), ("home", 0)):
            await desk.press(key)
            assert screen.chosen == expected
            assert f"Event {expected}" in desk.screen
        for _ in range(count):
            await desk.press("pagedown")
        assert screen.chosen == count - 1


async def test_the_board_is_narrowed_by_keys_and_by_typing(tmp_path: Path) -> None:
    """Left and Right choose a state, typing what has that code, site or holder; Esc shows all again."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, _, _ = packed(desk)
        other = another(journey, 8)
        other.enroll()
        codes = {in_groups(journey.coi), in_groups(other.coi)}

        def shown() -> set[str]:
            return {code for code in codes if code in desk.screen}

        await desk.sign_in("AUDIT-1", "MFG-1")
        await desk.press("f6")
        assert shown() == codes and " All 2 " in desk.screen
        await desk.press("right")
        assert shown() == {in_groups(journey.coi)}
        await desk.press("right")
        assert shown() == {in_groups(other.coi)}
        await desk.press("escape")
        assert shown() == codes
        await desk.type(other.coi[:6].lower())
        assert shown() == {in_groups(other.coi)} and "1 found" in desk.screen
        await desk.press("escape", "f4")
        assert shown() == codes and "site MFG-1" in desk.screen
        await desk.press("escape", "escape")
        assert isinstance(desk.app.screen, HomeScreen)


async def test_labels_and_slips_are_files_in_the_folder_that_is_shown(tmp_path: Path) -> None:
    """F8 prints the next copy of the unit's code, and the slip of a handoff."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, box, seal = packed(desk)
        stages.relinquish_box(journey, "TECH-A1", "COLL-A", box, seal)
        await desk.sign_in("TECH-A1")
        await desk.see(journey.bag)
        await desk.press("f8")
        await desk.type("1")
        assert "not printed yet" in desk.told and not (tmp_path / "labels").exists()
        await desk.press("f8")
        assert "further copy" in desk.screen.lower(), desk.told
        await desk.type("1")
        await desk.press("escape")
        await desk.see(box)
        await desk.press("f8")
        await desk.type("2")
        await desk.press("f8")
        assert "slip" in desk.told.lower(), desk.told
        files = sorted(path.name for path in (tmp_path / "labels").iterdir())
        assert len(files) == 2 and any(journey.bag in name for name in files)


async def test_asking_what_a_code_is_records_nothing(tmp_path: Path) -> None:
    """F2 reads units, badges, donation numbers and damaged codes alike."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, _, _ = packed(desk)
        before = len(kinds(desk, journey.coi))
        await desk.sign_in("TECH-A1")
        await desk.press("f2")
        for code, part in (
            (code_of(journey.bag), "leukapheresis"),
            (desk.badge("NURSE-A1"), "NURSE-A1"),
            ("=A99992600000700", "A9999"),
            ("CTUD234567892268", "misread"),
        ):
            await desk.scan(code)
            assert part in desk.screen
        assert len(kinds(desk, journey.coi)) == before


async def test_a_home_scan_too_old_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was scanned minutes ago is not what is in the hand now."""
    monkeypatch.setattr("tui.screens.form.filling.SCANNED_WITHIN", -1.0)
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, _, _ = packed(desk)
        await desk.sign_in("NURSE-A1")
        await desk.see(journey.coi)
        await desk.press("f9")
        assert "Scan the COI card" in desk.screen


async def test_control_x_signs_out_from_every_screen_on_which_nothing_is_entered(tmp_path: Path) -> None:
    """From storage at once; from a form with something in it only when that was discarded."""
    async with desk_at("COLL-A", tmp_path) as desk:
        await desk.sign_in("LAB-A1")
        await desk.press("ctrl+u", "ctrl+y")
        assert desk.told == "CHECK: ^Y: nothing here; after Esc it is: Show today. "
        await desk.press("ctrl+x")
        assert isinstance(desk.app.screen, SignInScreen)
        assert not desk.app.session.is_open
        await desk.press("ctrl+k")
        assert desk.told == "CHECK: ^K: Nobody is signed in here. "

        coi = await enroll(desk)
        await desk.sign_in("NURSE-A1", "COLL-A")
        await desk.see(coi)
        await desk.choose("Identify the patient")
        await wristband(desk)
        await desk.press("ctrl+x")
        assert isinstance(desk.app.screen, StepScreen)
        assert desk.told == "CHECK: ^X: Something is entered and not signed: Esc discards it first. "
        await desk.press("escape", "ctrl+x")
        assert isinstance(desk.app.screen, SignInScreen)


async def test_findings_f10_what_is_too_long_has_one_answer_on_every_screen(tmp_path: Path) -> None:
    """Nothing of a paste of ten thousand characters is taken, and each screen says how many came."""
    said = "CHECK: The scan has 10000 characters, 4096 is the most. Nothing was taken. Scan one label"
    async with desk_at("TREAT-A", tmp_path) as desk:
        await desk.sign_in("COORD-A")
        for key in ("f5", "f11"):  # Today, then the week
            await desk.press(key)
            await desk.scan("X" * 10_000)
            assert desk.told.startswith(said)


async def test_f2_after_a_check_explains_it_and_the_code_that_it_was_about(tmp_path: Path) -> None:
    """Also of a key: what stood in the answer stands there whole."""
    async with desk_at("COLL-A", tmp_path) as desk:
        await desk.sign_in("LAB-A1")
        await desk.type("bag-12")
        assert desk.told == (
            "CHECK: bag-12 (manual) stands for nothing in this store. "
            "Nothing was recorded. Type it as it is printed, capitals as capitals."
        )
        await desk.press("f2")
        assert "bag-12 (manual) stands for nothing in this store" in desk.told
        assert "read as" in desk.screen
        await desk.press("escape", "f7", "f2")
        assert "F7: Scan a unit or COI card first." in desk.screen
