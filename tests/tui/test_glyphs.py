"""Shapes in a font that lacks them, and windows that are too small for a screen."""

from __future__ import annotations

import unicodedata

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color

from schema.errors import InputError
from tests.support.terminal import CODE, BenchApp, burst, painted, settle
from tracker.settings import GLYPHS_VARIABLE, Settings
from tui import glyphs
from tui.answers import ok
from tui.glyphs import Glyphs, GlyphSet, glyphs_for, translated

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
    wgl4 = "●◙○▲■►◄═─·•!>."
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
    ("choice", "encoding", "term", "chosen"),
    [
        ("auto", "utf-8", "xterm-256color", "full"),
        ("auto", "UTF8", "tmux", "full"),
        ("auto", "utf-8", "linux", "ascii"),
        ("auto", "utf-8", "putty-256color", "safe"),
        ("auto", "ISO-8859-1", "xterm", "ascii"),
        ("auto", "ANSI_X3.4-1968", "putty", "ascii"),
        ("full", "ISO-8859-1", "linux", "full"),
        ("ascii", "utf-8", "xterm", "ascii"),
    ],
)
def test_the_set_goes_by_the_terminal_or_by_choice(
    choice: str, encoding: str, term: str, chosen: str
) -> None:
    """The console of Linux says that it is UTF-8, and its font has no disc."""
    assert glyphs_for(choice, encoding=encoding, term=term) == chosen


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
