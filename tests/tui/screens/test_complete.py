"""Every screen is complete: it can be opened, it says what it is for, and a story shows it."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen

from tests.support.snapshots import shown_by_file
from tui.extraction import HERE
from tui.screens.base import BaseScreen

FOLDERS = sorted(path.parent.name for path in (HERE / "screens").glob("*/__init__.py"))


def _classes(folder: str) -> list[type[Any]]:
    module = import_module(f"tui.screens.{folder}")
    found = (
        one for _, one in inspect.getmembers(module, inspect.isclass) if one.__module__ == module.__name__
    )
    return [one for one in found if issubclass(one, Screen)]


def _imports(path: Path) -> set[str]:
    """The modules of the terminal from which another one takes a screen."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and node.module
        and any(name.name.endswith("Screen") for name in node.names)
    }


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_of_screens_holds_one(folder: str) -> None:
    """What is no screen stands above them."""
    assert _classes(folder), f"tui/screens/{folder}/__init__.py has no class of a screen"


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_screen_is_opened_from_somewhere(folder: str) -> None:
    """One that nobody can come to is dead."""
    module = f"tui.screens.{folder}"
    others = (path for path in HERE.rglob("*.py") if (HERE / "screens" / folder) not in path.parents)
    assert any(module in _imports(path) for path in others), (
        f"nothing opens {module}: add it to tui/screens/home/screens.py, or open it from another screen"
    )


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_screen_says_what_it_is_for(folder: str) -> None:
    """F1 begins with it."""
    for one in _classes(folder):
        if issubclass(one, BaseScreen) and not one.__subclasses__():
            assert one.about, f"{one.__name__}.about in tui/screens/{folder}/__init__.py is empty"


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_story_shows_the_screen(folder: str) -> None:
    """What no picture shows can change without being seen."""
    shown: set[str] = set()
    for name in shown_by_file().values():
        module, _, cls = name.rpartition(".")
        shown |= {one.__module__ for one in getattr(import_module(module), cls).__mro__}
    assert f"tui.screens.{folder}" in shown, (
        f"no snapshot shows tui/screens/{folder}: let a story of tests/support/gallery open it, "
        "then run `python -m tests.support.snapshots`"
    )
