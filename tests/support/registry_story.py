"""A registry told event by event without a database: founded by A-1 and B-2, then whatever a test asks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from schema.canonical import Json
from schema.commitments import Commitment, Opening
from schema.entry import REGISTRY, Statement
from schema.events import registry as events
from schema.events.base import Payload
from schema.identifiers import ALPHABET, PURPOSE_LETTER
from schema.signing import key_id
from schema.vocabulary import ClockKind, EntryMode, Meaning, ObjectType, Purpose, Role, SiteType
from tracker.evidence.vkey import vkey
from tracker.local_time import offset_of
from tracker.registry.decide import decide_registry
from tracker.registry.evolve import evolve_registry
from tracker.registry.network.founding import Founding, NewFounder, founding_actor, founding_drafts
from tracker.registry.requests import RegistryRequest
from tracker.registry.situation import RegistrySituation, denied_by
from tracker.requests.base import SignerReference
from tracker.rules.authority import signer_violation
from tracker.rules.decision import Allowed, Decision, Denied, Draft
from tracker.rules.public_keys import public_text
from tracker.rules.registry_state import RegistryState

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SITE, HUB, ADA, BEN = "CENTER", "HUB-1", "A-1", "B-2"


def public_of(owner: str) -> bytes:
    """The public key of a made-up owner, the same in every run."""
    private = Ed25519PrivateKey.from_private_bytes(sha256(owner.encode()).digest())
    return private.public_key().public_bytes_raw()


def a_founding(purpose: Purpose = Purpose.TRAINING, **changes: Any) -> Founding:
    """What `init` would have asked for a store of this purpose."""
    origin = f"cartrail/{purpose}/0123456789abcdef"
    founding = Founding(
        origin=origin,
        purpose=purpose,
        clock=ClockKind.SIMULATED,
        log_key=str(vkey(origin, public_of("log"))),
        log_public=public_of("log"),
        site=events.SiteAdded(
            site=SITE, title="Cell center", site_type=SiteType.MANUFACTURER, zone="Europe/Berlin"
        ),
        departments=(
            events.DepartmentAdded(
                site=SITE, department="LAB", title="Cell lab", roles=(Role.CELL_LAB_TECHNICIAN,)
            ),
        ),
        station=events.StationAdded(station=HUB, site=SITE, title="Hub"),
        founders=(
            NewFounder(ADA, "Ada Example", public_of(ADA)),
            NewFounder(BEN, "Ben Example", public_of(BEN)),
        ),
        valid_from=NOON,
    )
    return replace(founding, **changes)


def stated(payload: Payload, *, number: int, actor: str, at: datetime = NOON) -> Statement:
    """A payload as a statement with an event id made from its number."""
    event_id = str(UUID(int=(7 << 76) | (0b10 << 62) | number))
    return Statement(
        event_id, event_id, REGISTRY, at, "+01:00", actor, HUB, SITE, EntryMode.LIVE, actor, payload
    )


@dataclass
class Story:
    """A registry that grows; `now` is moved by hand."""

    state: RegistryState = field(default_factory=RegistryState)
    now: datetime = NOON
    station: str = HUB
    drawn: int = 0
    code_shown_by: str | None = None
    by_program: bool = False

    def tell(self, payload: Payload, actor: str = ADA) -> str:
        """Record an event without asking any rule; gives its event id."""
        number = self.state.sequence + 1
        statement = stated(payload, number=number, actor=actor, at=self.now)
        self.state = evolve_registry(self.state, number, statement)
        return statement.event_id

    def tell_all(self, drafts: tuple[Draft, ...], actor: str = ADA) -> None:
        """Record what was decided."""
        for draft in drafts:
            self.tell(draft.payload, actor)

    def draw(self, object_type: ObjectType) -> str:
        """An id that depends only on how many were drawn before."""
        self.drawn += 1
        tail = ALPHABET[self.drawn % len(ALPHABET)] + ALPHABET[self.drawn // len(ALPHABET)]
        return object_type + PURPOSE_LETTER[self.state.purpose] + "2345678" + tail

    def situation(self) -> RegistrySituation:
        """What a decision is made from now."""
        return RegistrySituation(
            registry=self.state,
            now=self.now,
            shown_at=self.now,
            station=self.station,
            offset_of=offset_of(self.state, SITE),
            clock_of=lambda site: offset_of(self.state, site),
            fresh=self.draw,
            commit=commit,
            code_shown_by=self.code_shown_by,
            by_program=self.by_program,
        )

    def decide(self, request: RegistryRequest) -> Decision:
        """What the rules say to the request and to those who are to sign it, without recording it."""
        decision = decide_registry(self.situation(), request)
        if isinstance(decision, Denied):
            return decision
        violation = signer_violation(self.state, request, decision.events, self.now)
        return decision if violation is None else denied_by(violation)

    def do(self, request: RegistryRequest) -> tuple[Draft, ...]:
        """Record what the rules permit; fails when they do not."""
        decision = self.decide(request)
        assert isinstance(decision, Allowed), decision
        self.tell_all(decision.events, request.actor)
        return decision.events

    def refusal(self, request: RegistryRequest) -> str:
        """The rule that forbids the request; fails when none does."""
        decision = self.decide(request)
        assert isinstance(decision, Denied), decision
        assert decision.reason.message.endswith(".") and decision.reason.remedy.endswith(".")
        assert not decision.reason.waivable and not decision.events
        return decision.reason.rule

    def hire(self, staff: str, *roles: Role, key: bool = True, site: str = SITE) -> None:
        """A person with grants and an active key, told without asking the rules."""
        self.tell(events.PersonAdded(staff=staff, name=f"Person {staff}"))
        for role in roles:
            self.grant(staff, role, site=site)
        if key:
            public = public_of(staff)
            self.tell(events.KeyAdded(owner=staff, key=key_id(public), public=public_text(public)))
            self.tell(events.KeyActivated(owner=staff, key=key_id(public)), actor=staff)

    def grant(self, staff: str, role: Role, *, site: str = SITE, **terms: Any) -> str:
        """A grant valid from now on, told without asking the rules; gives its event id."""
        training = events.Training(reference="SOP 7", expires_at=terms.pop("training_expires_at", None))
        terms.setdefault("valid_from", self.now)
        return self.tell(events.RoleGranted(staff=staff, role=role, site=site, training=training, **terms))

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)


def commit(field_name: str, value: Json) -> Commitment:
    """A commitment under a salt that every test knows."""
    return Commitment(commitment=Opening(field_name, value, b"\x00" * 32).commitment)


def founded(purpose: Purpose = Purpose.TRAINING) -> Story:
    """A store just founded by A-1 and B-2, both administrator and quality."""
    story, founding = Story(), a_founding(purpose)
    for draft in founding_drafts(founding):
        story.tell(draft.payload, founding_actor(founding, draft))
    return story


def asked(request_class: type[RegistryRequest], *, actor: str = ADA, signers: str = "", **fields: Any) -> Any:
    """A request by an actor at the hub; `signers` reads like "A-1 performed, B-2 approved"."""
    pairs = [pair.split() for pair in signers.split(",") if pair]
    return request_class(
        event_id="01890a5d-ac96-774b-bcce-b302099a8057",
        actor=actor,
        station=fields.pop("station", HUB),
        signers=tuple(SignerReference(staff=staff, meaning=Meaning(meaning)) for staff, meaning in pairs),
        **fields,
    )


def kinds_of(drafts: tuple[Draft, ...]) -> list[str]:
    """The kinds of what was decided, in order."""
    return [draft.payload.kind for draft in drafts]
