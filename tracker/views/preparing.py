"""What a pharmacist has to know of a product that is prepared: patient, paper, dose, clock, containers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from schema.entry import Entry
from schema.events.custody import Retrieved
from schema.events.identity import PreThawMatched
from schema.papercodes import receipt_code
from tracker.protocols.bedside import Bedside
from tracker.protocols.model import Protocol
from tracker.rules.certificates import CertificateSays, judged_certificate, out_of_specification, release_of
from tracker.rules.checks.bag_order import drawn_from, told_apart
from tracker.rules.checks.bedside import confirmed_of
from tracker.rules.clocks import use_by
from tracker.rules.dosing import GIVEN_FROM, cells_of, given
from tracker.rules.due_steps import due_step
from tracker.rules.lineage import recalled_lots
from tracker.rules.registry_state import RegistryState
from tracker.rules.therapy_state import DoseState, TherapyState, UnitState
from tracker.views.models import DueClock


@dataclass(frozen=True, slots=True)
class PreparedUnit:
    """One container that is given, or was drawn from."""

    unit: UnitState
    component: str
    """Its title, with the share of the dose and the color of the bag; empty where a dose has one of each."""

    cells: Decimal | None
    """In millions; None while nobody knows."""

    next_step: tuple[int, str] | None
    """Number and title of what its protocol asks for next; None where it has ended or is only destroyed."""

    is_drawn: bool
    """Whether its cells are in another container by now."""


@dataclass(frozen=True, slots=True)
class PatientReady:
    """The match before the thaw: when, by whom, and what was confirmed of what is asked."""

    at: datetime | None
    by: tuple[str, ...]
    confirmed: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PaperState:
    """The certificate of the release that stands, and whether it was scanned at a match."""

    receipt: str
    released_at: datetime
    scanned_at: datetime | None
    says: CertificateSays


@dataclass(frozen=True, slots=True)
class PreparedProduct:
    """Everything that is looked at while a product is prepared."""

    coi: str
    product: str
    indication: str | None
    ready: PatientReady
    is_out_of_specification: bool
    """Whether a container that is not ended was released so, or assessed so since; known without a scan."""

    recalled: tuple[str, ...]
    """The lots behind its containers that are recalled or rejected now, as people call them."""

    paper: PaperState | None
    """None while nothing stands released."""

    asks_dose: bool
    """Whether the protocol says how much is given."""

    dose: DoseState | None
    cells: Decimal | None
    """What the containers hold that are not given yet, with what was given, in millions."""

    clock: DueClock | None
    """What ends first of all that runs for its containers."""

    ends_with: str
    """The step that ends it, or several as `a|b`; empty of a shelf life and without a clock."""

    units: tuple[PreparedUnit, ...]
    order: tuple[str, ...]
    bedside: Bedside


def preparation_of(
    therapy: TherapyState, protocol: Protocol, registry: RegistryState, entries: Iterable[Entry]
) -> PreparedProduct:
    """A therapy as it is prepared now, from its state and its entries."""
    units = [unit for unit in therapy.units.values() if unit.material in GIVEN_FROM and unit.attempt]
    known = {entry.statement.event_id: entry for entry in entries}
    bedside = protocol.bedside
    cells = cells_of(therapy, protocol, units)
    left = [one for one in units if one.final is None and not drawn_from(therapy, one)]
    titles = (bedside.component(name) for name in bedside.order)
    clocks = filter(None, (use_by(therapy, protocol, one) for one in left))
    first = min(clocks, key=lambda clock: clock.due_at, default=None)
    return PreparedProduct(
        coi=therapy.coi,
        product=protocol.title,
        indication=therapy.indication,
        ready=_ready(therapy, bedside, left or units, known),
        is_out_of_specification=any(out_of_specification(therapy, one) for one in left or units),
        recalled=recalled_lots(therapy, registry, left or units),
        paper=_paper(therapy, left or units, known),
        asks_dose=protocol.dose is not None,
        dose=therapy.dose,
        cells=_together(therapy, protocol, left),
        clock=None if first is None else DueClock.of(first),
        ends_with="" if first is None else first.until,
        units=tuple(_prepared(therapy, protocol, one, cells.of[one.unit]) for one in units),
        order=tuple(one.title for one in titles if one is not None),
        bedside=bedside,
    )


def _together(therapy: TherapyState, protocol: Protocol, left: list[UnitState]) -> Decimal | None:
    """What is left to give and what was given; None while a part of it is not known."""
    open_cells, flowed = cells_of(therapy, protocol, left).total, given(therapy, protocol).total
    return None if open_cells is None or flowed is None else open_cells + flowed


def _prepared(
    therapy: TherapyState, protocol: Protocol, unit: UnitState, cells: Decimal | None
) -> PreparedUnit:
    is_drawn = drawn_from(therapy, unit)
    step = None if unit.final is not None or is_drawn else due_step(protocol, unit)
    if step is not None and unit.location is not None:
        # What is put away is fetched first.
        step = protocol.step(Retrieved.kind, unit.material) or step
    return PreparedUnit(
        unit=unit,
        component=", ".join(told_apart(protocol, therapy, unit)),
        cells=cells,
        next_step=None if step is None else (step.number, step.title),
        is_drawn=is_drawn,
    )


def _ready(
    therapy: TherapyState, bedside: Bedside, units: list[UnitState], known: Mapping[str, Entry]
) -> PatientReady:
    """By the newest match of a container that is in question."""
    matched = [
        fact
        for unit in units
        for name in therapy.lineage(unit.unit)
        if (fact := therapy.units[name].facts.get(PreThawMatched.kind)) is not None
    ]
    newest = max(matched, key=lambda fact: fact.sequence, default=None)
    said = frozenset(word for unit in units for word in confirmed_of(therapy, unit.unit))
    entry = None if newest is None else known.get(newest.event_id)
    signers = () if entry is None else tuple(dict.fromkeys(one.signer for one in entry.signatures))
    return PatientReady(
        at=None if newest is None else newest.at,
        by=signers,
        confirmed=sum(word in said for word in bedside.confirm),
        missing=tuple(word for word in bedside.confirm if word not in said),
    )


def _paper(therapy: TherapyState, units: list[UnitState], known: Mapping[str, Entry]) -> PaperState | None:
    """Of the release that stands; scanned where a match of a container read that very code."""
    for unit in units:
        release = release_of(unit)
        if release is None or release.event_id not in therapy.releases:
            continue
        digest = therapy.events[release.event_id].digest
        code = receipt_code(digest).text
        read_at = [
            entry.statement.occurred_at
            for entry in known.values()
            if any(one.field == "certificate" and one.code == code for one in entry.statement.reads)
        ]
        says = judged_certificate(therapy, unit, digest)
        return PaperState(code, release.at, max(read_at, default=None), says)
    return None
