"""The store keeps what it was given, in order and once, on both engines."""

import random
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from schema.canonical import plain_digest
from schema.commitments import Opening
from schema.entry import Head, read_entry
from schema.errors import CopiesExhausted, IntegrityFailure, StoreBusy, StoreError
from schema.identifiers import possible_copies
from schema.instants import format_instant
from schema.tables import (
    AccessCodeRow,
    CredentialRow,
    HistoryRow,
    RequestAnswerRow,
    SignInFailureRow,
    UnitRow,
    tuple_of,
)
from tests.support.stores import (
    CHAIN,
    MORNING,
    OTHER_CHAIN,
    UNIT,
    append_next,
    code_row,
    entry_of,
    fill,
    new_event_id,
    sqlite_url,
    therapy_row,
    unit_row,
)
from tracker.ledger import board, entries, openings, views
from tracker.ledger.board import BoardFilter, standing_of
from tracker.ledger.conflicts import ChainConflict, Conflict, EventIdTaken, SharedConflict
from tracker.ledger.entries import PAGE
from tracker.ledger.retry import retrying
from tracker.ledger.store import Store
from tracker.ledger.transaction import Transaction
from tracker.rules.standing import Standing

WRITERS = 8
SALT = bytes(range(32))


def answer_row(event_id: str) -> RequestAnswerRow:
    """An answer with what the request is recognized by."""
    return tuple_of(RequestAnswerRow)(event_id=event_id, salt=SALT, digest="a" * 64, answer=b'{"ok":true}')


def test_what_is_appended_is_read_back(store: Store) -> None:
    """Bodies come back byte for byte, with the digests of their columns, and can be read as entries."""
    entries = fill(store, 3)
    with store.read() as transaction:
        read = list(transaction.bodies(CHAIN))
        assert read == [(entry.sequence, entry.digest, entry.body) for entry in entries]
        assert [read_entry(body) for _, _, body in read] == entries
        assert transaction.head(CHAIN) == Head(2, entries[2].digest)
        assert transaction.head(OTHER_CHAIN) is None
        assert transaction.heads(OTHER_CHAIN, CHAIN, "registry") == {CHAIN: Head(2, entries[2].digest)}
        assert transaction.count() == 3
        stored = transaction.event(entries[1].statement.event_id)
        assert stored is not None and (stored.chain, stored.sequence, stored.body) == (
            CHAIN,
            1,
            entries[1].body,
        )
        assert transaction.find_statement(entries[1].statement.digest) == stored
        assert transaction.body_of_event(entries[1].statement.event_id) == entries[1].body
        assert transaction.body_of_event(new_event_id()) is None
        assert transaction.find_statement("0" * 64) is None
        assert [row[:2] for row in transaction.pending()] == [(CHAIN, 0), (CHAIN, 1), (CHAIN, 2)]


def test_a_long_chain_is_read_in_pages(store: Store) -> None:
    """Every entry comes once, whether the page is full, nearly full or cut short."""
    fill(store, PAGE + 1)
    with store.read() as transaction:
        assert [sequence for sequence, _, _ in transaction.bodies(CHAIN)] == list(range(PAGE + 1))
        assert [row[0] for row in transaction.bodies(CHAIN, after=PAGE - 2)] == [PAGE - 1, PAGE]
        assert [row[0] for row in transaction.bodies(CHAIN, limit=PAGE)] == list(range(PAGE))
        assert [row[0] for row in transaction.bodies(CHAIN, after=3, limit=2)] == [4, 5]
        assert not list(transaction.bodies(CHAIN, limit=0))


def test_chains_are_named_in_byte_order(store: Store) -> None:
    """Capitals come before small letters whatever the locale, so `registry` is last."""
    for chain in ("registry", OTHER_CHAIN, CHAIN, "CD2X4567892"):
        fill(store, 1, chain)
    with store.read() as transaction:
        assert list(transaction.chains()) == [CHAIN, OTHER_CHAIN, "CD2X4567892", "registry"]


def test_a_transaction_is_all_or_nothing(store: Store) -> None:
    """What an exception leaves is gone, with everything that was written beside it."""
    event_id = new_event_id()

    def fail() -> None:
        with store.begin() as transaction:
            append_next(transaction, event_id=event_id)
            transaction.keep_answer(answer_row(event_id))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with store.read() as transaction:
        assert transaction.count() == 0
        assert transaction.kept_answer(event_id) == (False, None)
        assert not transaction.pending()


def test_a_taken_place_and_a_taken_event_id_are_told_apart(store: Store) -> None:
    """The first means somebody was faster, the second that it is done already."""
    (entry,) = fill(store, 1)
    with pytest.raises(ChainConflict) as chain, store.begin() as transaction:
        transaction.append([entry_of(CHAIN, 0)])
    assert chain.value.chain == CHAIN
    with pytest.raises(EventIdTaken) as event, store.begin() as transaction:
        transaction.append([entry_of(OTHER_CHAIN, 0, event_id=entry.statement.event_id)])
    assert event.value.event_id == entry.statement.event_id
    with store.read() as transaction:
        assert transaction.count() == 1


def test_a_savepoint_is_undone_alone(store: Store) -> None:
    """A line of a batch that fails leaves the lines before and after it."""

    def clash(transaction: Transaction) -> None:
        with transaction.savepoint():
            append_next(transaction, OTHER_CHAIN)
            transaction.append([entry_of(CHAIN, 0)])

    def fail(transaction: Transaction) -> None:
        with transaction.savepoint():
            append_next(transaction)
            raise ZeroDivisionError

    with store.begin() as transaction:
        first = append_next(transaction)
        with pytest.raises(ChainConflict):
            clash(transaction)
        with transaction.savepoint():
            third = append_next(transaction)
            with pytest.raises(ZeroDivisionError):
                fail(transaction)
    with store.read() as transaction:
        assert list(transaction.chains()) == [CHAIN]
        assert [row[2] for row in transaction.bodies(CHAIN)] == [first.body, third.body]


def test_eight_writers_leave_no_gap(store: Store) -> None:
    """Every entry has a place of its own in the chain and the chain is linked."""
    each = 12

    def record() -> None:
        with store.begin() as transaction:
            append_next(transaction)

    def write(_: int) -> None:
        for _ in range(each):
            retrying(record, times=100)

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    with store.read() as transaction:
        entries = [read_entry(body) for _, _, body in transaction.bodies(CHAIN)]
    assert [entry.sequence for entry in entries] == list(range(WRITERS * each))
    assert [entry.previous for entry in entries[1:]] == [entry.digest for entry in entries[:-1]]


def test_writers_of_different_chains_do_not_disturb_each_other(store: Store) -> None:
    """Recording takes only its own chain: no conflict among eight."""

    def write(number: int) -> None:
        for _ in range(12):
            with store.begin() as transaction:
                append_next(transaction, f"CD23456789{number}")

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(2, 2 + WRITERS)))
    with store.read() as transaction:
        assert transaction.count() == WRITERS * 12


def test_no_writer_waits_long(
    sqlite_path: Path, record_testsuite_property: Callable[[str, object], None]
) -> None:
    """Eight writers who never rest each get their turn; SQLite alone lets some wait for seconds."""
    longest = [0.0] * WRITERS
    counts = [0] * WRITERS
    end = time.monotonic() + 2

    def write(number: int) -> None:
        with Store.open(sqlite_url(sqlite_path)) as store:
            while time.monotonic() < end:
                asked = time.monotonic()
                with store.begin() as transaction:
                    longest[number] = max(longest[number], time.monotonic() - asked)
                    append_next(transaction, f"CD2345678{number + 10}")
                counts[number] += 1

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    record_testsuite_property("longest_wait_seconds", max(longest))
    record_testsuite_property("transactions", counts)
    assert max(longest) < 10
    assert min(counts) > 0


def test_a_reader_sees_one_moment(store: Store) -> None:
    """What is committed meanwhile does not show in a transaction that has begun to read."""
    fill(store, 2)
    with store.read() as reader:
        assert reader.count() == 2
        fill(store, 3, OTHER_CHAIN)
        assert reader.count() == 2
        assert list(reader.chains()) == [CHAIN]
    with store.read() as reader:
        assert reader.count() == 5


def test_a_reading_transaction_cannot_write(store: Store) -> None:
    """Nothing can slip in through a view."""
    with pytest.raises(StoreError) as refused, store.read() as transaction:
        transaction.append([entry_of()])
    assert refused.value.code == "store_read_only"


def test_a_history_takes_the_place_of_what_stood(store: Store) -> None:
    """One row for each therapy, read all at once with the text as it was written."""
    row_of = tuple_of(HistoryRow)
    first = row_of(coi=CHAIN, sequence=3, document='{"protocol":"cryo"}')
    with store.begin() as transaction:
        transaction.put_history(first)
        transaction.put_history(row_of(coi=OTHER_CHAIN, sequence=0, document="{}"))
    later = row_of(coi=CHAIN, sequence=9, document='{"protocol":"fresh"}')
    with store.begin() as transaction:
        transaction.put_history(later)
    with store.read() as transaction:
        assert {row.coi: row for row in transaction.histories()}[CHAIN] == later
        assert len([*transaction.histories()]) == 2


def test_shared_versions_let_only_one_decide(store: Store) -> None:
    """Whoever saw an older version of a shared row is told; the first use counts as well."""
    with store.begin() as transaction:
        assert transaction.version("box BD234567892") == 0
        assert transaction.bump("box BD234567892", 0) == 1
        assert transaction.bump("box BD234567892", 1) == 2
        assert transaction.version("box BD234567892") == 2
    for seen in (0, 1, 3):
        with pytest.raises(SharedConflict) as conflict, store.begin() as transaction:
            transaction.bump("box BD234567892", seen)
        assert conflict.value.name == "box BD234567892"


def test_answers_and_requests_are_kept(store: Store) -> None:
    """A request that comes again is recognized by its salted digest, and answered as before."""
    event_id = new_event_id()
    with store.begin() as transaction:
        append_next(transaction, event_id=event_id)
        transaction.keep_answer(answer_row(event_id))
    with store.read() as transaction:
        assert transaction.kept_answer(event_id) == (True, answer_row(event_id))
        assert transaction.kept_answer(new_event_id()) == (False, None)
    with store.begin() as transaction:
        assert transaction.erase_request(event_id) == 1
        assert transaction.kept_answer(event_id) == (True, None)


def test_openings_are_kept_found_and_erased(store: Store) -> None:
    """An erased opening is not found, and the others stay."""
    event_id = new_event_id()
    name = Opening("name", "Ágnes", SALT)
    site = Opening("site", {"code": "LAB", "beds": 3, "open": None}, SALT)
    with store.begin() as transaction:
        transaction.keep_openings(CHAIN, event_id, [name, site])
    with store.read() as transaction:
        both = {name.commitment: name, site.commitment: site}
        assert transaction.openings([name.commitment, site.commitment, "b" * 64]) == both
        assert transaction.openings_of(CHAIN) == both
        assert not transaction.openings_of(OTHER_CHAIN)
    with store.begin() as transaction:
        assert transaction.erase_openings([name.commitment]) == 1
        assert transaction.openings([name.commitment, site.commitment]) == {site.commitment: site}


def test_erased_values_leave_the_disk(sqlite_path: Path) -> None:
    """Neither the file nor the log beside it holds an erased value, also after many others came and went."""
    openings = [Opening("name", f"PATIENT-{number:04}-{'x' * 40}", SALT) for number in range(300)]
    with Store.open(sqlite_url(sqlite_path)) as store:
        for opening in openings:
            with store.begin() as transaction:
                transaction.keep_openings(CHAIN, new_event_id(), [opening])
        with store.begin() as transaction:
            transaction.erase_openings(opening.commitment for opening in openings[::2])
        files = [path for path in sqlite_path.parent.iterdir() if path.name.startswith("store.db")]
        content = b"".join(path.read_bytes() for path in files)
    left = [number for number in range(0, 300, 2) if f"PATIENT-{number:04}".encode() in content]
    assert not left
    assert b"PATIENT-0001" in content


def test_attachments_are_found_by_their_digest(store: Store) -> None:
    """The same file may be kept twice and is there once."""
    with store.begin() as transaction:
        sha256 = transaction.keep_attachment(b"title = 'protocol'")
        assert sha256 == plain_digest(b"title = 'protocol'")
        assert transaction.keep_attachment(b"title = 'protocol'") == sha256
        assert transaction.attachment(sha256) == b"title = 'protocol'"
        assert transaction.attachment("0" * 64) is None


def test_the_board_is_paged_and_filtered(store: Store) -> None:
    """Last changed first; a page begins after the last line of the one before."""
    rows = [therapy_row(f"CD23456789{letter}", minute=number) for number, letter in enumerate("23456")]
    late = therapy_row("CD23456789X", minute=9, status="closed", attention=("late",), treatment_site="WARD")
    with store.begin() as transaction:
        for row in [*rows, therapy_row("CD23456789X"), late]:
            transaction.put_therapy(row)
    with store.read() as transaction:
        page = transaction.therapies(limit=3)
        assert page == [late, rows[4], rows[3]]
        rest = transaction.therapies(limit=9, after=(page[-1].updated_at, page[-1].coi))
        assert rest == [rows[2], rows[1], rows[0]]
        assert transaction.therapies(status="closed") == [late]
        assert transaction.therapies(site="WARD", status="closed", attention=True) == [late]
        assert len(transaction.therapies(site="CLINIC")) == 6
        assert transaction.therapies(attention=True) == [late]
        assert transaction.therapy("CD23456789X") == late
        assert transaction.therapy(CHAIN + "?") is None


def test_pages_and_look_ups_are_read_from_an_index(sqlite_path: Path) -> None:
    """No view that a person waits for scans or sorts a table, however large it has become."""
    asked = [
        views._therapies(True, False, False, True),
        views._therapies(False, False, True, True),
        views._NEXT_STATUS,
        *(board._section(one, False, False, False, True) for one in Standing if one is not Standing.CLOSED),
        board._by_limit(False, True),
        views._units_by("box"),
        views._units_by("coi"),
        views._units_by("site"),
        views._CODE_OF,
        entries._HEAD,
        entries._CHAIN_PAGE,
        entries._NEXT_CHAIN,
        entries._OF_STATEMENT,
        openings._OF_COMMITMENT,
        openings._KEPT,
    ]
    connection = sqlite3.connect(sqlite_path)
    for statement in asked:
        values = ["x"] * statement.sqlite.count("?")
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement.sqlite}", values)]
        one_row = {"SCAN CONSTANT ROW", "SCAN one"}
        plan = [step for step in plan if step not in one_row]
        slow = [step for step in plan if step.startswith("SCAN") or "TEMP B-TREE FOR ORDER BY" in step]
        by_unit = "ORDER BY unit.unit" in statement.sqlite
        assert not slow or (by_unit and "SCAN" not in str(slow)), (statement.sqlite, plan)
    connection.close()


def test_units_and_codes_are_found_by_what_holds_them(store: Store) -> None:
    """A box gives its units, a code its object; the newest row stands."""
    packed = unit_row(box="BD234567892", cassette="KD234567892", quarantined=True)
    code = code_row(issuer="HOSPITAL", code="HOSPITAL|order|0042")
    with store.begin() as transaction:
        transaction.put_units([unit_row(), packed, unit_row("UD234567893", OTHER_CHAIN)])
        transaction.put_codes([code_row(), code])
    with store.read() as transaction:
        assert transaction.unit(UNIT) == packed
        assert transaction.units_in_box("BD234567892") == [packed]
        assert transaction.units_in_cassette("KD234567892") == [packed.unit]
        assert transaction.units_of(CHAIN) == [packed]
        assert len(transaction.units_at("CLINIC")) == 2
        assert transaction.code("HOSPITAL|order|0042") == code
        assert transaction.code("HOSPITAL|order|42") is None
        assert len(transaction.codes_of(CHAIN)) == 2


def test_the_board_by_how_therapies_stand(store: Store) -> None:
    """Each therapy in one section; a page of a section begins after the last line of the one before."""
    now = MORNING + timedelta(days=9)
    before, after = (format_instant(now + timedelta(hours=one)) for one in (-1, 1))
    silent: dict[str, Any] = {"stalled_at": now, "attention": ("deviation",)}
    flagged: dict[str, Any] = {"attention": ("quarantined",)}
    given: dict[str, dict[str, Any]] = {
        "2": {"waits_until": before, "breach_at": after, "stalled_at": now},
        "J": {"waits_until": before, "breach_at": before, "at_risk": True},
        "3": {"waits_until": after, **silent, "minute": 3},
        "4": {"waits_until": "none", "stalled_at": now - timedelta(days=1), "minute": 1},
        "5": {"waits_until": after, "stalled_at": now + timedelta(days=1)},
        "6": {"waits_until": "none", **flagged, "treatment_site": "WARD"},
        "7": {"waits_until": "not begun", "begun": False},
        "K": {"waits_until": after, "at_risk": True, "begun": False},
        "8": {"status": "canceled", "waits_until": "~ended", "breach_at": before, "minute": 5},
        "9": {"status": "closed", "waits_until": "~ended", "minute": 4},
    }
    rows = {
        letter: therapy_row(f"CD23456789{letter}", **{"status": "active", **changes})
        for letter, changes in given.items()
    }
    with store.begin() as transaction:
        for row in rows.values():
            transaction.put_therapy(row)
    asked = BoardFilter(now, now)
    expected = {
        Standing.BREACH: "J",
        Standing.LATE: "2",
        Standing.STALLED: "43",
        Standing.AT_RISK: "K",
        Standing.ON_TRACK: "56",
        Standing.NOT_STARTED: "7",
        Standing.CLOSED: "89",
    }
    with store.read() as transaction:
        for standing, letters in expected.items():
            found = transaction.therapies_standing(standing, asked, limit=9)
            assert found == [rows[letter] for letter in letters]
            assert {standing_of(row, now) for row in found} == {standing}
            for row, following in pairwise(found):
                assert transaction.therapies_standing(standing, asked, limit=1, after=row) == [following]
            assert transaction.therapies_standing(standing, asked, limit=9, after=found[-1]) == []
        here, marked = replace(asked, site="WARD"), replace(asked, flagged=True)
        for narrowed in (here, marked):
            assert transaction.therapies_standing(Standing.ON_TRACK, narrowed, limit=9) == [rows["6"]]
        counted = [(one.standing, one.count) for one in transaction.board_counts(asked)]
        assert sorted(counted) == sorted((one, len(letters)) for one, letters in expected.items())
        assert [one.standing for one in transaction.board_counts(here)] == [Standing.ON_TRACK]
        by_limit = [rows[letter] for letter in "2J35K46789"]
        assert transaction.therapies_by_limit(limit=10) == by_limit
        assert transaction.therapies_by_limit(limit=2, after=by_limit[2]) == by_limit[3:5]
        assert transaction.therapies_by_limit(limit=9, site="WARD") == [rows["6"]]


def test_writes_take_effect_in_their_order(store: Store) -> None:
    """What is written twice ends as it was written last, also where writes wait."""
    units = [unit_row(f"UD23456789{letter}", box="BD234567892") for letter in "23456789BC"]
    with store.begin() as transaction:
        transaction.put_units(units[:2])
        transaction.put_units([unit_row(units[0].unit, box="BD234567893")])
        transaction.put_therapy(therapy_row(stage="thaw"))
        transaction.put_therapy(therapy_row(stage="infusion"))
    with store.read() as transaction:
        assert transaction.units_in_box("BD234567892") == [units[1]]
        assert [row.unit for row in transaction.units_of(CHAIN)] == [units[0].unit, units[1].unit]
        row = transaction.therapy(CHAIN)
        assert row is not None and row.stage == "infusion"


def test_a_deadlock_is_a_conflict(fresh_postgres: str) -> None:
    """Two that wait for each other are told apart by the server; the loser decides again."""
    barrier = threading.Barrier(2, timeout=10)

    def cross(store: Store, first: str, second: str) -> str:
        try:
            with store.begin() as transaction:
                transaction.bump(first, 0)
                barrier.wait()
                transaction.bump(second, 0)
        except Conflict as conflict:
            return type(conflict).__name__
        return "done"

    with Store.create(fresh_postgres) as store, ThreadPoolExecutor(2) as pool:
        ends = [pool.submit(cross, store, *names) for names in (("a", "b"), ("b", "a"))]
        assert sorted(end.result() for end in ends) == ["Deadlock", "done"]


def test_a_server_that_hung_up_is_called_again(fresh_postgres: str) -> None:
    """A connection that died while idle is replaced; one that dies in a transaction is a store error."""
    kill = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'cartrail' AND datname = current_database()"
    )
    administrator = sa.create_engine(fresh_postgres, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)

    def interrupted(store: Store) -> None:
        with store.begin() as transaction, administrator.connect() as connection:
            append_next(transaction)
            connection.exec_driver_sql(kill)

    with Store.create(fresh_postgres) as store:
        fill(store, 1)
        with administrator.connect() as connection:
            connection.exec_driver_sql(kill)
        fill(store, 1)
        with pytest.raises(StoreError) as broken:
            interrupted(store)
        assert broken.value.code == "store_unreachable"
        with store.read() as transaction:
            assert transaction.count() == 2


def test_secrets_are_replaced_and_removed(store: Store) -> None:
    """A person has one credential and one code, and failures are counted for each station."""
    key = tuple_of(CredentialRow)(
        staff="NURSE-1", key="0123456789abcdef", verifier="argon2", blob=b"\x00sealed", updated_at=MORNING
    )
    newer = tuple_of(CredentialRow)(
        staff="NURSE-1", key="fedcba9876543210", verifier="argon2", blob=b"\xffsealed", updated_at=MORNING
    )
    code = tuple_of(AccessCodeRow)(
        staff="NURSE-1", code_hash="argon2", issuer="QUALITY-1", expires_at=MORNING + timedelta(days=1)
    )
    once = tuple_of(SignInFailureRow)(staff="NURSE-1", station="HUB-1", count=1, locked_until=None)
    failure = tuple_of(SignInFailureRow)(staff="NURSE-1", station="HUB-1", count=5, locked_until=MORNING)
    with store.begin() as transaction:
        transaction.put_credential(key)
        transaction.put_credential(newer)
        transaction.put_access_code(code)
        transaction.put_sign_in_failure(once)
        transaction.put_sign_in_failure(failure)
    with store.begin() as transaction:
        assert transaction.credential("NURSE-1") == newer
        assert transaction.access_code("NURSE-1") == code
        assert transaction.sign_in_failure("NURSE-1", "HUB-1") == failure
        assert transaction.sign_in_failure("NURSE-1", "HUB-2") is None
        assert transaction.delete_credential("NURSE-1")
        assert transaction.delete_access_code("NURSE-1")
        assert not transaction.delete_access_code("NURSE-1")
        assert transaction.delete_sign_in_failure("NURSE-1", "HUB-1")
        assert transaction.credential("NURSE-1") is None


def test_copy_letters_are_given_once(store: Store) -> None:
    """Each further copy takes the next possible letter until none is left."""
    expected = list(possible_copies(UNIT))
    with store.begin() as transaction:
        given = [
            transaction.print_copy(UNIT, printed_at=MORNING, staff="NURSE-1", station="HUB-1")
            for _ in expected
        ]
        assert given == expected
        assert {copy.copy_letter for copy in transaction.printed_copies(UNIT)} == {
            code.copy for code in expected
        }
        with pytest.raises(CopiesExhausted):
            transaction.print_copy(UNIT, printed_at=MORNING, staff="NURSE-1", station="HUB-1")


def test_the_clock_of_a_server_is_asked(store: Store) -> None:
    """SQLite has none but the machine's own."""
    with store.read() as transaction:
        now = transaction.database_now()
    assert (now is None) == (store.dialect == "sqlite")
    assert now is None or now.tzinfo is not None


def test_retrying_gives_up() -> None:
    """After so many conflicts somebody has to look."""
    attempts = []

    def lose() -> None:
        attempts.append(1)
        raise ChainConflict(CHAIN)

    with pytest.raises(StoreBusy) as busy:
        retrying(lose, times=3)
    assert len(attempts) == 3
    assert CHAIN in busy.value.message


def test_retrying_leaves_other_errors_alone() -> None:
    """Only a conflict is a reason to decide again."""

    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        retrying(fail)
    assert not issubclass(ZeroDivisionError, Conflict)


def test_a_locked_file_is_said_to_be_locked(sqlite_path: Path) -> None:
    """Another program that holds the file is not waited for without end."""
    other = sqlite3.connect(sqlite_path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with (
        Store.open(sqlite_url(sqlite_path), timeout=0.1) as store,
        pytest.raises(StoreBusy) as busy,
        store.begin() as transaction,
    ):
        append_next(transaction)
    assert "locked by another program" in busy.value.message
    other.close()


def test_a_writer_that_hangs_is_not_waited_for(sqlite_path: Path) -> None:
    """One that has its turn and does not end makes the next give up after the timeout."""
    with Store.open(sqlite_url(sqlite_path), timeout=0.1) as store:
        inside, go = threading.Event(), threading.Event()

        def hang() -> None:
            with store.begin():
                inside.set()
                go.wait(10)

        thread = threading.Thread(target=hang)
        thread.start()
        inside.wait(10)
        with pytest.raises(StoreBusy), store.begin():
            pass
        go.set()
        thread.join()
        fill(store, 1)


def test_a_store_opened_for_reading_is_not_written(store_url: str) -> None:
    """Verification and views open it so."""
    with Store.open(store_url, read_only=True) as store:
        with pytest.raises(StoreError) as refused, store.begin():
            pass
        assert refused.value.code == "store_read_only"
        with store.read() as transaction:
            assert transaction.count() == 0


def test_closing_lets_open_transactions_end(store_url: str) -> None:
    """What is in use is closed when it is given back, and not kept for anybody."""
    store = Store.open(store_url)
    with store.begin() as transaction:
        store.close()
        entry = append_next(transaction)
    with pytest.raises((sqlite3.ProgrammingError, StoreError)):
        transaction.head(CHAIN)
    with Store.open(store_url) as again, again.read() as reading:
        assert reading.head(CHAIN) == entry.head


def test_damage_is_an_integrity_failure(sqlite_path: Path) -> None:
    """Pages that SQLite cannot read are not a matter of trying again."""
    with Store.open(sqlite_url(sqlite_path)) as store:
        fill(store, 200)
    content = bytearray(sqlite_path.read_bytes())
    for start in range(2 * 4096, len(content), 4096):
        content[start : start + 200] = b"\xaa" * 200
    sqlite_path.write_bytes(content)
    with (
        pytest.raises(IntegrityFailure),
        Store.open(sqlite_url(sqlite_path), check_guards=False) as store,
        store.read() as transaction,
    ):
        list(transaction.bodies(CHAIN))


def test_units_are_found_by_every_index_after_many_changes(store: Store) -> None:
    """A row that is written again leaves no trace of what it was, in whichever columns it differs."""
    chance = random.Random(7)
    rows: dict[str, UnitRow] = {}
    choices: dict[str, tuple[object, ...]] = {
        "coi": (CHAIN, OTHER_CHAIN),
        "site": (None, "CLINIC", "PLANT"),
        "location": (None, "LD234567892", "LD234567893"),
        "box": (None, "BD234567892"),
        "cassette": (None, "KD234567892", "KD234567893"),
        "final_disposition": (None, "infused"),
        "handoff": (None, "event"),
        "quarantined": (False, True),
        "document": ('{"facts":{}}', '{"facts":{},"more":1}'),
    }
    for number in range(150):
        unit = f"UD23456789{chance.randint(2, 6)}"
        changes: dict[str, Any] = {name: chance.choice(values) for name, values in choices.items()}
        rows[unit] = unit_row(unit, sequence=number, **changes)
        with store.begin() as transaction:
            transaction.put_units([rows[unit]])
    with store.read() as transaction:
        assert {
            row.unit: row for chain in (CHAIN, OTHER_CHAIN) for row in transaction.units_of(chain)
        } == rows
        found = {
            "site": transaction.units_at,
            "location": transaction.units_in_location,
            "box": transaction.units_in_box,
        }
        for column, find in found.items():
            for value in choices[column][1:]:
                expected = {unit for unit, row in rows.items() if getattr(row, column) == value}
                assert {row.unit for row in find(str(value))} == expected
        for value in choices["cassette"][1:]:
            expected = {unit for unit, row in rows.items() if row.cassette == value}
            assert {*transaction.units_in_cassette(str(value))} == expected
        at_hand = {row.unit for row in transaction.units_at_hand("CLINIC", limit=10)}
        assert at_hand == {
            unit
            for unit, row in rows.items()
            if row.site == "CLINIC" and row.final_disposition is None and not (row.location and row.cassette)
        }
        handed_over = {row.unit for row in transaction.units_handed_over(limit=10)}
        assert handed_over == {unit for unit, row in rows.items() if row.handoff}
