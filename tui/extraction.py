"""Every word of the terminal for its translators, read out of the source: `python -m tui.extraction`.

Sentences stand inside `tr(...)`, a command's words in its class. The vocabulary of the record is English in
the store and spoken at a screen, so its words are listed too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final

from labels.kinds import LABEL_KINDS
from schema import vocabulary
from schema.events import kinds
from tracker.values import CODES, FormStatus, Found, TherapyStatus, field_words
from tui.language import FOLDER

HERE: Final = Path(__file__).resolve().parent
TEMPLATE: Final = FOLDER / "cartrail.pot"

_VOCABULARY: Final = "vocabulary"
_NO_SCREEN: Final = ("cli", Path(__file__).name)
_COMMANDS: Final = ("Command", "ScreenCommand")
_WORDS_OF_A_COMMAND: Final = ("footer", "palette")


def modules() -> tuple[str, ...]:
    """The modules whose words people read on a screen; the command line is read by scripts, in English."""
    found = (path.relative_to(HERE) for path in HERE.rglob("*.py"))
    return tuple(sorted(path.as_posix() for path in found if path.parts[0] not in _NO_SCREEN))


def sentences() -> dict[str, list[str]]:
    """Every sentence and word with the modules it stands in."""
    found: dict[str, list[str]] = {}
    for name in modules():
        for text in _of_module(ast.parse((HERE / name).read_text(encoding="utf-8"))):
            found.setdefault(text, []).append(name)
    for word in _vocabulary():
        found.setdefault(word, []).append(_VOCABULARY)
    return found


def _vocabulary() -> Iterator[str]:
    """What codes of the record are called: kinds, states, reasons, the names of fields, and every label."""
    for one in (*vars(vocabulary).values(), Found, FormStatus, TherapyStatus):
        if isinstance(one, type) and issubclass(one, StrEnum):
            yield from (member.value.replace("_", " ") for member in one)
    for (kind, _), payload in kinds().items():
        yield kind.replace("_", " ")
        for name in payload.model_fields:
            yield from (name.replace("_", " "), field_words(name))
    yield from CODES.values()
    yield from (kind.name.capitalize() for kind in LABEL_KINDS.values())


def _of_module(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tr":
            if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
                yield node.args[0].value
        elif isinstance(node, ast.ClassDef) and any(
            isinstance(base, ast.Name) and base.id in _COMMANDS for base in node.bases
        ):
            yield from _of_command(node)


def _of_command(node: ast.ClassDef) -> Iterator[str]:
    """A command's help is its docstring; its words in the line of keys and in the palette are its fields."""
    words = [
        str(one.value.value)
        for one in node.body
        if isinstance(one, ast.Assign)
        and isinstance(one.targets[0], ast.Name)
        and one.targets[0].id in _WORDS_OF_A_COMMAND
        and isinstance(one.value, ast.Constant)
    ]
    docstring = ast.get_docstring(node)
    if docstring and words:  # without words of its own it is what other commands are made from
        yield docstring
    yield from words


def template() -> str:
    """The sentences as a gettext template."""
    parts = ['msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n']
    for text, places in sorted(sentences().items()):
        where = "".join(f"#: {place}\n" for place in dict.fromkeys(places))
        # By this flag msgfmt refuses a translation that spoils the name of a value.
        flag = "#, python-brace-format\n" if "{" in text else ""
        parts.append(f'{where}{flag}msgid {_quoted(text)}\nmsgstr ""\n')
    return "\n".join(parts)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    TEMPLATE.write_text(template(), encoding="utf-8")
