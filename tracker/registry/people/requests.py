"""Requests about people, their roles and their badges."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from schema.events import registry as events
from schema.events.base import COUNT_MAX, BadgeId, Day, EventId, Sha256, ShortName, WholeNumber
from schema.vocabulary import ReviewOutcome, Role
from tracker.registry.requests import RegistryRequest
from tracker.requests.base import PayloadClass, ScanField
from tracker.requests.fields import DeclaredTime, LabelTitle, PrintedName, object_id_of


class AddPerson(RegistryRequest):
    """Give a person a staff id, which nobody else will ever have (21 CFR 11.100(a))."""

    name: ClassVar[str] = "add_person"
    summary: ClassVar[str] = "Add a person under a new staff id (administrator)."
    records: ClassVar[PayloadClass] = events.PersonAdded
    staff: ShortName
    printed_name: PrintedName


class DeactivatePerson(RegistryRequest):
    """Deactivate a person and their key."""

    name: ClassVar[str] = "deactivate_person"
    summary: ClassVar[str] = (
        "Deactivate a person and retire their key (administrator or quality, of their site and of another)."
    )
    records: ClassVar[PayloadClass] = events.PersonDeactivated
    staff: ShortName


class ReactivatePerson(RegistryRequest):
    """Let a person act again by the grants that still stand."""

    name: ClassVar[str] = "reactivate_person"
    summary: ClassVar[str] = (
        "Let a deactivated person act again (administrator or quality, of their site and of another)."
    )
    records: ClassVar[PayloadClass] = events.PersonReactivated
    staff: ShortName


class GrantRole(RegistryRequest):
    """Let a person act in a role at a site for a time (21 CFR 11.10(g), (i))."""

    name: ClassVar[str] = "grant_role"
    summary: ClassVar[str] = (
        "Grant a role at a site (administrator; roles that decide over others, and one's own, need approval)."
    )
    records: ClassVar[PayloadClass] = events.RoleGranted
    staff: ShortName
    role: Role
    site: ShortName
    valid_from: DeclaredTime | None = None
    valid_until: DeclaredTime | None = None
    training_reference: LabelTitle
    training_expires_at: DeclaredTime | None = None


class RevokeRole(RegistryRequest):
    """End a grant before its time."""

    name: ClassVar[str] = "revoke_role"
    summary: ClassVar[str] = (
        "Revoke a grant, named by the event that gave it (administrator or quality of its site)."
    )
    records: ClassVar[PayloadClass] = events.RoleRevoked
    grant: EventId


class ReviewRights(RegistryRequest):
    """Say, as quality, that the rights of a day were reviewed: in order, or with observations."""

    name: ClassVar[str] = "review_rights"
    summary: ClassVar[str] = "Sign a review of who held which right on a day (quality)."
    records: ClassVar[PayloadClass] = events.RightsReviewed
    day: Day
    sha256: Sha256
    count: WholeNumber = Field(ge=0, le=COUNT_MAX)
    outcome: ReviewOutcome


class BindBadge(RegistryRequest):
    """Bind a badge to a person; its id is drawn where none is scanned."""

    name: ClassVar[str] = "bind_badge"
    summary: ClassVar[str] = "Bind a new badge to a person (administrator)."
    records: ClassVar[PayloadClass] = events.BadgeBound
    staff: ShortName
    badge: ScanField | None = None


class RevokeBadge(RegistryRequest):
    """Revoke a lost or replaced badge (21 CFR 11.300(c))."""

    name: ClassVar[str] = "revoke_badge"
    summary: ClassVar[str] = (
        "Revoke a lost or replaced badge (administrator or quality of the person's site)."
    )
    records: ClassVar[PayloadClass] = events.BadgeRevoked
    badge: Annotated[BadgeId, BeforeValidator(object_id_of)]
