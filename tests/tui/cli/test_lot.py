"""`cartrail lot`: what is said of a recall, and that the same command given again is answered alike."""

from __future__ import annotations

from pathlib import Path

from tests.support.commands import Cartrail
from tests.support.journeys import World
from tests.support.plans import acting_as
from tests.support.process import MEDIUM
from tests.tracker.acts.test_recall import activated, made
from tui.cli.lot import _recalled

__all__ = ["made"]
EVENT = "01900000-0000-7000-8000-000000000001"


def test_a_recall_names_every_therapy_that_it_touched(made: World) -> None:
    """Given a lot in two therapies, then both stand in the answer with their units."""
    activated(made)
    rows = dict(_recalled(made.tracker, MEDIUM))
    assert rows.keys() == {"recalled", made.one.coi, made.two.coi} and rows["recalled"] == MEDIUM
    assert all(one.bag in rows[one.coi] for one in (made.one, made.two))


def test_a_recall_given_again_is_answered_as_the_first(
    cartrail: Cartrail, made: World, tmp_path: Path
) -> None:
    """Its end was not known: under the same event id the lot is not judged again."""
    acting = acting_as(made, tmp_path, "QA-1", "QA-2")
    recall = ("lot", "recall", MEDIUM, "--approved-by", "QA-2", *acting)
    first = cartrail(*recall, "--event-id", EVENT)
    before = made.count()
    again = cartrail(*recall, "--event-id", EVENT)
    assert (again.out, again.err, made.count()) == (first.out, first.err, before)
    refused = cartrail(*recall, exit_code=2).err
    assert "is recalled. Nothing more is to be written." in " ".join(refused.split())
