"""The three answers, OK, CHECK and STOP, as words, shapes, colors and sounds; pure, from values to rich text.

What was scanned stands in a text as it is and is never read as markup: a code may hold `[/]`. What would
steer the terminal is shown by its name or number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest
from textwrap import wrap
from typing import Final, assert_never

from rich.text import Text

from schema.errors import CartrailError
from schema.vocabulary import ReadMode
from tracker.values import Waiting, is_pin
from tui.framing import RawScan
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


@dataclass(frozen=True, slots=True)
class StopAnswer:
    """Everything a person needs who must not go on."""

    line: str
    """What is wrong, in one sentence."""
    expected: str
    read: str
    advice: str

    @property
    def answer(self) -> ShownAnswer:
        """What stays on the screen once the stop has been left."""
        return ShownAnswer(Verdict.STOP, self.line, self.advice)


def ok(line: str, advice: str = "") -> ShownAnswer:
    """The step was taken."""
    return ShownAnswer(Verdict.OK, line, advice)


def check(line: str, advice: str = "") -> ShownAnswer:
    """Nothing is wrong yet, but look: already done, late, not available."""
    return ShownAnswer(Verdict.CHECK, line, advice)


def waited_answer(wait: Waiting | None) -> ShownAnswer | None:
    """What stands in the answer bar while the database does not answer; None where it does."""
    return None if wait is None else check(wait_words(wait), tr("Nothing is lost. Wait."))


def stop_for(error: CartrailError, *, expected: str = "", read: str = "") -> StopAnswer:
    """The stop that an error deserves: its sentence and its remedy."""
    return StopAnswer(error.message, expected, read, error.remedy)


def safe(text: str) -> str:
    """A text from outside without anything that steers a terminal or turns the reading direction."""
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
            "{length} characters, too long for any code ({mode})",
            length=scan.length,
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


def shape(verdict: Verdict) -> tuple[str, str, str]:
    """Three lines with the word in a shape of its own: round, pointed, square; ASCII, for every terminal."""
    match verdict:
        case Verdict.OK:
            return (r"  .--------.  ", r" (    OK    ) ", r"  '--------'  ")
        case Verdict.CHECK:
            return (r"      /\      ", r"  CHECK /!!\  ", r"     /____\   ")
        case Verdict.STOP:
            return (r"  ##########  ", r"  ## STOP ##  ", r"  ##########  ")
        case _:
            assert_never(verdict)


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


def flashes(verdict: Verdict) -> tuple[tuple[float, float], ...]:
    """When the answer is shown in reverse, from and to in seconds: once long, twice, five times quickly."""
    match verdict:
        case Verdict.OK:
            return ((0.0, 0.4),)
        case Verdict.CHECK:
            return ((0.0, 0.2), (0.35, 0.55))
        case Verdict.STOP:
            return tuple((start, start + 0.08) for start in bells(Verdict.STOP))
        case _:
            assert_never(verdict)


ANSWER_LINES_MIN: Final = 3
"""The height of an answer's shape, and so of the shortest answer."""


def answer_text(answer: ShownAnswer, *, number: int, width: int | None = None) -> Text:
    """The last answer, whole, beside its shape; its number tells two equal answers apart."""
    line, advice = safe(answer.line), safe(answer.advice)
    lines, more = [line], [advice] if advice else []
    blank = " " * len(shape(answer.verdict)[0])
    if width is not None:
        room = max(width - len(blank) - _NUMBER_CELLS, 20)
        lines, more = wrap(line, room) or [""], wrap(advice, room) if advice else []
    words = [(text, "bold") for text in lines] + [(text, "") for text in more]
    if len(words) < ANSWER_LINES_MIN:
        words.insert(0, ("", ""))
    words += [("", "")] * (ANSWER_LINES_MIN - len(words))
    text = Text(no_wrap=True, overflow="ellipsis")
    parts = zip_longest(shape(answer.verdict), words, fillvalue=None)
    for index, (part, said) in enumerate(parts):
        text.append("\n" if index else "").append(part or blank, style="bold" if index == 1 else "")
        text.append(f" #{number:<3} " if index == 0 else " " * _NUMBER_CELLS)
        if said is not None:
            text.append(said[0], style=said[1])
    return text


_NUMBER_CELLS: Final = 6
"""What the number of an answer takes between its shape and its words."""

_NAMED: Final = 10
"""The width of a name before what was expected, what was read, what to do."""

_STOP_SIGN: Final = (
    " #####  ######   ####   ##### ",
    "##        ##    ##  ##  ##  ##",
    " ####     ##    ##  ##  ##### ",
    "    ##    ##    ##  ##  ##    ",
    "#####     ##     ####   ##    ",
)


def stop_text(stop: StopAnswer, *, discarded: int, width: int = 72) -> Text:
    """The whole screen of a stop: the word in letters to be read from two meters, then what to do."""
    text = Text()
    for row in _STOP_SIGN:
        text.append(row + "\n", style="bold")
    text.append("\n").append(safe(stop.line), style="bold").append("\n\n")
    for name, value in (
        (tr("EXPECTED"), stop.expected),
        (tr("READ"), stop.read),
        (tr("DO THIS"), stop.advice),
    ):
        if value:
            # Broken here and not by the screen: the lines after the first stay behind their name.
            lines = wrap(safe(value), max(width - _NAMED, 20), break_long_words=True) or [""]
            text.append(f"{name:<{_NAMED - 1}} ", style="bold").append(
                ("\n" + " " * _NAMED).join(lines)
            ).append("\n")
    text.append("\n")
    if discarded:
        one = tr("1 scan was thrown away: nothing is read here.")
        many = tr("{count} scans were thrown away: nothing is read here.", count=discarded)
        text.append((one if discarded == 1 else many) + "\n", style="bold")
    text.append(tr("Press F3 when you have read this."), style="bold")
    return text
