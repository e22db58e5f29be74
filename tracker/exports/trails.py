"""The events of one chain or of many, chain after chain, as entries or as rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import orjson

from schema.canonical import canonical
from schema.entry import REGISTRY, Entry
from schema.errors import InputError
from schema.events.identity import Enrolled, ProtocolRepinned
from schema.papercodes import HeadCode
from schema.vocabulary import ObjectType
from tracker.acts.mentions import naming
from tracker.concerns import Concern
from tracker.exports.disclosure import NAMES_ONLY, Disclosure
from tracker.exports.openings import shown
from tracker.exports.rows import RowWriter, TrailRow, teller_of
from tracker.exports.selection import EventSelection
from tracker.open_store import OpenStore
from tracker.protocols.model import Protocol
from tracker.registry.kinds import is_a_name
from tracker.views.as_of import Known, known, known_registry, require_reached
from tracker.views.marks import transitions
from tracker.views.models import AsOf, notice

PINNING: Final = (Enrolled, ProtocolRepinned)
"""Events that set the protocol of a therapy."""


def nobody_watches(_: int) -> None:
    """Progress that nobody is shown."""


@dataclass(frozen=True, slots=True)
class Trails:
    """What was asked for: which chains, which of their events, and as of when."""

    opened: OpenStore
    chains: Sequence[str]
    selection: EventSelection
    as_of: AsOf | None = None
    watch: Callable[[int], None] = nobody_watches
    """Called with the number of chains that are done."""

    head: HeadCode | None = None
    """The newest signed head when they were asked for: what is printed is what was noted before."""

    def rows(self, disclosure: Disclosure | None = None) -> Iterator[TrailRow]:
        """The events in words, by the names that people and places had then.

        With a choice each row holds what it opens and states it; without one they are for a view, with names.
        """
        registry = self.opened.registry
        if self.as_of is not None:
            with self.opened.store.read() as transaction:
                require_reached(transaction, self.as_of, self.opened.clock.now())
                registry = known_registry(transaction, self.as_of)
        people = (disclosure or NAMES_ONLY).people(registry)
        for chain in self.counted():
            found = self.known(chain)
            wanted = self.selection.among(found.entries)
            openings = {}
            if disclosure is not None and disclosure.opens_anything:
                with self.opened.store.read() as transaction:
                    openings = dict(shown(found.entries, transaction.openings_of(chain)))
            protocol = self.protocol(chain, found)
            teller = teller_of(found.entries, registry, disclosure or NAMES_ONLY, openings, protocol)
            writer = RowWriter(people, protocol, teller, self.notice_of(found), disclosure)
            for transition in transitions(found.entries):
                if wanted(transition.entry.statement):
                    yield writer.row(transition)

    def bodies(self, disclosure: Disclosure = NAMES_ONLY) -> Iterator[bytes]:
        """The stored bytes of the events; without names a line that lacks them and says so."""
        wants_all = self.selection == EventSelection() and self.as_of is None
        for chain in self.counted():
            if wants_all and disclosure.names:
                with self.opened.store.read() as transaction:
                    yield from (body for _, _, body in transaction.bodies(chain))
            else:
                found = self.known(chain).entries
                wanted = self.selection.among(found)
                chosen = (one for one in found if wanted(one.statement))
                yield from (one.body if disclosure.names else nameless(one) for one in chosen)

    def count(self) -> int:
        """How many events were asked for, of all chains."""
        return sum(
            sum(map(self.selection.among(found), (one.statement for one in found)))
            for found in (self.known(chain).entries for chain in self.chains)
        )

    def counted(self) -> Iterator[str]:
        """The chains one after the other, each reported to `watch`."""
        for done, chain in enumerate(self.chains):
            self.watch(done)
            yield chain
        self.watch(len(self.chains))

    def notice(self) -> str | None:
        """The notice of an earlier state, over all chains; raises InputError if it never existed."""
        if self.as_of is None:
            return None
        with self.opened.store.read() as transaction:
            require_reached(transaction, self.as_of, self.opened.clock.now())
        return notice(self.as_of, sum(self.known(chain).later for chain in self.chains))

    def notice_of(self, found: Known) -> str:
        """The notice of an earlier state of one chain; empty for the record as it is."""
        return "" if self.as_of is None else notice(self.as_of, found.later)

    def known(self, chain: str) -> Known:
        """The entries of a chain that were known at `as_of`."""
        with self.opened.store.read() as transaction:
            return known(transaction, chain, self.as_of)

    def protocol(self, chain: str, found: Known) -> Protocol | None:
        """The protocol of the therapy at that time: the last one it was pinned to."""
        pins = [
            one.statement.payload.protocol
            for one in found.entries
            if isinstance(one.statement.payload, PINNING)
        ]
        return None if chain == REGISTRY or not pins else self.opened.read.protocol(sha256=pins[-1].sha256)


def nameless(entry: Entry) -> bytes:
    """An entry without the names of staff: its digest stands beside it, and what was left out is said.

    Names stand where signatures cover them, so such a line proves nothing by itself.
    """
    data = orjson.loads(entry.body)
    for signature in data["signatures"]:
        signature["name"] = None
    if is_a_name(entry.statement.kind):
        data["statement"]["payload"] = {"name": None}
    return canonical({**data, "digest": entry.digest, "left_out": ["names of staff"]})


def of_shipment(trails: Trails, code: str) -> Trails:
    """These trails cut to one shipment, or to those of one box; raises InputError for any other code."""
    resolution = trails.opened.read.lookup(code=code).resolution
    name = resolution.object_id or ""
    if name[:1] not in (ObjectType.SHIPMENT.value, ObjectType.BOX.value):
        raise InputError(
            f"{resolution.text[:40]} is neither a shipment nor a box.",
            remedy="Scan the box, or take the shipment's id from a trail.",
            code="no_shipment",
        )
    word = "box" if name.startswith(ObjectType.BOX.value) else "shipment"
    with trails.opened.store.read() as transaction:
        chains = {row.chain for row in naming(transaction, f"{word}:{name}")}
    if not chains:
        raise InputError(f"Nothing was ever packed into {name}.", code="no_shipment")
    chosen = tuple(one for one in trails.chains if one in chains)
    return replace(trails, chains=chosen, selection=replace(trails.selection, shipment=name))


def of_marked(trails: Trails, marked: tuple[Concern, ...]) -> Trails:
    """These trails cut to the events that bear one of these marks, and to the therapies that have one."""
    registry = trails.opened.registry
    found: dict[str, list[str]] = {}
    for chain in trails.chains:
        known_then = trails.known(chain)
        protocol, wanted = trails.protocol(chain, known_then), trails.selection.among(known_then.entries)
        for transition in transitions(known_then.entries):
            statement = transition.entry.statement
            if wanted(statement) and any(
                mark.concern in marked for mark in transition.marks(protocol, registry)
            ):
                found.setdefault(chain, []).append(statement.event_id)
    only = frozenset(one for events in found.values() for one in events)
    return replace(trails, chains=tuple(found), selection=replace(trails.selection, marked=marked, only=only))


def chains_of(opened: OpenStore, codes: Iterable[str]) -> tuple[str, ...]:
    """The chains that codes stand for, any code of a therapy or `registry`; without codes every therapy."""
    found = tuple(dict.fromkeys(_chain_of(opened, code) for code in codes))
    if found:
        return found
    with opened.store.read() as transaction:
        return tuple(chain for chain in transaction.chains() if chain != REGISTRY)


def _chain_of(opened: OpenStore, code: str) -> str:
    if code == REGISTRY:
        return code
    lookup = opened.read.lookup(code=code)
    if lookup.resolution.coi is None:
        raise InputError(
            lookup.resolution.note or f"{lookup.resolution.text[:40]} is no code of a therapy in this store.",
            remedy="Scan a code of the therapy, or take its id from `cartrail board`.",
            code="unknown_therapy",
        )
    return lookup.resolution.coi
