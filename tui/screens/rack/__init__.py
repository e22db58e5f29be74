"""Rack scan: many things with one task, a tally that counts each once, one signing for the whole set."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import ClassVar, Final

from rich.console import Group
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widgets import Static

from schema.canonical import Json
from schema.errors import CartrailError, StoreError
from schema.vocabulary import ReadMode, Reason
from tracker.answers import Answer
from tracker.values import COUNT_GOES_ON, Found, RackItem, ScanAnswer, Violation
from tui.answers import StopAnswer, check, ok, read_words, shown_read, stop_for
from tui.causes import WRONG_UNIT, cause_of
from tui.commands import Command, Discard, Sign
from tui.forms.lists import FAULTS
from tui.framing import RawScan, printed_code, without_aim
from tui.glyphs import NOW
from tui.language import named, tr
from tui.looking import Offer, ScannedThing, by_id, look
from tui.screens.form.filling import SCANNED_WITHIN
from tui.screens.rack.picture import (
    COLUMNS,
    COLUMNS_WIDE,
    beside_grid,
    grid_cells,
    legend,
    picture,
    rack_cells,
    shapes_words,
    shelf_of,
)
from tui.screens.rack.tally import (
    COUNT,
    DIFFERENCE_REASONS,
    INSPECT,
    MANY_DIFFER,
    PACK,
    TASKS,
    CountedScan,
    Rack,
    RackPlace,
    TallyResult,
    Task,
    is_check,
    units_of,
)
from tui.screens.rack.text import (
    beside_text,
    big_count,
    count_words,
    counted_words,
    counters,
    differences_table,
    faults_text,
    heading,
    issues_table,
    last_scans,
    not_expected_words,
    order,
    place_title,
    prompt_words,
    reasons_text,
    tally_csv,
    tasks_text,
)
from tui.screens.step import StepScreen, Undo, about_deviation
from tui.screens.stop import AboutTherapy, StopBackground
from tui.screens.what import ExplainingScreen
from tui.session import TerminalSession
from tui.typing import is_position
from tui.widgets.big_number import BigNumber
from tui.widgets.pane import name_pane
from tui.widgets.place_grid import (
    GridCell,
    GridWindow,
    grid_table,
    loose_lines,
    turned,
    window_of,
    window_words,
)
from tui.widgets.room import WIDE_FROM
from tui.words import thing_words
from tui.workers import in_thread

POSITION_CHARACTERS: Final = 4
"""What is typed and is no longer was meant as a position; every code has more."""

DIFFERENCES_SHOWN: Final = 8
"""Lines of what a count is about to say, before the rest is only counted."""


class RackStep(StepScreen):
    """The rest of the rack's form, without what was scanned; the rack is told when it is recorded."""

    about = tr("The rest of this step. Its units were scanned; Esc leaves them in the rack.")

    def __init__(
        self,
        session: TerminalSession,
        offer: Offer,
        fixed: Mapping[str, Json],
        reason: Reason | None,
        then: Callable[[Answer, str], None],
    ) -> None:
        given = fixed if reason is None else {**fixed, "reason": reason.value}
        super().__init__(session, offer, None, fixed=given)
        self._then = then

    async def answered(self, outcome: Answer) -> None:
        """Leave after a record; stay after a refusal."""
        self.event_id = self.session.tracker.new_event_id()
        if outcome.problem is not None:
            self.refuse(outcome)
            return
        self.dismiss(None)
        self.app.call_later(self._then, outcome, self.signed_as)


class RackPicture(Static):
    """The picture, drawn again where the answers above it take or leave room."""

    class Resized(Message):
        """There is another room for it."""

    def on_resize(self) -> None:
        self.post_message(self.Resized())


class RackScreen(ExplainingScreen):
    """One scan, one answer, no key between; a difference is shown at once and explained at the end."""

    about = tr(
        "Choose what is done, scan the place, then scan everything, one after the "
        "other. Typing a number says how many you counted. DONE or F10 finishes: each "
        "difference asks for its reason, then all of it is signed at once. F4 takes "
        "the last scan back, F5 checks all of them again. In an opened box "
        "NOT-IN-ORDER says what is wrong with the unit scanned last: it goes into quarantine. CANCEL or Esc, "
        "twice, discards."
    )
    own_commands: ClassVar[tuple[type[Command], ...]] = (Undo,)
    codes: ClassVar[Mapping[str, type[Command]]] = {"CANCEL": Discard, "DONE": Sign}
    DEFAULT_CSS = """
    RackScreen {
        & #tally { height: auto; max-height: 10; }
        & #tally > BigNumber { min-width: 14; margin-right: 2; }
        & #said { width: 1fr; height: auto; max-height: 7; scrollbar-size: 1 1; }
        & #counters, & #issues, & #prompt { height: auto; }
        & #desk { height: 1fr; }
        & #rack { width: 3fr; height: 1fr; }
        & #scans { display: none; width: 1fr; min-width: 32; height: 1fr; }
        & #prompt { display: none; }
        &.-asks #prompt { display: block; }
        &.-wide #scans, &.-very-wide #scans { display: block; }
    }
    """

    def __init__(
        self, session: TerminalSession, subject: ScannedThing | None = None, *, task: Task | None = None
    ) -> None:
        super().__init__(session)
        self._begins_with = task
        self.rack: Rack | None = None
        self.asks_reason = False
        """Whether the differences are being explained."""

        self.event_id = ""
        self._shelf: int | None = None
        """The first cell of the shelf that was turned to; None for that of the last scan."""

        self._corner: str | None = None
        """The position around which a large place is shown, where somebody turned its pages."""

        self._pages: GridWindow | None = None
        self._shows_count = False
        """Whether what a count is about to say is on the screen."""

        self._stopped: tuple[str, str] | None = None
        """The unit that was turned down last and its therapy; a deviation may be opened about it."""

        self._subject = subject
        self._discards = False

    def body(self) -> ComposeResult:
        """How many, what has to be settled, the picture, in a wide window the last scans; what is asked."""
        with Horizontal(id="tally", classes="pane"):
            yield BigNumber("")
            with VerticalScroll(id="said", can_focus=False):
                yield Static(id="counters", markup=False)
                yield Static(id="issues", markup=False)
        with Horizontal(id="desk"):
            yield RackPicture(id="rack", classes="pane", markup=False)
            yield Static(id="scans", classes="pane", markup=False)
        yield Static(id="prompt", classes="pane -next", markup=False)

    def on_mount(self) -> None:
        self.show_rack()
        if self._begins_with is not None:
            self._choose(TASKS.index(self._begins_with) + 1)

    def on_resize(self) -> None:
        self.call_after_refresh(self.show_rack)

    def on_rack_picture_resized(self) -> None:
        if self.rack is not None:
            self._draw_picture(self.rack, self.query_one("#rack", Static))

    def turn_page(self, pages: int) -> None:
        """Another shelf of a larger rack."""
        if self.rack is not None and self.rack.grid is not None:
            self._corner = turned(self._pages, self.rack.grid, pages)
            self.show_rack()
        elif self.rack is not None:
            cells, (columns, rows, _) = rack_cells(self.rack), self._room(len(rack_cells(self.rack)))
            shown = columns * rows
            first = shelf_of(cells, shown, self._shelf)
            self._shelf = min(max(first + pages * shown, 0), max(len(cells) - 1, 0) // shown * shown)
            self.show_rack()

    def _room(self, count: int) -> tuple[int, int, bool]:
        """Columns and rows of the picture, and whether a cell is two rows high."""
        columns = COLUMNS_WIDE if self.size.width >= WIDE_FROM else COLUMNS
        rows = max(self.query_one("#rack").size.height, 1)
        needed = max(-(-count // columns), 1)
        is_high = self.size.width >= WIDE_FROM and needed * 3 <= rows
        return columns, min(rows // (3 if is_high else 1), max(needed, 1) + 1), is_high

    def show_rack(self) -> None:
        """Draw the rack as far as it is scanned; of a larger one the shelf of the last scan."""
        if not self.is_attached:
            return
        rack, pane, picture_of = self.rack, self.query_one("#tally"), self.query_one("#rack", Static)
        pane.display = rack is not None
        self.query_one("#scans").display = rack is not None and self.size.width >= WIDE_FROM
        prompt = self.query_one("#prompt", Static)
        if rack is None:
            self.set_class(False, "-asks")
            name_pane(picture_of, heading(None))
            picture_of.update(tasks_text())
            self.show_keys()
            return
        name_pane(pane, heading(rack))
        self.query_one(BigNumber).update(big_count(rack))
        self.query_one("#counters", Static).update(counters(rack))
        self.query_one("#issues", Static).update(issues_table(rack))
        difference = rack.open_difference if self.asks_reason else None
        if rack.judging is not None:
            prompt.update(faults_text(rack.judging))
        elif difference is not None:
            prompt.update(reasons_text(rack, difference))
        elif self._shows_count:
            name_pane(prompt, tr("What the count says"), tr("F10 signs it"))
            prompt.update(differences_table(rack, DIFFERENCES_SHOWN))
        asks = rack.judging is not None or difference is not None or self._shows_count
        self.set_class(asks, "-asks")
        self._draw_picture(rack, picture_of)
        self.show_keys()

    def _draw_picture(self, rack: Rack, pane: Static) -> None:
        if rack.grid is not None:
            self._draw_grid(rack, rack.grid, pane)
        else:
            cells = rack_cells(rack)
            columns, rows, is_high = self._room(len(cells))
            shown = columns * rows
            first = shelf_of(cells, shown, self._shelf)
            name_pane(pane, place_title(rack), legend(cells, first=first, shown=shown))
            pane.update(picture(cells, first=first, columns=columns, rows=rows, is_high=is_high))
        scans = self.query_one("#scans", Static)
        name_pane(scans, tr("Last scans"))
        scans.update(last_scans(rack, max(pane.size.height, 4)))

    def _draw_grid(self, rack: Rack, grid: tuple[int, int], pane: Static) -> None:
        """The positions of the place; below them what has none."""
        beside = beside_grid(rack)
        size = pane.content_size
        lines = loose_lines(len(beside), size.width)
        now = self._position_now(rack)
        window = window_of(grid, now or self._corner, width=size.width, height=size.height - lines)
        self._pages = window
        part = window_words(window, grid)
        part = tr("{part}, PgUp PgDn", part=part) + "   " if part else ""
        name_pane(pane, place_title(rack), part + shapes_words(is_expected=rack.task.is_expected))
        cells = grid_cells(rack)
        if now is not None and now not in cells:
            cells[now] = GridCell(NOW, style="key")
        table = grid_table(cells, window, now)
        pane.update(Group(table, beside_text(beside, size.width)) if beside else table)

    def _position_now(self, rack: Rack) -> str | None:
        """The position that is asked about, else that of the last scan."""
        if rack.homeless is not None or rack.said is not None:
            return rack.said or rack.next_free
        return None if rack.in_hand is None else rack.position_of(rack.in_hand)

    async def take_scan(self, scan: RawScan) -> None:
        """A number, a command, the place, or the next thing of the rack."""
        if not self.accepts(scan):
            return
        text, code = scan.text.strip(), printed_code(scan.text)
        if code is None or code.command != "CANCEL":
            self._discards = False
        if code is not None and code.command is not None:
            await self.take_code(code.command)
        elif text.isdecimal() and len(text) <= 3:
            self._number(int(text))
        elif self.rack is None:
            self.show(check(tr("What is done with it? No task is chosen yet."), order(None)))
        elif self.rack.task.place is not None and self.rack.place is None:
            await self.take_place(self.rack, scan)
        elif self.rack.has_positions and is_position(text):
            await self.take_position(self.rack, text.upper())
        else:
            await self.take_unit(self.rack, scan)

    async def take_code(self, name: str) -> None:
        """NOT-IN-ORDER is about the unit in the hand, where a box that came is opened."""
        if name == "NOT-IN-ORDER" and self.rack is not None and self.rack.task is INSPECT:
            self._set_aside(self.rack)
        else:
            await super().take_code(name)

    def order(self) -> str:
        """What is scanned next, as an order."""
        return order(self.rack)

    def prompt(self) -> str:
        """The same in the scan line, shorter."""
        return prompt_words(self.rack) or super().prompt()

    def _set_aside(self, rack: Rack) -> None:
        unit = rack.set_aside()
        if unit is None:
            self.show(check(tr("Which unit? Scan it, then NOT-IN-ORDER."), order(rack)))
            return
        self.show_rack()
        self.show(check(tr("{unit} is not in order.", unit=unit), tr("Say what is wrong, by number.")))

    def _find_fault(self, rack: Rack, number: int) -> None:
        if not 1 <= number <= len(FAULTS):
            self.show(check(tr("There is no line {number}.", number=number), tr("Say what is wrong.")))
            return
        fault = [*FAULTS][number - 1]
        unit = rack.find_fault(fault)
        self.show_rack()
        said = tr("{unit} goes into quarantine: {fault}.", unit=unit, fault=FAULTS[fault])
        self.show(check(said, tr("F4 takes its scan back.")))

    async def take_place(self, rack: Rack, scan: RawScan) -> None:
        """The location or box that the whole set is put into or taken from."""
        reader, task = self.session.tracker.read, rack.task
        lookup = await in_thread(lambda: reader.lookup(code=scan.text))
        object_id = lookup.resolution.object_id
        if lookup.resolution.found is not task.place or object_id is None:
            wanted = named(task.place.value if task.place else "unit")
            line = tr("A {wanted} comes first; this is {title}.", wanted=wanted, title=lookup.title)
            self.show(check(line, order(rack)))
            return
        unfit = await in_thread(lambda: self._unfit(rack, object_id))
        if unfit is not None:
            expected = unfit.expected or tr("a box or shipper that is fit")
            read = read_words(unfit.read, unfit.carrier) or shown_read(scan)
            self.stop(StopAnswer(unfit.message, expected, read, unfit.remedy, cause_of(unfit.rule)))
            return
        rack.place = RackPlace(object_id, thing_words(lookup), without_aim(scan.text.strip()), scan.mode)
        if task.is_expected:
            rack.expected = await in_thread(lambda: self._held(task.place, object_id))
        if task.place is Found.LOCATION:
            known = await in_thread(lambda: self.session.tracker.read.storage_map(location=object_id))
            rack.grid = known.place.grid
            rack.lies = {one.position: one.unit for one in known.units if one.position is not None}
            rack.shown = {one.unit: one.cassette or one.unit for one in known.units}
        self.show_rack()
        count = (
            (" " + tr("{count} expected by the record.", count=len(rack.expected)))
            if task.is_expected
            else ""
        )
        self.show(ok(f"{rack.place.title}.{count}", order(rack)))

    async def take_position(self, rack: Rack, position: str) -> None:
        """Where the unit lies that was scanned last, or the one that is scanned next."""
        place = rack.place
        if place is None:
            return
        unit = rack.homeless or (rack.in_hand if rack.in_hand in rack.taken else None)
        reader, moved = self.session.tracker.read, rack.moved()
        violation = await in_thread(
            lambda: reader.position_violation(
                location=place.object_id, position=position, unit=unit or "", moved=moved
            )
        )
        doubled = next((one for one, at in rack.positions.items() if at == position and one != unit), None)
        if violation is not None and is_grave(violation):
            self.stop(
                StopAnswer(
                    violation.message,
                    tr("a position in which nothing lies"),
                    position,
                    violation.remedy,
                    cause_of(violation.rule),
                )
            )
        elif violation is not None:
            self.show(check(violation.message, violation.remedy))
        elif doubled is not None:
            said = tr("{position} is taken by {unit}, scanned before.", position=position, unit=doubled)
            self.show(check(said, order(rack)))
        else:
            placed = rack.place_in(position)
            self.show_rack()
            said = (
                tr("Position {position}.", position=position)
                if placed is None
                else tr("{position}: {unit}.", position=position, unit=placed)
            )
            self.show(ok(said, order(rack)))

    def _unfit(self, rack: Rack, equipment: str) -> Violation | None:
        """Why nothing may be packed into a box; another task may well be done with it."""
        if rack.task is not PACK:
            return None
        reader, station = self.session.tracker.read, self.session.station.id
        return reader.unfit_to_pack(equipment=equipment, station=station)

    def _held(self, found: Found | None, object_id: str) -> tuple[str, ...]:
        reader = self.session.tracker.read
        rows = (
            reader.units_in_box(box=object_id)
            if found is Found.BOX
            else reader.units_in_location(location=object_id)
        )
        return units_of((row.unit, row.final_disposition) for row in rows)

    def judge(self, code: str) -> RackItem:
        """What a code is for this rack, by the rules of its step."""
        session, rack = self.session, self.rack
        kind = rack.task.kind if rack else ""
        at = rack.place.object_id if rack is not None and rack.place is not None else None
        return session.tracker.read.scanned(
            code=code, kind=kind, actor=session.staff, station=session.station.id, at=at
        )

    async def take_unit(self, rack: Rack, scan: RawScan) -> None:
        """One thing of the rack."""
        if rack.homeless is not None and len(scan.text.strip()) <= POSITION_CHARACTERS:
            said = tr("{text} is no position.", text=shown_read(scan))
            self.show(check(said, order(rack)))
            return
        if rack.homeless is not None:
            self.show(check(tr("One after the other: this scan does not count yet."), order(rack)))
            return
        item = await in_thread(lambda: self.judge(scan.text))
        known = rack.taken.get(item.unit or "") or rack.unexpected.get(item.unit or "")
        one = CountedScan(item, without_aim(scan.text.strip()), scan.mode, self.session.now())
        took = rack.take(one)
        self._shelf = None
        self.show_rack()
        if took is TallyResult.COUNTED:
            self.show(
                ok(
                    tr(
                        "{count}: {material} {unit} of {coi}.",
                        count=len(rack.taken),
                        material=named(item.material),
                        unit=item.unit,
                        coi=item.coi,
                    ),
                    order(rack) if rack.has_positions else "",
                )
            )
        elif took is TallyResult.AGAIN:
            at = f"{known.at:%H:%M:%S}" if known else tr("before")
            self.show(
                check(
                    tr("{unit} was scanned already at {at}; it counts once.", unit=item.unit, at=at),
                    order(rack),
                )
            )
        elif took is TallyResult.UNEXPECTED:
            self.show(check(not_expected_words(item.unit, item.location or item.box)))
        elif rack.task is COUNT and self._is_unknown(scan, item):
            text = without_aim(scan.text.strip())
            rack.codes[item.resolution.text] = (text, scan.mode)
            rack.refused -= 1
            self.show_rack()
            self.show(check(tr("This code stands for no unit of this store."), tr("The count says so.")))
        else:
            self._turn_down(rack, scan, item, took)

    def _is_unknown(self, scan: RawScan, item: RackItem) -> bool:
        """Whether something was scanned that nobody here knows; what was typed may be a slip."""
        unknown = (Found.UNKNOWN, Found.FOREIGN, Found.OTHER_PURPOSE)
        return scan.mode is not ReadMode.MANUAL and item.resolution.found in unknown

    def _turn_down(self, rack: Rack, scan: RawScan, item: RackItem, took: TallyResult) -> None:
        self._stopped = (item.unit, item.coi) if item.unit and item.coi else None
        violation = item.violation
        if took is TallyResult.FOREIGN:
            place = rack.place.title if rack.place else "there"
            line = tr(
                "By the record {unit} is not in {place} but in {location}.",
                unit=item.unit,
                place=place,
                location=item.location or item.box or tr("none"),
            )
            advice = tr("Put it aside and look: it is not taken along. Scan the next one.")
            self.stop(
                StopAnswer(
                    line,
                    tr("a unit that is in {place}", place=place),
                    shown_read(scan),
                    advice,
                    WRONG_UNIT,
                )
            )
        elif violation is None:
            self.show(
                check(
                    tr("A set has at most {count} units.", count=len(rack.taken)),
                    tr("DONE signs these; go on then."),
                )
            )
        elif is_check(item):
            self.show(check(violation.message, violation.remedy + " " + tr("It does not count.")))
        else:
            expected = violation.expected or tr("a unit that can be taken along")
            read = read_words(violation.read, violation.carrier) or shown_read(scan)
            advice = violation.remedy + " " + tr("It is not taken along.")
            self.stop(StopAnswer(violation.message, expected, read, advice, cause_of(violation.rule)))

    def stop_background(self, stop: StopAnswer) -> StopBackground:
        """A deviation is about the unit that was turned down."""
        unit = self._stopped
        known = super().stop_background(stop)
        if unit is None:
            return known
        about = AboutTherapy((unit[1],), lambda coi: self.do(self._deviate(unit[0], coi)))
        return replace(known, deviation=about)

    async def _deviate(self, unit: str, coi: str) -> None:
        subject = await in_thread(lambda: look(self.session, by_id(unit)))
        self.app.push_screen(about_deviation(self.session, subject, coi))

    def _number(self, number: int) -> None:
        rack = self.rack
        if rack is None:
            if 1 <= number <= len(TASKS):
                self._choose(number)
            else:
                self.show(check(tr("There is no task {number}.", number=number), order(None)))
        elif rack.judging is not None:
            self._find_fault(rack, number)
        elif self.asks_reason and rack.open_difference is not None:
            self._give_reason(rack, number)
        else:
            rack.counted = number
            self.show_rack()
            self.show(ok(counted_words(rack), order(rack)))

    def _choose(self, number: int) -> None:
        self.rack = Rack(TASKS[number - 1])
        self.event_id = self.session.tracker.new_event_id()
        subject = self._subject
        is_fresh = subject is not None and time.monotonic() - subject.scan.began <= SCANNED_WITHIN
        if subject is not None and is_fresh and subject.found is self.rack.task.place:
            self.do(self.take_place(self.rack, subject.scan))
        self.show_rack()
        self.show(ok(f"{self.rack.task.title}.", order(self.rack)))

    def _give_reason(self, rack: Rack, number: int) -> None:
        difference = rack.open_difference
        if difference is None or not 1 <= number <= len(DIFFERENCE_REASONS):
            self.show(
                check(tr("There is no reason {number}.", number=number), tr("Type a number from the list."))
            )
            return
        rack.reasons[difference] = DIFFERENCE_REASONS[number - 1]
        self.do(self.finish())

    async def finish(self) -> None:
        """Sign when the tally agrees or each difference has its reason; else ask for the next one."""
        rack = self.rack
        if rack is None or not _can_finish(rack):
            self.show(check(tr("Nothing is scanned yet."), order(rack)))
            return
        if rack.homeless is not None:
            self.show(check(tr("Nobody said where {unit} lies.", unit=rack.homeless), order(rack)))
            return
        if rack.collision is not None:
            position, other = rack.collision
            said = tr("{position}: by the record {unit} lies there.", position=position, unit=other)
            self.show(check(said, tr("Scan it too, with the position in which it lies now.")))
            return
        if rack.task is PACK and rack.counted != len(rack.taken):
            counted = (
                tr("nobody said how many")
                if rack.counted is None
                else tr("{counted} were counted", counted=rack.counted)
            )
            self.show(
                check(
                    tr("{count} are scanned, {counted}.", count=len(rack.taken), counted=counted),
                    tr("Count them and type the number."),
                )
            )
            return
        if rack.task is COUNT and rack.counted not in (None, rack.seen):
            said = tr("You counted {number} and scanned {count}.", number=rack.counted, count=rack.seen)
            self.show(check(said, tr("Scan the others, or count again and type the number.")))
            return
        if rack.judging is not None:
            line = tr("What is wrong with {unit} was not said.", unit=rack.judging)
            self.show(check(line, tr("Say what is wrong, by number.")))
            return
        self.asks_reason = rack.open_difference is not None
        self.show_rack()
        if self.asks_reason:
            self.show(
                check(
                    tr("The tally differs: each difference needs a reason."), tr("Or scan what is missing.")
                )
            )
        elif not rack.task.request:
            await self._file_count(rack)
        elif rack.task is COUNT:
            await self._sign_count(rack)
        elif not rack.taken:
            self.show(check(tr("Nothing can be recorded: no unit was scanned."), tr("Esc discards.")))
        elif rack.task.asks_more:
            offer = Offer(rack.task.kind, rack.task.request, rack.task.title)
            self.app.push_screen(RackStep(self.session, offer, rack.fields(), rack.reason, self.recorded))
        else:
            await self._sign(rack)

    async def _sign_count(self, rack: Rack) -> None:
        """What differs is shown before it is signed; with nothing that differs, it is signed at once."""
        differs = not rack.goes_on and bool(rack.missing or rack.unexpected or rack.codes)
        if differs and not self._shows_count:
            self._shows_count = True
            self.show_rack()
            advice = tr("F10 again signs it; or scan what is missing.")
            if len(rack.missing) + len(rack.unexpected) > MANY_DIFFER:
                advice = tr("More than {count} differ: is this the place? F10 signs it.", count=MANY_DIFFER)
            self.show(check(count_words(rack), advice))
        else:
            self._shows_count = False
            await self._sign(rack)

    async def _sign(self, rack: Rack) -> None:
        session = self.session
        request = rack.request(actor=session.staff, station=session.station.id, event_id=self.event_id)
        outcome = await self.act(request)
        if outcome is None:
            return
        if outcome.problem is not None:
            self.event_id = session.tracker.new_event_id()
            # Somebody else may have been quicker: what no longer fits must not stop the rest of the set.
            gone = await self._dropped(rack)
            rack.at_fault = outcome.problem.unit if outcome.problem.unit in rack.taken else None
            rack.why_refused = outcome.problem.message
            self.show_rack()
            self.refused(outcome)
            if gone:
                self._show_gone(rack, gone)
            return
        self.recorded(outcome, self.signed_as)

    def recorded(self, outcome: Answer, signed_as: str) -> None:
        """The set is in the record: the next one begins with its place."""
        rack, self.signed_as = self.rack, signed_as
        if rack is None:
            return
        count = len(rack.taken)
        if rack.task is COUNT:
            said = count_words(rack)
            if any(one.rule == COUNT_GOES_ON for one in outcome.notices):
                rack.goes_on, self.event_id = True, self.session.tracker.new_event_id()
                self.show(self.written(outcome, tr("F10 tells the others too.")))
                return
            self._begin_again(rack)
            self.show(self.written(outcome, f"{said} {order(rack)}"))
            return
        self._begin_again(rack)
        said = tr("1 unit in one act.") if count == 1 else tr("{count} units in one act.", count=count)
        self.show(self.written(outcome, f"{said} {order(rack)}"))

    def _begin_again(self, rack: Rack) -> None:
        rack.clear()
        self.asks_reason = self._shows_count = False
        self._corner = None
        self.event_id = self.session.tracker.new_event_id()
        self.show_rack()

    async def _file_count(self, rack: Rack) -> None:
        """A count is no event: it is a table in the folder of labels and slips."""
        now, person = self.session.now(), self.session.staff
        text = tally_csv(rack, person=person, station=self.session.station.id, at=now)
        place = rack.place.object_id if rack.place else "nowhere"
        path = self.session.folder / f"count-{place}-{now:%Y%m%d-%H%M%S}.csv"

        def write() -> None:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(text, encoding="utf-8", newline="")

        await in_thread(write)
        found, differ = len(rack.taken), len(rack.missing) + len(rack.unexpected)
        rack.turned_down.clear()
        self._begin_again(rack)
        said = tr(
            "Counted: {found} found, {differ} differ. Nothing was recorded.", found=found, differ=differ
        )
        self.show(ok(said, tr("Kept in {path}", path=path)))

    async def _check_again(self, rack: Rack) -> None:
        """Check everything scanned again; what somebody else has taken meanwhile is dropped."""
        count, gone = len(rack.taken), await self._dropped(rack)
        self.show_rack()
        if gone:
            self._show_gone(rack, gone)
        else:
            self.show(ok(tr("All {count} can still be taken along.", count=count), order(rack)))

    async def _dropped(self, rack: Rack) -> tuple[str, ...]:
        """Why units were taken out of the tally that the rules no longer take."""
        codes = {unit: one.code for unit, one in rack.taken.items()}
        judged = await in_thread(lambda: {unit: self.judge(code) for unit, code in codes.items()})
        return rack.keep(judged)

    def _show_gone(self, rack: Rack, gone: tuple[str, ...]) -> None:
        self.show(
            check(tr("{count} taken out of the tally: {gone}", count=len(gone), gone=gone[0]), order(rack))
        )

    def why_not_sign(self) -> str | None:
        """Finishing needs something scanned, or something that is not there."""
        is_empty = self.rack is None or not _can_finish(self.rack)
        return tr("Nothing is scanned yet.") if is_empty else None

    def why_not_undo(self) -> str | None:
        """So does taking back; what cannot be signed is settled by it."""
        return None if self.rack is not None and self.rack.turned_down else self.why_not_sign()

    def label_of(self, command: type[Command]) -> str:
        """F10 with how many it signs."""
        if command is Sign and self._shows_count:
            return tr("Sign the count")
        if command is Sign and self.rack is not None and self.rack.taken:
            count = len(self.rack.taken)
            return (
                tr("Sign {count}", count=count)
                if self.rack.task.request and not self.rack.task.counts
                else tr("Count {count}", count=count)
            )
        return tr("Take back one") if command is Undo else super().label_of(command)

    def why_not_refresh(self) -> str | None:
        """So does checking again."""
        return self.why_not_sign()

    def action_sign(self) -> None:
        """Finish: explain the differences, then sign the set."""
        self.do(self.finish())

    def action_undo(self) -> None:
        """Take back the unit in the hand."""
        if self.rack is not None:
            unit = self.rack.undo()
            self.show_rack()
            said = tr("Taken back: {unit}.", unit=unit) if unit else tr("There was nothing to take back.")
            self.show(ok(said))

    def action_refresh(self) -> None:
        """Ask the rules again about everything scanned."""
        if self.rack is not None:
            self.do(self._check_again(self.rack))

    def scan_failed(self, scan: RawScan, error: CartrailError) -> None:
        """A misread, or a store that cannot be asked: the tally stays as it is."""
        self._stopped = None
        if self.rack is not None:
            self.rack.in_hand = None
        if isinstance(error, StoreError):
            kept = len(self.rack.taken) if self.rack else 0
            line = tr(
                "{message} THIS scan does not count; {kept} scanned before it are kept, unsaved.",
                message=error.message,
                kept=kept,
            )
            self.show(check(line, tr("Scan it again when the store is back.")))
        else:
            self.stop(stop_for(error, expected=tr("a code that can be read"), read=shown_read(scan)))

    def escape_word(self) -> str:
        """The tally first, then the screen."""
        return tr("Back") if self.rack is None or self.rack.is_empty else tr("Drop")

    @property
    def holds_entries(self) -> bool:
        """A tally that was not signed."""
        return self.rack is not None and not self.rack.is_empty

    def action_discard(self) -> None:
        """Once warns, twice discards; with nothing scanned, one leaves."""
        rack = self.rack
        if rack is None or (rack.is_empty and rack.place is None):
            self.close_with(self.discarded(tr("Left without recording anything.")))
        elif self.asks_reason:
            self.asks_reason = False
            self.show_rack()
            self.show(ok(tr("Back to the tally."), order(rack)))
        elif not rack.is_empty and not self._discards:
            self._discards = True
            self.show(
                check(
                    tr("1 scan would be lost.")
                    if len(rack.taken) == 1
                    else tr("{count} scans would be lost.", count=len(rack.taken)),
                    tr("Esc or CANCEL again discards."),
                )
            )
        else:
            self._discards = False
            rack.turned_down.clear()
            self._begin_again(rack)
            self.show(self.discarded(tr("Discarded: nothing was recorded."), tr("Esc once more leaves.")))

    def unsigned(self) -> tuple[str, ...]:
        """The tally, for a lock or a change of hands."""
        return self.rack.words() if self.rack is not None else ()

    def tallied(self) -> tuple[str, ...]:
        """The units in it."""
        return tuple(self.rack.taken) if self.rack is not None and self.rack.task.request else ()

    def come_back(self) -> None:
        """A tally goes on after a lock: every unit in it was scanned by the same person."""


def _can_finish(rack: Rack) -> bool:
    """Whether there is something to sign: a place that is empty can be counted too."""
    if rack.task is COUNT:
        return rack.place is not None
    return not rack.is_empty or bool(rack.missing and rack.task.asks_why)


def is_grave(violation: Violation) -> bool:
    """Whether a refusal is more than something to look at."""
    return violation.answer is ScanAnswer.STOP
