"""What each card and each label of a place says, with every other content by its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from labels.containers import CassetteLabel, SampleLabel, SyringeLabel, TieTag, UnitLabel, VialLabel
from labels.papers.downtime import DowntimeForm
from labels.papers.slip import HandoffSlip
from labels.scanner_card import ScannerCard
from labels.wording import check_code, check_given, check_texts
from schema.errors import InputError
from schema.identifiers import COMMANDS, command_code, short_name
from schema.vocabulary import ObjectType, Purpose

__all__ = [
    "BadgeLabel",
    "BoxLabel",
    "CassetteLabel",
    "CoiCard",
    "CommandCard",
    "Content",
    "DowntimeForm",
    "EquipmentLabel",
    "HandoffSlip",
    "Label",
    "LocationLabel",
    "SampleLabel",
    "ScannerCard",
    "SyringeLabel",
    "TieTag",
    "UnitLabel",
    "VialLabel",
]

PHONES_ON_A_BOX: Final = 2
"""The sender's and the receiver's, answered day and night (ISO 21973)."""

COMMAND_MEANINGS: Final = {
    "ALL-IN-ORDER": "Seal, display and hold time are in order",
    "NOT-IN-ORDER": "Something is wrong: say what before anything moves",
    "PARTLY": "Some of it is taken, some of it is not",
    "ATTEMPTED": "Nobody could receive it; custody stays",
    "DONE": "The step on the screen is finished",
    "CANCEL": "Put the step on the screen away",
    "CLEAR-BENCH": "Nothing of the therapy is left at this bench",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeLabel:
    """A person's badge; it opens nothing without the password."""

    name: ClassVar[str] = "badge"
    design: ClassVar[str] = "badge"
    purpose: Purpose
    code: str
    person: str
    staff_id: str
    site: str
    roles: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_texts(self, self.name)
        check_given(self, self.name, "person")
        check_code(self.code, self.purpose, self.name, ObjectType.BADGE)
        short_name(self.staff_id, what="The badge's staff id")


@dataclass(frozen=True, slots=True, kw_only=True)
class CoiCard:
    """The card of one therapy, for the chart and the chair."""

    name: ClassVar[str] = "COI card"
    design: ClassVar[str] = "coi-card"
    purpose: Purpose
    code: str
    therapy: str
    site: str
    statements: tuple[str, ...] = ()
    patient_lines: tuple[str, ...] = ()
    nickname: str = ""

    def __post_init__(self) -> None:
        check_texts(self, self.name)
        check_given(self, self.name, "therapy")
        check_code(self.code, self.purpose, self.name, ObjectType.COI)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationLabel:
    """The label on a shelf, a tank position, a dock or a department's door."""

    name: ClassVar[str] = "location label"
    design: ClassVar[str] = "location"
    purpose: Purpose
    code: str
    title: str
    site: str
    detail: str = ""

    def __post_init__(self) -> None:
        check_texts(self, self.name)
        check_given(self, self.name, "title")
        check_code(self.code, self.purpose, self.name, ObjectType.LOCATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class EquipmentLabel:
    """The label on a box, shipper, data logger, shipment or form; it never names a patient."""

    name: ClassVar[str] = "equipment label"
    design: ClassVar[str] = "equipment"
    purpose: Purpose
    code: str
    title: str
    site: str
    detail: str = ""

    def __post_init__(self) -> None:
        check_texts(self, self.name)
        check_given(self, self.name, "title")
        kinds = (ObjectType.BOX, ObjectType.SHIPMENT, ObjectType.DATA_LOGGER, ObjectType.FORM)
        check_code(self.code, self.purpose, self.name, *kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxLabel:
    """The label on the outside of a closed box or shipper: two addresses, two telephones, and no patient."""

    name: ClassVar[str] = "box label"
    design: ClassVar[str] = "outer-box"
    purpose: Purpose
    code: str
    sender: str
    sender_address: str
    receiver: str
    receiver_address: str
    phones: tuple[str, ...]
    """Whose number it is and the number, first the sender's, then the receiver's."""
    storage: str = ""
    statements: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_texts(self, self.name)
        check_given(self, self.name, "sender", "receiver")
        check_code(self.code, self.purpose, self.name, ObjectType.BOX, ObjectType.SHIPMENT)
        answered = [phone for phone in self.phones if any(map(str.isdigit, phone))]
        if not len(answered) == len(self.phones) == PHONES_ON_A_BOX:
            raise InputError(
                f"The box label has {len(self.phones)} telephone numbers; it needs both that answer day and "
                "night, the sender's and the receiver's."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandCard:
    """The commands for gloved hands; their codes are the same in every store."""

    name: ClassVar[str] = "command card"
    design: ClassVar[str] = "command-card"
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


Label = (
    UnitLabel
    | TieTag
    | CassetteLabel
    | VialLabel
    | SyringeLabel
    | SampleLabel
    | BoxLabel
    | BadgeLabel
    | CoiCard
    | LocationLabel
    | EquipmentLabel
    | CommandCard
    | ScannerCard
)
Content = Label | HandoffSlip | DowntimeForm
