"""The downtime report: where each therapy is, who holds it, what ends when, and no patient in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pypdfium2
import pytest

from labels.papers.outage import outage_pdf
from schema.errors import CartrailError
from schema.papercodes import parse_head
from tests.support.journeys import World
from tests.tracker.acts.test_strict_writer import hub
from tracker.demo.journey import scan
from tracker.downtime.outage import outage_report
from tracker.therapy.course import Cancel

__all__ = ["hub"]

Worlds = Callable[[str], World]


@pytest.mark.parametrize(
    ("stage", "holder", "place", "step"),
    [
        ("collected", "NURSE-A1", "", "Bind bag and cassette"),
        ("packed", "TECH-A1", "Dry shipper 1", "Open the box"),
        ("received", "in storage", "LN2 tank 7", "Start manufacturing"),
        ("at_hand", "LAB-A1", "", "Start lymphodepletion"),
    ],
)
def test_findings_e4_each_therapy_as_it_stands(
    world: Worlds, stage: str, holder: str, place: str, step: str
) -> None:
    """Who answers for its cells, where they lie, and the first step that is left from its stage on."""
    given = world(stage)
    report = outage_report(given.tracker, site="MFG-1")
    mine = next(one for one in report.therapies if one.coi == given.one.coi)
    assert (holder, place) in [(unit.holder, unit.place) for unit in mine.units], mine
    assert mine.next_step.startswith(step), mine.next_step
    assert report.written_at.endswith("+01:00")


def test_findings_e4_what_ends_first_is_on_top(world: Worlds) -> None:
    """By the end of the first clock; what has passed is said so."""
    given = world("collected")
    clocks = [
        one.clocks[0].ends for one in outage_report(given.tracker, site="MFG-1").therapies if one.clocks
    ]
    assert clocks == sorted(clocks) and len(clocks) == 2
    given.clock.advance(timedelta(days=3))
    report = outage_report(given.tracker, site="MFG-1")
    assert all(one.clocks[0].is_late for one in report.therapies)
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(outage_pdf(report)))
    assert "PASSED" in text and "Downtime report" in text


def test_findings_e4_no_patient_is_on_the_paper(world: Worlds) -> None:
    """No number of a wristband; a therapy that ended is not among them."""
    given = world("identified")
    given.do(Cancel, "DOC-A1", others="QA-A approved", coi=scan(given.two.coi), reason="disease_progression")
    pdf = outage_pdf(outage_report(given.tracker, site="MFG-1"), paper="Letter")
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))
    assert given.one.coi[:4] in text and given.two.coi[-3:] not in text.split()
    assert not any(one.value in text for one in given.one.wristband())


def test_findings_e4_the_head_on_the_paper_is_kept_with_each_therapy(hub: World) -> None:
    """A bundle of any therapy of the report has the checkpoint that its paper shows."""
    hub.tracker.integrate()
    report = outage_report(hub.tracker, site="MFG-1")
    assert report.head_code is not None
    size = parse_head(report.head_code).tree_size
    with hub.tracker.store.read() as transaction:
        assert size in transaction.printed_heads(hub.one.coi)
        assert size in transaction.printed_heads(hub.two.coi)


def test_what_no_font_has_is_refused(world: Worlds) -> None:
    """A character that would be an empty box is named and never printed."""
    from dataclasses import replace

    report = outage_report(world("identified").tracker, site="MFG-1")
    with pytest.raises(CartrailError, match="downtime report"):
        outage_pdf(replace(report, phones=("Plant \u202e 1",)))
