"""Heads of the log are signed by the hub and cosigned by stations, never of a fork; paper is held to them."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace as changed

from schema.entry import REGISTRY
from schema.errors import IntegrityFailure, OtherLog, StoreError
from schema.events.base import Payload
from schema.events.registry import KeyAdded, KeyRetired
from schema.papercodes import head_code, receipt_code
from schema.tables import LogPendingRow, table_of
from tests.support.evidence_story import ANN, STATION, Story, founded
from tests.support.proofs import read_proof
from tests.support.stores import CHAIN, OTHER_CHAIN, entry_of, fill
from tests.tracker.ledger.test_log import unguarded
from tracker.evidence.checkpoint import is_signed_by_log, parse_checkpoint
from tracker.evidence.cosignature import cosigned, parse_cosignature
from tracker.evidence.heads import HeadOutcome, ReceiptOutcome, check_head
from tracker.evidence.integration import integrate
from tracker.evidence.last_head import COSIGNED_FILE, SIGNED_FILE
from tracker.evidence.log import Log
from tracker.evidence.log_keys import (
    NewKey,
    key_folder,
    log_keys,
    make_station_key,
    read_hub_key,
    stage_log_key,
    station_keys,
    use_staged_log_key,
)
from tracker.evidence.verification.store import verify_store
from tracker.evidence.verification.verdict import Check
from tracker.ledger.compiled import insert
from tracker.ledger.store import Store
from tracker.ledger.tree import EMPTY_ROOT, leaf_hash
from tracker.registry.network.requests import AddStationKey, RetireKey
from tracker.rules.registry_state import RegistryState, StoreLoss
from tracker.tracker import Environment, Tracker


@dataclass(slots=True)
class Hub:
    """A founded store, its log on the hub, and the folder of its keys."""

    story: Story
    folder: Path

    @property
    def store(self) -> Store:
        """The open store."""
        return self.story.tracker.store

    @property
    def log(self) -> Log:
        """The log with its key."""
        return self.story.tracker.log

    @property
    def registry(self) -> RegistryState:
        """The registry as it stands."""
        return self.story.tracker.registry

    def grow(self, count: int = 1, chain: str = CHAIN) -> int:
        """Record some entries, take them in and sign; gives the size."""
        fill(self.store, count, chain)
        return self.log.integrate_and_sign().integration.tree_size

    def say(self, payload: Payload) -> None:
        """Put an event into the registry as the program itself would."""
        with self.store.begin() as transaction:
            head = transaction.head(REGISTRY)
            assert head is not None
            said = entry_of(REGISTRY, head.sequence + 1, previous=head)
            transaction.append([replace(said, statement=replace(said.statement, payload=payload))])

    def add_station_key(self, new: NewKey) -> None:
        """Let an administrator vouch for a station's key."""
        self.story.take(AddStationKey, ANN, key_station=STATION, key=new.key, public=new.public, on_hub=True)


@pytest.fixture
def hub(empty_url: str, tmp_path: Path) -> Iterator[Hub]:
    """A store just founded, on each engine in turn."""
    story = founded(empty_url, tmp_path)
    yield Hub(story, key_folder(tmp_path, story.tracker.registry.origin))
    story.tracker.close()


class TestSigning:
    def test_the_hub_signs_what_it_has(self, hub: Hub) -> None:
        """The note holds origin, size and root, and is the log key's; a second call changes nothing."""
        assert hub.log.is_hub
        assert hub.log.head() is None
        advanced = hub.story.tracker.integrate()
        row = advanced.checkpoint
        assert row is not None
        assert row.tree_size == advanced.integration.tree_size > 0
        signed = parse_checkpoint(row.note)
        assert (signed.checkpoint.root, signed.checkpoint.origin) == (row.root, hub.registry.origin)
        assert is_signed_by_log(signed, log_keys(hub.registry))
        assert str(log_keys(hub.registry)[0]) == hub.registry.log_key
        hub.story.clock.advance(timedelta(minutes=1))
        assert hub.story.tracker.integrate().checkpoint == row

    def test_every_head_stays(self, hub: Hub) -> None:
        """Each size signed is kept, and each continues the one before."""
        sizes = [hub.grow() for _ in range(4)]
        with hub.store.read() as transaction:
            assert [row.tree_size for row in transaction.checkpoints()] == sizes
            assert [row.tree_size for row in transaction.checkpoints(after=sizes[1])] == sizes[2:]
            newest = transaction.newest_checkpoint()
            assert newest == transaction.checkpoint(sizes[-1])

    def test_a_station_without_the_key_shows_the_newest(self, hub: Hub) -> None:
        """It takes entries in, and signs nothing."""
        size = hub.grow()
        with Tracker.open(url=hub.story.url, environment=Environment(hub.story.clock)).store as store:
            fill(store, 3)
            station = Log(store)
            assert not station.is_hub
            advanced = station.integrate_and_sign()
            assert advanced.integration.tree_size == size + 3
            assert advanced.checkpoint is not None
            assert advanced.checkpoint.tree_size == size
            assert station.cosign(STATION) is None

    def test_nothing_is_signed_before_there_is_something(self, store: Store) -> None:
        """A store without entries has no head to sign."""
        assert Log(store).integrate_and_sign().checkpoint is None

    def test_another_key_does_not_sign(self, hub: Hub) -> None:
        """A key that the registry does not know, though it lies where the log's key should."""
        hub.grow()
        stage_log_key(hub.folder, hub.registry.origin)
        use_staged_log_key(hub.folder)
        with pytest.raises(StoreError) as refused:
            hub.grow()
        assert refused.value.code == "not_the_log_key"

    def test_a_key_that_others_could_read_does_not_sign(self, hub: Hub) -> None:
        """Whoever read it can sign a fork."""
        (hub.folder / "log.key").chmod(0o640)
        with pytest.raises(StoreError, match="0640"):
            hub.grow()

    def test_a_tree_cut_after_signing_is_not_signed(self, hub: Hub) -> None:
        """The log is smaller than a head it signed."""
        size = hub.grow(5)
        unguarded(hub.story.url, f"DELETE FROM log_leaf WHERE leaf_index = {size - 1}")
        with pytest.raises(IntegrityFailure, match=f"a head of {size} was signed"):
            hub.log.integrate_and_sign()

    def test_a_tree_changed_after_signing_is_not_signed(self, hub: Hub) -> None:
        """The stored hashes no longer lead to the root that was signed."""
        hub.grow(8)
        zeros = "zeroblob(32)" if hub.store.dialect == "sqlite" else "decode(repeat('00', 32), 'hex')"
        unguarded(hub.story.url, f"UPDATE log_node SET hash = {zeros}")
        with pytest.raises(IntegrityFailure, match="does not begin with"):
            hub.grow(8)

    def test_a_checkpoint_whose_note_was_swapped_is_named(self, hub: Hub) -> None:
        """The columns say where a note is found; the note is what counts."""
        size = hub.grow()
        for change in ("note = 'no note'", f"root = '{'0' * 64}'"):
            unguarded(hub.story.url, f"UPDATE checkpoint SET {change}")
            with pytest.raises(IntegrityFailure, match=f"checkpoint of size {size}"):
                hub.log.head()


class TestRollback:
    def test_a_store_set_back_is_not_signed_again(self, tmp_path: Path) -> None:
        """An older copy is consistent in itself; what the hub signed since lies beside its key."""
        path = tmp_path / "store.db"
        hub = founded_hub(f"sqlite:///{path}", tmp_path)
        hub.grow(3)
        hub.story.tracker.close()
        shutil.copy(path, tmp_path / "older.db")
        hub = reopened(hub, tmp_path)
        size = hub.grow(3)
        hub.story.tracker.close()
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        shutil.copy(tmp_path / "older.db", path)
        with pytest.raises(IntegrityFailure, match=f"a head of {size} was signed"):
            reopened(hub, tmp_path)
        # It could also have been replaced under a program that had it open.
        aside = (hub.folder / SIGNED_FILE).rename(tmp_path / SIGNED_FILE)
        hub = reopened(hub, tmp_path)
        aside.rename(hub.folder / SIGNED_FILE)
        with pytest.raises(IntegrityFailure, match=f"a head of {size} was signed") as failure:
            hub.grow(1, OTHER_CHAIN)
        assert SIGNED_FILE in failure.value.remedy
        with pytest.raises(IntegrityFailure, match="does not begin with"):
            hub.grow(3, OTHER_CHAIN)
        assert (hub.folder / SIGNED_FILE).stat().st_mode & 0o777 == 0o600
        hub.story.tracker.close()

    def test_a_damaged_memory_stops_signing(self, hub: Hub) -> None:
        """Without it a fork could be signed unseen."""
        hub.grow()
        (hub.folder / SIGNED_FILE).write_text("nothing")
        with pytest.raises(StoreError) as refused:
            hub.grow()
        assert refused.value.code == "no_last_head"

    def test_the_memory_of_another_log_stops_signing(self, hub: Hub, tmp_path: Path) -> None:
        """A folder that was copied from another store."""
        other = founded_hub(f"sqlite:///{tmp_path / 'other' / 'store.db'}", tmp_path / "other")
        other.grow()
        shutil.copy(other.folder / SIGNED_FILE, hub.folder / SIGNED_FILE)
        with pytest.raises(IntegrityFailure, match=other.registry.origin):
            hub.grow()
        other.story.tracker.close()


def founded_hub(url: str, config: Path) -> Hub:
    """A store just founded."""
    story = founded(url, config)
    return Hub(story, key_folder(config, story.tracker.registry.origin))


def reopened(hub: Hub, config: Path) -> Hub:
    """The same store and keys in another process."""
    tracker = Tracker.open(url=hub.story.url, environment=Environment(hub.story.clock, config=config))
    return Hub(Story(hub.story.url, tracker, hub.story.clock, hub.story.signers), hub.folder)


class TestKeys:
    def test_the_log_changes_its_key(self, hub: Hub) -> None:
        """From the head that has the change in it the new key signs, and no more the old one."""
        before = hub.grow()
        old = read_hub_key(hub.folder)
        assert old is not None
        new = stage_log_key(hub.folder, hub.registry.origin)
        use_staged_log_key(hub.folder)
        assert (hub.folder / f"log.key.{hub.registry.active_keys['log']}").exists()
        hub.say(KeyRetired(owner="log", key=hub.registry.active_keys["log"]))
        hub.say(KeyAdded(owner="log", key=new.key, public=new.public))
        after = hub.grow()
        with hub.store.read() as transaction:
            under = [transaction.registry_sequence_under(size) for size in (before, after)]
            rows = [transaction.checkpoint(size) for size in (before, after)]
        assert [log_keys(hub.registry, each) for each in under] == [[old.verifier], [new.verifier]]
        assert log_keys(hub.registry) == [old.verifier, new.verifier]
        for row, key in zip(rows, (old.verifier, new.verifier), strict=True):
            assert row is not None
            assert is_signed_by_log(parse_checkpoint(row.note), [key])

    def test_a_retired_key_signs_no_more(self, hub: Hub) -> None:
        """Whoever still has it gets no head that the retirement is in."""
        hub.grow()
        hub.say(KeyRetired(owner="log", key=hub.registry.active_keys["log"]))
        with pytest.raises(StoreError) as refused:
            hub.grow()
        assert refused.value.code == "not_the_log_key"


class TestStations:
    def test_a_station_cosigns_once_for_each_head(self, hub: Hub) -> None:
        """Its line verifies under the checkpoint and stays; the head lies beside its key."""
        new = make_station_key(hub.folder, hub.registry.origin, STATION)
        assert hub.log.cosign(STATION) is None
        hub.add_station_key(new)
        for _ in range(3):
            size = hub.grow(3)
            line = hub.log.cosign(STATION)
            assert line is not None
            assert hub.log.cosign(STATION) == line
            with hub.store.read() as transaction:
                assert transaction.cosignatures(size) == [(STATION, line)]
                row = transaction.checkpoint(size)
            assert row is not None
            head = parse_checkpoint(row.note).checkpoint
            assert station_keys(hub.registry) == [new.verifier]
            seen = cosigned(head, parse_cosignature(line), new.verifier)
            assert seen.signed_at == hub.story.clock.now()
            assert (hub.folder / COSIGNED_FILE).read_text() == head.text
            hub.story.clock.advance(timedelta(minutes=3))
        assert (hub.folder / COSIGNED_FILE).stat().st_mode & 0o777 == 0o600
        key = hub.registry.active_key(f"station/{STATION}")
        assert key is not None and key.on_hub

    def test_a_key_counts_from_the_head_it_is_in(self, hub: Hub) -> None:
        """Before that, and without a key, there is nothing to cosign with."""
        hub.grow()
        with pytest.raises(StoreError) as refused:
            hub.log.cosign(STATION)
        assert refused.value.code == "no_station_key"
        new = make_station_key(hub.folder, hub.registry.origin, STATION)
        hub.add_station_key(new)
        with pytest.raises(StoreError) as refused:
            hub.log.cosign(STATION)
        assert refused.value.code == "not_the_station_key"
        hub.log.cosign_if_able(STATION)  # a key that does not count yet is no trouble
        hub.grow()
        assert hub.log.cosign(STATION)
        with pytest.raises(StoreError) as refused:
            hub.log.cosign("DOCK-1")
        assert refused.value.code == "not_the_station_key"

    def test_a_station_changes_its_key(self, hub: Hub) -> None:
        """The old key is retired, the new one added; lines of both stay true under their heads."""
        first = make_station_key(hub.folder, hub.registry.origin, STATION)
        hub.add_station_key(first)
        hub.grow()
        assert hub.log.cosign(STATION)
        second = make_station_key(hub.folder, hub.registry.origin, STATION)
        hub.story.take(RetireKey, ANN, key=first.key)
        hub.grow()
        with pytest.raises(StoreError):
            hub.log.cosign(STATION)
        hub.add_station_key(second)
        size = hub.grow()
        assert hub.log.cosign(STATION)
        with hub.store.read() as transaction:
            under = transaction.registry_sequence_under(size)
        assert station_keys(hub.registry, under) == [second.verifier]
        assert station_keys(hub.registry) == [first.verifier, second.verifier]

    def test_findings_d8_a_station_without_the_head_it_cosigned(self, hub: Hub, tmp_path: Path) -> None:
        """It is missed once the store shows a line of this key, not where the key has cosigned nothing."""

        def missed() -> list[str]:
            gaps = verify_store(hub.story.url, config=tmp_path).steps[Check.KEPT_HEADS - 1].gaps
            return [one.message.split(",")[0] for one in gaps]

        hub.add_station_key(make_station_key(hub.folder, hub.registry.origin, STATION))
        hub.grow()
        assert missed() == []
        assert hub.log.cosign(STATION)
        assert missed() == []
        (hub.folder / COSIGNED_FILE).unlink()
        assert missed() == [f"In {hub.folder} lies station.key without station.head"]
        make_station_key(hub.folder, hub.registry.origin, STATION)
        assert missed() == []

    def test_a_head_that_cannot_be_read_is_told_by_whoever_cosigns_by_the_way(self, hub: Hub) -> None:
        """A key that does not count is passed over; what the station saw last is never."""
        hub.add_station_key(make_station_key(hub.folder, hub.registry.origin, STATION))
        hub.grow()
        hub.log.cosign_if_able(STATION)
        (hub.folder / COSIGNED_FILE).write_text("nothing")
        hub.grow()
        with pytest.raises(StoreError) as refused:
            hub.log.cosign_if_able(STATION)
        assert refused.value.code == "no_last_head"

    def test_a_fork_is_not_cosigned(self, hub: Hub) -> None:
        """The operator changes a leaf and signs again; the station remembers what it saw."""
        hub.add_station_key(make_station_key(hub.folder, hub.registry.origin, STATION))
        size = hub.grow(6)
        assert hub.log.cosign(STATION)
        (hub.folder / SIGNED_FILE).unlink()
        for table in ("log_leaf", "log_node", "checkpoint"):
            unguarded(hub.story.url, f"DELETE FROM {table}")
        unguarded(hub.story.url, f"DELETE FROM custody_event WHERE chain = '{CHAIN}'")
        put_back(hub)
        fill(hub.store, 6, OTHER_CHAIN)
        assert hub.log.integrate_and_sign().integration.tree_size == size
        with pytest.raises(IntegrityFailure, match="does not begin with"):
            hub.log.cosign(STATION)
        hub.grow(1)
        with pytest.raises(IntegrityFailure, match="does not begin with") as failure:
            hub.log.cosign(STATION)
        assert COSIGNED_FILE in failure.value.remedy

    def test_a_checkpoint_that_the_log_did_not_sign_is_not_cosigned(self, hub: Hub) -> None:
        """Its text was changed, or its signature is another's."""
        hub.add_station_key(make_station_key(hub.folder, hub.registry.origin, STATION))
        hub.grow()
        with hub.store.read() as transaction:
            row = transaction.newest_checkpoint()
        assert row is not None
        forged = row.note[:-6] + ("AAA=" if row.note[-6:-1] != "AAA=" else "BBB=") + "\n"
        for note in (forged.replace("'", ""), row.note.replace("\u2014 cartrail", "\u2014 other")):
            unguarded(hub.story.url, f"UPDATE checkpoint SET note = '{note}'")
            with pytest.raises(IntegrityFailure):
                hub.log.cosign(STATION)


def put_back(hub: Hub) -> None:
    """Let every entry wait for the log again, as an operator would who rebuilds it."""
    with hub.store.begin() as transaction:
        for chain in list(transaction.chains()):
            for sequence, _, _ in list(transaction.bodies(chain)):
                transaction._session.write(
                    insert(table_of(LogPendingRow)), (chain, sequence, "2026-03-02T08:00:00.000Z")
                )


class TestPaper:
    def test_the_head_on_paper_holds(self, hub: Hub) -> None:
        """Every head ever given out is in the log of today."""
        codes = []
        for _ in range(5):
            hub.grow(3)
            code = hub.log.head()
            assert code is not None
            codes.append(code)
        hub.grow(2, OTHER_CHAIN)
        for code in codes:
            verdict = hub.log.check_head(code)
            assert (verdict.outcome, verdict.exit_code) == (HeadOutcome.HOLDS, 0)
            assert verdict.tree_size == codes[-1].tree_size + 2
        assert hub.log.check_head(head_code(hub.registry.origin, 0, EMPTY_ROOT.hex())).exit_code == 0

    def test_a_head_that_does_not_hold(self, hub: Hub) -> None:
        """Of another log it is bad input; larger or different it is a finding."""
        size = hub.grow(3)
        code = hub.log.head()
        assert code is not None
        origin = hub.registry.origin
        with pytest.raises(OtherLog) as other:
            hub.log.check_head(head_code(origin[:-1] + "g", size, code.root))
        assert other.value.exit_code == 2
        larger = hub.log.check_head(head_code(origin, size + 1, code.root))
        assert (larger.outcome, larger.exit_code) == (HeadOutcome.LARGER, 4)
        for other_head in (head_code(origin, size, "0" * 64), head_code(origin, size - 1, code.root)):
            verdict = hub.log.check_head(other_head)
            assert (verdict.outcome, verdict.exit_code) == (HeadOutcome.DIFFERS, 4)
            assert str(other_head.tree_size) in str(verdict)

    def test_a_head_of_what_two_people_gave_up(self, hub: Hub) -> None:
        """Larger than today's log it is lost and no alarm; beyond what is known to be lost it is one."""
        size = hub.grow(3)
        lost = StoreLoss("e", 1, "2026-03-02", 1, size + 4, "ab" * 32, ANN, "disk_failed")
        registry = changed(hub.registry, losses=(lost,))
        for larger, outcome, code in ((size + 1, HeadOutcome.LOST, 6), (size + 5, HeadOutcome.LARGER, 4)):
            verdict = check_head(hub.store, registry, head_code(registry.origin, larger, "0" * 64))
            assert (verdict.outcome, verdict.exit_code) == (outcome, code)

    def test_what_no_head_was_signed_over_is_pending(self, hub: Hub) -> None:
        """The first leaf behind a checkpoint is in the log, and nobody has signed for it."""
        hub.grow(3)
        (entry,) = fill(hub.store, 1)
        integrate(hub.store)
        verdict = hub.log.check_receipt(receipt_code(entry.statement.digest))
        assert (verdict.outcome, verdict.proof) == (ReceiptOutcome.PENDING, None)
        with pytest.raises(StoreError, match="is not under the checkpoint of size"):
            hub.log.prove(CHAIN, entry.sequence)

    def test_a_receipt_is_proved(self, hub: Hub) -> None:
        """From the moment it is under a checkpoint; before, the statement is recorded and waits."""
        (entry,) = fill(hub.store, 1)
        receipt = receipt_code(entry.statement.digest)
        assert hub.log.check_receipt(receipt).outcome is ReceiptOutcome.PENDING
        hub.log.integrate_and_sign()
        found = hub.log.check_receipt(receipt)
        assert (found.outcome, found.exit_code) == (ReceiptOutcome.INCLUDED, 0)
        assert found.place is not None
        assert found.place.chain == CHAIN
        missing = hub.log.check_receipt(receipt_code("0" * 64))
        assert (missing.outcome, missing.exit_code) == (ReceiptOutcome.MISSING, 4)

    def test_a_receipt_of_changed_bytes_differs(self, hub: Hub) -> None:
        """The column still says it is the statement; the bytes do not."""
        (entry,) = fill(hub.store, 1)
        hub.log.integrate_and_sign()
        receipt = receipt_code(entry.statement.digest)
        body = entry.body.replace(b"NURSE-1", b"NURSE-2")
        for other_body in (body, entry.body.replace(b'"signatures":[]', b'"signatures":[1]'), b"x"):
            change = f"SET body = {blob(hub, other_body)} WHERE chain = '{CHAIN}'"
            unguarded(hub.story.url, f"UPDATE custody_event {change}")
            verdict = hub.log.check_receipt(receipt)
            assert (verdict.outcome, verdict.exit_code) == (ReceiptOutcome.DIFFERS, 4)

    def test_a_receipt_of_what_only_a_column_says_differs(self, hub: Hub) -> None:
        """An entry of the log is passed off as the statement of a paper that was never recorded."""
        fill(hub.store, 1)
        hub.log.integrate_and_sign()
        told = f"SET statement_digest = '{'ab' * 32}' WHERE chain = '{CHAIN}'"
        unguarded(hub.story.url, f"UPDATE custody_event {told}")
        verdict = hub.log.check_receipt(receipt_code("ab" * 32))
        assert (verdict.outcome, verdict.exit_code) == (ReceiptOutcome.DIFFERS, 4)

    def test_a_proof_file_stands_alone(self, hub: Hub) -> None:
        """Index, path, checkpoint and cosignature: enough for somebody who has the entry and two keys."""
        new = make_station_key(hub.folder, hub.registry.origin, STATION)
        hub.add_station_key(new)
        entries = fill(hub.store, 5)
        earlier = hub.log.integrate_and_sign().integration.tree_size
        line = hub.log.cosign(STATION)
        hub.grow(4, OTHER_CHAIN)
        for entry in entries:
            for size in (None, earlier):
                proof = read_proof(hub.log.prove(CHAIN, entry.sequence, tree_size=size))
                assert proof.includes(leaf_hash(entry.body))
                assert is_signed_by_log(proof.checkpoint, log_keys(hub.registry))
        cosigned_one = read_proof(hub.log.prove(CHAIN, 0, tree_size=earlier)).checkpoint
        assert cosigned_one.checkpoint.tree_size == earlier
        assert cosigned_one.note.signatures[-1].line == line

    def test_what_is_under_no_checkpoint_has_no_proof(self, hub: Hub) -> None:
        """Neither before the first, nor while it waits, nor under one that is older."""
        fill(hub.store, 1)
        with pytest.raises(StoreError) as refused:
            hub.log.prove(CHAIN, 0)
        assert refused.value.code == "not_in_log"
        earlier = hub.log.integrate_and_sign().integration.tree_size
        fill(hub.store, 1)
        with pytest.raises(StoreError):
            hub.log.prove(CHAIN, 1)
        hub.log.integrate_and_sign()
        assert hub.log.prove(CHAIN, 1)
        for sequence, size in ((1, earlier), (0, earlier - 1), (2, None)):
            with pytest.raises(StoreError):
                hub.log.prove(CHAIN, sequence, tree_size=size)


def blob(hub: Hub, data: bytes) -> str:
    """Bytes as the engine writes them in a statement."""
    return f"x'{data.hex()}'" if hub.store.dialect == "sqlite" else f"decode('{data.hex()}', 'hex')"
