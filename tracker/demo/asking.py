"""Requests of the demo's people: each a little after the one before, at the desk where they work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from schema.errors import Refusal
from schema.vocabulary import Meaning
from tracker.demo import cast
from tracker.demo.network import Network
from tracker.requests.base import Request, Scan, SignerReference
from tracker.therapy.benches import ClearLine, who_works_there
from tracker.tracker import Tracker


@dataclass(slots=True)
class Asker:
    """Somebody who lets the people of a network ask, while its clock goes on."""

    network: Network

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.network.clock.advance(timedelta(**span))

    def ask(
        self,
        request_class: type[Request],
        actor: str,
        site: str,
        *others: tuple[str, Meaning],
        meaning: Meaning | None = None,
        **fields: object,
    ) -> str:
        """Record a request of somebody at a site, a little later, signed by all; gives its event id.

        A bench that another therapy has left is cleared first.
        """
        request = self._request(request_class, actor, site, others, meaning, fields)
        people = (actor, *(other for other, _ in others))
        try:
            self.network.record(request, *people)
        except Refusal as refusal:
            if refusal.code != "bench_occupied":
                raise
            self.clear_bench(actor, request.station)
            self.network.record(request, *people)
        return request.event_id

    def clear_bench(self, actor: str, station: str) -> None:
        """Say that nothing is left at a bench, so that the next therapy may come."""
        self.wait(minutes=2)
        request = clearing(self.network.tracker, actor, station)
        if request is not None:
            self.network.record(request, *(signer.staff for signer in request.signers))

    def ask_in_vain(
        self,
        request_class: type[Request],
        actor: str,
        site: str,
        *others: tuple[str, Meaning],
        **fields: object,
    ) -> None:
        """Ask for what the rules refuse, leaving its evidence; raises AssertionError when they permit it."""
        request = self._request(request_class, actor, site, others, None, fields)
        try:
            self.network.record(request, actor, *(other for other, _ in others))
        except Refusal:
            return
        raise AssertionError(f"{request.name} was permitted.")

    def _request(
        self,
        request_class: type[Request],
        actor: str,
        site: str,
        others: tuple[tuple[str, Meaning], ...],
        meaning: Meaning | None,
        fields: Mapping[str, object],
    ) -> Request:
        self.wait(seconds=self.network.chance.randint(*self.network.pace_seconds))
        own: dict[str, object] = {
            "event_id": self.network.tracker.new_event_id(),
            "actor": actor,
            "station": self.network.station(site, actor),
        }
        if others or meaning is not None:
            own["signers"] = self.network.by(actor, *others, meaning=meaning or Meaning.PERFORMED)
        return request_class.model_validate({**own, **fields})


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
