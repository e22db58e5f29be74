"""A request as received: its canonical bytes for idempotency, and the time it is about."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

import orjson
from msgspec import Struct

from schema.canonical import canonical_as_received, normalized
from schema.errors import InputError, Refusal
from schema.events.identity import Enrolled
from schema.instants import CLOCKS_APART_MAX, format_apart, parse_declared, parse_offset
from schema.vocabulary import TRIES, EntryMode, Purpose, ReadMode
from schema.zones import OtherClock
from tracker.catalog import parse_request, to_wire
from tracker.registry.requests import RegistryRequest
from tracker.requests.base import Request
from tracker.requests.fields import times_of
from tracker.rules.registry_state import RegistryState
from tracker.rules.therapy_state import TherapyState

DECLARES_TIME = frozenset({EntryMode.LATE, EntryMode.PAPER, EntryMode.IMPORTED, EntryMode.UNATTENDED})
NEEDS_REASON = frozenset({EntryMode.LATE, EntryMode.PAPER})


class Intake(Struct, frozen=True):
    """A request with the canonical bytes it arrived as, before any default."""

    request: Request
    received: bytes

    def digest(self, salt: bytes) -> str:
        """Hex SHA-256(salt || canonical request)."""
        return hashlib.sha256(salt + self.received).hexdigest()


def receive(raw: Mapping[str, object] | Request, *, forced_mode: EntryMode | None = None) -> Intake:
    """The request of a JSON object or of a typed value; raises InputError.

    `forced_mode` replaces the declared entry mode, for passwords that came from a file.
    """
    given = to_wire(raw) if isinstance(raw, Request) else raw
    data = normalized(given, where="request")
    if not isinstance(data, Mapping):
        raise InputError("A request is a JSON object.")
    request = parse_request(data)
    if forced_mode is not None and request.entry.mode in (EntryMode.LIVE, EntryMode.UNATTENDED):
        request = request.model_copy(update={"entry": request.entry.model_copy(update={"mode": forced_mode})})
    return Intake(request, canonical_as_received(given, data))


def occurrence(request: Request, now: datetime, offset_of: Callable[[datetime], str]) -> tuple[datetime, str]:
    """When it happened and the offset of the site's clocks then, which `offset_of` knows.

    Raises InputError or Refusal for a time that cannot be, and for one by other clocks than the site's.

    Live entries take the station's clock; an unattended entry may leave it to the clock too.
    """
    mode = request.entry.mode
    if request.occurred_at is None:
        if mode in DECLARES_TIME and mode is not EntryMode.UNATTENDED:
            raise InputError(f"A {mode.value} entry declares when it happened.", remedy="Add occurred_at.")
        return now, offset_of(now)
    if mode is EntryMode.LIVE:
        raise InputError(
            "A live entry takes the station's clock and declares no time.",
            remedy='Leave occurred_at out, or enter it as {"mode": "late", "reason": ...}.',
        )
    moment, offset = parse_declared(request.occurred_at)
    if moment - now > CLOCKS_APART_MAX:
        raise Refusal(
            f"It cannot have happened at {request.occurred_at}, 120 s or more ahead of this station's clock.",
            remedy="Check the date, the offset and the station's clock.",
            code="occurred_ahead",
        )
    here = offset_of(moment)
    if offset is not None and offset != here:
        raise OtherClock(request.occurred_at, moment.astimezone(parse_offset(here)))
    return moment, here


def require_own_clock(intake: Intake, offset_of: Callable[[datetime], str]) -> None:
    """Raise OtherClock for a time of a step that is written with an offset the site's clocks had not then.

    What the registry is told, as a grant's end, may be said by the clocks of the place it is about.
    """
    times = () if isinstance(intake.request, RegistryRequest) else times_of(type(intake.request))
    said = [name for name in times if getattr(intake.request, name) is not None]
    received = orjson.loads(intake.received) if said else {}
    for name in said:
        text = received.get(name)
        moment, offset = parse_declared(text) if isinstance(text, str) else (None, None)
        if moment is not None and offset is not None and offset != offset_of(moment):
            raise OtherClock(str(text), moment.astimezone(parse_offset(offset_of(moment))))


def require_floor(
    request: Request,
    occurred_at: datetime,
    registry: RegistryState,
    therapies: Iterable[TherapyState],
    offset_of: Callable[[datetime], str],
) -> None:
    """Raise InputError for a declared time before the store was founded or a therapy of it was enrolled."""
    if request.occurred_at is None:
        return
    floors = [("this store was founded", registry.founded_at)]
    floors += [(f"{one.coi} was enrolled", one.facts[Enrolled.kind].at) for one in therapies]
    for what, at in floors:
        if at is not None and occurred_at < at:
            then, since = format_apart((occurred_at, at), offset_of(at))
            raise InputError(
                f"It cannot have happened at {then}, before {what}, at {since}.",
                remedy="Check the year, the day and the offset; nothing was recorded.",
                code="occurred_too_early",
            )


def require_read(request: Request, purpose: Purpose) -> None:
    """Raise Refusal for a choice of the training tray in a store where something really happens."""
    if purpose in TRIES:
        return
    for field, mode in request.modes():
        if mode is ReadMode.SIMULATED:
            raise Refusal(
                f"A code for {field.replace('_', ' ')} was chosen from a training tray, and this is a "
                f"{purpose.value} store: nobody read it.",
                remedy="Scan the label itself; nothing was recorded.",
                code="simulated_read",
            )


def require_reason(request: Request) -> None:
    """Raise InputError for a late or paper entry that does not say why."""
    given = request.entry.reason or request.reason or request.outside_rules
    if request.entry.mode in NEEDS_REASON and given is None:
        raise InputError(
            f"A {request.entry.mode.value} entry says why it was not live.",
            remedy='Add entry.reason, such as "network_down".',
        )
