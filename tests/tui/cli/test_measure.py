"""`cartrail measure`: the table, the same for programs and as files, who may see it, and what is refused."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from schema.vocabulary import Role
from tests.support.commands import Cartrail, Site
from tests.support.demos import DemoSite
from tracker.rules.measures.table import MEASURES, MeasureName
from tracker.tracker import Tracker


def with_role(tracker: Tracker, role: Role) -> str | None:
    """Somebody who has this role and no other."""
    held = tracker.registry.grants.items()
    return next((staff for staff, given in held if {one.role for one in given} == {role}), None)


class TestTheDemo:
    def test_one_line_for_each_measure(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """With its number, quartiles and median; it fits 80 columns."""
        said = cartrail("measure", "--database", demo_site.path)
        shown = said.out.splitlines()
        for row in MEASURES.values():
            assert any(line.startswith(row.title) for line in shown), row.title
        assert all(len(line.rstrip()) <= 80 for line in shown)
        assert "therapies, all sites" in said.err

    def test_for_programs(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """A record for each group; by month they come in their order."""
        records = cartrail("measure", "--database", demo_site.path, "--by", "month", "--json").records
        months = [one["group"] for one in records if one["measure"] == "vein_to_vein"]
        assert months == sorted(months) and months
        assert {one["measure"] for one in records} <= {*MeasureName}

    def test_side_by_side(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """By carrier only what has one, each carrier with its name."""
        said = cartrail("measure", "--database", demo_site.path, "--by", "carrier")
        assert "Way to the plant, hours" in said.out and "CARR-X" in said.out
        assert "Vein to vein" not in said.out

    def test_files_and_values(self, cartrail: Cartrail, demo_site: DemoSite, tmp_path: Path) -> None:
        """Each form is written; without a file every value is printed."""
        for name in ("all.xlsx", "all.csv", "all.json"):
            said = cartrail("measure", "--database", demo_site.path, "--out", tmp_path / name)
            assert said.err.endswith(f"Written to {tmp_path / name}.\n") and (tmp_path / name).stat().st_size
        said = cartrail("measure", "--database", demo_site.path, "--values")
        head, *rows = said.out.removeprefix("\ufeff").splitlines()
        assert (
            head.startswith("measure,title,unit,about,outcome,value,of,since,at,day,site") and len(rows) > 100
        )

    def test_from_the_ledger(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """They agree; of a changed row it is said whose it is, with the exit code of a bad record."""
        asked = ("measure", "--database", demo_site.path, "--from-ledger", "--json")
        said = cartrail(*asked)
        assert "the table agrees" in said.err
        with sqlite3.connect(demo_site.path) as connection:
            (coi,) = connection.execute("SELECT coi FROM therapy_history LIMIT 1").fetchone()
            connection.execute("UPDATE therapy_history SET sequence = sequence + 1 WHERE coi = ?", (coi,))
        wrong = cartrail(*asked, exit_code=4)
        assert (
            wrong.out == said.out and f"of 1 therapy: {coi}." in wrong.err and "cartrail verify" in wrong.err
        )

    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            (("--by", "ward"), "Name one of: site, carrier, lane, protocol, resource, reason, month."),
            (("--from", "2026-02-30"), '"2026-02-30" is no day.'),
            (("--from", "2026-03-01", "--until", "2026-02-01"), "Give the earlier day first."),
            (("--site", "NOWHERE"), 'There is no site "NOWHERE" in this store.'),
            (("--out", "figures.pdf"), "Name a file that ends in .csv, .json or .xlsx."),
        ],
    )
    def test_what_cannot_be_meant(
        self, cartrail: Cartrail, demo_site: DemoSite, asked: tuple[str, ...], said: str
    ) -> None:
        assert said in cartrail("measure", "--database", demo_site.path, *asked, exit_code=2).err


class TestWhoMay:
    def test_quality_of_an_empty_store(self, cartrail: Cartrail, founded: Site) -> None:
        """Nothing was recorded: every number is 0, and nothing is said of a median."""
        records = cartrail("measure", "--json", *founded.as_ada).records
        assert [one["measure"] for one in records] == [*MeasureName]
        assert {one["n"] for one in records} == {0} and {one["median"] for one in records} == {None}

    def test_only_coordinators_quality_and_auditors(self, demo_site: DemoSite) -> None:
        """They are figures about the work of others, and nobody's tool at the bench."""
        with closing(Tracker.open(url=demo_site.url, read_only=True)) as tracker:
            refused = {
                role
                for role in Role
                if (staff := with_role(tracker, role)) and tracker.exports.not_a_measurer(staff) is not None
            }
        assert {Role.COURIER, Role.WARD_NURSE, Role.CELL_LAB_TECHNICIAN} <= refused
        assert not refused & {Role.COORDINATOR, Role.QUALITY, Role.AUDITOR}

    def test_nobody(self, cartrail: Cartrail, founded: Site) -> None:
        assert "--as STAFF" in cartrail("measure", "--database", founded.path, exit_code=2).err

    def test_definitions_need_no_store(self, cartrail: Cartrail) -> None:
        """What each means, for who writes the minutes."""
        said = cartrail("measure", "--definitions")
        for name, row in MEASURES.items():
            assert f"{row.title} ({row.unit.value}), {name.value}\n" in said.out
        assert cartrail("measure", "--definitions", "--json").records[0]["by"] == [
            "site",
            "protocol",
            "month",
        ]
