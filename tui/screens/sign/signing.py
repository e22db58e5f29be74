"""What the sign dialog is given, what it asks for and what it gives back, as values.

The statement is frozen before the dialog opens; every signer signs the same one, and an incomplete set is
nothing (21 CFR 11.50 and 11.200).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum, auto
from typing import Final, Generic, TypeVar

from rich.cells import cell_len
from rich.text import Text

from schema.vocabulary import Meaning, ReadMode
from tui.answers import safe
from tui.language import named, tr
from tui.shown_codes import in_sentence
from tui.states import style_of
from tui.widgets.lines import clock_words

SIGNING_LIMIT: Final = 300.0
"""Seconds from the frozen statement to its last signature; older, it says nothing about now."""

NAME_CELLS_MIN: Final = 15
NAME_CELLS_MAX: Final = 24
"""Of the column of names; a longer name pushes its own value alone."""

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class ShownStatement:
    """What is signed, as people read it."""

    title: str
    rows: tuple[tuple[str, str], ...]
    """Kind, therapy, units, condition, time: each with its name."""
    digest: str
    """Of the frozen statement; its head is shown, so that two screens can be compared."""


@dataclass(frozen=True, slots=True)
class SignerSlot:
    """One required signature."""

    meaning: Meaning
    part: str
    """Who that is in the act: giver, receiver, second person."""
    staff: str | None = None
    """The staff id that must sign; None for anybody who has not signed yet."""
    name: str | None = None
    in_session: bool = False
    """Whether this person is signed in here, so that the PIN is enough."""
    badge: str | None = None
    """The badge as it was read before the statement could be frozen, so that the password is enough."""
    badge_mode: ReadMode = ReadMode.SCANNED


@dataclass(frozen=True, slots=True)
class Pin:
    """The second signature component of the person signed in."""

    staff: str | None
    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Login:
    """Both components of anybody else: the badge or staff id as read, and the password."""

    badge: str
    mode: ReadMode
    password: str = field(repr=False)


Secret = Pin | Login


@dataclass(frozen=True, slots=True)
class Checked(Generic[S]):
    """A person whose secret was right, with whatever signs for them."""

    staff: str
    name: str
    """As printed in the signature."""
    signer: S = field(repr=False)


Check = Callable[[SignerSlot, Secret], Checked[S]]
"""Runs in a thread; raises a CartrailError where the secret is wrong or the person may not sign."""


@dataclass(frozen=True, slots=True)
class SignedSet(Generic[S]):
    """The complete set, in the order of the slots."""

    signers: tuple[Checked[S], ...]
    times: tuple[datetime, ...] = field(default=(), compare=False)
    """When each of them signed."""


class DiscardReason(StrEnum):
    """Why a dialog ended without signatures."""

    CANCELED = "canceled"
    EXPIRED = "expired"
    SESSION_ENDED = "session_ended"


@dataclass(frozen=True, slots=True)
class Discarded:
    """Nothing was signed and nothing is to be written."""

    reason: DiscardReason


class Phase(Enum):
    """What the dialog waits for."""

    BADGE = auto()
    PASSWORD = auto()
    PIN = auto()
    ANSWER = auto()


PROMPTS: Final = {
    Phase.BADGE: tr("Scan your badge, or type your staff id."),
    Phase.PASSWORD: tr("Type your password, then Enter."),
    Phase.PIN: tr("Type your PIN, then Enter."),
    Phase.ANSWER: tr("Checking ..."),
}


def statement_text(statement: ShownStatement) -> Text:
    """The statement, one named value a line, with the head of its digest."""
    rows = (*statement.rows, (tr("Statement"), statement.digest[:16]))
    names = min(max(NAME_CELLS_MIN, *(cell_len(name) for name, _ in rows)), NAME_CELLS_MAX)
    text = Text()
    for name, value in rows:
        room = " " * max(names - cell_len(name), 0)
        text.append_text(in_sentence(f"{name}{room} ", style=style_of(name) or "muted"))
        text.append_text(in_sentence(value)).append("\n")
    return text


def signer_lines(slots: Sequence[SignerSlot], signed: Sequence[tuple[Checked[S], datetime]]) -> Text:
    """Every required signature: name, time and meaning of those given, an arrow at the one asked for now."""
    text = Text()
    for index, slot in enumerate(slots):
        if index < len(signed):
            person, at = signed[index]
            mark, who = "●", f"{person.name} ({person.staff}), {clock_words(at)}"
        else:
            mark = "◉" if index == len(signed) else "○"
            who = slot.name or slot.staff or tr("to be named by badge")
        text.append(mark, style=style_of(mark))
        text.append(f" {named(slot.meaning.value):<12} {safe(slot.part):<14} {safe(who)}\n")
    return text


def time_left(seconds: float) -> str:
    """The countdown, with what happens at its end."""
    whole = max(int(seconds), 0)
    return tr("{time} left, then nothing is written", time=f"{whole // 60}:{whole % 60:02d}")
