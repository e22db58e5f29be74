"""What becomes of a scan when scanner and computer are set to different keyboard layouts.

A keyboard-wedge scanner presses keys, not characters: `=` of one layout is an accent on another.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

UNITED_STATES: Final = "US"
"""What scanners are set to when they leave the factory."""

_NO_KEY: Final = "\0"

_ROWS: Final[Mapping[str, tuple[str, str]]] = {
    UNITED_STATES: (
        "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./\\",
        '~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?|',
    ),
    "French (AZERTY)": (
        "²&é\"'(-è_çà)=azertyuiop^$*qsdfghjklmùwxcvbn,;:!<",
        "\x001234567890°+AZERTYUIOP¨£µQSDFGHJKLM%WXCVBN?./§>",
    ),
    "Belgian (AZERTY)": (
        "²&é\"'(§è!çà)-azertyuiop^$µqsdfghjklmùwxcvbn,;:=<",
        "³1234567890°_AZERTYUIOP¨*£QSDFGHJKLM%WXCVBN?./+>",
    ),
    "German (QWERTZ)": (
        "^1234567890ß\u00b4qwertzuiopü+#asdfghjklöäyxcvbnm,.-<",
        "°!\"§$%&/()=?`QWERTZUIOPÜ*'ASDFGHJKLÖÄYXCVBNM;:_>",
    ),
    "Swiss (QWERTZ)": (
        "§1234567890'^qwertzuiopü¨$asdfghjklöäyxcvbnm,.-<",
        '°+"*ç%&/()=?`QWERTZUIOPè!£ASDFGHJKLéàYXCVBNM;:_>',
    ),
    "Czech (QWERTZ)": (
        ";+ěščřžýáíé=\u00b4qwertzuiopú)¨asdfghjklů§yxcvbnm,.-\\",
        "°1234567890%ˇQWERTZUIOP/('ASDFGHJKL\"!YXCVBNM?:_|",
    ),
    "Italian": (
        "\\1234567890'ìqwertyuiopè+ùasdfghjklòàzxcvbnm,.-<",
        '|!"£$%&/()=?^QWERTYUIOPé*§ASDFGHJKLç°ZXCVBNM;:_>',
    ),
    "Spanish": (
        "º1234567890'¡qwertyuiop`+çasdfghjklñ\u00b4zxcvbnm,.-<",
        'ª!"·$%&/()=?¿QWERTYUIOP^*ÇASDFGHJKLÑ¨ZXCVBNM;:_>',
    ),
}
"""Each key's character without and with shift, in the order of the US keyboard.

The last is the key left of Z that European keyboards have; a computer set to US reads it as a backslash.
"""

LAYOUTS: Final = tuple(_ROWS)

_ACCENTS: Final = {"\u0300": "`", "\u0301": "\u00b4", "\u0302": "^", "\u0308": "¨", "\u030c": "ˇ"}
"""The dead key that joined the next letter."""


def layout_pairs() -> Iterator[tuple[str, str]]:
    """Every (scanner, computer) of which exactly one is set to the US layout."""
    for layout in LAYOUTS[1:]:
        yield UNITED_STATES, layout
        yield layout, UNITED_STATES


def typed(text: str, scanner: str, computer: str) -> str:
    """What the computer sees of a text that the scanner types; what has no key stays as it is."""
    return text.translate(_table(scanner, computer))


def untyped(text: str, scanner: str, computer: str) -> tuple[str, ...]:
    """The texts that the scanner may have meant by what the computer saw; dead keys are taken apart again."""
    keys = "".join(_ROWS[computer])
    apart = "".join(char if char in keys else _taken_apart(char) for char in text)
    first = apart.translate(_table(computer, scanner))
    last = apart.translate(_table(computer, scanner, last=True))
    return (first,) if first == last else (first, last)


def _taken_apart(char: str) -> str:
    apart = unicodedata.normalize("NFD", char)
    accent = _ACCENTS.get(apart[1:])
    return char if accent is None else accent + apart[0]


@lru_cache(maxsize=4 * len(_ROWS))
def _table(pressed: str, seen: str, *, last: bool = False) -> dict[int, str]:
    """What each character becomes; of a character on two keys the first or the last key is taken."""
    pairs = list(zip("".join(_ROWS[pressed]), "".join(_ROWS[seen]), strict=True))
    return {
        ord(before): after
        for before, after in (pairs if last else reversed(pairs))
        if _NO_KEY not in (before, after)
    }
