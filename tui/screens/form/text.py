"""A form as text: each prompt with what is expected and what was read, then the one asked for now. Pure."""

from __future__ import annotations

from itertools import zip_longest
from textwrap import wrap
from typing import Final

from rich.text import Text

from tui.answers import safe
from tui.forms.form import Form, FormRow
from tui.forms.prompts import Prompt, PromptKind
from tui.language import tr
from tui.words import fitted

_COLUMNS: Final = (24, 22)
_WIDE_COLUMNS: Final = (36, 36)
"""The widths of what to do and what is expected, on a narrow and on a wide terminal."""

_WIDE: Final = 110
_MARK: Final = 4
_READ_LINES_MAX: Final = 3
"""A remark may have two thousand characters; the whole of it stands where it is signed."""

_ONE_COLUMN_MAX: Final = 6
_NUMBERED: Final = 5
"""The width of a number before its choice."""


def form_rows(form: Form, width: int) -> tuple[Text, int]:
    """Each prompt: mark, what to do, what is expected, what was read; lines are broken, never cut.

    With it the line after the one that is asked now.
    """
    text = Text(no_wrap=True, overflow="ellipsis")
    ask, expected = _columns(width)
    text.append(f"{'':<{_MARK}}{'':<{ask}} {tr('EXPECTED'):<{expected}} {tr('READ')}\n", style="dim")
    until = 0
    for row in form.rows():
        text.append_text(_row(row, width))
        if row.given is not None or row.is_current:
            until = text.plain.count("\n")
    text.rstrip()
    return text, until


def _row(row: FormRow, width: int) -> Text:
    prompt = row.prompt
    mark = "●" if row.given else "◉" if row.is_current else "○"
    wanted = "" if row.given and prompt.kind is PromptKind.CHOICE else _expected(prompt)
    read = safe(row.given.shown) if row.given else _when(prompt)
    asks, expects = _columns(width)
    room = max(width - _MARK - asks - expects - 2, 20)
    if not read:
        expects += room
    parts = zip_longest(
        [mark],
        wrap(safe(prompt.ask), asks),
        wrap(safe(wanted), expects),
        wrap(read, room, max_lines=_READ_LINES_MAX, placeholder=" ..."),
        fillvalue="",
    )
    style = "bold" if row.is_current else "" if row.given else "dim"
    lines = (
        f"{shape:<{_MARK}}{fitted(ask, asks)} {fitted(expected, expects)} {said}".rstrip()
        for shape, ask, expected, said in parts
    )
    return Text("".join(f"{line}\n" for line in lines), style=style)


def _when(prompt: Prompt) -> str:
    return (prompt.when or tr("(may be left out)")) if prompt.optional else ""


def _columns(width: int) -> tuple[int, int]:
    return _COLUMNS if width < _WIDE else _WIDE_COLUMNS


def _expected(prompt: Prompt) -> str:
    return prompt.expected or (tr("a number from the list") if prompt.kind is PromptKind.CHOICE else "")


def prompt_panel(form: Form, width: int, rows_max: int) -> Text:
    """What is asked for now, in capitals, with the choices there are; lines are broken, never cut."""
    prompt = form.current
    text = Text()
    if prompt is None:
        return text.append(tr("EVERYTHING IS READ. F10 shows what will be signed."), style="bold")
    text.append(prompt.ask.upper(), style="bold")
    if prompt.expected:
        text.append(f": {safe(prompt.expected)}")
    if form.may_end_here:
        text.append(
            "   " + (prompt.when or tr("(F10 leaves it out)"))
            if prompt.optional
            else "   " + tr("(DONE or F10 ends the list)")
        )
    lines = _choice_lines(prompt, width)
    if len(lines) + text.cell_len // width + 1 > rows_max:
        text.append("   " + tr("PgUp PgDn: read on"), style="bold reverse")
    for line in lines:
        text.append("\n" + line)
    return text


def _choice_lines(prompt: Prompt, width: int) -> list[str]:
    lines = [
        f"{number:>3}  {safe(choice.label)}" + (f"  [{choice.command}]" if choice.command else "")
        for number, choice in enumerate(prompt.choices, start=1)
    ]
    column = (width - 1) // 2
    if len(lines) <= _ONE_COLUMN_MAX or max(map(len, lines)) > column:
        return [part for line in lines for part in wrap(line, width, subsequent_indent=" " * _NUMBERED)]
    half = (len(lines) + 1) // 2
    return [
        f"{left:<{column}} {right}".rstrip()
        for left, right in zip_longest(lines[:half], lines[half:], fillvalue="")
    ]
