"""F8: the labels and slips for what is on the screen, as a PDF in the folder that is shown."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from labels.content import Content
from labels.outputs import Target, TargetKind
from schema.errors import Refusal
from schema.vocabulary import Reason
from tracker import labeling
from tracker.rules.situation import Found
from tui.answers import check, ok, safe
from tui.forms import Setting
from tui.forms.lists import REPRINT, reasons
from tui.forms.prompts import Choice
from tui.framing import Scan
from tui.looking import Subject
from tui.screens.acting import ActingScreen
from tui.session import Session
from tui.workers import in_thread


@dataclass(frozen=True, slots=True)
class Printable:
    """One thing that can be printed for what is on the screen."""

    title: str
    name: str
    """The beginning of the file's name."""
    make: Callable[[], Content]


def printables(session: Session, subject: Subject) -> tuple[Printable, ...]:
    """What there is to print; each call of `make` takes the next copy of the code."""
    tracker, staff, station = session.tracker, session.staff, session.station.id
    object_id = subject.object_id or ""
    found: list[Printable] = []
    unit = subject.unit
    if unit is not None:
        name = unit.unit
        found.append(
            Printable("Unit label", name, lambda: labeling.unit_label(tracker, name, staff, station))
        )
        if unit.cassette is not None or _has_cassette(subject):
            title = "Cassette label" if unit.cassette else "Label for an unused cassette"
            make = lambda: labeling.cassette_label(tracker, name, staff, station)  # noqa: E731 - a table of calls
            found.append(Printable(title, f"{name}-cassette", make))
    if subject.therapy is not None and subject.found is not Found.BOX:
        coi = subject.therapy.coi
        found.append(Printable("COI card", coi, lambda: labeling.coi_card(tracker, coi, staff, station)))
    if subject.found is Found.BOX:
        slip = lambda: labeling.handoff_slip(tracker, station=station, box=object_id)  # noqa: E731
        found.append(Printable("Handoff slip, two copies", f"{object_id}-slip", slip))
        label = lambda: labeling.equipment_label(tracker, object_id, staff, station)  # noqa: E731
        found.append(Printable("Box label", object_id, label))
    if subject.found is Found.LOCATION:
        place = lambda: labeling.location_label(tracker, object_id, staff, station)  # noqa: E731
        found.append(Printable("Location label", object_id, place))
    return tuple(found)


def _has_cassette(subject: Subject) -> bool:
    protocol, unit = subject.lookup.protocol, subject.unit
    container = protocol.container(unit.material) if protocol and unit else None
    return container is not None and container.cassette


class LabelScreen(ActingScreen):
    """Choose by number; each print takes the next copy of the code, so no two papers carry the same."""

    about = (
        "Type the number of what to print, then Enter. The PDF lies in the folder shown; print it unscaled."
    )
    DEFAULT_CSS = """
    LabelScreen #list { padding: 0 1; }
    """

    def __init__(self, session: Session, subject: Subject) -> None:
        super().__init__(session)
        self.subject = subject
        self._printables = printables(session, subject)
        self._printed: list[str] = []
        self._again: Printable | None = None
        """What has a copy already and waits for the reason of a further one."""

    def body(self) -> ComposeResult:
        """The list of what can be printed."""
        yield Static(id="list", markup=False)

    def on_mount(self) -> None:
        super().on_mount()
        self._refresh()

    def _refresh(self) -> None:
        again = self._again
        if again is None:
            text = Text("PRINT: type a number, then Enter\n\n", style="bold")
            lines = [one.title for one in self._printables]
        else:
            text = Text(
                f"WHY A FURTHER COPY of {again.title}: a number, then Enter; Esc: none\n\n", style="bold"
            )
            lines = [choice.label for choice in self._reasons()]
        for number, line in enumerate(lines, start=1):
            text.append(f"{number:>3}  {line}\n")
        if not self._printables:
            text.append("There is nothing to print for this code.\n")
        text.append(f"\nFolder  {safe(str(self.session.folder))}\n", style="not bold")
        for line in self._printed[-8:]:
            text.append(f"Printed {line}\n", style="not bold")
        self.query_one("#list", Static).update(text)

    def _reasons(self) -> Sequence[Choice]:
        setting = Setting(
            self.session.registry, self.session.station, self.session.zone, self.session.tracker.clock.now()
        )
        return reasons(REPRINT, setting)

    async def take_scan(self, scan: Scan) -> None:
        """The number of a line: what to print, or why it is printed again."""
        text, again = scan.text.strip(), self._again
        lines: Sequence[object] = self._printables if again is None else self._reasons()
        if not text.isdecimal() or not 1 <= int(text) <= len(lines):
            self.show(check("That is no number of the list.", "Type a number, then Enter; F3 goes back."))
            return
        if again is not None:
            await self._put_out(again, Reason(str(self._reasons()[int(text) - 1].value)))
        else:
            await self._put_out(self._printables[int(text) - 1], None)

    async def _put_out(self, chosen: Printable, reason: Reason | None) -> None:
        self._again = None
        try:
            path, code = await in_thread(lambda: self._print(chosen, reason))
        except Refusal as refusal:
            if refusal.code != "reprint_needs_reason":
                self._refresh()
                raise
            self._again = chosen
            self._refresh()
            self.show(check(refusal.message, "Say why: type the number of a reason, then Enter."))
            return
        self._printed.append(f"{code or chosen.title} -> {path.name}")
        self._refresh()
        self.show(ok(f"{chosen.title} {code}".rstrip() + " is printed.", f"{path.name}: print it unscaled."))

    def cancel(self) -> None:
        """Ask no more for a reason; nothing is printed."""
        if self._again is None:
            super().cancel()
            return
        self._again = None
        self._refresh()
        self.show(ok("No further copy was printed."))

    def _print(self, chosen: Printable, reason: Reason | None) -> tuple[Path, str]:
        folder = self.session.folder
        folder.mkdir(parents=True, exist_ok=True)
        with self.session.tracker.prints.job(reason=reason) as job:
            content = chosen.make()
            code: str = getattr(content, "code", "")
            path = folder / f"{chosen.name}{'-' + code[-3] if code else ''}.pdf"
            job.put_out((content,), Target(TargetKind.PDF, path), out=io.StringIO())
        return path, code
