"""Takes requests: decides, has them signed and records them; all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeVar

from msgspec.structs import replace

from schema.commitments import Opening
from schema.entry import REGISTRY, Entry, Signature, stored_entry
from schema.errors import (
    CartrailError,
    ClockBehind,
    IntegrityFailure,
    Refusal,
    RequestReused,
    SignInRefused,
    StatementChanged,
    StoreError,
    Unforeseen,
)
from schema.events.custody import HandoffAnswer, Relinquished
from schema.instants import CLOCKS_APART_MAX
from schema.tables import RequestAnswerRow, tuple_of
from schema.vocabulary import ClockKind, EntryMode, Meaning
from tracker.acts.appending import require_verifiable
from tracker.acts.clocks import not_before, recorded_time, require_believable
from tracker.acts.deciding import FROM_OUTSIDE, Context, Decided, Decider, Origin
from tracker.acts.erasing import erase
from tracker.acts.gathering import arrivals, is_switched_off
from tracker.acts.intake import Intake, receive
from tracker.acts.randomness import Randomness, SaltsAndIds
from tracker.acts.read_tables import Rows, rows_after, write_act
from tracker.acts.state_cache import KnownTherapy, StateCache, Tip
from tracker.answers import Answer, EntryReference, from_bytes, refused, to_bytes
from tracker.clock import Clock
from tracker.ledger.conflicts import Conflict, EventIdTaken, SharedConflict
from tracker.ledger.retry import retrying
from tracker.ledger.store import Store
from tracker.ledger.transaction import Transaction
from tracker.people.signer import Signer
from tracker.protocols.model import Protocol
from tracker.readings.packing import digest_of
from tracker.requests.base import Request, SignerReference
from tracker.requests.paper_file import paper_of
from tracker.rules.authority import offered_signers, signers_for
from tracker.rules.decision import Slot
from tracker.rules.therapy_state import TherapyState
from tracker.therapy.adoption.manifest_file import content_of
from tracker.therapy.adoption.requests import ReceiveManifest
from tracker.therapy.conditions.logger_file import packed_of
from tracker.therapy.conditions.requests import RecordConditions
from tracker.therapy.erasure import Erase
from tracker.therapy.evolve import evolve
from tracker.therapy.making.requests import ReleaseOutOfSpecification
from tracker.therapy.paperwork.requests import AttachPaper
from tracker.therapy.takeover.requests import ImportTherapy

_answer_row: Final = tuple_of(RequestAnswerRow)

Signatures = Mapping[str, tuple[Signature, ...]]
"""The signatures of each statement, by event id."""

SIGN_WITHIN = timedelta(minutes=5)
"""All signers of a frozen statement sign within this time (21 CFR 11.200: one continuous sitting)."""

RequestData = Mapping[str, object] | Request
AlsoWrite = Callable[[Transaction], None]
T = TypeVar("T")


@dataclass(slots=True)
class Proposal:
    """A frozen act that waits for its signatures; nothing of it is written before the set is complete."""

    decided: Decided
    drawn: SaltsAndIds
    frozen_at: datetime
    signatures: dict[str, list[Signature]] = field(default_factory=dict)
    signed: list[SignerReference] = field(default_factory=list)

    @property
    def request(self) -> Request:
        """What is asked."""
        return self.decided.context.request

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Every signature the act needs, each once; people in them are not yet chosen."""
        return tuple(dict.fromkeys(slot for one in self.decided.placed for slot in one.draft.slots))

    def sign(self, signer: Signer, meaning: Meaning, at: datetime) -> None:
        """Sign every statement that asks this meaning; raises StatementChanged after five minutes."""
        if at - self.frozen_at > SIGN_WITHIN:
            raise StatementChanged("More than 5 minutes passed since the statement was frozen.")
        at = not_before(self.frozen_at, at)
        self.signed.append(SignerReference(staff=signer.staff, meaning=meaning))
        for statement, one in zip(self.decided.statements, self.decided.placed, strict=True):
            if any(slot.meaning is meaning for slot in one.draft.slots):
                signature = signer.sign(statement.digest, meaning, at)
                self.signatures.setdefault(statement.event_id, []).append(signature)


class Recorder:
    """Takes requests for one open store."""

    def __init__(
        self, store: Store, memory: StateCache, clock: Clock, randomness: Randomness, decider: Decider
    ) -> None:
        self._store = store
        self._memory = memory
        self._clock = clock
        self._randomness = randomness
        self._decider = decider
        self._batch: Transaction | None = None
        self._answered: list[Answer] = []

    @property
    def in_batch(self) -> bool:
        """Whether what is recorded now is committed with others, later."""
        return self._batch is not None

    def record(
        self,
        given: RequestData,
        *,
        signers: Sequence[Signer] = (),
        mode: EntryMode | None = None,
        origin: Origin = FROM_OUTSIDE,
        also_write: AlsoWrite | None = None,
    ) -> Answer:
        """Decide, sign with the given people and record; the same request again gives the kept answer.

        `also_write` writes, in its transaction, what belongs to the act but not into the ledger.
        """
        intake = receive(given, forced_mode=mode)

        def work(transaction: Transaction) -> Answer:
            answer = self._once(
                transaction, intake, lambda: self._record(transaction, intake, signers, origin)
            )
            if also_write is not None and answer.ok and not answer.repeated:
                also_write(transaction)
            return answer

        answer = self._retried(work)
        self._answered.append(answer)
        return answer

    def propose(self, given: RequestData) -> Proposal | Answer:
        """A frozen act to be signed at the terminal, or the answer when there is nothing to sign."""
        intake = receive(given)
        return self._retried(
            lambda transaction: self._once(transaction, intake, lambda: self._propose(transaction, intake))
        )

    def conclude(self, proposal: Proposal) -> Answer:
        """Record a signed act; raises StatementChanged when it would now say something else."""
        intake = proposal.decided.context.intake
        return self._retried(
            lambda transaction: self._once(transaction, intake, lambda: self._conclude(transaction, proposal))
        )

    @contextmanager
    def batch(self) -> Iterator[Sequence[Answer]]:
        """One transaction for all that is recorded inside, a savepoint each; gives the answers so far."""
        self._answered = []
        with self._store.begin() as transaction:
            self._batch = transaction
            try:
                yield self._answered
            finally:
                self._batch = None

    def _retried(self, work: Callable[[Transaction], T]) -> T:
        batch = self._batch
        made: list[T] = []

        def once() -> T:
            if batch is None:
                with self._store.begin() as transaction:
                    return _own(work(transaction), made)
            with batch.savepoint():
                return work(batch)

        try:
            return retrying(once)
        except (CartrailError, Conflict):
            raise
        except Exception as error:
            raise Unforeseen(f"The program met a fault of its own: {type(error).__name__}.") from error

    def _once(self, transaction: Transaction, intake: Intake, work: Callable[[], T]) -> T | Answer:
        """The answer that is kept, or what the work gives; raises EventIdTaken if it was recorded meanwhile.

        An attempt whose end was not known may be committed while this one reads, which would then be refused
        for what it did itself.
        """
        kept = self._kept(transaction, intake)
        if kept is not None:
            return kept
        try:
            result = work()
        except StoreError:
            raise
        except CartrailError:
            _require_unrecorded(transaction, intake)
            raise
        if isinstance(result, Answer) and not (result.ok or result.entries):
            _require_unrecorded(transaction, intake)
        return result

    def _record(
        self, transaction: Transaction, intake: Intake, signers: Sequence[Signer], origin: Origin
    ) -> Answer:
        drawn = SaltsAndIds(self._randomness, lambda _: False)
        decided = self._decided(transaction, intake, drawn, origin=origin)
        if decided.refusal is not None:
            return self._refused(transaction, decided, drawn)
        violation = decided.signer_violation
        if violation is not None:
            return refused(intake.request.event_id, violation)
        signatures = self._sign(decided, signers)
        return self._write(transaction, decided, signatures, drawn)

    def _propose(self, transaction: Transaction, intake: Intake) -> Proposal | Answer:
        drawn = SaltsAndIds(self._randomness, lambda _: False)
        decided = self._decided(transaction, intake, drawn)
        if decided.refusal is not None:
            return self._refused(transaction, decided, drawn)
        return Proposal(decided, drawn, decided.context.now)

    def _conclude(self, transaction: Transaction, proposal: Proposal) -> Answer:
        before = proposal.decided
        intake = before.context.intake
        again = self._decided(transaction, intake, proposal.drawn, proposal)
        if again.refusal is not None:
            return self._refused(transaction, again, proposal.drawn)
        if again.statements != before.statements:
            raise StatementChanged("What would be recorded is no longer what was signed.")
        named = again.context.request.model_copy(update={"signers": tuple(proposal.signed)})
        context = replace(again.context, intake=replace(intake, request=named))
        violation = replace(again, context=context).signer_violation
        if violation is not None:
            return refused(intake.request.event_id, violation)
        signatures = {key: tuple(value) for key, value in proposal.signatures.items()}
        return self._write(transaction, again, signatures, proposal.drawn)

    def _decided(
        self,
        transaction: Transaction,
        intake: Intake,
        drawn: SaltsAndIds,
        frozen: Proposal | None = None,
        *,
        origin: Origin = FROM_OUTSIDE,
    ) -> Decided:
        now, happened = self._now(transaction), None
        if frozen is not None:
            now, happened = not_before(frozen.frozen_at, now), frozen.decided.context.occurred_at
        context, resolutions = self._decider.context(transaction, intake, now, happened)
        if frozen is not None:
            context = replace(context, shown_at=frozen.frozen_at)
        if origin is not context.origin:
            context = replace(context, origin=origin)
        return self._decider.decide(transaction, context, resolutions, drawn)

    def _now(self, transaction: Transaction) -> datetime:
        """This station's clock, compared with the database's where there is one."""
        now = self._clock.now()
        database = transaction.database_now()
        if database is None:
            return now
        apart = abs(database - now)
        # A simulated clock may be anywhere; whether it is one is asked only where it matters.
        if (
            apart > CLOCKS_APART_MAX
            and self._memory.registry(transaction).state.clock is not ClockKind.SIMULATED
        ):
            raise ClockBehind(
                f"This station's clock is {int(apart.total_seconds())} s off the database's clock."
            )
        return now

    def _kept(self, transaction: Transaction, intake: Intake) -> Answer | None:
        """The answer to the same request sent before; raises RequestReused for another under its id."""
        event_id = intake.request.event_id
        known, kept = transaction.kept_answer(event_id)
        if kept is None:
            if known:
                raise RequestReused(f"The event id {event_id} already stands for another event.")
            return None
        if intake.digest(kept.salt) != kept.digest:
            raise RequestReused(f"The event id {event_id} already stands for another request.")
        # It can be seen before it is safe: its first commit may have been lost to whoever asks again.
        transaction.await_replication()
        return from_bytes(kept.answer, event_id, partial(_recorded_at, transaction))

    def _refused(self, transaction: Transaction, decided: Decided, drawn: SaltsAndIds) -> Answer:
        for event_id in decided.again:
            transaction.count_again(event_id)
        if decided.refusal is None or not decided.statements:
            if decided.refusal is None:
                raise Refusal("A refusal without a reason.")
            return refused(decided.context.request.event_id, decided.refusal)
        return self._write(transaction, decided, {}, drawn)

    def _sign(self, decided: Decided, signers: Sequence[Signer]) -> Signatures:
        """Each statement signed by those whose signature it asks; everybody must be in session."""
        context = decided.context
        present = {signer.staff: signer for signer in signers}
        registry = context.registry.state
        signatures: dict[str, tuple[Signature, ...]] = {}
        for statement, one in zip(decided.statements, decided.placed, strict=True):
            slots = one.draft.slots
            offered = offered_signers(context.request, slots)
            made: list[Signature] = []
            for named in signers_for(registry, slots, offered, context.now):
                signer = present.get(named.staff)
                if signer is None:
                    raise SignInRefused(
                        f"{named.staff} is to sign as {named.meaning.value} but has not signed in."
                    )
                made.append(signer.sign(statement.digest, named.meaning, context.now))
            signatures[statement.event_id] = tuple(made)
        return signatures

    def _write(
        self, transaction: Transaction, decided: Decided, signatures: Signatures, drawn: SaltsAndIds
    ) -> Answer:
        return record(transaction, self._memory, decided, signatures, drawn, self._randomness.salt)


def _require_unrecorded(transaction: Transaction, intake: Intake) -> None:
    event_id = intake.request.event_id
    if transaction.kept_answer(event_id)[0]:
        raise EventIdTaken(event_id)


def _own(result: T, made: list[T]) -> T:
    """An answer as it was first made here, where what is kept is of an attempt whose end was not known."""
    if not isinstance(result, Answer) or not result.entries:
        return result
    if not result.repeated:
        made.append(result)
        return result
    return next((one for one in made if isinstance(one, Answer) and one.entries == result.entries), result)


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
    require_believable(transaction, context)
    entries = place(context, decided, signatures)
    require_verifiable(entries, context.registry.state)
    for name, seen in context.shared.items():
        transaction.bump(name, seen)
    transaction.append(entries)
    _keep_openings(transaction, decided, drawn)
    if isinstance(context.request, ReceiveManifest) and decided.refusal is None:
        transaction.keep_attachment(content_of(context.request.content))
    if isinstance(context.request, RecordConditions) and decided.refusal is None:
        packed = packed_of(context.request.file)
        sha256 = digest_of(packed)
        for chain in dict.fromkeys(one.chain for one in decided.statements):
            transaction.keep_condition_file(chain, sha256, packed)
    for file in _papers(context.request) if decided.refusal is None else ():
        transaction.keep_paper(decided.statements[0].chain, paper_of(file))
    if isinstance(context.request, Erase):
        erase(transaction, memory, decided.statements[0].chain, kept=context.request.event_id)
    projected = _project(transaction, context, entries)
    if transaction.others_commit:
        _require_open(transaction, memory, context, projected)
    for known in projected:
        memory.keep(known)
    references = tuple(reference(entry) for entry in entries)
    event_id = context.request.event_id
    if decided.refusal is None:
        # After these the log is integrated, so that the slip's head contains them.
        handed_over = any(isinstance(one.payload, Relinquished | HandoffAnswer) for one in decided.statements)
        answer = Answer(event_id, references, notices=decided.notices, handed_over=handed_over)
    else:
        answer = refused(event_id, decided.refusal, references)
    request_salt = salt(32)
    transaction.keep_answer(
        _answer_row(
            event_id=event_id,
            salt=request_salt,
            digest=context.intake.digest(request_salt),
            answer=to_bytes(answer),
        )
    )
    return answer


def _papers(request: Request) -> tuple[str, ...]:
    """The scanned papers that come with a request, each in base64."""
    if isinstance(request, AttachPaper):
        return request.files
    if isinstance(request, ReleaseOutOfSpecification):
        return () if request.risk_evaluation is None else (request.risk_evaluation,)
    return request.papers if isinstance(request, ImportTherapy) else ()


def reference(entry: Entry) -> EntryReference:
    """An entry's place and digests."""
    return EntryReference(entry.statement.chain, entry.sequence, entry.digest, entry.statement.digest)


def _recorded_at(transaction: Transaction, chain: str, sequence: int) -> EntryReference:
    """The reference that a kept answer gives again; raises IntegrityFailure where the entry is gone."""
    for _, _, body in transaction.bodies(chain, sequence - 1, 1):
        return reference(stored_entry(body, chain, sequence))
    raise IntegrityFailure(f"The entry {sequence} of {chain}, which a kept answer names, is gone.")


def place(context: Context, decided: Decided, signatures: Signatures) -> tuple[Entry, ...]:
    """The statements as entries behind the ends of their chains; raises ClockBehind."""
    tips = _tips(context)
    registry = context.registry.tip
    entries: list[Entry] = []
    for statement in decided.statements:
        tip = tips.get(statement.chain)
        recorded_at = recorded_time(context, statement, tip)
        entry = Entry(
            sequence=0 if tip is None else tip.head.sequence + 1,
            previous=None if tip is None else tip.head.digest,
            registry=None if statement.chain == REGISTRY else registry.head,
            recorded_at=recorded_at,
            statement=statement,
            signatures=signatures.get(statement.event_id, ()),
        )
        entries.append(entry)
        tips[statement.chain] = Tip.of(entry)
    return tuple(entries)


def _tips(context: Context) -> dict[str, Tip]:
    tips = {coi: known.tip for coi, known in context.therapies.items()}
    tips[REGISTRY] = context.registry.tip
    return tips


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
    written: list[Rows] = []
    for entry in entries:
        chain = entry.statement.chain
        if chain == REGISTRY:
            continue
        before = states.get(chain, (None, None))[0]
        state = evolve(before, entry.sequence, entry.statement)
        if state is None:
            continue
        written.append(rows_after(before, state, pinned(context, state)))
        states[chain] = (state, Tip.of(entry))
    write_act(transaction, written)
    touched = {entry.statement.chain for entry in entries}
    return tuple(
        KnownTherapy(tip, state)
        for chain, (state, tip) in states.items()
        if chain in touched and state is not None and tip is not None
    )


def _require_open(
    transaction: Transaction, memory: StateCache, context: Context, projected: Sequence[KnownTherapy]
) -> None:
    """Raise SharedConflict where a site, person or bench was switched off while something came to it.

    Who switches it off afterwards meets the raised row, and looks again.
    """
    before = context.therapies
    rows = {
        row
        for known in projected
        for row in arrivals(before[known.state.coi].state if known.state.coi in before else None, known.state)
    }
    for row in sorted(rows - context.shared.keys()):
        transaction.touch(row)
    if not rows:
        return
    registry = memory.registry(transaction)
    if registry.tip.head == context.registry.tip.head:
        return
    for row in sorted(rows):
        if is_switched_off(registry.state, row):
            raise SharedConflict(row)


def pinned(context: Context, state: TherapyState) -> Protocol | None:
    """The protocol pinned to a therapy."""
    return context.protocols.get((state.protocol.id, state.protocol.version))
