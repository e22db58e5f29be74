"""A scanned paper off the disk, as a request carries it."""

from __future__ import annotations

from pathlib import Path

from schema.errors import InputError
from tracker.values import PAPER_BYTES_MAX, encoded_paper
from tui.files import start_of
from tui.language import tr


def scanned_paper(text: str) -> str:
    """The file in base64; raises InputError for one that cannot be read, is too large or is no paper."""
    path = Path(text).expanduser()
    try:
        content = start_of(path, PAPER_BYTES_MAX)
        if len(content) > PAPER_BYTES_MAX:
            raise InputError(
                tr(
                    "The scanned paper is larger than {megabytes} MB.",
                    megabytes=PAPER_BYTES_MAX // 1024 // 1024,
                ),
                remedy=tr("Scan at 300 dpi, black and white. Nothing was recorded."),
                code="bad_scan",
            )
        return encoded_paper(content)
    except (OSError, ValueError) as error:
        raise InputError(
            tr("The file {text} cannot be read.", text=f"{text[:60]!r}"),
            remedy=tr("Name the scanned file, as PDF, PNG or JPEG. Nothing was recorded."),
            code="bad_scan",
        ) from error
