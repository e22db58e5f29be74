"""From single characters to whole scans, without a terminal: what one read is, where it ends, how it came.

A frame ends with its terminator and never by a timeout, so a blocked program cuts and merges nothing. Time
only tells a scanner's hand from a person's; it is when the terminal was read, not when we got to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from schema.errors import BadCode
from schema.identifiers import PRINTED_PATTERN, PrintedCode, parse_printed
from schema.vocabulary import ReadMode

FRAME_LENGTH_MAX: Final = 4096
"""A code of this length fits no symbol that a hand scanner reads; more is a stuck key or a wrong paste."""

PASTE_LENGTH_MAX: Final = 65_536
"""A rack of codes pasted at once stays far below it; beyond it a paste is refused without being looked at."""

SCANNER_GAP: Final = 0.030
"""Median seconds between characters: scanners stay under 0.2 ms, people over 50 ms."""

RUN_GAP: Final = 0.100
"""A pause that no scanner makes inside a code; in a text field it parts the typed from the scanned."""

SCAN_LENGTH_MIN: Final = 6
"""Two quick keys are no scan: what is recognized by its speed has at least this length."""

NO_TEXT: Final = "\ufffd"
"""What stands for bytes that are no text; no code and nothing that people type has it."""

GS: Final = "\x1d"
RS: Final = "\x1e"
EOT: Final = "\x04"
SEPARATORS: Final = frozenset((GS, RS, EOT))

_SEPARATOR_KEYS: Final = {
    # By name, because a terminal with the kitty protocol gives these keys no character.
    "ctrl+right_square_bracket": GS,
    "ctrl+\x1d": GS,
    "ctrl+circumflex_accent": RS,
    "ctrl+\x1e": RS,
    "ctrl+d": EOT,
    "ctrl+\x04": EOT,
}
TERMINATORS: Final = frozenset(("enter", "tab", "ctrl+j"))

_AIM_PREFIX: Final = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_SPOKEN: Final = re.compile(r"[a-z\s]")


@dataclass(frozen=True, slots=True)
class RawScan:
    """One whole read from a scanner, a paste or a person's fingers."""

    text: str
    """Without its terminator, separators kept; empty when the read was too long to keep."""
    mode: ReadMode
    began: float
    """When its first character was read, on the monotonic clock."""
    length: int
    """Of all that was read, also where the text was not kept."""
    ended_by: str = ""
    """The key that ended it, such as `enter`; empty where no key did."""
    again: str | None = None
    """What a second person typed without seeing the first."""

    @property
    def is_overlong(self) -> bool:
        """Whether the read was longer than any code and its text was thrown away."""
        return self.length > FRAME_LENGTH_MAX


def character_of(key: str, character: str | None) -> str | None:
    """The character a key adds to a frame; None for a key that adds none."""
    if key in _SEPARATOR_KEYS:
        return _SEPARATOR_KEYS[key]
    if character is not None and (character in SEPARATORS or character.isprintable()):
        return character
    return None


def without_aim(text: str) -> str:
    """The text without the symbology identifier (ISO/IEC 15424) that a scanner may be set to send first."""
    match = _AIM_PREFIX.match(text)
    return text[match.end() :] if match else text


def has_our_form(text: str) -> bool:
    """Whether the text looks like a printed code of ours, even misread or in the wrong case.

    A password of this form cannot be used, which is the price of never taking a badge for one.
    """
    return PRINTED_PATTERN.fullmatch(without_aim(text.strip()).upper()) is not None


def printed_code(text: str) -> PrintedCode | None:
    """The printed code of ours that was read, with or without a symbology identifier; None for all else."""
    try:
        return parse_printed(without_aim(text))
    except BadCode:
        return None


def is_for_capture(scan: RawScan, *, is_secret: bool) -> bool:
    """Whether a frame that ended while a text field had the focus is a scan and not text for the field.

    Speed alone proves nothing: a slow line delivers a typed remark in one piece; password stores type fast.
    """
    if scan.is_overlong or has_our_form(scan.text):
        return True
    if not SEPARATORS.isdisjoint(scan.text):
        # A slip onto Ctrl+] while typing a password must not bring the password to the screen.
        return not (is_secret and scan.mode is ReadMode.MANUAL)
    if scan.mode is not ReadMode.SCANNED:
        return False
    if _AIM_PREFIX.match(scan.text):
        return True
    return not is_secret and _SPOKEN.search(scan.text) is None


def pasted(text: str, *, at: float) -> tuple[RawScan, ...]:
    """The frames of one paste; a paste beyond any rack of codes is one overlong scan, unread."""
    if len(text) > PASTE_LENGTH_MAX:
        return (RawScan("", ReadMode.PASTED, at, len(text)),)
    # Not splitlines: Python counts the separators FS, GS and RS among the line ends.
    frames = (frame for frame in re.split(r"[\r\n\t]", text) if frame)
    return tuple(
        RawScan(frame if len(frame) <= FRAME_LENGTH_MAX else "", ReadMode.PASTED, at, len(frame))
        for frame in frames
    )


@dataclass(slots=True)
class ScanFrame:
    """The characters read since the last terminator."""

    _characters: list[str] = field(default_factory=list)
    _gaps: list[float] = field(default_factory=list)
    _began: float = 0.0
    _last: float = 0.0
    _dropped: int = 0
    _run_begins: int = 0
    """Where the characters after the last pause begin."""
    _run_began: float = 0.0

    def __bool__(self) -> bool:
        return bool(self._characters)

    @property
    def text(self) -> str:
        """What has been read so far."""
        return "".join(self._characters)

    def is_broken_off(self, at: float) -> bool:
        """Whether so long has passed since the last character that a new one is by another hand."""
        return bool(self) and at - self._last > RUN_GAP

    def add(self, character: str, at: float) -> None:
        """One more character, read at this time; beyond the limit it is counted and not kept."""
        if not self._characters:
            self._began = at
        elif len(self._characters) < FRAME_LENGTH_MAX:
            self._gaps.append(at - self._last)
            if at - self._last > RUN_GAP:
                self._run_begins, self._run_began = len(self._characters), at
        self._last = at
        if len(self._characters) < FRAME_LENGTH_MAX:
            self._characters.append(character)
        else:
            self._dropped += 1

    @property
    def is_full(self) -> bool:
        """Whether a further character would not be kept."""
        return len(self._characters) >= FRAME_LENGTH_MAX

    def erase(self) -> None:
        """Take back the last character, as a person does who mistyped."""
        if self._characters:
            self._characters.pop()
        if self._gaps:
            self._gaps.pop()

    def clear(self) -> None:
        """Forget everything read since the last terminator."""
        self._characters.clear()
        self._gaps.clear()
        self._dropped = self._run_begins = 0

    def finish(self) -> RawScan:
        """The frame as a scan, at its terminator; the frame is empty afterwards."""
        # Stray keys before the scanner's hand came must not spoil the scan.
        if has_our_form("".join(self._characters[self._run_begins :])):
            self._characters = self._characters[self._run_begins :]
            self._gaps = self._gaps[self._run_begins :]
            self._began = self._run_began if self._run_begins else self._began
        length = len(self._characters) + self._dropped
        is_scanned = length >= SCAN_LENGTH_MIN and median(self._gaps) < SCANNER_GAP
        mode = ReadMode.SCANNED if is_scanned else ReadMode.MANUAL
        scan = RawScan(self.text if not self._dropped else "", mode, self._began, length)
        self.clear()
        return scan
