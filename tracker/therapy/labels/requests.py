"""Requests that account for printed copies of labels."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from schema.events import labels as events
from schema.events.base import WholeNumber
from schema.events.identity import LabelApplied, LabelSuperseded
from tracker.requests.base import PayloadClass, Request, ScanField, TherapyRequest, UnitsRequest


class LabelsRequest(Request):
    """A request about printed copies; a cassette that is bound to nothing is known by its print record."""


class VoidLabel(LabelsRequest):
    """Say that a copy is on nothing and will not be."""

    name: ClassVar[str] = "void_label"
    summary: ClassVar[str] = "Void a copy that is on nothing: misprinted, unused, or never printed."
    records: ClassVar[PayloadClass] = events.LabelVoided
    needs_reason: ClassVar[bool] = True
    label: ScanField


class DestroyLabels(LabelsRequest):
    """Destroy copies that are out of use, counted by two."""

    name: ClassVar[str] = "destroy_labels"
    summary: ClassVar[str] = "Two people count copies out of use, each scanned, and destroy them."
    records: ClassVar[PayloadClass] = events.LabelsDestroyed
    labels: tuple[ScanField, ...] = Field(min_length=1, max_length=200)
    count: WholeNumber = Field(ge=1, le=200, description="counted by hand; it must equal what was scanned")


class ReconcileLabels(TherapyRequest, LabelsRequest):
    """Count a therapy's labels."""

    name: ClassVar[str] = "reconcile_labels"
    summary: ClassVar[str] = "Compare the print record of a therapy's labels with the state of each copy."
    records: ClassVar[PayloadClass] = events.LabelsReconciled


class ApplyLabel(UnitsRequest):
    """Scan back a label just applied."""

    name: ClassVar[str] = "apply_label"
    summary: ClassVar[str] = "Scan back the label that was just put on its container."
    records: ClassVar[PayloadClass] = LabelApplied
    units: tuple[ScanField, ...] = Field(min_length=1, max_length=1)


class SupersedeLabel(UnitsRequest):
    """Take a damaged copy out of use."""

    name: ClassVar[str] = "supersede_label"
    summary: ClassVar[str] = "Take a copy out of use that was removed or obliterated before two people."
    records: ClassVar[PayloadClass] = LabelSuperseded
    needs_reason: ClassVar[bool] = True
    units: tuple[ScanField, ...] = Field(min_length=1, max_length=1)
