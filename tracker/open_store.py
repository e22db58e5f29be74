"""An open store with all that works on it: what the front door, exports, labels and forms are built upon."""

from __future__ import annotations

import os
import platform
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeVar

from schema.errors import CartrailError, InputError
from schema.identifiers import PrintedCode
from schema.papercodes import HeadCode
from schema.tables import PresenceRow, tuple_of
from schema.vocabulary import ClockKind, EntryMode, ObjectType, Purpose
from tracker.acts.deciding import FROM_OUTSIDE, Decider, Origin
from tracker.acts.kept_registry import KeptRegistry
from tracker.acts.printing import Prints
from tracker.acts.randomness import SeededRandomness, SystemRandomness, uuid7
from tracker.acts.recorder import AlsoWrite, Proposal, Recorder, RequestData
from tracker.acts.state_cache import StateCache
from tracker.answers import Answer
from tracker.clock import Clock, SimulatedClock, SystemClock
from tracker.evidence.log import Advanced, Log
from tracker.evidence.log_keys import key_folder
from tracker.ledger.retry import retrying
from tracker.ledger.store import Store
from tracker.people.passwords import STRONG, ArgonCost
from tracker.people.signer import Signer
from tracker.rules.decision import Notice
from tracker.rules.registry_state import RegistryState
from tracker.views.hub import HUB, STATION, HubStatus, require_no_other_hub, status_of
from tracker.views.reading import Reader

T = TypeVar("T")

_presence_row: Final = tuple_of(PresenceRow)


def _notice(error: CartrailError | None) -> Notice | None:
    return None if error is None else Notice(error.code, error.message, error.remedy)


def this_instance() -> str:
    """The machine and process that this is, so that two hubs are told apart."""
    return f"{platform.node()[:60]} {os.getpid()}"


@dataclass(frozen=True, slots=True)
class Environment:
    """What a store is opened with: clock, randomness, the cost of a password guess, the folder of keys."""

    clock: Clock = field(default_factory=SystemClock)
    seed: random.Random | None = None
    """A seeded source for the demo, so that a history repeats; None takes the system's."""

    cost: ArgonCost = STRONG
    config: Path | None = None
    """The folder beside which keys lie; without it the log grows and nothing is signed."""


class OpenStore:
    """One open store; each method is one transaction, or a savepoint inside `batch()`."""

    def __init__(self, store: Store, environment: Environment) -> None:
        self.store = store
        self.environment = environment
        config = environment.config
        self._memory = StateCache(None if config is None else KeptRegistry(config / "registry"))
        clock = environment.clock
        with store.read() as transaction:
            registry = self._memory.registry(transaction).state
        if isinstance(clock, SimulatedClock) and registry.clock is not ClockKind.SIMULATED:
            raise InputError(f"This {registry.purpose.value} store takes no simulated clock.")
        self._randomness = (
            SystemRandomness(registry.purpose)
            if environment.seed is None
            else SeededRandomness(registry.purpose, environment.seed)
        )
        decider = Decider(self._memory, {})
        self.recorder = Recorder(store, self._memory, clock, self._randomness, decider)
        self.read = Reader(store, self._memory, decider, clock)
        """Questions that write nothing."""
        self.prints = Prints(store, self._memory, decider, clock)
        """Copies of labels and what became of their paper."""
        folder = None if config is None else key_folder(config, registry.origin)
        self.log = Log(store, folder, clock=clock, memory=self._memory)
        """Heads and proofs of the Merkle log."""

    @property
    def registry(self) -> RegistryState:
        """People, sites, stations, grants, keys and protocols as they stand now."""
        with self.store.read() as transaction:
            return self._memory.registry(transaction).state

    @property
    def purpose(self) -> Purpose:
        """What the store is for."""
        return self.registry.purpose

    @property
    def clock(self) -> Clock:
        """Where the time comes from."""
        return self.environment.clock

    @property
    def config(self) -> Path | None:
        """The folder with keys and settings; None where nobody named one."""
        return self.environment.config

    def new_event_id(self) -> str:
        """A UUIDv7 for a request."""
        return uuid7(self.clock.now(), self.environment.seed)

    def new_object_id(self, *, object_type: ObjectType) -> str:
        """An id of this store's purpose that stands for nothing yet, for something about to join."""
        return self._randomness.object_id(object_type)

    def record(
        self,
        *,
        request: RequestData,
        signers: Sequence[Signer] = (),
        mode: EntryMode | None = None,
        origin: Origin = FROM_OUTSIDE,
        also_write: AlsoWrite | None = None,
    ) -> Answer:
        """Take one request; raises CartrailError when it cannot be judged, answers when it can.

        `origin` says that the program itself asks; `also_write` writes beside the ledger in its transaction.
        """
        answer = self.recorder.record(
            request, signers=signers, mode=mode, origin=origin, also_write=also_write
        )
        return self._after_commit(answer)

    def propose(self, *, request: RequestData) -> Proposal | Answer:
        """Freeze an act so that people can read and sign it; an answer when there is nothing to sign."""
        return self.recorder.propose(request)

    def conclude(self, *, proposal: Proposal) -> Answer:
        """Record a signed act."""
        return self._after_commit(self.recorder.conclude(proposal))

    def _after_commit(self, answer: Answer) -> Answer:
        """A handoff is taken into the log at once, so that its slip carries a head that contains it.

        The commit alone decides the answer; a log that did not grow is a warning beside it.
        """
        if answer.handed_over and not answer.repeated and not self.recorder.in_batch:
            return self.with_log_grown(answer)
        return answer

    def with_log_grown(self, answer: Answer) -> Answer:
        """The answer after the log took in what was committed, with a warning where it could not.

        Another warning says where nobody here knows what was signed last.
        """
        self.log.try_to_integrate()
        warnings = dict.fromkeys(filter(None, (self.log_trouble, self.head_trouble)))
        return replace(answer, notices=(*answer.notices, *warnings)) if warnings else answer

    @property
    def log_trouble(self) -> Notice | None:
        """Why the log did not grow or was not signed when it was last tried here; None while all is well."""
        return _notice(self.log.trouble)

    @property
    def head_trouble(self) -> Notice | None:
        """Why nothing on this machine showed on opening whether the store was set back; None where it did."""
        return _notice(self.log.unknown)

    def tick(self, station: str) -> HubStatus | None:
        """What a terminal does once a minute: let the log grow, cosign, say it is there, look for the hub.

        None in a store whose clock is simulated, where nobody waits for a service. Raises IntegrityFailure
        for a head that does not continue the one cosigned last.
        """
        self.integrate()
        if self.registry.clock is ClockKind.SIMULATED:
            return None
        self.log.cosign_if_able(station)
        self.note_presence(STATION + station)
        return self.hub_status()

    def note_presence(self, name: str) -> None:
        """Note that a station or a backup is there now."""
        row = self._presence(name)

        def note() -> None:
            with self.store.begin() as transaction:
                transaction.put_presence(row)

        retrying(note)

    def note_hub(self, *, trouble: str = "") -> None:
        """Note that the hub is this process, and what does not go well there.

        Raises StoreError (two_hubs) where one on another machine reported lately: then this is not the hub.
        """
        row = self._presence(HUB, trouble)

        def note() -> None:
            with self.store.begin() as transaction:
                require_no_other_hub(transaction.presences().get(HUB), row)
                transaction.put_presence(row)

        retrying(note)

    def _presence(self, name: str, trouble: str = "") -> PresenceRow:
        return _presence_row(
            name=name, seen_at=self.clock.now(), instance=this_instance(), trouble=trouble[:500]
        )

    def hub_status(self) -> HubStatus:
        """How the hub, the log, the backup and the stations stand now."""
        with self.store.read() as transaction:
            registry = self._memory.registry(transaction).state
            return status_of(transaction, registry, self.clock.now())

    def integrate(self) -> Advanced:
        """Take what was recorded into the log and, on a hub, sign its head; called after handoffs."""
        return self.log.integrate_and_sign()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """One transaction around many requests, a savepoint each; then the log grows (`log_trouble`)."""
        with self.recorder.batch() as answers:
            yield
        if any(answer.handed_over for answer in answers):
            self.log.try_to_integrate()

    def in_batch(self, work: Callable[[], T]) -> T:
        """The result of `work` inside one batch; the whole of it again when somebody else was faster.

        Raises StoreBusy when others won every time.
        """

        def once() -> T:
            with self.batch():
                return work()

        return retrying(once)

    def print_head(self, *, chains: Sequence[str]) -> HeadCode | None:
        """The newest head for paper of these therapies, kept with their prints; None before a checkpoint."""
        head = self.log.head()
        if head is not None:
            self.note_head(head, chains=chains)
        return head

    def note_head(self, head: HeadCode, *, chains: Sequence[str]) -> None:
        """Keep that a head is on paper of these therapies: their bundles carry its checkpoint."""

        def note() -> None:
            with self.store.begin() as transaction:
                for chain in chains:
                    transaction.print_head(chain, head.tree_size, self.clock.now())

        if chains:
            retrying(note)

    def print_copy(
        self, *, object_id: str, staff: str, station: str, label: str = "", unit: str | None = None
    ) -> PrintedCode:
        """The next copy of an object's code, kept so that no letter is printed twice (`prints.copy`)."""
        return self.prints.copy(object_id=object_id, staff=staff, station=station, label=label, unit=unit)

    def close(self) -> None:
        """Close the store."""
        self.store.close()
