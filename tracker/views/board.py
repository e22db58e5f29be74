"""The board a page at a time, by how each therapy stands; its counts; and one therapy as a line of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Final

import orjson

from schema.events import Party
from schema.instants import parse_instant
from schema.tables import TherapyRow, UnitRow
from schema.vocabulary import Material, PartyType
from tracker.acts.deciding import Decider
from tracker.ledger.board import BoardFilter, standing_of
from tracker.ledger.transaction import Transaction
from tracker.protocols.model import Protocol
from tracker.rules.custodians import described
from tracker.rules.registry_state import RegistryState
from tracker.rules.standing import Standing
from tracker.rules.therapy_state import TherapyStatus
from tracker.views.calling import flags_of, shortest_silence
from tracker.views.forecasts import ForecastView
from tracker.views.models import BoardCounts, BoardOrder, BoardPage, BoardPlace, BoardRow, BoardUnit, DueClock

RECKONED_MAX: Final = 1_000
"""How many of a section are reckoned with their calendars for the counts; beyond it the record counts."""

_MAY_BREACH: Final = (Standing.LATE, Standing.STALLED, Standing.AT_RISK)
"""Sections by the record of which a therapy may be in breach with its calendars."""


class BoardView:
    """The board as one transaction shows it at one moment."""

    def __init__(
        self,
        transaction: Transaction,
        decider: Decider,
        registry: RegistryState,
        now: datetime,
        forecasts: ForecastView,
    ) -> None:
        self._transaction = transaction
        self._decider = decider
        self._registry = registry
        self._now = now
        self._brought: dict[BoardFilter, Mapping[str, tuple[TherapyRow, Standing]]] = {}
        self._forecasts = forecasts

    def page(
        self,
        *,
        limit: int,
        after: BoardPlace | None = None,
        site: str | None = None,
        standing: Standing | None = None,
        attention: bool = False,
        unplanned: bool = False,
        text: str = "",
        order: BoardOrder = BoardOrder.STANDING,
    ) -> BoardPage:
        """The next therapies, the most urgent first; inside a page by the share of the limit used.

        In another order those of each page stand as they are read.
        """
        asked = self._filter(site=site, attention=attention)
        if unplanned:
            asked = replace(asked, unplanned=True)
        self._require_known()
        rows: list[BoardRow] = []
        place = None
        walk = self._walk if order is BoardOrder.STANDING else partial(self._in_order, order)
        for one in walk(asked, limit, after, standing):
            if unplanned and not self._is_to_be_planned(one.row):
                continue
            shown = self.row(one.row)
            if text and not is_named(shown, text):
                continue
            rows.append(shown)
            if len(rows) == limit:
                place = one
                break
        if order is BoardOrder.STANDING:
            rows.sort(key=lambda row: row.order(self._now))
        return BoardPage(tuple(rows), place)

    def _walk(
        self, asked: BoardFilter, limit: int, after: BoardPlace | None, only: Standing | None
    ) -> Iterator[BoardPlace]:
        """Every therapy from a place on, section by section."""
        sections = [one for one in Standing if only in (None, one)]
        if after is not None:
            sections = sections[sections.index(after.standing) :]
        for standing in sections:
            last = after.row if after is not None and after.standing is standing else None
            yield from (BoardPlace(standing, row) for row in self._section(standing, asked, limit, last))

    def _section(
        self, standing: Standing, asked: BoardFilter, limit: int, last: TherapyRow | None
    ) -> Iterator[TherapyRow]:
        """One section after a row of it: by the record, then what its calendars have brought here."""
        moved = self._moved(asked)
        brought = [row for row, now in moved.values() if now is standing]
        if last is not None and last.coi in moved:
            yield from (row for row in brought if row.coi > last.coi)
            return
        while True:
            found = self._transaction.therapies_standing(standing, asked, limit=limit, after=last)
            yield from (row for row in found if row.coi not in moved)
            if len(found) < limit:
                break
            last = found[-1]
        yield from brought

    def _moved(self, asked: BoardFilter) -> Mapping[str, tuple[TherapyRow, Standing]]:
        """The therapies that stand otherwise than the record alone says, by their code; those asked for."""
        if asked not in self._brought:
            reckoned = ((row, self.standing(row)) for row in self._unsettled(asked))
            found = {row.coi: (row, now) for row, now in reckoned if now is not standing_of(row, self._now)}
            self._brought[asked] = dict(sorted(found.items()))
        return self._brought[asked]

    def _unsettled(self, asked: BoardFilter) -> Iterator[TherapyRow]:
        """The running therapies of which the record alone may not say how they stand.

        What is on its road is at risk by a lane's time, which only a forecast knows, whether planned or not.
        """
        for standing in _MAY_BREACH:
            within = asked if standing is Standing.AT_RISK else replace(asked, planned=True)
            yield from self._transaction.therapies_standing(standing, within, limit=RECKONED_MAX)
        for coi in self._forecasts.displaced():
            row = self._transaction.therapy(coi)
            if row is None or standing_of(row, self._now) in (Standing.CLOSED, *_MAY_BREACH):
                continue
            sites = (row.collection_site, row.manufacturing_site, row.treatment_site)
            if asked.site in (None, *sites) and (row.attention or not asked.flagged):
                yield row

    def _in_order(
        self,
        order: BoardOrder,
        asked: BoardFilter,
        limit: int,
        after: BoardPlace | None,
        only: Standing | None,
    ) -> Iterator[BoardPlace]:
        """Every therapy from a place on, however it stands."""
        last = after.row if after is not None else None
        while True:
            found = self._ordered(order, limit, last, asked.site)
            for row in found:
                standing = self.standing(row)
                if only in (None, standing) and not (asked.flagged and not flags_of(row, self._now)):
                    yield BoardPlace(standing, row)
            if len(found) < limit:
                break
            last = found[-1]

    def _ordered(
        self, order: BoardOrder, limit: int, last: TherapyRow | None, site: str | None
    ) -> list[TherapyRow]:
        if order is BoardOrder.LEFT:
            return self._transaction.therapies_by_limit(limit=limit, after=last, site=site)
        if order is BoardOrder.THERAPY:
            coi = "" if last is None else last.coi
            return self._transaction.therapies_by_id(limit=limit, after=coi, site=site)
        place = None if last is None else (last.updated_at, last.coi)
        return self._transaction.therapies(limit=limit, after=place, site=site)

    def counts(self, *, site: str | None = None) -> BoardCounts:
        """How many therapies stand how; of those that run, how many are in which stretch of the journey."""
        self._require_known()
        standings: Counter[Standing] = Counter()
        stages: Counter[str] = Counter()
        places: dict[str, int] = {}
        unplanned = 0
        asked = self._filter(site=site)
        for row, now in self._moved(asked).values():
            standings[standing_of(row, self._now)] -= 1
            standings[now] += 1
        for one in self._transaction.board_counts(asked):
            standings[one.standing] += one.count
            if one.standing is Standing.CLOSED:
                continue
            protocol = self._protocol(one.protocol, one.version)
            names = [stage.name for stage in protocol.stages] if protocol else []
            short = short_of(protocol, one.stage)
            unplanned += one.unplanned if has_to_be_planned(protocol, one.stage) else 0
            place = names.index(one.stage) if one.stage in names else len(names)
            places[short] = min(place, places.get(short, place))
            stages[short] += one.count
        ordered = sorted(stages, key=lambda name: (places[name], name))
        return BoardCounts(
            tuple((one, standings[one]) for one in Standing),
            tuple((name, stages[name]) for name in ordered),
            unplanned,
        )

    def standing(self, row: TherapyRow) -> Standing:
        """How a therapy stands; its plan is looked at where a calendar may have a say."""
        if self._forecasts.is_settled(row):
            return standing_of(row, self._now)
        return self._forecasts.of(row).standing

    def _is_to_be_planned(self, row: TherapyRow) -> bool:
        """Whether it runs, nothing of it is booked, and something could be."""
        protocol = self._protocol(row.protocol, int(row.protocol_version))
        is_running = row.status == TherapyStatus.ACTIVE.value
        if not is_running or not has_to_be_planned(protocol, row.stage):
            return False
        return not self._transaction.milestones_of(row.coi)

    def bad_rows(self, *, site: str | None, limit: int) -> Iterator[TherapyRow]:
        """The running therapies that are not in order, the most urgent first, so many at most."""
        bad = (Standing.BREACH, *_MAY_BREACH)
        asked = self._filter(site=site)
        found = (row for standing in bad for row in self._section(standing, asked, limit, None))
        yield from islice(found, limit)

    def row(self, row: TherapyRow) -> BoardRow:
        """One therapy as people see it."""
        document = orjson.loads(row.document)
        protocol = self._protocol(row.protocol, int(row.protocol_version))
        titles = {stage.name: stage.title for stage in protocol.stages} if protocol else {}
        return BoardRow(
            coi=row.coi,
            standing=self.standing(row),
            stage=row.stage,
            stage_title=titles.get(row.stage, row.stage.replace("_", " ").capitalize()),
            stage_short=short_of(protocol, row.stage),
            status=row.status,
            protocol=row.protocol,
            collection_site=row.collection_site,
            manufacturing_site=row.manufacturing_site,
            treatment_site=row.treatment_site,
            attention=flags_of(row, self._now),
            last_kind=document["last_kind"],
            last_at=parse_instant(document["last_at"]),
            last_actor=document["last_actor"],
            reviewed_through=document.get("reviewed_through"),
            clocks=tuple(DueClock.read(clock) for clock in document["clocks"]),
            next_step=_next_step(protocol, document.get("next")),
            units=tuple(
                self._unit(unit)
                for unit in self._transaction.units_of(row.coi)
                if unit.final_disposition is None
            ),
        )

    def _require_known(self) -> None:
        """Raise ReadTableDiffers where a therapy has a status of no section: it would be seen in none."""
        for _ in self._transaction.statuses():
            pass

    def _filter(self, *, site: str | None = None, attention: bool = False) -> BoardFilter:
        shortest = shortest_silence(self._transaction, self._decider, self._registry) or timedelta(0)
        return BoardFilter(self._now, self._now - shortest, site, attention)

    def _protocol(self, name: str, version: int) -> Protocol | None:
        adopted = self._registry.protocol(name, version)
        return self._decider.protocol(self._transaction, adopted.sha256) if adopted else None

    def _unit(self, row: UnitRow) -> BoardUnit:
        party = Party(type=PartyType(row.custodian_type), id=row.custodian) if row.custodian_type else None
        return BoardUnit(
            row.unit,
            Material(row.material),
            described(self._registry, party),
            row.site,
            row.handoff is not None,
            row.quarantined,
        )


def _next_step(protocol: Protocol | None, number: int | None) -> tuple[int, str] | None:
    steps = protocol.steps if protocol is not None else ()
    return next(((one.number, one.title) for one in steps if one.number == number), None)


def short_of(protocol: Protocol | None, stage: str) -> str:
    """The short name of a stage; of an end of the therapy, which is no stage, its own word."""
    stages = protocol.stages if protocol is not None else ()
    return next((one.short for one in stages if one.name == stage), stage.replace("_", " ").capitalize())


def has_to_be_planned(protocol: Protocol | None, stage: str) -> bool:
    """Whether a milestone can still be ahead of a therapy that has reached a stage."""
    if protocol is None or not protocol.milestones:
        return False
    last = protocol.milestones[-1].fulfilled_by
    names = [one.name for one in protocol.stages]
    reached = names.index(stage) if stage in names else 0
    ends = (names.index(one.stage) for one in protocol.steps if one.kind == last and one.stage in names)
    return reached < min(ends, default=len(names))


def is_named(row: BoardRow, text: str) -> bool:
    """Whether what was typed is in the therapy's code, a site of it, or the name of who has its units."""
    said = text.casefold().strip()
    code = said.replace(" ", "")
    codes = (row.coi, *(unit.unit for unit in row.units))
    if any(code in one.casefold() for one in codes):
        return True
    sites = (row.collection_site, row.manufacturing_site, row.treatment_site)
    words = (*sites, row.last_actor, row.stage_title, row.stage_short, *(one.custodian for one in row.units))
    return any(said in one.casefold() for one in words)
