"""What loggers recorded beside cells: curve, band, who held them, what quality has said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from schema.canonical import Json
from schema.events.conditions import ExcursionAssessed
from schema.vocabulary import ReadMode
from tracker.values import ASSESSING, LoggerReadings, StorageLife, TherapyReadings, grant_violation
from tui.answers import check, ok
from tui.commands import Command, Deviation, Discard, Refresh, WriteFile
from tui.framing import RawScan
from tui.language import tr
from tui.looking import Offer, by_id, look
from tui.screens.condition.curve import TimeAxis, curve_text, lanes_text
from tui.screens.condition.text import (
    erased_text,
    found_text,
    judged_rows,
    none_text,
    title_of,
    unread_words,
    verdict_text,
)
from tui.screens.one_therapy import OneTherapyScreen
from tui.screens.step import StepScreen
from tui.session import TerminalSession
from tui.shown_codes import code_text, grouped
from tui.widgets.drawn_pane import DrawnPane
from tui.widgets.pane import facts_grid, name_pane
from tui.widgets.window import Window
from tui.workers import in_thread, start

ASSESS: Final = Offer(ExcursionAssessed.kind, "assess_excursion", tr("Assess an excursion"))


class Assess(Command):
    """Say whether the cells may be used after the excursion; a second person of quality approves."""

    key = "f4"
    footer = "Assess"
    palette = "Assess the excursion on the screen"


def _lay_in(one: LoggerReadings) -> tuple[str | None, ...]:
    """The boxes or the place in which the cells lay beside the logger."""
    return (*one.boxes, one.said.box, one.said.location)


class ConditionScreen(OneTherapyScreen):
    """One file at a time: of a therapy, or of every therapy in a box; Up and Down go to the next."""

    about = tr(
        "What a logger recorded beside the cells while they were in its box, against what they bear. The "
        "line across is the limit; below stand who held them, what was outside, and where nobody knows. "
        "Left and Right move a cursor that says what was read then and who had the cells; Up and Down show "
        "another file. F4 says whether the cells may be used, F12 writes the readings as CSV, and the curve "
        "with what was found as PDF."
    )
    own_commands: ClassVar[tuple[type[Command], ...]] = (Assess,)
    is_misread_grave = False
    has_room_for_band = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "turn_file(-1)", show=False),
        Binding("down", "turn_file(1)", show=False),
        Binding("left", "move_cursor(-1)", show=False),
        Binding("right", "move_cursor(1)", show=False),
        Binding("ctrl+left", "move_cursor(-10)", show=False),
        Binding("ctrl+right", "move_cursor(10)", show=False),
    ]
    DEFAULT_CSS = """
    ConditionScreen {
        & #curve { height: 1fr; min-height: 8; text-wrap: nowrap; }
        & #lanes { height: auto; text-wrap: nowrap; }
        & #found { height: auto; max-height: 8; }
        & #found > Static { height: auto; }
        & #judged { display: none; height: auto; max-height: 12; }
        &.-wide #judged, &.-very-wide #judged { display: block; }
        &.-none #lanes, &.-none #found, &.-none #judged { display: none; }
        &.-band.-narrow #curve { display: none; }
        &.-erased #curve { height: auto; }
        &.-erased #judged { height: 1fr; }
    }
    """

    @dataclass
    class Loaded(Message):
        """What was recorded of each therapy has been read; those that are not here are left out."""

        known: tuple[TherapyReadings, ...]

    @dataclass
    class Written(Message):
        """The readings stand in these files."""

        paths: tuple[Path, ...]

    def __init__(self, session: TerminalSession, *cois: str, box: str = "") -> None:
        super().__init__(session)
        self.cois = cois
        self._box = box
        """Of which the newest file is shown first; empty for any."""

        self._known: tuple[TherapyReadings, ...] | None = None
        self._place = 0
        self._cursor: datetime | None = None
        """A time of the axis, however wide that is drawn; None until it is moved."""

    def body(self) -> ComposeResult:
        """The curve; below it the same time; what is to be assessed; in a wide window how it was judged."""
        with Vertical():
            yield DrawnPane(id="curve")
            yield DrawnPane(id="lanes")
            with Window(id="found", classes="pane"):
                yield Static(id="excursions", markup=False)
            yield Static(id="judged", classes="pane", markup=False)

    def on_mount(self) -> None:
        name_pane(self.query_one("#curve"), grouped(self.coi), tr("reading ..."))
        name_pane(self.query_one("#lanes"), tr("At the same time"))
        name_pane(self.query_one("#judged"), tr("How this was judged"))
        self.set_class(True, "-none")
        self.read()

    def on_screen_resume(self) -> None:
        if self._known is not None:
            self.read()

    def prompt(self) -> str:
        """A box or a unit: another therapy, or another file of this one."""
        return tr("Scan a box or a unit")

    def likeliest(self) -> tuple[type[Command], ...]:
        """What is to be decided, then what can be said about it."""
        return (Assess, WriteFile, Deviation, Refresh, Discard)

    def read(self) -> None:
        """Read it again; what stands there stays until then."""
        tracker, cois = self.session.tracker, self.cois
        staff, station = self.session.staff, self.session.station.id

        def found() -> ConditionScreen.Loaded:
            known = [
                one for one in (tracker.read.therapy_readings(coi=coi) for coi in cois) if one is not None
            ]
            for one in known:
                tracker.audit.note_opened(one.coi, staff=staff, station=station)
            return ConditionScreen.Loaded(tuple(known))

        start(self, found, job="condition", done=lambda loaded: loaded)

    def on_condition_screen_loaded(self, message: Loaded) -> None:
        """Show it: what is to be assessed first, else the newest."""
        is_first = self._known is None
        self._known = message.known
        files = self.files
        if is_first:
            wanted = [at for at, one in enumerate(files) if self._box in _lay_in(one)]
            waiting = [at for at in wanted or range(len(files)) if files[at].to_assess]
            self._place = next(iter((*waiting, *wanted)), 0)
        self._place = min(self._place, max(len(files) - 1, 0))
        self._draw()
        self.answers.store_is_back()

    @property
    def files(self) -> tuple[LoggerReadings, ...]:
        """Those of each therapy, the newest first."""
        return tuple(file for one in self._known or () for file in one.files)

    @property
    def _lives(self) -> tuple[StorageLife, ...]:
        """What the units of the therapy on the screen went through."""
        return tuple(life for one in self._known or () if one.coi == self.coi for life in one.lives)

    @property
    def coi(self) -> str:
        """The therapy of the file on the screen."""
        return self.shown.coi if self.shown is not None else next(iter(self.cois), "")

    @property
    def shown(self) -> LoggerReadings | None:
        """The file on the screen."""
        return self.files[self._place] if self.files else None

    def _draw(self) -> None:
        if self._known is None or not self.is_attached:
            return
        one, curve = self.shown, self.query_one("#curve", DrawnPane)
        self.set_class(one is None, "-none")
        self.set_class(one is not None and one.trace is None, "-erased")
        if one is None:
            name_pane(curve, grouped(self.coi))
            curve.say(none_text(self._known, self.session.local))
        else:
            self._draw_file(one)
        self.show_keys()

    def _draw_file(self, one: LoggerReadings) -> None:
        local, curve, cursor = self.session.local, self.query_one("#curve", DrawnPane), self._cursor
        title = title_of(one)
        if len(self.cois) > 1:
            title.append("  ").append_text(code_text(one.coi))
        if len(self.files) > 1:
            title.append("   " + tr("file {place} of {count}", place=self._place + 1, count=len(self.files)))
        name_pane(curve, title, verdict_text(one))
        is_open = bool(one.to_assess)
        curve.set_class(is_open, "-bad")
        if one.trace is None:
            curve.say(erased_text(one))
        else:
            curve.draw(
                lambda width, height: curve_text(one, local, width=width, height=height, cursor=cursor)
            )
        lanes, found = self.query_one("#lanes", DrawnPane), self.query_one("#found")
        lanes.draw(lambda width, _: lanes_text(one, local, width=width, cursor=cursor))
        title_words = tr("► To be assessed") if is_open else tr("What was found")
        name_pane(found, title_words, unread_words(self._known or ()))
        found.set_class(is_open, "-next")
        self.query_one("#excursions", Static).update(found_text(one))
        self.query_one("#judged", Static).update(facts_grid(judged_rows(one, self._lives, local)))

    def action_turn_file(self, by: int) -> None:
        """The file before this one, or after it."""
        if self.files:
            self._place = min(max(self._place + by, 0), len(self.files) - 1)
            self._cursor = None
            self._draw()

    def action_move_cursor(self, by: int) -> None:
        """To a time earlier or later; the first time it stands where it was worst, else in the middle."""
        one, width = self.shown, self.query_one("#curve", DrawnPane).content_size.width
        if one is None or one.trace is None or not one.stays:
            return
        axis = TimeAxis.of(one, width)
        worst = next(iter(one.trace.outside), None)
        cell = axis.cells // 2 if worst is None else axis.cell(worst.began_at)
        if self._cursor is not None:
            cell = min(max(axis.cell(self._cursor) + by, 0), axis.cells - 1)
        self._cursor = axis.middle(cell)
        self._draw()

    def why_not_write_file(self) -> str | None:
        """There has to be a file, and it has to be kept still."""
        one = self.shown
        return None if one is not None and one.trace is not None else tr("There are no readings to write.")

    def action_write_file(self) -> None:
        """Every reading as CSV, and the curve with what was found as PDF."""
        one, exports = self.shown, self.session.tracker.exports
        if one is None:
            return
        name = f"readings-{one.coi}-{self.session.now():%Y%m%d-%H%M%S}"
        paths = tuple(self.session.folder / f"{name}.{form}" for form in ("csv", "pdf"))

        def written() -> ConditionScreen.Written:
            for path in paths:
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                exports.readings(coi=one.coi, event_id=one.event_id, out=path)
            return ConditionScreen.Written(paths)

        start(self, written, job="write", done=lambda written: written)

    def on_condition_screen_written(self, message: Written) -> None:
        """Say where they are."""
        more = tr("Beside it {name}; neither names a patient.", name=message.paths[-1].name)
        self.show(ok(tr("Written to {path}.", path=message.paths[0]), more))

    async def take_scan(self, scan: RawScan) -> None:
        """The newest file of a box, or another therapy by any code of it."""
        subject = await in_thread(lambda: look(self.session, scan))
        boxes = [at for at, one in enumerate(self.files) if subject.object_id in _lay_in(one)]
        if boxes:
            self._place, self._cursor = boxes[0], None
            self._draw()
        elif subject.therapy is not None:
            self.cois, self._known, self._box = (subject.therapy.coi,), None, subject.object_id or ""
            self.read()
        else:
            self.show(check(tr("Of this nothing was recorded."), tr("Scan a box, a unit or a COI card.")))

    def why_not_assess(self) -> str | None:
        """Quality alone, and only what is not assessed."""
        one, session = self.shown, self.session
        if one is None or not one.excursions:
            return tr("There is no excursion to assess.")
        if not session.is_open:
            return tr("Sign in first.")
        now, site = session.tracker.clock.now(), session.station.site
        violation = grant_violation(session.registry, session.staff, ASSESSING, site, now)
        return None if violation is None else tr("Quality assesses it. You can look.")

    def action_assess(self) -> None:
        """Say whether the cells may be used."""
        self.do(self._assess())

    async def _assess(self) -> None:
        one = self.shown
        if one is None or not one.excursions:
            return
        excursion = next(iter(one.to_assess), one.excursions[0])
        subject = await in_thread(lambda: look(self.session, by_id(self.coi)))
        fixed: dict[str, Json] = {
            "coi": {"code": self.coi, "mode": ReadMode.PASTED.value},
            "excursion": excursion.state.event_id,
        }
        self.app.push_screen(StepScreen(self.session, ASSESS, subject, fixed=fixed))

    def action_discard(self) -> None:
        """Nothing is entered here: Esc leaves."""
        self.close_with(ok(tr("Back from condition.")))
