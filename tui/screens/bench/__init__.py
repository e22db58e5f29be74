"""Clearing this terminal's bench: what is at it, where to look, and the declaration that it is clear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.widgets import Static

from schema.canonical import Json
from tracker.answers import Answer
from tracker.values import AtBench, BenchNow
from tui.answers import check, ok
from tui.commands import Command, Discard, Sign
from tui.framing import RawScan, printed_code, without_aim
from tui.glyphs import LOOK, NEXT
from tui.language import tr
from tui.screens.bench.text import checklist_table, labels_table, therapies_table
from tui.screens.what import ExplainingScreen
from tui.session import TerminalSession
from tui.shown_codes import grouped
from tui.widgets.pane import name_pane
from tui.widgets.window import Window
from tui.workers import in_thread

CLEAR = "CLEAR-BENCH"
"""The command code that says the same as F10."""


class BenchScreen(ExplainingScreen):
    """One look at the bench, one declaration, one or two signatures."""

    about = tr(
        "One therapy at a bench. Take everything of it away, look where the list says, "
        "then F10 or the code CLEAR-BENCH: you sign that nothing of it is left, before "
        "a witness where cells were open. Scan a label that leaves with the therapy "
        "unused. What is left has to be put where it belongs first: a bench is never "
        "declared clear against the record."
    )
    codes: ClassVar[Mapping[str, type[Command]]] = {"CANCEL": Discard, CLEAR: Sign}
    DEFAULT_CSS = """
    BenchScreen {
        & #bench, & #look { height: auto; }
        & #open { height: 1fr; }
        & #left { height: auto; }
        &.-wide #all, &.-very-wide #all { layout: horizontal; }
        &.-wide #left, &.-very-wide #left { width: 3fr; }
        &.-wide #open, &.-very-wide #open { width: 2fr; }
    }
    """

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(session)
        self.bench: BenchNow | None = None
        self._one = ""
        """The id of the one therapy that leaves, where two are at the bench."""

        self._named: list[str] = []
        self._event_id = session.tracker.new_event_id()

    def body(self) -> ComposeResult:
        """What is at the bench and where to look."""
        with Container(id="all"):
            with Vertical(id="left"):
                yield Static(id="bench", classes="pane -next", markup=False)
                look = Static(checklist_table(), id="look", classes="pane", markup=False)
                name_pane(look, tr("Look for what is left"), tr("F10 signs that nothing is"))
                yield look
            with Window(id="open", classes="pane -look"):
                yield Static(id="labels", markup=False)

    def on_mount(self) -> None:
        self.do(self._read())

    def on_screen_resume(self) -> None:
        if self.is_current and self.bench is not None:
            self.do(self._read())

    async def _read(self) -> None:
        station = self.session.station.id
        self.bench = await in_thread(lambda: self.session.tracker.read.bench(station=station))
        self._show()

    def _show(self) -> None:
        bench, session = self.bench, self.session
        self.show_keys()
        pane = self.query_one("#bench", Static)
        is_free = bench is None or not bench.therapies
        for name in ("#look", "#open"):
            self.query_one(name).display = not is_free
        if bench is None or is_free:
            title = bench.title if bench else session.station.id
            name_pane(pane, title)
            pane.update(tr("The bench {title} is free. Esc goes back.", title=title))
            return
        name_pane(pane, f"{NEXT} " + tr("Clear the bench {title}", title=bench.title))
        names = {person.staff: person.name for person in session.registry.people.values()}
        now = session.tracker.clock.now()
        pane.update(therapies_table(bench, self._chosen(), names, session.zone, now))
        codes = [code for one in self._chosen() for code in one.open_labels]
        labels = self.query_one("#open")
        labels.display = bool(codes)
        left = sum(code not in self._named for code in codes)
        name_pane(
            labels,
            f"{LOOK} " + tr("Printed here, on nothing yet"),
            tr("{left} of {count} to account for", left=left, count=len(codes)),
        )
        self.query_one("#labels", Static).update(labels_table(codes, self._named))

    def _chosen(self) -> tuple[AtBench, ...]:
        therapies = self.bench.therapies if self.bench else ()
        return tuple(one for one in therapies if self._one in ("", one.coi))

    @property
    def unaccounted(self) -> tuple[str, ...]:
        """The labels of what leaves that are on nothing and were not scanned."""
        codes = (code for one in self._chosen() for code in one.open_labels)
        return tuple(code for code in codes if code not in self._named)

    async def take_scan(self, scan: RawScan) -> None:
        """The declaration as a code, a label that leaves, or the number of a therapy."""
        if not self.accepts(scan):
            return
        text, code = without_aim(scan.text.strip()), printed_code(scan.text)
        if code is not None and code.command is not None and code.command in self.codes:
            await self.take_code(code.command)
        elif text in {one for therapy in self._chosen() for one in therapy.open_labels}:
            self._named = [*dict.fromkeys([*self._named, text])]
            self.session.uncleared = ""
            self._show()
            self.show(ok(tr("{text} leaves with its therapy.", text=grouped(text))))
        elif text.isdecimal() and len(text) == 1:
            self._choose(int(text))
        else:
            self.show(
                check(
                    tr("That is no open label of this bench."),
                    tr("Take it away; F2 says what it is. Nothing recorded."),
                )
            )

    def _choose(self, number: int) -> None:
        therapies = self.bench.therapies if self.bench else ()
        if number > len(therapies):
            self.show(check(tr("There is no line {number}.", number=number)))
            return
        self._one = "" if number == 0 else therapies[number - 1].coi
        self._show()

    def _request(self) -> dict[str, Any]:
        session = self.session
        head = {"request": "clear_line", "event_id": self._event_id, "station": session.station.id}
        return {**head, "actor": session.staff, **self._said()}

    def _said(self) -> Mapping[str, Json]:
        said: dict[str, Json] = {"nothing_left": True}
        if self._one:
            said["coi"] = self._one
        if self._named:
            said["labels"] = list(self._named)
        return said

    async def clear(self) -> None:
        """Have the declaration signed and recorded."""
        outcome = await self.act(self._request())
        if outcome is not None:
            self._answered(outcome)

    def _answered(self, outcome: Answer) -> None:
        self._event_id = self.session.tracker.new_event_id()
        self.session.uncleared = "" if outcome.problem is None else self._chosen()[0].coi
        if outcome.problem is None:
            self.close_with(self.written(outcome, tr("The next therapy may come.")))
            return
        self.refused(outcome)

    def label_of(self, command: type[Command]) -> str:
        """What is signed here is that nothing is left."""
        return tr("Sign clear bench") if command is Sign else super().label_of(command)

    def why_not_sign(self) -> str | None:
        """A declaration is about a therapy at the bench."""
        return None if self._chosen() else tr("Nothing is at this bench.")

    def action_sign(self) -> None:
        """Declare that the bench is clear."""
        self.do(self.clear())

    def action_refresh(self) -> None:
        """Look again what is at the bench."""
        self.do(self._read())

    def action_discard(self) -> None:
        """Forget which labels were scanned; with none, leave."""
        if not self._named and not self._one:
            super().action_discard()
            return
        self._named, self._one = [], ""
        self._show()
        self.show(self.discarded(tr("Nothing was declared, nothing was recorded.")))
