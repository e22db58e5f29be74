"""The plan of one therapy: booked and latest, proposed, moved with its consequences, given back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from rich.console import Group
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.coordinate import Coordinate
from textual.message import Message
from textual.widgets import DataTable, Static

from schema.canonical import Json
from schema.errors import InputError
from schema.vocabulary import Priority, ReadMode, Role
from schema.zones import on_clock, zone_info
from tracker.answers import Answer
from tracker.tracker import Tracker
from tracker.values import (
    DayUse,
    MilestoneForecast,
    PlanLine,
    PlannedCarrier,
    PlanOffer,
    Promise,
    TherapyForecast,
    TherapyState,
    grant_violation,
)
from tui.answers import check, ok
from tui.commands import Command, Discard, Refresh, ShowTrail, ShowWeek, Sign
from tui.forms.prompts import Choice
from tui.framing import RawScan, printed_code
from tui.language import tr
from tui.looking import Offer, by_id, look
from tui.screens.plan.asking import (
    GOES_ON,
    PRIORITY,
    READY,
    REASON,
    Asked,
    Question,
    day_typed,
    place_question,
    time_question,
    time_typed,
)
from tui.screens.plan.drafts import RACE_LOST, Draft, MovedChain, ProposedChain, next_of
from tui.screens.plan.text import (
    NAME_CELLS,
    TIMES_CELLS,
    WHERE_CELLS,
    about_rows,
    headings,
    milestone_words,
    not_booked,
    not_moved,
    nothing_text,
    place_words,
    plan_rows,
    promise_text,
    question_table,
    standing_text,
    title_text,
    why_text,
)
from tui.screens.step import StepScreen
from tui.screens.step.booking import BookCarrier, open_booking, why_no_booking
from tui.screens.trail import TrailScreen
from tui.screens.week import WeekScreen
from tui.screens.week.text import days_text
from tui.screens.what import ExplainingScreen
from tui.session import TerminalSession
from tui.shown_codes import grouped
from tui.typing import is_early_pin
from tui.widgets.pane import facts_grid, name_pane
from tui.widgets.room import WIDE_FROM
from tui.widgets.window import Window
from tui.words import plan_time
from tui.workers import in_thread, start

_GIVE_BACK: Final = Offer("unscheduled", "unschedule", tr("Give back what is booked and still to come"))
_PROMISE: Final = Offer("rescheduled", "reschedule", tr("Promise the day that is booked"))


class ChangePlan(Command):
    """Propose a chain where nothing is booked; where it is, move the milestone that the arrows stand at."""

    key = "f4"
    footer = "Move"
    palette = "Propose a chain, or move the chosen milestone"


class GiveBack(Command):
    """Give back all that is booked and still to come, with a reason; others can book it at once."""

    key = "f6"
    footer = "Give back"
    palette = "Give back what is booked"


class PromiseAnew(Command):
    """Promise the day that is booked, with the reason why it is another one; the patient was told."""

    key = "ctrl+a"
    footer = "Promise"
    palette = "Promise the day that is booked"


@dataclass(frozen=True, slots=True)
class StandingPlan:
    """What is booked for a therapy, and on what terms."""

    lines: tuple[PlanLine, ...]
    priority: str = ""
    ready: str = ""
    promise: Promise | None = None
    why_none: str = ""
    """Why nothing can be planned for it at all."""

    forecast: TherapyForecast | None = None
    """How it stands, and when each milestone will be."""

    carriers: tuple[PlannedCarrier, ...] = ()
    """Who is booked to fetch something although nothing is planned any more."""

    @property
    def projected(self) -> Mapping[str, MilestoneForecast]:
        """The milestones as they will be, by their names."""
        return {} if self.forecast is None else {one.name: one for one in self.forecast.milestones}


class PlanTable(DataTable[Text]):
    """One line a milestone; the arrows choose one."""

    is_kept = False
    """Whether the arrows stay where they are: what is asked is about the milestone that they stand at."""

    def __init__(self) -> None:
        super().__init__(
            id="chain",
            classes="pane",
            cursor_type="row",
            cell_padding=0,
            cursor_foreground_priority="renderable",
        )

    def validate_cursor_coordinate(self, value: Coordinate) -> Coordinate:
        """Nothing moves the arrows away from the milestone that a question is about."""
        return self.cursor_coordinate if self.is_kept else super().validate_cursor_coordinate(value)


class PlanScreen(ExplainingScreen):
    """Nothing is written before it was seen: the chain, or all that a move brings with it, then the PIN."""

    about = tr(
        "What is booked for this therapy, each time by the clocks of its site, and until when the protocol "
        "lets it be. Up and Down choose a milestone. F4 proposes a chain, or moves the chosen milestone and "
        "shows what moves along; F10 signs what is shown. F6 gives all back. A scan shows another therapy."
    )
    own_commands: ClassVar[tuple[type[Command], ...]] = (
        ChangePlan,
        GiveBack,
        PromiseAnew,
        ShowWeek,
        ShowTrail,
        BookCarrier,
    )
    is_misread_grave = False
    DEFAULT_CSS = """
    PlanScreen {
        & #chain { height: auto; max-height: 60%; background: $background; }
        & #lower { height: 1fr; }
        & #about { width: 1fr; height: 1fr; }
        & #room { display: none; width: 33; height: 1fr; }
        &.-when #room, &.-wide #room, &.-very-wide #room { display: block; }
    }
    """

    @dataclass
    class Loaded(Message):
        """What is booked has been read."""

        plan: StandingPlan

    @dataclass
    class Counted(Message):
        """How full the place of the chosen milestone is."""

        resource: str
        days: tuple[DayUse, ...]

    def __init__(self, session: TerminalSession, coi: str, *, milestone: str | None = None) -> None:
        super().__init__(session)
        self.coi = coi
        self.plan: StandingPlan | None = None
        self.draft: Draft | None = None
        """What F10 signs."""

        self.question: Question | None = None
        """What is typed next."""

        self._wanted = milestone
        """The milestone to stand at when the plan has been read."""

        self._ready: date | None = None
        self._start: tuple[PlanLine, datetime] | None = None
        """The milestone that is to be moved, and the time that was typed for it, until its place is known."""

        self._in_the_way: tuple[str, ...] = ()
        """Why nothing could be booked when it was asked last."""

        self._room: tuple[str, tuple[DayUse, ...]] = "", ()
        self._widths: tuple[str, ...] = ()

    def body(self) -> ComposeResult:
        """The chain; below it what is asked, what is in the way, and how full the chosen place is."""
        yield PlanTable()
        with Horizontal(id="lower"):
            with Window(id="about", classes="pane"):
                yield Static(id="words", markup=False)
            yield Static(id="room", classes="pane", markup=False)

    def on_mount(self) -> None:
        name_pane(self.query_one("#chain"), grouped(self.coi), tr("reading ..."))
        self.read()

    def on_screen_resume(self) -> None:
        self.query_one(PlanTable).focus()
        if self.plan is not None and self.draft is None:
            self.read()

    def on_resize(self) -> None:
        self._draw()

    def prompt(self) -> str:
        """The answer to what is asked, else another therapy."""
        return self.question.typed if self.question is not None else tr("Scan anything, or type a number")

    def likeliest(self) -> tuple[type[Command], ...]:
        """Signing what is shown, then what can be begun."""
        return (Sign, ChangePlan, GiveBack, PromiseAnew, ShowWeek, ShowTrail, BookCarrier, Refresh, Discard)

    def label_of(self, command: type[Command]) -> str:
        """Where nothing is booked F4 proposes; F10 says what it signs."""
        if command is ChangePlan and not self._lines:
            return tr("Propose")
        if command is Sign and isinstance(self.draft, ProposedChain):
            return tr("Book")
        return super().label_of(command)

    @property
    def _lines(self) -> tuple[PlanLine, ...]:
        return () if self.plan is None else self.plan.lines

    @property
    def chosen(self) -> PlanLine | None:
        """The milestone that the arrows stand at."""
        place = self.query_one(PlanTable).cursor_row
        lines = self.draft.offer.lines if isinstance(self.draft, ProposedChain) else self._lines
        return lines[place] if 0 <= place < len(lines) else None

    def read(self) -> None:
        """Read what is booked; what stands there stays until then."""
        coi, tracker = self.coi, self.session.tracker
        staff, station = self.session.staff, self.session.station.id

        def found() -> PlanScreen.Loaded:
            plan = _standing(tracker, coi)
            tracker.audit.note_opened(coi, staff=staff, station=station)
            return PlanScreen.Loaded(plan)

        start(self, found, job="plan", done=lambda loaded: loaded)

    def on_plan_screen_loaded(self, message: Loaded) -> None:
        """Show it; the arrows stand at what is next, or at what this screen was opened for."""
        is_first = self.plan is None
        self.plan = message.plan
        coming = next_of(self._lines)
        wanted = self._wanted or (coming.name if is_first and coming is not None else None)
        self._wanted = None
        self._draw(at=wanted)
        self.answers.store_is_back()

    def _draw(self, *, at: str | None = None) -> None:
        if self.plan is None:
            return
        self._draw_table(at)
        self._draw_words()
        is_when = self.question is not None and self.question.asked is Asked.TIME
        self.set_class(is_when, "-when")
        self._show_room()
        self.show_keys()

    def _draw_table(self, at: str | None) -> None:
        table, plan = self.query_one(PlanTable), self.plan
        if plan is None:
            return
        titles = headings(self.draft)
        table.is_kept = False
        wide = self.app.size.width >= WIDE_FROM
        columns = (tr("   Milestone"), *titles, *((tr("Where"),) if wide else ()))
        kept = table.cursor_row
        if columns != self._widths:
            self._widths = columns
            table.clear(columns=True)
            cells = (NAME_CELLS, *TIMES_CELLS, WHERE_CELLS)
            for title, width in zip(columns, cells, strict=False):
                table.add_column(Text(title, style="muted"), width=width)
        table.clear()
        rows = plan_rows(plan.lines, self.draft, plan.projected, self.session.registry)
        for row in rows:
            table.add_row(*row.cells[: len(columns)], key=row.name)
        names = [row.name for row in rows]
        table.move_cursor(row=names.index(at) if at in names else min(kept, len(names) - 1), animate=False)
        table.is_kept = self.question is not None
        title = title_text(self.coi, plan.lines, self.draft, plan.priority, plan.ready)
        name_pane(table, title, promise_text(plan.lines, self.draft, plan.promise))
        table.set_class(self.draft is not None and self.question is None, "-next")

    def _draw_words(self) -> None:
        words, pane, one = self.query_one("#words", Static), self.query_one("#about"), self.chosen
        plan = self.plan
        if plan is None:
            return
        pane.set_class(self.question is not None, "-next")
        if self.question is not None:
            name_pane(pane, self.question.ask)
            words.update(question_table(self.question, self.draft))
        elif self.draft is not None:
            is_proposed = isinstance(self.draft, ProposedChain)
            name_pane(pane, tr("Why not earlier") if is_proposed else tr("Why they move along"))
            words.update(why_text(self.draft))
        elif one is None:
            name_pane(pane, tr("Plan"))
            words.update(
                Text(plan.why_none) if plan.why_none else nothing_text(self._in_the_way, plan.carriers)
            )
        else:
            name_pane(pane, milestone_words(one))
            rows = facts_grid(about_rows(one, plan.projected.get(one.name), self.session.registry))
            said = standing_text(plan.forecast)
            words.update(Group(said, rows) if said else rows)

    def on_data_table_row_highlighted(self) -> None:
        """Say more of the milestone that the arrows stand at."""
        self._draw_words()
        self._show_room()
        self.show_keys()

    def _show_room(self) -> None:
        """How full the place of the chosen milestone is around its day, where that is shown."""
        one, room = self.chosen, self.query_one("#room", Static)
        is_shown = self.app.size.width >= WIDE_FROM or self.has_class("-when")
        known = self.session.registry.resources.get(one.resource) if one is not None else None
        if not is_shown or one is None or known is None:
            room.update("")
            name_pane(room, "")
            return
        resource, days = self._room
        at = f"{one.resource} {one.start.date()}"
        name_pane(room, place_words(one, self.session.registry), tr("F11 week"))
        if resource == at:
            room.update(days_text(days, one.start.date()))
            return
        reader, first = self.session.tracker.read, one.start.date() - timedelta(days=1)

        def counted() -> PlanScreen.Counted:
            weeks = reader.plan_week(first=first, site=known.site)
            found = next((week.days for week in weeks if week.resource == one.resource), ())
            return PlanScreen.Counted(at, found)

        start(self, counted, job="room", done=lambda found: found)

    def on_plan_screen_counted(self, message: Counted) -> None:
        """Show it, if the arrows still stand there."""
        self._room = message.resource, message.days
        one = self.chosen
        if one is not None and message.resource == f"{one.resource} {one.start.date()}":
            self.query_one("#room", Static).update(days_text(message.days, one.start.date()))

    async def take_scan(self, scan: RawScan) -> None:
        """The answer to what is asked, the number of a milestone, or another therapy by any code of it."""
        if not self.accepts(scan):
            return
        text, code = scan.text.strip(), printed_code(scan.text)
        if code is not None and code.command is not None:
            await self.take_code(code.command)
        elif code is None and is_early_pin(scan):
            self.show(check(tr("Six digits are no answer."), tr("A PIN is typed where it is asked for.")))
        elif code is None and self.question is not None:
            await self._answered(self.question, text)
        elif code is None and text.isdecimal() and 1 <= int(text) <= self.query_one(PlanTable).row_count:
            self.query_one(PlanTable).move_cursor(row=int(text) - 1, animate=False)
        elif self.draft is not None or self.question is not None:
            self.show(
                check(
                    tr("Something is begun here that is not signed."), tr("Esc discards it; then scan again.")
                )
            )
        else:
            await self._turn_to(scan)

    async def _turn_to(self, scan: RawScan) -> None:
        subject = await in_thread(lambda: look(self.session, scan))
        if subject.therapy is None:
            self.show(
                check(tr("This code belongs to no therapy."), tr("Scan a unit, cassette, COI card or box."))
            )
            return
        self.coi, self.plan = subject.therapy.coi, None
        self.read()
        self.show(ok(tr("Therapy {coi}.", coi=grouped(self.coi))))

    async def _answered(self, question: Question, text: str) -> None:
        """Take what was typed for a question, and ask the next one or show what came of it."""
        try:
            if question.asked is Asked.READY:
                self._ready = day_typed(text, self.session.now().date())
                self._ask(PRIORITY)
            elif question.asked is Asked.PRIORITY and self._ready is not None:
                await self._propose(self._ready, Priority(str(question.chosen(text).value)))
            elif question.asked is Asked.TIME:
                await self._time_given(text)
            elif question.asked is Asked.PLACE and self._start is not None:
                await self._move(*self._start, str(question.chosen(text).value))
            elif question.asked is Asked.REASON and isinstance(self.draft, MovedChain):
                self.draft = replace(self.draft, reason=str(question.chosen(text).value))
                self._ask(None)
                self.action_sign()
        except InputError as error:
            self.show(check(error.message, error.remedy))

    def _ask(self, question: Question | None) -> None:
        self.question, self._in_the_way = question, ()
        self.answers.clear()
        self._draw()

    async def _propose(self, ready: date, priority: Priority) -> bool:
        """Show the chain that could be booked; whether there is one."""
        coi, reader = self.coi, self.session.tracker.read
        offer = await in_thread(lambda: reader.plan_offer(coi=coi, ready=ready, priority=priority))
        self.question = None
        self.draft = ProposedChain(ready, priority, offer) if offer.lines else None
        self._draw()
        if self.draft is None:
            self._refuse(offer)
            return False
        self.show(ok(tr("This can be booked."), tr("Nothing is written yet: F10 books all of it.")))
        return True

    def _refuse(self, offer: PlanOffer) -> None:
        """Say why nothing can be booked; below stands all that is in the way."""
        self._in_the_way = (offer.past_limit,) if offer.past_limit else offer.in_the_way
        self._draw_words()
        self.show(check(*not_booked(offer)))

    async def _time_given(self, text: str) -> None:
        one = self.chosen
        if one is None:
            return
        typed = time_typed(text, one.start, self._zone_of(one))
        others = self._places_of(one)
        self._start = one, typed
        if len(others) > 1:
            self._ask(place_question(others))
        else:
            await self._move(one, typed, None)

    def _zone_of(self, one: PlanLine) -> ZoneInfo:
        site = one.resource.partition("/")[0]
        return zone_info(self.session.registry.zone_at(site, one.start))

    def _places_of(self, one: PlanLine) -> tuple[Choice, ...]:
        """The resources of its type at its site, its own first."""
        resources = self.session.registry.resources
        own = resources.get(one.resource)
        if own is None:
            return ()
        alike = [
            each
            for each in resources.values()
            if each.site == own.site and each.resource_type is own.resource_type
        ]
        alike.sort(key=lambda each: (each.id != own.id, each.id))
        return tuple(Choice(each.id, each.title) for each in alike)

    async def _move(self, one: PlanLine, start: datetime, resource: str | None) -> bool:
        """Show what the move brings with it, then ask why; whether it can be done."""
        coi, reader = self.coi, self.session.tracker.read
        found = await in_thread(
            lambda: reader.plan_move(coi=coi, milestone=one.name, start=start, resource=resource)
        )
        if not found.is_possible:
            self.draft = None
            self._ask(self._when(one))
            self.show(check(*not_moved(found)))
            return False
        before = self.draft
        self.draft = MovedChain(one.name, start, resource, found)
        self._ask(REASON)
        if isinstance(before, MovedChain) and before.reason is not None:
            self.draft = replace(self.draft, reason=before.reason)
            self._ask(None)
        return True

    def _when(self, one: PlanLine) -> Question:
        return time_question(milestone_words(one), plan_time(one.start))

    def _why_not_plan(self) -> str | None:
        """Only a coordinator promises times, and only of a therapy whose protocol has milestones."""
        session = self.session
        if not session.is_open:
            return tr("Sign in first.")
        if self.plan is None or self.plan.why_none:
            return tr("Nothing of this therapy can be planned.")
        now = session.tracker.clock.now()
        found = grant_violation(session.registry, session.staff, frozenset({Role.COORDINATOR}), None, now)
        return None if found is None else tr("A coordinator plans. You can look.")

    def why_not_change_plan(self) -> str | None:
        """What is begun is ended first, and what is done is not moved."""
        one = self.chosen
        if self.draft is not None or self.question is not None:
            return tr("Esc discards what is begun; then again.")
        if self._lines and (one is None or one.is_done):
            return tr("This is done already: choose one that is still to come.")
        return self._why_not_plan()

    def action_change_plan(self) -> None:
        """Ask from when on the patient is ready, or to when the chosen milestone is moved."""
        one = self.chosen
        if one is None:
            self.do(self._ask_ready())
        else:
            self._ask(self._when(one))

    async def _ask_ready(self) -> None:
        """From which day on; of what a passed limit forbids on each day nothing is asked."""
        coi, reader = self.coi, self.session.tracker.read
        offer = await in_thread(lambda: reader.plan_offer(coi=coi))
        if offer.past_limit:
            self._refuse(offer)
        else:
            self._ask(GOES_ON if offer.lines and offer.lines[0].is_done else READY)

    def why_not_give_back(self) -> str | None:
        """Only what is booked and still to come."""
        if self.draft is not None or self.question is not None:
            return tr("Esc discards what is begun; then again.")
        return (
            self._why_not_plan() if next_of(self._lines) else tr("Nothing is booked that is still to come.")
        )

    def action_give_back(self) -> None:
        """Ask why, show what is given back, and have it signed."""
        self.do(self._give_back())

    async def _give_back(self) -> None:
        await self._fill_in(_GIVE_BACK)

    async def _fill_in(self, offer: Offer, **fixed: Json) -> None:
        """Ask for what a request still needs, which is its reason, and have it signed."""
        coi = self.coi
        subject = await in_thread(lambda: look(self.session, by_id(coi)))
        given = {"coi": self._code, **fixed}
        self.app.push_screen(StepScreen(self.session, offer, subject, fixed=given))

    def why_not_promise_anew(self) -> str | None:
        """Only another day than was promised, of something that is still to come."""
        if self.draft is not None or self.question is not None:
            return tr("Esc discards what is begun; then again.")
        promise = None if self.plan is None else self.plan.promise
        last = self._lines[-1] if self._lines else None
        if promise is None or last is None or last.is_done or last.start.date().isoformat() == promise.day:
            return tr("What is booked is what was promised.")
        return self._why_not_plan()

    def action_promise_anew(self) -> None:
        """Ask why it is another day, and have the new promise signed."""
        self.do(self._fill_in(_PROMISE, promises_anew=True))

    @property
    def _code(self) -> dict[str, str]:
        """The therapy on this screen, from which nobody can mistype it."""
        return {"code": self.coi, "mode": ReadMode.PASTED.value}

    def why_not_sign(self) -> str | None:
        """Something has to be shown first."""
        if self.question is not None:
            return self.question.ask
        return None if self.draft is not None else tr("F4 proposes or moves something first.")

    def action_sign(self) -> None:
        """Have what is shown signed."""
        if self.draft is not None:
            self.do(self._sign(self.draft))

    async def _sign(self, draft: Draft) -> None:
        outcome = await self.act(
            {
                **draft.request,
                "event_id": self.session.tracker.new_event_id(),
                "actor": self.session.staff,
                "station": self.session.station.id,
                "coi": self._code,
            }
        )
        if outcome is None:
            return
        problem = outcome.problem
        if problem is None:
            self.draft = self.question = None
            self.read()
            self.show(self.written(outcome))
        elif problem.error in RACE_LOST:
            await self._lost(draft, outcome)
        else:
            self.refused(outcome)

    async def _lost(self, draft: Draft, outcome: Answer) -> None:
        """Somebody was quicker: what can be done now is shown at once, and signed or discarded."""
        coi, tracker = self.coi, self.session.tracker
        self.plan = await in_thread(lambda: _standing(tracker, coi))
        said = "" if outcome.problem is None else outcome.problem.message
        moved = next(
            (one for one in self._lines if isinstance(draft, MovedChain) and one.name == draft.name), None
        )
        if isinstance(draft, ProposedChain) and not self._lines:
            is_there = await self._propose(draft.ready, draft.priority)
        elif isinstance(draft, MovedChain) and moved is not None and not moved.is_done:
            is_there = await self._move(moved, draft.start, draft.resource)
        else:
            self.draft, is_there = None, False
            self._ask(None)
        now = tr("This is what can be booked now: look, then F10. Nothing was written.")
        self.show(check(said, now if is_there else tr("Nothing was written. Look at the plan as it is now.")))

    def action_show_week(self) -> None:
        """See the days around the chosen milestone."""
        one = self.chosen
        self.app.push_screen(
            WeekScreen(
                self.session,
                lambda coi: PlanScreen(self.session, coi),
                first=None if one is None else one.start.date(),
                resource=None if one is None else one.resource,
            )
        )

    def action_show_trail(self) -> None:
        """Every event with its signatures."""
        self.app.push_screen(TrailScreen(self.session, self.coi))

    def action_book_carrier(self) -> None:
        """Book a carrier for what travels next."""
        self.do(open_booking(self, self.coi))

    def why_not_book_carrier(self) -> str | None:
        """Coordinators book, when nothing else waits to be signed here."""
        if self.draft is not None or self.question is not None:
            return tr("Sign or discard what is shown first.")
        return why_no_booking(self.session)

    def action_refresh(self) -> None:
        """Read the plan again; what is begun stays."""
        self.read()

    def escape_word(self) -> str:
        """What is begun first, then the screen."""
        return tr("Discard") if self.draft is not None or self.question is not None else tr("Back")

    def action_discard(self) -> None:
        """Discard what is begun; with nothing begun, leave."""
        if self.draft is None and self.question is None:
            self.close_with(ok(tr("Back from the plan.")))
            return
        self.draft = None
        self._ask(None)
        self.show(self.discarded(tr("Discarded: nothing was signed, nothing was written.")))


def _standing(tracker: Tracker, coi: str) -> StandingPlan:
    """What is booked, with the terms on which it was."""
    known = tracker.read.therapy(coi=coi)
    try:
        lines = tracker.read.plan(coi=coi)
    except InputError as error:
        return StandingPlan((), why_none=error.message)
    if known is None:
        return StandingPlan(lines)
    plan, promise = known[0].plan, known[0].promise
    if plan is None:
        return StandingPlan(lines, promise=promise, carriers=tuple(_still_booked(tracker, known[0])))
    forecast = tracker.read.therapy_forecast(coi=coi)
    return StandingPlan(lines, plan.priority.value, plan.ready_from, promise, forecast=forecast)


def _still_booked(tracker: Tracker, therapy: TherapyState) -> Iterator[PlannedCarrier]:
    """The carriers that nobody has called off; times by the clocks of where they come."""
    for one in therapy.shipments.values():
        booking = one.booking
        if booking is not None and one.packed_at is None:
            window = booking.pick_up
            zone = zone_info(tracker.registry.zone_at(booking.from_site, window.earliest))
            pick_up = (on_clock(window.earliest, zone), on_clock(window.latest, zone))
            yield PlannedCarrier(one.shipment, booking.carrier, pick_up, fits=False)
