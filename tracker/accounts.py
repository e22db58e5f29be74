"""Sign-in, first passwords, changed passwords and lock-outs: who may hold a key in memory.

Five failures lock one person at one station for 15 minutes, and nobody else (21 CFR 11.300(d)); fifteen over
all stations lock that person everywhere for as long.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from schema.errors import ClockAhead, Refusal, SignInLocked, SignInRefused
from schema.instants import format_minute
from schema.tables import AccessCodeRow, SignInFailureRow, tuple_of
from schema.vocabulary import Meaning
from tracker.acts.deciding import Origin
from tracker.acts.randomness import uuid7
from tracker.acts.recorder import Recorder
from tracker.acts.state_cache import StateCache
from tracker.answers import Answer
from tracker.clock import Clock
from tracker.ledger.retry import retrying
from tracker.ledger.store import Store
from tracker.ledger.transaction import Transaction
from tracker.local_time import offset_of
from tracker.new_store import credential_row
from tracker.people import access_codes
from tracker.people.access_codes import HeldCode
from tracker.people.credentials import SealedKey
from tracker.people.passwords import STRONG, ArgonCost, checked_password, checked_pin
from tracker.people.signer import Signer, enroll, unlock
from tracker.registry.network.requests import ActivateKey, IssueAccessCode, LockOut
from tracker.requests.base import SignerReference
from tracker.rules.authority import station_violation
from tracker.rules.public_keys import public_text
from tracker.rules.registry_state import EVERY_STATION, Person, RegistryState

_failure_row: Final = tuple_of(SignInFailureRow)
_access_code_row: Final = tuple_of(AccessCodeRow)

FAILURES_MAX: Final = 5
FAILURES_EVERYWHERE_MAX: Final = 15
"""Over all stations since the person last signed in: who walks from one to the next guesses no faster."""

LOCKED_FOR: Final = timedelta(minutes=15)
"""Too slow for guessing, short enough for a shift; the paper path stays open meanwhile."""


@dataclass(frozen=True, slots=True)
class Failures:
    """The failures of one person at one station, or `EVERY_STATION`, since they last signed in."""

    staff: str
    station: str
    count: int = 0
    locked_until: datetime | None = None

    def is_locked(self, now: datetime) -> bool:
        """Whether the person cannot sign in there now."""
        return self.locked_until is not None and now < self.locked_until

    @property
    def most(self) -> int:
        """The failure with which the lock-out begins."""
        return FAILURES_MAX if self.station else FAILURES_EVERYWHERE_MAX


@dataclass(frozen=True, slots=True)
class CountedFailure:
    """The state after one more failure, and whether a `locked_out` event has to be recorded now."""

    failures: Failures
    lock_out_begins: bool


def require_unlocked(failures: Failures, now: datetime, offset_of: Callable[[datetime], str]) -> None:
    """Raise SignInLocked while the lock-out lasts; asked before the password is looked at.

    Whoever waits reads the end off the clock of the station.
    """
    ends = failures.locked_until
    if ends is not None and failures.is_locked(now):
        where = f"the station {failures.station}" if failures.station else "every station"
        raise SignInLocked(
            f"{failures.staff} is locked at {where} until {format_minute(ends, offset_of(ends))}."
        )


def after_failure(failures: Failures, now: datetime) -> CountedFailure:
    """One more failure; what comes during a lock-out neither counts nor makes it longer."""
    if failures.is_locked(now):
        return CountedFailure(failures, lock_out_begins=False)
    count = 1 if failures.locked_until is not None else failures.count + 1
    if count < failures.most:
        return CountedFailure(replace(failures, count=count, locked_until=None), lock_out_begins=False)
    return CountedFailure(replace(failures, count=count, locked_until=now + LOCKED_FOR), lock_out_begins=True)


class Accounts:
    """Who has a password and a key here, and who is let in at which station."""

    def __init__(
        self, store: Store, memory: StateCache, recorder: Recorder, clock: Clock, cost: ArgonCost = STRONG
    ) -> None:
        self._store = store
        self._memory = memory
        self._recorder = recorder
        self._clock = clock
        self._cost = cost

    def unlock(self, staff: str, password: str, *, station: str) -> Signer:
        """A person's key for a session; raises SignInRefused, or SignInLocked after too many failures.

        Only at a station that is in use: at an invented one nobody would be locked out.
        """
        now = self._clock.now()
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            person = registry.person(staff)
            row = transaction.credential(staff)
            failures = _failures(transaction, staff, station)
        self._require_open(registry, station, failures, now)
        clock = _clock_of(registry, station)
        if person is None or not person.active or row is None:
            raise SignInRefused(
                f"{staff} cannot sign in here: {_why(person is not None, row is not None)}.",
                remedy="Check the staff id or badge; a first password needs a one-time code.",
            )
        credential = SealedKey(row.staff, row.key, row.verifier, row.blob)
        try:
            signer = unlock(credential, password, name=person.name)
        except SignInRefused as error:
            self._failed(staff, now, station)
            raise _with_reset(error, registry, staff, clock) from error
        key = registry.active_key(staff)
        if key is None or key.key != signer.key:
            raise SignInRefused(f"The key of {staff} is not active.", remedy="Ask for a new one-time code.")
        if any(one.count or one.locked_until for one in failures):
            stations = [one.station for one in failures]
            self._written(
                lambda transaction: [transaction.delete_sign_in_failure(staff, one) for one in stations]
            )
        return signer

    def _require_open(
        self, registry: RegistryState, station: str, failures: Sequence[Failures], now: datetime
    ) -> None:
        """Raise unless this is a station in use at which the person is not locked out."""
        violation = station_violation(registry, station)
        if violation is not None:
            raise SignInRefused(violation.message, remedy=violation.remedy, code=violation.rule)
        for one in failures:
            require_unlocked(one, now, _clock_of(registry, station))

    def _written(self, write: Callable[[Transaction], object]) -> None:
        """Write what means the same however often it is written."""

        def once() -> None:
            with self._store.begin() as transaction:
                write(transaction)

        retrying(once)

    def _failed(self, staff: str, now: datetime, station: str) -> None:
        """Count one failure here and over all stations, and record each lock-out that begins with it.

        Counted from what is there when it is written: of guesses that are made at once, each counts.
        """
        begun: dict[str, Failures] = {}

        def once() -> None:
            with self._store.begin() as transaction:
                name = f"sign-in:{staff}"
                transaction.bump(name, transaction.version(name))
                begun.update(_count_failure(transaction, staff, station, now))

        retrying(once)
        for held in begun.values():
            if held.locked_until is None:
                continue
            request = LockOut(
                event_id=uuid7(now),
                actor=held.staff,
                station=station,
                locked_station=held.station or None,
                staff=held.staff,
                until=held.locked_until,
            )
            # A clock that is not believed records nothing; the lock-out itself holds all the same.
            with suppress(ClockAhead):
                self._recorder.record(request, origin=Origin(by_program=True))

    def issue_code(self, request: IssueAccessCode, *, signers: Sequence[Signer]) -> tuple[Answer, str | None]:
        """A one-time code for a person, shown once; None when it was refused.

        Until it is used, the person signs in with the password they have, unless its key was retired with it.
        """
        code = access_codes.draw_code()

        def keep(transaction: Transaction) -> None:
            registry = self._memory.registry(transaction).state
            issued = registry.access_code(request.staff)
            if issued is None:
                raise Refusal(f"No code was issued to {request.staff}.")
            held = access_codes.held_code(
                staff=request.staff, code=code, expires_at=issued.expires_at, cost=self._cost
            )
            transaction.put_access_code(
                _access_code_row(
                    staff=held.staff,
                    code_hash=held.verifier,
                    issuer=request.actor,
                    expires_at=issued.expires_at,
                )
            )
            if registry.active_key(request.staff) is None:
                transaction.delete_credential(request.staff)

        answer = self._recorder.record(request, signers=signers, also_write=keep)
        if not answer.ok or answer.repeated:
            return answer, None
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
        checked_password(password, staff=staff)
        checked_pin(pin)
        person = self.require_code(staff, code, station=station)
        now = self._clock.now()
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

        answer = self._recorder.record(
            request, signers=(signer, witness), origin=Origin(code_shown_by=staff), also_write=keep
        )
        return answer, signer

    def require_code(self, staff: str, code: str, *, station: str) -> Person | None:
        """The person whose one-time code this is; raises SignInRefused and counts a failure.

        Asked before anybody chooses a password, too.
        """
        now = self._clock.now()
        with self._store.read() as transaction:
            registry = self._memory.registry(transaction).state
            row = transaction.access_code(staff)
            failures = _failures(transaction, staff, station)
        self._require_open(registry, station, failures, now)
        held = None if row is None else HeldCode(row.staff, row.code_hash, row.expires_at)
        try:
            access_codes.check_code(
                held, staff=staff, code=code, now=now, offset_of=_clock_of(registry, station)
            )
        except SignInRefused:
            self._failed(staff, now, station)
            raise
        return registry.person(staff)

    def change_password(self, signer: Signer, password: str, *, pin: str | None = None) -> None:
        """The same key under another password; the private key is never written in clear."""
        checked_password(password, staff=signer.staff)
        credential = signer.resealed(
            password,
            pin=None if pin is None else checked_pin(pin),
            cost=self._cost,
            entropy=secrets.token_bytes,
        )
        row = credential_row(credential, self._clock.now())
        self._written(lambda transaction: transaction.put_credential(row))


def _count_failure(
    transaction: Transaction, staff: str, station: str, now: datetime
) -> Iterator[tuple[str, Failures]]:
    """Write one failure more; gives where a lock-out begins with it."""
    for before in _failures(transaction, staff, station):
        outcome = after_failure(before, now)
        held = outcome.failures
        transaction.put_sign_in_failure(
            _failure_row(
                staff=held.staff, station=held.station, count=held.count, locked_until=held.locked_until
            )
        )
        if outcome.lock_out_begins:
            yield held.station, held


def _with_reset(
    error: SignInRefused, registry: RegistryState, staff: str, clock: Callable[[datetime], str]
) -> SignInRefused:
    """The refusal of a password; whose key was made after a reset is told, in case it was another's doing."""
    key = registry.active_key(staff)
    if key is None or not key.after_reset or key.activated_at is None:
        return error
    made = format_minute(key.activated_at, clock(key.activated_at))
    told = f"The password was set anew at {made} with a one-time code by {key.issuer}: if that was not you, "
    return SignInRefused(error.message, remedy=f"{error.remedy} {told}tell quality at once.", code=error.code)


def _clock_of(registry: RegistryState, station: str) -> Callable[[datetime], str]:
    place = registry.station(station)
    return offset_of(registry, place.site if place else "")


def _failures(transaction: Transaction, staff: str, station: str) -> tuple[Failures, ...]:
    """Those at the station, then those over all stations."""
    found = ((where, transaction.sign_in_failure(staff, where)) for where in (station, EVERY_STATION))
    return tuple(
        Failures(staff, where) if row is None else Failures(staff, where, row.count, row.locked_until)
        for where, row in found
    )


def _why(known: bool, has_password: bool) -> str:  # noqa: FBT001 - two findings, one sentence
    if not known:
        return "nobody active has that staff id"
    return "no password was set yet" if not has_password else "the person is no longer active"
