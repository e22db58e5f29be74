"""A step that somebody else takes at this terminal: the form here, then that person's badge and password.

Who is signed in stays so; the visitor acts and signs in their own name, and is gone with the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from rich.text import Text
from textual.widgets import Static

from schema.canonical import Json
from schema.errors import InputError
from schema.vocabulary import Meaning
from tracker.answers import Answer
from tui.answers import check, ok
from tui.bigtext import KeyFacts
from tui.framing import RawScan, printed_code
from tui.glyphs import NOW
from tui.language import tr
from tui.looking import Offer, ScannedThing
from tui.screens.sign.signing import SignerSlot
from tui.screens.step import StepScreen
from tui.session import TerminalSession, owner_of
from tui.typing import command_said
from tui.widgets.big_word import BigWord
from tui.widgets.pane import name_pane
from tui.words import sentence
from tui.workers import in_thread


class BadgeScreen(StepScreen):
    """A step that asks for another person's badge; its subclass says what happens then."""

    badge_hint: ClassVar[str] = ""

    badge_of: str = ""
    """Whose badge is asked for now; empty while the form is filled in."""
    visitor: SignerSlot | None = None

    def badge_meaning(self) -> Meaning:
        """As what the visitor will sign."""
        return Meaning.PERFORMED

    def ask_badge(self, whose: str) -> None:
        """Wait for a badge; what was scanned before does not count."""
        self.badge_of, self.visitor = whose, None
        self.refresh_form()
        self.require_fresh_scan()
        self.show(ok(tr("Now the {whose}: scan your badge.", whose=whose)))

    def forget_visitor(self) -> None:
        """Nobody else is at the terminal any more."""
        self.badge_of, self.visitor = "", None

    def badge_note(self) -> str:
        """What stands below the order to scan a badge."""
        return ""

    def key_facts(self) -> KeyFacts:
        """Whose badge is asked for."""
        facts = super().key_facts()
        return replace(facts, do=tr("{whose}: your badge", whose=self.badge_of)) if self.badge_of else facts

    def refresh_form(self) -> None:
        """The form, or the badge that is asked for."""
        super().refresh_form()
        if self.badge_of:
            text = Text(tr("{whose}: SCAN YOUR BADGE", whose=self.badge_of.upper()), style="bold")
            note = self.badge_note()
            if note:
                text.append("\n" + note)
            self.query_one("#prompt", Static).update(text)
            word = self.query_one(BigWord)
            word.say(tr("SCAN BADGE"))
            word.display = True
            name_pane(self.query_one("#asked"), f"{NOW} {sentence(self.badge_of)}")
            self.show_keys()

    def prompt(self) -> str:
        """Whose badge is to be scanned, else what the form asks."""
        if self.badge_of:
            return tr("{whose}: scan your badge", whose=sentence(self.badge_of))
        return super().prompt()

    async def take_scan(self, scan: RawScan) -> None:
        """A badge where one is asked for; else what every step takes."""
        if not self.badge_of:
            await super().take_scan(scan)
            return
        code = printed_code(scan.text)
        if code is not None and code.command is not None:
            await self.take_code(code.command)
            return
        if (said := command_said(scan.text)) is not None:
            await self.take_code(said)
            return
        registry = await in_thread(lambda: self.session.registry)
        try:
            staff = owner_of(registry, scan)
        except InputError as error:
            self.show(check(error.message, tr("{whose}: scan your badge.", whose=sentence(self.badge_of))))
            return
        person = registry.person(staff)
        if staff == self.session.staff or person is None:
            line = tr("That is the person signed in here: the other one is asked.")
            self.show(check(line, tr("A second person is needed.")))
            return
        self.visitor = SignerSlot(
            self.badge_meaning(),
            self.badge_of,
            staff,
            person.name,
            badge=scan.text.strip(),
            badge_mode=scan.mode,
        )
        await self.submit()

    def why_not_sign(self) -> str | None:
        """Nothing is signed before the badge is read."""
        if self.badge_of:
            return tr("The {whose} scans a badge first.", whose=self.badge_of)
        return super().why_not_sign()


class VisitedStep(BadgeScreen):
    """One request by a visitor: a courier at the site's own station, quality at the lab's."""

    def __init__(
        self,
        session: TerminalSession,
        offer: Offer,
        subject: ScannedThing | None,
        *,
        part: str,
        variant: str = "",
        fixed: Mapping[str, Json] | None = None,
        extra: Mapping[str, Json] | None = None,
    ) -> None:
        super().__init__(session, offer, subject, variant=variant, fixed=fixed, extra=extra)
        self.part = part

    async def submit(self) -> None:
        """The answers first, then the badge of who does it."""
        visitor = self.visitor
        if visitor is None or visitor.staff is None:
            self.ask_badge(self.part)
            return
        request: dict[str, Any] = {**self.request(self.form.fold(), self.event_id), "actor": visitor.staff}
        outcome = await self.act(request, visitor=visitor)
        self.forget_visitor()
        if outcome is not None:
            await self.answered(outcome)
        else:
            self.ask_badge(self.part)

    async def answered(self, outcome: Answer) -> None:
        """After a refusal the badge is asked again: somebody else may be entitled."""
        await super().answered(outcome)
        self.refresh_if_here()

    def refresh_if_here(self) -> None:
        """Show the form again where this screen is still one."""
        if self.is_attached:
            self.refresh_form()

    def action_discard(self) -> None:
        """First the badge, then the answers."""
        if self.badge_of:
            self.forget_visitor()
            self.refresh_form()
            self.show(ok(tr("No badge is asked any more."), tr("Esc once more discards the answers.")))
        else:
            super().action_discard()
