"""The terminal's sentences in the language of its people: gettext's catalogs, found by the locale.

A sentence stands in the code in English inside `tr(...)`, with names for its values. `python -m tui.language`
writes all of them into `locale/cartrail.pot`, the one place for translators; a compiled catalog beside it,
such as `locale/de/LC_MESSAGES/cartrail.mo`, is taken up by the environment's `LANGUAGE`, `LC_ALL` or `LANG`.
"""

from __future__ import annotations

import ast
import gettext
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
FOLDER: Final = HERE / "locale"
TEMPLATE: Final = FOLDER / "cartrail.pot"
CONVERTED: Final = (
    "answers.py",
    "bigtext.py",
    "shipping.py",
    "commands.py",
    "screens/base.py",
    "screens/handoff.py",
    "screens/help.py",
    "screens/selftest.py",
    "screens/shipments.py",
    "screens/shipping.py",
    "screens/slip.py",
    "screens/visiting.py",
    "search.py",
    "shell.py",
    "widgets/lines.py",
)
"""Modules of which every sentence is in the template; the others follow one by one."""

_WORDS_OF_A_COMMAND: Final = ("footer", "palette")


@cache
def _catalog() -> gettext.NullTranslations:
    return gettext.translation("cartrail", FOLDER, fallback=True)


def tr(text: str, /, **values: object) -> str:
    """A sentence in the person's language, with its values put in; English where no catalog has it."""
    said = _catalog().gettext(text) if text else text
    return said.format(**values) if values else said


def sentences(modules: Iterable[str] = CONVERTED) -> dict[str, list[str]]:
    """Every sentence of the modules with where it stands."""
    found: dict[str, list[str]] = {}
    for name in modules:
        for line, text in _of_module(ast.parse((HERE / name).read_text(encoding="utf-8"))):
            found.setdefault(text, []).append(f"{name}:{line}")
    return found


def _of_module(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tr":
            if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
                yield node.lineno, node.args[0].value
        elif isinstance(node, ast.ClassDef) and any(
            isinstance(base, ast.Name) and base.id == "Command" for base in node.bases
        ):
            yield from _of_command(node)


def _of_command(node: ast.ClassDef) -> Iterator[tuple[int, str]]:
    """A command's help is its docstring; its words in the line of keys and in the palette are its fields."""
    docstring = ast.get_docstring(node)
    if docstring:
        yield node.lineno, docstring
    for one in node.body:
        if (
            isinstance(one, ast.Assign)
            and isinstance(one.targets[0], ast.Name)
            and one.targets[0].id in _WORDS_OF_A_COMMAND
            and isinstance(one.value, ast.Constant)
        ):
            yield one.lineno, str(one.value.value)


def template() -> str:
    """The sentences as a gettext template."""
    parts = ['msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n']
    for text, places in sorted(sentences().items()):
        where = "".join(f"#: {place.rsplit(':', 1)[0]}\n" for place in dict.fromkeys(places))
        parts.append(f'{"".join(dict.fromkeys(where.splitlines(True)))}msgid {_quoted(text)}\nmsgstr ""\n')
    return "\n".join(parts)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    TEMPLATE.write_text(template(), encoding="utf-8")
