"""Requests about the codes that others put on a therapy's containers."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import BeforeValidator, Field, model_validator

from schema.events import adoption as events
from schema.events.adoption import ManifestForm
from schema.events.base import Day, UnitId, Value
from schema.events.identity import CodeAdopted, ContainerCount
from schema.vocabulary import CodeType
from tracker.requests.base import AdoptedCodeGiven, PayloadClass, Scan, ScanField, StatedCode, TherapyRequest
from tracker.requests.fields import object_id_of
from tracker.therapy.adoption.manifest_file import CONTENT_CHARACTERS_MAX, Manifest, manifest_of


class ReceiveManifest(TherapyRequest):
    """Take in what a manufacturer or hospital says its labels carry."""

    name: ClassVar[str] = "receive_manifest"
    summary: ClassVar[str] = (
        "Take in a manifest: which codes of others the therapy and each of its containers carry."
    )
    records: ClassVar[PayloadClass] = events.ManifestReceived
    form: ManifestForm
    content: Annotated[str, Field(min_length=1, max_length=CONTENT_CHARACTERS_MAX)] = Field(
        description="the file's bytes in base64; it is kept and goes into bundles"
    )

    @property
    def manifest(self) -> Manifest:
        """What the file says; raises InputError where it cannot be read."""
        return manifest_of(self.content, self.form)

    def named(self) -> tuple[Scan, ...]:
        """Every code of the file, which nobody has scanned yet."""
        return tuple(
            StatedCode(code=code.value, issuer=code.issuer, type=code.type)
            for code in self.manifest.all_codes
        )


class BindCodes(TherapyRequest):
    """Scan a container's own labels against the manifest."""

    name: ClassVar[str] = "bind_codes"
    summary: ClassVar[str] = (
        "Scan the labels that others put on a unit, or on the therapy's papers, against the manifest."
    )
    records: ClassVar[PayloadClass] = events.CodesBound
    unit: Annotated[UnitId, BeforeValidator(object_id_of)] | None = Field(
        default=None, description="which unit it is; its own label, where it has one, is among the codes"
    )
    codes: tuple[ScanField, ...] = Field(min_length=1, max_length=24)


class CertificateGiven(Value):
    """What the maker's certificate says, as it is printed there."""

    identifier: str = Field(min_length=1, max_length=120, pattern=r"^[\x20-\x7e]+$")
    containers: ContainerCount
    expires_on: Day
    out_of_specification: bool = False


class AdoptCode(TherapyRequest):
    """Let another issuer's code stand for a unit or the therapy."""

    name: ClassVar[str] = "adopt_code"
    summary: ClassVar[str] = (
        "Let a code of another issuer stand for the unit, or for the therapy when no unit is given."
    )
    records: ClassVar[PayloadClass] = CodeAdopted
    unit: ScanField | None = None
    adopted: AdoptedCodeGiven
    certificate: CertificateGiven | None = Field(
        default=None, description="what it says, where the code is that of the maker's certificate"
    )

    @model_validator(mode="after")
    def _says_what_it_is(self) -> Self:
        """A certificate is of the therapy, and is read with everything that a release is judged by."""
        is_one = self.adopted.type is CodeType.CERTIFICATE
        if is_one != (self.certificate is not None):
            raise ValueError("a code of type certificate, and no other, comes with what it says")
        if is_one and self.unit is not None:
            raise ValueError("a certificate is of the therapy: leave the unit out")
        return self
