"""Codes typed by hand: each proves itself by check characters, or was typed twice by people who saw it once.

A second person confirms all of them together, by a signature `verified`; that is asked in `conclusion`.
"""

from __future__ import annotations

from collections.abc import Iterator

from labels.keyed import keyed
from schema.errors import BadCode
from schema.identifiers import is_object_id
from schema.vocabulary import ReadMode
from tracker.requests.base import Request
from tracker.rules.decision import Violation

SEAL_FIELDS = frozenset({"seal", "new_seal"})
"""Fields that take any text: a seal has no check characters; whoever has it next in the hand compares it."""


def typed_violation(request: Request) -> Violation | None:
    """Why a typed code cannot be relied on; None when all of them can."""
    return next(_violations(request), None)


def _violations(request: Request) -> Iterator[Violation]:
    for field, scan in request.scans():
        if scan.mode is not ReadMode.MANUAL or field in SEAL_FIELDS:
            continue
        if scan.again is not None and scan.again != scan.code:
            yield Violation(
                "typed_differently",
                f"The two readings of {field} differ: {scan.code[:40]} and {scan.again[:40]}.",
                "Both people read it again from the label; never settle it by talking.",
                waivable=False,
            )
        elif is_object_id(scan.code):
            yield Violation(
                "typed_without_check",
                f"{scan.code} was typed without its check characters.",
                "Type the whole printed code: CT, the id, the copy letter and two check characters.",
                waivable=False,
            )
        elif scan.again is None and not _is_checked(scan.code):
            yield Violation(
                "typed_once",
                f"{scan.code[:40]} was typed once, and nothing in it shows a slip of the finger.",
                "Have a second person type it too without seeing the first, or scan it.",
                waivable=False,
            )


def _is_checked(text: str) -> bool:
    try:
        return keyed(text).is_checked
    except BadCode:
        return False
