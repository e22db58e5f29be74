"""The room of labels and F8: open copies first, applied by scan, voided, destroyed by two, counted."""

from __future__ import annotations

from pathlib import Path

from schema.vocabulary import LabelState, Material, ObjectType, PrintOutcome, Reason
from tests.support.front_desk import Desk, desk_at
from tests.tui.screens.test_screens import kinds
from tracker.demo.journey import Journey
from tracker.registry.stock.requests import IssueLabelStock
from tracker.views.models import open_of
from tui.screens.home import HomeScreen
from tui.screens.label import LabelScreen
from tui.screens.labels import LabelsScreen
from tui.screens.sign import SignScreen
from tui.shown_codes import grouped


def labeled(desk: Desk) -> Journey:
    """A therapy with a labeled bag at the chair."""
    journey = desk.story()
    journey.enroll()
    journey.identify()
    journey.label_bag()
    return journey


def further_copy(desk: Desk, journey: Journey, outcome: PrintOutcome = PrintOutcome.PRINTED) -> str:
    """A second label of the bag, on paper as far as anybody knows."""
    with desk.tracker.prints.job(reason=Reason.LABEL_DAMAGED) as job:
        code = desk.tracker.labels.label(journey.bag, "NURSE-A1", "COLL-A-01").code
        job.settle(outcome)
    return code


async def test_a_copy_is_applied_by_its_scan(tmp_path: Path) -> None:
    """The open copy stands first with what to do; a number chooses it, only its scan says that it is on."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = labeled(desk)
        code = further_copy(desk, journey)
        await desk.sign_in("NURSE-A1")
        await desk.press("ctrl+l")
        room: object = desk.app.screen
        assert isinstance(room, LabelsScreen)
        nurse = desk.network.names["NURSE-A1"]
        told = f"■ copy B of {grouped(journey.bag)}   printed"
        assert told in desk.screen and f"by {nurse}" in desk.screen, desk.screen
        assert "■ missing" in desk.screen and "■ 1 missing" in desk.screen
        await desk.press("down", "enter")
        assert "Apply it and scan it back" in desk.told
        await desk.press("f4")
        assert "Scan the label on its container first" in desk.told
        await desk.scan(code)
        await desk.press("f4")
        dialog: object = desk.app.screen
        assert isinstance(dialog, SignScreen)
        await desk.pin("NURSE-A1")
        assert "signed and written" in desk.told
        assert "Every printed label is accounted for." in desk.screen and "● adds up" in desk.screen
        assert kinds(desk, journey.coi)[-1] == "label_applied"
        assert not open_of(desk.tracker.read.labels(site="COLL-A"))
        await desk.press("escape", "escape")
        front: object = desk.app.screen
        assert isinstance(front, HomeScreen)


async def test_a_copy_is_voided_and_destroyed_by_two(tmp_path: Path) -> None:
    """Void with a reason and one signature; destroy by scan, tally and two; then count by two."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = labeled(desk)
        code = further_copy(desk, journey)
        await desk.sign_in("NURSE-A1")
        await desk.press("ctrl+l")
        await desk.scan(code)
        await desk.press("f6")
        assert grouped(code) in grouped(desk.screen)
        await desk.pick("Misprint")
        await desk.pin("NURSE-A1")
        assert "Destroy it before a second person" in desk.screen, desk.screen
        await desk.press("f7")
        await desk.scan(code)
        await desk.command("DONE")
        await desk.type("1")
        await desk.pin("NURSE-A1")
        await desk.second("NURSE-A2")
        assert kinds(desk, journey.coi)[-1] == "labels_destroyed"
        assert LabelState.DESTROYED in journey.state.units[journey.bag].labels.values()
        await desk.press("f10")
        await desk.press("f10")
        shown: object = desk.app.screen
        assert isinstance(shown, SignScreen)
        rows = dict(shown.statement.rows)
        assert rows[grouped(journey.bag)] == "printed 2 (A, B) = applied 1 (A) + destroyed 1 (B). Adds up."
        await desk.pin("NURSE-A1")
        await desk.second("NURSE-A2")
        assert kinds(desk, journey.coi)[-1] == "labels_reconciled"


async def test_what_never_came_out_has_nothing_to_scan(tmp_path: Path) -> None:
    """It is chosen off the list by its number, and closed with its reason."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = labeled(desk)
        further_copy(desk, journey, PrintOutcome.UNKNOWN)
        await desk.sign_in("NURSE-A1")
        await desk.press("ctrl+l")
        assert "sent to print" in desk.screen
        await desk.type("1")
        assert "Look whether it came out" in desk.told
        await desk.press("f6")
        await desk.pick("Never came out")
        await desk.pin("NURSE-A1")
        assert kinds(desk, journey.coi)[-1] == "label_voided"
        assert not open_of(desk.tracker.read.labels(coi=journey.coi))


async def test_strange_codes_choose_nothing(tmp_path: Path) -> None:
    """A box, a number that is not there and a copy that was never printed are said to be just that."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = labeled(desk)
        await desk.sign_in("NURSE-A1")
        await desk.press("ctrl+l")
        await desk.type("7")
        assert "There is no line 7" in desk.told
        await desk.see(journey.network.boxes["Dry shipper 1"])
        assert "No therapy has this label" in desk.told
        await desk.scan("=A999926000001")
        assert "no label of ours" in desk.told
        await desk.press("f6", "f10")
        assert "Choose a label" in desk.told
        await desk.press("escape")
        assert isinstance(desk.app.screen, HomeScreen)


async def test_f8_asks_why_again(tmp_path: Path) -> None:
    """The first copy is printed; a further one waits for a reason, which Esc takes back."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = labeled(desk)
        await desk.sign_in("NURSE-A1")
        await desk.see(journey.bag)
        await desk.press("f8")
        assert isinstance(desk.app.screen, LabelScreen)
        await desk.type("1")
        await desk.press("f8")
        assert "needs a reason" in desk.told and "WHY A FURTHER COPY" in desk.screen
        await desk.press("escape")
        assert "Nothing was printed" in desk.told
        assert not open_of(desk.tracker.read.labels(coi=journey.coi))
        await desk.type("1")
        await desk.press("f8")
        await desk.type("1")
        assert "is printed" in desk.told
        (copy,) = open_of(desk.tracker.read.labels(coi=journey.coi))
        assert copy.record is not None and copy.record.reason is Reason.LABEL_DAMAGED
        assert copy.word == "printed"


async def test_a_blank_label_is_bound_by_scan(tmp_path: Path) -> None:
    """Scanned in this room a blank asks for its therapy alone; then it is scanned back off its bag."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = desk.story()
        journey.enroll()
        journey.identify()
        unit = desk.fresh(ObjectType.UNIT)
        station = desk.network.stations["COLL-A"]
        with desk.tracker.prints.job() as job:
            material = Material.LEUKAPHERESIS
            code = desk.tracker.labels.blank(unit, material, "COLL-A", "NURSE-A1", station).code
            job.settle(PrintOutcome.PRINTED)
        issue = IssueLabelStock(
            event_id=desk.tracker.new_event_id(), actor="NURSE-A1", station=station,
            site="COLL-A", material=material, units=(unit,), count=1,
        )  # fmt: skip
        journey.network.record(issue, "NURSE-A1")
        await desk.sign_in("NURSE-A1")
        await desk.press("ctrl+l")
        await desk.scan(code)
        await desk.see(journey.coi)
        await desk.pin("NURSE-A1")
        assert kinds(desk, journey.coi)[-1] == "unit_registered"
        await desk.scan(code)
        await desk.press("f4")
        await desk.pin("NURSE-A1")
        assert kinds(desk, journey.coi)[-1] == "label_applied"
        assert not open_of(desk.tracker.read.labels(coi=journey.coi))
        (count,) = desk.tracker.read.label_stock(site="COLL-A")
        assert (count.issued, count.bound, count.left) == (1, 1, 0)
