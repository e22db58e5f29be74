"""Who held the cells when: a lane for each custodian in order, and the times when nobody did. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from schema.entry import Entry
from schema.events.custody import Accepted, PartlyAccepted
from schema.vocabulary import EntryMode, SiteType
from tracker.concerns import Concern
from tracker.exports.dossiers import Dossier, Holding

_ON_PAPER = frozenset({EntryMode.PAPER, EntryMode.IMPORTED})


@dataclass(frozen=True, slots=True)
class HeldSpan:
    """From when to when a custodian had something; `until` is None while it lasts."""

    since: datetime
    until: datetime | None
    is_on_paper: bool
    """Whether it began with an entry that was taken from paper."""


@dataclass(frozen=True, slots=True)
class CustodyLane:
    """One custodian, with everything that was held in order of time; spans that touch are one."""

    holder: str
    site: str
    """Empty for a carrier, which is nowhere."""

    spans: tuple[HeldSpan, ...]


@dataclass(frozen=True, slots=True)
class Unheld:
    """A handoff that was taken later than the protocol expects: meanwhile no signature says who had it."""

    given: Entry
    taken: Entry
    holder: str
    """Who took it, as the name of a lane."""

    @property
    def since(self) -> datetime:
        """When the giver let go."""
        return self.given.statement.occurred_at

    @property
    def until(self) -> datetime:
        """When somebody took it."""
        return self.taken.statement.occurred_at

    @property
    def length(self) -> timedelta:
        """How long nobody held it."""
        return self.until - self.since


def unheld_in(dossier: Dossier) -> tuple[Unheld, ...]:
    """The slow handoffs of a therapy, as the marks of its events call them slow."""
    given = {one.statement.event_id: one for one in dossier.entries}
    return tuple(_unheld(dossier, given))


def _unheld(dossier: Dossier, given: dict[str, Entry]) -> Iterator[Unheld]:
    for event in dossier.events:
        payload = event.entry.statement.payload
        is_slow = any(mark.concern is Concern.HANDOFF_TIMES for mark in event.marks)
        if is_slow and isinstance(payload, (Accepted, PartlyAccepted)) and payload.handoff in given:
            began = (one for one in dossier.holdings if one.since is event.entry)
            holder = next((one.custodian for one in began), "")
            yield Unheld(given[payload.handoff], event.entry, holder)


def lanes_of(dossier: Dossier) -> tuple[CustodyLane, ...]:
    """A lane for each custodian, in the order in which they had something; a giver's ends at the giving."""
    let_go = {one.taken.statement.event_id: one.since for one in unheld_in(dossier)}
    by_holder: dict[str, list[tuple[Holding, HeldSpan]]] = {}
    for one in sorted(dossier.holdings, key=lambda one: one.since.statement.occurred_at):
        until = None
        if one.until is not None:
            ended = one.until.statement
            until = let_go.get(ended.event_id, ended.occurred_at)
        since = one.since.statement.occurred_at
        span = HeldSpan(since, until, one.since.statement.mode in _ON_PAPER)
        by_holder.setdefault(one.custodian, []).append((one, span))
    return tuple(
        CustodyLane(holder, _site(dossier, held[0][0]), tuple(_joined([span for _, span in held])))
        for holder, held in by_holder.items()
    )


def _site(dossier: Dossier, holding: Holding) -> str:
    site = dossier.registry.site(holding.site)
    is_carrier = site is not None and site.site_type is SiteType.CARRIER
    return "" if is_carrier else holding.site


def _joined(spans: Sequence[HeldSpan]) -> Iterator[HeldSpan]:
    """Spans in order of their beginning, those that touch as one."""
    last = spans[0]
    for one in spans[1:]:
        is_same = one.is_on_paper == last.is_on_paper
        if is_same and (last.until is None or one.since <= last.until):
            ends = None if last.until is None or one.until is None else max(last.until, one.until)
            last = HeldSpan(last.since, ends, last.is_on_paper)
        else:
            yield last
            last = one
    yield last
