"""What a downtime form says: the steps that remain of a therapy, to be written by pen meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from labels.wording import check_code, check_given, check_id, check_texts
from schema.errors import InputError, OtherLog
from schema.papercodes import parse_head
from schema.vocabulary import ObjectType, Purpose

FORM_PAPERS: Final = ("A4", "Letter")

SIDES: Final = ("GIVER", "RECEIVER")
CONDITIONS: Final = ("in order", "not in order")
"""Of seal, display and hold time; each side marks what it has seen."""

NO_FORM_HEAD: Final = "No log head yet: this form was printed before the first checkpoint."

RULES: Final = (
    "Write in ink, at once, one block for each step, in order of time. Strike errors out once; initial them.",
    "Local time, 24 hours, with the offset from UTC; correct the printed one where it differs.",
    "Compare each code with the label in your hand, then copy what you read, character by character.",
    "A handoff is signed by both: box, seal, parties, condition, display, times. Unsigned, custody stays.",
    "It differs in one character: stop, write down what you read, call quality.",
    "Two people where two are asked. Both write staff id and initials themselves.",
    "Never write a patient's name. Wristband numbers stand in their boxes only.",
    "When systems are back: enter every step, scan this paper, attach it. Unused: destroy it before two.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormCode:
    """A code to compare at a step; one that is not known yet is only copied in."""

    what: str
    code: str = ""
    """The printed code that has to be read there, in letters only: a paper must not be scanned for a bag."""

    free: bool = False
    """A code of others, of any length and characters: one long box in place of single ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormChoice:
    """Something to decide, by marking one of several boxes."""

    what: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormStep:
    """One step as it is written down by hand."""

    title: str
    who: str = ""
    where: str = ""
    offset: str = ""
    """The printed offset of the place; empty where it is not known before."""

    witness: str = ""
    """What the second person signs as; empty where one is enough."""

    codes: tuple[FormCode, ...] = ()
    boxes: tuple[str, ...] = ()
    choices: tuple[FormChoice, ...] = ()
    limits: tuple[str, ...] = ()
    is_handoff: bool = False
    """Whether giver and receiver fill it in side by side: party, condition, display, time, signature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DowntimeForm:
    """The paper that stands in for the program; it names no patient, and asks only a receiver's name."""

    name: ClassVar[str] = "downtime form"
    design: ClassVar[str] = "downtime"
    purpose: Purpose
    code: str
    """The printed code of the form itself."""

    coi_code: str
    origin: str
    therapy: str
    site: str
    issued: str
    """When and by whom it was printed."""

    due: str
    """Until when it is entered and back."""

    steps: tuple[FormStep, ...]
    kinds: tuple[str, ...]
    """The kinds of these steps, as they are recorded of the form."""

    head_code: str | None = None

    def __post_init__(self) -> None:
        check_texts(self, self.name)
        check_given(self, self.name, "therapy", "due")
        check_code(self.code, self.purpose, self.name, ObjectType.FORM)
        check_code(self.coi_code, self.purpose, self.name, ObjectType.COI)
        if self.origin.split("/")[:2] != ["cartrail", self.purpose.value]:
            raise OtherLog(f"The form is of a {self.purpose.value} store and names the log {self.origin}.")
        if not self.steps:
            raise InputError("A downtime form needs at least one step; this one has none.")
        for step in self.steps:
            check_given(step, f"{self.name} step", "title")
            for one in step.codes:
                if one.code:
                    check_code(one.code, self.purpose, self.name, *_OWN)
        if self.head_code is not None:
            parse_head(self.head_code).require_origin(self.origin)

    @property
    def form(self) -> str:
        """The id of the form."""
        return check_id(self.code[2:13], self.purpose, self.name, ObjectType.FORM)

    @property
    def symbol_texts(self) -> tuple[str, ...]:
        """Every code that stands on it as a symbol: its own, and the head of the log; none of a thing."""
        return (self.code,) if self.head_code is None else (self.code, self.head_code)


_OWN: Final = (ObjectType.COI, ObjectType.UNIT, ObjectType.CASSETTE)
"""Codes of the therapy itself; what others share is copied in."""
