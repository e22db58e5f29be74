"""A form on a narrow terminal: lines are broken and never cut."""

from __future__ import annotations

from tui.forms.form import Form
from tui.forms.prompts import Choice, FieldAnswer, Prompt, PromptKind, Section
from tui.screens.form.text import form_rows, prompt_panel

NARROW = 76
LONG = "11-30 07:07  display not in order, Hand over by COUR-X1: UTHLV9LTK9N, UTHLV9LTK9P (assessed)"


def choosing(count: int, label: str) -> Form:
    """A form that asks for one of so many choices, then for a word."""
    choices = tuple(Choice(number, f"{label} {number}") for number in range(count))
    chosen = Prompt("deviation", "What becomes of the units", PromptKind.CHOICE, choices=choices)
    return Form("x", (Section((chosen,)), Section((Prompt("remark", "Remark", PromptKind.TEXT),))))


def words(text: str) -> str:
    """A text with its line breaks undone."""
    return " ".join(text.split())


def test_a_long_choice_is_broken_and_not_cut() -> None:
    """The end of a choice is what tells it from the next one."""
    panel = prompt_panel(choosing(8, LONG), NARROW, 30).plain
    assert max(map(len, panel.splitlines())) <= NARROW
    assert all(words(f"{LONG} {number}") in words(panel) for number in range(8))


def test_short_choices_stand_in_two_columns() -> None:
    """So that a dozen reasons leave room for what was read."""
    panel = prompt_panel(choosing(11, "Reason"), NARROW, 12).plain
    assert len(panel.splitlines()) == 7 and "read on" not in panel


def test_more_choices_than_fit_say_so() -> None:
    """PgDn shows the others."""
    assert "PgUp PgDn: read on" in prompt_panel(choosing(20, LONG), NARROW, 12).plain


def test_what_is_asked_and_what_was_read_stand_whole() -> None:
    """Each in its own column, over as many lines as it takes; a remark of two thousand letters has three."""
    form = choosing(2, LONG)
    answer = "Display: too warm or too cold, by its own log"
    assert form.take(FieldAnswer(0, answer))
    text, until = form_rows(form, NARROW)
    lines = text.plain.splitlines()
    assert max(map(len, lines)) <= NARROW - 1, "beside a scroll bar"
    assert [line[6:30].strip() for line in lines[2:4]] == ["What becomes of the", "units"]
    assert (
        words(" ".join(line[56:] for line in lines[2:until]))
        == "Display: too warm or too cold, by its own log"
    )
    assert lines[until - 1].startswith("◉ 2   Remark")
    assert form.take(FieldAnswer("x", "word " * 400))
    assert form_rows(form, NARROW)[0].plain.count("word") < 20
