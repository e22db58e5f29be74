"""The demo: the same history from the same seed, every code on paper, nothing lost when it is built again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from labels.reader import read
from schema.errors import InputError
from schema.events.planning import Rescheduled
from schema.instants import parse_offset
from schema.vocabulary import FinalDisposition, Material, ReadMode
from tests.support.demos import SEED, UNTIL, copied, without_papers
from tracker.clock import SimulatedClock
from tracker.demo.capacity import CLOSURE
from tracker.demo.journey import scan
from tracker.demo.run import DemoResult, build_demo, existing_demo
from tracker.demo.stories import STORIES
from tracker.evidence.verification.store import verify_store
from tracker.protocols.library import shipped
from tracker.tracker import Environment, Tracker
from tracker.views.models import BoardRow
from tracker.views.tracing import places_of
from tui.cli.demo import task_lines
from tui.forms.catalog import FORMS
from tui.framing import RawScan
from tui.looking import look
from tui.session import TerminalSession


@pytest.fixture(scope="module")
def demo(demo_result: DemoResult, tmp_path_factory: pytest.TempPathFactory) -> DemoResult:
    """A demo to open."""
    return copied(demo_result, tmp_path_factory.mktemp("demo") / "one")


FRIDAY_NIGHT: Final = datetime(2026, 10, 30, 23, 50, tzinfo=UTC)
"""An end at which nobody in Europe works and America goes home: the last hours are done before it."""


def history(result: DemoResult) -> list[tuple[object, ...]]:
    """Everything of the trails that a seed decides."""
    tracker = Tracker.open(url=result.url, read_only=True)
    found: list[tuple[object, ...]] = []
    for therapy in result.therapies:
        for one in tracker.read.trail(coi=therapy.coi).entries:
            statement = one.entry.statement
            found.append((statement.event_id, statement.kind, statement.occurred_at, statement.actor))
    tracker.close()
    return found


def origin(result: DemoResult) -> str:
    """The name of its log, which stands on slips and in heads."""
    tracker = Tracker.open(url=result.url, read_only=True)
    found = tracker.registry.origin
    tracker.close()
    return found


def test_same_seed_same_history(demo: DemoResult, tmp_path: Path) -> None:
    """Ids, names, times and outcomes repeat; the log's origin, which slips and heads name, does not."""
    with without_papers():
        again = build_demo(folder=tmp_path / "two", seed=SEED, until=UNTIL)
    assert again.people == demo.people
    assert again.therapies == demo.therapies
    assert history(again) == history(demo)
    assert origin(again) != origin(demo)


def test_the_tank_of_the_hub_was_counted(demo: DemoResult) -> None:
    """What lies in it has a position of its own, and all of it was there."""
    tracker = Tracker.open(url=demo.url, read_only=True)
    (tank,) = [one for one in tracker.read.storage(site="MFG-1") if one.place.grid is not None]
    tracker.close()
    said = tank.place.counted
    assert tank.units and said is not None
    assert (said.expected, said.found, said.missing) == (len(tank.units), len(tank.units), 0)
    assert len({one.position for one in tank.units} - {None}) == len(tank.units)


@pytest.fixture(scope="module")
def other(demo: DemoResult, tmp_path_factory: pytest.TempPathFactory) -> DemoResult:
    """A demo of another seed in which eight more live by a plan, built where the first one lies already."""
    folder = tmp_path_factory.mktemp("other") / "demo"
    copied(demo, folder)
    with without_papers():
        return build_demo(folder=folder, seed=SEED + 1, until=FRIDAY_NIGHT, therapies=len(STORIES) + 8)


def test_other_seed_other_ids(demo: DemoResult, other: DemoResult) -> None:
    """Another seed tells another story with the same outcomes."""
    assert {one.coi for one in other.therapies}.isdisjoint(one.coi for one in demo.therapies)
    told = [one.outcome for one in demo.therapies]
    assert [one.outcome for one in other.therapies] == [*told, *["planned"] * 8]


def test_a_demo_that_is_there_is_moved_aside(demo: DemoResult, other: DemoResult) -> None:
    """Building again loses nothing somebody did in the demo before."""
    kept = existing_demo(other.folder.with_name("demo-1"))
    assert kept is not None
    assert kept.therapies == demo.therapies and kept.tasks == demo.tasks


def row_of(demo: DemoResult, outcome: str) -> BoardRow:
    """The board's line of the therapy whose outcome begins so."""
    coi = next(one.coi for one in demo.therapies if one.outcome.startswith(outcome))
    with opened(demo) as tracker:
        return next(row for row in tracker.read.board() if row.coi == coi)


def test_it_lives_by_a_plan(other: DemoResult) -> None:
    """Over half a year therapies were moved for what befell them; what is booked and not done is to come."""
    reasons: set[str] = set()
    with opened(other) as tracker:
        assert len(other.therapies) == len(STORIES) + 8
        for one in other.therapies:
            entries = [entry.entry for entry in tracker.read.trail(coi=one.coi).entries]
            assert all(entry.statement.occurred_at <= FRIDAY_NIGHT for entry in entries)
            payloads = [entry.statement.payload for entry in entries]
            reasons |= {str(payload.reason) for payload in payloads if isinstance(payload, Rescheduled)}
            lines = [line for line in tracker.read.plan(coi=one.coi) if not line.is_done]
            has_time = all(line.start > FRIDAY_NIGHT - timedelta(hours=3) for line in lines)
            assert has_time or one.outcome != "planned", one
        oldest = min(
            tracker.read.trail(coi=one.coi).entries[0].entry.statement.occurred_at for one in other.therapies
        )
        assert FRIDAY_NIGHT - oldest > timedelta(days=160)
        booked = [use.used for line in tracker.read.plan_week(first=FRIDAY_NIGHT.date()) for use in line.days]
        assert sum(booked) >= 10
        assert any(one.title == CLOSURE for one in tracker.registry.sites["MFG-1"].closures)
    assert {"patient_not_ready", "infection"} <= reasons
    assert verify_store(other.url, clock=SimulatedClock(FRIDAY_NIGHT)).exit_code == 0


@contextmanager
def opened(demo: DemoResult) -> Iterator[Tracker]:
    """The demo as it is when its story ends."""
    clock = SimulatedClock(datetime.fromisoformat(demo.until))
    tracker = Tracker.open(url=demo.url, environment=Environment(clock))
    try:
        yield tracker
    finally:
        tracker.close()


def test_making_the_demo_has_a_clean_room(demo: DemoResult) -> None:
    """Cells that grow and cells that were harvested; every lot is on a label, one waits for its paper."""
    codes = (demo.folder / "papers" / "codes.txt").read_text(encoding="utf-8")
    with opened(demo) as tracker:
        steps = {
            outcome: [one.step for one in tracker.read.making(coi=row_of(demo, outcome).coi)]
            for outcome in ("being made", "made,")
        }
        lots = tracker.read.lots()
        used = {
            line.lot.number: {one.coi for one in tracker.read.trace(thing=line.lot.id).units} for line in lots
        }
    assert steps["being made"][-1] == "feeding" and "selection" not in steps["being made"]
    assert steps["made,"][0] == "selection" and steps["made,"][-1] == "formulation"
    assert len(used["CM-7731"]) == 3 and len(used["SR-4410"]) == 1 and not used["CM-7802"]
    assert all(scan(line.lot.id).code in codes for line in lots)


def test_issue_16_a_licensed_product_from_the_hospitals_side(demo: DemoResult) -> None:
    """Its maker's certificate was read, pharmacist and quality released on it, and both bags were given."""
    row = row_of(demo, "made elsewhere")
    with opened(demo) as tracker:
        found = tracker.read.therapy(coi=row.coi)
        kinds = [one.entry.statement.kind for one in tracker.read.trail(coi=row.coi).entries]
    assert found is not None and found[1] is not None and found[1].is_made_elsewhere
    state = found[0]
    assert state.certificate is not None and state.certificate.containers == 2
    products = [one for one in state.units.values() if one.material is Material.PRODUCT]
    assert [one.final for one in products] == [FinalDisposition.INFUSED] * 2
    assert "released" in kinds and "manufactured" not in kinds and "test_recorded" not in kinds


def test_making_t8_who_was_at_the_same_benches_and_devices_within_a_day(demo: DemoResult) -> None:
    """`trace shared` names what every trail of the store says, from both sides."""
    day = timedelta(hours=24)
    with opened(demo) as tracker:
        at: dict[str, list[tuple[str, datetime, int]]] = {}
        for therapy in demo.therapies:
            at[therapy.coi] = [
                (place, one.entry.statement.occurred_at, one.entry.sequence)
                for one in tracker.read.trail(coi=therapy.coi).entries
                for place in places_of(one.entry.statement)
            ]
        told = {
            coi: {(one.place, one.other, one.other_sequence) for one in tracker.read.shared_places(coi=coi)}
            for coi in at
        }
        with pytest.raises(InputError, match="CTB"):
            tracker.read.shared_places(coi="CTBBBBBBBB")
    expected = {
        coi: {
            (place, other, sequence)
            for other, theirs in at.items()
            for place, then, sequence in theirs
            if other != coi and any(mine == place and abs(then - when) <= day for mine, when, _ in own)
        }
        for coi, own in at.items()
    }
    assert told == expected and any(told.values())
    pairs = {(coi, other) for coi, found in told.items() for _, other, _ in found}
    assert pairs == {(other, coi) for coi, other in pairs}


def test_making_one_therapy_was_collected_and_made_a_second_time(demo: DemoResult) -> None:
    """The first did not grow; results, cells and release are of the second, within the dose that was set."""
    with opened(demo) as tracker:
        found = tracker.read.therapy(coi=row_of(demo, "at the hospital's dock").coi)
    assert found is not None
    state, _ = found
    (failure,) = state.failures.values()
    assert (failure.attempt, failure.cause.value, failure.path.value) == (1, "poor_growth", "recollect")
    bags = [unit for unit in state.units.values() if unit.material is Material.LEUKAPHERESIS]
    products = [unit for unit in state.units.values() if unit.material is Material.PRODUCT]
    assert len(bags) == 2 and {unit.attempt for unit in products} == {2}
    assert all("released" in unit.facts for unit in products)
    assert {attempt for attempt, _ in state.tests} == {2}
    assert state.dose is not None and state.dose.minimum <= 320 <= state.dose.maximum


def test_findings_g17_its_files_are_for_their_owner_alone(demo_result: DemoResult) -> None:
    """Keys, people and the folder they lie in; a copy made by a test has modes of its own."""
    folder = demo_result.folder
    modes = {
        str(path.relative_to(folder)): path.stat().st_mode & 0o777
        for path in (folder, *folder.rglob("*"))
        if path.name != "papers"
    }
    wide = {name: oct(mode) for name, mode in modes.items() if mode & 0o077}
    assert not wide


def test_findings_d19_its_people_are_for_their_owner_alone(demo: DemoResult) -> None:
    """Names and wristbands lie beside the store, on a machine that others may use."""
    assert (demo.folder / "people.json").stat().st_mode & 0o777 == 0o600


def test_therapies_at_every_stage_by_both_protocols(demo: DemoResult) -> None:
    """At least fifteen, and each stage of the journey has one."""
    with opened(demo) as tracker:
        rows = tracker.read.board()
        assert len(rows) == len(demo.therapies) >= 15
        stages = {row.stage for row in rows} | {row.status for row in rows}
        assert {row.protocol for row in rows} == {"autologous-cryopreserved", "autologous-fresh", "ide-cel"}
        for stage in shipped("autologous-fresh").protocol.stages:
            assert stage.name in stages, stage
        assert "canceled" in stages


@pytest.mark.parametrize(
    ("outcome", "attention"),
    [
        ("released out of specification", "out_of_specification"),
        ("in quarantine", "quarantined"),
        ("in quarantine", "deviation"),
        ("infused after a prevented mix-up", "mixup_prevented"),
        ("at the hospital's dock", "handoff_open"),
    ],
)
def test_what_calls_for_somebody(outcome: str, attention: str, demo: DemoResult) -> None:
    """Each mark of the board is there for a reason."""
    assert attention in row_of(demo, outcome).attention


def test_one_is_late_and_others_are_due(demo: DemoResult) -> None:
    """A limit is overdue at one therapy, and others run."""
    (late,) = row_of(demo, "late").clocks
    assert late.due_at < UNTIL
    for outcome, hours in (
        ("in transit to manufacturing", 26),
        ("collected, to be frozen", 26),
        ("at the bed", 1),
    ):
        clock = min(row_of(demo, outcome).clocks, key=lambda one: one.due_at)
        assert timedelta() < clock.due_at - UNTIL < timedelta(hours=hours)


@pytest.mark.parametrize(
    ("outcome", "kind", "mark"),
    [
        ("closed, one handoff", "accepted", "ink"),
        ("being made", "collected", "paper"),
        ("infused after", "mixup_prevented", "mix-up prevented"),
        ("refused at pick-up", "refused", None),
        ("canceled", "canceled", None),
        ("closed", "trail_reviewed", None),
        ("closed", "line_cleared", None),
        ("infused after", "delivery_attempted", None),
        ("in quarantine", "deviation_opened", None),
        ("released out", "released_out_of_specification", None),
        ("canceled", "manufacturing_failed", None),
    ],
)
def test_what_befell_them(outcome: str, kind: str, mark: str | None, demo: DemoResult) -> None:
    """Each therapy's trail holds what its outcome says."""
    coi = next(one.coi for one in demo.therapies if one.outcome.startswith(outcome))
    with opened(demo) as tracker:
        entries = tracker.read.trail(coi=coi).entries
        found = [one for one in entries if one.entry.statement.kind == kind]
        assert found and (mark is None or any(mark in one.marks for one in found))


def test_two_hospitals_share_a_carrier(demo: DemoResult) -> None:
    """The same company holds a product for each of them."""
    rows = [row_of(demo, "at the hospital's dock"), row_of(demo, "in transit to the hospital")]
    assert {row.treatment_site for row in rows} == {"TREAT-A", "TREAT-B"}
    assert {unit.custodian for row in rows for unit in row.units if unit.material == "product"} == {
        "Polar Courier (CARR-X)"
    }


def test_findings_a11_every_frozen_product_expires(demo: DemoResult) -> None:
    """Twelve months after freezing, by both protocols; none of them is without."""
    with opened(demo) as tracker:
        known = (tracker.read.therapy(coi=row.coi) for row in tracker.read.board())
        products = [
            unit
            for one in known
            if one is not None
            for unit in one[0].units.values()
            if unit.material is Material.PRODUCT and "cryopreserved" in unit.facts
        ]
    assert len(products) > 8
    for unit in products:
        frozen = unit.facts["cryopreserved"].at
        assert unit.expires_at is not None
        assert abs(unit.expires_at - frozen.replace(year=frozen.year + 1)) <= timedelta(days=1)


def test_nobody_works_at_night(demo: DemoResult) -> None:
    """But for the last hours, which are where the reader is, the story keeps to the hours of each site."""
    with opened(demo) as tracker:
        for therapy in demo.therapies:
            for one in tracker.read.trail(coi=therapy.coi).entries:
                statement = one.entry.statement
                if UNTIL - statement.occurred_at > timedelta(days=5):
                    local = statement.occurred_at.astimezone(parse_offset(statement.offset))
                    assert 7 <= local.hour < 20, (statement.kind, local)


@pytest.mark.parametrize("name", ["demo", "other"])
def test_everything_to_try_can_be_done(name: str, request: pytest.FixtureRequest) -> None:
    """Where the card says, by whom it says, with the first code it says; every code is read in this store."""
    demo: DemoResult = request.getfixturevalue(name)
    people = {person.staff: person for person in demo.people}
    assert {task.station[:-3] for task in demo.tasks} >= {"COLL-A", "COLL-B", "MFG-1", "TREAT-A", "TREAT-B"}
    with opened(demo) as tracker:
        for task in demo.tasks:
            session = TerminalSession.at(tracker, task.station)
            session.signer = tracker.unlock(
                staff=task.staff, password=people[task.staff].password, station=task.station
            )
            (_, code), *_ = task.codes
            offer = look(session, RawScan(code, ReadMode.SCANNED, 0, len(code))).offer(task.kind)
            assert offer is not None, task
            session.end()


def test_the_start_of_a_collection_says_what_it_asks_in_its_order(demo: DemoResult) -> None:
    """The bag opens the step; the step compares the COI card, so that neither scan before it counts."""
    task = next(one for one in demo.tasks if one.kind == "collection_started")
    assert task.text == "Scan the bag, start the collection; it asks for COI card, bag and donation number."
    assert FORMS["start_collection"].split() == ["coi", "units", "din"]
    assert [name for name, _ in task.codes] == ["bag", "COI card", "donation number"]


def test_what_to_try_is_printed(demo: DemoResult) -> None:
    """Station, person, second person and codes of each, in lines that fit."""
    lines = list(task_lines(demo))
    assert max(map(len, lines)) <= 100
    for task in demo.tasks:
        text = "\n".join(lines)
        assert f"{task.station}  {task.staff} (" in text
        assert all(f"  {code} " in text for _, code in task.codes)


def test_the_badges_are_printed(demo: DemoResult) -> None:
    """With the codes that are scanned off paper."""
    assert (demo.folder / "papers" / "badges.pdf").read_bytes().startswith(b"%PDF")


def test_every_code_in_the_list_is_read(demo: DemoResult) -> None:
    """A person without a scanner can paste each line's code; that of a step has its number."""
    lines = (demo.folder / "papers" / "codes.txt").read_text(encoding="utf-8").splitlines()
    steps = [line.split("  ")[0] for line in lines if "  step: " in line]
    assert len(lines) > 60 and len(steps) > 20
    assert all(re.fullmatch(r"STEP-\d{2,3}", code) for code in steps)
    assert all(read(line.split("  ")[0]).is_ours for line in lines if "  step: " not in line)


def test_findings_f7_the_list_of_codes_has_the_commands(demo: DemoResult) -> None:
    """ALL-IN-ORDER, DONE and the others can be pasted as everything else can."""
    lines = (demo.folder / "papers" / "codes.txt").read_text(encoding="utf-8").splitlines()
    listed = [line.split("  command ") for line in lines if "  command " in line]
    assert [name for _, name in listed] == [
        "ALL-IN-ORDER", "NOT-IN-ORDER", "PARTLY", "ATTEMPTED", "DONE", "CANCEL", "CLEAR-BENCH",
    ]  # fmt: skip
    found = [read(code).printed for code, _ in listed]
    assert [one.command for one in found if one is not None] == [name for _, name in listed]


def test_history_ends_before_until(demo: DemoResult) -> None:
    """Nothing of the demo lies in its own future."""
    assert all(str(row[2]) <= str(UNTIL) for row in history(demo))


def test_until_after_now_is_bad_input(tmp_path: Path) -> None:
    """A history cannot end tomorrow."""
    with pytest.raises(InputError, match="after now"):
        build_demo(folder=tmp_path / "four", until=datetime.now(UTC) + timedelta(days=1))
