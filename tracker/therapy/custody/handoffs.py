"""Handoffs in two phases: the giver's word, then the receiver's; custody moves only on acceptance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from schema.events import Party
from schema.events.custody import Relinquished
from schema.vocabulary import HandoffType, Material, PartyType, Role
from tracker.rules.attempt import Attempt
from tracker.rules.checks.label import leaving_violations
from tracker.rules.checks.step import step_violations
from tracker.rules.conclusion import Plan, conclude
from tracker.rules.custodians import exists
from tracker.rules.decision import Decision, Denied, Violation
from tracker.rules.selection import Selected, object_of, reads_for, seal_of, select
from tracker.rules.situation import Found, Resolution, Situation
from tracker.rules.therapy_state import TherapyState
from tracker.therapy.custody.requests import AcceptPartly, BoxRequest, Relinquish


@dataclass(frozen=True, slots=True)
class Contents:
    """What a closed box, or a hand without a box, holds: units by therapy."""

    box: str | None
    groups: tuple[tuple[TherapyState, tuple[Selected, ...]], ...]


def contents_of(situation: Situation, request: BoxRequest) -> Contents | Violation:
    """The units a box request is about: all in the scanned box, or the scanned units.

    A seal that was read stands in clear in every chain concerned, so a code of anything else is refused here.
    """
    seal = None if request.seal is None else seal_of(situation, request.seal)
    if isinstance(seal, Violation):
        return seal
    if request.box is not None:
        box = object_of(situation, request.box, Found.BOX)
        if isinstance(box, Violation):
            return box
        groups = tuple(
            (therapy, tuple(Selected(unit, Resolution(unit.unit, Found.BOX)) for unit in therapy.in_box(box)))
            for therapy in situation.therapies.values()
            if any(therapy.in_box(box))
        )
        if not groups:
            return Violation(
                "box_empty",
                f"The box {box} holds no unit.",
                "Pack it, or scan the right box.",
                waivable=False,
            )
        return _scanned_of(situation, request, Contents(box, groups))
    selection = select(situation, request.units)
    if selection.violations:
        return selection.violations[0]
    if not selection.groups:
        return Violation(
            "nothing_scanned", "Neither a box nor a unit was scanned.", "Scan it.", waivable=False
        )
    return Contents(
        None, tuple((situation.therapy(coi), selected) for coi, selected in selection.groups.items())
    )


def _scanned_of(situation: Situation, request: BoxRequest, contents: Contents) -> Contents | Violation:
    """A box of which units were scanned too: all of them, or those that are taken out of it."""
    if not request.units:
        return contents
    selection = select(situation, request.units)
    if selection.violations:
        return selection.violations[0]
    scanned = {item.unit.unit for selected in selection.groups.values() for item in selected}
    inside = {item.unit.unit for _, selected in contents.groups for item in selected}
    if scanned - inside or (inside - scanned and not isinstance(request, AcceptPartly)):
        differing = ", ".join(sorted(scanned ^ inside))
        return Violation(
            "contents_differ",
            f"What was scanned is not what the box {contents.box} holds by the record: {differing}.",
            "Stop and look; do not hand it over or take it as in order.",
            waivable=False,
        )
    groups = (
        (therapy, tuple(item for item in selected if item.unit.unit in scanned))
        for therapy, selected in contents.groups
    )
    return Contents(contents.box, tuple((therapy, selected) for therapy, selected in groups if selected))


def seal_violations(situation: Situation, request: BoxRequest, contents: Contents) -> Iterator[Violation]:
    """A closed box is handed over by its code and its seal; another seal is never inferred away."""
    if contents.box is None:
        return
    packed = contents.groups[0][0].seals.get(contents.box)
    read = None if request.seal is None else seal_of(situation, request.seal)
    if read is None:
        yield Violation("seal_missing", "The seal of the box was not read.", "Scan the seal.", waivable=False)
    elif isinstance(read, Violation):
        yield read
    elif packed is not None and read != packed:
        yield Violation(
            "seal_mismatch",
            f"The box {contents.box} was sealed with {packed}; the seal read is {read}.",
            "Do not take it over as in order: refuse it, or take it into quarantine outside the rules.",
        )


def decide_relinquish(situation: Situation, request: Relinquish) -> Decision:
    """The giver's half: what, sealed how, in which condition, to whom; never to nobody."""
    contents = contents_of(situation, request)
    if isinstance(contents, Violation):
        return Denied(contents)
    violations = list(seal_violations(situation, request, contents))
    plans: list[Plan] = []
    for therapy, selected in contents.groups:
        to_party = request.to or _planned_receiver(situation, therapy, selected, contents.box)
        if to_party is None or not exists(situation.registry, to_party):
            return Denied(_nobody(to_party))
        steps = []
        for item in selected:
            scanned = item.resolution if contents.box is None else None
            attempt = Attempt(situation, request, therapy, Relinquished.kind, item.unit, scanned)
            violations.extend(step_violations(attempt))
            if attempt.step:
                steps.append(attempt.step)
            if item.unit.custodian is None:
                return Denied(_no_custodian(item))
            if contents.box is None and item.unit.box is not None:
                violations.append(_in_a_box(item))
            if leaves_site(request, situation.station.site):
                violations.extend(leaving_violations(situation, therapy, item.unit))
        giver = selected[0].unit.custodian
        if giver is None:
            return Denied(_no_custodian(selected[0]))
        if to_party == giver:
            violations.append(_same_party(to_party))
        if any(item.unit.custodian != giver for item in selected):
            return Denied(_several_givers())
        payload = Relinquished(
            units=tuple(item.unit.unit for item in selected),
            type=request.type or _type_of(selected, contents.box, to_party),
            from_party=giver,
            to_party=to_party,
            box=contents.box,
            shipment=selected[0].unit.shipment,
            seal=None if request.seal is None else situation.resolve(request.seal).text,
            condition=request.condition,
            display_celsius=request.display_celsius,
        )
        plans.append(Plan(therapy, payload, tuple(steps), reads_for(situation, request, therapy.coi)))
    return conclude(situation, request, plans, violations)


def _type_of(selected: tuple[Selected, ...], box: str | None, to_party: Party) -> HandoffType:
    if box is not None or to_party.type is PartyType.CARRIER:
        return HandoffType.TRANSPORT
    thawed = all("thaw_started" in item.unit.facts for item in selected)
    product = all(item.unit.material is Material.PRODUCT for item in selected)
    return HandoffType.ISSUE if product and thawed else HandoffType.INTERNAL


def _planned_receiver(
    situation: Situation, therapy: TherapyState, selected: tuple[Selected, ...], box: str | None
) -> Party | None:
    """For a packed box: the carrier while it is at a site, the destination's dock while it travels."""
    planned = therapy.boxes_carrier.get(box) if box is not None else None
    giver = selected[0].unit.custodian
    if planned is None or giver is None:
        return None
    carrier, destination = planned
    if giver.type is not PartyType.CARRIER:
        return Party(type=PartyType.CARRIER, id=carrier)
    named = therapy.boxes_receiver.get(box or "")
    if named is not None:
        return named
    docks = sorted(key for key, value in situation.registry.departments.items() if value.site == destination)
    receiving = [key for key in docks if Role.DOCK in situation.registry.departments[key].roles]
    chosen = (receiving or docks)[:1]
    return Party(type=PartyType.DEPARTMENT, id=chosen[0]) if chosen else None


def _nobody(party: Party | None) -> Violation:
    named = "nobody" if party is None else str(party)
    return Violation(
        "no_receiver",
        f"It cannot be handed over to {named}.",
        "Name the person, department or carrier that takes it; if nobody does, record an attempted delivery.",
        waivable=False,
    )


def _no_custodian(item: Selected) -> Violation:
    return Violation(
        "no_custodian",
        f"{item.unit.unit} has no custodian who could give it.",
        "Scan the right unit.",
        waivable=False,
    )


def _in_a_box(item: Selected) -> Violation:
    return Violation(
        "in_box",
        f"{item.unit.unit} is in the sealed box {item.unit.box}.",
        "Hand over the box by its code and seal, or take the unit out first.",
        waivable=False,
    )


def _several_givers() -> Violation:
    return Violation(
        "several_custodians",
        "The units scanned are with different custodians; one handoff has one giver.",
        "Hand over what each custodian holds by itself.",
        waivable=False,
    )


def _same_party(party: Party) -> Violation:
    return Violation("same_party", f"It is already with {party}.", "Nothing to hand over.", waivable=False)


def leaves_site(request: Relinquish, site: str) -> bool:
    """Whether a loose handoff takes units out of the site: to a carrier, or to another site's department."""
    to = request.to
    if request.box is not None or to is None:
        return False
    return to.type is PartyType.CARRIER or (to.site is not None and to.site != site)
