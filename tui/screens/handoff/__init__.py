"""A handoff in two statements: the giver's, written at once, then the receiver's, bound to it.

A closed box takes four scans, one PIN and one password: box, seal, ALL-IN-ORDER, PIN, badge, password. Which
of the two people is signed in here does not matter; the other one signs with badge and password.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum, auto
from typing import ClassVar, Final

from schema.canonical import Json
from schema.vocabulary import Condition, Meaning, PartyType
from tracker.answers import Answer
from tracker.values import Found, receiving_department
from tui.answers import check, ok
from tui.commands import Command
from tui.forms.catalog import sections_of
from tui.forms.following import RECEIVES, THEN, follow_up, refusal_of
from tui.forms.lists import PARTLY, REFUSES
from tui.forms.prompts import FieldAnswer
from tui.framing import RawScan
from tui.language import tr
from tui.looking import Offer, ScannedThing
from tui.screens.form.filling import FormTask
from tui.screens.handoff.courier import attempt_screen, refuse_screen
from tui.screens.label import LabelScreen
from tui.screens.sign.signing import SignerSlot
from tui.screens.step import StepScreen
from tui.screens.step.visiting import BadgeScreen
from tui.session import TerminalSession

_LOOKED_AT: Final = frozenset({"box", "units", "seal", "display_celsius"})
"""What is in somebody's hand or before their eyes when they say that something is not in order."""


class TurnDown(Command):
    """Refuse what is handed over to you: custody stays with the giver; it takes a reason."""

    key = "ctrl+r"
    footer = "Refuse"
    palette = "Refuse what is handed over"


class Ink(Command):
    """The receiver has no account and signed the printed slip: you attest it and scan the slip in."""

    key = "ctrl+y"
    footer = "On paper"
    palette = "Take over by a slip signed in ink"


class Side(Enum):
    """Who of the two is signed in at this terminal."""

    GIVER_HERE = auto()
    RECEIVER_HERE = auto()
    """The giver has given already, here or elsewhere."""
    VISITOR_GIVES = auto()
    """The receiver is signed in, the giver came to the door."""


def side_of(subject: ScannedThing) -> Side:
    """Which half of the handoff is to be written first, and by whom."""
    if subject.handoff is not None:
        return Side.RECEIVER_HERE
    return Side.GIVER_HERE if subject.offer("relinquished") is not None else Side.VISITOR_GIVES


def variant_of(subject: ScannedThing, here: str) -> str:
    """What is asked of a closed box: one that has arrived goes to a department, which must be named."""
    if subject.found is not Found.BOX:
        return ""
    therapy, unit = subject.held[0]
    planned = therapy.boxes_carrier.get(subject.object_id or "")
    is_with_carrier = unit.custodian is not None and unit.custodian.type is PartyType.CARRIER
    return "arrived" if planned and planned[1] == here and not is_with_carrier else "box"


class HandoffScreen(BadgeScreen):
    """Both halves on one screen; the first stays open when the receiver walks away."""

    about = tr(
        "Scan the box, its seal and ALL-IN-ORDER (or NOT-IN-ORDER); the giver signs, then the receiver scans "
        "a badge and signs. The giver's half is written at once and stays open if nobody takes it."
    )
    own_commands: ClassVar[tuple[type[Command], ...]] = (*StepScreen.own_commands, TurnDown, Ink)

    def __init__(
        self,
        session: TerminalSession,
        subject: ScannedThing,
        *,
        seal: RawScan | None = None,
        wrong: bool = False,
        outside: bool = False,
    ) -> None:
        self.side = side_of(subject)
        variant = variant_of(subject, session.station.site)
        if self.side is Side.RECEIVER_HERE:
            offer = Offer("accepted", "accept", tr("Take over"))
            variant = "box" if variant else ""
        else:
            offer = Offer("relinquished", "relinquish", tr("Hand over"))
        receives = {RECEIVES: True} if self.side is Side.VISITOR_GIVES else None
        super().__init__(session, offer, subject, variant=variant, outside=outside, extra=receives)
        self._seal = seal
        self._begins_wrong = wrong
        """Whether NOT-IN-ORDER was said before this screen was open."""
        self._partly = False
        """Whether the receiver takes only some of what was given in this sitting."""
        self._says_otherwise = False
        """Whether the receiver has found something wrong that the giver has not."""
        self._given: dict[str, Json] | None = None
        """What the giver's statement was made from, once it is written."""

    def begin(self, asked: FormTask) -> None:
        """Start with the seal that was scanned on the home screen, if one was, or with what is wrong."""
        super().begin(asked)
        seal, prompt = self._seal, self.form.current
        self._seal = None
        if seal is not None and prompt is not None and prompt.field == "seal":
            self.do(self.take_scan(seal))
        if self._begins_wrong:
            self._begins_wrong = False
            self.do(self._ask_what_is_wrong())

    def badge_meaning(self) -> Meaning:
        """The giver's badge before the first half is written, the receiver's after it."""
        return Meaning.RELINQUISHED if self._given is None else Meaning.RECEIVED

    def badge_note(self) -> str:
        """What the receiver may do instead."""
        if self._given is None:
            return ""
        return tr("The giver's half is written. PARTLY takes some, NOT-IN-ORDER says what is wrong.")

    async def take_code(self, name: str) -> None:
        """How it ends, for gloved hands: ATTEMPTED, PARTLY, and NOT-IN-ORDER while it is looked at."""
        subject = self.subject
        if name == "ATTEMPTED" and subject is not None and self.found_box:
            self.dismiss(None)
            self.app.push_screen(attempt_screen(self.session, subject))
        elif name == "PARTLY" and self._given is not None:
            self._ask_which()
        elif name == "NOT-IN-ORDER" and (self.badge_of or self._looks_at() in _LOOKED_AT):
            await self._ask_what_is_wrong()
        else:
            await super().take_code(name)

    def _looks_at(self) -> str:
        """The field that is asked now, which may be what is wrong; empty for none."""
        prompt = self.form.current
        return "" if prompt is None else prompt.field

    async def _ask_what_is_wrong(self) -> None:
        """NOT-IN-ORDER at what is looked at, or in place of a badge: what, and its value.

        What was read stays read. What is found after the giver's half is written does not change that half.
        """
        is_written, seen = self._given is not None, self._seen_twice()
        if self.badge_of and is_written:
            self.form = self.form.keeping(("box", "units", "seal"), "accept")
            self.form = self.form.asking_last(sections_of(("condition",), "accept", self.ready_setting()))
            self._says_otherwise = True
        elif self.badge_of:
            self.form.forget("condition")
            self.form = self.form.followed_by(())
        else:
            if seen is not None:
                self._say(seen)
            self._ask_condition_now()
        self.forget_visitor()
        self._say(FieldAnswer(Condition.NOT_IN_ORDER.value, tr("Not in order")))
        self.refresh_form()
        self.show(ok(tr("Not in order."), self.order()))

    def _ask_condition_now(self) -> None:
        """What is asked now waits; an answer that was given before a value was refused is given again."""
        at = self.form.at
        self.form.forget("condition")
        self.form = self.form.followed_by(())
        self.form.at = min(at, self.form.at)
        self.form = self.form.asking_first("condition")

    def _seen_twice(self) -> FieldAnswer | None:
        """The display that was just turned down, where NOT-IN-ORDER says that it shows so."""
        is_asked = not self.badge_of and self._looks_at() == "display_celsius"
        return replace(self._doubted, is_doubtful=True) if is_asked and self._doubted is not None else None

    def _say(self, said: FieldAnswer) -> None:
        """Answer what is asked now, with what this makes it ask."""
        prompt = self.form.current
        if prompt is not None:
            self.form = follow_up(self.form, prompt, said, self.ready_setting())
            self.form.take(said)

    def _ask_which(self) -> None:
        """The receiver takes only some: each is scanned, and what is left in a box is sealed again."""
        self.forget_visitor()
        names = ("units", "new_seal") if self.found_box else ("units",)
        more = sections_of(names, "accept_partly", self.ready_setting())
        self.form = self.form.keeping(("box", "seal"), "accept_partly").asking_last(more)
        self._partly = True
        self.refresh_form()
        self.show(ok(tr("Only some of it is taken over."), self.order()))

    @property
    def found_box(self) -> bool:
        """Whether a closed box is handed over, and not units in the hand."""
        return self.subject is not None and self.subject.found is Found.BOX

    async def submit(self) -> None:
        """The half that is next: the giver's, then the receiver's."""
        if self._given is not None:
            more = {**self.form.fold(), "condition": PARTLY} if self._partly else self._found
            await self._receive({**self._given, **more})
        elif self.side is Side.RECEIVER_HERE:
            await self._take_over(self.form.fold(), self.session.staff, None)
        elif self.side is Side.VISITOR_GIVES and self.visitor is None:
            self.ask_badge("giver")
        else:
            await self._give()

    @property
    def _found(self) -> dict[str, Json]:
        """What the receiver found wrong, in place of what the giver said."""
        return self.form.fold() if self._says_otherwise else {}

    async def _give(self) -> None:
        data = self.form.fold()
        visitor = self.visitor
        giver = visitor.staff if visitor is not None and visitor.staff else self.session.staff
        given = {**self._taken_for(), **{key: value for key, value in data.items() if key != THEN}}
        outcome = await self.act({**self.request(given, self.event_id), "actor": giver}, visitor=visitor)
        if outcome is None:
            return
        if outcome.problem is not None:
            self.forget_visitor()
            await self.answered(outcome)
            return
        self.event_id = self.session.tracker.new_event_id()
        self._given = {key: value for key, value in data.items() if key not in ("to", "outside_rules")}
        if visitor is not None:
            self.forget_visitor()
            await self._take_over(self._given, self.session.staff, None)
        else:
            self.ask_badge("receiver")

    def _taken_for(self) -> dict[str, Json]:
        """For whom a visitor's box is taken: a department of this site that the person here stands for.

        Which one the record would take by itself may be another, and the giver's half would already stand.
        """
        subject = self.subject
        if self.side is not Side.VISITOR_GIVES or subject is None or not subject.held:
            return {}
        if subject.held[0][0].boxes_receiver.get(subject.object_id or "") is not None:
            return {}
        session = self.session
        party = receiving_department(
            session.registry, session.station.site, session.staff, session.tracker.clock.now()
        )
        return {} if party is None else {"to": {"type": party.type.value, "id": party.id}}

    async def _receive(self, given: Mapping[str, Json]) -> None:
        visitor = self.visitor
        if visitor is None or visitor.staff is None:
            if self.side is Side.VISITOR_GIVES:
                await self._take_over(given, self.session.staff, None)
            else:
                self.ask_badge("receiver")
            return
        await self._take_over(given, visitor.staff, visitor)

    async def _take_over(self, given: Mapping[str, Json], receiver: str, visitor: SignerSlot | None) -> None:
        request = {**self.request(given, self.event_id), "request": "accept", "actor": receiver}
        if request.get("condition") == PARTLY:
            request.update(request="accept_partly", condition="in_order")
        if request.pop(THEN, None) == REFUSES:
            request = {**refusal_of(request, self._sealed_with())}
        outcome = await self.act(request, visitor=visitor)
        if outcome is None and self._given is not None and visitor is not None:
            self.ask_badge("receiver")
        elif outcome is not None:
            await self._taken(outcome)

    def _sealed_with(self) -> str | None:
        subject = self.subject
        therapy = subject.held[0][0] if subject is not None and subject.held else None
        return None if therapy is None or subject is None else therapy.seals.get(subject.object_id or "")

    async def _taken(self, outcome: Answer) -> None:
        if outcome.problem is not None and self._given is not None:
            self.ask_badge("receiver")
        await self.answered(outcome)

    def why_not_turn_down(self) -> str | None:
        """Refusing belongs to the receiver's half."""
        has_been_given = self.side is Side.RECEIVER_HERE or self._given is not None
        return None if has_been_given else tr("Nothing has been handed over yet: the giver first.")

    def why_not_ink(self) -> str | None:
        """So does a slip signed in ink."""
        return self.why_not_turn_down()

    def why_not_print_label(self) -> str | None:
        """The slip names the giver."""
        is_written = self.side is Side.RECEIVER_HERE or self._given is not None
        return None if is_written else tr("The slip follows the giver's PIN.")

    def action_turn_down(self) -> None:
        """Refuse what is handed over, by whoever would receive it."""
        if self.subject is not None:
            is_visitor = self._given is not None and self.side is Side.GIVER_HERE
            self.dismiss(None)
            self.app.push_screen(refuse_screen(self.session, self.subject, visited=is_visitor))

    def action_ink(self) -> None:
        """Start again with the slip that was signed."""
        offer = replace(self.asked.offer, title=tr("Take over by ink"))
        self.begin(replace(self.asked, variant="ink", offer=offer))

    def action_print_label(self) -> None:
        """Print the slip."""
        if self.subject is not None:
            self.app.push_screen(LabelScreen(self.session, self.subject))

    def action_discard(self) -> None:
        """Before the giver's half is written, discard; after it, leave it open."""
        if self._given is None:
            self.forget_visitor()
            super().action_discard()
        else:
            line = tr("Handed over, and nobody has taken it: the handoff stays open.")
            self.close_with(check(line, tr("The receiver takes it later; the giver may end it.")))
