"""`cartrail site equipment`: the life of a shipper and a logger by the published commands alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from schema.vocabulary import Purpose
from tests.support.commands import PASSWORDS, Cartrail, Site, found, write_credentials
from tests.support.stores import sqlite_url

DAY = timedelta(days=1)


@pytest.fixture
def rehearsed(tmp_path: Path) -> Site:
    """A demo store with two founders, where two people's passwords may come from one file."""
    found(sqlite_url(tmp_path / "demo.db"), tmp_path, Purpose.DEMO)
    return Site(tmp_path / "demo.db", write_credentials(tmp_path / "passwords.toml", PASSWORDS))


def instant(moment: datetime) -> str:
    """A time as it is typed."""
    return moment.isoformat(timespec="minutes")


def listed(cartrail: Cartrail, founded: Site, *options: str) -> dict[str, Any]:
    """What the list says of each, by its name."""
    said = cartrail("site", "equipment", "list", "--json", "--database", founded.path, *options)
    return {one["title"]: one for one in said.records}


def test_findings_e6_the_life_of_a_shipper(cartrail: Cartrail, rehearsed: Site, tmp_path: Path) -> None:
    """Added undated, qualified by two, charged, cleaned, failed, retired: the list says how it is."""
    now = datetime.now(UTC)
    added = cartrail(
        *("site", "equipment", "add", "PLANT", "--title", "Dewar 7", "--type", "shipper"),
        *("--hold-hours", 240, "--json", *rehearsed.as_ada),
    )
    (answer,) = added.records
    assert answer["ok"]
    one = listed(cartrail, rehearsed)["Dewar 7"]
    code = one["equipment"]
    assert (one["state"], one["due"], one["holds"]) == ("to be qualified", None, None)
    paper = tmp_path / "certificate.pdf"
    paper.write_bytes(b"passed")
    test = (
        *("site", "equipment", "qualify", code, "--passed", "--due", instant(now + 300 * DAY)),
        *("--standard", "ISTA 7E, summer", "--celsius-min", "-196", "--celsius-max", "-150"),
        *("--certificate", paper),
    )
    refused = cartrail(*test, *rehearsed.as_ada, exit_code=3)
    assert "approved" in refused.err and "quality" in refused.err
    done = cartrail(*test, "--approved-by", "BEN-1", *rehearsed.as_ada)
    assert sha256(b"passed").hexdigest() in done.out
    assert listed(cartrail, rehearsed)["Dewar 7"]["state"] == "to be charged"
    cartrail("site", "equipment", "charge", code, "--grams", 5200, *rehearsed.as_ada)
    assert listed(cartrail, rehearsed)["Dewar 7"]["state"] == "fit"
    assert listed(cartrail, rehearsed, "--unfit") == {}
    for status in ("cleaning", "in_service", "quarantined"):
        cartrail("site", "equipment", "status", code, status, *rehearsed.as_ada)
        word = "fit" if status == "in_service" else status
        assert listed(cartrail, rehearsed)["Dewar 7"]["state"] == word
    again = cartrail("site", "equipment", "status", code, "quarantined", *rehearsed.as_ada, exit_code=3)
    assert "quarantined already" in again.err
    cartrail("site", "equipment", "status", code, "in_service", *rehearsed.as_ada)
    cartrail(
        *("site", "equipment", "qualify", code, "--failed", "--unfit-since", instant(now - DAY)),
        *("--standard", "vacuum test", *rehearsed.as_ada),
    )
    shown = cartrail("site", "equipment", "show", code, "--json", "--database", rehearsed.path).records[0]
    assert (shown["state"], shown["uses"], shown["due"]) == ("failed its test", [], None)
    assert "failed" in shown["why"] and shown["unfit_since"] == shown["uses_since"]
    text = cartrail("site", "equipment", "show", code, "--database", rehearsed.path)
    assert "failed its test" in text.out and "vacuum test" in text.out
    cartrail("site", "equipment", "status", code, "retired", *rehearsed.as_ada)
    late = cartrail("site", "equipment", "charge", code, *rehearsed.as_ada, exit_code=3)
    assert "is retired" in late.err and "quality" in late.err


def test_what_is_due_soon(cartrail: Cartrail, founded: Site) -> None:
    """Thirteen days before its date a logger is still fit, and stands in the list of what to look after."""
    now = datetime.now(UTC)
    for title, days in (("Logger 1", 13), ("Logger 2", 15), ("Logger 3", -1)):
        cartrail(
            *("site", "equipment", "add", "PLANT", "--title", title, "--type", "data_logger"),
            *("--due", instant(now + days * DAY), *founded.as_ada),
        )
    assert {title: one["state"] for title, one in listed(cartrail, founded, "--unfit").items()} == {
        "Logger 1": "fit, due soon",
        "Logger 3": "to be calibrated",
    }
    table = cartrail("site", "equipment", "list", "PLANT", "--database", founded.path)
    assert "Logger 2" in table.out and "to be calibrated" in table.out


def test_findings_e6_a_due_day_is_that_of_its_own_site(cartrail: Cartrail, rehearsed: Site) -> None:
    """Typed at the plant for a carrier elsewhere, it begins and is shown by the carrier's clocks."""
    for site, zone in (("WEST", "America/Los_Angeles"), ("EAST", "Asia/Tokyo")):
        cartrail(
            *("site", "add", site, "--title", site, "--type", "carrier", "--zone", zone, *rehearsed.as_ada)
        )
    started = {"WEST": "2035-11-01T07:00:00.000Z", "EAST": "2035-10-31T15:00:00.000Z"}
    for site, begin in started.items():
        added = ("site", "equipment", "add", site, "--type", "data_logger", "--title", f"Logger {site}")
        cartrail(*added, *rehearsed.as_ada)
        code = listed(cartrail, rehearsed)[f"Logger {site}"]["equipment"]
        test = ("site", "equipment", "qualify", code, "--passed", "--standard", "two points")
        told = cartrail(*test, "--due", "2035-11-01", "--approved-by", "BEN-1", *rehearsed.as_ada)
        assert " 1 Nov 2035 00:00 " in told.out, "the answer goes by the same clocks"
        assert listed(cartrail, rehearsed)[f"Logger {site}"]["due"] == begin
        cartrail(*added[:-1], f"New {site}", "--due", "2035-11-01", *rehearsed.as_ada)
        assert listed(cartrail, rehearsed)[f"New {site}"]["due"] == begin
        shown = cartrail("site", "equipment", "show", code, "--database", rehearsed.path).out
        assert "2035-11-01" in shown and begin not in shown
        assert "Z" not in shown.split("tested at")[1].splitlines()[0]
    table = cartrail("site", "equipment", "list", "--database", rehearsed.path)
    assert table.out.count("2035-11-01") == 4 and "2035-10-31" not in table.out


def test_bad_input(cartrail: Cartrail, founded: Site, tmp_path: Path) -> None:
    """What is no time, no site, no equipment, no file or no state: exit 2, and what to do."""
    start = ("site", "equipment")
    cartrail(*start, "list", "NOWHERE", "--database", founded.path, exit_code=2)
    cartrail(*start, "show", "BT234567892", "--database", founded.path, exit_code=2)
    logger = ("--title", "Logger 1", "--type", "data_logger")
    cartrail(*start, "add", "PLANT", *logger, "--due", "2027-03-28 02:30", *founded.as_ada, exit_code=2)
    cartrail(*start, "add", "PLANT", *logger, "--hold-hours", 0, *founded.as_ada, exit_code=2)
    cartrail(*start, "add", "PLANT", *logger, *founded.as_ada)
    code = listed(cartrail, founded)["Logger 1"]["equipment"]
    cartrail(*start, "status", code, "broken", *founded.as_ada, exit_code=2)
    test = (*start, "qualify", code, "--passed", "--standard", "two points")
    cartrail(*test, *founded.as_ada, exit_code=2)
    cartrail(*test, "--due", "2020-01-01T00:00Z", *founded.as_ada, exit_code=2)
    missing = tmp_path / "no.pdf"
    cartrail(*test, "--due", "2029-01-01T00:00Z", "--certificate", missing, *founded.as_ada, exit_code=2)
    charged = cartrail(*start, "charge", code, *founded.as_ada, exit_code=3)
    assert "is no shipper" in charged.err
