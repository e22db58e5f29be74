"""The rules every step obeys, read from the protocol: order, place, custody, release, clocks, roles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from schema.instants import format_instant, parse_offset
from schema.vocabulary import Disposition, FinalDisposition, Material, PartyType, Role, SitePart
from tracker.protocols.model import Holder, Protocol, ScanOn, Step, format_duration
from tracker.requests.base import Request
from tracker.rules.authority import grant_violation
from tracker.rules.custodians import described, stands_for
from tracker.rules.decision import Answer, Violation
from tracker.rules.situation import Found, Resolution, Situation
from tracker.rules.therapy_state import Occurrence, TherapyState, TherapyStatus, UnitState

HANDOFF_KINDS = frozenset({"accepted", "partly_accepted", "refused", "lapsed", "delivery_attempted"})
BOX_KINDS = HANDOFF_KINDS | {
    "relinquished",
    "unpacked",
    "inspected",
    "quarantined",
    "deviation_opened",
    "code_adopted",
}
AFTER_THE_END = frozenset({"destroyed", "deviation_opened", "code_adopted", "corrected", "closed"})
NEEDS_RUNNING = frozenset(
    {"manufacturing_started", "released", "released_out_of_specification", "thaw_started", "infusion_started"}
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One step that is asked of one therapy, with one of its units where the step has units."""

    situation: Situation
    request: Request
    therapy: TherapyState
    kind: str
    unit: UnitState | None = None
    scanned: Resolution | None = None
    material: Material | None = None
    """For a unit that does not exist yet."""

    @property
    def protocol(self) -> Protocol:
        """The pinned protocol."""
        return self.situation.protocol(self.therapy)

    @property
    def step(self) -> Step | None:
        """The protocol's step for the unit's material."""
        return self.protocol.step(self.kind, self.unit.material if self.unit else self.material)

    @property
    def subject(self) -> str:
        """What the step is about, as a person names it."""
        return f"{self.unit.material.value} {self.unit.unit}" if self.unit else f"therapy {self.therapy.coi}"


def local(situation: Situation, occurrence: Occurrence) -> str:
    """When and by whom, in the station's local time."""
    offset = situation.registry.offset_at(situation.station.site)
    moment = occurrence.at.astimezone(parse_offset(offset))
    return f"{moment:%Y-%m-%d %H:%M} ({offset}) by {occurrence.actor}"


def step_violations(attempt: Attempt) -> Iterator[Violation]:
    """Every rule that the attempt breaks, the one to tell a person first."""
    step = attempt.step
    if step is None:
        yield Violation(
            "not_in_protocol",
            f"The protocol {attempt.protocol.id} has no step {attempt.kind} for {attempt.subject}.",
            "Scan the right unit, or have quality adopt another protocol.",
        )
        return
    yield from _already(attempt, step)
    yield from _status(attempt)
    if attempt.unit is not None:
        yield from _unit_rules(attempt, step, attempt.unit)
    yield from _order(attempt, step)
    yield from _place(attempt, step)
    yield from _role(attempt, step)
    yield from _limits(attempt)


def _unit_rules(attempt: Attempt, step: Step, unit: UnitState) -> Iterator[Violation]:
    yield from _label(attempt, step, unit)
    yield from _life(attempt, unit)
    yield from _quality(attempt, step, unit)
    yield from _custody(attempt, step, unit)


def _already(attempt: Attempt, step: Step) -> Iterator[Violation]:
    facts = attempt.unit.facts if attempt.unit else attempt.therapy.facts
    before = facts.get(attempt.kind)
    if step.once and before is not None and not _remainder(attempt):
        yield Violation(
            "already_done",
            f"{step.title}: already done for {attempt.subject} at {local(attempt.situation, before)}.",
            "Nothing to do. If it was recorded wrongly, correct that event.",
            answer=Answer.CHECK,
        )


def _remainder(attempt: Attempt) -> bool:
    """Whether this is the destruction of what an infusion left."""
    return attempt.kind == "destroyed" and attempt.unit is not None and bool(attempt.unit.remainder_ml)


def _status(attempt: Attempt) -> Iterator[Violation]:
    status = attempt.therapy.status
    if status is TherapyStatus.CLOSED and attempt.kind != "closed":
        yield Violation(
            "therapy_closed",
            f"The therapy {attempt.therapy.coi} is closed.",
            "Ask quality; it can be recorded as late.",
        )
    if status is TherapyStatus.CANCELED and attempt.kind in NEEDS_RUNNING:
        yield Violation(
            "therapy_canceled",
            f"The therapy {attempt.therapy.coi} was canceled.",
            "Only put away, return or destroy its units.",
        )


def _label(attempt: Attempt, step: Step, unit: UnitState) -> Iterator[Violation]:
    scanned = attempt.scanned
    if scanned is None:
        return
    if scanned.found is Found.UNIT and scanned.copy is not None and unit.labels.get(scanned.copy) is False:
        yield Violation(
            "superseded",
            f"The scanned copy {scanned.copy} of {unit.unit} was superseded by another label.",
            "Scan the valid label. Destroy the old copy before a witness.",
        )
    wanted = {ScanOn.UNIT: Found.UNIT, ScanOn.CASSETTE: Found.CASSETTE}.get(step.scan)
    if (
        wanted is Found.CASSETTE
        and unit.cassette is None
        and scanned.found is Found.UNIT
        and "cassette_bound" not in step.after
    ):
        return
    if wanted and scanned.found in (Found.UNIT, Found.CASSETTE) and scanned.found is not wanted:
        yield Violation(
            "wrong_carrier",
            f"{step.title} is done on the code of the {wanted.value}; the {scanned.found.value} was scanned.",
            f"Scan the {wanted.value} {unit.cassette if wanted is Found.CASSETTE else unit.unit or ''}.",
        )


def _life(attempt: Attempt, unit: UnitState) -> Iterator[Violation]:
    if unit.final is not None and attempt.kind not in AFTER_THE_END:
        yield Violation(
            "unit_ended",
            f"{attempt.subject} is {unit.final.value}: its record has ended.",
            "Scan the right unit.",
        )
    if unit.final is not None and attempt.kind == "destroyed" and not _remainder(attempt):
        yield Violation(
            "unit_ended",
            f"{attempt.subject} is {unit.final.value}; nothing of it is left to destroy.",
            "Scan the right unit.",
        )
    expired = unit.expires_at is not None and attempt.situation.occurred_at >= unit.expires_at
    if expired and attempt.kind in NEEDS_RUNNING:
        yield Violation(
            "expired",
            f"{attempt.subject} expired at {format_instant(unit.expires_at)}." if unit.expires_at else "",
            "Do not use it. Quarantine it and call quality.",
        )


def _quality(attempt: Attempt, step: Step, unit: UnitState) -> Iterator[Violation]:
    if step.quarantine_blocks and unit.quarantined:
        yield Violation(
            "quarantined", f"{attempt.subject} is in quarantine.", "Quality must lift the quarantine first."
        )
    if unit.disposition is Disposition.REJECTED and (step.quarantine_blocks or step.needs_release):
        yield Violation(
            "rejected", f"{attempt.subject} was rejected.", "Do not use it; return or destroy it."
        )
        return
    marked_shipping = unit.quarantined and not step.quarantine_blocks
    if step.needs_release and not unit.released and not marked_shipping:
        yield Violation(
            "not_released",
            f"{attempt.subject} is not released.",
            "Quality must release it first, or out of specification.",
        )


def _custody(attempt: Attempt, step: Step, unit: UnitState) -> Iterator[Violation]:
    situation, kind = attempt.situation, attempt.kind
    if unit.handoff is not None and kind not in HANDOFF_KINDS and kind not in AFTER_THE_END:
        yield Violation(
            "handoff_open",
            f"{attempt.subject} was handed over and nobody has taken it yet.",
            "The receiver accepts or refuses it, or the giver ends the handoff by scanning it.",
        )
    if unit.box is not None and kind not in BOX_KINDS:
        yield Violation(
            "in_box", f"{attempt.subject} is in the box {unit.box}.", "Open and inspect the box first."
        )
    if unit.custodian is None or step.holder is Holder.ANYONE:
        return
    holder = described(situation.registry, unit.custodian)
    if step.holder is Holder.CUSTODIAN:
        if not stands_for(situation.registry, unit.custodian, attempt.request.actor, situation.occurred_at):
            yield Violation(
                "not_custodian",
                f"{attempt.subject} is with {holder}, not with {attempt.request.actor}.",
                "The custodian does this, or hands it over to you first.",
            )
        if unit.custodian.type is PartyType.LOCATION and kind not in HANDOFF_KINDS:
            yield Violation("put_away", f"{attempt.subject} is put away in {holder}.", "Retrieve it first.")
        return
    here = situation.station.site
    if unit.site is not None and unit.site != here:
        yield Violation(
            "other_site",
            f"{attempt.subject} is at {unit.site} with {holder}; this station is at {here}.",
            "Use a station at the site where it is.",
        )


def _order(attempt: Attempt, step: Step) -> Iterator[Violation]:
    facts: dict[str, Occurrence] = dict(attempt.therapy.facts)
    if attempt.unit is None:
        for unit in attempt.therapy.units.values():
            facts.update(unit.facts)
    else:
        facts.update(attempt.unit.facts)
    for fact in step.after:
        if fact not in facts:
            before = attempt.protocol.step(fact, attempt.unit.material if attempt.unit else None)
            title = before.title if before else fact
            yield Violation(
                "too_early",
                f"{step.title}: too early for {attempt.subject}, the step before it is missing: {title}.",
                f"Do this first: {title}.",
            )


def _place(attempt: Attempt, step: Step) -> Iterator[Violation]:
    wanted = site_of_part(attempt.therapy, step.part)
    here = attempt.situation.station.site
    if wanted is not None and wanted != here:
        yield Violation(
            "wrong_site",
            f"{step.title} belongs to {wanted} for this therapy; this station is at {here}.",
            f"Use a station at {wanted}.",
        )


def site_of_part(therapy: TherapyState, part: SitePart) -> str | None:
    """The site that plays a part in a therapy; None where any may."""
    sites = therapy.sites
    return {
        SitePart.COLLECTION: sites.collection,
        SitePart.MANUFACTURING: sites.manufacturing,
        SitePart.TREATMENT: sites.treatment,
    }.get(part)


def _role(attempt: Attempt, step: Step) -> Iterator[Violation]:
    violation = role_violation(attempt.situation, attempt.request.actor, frozenset(step.roles))
    if violation is not None:
        yield violation


def role_violation(situation: Situation, staff: str, roles: frozenset[Role]) -> Violation | None:
    """Why a person may not act in any of the roles here; a courier acts with the carrier's grant anywhere."""
    registry, at = situation.registry, situation.occurred_at
    if Role.COURIER in roles and grant_violation(registry, staff, {Role.COURIER}, None, at) is None:
        return None
    return grant_violation(registry, staff, roles, situation.station.site, at)


def _limits(attempt: Attempt) -> Iterator[Violation]:
    facts = {**attempt.therapy.facts, **(attempt.unit.facts if attempt.unit else {})}
    material = attempt.unit.material if attempt.unit else None
    for limit in attempt.protocol.limits_until(attempt.kind, material):
        start = facts.get(limit.start)
        if start is None:
            continue
        elapsed = attempt.situation.occurred_at - start.at
        if elapsed > limit.within:
            over = elapsed - limit.within
            yield Violation(
                f"limit.{limit.name}",
                f"{limit.title}: {format_duration(limit.within)} allowed, "
                f"exceeded by {format_duration(over)} (since {local(attempt.situation, start)}).",
                "Stop and call quality. If it has happened, record it outside the rules.",
            )


def finished(unit: UnitState) -> bool:
    """Whether a unit has its final disposition, what was left of it included."""
    if unit.final is None:
        return False
    return unit.final is not FinalDisposition.INFUSED or not unit.remainder_ml
