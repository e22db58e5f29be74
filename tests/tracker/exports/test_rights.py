"""Who held which right on a day, what ends soon, and the review of it."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from schema.vocabulary import ReviewOutcome, Role
from tests.support.commands import Cartrail, Site
from tests.support.registry_story import BEN, NOON, Story, asked, founded
from tracker.exports.rights import WholeDay, ending_within, rights_on
from tracker.registry.people.requests import DeactivatePerson, ReviewRights, RevokeRole
from tracker.rules.registry_state import RegistryState

DAY = timedelta(days=1)
TODAY = WholeDay(date(2026, 3, 2), NOON - timedelta(hours=13), NOON + timedelta(hours=11))


def day_after(number: int) -> WholeDay:
    """The day that many days after the store was founded, in Berlin."""
    return WholeDay(TODAY.day + number * DAY, TODAY.begun + number * DAY, TODAY.until + number * DAY)


class TestRightsOfADay:
    """21 CFR 11.10(d): an inspector asks who could do it that day, not who can today."""

    @pytest.fixture
    def story(self) -> Story:
        """A nurse whose training ends on the tenth day, and one who left on the second."""
        story = founded()
        story.hire("N-1")
        story.grant("N-1", Role.WARD_NURSE, training_expires_at=NOON + 10 * DAY)
        story.hire("N-2", Role.WARD_NURSE)
        return story

    @staticmethod
    def held(one: WholeDay, before: RegistryState, after: RegistryState) -> dict[str, str]:
        """What the list says of each nurse."""
        lines = rights_on(one, before, after).lines
        return {line.staff: line.state for line in lines if line.role == "ward_nurse"}

    def test_what_ended_that_day_was_held_that_day(self, story: Story) -> None:
        """The day after it is gone; training that ran out is said."""
        first = story.state
        story.later(days=1)
        (grant,) = story.state.grants_of("N-2")
        story.do(asked(RevokeRole, grant=grant.event_id))
        second = story.state
        assert self.held(TODAY, RegistryState(), first) == {"N-1": "held", "N-2": "held"}
        assert self.held(day_after(1), first, second) == {"N-1": "held", "N-2": "revoked that day"}
        assert self.held(day_after(2), second, second) == {"N-1": "held"}
        assert self.held(day_after(10), second, second) == {"N-1": "training expired"}

    def test_who_was_deactivated(self, story: Story) -> None:
        """On the day itself with that word, later not at all."""
        first = story.state
        story.do(asked(DeactivatePerson, staff="N-2"))
        assert self.held(day_after(1), first, story.state)["N-2"] == "person deactivated that day"
        assert "N-2" not in self.held(day_after(2), story.state, story.state)

    def test_a_line_says_training_key_and_who_granted_it(self, story: Story) -> None:
        """In the time of the site."""
        lines = rights_on(TODAY, RegistryState(), story.state).lines
        (line,) = [one for one in lines if one.staff == "N-1"]
        assert (line.name, line.site, line.training, line.granted_by) == (
            "Person N-1", "CENTER", "SOP 7", "A-1",
        )  # fmt: skip
        assert line.training_until == "2026-03-12 13:00 (+01:00)" and line.valid_until == ""
        assert line.key == "since 2026-03-02 13:00 (+01:00)" and line.resets == 0

    def test_what_ends_soon(self, story: Story) -> None:
        """Grant or training, whichever is first; what has ended is not to be prolonged any more."""
        until = NOON + 5 * DAY
        story.grant("N-2", Role.COURIER, valid_until=until)
        found = {
            days: [one.staff for one in ending_within(story.state, NOON, days * DAY)] for days in (4, 5, 30)
        }
        assert found == {4: [], 5: ["N-2"], 30: ["N-2", "N-1"]}
        assert [one.staff for one in ending_within(story.state, until, 30 * DAY)] == ["N-1"]


class TestReview:
    def test_quality_signs_it(self) -> None:
        """Not an administrator, not of a day to come, and not an observation without words."""
        story = founded()
        story.hire("ADM-1", Role.ADMINISTRATOR)
        terms: dict[str, Any] = {
            "day": "2026-03-02",
            "sha256": "a" * 64,
            "count": 4,
            "outcome": ReviewOutcome.ACCEPTED,
        }
        by_ben: dict[str, Any] = {"actor": BEN, "signers": "B-2 reviewed"}
        assert rights_on(TODAY, RegistryState(), story.state).last_review == "Nobody has reviewed the rights."
        for request, rule in (
            (asked(ReviewRights, actor="ADM-1", signers="ADM-1 reviewed", **terms), "role_missing"),
            (asked(ReviewRights, **by_ben, **{**terms, "day": "2026-03-04"}), "day_ahead"),
            (
                asked(ReviewRights, **by_ben, **{**terms, "outcome": ReviewOutcome.WITH_OBSERVATIONS}),
                "observation_missing",
            ),
        ):
            assert story.refusal(request) == rule
        # Where the day begins first it is the 3rd already.
        story.do(asked(ReviewRights, **by_ben, **{**terms, "day": "2026-03-03"}))
        story.do(asked(ReviewRights, **by_ben, **terms))
        review = story.state.rights_review
        assert review is not None and (review.reviewer, review.outcome) == (BEN, ReviewOutcome.ACCEPTED)
        said = rights_on(TODAY, RegistryState(), story.state).last_review
        assert said == "Last reviewed at 2026-03-02 12:00 (+00:00) by B-2: accepted."


class TestCommand:
    def test_table_csv_and_pdf(self, cartrail: Cartrail, founded: Site, tmp_path: Path) -> None:
        """The same lines in each form, signed in and noted; the review names the digest of the list."""
        today = datetime.now().astimezone().date().isoformat()
        shown = cartrail("person", "list", "--on", today, "--json", *founded.as_ada).records
        assert {(one["staff"], one["role"], one["state"]) for one in shown} == {
            (staff, role, "held") for staff in ("ADA-1", "BEN-1") for role in ("administrator", "quality")
        }
        out = tmp_path / "rights.csv"
        cartrail("person", "list", "--on", today, "--format", "csv", "--out", out, *founded.as_ada)
        rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig"))))
        assert [row["staff"] for row in rows] == [one["staff"] for one in shown]
        paper = tmp_path / "rights.pdf"
        cartrail("person", "list", "--on", today, "--format", "pdf", "--out", paper, *founded.as_ada)
        text = pypdfium2.PdfDocument(paper)[0].get_textpage().get_text_bounded()
        assert "Ada Example" in text and "Nobody has reviewed the rights." in text and "ADA-1" in text
        as_ben = ("--database", founded.path, "--as", "BEN-1", "--credentials", founded.credentials)
        cartrail("person", "review", "--on", today, *as_ben)
        said = cartrail("person", "list", "--on", today, *as_ben)
        assert "by BEN-1: accepted." in said.err
        told = " ".join(said.out.split())
        assert shown[0]["training"].split()[0] in told and f"by {shown[0]['granted_by']}" in told
        cartrail("verify", "--database", founded.path)

    @pytest.mark.parametrize(
        "asked_for",
        [
            ("--on", "2999-01-01"), ("--on", "30.11.2026"), ("--ending", "30"), ("--ending", "0d"),
            ("--format", "csv"), ("--on", "2026-11-30", "--format", "pdf"),
            ("--on", "2026-11-30", "--ending", "3d"), ("--on", "2026-11-30", "--out", "x"),
        ],
    )  # fmt: skip
    def test_bad_input(self, asked_for: tuple[str, ...], cartrail: Cartrail, founded: Site) -> None:
        """A sentence and exit 2; nothing is listed."""
        assert cartrail("person", "list", *asked_for, *founded.as_ada, exit_code=2).out == ""

    def test_ending(self, cartrail: Cartrail, founded: Site) -> None:
        """For the administrator: who needs training or a new grant, the first to end first."""
        ada = founded.as_ada
        soon = (datetime.now().astimezone() + timedelta(days=9)).isoformat(timespec="seconds")
        cartrail("person", "add", "CAM-1", "--name", "Cam Example", *ada)
        role = ("CAM-1", "courier", "--site", "PLANT", "--training", "TR-7", "--training-expires", soon)
        cartrail("person", "grant", *role, *ada)
        found = cartrail("person", "list", "--ending", "30d", "--json", *ada).records
        assert [(one["staff"], one["training"]) for one in found] == [("CAM-1", "TR-7")]
        assert "Nothing ends within 3 days" in cartrail("person", "list", "--ending", "3d", *ada).err
