"""What the labels of units and cassettes say. Frozen, checked when made, and free of any layout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from labels.isbt.message import parse_isbt
from labels.isbt.values import din_text, is_din
from labels.wording import check_code, check_given, check_id, check_texts
from schema.errors import InputError
from schema.vocabulary import Material, ObjectType, Purpose

UNIT_DESIGNS: Final = {
    Material.LEUKAPHERESIS: "leukapheresis-bag",
    Material.IN_PROCESS: "in-process",
    Material.PRODUCT: "product-bag",
}
"""The designs of a UnitLabel by what is in it; `unit` is the plain one for everything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitLabel:
    """The label on a bag or vessel (21 CFR 1271.90, 1271.370)."""

    name: ClassVar[str] = "unit label"
    purpose: Purpose
    code: str
    coi_id: str
    material: str
    site: str
    address: str
    storage: str
    expiry: str = ""
    """Local time with its offset; a day alone ends at 23:59 (`labels.wording.expiry_text`)."""
    din: str = ""
    """The thirteen characters of the donation identification number, without its flag."""
    statements: tuple[str, ...] = ()
    patient_lines: tuple[str, ...] = ()
    """Printed patient identifiers; empty unless the protocol asks for them."""
    nickname: str = ""
    volume: str = ""
    additives: str = ""
    """Anticoagulant and other additives."""
    count: str = ""
    """Which container of how many, as `bag 1 of 2`."""
    isbt: str = ""
    """An ISBT 128 message to print as Data Matrix, where the protocol asks for one."""
    write_ins: tuple[str, ...] = ("End time", "Volume mL", "Initials")
    """Boxes to write into besides those for what the design asks and nobody knew when printing."""
    blank: bool = False
    """Printed before it belongs to anybody: the therapy is none yet and is written in by hand."""
    design: str = "unit"

    def __post_init__(self) -> None:
        _check(self)
        if self.din and not is_din(self.din):
            raise InputError(
                f"The unit label's DIN {self.din} should be 13 characters without flag, as A999926000001."
            )
        if self.isbt and parse_isbt(self.isbt) is None:
            raise InputError(f"The unit label's ISBT 128 content {self.isbt} is not ISBT 128.")

    @property
    def din_text(self) -> tuple[str, str]:
        """The DIN in its printed groups and its boxed check character."""
        return din_text(self.din)


@dataclass(frozen=True, slots=True, kw_only=True)
class TieTag:
    """The tag tied to a leukapheresis bag, for what has no place on the bag itself (FACT-JACIE: attached)."""

    name: ClassVar[str] = "tie-tag"
    design: ClassVar[str] = "tie-tag"
    purpose: Purpose
    code: str
    coi_id: str
    material: str
    site: str
    address: str
    collected: str = ""
    """Day, end time and zone of the collection."""
    din: str = ""
    statements: tuple[str, ...] = ()
    patient_lines: tuple[str, ...] = ()
    nickname: str = ""
    write_ins: tuple[str, ...] = ("Initials 1", "Initials 2")

    def __post_init__(self) -> None:
        _check(self)
        if self.din and not is_din(self.din):
            raise InputError(f"The tie-tag's DIN {self.din} should be 13 characters without flag.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CassetteLabel:
    """The label on the cassette around a frozen bag; frozen steps scan this one."""

    name: ClassVar[str] = "cassette label"
    design: ClassVar[str] = "cassette"
    purpose: Purpose
    code: str
    unit_id: str
    coi_id: str
    material: str
    storage: str = ""
    expiry: str = ""
    statements: tuple[str, ...] = ()
    patient_lines: tuple[str, ...] = ()
    nickname: str = ""
    count: str = ""

    def __post_init__(self) -> None:
        check_texts(self, self.name)
        check_given(self, self.name, "material")
        check_code(self.code, self.purpose, self.name, ObjectType.CASSETTE)
        check_id(self.unit_id, self.purpose, self.name, ObjectType.UNIT)
        check_id(self.coi_id, self.purpose, self.name, ObjectType.COI)


@dataclass(frozen=True, slots=True, kw_only=True)
class VialLabel:
    """The label on a vial; its stock is small, so it says only what must be affixed."""

    name: ClassVar[str] = "vial label"
    design: ClassVar[str] = "vial"
    purpose: Purpose
    code: str
    coi_id: str
    material: str
    count: str = ""
    volume: str = ""
    storage: str = ""
    expiry: str = ""
    patient_lines: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyringeLabel:
    """The label on a syringe drawn from a vial or bag, which it names; it ends with the infusion."""

    name: ClassVar[str] = "syringe label"
    design: ClassVar[str] = "syringe"
    purpose: Purpose
    code: str
    coi_id: str
    parent_id: str
    """The unit it was drawn from."""
    material: str
    removed_at: str = ""
    """When what is in it left frozen storage: from then some products' time runs."""
    drawn_at: str = ""
    volume: str = ""
    expiry: str = ""
    patient_lines: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    write_ins: tuple[str, ...] = ("Initials",)

    def __post_init__(self) -> None:
        _check(self)
        check_id(self.parent_id, self.purpose, self.name, ObjectType.UNIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleLabel:
    """The label on a tube for tests or retention; what it holds is never given to a patient."""

    name: ClassVar[str] = "sample label"
    design: ClassVar[str] = "sample-tube"
    purpose: Purpose
    code: str
    coi_id: str
    material: str
    test: str = ""
    taken_at: str = ""
    storage: str = ""
    statements: tuple[str, ...] = ()
    write_ins: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check(self)


UnitContent = UnitLabel | TieTag | VialLabel | SyringeLabel | SampleLabel


def _check(label: UnitContent) -> None:
    check_texts(label, label.name)
    check_given(label, label.name, "material")
    check_code(label.code, label.purpose, label.name, ObjectType.UNIT)
    if label.coi_id or not (isinstance(label, UnitLabel) and label.blank):
        check_id(label.coi_id, label.purpose, label.name, ObjectType.COI)
