"""Entries that are truly lost: two people say so, the log goes on under another key, and it stays named."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import URL

from schema.errors import InputError, IntegrityFailure, StoreError
from schema.papercodes import head_code, parse_head, parse_receipt, receipt_code
from schema.vocabulary import Meaning, Reason
from tests.support.bundles import judged
from tests.support.evidence_story import ANN, BEN, PATIENT, STATION, Story, build, scan
from tests.support.postgres import database
from tests.support.stores import sqlite_url
from tests.tracker.test_backup import CLIENT
from tracker.answers import Answer
from tracker.backup import read_backup
from tracker.bundle.export import BundleWish, export_bundle
from tracker.concerns import CHECKS, Concern
from tracker.evidence.checkpoint import Checkpoint
from tracker.evidence.last_head import COSIGNED_FILE, SIGNED_FILE
from tracker.evidence.verification.verdict import Check
from tracker.exports.disclosure import NOTHING_MORE
from tracker.exports.dossiers import dossiers
from tracker.exports.gaps import gaps_of
from tracker.exports.selection import EventSelection
from tracker.exports.trails import Trails
from tracker.rules.registry_state import LOG_OWNER
from tracker.therapy.identity import requests as identity
from tracker.tracker import Environment, Tracker
from tracker.verification import put_back_with_loss, restore_backup, verify_store


@dataclass
class Lost:
    """A backup, and paper of what was recorded after it in a store that is gone."""

    story: Story
    folder: Path
    backup: Path
    held: int
    """How many entries of the log the backup holds."""

    size: int
    """How many the newest head saw."""

    head: str
    receipt: str
    url: str
    """Where the backup is to be put."""

    @property
    def config(self) -> Path:
        """Where this machine's keys lie, with the heads it signed and cosigned last."""
        return self.folder / "keys"

    @property
    def environment(self) -> Environment:
        """How the store is opened."""
        return Environment(self.story.clock, config=self.config)

    def put_back(self) -> None:
        """The store of the backup at its new address, and nothing said of what it lacks."""
        made, lost = put_back_with_loss(self.backup, self.url, config=self.config, heads=[self.head])
        assert made.tree_size == self.held
        assert {one.source: one.tree_size for one in lost} == {
            str(next(self.config.glob(f"*/{SIGNED_FILE}"))): self.size,
            str(next(self.config.glob(f"*/{COSIGNED_FILE}"))): self.size,
            self.head: self.size,
        }

    def accept(self, tracker: Tracker) -> Answer:
        """Ann and Ben sign that it is lost."""
        (known, *_) = put_back_with_loss(self.backup, self.url, config=self.config, heads=[self.head])[1]
        return tracker.accept_loss(
            known=known,
            actor=ANN,
            approver=BEN,
            station=STATION,
            reason=Reason.LOST_OR_STOLEN,
            remark="The disk of the hub failed.",
            signers=list(self.story.signers.values()),
        )

    def restored(self) -> Tracker:
        """The store after the loss was accepted."""
        self.put_back()
        self.story.tracker = Tracker.open_restored(url=self.url, environment=self.environment)
        answer = self.accept(self.story.tracker)
        assert answer.ok and not answer.notices, answer
        return self.story.tracker

    def verdict(self, *, heads: tuple[str, ...] = (), receipts: tuple[str, ...] = ()) -> int:
        """The exit code of the verification."""
        found = verify_store(self.url, heads=heads, receipts=receipts, config=self.config)
        return found.exit_code


@pytest.fixture(params=["sqlite", "postgresql"])
def lost(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lost]:
    """On each engine in turn; the store is gone after a step that only paper has."""
    monkeypatch.setenv("PATH", f"{CLIENT}:/usr/bin:/bin")
    if request.param == "sqlite":
        yield recorded_and_lost(sqlite_url(tmp_path / "old.db"), sqlite_url(tmp_path / "new.db"), tmp_path)
        return
    server: URL = request.getfixturevalue("postgres_server")
    with database(server) as old, database(server) as new:
        made = recorded_and_lost(old, new, tmp_path)
        yield made
        made.story.tracker.close()


@pytest.fixture
def lost_file(tmp_path: Path) -> Lost:
    """The same on SQLite alone."""
    return recorded_and_lost(sqlite_url(tmp_path / "old.db"), sqlite_url(tmp_path / "new.db"), tmp_path)


def recorded_and_lost(url: str, new: str, folder: Path) -> Lost:
    """Two therapies, a backup, one more step with its paper; then the store is closed for good."""
    story = build(url, folder / "keys")
    tracker = story.tracker
    tracker.make_station_key(actor=ANN, station=STATION, on_hub=False, signers=[story.signers[ANN]])
    tracker.integrate()
    tracker.log.cosign(STATION)
    made = tracker.back_up(url, folder / "backups")
    for _ in range(3):
        story.take(
            identity.IdentifyPatient, ANN, (BEN, Meaning.WITNESSED), coi=scan(story.coi), patient=PATIENT
        )
    tracker.integrate()
    assert tracker.log.cosign(STATION)
    head = tracker.log.head()
    assert head is not None
    tracker.close()
    receipt = receipt_code(story.digests[-1]).text
    return Lost(story, folder, made.folder, made.tree_size, head.tree_size, head.text, receipt, new)


def test_without_the_word_of_two_it_is_a_store_set_back(lost: Lost) -> None:
    """Given the store put back and nothing said, then nobody records in it, and paper finds it: 4."""
    lost.put_back()
    with pytest.raises(IntegrityFailure, match=f"a head of {lost.size} was signed"):
        Tracker.open(url=lost.url, environment=lost.environment)
    assert lost.verdict() == 4
    assert verify_store(lost.url, heads=[lost.head]).exit_code == 4
    assert verify_store(lost.url, receipts=[lost.receipt]).exit_code == 4


def test_a_loss_accepted_is_named_for_ever(lost: Lost) -> None:
    """Given the word of two, then the record holds (0), paper of what is gone is 6, a forged head 4."""
    tracker = lost.restored()
    (loss,) = tracker.registry.losses
    assert (loss.restored_size, loss.known_size) == (lost.held, lost.size)
    verdict = verify_store(lost.url, config=lost.config)
    assert verdict.exit_code == 0, verdict.findings
    assert loss.words in verdict.unchecked
    assert f"a backup of {lost.held} entries took the place of a store that held {lost.size}" in loss.words
    for heads, receipts in (((lost.head,), ()), ((), (lost.receipt,))):
        verdict = verify_store(lost.url, heads=heads, receipts=receipts)
        assert verdict.exit_code == 6
        assert "entries are lost" in verdict.gaps[0].message and verdict.gaps[0].step == Check.PAPER
    origin = tracker.registry.origin
    for size in (lost.size, lost.size + 500, lost.held):
        assert lost.verdict(heads=(head_code(origin, size, "ab" * 32).text,)) == 4
    assert tracker.log.check_head(parse_head(lost.head)).exit_code == 6
    assert "of what is gone: entries are lost" in str(tracker.log.check_head(parse_head(lost.head)))
    assert tracker.log.check_receipt(parse_receipt(lost.receipt)).exit_code == 6
    tracker.close()


def test_everybody_goes_on_the_same_day(lost: Lost) -> None:
    """The log has another key, this machine signs and cosigns again, and what it had signed is set aside."""
    old = lost.story.tracker.log.folder
    tracker = lost.restored()
    keys = [key for key in tracker.registry.keys.values() if key.owner == LOG_OWNER]
    assert [key.retired_sequence is None for key in keys] == [False, True]
    assert tracker.log.cosign(STATION)
    assert (old / f"{SIGNED_FILE}.lost-{lost.size}").is_file()
    assert (old / f"{COSIGNED_FILE}.lost-{lost.size}").is_file()
    tracker.close()
    with_key = Tracker.open(url=lost.url, environment=lost.environment)
    lost.story.tracker = with_key
    lost.story.take(
        identity.IdentifyPatient, ANN, (BEN, Meaning.WITNESSED), coi=scan(lost.story.coi), patient=PATIENT
    )
    with_key.integrate()
    assert with_key.log.cosign(STATION)
    assert lost.verdict() == 0
    with_key.close()


def test_every_later_bundle_names_it(lost: Lost) -> None:
    """A bundle of a therapy that lost nothing: 0, and said; with paper of what is gone: 6."""
    tracker = lost.restored()
    out = lost.folder / "bundle.zip"
    wish = BundleWish(ANN, STATION, (lost.story.other,))
    export_bundle(tracker, wish, config=lost.config, out=out, signers=[lost.story.signers[ANN]])
    words = tracker.registry.losses[0].words
    content = out.read_bytes()
    verdict = judged(content)
    assert verdict.exit_code == 0 and verdict.report is not None
    assert words in verdict.report.unchecked
    for heads, receipts in (((lost.head,), ()), ((), (lost.receipt,))):
        verdict = judged(content, heads=heads, receipts=receipts)
        assert verdict.exit_code == 6 and verdict.report is not None
        assert words in str(verdict.report.gaps)
    everything = lost.folder / "everything.zip"
    wish = BundleWish(ANN, STATION, (), whole=True)
    export_bundle(tracker, wish, config=lost.config, out=everything, signers=[lost.story.signers[ANN]])
    assert judged(everything.read_bytes()).exit_code == 0
    assert judged(everything.read_bytes(), heads=(lost.head,)).exit_code == 6
    forged = head_code(tracker.registry.origin, lost.size, "ab" * 32).text
    assert judged(everything.read_bytes(), heads=(forged,)).exit_code == 4
    tracker.close()


def test_a_backup_names_it(lost_file: Lost) -> None:
    """Whoever takes it in hand reads it beside the store, before it is restored."""
    tracker = lost_file.restored()
    made = tracker.back_up(lost_file.url, lost_file.folder / "later")
    assert read_backup(made.folder).losses == (tracker.registry.losses[0].words,)
    assert read_backup(lost_file.backup).losses == ()
    tracker.close()


def test_page_one_of_every_report_names_it(lost_file: Lost) -> None:
    """Also of the therapy that lost nothing, among what is grave."""
    tracker = lost_file.restored()
    trails = Trails(tracker, [lost_file.story.other], EventSelection())
    found = list(dossiers(trails, NOTHING_MORE))
    checks = gaps_of(found, tracker.clock.now())
    (gap,) = (one for one in checks if one.concern is Concern.RESTORED)
    assert gap.findings == (f"{lost_file.story.other}: {tracker.registry.losses[0].words}",)
    assert gap.title == "Store restored with loss" and gap.is_grave and Concern.RESTORED in CHECKS
    tracker.close()


def test_a_store_set_back_after_the_loss_is_still_caught(lost_file: Lost) -> None:
    """The loss excuses what was signed before it, and nothing that was signed after it."""
    tracker = lost_file.restored()
    tracker.close()
    path = lost_file.folder / "new.db"
    shutil.copy(path, lost_file.folder / "earlier.db")
    tracker = Tracker.open(url=lost_file.url, environment=lost_file.environment)
    lost_file.story.tracker = tracker
    lost_file.story.take(
        identity.IdentifyPatient,
        ANN,
        (BEN, Meaning.WITNESSED),
        coi=scan(lost_file.story.coi),
        patient=PATIENT,
    )
    size = tracker.integrate().integration.tree_size
    tracker.close()
    for one in lost_file.folder.glob("new.db*"):
        one.unlink()
    shutil.copy(lost_file.folder / "earlier.db", path)
    with pytest.raises(IntegrityFailure, match=f"a head of {size} was signed"):
        Tracker.open(url=lost_file.url, environment=lost_file.environment)
    assert lost_file.verdict() == 4


def test_it_is_put_back_once_more_where_signing_failed(lost_file: Lost) -> None:
    """Given a store put back and not yet signed for, then the same command goes on; later it refuses."""
    lost_file.put_back()
    tracker = lost_file.restored()
    tracker.close()
    with pytest.raises(StoreError, match="already"):
        lost_file.put_back()
    assert lost_file.verdict() == 0


def test_where_nothing_is_lost(lost_file: Lost) -> None:
    """A backup that holds all that is known is restored without a word; nobody can say otherwise."""
    nowhere = lost_file.folder / "none"
    with pytest.raises(InputError, match="saw more than this backup"):
        put_back_with_loss(lost_file.backup, lost_file.url, config=nowhere)
    assert restore_backup(lost_file.backup, lost_file.url, config=nowhere).exit_code == 0


def test_one_person_accepts_no_loss(lost_file: Lost) -> None:
    """An administrator alone, approving their own word, is refused, and the store stays as it was."""
    lost_file.put_back()
    tracker = Tracker.open_restored(url=lost_file.url, environment=lost_file.environment)
    known = put_back_with_loss(lost_file.backup, lost_file.url, config=lost_file.config)[1][0]
    answer = tracker.accept_loss(
        known=known, actor=ANN, approver=ANN, station=STATION, reason=Reason.LOST_OR_STOLEN, remark=None,
        signers=[lost_file.story.signers[ANN]],
    )  # fmt: skip
    assert not answer.ok
    assert tracker.registry.losses == ()
    tracker.close()


def test_a_stations_head_says_how_much_is_gone(lost_file: Lost) -> None:
    """Given only the file of another machine, then it is the newest known; a file that is none is refused."""
    nowhere = lost_file.folder / "none"
    (path,) = lost_file.config.glob(f"*/{COSIGNED_FILE}")
    with pytest.raises(IntegrityFailure, match=f"saw {lost_file.size}"):
        restore_backup(lost_file.backup, lost_file.url, config=nowhere, head_files=[path])
    with pytest.raises(InputError, match="holds no head of the log"):
        restore_backup(lost_file.backup, lost_file.url, config=nowhere, head_files=[nowhere / "station.head"])
    _, (seen,) = put_back_with_loss(lost_file.backup, lost_file.url, config=nowhere, head_files=[path])
    assert (seen.source, seen.tree_size) == (str(path), lost_file.size)


def kept_by(folder: Path, size: int, root: str, origin: str, loss: str = "") -> Path:
    """The station.head of another machine."""
    path = folder / f"dock-{size}.station.head"
    known = f"after the loss {loss}\n" if loss else ""
    path.write_text(Checkpoint(origin, size, root).text + known, encoding="ascii")
    return path


def named(tracker: Tracker, lost: Lost, path: Path) -> Answer:
    """Ann and Ben sign that this head is of what was lost."""
    return tracker.name_lost_head(
        path=path, event_id=tracker.new_event_id(), actor=ANN, approver=BEN, station=STATION,
        reason=Reason.DISK_FAILED, signers=list(lost.story.signers.values()),
    )  # fmt: skip


def test_a_machine_that_saw_more_than_anybody_named_goes_on(lost_file: Lost) -> None:
    """Its head is refused until two people name it; then it is set aside like the others, and paper is 6."""
    tracker = lost_file.restored()
    origin, size = tracker.registry.origin, lost_file.size + 40
    path = kept_by(lost_file.folder, size, "cd" * 32, origin)
    head = head_code(origin, size, "cd" * 32).text
    assert lost_file.verdict(heads=(head,)) == 4
    (folder,) = {one.parent for one in lost_file.config.glob(f"*/{SIGNED_FILE}")}
    shutil.copy(path, folder / COSIGNED_FILE)
    with pytest.raises(IntegrityFailure, match=f"a head of {size} was signed"):
        tracker.log.require_not_set_back()
    assert named(tracker, lost_file, path).ok
    tracker.log.require_not_set_back()
    assert tracker.log.cosign(STATION)
    assert (folder / f"{COSIGNED_FILE}.lost-{size}").is_file()
    assert lost_file.verdict(heads=(head,)) == 6 and lost_file.verdict() == 0
    assert f"a store that held {size} or more" in tracker.registry.losses[0].words
    again = named(tracker, lost_file, path)
    assert again.problem is not None and again.problem.error == "already_named"
    out = lost_file.folder / "bundle.zip"
    wish = BundleWish(ANN, STATION, (lost_file.story.other,))
    export_bundle(tracker, wish, config=lost_file.config, out=out, signers=[lost_file.story.signers[ANN]])
    verdict = judged(out.read_bytes())
    assert verdict.exit_code == 0 and verdict.report is not None
    assert tracker.registry.losses[0].words in verdict.report.unchecked
    assert judged(out.read_bytes(), heads=(head,)).exit_code == 6
    tracker.close()


def test_a_head_signed_after_the_loss_is_never_named_lost(lost_file: Lost) -> None:
    """Two people cannot explain with an old loss that the store was set back once more."""
    tracker = lost_file.restored()
    loss = tracker.registry.losses[0].event_id
    path = kept_by(lost_file.folder, lost_file.size + 40, "cd" * 32, tracker.registry.origin, loss)
    with pytest.raises(IntegrityFailure, match="signed after every loss"):
        named(tracker, lost_file, path)
    with pytest.raises(InputError, match="There is no file"):
        named(tracker, lost_file, lost_file.folder / "nothing")
    tracker.close()
