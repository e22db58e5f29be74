"""The three answers: each tells itself by word, shape and sound, and no data in them is ever markup."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text
from textual.pilot import Pilot

from schema.errors import Refusal
from schema.identifiers import first_copy
from schema.vocabulary import Purpose, ReadMode
from tests.support.terminal import CODE, HEADER, BenchApp, burst, painted, settle
from tui.answers import (
    ShownAnswer,
    StopAnswer,
    Verdict,
    answer_text,
    bells,
    check,
    ok,
    safe,
    shape,
    shown,
    shown_read,
    stop_for,
    stop_text,
)
from tui.commands import FIXED, Command, Sign, key_line
from tui.framing import FRAME_LENGTH_MAX, RawScan
from tui.screens.help import HelpScreen
from tui.screens.sign.signing import ShownStatement, statement_text
from tui.screens.stop import StopScreen
from tui.widgets.lines import HeaderBar, HeaderView, KeyBar, header_text, scan_text

STOP = StopAnswer("This is another patient's bag.", "unit UD234567892", "unit UD234567893", "Do not infuse.")
HOSTILE = "x[/] [@click=app.quit]go[/] [bold]"


def is_at_the_bench(app: BenchApp) -> bool:
    """Whether the task screen is in front again."""
    return app.screen is app.bench


def test_the_answers_differ_without_color() -> None:
    """Word, shape and number of bells are each enough to tell any two answers apart."""
    for one, other in combinations(Verdict, 2):
        assert shape(one) != shape(other)
        assert len(bells(one)) != len(bells(other))
    for verdict in Verdict:
        assert verdict.value in " ".join(shape(verdict))
        assert "".join(shape(verdict)).isascii()
        assert len({len(row) for row in shape(verdict)}) == 1


def test_an_error_is_never_silent() -> None:
    """Every answer rings, a stop most of all."""
    assert 0 < len(bells(Verdict.OK)) < len(bells(Verdict.CHECK)) < len(bells(Verdict.STOP))


def test_a_stop_says_what_was_expected_what_was_read_and_what_to_do() -> None:
    """All four parts stand on it, and how it is left."""
    plain = stop_text(STOP, discarded=0).plain
    for part in (STOP.line, STOP.expected, STOP.read, STOP.advice, "EXPECTED", "READ", "DO THIS", "F3"):
        assert part in plain
    assert "thrown away" not in plain
    assert "2 scans were thrown away" in stop_text(STOP, discarded=2).plain


def test_a_refusal_becomes_a_stop_with_its_remedy() -> None:
    """Sentence and remedy of the error are the stop's own."""
    stop = stop_for(Refusal("Not released.", remedy="Ask quality."), read="CT")
    assert (stop.line, stop.advice, stop.read) == ("Not released.", "Ask quality.", "CT")
    assert stop.answer == ShownAnswer(Verdict.STOP, "Not released.", "Ask quality.")


@given(st.text(), st.text())
def test_data_is_text_and_never_markup(line: str, advice: str) -> None:
    """Whatever is scanned stands in the answer letter by letter."""
    for text in (
        answer_text(check(line, advice), number=1),
        stop_text(StopAnswer(line, advice, line, advice), discarded=0),
        header_text(HeaderView(Purpose.DEMO, line, advice, line, HEADER.now), width=100_000),
        statement_text(ShownStatement("Title", ((advice, line),), "0" * 64)),
    ):
        assert isinstance(text, Text)
        assert safe(line) in text.plain
        # A stop breaks its lines for the room there is.
        assert "".join(safe(advice).split()) in "".join(text.plain.split())
        assert text.plain.replace("\n", "").isprintable()


@given(st.text(st.characters(exclude_categories=["C", "Zs", "Zl", "Zp"])))
def test_what_can_be_printed_is_shown_letter_by_letter(text: str) -> None:
    """Only what steers a terminal is replaced."""
    assert safe(text) == text


@given(st.text())
def test_a_read_is_shown_safe_and_short(text: str) -> None:
    """No control character reaches the terminal, and no read fills the screen."""
    assert shown(text).isprintable()
    assert len(shown(text)) < 700


def test_separators_are_shown_by_name() -> None:
    """GS, RS and EOT can be read, and a long read says how long it was."""
    assert shown("a\x1db\x1ec\x04") == "a<GS>b<RS>c<EOT>"
    assert shown("a" * 70).endswith("... (70 characters)")
    assert shown_read(RawScan(CODE, ReadMode.SCANNED, 0.0, 16)) == f"{CODE} (scanned)"
    assert shown_read(RawScan("horse staple pen one", ReadMode.MANUAL, 0.0, 20)) == "20 characters (manual)"
    assert shown_read(RawScan("ctud23456789226v", ReadMode.MANUAL, 0.0, 16)) == "ctud23456789226v (manual)"
    assert "5000 characters" in shown_read(RawScan("", ReadMode.PASTED, 0.0, FRAME_LENGTH_MAX + 904))


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("width", [60, 80, 132])
def test_the_header_keeps_banner_and_clock(purpose: Purpose, width: int) -> None:
    """However long a name is, purpose and time with offset stay on the line."""
    now = datetime(2026, 3, 1, 9, 30, 5, tzinfo=timezone(-timedelta(hours=5)))
    view = HeaderView(purpose, "SITE", "STATION-1", "N" * 200, now)
    line = header_text(view, width=width)
    assert line.cell_len == width
    assert purpose.value.upper() in line.plain
    assert line.plain.endswith(" 09:30:05 -05:00 ")
    assert "nobody signed in" in header_text(HeaderView(purpose, "S1", "T1", None, now), width=100).plain


def test_the_scan_field_shows_the_end_of_what_is_typed() -> None:
    """A long code never pushes the cursor or the waiting scans off the line."""
    line = scan_text("A" * 200 + "END", waiting=12, width=80)
    assert line.cell_len == 80
    assert line.plain.rstrip().endswith("12 waiting")


def test_the_fixed_keys_fit_eighty_columns() -> None:
    """F1 to F10 and Esc stand in the footer of the smallest terminal, offered or not."""
    for offered in (frozenset[type[Command]](), frozenset(FIXED)):
        assert key_line(FIXED, offered=offered).cell_len <= 78
    assert "F10 SIGN" in key_line(FIXED, offered=frozenset((Sign,))).plain
    assert "F10 sign" in key_line(FIXED, offered=frozenset()).plain


def test_every_command_has_help_and_no_letter() -> None:
    """Key, footer, palette and help stand in the class; a letter as key is refused at once."""
    for command in FIXED:
        assert command.help()
        assert command.palette
        assert command.footer.isascii()
    with pytest.raises(TypeError, match="only F-keys"):
        type("Letter", (Command,), {"key": "d", "footer": "D", "palette": "D"})


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys and wait for what they do."""
    await pilot.press(*keys)
    await settle(pilot)


async def test_a_stop_is_left_by_f3_only() -> None:
    """Neither Enter, Esc, Tab, another F-key, nor a scan, nor a click leaves it; scans are counted."""
    app = BenchApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.bench.stop(STOP)
        await settle(pilot)
        burst(app, CODE + "\r" + CODE + "\r\n")
        await press(pilot, "enter", "escape", "tab", "space", "f1", "f10", "ctrl+j", "A", "enter")
        await pilot.click()
        assert isinstance(app.screen, StopScreen)
        assert app.screen.discarded == 3
        for part in (STOP.line, STOP.expected, STOP.read, STOP.advice, "3 scans were thrown away", "F3"):
            assert part in painted(app)
        await press(pilot, "f3")
        assert is_at_the_bench(app)
        assert app.bench.scans == []
        assert app.bench.answers.answer == STOP.answer


async def test_what_was_scanned_ahead_of_a_stop_is_thrown_away() -> None:
    """Scans that were waiting when a stop came up do not pass behind it."""
    app = BenchApp()
    async with app.run_test() as pilot:
        burst(app, "RAISE\r" + CODE + "\r" + CODE + "\r")
        await settle(pilot)
        assert isinstance(app.screen, StopScreen)
        assert app.screen.discarded == 2
        assert app.bench.scans == []


async def test_markup_in_a_scan_is_harmless_on_every_part_of_the_screen() -> None:
    """`x[/]` and action links are shown as they are, in the field, the answer, the stop and the header."""
    app = BenchApp()
    async with app.run_test(size=(100, 30)) as pilot:
        for char in HOSTILE:
            burst(app, char)
        await settle(pilot)
        assert HOSTILE in painted(app)
        burst(app, "\r")
        await settle(pilot)
        assert HOSTILE in painted(app)
        app.bench.query_one(HeaderBar).show(
            HeaderView(Purpose.DEMO, HOSTILE, "S", HOSTILE, HEADER.now),
        )
        app.bench.stop(StopAnswer(HOSTILE, HOSTILE, HOSTILE, HOSTILE))
        await settle(pilot)
        assert painted(app).count(HOSTILE) == 4
        await press(pilot, "f3")


async def test_the_smallest_terminal_shows_every_part() -> None:
    """80x24: header, answer, scan field and all fixed keys are on the screen."""
    app = BenchApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.bench.show(ok("Unit taken over.", "Scan the next one."))
        await settle(pilot)
        screen = painted(app)
        for part in ("DEMO, NOT FOR PATIENTS", "Ada Lab", "+01:00", "OK", "Unit taken over.", "SCAN OR TYPE"):
            assert part in screen
        assert "F1 HELP F2 what? F3 BACK f5" not in screen
        for command in FIXED:
            assert command.key_word() in screen
        assert app.bench.query_one(KeyBar).size.width == 78


def numbered(count: int) -> str:
    """A text of that many words, each of which can be told apart."""
    return " ".join(f"word-{number}" for number in range(count))


async def test_a_long_refusal_can_be_read_to_its_end() -> None:
    """The bar grows to what is said and shrinks again; what is longer still is read on with PgDn."""
    app = BenchApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.bench.show(check(numbered(20), "Do this instead of that."))
        await settle(pilot)
        assert "word-19" in painted(app) and "Do this instead of that." in painted(app)
        assert "PgDn" not in painted(app)
        app.bench.show(check(numbered(200), "Do this at the end."))
        await settle(pilot)
        assert "word-0 " in painted(app) and "... PgDn" in painted(app)
        assert "SCAN OR TYPE" in painted(app) and "Do this at the end." not in painted(app)
        await press(pilot, *["pagedown"] * 5)
        assert "Do this at the end." in painted(app) and "... PgDn" not in painted(app)
        app.bench.show(ok("Taken."))
        await settle(pilot)
        assert app.bench.answers.size.height == 3


async def test_a_long_stop_can_be_read_to_its_end() -> None:
    """Its frame says that there is more; PgDn shows it, and nothing but F3 leaves."""
    app = BenchApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.bench.stop(STOP)
        await settle(pilot)
        assert "read on" not in painted(app)
        await press(pilot, "f3")
        app.bench.stop(StopAnswer(numbered(150), "", "", "Do this at the end."))
        await settle(pilot)
        assert "PgUp PgDn: read on" in painted(app) and "Do this at the end." not in painted(app)
        await press(pilot, "pagedown", "pagedown")
        assert isinstance(app.screen, StopScreen)
        assert "Do this at the end." in painted(app) and "Press F3" in painted(app)


async def test_a_key_that_does_nothing_here_says_so() -> None:
    """F8, F9 and F10 on a screen without labels or signatures answer with the reason."""
    app = BenchApp()
    async with app.run_test() as pilot:
        for name in ("f8", "f9", "f10"):
            await press(pilot, name)
            answer = app.bench.answers.answer
            assert answer is not None
            assert answer.verdict is Verdict.CHECK
            assert answer.line.startswith(name.upper())


async def test_help_names_every_key_and_takes_no_scan() -> None:
    """F1 shows the screen's own sentence and each command; F3 returns."""
    app = BenchApp()
    async with app.run_test(size=(100, 40)) as pilot:
        await press(pilot, "f1")
        assert isinstance(app.screen, HelpScreen)
        screen = painted(app)
        assert app.bench.about in screen
        assert all(command.key_word() in screen for command in FIXED)
        burst(app, CODE + "\r")
        await settle(pilot)
        await press(pilot, "f3")
        assert is_at_the_bench(app)
        assert app.bench.scans == []


async def test_no_color_leaves_words_and_shapes(monkeypatch: pytest.MonkeyPatch) -> None:
    """With NO_COLOR set the screen is gray, and an answer still tells itself."""
    monkeypatch.setenv("NO_COLOR", "1")
    app = BenchApp()
    async with app.run_test(size=(80, 24)) as pilot:
        assert app.no_color
        app.bench.show(check("Already taken over.", first_copy("UD234567892").text))
        await settle(pilot)
        assert "CHECK" in painted(app)


async def test_the_palette_offers_what_can_be_done() -> None:
    """The palette lists the screen's commands and Textual's theme and quit; no screenshot of patient data."""
    app = BenchApp()
    async with app.run_test():
        titles = {entry.title for entry in app.get_system_commands(app.screen)}
        assert {"Go back", "Show help for this screen", "Theme", "Quit"} <= titles
        assert not {"Screenshot", "Sign what is on the screen"} & titles


def test_a_long_name_stands_apart_from_its_value() -> None:
    """What is signed is read by people: `T cells32` is no number."""
    rows = (("CAR-positive T cells", "32 percent"), ("Unit", "UD234567892"))
    shown = statement_text(ShownStatement("RELEASED", rows, "0" * 64)).plain.splitlines()
    assert shown[1:3] == ["CAR-positive T cells 32 percent", "Unit            UD234567892"]
