"""Where labels go: the targets of `--to`, and files that are either whole or not there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from labels.frames import shown
from schema.errors import InputError

if TYPE_CHECKING:
    from labels.content import Content


class TargetKind(StrEnum):
    """The forms that labels can be put out in today."""

    PDF = "pdf"
    PNG = "png"
    TEXT = "text"


_LATER: Final = ("zpl:", "tcp://", "cups:")
_REMEDY: Final = "Give pdf:PATH, png:PATH or text: after --to."


@dataclass(frozen=True, slots=True)
class Target:
    """One place to put labels; a text goes to the terminal and has no path."""

    kind: TargetKind
    path: Path | None = None


def parse_target(text: str) -> Target:
    """The target that a `--to` value names."""
    if text == "text:":
        return Target(TargetKind.TEXT)
    if text.startswith(_LATER):
        raise InputError(
            f"{shown(text)} names a printer; this version does not print to one itself yet.",
            remedy="Give pdf:PATH and print the file at 100 percent, without scaling.",
            code="target_not_built",
        )
    kind, colon, path = text.partition(":")
    if not colon or kind not in (TargetKind.PDF, TargetKind.PNG):
        raise InputError(f"{shown(text)} is no target for labels.", remedy=_REMEDY, code="bad_target")
    if not path or "\0" in path:
        raise InputError(f"{shown(text)} names no file.", remedy=_REMEDY, code="bad_target")
    return Target(TargetKind(kind), Path(path))


def deliver(contents: Sequence[Content], target: Target, *, out: TextIO) -> tuple[Path, ...]:
    """Put the labels where the target says; returns the files written, one a page for PNG."""
    if target.path is None:
        from labels.text import render_text

        out.write("\n".join([render_text(content) for content in contents]))
        return ()
    # Typst takes a third of a second to load, which text and refusals need not wait for.
    from labels.pdf import render_pages, render_pdf

    if target.kind is TargetKind.PDF:
        files = {target.path: render_pdf(contents)}
    else:
        pages = render_pages(contents)
        files = {_numbered(target.path, place, len(pages)): page for place, page in enumerate(pages, start=1)}
    for path, data in files.items():
        _write_whole(path, data)
    return tuple(files)


def _numbered(path: Path, place: int, count: int) -> Path:
    return path if count == 1 else path.with_name(f"{path.stem}-{place}{path.suffix}")


def _write_whole(path: Path, data: bytes) -> None:
    """Write beside the asked name and rename, so that a full disk or a kill leaves no half label under it."""
    if path.is_dir():
        raise InputError(f"{path} is a folder; the labels need the name of a file.", code="bad_target")
    temporary: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".part")
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise InputError(
            f"The labels could not be written to {path}: {error.strerror or error}.",
            remedy="Name a file in a folder that exists and that you may write to.",
            code="not_written",
        ) from error
