"""Requests about what the whole network rests on: keys and one-time codes, protocols, exports."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from schema.events import registry as events
from schema.events.base import COUNT_MAX, VERSION_MAX, Day, EventId, Sha256, ShortName, WholeNumber, Word
from schema.events.registry import ExportUris, KeyId, PublicKey, ReadingDigests
from tracker.registry.requests import RegistryRequest
from tracker.requests.base import PayloadClass
from tracker.requests.fields import ChainEnd, DeclaredTime, LabelTitle


class IssueAccessCode(RegistryRequest):
    """Let a person set a first password, or a new one after forgetting theirs.

    The key they have is retired when the new one is activated, or at once where a second person approves it.
    """

    name: ClassVar[str] = "issue_access_code"
    summary: ClassVar[str] = (
        "Issue a one-time code for a first or forgotten password (administrator; for at_once a second too)."
    )
    records: ClassVar[PayloadClass] = events.AccessCodeIssued
    staff: ShortName
    at_once: bool = Field(default=False, description="retire the key that the person has now")
    expires_at: DeclaredTime | None = None


class ActivateKey(RegistryRequest):
    """Activate the key that the actor has just made with a one-time code, before a witness."""

    name: ClassVar[str] = "activate_key"
    summary: ClassVar[str] = "Activate one's new key before a witness who did not issue the code."
    records: ClassVar[PayloadClass] = events.KeyActivated
    key: KeyId
    public: PublicKey


class RetireKey(RegistryRequest):
    """End the use of a key; what it signed before still counts."""

    name: ClassVar[str] = "retire_key"
    summary: ClassVar[str] = "Retire a key (its owner, administrator or quality)."
    records: ClassVar[PayloadClass] = events.KeyRetired
    key: KeyId


class AddStationKey(RegistryRequest):
    """Let a station cosign checkpoints with a key that lies on it."""

    name: ClassVar[str] = "add_station_key"
    summary: ClassVar[str] = "Add the public key with which a station cosigns checkpoints (administrator)."
    records: ClassVar[PayloadClass] = events.KeyAdded
    key_station: ShortName
    key: KeyId
    public: PublicKey
    on_hub: bool


class RotateLogKey(RegistryRequest):
    """Replace the key of the log."""

    name: ClassVar[str] = "rotate_log_key"
    summary: ClassVar[str] = (
        "Retire the log's key for its next one (administrator, approved by a second person)."
    )
    records: ClassVar[PayloadClass] = events.KeyAdded
    by_program: ClassVar[bool] = True
    key: KeyId
    public: PublicKey


class AcceptLoss(RegistryRequest):
    """Go on from a backup although entries behind it are lost, under a new key of the log; named for ever."""

    name: ClassVar[str] = "accept_loss"
    summary: ClassVar[str] = (
        "Go on from a backup that lacks entries (administrator, approved by quality of another site)."
    )
    records: ClassVar[PayloadClass] = events.StoreRestored
    by_program: ClassVar[bool] = True
    needs_reason: ClassVar[bool] = True
    known_size: WholeNumber = Field(ge=1, le=2**40 - 1)
    known_root: Sha256
    restored_size: WholeNumber = Field(ge=0, le=2**40 - 1)
    key: KeyId
    public: PublicKey


class NameLostHead(RegistryRequest):
    """Say of a head that a machine shows only now that it is of a log that was lost; named for ever."""

    name: ClassVar[str] = "name_lost_head"
    summary: ClassVar[str] = (
        "Say that a machine's head is of what was lost (administrator, approved by quality of another site)."
    )
    records: ClassVar[PayloadClass] = events.LostHeadNamed
    by_program: ClassVar[bool] = True
    needs_reason: ClassVar[bool] = True
    loss: EventId
    known_size: WholeNumber = Field(ge=1, le=2**40 - 1)
    known_root: Sha256


class LockOut(RegistryRequest):
    """Lock a person out after repeated failures; made by the program (21 CFR 11.300(d))."""

    name: ClassVar[str] = "lock_out"
    summary: ClassVar[str] = "Lock a person out at one station or at all (made by the program)."
    records: ClassVar[PayloadClass] = events.LockedOut
    by_program: ClassVar[bool] = True
    staff: ShortName
    locked_station: ShortName | None = None
    until: DeclaredTime


class CorrectClock(RegistryRequest):
    """Let recorded times go back to the true time, after a clock ran ahead; marked for ever."""

    name: ClassVar[str] = "correct_clock"
    summary: ClassVar[str] = "Let recorded times go back after a clock ran ahead (two people, one quality)."
    records: ClassVar[PayloadClass] = events.ClockCorrected
    needs_reason: ClassVar[bool] = True


class ConfirmClock(RegistryRequest):
    """Say that this station's clock is right although nothing was recorded for weeks."""

    name: ClassVar[str] = "confirm_clock"
    summary: ClassVar[str] = "Confirm today's date after weeks without any entry (two people)."
    records: ClassVar[PayloadClass] = events.ClockConfirmed
    day: Day


class AdoptProtocol(RegistryRequest):
    """Let therapies be pinned to a version of a protocol, named by the digest of its bytes."""

    name: ClassVar[str] = "adopt_protocol"
    summary: ClassVar[str] = "Adopt a version of a protocol (quality, approved by a second person)."
    records: ClassVar[PayloadClass] = events.ProtocolAdopted
    protocol: Word
    version: WholeNumber = Field(ge=1, le=VERSION_MAX)
    sha256: Sha256
    title: LabelTitle
    unverified_because: LabelTitle | None = Field(
        default=None, description="why figures that nobody has verified may feed rules of a production store"
    )


TreeSize = Annotated[WholeNumber, Field(ge=1, le=2**40 - 1)]


class Export(RegistryRequest):
    """Note that a bundle leaves the store; made by the program while it writes the bundle."""

    name: ClassVar[str] = "export"
    summary: ClassVar[str] = "Note that a bundle leaves the store (made by the program)."
    records: ClassVar[PayloadClass] = events.Exported
    by_program: ClassVar[bool] = True
    tree_size: TreeSize
    root: Sha256
    chains: tuple[ChainEnd, ...]
    whole: bool = False
    free_text: bool = True
    checkpoints: tuple[TreeSize, ...] = Field(default=(), max_length=1000)
    reading: ReadingDigests = ReadingDigests()
    uris: ExportUris | None = None


class ExportTrail(RegistryRequest):
    """Note that a trail leaves the store; made by the program before it writes the first byte."""

    name: ClassVar[str] = "export_trail"
    summary: ClassVar[str] = "Note that a trail leaves the store (made by the program)."
    records: ClassVar[PayloadClass] = events.TrailExported
    by_program: ClassVar[bool] = True
    form: Word
    chains: tuple[str, ...]
    identifiers: bool = False
    free_text: bool = False
    staff_names: bool = False
    signed_in: bool
    failed: EventId | None = None


class ListPeople(RegistryRequest):
    """Note that who may do what was read or taken out; made by the program before it shows anybody."""

    name: ClassVar[str] = "list_people"
    summary: ClassVar[str] = "Note that people and their roles were read (made by the program)."
    records: ClassVar[PayloadClass] = events.PeopleListed
    by_program: ClassVar[bool] = True
    form: Word
    count: WholeNumber = Field(ge=0, le=COUNT_MAX)
    signed_in: bool


class SearchIdentifier(RegistryRequest):
    """Note that somebody looked for a patient by an identifier; made by the program before it shows any."""

    name: ClassVar[str] = "search_identifier"
    summary: ClassVar[str] = "Note that a patient was looked for by an identifier (made by the program)."
    records: ClassVar[PayloadClass] = events.IdentifierSearched
    by_program: ClassVar[bool] = True
    form: Word
    issuer: ShortName | None = None
    type: Word | None = None
    chains: tuple[str, ...]
    signed_in: bool
