"""Every command in one place: its key, its word in the footer, its line in the palette and its help.

A command is a class; a screen says which it offers and performs them. Keys are F-keys and ctrl only, because
a scanner types letters; the eight fixed ones mean the same on every screen.
"""

from __future__ import annotations

import inspect
import re
from typing import ClassVar, Final

from rich.text import Text
from textual.binding import Binding, BindingType

from tui.language import tr

_KEY: Final = re.compile(r"f([1-9]|1[0-2])|escape|ctrl\+[a-z]")
_KEY_WORDS: Final = {"escape": "Esc"}


class Command:
    """Something a person can ask a screen to do; the docstring of a command is its help."""

    key: ClassVar[str]
    footer: ClassVar[str]
    """One word, for the line of keys."""
    palette: ClassVar[str]
    """What it does, as an order, for the command palette."""

    def __init_subclass__(cls) -> None:
        if _KEY.fullmatch(cls.key) is None:
            raise TypeError(f"{cls.__name__}.key is {cls.key!r}: only F-keys, escape and ctrl with a letter.")

    @classmethod
    def name(cls) -> str:
        """The name in bindings and key maps, from the class name: `WhatIsThis` is `what_is_this`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    @classmethod
    def help(cls) -> str:
        """What the command does, for the help screen."""
        return tr(inspect.cleandoc(cls.__doc__ or ""))

    @classmethod
    def key_word(cls) -> str:
        """The key as people read it."""
        return _KEY_WORDS.get(cls.key) or "+".join(part.capitalize() for part in cls.key.split("+"))

    @classmethod
    def binding(cls) -> Binding:
        """The command as a Textual binding; our own line of keys shows it."""
        action = f"command('{cls.name()}')"
        return Binding(cls.key, action, cls.footer, show=False, tooltip=cls.help(), id=cls.name())


class Help(Command):
    """Show what this screen is for and what every key does."""

    key = "f1"
    footer = "Help"
    palette = "Show help for this screen"


class WhatIsThis(Command):
    """Scan anything and read what it is; nothing is recorded."""

    key = "f2"
    footer = "What?"
    palette = "Ask what a code is, without recording"


class Back(Command):
    """Go back to the screen before; nothing that was not signed is written."""

    key = "f3"
    footer = "Back"
    palette = "Go back"


class Refresh(Command):
    """Read the store again and show what is there now."""

    key = "f5"
    footer = "Refresh"
    palette = "Read the store again"


class Label(Command):
    """Print a label or slip for what is on the screen."""

    key = "f8"
    footer = "Label"
    palette = "Print a label"


class Deviation(Command):
    """Open a deviation about what is on the screen."""

    key = "f9"
    footer = "Deviation"
    palette = "Open a deviation"


class Sign(Command):
    """Read what is to be recorded and sign it."""

    key = "f10"
    footer = "Sign"
    palette = "Sign what is on the screen"


class Cancel(Command):
    """Discard what was entered here; what is recorded stays recorded."""

    key = "escape"
    footer = "Cancel"
    palette = "Discard what was entered"


class BigText(Command):
    """Show what to do, the last answer, the box and the clock in large letters; again to go back."""

    key = "ctrl+g"
    footer = "Big"
    palette = "Large letters on or off"


class Happened(Command):
    """Record a step that the rules forbid but that has happened all the same: reason, two signatures."""

    key = "f11"
    footer = "Happened"
    palette = "Record what happened against the rules"


EVERYWHERE: Final[tuple[type[Command], ...]] = (BigText,)
"""On every screen, in help and palette; the line of keys has no room for them."""

FIXED: Final[tuple[type[Command], ...]] = (
    Help,
    WhatIsThis,
    Back,
    Refresh,
    Label,
    Deviation,
    Sign,
    Cancel,
)
"""The same keys on every screen, always in the footer."""


def key_line(commands: tuple[type[Command], ...], *, offered: frozenset[type[Command]]) -> Text:
    """The line of keys: what can be done now in bold capitals, the rest in small letters; no color needed."""
    line = Text(no_wrap=True, overflow="crop")
    for command in commands:
        if line:
            line.append(" ")
        if command in offered:
            line.append(f"{command.key_word()} {tr(command.footer).upper()}", style="bold")
        else:
            line.append(f"{command.key_word()} {tr(command.footer).lower()}")
    return line


class TakesCommands:
    """A screen with the fixed keys and perhaps its own; one place says what can be done and why not."""

    own_commands: ClassVar[tuple[type[Command], ...]] = ()
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init_subclass__(cls, **options: bool) -> None:
        # Textual reads BINDINGS of its own classes only, so the first screen below this class brings the
        # fixed ones, and each class brings its own.
        is_first = TakesCommands in cls.__bases__
        own: tuple[type[Command], ...] = cls.__dict__.get("own_commands", ())
        keys: list[BindingType] = cls.__dict__.get("BINDINGS", [])
        cls.BINDINGS = [
            command.binding() for command in (FIXED + EVERYWHERE if is_first else ()) + own
        ] + keys
        super().__init_subclass__(**options)

    @classmethod
    def commands(cls) -> tuple[type[Command], ...]:
        """Every command of the screen, the fixed ones first."""
        return FIXED + cls.own_commands + EVERYWHERE

    def offered(self) -> frozenset[type[Command]]:
        """What can be done now; the line of keys and the palette show it."""
        return frozenset(command for command in self.commands() if self.why_not(command) is None)

    def why_not(self, command: type[Command]) -> str | None:
        """Why a command cannot be given now, said by the rules that would refuse it; None when it can."""
        raise NotImplementedError

    async def perform(self, command: type[Command]) -> None:
        """Do what was asked; only called where `why_not` has nothing against it."""
        raise NotImplementedError

    def command_refused(self, command: type[Command], reason: str) -> None:
        """Show why a command cannot be given now."""
        raise NotImplementedError

    async def action_command(self, name: str) -> None:
        """What every binding and palette entry calls."""
        command = next(command for command in self.commands() if command.name() == name)
        reason = self.why_not(command)
        if reason is None:
            await self.perform(command)
        else:
            self.command_refused(command, reason)
