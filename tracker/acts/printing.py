"""Printing: a row before the paper, its outcome after it, and the reason of each further copy.

What a crash leaves in between is `printing`, which is read as unknown.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from labels.errors import PrinterFault
from labels.outputs import PrintTarget, TargetKind, deliver
from schema.errors import CartrailError, Refusal
from schema.identifiers import PrintedCode, parse_printed, possible_copies
from schema.instants import format_instant
from schema.vocabulary import ObjectType, PrintOutcome, Reason
from tracker.acts.deciding import Decider
from tracker.acts.print_records import record_of
from tracker.acts.state_cache import StateCache
from tracker.clock import Clock
from tracker.ledger.retry import retrying
from tracker.ledger.store import Store
from tracker.ledger.transaction import Transaction
from tracker.protocols.model import Protocol
from tracker.rules.checks.label import reprint_role_violation, reprint_roles, reprint_violation

if TYPE_CHECKING:
    from labels.content import Content
    from labels.pdf import PrintSetting

ACCOUNTED: Final = (ObjectType.UNIT, ObjectType.CASSETTE, ObjectType.COI)
"""Objects whose further copies need a reason and a role."""

USUAL_LABELS: Final = {
    ObjectType.UNIT: "unit label",
    ObjectType.CASSETTE: "cassette label",
    ObjectType.COI: "COI card",
}

CLOSED: Final = "Nothing is open: {codes} closed as not printed."
LOOK: Final = (
    "Then account for {codes}: what came out is applied and scanned back, or voided and destroyed before "
    "two; what did not is voided with the reason never_came_out."
)


@dataclass(slots=True)
class PrintJob:
    """The copies that one person prints together."""

    prints: Prints
    reason: Reason | None = None
    codes: list[PrintedCode] = field(default_factory=list)
    is_out: bool = False
    """Whether they were handed to a file or printer, which alone knows whether they were printed."""

    def put_out(
        self,
        contents: Sequence[Content],
        target: PrintTarget,
        *,
        out: TextIO,
        setting: PrintSetting | None = None,
    ) -> tuple[Path, ...]:
        """Put labels where the target says and keep the outcome; raises PrinterFault with what to do."""
        self.is_out = True
        try:
            files = deliver(contents, target, out=out, setting=setting)
        except PrinterFault as fault:
            self.settle(fault.result.outcome)
            raise self._with_advice(fault) from fault
        except CartrailError:
            # What cannot be laid out or written is found before anything is printed.
            self.settle(PrintOutcome.NOT_PRINTED)
            raise
        # A queue only takes the job, so whether it came out is seen at the printer.
        self.settle(PrintOutcome.UNKNOWN if target.kind is TargetKind.CUPS else PrintOutcome.PRINTED)
        return files

    def settle(self, outcome: PrintOutcome) -> None:
        """Write the outcome of every copy of the job."""
        self.prints.settle((code.text for code in self.codes), outcome)

    def _with_advice(self, fault: PrinterFault) -> PrinterFault:
        codes = ", ".join(code.text for code in self.codes)
        if not codes:
            return fault
        advice = CLOSED if fault.result.outcome is PrintOutcome.NOT_PRINTED else LOOK
        remedy = f"{fault.result.remedy} {advice.format(codes=codes)}".strip()
        return PrinterFault(replace(fault.result, remedy=remedy))


_JOB: ContextVar[PrintJob | None] = ContextVar("cartrail_print_job", default=None)


def _made(
    transaction: Transaction, object_id: str, at: datetime, staff: str, station: str
) -> PrintedCode | None:
    """The copy of an attempt whose commit was in doubt: another letter would leave that one unaccounted."""
    letters = {
        row.copy_letter
        for row in transaction.printed_copies(object_id)
        if (format_instant(row.printed_at), row.staff, row.station) == (format_instant(at), staff, station)
    }
    found = [code for code in possible_copies(object_id) if code.copy in letters]
    return found[-1] if found else None


class Prints:
    """Gives out copies of labels for one open store, and keeps the outcome of each."""

    def __init__(self, store: Store, memory: StateCache, decider: Decider, clock: Clock) -> None:
        self._store = store
        self._memory = memory
        self._decider = decider
        self._clock = clock

    @contextmanager
    def job(self, *, reason: Reason | None = None) -> Iterator[PrintJob]:
        """What is assembled inside belongs together; an error before it went out closes it as not printed."""
        job = PrintJob(self, reason)
        token = _JOB.set(job)
        try:
            yield job
        except CartrailError:
            if not job.is_out:
                job.settle(PrintOutcome.NOT_PRINTED)
            raise
        finally:
            _JOB.reset(token)

    def copy(
        self, *, object_id: str, staff: str, station: str, label: str = "", unit: str | None = None
    ) -> PrintedCode:
        """The next copy of an object's code, written as being printed; raises Refusal for an unasked reprint.

        `label` is the kind of label and `unit` the unit it is for, where that is not the object itself.
        """
        object_type, job = ObjectType(object_id[0]), _JOB.get()
        reason = None if job is None else job.reason
        kind = label or USUAL_LABELS.get(object_type, "")
        owner = unit or (object_id if object_type is ObjectType.UNIT else None)
        now, attempts = self._clock.now(), itertools.count()

        def once() -> PrintedCode:
            with self._store.begin() as transaction:
                registry = self._memory.registry(transaction).state
                place = registry.station(station)
                site = "" if place is None else place.site
                if next(attempts) and (made := _made(transaction, object_id, now, staff, station)):
                    return made
                if object_type in ACCOUNTED:
                    self._require_reprint(transaction, object_id, owner, staff, site, kind, reason)
                return transaction.print_copy(
                    object_id,
                    printed_at=now,
                    staff=staff,
                    station=station,
                    label=kind,
                    site=site,
                    unit=owner,
                    reason=None if reason is None else reason.value,
                )

        code = retrying(once)
        if job is not None:
            job.codes.append(code)
        return code

    def settle(self, codes: Iterable[str], outcome: PrintOutcome) -> None:
        """Write the outcome of these copies; an outcome that was written before stands."""
        settled, now = tuple(map(parse_printed, codes)), self._clock.now()

        def once() -> None:
            with self._store.begin() as transaction:
                for code in settled:
                    transaction.settle_copy(code.object_id, code.copy, outcome=outcome.value, at=now)

        retrying(once)

    def _require_reprint(
        self,
        transaction: Transaction,
        object_id: str,
        unit: str | None,
        staff: str,
        site: str,
        label: str,
        reason: Reason | None,
    ) -> None:
        earlier = [record_of(row) for row in transaction.printed_copies(object_id)]
        if not earlier:
            return
        violation = reprint_violation(earlier, label, reason)
        if violation is None and reason is not None:
            protocol = self._protocol(transaction, object_id, unit)
            registry = self._memory.registry(transaction).state
            roles = reprint_roles(protocol, card=object_id[0] == ObjectType.COI)
            violation = reprint_role_violation(registry, roles, staff, site, self._clock.now())
        if violation is not None:
            raise Refusal(violation.message, remedy=violation.remedy, code=violation.rule)

    def _protocol(self, transaction: Transaction, object_id: str, unit: str | None) -> Protocol | None:
        row = None if unit is None else transaction.unit(unit)
        known = self._memory.therapy(transaction, object_id if row is None else row.coi)
        return None if known is None else self._decider.protocol(transaction, known.state.protocol.sha256)
