"""Events of the chain `registry` about scanners: the check at a shift's start, and where it is asked for."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from schema.events.base import Payload, ShortName, Title, Word


class CheckResult(StrEnum):
    """Whether a scanner may be used as it is set."""

    PASSED = "passed"
    FAILED = "failed"


class ScannerChecked(Payload):
    """The codes of the scanner card were scanned; what is set wrong was judged by the program."""

    kind: ClassVar[str] = "scanner_checked"
    station: ShortName
    scanner: Title
    """Its name or serial number, as somebody typed it."""

    result: CheckResult
    faults: Annotated[tuple[Word, ...], Field(max_length=40)] = ()
    advice: Annotated[tuple[Word, ...], Field(max_length=10)] = ()
    """What could be set better and does no harm."""

    card: int = Field(ge=1, le=999)
    """The version of the card."""


class ScannerCheckRequired(Payload):
    """From now on a station asks for a passed check within these hours, or no longer asks for one."""

    kind: ClassVar[str] = "scanner_check_required"
    station: ShortName
    within_hours: Annotated[int, Field(ge=1, le=168)] | None = None
