"""Trails as table, as CSV and as the stored entries."""

from __future__ import annotations

import csv
import io
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import orjson
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.canonical import leaf_digest
from schema.errors import InputError
from schema.events.custody import Packed
from schema.identifiers import first_copy
from tests.support.commands import Cartrail
from tests.support.demos import DemoSite
from tests.support.evidence_story import tampering
from tests.support.journeys import World
from tracker.exports.csvs import BYTE_ORDER_MARK, COLUMNS, guarded
from tracker.exports.disclosure import NOTHING_MORE
from tracker.exports.files import whole_file
from tracker.exports.forms import FOR_PROGRAMS, TrailFormat
from tracker.exports.rows import TrailRow
from tracker.exports.selection import EventSelection, parse_marked
from tracker.exports.trails import Trails, chains_of, of_shipment
from tracker.therapy.making import requests as processing
from tracker.tracker import Tracker


@pytest.fixture
def tracker(demo_site: DemoSite) -> Iterator[Tracker]:
    """The demo, opened for reading."""
    opened = Tracker.open(url=demo_site.url, read_only=True)
    yield opened
    opened.close()


def rows_of(tracker: Tracker, coi: str, selection: EventSelection | None = None) -> list[TrailRow]:
    """The rows of one therapy."""
    return list(Trails(tracker, [coi], selection or EventSelection()).rows())


class TestRows:
    def test_custody_from_vein_to_vein(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """Where an event moved a unit, the row says who has it from then on."""
        moves = [row.custody for row in rows_of(tracker, demo_site.coi("closed")) if row.custody]
        assert len(moves) > 10
        assert "(NURSE-A1)" in moves[0]

    def test_signatures_with_name_time_and_meaning(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """Every signature of the entry is in the row, as 21 CFR 11.50 asks."""
        for row in rows_of(tracker, demo_site.coi("closed")):
            assert " by " in row.signatures and row.occurred_at[:10] in row.signatures

    def test_outside_the_rules_is_grave(self, world: Callable[[str], World], cartrail: Cartrail) -> None:
        """What happened against a rule is marked in words, first of all marks, wherever it is shown."""
        therapy = world("at_hand")
        unit = therapy.one.products[0]
        therapy.do(
            processing.StartThaw,
            "LAB-A1",
            units=therapy.one.frozen_scans((unit,)),
            outside_rules={"reason": "clinical_need"},
            others="DOC-A1 witnessed",
        )
        (row,) = [row for row in rows_of(therapy.tracker, therapy.one.coi) if row.kind == "thaw_started"]
        assert row.is_grave and row.marks.startswith("outside rules: ") and "_" not in row.marks
        said = cartrail("trail", therapy.one.coi, "--database", therapy.url)
        assert "outside rules" in said.out

    def test_local_time_has_its_offset(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """The time is that of the place, and can be read back as the same moment."""
        with tracker.store.read() as transaction:
            bodies = list(transaction.bodies(demo_site.coi("closed")))
        rows = rows_of(tracker, demo_site.coi("closed"))
        assert len(rows) == len(bodies)
        assert {row.occurred_at[-6:] for row in rows} == {"-04:00", "+02:00"}
        assert all(datetime.fromisoformat(row.occurred_at).tzinfo for row in rows)


class TestMarked:
    """Across therapies: what an auditor would otherwise read every trail for."""

    def test_only_marked_events_of_all_therapies(self, tracker: Tracker) -> None:
        """The same events that bear the mark in whole trails, and only therapies that have one."""
        exports = tracker.exports
        everything = exports.trails(exports.chains())
        for words in ("unsigned", "mixup", "typed,mixup"):
            concerns = parse_marked(words)
            starts = {"unsigned": "unsigned", "typed": "typed", "mixup": "mix-up"}
            wanted = tuple(starts[word] for word in words.split(","))
            expected = [
                (row.chain, row.sequence)
                for row in everything.rows()
                if any(mark.startswith(wanted) for mark in row.marks.split("; "))
            ]
            found = exports.trails(exports.chains(), marked=concerns)
            assert [(row.chain, row.sequence) for row in found.rows()] == expected and expected
            assert {*found.chains} == {chain for chain, _ in expected}
            assert found.count() == len(expected) == len([*found.bodies()])

    def test_any_mark_and_a_time(self, tracker: Tracker) -> None:
        """`gap` is every marked event; before the first day there is none."""
        exports, concerns = tracker.exports, parse_marked("gap")
        rows = [*exports.trails(exports.chains(), marked=concerns).rows()]
        assert rows and all(row.marks for row in rows)
        early = EventSelection(until=date(2000, 1, 1))
        assert exports.trails(exports.chains(), early, marked=concerns).chains == ()

    @pytest.mark.parametrize("text", ["", ",", "mixups", "planned", "pending_reviews", "late,nonsense"])
    def test_no_mark_of_an_event(self, text: str) -> None:
        """Neither a check of today nor a reason for having none."""
        with pytest.raises(InputError, match="no mark of an event"):
            parse_marked(text)

    def test_the_command(self, cartrail: Cartrail, demo_site: DemoSite, tmp_path: Path) -> None:
        """Each line says of which therapy it is; where nothing is marked so, nothing is written."""
        shared = ("--database", demo_site.path)
        said = cartrail("trail", "--marked", "mixup", *shared).out
        assert "mix-up" in said and "CD" in said
        out = tmp_path / "marked.csv"
        none = cartrail("trail", "--marked", "gap", "--to", "2000-01-01", "--out", out, *shared)
        assert "nothing is written" in none.err and not out.exists()
        cartrail("trail", "--marked", "nonsense", *shared, exit_code=2)


class TestSelection:
    def test_site(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """Only events at the site, with custody as it was known from the events before."""
        rows = rows_of(tracker, demo_site.coi("closed"), EventSelection(site="MFG-1"))
        assert rows and {row.site for row in rows} == {"MFG-1"}

    def test_days_are_those_of_the_place(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """From the first day to the first day: everything of that local day and nothing else."""
        everything = rows_of(tracker, demo_site.coi("closed"))
        first = date.fromisoformat(everything[0].occurred_at[:10])
        found = rows_of(tracker, demo_site.coi("closed"), EventSelection(since=first, until=first))
        assert found == [row for row in everything if row.occurred_at.startswith(first.isoformat())]

    def test_moments_include_their_ends(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """A time is the same everywhere."""
        everything = rows_of(tracker, demo_site.coi("closed"))
        moment = datetime.fromisoformat(everything[3].occurred_at).astimezone(UTC)
        found = rows_of(tracker, demo_site.coi("closed"), EventSelection(since=moment, until=moment))
        assert everything[3] in found
        later = EventSelection(since=moment + timedelta(milliseconds=1))
        assert everything[3] not in rows_of(tracker, demo_site.coi("closed"), later)

    def test_any_code_names_the_therapy(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """A printed code of the card or of a unit leads to the chain; an unknown one says so."""
        therapy = demo_site.demo.therapies[0]
        assert chains_of(tracker, [therapy.coi_code, therapy.coi]) == (therapy.coi,)
        assert set(chains_of(tracker, [])) == {one.coi for one in demo_site.demo.therapies}
        assert chains_of(tracker, ["registry"]) == ("registry",)
        with pytest.raises(InputError):
            chains_of(tracker, ["CD234567892"])


def auditor(site: DemoSite) -> tuple[object, ...]:
    """Who may choose more to be open, signed in."""
    who = ("--as", "AUDIT-1", "--station", "MFG-1-01", "--credentials", site.credentials)
    return (*who, "--database", site.path)


class TestShipment:
    def packed(self, tracker: Tracker, coi: str) -> Packed:
        """The first packing of a therapy."""
        entries = Trails(tracker, [coi], EventSelection()).known(coi).entries
        found = (one.statement.payload for one in entries)
        return next(one for one in found if isinstance(one, Packed))

    def test_only_what_is_about_it(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """From packing to unpacking, by its id or by its box; nothing of another shipment."""
        coi = demo_site.coi("closed")
        packed = self.packed(tracker, coi)
        everything = Trails(tracker, chains_of(tracker, []), EventSelection())
        found: list[TrailRow] = []
        for code in (packed.shipment, first_copy(packed.shipment).text):
            found = [row for row in of_shipment(everything, code).rows() if row.chain == coi]
            kinds = [row.kind for row in found]
            assert kinds[0] == "packed" and {"relinquished", "accepted", "inspected"} <= set(kinds)
            assert kinds.count("packed") == 1 and "collected" not in kinds and "stored" not in kinds
        box = [row for row in of_shipment(everything, packed.box).rows() if row.chain == coi]
        assert {row.event_id for row in found} <= {row.event_id for row in box}

    @pytest.mark.parametrize("code", ["CD234567892", "LOT 7", "SD234567892", "BD234567892"])
    def test_what_is_no_shipment(self, code: str, tracker: Tracker) -> None:
        """Another code, or a box nothing was ever packed into."""
        with pytest.raises(InputError):
            of_shipment(Trails(tracker, [], EventSelection()), code)

    def test_report_of_a_shipment(
        self, cartrail: Cartrail, tracker: Tracker, demo_site: DemoSite, tmp_path: Path
    ) -> None:
        """Its page has box, seal and contents, and each act once."""
        packed = self.packed(tracker, demo_site.coi("closed"))
        out = tmp_path / "shipment.pdf"
        asked = ("--shipment", packed.shipment, "--format", "pdf", "--out", out)
        cartrail("trail", *asked, "--database", demo_site.path)
        document = pypdfium2.PdfDocument(out.read_bytes())
        pages = [page.get_textpage().get_text_range() for page in document]
        document.close()
        assert f"Chain of custody of shipment {packed.shipment}" in pages[0]
        page = next(one for one in pages if "What happened to it" in one)
        assert packed.seal in page and all(unit in page for unit in packed.units)


class TestCsv:
    @given(st.text())
    def test_guard_comes_off_again(self, cell: str) -> None:
        """One leading apostrophe less is the value, and no spreadsheet takes the cell for a formula."""
        shown = guarded(cell)
        assert shown.removeprefix("'") == cell
        assert not shown.startswith(("=", "+", "-", "@", "\t", "\r"))

    @pytest.mark.parametrize("cell", ["=1+1", "+1", "-152.3", "@SUM(A1)", "\tx", "\rx", "'x"])
    def test_guarded(self, cell: str) -> None:
        """What a spreadsheet would run is guarded."""
        assert guarded(cell) == f"'{cell}"

    def test_one_line_for_each_event(self, cartrail: Cartrail, tracker: Tracker, demo_site: DemoSite) -> None:
        """The file read back holds the rows."""
        coi = demo_site.coi("closed")
        said = cartrail("trail", coi, "--format", "csv", "--database", demo_site.path)
        found = list(csv.reader(io.StringIO(said.out.removeprefix(BYTE_ORDER_MARK), newline="")))
        assert tuple(found[0]) == COLUMNS
        rows = list(Trails(tracker, [coi], EventSelection()).rows(NOTHING_MORE))
        read = [TrailRow(*(cell.removeprefix("'") for cell in line)) for line in found[1:]]  # type: ignore[arg-type]
        assert [one.event_id for one in read] == [row.event_id for row in rows]
        assert [one.payload for one in read] == [row.payload for row in rows]
        assert {one.chosen for one in read} == {NOTHING_MORE.stated()}
        assert not [person.name for person in demo_site.demo.people if person.name in said.out]

    def test_findings_d21_a_spreadsheet_knows_the_encoding(
        self, cartrail: Cartrail, demo_site: DemoSite, tmp_path: Path
    ) -> None:
        """The file begins with the byte order mark of UTF-8, and a degree sign is one."""
        out = tmp_path / "trail.csv"
        cartrail(
            "trail", demo_site.coi("closed"), "--format", "csv", "--out", out, "--database", demo_site.path
        )
        assert out.read_bytes().startswith(b"\xef\xbb\xbfchain,sequence,")
        assert " \N{DEGREE SIGN}C" in out.read_text("utf-8-sig")

    def test_what_was_chosen_is_in_it(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """Names and the patient's identifiers, for who may choose them, and the choice on each line."""
        coi = demo_site.coi("closed")
        (therapy,) = (one for one in demo_site.demo.therapies if one.coi == coi)
        said = cartrail("trail", coi, "--format", "csv", "--with", "names,identifiers", *auditor(demo_site))
        assert all(number in said.out for number in therapy.wristband)
        assert "patient identifiers: included; free text: left out; names of staff: included" in said.out


class TestJson:
    def test_lines_are_the_stored_bytes(
        self, cartrail: Cartrail, tracker: Tracker, demo_site: DemoSite
    ) -> None:
        """Each line hashes to the digest in the store."""
        coi = demo_site.coi("in transit")
        said = cartrail("trail", coi, "--format", "json", "--with", "names", *auditor(demo_site))
        with tracker.store.read() as transaction:
            digests = [digest for _, digest, _ in transaction.bodies(coi)]
        assert [leaf_digest(line.encode()) for line in said.out.splitlines()] == digests

    def test_names_are_left_out_openly(
        self, cartrail: Cartrail, tracker: Tracker, demo_site: DemoSite
    ) -> None:
        """Without a choice each line lacks the names of staff, says so, and carries the entry's digest."""
        coi = demo_site.coi("in transit")
        lines = cartrail("trail", coi, "registry", "--format", "json", "--database", demo_site.path).records
        text = orjson.dumps(lines).decode()
        assert not [person.name for person in demo_site.demo.people if person.name in text]
        assert {tuple(line["left_out"]) for line in lines} == {("names of staff",)}
        with tracker.store.read() as transaction:
            digests = [digest for chain in (coi, "registry") for _, digest, _ in transaction.bodies(chain)]
        assert [line["digest"] for line in lines] == digests[: len(lines)]

    def test_entries_hold_nothing_else_to_choose(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """Identifiers and free text stand there as commitments."""
        shared = ("trail", "--format", "json", "--with", "names,free-text", *auditor(demo_site))
        assert "commitments" in cartrail(*shared, exit_code=2).err

    def test_selected_lines_too(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """A choice of events leaves lines out and changes none."""
        shared = ("--format", "json", "--database", demo_site.path)
        everything = cartrail("trail", *shared).out.splitlines()
        chosen = cartrail("trail", "--site", "COLL-A", *shared).out.splitlines()
        assert 0 < len(chosen) < len(everything)
        assert set(chosen) < set(everything)


class TestTable:
    def test_fits_and_says_everything(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """80 columns, with custody, signatures and marks."""
        said = cartrail("trail", demo_site.coi("in quarantine"), "--database", demo_site.path)
        assert max(map(len, said.out.splitlines())) <= 80
        assert "now with" in said.out and "performed by" in said.out

    @pytest.mark.parametrize("form", ["xlsx", "pdf"])
    def test_some_forms_are_files(self, form: str, cartrail: Cartrail) -> None:
        """What no terminal shows asks for a file before a store is opened."""
        assert "--out" in cartrail("trail", "--format", form, exit_code=2).err

    def test_as_of_a_size_the_log_does_not_have(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """What the log does not hold yet, nobody knew."""
        said = cartrail("trail", "--as-of", "999999", "--database", demo_site.path, exit_code=2)
        assert "not 999999" in said.err


class TestFiles:
    @pytest.mark.parametrize("form", ["table", "json", "csv"])
    def test_out_is_what_would_be_printed(
        self, form: str, cartrail: Cartrail, demo_site: DemoSite, tmp_path: Path
    ) -> None:
        """A file holds the same, and the standard output stays empty."""
        shared = ("trail", demo_site.coi("closed"), "--format", form, "--database", demo_site.path)
        printed = cartrail(*shared).out
        said = cartrail(*shared, "--out", tmp_path / "trail")
        assert said.out == "" and str(tmp_path / "trail") in said.err
        assert (tmp_path / "trail").read_bytes().decode() == printed

    def test_whole_or_not_there(self, tmp_path: Path) -> None:
        """What fails half-way leaves the file of before and nothing else."""
        path = tmp_path / "trail.csv"
        path.write_bytes(b"before")

        def half() -> None:
            with whole_file(path) as file:
                file.write(b"half")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            half()
        assert [item.name for item in tmp_path.iterdir()] == ["trail.csv"]
        assert path.read_bytes() == b"before"

    def test_nothing_but_a_file_is_replaced(self, tmp_path: Path) -> None:
        """A device or a link would be gone afterwards, with a file in its place."""
        os.mkfifo(tmp_path / "pipe")
        (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
        for name in ("pipe", "link"):
            with pytest.raises(InputError, match="is not a file"), whole_file(tmp_path / name):
                pytest.fail("the block must not run")
        assert sorted(item.name for item in tmp_path.iterdir()) == ["link", "pipe"]

    @pytest.mark.parametrize("form", ["csv", "json", "xlsx", "epcis", "pdf"])
    def test_findings_g16_a_full_disk(
        self,
        form: str,
        cartrail: Cartrail,
        demo_site: DemoSite,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """A clear error, and nothing under the name that was asked for, in no form."""
        import resource

        out = tmp_path / "out"
        out.mkdir()
        # What the spreadsheet keeps meanwhile would be left here.
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        # SQLite needs half of this to read the store; every form of all therapies is larger.
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        asked = ("trail", "--format", form, "--out", out / "trail")
        before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, hard))
        try:
            said = cartrail(*asked, "--database", demo_site.path, exit_code=5)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            signal.signal(signal.SIGXFSZ, before)
        assert "cannot be written" in said.err and "Traceback" not in said.err
        assert not list(out.iterdir()) and not list(tmp_path.glob("cartrail-xlsx-*"))

    def test_nowhere_to_write(self, cartrail: Cartrail, demo_site: DemoSite, tmp_path: Path) -> None:
        """A folder, or a folder that is not there, is bad input."""
        shared = ("trail", demo_site.coi("closed"), "--database", demo_site.path, "--out")
        assert "folder" in cartrail(*shared, tmp_path, exit_code=2).err
        assert "written" in cartrail(*shared, tmp_path / "no" / "x.csv", exit_code=2).err


def tamper(site: DemoSite, statement: str) -> None:
    """Run a statement on the file with its guards taken out of the way and put back."""
    with tampering(site.path) as connection:
        assert connection.execute(statement.format(coi=site.coi("closed"))).rowcount > 0


ATTACKS: Final = {
    "a value": 'UPDATE custody_event SET body = CAST(replace(CAST(body AS TEXT), \'"volume_ml":"\', '
    "'\"volume_ml\":\"1') AS BLOB) WHERE chain = '{coi}'",
    "the last entry": "DELETE FROM custody_event WHERE chain = '{coi}' AND sequence = "
    "(SELECT max(sequence) FROM custody_event WHERE chain = '{coi}')",
    "a role in the registry": "UPDATE custody_event SET body = CAST(replace(CAST(body AS TEXT), "
    '\'"role":"auditor"\', \'"role":"courier"\') AS BLOB) WHERE chain = \'registry\'',
}


class TestTampered:
    """D13: what is exported of a record that cannot be trusted says so, or is not made."""

    @pytest.mark.parametrize("form", [form.value for form in TrailFormat])
    @pytest.mark.parametrize("attack", sorted(ATTACKS))
    def test_findings_d13_each_form_ends_with_4(
        self, attack: str, form: str, demo_site: DemoSite, cartrail: Cartrail, tmp_path: Path
    ) -> None:
        """Lists for programs are not made at all; what is there can still be looked at, marked."""
        tamper(demo_site, ATTACKS[attack])
        out = tmp_path / f"trail.{form}"
        asked = ("trail", demo_site.coi("closed"), "--format", form, "--out", out)
        said = cartrail(*asked, "--database", demo_site.path, exit_code=4)
        assert "cannot be trusted" in said.err.lower()
        assert out.exists() is (TrailFormat(form) not in FOR_PROGRAMS)
        if form == "table":
            assert out.read_text("utf-8").startswith("THE RECORD CANNOT BE TRUSTED.")

    def test_a_sound_therapy_beside_it(self, demo_site: DemoSite, cartrail: Cartrail) -> None:
        """What was done to one therapy keeps nobody from another."""
        tamper(demo_site, ATTACKS["a value"])
        cartrail("trail", demo_site.coi("released out"), "--format", "csv", "--database", demo_site.path)
