"""The check of a scanner at the start of a shift: judged by the program, kept, reminded of, never a lock."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from labels.scanner_card import CARD_CODES, CardReading, verdict_of
from schema.errors import InputError
from schema.vocabulary import ReadMode
from tests.support.commands import Cartrail, Site
from tests.support.demos import DemoSite
from tests.support.journeys import World
from tracker.catalog import parse_request
from tracker.evidence.verification.store import verify_store
from tracker.registry.equipment.checks import scanner_check_due
from tracker.registry.equipment.requests import CardScan, CheckScanner, RequireScannerCheck
from tracker.requests.base import Scan
from tracker.therapy.custody import requests as custody

Worlds = Callable[[str], World]
CODES = list(CARD_CODES.values())


def readings(*, change: Callable[[str], str] = str, suffix: str = "\r", mode: str = "scanned") -> Any:
    """The card as it came."""
    return tuple(CardScan.model_validate({"raw": change(code) + suffix, "mode": mode}) for code in CODES)


class TestVerdict:
    def test_speed_and_symbology(self) -> None:
        """What came as slowly as typed fails; a scanner that names no symbology is advised, and passes."""
        right = [CardReading(f"]Q1{code}\r") for code in CODES]
        assert verdict_of(right).passed and not verdict_of(right).advice
        quiet = verdict_of([CardReading(f"{code}\r") for code in CODES])
        assert quiet.passed and [one.code for one in quiet.advice] == ["no_aim_prefix"]
        slow = verdict_of([CardReading(f"]Q1{code}\r", typed=place == 3) for place, code in enumerate(CODES)])
        assert [one.code for one in slow.faults] == ["slow"] and "1 of 5" in slow.faults[0].message

    def test_nothing_read_is_no_pass(self) -> None:
        """A dead scanner fails with every code named."""
        assert [one.code for one in verdict_of([]).faults] == ["not_scanned"] * len(CODES)

    def test_two_faults_at_once(self) -> None:
        """Caps lock does not hide that a separator is lost."""
        raw = [CardReading(code.swapcase().replace("\x1d", "") + "\r") for code in CODES]
        assert {one.code for one in verdict_of(raw).faults} == {"caps_lock", "separators"}


class TestEvidence:
    def test_the_program_judges(self, world: Worlds) -> None:
        """What the scans show is recorded; nobody can claim a pass."""
        given = world("enrolled")
        given.do(CheckScanner, "NURSE-A1", scanner="HS-3", readings=readings(change=str.swapcase))
        station = given.network.stations["COLL-A"]
        check = given.tracker.registry.scanner_checks[station]
        assert (check.scanner, check.passed, check.faults, check.by) == (
            "HS-3",
            False,
            ("caps_lock",),
            "NURSE-A1",
        )
        given.do(CheckScanner, "NURSE-A1", scanner="HS-3", readings=readings())
        assert given.tracker.registry.scanner_checks[station].passed
        assert verify_store(given.url).exit_code == 0
        with pytest.raises(InputError):
            parse_request(
                {
                    "request": "check_scanner",
                    "event_id": given.tracker.new_event_id(),
                    "actor": "NURSE-A1",
                    "station": station,
                    "scanner": "HS-3",
                    "readings": [{"raw": "x"}],
                    "result": "passed",
                }
            )

    @pytest.mark.parametrize("mode", [ReadMode.SIMULATED, ReadMode.PAPER])
    def test_what_no_scanner_sent_is_no_pass(self, world: Worlds, mode: ReadMode) -> None:
        """Given readings that came from no scanner, in a demo too, nothing is recorded and it says which."""
        given = world("enrolled")
        said = given.refusal(CheckScanner, "NURSE-A1", scanner="HS-3", readings=readings(mode=mode.value))
        assert said.error == "card_not_scanned" and f"scanner card is {mode.value}" in said.message
        assert given.network.stations["COLL-A"] not in given.tracker.registry.scanner_checks

    def test_where_it_is_asked_for(self, world: Worlds) -> None:
        """Quality says where and how often; it is due until passed, due again later, and blocks nothing."""
        given = world("collected")
        station = given.network.stations["COLL-A"]
        values: dict[str, Any] = {"checked_station": station, "within_hours": 12}
        assert given.refusal(RequireScannerCheck, "NURSE-A1", **values).error == "role_missing"
        assert scanner_check_due(given.tracker.registry, station, given.clock.now()) is None
        given.do(RequireScannerCheck, "QA-1", **values)
        assert given.refusal(RequireScannerCheck, "QA-1", **values).error == "already_done"
        assert scanner_check_due(given.tracker.registry, station, given.clock.now()) is not None
        given.do(CheckScanner, "NURSE-A1", scanner="HS-3", readings=readings(mode="manual"))
        failed = scanner_check_due(given.tracker.registry, station, given.clock.now())
        assert failed is not None and failed.last is not None and not failed.last.passed
        lab = {"to": {"type": "department", "id": "COLL-A/CELL-LAB"}}
        given.do(custody.Relinquish, "NURSE-A1", units=(Scan(code=given.one.bag),), **lab)
        given.do(CheckScanner, "NURSE-A1", scanner="HS-3", readings=readings())
        assert scanner_check_due(given.tracker.registry, station, given.clock.now()) is None
        assert (
            scanner_check_due(given.tracker.registry, station, given.clock.now() + timedelta(hours=13))
            is not None
        )
        given.do(RequireScannerCheck, "QA-1", checked_station=station)
        assert (
            scanner_check_due(given.tracker.registry, station, given.clock.now() + timedelta(hours=13))
            is None
        )
        unknown = given.refusal(RequireScannerCheck, "QA-1", checked_station="NOWHERE", within_hours=1)
        assert unknown.error == "station_unknown"


class TestCommand:
    @pytest.mark.parametrize(
        ("text", "code", "words"),
        [
            ("".join(f"]Q1{code}\r\n" for code in CODES), 0, "PASSED"),
            ("".join(f"{code}\t" for code in CODES), 0, "Advice"),
            ("".join(f"{code}\r\r" for code in CODES), 3, "more than one Enter"),
            ("".join(CODES), 3, "came as one"),
            ("".join(f"{code.upper()}\r" for code in CODES), 3, "as capitals"),
            ("\udcff\r", 3, "is not a code of the card"),
            ("", 2, "Nothing was scanned"),
        ],
    )
    def test_from_the_standard_input(self, text: str, code: int, words: str) -> None:
        """What a scanner sent into a pipe, judged as on the screen."""
        done = subprocess.run(
            [sys.executable, "-m", "tui", "scan", "--card"],
            input=text.encode("utf-8", "surrogateescape"),
            capture_output=True,
            check=False,
        )
        assert done.returncode == code and words in (done.stdout + done.stderr).decode()
        assert b"Traceback" not in done.stderr

    def test_kept_and_shown(
        self, cartrail: Cartrail, demo_site: DemoSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Asked for by quality, kept under the scanner's name, shown with the station."""
        shared = ("--database", demo_site.path, "--credentials", demo_site.credentials)
        station = ("--station", "COLL-A-01")
        cartrail("station", "scanner", "COLL-A-01", "--within", 12, *shared, *station, "--as", "QA-1")
        file = tmp_path / "sent"
        file.write_bytes("".join(f"{code.swapcase()}\r" for code in CODES).encode())
        with file.open() as sent:
            monkeypatch.setattr("sys.stdin", sent)
            said = cartrail(
                *("scan", "--card", "--keep", "HS-3 4711", "--json"),
                *(*shared, *station, "--as", "NURSE-A1"),
                exit_code=3,
            )
        assert '"caps_lock"' in said.out
        shown = cartrail("station", "show", "COLL-A-01", "--database", demo_site.path, "--json").records[0]
        assert shown["scanner"].startswith("HS-3 4711: FAILED (caps lock) at")
        assert shown["scanner_check"] == "asked for every 12 h"
        assert "HS-3 4711" in cartrail("station", "list", "--database", demo_site.path, "--json").out

    def test_no_code_at_all(self, cartrail: Cartrail, founded: Site) -> None:
        """Without code and card there is nothing to say."""
        assert "No code" in cartrail("scan", "--json", exit_code=2).err
        assert founded.count()


def at_a_terminal(*sent: bytes) -> tuple[int, str]:
    """The command on a terminal of its own: exit code and everything it wrote."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "tui", "scan", "--card"]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True) as run:
        os.close(theirs)
        said = b""
        while b"Esc ends it" not in said:
            said += os.read(ours, 4096)
        time.sleep(0.3)
        for number, one in enumerate(sent, start=1):
            os.write(ours, one)
            while number < len(sent) and f"{number} read".encode() not in said:
                said += os.read(ours, 4096)
        with suppress(OSError):  # the other end is closed when the command has ended
            while more := os.read(ours, 4096):
                said += more
        code = run.wait(timeout=60)
    os.close(ours)
    return code, said.decode()


def test_on_a_terminal_every_key_arrives() -> None:
    """GS, RS and EOT end nothing there, CR LF is one suffix, and Esc leaves with nothing scanned."""
    code, said = at_a_terminal(*(f"]Q1{one}\r\n".encode() for one in CODES))
    assert code == 0 and "PASSED" in said
    code, said = at_a_terminal(b"\x1b")
    assert code == 2 and "Nothing was scanned" in said
