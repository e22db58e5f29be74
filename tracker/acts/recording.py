"""Writing an act: signatures, places in the chains, read tables and the kept answer, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from schema.commitments import Opening
from schema.entry import REGISTRY, Entry, Signature
from schema.errors import ClockBehind
from schema.events.custody import HandoffAnswer, Relinquished
from tracker.acts.deciding import Context, Decided
from tracker.acts.erasing import erase
from tracker.acts.projecting import rows_after, write_rows
from tracker.acts.randomness import SaltsAndIds
from tracker.acts.state_cache import KnownTherapy, StateCache, Tip
from tracker.answers import Answer, EntryReference, refused, to_bytes
from tracker.ledger.transaction import Transaction
from tracker.protocols.model import Protocol
from tracker.rules.therapy_state import TherapyState
from tracker.therapy.adoption.manifest_file import content_of
from tracker.therapy.adoption.requests import ReceiveManifest
from tracker.therapy.erasure import Erase
from tracker.therapy.evolve import evolve
from tracker.therapy.paperwork.paper_file import paper_of
from tracker.therapy.paperwork.requests import AttachPaper

BEHIND_MAX = timedelta(seconds=120)
"""How far a recorder's clock may be behind the ledger before nothing is recorded with it."""

Signatures = Mapping[str, tuple[Signature, ...]]
"""The signatures of each statement, by event id."""


def record(
    transaction: Transaction,
    memory: StateCache,
    decided: Decided,
    signatures: Signatures,
    drawn: SaltsAndIds,
    salt: Callable[[int], bytes],
) -> Answer:
    """Append the act's entries and everything that goes with them; gives the answer that is kept."""
    context = decided.context
    entries = place(context, decided, signatures)
    for name, seen in context.shared.items():
        transaction.bump(name, seen)
    transaction.append(entries)
    _keep_openings(transaction, decided, drawn)
    if isinstance(context.request, ReceiveManifest) and decided.refusal is None:
        transaction.keep_attachment(content_of(context.request.content))
    if isinstance(context.request, AttachPaper) and decided.refusal is None:
        for file in context.request.files:
            transaction.keep_paper(decided.statements[0].chain, paper_of(file))
    if isinstance(context.request, Erase):
        erase(transaction, memory, decided.statements[0].chain, kept=context.request.event_id)
    for known in _project(transaction, context, entries):
        memory.keep(known)
    references = tuple(reference(entry) for entry in entries)
    event_id = context.request.event_id
    if decided.refusal is None:
        # After these the log is integrated, so that the slip's head contains them.
        handed_over = any(isinstance(one.payload, Relinquished | HandoffAnswer) for one in decided.statements)
        answer = Answer(event_id, references, handed_over=handed_over)
    else:
        answer = refused(event_id, decided.refusal, references)
    request_salt = salt(32)
    transaction.keep_request(event_id, request_salt, context.intake.digest(request_salt))
    transaction.keep_answer(event_id, to_bytes(answer))
    return answer


def reference(entry: Entry) -> EntryReference:
    """An entry's place and digests."""
    return EntryReference(entry.statement.chain, entry.sequence, entry.digest, entry.statement.digest)


def place(context: Context, decided: Decided, signatures: Signatures) -> tuple[Entry, ...]:
    """The statements as entries behind the ends of their chains; raises ClockBehind."""
    tips = _tips(context)
    registry = context.registry.tip
    entries: list[Entry] = []
    for statement in decided.statements:
        tip = tips.get(statement.chain)
        recorded_at = recorded_time(context.now, tip, registry)
        entry = Entry(
            sequence=0 if tip is None else tip.head.sequence + 1,
            previous=None if tip is None else tip.head.digest,
            registry=None if statement.chain == REGISTRY else registry.head,
            recorded_at=recorded_at,
            statement=statement,
            signatures=signatures.get(statement.event_id, ()),
        )
        entries.append(entry)
        tips[statement.chain] = Tip(entry.head, recorded_at)
    return tuple(entries)


def _tips(context: Context) -> dict[str, Tip]:
    tips = {coi: known.tip for coi, known in context.therapies.items()}
    tips[REGISTRY] = context.registry.tip
    return tips


def recorded_time(now: datetime, tip: Tip | None, registry: Tip) -> datetime:
    """The recorder's time, never before its predecessor's; raises ClockBehind beyond 120 s."""
    newest = max(registry.recorded_at, tip.recorded_at if tip else registry.recorded_at)
    if newest - now > BEHIND_MAX:
        behind = int((newest - now).total_seconds())
        raise ClockBehind(f"This station's clock is {behind} s behind what the ledger already holds.")
    return now if tip is None else max(now, tip.recorded_at)


def _keep_openings(transaction: Transaction, decided: Decided, drawn: SaltsAndIds) -> None:
    for statement in decided.statements:
        wanted = {item.commitment for item in statement.payload.commitments()}
        wanted |= {read.code.commitment for read in statement.reads if not isinstance(read.code, str)}
        if not wanted:
            continue
        openings: list[Opening] = [
            opening for chain, opening in drawn.openings(frozenset(wanted)) if chain == statement.chain
        ]
        transaction.keep_openings(statement.chain, statement.event_id, openings)


def _project(
    transaction: Transaction, context: Context, entries: Sequence[Entry]
) -> tuple[KnownTherapy, ...]:
    """Bring the read tables to the new entries; gives the new states, to be remembered after commit."""
    states: dict[str, tuple[TherapyState | None, Tip | None]] = {
        coi: (known.state, known.tip) for coi, known in context.therapies.items()
    }
    for entry in entries:
        chain = entry.statement.chain
        if chain == REGISTRY:
            continue
        before = states.get(chain, (None, None))[0]
        state = evolve(before, entry.sequence, entry.statement)
        if state is None:
            continue
        write_rows(transaction, rows_after(before, state, pinned(context, state)))
        states[chain] = (state, Tip(entry.head, entry.recorded_at))
    touched = {entry.statement.chain for entry in entries}
    return tuple(
        KnownTherapy(tip, state)
        for chain, (state, tip) in states.items()
        if chain in touched and state is not None and tip is not None
    )


def pinned(context: Context, state: TherapyState) -> Protocol | None:
    """The protocol pinned to a therapy."""
    return context.protocols.get((state.protocol.id, state.protocol.version))
