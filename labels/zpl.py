"""Labels in ZPL II: the words as graphics in our own typeface, the symbols drawn by the printer itself.

No text of a label is ever a ZPL command: words are dots, and the data of a symbol is escaped to hex.
"""

from __future__ import annotations

import base64
import binascii
import io
import zlib
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Final

from labels.content import Content, LabelContent
from labels.design import SymbolPlace
from labels.pdf import CONTENTS_MAX, USUAL, PrintSetting, render_png
from labels.sheets import layout_of, sheet, symbols_of
from labels.symbols import MATRIX_QUIET, QUIET, Symbol, SymbolKind
from schema.errors import InputError

DOTS_PER_MM: Final = {203: 8, 300: 12}
"""What thermal printers of these names really have."""

WIDTH_MAX: Final = 104
"""Millimeters that a four-inch print head reaches."""

_BLACK_UP_TO: Final = 127
_MODULE_DOTS_MAX: Final = 10
"""The largest magnification of ^BQ on every printer."""

_ESCAPES: Final = "~|@!"
_QR_MASK: Final = 7
"""The printer chooses the mask."""


class ZplMode(StrEnum):
    """Who draws the square symbols: the printer, or we, as dots like everything else; bars are dots."""

    NATIVE = "native"
    GRAPHICS = "graphics"


def render_zpl(
    contents: Sequence[Content], *, setting: PrintSetting = USUAL, mode: ZplMode = ZplMode.NATIVE
) -> list[bytes]:
    """Each content as one ZPL format, from ^XA to ^XZ; LabelOverflow before anything prints."""
    if not 1 <= len(contents) <= CONTENTS_MAX:
        raise InputError(f"{len(contents)} labels were asked for; one job prints 1 to {CONTENTS_MAX}.")
    if setting.dpi not in DOTS_PER_MM:
        raise InputError(f"{setting.dpi} dpi was asked for; ZPL is made for 203 and 300 dpi.")
    if setting.paper is not None:
        raise InputError("A label printer has no sheets of paper.", remedy="Print sheets to a PDF.")
    return [_format(content, setting, mode) for content in contents]


def _format(content: Content, setting: PrintSetting, mode: ZplMode) -> bytes:
    words = sheet(content, setting.stock)
    width, height = (int(float(str(words[side]))) for side in ("width", "height"))
    if not isinstance(content, LabelContent) or width > WIDTH_MAX:
        raise InputError(
            f"The {content.name} is {width} mm wide; a label printer reaches {WIDTH_MAX} mm.",
            remedy="Print it on paper: pdf:PATH, or cups:QUEUE/pdf.",
            code="too_wide",
        )
    dots = DOTS_PER_MM[setting.dpi]
    native = mode is ZplMode.NATIVE
    fields = [_graphic(render_png(content, dpi=setting.dpi, setting=replace(setting, symbols=not native)))]
    if native:
        drawn = symbols_of(content)
        places = layout_of(content, setting.stock).symbols
        fields += [
            _symbol(drawn[place.field], place, dots)
            for place in places
            if place.field in drawn and not place.height
        ]
    head = f"^XA^PW{width * dots}^LL{height * dots}^LH0,0^LS0"
    return "".join([head, *fields, "^XZ"]).encode("ascii")


def _graphic(picture: bytes) -> str:
    """A picture as a ^GF field, each dot black or not."""
    from PIL import Image

    gray = Image.open(io.BytesIO(picture)).convert("L")
    # In mode "1" a set bit is light, in ^GF it is dark.
    dots = gray.point(lambda value: 0 if value > _BLACK_UP_TO else 255).convert("1")
    data = dots.tobytes()
    row = len(data) // dots.height
    packed = base64.b64encode(zlib.compress(data, 9))
    check = f"{binascii.crc_hqx(packed, 0):04X}"
    return f"^FO0,0^GFA,{len(data)},{len(data)},{row},:Z64:{packed.decode()}:{check}^FS"


def _symbol(symbol: Symbol, place: SymbolPlace, dots: int) -> str:
    """A symbol that the printer draws, where the layout has it; its quiet zone stays blank."""
    module = max(1, round(place.module * dots))
    if module > _MODULE_DOTS_MAX:
        raise InputError(f"A module of {module} dots is more than a label printer draws.")
    quiet = QUIET if symbol.kind is SymbolKind.QR else MATRIX_QUIET
    x, y = (round(at * dots) + quiet * module for at in (place.x, place.y))
    if symbol.kind is SymbolKind.QR:
        # Without "QA," the printer would eat the first characters. Many printers draw ^BQ ten dots lower than
        # they are told; every layout leaves that much room below its symbol.
        return f"^FO{x},{y}^BQN,2,{module},Q,{_QR_MASK}^FH_^FDQA,{escaped(symbol.text)}^FS"
    unused = next(char for char in _ESCAPES if char not in symbol.text)
    return f"^FO{x},{y}^BXN,{module},200,,,,{unused}^FH_^FD{escaped(symbol.text)}^FS"


def escaped(text: str) -> str:
    """A text for a field after `^FH_`: everything but letters and digits as its number."""
    plain = (char if char.isascii() and char.isalnum() else _hex(char) for char in text)
    return "".join(plain)


def _hex(char: str) -> str:
    return "".join(f"_{byte:02X}" for byte in char.encode())
