"""QR symbols of our codes and Data Matrix symbols of ISBT 128 content as plain modules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Final, cast

from qrcode.constants import ERROR_CORRECT_M, ERROR_CORRECT_Q
from qrcode.main import QRCode
from qrcode.util import MODE_8BIT_BYTE, MODE_ALPHA_NUM, QRData

from labels.errors import LabelOverflow, RendererFault
from schema.identifiers import PRINTED_LENGTH

if TYPE_CHECKING:
    from zxingcpp import Barcode

_ALPHANUMERIC: Final = re.compile(r"[A-Z0-9 $%*+./:-]+")
QUIET: Final = 4
"""Light modules around the symbol (ISO/IEC 18004)."""

BARS_QUIET: Final = 10
"""Light modules before and behind the bars (ISO/IEC 15417)."""

BARS_MAX: Final = 48
"""Characters; more are wider than any paper of ours."""

MATRIX_QUIET: Final = 2
"""Data Matrix asks for one light module (ISO/IEC 16022); ISBT 128 recommends two to four."""


class SymbolKind(StrEnum):
    """The symbologies that cartrail prints."""

    QR = "qr"
    DATA_MATRIX = "data matrix"
    BARS = "code 128"


@dataclass(frozen=True, slots=True)
class Symbol:
    """The modules of one symbol, quiet zone included; True is dark."""

    text: str
    version: int
    """Of a QR symbol; 0 for any other."""
    rows: tuple[tuple[bool, ...], ...]
    kind: SymbolKind = SymbolKind.QR

    @property
    def size(self) -> int:
        """Modules from left to right, quiet zone included."""
        return len(self.rows[0])

    def svg(self) -> str:
        """The symbol as one SVG path of whole modules, one unit each; bars are one row, to be stretched."""
        path = "".join(_runs(row, line) for row, line in enumerate(self.rows))
        wide, high = self.size, len(self.rows)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" '
            f'height="{high}" preserveAspectRatio="none" shape-rendering="crispEdges">'
            f'<path d="{path}"/></svg>'
        )


def _runs(row: int, line: tuple[bool, ...]) -> str:
    path, column = "", 0
    for dark, group in groupby(line):
        length = len(list(group))
        if dark:
            path += f"M{column} {row}h{length}v1h-{length}z"
        column += length
    return path


@lru_cache(maxsize=256)
def symbol(text: str) -> Symbol:
    """The QR symbol of a code: version 1 with error correction Q for a printed code, M for longer texts."""
    printed = len(text) == PRINTED_LENGTH
    code = QRCode(
        version=None,
        error_correction=ERROR_CORRECT_Q if printed else ERROR_CORRECT_M,
        border=QUIET,
        box_size=1,
    )
    plain = printed or _ALPHANUMERIC.fullmatch(text) is not None
    code.add_data(QRData(text, mode=MODE_ALPHA_NUM) if plain else QRData(text.encode(), mode=MODE_8BIT_BYTE))
    code.make(fit=True)
    if printed and code.version != 1:
        raise RendererFault(f"The QR symbol of {text} came out as version {code.version}, not 1.")
    return Symbol(
        text, code.version, tuple(tuple(bool(module) for module in row) for row in code.get_matrix())
    )


@lru_cache(maxsize=256)
def data_matrix(text: str) -> Symbol:
    """The square Data Matrix ECC 200 symbol of an ISBT 128 message, as it is scanned, without separators."""
    import zxingcpp

    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, force_square=True)
    light = (False,) * MATRIX_QUIET
    rows = tuple((*light, *row, *light) for row in _modules(code))
    edge = ((False,) * len(rows[0]),) * MATRIX_QUIET
    return Symbol(text, 0, (*edge, *rows, *edge), SymbolKind.DATA_MATRIX)


@lru_cache(maxsize=256)
def bars(text: str) -> Symbol:
    """Code 128 of a text; one that begins with a GS1 identifier in parentheses is GS1-128."""
    import zxingcpp

    if len(text) > BARS_MAX:
        raise LabelOverflow(f"Bars for {len(text)} characters were asked for; {BARS_MAX} is the most.")
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128, gs1=text.startswith("("))
    light = (False,) * BARS_QUIET
    return Symbol(text, 0, ((*light, *_modules(code)[0], *light),), SymbolKind.BARS)


def _modules(code: Barcode) -> list[tuple[bool, ...]]:
    """Which modules of a symbol are dark, row by row."""
    # The image lends its bytes without saying so in its types; 0 is a dark module.
    pixels = cast("list[list[int]]", memoryview(cast("bytes", code.to_image(add_quiet_zones=False))).tolist())
    return [tuple(pixel == 0 for pixel in row) for row in pixels]
