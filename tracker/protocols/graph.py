"""Checks of a protocol as a graph: every step can be reached, and no required guard is missing."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import groupby

from schema.vocabulary import ReleasePredicate, Scope
from tracker.kinds import PROCESS_STEP, STEP_KINDS, About, Needs, People
from tracker.protocols.bands import band_findings, shipping_findings
from tracker.protocols.bedside import bedside_findings
from tracker.protocols.clock_checks import clock_findings
from tracker.protocols.milestone_checks import milestone_findings
from tracker.protocols.model import Comparison, Protocol, Step, TestGate
from tracker.protocols.process_checks import filled_from, process_findings

MUST_FOLLOW = (
    ("thaw_started", "pre_thaw_matched"),
    ("infusion_started", "bedside_matched"),
    ("infusion_started", "thaw_ended"),
)
IDENTITY = (
    ("patient_identified", Comparison.PATIENT),
    ("pre_thaw_matched", Comparison.PATIENT),
    ("pre_thaw_matched", Comparison.COI),
    ("bedside_matched", Comparison.PATIENT),
)
BRINGS_CHILDREN = "manufactured"
"""Its facts also concern other materials than its step's, as those of each step that fills something do."""


REQUIRED = (
    *("enrolled", "patient_identified", "collected", "released", "infusion_completed", "closed"),
    *("deviation_assessed", "deviation_closed"),
)
"""Without the last two what happened outside the rules could never be confirmed, nor a release follow."""


def findings(protocol: Protocol) -> tuple[str, ...]:
    """Every way the protocol is not safe or not complete, as sentences; empty when it may be adopted."""
    return (
        *_unknown_words(protocol),
        *_never_comes(protocol),
        *_circles(protocol),
        *_missing_labels(protocol),
        *_missing_steps(protocol),
        *_made_elsewhere(protocol),
        *_missing_guards(protocol),
        *_aftercare(protocol),
        *bedside_findings(protocol.bedside),
        *process_findings(protocol),
        *clock_findings(protocol),
        *band_findings(protocol),
        *shipping_findings(protocol),
        *milestone_findings(protocol),
        *_double_names(protocol),
        *_numbers(protocol),
        *_strip(protocol),
    )


def _unknown_words(protocol: Protocol) -> Iterator[str]:
    stages = {stage.name for stage in protocol.stages}
    materials = {container.material for container in protocol.containers}
    for step in protocol.steps:
        if step.kind not in STEP_KINDS:
            yield f"step {step.kind}: nobody can ask for such an event."
        if step.stage not in stages:
            yield f"step {step.fact}: its stage {step.stage} is not among the stages."
        for material in step.materials:
            if material not in materials:
                yield f"step {step.fact}: material {material.value} has no container."


def alternatives(step: Step) -> Iterator[str]:
    """Every fact a step may wait for, alternatives one by one."""
    return (fact for rule in step.after for fact in rule.split("|"))


def _facts(protocol: Protocol) -> set[str]:
    return {step.fact for step in protocol.steps}


def _never_comes(protocol: Protocol) -> Iterator[str]:
    facts = _facts(protocol)
    for step in protocol.steps:
        for fact in alternatives(step):
            if fact not in facts:
                yield f"step {step.fact} waits for {fact}, which no step brings."
        yield from _never_for(protocol, step)


def _never_for(protocol: Protocol, step: Step) -> Iterator[str]:
    """A step on a unit waits for facts of that unit: another material's step does not bring them."""
    row = STEP_KINDS.get(step.kind)
    brings_along = {BRINGS_CHILDREN, *(one.fact for one in protocol.process_steps() if one.into)}
    for rule in step.after if row is None or row.about is not About.THERAPY else ():
        names = rule.split("|")
        known = [name for name in names if protocol.step(name, None) is not None]
        for material in step.materials if known and brings_along.isdisjoint(names) else ():
            sources = filled_from(protocol, material)
            if not any(protocol.step(name, one) for name in names for one in sources):
                yield f"step {step.fact} waits for {rule}, which no step brings for {material.value}."


def _circles(protocol: Protocol) -> Iterator[str]:
    order: dict[str, set[str]] = {}
    for step in protocol.steps:
        for material in step.materials or (None,):
            node = f"{step.fact} of {material.value}" if material else step.fact
            needed = order.setdefault(node, set())
            for fact in alternatives(step):
                before = protocol.step(fact, material)
                if before is not None:
                    needed.add(f"{fact} of {material.value}" if material and before.materials else fact)
    try:
        tuple(TopologicalSorter(order).static_order())
    except CycleError as error:
        yield f"steps wait for each other in a circle: {' - '.join(error.args[1])}."


def _missing_labels(protocol: Protocol) -> Iterator[str]:
    """What keeps its maker's label is never given one of ours, so no step may wait for that alone."""
    for container in protocol.containers:
        if container.cartrail_label:
            continue
        for step in protocol.steps:
            mine = not step.materials or container.material in step.materials
            if mine and step.kind != "label_superseded" and "label_applied" in step.after:
                yield (
                    f"step {step.fact} waits for label_applied, "
                    f"and {container.material.value} keeps its maker's label."
                )


def _made_elsewhere(protocol: Protocol) -> Iterator[str]:
    """What is made elsewhere is released on its maker's certificate, and no step of its making is here."""
    on_certificate = ReleasePredicate.CERTIFICATE_ADOPTED in protocol.release.predicates
    if protocol.is_made_elsewhere != on_certificate:
        yield "release on certificate_adopted belongs to manufacture.recorded elsewhere, and it to that."
    if not protocol.is_made_elsewhere:
        return
    making = ("manufacturing_started", "manufactured", "tested", PROCESS_STEP)
    for step in protocol.steps:
        if step.kind in making:
            yield f"step {step.fact} is of the making, which is recorded elsewhere."
    if protocol.step("code_adopted", None) is None:
        yield "there is no step code_adopted: nobody could read the maker's certificate."


def _missing_steps(protocol: Protocol) -> Iterator[str]:
    for kind in REQUIRED:
        if protocol.step(kind, None) is None:
            yield f"there is no step {kind}."
    for kind, needed in MUST_FOLLOW:
        for step in protocol.steps_of(kind):
            if needed not in step.after:
                yield f"step {kind} must come after {needed}."


def _missing_guards(protocol: Protocol) -> Iterator[str]:
    for step in protocol.steps:
        row = STEP_KINDS.get(step.kind)
        if step.kind == "thaw_started" and not step.needs_release:
            yield "step thaw_started must need release."
        if row is not None and row.needs is Needs.SOUND and not step.quarantine_blocks:
            yield f"step {step.kind} must be blocked by quarantine."
        if step.open_product and step.scope is not Scope.ONE_THERAPY:
            yield f"step {step.fact} has cells open, so it is for one therapy at a time."
        if row is not None and row.people in (People.TWO, People.TWO_HERE) and len(step.signatures) < 2:
            yield f"step {step.kind} needs two signatures."
    if protocol.step("lymphodepletion_started", None) is not None and not protocol.regimens:
        yield "step lymphodepletion_started needs regimens to choose from."
    for kind, comparison in IDENTITY:
        for step in protocol.steps_of(kind):
            if comparison not in step.compare:
                yield f"step {kind} must compare the {comparison.value}."


def _aftercare(protocol: Protocol) -> Iterator[str]:
    """What is done after the infusion needs its scales, and its duties a step to count from."""
    if protocol.step("toxicity_graded", None) is not None and not protocol.scales:
        yield "step toxicity_graded needs scales to grade by."
    for duty in protocol.duties:
        if protocol.step(duty.after, None) is None:
            yield f"duty {duty.name} counts from {duty.after}, which no step brings."
    yield from _release_missing(protocol)


def _release_missing(protocol: Protocol) -> Iterator[str]:
    """What a release asks for and nothing can answer."""
    known = _facts(protocol)
    for test in protocol.release_tests:
        for name in test.independent_of:
            if name not in known:
                yield f"release test {test.code} is independent of {name}, which no step brings."
    is_asked = ReleasePredicate.IDENTITY_ASSAY in protocol.release.predicates
    if is_asked and all(test.gate is not TestGate.IDENTITY for test in protocol.release_tests):
        yield 'release asks for identity_assay, and no release test has gate = "identity".'


def _double_names(protocol: Protocol) -> Iterator[str]:
    for names, what in (
        ([limit.name for limit in protocol.limits], "limit"),
        ([test.code for test in protocol.release_tests], "release test"),
        ([stage.name for stage in protocol.stages], "stage"),
        ([one.name for one in protocol.milestones], "milestone"),
        ([one.name for one in protocol.indications], "indication"),
        ([one.name for one in protocol.regimens], "regimen"),
        ([one.name for one in protocol.measures], "measure"),
        ([one.key for one in protocol.scales], "scale"),
        (
            [
                *(one.name for one in protocol.duties),
                *(one.code for one in protocol.release_tests if one.is_late),
            ],
            "duty or late release test",
        ),
        ([one.region for one in protocol.watch], "region of a watch"),
    ):
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"{what} {name} is defined twice."
    seen: set[tuple[str, str | None]] = set()
    for step in protocol.steps:
        yield from _overlaps(step, seen)


_PROCESS_STEPS = range(500, 600)
"""Numbers of the steps of the process, which each protocol names."""

_TWO_DIGITS = range(10, 100)


def _numbers(protocol: Protocol) -> Iterator[str]:
    """A number means one kind of step, so that nobody who types it from memory takes another."""
    kinds: dict[int, list[str]] = {}
    for step in protocol.steps:
        kinds.setdefault(step.number, []).append(step.fact)
        if step.kind == PROCESS_STEP:
            if step.number not in _PROCESS_STEPS:
                yield f"step {step.fact}: number {step.number} is not one of 500 to 599."
        elif step.number in _PROCESS_STEPS:
            yield f"step {step.kind}: number {step.number} is kept for the process steps of making."
        elif step.number not in _TWO_DIGITS:
            yield f"step {step.kind}: number {step.number} is not one of 10 to 99."
    for number, found in sorted(kinds.items()):
        if len(set(found)) > 1:
            yield f"number {number} is given to {' and to '.join(sorted(set(found)))}."


STRIP_MAX = 9
"""So many stretches fit beside each other on a terminal of 80 columns."""


def _strip(protocol: Protocol) -> Iterator[str]:
    """The journey is one line: few stretches, and each name stands there once."""
    stages = {stage.name: stage.short for stage in protocol.stages}
    shorts = [name for name, _ in groupby(stages.values())]
    if len(shorts) > STRIP_MAX:
        yield (
            f"the stages are {len(shorts)} stretches of the journey, and {STRIP_MAX} fit on a line: "
            "give neighbors one short name."
        )
    for short in sorted({name for name in shorts if shorts.count(name) > 1}):
        yield f"short name {short} is given to stages that are not neighbors."


def _overlaps(step: Step, seen: set[tuple[str, str | None]]) -> Iterator[str]:
    for material in step.materials or (None,):
        key = (step.fact, material.value if material else None)
        if key in seen or (step.fact, None) in seen:
            yield f"step {step.fact} is defined twice for {key[1] or 'all materials'}."
        seen.add(key)
