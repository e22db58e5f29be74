"""The release of one manufacture: all that must hold, each with what it rests on; F10 releases by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from schema.events.processing import Released, ReleasedOutOfSpecification
from tracker.values import ReleaseView, TrailEntry
from tui.answers import ShownAnswer, Verdict, check, ok
from tui.commands import Command, Deviation, Discard, PrintLabel, Refresh, Sign
from tui.framing import RawScan
from tui.language import tr
from tui.looking import Offer, by_id, look
from tui.screens.one_therapy import OneTherapyScreen
from tui.screens.release.text import (
    evidence_text,
    evidence_title,
    is_released,
    must_lines,
    subtitle_of,
    title_of,
    verdict_text,
    verdict_title,
)
from tui.screens.step import StepScreen
from tui.session import TerminalSession
from tui.shown_codes import grouped
from tui.widgets.pane import name_pane
from tui.widgets.window import Window
from tui.workers import in_thread, start

_PADDED: Final = 2
"""Columns that the list keeps for its scroll bar and its own edge."""


class ShowEvidence(Command):
    """See the entries that the chosen line rests on; again to come back to all lines."""

    key = "f4"
    footer = "Evidence"
    palette = "Show the evidence of the line"


class OutOfSpecification(Command):
    """Release although tests failed, at the physician's request, by its own two signatures."""

    key = "f7"
    footer = "Out of spec"
    palette = "Release out of specification"


class ReleaseScreen(OneTherapyScreen):
    """One manufacture at a time; nothing is signed by a screen that is older than the record."""

    about = tr(
        "Everything that the protocol asks of a release, as the record stands now: whether it holds, what "
        "was found, and the entries it rests on. Up and Down choose a line, F4 shows its evidence; Left and "
        "Right show another manufacture. F10 asks for the label of each container and then shows for "
        "signing what stands here. Unknown counts as not met."
    )
    own_commands: ClassVar[tuple[type[Command], ...]] = (
        ShowEvidence,
        OutOfSpecification,
    )
    is_misread_grave = False
    has_room_for_band = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("left", "turn_attempt(-1)", show=False),
        Binding("right", "turn_attempt(1)", show=False),
        Binding("enter", "show_evidence", show=False),
    ]
    DEFAULT_CSS = """
    ReleaseScreen {
        & #lines { height: 1fr; }
        & #must { height: auto; max-height: 100%; text-wrap: nowrap; scrollbar-size-vertical: 1; }
        & #verdict { height: 1fr; min-height: 4; }
        & #said { height: auto; }
        & #evidence { display: none; width: 1fr; height: 100%; }
        & #entries { height: auto; }
        & #left { width: 3fr; }
        &.-wide #evidence, &.-very-wide #evidence { display: block; width: 2fr; }
        &.-narrow.-evidence #evidence { display: block; }
        &.-narrow.-evidence #left { display: none; }
        &.-none #must, &.-none #evidence { display: none; }
        &.-band.-narrow #must { display: none; }
    }
    """

    @dataclass
    class Loaded(Message):
        """What must hold has been worked out, with the entries that it rests on."""

        views: tuple[ReleaseView, ...]
        entries: tuple[TrailEntry, ...]

    @dataclass
    class Written(Message):
        """The certificate stands in this file; the code is on it."""

        path: Path
        code: str

    def __init__(self, session: TerminalSession, coi: str, unit: str = "") -> None:
        super().__init__(session, coi)
        self._unit = unit
        """Whose manufacture is shown first; empty for the newest."""

        self._loaded: ReleaseScreen.Loaded | None = None
        self._place = 0
        self._chosen = 0

    def body(self) -> ComposeResult:
        """What must hold; below it what does not; beside or instead of both the evidence of a line."""
        with Horizontal():
            with Vertical(id="left"):
                must = OptionList(id="must", classes="pane", markup=False)
                must.can_focus = False
                yield must
                with Window(id="verdict", classes="pane"):
                    yield Static(id="said", markup=False)
            with Window(id="evidence", classes="pane"):
                yield Static(id="entries", markup=False)

    def on_mount(self) -> None:
        name_pane(self.query_one("#must"), grouped(self.coi), tr("reading ..."))
        name_pane(self.query_one("#verdict"), "")
        self.set_class(True, "-none")
        self.read()

    def on_screen_resume(self) -> None:
        if self._loaded is not None:
            self.read()

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    def prompt(self) -> str:
        """A container of it begins the release."""
        return tr("Scan a container to release, or another therapy")

    def likeliest(self) -> tuple[type[Command], ...]:
        """To sign, to look closer, and what is done instead."""
        return (Sign, ShowEvidence, PrintLabel, OutOfSpecification, Deviation, Refresh, Discard)

    def label_of(self, command: type[Command]) -> str:
        """What is printed here is the certificate."""
        return tr("Certificate") if command is PrintLabel else super().label_of(command)

    @property
    def view(self) -> ReleaseView | None:
        """The manufacture on the screen."""
        views = () if self._loaded is None else self._loaded.views
        return views[self._place] if views else None

    def read(self) -> None:
        """Work it out again; what stands there stays until then."""
        coi, tracker = self.coi, self.session.tracker
        staff, station = self.session.staff, self.session.station.id

        def found() -> ReleaseScreen.Loaded:
            tracker.audit.note_opened(coi, staff=staff, station=station)
            return _loaded(self.session, coi)

        start(self, found, job="release", done=lambda loaded: loaded)

    def on_release_screen_loaded(self, message: Loaded) -> None:
        """Show it, the manufacture of what was scanned first."""
        if self._loaded is None:
            of_unit = [
                at for at, one in enumerate(message.views) if self._unit in {unit.unit for unit in one.units}
            ]
            self._place = next(iter(of_unit), len(message.views) - 1)
        self._take(message)
        self.answers.store_is_back()

    def _take(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._place = max(min(self._place, len(loaded.views) - 1), 0)
        self._draw()
        self.show_keys()

    def _draw(self) -> None:
        view, loaded, must = self.view, self._loaded, self.query_one("#must", OptionList)
        if loaded is None or not self.is_attached:
            return
        self.set_class(view is None, "-none")
        verdict = self.query_one("#verdict")
        if view is None:
            name_pane(verdict, grouped(self.coi))
            said = tr("Nothing of it was manufactured yet, or everything has come to its end.")
            self.query_one("#said", Static).update(said)
            return
        self._chosen = min(self._chosen, len(view.lines) - 1)
        name_pane(must, title_of(view, len(loaded.views)), subtitle_of(view, self.session.local))
        width = (must.content_size.width or self.app.size.width) - _PADDED
        must.clear_options()
        must.add_options(Option(one) for one in must_lines(view, width))
        must.highlighted = self._chosen
        holds = view.is_possible or is_released(view)
        verdict.set_class(not holds, "-bad")
        verdict.set_class(holds and not is_released(view), "-next")
        name_pane(verdict, verdict_title(view))
        self.query_one("#said", Static).update(verdict_text(view, verdict.content_size.width or width))
        self._draw_evidence(view, loaded)

    def _draw_evidence(self, view: ReleaseView, loaded: Loaded) -> None:
        name_pane(self.query_one("#evidence"), evidence_title(view, self._chosen))
        found = evidence_text(view, self._chosen, loaded.entries, self.session.now(), self.session.local)
        self.query_one("#entries", Static).update(found)

    def action_move(self, by: int) -> None:
        """The line above, or below."""
        view, loaded = self.view, self._loaded
        if view is None or loaded is None:
            return
        self._chosen = min(max(self._chosen + by, 0), len(view.lines) - 1)
        self.query_one("#must", OptionList).highlighted = self._chosen
        self._draw_evidence(view, loaded)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A line that was clicked is chosen."""
        self.action_move(event.option_index - self._chosen)

    def action_turn_attempt(self, by: int) -> None:
        """The manufacture before this one, or after it."""
        views = () if self._loaded is None else self._loaded.views
        self._place = min(max(self._place + by, 0), max(len(views) - 1, 0))
        self._draw()
        self.show_keys()

    def why_not_show_evidence(self) -> str | None:
        """There has to be a line."""
        return None if self.view is not None else tr("There is nothing to release.")

    def action_show_evidence(self) -> None:
        """What the line rests on, in place of the lines; in a wide window it stands beside them."""
        self.toggle_class("-evidence")

    async def take_scan(self, scan: RawScan) -> None:
        """A container of this manufacture begins the release; any code of another therapy shows that."""
        subject = await in_thread(lambda: look(self.session, scan))
        view, unit = self.view, subject.unit
        if subject.therapy is None:
            self.show(check(tr("This code belongs to no therapy."), self.prompt()))
        elif view is not None and unit is not None and unit.unit in {one.unit for one in view.units}:
            await self._begin(Released.kind, scan)
        elif subject.therapy.coi == self.coi:
            self.show(check(tr("This is no container that is released here."), self.prompt()))
        else:
            self._coi, self._unit, self._loaded = subject.therapy.coi, subject.object_id or "", None
            self._chosen = 0
            self.read()
            self.show(ok(tr("Therapy {coi}.", coi=grouped(self.coi))))

    def why_not_sign(self) -> str | None:
        """Somebody signed in, something to release, and all of it holds."""
        view = self.view
        if not self.session.is_open:
            return tr("Sign in first.")
        if view is None:
            return tr("There is nothing to release.")
        if is_released(view):
            return tr("It is released already.")
        missing = [str(at + 1) for at, one in enumerate(view.lines) if not one.verdict.holds]
        return tr("These lines do not hold: {lines}.", lines=", ".join(missing)) if missing else None

    def action_sign(self) -> None:
        """Release by what stands here."""
        self.do(self._begin(Released.kind))

    def why_not_out_of_specification(self) -> str | None:
        """Somebody signed in, and something to release."""
        if not self.session.is_open:
            return tr("Sign in first.")
        return None if self.view is not None else tr("There is nothing to release.")

    def action_out_of_specification(self) -> None:
        """Release it although tests failed."""
        self.do(self._begin(ReleasedOutOfSpecification.kind))

    async def _begin(self, kind: str, scan: RawScan | None = None) -> None:
        """Open the form, unless the record has changed under what stands here, or a rule is against it."""
        shown = self.view
        if shown is None:
            return
        now = await in_thread(lambda: _loaded(self.session, self.coi))
        self._take(now)
        if self.view is None or _judged(self.view) != _judged(shown):
            again = tr("Look at it again; then F10.")
            self.show(check(tr("The record has changed while this stood here."), again))
            return
        subject = await in_thread(lambda: look(self.session, by_id(shown.units[0].unit)))
        offer = next((one for one in subject.offers if one.kind == kind), None)
        if offer is None:
            self.show(check(tr("This step is not yours, or not of this container."), tr("F4: look at it.")))
        elif offer.violation is not None:
            self._refuse(offer)
        else:
            form = StepScreen(self.session, offer, subject)
            await self.app.push_screen(form)
            if scan is not None:
                await form.take_scan(scan)

    def _refuse(self, offer: Offer) -> None:
        if offer.violation is not None:
            self.show(ShownAnswer(Verdict.CHECK, offer.violation.message, offer.violation.remedy))

    def why_not_print_label(self) -> str | None:
        """There has to be a release."""
        view = self.view
        is_done = view is not None and any(one.released for one in view.units)
        return None if is_done else tr("Nothing of it was released.")

    def action_print_label(self) -> None:
        """The same release gives the same code, however often it is written."""
        coi, exports = self.coi, self.session.tracker.exports
        path = self.session.folder / f"certificate-{coi}.pdf"

        def written() -> ReleaseScreen.Written:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            return ReleaseScreen.Written(path, exports.certificate(coi=coi, out=path))

        start(self, written, job="certificate", done=lambda written: written)

    def on_release_screen_written(self, message: Written) -> None:
        """Say where it is, and the code that the bed will ask for."""
        code = tr("Its code: {code}.", code=grouped(message.code))
        self.show(ok(tr("Written to {path}.", path=message.path), code))

    def action_discard(self) -> None:
        """The evidence first, then the screen."""
        if self.has_class("-evidence"):
            self.set_class(False, "-evidence")
        else:
            self.close_with(ok(tr("Back from the release.")))


def _loaded(session: TerminalSession, coi: str) -> ReleaseScreen.Loaded:
    read = session.tracker.read
    return ReleaseScreen.Loaded(read.releases(coi=coi), read.trail(coi=coi).entries)


def _judged(view: ReleaseView) -> Sequence[object]:
    """What somebody has read; of the figures only some say the time, and those not what it was decided by."""
    lines = ((one.verdict.answer, one.verdict.evidence) for one in view.lines)
    return (view.entry, *(one.unit for one in view.units), *lines)
