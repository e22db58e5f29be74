"""What was read: one raw scan as a typed reading, or a BadCode that says why not. Nothing is guessed.

Imported by `cartrail scan`, so nothing here may import a renderer, a decoder, a database or pydantic.
"""

from __future__ import annotations

from labels.description import describe
from labels.frames import Frame, framed
from labels.gs1 import parse_gs1
from labels.isbt.message import parse_isbt
from labels.misreads import explain, explain_foreign, explain_joined, parse_own
from labels.readings import ForeignCode, ReadContent, Reading, ReadingKind
from schema.errors import BadCode

__all__ = ["ForeignCode", "ReadContent", "Reading", "ReadingKind", "describe", "read"]


def read(raw: str) -> Reading:
    """The reading of a raw scan; raises BadCode for what is empty, too long, damaged or joined."""
    frame = framed(raw)
    return Reading(raw, frame.text, frame.aim, _content(frame))


def _content(frame: Frame) -> ReadContent:
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
