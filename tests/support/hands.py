"""Hands that do a therapy's steps right, and can be told to do them wrong: requests made from a state."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from schema.events.base import Party
from schema.identifiers import copy_number, first_copy
from schema.vocabulary import Fault, InspectionResult, Material, Meaning, ObjectType, PartyType, Role
from tests.support.journeys import OWN_MEANING, PROTOCOL, World, at_the_match, scans
from tracker.catalog import requests_by_kind
from tracker.demo import cast
from tracker.demo.journey import GOOD_RESULTS, Journey, party, scan
from tracker.kinds import STEP_KINDS, About
from tracker.protocols.model import ScanOn, Step
from tracker.requests.base import Request, Scan, SignerReference
from tracker.rules.attempt import site_of_part
from tracker.rules.therapy_state import TherapyState, UnitState
from tracker.therapy.custody import requests as custody
from tracker.therapy.making import requests as processing

Values = dict[str, Any]
STAFF: Mapping[str, cast.PersonCast] = {person.staff: person for person in cast.PEOPLE}
STEPS = tuple(step for step in PROTOCOL.steps if step.kind != "enrolled")


@dataclass(frozen=True)
class Asked:
    """A request in the making."""

    request_class: type[Request]
    actor: str
    station: str
    signers: tuple[SignerReference, ...]
    values: Values


class Hands:
    """Everybody's hands in one world; each choice that is free is drawn."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.world = world
        self.chance = chance

    def next_for(self, journey: Journey) -> Asked | None:
        """A step that the therapy is ready for, as its people would ask it; None when nothing is left."""
        state = self.world.state(journey)
        wanted = [(step, unit) for step, unit in self.steps(state) if self.is_next(state, step, unit)]
        if not wanted:
            return None
        step, unit = self.chance.choice(wanted)
        return self.asked(journey, state, step, unit)

    def any_step(self, journey: Journey) -> Asked:
        """Any step of the protocol, whether or not it is its turn."""
        state = self.world.state(journey)
        step, unit = self.chance.choice([*self.steps(state)])
        return self.asked(journey, state, step, unit)

    def steps(self, state: TherapyState) -> list[tuple[Step, UnitState | None]]:
        """Every step with each unit it could be about."""
        found: list[tuple[Step, UnitState | None]] = []
        for step in STEPS:
            if STEP_KINDS[step.kind].about is About.THERAPY:
                found.append((step, None))
            else:
                units = state.units.values()
                found += [
                    (step, unit) for unit in units if not step.materials or unit.material in step.materials
                ]
        return found

    def is_next(self, state: TherapyState, step: Step, unit: UnitState | None) -> bool:
        """Whether the step leads on: facts before it there, itself not, and the thing where it is done."""
        if step.kind in SIDE_STEPS or (
            unit is not None and unit.final is not None and step.kind != "destroyed"
        ):
            return False
        if step.kind == "unit_registered" and bool(state.units) is (Material.LEUKAPHERESIS in step.materials):
            return False
        facts = {**state.facts, **(unit.facts if unit else {})}
        if unit is None:
            for one in state.units.values():
                facts.update(one.facts)
        if any(not any(name in facts for name in rule.split("|")) for rule in step.after):
            return False
        return READY[step.kind](state, unit, facts) if step.kind in READY else step.kind not in facts

    def asked(self, journey: Journey, state: TherapyState, step: Step, unit: UnitState | None) -> Asked:
        """The step as the right people ask it at the right place."""
        request_class = requests_by_kind()[step.kind]
        site = (unit.site if unit and unit.site in self.world.network.stations else None) or (
            site_of_part(state, step.part) or cast.HUB
        )
        site = site_of_part(state, step.part) or site
        if unit is not None and unit.custodian and unit.custodian.type is PartyType.CARRIER:
            site = state.boxes_carrier.get(unit.box or "", ("", cast.HUB))[1]
        actor = self.actor(state, step, unit, site)
        return Asked(
            request_class,
            actor,
            self.world.network.stations[site],
            self.signers(request_class, state, step, actor, site),
            self.values(request_class, journey, state, step, unit, site),
        )

    def actor(self, state: TherapyState, step: Step, unit: UnitState | None, site: str) -> str:
        """Somebody with a role of the step at the site; who holds it where that is a person."""
        custodian = unit.custodian if unit else None
        handoff = state.handoffs.get(unit.handoff or "") if unit else None
        if step.kind in ("accepted", "partly_accepted", "refused") and handoff is not None:
            custodian = handoff.to_party
        if custodian and custodian.type is PartyType.PERSON and step.holder.value != "anyone":
            return custodian.id
        if custodian and custodian.type is PartyType.CARRIER:
            return f"COUR-{custodian.id[-1]}1"
        roles = set(step.roles)
        if custodian and custodian.type is PartyType.DEPARTMENT:
            department = self.world.tracker.registry.department(custodian.id)
            roles &= set(department.roles) if department else roles
        people = [one.staff for one in cast.PEOPLE if one.role in roles and one.site == site]
        return self.chance.choice(people or [*STAFF])

    def signers(
        self, request_class: type[Request], state: TherapyState, step: Step, actor: str, site: str
    ) -> tuple[SignerReference, ...]:
        """The actor, then for each further signature somebody else who may give it."""
        own = OWN_MEANING.get(request_class, Meaning.PERFORMED)
        found = [SignerReference(staff=actor, meaning=own)]
        for rule in step.signatures:
            if rule.meaning is own:
                continue
            at = site_of_part(state, rule.part) if rule.part else site
            people = [
                one.staff
                for one in cast.PEOPLE
                if one.staff != actor and (not rule.roles or (one.role in rule.roles and one.site == at))
            ]
            if people:
                found.append(SignerReference(staff=self.chance.choice(people), meaning=rule.meaning))
        return tuple(found)

    def codes(self, step: Step, *units: UnitState) -> tuple[Scan, ...]:
        """Units by the code that the step is scanned on."""
        wants_label = step.scan is ScanOn.UNIT
        return scans(
            *(unit.unit if wants_label or unit.cassette is None else unit.cassette for unit in units)
        )

    def values(
        self,
        request_class: type[Request],
        journey: Journey,
        state: TherapyState,
        step: Step,
        unit: UnitState | None,
        site: str,
    ) -> Values:
        """The fields of the request, filled from the state."""
        fields = request_class.model_fields
        values: Values = {}
        if "coi" in fields:
            values["coi"] = scan(journey.coi)
        if "patient" in fields:
            values["patient"] = journey.wristband()
        if "units" in fields and unit is not None:
            values["units"] = self.codes(step, unit)
        if "location" in fields:
            values["location"] = scan(
                self.world.network.storage.get(site, self.world.network.storage[cast.HUB])
            )
        if "infused_ml" in fields:
            values["infused_ml"] = self.chance.choice(("66.5", "68", "40"))
        values.update(at_the_match(request_class, values, lambda _: state))
        values.update(self.special(request_class, state, step, unit, site))
        values.setdefault("reason", "other")
        return values

    def special(
        self, request_class: type[Request], state: TherapyState, step: Step, unit: UnitState | None, site: str
    ) -> Values:
        """Fields that only some requests have."""
        tracker, network = self.world.tracker, self.world.network
        if step.kind in PLAIN:
            return PLAIN[step.kind](self.chance, state, step)
        if unit is None:
            return {}
        if step.kind in ("cassette_bound", "bag_matched"):
            cassette = unit.cassette or tracker.new_object_id(object_type=ObjectType.CASSETTE)
            return {"cassette": scan(cassette)}
        if step.kind == "label_applied":
            return {"units": (Scan(code=first_copy(unit.unit).text),)}
        if step.kind == "manufactured":
            filled = [one for one in state.units.values() if one.labels and one is not unit]
            children = [one for one in filled if one.material is not unit.material] or [unit]
            made = [
                processing.ChildGiven(unit=scan(one.unit), volume_ml=_FILLED.get(one.material, "68"))
                for one in children
            ]
            return {"children": tuple(made)}
        if step.kind in ("released", "released_out_of_specification"):
            frozen = [one for one in state.open_units() if one.cassette and one.material is Material.PRODUCT]
            return {"units": self.codes(step, *(frozen or [unit]))}
        if step.kind == "packed":
            logger = self.world.logger(network.stations[site])
            return {
                "box": scan(self.chance.choice(self.boxes(site))),
                "data_logger": logger,
                "display_celsius": "-184.2",
                "seal": Scan(code=f"SEAL-{self.chance.randrange(1000)}"),
                "tally": 1,
                "carrier": "CARR-X",
                "destination": cast.HUB if site == state.sites.collection else state.sites.treatment,
            }
        return self.handed(request_class, state, step, unit, site)

    def boxes(self, site: str) -> list[str]:
        """The boxes of a site, at times all there are."""
        known = self.world.tracker.registry.equipments
        boxes = [*self.world.network.boxes.values()]
        own = [box for box in boxes if known[box].site == site]
        return own if own and self.chance.random() < 0.9 else boxes

    def handed(
        self, request_class: type[Request], state: TherapyState, step: Step, unit: UnitState, site: str
    ) -> Values:
        """Fields of handoffs and boxes."""
        if step.kind in ("unpacked", "delivery_attempted", "diverted"):
            box = unit.box or self.world.network.boxes["Dry shipper 1"]
            return {"box": scan(box), **_at_door(step.kind, site)}
        if step.kind == "inspected":
            box = unit.box or self.world.network.boxes["Dry shipper 1"]
            rows = self.world.tracker.read.units_in_box(box=box)
            ids = [row.cassette or row.unit for row in rows] or [unit.unit]
            result = InspectionResult.ACCEPT if self.chance.random() < 0.95 else InspectionResult.QUARANTINE
            faults = () if result is InspectionResult.ACCEPT else (Fault.SEAL,)
            results = tuple(
                custody.InspectionGiven(unit=scan(one), result=result, faults=faults) for one in ids
            )
            return {
                "box": scan(box),
                "seal_intact": True,
                "results": results,
                "display_celsius": "-184.2",
            }
        if not issubclass(request_class, custody.BoxRequest):
            return {}
        has_looked = issubclass(request_class, (custody.Relinquish, custody.Accept))
        values: Values = {"condition": "in_order"} if has_looked else {}
        if unit.box is not None and request_class is not custody.AcceptPartly:
            values.update(box=scan(unit.box), seal=Scan(code=state.seals[unit.box]), units=())
            if request_class is custody.Relinquish:
                values["display_celsius"] = "-184.2"
        elif unit.handoff is not None and unit.handoff in state.handoffs:
            given = [state.units[one] for one in state.handoffs[unit.handoff].units]
            values["units"] = self.codes(step, *(given if request_class is custody.Accept else [unit]))
        if request_class is custody.Relinquish:
            to = self.receiver(state, unit)
            values.update({} if to is None else {"to": to})
        return values

    def receiver(self, state: TherapyState, unit: UnitState) -> Party | None:
        """The department that takes it next; a box goes first to whom it was packed for."""
        if unit.box is not None and (not unit.has_travelled or "carrier" in str(unit.custodian)):
            return None
        if unit.site == state.sites.collection:
            return party(PartyType.DEPARTMENT, f"{unit.site}/CELL-LAB")
        if unit.site == state.sites.treatment:
            ward = "WARD" if "bag_matched" in unit.facts else "CELL-LAB"
            return party(PartyType.DEPARTMENT, f"{unit.site}/{ward}")
        return party(PartyType.DEPARTMENT, f"{cast.HUB}/PRODUCTION")

    def send(self, asked: Asked, **changes: Any) -> Request:
        """The request, a little later."""
        self.world.clock.advance(timedelta(seconds=self.chance.randint(20, 150)))
        values = {**asked.values, **changes}
        signers = values.pop("signers", asked.signers)
        fields = {"actor": asked.actor, "station": asked.station, **values}
        fields.setdefault("event_id", self.world.tracker.new_event_id())
        return asked.request_class(signers=signers, **fields)


_FILLED = {Material.QC_SAMPLE: "4", Material.RETAIN: "2"}
"""What is filled into a container that is no bag, in mL."""


def _at_door(kind: str, site: str) -> Values:
    """Nobody took it, or it is to go elsewhere."""
    if kind == "delivery_attempted":
        return {"at_site": site, "called": {"staff": "DOCK-M", "answered": True}}
    return {"destination": site} if kind == "diverted" else {}


def _material(chance: random.Random, state: TherapyState, step: Step) -> Values:
    return {"material": chance.choice(step.materials[:2])}


def _result(chance: random.Random, state: TherapyState, step: Step) -> Values:
    missing = [test for test in GOOD_RESULTS if (state.attempts, test) not in state.tests]
    test = chance.choice(missing or [*GOOD_RESULTS])
    return {"test": test, "result": GOOD_RESULTS[test] if chance.random() < 0.97 else "0"}


def _correction(chance: random.Random, state: TherapyState, step: Step) -> Values:
    field = chance.choice(("volume_ml", "infused_ml", "result", "unit"))
    return {"event": chance.choice([*state.events]), "field": field, "new": "150"}


def _adopted(chance: random.Random, state: TherapyState, step: Step) -> Values:
    return {"adopted": {"code": f"LOT-{chance.randrange(50)}", "issuer": "MAKER", "type": "lot"}}


def _a_copy(chance: random.Random, state: TherapyState) -> Scan:
    """One of the first copies of something of the therapy that has a label."""
    cassettes = [unit.cassette for unit in state.units.values() if unit.cassette]
    return Scan(
        code=copy_number(chance.choice([state.coi, *state.units, *cassettes]), chance.randint(1, 3)).text
    )


def _a_deviation(state: TherapyState) -> str:
    """One that is open, else one that nobody has."""
    return next((one.deviation for one in state.open_deviations()), "01890a5d-ac96-774b-8000-000000000000")


PLAIN: Mapping[str, Callable[[random.Random, TherapyState, Step], Values]] = {
    "unit_registered": _material,
    "label_voided": lambda chance, state, _: {"label": _a_copy(chance, state)},
    "labels_destroyed": lambda chance, state, _: {"labels": (_a_copy(chance, state),), "count": 1},
    "tested": _result,
    "results_reviewed": lambda _, __, ___: {"verdict": "agreed"},
    "corrected": _correction,
    "code_adopted": _adopted,
    "protocol_repinned": lambda *_: {"version": 2},
    "deviation_opened": lambda *_: {"category": "label", "description": "A label hangs loose."},
    "deviation_assessed": lambda _, state, __: {
        "deviation": _a_deviation(state),
        "severity": "minor",
        "cause": "human_error",
        "decision": "no_impact",
        "remark": "The cells were not touched by it.",
    },
    "deviation_closed": lambda _, state, __: {"deviation": _a_deviation(state)},
    "dose_set": lambda *_: {"indication": "b_all", "weight_kg": "31.4"},
    "lymphodepletion_started": lambda *_: {"regimen": "fludarabine_cyclophosphamide"},
    "manufacturing_failed": lambda *_: {"cause": "poor_growth", "path": "recollect"},
    "medicine_given": lambda *_: {
        "medicine": "tocilizumab",
        "amount": "560",
        "unit_of_measure": "mg",
        "route": "iv",
    },
    "outcome_recorded": lambda *_: {"duty": "follow_up", "result": "alive"},
    "toxicity_graded": lambda *_: {
        "by": {"syndrome": "crs", "scale": "astct", "scale_version": "2019"},
        "findings": ({"finding": "temperature_celsius", "value": "38.4"},),
    },
    "collected": lambda *_: {"volume_ml": "210"},
    "collection_started": lambda chance, *_: {"din": Scan(code=f"=A9999260{chance.randrange(10**5):05d}00")},
}
"""Fields that need no unit to be filled."""


Ready = Callable[[TherapyState, UnitState | None, Mapping[str, Any]], bool]
SIDE_STEPS = frozenset(
    {"canceled", "rejected", "quarantined", "label_superseded", "refused", "lapsed", "partly_accepted"}
    | {
        "delivery_attempted",
        "diverted",
        "unpacked",
        "deviation_opened",
        "deviation_assessed",
        "deviation_closed",
        "corrected",
        "code_adopted",
        "protocol_repinned",
    }
    | {"released_out_of_specification", "infusion_stopped", "retained"}
    | {"label_voided", "labels_destroyed", "labels_reconciled", "lymphodepletion_started"}
    | {"toxicity_graded", "medicine_given", "outcome_recorded", "dose_set", "manufacturing_failed"}
)
"""Steps off the straight way; they are asked as `any_step`."""


def _is_free(unit: UnitState | None) -> bool:
    return unit is not None and unit.handoff is None and unit.box is None


def _is_put_away(unit: UnitState | None) -> bool:
    return unit is not None and unit.custodian is not None and unit.custodian.type is PartyType.LOCATION


def _arrived(state: TherapyState, unit: UnitState | None, _: Mapping[str, Any]) -> bool:
    """A box that is with the department that opens it."""
    if unit is None or unit.box is None or unit.handoff is not None or not unit.has_travelled:
        return False
    homes = (f"{cast.HUB}/PRODUCTION", f"{state.sites.treatment}/CELL-LAB")
    return unit.custodian in [party(PartyType.DEPARTMENT, one) for one in homes]


def _gives(state: TherapyState, unit: UnitState | None, facts: Mapping[str, Any]) -> bool:
    """A bag goes to the lab, a sealed box on its way, a thawed bag to the ward."""
    if unit is None or unit.handoff is not None or unit.custodian is None or _is_put_away(unit):
        return False
    if unit.box is not None:
        return not _arrived(state, unit, facts)
    if unit.material is Material.LEUKAPHERESIS:
        return "cassette_bound" not in facts and unit.custodian.type is PartyType.PERSON
    return "bag_matched" in facts and "bedside_matched" not in facts and "WARD" not in str(unit.custodian)


READY: Mapping[str, Ready] = {
    "patient_identified": lambda state, _, __: not state.units and "patient_identified" not in state.facts,
    "unit_registered": lambda state, _, facts: (
        not state.units
        or ("manufacturing_started" in facts and "manufactured" not in facts and len(state.units) < 4)
    ),
    "label_applied": lambda _, unit, __: unit is not None and not unit.labels,
    "stored": lambda _, unit, facts: (
        _is_free(unit)
        and not _is_put_away(unit)
        and "cryopreserved" in facts
        and "pre_thaw_matched" not in facts
    ),
    "retrieved": lambda _, unit, __: _is_put_away(unit),
    "packed": lambda _, unit, facts: (
        unit is not None
        and _is_free(unit)
        and not _is_put_away(unit)
        and "inspected" not in facts
        and "cryopreserved" in facts
        and (unit.released or unit.material is Material.LEUKAPHERESIS)
    ),
    "relinquished": _gives,
    "accepted": lambda state, unit, _: unit is not None and unit.handoff in state.handoffs,
    "inspected": _arrived,
    "cassette_bound": lambda _, unit, facts: (
        "cassette_bound" not in facts
        and unit is not None
        and unit.custodian is not None
        and (unit.material is Material.PRODUCT or unit.custodian.type is PartyType.DEPARTMENT)
    ),
    "manufacturing_started": lambda _, unit, facts: (
        "manufacturing_started" not in facts and _is_free(unit) and not _is_put_away(unit)
    ),
    "tested": lambda state, _, __: len(state.tests) < len(GOOD_RESULTS),
    "released": lambda state, unit, _: (
        unit is not None and not unit.released and len(state.tests) == len(GOOD_RESULTS)
    ),
    "quarantine_lifted": lambda _, unit, __: unit is not None and unit.quarantined,
    "manufactured": lambda state, _, facts: (
        "manufactured" not in facts
        and any(unit.material is Material.PRODUCT for unit in state.units.values())
        and all(unit.labels for unit in state.units.values())
    ),
    "destroyed": lambda _, unit, __: unit is not None and bool(unit.remainder_ml),
    "closed": lambda state, _, __: (
        "closed" not in state.facts and bool(state.units) and all(unit.final for unit in state.units.values())
    ),
}
"""When a step that may be done again, or that waits for more than facts, is next."""


def role_of(staff: str) -> Role:
    """The role of somebody of the cast."""
    return STAFF[staff].role
