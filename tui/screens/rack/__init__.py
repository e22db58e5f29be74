"""Rack scan: many things with one task, a tally that counts each once, one signing for the whole set."""

from __future__ import annotations

import time
from typing import ClassVar

from schema.errors import CartrailError, StoreError
from tracker.answers import Answer as Outcome
from tui.answers import check, ok, shown_read, stop_for
from tui.commands import Command, Refresh, Sign, WhatIsThis
from tui.framing import Scan, printed_code
from tui.language import tr
from tui.looking import Offer, Subject
from tui.screens.form.filling import SCANNED_WITHIN
from tui.screens.rack.step import RackStep
from tui.screens.rack.tally import DIFFERENCE_REASONS, Rack
from tui.screens.rack.tasks import INSPECT, PACK, TASKS
from tui.screens.rack.text import order, tally_csv
from tui.screens.rack_tally import RackTally
from tui.screens.step import Undo
from tui.screens.what import WhatScreen
from tui.session import Session
from tui.workers import in_thread


class RackScreen(RackTally):
    """One scan, one answer, no key between; a difference is told at once and explained at the end."""

    about = tr(
        "Choose what is done, scan the place, then scan everything, one after the "
        "other. Typing a number says how many you counted. DONE or F10 finishes: each "
        "difference asks for its reason, then all of it is signed at once. F4 takes "
        "the last scan back, F5 checks all of them again. In an opened box "
        "NOT-IN-ORDER puts the unit scanned last into quarantine. CANCEL or Esc, "
        "twice, discards."
    )
    own_commands: ClassVar[tuple[type[Command], ...]] = (Undo,)

    def __init__(self, session: Session, subject: Subject | None = None) -> None:
        super().__init__(session)
        self.event_id = ""
        self._subject = subject
        self._discards = False

    async def take_scan(self, scan: Scan) -> None:
        """A number, a command, the place, or the next thing of the rack."""
        if not self.accepts(scan):
            return
        text, code = scan.text.strip(), printed_code(scan.text)
        if code is None or code.command != "CANCEL":
            self._discards = False
        if code is not None and code.command is not None:
            await self._command(code.command)
        elif text.isdecimal() and len(text) <= 3:
            self._number(int(text))
        elif self.rack is None:
            self.show(check(tr("What is done with it? No task is chosen yet."), order(None)))
        elif self.rack.task.place is not None and self.rack.place is None:
            await self.take_place(self.rack, scan)
        else:
            await self.take_unit(self.rack, scan)

    async def _command(self, command: str) -> None:
        if command == "CANCEL":
            self.cancel()
        elif command == "DONE":
            self.do(self.finish())
        elif command == "NOT-IN-ORDER" and self.rack is not None and self.rack.task is INSPECT:
            self._set_aside(self.rack)
        else:
            self.show(check(tr("{command} answers nothing here.", command=command), order(self.rack)))

    def _set_aside(self, rack: Rack) -> None:
        unit = rack.set_aside()
        if unit is None:
            self.show(check(tr("Which unit? Scan it, then NOT-IN-ORDER."), order(rack)))
            return
        self.show_rack()
        self.show(check(tr("{unit} goes into quarantine.", unit=unit), tr("F4 takes its scan back.")))

    def _number(self, number: int) -> None:
        rack = self.rack
        if rack is None:
            if 1 <= number <= len(TASKS):
                self._choose(number)
            else:
                self.show(check(tr("There is no task {number}.", number=number), order(None)))
        elif self.asks_reason and rack.open_difference is not None:
            self._give_reason(rack, number)
        else:
            rack.told = number
            self.show_rack()
            self.show(ok(tr("You counted {number}.", number=number), order(rack)))

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
        if rack is None or (rack.is_empty and not rack.missing):
            self.show(check(tr("Nothing is scanned yet."), order(rack)))
            return
        if rack.task is PACK and rack.told != len(rack.taken):
            counted = (
                tr("nobody said how many") if rack.told is None else tr("{told} were counted", told=rack.told)
            )
            self.show(
                check(
                    tr("{count} are scanned, {counted}.", count=len(rack.taken), counted=counted),
                    tr("Count them and type the number."),
                )
            )
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
        elif not rack.taken:
            self.show(check(tr("Nothing of it can be recorded: no unit was scanned."), tr("Esc discards.")))
        elif rack.task.asks_more:
            offer = Offer(rack.task.kind, rack.task.request, rack.task.title)
            self.app.push_screen(RackStep(self.session, offer, rack.fields(), rack.reason, self.recorded))
        else:
            await self._sign(rack)

    async def _sign(self, rack: Rack) -> None:
        session = self.session
        request = rack.request(actor=session.staff, station=session.station.id, event_id=self.event_id)
        outcome = await self.act(request)
        if outcome is None:
            return
        if outcome.problem is not None:
            self.event_id = session.tracker.new_event_id()
            self.refused(outcome)
            # Somebody else may have been quicker: what no longer fits must not stop the rest of the set.
            await self._check_again(rack)
            return
        self.recorded(outcome, self.signed_as)

    def recorded(self, outcome: Outcome, signed_as: str) -> None:
        """The set is in the record: the next one begins with its place."""
        rack, self.signed_as = self.rack, signed_as
        if rack is None:
            return
        count = len(rack.taken)
        self._begin_again(rack)
        said = tr("1 unit in one act.") if count == 1 else tr("{count} units in one act.", count=count)
        self.show(self.written(outcome, f"{said} {order(rack)}"))

    def _begin_again(self, rack: Rack) -> None:
        rack.clear()
        self.asks_reason = False
        self.event_id = self.session.tracker.new_event_id()
        self.show_rack()

    async def _file_count(self, rack: Rack) -> None:
        """A count is no event: it is a table in the folder of labels and slips."""
        now, person = self.session.now(), self.session.staff
        text = tally_csv(rack, person=person, station=self.session.station.id, at=now)
        place = rack.place.object_id if rack.place else "nowhere"
        path = self.session.folder / f"count-{place}-{now:%Y%m%d-%H%M%S}.csv"

        def write() -> None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")

        await in_thread(write)
        found, differ = len(rack.taken), len(rack.missing) + len(rack.unexpected)
        self._begin_again(rack)
        said = tr(
            "Counted: {found} found, {differ} differ. Nothing was recorded.", found=found, differ=differ
        )
        self.show(ok(said, tr("Kept in {path}", path=path)))

    async def _check_again(self, rack: Rack) -> None:
        """Ask the rules anew about everything scanned; what somebody else has taken meanwhile goes out."""
        codes = {unit: one.code for unit, one in rack.taken.items()}
        judged = await in_thread(lambda: {unit: self.judge(code) for unit, code in codes.items()})
        gone = rack.keep(judged)
        self.show_rack()
        if gone:
            self.show(
                check(
                    tr("{count} taken out of the tally: {gone}", count=len(gone), gone=gone[0]), order(rack)
                )
            )
        else:
            self.show(ok(tr("All {count} can still be taken along.", count=len(codes)), order(rack)))

    def why_not(self, command: type[Command]) -> str | None:
        """Finishing and taking back need something scanned."""
        if command is WhatIsThis:
            return None
        if command in (Sign, Undo, Refresh):
            is_empty = self.rack is None or (self.rack.is_empty and not self.rack.missing)
            return tr("Nothing is scanned yet.") if is_empty else None
        return super().why_not(command)

    async def perform(self, command: type[Command]) -> None:
        """What the keys of a rack do."""
        rack = self.rack
        if command is WhatIsThis:
            self.app.push_screen(WhatScreen(self.session))
        elif command is Sign:
            self.do(self.finish())
        elif command is Undo and rack is not None:
            one = rack.undo()
            self.show_rack()
            self.show(
                ok(tr("Taken back: {unit}.", unit=one.unit) if one else tr("There was nothing to take back."))
            )
        elif command is Refresh and rack is not None:
            self.do(self._check_again(rack))
        else:
            await super().perform(command)

    def scan_failed(self, scan: Scan, error: CartrailError) -> None:
        """A misread, or a store that cannot be asked: the tally stays as it is."""
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

    def cancel(self) -> None:
        """Once warns, twice discards; with nothing scanned, one leaves."""
        rack = self.rack
        if rack is None or (rack.is_empty and rack.place is None):
            self.close_with(ok(tr("Left without recording anything.")))
        elif self.asks_reason:
            self.asks_reason = False
            self.show_rack()
            self.show(ok(tr("Back to the tally."), order(rack)))
        elif not rack.is_empty and not self._discards:
            self._discards = True
            self.show(
                check(
                    tr("{count} scans would be lost.", count=len(rack.taken)),
                    tr("Esc or CANCEL again discards."),
                )
            )
        else:
            self._discards = False
            self._begin_again(rack)
            self.show(ok(tr("Discarded: nothing of it was recorded."), tr("Esc once more leaves.")))

    def go_back(self) -> None:
        """F3 leaves nothing behind unsaid."""
        if self.rack is not None and not self.rack.is_empty:
            self.cancel()
        else:
            super().go_back()
