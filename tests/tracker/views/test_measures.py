"""Measures of the demo: as a plain reader finds them in the entries, and the same from both sources."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from schema.errors import ReadTableDiffers
from tests.support.journeys import Template
from tests.tracker.rules.measures.test_table import history, moment
from tracker.demo.run import DemoResult
from tracker.rules.measures.drawn import Grouping
from tracker.rules.measures.figures import TOLD_FROM, MeasureWish
from tracker.rules.measures.history import Happening
from tracker.rules.measures.table import MeasureName
from tracker.tracker import Tracker
from tracker.views.measures import MeasureReport, report

EVERYTHING = MeasureWish()
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def path(demo_result: DemoResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the demo."""
    copy = tmp_path_factory.mktemp("measured") / "demo.db"
    shutil.copyfile(demo_result.folder / "cartrail.db", copy)
    return copy


@pytest.fixture(scope="module")
def tracker(path: Path) -> Iterator[Tracker]:
    """The copy, opened for reading."""
    opened = Tracker.open(url=f"sqlite:///{path}", read_only=True)
    yield opened
    opened.close()


def from_ledger(tracker: Tracker, wish: MeasureWish = EVERYTHING) -> MeasureReport:
    return tracker.read.measures_from_ledger(wish, watch=lambda _: None)


def chains(path: Path) -> dict[str, list[dict[str, Any]]]:
    """The statements of each therapy, as JSON alone says them."""
    found: dict[str, list[dict[str, Any]]] = {}
    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            "SELECT chain, body FROM custody_event WHERE chain <> 'registry' ORDER BY chain, sequence"
        )
        for chain, body in rows:
            found.setdefault(chain, []).append(json.loads(body)["statement"])
    return found


def when(chain: list[dict[str, Any]], *kinds: str) -> list[datetime]:
    """When steps of these kinds were taken; a step of a therapy from before cartrail as paper says it."""
    found = []
    for one in chain:
        payload = one["payload"]
        if one["kind"] in kinds:
            found.append(
                payload.get("ended_at", one["occurred_at"])
                if one["kind"] == "collected"
                else one["occurred_at"]
            )
        if one["kind"] == "therapy_imported":
            told = [step for each in payload["containers"] for step in each.get("steps", ())]
            found += [step["at"] for step in (*payload.get("steps", ()), *told) if step["step"] in kinds]
        if one["kind"] == "corrected" and payload["field"] == "ended_at" and "collected" in kinds:
            found = [payload["new"] if at == payload["old"] else at for at in found]
    return sorted(datetime.fromisoformat(one) for one in found)


class TestAgainstAPlainReader:
    @pytest.mark.parametrize(
        ("name", "begins", "ends"),
        [
            (MeasureName.VEIN_TO_VEIN, ("collected",), ("infusion_started",)),
            (MeasureName.TURNAROUND, ("collected",), ("released", "released_out_of_specification")),
            (MeasureName.ORDER_TO_COLLECTION, ("enrolled",), ("collected",)),
        ],
    )
    def test_medians_and_numbers(
        self, path: Path, tracker: Tracker, name: MeasureName, begins: tuple[str, ...], ends: tuple[str, ...]
    ) -> None:
        """From the first to the first, of every therapy that has both in that order."""
        spent = []
        for chain in chains(path).values():
            since, until = when(chain, *begins), when(chain, *ends)
            is_from_paper = begins == ("enrolled",) and any(
                one["kind"] == "therapy_imported" for one in chain
            )
            if since and until and not is_from_paper:
                spent.append((until[0] - since[0]) / DAY)
        (told,) = (one.figures for one in tracker.read.measures(EVERYTHING).lines if one.name is name)
        assert len(spent) == told.count > 3
        assert told.median == (pytest.approx(median(spent)) if told.count >= TOLD_FROM else None)

    def test_counts(self, path: Path, tracker: Tracker) -> None:
        """Each prevented mix-up is one entry."""
        statements = [one for chain in chains(path).values() for one in chain]
        told = {one.name: one.figures.count for one in tracker.read.measures(EVERYTHING).lines}
        prevented = sum(one["kind"] == "mixup_prevented" for one in statements)
        assert told[MeasureName.MIXUPS_PREVENTED] == prevented > 0


class TestFromLedger:
    @pytest.mark.parametrize("by", [None, *Grouping])
    def test_both_sources_agree(self, tracker: Tracker, by: Grouping | None) -> None:
        """The table and the entries give the same figures, however they are set side by side."""
        wish = MeasureWish(by=by)
        kept, replayed = tracker.read.measures(wish), from_ledger(tracker, wish)
        assert kept.lines == replayed.lines and kept.therapies == replayed.therapies > 10
        assert replayed.differing == ()

    def test_a_row_that_was_changed_put_there_or_taken_away_is_named(
        self, path: Path, tracker: Tracker
    ) -> None:
        """The figures are then those of the entries, and the table's own are others."""
        before = tracker.read.measures(EVERYTHING)
        with sqlite3.connect(path) as connection:
            rows = connection.execute("SELECT coi, document FROM therapy_history ORDER BY coi").fetchall()
            infused = [coi for coi, document in rows if "infusion_started" in document]
            changed, gone, stray = infused[0], infused[1], "CD000000000"
            told = dict(rows)[changed]
            sooner = json.loads(told)
            sooner["steps"]["infusion_started"][0][0] = sooner["steps"]["collected"][0][0]
            update = "UPDATE therapy_history SET document = ? WHERE coi = ?"
            connection.execute(update, (json.dumps(sooner), changed))
            connection.execute("UPDATE therapy_history SET coi = ? WHERE coi = ?", (stray, gone))
        try:
            found = from_ledger(tracker)
            assert sorted(found.differing) == sorted([changed, gone, stray])
            assert found.lines == before.lines != tracker.read.measures(EVERYTHING).lines
        finally:
            with sqlite3.connect(path) as connection:
                connection.execute(update, (told, changed))
                connection.execute("UPDATE therapy_history SET coi = ? WHERE coi = ?", (gone, stray))
        assert from_ledger(tracker).differing == ()

    def test_what_is_no_history_is_an_integrity_failure(self, path: Path, tracker: Tracker) -> None:
        """It is said which row it is; what to do next is to verify."""
        with sqlite3.connect(path) as connection:
            coi, told = connection.execute("SELECT coi, document FROM therapy_history LIMIT 1").fetchone()
            connection.execute("UPDATE therapy_history SET document = '{}' WHERE coi = ?", (coi,))
        try:
            with pytest.raises(ReadTableDiffers, match=f"therapy_history of {coi}") as caught:
                tracker.read.measures(EVERYTHING)
            assert (caught.value.exit_code, "cartrail verify" in caught.value.remedy) == (4, True)
            assert from_ledger(tracker).differing == (coi,)
        finally:
            with sqlite3.connect(path) as connection:
                connection.execute("UPDATE therapy_history SET document = ? WHERE coi = ?", (told, coi))


class TestClocksOfSites:
    @pytest.mark.parametrize(
        ("site", "at", "month"),
        [
            ("COLL-A", datetime(2026, 3, 1, 4, 59, tzinfo=UTC), "2026-02"),
            ("COLL-A", datetime(2026, 3, 1, 5, 0, tzinfo=UTC), "2026-03"),
            ("COLL-A", datetime(2026, 4, 1, 3, 59, tzinfo=UTC), "2026-03"),
            ("COLL-A", datetime(2026, 4, 1, 4, 0, tzinfo=UTC), "2026-04"),
            ("MFG-1", datetime(2026, 2, 28, 23, 0, tzinfo=UTC), "2026-03"),
            ("MFG-1", datetime(2026, 3, 31, 22, 0, tzinfo=UTC), "2026-04"),
            ("MFG-1", datetime(2026, 3, 31, 21, 59, tzinfo=UTC), "2026-03"),
        ],
    )
    def test_a_month_ends_by_the_clocks_of_its_site(
        self, template: Template, site: str, at: datetime, month: str
    ) -> None:
        """New York and Europe, before and after their clocks are set on in March."""
        registry = template.snapshots["enrolled"].registry
        assert registry.zone_at("COLL-A", at) == "America/New_York"
        assert registry.zone_at("MFG-1", at).startswith("Europe/")
        happened = Happening(moment(1, 1), site, "identify")
        from msgspec.structs import replace

        one = history(mixups=(replace(happened, moment=replace(happened.moment, at=at)),))
        found = report({"T1": one}, registry, at + DAY, MeasureWish(by=Grouping.MONTH))
        told = [
            (line.group, line.figures.count)
            for line in found.lines
            if line.name is MeasureName.MIXUPS_PREVENTED
        ]
        assert told == [(month, 1)]
