"""Labels and slips as PDF and PNG, set by Typst in exact millimeters; the same contents give the same bytes.

Words reach Typst only as JSON in `sys_inputs`, never as Typst source, so no text can be a command.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal, cast

import orjson
import typst

from labels.content import Content, LabelContent
from labels.design import PAPERS
from labels.errors import LabelOverflow, RendererFault
from labels.papers.downtime import DowntimeForm
from labels.papers.packing_list import PackingList
from labels.sheets import Sheet, layout_of, sheet
from labels.wording import FONTS, check_drawable
from schema.canonical import Json
from schema.errors import InputError
from schema.papercodes import parse_head

DPI_MIN: Final = 200
"""Below it the modules of a label are no longer two printer dots."""

DPI_MAX: Final = 1200
CONTENTS_MAX: Final = 500
"""One print job; printing labels in large batches is how labels get mixed up."""

MARGIN: Final = 10
"""Office printers leave a rim of up to 8 mm blank."""

GAP: Final = 4
"""Room for the scissors; whole millimeters, so that modules stay whole dots of a thermal printer too."""

SHEETS: Final = ("A4", "Letter")

Place = tuple[int, float, float]
"""Which label, and where its top left corner is."""

_TEMPLATES: Final = Path(__file__).parent / "templates"
_MM_PER_INCH: Final = 25.4
_POINTS_PER_INCH: Final = 72
_PREFERENCES: Final = b"/ViewerPreferences<<"
_MEDIA_BOX: Final = re.compile(rb"/MediaBox\[0 0 ([0-9.]+) ([0-9.]+)\]")
_TRUE_DPI: Final = {203: 203.2, 300: 304.8}
"""Thermal printers named 203 and 300 dpi have 8 and 12 dots to the millimeter."""

_OVERFLOW: Final = re.compile(r"label_overflow/([0-9]+)/([a-z0-9 -]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintSetting:
    """How a job is set: resolution, stock, and whether several labels go on one sheet."""

    dpi: int = 203
    stock: str | None = None
    """A stock such as `75x50`; None takes the usual one of each design."""
    paper: str | None = None
    """`A4` or `Letter` puts several labels on a sheet to cut; None gives each its own page."""
    skip: int = 0
    """Places of the first sheet that are already used."""
    head: str | None = None
    """The log's head code, which stands at the foot of every sheet: the paper is a witness too."""
    symbols: bool = True
    """Without symbols where the printer draws them itself."""


USUAL: Final = PrintSetting()


def render_pdf(contents: Sequence[Content], *, dpi: int = 203, setting: PrintSetting = USUAL) -> bytes:
    """All contents as one PDF, a page each and two copies of a slip; LabelOverflow before anything prints.

    It asks the program that prints it for its true size: a label that is scaled has modules between two dots.
    """
    return _in_true_size(_compiled(contents, replace(setting, dpi=dpi), "pdf")[0])


def media_of(pdf: bytes) -> str | None:
    """The paper of a PDF of ours as CUPS names it, as `Custom.75x50mm`; None where pages differ."""
    sizes = {(float(wide), float(high)) for wide, high in _MEDIA_BOX.findall(pdf)}
    if len(sizes) != 1:
        return None
    wide, high = (points * _MM_PER_INCH / _POINTS_PER_INCH for points in sizes.pop())
    for name, size in PAPERS.items():
        if sorted(size) == sorted((round(wide, 1), round(high, 1))):
            return name
    return f"Custom.{wide:.4g}x{high:.4g}mm"


def _in_true_size(pdf: bytes) -> bytes:
    """The PDF with a wish in its catalog that nobody scales it (ISO 32000-1, 12.2).

    Typst has no word for it. The catalog is the last object in its files, so only the table behind it moves.
    """
    start = pdf.rfind(b"/Type/Catalog")
    at = pdf.find(_PREFERENCES, start) + len(_PREFERENCES)
    table = pdf.find(b"\nxref\n", start) + 1
    said = f"startxref\n{table}\n".encode()
    if start < 0 or not start < at < table or pdf.count(b" obj", start, table) or not pdf.count(said):
        raise RendererFault("Typst made a PDF of another form than expected: its size is not sure.")
    wish = b"/PrintScaling/None"
    moved = pdf[:at] + wish + pdf[at:]
    return moved.replace(said, f"startxref\n{table + len(wish)}\n".encode())


def render_png(content: Content, dpi: int = 203, *, setting: PrintSetting = USUAL) -> bytes:
    """One label as a picture of exactly one dot a pixel; a slip has two copies and is refused."""
    pages = render_pages([content], dpi=dpi, setting=setting)
    if len(pages) != 1:
        raise InputError(
            f"The {content.name} has {len(pages)} pages, a picture has one.", remedy="Print it to a PDF."
        )
    return pages[0]


def render_pages(
    contents: Sequence[Content], *, dpi: int = 203, setting: PrintSetting = USUAL
) -> list[bytes]:
    """All contents as pictures, one PNG a page."""
    return _compiled(contents, replace(setting, dpi=dpi), "png")


def true_dpi(dpi: int) -> float:
    """The dots to an inch that a printer of this name has."""
    return _TRUE_DPI.get(dpi, float(dpi))


def _compiled(contents: Sequence[Content], setting: PrintSetting, form: Literal["pdf", "png"]) -> list[bytes]:
    if not 1 <= len(contents) <= CONTENTS_MAX:
        raise InputError(f"{len(contents)} labels were asked for; one job prints 1 to {CONTENTS_MAX}.")
    if not DPI_MIN <= setting.dpi <= DPI_MAX:
        raise InputError(f"{setting.dpi} dpi was asked for; labels print at {DPI_MIN} to {DPI_MAX}.")
    sheets = [sheet(content, _stock(content, setting)) for content in contents]
    for content, words in zip(contents, sheets, strict=True):
        for where, text in _texts(words, ""):
            check_drawable(text, f"{content.name} {where}".strip())
    dpi = true_dpi(setting.dpi)
    job = {
        "dot": _MM_PER_INCH / dpi,
        "sheets": [
            _with_layout(content, words, setting) for content, words in zip(contents, sheets, strict=True)
        ],
        "paper": None if setting.paper is None else PAPERS.get(setting.paper),
        "pages": _pages(contents, sheets, setting),
        "head": None if setting.head is None else parse_head(setting.head).text,
    }
    return _typeset(orjson.dumps(job).decode(), contents, form, dpi)


def _stock(content: Content, setting: PrintSetting) -> str | None:
    """A form has no stock of its own: the paper that others are put on together is its page."""
    return setting.stock or (setting.paper if isinstance(content, DowntimeForm | PackingList) else None)


def _with_layout(content: Content, words: Sheet, setting: PrintSetting) -> dict[str, object]:
    if not isinstance(content, LabelContent):
        return dict(words)
    layout = layout_of(content, setting.stock).model_dump()
    return {**words, "layout": layout, "symbols": setting.symbols}


def _pages(
    contents: Sequence[Content], sheets: Sequence[Sheet], setting: PrintSetting
) -> list[list[Place]] | None:
    if setting.paper is None or all(isinstance(content, DowntimeForm | PackingList) for content in contents):
        return None
    for content in contents:
        if not isinstance(content, LabelContent):
            raise InputError(f"A {content.name} has pages of its own.", remedy="Print it without labels.")
    sizes = [(float(str(words["width"])), float(str(words["height"]))) for words in sheets]
    return arranged(sizes, setting.paper, setting.skip)


def _typeset(job: str, contents: Sequence[Content], form: Literal["pdf", "png"], dpi: float) -> list[bytes]:
    try:
        result, warnings = typst.compile_with_warnings(
            str(_TEMPLATES / "main.typ"),
            root=str(_TEMPLATES),
            font_paths=[str(FONTS)],
            ignore_system_fonts=True,
            format=form,
            ppi=dpi if form == "png" else None,
            sys_inputs={"job": job},
        )
    except typst.TypstError as error:
        raise _fault(error, contents) from error
    if warnings:
        raise RendererFault(f"Typst warns: {warnings[0].message}.")
    # Its stub knows one page only; several PNG pages come as a list.
    pages = cast("bytes | list[bytes]", result)
    return pages if isinstance(pages, list) else [pages]


def _fault(error: typst.TypstError, contents: Sequence[Content]) -> LabelOverflow | RendererFault:
    found = _OVERFLOW.search(error.message)
    if found is None:
        return RendererFault(f"Typst could not set the labels: {error.message}.")
    content = contents[int(found.group(1))]
    code = f" {getattr(content, 'code', '')}".rstrip()
    return LabelOverflow(f"The {content.name}{code} has more in its {found.group(2)} than the stock holds.")


def _texts(words: Json, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(words, str):
        yield where, words
    elif isinstance(words, dict):
        for key, value in words.items():
            yield from _texts(value, key.replace("_", " "))
    elif isinstance(words, (list, tuple)):
        for value in words:
            yield from _texts(value, where)


def arranged(sizes: Sequence[tuple[float, float]], paper: str, skip: int = 0) -> list[list[Place]]:
    """Pages of places for labels of these sizes; `skip` leaves out places of the first sheet already used."""
    if paper not in SHEETS:
        raise InputError(f"{paper} is not a sheet for labels.", remedy=f"Take {' or '.join(SHEETS)}.")
    wide, high = PAPERS[paper]
    pages: list[list[Place]] = [[]]
    x, y, row = float(MARGIN), float(MARGIN), 0.0
    used = [(None, sizes[0])] * skip if sizes else []
    for index, (width, height) in [*used, *enumerate(sizes)]:
        if width + 2 * MARGIN > wide or height + 2 * MARGIN > high:
            raise InputError(
                f"A label of {width:g} x {height:g} mm does not go on {paper} with its margins.",
                remedy="Print it on paper of its own size, without --paper.",
            )
        if x + width + MARGIN > wide:
            x, y, row = float(MARGIN), y + row + GAP, 0.0
        if y + height + MARGIN > high:
            pages.append([])
            x, y, row = float(MARGIN), float(MARGIN), 0.0
        if index is not None:
            pages[-1].append((index, x, y))
        x, row = x + width + GAP, max(row, height)
    return [page for page in pages if page]
