"""Along one chain: sequence, link, registry head, time and signatures; and the registry that context them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from schema.entry import REGISTRY, Entry, Head
from schema.entry_faults import purpose_faults
from schema.events.registry import ClockCorrected, Exported, KeyActivated, KeyAdded, StoreCreated
from schema.instants import CLOCKS_APART_MAX, format_instant
from tracker.evidence.verification.entries import Examined
from tracker.evidence.verification.verdict import Check, Journal
from tracker.registry.evolve import evolve_registry
from tracker.registry.kinds import may_be_unsigned
from tracker.rules.registry_state import RegistryState
from tracker.rules.signatures import Activation, signature_faults


@dataclass(slots=True)
class RegistryHeads:
    """The registry as its own bytes have it: every head that an entry may name, and the state at the end."""

    state: RegistryState = field(default_factory=RegistryState)
    heads: dict[int, tuple[str, datetime | None]] = field(default_factory=dict)
    founding_act: str | None = None
    """The act of the first entry, while nothing else has followed it."""

    corrections: dict[int, datetime] = field(default_factory=dict)
    """Where two people corrected the clock, and to which time."""

    exports: list[tuple[int, Exported]] = field(default_factory=list)
    """What each bundle that left was said to hold, with the sequence at which it was."""


class Walk:
    """Steps 3, 4, 6 and 7 along one chain; give it each entry in the order of the table."""

    def __init__(self, chain: str, registry: RegistryHeads, journal: Journal) -> None:
        self._chain = chain
        self._registry = registry
        self._journal = journal
        self._last: int | None = None
        self._last_digest = ""
        self._last_head = -1
        self._last_time: datetime | None = None
        self._judged_at = -1
        """The registry head that the entry before names; in the registry itself the entry before it."""

    def follow(self, seen: Examined) -> None:
        """The next entry."""
        entry, number = seen.entry, seen.row.number
        if number is None:
            self._found(Check.SEQUENCE, None, f"the sequence is {seen.row.sequence!r}, not a number")
            return
        contiguous = self._follow_sequence(number, entry)
        if entry is not None:
            self._follow_previous(number, entry.previous, contiguous=contiguous)
            if self._chain == REGISTRY:
                self._follow_registry(number, seen, entry)
            else:
                self._follow_head(number, entry)
                self._check_signatures(number, seen, entry, self._registry.state)
            for fault in purpose_faults(entry.statement, self._registry.state.purpose):
                self._found(Check.FORM, number, fault)
            self._follow_time(number, entry)
        elif self._chain == REGISTRY:
            self._registry.heads[number] = (seen.digest, None)
            self._registry.founding_act = None
        self._last, self._last_digest = number, seen.digest

    def _found(self, check: Check, number: int | None, message: str) -> None:
        self._journal.found(check, self._chain, number, message)

    def _follow_sequence(self, number: int, entry: Entry | None) -> bool:
        expected = 0 if self._last is None else self._last + 1
        if number == self._last:
            self._found(Check.SEQUENCE, number, "there are two entries with this sequence")
        elif number > expected:
            which = f"{expected} is" if number == expected + 1 else f"{expected} to {number - 1} are"
            self._found(Check.SEQUENCE, expected, f"of the entries before {number}, {which} missing")
        elif number < expected:
            self._found(Check.SEQUENCE, number, f"the entry stands after entry {self._last}")
        if entry is not None:
            said = entry.statement.chain, entry.sequence
            if said != (self._chain, number):
                self._found(Check.SEQUENCE, number, f"the entry says it is entry {said[1]} of {said[0]}")
        return number == expected

    def _follow_previous(self, number: int, previous: str | None, *, contiguous: bool) -> None:
        if number == 0:
            if previous is not None:
                self._found(Check.PREVIOUS, number, "the first entry of a chain names an entry before it")
        elif contiguous and previous != self._last_digest:
            self._found(
                Check.PREVIOUS,
                number,
                f"it follows an entry with the digest {previous}; entry {self._last} has {self._last_digest}",
            )

    def _follow_time(self, number: int, entry: Entry) -> None:
        """Recorded times go on, but behind a correction of the clock after the entry before."""
        recorded_at = entry.recorded_at
        judged_at = number - 1 if entry.registry is None else entry.registry.sequence
        known, self._judged_at = self._judged_at, judged_at
        goes_back = self._last_time is not None and recorded_at < self._last_time
        corrected = next((one for one in self._registry.corrections if known < one <= judged_at), None)
        if goes_back and corrected is not None:
            self._journal.note(
                Check.REGISTRY_HEAD,
                f"recorded times go back at entry {number} of {self._chain}: two people corrected the clock"
                f" in registry entry {corrected}",
            )
        elif self._last_time is not None and goes_back:
            self._found(
                Check.REGISTRY_HEAD,
                number,
                f"recorded at {format_instant(recorded_at)}, before the entry before it"
                f" ({format_instant(self._last_time)})",
            )
        self._last_time = recorded_at

    def _follow_head(self, number: int, entry: Entry) -> None:
        for fault in _head_faults(entry.registry, entry.recorded_at, self._last_head, self._registry):
            self._found(Check.REGISTRY_HEAD, number, fault)
        if entry.registry is not None:
            self._last_head = max(self._last_head, entry.registry.sequence)

    def _follow_registry(self, number: int, seen: Examined, entry: Entry) -> None:
        registry, statement = self._registry, entry.statement
        if entry.registry is not None:
            self._found(Check.REGISTRY_HEAD, number, "an entry of the registry names a registry head")
        if number == 0:
            registry.founding_act = statement.act
            if seen.understood and not isinstance(statement.payload, StoreCreated):
                self._found(Check.FORM, number, f"the registry begins with {statement.kind}")
        elif statement.act != registry.founding_act:
            registry.founding_act = None
        self._check_signatures(number, seen, entry, registry.state)
        time = entry.recorded_at
        if isinstance(statement.payload, ClockCorrected) and len(entry.signatures) > 1:
            # What it corrects to is when it happened; it stands behind entries of a time that was wrong.
            time = registry.corrections[number] = statement.payload.corrected_to
        registry.heads[number] = (seen.digest, time)
        if isinstance(statement.payload, Exported):
            registry.exports.append((number, statement.payload))
        if seen.understood:
            registry.state = evolve_registry(registry.state, number, statement)
            if isinstance(statement.payload, KeyAdded) and registry.state.key(statement.payload.key) is None:
                self._found(Check.FORM, number, f"the key {statement.payload.key} does not have its own id")

    def _check_signatures(self, number: int, seen: Examined, entry: Entry, state: RegistryState) -> None:
        if not entry.signatures and self._chain != REGISTRY:
            # How many there have to be, the protocol says, and replay asks it.
            return
        payload = entry.statement.payload
        activation = None
        if seen.understood and isinstance(payload, KeyActivated) and self._chain == REGISTRY:
            activation = Activation(payload.owner, payload.key)
        head = number - 1 if self._chain == REGISTRY else entry.registry.sequence if entry.registry else -1
        for fault in signature_faults(
            entry.signatures, seen.statement_digest, registry=state, head=head, activation=activation
        ):
            self._found(Check.SIGNATURES, number, fault)
        if self._chain == REGISTRY and seen.understood and not entry.signatures:
            founding = self._registry.founding_act is not None
            if not founding and not _may_be_unsigned(entry):
                self._found(Check.SIGNATURES, number, f"{entry.statement.kind} is not signed by anybody")


def _may_be_unsigned(entry: Entry) -> bool:
    payload = entry.statement.payload
    if isinstance(payload, KeyAdded) and (payload.owner == "log" or "/" in payload.owner):
        # A key of the log or of a station counts from here, so somebody answers for it.
        return False
    return may_be_unsigned(payload.kind)


def _head_faults(
    head: Head | None,
    recorded_at: datetime,
    last: int,
    registry: RegistryHeads,
) -> Iterator[str]:
    if head is None:
        yield "no registry head is named"
        return
    heads = registry.heads
    known = heads.get(head.sequence)
    if known is None:
        yield f"it names registry entry {head.sequence}, which is not there"
        return
    digest, taken_at = known
    if digest != head.digest:
        yield f"it names registry entry {head.sequence} as {head.digest}; that entry has {digest}"
    if head.sequence < last:
        yield f"it names registry entry {head.sequence}, after an entry that named {last}"
    if taken_at is not None and recorded_at < taken_at - CLOCKS_APART_MAX:
        yield f"recorded more than 120 s before registry entry {head.sequence}, which it names"
    next_time = heads.get(head.sequence + 1, ("", None))[1]
    explained = any(head.sequence < one and to < recorded_at for one, to in registry.corrections.items())
    if next_time is not None and next_time < recorded_at - CLOCKS_APART_MAX and not explained:
        seconds = int((recorded_at - next_time).total_seconds())
        yield f"it names registry entry {head.sequence}, followed by another {seconds} s before"
