"""A screen that records: propose, show what is signed, have it signed, conclude; all of it or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, ClassVar, Final

from textual.worker import Worker, WorkerCancelled

from schema.errors import CartrailError, OutcomeUnknown, StatementChanged, StoreError, StoreUnreachable
from schema.events.identity import Enrolled, UnitRegistered
from schema.vocabulary import ReadMode
from tracker.answers import Answer
from tracker.values import Proposal, ScanAnswer, SessionEnded, Signer
from tui.answers import ShownAnswer, StopAnswer, Verdict, check, ok, read_words, stop_for
from tui.bigtext import KeyFacts
from tui.causes import UNWELCOME, cause_of, done_word
from tui.commands import Command, Discard
from tui.framing import RawScan
from tui.language import tr
from tui.looking import ScannedThing
from tui.screens.base import BaseScreen
from tui.screens.sign import SignScreen
from tui.screens.sign.secrets import secrets_checked
from tui.screens.sign.signing import Discarded, DiscardReason, ShownStatement, SignedSet, SignerSlot
from tui.screens.sign.statements import kind_of, new_box, signer_slots, statement_of, title_of
from tui.screens.stop import StopBackground
from tui.session import TerminalSession
from tui.workers import JobFailed, guarded, in_thread

FIRST_OF_SESSION: Final = 2
"""Where the first screen of who is signed in lies: above Textual's own and the question who is there."""


class ActingScreen(BaseScreen):
    """What every recording screen has: the session, and the one way from a request to an answer."""

    codes: ClassVar[Mapping[str, type[Command]]] = {"CANCEL": Discard}
    """The commands that can be scanned here, by the word on the command card."""

    def __init__(self, session: TerminalSession) -> None:
        super().__init__()
        self.session = session
        self.signed_as = ""
        """The title of the act that was recorded last."""
        self.made = ""
        """The id of what it created."""
        self.done_as = ""
        """The word for it, to be read from two meters."""
        self._doing: Worker[None] | None = None
        self._log_trouble: tuple[str, str] | None = None
        """Why the log did not take in what was recorded last."""
        self._unsettled: Proposal | None = None
        """The act of which it is not known whether it was recorded; F10 asks for it again."""
        self._written_last: Answer | None = None
        """What the act that was concluded last was answered."""
        self.concluded = asyncio.Event()
        """Set but while an act is being written."""
        self.concluded.set()
        self._proposed: Mapping[str, Any] = {}
        """The request that was proposed last."""

    def key_facts(self) -> KeyFacts:
        """What was scanned goes with the answer."""
        subject = getattr(self, "subject", None)
        thing = subject.object_id if isinstance(subject, ScannedThing) else ""
        return replace(super().key_facts(), thing=thing or "")

    def accepts(self, scan: RawScan) -> bool:
        """Whether this station takes the read at all; a paste may be forbidden here."""
        if scan.mode is ReadMode.PASTED and not self.session.station.pasted_accepted:
            self.show(
                check(tr("This station takes no pasted codes."), tr("Scan the label, or type the code."))
            )
            return False
        return True

    async def take_code(self, name: str) -> None:
        """A command code: what the command's key would do; the next scan waits until it is done."""
        command = self.codes.get(name)
        reason = self.refusal_of(command) if command is not None else None
        if command is None:
            self.code_refused(name)
        elif reason is not None:
            self.show(check(f"{name}: {reason}"))
        else:
            await self.run_action(command.action())
            if self._doing is not None:
                with suppress(WorkerCancelled):  # it closed this screen
                    await self._doing.wait()

    def code_refused(self, name: str) -> None:
        """Say that a command code has no use on this screen."""
        self.show(check(tr("{command} answers nothing here.", command=name), self.order()))

    def order(self) -> str:
        """What to do next, as an order."""
        return ""

    def prompt(self) -> str:
        """The first of its orders."""
        return self.order().partition(". ")[0].rstrip(".") or super().prompt()

    def on_job_failed(self, message: JobFailed) -> None:
        self.read_failed(message.error)

    def stop_background(self, stop: StopAnswer) -> StopBackground:
        """What to do, what comes after F3, and whom to call."""
        order = self.order()
        after = tr("F3, then: {order}", order=order) if order else tr("F3 goes back to where it was read.")
        orders = tuple(filter(None, (stop.advice, after)))
        return StopBackground(orders=orders, call=self.session.whom_to_call())

    def read_failed(self, error: CartrailError) -> None:
        """What the screen shows could not be read from the store."""
        self.stop(stop_for(error))

    def turn_to(self, object_id: str) -> None:
        """Show what the screen above has created; only home has a place for it."""

    def sign_out(self, answer: ShownAnswer) -> None:
        """Forget the key and go back to the first screen."""
        self.session.end()
        app = self.app
        while len(app.screen_stack) > 2:  # the lowest screen is Textual's own
            app.pop_screen()
        if isinstance(app.screen, BaseScreen):
            app.screen.show(answer)

    def why_not_sign_out(self) -> str | None:
        """What was entered and not signed is not lost without a word."""
        if not self.session.is_open:
            return tr("Nobody is signed in here.")
        if any(isinstance(one, ActingScreen) and one.holds_entries for one in self.app.screen_stack):
            return tr("Something is entered and not signed: Esc discards it first.")
        return None

    @property
    def holds_entries(self) -> bool:
        """Whether something stands here that leaving would discard."""
        return self.escape_word() == tr("Discard")

    def action_sign_out(self) -> None:
        """Go back to the first screen of the session, which lists what runs on before it signs out."""
        app, first = self.app, self.app.screen_stack[FIRST_OF_SESSION]
        if first is self:
            self.sign_out(ok(tr("Signed out.")))
            return
        while app.screen is not first:
            app.pop_screen()
        app.call_later(app.run_action, "screen.sign_out")

    def close_with(self, answer: ShownAnswer) -> None:
        """Leave this screen; the one below shows the answer."""
        self.dismiss(None)
        self.show(answer)

    def do(self, work: Awaitable[None]) -> None:
        """Run something that waits for dialogs or the store, from a key or a button."""
        self._doing = self.run_worker(self._done(work), group="acts")

    async def _done(self, work: Awaitable[None]) -> None:
        try:
            await guarded(work)
        except CartrailError as error:
            self.act_failed(error)

    def act_failed(self, error: CartrailError) -> None:
        """Say why nothing was written, or that it is not known; no store is a reason to clear the bench."""
        if isinstance(error, OutcomeUnknown):
            self.show(
                check(
                    error.message,
                    tr("F10 asks for the very same again; it is not recorded twice. Do not enter it anew."),
                )
            )
        elif isinstance(error, StoreUnreachable):
            self.show(
                check(
                    error.message,
                    error.remedy + " " + tr("Nothing is lost. F10: again."),
                    about_store=True,
                )
            )
        elif isinstance(error, StoreError):
            self.show(
                check(
                    error.message + " " + tr("Nothing was written and nothing is lost."),
                    error.remedy + " " + tr("F10: again."),
                    about_store=True,
                )
            )
        elif isinstance(error, (StatementChanged, SessionEnded)):
            self.show(check(error.message, error.remedy))
        else:
            self.stop(stop_for(error))

    def discarded(self, line: str, advice: str = "") -> ShownAnswer:
        """The answer to Esc: what may have been recorded when the database was lost is not discarded."""
        if self._unsettled is None:
            return ok(line, advice)
        act = self.signed_as or tr("The act")
        return check(
            tr("{act}: it is still not known whether it was recorded.", act=act),
            tr("Look at the trail before it is entered anew."),
        )

    @property
    def is_in_doubt(self) -> bool:
        """Whether it is not known of the act that was written last."""
        return self._unsettled is not None

    def known(self) -> str:
        """What is known of the act that was written last, for who leaves while it is being written."""
        act = self.signed_as or tr("The act")
        if self._unsettled is not None:
            not_known = tr("{act}: it is still not known whether it was recorded.", act=act)
            return f"{not_known} {tr('Look at the trail before it is entered anew.')}"
        if self._written_last is not None and self._written_last.ok:
            return tr("{act}: signed and written.{again}", act=act, again="")
        return tr("{act}: nothing was written.", act=act)

    async def propose(self, request: Mapping[str, Any]) -> Proposal | Answer:
        """The act frozen, or the answer to it; nothing is signed."""
        return await in_thread(lambda: self.session.tracker.propose(request=dict(request)))

    async def act(self, request: Mapping[str, Any], *, visitor: SignerSlot | None = None) -> Answer | None:
        """Record a request with everybody's signature; None when somebody discarded it."""
        outcome = await self._settled(request)
        if outcome is not None:
            return outcome
        self._proposed = dict(request)
        proposal = await self.propose(request)
        if not isinstance(proposal, Proposal):
            return proposal
        statement, slots, staff = await in_thread(lambda: self._prepared(proposal, visitor))
        if not slots:
            # A protocol may ask no signature for a step: there is nothing to show and nobody to ask.
            self._note_act(proposal)
            return await self._concluded(proposal)
        signed: SignedSet[Signer] | Discarded = await self.app.push_screen_wait(
            SignScreen(
                statement,
                tuple(slots),
                check=secrets_checked(self.session, slots),
                now=self.session.now,
                staff=staff,
            )
        )
        if isinstance(signed, Discarded):
            self._say_discarded(signed)
            return None
        for one, slot, at in zip(signed.signers, slots, signed.times, strict=True):
            proposal.sign(one.signer, slot.meaning, at)
        self._note_act(proposal)
        return await self._concluded(proposal)

    def _note_act(self, proposal: Proposal) -> None:
        self.signed_as, self.made = title_of(proposal), _new_object(proposal)
        self.done_as = done_word(kind_of(proposal))

    async def _settled(self, request: Mapping[str, Any]) -> Answer | None:
        """The answer to the act whose end was not known, asked for again with its id and its signatures.

        None where there is none, or where it turned out not to be recorded: then it is asked anew. Raises
        StatementChanged where it is recorded and what is asked now is something else.
        """
        doubted = self._unsettled
        if doubted is None:
            return None
        try:
            outcome = await self._concluded(doubted)
        except StatementChanged:
            self._unsettled = None  # it was not recorded, and would say something else now
            return None
        if {**self._proposed, "event_id": ""} == {**request, "event_id": ""}:
            return outcome
        if not outcome.ok:
            return None
        raise StatementChanged(
            tr("{act} was recorded before the database was lost.", act=self.signed_as or tr("The act")),
            remedy=tr("Look whether what stands here is still to be done. F10: again."),
        )

    async def _concluded(self, proposal: Proposal) -> Answer:
        """The act written; what is wrong with the log is told beside it, and stays in the header."""
        self._unsettled, self._written_last, self._log_trouble = proposal, None, None
        self.concluded.clear()
        self.being_written(True)
        try:
            outcome: Answer = await in_thread(lambda: self.session.tracker.conclude(proposal=proposal))
        except OutcomeUnknown:
            raise
        except CartrailError:
            self._unsettled = None
            raise
        finally:
            self.concluded.set()
            self.being_written(False)
        self._unsettled, self._written_last = None, outcome
        trouble = self.session.tracker.log_trouble
        if trouble is None or trouble not in outcome.notices:
            return outcome
        self._log_trouble = trouble.message, trouble.remedy
        return replace(outcome, notices=tuple(one for one in outcome.notices if one != trouble))

    def _prepared(
        self, proposal: Proposal, visitor: SignerSlot | None
    ) -> tuple[ShownStatement, dict[SignerSlot, Any], frozenset[str]]:
        registry = self.session.registry
        return (
            statement_of(proposal, self.session, registry),
            signer_slots(proposal, self.session, registry, visitor),
            frozenset(registry.people),
        )

    def _say_discarded(self, result: Discarded) -> None:
        if result.reason is DiscardReason.SESSION_ENDED:
            self.sign_out(
                check(tr("Three wrong PINs ended the session; nothing was written."), tr("Sign in again."))
            )
            return
        why = tr("Five minutes passed") if result.reason is DiscardReason.EXPIRED else tr("Discarded")
        self.show(
            check(
                tr("{why}: nothing was signed, nothing was written.", why=why),
                tr("F10 shows it again for signing."),
            )
        )

    def refused(self, outcome: Answer, *, read: str = "") -> None:
        """Show why a request was not taken: CHECK in the answer bar, STOP over the whole screen.

        What was expected and what was read are those that the rule compared.
        """
        problem = outcome.problem
        if problem is None:
            return
        kept = (
            " " + tr("It is recorded as evidence.")
            if outcome.entries and "recorded" not in problem.remedy
            else ""
        )
        if outcome.word is ScanAnswer.CHECK:
            self.show(check(problem.message, problem.remedy))
        else:
            read = read or read_words(problem.read, problem.carrier)
            self.stop(
                StopAnswer(
                    problem.message.removeprefix("STOP: "),
                    problem.expected,
                    read,
                    problem.remedy + kept,
                    cause_of(problem.error),
                )
            )

    def written(self, outcome: Answer, advice: str = "") -> ShownAnswer:
        """The answer that it is written; a repeated one says so."""
        again = " " + tr("It was recorded before; this is its answer.") if outcome.repeated else ""
        line = tr("{act}: signed and written.{again}", act=self.signed_as or tr("RECORDED"), again=again)
        if outcome.notices:
            said = " ".join(one.message for one in outcome.notices)
            loud = any(one.answer is ScanAnswer.STOP for one in outcome.notices)
            verdict = Verdict.STOP if loud else Verdict.CHECK
            return ShownAnswer(verdict, f"{said} {line}", outcome.notices[0].remedy)
        if self._log_trouble is not None:
            message, remedy = self._log_trouble
            return check(f"{line} {tr('The log did not take it in:')} {message}", remedy)
        if self.done_as in UNWELCOME:
            return check(line, advice, cause=self.done_as)
        return ok(line, advice, cause=self.done_as)


def _new_object(proposal: Proposal) -> str:
    """The unit or therapy that the act brings into being, or the new box; the next step is about it."""
    statements = proposal.decided.statements
    payload, box = statements[0].payload, new_box(statements)
    if box is not None:
        return box
    if isinstance(payload, UnitRegistered):
        return payload.unit
    return payload.coi if isinstance(payload, Enrolled) else ""
