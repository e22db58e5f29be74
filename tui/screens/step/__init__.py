"""One step: its form filled in, then signed, recorded and left; late, from paper or against a rule too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar, Final

from schema.canonical import Json
from schema.errors import CartrailError, InputError, StoreError
from schema.vocabulary import EntryMode, ReadMode, Reason
from tracker.answers import Answer, Problem
from tracker.values import PatientIdentifier, Violation, is_decision, kind_of
from tui.answers import StopAnswer, Verdict, check, shown_read, stop_for
from tui.commands import Command, Happened
from tui.forms.catalog import BY_OUTSIDER, OUTSIDE, sections_of
from tui.forms.prompts import Prompt, PromptKind
from tui.framing import RawScan
from tui.glyphs import BAD, DONE
from tui.language import named, tr
from tui.looking import Offer, ScannedThing
from tui.screens.acting import ActingScreen
from tui.screens.form import FormScreen
from tui.screens.form.filling import FormTask
from tui.screens.stop import AboutTherapy, StepRead, StopBackground, StopScreen
from tui.screens.unreadable import CannotRead, UnreadableScreen
from tui.session import TerminalSession


class Undo(Command):
    """Take back the last answer and ask it again."""

    key = "f4"
    footer = "Undo"
    palette = "Take back the last answer"


class Late(Command):
    """Enter this late: when it happened and why it was not entered at once. It starts the form again."""

    key = "f6"
    footer = "Late"
    palette = "Enter this late"


class FromPaper(Command):
    """Enter this from a paper form: you transcribe, a second person verifies. It starts the form again."""

    key = "f7"
    footer = "Paper"
    palette = "Enter this from paper"


_PASTED: Final = ReadMode.PASTED.value
DEVIATION: Final = Offer("deviation_opened", "open_deviation", tr("Open a deviation"))
NOTE: Final = Offer("noted", "note", tr("Write a note"))


class StepScreen(FormScreen):
    """A form for one request; wrong reads stop it, another patient's are kept as evidence."""

    about = tr(
        "Scan or type what the arrow asks for. DONE or F10 ends a list and leaves out "
        "what may be left out; after the last answer everything is shown for signing. "
        "Esc discards the answers."
    )
    own_commands: ClassVar[tuple[type[Command], ...]] = (Undo, Late, FromPaper, Happened, CannotRead)

    def __init__(
        self,
        session: TerminalSession,
        offer: Offer,
        subject: ScannedThing | None,
        *,
        variant: str = "",
        outside: bool = False,
        fixed: Mapping[str, Json] | None = None,
        extra: Mapping[str, Json] | None = None,
    ) -> None:
        super().__init__(
            session, FormTask(offer, subject, variant, outside=outside, fixed=fixed, extra=extra)
        )
        self._may_have_happened = False
        self._was_read: tuple[StepRead, ...] = ()
        """The reads of this step, also when a mix-up has cleared the form."""

    def refresh_form(self) -> None:
        """Keep what was read for a STOP."""
        super().refresh_form()
        if not self.form.is_empty:
            given = ((row.prompt.ask, row.given.shown) for row in self.form.rows() if row.given is not None)
            self._was_read = tuple(StepRead(DONE, f"{ask}: {shown}") for ask, shown in given)

    def stop_background(self, stop: StopAnswer) -> StopBackground:
        """The reads of the step with the guilty one, three orders, and a deviation about what is in hand."""
        guilty = (StepRead(BAD, f"{stop.read}: {stop.cause}"),) if stop.read else ()
        known = super().stop_background(stop)
        return replace(known, reads=(*self._was_read, *guilty), deviation=deviation_about(self, self.subject))

    async def submit(self) -> None:
        """Have everything signed and recorded."""
        outcome = await self.act(self.request(self.form.fold(), self.event_id))
        if outcome is not None:
            await self.answered(outcome)

    def turn_down(self, prompt: Prompt, scan: RawScan, violation: Violation) -> None:
        """What was refused at its scan can have happened all the same, as what was refused at the end."""
        self._may_have_happened = self._may_have_happened or violation.waivable
        self.show_keys()
        super().turn_down(prompt, scan, violation)

    def refused_read(self, outcome: Answer) -> None:
        """What was refused at its scan can have happened all the same."""
        problem = outcome.problem
        self._may_have_happened = self._may_have_happened or (
            problem is not None and problem.can_have_happened
        )
        self.show_keys()
        super().refused_read(outcome)

    async def answered(self, outcome: Answer) -> None:
        """Leave after a record; stay after a refusal."""
        self.event_id = self.session.tracker.new_event_id()
        if outcome.problem is not None:
            self.refuse(outcome)
            return
        written = self.written(outcome, self._papers())
        self.close_with(written)
        below = self.app.screen
        if self.made and isinstance(below, ActingScreen):
            below.turn_to(self.made)
        if written.verdict is Verdict.STOP:
            self.app.push_screen(StopScreen(StopAnswer(written.line, "", "", written.advice)))

    def _papers(self) -> str:
        """What is printed now, where there is something."""
        if self.form.request == "pack":
            return tr("Scan the box, then F8: packing list with documents, outer label.")
        return tr("F8 prints its label.") if self.made else ""

    def act_failed(self, error: CartrailError) -> None:
        """A value that cannot be is a slip and no rule: it leaves its field, which is asked for again."""
        if isinstance(error, InputError) and error.field:
            self.form.forget(error.field)
            self.refresh_form()
            self.show(check(error.message, error.remedy))
        else:
            super().act_failed(error)

    def refuse(self, outcome: Answer) -> None:
        """Stay, with the answers; a refused value leaves its field.

        Where an identity is compared, another patient's takes all of them with it: which of them was right
        is not known.
        """
        problem = outcome.problem
        is_mixup = problem is not None and problem.error == "mixup"
        number = self._number_of(problem) if is_mixup and problem is not None else ""
        if is_mixup and self.asked.is_identity and not self.asked.outside:
            self.form.clear()
        elif problem is not None and problem.field:
            self.form.forget(problem.field, problem.unit)
        self._may_have_happened = problem is not None and problem.can_have_happened
        if problem is not None and problem.error == "patient_active":
            # A second therapy is meant: it goes on with a reason, and the second person signs below.
            why = sections_of(("reason",), self.form.request, self.ready_setting())
            self.form = self.form.asking_last(why)
        self.refresh_form()
        self.refused(outcome, read=number)

    def _number_of(self, problem: Problem) -> str:
        """The number that a rule compared: it stands in no answer, but who has just read it sees it here."""
        for row in self.form.rows():
            if row.given is not None and row.prompt.kind is PromptKind.PATIENT:
                identifier = PatientIdentifier.model_validate(row.given.value)
                if problem.field == "patient" and identifier.kind_words == problem.read:
                    return row.given.shown
        return ""

    def why_not_sign(self) -> str | None:
        """Signing needs every answer that may not be left out."""
        prompt = self.form.current
        is_ready = prompt is None or self.form.may_end_here or (prompt.optional and not self.form.is_empty)
        return None if is_ready else tr("Still needed: {order}", order=self.order())

    def why_not_happened(self) -> str | None:
        """What was refused can have happened against a rule, and anything by an outsider; no decision has."""
        if self.asked.outside:
            return tr("It is recorded outside the rules already.")
        if self._may_have_happened or not is_decision(kind_of(self.asked.offer.kind)):
            return None
        return tr("A decision never happens outside the rules.")

    def why_not_cannot_read(self) -> str | None:
        """Only a label of ours has copies and characters to read."""
        prompt = self.form.current
        is_code = prompt is not None and prompt.kind is PromptKind.CODE and bool(prompt.wanted)
        return None if is_code else tr("No label is asked for now.")

    def why_not_late(self) -> str | None:
        """A step is entered in one way."""
        if self.asked.mode is EntryMode.LIVE:
            return None
        return tr("This is a {mode} entry already.", mode=named(self.asked.mode.value))

    def why_not_from_paper(self) -> str | None:
        """A step is entered in one way."""
        return self.why_not_late()

    def action_sign(self) -> None:
        """End what is asked; with nothing left to ask, show it for signing."""
        self.do(self.done())

    def action_undo(self) -> None:
        """Ask the last answer again."""
        self.form.undo()
        self.refresh_form()

    def action_late(self) -> None:
        """Start again as a late entry."""
        self._begin_in_mode(EntryMode.LATE)

    def action_from_paper(self) -> None:
        """Start again as an entry from paper."""
        self._begin_in_mode(EntryMode.PAPER)

    def _begin_in_mode(self, mode: EntryMode) -> None:
        """What the clock refuses now may be in order by its own time: the rules are asked before F11."""
        outside = self.asked.outside and self._may_have_happened
        self.begin(replace(self.asked, mode=mode, outside=outside))

    def action_cannot_read(self) -> None:
        """Another copy, or two people's readings; the code then answers what is asked now."""
        prompt = self.form.current
        if prompt is None:
            return

        def done(scan: RawScan, reason: Reason | None) -> None:
            self.because = reason or self.because
            self.do(self.answer(prompt, scan))

        unit = self.subject.unit if self.subject else None
        self.app.push_screen(UnreadableScreen(self.session, prompt, unit, done))

    def action_happened(self) -> None:
        """The same answers, behind the word, who did it, the reason and the words for what happened."""
        is_refused = self._may_have_happened
        self.asked = replace(self.asked, outside=True, by_outsider=not is_refused)
        names = OUTSIDE if is_refused else BY_OUTSIDER
        more = sections_of(names.split(), self.form.request, self.ready_setting())
        self.form = self.form.preceded_by(more)
        self.show_title()
        self.refresh_form()
        line = (
            tr("Only what has HAPPENED is recorded against a rule.")
            if is_refused
            else tr("No rule forbids it: F11 is for what somebody without a part in the therapy did.")
        )
        self.show(check(line, tr("Two people sign it; it stays red for ever.")))

    def scan_failed(self, scan: RawScan, error: CartrailError) -> None:
        """A misread or a store that cannot be asked; the answers so far stay."""
        if isinstance(error, StoreError) or (isinstance(error, InputError) and error.field):
            self.act_failed(error)
        elif isinstance(error, InputError) and scan.mode is ReadMode.MANUAL:
            self.show(check(error.message, error.remedy))
        else:
            prompt = self.form.current
            self.stop(stop_for(error, expected=prompt.expected if prompt else "", read=shown_read(scan)))

    def escape_word(self) -> str:
        """The answers first, then the step."""
        return tr("Back") if self.form.is_empty else tr("Discard")

    def action_discard(self) -> None:
        """Discard the answers; with none, leave."""
        if self.form.is_empty:
            self.close_with(self.discarded(tr("Left without recording anything.")))
            return
        self.form.clear()
        self.because = None
        self.refresh_form()
        self.show(
            self.discarded(tr("Discarded: nothing was recorded."), tr("Esc once more leaves this step."))
        )


def deviation_about(screen: ActingScreen, subject: ScannedThing | None) -> AboutTherapy | None:
    """What F9 on a STOP is about: the therapies of the thing on the screen; Esc of its form comes back."""
    if subject is None or not subject.therapies:
        return None

    def begin(coi: str) -> None:
        screen.app.push_screen(about_deviation(screen.session, subject, coi))

    return AboutTherapy(subject.therapies, begin)


def about_deviation(session: TerminalSession, subject: ScannedThing | None, coi: str) -> StepScreen:
    """A deviation about what a STOP was about: nobody has to scan it again."""
    return StepScreen(session, DEVIATION, subject, fixed={"coi": {"code": coi, "mode": _PASTED}})


def about_note(session: TerminalSession, subject: ScannedThing | None, coi: str) -> StepScreen:
    """A note about the therapy on the screen: nothing is compared, so its card is not asked for."""
    return StepScreen(session, NOTE, subject, fixed={"coi": {"code": coi, "mode": _PASTED}})
