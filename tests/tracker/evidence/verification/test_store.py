"""Verification of a store: what each step catches, what is only said, and what nothing can see."""

import random
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.canonical import canonical, plain_digest
from schema.entry import REGISTRY
from schema.errors import BadCode, IntegrityFailure, OtherLog, StoreError
from schema.papercodes import head_code, receipt_code
from schema.signing import key_id, sign
from schema.vocabulary import Meaning
from tests.support.evidence_story import (
    ANN,
    BEN,
    MORNING,
    Forger,
    Story,
    build,
    copied,
    founded,
    signed,
    tampering,
)
from tests.support.examples import examples
from tracker.evidence.verification.entries import examine
from tracker.evidence.verification.replay import CODES, THERAPIES, UNITS
from tracker.evidence.verification.snapshot import StoredRow
from tracker.evidence.verification.store import verify_store
from tracker.evidence.verification.verdict import Check, Journal, StepOutcome, Verification
from tracker.ledger.store import Store
from tracker.rules.public_keys import public_text

PERFORMED, WITNESSED = Meaning.PERFORMED, Meaning.WITNESSED


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the small store that a test may spoil."""

    path: Path
    url: str
    story: Story

    @property
    def coi(self) -> str:
        """The therapy that has begun."""
        return self.story.coi

    def verify(self) -> Verification:
        """The verdict over the copy as it is now."""
        return verify_store(self.url)


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The small store, closed; its founders stay signed in."""
    folder = tmp_path_factory.mktemp("evidence")
    story = build(f"sqlite:///{folder / 'store.db'}", folder / "keys")
    story.tracker.close()
    return story


@pytest.fixture
def copy(original: Story, tmp_path: Path) -> Copy:
    """A copy of the small store."""
    path = tmp_path / "copy.db"
    return Copy(path, copied(Path(original.url.removeprefix("sqlite:///")), path), original)


def places(verdict: Verification, check: Check) -> set[tuple[str, int | None]]:
    """Where a step has findings."""
    step = verdict.steps[check - 1]
    assert step.number == check
    return {(finding.chain, finding.sequence) for finding in step.findings}


def steps_found(verdict: Verification) -> set[Check]:
    """The steps that have findings."""
    return {Check(step.number) for step in verdict.steps if step.findings}


def said(verdict: Verification, text: str) -> bool:
    """Whether a finding or gap says this."""
    return any(text in finding.message for finding in (*verdict.findings, *verdict.gaps))


class TestOfWhatWasRecorded:
    def test_every_step_holds(self, copy: Copy) -> None:
        verdict = copy.verify()
        assert (verdict.exit_code, verdict.findings, verdict.gaps) == (0, (), ())
        nothing_signed = {
            *(Check.CHECKPOINTS, Check.COSIGNATURES, Check.CONSISTENCY, Check.PAPER, Check.KEPT_HEADS)
        }
        for step in verdict.steps:
            expected = StepOutcome.NOT_CHECKED if step.number in nothing_signed else StepOutcome.HOLDS
            assert step.outcome is expected, step
        assert [step.number for step in verdict.steps] == list(Check)
        assert (verdict.entries, verdict.chains, verdict.purpose) == (26, 3, "demo")

    def test_it_says_what_it_cannot_see(self, copy: Copy) -> None:
        said_unchecked = " | ".join(copy.verify().unchecked)
        for part in (
            "no outside head given",
            "26 entries wait for the log, the oldest since",
            "no station cosigned",
            "simulated clock",
            "founded on the word of two people: ANN and BEN",
            "kept answers to requests",
        ):
            assert part in said_unchecked

    def test_entries_that_wait_for_the_log_are_counted_and_aged(self, copy: Copy) -> None:
        class Later:
            def now(self) -> Any:
                return MORNING + timedelta(hours=1)

        waiting = verify_store(copy.url, clock=Later()).waiting
        assert (waiting.count, waiting.oldest, waiting.seconds) == (26, MORNING, 3600)

    def test_it_never_writes(self, copy: Copy) -> None:
        before = copy.path.read_bytes()
        copy.path.chmod(0o400)
        copy.verify()
        assert copy.path.read_bytes() == before
        log = copy.path.with_name(f"{copy.path.name}-wal")
        assert not log.exists() or not log.stat().st_size

    def test_progress_ends_at_the_number_of_entries(self, copy: Copy) -> None:
        told: list[tuple[int, int]] = []
        verify_store(copy.url, progress=lambda done, total: told.append((done, total)))
        assert told[-1] == (26, 26)
        assert all(done <= total for done, total in told)

    def test_the_verdict_can_be_written_as_json(self, copy: Copy) -> None:
        data = orjson.loads(canonical(copy.verify().to_json()))
        assert data["exit_code"] == 0
        assert data["steps"][Check.PAPER - 1]["outcome"] == "not_checked"
        assert data["pending"]["count"] == 26

    def test_both_engines_give_the_same_verdict(self, empty_url: str, tmp_path: Path) -> None:
        story = build(empty_url, tmp_path / "keys")
        story.tracker.close()
        verdict = verify_store(empty_url)
        assert (verdict.exit_code, verdict.entries, verdict.findings) == (0, 26, ())


class TestBytes:
    def test_every_flipped_byte_of_an_entry_is_named(self, tmp_path: Path) -> None:
        path = tmp_path / "founded.db"
        story = founded(f"sqlite:///{path}", tmp_path / "keys")
        story.tracker.close()
        connection = sqlite3.connect(path, isolation_level=None)
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        forger = Forger(connection)
        last = forger.length(REGISTRY) - 1
        body = forger.body(REGISTRY, last)
        stride = 10 // examples(10)  # every byte in the long run, every tenth from anywhere on otherwise
        for position in range(random.randrange(stride), len(body), stride):
            forger.put(REGISTRY, last, flipped(body, position))
            verdict = verify_store(story.url)
            places_found = {(f.chain, f.sequence) for f in verdict.findings if f.step != Check.GUARDS}
            assert verdict.exit_code == 4
            assert (REGISTRY, last) in places_found, position

    @pytest.mark.parametrize("sequence", [0, 1, 3])
    def test_flipped_bytes_of_a_therapy_are_named(self, copy: Copy, sequence: int) -> None:
        with tampering(copy.path) as connection:
            body = Forger(connection).body(copy.coi, sequence)
        for position in range(sequence, len(body), 41):
            with tampering(copy.path) as connection:
                Forger(connection).put(copy.coi, sequence, flipped(body, position))
            verdict = copy.verify()
            assert verdict.exit_code == 4
            assert (copy.coi, sequence) in places(verdict, Check.DIGEST), position

    @pytest.mark.parametrize(
        ("body", "check"),
        [
            (b"", Check.FORM),
            (b"\xff\xfe{}", Check.FORM),
            (b"{", Check.FORM),
            (b"null", Check.FORM),
            (b"[]", Check.FORM),
            (b"{}", Check.FORM),
            (b'"registry"', Check.FORM),
            (b"[" * 100_000, Check.FORM),
            (b"[" * 40 + b"]" * 40, Check.CANONICAL),
            (b"1" * 400, Check.FORM),
            (b"1" * 30, Check.CANONICAL),
            (b"9007199254740993", Check.CANONICAL),
            (b"1.5", Check.CANONICAL),
            (b"NaN", Check.FORM),
            (b'{"a":1,"a":1}', Check.CANONICAL),
            (b'{"b":1,"a":1}', Check.CANONICAL),
            (b'{"\xc3\xa4":1}', Check.CANONICAL),
            ('{"a":"e\u0301"}'.encode(), Check.CANONICAL),
            (b'{"a":"\\u00e4"}', Check.CANONICAL),
            (b' {"a":1}', Check.CANONICAL),
        ],
    )
    def test_bytes_that_are_no_entry_are_findings(self, copy: Copy, body: bytes, check: Check) -> None:
        with tampering(copy.path) as connection:
            Forger(connection).put(copy.coi, 1, body)
        verdict = copy.verify()
        assert verdict.exit_code == 4
        assert (copy.coi, 1) in places(verdict, check)
        assert (copy.coi, 1) in places(verdict, Check.DIGEST)

    @pytest.mark.parametrize(
        "change",
        [
            {"form": "cartrail/2"},
            {"extra": 1},
            {"sequence": "1"},
            {"sequence": True},
            {"sequence": -1},
            {"recorded_at": "2026-03-02T08:00:00Z"},
            {"recorded_at": "2026-02-30T08:00:00.000Z"},
            {"previous": "ab"},
            {"registry": {"sequence": 1}},
            {"registry": {"sequence": 2**53 - 1, "digest": "0" * 64}},
            {"signatures": {}},
            {"signatures": [{}]},
            {"statement": []},
            {"statement": None},
        ],
    )
    def test_a_wrong_envelope_is_a_finding(self, copy: Copy, change: dict[str, Any]) -> None:
        with tampering(copy.path) as connection:
            forger = Forger(connection)
            forger.put(copy.coi, 1, canonical({**forger.entry(copy.coi, 1), **change}))
        verdict = copy.verify()
        assert verdict.exit_code == 4
        assert any((copy.coi, 1) in places(verdict, check) for check in steps_found(verdict) - {Check.DIGEST})

    @pytest.mark.parametrize(
        "change",
        [
            {"event_id": "x"},
            {"act": "0198c0de-0000-4000-8000-000000000000"},
            {"chain": "elsewhere"},
            {"chain": REGISTRY},
            {"kind": "site_added"},
            {"kind_version": 0},
            {"kind_version": "1"},
            {"offset": "+99:00"},
            {"actor": "\u001b[2J"},
            {"entry": {"mode": "dreamt", "by": "ANN"}},
            {"reads": [{}]},
            {"reads": [{"field": "x", "code": {"commitment": "ab"}, "mode": "manual", "carrier": "x"}]},
            {"outside_rules": "none"},
            {"payload": {"identifiers_matched": "2"}},
            {"payload": {"identifiers_matched": 2, "remark": None}},
            {"payload": {"identifiers_matched": 2, "more": 1}},
            {"payload": [1]},
        ],
    )
    def test_a_wrong_statement_is_a_finding(self, copy: Copy, change: dict[str, Any]) -> None:
        with tampering(copy.path) as connection:
            Forger(connection).rewrite(copy.coi, 1, lambda entry: entry["statement"].update(change))
        verdict = copy.verify()
        assert verdict.exit_code == 4
        assert (copy.coi, 1) in {(finding.chain, finding.sequence) for finding in verdict.findings}
        assert all(finding.message.isprintable() for finding in verdict.findings)

    def test_no_mutation_of_any_body_passes(self, copy: Copy) -> None:
        """Each entry in turn, twice, by edits that a seed gives: what is tried never depends on what was."""
        with tampering(copy.path) as connection:
            rows = connection.execute(
                "SELECT chain, sequence, body FROM custody_event ORDER BY event_id, sequence"
            ).fetchall()
        for number, (chain, sequence, body) in enumerate(rows * 2):
            changed = mutated(body, random.Random(number))
            assert changed != body
            with tampering(copy.path) as connection:
                Forger(connection).put(chain, sequence, changed)
            verdict = copy.verify()
            with tampering(copy.path) as connection:
                Forger(connection).put(chain, sequence, body)
            assert verdict.exit_code == 4, (number, changed)
            assert (chain, sequence) in {(finding.chain, finding.sequence) for finding in verdict.findings}
        assert copy.verify().exit_code == 0

    @settings(max_examples=300)
    @given(body=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
    def test_no_bytes_raise(self, body: bytes) -> None:
        journal = Journal()
        row = StoredRow("CD234567892", 0, "x", "y", "z", body, None, None)
        assert examine(row, journal).entry is None
        assert any(step.findings for step in journal.steps())


class TestColumns:
    @pytest.mark.parametrize("chain", [REGISTRY, "coi"])
    @pytest.mark.parametrize(
        ("column", "value", "check"),
        [
            ("digest", "0" * 64, Check.DIGEST),
            ("digest", b"\x00", Check.DIGEST),
            ("digest", "\ud800", Check.DIGEST),
            ("statement_digest", "0" * 64, Check.DIGEST),
            ("event_id", "0198c0de-0000-7000-8000-000000000000", Check.DIGEST),
            ("event_id", 7, Check.DIGEST),
            ("sequence", 9_000, Check.SEQUENCE),
            ("sequence", "two", Check.SEQUENCE),
            ("sequence", 1.5, Check.SEQUENCE),
            ("body", "text", Check.FORM),
            ("body", 12, Check.FORM),
        ],
    )
    def test_each_altered_column_is_a_finding(
        self, copy: Copy, chain: str, column: str, value: object, check: Check
    ) -> None:
        name = copy.coi if chain == "coi" else chain
        with tampering(copy.path) as connection:
            stored = "CAST(x'FF' AS TEXT)" if value == "\ud800" else "?"
            values = () if value == "\ud800" else (value,)
            connection.execute(
                f"UPDATE custody_event SET {column} = {stored} WHERE chain = ? AND sequence = 2",
                (*values, name),
            )
        verdict = copy.verify()
        assert verdict.exit_code == 4
        assert name in {chain for chain, _ in places(verdict, check)}
        if column != "sequence":
            assert (name, 2) in places(verdict, check)

    @pytest.mark.parametrize("value", ["CD234567892", REGISTRY, "zzz", b"\x01", "\ud800", 5])
    def test_an_altered_chain_is_missed_where_it_was(self, copy: Copy, value: object) -> None:
        with tampering(copy.path) as connection:
            stored = "CAST(x'FF' AS TEXT)" if value == "\ud800" else "?"
            values = () if value == "\ud800" else (value,)
            connection.execute(
                f"UPDATE custody_event SET chain = {stored}, sequence = sequence + 500"
                " WHERE chain = ? AND sequence = 1",
                (*values, copy.coi),
            )
        verdict = copy.verify()
        assert verdict.exit_code == 4
        assert (copy.coi, 1) in places(verdict, Check.SEQUENCE)
        assert len(places(verdict, Check.SEQUENCE)) > 1

    def test_swapped_digests_are_named_on_both(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            rows = connection.execute(
                "SELECT digest, sequence FROM custody_event WHERE chain = ? AND sequence < 2", (copy.coi,)
            ).fetchall()
            for digest, sequence in rows:
                where = "WHERE chain = ? AND sequence = ?"
                connection.execute(
                    f"UPDATE custody_event SET digest = ? {where}", (digest, copy.coi, 1 - sequence)
                )
        assert places(copy.verify(), Check.DIGEST) == {(copy.coi, 0), (copy.coi, 1)}


class TestChains:
    def test_a_deleted_entry_is_named_by_its_place(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            connection.execute("DELETE FROM custody_event WHERE chain = ? AND sequence = 1", (copy.coi,))
        verdict = copy.verify()
        assert verdict.exit_code == 4
        assert (copy.coi, 1) in places(verdict, Check.SEQUENCE)
        assert (copy.coi, 1) in places(verdict, Check.LEAVES)

    def test_a_deleted_registry_entry_is_named(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            connection.execute("DELETE FROM custody_event WHERE chain = 'registry' AND sequence = 0")
        verdict = copy.verify()
        assert verdict.exit_code == 4
        assert (REGISTRY, 0) in places(verdict, Check.SEQUENCE)

    def test_a_chain_cut_at_its_end_shows_in_queue_and_read_tables(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            connection.execute("DELETE FROM custody_event WHERE chain = ? AND sequence = 3", (copy.coi,))
        verdict = copy.verify()
        assert places(verdict, Check.LEAVES) == {(copy.coi, 3)}
        assert steps_found(verdict) >= {Check.LEAVES, Check.READ_TABLES, Check.COMMITMENTS} - {
            Check.COMMITMENTS
        }

    def test_nothing_in_the_store_shows_a_chain_that_was_cut_everywhere(self, copy: Copy) -> None:
        """The honest negative: until paper holds a head, an owner can take the end off a chain."""
        with tampering(copy.path) as connection:
            for table in ("custody_event", "log_pending"):
                connection.execute(f"DELETE FROM {table} WHERE chain = ?", (copy.story.other,))
            for table in ("therapy", "unit", "scan_code", "therapy_history"):
                connection.execute(f"DELETE FROM {table} WHERE coi = ?", (copy.story.other,))
            connection.execute("DELETE FROM erasable WHERE chain = ?", (copy.story.other,))
        verdict = copy.verify()
        assert (verdict.exit_code, verdict.chains) == (0, 2)
        assert any("a chain cut at its end" in text for text in verdict.unchecked)

    def test_only_its_receipt_shows_it(self, copy: Copy) -> None:
        receipt = self.receipt_of(copy, copy.story.other, 0)
        self.test_nothing_in_the_store_shows_a_chain_that_was_cut_everywhere(copy)
        assert verify_store(copy.url, receipts=[receipt]).exit_code == 4

    @staticmethod
    def receipt_of(copy: Copy, chain: str, sequence: int) -> str:
        connection = sqlite3.connect(copy.path)
        statement = Forger(connection).entry(chain, sequence)["statement"]
        connection.close()
        return receipt_code(plain_digest(canonical(statement))).text

    def test_a_deletion_with_every_link_made_again_leaves_the_read_tables(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            connection.execute("DELETE FROM custody_event WHERE chain = ? AND sequence = 1", (copy.coi,))
            Forger(connection).reseal(copy.coi)
        verdict = copy.verify()
        assert steps_found(verdict) == {Check.READ_TABLES, Check.COMMITMENTS}

    def test_two_swapped_entries_are_named(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            forger = Forger(connection)
            first, second = forger.body(copy.coi, 1), forger.body(copy.coi, 2)
            forger.put(copy.coi, 1, second)
            forger.put(copy.coi, 2, first)
        verdict = copy.verify()
        for check in (Check.SEQUENCE, Check.DIGEST):
            assert places(verdict, check) >= {(copy.coi, 1), (copy.coi, 2)}
        assert (copy.coi, 1) in places(verdict, Check.PREVIOUS)

    def test_an_edit_without_new_links_breaks_the_next_link(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            forger = Forger(connection)
            entry = forger.entry(copy.coi, 1)
            entry["statement"]["site"] = "ELSEWHERE"
            forger.put(copy.coi, 1, canonical(entry))
        verdict = copy.verify()
        assert places(verdict, Check.PREVIOUS) == {(copy.coi, 2)}
        assert places(verdict, Check.SIGNATURES) == {(copy.coi, 1)}

    def test_an_edit_with_new_links_breaks_its_signature(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            Forger(connection).rewrite(
                copy.coi, 1, lambda entry: entry["statement"].update(occurred_at="2026-03-02T07:00:00.000Z")
            )
        verdict = copy.verify()
        assert places(verdict, Check.SIGNATURES) == {(copy.coi, 1)}
        assert steps_found(verdict) <= {Check.SIGNATURES, Check.READ_TABLES}

    def test_an_edit_of_the_registry_with_new_links_breaks_every_later_head(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            Forger(connection).rewrite(
                REGISTRY, 1, lambda entry: entry["statement"]["payload"].update(title="Another place")
            )
        verdict = copy.verify()
        assert (copy.coi, 0) in places(verdict, Check.REGISTRY_HEAD)
        assert (copy.story.other, 0) in places(verdict, Check.REGISTRY_HEAD)

    def test_doubles_where_the_key_was_dropped(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            connection.execute("CREATE TABLE other AS SELECT * FROM custody_event")
            connection.execute("DROP TABLE custody_event")
            connection.execute("ALTER TABLE other RENAME TO custody_event")
            connection.execute(
                "INSERT INTO custody_event SELECT * FROM custody_event WHERE chain = ? AND sequence = 1",
                (copy.coi,),
            )
        verdict = copy.verify()
        assert (copy.coi, 1) in places(verdict, Check.SEQUENCE)
        assert said(verdict, "two entries with this sequence")
        assert said(verdict, "stands on more than one entry")

    @pytest.mark.parametrize(
        ("change", "text"),
        [
            ({"registry": None}, "no registry head"),
            ({"registry": {"sequence": 99, "digest": "0" * 64}}, "not there"),
            ({"registry": {"sequence": 16, "digest": "0" * 64}}, "that entry has"),
            ({"recorded_at": "2026-03-02T07:30:00.000Z"}, "before the entry before it"),
            ({"recorded_at": "2026-03-02T07:30:00.000Z"}, "more than 120 s before registry entry"),
        ],
    )
    def test_registry_heads_and_times(self, copy: Copy, change: dict[str, Any], text: str) -> None:
        with tampering(copy.path) as connection:
            Forger(connection).rewrite(copy.coi, 2, lambda entry: entry.update(change))
        verdict = copy.verify()
        assert (copy.coi, 2) in places(verdict, Check.REGISTRY_HEAD)
        assert said(verdict, text)

    def test_a_head_that_goes_back_or_was_long_followed(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            forger = Forger(connection)
            old = forger.run(
                "SELECT sequence, digest FROM custody_event WHERE chain = 'registry' AND sequence = 13"
            ).fetchone()
            head = {"sequence": old[0], "digest": old[1]}
            forger.rewrite(copy.coi, 2, lambda entry: entry.update(registry=head))
        verdict = copy.verify()
        assert (copy.coi, 2) in places(verdict, Check.REGISTRY_HEAD)
        assert said(verdict, "after an entry that named")
        assert said(verdict, "followed by another")

    def test_a_registry_entry_names_no_head(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            head = {"sequence": 0, "digest": "0" * 64}
            Forger(connection).rewrite(REGISTRY, 15, lambda entry: entry.update(registry=head))
        assert (REGISTRY, 15) in places(copy.verify(), Check.REGISTRY_HEAD)

    def test_a_store_that_was_never_founded(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path / 'empty.db'}"
        Store.create(url).close()
        verdict = verify_store(url)
        assert verdict.exit_code == 4
        assert places(verdict, Check.SEQUENCE) == {(REGISTRY, 0)}


class TestForgedEntries:
    """Somebody who owns the database makes everything fit, except what only a person's key can make."""

    def forged(self, copy: Copy, forger: Forger, kind: str = "closed", **payload: object) -> dict[str, Any]:
        last = forger.entry(copy.coi, forger.length(copy.coi) - 1)
        statement = {
            **last["statement"],
            "event_id": "0198c0de-0000-7000-8000-000000000001",
            "act": "0198c0de-0000-7000-8000-000000000001",
            "kind": kind,
            "payload": payload,
            "reads": [],
        }
        return {**last, "statement": statement, "signatures": []}

    def test_unsigned_it_lacks_what_its_protocol_asks(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            forger = Forger(connection)
            number = forger.append(copy.coi, self.forged(copy, forger))
        verdict = copy.verify()
        assert places(verdict, Check.SIGNATURES) == {(copy.coi, number)}
        assert said(verdict, "needs 1 signature and has 0")

    def test_one_signature_is_not_two(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            forger = Forger(connection)
            entry = self.forged(copy, forger, "patient_identified", identifiers_matched=2)
            number = forger.append(copy.coi, signed(entry, (copy.story.signers[ANN], PERFORMED)))
        assert places(copy.verify(), Check.SIGNATURES) == {(copy.coi, number)}

    def test_one_person_is_not_two(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            forger, ann = Forger(connection), copy.story.signers[ANN]
            entry = self.forged(copy, forger, "patient_identified", identifiers_matched=2)
            number = forger.append(copy.coi, signed(entry, (ann, PERFORMED), (ann, WITNESSED)))
        verdict = copy.verify()
        assert places(verdict, Check.SIGNATURES) == {(copy.coi, number)}
        assert said(verdict, "signs 2 times")

    def test_a_key_of_nobody(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            forger = Forger(connection)
            entry = self.forged(copy, forger)
            number = forger.append(copy.coi, self.by_stranger(entry, ANN, "Ann Ashgrove"))
        verdict = copy.verify()
        assert places(verdict, Check.SIGNATURES) == {(copy.coi, number)}
        assert said(verdict, "the registry did not hold")

    @staticmethod
    def by_stranger(entry: dict[str, Any], staff: str, name: str) -> dict[str, Any]:
        digest = plain_digest(canonical(entry["statement"]))
        signature = sign(
            Ed25519PrivateKey.generate(),
            statement_digest=digest,
            signer=staff,
            name=name,
            meaning=PERFORMED,
            signed_at=MORNING,
        )
        return {**entry, "signatures": [signature.to_json()]}

    def test_another_persons_key(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            forger = Forger(connection)
            entry = signed(self.forged(copy, forger), (copy.story.signers[BEN], PERFORMED))
            entry["signatures"][0]["signer"] = ANN
            number = forger.append(copy.coi, entry)
        verdict = copy.verify()
        assert places(verdict, Check.SIGNATURES) == {(copy.coi, number)}
        assert said(verdict, "which is that of BEN")

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("name", "Ann Ashgrove"),
            ("meaning", "approved"),
            ("signed_at", "2026-03-02T08:00:00.000Z"),
            ("value", "A" * 86 + "=="),
            ("value", "not base64"),
            ("value", ""),
            ("key", "0" * 16),
        ],
    )
    def test_each_part_of_a_signature_is_bound(self, copy: Copy, field: str, value: str) -> None:
        with tampering(copy.path) as connection:
            forger = Forger(connection)
            last = forger.length(copy.coi) - 1
            forger.rewrite(copy.coi, last, lambda entry: entry["signatures"][0].update({field: value}))
        verdict = copy.verify()
        assert places(verdict, Check.SIGNATURES) == {(copy.coi, last)}
        assert steps_found(verdict) == {Check.SIGNATURES}

    def test_signatures_moved_to_another_entry(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            forger = Forger(connection)
            moved = forger.entry(copy.coi, 0)["signatures"]
            forger.rewrite(copy.coi, 2, lambda entry: entry.update(signatures=moved))
        assert places(copy.verify(), Check.SIGNATURES) == {(copy.coi, 2)}

    def test_a_removed_signature(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            Forger(connection).rewrite(copy.coi, 1, lambda entry: entry["signatures"].pop())
        verdict = copy.verify()
        assert places(verdict, Check.SIGNATURES) == {(copy.coi, 1)}
        assert steps_found(verdict) == {Check.SIGNATURES}

    def registry_entry(self, forger: Forger, kind: str, **payload: object) -> dict[str, Any]:
        last = forger.entry(REGISTRY, forger.length(REGISTRY) - 1)
        identity = f"0198c0de-0000-7000-8000-{forger.length(REGISTRY):012d}"
        changes = {"event_id": identity, "act": identity, "kind": kind, "payload": payload, "reads": []}
        return {**last, "statement": {**last["statement"], **changes}, "signatures": []}

    def test_a_retired_key_counts_no_more(self, copy: Copy) -> None:
        ann, ben = copy.story.signers[ANN], copy.story.signers[BEN]
        with tampering(copy.path) as connection:
            forger = Forger(connection)
            retired = self.registry_entry(forger, "key_retired", owner=ANN, key=ann.key)
            number = forger.append(REGISTRY, signed(retired, (ben, PERFORMED)))
            digest = forger.run(
                "SELECT digest FROM custody_event WHERE chain = 'registry' AND sequence = ?", (number,)
            ).fetchone()[0]
            entry = {**self.forged(copy, forger), "registry": {"sequence": number, "digest": digest}}
            at = forger.append(copy.coi, signed(entry, (ann, PERFORMED)))
        verdict = copy.verify()
        assert places(verdict, Check.SIGNATURES) == {(copy.coi, at)}
        assert said(verdict, f"retired by registry entry {number}")

    def test_a_key_given_to_somebody_without_their_signature(self, copy: Copy) -> None:
        stranger = Ed25519PrivateKey.generate()
        public = stranger.public_key().public_bytes_raw()
        key = key_id(public)
        with tampering(copy.path) as connection:
            forger = Forger(connection)
            added = self.registry_entry(forger, "key_added", owner=ANN, key=key, public=public_text(public))
            forger.append(REGISTRY, added)
            number = forger.append(REGISTRY, self.registry_entry(forger, "key_activated", owner=ANN, key=key))
        verdict = copy.verify()
        assert places(verdict, Check.SIGNATURES) == {(REGISTRY, number)}
        assert said(verdict, "ANN did not sign the activation")
        assert said(verdict, "nobody witnessed")

    def test_a_key_whose_id_is_not_its_own(self, copy: Copy) -> None:
        public = public_text(Ed25519PrivateKey.generate().public_key().public_bytes_raw())
        with tampering(copy.path) as connection:
            forger = Forger(connection)
            added = self.registry_entry(forger, "key_added", owner=ANN, key="0" * 16, public=public)
            number = forger.append(REGISTRY, added)
        assert places(copy.verify(), Check.FORM) == {(REGISTRY, number)}

    @pytest.mark.parametrize(
        ("kind", "payload"),
        [
            ("person_added", {"staff": "MALLORY", "name": "Mallory"}),
            ("badge_revoked", {"badge": "PD234567892"}),
            ("key_retired", {"owner": "BEN", "key": "0" * 16}),
            ("key_added", {"owner": "log", "key": "0" * 16, "public": "A" * 43 + "="}),
        ],
    )
    def test_an_unsigned_registry_entry(self, copy: Copy, kind: str, payload: dict[str, object]) -> None:
        with tampering(copy.path) as connection:
            forger = Forger(connection)
            number = forger.append(REGISTRY, self.registry_entry(forger, kind, **payload))
        assert (REGISTRY, number) in places(copy.verify(), Check.SIGNATURES)

    def test_the_founding_act_is_not_added_to_later(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            forger = Forger(connection)
            entry = self.registry_entry(forger, "person_added", staff="MALLORY", name="Mallory")
            entry["statement"]["act"] = forger.entry(REGISTRY, 0)["statement"]["act"]
            number = forger.append(REGISTRY, entry)
        assert places(copy.verify(), Check.SIGNATURES) == {(REGISTRY, number)}

    def test_a_chain_that_does_not_begin_with_its_enrolment(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            connection.execute("DELETE FROM custody_event WHERE chain = ? AND sequence = 0", (copy.coi,))
            Forger(connection).reseal(copy.coi)
        verdict = copy.verify()
        assert (copy.coi, 0) in places(verdict, Check.READ_TABLES)
        assert said(verdict, "not with its own enrolment")

    def test_a_protocol_that_was_never_adopted(self, copy: Copy) -> None:
        ann = copy.story.signers[ANN]
        with tampering(copy.path) as connection:
            forger = Forger(connection)

            def other_protocol(entry: dict[str, Any]) -> None:
                entry["statement"]["payload"]["protocol"]["sha256"] = "0" * 64
                entry.update(signed(entry, (ann, PERFORMED)))

            forger.rewrite(copy.story.other, 0, other_protocol)
        assert (copy.story.other, 0) in places(copy.verify(), Check.ATTACHMENTS)

    def test_a_newer_kind_is_evidence_that_is_not_understood(self, copy: Copy) -> None:
        ann = copy.story.signers[ANN]
        with tampering(copy.path) as connection:
            forger = Forger(connection)
            entry = self.forged(copy, forger, "teleported", to="MARS")
            number = forger.append(copy.coi, signed(entry, (ann, PERFORMED)))
        verdict = copy.verify()
        assert (verdict.exit_code, verdict.findings) == (6, ())
        assert {(gap.chain, gap.sequence, gap.step) for gap in verdict.gaps} == {
            (copy.coi, number, Check.FORM),
            (copy.coi, number, Check.READ_TABLES),
        }
        assert verdict.steps[Check.FORM - 1].outcome is StepOutcome.NOT_CHECKED

    def test_a_finding_goes_before_what_is_not_understood(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            forger = Forger(connection)
            entry = self.forged(copy, forger, "teleported", to="MARS")
            entry = signed(entry, (copy.story.signers[ANN], PERFORMED))
            entry["signatures"][0]["name"] = "Ann"
            forger.append(copy.coi, entry)
        verdict = copy.verify()
        assert (verdict.exit_code, steps_found(verdict)) == (4, {Check.SIGNATURES})


class TestReadTables:
    @pytest.mark.parametrize(
        ("table", "column"),
        [
            *(("therapy", name) for name in THERAPIES.columns[1:]),
            *(("unit", name) for name in UNITS.columns),
            *(("scan_code", name) for name in CODES.columns),
        ],
    )
    def test_each_column_is_compared_with_replay(self, copy: Copy, table: str, column: str) -> None:
        value: object = 77 if column in ("sequence", "quarantined") else "elsewhere"
        with tampering(copy.path) as connection:
            key = {"therapy": "coi", "unit": "unit", "scan_code": "code"}[table]
            of = copy.coi if table == "therapy" else copy.story.bag
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (value, of))
        verdict = copy.verify()
        assert verdict.exit_code == 4
        assert steps_found(verdict) == {Check.READ_TABLES}
        assert copy.coi in {chain for chain, _ in places(verdict, Check.READ_TABLES)}

    @pytest.mark.parametrize("value", [b"\x00", None, "\ud800"])
    def test_what_no_column_should_hold_is_a_finding(self, copy: Copy, value: object) -> None:
        with tampering(copy.path) as connection:
            connection.execute("PRAGMA writable_schema = ON")
            stored, values = ("CAST(x'FF' AS TEXT)", ()) if value == "\ud800" else ("?", (value,))
            connection.execute(f"UPDATE unit SET site = {stored}, custodian = 'x'", values)
        assert steps_found(copy.verify()) == {Check.READ_TABLES}

    @pytest.mark.parametrize("table", ["therapy", "unit", "scan_code"])
    def test_a_row_that_is_gone(self, copy: Copy, table: str) -> None:
        with tampering(copy.path) as connection:
            connection.execute(f"DELETE FROM {table} WHERE coi = ?", (copy.coi,))
        verdict = copy.verify()
        assert copy.coi in {chain for chain, _ in places(verdict, Check.READ_TABLES)}
        assert said(verdict, f"the table {table} has no row")

    @pytest.mark.parametrize("coi", ["CD222222222", "ZZZ", REGISTRY, ""])
    def test_a_row_of_a_therapy_that_never_was(self, copy: Copy, coi: str) -> None:
        with tampering(copy.path) as connection:
            connection.execute(
                "INSERT INTO therapy SELECT ?, sequence, stage, status, protocol, protocol_version,"
                " collection_site, manufacturing_site, treatment_site, waits_until, breach_at, at_risk,"
                " begun, promised, stalled_at, noted_at, duty_from, attention, document, updated_at,"
                " updated_hour"
                " FROM therapy WHERE coi = ?",
                (coi, copy.coi),
            )
            connection.execute(
                "INSERT INTO scan_code VALUES ('X', ?, 0, 'U', 'X', NULL, NULL, 'active')", (coi,)
            )
        verdict = copy.verify()
        assert places(verdict, Check.READ_TABLES) == {(coi, None)}
        assert said(verdict, "the table scan_code has a row X")

    def test_a_row_to_which_no_entry_leads(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            connection.execute(
                "INSERT INTO scan_code VALUES ('X', ?, 1, 'U', 'X', NULL, NULL, 'active')", (copy.coi,)
            )
        assert places(copy.verify(), Check.READ_TABLES) == {(copy.coi, 1)}


class TestWhatIsHeld:
    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("value", '"0012346"'),
            ("value", "not json"),
            ("value", '"0012345" '),
            ("value", "1.5"),
            ("value", "[" * 5000),
            ("value", b"\xff"),
            ("salt", b"\x00" * 32),
            ("salt", b""),
            ("salt", "text"),
            ("field", "name"),
            ("commitment", "0" * 64),
        ],
    )
    def test_an_altered_opening(self, copy: Copy, column: str, value: object) -> None:
        with tampering(copy.path) as connection:
            event = Forger(connection).entry(copy.coi, 0)["statement"]["event_id"]
            first = connection.execute(
                "SELECT commitment FROM erasable WHERE event_id = ?", (event,)
            ).fetchone()
            connection.execute(
                f"UPDATE erasable SET {column} = ? WHERE event_id = ? AND commitment = ?",
                (value, event, *first),
            )
        verdict = copy.verify()
        assert verdict.exit_code == 4
        assert places(verdict, Check.COMMITMENTS) == {(copy.coi, 0)}

    def test_an_opening_for_another_entry_or_none(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            other = Forger(connection).entry(copy.coi, 2)["statement"]["event_id"]
            connection.execute(
                "INSERT INTO erasable SELECT ?, commitment, chain, field, salt, value FROM erasable"
                " WHERE chain = ? AND field <> 'request' LIMIT 1",
                (other, copy.coi),
            )
            connection.execute(
                "INSERT INTO erasable SELECT 'nobody', commitment, chain, field, salt, value FROM erasable"
                " WHERE chain = ? AND field <> 'request' LIMIT 1",
                (copy.coi,),
            )
        assert places(copy.verify(), Check.COMMITMENTS) == {(copy.coi, 2), (copy.coi, None)}

    def test_an_opening_held_for_another_chain(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            connection.execute(
                "UPDATE erasable SET chain = ? WHERE chain = ? AND field <> 'request'",
                (copy.story.other, copy.coi),
            )
        verdict = copy.verify()
        assert (copy.coi, 0) in places(verdict, Check.COMMITMENTS)

    def test_what_was_erased_is_said_and_is_no_finding(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            connection.execute("DELETE FROM erasable WHERE field <> 'request'")
        verdict = copy.verify()
        assert verdict.exit_code == 0
        notes = verdict.steps[Check.COMMITMENTS - 1].notes
        assert notes == ("7 commitments are named; of 7 the value is no longer held",)

    def test_kept_answers_are_not_evidence(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            connection.execute("UPDATE request_answer SET answer = x'00'")
            connection.execute("UPDATE request_answer SET salt = x'00'")
        verdict = copy.verify()
        assert verdict.exit_code == 0
        assert any("kept answers to requests" in text for text in verdict.unchecked)

    @pytest.mark.parametrize("name", ["custody_event_no_update", "attachment_no_replace"])
    def test_a_guard_that_is_gone(self, copy: Copy, name: str) -> None:
        connection = sqlite3.connect(copy.path)
        connection.execute(f"DROP TRIGGER {name}")
        connection.commit()
        connection.close()
        verdict = copy.verify()
        assert (verdict.exit_code, steps_found(verdict)) == (4, {Check.GUARDS})
        assert said(verdict, name)

    def test_an_altered_attachment(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            connection.execute("UPDATE attachment SET content = content || x'0a'")
        verdict = copy.verify()
        assert verdict.exit_code == 4
        assert Check.ATTACHMENTS in steps_found(verdict)

    def test_a_missing_attachment_leaves_its_therapies_unchecked(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            connection.execute("DELETE FROM attachment")
        verdict = copy.verify()
        assert (verdict.exit_code, verdict.findings) == (6, ())
        gaps = {(gap.chain, gap.sequence, gap.step) for gap in verdict.gaps}
        assert gaps == {
            (REGISTRY, None, Check.ATTACHMENTS),
            (copy.coi, 0, Check.ATTACHMENTS),
            (copy.story.other, 0, Check.ATTACHMENTS),
        }

    def test_an_entry_that_is_neither_in_the_log_nor_waits(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            where = "WHERE chain = ? AND sequence = 1"
            connection.execute(f"DELETE FROM log_pending {where}", (copy.coi,))
        verdict = copy.verify()
        assert places(verdict, Check.LEAVES) == {(copy.coi, 1)}
        assert verdict.waiting.count == 25

    def test_an_entry_in_the_log_need_not_wait(self, copy: Copy) -> None:
        with tampering(copy.path) as connection:
            connection.execute("DELETE FROM log_pending WHERE chain = 'registry' AND sequence = 0")
            connection.execute("INSERT INTO log_leaf (leaf_index, chain, sequence) VALUES (0, 'registry', 0)")
        verdict = copy.verify()
        assert (verdict.exit_code, verdict.waiting.count) == (0, 25)

    @pytest.mark.parametrize("value", ["2026-03-02T07:00:00.000Z", "yesterday", b"\xff"])
    def test_an_altered_time_in_the_queue(self, copy: Copy, value: object) -> None:
        with tampering(copy.path) as connection:
            where = "WHERE chain = ? AND sequence = 1"
            connection.execute(f"UPDATE log_pending SET recorded_at = ? {where}", (value, copy.coi))
        assert places(copy.verify(), Check.LEAVES) == {(copy.coi, 1)}


class TestPaper:
    def receipt(self, copy: Copy, sequence: int = 1) -> str:
        return TestChains.receipt_of(copy, copy.coi, sequence)

    def test_a_receipt_of_an_entry_holds(self, copy: Copy) -> None:
        text = self.receipt(copy)
        verdict = verify_store(copy.url, receipts=[f" {text}\n"])
        assert verdict.exit_code == 0
        (place,) = verdict.receipts
        assert (place.code, place.chain, place.sequence) == (text, copy.coi, 1)
        assert place.pending
        assert verdict.steps[Check.PAPER - 1].outcome is StepOutcome.HOLDS

    def test_a_receipt_is_sought_in_the_bytes_not_in_the_column(self, copy: Copy) -> None:
        text = self.receipt(copy)
        with tampering(copy.path) as connection:
            forger = Forger(connection)
            entry = forger.entry(copy.coi, 1)
            entry["statement"]["site"] = "ELSEWHERE"
            forger.put(copy.coi, 1, canonical(entry))
        verdict = verify_store(copy.url, receipts=[text])
        assert Check.PAPER in steps_found(verdict)

    def test_a_receipt_that_is_not_here(self, copy: Copy) -> None:
        verdict = verify_store(copy.url, receipts=[self.receipt(copy), receipt_code("0" * 64).text])
        assert (verdict.exit_code, steps_found(verdict)) == (4, {Check.PAPER})
        assert len(verdict.receipts) == 1

    @pytest.mark.parametrize("text", ["", "CTR", "CTR" + "A" * 54, "x" * 10_000_000])
    def test_a_code_that_is_not_intact(self, copy: Copy, text: str) -> None:
        with pytest.raises(BadCode):
            verify_store(copy.url, receipts=[text])
        with pytest.raises(BadCode):
            verify_store(copy.url, heads=[text])

    def test_heads(self, copy: Copy) -> None:
        origin = copy.verify().origin
        large = verify_store(copy.url, heads=[head_code(origin, 5, "0" * 64).text])
        assert (large.exit_code, steps_found(large)) == (4, {Check.PAPER})
        assert not any("no outside head" in text for text in large.unchecked)
        with pytest.raises(OtherLog):
            verify_store(copy.url, heads=[head_code("cartrail/demo/other", 5, "0" * 64).text])

    def test_a_head_may_be_required(self, copy: Copy) -> None:
        assert verify_store(copy.url, require_head=True).exit_code == 6


class TestStoresThatCannotBeRead:
    def test_no_store(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError):
            verify_store(f"sqlite:///{tmp_path / 'none.db'}")
        path = tmp_path / "other.db"
        path.write_bytes(b"not a database at all" * 100)
        with pytest.raises(StoreError):
            verify_store(f"sqlite:///{path}")

    @pytest.mark.parametrize("seed", range(40))
    def test_damaged_pages_never_pass_and_never_show_a_traceback(self, copy: Copy, seed: int) -> None:
        chance = random.Random(seed)
        content = bytearray(copy.path.read_bytes())
        start = chance.randrange(4096, len(content) - 600)
        damage = chance.randbytes(chance.choice((1, 40, 600)))
        content[start : start + len(damage)] = damage
        copy.path.write_bytes(content)
        with suppress(IntegrityFailure, StoreError):
            assert copy.verify().exit_code in (0, 4, 6)


class TestPostgres:
    """The same hands on the other engine, whose owner can switch triggers off."""

    def test_tampering_is_named(self, fresh_postgres: str, tmp_path: Path) -> None:
        story = build(fresh_postgres, tmp_path / "keys")
        story.tracker.close()
        engine = sa.create_engine(sa.make_url(fresh_postgres), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text("ALTER TABLE custody_event DISABLE TRIGGER USER"))
            where = "WHERE chain = :chain AND sequence = 1"
            connection.execute(
                sa.text(f"UPDATE custody_event SET body = set_byte(body, 20, 64) {where}"),
                {"chain": story.coi},
            )
            connection.execute(
                sa.text("DELETE FROM custody_event WHERE chain = :chain AND sequence = 2"),
                {"chain": story.coi},
            )
            connection.execute(sa.text("UPDATE unit SET custodian = 'x'"))
        engine.dispose()
        verdict = verify_store(fresh_postgres)
        assert verdict.exit_code == 4
        assert (story.coi, 1) in places(verdict, Check.DIGEST)
        assert places(verdict, Check.SEQUENCE) >= {(story.coi, 2)}
        assert places(verdict, Check.LEAVES) == {(story.coi, 2)}
        assert len(verdict.steps[Check.GUARDS - 1].findings) == 3


def flipped(body: bytes, position: int) -> bytes:
    """The bytes with one bit of one of them turned."""
    return body[:position] + bytes([body[position] ^ 1]) + body[position + 1 :]


def mutated(body: bytes, chance: random.Random) -> bytes:
    """The bytes with a few replaced, removed or put in, and never the same."""
    changed = bytearray(body)
    for _ in range(chance.randint(1, 4)):
        position = chance.randrange(len(changed))
        act = chance.choice(("set", "delete", "insert"))
        if act == "set":
            changed[position] ^= chance.randint(1, 255)
        elif act == "delete":
            del changed[position]
        else:
            changed[position:position] = chance.randbytes(chance.randint(1, 5))
    return bytes(changed) if changed != body else mutated(body, chance)
