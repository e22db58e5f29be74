"""The parts of a form as frozen values: what is asked, what may answer it, what was given."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from schema.canonical import Json
from schema.events.registry import WristbandRule
from schema.measured import Measure
from tracker.values import Found, Protocol, RegistryState, Station, Step, TherapyState, UnitState


class PromptKind(StrEnum):
    """How a prompt is answered; everything is scanned or typed into the one scan field."""

    CODE = "code"
    PATIENT = "patient"
    CHOICE = "choice"
    DECIMAL = "decimal"
    COUNT = "count"
    TEXT = "text"
    NAME = "name"
    TIME = "time"
    DAY = "day"
    REFERENCE = "reference"
    """A number in another system, such as that of an action: small letters, digits, `_ . -`."""

    POSITION = "position"
    """A position of a storage place, such as B7."""

    CALLED = "called"
    """Who was called: a staff id or badge, or a name and a number with a comma between them."""

    FILE = "file"
    """The name of a scanned paper on this machine: PDF, PNG or JPEG."""

    WORD = "word"
    """One word that must be typed exactly, so that nothing serious happens by mistake."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several answers, chosen by its number or by a command code."""

    value: Json
    label: str
    command: str | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """One thing asked for."""

    field: str
    """Where the answer goes in the request; a dot enters a nested object."""
    ask: str
    """What to do, as an order."""
    kind: PromptKind
    expected: str = ""
    """What should be read, in words."""
    wanted: tuple[Found, ...] = ()
    """Kinds of code that may be read; empty for any text off a label."""
    carrier: str | None = None
    object_id: str | None = None
    """The one object whose code it must be, by the record."""
    coi: str | None = None
    """The therapy that the code must belong to, by what the person scanned first."""
    choices: tuple[Choice, ...] = ()
    rules: tuple[WristbandRule, ...] = ()
    measure: Measure | None = None
    """What a measured number is held against while its field is still there to correct."""

    optional: bool = False
    when: str = ""
    """Words for when an optional answer is needed all the same; without them it may simply be left out."""

    zone: ZoneInfo | None = None
    """By whose clocks a time is typed; those of this site where it is left out."""

    unless: tuple[str, Json] | None = None
    """A field of the same round, and the answer to it that makes this question needless."""


@dataclass(frozen=True, slots=True)
class Section:
    """Prompts that are answered once, or round after round until DONE."""

    prompts: tuple[Prompt, ...]
    many: bool = False
    field: str | None = None
    """The list that the rounds become, where they have several prompts."""
    optional: bool = False
    rounds: int | None = None
    """How many rounds there are exactly, where that is known."""
    follows: bool = False
    """Whether it is asked only because of an answer before it."""

    joined: tuple[tuple[str, Json], ...] = ()
    """What goes into each round of a list without being asked."""


@dataclass(frozen=True, slots=True)
class FieldAnswer:
    """An answer: what goes into the request, and what a person is shown of it."""

    value: Json
    shown: str
    key: str = ""
    """What tells two answers of one prompt apart: the same unit twice is one unit."""
    is_doubtful: bool = False
    """Whether a rule is against the value, and it was given again all the same: it is what was seen."""


@dataclass(frozen=True, slots=True)
class WrongAnswer:
    """What was read is not what was asked for."""

    line: str
    advice: str
    grave: bool = False
    """Whether it deserves a STOP, as identity does; a wrong order of scanning or a slip is only looked at."""


@dataclass(frozen=True, slots=True)
class FormSetting:
    """Where a form is filled in: what was scanned, by which protocol, at which station."""

    registry: RegistryState
    station: Station
    zone: ZoneInfo
    now: datetime
    protocol: Protocol | None = None
    step: Step | None = None
    therapy: TherapyState | None = None
    therapies: tuple[TherapyState, ...] = ()
    """Every therapy that has something in the box that was scanned."""
    unit: UnitState | None = None
    box: str | None = None
    opened_box: str | None = None
    """The box out of which all is put into another one."""

    location: str | None = None
    equipment: str | None = None
    """The box, shipper or logger that was scanned."""

    adopted: tuple[Protocol, ...] = ()
    """Where a therapy begins: the newest version of each protocol that it may be pinned to."""

    extra: dict[str, Json] = field(default_factory=dict)
    """Answers that the screen before already knows, such as the event to correct."""
