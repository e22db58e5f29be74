"""Paper in place of the program: forms out, entered from, given back, voided, overdue, forgotten."""

import base64
import io
import json
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from labels.errors import LabelOverflow, UnprintableText
from labels.papers.downtime import DowntimeForm, FormCode, FormStep
from labels.pdf import PrintSetting, render_pages, render_pdf
from labels.text import render_text
from schema.canonical import plain_digest
from schema.errors import InputError, OtherLog, Refusal
from schema.events.paperwork import FormIssued, FormVoided, PaperAttached
from schema.identifiers import first_copy
from schema.instants import format_instant
from schema.vocabulary import EntryMode, Purpose, ReadMode
from tests.support.journeys import World, scans
from tests.support.rule_cases import Case
from tracker.demo.journey import scan
from tracker.downtime.steps import remaining_steps
from tracker.evidence.verification.store import verify_store
from tracker.evidence.verification.verdict import Check
from tracker.requests.base import Scan
from tracker.requests.paper_file import check_paper, encoded_paper, paper_of
from tracker.rules.form_state import FormStatus
from tracker.rules.situation import Found
from tracker.therapy.course import Close
from tracker.therapy.erasure import Erase
from tracker.therapy.making import requests as processing
from tracker.therapy.paperwork import requests as paperwork

Worlds = Callable[[str], World]
Cases = Callable[[str], Case]

PDF = b"%PDF-1.7\n1 0 obj\nwritten by hand\nstartxref\n0\n%%EOF\n"
SIGNED = "PHARM-A transcribed, QA-A verified"


def picture(form: str = "PNG") -> bytes:
    """A page as a scanner makes it."""
    page = io.BytesIO()
    Image.new("1", (40, 60), 1).convert("L").save(page, form)
    return page.getvalue()


def issued(world: World, stage: str | None = None) -> DowntimeForm:
    """A form that LAB-A1 printed at the treatment center."""
    station = world.network.stations["TREAT-A"]
    form = world.tracker.forms.make(world.one.coi, staff="DOC-A1", station=station, stage=stage)
    world.tracker.forms.issue(form, staff="DOC-A1", station=station)
    return form


def by_paper(form: str, *, mode: str = "scanned") -> dict[str, Any]:
    """Keyed by PHARM-A from a form."""
    code = {"code": form, "mode": mode}
    return {"mode": "paper", "by": "PHARM-A", "reason": "power_failure", "form": code}


def entered(world: World, form: DowntimeForm) -> None:
    """The start of the infusion, as the form has it."""
    world.do(
        processing.StartInfusion,
        "DOC-A1",
        signed=SIGNED,
        entry=by_paper(form.code),
        units=scans(world.one.products[0]),
        occurred_at=format_instant(world.clock.now()),
    )


def attached(world: World, form: DowntimeForm, *files: bytes) -> str:
    """The form is back; gives the digest of its first file."""
    found = files or (PDF,)
    world.do(
        paperwork.AttachPaper,
        "DOC-A1",
        coi=scan(world.one.coi),
        form=Scan(code=form.code),
        files=tuple(encoded_paper(one) for one in found),
    )
    return plain_digest(found[0])


class TestTheForm:
    def test_findings_f13_no_code_on_it_can_be_scanned_for_a_thing(self, world: Worlds) -> None:
        """Given a cheap printer, its own code and the log head are read, and none of bag or card."""
        given = world("delivered")
        form = issued(given)
        read: set[str] = set()
        for page in render_pages([form], setting=PrintSetting(dpi=203)):
            image = Image.open(io.BytesIO(page)).convert("L")
            read |= {one.text for one in zxingcpp.read_barcodes(image)}
        assert read == {form.code, form.head_code}
        assert given.tracker.read.lookup(code=form.code).resolution.found is Found.FORM

    def test_findings_f13_a_handoff_is_a_block_that_giver_and_receiver_fill_in(self, world: Worlds) -> None:
        """Box, seal, both parties with names, condition, display, times and signatures."""
        given = world("packed")
        form = issued(given)
        (step, *_) = [one for one in form.steps if one.is_handoff]
        assert {"box", "seal"} <= {word for one in step.codes for word in one.what.lower().split()}
        text = render_text(form)
        block = text[text.index(f". {step.title}") :]
        for side in ("Giver", "Receiver"):
            line = next(line for line in block.splitlines() if line.split()[:1] == [side])
            for word in ("party", "name", "display C", "date", "time", "signature", "in order"):
                assert word in line.lower() or word in line, (word, line)

    def test_each_page_names_form_purpose_and_place_among_the_others(self, world: Worlds) -> None:
        """Pages come apart; a scanned one still says whose it is."""
        pypdfium2 = pytest.importorskip("pypdfium2")
        given = world("enrolled")
        form = issued(given)
        document = pypdfium2.PdfDocument(render_pdf([form]))
        texts = [document[index].get_textpage().get_text_range() for index in range(len(document))]
        assert len(texts) > 2
        for number, text in enumerate(texts, start=1):
            assert "DEMO - NOT FOR CLINICAL USE" in text and f"page {number} of {len(texts)}" in text
            assert form.code in text.replace(" ", "")
        held = {one["value"] for one in identifiers(given)}
        assert held and not any(value in "".join(texts) for value in held)

    def test_a4_and_letter(self, world: Worlds) -> None:
        """Either paper; a label's stock is none."""
        form = issued(world("at_hand"))
        sizes = []
        for paper in ("A4", "Letter"):
            page = Image.open(io.BytesIO(render_pages([form], setting=PrintSetting(paper=paper, dpi=203))[0]))
            sizes.append(page.size[0] / page.size[1])
        assert sizes[0] == pytest.approx(210 / 297, abs=0.01) and sizes[1] == pytest.approx(0.773, abs=0.01)
        with pytest.raises(InputError, match="A4 or Letter"):
            render_pages([form], setting=PrintSetting(stock="75x50"))

    def test_bag_by_bag_and_with_what_is_known(self, world: Worlds) -> None:
        """Codes of this therapy stand there, running limits and the offsets of places."""
        given = world("thawed")
        form = issued(given, "bedside")
        starts = [step for step in form.steps if step.title.startswith("Start the infusion")]
        start = next(
            one for one in starts if given.one.products[0] in [code.code[2:13] for code in one.codes]
        )
        assert len(starts) == len(given.one.products)
        assert any("latest 20" in line for line in start.limits), start.limits
        assert start.offset == "-05:00" and start.where
        text = render_text(form)
        assert form.code in text and "Start the infusion" in text

    def test_only_what_is_left(self, case: Cases) -> None:
        """Steps that are done are not asked for again; a stage alone where it is named."""
        state = case("released").state
        protocol = case("released").protocol
        kinds = [one.step.kind for one in remaining_steps(state, protocol)]
        assert "patient_identified" not in kinds and "released" not in kinds
        assert kinds.index("packed") < kinds.index("thaw_started") < kinds.index("infusion_completed")
        alone = {one.step.stage for one in remaining_steps(state, protocol, "bedside")}
        assert alone == {"bedside"}

    @pytest.mark.parametrize(
        ("text", "error"),
        [
            ("x" * 301, LabelOverflow),
            ("W" * 290, LabelOverflow),
            ("right\u202eleft", UnprintableText),
            ("two\nlines", UnprintableText),
        ],
    )
    def test_texts_that_cannot_be_printed(self, text: str, error: type[Exception]) -> None:
        """Overlong, turned around or hidden: refused before anything is printed."""
        with pytest.raises(error):
            render_pdf([a_form(text)])

    @pytest.mark.parametrize("text", ["#panic()", "^XA^FDx^FS^XZ", "$x$ *b* @cite <label>", "\u05d0\u05d1"])
    def test_texts_are_data(self, text: str) -> None:
        """Typst source, printer commands and Hebrew letters are letters."""
        pypdfium2 = pytest.importorskip("pypdfium2")
        document = pypdfium2.PdfDocument(render_pdf([a_form(text)]))
        if text.isascii():
            assert text in document[0].get_textpage().get_text_range()

    def test_of_one_store_only(self) -> None:
        """A form of a demo names no production code and no other log."""
        with pytest.raises(OtherLog):
            a_form("x", purpose=Purpose.PRODUCTION)
        with pytest.raises(InputError, match="at least one step"):
            a_form("x", steps=())

    def test_nothing_left_and_no_such_stage(self, world: Worlds) -> None:
        """Both are said before anything is recorded."""
        given = world("infused")
        before = given.count()
        station = given.network.stations["TREAT-A"]
        with pytest.raises(Refusal, match="left in the stage collection"):
            given.tracker.forms.make(given.one.coi, staff="DOC-A1", station=station, stage="collection")
        with pytest.raises(InputError, match="no stage"):
            given.tracker.forms.make(given.one.coi, staff="DOC-A1", station=station, stage="moon")
        assert given.count() == before


def a_form(text: str, **changes: Any) -> DowntimeForm:
    """A form with one step of that title."""
    values: dict[str, Any] = {
        "purpose": Purpose.DEMO,
        "code": first_copy("FD234567892").text,
        "coi_code": first_copy("CD234567892").text,
        "origin": "cartrail/demo/0123456789abcdef",
        "therapy": "Example",
        "site": "Example Hospital",
        "issued": "printed now",
        "due": "tomorrow",
        "steps": (FormStep(title=text, codes=(FormCode(what="Code"),)),),
        "kinds": ("thaw_started",),
    }
    return DowntimeForm(**{**values, **changes})


def identifiers(world: World) -> list[Any]:
    """The patient's identifiers as they are held."""
    with world.tracker.store.read() as transaction:
        held = transaction.openings(world.one.state.patient_identifiers)
    return [one.value for one in held.values()]


class TestOutAndBack:
    def test_out_entered_and_back(self, world: Worlds) -> None:
        """The form is out until its paper is attached; each entry says which form it is from."""
        given = world("bedside")
        form = issued(given, "bedside")
        (out,) = given.tracker.forms.out()
        assert (out.form.form, out.coi, out.overdue) == (form.form, given.one.coi, False)
        assert out.due_at - out.form.issued_at == timedelta(days=1)
        entered(given, form)
        entry = given.entries(given.one.coi)[-1]
        read = next(read for read in entry.statement.reads if read.field == "form")
        assert (read.code, read.mode, read.carrier) == (form.code, ReadMode.SCANNED, "form")
        assert entry.statement.mode is EntryMode.PAPER
        attached(given, form, PDF, picture(), picture("JPEG"))
        last = given.entries(given.one.coi)[-1].statement.payload
        assert isinstance(last, PaperAttached) and last.about == (entry.statement.event_id,)
        assert len(last.scans) == 3 and b"written by hand" not in given.bytes_of(given.one.coi)
        assert plain_digest(PDF).encode() not in given.bytes_of(given.one.coi)
        assert not given.tracker.forms.out()
        assert given.state().forms[form.form].status is FormStatus.RETURNED

    def test_overdue_is_seen_where_clocks_are(self, world: Worlds) -> None:
        """After the protocol's hours, on the board and in the list of forms."""
        given = world("bedside")
        form = issued(given)
        given.clock.advance(timedelta(hours=25))
        (out,) = given.tracker.forms.out()
        assert out.overdue
        rows = [row for row in given.tracker.read.board() if row.coi == given.one.coi]
        clocks = [clock for row in rows for clock in row.clocks if clock.unit == form.form]
        assert len(clocks) == 1 and clocks[0].due_at < given.clock.now()

    def test_the_rules_of_coming_back(self, world: Worlds) -> None:
        """Once, with something entered, and only as the form of its own therapy."""
        given = world("bedside")
        form = issued(given, "bedside")
        back = {"coi": scan(given.one.coi), "form": Scan(code=form.code), "files": (encoded_paper(PDF),)}
        found = given.refusal(paperwork.AttachPaper, "DOC-A1", **back)
        assert found.error == "not_transcribed"
        other = {**back, "coi": scan(given.two.coi)}
        assert given.refusal(paperwork.AttachPaper, "DOC-A1", **other).error == "wrong_form"
        wrong = {**back, "form": scan(given.one.coi)}
        assert given.refusal(paperwork.AttachPaper, "DOC-A1", **wrong).error == "wrong_kind"
        entered(given, form)
        attached(given, form)
        again = {**back, "files": (encoded_paper(picture()),)}
        found = given.refusal(paperwork.AttachPaper, "DOC-A1", **again)
        assert found.error == "already_done"
        outside = {"reason": "other", "remark": "a second sheet lay under the bed"}
        given.do(paperwork.AttachPaper, "DOC-A1", outside_rules=outside, others="PHARM-A witnessed", **again)

    def test_voided_before_two(self, world: Worlds) -> None:
        """Unused and destroyed, with a reason; nothing can be entered from it afterwards."""
        given = world("bedside")
        form = issued(given, "bedside")
        void: dict[str, Any] = {"coi": scan(given.one.coi), "form": Scan(code=form.code)}
        assert (
            given.refusal(paperwork.VoidForm, "DOC-A1", others="PHARM-A witnessed", **void).error
            == "reason_missing"
        )
        void["reason"] = "unused"
        assert given.refusal(paperwork.VoidForm, "DOC-A1", **void).error == "signature_missing"
        given.do(paperwork.VoidForm, "DOC-A1", others="PHARM-A witnessed", **void)
        assert isinstance(given.entries(given.one.coi)[-1].statement.payload, FormVoided)
        assert not given.tracker.forms.out()
        values = {"units": scans(given.one.products[0]), "occurred_at": format_instant(given.clock.now())}
        entry = by_paper(form.code)
        found = given.refusal(processing.StartInfusion, "DOC-A1", signed=SIGNED, entry=entry, **values)
        assert found.error == "form_voided"

    def test_a_used_form_is_evidence(self, world: Worlds) -> None:
        """It is not voided; that it is lost can be recorded outside the rules."""
        given = world("bedside")
        form = issued(given, "bedside")
        entered(given, form)
        void = {"coi": scan(given.one.coi), "form": Scan(code=form.code), "others": "PHARM-A witnessed"}
        assert given.refusal(paperwork.VoidForm, "DOC-A1", reason="unused", **void).error == "form_used"
        given.do(paperwork.VoidForm, "DOC-A1", outside_rules={"reason": "lost_or_stolen"}, **void)
        assert given.state().outside

    def test_another_therapys_form_at_an_entry(self, world: Worlds) -> None:
        """A STOP; happened all the same it is recorded, and the other form stands there committed."""
        given = world("bedside")
        given.one, given.two = given.two, given.one
        form = issued(given)
        given.one, given.two = given.two, given.one
        values: dict[str, Any] = {
            "units": scans(given.one.products[0]),
            "occurred_at": format_instant(given.clock.now()),
            "signed": SIGNED,
            "entry": by_paper(form.code),
        }
        assert given.refusal(processing.StartInfusion, "DOC-A1", **values).error == "wrong_form"
        given.do(processing.StartInfusion, "DOC-A1", outside_rules={"reason": "other"}, **values)
        read = next(r for r in given.entries(given.one.coi)[-2].statement.reads if r.field == "form")
        assert not isinstance(read.code, str)
        assert form.form.encode() not in given.bytes_of(given.one.coi)

    def test_a_form_belongs_to_an_entry_from_paper(self, world: Worlds) -> None:
        """A live entry that names one makes no sense."""
        given = world("bedside")
        form = issued(given)
        with pytest.raises(InputError, match="names a form"):
            given.ask(
                processing.StartInfusion,
                "DOC-A1",
                entry={"form": {"code": form.code}},
                units=scans(given.one.products[0]),
            )

    def test_no_therapy_closes_over_a_paper(self, world: Worlds) -> None:
        """What happened may stand on it and nowhere else."""
        given = world("infused")
        form = issued(given)
        found = given.refusal(Close, "QA-A", coi=scan(given.one.coi))
        assert found.error in ("forms_out", "units_open")
        (fact,) = [one for one in given.state().forms.values() if one.is_out]
        assert fact.form == form.form

    def test_who_may(self, world: Worlds) -> None:
        """Whoever works on therapies; an auditor prints no form, and nobody prints one under a taken id."""
        given = world("bedside")
        form = issued(given)
        issue = {"coi": scan(given.one.coi), "steps": ("thaw_started",), "signed": ""}
        assert given.ask(paperwork.IssueForm, "QA-A", **issue).ok
        with pytest.raises(InputError, match="already stands for something"):
            given.ask(paperwork.IssueForm, "DOC-A1", form=form.form, **issue)
        payload = given.entries(given.one.coi)[-1].statement.payload
        assert isinstance(payload, FormIssued) and payload.form != form.form


class TestTheFile:
    @pytest.mark.parametrize("content", [PDF, picture(), picture("JPEG")])
    def test_whole_files_are_taken(self, content: bytes) -> None:
        """PDF, PNG and JPEG."""
        assert base64.b64decode(encoded_paper(content)) == content

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"", "empty"),
            (b"hello", "neither PDF nor PNG nor JPEG"),
            (b"GIF89a", "neither"),
            (PDF[:-7], "cut off"),
            (picture()[:-4], "cut off"),
            (picture("JPEG")[:-2], "cut off"),
        ],
    )
    def test_others_are_not(self, content: bytes, why: str) -> None:
        """Empty, cut off, of another kind, too large: the reason is named."""
        with pytest.raises(InputError, match=why):
            check_paper(content)

    def test_ten_megabytes_are_the_most(self) -> None:
        """A file of that size is kept; one byte more is refused with both numbers and what to do."""
        most = b"%PDF-1.7 1 0 obj".ljust(10_485_760 - 17) + b"startxref 0\n%%EOF"
        assert len(most) == 10_485_760
        assert len(encoded_paper(most)) == 13_981_016
        assert paper_of(encoded_paper(most)) == most
        with pytest.raises(InputError) as refused:
            check_paper(most + b"\n")
        assert "it has 10485761 bytes, 10485760 is the most." in refused.value.message
        assert "300 dpi" in refused.value.remedy
        with pytest.raises(InputError, match="larger than 10 MB"):
            paper_of("A" * 13_981_020)

    @pytest.mark.parametrize("files", [("not base64!",), (), ("",)])
    def test_nothing_of_it_is_recorded(self, world: Worlds, files: tuple[str, ...]) -> None:
        """A request with a damaged file leaves no trace."""
        given = world("bedside")
        form = issued(given)
        entered(given, form)
        before = given.count()
        wire = {
            "request": "attach_paper",
            "event_id": given.tracker.new_event_id(),
            "actor": "DOC-A1",
            "station": given.network.stations["TREAT-A"],
            "coi": given.one.coi,
            "form": form.code,
            "files": list(files),
        }
        with pytest.raises(InputError):
            given.tracker.record(request=wire, signers=[*given.network.signers.values()])
        assert given.count() == before

    def test_the_same_file_twice(self, world: Worlds) -> None:
        """Two pages are two files."""
        given = world("bedside")
        form = issued(given)
        entered(given, form)
        twice = (encoded_paper(PDF), encoded_paper(PDF))
        with pytest.raises(InputError, match="twice"):
            given.ask(
                paperwork.AttachPaper,
                "DOC-A1",
                coi=scan(given.one.coi),
                form=Scan(code=form.code),
                files=twice,
            )


class TestEvidence:
    @pytest.fixture
    def back(self, world: Worlds) -> tuple[World, str]:
        """A store in which a form came back, and the digest of its paper."""
        given = world("bedside")
        form = issued(given, "bedside")
        entered(given, form)
        return given, attached(given, form)

    def test_a_store_with_papers_verifies(self, back: tuple[World, str]) -> None:
        """And says which paper is missing, altered or nobody's."""
        given, digest = back
        assert not verify_store(given.url).exit_code
        with sqlite3.connect(given.url.removeprefix("sqlite:///")) as connection:
            connection.execute("UPDATE paper_scan SET content = content || x'0a'")
        verdict = verify_store(given.url)
        assert verdict.exit_code == 4
        with sqlite3.connect(given.url.removeprefix("sqlite:///")) as connection:
            connection.execute("DELETE FROM paper_scan")
        verdict = verify_store(given.url)
        assert verdict.exit_code == 6
        step = verdict.steps[Check.ATTACHMENTS - 1]
        assert digest in str(step)

    def test_forgotten_with_its_patient(self, back: tuple[World, str]) -> None:
        """What was written by hand goes; the commitment stays, and the store verifies."""
        given, digest = back
        assert given.tracker.preview_erasure(given.one.coi).values["scanned papers"] == 1
        given.do(
            Erase,
            "QA-A",
            coi=scan(given.one.coi),
            ground="consent_withdrawn",
            reason="data_subject_request",
            others="QA-2 approved",
        )
        with given.tracker.store.read() as transaction:
            assert transaction.paper(given.one.coi, digest) is None
        assert not verify_store(given.url).exit_code


def test_forms_of_both_engines(store_url: str) -> None:
    """Papers are kept by therapy, and erased by therapy."""
    from tracker.ledger.store import Store

    with Store.open(store_url) as store:
        with store.begin() as transaction:
            digest = transaction.keep_paper("CD234567892", PDF)
            assert transaction.keep_paper("CD234567892", PDF) == digest
            transaction.keep_paper("CD234567893", PDF)
        with store.begin() as transaction:
            assert transaction.erase_papers("CD234567892") == 1
        with store.read() as transaction:
            assert transaction.paper("CD234567892", digest) is None
            assert transaction.paper("CD234567893", digest) == PDF
            assert transaction.forms_out() == []
    assert json.dumps(digest)
