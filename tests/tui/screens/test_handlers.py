"""Textual calls the handler of each class of a screen itself, so that none is called by another."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

from tests.support.front_desk import desk_at
from tui.extraction import HERE
from tui.screens.base import BaseScreen


async def test_findings_f16_a_screen_is_mounted_once_and_resumed_once_for_each_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A handler that runs twice leaves two timers behind and reads the store twice."""
    calls: Counter[tuple[str, str]] = Counter()
    mounted, resumed = BaseScreen.on_mount, BaseScreen.on_screen_resume

    def on_mount(self: BaseScreen) -> None:
        calls[type(self).__name__, "mount"] += 1
        mounted(self)

    def on_screen_resume(self: BaseScreen) -> None:
        calls[type(self).__name__, "resume"] += 1
        resumed(self)

    monkeypatch.setattr(BaseScreen, "on_mount", on_mount)
    monkeypatch.setattr(BaseScreen, "on_screen_resume", on_screen_resume)
    async with desk_at("COLL-A", tmp_path) as desk:
        await desk.sign_in("TECH-A1")
        calls.clear()
        for _ in range(3):
            await desk.press("f6", "escape")
    assert calls == {("BoardScreen", "mount"): 3, ("BoardScreen", "resume"): 3, ("HomeScreen", "resume"): 3}


def _handlers_called(tree: ast.Module) -> list[str]:
    return [
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Call)
        and isinstance(node.func.value.func, ast.Name)
        and node.func.value.func.id == "super"
        and node.func.attr.startswith(("on_", "_on_"))
        and node.func.attr != "on_event"
    ]


@pytest.mark.parametrize("path", sorted(HERE.rglob("*.py")), ids=lambda path: str(path.relative_to(HERE)))
def test_no_handler_calls_the_one_of_its_base(path: Path) -> None:
    """`on_event` is no handler of one message but the place that all of them pass."""
    assert _handlers_called(ast.parse(path.read_text(encoding="utf-8"))) == []
