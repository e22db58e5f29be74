"""Three themes: dark, light and high contrast. Blue, amber and red can be told apart without seeing green.

Color never stands alone: every answer has its word and shape. With NO_COLOR set, Textual drops color itself.
"""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

DARK: Final = Theme(
    name="cartrail-dark",
    primary="#6cb6ff",
    secondary="#9aa7b4",
    accent="#6cb6ff",
    success="#4f9df0",
    warning="#f2a60d",
    error="#f0726a",
    foreground="#e6e9ec",
    background="#14181c",
    surface="#1b2026",
    panel="#252c33",
    dark=True,
)

LIGHT: Final = Theme(
    name="cartrail-light",
    primary="#0b5cad",
    secondary="#4a5763",
    accent="#0b5cad",
    success="#0b5cad",
    warning="#8a5300",
    error="#b3261e",
    foreground="#14181c",
    background="#f6f7f8",
    surface="#ffffff",
    panel="#e3e7eb",
    dark=False,
)

CONTRAST: Final = Theme(
    name="cartrail-contrast",
    primary="#ffff00",
    secondary="#ffffff",
    accent="#ffff00",
    success="#00ffff",
    warning="#ffff00",
    error="#ff6060",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#000000",
    dark=True,
    luminosity_spread=0.0,
    text_alpha=1.0,
)

THEMES: Final = (DARK, LIGHT, CONTRAST)
