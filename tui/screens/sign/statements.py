"""What is signed, as people read it: a frozen proposal as the rows of the sign dialog. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from labels.keyed import in_groups
from schema.canonical import Json, plain_digest
from schema.entry import REGISTRY
from schema.entry import Statement as Frozen
from schema.events import Party
from schema.events.adoption import CodesBound
from schema.events.custody import Packed, Unpacked
from schema.events.deviations import DeviationDrafted
from schema.events.identity import BagMatched, BedsideMatched, PreThawMatched
from schema.events.labels import LabelsReconciled
from schema.events.processing import (
    InfusionCompleted,
    InfusionStarted,
    InfusionStopped,
    Released,
    ReleasedOutOfSpecification,
    ResultsReviewed,
    StepPerformed,
    ThawStarted,
)
from schema.vocabulary import EntryMode, Grade, Meaning, ReadMode
from tracker.values import (
    LIMITS_JUDGED,
    TYPED,
    AssessExcursion,
    DeviationStatus,
    Proposal,
    RegistryState,
    ReleaseOutOfSpecification,
    Request,
    ReviewTrail,
    ScanAnswer,
    Slot,
    TherapyState,
    basis_said,
    clock_of,
    described,
    judged_facts,
    limit_said,
    limit_titles,
    paper_of,
    patient_identifiers,
    recalled_lots,
    reviewed_results,
    standing_results,
)
from tui.glyphs import BAD, LOOK
from tui.label_sums import counted_sum
from tui.language import named, tr
from tui.screens.sign.background import assessed_excursion, corrected_event, judged_deviation
from tui.screens.sign.copies import count_words, with_ordinals
from tui.screens.sign.plans import closure_rows, planned_rows, says
from tui.screens.sign.process import SAID_AS_STEP, process_rows
from tui.screens.sign.signing import ShownStatement, SignerSlot
from tui.session import TerminalSession
from tui.words import clock_time, quality_words, roles_words, spoken

_SAID_ELSEWHERE = frozenset(
    {
        "units",
        "remark",
        "answers",
        "predicates",
        "doer",
        LIMITS_JUDGED,
        "from_party",
        "relinquished",
        "handoff",
        "coi",
        "manifest",
        "objects",
        "excursion",
        "failed",
        "failed_tests",
    }
)
_IN_HAND = frozenset(
    {
        *(PreThawMatched.kind, BagMatched.kind, BedsideMatched.kind, ThawStarted.kind),
        *(InfusionStarted.kind, InfusionStopped.kind, InfusionCompleted.kind),
    }
)
"""Steps at which two people look at what is about to be given, or say how much of it was."""

_DISPLAY: Final = "Display"
"""How the limits that are judged name what a shipper shows."""

_PARTIES = frozenset({"to_party", "custodian"})
_MEASURES: Final = {"_ml": "mL", "_celsius": "C", "_hours": "h"}
_CODES = frozenset(
    {
        *("cause", "checks", "condition", "decision", "faults", "laboratory", "material"),
        *("reason", "result", "severity", "status", "type"),
    }
)
_PROGRAM_WORD: Final = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+")
"""A word of the record that is none of a person's: `with_observations`, `eu_per_ml`."""

_IN_OTHER_SYSTEMS: Final = frozenset({"capa"})
"""References that are shown as they are written there."""

PARTS = {
    Meaning.PERFORMED: tr("you"),
    Meaning.WITNESSED: tr("second person"),
    Meaning.VERIFIED: tr("second person"),
    Meaning.REVIEWED: tr("reviewer"),
    Meaning.APPROVED: tr("approver"),
    Meaning.RELEASED: tr("you"),
    Meaning.RELINQUISHED: tr("giver"),
    Meaning.RECEIVED: tr("receiver"),
    Meaning.TRANSCRIBED: tr("transcriber"),
    Meaning.ATTESTED: tr("attester"),
}
"""Who a signature's meaning makes a person in the act."""


def statement_of(proposal: Proposal, session: TerminalSession, registry: RegistryState) -> ShownStatement:
    """Everything the signers put their names to."""
    statements = proposal.decided.statements
    first = statements[0]
    rows = [
        *_doer(proposal.request),
        *_to_look_at(proposal),
        *_said(statements, registry, session),
        *(row for one in statements for row in process_rows(one, proposal, registry)),
        *_decided_on(proposal, session),
        *_looked_over(proposal),
        *_given(proposal, session),
        *_recalled(proposal),
        *_answered(proposal.request),
        *_limits(proposal),
        *(row for one in statements for row in planned_rows(one, proposal, registry)),
        *(row for one in statements for row in closure_rows(one, registry)),
        *(row for one in statements for row in judged_deviation(one, session)),
        *(row for one in statements for row in assessed_excursion(one, session)),
        *(row for one in statements for row in corrected_event(one, session)),
        *_how(proposal.request, first, session.local(first.occurred_at)),
    ]
    if any(name == _DISPLAY for name, _ in rows):
        # The limit's own line says the value again, with what is allowed.
        rows = [row for row in rows if row[0] != spoken("display_celsius")]
    more = (" " + tr("and {count} more", count=len(statements) - 1)) if len(statements) > 1 else ""
    return ShownStatement(title_of(proposal), tuple(rows), first.digest[:16] + more)


def _doer(request: Request) -> Iterator[tuple[str, str]]:
    """The outsider whose act two people attest, above everything else: a long statement hides its end."""
    doer = request.outside_rules.doer if request.outside_rules is not None else None
    if doer is not None:
        yield tr("DONE BY"), tr("{name}, {employer}: nobody here", name=doer.name, employer=doer.employer)


def _to_look_at(proposal: Proposal) -> Iterator[tuple[str, str]]:
    """What nobody may miss, as far up as the outsider: broken rules, an open deviation at the bed."""
    broken = proposal.decided.statements[0].outside_rules
    if broken:
        yield f"{BAD} {tr('OUTSIDE RULES')}", ", ".join(spoken(one.replace(".", " ")) for one in broken)
    for one in proposal.decided.notices:
        yield f"{BAD if one.answer is ScanAnswer.STOP else LOOK} {one.answer.value}", one.message


def _answered(request: Request) -> Iterator[tuple[str, str]]:
    """What is said in words and recorded as a commitment: of the findings of a review, of an excursion."""
    for one in request.findings if isinstance(request, ReviewTrail) else ():
        if one.answer is not None:
            said = {"finding": one.finding, "answer": named(one.answer.value), "remark": one.remark}
            yield spoken(one.check), tr("{finding}: {answer}, {remark}", **said)
    if isinstance(request, AssessExcursion):
        yield tr("On which data"), request.basis
    if isinstance(request, ReleaseOutOfSpecification):
        yield from _papers(request)


def _papers(request: ReleaseOutOfSpecification) -> Iterator[tuple[str, str]]:
    """What goes with a release out of specification: the law, the request in words, which file."""
    if request.basis is not None:
        yield tr("By which law"), basis_said(request.basis)
    if request.requested is not None:
        yield tr("The physician's request"), request.requested
    if request.risk_evaluation is not None:
        content = paper_of(request.risk_evaluation)
        digest = plain_digest(content)[:16]
        said = tr("a file of {count} bytes, SHA-256 {digest}", count=len(content), digest=digest)
        yield tr("The evaluation of the risks"), said


def _decided_on(proposal: Proposal, session: TerminalSession) -> Iterator[tuple[str, str]]:
    """What a release is decided by: each result beside its limit, and until when the units may be used."""
    context = proposal.decided.context
    for statement in proposal.decided.statements:
        payload = statement.payload
        if not isinstance(payload, (Released, ReleasedOutOfSpecification)):
            continue
        therapy = context.therapies[statement.chain].state
        protocol = context.protocols[therapy.protocol.id, therapy.protocol.version]
        for one in standing_results(therapy, protocol, payload.units):
            if one.is_awaited:
                yield one.title, tr("comes after the release ({limit})", limit=one.limit)
                continue
            verdict = one.limit if one.meets else tr("DOES NOT MEET {limit}", limit=one.limit)
            yield one.title, f"{one.result or tr('no result')} ({verdict})"
        for failed in getattr(payload, "failed", ()):
            yield spoken(failed.value), tr("DOES NOT HOLD")
        for held in payload.predicates:
            yield spoken(held.name.value), held.figure if held.applies else tr("none: {why}", why=held.figure)
        for name in payload.units:
            unit = therapy.unit(name)
            if unit is not None and unit.expires_at is not None:
                yield tr("Expires"), f"{name} {clock_time(session.local(unit.expires_at))}"
        yield tr("Deviations"), _deviations(therapy, payload.units)


def _looked_over(proposal: Proposal) -> Iterator[tuple[str, str]]:
    """What a review of results is about: each value beside its limit, and who recorded it."""
    context = proposal.decided.context
    for statement in proposal.decided.statements:
        payload = statement.payload
        if not isinstance(payload, ResultsReviewed):
            continue
        therapy = context.therapies[statement.chain].state
        protocol = context.protocols[therapy.protocol.id, therapy.protocol.version]
        for one, performers in reviewed_results(therapy, protocol, payload.about):
            verdict = one.limit if one.meets else tr("DOES NOT MEET {limit}", limit=one.limit)
            by = ", ".join(sorted(performers))
            yield (
                one.title,
                tr("{result} ({verdict}), by {staff}", result=one.result, verdict=verdict, staff=by),
            )


def _deviations(therapy: TherapyState, units: Sequence[str]) -> str:
    """How many are open about the units, and what was decided over the closed ones."""
    about = [one for one in therapy.deviations.values() if not one.units or {*one.units} & {*units}]
    closed = [one for one in about if one.status is DeviationStatus.CLOSED]
    decided = [named(one.assessed.decision.value) for one in closed if one.assessed is not None]
    words = ", ".join((*decided, *[tr("not assessed")] * (len(closed) - len(decided))))
    open_now = tr("{count} open", count=len(about) - len(closed))
    return open_now + (tr("; {count} closed: {words}", count=len(closed), words=words) if closed else "")


def _given(proposal: Proposal, session: TerminalSession) -> Iterator[tuple[str, str]]:
    """At a match and at an infusion, what is in the hand: which, how much, decided how, until when."""
    context = proposal.decided.context
    for statement in proposal.decided.statements:
        if statement.payload.kind not in _IN_HAND:
            continue
        therapy = context.therapies[statement.chain].state
        for name in getattr(statement.payload, "units", ()):
            unit = therapy.unit(name)
            if unit is None:
                continue
            parts = (
                tr("{number} of {count}", number=unit.number, count=unit.of) if unit.number else "",
                tr("{volume_ml} mL", volume_ml=unit.volume_ml) if unit.volume_ml is not None else "",
                quality_words(unit),
                tr("expires {at}", at=clock_time(session.local(unit.expires_at))) if unit.expires_at else "",
            )
            yield name, ", ".join(filter(None, parts))


def _recalled(proposal: Proposal) -> Iterator[tuple[str, str]]:
    """The recalled lots behind the units of any act about them: nobody lifts a quarantine by habit."""
    context, found = proposal.decided.context, dict[str, None]()
    for statement in proposal.decided.statements:
        known = context.therapies.get(statement.chain)
        if known is not None:
            units = filter(None, map(known.state.unit, getattr(statement.payload, "units", ())))
            found.update(dict.fromkeys(recalled_lots(known.state, context.registry.state, units)))
    if found:
        yield tr("Lots"), f"{BAD} " + "; ".join(found)


def _limits(proposal: Proposal) -> Iterator[tuple[str, str]]:
    """The limits that the steps are judged by, each once, by the clocks of the step."""
    context, found = proposal.decided.context, dict[tuple[str, str], None]()
    for statement in proposal.decided.statements:
        therapy = context.therapies.get(statement.chain)
        if therapy is None:
            continue
        pinned = therapy.state.protocol
        titles = limit_titles(context.protocols.get((pinned.id, pinned.version)))
        clock = clock_of(context.registry.state, statement)
        for fact in judged_facts(statement.payload, statement.occurred_at, clock, titles):
            found[fact.name, fact.value] = None
    yield from found


def title_of(proposal: Proposal) -> str:
    """The kind of the act in capitals, as a person calls it."""
    if new_box(proposal.decided.statements) is not None:
        return tr("PUT INTO ANOTHER BOX")
    return spoken(kind_of(proposal)).upper()


def kind_of(proposal: Proposal) -> str:
    """What is done: of an act of the registry that therapies are told of, what the registry says."""
    statements = proposal.decided.statements
    if new_box(statements) is not None:
        return Packed.kind
    return next((one for one in statements if one.chain == REGISTRY), statements[0]).payload.kind


def new_box(statements: Sequence[Frozen]) -> str | None:
    """The box into which all is put that the same act takes out of another one; None for any other act."""
    kinds = {one.payload.kind for one in statements}
    boxes = (one.payload.box for one in statements if isinstance(one.payload, Packed))
    return next(boxes, None) if Unpacked.kind in kinds else None


def _said(
    statements: Sequence[Frozen], registry: RegistryState, session: TerminalSession
) -> Iterator[tuple[str, str]]:
    """Each therapy with its own values, then the values that all share: nothing is signed unseen."""
    swaps = new_box(statements) is not None
    statements = sorted(statements, key=lambda one: one.chain != REGISTRY)
    facts = [tuple(_facts(one, registry, session)) for one in statements]
    kind = statements[0].payload.kind
    alike = [rows for one, rows in zip(statements, facts, strict=True) if one.payload.kind == kind]
    common = [row for row in facts[0] if all(row in rows for rows in alike)]
    chain = None
    for statement, rows in zip(statements, facts, strict=True):
        if statement.chain not in (chain, REGISTRY):
            yield tr("Therapy"), statement.chain
        chain = statement.chain
        if statement.payload.kind != kind:
            yield (tr("Into"), tr("the new box")) if swaps else (tr("Also"), named(statement.payload.kind))
        elif swaps:
            yield tr("Out of"), tr("the old box")
        yield from _things(statement, registry)
        yield from (row for row in rows if row not in common)
    yield from common


def _things(statement: Frozen, registry: RegistryState) -> Iterator[tuple[str, str]]:
    units = getattr(statement.payload, "units", ())
    if units:
        yield (tr("Unit") if len(units) == 1 else tr("{count} units", count=len(units))), ", ".join(units)
    giver = getattr(statement.payload, "from_party", None)
    if isinstance(giver, Party):
        yield tr("From"), described(registry, giver)


def _tally(payload: CodesBound) -> str:
    """How many codes of the manifest were scanned, and how many were not."""
    scanned, missing = len(payload.codes), len(payload.missing)
    return tr("{scanned} scanned, {missing} missing", scanned=scanned, missing=missing) + (
        tr(", {count} NOT ON THE MANIFEST", count=len(payload.unlisted)) if payload.unlisted else ""
    )


def _facts(statement: Frozen, registry: RegistryState, session: TerminalSession) -> Iterator[tuple[str, str]]:
    if isinstance(statement.payload, CodesBound):
        yield tr("Tally"), _tally(statement.payload)
    if isinstance(statement.payload, LabelsReconciled):
        for count in statement.payload.objects:
            yield in_groups(count.object), counted_sum(count).words
    for name, value in with_ordinals(statement.payload.to_json()).items():
        is_place = isinstance(statement.payload, DeviationDrafted | ResultsReviewed) and name == "about"
        if name in _SAID_ELSEWHERE or is_place or says(statement, name):
            continue
        if name in SAID_AS_STEP and isinstance(statement.payload, StepPerformed):
            continue
        if name == "sites" and isinstance(value, Mapping):
            yield from _sites(value, registry)
            continue
        text = _value(name, value, registry, session)
        if text and (name, value) != ("evidence", Grade.SIGNED.value):
            yield spoken(name), text


def _sites(said: Mapping[str, Json], registry: RegistryState) -> Iterator[tuple[str, str]]:
    """Where each part of a therapy is to take place, by name."""
    words = {
        "collection": tr("Collected at"),
        "manufacturing": tr("Made at"),
        "treatment": tr("Given at"),
    }
    for part, code in said.items():
        known = registry.site(str(code))
        yield words[part], str(code) if known is None else f"{known.title} ({code})"


def _value(
    name: str, value: Json, registry: RegistryState, session: TerminalSession, *, is_inside: bool = False
) -> str:
    """A value as people read it; inside another one no name stands beside it that has its unit."""
    if isinstance(value, Mapping):
        if "commitment" in value:
            return ""
        if name == "protocol":
            return tr("{id} version {version}", id=value["id"], version=value["version"])
        if name in _PARTIES:
            return described(registry, Party.model_validate(value))
        if "printed" in value:
            return count_words(value)
        parts = (_value(key, item, registry, session, is_inside=True) for key, item in value.items())
        return ", ".join(filter(None, parts)) if name == "called" else " ".join(filter(None, parts))
    if isinstance(value, (list, tuple)):
        inner = name if name in _CODES else ""
        return "; ".join(filter(None, (_value(inner, item, registry, session) for item in value)))
    if isinstance(value, bool):
        said = tr("yes") if value else tr("no")
        return f"{spoken(name).lower()}: {said}" if is_inside else said
    if name == "at" or name.endswith(("_at", "_until")):
        return clock_time(session.local(datetime.fromisoformat(str(value))))
    if name in ("bench", "box", "location", "data_logger", "equipment"):
        return f"{value} ({_title(registry, str(value))})"
    measure = next((words for end, words in _MEASURES.items() if is_inside and name.endswith(end)), "")
    if measure:
        return f"{value} {measure}"
    if name == "limit":
        return limit_said(str(value))
    is_code = name in _CODES or (name not in _IN_OTHER_SYSTEMS and _PROGRAM_WORD.fullmatch(str(value)))
    return spoken(str(value)) if is_code else str(value)


def _title(registry: RegistryState, object_id: str) -> str:
    found = registry.location(object_id) or registry.equipment(object_id) or registry.station(object_id)
    return found.title if found else tr("unknown")


def _how(request: Request, statement: Frozen, local: datetime) -> Iterator[tuple[str, str]]:
    yield tr("Time"), clock_time(local)
    yield tr("By"), tr("{actor} at {station}", actor=statement.actor, station=statement.station)
    if statement.mode is not EntryMode.LIVE:
        yield (
            tr("Entry"),
            tr(
                "{mode}, keyed by {entered_by}",
                mode=named(statement.mode.value).upper(),
                entered_by=statement.entered_by,
            ),
        )
    for patient in patient_identifiers(request):
        yield spoken(patient.type), f"{patient.value} ({named(patient.mode.value)})"
    yield from _typed(request)
    remark = request.remark or (request.outside_rules and request.outside_rules.remark)
    if remark:
        yield tr("Remark"), remark


def _typed(request: Request) -> Iterator[tuple[str, str]]:
    """Everything typed in this sitting, together and in groups, for the person who compares it."""
    found = [(field, in_groups(scan.code)) for field, scan in request.scans() if scan.mode is ReadMode.MANUAL]
    found += [
        (patient.type, in_groups(patient.value))
        for patient in patient_identifiers(request)
        if patient.mode is ReadMode.MANUAL
    ]
    if found:
        yield tr("TYPED BY HAND"), tr("compare each with its label before you sign")
    for field, text in found:
        yield f"  {spoken(field)}", text


def signer_slots(
    proposal: Proposal, session: TerminalSession, registry: RegistryState, visitor: SignerSlot | None = None
) -> dict[SignerSlot, Slot]:
    """Each required signature with the place it has in the dialog; `visitor` is one whose badge was read."""
    found: dict[SignerSlot, Slot] = {}
    for slot in proposal.slots:
        found[_signer_slot(slot, session, registry, visitor)] = slot
    return found


def _signer_slot(
    slot: Slot, session: TerminalSession, registry: RegistryState, visitor: SignerSlot | None
) -> SignerSlot:
    part = tr("checks codes") if slot.because == TYPED else PARTS.get(slot.meaning, tr("signer"))
    if visitor is not None and slot.staff == visitor.staff:
        return SignerSlot(
            slot.meaning,
            part,
            visitor.staff,
            visitor.name,
            badge=visitor.badge,
            badge_mode=visitor.badge_mode,
        )
    if slot.staff is not None:
        person = registry.person(slot.staff)
        is_here = session.is_open and slot.staff == session.staff
        return SignerSlot(slot.meaning, part, slot.staff, person.name if person else None, in_session=is_here)
    where = (" " + tr("at {site}", site=slot.site)) if slot.site else ""
    who = f"{roles_words(slot.roles)}{where}" if slot.roles else tr("anybody else with a key")
    return SignerSlot(slot.meaning, part, name=who)
