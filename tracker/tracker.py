"""The one front door: everything that screens, the command line and instruments ask goes through here."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from schema.errors import InputError, Refusal, StoreError
from schema.identifiers import PrintedCode
from schema.papercodes import HeadCode
from schema.vocabulary import Clock as ClockKind
from schema.vocabulary import EntryMode, Meaning, ObjectType, Purpose
from tracker.acts.chance import SeededChance, SystemChance, uuid7
from tracker.acts.deciding import AskedBy, Decider
from tracker.acts.desk import Desk, Given, Proposal
from tracker.acts.memory import Memory
from tracker.acts.printing import PrintDesk
from tracker.answers import Answer
from tracker.clock import Clock, SimulatedClock, SystemClock
from tracker.evidence.log import Advanced, Log
from tracker.evidence.log_keys import make_station_key, stage_log_key
from tracker.ledger.store import Store
from tracker.ledger.transaction import Transaction
from tracker.people.founding import Founded, NewStore, found_store, key_folder
from tracker.people.passwords import STRONG, ArgonCost
from tracker.people.reception import Reception
from tracker.people.signer import Signer
from tracker.protocols.library import ProtocolFile
from tracker.registry.requests import (
    AddStationKey,
    AdoptProtocol,
    Export,
    ExportTrail,
    IssueAccessCode,
    RotateLogKey,
)
from tracker.requests.base import SignerReference
from tracker.rules.registry_state import RegistryState
from tracker.views.reading import Reader


@dataclass(frozen=True, slots=True)
class Means:
    """What a tracker works with beside its store: the clock, chance, the cost of a password guess, keys."""

    clock: Clock
    seed: random.Random | None = None
    cost: ArgonCost = STRONG
    config: Path | None = None
    """The folder beside which keys lie; without it the log grows and nothing is signed."""


class Tracker:
    """One open store; keyword-only methods, one transaction each, a savepoint each inside `batch()`."""

    def __init__(self, store: Store, means: Means) -> None:
        self._store = store
        self._means = means
        self._memory = Memory()
        with store.read() as transaction:
            registry = self._memory.registry(transaction).state
        if isinstance(means.clock, SimulatedClock) and registry.clock is not ClockKind.SIMULATED:
            raise InputError(f"This {registry.purpose.value} store takes no simulated clock.")
        self._chance = (
            SystemChance(registry.purpose)
            if means.seed is None
            else SeededChance(registry.purpose, means.seed)
        )
        decider = Decider(self._memory, {})
        self._desk = Desk(store, self._memory, means.clock, self._chance, decider)
        self._reception = Reception(store, self._memory, self._desk, means.clock, means.cost)
        self.read = Reader(store, self._memory, decider, means.clock)
        """Questions that write nothing."""
        self.prints = PrintDesk(store, self._memory, decider, means.clock)
        """Copies of labels and what became of their paper."""
        folder = None if means.config is None else key_folder(means.config, registry.origin)
        self.log = Log(store, folder, clock=means.clock, memory=self._memory)
        """Heads and proofs of the Merkle log."""

    @classmethod
    def open(cls, *, url: str, means: Means | None = None, read_only: bool = False) -> Tracker:
        """Open a store; raises StoreError or GuardMissing when it cannot be used."""
        return cls(Store.open(url, read_only=read_only), means or Means(SystemClock()))

    @classmethod
    def found(
        cls, *, url: str, new: NewStore, config: Path, means: Means | None = None
    ) -> tuple[Tracker, Founded]:
        """Create a store with its first two people; raises StoreError when something is already there."""
        chosen = replace(means or Means(SystemClock()), config=config)
        founded = found_store(
            url,
            new,
            config=config,
            now=chosen.clock.now(),
            event_id=lambda: uuid7(chosen.clock.now(), chosen.seed),
            cost=chosen.cost,
        )
        return cls(founded.store, chosen), founded

    @property
    def registry(self) -> RegistryState:
        """People, sites, stations, grants, keys and protocols as they stand now."""
        with self._store.read() as transaction:
            return self._memory.registry(transaction).state

    @property
    def purpose(self) -> Purpose:
        """What the store is for."""
        return self.registry.purpose

    @property
    def clock(self) -> Clock:
        """Where this tracker takes the time from."""
        return self._means.clock

    @property
    def config(self) -> Path | None:
        """The folder with keys and settings; None where nobody named one."""
        return self._means.config

    @property
    def store(self) -> Store:
        """The open store, for verification and exports."""
        return self._store

    def new_event_id(self) -> str:
        """A UUIDv7 for a request."""
        return uuid7(self._means.clock.now(), self._means.seed)

    def new_object_id(self, *, object_type: ObjectType) -> str:
        """An id of this store's purpose that stands for nothing yet, for something about to join."""
        return self._chance.object_id(object_type)

    def record(
        self, *, request: Given, signers: Sequence[Signer] = (), mode: EntryMode | None = None
    ) -> Answer:
        """Take one request; raises CartrailError when it cannot be judged, answers when it can."""
        answer = self._desk.record(request, signers=signers, mode=mode)
        self._after(answer)
        return answer

    def propose(self, *, request: Given) -> Proposal | Answer:
        """Freeze an act so that people can read and sign it; an answer when there is nothing to sign."""
        return self._desk.propose(request)

    def conclude(self, *, proposal: Proposal) -> Answer:
        """Record a signed act."""
        answer = self._desk.conclude(proposal)
        self._after(answer)
        return answer

    def _after(self, answer: Answer) -> None:
        """A handoff is at once taken into the log, so that its slip carries a head that contains it."""
        if answer.handed_over and not answer.repeated and not self._desk.in_batch:
            self.integrate()

    def integrate(self) -> Advanced:
        """Take what was recorded into the log and, on a hub, sign its head; called after handoffs."""
        return self.log.integrate_and_sign()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """One transaction around many requests, a savepoint each."""
        with self._desk.batch() as answers:
            yield
        if any(answer.handed_over for answer in answers):
            self.integrate()

    def unlock(self, *, staff: str, password: str, station: str) -> Signer:
        """A person's key for a session."""
        return self._reception.unlock(staff, password, station=station)

    def issue_access_code(self, *, request: IssueAccessCode, signer: Signer) -> tuple[Answer, str | None]:
        """A one-time code for a first or forgotten password; shown once."""
        return self._reception.issue_code(request, signer=signer)

    def activate_key(
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
        """A first password and key, before a witness who did not issue the code."""
        return self._reception.activate(
            staff=staff,
            code=code,
            password=password,
            pin=pin,
            witness=witness,
            station=station,
            event_id=event_id,
        )

    def change_password(self, *, signer: Signer, password: str, pin: str | None = None) -> None:
        """Another password for the same key."""
        self._reception.change_password(signer, password, pin=pin)

    def adopt_protocol(
        self, *, file: ProtocolFile, request: AdoptProtocol, signers: Sequence[Signer]
    ) -> Answer:
        """Adopt a protocol file whose bytes are kept under the digest that therapies are pinned to."""
        if request.sha256 != file.sha256:
            raise Refusal(f"The request names the digest {request.sha256}, the file has {file.sha256}.")

        def keep(transaction: Transaction) -> None:
            transaction.keep_attachment(file.content)

        return self._desk.record(request, signers=signers, beside=keep)

    def record_export(
        self, *, request: Export, signers: Sequence[Signer], mode: EntryMode | None = None
    ) -> Answer:
        """Note that a bundle leaves the store; `tracker.evidence.bundle_export` writes the two together."""
        return self._desk.record(request, signers=signers, mode=mode, origin=AskedBy(by_program=True))

    def rotate_log_key(self, *, actor: str, approver: str, station: str, signers: Sequence[Signer]) -> Answer:
        """The log's next key, made here on the hub; in the same act the one before is retired."""
        if not self.log.is_hub:
            raise StoreError(
                "Only the hub has the log's key.", remedy="Run this on the hub.", code="not_the_hub"
            )
        new = stage_log_key(self.log.folder, self.registry.origin)
        request = RotateLogKey(
            event_id=self.new_event_id(),
            actor=actor,
            station=station,
            signers=(
                SignerReference(staff=actor, meaning=Meaning.PERFORMED),
                SignerReference(staff=approver, meaning=Meaning.APPROVED),
            ),
            key=new.key,
            public=new.public,
        )
        answer = self._desk.record(request, signers=signers, origin=AskedBy(by_program=True))
        self.integrate()
        return answer

    def make_station_key(
        self, *, actor: str, station: str, on_hub: bool, signers: Sequence[Signer]
    ) -> Answer:
        """A cosigning key for this station, made here and vouched for by an administrator."""
        new = make_station_key(self.log.folder, self.registry.origin, station)
        request = AddStationKey(
            event_id=self.new_event_id(),
            actor=actor,
            station=station,
            key_station=station,
            key=new.key,
            public=new.public,
            on_hub=on_hub,
        )
        answer = self._desk.record(request, signers=signers)
        self.integrate()
        return answer

    def note_trail(self, *, request: ExportTrail) -> Answer:
        """Note that a trail leaves the store; unsigned, made before its first byte is written."""
        return self._desk.record(request, origin=AskedBy(by_program=True))

    def print_head(self, *, chains: Sequence[str]) -> HeadCode | None:
        """The newest head for paper of these therapies, kept with their prints; None before a checkpoint."""
        head = self.log.head()
        if head is not None:
            with self._store.begin() as transaction:
                for chain in chains:
                    transaction.print_head(chain, head.tree_size, self._means.clock.now())
        return head

    def print_copy(
        self, *, object_id: str, staff: str, station: str, label: str = "", unit: str | None = None
    ) -> PrintedCode:
        """The next copy of an object's code, kept so that no letter is printed twice (`prints.copy`)."""
        return self.prints.copy(object_id=object_id, staff=staff, station=station, label=label, unit=unit)

    def close(self) -> None:
        """Close the store."""
        self._store.close()
