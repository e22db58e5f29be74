"""Events about the codes that others put on a therapy's containers: what they announced, what was scanned."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from schema.commitments import Commitment
from schema.events.base import EventId, Payload, Sha256, ShortName, UnitId, Value, WholeNumber
from schema.events.identity import AdoptedCode
from schema.vocabulary import Material

DocumentNumber = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,39}$")]
"""The number by which the sender knows the document."""


class ManifestForm(StrEnum):
    """How a manifest file is written."""

    TOML = "toml"
    JSON = "json"
    CSV = "csv"


class ManifestUnit(Value):
    """One container as the sender announces it: what is in it, and every code on its label."""

    item: WholeNumber = Field(ge=1, le=200)
    material: Material
    codes: tuple[AdoptedCode, ...] = Field(min_length=1, max_length=12)


class ManifestReceived(Payload):
    """A sender said which codes the therapy and its containers carry; nothing is bound by it."""

    kind: ClassVar[str] = "manifest_received"
    issuer: ShortName
    number: DocumentNumber
    form: ManifestForm
    sha256: Sha256
    """The file as it was received, kept and put into bundles."""

    codes: tuple[AdoptedCode, ...] = Field(default=(), max_length=24)
    """Codes of the whole therapy."""

    units: tuple[ManifestUnit, ...] = Field(default=(), max_length=200)


class CodesBound(Payload):
    """The labels of a container, or of the therapy's papers, were scanned against the manifest."""

    kind: ClassVar[str] = "codes_bound"
    manifest: EventId
    unit: UnitId | None = None
    item: Annotated[WholeNumber, Field(ge=1, le=200)] | None = None
    """Which container of the manifest the unit is."""

    codes: tuple[AdoptedCode, ...] = ()
    """What was scanned and stands in the manifest; from now on scannable like our own."""

    missing: tuple[AdoptedCode, ...] = ()
    """What stands in the manifest and was not scanned this time."""

    unlisted: tuple[Commitment, ...] = ()
    """What was scanned and stands in no manifest; it may be another patient's and binds nothing."""
