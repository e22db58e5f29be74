"""The open copies of labels and the last ones printed, as lines. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from rich.text import Text

from labels.text import half_blocks
from tracker.values import AccountedCopy, LabelAccount, RegistryState
from tui.answers import safe
from tui.glyphs import BAD, DONE, LOOK, TO_COME
from tui.language import named, tr
from tui.shown_codes import code_text
from tui.states import style_of
from tui.wrapping import wrap

LAST_SHOWN: Final = 12
"""Printed copies that are listed, the newest first."""

_INDENT: Final = 5
_SHAPES: Final = {
    "applied": DONE,
    "destroyed": DONE,
    "kept": DONE,
    "not printed": TO_COME,
    "voided": LOOK,
    "superseded": LOOK,
}
_WORDS: Final = {"kept": tr("in the chart"), "voided": tr("void"), "superseded": tr("replaced")}


def shape_of(copy: AccountedCopy) -> str:
    """In order, out of use and not destroyed yet, or missing."""
    return _SHAPES.get(copy.word, BAD)


def state_words(copy: AccountedCopy) -> str:
    """The last word on a copy, with its shape."""
    return f"{shape_of(copy)} {_WORDS.get(copy.word) or named(copy.word)}"


def copy_name(copy: AccountedCopy) -> Text:
    """A copy by its letter and the object it is of."""
    text = Text(tr("copy") + " ").append(copy.ordinal, style="bold").append(" " + tr("of") + " ")
    return text.append_text(code_text(copy.object_id))


def open_text(
    number: int,
    copy: AccountedCopy,
    registry: RegistryState,
    local: Callable[[datetime], datetime],
    *,
    width: int,
) -> Text:
    """An open copy: which, when and by whom printed, below it what to do; no line is longer than `width`."""
    shape = shape_of(copy)
    text = Text().append(f"{number:>2} ", style="key").append(f"{shape} ", style=style_of(shape))
    text.append_text(copy_name(copy)).append(f"   {printed_words(copy, registry, local)}\n")
    lines = wrap(copy.to_do, max(width - _INDENT, 20))
    return text.append("\n".join(" " * _INDENT + line for line in lines), style="muted")


def printed_words(copy: AccountedCopy, registry: RegistryState, local: Callable[[datetime], datetime]) -> str:
    """When and by whom it was printed, and that nobody knows whether it came out."""
    record = copy.record
    if record is None or record.printed_at is None:
        return tr("printed elsewhere")
    person = registry.person(record.staff)
    at, by = f"{local(record.printed_at):%d %b %H:%M}", safe(person.name if person else record.staff)
    if copy.is_unsure:
        return tr("sent to print {at} by {by}", at=at, by=by)
    return tr("printed {at} by {by}", at=at, by=by)


def last_text(accounts: Sequence[LabelAccount], local: Callable[[datetime], datetime]) -> Text:
    """The copies printed last, with what became of each."""
    copies = [
        (copy.record.printed_at, copy)
        for account in accounts
        for copy in account.copies
        if copy.record is not None and copy.record.printed_at is not None
    ]
    text = Text()
    for at, copy in sorted(copies, key=lambda one: one[0], reverse=True)[:LAST_SHOWN]:
        shape, _, word = state_words(copy).partition(" ")
        text.append(f"{local(at):%d %b %H:%M}  ", style="muted").append(f"{shape} ", style=style_of(shape))
        text.append_text(copy_name(copy)).append(f"  {word}\n")
    text.rstrip()
    return text or Text(tr("Nothing was printed here."), style="muted")


def preview_text(copy: AccountedCopy) -> Text:
    """The code that stands on a copy, as a symbol and in groups; for nothing chosen, what to do."""
    code, lines = code_text(copy.code), half_blocks(copy.code).splitlines()
    text = Text(no_wrap=True).append_text(code).append("\n").append_text(copy_name(copy)).append("\n")
    for line in lines:
        text.append("\n").append(line, style="symbol")
    return text
