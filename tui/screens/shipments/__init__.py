"""My shipments: what a courier holds and fetches, the next stop, and every way a handoff can end."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Static

from schema.errors import CartrailError
from tracker.rules.situation import Found
from tracker.views.models import Leg, Shipment
from tui.answers import check, ok, shown_read, stop_for
from tui.bigtext import KeyFacts
from tui.commands import Command, Label, Refresh, WhatIsThis
from tui.framing import Scan, printed_code
from tui.language import tr
from tui.looking import Subject, by_id, look
from tui.screens.acting import ActingScreen
from tui.screens.handoff import HandoffScreen
from tui.screens.handoff.courier import (
    attempt_screen,
    divert_screen,
    empty_screen,
    own_carrier,
    refuse_screen,
)
from tui.screens.label import LabelScreen
from tui.screens.shipments.text import detail_text, hold_left, leg_word, list_text, summary_text
from tui.screens.slip import SlipScreen
from tui.screens.what import WhatScreen
from tui.session import Session
from tui.workers import in_thread


class HandOver(Command):
    """Pick up or deliver the box: box, seal, ALL-IN-ORDER, PIN, and the other one's badge and password."""

    key = "f4"
    footer = "Handoff"
    palette = "Pick up or deliver the box"


class Attempted(Command):
    """Nobody took it at the door: who was called and why; the box stays with the carrier."""

    key = "f6"
    footer = "Attempt"
    palette = "Record an attempted delivery"


class Divert(Command):
    """Send the box to another site than planned; somebody entitled decides and signs."""

    key = "f7"
    footer = "Divert"
    palette = "Send the box to another site"


class Empty(Command):
    """An empty box: two people look inside, the courier takes it away, its home takes it back."""

    key = "f11"
    footer = "Empty"
    palette = "Look into, collect or return an empty box"


class Slip(Command):
    """Show the slip of the last handoff on the screen, its codes to be scanned off it; F8 prints it."""

    key = "f12"
    footer = "Slip"
    palette = "Show the handoff slip"


_BY_COMMAND: Final = {"ATTEMPTED": Attempted, "ALL-IN-ORDER": HandOver, "DONE": HandOver}
"""What command codes open for the box that was scanned, for gloved hands."""

LINES_MIN: Final = 4


class ShipmentsScreen(ActingScreen):
    """The list, what is due first above; a scan of a box or a number chooses one."""

    own_commands: ClassVar[tuple[type[Command], ...]] = (HandOver, Attempted, Divert, Empty, Slip)
    about = tr(
        "Boxes by urgency. Scan a box, or type its number and Enter; then F4 hands it over. After a scan, "
        "ALL-IN-ORDER opens the handoff, NOT-IN-ORDER the refusal, ATTEMPTED the attempted delivery, CANCEL "
        "puts it away. Whoever is not signed in here signs with badge and password. PgUp and PgDn turn pages."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "turn(-1)", show=False),
        Binding("pagedown", "turn(1)", show=False),
    ]
    DEFAULT_CSS = """
    ShipmentsScreen #summary { height: 2; padding: 0 1; background: $panel; }
    ShipmentsScreen #lines { height: 1fr; padding: 0 1; }
    ShipmentsScreen #detail { height: auto; max-height: 10; padding: 0 1; background: $surface; }
    ShipmentsScreen Static { text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.carrier = own_carrier(session)
        self.found: tuple[Shipment, ...] = ()
        self.subject: Subject | None = None
        self.top = 0

    def body(self) -> ComposeResult:
        """Whose list and which stop, the list, the box chosen."""
        yield Static(id="summary", markup=False)
        yield Static(id="lines", markup=False)
        yield Static(id="detail", markup=False)

    def on_screen_resume(self) -> None:
        if not self.session.is_open:
            self.sign_out(check(tr("The session is over."), tr("Sign in again.")))
        else:
            self.do(self._read())

    def on_resize(self) -> None:
        self.call_after_refresh(self.refresh_list)

    @property
    def chosen(self) -> Shipment | None:
        """The box on the list that was scanned or chosen."""
        box = self.subject.object_id if self.subject is not None else None
        return next((one for one in self.found if one.box == box), None)

    async def _read(self) -> None:
        before = self.subject
        self.found = await in_thread(
            lambda: self.session.tracker.read.shipments(carrier=self.carrier, site=self.session.station.site)
        )
        if before is not None:
            self.subject = await in_thread(lambda: look(self.session, before.scan))
        self.refresh_list()

    def refresh_list(self) -> None:
        """Show what was read, as much as fits."""
        if not self.is_attached:
            return
        now, chosen = self.session.tracker.clock.now(), self.chosen
        detail = "" if chosen is None else detail_text(chosen, now, self.session.zone)
        self.query_one("#summary", Static).update(
            summary_text(self.found, self._whose(), now, drives=self.carrier is not None)
        )
        self.query_one("#detail", Static).update(detail)
        self.query_one("#detail").display = chosen is not None
        self.top = max(min(self.top, len(self.found) - 1), 0)
        box = chosen.box if chosen is not None else None
        lines = list_text(
            self.found, now, chosen=box, top=self.top, height=self.rows, width=self.app.size.width
        )
        self.query_one("#lines", Static).update(lines)
        self.show_keys()

    @property
    def rows(self) -> int:
        """How many lines of the list fit."""
        return max(self.query_one("#lines").size.height, LINES_MIN)

    def _whose(self) -> str:
        site = self.session.registry.site(self.carrier or self.session.station.site)
        return f"{site.title} ({site.code})" if site is not None else ""

    def action_turn(self, pages: int) -> None:
        """A page on or back."""
        last = max(len(self.found) - 1, 0)
        self.top = max(min(self.top + pages * self.rows, last - last % self.rows), 0)
        self.refresh_list()

    async def take_scan(self, scan: Scan) -> None:
        """A box, the number of a line, or a command about the box chosen."""
        if not self.accepts(scan):
            return
        text, code = scan.text.strip(), printed_code(scan.text)
        if code is not None and code.command is not None:
            await self._command(code.command)
        elif text.isdecimal() and len(text) <= 3:
            await self._choose(int(text))
        else:
            await self._see(await in_thread(lambda: look(self.session, scan)))

    async def _see(self, subject: Subject) -> None:
        if subject.found is not Found.BOX:
            self.show(check(tr("That is no box."), tr("Scan a box; F2 explains any code.")))
            return
        self.subject = subject
        await self._read()
        one = self.chosen
        if one is None:
            self.show(
                check(tr("This box is not on the list."), tr("F11 is about an empty one; F5 reads again."))
            )
        else:
            self.show(ok(tr("{what} {box}.", what=leg_word(one.leg), box=one.title), self._advice(one)))

    async def _choose(self, number: int) -> None:
        if not 1 <= number <= len(self.found):
            self.show(
                check(tr("There is no line {number}.", number=number), tr("Type a number of the list."))
            )
            return
        box = self.found[number - 1].box
        await self._see(await in_thread(lambda: look(self.session, by_id(box))))

    def _advice(self, one: Shipment) -> str:
        if one.leg in (Leg.EMPTY_FETCH, Leg.EMPTY_CARRIED):
            return tr("F11 goes on with the empty box.")
        return tr("F4 or ALL-IN-ORDER hands it over; ATTEMPTED: nobody there.")

    async def _command(self, name: str) -> None:
        command = _BY_COMMAND.get(name)
        if name == "CANCEL":
            self.cancel()
        elif name == "NOT-IN-ORDER" and self.subject is not None and self.subject.handoff is not None:
            self._open(refuse_screen)
        elif command is None or self.subject is None:
            self.show(
                check(
                    tr("{name}: no box is chosen that it could be about.", name=name),
                    tr("Scan the box first."),
                )
            )
        else:
            await self.action_command(command.name())

    def why_not(self, command: type[Command]) -> str | None:
        """Everything but reading needs a box."""
        if command in (WhatIsThis, Refresh):
            return None
        if command in (Label, *self.own_commands):
            if self.subject is None:
                return tr("Choose a box first: scan it, or type its number.")
            is_empty = not self.subject.held
            if command is Empty:
                return None if is_empty else tr("By the record it is not empty.")
            return tr("By the record it is empty.") if is_empty and command is not Label else None
        return super().why_not(command)

    async def perform(self, command: type[Command]) -> None:
        """Open the screen of the task."""
        if command is WhatIsThis:
            self.app.push_screen(WhatScreen(self.session))
        elif command is Refresh:
            self.do(self._read())
        elif self.subject is None:
            await super().perform(command)
        elif command is HandOver:
            self._open(HandoffScreen)
        elif command is Attempted:
            self._open(attempt_screen)
        elif command is Divert:
            self._open(divert_screen)
        elif command is Empty:
            self._open(empty_screen)
        elif command is Slip:
            self._open(SlipScreen)
        elif command is Label:
            self._open(LabelScreen)
        else:
            await super().perform(command)

    def _open(self, make: Callable[[Session, Subject], Screen[None]]) -> None:
        if self.subject is not None:
            self.app.push_screen(make(self.session, self.subject))

    def scan_failed(self, scan: Scan, error: CartrailError) -> None:
        """A misread code is no reason to put the chosen box away."""
        self.stop(stop_for(error, expected=tr("a box"), read=shown_read(scan)))

    def key_facts(self) -> KeyFacts:
        """The stop, the box and its hold time."""
        one = self.chosen or next(iter(self.found), None)
        if one is None:
            return super().key_facts()
        now = self.session.tracker.clock.now()
        return KeyFacts(leg_word(one.leg), one.stop.site, one.box, hold_left(one, now))

    def cancel(self) -> None:
        """Put the chosen box away."""
        self.subject = None
        self.refresh_list()
        self.show(ok(tr("No box is chosen; nothing was recorded.")))
