"""Events of the paper that stands in when a scanner, printer, network or power fails."""

from __future__ import annotations

from typing import ClassVar, Final

from pydantic import Field

from schema.commitments import Commitment
from schema.events.base import EventId, FormId, Payload, Word
from schema.instants import Instant

SCAN_FIELD: Final = "paper_scan"
"""The field under which the SHA-256 of a scanned paper is committed; the file is known by that value."""


class FormIssued(Payload):
    """A coded form for steps of one therapy was printed; from here until it comes back it is out."""

    kind: ClassVar[str] = "form_issued"
    form: FormId
    steps: tuple[Word, ...] = Field(min_length=1, max_length=200)
    """The kinds of the steps on it, in the order of the protocol."""

    due_at: Instant
    """Until when what was written on it is entered, by the protocol's hours, or the form given back."""


class PaperAttached(Payload):
    """What was written by hand is here as scanned, each file as the commitment of its SHA-256."""

    kind: ClassVar[str] = "paper_attached"
    form: FormId | None = None
    """The form that came back with it; none for a sheet that nobody printed."""

    about: tuple[EventId, ...] = Field(min_length=1, max_length=200)
    """The events that were entered from it."""

    scans: tuple[Commitment, ...] = Field(min_length=1, max_length=20)


class FormVoided(Payload):
    """A form was not used, or is lost: before two people it was destroyed or given up."""

    kind: ClassVar[str] = "form_voided"
    form: FormId
