"""`cartrail board --today`: the morning in words, as JSON, on paper and as a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
from openpyxl import load_workbook

from schema.vocabulary import AlertCause, Material, ResourceType, Role
from schema.zones import on_clock
from tests.support.commands import Cartrail
from tests.support.journeys import World
from tests.tracker.acts.test_plan_races import booking, with_one_bed
from tracker.rules.readiness import Need, Readiness, ReadinessItem
from tracker.rules.standing import Standing
from tracker.views.alerts import AlertLine
from tracker.views.models import DueClock, Leg
from tracker.views.today_lines import (
    DueLine,
    Pane,
    RoadLine,
    StoredLine,
    TherapyForecast,
    Today,
    UseLine,
    panes_of,
)
from tui.cli.today import clock, due_time, expected, heading, left, ready_words, tables_of

Worlds = Callable[[str], World]
NOW = datetime(2026, 12, 1, 7, 2, tzinfo=UTC)


def due_line(*items: ReadinessItem) -> DueLine:
    at = datetime(2026, 12, 1, 13, tzinfo=UTC)
    return DueLine("CT2", "delivery", "Delivery", at, "MFG-1", "MFG-1 › TREAT-A", None, True, items)


def item(need: Need, readiness: Readiness, words: str = "") -> ReadinessItem:
    return ReadinessItem(need, readiness, words)


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ((), "●●●● ready"),
        ((item(Need.SLOT, Readiness.READY), item(Need.LABELS, Readiness.NOT_DUE)), "●○●● ready"),
        ((item(Need.SHIPPER, Readiness.LOOK, "holds 31 h of 52"),), "●●▲● look: shipper (holds 31 h of 52)"),
        (
            (
                item(Need.SHIPPER, Readiness.LOOK, "a"),
                item(Need.RESULTS, Readiness.MISSING, "2 missing"),
            ),
            "●■▲● not ready: results (2 missing)",
        ),
        (
            (item(Need.COURIER, Readiness.READY), item(Need.PEOPLE, Readiness.MISSING, "nobody")),
            "●●●■ not ready: people (nobody)",
        ),
    ],
)
def test_four_marks_and_the_first_thing_that_is_not_there(
    items: tuple[ReadinessItem, ...], said: str
) -> None:
    """What is missing is named before what somebody has to look at."""
    assert ready_words(due_line(*items)) == said


def test_every_part_has_its_table_or_its_sentence() -> None:
    """A site of a ward: what comes, what lies there, who is late; an empty part says so."""
    limit = DueClock("Hold time of the shipper", "BD2", NOW + timedelta(hours=44))
    today = Today(
        now=NOW, site="TREAT-A", hours=48, first_day=date(2026, 11, 30),
        counts=((Standing.BREACH, 1), (Standing.ON_TRACK, 0), (Standing.CLOSED, 6)),
        exceptions=(TherapyForecast("CT1", Standing.BREACH, "It ended.", None, None, ()),),
        due=(due_line(item(Need.SLOT, Readiness.READY)),), due_count=1,
        road=(RoadLine("BD2", "Dry shipper", "MFG-1", "TREAT-A", Leg.CARRIED, "Polar Courier", "CARR-X",
                       NOW + timedelta(hours=9), limit, "-179.0", ("CT2",)),),
        week=(UseLine(ResourceType.BED, 9, 9, 4, 9),),
        stored=(StoredLine("UD2", "CT3", Material.PRODUCT, "Tank 2", "TREAT-A", None, ("Sterility",), True),),
    )  # fmt: skip
    assert heading(today) == "Tue 1 Dec 2026 07:02+00:00, TREAT-A: 1 BREACH, 6 done"
    held = AlertLine(
        "", "CT4", AlertCause.QUARANTINED, "UD9", None, "In quarantine: product", NOW, NOW, None, ()
    )
    tables = {one.title: one.rows for one in tables_of(today, [held], None)}
    assert tables == {
        "Exceptions": (
            ("■ BREACH", "CT1", "It ended."),
            ("■ QUARANTINED", "CT4", "In quarantine: product, UD9"),
        ),
        "Next 48 hours": (("Tue 13:00", "Delivery", "CT2", "MFG-1 › TREAT-A", "●●●● ready"),),
        "On the road": (
            ("BD2", "MFG-1 > TREAT-A", "Polar Courier", "~Tue 16:02",
             "Hold time of the shipper in 44:00 h, -179.0 C"),
        ),
        "This week": (("bed", "9/9 ▲ full", "4/9"),),
        "In storage": (("UD2", "product", "Tank 2", "", "quarantined, Sterility"),),
    }  # fmt: skip
    assert [one.title for one in tables_of(today, [], Role.COURIER)] == ["On the road", "Next 48 hours"]
    assert {*panes_of(Role.AUDITOR)} == {*Pane} and panes_of(Role.COORDINATOR)[0] is Pane.EXCEPTIONS


def test_a_time_that_is_over_says_so_on_paper_too() -> None:
    """A box that should have come, and a milestone that should have begun and is not recorded."""
    over = NOW - timedelta(hours=4)
    assert expected(over, NOW) == f"▲ was due {clock(over, NOW)}"
    assert expected(NOW + timedelta(hours=4), NOW) == f"~{clock(NOW + timedelta(hours=4), NOW)}"
    line = replace(due_line(item(Need.SLOT, Readiness.READY)), at=over)
    assert due_time(line, NOW) == f"▲ {clock(over, NOW)} over, not recorded"


def test_logistics_t8_forty_minutes_over_the_night_of_the_clocks() -> None:
    """01:50 in the old time, 03:30 in the new: told as 03:30, in 40 minutes, and 31 and 29 at the change."""
    zone = ZoneInfo("America/New_York")

    def shown(hour: int, minute: int) -> datetime:
        return on_clock(datetime(2026, 3, 8, hour, minute, tzinfo=UTC), zone)

    at = shown(7, 30)
    for now, words, told in (
        (shown(6, 50), "Sun 03:30-04:00", "in 0:40 h"),
        (shown(6, 59), "Sun 03:30-04:00", "in 0:31 h"),
        (shown(7, 1), "Sun 03:30", "in 0:29 h"),
    ):
        assert (clock(at, now), left(at - now)) == (words, told)
    assert left(-timedelta(minutes=12)) == "0:12 h over" and left(timedelta(hours=76)) == "in 3 d 4 h"


def test_the_morning_at_the_command_line(cartrail: Cartrail, world: Worlds, tmp_path: Path) -> None:
    """In words, as JSON, as a paper and as a spreadsheet; a site that is none and a file of no form."""
    given = world("enrolled")
    with_one_bed(given)
    assert given.send(booking(given, given.one)).ok
    asked = ("board", "--today", "--database", given.url)
    lines = cartrail(*asked, "--json").records
    assert {one["coi"] for one in lines} == {given.one.coi, given.two.coi}
    assert all(one["state"] in set(Standing) and one["reason"].endswith(".") for one in lines)
    shown = cartrail(*asked).out
    assert "■ LATE" in shown and "■ STALLED" in shown and "No box is on the road." in shown
    paper, sheet = tmp_path / "today.pdf", tmp_path / "today.xlsx"
    for file in (paper, sheet):
        assert str(file) in cartrail(*asked, "--role", "coordinator", "--out", file).err
    text = pypdfium2.PdfDocument(paper)[0].get_textpage().get_text_range()
    assert given.one.coi in text and "Exceptions" in text
    book = load_workbook(sheet)
    assert book.sheetnames == ["Exceptions", "Next 48 hours", "On the road", "This week"]
    assert given.one.coi in {cell.value for row in book["Exceptions"] for cell in row}
    wrong = cartrail(*asked, "--out", tmp_path / "today.doc", exit_code=2).err
    assert "ends in .pdf or .xlsx" in wrong and not (tmp_path / "today.doc").exists()
    assert 'There is no site "NOWHERE"' in cartrail(*asked, "--site", "NOWHERE", exit_code=2).err
