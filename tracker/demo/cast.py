"""The demo's sites, departments, places, people and equipment, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from schema.vocabulary import EquipmentStatus, EquipmentType, Role, SiteType

HUB = "MFG-1"
HUB_STATION = "MFG-1-01"
PASSWORD = "correct horse {staff}"  # noqa: S105 - it is meant to be read
"""Printed openly: a demo's passwords keep nobody out."""


@dataclass(frozen=True, slots=True)
class DepartmentCast:
    """A department with the roles that answer for it."""

    code: str
    title: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class DeskCast:
    """A terminal of a site besides its front desk, and whose it is."""

    title: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class SiteCast:
    """One site of the network."""

    code: str
    title: str
    site_type: SiteType
    zone: str
    phone_24h: str
    departments: tuple[DepartmentCast, ...] = ()
    storage: tuple[tuple[str, str], ...] = ()
    """Department and title of each storage location, the frozen one first."""

    desks: tuple[DeskCast, ...] = ()

    @property
    def address(self) -> str:
        """A place that does not exist, for labels."""
        return f"1 {self.title.split()[0]} Road, 00000 Exampletown"


@dataclass(frozen=True, slots=True)
class PersonCast:
    """One person with a role at a site."""

    staff: str
    role: Role
    site: str


def _collection(code: str, title: str, zone: str, phone: str) -> SiteCast:
    return SiteCast(
        code,
        title,
        SiteType.COLLECTION_CENTER,
        zone,
        phone,
        (
            DepartmentCast("APHERESIS", "Apheresis unit", (Role.APHERESIS_NURSE,)),
            DepartmentCast("CELL-LAB", "Cell laboratory", (Role.CELL_LAB_TECHNICIAN,)),
        ),
        (("CELL-LAB", "LN2 tank 1"), ("APHERESIS", "Refrigerator 1")),
        (DeskCast("Cell laboratory", (Role.CELL_LAB_TECHNICIAN,)),),
    )


def _treatment(code: str, title: str, zone: str, phone: str) -> SiteCast:
    return SiteCast(
        code,
        title,
        SiteType.TREATMENT_CENTER,
        zone,
        phone,
        (
            DepartmentCast("DOCK", "Goods receipt", (Role.DOCK,)),
            DepartmentCast("CELL-LAB", "Cell laboratory", (Role.CELL_LAB_TECHNICIAN, Role.PHARMACIST)),
            DepartmentCast("WARD", "Hematology ward", (Role.WARD_NURSE, Role.CLINICIAN)),
        ),
        (("CELL-LAB", "LN2 tank 2"),),
        (
            DeskCast("Cell laboratory", (Role.CELL_LAB_TECHNICIAN, Role.PHARMACIST)),
            DeskCast("Ward, bedside", (Role.WARD_NURSE, Role.CLINICIAN)),
        ),
    )


SITES = (
    SiteCast(
        HUB,
        "Lindenhof Cell Works",
        SiteType.MANUFACTURER,
        "Europe/Berlin",
        "+00 555 0100",
        (
            DepartmentCast("DOCK", "Goods receipt", (Role.DOCK,)),
            DepartmentCast("PRODUCTION", "Clean room", (Role.MANUFACTURING_OPERATOR,)),
        ),
        (("PRODUCTION", "LN2 tank 7"), ("PRODUCTION", "Refrigerator 7")),
        (
            DeskCast("Clean room", (Role.MANUFACTURING_OPERATOR,)),
            DeskCast("Quality office", (Role.QUALITY, Role.QUALIFIED_PERSON)),
        ),
    ),
    _collection("COLL-A", "Harborview Apheresis Center", "America/New_York", "+00 555 0111"),
    _collection("COLL-B", "Eastbank Collection Unit", "Europe/London", "+00 555 0112"),
    _treatment("TREAT-A", "Harborview Hospital", "America/New_York", "+00 555 0121"),
    _treatment("TREAT-B", "Eastbank University Clinic", "Europe/London", "+00 555 0122"),
    SiteCast("CARR-X", "Polar Courier", SiteType.CARRIER, "Europe/London", "+00 555 0131"),
    SiteCast("CARR-Y", "Meridian Cryo Transport", SiteType.CARRIER, "Europe/London", "+00 555 0132"),
)


def _people() -> tuple[PersonCast, ...]:
    found: list[PersonCast] = []
    for letter in "AB":
        collection, treatment = f"COLL-{letter}", f"TREAT-{letter}"
        found += [
            PersonCast(f"NURSE-{letter}1", Role.APHERESIS_NURSE, collection),
            PersonCast(f"NURSE-{letter}2", Role.APHERESIS_NURSE, collection),
            PersonCast(f"TECH-{letter}1", Role.CELL_LAB_TECHNICIAN, collection),
            PersonCast(f"TECH-{letter}2", Role.CELL_LAB_TECHNICIAN, collection),
            PersonCast(f"DOCK-{letter}", Role.DOCK, treatment),
            PersonCast(f"LAB-{letter}1", Role.CELL_LAB_TECHNICIAN, treatment),
            PersonCast(f"LAB-{letter}2", Role.CELL_LAB_TECHNICIAN, treatment),
            PersonCast(f"PHARM-{letter}", Role.PHARMACIST, treatment),
            PersonCast(f"DOC-{letter}1", Role.CLINICIAN, treatment),
            PersonCast(f"DOC-{letter}2", Role.CLINICIAN, treatment),
            PersonCast(f"QA-{letter}", Role.QUALITY, treatment),
        ]
    found += [
        PersonCast("DOCK-M", Role.DOCK, HUB),
        PersonCast("OPER-1", Role.MANUFACTURING_OPERATOR, HUB),
        PersonCast("OPER-2", Role.MANUFACTURING_OPERATOR, HUB),
        PersonCast("QP-1", Role.QUALIFIED_PERSON, HUB),
        PersonCast("QA-2", Role.QUALITY, HUB),
        PersonCast("COUR-X1", Role.COURIER, "CARR-X"),
        PersonCast("COUR-X2", Role.COURIER, "CARR-X"),
        PersonCast("COUR-Y1", Role.COURIER, "CARR-Y"),
        PersonCast("COUR-Y2", Role.COURIER, "CARR-Y"),
        PersonCast("AUDIT-1", Role.AUDITOR, HUB),
    ]
    for letter in "AB":
        found += [
            PersonCast(f"WARD-{letter}", Role.WARD_NURSE, f"TREAT-{letter}"),
            PersonCast(f"COORD-{letter}", Role.COORDINATOR, f"TREAT-{letter}"),
        ]
    return tuple(found)


PEOPLE = _people()
BENCH_ROLES = (
    Role.APHERESIS_NURSE,
    Role.CELL_LAB_TECHNICIAN,
    Role.MANUFACTURING_OPERATOR,
    Role.PHARMACIST,
    Role.CLINICIAN,
    Role.WARD_NURSE,
)


def desk_of(site: str, staff: str) -> str:
    """The station where somebody works at a site: a desk of their role, else the front desk."""
    roles = {person.role for person in PEOPLE if person.staff == staff and person.site == site}
    desks = next(one.desks for one in SITES if one.code == site)
    for number, desk in enumerate(desks, start=2):
        if roles.intersection(desk.roles):
            return f"{site}-{number:02d}"
    return f"{site}-01"


FOUNDERS = ("ADMIN-1", "QA-1")


@dataclass(frozen=True, slots=True)
class EquipmentCast:
    """A shipper or logger of a site."""

    site: str
    equipment_type: EquipmentType
    title: str
    due_after_days: int = 300
    """Days after the store begins when it has to be qualified or calibrated again."""

    status: EquipmentStatus = EquipmentStatus.IN_SERVICE
    has_display: bool = False

    @property
    def serial(self) -> str | None:
        """The number that a logger's files are known by; it is as invented as everything here."""
        number = self.title.split()[-1]
        return f"QT-{number:0>5}" if self.equipment_type is EquipmentType.DATA_LOGGER else None


def _shippers(site: str, *titles: str) -> tuple[EquipmentCast, ...]:
    return tuple(EquipmentCast(site, EquipmentType.SHIPPER, title) for title in titles)


def _loggers(site: str, *titles: str) -> tuple[EquipmentCast, ...]:
    return tuple(EquipmentCast(site, EquipmentType.DATA_LOGGER, title) for title in titles)


EQUIPMENT = (
    *_shippers("COLL-A", "Dry shipper 1", "Dry shipper 2"),
    *_shippers("COLL-B", "Dry shipper 3"),
    *_shippers(HUB, "Dry shipper 4", "Dry shipper 5"),
    EquipmentCast(HUB, EquipmentType.SHIPPER, "Dry shipper 6", has_display=True),
    *_shippers("COLL-A", "Cool box 1", "Cool box 2"),
    *_shippers("COLL-B", "Cool box 3"),
    EquipmentCast("COLL-B", EquipmentType.SHIPPER, "Cool box 4", has_display=True),
    *_loggers("COLL-A", "Logger 1", "Logger 5", "Logger 6", "Logger 7"),
    *_loggers("COLL-B", "Logger 2", "Logger 8", "Logger 9"),
    *_loggers(HUB, "Logger 3", "Logger 10", "Logger 11"),
    # What is not fit: a shipper that is due, a box that is being cleaned, a logger that is to be calibrated.
    EquipmentCast(HUB, EquipmentType.SHIPPER, "Dry shipper 7", due_after_days=2),
    EquipmentCast("COLL-A", EquipmentType.SHIPPER, "Cool box 5", status=EquipmentStatus.CLEANING),
    EquipmentCast("COLL-A", EquipmentType.DATA_LOGGER, "Logger 4", due_after_days=3),
)


def worker_at(station: str) -> str:
    """Somebody who works at a station with cells."""
    return next(
        person.staff
        for person in PEOPLE
        if person.role in BENCH_ROLES and desk_of(person.site, person.staff) == station
    )


TANK: Final[Mapping[str, str]] = {"celsius_max": "-150"}
REFRIGERATOR: Final[Mapping[str, str]] = {"celsius_min": "2", "celsius_max": "8"}
"""What a storage place of each kind keeps."""

HOLD_HOURS = {"Dry": 240, "Cool": 96}
"""For how long a charged shipper keeps its temperature, by the first word of its title."""

FIRST_NAMES = (
    *("Ada", "Bela", "Cyrus", "Dana", "Edda", "Farid", "Gwen", "Hana", "Ivo", "Juno", "Kofi", "Lena", "Milo"),
    *(
        "Nadia",
        "Otto",
        "Pia",
        "Quinn",
        "Rosa",
        "Sami",
        "Tove",
        "Uma",
        "Vito",
        "Wren",
        "Xenia",
        "Yara",
        "Zeno",
    ),
)
LAST_NAMES = (
    *("Ashgrove", "Birchall", "Cedarholm", "Dogwood", "Elmsley", "Firth", "Gorse", "Hawthorn", "Ivymore"),
    *("Juniper", "Larchfield", "Maplewell", "Nettleton", "Oakhurst", "Pinewood", "Rowanby", "Sorrell"),
    *("Thistle", "Willowby"),
)
