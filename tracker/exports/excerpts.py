"""One therapy for forms that show entries only: no state is replayed for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from schema.entry import Entry
from tracker.exports.disclosure import Disclosure
from tracker.exports.dossiers import Source, sources
from tracker.exports.rows import teller_of
from tracker.exports.trails import Trails


class ShownEvent(Protocol):
    """An event that was asked for, with its facts and reads in words."""

    @property
    def entry(self) -> Entry:
        """As it stands in the chain."""
        ...

    @property
    def said(self) -> tuple[str, ...]:
        """Each fact of the event."""
        ...

    @property
    def read(self) -> tuple[str, ...]:
        """Each code that was read and compared."""
        ...


class ShownChain(Protocol):
    """What a dossier and an excerpt have in common."""

    @property
    def chain(self) -> str:
        """Which chain it is."""
        ...

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All that were known, since an event may refer to one that was not asked for."""
        ...

    @property
    def events(self) -> Sequence[ShownEvent]:
        """Those that were asked for."""
        ...

    @property
    def disclosure(self) -> Disclosure:
        """What was chosen to be open."""
        ...


@dataclass(frozen=True, slots=True)
class ExcerptEvent:
    """An event of an excerpt."""

    entry: Entry
    said: tuple[str, ...]
    read: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The entries of one chain, without the state that they lead to."""

    chain: str
    entries: tuple[Entry, ...]
    events: tuple[ExcerptEvent, ...]
    disclosure: Disclosure


def excerpts(trails: Trails, disclosure: Disclosure) -> Iterator[Excerpt]:
    """The excerpts of all chains that were asked for, one after the other."""
    for source in sources(trails):
        yield excerpt_of(source, disclosure)


def excerpt_of(source: Source, disclosure: Disclosure) -> Excerpt:
    """The excerpt of one chain, from what the store holds of it."""
    wanted = source.selection.among(source.entries)
    teller = teller_of(source.entries, source.registry, disclosure, source.openings, source.protocol)
    events = tuple(
        ExcerptEvent(
            entry,
            tuple(map(str, disclosure.told(entry.statement.kind, teller.facts(entry)))),
            tuple(map(str, teller.reads(entry))),
        )
        for entry in source.entries
        if wanted(entry.statement)
    )
    return Excerpt(source.chain, source.entries, events, disclosure)
