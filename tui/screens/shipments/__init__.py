"""My shipments: what a courier holds and fetches, the next stop, and every way a handoff can end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from schema.errors import CartrailError, StoreError
from tracker.values import Found, Leg, Shipment
from tui.answers import check, ok, shown_read, stop_for
from tui.bigtext import KeyFacts
from tui.commands import Command, Discard, Help, PrintLabel, ShowReadings
from tui.framing import RawScan, printed_code
from tui.language import tr
from tui.looking import ScannedThing, by_id, look
from tui.screens.condition import ConditionScreen
from tui.screens.handoff import HandoffScreen
from tui.screens.handoff.courier import (
    Attempted,
    attempt_screen,
    divert_screen,
    empty_screen,
    heard_screen,
    own_carrier,
)
from tui.screens.shipments.text import (
    counts_text,
    detail_table,
    hold_left,
    how_table,
    is_refused,
    leg_word,
    line_of,
    state_of,
    title_of,
)
from tui.screens.slip import SlipScreen
from tui.screens.what import ExplainingScreen
from tui.session import TerminalSession
from tui.widgets.big_word import BigWord
from tui.widgets.pane import name_pane
from tui.widgets.scan_cell import is_in_dots
from tui.widgets.window import Window
from tui.workers import in_thread


class HandOver(Command):
    """Pick up or deliver the box: box, seal, ALL-IN-ORDER, PIN, and the other one's badge and password."""

    key = "f4"
    footer = "Hand over"
    palette = "Pick up or deliver the box"


class SendElsewhere(Command):
    """Send the box to another site than planned; somebody entitled decides and signs."""

    key = "f7"
    footer = "Another way"
    palette = "Send the box to another site"


class Heard(Command):
    """Say what is heard of the box on its way: departed, arrived, delayed, lost, and when it is expected."""

    key = "ctrl+a"
    footer = "Heard"
    palette = "Say what is heard of the box on its way"


class Empty(Command):
    """An empty box: two people look inside, the courier takes it away, its home takes it back."""

    key = "f11"
    footer = "Empty"
    palette = "Look into, collect or return an empty box"


class ShipmentsScreen(ExplainingScreen):
    """The list, what is due first above; a scan of a box or a number chooses one."""

    own_commands: ClassVar[tuple[type[Command], ...]] = (
        *(HandOver, Attempted, SendElsewhere, Empty, ShowReadings, Heard),
    )
    about = tr(
        "Boxes by urgency. Scan a box, or type its number and Enter; then F4 hands it over. After a scan, "
        "ALL-IN-ORDER opens the handoff, NOT-IN-ORDER asks what is wrong, ATTEMPTED: nobody is there, CANCEL "
        "puts it away. Whoever is not signed in here signs with badge and password. Arrows and Enter choose."
    )
    codes: ClassVar[Mapping[str, type[Command]]] = {
        "CANCEL": Discard,
        "ATTEMPTED": Attempted,
        "ALL-IN-ORDER": HandOver,
        "DONE": HandOver,
    }
    has_room_for_band = False
    DEFAULT_CSS = """
    ShipmentsScreen {
        & #left, & #beside { width: 1fr; height: 1fr; }
        & #stop { height: auto; max-height: 14; }
        & #stop > Static { height: auto; }
        & #list { height: 1fr; min-height: 4; scrollbar-size: 1 1; }
        & #beside { display: none; max-width: 38; }
        & #beside > Static { height: 1fr; }
        &.-wide #beside, &.-very-wide #beside { display: block; }
        &.-band.-narrow #stop BigWord { display: none; }
    }
    """

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(session)
        self.carrier = own_carrier(session)
        self.found: tuple[Shipment, ...] = ()
        self.subject: ScannedThing | None = None
        self._read_at: datetime | None = None
        """When the list was last read; None before it was."""

    def body(self) -> ComposeResult:
        """The next stop or the box chosen, the list below it; in a wide window how it is done."""
        with Horizontal():
            with Vertical(id="left"):
                with Window(id="stop", classes="pane -next"):
                    yield BigWord(name="site")
                    yield Static(id="detail", markup=False)
                yield OptionList(id="list", classes="pane", markup=False)
            with Vertical(id="beside"):
                yield Static(id="how", classes="pane", markup=False)

    def on_mount(self) -> None:
        name_pane(self.query_one("#list"), self._whose(), tr("reading ..."))
        name_pane(self.query_one("#how"), tr("How it is done"))

    def on_screen_resume(self) -> None:
        if not self.session.is_open:
            self.sign_out(check(tr("The session is over."), tr("Sign in again.")))
        else:
            self.query_one("#list", OptionList).focus()
            self.do(self._read())

    def on_resize(self) -> None:
        self.call_after_refresh(self.refresh_list)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.do(self._choose(event.option_index + 1))

    @property
    def chosen(self) -> Shipment | None:
        """The box on the list that was scanned or chosen."""
        box = self.subject.object_id if self.subject is not None else None
        of_box = [one for one in self.found if box is not None and one.box == box]
        return next(iter(sorted(of_box, key=lambda one: one.leg is Leg.BOOKED)), None)

    async def _read(self) -> None:
        before = self.subject
        try:
            self.found = await in_thread(self._shipments)
            if before is not None:
                self.subject = await in_thread(lambda: look(self.session, before.scan))
        except StoreError as error:
            self.as_of = self._read_at
            self.show(check(error.message, error.remedy, about_store=True))
        else:
            self.as_of, self._read_at = None, self.session.now()
            self.answers.store_is_back()
        self.refresh_list()

    def _shipments(self) -> tuple[Shipment, ...]:
        reader, site = self.session.tracker.read, self.session.station.site
        return reader.shipments(carrier=self.carrier, site=site)

    def refresh_list(self) -> None:
        """Show what was read, and since when it is so where the store does not answer."""
        if not self.is_attached:
            return
        now, one = self.session.tracker.clock.now(), self.chosen or next(iter(self.found), None)
        stop, word = self.query_one("#stop"), self.query_one(BigWord)
        is_chosen = self.chosen is not None
        stop.display = one is not None
        if one is not None:
            drives = self.carrier is not None
            title = title_of(one, self.found, drives=drives, is_chosen=is_chosen)
            name_pane(stop, title)
            stop.set_class(self.as_of is not None, "-look")
            word.in_dots = is_in_dots(self.app)
            word.say(one.stop.site)
            self.query_one("#detail", Static).update(detail_table(one, now, self.session.zone))
            self.query_one("#how", Static).update(how_table(one))
        self._show_list(now)
        self.show_header()
        self.show_keys()

    def _show_list(self, now: datetime) -> None:
        listed = self.query_one("#list", OptionList)
        at = listed.highlighted
        cells = max((cell_len(one.stop.site) for one in self.found), default=0)
        listed.clear_options()
        listed.add_options(
            line_of(one, number, now, self.session.zone, site_cells=cells)
            for number, one in enumerate(self.found, start=1)
        )
        if not self.found:
            nothing = tr("Nothing is on its way. F5 reads again; F2 says what a box is.")
            listed.add_option(Option(nothing, disabled=True))
        chosen = next((index for index, one in enumerate(self.found) if one is self.chosen), at)
        listed.highlighted = None if chosen is None else min(chosen, len(self.found) - 1)
        name_pane(listed, self._whose(), f"{counts_text(self.found)}   {tr('least time left first')}")

    def _whose(self) -> str:
        site = self.session.registry.site(self.carrier or self.session.station.site)
        return tr("Shipments of {who}", who=f"{site.title} ({site.code})") if site is not None else ""

    def prompt(self) -> str:
        """A box, or a line."""
        return tr("Scan a box, or type its number")

    def likeliest(self) -> tuple[type[Command], ...]:
        """The ends of a handoff, the slip, and back."""
        return (*(HandOver, Attempted, SendElsewhere, Empty, PrintLabel, Heard, Discard, Help, ShowReadings),)

    async def take_scan(self, scan: RawScan) -> None:
        """A box, the number of a line, or a command about the box chosen."""
        if not self.accepts(scan):
            return
        text, code = scan.text.strip(), printed_code(scan.text)
        if code is not None and code.command is not None:
            await self.take_code(code.command)
        elif text.isdecimal() and len(text) <= 3:
            await self._choose(int(text))
        else:
            await self._see(await in_thread(lambda: look(self.session, scan)))

    async def _see(self, subject: ScannedThing) -> None:
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
            line, advice = tr("{what} {box}.", what=state_of(one)[1], box=one.title), self._advice(one)
            self.show(check(line, advice) if is_refused(one) else ok(line, advice))

    async def _choose(self, number: int) -> None:
        if not 1 <= number <= len(self.found):
            self.show(
                check(tr("There is no line {number}.", number=number), tr("Type a number of the list."))
            )
            return
        one = self.found[number - 1]
        if not one.box:
            self.show(check(tr("It is booked, and nobody has packed it yet."), self._advice(one)))
            return
        await self._see(await in_thread(lambda: look(self.session, by_id(one.box))))

    def _advice(self, one: Shipment) -> str:
        if one.leg is Leg.BOOKED:
            return tr("It can be handed over when it is packed; call the site if it is late.")
        if one.leg in (Leg.EMPTY_FETCH, Leg.EMPTY_CARRIED):
            return tr("F11 goes on with the empty box.")
        if is_refused(one):
            return tr("Call quality: F7 sends it elsewhere. F4 or ALL-IN-ORDER hands it over after all.")
        return tr("F4 or ALL-IN-ORDER hands it over; ATTEMPTED: nobody there.")

    async def take_code(self, name: str) -> None:
        """NOT-IN-ORDER opens the handoff with what is wrong, CANCEL puts the chosen box away."""
        if name == "NOT-IN-ORDER" and self.subject is not None and self.subject.held:
            self._open(partial(HandoffScreen, wrong=True))
        elif name != "CANCEL" and self.subject is None:
            self.code_refused(name)
        else:
            await super().take_code(name)

    def code_refused(self, name: str) -> None:
        """Every command is about a box."""
        self.show(
            check(
                tr("{name}: no box is chosen that it could be about.", name=name), tr("Scan the box first.")
            )
        )

    def why_not(self, action: str, *parameters: object) -> str | None:
        """Everything but reading needs a box, and what is in it decides the rest."""
        is_about_box = action in {PrintLabel.action(), *(command.action() for command in self.own_commands)}
        if is_about_box and self.subject is None:
            return tr("Choose a box first: scan it, or type its number.")
        return super().why_not(action, *parameters)

    def _why_not_full(self) -> str | None:
        return (
            tr("By the record it is empty.") if self.subject is not None and not self.subject.held else None
        )

    why_not_heard = why_not_hand_over = why_not_attempted = why_not_send_elsewhere = why_not_print_label = (
        why_not_show_readings
    ) = _why_not_full

    def why_not_empty(self) -> str | None:
        """What is done with an empty box takes an empty one."""
        is_empty = self.subject is not None and not self.subject.held
        return None if is_empty else tr("By the record it is not empty.")

    def action_refresh(self) -> None:
        """Read the list again."""
        self.do(self._read())

    def action_hand_over(self) -> None:
        """Pick the box up, or deliver it."""
        self._open(HandoffScreen)

    def action_attempted(self) -> None:
        """Record that nobody took it."""
        self._open(attempt_screen)

    def action_send_elsewhere(self) -> None:
        """Send it elsewhere."""
        self._open(divert_screen)

    def action_heard(self) -> None:
        """Say what was heard of it."""
        self._open(heard_screen)

    def action_show_readings(self) -> None:
        """What loggers recorded beside the cells in it, of every therapy inside."""
        one = self.chosen
        if one is not None and one.therapies:
            self.app.push_screen(ConditionScreen(self.session, *one.therapies, box=one.box))

    def action_empty(self) -> None:
        """Take the next step of an empty box."""
        self._open(empty_screen)

    def action_print_label(self) -> None:
        """Show the slip of its last handoff; F8 there prints it, and the labels of the box."""
        self._open(SlipScreen)

    def label_of(self, command: type[Command]) -> str:
        """What is printed here is the slip."""
        return tr("Slip") if command is PrintLabel else super().label_of(command)

    def _open(self, make: Callable[[TerminalSession, ScannedThing], Screen[None]]) -> None:
        if self.subject is not None:
            self.app.push_screen(make(self.session, self.subject))

    def scan_failed(self, scan: RawScan, error: CartrailError) -> None:
        """A misread code is no reason to put the chosen box away."""
        self.stop(stop_for(error, expected=tr("a box"), read=shown_read(scan)))

    def key_facts(self) -> KeyFacts:
        """The stop, the box and its hold time."""
        one = self.chosen or next(iter(self.found), None)
        if one is None:
            return super().key_facts()
        now = self.session.tracker.clock.now()
        return KeyFacts(leg_word(one.leg), one.stop.site, one.box, hold_left(one, now))

    def action_discard(self) -> None:
        """Put the chosen box away; with none, leave."""
        if self.subject is None:
            super().action_discard()
            return
        self.subject = None
        self.refresh_list()
        self.show(ok(tr("No box is chosen; nothing was recorded.")))
