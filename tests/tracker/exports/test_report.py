"""The report on paper: page 1 with verdict and gaps, the form, everything else, and what is embedded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pypdfium2
import pytest

from schema.errors import InputError
from schema.instants import format_instant
from schema.papercodes import receipt_code
from schema.vocabulary import ErasureGround, Reason
from tests.support.commands import Cartrail
from tests.support.demos import DemoSite
from tests.support.journeys import World, scans
from tests.tracker.therapy.conditions.test_files_of_shipments import recorded, sent, serial_of
from tracker.concerns import CHECKS, Concern, SpeaksOf
from tracker.demo.journey import scan
from tracker.evidence.verification.store import verify_store
from tracker.exports import forms
from tracker.exports.disclosure import NOTHING_MORE, Disclosure
from tracker.exports.dossiers import dossiers
from tracker.exports.forms import TrailFormat
from tracker.exports.gaps import gaps_of
from tracker.exports.report import volumes
from tracker.exports.report.document import report
from tracker.exports.report.sections import section_of
from tracker.exports.selection import EventSelection
from tracker.exports.trails import Trails, chains_of
from tracker.rules.marks.standing import FLAG_CONCERNS, Flag
from tracker.therapy.corrections import Correct
from tracker.therapy.custody import requests as custody
from tracker.therapy.deviations import AssessDeviation, CloseDeviation, OpenDeviation
from tracker.therapy.erasure import Erase
from tracker.therapy.making import requests as processing
from tracker.tracker import Tracker

EVERYTHING = Disclosure(identifiers=True, free_text=True, names=True)


@pytest.fixture
def tracker(demo_site: DemoSite) -> Iterator[Tracker]:
    """The demo, opened for reading."""
    opened = Tracker.open(url=demo_site.url, read_only=True)
    yield opened
    opened.close()


def pages_of(pdf: bytes) -> list[str]:
    """The words of each page, as another program reads them."""
    document = pypdfium2.PdfDocument(pdf)
    found = [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]
    document.close()
    return found


def attachments_of(pdf: bytes) -> dict[str, bytes]:
    """The files in a PDF."""
    document = pypdfium2.PdfDocument(pdf)
    count = document.count_attachments()
    files = [document.get_attachment(index) for index in range(count)]
    found = {file.get_name(): bytes(file.get_data()) for file in files}
    document.close()
    return found


def report_of(tracker: Tracker, url: str, *cois: str, disclosure: Disclosure = NOTHING_MORE) -> bytes:
    """The report of some therapies, or of all."""
    trails = Trails(tracker, chains_of(tracker, cois), EventSelection())
    (volume,) = report(trails, disclosure, verify_store(url, clock=tracker.clock))
    return volume


def gaps(tracker: Tracker, coi: str) -> dict[str, tuple[str, ...]]:
    """The findings of each check that found something."""
    found = list(dossiers(Trails(tracker, [coi], EventSelection()), NOTHING_MORE))
    return {one.title: one.findings for one in gaps_of(found, tracker.clock.now()) if one.total}


class TestPages:
    def test_first_page(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """Verdict, every check with what it found or that it found nothing, and what nobody could check."""
        coi = demo_site.coi("closed")
        first = pages_of(report_of(tracker, demo_site.url, coi))[0]
        assert "VERIFIED" in first and coi in first and "What could not be checked" in first
        found = list(dossiers(Trails(tracker, [coi], EventSelection()), NOTHING_MORE))
        for gap in gaps_of(found, tracker.clock.now()):
            assert gap.title in " ".join(first.split())
        assert "none in these events" in first and "none today" in first and "no outside head given" in first
        assert "patient identifiers: left out" in first

    def test_making_x1_made_elsewhere_is_never_shown_as_complete(
        self, tracker: Tracker, demo_site: DemoSite
    ) -> None:
        """Its report says where it was made, and what the certificate said that it was released on."""
        found = tuple(
            dossiers(Trails(tracker, [demo_site.coi("made elsewhere")], EventSelection()), NOTHING_MORE)
        )
        said = dict(section_of(found[0], tracker.clock.now())["identity"])
        assert said["Manufacture"] == "elsewhere, not in this record"
        assert said["Certificate of the maker"].startswith(
            "RFI-APH-B-00021 of MAKER for APH-B-00021: 2 containers, good until "
        )
        assert said["Indication"].endswith("(mm)") and "Figures not verified" not in said

    def test_form_is_the_second_page(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """The form fits one page, with giver and receiver of each handoff."""
        pages = pages_of(report_of(tracker, demo_site.url, demo_site.coi("closed"), disclosure=EVERYTHING))
        assert "CHAIN OF CUSTODY FORM" in pages[1] and "Given by" in pages[1]
        assert "Genealogy" in pages[2] and "Timeline" not in pages[1]

    def test_every_signature_and_receipt(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """Printed name, staff id, meaning and key of each signature, and the receipt of each statement."""
        coi = demo_site.coi("closed")
        text = "\n".join(pages_of(report_of(tracker, demo_site.url, coi, disclosure=EVERYTHING)))
        for entry in Trails(tracker, [coi], EventSelection()).known(coi).entries:
            assert receipt_code(entry.statement.digest).text in text
            for one in entry.signatures:
                assert one.name in text and one.signer in text and one.key in text
        head = tracker.log.head()
        assert head is not None and head.text in text

    def test_a_form_of_many_handoffs_is_one_page(self, world: Callable[[str], World]) -> None:
        """It has how it began and what came last, and says how many lines are between."""
        given = world("frozen")
        units, tank = given.one.frozen_scans((given.one.bag,)), scan(given.network.storage["COLL-A"])
        for _ in range(19):
            given.do(custody.Retrieve, "TECH-A1", units=units, location=tank)
            given.do(custody.StoreUnits, "TECH-A1", units=units, location=tank)
        pages = pages_of(report_of(given.tracker, given.url, given.one.coi))
        assert "CHAIN OF CUSTODY FORM" in pages[1] and "more lines between these two" in pages[1]
        assert "Genealogy" in pages[2] and "CHAIN OF CUSTODY FORM" not in pages[2]

    def test_nothing_that_was_not_chosen(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """Neither on a page nor in an embedded file, whose stored entries would carry the names."""
        coi = demo_site.coi("closed")
        (therapy,) = (one for one in demo_site.demo.therapies if one.coi == coi)
        pdf = report_of(tracker, demo_site.url, coi)
        files = attachments_of(pdf)
        assert set(files) == {"epcis.json"}
        text = "\n".join(pages_of(pdf)) + files["epcis.json"].decode()
        hidden = [person.name for person in demo_site.demo.people] + list(therapy.wristband)
        assert not [value for value in hidden if value in text]

    def test_the_entries_are_embedded(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """Byte for byte, in a PDF that says it is PDF/A-3b."""
        coi = demo_site.coi("in transit")
        pdf = report_of(tracker, demo_site.url, coi, disclosure=EVERYTHING)
        bodies = [one.body for one in Trails(tracker, [coi], EventSelection()).known(coi).entries]
        assert attachments_of(pdf)["trail.jsonl"].splitlines() == bodies
        assert re.search(rb"pdfaid:part>3<", pdf) and re.search(rb"pdfaid:conformance>A<", pdf)

    def test_findings_d21_tagged_for_readers_who_listen(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """PDF/UA: every part of a page has its tag, and title and language are said."""
        coi = demo_site.coi("in transit")
        pdf = report_of(tracker, demo_site.url, coi)
        assert re.search(rb"pdfuaid:part>1<", pdf) and re.search(rb"/Lang ?\(en\)", pdf)
        document = pypdfium2.PdfDocument(pdf)
        assert (
            document.is_tagged()
            and document.get_metadata_value("Title") == f"Chain of custody of therapy {coi}"
        )
        document.close()

    def test_the_same_again(self, world: Callable[[str], World]) -> None:
        """The same record at the same time gives the same bytes."""
        given = world("frozen")
        first, second = (report_of(given.tracker, given.url, given.one.coi) for _ in range(2))
        assert first == second

    def test_a_record_that_cannot_be_trusted(self, world: Callable[[str], World]) -> None:
        """Says so in the largest letters of the page."""
        import sqlite3

        given = world("frozen")
        path = given.url.removeprefix("sqlite:///")
        with sqlite3.connect(path) as connection:
            connection.execute("DELETE FROM unit")
        first = pages_of(report_of(given.tracker, given.url, given.one.coi))[0]
        assert "NOT TO BE TRUSTED" in first and "FINDING" in first

    @pytest.mark.parametrize("remark", ["#panic()", "$x$ *b* @ref", "\u05d0bc", "\U0001f9ec cells"])
    def test_words_of_people_are_only_words(self, remark: str, world: Callable[[str], World]) -> None:
        """Nothing of them is a command, and what the typeface lacks is written out."""
        given = world("frozen")
        units = given.one.frozen_scans((given.one.bag,))
        given.do(processing.Quarantine, "QA-2", units=units, reason="other", remark=remark)
        pages = pages_of(
            report_of(given.tracker, given.url, given.one.coi, disclosure=Disclosure(free_text=True))
        )
        text = "".join("".join(pages).replace("\u200b", "").replace("\ufffe", "").split())
        shown = remark.replace("\U0001f9ec", "\\u{1F9EC}")
        assert "".join(shown.split()) in text

    def test_a_word_without_end(self, world: Callable[[str], World]) -> None:
        """Goes on in the next line, and nothing of it is lost."""
        given = world("frozen")
        units = given.one.frozen_scans((given.one.bag,))
        given.do(processing.Quarantine, "QA-2", units=units, reason="other", remark="\u0118" * 300)
        pages = pages_of(
            report_of(given.tracker, given.url, given.one.coi, disclosure=Disclosure(free_text=True))
        )
        assert "".join(pages).count("\u0118") == 300


class TestGaps:
    def test_what_was_late_and_outside(self, world: Callable[[str], World]) -> None:
        """Each stands under its own check."""
        given = world("at_hand")
        unit = given.one.products[0]
        given.do(
            processing.StartThaw, "LAB-A1", units=given.one.frozen_scans((unit,)),
            outside_rules={"reason": "clinical_need"}, others="DOC-A1 witnessed",
        )  # fmt: skip
        found = gaps(given.tracker, given.one.coi)
        assert "thaw started" in found["Outside the rules"][0]
        assert found["Deviations drafted, opened, assessed or closed"] and found["Deviations not closed"]
        assert found["Units without a final disposition"]

    def test_late_and_corrected(self, world: Callable[[str], World]) -> None:
        """How late, and from which value to which."""
        given = world("collected")
        (entry,) = (one for one in given.entries(given.one.coi) if one.statement.kind == "collected")
        given.do(
            Correct, "NURSE-A1", coi=given.one.coi, event=entry.statement.event_id,
            field="volume_ml", new="199.5", reason="keying_error",
        )  # fmt: skip
        happened = given.clock.now() - timedelta(hours=1)
        given.do(
            processing.Quarantine, "QA-2", units=scans(given.one.bag), reason="other",
            entry={"mode": "late", "reason": "network_down"}, occurred_at=format_instant(happened),
        )  # fmt: skip
        found = gaps(given.tracker, given.one.coi)
        assert "to 199.5" in found["Corrections"][0] and "61 min late" in found["Recorded late"][0]

    def test_out_of_specification(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """A release of what failed a test is a finding, with the test."""
        found = gaps(tracker, demo_site.coi("released out"))
        assert "failed viability" in found["Released out of specification or rejected"][0]

    def test_an_open_handoff(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """A closed and reviewed therapy has none; what is left of the infused bags was destroyed."""
        found = gaps(tracker, demo_site.coi("closed"))
        assert set(found) == {"Canceled, stopped early or destroyed"}
        assert all("destroyed 1.5 mL" in one for one in found["Canceled, stopped early or destroyed"])
        assert (
            "in quarantine"
            in gaps(tracker, demo_site.coi("in quarantine"))["Units without a final disposition"][0]
        )


class TestFindings:
    """What page one said nothing of; each case is a kind of fault."""

    @pytest.mark.parametrize(
        ("outcome", "check", "words"),
        [
            ("refused at pick-up", "Temperatures outside the band", "-118.0 C, allowed at or below -150 C"),
            ("refused at pick-up", "Refused, not delivered, ended, taken in part, or sent elsewhere",
             "reason temperature excursion, display -118.0 C"),
            ("in quarantine", "Not in order: seal, display, hold time, damage, label, bench",
             "seal not intact, into quarantine, seal"),
            ("late, fresh", "Time limits that have run out and still run",
             "Collection to start of manufacturing of U"),
            ("released out", "Results that do not meet their limit",
             "viability 64 percent does not meet at least 70 percent"),
            ("infused after", "Refused, not delivered, ended, taken in part, or sent elsewhere",
             "delivery attempted: reason receiver absent"),
            ("canceled", "Canceled, stopped early or destroyed", "canceled: reason manufacturing failed"),
        ],
    )  # fmt: skip
    def test_findings_d1_page_one_comes_from_the_vocabulary(
        self, outcome: str, check: str, words: str, tracker: Tracker, demo_site: DemoSite
    ) -> None:
        """What was refused, measured outside, not in order or late stands on page one under its check."""
        found = gaps(tracker, demo_site.coi(outcome))
        assert any(words in one for one in found[check]), found

    def test_findings_d9_full_means_full(self, world: Callable[[str], World]) -> None:
        """Forty findings of one check are forty lines, once: the last can be the gravest."""
        given = world("collected")
        (entry,) = (one for one in given.entries(given.one.coi) if one.statement.kind == "collected")
        for volume in range(101, 141):
            given.do(
                Correct, "NURSE-A1", coi=given.one.coi, event=entry.statement.event_id,
                field="volume_ml", new=str(volume), reason="keying_error",
            )  # fmt: skip
        found = gaps(given.tracker, given.one.coi)["Corrections"]
        assert len(found) == 40
        text = " ".join("\n".join(pages_of(report_of(given.tracker, given.url, given.one.coi))).split())
        ahead = text[: text.index("CHAIN OF CUSTODY FORM")]
        assert all(text.count(" ".join(one.split())) == 1 for one in found)
        assert all(" ".join(one.split()) in ahead for one in found)
        assert not re.search(r"\band \d+ more", text)

    def test_findings_d10_one_meaning_of_marks(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """Report, board, table and terminal mark the same events and therapies, and the same ones red."""
        for row in tracker.read.board(limit=100):
            (dossier,) = dossiers(Trails(tracker, [row.coi], EventSelection()), NOTHING_MORE)
            found = {one.concern for one in gaps_of([dossier], tracker.clock.now()) if one.total}
            assert {FLAG_CONCERNS[Flag(flag)] for flag in row.attention} <= found, row.coi
            terminal = [(one.marks, one.is_grave) for one in tracker.read.trail(coi=row.coi).entries]
            assert terminal == [
                (tuple(mark.words for mark in one.marks), one.row.is_grave) for one in dossier.events
            ]
            assert [one.row.marks for one in dossier.events] == ["; ".join(words) for words, _ in terminal]
        trail = tracker.read.trail(coi=demo_site.coi("refused at pick-up"))
        marked = {one.entry.statement.kind: "; ".join(one.marks) for one in trail.entries}
        assert "refused" in marked["refused"] and "quarantined" in marked["quarantined"]
        (oos,) = (
            one
            for one in tracker.read.trail(coi=demo_site.coi("released out")).entries
            if one.entry.statement.kind == "released_out_of_specification"
        )
        assert oos.marks == ("out of specification: viability",) and oos.is_grave

    def test_a_deviation_says_of_which_step_it_is(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """Two that were drafted from one cause are told apart by step and person."""
        coi = demo_site.coi("refused at pick-up")
        found = gaps(tracker, coi)
        (drafted,) = found["Deviations drafted, opened, assessed or closed"]
        assert "display not in order, Refuse by COUR-X1: U" in drafted
        (still_open,) = found["Deviations not closed"]
        number = drafted.split()[1]
        assert still_open.startswith(f"{coi} {number}: display not in order, Refuse by COUR-X1: U")
        assert still_open.endswith(", open")

    def test_what_quality_said_names_the_deviation_and_its_unit(self, world: Callable[[str], World]) -> None:
        """Two deviations, one assessed and closed: each line has the entry that opened it, and its unit."""
        given = world("made")
        one, other = given.one.products[:2]
        for unit in (other, one):
            given.do(
                OpenDeviation, "QA-2", coi=scan(given.one.coi), category="label", description="Loose label.",
                units=scans(unit),
            )  # fmt: skip
        opened = given.entries(given.one.coi)[-1]
        about = {"coi": scan(given.one.coi), "deviation": opened.statement.event_id}
        given.do(
            AssessDeviation,
            "QA-2",
            severity="minor",
            cause="human_error",
            decision="no_impact",
            remark="It was pressed on again.",
            **about,
        )
        given.do(CloseDeviation, "QA-2", others="QP-1 approved", **about)
        said = gaps(given.tracker, given.one.coi)["Deviations drafted, opened, assessed or closed"]
        which = f"deviation of entry {opened.sequence} about {one}"
        assert said[-2].endswith(
            f"deviation assessed: {which}, minor, cause human error, decision no impact for {one}"
        )
        assert said[-1].endswith(f"deviation closed: {which}, closed")

    def test_findings_d11_minutes_between_giving_and_taking(self, world: Callable[[str], World]) -> None:
        """An ordinary handoff is no finding: longest and median are told; a slow one stands there by name."""
        given = world("packed")
        box, seal = scan(given.box_of(given.one)), given.seal_of(given.one)
        given.do(custody.Relinquish, "TECH-A1", box=box, seal=seal)
        given.clock.advance(timedelta(minutes=30))
        given.do(custody.Accept, "COUR-X1", at="COLL-A", box=box, seal=seal)
        found = list(dossiers(Trails(given.tracker, [given.one.coi], EventSelection()), NOTHING_MORE))
        (gap,) = (one for one in gaps_of(found, given.clock.now()) if one.concern is Concern.HANDOFF_TIMES)
        number = given.entries(given.one.coi)[-1].sequence
        assert gap.findings == (f"{given.one.coi} {number} accepted: 31 min between giving and taking",)
        assert gap.note == "2 handoffs: longest 31 min, median 16 min, expected within 30 min"
        assert not gap.is_grave

    def test_findings_d1_each_line_says_what_it_speaks_of(
        self, tracker: Tracker, demo_site: DemoSite
    ) -> None:
        """Of a few days only their events are told; units, handoffs and reviews are told as they stand."""
        coi = demo_site.coi("refused at pick-up")
        never = EventSelection(until=date(2026, 1, 1))
        found = list(dossiers(Trails(tracker, [coi], never), NOTHING_MORE))
        told = {one.concern: one.total for one in gaps_of(found, tracker.clock.now()) if one.total}
        assert {CHECKS[concern].speaks_of for concern in told} == {SpeaksOf.TODAY}
        assert told[Concern.QUARANTINED] == told[Concern.OPEN_UNITS] == 1


class TestCommand:
    def test_several_therapies_of_a_site(
        self, cartrail: Cartrail, demo_site: DemoSite, tmp_path: Path
    ) -> None:
        """One file for many, with what was chosen on its first page."""
        out = tmp_path / "trail.pdf"
        cartrail(
            "trail", "--site", "MFG-1", "--from", "2026-01-01", "--format", "pdf", "--out", out,
            "--database", demo_site.path,
        )  # fmt: skip
        first = pages_of(out.read_bytes())[0]
        tracker = Tracker.open(url=demo_site.url, read_only=True)
        trails = Trails(tracker, chains_of(tracker, []), EventSelection("MFG-1"))
        there = sum(bool(one.events) for one in dossiers(trails, NOTHING_MORE))
        tracker.close()
        assert 1 < there < len(demo_site.demo.therapies)
        assert f"{there} therapies" in first and "only those at MFG-1 from 2026-01-01" in first


class TestVolumes:
    """A report that would be too long to set is cut into volumes, in which every event stands once."""

    @pytest.fixture(autouse=True)
    def short_volumes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Volumes of thirty events, so that the demo has several."""
        monkeypatch.setattr(volumes, "VOLUME_EVENTS_MAX", 30)
        monkeypatch.setattr(forms, "VOLUME_EVENTS_MAX", 30)

    def test_every_event_stands_once(self, tracker: Tracker) -> None:
        """Whole therapies share a volume where they fit; one that does not is cut between two events."""
        trails = Trails(tracker, chains_of(tracker, []), EventSelection())
        found = list(dossiers(trails, NOTHING_MORE))
        made = list(volumes.volumes_of(found))
        sizes = [sum(len(one.events) for one in volume) for volume in made]
        assert len(made) > 2 and max(sizes) <= 30 and min(sizes) > 0
        told = [event.row.event_id for volume in made for one in volume for event in one.events]
        assert told == [event.row.event_id for one in found for event in one.events]
        assert any(len(volume) > 1 for volume in made)
        cut = [one.chain for volume in made for one in volume]
        assert len(cut) > len({*cut}), "the longest therapy has more than thirty events"

    def test_a_folder_of_them(self, tracker: Tracker, demo_site: DemoSite, tmp_path: Path) -> None:
        """Each volume says which it is; the export is noted once, before the first of them."""
        longest = max(demo_site.demo.therapies, key=lambda one: len(tracker.read.trail(coi=one.coi).entries))
        events = len(tracker.read.trail(coi=longest.coi).entries)
        noted: list[int] = []
        out = tmp_path / "out"
        out.mkdir()
        trails = tracker.exports.trails((longest.coi,))
        paths = tracker.exports.save(
            TrailFormat.PDF,
            trails,
            NOTHING_MORE,
            out / "trail",
            begin=lambda: noted.append(1),
            asked_by="AUDIT-1",
        )
        count = -(-events // 30)
        assert count > 1 and noted == [1]
        assert [one.name for one in paths] == [f"volume-{number:03}.pdf" for number in range(1, count + 1)]
        for number, path in enumerate(paths, start=1):
            assert f"volume {number} of {count}" in " ".join(pages_of(path.read_bytes())[0].split())
        assert [*out.iterdir()] == [out / "trail"], "nothing half-written lies beside it"

    def test_a_name_of_one_file_is_refused(
        self, tracker: Tracker, demo_site: DemoSite, tmp_path: Path
    ) -> None:
        """Nothing is noted and nothing written; the answer says what to name."""
        noted: list[int] = []
        out = tmp_path / "out"
        out.mkdir()
        with pytest.raises(InputError, match="volumes of 30") as refused:
            tracker.exports.save(
                TrailFormat.PDF,
                tracker.exports.trails(tracker.exports.chains()),
                NOTHING_MORE,
                out / "trail.pdf",
                begin=lambda: noted.append(1),
                asked_by="AUDIT-1",
            )
        assert refused.value.code == "several_volumes" and not noted and not [*out.iterdir()]


def test_logistics_l5_the_report_draws_what_a_logger_recorded(
    world: Callable[[str], World],
) -> None:
    """The curve of the file with the judged units; nothing of what somebody wrote into the logger."""
    given = world("delivered")
    rows = recorded(given, given.one, {60: "-128"}).splitlines()[3:]
    hobo = '"Plot Title: Doe, Jane"\n"Date Time, GMT+00:00","Temp, °C (LGR S/N: {})"\n'
    lines = [line.replace("T", " ").replace("Z,", ",") for line in rows if not line.startswith("title")]
    assert sent(given, given.one, hobo.format(serial_of(given, given.one)) + "\n".join([*lines, ""])).ok
    text = "".join(pages_of(report_of(given.tracker, given.url, given.one.coi)))
    said = " ".join(text.split())
    assert f"Readings of the logger {serial_of(given, given.one)}" in said
    assert "10 min in 1" in said and "10 min of 0 min" in said and "-150 °C limit" in said
    assert "not assessed yet" in said and "Doe" not in said and "Jane" not in said
    erasing = given.request(
        Erase, "QA-2", coi=scan(given.one.coi), reason=Reason.DATA_SUBJECT_REQUEST,
        ground=ErasureGround.CONSENT_WITHDRAWN, others="QP-1 approved",
    )  # fmt: skip
    assert given.send(erasing).ok
    after = " ".join("".join(pages_of(report_of(given.tracker, given.url, given.one.coi))).split())
    assert "The file was erased" in after and "-150 °C limit" not in after and "10 min of 0 min" in after
