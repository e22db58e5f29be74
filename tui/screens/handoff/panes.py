"""A handoff as it is seen: four cells, what is asked, the two people, and what changes hands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import ClassVar, Final

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Static

from schema.events import Party
from schema.vocabulary import EntryMode, PartyType
from tracker.values import DueClock, Found, Keeping, allowed_for, described
from tui.answers import ShownAnswer, Verdict
from tui.causes import DONE as DONE_WORDS
from tui.commands import Command
from tui.forms.form import Form
from tui.glyphs import DONE, NOW
from tui.language import named, tr
from tui.looking import ScannedThing
from tui.screens.form.text import prompt_title, prompt_word
from tui.screens.handoff.cells import Half, HandoffView, arrow_text, cells_of, half_text
from tui.screens.step.visiting import BadgeScreen
from tui.shown_codes import code_text, grouped
from tui.widgets.big_word import BigWord
from tui.widgets.limit_bar import limit_line
from tui.widgets.pane import PANE_COLUMNS, name_pane
from tui.widgets.scan_cell import ScanCell, letters_high, lines_of
from tui.widgets.window import Window
from tui.words import sentence, short_time

_BAR_CELLS: Final = 16
_HAS_PEOPLE_UNDER: Final = 3
"""With more choices than these there is no room for the two people below them."""


class HandoffPanes(BadgeScreen):
    """The picture of a handoff; its subclass says how it goes on."""

    asked_rows_max: ClassVar[int] = 9
    elsewhere: ClassVar[tuple[type[Command], ...]] = ()
    """The commands that lead to something else than a handoff."""

    DEFAULT_CSS = """
    HandoffPanes {
        & #cells { layout: grid; grid-size: 4; height: auto; max-height: 14; }
        & #rows, & #background { display: none; }
        & #asked { height: 1fr; max-height: 100%; }
        & #people { height: auto; margin-top: 0; }
        & #people > Static { width: auto; max-width: 45%; height: auto; }
        & #people > #arrow { padding: 0 2; }
        & #people > #receiver { width: 1fr; max-width: 100%; }
        &.-rows #rows { display: block; }
        &.-rows #cells, &.-rows #people { display: none; }
        &.-rows #asked { height: auto; max-height: 14; }
        &.-wide #asked, &.-very-wide #asked { height: auto; max-height: 14; }
        &.-wide #background, &.-very-wide #background { display: block; height: 1fr; }
        & #background > Static { width: 1fr; height: 1fr; }
        &.-rows #background { display: none; }
    }
    """

    seen: ScannedThing | None = None
    """What was scanned, as the record last had it."""
    given_at: datetime | None = None
    """When the giver's half was written here; None before it."""
    received: Half | None = None
    """Who has taken it over, once somebody has."""

    @property
    def is_receiving(self) -> bool:
        """Whether who is signed in here is the receiver."""
        raise NotImplementedError

    def body(self) -> ComposeResult:
        """The cells, or all rows where more is asked than they have room for; what is asked; the rest."""
        with Horizontal(id="cells"):
            yield from (ScanCell() for _ in range(4))
        with VerticalScroll(id="rows", classes="pane", can_focus=False):
            yield Static(id="lines", markup=False)
        with Window(id="asked", classes="pane -next"):
            yield BigWord(name="word")
            yield Static(id="prompt", markup=False)
            with Horizontal(id="people"):
                yield from (Static(id=name, markup=False) for name in ("giver", "arrow", "receiver"))
        with Horizontal(id="background"):
            yield Static(id="hands", classes="pane", markup=False)
            yield Static(id="else", classes="pane", markup=False)

    def show(self, answer: ShownAnswer) -> None:
        """What was written stands here in its own letters, so that its answer takes a line."""
        is_done = answer.verdict is Verdict.OK and bool(answer.cause)
        super().show(ShownAnswer(answer.verdict, answer.line, answer.advice) if is_done else answer)

    def view(self) -> HandoffView:
        """What is read, and what the record says by now."""
        subject, box = self.seen or self.subject, self._box()
        return HandoffView(
            form=self.form,
            giver=self.giver(),
            receiver=self.receiver(),
            box=box,
            seal=(subject.seal or "") if subject is not None else "",
            allowed=self._allowed(),
            given_display=self._given_display(),
            asks_badge_of=self.badge_of,
            is_signing=bool(self.form.sections) and self.form.current is None,
        )

    def _box(self) -> str:
        subject = self.subject
        if subject is None or subject.found is not Found.BOX:
            return ""
        known = subject.registry.equipment(subject.object_id or "")
        return known.title if known is not None else grouped(subject.object_id or "")

    def _allowed(self) -> str:
        """The narrowest is not looked for: of one therapy all units in a box bear the same."""
        subject = self.subject
        protocol = subject.lookup.protocol if subject is not None else None
        unit = subject.held[0][1] if subject is not None and subject.held else None
        allowed = None if protocol is None or unit is None else allowed_for(protocol, unit, Keeping.TRANSPORT)
        if allowed is None:
            return ""
        bound = allowed.maximum if allowed.minimum is None else None
        return tr("{celsius} C", celsius=bound) if bound is not None else str(allowed)

    def _given_display(self) -> str:
        handoff = self.seen.handoff if self.seen is not None else None
        return (handoff.display_celsius or "") if handoff is not None and self.is_receiving else ""

    def _person(self, staff: str) -> str:
        person = self.session.registry.person(staff)
        return person.name if person is not None else staff

    def _party(self, party: Party | None) -> str:
        """A department or carrier; a person is named already."""
        is_person = party is not None and party.type is PartyType.PERSON
        return "" if party is None or is_person else described(self.session.registry, party)

    def giver(self) -> Half:
        """Who gives: who is signed in here, who came to the terminal, or who signed elsewhere."""
        session, subject = self.session, self.seen or self.subject
        handoff = subject.handoff if subject is not None else None
        if handoff is not None:
            signed = f"{session.local(handoff.at):%H:%M:%S}"
            is_here = handoff.actor == session.staff
            return Half(self._person(handoff.actor), self._party(handoff.from_party), signed, is_here)
        units = [unit for _, unit in subject.held] if subject is not None else []
        units += [subject.unit] if subject is not None and subject.unit is not None else []
        party = self._party(units[0].custodian) if units else ""
        signed = f"{session.local(self.given_at):%H:%M:%S}" if self.given_at is not None else ""
        if not self.is_receiving:
            return Half(self._person(session.staff), party, signed, is_here=True)
        return Half((self.visitor.name if self.visitor is not None else "") or "", party, signed)

    def receiver(self) -> Half:
        """Who takes it over, as far as somebody has come."""
        if self.received is not None:
            return self.received
        if self.is_receiving:
            return Half(self._person(self.session.staff), self._planned(), is_here=True)
        visitor = self.visitor if self.given_at is not None else None
        return Half((visitor.name if visitor is not None else "") or "", self._planned())

    def _planned(self) -> str:
        """For whom it is, by the giver's statement or by how the box was packed."""
        subject = self.seen or self.subject
        if subject is None:
            return ""
        if subject.handoff is not None:
            return self._party(subject.handoff.to_party)
        therapy, box = subject.therapy, subject.object_id or ""
        planned = therapy.boxes_carrier.get(box) if therapy is not None else None
        if therapy is None or planned is None or not subject.held:
            return ""
        custodian = subject.held[0][1].custodian
        if custodian is not None and custodian.type is PartyType.CARRIER:
            there = self.session.registry.site(planned[1])
            site = there.title if there is not None else planned[1]
            return self._party(therapy.boxes_receiver.get(box)) or site
        return self._party(Party(type=PartyType.CARRIER, id=planned[0]))

    def refresh_form(self) -> None:
        """The cells, what is asked, the people."""
        super().refresh_form()
        asked, view = self.asked, self.view()
        self.set_class(asked.outside or asked.mode is not EntryMode.LIVE, "-rows")
        row, cells = self.query_one("#cells", Horizontal), cells_of(view)
        width = self.app.size.width // len(cells) - PANE_COLUMNS
        row.styles.grid_rows = str(max(lines_of(cell, width) for cell in cells) + letters_high(self.app))
        for cell, said in zip(self.query(ScanCell), cells, strict=True):
            cell.show(said)
        self._show_asked(view)
        self._show_people(view)
        self._show_background()

    def _show_asked(self, view: HandoffView) -> None:
        therapy = self.asked.subject.therapy if self.asked.subject is not None else None
        about = "  ".join(filter(None, (self.title_words(), grouped(therapy.coi) if therapy else "")))
        pane, prompt = self.query_one("#asked", Window), self.query_one("#prompt", Static)
        big = pane.query_one(BigWord)
        if view.is_over:
            name_pane(pane, f"{DONE} " + tr("Both have signed"), about)
            big.say(DONE_WORDS["accepted"])
            big.display = True
            prompt.display = False
        elif self.badge_of:
            name_pane(pane, f"{NOW} 4  {sentence(self.badge_of)}", about)
            big.say(tr("SCAN BADGE"))
            big.display = True
            note = self.badge_note()
            prompt.update(Text(note))
            prompt.display = bool(note)
        else:
            name_pane(pane, prompt_title(self.form), about)
            said = cell_word(self.form)
            big.say(said)
            big.display = bool(said)
            prompt.display = True

    def _show_people(self, view: HandoffView) -> None:
        current = self.form.current
        choices = len(current.choices) if current is not None and not self.badge_of else 0
        self.query_one("#people").display = choices < _HAS_PEOPLE_UNDER
        self.query_one("#giver", Static).update(half_text(view.giver, view, is_giver=True))
        self.query_one("#arrow", Static).update(arrow_text(view))
        self.query_one("#receiver", Static).update(half_text(view.receiver, view, is_giver=False))

    def _show_background(self) -> None:
        hands, other = self.query_one("#hands", Static), self.query_one("#else", Static)
        name_pane(hands, tr("What changes hands"))
        hands.update(_in_columns(self._hands()))
        name_pane(other, tr("Something else?"))
        other.update(_in_columns(self._something_else()))

    def _hands(self) -> Iterator[tuple[Text, Text]]:
        subject, now = self.seen or self.subject, self.session.tracker.clock.now()
        if subject is None or subject.therapy is None:
            return
        units = [*subject.held] or ([(subject.therapy, subject.unit)] if subject.unit is not None else [])
        for therapy in dict.fromkeys(therapy.coi for therapy, _ in units):
            sites = next(one for one, _ in units if one.coi == therapy).sites
            route = f"  {sites.collection} › {sites.manufacturing} › {sites.treatment}"
            yield _row(tr("Therapy"), code_text(therapy).append(route, style="not bold"))
        for _, unit in units:
            yield _row(tr("Inside"), code_text(unit.unit).append(f"  {named(unit.material.value)}"))
        hold = subject.therapy.boxes_hold.get(subject.object_id or "")
        for clock in (one for one in subject.clocks if hold is None or one.due_at != hold.until):
            until = short_time(self.session.local(clock.due_at))
            yield _row(tr("Clock"), Text(tr("{limit} until {time}", limit=clock.title, time=until)))
        yield from self._shipper(subject, now)

    def _shipper(self, subject: ScannedThing, now: datetime) -> Iterator[tuple[Text, Text]]:
        therapy, box = subject.therapy, subject.object_id or ""
        packed = subject.held[0][1].facts.get("packed") if subject.held else None
        hold = therapy.boxes_hold.get(box) if therapy is not None else None
        if hold is not None:
            clock = DueClock(tr("holds"), box, hold.until, hold.since)
            yield _row(tr("Shipper"), limit_line(clock, now, _BAR_CELLS))
        if packed is not None:
            at, who = short_time(self.session.local(packed.at)), self._person(packed.actor)
            yield _row(tr("Packed"), Text(tr("{time} by {who}", time=at, who=who)))

    def _something_else(self) -> Iterator[tuple[Text, Text]]:
        for command in self.elsewhere:
            if self.refusal_of(command) is None:
                yield Text(command.key_word(), style="bold"), Text(command.help())


def _row(name: str, value: Text) -> tuple[Text, Text]:
    return Text(name, style="muted"), value


def _in_columns(rows: Iterable[tuple[Text, Text]]) -> Table:
    """A name and a value a row; values are wrapped at words."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, value in rows:
        table.add_row(name, value)
    return table


def cell_word(form: Form) -> str:
    """What is done now, in letters to be read from two meters."""
    prompt = form.current
    field = "" if prompt is None else prompt.field
    words: dict[str, str] = {
        "seal": tr("SEAL"),
        "condition": tr("IN ORDER?"),
        "display_celsius": tr("DISPLAY"),
    }
    return words.get(field) or prompt_word(form)
