"""A step's number as people give it: typed, or scanned off the wall card."""

from __future__ import annotations

import re
from typing import Final

from labels.kinds import STEP_CODE

_STEP_NUMBER: Final = re.compile(rf"(?:{STEP_CODE})?([1-9][0-9]|5[0-9][0-9])", re.ASCII)


def step_number(text: str) -> int | None:
    """The number of a step; None for what is no such number."""
    match = _STEP_NUMBER.fullmatch(text.strip())
    return int(match[1]) if match else None
