"""The guides name keys as the terminal has them: which key exists, and what is said of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from typing import Final

from tests.support.places import ROOT
from tui import screens
from tui.commands import Command

GUIDES: Final = (*sorted(ROOT.glob("docs/guide/*.md")), ROOT / "docs" / "terminal.md", ROOT / "README.md")
KEY: Final = re.compile(r"(?<![\w/+])(F(?:1[0-2]|[1-9])|(?:Ctrl\+|\^)[A-Z])(?!\w|` for Ctrl)")
"""A key of the row of keys, or one with Ctrl: a guide may write `Ctrl+W` or, as the screen does, `^W`.

Where a guide says how such a key is written, no key is meant.
"""

SAME: Final = {"F1", "F3", "F10"}
"""Help, the end of a STOP and signing: a guide need not say again what they do."""

OF_THE_APPLICATION: Final = {
    "Ctrl+E": "training",
    "Ctrl+K": "lock",
    "Ctrl+P": "find search theme action palette",
    "Ctrl+Q": "leave",
}
"""Keys that are no command of a screen, with words that say what they do."""

ALSO: Final = {"F2": "code explained", "F8": "print slip sheet card"}
"""What the fixed keys are called besides their own words."""


def stems(text: str) -> frozenset[str]:
    """The first four letters of each word of three and more."""
    return frozenset(word[:4].lower() for word in re.findall(r"[A-Za-z]{3,}", text))


SAYS_NOTHING: Final = stems("screen what this with show record that the and for not")


def commands() -> Iterator[type[Command]]:
    """Every command of every screen."""
    for module in walk_packages(screens.__path__, f"{screens.__name__}."):
        import_module(module.name)
    waiting = list(Command.__subclasses__())
    while waiting:
        one = waiting.pop()
        waiting += one.__subclasses__()
        if "key" in vars(one):
            yield one


def words_by_key() -> dict[str, frozenset[str]]:
    """What may be said of a key: the words of all commands that it gives on some screen."""
    found = {key: stems(words) for key, words in {**OF_THE_APPLICATION, **ALSO}.items()}
    for one in commands():
        key = one.key.upper().replace("CTRL+", "Ctrl+")
        spoken = re.sub(r"(?<!^)(?=[A-Z])", " ", one.__name__)
        said = stems(f"{one.footer} {one.palette} {spoken}") - SAYS_NOTHING
        found[key] = found.get(key, frozenset()) | said
    return found


def test_a_key_in_a_guide_does_what_is_said_of_it() -> None:
    """In its row, list item or paragraph stands a word of a command that this key gives on some screen."""
    known, wrong = words_by_key(), []
    for guide in GUIDES:
        for part in re.split(r"\n\s*\n|\n(?=- |\||\d+\. )", guide.read_text(encoding="utf-8")):
            said = stems(part)
            about = f"{guide.name}: {' '.join(part.split())[:100]!r} about"
            keys = {key.replace("^", "Ctrl+") for key in KEY.findall(part)} - SAME
            wrong += [f"{about} {key}" for key in keys if not known.get(key, frozenset()) & said]
    assert not wrong, "\n".join(wrong)


def test_a_key_is_found_however_a_guide_writes_it() -> None:
    """`^K on the therapy` led to the lock, and nobody saw it: only `Ctrl+K` was looked at."""
    assert KEY.findall("Ctrl+W or ^W, then F4") == ["Ctrl+W", "^W", "F4"]
    assert not words_by_key()["Ctrl+K"] & stems("in the terminal it is ^K on the therapy, with a note")
