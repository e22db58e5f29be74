"""Locking, signing out and taking over: what runs stays in sight, the next person signs for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen

from labels.keyed import in_groups
from schema.events.shift import TakenOver
from schema.vocabulary import Meaning
from tests.support.front_desk import Desk, code_of, desk_at, rest
from tests.support.invariants import require_projections
from tests.support.journeys import World
from tests.support.rule_cases import Case
from tests.tui.screens.test_journey import wristband
from tracker.demo.journey import Journey, scan
from tracker.demo.stages import bring_to_lab
from tracker.therapy.shift import TakeOver
from tracker.views.models import TrailEntry
from tui.screens.home import HomeScreen
from tui.screens.lock import LockScreen
from tui.screens.shift import LeavingScreen, TakeOverScreen
from tui.screens.signin import SignInScreen
from tui.screens.step import StepScreen

Cases = Callable[[str], Case]
Worlds = Callable[[str], World]


def test_the_taker_signs_what_the_chain_says_is_open(case: Cases) -> None:
    """A running clock of what the one before touched last, from the chain and not from the request."""
    one = case("thawed")
    (draft,) = one.do(TakeOver, "PHARM-A", from_staff="LAB-A1", therapies=(scan(one.one.coi),))
    payload = draft.payload
    assert isinstance(payload, TakenOver) and payload.from_staff == "LAB-A1"
    assert {clock.limit for clock in payload.clocks} >= {"thaw_to_infusion"}
    assert [slot.meaning for slot in draft.slots] == [Meaning.PERFORMED]


def test_no_chain_hears_of_another_therapy(case: Cases) -> None:
    """Two therapies with something open: one statement each, tallied units only of its own."""
    one = case("thawed")
    tallied = (one.one.products[0], one.two.products[0])
    drafts = one.do(
        TakeOver,
        "PHARM-A",
        from_staff="LAB-A1",
        therapies=(scan(one.one.coi), scan(one.two.coi)),
        tallied=tallied,
    )
    assert {draft.chain for draft in drafts} == {one.one.coi, one.two.coi}
    for draft in drafts:
        assert isinstance(draft.payload, TakenOver)
        other = one.two if draft.chain == one.one.coi else one.one
        assert other.coi not in str(draft.payload.to_json()) and len(draft.payload.tallied) == 1
        assert other.products[0] not in str(draft.payload.to_json())


@pytest.mark.parametrize(
    ("actor", "before", "rule"),
    [
        ("LAB-A1", "LAB-A1", "same_person"),
        ("PHARM-A", "NOBODY-9", "person_unknown"),
        ("AUDIT-1", "LAB-A1", "no_part"),
        ("PHARM-A", "DOC-A2", "nothing_open"),
    ],
)
def test_who_may_not_take_over(case: Cases, actor: str, before: str, rule: str) -> None:
    """Not from oneself, from a stranger, by somebody who only reads, or where nothing is open."""
    one = case("thawed")
    found = one.refusal(TakeOver, actor, at="TREAT-A", from_staff=before, therapies=(scan(one.one.coi),))
    assert found.rule == rule


def test_taken_over_is_recorded_and_replays(world: Worlds) -> None:
    """It moves no custody, is signed by the taker, and the read tables equal their replay."""
    made = world("thawed")
    before = made.state().units[made.one.products[0]].custodian
    made.do(TakeOver, "PHARM-A", from_staff="LAB-A1", therapies=(scan(made.one.coi),))
    last = made.entries(made.one.coi)[-1]
    assert last.statement.kind == "taken_over"
    assert [(one.signer, one.meaning) for one in last.signatures] == [("PHARM-A", Meaning.PERFORMED)]
    assert made.state().units[made.one.products[0]].custodian == before
    require_projections(made, (made.one, made.two))


def is_on(desk: Desk, screen: type[Screen[Any]]) -> bool:
    """Whether a screen of that kind is in front."""
    return isinstance(desk.app.screen, screen)


def somebody_in(desk: Desk) -> bool:
    """Whether anybody is signed in."""
    return desk.app.session.is_open


def in_the_lab(desk: Desk) -> Journey:
    """A therapy whose fresh bag the technician has just taken over: its clock runs."""
    journey = desk.story()
    journey.enroll()
    journey.identify()
    journey.collect()
    bring_to_lab(journey)
    return journey


async def test_the_lock_keeps_work_and_clocks_in_sight(tmp_path: Path) -> None:
    """Ctrl+K: no patient's number, no step, but the clock; the same person goes on after a full sign-in."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = in_the_lab(desk)
        await desk.sign_in("TECH-A1")
        await desk.see(journey.bag)
        await desk.press("ctrl+k")
        assert is_on(desk, LockScreen) and not somebody_in(desk)
        assert "Collection to freezing" in desk.screen and in_groups(journey.bag) in desk.screen
        assert "Bind" not in desk.screen
        desk.clock.advance(timedelta(minutes=7))
        screen: object = desk.app.screen
        assert isinstance(screen, LockScreen)
        screen.show_header()
        now = f"{desk.app.session.local(desk.clock.now()):%H:%M}"
        clock = next(line for line in desk.screen.splitlines() if "Clock" in line)
        assert now in clock, "the clock of the card goes on"
        await desk.see(journey.bag)
        assert "NOT taken" in desk.told and "1 scan(s)" in desk.screen
        await desk.scan(desk.badge("TECH-A1"))
        await desk.type("wrong")
        assert is_on(desk, LockScreen)
        await desk.scan(desk.badge("TECH-A1"))
        await desk.type(desk.network.password("TECH-A1"))
        assert is_on(desk, HomeScreen) and desk.app.session.staff == "TECH-A1"
        assert "1 scan(s) meanwhile were not taken" in desk.told
        assert in_groups(journey.bag) in desk.screen
        assert "taken_over" not in [one.entry.statement.kind for one in trail(desk, journey)]


def trail(desk: Desk, journey: Journey) -> tuple[TrailEntry, ...]:
    """The entries of a therapy."""
    return desk.tracker.read.trail(coi=journey.coi).entries


async def test_an_idle_terminal_locks_itself(tmp_path: Path) -> None:
    """After so long without a key; a key before the end starts the time again."""
    async with desk_at("COLL-A", tmp_path) as desk:
        await desk.sign_in("TECH-A1")
        desk.app.session.idle = timedelta(seconds=1000)
        await desk.pilot.pause(1.2)
        assert is_on(desk, HomeScreen)
        desk.app.session.idle = timedelta(0)
        await desk.pilot.pause(1.3)
        assert is_on(desk, LockScreen)


async def test_the_next_person_takes_over_by_signature(tmp_path: Path) -> None:
    """The list names clock and unit; F10 and a PIN write it, then home; Esc would have signed nobody in."""
    async with desk_at("COLL-A", tmp_path) as desk:
        desk.signs_in_by_hand = True
        journey = in_the_lab(desk)
        await desk.sign_in("TECH-A1")
        await desk.press("ctrl+k")
        await desk.scan(desk.badge("TECH-A2"))
        await desk.type(desk.network.password("TECH-A2"))
        assert is_on(desk, TakeOverScreen), desk.told
        assert "TAKE OVER from" in desk.screen and "Collection to freezing" in desk.screen
        await desk.press("escape")
        assert is_on(desk, LockScreen) and not somebody_in(desk)
        await desk.scan(desk.badge("TECH-A2"))
        await desk.type(desk.network.password("TECH-A2"))
        await desk.press("f10")
        await desk.pin("TECH-A2")
        await rest(desk.pilot, desk.busy)
        assert is_on(desk, HomeScreen) and desk.app.session.staff == "TECH-A2"
        last = trail(desk, journey)[-1].entry
        assert last.statement.kind == "taken_over" and last.signatures[0].signer == "TECH-A2"


async def test_signing_out_lists_what_runs_on(tmp_path: Path) -> None:
    """Esc stays, F10 leaves; with nothing open there is no list."""
    async with desk_at("COLL-A", tmp_path) as desk:
        in_the_lab(desk)
        await desk.sign_in("TECH-A1")
        await desk.press("ctrl+x")
        assert is_on(desk, LeavingScreen) and "Collection to freezing" in desk.screen
        assert "Scan a code" not in desk.screen and "Read the list, then F10" in desk.screen
        await desk.press("escape")
        assert is_on(desk, HomeScreen) and somebody_in(desk)
        await desk.press("ctrl+x", "f10")
        assert is_on(desk, SignInScreen) and not somebody_in(desk)
        await desk.scan(desk.badge("NURSE-A1"))
        await desk.type(desk.network.password("NURSE-A1"))
        assert is_on(desk, TakeOverScreen)


async def test_an_auditor_takes_nothing_over(tmp_path: Path) -> None:
    """Somebody who only reads is let in, and named by a lock; the next technician still takes over."""
    async with desk_at("COLL-A", tmp_path) as desk:
        in_the_lab(desk)
        await desk.sign_in("TECH-A1")
        await desk.leave()
        await desk.scan(desk.badge("AUDIT-1"))
        await desk.type(desk.network.password("AUDIT-1"))
        assert is_on(desk, HomeScreen)
        desk.clock.advance(timedelta(minutes=9))
        await desk.press("ctrl+k")
        reader = desk.tracker.registry.people["AUDIT-1"].name
        assert f"{desk.app.session.now():%H:%M}, {reader} (AUDIT-1) was here" in desk.screen
        await desk.scan(desk.badge("AUDIT-1"))
        await desk.type(desk.network.password("AUDIT-1"))
        assert is_on(desk, HomeScreen)
        await desk.press("ctrl+x")
        await desk.scan(desk.badge("TECH-A2"))
        await desk.type(desk.network.password("TECH-A2"))
        assert is_on(desk, TakeOverScreen)


async def test_identity_is_scanned_again_after_a_lock(tmp_path: Path) -> None:
    """What proves who is in the chair does not outlast an absence, even of the same person."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = desk.story()
        journey.enroll()
        await desk.sign_in("NURSE-A1")
        await desk.see(journey.coi)
        await desk.choose("Identify the patient")
        await wristband(desk)
        assert is_on(desk, StepScreen)
        screen: Any = desk.app.screen
        form = screen.form
        assert not form.is_empty
        await desk.press("ctrl+k")
        assert "DEMO-HA" not in desk.screen and "ENTERED AND NOT SIGNED" in desk.screen
        await desk.scan(desk.badge("NURSE-A1"))
        await desk.type(desk.network.password("NURSE-A1"))
        assert desk.app.screen is screen
        assert form.is_empty


async def test_a_code_in_the_password_of_a_lock_is_no_password(tmp_path: Path) -> None:
    """A unit scanned into the password field is told to be lost, and the field is as it was."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = in_the_lab(desk)
        await desk.sign_in("TECH-A1")
        await desk.press("ctrl+k")
        await desk.scan(desk.badge("TECH-A1"))
        await desk.scan(code_of(journey.bag))
        assert "NOT taken" in desk.told and not somebody_in(desk)
        await desk.type(desk.network.password("TECH-A1"))
        assert is_on(desk, HomeScreen)
