"""The three answers: each tells itself by word, shape and sound, and no data in them is ever markup."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text
from textual.color import Color
from textual.pilot import Pilot
from textual.screen import Screen
from textual.style import Style
from textual.widgets import Static

from schema.errors import BadCode, Refusal, StoreUnreachable
from schema.identifiers import first_copy
from schema.vocabulary import Purpose, ReadMode
from tests.support.terminal import CODE, HEADER, BenchApp, burst, painted, settle
from tracker.kinds import STEP_KINDS
from tracker.values import Standing
from tui.answers import (
    BAND_LINES,
    ShownAnswer,
    StopAnswer,
    Verdict,
    band_lines,
    bells,
    check,
    differing,
    mark,
    ok,
    safe,
    shape,
    shown,
    shown_read,
    stop_for,
    stop_words,
)
from tui.bigtext import dot_letters
from tui.causes import DONE, LETTERS_MAX, NO_STORE, RULES, UNWELCOME, WRITTEN, cause_of
from tui.commands import FIXED, KEYS_MAX, Command
from tui.framing import FRAME_LENGTH_MAX, RawScan
from tui.glyphs import GlyphSet
from tui.screens.sign.signing import ShownStatement, statement_text
from tui.screens.stop import AboutTherapy, StepRead, StopBackground, StopScreen, WhichTherapyScreen
from tui.widgets.answer_bar import STALE_AFTER_SECONDS, answer_text
from tui.widgets.help_panel import ScreenHelp
from tui.widgets.lines import BANNERS, HeaderBar, HeaderView, alert_words, place_words, scan_text
from tui.widgets.pane import name_pane
from tui.words import attention_mark, marks_beside

SIDES = ("unit UD23 4567 892", "unit UD23 4567 893")
"""What a STOP shows as expected and as read: codes in groups."""
STOP = StopAnswer("This is another patient's bag.", "unit UD234567892", "unit UD234567893", "Do not infuse.")
HOSTILE = "x[/] [@click=app.quit]go[/] [bold]"


def is_at_the_bench(app: BenchApp) -> bool:
    """Whether the task screen is in front again."""
    return app.screen is app.bench


def test_the_answers_differ_without_color() -> None:
    """Word, shape and number of bells are each enough to tell any two answers apart."""
    for one, other in combinations(Verdict, 2):
        assert shape(one) != shape(other) and mark(one) != mark(other)
        assert len(bells(one)) != len(bells(other))
    for verdict in Verdict:
        rows = band_lines(verdict, 80)
        assert len(rows) == BAND_LINES and {len(row) for row in rows} == {80}
        assert len({len(row) for row in shape(verdict)}) == 1


def test_an_error_is_never_silent() -> None:
    """Every answer rings, a stop most of all."""
    assert 0 < len(bells(Verdict.OK)) < len(bells(Verdict.CHECK)) < len(bells(Verdict.STOP))


def test_a_stop_says_what_is_wrong_and_what_to_do() -> None:
    """And how many scans were thrown away meanwhile."""
    plain = stop_words(STOP, discarded=0).plain
    assert STOP.line in plain and STOP.advice in plain
    assert "thrown away" not in plain
    assert "2 scans were thrown away" in stop_words(STOP, discarded=2).plain


def test_the_characters_that_differ_are_reversed() -> None:
    """Only where the two can be held against each other, character by character."""
    found = differing("CDR2 RD28 DDU", "CDR2 RT28 DDX")
    assert [found.plain[span.start : span.end] for span in found.spans] == ["T", "X"]
    assert not differing("CDR2 RD28 DDU", "a box").spans


def test_findings_f15_an_answer_is_wrapped_and_never_cut() -> None:
    """The decisive half of a sentence is its second."""
    said = answer_text(check(numbered(60), "Do this."), width=80).plain
    assert "word-59" in said and said.splitlines()[-1].strip(" \u258c") == "Do this."
    assert max(len(line) for line in said.splitlines()) <= 80
    assert said.startswith("\u258c \u25b2 CHECK  word-0 ")


@pytest.mark.parametrize("word", sorted({*RULES.values(), *DONE.values(), NO_STORE, WRITTEN}))
def test_a_cause_word_fits_eighty_columns_in_dot_letters(word: str) -> None:
    """Thirteen letters at most."""
    assert len(word) <= LETTERS_MAX and word.isupper()
    assert max(map(len, dot_letters(word, GlyphSet.FULL))) <= 79
    assert len(dot_letters(word, GlyphSet.ASCII)) == 7
    assert "".join(dot_letters(word, GlyphSet.ASCII)).isascii()


def test_every_kind_of_step_has_a_word_for_being_done() -> None:
    """What was signed is read from two meters."""
    of_registry = {"resource_closed", "closure_lifted", "storage_counted"}
    planned = {"scheduled", "rescheduled", "unscheduled", *of_registry}
    assert {*DONE} == {*STEP_KINDS, *planned}


def test_the_cause_of_an_error() -> None:
    """A store that is away, a code that cannot be read, a rule."""
    assert stop_for(StoreUnreachable("Away.", remedy="Wait.")).cause == "NO STORE"
    assert stop_for(BadCode("No code.", remedy="Scan again.")).cause == "CANNOT READ"
    assert cause_of("mixup") == "OTHER PATIENT" and cause_of("superseded") == "OLD LABEL"
    assert cause_of("a rule without a word") == "NOT IN ORDER"


def test_a_refusal_becomes_a_stop_with_its_remedy() -> None:
    """Sentence and remedy of the error are the stop's own."""
    stop = stop_for(Refusal("Not released.", remedy="Ask quality."), read="CT")
    assert (stop.line, stop.advice, stop.read) == ("Not released.", "Ask quality.", "CT")
    assert stop.answer == ShownAnswer(Verdict.STOP, "Not released.", "Ask quality.")


async def test_another_theme_colors_the_borders_that_stand_already() -> None:
    """Given a title with the color of a meaning, it has that of the theme that is chosen later."""
    app = BenchApp()
    async with app.run_test():
        pane = Static(classes="pane")
        await app.screen.mount(pane)
        name_pane(pane, Text("LATE", style="stop"), Text("key", style="key"))
        for name, color in (
            ("cartrail-light", Color.parse("#870000")),
            ("cartrail-dark", Color.parse("#ff5f5f")),
        ):
            app.theme = name
            title = pane._border_title
            assert title is not None
            (span,) = title.spans
            assert isinstance(span.style, Style) and span.style.foreground == Color.parse(color)
    assert attention_mark("quarantined") == "\u25a0 QUARANTINED"
    assert [*marks_beside(("stalled", "deviation"), Standing.STALLED)] == [attention_mark("deviation")]


@given(st.text(), st.text())
def test_data_is_text_and_never_markup(line: str, advice: str) -> None:
    """Whatever is scanned stands in the answer letter by letter."""
    for text in (
        answer_text(check(line, advice), width=100_000),
        stop_words(StopAnswer(line, advice, line, advice), discarded=0),
        statement_text(ShownStatement("Title", ((advice, line),), "0" * 64)),
    ):
        assert isinstance(text, Text)
        # An answer breaks its lines for the room there is.
        assert "".join(safe(line).split()) in "".join(text.plain.split())
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
    assert "more than 4096 characters" in shown_read(
        RawScan("", ReadMode.PASTED, 0.0, FRAME_LENGTH_MAX + 904)
    )


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("width", [80, 132])
async def test_the_header_keeps_badge_and_clock(purpose: Purpose, width: int) -> None:
    """However long a name is, purpose and time with offset stay on the line; production has no badge."""
    now = datetime(2026, 3, 1, 9, 30, 5, tzinfo=timezone(-timedelta(hours=5)))
    app = BenchApp(view=HeaderView(purpose, "SITE", "STATION-1", "N" * 120, now))
    async with app.run_test(size=(width, 24)) as pilot:
        await settle(pilot)
        line = painted(app).splitlines()[0]
        assert line.endswith(" 09:30:05 -05:00 ")
        assert (purpose.value.upper() in line) is (purpose is not Purpose.PRODUCTION)
        assert purpose is Purpose.PRODUCTION or BANNERS[purpose] in line


def test_the_header_has_room_for_the_place_in_a_wide_window() -> None:
    """And says what is wrong with the store behind all that is shown."""
    view = HeaderView(Purpose.DEMO, "S1", "T1", None, HEADER.now, place="Chair 1")
    assert place_words(view, is_wide=False) == "T1"
    assert place_words(view, is_wide=True) == "T1 \u00b7 Chair 1"
    assert not alert_words(view)
    assert alert_words(replace(view, log_waits=True, hub_absent=True)) == "\u25b2 LOG NOT SIGNED"
    assert alert_words(replace(view, hub_absent=True)) == "\u25b2 NO HUB"


def test_the_scan_field_shows_the_end_of_what_is_typed() -> None:
    """A long code never pushes the cursor or the waiting scans off the line."""
    line = scan_text("Scan a bag", "A" * 200 + "END", waiting=12, width=80)
    assert line.cell_len == 80
    assert line.plain.rstrip().endswith("12 waiting") and "AEND \u258c" in line.plain
    assert scan_text("Scan a bag", "", waiting=0, width=80).plain.startswith(" \u25ba Scan a bag \u258c")


async def test_the_footer_shows_only_what_is_possible_and_at_most_six() -> None:
    """The likeliest first, the palette at the right end; what cannot be done is in the palette, with why."""
    app = BenchApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        footer = painted(app).splitlines()[-1]
        assert footer.split("  ")[0].strip() == "F1 Help" and footer.rstrip().endswith("^P More")
        assert "F10" not in footer and "Esc" not in footer
        shown = app.bench.footer_commands()
        assert set(shown) <= app.bench.offered() and len(shown) <= KEYS_MAX
        titles = {entry.title: entry.help for entry in app.get_system_commands(app.screen)}
        assert titles["Sign what is on the screen (not now)"] == "F10  There is nothing to sign here."


def test_every_command_has_help_and_no_letter() -> None:
    """Key, footer, palette and help stand in the class; a letter as key is refused at once."""
    for command in FIXED:
        assert command.help()
        assert command.palette
        assert command.footer.isascii() and not command.footer.isupper()
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
        for part in (STOP.line, *SIDES, STOP.advice, "3 scans were thrown away", "F3"):
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
        for part in (
            "DEMO \u00b7 NOT FOR PATIENTS",
            "Ada Lab",
            "+01:00",
            "OK",
            "Unit taken over.",
            "F1 Help",
        ):
            assert part in screen


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
        assert "Scan a code" in painted(app) and "Do this at the end." not in painted(app)
        await press(pilot, *["pagedown"] * 5)
        assert "Do this at the end." in painted(app) and "... PgDn" not in painted(app)
        app.bench.show(ok("Taken."))
        await settle(pilot)
        assert app.bench.answers.size.height == 1


async def test_what_is_written_stands_in_a_band_until_somebody_goes_on() -> None:
    """A band with its word, a line with the next input, then nothing: no green OK of minutes ago."""
    app = BenchApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.bench.show(ok("Freeze: signed and written.", cause="FROZEN"))
        await settle(pilot)
        assert app.bench.answers.size.height == BAND_LINES + 4 + 1
        assert all(row.rstrip() in painted(app) for row in dot_letters("FROZEN", GlyphSet.FULL))
        await press(pilot, "pagedown")
        assert app.bench.answers.size.height == BAND_LINES + 4 + 1
        await press(pilot, "up")
        assert app.bench.answers.size.height == 1 and "signed and written" in painted(app)
        await press(pilot, "up")
        assert "signed and written" not in painted(app) and app.bench.answers.answer is None


async def test_findings_f2_no_answer_is_stale() -> None:
    """An OK goes with the next input or after a minute; a CHECK stays until it is answered."""
    app = BenchApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.bench.show(ok("Taken."))
        app.bench.answers._since -= STALE_AFTER_SECONDS
        app.bench.show_header()
        await settle(pilot)
        assert "Taken." not in painted(app)
        app.bench.show(check("Look."))
        await press(pilot, "A", "backspace")
        assert "Look." in painted(app)


async def test_findings_f2_what_went_well_does_not_outlive_the_screen_in_front() -> None:
    """Given an act that was written and another one on a screen above, then only a CHECK is still there."""
    app = BenchApp()
    async with app.run_test(size=(80, 24)) as pilot:
        for said, is_left in (
            (ok("PACKED: signed and written.", cause="PACKED"), False),
            (check("Look."), True),
        ):
            app.bench.show(said)
            app.push_screen(Screen())
            await settle(pilot)
            app.pop_screen()
            await settle(pilot)
            assert (said.line in painted(app)) is is_left


async def test_findings_f2_while_it_is_written_nothing_else_is_said() -> None:
    """The old answer is gone, and the rest of the screen is muted."""
    app = BenchApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.bench.show(check("Nothing was written."))
        app.bench.being_written(True)
        await settle(pilot)
        assert "Being written ..." in painted(app) and "Nothing was written." not in painted(app)
        assert app.bench.query_one("#body").styles.opacity == 0.5
        app.bench.being_written(False)
        await settle(pilot)
        assert "Being written ..." not in painted(app)
        assert app.bench.query_one("#body").styles.opacity == 1.0


async def test_findings_f15_what_was_said_of_the_store_goes_when_it_is_back() -> None:
    """And nothing else does."""
    app = BenchApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.bench.show(check("The store cannot be reached.", about_store=True))
        app.bench.answers.store_is_back()
        await settle(pilot)
        assert "cannot be reached" not in painted(app)
        app.bench.show(check("Look."))
        app.bench.answers.store_is_back()
        await settle(pilot)
        assert "Look." in painted(app)


async def test_a_stop_fills_the_screen_in_dot_letters() -> None:
    """The band, its cause, what was expected and what was read side by side."""
    app = BenchApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.bench.stop(replace(STOP, cause="OTHER PATIENT"))
        await settle(pilot)
        lines = painted(app).splitlines()
        assert lines[1:8] == list(band_lines(Verdict.STOP, 80))
        assert all(row.rstrip() in painted(app) for row in dot_letters("OTHER PATIENT", GlyphSet.FULL))
        sides = next(line for line in lines if SIDES[0] in line)
        assert SIDES[1] in sides and "Expected" in painted(app) and "Read" in painted(app)
        assert lines[-1].startswith(" F3 I have read this")


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
        assert "Do this at the end." in painted(app)


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


async def test_help_names_what_can_be_done_and_hides_no_scan() -> None:
    """F1 shows the screen's own sentence and each key; Esc closes it, and a scan is taken as ever."""
    app = BenchApp()
    async with app.run_test(size=(100, 40)) as pilot:
        await press(pilot, "f1")
        assert app.bench.query(ScreenHelp)
        screen = painted(app)
        assert app.bench.about in screen
        assert all(command.key_word() in screen for command in app.bench.footer_commands())
        await press(pilot, "escape")
        assert is_at_the_bench(app) and not app.bench.query(ScreenHelp)
        assert "F1 Help" in painted(app), "the row of keys is there again"
        await pilot.resize_terminal(80, 24)
        await press(pilot, "f1")
        lines = painted(app).splitlines()
        assert [lines[0][0], lines[0][-1], lines[-1][0], lines[-1][-1]] == list("╭╮╰╯")
        burst(app, CODE + "\r")
        await settle(pilot)
        assert [scan.text for scan in app.bench.scans] == [CODE] and not app.bench.query(ScreenHelp)


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
        assert {"Show help for this screen", "Theme", "Quit"} <= titles
        assert not {"Screenshot", "Sign what is on the screen"} & titles


def test_a_long_name_stands_apart_from_its_value() -> None:
    """What is signed is read by people: `T cells32` is no number."""
    rows = (("CAR-positive T cells", "32 percent"), ("Unit", "UD234567892"))
    shown = statement_text(ShownStatement("RELEASED", rows, "0" * 64)).plain.splitlines()
    assert shown[:2] == ["CAR-positive T cells 32 percent", "Unit                 UD23 4567 892"]


@pytest.mark.parametrize(("columns", "is_wide"), [(80, False), (120, True)])
async def test_a_wide_stop_shows_the_reads_of_its_step_and_three_orders(
    columns: int, *, is_wide: bool
) -> None:
    """The guilty one with shape and cause, the number to call; F9 where it is known what it is about."""
    app = BenchApp()
    told: list[str] = []
    reads = (StepRead("●", "Scan the box: BD234567892"), StepRead("■", "UD234567893: OTHER PATIENT"))
    orders = ("Put it aside.", "F3, then: Scan the bag.", "No way on? Call +00 555 0111, day and night.")
    async with app.run_test(size=(columns, 40)) as pilot:
        known = StopBackground(reads, orders[:2], orders[2], AboutTherapy(("CDR2RD28DDU",), told.append))
        app.push_screen(StopScreen(STOP, known))
        await settle(pilot)
        shown = painted(app)
        for words in ("● Scan the box: BD23 4567 892", "■ UD23 4567 893: OTHER PATIENT", *orders[:2]):
            assert (words in shown) is is_wide, words
        assert shown.count(orders[2]) == 1, "whom to call is said in every window"
        await press(pilot, "f9")
        assert is_at_the_bench(app) and told == ["CDR2RD28DDU"]
        app.bench.stop(STOP)
        await settle(pilot)
        await press(pilot, "f9")
        assert isinstance(app.screen, StopScreen), "nobody knows what it would be about"


async def test_f9_on_a_stop_about_several_patients_asks_for_which_of_them() -> None:
    """A box with the bags of two: the arrows choose, Esc goes back to the STOP, a scan chooses nobody's."""
    app = BenchApp()
    told: list[str] = []
    known = StopBackground(deviation=AboutTherapy(("CDR2RD28DDU", "CDT7V9D8S54"), told.append))
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(StopScreen(STOP, known))
        await settle(pilot)
        assert "F9 Deviation of one of 2" in painted(app)
        await press(pilot, "f9")
        shown = painted(app)
        assert "Which therapy is the deviation about?" in shown and "Expected" in shown, "the STOP stays"
        assert "CDR2 RD28 DDU" in shown and "CDT7 V9D8 S54" in shown
        burst(app, CODE + "\r")
        await settle(pilot)
        assert isinstance(app.screen, WhichTherapyScreen) and told == []
        await press(pilot, "escape")
        assert isinstance(app.screen, StopScreen) and told == []
        await press(pilot, "f9", "down", "enter")
        assert is_at_the_bench(app) and told == ["CDT7V9D8S54"]


def test_what_was_written_and_is_not_in_order_is_no_green_word() -> None:
    """REFUSED, QUARANTINED and their like stand in a CHECK band, whatever was signed."""
    assert {"ATTEMPTED", "STOPPED", "QUARANTINED", "REFUSED", "REJECTED"} == UNWELCOME
    assert set(DONE.values()) > UNWELCOME
