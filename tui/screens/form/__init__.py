"""A form on the screen: each read compared with what is asked, another patient's stopped at once."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from labels.keyed import keyed
from schema.canonical import Json
from schema.errors import CartrailError, InputError
from schema.vocabulary import EntryMode, ReadMode, Reason
from tracker.answers import Answer
from tracker.values import Proposal, Resolution, Violation
from tui.answers import StopAnswer, check, is_like_a_code, ok, read_words, shown_read
from tui.bigtext import KeyFacts
from tui.causes import OTHER_PATIENT, WRONG_UNIT, cause_of
from tui.commands import Command, Discard, Sign
from tui.forms.catalog import takes_therapy
from tui.forms.following import follow_up, said_by, with_values_of_fixed
from tui.forms.form import Form
from tui.forms.judging import wrong_at_once
from tui.forms.prompts import FieldAnswer, FormSetting, Prompt, PromptKind, WrongAnswer
from tui.forms.reading import needs_lookup, read_prompt, scanned
from tui.framing import RawScan, printed_code
from tui.language import named, tr
from tui.looking import ScannedThing
from tui.screens.form.filling import (
    LABELS,
    FormTask,
    Twice,
    judged_so_far,
    lists_units,
    made_form,
    refused_at_once,
    refused_unit,
    setting_of,
    stand_in,
    tally_words,
    typed_value,
)
from tui.screens.form.text import form_rows, prompt_panel, prompt_title, prompt_word
from tui.screens.what import ExplainingScreen
from tui.session import TerminalSession
from tui.shown_codes import grouped
from tui.typing import command_said
from tui.widgets.big_word import BigWord
from tui.widgets.pane import name_pane
from tui.widgets.window import Window
from tui.workers import in_thread

_WORDS_TAKEN: Final = frozenset({PromptKind.TEXT, PromptKind.CHOICE})
"""Where words are an answer, also those that name a command."""

_PADDED: Final = 6
"""Columns that padding and scroll bar take of a line."""


class FormScreen(ExplainingScreen):
    """Collects the answers to one request; a subclass says what is done with them."""

    DEFAULT_CSS = """
    FormScreen #rows { height: 1fr; }
    FormScreen #lines { text-wrap: nowrap; text-overflow: ellipsis; }
    FormScreen #asked { height: auto; max-height: 14; }
    FormScreen #prompt { height: auto; }
    """

    codes: ClassVar[Mapping[str, type[Command]]] = {"CANCEL": Discard, "DONE": Sign}
    asked_rows_max: ClassVar[int] = 12
    """The height of what is asked; so that what was read stays in sight."""

    def __init__(self, session: TerminalSession, asked: FormTask) -> None:
        super().__init__(session)
        self.asked = asked
        self.form = Form(asked.offer.request, ())
        self.setting: FormSetting | None = None
        self.event_id = ""
        self.because: Reason | None = None
        """Why a label could not be scanned and was read by two people."""

        self._twice = Twice()
        self._doubted: FieldAnswer | None = None
        """The display that was last turned down; read the same again, it is taken."""

        self._refused_line: WrongAnswer | None = None
        """What was wrong with the line that was typed last."""

    @property
    def subject(self) -> ScannedThing | None:
        """What was scanned before this screen was opened."""
        return self.asked.subject

    def body(self) -> ComposeResult:
        """The title, what was read, what is asked."""
        with VerticalScroll(id="rows", classes="pane", can_focus=False):
            yield Static(id="lines", markup=False)
        with Window(id="asked", classes="pane -next"):
            yield BigWord(name="word")
            yield Static(id="prompt", markup=False)

    def on_mount(self) -> None:
        self.begin(self.asked)

    def on_resize(self) -> None:
        """Lines are broken for the room there is; what was read stays."""
        if self.form.sections:
            self.refresh_form()

    def begin(self, asked: FormTask) -> None:
        """Start the form again; the registry comes with the subject, or is read for an enrolment."""
        self.asked = asked
        registry = asked.subject.registry if asked.subject else self.session.registry
        self.setting = setting_of(self.session, registry, asked)
        made = made_form(asked, self.setting, time.monotonic())
        self.form = with_values_of_fixed(made, self.setting)
        self.event_id = self.session.tracker.new_event_id()
        self.because, self._twice, self._doubted = None, Twice(), None
        self.show_title()
        self.refresh_form()
        if self.form.sections and self.form.current is None:
            self.do(self.submit())

    def title_words(self) -> str:
        """The step, and how it is entered where that is not as usual."""
        asked = self.asked
        words = [asked.offer.title]
        if asked.mode is not EntryMode.LIVE:
            words.append(tr("[{mode} ENTRY]", mode=named(asked.mode.value).upper()))
        if asked.outside:
            words.append(tr("■ OUTSIDE THE RULES"))
        return "   ".join(words)

    def show_title(self) -> None:
        """Name the step and its therapy."""
        therapy = self.asked.subject.therapy if self.asked.subject is not None else None
        name_pane(self.query_one("#rows"), self.title_words(), grouped(therapy.coi) if therapy else "")

    def refresh_form(self) -> None:
        """Show again what was read and what is asked."""
        width = max(self.app.size.width - _PADDED, 20)
        rows, until = form_rows(self.form, width)
        self.query_one("#lines", Static).update(rows)
        panel = prompt_panel(self.form, width, self.asked_rows_max)
        self.query_one("#prompt", Static).update(panel)
        word = prompt_word(self.form)
        self.query_one(BigWord).say(word)
        self.query_one(BigWord).display = bool(word)
        name_pane(self.query_one("#asked"), prompt_title(self.form))
        self.query_one("#asked", Window).scroll_home(animate=False)
        self.call_after_refresh(self._keep_in_sight, until)
        self.show_keys()

    def _keep_in_sight(self, line: int) -> None:
        """Keep what is asked now in sight, under what was read before it."""
        if not self.is_attached:
            # Somebody left the form before the next frame.
            return
        rows = self.query_one("#rows", VerticalScroll)
        rows.scroll_to(y=max(line - rows.size.height, 0), animate=False)

    @property
    def asks_number(self) -> bool:
        """Everywhere but where a code or the line of a list is asked for."""
        prompt = self.form.current
        return prompt is not None and prompt.kind not in (PromptKind.CODE, PromptKind.CHOICE)

    def key_facts(self) -> KeyFacts:
        """The order, what is expected, and the thing it is about."""
        prompt = self.form.current
        if prompt is None:
            return replace(super().key_facts(), do=tr("F10: read and sign"))
        return replace(super().key_facts(), do=prompt.ask, expected=prompt.expected)

    async def take_scan(self, scan: RawScan) -> None:
        """The answer to the prompt asked now, or a command code."""
        if not self.accepts(scan):
            return
        code = printed_code(scan.text)
        prompt = self.form.current
        is_choice = prompt is not None and prompt.kind is PromptKind.CHOICE
        if (
            code is not None
            and code.command is not None
            and (not is_choice or code.command in ("CANCEL", "DONE"))
        ):
            await self.take_code(code.command)
        elif prompt is None:
            advice = tr("F10 shows what will be signed; Esc discards it.")
            self.show(check(tr("Everything is read already."), advice))
        elif prompt.kind not in _WORDS_TAKEN and (said := command_said(scan.text)) is not None:
            await self.take_code(said)
        else:
            await self.answer(prompt, self._as_entered(scan))

    async def answer(self, prompt: Prompt, scan: RawScan) -> None:
        """One read; a typed one that proves nothing by itself is asked from a second person."""
        read = self._twice.take(prompt, scan)
        if isinstance(read, RawScan):
            await self._answer(prompt, read)
        else:
            self.show(read)

    def _as_entered(self, scan: RawScan) -> RawScan:
        is_typed_paper = self.asked.mode is EntryMode.PAPER and scan.mode is ReadMode.MANUAL
        return replace(scan, mode=ReadMode.PAPER) if is_typed_paper else scan

    def code_refused(self, name: str) -> None:
        """A command code that answers a later question says what comes before it."""
        prompt = self.form.current
        if prompt is None or not self.form.asks_later(name):
            super().code_refused(name)
            return
        line = tr(
            "{command} comes later: first {ask}.", command=name, ask=prompt.ask[:1].lower() + prompt.ask[1:]
        )
        self.show(check(line, self.order()))

    def order(self) -> str:
        """What to do next, as an order."""
        prompt = self.form.current
        return f"{prompt.ask}." if prompt else tr("F10 shows what will be signed.")

    async def _answer(self, prompt: Prompt, scan: RawScan) -> None:
        if self.setting is None:
            return
        resolution = await self._resolved(prompt, scan)
        if self._is_foreign(prompt, resolution):
            await self._mixed_up(prompt, scan, resolution)
            return
        given = read_prompt(prompt, scan, resolution, self.setting)
        self._refused_line = None
        if isinstance(given, WrongAnswer):
            self._wrong(prompt, scan, given)
            return
        unfit = await self._unfit(prompt, given, resolution) or await self._not_borne(prompt, given)
        if unfit is not None and not self._is_seen_again(prompt, given):
            self.turn_down(prompt, scan, unfit)
            return
        given, self._doubted = replace(given, is_doubtful=unfit is not None), None
        self.form = follow_up(self.form, prompt, given, self.setting)
        is_listed = lists_units(self.form, prompt)
        if not self.form.take(given):
            self.show(check(tr("This was read already; it counts once."), self.order()))
        elif (
            prompt.kind is PromptKind.PATIENT
            and self.asked.is_identity
            and await self._stopped(self._so_far())
        ):
            pass
        elif prompt.field == LABELS and not self.asked.outside:
            await self._label_read(given)
        elif is_listed and await self._unit_refused():
            pass
        else:
            await self._go_on(f"{prompt.ask}: {given.shown}", is_doubtful=given.is_doubtful)

    async def _unit_refused(self) -> bool:
        """Whether the rules refuse the unit just read into a list: it is taken back, the others stay."""
        if self.asked.outside:
            return False
        try:
            data = judged_so_far(self.form)
            outcome = await self.propose(self.request(data, self.session.tracker.new_event_id()))
        except InputError:
            return False  # what is asked later is missing still
        refused = refused_unit(outcome)
        if refused is None:
            return False
        self.form.undo()
        self.refresh_form()
        self.refused_read(refused)
        return True

    def refused_read(self, outcome: Answer) -> None:
        """The rules said no to what was just read; it is taken back already."""
        self.refused(outcome)

    async def _unfit(
        self, prompt: Prompt, given: FieldAnswer, resolution: Resolution | None
    ) -> Violation | None:
        """What is wrong with a value is said while it is in the hand; of equipment, with what else is fit."""
        if self.asked.outside:
            return None
        wrong = wrong_at_once(self.form, prompt, given, self.ready_setting())
        if wrong is not None:
            return wrong
        equipment = resolution.object_id if resolution is not None else None
        is_packed = self.form.request == "pack" and prompt.field in ("box", "data_logger")
        if not is_packed or equipment is None:
            return None
        reader, station = self.session.tracker.read, self.session.station.id
        opened = self.subject.object_id if self.subject and "from_box" in self.form.fixed else None
        return await in_thread(
            lambda: reader.unfit_to_pack(equipment=equipment, station=station, opened=opened)
        )

    async def _not_borne(self, prompt: Prompt, given: FieldAnswer) -> Violation | None:
        """A value that the cells do not bear is said at its own field."""
        typed = typed_value(self.form, prompt, given, self.subject)
        if typed is None or self.asked.outside:
            return None
        return await in_thread(lambda: self.session.tracker.read.value_violation(typed=typed))

    def _is_seen_again(self, prompt: Prompt, given: FieldAnswer) -> bool:
        """Whether a display that was turned down is read the same again: it is taken, and is not in order.

        What is packed is not in order at once: another box is taken.
        """
        if prompt.field != "display_celsius" or self.form.request == "pack":
            return False
        before, self._doubted = self._doubted, given
        return before == given

    def turn_down(self, prompt: Prompt, scan: RawScan, violation: Violation) -> None:
        """A rule is against what was read: the field waits for another."""
        expected = violation.expected or prompt.expected
        read = read_words(violation.read, violation.carrier) or shown_read(scan)
        line = violation.message
        is_code = prompt.kind is PromptKind.CODE
        if is_code and scan.mode is ReadMode.MANUAL and not is_like_a_code(scan.text):
            # It may be a password, and the rule's sentence has it.
            line, read = tr("What was typed is not what is expected here."), shown_read(scan)
        self.stop(StopAnswer(line, expected, read, violation.remedy, cause_of(violation.rule)))

    async def _label_read(self, given: FieldAnswer) -> None:
        """What is wrong with a label is said while it is in the hand, not when all are read."""
        outcome = await self.propose(self.request(self._so_far(), self.session.tracker.new_event_id()))
        refused = refused_at_once(outcome)
        if refused is not None:
            self.form.undo()
            self.refuse(refused)
        else:
            await self._go_on(" ".join(filter(None, (f"{given.shown}.", tally_words(outcome)))))

    async def _resolved(self, prompt: Prompt, scan: RawScan) -> Resolution | None:
        if not needs_lookup(prompt):
            return None
        text = keyed(scan.text).text if scan.mode is ReadMode.MANUAL else scan.text
        lookup = await in_thread(lambda: self.session.tracker.read.lookup(code=text))
        return lookup.resolution

    def _is_foreign(self, prompt: Prompt, resolution: Resolution | None) -> bool:
        is_other = resolution is not None and resolution.coi is not None and resolution.coi != prompt.coi
        return (
            is_other
            and prompt.coi is not None
            and resolution is not None
            and resolution.found in prompt.wanted
        )

    def _so_far(self) -> dict[str, Json]:
        return stand_in(self.form, self.subject) if self.subject else self.form.fold()

    async def _mixed_up(self, prompt: Prompt, scan: RawScan, resolution: Resolution | None) -> None:
        """A code of another therapy where one of this belongs: the rules keep it as evidence."""
        if self.subject is not None:
            read: Json = scanned(scan, prompt.carrier)
            data = {**self._so_far(), prompt.field: [read] if prompt.field in ("units", "codes") else read}
            if not self.asked.outside and await self._stopped(data):
                return
            if self.asked.outside:
                given = read_prompt(replace(prompt, object_id=None), scan, resolution, self.ready_setting())
                if isinstance(given, FieldAnswer) and self.form.take(given):
                    await self._go_on(f"{prompt.ask}: {given.shown}")
                    return
        line = tr("This code belongs to another therapy: it may be another patient's.")
        self.stop(
            StopAnswer(
                line,
                prompt.expected,
                shown_read(scan),
                tr("Put it aside. Scan the right one."),
                OTHER_PATIENT,
            )
        )

    def ready_setting(self) -> FormSetting:
        """Where the form is filled in; raises CartrailError before the screen is there."""
        if self.setting is None:
            raise CartrailError(tr("The form is not ready."))
        return self.setting

    async def _stopped(self, data: Mapping[str, Json]) -> bool:
        """Ask the rules at once whether this is another patient's; the refusal is kept as evidence."""
        if self.asked.outside:
            return False
        outcome = await self.propose(self.request(data, self.session.tracker.new_event_id()))
        if isinstance(outcome, Proposal) or outcome.problem is None or outcome.problem.error != "mixup":
            return False
        self.refuse(outcome)
        return True

    def _wrong(self, prompt: Prompt, scan: RawScan, wrong: WrongAnswer) -> None:
        if wrong.grave:
            expected = prompt.expected or prompt.ask
            self.stop(StopAnswer(wrong.line, expected, shown_read(scan), wrong.advice, WRONG_UNIT))
        else:
            self.show(check(wrong.line, wrong.advice))
            if prompt.kind is PromptKind.CHOICE:
                # What was typed ahead, such as a PIN, was meant for a later step and is no other line.
                self._refused_line = wrong
                self.require_fresh_scan()

    def scan_discarded(self, scan: RawScan) -> None:
        """After a refused line, what was typed ahead is thrown away and the refusal still stands."""
        wrong = self._refused_line
        if wrong is None:
            super().scan_discarded(scan)
        else:
            thrown = tr("What was typed after it was thrown away.")
            self.show(check(f"{wrong.line} {thrown}", wrong.advice))

    async def _go_on(self, line: str, *, is_doubtful: bool = False) -> None:
        self.refresh_form()
        if self.form.current is None:
            await self.submit()
        elif is_doubtful:
            self.show(check(tr("{line} is taken as what was seen: not in order.", line=line), self.order()))
        else:
            self.show(ok(line, self.order()))

    async def done(self) -> None:
        """End a list or leave something out; with nothing left to ask, show it for signing."""
        if not self.form.finish():
            line = tr("This is still needed: {order}", order=self.order())
            self.show(check(line, tr("Esc discards what was entered.")))
            return
        self.refresh_form()
        if self.form.current is None:
            await self.submit()
        else:
            self.show(ok(self.order()))

    def unsigned(self) -> tuple[str, ...]:
        """What was entered so far; codes only, never a patient's number or somebody's words."""
        given = [row for row in self.form.rows() if row.given is not None]
        codes = [row.given.shown for row in given if row.given and row.prompt.kind is PromptKind.CODE]
        return (f"{self.asked.offer.title}: {', '.join(codes) or tr('begun')}",) if given else ()

    def tallied(self) -> tuple[str, ...]:
        """A form is no tally."""
        return ()

    def come_back(self) -> None:
        """After a lock, whatever proves identity is read again."""
        if self.asked.must_be_fresh and not self.form.is_empty:
            self.form.clear()
            self.refresh_form()

    def request(self, data: Mapping[str, Json], event_id: str) -> dict[str, Any]:
        """The request of these answers by the person signed in, or by whom a paper names."""
        head: dict[str, Any] = {"request": self.form.request, "event_id": event_id}
        head |= {"actor": self.session.staff, "station": self.session.station.id}
        entry = data.get("entry")
        if self.asked.mode is EntryMode.PAPER and isinstance(entry, Mapping):
            head["entry"] = {**entry, "by": self.session.staff}
            return {**head, **{key: value for key, value in data.items() if key != "entry"}}
        if self.because is not None:
            head["reason"] = self.because.value
        return {**head, **self._begun(), **said_by(self.form.request, data)}

    def _begun(self) -> dict[str, Json]:
        """The therapy that the step is about, where all that is read must be of one."""
        therapy = self.subject.therapy if self.subject is not None else None
        is_for_one = any(
            prompt.coi is not None for section in self.form.sections for prompt in section.prompts
        )
        if therapy is None or not is_for_one or not takes_therapy(self.form.request):
            return {}
        return {"begun_with": therapy.coi}

    async def submit(self) -> None:
        """Everything is answered."""
        raise NotImplementedError

    def refuse(self, outcome: Answer) -> None:
        """The rules said no."""
        raise NotImplementedError
