# ruff: noqa: E501  (a row is read as one line)
"""What the program knows about each kind of step: one row per kind, one column per question.

Where forgetting an answer would permit or hide something, the column has no default and mypy asks for it; where
forgetting refuses, it has one. The rules, the board, the forms and the exports read these rows; what a protocol may
say for itself (order, roles, signatures, place) is not here. A relation between two kinds stays with its rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from tracker.concerns import Concern


class About(Enum):
    """What the step is asked of."""

    UNIT = 1
    """Of a unit in the hand."""

    THERAPY = 2
    """Of the therapy."""

    EITHER = 3
    """Of a unit as well as of the therapy."""


class Board(Enum):
    """Whether the board shows it as the last step of the therapy."""

    PROGRESS = 1
    """The therapy has come so far."""

    ASIDE = 2
    """No progress: the board keeps showing the step before it."""


class Needs(Enum):
    """What state therapy and unit must be in."""

    EVER = 1
    """Also a canceled therapy and an expired unit."""

    RUNNING = 2
    """A therapy that was not canceled, and nothing that expired."""

    SOUND = 3
    """The same, and no protocol may let it pass a quarantine."""


class People(Enum):
    """How many people stand behind it, and whether they must be there."""

    ONE = 1
    """As many as the protocol asks."""

    HERE = 2
    """Those whose passwords are typed at the terminal: none from a file."""

    TWO = 3
    """At least two, whatever the protocol says."""

    TWO_HERE = 4
    """At least two, each at the terminal."""


class Label(Enum):
    """What it has to do with the label on the container."""

    ANY = 1
    """Nothing: what is scanned must only be a valid copy."""

    FIRST = 2
    """The container bears a label that was scanned back (FACT CM7), or its maker's where the protocol says so."""

    ITSELF = 3
    """It is done to the copy that is scanned, of the unit or of its cassette."""


class Page(Enum):
    """Whether page one of the report lists it."""

    PAGE = 1
    """It puts units into somebody's hands, or ends them."""

    OFF = 2
    """It stands in the timeline alone."""


class Paper(Enum):
    """Whether a downtime form has a block for it."""

    PLANNED = 1
    """Where the protocol asks for it."""

    ALWAYS = 2
    """Also where the protocol calls it optional: it always comes up."""

    NEVER = 3
    """It waits for the program, or is a mark within another step's block."""


class Moves(Enum):
    """What it does to where the unit is."""

    STAYS = 1
    """Nothing."""

    FILLED = 2
    """The unit is filled into its container."""

    OUT = 3
    """It comes out of storage."""

    AWAY = 4
    """It goes into a place, into a box or into the thaw: it is out of storage no longer."""

    TAKEN = 5
    """A receiver takes it over."""

    OPENED = 6
    """It comes out of the box in which it travelled."""


class Box(Enum):
    """What a closed box around the unit means for it."""

    OUTSIDE = 1
    """The unit has to be out of the box."""

    INSIDE = 2
    """It goes on inside: a decision over the unit, or a word about it."""

    BY_CODE = 3
    """It goes on inside, and is done by the code of the box."""

    ONLY = 4
    """It is done by the code of the box, and without a box it is no step."""


class Handoff(Enum):
    """What a handoff that nobody has answered yet means for it."""

    BLOCKS = 1
    """It waits until the handoff is answered or ended."""

    GOES_ON = 2
    """It does not wait: a decision of quality, or a word about the unit."""

    TRIES = 3
    """It says that the handoff was tried and nobody answered."""

    ANSWERS = 4
    """It is the answer, and without an open handoff it is no step."""


class Outside(Enum):
    """Whether it may be recorded although a rule forbids it."""

    FACT = 1
    """It can have happened all the same, and is then recorded with its mark."""

    DECISION = 2
    """Without its authority it is none: what a rule forbids is refused, whatever is declared."""


@dataclass(frozen=True, slots=True)
class StepKind:
    """The answers for one kind of step."""

    about: About
    board: Board
    needs: Needs
    people: People
    label: Label
    page: Page
    paper: Paper
    moves: Moves
    outside: Outside
    concern: Concern
    """Under which check page one lists it, or why under none."""

    box: Box = Box.OUTSIDE
    handoff: Handoff = Handoff.BLOCKS
    ended: bool = False
    """Whether a unit that has its final disposition may still take it."""

    fresh: bool = False
    """Whether the code must be scanned at this step, so that an earlier scan does not count."""

    after_close: bool = False
    """Whether it is still done when the therapy is closed: what is looked into afterwards."""


@dataclass(frozen=True, slots=True)
class Beside:
    """The answers for a kind that is a step of no protocol."""

    outside: Outside
    concern: Concern
    only_said: bool = False
    """Whether it only says something: no fact of a unit or therapy, and no sign that the therapy goes on."""


UNIT, THERAPY, EITHER = About
PROGRESS, ASIDE = Board
EVER, RUNNING, SOUND = Needs
ONE, HERE, TWO, TWO_HERE = People
ANY, FIRST, ITSELF = Label
PAGE, OFF = Page
PLANNED, ALWAYS, NEVER = Paper
STAYS, FILLED, OUT, AWAY, TAKEN, OPENED = Moves
FACT, DECISION = Outside
OUTSIDE, INSIDE, BY_CODE, ONLY = Box
BLOCKS, GOES_ON, TRIES, ANSWERS = Handoff

# fmt: off
STEP_KINDS: Final[Mapping[str, StepKind]] = MappingProxyType({
    # about, board, needs, people, label, page, paper, moves, outside, concern; then what forgetting would refuse
    "enrolled": StepKind(UNIT, PROGRESS, EVER, ONE, ANY, OFF, NEVER, STAYS, DECISION, Concern.PLANNED),
    "code_adopted": StepKind(THERAPY, ASIDE, EVER, ONE, ANY, OFF, NEVER, STAYS, FACT, Concern.PAPERWORK, box=INSIDE, handoff=GOES_ON, ended=True),
    "codes_bound": StepKind(EITHER, ASIDE, EVER, ONE, ANY, OFF, PLANNED, STAYS, FACT, Concern.PAPERWORK, box=INSIDE, handoff=GOES_ON, ended=True),
    "patient_identified": StepKind(THERAPY, PROGRESS, EVER, TWO, ANY, OFF, PLANNED, STAYS, FACT, Concern.PLANNED),
    "unit_registered": StepKind(THERAPY, PROGRESS, EVER, ONE, ANY, OFF, PLANNED, STAYS, FACT, Concern.PLANNED),
    "label_applied": StepKind(UNIT, PROGRESS, EVER, ONE, ITSELF, OFF, PLANNED, STAYS, FACT, Concern.PAPERWORK, fresh=True),
    "label_superseded": StepKind(UNIT, PROGRESS, EVER, ONE, ITSELF, OFF, PLANNED, STAYS, FACT, Concern.PAPERWORK),
    "label_voided": StepKind(THERAPY, ASIDE, EVER, ONE, ANY, OFF, PLANNED, STAYS, FACT, Concern.PAPERWORK),
    "labels_destroyed": StepKind(THERAPY, ASIDE, EVER, ONE, ANY, OFF, PLANNED, STAYS, FACT, Concern.PAPERWORK),
    "labels_reconciled": StepKind(THERAPY, ASIDE, EVER, ONE, ANY, OFF, PLANNED, STAYS, FACT, Concern.PAPERWORK),
    "cassette_bound": StepKind(UNIT, PROGRESS, EVER, ONE, FIRST, OFF, PLANNED, STAYS, FACT, Concern.PLANNED, fresh=True),
    "pre_thaw_matched": StepKind(UNIT, PROGRESS, EVER, TWO, ANY, OFF, PLANNED, STAYS, FACT, Concern.PLANNED),
    "bag_matched": StepKind(UNIT, PROGRESS, EVER, ONE, ANY, OFF, PLANNED, STAYS, FACT, Concern.PLANNED),
    "bedside_matched": StepKind(UNIT, PROGRESS, EVER, TWO, ANY, OFF, PLANNED, STAYS, FACT, Concern.PLANNED),
    "protocol_repinned": StepKind(THERAPY, PROGRESS, EVER, ONE, ANY, OFF, PLANNED, STAYS, DECISION, Concern.CHANGED_COURSE),
    "corrected": StepKind(THERAPY, ASIDE, EVER, ONE, ANY, OFF, PLANNED, STAYS, DECISION, Concern.CORRECTIONS, handoff=GOES_ON, ended=True, after_close=True),
    "canceled": StepKind(THERAPY, PROGRESS, EVER, ONE, ANY, OFF, PLANNED, STAYS, DECISION, Concern.ENDED_EARLY),
    "closed": StepKind(THERAPY, PROGRESS, EVER, ONE, ANY, OFF, NEVER, STAYS, DECISION, Concern.PLANNED, handoff=GOES_ON, ended=True),
    "deviation_opened": StepKind(THERAPY, ASIDE, EVER, ONE, ANY, OFF, PLANNED, STAYS, FACT, Concern.DEVIATIONS, box=INSIDE, handoff=GOES_ON, ended=True, after_close=True),
    "deviation_assessed": StepKind(THERAPY, ASIDE, EVER, ONE, ANY, OFF, NEVER, STAYS, DECISION, Concern.DEVIATIONS, box=INSIDE, handoff=GOES_ON, ended=True, after_close=True),
    "deviation_closed": StepKind(THERAPY, ASIDE, EVER, ONE, ANY, OFF, NEVER, STAYS, DECISION, Concern.DEVIATIONS, box=INSIDE, handoff=GOES_ON, ended=True, after_close=True),
    "stored": StepKind(UNIT, PROGRESS, EVER, ONE, ANY, PAGE, ALWAYS, AWAY, FACT, Concern.PLANNED),
    "retrieved": StepKind(UNIT, PROGRESS, EVER, ONE, ANY, PAGE, ALWAYS, OUT, FACT, Concern.PLANNED),
    "packed": StepKind(UNIT, PROGRESS, EVER, TWO, ANY, OFF, PLANNED, AWAY, FACT, Concern.PLANNED),
    "relinquished": StepKind(UNIT, PROGRESS, EVER, ONE, ANY, PAGE, ALWAYS, STAYS, FACT, Concern.PLANNED, box=BY_CODE),
    "accepted": StepKind(UNIT, PROGRESS, EVER, ONE, ANY, PAGE, ALWAYS, TAKEN, FACT, Concern.PLANNED, box=BY_CODE, handoff=ANSWERS),
    "partly_accepted": StepKind(UNIT, PROGRESS, EVER, ONE, ANY, PAGE, PLANNED, TAKEN, FACT, Concern.NOT_TAKEN, box=INSIDE, handoff=ANSWERS),
    "refused": StepKind(UNIT, PROGRESS, EVER, ONE, ANY, PAGE, PLANNED, STAYS, FACT, Concern.NOT_TAKEN, box=BY_CODE, handoff=ANSWERS),
    "lapsed": StepKind(UNIT, PROGRESS, EVER, ONE, ANY, PAGE, PLANNED, STAYS, FACT, Concern.NOT_TAKEN, box=BY_CODE, handoff=ANSWERS),
    "delivery_attempted": StepKind(UNIT, PROGRESS, EVER, ONE, ANY, OFF, PLANNED, STAYS, FACT, Concern.NOT_TAKEN, box=ONLY, handoff=TRIES),
    "diverted": StepKind(UNIT, PROGRESS, EVER, ONE, ANY, OFF, PLANNED, STAYS, FACT, Concern.NOT_TAKEN, box=ONLY),
    "inspected": StepKind(UNIT, PROGRESS, EVER, ONE, ANY, OFF, PLANNED, OPENED, FACT, Concern.PLANNED, box=BY_CODE),
    "unpacked": StepKind(UNIT, PROGRESS, EVER, ONE, ANY, OFF, PLANNED, STAYS, FACT, Concern.CHANGED_COURSE, box=ONLY),
    "collection_started": StepKind(UNIT, PROGRESS, RUNNING, ONE, FIRST, OFF, PLANNED, STAYS, FACT, Concern.PLANNED),
    "collected": StepKind(UNIT, PROGRESS, EVER, ONE, FIRST, PAGE, PLANNED, FILLED, FACT, Concern.PLANNED),
    "cryopreserved": StepKind(UNIT, PROGRESS, EVER, ONE, FIRST, OFF, PLANNED, STAYS, FACT, Concern.PLANNED),
    "manufacturing_started": StepKind(UNIT, PROGRESS, SOUND, ONE, ANY, OFF, PLANNED, STAYS, FACT, Concern.PLANNED),
    "step_performed": StepKind(UNIT, PROGRESS, RUNNING, ONE, ANY, OFF, PLANNED, STAYS, FACT, Concern.PLANNED),
    "manufactured": StepKind(UNIT, PROGRESS, EVER, ONE, ANY, PAGE, PLANNED, FILLED, FACT, Concern.PLANNED),
    "manufacturing_failed": StepKind(THERAPY, PROGRESS, RUNNING, TWO, ANY, OFF, NEVER, STAYS, DECISION, Concern.OUT_OF_SPECIFICATION, box=INSIDE, handoff=GOES_ON),
    "tested": StepKind(THERAPY, PROGRESS, EVER, ONE, ANY, OFF, PLANNED, STAYS, DECISION, Concern.PLANNED, after_close=True),
    "results_reviewed": StepKind(THERAPY, PROGRESS, EVER, ONE, ANY, OFF, NEVER, STAYS, DECISION, Concern.PLANNED),
    "released": StepKind(UNIT, PROGRESS, SOUND, HERE, ANY, OFF, PLANNED, STAYS, DECISION, Concern.PLANNED),
    "released_out_of_specification": StepKind(UNIT, PROGRESS, SOUND, TWO_HERE, ANY, OFF, NEVER, STAYS, DECISION, Concern.OUT_OF_SPECIFICATION),
    "rejected": StepKind(UNIT, PROGRESS, EVER, ONE, ANY, OFF, PLANNED, STAYS, DECISION, Concern.OUT_OF_SPECIFICATION, box=INSIDE, handoff=GOES_ON),
    "quarantined": StepKind(UNIT, PROGRESS, EVER, ONE, ANY, OFF, PLANNED, STAYS, FACT, Concern.QUARANTINES, box=INSIDE, handoff=GOES_ON),
    "quarantine_lifted": StepKind(UNIT, PROGRESS, EVER, ONE, ANY, OFF, PLANNED, STAYS, DECISION, Concern.QUARANTINES, box=INSIDE, handoff=GOES_ON),
    "dose_set": StepKind(THERAPY, ASIDE, RUNNING, TWO, ANY, OFF, NEVER, STAYS, DECISION, Concern.PLANNED, box=INSIDE, handoff=GOES_ON),
    "lymphodepletion_started": StepKind(THERAPY, PROGRESS, RUNNING, ONE, ANY, OFF, PLANNED, STAYS, FACT, Concern.PLANNED),
    "thaw_started": StepKind(UNIT, PROGRESS, SOUND, ONE, ANY, OFF, PLANNED, AWAY, FACT, Concern.PLANNED),
    "thaw_ended": StepKind(UNIT, PROGRESS, EVER, ONE, ANY, OFF, PLANNED, STAYS, FACT, Concern.PLANNED),
    "infusion_started": StepKind(UNIT, PROGRESS, SOUND, HERE, ANY, OFF, PLANNED, STAYS, FACT, Concern.PLANNED),
    "infusion_stopped": StepKind(UNIT, PROGRESS, EVER, HERE, ANY, PAGE, PLANNED, STAYS, FACT, Concern.ENDED_EARLY),
    "infusion_completed": StepKind(UNIT, PROGRESS, EVER, HERE, ANY, PAGE, PLANNED, STAYS, FACT, Concern.PLANNED),
    "toxicity_graded": StepKind(THERAPY, ASIDE, EVER, ONE, ANY, OFF, NEVER, STAYS, DECISION, Concern.PLANNED, box=INSIDE, handoff=GOES_ON, ended=True, after_close=True),
    "medicine_given": StepKind(THERAPY, ASIDE, EVER, ONE, ANY, OFF, NEVER, STAYS, FACT, Concern.PLANNED, box=INSIDE, handoff=GOES_ON, ended=True, after_close=True),
    "outcome_recorded": StepKind(THERAPY, ASIDE, EVER, ONE, ANY, OFF, NEVER, STAYS, DECISION, Concern.PLANNED, box=INSIDE, handoff=GOES_ON, ended=True, after_close=True),
    "destroyed": StepKind(UNIT, PROGRESS, EVER, ONE, ANY, PAGE, PLANNED, STAYS, FACT, Concern.ENDED_EARLY, ended=True),
    "consumed": StepKind(UNIT, PROGRESS, EVER, ONE, ANY, PAGE, PLANNED, STAYS, FACT, Concern.PLANNED),
    "retained": StepKind(UNIT, PROGRESS, EVER, ONE, ANY, PAGE, PLANNED, STAYS, FACT, Concern.PLANNED),
})
# fmt: on
"""By kind, in the order of the journey: what may be done with a closed box is offered in this order."""

BESIDE: Final[Mapping[str, Beside]] = MappingProxyType(
    {
        "conditions_recorded": Beside(DECISION, Concern.DETAIL),
        "alert_acknowledged": Beside(DECISION, Concern.DETAIL, only_said=True),
        "count_found": Beside(FACT, Concern.DETAIL, only_said=True),
        "deviation_drafted": Beside(FACT, Concern.DEVIATIONS),
        "erased": Beside(DECISION, Concern.ERASED),
        "excursion_assessed": Beside(DECISION, Concern.DEVIATIONS),
        "excursion_found": Beside(FACT, Concern.TEMPERATURES),
        "form_issued": Beside(DECISION, Concern.PAPERWORK),
        "form_voided": Beside(FACT, Concern.FORMS),
        "line_cleared": Beside(DECISION, Concern.PAPERWORK),
        "manifest_received": Beside(DECISION, Concern.PAPERWORK),
        "mixup_occurred": Beside(FACT, Concern.MIXUPS),
        "mixup_prevented": Beside(FACT, Concern.MIXUPS),
        "noted": Beside(DECISION, Concern.DETAIL, only_said=True),
        "paper_attached": Beside(FACT, Concern.PAPERWORK),
        "rescheduled": Beside(DECISION, Concern.PLANNED),
        "scheduled": Beside(DECISION, Concern.PLANNED),
        "shipment_booked": Beside(DECISION, Concern.PLANNED),
        "shipment_progress": Beside(FACT, Concern.DETAIL),
        "taken_over": Beside(DECISION, Concern.PAPERWORK),
        "therapy_imported": Beside(DECISION, Concern.BEFORE),
        "trail_reviewed": Beside(DECISION, Concern.PAPERWORK),
        "unit_found": Beside(DECISION, Concern.PAPERWORK),
        "unscheduled": Beside(DECISION, Concern.PLANNED),
    }
)
"""Kinds in the chain of a therapy that are a step of no protocol; none of them is progress.

Each is held to the bound of what is entered from memory, but `therapy_imported`: two people read it off paper.
"""


PROCESS_STEP: Final = "step_performed"
"""The kind of every step of the process; what each is called, its protocol says."""


def row_of(fact: str) -> StepKind:
    """The answers for what a step of a protocol brings: its kind, or the name of a step of the process.

    No protocol gives a step of the process the name of a kind.
    """
    return STEP_KINDS.get(fact, STEP_KINDS[PROCESS_STEP])


def kind_of(fact: str) -> str:
    """The kind of the event that brings it."""
    return fact if fact in STEP_KINDS or fact in BESIDE else PROCESS_STEP


def is_progress(kind: str) -> bool:
    """Whether it is progress of the therapy; kinds beside a protocol never are."""
    row = STEP_KINDS.get(kind)
    return row is not None and row.board is Board.PROGRESS


def is_only_said(kind: str) -> bool:
    """Whether it only says something, so that no rule may see it as done to the therapy or a unit."""
    row = BESIDE.get(kind)
    return row is not None and row.only_said


def is_attended(kind: str) -> bool:
    """Whether its signers are at the terminal: no release or infusion is signed from a file of passwords."""
    row = STEP_KINDS.get(kind)
    return row is not None and row.people in (People.HERE, People.TWO_HERE)


def is_on_page_one(kind: str) -> bool:
    """Whether the one-page form lists it: what puts units into somebody's hands, or ends them."""
    row = STEP_KINDS.get(kind)
    return row is not None and row.page is Page.PAGE


def is_fresh(kind: str) -> bool:
    """Whether its code must be scanned now; False for a kind that is not a step."""
    row = STEP_KINDS.get(kind)
    return row is not None and row.fresh


def by_code_of_box() -> tuple[str, ...]:
    """What is done by the code of a closed box, in the order in which it comes up."""
    return tuple(kind for kind, row in STEP_KINDS.items() if row.box in (Box.BY_CODE, Box.ONLY))


def moves_of(kind: str) -> Moves:
    """What it does to the place of a unit; a kind that is not a step moves nothing."""
    row = STEP_KINDS.get(kind)
    return Moves.STAYS if row is None else row.moves


def needs_of(fact: str) -> Needs:
    """What it needs of the unit and its therapy; a kind that is not a step needs nothing."""
    return Needs.EVER if fact in BESIDE else row_of(fact).needs


def is_decision(kind: str) -> bool:
    """Whether it is never recorded outside the rules; what is no kind of a therapy is administration."""
    row = STEP_KINDS.get(kind)
    if row is not None:
        return row.outside is Outside.DECISION
    beside = BESIDE.get(kind)
    return beside is None or beside.outside is Outside.DECISION


def opens_gates(kind: str) -> bool:
    """Whether later steps build on it: what is only about paper or the shift lets nothing go on."""
    return kind in STEP_KINDS or kind == "mixup_occurred"


def concern_of(kind: str) -> Concern | None:
    """Under which check a kind of a therapy's chain is listed, or why under none; None in the registry."""
    row = STEP_KINDS.get(kind) or BESIDE.get(kind)
    return None if row is None else row.concern
