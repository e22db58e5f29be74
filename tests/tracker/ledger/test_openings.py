"""Files that are found by their digest are hashed each time they are loaded."""

from dataclasses import replace
from pathlib import Path

import pytest

from schema.errors import IntegrityFailure
from tests.support.evidence_story import ANN, Story, build, scan
from tests.support.owners import owner
from tests.support.stores import CHAIN
from tracker.evidence.verification.store import verify_store
from tracker.ledger.store import Store
from tracker.people.passwords import WEAK
from tracker.protocols.library import shipped
from tracker.therapy.deviations import OpenDeviation
from tracker.tracker import Environment, Tracker

PROTOCOL = shipped("autologous-cryopreserved")


@pytest.fixture
def story(empty_url: str, tmp_path: Path) -> Story:
    """A store with a therapy, on each engine in turn."""
    return build(empty_url, tmp_path / "keys")


def opened_again(story: Story) -> Story:
    """The store as another program finds it, which has loaded nothing yet."""
    tracker = Tracker.open(url=story.url, environment=Environment(story.clock, None, WEAK))
    return replace(story, tracker=tracker)


def note(story: Story) -> None:
    """One step of the therapy."""
    story.take(OpenDeviation, ANN, coi=scan(story.coi), category="other", description="seen")


def entries(url: str) -> int:
    """How many entries a store has."""
    return verify_store(url).entries


def test_findings_d3_a_protocol_that_was_edited_is_refused(story: Story) -> None:
    """Given the pinned protocol's bytes edited in the database, then a step is refused with exit 4 by a
    program that loads it, nothing is written, and after the bytes are put back the step is taken.
    """
    story.tracker.close()
    before = entries(story.url)
    with owner(story.url) as run:
        run("UPDATE attachment SET content = ?", PROTOCOL.content + b"# and more")
    again = opened_again(story)
    with pytest.raises(IntegrityFailure) as refused:
        note(again)
    assert (refused.value.code, refused.value.exit_code) == ("file_altered", 4)
    assert "its bytes were changed in the database" in refused.value.message
    again.tracker.close()
    assert entries(story.url) == before
    with owner(story.url) as run:
        run("UPDATE attachment SET content = ?", PROTOCOL.content)
    again = opened_again(story)
    note(again)
    again.tracker.close()
    assert entries(story.url) == before + 1
    assert verify_store(story.url).exit_code == 0


def test_findings_d3_each_reader_of_a_protocol_refuses_it(story: Story, tmp_path: Path) -> None:
    """Given the same edit, then what reads the file for the command line, a label or a report refuses too."""
    with owner(story.url) as run:
        run("UPDATE attachment SET content = ?", PROTOCOL.content.replace(b"PT48H", b"PT80H"))
    again = opened_again(story).tracker
    for read in (again.read.protocol, again.read.protocol_file):
        with pytest.raises(IntegrityFailure, match="its bytes were changed in the database"):
            read(sha256=PROTOCOL.sha256)
    again.close()
    story.tracker.close()


def test_findings_d3_a_scanned_paper_that_was_edited_is_refused(store: Store) -> None:
    """Given a scan whose bytes were edited, then nobody is shown it as what was written by hand."""
    with store.begin() as transaction:
        sha256 = transaction.keep_paper(CHAIN, b"written by hand")
    with store.read() as transaction:
        assert transaction.paper(CHAIN, sha256) == b"written by hand"
    with owner(store.url) as run:
        run("UPDATE paper_scan SET content = ?", b"written by another hand")
    with store.read() as transaction, pytest.raises(IntegrityFailure, match=sha256):
        transaction.paper(CHAIN, sha256)
