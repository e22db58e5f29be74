"""The scanner card of a shift's start: codes that show how scanner and keyboard are set, and the verdict.

A scan that fails on the floor costs a step; the same fault on the card costs a minute and has a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from labels.frames import shown
from labels.misreads import layout_pairs, untyped

CARD_CODES: Final = {
    "CAPITALS": "SCAN-1-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "SMALL LETTERS": "SCAN-2-abcdefghijklmnopqrstuvwxyz",
    "DIGITS": "SCAN-3-0123456789",
    "SIGNS": "SCAN-4-=&<>%#$()*+,/:;",
    "SEPARATORS": "SCAN-5-\x1dA\x1eB\x04C",
}
"""The signs are those of ISBT 128, the separators GS, RS and EOT those of GS1 and ISO/IEC 15434."""

CARD_VERSION: Final = 1
"""Raised when a code of the card changes: a check names the card it was made with."""

READINGS_MAX: Final = 100
"""A card has five codes; somebody who scans it twenty times over has another problem."""

_AIM: Final = re.compile(r"\A\][A-Za-z][0-9A-Fa-f]")
_SUFFIX: Final = re.compile(r"(?:\r\n|\r|\n|\t)*\Z")
_SUFFIX_NAMES: Final = {"\r": "CR", "\n": "LF", "\r\n": "CR LF", "\t": "Tab"}
_SEPARATORS: Final = {"\x1d": "GS", "\x1e": "RS", "\x04": "EOT"}
_NAMED: Final = re.compile(r"SCAN-5-(.*)A(.*)B(.*)C", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ScannerFault:
    """One thing that is set wrong, with what to do about it."""

    code: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What the card showed."""

    faults: tuple[ScannerFault, ...]
    suffix: str
    """How the scanner ends a scan, such as `CR`; empty when it does not, or not always alike."""
    sends_aim: bool
    """Whether it names the symbology before each code; cartrail reads both."""
    read: frozenset[str] = frozenset()
    """The names of the codes that came, right or recognizably changed."""

    @property
    def passed(self) -> bool:
        """Whether the scanner may be used as it is set."""
        return not self.faults


def judge(readings: Sequence[str]) -> Findings:
    """What is set wrong, from everything the scanner sent for each code of the card, terminators included."""
    scans = [_taken_apart(raw) for raw in readings[:READINGS_MAX]]
    found: list[ScannerFault] = []
    read: set[str] = set()
    strange: list[str] = []
    for text, _, _ in scans:
        names, faults = _judged(text)
        read |= names
        found += faults
        strange += [] if names or not text else [text]
    layout = _layout(strange)
    found += layout or [
        ScannerFault(
            "unknown",
            f"{shown(text)} is not a code of the card.",
            "Scan the codes of the card, and only these.",
        )
        for text in strange
    ]
    found += _suffix_faults([suffix for text, suffix, _ in scans if text])
    if len(readings) > READINGS_MAX:
        found.append(ScannerFault("too_many", f"{len(readings)} scans were given.", "Scan each code once."))
    # With the wrong layout some signs have no key at all, so their code cannot be recognized.
    if not layout:
        found += [
            ScannerFault(
                "not_scanned", f"The code {name} was not read.", "Scan it; if it is silent, clean the window."
            )
            for name in CARD_CODES
            if name not in read
        ]
    kinds = {suffix for text, suffix, _ in scans if text}
    alike = _SUFFIX_NAMES.get(next(iter(kinds)), "") if len(kinds) == 1 else ""
    return Findings(_plainest(found), alike, bool(scans) and all(aim for _, _, aim in scans), frozenset(read))


def _taken_apart(raw: str) -> tuple[str, str, bool]:
    """The code, the terminators after it, and whether an AIM prefix stood before it."""
    match = _SUFFIX.search(raw)
    suffix = match.group() if match else ""
    text = raw[: len(raw) - len(suffix)]
    bare = _AIM.sub("", text, count=1)
    return bare, suffix, bare != text


def _plainest(found: Sequence[ScannerFault]) -> tuple[ScannerFault, ...]:
    """Each fault once; letters of one case only look like caps lock wherever a code has capitals alone."""
    converted = any(fault.code == "case_changed" for fault in found)
    return tuple(fault for fault in dict.fromkeys(found) if not (converted and fault.code == "caps_lock"))


def _judged(text: str) -> tuple[set[str], list[ScannerFault]]:
    """Which codes of the card a text is, and what was done to them on the way."""
    for name, wanted in CARD_CODES.items():
        if text == wanted:
            return {name}, []
    for name, wanted in CARD_CODES.items():
        fault = next(_changes(text, wanted), None)
        if fault is not None:
            return {name}, [fault]
    for name, wanted in CARD_CODES.items():
        fault = next(_changes(text.swapcase(), wanted), None)
        if fault is not None and fault.code not in ("caps_lock", "case_changed"):
            return {name}, [*_changes(wanted.swapcase(), wanted), fault]
    inside = {name for name, wanted in CARD_CODES.items() if wanted in text}
    if len(inside) > 1:
        return inside, [
            ScannerFault(
                "run_together",
                f"{len(inside)} scans came as one: the scanner sends no Enter between them.",
                "Set the scanner to end each scan with Enter (CR).",
            )
        ]
    if inside:
        (name,) = inside
        before, _, after = text.partition(CARD_CODES[name])
        added = f"{shown(before)} before" if before else f"{shown(after)} after"
        remedy = "Take prefix and suffix texts out of the scanner's setting."
        return inside, [ScannerFault("added_characters", f"The scanner sends {added} each code.", remedy)]
    return set(), []


def _changes(text: str, wanted: str) -> Iterator[ScannerFault]:
    """The setting that makes the wanted text into this one, the plainest explanation first."""
    if text == wanted.swapcase():
        yield ScannerFault(
            "caps_lock", "Capitals and small letters come swapped: caps lock is on.", "Turn it off."
        )
    elif text in (wanted.upper(), wanted.lower()):
        sort = "capitals" if text == text.upper() else "small letters"
        remedy = "Turn case conversion off in the scanner's setting."
        yield ScannerFault("case_changed", f"All letters come as {sort}.", remedy)
    elif wanted == CARD_CODES["SEPARATORS"] and _NAMED.fullmatch(text):
        yield _separators(text)
    elif text and text == "".join(char * 2 for char in wanted):
        yield ScannerFault(
            "doubled_characters", "Each character comes twice.", "Use one of the scanner's two connections."
        )
    elif text.startswith(wanted[:7]) and _is_part(text, wanted):
        lost = len(wanted) - len(text)
        yield ScannerFault(
            "lost_characters",
            f"{lost} of {len(wanted)} characters of {shown(printable(wanted))} were lost.",
            "Set a longer pause between characters at the scanner.",
        )


def _layout(texts: Sequence[str]) -> list[ScannerFault]:
    """The pairs of keyboard layouts that explain most of what nothing else explains; several may be equal."""
    explained: dict[tuple[str, str, bool], int] = {}
    for text in texts:
        for scanner, computer in layout_pairs():
            meant = untyped(text, scanner, computer)
            for caps in (False, True):
                if any(_ends_in_a_code(found.swapcase() if caps else found) for found in meant):
                    key = (scanner, computer, caps)
                    explained[key] = explained.get(key, 0) + 1
    best = max(explained.values(), default=0)
    return [
        ScannerFault(
            "keyboard_layout",
            f"The scanner is set to a {scanner} keyboard, the computer to a {computer} one"
            + (", and caps lock is on." if caps else "."),
            "Set both to the same keyboard layout, or the scanner to USB serial.",
        )
        for (scanner, computer, caps), count in explained.items()
        if count == best
    ]


def _ends_in_a_code(text: str) -> bool:
    """Whether a code of the card stands there, with at most what has become of an AIM prefix before it."""
    return any(text.endswith(wanted) and len(text) <= len(wanted) + 3 for wanted in CARD_CODES.values())


def _separators(text: str) -> ScannerFault:
    match = _NAMED.fullmatch(text)
    sent = match.groups() if match else ()
    parts = [
        f"{name} comes as {shown(part)}" if part else f"{name} does not come"
        for (char, name), part in zip(_SEPARATORS.items(), sent, strict=True)
        if part != char
    ]
    remedy = "Set the scanner to send control characters as they are (on a keyboard: Ctrl+], Ctrl+^, Ctrl+D)."
    return ScannerFault("separators", f"{', '.join(parts)}.", remedy)


def _is_part(text: str, wanted: str) -> bool:
    """Whether the text is the wanted one with characters left out."""
    left = iter(wanted)
    return len(text) < len(wanted) and all(char in left for char in text)


def _suffix_faults(suffixes: Sequence[str]) -> Iterator[ScannerFault]:
    if not all(suffixes):
        yield ScannerFault(
            "missing_suffix",
            f"{suffixes.count('')} of {len(suffixes)} scans do not end with Enter.",
            "Set the scanner to end each scan with Enter (CR).",
        )
    if any(suffix and suffix not in _SUFFIX_NAMES for suffix in suffixes):
        yield ScannerFault(
            "doubled_suffix",
            "A scan ends with more than one Enter or Tab.",
            "Set the scanner to end each scan with one Enter (CR).",
        )


def printable(text: str) -> str:
    """A code of the card as it is printed beside its symbol, separators by name."""
    return "".join(f" {_SEPARATORS[char]} " if char in _SEPARATORS else char for char in text)


@dataclass(frozen=True, slots=True)
class CardReading:
    """One scan of the card: everything that came, its terminators included, and whether a hand typed it."""

    raw: str
    typed: bool = False
    """Whether it came no faster than a person types."""


@dataclass(frozen=True, slots=True)
class CardVerdict:
    """What is set wrong, and what could be set better without being wrong."""

    faults: tuple[ScannerFault, ...]
    advice: tuple[ScannerFault, ...]

    @property
    def passed(self) -> bool:
        """Whether the scanner may be used as it is set."""
        return not self.faults


def verdict_of(readings: Sequence[CardReading]) -> CardVerdict:
    """What the scans of the card say of the scanner; no scan at all means that it reads nothing."""
    found = judge([one.raw for one in readings])
    slow = sum(one.typed for one in readings)
    faults = found.faults
    if slow:
        faults = (
            *faults,
            ScannerFault(
                "slow",
                f"{slow} of {len(readings)} codes came as slowly as typed by hand.",
                "Scan them; if you did, take the pause between characters out of the scanner's setting.",
            ),
        )
    return CardVerdict(faults, () if found.sends_aim else (_NO_AIM,))


_NO_AIM = ScannerFault(
    "no_aim_prefix",
    "The scanner does not say which symbology it reads.",
    "Turn its AIM identifiers on: GS1 codes are then told from others by what they are.",
)
