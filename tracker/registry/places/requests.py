"""Requests about sites, departments, locations and stations."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from pydantic import BeforeValidator, Field

from schema.events import registry as events
from schema.events.base import EquipmentId, EventId, LocationId, ShortName, WholeNumber
from schema.events.registry import WristbandRule
from schema.measured import CelsiusText
from schema.positions import COLUMNS_MAX, ROWS_MAX
from schema.vocabulary import LocationType, Role, SiteType, Weekday
from tracker.registry.requests import RegistryRequest
from tracker.requests.base import PayloadClass, ScanField
from tracker.requests.fields import (
    DeclaredTime,
    LabelText,
    LabelTitle,
    NearDay,
    PhoneText,
    Zone,
    object_id_of,
)

COUNTED_MAX: Final = 2000
"""Codes of one count: more than lies in a large tank."""


class AddSite(RegistryRequest):
    """Let an organization's site join the network."""

    name: ClassVar[str] = "add_site"
    summary: ClassVar[str] = "Add a site to the network (administrator)."
    records: ClassVar[PayloadClass] = events.SiteAdded
    site: ShortName
    title: LabelTitle
    site_type: SiteType
    address: LabelText = ""
    phone_24h: PhoneText = ""
    zone: Zone
    wristband: tuple[WristbandRule, ...] = ()


class ChangeSiteContact(RegistryRequest):
    """Change the address of a site or the number that is answered day and night."""

    name: ClassVar[str] = "change_site_contact"
    summary: ClassVar[str] = "Change a site's address or 24 h telephone as labels print them (administrator)."
    records: ClassVar[PayloadClass] = events.SiteContactChanged
    site: ShortName
    address: LabelText | None = Field(default=None, min_length=1, max_length=300)
    phone_24h: PhoneText | None = Field(default=None, min_length=1)


class SetSiteZone(RegistryRequest):
    """Let the clocks of a site go by another time zone, from now or from a later moment on."""

    name: ClassVar[str] = "set_site_zone"
    summary: ClassVar[str] = "Set a site's time zone from now or a later moment on (administrator)."
    records: ClassVar[PayloadClass] = events.SiteZoneSet
    site: ShortName
    zone: Zone
    valid_from: DeclaredTime | None = Field(default=None, description="now, where it is left out")


class SetSiteWristband(RegistryRequest):
    """Say how the wristband numbers of a site look; all its rules at once."""

    name: ClassVar[str] = "set_site_wristband"
    summary: ClassVar[str] = "Say how the wristband numbers of a site look, all its rules (administrator)."
    records: ClassVar[PayloadClass] = events.SiteWristbandSet
    site: ShortName
    wristband: tuple[WristbandRule, ...]


class SetSiteDays(RegistryRequest):
    """Say on which days of the week a site is open."""

    name: ClassVar[str] = "set_site_days"
    summary: ClassVar[str] = "Say on which days of the week a site is open (administrator or coordinator)."
    records: ClassVar[PayloadClass] = events.SiteDaysSet
    site: ShortName
    open_on: tuple[Weekday, ...] = Field(min_length=1, max_length=7)


class CloseResource(RegistryRequest):
    """Close a site, or one thing of it, for some days."""

    name: ClassVar[str] = "close_resource"
    summary: ClassVar[str] = (
        "Close a site, or one thing of it, from a day until a day (administrator or coordinator)."
    )
    records: ClassVar[PayloadClass] = events.ResourceClosed
    site: ShortName
    resource: ShortName | None = Field(default=None, description="the whole site, where it is left out")
    from_day: NearDay
    until_day: NearDay
    title: LabelTitle


class LiftClosure(RegistryRequest):
    """Open again what was closed."""

    name: ClassVar[str] = "lift_closure"
    summary: ClassVar[str] = "Lift a closure of a site (administrator or coordinator)."
    records: ClassVar[PayloadClass] = events.ClosureLifted
    site: ShortName
    closure: EventId


class DeactivateSite(RegistryRequest):
    """Let a site leave the network; what it recorded stays."""

    name: ClassVar[str] = "deactivate_site"
    summary: ClassVar[str] = (
        "Take a site out of the network (administrator or quality, of it and of another site)."
    )
    records: ClassVar[PayloadClass] = events.SiteDeactivated
    site: ShortName


class ReactivateSite(RegistryRequest):
    """Take a site into the network again."""

    name: ClassVar[str] = "reactivate_site"
    summary: ClassVar[str] = (
        "Take a site into the network again (administrator or quality, of it and of another site)."
    )
    records: ClassVar[PayloadClass] = events.SiteReactivated
    site: ShortName


class AddDepartment(RegistryRequest):
    """Add a part of a site that can be custodian."""

    name: ClassVar[str] = "add_department"
    summary: ClassVar[str] = (
        "Add a department that can hold custody, with the roles that answer for it (administrator)."
    )
    records: ClassVar[PayloadClass] = events.DepartmentAdded
    site: ShortName
    department: ShortName
    title: LabelTitle
    roles: tuple[Role, ...] = Field(min_length=1)


class AddLocation(RegistryRequest):
    """Add a place that can hold units; its id is drawn where none is given."""

    name: ClassVar[str] = "add_location"
    summary: ClassVar[str] = (
        "Add a storage place, bench, dock or ward with a code of its own (administrator)."
    )
    records: ClassVar[PayloadClass] = events.LocationAdded
    location: Annotated[LocationId, BeforeValidator(object_id_of)] | None = None
    site: ShortName
    department: ShortName
    title: LabelTitle
    location_type: LocationType


class SetLocationConditions(RegistryRequest):
    """Say which temperatures a place keeps, and how many rows and columns of positions it has."""

    name: ClassVar[str] = "set_location_conditions"
    summary: ClassVar[str] = (
        "Set which temperatures a place keeps, or its rows and columns; put away is judged by them "
        "(administrator)."
    )
    records: ClassVar[PayloadClass] = events.LocationConditionsSet
    location: Annotated[LocationId, BeforeValidator(object_id_of)]
    celsius_min: CelsiusText | None = Field(default=None, description="the coldest it gets")
    celsius_max: CelsiusText | None = Field(default=None, description="the warmest it gets")
    rows: WholeNumber | None = Field(
        default=None, ge=1, le=ROWS_MAX, description="of its positions, A to Z; as they are, where left out"
    )
    columns: WholeNumber | None = Field(default=None, ge=1, le=COLUMNS_MAX)
    data_logger: Annotated[EquipmentId, BeforeValidator(object_id_of)] | None = Field(
        default=None, description="the logger that records in it; as before where it is left out"
    )


class CountStorage(RegistryRequest):
    """Say what lies in a place: everything in it was scanned."""

    name: ClassVar[str] = "count_storage"
    summary: ClassVar[str] = (
        "Count a storage place: all that lies in it against the record (who answers for it, or quality)."
    )
    records: ClassVar[PayloadClass] = events.StorageCounted
    location: Annotated[LocationId, BeforeValidator(object_id_of)]
    units: tuple[ScanField, ...] = Field(default=(), max_length=COUNTED_MAX)
    goes_on: bool = Field(
        default=False,
        description="Only tell the therapies that the count before left out, by the same codes.",
    )


class AddStation(RegistryRequest):
    """Let a terminal record at a site."""

    name: ClassVar[str] = "add_station"
    summary: ClassVar[str] = "Add a terminal to a site (administrator)."
    records: ClassVar[PayloadClass] = events.StationAdded
    new_station: ShortName
    site: ShortName
    title: LabelTitle
    pasted_accepted: bool = True
    bench: Annotated[LocationId, BeforeValidator(object_id_of)] | None = Field(
        default=None, description="the bench it stands at, where several terminals share one"
    )


class SetStationBoard(RegistryRequest):
    """Let a terminal show the board while nobody is signed in, or let it ask for a sign-in."""

    name: ClassVar[str] = "set_station_board"
    summary: ClassVar[str] = (
        "Let a station show the board without sign-in, or not (administrator or quality of its site)."
    )
    records: ClassVar[PayloadClass] = events.StationBoardSet
    board_station: ShortName
    board: bool


class RetireStation(RegistryRequest):
    """Retire a terminal and its cosigning key."""

    name: ClassVar[str] = "retire_station"
    summary: ClassVar[str] = (
        "Retire a terminal and its cosigning key (administrator or quality, of its site and of another)."
    )
    records: ClassVar[PayloadClass] = events.StationRetired
    old_station: ShortName


class ReactivateStation(RegistryRequest):
    """Let a retired terminal record again."""

    name: ClassVar[str] = "reactivate_station"
    summary: ClassVar[str] = (
        "Let a retired terminal record again (administrator or quality, of its site and of another)."
    )
    records: ClassVar[PayloadClass] = events.StationReactivated
    old_station: ShortName
