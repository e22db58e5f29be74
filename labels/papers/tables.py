"""Tables on paper: what people bring to a meeting, a heading and as many tables as there are."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import orjson
import typst

from labels.design import PAPERS
from labels.errors import RendererFault
from labels.wording import FONTS, banner, check_printable
from schema.vocabulary import Purpose

_TEMPLATES: Final = Path(__file__).parents[1] / "templates"


@dataclass(frozen=True, slots=True)
class PaperTable:
    """Headings and rows under a title; every cell is text."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    none: str
    """What is said where there are no rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TablesPaper:
    """Tables that were true at one moment."""

    purpose: Purpose
    origin: str
    title: str
    heading: str
    """When and where, and what is counted, in one line."""

    tables: tuple[PaperTable, ...]


def tables_pdf(paper: TablesPaper, *, size: str = "A4") -> bytes:
    """The tables as PDF on A4 or Letter across; raises UnprintableText for a character that no font has."""
    width, height = PAPERS[size]
    words = {**asdict(paper), "purpose": paper.purpose.value, "banner": banner(paper.purpose)}
    for table in paper.tables:
        for text in (table.title, table.none, *table.headings, *(cell for row in table.rows for cell in row)):
            check_printable(text, "table")
    try:
        result, warnings = typst.compile_with_warnings(
            str(_TEMPLATES / "tables.typ"),
            root=str(_TEMPLATES),
            font_paths=[str(FONTS)],
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"job": orjson.dumps({**words, "width": height, "height": width}).decode()},
        )
    except typst.TypstError as error:
        raise RendererFault(f"Typst could not set the tables: {error.message}.") from error
    if warnings or not isinstance(result, bytes):
        raise RendererFault("Typst did not set the tables as one file without a warning.")
    return result
