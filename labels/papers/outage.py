"""The downtime report: where every therapy is, printed before the network or the power fails."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import orjson
import typst

from labels.design import PAPERS
from labels.errors import RendererFault
from labels.wording import FONTS, banner, check_printable
from schema.papercodes import parse_head
from schema.vocabulary import Purpose

_TEMPLATES: Final = Path(__file__).parents[1] / "templates"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageUnit:
    """One container: what it is, who answers for it and where it lies."""

    unit: str
    material: str
    holder: str
    place: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageClock:
    """A running time limit and its end, in the local time of who waits for it."""

    title: str
    ends: str
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageTherapy:
    """One therapy as it stands; no identifier of the patient is among it."""

    coi: str
    stage: str
    sites: str
    marks: tuple[str, ...]
    units: tuple[OutageUnit, ...]
    clocks: tuple[OutageClock, ...]
    next_step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageReport:
    """Every therapy under way at one moment, the most urgent first."""

    purpose: Purpose
    origin: str
    written_at: str
    phones: tuple[str, ...]
    therapies: tuple[OutageTherapy, ...]
    head_code: str | None = None

    def __post_init__(self) -> None:
        if self.head_code is not None:
            parse_head(self.head_code).require_origin(self.origin)


def outage_pdf(report: OutageReport, *, paper: str = "A4") -> bytes:
    """The report as PDF on A4 or Letter; raises UnprintableText for a character that no font has."""
    width, height = PAPERS[paper]
    words = {**asdict(report), "purpose": report.purpose.value, "banner": banner(report.purpose)}
    for text in _texts(words):
        check_printable(text, "downtime report")
    try:
        result, warnings = typst.compile_with_warnings(
            str(_TEMPLATES / "outage.typ"),
            root=str(_TEMPLATES),
            font_paths=[str(FONTS)],
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"job": orjson.dumps({**words, "width": width, "height": height}).decode()},
        )
    except typst.TypstError as error:
        raise RendererFault(f"Typst could not set the downtime report: {error.message}.") from error
    if warnings or not isinstance(result, bytes):
        raise RendererFault("Typst did not set the downtime report as one file without a warning.")
    return result


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return [text for part in parts for text in _texts(part)]
