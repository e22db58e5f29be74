"""The palettes of the terminal: every color it uses, by what it means. No other module names a color.

Each survives the 256 colors that remain over SSH, and the surfaces stay three. Color never stands alone;
where there is none, late is reversed and soon underlined.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rich.style import Style
from rich.theme import Theme as WordStyles
from textual.theme import Theme


@dataclass(frozen=True, slots=True)
class Palette:
    """One color for each meaning, as `#rrggbb`."""

    name: str
    is_dark: bool
    background: str
    surface: str
    panel: str
    line: str
    """Frames and the part of a bar that is left."""
    muted: str
    """Labels, never values."""
    text: str
    key: str
    """Where a person can act: keys, the next step, the prompt."""
    ok: str
    check: str
    stop: str
    not_real: str
    """Demo, training and the training tray; never in production."""
    ok_fill: str
    check_fill: str
    stop_fill: str
    on_stop: str
    on_not_real: str
    cursor: str
    """The row of a list that is chosen; its text keeps its color."""
    check_as: str = "bold"
    stop_as: str = "bold"
    frame: str = "round"
    """The border of every pane, unless the terminal draws only ASCII."""


ON_FILL: Final = "#000000"
"""Letters on an OK and on a CHECK."""

CODE_GROUND: Final = "#000000"
CODE_LIGHT: Final = "#ffffff"
"""A code on the screen is drawn in light on dark, in every theme: so a scanner reads it off the screen."""

DARK_PALETTE: Final = Palette(
    name="cartrail-dark",
    is_dark=True,
    background="#121212",
    surface="#1c1c1c",
    panel="#262626",
    line="#4e4e4e",
    muted="#a8a8a8",
    text="#e4e4e4",
    key="#5fafff",
    ok="#00d7af",
    check="#ffaf00",
    stop="#ff5f5f",
    not_real="#d7afff",
    ok_fill="#00d7af",
    check_fill="#ffaf00",
    stop_fill="#d70000",
    on_stop="#ffffff",
    on_not_real="#000000",
    cursor="#303030",
)

LIGHT_PALETTE: Final = Palette(
    name="cartrail-light",
    is_dark=False,
    background="#eeeeee",
    surface="#ffffff",
    panel="#dadada",
    line="#9e9e9e",
    muted="#4e4e4e",
    text="#121212",
    key="#005faf",
    ok="#005f5f",
    check="#875f00",
    stop="#870000",  # af0000 is as dark as the green of `ok` to whoever sees no red
    not_real="#5f00af",
    ok_fill="#00d7af",
    check_fill="#ffaf00",
    stop_fill="#d70000",
    on_stop="#ffffff",
    on_not_real="#ffffff",
    cursor="#d0d0d0",
)

CONTRAST_PALETTE: Final = Palette(
    name="cartrail-contrast",
    is_dark=True,
    background="#000000",
    surface="#000000",
    panel="#000000",
    line="#ffffff",
    muted="#ffffff",
    text="#ffffff",
    key="#ffff00",
    ok="#00ffff",
    check="#ffff00",
    stop="#ff8787",
    not_real="#ffffff",
    ok_fill="#00d7af",
    check_fill="#ffaf00",
    stop_fill="#ff8787",
    on_stop="#000000",
    on_not_real="#000000",
    cursor="#444444",
    frame="heavy",
)

MONO_PALETTE: Final = Palette(
    name="cartrail-mono",
    is_dark=True,
    background="#121212",
    surface="#1c1c1c",
    panel="#303030",
    line="#767676",
    muted="#b2b2b2",
    text="#e4e4e4",
    key="#ffffff",
    ok="#d0d0d0",
    check="#ffffff",
    stop="#ffffff",
    not_real="#ffffff",
    ok_fill="#d0d0d0",
    check_fill="#d0d0d0",
    stop_fill="#ffffff",
    on_stop="#000000",
    on_not_real="#000000",
    cursor="#4e4e4e",
    check_as="bold underline",
    stop_as="bold reverse",
)

PALETTES: Final = {one.name: one for one in (DARK_PALETTE, LIGHT_PALETTE, CONTRAST_PALETTE, MONO_PALETTE)}


def theme_of(palette: Palette, *, is_ascii: bool = False) -> Theme:
    """A palette as style sheets use it; `$frame` is the border that this terminal can draw."""
    return Theme(
        name=palette.name,
        primary=palette.key,
        secondary=palette.muted,
        accent=palette.not_real,
        success=palette.ok,
        warning=palette.check,
        error=palette.stop,
        foreground=palette.text,
        background=palette.background,
        surface=palette.surface,
        panel=palette.panel,
        dark=palette.is_dark,
        luminosity_spread=0.0,  # shades would round to something else
        text_alpha=1.0,
        variables={
            "line": palette.line,
            "muted": palette.muted,
            "frame": "ascii" if is_ascii else palette.frame,
            "cursor": palette.cursor,
            "on-fill": ON_FILL,
            "ok-fill": palette.ok_fill,
            "check-fill": palette.check_fill,
            "stop-fill": palette.stop_fill,
            "on-stop": palette.on_stop,
            "on-accent": palette.on_not_real,
            "code-ground": CODE_GROUND,
            "code-light": CODE_LIGHT,
            "text-muted": palette.muted,
            "border": palette.key,
            "border-blurred": palette.line,
            "block-cursor-background": palette.cursor,
            "block-cursor-foreground": palette.text,
            "block-cursor-text-style": "none",
            "block-cursor-blurred-background": palette.cursor,
            "block-cursor-blurred-foreground": palette.text,
            "block-hover-background": palette.panel,
            "footer-background": palette.panel,
            "footer-foreground": palette.text,
            "footer-description-foreground": palette.text,
            "footer-key-foreground": palette.key,
            "input-selection-background": palette.cursor,
            "scrollbar": palette.line,
            "scrollbar-hover": palette.muted,
            "scrollbar-active": palette.key,
            "scrollbar-background": palette.background,
            "scrollbar-background-hover": palette.background,
            "scrollbar-background-active": palette.background,
            "scrollbar-corner-color": palette.background,
        },
    )


def word_styles(palette: Palette) -> WordStyles:
    """The same meanings by name, for words inside a text: `text.append("LATE", style="stop")`."""
    return WordStyles(
        {
            "line": Style(color=palette.line),
            "muted": Style(color=palette.muted),
            "key": Style(color=palette.key, bold=True),
            "ok": Style(color=palette.ok, bold=True),
            "check": Style.parse(f"{palette.check_as} {palette.check}"),
            "stop": Style.parse(f"{palette.stop_as} {palette.stop}"),
            "bar.ok": Style(color=palette.ok),
            "bar.check": Style(color=palette.check),
            "bar.stop": Style(color=palette.stop),
            "bar.key": Style(color=palette.key),
            "band.ok": Style(color=ON_FILL, bgcolor=palette.ok_fill),
            "band.check": Style(color=ON_FILL, bgcolor=palette.check_fill),
            "band.stop": Style(color=palette.on_stop, bgcolor=palette.stop_fill),
            "now.key": Style(color=palette.background, bgcolor=palette.key, bold=True),
            "now.check": Style(color=ON_FILL, bgcolor=palette.check_fill, bold=True),
            "now.stop": Style(color=palette.on_stop, bgcolor=palette.stop_fill, bold=True),
            "symbol": Style(color=CODE_LIGHT, bgcolor=CODE_GROUND),
            "keycap": Style(color=palette.background, bgcolor=palette.text, bold=True),
        },
        inherit=False,
    )


DARK, LIGHT, CONTRAST, MONO = (theme_of(one) for one in PALETTES.values())
THEMES: Final = (DARK, LIGHT, CONTRAST, MONO)
