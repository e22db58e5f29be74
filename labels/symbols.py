"""QR symbols of our codes as plain modules, for every renderer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Final

from qrcode.constants import ERROR_CORRECT_M, ERROR_CORRECT_Q
from qrcode.main import QRCode
from qrcode.util import MODE_ALPHA_NUM, QRData

from labels.errors import RendererFault
from schema.identifiers import PRINTED_LENGTH

QUIET: Final = 4
"""Light modules around the symbol (ISO/IEC 18004)."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """The modules of one QR symbol, quiet zone included; True is dark."""

    text: str
    version: int
    rows: tuple[tuple[bool, ...], ...]

    @property
    def size(self) -> int:
        """Modules along one side, quiet zone included."""
        return len(self.rows)

    def svg(self) -> str:
        """The symbol as one SVG path of whole modules, one unit each."""
        path = "".join(_runs(row, line) for row, line in enumerate(self.rows))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.size} {self.size}" '
            f'width="{self.size}" height="{self.size}" shape-rendering="crispEdges"><path d="{path}"/></svg>'
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
    """The QR symbol of one of our codes: version 1 with error correction Q, for a head or receipt M."""
    printed = len(text) == PRINTED_LENGTH
    code = QRCode(
        version=None,
        error_correction=ERROR_CORRECT_Q if printed else ERROR_CORRECT_M,
        border=QUIET,
        box_size=1,
    )
    code.add_data(QRData(text, mode=MODE_ALPHA_NUM))
    code.make(fit=True)
    if printed and code.version != 1:
        raise RendererFault(f"The QR symbol of {text} came out as version {code.version}, not 1.")
    return Symbol(
        text, code.version, tuple(tuple(bool(module) for module in row) for row in code.get_matrix())
    )
