"""The steps of the process for a reader: what touched the cells, what was measured, what went where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from schema.entry import Entry
from schema.events.processing import StepPerformed
from tracker.local_time import offset_of
from tracker.protocols.model import Protocol, Step, with_unit
from tracker.rules.decision import Violation
from tracker.rules.lots import lot_named
from tracker.rules.registry_state import RegistryState
from tracker.therapy.making.process import goods_violations


@dataclass(frozen=True, slots=True)
class SaidStep:
    """A step of the process in the words of its protocol and of the registry."""

    title: str
    instruments: tuple[str, ...]
    lots: tuple[str, ...]
    measured: tuple[str, ...]
    moves: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MadeStep:
    """One step of the process, with everything at it in words."""

    entry: Entry
    attempt: int
    step: str
    title: str
    units: tuple[str, ...]
    started_at: datetime
    ended_at: datetime
    instruments: tuple[str, ...]
    lots: tuple[str, ...]
    measured: tuple[str, ...]
    moves: tuple[str, ...]


def made_steps(
    found: Iterable[Entry], protocol: Protocol | None, registry: RegistryState
) -> Iterator[MadeStep]:
    """The steps of the process among some entries."""
    for entry in found:
        payload = entry.statement.payload
        if isinstance(payload, StepPerformed):
            yield _made(entry, payload, protocol, registry)


def _made(
    entry: Entry, payload: StepPerformed, protocol: Protocol | None, registry: RegistryState
) -> MadeStep:
    said = step_said(payload, protocol, registry)
    return MadeStep(
        entry=entry,
        attempt=payload.attempt,
        step=payload.step,
        title=said.title,
        units=payload.units,
        started_at=payload.started_at,
        ended_at=payload.ended_at,
        instruments=said.instruments,
        lots=said.lots,
        measured=said.measured,
        moves=said.moves,
    )


def step_said(payload: StepPerformed, protocol: Protocol | None, registry: RegistryState) -> SaidStep:
    """One step in the protocol's words; by its bare words where the protocol is not there."""
    step = None if protocol is None else next(protocol.steps_of(payload.step), None)
    return SaidStep(
        title=step.title if step is not None else payload.step.replace("_", " ").capitalize(),
        instruments=tuple(_instrument(registry, one) for one in payload.instruments),
        lots=tuple(_lots(payload, registry, protocol, step)),
        measured=tuple(_numbers(payload, protocol)),
        moves=tuple(_moves(payload)),
    )


def _instrument(registry: RegistryState, name: str) -> str:
    known = registry.equipment(name)
    return name if known is None else f"{known.title} ({name})"


def _lots(
    payload: StepPerformed, registry: RegistryState, protocol: Protocol | None, step: Step | None
) -> Iterator[str]:
    """The lots, critical ones first: what stays in or changes the cells."""
    items = {} if protocol is None else protocol.items
    order = () if step is None else step.items

    def rank(lot: str) -> tuple[bool, int]:
        known = registry.lot(lot)
        item = items.get(known.item) if known is not None else None
        place = order.index(known.item) if known is not None and known.item in order else len(order)
        return item is None or not item.critical, place

    for one in sorted(payload.lots, key=lambda used: rank(used.lot)):
        known = registry.lot(one.lot)
        name = one.lot if known is None else f"{lot_named(known)}, good till {known.expires}"
        item = None if known is None else items.get(known.item)
        measure = None if protocol is None or item is None else protocol.process_measure(item.measure or "")
        unit = None if measure is None else measure.unit
        taken = "" if one.quantity is None else f", {with_unit(one.quantity, unit)} taken"
        yield f"{name}{taken}"


def _numbers(payload: StepPerformed, protocol: Protocol | None) -> Iterator[str]:
    for one in payload.measured:
        described = None if protocol is None else protocol.process_measure(one.measure)
        title = one.measure.replace("_", " ") if described is None else described.title
        value = with_unit(one.value, None if described is None else described.unit)
        yield f"{title} {value}" + ("" if one.sample is None else f", in {one.sample}")


def _moves(payload: StepPerformed) -> Iterator[str]:
    for one in payload.moves:
        volume = "" if one.volume_ml is None else f", {one.volume_ml} mL"
        yield f"{one.source} into {one.target}{volume}" + (", emptied" if one.empties else "")


def unfit_goods(
    registry: RegistryState, protocol: Protocol, step: Step, thing: str, site: str, now: datetime
) -> Violation | None:
    """Why a lot or an instrument that was just scanned is not for a step; None where it is."""
    clock = offset_of(registry, site)
    found = goods_violations(registry, protocol, step, thing, site=site, at=now, offset_of=clock)
    return next(found, None)
