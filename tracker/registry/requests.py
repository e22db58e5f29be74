"""Requests about sites, people, grants, badges, keys, protocols and equipment: the chain `registry`."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from schema.events.base import (
    BadgeId,
    EquipmentId,
    EventId,
    LocationId,
    Sha256,
    ShortName,
    Text,
    Title,
    Word,
)
from schema.events.registry import ExportUris, KeyId, PublicKey, WristbandRule
from schema.vocabulary import EquipmentType, LocationType, Role, SiteType
from tracker.requests.base import Request, ScanField
from tracker.requests.fields import ChainEnd, DeclaredTime, Offset, PrintedName, object_id_of


class RegistryRequest(Request):
    """A request whose events stand in the chain `registry`."""

    by_program: ClassVar[bool] = False
    """Made by the program itself on what it saw; not taken from people or instruments."""


class AddSite(RegistryRequest):
    """Let an organization's site join the network."""

    name: ClassVar[str] = "add_site"
    summary: ClassVar[str] = "Add a site to the network (administrator)."
    site: ShortName
    title: Title
    site_type: SiteType
    address: Text = ""
    phone_24h: str = Field(default="", max_length=40)
    offset: Offset = "+00:00"
    wristband: tuple[WristbandRule, ...] = ()


class DeactivateSite(RegistryRequest):
    """Let a site leave the network; what it recorded stays."""

    name: ClassVar[str] = "deactivate_site"
    summary: ClassVar[str] = "Take a site out of the network (administrator or quality)."
    site: ShortName


class AddDepartment(RegistryRequest):
    """Make a part of a site able to be custodian."""

    name: ClassVar[str] = "add_department"
    summary: ClassVar[str] = (
        "Add a department that can hold custody, with the roles that answer for it (administrator)."
    )
    site: ShortName
    department: ShortName
    title: Title
    roles: tuple[Role, ...] = Field(min_length=1)


class AddLocation(RegistryRequest):
    """Make a place able to hold units; its id is drawn where none is given."""

    name: ClassVar[str] = "add_location"
    summary: ClassVar[str] = (
        "Add a storage place, bench, dock or ward with a code of its own (administrator)."
    )
    location: Annotated[LocationId, BeforeValidator(object_id_of)] | None = None
    site: ShortName
    department: ShortName
    title: Title
    location_type: LocationType


class AddStation(RegistryRequest):
    """Let a terminal record at a site."""

    name: ClassVar[str] = "add_station"
    summary: ClassVar[str] = "Add a terminal to a site (administrator)."
    new_station: ShortName
    site: ShortName
    title: Title
    pasted_accepted: bool = True
    bench: Annotated[LocationId, BeforeValidator(object_id_of)] | None = Field(
        default=None, description="the bench it stands at, where several terminals share one"
    )


class RetireStation(RegistryRequest):
    """Let a terminal record no longer, and its cosigning key count no more."""

    name: ClassVar[str] = "retire_station"
    summary: ClassVar[str] = "Retire a terminal and its cosigning key (administrator or quality)."
    old_station: ShortName


class AddStationKey(RegistryRequest):
    """Let a station cosign checkpoints with a key that lies on it."""

    name: ClassVar[str] = "add_station_key"
    summary: ClassVar[str] = "Add the public key with which a station cosigns checkpoints (administrator)."
    key_station: ShortName
    key: KeyId
    public: PublicKey
    on_hub: bool


class AddPerson(RegistryRequest):
    """Give a person a staff id, which nobody else will ever have (21 CFR 11.100(a))."""

    name: ClassVar[str] = "add_person"
    summary: ClassVar[str] = "Add a person under a new staff id (administrator)."
    staff: ShortName
    printed_name: PrintedName


class DeactivatePerson(RegistryRequest):
    """Let a person do nothing any more, and their key count no more."""

    name: ClassVar[str] = "deactivate_person"
    summary: ClassVar[str] = "Deactivate a person and retire their key (administrator or quality)."
    staff: ShortName


class GrantRole(RegistryRequest):
    """Let a person act in a role at a site for a time (21 CFR 11.10(g), (i))."""

    name: ClassVar[str] = "grant_role"
    summary: ClassVar[str] = (
        "Grant a role at a site (administrator; roles that decide over others, and one's own, need approval)."
    )
    staff: ShortName
    role: Role
    site: ShortName
    valid_from: DeclaredTime | None = None
    valid_until: DeclaredTime | None = None
    training_reference: Title
    training_expires_at: DeclaredTime | None = None


class RevokeRole(RegistryRequest):
    """End a grant before its time."""

    name: ClassVar[str] = "revoke_role"
    summary: ClassVar[str] = "Revoke a grant, named by the event that gave it (administrator or quality)."
    grant: EventId


class BindBadge(RegistryRequest):
    """Let a badge stand for a person; its id is drawn where none is scanned."""

    name: ClassVar[str] = "bind_badge"
    summary: ClassVar[str] = "Bind a new badge to a person (administrator)."
    staff: ShortName
    badge: ScanField | None = None


class RevokeBadge(RegistryRequest):
    """Let a lost or replaced badge stand for nobody (21 CFR 11.300(c))."""

    name: ClassVar[str] = "revoke_badge"
    summary: ClassVar[str] = "Revoke a lost or replaced badge (administrator or quality)."
    badge: Annotated[BadgeId, BeforeValidator(object_id_of)]


class IssueAccessCode(RegistryRequest):
    """Let a person set a first password, or a new one after forgetting theirs, which retires the old key."""

    name: ClassVar[str] = "issue_access_code"
    summary: ClassVar[str] = "Issue a one-time code for a first or forgotten password (administrator)."
    staff: ShortName
    expires_at: DeclaredTime | None = None


class ActivateKey(RegistryRequest):
    """Let the key count that its owner, the actor, has just made with a one-time code before a witness."""

    name: ClassVar[str] = "activate_key"
    summary: ClassVar[str] = "Activate one's new key before a witness who did not issue the code."
    key: KeyId
    public: PublicKey


class RetireKey(RegistryRequest):
    """Let a key count no more."""

    name: ClassVar[str] = "retire_key"
    summary: ClassVar[str] = "Retire a key (its owner, administrator or quality)."
    key: KeyId


class RotateLogKey(RegistryRequest):
    """Let the next key of the log count, and the one before it no more."""

    name: ClassVar[str] = "rotate_log_key"
    summary: ClassVar[str] = (
        "Retire the log's key for its next one (administrator, approved by a second person)."
    )
    by_program: ClassVar[bool] = True
    key: KeyId
    public: PublicKey


class AdoptProtocol(RegistryRequest):
    """Let therapies be pinned to a version of a protocol, named by the digest of its bytes."""

    name: ClassVar[str] = "adopt_protocol"
    summary: ClassVar[str] = "Adopt a version of a protocol (quality, approved by a second person)."
    protocol: Word
    version: int = Field(ge=1)
    sha256: Sha256
    title: Title


class AddEquipment(RegistryRequest):
    """Take a box, shipper or data logger into use; its id is drawn where none is given."""

    name: ClassVar[str] = "add_equipment"
    summary: ClassVar[str] = "Add a box, shipper or data logger with a code of its own (administrator)."
    equipment: Annotated[EquipmentId, BeforeValidator(object_id_of)] | None = None
    equipment_type: EquipmentType
    title: Title
    site: ShortName
    hold_hours: int | None = Field(default=None, ge=1, le=2000)
    requalification_due: DeclaredTime | None = None


class LockOut(RegistryRequest):
    """Lock a person at one station after repeated failures; made by the program (21 CFR 11.300(d))."""

    name: ClassVar[str] = "lock_out"
    summary: ClassVar[str] = "Lock a person out at one station (made by the program)."
    by_program: ClassVar[bool] = True
    staff: ShortName
    locked_station: ShortName
    until: DeclaredTime


class Export(RegistryRequest):
    """Note that a bundle leaves the store; made by the program while it writes the bundle."""

    name: ClassVar[str] = "export"
    summary: ClassVar[str] = "Note that a bundle leaves the store (made by the program)."
    by_program: ClassVar[bool] = True
    tree_size: int = Field(ge=1)
    root: Sha256
    chains: tuple[ChainEnd, ...]
    whole: bool = False
    free_text: bool = True
    checkpoints: tuple[int, ...] = ()
    reading: tuple[Word, ...] = ()
    uris: ExportUris | None = None


class ExportTrail(RegistryRequest):
    """Note that a trail leaves the store; made by the program before it writes the first byte."""

    name: ClassVar[str] = "export_trail"
    summary: ClassVar[str] = "Note that a trail leaves the store (made by the program)."
    by_program: ClassVar[bool] = True
    form: Word
    chains: tuple[str, ...]
    identifiers: bool = False
    free_text: bool = False
    staff_names: bool = False


REGISTRY_REQUESTS: tuple[type[RegistryRequest], ...] = (
    AddSite,
    DeactivateSite,
    AddDepartment,
    AddLocation,
    AddStation,
    RetireStation,
    AddStationKey,
    AddPerson,
    DeactivatePerson,
    GrantRole,
    RevokeRole,
    BindBadge,
    RevokeBadge,
    IssueAccessCode,
    ActivateKey,
    RetireKey,
    RotateLogKey,
    AdoptProtocol,
    AddEquipment,
    LockOut,
    Export,
    ExportTrail,
)
"""Every request of this chain, in the order `record --help-requests` shows them."""
