"""The three answers, OK, CHECK and STOP, as words, shapes and sounds; pure, from values to rich text.

What was scanned stands in a text as it is and is never read as markup: a code may hold `[/]`. What would
steer the terminal is shown by its name or number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from rich.text import Text

from schema.errors import CartrailError, StoreError
from schema.vocabulary import ReadMode
from tracker.values import Waiting, is_pin
from tui.causes import NOT_IN_ORDER, cause_of_error
from tui.framing import FRAME_LENGTH_MAX, RawScan
from tui.glyphs import BAD, DONE, LOOK, WRITING
from tui.language import named, tr
from tui.waits import wait_words

SHOWN_LENGTH_MAX: Final = 60
"""Of a read; longer ones are cut, with their length, so that one read cannot fill the screen."""

_NUMBER: Final = re.compile(r"[+-]?[0-9][0-9 .,:/TZ+-]{0,29}")

_NAMES: Final = {"\x1d": "<GS>", "\x1e": "<RS>", "\x04": "<EOT>", "\x1b": "<ESC>"}


class Verdict(StrEnum):
    """What a person at the scanner needs to know before anything else."""

    OK = "OK"
    CHECK = "CHECK"
    STOP = "STOP"


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """One answer to one scan or command."""

    verdict: Verdict
    line: str
    """What happened, in one sentence with its values."""
    advice: str = ""
    """What to do next."""

    cause: str = ""
    """The word to be read from two meters: of what was signed and written, or of what somebody must decide.
    An answer without one takes a line."""

    about_store: bool = False
    """Whether it goes when the store answers again."""


@dataclass(frozen=True, slots=True)
class StopAnswer:
    """Everything a person needs who must not go on."""

    line: str
    """What is wrong, in one sentence."""
    expected: str
    read: str
    advice: str
    cause: str = NOT_IN_ORDER
    """The word to be read from two meters."""

    about_store: bool = False

    @property
    def answer(self) -> ShownAnswer:
        """What stays on the screen once the stop has been left."""
        return ShownAnswer(Verdict.STOP, self.line, self.advice, about_store=self.about_store)


def ok(line: str, advice: str = "", *, cause: str = "") -> ShownAnswer:
    """The step was taken."""
    return ShownAnswer(Verdict.OK, line, advice, cause)


def check(line: str, advice: str = "", *, cause: str = "", about_store: bool = False) -> ShownAnswer:
    """Nothing is wrong yet, but look: already done, late, not available."""
    return ShownAnswer(Verdict.CHECK, line, advice, cause, about_store)


def waited_answer(wait: Waiting | None) -> ShownAnswer | None:
    """What stands in the answer bar while the database does not answer; None where it does."""
    return None if wait is None else check(wait_words(wait), tr("Nothing is lost. Wait."))


def stop_for(error: CartrailError, *, expected: str = "", read: str = "") -> StopAnswer:
    """The stop that an error deserves: its sentence and its remedy."""
    is_store = isinstance(error, StoreError)
    return StopAnswer(
        error.message, expected, read, error.remedy, cause_of_error(error), about_store=is_store
    )


def safe(text: str) -> str:
    """A text from outside without anything that steers a terminal or turns the reading direction."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _NAMES.get(char, f"<{ord(char):02x}>") for char in text)


def shown(text: str) -> str:
    """A read made safe and short: separators by name, other unprintable characters by number."""
    clean = safe(text[:SHOWN_LENGTH_MAX])
    return (
        clean
        if len(text) <= SHOWN_LENGTH_MAX
        else tr("{clean} ... ({count} characters)", clean=clean, count=len(text))
    )


def said_back(text: str) -> str:
    """A typed answer in a sentence about it: a number or time as it is, anything else as "That".

    What was typed at the wrong place can be a password or a PIN, and others see the screen.
    """
    is_number = _NUMBER.fullmatch(text) is not None and not is_pin(text)
    return text if is_number else tr("That")


def is_like_a_code(text: str) -> bool:
    """Whether a typed text may be shown beside a label: it has digits, and no word of small letters."""
    has_words = any(part.isalpha() and part.islower() for part in text.split())
    return any(char.isdigit() for char in text) and not has_words and not is_pin(text.strip())


def shown_read(scan: RawScan) -> str:
    """What was read and how, for a person to compare with the label; never what may be a typed password."""
    if scan.mode is ReadMode.MANUAL and not scan.is_overlong and not is_like_a_code(scan.text):
        mode = named(scan.mode.value)
        many = tr("{length} characters ({mode})", length=scan.length, mode=mode)
        return tr("1 character ({mode})", mode=mode) if scan.length == 1 else many
    if scan.is_overlong:
        return tr(
            "more than {length} characters, too long for any code ({mode})",
            length=FRAME_LENGTH_MAX,
            mode=named(scan.mode.value),
        )
    return f"{shown(scan.text)} ({named(scan.mode.value)})"


def read_words(read: str, carrier: str) -> str:
    """What a rule compared, with what it was read off."""
    return (
        tr("{read}, off the {carrier}", read=shown(read), carrier=named(carrier))
        if read and carrier
        else read
    )


def mark(verdict: Verdict) -> str:
    """The shape before the word, in a line."""
    match verdict:
        case Verdict.OK:
            return DONE
        case Verdict.CHECK:
            return LOOK
        case Verdict.STOP:
            return BAD
        case _:
            assert_never(verdict)


def shape(verdict: Verdict) -> tuple[str, ...]:
    """Five lines of the band: a disc, a triangle, a square with a bar cut out; no color needed."""
    match verdict:
        case Verdict.OK:
            rows = "  ######  ", "##########", "##########", "##########", "  ######  "
        case Verdict.CHECK:
            rows = "    ##    ", "   ####   ", "  ######  ", " ######## ", "##########"
        case Verdict.STOP:
            rows = "##########", "##########", "##      ##", "##########", "##########"
        case _:
            assert_never(verdict)
    return tuple(row.replace("#", "\u2588") for row in rows)


_BAND_LETTERS: Final = {
    "C": (" ####", "#    ", "#    ", "#    ", " ####"),
    "E": ("#####", "#    ", "#### ", "#    ", "#####"),
    "H": ("#   #", "#   #", "#####", "#   #", "#   #"),
    "K": ("#   #", "#  # ", "###  ", "#  # ", "#   #"),
    "O": (" ### ", "#   #", "#   #", "#   #", " ### "),
    "P": ("#### ", "#   #", "#### ", "#    ", "#    "),
    "S": (" ####", "#    ", " ### ", "    #", "#### "),
    "T": ("#####", "  #  ", "  #  ", "  #  ", "  #  "),
}
"""The letters of the three words; each dot is two cells wide."""

BAND_LINES: Final = 7


def band_lines(verdict: Verdict, width: int) -> tuple[str, ...]:
    """Shape and word of a verdict, with a margin above and below; each line as wide as the window."""
    rows = [""]
    for index, part in enumerate(shape(verdict)):
        letters = ("".join(dot * 2 for dot in _BAND_LETTERS[char][index]) for char in verdict.value)
        rows.append(f"    {part}     " + "  ".join(letters).replace("#", "\u2588"))
    return tuple(row[:width].ljust(width) for row in (*rows, ""))


def bells(verdict: Verdict) -> tuple[float, ...]:
    """When to ring, in seconds from now: once, twice, or five times in a row; an error is never silent."""
    match verdict:
        case Verdict.OK:
            return (0.0,)
        case Verdict.CHECK:
            return (0.0, 0.35)
        case Verdict.STOP:
            return (0.0, 0.15, 0.3, 0.45, 0.6)
        case _:
            assert_never(verdict)


def writing_text() -> Text:
    """What stands there from the signature to the answer of the store."""
    return Text(f"\u258c {WRITING} " + tr("Being written ..."), style="bold")


def differing(expected: str, read: str) -> Text:
    """What was read, with the characters that are not those expected in reverse."""
    text = Text(read)
    if len(expected) == len(read):
        for index, (one, other) in enumerate(zip(expected, read, strict=True)):
            if one != other:
                text.stylize("reverse", index, index + 1)
    return text


def stop_words(stop: StopAnswer, *, call: str = "", discarded: int) -> Text:
    """What is wrong and what to do, below the band."""
    text = Text(safe(stop.line) + "\n")
    if stop.advice:
        text.append(safe(stop.advice) + "\n", style="bold")
    if call:
        text.append(safe(call) + "\n")
    if discarded:
        one = tr("1 scan was thrown away: nothing is read here.")
        many = tr("{count} scans were thrown away: nothing is read here.", count=discarded)
        text.append(one if discarded == 1 else many, style="muted")
    return text
