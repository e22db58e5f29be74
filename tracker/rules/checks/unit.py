"""The rules about the unit in the hand: its label, its life, its release, and who holds it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schema.events.custody import Packed
from schema.events.identity import CassetteBound
from schema.events.processing import Destroyed
from schema.vocabulary import Disposition, LabelState, PartyType
from tracker.kinds import Box, Handoff, Label, Needs, needs_of
from tracker.protocols.model import Holder, ScanOn, Step
from tracker.rules.attempt import Attempt, began, happened_later, leaves_remainder, local_time
from tracker.rules.certificates import RELEASES
from tracker.rules.checks.bag_order import component_order, part_order
from tracker.rules.checks.bedside import TO_THE_PATIENT
from tracker.rules.checks.label import copy_out_of_use
from tracker.rules.custodians import described, stands_for
from tracker.rules.decision import Violation
from tracker.rules.lineage import recalled_behind, tainted
from tracker.rules.lots import lot_named
from tracker.rules.situation import Found
from tracker.rules.therapy_state import UnitState

EXPIRED: Final = "expired"
"""The rule that the shelf life of a unit has not ended; at the very instant of its end it has."""


def unit_violations(attempt: Attempt, step: Step, unit: UnitState) -> Iterator[Violation]:
    """Every rule about the unit that the attempt breaks."""
    yield from _found(attempt, unit)
    yield from _label(attempt, step, unit)
    yield from _life(attempt, unit)
    yield from _quality(attempt, step, unit)
    yield from _unconfirmed(attempt, unit)
    yield from _one_after_the_other(attempt, step, unit)
    yield from component_order(attempt, unit)
    yield from part_order(attempt, unit)
    yield from _custody(attempt, step, unit)


def _found(attempt: Attempt, unit: UnitState) -> Iterator[Violation]:
    """What is known from paper alone is nothing in the hand yet."""
    if unit.not_found_yet and unit.final is None:
        registry = attempt.situation.registry
        lies = "" if unit.custodian is None else f", by paper in {described(registry, unit.custodian)}"
        yield Violation(
            "not_found_yet",
            f"{attempt.subject} was taken over from paper{lies}, and nobody has scanned it there yet.",
            "Scan it and its place there: the step Found in the terminal, or `cartrail patient found`. If it"
            " is not there, call quality.",
        )


def _label(attempt: Attempt, step: Step, unit: UnitState) -> Iterator[Violation]:
    scanned = attempt.scanned
    if scanned is None:
        return
    said = copy_out_of_use(attempt.therapy, scanned)
    if said is not None:
        was = "superseded by another label" if said is LabelState.SUPERSEDED else said.value
        yield Violation(
            "superseded",
            f"The scanned copy {scanned.copy} of {scanned.object_id} was {was.replace('_', ' ')}.",
            "Scan the valid label. Destroy the old copy before a witness.",
        )
    if attempt.row.label is Label.ITSELF:
        return
    wanted = {ScanOn.UNIT: Found.UNIT, ScanOn.CASSETTE: Found.CASSETTE}.get(step.scan)
    if (
        wanted is Found.CASSETTE
        and unit.cassette is None
        and scanned.found is Found.UNIT
        and CassetteBound.kind not in step.after
    ):
        return
    if wanted and scanned.found in (Found.UNIT, Found.CASSETTE) and scanned.found is not wanted:
        yield Violation(
            "wrong_carrier",
            f"{step.title} is done on the code of the {wanted.value}; the {scanned.found.value} was scanned.",
            _scan_instead(wanted, unit),
        )


def _scan_instead(wanted: Found, unit: UnitState) -> str:
    if wanted is Found.UNIT:
        return f"Scan the unit {unit.unit}."
    return f"Scan the cassette {unit.cassette}." if unit.cassette else "Bind the bag to a cassette first."


def _life(attempt: Attempt, unit: UnitState) -> Iterator[Violation]:
    if unit.final is not None and not attempt.row.ended:
        yield Violation(
            "unit_ended",
            f"{attempt.subject} is {unit.final.value}: its record has ended.",
            "Scan the right unit.",
        )
    if unit.final is not None and attempt.kind == Destroyed.kind and not leaves_remainder(attempt):
        yield Violation(
            "unit_ended",
            f"{attempt.subject} is {unit.final.value}; nothing of it is left to destroy.",
            "Scan the right unit.",
        )
    ends = unit.expires_at
    if ends is not None and attempt.situation.occurred_at >= ends and wants_unexpired(attempt.kind, unit):
        yield Violation(
            "expired",
            f"{attempt.subject} expired at {local_time(attempt.situation, ends)}.",
            "Do not use it. Quarantine it and call quality.",
        )


def wants_unexpired(kind: str, unit: UnitState) -> bool:
    """Whether the step leads to the patient; what is expired and in quarantine may travel back, marked."""
    if kind == Packed.kind:
        return not unit.quarantined
    return needs_of(kind) is not Needs.EVER or kind in TO_THE_PATIENT


def _quality(attempt: Attempt, step: Step, unit: UnitState) -> Iterator[Violation]:
    if step.quarantine_blocks and unit.quarantined:
        why = "".join(
            f"; the {lot_named(lot)} behind it was {lot.status} at "
            f"{local_time(attempt.situation, lot.status_since)}"
            for lot in recalled_behind(attempt.therapy, attempt.situation.registry, unit.unit)
        )
        yield Violation(
            "quarantined",
            f"{attempt.subject} is in quarantine{why}.",
            "Quality must lift the quarantine first.",
        )
    bad = tainted(attempt.therapy, attempt.situation.registry).get(unit.unit)
    lot = attempt.situation.registry.lot(bad or "")
    if step.quarantine_blocks and lot is not None:
        yield Violation(
            "lot_recalled",
            f"{attempt.subject}: the {lot_named(lot)} touched it, and that lot was {lot.status}.",
            "Put it aside and call quality, who quarantines it and decides.",
        )
    if unit.disposition is Disposition.REJECTED and (step.quarantine_blocks or step.needs_release):
        yield Violation(
            "rejected", f"{attempt.subject} was rejected.", "Do not use it; return or destroy it."
        )
        return
    marked_shipping = unit.quarantined and not step.quarantine_blocks
    if not step.needs_release or marked_shipping:
        return
    if not _released_by_then(attempt, unit):
        yield Violation(
            "not_released",
            f"{attempt.subject} is not released.",
            "Quality must release it first, or out of specification.",
        )
    elif unit.disposition is Disposition.RELEASED and attempt.therapy.is_out_of_specification(unit.unit):
        yield Violation(
            "not_released",
            f"{attempt.subject} was released in specification, and assessed as out of specification since.",
            "It has to be released out of specification first, or assessed again.",
        )


def _unconfirmed(attempt: Attempt, unit: UnitState) -> Iterator[Violation]:
    """What happened outside the rules opens no gate until quality has confirmed it."""
    if attempt.row.needs is not Needs.SOUND:
        return
    waiting = {*attempt.therapy.unconfirmed_of(unit.unit)}
    for deviation in attempt.therapy.deviations.values():
        if deviation.about in waiting:
            yield Violation(
                "fact_unconfirmed",
                f"{attempt.subject}: what happened outside the rules at "
                f"{began(attempt.situation, deviation)} ({deviation.title}) is not confirmed.",
                f"Quality assesses the deviation {deviation.deviation} first, as without impact.",
            )
            return


def _one_after_the_other(attempt: Attempt, step: Step, unit: UnitState) -> Iterator[Violation]:
    """Where a label asks for it, the next bag waits until the one before is infused (ide-cel, EU label)."""
    others = attempt.therapy.open_units() if step.one_at_a_time else ()
    for other in others:
        if other.unit != unit.unit and other.material is unit.material and step.kind in other.facts:
            yield Violation(
                "one_at_a_time",
                f"{step.title}: {other.unit} was taken first and has not ended, and bags go one by one.",
                f"Finish {other.unit} first: infused, or destroyed before a witness.",
            )


def _released_by_then(attempt: Attempt, unit: UnitState) -> bool:
    """Whether it is released, and was when the step is said to have happened."""
    released = [unit.facts[kind] for kind in RELEASES if kind in unit.facts]
    return unit.released and not all(happened_later(attempt, fact) for fact in released)


def _custody(attempt: Attempt, step: Step, unit: UnitState) -> Iterator[Violation]:
    situation = attempt.situation
    if unit.handoff is not None and attempt.row.handoff is Handoff.BLOCKS:
        yield Violation(
            "handoff_open",
            f"{attempt.subject} was handed over and nobody has taken it yet.",
            "The receiver accepts or refuses it, or the giver ends the handoff by scanning it.",
        )
    changes_box = attempt.request.given("from_box") is not None
    if unit.box is not None and attempt.row.box is Box.OUTSIDE and not changes_box:
        yield Violation(
            "in_box", f"{attempt.subject} is in the box {unit.box}.", "Open and inspect the box first."
        )
    if unit.custodian is None or step.holder is Holder.ANYONE:
        return
    if changes_box and unit.custodian.type is PartyType.CARRIER:
        return  # its courier has brought it to where somebody can help, and stays its custodian
    holder = described(situation.registry, unit.custodian)
    if step.holder is Holder.CUSTODIAN:
        if not stands_for(situation.registry, unit.custodian, attempt.request.actor, situation.occurred_at):
            yield Violation(
                "not_custodian",
                f"{attempt.subject} is with {holder}, not with {attempt.request.actor}.",
                "The custodian does this, or hands it over to you first.",
            )
        about_handoff = attempt.row.handoff in (Handoff.TRIES, Handoff.ANSWERS)
        if unit.custodian.type is PartyType.LOCATION and not about_handoff:
            yield Violation("put_away", f"{attempt.subject} is put away in {holder}.", "Retrieve it first.")
        return
    here = situation.station.site
    if unit.site is not None and unit.site != here:
        yield Violation(
            "other_site",
            f"{attempt.subject} is at {unit.site} with {holder}; this station is at {here}.",
            "Use a station at the site where it is.",
        )
