"""The release of one manufacture: every line with its figure and its entries, and what F10 signs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from schema.vocabulary import Disposition, Material, ReleasePredicate
from tests.support import journeys
from tests.support.front_desk import Desk, desk_at
from tests.tui.screens.test_courier import on_board
from tests.tui.screens.test_screens import kinds
from tracker.demo import stages
from tracker.demo.journey import GOOD_RESULTS, Journey, scan
from tracker.rules.release import PredicateVerdict
from tracker.rules.therapy_state import UnitState
from tracker.therapy.notes import Note
from tracker.values import PredicateAnswer, ReleaseLine, ReleaseView
from tui.screens.release import ReleaseScreen
from tui.screens.release.text import (
    WORDS,
    entries_words,
    must_lines,
    subtitle_of,
    verdict_text,
    verdict_title,
)
from tui.screens.step import StepScreen

NOW = datetime(2026, 11, 29, 22, 10, tzinfo=UTC)


def line(
    predicate: str, figure: str, answer: PredicateAnswer = PredicateAnswer.MET, *entries: int
) -> ReleaseLine:
    """One thing that must hold."""
    return ReleaseLine(PredicateVerdict(ReleasePredicate(predicate), answer, figure), entries)


def view(*lines: ReleaseLine, disposition: Disposition = Disposition.PENDING) -> ReleaseView:
    """A manufacture with one bag."""
    unit = UnitState("UDQ7M3NAK2E", Material.PRODUCT, disposition=disposition)
    return ReleaseView("CDR2RD28DDU", 1, (unit,), lines, NOW, 71)


def test_issue_16_each_line_fits_80_columns_with_shape_word_figure_and_entries() -> None:
    """Of a line that is too long the figure ends in dots; what does not hold stands below in full."""
    said = "the cell counter ED4K9R was due on 2026-11-26 and was used on 2026-11-28"
    shown = view(
        line("tests_met", "9 of 9", PredicateAnswer.MET, *range(61, 70)),
        line("instruments_qualified", said, PredicateAnswer.NOT_MET, 52),
        line("lots_good", "no lot touched the cells", PredicateAnswer.NOT_APPLICABLE),
    )
    rows = [one.plain for one in must_lines(shown, 74)]
    assert rows == [
        " 1 ● OK   tests met         9 of 9                                  #61-69",
        " 2 ■ STOP instruments       the cell counter ED4K9R was due on ...     #52",
        " 3 ○ none lots good         no lot touched the cells                      ",
    ]
    below = verdict_text(shown, 74).plain
    assert " ".join(below.split()) == f"2: instruments: {said}."
    assert verdict_title(shown) == "■ Release is not possible"
    assert subtitle_of(shown, lambda at: at) == "2 of 3 hold   as of entry #71, 29 Nov 22:10"


def test_issue_16_a_release_that_is_possible_and_one_that_is_done() -> None:
    """What would be released stands there; what is released is not released again."""
    possible = view(line("tests_met", "9 of 9"))
    assert verdict_title(possible) == "► Release is possible"
    assert "UDQ7 M3NA K2E  Pending" in verdict_text(possible, 74).plain
    done = view(line("tests_met", "9 of 9"), disposition=Disposition.RELEASED)
    assert verdict_title(done) == "● Released already"
    oos = view(line("tests_met", "9 of 9"), disposition=Disposition.RELEASED_OUT_OF_SPECIFICATION)
    assert verdict_title(oos) == "■ RELEASED OUT OF SPECIFICATION"


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ((), ""),
        ((58,), "#58"),
        ((31, 32, 33, 58), "#31-33 #58"),
        ((33, 36, 41, 44, 50), "#33 #36 +3"),
        ((131, 132, 133, 158), "#131-133 +1"),
    ],
)
def test_entries_are_told_in_eleven_columns(entries: tuple[int, ...], words: str) -> None:
    assert entries_words(entries) == words and len(words) <= 11


def test_every_predicate_has_its_words() -> None:
    assert {*WORDS} == {*ReleasePredicate} and max(map(len, WORDS.values())) <= 17


def made(desk: Desk) -> Journey:
    """A manufacture whose products are frozen and not tested yet."""
    journey, box, seal = on_board(desk)
    stages.receive_at_manufacturer(journey, box, seal)
    journeys.manufacture(journey)
    return journey


async def test_issue_16_the_qualified_person_releases_what_the_screen_shows(tmp_path: Path) -> None:
    """Untested it says why not; a record that changed under it is looked at again; then both sign."""
    async with desk_at("MFG-1", tmp_path) as desk:
        journey = made(desk)
        await desk.sign_in("QP-1")
        await desk.see(journey.products[0])
        await desk.type(str(desk.number_of("Release")))
        screen: object = desk.app.screen
        assert isinstance(screen, ReleaseScreen)
        assert "■ STOP tests met         no result: Viability" in desk.screen
        assert screen.why_not_sign() == "These lines do not hold: 1."
        journey.test(GOOD_RESULTS)
        await desk.press("f5")
        assert "9 of 9 hold" in desk.screen and screen.why_not_sign() is None
        await desk.press("f4")
        assert "Evidence of 1: tests met" in desk.screen
        assert "92 percent" in desk.screen and "entry #" not in desk.screen
        await desk.press("escape")
        journey.ask(Note, "QA-2", "MFG-1", coi=scan(journey.coi), text="The sample came late.")
        await desk.press("f10")
        assert "The record has changed while this stood here." in desk.told
        await desk.press("f10")
        assert isinstance(desk.app.screen, StepScreen)
        for unit in journey.products:
            await desk.see(journey.cassettes[unit])
        await desk.command("DONE")
        await desk.pin("QP-1")
        await desk.second("QA-2")
        assert kinds(desk, journey.coi)[-1] == "released", desk.told
        assert isinstance(desk.app.screen, ReleaseScreen) and "● Released already" in desk.screen
        await desk.press("f8")
        (paper,) = desk.app.session.folder.glob("certificate-*.pdf")
        assert paper.read_bytes().startswith(b"%PDF-1.7") and "Its code: CTR" in desk.told
