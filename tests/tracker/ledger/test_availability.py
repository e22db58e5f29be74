"""A PostgreSQL server that fails over under cartrail: what was answered stays, and what is said is known."""

import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import PIPE
from typing import Any
from uuid import uuid4

import orjson
import psycopg
import pytest

from schema.errors import OutcomeUnknown, StoreBusy, StoreError, StoreUnreachable
from tests.support.commands import PASSWORDS, found, write_credentials
from tests.support.forked import Command
from tests.support.journeys import STAGES, START, lead
from tests.support.pair import Pair, running_pair, stopped, until
from tests.support.stores import append_next, new_event_id
from tests.tui.cli.test_record import add_person
from tracker.answers import Answer
from tracker.clock import SimulatedClock, SystemClock
from tracker.demo.journey import Journey
from tracker.demo.network import build_network
from tracker.evidence.verification.store import verify_store
from tracker.ledger import postgres_session
from tracker.ledger.outage import SHOWN_AFTER_SECONDS, give_up, longest_wait, waiting_at_most
from tracker.ledger.store import Store
from tracker.people.passwords import WEAK
from tracker.people.signer import Signer
from tracker.tracker import Environment, Tracker

Outcome = Answer | StoreError

pytestmark = [pytest.mark.waits, pytest.mark.timeout(120)]

PAUSE_SECONDS = 0.05
"""Between two requests of one station: some are under way at each loss, and others use the machine too."""


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """Two servers for all tests here."""
    with running_pair() as servers:
        yield servers


@dataclass
class Hub:
    """A training store on the pair, opened, with its first person signed in."""

    pair: Pair
    database: str
    url: str
    tracker: Tracker
    ada: Signer
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(8))

    def record(self, request: dict[str, Any]) -> Answer:
        """Record one request."""
        return self.tracker.record(request=request, signers=[self.ada])

    def recording(self, request: dict[str, Any]) -> Future[Answer]:
        """Record one request elsewhere, since it will wait."""
        return self.pool.submit(self.record, request)

    def once(self, request: dict[str, Any], seconds: float = 0.0) -> Outcome:
        """Record one request with no more patience than this; the error in place of an answer."""

        def work() -> Outcome:
            with waiting_at_most(seconds):
                try:
                    return self.record(request)
                except StoreError as error:
                    return error

        return self.pool.submit(work).result(30)

    def until_it_waits(self) -> int:
        """The process of the server whose COMMIT waits for the standby."""
        text = (
            f"SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND datname = '{self.database}'"
        )
        return int(until(lambda: self.pair.primary.ask(text))[0][0])

    def waiting_for_a_lock(self) -> set[object]:
        """When each transaction began that waits for the lock of another one."""
        text = (
            "SELECT xact_start FROM pg_stat_activity"
            f" WHERE wait_event_type = 'Lock' AND datname = '{self.database}'"
        )
        return {began for (began,) in self.pair.primary.ask(text)}

    def rows(self, event_id: str) -> int:
        """How many entries of this event the server has that takes writes."""
        return len(self.in_database(f"SELECT 1 FROM custody_event WHERE event_id = '{event_id}'"))

    def in_database(self, text: str) -> list[tuple[Any, ...]]:
        """The rows of a statement in this database, as the administrator."""
        return in_database(self.pair, self.database, text)


def in_database(pair: Pair, name: str, text: str) -> list[tuple[Any, ...]]:
    """The rows of a statement in one database, on the server that takes writes."""
    conninfo = pair.primary.conninfo.replace("dbname=postgres", f"dbname={name}")
    with psycopg.connect(conninfo, autocommit=True) as connection:
        return connection.execute(text).fetchall()


@pytest.fixture(scope="module")
def hub(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A store on both servers, opened once: what outlives one test's loss is what the next one asks."""
    folder = tmp_path_factory.mktemp("hub")
    name = f"ha_{uuid4().hex[:12]}"
    until(lambda: pair.primary.ask(f"CREATE DATABASE {name} TEMPLATE template0") == [])
    url = pair.url(name) + "?connect_timeout=2"
    found(url, folder)
    tracker = Tracker.open(url=url, environment=Environment(SystemClock(), cost=WEAK, config=folder))
    ada = tracker.unlock(staff="ADA-1", password=PASSWORDS["ADA-1"], station="HUB-1")
    opened = Hub(pair, name, url, tracker, ada)
    yield opened
    opened.pool.shutdown(wait=True)
    tracker.close()


@contextmanager
def standby_behind(pair: Pair) -> Iterator[None]:
    """The standby is there and takes nothing in; at the end it goes on, if it is still the same process."""
    receiver = pair.standby.receiver()
    stopped(receiver)
    try:
        yield
    finally:
        with suppress(Exception):
            receiver.resume()


def ends_wait(hub: Hub, function: str) -> None:
    """An administrator, or a script of theirs, ends the wait for the standby."""
    hub.pair.primary.ask(f"SELECT {function}({hub.until_it_waits()})")


class Stations:
    """Who records while servers are lost: `record` processes and threads of one terminal."""

    def __init__(self, hub: Hub, folder: Path) -> None:
        self.hub = hub
        self.answers: list[tuple[dict[str, Any], float]] = []
        self.processes: list[Command] = []
        self._credentials = write_credentials(folder / "credentials.toml", PASSWORDS)
        self._ends = threading.Event()
        self._lock = threading.Lock()
        self._running: list[Future[None]] = []

    def start(self) -> None:
        """Two processes and two threads, one request after the other each."""
        for number in range(2):
            self._running.append(self.hub.pool.submit(self._by_process, f"P{number}"))
            self._running.append(self.hub.pool.submit(self._by_thread, f"T{number}"))

    def end(self) -> None:
        """Let each have its last answer."""
        self._ends.set()
        for one in self._running:
            one.result(60)

    @property
    def gap_seconds(self) -> float:
        """The longest time in which nobody was answered."""
        moments = sorted(at for _, at in self.answers)
        return max(later - earlier for earlier, later in itertools.pairwise(moments))

    def count(self) -> int:
        """How many answers there are."""
        return len(self.answers)

    def _by_process(self, name: str) -> None:
        given = ("--database", self.hub.url, "--credentials", self._credentials)
        process = Command("record", *given, stdin=PIPE, stdout=PIPE)
        self.processes.append(process)
        for number in range(100_000):
            if self._ends.wait(PAUSE_SECONDS):
                break
            process.stdin.write(orjson.dumps(add_person(f"{name}-{number}")) + b"\n")
            process.stdin.flush()
            self._note(orjson.loads(process.stdout.readline()))
        process.stdin.close()
        process.stdout.close()
        process.wait(60)

    def _by_thread(self, name: str) -> None:
        for number in range(100_000):
            if self._ends.wait(PAUSE_SECONDS):
                break
            self._note(dict(self.hub.record(add_person(f"{name}-{number}")).to_json()))

    def _note(self, answer: dict[str, Any]) -> None:
        with self._lock:
            self.answers.append((answer, time.monotonic()))


def test_availability_three_failovers_lose_nothing(hub: Hub, tmp_path: Path) -> None:
    """Stations record while the primary is killed three times: no entry lost, no error line, no long gap."""
    stations = Stations(hub, tmp_path)
    stations.start()
    until(lambda: stations.count() > 24)
    calm = stations.gap_seconds
    without_primary = 0.0
    for _ in range(3):
        began = time.monotonic()
        hub.pair.fail_over()
        without_primary = max(without_primary, time.monotonic() - began)
        before = stations.count()
        until(lambda seen=before: stations.count() > seen + 8)  # type: ignore[misc]
    stations.end()
    answers = [answer for answer, _ in stations.answers]
    assert [answer for answer in answers if not answer["ok"]] == []
    assert [process.returncode for process in stations.processes] == [0, 0]
    stored = {
        (event, sequence, digest)
        for event, sequence, digest in hub.in_database(
            "SELECT event_id, sequence, digest FROM custody_event WHERE chain = 'registry'"
        )
    }
    told = [(one["event_id"], one["entries"][0]["sequence"], one["entries"][0]["digest"]) for one in answers]
    assert set(told) <= stored and len(set(told)) == len(told) > 40
    # The test itself is the one who promotes: how long a busy machine takes for that is no gap of ours, nor
    # how long it lets everybody wait while no server is lost.
    assert stations.gap_seconds - without_primary < 5 + 2 * calm
    assert verify_store(hub.url).exit_code == 0


def test_availability_a_handoff_of_two_parts_is_ridden_through_failovers(pair: Pair, tmp_path: Path) -> None:
    """A therapy goes from one site to another and on while servers are lost: each step is recorded once."""
    name = f"ha_{uuid4().hex[:12]}"
    until(lambda: pair.primary.ask(f"CREATE DATABASE {name} TEMPLATE template0") == [])
    clock, chance = SimulatedClock(START), random.Random(7)
    environment = Environment(clock, chance, WEAK, tmp_path)
    url = pair.url(name)
    network = build_network(url, config=tmp_path, environment=environment, clock=clock, chance=chance)
    journey = Journey(network, "A", 1)
    for stage in STAGES[: STAGES.index("packed")]:
        lead(journey, stage)

    def entries() -> int:
        return int(in_database(pair, name, "SELECT count(*) FROM custody_event")[0][0])

    def lose_servers() -> None:
        for _ in range(3):
            before = entries()
            until(lambda seen=before: entries() > seen)  # type: ignore[misc]
            pair.fail_over()

    with ThreadPoolExecutor(1) as pool:
        losses = pool.submit(lose_servers)
        for stage in ("packed", "received", "made"):
            lead(journey, stage)
        losses.result(60)
    kinds = [one.entry.statement.kind for one in network.tracker.read.trail(coi=journey.coi).entries]
    assert kinds.count("relinquished") == kinds.count("accepted") > 0
    assert kinds.count("manufactured") == 1
    network.tracker.integrate()
    network.tracker.close()
    assert verify_store(url, clock=clock).exit_code == 0


def test_availability_a_lock_held_by_who_waits_for_the_standby_is_waited_for(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One COMMIT waits for its standby longer than others wait for its lock: both are recorded, once each."""
    monkeypatch.setattr(hub.tracker.store._engine, "_timeout", 0.2)
    hub.tracker.store._engine._sessions.drain()  # type: ignore[attr-defined]
    first, second = add_person("LOCK-1"), add_person("LOCK-2")
    with standby_behind(hub.pair):
        holds = hub.recording(first)
        hub.until_it_waits()
        waits = hub.recording(second)
        tries: set[object] = set()
        while len(tries) < 3:
            tries |= until(hub.waiting_for_a_lock)
        assert not holds.done() and not waits.done()
    assert holds.result(30).ok and waits.result(30).ok
    assert [hub.rows(one["event_id"]) for one in (first, second)] == [1, 1]


def test_availability_a_lock_that_stays_is_told_when_patience_ends(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock that nobody gives back is busy, and nothing was written."""
    monkeypatch.setattr(hub.tracker.store._engine, "_timeout", 0.2)
    hub.tracker.store._engine._sessions.drain()  # type: ignore[attr-defined]
    first, second = add_person("LOCK-3"), add_person("LOCK-4")
    with standby_behind(hub.pair):
        holds = hub.recording(first)
        hub.until_it_waits()
        error = hub.once(second)
    assert isinstance(error, StoreBusy) and error.exit_code == 5
    assert "locked by another writer" in error.message and "lock timeout" in error.details
    assert holds.result(30).ok and hub.rows(second["event_id"]) == 0


def test_availability_a_request_is_not_refused_for_what_it_did_itself(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An attempt that was given up is committed while the next one reads: both are one act, recorded once."""
    request, decider = add_person("TWICE-1"), hub.tracker.recorder._decider
    reads, earlier = decider.context, []

    def reads_late(*given: Any) -> Any:
        monkeypatch.setattr(decider, "context", reads)
        earlier.append(hub.recording(request).result(30))
        return reads(*given)

    monkeypatch.setattr(decider, "context", reads_late)
    answer = hub.record(request)
    assert earlier[0].ok and not earlier[0].repeated
    assert answer.ok and answer.repeated and answer.entries == earlier[0].entries
    assert hub.rows(request["event_id"]) == 1


def test_availability_a1_what_is_on_one_machine_only_is_not_acknowledged(hub: Hub) -> None:
    """A wait that an administrator ends is no answer; the request is answered when it is safe."""
    request = add_person("A1-1")
    with standby_behind(hub.pair):
        answer = hub.recording(request)
        ends_wait(hub, "pg_cancel_backend")
        until(lambda: hub.rows(request["event_id"]))
        time.sleep(0.5)
        assert not answer.done()
    assert answer.result(30).ok
    assert hub.rows(request["event_id"]) == 1


def test_availability_a1_a_lost_commit_is_made_again(hub: Hub) -> None:
    """The primary with the only copy is lost: on the promoted one the same request is recorded, and once."""
    request = add_person("A1-2")
    receiver = hub.pair.standby.receiver()
    stopped(receiver)
    answer = hub.recording(request)
    ends_wait(hub, "pg_cancel_backend")
    until(lambda: hub.rows(request["event_id"]))
    hub.pair.primary.kill()
    receiver.kill()
    hub.pair.promote()
    assert hub.rows(request["event_id"]) == 0
    hub.pair.rejoin()
    made = answer.result(30)
    assert made.ok and not made.repeated
    assert hub.rows(request["event_id"]) == 1


def test_availability_a1_the_doubt_is_told_when_patience_ends(hub: Hub) -> None:
    """Who cannot wait any longer hears that it is not known, and what to do."""
    request = add_person("A1-3")
    with standby_behind(hub.pair):
        told = hub.pool.submit(hub.once, request)
        ends_wait(hub, "pg_cancel_backend")
        error = told.result(30)
    assert isinstance(error, OutcomeUnknown) and error.exit_code == 5 and error.code == "outcome_unknown"
    assert "not known whether this was written" in error.message
    assert "same again" in error.remedy and "canceling wait" in error.details


def test_availability_a2_a_kept_answer_waits_for_replication(hub: Hub) -> None:
    """The same request again is answered when the standby has it, and not when only the primary has."""
    request = add_person("A2-1")
    with standby_behind(hub.pair):
        told = hub.pool.submit(hub.once, request)
        ends_wait(hub, "pg_cancel_backend")
        assert isinstance(told.result(30), OutcomeUnknown)
        assert hub.rows(request["event_id"]) == 1
        again = hub.recording(request)
        hub.until_it_waits()
        time.sleep(0.5)
        assert not again.done()
    answer = again.result(30)
    assert answer.ok and answer.repeated


def test_availability_a2_no_paper_before_replication(hub: Hub) -> None:
    """A head for a slip, and a cosignature's head, wait for the standby as well."""
    hub.tracker.integrate()
    with standby_behind(hub.pair):
        for ask in (lambda: hub.tracker.print_head(chains=()), hub.tracker.log.head):
            waits = hub.pool.submit(ask)
            hub.until_it_waits()
            time.sleep(0.3)
            assert not waits.done()
            with suppress(psycopg.Error):
                ends_wait(hub, "pg_cancel_backend")
            time.sleep(0.2)
            assert not waits.done()
            hub.pair.standby.receiver().resume()
            assert waits.result(30) is not None
            stopped(hub.pair.standby.receiver())


def test_availability_a3_after_commit_it_is_not_said_that_nothing_was_written(hub: Hub) -> None:
    """The connection is ended while COMMIT waits: the entry is there, and the error says that it may be."""
    request = add_person("A3-1")
    with standby_behind(hub.pair):
        told = hub.pool.submit(hub.once, request)
        ends_wait(hub, "pg_terminate_backend")
        error = told.result(30)
        assert hub.rows(request["event_id"]) == 1
    assert isinstance(error, OutcomeUnknown)
    assert "nothing was written" not in (error.message + error.remedy).lower()
    answer = hub.record(request)
    assert answer.ok and answer.repeated
    assert hub.rows(request["event_id"]) == 1


def test_availability_a3_before_commit_it_is_known_that_nothing_was_written(hub: Hub) -> None:
    """The connection is ended in the middle: this is said, and it is true."""
    store, event_id = hub.tracker.store, new_event_id()

    def interrupted() -> None:
        with waiting_at_most(0), store.begin() as transaction:
            append_next(transaction, event_id=event_id)
            transaction.head("registry")
            (pid,) = transaction._session.query("SELECT pg_backend_pid()")[0]
            hub.pair.primary.ask(f"SELECT pg_terminate_backend({pid})")
            transaction.head("registry")

    with pytest.raises(StoreUnreachable) as lost:
        interrupted()
    assert "othing was written" in lost.value.remedy
    assert hub.rows(event_id) == 0


@pytest.mark.parametrize("fault", ["DEALLOCATE ALL", "PREPARE taken"])
def test_availability_a4_a_transaction_pooler_is_named(hub: Hub, fault: str) -> None:
    """Statements that were prepared on another server are told as what they are, and not as our fault."""

    def pooled() -> None:
        with hub.tracker.store.read() as transaction:
            connection = transaction._session.connection  # type: ignore[attr-defined]
            if fault == "PREPARE taken":
                names = transaction._session.query("SELECT name FROM pg_prepared_statements")
                first = 1 + max((int(name.rpartition("_")[2]) for (name,) in names), default=-1)
                taken = "; ".join(f"PREPARE _pg3_{one} AS SELECT 1" for one in range(first, first + 9))
                connection.pgconn.exec_(taken.encode())
            for _ in range(4):
                transaction.find_statement("0" * 64)
                if fault == "DEALLOCATE ALL":
                    connection.pgconn.exec_(fault.encode())

    with pytest.raises(StoreError) as refused:
        pooled()
    assert refused.value.code == "behind_pooler" and refused.value.exit_code == 5
    assert "pool_mode = session" in refused.value.remedy


def test_availability_a5_a_frozen_server_is_left(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A primary that stands still is cut off, and the request goes on at the one that was promoted."""
    monkeypatch.setattr(postgres_session, "STATEMENT_SECONDS", 1.0)
    with hub.tracker.store.read() as transaction:
        transaction.count()
    frozen = hub.pair.primary
    frozen.freeze()
    began = time.monotonic()
    request = add_person("A5-1")
    answer = hub.recording(request)
    until(lambda: longest_wait() is not None, 10)
    shown = longest_wait()
    assert shown is not None and shown.seconds >= SHOWN_AFTER_SECONDS and 40 < shown.seconds_left < 60
    hub.pair.promote()
    frozen.kill()
    hub.pair.rejoin()
    assert answer.result(30).ok
    assert time.monotonic() - began < 20
    assert longest_wait() is None
    assert hub.rows(request["event_id"]) == 1


def test_availability_a5_without_its_standby_the_wait_ends_and_says_why(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """COMMIT would wait for ever: the deadline holds, the reason is told, and later it is answered once."""
    monkeypatch.setattr(postgres_session, "STATEMENT_SECONDS", 1.0)
    request = add_person("A5-2")
    hub.pair.standby.kill()
    began = time.monotonic()
    error = hub.once(request, 3.0)
    took = time.monotonic() - began
    hub.pair.standby.start(hub.pair.primary, follows=True)
    assert took < 15
    assert isinstance(error, OutcomeUnknown)
    assert "waits for its second server" in error.message
    assert hub.record(request).ok
    assert hub.rows(request["event_id"]) == 1


def test_availability_a5_who_leaves_hears_at_once_what_is_known(hub: Hub) -> None:
    """A COMMIT that waits is in doubt; a request that found no server is not written. Neither waits on."""
    in_doubt, unwritten = add_person("LEAVE-1"), add_person("LEAVE-2")
    with standby_behind(hub.pair):
        writes = hub.pool.submit(hub.once, in_doubt, 60.0)
        hub.until_it_waits()
        give_up()
        assert isinstance(writes.result(5), OutcomeUnknown)
    assert hub.record(in_doubt).ok
    hub.pair.primary.kill()
    asks = hub.pool.submit(hub.once, unwritten, 60.0)
    until(lambda: longest_wait() is not None)
    give_up()
    error = asks.result(5)
    hub.pair.promote()
    hub.pair.rejoin()
    assert isinstance(error, StoreUnreachable) and "othing was written" in error.remedy
    assert hub.rows(unwritten["event_id"]) == 0


def test_availability_reading_goes_on_after_a_loss(hub: Hub) -> None:
    """A transaction that reads is asked again on another connection, as long as it saw the same."""
    with hub.tracker.store.read() as transaction:
        before = transaction.head("registry")
        (pid,) = transaction._session.query("SELECT pg_backend_pid()")[0]
        hub.pair.primary.ask(f"SELECT pg_terminate_backend({pid})")
        with pytest.raises(StoreUnreachable):
            transaction.count()  # the number of the process is another one there
    with hub.tracker.store.read() as transaction:
        assert transaction.head("registry") == before
        connection = transaction._session.connection  # type: ignore[attr-defined]
        hub.pair.primary.ask(f"SELECT pg_terminate_backend({connection.info.backend_pid})")
        assert transaction.count() > 0


def test_availability_opening_waits_for_the_server(hub: Hub) -> None:
    """A command that is started while no server takes writes begins when one does."""
    hub.pair.primary.kill()

    def opened() -> int:
        with Store.open(hub.url) as store, store.read() as transaction:
            return transaction.count()

    counted = hub.pool.submit(opened)
    time.sleep(0.3)
    assert not counted.done()
    hub.pair.promote()
    assert counted.result(30) > 0
    hub.pair.rejoin()


def test_availability_b2_every_server_that_was_tried_is_named(hub: Hub) -> None:
    """One line, each server with its own words, and no password."""
    ports = [server.port for server in hub.pair.servers]
    url = f"postgresql://postgres:s3cret@127.0.0.1:1,127.0.0.1:{hub.pair.standby.port}/{hub.database}"
    with pytest.raises(StoreUnreachable) as refused, waiting_at_most(0):
        Store.open(url)
    details = refused.value.details
    assert "127.0.0.1:1 Connection refused" in details
    assert f"127.0.0.1:{hub.pair.standby.port} session is read-only" in details
    assert "\n" not in details and "s3cret" not in details and len(ports) == 2


def test_availability_b3_a_server_that_became_a_standby_is_lost_and_not_forbidden(hub: Hub) -> None:
    """Its refusal to write is that of a server to wait for, not of rights that are missing."""
    url = f"postgresql://postgres@127.0.0.1:{hub.pair.standby.port}/{hub.database}"
    until(lambda: _opens(url))

    def recorded() -> None:
        with Store.open(url) as store, waiting_at_most(0):
            with store.read() as transaction:
                assert transaction.count() > 0
            with store.begin() as transaction:
                append_next(transaction)

    with pytest.raises(StoreUnreachable) as refused:
        recorded()
    assert "rights" not in refused.value.remedy


def _opens(url: str) -> bool:
    try:
        Store.open(url).close()
    except StoreError:
        return False
    return True


def test_availability_b4_one_loss_empties_the_pool(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four connections die with one server: one request notices, and no other is asked on a dead one."""
    store = hub.tracker.store
    barrier = threading.Barrier(4)

    def read() -> None:
        with store.read() as transaction:
            transaction.count()
            barrier.wait(10)

    for one in [hub.pool.submit(read) for _ in range(4)]:
        one.result(30)
    ours = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{hub.database}'"
    assert len(hub.pair.primary.ask(ours)) >= 4
    losses: list[int] = []
    sessions = store._engine._sessions  # type: ignore[attr-defined]
    drain: Callable[[], None] = sessions.drain

    def counted() -> None:
        losses.append(1)
        drain()

    monkeypatch.setattr(sessions, "drain", counted)
    for _ in range(4):
        with store.read() as transaction:
            transaction.count()
    assert len(losses) <= 1
