"""The `cartrail` command for tests: in this process for speed, as a process where that matters."""

import os
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from subprocess import PIPE
from typing import Any

import orjson
import pytest

from schema.vocabulary import Purpose
from tests.support import forked
from tests.support.stores import sqlite_url
from tracker.clock import SystemClock
from tracker.new_store import FounderAccount, NewStore
from tracker.people.passwords import WEAK
from tracker.tracker import Environment, Tracker
from tui.__main__ import main

PASSWORDS = {"ADA-1": "plum cart wheel", "BEN-1": "stone under rain"}
PINS = {"ADA-1": "120931", "BEN-1": "778201"}


@dataclass(frozen=True)
class Said:
    """What a command said, and how it ended."""

    exit_code: int
    out: str
    err: str

    @property
    def records(self) -> list[Any]:
        """The lines of JSON on the standard output."""
        return [orjson.loads(line) for line in self.out.splitlines()]


Cartrail = Callable[..., Said]


@pytest.fixture
def cartrail(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Cartrail:
    """Runs a command in this process; `exit_code` says how it has to end."""
    for name in ("CARTRAIL_DATABASE", "CARTRAIL_STATION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CARTRAIL_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def run(*arguments: object, exit_code: int = 0) -> Said:
        capfd.readouterr()
        code = main([str(argument) for argument in arguments])
        sys.stdout.flush()
        out, err = capfd.readouterr()
        said = Said(code, out, err)
        assert said.exit_code == exit_code, said
        assert "Traceback" not in said.out + said.err
        return said

    return run


def process(*arguments: object, stdin: bytes = b"") -> Said:
    """Run the command without a terminal in a process of its own, as an instrument would."""
    with forked.Command(*arguments, stdin=PIPE, stdout=PIPE, stderr=PIPE) as command:
        out, err = command.communicate(stdin)
        said = Said(command.wait(), out.decode(), err.decode())
    assert "Traceback" not in said.err
    return said


def installed(*arguments: object, stdin: bytes = b"", **more: Any) -> Said:
    """The same as a shell starts it."""
    done = subprocess.run(
        [sys.executable, "-m", "tui", *(str(argument) for argument in arguments)],
        input=stdin,
        capture_output=True,
        check=False,
        start_new_session=True,
        **more,
    )
    said = Said(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in said.err
    return said


PATIENCE = 120.0
"""Seconds until a command that asks nothing is taken for stuck; a slow machine is no fault of it."""


def typed(
    *arguments: object, answers: Sequence[tuple[str, str]], environment: Mapping[str, str] | None = None
) -> Said:
    """Run the real command with a person at its terminal, who answers each question when it is asked.

    An answer is a piece of the question and what is typed then. What the terminal shows is in `err`.
    """
    master, slave = pty.openpty()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        running = forked.at_terminal(
            os.ttyname(slave), out, [*map(str, arguments)], {**os.environ, **(environment or {})}
        )
        shown = _answered(master, running, answers)
        running.join(PATIENCE)
        printed = out.read_text(encoding="utf-8")
    os.close(slave)
    os.close(master)
    assert "Traceback" not in shown, shown
    assert running.exitcode is not None, shown
    return Said(running.exitcode, printed, shown)


def _answered(master: int, running: BaseProcess, answers: Sequence[tuple[str, str]]) -> str:
    """What the terminal shows until the command ends, each question answered in its turn."""
    shown, left, ends, seen = "", list(answers), time.monotonic() + PATIENCE, 0
    while time.monotonic() < ends:
        if not select.select([master], [], [], 0.1)[0]:
            if not running.is_alive():
                break
            continue
        shown += os.read(master, 65536).decode()
        while left and left[0][0] in shown[seen:]:
            seen = shown.index(left[0][0], seen) + len(left[0][0])
            os.write(master, left.pop(0)[1].encode() + b"\n")
    assert not left, (left[0], shown)
    return shown


@dataclass(frozen=True)
class Site:
    """A store with two founders, and a file with their passwords."""

    path: Path
    credentials: Path

    @property
    def url(self) -> str:
        """The address of the store."""
        return sqlite_url(self.path)

    @property
    def as_ada(self) -> tuple[object, ...]:
        """The shared options of the first founder at the hub."""
        return ("--database", self.path, "--as", "ADA-1", "--credentials", self.credentials)

    def count(self) -> int:
        """How many entries the store holds."""
        tracker = Tracker.open(url=self.url, read_only=True)
        with tracker.store.read() as transaction:
            found = transaction.count()
        tracker.close()
        return found


def write_credentials(
    path: Path, passwords: Mapping[str, str], pins: Mapping[str, str] | None = None
) -> Path:
    """A credentials file that only its owner may read."""
    lines = [f'{staff} = "{password}"' for staff, password in passwords.items()]
    if pins:
        lines += ["[pins]", *(f'{staff} = "{pin}"' for staff, pin in pins.items())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    path.chmod(0o600)
    return path


def found(url: str, config: Path, purpose: Purpose = Purpose.TRAINING) -> None:
    """A store as it is after `init`, with passwords that are quick to check."""
    people = [
        FounderAccount(staff, name, PASSWORDS[staff], PINS[staff])
        for staff, name in (("ADA-1", "Ada Example"), ("BEN-1", "Ben Example"))
    ]
    new = NewStore(
        purpose=purpose,
        site="PLANT",
        site_title="Plant",
        station="HUB-1",
        zone="Europe/Berlin",
        founders=(people[0], people[1]),
    )
    tracker, _ = Tracker.found(
        url=url, new=new, config=config, environment=Environment(SystemClock(), cost=WEAK)
    )
    tracker.close()


@pytest.fixture(scope="session")
def founded_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a training store, made once."""
    folder = tmp_path_factory.mktemp("founded")
    found(sqlite_url(folder / "store.db"), folder)
    return folder / "store.db"


@pytest.fixture
def founded(founded_file: Path, tmp_path: Path) -> Site:
    """A training store of its own."""
    shutil.copyfile(founded_file, tmp_path / "store.db")
    return Site(tmp_path / "store.db", write_credentials(tmp_path / "credentials.toml", PASSWORDS))
