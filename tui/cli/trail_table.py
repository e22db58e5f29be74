"""The table of `cartrail trail`: the one form that is only looked at."""

from __future__ import annotations

import io
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from tui.cli.output import clean, print_table

if TYPE_CHECKING:
    from tracker.exports.rows import TrailRow
    from tracker.exports.trails import Trails


def write_table(trails: Trails, sink: BinaryIO | None) -> None:
    """Write the table to the file, or to the standard output where there is none."""
    if sink is None:
        _print(trails)
        return
    text = _text(sink)
    try:
        _print(trails, text)
    finally:
        # Its end must not close what others still use.
        text.detach()


def _text(sink: BinaryIO) -> io.TextIOWrapper:
    return io.TextIOWrapper(sink, encoding="utf-8", newline="", write_through=True)


def _print(trails: Trails, file: IO[str] | None = None) -> None:
    notice = trails.notice()
    if notice is not None:
        # On the page itself, for it may be printed or sent on without what was said beside it.
        print(f"{notice.upper()}\n", file=file)
    print_table(("When", "What", "Who and where"), (_line(row) for row in trails.rows()), file=file)


def _line(row: TrailRow) -> list[Any]:
    from rich.text import Text

    day, _, clock = row.occurred_at.partition("T")
    what = Text(clean(row.title))
    if row.units:
        what.append(f"\n{clean(row.units)}", style="dim")
    if row.custody:
        what.append(f"\nnow with {clean(row.custody)}")
    if row.marks:
        what.append(f"\n{clean(row.marks)}", style="bold red" if row.is_grave else "yellow")
    who = Text(clean(f"{row.actor}\n{row.station}, {row.site}"))
    for signature in filter(None, row.signatures.split("; ")):
        who.append(f"\n{clean(signature.replace(f'{day}T', ''))}", style="dim")
    return [f"{day}\n{clock[:8]} {clock[8:]}", what, who]
