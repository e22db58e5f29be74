"""The state of each printed copy, from the print record and the chain (FACT CM7.2.2.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from schema.identifiers import PrintedCode, copy_ordinal, possible_copies
from schema.vocabulary import LabelState, ObjectType, PrintOutcome, Reason
from tracker.rules.therapy_state import TherapyState

BLANK = "blank label"
"""The kind of label whose unit is nobody's until it is bound by scan."""


@dataclass(frozen=True, slots=True)
class PrintRecord:
    """One copy as it was printed, and what is certain about the paper."""

    object_id: str
    letter: str
    outcome: PrintOutcome
    label: str = ""
    site: str = ""
    station: str = ""
    staff: str = ""
    printed_at: datetime | None = None
    unit: str | None = None
    """The unit the label is for, its cassette's included."""

    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class AccountedCopy:
    """One copy of a label with the last word on it; without a print record it was printed elsewhere."""

    object_id: str
    letter: str
    unit: str | None
    state: LabelState | None
    record: PrintRecord | None = None

    @property
    def code(self) -> str:
        """What stands on the paper."""
        return next(one.text for one in possible_copies(self.object_id) if one.copy == self.letter)

    @property
    def ordinal(self) -> str:
        """The letter by which people know it: A for the first copy."""
        return copy_ordinal(self.object_id, self.letter)

    @property
    def is_card(self) -> bool:
        """Whether it is a card of the therapy, which stays in the chart."""
        return self.object_id[0] == ObjectType.COI

    @property
    def was_not_printed(self) -> bool:
        """Whether there is certainly no paper of it."""
        refused = self.record is not None and self.record.outcome is PrintOutcome.NOT_PRINTED
        return self.state is LabelState.NOT_PRINTED or (self.state is None and refused)

    @property
    def is_kept(self) -> bool:
        """Whether it is a card that nothing was said about: it is in the chart."""
        return self.is_card and self.state is None and not self.was_not_printed

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to say or do something about it.

        What was voided or superseded is still paper with a patient's code on it until it is destroyed.
        """
        if self.was_not_printed or self.is_kept:
            return False
        return self.state not in (LabelState.APPLIED, LabelState.DESTROYED)

    @property
    def is_unsure(self) -> bool:
        """Whether nobody knows yet that it came out: the printer broke off, or the program did."""
        doubtful = (PrintOutcome.PRINTING, PrintOutcome.UNKNOWN)
        return self.state is None and self.record is not None and self.record.outcome in doubtful

    @property
    def word(self) -> str:
        """The state as one word for a table."""
        if self.was_not_printed:
            return "not printed"
        if self.state is not None:
            return self.state.value
        if self.is_kept:
            return "kept"
        return "unknown" if self.is_unsure else "printed"

    @property
    def to_do(self) -> str:
        """What somebody has to do about it; empty when nothing is open."""
        if not self.is_open:
            return ""
        if self.state is not None:
            return "Destroy it before a second person."
        if self.is_unsure:
            return (
                "Look whether it came out. If it did, apply it, or void and destroy it; "
                "if not, void it with the reason never_came_out."
            )
        return "Apply it and scan it back, or void and destroy it."


def copies_of(therapy: TherapyState, prints: Iterable[PrintRecord]) -> tuple[AccountedCopy, ...]:
    """Every copy of a therapy's labels, object by object, in the order in which letters are given out."""
    records = {(one.object_id, one.letter): one for one in prints}
    owners: dict[str, str | None] = {therapy.coi: None}
    for unit in therapy.units.values():
        owners[unit.unit] = unit.unit
        if unit.cassette is not None:
            owners[unit.cassette] = unit.unit
    for record in records.values():
        owners.setdefault(record.object_id, record.unit)
    for object_id in therapy.labels:
        owners.setdefault(object_id, None)
    return tuple(
        AccountedCopy(object_id, code.copy, owner, states.get(code.copy), records.get((object_id, code.copy)))
        for object_id, owner in owners.items()
        for states in (therapy.label_states(object_id),)
        for code in _known(object_id, states, records)
    )


def _known(
    object_id: str,
    states: Mapping[str, LabelState],
    records: Mapping[tuple[str, str], PrintRecord],
) -> Iterator[PrintedCode]:
    return (
        code
        for code in possible_copies(object_id)
        if code.copy in states or (object_id, code.copy) in records
    )


def open_copies(copies: Iterable[AccountedCopy], *, site: str | None = None) -> tuple[AccountedCopy, ...]:
    """The copies somebody still has to account for; with a site those that were printed there."""
    return tuple(
        one
        for one in copies
        if one.is_open and (site is None or (one.record is not None and one.record.site == site))
    )


def skipped_copies(therapy: TherapyState) -> tuple[AccountedCopy, ...]:
    """Copies that must exist, since a later letter is in the chain, and of which the chain says nothing.

    Letters are given out in one order, so this shows without any print record.
    """
    objects = {**{unit.unit: unit.unit for unit in therapy.units.values()}, **dict.fromkeys(therapy.labels)}
    found: list[AccountedCopy] = []
    for object_id, owner in objects.items():
        states = therapy.label_states(object_id)
        letters = [code.copy for code in possible_copies(object_id)]
        last = max((letters.index(letter) for letter in states if letter in letters), default=0)
        found.extend(
            AccountedCopy(object_id, letter, owner, None)
            for letter in letters[:last]
            if letter not in states and object_id[0] != ObjectType.COI
        )
    return tuple(found)


def letters(copies: Sequence[AccountedCopy]) -> str:
    """Copy letters as one text, as they are in the codes and in the record."""
    return "".join(one.letter for one in copies)


def ordinals(copies: Sequence[AccountedCopy]) -> str:
    """The letters by which people know the copies, as one text: `AB` is the first two."""
    return "".join(one.ordinal for one in copies)
