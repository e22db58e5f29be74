"""`cartrail trail` takes times as every command does: by a zone's name, by an offset, or whole days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.commands import Cartrail
from tests.support.demos import DemoSite

FORMS = ("2020-03-02 14:05 America/Toronto", "2020-03-02 14:05 +01:00", "2020-03-02T13:05Z", "2020-03-02")


def asked(site: DemoSite) -> tuple[object, ...]:
    """The trail of a whole therapy, on a machine that knows of no station."""
    return ("trail", site.coi("closed"), "--database", site.path)


@pytest.mark.parametrize("text", FORMS)
def test_a_typed_time_bounds_the_events(text: str, cartrail: Cartrail, demo_site: DemoSite) -> None:
    """Everything is after that time and nothing before."""
    everything = cartrail(*asked(demo_site)).out
    assert cartrail(*asked(demo_site), "--from", text).out == everything
    assert len(cartrail(*asked(demo_site), "--to", text).out.splitlines()) <= 1 < len(everything.splitlines())


def test_findings_what_was_known_then_by_any_clock(cartrail: Cartrail, demo_site: DemoSite) -> None:
    """The station's clock where no other is named, and the station is asked for where none is known."""
    then = datetime.now(UTC) - timedelta(minutes=1)
    here, named = f"{then:%Y-%m-%d %H:%M}", f"{then:%Y-%m-%dT%H:%M:00.000Z}"
    assert named in cartrail(*asked(demo_site), "--as-of", f"{here} UTC").err
    assert "cartrail station use" in cartrail(*asked(demo_site), "--as-of", here, exit_code=2).err
    berlin = f"{then + timedelta(days=-30):%Y-%m-%d} 12:00"
    said = cartrail(*asked(demo_site), "--as-of", berlin, "--station", "MFG-1-01").err
    assert cartrail(*asked(demo_site), "--as-of", f"{berlin} Europe/Berlin").err == said


@pytest.mark.parametrize("option", ["--as-of", "--from", "--to"])
@pytest.mark.parametrize("text", ["2026-02-30", "monday", "2026-13-01T00:00Z"])
def test_what_is_no_time_is_said(option: str, text: str, cartrail: Cartrail, demo_site: DemoSite) -> None:
    """Bad input, with the text."""
    assert text in cartrail(*asked(demo_site), option, text, exit_code=2).err


def test_a_skipped_hour_is_asked_with_day_and_offset(cartrail: Cartrail, demo_site: DemoSite) -> None:
    """Both readings can be copied as they stand."""
    said = cartrail(*asked(demo_site), "--as-of", "2026-03-29 02:30 Europe/Berlin", exit_code=2).err
    assert "2026-03-29 03:30 +02:00 or as 2026-03-29 01:30 +01:00" in said
