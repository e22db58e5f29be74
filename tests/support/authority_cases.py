"""Each request of the catalog in a situation where it can be taken, asked by somebody with one role alone.

Which roles may is no matter of this module: `tests/tracker/authority.toml` says what each is answered.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any, Final

from msgspec.structs import replace

from schema.events import Party
from schema.events.adoption import ManifestForm
from schema.events.identity import Closed
from schema.events.labels import LabelVoided
from schema.events.paperwork import FormIssued
from schema.events.processing import ManufacturingStarted, Quarantined, ThawEnded, ThawStarted
from schema.identifiers import copy_number
from schema.instants import format_instant
from schema.vocabulary import AlertCause, Material, PartyType, Reason, Role
from tests.support.journeys import scans
from tests.support.licensed import MAKERS_COI, MANIFEST
from tests.support.plans import later_by, wanted_chain, with_capacity
from tests.support.rule_cases import Case
from tests.tracker.therapy.labels.test_labels import printed
from tests.tracker.therapy.test_deviations import assessment, opened
from tracker.demo.journey import GOOD_RESULTS, scan
from tracker.requests.base import Request, Scan
from tracker.rules.alert_state import Alert
from tracker.rules.decision import Allowed, Decision
from tracker.rules.registry_state import Grant, Person
from tracker.rules.therapy_state import UnitState
from tracker.therapy.adoption.requests import ReceiveManifest
from tracker.therapy.conditions.logger_file import packed_file
from tracker.therapy.conditions.requests import RecordConditions
from tracker.therapy.custody import requests as custody
from tracker.therapy.deviations import AssessDeviation
from tracker.therapy.making.requests import RecordTest
from tracker.therapy.planning.requests import Schedule

Values = dict[str, Any]
Setup = Callable[[Case], Values]

FORM: Final = "FD234567892"
PAPER: Final = base64.b64encode(b"%PDF-1.7\n1 0 obj\na scanned sheet\nstartxref\n0\n%%EOF\n").decode()
OUTSIDE: Final = {"reason": "other"}


def staff_of(role: Role) -> str:
    """Who has this role, and no other."""
    return f"ONLY-{role.name[:11].replace('_', '-')}"


def with_everybody(case: Case, site: str) -> Case:
    """The case with one person for each role at a site; couriers are of the carrier of this story."""
    people, grants = {**case.registry.people}, {**case.registry.grants}
    for role in Role:
        staff = staff_of(role)
        people[staff] = Person(staff, f"Only {role.value}")
        grants[staff] = (
            Grant(
                event_id="01890a5d-ac96-774b-8000-0000000000aa",
                staff=staff,
                role=role,
                site="CARR-X" if role is Role.COURIER else site,
                valid_from=case.now.replace(year=2020),
                valid_until=None,
                training_reference="SOP 1",
                training_expires_at=None,
                granted_by="QA-1",
                sequence=0,
            ),
        )
    case.registry = replace(case.registry, people=people, grants=grants)
    return case


def answer_of(decision: Decision) -> str:
    """`taken`, `outside` when it is recorded with its mark, or the rule that refuses it."""
    if not isinstance(decision, Allowed):
        return decision.reason.rule
    return "outside" if any(draft.outside_rules for draft in decision.events) else "taken"


@dataclass(frozen=True, slots=True)
class TherapyCase:
    """Where and when a request about a therapy is asked, and what it says."""

    stage: str
    site: str
    values: Setup

    def asked(self, case: Case, request_class: type[Request], role: Role, *, outside: bool) -> str:
        """What somebody with this role alone is answered."""
        values = self.values(with_everybody(case, self.site))
        declared = {"outside_rules": OUTSIDE} if outside else {}
        return answer_of(case.decide(request_class, staff_of(role), at=self.site, **{**values, **declared}))


def _coi(case: Case) -> Values:
    return {"coi": scan(case.one.coi)}


def _free(case: Case, *units: str) -> Case:
    """Units that nobody holds by name, so that the role alone decides."""
    for unit in units or tuple(case.state.units):
        case.change(unit, custodian=None)
    return case


def _bag(case: Case) -> Values:
    return {"units": scans(_free(case).one.bag)}


def _frozen_bag(case: Case) -> Values:
    _free(case).change(case.one.bag, location=None)
    return {"units": case.one.frozen_scans((case.one.bag,))}


def _to_thaw(case: Case) -> Values:
    values = _frozen_bag(case)
    case.happened(ManufacturingStarted(units=(case.one.bag,)), "OPER-1")
    return {**values, "step": "starting_thaw"}


def _product(case: Case) -> Values:
    return {"units": scans(_free(case).one.products[0])}


def _cassette(case: Case) -> Values:
    return {"units": _free(case).one.frozen_scans((case.one.products[0],))}


def _both(case: Case) -> Values:
    return {"units": _free(case).one.frozen_scans(tuple(case.one.products))}


def _with(make: Setup, **more: Any) -> Setup:
    return lambda case: {**make(case), **more}


def _patient(case: Case) -> Values:
    return {**_coi(case), "patient": case.one.wristband()}


def _enroll(case: Case) -> Values:
    sites = {"collection_site": "COLL-A", "manufacturing_site": "MFG-1", "treatment_site": "TREAT-A"}
    return {"protocol": "autologous-cryopreserved", "patient": case.one.wristband(carrier="order"), **sites}


def _to_import(case: Case) -> Values:
    place = _tank(case)
    at = format_instant(case.now)
    code = {"issuer": "MFG-1", "type": "container", "code": "EX-0042-1", "mode": "paper"}
    unit = {"title": "bag 1", "material": "retain", "location": place, "codes": [code]}
    entry = {"mode": "imported"}
    return {**_enroll(case), "containers": [unit], "entry": entry, "occurred_at": at}


def _tank(case: Case) -> str:
    return next(one.id for one in case.registry.locations.values() if one.site == "TREAT-A")


def _to_find(case: Case) -> Values:
    """A retain tube of the therapy as one that came in from paper."""
    imported = case.state.facts["enrolled"]
    tube = UnitState("UD234567892", Material.RETAIN, facts={"therapy_imported": imported})
    case.therapies[case.one.coi] = case.state.with_unit(tube)
    return {"units": scans(tube.unit), "location": scan(_tank(case))}


def _to_start(case: Case) -> Values:
    return {**_coi(case), **_bag(case), "din": Scan(code="=A99992600000900")}


def _cassette_to_bind(case: Case) -> Values:
    unit = case.one.bag
    case.change(unit, cassette=None)
    return {**_bag(case), "cassette": scan("KD234567892")}


def _undone(case: Case, unit: str, kind: str) -> None:
    """As if this step had not been taken."""
    facts = {name: fact for name, fact in case.unit(unit).facts.items() if name != kind}
    case.change(unit, facts=facts)


def _not_yet(make: Setup, kind: str) -> Setup:
    def made(case: Case) -> Values:
        _undone(case, case.one.bag, kind)
        return make(case)

    return made


def _to_apply(case: Case) -> Values:
    case.change(case.one.bag, labels={})
    return _bag(case)


def _label(case: Case) -> Values:
    case.prints = (printed(case.one.bag, 3),)
    return {"label": Scan(code=copy_number(case.one.bag, 3).text), "reason": "misprint"}


def _labels(case: Case) -> Values:
    code = copy_number(case.one.bag, 2)
    case.happened(
        LabelVoided(unit=case.one.bag, object=case.one.bag, copy_letter=code.copy, reason=Reason.MISPRINT)
    )
    return {"labels": (Scan(code=code.text),), "count": 1}


def _form(case: Case) -> Values:
    case.happened(FormIssued(form=FORM, steps=("collected",), due_at=case.now))
    return {**_coi(case), "form": scan(FORM), "reason": "unused"}


def _paper(case: Case) -> Values:
    return {**_coi(case), "about": ([*case.state.events][-1],), "files": (PAPER,)}


def _in_storage(case: Case) -> Values:
    place = case.one.network.storage["MFG-1"]
    return {**_both(case), "location": scan(place)}


def _to_store(case: Case) -> Values:
    for unit in case.one.products:
        case.change(unit, location=None)
    return _in_storage(case)


def _to_pack(case: Case) -> Values:
    case.charge()
    for unit in case.one.products:
        case.change(unit, location=None)
    box = scan(case.one.network.boxes["Dry shipper 4"])
    return {
        **_both(case), "box": box, "seal": Scan(code="SEAL-9"), "tally": 2, "carrier": "CARR-X",
        "destination": "TREAT-A", "display_celsius": "-185.0",
    }  # fmt: skip


def _box(case: Case) -> Values:
    return {"box": scan(case.unit(case.one.bag).box or "")}


def _sealed(case: Case) -> Values:
    return {**_box(case), "seal": Scan(code=next(iter(case.state.seals.values())))}


def _to_unpack(case: Case) -> Values:
    return {**_box(_free(case)), **_frozen_bag(case)}


def _held_by(case: Case, department: str) -> Case:
    for unit in case.state.units:
        case.change(unit, custodian=Party(type=PartyType.DEPARTMENT, id=department))
    return case


def _to_give(case: Case) -> Values:
    _held_by(case, "COLL-A/CELL-LAB")
    return {**_sealed(case), "condition": "in_order"}


def _given(case: Case) -> Values:
    _held_by(case, "COLL-A/CELL-LAB")
    case.do(custody.Relinquish, "TECH-A1", condition="in_order", **_sealed(case))
    return _sealed(case)


def _to_accept(case: Case) -> Values:
    return {**_given(case), "condition": "in_order"}


def _to_refuse(case: Case) -> Values:
    return {**_given(case), "condition": "in_order", "reason": "place_closed"}


def _part_of_it(case: Case) -> Values:
    unit = case.one.frozen_scans((case.one.bag,))
    return {**_to_accept(case), "units": unit, "new_seal": Scan(code="SEAL-10")}


def _on_the_road(case: Case) -> Values:
    case.do(custody.Relinquish, "TECH-A1", condition="in_order", **_sealed(case))
    case.do(custody.Accept, "COUR-X1", at="COLL-A", condition="in_order", **_sealed(case))
    return _box(case)


def _not_taken(case: Case) -> Values:
    called = custody.CallMade(name="J. Ruiz", phone="+00 555 0121", answered=False)
    return {**_on_the_road(case), "at_site": "MFG-1", "called": called, "reason": "receiver_absent"}


def _to_divert(case: Case) -> Values:
    return {**_on_the_road(case), "destination": "TREAT-A", "reason": "place_closed"}


def _to_inspect(case: Case) -> Values:
    unit = case.unit(case.one.bag)
    packed = unit.facts["packed"]
    facts = {**unit.facts, "accepted": replace(packed, sequence=packed.sequence + 1)}
    case.change(unit.unit, site="MFG-1", custodian=None, facts=facts)
    (code,) = case.one.frozen_scans((case.one.bag,))
    results = (custody.InspectionGiven.model_validate({"unit": code, "result": "accept"}),)
    return {**_sealed(case), "seal_intact": True, "results": results, "display_celsius": "-185.0"}


def _to_fill(case: Case) -> Values:
    """The manufacture of the stage is undone in the state, so that it can end once more."""
    facts = {k: v for k, v in case.unit(case.one.bag).facts.items() if k != "manufactured"}
    case.change(case.one.bag, final=None, custodian=None, facts=facts)
    for unit in (*case.one.products, *case.one.samples):
        own = {k: v for k, v in case.unit(unit).facts.items() if k != "manufactured"}
        case.change(unit, custodian=None, facts=own)
    children = tuple({"unit": scan(unit), "volume_ml": "60"} for unit in case.one.products)
    return {**_frozen_bag(case), "children": children}


def _to_test(case: Case) -> Values:
    return {**_coi(case), "test": "viability", "result": GOOD_RESULTS["viability"]}


def _failed(case: Case) -> Values:
    tests = {
        name: replace(one, result="61") if one.result == GOOD_RESULTS["viability"] else one
        for name, one in case.state.tests.items()
    }
    case.therapies[case.one.coi] = replace(case.state, tests=tests)
    return _both(case)


def _quarantined(case: Case) -> Values:
    case.happened(Quarantined(units=tuple(case.one.products), reason=Reason.OTHER))
    return {**_both(case), "reason": "investigation_closed"}


def _thawing(case: Case) -> Values:
    case.happened(ThawStarted(units=(case.one.products[0],)))
    return _cassette(case)


def _thawed(case: Case) -> Values:
    _thawing(case)
    case.happened(ThawEnded(units=(case.one.products[0],)))
    return {**_product(case), "cassette": scan(case.one.cassettes[case.one.products[0]])}


def _sample(case: Case) -> Values:
    return {"units": scans(*_free(case).one.samples)}


def _assess(case: Case) -> Values:
    return assessment(case, opened(case, case.one.products[0]))


def _close_deviation(case: Case) -> Values:
    values = _assess(case)
    case.do(AssessDeviation, "QA-2", **values)
    return {**_coi(case), "deviation": values["deviation"]}


def _to_close(case: Case) -> Values:
    for unit in case.state.units:
        case.change(unit, final=case.unit(case.one.products[0]).final, volume_ml=None)
    return _coi(case)


def _to_grade(case: Case) -> Values:
    by = {"syndrome": "crs", "scale": "astct", "scale_version": "2019"}
    return {**_coi(case), "by": by, "findings": ({"finding": "temperature_celsius", "value": "38.4"},)}


def _to_give_medicine(case: Case) -> Values:
    return {**_coi(case), "medicine": "tocilizumab", "amount": "560", "unit_of_measure": "mg", "route": "iv"}


def _to_correct(case: Case) -> Values:
    case.do(RecordTest, "QA-2", **_to_test(case))
    wrong = [*case.statements][-1]
    return {**_coi(case), "event": wrong, "field": "result", "new": "91", "reason": "keying_error"}


def _to_repin(case: Case) -> Values:
    (first,) = case.registry.protocols[case.protocol.id]
    versions = {**case.registry.protocols, case.protocol.id: (first, replace(first, version=2))}
    case.registry = replace(case.registry, protocols=versions)
    return {**_coi(case), "version": 2, "reason": "replaced"}


def _to_erase(case: Case) -> Values:
    case.happened(Closed())
    return {**_coi(case), "reason": "data_subject_request", "ground": "consent_withdrawn"}


def _of_logger(case: Case) -> Values:
    """What the logger beside the first bag recorded since it was packed: warm once."""
    (stay,) = case.state.units[case.one.bag].stays
    logger = case.registry.equipment(stay.data_logger or "")
    assert logger is not None
    times = (stay.since + timedelta(minutes=number) for number in range(3))
    lines = (
        f"{at:%Y-%m-%dT%H:%M:%SZ},{celsius}" for at, celsius in zip(times, (-180, -120, -180), strict=True)
    )
    text = "\n".join((f"serial,{logger.serial}", "time,celsius", *lines, ""))
    case.later(minutes=5)
    return {"shipment": scan(stay.shipment), "file": packed_file(BytesIO(text.encode()))}


def _to_assess_excursion(case: Case) -> Values:
    case.do(RecordConditions, "QA-1", at="MFG-1", **_of_logger(case))
    (excursion,) = case.state.excursions
    return {**_coi(case), "excursion": excursion, "decision": "usable", "basis": "Stability study 12."}


def _to_acknowledge(case: Case) -> Values:
    case.happened(Quarantined(units=(case.one.products[0],), reason=Reason.OTHER))
    alert = next(one for one in case.alerts() if one.cause is AlertCause.QUARANTINED)
    return {**_coi(case), **asked_of(alert)}


def asked_of(alert: Alert) -> Values:
    """The fields by which an alert is acknowledged."""
    return {
        "cause": alert.cause,
        "subject": alert.subject,
        "limit": alert.name,
        "due_at": format_instant(alert.due_at),
    }


def _to_review(case: Case) -> Values:
    return {**_coi(case), "through": [*case.state.events][-1], "outcome": "accepted"}


def _to_take_over(case: Case) -> Values:
    return {"from_staff": "NURSE-A1", "therapies": (scan(case.one.coi),)}


def _to_clear(case: Case) -> Values:
    case.benches_count = True
    here = next(iter(case.therapies[case.two.coi].benches))
    return {"nothing_left": True, "bench": here, "coi": case.two.coi}


def _manifest(case: Case) -> Values:
    content = base64.b64encode(MANIFEST.encode()).decode()
    return {**_coi(case), "form": ManifestForm.CSV, "content": content}


def _to_bind(case: Case) -> Values:
    case.do(ReceiveManifest, "NURSE-A1", **_manifest(case))
    return {**_coi(case), "codes": (Scan(code=MAKERS_COI),)}


def _retain(case: Case) -> Values:
    case.change(case.one.samples[0], material=Material.RETAIN)
    return {"units": scans(_free(case).one.samples[0])}


def _adopted(case: Case) -> Values:
    code = {"code": "LOT-77", "issuer": "MAKER", "type": "lot"}
    return {**_coi(case), "adopted": code}


def _to_schedule(case: Case) -> Values:
    case.registry = with_capacity(case.registry)
    return {**_coi(case), **wanted_chain(case)}


def _booked(case: Case) -> Values:
    """A chain that a coordinator has booked; gives what was booked."""
    values = _to_schedule(case)
    booked = case.decide(Schedule, staff_of(Role.COORDINATOR), at="COLL-A", **values)
    assert isinstance(booked, Allowed), booked
    case.happened(booked.events[0].payload, staff_of(Role.COORDINATOR))
    return values


def _to_reschedule(case: Case) -> Values:
    last = _booked(case)["milestones"][-1]
    later = {**last, "start": later_by(last["start"], days=1), "from_start": last["start"]}
    return {**_coi(case), "moved": (later,), "reason": "infection"}


def _to_unschedule(case: Case) -> Values:
    _booked(case)
    return {**_coi(case), "reason": "patient_withdrew"}


def _to_book(case: Case) -> Values:
    case.registry = with_capacity(case.registry)
    days = [(case.now + timedelta(days=number)).isoformat() for number in (1, 3, 6)]
    return {
        "therapies": (scan(case.one.coi),),
        "lane": "COLL-A-MFG-1",
        "pick_up": {"earliest": days[0], "latest": days[1]},
        "delivery": {"earliest": days[1], "latest": days[2]},
    }


def _to_report(case: Case) -> Values:
    return {"shipment": scan(case.one.box), "milestone": "departed", "place": "hub-1", "source": "phone"}


THERAPY: Final[Mapping[str, TherapyCase]] = {
    "enroll": TherapyCase("enrolled", "TREAT-A", _enroll),
    "identify_patient": TherapyCase("enrolled", "COLL-A", _patient),
    "register_unit": TherapyCase("identified", "COLL-A", _with(_coi, material=Material.LEUKAPHERESIS)),
    "apply_label": TherapyCase("collected", "COLL-A", _to_apply),
    "supersede_label": TherapyCase("collected", "COLL-A", _with(_bag, reason="label_damaged")),
    "void_label": TherapyCase("collected", "COLL-A", _label),
    "destroy_labels": TherapyCase("collected", "COLL-A", _labels),
    "reconcile_labels": TherapyCase("infused", "TREAT-A", _coi),
    "bind_cassette": TherapyCase("collected", "COLL-A", _cassette_to_bind),
    "start_collection": TherapyCase("collected", "COLL-A", _not_yet(_to_start, "collection_started")),
    "complete_collection": TherapyCase(
        "collected", "COLL-A", _not_yet(_with(_bag, volume_ml="210"), "collected")),
    "cryopreserve": TherapyCase("frozen", "COLL-A", _not_yet(_frozen_bag, "cryopreserved")),
    "match_before_thaw": TherapyCase(
        "at_hand", "TREAT-A", lambda case: {**_patient(case), **_cassette(case)}),
    "start_lymphodepletion": TherapyCase(
        "at_hand", "TREAT-A", _with(_coi, regimen="fludarabine_cyclophosphamide")),
    "fail_manufacturing": TherapyCase("made", "MFG-1", _with(_coi, cause="poor_growth", path="recollect")),
    "set_dose": TherapyCase("collected", "TREAT-A", _with(_coi, indication="b_all", weight_kg="31.4")),
    "start_thaw": TherapyCase("matched", "TREAT-A", _cassette),
    "end_thaw": TherapyCase("matched", "TREAT-A", _thawing),
    "match_bag": TherapyCase("matched", "TREAT-A", _thawed),
    "match_at_bedside": TherapyCase("on_ward", "TREAT-A", lambda case: {**_patient(case), **_product(case)}),
    "start_infusion": TherapyCase("bedside", "TREAT-A", _product),
    "stop_infusion": TherapyCase(
        "infusing", "TREAT-A", _with(_product, infused_ml="10", reason="adverse_reaction")),
    "grade_toxicity": TherapyCase("infused", "TREAT-A", _to_grade),
    "give_medicine": TherapyCase("infused", "TREAT-A", _to_give_medicine),
    "record_outcome": TherapyCase("infused", "TREAT-A", _with(_coi, duty="follow_up", result="alive")),
    "complete_infusion": TherapyCase("infusing", "TREAT-A", _with(_product, infused_ml="66")),
    "import_therapy": TherapyCase("enrolled", "TREAT-A", _to_import),
    "find_units": TherapyCase("enrolled", "TREAT-A", _to_find),
    "receive_manifest": TherapyCase("enrolled", "COLL-A", _manifest),
    "bind_codes": TherapyCase("enrolled", "COLL-A", _to_bind),
    "repin_protocol": TherapyCase("made", "MFG-1", _to_repin),
    "retain": TherapyCase("made", "MFG-1", _retain),
    "adopt_code": TherapyCase("enrolled", "COLL-A", _adopted),
    "issue_form": TherapyCase("collected", "COLL-A", _with(_coi, steps=("collected",))),
    "attach_paper": TherapyCase("collected", "COLL-A", _paper),
    "void_form": TherapyCase("collected", "COLL-A", _form),
    "store": TherapyCase("made", "MFG-1", _to_store),
    "retrieve": TherapyCase("made", "MFG-1", _in_storage),
    "pack": TherapyCase("released", "MFG-1", _to_pack),
    "unpack": TherapyCase("packed", "COLL-A", _to_unpack),
    "relinquish": TherapyCase("packed", "COLL-A", _to_give),
    "accept": TherapyCase("packed", "COLL-A", _to_accept),
    "accept_partly": TherapyCase("packed", "COLL-A", _part_of_it),
    "refuse": TherapyCase("packed", "COLL-A", _to_refuse),
    "let_lapse": TherapyCase("packed", "COLL-A", lambda case: {"box": _given(case)["box"]}),
    "attempt_delivery": TherapyCase("packed", "MFG-1", _not_taken),
    "divert": TherapyCase("packed", "MFG-1", _to_divert),
    "inspect": TherapyCase("packed", "MFG-1", _to_inspect),
    "start_manufacturing": TherapyCase("received", "MFG-1", lambda case: {**_coi(case), **_frozen_bag(case)}),
    "perform_step": TherapyCase("received", "MFG-1", _to_thaw),
    "complete_manufacturing": TherapyCase("made", "MFG-1", _to_fill),
    "record_test": TherapyCase("made", "MFG-1", _to_test),
    "review_results": TherapyCase("tested", "MFG-1", _with(_coi, verdict="agreed")),
    "release": TherapyCase("tested", "MFG-1", _both),
    "release_out_of_specification": TherapyCase("tested", "MFG-1", _failed),
    "reject": TherapyCase("tested", "MFG-1", _with(_both, reason="test_failed")),
    "quarantine": TherapyCase("tested", "MFG-1", _with(_both, reason="other")),
    "lift_quarantine": TherapyCase("tested", "MFG-1", _quarantined),
    "destroy": TherapyCase("made", "MFG-1", _with(_sample, reason="other")),
    "consume": TherapyCase("made", "MFG-1", _sample),
    "open_deviation": TherapyCase(
        "made", "MFG-1", _with(_coi, category="label", description="A label hangs loose.")),
    "assess_deviation": TherapyCase("made", "MFG-1", _assess),
    "close_deviation": TherapyCase("made", "MFG-1", _close_deviation),
    "cancel": TherapyCase("made", "TREAT-A", _with(_coi, reason="patient_withdrew")),
    "close": TherapyCase("infused", "TREAT-A", _to_close),
    "correct": TherapyCase("made", "MFG-1", _to_correct),
    "erase": TherapyCase("infused", "MFG-1", _to_erase),
    "schedule": TherapyCase("enrolled", "COLL-A", _to_schedule),
    "reschedule": TherapyCase("enrolled", "COLL-A", _to_reschedule),
    "unschedule": TherapyCase("enrolled", "COLL-A", _to_unschedule),
    "acknowledge_alert": TherapyCase("made", "MFG-1", _to_acknowledge),
    "book_shipment": TherapyCase("frozen", "COLL-A", _to_book),
    "report_shipment": TherapyCase("packed", "COLL-A", _to_report),
    "record_conditions": TherapyCase("received", "MFG-1", _of_logger),
    "assess_excursion": TherapyCase("received", "MFG-1", _to_assess_excursion),
    "note": TherapyCase("made", "MFG-1", _with(_coi, text="The patient has a fever.")),
    "review_trail": TherapyCase("made", "MFG-1", _to_review),
    "take_over": TherapyCase("collected", "COLL-A", _to_take_over),
    "clear_line": TherapyCase("identified", "COLL-A", _to_clear),
}  # fmt: skip
"""By the name of the request."""
