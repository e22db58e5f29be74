"""What calls for attention in a therapy as it stands, whichever of its events a report is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from schema.counting import counted
from schema.events.review import TrailReviewed
from schema.vocabulary import CountResult
from tracker.concerns import Concern
from tracker.exports.dossiers import Dossier
from tracker.local_time import local as site_clock
from tracker.rules.clocks import running_clocks, shelf_life
from tracker.rules.label_accounts import copies_of, open_copies, skipped_copies
from tracker.rules.limit_uses import span_words
from tracker.rules.stalled import stalled_at
from tracker.rules.therapy_state import UnitState
from tracker.views.deviations import deviation_words


def _restored(dossier: Dossier, _: datetime) -> Iterator[str]:
    for loss in dossier.registry.losses:
        yield f"{dossier.chain}: {loss.words}"


def _open_handoffs(dossier: Dossier, at: datetime) -> Iterator[str]:
    state = dossier.state
    for handoff in state.handoffs.values() if state is not None else ():
        since = span_words(at - handoff.at)
        yield f"{dossier.chain}: given to {handoff.to_party} {since} ago, not answered"


def _limits_passed(dossier: Dossier, at: datetime) -> Iterator[str]:
    state = dossier.state
    if state is None:
        return
    lives = [clock for unit in state.open_units() for clock in shelf_life(unit)]
    for clock in (*running_clocks(state, dossier.protocol), *lives):
        if clock.due_at < at:
            yield f"{dossier.chain}: {clock.title} of {clock.unit}, over by {span_words(at - clock.due_at)}"


def _unconfirmed(dossier: Dossier, _: datetime) -> Iterator[str]:
    for event in dossier.state.unconfirmed if dossier.state is not None else ():
        place = dossier.state.events.get(event) if dossier.state is not None else None
        yield f"{dossier.chain} {place.sequence if place is not None else '?'}: nobody of quality has yet"


def _open_deviations(dossier: Dossier, _: datetime) -> Iterator[str]:
    numbers = {one.statement.event_id: one.sequence for one in dossier.entries}
    for one in dossier.state.open_deviations() if dossier.state is not None else ():
        number = numbers.get(one.deviation, "?")
        yield f"{dossier.chain} {number}: {deviation_words(one, dossier.protocol)}, {one.status.value}"


def _quarantined(dossier: Dossier, _: datetime) -> Iterator[str]:
    for unit in dossier.state.open_units() if dossier.state is not None else ():
        if unit.quarantined:
            yield f"{dossier.chain}: {_unit(unit)}"


def _out_of_place(dossier: Dossier, _: datetime) -> Iterator[str]:
    for unit in dossier.state.open_units() if dossier.state is not None else ():
        word = unit.out_of_place
        if word is not None:
            what = "missed in" if word.result is CountResult.MISSING else "found in"
            yield f"{dossier.chain}: {_unit(unit)}, {what} {word.location}"


def _not_found(dossier: Dossier, _: datetime) -> Iterator[str]:
    for unit in dossier.state.open_units() if dossier.state is not None else ():
        if unit.not_found_yet:
            where = f"in {unit.location}" if unit.box is None else f"in {unit.box}, with {unit.custodian}"
            yield f"{dossier.chain}: {_unit(unit)}, by paper {where}"


def _unit(unit: UnitState) -> str:
    return f"{unit.unit} ({unit.material.value.replace('_', ' ')})"


def _stalled(dossier: Dossier, at: datetime) -> Iterator[str]:
    if dossier.state is None or dossier.protocol is None:
        return
    since = stalled_at(dossier.state, dossier.protocol)
    if since is not None and since <= at:
        silence = at - since + dossier.protocol.planning.stalled_after
        yield f"{dossier.chain}: nothing for {span_words(silence)}"


def _forms_out(dossier: Dossier, _: datetime) -> Iterator[str]:
    """Forms that were not returned: steps may be written on them and nowhere else."""
    for form in dossier.state.forms.values() if dossier.state is not None else ():
        if form.is_out:
            due = site_clock(dossier.registry, form.site, form.due_at)
            yield f"{dossier.chain}: {form.form} is out, due {due:%Y-%m-%d %H:%M} {due.isoformat()[-6:]}"


def _label_copies(dossier: Dossier, _: datetime) -> Iterator[str]:
    """What the chain alone says of printed copies: letters passed over, and paper that is out of use."""
    if dossier.state is None:
        return
    for copy in skipped_copies(dossier.state):
        yield f"{dossier.chain}: nothing is said of {copy.code}, printed before a later copy"
    for copy in open_copies(copies_of(dossier.state, ())):
        yield f"{dossier.chain}: {copy.code} is {copy.word} and not destroyed"


def _open_units(dossier: Dossier, _: datetime) -> Iterator[str]:
    for unit in dossier.state.open_units() if dossier.state is not None else ():
        held = ", in quarantine" if unit.quarantined else ""
        yield f"{dossier.chain}: {_unit(unit)}{held}"


def _pending_review(dossier: Dossier, _: datetime) -> Iterator[str]:
    """Nothing is pending once everything but later reviews was read."""
    state = dossier.state
    if state is None:
        return
    through = -1 if state.reviewed is None else state.reviewed.through
    later = [
        one
        for one in dossier.entries
        if one.sequence > through and not isinstance(one.statement.payload, TrailReviewed)
    ]
    if state.reviewed is None:
        yield f"{dossier.chain}: never reviewed, {counted(len(later), 'entry', 'entries')}"
    elif later:
        by = f"by {state.reviewed.actor} on {dossier.reviewed_on}, {state.reviewed.words}"
        since = counted(len(later), "entry", "entries")
        yield f"{dossier.chain}: reviewed through entry {through} {by}, {since} since"


STANDING: Final[Mapping[Concern, Callable[[Dossier, datetime], Iterator[str]]]] = MappingProxyType(
    {
        Concern.RESTORED: _restored,
        Concern.OPEN_HANDOFFS: _open_handoffs,
        Concern.LIMITS_PASSED: _limits_passed,
        Concern.UNCONFIRMED: _unconfirmed,
        Concern.OPEN_DEVIATIONS: _open_deviations,
        Concern.QUARANTINED: _quarantined,
        Concern.OUT_OF_PLACE: _out_of_place,
        Concern.NOT_FOUND: _not_found,
        Concern.STALLED: _stalled,
        Concern.FORMS_OUT: _forms_out,
        Concern.LABEL_COPIES: _label_copies,
        Concern.OPEN_UNITS: _open_units,
        Concern.PENDING_REVIEWS: _pending_review,
    }
)
"""Each check over a therapy that its chain can answer; what only the store knows is asked of the store."""
