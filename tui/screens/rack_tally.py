"""The tally of a rack on the screen: place, scans, and the answer to each of them."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Digits, Static

from tracker.rules.situation import Found
from tracker.views.models import RackItem
from tui.answers import Stop, check, ok, shown_read
from tui.framing import Scan, without_aim
from tui.language import named, tr
from tui.screens.acting import ActingScreen
from tui.screens.rack.tally import Place, Rack, Taken, Took, is_check, units_of
from tui.screens.rack.text import big_count, counters, heading, order, reasons_text, scans_text, tasks_text
from tui.session import Session
from tui.words import thing_words
from tui.workers import in_thread


class RackTally(ActingScreen):
    """Takes the place and the things; each scan has its answer before the next one is taken."""

    DEFAULT_CSS = """
    RackTally {
        & #title { height: 1; padding: 0 1; text-style: bold; background: $panel; }
        & #tally { height: 3; background: $surface; }
        & Digits { width: auto; min-width: 14; padding: 0 2 0 1; text-style: bold; }
        & #counters { width: 1fr; }
        & #rows { height: 1fr; padding: 0 1; }
        & #scans, & #counters, & #prompt { text-wrap: nowrap; text-overflow: ellipsis; }
        & #prompt { height: auto; max-height: 3; padding: 0 1; background: $surface; }
    }
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.rack: Rack | None = None
        self.asks_reason = False
        """Whether the differences are being explained."""

    def body(self) -> ComposeResult:
        """Task and place, the tally, the scans, what to do."""
        yield Static(id="title", markup=False)
        with Horizontal(id="tally"):
            yield Digits("")
            yield Static(id="counters", markup=False)
        with VerticalScroll(id="rows", can_focus=False):
            yield Static(id="scans", markup=False)
        yield Static(id="prompt", markup=False)

    def on_mount(self) -> None:
        self.show_rack()

    def on_resize(self) -> None:
        self.show_rack()

    def show_rack(self) -> None:
        """Draw the tally; only the window of the last scans, however many there are."""
        rack = self.rack
        self.query_one("#title", Static).update(heading(rack))
        self.query_one("#tally").display = rack is not None
        scans, prompt = self.query_one("#scans", Static), self.query_one("#prompt", Static)
        if rack is None:
            scans.update(tasks_text())
            prompt.update(order(None))
            return
        self.query_one(Digits).update(big_count(rack))
        self.query_one("#counters", Static).update(counters(rack))
        scans.update(scans_text(rack, max(self.query_one("#rows").size.height, 4)))
        difference = rack.open_difference if self.asks_reason else None
        prompt.update(order(rack) if difference is None else reasons_text(rack, difference))
        self.show_keys()

    async def take_place(self, rack: Rack, scan: Scan) -> None:
        """The location or box that the whole set is put into or taken from."""
        reader, task = self.session.tracker.read, rack.task
        lookup = await in_thread(lambda: reader.lookup(code=scan.text))
        object_id = lookup.resolution.object_id
        if lookup.resolution.found is not task.place or object_id is None:
            wanted = named(task.place.value if task.place else "unit")
            line = tr("A {wanted} comes first; this is {title}.", wanted=wanted, title=lookup.title)
            self.stop(Stop(line, tr("the code of a {wanted}", wanted=wanted), shown_read(scan), order(rack)))
            return
        rack.place = Place(object_id, thing_words(lookup), without_aim(scan.text.strip()), scan.mode)
        if task.is_expected:
            rack.expected = await in_thread(lambda: self._held(task.place, object_id))
        self.show_rack()
        count = (
            (" " + tr("{count} expected by the record.", count=len(rack.expected)))
            if task.is_expected
            else ""
        )
        self.show(ok(f"{rack.place.title}.{count}", order(rack)))

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
        session, kind = self.session, self.rack.task.kind if self.rack else ""
        return session.tracker.read.scanned(
            code=code, kind=kind, actor=session.staff, station=session.station.id
        )

    async def take_unit(self, rack: Rack, scan: Scan) -> None:
        """One thing of the rack."""
        item = await in_thread(lambda: self.judge(scan.text))
        known = rack.taken.get(item.unit or "") or rack.unexpected.get(item.unit or "")
        one = Taken(item, without_aim(scan.text.strip()), scan.mode, self.session.now())
        took = rack.take(one)
        self.show_rack()
        if took is Took.COUNTED:
            self.show(
                ok(
                    tr(
                        "{count}: {material} {unit} of {coi}.",
                        count=len(rack.taken),
                        material=named(item.material),
                        unit=item.unit,
                        coi=item.coi,
                    )
                )
            )
        elif took is Took.AGAIN:
            at = f"{known.at:%H:%M:%S}" if known else tr("before")
            self.show(
                check(
                    tr("{unit} was scanned already at {at}; it counts once.", unit=item.unit, at=at),
                    order(rack),
                )
            )
        elif took is Took.UNEXPECTED:
            where = item.location or item.box or tr("nowhere")
            self.show(
                check(
                    tr(
                        "{unit} is not expected there: by the record it is in {where}.",
                        unit=item.unit,
                        where=where,
                    )
                )
            )
        else:
            self._turn_down(rack, scan, item, took)

    def _turn_down(self, rack: Rack, scan: Scan, item: RackItem, took: Took) -> None:
        violation = item.violation
        if took is Took.FOREIGN:
            place = rack.place.title if rack.place else "there"
            line = tr(
                "By the record {unit} is not in {place} but in {location}.",
                unit=item.unit,
                place=place,
                location=item.location or item.box or tr("none"),
            )
            advice = tr("Put it aside and look: it is not taken along. Scan the next one.")
            self.stop(Stop(line, tr("a unit that is in {place}", place=place), shown_read(scan), advice))
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
            expected = tr("a unit that can be taken along")
            advice = violation.remedy + " " + tr("It is not taken along.")
            self.stop(Stop(violation.message, expected, shown_read(scan), advice))

    def unsigned(self) -> tuple[str, ...]:
        """The tally, for a lock or a change of hands."""
        return self.rack.words() if self.rack is not None else ()

    def tallied(self) -> tuple[str, ...]:
        """The units in it."""
        return tuple(self.rack.taken) if self.rack is not None and self.rack.task.request else ()

    def come_back(self) -> None:
        """A tally goes on after a lock: every unit in it was scanned by the same person."""
