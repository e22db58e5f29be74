"""The terminal and the codes of others: scanner card, labels against a manifest, whose a code could be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from labels.misreads import typed
from labels.scanner_card import CARD_CODES
from schema.entry import read_entry
from schema.events.adoption import CodesBound, ManifestForm
from schema.events.equipment import ScannerChecked
from schema.vocabulary import CodeType
from tests.support.front_desk import Desk, desk_at, rest
from tests.support.licensed import BAG, COI_040, DIN, MANIFEST, content_of
from tests.support.terminal import burst, by_hand
from tracker.demo.journey import Journey, scan
from tracker.registry.equipment.requests import RequireScannerCheck
from tracker.requests.base import AdoptedCodeGiven
from tracker.therapy.adoption import requests as adoption
from tracker.therapy.adoption.requests import AdoptCode
from tui.screens.scanner import ScannerScreen
from tui.shown_codes import grouped

CARD = list(CARD_CODES.values())


async def card(desk: Desk, *codes: str, suffix: str = "\r") -> None:
    """Open the card's screen and scan what came of its codes."""
    await desk.press("ctrl+t", "f6")
    assert isinstance(desk.app.screen, ScannerScreen)
    for code in codes:
        burst(desk.app, code + suffix)
        await rest(desk.pilot, desk.busy)
    await asyncio.sleep(0.4)
    await rest(desk.pilot, desk.busy)


def checks(desk: Desk) -> list[ScannerChecked]:
    """Every check that was kept."""
    with desk.tracker.store.read() as transaction:
        entries = [read_entry(body) for _, _, body in transaction.bodies("registry")]
    return [one.statement.payload for one in entries if isinstance(one.statement.payload, ScannerChecked)]


async def test_a_right_scanner_passes_and_is_kept(tmp_path: Path) -> None:
    """Five codes, a name, a PIN: equipment evidence of the shift, and the station has its check."""
    async with desk_at("COLL-A", tmp_path) as desk:
        await desk.sign_in("NURSE-A1")
        await card(desk, *(f"]Q1{code}" for code in CARD))
        assert desk.told.startswith("OK: PASSED"), desk.told
        await desk.type("HS-3 4711")
        await desk.pin("NURSE-A1")
        (kept,) = checks(desk)
        assert (kept.scanner, kept.result, kept.faults, kept.advice) == ("HS-3 4711", "passed", (), ())
        check = desk.tracker.registry.scanner_checks[desk.app.session.station.id]
        assert check.passed and check.by == "NURSE-A1"


@pytest.mark.parametrize(
    ("what", "suffix", "fault"),
    [
        ("azerty", "\r", "keyboard_layout"),
        ("qwertz", "\r", "keyboard_layout"),
        ("caps", "\r", "caps_lock"),
        ("lost", "\r", "lost_characters"),
        ("no gs", "\r", "separators"),
        ("right", "\r\r", "doubled_suffix"),
        ("right", "", "missing_suffix"),
    ],
)
async def test_what_is_set_wrong_is_named(tmp_path: Path, what: str, suffix: str, fault: str) -> None:
    """Each wrong setting through the real capture, in one sentence with its remedy, and kept as failed."""
    changes: Mapping[str, Callable[[str], str]] = {
        "azerty": lambda text: typed(text, "US", "French (AZERTY)"),
        "qwertz": lambda text: typed(text, "US", "German (QWERTZ)"),
        "caps": str.swapcase,
        "lost": lambda text: text[:8] + text[9:],
        "no gs": lambda text: text.replace("\x1d", ""),
        "right": str,
    }
    change = changes[what]
    async with desk_at("COLL-A", tmp_path) as desk:
        await desk.sign_in("NURSE-A1")
        await desk.press("ctrl+t", "f6")
        for code in CARD:
            burst(desk.app, change(code) + suffix)
            await rest(desk.pilot, desk.busy)
            if not suffix:
                await asyncio.sleep(1.2)
                await rest(desk.pilot, desk.busy)
        await asyncio.sleep(0.4)
        await rest(desk.pilot, desk.busy)
        assert desk.told.startswith("CHECK: FAILED"), desk.told
        burst(desk.app, "HS-3 4711\r")
        await rest(desk.pilot, desk.busy)
        assert "by hand" in desk.told and not checks(desk)
        await desk.type("HS-3 4711")
        await desk.pin("NURSE-A1")
        (kept,) = checks(desk)
        assert kept.result == "failed" and kept.faults == (fault,)


async def test_typed_by_hand_is_not_scanned(tmp_path: Path) -> None:
    """Who types the card's codes proves nothing about the scanner."""
    async with desk_at("COLL-A", tmp_path) as desk:
        await desk.sign_in("NURSE-A1")
        await desk.press("ctrl+t", "f6")
        by_hand(desk.app, CARD[2] + "\r")
        await rest(desk.pilot, desk.busy)
        await desk.press("f10")
        await desk.type("HS-3 4711")
        await desk.pin("NURSE-A1")
        assert set(checks(desk)[0].faults) == {"not_scanned", "slow"}


async def test_a_station_reminds_and_blocks_nobody(tmp_path: Path) -> None:
    """Where a check is asked for, sign-in says that it lacks; every step can be taken meanwhile."""
    async with desk_at("COLL-A", tmp_path) as desk:
        story, station = desk.story(), desk.app.session.station.id
        story.ask(RequireScannerCheck, "QA-1", "MFG-1", checked_station=station, within_hours=12)
        await desk.sign_in("NURSE-A1")
        assert "Scanner not checked this shift" in desk.told, desk.told
        story.enroll()
        story.identify()
        await card(desk, *CARD)
        await desk.type("HS-3 4711")
        await desk.pin("NURSE-A1")
        await desk.press("escape")
        await desk.sign_in("NURSE-A2")
        assert "Scanner" not in desk.told, desk.told
        desk.clock.advance(timedelta(hours=13))
        await desk.sign_in("NURSE-A1")
        assert "Scanner not checked this shift" in desk.told, desk.told


def announced(desk: Desk) -> Journey:
    """A therapy with a labeled collection bag and a manifest from the maker."""
    story = desk.story()
    story.enroll()
    story.identify()
    story.label_bag()
    story.ask(
        adoption.ReceiveManifest,
        "NURSE-A1",
        "COLL-A",
        coi=scan(story.coi),
        form=ManifestForm.CSV,
        content=content_of(MANIFEST),
    )
    return story


async def test_labels_are_bound_at_the_terminal(tmp_path: Path) -> None:
    """Card, our label, the labels of others; what is wrong stops at once, the tally stands before the PIN."""
    async with desk_at("COLL-A", tmp_path) as desk:
        story = announced(desk)
        await desk.sign_in("NURSE-A1")
        await desk.see(story.bag)
        assert "0 of 2 scanned" in desk.screen
        await desk.choose("Scan the labels of others")
        await desk.see(story.coi)
        await desk.scan(BAG["din"])
        await desk.scan("BAG-0001")
        assert desk.told.startswith("STOP") and "another container" in desk.told, desk.told
        await desk.press("f3")
        await desk.scan("STRANGE-1")
        assert desk.told.startswith("STOP") and "no manifest" in desk.told, desk.told
        await desk.press("f3")
        await desk.see(story.bag)
        assert "missing: ISBT 128 CoI of COLL-A" in desk.told, desk.told
        await desk.scan(BAG["coi"])
        assert "none missing" in desk.told, desk.told
        await desk.press("f10")
        assert "2 scanned, 0 missing" in desk.screen
        await desk.pin("NURSE-A1")
        (bound,) = [
            one.entry.statement.payload
            for one in desk.tracker.read.trail(coi=story.coi).entries
            if isinstance(one.entry.statement.payload, CodesBound)
        ]
        assert [one.value for one in bound.codes] == [DIN, COI_040] and not bound.unlisted
        await desk.scan(f"={DIN}07")
        assert grouped(story.bag) in desk.screen and "2 of 2 scanned" in desk.screen


async def test_another_patients_label_is_kept_as_prevented(tmp_path: Path) -> None:
    """Scanned among the labels it is a STOP with evidence in the expected therapy."""
    async with desk_at("COLL-A", tmp_path) as desk:
        story = announced(desk)
        other = desk.story()
        other.number = 8
        other.enroll()
        theirs = AdoptedCodeGiven(code="THEIRS-1", issuer="MAKER-B", type=CodeType.LOT)
        other.ask(AdoptCode, "NURSE-A1", "COLL-A", coi=scan(other.coi), adopted=theirs)
        await desk.sign_in("NURSE-A1")
        await desk.see(story.bag)
        await desk.choose("Scan the labels of others")
        await desk.see(story.coi)
        await desk.scan("THEIRS-1")
        assert desk.told.startswith("STOP"), desk.told
        kinds = [one.entry.statement.kind for one in desk.tracker.read.trail(coi=story.coi).entries]
        assert kinds[-2:] == ["mixup_prevented", "deviation_drafted"]


async def test_whose_a_code_could_be(tmp_path: Path) -> None:
    """A value that two issuers gave: home opens neither therapy, and F2 names both issuers."""
    async with desk_at("COLL-A", tmp_path) as desk:
        first, second = desk.story(), desk.story()
        second.number = 8
        for story, issuer in ((first, "MAKER"), (second, "OTHER")):
            story.enroll()
            code = AdoptedCodeGiven(code="SAME-1", issuer=issuer, type=CodeType.LOT)
            story.ask(AdoptCode, "NURSE-A1", "COLL-A", coi=scan(story.coi), adopted=code)
        await desk.sign_in("NURSE-A1")
        await desk.scan("SAME-1")
        assert desk.told.startswith("CHECK"), desk.told
        assert not {grouped(one.coi) for one in (first, second) if grouped(one.coi) in desk.screen}
        await desk.press("f2")
        await desk.scan("SAME-1")
        assert "MAKER, OTHER" in desk.screen and "another code" in desk.screen, desk.screen
