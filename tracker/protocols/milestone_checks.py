"""Checks of a protocol's milestones: each can be reached from the first, in the time that limits leave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from schema.vocabulary import SitePart
from tracker.protocols.model import Limit, PlannedStep, Protocol
from tracker.protocols.spans import format_duration

WITH_A_SITE = (SitePart.COLLECTION, SitePart.MANUFACTURING, SitePart.TREATMENT)
"""The parts that a therapy's enrollment gives to sites."""


def milestone_findings(protocol: Protocol) -> Iterator[str]:
    """Every milestone that could not be planned, and every limit that its milestones cannot meet."""
    known: dict[str, PlannedStep] = {}
    wrong: list[str] = []
    for one in protocol.milestones:
        wrong += (*_place(one, known), *_lags(one), *_fulfilled(protocol, one))
        known[one.name] = one
    yield from wrong
    if wrong or len(known) < len(protocol.milestones):
        return
    for limit, start, until in gaps_of(protocol):
        needed = _typical_between(known, start, until)
        if needed is not None and needed > limit.within:
            yield (
                f"limit {limit.name} lets {format_duration(limit.within)} pass, and "
                f"{format_duration(needed)} are planned from milestone {start.name} to {until.name}."
            )


def _place(one: PlannedStep, known: Mapping[str, PlannedStep]) -> Iterator[str]:
    if one.after is None and known:
        yield f"milestone {one.name} comes after none, and it is not the first."
    if one.after is not None and one.after not in known:
        yield f"milestone {one.name} comes after {one.after}, which does not stand before it."
    for part in (one.part, one.carried_from):
        if part is not None and part not in WITH_A_SITE:
            yield f"milestone {one.name}: {part} is no part that one site of a therapy has."
    before = None if one.after is None else known.get(one.after)
    if one.carried_from is not None and (before is None or before.part is not one.carried_from):
        yield f"milestone {one.name} is carried from {one.carried_from}, and nothing is there before it."
    if one.carried_from is one.part:
        yield f"milestone {one.name} is carried from {one.part} to {one.part}."
    elif one.carried_from is None and before is not None and before.part is not one.part:
        yield f"milestone {one.name} is at another site than {before.name}: say carried_from."


def _lags(one: PlannedStep) -> Iterator[str]:
    typical = one.earliest if one.typical is None else one.typical
    if typical < one.earliest:
        yield f"milestone {one.name}: typical is less than earliest."
    if one.latest is not None and one.latest < typical:
        yield f"milestone {one.name}: latest is less than what is planned, {format_duration(typical)}."
    if one.after is None and (one.earliest or one.typical is not None or one.latest is not None):
        yield f"milestone {one.name} is the first, so nothing lies before it."


def _fulfilled(protocol: Protocol, one: PlannedStep) -> Iterator[str]:
    if one.fulfilled_by is None:
        return
    if protocol.step(one.fulfilled_by, None) is None:
        yield f"milestone {one.name} is fulfilled by {one.fulfilled_by}, which is no step."
        return
    for material in one.materials:
        if protocol.step(one.fulfilled_by, material) is None:
            yield f"milestone {one.name} is fulfilled by no step {one.fulfilled_by} of {material.value}."


def gaps_of(protocol: Protocol) -> Iterator[tuple[Limit, PlannedStep, PlannedStep]]:
    """The limits that run from one milestone to a later one, with the two.

    One that other steps end or stop as well, such as a time out of storage, is met on the way.
    """
    for limit in protocol.limits:
        if len(limit.starts) > 1 or len(limit.ends) > 1 or limit.cleared_by:
            continue
        for number, until in enumerate(protocol.milestones):
            for start in protocol.milestones[:number]:
                starts = start.fulfilled_by in limit.starts and _concerns(limit, start)
                if starts and until.fulfilled_by in limit.ends and _concerns(limit, until):
                    yield limit, start, until


def _concerns(limit: Limit, one: PlannedStep) -> bool:
    return not limit.materials or not one.materials or bool({*limit.materials} & {*one.materials})


def _typical_between(
    known: Mapping[str, PlannedStep], start: PlannedStep, until: PlannedStep
) -> timedelta | None:
    """What is planned between two milestones, transit left out; None where the one does not lead there."""
    needed, one = timedelta(0), until
    while one.name != start.name:
        before = None if one.after is None else known.get(one.after)
        if before is None:
            return None
        needed += one.earliest if one.typical is None else one.typical
        if before.name != start.name:
            needed += before.lasts
        one = before
    return needed
