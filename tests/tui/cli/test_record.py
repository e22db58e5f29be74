"""`cartrail record`: one answer a line, after the commit, whatever the line says."""

from __future__ import annotations

import itertools
import json
import os
import select
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE
from typing import IO, Any

import orjson
import pytest

from schema.errors import StoreBusy, StoreUnreachable
from tests.support.commands import (
    PASSWORDS,
    Cartrail,
    Said,
    Site,
    found,
    installed,
    process,
    write_credentials,
)
from tests.support.demos import DemoSite
from tests.support.forked import Command
from tracker.acts.randomness import uuid7
from tracker.catalog import requests
from tracker.clock import SystemClock
from tracker.tracker import Tracker
from tui.cli.record import batches
from tui.cli.record.lines import LINE_BYTES_MAX, Lines


def event_id() -> str:
    """A new UUIDv7."""
    return uuid7(SystemClock().now())


def add_person(staff: str, **more: Any) -> dict[str, Any]:
    """A request that needs one signature, of the actor."""
    request = {"request": "add_person", "event_id": event_id(), "actor": "ADA-1", "station": "HUB-1"}
    return {**request, "staff": staff, "printed_name": f"Person {staff}", **more}


def write_lines(path: Path, *lines: object) -> Path:
    """A file of requests; text stands as it is."""
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def record(cartrail: Cartrail, founded: Site, tmp_path: Path) -> Any:
    """Records lines in the training store and gives what was said."""

    def run(*lines: object, exit_code: int = 0) -> Said:
        path = write_lines(tmp_path / "lines.jsonl", *lines)
        return cartrail("record", path, *founded.as_ada, exit_code=exit_code)

    return run


def test_availability_b5_a_line_that_was_taken_in_the_end_is_no_failure(
    record: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exit code is that of the first line which was not taken when it was sent again either."""
    monkeypatch.setattr(batches, "BATCH_LINES", 1)
    in_batch, tries = Tracker.in_batch, itertools.count()

    def lost(tracker: Tracker, work: Callable[[], Any]) -> Any:
        if next(tries) in {0, 2}:
            raise StoreUnreachable("The database does not answer.")
        return in_batch(tracker, work)

    monkeypatch.setattr(Tracker, "in_batch", lost)
    first = add_person("CAM-1")
    assert [line["ok"] for line in record(first, first).records] == [False, True]
    said = record(add_person("DAN-1"), add_person("EVE-1"), exit_code=5)
    assert [line["ok"] for line in said.records] == [False, True]


class TestAnswers:
    def test_taken(self, record: Any) -> None:
        """An answer has exactly these keys, and each entry its four."""
        request = add_person("CAM-1")
        (answer,) = record(request).records
        assert set(answer) == {"ok", "event_id", "entries"}
        assert answer["ok"] is True and answer["event_id"] == request["event_id"]
        assert set(answer["entries"][0]) == {"chain", "sequence", "digest", "statement_digest"}

    def test_refused(self, record: Any) -> None:
        """A refusal has its code, sentence, remedy and evidence; the lines around it are taken."""
        said = record(add_person("CAM-1"), add_person("ADA-1"), add_person("DAN-1"), exit_code=3)
        assert [answer["ok"] for answer in said.records] == [True, False, True]
        refused = said.records[1]
        assert set(refused) == {"ok", "event_id", "error", "message", "remedy", "entries"}
        assert refused["error"] == "staff_taken" and refused["entries"] == []

    @pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+12:00", "9999-12-31T23:59:59-12:00"])
    def test_findings_c2_a_time_at_the_edge_of_the_calendar(self, moment: str, record: Any) -> None:
        """That line alone is bad input; the ones around it are taken."""
        late = {"entry": {"mode": "late"}, "reason": "performed_before_entry", "occurred_at": moment}
        said = record(add_person("CAM-1"), {**add_person("DAN-1"), **late}, add_person("EVE-1"), exit_code=2)
        assert [answer["ok"] for answer in said.records] == [True, False, True]
        assert said.records[1]["error"] == "bad_input"

    def test_exit_code_of_the_first_line_not_ok(self, record: Any) -> None:
        """A refusal before bad input: 3; bad input before a refusal: 2."""
        record(add_person("ADA-1"), "no json", exit_code=3)
        record("no json", add_person("ADA-1"), exit_code=2)

    def test_sent_again(self, record: Any, founded: Site) -> None:
        """The same line again: the same answer and nothing recorded; another under its id is refused."""
        request = add_person("CAM-1")
        first = record(request, request)
        assert first.records[0] == first.records[1]
        count = founded.count()
        assert record(request).records[0] == first.records[0]
        said = record({**request, "printed_name": "Another"}, exit_code=2)
        assert said.records[0]["error"] == "request_reused"
        assert founded.count() == count

    def test_entries_of_a_file_are_unattended(self, record: Any, founded: Site, cartrail: Cartrail) -> None:
        """Passwords from --credentials make the entry's mode."""
        record(add_person("CAM-1"))
        last = cartrail("trail", "registry", "--format", "json", *founded.as_ada).records[-2]
        assert last["statement"]["entry"]["mode"] == "unattended"

    def test_empty_lines_are_passed_over(self, record: Any) -> None:
        """An empty line asks nothing and gets no answer."""
        assert len(record("", add_person("CAM-1"), "   ", "").records) == 1


class TestLinesThatAreNoRequest:
    @pytest.mark.parametrize(
        ("line", "error"),
        [
            ("no json", "not_json"),
            ("[1, 2]", "not_an_object"),
            ('{"request": "add_person", "a": 1.5}', "float"),
            ('{"request": "add_person", "a": NaN}', "float"),
            ('{"request": "add_person", "request": "add_site"}', "doubled_name"),
            ('{"request": "fly"}', "unknown_request"),
            ('{"no": "request"}', "unknown_request"),
            ("[" * 100_000, "not_json"),
            ('{"a": ' + "9" * 5000 + "}", "not_json"),
        ],
    )
    def test_answered_with_bad_input(self, line: str, error: str, record: Any, founded: Site) -> None:
        """Each kind of damage has its own answer, exit code 2, and nothing is recorded."""
        count = founded.count()
        said = record(line, exit_code=2)
        assert said.records[0]["error"] == error
        assert said.records[0]["remedy"]
        assert founded.count() == count

    def test_too_long_and_never_repeated(self, founded: Site, tmp_path: Path) -> None:
        """A 10 MB line is thrown away as it comes; the next line is taken."""
        path = tmp_path / "long.jsonl"
        path.write_bytes(
            b'{"request": "' + b"x" * 10_000_000 + b'"}\n' + orjson.dumps(add_person("CAM-1")) + b"\n"
        )
        said = process("record", path, *founded.as_ada)
        assert said.exit_code == 2
        assert len(said.out) < 2_000
        assert [answer.get("error") for answer in said.records] == ["line_too_long", None]

    def test_not_utf8(self, cartrail: Cartrail, founded: Site, tmp_path: Path) -> None:
        """Bytes that are no text are named as such."""
        path = tmp_path / "latin.jsonl"
        path.write_bytes(b'{"request": "\xe9"}\n')
        said = cartrail("record", path, *founded.as_ada, exit_code=2)
        assert said.records[0]["error"] == "not_json" and "UTF-8" in said.records[0]["message"]

    @pytest.mark.parametrize("name", ["adopt_protocol", "issue_access_code", "activate_key"])
    def test_commands_of_their_own(self, name: str, record: Any) -> None:
        """What comes with a file, a code or a password is sent to its command."""
        said = record({**add_person("CAM-1"), "request": name}, exit_code=2)
        assert "cartrail " in said.records[0]["remedy"]

    def test_a_key_of_a_megabyte_is_not_repeated(self, record: Any) -> None:
        """An answer quotes little of what was sent, and nothing that moves a cursor."""
        said = record(add_person("CAM-1", **{"\x1b[31m" + "k" * 500_000: 1}), exit_code=2)
        assert len(said.out) < 5_000 and "\x1b" not in said.out


class TestSigners:
    def test_wrong_password_is_tried_once(self, cartrail: Cartrail, founded: Site, tmp_path: Path) -> None:
        """Twenty lines with a wrong password are one failure, not a lock-out."""
        wrong = write_credentials(tmp_path / "wrong.toml", {"ADA-1": "not this one"})
        path = write_lines(tmp_path / "many.jsonl", *(add_person(f"CAM-{n}") for n in range(20)))
        shared = ("--database", founded.path, "--as", "ADA-1", "--credentials", wrong)
        said = cartrail("record", path, *shared, exit_code=3)
        assert {answer["error"] for answer in said.records} == {"wrong_password"}
        cartrail("person", "add", "CAM-1", "--name", "Cam", *founded.as_ada)

    def test_no_password_at_hand(self, founded: Site) -> None:
        """Without a terminal, a line whose signer has no password says what to give."""
        said = process("record", "--database", founded.path, stdin=orjson.dumps(add_person("CAM-1")))
        assert said.exit_code == 2
        assert said.records[0]["error"] == "no_password" and "--credentials" in said.records[0]["remedy"]

    def test_password_from_a_descriptor(self, founded: Site, tmp_path: Path) -> None:
        """--password-fd gives the password of --as."""
        secret = tmp_path / "secret"
        secret.write_text("plum cart wheel\n", encoding="utf-8")
        with secret.open("rb") as file:
            shared = ("--database", founded.path, "--as", "ADA-1", "--password-fd", file.fileno())
            said = installed(
                "record", *shared, stdin=orjson.dumps(add_person("CAM-1")), pass_fds=(file.fileno(),)
            )
        assert said.exit_code == 0, said

    def test_password_from_the_standard_input(self, founded: Site) -> None:
        """The descriptor 0 is one like any other."""
        shared = ("--database", founded.path, "--as", "ADA-1", "--password-fd", "0")
        said = process("person", "add", "CAM-1", "--name", "Cam Example", *shared, stdin=b"plum cart wheel\n")
        assert said.exit_code == 0, said

    def test_two_people_in_a_demo(self, cartrail: Cartrail, demo_site: DemoSite, tmp_path: Path) -> None:
        """In a demo store the request's own mode stands, and two people of a file sign."""
        grant = {
            "request": "grant_role",
            "event_id": event_id(),
            "actor": "ADMIN-1",
            "station": "MFG-1-01",
            "staff": "OPER-1",
            "role": "quality",
            "site": "MFG-1",
            "training_reference": "TR-9",
            "signers": [
                {"staff": "ADMIN-1", "meaning": "performed"},
                {"staff": "QA-1", "meaning": "approved"},
            ],
        }
        path = write_lines(tmp_path / "grant.jsonl", grant)
        shared = ("--database", demo_site.path, "--credentials", demo_site.credentials)
        cartrail("record", path, *shared)
        last = cartrail("trail", "registry", "--format", "json", "--database", demo_site.path).records[-1]
        assert last["statement"]["entry"]["mode"] == "live" and len(last["signatures"]) == 2


class TestBatches:
    def test_answers_come_while_the_pipe_is_open(self, founded: Site) -> None:
        """An instrument that waits for its answer gets it, and it is committed by then."""
        with instrument(founded) as (asks, answers):
            for number in range(3):
                asks.write(orjson.dumps(add_person(f"CAM-{number}")) + b"\n")
                asks.flush()
                assert select.select([answers], [], [], 20)[0], "no answer came"
                assert orjson.loads(answers.readline())["ok"]
                tracker = Tracker.open(url=founded.url, read_only=True)
                assert tracker.registry.person(f"CAM-{number}") is not None
                tracker.close()

    def test_a_thousand_lines(self, cartrail: Cartrail, founded: Site, tmp_path: Path) -> None:
        """More than one batch: every line is answered once, in order."""
        lines = [add_person(f"CAM-{number}") for number in range(1_050)]
        path = write_lines(tmp_path / "many.jsonl", *lines)
        said = cartrail("record", path, *founded.as_ada)
        assert [answer["event_id"] for answer in said.records] == [line["event_id"] for line in lines]

    def test_busy_batch_is_taken_again_as_a_whole(
        self, record: Any, monkeypatch: pytest.MonkeyPatch, founded: Site
    ) -> None:
        """A store that is busy once costs a second try, not an answer."""
        real, seen = Tracker.record, []

        def busy_once(tracker: Tracker, **given: Any) -> Any:
            seen.append(given["request"]["staff"])
            if len(seen) == 2:
                raise StoreBusy("Somebody else holds the store.")
            return real(tracker, **given)

        monkeypatch.setattr(Tracker, "record", busy_once)
        before = founded.count()
        said = record(add_person("CAM-1"), add_person("DAN-1"))
        assert all(answer["ok"] for answer in said.records)
        assert seen == ["CAM-1", "DAN-1", "CAM-1", "DAN-1"]
        assert founded.count() == before + 2

    def test_failed_commit_answers_for_every_line(
        self, record: Any, monkeypatch: pytest.MonkeyPatch, founded: Site
    ) -> None:
        """When the store stays busy no line was recorded, and every answer says so."""

        def busy(tracker: Tracker, **given: Any) -> Any:
            raise StoreBusy("Somebody else holds the store.")

        before = founded.count()
        with monkeypatch.context() as patched:
            patched.setattr(Tracker, "record", busy)
            said = record(add_person("CAM-1"), "no json", exit_code=5)
        assert [answer["error"] for answer in said.records] == ["store_busy", "not_json"]
        assert founded.count() == before

    def test_two_at_once_on_one_chain(self, empty_url: str, tmp_path: Path) -> None:
        """Two instruments and one chain, on either engine: every line of both is taken."""
        found(empty_url, tmp_path)
        credentials = write_credentials(tmp_path / "c.toml", PASSWORDS)
        shared = ("--database", empty_url, "--as", "ADA-1", "--credentials", str(credentials))
        running = [Command("record", *shared, stdin=PIPE, stdout=PIPE) for _ in range(2)]
        lines = [
            b"".join(orjson.dumps(add_person(f"CAM-{one}-{number}")) + b"\n" for number in range(40))
            for one in range(2)
        ]
        with ThreadPoolExecutor() as pool:
            outputs = list(
                pool.map(lambda pair: pair[0].communicate(pair[1])[0], zip(running, lines, strict=True))
            )
        answers = [orjson.loads(line) for output in outputs for line in output.splitlines()]
        assert len(answers) == 80
        assert all(answer["ok"] for answer in answers)
        assert len({answer["entries"][0]["sequence"] for answer in answers}) == 80


@contextmanager
def instrument(founded: Site) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """`cartrail record` as something that sends a line and waits."""
    with Command("record", *founded.as_ada, stdin=PIPE, stdout=PIPE) as running:
        yield running.stdin, running.stdout
        running.stdin.close()
        assert running.wait(timeout=30) == 0


class TestLines:
    def test_waiting_never_blocks(self) -> None:
        """Half a line is not a line; `waiting` says so at once."""
        reader, writer = os.pipe()
        lines = Lines(reader)
        os.write(writer, b"one\ntwo\nthr")
        first = lines.wait()
        second = lines.waiting()
        assert first is not None and first.content == b"one"
        assert second is not None and second.content == b"two"
        began = time.monotonic()
        assert lines.waiting() is None
        assert time.monotonic() - began < 1
        os.write(writer, b"ee")
        os.close(writer)
        third = lines.wait()
        assert third is not None and third.content == b"three" and third.number == 3
        assert lines.wait() is None
        os.close(reader)

    @pytest.mark.parametrize(("length", "kept"), [(LINE_BYTES_MAX, True), (LINE_BYTES_MAX + 1, False)])
    def test_longest_line(self, length: int, kept: bool, tmp_path: Path) -> None:  # noqa: FBT001
        """The limit itself is taken, one byte more is not, and the line after it is whole."""
        path = tmp_path / "lines"
        path.write_bytes(b"x" * length + b"\nnext\n")
        with path.open("rb") as file:
            lines = Lines(file.fileno())
            first, second = lines.wait(), lines.wait()
        assert first is not None and first.length == length and (first.content is not None) == kept
        assert second is not None and second.content == b"next"


class TestHelpRequests:
    def test_lists_every_request(self, cartrail: Cartrail) -> None:
        """Each with its sentence, without a store."""
        said = cartrail("record", "--help-requests")
        assert all(name in said.out for name in requests())

    @pytest.mark.parametrize("name", ["relinquish", "enroll", "grant_role"])
    def test_shows_one(self, name: str, cartrail: Cartrail) -> None:
        """Its fields and which are needed."""
        assert "event_id" in cartrail("record", "--help-requests", name).out

    def test_json_schema(self, cartrail: Cartrail) -> None:
        """All of them as one document, or one."""
        assert set(cartrail("record", "--help-requests", "--json").records[0]) == set(requests())
        schema = cartrail("record", "--help-requests", "store", "--json").records[0]
        assert schema["properties"]["request"] == {"const": "store"}

    def test_unknown(self, cartrail: Cartrail) -> None:
        """A name that is none is bad input."""
        cartrail("record", "--help-requests", "fly", exit_code=2)
