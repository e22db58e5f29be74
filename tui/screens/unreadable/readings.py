"""A label that cannot be scanned: what never to do, which copies to try, two people's readings. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from rich.text import Text

from labels.keyed import GROUP, keyed
from labels.reader import read
from schema.errors import BadCode, InputError
from schema.identifiers import PRINTED_LENGTH, copy_ordinal
from schema.vocabulary import LabelState, Reason
from tracker.values import UnitState
from tui.answers import safe
from tui.glyphs import BAD, LOOK, TO_COME
from tui.language import named, tr
from tui.shown_codes import in_sentence

FAILURES_MAX: Final = 3
"""Readings that failed before quality is called: more of them are guessing."""

ESCALATION: Final = tr("Put it back into the cold and call quality. If it happened anyway: F11 on the step.")


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why a label cannot be scanned, and what helps."""

    words: str
    reason: Reason
    advice: str


HINDRANCES: Final = (
    Hindrance(
        tr("Frost or ice is on the label"),
        Reason.LABEL_UNREADABLE,
        tr("NEVER scrape, rub, wipe, breathe on or warm it: keep it in the cold. Turn it; tilt the light."),
    ),
    Hindrance(
        tr("The label is torn, smeared or faded"),
        Reason.LABEL_DAMAGED,
        tr("Do not repair or smooth it: what looks like a line may be a tear."),
    ),
    Hindrance(
        tr("The scanner does not work"),
        Reason.SCANNER_FAILED,
        tr("Try the scanner of the next station first; change its battery or plug it in again."),
    ),
    Hindrance(
        tr("No copy of the label can be reached"),
        Reason.LABEL_UNREADABLE,
        tr("Do not open a sealed bag or cassette to reach one."),
    ),
)


class ReadingStage(Enum):
    """What the dialog asks for now."""

    REASON = auto()
    COPIES = auto()
    FIRST = auto()
    SECOND = auto()


@dataclass(slots=True)
class BlindReading:
    """Two people's readings of one label, the second of whom does not see the first."""

    stage: ReadingStage = ReadingStage.REASON
    hindrance: Hindrance | None = None
    first: str = ""
    failures: int = 0

    def take(self, typed: str) -> str | None:
        """One reading; gives the code when both agree. Raises InputError for one that cannot be right."""
        text = _bare(typed)
        try:
            read(keyed(text).text)
        except BadCode as error:
            self._failed()
            raise InputError(
                error.message, remedy=tr("Read it again from the label, group by group.")
            ) from error
        if self.stage is ReadingStage.FIRST:
            self.first, self.stage = text, ReadingStage.SECOND
            return None
        if text == self.first:
            return text
        places = ", ".join(str(place) for place in differences(self.first, text))
        self._failed()
        raise InputError(
            tr("The two readings differ at character {places}: nothing was taken.", places=places),
            remedy=tr("The first person reads it again from the label; do not settle it by talking."),
        )

    def _failed(self) -> None:
        self.failures += 1
        self.first, self.stage = "", ReadingStage.FIRST


def _bare(typed: str) -> str:
    """Without the spaces between groups; a foreign code may have spaces that belong to it."""
    joined = typed.strip().replace(" ", "")
    return joined if len(joined) == PRINTED_LENGTH and joined.upper().startswith("CT") else typed.strip()


def differences(one: str, other: str) -> tuple[int, ...]:
    """Where two readings differ, counted from 1; lengths count too."""
    length = max(len(one), len(other))
    return tuple(place + 1 for place in range(length) if one[place : place + 1] != other[place : place + 1])


def other_copies(unit: UnitState | None) -> Iterator[str]:
    """What else bears a code of the same unit."""
    if unit is None:
        return
    if unit.cassette is not None:
        yield tr("the label on its cassette {cassette}", cassette=unit.cassette)
    applied = [letter for letter, state in unit.labels.items() if state is LabelState.APPLIED]
    for letter in applied:
        yield tr(
            "copy {letter} of the label of {unit}: on the bag or its tie-tag",
            letter=copy_ordinal(unit.unit, letter),
            unit=unit.unit,
        )
    for code in unit.adopted:
        yield tr(
            "the {type} {code} of {issuer}",
            type=named(code.type.value),
            code=safe(code.value),
            issuer=code.issuer,
        )


def stage_title(reading: BlindReading) -> str:
    """Who does what now."""
    return {
        ReadingStage.REASON: "",
        ReadingStage.COPIES: tr("Try the other codes of the same thing first"),
        ReadingStage.FIRST: tr("FIRST PERSON reads the label"),
        ReadingStage.SECOND: tr("SECOND PERSON reads the label"),
    }[reading.stage]


def guide_text(reading: BlindReading, unit: UnitState | None) -> Text:
    """What is done at this stage, whole sentences."""
    text = Text()
    if reading.stage is ReadingStage.COPIES:
        for line in tuple(other_copies(unit)) or (tr("the other labels of the same thing"),):
            text.append(f"{TO_COME} ").append_text(in_sentence(line)).append("\n")
        return text.append(tr("None can be scanned: F10 or DONE. Two people then read the characters."))
    if reading.stage is ReadingStage.FIRST:
        text.append(
            tr(
                "Type the characters under the symbol, in groups of {group} as printed, then Enter.",
                group=GROUP,
            )
        )
        return text.append("\n" + tr("The second person looks away from this screen."), style="muted")
    text.append(tr("Read the label yourself and type it, then Enter."))
    return text.append(
        "\n" + tr("The first reading is not shown; the first person says nothing."), style="muted"
    )


def never_text(reading: BlindReading) -> Text:
    """What would destroy the label, and how many readings have failed."""
    text = Text()
    for one in HINDRANCES if reading.hindrance is None else (reading.hindrance,):
        text.append(f"{one.words}: ", style="muted").append(f"{one.advice}\n")
    if reading.failures >= FAILURES_MAX:
        words = tr("{count} readings failed. {escalation}", count=reading.failures, escalation=ESCALATION)
        text.append(f"{BAD} {words}", style="stop")
    elif reading.failures:
        words = tr("{count} of {limit} readings failed.", count=reading.failures, limit=FAILURES_MAX)
        text.append(f"{LOOK} {words}", style="check")
    text.rstrip()
    return text
