"""Commands: the key, the word in the line of keys, the line in the palette and the help of an action.

A command is a class, and a screen lists those it has. What one does is the screen's Textual action of the
same name, `action_sign`; why it is not possible now is said by `why_not_sign`, for keys, palette and scanned
codes alike. Keys are F-keys and ctrl only, because a scanner types letters; the eight fixed ones mean the
same on every screen.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import ClassVar, Final

from rich.text import Text
from textual.actions import parse
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
        if "key" in vars(cls) and _KEY.fullmatch(cls.key) is None:
            raise TypeError(f"{cls.__name__}.key is {cls.key!r}: only F-keys, escape and ctrl with a letter.")

    @classmethod
    def name(cls) -> str:
        """The name in key maps and of its action, from the class name: `WhatIsThis` is `what_is_this`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    @classmethod
    def action(cls) -> str:
        """The Textual action of the screen that has it."""
        return cls.name()

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
        return Binding(cls.key, cls.action(), cls.footer, show=False, tooltip=cls.help(), id=cls.name())


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


class PrintLabel(Command):
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


class Discard(Command):
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
    """Record a step that happened although a rule forbids it: it takes a reason and two signatures."""

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
    PrintLabel,
    Deviation,
    Sign,
    Discard,
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


NOT_HERE: Final[Mapping[str, str]] = {
    WhatIsThis.name(): tr("This screen cannot explain codes."),
    Refresh.name(): tr("There is nothing here to read again."),
    PrintLabel.name(): tr("There is no label to print here."),
    Deviation.name(): tr("There is nothing here to open a deviation about."),
    Sign.name(): tr("There is nothing to sign here."),
}
"""What a fixed key answers on a screen that has no action for it."""


class TakesCommands:
    """A screen with the fixed keys and those of its own."""

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
        return frozenset(command for command in self.commands() if self.refusal_of(command) is None)

    def refusal_of(self, command: type[Command]) -> str | None:
        """Why a command cannot be given now; None when it can."""
        _, action, parameters = parse(command.action())
        return self.why_not(action, *parameters)

    def why_not(self, action: str, *parameters: object) -> str | None:
        """Why an action is not possible now, by the rules that would refuse it; None when it is.

        One that this screen has is possible unless its method `why_not_<action>` gives a reason.
        """
        if not hasattr(self, f"action_{action}"):
            return NOT_HERE.get(action, "")
        asked: Callable[..., str | None] | None = getattr(self, f"why_not_{action}", None)
        return None if asked is None else asked(*parameters)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Textual runs an action only if this is true; a key whose action is None stays on the screen."""
        return True if self.why_not(action, *parameters) is None else None

    def command_refused(self, command: type[Command], reason: str) -> None:
        """Show why a command cannot be given now."""
        raise NotImplementedError

    def key_refused(self, action: str) -> bool:
        """Say why the command of an action cannot be given now; whether there is such a command."""
        command = next((command for command in self.commands() if command.action() == action), None)
        reason = self.refusal_of(command) if command is not None else None
        if command is None or reason is None:
            return False
        self.command_refused(command, reason)
        return True
