"""A form as text: each prompt with what is expected and what was read, then the one asked for now. Pure."""

from __future__ import annotations

from itertools import zip_longest
from typing import Final

from rich.text import Text

from tui.answers import safe
from tui.forms.form import Form, FormRow
from tui.forms.prompts import Prompt, PromptKind
from tui.language import tr
from tui.words import fitted

_ASK_WIDTH: Final = 24
_EXPECTED_WIDTH: Final = 22
_ONE_COLUMN_MAX: Final = 6


def form_rows(form: Form) -> Text:
    """One line a prompt: mark, what to do, what is expected, what was read."""
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f"    {'':<{_ASK_WIDTH}} {tr('EXPECTED'):<{_EXPECTED_WIDTH}} {tr('READ')}\n", style="dim")
    for row in form.rows():
        text.append_text(_row(row))
    text.rstrip()
    return text


def _row(row: FormRow) -> Text:
    prompt = row.prompt
    mark = "[x]" if row.given else "-->" if row.is_current else "[ ]"
    ask = fitted(safe(prompt.ask), _ASK_WIDTH)
    wanted = "" if row.given and prompt.kind is PromptKind.CHOICE else _expected(prompt)
    read = safe(row.given.shown) if row.given else tr("(may be left out)") if prompt.optional else ""
    expected = fitted(safe(wanted), _EXPECTED_WIDTH) if read else safe(wanted)
    style = "bold" if row.is_current else "" if row.given else "dim"
    return Text(f"{mark} {ask} {expected} {read}\n", style=style)


def _expected(prompt: Prompt) -> str:
    return prompt.expected or (tr("a number from the list") if prompt.kind is PromptKind.CHOICE else "")


def prompt_panel(form: Form) -> Text:
    """What is asked for now, in capitals, with the choices there are."""
    prompt = form.current
    text = Text(no_wrap=True, overflow="ellipsis")
    if prompt is None:
        return text.append(tr("EVERYTHING IS READ. F10 shows what will be signed."), style="bold")
    text.append(prompt.ask.upper(), style="bold")
    if prompt.expected:
        text.append(f": {safe(prompt.expected)}")
    if form.may_end_here:
        text.append(
            "   " + tr("(F10 leaves it out)")
            if prompt.optional
            else "   " + tr("(DONE or F10 ends the list)")
        )
    for line in _choice_lines(prompt):
        text.append("\n" + line)
    return text


def _choice_lines(prompt: Prompt) -> list[str]:
    lines = [
        f"{number:>3}  {safe(choice.label)}" + (f"  [{choice.command}]" if choice.command else "")
        for number, choice in enumerate(prompt.choices, start=1)
    ]
    if len(lines) <= _ONE_COLUMN_MAX:
        return lines
    half = (len(lines) + 1) // 2
    return [f"{left:<39}{right}" for left, right in zip_longest(lines[:half], lines[half:], fillvalue="")]
