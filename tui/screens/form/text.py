"""A form as text: each prompt with what is expected and what was read, then the one asked for now. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from tui.answers import safe
from tui.forms.form import Form, FormRow
from tui.forms.prompts import Prompt, PromptKind
from tui.glyphs import BAD, DONE, LEFT, NEXT, NOW, TO_COME, USED
from tui.language import named, tr
from tui.shown_codes import grouped, wrapped
from tui.states import style_of
from tui.words import fitted
from tui.wrapping import wrap

_COLUMNS: Final = (24, 22)
_WIDE_COLUMNS: Final = (36, 36)
"""The widths of what to do and what is expected, on a narrow and on a wide terminal."""

_WIDE: Final = 110
_MARK: Final = 6
"""The width of shape and number before a field."""

_BAR: Final = 1
"""What a scroll bar takes, which comes with more rows than there is room for."""

_SEGMENT_MIN: Final = 2
_WORD_MAX: Final = 13
"""Letters that fit in dots beside each other."""

_READ_LINES_MAX: Final = 3
"""A remark may have two thousand characters; the whole of it stands where it is signed."""

_ONE_COLUMN_MAX: Final = 6
_NUMBERED: Final = 5
"""The width of a number before its choice."""


def form_rows(form: Form, width: int) -> tuple[Text, int]:
    """Each prompt: mark, what to do, what is expected, what was read; lines are broken, never cut.

    With it the line after the one that is asked now.
    """
    rows = list(form.rows())
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append_text(progress_line(rows, width))
    ask, expected = _columns(width)
    text.append(f"{'':<{_MARK}}{'':<{ask}} {tr('expected'):<{expected}}   {tr('read')}\n", style="muted")
    until = 0
    for number, row in enumerate(rows, start=1):
        text.append_text(_row(row, number, width))
        if row.given is not None or row.is_current:
            until = text.plain.count("\n")
    text.rstrip()
    return text, until


def progress_line(rows: Sequence[FormRow], width: int) -> Text:
    """One segment a field: read, asked now, to come; and how many of how many."""
    said = tr(
        "{at} of {count}", at=min(sum(row.given is not None for row in rows) + 1, len(rows)), count=len(rows)
    )
    cells = (width - cell_len(said) - 2) // max(len(rows), 1) - 1
    text = Text(no_wrap=True, overflow="ellipsis")
    if cells >= _SEGMENT_MIN:
        for row in rows:
            style = "bar.ok" if row.given else "bar.key" if row.is_current else "line"
            text.append((LEFT if style == "line" else USED) * cells, style=style).append(" ")
    return text.append(f" {said}\n", style="bold")


def _row(row: FormRow, number: int, width: int) -> Text:
    prompt = row.prompt
    taken = BAD if row.given and row.given.is_doubtful else DONE
    mark = taken if row.given else NOW if row.is_current else TO_COME
    wanted = "" if row.given and prompt.kind is PromptKind.CHOICE else _expected(prompt)
    read = safe(row.given.shown) if row.given else _when(prompt)
    asks, expects = _columns(width)
    room = max(width - _BAR - _MARK - asks - expects - 4, 19)
    if not read:
        expects += room
    equal = "= " if row.given and prompt.object_id else "  "
    parts = zip_longest(
        [f"{mark} {number}"],
        wrap(safe(prompt.ask), asks),
        wrapped(safe(wanted), expects),
        wrapped(read, room, lines_max=_READ_LINES_MAX),
        fillvalue="",
    )
    style = "bold" if row.is_current else "" if row.given else "muted"
    text = Text(style=style)
    for index, (shape, ask, expected, said) in enumerate(parts):
        text.append(shape[:1], style=style_of(shape) if index == 0 else "")
        text.append(f"{shape[1:]:<{_MARK - 1 if index == 0 else _MARK}}")
        line = (
            f"{fitted(ask, asks)} {fitted(expected, expects)} {equal if index == 0 and said else '  '}{said}"
        )
        text.append(line.rstrip() + "\n")
    return text


def _when(prompt: Prompt) -> str:
    return (prompt.when or tr("(may be left out)")) if prompt.optional else ""


def _columns(width: int) -> tuple[int, int]:
    return _COLUMNS if width < _WIDE else _WIDE_COLUMNS


def _expected(prompt: Prompt) -> str:
    return prompt.expected or (tr("a number from the list") if prompt.kind is PromptKind.CHOICE else "")


def prompt_word(form: Form) -> str:
    """What to scan now, in letters to be read from two meters; empty where it is no thing or too long."""
    prompt = form.current
    if prompt is None or prompt.choices:
        return ""
    if prompt.kind is PromptKind.PATIENT:
        word = tr("wristband")
    elif prompt.kind is PromptKind.CODE and len(prompt.wanted) == 1:
        word = named(prompt.wanted[0].value)
    else:
        return ""
    return word.upper() if len(word) <= _WORD_MAX else ""


def prompt_title(form: Form) -> str:
    """What is asked, over the pane that asks it."""
    prompt = form.current
    if prompt is None:
        return f"{NEXT} " + tr("Sign")
    number = next((at for at, row in enumerate(form.rows(), start=1) if row.is_current), 0)
    is_scanned = prompt.kind in (PromptKind.CODE, PromptKind.PATIENT)
    return f"{NOW} {number}  " + (tr("Scan now") if is_scanned else tr("Answer now"))


def prompt_panel(form: Form, width: int, rows_max: int) -> Text:
    """What is asked for now, in capitals, with the choices there are; lines are broken, never cut."""
    prompt = form.current
    text = Text()
    if prompt is None:
        return text.append(tr("Everything is read. F10 shows what will be signed."), style="bold")
    text.append(prompt.ask, style="bold")
    if prompt.expected:
        text.append(f": {grouped(safe(prompt.expected))}")
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
    if len(lines) <= _ONE_COLUMN_MAX or max(map(cell_len, lines)) > column:
        return [part for line in lines for part in wrap(line, width, indent=_NUMBERED)]
    half = (len(lines) + 1) // 2
    return [
        f"{fitted(left, column)} {right}".rstrip()
        for left, right in zip_longest(lines[:half], lines[half:], fillvalue="")
    ]
