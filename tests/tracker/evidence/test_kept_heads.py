"""What a machine signed or cosigned last, against the store that it finds."""

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from schema.errors import IntegrityFailure
from tests.support.evidence_story import ANN, Story, build, scan
from tests.support.owners import owner
from tests.support.stores import sqlite_url
from tracker.evidence.checkpoint import Checkpoint
from tracker.evidence.last_head import COSIGNED_FILE, SIGNED_FILE, KeptHead, LastHead
from tracker.evidence.log_keys import key_folder
from tracker.evidence.verification.store import verify_store
from tracker.evidence.verification.verdict import Check, StepOutcome
from tracker.people.passwords import WEAK
from tracker.rules.registry_state import RegistryState, StoreLoss
from tracker.therapy.deviations import OpenDeviation
from tracker.tracker import Environment, Tracker

LAST = "(SELECT max(leaf_index) FROM log_leaf)"


@pytest.fixture
def story(empty_url: str, tmp_path: Path) -> Story:
    """A store whose hub signed its log, on each engine in turn; its tracker is closed."""
    made = build(empty_url, tmp_path / "keys")
    made.tracker.log.integrate_and_sign()
    made.clock.advance(timedelta(minutes=1))
    made.take(OpenDeviation, ANN, coi=scan(made.coi), category="other", description="seen")
    made.tracker.log.integrate_and_sign()
    made.tracker.close()
    return made


def opened(story: Story, config: Path | None, *, read_only: bool = False) -> None:
    """Open the store as a program on that machine does."""
    environment = Environment(story.clock, None, WEAK, config)
    Tracker.open(url=story.url, environment=environment, read_only=read_only).close()


def set_back(story: Story) -> None:
    """The store as it was before its last entry, like a backup that was put in its place."""
    with owner(story.url) as run:
        run(f"DELETE FROM checkpoint WHERE tree_size > {LAST}")
        run(f"DELETE FROM log_node WHERE (node_index + 1) * (1 << CAST(level AS integer)) > {LAST}")
        run(
            f"DELETE FROM custody_event WHERE chain = ? AND sequence = (SELECT sequence FROM log_leaf"
            f" WHERE leaf_index = {LAST})",
            story.coi,
        )
        run("DELETE FROM erasable WHERE event_id NOT IN (SELECT event_id FROM custody_event)")
        run("DELETE FROM deviation_now")
        run(f"DELETE FROM log_leaf WHERE leaf_index = {LAST}")


def test_findings_d8_an_old_database_under_a_newer_head(story: Story, tmp_path: Path) -> None:
    """Given a store set back beside the head that its hub signed, then verify says so with exit 4, and it is
    opened for questions alone.
    """
    config = tmp_path / "keys"
    opened(story, config)
    assert verify_store(story.url, config=config).steps[Check.KEPT_HEADS - 1].outcome is StepOutcome.HOLDS
    set_back(story)
    verdict = verify_store(story.url, config=config)
    assert verdict.exit_code == 4
    (said,) = [one.message for one in verdict.findings if one.step == Check.KEPT_HEADS]
    size = verify_store(story.url).steps[Check.TREE - 1].notes[0].split()[0]
    assert said == (
        f"a log of {int(size) + 1} leaves was signed here (log.head), and this one has {size}:"
        " the store was set back or replaced"
    )
    with pytest.raises(IntegrityFailure, match=f"The log has {size} entries, but a head of") as refused:
        opened(story, config)
    assert refused.value.exit_code == 4 and "log.head" in refused.value.remedy
    opened(story, config, read_only=True)


def test_findings_d8_a_machine_that_signed_nothing(story: Story, tmp_path: Path) -> None:
    """Given the same store elsewhere, then nobody there can know: the step is not checked, and says why."""
    set_back(story)
    step = verify_store(story.url, config=tmp_path / "elsewhere").steps[Check.KEPT_HEADS - 1]
    assert step.outcome is StepOutcome.NOT_CHECKED
    assert step.notes == ("this machine has signed and cosigned nothing of it",)
    step = verify_store(story.url).steps[Check.KEPT_HEADS - 1]
    assert step.notes == ("no folder of keys was named",)
    opened(story, tmp_path / "elsewhere")


def test_findings_d8_another_log_of_the_same_length(tmp_path: Path) -> None:
    """Given a head of the same size with another root, then the log does not begin with it."""
    config = tmp_path / "keys"
    story = build(sqlite_url(tmp_path / "store.db"), config)
    story.tracker.log.integrate_and_sign()
    folder = key_folder(config, story.tracker.registry.origin)
    story.tracker.close()
    origin, size, _ = (folder / SIGNED_FILE).read_text().splitlines()
    (folder / COSIGNED_FILE).write_text(f"{origin}\n{size}\n{'A' * 43}=\n")
    verdict = verify_store(story.url, config=config)
    (said,) = [one.message for one in verdict.findings if one.step == Check.KEPT_HEADS]
    assert said == f"the log does not begin with the {size} leaves that station.head was of"
    with pytest.raises(IntegrityFailure, match="does not begin with"):
        opened(story, config)


@pytest.mark.parametrize("content", [None, "", "nothing\n"])
def test_findings_d8_a_head_that_is_gone_or_damaged(content: str | None, tmp_path: Path) -> None:
    """Given a hub without the head that it signed last and a store set back, then verify says exit 6, which
    file and what to do; whoever opens it for recording is told the same, and may record (G3).
    """
    config = tmp_path / "keys"
    story = build(sqlite_url(tmp_path / "store.db"), config)
    story.tracker.log.integrate_and_sign()
    folder = key_folder(config, story.tracker.registry.origin)
    story.tracker.close()
    head = folder / SIGNED_FILE
    assert verify_store(story.url, config=config).exit_code == 0
    if content is None:
        head.unlink()
        said = f"In {folder} lies log.key without log.head, though it has signed"
    else:
        head.write_text(content)
        said = f"The file {head} does not hold the head that was signed last."
    verdict = verify_store(story.url, config=config)
    assert verdict.exit_code == 6
    step = verdict.steps[Check.KEPT_HEADS - 1]
    assert step.outcome is StepOutcome.NOT_CHECKED and step.notes == ()
    (gap,) = step.gaps
    assert gap.message.startswith(said) and "Put log.head back from a backup of the keys." in gap.message
    tracker = Tracker.open(url=story.url, environment=Environment(story.clock, None, WEAK, config))
    notice = tracker.head_trouble
    tracker.close()
    assert notice is not None and notice.rule == "no_last_head" and notice.message.startswith(said)
    assert "cartrail verify --head" in notice.remedy


def test_findings_d8_a_damaged_head_stops_no_recording(tmp_path: Path) -> None:
    """Given a file that holds no head, then the store is opened and the commit alone decides an answer (G3);
    the hub does not sign until the file is put back.
    """
    config = tmp_path / "keys"
    story = build(sqlite_url(tmp_path / "store.db"), config)
    story.tracker.log.integrate_and_sign()
    (key_folder(config, story.tracker.registry.origin) / SIGNED_FILE).write_text("nothing\n")
    opened(story, config)
    story.take(OpenDeviation, ANN, coi=scan(story.coi), category="other", description="seen")
    assert story.tracker.log.try_to_integrate() is not None
    story.tracker.close()


ROOT, OTHER = "ab" * 32, "cd" * 32
FIRST = StoreLoss("loss 1", 7, "2026-03-02 13:00 (+01:00)", 5, 9, ROOT, "A-1", "disk_failed")
SECOND = StoreLoss("loss 2", 11, "2026-03-03 13:00 (+01:00)", 12, 14, ROOT, "A-1", "disk_failed")


@pytest.mark.parametrize(
    ("size", "root", "known", "before", "within"),
    [
        (8, OTHER, "", FIRST, FIRST),
        (9, OTHER, "", FIRST, None),
        (5, OTHER, "", FIRST, None),
        (13, OTHER, "", FIRST, SECOND),
        (8, OTHER, "loss 1", SECOND, None),
        (13, OTHER, "loss 1", SECOND, SECOND),
        (13, OTHER, "loss 2", None, None),
        (8, OTHER, "a loss that is gone itself", FIRST, FIRST),
    ],
)
def test_which_loss_explains_a_kept_head(
    size: int, root: str, known: str, before: StoreLoss | None, within: StoreLoss | None
) -> None:
    """Only one that was accepted after it was signed; of another log none does."""
    registry = RegistryState(origin="cartrail/here", losses=(FIRST, SECOND))
    kept = KeptHead(Path("station.head"), Checkpoint("cartrail/here", size, root), known)
    assert (kept.loss_before(registry), kept.loss_in(registry)) == (before, within)
    foreign = KeptHead(Path("station.head"), Checkpoint("cartrail/there", size, root), known)
    assert (foreign.loss_before(registry), foreign.loss_in(registry)) == (None, None)


def test_a_kept_head_names_the_newest_loss_and_sets_the_lost_one_aside(tmp_path: Path) -> None:
    """What was signed before goes under a name of its own; what is signed now is explained by no loss."""
    file = LastHead(tmp_path / COSIGNED_FILE)
    registry = RegistryState(origin="cartrail/here")
    file.write(Checkpoint("cartrail/here", 8, OTHER), registry)
    restored = replace(registry, losses=(FIRST, SECOND))
    file.write(Checkpoint("cartrail/here", 12, ROOT), restored)
    seen = file.read()
    assert seen is not None and (seen.head.tree_size, seen.known_loss) == (12, "loss 2")
    assert sorted(one.name for one in tmp_path.iterdir()) == [COSIGNED_FILE, f"{COSIGNED_FILE}.lost-8"]
