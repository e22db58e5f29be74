"""The events with which a store begins, founded on the word of two people (21 CFR 11.100)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from schema.entry import REGISTRY
from schema.errors import InputError
from schema.events import registry as events
from schema.events.base import Payload
from schema.signing import key_id
from schema.vocabulary import ClockKind, Meaning, Purpose, Role
from tracker.rules.decision import Draft, Slot
from tracker.rules.public_keys import PUBLIC_BYTES, public_text
from tracker.rules.registry_state import LOG_OWNER, compared_name

FOUNDING_ROLES = (Role.ADMINISTRATOR, Role.QUALITY)
FOUNDING_TRAINING = "Founder of this store"


@dataclass(frozen=True, slots=True)
class NewFounder:
    """One of the first two people, with the key they have just made."""

    staff: str
    name: str
    public: bytes


@dataclass(frozen=True, slots=True)
class Founding:
    """Everything `init` has asked for."""

    origin: str
    purpose: Purpose
    clock: ClockKind
    log_key: str
    """The C2SP vkey of the log."""

    log_public: bytes
    site: events.SiteAdded
    departments: tuple[events.DepartmentAdded, ...]
    station: events.StationAdded
    """The hub."""

    founders: tuple[NewFounder, NewFounder]
    valid_from: datetime
    roles: tuple[Role, ...] = FOUNDING_ROLES

    @property
    def key_owners(self) -> Sequence[tuple[str, bytes]]:
        """The first keys of the store in the order in which they are added."""
        return ((LOG_OWNER, self.log_public), *((one.staff, one.public) for one in self.founders))


def founding_drafts(founding: Founding) -> tuple[Draft, ...]:
    """Registry entries 0 to n in their order; only the activations of the two keys are signed.

    Each is `performed` by its owner and `witnessed` by the other, whose own key need not count yet.
    """
    _check(founding)
    first, second = founding.founders
    payloads: list[Payload] = [
        _store_created(founding),
        founding.site,
        *founding.departments,
        founding.station,
    ]
    payloads += [events.PersonAdded(staff=one.staff, name=one.name) for one in founding.founders]
    payloads += [_granted(founding, one.staff, role) for one in founding.founders for role in founding.roles]
    payloads += [
        events.KeyAdded(owner=owner, key=key_id(public), public=public_text(public))
        for owner, public in founding.key_owners
    ]
    return (
        *(Draft(REGISTRY, payload) for payload in payloads),
        _activated(first, witness=second),
        _activated(second, witness=first),
    )


def founding_actor(founding: Founding, draft: Draft) -> str:
    """Who acts in a founding event: the owner activates their key, all else is the first founder's."""
    payload = draft.payload
    return payload.owner if isinstance(payload, events.KeyActivated) else founding.founders[0].staff


def _store_created(founding: Founding) -> events.StoreCreated:
    return events.StoreCreated(
        origin=founding.origin,
        purpose=founding.purpose,
        clock=founding.clock,
        log_key=founding.log_key,
        founders=tuple(
            events.Founder(staff=one.staff, key=key_id(one.public), public=public_text(one.public))
            for one in founding.founders
        ),
    )


def _granted(founding: Founding, staff: str, role: Role) -> events.RoleGranted:
    return events.RoleGranted(
        staff=staff,
        role=role,
        site=founding.site.site,
        valid_from=founding.valid_from,
        training=events.Training(reference=FOUNDING_TRAINING),
    )


def _activated(founder: NewFounder, *, witness: NewFounder) -> Draft:
    return Draft(
        REGISTRY,
        events.KeyActivated(owner=founder.staff, key=key_id(founder.public)),
        slots=(Slot(Meaning.PERFORMED, staff=founder.staff), Slot(Meaning.WITNESSED, staff=witness.staff)),
    )


def _check(founding: Founding) -> None:
    """Raise InputError for founders who are not two, or for parts that do not fit together."""
    first, second = founding.founders
    if first.staff == second.staff:
        raise InputError(
            f"Both founders have the staff id {first.staff}.", remedy="Name two different people."
        )
    if compared_name(first.name) == compared_name(second.name):
        raise InputError(
            f"Both founders have the printed name {first.name}.", remedy="Add what tells them apart."
        )
    publics = {public for _, public in founding.key_owners}
    if len(publics) != 3 or any(len(public) != PUBLIC_BYTES for public in publics):
        raise InputError(
            "The log and the two founders do not have three different keys.", remedy="Make a key for each."
        )
    if f"cartrail/{founding.purpose}/" not in founding.origin:
        raise InputError(f"The origin {founding.origin} is not that of a {founding.purpose} store.")
    strays = {founding.station.site, *(one.site for one in founding.departments)} - {founding.site.site}
    if strays:
        raise InputError(
            f"The hub or a department is at {', '.join(sorted(strays))}, not at {founding.site.site}."
        )
