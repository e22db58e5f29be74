"""Events that bind a patient, a therapy, its units, labels, cassettes and codes to each other."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from schema.commitments import Commitment
from schema.events.base import (
    COUNT_MAX,
    VERSION_MAX,
    CassetteId,
    CoiId,
    CopyLetter,
    Day,
    EventId,
    Payload,
    Sha256,
    ShortName,
    Title,
    UnitId,
    UnitsPayload,
    Value,
    WholeNumber,
    Word,
)
from schema.instants import Instant
from schema.vocabulary import CodeType, ErasureGround, Material


class ProtocolPin(Value):
    """The exact protocol a therapy runs by."""

    id: Word
    version: WholeNumber = Field(ge=1, le=VERSION_MAX)
    sha256: Sha256


class TherapySites(Value):
    """The sites that play a part in a therapy."""

    collection: ShortName
    manufacturing: ShortName
    treatment: ShortName


class AdoptedCode(Value):
    """A code another issuer gave; two issuers with the same value stay apart."""

    issuer: ShortName
    type: CodeType
    value: str = Field(min_length=1, max_length=120, pattern=r"^[\x20-\x7e]+$")


class Enrolled(Payload):
    """A therapy began: chain, protocol, sites and the patient's committed identifiers."""

    kind: ClassVar[str] = "enrolled"
    coi: CoiId
    protocol: ProtocolPin
    sites: TherapySites
    patient_identifiers: tuple[Commitment, ...] = Field(min_length=1, max_length=8)
    adopted_codes: tuple[AdoptedCode, ...] = ()
    indication: Word | None = None
    """The disease, by the protocol's word; None where the protocol names none."""


class PatientIdentified(Payload):
    """Two people compared the wristband with the committed identifiers."""

    kind: ClassVar[str] = "patient_identified"
    identifiers_matched: WholeNumber = Field(ge=0, le=4)


CONTAINERS_MAX = 99
"""More containers of one material than one patient's product was ever filled into."""

ContainerCount = Annotated[WholeNumber, Field(ge=1, le=CONTAINERS_MAX)]


def which_of_how_many(number: int | None, of: int | None) -> None:
    """Raise ValueError unless both are given or neither, and the first is not above the second."""
    if (number is None) is not (of is None):
        raise ValueError("number and of are given together: which container, of how many")
    if number is not None and of is not None and number > of:
        raise ValueError(f"number {number} is more than of {of}")


class UnitRegistered(Payload):
    """A container got an identity before it is filled."""

    kind: ClassVar[str] = "unit_registered"
    unit: UnitId
    material: Material
    parents: tuple[UnitId, ...] = ()
    number: ContainerCount | None = None
    """Which of the containers of this material it is, counted from 1: bag 1 of 2."""

    of: ContainerCount | None = None
    """How many of them there are to be."""

    component: Word | None = None
    """Which of several products that make up a dose it holds, such as CD8."""

    part: Word | None = None
    """The share of a split dose that it is for, such as day_10."""

    color: Word | None = None
    """The word by which its size is told apart from others of the product."""

    @model_validator(mode="after")
    def _counted(self) -> Self:
        which_of_how_many(self.number, self.of)
        return self


class LabelApplied(Payload):
    """A printed copy was put on the container and scanned back."""

    kind: ClassVar[str] = "label_applied"
    unit: UnitId
    cassette: CassetteId | None = None
    """For a copy of the cassette's label; otherwise it is one of the unit's own."""

    copy_letter: CopyLetter


class LabelSuperseded(Payload):
    """A copy was removed or obliterated before two people; it no longer stands for the unit."""

    kind: ClassVar[str] = "label_superseded"
    unit: UnitId
    cassette: CassetteId | None = None
    copy_letter: CopyLetter


class CassetteBound(Payload):
    """A bag went into a cassette; frozen steps scan the cassette."""

    kind: ClassVar[str] = "cassette_bound"
    unit: UnitId
    cassette: CassetteId
    copy_letter: CopyLetter | None = None
    """The copy of the cassette's label that was scanned: it is on the cassette."""


class MakersCertificate(Value):
    """What the certificate of a licensed product says, typed from it by one and read back by another."""

    identifier: str = Field(min_length=1, max_length=120, pattern=r"^[\x20-\x7e]+$")
    """The patient's number at the maker as it is printed there: an Aph ID, a COI ID or a DIN."""

    containers: ContainerCount
    expires_on: Day
    """Good to the end of this day, by the clocks of the site where it was read."""

    expires_at: Instant | None = None
    out_of_specification: bool = False


class CodeAdopted(Payload):
    """A code of another issuer stands for the unit, or for the therapy when no unit is named."""

    kind: ClassVar[str] = "code_adopted"
    unit: UnitId | None = None
    code: AdoptedCode
    certificate: MakersCertificate | None = None
    """Where the code is that of the maker's certificate."""


class ProtocolRepinned(Payload):
    """Quality moved a running therapy to another version of its protocol."""

    kind: ClassVar[str] = "protocol_repinned"
    protocol: ProtocolPin
    steps_changed: tuple[Title, ...] = ()


class MixupPrevented(Payload):
    """Another patient's code was read at an identity step and the step was stopped."""

    kind: ClassVar[str] = "mixup_prevented"
    step: Word
    field: Word
    read: Commitment


class MixupOccurred(Payload):
    """Another patient's code was at an identity step, and the step was taken all the same."""

    kind: ClassVar[str] = "mixup_occurred"
    step: Word
    field: Word
    read: Commitment


class BagMatched(UnitsPayload):
    """The bag taken out was compared with its cassette."""

    kind: ClassVar[str] = "bag_matched"
    cassette: CassetteId | None = None


CONFIRMED_MAX = 20
"""More than anybody goes through by heart before a thaw."""

Confirmed = Annotated[tuple[Word, ...], Field(max_length=CONFIRMED_MAX)]
"""What was confirmed, by the protocol's words for it."""


class PreThawMatched(UnitsPayload):
    """Two people matched patient, therapy and cassette while the product was still frozen, patient ready."""

    kind: ClassVar[str] = "pre_thaw_matched"
    confirmed: Confirmed = ()


class BedsideMatched(UnitsPayload):
    """Two people matched the bag with the wristband at the bed."""

    kind: ClassVar[str] = "bedside_matched"
    confirmed: Confirmed = ()


class Corrected(Payload):
    """A field of an earlier event was wrong; both values stay."""

    kind: ClassVar[str] = "corrected"
    event: EventId
    field: Word
    old: str | Commitment
    new: str | Commitment


class Canceled(Payload):
    """The therapy will not go on; its units still need a final disposition."""

    kind: ClassVar[str] = "canceled"


class Closed(Payload):
    """Every unit has its final disposition."""

    kind: ClassVar[str] = "closed"


class Erased(Payload):
    """What opens this patient's commitments was deleted; how much, never what, and the proofs stay."""

    kind: ClassVar[str] = "erased"
    erased: WholeNumber = Field(ge=0, le=COUNT_MAX)
    """How many commitments can no longer be opened."""

    ground: ErasureGround | None = None
    """The legal ground, where the therapy had not ended or its values had to be kept longer."""
