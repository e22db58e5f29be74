"""What the downtime report says: each therapy under way, where it is, who holds it, what ends when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from labels.papers.outage import OutageClock, OutageReport, OutageTherapy, OutageUnit
from schema.events.processing import Tested
from schema.vocabulary import PartyType
from tracker.downtime.steps import remaining_steps
from tracker.labeling.places import local_minute
from tracker.open_store import OpenStore
from tracker.protocols.model import Protocol
from tracker.rules.registry_state import RegistryState
from tracker.rules.results import open_attempts, pending_tests
from tracker.rules.therapy_state import TherapyState, TherapyStatus
from tracker.views.models import BoardRow

PAGE = 200
FAR = datetime.max.replace(tzinfo=UTC)


def outage_report(opened: OpenStore, *, site: str) -> OutageReport:
    """Where every therapy under way is now, what ends first at the top; times by the clocks of a site."""
    now, registry = opened.clock.now(), opened.registry
    under_way = opened.read.whole_board(status=TherapyStatus.ACTIVE.value)
    rows = sorted(under_way, key=lambda row: min((one.due_at for one in row.clocks), default=FAR))
    head = opened.print_head(chains=tuple(row.coi for row in rows))
    return OutageReport(
        purpose=registry.purpose,
        origin=registry.origin,
        written_at=local_minute(registry, now, site),
        phones=tuple(f"{one.title}: {one.phone_24h}" for one in registry.sites.values() if one.phone_24h),
        therapies=tuple(_therapy(opened, registry, row, now, site) for row in rows),
        head_code=None if head is None else head.text,
    )


def _therapy(
    opened: OpenStore, registry: RegistryState, row: BoardRow, now: datetime, site: str
) -> OutageTherapy:
    sites = dict.fromkeys((row.collection_site, row.manufacturing_site, row.treatment_site))
    known = opened.read.therapy(coi=row.coi)
    return OutageTherapy(
        coi=row.coi,
        stage=row.stage_title,
        sites=" > ".join(sites),
        marks=tuple(mark.replace("_", " ") for mark in row.attention),
        units=tuple(_units(registry, known[0])) if known is not None else (),
        clocks=tuple(
            OutageClock(
                title=f"{clock.title} {clock.unit or ''}".strip(),
                ends=local_minute(registry, clock.due_at, site),
                is_late=clock.due_at <= now,
            )
            for clock in sorted(row.clocks, key=lambda one: one.due_at)
        ),
        next_step="" if known is None or known[1] is None else _next_step(known[0], known[1], row.stage),
    )


def _next_step(therapy: TherapyState, protocol: Protocol, stage: str) -> str:
    """The first step that is left in the stage the therapy has reached, or in a later one."""
    places = {one.name: place for place, one in enumerate(protocol.stages)}
    reached = places.get(stage, 0)
    is_tested = not any(pending_tests(therapy, one, protocol) for one in open_attempts(therapy))
    for one in remaining_steps(therapy, protocol):
        is_over = places.get(one.step.stage, reached) < reached
        if not is_over and not (one.step.kind == Tested.kind and is_tested):
            return one.step.title
    return ""


def _units(registry: RegistryState, therapy: TherapyState) -> Iterator[OutageUnit]:
    for unit in therapy.open_units():
        place = registry.location(unit.location) if unit.location else None
        box = registry.equipment(unit.box) if unit.box else None
        handing = ", handing over" if unit.handoff else ""
        is_stored = unit.custodian is not None and unit.custodian.type is PartyType.LOCATION
        holder = "in storage" if is_stored else "nobody yet" if unit.custodian is None else unit.custodian.id
        yield OutageUnit(
            unit=unit.unit,
            material=unit.material.value.replace("_", " "),
            holder=holder + handing,
            place=place.title if place else box.title if box else "",
            state="QUARANTINE" if unit.quarantined else "",
        )
