"""What each event adds to a therapy's history, through the rules that record it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.events.custody import Accepted, Packed, Unpacked
from schema.events.identity import Canceled, Corrected
from schema.events.planning import BookedMilestone, MovedMilestone, Rescheduled, Scheduled, Unscheduled
from schema.events.processing import Cryopreserved, Manufactured, ManufacturedUnit, Rejected, Released
from schema.events.takeover import ContainerBefore, StepBefore, TherapyImported
from schema.instants import format_instant
from schema.vocabulary import Material, Priority, Reason
from tests.support.journeys import Template
from tests.support.rule_cases import Case, case_of
from tests.tracker.rules.measures.test_table import at
from tracker.rules.measures.history import (
    GivenBack,
    History,
    HistoryStep,
    Judgment,
    MadeVerdict,
    Moment,
    read_history,
    written,
)
from tracker.rules.therapy_state import TherapyStatus

Cases = Callable[[str], Case]


def booked(name: str, resource: str, day: int, **more: Any) -> BookedMilestone:
    """A milestone on a day of February 2026, from 9 to 15 h."""
    start, end = at(2, day, 9), at(2, day, 15)
    text = f"2026-02-{day:02d}"
    return BookedMilestone(
        name=name, resource=resource, start=start, end=end, first_day=text, last_day=text, **more
    )


def scheduled(
    case: Case, *milestones: BookedMilestone, ready: str = "2026-02-01", promised: str = "2026-03-09"
) -> None:
    case.happened(
        Scheduled(
            ready_from=ready, priority=Priority.ROUTINE, milestones=milestones, promised_infusion=promised
        )
    )


def moved(case: Case, one: BookedMilestone, from_day: int, reason: Reason) -> Moment:
    told = case.happened(
        Rescheduled(moved=(MovedMilestone(**one.model_dump(), from_start=at(2, from_day, 9)),), reason=reason)
    )
    return Moment(told.occurred_at, case.state.sequence)


class TestSteps:
    def test_from_order_to_infusion(self, template: Template) -> None:
        """The first time of each step, and both ways of one therapy."""
        known = case_of(template.snapshots["infused"], template).state.history
        assert {step.value: f"{one.at:%d %H:%M}" for step in known.steps if (one := known.first(step))} == {
            "enrolled": "05 08:46",
            "collected": "05 12:50",
            "frozen": "05 17:11",
            "making_started": "05 18:40",
            "made": "14 18:52",
            "infusion_started": "25 20:22",
        }
        assert [(one.attempt, one.verdict.value, f"{one.moment.at:%d %H:%M}") for one in known.judgments] == [
            (1, "released", "23 23:24")
        ]
        ways = [
            (one.from_site, one.to_site, one.arrived_site, [each.value for each in one.materials])
            for one in known.ways
        ]
        assert ways == [
            ("COLL-A", "MFG-1", "MFG-1", ["leukapheresis"]),
            ("MFG-1", "TREAT-A", "TREAT-A", ["product"]),
        ]
        assert known.ended is None and known.sites == ("COLL-A", "MFG-1", "TREAT-A")

    def test_a_collection_that_really_ended_at_another_time(self, case: Cases) -> None:
        """The corrected time counts; what is corrected otherwise changes nothing here."""
        found = case("frozen")
        before = found.state.history
        (collected,) = before.steps[HistoryStep.COLLECTED]
        event = next(name for name, one in found.state.events.items() if one.sequence == collected.sequence)
        right = collected.at - timedelta(minutes=50)
        old, new = format_instant(collected.at), format_instant(right)
        found.happened(Corrected(event=event, field="volume_ml", old="200", new="201"))
        assert found.state.history is before
        found.happened(Corrected(event=event, field="ended_at", old=old, new="no time"))
        assert found.state.history is before
        found.happened(Corrected(event=event, field="ended_at", old=old, new=new))
        assert found.state.history.first(HistoryStep.COLLECTED) == Moment(right, collected.sequence)

    def test_frozen_is_what_was_collected(self, case: Cases) -> None:
        """A product that is frozen later is none."""
        found = case("made")
        (product, *_) = (one.unit for one in found.state.units.values() if one.material is Material.PRODUCT)
        before = found.state.history
        found.happened(Cryopreserved(units=(product,)))
        assert found.state.history is before

    def test_canceled_by_a_failed_manufacture(self, case: Cases) -> None:
        """Nobody said more of it than that: the manufacture that was not judged has failed."""
        found = case("made")
        found.happened(Canceled(reason=Reason.MANUFACTURING_FAILED))
        (failed,) = found.state.history.judgments
        assert (failed.attempt, failed.verdict) == (1, MadeVerdict.FAILED)
        assert found.state.status is TherapyStatus.CANCELED and found.state.history.ended == failed.moment

    def test_canceled_for_the_patient_judges_no_manufacture(self, case: Cases) -> None:
        found = case("made")
        found.happened(Canceled(reason=Reason.PATIENT_DIED))
        assert found.state.history.judgments == ()

    def test_two_manufactures_are_judged_each_by_itself(self, case: Cases) -> None:
        """Rejected, made again, released; a retained sample is judged by nobody here."""
        found = case("made")
        first = tuple(one.unit for one in found.state.units.values() if one.material is Material.PRODUCT)
        parent = next(
            one.unit for one in found.state.units.values() if one.material is Material.LEUKAPHERESIS
        )
        found.happened(Rejected(units=first))
        again = ManufacturedUnit(unit="UD222222222", material=Material.PRODUCT)
        found.happened(Manufactured(parents=(parent,), children=(again,), attempt=2))
        found.happened(Released(units=("UD222222222",)))
        judged = [(one.attempt, one.verdict.value) for one in found.state.history.judgments]
        assert judged == [(1, "rejected"), (2, "released")]

    def test_what_paper_says_of_the_time_before(self, case: Cases) -> None:
        """The day on which it came in is no step of it; its times are marked for ever."""
        found = case("enrolled")
        steps = (StepBefore(step="collected", at=at(1, 3)), StepBefore(step="cryopreserved", at=at(1, 4)))
        bag = ContainerBefore(unit="UD222222223", material=Material.LEUKAPHERESIS, attempt=0, steps=steps)
        judged = (StepBefore(step="manufactured", at=at(1, 20)), StepBefore(step="released", at=at(1, 28)))
        product = ContainerBefore(unit="UD222222224", material=Material.PRODUCT, attempt=1, steps=judged)
        found.happened(TherapyImported(containers=(bag, product)))
        known, sequence = found.state.history, found.state.sequence
        assert known.steps == {
            HistoryStep.COLLECTED: (Moment(at(1, 3), sequence, is_from_paper=True),),
            HistoryStep.FROZEN: (Moment(at(1, 4), sequence, is_from_paper=True),),
            HistoryStep.MADE: (Moment(at(1, 20), sequence, is_from_paper=True),),
        }
        released = Moment(at(1, 28), sequence, is_from_paper=True)
        assert known.judgments == (Judgment(1, MadeVerdict.RELEASED, released),)


class TestWays:
    def test_a_box_changed_on_the_road_goes_on_as_one_shipment(self, case: Cases) -> None:
        """Its sender and when the carrier took it stay."""
        found = case("packed")
        bag = found.one.bag
        (way,) = found.state.history.ways
        taken = {"custodian": {"type": "carrier", "id": "CARR-X"}, "condition": "in_order", "units": (bag,)}
        answer = {"handoff": found.state.last.event_id if found.state.last else "", "relinquished": "0" * 64}
        found.happened(Accepted.model_validate({**taken, **answer}), "COUR-X1")
        (on_the_road,) = found.state.history.ways
        assert on_the_road.taken is not None and on_the_road.arrived is None
        box = found.state.units[bag].box
        found.happened(Unpacked(units=(bag,), box=box or ""), "TECH-A1")
        found.happened(
            Packed(
                units=(bag,),
                box="BD222222222",
                shipment=way.shipment,
                seal="SEAL-9",
                tally=1,
                carrier="CARR-X",
                destination="MFG-1",
            ),
            "TECH-T1",
        )
        (swapped,) = found.state.history.ways
        assert swapped == on_the_road

    def test_a_hub_of_the_carrier_is_no_door(self, case: Cases) -> None:
        """It arrives with the first who is no carrier, at the site where that is."""
        found = case("packed")
        bag = found.one.bag
        for party, site in (
            ({"type": "carrier", "id": "CARR-X"}, None),
            ({"type": "department", "id": "CARR-X/HUB"}, None),
            ({"type": "department", "id": "MFG-1/DOCK"}, "MFG-1"),
        ):
            answer = {"handoff": "01890a5d-ac96-774b-8000-000000000001", "relinquished": "0" * 64}
            taken = {"custodian": party, "condition": "in_order", "units": (bag,)}
            found.happened(Accepted.model_validate({**taken, **answer}), "COUR-X1")
            (way,) = found.state.history.ways
            assert (way.taken is not None, way.arrived_site) == (True, site)

    def test_packed_again_before_anybody_came(self, case: Cases) -> None:
        """A way is what a carrier took: until then the last packing counts."""
        found = case("packed")
        (way,) = found.state.history.ways
        found.happened(
            Packed(
                units=(found.one.bag,),
                box="BD222222222",
                shipment=way.shipment,
                seal="SEAL-9",
                tally=1,
                carrier="CARR-Y",
                destination="MFG-1",
            ),
            "TECH-A1",
        )
        (again,) = found.state.history.ways
        assert (again.carrier, again.packed.sequence) == ("CARR-Y", found.state.sequence)


class TestPlans:
    def test_the_first_ready_day_and_promise_stay(self, case: Cases) -> None:
        """What was said later stands beside."""
        found = case("enrolled")
        scheduled(found, booked("collection", "COLL-A/CHAIR", 3))
        found.happened(Unscheduled(names=("collection",), reason=Reason.INFECTION))
        scheduled(found, booked("collection", "COLL-A/CHAIR", 17), ready="2026-02-14")
        known = found.state.history
        assert (known.ready_from, known.promised_last) == ("2026-02-01", "2026-03-09")
        found.happened(Rescheduled(promised_infusion="2026-03-23", reason=Reason.INFECTION))
        known = found.state.history
        assert (known.promised_first, known.promised_last) == ("2026-03-09", "2026-03-23")
        assert known.moves == () and len(known.given_back) == 1

    def test_a_place_is_given_back_by_another_day_and_not_by_another_hour(self, case: Cases) -> None:
        """With when and why; the place of a site that only has to be open is none."""
        found = case("enrolled")
        chair = booked("collection", "COLL-A/CHAIR", 3)
        scheduled(found, chair, booked("receipt", "MFG-1", 4))
        later_that_day = chair.model_copy(update={"start": at(2, 3, 10)})
        moved(found, later_that_day, 3, Reason.OTHER)
        assert found.state.history.given_back == ()
        moment = moved(found, booked("collection", "COLL-A/CHAIR", 5), 3, Reason.INFECTION)
        known = found.state.history
        assert known.given_back == (GivenBack("COLL-A/CHAIR", at(2, 3, 10), moment, Reason.INFECTION),)
        assert [(one.resource, one.first_day) for one in known.places] == [("COLL-A/CHAIR", "2026-02-05")]
        assert [one.word for one in known.moves] == ["other", "infection"]

    def test_canceled_gives_back_what_is_to_come_and_keeps_what_was_used(self, case: Cases) -> None:
        """A chair in which somebody sat was used, whatever came of it."""
        found = case("enrolled")
        scheduled(found, booked("collection", "COLL-A/CHAIR", 3), booked("infusion", "TREAT-A/BED", 20))
        found.now = at(2, 10)
        found.happened(Canceled(reason=Reason.PATIENT_WITHDREW))
        known = found.state.history
        assert [one.resource for one in known.places] == ["COLL-A/CHAIR"]
        assert [(one.resource, one.reason) for one in known.given_back] == [
            ("TREAT-A/BED", Reason.PATIENT_WITHDREW)
        ]

    def test_a_second_collection_leaves_the_first_chair_used(self, case: Cases) -> None:
        """Both were sat in; nothing was given back, and a chair that is moved after its time was."""
        found = case("enrolled")
        scheduled(found, booked("collection", "COLL-A/CHAIR", 3), booked("infusion", "TREAT-A/BED", 20))
        found.now = at(2, 12)
        scheduled(found, booked("collection", "COLL-A/CHAIR", 16))
        known = found.state.history
        assert [(one.resource, one.first_day) for one in known.places] == [
            ("COLL-A/CHAIR", "2026-02-03"),
            ("COLL-A/CHAIR", "2026-02-16"),
            ("TREAT-A/BED", "2026-02-20"),
        ]
        assert known.given_back == ()
        found.now = at(2, 17)
        moved(found, booked("collection", "COLL-A/CHAIR", 18), 16, Reason.PATIENT_NOT_READY)
        known = found.state.history
        assert [one.first_day for one in known.places] == ["2026-02-03", "2026-02-18", "2026-02-20"]
        assert [(one.starts_at, one.reason) for one in known.given_back] == [
            (at(2, 16, 9), Reason.PATIENT_NOT_READY)
        ]


class TestTheText:
    def test_written_and_read_again(self, template: Template) -> None:
        """Every history of a journey, word by word."""
        for snapshot in template.snapshots.values():
            for state in snapshot.therapies.values():
                assert read_history(written(state.history)) == state.history

    def test_a_history_is_the_same_object_where_nothing_of_it_changed(self, case: Cases) -> None:
        """So that no row is written for most entries."""
        found = case("made")
        before = found.state.history
        found.happened(
            Corrected(
                event=found.state.last.event_id if found.state.last else "", field="x", old="a", new="b"
            )
        )
        assert found.state.history is before

    @given(st.text(max_size=60))
    def test_any_other_text_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="is no history of a therapy"):
            read_history(text)

    @given(st.data())
    def test_a_changed_character_is_refused_or_reads_otherwise(self, data: st.DataObject) -> None:
        """Nothing is read as what it was, and nothing ends in another error."""
        text = written(EXAMPLE)
        at_place = data.draw(st.integers(0, len(text) - 1))
        char = data.draw(
            st.characters(min_codepoint=32, max_codepoint=126).filter(lambda one: one != text[at_place])
        )
        changed = text[:at_place] + char + text[at_place + 1 :]
        try:
            found = read_history(changed)
        except ValueError:
            return
        assert found != EXAMPLE or written(found) != changed


EXAMPLE = History(
    "cryo",
    "LAB",
    "PLANT",
    "WARD",
    ready_from="2026-01-05",
    steps={HistoryStep.COLLECTED: (Moment(at(1, 10), 7),)},
    judgments=(Judgment(1, MadeVerdict.RELEASED, Moment(at(2, 2), 40)),),
)
