"""Typst at work: from the words of a report as JSON to its PDF, here or in a process of its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson

from labels.errors import RendererFault
from labels.wording import FONTS

_TEMPLATES: Final = Path(__file__).parent / "templates"


def typeset(job: Any, attached: Mapping[str, str], at: datetime, *, template: str = "report.typ") -> bytes:
    """The PDF of a report's words, with files attached; raises RendererFault where Typst does not set it."""
    import typst

    try:
        result, warnings = typst.compile_with_warnings(
            str(_TEMPLATES / template),
            root=str(_TEMPLATES),
            font_paths=[str(FONTS)],
            ignore_system_fonts=True,
            format="pdf",
            # Tagged, so that a screen reader follows it, and an archive's PDF with files in it.
            pdf_standards=["a-3a", "ua-1"],
            timestamp=int(at.timestamp()),
            sys_inputs={"job": orjson.dumps(job).decode(), **attached},
        )
    except typst.TypstError as error:
        raise RendererFault(f"Typst could not set the report: {error.message}.") from error
    if warnings:
        raise RendererFault(f"Typst warns: {warnings[0].message}.")
    return result


def typeset_apart(job: Any, attached: Mapping[str, str], at: datetime) -> bytes:
    """The same in a process of its own, whose memory is given back: Typst keeps what it has set."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(typeset, job, attached, at).result()
