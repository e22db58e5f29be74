"""What a deviation or a correction is about, as rows of the sign dialog: nobody signs for an event id."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from schema.entry import Statement
from schema.events.conditions import ExcursionAssessed, ExcursionFound
from schema.events.deviations import DeviationAssessed, DeviationClosed
from schema.events.identity import Corrected
from schema.events.processing import Tested
from tracker.values import limit_said, with_unit
from tui.glyphs import ROUTE
from tui.language import named, tr
from tui.session import TerminalSession
from tui.words import clock_time, lasting, spoken


def corrected_event(statement: Statement, session: TerminalSession) -> Iterator[tuple[str, str]]:
    """Which step's value is put right, when it was and by whose record; of a test its limit too."""
    payload = statement.payload
    if not isinstance(payload, Corrected):
        return
    entries = session.tracker.read.trail(coi=statement.chain).entries
    found = next((one for one in entries if one.entry.statement.event_id == payload.event), None)
    if found is None:
        return
    before = found.entry.statement
    at = clock_time(before.there(before.occurred_at))
    yield tr("About"), tr("{title}, {at}, by {actor}", title=found.title, at=at, actor=before.actor)
    if isinstance(before.payload, Tested):
        limit = with_unit(limit_said(before.payload.limit), before.payload.unit_of_measure)
        yield tr("Test"), tr("{test}, limit {limit}", test=named(before.payload.test), limit=limit)
        if payload.field == "result" and isinstance(payload.new, str):
            known = session.tracker.read.therapy(coi=statement.chain)
            test = known[1].release_test(before.payload.test) if known and known[1] else None
            verdict = (
                tr("meets it") if test is not None and test.meets(payload.new) else tr("DOES NOT MEET IT")
            )
            yield tr("The new result"), verdict


def assessed_excursion(statement: Statement, session: TerminalSession) -> Iterator[tuple[str, str]]:
    """What was outside: when, for how long, how far and past which bounds, of which shipment."""
    payload = statement.payload
    if not isinstance(payload, ExcursionAssessed):
        return
    entries = session.tracker.read.trail(coi=statement.chain).entries
    known = (one.entry.statement for one in entries if one.entry.statement.event_id == payload.excursion)
    for one in known:
        if not isinstance(one.payload, ExcursionFound):
            return
        found = one.payload
        began, ended = session.local(found.began_at), session.local(found.ended_at)
        place = session.registry.location(found.location or "")
        if place is None:
            yield tr("About"), tr("excursion of the shipment {shipment}", shipment=found.shipment or "")
        else:
            yield tr("About"), tr("excursion in {place}", place=place.title)
        yield tr("When"), f"{clock_time(began)} {ROUTE} {clock_time(ended)}"
        if found.peak_celsius is not None:
            band = ", ".join(
                words
                for bound, words in (
                    (found.celsius_min, tr("at least {bound} C", bound=found.celsius_min)),
                    (found.celsius_max, tr("at most {bound} C", bound=found.celsius_max)),
                )
                if bound is not None
            )
            yield tr("Furthest"), tr("{peak} C, allowed {band}", peak=found.peak_celsius, band=band)
        outside = tr(
            "{outside}, allowed {allowed} at a time; {unknown} without a reading",
            outside=lasting(timedelta(seconds=found.outside_s)),
            allowed=lasting(timedelta(seconds=found.allowed_s)),
            unknown=lasting(timedelta(seconds=found.unknown_s)),
        )
        yield tr("Outside"), outside
        if found.rules:
            yield tr("Passed"), ", ".join(spoken(rule).lower() for rule in found.rules)


def judged_deviation(statement: Statement, session: TerminalSession) -> Iterator[tuple[str, str]]:
    """What happened, when, to which units, by whose record; each value beside what the cells bear."""
    payload = statement.payload
    if not isinstance(payload, (DeviationAssessed, DeviationClosed)):
        return
    known = session.tracker.read.deviation_background(deviation=payload.deviation)
    if known is None:
        return
    state, registry = known.state, session.registry
    yield tr("About"), ", ".join(spoken(one) for one in state.cause)
    at = clock_time(known.event.there(known.event.occurred_at))
    yield tr("When"), at if state.about is None else f"{at}, {known.step}"
    yield tr("Concerns"), ", ".join(state.units) or tr("the therapy as a whole")
    person = registry.person(state.actor)
    who = f"{person.name} ({state.actor})" if person is not None else state.actor
    begun = tr("drafted with what {who} recorded at {site}", who=who, site=state.site)
    opened = tr("opened by {who} at {site}", who=who, site=state.site)
    yield tr("Begun"), opened if state.about is None else begun
    for one in dict.fromkeys((one.field, one.read, one.expected) for one in known.found):
        field, read, expected = one
        yield spoken(field), tr("{read}, allowed {expected}", read=read, expected=expected)
    for text in known.words:
        yield tr("In words"), text
    if isinstance(payload, DeviationClosed) and state.assessed is not None:
        assessed = state.assessed
        yield (
            tr("Assessed"),
            tr(
                "{severity}, {cause}: {decision}, by {staff}",
                severity=spoken(assessed.severity.value),
                cause=named(assessed.cause),
                decision=named(assessed.decision.value),
                staff=assessed.actor,
            ),
        )
