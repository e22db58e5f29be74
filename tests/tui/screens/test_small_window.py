"""40 by 10 and back in the middle of work: what was typed, read and chosen stays, and so does the focus."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from textual.widgets import DataTable, Input

from tests.support.front_desk import desk_at, rest
from tests.support.terminal import BenchApp, by_hand, painted, settle
from tests.tui.forms.test_forms import a_setting
from tui.forms.catalog import FORMS, form_for
from tui.forms.form import Form
from tui.forms.prompts import FieldAnswer, Prompt, PromptKind, Section
from tui.screens.step import NOTE, StepScreen


def prompts_of_each_kind() -> Iterator[Prompt]:
    """The first question of each kind that any form of the terminal asks."""
    found: dict[PromptKind, Prompt] = {}
    for name in FORMS:
        request, _, variant = name.partition("/")
        for section in form_for(request, a_setting(), variant=variant).sections:
            for prompt in section.prompts:
                found.setdefault(prompt.kind, prompt)
    # Asked only once a place is scanned that has positions.
    found[PromptKind.POSITION] = Prompt("positions", "Position", PromptKind.POSITION)
    assert {*found} == {*PromptKind} - {PromptKind.WORD}, "that one stands before a form, not in it"
    yield from found.values()


async def test_every_kind_of_question_outlives_a_window_too_small(tmp_path: Path) -> None:
    """Given an answer before it and half of one typed, both stand there again, and the rest is taken."""
    async with desk_at("COLL-A", tmp_path) as desk:
        await desk.sign_in("TECH-A1")
        step = StepScreen(desk.app.session, NOTE, None)
        desk.app.push_screen(step)
        await rest(desk.pilot, desk.busy)
        for prompt in prompts_of_each_kind():
            before = Prompt("remark", "What is before it", PromptKind.TEXT)
            step.form = form = Form("note", (Section((before,)), Section((prompt,))))
            assert form.take(FieldAnswer("said", "what was said"))
            step.refresh_form()
            await desk.begin("7half")
            await desk.squeeze()
            shown = desk.screen
            assert desk.app.screen is step and step.form is form and form.current is prompt
            assert "what was said" in shown and "7half \u258c" in shown, (prompt.kind, shown)
            await desk.press(*["backspace"] * 5)
            assert "7half" not in desk.screen, prompt.kind


async def test_lines_of_a_form_are_broken_for_the_window_there_is(tmp_path: Path) -> None:
    """What was read in a wide window is whole in a narrow one."""
    async with desk_at("COLL-A", tmp_path) as desk:
        await desk.sign_in("TECH-A1")
        await desk.pilot.resize_terminal(140, 40)
        step = StepScreen(desk.app.session, NOTE, None)
        desk.app.push_screen(step)
        await rest(desk.pilot, desk.busy)
        prompt = Prompt("remark", "What is before it", PromptKind.TEXT)
        step.form = Form("note", (Section((prompt,)), Section((prompt,))))
        words = " ".join(f"word{number}" for number in range(7))
        assert step.form.take(FieldAnswer(words, words))
        step.refresh_form()
        await desk.pilot.resize_terminal(80, 24)
        await rest(desk.pilot, desk.busy)
        assert "\u2026" not in desk.screen and "word6" in desk.screen


async def test_a_password_is_never_shown_after_a_window_too_small() -> None:
    """Textual takes the focus from what it hides: what was typed on would be a scan, in clear."""
    app = BenchApp()
    async with app.run_test(size=(80, 24)) as pilot:
        for kept in (app.bench.query_one("#secret", Input), app.bench.query_one(DataTable)):
            app.bench.set_focus(kept)
            for size in ((40, 10), (80, 24)):
                await pilot.resize_terminal(*size)
                await settle(pilot)
            assert app.bench.focused is kept
        app.bench.set_focus(None)
        for size in ((40, 10), (80, 24)):
            await pilot.resize_terminal(*size)
            await settle(pilot)
        assert app.bench.focused is None, "where nothing had it, scans are read"
        app.bench.set_focus(app.bench.query_one("#secret", Input))
        for size in ((40, 10), (80, 24)):
            await pilot.resize_terminal(*size)
            await settle(pilot)
        by_hand(app, "hunter2")
        await settle(pilot)
        assert "hunter2" not in painted(app) and app.bench.query_one("#secret", Input).value == "hunter2"
