"""The deviations of all therapies: which quality has still to assess or close, and what one of them says."""

from __future__ import annotations

from collections.abc import Iterator

from schema.commitments import Commitment
from schema.entry import Statement
from schema.events import Payload
from schema.instants import format_minute
from schema.tables import DeviationRow
from tracker.acts.state_cache import StateCache, entries
from tracker.ledger.transaction import Transaction
from tracker.protocols.model import Protocol
from tracker.rules.attempt import sites_with_part
from tracker.rules.checks.condition import HOLD_PASSED, display_violations, hold_passed, place_violations
from tracker.rules.decision import Violation
from tracker.rules.deviation_state import DeviationState, DeviationStatus
from tracker.rules.registry_state import RegistryState
from tracker.rules.therapy_state import TherapyState
from tracker.therapy.evolve import replay
from tracker.views.conditions import ProtocolOf
from tracker.views.facts import clock_of
from tracker.views.marks import step_title
from tracker.views.models import DeviationBackground, DeviationLine


def deviations(
    transaction: Transaction, memory: StateCache, *, is_open: bool, site: str | None
) -> Iterator[DeviationLine]:
    """Every deviation or those not closed, the oldest first; of therapies in which a site has a part."""
    rows = transaction.deviations(without=DeviationStatus.CLOSED.value if is_open else None)
    return (line for row in rows if (line := _line(transaction, memory, row, site)) is not None)


def deviation(transaction: Transaction, memory: StateCache, event: str) -> DeviationLine | None:
    """One deviation by the event that drafted or opened it."""
    row = transaction.deviation(event)
    return None if row is None else _line(transaction, memory, row, None)


def background(
    transaction: Transaction,
    memory: StateCache,
    registry: RegistryState,
    protocol_of: ProtocolOf,
    event: str,
) -> DeviationBackground | None:
    """What a deviation is about, judged by the state of its therapy as it was then; None for any other id."""
    line = deviation(transaction, memory, event)
    chain = () if line is None else entries(transaction, line.coi)
    ids = {event} if line is None else {line.state.about or line.state.deviation}
    entry = next((one for one in chain if one.statement.event_id in ids), None)
    if line is None or entry is None:
        return None
    before = replay((one.sequence, one.statement) for one in chain[: entry.sequence])
    protocol = None if before is None else protocol_of(before.protocol.sha256)
    found: tuple[Violation, ...] = ()
    if before is not None and protocol is not None:
        found = tuple(_not_borne(registry, before, protocol, entry.statement, line.state))
    return DeviationBackground(
        state=line.state,
        event=entry.statement,
        step=step_title(protocol, before, entry.statement),
        found=found,
        words=tuple(_words(transaction, entry.statement.payload)),
    )


def _not_borne(
    registry: RegistryState,
    before: TherapyState,
    protocol: Protocol,
    statement: Statement,
    deviation: DeviationState,
) -> Iterator[Violation]:
    """The display, the place and the hold time that were recorded, where the units do not bear them."""
    payload = statement.payload
    units = [unit for unit in (before.unit(name) for name in deviation.units) if unit is not None]
    yield from display_violations(protocol, units, getattr(payload, "display_celsius", None))
    place = registry.location(getattr(payload, "location", None) or "")
    for unit in units if place is not None else ():
        if place is not None:
            yield from place_violations(protocol, unit, place)
    hold = before.boxes_hold.get(getattr(payload, "box", None) or "")
    if hold is not None and statement.occurred_at > hold.until and HOLD_PASSED in deviation.cause:
        box = registry.equipment(getattr(payload, "box", None) or "")
        clock = clock_of(registry, statement)
        times = [format_minute(moment, clock(moment)) for moment in (hold.until, statement.occurred_at)]
        yield hold_passed(times[0], times[1], box.title if box else "The box")


def deviation_words(deviation: DeviationState, protocol: Protocol | None) -> str:
    """What it is about in one line: causes, at which step by whom, which units.

    One refusal drafts the giver's deviation and the receiver's from one cause: the step tells them apart.
    """
    step = protocol.step(deviation.kind, None) if protocol is not None and deviation.kind else None
    title = step.title if step is not None else deviation.kind.replace("_", " ")
    who = f", {title} by {deviation.actor}" if deviation.about is not None and title else ""
    units = f": {', '.join(deviation.units)}" if deviation.units else ""
    return f"{deviation.title}{who}{units}"


def _words(transaction: Transaction, payload: Payload) -> Iterator[str]:
    """The description or the remark of an event, which the chain holds as commitments only."""
    for name in ("description", "remark"):
        committed = getattr(payload, name, None)
        if isinstance(committed, Commitment):
            opening = transaction.openings([committed.commitment]).get(committed.commitment)
            if opening is not None:
                yield str(opening.value)


def _line(
    transaction: Transaction, memory: StateCache, row: DeviationRow, site: str | None
) -> DeviationLine | None:
    known = memory.therapy(transaction, row.coi)
    found = known.state.deviations.get(row.deviation) if known is not None else None
    if known is None or found is None:
        return None
    if site is not None and site not in sites_with_part(known.state):
        return None
    return DeviationLine(row.coi, found)
