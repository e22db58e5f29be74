"""Every command of the command line with its options and arguments, and how its help says it is given."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from tui.cli.application import command_line


@dataclass(frozen=True)
class Leaf:
    """One command, with the words that call it."""

    words: tuple[str, ...]
    command: Any

    @property
    def name(self) -> str:
        """As it is typed."""
        return " ".join(self.words)

    @property
    def own_options(self) -> tuple[Any, ...]:
        """Its options that take a value, without those that all commands share."""
        return tuple(
            one
            for one in self.command.params
            if one.param_type_name == "option" and not one.is_flag and "shared_" not in (one.name or "")
        )

    @property
    def arguments(self) -> tuple[Any, ...]:
        """What is typed without a name, in its order."""
        return tuple(one for one in self.command.params if one.param_type_name == "argument")

    @property
    def example(self) -> list[str]:
        """Its own example, as the words after `cartrail`, without where the output goes."""
        text = (self.command.epilog or "").replace("\\\n", " ")
        lines = (shlex.split(line, comments=False) for line in text.splitlines() if "cartrail " in line)
        own = (line[1:] for line in lines if tuple(line[1 : len(self.words) + 1]) == self.words)
        found = next(own)
        return found[: found.index(">")] if ">" in found else found


@cache
def leaves() -> tuple[Leaf, ...]:
    """Each command that does something, by its words."""
    return tuple(_below(command_line([]), ()))


def _below(command: Any, words: tuple[str, ...]) -> Iterator[Leaf]:
    for name, one in sorted(getattr(command, "commands", {}).items()):
        if one.hidden:
            continue
        if getattr(one, "commands", None):
            yield from _below(one, (*words, name))
        else:
            yield Leaf((*words, name), one)
