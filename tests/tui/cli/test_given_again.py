"""Every command that records, given twice under one event id: the second is answered as the first."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from schema.vocabulary import Purpose
from tests.support.commands import PASSWORDS, Cartrail, Site, found, write_credentials
from tests.support.stores import sqlite_url

RECORDED: Final = re.compile(r"Recorded as entry \d+ of \S+\.")
OF_THE_NETWORK: Final = r"""
site add CLINIC --title Clinic --type treatment_center --zone Europe/Berlin
person grant ADA-1 administrator --site CLINIC --training TR-0 --approved-by BEN-1
person grant ADA-1 quality --site CLINIC --training TR-0 --approved-by BEN-1
site set CLINIC --phone '+00 0000 000002'
site set CLINIC --zone Europe/London
site set CLINIC --wristband 'CLINIC/hospital_number=H-######'
site department CLINIC LAB --title 'Cell lab' --role cell_lab_technician
site department CLINIC WARD --title 'Ward' --role ward_nurse
site location CLINIC LAB --title 'Tank 1' --type storage
site conditions {location} --max -150
site conditions {location} --rows 3 --columns 4
site days CLINIC monday tuesday wednesday
site close CLINIC 2035-12-24 2035-12-26 --title Holidays
site reopen CLINIC {event}
site resource set CLINIC CHAIR --type apheresis_chair --title Chairs --per-weekday 2,2,2,2,2,0,0 --occupies-hours 5 --opens 08:00 --closes 12:00
plan close CLINIC/CHAIR 2035-12-24 --title Repair
site add CARRIER --title Courier --type carrier --zone Europe/London
site lane set GO CLINIC PLANT --carrier CARRIER --transit-hours 24 --cutoff 17:00 --on monday
site equipment add CLINIC --title 'Dewar 7' --type shipper --hold-hours 240
site equipment qualify {equipment} --passed --due 2035-11-01 --standard ISTA --approved-by BEN-1
site equipment status {equipment} cleaning
station add WARD-01 --at CLINIC --title Ward
station set WARD-01 --board
station retire WARD-01 --approved-by BEN-1
station reactivate WARD-01 --approved-by BEN-1
person add CAM-1 --name 'Cam Invented'
person grant CAM-1 ward_nurse --site CLINIC --training TR-1
person revoke {event} --reason replaced
person badge CAM-1
person deactivate CAM-1 --reason left_the_organization --approved-by BEN-1
person reactivate CAM-1 --approved-by BEN-1
person review --on 2026-11-30
lot receive PLANT --item viral_vector --number C1 --expires 2035-03-31
lot release {lot}
lot status {lot} quarantined --reason test_pending
lot recall {lot} --approved-by BEN-1
site deactivate CARRIER --approved-by BEN-1
site reactivate CARRIER --approved-by BEN-1
protocol adopt autologous-cryopreserved --approved-by BEN-1
"""
"""In an order in which each can be done; what is in braces is taken from the answer of a line before."""


@pytest.fixture
def rehearsed(tmp_path: Path) -> Site:
    """A demo store with two founders, where two people's passwords may come from one file."""
    found(sqlite_url(tmp_path / "demo.db"), tmp_path, Purpose.DEMO)
    return Site(tmp_path / "demo.db", write_credentials(tmp_path / "passwords.toml", PASSWORDS))


def test_breaker_f1_each_command_of_the_network_is_answered_again(
    cartrail: Cartrail, rehearsed: Site
) -> None:
    """One event, the same entry and the same words on both channels; exit 0 both times."""
    known: dict[str, str] = {}
    told = []
    for number, line in enumerate(OF_THE_NETWORK.strip().splitlines()):
        event = f"01900000-0000-7000-8000-{number * 100:012d}"
        words = shlex.split(line.format_map(known))
        given = (*words, *rehearsed.as_ada, "--station", "HUB-1", "--event-id", event)
        first = cartrail(*given)
        count = rehearsed.count()
        known["event"] = event
        known |= {
            name: value
            for name, value in re.findall(r"^(location|equipment|lot)\s+(\S+)$", first.out, re.MULTILINE)
        }
        again = cartrail(*given)
        said = (RECORDED.search(first.err), RECORDED.search(again.err))
        if None in said or (first.out, said[0][0]) != (again.out, said[1][0]) or rehearsed.count() != count:
            told.append((line, first, again, rehearsed.count() - count))
    assert not told, told
