"""The front door: everything that screens, the command line and instruments ask goes through here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from schema.errors import InputError, IntegrityFailure, Refusal, StoreError
from schema.vocabulary import EntryMode, Meaning, Purpose, Reason
from tracker.accounts import Accounts
from tracker.acts.deciding import Origin
from tracker.acts.randomness import uuid7
from tracker.acts.recorder import RequestData
from tracker.answers import Answer
from tracker.auditing import Audits
from tracker.backup import Backup, KnownHead, back_up
from tracker.downtime.forms import DowntimeForms
from tracker.erasure import Erasure, ErasurePreview, erase, preview_erasure
from tracker.evidence.last_head import LastHead
from tracker.evidence.log_keys import make_station_key, stage_log_key
from tracker.exporting import Exports
from tracker.hub import Deliver, Hub, status_here
from tracker.labeling.labels import LabelMaker
from tracker.ledger.creation import private_folder
from tracker.ledger.outage import Waiting, give_up, longest_wait, waiting_at_most, waits_told
from tracker.ledger.servers import servers_of, warnings_of
from tracker.ledger.statements import SentStatement, sent_statements
from tracker.ledger.store import Store
from tracker.ledger.transaction import Transaction
from tracker.new_store import Founded, NewStore, found_store
from tracker.open_store import Environment, OpenStore
from tracker.people.signer import Signer
from tracker.protocols.library import ProtocolFile
from tracker.protocols.unjudged import must_be_verified
from tracker.registry.network.requests import (
    AcceptLoss,
    AddStationKey,
    AdoptProtocol,
    IssueAccessCode,
    NameLostHead,
    RotateLogKey,
)
from tracker.requests.base import SignerReference
from tracker.site_command import SiteCommand
from tracker.views.hub import HubStatus

__all__ = ["Environment", "Tracker"]


class Tracker(OpenStore):
    """An open store as people and instruments meet it: recording, reading, printing, exporting."""

    def __init__(self, store: Store, environment: Environment) -> None:
        super().__init__(store, environment)
        self.exports = Exports(self)
        """Trails as files, and bundles of evidence."""
        self.labels = LabelMaker(self)
        """Labels, cards and handoff slips."""
        self.forms = DowntimeForms(self)
        """Downtime forms."""
        self.audit = Audits(self)
        """What an auditor finds, reads and proves."""
        self._accounts = Accounts(store, self._memory, self.recorder, environment.clock, environment.cost)

    @classmethod
    def open(cls, *, url: str, environment: Environment | None = None, read_only: bool = False) -> Tracker:
        """Open a store; raises StoreError or GuardMissing when it cannot be used.

        For recording, it has to continue what this machine signed and cosigned last: IntegrityFailure else.
        """
        tracker = cls(Store.open(url, read_only=read_only), environment or Environment())
        if not read_only:
            try:
                tracker.log.require_not_set_back()
            except BaseException:
                tracker.close()
                raise
        return tracker

    @classmethod
    def open_restored(cls, *, url: str, environment: Environment) -> Tracker:
        """Open a store behind the heads that are kept here, to say that entries are lost and nothing else."""
        return cls(Store.open(url), environment)

    @staticmethod
    def migrate(url: str, *, app_role: str | None = None) -> tuple[str, ...]:
        """Bring a store's tables, guards and rights to this program and name what was done.

        `app_role` is a PostgreSQL role that gets what a recording station needs, and no more.
        """
        return tuple(Store.migrate(url, app_role=app_role))

    @staticmethod
    def require_free(url: str) -> None:
        """Raise StoreError where something is at an address at which a store is to be founded."""
        Store.require_free(url)

    @classmethod
    def found(
        cls, *, url: str, new: NewStore, config: Path, environment: Environment | None = None
    ) -> tuple[Tracker, Founded]:
        """Create a store with its first two people; raises StoreError when something is already there."""
        chosen = replace(environment or Environment(), config=config)
        founded = found_store(
            url,
            new,
            config=config,
            now=chosen.clock.now(),
            event_id=lambda: uuid7(chosen.clock.now(), chosen.seed),
            cost=chosen.cost,
        )
        return cls(founded.store, chosen), founded

    def servers(self) -> Mapping[str, str]:
        """On PostgreSQL the server that answers, who waits for whom, and as which role; empty for a file."""
        return servers_of(self.store)

    def server_warnings(self) -> tuple[str, ...]:
        """What an administrator should change about the servers before people record."""
        return warnings_of(self.servers())

    @staticmethod
    def sent_statements() -> list[SentStatement]:
        """The SQL that recording and reading send to PostgreSQL."""
        return sent_statements()

    @staticmethod
    def waiting_at_most(seconds: float) -> AbstractContextManager[None]:
        """What is asked inside waits no longer than this for a database that does not answer."""
        return waiting_at_most(seconds)

    @staticmethod
    def longest_wait() -> Waiting | None:
        """How long a request of this process has waited for the database; None before two seconds."""
        return longest_wait()

    @staticmethod
    def give_up_waiting() -> None:
        """End every wait for a server in this process: each request says at once what is known of it."""
        give_up()

    @staticmethod
    def waits_told(observer: Callable[[Waiting | None], None]) -> AbstractContextManager[None]:
        """Tell an observer, from another thread, of such a wait each half second, with None of its end."""
        return waits_told(observer)

    def back_up(self, url: str, target: Path, *, keys: Path | None = None) -> Backup:
        """Copy the store at an address, which is this one's, into a new folder; keys into another."""
        return back_up(self, url, target, keys=keys)

    def hub(
        self,
        *,
        station: str | None,
        deliver: Deliver | None,
        every_minutes: int,
        hand_on: SiteCommand | None = None,
    ) -> Hub:
        """The service that signs the log; its report has the times of the site at which the store began.

        `station` is the one that this machine is; None where it is none. `hand_on` is given the alerts.
        """
        first = next(iter(self.registry.stations.values()), None)
        site = "" if first is None else first.site
        every = timedelta(minutes=every_minutes)
        return Hub(self, site=site, station=station, deliver=deliver, every=every, hand_on=hand_on)

    def hub_status_here(self) -> HubStatus:
        """How hub, log, backup and stations stand, with the disk left where this machine keeps its files."""
        return status_here(self, self.config or Path.cwd())

    def unlock(self, *, staff: str, password: str, station: str) -> Signer:
        """A person's key for a session."""
        return self._accounts.unlock(staff, password, station=station)

    def issue_access_code(
        self, *, request: IssueAccessCode, signers: Sequence[Signer]
    ) -> tuple[Answer, str | None]:
        """A one-time code for a first or forgotten password; shown once."""
        return self._accounts.issue_code(request, signers=signers)

    def require_access_code(self, *, staff: str, code: str, station: str) -> None:
        """Raise SignInRefused unless this is the person's one-time code; a wrong one counts as a failure."""
        self._accounts.require_code(staff, code, station=station)

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
        return self._accounts.activate(
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
        self._accounts.change_password(signer, password, pin=pin)

    def adopt_protocol(
        self, *, file: ProtocolFile, request: AdoptProtocol, signers: Sequence[Signer]
    ) -> Answer:
        """Adopt a protocol file whose bytes are kept under the digest that therapies are pinned to.

        Raises Refusal in a production store for figures that feed a rule and that nobody has verified, unless
        the request says why they are taken.
        """
        if request.sha256 != file.sha256:
            raise Refusal(f"The request names the digest {request.sha256}, the file has {file.sha256}.")
        open_figures = must_be_verified(file)
        is_production = self.registry.purpose is Purpose.PRODUCTION
        if open_figures and is_production and request.unverified_because is None:
            raise Refusal(
                f"{len(open_figures)} figures that feed a rule are not verified: {' '.join(open_figures)}",
                remedy="Read each in its source and change the file, or give quality's reason to take them.",
                code="figures_unverified",
            )

        def keep(transaction: Transaction) -> None:
            transaction.keep_attachment(file.content)

        return self.record(request=request, signers=signers, also_write=keep)

    def preview_erasure(self, coi: str) -> ErasurePreview:
        """What erasing a therapy would take away now; raises InputError for one that is not here."""
        return preview_erasure(self, coi)

    def erase(
        self, *, coi: str, request: RequestData, signers: Sequence[Signer], mode: EntryMode | None = None
    ) -> Erasure:
        """Erase a patient and say what is gone and where copies may remain; nothing is gone if refused."""
        return erase(self, coi=coi, request=request, signers=signers, mode=mode)

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
        answer = self.record(request=request, signers=signers, origin=Origin(by_program=True))
        return self.with_log_grown(answer)

    def accept_loss(
        self,
        *,
        known: KnownHead,
        actor: str,
        approver: str,
        station: str,
        reason: Reason,
        remark: str | None,
        signers: Sequence[Signer],
    ) -> Answer:
        """Record that this store, just put back, lacks what a head saw, and let this machine sign it anew.

        The new key of the log is made here, whether or not the one before lies here.
        """
        with self.store.read() as transaction:
            size = transaction.tree_size()
        private_folder(self.log.folder)
        new = stage_log_key(self.log.folder, self.registry.origin)
        request = AcceptLoss(
            event_id=self.new_event_id(),
            actor=actor,
            station=station,
            reason=reason,
            remark=remark,
            signers=(
                SignerReference(staff=actor, meaning=Meaning.PERFORMED),
                SignerReference(staff=approver, meaning=Meaning.APPROVED),
            ),
            known_size=known.tree_size,
            known_root=known.root,
            restored_size=size,
            key=new.key,
            public=new.public,
        )
        answer = self.record(request=request, signers=signers, origin=Origin(by_program=True))
        return self.with_log_grown(answer)

    def name_lost_head(
        self,
        *,
        path: Path,
        event_id: str,
        actor: str,
        approver: str,
        station: str,
        reason: Reason,
        signers: Sequence[Signer],
    ) -> Answer:
        """Record that the head in a station's file is of a log that was lost; that station then goes on.

        Raises InputError for a file that is no head, IntegrityFailure for a head that was signed after the
        newest loss: what it saw is gone, and no loss explains that.
        """
        seen = LastHead(path).read()
        if seen is None:
            raise InputError(f"There is no file {path}.", remedy="Name the station.head of the machine.")
        loss = seen.loss_before(self.registry)
        if loss is None:
            raise IntegrityFailure(
                f"The head of {seen.head.tree_size} in {path} was signed after every loss that is named.",
                remedy="The store was set back once more, or this is another one: keep both, verify them.",
            )
        request = NameLostHead(
            event_id=event_id,
            actor=actor,
            station=station,
            reason=reason,
            signers=(
                SignerReference(staff=actor, meaning=Meaning.PERFORMED),
                SignerReference(staff=approver, meaning=Meaning.APPROVED),
            ),
            loss=loss.event_id,
            known_size=seen.head.tree_size,
            known_root=seen.head.root,
        )
        answer = self.record(request=request, signers=signers, origin=Origin(by_program=True))
        return self.with_log_grown(answer)

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
        return self.with_log_grown(self.record(request=request, signers=signers))
