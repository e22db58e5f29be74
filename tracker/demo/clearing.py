"""The bench between two therapies: whoever comes next clears it, before a witness where cells were open."""

from __future__ import annotations

from schema.vocabulary import Meaning
from tracker.demo import cast
from tracker.requests.base import Scan, SignerReference
from tracker.therapy.benches.decisions import who_works_there
from tracker.therapy.benches.requests import ClearLine
from tracker.tracker import Tracker


def clearing(tracker: Tracker, actor: str, station: str) -> ClearLine | None:
    """The request that clears a station's bench, with its signers; None when nothing is at it.

    Labels that are on nothing yet are taken along, as somebody does who goes on elsewhere.
    """
    now = tracker.read.bench(station=station)
    if now is None or not now.therapies:
        return None
    signers = [SignerReference(staff=actor, meaning=Meaning.PERFORMED)]
    if any(one.needs_witness for one in now.therapies):
        signers.append(
            SignerReference(
                staff=_witness(tracker, actor, now.therapies[0].coi, now.site), meaning=Meaning.WITNESSED
            )
        )
    return ClearLine(
        event_id=tracker.new_event_id(),
        actor=actor,
        station=station,
        signers=tuple(signers),
        nothing_left=True,
        labels=tuple(Scan(code=code) for one in now.therapies for code in one.open_labels),
    )


def _witness(tracker: Tracker, actor: str, coi: str, site: str) -> str:
    """Somebody else who works at such benches."""
    found = tracker.read.therapy(coi=coi)
    protocol = found[1] if found else None
    roles = who_works_there(protocol) if protocol else frozenset()
    return next(
        person.staff
        for person in cast.PEOPLE
        if person.site == site and person.role in roles and person.staff != actor
    )
