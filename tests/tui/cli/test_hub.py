"""The hub as a process: it signs what stations record, is killed and started again, and is alone."""

from __future__ import annotations

import configparser
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE

import pytest

from tests.support.commands import PASSWORDS, Cartrail, Site, found, write_credentials
from tests.support.forked import Command
from tests.support.stores import sqlite_url
from tracker.tracker import Environment, Tracker

pytestmark = [pytest.mark.slow, pytest.mark.waits]

PATIENCE = 30.0


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A store with its keys on this machine."""
    monkeypatch.setenv("CARTRAIL_CONFIG", str(tmp_path / "config"))
    found(sqlite_url(tmp_path / "store.db"), tmp_path / "config")
    return Site(tmp_path / "store.db", write_credentials(tmp_path / "credentials.toml", PASSWORDS))


@contextmanager
def hub(place: Site, *more: object) -> Iterator[Command]:
    """A hub that runs; it is ended where the test has not."""
    with Command("hub", "--database", place.path, *more, stderr=PIPE) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def unsigned(place: Site) -> int:
    """How many entries are under no signed head."""
    tracker = Tracker.open(url=place.url, environment=Environment(config=place.path.parent / "config"))
    try:
        return tracker.hub_status().unsigned
    finally:
        tracker.close()


def wait_for_signature(place: Site) -> None:
    """Until everything is under a signed head."""
    ends = time.monotonic() + PATIENCE
    while unsigned(place):
        assert time.monotonic() < ends, "nobody signed"
        time.sleep(0.1)


def record(cartrail: Cartrail, place: Site, number: int) -> None:
    """Something that is recorded while the hub is there or not."""
    cartrail("person", "add", f"NURSE-{number}", "--name", f"Nurse {number}", *place.as_ada)


def test_findings_e4_it_signs_what_others_record(place: Site, cartrail: Cartrail) -> None:
    """Killed and started again three times, nothing stays unsigned and the record verifies."""
    assert unsigned(place) > 0
    for number in range(3):
        with hub(place) as process:
            wait_for_signature(place)
            record(cartrail, place, number)
            wait_for_signature(place)
            process.kill()
        record(cartrail, place, number + 10)
        assert unsigned(place) > 0
    with hub(place, "--report", f"pdf:{place.path.parent}/downtime.pdf") as process:
        wait_for_signature(place)
        status = json.loads(cartrail("hub", "status", "--json", *place.as_ada, exit_code=6).out)
        assert status["unsigned"] == 0 and status["hub_absent_since"] is None and status["hub_instance"]
        assert status["problems"] == ["No backup was ever made: `cartrail backup`."]
        (here,) = status["stations"]
        assert here["station"] == "HUB-1" and here["seen_at"] is not None
        process.terminate()
        assert process.wait(PATIENCE) == 0
        assert b"was stopped" in process.stderr.read()
    assert (place.path.parent / "downtime.pdf").read_bytes().startswith(b"%PDF")
    cartrail("verify", "--database", place.path)


def test_two_hubs(place: Site, cartrail: Cartrail, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second one here finds the lock; one on another machine finds that somebody reported lately."""
    with hub(place):
        wait_for_signature(place)
        refused = cartrail("hub", "--database", place.path, exit_code=5)
        assert "runs on this machine already" in refused.err
        other = place.path.parent / "other"
        shutil.copytree(place.path.parent / "config", other)
        monkeypatch.setenv("CARTRAIL_CONFIG", str(other))
        monkeypatch.setattr("platform.node", lambda: "another-machine")
        refused = cartrail("hub", "--database", place.path, exit_code=5)
        assert "Another hub reported" in refused.err and "three minutes" in refused.err


def test_a_machine_without_the_key(place: Site, cartrail: Cartrail, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody signs who does not have the log's key; a target that is no PDF is bad input."""
    monkeypatch.setenv("CARTRAIL_CONFIG", str(place.path.parent / "elsewhere"))
    refused = cartrail("hub", "--database", place.path, exit_code=5)
    assert "key of the log is not on this machine" in refused.err
    for target in ("tcp://printer:9100", f"pdf:{place.path.parent}/nowhere/x.pdf", "paper"):
        cartrail("hub", "--database", place.path, "--report", target, exit_code=2)


def next_line(process: Command, words: str) -> str:
    """The next line it says that has these words."""
    for line in map(bytes.decode, process.stderr):
        if words in line:
            return line
    raise AssertionError(words)


def test_findings_d8_a_log_set_back_ends_the_hub(place: Site) -> None:
    """A store that is put back while the hub runs is no trouble that a later turn mends: exit 4."""
    with hub(place) as process:
        next_line(process, "runs; stop it with")
        wait_for_signature(place)
        (head,) = (place.path.parent / "config").glob("*/log.head")
        origin, size, root = head.read_text(encoding="ascii").splitlines()
        head.write_text(f"{origin}\n{int(size) + 1}\n{root}\n", encoding="ascii")
        assert f"a head of {int(size) + 1} was signed" in next_line(process, "a head of")
        assert process.wait(PATIENCE) == 4


def test_findings_d8_a_key_that_goes_away(place: Site) -> None:
    """A hub without its key takes in and signs nothing; it says so each time that it changes, and stays."""
    (key,) = (place.path.parent / "config").glob("*/log.key")
    aside = key.with_name("aside.key")
    with hub(place) as process:
        next_line(process, "runs; stop it with")
        for _ in range(2):
            key.rename(aside)
            next_line(process, "The key of the log is not on this machine")
            aside.rename(key)
            next_line(process, "All is well again.")
        process.terminate()
        assert process.wait(PATIENCE) == 0


def test_the_unit_for_systemd(cartrail: Cartrail) -> None:
    """It is a unit, restarts the hub, and starts the command that is tested here."""
    parsed = configparser.ConfigParser(strict=True, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    said = cartrail("hub", "unit").out
    parsed.read_string(said)
    for needed in (
        "useradd",
        "log.key",
        "CARTRAIL_DATABASE=",
        "CARTRAIL_CONFIG=/srv/cartrail/keys",
        ".pgpass",
    ):
        assert needed in said
    assert parsed["Service"]["Restart"] == "always"
    assert "cartrail hub --report pdf:" in parsed["Service"]["ExecStart"]
    assert os.sep in parsed["Service"]["ExecStart"] and parsed["Install"]["WantedBy"] == "multi-user.target"
