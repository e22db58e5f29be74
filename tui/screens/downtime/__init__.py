"""Ctrl+N: downtime papers, those that are out and overdue, a new form, and what comes back of them."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Container
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from labels.keyed import in_groups
from labels.outputs import PrintTarget, TargetKind, parse_target
from schema.vocabulary import ObjectType, ReadMode
from tracker.values import FormOut, FormState
from tui.answers import check, ok, safe
from tui.commands import Command
from tui.framing import RawScan, printed_code
from tui.glyphs import BAD, TO_COME
from tui.language import named, tr
from tui.looking import Offer, ScannedThing, by_id, look
from tui.scanned import scanned_paper
from tui.screens.acting import ActingScreen
from tui.screens.step import StepScreen
from tui.session import TerminalSession
from tui.shown_codes import code_text
from tui.widgets.pane import name_pane
from tui.workers import in_thread

_VOID: Final = Offer("form_voided", "void_form", tr("Void a form: unused and destroyed, or lost"))


class ComeBack(Command):
    """The chosen form is back: what was written is entered, now attach the paper as scanned."""

    key = "f4"
    footer = "Returned"
    palette = "Attach the scanned paper of the chosen form"


class VoidPaper(Command):
    """The chosen form was not used, or is lost: destroy it or give it up before a second person."""

    key = "f6"
    footer = "Void"
    palette = "Void the chosen downtime form"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is typed next, and what is done with it."""

    question: str
    take: Callable[[str], Any]


class DowntimeScreen(ActingScreen):
    """What is on paper now; nothing written by hand is forgotten while its form stands here."""

    about = tr(
        "Forms for when systems are down. F8 prints a form for the therapy that was on "
        "the screen. Scan a form, or type its number, to choose it. F4: it is back, "
        "attach it scanned. F6: void it before two."
    )
    own_commands: ClassVar[tuple[type[Command], ...]] = (ComeBack, VoidPaper)
    DEFAULT_CSS = """
    DowntimeScreen {
        & #desk { height: 1fr; layout: vertical; }
        & #out { height: auto; max-height: 9; scrollbar-size: 1 1; }
        & #form { height: 1fr; }
        & #asked { display: none; height: auto; }
        &.-wide #desk, &.-very-wide #desk { layout: horizontal; }
        &.-wide #out, &.-very-wide #out { width: 3fr; height: 100%; max-height: 100%; }
        &.-wide #form, &.-very-wide #form { width: 2fr; height: 100%; }
    }
    """

    def __init__(self, session: TerminalSession, subject: ScannedThing | None = None) -> None:
        super().__init__(session)
        self.subject = subject
        self._out: tuple[FormOut, ...] = ()
        self._chosen: tuple[str, FormState] | None = None
        """The therapy and the form."""

        self._asked: _Asked | None = None

    def body(self) -> ComposeResult:
        """The forms that are out, the most urgent first."""
        yield Static(id="asked", classes="pane -next", markup=False)
        with Container(id="desk"):
            yield OptionList(id="out", classes="pane", markup=False)
            yield Static(id="form", classes="pane", markup=False)

    def on_mount(self) -> None:
        name_pane(self.query_one("#out"), tr("Downtime forms out"), tr("reading ..."))

    def on_screen_resume(self) -> None:
        self.query_one("#out").focus()
        self.do(self._look())

    async def _look(self) -> None:
        self._out = await in_thread(self.session.tracker.forms.out)
        if self._chosen is not None:
            coi, form = self._chosen
            known = await in_thread(lambda: self.session.tracker.read.therapy(coi=coi))
            self._chosen = None if known is None else (coi, known[0].forms[form.form])
        self._show_lines()

    def _show_lines(self) -> None:
        listed, local = self.query_one("#out", OptionList), self.session.local
        listed.clear_options()
        listed.add_options([out_text(at, one, local) for at, one in enumerate(self._out, start=1)])
        late = sum(one.overdue for one in self._out)
        said = Text(f"{BAD} " + tr("{count} overdue", count=late), style="stop") if late else Text("")
        name_pane(listed, tr("Downtime forms out: {count}", count=len(self._out)), said)
        listed.set_class(late > 0, "-bad")
        if not self._out:
            listed.add_option(Option(Text(tr("No paper is out.")), disabled=True))
        form = self.query_one("#form", Static)
        title, text = form_text(self._chosen)
        therapy = self.subject.therapy if self.subject is not None else None
        prints = Text()
        if therapy is not None:
            prints = Text(tr("F8 prints a form for") + " ").append_text(code_text(therapy.coi))
        form.update(text)
        name_pane(form, title, prints)
        asked = self.query_one("#asked", Static)
        asked.display = self._asked is not None
        asked.update("" if self._asked is None else self._asked.question)
        self.show_keys()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter on a form chooses it."""
        self.do(self._choose(self._out[event.option_index].form.form))

    def prompt(self) -> str:
        """A form, or the answer to what is asked."""
        return tr("Scan a form, or type its number") if self._asked is None else tr("Type it, then Enter")

    async def take_scan(self, scan: RawScan) -> None:
        """A form, the number of a line, or the answer to what is asked."""
        text, code, asked = scan.text.strip(), printed_code(scan.text), self._asked
        if code is not None and code.object_type is ObjectType.FORM:
            await self._choose(code.object_id)
        elif asked is not None:
            self._asked = None
            await asked.take(text)
        elif text.isdecimal() and 1 <= int(text) <= len(self._out):
            await self._choose(self._out[int(text) - 1].form.form)
        else:
            self.show(
                check(tr("That is no form and no number of the list."), tr("Scan a form; Esc goes back."))
            )

    async def _choose(self, form: str) -> None:
        subject = await in_thread(lambda: look(self.session, by_id(form)))
        therapy = subject.therapy
        if therapy is None or form not in therapy.forms:
            self.show(
                check(tr("{form} is no downtime form of this store.", form=form), tr("Nothing was recorded."))
            )
            return
        self._chosen = (therapy.coi, therapy.forms[form])
        self._show_lines()
        self.show(
            ok(
                tr("{form} of {coi} is chosen.", form=in_groups(form), coi=in_groups(therapy.coi)),
                tr("F4: it is back, scanned. F6: void it."),
            )
        )

    def why_not_come_back(self) -> str | None:
        """A form is chosen before anything is said of it."""
        return None if self._chosen is not None else tr("Scan a form, or type its number, first.")

    def why_not_void_paper(self) -> str | None:
        """So it is before it is voided."""
        return self.why_not_come_back()

    def why_not_print_label(self) -> str | None:
        """A form is printed for a therapy."""
        has = self.subject is not None and self.subject.therapy is not None
        return None if has else tr("Scan the therapy on the first screen, then come here.")

    def action_print_label(self) -> None:
        """Ask which steps the form is for, then print it."""
        protocol = self.subject.lookup.protocol if self.subject is not None else None
        stages = protocol.stages if protocol is not None else ()
        lines = "\n".join(f"{number:>3}  {one.title}" for number, one in enumerate(stages, start=1))
        self._ask(
            tr("WHICH STEPS: a number, then Enter; Esc: none\n  0  All that remain\n{lines}", lines=lines),
            self._print,
        )

    def action_come_back(self) -> None:
        """Ask for the file of the scanned paper."""
        self._ask(tr("FILE of the scanned paper (PDF, PNG, JPEG), then Enter; Esc: none"), self._give_back)

    async def action_void_paper(self) -> None:
        """Void the chosen form before a second person."""
        if self._chosen is not None:
            await self._void(*self._chosen)

    def action_refresh(self) -> None:
        """Read the forms again."""
        self.do(self._look())

    def _ask(self, question: str, take: Callable[[str], Any]) -> None:
        self._asked = _Asked(question, take)
        self._show_lines()
        self.show(ok(tr("Type it, then Enter.")))

    def action_discard(self) -> None:
        """Ask no more; nothing is written."""
        if self._asked is None:
            super().action_discard()
            return
        self._asked = None
        self._show_lines()
        self.show(self.discarded(tr("Nothing was written.")))

    async def _print(self, text: str) -> None:
        protocol = self.subject.lookup.protocol if self.subject is not None else None
        therapy = self.subject.therapy if self.subject is not None else None
        stages = protocol.stages if protocol is not None else ()
        if therapy is None or not text.isdecimal() or int(text) > len(stages):
            self._show_lines()
            self.show(check(tr("That is no number of the list."), tr("F8 asks again; nothing was printed.")))
            return
        stage = stages[int(text) - 1].name if int(text) else None
        where = await in_thread(lambda: self._printed(therapy.coi, stage))
        await self._look()
        self.show(ok(tr("The form is printed and noted as out."), safe(where)))

    def _printed(self, coi: str, stage: str | None) -> str:
        tracker, folder, out = self.session.tracker, self.session.folder, io.StringIO()
        staff, station = self.session.staff, self.session.station.id
        form = tracker.forms.make(coi, staff=staff, station=station, stage=stage)
        tracker.forms.issue(form, staff=staff, station=station)
        folder.mkdir(parents=True, exist_ok=True)
        target = PrintTarget(TargetKind.PDF, folder / f"{form.form}-downtime.pdf")
        if self.session.labels_to.startswith("cups:"):
            target = parse_target(self.session.labels_to.removesuffix("/pdf") + "/pdf")
        with tracker.prints.job() as job:
            job.put_out((form,), target, out=out)
        return out.getvalue().strip() or tr("{path}: print it unscaled", path=target.path)

    async def _give_back(self, text: str) -> None:
        if self._chosen is None:
            return
        coi, form = self._chosen
        content = await in_thread(lambda: scanned_paper(text))
        outcome = await self.act(
            {
                "request": "attach_paper",
                "event_id": self.session.tracker.new_event_id(),
                "actor": self.session.staff,
                "station": self.session.station.id,
                "coi": _named(coi),
                "form": _named(form.form),
                "files": [content],
            }
        )
        if outcome is None:
            return
        await self._look()
        if outcome.problem is not None:
            self.refused(outcome)
        else:
            self.show(
                self.written(
                    outcome, tr("{form} is back; keep the paper as your procedure says.", form=form.form)
                )
            )

    async def _void(self, coi: str, form: FormState) -> None:
        subject = await in_thread(lambda: look(self.session, by_id(coi)))
        fixed = {"coi": _named(coi), "form": _named(form.form)}
        self.app.push_screen(StepScreen(self.session, _VOID, subject, fixed=fixed))


def _named(object_id: str) -> dict[str, str]:
    """An object that was chosen on this screen, from which nobody can mistype it."""
    return {"code": object_id, "mode": ReadMode.PASTED.value}


def out_text(number: int, one: FormOut, local: Callable[[datetime], datetime]) -> Text:
    """A form that is out, in two lines: which, of which therapy, where; until when, and what was entered."""
    text = Text().append(f"{number:>2} ", style="key").append_text(code_text(one.form.form))
    text.append("  " + tr("therapy") + " ").append_text(code_text(one.coi)).append(f"  {one.form.site}\n")
    at = f"{local(one.due_at):%d %b %H:%M}"
    if one.overdue:
        text.append(f"   {BAD} " + tr("OVERDUE since {at}", at=at), style="stop")
    else:
        text.append(f"   {TO_COME} " + tr("due {at}", at=at))
    entered = len(one.form.entries)
    return text.append(", " + (tr("{count} entered", count=entered) if entered else tr("nothing entered")))


def form_text(chosen: tuple[str, FormState] | None) -> tuple[Text, Text]:
    """Title and text of the chosen form: its therapy, how it stands, and its steps."""
    if chosen is None:
        return Text(tr("The chosen form")), Text(tr("Scan a form, or choose one."))
    coi, form = chosen
    title = Text().append_text(code_text(form.form)).append(" " + tr("of") + " ").append_text(code_text(coi))
    steps = ", ".join(named(kind) for kind in form.steps)
    return title, Text(f"{named(form.status.value)}\n").append(steps, style="muted")
