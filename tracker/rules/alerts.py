"""What calls for whom: alerts, derived from a therapy's state, its protocol, the registry and the time.

Nothing of them is kept. An alert has one id as long as its cause lasts, and another once it begins again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from schema.events.custody import Accepted
from schema.events.processing import InfusionStarted, Quarantined
from schema.vocabulary import AlertCause, LotStatus, PartyType, Role
from tracker.protocols.model import Planning, Protocol
from tracker.rules.alert_state import Alert, Rung
from tracker.rules.attempt import site_of_part, sites_with_part
from tracker.rules.authority import WORKING_ROLES, grant_fault
from tracker.rules.clocks import Arrival, RunningClock, late_arrival, running_clocks, shelf_life
from tracker.rules.custodians import party_site, responsible_roles
from tracker.rules.deviation_state import FAILED_AFTER_RELEASE, DeviationStatus
from tracker.rules.duties import DueDuty
from tracker.rules.forecast import PAPER_ENTRY, Forecast
from tracker.rules.lots import lot_named
from tracker.rules.recall import owed
from tracker.rules.registry_state import RegistryState
from tracker.rules.stalled import stalled_at
from tracker.rules.standing import Standing
from tracker.rules.therapy_state import HandoffState, TherapyState, UnitState

SOON: Final = 0.8
"""The share of a limit that is used when it calls for somebody, as screens color it."""


OF_THE_NETWORK: Final = frozenset({Role.COORDINATOR, Role.QUALITY, Role.QUALIFIED_PERSON})
"""Those who look after a therapy from any of its sites."""

TO_PLAN: Final = (Role.COORDINATOR, Role.QUALITY)
TO_DIVERT: Final = (Role.QUALITY, Role.COORDINATOR)
"""A refused box goes back or elsewhere as quality decides; who plans has to know."""

TO_JUDGE: Final[tuple[Role, ...]] = (Role.QUALITY, Role.QUALIFIED_PERSON)
TO_TREAT: Final[tuple[Role, ...]] = (Role.CLINICIAN, *TO_JUDGE)
"""Whoever treats the patient, and who judges what was given."""


_EXPECTED: Final = {
    Standing.BREACH: AlertCause.BREACH,
    Standing.LATE: AlertCause.LATE,
    Standing.AT_RISK: AlertCause.AT_RISK,
}
"""What calls by the state that a forecast finds."""

Holders = frozenset[tuple[Role, str]]
"""Each role that somebody has at a site."""


def holders_of(registry: RegistryState, now: datetime) -> Holders:
    """The roles that people have now, asked once for many therapies."""
    return frozenset(
        (grant.role, grant.site)
        for staff, grants in registry.grants.items()
        for grant in grants
        if registry.people[staff].active and grant_fault(grant, now) is None
    )


def alerts_of(
    state: TherapyState,
    protocol: Protocol | None,
    registry: RegistryState,
    now: datetime,
    holders: Holders | None = None,
    expected: Forecast | None = None,
    duties: Sequence[DueDuty] = (),
) -> tuple[Alert, ...]:
    """Every alert of a therapy that holds now, the gravest first.

    `expected` is its forecast at that time, `duties` what is open of it after the infusion.
    """
    about = _About(state, protocol, registry, now, holders_of(registry, now) if holders is None else holders)
    found = (
        *about.limits(),
        *about.handoffs(),
        *about.refusals(),
        *about.quarantines(),
        *about.recalls(),
        *about.deviations(),
        *about.stall(),
        *about.expired(),
        *about.duties(duties),
        *(() if expected is None else about.forecast(expected)),
    )
    return tuple(sorted(found, key=lambda one: one.order))


def rung_of(alert: Alert, escalate_after: timedelta, now: datetime, *, is_acknowledged: bool) -> int:
    """How far up it has come: 0 for who is told first; what was acknowledged climbs no further."""
    waited = max(now - alert.since, timedelta(0))
    return 0 if is_acknowledged else min(int(waited / escalate_after), len(alert.rungs) - 1)


def may_acknowledge(alert: Alert, state: TherapyState) -> dict[Role, frozenset[str]]:
    """The roles on its way up, each with the sites at which it counts."""
    sites = sites_with_part(state)
    found: dict[Role, frozenset[str]] = {}
    for rung in alert.rungs:
        there = sites if rung.role in OF_THE_NETWORK else frozenset({rung.site})
        found[rung.role] = found.get(rung.role, frozenset()) | there
    return found


def escalation_of(protocol: Protocol | None) -> timedelta:
    """How long an alert waits before the next role is told."""
    return (Planning() if protocol is None else protocol.planning).escalate_after


class _About(Struct, frozen=True):
    """What the alerts of one therapy are derived from."""

    state: TherapyState
    protocol: Protocol | None
    registry: RegistryState
    now: datetime
    holders: Holders

    def limits(self) -> Iterator[Alert]:
        """Limits that will soon run out or have run out, and forms that are not back."""
        for clock in running_clocks(self.state, self.protocol):
            begins = _soon(clock)
            is_over = self.now >= clock.due_at
            arrival = None if is_over else self._late_arrival(clock)
            if arrival is not None:
                yield self._arrives_late(clock, clock.title, arrival)
                continue
            if not is_over and self.now < begins:
                continue
            cause = AlertCause.BREACH if is_over else AlertCause.DUE
            if clock.name == PAPER_ENTRY:
                cause = AlertCause.LATE if is_over else AlertCause.DUE
            yield self._alert(
                cause,
                clock.unit,
                clock.due_at,
                clock.title,
                self._limit_rungs(clock),
                name=clock.name,
                since=clock.due_at if is_over else begins,
            )

    def _late_arrival(self, clock: RunningClock) -> Arrival | None:
        found = late_arrival(self.state, clock)
        return None if found is None or found.told_at >= self.now else found

    def _arrives_late(self, clock: RunningClock, title: str, arrival: Arrival) -> Alert:
        """A limit that will be over before its box is there: who plans and who judges can do something."""
        alert = self._alert(
            AlertCause.BREACH,
            clock.unit,
            clock.due_at,
            f"{title}: expected only after it",
            self._rungs(TO_PLAN, arrival.site),
            name=clock.name,
            since=arrival.told_at,
        )
        return replace(alert, projected_at=arrival.at)

    def handoffs(self) -> Iterator[Alert]:
        """What was given and nobody has answered for longer than the protocol expects."""
        if self.protocol is None:
            return
        for one in self.state.handoffs.values():
            due = one.at + self.protocol.handoffs.answered_within
            if self.now >= due:
                rungs = (*self._receivers(one), *self._rungs((Role.COORDINATOR,), one.site))
                subject = one.box or one.units[0]
                yield self._alert(
                    AlertCause.LATE, subject, due, "Handoff to be answered", rungs, name="handoff"
                )

    def refusals(self) -> Iterator[Alert]:
        """Boxes that were refused and that nobody has taken since."""
        for box, one in self.state.boxes_refused.items():
            if any(self.state.in_box(box)):
                at, rungs = one.occurrence.at, self._rungs(TO_DIVERT, one.site)
                yield self._alert(
                    AlertCause.REFUSED, box, at, f"Refused: {one.reason.replace('_', ' ')}", rungs
                )

    def quarantines(self) -> Iterator[Alert]:
        """Units in quarantine, since they are."""
        for unit in self.state.open_units():
            fact = unit.facts.get(Quarantined.kind) or max(
                unit.facts.values(), key=lambda one: one.sequence, default=None
            )
            if unit.quarantined and fact is not None:
                material = unit.material.value.replace("_", " ")
                yield self._alert(
                    AlertCause.QUARANTINED,
                    unit.unit,
                    fact.at,
                    f"In quarantine: {material}",
                    self._rungs(TO_JUDGE, unit.site),
                )

    def recalls(self) -> Iterator[Alert]:
        """Recalled lots to whose recall nothing is written here yet."""
        for name in dict.fromkeys(lot for record in self.state.process for lot in record.lots):
            lot = self.registry.lot(name)
            if lot is not None and lot.status is LotStatus.RECALLED and owed(self.state, lot) is not None:
                yield self._alert(
                    AlertCause.RECALLED,
                    name,
                    lot.status_since,
                    f"Recalled: {lot_named(lot)} touched its cells",
                    self._rungs(TO_JUDGE, lot.site),
                )

    def deviations(self) -> Iterator[Alert]:
        """Deviations that quality has not judged."""
        for one in self.state.deviations.values():
            if one.status is not DeviationStatus.OPEN:
                continue
            roles, site = TO_JUDGE, one.site
            if FAILED_AFTER_RELEASE in one.cause:
                # The patient may have it already: the physicians there are told before anybody judges.
                roles, site = TO_TREAT, self.state.sites.treatment
            grave = "" if one.severity is None else f"{one.severity.value}: "
            said = f"Deviation to be assessed: {grave}{one.title}"
            yield self._alert(AlertCause.UNASSESSED, one.deviation, one.at, said, self._rungs(roles, site))

    def stall(self) -> Iterator[Alert]:
        """Silence for longer than the protocol expects."""
        at = None if self.protocol is None else stalled_at(self.state, self.protocol)
        if at is not None and self.now >= at:
            sites = [unit.site for unit in self.state.open_units() if unit.site is not None]
            site = next(iter(sites), self.state.sites.collection)
            yield self._alert(
                AlertCause.STALLED,
                self.state.coi,
                at,
                "Nothing recorded for longer than expected",
                self._rungs(TO_PLAN, site),
            )

    def expired(self) -> Iterator[Alert]:
        """Units to be given whose shelf life is over."""
        for unit in self.state.open_units() if self.protocol is not None else ():
            if self.protocol is None or self.protocol.step(InfusionStarted.kind, unit.material) is None:
                continue
            for clock in shelf_life(unit):
                arrival = self._late_arrival(clock)
                if self.now >= clock.due_at:
                    rungs = self._rungs(TO_JUDGE, unit.site)
                    yield self._alert(
                        AlertCause.BREACH, unit.unit, clock.due_at, clock.title, rungs, name=clock.name
                    )
                elif arrival is not None:
                    yield self._arrives_late(clock, clock.title, arrival)

    def duties(self, left: Sequence[DueDuty]) -> Iterator[Alert]:
        """What is to be recorded after the infusion, soon or overdue: who may, then who plans and judges."""
        for one in left:
            if self.now < one.calls_at:
                continue
            is_over = self.now > one.due_at
            yield self._alert(
                AlertCause.OVERDUE if is_over else AlertCause.DUE,
                self.state.coi,
                one.due_at,
                one.duty.title,
                self._rungs(dict.fromkeys((*one.duty.roles, *TO_PLAN)), one.site),
                name=one.duty.name,
                since=one.due_at if is_over else one.calls_at,
            )

    def forecast(self, expected: Forecast) -> Iterator[Alert]:
        """What is booked and late, or expected late: the one milestone that the forecast is about.

        Those behind it are late because of it. A limit that has run out is told as such, and not once more.
        """
        cause = _EXPECTED.get(expected.standing)
        about = next((one for one in expected.milestones if one.name == expected.about), None)
        if cause is not None and about is None and expected.about:
            yield from self._nothing_booked(cause)
        if cause is None or about is None or about.promised is None:
            return
        promised = about.promised
        known = [self.state.facts["enrolled"].at if self.state.last is None else self.state.last.at]
        since = promised if cause is AlertCause.LATE else max(known)
        site = about.resource.partition("/")[0]
        rungs = self._rungs(TO_PLAN, site)
        alert = self._alert(
            cause, self.state.coi, promised, about.title, rungs, name=about.name, since=min(since, self.now)
        )
        yield replace(alert, projected_at=about.start, is_by_now=about.is_by_now)

    def _nothing_booked(self, cause: AlertCause) -> Iterator[Alert]:
        """What was promised, and was given back since."""
        promise = self.state.promise
        steps = () if self.protocol is None else self.protocol.milestones
        step = next(
            (one for one in steps if promise is not None and one.name == promise.milestone.name), None
        )
        if promise is not None and step is not None:
            due_at, site = promise.milestone.start, promise.milestone.resource.partition("/")[0]
            since = due_at if cause is AlertCause.LATE else self.now
            if self.state.last is not None and cause is not AlertCause.LATE:
                since = self.state.last.at
            rungs = self._rungs(TO_PLAN, site)
            yield self._alert(
                cause, self.state.coi, due_at, step.title, rungs, name=step.name, since=min(since, self.now)
            )

    def _alert(
        self,
        cause: AlertCause,
        subject: str,
        due_at: datetime,
        title: str,
        rungs: tuple[Rung, ...],
        *,
        name: str | None = None,
        since: datetime | None = None,
    ) -> Alert:
        return Alert(self.state.coi, cause, subject, name, due_at, since or due_at, title, rungs)

    def _limit_rungs(self, clock: RunningClock) -> tuple[Rung, ...]:
        """Who takes the step that ends the limit, where it is taken; then who plans, then quality."""
        unit = self.state.unit(clock.unit)
        form = self.state.forms.get(clock.unit)
        if form is not None:
            return self._rungs(TO_PLAN, form.site)
        return (*self._doers(clock.until, unit), *self._rungs(TO_PLAN, None if unit is None else unit.site))

    def _doers(self, kinds: str, unit: UnitState | None) -> Iterator[Rung]:
        """Who takes one of the steps that end it: first whoever is where the cells are."""
        protocol, here = self.protocol, None if unit is None else self._ends_at(unit)
        material = None if unit is None else unit.material
        steps = () if protocol is None else tuple(protocol.step(kind, material) for kind in kinds.split("|"))
        able = [
            (role, site_of_part(self.state, step.part) or here)
            for step in steps
            if step is not None
            for role in step.roles
            if role in WORKING_ROLES
        ]
        there = [(role, site) for role, site in able if site is not None and (role, site) in self.holders]
        first = next((one for one in there if one[1] == here), next(iter(there), None))
        # Where nobody has such a role, who plans is told at once: nobody else would see it.
        if first is not None:
            yield Rung(*first)

    def _ends_at(self, unit: UnitState) -> str | None:
        """Where something can be done with a unit: what is packed has to come to its destination first."""
        _, destination = self.state.boxes_carrier.get(unit.box or "", ("", ""))
        return destination or unit.site

    def _receivers(self, given: HandoffState) -> Iterator[Rung]:
        """Who is to answer: whoever answers for the department, place or carrier that it was given to."""
        party, registry = given.to_party, self.registry
        if party.type is PartyType.CARRIER:
            yield Rung(Role.COURIER, party_site(registry, party) or party.id)
            return
        unit = self.state.unit(given.units[0])
        step = None
        if self.protocol is not None and unit is not None:
            step = self.protocol.step(Accepted.kind, unit.material)
        may = frozenset() if step is None else frozenset(step.roles)
        if party.type is PartyType.PERSON:
            held = (one for one in registry.grants_of(party.id) if grant_fault(one, self.now) is None)
            there = [Rung(one.role, one.site) for one in held if one.role in may]
        else:
            site = party_site(registry, party) or party.id.partition("/")[0]
            # At the door it is the dock that takes over, where its department has one.
            roles = sorted(
                responsible_roles(registry, party) & may, key=lambda one: (one is not Role.DOCK, one)
            )
            there = [Rung(role, site) for role in roles if (role, site) in self.holders]
        yield from there[:1]

    def _rungs(self, roles: Iterable[Role], site: str | None) -> tuple[Rung, ...]:
        """Each role at the site, or where nobody has it there, at the first of the therapy's sites with one.

        A role that nobody has in the whole therapy is left out, unless it is the last.
        """
        asked = tuple(roles)
        found = tuple(rung for role in asked if (rung := self._rung(role, site)) is not None)
        if not found and asked:
            found = (Rung(asked[-1], site or self.state.sites.manufacturing),)
        return found

    def _rung(self, role: Role, site: str | None) -> Rung | None:
        sites = self.state.sites
        own: tuple[str | None, ...] = (site, sites.manufacturing, sites.treatment, sites.collection)
        places: Collection[str | None] = own if role in OF_THE_NETWORK else (site or sites.manufacturing,)
        there = next((one for one in places if one is not None and (role, one) in self.holders), None)
        return None if there is None else Rung(role, there)


def _soon(clock: RunningClock) -> datetime:
    """When a limit begins to call; one of which nobody knows when it began calls at its end."""
    if clock.began_at is None:
        return clock.due_at
    return clock.began_at + (clock.due_at - clock.began_at) * SOON
