"""Papers at the terminal: a label is seen before it is printed, forms go out and come back."""

from pathlib import Path

from labels.papers.downtime import DowntimeForm
from labels.printers import PORT
from schema.instants import format_instant
from tests.support.front_desk import Desk, code_of, desk_at
from tracker.demo import stages
from tracker.demo.journey import Journey
from tui.screens.downtime import DowntimeScreen
from tui.screens.label import LabelScreen
from tui.shown_codes import grouped

PDF = b"%PDF-1.7\n1 0 obj\nby hand\nstartxref\n0\n%%EOF\n"


async def test_a_label_is_seen_before_it_is_printed(tmp_path: Path) -> None:
    """The number shows it, with its code as QR; Esc prints nothing, F8 prints, a second copy asks why."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = desk.story()
        journey.enroll()
        stages.collect_and_freeze(journey)
        await desk.sign_in("TECH-A1")
        await desk.see(journey.bag)
        await desk.press("f8")
        screen = desk.app.screen
        assert isinstance(screen, LabelScreen)
        for title in ("Unit label", "Tie-tag", "Cassette label", "COI card", "Command card", "Scanner card"):
            assert title in desk.screen
        await desk.press("f8")
        assert "Type the number of a paper first" in desk.told
        await desk.type("2")
        assert "not printed yet" in desk.told and "FOR AUTOLOGOUS USE ONLY" in desk.screen
        await desk.press("escape")
        assert "Nothing was printed" in desk.told and not (tmp_path / "labels").exists()
        await desk.type("5")
        await desk.press("f8")
        assert [path.name for path in (tmp_path / "labels").iterdir()] == ["command-card.pdf"]


async def test_papers_go_to_a_printer_of_this_terminal(tmp_path: Path) -> None:
    """Typed as --to has it; a file in some other place is not a target here."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = desk.story()
        journey.enroll()
        await desk.sign_in("NURSE-A1")
        await desk.see(journey.coi)
        await desk.press("f8")
        await desk.type("pdf:/tmp/elsewhere.pdf")
        assert "Files go into the folder" in desk.told
        await desk.type(f"tcp://127.0.0.1:{PORT}")
        assert "tcp://127.0.0.1" in desk.screen
        await desk.type("pdf:")
        assert desk.app.session.labels_to == "" and "Papers go to files in" in desk.told


async def printed(desk: Desk) -> tuple[Journey, DowntimeForm]:
    """A therapy with a form that is out, chosen on the screen of papers."""
    journey = desk.story()
    journey.enroll()
    by = {"staff": "NURSE-A1", "station": desk.app.session.station.id}
    form = desk.tracker.forms.make(journey.coi, **by)
    desk.tracker.forms.issue(form, **by)
    await desk.sign_in("NURSE-A1")
    await desk.see(journey.coi)
    await desk.press("ctrl+n")
    assert isinstance(desk.app.screen, DowntimeScreen) and grouped(form.form) in desk.screen
    await desk.press("f4")
    assert "Scan a form" in desk.told
    await desk.scan(form.code)
    assert f"{grouped(form.form)} of {grouped(journey.coi)} is chosen" in desk.told
    return journey, form


async def test_a_form_comes_back(tmp_path: Path) -> None:
    """F4 asks for the scanned file; a wrong one is named, and without an entry the form stays out."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, form = await printed(desk)
        paper = tmp_path / "paper.pdf"
        paper.write_bytes(PDF)
        await desk.press("f4")
        await desk.type(str(tmp_path / "nothing.pdf"))
        assert "cannot be read" in desk.told
        await desk.press("f3")
        await desk.press("f4")
        await desk.type(str(paper))
        assert "Nothing was entered" in desk.told
        await desk.press("f3")
        entry = {"mode": "paper", "by": "NURSE-A1", "reason": "power_failure", "form": form.code}
        wire = {
            "request": "identify_patient",
            "event_id": desk.tracker.new_event_id(),
            "actor": "NURSE-A1",
            "station": desk.app.session.station.id,
            "signers": [
                {"staff": "NURSE-A1", "meaning": "transcribed"},
                {"staff": "NURSE-A2", "meaning": "verified"},
            ],
            "occurred_at": format_instant(desk.tracker.clock.now()),
            "coi": code_of(journey.coi),
            "patient": [one.model_dump(mode="json") for one in journey.wristband()],
            "entry": entry,
        }
        signers = [*desk.network.signers.values()]
        assert desk.tracker.record(request=wire, signers=signers).ok
        await desk.press("f4")
        await desk.type(str(paper))
        await desk.pin("NURSE-A1")
        assert not desk.tracker.forms.out(), desk.told
        assert "RETURNED" in desk.screen.upper()


async def test_a_form_is_voided_before_two(tmp_path: Path) -> None:
    """F6 asks why, and for a second person."""
    async with desk_at("COLL-A", tmp_path) as desk:
        await printed(desk)
        await desk.press("f6")
        await desk.pick("Unused")
        await desk.press("f10")
        await desk.pin("NURSE-A1")
        await desk.second("NURSE-A2")
        assert not desk.tracker.forms.out(), desk.told


async def test_a_form_is_printed_from_the_terminal(tmp_path: Path) -> None:
    """F8, then which steps; it is noted as out and lies in the folder."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = desk.story()
        journey.enroll()
        await desk.sign_in("NURSE-A1")
        await desk.see(journey.coi)
        await desk.press("ctrl+n")
        await desk.press("f8")
        assert "WHICH STEPS" in desk.screen
        await desk.type("99")
        assert "no number of the list" in desk.told
        await desk.press("f8")
        await desk.type("2")
        (out,) = desk.tracker.forms.out()
        assert out.coi == journey.coi and "patient_identified" in out.form.steps
        assert grouped(out.form.form) in desk.screen and (tmp_path / "labels").is_dir()
        await desk.scan(code_of(journey.coi))
        assert "no form" in desk.told


async def test_with_nothing_scanned_the_cards_for_everybody_can_be_printed(tmp_path: Path) -> None:
    """Given empty home, F8 offers the command card, the step card and the scanner card, and nothing else."""
    async with desk_at("COLL-A", tmp_path) as desk:
        await desk.sign_in("NURSE-A1")
        await desk.press("f8")
        assert isinstance(desk.app.screen, LabelScreen)
        for title in ("Command card", "Step card, page 1 of 3", "Scanner card"):
            assert title in desk.screen
        assert "Unit label" not in desk.screen
        await desk.type("1")
        await desk.press("f8")
        assert [path.name for path in (tmp_path / "labels").iterdir()] == ["command-card.pdf"]
