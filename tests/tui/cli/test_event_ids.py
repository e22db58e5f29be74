"""A command whose end was not known: given again under its event id, nothing is recorded twice."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from schema.errors import OutcomeUnknown
from tests.support.commands import Cartrail, Site
from tracker.tracker import Tracker
from tui.cli.times import moment_of

ADD = ("person", "add", "CAM-1", "--name", "Cam Invented")


def in_doubt(cartrail: Cartrail, founded: Site, monkeypatch: pytest.MonkeyPatch, *, was_written: bool) -> str:
    """The event id that a command says whose COMMIT was lost."""
    record = Tracker.record

    def lost(tracker: Tracker, **given: Any) -> Any:
        if was_written:
            record(tracker, **given)
        raise OutcomeUnknown("The database was lost. It is not known whether this was written.")

    with monkeypatch.context() as patched:
        patched.setattr(Tracker, "record", lost)
        said = cartrail(*ADD, *founded.as_ada, exit_code=5)
    found = re.search(r"Give the same command again with --event-id (\S+): ", said.err)
    assert found is not None, said.err
    return found[1]


@pytest.mark.parametrize("was_written", [True, False])
def test_availability_a3_a_command_is_given_again_under_its_id(
    cartrail: Cartrail, founded: Site, monkeypatch: pytest.MonkeyPatch, *, was_written: bool
) -> None:
    """Whether the first one was recorded or not, there is one entry in the end, and its answer."""
    before = founded.count()
    event_id = in_doubt(cartrail, founded, monkeypatch, was_written=was_written)
    said = cartrail(*ADD, *founded.as_ada, "--event-id", event_id)
    assert event_id in said.out and "Recorded as entry" in said.err
    assert founded.count() == before + 1


def test_availability_a3_the_id_with_other_values(
    cartrail: Cartrail, founded: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is another command, and what is recorded under the id is to be looked at first."""
    event_id = in_doubt(cartrail, founded, monkeypatch, was_written=True)
    other = ("person", "add", "DAN-1", "--name", "Dan Invented")
    said = cartrail(*other, *founded.as_ada, "--event-id", event_id, exit_code=2)
    assert "It was given before, with other values." in said.err and "person list" in said.err


@pytest.mark.parametrize(
    "given",
    ["1", "not-an-id", "7d9a2a1e-5b7f-4c0f-8a44-0f1d5f0a2b3c", "ffffffff-ffff-7fff-bfff-ffffffffffff"],
    ids=["one", "word", "version 4", "made in the year 10889"],
)
def test_an_event_id_that_is_none(cartrail: Cartrail, founded: Site, given: str) -> None:
    """Only such as a command says is taken."""
    said = cartrail(*ADD, *founded.as_ada, "--event-id", given, exit_code=2)
    assert "is no event id of a command" in said.err


def test_a_command_that_asks_nothing_says_so(cartrail: Cartrail, founded: Site) -> None:
    """It is not taken in silence."""
    said = cartrail("person", "list", *founded.as_ada, "--event-id", "01900000-0000-7000-8000-000000000001")
    assert "--event-id was of no use here" in said.err


def test_when_an_event_id_was_made() -> None:
    """The example of RFC 9562, appendix A.6."""
    made = moment_of("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
    assert made == datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)
