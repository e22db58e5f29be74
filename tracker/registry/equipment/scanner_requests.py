"""Requests about scanners; the chain `registry`."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from schema.events.base import ShortName, Title, Value
from schema.vocabulary import ReadMode
from tracker.registry.requests import RegistryRequest


class CardScan(Value):
    """One scan of the scanner card, with everything that came."""

    raw: str = Field(max_length=400)
    mode: ReadMode = ReadMode.SCANNED


class CheckScanner(RegistryRequest):
    """Scan the scanner card; the program judges what came."""

    name: ClassVar[str] = "check_scanner"
    summary: ClassVar[str] = (
        "Record the scans of the scanner card, terminators included; the program judges them."
    )
    scanner: Title
    readings: tuple[CardScan, ...] = Field(min_length=1, max_length=100)


class RequireScannerCheck(RegistryRequest):
    """Let a station ask for a passed check."""

    name: ClassVar[str] = "require_scanner_check"
    summary: ClassVar[str] = (
        "Let a station ask for a passed scanner check within so many hours, or no longer (quality)."
    )
    checked_station: ShortName
    within_hours: Annotated[int, Field(ge=1, le=168)] | None = None
