"""Trails as spreadsheets, opened by other people's reader; and the note of what left the store."""

from __future__ import annotations

import errno
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from schema.errors import InputError
from schema.events.registry import TrailExported
from schema.instants import parse_instant, parse_offset
from tests.support.commands import Cartrail
from tests.support.demos import DemoSite
from tests.support.journeys import World
from tracker.exports import workbook
from tracker.exports.disclosure import NOTHING_MORE, Disclosure, parse_disclosure
from tracker.exports.dossiers import dossiers
from tracker.exports.selection import EventSelection
from tracker.exports.trails import Trails, chains_of
from tracker.exports.wording import heading_of
from tracker.exports.workbook import CONTINUED, SHEETS
from tracker.therapy.making import requests as processing
from tracker.tracker import Tracker

Lines = list[dict[str, Any]]


@pytest.fixture
def tracker(demo_site: DemoSite) -> Iterator[Tracker]:
    """The demo, opened for reading."""
    opened = Tracker.open(url=demo_site.url, read_only=True)
    yield opened
    opened.close()


def book_of(tracker: Tracker, *cois: str, disclosure: Disclosure = NOTHING_MORE) -> openpyxl.Workbook:
    """The workbook of some therapies, or of all, read again."""
    trails = Trails(tracker, chains_of(tracker, cois), EventSelection())
    out = io.BytesIO()
    workbook.write_workbook(dossiers(trails, disclosure), heading_of(trails, disclosure), out)
    return openpyxl.load_workbook(out)


def lines_of(book: openpyxl.Workbook, sheet: str) -> Lines:
    """The lines of a sheet by heading; of the several columns `offset` the first counts."""
    head, *rows = book[sheet].iter_rows(values_only=True)
    return [dict(reversed(list(zip(map(str, head), row, strict=True)))) for row in rows]


class TestSheets:
    def test_every_sheet_is_there(self, tracker: Tracker) -> None:
        """The sheets of the lists, and one about the file."""
        assert book_of(tracker).sheetnames == [*SHEETS, "about"]

    def test_no_cell_is_a_formula_or_a_link(self, tracker: Tracker) -> None:
        """Donation numbers begin with an equals sign and stay text, to the letter."""
        book = book_of(tracker, disclosure=Disclosure(identifiers=True, free_text=True, names=True))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        assert not [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink]
        dins = [line["code"] for line in lines_of(book, "reads") if line["field"] == "din"]
        assert dins and all(din.startswith("=") for din in dins)

    def test_dates_are_dates_with_their_offset(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """Local date and offset together are the instant that stands beside them."""
        for sheet, title in (("events", "happened"), ("signatures", "signed")):
            lines = lines_of(book_of(tracker, demo_site.coi("closed")), sheet)
            assert {line["offset"] for line in lines} >= {"-04:00", "+02:00"}
            for line in lines:
                shown = line[f"{title} (local)"]
                assert isinstance(shown, datetime)
                moment = shown.replace(tzinfo=parse_offset(line["offset"])).astimezone(UTC)
                assert abs((moment - parse_instant(line[f"{title} (UTC)"])).total_seconds()) < 0.002

    def test_custody_has_no_hole(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """From collection to its end a unit is always with somebody, and what ends begins somewhere else."""
        lines = lines_of(book_of(tracker, demo_site.coi("closed")), "custody")
        for unit in {line["unit"] for line in lines}:
            holdings = [line for line in lines if line["unit"] == unit]
            for one, following in pairwise(holdings):
                assert one["ended by sequence"] == following["sequence"]
            assert holdings[-1]["until (UTC)"] is not None

    def test_tests_with_their_limits(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """A failed test says so."""
        lines = lines_of(book_of(tracker, demo_site.coi("released out")), "tests")
        failed = [line for line in lines if line["limit is met"] == "no"]
        assert [line["test"] for line in failed] == ["viability"] and failed[0]["limit"] == "at least 70"

    def test_findings_d14_limits(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """Every run of a limit with its start, end and due time; what was over says by how much."""
        lines = lines_of(book_of(tracker, demo_site.coi("closed")), "limits")
        frozen = next(line for line in lines if line["limit"] == "Collection to freezing")
        assert (frozen["allowed"], frozen["state"], frozen["over by"]) == ("2 d", "in time", None)
        assert (frozen["started by"], frozen["ended by"]) == ("collected", "cryopreserved")
        assert 0 < frozen["hours used"] < 48 and frozen["due (UTC)"] > frozen["ended (UTC)"]
        late = lines_of(book_of(tracker, demo_site.coi("late, fresh")), "limits")
        over = [line for line in late if line["over by"]]
        assert over and {line["state"] for line in over} <= {"RUNS, OVER", "EXCEEDED"}

    def test_findings_d14_identity(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """Who compared which identifiers; the mix-up that was stopped is among them."""
        lines = lines_of(book_of(tracker, demo_site.coi("infused after")), "identity")
        found = {line["sequence"]: line for line in lines}
        assert found[57]["outcome"] == "STOPPED: another patient's code as patient"
        assert found[69]["outcome"] == "agree" and found[69]["compared"].count("off wristband, scanned") == 2

    def test_findings_d14_temperatures_and_hold_times(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """Each display as a number against its band, each place, and for each leg how long the box holds."""
        book = book_of(tracker, demo_site.coi("refused at pick-up"))
        lines = [line for line in lines_of(book, "temperatures") if line["shipment"]]
        assert [(line["what"], line["celsius"], line["verdict"]) for line in lines][-1] == (
            "refused", -118.0, "OUTSIDE",
        )  # fmt: skip
        assert lines[0]["verdict"] == "inside"
        (leg,) = lines_of(book, "hold times")
        assert leg["opened (UTC)"] is None and leg["hours it holds"] > 24
        closed = book_of(tracker, demo_site.coi("closed"))
        stored = [line for line in lines_of(closed, "temperatures") if not line["shipment"]]
        assert {(line["what"], line["verdict"]) for line in stored} == {("stored", "fits")}
        legs = lines_of(closed, "hold times")
        assert [(line["from"], line["to"], line["verdict"]) for line in legs] == [
            ("COLL-A", "MFG-1", "in time"), ("MFG-1", "TREAT-A", "in time"),
        ]  # fmt: skip

    @pytest.mark.parametrize("nasty", ["=1+1", "+1", "@SUM(A1)", "https://a.example", "#panic()", "x" * 1900])
    def test_nasty_words(self, nasty: str, world: Callable[[str], World]) -> None:
        """What a person wrote is text."""
        given = world("frozen")
        units = given.one.frozen_scans((given.one.bag,))
        given.do(processing.Quarantine, "QA-2", units=units, reason="other", remark=nasty)
        book = book_of(given.tracker, given.one.coi, disclosure=Disclosure(free_text=True))
        said = [line["said"] for line in lines_of(book, "events")]
        first = next(at for at, one in enumerate(said) if one and "remark: " in one)
        whole = "".join(one.removeprefix(CONTINUED) for one in said[first:] if one)
        assert whole.startswith(f"reason: other\nremark: {nasty}")

    def test_more_lines_than_a_sheet_holds(self, tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing is left out silently."""
        monkeypatch.setattr(workbook, "ROWS_MAX", 20)
        with pytest.raises(InputError, match="holds 19 lines"):
            book_of(tracker)

    def test_registry(self, tracker: Tracker) -> None:
        """The registry has events and signatures, and its people only by their ids."""
        book = book_of(tracker, "registry")
        assert len(lines_of(book, "events")) > 100
        text = " ".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
        assert not [person.name for person in tracker.registry.people.values() if person.name in text]


class TestPrinted:
    @pytest.mark.parametrize("sheet", list(SHEETS))
    def test_findings_d21_readable_on_paper(self, sheet: str, tracker: Tracker, demo_site: DemoSite) -> None:
        """Type of 8 points, headings and therapy on each page, and no page wider than A4 across."""
        book = book_of(tracker, demo_site.coi("closed"))[sheet]
        assert book.page_setup.scale == 75 and book.page_setup.orientation == "landscape"
        assert not book.sheet_properties.pageSetUpPr.fitToPage
        assert (book.print_title_rows, book.print_title_cols) == ("$1:$1", "$A:$B")
        columns = [column for column in SHEETS[sheet][0] if column.printed]
        ends = [*(one.id for one in book.col_breaks.brk), len(columns)]
        repeated = sum(column.pixels for column in columns[:2])
        for start, end in pairwise([0, *ends]):
            wide = sum(column.pixels for column in columns[start:end]) + (repeated if start else 0)
            assert 0 < wide * 0.75 <= 277 / 25.4 * 96

    def test_findings_d21_nothing_is_cut(self, world: Callable[[str], World]) -> None:
        """A text of 2,000 characters goes on in the next row, and none is higher than a spreadsheet shows."""
        given = world("frozen")
        words = " ".join(f"word{number:03}" for number in range(249))
        units = given.one.frozen_scans((given.one.bag,))
        given.do(processing.Quarantine, "QA-2", units=units, reason="other", remark=words)
        book = book_of(given.tracker, given.one.coi, disclosure=Disclosure(free_text=True))
        lines = [line for line in lines_of(book, "events") if line["said"] and "word" in line["said"]]
        assert len(lines) == 2 and lines[0]["sequence"] == lines[1]["sequence"]
        assert lines[1]["said"].startswith("(continued) ") and lines[1]["event id"] is None
        told = "".join(line["said"].removeprefix("(continued) ") for line in lines)
        assert told.endswith(f"remark: {words}")
        for line in lines_of(book, "events"):
            for column in (
                one for one in workbook.EVENTS if one.printed and isinstance(line[one.title], str)
            ):
                across = sum(-(-len(part) // column.width) or 1 for part in line[column.title].split("\n"))
                assert across * 15 <= 409

    def test_what_programs_read_is_whole_and_not_printed(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """Digests and facts stand to the right of what is printed."""
        book = book_of(tracker, demo_site.coi("closed"))["events"]
        head = [cell.value for cell in book[1]]
        assert head[-5:] == ["event id", "act", "entry digest", "statement digest", "facts (JSON)"]
        assert book.print_area.endswith(f"${openpyxl.utils.get_column_letter(len(head) - 5)}${book.max_row}")


class TestSharing:
    def test_names_identifiers_and_text_only_when_chosen(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """Without a choice none of them is in the file, and the file says so."""
        coi = demo_site.coi("closed")
        (therapy,) = (one for one in demo_site.demo.therapies if one.coi == coi)
        hidden = [person.name for person in demo_site.demo.people] + list(therapy.wristband)
        for disclosure in (NOTHING_MORE, Disclosure(identifiers=True, names=True)):
            book = book_of(tracker, coi, disclosure=disclosure)
            text = " ".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
            assert any(value in text for value in hidden) is disclosure.names
            assert any(value in text for value in therapy.wristband) is disclosure.identifiers
            about = dict(book["about"].iter_rows(values_only=True))
            assert about["Chosen to be open"] == disclosure.stated()

    @pytest.mark.parametrize("text", ["", "everything", "names,", "names,names"])
    def test_words(self, text: str) -> None:
        """Only the three words, once or again."""
        if text.startswith("names"):
            assert parse_disclosure(text) == Disclosure(names=True)
            return
        with pytest.raises(InputError):
            parse_disclosure(text)

    def test_more_takes_somebody_entitled(
        self, cartrail: Cartrail, demo_site: DemoSite, tmp_path: Path
    ) -> None:
        """An auditor signs in; a courier may not, and nobody may unnamed. No file is left behind."""
        out = tmp_path / "trail.xlsx"
        shared = ("trail", demo_site.coi("closed"), "--database", demo_site.path, "--format", "xlsx",
                  "--out", out, "--with", "names", "--station", "MFG-1-01")  # fmt: skip
        cartrail(*shared, exit_code=2)
        cartrail(*shared, "--as", "COUR-X1", "--credentials", demo_site.credentials, exit_code=3)
        assert not out.exists()
        cartrail(*shared, "--as", "AUDIT-1", "--credentials", demo_site.credentials)
        assert out.exists()


class TestNote:
    def notes(self, site: DemoSite) -> list[TrailExported]:
        """What the registry says of trails that left."""
        opened = Tracker.open(url=site.url, read_only=True)
        trails = Trails(opened, ["registry"], EventSelection())
        found = [entry.statement.payload for entry in trails.known("registry").entries]
        opened.close()
        return [one for one in found if isinstance(one, TrailExported)]

    @pytest.mark.parametrize("form", ["json", "csv", "xlsx"])
    def test_noted_before_it_leaves(
        self, form: str, cartrail: Cartrail, demo_site: DemoSite, tmp_path: Path
    ) -> None:
        """Form and number stand in clear, the therapies as a commitment; the record still verifies."""
        who = ("--as", "AUDIT-1", "--station", "MFG-1-01", "--database", demo_site.path)
        said = cartrail("trail", demo_site.coi("closed"), "--format", form, "--out", tmp_path / "t", *who)
        assert "not noted" not in said.err
        (noted,) = self.notes(demo_site)
        assert (noted.form, noted.count, noted.staff_names) == (form, 1, False)
        cartrail("verify", "--database", demo_site.path)

    def test_findings_g16_what_came_to_no_file_was_attempted(
        self, cartrail: Cartrail, demo_site: DemoSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The note stands, and a second one says that of this export no file came to be."""

        def full(_: Path, __: Path) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(Path, "replace", full)
        who = ("--as", "AUDIT-1", "--station", "MFG-1-01", "--database", demo_site.path)
        asked = ("trail", demo_site.coi("closed"), "--format", "csv", "--out", tmp_path / "t")
        cartrail(*asked, *who, exit_code=5)
        opened = Tracker.open(url=demo_site.url, read_only=True)
        entries = Trails(opened, ["registry"], EventSelection()).known("registry").entries[-2:]
        opened.close()
        first, second = (one.statement.payload for one in entries)
        assert isinstance(first, TrailExported) and isinstance(second, TrailExported)
        assert (first.failed, second.failed) == (None, entries[0].statement.event_id)

    def test_a_table_is_a_view(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """Looking leaves no note."""
        cartrail("trail", "--as", "AUDIT-1", "--station", "MFG-1-01", "--database", demo_site.path)
        assert not self.notes(demo_site)

    def test_nobody_named(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """The export goes on, and says that it is not noted."""
        said = cartrail("trail", "--format", "csv", "--database", demo_site.path)
        assert "not noted in the registry" in said.err and said.out and not self.notes(demo_site)

    def test_a_store_that_takes_no_note(
        self, cartrail: Cartrail, demo_site: DemoSite, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What cannot be written to can still be read."""
        from schema.errors import StoreError
        from tui.cli.session import CommandSession

        def closed(_: CommandSession) -> None:
            raise StoreError("The store is open for reading only.")

        monkeypatch.setattr(CommandSession, "writing", closed)
        who = ("--as", "AUDIT-1", "--station", "MFG-1-01", "--database", demo_site.path)
        said = cartrail("trail", "--format", "csv", *who)
        assert "reading only" in said.err and said.out

    def test_nothing_is_noted_of_what_cannot_be_written(
        self, cartrail: Cartrail, demo_site: DemoSite, tmp_path: Path
    ) -> None:
        """Errors come before notes and files."""
        shared = (
            "--format",
            "xlsx",
            "--as",
            "AUDIT-1",
            "--station",
            "MFG-1-01",
            "--database",
            demo_site.path,
        )
        cartrail("trail", demo_site.coi("closed"), *shared, "--out", tmp_path / "no" / "x", exit_code=2)
        cartrail("trail", "CD234567892", *shared, "--out", tmp_path / "x", exit_code=2)
        cartrail("trail", *shared, exit_code=2)
        assert not self.notes(demo_site) and not (tmp_path / "x").exists()
