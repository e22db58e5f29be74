"""What goes wrong outside: each case its own answer, remedy and exit code, and nothing half-written."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from schema.identifiers import copy_number, first_copy
from schema.vocabulary import ClockKind, Purpose
from tests.support.commands import PASSWORDS, PINS, Cartrail, Site, process, write_credentials
from tests.support.demos import DemoSite
from tests.support.journeys import World
from tests.support.stores import sqlite_url
from tests.tui.cli.test_record import add_person, event_id, write_lines
from tracker.clock import SimulatedClock
from tracker.ledger import sqlite
from tracker.new_store import FounderAccount, NewStore
from tracker.people.passwords import WEAK
from tracker.therapy.labels.requests import ApplyLabel, SupersedeLabel
from tracker.tracker import Environment, Tracker
from tui.cli.ending import ended, printable
from tui.cli.patient.identifiers import read_identifiers
from tui.cli.secrets import read_credentials


def test_findings_c9_a_demo_is_never_built_in_another_store(cartrail: Cartrail, tmp_path: Path) -> None:
    """--database is refused by name instead of ignored, and nothing is made."""
    said = cartrail("demo", "--no-open", "--database", tmp_path / "mine.db", exit_code=2)
    assert "--folder" in said.err and list(tmp_path.iterdir()) == []


class TestCodes:
    def test_one_wrong_character(self, cartrail: Cartrail, demo_site: DemoSite, tmp_path: Path) -> None:
        """A misread code is named as misread, at the scanner and in a request, and nothing is recorded."""
        code = demo_site.demo.therapies[0].coi_code
        wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
        said = cartrail("scan", wrong, exit_code=2)
        assert "misread" in said.err and "Scan the label again" in said.err
        answer = self.store(cartrail, demo_site, tmp_path, wrong, exit_code=2)
        assert answer["error"] == "bad_check"

    def test_other_purpose(self, cartrail: Cartrail, demo_site: DemoSite, tmp_path: Path) -> None:
        """A code of a production store is refused by name."""
        foreign = first_copy("UP234567892").text
        said = cartrail("scan", foreign, "--lookup", "--database", demo_site.path, exit_code=3)
        assert "production store" in said.out
        answer = self.store(cartrail, demo_site, tmp_path, foreign, exit_code=3)
        assert "production" in answer["message"] and answer["entries"] == []

    @pytest.mark.parametrize(
        "code", ["", "x" * 5_000, "ctud23456789226v", "CTUD23456789226VCTUD23456789226V"]
    )
    def test_unreadable(self, code: str, cartrail: Cartrail) -> None:
        """Nothing, a flood, lost capitals and two scans in one: each a short answer."""
        assert 0 < len(cartrail("scan", code, exit_code=2).err) < 500

    @pytest.mark.parametrize("code", ["", "x" * 5_000])
    @pytest.mark.parametrize(
        "asks",
        [
            *(("trail",), ("trail", "--shipment"), ("label", "--to", "text:"), ("form", "return")),
            *(("deviation", "show"), ("site", "equipment", "show")),
        ],
        ids=" ".join,
    )
    def test_what_no_scanner_sends(
        self, asks: tuple[str, ...], code: str, cartrail: Cartrail, founded: Site, tmp_path: Path
    ) -> None:
        """Nothing and a flood are bad input wherever a code is asked for."""
        paper = (tmp_path / "paper.pdf",) if "return" in asks else ()
        for file in paper:
            file.write_bytes(b"%PDF-1.4")
        before = founded.count()
        said = cartrail(*asks, code, *paper, *founded.as_ada, exit_code=2)
        assert 0 < len(said.err) < 600 and founded.count() == before

    def test_bytes_that_are_no_text(
        self, cartrail: Cartrail, founded: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A terminal in another encoding, in any word and in the environment: said, and no fault of ours."""
        said = cartrail("board", "--site", "\udcff", *founded.as_ada, exit_code=2)
        assert "Word 3 of the command has bytes that are not text: '\\udcff'." in said.err
        monkeypatch.setenv("CARTRAIL_DATABASE", "\udcff.db")
        assert "CARTRAIL_DATABASE has bytes" in cartrail("settings", exit_code=2).err

    @pytest.mark.parametrize("code", ["[/]", "CTUD\x1b[31m26V", "\x1b[2J"])
    def test_foreign_text_is_shown_and_nothing_more(self, code: str, cartrail: Cartrail) -> None:
        """Markup and control characters are somebody's code, written out."""
        said = cartrail("scan", code)
        assert "foreign code" in said.out and "\x1b" not in said.out

    def test_superseded_copy(self, world: Callable[[str], World], cartrail: Cartrail) -> None:
        """A copy that two people took out of use is exit 3 at the scanner, and the other copy is not."""
        therapy = world("collected")
        bag = therapy.one.bag
        first, second = copy_number(bag, 1).text, copy_number(bag, 2).text
        therapy.do(ApplyLabel, "NURSE-A1", units=({"code": second},))
        replaced = {"units": ({"code": first},), "others": "NURSE-A2 witnessed", "reason": "label_damaged"}
        therapy.do(SupersedeLabel, "NURSE-A1", **replaced)
        shared = ("--lookup", "--database", therapy.url)
        assert "superseded" in cartrail("scan", first, *shared, exit_code=3).out
        cartrail("scan", second, *shared)

    def store(self, cartrail: Cartrail, site: DemoSite, folder: Path, unit: str, *, exit_code: int) -> Any:
        """The answer to putting a unit away under this code."""
        request = {
            "request": "store",
            "event_id": event_id(),
            "actor": "TECH-A1",
            "station": "COLL-A-01",
            "units": [unit],
            "location": unit,
        }
        before = site.count()
        path = write_lines(folder / "store.jsonl", request)
        shared = ("--database", site.path, "--credentials", site.credentials)
        said = cartrail("record", path, *shared, exit_code=exit_code)
        assert site.count() == before
        return said.records[0]


class TestRequests:
    @pytest.mark.parametrize(
        ("more", "word"),
        [
            ({"occurred_at": "2026-11-23T10:00:00", "entry": {"mode": "unattended"}}, "offset"),
            ({"occurred_at": "noon", "entry": {"mode": "unattended"}}, "ISO 8601"),
            ({"event_id": "1"}, "event_id"),
            ({"staff": "cam one"}, "staff"),
            ({"printed_name": ""}, "printed_name"),
            ({"extra": True}, "extra"),
            ({"entry": {"mode": "unheard"}}, "entry.mode"),
        ],
    )
    def test_named_field(
        self, more: dict[str, Any], word: str, cartrail: Cartrail, founded: Site, tmp_path: Path
    ) -> None:
        """The answer names the field or what is wrong with it, and where the form is documented."""
        before = founded.count()
        path = write_lines(tmp_path / "lines.jsonl", {**add_person("CAM-1"), **more})
        answer = cartrail("record", path, *founded.as_ada, exit_code=2).records[0]
        assert word in answer["message"] and answer["remedy"]
        assert founded.count() == before

    @pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
    def test_a_day_that_nobody_can_mean(self, day: str, cartrail: Cartrail, founded: Site) -> None:
        """At the ends of the calendar a day has no begin or no end in UTC."""
        said = cartrail("person", "list", "--on", day, *founded.as_ada, exit_code=2)
        assert f"The day {day} is before 1972 or after 2199." in said.err

    def test_wrong_role(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """Somebody without the role is told which one it takes."""
        said = cartrail(
            *("person", "add", "CAM-1", "--name", "Cam", "--as", "OPER-1", "--station", "MFG-1-01"),
            *("--database", demo_site.path, "--credentials", demo_site.credentials),
            exit_code=3,
        )
        assert "administrator" in said.err

    def test_expired_grant(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """A grant that would end before it begins is not given."""
        said = cartrail(
            *("person", "grant", "OPER-1", "courier", "--site", "CARR-X", "--training", "TR-1"),
            *("--until", "2020-01-01T00:00:00Z", "--as", "ADMIN-1", "--station", "MFG-1-01"),
            *("--database", demo_site.path, "--credentials", demo_site.credentials),
            exit_code=3,
        )
        assert "before the grant begins" in said.err

    def test_markup_and_control_characters_are_shown_as_they_are(
        self, cartrail: Cartrail, founded: Site
    ) -> None:
        """A name with brackets is a name; what would move a cursor is written out."""
        cartrail("person", "add", "CAM-1", "--name", "Cam [/red] [bold]X", *founded.as_ada)
        listed = cartrail("person", "list", *founded.as_ada).out
        assert "Cam [/red] [bold]X" in " ".join(listed.split())
        said = cartrail("site", "show", "\x1b[2J[/]", *founded.as_ada, exit_code=2)
        assert "\x1b" not in said.err and "[/]" in said.err


class TestStores:
    def test_missing(self, cartrail: Cartrail, tmp_path: Path) -> None:
        """No file: the path, and how to make one."""
        said = cartrail("board", "--database", tmp_path / "no.db", exit_code=5)
        assert str(tmp_path / "no.db") in said.err and "cartrail init" in said.err
        assert not (tmp_path / "no.db").exists()

    @pytest.mark.parametrize("content", [b"", b"not a database at all" * 100])
    def test_not_a_database(self, content: bytes, cartrail: Cartrail, tmp_path: Path) -> None:
        """Some other file is left as it is."""
        path = tmp_path / "other.db"
        path.write_bytes(content)
        for command in ("board", "verify", "migrate"):
            assert cartrail(command, "--database", path, exit_code=5).err
        assert path.read_bytes() == content

    def test_another_version(self, cartrail: Cartrail, founded: Site) -> None:
        """Tables of another program version are not touched by this one."""
        with sqlite3.connect(founded.path) as connection:
            connection.execute("UPDATE alembic_version SET version_num = 'r9999'")
        connection.close()
        for command in (("board",), ("migrate",), ("person", "add", "CAM-1", "--name", "Cam")):
            said = cartrail(*command, *founded.as_ada, exit_code=5)
            assert "made by another version of cartrail (revision r9999)" in said.err

    def test_guard_missing(self, cartrail: Cartrail, founded: Site) -> None:
        """Without its guards a store is not opened; `migrate` puts them back, and verify says it."""
        with sqlite3.connect(founded.path) as connection:
            (name,) = connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'custody_event'"
            ).fetchone()
            connection.execute(f"DROP TRIGGER {name}")
        connection.close()
        assert "cartrail migrate" in cartrail("board", *founded.as_ada, exit_code=4).err
        assert name in cartrail("verify", *founded.as_ada, exit_code=4).out
        assert name in cartrail("migrate", *founded.as_ada).out
        cartrail("verify", *founded.as_ada)
        assert "up to date" in cartrail("migrate", *founded.as_ada).err

    def test_changed_byte(self, cartrail: Cartrail, founded: Site) -> None:
        """A changed entry is named by chain and sequence."""
        with sqlite3.connect(founded.path) as connection:
            triggers = connection.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'custody_event'"
            ).fetchall()
            for name, _ in triggers:
                connection.execute(f"DROP TRIGGER {name}")
            connection.execute(
                "UPDATE custody_event SET body = replace(body, 'Ada', 'Eve') WHERE sequence = 4"
            )
            for _, statement in triggers:
                connection.execute(statement)
        connection.close()
        said = cartrail("verify", *founded.as_ada, exit_code=4)
        assert "registry 4" in said.out and "CANNOT BE TRUSTED" in said.out

    def test_locked(
        self, cartrail: Cartrail, founded: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """While somebody else holds the store every line is answered store_busy, and can be sent again."""
        connect = sqlite.connect

        def impatient(path: Path, *, read_only: bool, timeout: float) -> sqlite3.Connection:
            return connect(path, read_only=read_only, timeout=min(timeout, 0.2))

        monkeypatch.setattr(sqlite, "connect", impatient)
        path = write_lines(tmp_path / "lines.jsonl", add_person("CAM-1"))
        other = sqlite3.connect(founded.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        said = cartrail("record", path, *founded.as_ada, exit_code=5)
        assert said.records[0]["error"] == "store_busy" and "again" in said.records[0]["remedy"]
        other.execute("ROLLBACK")
        other.close()
        assert cartrail("record", path, *founded.as_ada).records[0]["ok"]

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can become a user without rights")
    def test_read_only(self, founded: Site) -> None:
        """Who may not write can read; recording says whose right is missing."""
        path = Path(tempfile.gettempdir()) / f"cartrail-read-only-{os.getpid()}.db"
        path.write_bytes(founded.path.read_bytes())
        path.chmod(0o444)
        # The first run loads what the second needs: the user without rights may not read the program itself.
        script = (
            "import os, sys; from tui.__main__ import main; "
            "add = ['person', 'add', 'CAM-1', '--name', 'Cam', '--as', 'ADA-1', '--database']; "
            "main([*add, sys.argv[1]]); os.setgid(65534); os.setuid(65534); "
            "sys.exit(main([*add, sys.argv[2]]))"
        )
        try:
            done = subprocess.run(
                [sys.executable, "-c", script, founded.path, path],
                capture_output=True,
                text=True,
                check=False,
                start_new_session=True,
            )
        finally:
            path.unlink()
        assert done.returncode == 5, done.stderr
        assert "reading only" in done.stderr and "Traceback" not in done.stderr

    def test_bad_address(self, cartrail: Cartrail) -> None:
        """An address that is none says how one is written, and shows no password."""
        said = cartrail("board", "--database", "mysql://ann:geheim@host/db", exit_code=5)
        assert "sqlite:////" in said.err and "geheim" not in said.err

    def test_clock_behind(self, cartrail: Cartrail, tmp_path: Path) -> None:
        """A station whose clock is behind the ledger records nothing, and is told to set it."""
        people = [FounderAccount(one, one.title(), PASSWORDS[one], PINS[one]) for one in PASSWORDS]
        new = NewStore(
            purpose=Purpose.DEMO,
            site="PLANT",
            site_title="Plant",
            station="HUB-1",
            zone="Europe/Berlin",
            founders=(people[0], people[1]),
            clock=ClockKind.SIMULATED,
        )
        clock = SimulatedClock(datetime.now(UTC) - timedelta(days=1))
        path = tmp_path / "ahead.db"
        tracker, made = Tracker.found(
            url=sqlite_url(path), new=new, config=tmp_path, environment=Environment(clock, cost=WEAK)
        )
        clock.advance(timedelta(days=1, hours=1))
        assert tracker.record(request=add_person("DAN-1"), signers=made.signers).ok
        tracker.close()
        site = Site(path, write_credentials(tmp_path / "c.toml", PASSWORDS))
        before = site.count()
        lines = write_lines(tmp_path / "lines.jsonl", add_person("CAM-1"), "no json")
        answers = cartrail("record", lines, *site.as_ada, exit_code=5).records
        assert [answer["error"] for answer in answers] == ["clock_behind", "not_json"]
        assert "NTP" in answers[0]["remedy"]
        assert "behind" in cartrail("person", "add", "CAM-1", "--name", "Cam", *site.as_ada, exit_code=5).err
        assert site.count() == before


class TestSecrets:
    @pytest.mark.parametrize("mode", [0o644, 0o640, 0o660])
    def test_credentials_others_can_read(self, mode: int, cartrail: Cartrail, founded: Site) -> None:
        """A file that others can read is refused, with the mode it needs."""
        founded.credentials.chmod(mode)
        said = cartrail("person", "add", "CAM-1", "--name", "Cam", *founded.as_ada, exit_code=2)
        assert f"{mode:04o}" in said.err and "chmod 600" in said.err

    @pytest.mark.parametrize("content", ['ADA-1 = "geheim', "ADA-1 = 5", "pins = 3", '[pins]\nADA-1 = ["x"]'])
    def test_credentials_that_are_none(self, content: str, cartrail: Cartrail, founded: Site) -> None:
        """A file in another form is refused without repeating what may be a password."""
        founded.credentials.write_text(content, encoding="utf-8")
        said = cartrail("person", "add", "CAM-1", "--name", "Cam", *founded.as_ada, exit_code=2)
        assert "geheim" not in said.err and "STAFF" in said.err

    def test_wrong_password(self, cartrail: Cartrail, founded: Site) -> None:
        """A wrong password is exit 3, the fifth in a row locks the person out here, and not the others."""
        write_credentials(founded.credentials, {**PASSWORDS, "ADA-1": "not this one"})
        add = ("person", "add", "CAM-1", "--name", "Cam")
        for _ in range(5):
            cartrail(*add, *founded.as_ada, exit_code=3)
        assert "15 minutes" in cartrail(*add, *founded.as_ada, exit_code=3).err
        cartrail(*add, *founded.as_ada, "--as", "BEN-1")

    def test_nobody_named(self, cartrail: Cartrail, founded: Site) -> None:
        """Who acts has to be said."""
        said = cartrail("person", "add", "CAM-1", "--name", "Cam", "--database", founded.path, exit_code=2)
        assert "--as STAFF" in said.err

    def test_without_terminal_or_file(self, founded: Site) -> None:
        """Nobody can be asked: what to give instead is said."""
        said = process(
            *("person", "add", "CAM-1", "--name", "Cam", "--database", founded.path, "--as", "ADA-1")
        )
        assert said.exit_code == 2
        assert "--credentials" in said.err

    def test_closed_descriptor(self, cartrail: Cartrail, founded: Site) -> None:
        """A descriptor that is not open is named."""
        shared = ("--database", founded.path, "--as", "ADA-1", "--password-fd", "93")
        assert "93" in cartrail("person", "add", "CAM-1", "--name", "Cam", *shared, exit_code=2).err


class TestEnding:
    def test_fault_of_the_program(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An unexpected exception is a sentence, a log file only its owner reads, and exit 1."""
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

        def broken() -> int:
            raise ZeroDivisionError("by \x1b[31m zero")

        assert ended(broken) == 1
        said = capsys.readouterr().err
        log = next(tmp_path.rglob("cartrail.log"))
        assert "fault of the program" in said and str(log) in said and "Traceback" not in said
        assert "ZeroDivisionError" in log.read_text(encoding="utf-8")
        assert log.stat().st_mode & 0o777 == 0o600

    def test_findings_g15_no_password_in_the_log(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Of what was typed the command's name alone, and of an address in a message not its password."""
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
        address = "postgresql://lab:Quitte-7@db.example/cartrail"
        monkeypatch.setattr(sys, "argv", ["cartrail", f"--database={address}", "board"])

        def broken() -> int:
            raise ZeroDivisionError(f"no way to {address}")

        assert ended(broken) == 1
        log = next(tmp_path.rglob("cartrail.log")).read_text(encoding="utf-8")
        assert "Quitte-7" not in log and "lab:***@db.example" in log
        assert log.partition("\n")[0].endswith(" cartrail board")

    @pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
    def test_findings_g16_a_full_or_read_only_disk_is_no_fault(
        self, number: int, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        """Whatever was being written: a sentence, what to do, and exit 5."""

        def full() -> int:
            raise OSError(number, os.strerror(number), str(tmp_path / "scratch"))

        assert ended(full) == 5
        said = capsys.readouterr().err
        assert "scratch cannot be written" in said and os.strerror(number) in said and "fault" not in said

    def test_interrupted(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Ctrl-C says what became of the rest."""

        def interrupted() -> int:
            raise KeyboardInterrupt

        assert ended(interrupted) == 130
        assert "not known whether it was recorded" in capsys.readouterr().err

    def test_long_and_hostile_messages(self) -> None:
        """A message is cut and shows what it would not print."""
        shown = printable("a\x1b]0;title\x07" + "x" * 10_000)
        assert "\x1b" not in shown and "\x07" not in shown and len(shown) < 3_000

    def test_nothing_is_said_twice(self, cartrail: Cartrail, tmp_path: Path) -> None:
        """Data stays clean: an error leaves the standard output empty."""
        assert cartrail("trail", "--database", tmp_path / "no.db", "--json", exit_code=5).out == ""

    def test_json_of_a_refusal(self, cartrail: Cartrail, founded: Site) -> None:
        """With --json the answer of a refusal is data too."""
        add = ("person", "add", "ADA-1", "--name", "Ada", "--json")
        said = cartrail(*add, *founded.as_ada, exit_code=3)
        assert json.loads(said.out)["error"] == "staff_taken"


class TestFilesOfEditors:
    BOM = b"\xef\xbb\xbf"

    def test_findings_c7_before_the_first_line_of_requests(
        self, cartrail: Cartrail, founded: Site, tmp_path: Path
    ) -> None:
        """The mark some editors write is skipped once; the line behind it is taken."""
        line = add_person("CAM-1")
        path = tmp_path / "lines.jsonl"
        path.write_bytes(self.BOM + json.dumps(line).encode() + b"\n")
        assert [one["ok"] for one in cartrail("record", path, *founded.as_ada).records] == [True]
        path.write_bytes(self.BOM * 2 + json.dumps(line).encode() + b"\n")
        assert cartrail("record", path, *founded.as_ada, exit_code=2).records[0]["error"] == "not_json"

    def test_findings_c7_before_credentials(self, tmp_path: Path) -> None:
        """Passwords in a file that an editor saved so."""
        path = tmp_path / "credentials.toml"
        path.write_bytes(self.BOM + b'ADA-1 = "a long password"\n')
        path.chmod(0o600)
        assert read_credentials(path)["passwords"] == {"ADA-1": "a long password"}

    def test_findings_c7_before_identifiers(self, tmp_path: Path) -> None:
        """The issuer of the first identifier begins behind the mark."""
        path = tmp_path / "wristband.txt"
        path.write_bytes(self.BOM + b"CLINIC mrn 00012345\n")
        assert [one["issuer"] for one in read_identifiers(str(path))] == ["CLINIC"]
