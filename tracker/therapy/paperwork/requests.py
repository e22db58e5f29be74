"""Requests about downtime forms, and about the paper that entries were made from."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from schema.events import paperwork as events
from schema.events.base import EventId, FormId, Word
from tracker.requests.base import PayloadClass, ScanField, TherapyRequest
from tracker.requests.paper_file import FILES_MAX


class IssueForm(TherapyRequest):
    """Note that a downtime form is printed."""

    name: ClassVar[str] = "issue_form"
    summary: ClassVar[str] = "Note that a downtime form for steps of a therapy is printed and goes out."
    records: ClassVar[PayloadClass] = events.FormIssued
    form: FormId | None = Field(default=None, description="drawn when not given")
    steps: tuple[Word, ...] = Field(min_length=1, max_length=200)


class AttachPaper(TherapyRequest):
    """Give a form back with what was written on it."""

    name: ClassVar[str] = "attach_paper"
    summary: ClassVar[str] = (
        "Attach the scanned paper that entries were made from; a form named with it has come back."
    )
    records: ClassVar[PayloadClass] = events.PaperAttached
    form: ScanField | None = None
    about: tuple[EventId, ...] = Field(
        default=(), max_length=200, description="what was entered from it, beside what names the form"
    )
    files: tuple[str, ...] = Field(
        min_length=1, max_length=FILES_MAX, description="PDF, PNG or JPEG files, each in base64"
    )


class VoidForm(TherapyRequest):
    """Give a form up that was not used or is lost."""

    name: ClassVar[str] = "void_form"
    summary: ClassVar[str] = "Destroy an unused downtime form, or give a lost one up, before two people."
    records: ClassVar[PayloadClass] = events.FormVoided
    needs_reason: ClassVar[bool] = True
    form: ScanField
