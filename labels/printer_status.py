"""What a ZPL printer says of itself: the three lines of its answer to ~HS."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

ASK: Final = b"~HS"
ANSWER_MAX: Final = 1024
"""The answer has 82 bytes; a printer that says more is no such printer."""

_LINE: Final = re.compile(rb"\x02([0-9A-Za-z,]*)\x03")
_FIELDS: Final = (12, 11, 2)
"""Fields of the three lines; some printers leave out the last of the third."""

FAULTS: Final = {
    "paper_out": ("is out of labels", "Load labels, close the printer, and look at the last label."),
    "head_open": ("has its head open", "Close the head, and look at the last label."),
    "ribbon_out": ("is out of ribbon", "Load ribbon, and look at the last label."),
    "paused": ("is paused", "Press pause to let it go on, and look at the last label."),
    "memory_lost": ("has lost its memory", "Switch it off and on, and try again."),
    "wrong_temperature": ("is too hot or too cold", "Let it reach its temperature, and try again."),
}
"""By code, what is wrong with the printer and what to do."""


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """One answer: what keeps the printer from printing, and what it still has to print."""

    faults: tuple[str, ...]
    formats_waiting: int
    labels_remaining: int
    is_receiving: bool
    """Whether a format has begun and not ended."""

    @property
    def is_idle(self) -> bool:
        """Whether nothing is left to print."""
        return not (self.formats_waiting or self.labels_remaining or self.is_receiving)


def whole_answer(data: bytes) -> bool:
    """Whether all three lines have come."""
    return len(_LINE.findall(data)) >= len(_FIELDS)


def parse_status(data: bytes) -> PrinterStatus | None:
    """The status in an answer; None for an answer of another form."""
    lines = [line.decode("ascii").split(",") for line in _LINE.findall(data)]
    if len(lines) < len(_FIELDS) or any(
        len(line) < least - 1 for line, least in zip(lines, _FIELDS, strict=False)
    ):
        return None
    first, second = lines[0], lines[1]
    try:
        flags = {
            "paper_out": first[1],
            "paused": first[2],
            "memory_lost": first[9],
            "head_open": second[2],
            "ribbon_out": second[3],
        }
        cold_or_hot = "1" in (first[10], first[11])
        waiting, remaining = int(first[4]), int(second[8])
    except (IndexError, ValueError):
        return None
    # Paper, head and ribbon pause the printer too; they come first because they say why.
    raised = [
        name for name in FAULTS if flags.get(name) == "1" or (name == "wrong_temperature" and cold_or_hot)
    ]
    return PrinterStatus(tuple(raised), waiting, remaining, first[7] == "1")
