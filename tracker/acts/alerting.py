"""The alerts of one therapy, derived from its record, protocol and plan, the calendars and the time."""

from __future__ import annotations

from datetime import datetime

from tracker.local_time import ahead_of, offset_of
from tracker.planning.chain import Pathway
from tracker.protocols.model import Protocol
from tracker.rules.alert_state import Alert
from tracker.rules.alerts import Holders, alerts_of
from tracker.rules.duties import DueDuty, next_duties
from tracker.rules.forecast import Forecast, forecast
from tracker.rules.pathways import pathway_of
from tracker.rules.registry_state import RegistryState
from tracker.rules.therapy_state import TherapyState
from tracker.therapy.planning.forecasts import course_of


def standing_alerts(
    state: TherapyState,
    protocol: Protocol | None,
    registry: RegistryState,
    now: datetime,
    holders: Holders | None = None,
    pathway: Pathway | None = None,
) -> tuple[Alert, ...]:
    """Every alert of a therapy that holds now, the gravest first; who has its pathway already gives it."""
    expected = _forecast(state, protocol, registry, now, pathway)
    return alerts_of(
        state, protocol, registry, now, holders, expected, duties_left(state, protocol, registry)
    )


def duties_left(
    state: TherapyState, protocol: Protocol | None, registry: RegistryState
) -> tuple[DueDuty, ...]:
    """The next open day of each duty, by the clocks of where the cells were given."""
    if protocol is None or not (protocol.duties or any(test.is_late for test in protocol.release_tests)):
        return ()
    return next_duties(state, protocol, offset_of(registry, state.sites.treatment))


def _forecast(
    state: TherapyState,
    protocol: Protocol | None,
    registry: RegistryState,
    now: datetime,
    pathway: Pathway | None,
) -> Forecast | None:
    """How a therapy of which something is booked will go on; None where nothing is."""
    if protocol is None or (state.plan is None and state.promise is None) or not protocol.milestones:
        return None
    known = pathway or pathway_of(protocol, state.sites, registry, ahead_of(registry))
    return forecast(course_of(state, protocol), known, now)
