"""What a decision is: events to record, or a refusal with its reason, both as values."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from schema.entry import Read
from schema.events import Payload
from schema.vocabulary import Meaning, Role


class ScanAnswer(StrEnum):
    """The three answers at the scanner."""

    OK = "OK"
    CHECK = "CHECK"
    STOP = "STOP"


class Violation(Struct, frozen=True):
    """A rule that forbids the requested step, with what to do instead."""

    rule: str
    message: str
    remedy: str
    answer: ScanAnswer = ScanAnswer.STOP
    waivable: bool = True
    """Whether it can have happened all the same: such a step may be recorded outside the rules."""

    field: str = ""
    """The field of the request whose value breaks it, where it is one."""

    compared: str = ""
    """What was compared, such as "wristband" or "seal"; empty where nothing was."""

    expected: str = ""
    read: str = ""
    """What was held against each other, as a person reads it; empty where nothing was compared."""

    carrier: str = ""
    """What the read came off: a label, a cassette, a wristband, a card."""

    unit: str = ""
    """The unit at fault, where the step is about several."""

    quarantines: tuple[str, ...] = ()
    """Units whose condition is in doubt: recorded outside the rules, they are quarantined in the same act."""


def never_waived(violation: Violation) -> Violation:
    """The same where it cannot have happened all the same."""
    return replace(violation, waivable=False)


class Notice(Struct, frozen=True):
    """What people must be told of a step that is recorded: it is in order, what it says is not."""

    rule: str
    message: str
    remedy: str
    answer: ScanAnswer = ScanAnswer.STOP
    """How loud: STOP where nobody should go on as if nothing were, CHECK where it is to be looked at."""


class Slot(Struct, frozen=True):
    """A signature a statement needs: its meaning, and who may give it."""

    meaning: Meaning
    roles: frozenset[Role] = frozenset()
    """Any one of these roles at the site; empty for any person with an active key."""

    site: str | None = None
    staff: str | None = None
    """The one person who must give it, when it is known."""

    other_than: frozenset[str] = frozenset()
    """Who may not give it: whoever typed the codes does not confirm them."""

    because: str = ""
    """Why it is asked, where the step alone does not say so."""

    parts: frozenset[frozenset[str]] = frozenset()
    """For each therapy of the act the sites whose people have a part in it; the signer has one in each."""


class Draft(Struct, frozen=True):
    """An event as the rules decided it, before it gets an id, signatures and a place."""

    chain: str
    payload: Payload
    reads: tuple[Read, ...] = ()
    outside_rules: tuple[str, ...] = ()
    slots: tuple[Slot, ...] = ()
    deviates: tuple[str, ...] = ()
    """Why a deviation is drafted about it although no rule was broken: what was found not in order."""


class Allowed(Struct, frozen=True):
    """The step is permitted, or has happened: these events are recorded."""

    events: tuple[Draft, ...]
    notices: tuple[Notice, ...] = ()


class Denied(Struct, frozen=True):
    """The step is not taken; the events are evidence of the attempt."""

    reason: Violation
    events: tuple[Draft, ...] = ()
    again: tuple[str, ...] = ()
    """Events that are evidence of the same attempt already: this one is counted beside them."""


Decision = Allowed | Denied
