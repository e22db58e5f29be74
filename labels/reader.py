"""What was read: one raw scan as a typed reading, or a BadCode that says why not. Nothing is guessed.

Imported by `cartrail scan`, so nothing here may import a renderer, a decoder, a database or pydantic.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from labels.frames import SymbolText, framed
from labels.gs1 import Gs1Message, parse_gs1
from labels.isbt.message import IsbtMessage, parse_isbt
from labels.isbt.values import din_as_printed
from labels.misreads import explain, explain_foreign, explain_joined, parse_own
from schema.errors import BadCode
from schema.identifiers import PrintedCode
from schema.papercodes import HeadCode, ReceiptCode


class ReadingKind(StrEnum):
    """The families of codes that the reader tells apart."""

    OBJECT = "object"
    COMMAND = "command"
    HEAD = "head"
    RECEIPT = "receipt"
    ISBT = "isbt"
    GS1 = "gs1"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class ForeignCode:
    """Somebody else's code, kept exactly; it may have been adopted for an object."""

    text: str


ReadContent = PrintedCode | HeadCode | ReceiptCode | IsbtMessage | Gs1Message | ForeignCode


@dataclass(frozen=True, slots=True)
class Reading:
    """One scan and what it said."""

    raw: str
    """Everything the scanner sent, terminator included."""
    text: str
    """The characters of the symbol: no AIM prefix, no terminator."""
    aim: str | None
    """The AIM identifier of the symbology, such as `]Q1`, where the scanner sends it."""
    content: ReadContent

    @property
    def kind(self) -> ReadingKind:
        """The family of the code."""
        if isinstance(self.content, PrintedCode):
            return ReadingKind.COMMAND if self.content.command else ReadingKind.OBJECT
        return _KINDS[type(self.content)]

    @property
    def printed(self) -> PrintedCode | None:
        """The object or command code, None when another kind of code was read."""
        return self.content if isinstance(self.content, PrintedCode) else None

    @property
    def is_ours(self) -> bool:
        """Whether cartrail printed the code; such a frame is never taken as a password."""
        return self.kind not in (ReadingKind.ISBT, ReadingKind.GS1, ReadingKind.FOREIGN)


_KINDS: Final[dict[type, ReadingKind]] = {
    HeadCode: ReadingKind.HEAD,
    ReceiptCode: ReadingKind.RECEIPT,
    IsbtMessage: ReadingKind.ISBT,
    Gs1Message: ReadingKind.GS1,
    ForeignCode: ReadingKind.FOREIGN,
}


def read(raw: str) -> Reading:
    """The reading of a raw scan; raises BadCode for what is empty, too long, damaged or joined."""
    frame = framed(raw)
    number = din_as_printed(frame.text)
    if number is not None:
        # One form for one number: that of its symbol, however it came.
        frame = SymbolText(f"={number}00", frame.aim)
    return Reading(raw, frame.text, frame.aim, _content(frame))


def _content(frame: SymbolText) -> ReadContent:
    text = frame.text
    try:
        content = parse_own(text)
        if content is not None:
            return content
        theirs = parse_isbt(text) or parse_gs1(text, frame.aim)
    except BadCode as error:
        # A swapped case or a second scan explains more than the wrong check character that comes of it.
        raise explain(text, frame.aim) or error from error
    if theirs is None:
        fault = explain(text, frame.aim) or explain_foreign(text)
    else:
        fault = explain_joined(text, frame.aim)
    if fault is not None:
        raise fault
    return theirs or ForeignCode(text)
