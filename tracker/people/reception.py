"""Sign-in, first passwords and changed passwords: who may hold a key in memory, and who is kept out."""

from __future__ import annotations

import secrets
from datetime import datetime

from schema.errors import Refusal, SignInRefused
from schema.instants import format_instant
from schema.vocabulary import Meaning
from tracker.acts.chance import uuid7
from tracker.acts.deciding import AskedBy
from tracker.acts.desk import Desk
from tracker.acts.memory import Memory
from tracker.answers import Answer
from tracker.clock import Clock
from tracker.ledger.rows import AccessCodeRow, SignInFailureRow
from tracker.ledger.store import Store
from tracker.ledger.transaction import Transaction
from tracker.people import access_codes
from tracker.people.credentials import from_row
from tracker.people.founding import credential_row
from tracker.people.lockout import Failures, after_failure, require_unlocked
from tracker.people.passwords import STRONG, ArgonCost, checked_password, checked_pin
from tracker.people.signer import Signer, enroll, unlock
from tracker.registry.network.requests import ActivateKey, IssueAccessCode, LockOut
from tracker.requests.base import SignerReference
from tracker.rules.public_keys import public_text


class Reception:
    """Lets people in, one station at a time."""

    def __init__(
        self, store: Store, memory: Memory, desk: Desk, clock: Clock, cost: ArgonCost = STRONG
    ) -> None:
        self._store = store
        self._memory = memory
        self._desk = desk
        self._clock = clock
        self._cost = cost

    def unlock(self, staff: str, password: str, *, station: str) -> Signer:
        """A person's key for a session; raises SignInRefused, or LockedOut after five failures here."""
        now = self._clock.now()
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            person = registry.person(staff)
            row = transaction.credential(staff)
            failures = _failures(transaction, staff, station)
        require_unlocked(failures, now)
        if person is None or not person.active or row is None:
            raise SignInRefused(
                f"{staff} cannot sign in here: {_why(person is not None, row is not None)}.",
                remedy="Check the staff id or badge; a first password needs a one-time code.",
            )
        credential = from_row((row.staff, row.key, row.verifier, row.blob))
        try:
            signer = unlock(credential, password, name=person.name)
        except SignInRefused:
            self._failed(failures, now)
            raise
        key = registry.active_key(staff)
        if key is None or key.key != signer.key:
            raise SignInRefused(f"The key of {staff} is not active.", remedy="Ask for a new one-time code.")
        if failures.count or failures.locked_until:
            with self._store.begin() as transaction:
                transaction.delete_sign_in_failure(staff, station)
        return signer

    def _failed(self, failures: Failures, now: datetime) -> None:
        outcome = after_failure(failures, now)
        held = outcome.failures
        with self._store.begin() as transaction:
            transaction.put_sign_in_failure(
                SignInFailureRow(held.staff, held.station, held.count, held.locked_until)
            )
        if outcome.lock_out_begins and held.locked_until is not None:
            request = LockOut(
                event_id=uuid7(now),
                actor=held.staff,
                station=held.station,
                locked_station=held.station,
                staff=held.staff,
                until=held.locked_until,
            )
            self._desk.record(request, origin=AskedBy(by_program=True))

    def issue_code(self, request: IssueAccessCode, *, signer: Signer) -> tuple[Answer, str | None]:
        """A one-time code for a person, shown once; None when it was refused."""
        answer = self._desk.record(request, signers=(signer,))
        if not answer.ok or answer.repeated:
            return answer, None
        code = access_codes.draw_code()
        with self._store.begin() as transaction:
            issued = self._memory.registry(transaction).state.access_code(request.staff)
            if issued is None:
                raise Refusal(f"No code was issued to {request.staff}.")
            held = access_codes.held_code(
                staff=request.staff, code=code, expires_at=issued.expires_at, cost=self._cost
            )
            staff, verifier, _ = access_codes.to_row(held)
            transaction.put_access_code(AccessCodeRow(staff, verifier, request.actor, issued.expires_at))
            transaction.delete_credential(request.staff)
        return answer, code

    def activate(
        self,
        *,
        staff: str,
        code: str,
        password: str,
        pin: str,
        witness: Signer,
        station: str,
        event_id: str | None = None,
    ) -> tuple[Answer, Signer]:
        """A first password: the owner makes a key before a witness who did not issue the code."""
        now = self._clock.now()
        checked_password(password, staff=staff)
        checked_pin(pin)
        with self._store.read() as transaction:
            person = self._memory.registry(transaction).state.person(staff)
            row = transaction.access_code(staff)
            failures = _failures(transaction, staff, station)
        require_unlocked(failures, now)
        held = None
        if row is not None:
            held = access_codes.from_row((row.staff, row.code_hash, format_instant(row.expires_at)))
        try:
            access_codes.check_code(held, staff=staff, code=code, now=now)
        except SignInRefused:
            self._failed(failures, now)
            raise
        name = person.name if person else staff
        credential, signer = enroll(staff=staff, name=name, password=password, pin=pin, cost=self._cost)
        request = ActivateKey(
            event_id=event_id or uuid7(now),
            actor=staff,
            station=station,
            signers=(
                SignerReference(staff=staff, meaning=Meaning.PERFORMED),
                SignerReference(staff=witness.staff, meaning=Meaning.WITNESSED),
            ),
            key=signer.key,
            public=public_text(signer.public),
        )

        def keep(transaction: Transaction) -> None:
            transaction.put_credential(credential_row(credential, now))
            transaction.delete_access_code(staff)

        answer = self._desk.record(
            request, signers=(signer, witness), origin=AskedBy(code_shown_by=staff), beside=keep
        )
        return answer, signer

    def change_password(self, signer: Signer, password: str, *, pin: str | None = None) -> None:
        """The same key under another password; the private key is never written in clear."""
        checked_password(password, staff=signer.staff)
        credential = signer.resealed(
            password,
            pin=None if pin is None else checked_pin(pin),
            cost=self._cost,
            entropy=secrets.token_bytes,
        )
        with self._store.begin() as transaction:
            transaction.put_credential(credential_row(credential, self._clock.now()))


def _failures(transaction: Transaction, staff: str, station: str) -> Failures:
    row = transaction.sign_in_failure(staff, station)
    return Failures(staff, station) if row is None else Failures(staff, station, row.count, row.locked_until)


def _why(known: bool, has_password: bool) -> str:  # noqa: FBT001 - two findings, one sentence
    if not known:
        return "nobody active has that staff id"
    return "no password was set yet" if not has_password else "the person is no longer active"
