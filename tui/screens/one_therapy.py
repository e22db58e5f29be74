"""What the screens about one therapy share: a deviation about it, its steps, reading it again."""

from __future__ import annotations

from schema.errors import CartrailError
from tui.answers import ShownAnswer, Verdict, check
from tui.language import tr
from tui.looking import Offer, ScannedThing, by_id, look
from tui.screens.step import StepScreen, about_deviation
from tui.screens.what import ExplainingScreen
from tui.session import TerminalSession
from tui.workers import in_thread


class OneTherapyScreen(ExplainingScreen):
    """A screen about one therapy, which reads it in a thread and enters nothing by itself."""

    def __init__(self, session: TerminalSession, coi: str = "") -> None:
        super().__init__(session)
        self._coi = coi

    @property
    def coi(self) -> str:
        """The therapy; empty until something of one was scanned."""
        return self._coi

    def read(self) -> None:
        """Begin to read what is shown."""
        raise NotImplementedError

    async def open_step(self, offer: Offer | None, subject: ScannedThing) -> None:
        """Open a step that is offered; else say why it is not."""
        if offer is None:
            not_yours = tr("This step is not yours, or not at this station.")
            self.show(check(not_yours, tr("Hand it to whoever takes it.")))
        elif offer.violation is not None:
            self.show(ShownAnswer(Verdict.CHECK, offer.violation.message, offer.violation.remedy))
        else:
            await self.app.push_screen(StepScreen(self.session, offer, subject))

    def why_not_deviation(self) -> str | None:
        """Somebody has to be signed in to open one."""
        return None if self.session.is_open else tr("Sign in first.")

    def action_deviation(self) -> None:
        """Say what went wrong with it."""
        self.do(self._deviate())

    async def _deviate(self) -> None:
        subject = await in_thread(lambda: look(self.session, by_id(self.coi)))
        self.app.push_screen(about_deviation(self.session, subject, self.coi))

    def action_refresh(self) -> None:
        """Read it again."""
        self.read()

    def read_failed(self, error: CartrailError) -> None:
        """What stands on the screen stays."""
        self.show(check(error.message, error.remedy, about_store=True))
