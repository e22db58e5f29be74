"""A therapy that began before cartrail: its stage off paper, its units found where they lie."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from labels.pdf import render_png
from schema.errors import InputError
from schema.events.takeover import TherapyImported
from schema.instants import format_instant
from schema.vocabulary import Disposition, EntryMode, FinalDisposition, LocationType, Material, ObjectType
from tests.support.journeys import World, lead
from tests.support.under_way import (
    BAGS,
    by_code,
    found,
    import_values,
    on_paper,
    patient,
    recent,
    refused,
    taken_over,
    tanks,
)
from tracker.concerns import Concern
from tracker.demo.journey import scan
from tracker.exports.disclosure import NOTHING_MORE
from tracker.exports.dossiers import dossiers
from tracker.exports.gaps import gaps_of
from tracker.exports.selection import EventSelection
from tracker.exports.trails import Trails
from tracker.registry.places.requests import AddLocation, DeactivateSite, SetLocationConditions
from tracker.registry.stock.requests import IssueLabelStock
from tracker.rules.therapy_state import TherapyState, UnitState
from tracker.therapy.custody.requests import Retrieve
from tracker.therapy.identity.requests import MatchBeforeThaw
from tracker.therapy.takeover.requests import FindUnits, ImportTherapy
from tracker.therapy.takeover.therapy_file import therapy_example
from tui.words import attention_words

Worlds = Callable[[str], World]


def bag(state: TherapyState, number: int = 0) -> UnitState:
    """A product bag by its place in the file."""
    return [one for one in state.units.values() if one.material is Material.PRODUCT][number]


def now_of(given: World, coi: str) -> TherapyState:
    """The therapy as it stands."""
    known = given.tracker.read.therapy(coi=coi)
    assert known is not None
    return known[0]


def test_issue_12_6a_a_therapy_comes_in_at_its_stage(world: Worlds) -> None:
    """One act of two people, imported: the bags are released and lie in their tank, by their true times."""
    given = world("enrolled")
    state = taken_over(given)
    first, second = given.entries(state.coi)
    for entry in (first, second):
        assert entry.statement.mode is EntryMode.IMPORTED
        assert [(one.signer, one.meaning.value) for one in entry.signatures] == [
            ("DOC-A1", "performed"),
            ("LAB-A1", "verified"),
        ]
    assert [first.statement.kind, second.statement.kind] == ["enrolled", "therapy_imported"]
    assert first.statement.act == second.statement.act
    founded = given.tracker.registry.founded_at
    one = bag(state)
    assert founded is not None and one.facts["manufactured"].at < founded
    assert (one.attempt, one.volume_ml, one.location) == (1, Decimal(68), tanks(given)[0])
    assert one.disposition is Disposition.RELEASED and one.not_found_yet
    assert one.expires_at is not None
    assert one.expires_at - one.facts["cryopreserved"].at < timedelta(days=366)
    (leukapheresis,) = (state.units[name] for name in one.parents)
    assert leukapheresis.final is FinalDisposition.CONSUMED
    assert state.tests[1, "viability"].result == "88"
    assert state.last_kind == "stored"


def test_issue_12_6a_the_papers_are_kept_and_named_by_nothing_of_the_patient(world: Worlds) -> None:
    """The scanned release is in the chain by a commitment of its SHA-256; no identifier is."""
    given = world("enrolled")
    state = taken_over(given)
    payload = given.entries(state.coi)[1].statement.payload
    assert isinstance(payload, TherapyImported) and len(payload.scans) == 1
    body = given.bytes_of(state.coi)
    assert all(one.value.encode() not in body for one in patient())


def test_issue_12_6a_no_step_before_a_unit_is_found(world: Worlds) -> None:
    """Every step is refused with what to do; then it is retrieved and matched before the thaw."""
    given = world("enrolled")
    state = taken_over(given)
    retrieving = {"units": (by_code(BAGS[0]),), "location": scan(tanks(given)[0]), "at": "TREAT-A"}
    problem = given.refusal(Retrieve, "LAB-A1", **retrieving)
    assert problem.error == "not_found_yet"
    assert "by paper in" in problem.message and "cartrail patient found" in (problem.remedy or "")
    assert found(given, BAGS[0]).ok
    given.do(Retrieve, "LAB-A1", **retrieving)
    matching = {
        "units": (by_code(BAGS[0]),), "coi": scan(state.coi), "patient": patient(carrier="wristband"),
        "others": "LAB-A2 witnessed", "at": "TREAT-A",
    }  # fmt: skip
    given.do(MatchBeforeThaw, "LAB-A1", **matching)
    after = now_of(given, state.coi)
    assert not bag(after).not_found_yet and bag(after, 1).not_found_yet
    other = given.refusal(Retrieve, "LAB-A1", **{**retrieving, "units": (by_code(BAGS[1]),)})
    assert other.error == "not_found_yet"


def test_issue_12_6a_a_unit_is_found_once(world: Worlds) -> None:
    """Scanned again there is nothing to do, nor for a unit that never came off paper."""
    given = world("enrolled")
    taken_over(given)
    assert found(given, *BAGS).ok
    again = found(given, BAGS[0])
    assert again.problem is not None and again.problem.error == "already_done"
    strange = found(given, "EX-0099-1")
    assert strange.problem is not None and not strange.ok


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('{ step = "cryopreserved", at = "', '{ step = "retrieved", at = "', "clock_without_start"),
        ('result = "88"', 'result = "12"', "test_failed"),
        ('result = "88"', 'result = "often"', "test_unknown"),
        ('test = "dose"', 'test = "taste"', "test_unknown"),
        ('{ step = "released", at', '{ step = "quarantined", at', "not_in_protocol"),
        ('parents = ["leukapheresis"]', 'parents = ["bag 9"]', "unknown_parent"),
    ],
)
def test_issue_12_6a_what_paper_cannot_say(old: str, new: str, rule: str, world: Worlds) -> None:
    """Each is refused by its own rule, and nothing is recorded."""
    given = world("enrolled")
    assert refused(given, (old, new)).error == rule


def test_issue_12_6a_an_expired_unit_is_not_taken_over(world: Worlds) -> None:
    """By the date on its label, which is earlier than the protocol's shelf life."""
    given = world("enrolled")
    written = recent("2027-08-31", given.clock.now().date())
    problem = refused(given, (written, f"{given.clock.now() - timedelta(days=1):%Y-%m-%d}"))
    assert problem.error == "expired" and "EX-0042-1" in problem.message


def test_issue_12_6a_two_units_with_one_code(world: Worlds) -> None:
    """Said of the file before anything is asked, and of a request that no file has checked."""
    given = world("enrolled")
    with pytest.raises(InputError, match="the code EX-0042-1 of MFG-1 stands there 2 times"):
        on_paper(given, ("EX-0042-2", "EX-0042-1"))
    values = import_values(given)
    values["containers"][2]["codes"] = values["containers"][1]["codes"]
    assert given.refusal(ImportTherapy, "DOC-A1", **values).error == "code_twice"


def test_issue_12_6a_a_step_without_a_time_and_a_unit_without_a_place(world: Worlds) -> None:
    """What paper must say is named by its key."""
    given = world("enrolled")
    step = '{ step = "relinquished", at = "'
    written = next(line for line in therapy_example().splitlines() if step in line)
    day = recent(written.partition('at = "')[2][:10], given.clock.now().date())
    with pytest.raises(InputError, match=r"units\.2\.steps\.6\.at is missing"):
        on_paper(given, (f'{step}{day} 08:30" }}', '{ step = "relinquished" }'))
    with pytest.raises(InputError, match='"bag 1" has neither a place nor a carrier nor an end'):
        on_paper(given, (f'place = "{tanks(given)[0]}"', ""))


def test_issue_12_6a_a_release_without_its_paper_or_a_result(world: Worlds) -> None:
    """A release is what its scanned paper and its results say."""
    given = world("enrolled")
    assert refused(given, papers=()).error == "release_paper_missing"
    values = import_values(given)
    values["results"] = values["results"][1:]
    assert given.refusal(ImportTherapy, "DOC-A1", **values).error == "tests_pending"


def test_issue_12_6a_one_person_alone_and_another_mode(world: Worlds) -> None:
    """Who read the paper does not read it back, and live nobody takes over."""
    given = world("enrolled")
    assert refused(given, others="").error == "signature_missing"
    assert refused(given, others="DOC-A1 verified").error == "same_person"
    with pytest.raises(InputError, match="taken over from paper alone"):
        given.ask(ImportTherapy, "DOC-A1", **import_values(given, entry={"mode": "unattended"}))


def test_issue_12_6a_it_lies_elsewhere(world: Worlds) -> None:
    """In another tank it is found before a witness, and a deviation is drafted about it."""
    given = world("enrolled")
    state = taken_over(given)
    elsewhere = "LD234567892"
    given.do(
        AddLocation, "ADMIN-1", site="TREAT-A", department="CELL-LAB", location=elsewhere,
        title="Tank 9", location_type=LocationType.STORAGE,
    )  # fmt: skip
    given.do(SetLocationConditions, "ADMIN-1", location=elsewhere, celsius_max="-150")
    alone = found(given, BAGS[0], tank=elsewhere)
    assert alone.problem is not None and alone.problem.error == "signature_missing"
    assert found(given, BAGS[0], tank=elsewhere, others="LAB-A2 witnessed").ok
    after = now_of(given, state.coi)
    assert bag(after).location == elsewhere
    assert [one.cause for one in after.deviations.values()] == [("not_there",)]
    assert not bag(after).quarantined


@pytest.mark.parametrize(("celsius_max", "rule"), [("8", "wrong_place"), (None, "place_without_band")])
def test_findings_a8_found_where_it_is_too_warm(celsius_max: str | None, rule: str, world: Worlds) -> None:
    """A frozen bag in a refrigerator, as paper says, or where nobody knows how warm it is: it is held."""
    given = world("enrolled")
    warm = "LD234567892"
    given.do(
        AddLocation, "ADMIN-1", site="TREAT-A", department="CELL-LAB", location=warm,
        title="Refrigerator 7", location_type=LocationType.STORAGE,
    )  # fmt: skip
    if celsius_max is not None:
        given.do(SetLocationConditions, "ADMIN-1", location=warm, celsius_min="2", celsius_max=celsius_max)
    state = taken_over(given, (f'place = "{tanks(given)[0]}"', f'place = "{warm}"'))
    assert found(given, *BAGS, tank=warm).ok
    added = [one.statement for one in given.entries(state.coi)[2:]]
    assert [one.kind for one in added] == ["unit_found", "deviation_drafted", "quarantined"]
    assert added[1].payload.to_json()["cause"] == [rule]
    after = now_of(given, state.coi)
    assert bag(after).quarantined and bag(after, 1).quarantined
    (deviation,) = after.deviations.values()
    assert {*deviation.units} == {bag(after).unit, bag(after, 1).unit}


def test_issue_12_6a_a_limit_passed_on_paper_is_a_deviation(world: Worlds) -> None:
    """Put away 75 min after the box was opened, where 30 are allowed: quality hears of it."""
    given = world("enrolled")
    state = taken_over(given, ('10:45" },', '11:45" },'))
    kinds = [one.statement.kind for one in given.entries(state.coi)]
    assert kinds == ["enrolled", "therapy_imported", "deviation_drafted"]
    (deviation,) = state.deviations.values()
    assert deviation.cause == ("limit.product_out_of_storage",)
    assert [*state.open_deviations(bag(state).unit)] == [deviation]


def findings(given: World, coi: str) -> dict[Concern, tuple[str, ...]]:
    """What page one of a report lists."""
    made = list(dossiers(Trails(given.tracker, [coi], EventSelection()), NOTHING_MORE))
    return {one.concern: one.findings for one in gaps_of(made, given.clock.now())}


def flags(given: World, coi: str) -> tuple[str, ...]:
    """The marks of the board."""
    return next(row.attention for row in given.tracker.read.board() if row.coi == coi)


def test_issue_12_6a_board_labels_and_report_say_it_for_ever(world: Worlds) -> None:
    """Before cartrail, taken from paper; while a unit waits to be found, that too."""
    given = world("enrolled")
    state = taken_over(given)
    assert flags(given, state.coi) == ("not_found_yet", "from_paper")
    waiting = findings(given, state.coi)[Concern.NOT_FOUND]
    assert waiting[0] == f"{state.coi}: {bag(state).unit} (product), by paper in {tanks(given)[0]}"
    assert len(waiting) == 2
    assert found(given, *BAGS).ok
    assert flags(given, state.coi) == ("from_paper",)
    told = findings(given, state.coi)
    assert not told[Concern.NOT_FOUND]
    assert told[Concern.BEFORE] == (f"{state.coi} 1 therapy imported: before cartrail, taken from paper",)
    assert attention_words(("from_paper",)) == "▲ before cartrail, taken from paper"


def test_issue_12_6a_labels_say_it(world: Worlds) -> None:
    """On the bag and on the card of the therapy, and it fits on their paper."""
    given = world("enrolled")
    state = taken_over(given)
    station = given.network.stations["TREAT-A"]
    own = given.tracker.labels.label(bag(state).unit, "LAB-A1", station, preview=True)
    card = given.tracker.labels.label(state.coi, "LAB-A1", station, preview=True)
    assert own.statements[-1] == "BEFORE CARTRAIL, TAKEN FROM PAPER"
    assert card.therapy.endswith("; taken from paper")
    for content in (own, card):
        assert render_png(content).startswith(b"\x89PNG"), "it fits on its paper, or it is refused"


CARRIER = "CARR-X"


def changed(given: World, **fields: object) -> dict[str, Any]:
    """The request with other fields of its second product bag."""
    values = import_values(given)
    values["containers"][2].update(fields)
    return values


def test_issue_12_6a_a_unit_on_the_way(world: Worlds) -> None:
    """It is with its carrier in a box until it is scanned where it arrived; no witness is asked."""
    given = world("enrolled")
    box = given.network.boxes["Dry shipper 1"]
    state = taken_over(given, **changed(given, location=None, carrier=CARRIER, box=box))
    away = bag(state, 1)
    assert away.custodian is not None and (str(away.custodian), away.box) == (f"carrier:{CARRIER}", box)
    assert away.location is None and away.not_found_yet
    told = findings(given, state.coi)[Concern.NOT_FOUND]
    assert told[1] == f"{state.coi}: {away.unit} (product), by paper in {box}, with carrier:{CARRIER}"
    assert found(given, BAGS[1]).ok
    arrived = bag(now_of(given, state.coi), 1)
    assert (arrived.location, arrived.box) == (tanks(given)[0], None) and not arrived.not_found_yet
    assert not now_of(given, state.coi).deviations


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"carrier": CARRIER}, "way_unclear"),
        ({"location": None, "carrier": CARRIER}, "way_unclear"),
        ({"location": None, "box": "BD234567892"}, "way_unclear"),
        ({"location": None, "carrier": "MFG-1", "box": "BD234567892"}, "carrier_unknown"),
        ({"location": None, "carrier": CARRIER, "box": "BD234567892"}, "box_unknown"),
    ],
)
def test_issue_12_6a_a_way_that_is_none(fields: dict[str, object], rule: str, world: Worlds) -> None:
    """A carrier of the network and a box of the store, and no place beside them."""
    given = world("enrolled")
    assert refused(given, **changed(given, **fields)).error == rule


def test_a_box_of_others_is_not_held_up_by_paper(world: Worlds) -> None:
    """A packed box is handed over as a whole: a unit that only paper puts into it would stop all in it."""
    given = world("packed")
    box = next(one.box for one in given.state().units.values() if one.box is not None)
    why = refused(given, **changed(given, location=None, carrier=CARRIER, box=box))
    assert why.error == "box_elsewhere" and "holds 1 unit with person:TECH-A1" in why.message
    lead(given.one, "received")


def test_two_therapies_on_the_way_in_one_box(world: Worlds) -> None:
    """Paper may put both into it, with one carrier."""
    given = world("enrolled")
    box = given.network.boxes["Dry shipper 1"]
    away = {"location": None, "carrier": CARRIER, "box": box}
    assert bag(taken_over(given, **changed(given, **away)), 1).box == box
    second = changed(given, **away)
    second["patient"] = tuple(one.model_copy(update={"value": f"{one.value[:-1]}8"}) for one in patient())
    second["containers"][0]["codes"] = [{**second["containers"][0]["codes"][0], "code": "=A99992600004300"}]
    for number, one in enumerate(second["containers"][1:]):
        one["codes"] = [{**one["codes"][0], "code": f"EX-0043-{number}"}]
    assert given.ask(ImportTherapy, "DOC-A1", **second).ok
    elsewhere = {**away, "carrier": "CARR-Y"}
    assert refused(given, **changed(given, **elsewhere)).error in ("box_elsewhere", "patient_active")


@pytest.mark.parametrize(
    ("number", "fields", "rule"),
    [
        (0, {"parents": ("bag 1",)}, "unknown_parent"),
        (1, {"steps": ({"step": "manufactured", "at": "1972-01-01T00:00:00Z"},)}, "before_parent"),
    ],
)
def test_units_that_cannot_come_out_of_each_other(
    number: int, fields: dict[str, object], rule: str, world: Worlds
) -> None:
    """In a ring, or before what they were made of was there."""
    given = world("enrolled")
    values = import_values(given)
    values["containers"][number].update(fields)
    assert given.refusal(ImportTherapy, "DOC-A1", **values).error == rule


def test_one_blank_label_for_two_units(world: Worlds) -> None:
    """The second would take the place of the first without a word."""
    given = world("enrolled")
    blank = given.tracker.new_object_id(object_type=ObjectType.UNIT)
    given.do(
        IssueLabelStock,
        "LAB-A1",
        site="TREAT-A",
        material=Material.PRODUCT,
        units=(blank,),
        count=1,
        at="TREAT-A",
    )
    values = import_values(given)
    for one in values["containers"][1:]:
        one["unit"] = blank
    why = given.refusal(ImportTherapy, "DOC-A1", **values)
    assert (why.error, why.message) == ("code_twice", f"The blank label {blank} stands there for two units.")


def test_issue_12_6a_a_unit_in_quarantine_stays_there(world: Worlds) -> None:
    """Found it counts, and nothing but the word of quality takes it out of quarantine."""
    given = world("enrolled")
    state = taken_over(given, **changed(given, quarantined="temperature_excursion"))
    assert [one.quarantined for one in (bag(state), bag(state, 1))] == [False, True]
    assert found(given, *BAGS).ok
    assert bag(now_of(given, state.coi), 1).quarantined
    matching = {
        "units": (by_code(BAGS[1]),), "coi": scan(state.coi), "patient": patient(carrier="wristband"),
        "others": "LAB-A2 witnessed", "at": "TREAT-A",
    }  # fmt: skip
    given.do(Retrieve, "LAB-A1", units=(by_code(BAGS[1]),), location=scan(tanks(given)[0]), at="TREAT-A")
    assert given.refusal(MatchBeforeThaw, "LAB-A1", **matching).error == "quarantined"


def test_issue_12_6a_a_cassette_of_our_own(world: Worlds) -> None:
    """Its code finds the unit, and no other unit is in it."""
    given = world("enrolled")
    cassette = given.tracker.new_object_id(object_type=ObjectType.CASSETTE)
    state = taken_over(given, **changed(given, cassette=cassette))
    assert bag(state, 1).cassette == cassette
    found_units = {"units": (scan(cassette),), "location": scan(tanks(given)[0]), "at": given.one.treatment}
    assert given.ask(FindUnits, "LAB-A1", **found_units).ok
    values = import_values(given)
    values["containers"][1]["cassette"] = cassette
    values["containers"][0]["codes"] = ()
    for number, one in enumerate(values["containers"][1:]):
        one["codes"] = [{**one["codes"][0], "code": f"EX-0043-{number}"}]
    with pytest.raises(InputError, match="already stands for something"):
        given.ask(ImportTherapy, "DOC-A1", **values)


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"title": "bag 1"}, "unit_twice"),
        ({"parents": ("bag 2",)}, "unknown_parent"),
        ({"codes": (), "unit": None}, "no_code"),
        ({"unit": "UD234567892"}, "not_a_blank"),
        ({"location": "LD234567892"}, "location_unknown"),
    ],
)
def test_issue_12_6a_a_unit_that_makes_no_sense(fields: dict[str, object], rule: str, world: Worlds) -> None:
    """A title of two, its own parent, without a code, under a label that nobody issued, in no place."""
    given = world("enrolled")
    assert refused(given, **changed(given, **fields)).error == rule


def test_issue_12_6a_a_unit_lies_at_a_site_of_the_therapy(world: Worlds) -> None:
    """A tank of a site that has no part in it is a mistake in reading."""
    given = world("enrolled")
    foreign = next(one.id for one in given.tracker.registry.locations.values() if one.site == "TREAT-B")
    assert refused(given, **changed(given, location=foreign)).error == "site_unfit"


def test_issue_12_6a_who_wrote_it_down_does_not_read_it_back(world: Worlds) -> None:
    """The second person is neither who read the paper nor who typed it."""
    given = world("enrolled")
    wrote = {"entry": {"mode": EntryMode.IMPORTED.value, "by": "LAB-A1"}}
    assert refused(given, **wrote).error == "same_person"


def test_issue_12_6a_a_carrier_that_left_has_nothing(world: Worlds) -> None:
    """What it once carried lies somewhere else by now."""
    given = world("enrolled")
    box = given.network.boxes["Dry shipper 1"]
    away = {"location": None, "carrier": CARRIER, "box": box}
    given.do(DeactivateSite, "QA-2", others="QA-A approved", at=given.one.treatment, site=CARRIER)
    assert refused(given, **changed(given, **away)).error == "carrier_unknown"


def test_issue_12_6a_what_was_used_up_is_not_found(world: Worlds) -> None:
    """Its container may lie there still, empty: it waits for nobody."""
    given = world("enrolled")
    state = taken_over(given)
    used_up = next(one for one in state.units.values() if one.final is FinalDisposition.CONSUMED)
    answer = found(given, used_up.adopted[0].value)
    assert answer.problem is not None and answer.problem.error == "already_done"
    assert "is not one that waits to be found" in answer.problem.message


def test_issue_12_6a_what_was_used_up_needs_no_code(world: Worlds) -> None:
    """Nobody will scan it: its container is gone."""
    given = world("enrolled")
    values = import_values(given)
    values["containers"][0]["codes"] = ()
    state = taken_over(given, **values)
    used_up = [one for one in state.units.values() if one.final is FinalDisposition.CONSUMED]
    assert [(one.material, one.adopted, one.attempt) for one in used_up] == [(Material.LEUKAPHERESIS, (), 0)]


@pytest.mark.parametrize(("milliseconds", "rule"), [(0, None), (1, "occurred_ahead")])
@pytest.mark.parametrize("what", ["container", "therapy", "result"])
def test_issue_12_6a_nothing_was_after_the_paper_was_read(
    what: str, milliseconds: int, rule: str | None, world: Worlds
) -> None:
    """In the same millisecond it may have been."""
    given = world("enrolled")
    values = import_values(given)
    steps = {"container": values["containers"][2]["steps"], "therapy": values["steps"]}
    late = steps[what][-1] if what in steps else values["results"][0]
    late["at"] = format_instant(given.clock.now() + timedelta(milliseconds=milliseconds))
    values["occurred_at"] = format_instant(given.clock.now())
    answer = given.ask(ImportTherapy, "DOC-A1", **values)
    said = None if answer.problem is None else answer.problem.error
    assert said == rule


@pytest.mark.parametrize(("milliseconds", "rule"), [(0, "expired"), (1, None)])
def test_issue_12_6a_at_the_end_of_its_shelf_life_it_is_over(
    milliseconds: int, rule: str | None, world: Worlds
) -> None:
    """Until a millisecond before it may be taken over."""
    given = world("enrolled")
    values = import_values(given)
    now = given.clock.now()
    values["containers"][2]["expires_at"] = format_instant(now + timedelta(milliseconds=milliseconds))
    answer = given.ask(ImportTherapy, "DOC-A1", **{**values, "occurred_at": format_instant(now)})
    said = None if answer.problem is None else answer.problem.error
    assert said == rule
