"""Commands: the key, the word in the footer, the line in the palette and the help of an action.

A command is a class, and a screen lists those it has. What one does is the screen's Textual action of the
same name, `action_sign`; why it is not possible now is said by `why_not_sign`, for keys, palette and scanned
codes alike. Keys are F-keys and ctrl only, because a scanner types letters; the fixed ones mean the same on
every screen.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import ClassVar, Final, Generic, Protocol, TypeVar, runtime_checkable

from rich.cells import cell_len
from textual.actions import parse
from textual.binding import ActiveBinding, Binding, BindingType

from tui.language import tr
from tui.widgets.room import NeedsRoom

_KEY: Final = re.compile(r"f([1-9]|1[0-2])|escape|ctrl\+[a-z]")
_KEY_WORDS: Final = {"escape": "Esc"}


def key_words(key: str) -> str:
    """A key as people read it."""
    return _KEY_WORDS.get(key) or key.upper().replace("CTRL+", "^")


class Command:
    """Something a person can ask a screen to do; the docstring of a command is its help."""

    key: ClassVar[str]
    footer: ClassVar[str]
    """A word or two, for the footer."""
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
        """The key as people read it: `F10`, `Esc`, `^R` for Ctrl and R."""
        return key_words(cls.key)

    @classmethod
    def binding(cls) -> Binding:
        """The command as a Textual binding."""
        return Binding(
            cls.key,
            cls.action(),
            tr(cls.footer),
            key_display=cls.key_word(),
            tooltip=cls.help(),
            id=cls.name(),
        )


class Help(Command):
    """Show what this screen is for and what every key does."""

    key = "f1"
    footer = "Help"
    palette = "Show help for this screen"


class WhatIsThis(Command):
    """Scan anything and read what it is; nothing is recorded."""

    key = "f2"
    footer = "What is it?"
    palette = "Ask what a code is, without recording"


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


class WriteFile(Command):
    """Write what is on the screen to a file; of a trail it is noted that it was exported."""

    key = "f12"
    footer = "Export"
    palette = "Export what is on the screen"


class Discard(Command):
    """Discard what was entered here; with nothing entered, go back. What is recorded stays recorded."""

    key = "escape"
    footer = "Back"
    palette = "Discard what was entered, or go back"


class SignOut(Command):
    """Forget your key here and let the next person sign in; what you leave running is listed first."""

    key = "ctrl+x"
    footer = "Sign out"
    palette = "Sign out"


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


class ShowTrail(Command):
    """See everything that happened to the therapy on the screen, with its signatures."""

    key = "f7"
    footer = "Trail"
    palette = "Show the trail"


class ShowPlan(Command):
    """See what is booked for the therapy, propose it, move it with all that moves along, or give it back."""

    key = "f4"
    footer = "Plan"
    palette = "Show the plan of the therapy"


class ShowWeek(Command):
    """See how full each chair, start and bed is, day by day, and who is booked there."""

    key = "f11"
    footer = "Week"
    palette = "Show how full the weeks are"


class ShowReadings(Command):
    """See what the logger recorded beside the cells: the curve, the band, who held it, what was outside."""

    key = "f11"
    footer = "Condition"
    palette = "Show the temperatures a logger recorded"


EVERYWHERE: Final[tuple[type[Command], ...]] = (BigText, SignOut)
"""On every screen, in help and palette."""

FIXED: Final[tuple[type[Command], ...]] = (
    Help,
    WhatIsThis,
    Refresh,
    PrintLabel,
    Deviation,
    Sign,
    WriteFile,
    Discard,
)
"""The same keys on every screen."""

_LIKELIEST: Final[tuple[type[Command], ...]] = (Discard, Help, PrintLabel, Deviation, WriteFile, WhatIsThis)
"""Of the fixed ones, after signing and what the screen has of its own."""

KEYS_MAX: Final = 6
"""In the footer, so that it is read and not searched."""

_BETWEEN_KEYS: Final = 3
_MORE_CELLS: Final = 9
"""What the key of the palette takes at the right end."""

_OF_TEXTUAL: Final = frozenset({"app.focus_next", "app.focus_previous", "screen.copy_text"})
"""What every screen of Textual can do; no command of ours, so help does not list it."""

NOT_HERE: Final[Mapping[str, str]] = {
    WhatIsThis.name(): tr("This screen cannot explain codes."),
    Refresh.name(): tr("There is nothing here to read again."),
    PrintLabel.name(): tr("There is no label to print here."),
    Deviation.name(): tr("There is nothing here to open a deviation about."),
    Sign.name(): tr("There is nothing to sign here."),
    WriteFile.name(): tr("There is nothing to export here."),
    SignOut.name(): tr("Nobody is signed in here."),
}
"""What a fixed key answers on a screen that has no action for it."""


def is_command_key(key: str) -> bool:
    """Whether a key could be that of a command: letters and arrows are none."""
    return _KEY.fullmatch(key) is not None


@runtime_checkable
class AnswersKeys(Protocol):
    """A screen that answers a key which it does not have."""

    def key_unknown(self, key: str) -> None:
        """Say so, where it could be the key of a command."""


R = TypeVar("R")


class TakesCommands(NeedsRoom[R], Generic[R]):
    """A screen with the fixed keys and those of its own."""

    own_commands: ClassVar[tuple[type[Command], ...]] = ()
    """The likeliest first: the footer has room for few."""

    BINDINGS: ClassVar[list[BindingType]] = [command.binding() for command in FIXED + EVERYWHERE]

    def __init_subclass__(cls, **options: bool) -> None:
        own: tuple[type[Command], ...] = cls.__dict__.get("own_commands", ())
        keys: list[BindingType] = cls.__dict__.get("BINDINGS", [])
        cls.BINDINGS = [command.binding() for command in own] + keys
        super().__init_subclass__(**options)

    @classmethod
    def commands(cls) -> tuple[type[Command], ...]:
        """Every command of the screen, the fixed ones first."""
        return FIXED + cls.own_commands + EVERYWHERE

    def offered(self) -> frozenset[type[Command]]:
        """What can be done now; the footer shows the likeliest of it, the palette all."""
        return frozenset(command for command in self.commands() if self.refusal_of(command) is None)

    def likeliest(self) -> tuple[type[Command], ...]:
        """The order in which commands stand in the footer."""
        return (Sign, *self.own_commands, *_LIKELIEST)

    def label_of(self, command: type[Command]) -> str:
        """A command in the footer, with the number or name of what it is about."""
        return self.escape_word() if command is Discard else tr(command.footer)

    def escape_word(self) -> str:
        """What Esc does now."""
        return tr("Back")

    def footer_commands(self) -> tuple[type[Command], ...]:
        """What stands in the footer: possible now, the likeliest first, as many as fit; Esc always."""
        offered = self.offered()
        order = dict.fromkeys(one for one in self.likeliest() if one in offered)
        room = self.app.size.width - _MORE_CELLS
        kept: list[type[Command]] = []
        is_left = Discard in offered
        for command in order:
            kept_for_escape = self._footer_cells(Discard) if is_left and command is not Discard else 0
            cells = self._footer_cells(command)
            if len(kept) + (kept_for_escape > 0) < KEYS_MAX and cells + kept_for_escape <= room:
                kept.append(command)
                room -= cells
                is_left = is_left and command is not Discard
        return tuple(kept)

    def _footer_cells(self, command: type[Command]) -> int:
        return cell_len(f"{command.key_word()} {self.label_of(command)}") + _BETWEEN_KEYS

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """Textual's, for footer and help: those of the footer first, each with the word it has now."""
        found = super().active_bindings
        shown = self.footer_commands()
        offered = sorted(self.commands(), key=lambda command: self.refusal_of(command) is not None)
        first: dict[str, type[Command]] = {}
        for command in (*shown, *offered):
            first.setdefault(command.key, command)
        named = {
            key: found[key]._replace(
                binding=replace(found[key].binding, description=self.label_of(command), show=command in shown)
            )
            for key, command in first.items()
            if key in found
        }
        others = {
            key: one._replace(binding=replace(one.binding, show=False, system=self._is_of_textual(one)))
            for key, one in found.items()
            if key not in named
        }
        return {**named, **others}

    def _is_of_textual(self, key: ActiveBinding) -> bool:
        """Whether a key moves or edits in a widget, or is explained in the sentence of the screen."""
        is_in_widget = key.node is not self and key.node is not self.app
        return is_in_widget or not key.binding.description or key.binding.action in _OF_TEXTUAL

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
        """Textual runs an action only if this is true, and shows only such a key."""
        return self.why_not(action, *parameters) is None

    def takes_first(self, action: str) -> bool:
        """Whether something in front of the screen has taken a key, so that its action is not run."""
        return False

    def command_refused(self, command: type[Command], reason: str) -> None:
        """Show why a command cannot be given now."""
        raise NotImplementedError

    def key_unknown(self, key: str) -> None:
        """Say that a key has no use here, and what it is on the screen behind that has it."""
        if is_command_key(key) and all(command.key != key for command in self.commands()):
            self.key_useless(key_words(key), self._elsewhere(key))

    def _elsewhere(self, key: str) -> str:
        """What a key does on the nearest screen behind this one that has it."""
        behind = (one for one in reversed(self.app.screen_stack) if isinstance(one, TakesCommands))
        commands = (command for one in behind if one is not self for command in one.commands())
        found = next((command for command in commands if command.key == key), None)
        return "" if found is None else tr(found.palette)

    def key_useless(self, key: str, elsewhere: str) -> None:
        """Show that a key does nothing here; `elsewhere` is what it orders on a screen behind, or empty."""
        raise NotImplementedError

    def key_refused(self, action: str) -> bool:
        """Say why the command of an action cannot be given now; whether there is such a command.

        Not where its key now gives another one.
        """
        command = next((command for command in self.commands() if command.action() == action), None)
        reason = self.refusal_of(command) if command is not None else None
        if command is None or reason is None:
            return False
        if any(one.key == command.key and self.refusal_of(one) is None for one in self.commands()):
            return False
        self.command_refused(command, reason)
        return True
