"""A product that is prepared: the patient, the paper, the dose, its own clock and each container."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tracker.values import PreparedProduct
from tui.answers import check, ok
from tui.commands import Command, Deviation, Discard, Refresh, Sign
from tui.framing import RawScan
from tui.language import tr
from tui.looking import by_id, look
from tui.screens.one_therapy import OneTherapyScreen
from tui.screens.prepare.text import clock_text, clock_title, facts_of, next_words, title_of, unit_lines
from tui.session import TerminalSession
from tui.shown_codes import grouped
from tui.widgets.lines import CLOCK_EVERY
from tui.widgets.pane import facts_grid, name_pane
from tui.widgets.window import Window
from tui.workers import in_thread, start

_PADDED = 2
"""Columns that the list keeps for its scroll bar and its own edge."""


class PrepareScreen(OneTherapyScreen):
    """One therapy; the clock goes on by itself, everything else as it was read."""

    about = tr(
        "The product of one therapy as it is prepared: whether the patient is ready, what was confirmed, the "
        "certificate, the dose that was set and what the containers hold, the product's own clock, and each "
        "container with what comes next. Up and Down choose a container, F10 takes its next step, F5 reads "
        "again."
    )
    own_commands: ClassVar[tuple[type[Command], ...]] = ()
    is_misread_grave = False
    has_room_for_band = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("enter", "sign", show=False),
    ]
    DEFAULT_CSS = """
    PrepareScreen {
        & #facts { height: auto; }
        & #limit { height: auto; }
        & #known, & #runs { height: auto; }
        & #units { height: 1fr; min-height: 4; text-wrap: nowrap; scrollbar-size-vertical: 1; }
        &.-none #limit, &.-none #units { display: none; }
        &.-band.-narrow #facts { display: none; }
    }
    """

    @dataclass
    class Loaded(Message):
        """The product has been read; None where its protocol is not here."""

        view: PreparedProduct | None

    def __init__(self, session: TerminalSession, coi: str) -> None:
        super().__init__(session, coi)
        self.view: PreparedProduct | None = None
        self._chosen = 0

    def body(self) -> ComposeResult:
        """What has to stand; below it the clock; below that each container."""
        with Vertical():
            with Window(id="facts", classes="pane"):
                yield Static(id="known", markup=False)
            with Window(id="limit", classes="pane"):
                yield Static(id="runs", markup=False)
            units = OptionList(id="units", classes="pane", markup=False)
            units.can_focus = False
            yield units

    def on_mount(self) -> None:
        self.set_class(True, "-none")
        self.set_interval(CLOCK_EVERY, self._draw_clock)
        if self.coi:
            name_pane(self.query_one("#facts"), grouped(self.coi), tr("reading ..."))
            self.read()
        else:
            name_pane(self.query_one("#facts"), tr("Prepare a product"))
            said = tr("Scan the container, its cassette or the COI card.")
            self.query_one("#known", Static).update(said)

    def on_screen_resume(self) -> None:
        if self.view is not None:
            self.read()

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    def prompt(self) -> str:
        """A container is chosen by its code."""
        return tr("Scan a container, or another therapy")

    def likeliest(self) -> tuple[type[Command], ...]:
        """The next step, what went wrong, and reading again."""
        return (Sign, Deviation, Refresh, Discard)

    def label_of(self, command: type[Command]) -> str:
        """What F10 does here is the next step of a container."""
        return tr("Next step") if command is Sign else super().label_of(command)

    def read(self) -> None:
        """Read it again; what stands there stays until then."""
        coi, tracker = self.coi, self.session.tracker
        if not coi:
            return
        staff, station = self.session.staff, self.session.station.id

        def found() -> PrepareScreen.Loaded:
            tracker.audit.note_opened(coi, staff=staff, station=station)
            return PrepareScreen.Loaded(tracker.read.preparation(coi=coi))

        start(self, found, job="prepare", done=lambda loaded: loaded)

    def on_prepare_screen_loaded(self, message: Loaded) -> None:
        """Show it."""
        self.view = message.view
        self._draw()
        self.show_keys()
        self.answers.store_is_back()

    def _draw(self) -> None:
        view = self.view
        if not self.is_attached or view is None:
            return
        self.set_class(not view.units, "-none")
        facts, units = self.query_one("#facts"), self.query_one("#units", OptionList)
        name_pane(facts, title_of(view), view.product)
        self.query_one("#known", Static).update(facts_grid(facts_of(view, self.session.local)))
        facts.set_class(bool(view.ready.missing) or view.paper is None, "-look")
        facts.set_class(view.is_out_of_specification or bool(view.recalled), "-bad")
        self._draw_clock()
        count = len(view.units)
        width = (units.content_size.width or self.app.size.width) - _PADDED
        units.clear_options()
        units.add_options(Option(one) for one in unit_lines(view, width))
        self._chosen = min(self._chosen, max(count - 1, 0))
        units.highlighted = self._chosen if count else None
        self._name_units()

    def _name_units(self) -> None:
        """How many there are, and in full what comes next for the chosen one."""
        view = self.view
        if view is None:
            return
        count = len(view.units)
        said = tr("1 container") if count == 1 else tr("{count} containers", count=count)
        name_pane(self.query_one("#units"), said, next_words(view.units[self._chosen]) if count else "")

    def _draw_clock(self) -> None:
        view = self.view
        if view is None or not self.is_attached:
            return
        pane, now = self.query_one("#limit"), self.session.now()
        late = view.clock is not None and view.clock.due_at < now
        pane.set_class(late, "-bad")
        pane.set_class(view.clock is not None and not late, "-next")
        name_pane(pane, clock_title(view, self.session.local))
        width = pane.content_size.width or self.app.size.width
        self.query_one("#runs", Static).update(clock_text(view, now, self.session.local, width))

    def action_move(self, by: int) -> None:
        """The container above, or below."""
        count = 0 if self.view is None else len(self.view.units)
        self._chosen = min(max(self._chosen + by, 0), max(count - 1, 0))
        if count:
            self.query_one("#units", OptionList).highlighted = self._chosen
            self._name_units()
        self.show_keys()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A container that was clicked is chosen."""
        self.action_move(event.option_index - self._chosen)

    async def take_scan(self, scan: RawScan) -> None:
        """A container of this therapy is chosen; any code of another therapy shows that."""
        subject = await in_thread(lambda: look(self.session, scan))
        view, unit = self.view, subject.unit
        if subject.therapy is None:
            self.show(check(tr("This code belongs to no therapy."), self.prompt()))
        elif subject.therapy.coi != self.coi:
            self._coi, self.view, self._chosen = subject.therapy.coi, None, 0
            self.read()
            self.show(ok(tr("Therapy {coi}.", coi=grouped(self.coi))))
        elif view is not None and unit is not None:
            places = [at for at, one in enumerate(view.units) if one.unit.unit == unit.unit]
            if places:
                self.action_move(places[0] - self._chosen)
                self.show(ok(tr("Container {number}.", number=places[0] + 1), tr("F10: its next step.")))
            else:
                self.show(check(tr("This container is not given to the patient."), self.prompt()))

    def why_not_sign(self) -> str | None:
        """Somebody signed in, and something that comes next for the container."""
        if not self.session.is_open:
            return tr("Sign in first.")
        if self.view is None or not self.view.units:
            return tr("There is nothing to prepare.")
        chosen = self.view.units[self._chosen]
        return None if chosen.next_step is not None else tr("Nothing comes next for this container.")

    def action_sign(self) -> None:
        """Take the next step of the chosen container."""
        if self.why_not_sign() is None:
            self.do(self._begin())

    async def _begin(self) -> None:
        view = self.view
        if view is None:
            return
        chosen = view.units[self._chosen]
        subject = await in_thread(lambda: look(self.session, by_id(chosen.unit.unit)))
        wanted = None if chosen.next_step is None else chosen.next_step[0]
        offer = subject.numbered(wanted) if wanted is not None else None
        await self.open_step(offer, subject)

    def action_discard(self) -> None:
        """Back to where it was opened."""
        self.close_with(ok(tr("Back from the preparation.")))
