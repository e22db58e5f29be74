"""Decisions over a therapy that began before cartrail: taken over from paper, its units found in place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from schema.canonical import plain_digest
from schema.counting import counted
from schema.errors import InputError
from schema.events import takeover as events
from schema.events.identity import Enrolled, UnitRegistered
from schema.events.paperwork import SCAN_FIELD
from schema.events.processing import Released
from schema.vocabulary import EntryMode, Meaning, ObjectType, PartyType, SiteType
from tracker.concerns import Concern
from tracker.kinds import STEP_KINDS, Board, concern_of
from tracker.protocols.model import Protocol
from tracker.requests.paper_file import paper_of
from tracker.rules.attempt import local, local_time
from tracker.rules.authority import WORKING_ROLES
from tracker.rules.checks.codes import adopted_code, code_violation
from tracker.rules.checks.condition import place_violations
from tracker.rules.checks.label import copy_out_of_use
from tracker.rules.checks.step import role_violation
from tracker.rules.clocks import passed_limits
from tracker.rules.conclusion import Plan, conclude
from tracker.rules.decision import (
    Allowed,
    Decision,
    Denied,
    Draft,
    ScanAnswer,
    Slot,
    Violation,
    never_waived,
)
from tracker.rules.measures.history import Moment
from tracker.rules.measures.keeping import first_history
from tracker.rules.results import failed_tests, pending_tests
from tracker.rules.selection import Selected, fresh_id, object_of, reads_for, select
from tracker.rules.shelf_life import life_ends_at
from tracker.rules.situation import Decisions, Found, Situation
from tracker.rules.therapy_state import Occurrence, TherapyState, UnitState
from tracker.therapy.identity.enrollment import decide_enroll
from tracker.therapy.takeover import requests as asked
from tracker.therapy.takeover.state import imported

NOT_FROM_PAPER: Final = frozenset(
    {
        "canceled",
        "closed",
        "label_superseded",
        "protocol_repinned",
        "quarantined",
        "quarantine_lifted",
    }
)
"""Steps whose state paper alone does not give; of what is in quarantine the unit itself says why."""

MOVED: Final = "it lies in another place than paper says"
READ_BACK: Final = "what one person read off paper a second one reads back"


def decide_import(situation: Situation, request: asked.ImportTherapy) -> Decision:
    """Enrollment and stage in one act, each by who read the paper and who read it back."""
    if request.entry.mode is not EntryMode.IMPORTED:
        raise InputError(
            "A therapy is taken over from paper alone.",
            remedy='Enter it as {"mode": "imported"} with the time at which the paper was read.',
        )
    begun = decide_enroll(situation, request)
    if isinstance(begun, Denied):
        return begun
    enrolled = begun.events[0].payload
    if not isinstance(enrolled, Enrolled):
        raise TypeError(f"{enrolled.kind} begins no therapy.")
    protocol = situation.protocols[enrolled.protocol.id, enrolled.protocol.version]
    for violation in _unclear(situation, request, enrolled, protocol):
        return Denied(never_waived(violation))
    payload = _stage(situation, request, enrolled, protocol)
    state = imported(_begun(situation, request, enrolled), payload, _now(situation, request))
    for violation in _broken(situation, state, protocol, has_paper=bool(payload.scans)):
        return Denied(never_waived(violation))
    second = Slot(
        Meaning.VERIFIED, other_than=frozenset({request.actor, request.entered_by}), because=READ_BACK
    )
    first, slots = begun.events[0], (*begun.events[0].slots, second)
    stage = Draft(enrolled.coi, payload, slots=slots, deviates=_passed(state, protocol))
    return Allowed((replace(first, slots=slots), stage), begun.notices)


def _passed(state: TherapyState, protocol: Protocol) -> tuple[str, ...]:
    """The time limits that were passed on paper: quality says what is to become of it, as of any other."""
    alive = {name for unit in state.open_units() for name in state.lineage(unit.unit)}
    passed = (
        limit.name for name in sorted(alive) for limit in passed_limits(state, protocol, state.units[name])
    )
    return tuple(dict.fromkeys(f"limit.{name}" for name in passed))


def _now(situation: Situation, request: asked.ImportTherapy) -> Occurrence:
    return Occurrence(situation.occurred_at, request.event_id, 1, request.actor)


def _begun(situation: Situation, request: asked.ImportTherapy, enrolled: Enrolled) -> TherapyState:
    return TherapyState(
        coi=enrolled.coi,
        sequence=0,
        protocol=enrolled.protocol,
        sites=enrolled.sites,
        patient_identifiers=(),
        history=first_history(enrolled, Moment(situation.occurred_at, 0)),
        facts={Enrolled.kind: _now(situation, request)},
    )


def _stage(
    situation: Situation, request: asked.ImportTherapy, enrolled: Enrolled, protocol: Protocol
) -> events.TherapyImported:
    papers = tuple(dict.fromkeys(plain_digest(paper_of(file)) for file in request.papers))
    ids = {one.title: fresh_id(situation, ObjectType.UNIT, one.unit) for one in request.containers}
    return events.TherapyImported(
        steps=_steps(request.steps),
        containers=tuple(_container(situation, one, ids, protocol) for one in request.containers),
        results=tuple(
            events.ResultBefore(test=one.test, attempt=one.attempt, result=one.result, at=one.at)
            for one in request.results
        ),
        scans=tuple(situation.commit(enrolled.coi, SCAN_FIELD, sha256) for sha256 in papers),
    )


def _steps(given: Iterable[asked.StepGiven]) -> tuple[events.StepBefore, ...]:
    return tuple(events.StepBefore(step=one.step, at=one.at) for one in given)


def _container(
    situation: Situation, one: asked.ContainerGiven, ids: Mapping[str, str], protocol: Protocol
) -> events.ContainerBefore:
    made = int(bool(one.parents)) if one.attempt is None else one.attempt
    return events.ContainerBefore(
        unit=ids[one.title],
        material=one.material,
        parents=tuple(ids[parent] for parent in one.parents),
        attempt=made,
        codes=tuple(adopted_code(situation, code) for code in one.codes),
        location=one.location,
        carrier=one.carrier,
        box=one.box,
        cassette=one.cassette,
        quarantined=one.quarantined,
        final=one.final,
        volume_ml=one.volume_ml,
        expires_at=_expires_at(situation, one, protocol),
        steps=_steps(one.steps),
    )


def _expires_at(situation: Situation, one: asked.ContainerGiven, protocol: Protocol) -> datetime | None:
    """The end of its shelf life by the protocol, or the earlier one that stands on its label."""
    container = protocol.container(one.material)
    ends = [] if one.expires_at is None else [one.expires_at]
    life = None if container is None else container.shelf_life
    if container is not None and life is not None:
        began = (step.at for step in one.steps if step.step == container.shelf_life_from)
        ends += [life_ends_at(situation, life, at) for at in began]
    return min(ends, default=None)


def _unclear(
    situation: Situation, request: asked.ImportTherapy, enrolled: Enrolled, protocol: Protocol
) -> Iterator[Violation]:
    """What makes no sense as it was written, whatever the rules say of the stage."""
    titles = Counter(one.title for one in request.containers)
    for title, count in titles.items():
        if count > 1:
            yield _wrong("unit_twice", f'The unit "{title}" stands there {count} times.')
    for one in request.containers:
        for parent in one.parents:
            if parent not in titles or parent == one.title:
                yield _wrong(
                    "unknown_parent", f'"{one.title}" came out of "{parent}", which is no other unit.'
                )
        if protocol.container(one.material) is None:
            yield _wrong("not_in_protocol", f"{protocol.id} has no {one.material.value} container.")
    yield from _ancestry(situation, request)
    yield from _codes(situation, request, enrolled)
    yield from _places(situation, request, enrolled)
    yield from _unknown_steps(situation, request, protocol)
    yield from _unknown_tests(situation, request, protocol)


def _wrong(rule: str, message: str, remedy: str = "") -> Violation:
    return Violation(rule, message, remedy or "Correct the file and give the command again.", waivable=False)


def _codes(situation: Situation, request: asked.ImportTherapy, enrolled: Enrolled) -> Iterator[Violation]:
    held: dict[object, str] = dict.fromkeys(enrolled.adopted_codes, "the therapy itself")
    cassettes: set[str] = set()
    blanks: set[str] = set()
    for one in request.containers:
        if one.final is None and not one.codes and one.unit is None:
            yield _wrong(
                "no_code",
                f'"{one.title}" has neither a code of its own nor a label of ours.',
                "Give a code that is on it, or put a blank label on it and give that code.",
            )
        if one.unit is not None and one.unit not in situation.registry.blanks:
            yield _wrong("not_a_blank", f'{one.unit}, for "{one.title}", is no blank label that was issued.')
        if one.unit is not None:
            if one.unit in blanks:
                yield _wrong("code_twice", f"The blank label {one.unit} stands there for two units.")
            blanks.add(one.unit)
        if one.cassette is not None:
            if one.cassette in cassettes:
                yield _wrong("code_twice", f"The cassette {one.cassette} stands there for two units.")
            cassettes.add(one.cassette)
        for given in one.codes:
            taken = code_violation(situation, given, enrolled.coi, None)
            if taken is not None:
                yield taken
            code = adopted_code(situation, given)
            if code in held:
                yield _wrong(
                    "code_twice",
                    f'{code.value} of {code.issuer} is on "{one.title}" and on {held[code]}: '
                    "one code, two things.",
                    "Look at both labels, and take over only what can be told apart.",
                )
            held[code] = f'"{one.title}"'


def _places(situation: Situation, request: asked.ImportTherapy, enrolled: Enrolled) -> Iterator[Violation]:
    sites = (enrolled.sites.collection, enrolled.sites.manufacturing, enrolled.sites.treatment)
    for one in request.containers:
        if one.final is not None:
            continue
        if one.carrier is not None or one.box is not None:
            yield from _on_the_way(situation, one)
            continue
        place = None if one.location is None else situation.registry.location(one.location)
        if place is None:
            lies = "says nowhere where it lies" if one.location is None else f"lies in {one.location}"
            yield _wrong(
                "location_unknown",
                f'"{one.title}" {lies}, which is no place of this store.',
                "Give the code of its place; `cartrail site show SITE` lists them.",
            )
        elif place.site not in sites:
            yield _wrong(
                "site_unfit",
                f'"{one.title}" lies in {place.title} of {place.site}, which has no part in this therapy.',
            )


def _on_the_way(situation: Situation, one: asked.ContainerGiven) -> Iterator[Violation]:
    if one.carrier is None or one.box is None or one.location is not None:
        yield _wrong(
            "way_unclear",
            f'"{one.title}" is on the way with a carrier in a box, and lies in no place: say both, and no'
            " place.",
        )
        return
    carrier = situation.registry.site(one.carrier)
    if carrier is None or not carrier.active or carrier.site_type is not SiteType.CARRIER:
        yield _wrong(
            "carrier_unknown",
            f'{one.carrier}, which has "{one.title}", is not a carrier of this network.',
            "Give the code of a carrier; `cartrail site list` lists them.",
        )
    if situation.registry.equipment(one.box) is None:
        yield _wrong(
            "box_unknown",
            f'{one.box}, in which "{one.title}" is, is no box or shipper of this store.',
            "Add it first: `cartrail site equipment add`.",
        )
    # All units of a box are handed over as one, so one that only paper knows would hold up those packed here.
    together = [
        unit
        for unit in situation.in_boxes.get(one.box, ())
        if not unit.not_found_yet or str(unit.custodian) != f"{PartyType.CARRIER.value}:{one.carrier}"
    ]
    if together:
        yield _wrong(
            "box_elsewhere",
            f'{one.box}, in which "{one.title}" is by paper with {one.carrier}, holds'
            f" {counted(len(together), 'unit', 'units')} with {together[0].custodian}.",
            "Read the code of the box off the paper again; where it is right, take the unit over once it has"
            " arrived, at its place.",
        )


def _ancestry(situation: Situation, request: asked.ImportTherapy) -> Iterator[Violation]:
    """Units that came out of each other, or were there before what they came out of."""
    units = {one.title: one for one in request.containers}
    for one in request.containers:
        found: set[str] = set()
        waiting = list(one.parents)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += units[name].parents
        if one.title in found:
            yield _wrong("unknown_parent", f'"{one.title}" came out of units that came out of it.')
        began = min((step.at for step in one.steps), default=None)
        for name in sorted(found - {one.title}):
            first = min((step.at for step in units[name].steps), default=None)
            if began is not None and first is not None and began < first:
                yield _wrong(
                    "before_parent",
                    f'"{one.title}" has a step at {local_time(situation, began)}, and "{name}", out of which'
                    f" it came, has none before {local_time(situation, first)}.",
                    "Read both times off the paper again.",
                )


def _unknown_steps(
    situation: Situation, request: asked.ImportTherapy, protocol: Protocol
) -> Iterator[Violation]:
    given = [("the therapy", step) for step in request.steps]
    given += [(f'"{one.title}"', step) for one in request.containers for step in one.steps]
    for whose, step in given:
        row = STEP_KINDS.get(step.step)
        known = row is not None and row.board is Board.PROGRESS and step.step not in NOT_FROM_PAPER
        if not known or not [*protocol.steps_of(step.step)]:
            yield _wrong(
                "not_in_protocol",
                f"{step.step}, of {whose}, is no step that {protocol.id} lets be taken over.",
            )
        if step.at > situation.occurred_at:
            yield _wrong(
                "occurred_ahead",
                f"{step.step} of {whose} was at {local_time(situation, step.at)}, after the paper was read.",
            )


def _unknown_tests(
    situation: Situation, request: asked.ImportTherapy, protocol: Protocol
) -> Iterator[Violation]:
    for one in request.results:
        test = protocol.release_test(one.test)
        if test is None:
            yield _wrong("test_unknown", f"There is no release test {one.test}.")
            continue
        try:
            test.read(one.result, test.unit_of_measure)
        except InputError as error:
            yield _wrong("test_unknown", f"{test.title}: {error.message}")
        if one.at > situation.occurred_at:
            yield _wrong("occurred_ahead", f"{test.title} has a result after the paper was read.")


def _broken(
    situation: Situation, state: TherapyState, protocol: Protocol, *, has_paper: bool
) -> Iterator[Violation]:
    """Why what paper says cannot be the stage of a therapy that goes on."""
    for unit in state.open_units():
        yield from _without_start(situation, state, protocol, unit)
        if unit.expires_at is not None and unit.expires_at <= situation.occurred_at:
            yield _wrong(
                "expired",
                f"{_named(unit)} expired at {local_time(situation, unit.expires_at)}.",
                "Do not use it, and do not take it over: quality decides over it on paper.",
            )
        if unit.released:
            yield from _release(state, protocol, unit, has_paper=has_paper)


def _named(unit: UnitState) -> str:
    codes = ", ".join(code.value for code in unit.adopted)
    return f"the {unit.material.value} {codes or unit.unit}"


def _without_start(
    situation: Situation, state: TherapyState, protocol: Protocol, unit: UnitState
) -> Iterator[Violation]:
    """A step whose predecessor has no time: limits and shelf lives that it started would never run."""
    earlier = _earlier(state, unit)
    for kind, fact in unit.facts.items():
        step = protocol.step(kind, unit.material)
        for rule in () if step is None else step.after:
            names = rule.split("|")
            times = [at for name in names for at in earlier.get(name, ())]
            if any(map(_is_paperwork, names)) or any(at <= fact.at for at in times):
                continue
            known = protocol.step(names[0], unit.material)
            title = names[0] if known is None else known.title
            yield _wrong(
                "clock_without_start",
                f"{step.title if step else kind} of {_named(unit)} at {local_time(situation, fact.at)}: "
                f"the step before it has no time, or a later one: {title} ({names[0]}).",
                "Read its time off the paper too: time limits and shelf lives are counted from it.",
            )


def _earlier(state: TherapyState, unit: UnitState) -> Mapping[str, list[datetime]]:
    found: dict[str, list[datetime]] = {}
    chained = (state.units[name].facts for name in state.lineage(unit.unit))
    for facts in (state.facts, *chained):
        for kind, fact in facts.items():
            found.setdefault(kind, []).append(fact.at)
    return found


def _is_paperwork(kind: str) -> bool:
    """Whether labels or codes are meant, which are as they are found on the container."""
    return concern_of(kind) is Concern.PAPERWORK or kind in (Enrolled.kind, UnitRegistered.kind)


def _release(
    state: TherapyState, protocol: Protocol, unit: UnitState, *, has_paper: bool
) -> Iterator[Violation]:
    if not has_paper:
        yield _wrong(
            "release_paper_missing",
            f"{_named(unit)} is released by paper that is not here.",
            "Scan the release as PDF, PNG or JPEG and name it under papers.",
        )
    pending = pending_tests(state, unit.attempt, protocol)
    if pending:
        titles = ", ".join(test.code for test in pending)
        yield _wrong("tests_pending", f"{_named(unit)} is released, and these results are missing: {titles}.")
    failed = [test for test in failed_tests(state, unit.attempt, protocol) if not test.is_late]
    if failed and Released.kind in unit.facts:
        titles = ", ".join(test.code for test in failed)
        yield _wrong(
            "test_failed",
            f"{_named(unit)} is released in specification, and does not meet: {titles}.",
            "If it was released out of specification, say that step.",
        )


def decide_find(situation: Situation, request: asked.FindUnits) -> Decision:
    """Units that paper says are there are there: each scanned, and the place beside it.

    One that lies in another place than paper says is found all the same, before a witness, and a deviation
    is drafted about it; one that lies too warm, or where nobody knows how warm, goes into quarantine with it.
    """
    place = object_of(situation, request.location, Found.LOCATION)
    if isinstance(place, Violation):
        return Denied(place)
    selection = select(situation, request.units)
    if selection.violations:
        return Denied(selection.violations[0])
    violations = [*filter(None, (role_violation(situation, request.actor, WORKING_ROLES),))]
    violations += _elsewhere(situation, place)
    plans: list[Plan] = []
    for coi, selected in selection.groups.items():
        violations += [one for item in selected for one in _not_to_find(situation, coi, item)]
        units = tuple(item.unit.unit for item in selected)
        # What was on the way has arrived where it is scanned.
        moved = any(item.unit.location not in (None, place) for item in selected)
        doubts = [*_in_doubt(situation, coi, selected, place)]
        slots = (Slot(Meaning.PERFORMED, staff=request.actor),)
        plans.append(
            Plan(
                situation.therapy(coi),
                events.UnitFound(units=units, location=place),
                (),
                reads_for(situation, request, coi),
                (*slots, Slot(Meaning.WITNESSED, because=MOVED)) if moved else slots,
                faults=tuple(
                    dict.fromkeys((*(("not_there",) if moved else ()), *(one.rule for one in doubts)))
                ),
                doubtful=tuple(unit for one in doubts for unit in one.quarantines),
            )
        )
    return conclude(situation, request, plans, violations)


def _in_doubt(
    situation: Situation, coi: str, selected: Iterable[Selected], location: str
) -> Iterator[Violation]:
    """Why the place in which units were found leaves open whether they were kept as they have to be."""
    place = situation.registry.location(location)
    protocol = situation.protocol(situation.therapy(coi))
    for item in selected if place is not None else ():
        if place is not None:
            found = place_violations(protocol, item.unit, place)
            yield from (one for one in found if one.field == "location")


def _elsewhere(situation: Situation, location: str) -> Iterator[Violation]:
    place = situation.registry.location(location)
    here = situation.station.site
    if place is not None and place.site != here:
        yield Violation(
            "other_site",
            f"{place.title} is at {place.site}; this station is at {here}.",
            "Use a station at the site where it is.",
            waivable=False,
        )


def _not_to_find(situation: Situation, coi: str, item: Selected) -> Iterator[Violation]:
    unit, therapy = item.unit, situation.therapy(coi)
    if unit.not_found_yet and unit.final is None:
        said = copy_out_of_use(therapy, item.resolution)
        if said is not None:
            yield Violation(
                "superseded", f"The scanned copy of {unit.unit} was {said.value}.", "Scan the valid label."
            )
        return
    found = unit.facts.get(events.UnitFound.kind)
    was = "" if found is None else f" at {local(situation, found)}"
    why = f"was found already{was}" if found is not None else "is not one that waits to be found"
    yield Violation(
        "already_done",
        f"{unit.unit} {why}.",
        "Nothing to do.",
        answer=ScanAnswer.CHECK,
        waivable=False,
    )


DECISIONS: Final[Decisions] = {
    asked.ImportTherapy: decide_import,
    asked.FindUnits: decide_find,
}
