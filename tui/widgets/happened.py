"""Events as lines, the newest first: when, what, by whom, of which unit. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from rich.table import Table
from rich.text import Text

from tracker.values import TrailEntry
from tui.answers import safe
from tui.glyphs import BAD, DONE, LOOK
from tui.language import tr
from tui.shown_codes import code_text
from tui.states import style_of
from tui.words import day

Local = Callable[[datetime], datetime]

EVENTS_MAX: Final = 100
"""So many of the newest events; the trail has all."""


def moment(at: datetime, now: datetime, local: Local) -> str:
    """Day and time of day at this site."""
    there = local(at)
    return f"{day(there, local(now))} {there:%H:%M}"


def happened_table(entries: tuple[TrailEntry, ...], now: datetime, local: Local) -> Table:
    """The newest events first: when, what with its gravest mark, by whom, of which unit."""
    table = Table.grid(padding=(0, 1, 0, 0), expand=True)
    table.add_column(no_wrap=True, justify="right", style="muted")
    table.add_column(width=1)
    table.add_column(ratio=5, overflow="fold")
    table.add_column(ratio=4, overflow="fold")
    table.add_column(no_wrap=True, justify="left", width=13)
    for one in list(reversed(entries))[:EVENTS_MAX]:
        shape = BAD if one.is_grave else LOOK if one.marks else DONE
        title = Text(safe(one.title))
        if one.marks:
            title.append(f" {safe(one.marks[0])}", style=style_of(shape))
        at = moment(one.entry.statement.occurred_at, now, local)
        table.add_row(Text(at), Text(shape, style=style_of(shape)), title, Text(_who(one)), _about(one))
    return table


def _who(one: TrailEntry) -> str:
    statement = one.entry.statement
    names = (each.name for each in one.entry.signatures if each.signer == statement.actor)
    return safe(next(names, statement.actor))


def _about(one: TrailEntry) -> Text:
    if len(one.units) > 1:
        return Text(tr("{count} units", count=len(one.units)))
    return code_text(one.units[0]) if one.units else Text("")
