"""A product that is prepared: patient, paper, dose, its own clock and each container, on one screen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from schema.vocabulary import FinalDisposition, Material
from tests.support import journeys
from tests.support.front_desk import desk_at
from tests.tui.screens.test_courier import on_board
from tests.tui.screens.test_screens import kinds
from tracker.demo import stages
from tracker.protocols.bedside import Bedside
from tracker.rules.therapy_state import DoseState, Occurrence, UnitState
from tracker.values import CertificateSays, DueClock, PreparedUnit
from tracker.views.preparing import PaperState, PatientReady, PreparedProduct
from tui.screens.prepare import PrepareScreen
from tui.screens.prepare.text import clock_text, clock_title, facts_of, next_words, unit_lines

NOW = datetime(2026, 12, 1, 9, 42, tzinfo=UTC)
OUT = datetime(2026, 12, 1, 9, 20, tzinfo=UTC)
CODE = "CTRAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA7Q2K"


def container(code: str, component: str, cells: str | None, *facts: str, **changes: Any) -> PreparedUnit:
    """A vial with what happened to it."""
    known = {fact: Occurrence(OUT, fact, at, "LAB-A1") for at, fact in enumerate(facts)}
    unit = UnitState(code, Material.PRODUCT, attempt=1, facts=known, volume_ml=Decimal("4.6"), **changes)
    step = None if unit.final else (72, "Start the thaw")
    return PreparedUnit(unit, component, None if cells is None else Decimal(cells), step, is_drawn=False)


def view(**changes: Any) -> PreparedProduct:
    """Two vials of liso-cel, the patient ready, the certificate scanned, the dose within."""
    given: dict[str, Any] = {
        "coi": "CDT7V9D8S54",
        "product": "liso-cel",
        "indication": "lbcl",
        "ready": PatientReady(OUT, ("WARD-A", "PHARM-A"), 2, ()),
        "is_out_of_specification": False,
        "recalled": (),
        "paper": PaperState(CODE, OUT - timedelta(days=3), OUT, CertificateSays.VALID),
        "asks_dose": True,
        "dose": DoseState(
            occurrence=Occurrence(OUT, "dose", 1, "DOC-A1"),
            indication="lbcl",
            regimen=None,
            weight_kg=None,
            weighed_on=None,
            minimum=Decimal(44),
            target=Decimal(100),
            maximum=Decimal(120),
        ),
        "cells": Decimal("93.19"),
        "clock": DueClock("Removal from storage", "UDVJ6TTTPCK", OUT + timedelta(hours=2), OUT),
        "ends_with": "infusion_completed",
        "units": (
            container("UDVJ6TTTPCK", "CD8", "44.95", "thaw_ended"),
            container("UDC4HB3942L", "CD4", "48.24", "pre_thaw_matched"),
        ),
        "order": ("CD8", "CD4"),
        "bedside": Bedside.model_validate(
            {"confirm": ["premedicated", "tocilizumab_on_hand"],
             "filter": {"text": "No leukodepleting filter", "source": "label"},
             "rate": {"text": "About 0.5 mL/min", "source": "label"}}
        ),
    }  # fmt: skip
    return PreparedProduct(**{**given, **changes})


def said(shown: PreparedProduct) -> dict[str, str]:
    """Each line by its word."""
    return {label.plain: value.plain for label, value in facts_of(shown, lambda at: at)}


def test_making_section_6_what_stands_before_a_thaw() -> None:
    """Patient, paper, dose, order and what the label says; each state with its shape and word."""
    assert said(view()) == {
        "PATIENT": "● READY 09:20 WARD-A + PHARM-A  confirmed 2 of 2",
        "PAPER": "● VALID ..7Q2K  scanned 09:20  release 28 Nov 09:20",
        "DOSE": "● set 44.0 to 120.0, aim 100.0; containers hold 93.1 million  WITHIN",
        "ORDER": "CD8 then CD4, each after all of the one before",
        "FILTER": "No leukodepleting filter",
        "RATE": "About 0.5 mL/min",
    }


def test_making_section_6_what_is_missing_is_said() -> None:
    """Not confirmed, not scanned, not set, too many, nothing released; nobody invents a value."""
    open_word = PatientReady(OUT, ("LAB-A1",), 1, ("tocilizumab_on_hand",))
    assert said(view(ready=open_word))["PATIENT"].endswith("\nopen: tocilizumab on hand")
    assert said(view(ready=PatientReady(None, (), 0, ())))["PATIENT"] == "○ not matched yet"
    paper = PaperState(CODE, OUT, None, CertificateSays.VALID)
    assert said(view(paper=paper))["PAPER"].startswith("○ not scanned yet ..7Q2K")
    marked = PaperState(CODE, OUT, OUT, CertificateSays.OUT_OF_SPECIFICATION)
    assert said(view(paper=marked))["PAPER"].startswith("▲ VALID, OUT OF SPECIFICATION")
    assert said(view(paper=None))["PAPER"] == "■ nothing is released"
    assert said(view(cells=Decimal(132)))["DOSE"].endswith("132.0 million  OUTSIDE")
    assert said(view(cells=None))["DOSE"].endswith("what the containers hold is not known")
    assert said(view(dose=None, cells=None))["DOSE"] == "○ not set"
    assert "DOSE" not in said(view(dose=None, cells=None, asks_dose=False))
    given = container(
        "UDVJ6TTTPCK", "CD8", "44.95", final=FinalDisposition.INFUSED, infused_ml=Decimal("3.1")
    )
    assert said(view(units=(given,)))["REST"] == "▲ UDVJ 6TTT PCK 1.5 mL: destroy it before a witness"


def test_out_of_specification_stands_first_before_any_scan() -> None:
    """What was released out of specification, or holds a recalled lot, says so in the first lines."""
    lots = ("viral vector lot LV-0093 (GDV3PGGFECV), recalled",)
    for scanned in (None, OUT):
        shown = PaperState(CODE, OUT, scanned, CertificateSays.OUT_OF_SPECIFICATION)
        lines = list(said(view(is_out_of_specification=True, recalled=lots, paper=shown)).items())
        assert lines[:2] == [
            ("PRODUCT", "■ RELEASED OUT OF SPECIFICATION"),
            ("LOTS", "■ viral vector lot LV-0093 (GDV3PGGFECV), recalled"),
        ]


def test_making_section_6_the_clock_and_the_containers_fit_80_columns() -> None:
    """By when all has to be in; each container in one line, its step by number where there is no room."""
    assert clock_title(view(), lambda at: at) == "Give all by 01 Dec 11:20"
    clock = clock_text(view(), NOW, lambda at: at, 74).plain
    assert (
        clock.startswith("Removal from storage") and "1:38 h left" in clock and "since 01 Dec 09:20" in clock
    )
    assert clock_title(view(clock=None), lambda at: at) == "No clock runs"
    begins, other = view(ends_with="infusion_started"), view(ends_with="stored|packed|thaw_started")
    assert clock_title(begins, lambda at: at) == "Begin the infusion by 01 Dec 11:20"
    assert clock_title(other, lambda at: at) == "Ends first, at 01 Dec 11:20"
    shelf_life = DueClock("Shelf life", "UDVJ6TTTPCK", OUT + timedelta(days=353), OUT)
    later = view(clock=shelf_life, ends_with="")
    assert clock_title(later, lambda at: at) == "Ends first, at 19 Nov 2027 09:20"
    rows = [one.plain for one in unit_lines(view(), 74)]
    assert rows == [
        "1 UDVJ 6TTT PCK CD8 ◉ thawed          4.6 mL  44.9 million  ► 72",
        "2 UDC4 HB39 42L CD4 ◉ matched frozen  4.6 mL  48.2 million  ► 72",
    ]
    assert [one.plain.split("► ")[1] for one in unit_lines(view(), 114)] == ["72 Start the thaw"] * 2
    assert next_words(view().units[0]) == "72 Start the thaw"


async def test_making_section_6_a_pharmacist_prepares_from_the_screen(tmp_path: Path) -> None:
    """From the bag on home to its preparation; F10 begins the next step of the chosen one and comes back."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        journey, box, seal = on_board(desk)
        stages.receive_at_manufacturer(journey, box, seal)
        journeys.manufacture(journey)
        journeys.release(journey)
        journeys.deliver_product(journey, journey.network.boxes["Dry shipper 4"])
        first, second = journey.products
        stages.match_before_thaw(journey, first)
        await desk.sign_in("LAB-A1")
        await desk.press("ctrl+a")
        assert "Prepare a product" in desk.screen
        await desk.see(journey.cassettes[second])
        assert isinstance(desk.app.screen, PrepareScreen) and "matched frozen" in desk.screen
        assert "34 Retrieve" in desk.screen, "it lies in the tank, so it is fetched first"
        await desk.see(journey.cassettes[first])
        await desk.press("f10")
        await desk.see(journey.cassettes[first])
        await desk.command("DONE")
        await desk.pin("LAB-A1")
        assert kinds(desk, journey.coi)[-1] == "thaw_started", desk.told
        assert isinstance(desk.app.screen, PrepareScreen) and "thawing" in desk.screen
