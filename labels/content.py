"""What each label and card says. Frozen, checked when made, and free of any layout."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from labels.isbt_values import check_character
from labels.slip import HandoffSlip
from labels.wording import check_code, check_id, check_texts
from schema.errors import InputError
from schema.identifiers import COMMANDS, command_code, short_name
from schema.vocabulary import ObjectType, Purpose

_DIN: Final = re.compile(r"([A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{2})([0-9]{2})([0-9]{6})")

COMMAND_MEANINGS: Final = {
    "ALL-IN-ORDER": "Seal, display and hold time are in order",
    "NOT-IN-ORDER": "Something is wrong: say what before anything moves",
    "PARTLY": "Some of it is taken, some of it is not",
    "ATTEMPTED": "Nobody could receive it; custody stays",
    "DONE": "The step on the screen is finished",
    "CANCEL": "Put the step on the screen away",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitLabel:
    """The label on a bag, vial or syringe (21 CFR 1271.90, 1271.370)."""

    name: ClassVar[str] = "unit label"
    purpose: Purpose
    code: str
    coi_id: str
    material: str
    site: str
    address: str
    storage: str
    expiry: str = ""
    din: str = ""
    """The thirteen characters of the donation identification number, without its flag."""
    statements: tuple[str, ...] = ()
    patient_lines: tuple[str, ...] = ()
    """Printed patient identifiers; empty unless the protocol asks for them."""
    nickname: str = ""
    write_ins: tuple[str, ...] = ("End time", "Volume mL", "Initials")

    def __post_init__(self) -> None:
        check_texts(self, self.name)
        check_code(self.code, self.purpose, self.name, ObjectType.UNIT)
        check_id(self.coi_id, self.purpose, self.name, ObjectType.COI)
        if self.din and _DIN.fullmatch(self.din) is None:
            raise InputError(
                f"The unit label's DIN {self.din} should be 13 characters without flag, as A999926000001."
            )

    @property
    def din_text(self) -> tuple[str, str]:
        """The DIN in its printed groups and its boxed check character."""
        match = _DIN.fullmatch(self.din)
        return (" ".join(match.groups()), check_character(self.din)) if match else ("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class CassetteLabel:
    """The label on the cassette around a frozen bag; frozen steps scan this one."""

    name: ClassVar[str] = "cassette label"
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

    def __post_init__(self) -> None:
        check_texts(self, self.name)
        check_code(self.code, self.purpose, self.name, ObjectType.CASSETTE)
        check_id(self.unit_id, self.purpose, self.name, ObjectType.UNIT)
        check_id(self.coi_id, self.purpose, self.name, ObjectType.COI)


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeLabel:
    """A person's badge; it opens nothing without the password."""

    name: ClassVar[str] = "badge"
    purpose: Purpose
    code: str
    person: str
    staff_id: str
    site: str
    roles: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_texts(self, self.name)
        check_code(self.code, self.purpose, self.name, ObjectType.BADGE)
        short_name(self.staff_id, what="The badge's staff id")


@dataclass(frozen=True, slots=True, kw_only=True)
class CoiCard:
    """The card of one therapy, for the chart and the chair."""

    name: ClassVar[str] = "COI card"
    purpose: Purpose
    code: str
    therapy: str
    site: str
    statements: tuple[str, ...] = ()
    patient_lines: tuple[str, ...] = ()
    nickname: str = ""

    def __post_init__(self) -> None:
        check_texts(self, self.name)
        check_code(self.code, self.purpose, self.name, ObjectType.COI)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationLabel:
    """The label on a shelf, a tank position, a dock or a department's door."""

    name: ClassVar[str] = "location label"
    purpose: Purpose
    code: str
    title: str
    site: str
    detail: str = ""

    def __post_init__(self) -> None:
        check_texts(self, self.name)
        check_code(self.code, self.purpose, self.name, ObjectType.LOCATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class EquipmentLabel:
    """The label on a box, shipper, data logger, shipment or form; it never names a patient."""

    name: ClassVar[str] = "equipment label"
    purpose: Purpose
    code: str
    title: str
    site: str
    detail: str = ""

    def __post_init__(self) -> None:
        check_texts(self, self.name)
        kinds = (ObjectType.BOX, ObjectType.SHIPMENT, ObjectType.DATA_LOGGER, ObjectType.FORM)
        check_code(self.code, self.purpose, self.name, *kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandCard:
    """The commands for gloved hands; their codes are the same in every store."""

    name: ClassVar[str] = "command card"
    purpose: Purpose
    site: str = ""
    commands: tuple[str, ...] = tuple(COMMANDS.values())

    def __post_init__(self) -> None:
        check_texts(self, self.name)
        unknown = [command for command in self.commands if command not in COMMANDS.values()]
        if unknown or not 1 <= len(self.commands) <= len(COMMANDS):
            raise InputError(
                f"The command card asks for {', '.join(unknown) or len(self.commands)} commands."
            )

    @property
    def codes(self) -> tuple[tuple[str, str, str], ...]:
        """Each command's name, printed code and meaning, as the card lists them."""
        characters = {name: character for character, name in COMMANDS.items()}
        return tuple(
            (name, command_code(characters[name]).text, COMMAND_MEANINGS[name]) for name in self.commands
        )


Label = UnitLabel | CassetteLabel | BadgeLabel | CoiCard | LocationLabel | EquipmentLabel | CommandCard
Content = Label | HandoffSlip
