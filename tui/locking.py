"""The idle lock: after some minutes without a key, or at Ctrl+K, the terminal forgets who was there."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, ClassVar, Final, Protocol, runtime_checkable

from textual import events
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui.language import tr
from tui.screens.lock import LockScreen
from tui.screens.sign import SignScreen
from tui.session import LeftBehind, TerminalSession
from tui.shell import Shell

LOOK_EVERY: Final = 1.0


@runtime_checkable
class HoldsUnsigned(Protocol):
    """A screen on which something may stand that was entered and not signed."""

    def unsigned(self) -> tuple[str, ...]:
        """What that is, in words; no patient's numbers among them."""

    def tallied(self) -> tuple[str, ...]:
        """Ids of units counted in a tally that was not signed."""

    def come_back(self) -> None:
        """The same person goes on after a lock: identity has to be scanned again."""


class LockingShell(Shell):
    """The shell with a session that ends by itself when nobody touches the keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+k", "lock", "Lock", show=False, priority=True, id="lock")
    ]

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(header=session.header)
        self.session = session
        self.touched = time.monotonic()

    def on_mount(self) -> None:
        self.set_interval(LOOK_EVERY, self._look)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, (events.Key, events.Paste, events.MouseDown)):
            self.touched = time.monotonic()
        await super().on_event(event)

    async def _look(self) -> None:
        if time.monotonic() - self.touched >= self.session.idle.total_seconds():
            await self.action_lock()

    async def action_lock(self) -> None:
        """Lock now; nothing to do where nobody is signed in."""
        if not self.session.is_open or any(isinstance(one, LockScreen) for one in self.screen_stack):
            return
        front: object = self.screen
        if isinstance(front, SignScreen):
            # A half-signed statement is nothing: it is shown again when somebody comes back.
            front.action_discard()
        self.push_screen(LockScreen(self.session, self._leave(), self.come_back))

    def _leave(self) -> LeftBehind:
        holding = [one for one in self.screen_stack if isinstance(one, HoldsUnsigned)]
        unsigned = tuple(line for one in holding for line in one.unsigned())
        tallied = tuple(unit for one in holding for unit in one.tallied())
        self.session.end(unsigned, tallied)
        left = self.session.left
        if left is None:
            raise RuntimeError("Nobody was signed in.")
        return left

    def come_back(self) -> None:
        """After an unlock by the same person."""
        for one in self.screen_stack:
            if isinstance(one, HoldsUnsigned):
                one.come_back()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The lock is reached from everywhere."""
        if self.session.is_open:
            yield SystemCommand(
                tr("Lock this terminal"),
                tr("Forget your key; work and clocks stay on the screen. Ctrl+K"),
                self.action_lock,
            )
        yield from super().get_system_commands(screen)
