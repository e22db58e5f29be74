"""What was read: one raw scan as a typed reading, or a BadCode that says why not. Nothing is guessed.

Imported by `cartrail scan`, so nothing here may import a renderer, a decoder, a database or pydantic.
"""

from __future__ import annotations

from labels.description import describe
from labels.frames import framed
from labels.isbt import parse_isbt
from labels.misreads import explain, explain_foreign, parse_own
from labels.readings import ForeignCode, ReadContent, Reading, ReadingKind
from schema.errors import BadCode

__all__ = ["ForeignCode", "ReadContent", "Reading", "ReadingKind", "describe", "read"]


def read(raw: str) -> Reading:
    """The reading of a raw scan; raises BadCode for what is empty, too long, damaged or joined."""
    frame = framed(raw)
    return Reading(raw, frame.text, frame.aim, _content(frame.text))


def _content(text: str) -> ReadContent:
    try:
        content = parse_own(text) or parse_isbt(text)
    except BadCode as error:
        # A swapped case or a second scan explains more than the wrong check character that comes of it.
        raise explain(text) or error from error
    if content is not None:
        return content
    fault = explain(text) or explain_foreign(text)
    if fault is not None:
        raise fault
    return ForeignCode(text)
