"""What a rack still needs before it is signed: seal, carrier, condition; the units are not asked again."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from schema.canonical import Json
from schema.vocabulary import Reason
from tracker.answers import Answer as Outcome
from tui.language import tr
from tui.looking import Offer
from tui.screens.step import StepScreen
from tui.session import TerminalSession


class RackStep(StepScreen):
    """The form of the rack's request without what was scanned; the rack is told when it is recorded."""

    about = tr("The rest of this step. Its units were scanned; Esc leaves them in the rack.")

    def __init__(
        self,
        session: TerminalSession,
        offer: Offer,
        fixed: Mapping[str, Json],
        reason: Reason | None,
        then: Callable[[Outcome, str], None],
    ) -> None:
        given = fixed if reason is None else {**fixed, "reason": reason.value}
        super().__init__(session, offer, None, fixed=given)
        self._then = then

    async def answered(self, outcome: Outcome) -> None:
        """Leave after a record; stay after a refusal."""
        self.event_id = self.session.tracker.new_event_id()
        if outcome.problem is not None:
            self.refuse(outcome)
            return
        self.dismiss(None)
        self.app.call_later(self._then, outcome, self.signed_as)
