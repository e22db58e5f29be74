"""One therapy at a bench: what takes it, what is refused there, and what is known of it afterwards.

Only what is entered live is judged and takes a bench: an entry made later says where it was keyed, and by
then nobody knows who was at which bench. An unattended entry without a time of its own happens now, so it is
refused at a taken bench; it takes none, since nobody stands there who would clear it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from schema.entry import Statement
from schema.events.bench import LineCleared
from schema.instants import CLOCKS_APART_MAX
from schema.vocabulary import EntryMode, EquipmentType, Scope
from tracker.protocols.model import Step
from tracker.requests.base import Request
from tracker.rules.attempt import Attempt, local_time
from tracker.rules.decision import Violation
from tracker.rules.registry_state import RegistryState, Station
from tracker.rules.situation import Occupant, Situation
from tracker.rules.therapy_state import BenchUse, Occurrence, TherapyState


def is_now(request: Request) -> bool:
    """Whether it happens where and while it is recorded."""
    mode = request.entry.mode
    return mode is EntryMode.LIVE or (mode is EntryMode.UNATTENDED and request.occurred_at is None)


def is_for_one(steps: Sequence[Step]) -> bool:
    """Whether any of the steps is for one therapy at a time."""
    return any(step.scope is Scope.ONE_THERAPY for step in steps)


def bench_taken(request: Request, station: Station, steps: Sequence[Step]) -> str | None:
    """The bench that an event says it was at; None for what may be done for several therapies at once."""
    return station.bench if request.entry.mode is EntryMode.LIVE and is_for_one(steps) else None


def bench_violations(attempt: Attempt, step: Step) -> Iterator[Violation]:
    """Why this therapy cannot be worked on here: something of another may still lie here."""
    situation = attempt.situation
    if step.scope is not Scope.ONE_THERAPY or not is_now(attempt.request):
        return
    if situation.in_instruments and not step.open_product:
        return  # the cells stay in an exclusive instrument, which is the bench then
    for other in situation.at_bench:
        if other.coi != attempt.therapy.coi:
            bench = bench_title(situation.registry, situation.station.bench)
            yield Violation(
                "bench_occupied",
                f"The bench {bench} is taken for another therapy, {taken(situation, other)}.",
                "Take everything of that therapy away, then clear the bench: Ctrl+B at its terminal.",
            )
            return


def instrument_taken(
    situation: Situation, request: Request, therapy: TherapyState, instrument: str
) -> Iterator[Violation]:
    """Why an exclusive instrument cannot be used for this therapy: another one is in it."""
    for other in situation.in_instruments.get(instrument, ()) if is_now(request) else ():
        if other.coi != therapy.coi:
            yield Violation(
                "bench_occupied",
                f"{bench_title(situation.registry, instrument)} is taken for another therapy, "
                f"{taken(situation, other)}.",
                "Take that therapy out of it, then clear it: `clear_line` with its id as the bench.",
                field="instruments",
            )
            return


def taken(situation: Situation, occupant: Occupant) -> str:
    """Which therapy is at a bench since when, in the station's local time."""
    person = situation.registry.person(occupant.staff)
    who = occupant.staff if person is None else f"{person.name} ({occupant.staff})"
    return f"{occupant.coi}, since {local_time(situation, occupant.since)} by {who}"


def bench_title(registry: RegistryState, bench: str) -> str:
    """A bench as people call it: the location, else the terminal that is its own bench."""
    location, station = registry.location(bench), registry.station(bench)
    instrument = registry.equipment(bench)
    named = location or station or instrument
    title = named.title if named else ""
    return f"{bench} ({title})" if title else bench


def bench_site(registry: RegistryState, bench: str) -> str | None:
    """The site of a bench, None for anything else. A terminal at a location is not its own bench.

    An exclusive instrument is a bench; which are, the protocols say too, so any instrument may be cleared.
    """
    location, instrument = registry.location(bench), registry.equipment(bench)
    if instrument is not None:
        return instrument.site if instrument.equipment_type is EquipmentType.INSTRUMENT else None
    if location is not None:
        return location.site if any(one.bench == bench for one in registry.stations.values()) else None
    station = registry.station(bench)
    return station.site if station is not None and station.bench == bench else None


def stations_at(registry: RegistryState, bench: str) -> tuple[str, ...]:
    """The terminals at a bench, including retired ones: what they printed may still lie there."""
    return tuple(one.id for one in registry.stations.values() if one.bench == bench)


def benches_after(
    state: TherapyState, statement: Statement, occurrence: Occurrence
) -> Mapping[str, BenchUse]:
    """The benches a therapy is at after one more event; one entered late clears nothing that came later."""
    payload, bench = statement.payload, statement.payload.bench
    if bench is None:
        return state.benches
    use = state.benches.get(bench)
    if isinstance(payload, LineCleared):
        if use is None or use.last_at - occurrence.at > CLOCKS_APART_MAX:
            return state.benches
        return {name: one for name, one in state.benches.items() if name != bench}
    if use is None:
        use = BenchUse(bench, occurrence, occurrence.at, (payload.fact,))
    else:
        kinds = use.kinds if payload.fact in use.kinds else (*use.kinds, payload.fact)
        use = replace(use, last_at=max(use.last_at, occurrence.at), kinds=kinds)
    return {**state.benches, bench: use}
