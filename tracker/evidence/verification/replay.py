"""Read tables against replay: what one chain's rows should be, by the same code that wrote them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final, NamedTuple

from schema.counting import counted
from schema.entry import Entry, Statement
from schema.events.aftercare import ToxicityGraded
from schema.events.custody import HandoffAnswer
from schema.events.identity import Enrolled, Erased
from schema.events.paperwork import FormVoided, PaperAttached
from schema.tables import (
    BenchRow,
    CodeRow,
    DeviationRow,
    EquipmentPlaceRow,
    HistoryRow,
    PlacePositionRow,
    PlanMilestoneRow,
    ShipmentRow,
    SlotUseRow,
    TherapyRow,
    UnitRow,
    UseRow,
)
from schema.vocabulary import EntryMode, Grade
from tracker.acts.read_tables import (
    Rows,
    bench_rows,
    deviation_rows,
    equipment_rows,
    history_row,
    milestone_rows,
    position_rows,
    rows_after,
    shipment_rows,
    slot_rows,
    use_rows,
)
from tracker.evidence.verification.entries import Examined
from tracker.evidence.verification.verdict import Check, Journal
from tracker.ledger.engine import Record
from tracker.ledger.rows import TableRows
from tracker.protocols.model import Protocol
from tracker.rules.grading import signatures_needed
from tracker.rules.limits_judged import Judged, is_broken, limits_judged
from tracker.rules.therapy_state import TherapyState
from tracker.therapy.evolve import evolve

THERAPIES: Final = TableRows(TherapyRow)
UNITS: Final = TableRows(UnitRow)
CODES: Final = TableRows(CodeRow)
BENCHES: Final = TableRows(BenchRow)
DEVIATIONS: Final = TableRows(DeviationRow)
USES: Final = TableRows(UseRow)
SLOTS: Final = TableRows(SlotUseRow)
SHIPMENTS: Final = TableRows(ShipmentRow)
MILESTONES: Final = TableRows(PlanMilestoneRow)
POSITIONS: Final = TableRows(PlacePositionRow)
EQUIPMENT: Final = TableRows(EquipmentPlaceRow)
HISTORIES: Final = TableRows(HistoryRow)
_OF_PROTOCOL: Final = frozenset(
    {
        "stage",
        "waits_until",
        "breach_at",
        "at_risk",
        "stalled_at",
        "duty_from",
        "document",
        "place",
        "done_at",
    }
)
"""Columns of a therapy and of its plan that nobody can compute without the bytes of its protocol."""

_FORGED: Final = (LookupError, ValueError, TypeError, AttributeError, ArithmeticError)
"""What only a forged entry raises: right in form, and of things that never were."""

_code_fields = attrgetter("cassette", "din", "adopted")
"""What of a unit leads to rows of codes."""


@dataclass(frozen=True, slots=True)
class _Step:
    """One entry's effect, from which its rows can be made."""

    before: TherapyState | None
    state: TherapyState
    protocol: Protocol | None

    def rows(self) -> Rows:
        """As recording made them."""
        return rows_after(self.before, self.state, self.protocol)


class CodeElsewhere(NamedTuple):
    """A code that no row of this therapy has: another may have adopted it since. Processes send it."""

    code: str
    issuer: str | None
    sequence: int


class Replay:
    """The rows that one chain leads to; give it each entry, then compare."""

    def __init__(self, chain: str, protocols: Mapping[str, Protocol], journal: Journal) -> None:
        self._chain = chain
        self._protocols = protocols
        """By SHA-256."""

        self._journal = journal
        self._state: TherapyState | None = None
        self._stopped = False
        self._last: _Step | None = None
        self._told: HistoryRow | None = None
        """What measures are drawn from, as of the last entry that changed it."""

        self._changed: dict[str, _Step] = {}
        """The last step at which each unit changed: only there is its row made."""

        self._codes: dict[str, CodeRow] = {}
        self._least: dict[tuple[str, int, str], int] = {}

    def take(self, seen: Examined) -> None:
        """The next entry; after one that cannot be read the rest is not replayed."""
        entry = seen.entry
        if self._stopped or entry is None or not seen.understood:
            if not self._stopped:
                self._stop(seen)
            return
        try:
            self._evolve(seen.row.number or 0, entry)
        except _FORGED as error:
            self._stopped = True
            message = f"the entry cannot be replayed: {type(error).__name__} {error}"
            self._journal.found(Check.READ_TABLES, self._chain, seen.row.number, message)

    def _stop(self, seen: Examined) -> None:
        self._stopped = True
        why = "cannot be read" if seen.entry is None else "is of a kind that is not understood"
        self._journal.missed(
            Check.READ_TABLES, self._chain, seen.row.number, f"not replayed from here: the entry {why}"
        )

    def _evolve(self, number: int, entry: Entry) -> None:
        before, statement = self._state, entry.statement
        if before is None and not _begins(statement, self._chain):
            self._stopped = True
            message = f"the chain begins with {statement.kind}, not with its own enrolment"
            self._journal.found(Check.READ_TABLES, self._chain, number, message)
            return
        if before is not None and not _answers(before, statement):
            message = "by replay no handoff is open that says what it answers"
            self._journal.found(Check.LINKS, self._chain, number, message)
        self._judge(number, before, statement)
        state = evolve(before, number, statement)
        if state is None:
            return
        protocol = self._protocols.get(state.protocol.sha256)
        needed = self._signatures_needed(before, statement, protocol)
        if len(entry.signatures) < needed:
            message = f"{statement.kind} needs {counted(needed, 'signature')} and has {len(entry.signatures)}"
            self._journal.found(Check.SIGNATURES, self._chain, number, message)
        self._state, self._last = state, _Step(before, state, protocol)
        if before is None or before.history is not state.history:
            self._told = history_row(state)
        self._follow_units(self._last)

    def _judge(self, number: int, before: TherapyState | None, statement: Statement) -> None:
        """Step 17: the limits once more, by the rules and the pinned protocol."""
        protocol = None if before is None else self._protocols.get(before.protocol.sha256)
        carried = statement.payload.limits_judged or ()
        if before is None or protocol is None:
            return
        judged = limits_judged(before, protocol, statement.payload)
        if judged != carried:
            message = f"it carries the limits {_told(carried)}, and by its protocol these are {_told(judged)}"
            self._journal.found(Check.LIMITS, self._chain, number, message)
        for one in judged:
            if is_broken(one, statement.occurred_at) and one.rule not in statement.outside_rules:
                message = f"it broke {one.rule} and was recorded as in order: {_told((one,))}"
                self._journal.found(Check.LIMITS, self._chain, number, message)

    def _follow_units(self, step: _Step) -> None:
        """Note which units the step changed; codes are rare, so their rows are made at once."""
        before, state = step.before, step.state
        codes = before is None or before.adopted != state.adopted or before.announced is not state.announced
        codes = codes or before is None or before.forms is not state.forms
        if before is None or before.units is not state.units:
            known = before.units if before is not None else {}
            for name, unit in state.units.items():
                old = known.get(name)
                if old is not unit:
                    self._changed[name] = step
                    codes = codes or old is None or _code_fields(old) != _code_fields(unit)
        if codes:
            self._codes.update((row.code, row) for row in step.rows().codes)

    def _signatures_needed(
        self, before: TherapyState | None, statement: Statement, protocol: Protocol | None
    ) -> int:
        """How many signatures the pinned protocol asks at least, whatever the material."""
        if statement.outside_rules:
            return 2
        pinned = protocol if before is None else self._protocols.get(before.protocol.sha256)
        least = 0 if pinned is None else self._least_of(pinned, statement.payload.fact)
        payload = statement.payload
        if isinstance(payload, ToxicityGraded) and pinned is not None:
            scale = payload.syndrome, payload.scale, payload.scale_version
            least = max(least, signatures_needed(pinned, *scale, payload.grade))
        if isinstance(payload, FormVoided | PaperAttached):
            return 2 if isinstance(payload, FormVoided) else 1
        if isinstance(payload, Erased):
            # No protocol asks for it, and the law asks for more than one person's word.
            return 2
        if isinstance(payload, Enrolled) or (
            isinstance(payload, HandoffAnswer) and payload.evidence is Grade.INK
        ):
            return min(least, 1)
        return min(least, 2) if statement.mode is EntryMode.PAPER else least

    def _least_of(self, pinned: Protocol, kind: str) -> int:
        known = self._least.get((pinned.id, pinned.version, kind))
        if known is None:
            asked = (
                len({(rule.meaning, rule.roles) for rule in step.signatures})
                for step in pinned.steps_of(kind)
            )
            known = self._least[pinned.id, pinned.version, kind] = min(asked, default=0)
        return known

    def compare(self, stored: Mapping[str, list[Record]]) -> list[CodeElsewhere]:
        """Report every row of the tables that differs; gives the codes that another chain may hold."""
        if self._stopped:
            return []
        skipped = _OF_PROTOCOL if self._protocol_missing() else frozenset()
        try:
            expected, units_expected = self._expected()
        except _FORGED as error:
            message = f"the chain has no rows: {type(error).__name__} {error}"
            self._journal.found(Check.READ_TABLES, self._chain, None, message)
            return []
        self._compare("therapy", THERAPIES.columns, expected, stored["therapy"], skipped)
        self._compare("unit", UNITS.columns, units_expected, stored["unit"])
        self._compare("bench", BENCHES.columns, self._benches_expected(), stored["bench"])
        self._compare(
            "deviation_now", DEVIATIONS.columns, self._deviations_expected(), stored["deviation_now"]
        )
        named = {_named_by(row): row for row in stored["slot_use"]}
        self._compare("slot_use", SLOTS.columns, self._slots_expected(), named)
        booked = {row[1]: row for row in stored["plan_milestone"]}
        self._compare("plan_milestone", MILESTONES.columns, self._milestones_expected(), booked, skipped)
        self._compare("shipment_now", SHIPMENTS.columns, self._shipments_expected(), stored["shipment_now"])
        lying = {f"{row[0]} {row[1]}": row for row in stored["place_position"]}
        self._compare("place_position", POSITIONS.columns, self._positions_expected(), lying)
        places = stored["equipment_place"]
        self._compare("equipment_place", EQUIPMENT.columns, self._equipment_expected(), places)
        used = {_named_by(row[:3]): row for row in stored["use_of"]}
        self._compare("use_of", USES.columns, self._uses_expected(), used)
        told = {} if self._told is None else {self._chain: HISTORIES.values(self._told)}
        self._compare("therapy_history", HISTORIES.columns, told, stored["therapy_history"])
        codes = stored["scan_code"]
        there = {row[0] for row in codes}
        elsewhere = [
            CodeElsewhere(code, row.issuer, row.sequence)
            for code, row in self._codes.items()
            if code not in there
        ]
        codes_expected = {code: CODES.values(row) for code, row in self._codes.items() if code in there}
        self._compare("scan_code", CODES.columns, codes_expected, codes)
        return elsewhere

    def _expected(self) -> tuple[dict[str, Record], dict[str, Record]]:
        """The rows of the therapy and of its units, by their keys."""
        if self._last is None:
            return {}, {}
        units: dict[str, Record] = {}
        for step in {id(step): step for step in self._changed.values()}.values():
            for row in step.rows().units:
                if self._changed[row.unit] is step:
                    units[row.unit] = UNITS.values(row)
        return {self._chain: THERAPIES.values(self._last.rows().therapy)}, units

    def _benches_expected(self) -> dict[str, Record]:
        """The benches at which the therapy is at the end."""
        rows = () if self._state is None else bench_rows(self._state)
        return {row.bench: BENCHES.values(row) for row in rows}

    def _deviations_expected(self) -> dict[str, Record]:
        """How far quality is with each deviation at the end."""
        rows = () if self._state is None else deviation_rows(self._state)
        return {row.deviation: DEVIATIONS.values(row) for row in rows}

    def _uses_expected(self) -> dict[str, Record]:
        """The lots and instruments that touched its cells."""
        rows = () if self._state is None else use_rows(self._state)
        return {_named_by(record[:3]): record for record in map(USES.values, rows)}

    def _slots_expected(self) -> dict[str, Record]:
        """The places that the therapy has at the end."""
        rows = () if self._state is None else slot_rows(self._state)
        return {_named_by(record): record for record in map(SLOTS.values, rows)}

    def _milestones_expected(self) -> dict[str, Record]:
        """What is booked for the therapy at the end, by name."""
        step = self._last
        rows = () if step is None else milestone_rows(step.state, step.protocol)
        return {row.name: MILESTONES.values(row) for row in rows}

    def _shipments_expected(self) -> dict[str, Record]:
        """The shipments in which the therapy is booked."""
        rows = () if self._state is None else shipment_rows(self._state)
        return {row.shipment: SHIPMENTS.values(row) for row in rows}

    def _positions_expected(self) -> dict[str, Record]:
        """Where the units lie at the end, by place and position."""
        rows = () if self._state is None else position_rows(self._state)
        return {f"{row.location} {row.position}": POSITIONS.values(row) for row in rows}

    def _equipment_expected(self) -> dict[str, Record]:
        """Where boxes and loggers were last with cells of the therapy."""
        rows = () if self._state is None else equipment_rows(self._state)
        return {row.equipment: EQUIPMENT.values(row) for row in rows}

    def _protocol_missing(self) -> bool:
        return self._state is not None and self._state.protocol.sha256 not in self._protocols

    def _compare(
        self,
        table: str,
        columns: tuple[str, ...],
        expected: Mapping[str, Record],
        stored: list[Record] | Mapping[str, Record],
        skipped: frozenset[str] = frozenset(),
    ) -> None:
        there = stored if isinstance(stored, Mapping) else {row[0]: row for row in stored}
        at = columns.index("sequence")
        for name in sorted(there.keys() - expected.keys(), key=str):
            message = f"the table {table} has a row {name}, to which no entry leads"
            self._journal.found(Check.READ_TABLES, self._chain, _number(there[name][at]), message)
        for name, row in expected.items():
            if name not in there:
                message = f"the table {table} has no row {name}"
                self._journal.found(Check.READ_TABLES, self._chain, row[at], message)
                continue
            for column, is_there, should in zip(columns, there[name], row, strict=True):
                if is_there != should and column not in skipped:
                    message = f"{table} {name}: {column} is {is_there!r:.80}, and by replay {should!r:.80}"
                    self._journal.found(Check.READ_TABLES, self._chain, row[at], message)


def _told(judged: Iterable[Judged]) -> str:
    return "; ".join(str(one) for one in judged) or "none"


def _answers(before: TherapyState, statement: Statement) -> bool:
    """Whether what is answered is an open handoff of the state, whose giver said just that."""
    payload = statement.payload
    if not isinstance(payload, HandoffAnswer):
        return True
    known = before.handoffs.get(payload.handoff)
    return known is not None and known.digest == payload.relinquished


def _begins(statement: Statement, chain: str) -> bool:
    return isinstance(statement.payload, Enrolled) and statement.payload.coi == chain


def _named_by(row: Record) -> str:
    """A row of several key columns by all of them: resource, day, therapy and milestone."""
    return " ".join(str(value) for value in row[:4])


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) else None


class Grouped:
    """Rows ordered by chain, taken chain by chain beside a walk over the chains in the same order."""

    def __init__(self, rows: Iterator[Record], at: int) -> None:
        self._rows = rows
        self._at = at
        self._next = next(rows, None)

    def take(self, chain: Any) -> tuple[list[Record], list[Record]]:
        """The rows of a chain, and those passed on the way, whose chain nobody walked."""
        passed: list[Record] = []
        found: list[Record] = []
        wanted = order_of(chain)
        while self._next is not None and order_of(self._next[self._at]) <= wanted:
            (found if self._next[self._at] == chain else passed).append(self._next)
            self._next = next(self._rows, None)
        return found, passed

    def rest(self) -> Iterator[Record]:
        """What is left after the last chain."""
        if self._next is not None:
            yield self._next
        yield from self._rows


def order_of(value: Any) -> tuple[int, Any]:
    """Where both engines sort a value of a text column; SQLite lets any type stand there."""
    if isinstance(value, str):
        return 2, value.encode("utf-8", "surrogateescape")
    if value is None:
        return 0, 0
    return (3, value) if isinstance(value, bytes) else (1, value)
