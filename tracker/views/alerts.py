"""The alerts of all therapies, as people see them: what calls for whom, and who has seen it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from schema.canonical import Json
from schema.commitments import Opening
from schema.instants import format_instant
from schema.tables import TherapyRow
from schema.vocabulary import AlertCause, LotStatus, Role
from tracker.acts.alerting import standing_alerts
from tracker.acts.deciding import Decider
from tracker.acts.gathering import owed_to
from tracker.acts.state_cache import StateCache
from tracker.ledger.transaction import Transaction
from tracker.local_time import local
from tracker.rules.alert_state import AcknowledgedAlert, Alert, Rung
from tracker.rules.alerts import (
    SOON,
    escalation_of,
    holders_of,
    may_acknowledge,
    rung_of,
)
from tracker.rules.authority import grant_fault
from tracker.rules.marks.standing import Flag
from tracker.rules.registry_state import RegistryState
from tracker.rules.therapy_state import TherapyState, TherapyStatus
from tracker.views.calling import flags_of
from tracker.views.forecasts import ForecastView
from tracker.views.models import DueClock

_CALLING: Final = frozenset(
    one.value
    for one in (
        *(Flag.QUARANTINED, Flag.DEVIATION, Flag.REFUSED, Flag.HANDOFF_OPEN, Flag.STALLED),
        Flag.OUT_OF_SPECIFICATION,
    )
)
"""The marks with an alert of their own; others stay for ever, and a thousand ended therapies have them."""

SINCE: Final = frozenset(
    {AlertCause.REFUSED, AlertCause.QUARANTINED, AlertCause.UNASSESSED, AlertCause.STALLED}
)
"""What has begun; all else was due, or was promised, for a time."""


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One alert as a list shows it."""

    id: str
    coi: str
    cause: AlertCause
    subject: str
    limit: str | None
    """The limit or milestone, where it is about one."""

    title: str
    """What it is about, in words."""

    due_at: datetime
    """When the limit ends or it was promised; else since when the cause holds."""

    since: datetime
    projected_at: datetime | None
    called: tuple[Rung, ...]
    """Who is called by now, the first one first."""

    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    plan: str | None = None
    """What they said they would do; None where they said nothing, or it was erased."""

    acknowledging: tuple[tuple[Role, frozenset[str]], ...] = ()
    """The roles that may acknowledge it, each with the sites at which it counts."""

    @property
    def is_acknowledged(self) -> bool:
        """Whether somebody has seen it."""
        return self.acknowledged_by is not None

    @property
    def request(self) -> dict[str, Json]:
        """The fields of the request by which it is acknowledged."""
        said: dict[str, Json] = {"coi": self.coi, "cause": self.cause.value, "subject": self.subject}
        if self.limit is not None:
            said["limit"] = self.limit
        return {**said, "due_at": format_instant(self.due_at)}


def alert_sentence(registry: RegistryState, line: AlertLine, site: str) -> str:
    """An alert as a mail or a page says it, by the clocks of the site that is told."""
    subject = "" if line.subject == line.coi else f"{line.subject} of "
    due = _time(registry, site, line.due_at)
    if line.cause in SINCE:
        when = f"since {due}"
    elif line.projected_at is None:
        when = f"due {due}"
    else:
        word = "promised for" if line.subject == line.coi else "ends"
        when = f"{word} {due}, projected for {_time(registry, site, line.projected_at)}"
    cause = line.cause.value.replace("_", " ")
    return f"{cause.capitalize()}: {line.title}, {subject}{line.coi}, {when} ({site})."


def _time(registry: RegistryState, site: str, moment: datetime) -> str:
    at = local(registry, site, moment)
    return f"{at:%a} {at.day} {at:%b %H:%M}"


class AlertView:
    """The alerts as one transaction shows them at one moment."""

    def __init__(
        self,
        transaction: Transaction,
        memory: StateCache,
        decider: Decider,
        registry: RegistryState,
        now: datetime,
    ) -> None:
        self._transaction = transaction
        self._memory = memory
        self._decider = decider
        self._registry = registry
        self._now = now
        self._holders = holders_of(registry, now)
        self._forecasts = ForecastView(transaction, decider, registry, now)

    def lines(self, *, site: str | None = None) -> tuple[AlertLine, ...]:
        """Every alert that stands, of therapies in which a site has a part; the gravest first."""
        found = (pair for coi in self._calling(site) for pair in self._of(coi))
        ordered = sorted(found, key=lambda pair: pair[0].order)
        return tuple(line for _, line in ordered)

    def of_therapy(self, coi: str) -> tuple[AlertLine, ...]:
        """The alerts of one therapy, the gravest first."""
        return tuple(line for _, line in self._of(coi))

    def _calling(self, site: str | None) -> Iterator[str]:
        """The therapies of which something may call: the others are not read in full."""
        recalled = (
            coi
            for lot in self._registry.lots.values()
            if lot.status is LotStatus.RECALLED
            for coi in owed_to(self._transaction, self._memory, lot)
        )
        calling = {
            row.coi
            for row in self._transaction.therapies_calling(_CALLING, self._now, site=site)
            if self._may_call(row)
        }
        named = {*recalled, *self._forecasts.displaced()} - calling
        yield from calling
        yield from (coi for coi in named if site is None or site in self._sites_of(coi))

    def _sites_of(self, coi: str) -> tuple[str, ...]:
        row = self._transaction.therapy(coi)
        return () if row is None else (row.collection_site, row.manufacturing_site, row.treatment_site)

    def _may_call(self, row: TherapyRow) -> bool:
        if not _CALLING.isdisjoint(flags_of(row, self._now)):
            return True
        if row.status != TherapyStatus.ACTIVE.value:
            return False
        if row.at_risk or row.waits_until <= format_instant(self._now):
            return True
        clocks = (DueClock.read(one) for one in orjson.loads(row.document)["clocks"])
        return any((one.share_used(self._now) or 0) >= SOON or one.due_at <= self._now for one in clocks)

    def _of(self, coi: str) -> tuple[tuple[Alert, AlertLine], ...]:
        known = self._memory.therapy(self._transaction, coi)
        if known is None:
            return ()
        state = known.state
        protocol = self._decider.protocol(self._transaction, state.protocol.sha256)
        pathway = None if protocol is None else self._forecasts.pathway_for(protocol, state.sites)
        alerts = standing_alerts(state, protocol, self._registry, self._now, self._holders, pathway)
        plans = self._plans(state, alerts)
        after = escalation_of(protocol)
        return tuple(
            (one, _line(one, state, state.acknowledged.get(one.id), plans, rung))
            for one in alerts
            for rung in [rung_of(one, after, self._now, is_acknowledged=one.id in state.acknowledged)]
        )

    def _plans(self, state: TherapyState, alerts: Iterable[Alert]) -> dict[str, Opening]:
        seen = (state.acknowledged.get(one.id) for one in alerts)
        return dict(self._transaction.openings(one.plan for one in seen if one is not None and one.plan))


def _line(
    alert: Alert,
    state: TherapyState,
    seen: AcknowledgedAlert | None,
    plans: dict[str, Opening],
    rung: int,
) -> AlertLine:
    given: dict[str, Any] = {}
    if seen is not None:
        plan = plans.get(seen.plan or "")
        given = {
            "acknowledged_by": seen.actor,
            "acknowledged_at": seen.at,
            "plan": None if plan is None else str(plan.value),
        }
    called = may_acknowledge(alert, state)
    return AlertLine(
        alert.id,
        alert.coi,
        alert.cause,
        alert.subject,
        alert.name,
        alert.title,
        alert.due_at,
        alert.since,
        alert.projected_at,
        alert.rungs[: rung + 1],
        acknowledging=tuple(called.items()),
        **given,
    )


def may_see_to(line: AlertLine, registry: RegistryState, staff: str, now: datetime) -> bool:
    """Whether this person is among those who may acknowledge it."""
    held = [one for one in registry.grants_of(staff) if grant_fault(one, now) is None]
    return any(one.role is role and one.site in sites for one in held for role, sites in line.acknowledging)
