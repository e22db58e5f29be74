"""The log in a store's verification: leaves, tree, checkpoints, cosignatures, and paper that outlives it."""

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from schema.canonical import leaf_digest
from schema.errors import OtherLog
from schema.events.registry import Exported
from schema.papercodes import head_code, receipt_code
from tests.support.evidence_story import (
    ANN,
    BEN,
    STATION,
    Forger,
    Story,
    build,
    copied,
    enroll_again,
    founded,
    tampering,
)
from tests.support.stores import fill
from tracker.evidence.checkpoint import Checkpoint, parse_checkpoint, sign
from tracker.evidence.hub import sign_checkpoint
from tracker.evidence.integration import integrate
from tracker.evidence.log_keys import key_folder, make_station_key, read_hub_key, read_station_key
from tracker.evidence.note import NoteSignature, SignedNote
from tracker.evidence.verification.log import LeafBatch, Leaves, RebuiltTree, Witnesses
from tracker.evidence.verification.store import verify_store
from tracker.evidence.verification.verdict import Check, Journal, StepOutcome, Verification
from tracker.evidence.vkey import COSIGNATURE, LogKey, vkey
from tracker.ledger.store import Store
from tracker.ledger.tree import Frontier, leaf_hash
from tracker.registry.network.requests import AddStationKey


@dataclass(frozen=True, slots=True)
class Logged:
    """A store whose log was signed twice and cosigned on the hub, with an entry that waits."""

    path: Path
    earlier: Path
    """A copy of the file from before the second checkpoint, with the log as it was then."""

    story: Story
    folder: Path
    heads: tuple[str, str]
    sizes: tuple[int, int]

    @property
    def url(self) -> str:
        """The address of the file."""
        return f"sqlite:///{self.path}"

    @property
    def origin(self) -> str:
        """The name of the log."""
        return self.story.tracker.registry.origin

    def verify(self, *heads: str) -> Verification:
        """The verdict over the file as it is now."""
        return verify_store(self.url, heads=heads)

    def forging(self) -> AbstractContextManager[sqlite3.Connection]:
        """The file in the hands of its owner."""
        return tampering(self.path)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Logged:
    """The store, closed."""
    place = tmp_path_factory.mktemp("logged")
    path, earlier = place / "store.db", place / "earlier.db"
    story = build(f"sqlite:///{path}", place / "keys")
    folder = key_folder(place / "keys", story.tracker.registry.origin)
    cosigning(story, folder)
    first = signed(story)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(earlier)) as target:
        source.backup(target)
    enroll_again(story)
    second = signed(story)
    enroll_again(story)
    story.tracker.close()
    heads, sizes = (first[0], second[0]), (first[1], second[1])
    return Logged(path, earlier, story, folder, heads, sizes)


def cosigning(story: Story, folder: Path, *, on_hub: bool = True) -> None:
    """Give the station a key that an administrator vouches for."""
    new = make_station_key(folder, story.tracker.registry.origin, STATION)
    story.take(AddStationKey, ANN, key_station=STATION, key=new.key, public=new.public, on_hub=on_hub)


def rotate(story: Story) -> None:
    """Let the log have its next key."""
    signers = list(story.signers.values())
    answer = story.tracker.rotate_log_key(actor=ANN, approver=BEN, station=STATION, signers=signers)
    assert answer.problem is None, answer.problem


def signed(story: Story) -> tuple[str, int]:
    """Take everything in, sign and cosign; gives the head as paper has it, and its size."""
    advanced = story.tracker.log.integrate_and_sign()
    story.tracker.log.cosign(STATION)
    head = story.tracker.log.head()
    assert advanced.checkpoint is not None
    assert head is not None
    return head.text, advanced.checkpoint.tree_size


@pytest.fixture
def logged(original: Logged, tmp_path: Path) -> Logged:
    """A copy of the store that a test may spoil."""
    path = tmp_path / "copy.db"
    copied(original.path, path)
    return Logged(path, original.earlier, original.story, original.folder, original.heads, original.sizes)


def findings(verdict: Verification) -> dict[Check, list[str]]:
    """What each step says is wrong."""
    return {
        Check(step.number): [finding.message for finding in step.findings]
        for step in verdict.steps
        if step.findings
    }


class TestWhatHolds:
    def test_every_step_on_both_engines(self, empty_url: str, tmp_path: Path) -> None:
        story = build(empty_url, tmp_path)
        cosigning(story, key_folder(tmp_path, story.tracker.registry.origin))
        head, size = signed(story)
        receipts = [receipt_code(digest).text for digest in story.digests[:2]]
        enroll_again(story)
        receipts.append(receipt_code(story.digests[-1]).text)
        story.tracker.close()
        verdict = verify_store(empty_url, heads=[head], receipts=receipts, config=tmp_path)
        assert (verdict.exit_code, verdict.findings, verdict.gaps) == (0, (), ())
        assert {step.outcome for step in verdict.steps} == {StepOutcome.HOLDS}
        assert [place.pending for place in verdict.receipts] == [False, False, True]
        assert verdict.waiting.count == verdict.entries - size == 1
        assert "cosigned on the hub itself: no independent witness" in verdict.unchecked
        assert not any("no outside head" in text for text in verdict.unchecked)

    def test_what_it_says_of_the_log(self, logged: Logged) -> None:
        verdict = logged.verify(*logged.heads)
        assert verdict.exit_code == 0
        notes = [note for step in verdict.steps for note in step.notes]
        assert f"2 checkpoints, the newest of size {logged.sizes[1]}" in notes
        assert f"2 cosignatures, by {STATION}" in notes
        assert sum("the log begins with" in note for note in notes) == 2
        assert any(text.startswith("1 entry waits for the log") for text in verdict.unchecked)

    def test_a_station_elsewhere_is_a_witness(self, tmp_path: Path) -> None:
        story = founded(f"sqlite:///{tmp_path / 'store.db'}", tmp_path)
        cosigning(story, key_folder(tmp_path, story.tracker.registry.origin), on_hub=False)
        signed(story)
        story.tracker.close()
        verdict = verify_store(story.url)
        assert verdict.exit_code == 0
        assert not any("no independent witness" in text for text in verdict.unchecked)

    def test_leaves_that_nobody_signed_for_are_said(self, logged: Logged) -> None:
        with Store.open(logged.url) as store:
            integrate(store)
        verdict = logged.verify()
        assert verdict.exit_code == 0
        assert any(text.startswith("1 leaf of the log is under no checkpoint") for text in verdict.unchecked)

    def test_keys_of_the_log_change_in_time(self, tmp_path: Path) -> None:
        """Each checkpoint is judged by the registry that its own tree holds."""
        story = founded(f"sqlite:///{tmp_path / 'store.db'}", tmp_path)
        folder = key_folder(tmp_path, story.tracker.registry.origin)
        cosigning(story, folder)
        signed(story)
        rotate(story)
        signed(story)
        story.tracker.close()
        assert verify_store(story.url).exit_code == 0


class TestLeaves:
    def test_two_leaves_swapped_in_a_chain(self, logged: Logged) -> None:
        coi = logged.story.coi
        with logged.forging() as connection:
            swap_leaves(connection, (coi, 1), (coi, 2))
        found = findings(logged.verify())
        assert any("an entry before it is leaf" in message for message in found[Check.LEAVES])
        assert {Check.TREE, Check.CONSISTENCY} <= found.keys()

    def test_leaves_swapped_between_chains_show_in_the_tree(self, logged: Logged) -> None:
        with logged.forging() as connection:
            coi, other = logged.story.coi, logged.story.other
            # The two stand side by side, so that each chain stays in its order.
            nearest = Forger(connection).length(coi) - 1 if coi < other else 0
            swap_leaves(connection, (coi, nearest), (other, 0))
        found = findings(logged.verify())
        assert found.keys() == {Check.TREE, Check.CONSISTENCY}

    def test_a_leaf_taken_out(self, logged: Logged) -> None:
        with logged.forging() as connection:
            connection.execute("DELETE FROM log_leaf WHERE leaf_index = 5")
        found = findings(logged.verify())
        assert "no entry is leaf 5 of the log" in found[Check.LEAVES]
        assert any("neither stands in the log nor waits" in message for message in found[Check.LEAVES])

    def test_an_entry_put_back_into_the_queue(self, logged: Logged) -> None:
        with logged.forging() as connection:
            connection.execute(
                "INSERT INTO log_pending SELECT chain, sequence, '2026-03-02T08:00:00.000Z' FROM log_leaf"
                " WHERE leaf_index = 5"
            )
        assert findings(logged.verify()).keys() == {Check.LEAVES}

    def test_an_entry_that_waits_since_another_time(self, logged: Logged) -> None:
        with logged.forging() as connection:
            connection.execute("UPDATE log_pending SET recorded_at = '2026-03-02T07:00:00.000Z'")
        (message,) = findings(logged.verify())[Check.LEAVES]
        assert message.startswith("the entry waits for the log since 2026-03-02T07:00:00.000Z, which is not")

    def test_an_entry_in_the_log_before_the_one_before_it(self, logged: Logged) -> None:
        with logged.forging() as connection:
            connection.execute(
                "INSERT INTO log_pending SELECT chain, sequence, '' FROM log_leaf WHERE leaf_index = 5"
            )
            connection.execute("DELETE FROM log_leaf WHERE leaf_index = 5")
        found = findings(logged.verify())
        assert any("an entry before it is not in the log" in message for message in found[Check.LEAVES])

    @pytest.mark.parametrize("index", [-1, 10**15, 2**62, "many", 1.5, b"\x00"])
    def test_an_index_beyond_the_log(self, logged: Logged, index: object) -> None:
        with logged.forging() as connection:
            connection.execute("UPDATE log_leaf SET leaf_index = ? WHERE leaf_index = 7", (index,))
        found = findings(logged.verify())
        assert "no entry is leaf 7 of the log" in found[Check.LEAVES]
        assert any("of a log with" in message for message in found[Check.LEAVES])

    def test_a_leaf_of_an_entry_that_is_gone(self, logged: Logged) -> None:
        with logged.forging() as connection:
            connection.execute(
                "DELETE FROM custody_event WHERE chain = ? AND sequence = 1", (logged.story.coi,)
            )
        found = findings(logged.verify())
        assert {Check.SEQUENCE, Check.LEAVES, Check.TREE, Check.CONSISTENCY} <= found.keys()

    def test_one_place_for_two_entries(self) -> None:
        leaves, journal = Leaves(3), Journal()
        for digest in (b"a" * 32, b"b" * 32):
            batch = LeafBatch()
            batch.indexes.append(1)
            batch.digests += digest
            leaves.take(batch, journal)
        leaves.conclude(journal)
        messages = [finding.message for finding in journal.steps()[Check.LEAVES - 1].findings]
        assert messages[0] == "leaf 1 of the log is of two entries"
        assert messages[1:] == ["no entry is leaf 0 of the log", "no entry is leaf 2 of the log"]


def swap_leaves(connection: sqlite3.Connection, one: tuple[str, int], two: tuple[str, int]) -> None:
    """Let two entries change their places in the log."""
    where = "WHERE chain = ? AND sequence = ?"
    first, second = (
        connection.execute(f"SELECT leaf_index FROM log_leaf {where}", place).fetchone()[0]
        for place in (one, two)
    )
    for index, place in ((-1, one), (first, two), (second, one)):
        connection.execute(f"UPDATE log_leaf SET leaf_index = ? {where}", (index, *place))


class TestTree:
    def test_every_stored_hash_is_compared(self, logged: Logged) -> None:
        with closing(sqlite3.connect(logged.path)) as connection:
            nodes = connection.execute("SELECT level, node_index, hash FROM log_node").fetchall()
        assert len(nodes) > 20
        for level, number, stored in nodes:
            change_hash(logged, "hash = zeroblob(32)", level, number)
            found = findings(logged.verify())
            assert found.keys() == {Check.TREE}
            (message,) = found[Check.TREE]
            assert message.startswith(f"the stored hash {number} of level {level} is 0000")
            change_hash(logged, f"hash = x'{stored.hex()}'", level, number)

    @pytest.mark.parametrize(
        ("change", "text"),
        [
            ("node_index = 4000", "is missing"),
            ("level = 40", "is missing"),
            ("level = 40", "1 hashes of level 40"),
            ("level = 0", "1 hashes of level 0"),
            ("level = 'two'", "1 hashes of level 'two'"),
            ("node_index = node_index + 0.5", "is missing"),
            ("hash = 'text'", "is 'text'"),
            ("hash = x'00'", "is 00,"),
        ],
    )
    def test_a_hash_that_is_not_where_it_should_be(self, logged: Logged, change: str, text: str) -> None:
        change_hash(logged, change, 1, 3)
        found = findings(logged.verify())
        assert found.keys() == {Check.TREE}
        assert any(text in message for message in found[Check.TREE])

    def test_a_hash_too_many(self, logged: Logged) -> None:
        with logged.forging() as connection:
            connection.execute("INSERT INTO log_node VALUES (1, 4000, zeroblob(32))")
        assert findings(logged.verify()).keys() == {Check.TREE}

    def test_a_changed_body_shows_up_to_the_root(self, logged: Logged) -> None:
        """Stored digests are made to fit, and the tree's are not made of them."""
        coi = logged.story.coi
        with logged.forging() as connection:
            forger = Forger(connection)
            body = forger.body(coi, 3).replace(b'"LAB"', b'"BAL"')
            forger.put(coi, 3, body)
            connection.execute(
                "UPDATE custody_event SET digest = ? WHERE chain = ? AND sequence = 3",
                (leaf_digest(body), coi),
            )
        found = findings(logged.verify())
        assert {Check.TREE, Check.CONSISTENCY} <= found.keys()
        assert len(found[Check.CONSISTENCY]) == 2

    @pytest.mark.parametrize("size", [0, 1, 2, 4095, 4096, 4097, 8192, 12_305])
    def test_the_rebuilt_tree_is_the_one_that_grew(self, size: int) -> None:
        """Over several blocks, with every root on the way, and each stored hash compared."""
        chance = random.Random(size)
        connection = sqlite3.connect(":memory:")
        connection.execute("CREATE TABLE log_node (level, node_index, hash)")
        frontier, leaves, batch, roots = Frontier(), Leaves(size), LeafBatch(), {}
        asked = {0, size, *(chance.randrange(size + 1) for _ in range(40))}
        for index in range(size):
            roots[index] = frontier.root().hex() if index in asked else ""
            digest = leaf_hash(b"%d" % index)
            rows = [(node.level, node.number, value) for node, value in frontier.append(digest)]
            connection.executemany("INSERT INTO log_node VALUES (?, ?, ?)", rows)
            batch.indexes.append(index)
            batch.digests += digest
        roots[size] = frontier.root().hex()
        leaves.take(batch, Journal())
        snapshot: Any = SimpleNamespace(rows=connection.execute)
        assert rebuilt(leaves, snapshot, asked) == ([], {number: roots[number] for number in asked})
        count = connection.execute("SELECT count(*) FROM log_node").fetchone()[0]
        for rowid in (1, count // 2, count) if count else ():
            connection.execute("UPDATE log_node SET hash = zeroblob(32) WHERE rowid = ?", (rowid,))
        changed = len({1, count // 2, count} - {0}) if count else 0
        assert len(rebuilt(leaves, snapshot, set())[0]) == changed


def rebuilt(leaves: Leaves, snapshot: Any, sizes: set[int]) -> tuple[list[str], dict[int, str]]:
    """The findings of rebuilding the tree, and the roots asked for."""
    journal = Journal()
    tree = RebuiltTree(leaves, snapshot, journal)
    roots = {size: tree.root_at(size) for size in sorted(sizes)}
    tree.conclude()
    return [finding.message for finding in journal.steps()[Check.TREE - 1].findings], roots


def change_hash(logged: Logged, change: str, level: int, number: int) -> None:
    """Change one stored hash."""
    with logged.forging() as connection:
        connection.execute(
            f"UPDATE log_node SET {change} WHERE level = ? AND node_index = ?", (level, number)
        )


class TestCheckpoints:
    def change(self, logged: Logged, change: Callable[[str], str]) -> Verification:
        """The verdict after a note was changed."""
        size = logged.sizes[1]
        with logged.forging() as connection:
            (note,) = connection.execute(
                "SELECT note FROM checkpoint WHERE tree_size = ?", (size,)
            ).fetchone()
        return self.put(logged, change(note), size)

    def put(self, logged: Logged, note: str, size: int) -> Verification:
        """The verdict with this in place of a note."""
        with logged.forging() as connection:
            connection.execute("UPDATE checkpoint SET note = ? WHERE tree_size = ?", (note, size))
        return logged.verify()

    def test_every_byte_of_a_note_counts(self, logged: Logged) -> None:
        with closing(sqlite3.connect(logged.path)) as connection:
            (note,) = connection.execute(
                "SELECT note FROM checkpoint WHERE tree_size = ?", (logged.sizes[0],)
            ).fetchone()
        for place in range(0, len(note), 3):
            other = "B" if note[place] == "A" else "A"
            verdict = self.put(logged, note[:place] + other + note[place + 1 :], logged.sizes[0])
            assert verdict.exit_code == 4
            assert Check.CHECKPOINTS in findings(verdict), place

    @pytest.mark.parametrize("add", ["\n", " ", "x", "\u2014 x AAAAAAAA\n"])
    def test_nothing_may_be_added_to_a_note(self, logged: Logged, add: str) -> None:
        assert Check.CHECKPOINTS in findings(self.change(logged, lambda note: note + add))

    def test_a_stranger_signs(self, logged: Logged) -> None:
        stranger = LogKey(logged.origin, Ed25519PrivateKey.generate())
        verdict = self.change(logged, lambda note: str(sign(parse_checkpoint(note).checkpoint, stranger)))
        found = findings(verdict)
        assert found.keys() == {Check.CHECKPOINTS}
        assert "with no key that counted" in found[Check.CHECKPOINTS][0]

    def test_a_station_signs_in_place_of_the_log(self, logged: Logged) -> None:
        """Its key counts for its own line alone, however well it fits."""
        key = read_station_key(logged.folder)
        own = vkey(key.name, key.private.public_key().public_bytes_raw(), algorithm=COSIGNATURE)

        def change(note: str) -> str:
            text = parse_checkpoint(note).checkpoint.text
            line = NoteSignature(own.name, own.key_hash, key.private.sign(text.encode()))
            return str(SignedNote(text, (line,)))

        found = findings(self.change(logged, change))
        assert found.keys() == {Check.CHECKPOINTS}
        assert "with no key that counted" in found[Check.CHECKPOINTS][0]

    def test_another_log(self, logged: Logged) -> None:
        other = "cartrail/demo/0123456789abcdef"
        key = LogKey(other, Ed25519PrivateKey.generate())

        def change(note: str) -> str:
            head = parse_checkpoint(note).checkpoint
            return str(sign(Checkpoint(other, head.tree_size, head.root), key))

        found = findings(self.change(logged, change))
        assert any("of another log" in message for message in found[Check.CHECKPOINTS])

    def test_a_true_head_of_a_fork(self, logged: Logged) -> None:
        """The hub itself signs something else for a size it signed before: one of the two is a lie."""
        key = read_hub_key(logged.folder)
        assert key is not None
        size, root = logged.sizes[1], "ab" * 32
        with logged.forging() as connection:
            note = str(sign(Checkpoint(logged.origin, size, root), key))
            connection.execute(
                "UPDATE checkpoint SET note = ?, root = ? WHERE tree_size = ?", (note, root, size)
            )
        found = findings(logged.verify())
        assert found.keys() == {Check.CONSISTENCY, Check.COSIGNATURES}

    @pytest.mark.parametrize(
        "change", ["root = '00'", "signed_at = 'never'", "note = x'00'", "note = ''", "tree_size = 'x'"]
    )
    def test_columns(self, logged: Logged, change: str) -> None:
        with logged.forging() as connection:
            connection.execute(f"UPDATE checkpoint SET {change} WHERE tree_size = {logged.sizes[1]}")
        assert Check.CHECKPOINTS in findings(logged.verify())

    def test_a_retired_key_signs_no_more(self, tmp_path: Path) -> None:
        story = founded(f"sqlite:///{tmp_path / 'store.db'}", tmp_path)
        folder = key_folder(tmp_path, story.tracker.registry.origin)
        stolen = read_hub_key(folder)
        assert stolen is not None
        cosigning(story, folder)
        rotate(story)
        _, size = signed(story)
        story.tracker.close()
        with tampering(tmp_path / "store.db") as connection:
            (note,) = connection.execute("SELECT note FROM checkpoint").fetchone()
            by_thief = str(sign(parse_checkpoint(note).checkpoint, stolen))
            connection.execute("UPDATE checkpoint SET note = ? WHERE tree_size = ?", (by_thief, size))
        assert findings(verify_store(story.url)).keys() == {Check.CHECKPOINTS}


def test_what_an_export_named_stays(logged: Logged) -> None:
    """Each checkpoint in it is there, and the log begins with what it showed."""
    root = "ab" * 32
    said = Exported.model_construct(tree_size=9, root=root, checkpoints=(2, 4, 9))
    for sizes, roots, told in (
        ({2, 4, 9}, {9: root}, []),
        ({4, 9}, {9: root}, ["the export holds a checkpoint of size 2, which is not there any more"]),
        ({2, 4}, {9: root}, ["the export holds a checkpoint of size 9, which is not there any more"]),
        ({2, 4, 9}, {9: "cd" * 32}, ["the log does not begin with the 9 leaves that the export showed"]),
        ({2, 4, 9}, {}, ["the export shows a log of 9 leaves, and the log has 7"]),
    ):
        journal = Journal()
        witnesses = Witnesses(logged.story.tracker.registry, Leaves(7), journal)
        witnesses.sizes = sizes
        witnesses.check_named([(5, said)], roots)
        assert [one.message for step in journal.steps() for one in step.findings] == told


class TestCosignatures:
    @pytest.mark.parametrize(
        "change",
        [
            "line = 'x'",
            "line = ''",
            "line = line || line",
            "line = x'00'",
            "line = replace(line, 'LAB-01', 'LAB-02')",
            "station = 'LAB-02'",
            "tree_size = 1",
            "line = (SELECT line FROM cosignature ORDER BY tree_size LIMIT 1)",
        ],
    )
    def test_a_line_that_does_not_fit(self, logged: Logged, change: str) -> None:
        with logged.forging() as connection:
            connection.execute(f"UPDATE cosignature SET {change} WHERE tree_size = {logged.sizes[1]}")
        assert findings(logged.verify()).keys() == {Check.COSIGNATURES}

    def test_without_any_that_is_said(self, logged: Logged) -> None:
        with logged.forging() as connection:
            connection.execute("DELETE FROM cosignature")
        verdict = logged.verify()
        assert verdict.exit_code == 0
        assert any("no station cosigned" in text for text in verdict.unchecked)


class TestPaper:
    """What only those can see who hold paper, and the honest negatives without it."""

    def cut(self, logged: Logged) -> None:
        """Take the whole end off: everything after the first checkpoint, from every table."""
        shutil.copy(logged.earlier, logged.path)

    def test_a_cut_tail_goes_unseen_without_a_head(self, logged: Logged) -> None:
        self.cut(logged)
        verdict = logged.verify()
        assert verdict.exit_code == 0
        assert any("no outside head given" in text for text in verdict.unchecked)

    def test_a_cut_tail_is_seen_by_a_head(self, logged: Logged) -> None:
        self.cut(logged)
        verdict = logged.verify(logged.heads[1])
        assert verdict.exit_code == 4
        assert f"saw {logged.sizes[1]} leaves, and the log has" in findings(verdict)[Check.PAPER][0]
        assert logged.verify(logged.heads[0]).exit_code == 0

    def test_a_store_set_back_and_carried_on_is_seen_by_a_head(self, logged: Logged) -> None:
        """The log is as long again, and signed; only paper saw that it was another."""
        self.cut(logged)
        key = read_hub_key(logged.folder)
        assert key is not None
        with Store.open(logged.url) as store:
            fill(store, logged.sizes[1] - logged.sizes[0] + 2)
            integrate(store)
            sign_checkpoint(store, key, logged.story.clock.now())
        assert Check.PAPER not in findings(logged.verify(logged.heads[0]))
        found = findings(logged.verify(logged.heads[1]))
        assert Check.PAPER in found
        assert not {Check.LEAVES, Check.TREE, Check.CHECKPOINTS, Check.CONSISTENCY} & found.keys()

    def test_the_end_of_the_log_alone_taken_off(self, logged: Logged) -> None:
        """Entries put back into the queue: the checkpoint that saw them is still there."""
        with logged.forging() as connection:
            last = logged.sizes[1] - 1
            connection.execute(
                "INSERT INTO log_pending SELECT l.chain, l.sequence, json_extract(e.body, '$.recorded_at')"
                " FROM log_leaf l JOIN custody_event e ON e.chain = l.chain AND e.sequence = l.sequence"
                f" WHERE leaf_index = {last}"
            )
            connection.execute(f"DELETE FROM log_leaf WHERE leaf_index = {last}")
            connection.execute(f"DELETE FROM log_node WHERE (node_index + 1) << level > {last}")
        found = findings(logged.verify())
        assert found.keys() == {Check.CONSISTENCY}
        assert found[Check.CONSISTENCY][0].endswith(f"was signed; the log has {last} leaves")

    def test_a_rebuilt_store_has_another_name(self, logged: Logged, tmp_path: Path) -> None:
        story = build(f"sqlite:///{tmp_path / 'rebuilt.db'}", tmp_path / "keys")
        signed_again = story.tracker.log.integrate_and_sign()
        story.tracker.close()
        assert signed_again.checkpoint is not None
        with pytest.raises(OtherLog):
            verify_store(story.url, heads=[logged.heads[0]])
        assert verify_store(story.url).exit_code == 0

    def test_a_head_of_another_log_where_the_registry_is_gone(self, logged: Logged) -> None:
        """Nobody can say which log this was, and that is worse than a wrong slip."""
        with logged.forging() as connection:
            connection.execute("DELETE FROM custody_event WHERE chain = 'registry'")
        verdict = logged.verify(*logged.heads)
        assert verdict.exit_code == 4
        assert any("is of another log" in gap.message for gap in verdict.gaps)

    def test_a_rebuilt_store_under_the_same_name(self, logged: Logged) -> None:
        """Whoever holds every key rebuilds it all; a head from paper is all that says otherwise."""
        root = "cd" * 32
        (text,) = (head_code(logged.origin, logged.sizes[0], root).text,)
        verdict = logged.verify(text)
        assert verdict.exit_code == 4
        assert findings(verdict).keys() == {Check.PAPER}
        assert logged.verify().exit_code == 0

    def test_several_at_once(self, logged: Logged) -> None:
        empty = head_code(logged.origin, 0, Frontier().root().hex()).text
        verdict = logged.verify(empty, *logged.heads)
        assert verdict.exit_code == 0
        assert verdict.steps[Check.PAPER - 1].outcome is StepOutcome.HOLDS
        assert logged.verify(empty, head_code(logged.origin, 0, "00" * 32).text).exit_code == 4
