"""A patient after the infusion on one screen: given, grades, medicines, what is due, the trace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.support.front_desk import desk_at
from tests.support.gallery.condition import watched_patient
from tests.tui.screens.test_screens import kinds
from tracker.protocols.bedside import Watch
from tracker.rules.therapy_state import DoseState, Occurrence
from tracker.values import LastGrade, UnitTrace, WatchedTherapy
from tracker.views.watching import WatchRule
from tui.screens.watch import WatchScreen
from tui.screens.watch.text import due_text, facts_of, grade_lines, links_words, trace_rows, verdict_word

BEGAN = datetime(2026, 12, 1, 11, 3, tzinfo=UTC)
NOW = BEGAN + timedelta(days=3)
WATCH = Watch.model_validate(
    {
        "region": "gb", "label": "2026-07", "first_week": "2-3 times", "at_least": "P14D", "near": "P14D",
        "source": "this test",
    }
)  # fmt: skip


def graded(syndrome: str, grade: int, *signs: str, **changes: Any) -> LastGrade:
    """A grade of this morning, grave from 3 on."""
    given = {"scale": "ASTCT 2019", "at": NOW, "by": "NURSE-A1", "is_computed": True, **changes}
    return LastGrade(syndrome=syndrome, grade=grade, is_grave=grade > 2, signs=signs, **given)


def view(**changes: Any) -> WatchedTherapy:
    """One bag of tisa-cel given three days ago; nothing graded, nothing due."""
    trace = UnitTrace(
        coi="CDR2RD28DDU", unit="UDVJ6TTTPCK", title="product", ancestors=(), descendants=(),
        lots=(("GD222222223", "vector V-1"),), instruments=(), benches=("BSC-2",),
        people=("OPER-1", "WARD-A"), boxes=(), places=(), carriers=("CARR-X",),
        excursions=0, is_out_of_specification=False, grades=(),
    )  # fmt: skip
    dose = DoseState(
        Occurrence(BEGAN, "dose", 1, "DOC-A1"), "b_all", None, Decimal("31.4"), None, Decimal("6.3"), None,
        Decimal(157),
    )  # fmt: skip
    given: dict[str, Any] = {
        "coi": "CDR2RD28DDU", "product": "tisa-cel", "indication": "b_all", "containers": 1,
        "began_at": BEGAN, "day": 3, "is_running": False, "volume_ml": Decimal("28.0"),
        "cells": Decimal("65.968"), "dose": dose, "rest": (), "grades": (), "ungraded": ("CRS", "ICANS"),
        "medicines": (), "outcomes": (), "duties": (), "last_due_on": "",
        "rules": (WatchRule(WATCH, BEGAN + timedelta(days=14), BEGAN + timedelta(days=14)),),
        "is_out_of_specification": False, "recalled": (), "traces": (trace,),
    }  # fmt: skip
    return WatchedTherapy(**{**given, **changes})


def said(shown: WatchedTherapy) -> dict[str, str]:
    """Each line by its word."""
    return {label.plain: value.plain for label, value in facts_of(shown, lambda at: at)}


def test_making_section_6_what_was_given_and_what_the_label_says_of_the_days_after() -> None:
    """Cells are cut and never rounded up; what is not so has no line."""
    assert said(view()) == {
        "GIVEN": "● 1 container from 1 Dec 11:03, 28.0 mL, 65.9 million CAR+ (2.10/kg)",
        "WATCH": "2-3 times in week 1, until 15 Dec 2026, near until 15 Dec 2026 (label 2026-07, GB)",
        "TOUCHED": "lots 1, benches 1, people 2, carriers 1",
    }
    other = said(
        view(
            is_out_of_specification=True,
            recalled=("vector lot V-1, recalled",),
            rest=("UDVJ6TTTPCK",),
            cells=None,
        )
    )
    assert other["PRODUCT"] == "▲ RELEASED OUT OF SPECIFICATION"
    assert other["LOTS"] == "■ vector lot V-1, recalled"
    assert other["GIVEN"].endswith("28.0 mL\n▲ rest of UDVJ 6TTT PCK: destroy it before a witness")
    before = said(view(began_at=None, rules=(), traces=()))
    assert before == {"GIVEN": "○ no cells were given yet"}


def test_making_section_6_two_scales_are_two_lines_and_the_highest_is_the_big_word() -> None:
    """A grave grade has the shape of STOP, another that of CHECK, none that of done; each says why."""
    lee = graded("CRS", 2, "one vasopressor", scale="LEE 2014")
    found = (graded("CRS", 3, "one vasopressor", "39.1 C"), lee, graded("ICANS", 0, "ICE 10"))
    shown = view(grades=found, ungraded=("IEC-HS",))
    assert grade_lines(shown, lambda at: at, 50).plain.splitlines() == [
        "■ CRS 3  ASTCT 2019  4 Dec 11:03 NURSE-A1",
        "  one vasopressor, 39.1 C",
        "▲ CRS 2  LEE 2014  4 Dec 11:03 NURSE-A1",
        "  one vasopressor",
        "● ICANS 0  ASTCT 2019  4 Dec 11:03 NURSE-A1",
        "  ICE 10",
        "○ not graded: IEC-HS",
    ]
    assert verdict_word(shown) == "CRS 3"
    assert verdict_word(view()) == "NOT GRADED" and verdict_word(view(is_running=True)) == "INFUSING"
    assert verdict_word(view(began_at=None)) == "NOT GIVEN"
    read = view(grades=(graded("IEC-HS", 2, is_computed=False),), ungraded=())
    assert "read off the scale by the signer" in grade_lines(read, lambda at: at, 50).plain
    assert due_text(view(), NOW, lambda at: at, 40).plain == "Nothing is due."
    rows = {label.plain: value.plain for label, value in trace_rows(view())}
    assert rows["Lots"] == "vector V-1 (GD22 2222 223)" and rows["People"] == "OPER-1, WARD-A"
    assert links_words(()) == ""


async def test_making_section_6_a_ward_nurse_watches_and_traces_and_grades(tmp_path: Path) -> None:
    """A grave grade stands in big letters; F4 shows who touched the cells, F10 opens the form."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        journey = watched_patient(desk)
        await desk.sign_in("WARD-A")
        await desk.press("ctrl+d")
        assert "Watch a patient" in desk.screen
        await desk.see(journey.coi)
        assert isinstance(desk.app.screen, WatchScreen)
        assert "■ CRS 3  ASTCT 2019" in desk.screen and "ICE 8" in desk.screen
        assert "tocilizumab, 560 mg iv" in desk.screen and "Response at day 28" in desk.screen
        await desk.press("f4")
        assert "CARR-X" in desk.screen and "CRS 3, ASTCT 2019; ICANS 1, ASTCT 2019" in desk.screen
        await desk.press("escape")
        await desk.press("f10")
        assert "Grade an adverse reaction" in desk.screen and "Response at day 28" not in desk.screen
        await desk.press("escape")
        assert "Response at day 28" in desk.screen
        assert kinds(desk, journey.coi)[-1] == "medicine_given"
