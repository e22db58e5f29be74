"""Events of the chain `registry`: sites, people, grants, badges, keys, protocols, exports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from schema.commitments import Commitment
from schema.events.base import (
    COUNT_MAX,
    VERSION_MAX,
    BadgeId,
    Day,
    EquipmentId,
    EventId,
    LocationId,
    Payload,
    Sha256,
    ShortName,
    Text,
    Title,
    Value,
    WholeNumber,
    Word,
    ZoneName,
)
from schema.instants import Instant
from schema.measured import CelsiusText
from schema.positions import COLUMNS_MAX, ROWS_MAX
from schema.vocabulary import ClockKind, LocationType, Purpose, ReviewOutcome, Role, SiteType, Weekday

KeyId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
PublicKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{43}=$")]
"""Base64 of the 32 public bytes."""

KeyOwner = Annotated[str, Field(pattern=r"^([A-Z0-9-]{2,16}|log|station/[A-Z0-9-]{2,16})$")]


class Founder(Value):
    """One of the first two people, whose word the store is founded on."""

    staff: ShortName
    key: KeyId
    public: PublicKey


class StoreCreated(Payload):
    """The first entry of every store, unsigned: origin, purpose, clock, log key, founders."""

    kind: ClassVar[str] = "store_created"
    origin: str = Field(pattern=r"^cartrail/(demo|training|validation|production)/[0-9a-f]{16}$")
    purpose: Purpose
    clock: ClockKind
    log_key: str = Field(max_length=200)
    """The C2SP vkey of the log."""

    founders: tuple[Founder, ...]


class WristbandRule(Value):
    """How a site's wristband numbers look; leading zeros are part of the number."""

    issuer: ShortName
    type: Word
    prefix: str = Field(default="", max_length=10, pattern=r"^[A-Z0-9-]*$")
    length: WholeNumber = Field(ge=1, le=40)


class SiteAdded(Payload):
    """A site joined the network."""

    kind: ClassVar[str] = "site_added"
    site: ShortName
    title: Title
    site_type: SiteType
    address: Text = ""
    phone_24h: str = Field(default="", max_length=40)
    zone: ZoneName
    wristband: tuple[WristbandRule, ...] = ()


class SiteContactChanged(Payload):
    """The address or telephone of a site changed; what is left out stays as it was."""

    kind: ClassVar[str] = "site_contact_changed"
    site: ShortName
    address: Text | None = None
    phone_24h: str | None = Field(default=None, max_length=40)


class SiteZoneSet(Payload):
    """From an instant on, a site's clocks go by another zone: the law changed, or the wrong one was named."""

    kind: ClassVar[str] = "site_zone_set"
    site: ShortName
    zone: ZoneName
    valid_from: Instant


class SiteWristbandSet(Payload):
    """How the wristband numbers of a site look from here on; no rule for a site without patients."""

    kind: ClassVar[str] = "site_wristband_set"
    site: ShortName
    wristband: tuple[WristbandRule, ...]


class SiteDaysSet(Payload):
    """The days of the week on which a site is open from here on; before that is said, on every day."""

    kind: ClassVar[str] = "site_days_set"
    site: ShortName
    open_on: tuple[Weekday, ...] = Field(min_length=1, max_length=7)


class ResourceClosed(Payload):
    """A site, or one thing of it such as a chair or suite, is closed for days, the last one included."""

    kind: ClassVar[str] = "resource_closed"
    site: ShortName
    resource: ShortName | None = None
    """What of the site is closed; None for all of it."""

    from_day: Day
    until_day: Day
    title: Title
    """What the closure is called, such as a holiday."""


class ClosureLifted(Payload):
    """A closure was a mistake, or is over early."""

    kind: ClassVar[str] = "closure_lifted"
    site: ShortName
    closure: EventId


class SiteDeactivated(Payload):
    """A site left the network."""

    kind: ClassVar[str] = "site_deactivated"
    site: ShortName


class SiteReactivated(Payload):
    """A site is part of the network again, with everything it had."""

    kind: ClassVar[str] = "site_reactivated"
    site: ShortName


class DepartmentAdded(Payload):
    """A department that can be custodian, with the roles that answer for it."""

    kind: ClassVar[str] = "department_added"
    site: ShortName
    department: ShortName
    title: Title
    roles: tuple[Role, ...] = Field(min_length=1)


class LocationAdded(Payload):
    """A place that can hold units."""

    kind: ClassVar[str] = "location_added"
    location: LocationId
    site: ShortName
    department: ShortName
    title: Title
    location_type: LocationType


class LocationConditionsSet(Payload):
    """What a place is like from now on: the temperatures it keeps, and the rows and columns it has.

    What is put away there has to bear all of the temperatures.
    """

    kind: ClassVar[str] = "location_conditions_set"
    location: LocationId
    celsius_min: CelsiusText | None = None
    celsius_max: CelsiusText | None = None
    rows: WholeNumber | None = Field(default=None, ge=1, le=ROWS_MAX)
    columns: WholeNumber | None = Field(default=None, ge=1, le=COLUMNS_MAX)
    data_logger: EquipmentId | None = None
    """The logger that records in it from now on; the one that did before, where it is left out."""


class StorageCounted(Payload):
    """Everything in a place was scanned and held against the record; of which patient, their chains say."""

    kind: ClassVar[str] = "storage_counted"
    location: LocationId
    expected: WholeNumber = Field(ge=0, le=COUNT_MAX)
    """How many units were there by the record."""

    found: WholeNumber = Field(ge=0, le=COUNT_MAX)
    missing: WholeNumber = Field(ge=0, le=COUNT_MAX)
    unexpected: WholeNumber = Field(ge=0, le=COUNT_MAX)
    """How many others were there, which the record has elsewhere."""

    unknown: tuple[Commitment, ...] = Field(default=(), max_length=200)
    """The codes that stand for no unit of this store."""


class ClockCorrected(Payload):
    """What the ledger holds is ahead of the time; entries may go back to it from here on (two people)."""

    kind: ClassVar[str] = "clock_corrected"
    corrected_to: Instant


class StoreRestored(Payload):
    """A backup took the place of a store that was gone, and entries behind it are lost (two people).

    Leaves of the log beyond `restored_size`, up to `known_size`, were recorded once and are not in it.
    """

    kind: ClassVar[str] = "store_restored"
    known_size: WholeNumber = Field(ge=1, le=2**40 - 1)
    """How many leaves the newest head saw that anybody showed."""

    known_root: Sha256
    restored_size: WholeNumber = Field(ge=0, le=2**40 - 1)
    """How many of them the backup held."""


class LostHeadNamed(Payload):
    """A machine that was found later had seen more of a lost log than anybody showed then (two people)."""

    kind: ClassVar[str] = "lost_head_named"
    loss: EventId
    """The `store_restored` that this head is of too."""

    known_size: WholeNumber = Field(ge=1, le=2**40 - 1)
    known_root: Sha256


class ClockConfirmed(Payload):
    """After a long silence two people said that the clock of a station is right, by the day they typed."""

    kind: ClassVar[str] = "clock_confirmed"
    day: Day


class StationAdded(Payload):
    """A terminal at a site."""

    kind: ClassVar[str] = "station_added"
    station: ShortName
    site: ShortName
    title: Title
    pasted_accepted: bool = True
    bench: LocationId | None = None
    """The bench it stands at, where that has a code of its own: several terminals may stand at one."""


class StationBoardSet(Payload):
    """Whether the board, which names nobody, is shown at a terminal where nobody signed in."""

    kind: ClassVar[str] = "station_board_set"
    station: ShortName
    board: bool


class StationRetired(Payload):
    """A terminal no longer records."""

    kind: ClassVar[str] = "station_retired"
    station: ShortName


class StationReactivated(Payload):
    """A terminal records again."""

    kind: ClassVar[str] = "station_reactivated"
    station: ShortName


class PersonAdded(Payload):
    """A person of the network; staff ids are never reused."""

    kind: ClassVar[str] = "person_added"
    staff: ShortName
    name: Title


class PersonDeactivated(Payload):
    """A person was deactivated: they can neither act nor sign."""

    kind: ClassVar[str] = "person_deactivated"
    staff: ShortName


class PersonReactivated(Payload):
    """A person may act again by the grants that stand; they need a new one-time code for a key."""

    kind: ClassVar[str] = "person_reactivated"
    staff: ShortName


class Training(Value):
    """What shows that the person can do it, and until when."""

    reference: Title
    expires_at: Instant | None = None


class RoleGranted(Payload):
    """A person may act in a role at a site for a time."""

    kind: ClassVar[str] = "role_granted"
    staff: ShortName
    role: Role
    site: ShortName
    valid_from: Instant
    valid_until: Instant | None = None
    training: Training


class RoleRevoked(Payload):
    """A grant ended early."""

    kind: ClassVar[str] = "role_revoked"
    grant: EventId


class RightsReviewed(Payload):
    """Quality read who held which right on a day and said what is to be said of it (21 CFR 11.10(d), (g))."""

    kind: ClassVar[str] = "rights_reviewed"
    day: Day
    sha256: Sha256
    """Of the list as it was read: the CSV that `cartrail person list --on` writes for the day."""

    count: WholeNumber = Field(ge=0, le=COUNT_MAX)
    """How many rights stood on it."""

    outcome: ReviewOutcome


class BadgeBound(Payload):
    """A badge stands for a person."""

    kind: ClassVar[str] = "badge_bound"
    badge: BadgeId
    staff: ShortName


class BadgeRevoked(Payload):
    """A badge was lost or replaced."""

    kind: ClassVar[str] = "badge_revoked"
    badge: BadgeId


class AccessCodeIssued(Payload):
    """A one-time code for a first or forgotten password was given to a person."""

    kind: ClassVar[str] = "access_code_issued"
    staff: ShortName
    expires_at: Instant


class KeyAdded(Payload):
    """A public key and whose it is."""

    kind: ClassVar[str] = "key_added"
    owner: KeyOwner
    key: KeyId
    public: PublicKey
    on_hub: bool | None = None
    """For a station: whether it is the hub itself."""


class KeyActivated(Payload):
    """The owner signed with the key before a witness; from here it counts."""

    kind: ClassVar[str] = "key_activated"
    owner: KeyOwner
    key: KeyId


class KeyRetired(Payload):
    """A key was retired: what it signs from here does not count."""

    kind: ClassVar[str] = "key_retired"
    owner: KeyOwner
    key: KeyId


class ProtocolAdopted(Payload):
    """A version of a protocol may be pinned to therapies."""

    kind: ClassVar[str] = "protocol_adopted"
    protocol: Word
    version: WholeNumber = Field(ge=1, le=VERSION_MAX)
    sha256: Sha256
    title: Title
    unverified_because: Title | None = None
    """Why a production store takes figures that feed a rule and that nobody has verified; else None."""


class LockedOut(Payload):
    """A person was locked out for a while after repeated failures (21 CFR 11.300(d))."""

    kind: ClassVar[str] = "locked_out"
    staff: ShortName
    station: ShortName | None = None
    """At which station; None at every one, after failures over many."""

    until: Instant


class ExportUris(Value):
    """How other systems' readers are to know our things, as it was configured when the bundle was made."""

    base: Annotated[str, Field(min_length=8, max_length=200, pattern=r"^[\x21-\x7e]+$")]
    digital_link: bool


class ReadingDigests(Value):
    """The files for reading that lie in a bundle, each by its name and the SHA-256 of its bytes."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True, validate_by_alias=True)

    trail_pdf: Sha256 | None = Field(default=None, alias="trail.pdf")
    trail_csv: Sha256 | None = Field(default=None, alias="trail.csv")
    epcis_json: Sha256 | None = Field(default=None, alias="epcis.json")

    @property
    def by_name(self) -> Mapping[str, str]:
        """The digests of those that are named."""
        said: Mapping[str, str] = self.model_dump(exclude_none=True)
        return said


class Exported(Payload):
    """A bundle left the store: of which log, what it holds, and what of it is open to its reader."""

    kind: ClassVar[str] = "exported"
    tree_size: WholeNumber = Field(ge=1, le=2**40 - 1)
    """The log that the bundle shows, as it was signed before this event."""

    root: Sha256
    chains: Commitment
    """Which therapies, with their ends: a name in clear would tell every other therapy's auditor."""

    whole: bool
    """Whether it holds every therapy."""

    free_text: bool
    """Whether the committed values that may be shown are in it."""

    checkpoints: tuple[Annotated[WholeNumber, Field(ge=0, le=2**40 - 1)], ...] = Field(max_length=1000)
    """Sizes of the checkpoints in it beside the two of the export; a whole bundle has all there are."""

    reading: ReadingDigests = ReadingDigests()
    """What was made for reading before this event, so that another file in its place is found."""

    uris: ExportUris | None = None


class TrailExported(Payload):
    """A trail leaves the store as a file or a stream: in which form, and what of it is open to its reader.

    It is noted before the first byte; where the file could not be written after all, a second one says so.
    """

    kind: ClassVar[str] = "trail_exported"
    form: Word
    """Such as `csv` or `pdf`."""

    chains: Commitment
    """Which therapies: a name in clear would tell every other therapy's auditor."""

    count: WholeNumber = Field(ge=0, le=COUNT_MAX)
    """How many chains."""

    identifiers: bool
    """Whether the patient's identifiers are in it."""

    free_text: bool
    """Whether what people wrote in their own words is in it."""

    staff_names: bool
    """Whether printed names of staff are in it."""

    signed_in: bool
    """Whether the program had the password of the actor; in a demo store a name is enough."""

    failed: EventId | None = None
    """The note before this one, of an export that was attempted and came to no file."""


class PeopleListed(Payload):
    """Who may do what, with names, was read or taken out by somebody who had signed in."""

    kind: ClassVar[str] = "people_listed"
    form: Word
    """Such as `table` or `csv`."""

    count: WholeNumber = Field(ge=0, le=COUNT_MAX)
    """How many people."""

    signed_in: bool
    """Whether the program had the password of the actor; in a demo store a name is enough."""


class IdentifierSearched(Payload):
    """Somebody compared a patient's identifier that they typed with those that are held.

    What they typed stands nowhere.
    """

    kind: ClassVar[str] = "identifier_searched"
    form: Word
    """Where it was shown, such as `table` or `screen`."""

    issuer: ShortName | None = None
    """Of the identifier, where that was said, or where all that was found have the same."""

    type: Word | None = None
    chains: Commitment
    """Which therapies were found: a name in clear would tell every other therapy's auditor."""

    count: WholeNumber = Field(ge=0, le=COUNT_MAX)
    """How many therapies."""

    signed_in: bool
    """Whether the program had the password of the actor; in a demo store a name is enough."""
