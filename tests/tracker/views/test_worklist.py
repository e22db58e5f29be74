"""What waits at a site: the most urgent first, with the clock that runs, for the person who can do it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from schema.vocabulary import PartyType
from tests.support import under_way
from tests.support.front_desk import desk_at
from tests.support.journeys import World, scans
from tests.tui.screens.test_screens import packed
from tracker.demo import stages
from tracker.demo.journey import party, scan
from tracker.therapy.custody import requests as custody
from tracker.views.models import DueClock, WorkLine, Worklist
from tracker.views.worklist import ON_ITS_WAY
from tui.screens.home.waiting import clock_cell, counts, line_grid, summary
from tui.shown_codes import grouped
from tui.themes import DARK_PALETTE, word_styles

Worlds = Callable[[str], World]
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def waiting(world: World, actor: str, site: str) -> Worklist:
    """The list of one person at the station of a site."""
    return world.tracker.read.worklist(actor=actor, station=world.network.stations[site])


def line_of(**changes: object) -> WorkLine:
    """A line as a site may have it."""
    values: dict[str, object] = {
        "subject": "UD234567892",
        "thing": "product",
        "cois": ("CD234567892",),
        "what": "Start the infusion",
        "where": "Ward (TREAT-A/WARD)",
        "kind": "infusion_started",
        "clock": DueClock("End of thaw to start of infusion", "UD234567892", NOW + timedelta(minutes=20)),
    }
    return WorkLine(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stage", "actor", "site", "kind", "clock"),
    [
        ("received", "OPER-1", "MFG-1", "", None),
        ("at_hand", "LAB-A1", "TREAT-A", "pre_thaw_matched", "Time out of storage"),
        ("matched", "LAB-A1", "TREAT-A", "thaw_started", "Time out of storage"),
        ("thawed", "LAB-A1", "TREAT-A", "relinquished", "End of thaw to start of infusion"),
        ("bedside", "DOC-A1", "TREAT-A", "infusion_started", "Bedside match to infusion"),
        ("infusing", "DOC-A1", "TREAT-A", "infusion_completed", "Infusion"),
    ],
)
def test_the_next_step_with_its_clock(
    world: Worlds, stage: str, actor: str, site: str, kind: str, clock: str | None
) -> None:
    """What the person in whose hands it is does next, and the limit that runs until then."""
    made = world(stage)
    lines = [line for line in waiting(made, actor, site).lines if made.one.coi in line.cois]
    if not kind:
        assert not [line for line in lines if line.kind]
        return
    first = lines[0]
    assert first.kind == kind, first
    assert (first.clock.title if first.clock else None) == clock
    assert first.subject in made.state().units


def test_findings_a8_put_away_is_not_proposed_for_a_bag_that_waits_to_be_frozen(world: Worlds) -> None:
    """Its clock says freeze: where the bench is taken, it is handed on to who freezes it."""
    made = world("collected")
    units = scans(made.one.bag)
    made.do(custody.Relinquish, "NURSE-A1", units=units, to=party(PartyType.DEPARTMENT, "COLL-A/CELL-LAB"))
    made.do(custody.Accept, "TECH-A1", units=units)
    (line,) = (one for one in waiting(made, "TECH-A1", "COLL-A").lines if made.one.coi in one.cois)
    assert (line.kind, line.clock and line.clock.title) == ("relinquished", "Collection to freezing")


@pytest.mark.parametrize(
    ("stage", "actor", "site", "expected"),
    [
        ("enrolled", "NURSE-A1", "COLL-A", "patient_identified"),
        ("enrolled", "OPER-1", "MFG-1", None),
        ("identified", "NURSE-A1", "COLL-A", "unit_registered"),
        ("made", "QA-2", "MFG-1", "tested"),
        ("made", "QP-1", "MFG-1", None),
        ("tested", "QA-2", "MFG-1", None),
        ("tested", "QP-1", "MFG-1", "released"),
        ("released", "QP-1", "MFG-1", None),
        ("infusing", "QA-2", "MFG-1", None),
    ],
)
def test_what_is_in_nobodys_hands_waits_too(
    world: Worlds, stage: str, actor: str, site: str, expected: str | None
) -> None:
    """A patient to identify, a product to test and release: for who may do it, and when it is due."""
    made = world(stage)
    kinds = {line.kind for line in waiting(made, actor, site).lines if made.one.coi in line.cois}
    assert (expected in kinds) if expected else not kinds & {"tested", "released", "closed"}, kinds


def test_a_therapy_waits_to_be_closed_when_nothing_of_it_is_left(world: Worlds) -> None:
    """Not before: closing may be asked for at any time, and is due at the end."""
    made = world("infused")
    lines = waiting(made, "QA-2", "MFG-1").lines
    left = [unit for unit in made.state().units.values() if unit.final is None]
    closing = [line for line in lines if line.kind == "closed" and made.one.coi in line.cois]
    assert len(closing) == (0 if left else 1)


def test_what_there_is_nothing_of_is_not_offered(world: Worlds) -> None:
    """No deviation is assessed where none is open, and no quarantine is lifted from a unit in none."""
    made = world("frozen")
    station = made.network.stations["MFG-1"]
    codes = (made.one.coi, made.one.bag)
    offered = {
        step.kind: step.violation.rule if step.violation is not None else ""
        for code in codes
        for step in made.tracker.read.next_steps(code=scan(code).code, actor="QA-2", station=station)
    }
    assert not {"deviation_assessed", "deviation_closed"} & {*offered}
    assert offered["quarantine_lifted"] == "not_quarantined"
    assert offered["closed"] == "units_open"


def test_what_runs_out_is_shown_to_those_who_cannot_end_it(world: Worlds) -> None:
    """It is no work of theirs, so it stands beside the list, for those who take over a terminal."""
    made = world("bedside")
    found = waiting(made, "PHARM-A", "TREAT-A")
    assert found.others[0].clock is not None and not found.others[0].kind
    assert not [line for line in found.lines if line.subject == found.others[0].subject]


def test_a_box_is_one_line_and_waits_where_it_was_given_to(world: Worlds) -> None:
    """At the dock: the box that the courier has given, to take over; elsewhere it is nobody's line."""
    made = world("packed")
    box = made.box_of(made.one)
    stages.hand_box(made.one, "TECH-A1", made.one.courier, "COLL-A", box, made.seal_of(made.one))
    stages.relinquish_box(made.one, made.one.courier, "MFG-1", box, made.seal_of(made.one))
    (line,) = [one for one in waiting(made, "DOCK-M", "MFG-1").lines if one.subject == box]
    assert line.kind == "accepted" and line.thing.startswith("box")
    assert not [one for one in waiting(made, "DOC-A1", "TREAT-A").lines if one.subject == box]


@pytest.mark.parametrize(
    ("stage", "actor", "site", "kind"),
    [
        ("enrolled", "NURSE-A1", "COLL-A", "patient_identified"),
        ("made", "QA-2", "MFG-1", "tested"),
        ("tested", "QP-1", "MFG-1", "released"),
    ],
)
def test_findings_f4_who_enrolls_tests_and_releases_finds_it_waiting(
    world: Worlds, stage: str, actor: str, site: str, kind: str
) -> None:
    """Given a new therapy, a result that is missing and a product with all of them, each is a line."""
    made = world(stage)
    found = [line.kind for line in waiting(made, actor, site).lines if made.one.coi in line.cois]
    assert kind in found


def test_findings_f4_a_box_on_its_way_is_told_to_those_who_take_it_over(world: Worlds) -> None:
    """Given a box with a carrier, its dock sees it with its first limit, and nobody else there."""
    made = world("packed")
    box = made.box_of(made.one)
    stages.hand_box(made.one, "TECH-A1", made.one.courier, "COLL-A", box, made.seal_of(made.one))
    (line,) = [one for one in waiting(made, "DOCK-M", "MFG-1").lines if one.subject == box]
    assert (line.what, line.kind, line.number) == ("On its way here", "", None)
    assert line.clock is not None and line.thing == "box, 1 inside"
    for actor, site in (("QP-1", "MFG-1"), ("TECH-A1", "COLL-A"), ("DOCK-A", "TREAT-A")):
        assert not [one for one in waiting(made, actor, site).lines if one.subject == box]


def test_findings_f4_nothing_that_somebody_else_has_to_do_is_listed(world: Worlds) -> None:
    """Given a therapy at the bed, who has no step of it has an empty list; quality looks into marks."""
    made = world("bedside")
    assert not [line for line in waiting(made, "COUR-X1", "TREAT-A").lines if made.one.coi in line.cois]
    for person in ("PHARM-A", "DOC-A1", "WARD-A"):
        for line in waiting(made, person, "TREAT-A").lines:
            assert line.kind or line.what == ON_ITS_WAY, line


def test_findings_f4_what_was_taken_over_from_paper_waits_to_be_found(world: Worlds) -> None:
    """Given bags that only paper knows, those who work there find them listed until each was scanned."""
    made = world("enrolled")
    coi = under_way.taken_over(made).coi
    lines = [line for line in waiting(made, "LAB-A1", "TREAT-A").lines if coi in line.cois]
    assert [(line.kind, line.number) for line in lines] == [("unit_found", 32)] * 2
    assert under_way.found(made, *under_way.BAGS).ok
    after = [line for line in waiting(made, "LAB-A1", "TREAT-A").lines if coi in line.cois]
    assert not [line for line in after if line.kind == "unit_found"]


def test_the_most_urgent_stands_first(world: Worlds) -> None:
    """Limits by their end, then what is out of storage, then the rest; put away is no work."""
    made = world("matched")
    made.clock.advance(timedelta(hours=2))
    found = waiting(made, "LAB-A1", "TREAT-A")
    now = made.clock.now()
    shown = (*found.lines, *found.others)
    ends = [line.clock.due_at for line in shown if line.clock]
    assert ends == sorted(ends) and shown[0].clock is not None
    assert counts(shown, now).late >= 1
    stored = {unit.unit for unit in made.state(made.two).units.values() if unit.location}
    assert stored and not stored & {line.subject for line in shown}


@pytest.mark.parametrize(
    ("minutes", "begins"),
    [(-90, "■ LATE 1:30 h"), (-1, "■ LATE 1:00 min"), (8, "▲ SOON 8:00 min"), (20, "○ open 20:00 min")],
)
def test_urgency_is_a_word_and_a_shape(minutes: int, begins: str) -> None:
    """Late, soon and waiting are told apart without color; the last hour counts seconds."""
    clock = DueClock("Limit", "UD234567892", NOW + timedelta(minutes=minutes))
    assert clock_cell(line_of(clock=clock), NOW) == begins


def test_time_out_of_storage_is_counted_up() -> None:
    """Without a limit the line says for how long the unit has been out."""
    line = line_of(clock=None, since=NOW - timedelta(minutes=22), is_out=True)
    assert clock_cell(line, NOW) == "○ out 0:22 h"


def drawn(line: WorkLine, width: int, *, is_whole: bool, is_wide: bool = False) -> list[str]:
    """A line as a list of this width shows it."""
    out = StringIO()
    grid = line_grid(line, NOW, is_whole=is_whole, is_wide=is_wide)
    Console(file=out, width=width, theme=word_styles(DARK_PALETTE), color_system=None).print(grid)
    return [row.rstrip() for row in out.getvalue().splitlines()]


@pytest.mark.parametrize("width", [74, 114, 156, 194])
def test_lines_fit_their_width_and_keep_the_id(width: int) -> None:
    """The id in groups and the order are there at every width, markup is text, and no word is cut."""
    line = line_of(what="Start [bold]the[/] infusion " + "now " * 30, where="[/] Ward", number=76)
    for is_whole in (True, False):
        rows = drawn(line, width, is_whole=is_whole, is_wide=width > 100)
        assert all(cell_len(row) <= width for row in rows)
        words = " ".join(rows).split()
        assert [*words].count("now") == 30 and "[bold]the[/]" in words and "76" in words
        assert "UD23 4567 892" in " ".join(rows)
        assert ("CD23 4567 892" in " ".join(rows)) is (width > 100)


def test_a_short_list_tells_each_line_whole() -> None:
    """Clock, number and order; below the id, what it is and where."""
    where = "display not in order, Hand over by COUR-X1: UD234567892"
    rows = drawn(line_of(where=where, what="Assess a deviation", number=66), 76, is_whole=True)
    assert rows == [
        "○ open 20:00 min       66 Assess a deviation",
        "                          UD23 4567 892  product, display not in order, Hand",
        "                          over by COUR-X1: UD23 4567 892",
    ]
    (one,) = drawn(line_of(what="Assess a deviation", number=66), 76, is_whole=False)
    assert one == "○ open 20:00 min       66 Assess a deviation                   UD23 4567 892"


@pytest.mark.parametrize("name", ["Ward " * 24, "細胞調製室 " * 20, "e\u0301cole " * 20])
def test_a_long_place_goes_on_below_itself(name: str) -> None:
    """Double-width and combining letters take the cells they take."""
    rows = drawn(line_of(where=name.strip()), 76, is_whole=True)
    assert all(cell_len(row) <= 76 for row in rows)
    assert "".join(rows).replace(" ", "").endswith(name.replace(" ", ""))


def test_a_list_that_could_not_be_read_says_since_when() -> None:
    """Beside its counts."""
    assert "not read" in summary(Worklist(()), NOW, stale="not read since 10:02").plain


async def test_home_lists_and_the_arrows_open(tmp_path: Path) -> None:
    """Enter at a line shows the thing with its steps; Esc brings the list back."""
    async with desk_at("COLL-A", tmp_path) as desk:
        _, box, _ = packed(desk)
        await desk.sign_in("TECH-A1")
        assert "Waits here" in desk.screen and grouped(box) in desk.screen and "Hand over" in desk.screen
        screen: Any = desk.app.screen
        assert screen.waiting.worklist is not None
        index = [line.subject for line in screen.waiting.worklist.lines].index(box)
        await desk.press(*["down"] * (index + 1), "enter")
        assert screen.subject is not None and screen.subject.object_id == box
        await desk.press("escape")
        assert screen.subject is None and "Hand over" in desk.screen
        await desk.type("99")
        assert "no step 99" in desk.told


async def test_a_list_that_cannot_be_read_stays_and_says_so(tmp_path: Path) -> None:
    """The store is gone: the lines and their clocks stand, with the time they are from; then it is back."""
    async with desk_at("COLL-A", tmp_path) as desk:
        _, box, _ = packed(desk)
        await desk.sign_in("TECH-A1")
        away = desk.path.with_suffix(".away")
        desk.tracker.store.close()
        desk.path.rename(away)
        await desk.press("f5")
        assert "not read since" in desk.screen and grouped(box) in desk.screen
        away.rename(desk.path)


async def test_wide_screens_show_list_and_thing_side_by_side(tmp_path: Path) -> None:
    """At 200 columns a scan leaves the list in sight."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, box, _ = packed(desk)
        await desk.sign_in("TECH-A1")
        await desk.pilot.resize_terminal(200, 60)
        await desk.see(box)
        assert "Hand over" in desk.screen and grouped(journey.bag) in desk.screen
        await desk.pilot.resize_terminal(80, 24)
        await desk.see(box)
        assert grouped(journey.bag) in desk.screen
