"""What every screen has: large letters, sound and bands with their self-test, palette, themes, words."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from textual.command import CommandPalette
from textual.theme import Theme
from textual.widgets import Input

from schema.events.equipment import TerminalChecked
from schema.identifiers import first_copy
from tests.support.front_desk import Desk, code_of, desk_at
from tests.support.terminal import HEADER, settle
from tests.tui.screens.test_screens import packed
from tracker.settings import remembered_glyphs
from tui.answers import Verdict, band_lines, bells, ok
from tui.bigtext import KeyFacts, big_text, drawn
from tui.screens.home import HomeScreen
from tui.screens.selftest import SelfTestScreen
from tui.screens.trail import TrailScreen
from tui.search import SHOWN, found
from tui.shown_codes import grouped
from tui.themes import THEMES
from tui.widgets.help_panel import ScreenHelp


def read_back(rows: tuple[str, ...], text: str) -> bool:
    """Whether rows of half blocks are the letters of a text."""
    return rows == drawn(text)


class TestLargeLetters:
    def test_letters_differ(self) -> None:
        """No two letters or digits look alike, as codes are read aloud from them."""
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-+/#!?:.,>"
        assert len({drawn(char) for char in alphabet}) == len(alphabet)
        assert drawn("e") == drawn("\u00e9") == drawn("E")
        assert drawn("\u4e2d") == drawn("?")

    def test_what_matters_most_stays(self) -> None:
        """At 80 by 24: the order, the thing and the answer with the clock; what does not fit is left out."""
        facts = KeyFacts("Scan the seal of the box and then everything else", "SEAL-1", "BD234567892", "LATE")
        text = big_text(facts, ok("done"), HEADER.now, width=78, height=16).plain.split("\n")
        assert len(text) == 16 and all(len(line) <= 78 for line in text)
        assert read_back(tuple(text[8:12]), "BD23 4567 892")
        assert read_back(tuple(text[12:]), "OK     09:30")

    def test_as_large_as_there_is_room(self) -> None:
        """A large terminal has larger letters."""
        facts = KeyFacts("Scan")
        small = big_text(facts, None, HEADER.now, width=78, height=16).plain.split("\n")
        large = big_text(facts, None, HEADER.now, width=198, height=52).plain.split("\n")
        assert len(large) == 2 * len(small)
        assert max(map(len, large)) == 2 * max(map(len, small))


async def test_large_letters_are_the_stations_choice(tmp_path: Path) -> None:
    """Ctrl+G on one screen counts on all of this station, for the next person too; the order stands large."""
    async with desk_at("COLL-A", tmp_path) as desk:
        _, box, _ = packed(desk)
        await desk.press("ctrl+g")
        await desk.sign_in("TECH-A1")
        await desk.see(box)
        assert all(row in desk.screen for row in drawn(grouped(box))[:3])
        await desk.sign_in("TECH-A2")
        await desk.sign_in("TECH-A1")
        await desk.see(box)
        assert all(row in desk.screen for row in drawn(grouped(box))[:3])
        await desk.choose("Hand over")
        assert all(row.rstrip() in desk.screen for row in drawn("SCAN THE")[:3]), desk.screen
        await desk.press("ctrl+g")
        assert "Scan the seal" in desk.screen


def test_each_answer_has_its_own_sound() -> None:
    """One, two, five: told apart by ear, and never silent."""
    assert [len(bells(one)) for one in Verdict] == [1, 2, 5]


async def tried(desk: Desk, *said: str) -> None:
    """The self-test with what was noticed of OK, CHECK and STOP."""
    await desk.press("ctrl+t")
    assert isinstance(desk.app.screen, SelfTestScreen)
    for one in said:
        await (desk.command(one) if one.isupper() else desk.type(one))


async def test_the_self_test_is_asked_for_once_a_shift_and_kept(tmp_path: Path) -> None:
    """A reminder that blocks nothing; what was heard and seen of each answer is signed evidence."""
    async with desk_at("COLL-A", tmp_path) as desk:
        await desk.sign_in("TECH-A1")
        assert "this shift" in desk.told and isinstance(desk.app.screen, HomeScreen)
        await desk.sign_in("TECH-A2")
        assert "this shift" not in desk.told
        await tried(desk, "ALL-IN-ORDER", "ALL-IN-ORDER", "2")
        await desk.pin("TECH-A2")
        assert "Kept: STOP was not fully noticed." in desk.told, desk.told
        assert desk.tracker.registry.terminal_checks["COLL-A-01"] <= desk.clock.now()
        with desk.tracker.store.read() as transaction:
            bodies = [body for _, _, body in transaction.bodies("registry")]
        last = TerminalChecked.model_validate_json(_payload(bodies[-1]))
        assert (last.station, last.stop.heard, last.stop.seen) == ("COLL-A-01", False, True)
        desk.clock.advance(timedelta(hours=11))
        await desk.sign_in("TECH-A1")
        assert "this shift" in desk.told


async def test_the_row_of_shapes_that_looks_right_is_kept(tmp_path: Path) -> None:
    """F4 shows all three rows as they are, whatever is drawn now; the one chosen is drawn at once, and by
    this machine from its next start. Who leaves without choosing has the shapes of before.
    """
    async with desk_at("COLL-A", tmp_path, hub=True) as desk:
        await desk.sign_in("TECH-A1")
        await desk.press("ctrl+t", "f4")
        rows = [line for line in desk.screen.splitlines() if "◉" in line or "◙" in line or "* > o" in line]
        assert len(rows) == 3 and "every shape" in rows[0], desk.screen
        await desk.type("7")
        assert "Type 1, 2 or 3" in desk.told
        await desk.type("3")
        assert str(desk.app.glyphs) == "ascii" and "from now on" in desk.told
        assert "+--" in desk.screen and "╭" not in desk.screen
        config, origin = desk.tracker.environment.config, desk.tracker.registry.origin
        assert config is not None and remembered_glyphs(config, origin) == "ascii"
        await desk.press("f4")
        assert str(desk.app.glyphs) == "full"
        await desk.press("escape")
        assert str(desk.app.glyphs) == "ascii"


def _payload(body: bytes) -> bytes:
    return orjson.dumps(orjson.loads(body)["statement"]["payload"])


async def test_a_self_test_that_is_left_keeps_nothing(tmp_path: Path) -> None:
    """Esc starts again, then leaves; a number not on the list is asked again."""
    async with desk_at("COLL-A", tmp_path) as desk:
        await desk.sign_in("TECH-A1")
        await tried(desk, "1", "9")
        assert "from 1 to 4" in desk.told
        await desk.press("f5", "escape", "escape")
        assert isinstance(desk.app.screen, HomeScreen) and "nothing was kept" in desk.told
        assert not desk.tracker.registry.terminal_checks


class TestPalette:
    async def test_it_finds_therapies_by_what_a_person_has(self, tmp_path: Path) -> None:
        """By COI, unit, cassette, printed code or donation number, typed in part; never all of the store."""
        async with desk_at("COLL-A", tmp_path) as desk:
            journey, _, _ = packed(desk)
            unit = journey.state.units[journey.bag]
            texts = (
                journey.coi[:6],
                journey.bag,
                journey.bag.lower(),
                code_of(journey.bag),
                unit.cassette or "",
            )
            for text in (*texts, str(unit.din)[:8]):
                assert [row.coi for row in found(desk.tracker, text)] == [journey.coi], text
            assert found(desk.tracker, "ZZZZ") == () == found(desk.tracker, " ")
            other = desk.story()
            other.number, other.coi = 9, ""
            other.enroll()
            assert len(desk.tracker.read.search(text="C", limit=1)) == 1

    async def test_it_opens_a_therapy_and_knows_every_action(self, tmp_path: Path) -> None:
        """Ctrl+P, some of the COI, Enter: its trail; what the screen offers is in it too."""
        async with desk_at("COLL-A", tmp_path) as desk:
            journey, _, _ = packed(desk)
            await desk.sign_in("TECH-A1")
            home: object = desk.app.screen
            assert isinstance(home, HomeScreen)
            titles = {one.title for one in desk.app.get_system_commands(home)}
            assert {"My shipments", "Large letters on or off", "Sign out", "Theme"} <= titles
            await desk.press("ctrl+p")
            palette: object = desk.app.screen
            assert isinstance(palette, CommandPalette)
            palette.query_one(Input).value = journey.coi[:7]
            await desk.pilot.pause(0.6)
            await settle(desk.pilot)
            await desk.pilot.press("down", "enter")
            await desk.pilot.pause(0.3)
            await settle(desk.pilot)
            assert isinstance(desk.app.screen, TrailScreen), desk.screen
            assert SHOWN <= 20

    async def test_nobody_signed_in_finds_nothing(self, tmp_path: Path) -> None:
        """Before sign-in no therapy stands in the palette."""
        async with desk_at("COLL-A", tmp_path) as desk:
            journey, _, _ = packed(desk)
            await desk.press("ctrl+p")
            await desk.pilot.pause(0.5)
            assert journey.coi not in desk.screen


class TestThemes:
    @pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
    async def test_every_screen_says_the_same_in_every_theme(self, tmp_path: Path, theme: Theme) -> None:
        """Nothing is said by color alone: words and shapes stay."""
        async with desk_at("COLL-A", tmp_path) as desk:
            desk.app.theme = theme.name
            _, box, _ = packed(desk)
            await desk.sign_in("TECH-A1")
            await desk.see(box)
            assert " \u25cf OK " in desk.screen
            await desk.command("DONE")
            assert "\u25b2 CHECK " in desk.screen
            await desk.scan(first_copy("UP234567892").text)
            assert desk.told.startswith("STOP") and band_lines(Verdict.STOP, 80)[2] in desk.screen


async def test_without_color_everything_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR: no segment keeps a hue, and the answers are told apart by word, shape and reverse."""
    monkeypatch.setenv("NO_COLOR", "1")
    async with desk_at("COLL-A", tmp_path) as desk:
        _, box, _ = packed(desk)
        await desk.sign_in("TECH-A1")
        await desk.see(box)
        desk.app.screen._refresh_layout()
        assert desk.app.no_color
        shown = desk.screen
        assert " \u25cf OK " in shown and "Dry shipper 1" in shown
        filters = {type(one).__name__ for one in desk.app.get_line_filters()}
        assert "Monochrome" in filters


async def test_every_screen_has_its_help(tmp_path: Path) -> None:
    """F1 says what the screen in front is for and what each of its keys does now."""
    async with desk_at("COLL-A", tmp_path) as desk:
        _, box, _ = packed(desk)
        await desk.press("f1")
        assert "badge and your password" in " ".join(desk.screen.replace("\u2502", " ").split())
        await desk.press("escape")
        await desk.sign_in("TECH-A1")
        await desk.see(box)
        for key, words in (
            ("ctrl+o", "Boxes by urgency"),
            ("ctrl+t", "Each answer is played"),
            ("f6", "therapy"),
        ):
            await desk.press(key, "f1")
            assert desk.app.screen.query(ScreenHelp)
            assert words in desk.screen and "F1 Help" in " ".join(desk.screen.split()), desk.screen
            await desk.press("escape", "escape")
            assert isinstance(desk.app.screen, HomeScreen)
