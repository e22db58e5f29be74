"""The auditor at a terminal: find, gaps first, entries with proof, who held it, as of, export, the review."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest

from schema.entry import REGISTRY, read_entry
from schema.events.registry import TrailExported
from schema.events.review import TrailReviewed
from schema.vocabulary import Meaning, ReviewOutcome
from tests.support.front_desk import Desk, desk_at, rest
from tests.support.journeys import World
from tests.tui.screens.test_screens import kinds
from tracker.auditing import Audit
from tracker.demo import stages
from tracker.demo.journey import Journey, scan
from tracker.exports.gaps import sequence_in_finding
from tracker.exports.report.sections import section_of
from tracker.therapy.custody import requests as custody
from tracker.therapy.deviations import OpenDeviation
from tui.screens.audit import AuditScreen
from tui.screens.audit.chain import cells_of, chain_lines, summary_text
from tui.screens.audit.text import checks_text, line_text
from tui.screens.entry import EntryScreen, TextScreen
from tui.screens.exporting import bundle_command
from tui.shown_codes import grouped

AUDITOR = "AUDIT-1"


def shipped(desk: Desk) -> tuple[Journey, str]:
    """A therapy whose frozen bag is on its way, and its box."""
    journey = desk.story()
    journey.enroll()
    stages.collect_and_freeze(journey)
    box = journey.network.boxes["Dry shipper 1"]
    stages.pack(journey, "TECH-A1", "TECH-A2", "COLL-A", box, "MFG-1")
    return journey, box


async def auditing(desk: Desk, coi: str) -> AuditScreen:
    """An auditor with the trail of a therapy in front."""
    await desk.sign_in(AUDITOR, "MFG-1")
    await desk.press("ctrl+f")
    await desk.see(coi)
    screen: object = desk.app.screen
    assert isinstance(screen, AuditScreen), desk.told
    return screen


@pytest.mark.parametrize("what", ["COI", "unit", "box", "staff id", "name", "day", "seal", "place"])
async def test_find(what: str, tmp_path: Path) -> None:
    """By everything that an event names, scanned or typed, also what the log has not taken in."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, box = shipped(desk)
        await desk.sign_in(AUDITOR, "MFG-1")
        await desk.press("ctrl+f")
        assert "Find: scan any code" in desk.screen
        seal = journey.state.seals[box]
        typed = {
            "staff id": "tech-a2",
            "name": desk.network.names["TECH-A2"].split()[-1].lower(),
            "day": f"{journey.state.facts['enrolled'].at:%Y-%m-%d}",
            "seal": seal,
            "place": "dry shipper 1",
        }
        if what in typed:
            await desk.type(typed[what])
        else:
            await desk.see({"COI": journey.coi, "unit": journey.bag, "box": box}[what])
        if "Which one?" in desk.screen:
            line = next(one for one in desk.screen.splitlines() if "TECH-A2" in one)
            await desk.type(line.strip("│ ").split()[0])
        if what in ("COI", "unit"):
            assert f"Who held the cells of {grouped(journey.coi)}" in desk.screen
        else:
            assert grouped(journey.coi) in desk.screen, desk.screen
            # An Enter at once after a scan is taken for the end of that scan.
            await desk.press("up", "enter")
            opened: object = desk.app.screen
            assert isinstance(opened, AuditScreen) and opened.coi == journey.coi


async def test_what_nobody_names(tmp_path: Path) -> None:
    """Says so; a misread code of ours is no search, and neither is markup."""
    async with desk_at("COLL-A", tmp_path) as desk:
        shipped(desk)
        await desk.sign_in(AUDITOR, "MFG-1")
        await desk.press("ctrl+f")
        for text in ("LOT-77", "[bold]x[/bold]", "%", "' OR 1=1 --", "2026-01-01"):
            await desk.type(text)
            assert "No therapy names" in desk.told, desk.told
        await desk.type("2026-02-31")
        assert "does not exist" in desk.told
        await desk.scan("CTUD23456789226W")
        assert desk.told.startswith("CHECK")


async def test_lanes_chain_and_proof_in_sight(tmp_path: Path) -> None:
    """Who held it, the chain with who signed, and the chosen entry proven; F4 goes from one line to see to
    the next, F6 proves every entry and lists all checks, Left and Right move in time.
    """
    async with desk_at("COLL-A", tmp_path, hub=True) as desk:
        journey, _ = shipped(desk)
        desk.tracker.integrate()
        screen = await auditing(desk, journey.coi)
        assert screen.found is not None
        nurse = desk.network.names["NURSE-A1"]
        for told in (f"Who held the cells of {grouped(journey.coi)}", "Chain: never reviewed", nurse):
            assert told in desk.screen, desk.screen
        for told in ("Entry 0 and its proof", "● signature  ● in log, head", "Cell laboratory, COLL-A"):
            assert told in desk.screen, desk.screen
        assert len(screen.found.dossier.events) == len(kinds(desk, journey.coi))
        to_see = [line for line in screen.lines if line.is_to_see]
        for number, line in enumerate((*to_see, to_see[0])):
            await desk.press("f4")
            assert screen.line is line
            assert f"{number % len(to_see) + 1} of {len(to_see)}: {line.title}" in desk.told
        await desk.press("home", "right")
        later = screen.line
        await desk.press("left")
        first = screen.line
        assert first is not None and first.moment is not None and later is not None
        assert later.moment is None or first.moment < later.moment
        await desk.press("f6")
        checks: object = desk.app.screen
        assert isinstance(checks, TextScreen)
        assert "each entry names the one before" in checks.text.plain
        assert "Trails not reviewed to their end (as it stands)" in checks.text.plain
        assert "Looked for and not found" in checks.text.plain


async def test_a_chain_of_more_lines_than_a_table_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Home and End are those of the whole chain, and the arrows go through every line of it."""
    monkeypatch.setattr("tui.screens.audit.LINES_MAX", 6)
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, _ = shipped(desk)
        screen = await auditing(desk, journey.coi)
        last = len(screen.lines) - 1
        assert last > 8
        await desk.press("end")
        assert screen.line is screen.lines[last]
        for row in range(last - 1, -1, -1):
            await desk.press("up")
            assert screen.line is screen.lines[row]
        await desk.press("end", "home")
        assert screen.line is screen.lines[0]
        await desk.press("down", "down", "down", "down", "down", "down", "down")
        assert screen.line is screen.lines[7]


async def test_a_head_from_paper_is_compared(tmp_path: Path) -> None:
    """Scanned on the trail, the head of a slip stays in sight as an outside head that the log holds."""
    async with desk_at("COLL-A", tmp_path, hub=True) as desk:
        journey, _ = shipped(desk)
        desk.tracker.integrate()
        head = desk.tracker.log.head()
        assert head is not None
        await auditing(desk, journey.coi)
        await desk.scan(head.text)
        assert desk.told.startswith("OK: The log of") and "● outside head" in desk.screen


async def test_an_entry_with_bytes_and_proof(tmp_path: Path) -> None:
    """Printed name, time and meaning; digests; the proof in words; the bytes that were hashed."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, _ = shipped(desk)
        desk.tracker.integrate()
        screen = await auditing(desk, journey.coi)
        await desk.press("down", "enter")
        entry: object = desk.app.screen
        assert isinstance(entry, EntryScreen) and screen.found is not None
        stored = screen.found.dossier.entries[1]
        await desk.pilot.resize_terminal(200, 60)
        await rest(desk.pilot, desk.busy)
        body = stored.body[:60].decode()
        for told in (stored.digest, stored.statement.digest, stored.signatures[0].name, body):
            assert told in desk.screen, desk.screen
        assert "○ waits for the log" in desk.screen and "fit." in desk.screen


async def test_a_proof_under_a_signed_head(tmp_path: Path) -> None:
    """On the hub the log is signed, and the path leads to that head."""
    async with desk_at("COLL-A", tmp_path, hub=True) as desk:
        journey, _ = shipped(desk)
        desk.tracker.integrate()
        await auditing(desk, journey.coi)
        # An Enter at once after a scan is taken for the end of that scan.
        await desk.press("home", "enter")
        entry: object = desk.app.screen
        assert isinstance(entry, EntryScreen)
        await desk.pilot.resize_terminal(160, 100)
        assert "● holds" in desk.screen and "signed by the log's key" in desk.screen
        assert "c2sp.org/tlog-proof" in str(entry.parts[2].text)


async def test_who_held_it(tmp_path: Path) -> None:
    """Party, place, since when and by which entry; before it all began, nobody."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, _ = shipped(desk)
        screen = await auditing(desk, journey.coi)
        assert screen.found is not None
        last = desk.app.session.local(screen.found.dossier.entries[-1].statement.occurred_at)
        await desk.press("f11")
        await desk.type(f"{last:%Y-%m-%d %H:%M:%S}")
        answer: object = desk.app.screen
        assert isinstance(answer, TextScreen)
        assert grouped(journey.bag) in answer.text.plain and "by entry" in answer.text.plain
        await desk.press("escape", "f11")
        await desk.type("2020-01-01 14:05")
        nobody: object = desk.app.screen
        assert isinstance(nobody, TextScreen) and "Nobody" in nobody.text.plain
        await desk.press("escape", "f11")
        await desk.type("half past two")
        assert desk.told.startswith("CHECK")
        await desk.press("f11")
        await desk.type("now")
        now: object = desk.app.screen
        assert isinstance(now, TextScreen) and grouped(journey.bag) in now.text.plain


async def test_findings_d12_times_are_those_of_the_place(tmp_path: Path) -> None:
    """At MFG-1 an auditor reads what happened in New York as the report prints it, and types it so."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, _ = shipped(desk)
        screen = await auditing(desk, journey.coi)
        assert screen.found is not None
        dossier = screen.found.dossier
        report = section_of(dossier, desk.tracker.clock.now())
        (stored,) = (one for one in report["timeline"] if one["kind"] == "stored")
        printed = f"{stored['day']} {stored['clock']}"
        assert printed.endswith(("-04:00", "-05:00")) and not desk.app.session.now().isoformat().endswith(
            printed[-6:]
        )
        kinds_shown = [line.event and line.event.row.kind for line in screen.lines]
        row = kinds_shown.index("stored")
        await desk.press("home", *["down"] * row)
        day = datetime.fromisoformat(stored["day"])
        assert f"{day:%d %b} {stored['clock'][:5]} {printed[-6:]}" in desk.screen
        assert f"happened {printed}" in desk.screen
        for typed in (printed, printed[:-7]):
            await desk.press("f11")
            await desk.type(typed)
            answer: object = desk.app.screen
            assert isinstance(answer, TextScreen)
            told = " ".join(answer.text.plain.split())
            assert told.startswith(f"WHO HELD IT AT {printed}"), told
            assert f"since {printed}, by entry {stored['sequence']}" in told
            await desk.press("escape")


async def test_as_it_was_known(tmp_path: Path) -> None:
    """By a time or the log's size; it says how much came later, and cannot be reviewed; `now` comes back."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, _ = shipped(desk)
        screen = await auditing(desk, journey.coi)
        assert screen.found is not None
        moment = screen.found.dossier.entries[2].recorded_at
        await desk.press("f7")
        await desk.type(f"{moment:%Y-%m-%dT%H:%M:%S.999Z}")
        assert "AS KNOWN AT" in desk.screen and "later entries not shown" in desk.screen
        assert screen.found.later == len(kinds(desk, journey.coi)) - len(screen.found.dossier.entries)
        await desk.press("f10")
        assert "earlier state" in desk.told
        await desk.press("f7")
        await desk.type("now")
        assert screen.found.as_of is None and screen.found.later == 0


async def answer_all(desk: Desk, shown: Audit, *, observed: str = "") -> None:
    """Type a word of each finding, then a comment on the whole."""
    for gap, finding in shown.to_answer:
        assert gap.title in desk.told and finding.finding[:20] in desk.told
        await desk.type("! Ask the site" if gap.code == observed else "Looked into")
    await desk.type("Read with the site")


async def test_findings_d15_the_review_is_signed(tmp_path: Path) -> None:
    """Through which entry, how many findings of which checks; then nothing is left to review."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, _ = shipped(desk)
        screen = await auditing(desk, journey.coi)
        assert screen.found is not None
        shown = screen.found
        await desk.press("f10")
        question = desk.told
        assert question.startswith("CHECK: 1 of ")
        await desk.type("482913")
        assert "Six digits alone are not taken here:" in desk.told and "482913" not in desk.screen
        await answer_all(desk, shown, observed=shown.found[0].code)
        assert "TRAIL REVIEWED" in desk.screen
        assert "observed, Ask the site" in desk.screen and "explained, Looked into" in desk.screen
        await desk.pin(AUDITOR)
        last = desk.tracker.read.trail(coi=journey.coi).entries[-1].entry
        payload = last.statement.payload
        assert isinstance(payload, TrailReviewed)
        assert payload.through == len(shown.dossier.entries) - 1
        assert payload.digest == shown.dossier.entries[-1].statement.digest
        assert len(payload.answers) == shown.findings - 1 == len(shown.to_answer)
        assert {one.check for one in payload.answers} == {one.code for one in shown.found} - {
            "pending_reviews"
        }
        assert [one.meaning for one in last.signatures] == [Meaning.AUDIT_TRAIL_REVIEWED]
        assert payload.outcome is ReviewOutcome.WITH_OBSERVATIONS and payload.remark is not None
        words = {one.check: one.answer.value for one in payload.answers}
        observed, *others = (gap.code for gap, _ in shown.to_answer)
        assert words == {observed: "observed", **dict.fromkeys(others, "explained")}
        assert f"reviewed through #{payload.through} by {AUDITOR}" in desk.screen
        await desk.press("f10")
        assert "reviewed to its end" in desk.told
        row = next(one for one in desk.tracker.read.board() if one.coi == journey.coi)
        assert row.reviewed_through == payload.through
        assert "pending_reviews" not in {one.code for one in screen.found.found}


async def test_findings_d15_the_same_is_said_again(tmp_path: Path) -> None:
    """Given five findings of one check, then `=` says the same of the next, and `==` of all that are left of
    it; neither answers the first of a check.
    """
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, _ = shipped(desk)
        for _ in range(5):
            told: dict[str, Any] = {"category": "other", "description": "Loose label"}
            journey.ask(OpenDeviation, "QA-2", "MFG-1", coi=scan(journey.coi), **told)
        screen = await auditing(desk, journey.coi)
        assert screen.found is not None
        waiting = screen.found.to_answer
        count = {
            code: sum(gap.code == code for gap, _ in waiting) for code in {gap.code for gap, _ in waiting}
        }
        assert max(count.values()) == 5
        await desk.press("f10")
        for code in dict.fromkeys(gap.code for gap, _ in waiting):
            await desk.type("=")
            await desk.type(f"Looked into {code}")
            for again in ("=", "==") if count[code] > 2 else ("=",) * (count[code] - 1):
                await desk.type(again)
        await desk.type("-")
        assert "TRAIL REVIEWED" in desk.screen
        await desk.pin(AUDITOR)
        payload = desk.tracker.read.trail(coi=journey.coi).entries[-1].entry.statement.payload
        assert isinstance(payload, TrailReviewed) and payload.remark is None
        assert [(one.check, one.entry) for one in payload.answers] == [
            (one.check, one.entry) for _, one in waiting
        ]
        assert {one.answer.value for one in payload.answers} == {"explained"}


async def test_findings_d5_who_looked_at_a_trail_is_kept(tmp_path: Path) -> None:
    """At a terminal a look is no event of the record; who opened which trail where is kept beside it."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, _ = shipped(desk)
        await auditing(desk, journey.coi)
        opened = desk.tracker.audit.opened_by(AUDITOR)
        assert {(one.staff, one.chain, one.station) for one in opened} == {
            (AUDITOR, journey.coi, desk.app.session.station.id)
        }
        assert desk.tracker.audit.opened_by("TECH-A1") == ()


async def test_a_technician_does_not_review(tmp_path: Path) -> None:
    """They may read; the signature is an auditor's or quality's."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, _ = shipped(desk)
        await desk.sign_in("TECH-A1")
        await desk.press("ctrl+f")
        await desk.see(journey.coi)
        await desk.press("f10")
        assert desk.told.startswith("CHECK") and kinds(desk, journey.coi)[-1] != "trail_reviewed"


async def test_export_from_the_screen(tmp_path: Path) -> None:
    """Form and contents chosen in sight; noted in the registry with the choice; the file is whole."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, _ = shipped(desk)
        await auditing(desk, journey.coi)
        await desk.press("f12")
        assert f"Export the trail of {grouped(journey.coi)}" in desk.screen
        await desk.type("4")
        await desk.type("8")
        assert "● names of staff" in desk.screen
        out = tmp_path / "out" / "trail.jsonl"
        await desk.type(str(out))
        await desk.press("f10")
        assert f"SHA-256 {sha256(out.read_bytes()).hexdigest()}" in desk.screen
        assert "Written to" in desk.told and "● noted in the registry" in desk.screen
        await desk.press("escape")
        assert isinstance(desk.app.screen, AuditScreen)
        ids = [orjson.loads(line)["statement"]["event_id"] for line in out.read_bytes().splitlines()]
        assert len(ids) == len(kinds(desk, journey.coi))
        with desk.tracker.store.read() as transaction:
            *_, (_, _, body) = transaction.bodies(REGISTRY)
        noted = read_entry(body).statement.payload
        assert isinstance(noted, TrailExported)
        assert (noted.form, noted.staff_names, noted.identifiers) == ("json", True, False)


async def test_not_everybody_may_open_more(tmp_path: Path) -> None:
    """A technician exports the bare events; names take a right to export. An existing file stays."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, _ = shipped(desk)
        await desk.sign_in("TECH-A1")
        await desk.press("ctrl+f")
        await desk.see(journey.coi)
        await desk.press("f12")
        await desk.type("8")
        assert desk.told.startswith("CHECK") and "● names" not in desk.screen
        out = tmp_path / "there.csv"
        out.write_bytes(b"mine")
        await desk.type("3")
        await desk.type(str(out))
        await desk.press("f10")
        assert "already" in desk.told and out.read_bytes() == b"mine"


def test_findings_name_their_entry() -> None:
    """So that Enter on a finding opens it."""
    assert sequence_in_finding("CD234567892 17 thaw started: release") == 17
    assert sequence_in_finding("CD234567892 3 to 5: 12 min until accepted") == 5
    assert sequence_in_finding("CD234567892: never reviewed, 9 entries") is None


async def test_a_wide_terminal_shows_the_event_and_who_signed_beside(tmp_path: Path) -> None:
    """120 columns are used: the chain, the chosen event whole, what verifying came to, and who signed."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey, _ = shipped(desk)
        await auditing(desk, journey.coi)
        await desk.pilot.resize_terminal(120, 40)
        await desk.press("down")
        for told in ("Happened", "Who signed", "○ not verified yet: F6 does it", "○ no outside head given"):
            assert told in desk.screen, desk.screen


def test_a_gap_is_a_line_of_the_chain_with_from_and_to(world: Callable[[str], World]) -> None:
    """Given a box taken 41 min after it was given, then the line before the taking says that nobody held it,
    and beside it stands who gave and who took, with the proof of the taking.
    """
    given = world("packed")
    box, seal = scan(given.box_of(given.one)), given.seal_of(given.one)
    given.do(custody.Relinquish, "TECH-A1", box=box, seal=seal)
    given.clock.advance(timedelta(minutes=40))
    given.do(custody.Accept, "COUR-X1", at="COLL-A", box=box, seal=seal)
    lines = chain_lines(given.tracker.audit.therapy(given.one.coi))
    (gap,) = (line for line in lines if line.unheld is not None)
    after = lines[lines.index(gap) + 1]
    assert (gap.title, gap.who, after.is_event) == ("Gap 0:41 h", "nobody held it", True)
    assert "■ 1 gap" in summary_text(lines).plain
    number, when, what, who = (cell.plain for cell in cells_of(gap, is_wide=False))
    assert (number, what, who) == ("", "■ Gap 0:41 h", "nobody held it") and when[-6] == "-"
    told = line_text(gap, None, None).plain
    assert told.startswith("■ GAP  0:41 h without a holder\nfrom ")
    assert f"given by {given.network.names['TECH-A1']}" in told
    assert f"taken by {given.network.names['COUR-X1']}" in told and "○ being proven" in told


def test_a_long_finding_is_told_whole(world: Callable[[str], World]) -> None:
    """At 60 columns it goes on under its own words; nothing of it is cut."""
    audit = world("enrolled").tracker.audit.therapy(world("enrolled").one.coi)
    told = checks_text(audit, 60).plain
    assert max(map(len, told.splitlines())) <= 90
    finding = next(one for gap in audit.found for one in gap.findings)
    said = " ".join(finding.removeprefix(audit.dossier.chain).lstrip(": ").split())
    assert said in " ".join(told.split())


def test_findings_f6_each_check_begins_a_line_of_its_own(world: Callable[[str], World]) -> None:
    """Given findings that end with a code, the next check stands below them; no line feed is spelled out."""
    audit = world("enrolled").tracker.audit.therapy(world("enrolled").one.coi)
    told = checks_text(audit, 80).plain
    assert "<0a>" not in told
    titles = [gap.title for gap in audit.gaps]
    assert [line for line in told.splitlines() if any(title in line for title in titles)] == [
        line for line in told.splitlines() if line[:1] in {"■", "▲", "●"}
    ]


def test_findings_b3_a_review_is_not_asked_whether_it_is_missing(world: Callable[[str], World]) -> None:
    """That the trail was never reviewed is a finding, and the review itself ends it: no word is asked."""
    audit = world("enrolled").tracker.audit.therapy(world("enrolled").one.coi)
    assert "pending_reviews" in {gap.code for gap in audit.found}
    assert "pending_reviews" not in {gap.code for gap, _ in audit.to_answer}


def test_findings_f12_help_names_the_whole_command_of_a_bundle() -> None:
    """Given a store in a folder with a blank, the command works as it stands."""
    assert bundle_command("CD234567892", "/srv/my store/c.db", "MFG-1-01", "AUDIT-1") == (
        "cartrail --database '/srv/my store/c.db' --station MFG-1-01 --as AUDIT-1"
        " export CD234567892 --out evidence.zip"
    )


async def test_logistics_a_patient_is_found_by_a_number(tmp_path: Path) -> None:
    """F11, the number, and the therapy of that patient; one code off, and nobody is found."""
    async with desk_at("COLL-A", tmp_path) as desk:
        journey = desk.story()
        journey.enroll()
        await desk.sign_in("NURSE-A1", "COLL-A")
        await desk.press("ctrl+f")
        await desk.press("f11")
        assert "Scan the wristband, or type the number" in desk.screen
        value = journey.wristband()[0].value
        await desk.type(value)
        assert (
            "Of this patient" in desk.screen
            and grouped(journey.coi) in desk.screen
            and value not in desk.screen
        )
        assert "It is noted that you looked." in desk.told
        await desk.press("f11")
        await desk.type(f"{value}0")
        assert "No therapy that you may see has this number." in desk.told
