"""What decisions over the registry are made from, and the steps that they share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct, field
from msgspec.structs import replace

from schema.canonical import Json
from schema.commitments import Commitment
from schema.entry import REGISTRY
from schema.errors import InputError
from schema.events.base import Payload
from schema.identifiers import is_object_id, purpose_of
from schema.instants import format_minute
from schema.vocabulary import Meaning, ObjectType, Role, SiteType
from tracker.protocols.model import Protocol
from tracker.registry.requests import RegistryRequest
from tracker.rules.authority import grant_violation
from tracker.rules.decision import Allowed, Decision, Denied, Draft, ScanAnswer, Slot, Violation
from tracker.rules.equipment_use import EquipmentUse
from tracker.rules.registry_state import RegistryState
from tracker.rules.situation import Resolution
from tracker.rules.therapy_state import TherapyState, UnitState

ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
QUALITY = frozenset({Role.QUALITY})
PLANNERS = frozenset({Role.ADMINISTRATOR, Role.COORDINATOR})
"""Who says when a site is open and what can be booked there."""

OVERSEERS = frozenset({Role.ADMINISTRATOR, Role.QUALITY})
"""Who may end what was granted, and approve what one person should not grant alone."""


class RegistrySituation(Struct, frozen=True):
    """The registry, the time and the place that a request is judged by; the shell gives what is not pure."""

    registry: RegistryState
    now: datetime
    """The station's clock: rights and declared times are judged by it."""

    shown_at: datetime
    """The clock when the statement was made that people sign; times in it are of then."""

    station: str
    offset_of: Callable[[datetime], str]
    """The offset from UTC of the station's clock at a moment."""

    clock_of: Callable[[str], Callable[[datetime], str]]
    """The same of a site's clocks, by its code."""

    fresh: Callable[[ObjectType], str]
    """Draws an unused object id of this store's purpose."""

    commit: Callable[[str, Json], Commitment]
    """Commits to the value of a field under a fresh salt, and keeps the opening."""

    code_shown_by: str | None = None
    """The person whose one-time code was just checked against its hash."""

    boxes: Mapping[str, str] = field(default_factory=dict)
    """The box that each scan stands for, by its key."""

    equipment: Mapping[str, str] = field(default_factory=dict)
    """The box, logger or instrument that each scan stands for, by its key."""

    lots: Mapping[str, str] = field(default_factory=dict)
    """The lot that each scan stands for, by its key."""

    resolutions: Mapping[str, Resolution] = field(default_factory=dict)
    """What each scan stands for, by its key."""

    held: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The units in each of these boxes, by the ledger."""

    uses: Mapping[str, int] = field(default_factory=dict)
    """How many acts on each of these boxes there have been."""

    in_doubt: tuple[EquipmentUse, ...] = ()
    """For which cells the equipment of the request was used since it is in doubt, newest first."""

    inside: Mapping[str, tuple[tuple[Protocol, UnitState], ...]] = field(default_factory=dict)
    """What lies in the place or box that the request is about, by therapy, with what says what it bears."""

    touched: Mapping[str, TherapyState] = field(default_factory=dict)
    """The therapies to which the recall of a lot owes something, as many as one act takes."""

    touched_left: int = 0
    """How many more there are."""

    there: tuple[str, ...] = ()
    """The open units at the site, or in the hands of the person, that the request switches off."""

    at_bench: tuple[str, ...] = ()
    """The therapies at the bench of the station that the request switches off."""

    in_use: frozenset[str] = frozenset()
    """The blank labels of the request that stand for something already."""

    by_program: bool = False
    """Whether the program itself asks, not a person or an instrument."""

    def local(self, moment: datetime, site: str | None = None) -> str:
        """A time by the clocks of a site, which are those of the station where none is named."""
        if site is None:
            return format_minute(moment, self.offset_of(moment))
        return format_minute(moment, self.clock_of(site)(moment))

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise InputError(f"The time {self.now.isoformat()} has no offset.", remedy="Give an aware time.")


Decisions = Mapping[type[RegistryRequest], Callable[[RegistrySituation, Any], Decision]]
"""Which function decides over which request."""


def denied(rule: str, message: str, remedy: str, *, answer: ScanAnswer = ScanAnswer.STOP) -> Denied:
    """A refusal without evidence: administration happens by being recorded, so never against a rule."""
    return Denied(Violation(rule, message, remedy, answer, waivable=False))


def denied_by(violation: Violation) -> Denied:
    """A refusal for a violation that others found."""
    return Denied(replace(violation, waivable=False))


def performed(request: RegistryRequest, roles: frozenset[Role] = frozenset()) -> Slot:
    """The signature of the actor, in a role held at any site: the registry is the whole network's."""
    return Slot(Meaning.PERFORMED, roles, staff=request.actor)


def allowed(
    situation: RegistrySituation, request: RegistryRequest, payloads: Iterable[Payload], *slots: Slot
) -> Allowed:
    """The payloads as one act that the same people sign; reason and remark stand in its first event."""
    first, *more = payloads
    remark = None if request.remark is None else situation.commit("remark", request.remark)
    said = first.model_copy(update={"reason": request.reason, "remark": remark})
    return Allowed(tuple(Draft(REGISTRY, payload, slots=slots) for payload in (said, *more)))


def event_of(request: RegistryRequest, **found: object) -> Payload:
    """The event that a request asks for: what it says under the same names, and what the decision found."""
    payload_class = request.records
    if payload_class is None:
        raise TypeError(f"{request.name} records nothing.")
    # What every event may carry is filled in later, unless the event gives it a meaning of its own.
    common = Payload.model_fields.keys() - payload_class.__annotations__.keys()
    said = payload_class.model_fields.keys() - common - found.keys()
    return payload_class.model_validate({**{name: getattr(request, name) for name in said}, **found})


def id_refusal(situation: RegistrySituation, object_id: str) -> Denied | None:
    """Why an id that was given, not drawn, cannot be one of this store; None if it can."""
    if not is_object_id(object_id):
        return denied(
            "bad_id", f"{object_id} is not an object id of cartrail.", "Scan the printed code of the object."
        )
    purpose = situation.registry.purpose
    if purpose_of(object_id) is not purpose:
        return denied(
            "other_purpose",
            f"{object_id} was made for a {purpose_of(object_id)} store, and this is a {purpose} store.",
            "Use a code that was printed for this store.",
        )
    return None


def others_administer(situation: RegistrySituation, staff: str, *, without_grant: str | None = None) -> bool:
    """Whether somebody with a key can still administer the store once this person or grant is gone."""
    registry = situation.registry
    if without_grant is not None:
        given = tuple(one for one in registry.grants_of(staff) if one.event_id != without_grant)
        registry = replace(registry, grants={**registry.grants, staff: given})
    return any(
        registry.active_key(person) is not None
        and grant_violation(registry, person, ADMINISTRATORS, None, situation.now) is None
        for person in registry.people
        if person != staff or without_grant is not None
    )


def last_administrator(staff: str) -> Denied:
    """The refusal of what would leave nobody to administer the store."""
    return denied(
        "last_administrator",
        f"Nobody but {staff} could then administer this store.",
        "Grant somebody else the administrator role first, and have them activate a key.",
    )


def person_refusal(situation: RegistrySituation, staff: str) -> Denied | None:
    """Why nothing can be done about a person: unknown, or deactivated."""
    violation = grant_violation(situation.registry, staff, (), None, situation.now)
    return None if violation is None else denied_by(violation)


def overseer_of(
    situation: RegistrySituation, request: RegistryRequest, sites: Iterable[str], *, concerned: str = ""
) -> Slot:
    """The actor's signature as administrator or quality of one of these sites, where one of them has any.

    The person it is about is `concerned` and does not count. A carrier has no say in what is not its own.
    """
    own = [site for site in dict.fromkeys(sites) if _overseers(situation, site) - {concerned}]
    if not own and any(request.actor in _overseers(situation, one) for one in situation.registry.sites):
        own = [site for site in _handling_cells(situation) if _overseers(situation, site) - {concerned}]
    mine = [site for site in own if request.actor in _overseers(situation, site)]
    return replace(performed(request, OVERSEERS), site=next(iter(mine or own), None))


def overseen_by(
    situation: RegistrySituation, request: RegistryRequest, sites: Iterable[str], *, concerned: str = ""
) -> tuple[Slot, ...]:
    """Who signs for what others at these sites rest on: somebody of there, then somebody of another site.

    Each only where there is such a person who can sign. What belongs to no site takes one signature. The
    other site is one that handles cells: a carrier answers for its drivers, not for what becomes of others.
    """
    here = dict.fromkeys(sites)
    first = overseer_of(situation, request, here, concerned=concerned)
    elsewhere = [site for site in _handling_cells(situation) if here and site not in here]
    able = [site for site in elsewhere if _overseers(situation, site) - {request.actor, concerned}]
    named = {one.staff for one in request.signers if one.meaning is Meaning.APPROVED}
    chosen = [site for site in able if _overseers(situation, site) & named] or able
    if not chosen:
        return (first,)
    because = "this is signed for at another site too"
    return (first, Slot(Meaning.APPROVED, OVERSEERS, chosen[0], because=because))


def quality_elsewhere(situation: RegistrySituation, request: RegistryRequest, site: str) -> Slot:
    """The approval of quality, of another site than this one where there is such a person who can sign.

    Of a site that handles cells, as long as one of them has such a person: not of a carrier.
    """
    known = [one for one in _handling_cells(situation) if _able(situation, one, QUALITY) - {request.actor}]
    able = [one for one in known if one != site] or known
    named = {one.staff for one in request.signers if one.meaning is Meaning.APPROVED}
    chosen = [one for one in able if _able(situation, one, QUALITY) & named] or able
    because = "this is signed for at another site" if chosen and chosen != [site] else ""
    return Slot(Meaning.APPROVED, QUALITY, next(iter(chosen), None), because=because)


def _handling_cells(situation: RegistrySituation) -> list[str]:
    """The sites that take part and are no carriers."""
    return [
        one.code
        for one in situation.registry.sites.values()
        if one.active and one.site_type is not SiteType.CARRIER
    ]


def _overseers(situation: RegistrySituation, site: str) -> set[str]:
    """Who can sign as administrator or quality of a site now."""
    return _able(situation, site, OVERSEERS)


def _able(situation: RegistrySituation, site: str, roles: frozenset[Role]) -> set[str]:
    registry = situation.registry
    return {
        staff
        for staff in registry.people
        if registry.active_key(staff) is not None
        and grant_violation(registry, staff, roles, site, situation.now) is None
    }


NAMED_MAX: Final = 5
"""How many things a refusal names."""


def occupied(what: str, things: Sequence[str], remedy: str) -> Denied | None:
    """The refusal to switch off what still has something in its care; None where nothing is there."""
    if not things:
        return None
    more = f" and {len(things) - NAMED_MAX} more" if len(things) > NAMED_MAX else ""
    return denied("still_in_use", f"{what}: {', '.join(things[:NAMED_MAX])}{more}.", remedy)


def taken(what: str, value: str) -> Denied:
    """The refusal to give an id or code a second time."""
    return denied(
        f"{what}_taken",
        f"The {what} {value} is already in this store.",
        "Use another; nothing in the registry is ever reused.",
    )
