"""Shapes in a font that lacks them, and windows that are too small for a screen."""

from __future__ import annotations

import unicodedata

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from rich.text import Text
from textual.color import Color
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from schema.errors import InputError
from tests.support.terminal import CODE, BenchApp, burst, painted, settle
from tracker.settings import GLYPHS_VARIABLE, Settings
from tui import glyphs
from tui.answers import ok
from tui.glyphs import Glyphs, GlyphSet, glyphs_for, translated
from tui.themes import PALETTES

SHAPES = "".join(value for name, value in vars(glyphs).items() if name.isupper() and isinstance(value, str))


def test_every_shape_has_one_in_ascii_and_no_line_changes_its_width() -> None:
    """A frame stays closed in every set."""
    line = SHAPES + "╭╮╰╯│▀▄█…±▸ ≠ CDR2"
    assert translated(line, GlyphSet.FULL) == line
    for one in (GlyphSet.SAFE, GlyphSet.ASCII):
        assert cell_len(translated(line, one)) == cell_len(line)
    assert translated(line, GlyphSet.ASCII).isascii()
    assert "!=CDR2" in translated(line, GlyphSet.ASCII)


def test_the_safe_shapes_are_in_the_fonts_of_windows() -> None:
    """WGL4 has the box drawings and shapes of code page 437, and few others."""
    wgl4 = "●◙○▲■►◄▼═─·•!>."
    assert set(translated(SHAPES, GlyphSet.SAFE)) <= set(wgl4)


def test_the_states_stay_apart_in_every_set() -> None:
    """Done, now, to come, look and bad are told apart by shape alone."""
    for one in GlyphSet:
        shapes = [translated(shape, one) for shape in (glyphs.DONE, glyphs.NOW, glyphs.TO_COME)]
        shapes += [translated(shape, one) for shape in (glyphs.LOOK, glyphs.BAD)]
        assert len(set(shapes)) == 5, one


def test_a_name_keeps_its_letters() -> None:
    """Only shapes are translated: what was scanned or typed is shown as it is."""
    name = "Zoë Müller-Łabędź 李"
    kept = Glyphs(GlyphSet.ASCII).apply([Segment(name)], Color(0, 0, 0))
    assert kept[0].text == name and unicodedata.is_normalized("NFC", name)


@pytest.mark.parametrize(
    ("choice", "environment", "chosen"),
    [
        ("auto", {"TERM": "xterm-256color", "LANG": "de_DE.UTF-8"}, "full"),
        ("auto", {"TERM": "tmux", "LC_ALL": "C.utf8", "LANG": "C"}, "full"),
        ("auto", {"TERM": "xterm", "LANG": "C", "LC_CTYPE": "de_DE.UTF-8@euro"}, "full"),
        ("auto", {"TERM": "xterm"}, "full"),
        ("auto", {"TERM": "linux", "LANG": "de_DE.UTF-8"}, "ascii"),
        ("auto", {"TERM": "putty-256color", "LANG": "C.UTF-8"}, "safe"),
        ("auto", {"TERM": "xterm", "LC_ALL": "C", "LC_CTYPE": "C.UTF-8", "LANG": "C.UTF-8"}, "ascii"),
        ("auto", {"TERM": "xterm", "LC_ALL": "", "LC_CTYPE": "POSIX", "LANG": "C.UTF-8"}, "ascii"),
        ("auto", {"TERM": "xterm", "LC_CTYPE": "C.UTF-8", "LANG": "C"}, "ascii"),
        ("auto", {"TERM": "putty", "LANG": "de_DE"}, "ascii"),
        ("auto", {"TERM": "xterm", "LANG": "de_DE.ISO-8859-1"}, "ascii"),
        ("full", {"TERM": "linux", "LC_ALL": "C"}, "full"),
        ("ascii", {"TERM": "xterm", "LANG": "C.UTF-8"}, "ascii"),
    ],
)
def test_the_set_goes_by_the_terminal_or_by_choice(
    choice: str, environment: dict[str, str], chosen: str
) -> None:
    """The console of Linux says that it is UTF-8, and its font has no disc; where LANG is C, Python names a
    locale with UTF-8 by itself, as the environment of the last C shows.
    """
    assert glyphs_for(choice, environment) == chosen


def test_the_choice_comes_from_the_environment() -> None:
    """Anything else than the four words is refused with the words."""
    assert Settings.of(environment={}).glyphs == "auto"
    assert Settings.of(environment={GLYPHS_VARIABLE: "ASCII"}).glyphs == "ascii"
    with pytest.raises(InputError, match="auto, full, safe, ascii"):
        Settings.of(environment={GLYPHS_VARIABLE: "emoji"})


async def test_a_terminal_without_utf8_gets_ascii_alone() -> None:
    """Every line of a screen, frames and answers among them."""
    app = BenchApp(glyphs=GlyphSet.ASCII)
    async with app.run_test(size=(80, 24)) as pilot:
        app.bench.query("Input, Button").remove()
        app.bench.show(ok("Taken."))
        await settle(pilot)
        assert painted(app).isascii(), painted(app)


async def test_a_list_has_the_colors_of_a_theme_that_is_chosen_later() -> None:
    """A list keeps its lines as they were painted: in another theme they would be pale on white."""
    app = BenchApp()
    async with app.run_test(size=(80, 24)) as pilot:
        listed = OptionList(Option(Text().append("apply it", style="muted")))
        await app.screen.mount(listed)
        for name, palette in PALETTES.items():
            app.theme = name
            await settle(pilot)
            styles = [part.style for part in listed.render_line(0) if part.style]
            assert palette.muted in {one.color.name for one in styles if one.color}, name


async def test_a_window_too_small_says_so_and_takes_no_scan() -> None:
    """40 by 10 and back, in the middle of a line: nothing is lost but the scan, and that is said."""
    app = BenchApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.resize_terminal(40, 10)
        await settle(pilot)
        assert "Too small: needs 80 x 24" in painted(app)
        assert "Ada Lab" not in painted(app)
        burst(app, CODE + "\r")
        await settle(pilot)
        assert app.bench.scans == []
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert "the window was too small" in painted(app) and "Ada Lab" in painted(app)
        assert app.bench.answers.size.height == 2, "as high as its lines are in this window"
        burst(app, CODE + "\r")
        await settle(pilot)
        assert [scan.text for scan in app.bench.scans] == [CODE]


@pytest.mark.parametrize("size", [(76, 22), (80, 24), (300, 90)])
async def test_a_window_large_enough_shows_the_screen(size: tuple[int, int]) -> None:
    """From 76 by 22 on, and wider ones break nothing."""
    app = BenchApp()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        assert "too small" not in painted(app) and "Ada Lab" in painted(app)
