"""The palettes: colors that survive 256 and 16, can be read, and are told apart without seeing red."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest
from rich.color import Color, ColorSystem

from tests.support.places import ROOT
from tui.themes import (
    CONTRAST_PALETTE,
    DARK_PALETTE,
    LIGHT_PALETTE,
    MONO_PALETTE,
    ON_FILL,
    PALETTES,
    Palette,
)

COLORED = (DARK_PALETTE, LIGHT_PALETTE, CONTRAST_PALETTE)
EVERY = pytest.mark.parametrize("palette", PALETTES.values(), ids=lambda one: one.name)

PROTAN = ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998))
DEUTAN = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))
"""Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB."""


def linear(color: str) -> tuple[float, ...]:
    """A color as light: red, green and blue from 0 to 1."""
    parts = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return tuple(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)


def contrast(first: str, second: str) -> float:
    """WCAG 2.2: from 1 to 21."""
    shares = (0.2126, 0.7152, 0.0722)
    one, other = (
        sum(part * share for part, share in zip(linear(color), shares, strict=True)) + 0.05
        for color in (first, second)
    )
    return max(one / other, other / one)


def seen_by(color: str, matrix: tuple[tuple[float, ...], ...]) -> tuple[float, ...]:
    """The light that stands for it to eyes without one kind of cone."""
    light = linear(color)
    mixed = (sum(share * part for share, part in zip(row, light, strict=True)) for row in matrix)
    return tuple(min(max(one, 0.0), 1.0) for one in mixed)


def lab(light: tuple[float, ...]) -> tuple[float, float, float]:
    """CIELAB under D65."""
    red, green, blue = light
    white = (0.95047, 1.0, 1.08883)
    xyz = (
        0.4124 * red + 0.3576 * green + 0.1805 * blue,
        0.2126 * red + 0.7152 * green + 0.0722 * blue,
        0.0193 * red + 0.1192 * green + 0.9505 * blue,
    )
    x, y, z = (
        part ** (1 / 3) if part > 216 / 24389 else (24389 / 27 * part + 16) / 116
        for part in (one / ground for one, ground in zip(xyz, white, strict=True))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def closest(colors: tuple[str, ...]) -> float:
    """The CIELAB distance of the two that are hardest to tell apart, to any of the two kinds of eyes."""
    distances: list[float] = [
        sum((a - b) ** 2 for a, b in zip(lab(seen_by(one, eyes)), lab(seen_by(other, eyes)), strict=True))
        ** 0.5
        for eyes in (PROTAN, DEUTAN)
        for one, other in combinations(colors, 2)
    ]
    return min(distances)


def rounded(color: str, system: ColorSystem) -> str:
    """The color that a terminal shows which knows no other than those of its table."""
    return Color.parse(color).downgrade(system).get_truecolor().hex


def test_no_color_outside_themes() -> None:
    """A color has a name and a meaning; style sheets and texts use the name."""
    literal = re.compile(r"#[0-9a-fA-F]{6}\b|\b(?:rgb|hsl)a?\(|ansi_[a-z]+")
    found = {
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in Path(ROOT, "tui").rglob("*.py")
        if path.name != "themes.py"
        for line in path.read_text(encoding="utf-8").splitlines()
        if literal.search(line)
    }
    assert not found


@pytest.mark.parametrize("palette", [DARK_PALETTE, LIGHT_PALETTE, MONO_PALETTE], ids=lambda one: one.name)
def test_three_surfaces_stay_three_in_256_colors(palette: Palette) -> None:
    """Over SSH there is no COLORTERM; `#14181c` and `#1b2026` were both black then, and the panel navy."""
    surfaces = (palette.background, palette.surface, palette.panel)
    assert len({rounded(one, ColorSystem.EIGHT_BIT) for one in surfaces}) == 3
    assert palette.cursor not in surfaces


@EVERY
def test_every_color_survives_256_colors(palette: Palette) -> None:
    """Rich moves a gray by one step of its ramp at most; a hue stays what it is."""
    for name in Palette.__slots__:
        color = getattr(palette, name)
        if isinstance(color, str) and color.startswith("#"):
            shown = rounded(color, ColorSystem.EIGHT_BIT)
            moved = [abs(int(color[at : at + 2], 16) - int(shown[at : at + 2], 16)) for at in (1, 3, 5)]
            assert max(moved) <= 10 and len(set(moved)) == 1, (name, shown)


def test_sixteen_colors_keep_the_three_answers_apart() -> None:
    """The fills are what is seen from two meters."""
    for palette in COLORED:
        fills = (palette.ok_fill, palette.check_fill, palette.stop_fill)
        assert len({rounded(one, ColorSystem.STANDARD) for one in fills}) == 3, palette.name


@EVERY
def test_what_is_written_can_be_read(palette: Palette) -> None:
    """WCAG 2.2, 1.4.3: 4.5 to 1 at least; 7 to 1 for values, labels and the theme of high contrast."""
    for ground in (palette.background, palette.surface, palette.panel):
        assert contrast(palette.text, ground) >= 7
        for color in (palette.muted, palette.key, palette.ok, palette.check, palette.stop):
            assert contrast(color, ground) >= (7 if palette is CONTRAST_PALETTE else 4), (color, ground)
    for color in (palette.key, palette.ok, palette.check, palette.stop, palette.not_real):
        assert contrast(color, palette.background) >= 4.5, color
    assert contrast(palette.muted, palette.background) >= 7
    assert contrast(palette.text, palette.cursor) >= 4.5
    for fill, letters in (
        (palette.ok_fill, ON_FILL),
        (palette.check_fill, ON_FILL),
        (palette.stop_fill, palette.on_stop),
        (palette.not_real, palette.on_not_real),
    ):
        assert contrast(fill, letters) >= 4.5, fill


@pytest.mark.parametrize(
    ("palette", "words", "fills"),
    [(DARK_PALETTE, 28, 37), (LIGHT_PALETTE, 17, 37)],
    ids=["dark", "light"],
)
def test_who_sees_no_red_or_no_green_tells_the_states_apart(palette: Palette, words: int, fills: int) -> None:
    """CIELAB distances of the worst pair; the dark red of the light theme is there for that alone."""
    assert closest((palette.ok, palette.check, palette.stop)) >= words - 1
    assert closest((palette.ok_fill, palette.check_fill, palette.stop_fill)) >= fills - 1
    assert closest((LIGHT_PALETTE.ok, LIGHT_PALETTE.check, "#af0000")) < 10


def test_without_color_late_is_louder_than_the_rest() -> None:
    """A red turned gray is quieter than white: so late is reversed and soon underlined there."""
    assert "reverse" in MONO_PALETTE.stop_as and "underline" in MONO_PALETTE.check_as
    for palette in COLORED:
        assert "reverse" not in palette.stop_as
    for name in Palette.__slots__:
        color = getattr(MONO_PALETTE, name)
        if isinstance(color, str) and color.startswith("#"):
            assert color[1:3] == color[3:5] == color[5:7], name
