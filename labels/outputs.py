"""Where labels go: the targets of `--to`, files that are either whole or not there, and printers."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO
from urllib.parse import urlsplit

from labels.errors import PrinterFault
from labels.frames import shown
from labels.printers import PORT, CupsQueue, PrintResult, TcpPrinter
from schema.errors import InputError
from schema.vocabulary import PrintOutcome

if TYPE_CHECKING:
    from labels.content import Content
    from labels.pdf import PrintSetting


class TargetKind(StrEnum):
    """The forms that labels can be put out in."""

    PDF = "pdf"
    PNG = "png"
    ZPL = "zpl"
    TCP = "tcp"
    CUPS = "cups"
    TEXT = "text"


_FILES: Final = (TargetKind.PDF, TargetKind.PNG, TargetKind.ZPL)
_QUEUE: Final = re.compile(r"([A-Za-z0-9_.][A-Za-z0-9_.@+-]{0,126})(/pdf)?")
"""No queue begins with a hyphen: `lp` would take it for an option."""

_REMEDY: Final = (
    "Give pdf:PATH, png:PATH, zpl:PATH, tcp://HOST:9100, cups:QUEUE, cups:QUEUE/pdf or text: after --to."
)


@dataclass(frozen=True, slots=True)
class PrintTarget:
    """One place to put labels; a text goes to the terminal and has no path."""

    kind: TargetKind
    path: Path | None = None
    host: str = ""
    port: int = 0
    queue: str = ""
    raw: bool = True
    """Whether a queue gets ZPL as it is, or a PDF for its driver."""

    @property
    def is_printer(self) -> bool:
        """Whether paper comes out of it."""
        return self.kind in (TargetKind.TCP, TargetKind.CUPS)


def parse_target(text: str) -> PrintTarget:
    """The target that a `--to` value names."""
    if text == "text:":
        return PrintTarget(TargetKind.TEXT)
    if text.startswith("tcp://"):
        return _network(text)
    kind, colon, rest = text.partition(":")
    if kind == TargetKind.CUPS and colon:
        match = _QUEUE.fullmatch(rest)
        if match is None:
            raise InputError(f"{shown(text)} names no queue.", remedy=_REMEDY, code="bad_target")
        return PrintTarget(TargetKind.CUPS, queue=match.group(1), raw=match.group(2) is None)
    if not colon or kind not in _FILES:
        raise InputError(f"{shown(text)} is not a place to put labels.", remedy=_REMEDY, code="bad_target")
    if not rest or "\0" in rest:
        raise InputError(f"{shown(text)} names no file.", remedy=_REMEDY, code="bad_target")
    return PrintTarget(TargetKind(kind), Path(rest))


def _network(text: str) -> PrintTarget:
    try:
        address = urlsplit(text)
        host, port = address.hostname, address.port
    except ValueError:
        host, port = None, None
    bare = text.removeprefix("tcp://").rstrip("/")
    if not host or not host.isprintable() or any(char in bare for char in "/@?# "):
        raise InputError(f"{shown(text)} names no printer.", remedy=_REMEDY, code="bad_target")
    return PrintTarget(TargetKind.TCP, host=host, port=port or PORT)


def deliver(
    contents: Sequence[Content], target: PrintTarget, *, out: TextIO, setting: PrintSetting | None = None
) -> tuple[Path, ...]:
    """Put the labels where the target says; returns the files written, one a page for PNG.

    A printer that certainly or possibly did not print raises PrinterFault; use `print_labels` for the result.
    """
    if target.is_printer:
        result = print_labels(contents, target, setting=setting)
        if result.outcome is not PrintOutcome.PRINTED and result.code != "queued":
            raise PrinterFault(result)
        out.write(f"{result.message}\n")
        return ()
    if target.path is None:
        from labels.text import render_text

        stock = setting.stock if setting else None
        out.write("\n".join([render_text(content, stock) for content in contents]))
        return ()
    # Typst takes a third of a second to load, which text and refusals need not wait for.
    from labels.pdf import USUAL, render_pages, render_pdf

    chosen = setting or USUAL
    if target.kind is TargetKind.PDF:
        files = {target.path: render_pdf(contents, dpi=chosen.dpi, setting=chosen)}
    elif target.kind is TargetKind.ZPL:
        from labels.zpl import render_zpl

        files = {target.path: b"\n".join([*render_zpl(contents, setting=chosen), b""])}
    else:
        pages = render_pages(contents, dpi=chosen.dpi, setting=chosen)
        files = {_numbered(target.path, place, len(pages)): page for place, page in enumerate(pages, start=1)}
    for path, data in files.items():
        write_whole(path, data)
    return tuple(files)


def print_labels(
    contents: Sequence[Content], target: PrintTarget, *, setting: PrintSetting | None = None
) -> PrintResult:
    """Print on paper and say what is certain; what cannot be printed raises InputError before anything is."""
    from labels.pdf import USUAL, media_of, render_pdf
    from labels.zpl import render_zpl

    chosen = setting or USUAL
    if target.kind is TargetKind.TCP:
        return TcpPrinter(target.host, target.port).print(render_zpl(contents, setting=chosen))
    if target.kind is not TargetKind.CUPS:
        raise InputError(f"{target.kind.value} is not a printer.", remedy=_REMEDY, code="bad_target")
    if target.raw:
        data = b"".join(render_zpl(contents, setting=chosen))
        return CupsQueue(target.queue).print(data, raw=True, count=len(contents))
    data = render_pdf(contents, dpi=chosen.dpi, setting=chosen)
    return CupsQueue(target.queue).print(data, raw=False, count=len(contents), media=media_of(data))


def _numbered(path: Path, place: int, count: int) -> Path:
    return path if count == 1 else path.with_name(f"{path.stem}-{place}{path.suffix}")


def write_whole(path: Path, data: bytes) -> None:
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
