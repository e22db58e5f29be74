"""A handoff in two statements: the giver's, written at once, then the receiver's, bound to it.

A closed box takes four scans, one PIN and one password: box, seal, ALL-IN-ORDER, PIN, badge, password. Which
of the two people is signed in here does not matter; the other one signs with badge and password.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from functools import partial
from typing import ClassVar, Final

from textual.message import Message

from schema.canonical import Json
from schema.errors import CartrailError, StatementChanged
from schema.events import Party
from schema.vocabulary import Condition, Meaning, PartyType
from tracker.answers import Answer
from tracker.values import Found, Occurrence, receiving_department
from tui.answers import check, ok
from tui.commands import Command, Discard, Help, PrintLabel, Sign
from tui.forms.catalog import sections_of
from tui.forms.following import RECEIVES, THEN, follow_up, refusal_of
from tui.forms.lists import PARTLY, REFUSES
from tui.forms.prompts import FieldAnswer
from tui.framing import RawScan, printed_code
from tui.glyphs import BAD, LOOK
from tui.language import tr
from tui.looking import Offer, ScannedThing, look
from tui.screens.acting import ActingScreen
from tui.screens.form.filling import FormTask, setting_of
from tui.screens.handoff.cells import Half
from tui.screens.handoff.courier import Attempted, attempt_screen, refuse_screen
from tui.screens.handoff.panes import HandoffPanes
from tui.screens.label import LabelScreen
from tui.screens.sign.signing import SignerSlot
from tui.screens.step import StepScreen, Undo
from tui.session import TerminalSession
from tui.words import refusal_words
from tui.workers import in_thread, start

LOOKED_AT_EVERY: Final = 10.0
"""Seconds between two looks at what the other side has signed."""

ANSWERS: Final = frozenset({"accepted", "partly_accepted", "refused", "lapsed"})
"""Kinds that answer the giver's half."""

TAKE_OVER: Final = Offer("accepted", "accept", tr("Take over"))

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


class NextStop(Command):
    """See the boxes on their way, once both have signed: the next stop, how long each holds."""

    key = "ctrl+o"
    footer = "Shipments"
    palette = "My shipments"


class InkScreen(StepScreen):
    """A slip signed in ink; Esc comes back to the handoff, which stays open."""

    about = tr(
        "The receiver has no account and has signed the printed slip. Look at the box again, type the "
        "company, the name and what shows it, then scan the slip's own code. You attest it and sign. "
        "Esc: back to the handoff, which stays open."
    )

    def escape_word(self) -> str:
        """Where Esc goes."""
        return tr("Back to handoff")

    def action_discard(self) -> None:
        """Nothing is taken over; the handoff is as it was."""
        line = tr("No slip was entered: nothing was recorded.")
        self.close_with(self.discarded(line, tr("The handoff is still open.")))


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


class HandoffScreen(HandoffPanes):
    """Both halves on one screen; the first stays open when the receiver walks away.

    What is signed at another terminal meanwhile is read from the record and shown.
    """

    about = tr(
        "Scan the box, its seal and ALL-IN-ORDER (or NOT-IN-ORDER); the giver signs, then the receiver scans "
        "a badge and signs. The giver's half is written at once and stays open if nobody takes it."
    )
    own_commands: ClassVar[tuple[type[Command], ...]] = (
        Undo,
        TurnDown,
        Attempted,
        Ink,
        NextStop,
        *(one for one in StepScreen.own_commands if one is not Undo),
    )
    elsewhere: ClassVar[tuple[type[Command], ...]] = (TurnDown, Attempted, Ink, PrintLabel)

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
            offer = TAKE_OVER
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
        self._signed_by_giver: Half | None = None
        self._is_acting = False
        """Whether a half is being signed and written here."""

    @dataclass
    class Seen(Message):
        """The record was read again."""

        subject: ScannedThing

    @property
    def is_receiving(self) -> bool:
        """Whether the receiver is signed in here."""
        return self.side is not Side.GIVER_HERE

    @property
    def is_over(self) -> bool:
        """Whether both have signed."""
        return self.received is not None

    @property
    def _is_open(self) -> bool:
        """Whether the giver has signed, and nobody has answered yet."""
        return not self.is_over and (self._given is not None or self.side is Side.RECEIVER_HERE)

    def on_mount(self) -> None:
        self.set_interval(LOOKED_AT_EVERY, self.look_again)

    def on_screen_resume(self) -> None:
        self.look_again()

    def look_again(self) -> None:
        """Read what the other side has signed meanwhile, here or at another terminal."""
        subject = self.subject
        if subject is not None and not self.is_over and not self._is_acting and self.session.is_open:
            work = partial(look, self.session, subject.scan)
            start(self, work, job="handoff", done=HandoffScreen.Seen)

    def on_handoff_screen_seen(self, message: Seen) -> None:
        before, self.seen = self.seen, message.subject
        self.answers.store_is_back()
        if self._is_acting or self.is_over:
            return
        if not self._is_open:
            if message.subject.handoff is not None and (before is None or before.handoff is None):
                self._given_elsewhere(message.subject)
                if self.form.current is None:
                    self.do(self.submit())
            return
        if message.subject.handoff is None:
            self._answered_elsewhere(message.subject)
        elif before is None or before.handoff != message.subject.handoff:
            self.refresh_form()

    def read_failed(self, error: CartrailError) -> None:
        """What stands on the screen stays; that it may be old is said."""
        self.show(check(error.message, error.remedy, about_store=True))

    def _answered_elsewhere(self, subject: ScannedThing) -> None:
        """The giver's half has been answered, but not on this screen."""
        answer = _last_answer(subject)
        if answer is None:
            line = tr("The handoff was answered at another terminal.")
            self.close_with(check(line, tr("Scan the box again to see where it stands.")))
            return
        kind, said, party = answer
        name, time = self._person(said.actor), f"{self.session.local(said.at):%H:%M:%S}"
        if kind in ("refused", "lapsed"):
            line = tr("{name} refused it at {time}.", name=name, time=time)
            if kind == "lapsed":
                line = tr("{name} ended the handoff at {time}.", name=name, time=time)
            self.close_with(check(line, tr("Custody stays with the giver.")))
            return
        self.forget_visitor()
        self.received = Half(name, self._party(party), time)
        self.refresh_form()
        self.show(ok(tr("Taken over: signed and written at {time}.", time=time), tr("F8 prints the slip.")))

    async def _is_given_elsewhere(self) -> bool:
        """Whether the giver's half was signed at another terminal while this form was filled in.

        Nobody then gives it a second time, and what was read here stays read.
        """
        subject = self.subject
        if self._is_open or subject is None:
            return False
        now = await in_thread(lambda: look(self.session, subject.scan))
        if now.handoff is None:
            return False
        self._given_elsewhere(now)
        return True

    def _given_elsewhere(self, subject: ScannedThing) -> None:
        """The receiver goes on with what was read here; where the giver is here, the receiver is next."""
        self.forget_visitor()
        self.seen = subject
        self.asked = replace(self.asked, subject=subject)
        self.setting = setting_of(self.session, subject.registry, self.asked)
        if self.side is Side.VISITOR_GIVES:
            self.side = Side.RECEIVER_HERE
            self.asked = replace(self.asked, offer=TAKE_OVER)
            self.form = self.form.becoming("accept", without="to")
        elif self.form.current is None:
            self._given = {key: value for key, value in self.form.fold().items() if key != "to"}
        self.refresh_form()
        given = self.giver()
        line = tr("{name} has signed the giver's half at another terminal.", name=given.name)
        self.show(ok(line, tr("What was read here stays read. {order}", order=self.order())))

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
        refused = self._refused_before()
        if refused:
            self.show(check(refused, tr("Look at its display and seal before you take it over.")))

    def _refused_before(self) -> str:
        """That nobody has taken the box over since it was refused; empty where that is not so."""
        subject = self.subject
        held = () if subject is None or self.is_over else subject.held
        box = "" if subject is None else subject.object_id or ""
        refused = next((one.boxes_refused[box] for one, _ in held if box in one.boxes_refused), None)
        if refused is None:
            return ""
        said = refusal_words(refused, self.session.local(refused.occurrence.at))
        return tr("This box was refused before: {said}", said=said.removeprefix(f"{BAD} "))

    def giver(self) -> Half:
        """As it was signed, even where the record has forgotten the open half."""
        if self.is_over and self._signed_by_giver is not None:
            return self._signed_by_giver  # custody is the receiver's by now
        half = super().giver()
        if half.signed:
            self._signed_by_giver = half
        return self._signed_by_giver or half

    def badge_meaning(self) -> Meaning:
        """The giver's badge before the first half is written, the receiver's after it."""
        return Meaning.RELINQUISHED if self._given is None else Meaning.RECEIVED

    def badge_note(self) -> str:
        """What the receiver may do instead."""
        if self._given is None:
            return ""
        note = tr("PARTLY takes some of it. NOT-IN-ORDER says what is wrong.")
        refused = self._refused_before()
        return f"{LOOK} {tr('CHECK')} {refused}\n{note}" if refused else note

    async def take_scan(self, scan: RawScan) -> None:
        """What is scanned when both have signed is for the screen below."""
        code = printed_code(scan.text)
        if not self.is_over or (code is not None and code.command is not None):
            await super().take_scan(scan)
            return
        below = self.app.screen_stack[-2]
        self.dismiss(None)
        if isinstance(below, ActingScreen):
            below.do(below.take_scan(scan))

    async def take_code(self, name: str) -> None:
        """How it ends, for gloved hands: ATTEMPTED, PARTLY, and NOT-IN-ORDER while it is looked at."""
        if self.is_over:
            self.show(check(tr("Both have signed: {command} answers nothing here.", command=name)))
        elif name == "ATTEMPTED" and self.found_box:
            self.action_attempted()
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
        await self._is_given_elsewhere()
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
        request = {**self.request(given, self.event_id), "actor": giver}
        try:
            outcome = await self._acted(request, visitor)
        except StatementChanged:
            if not await self._is_given_elsewhere():
                raise
            await self.submit()
            return
        if outcome is None:
            return
        if outcome.problem is not None and await self._is_given_elsewhere():
            await self.submit()
            return
        if outcome.problem is not None:
            self.forget_visitor()
            await self.answered(outcome)
            return
        self.event_id = self.session.tracker.new_event_id()
        self._given = {key: value for key, value in data.items() if key not in ("to", "outside_rules")}
        self.given_at = self.session.now()
        self._signed_by_giver = self.giver()
        self.look_again()
        if visitor is not None:
            self.forget_visitor()
            await self._take_over(self._given, self.session.staff, None)
        else:
            self.ask_badge("receiver")
            self._say_open()

    def _say_open(self) -> None:
        line = tr("The giver's half is signed and written.")
        half = self.giver()
        holder = half.party or half.name
        self.show(ok(line, tr("Open until somebody answers. Custody is still with {who}.", who=holder)))

    async def _acted(self, request: dict[str, Json], visitor: SignerSlot | None) -> Answer | None:
        """As every step does; what the record says meanwhile is this screen's own act."""
        self._is_acting = True
        try:
            return await self.act(request, visitor=visitor)
        finally:
            self._is_acting = False

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
        outcome = await self._acted(request, visitor)
        if outcome is None and self._given is not None and visitor is not None:
            self.ask_badge("receiver")
        elif outcome is not None:
            await self._taken(outcome, receiver, is_taken=request["request"] != "refuse")

    def _sealed_with(self) -> str | None:
        subject = self.subject
        therapy = subject.held[0][0] if subject is not None and subject.held else None
        return None if therapy is None or subject is None else therapy.seals.get(subject.object_id or "")

    async def _taken(self, outcome: Answer, receiver: str, *, is_taken: bool) -> None:
        if outcome.problem is not None and self._given is not None:
            self.ask_badge("receiver")
        if outcome.problem is not None or outcome.notices or not is_taken:
            await self.answered(outcome)
            return
        signed = await self._signed_at()
        self.received = Half(self._person(receiver), self._planned(), f"{signed:%H:%M:%S}")
        self.forget_visitor()
        self.refresh_form()
        self.show(self.written(outcome, tr("F8 prints the slip.")))

    async def _signed_at(self) -> datetime:
        """When it was taken over, by the record; now, where that cannot be asked."""
        subject = self.subject
        if subject is not None:
            with suppress(CartrailError):
                answer = _last_answer(await in_thread(lambda: look(self.session, subject.scan)))
                if answer is not None:
                    return self.session.local(answer[1].at)
        return self.session.now()

    def why_not(self, action: str, *parameters: object) -> str | None:
        """When both have signed, only the slip is left."""
        own: tuple[type[Command], ...] = (Sign, *self.own_commands)
        is_of_step = action in {one.action() for one in own if one is not NextStop}
        if self.is_over and is_of_step:
            return tr("Both have signed.")
        return super().why_not(action, *parameters)

    def why_not_next_stop(self) -> str | None:
        """The list is for what comes after it."""
        return None if self.is_over else tr("First both sign; Esc leaves the handoff as it is.")

    def action_next_stop(self) -> None:
        """The list of shipments: below this screen, or opened from the one that is."""
        app = self.app
        self.dismiss(None)
        app.call_later(app.run_action, "screen.open_screen('shipments')")

    def why_not_turn_down(self) -> str | None:
        """Refusing belongs to the receiver's half."""
        has_been_given = self.side is Side.RECEIVER_HERE or self._given is not None
        return None if has_been_given else tr("Nothing has been handed over yet: the giver first.")

    def why_not_ink(self) -> str | None:
        """So does a slip signed in ink."""
        return self.why_not_turn_down()

    def why_not_attempted(self) -> str | None:
        """Nobody answers what was given; before it is, F6 enters a handoff late."""
        if not self.found_box:
            return tr("This is about a closed box.")
        return None if self._given is not None else tr("Nothing has been handed over yet: the giver first.")

    def why_not_late(self) -> str | None:
        """What is half written is not late."""
        return tr("The giver's half is written.") if self._given is not None else super().why_not_late()

    def why_not_from_paper(self) -> str | None:
        """Nor from paper; a slip is signed in ink."""
        return self.why_not_late()

    def why_not_undo(self) -> str | None:
        """What is written is not taken back."""
        return tr("The giver's half is written.") if self._given is not None and self.badge_of else None

    def why_not_print_label(self) -> str | None:
        """The slip names the giver."""
        is_written = self.side is Side.RECEIVER_HERE or self._given is not None
        return None if is_written else tr("The slip follows the giver's PIN.")

    def likeliest(self) -> tuple[type[Command], ...]:
        """Other ends of it, the slip, and to leave it open."""
        if self.is_over:
            return (PrintLabel, NextStop, Discard, Help)
        if self._given is not None:
            return (Sign, Undo, TurnDown, Attempted, Ink, PrintLabel, Discard, Help)
        return (Sign, Undo, TurnDown, Ink, PrintLabel, Discard, Help)

    def label_of(self, command: type[Command]) -> str:
        """What is printed here is the slip."""
        return tr("Slip") if command is PrintLabel else super().label_of(command)

    def escape_word(self) -> str:
        """Once the giver has signed, Esc leaves it open."""
        if self.is_over:
            return tr("Back")
        return tr("Leave open") if self._given is not None else super().escape_word()

    def order(self) -> str:
        """What to do next; nothing when both have signed."""
        return tr("Scan the next thing.") if self.is_over else super().order()

    def action_refresh(self) -> None:
        """Read what the other side has signed."""
        self.look_again()

    def action_attempted(self) -> None:
        """Record that nobody took it."""
        if self.subject is not None:
            self.dismiss(None)
            self.app.push_screen(attempt_screen(self.session, self.subject))

    def action_turn_down(self) -> None:
        """Refuse what is handed over, by whoever would receive it."""
        if self.subject is not None:
            is_visitor = self._given is not None and self.side is Side.GIVER_HERE
            self.dismiss(None)
            self.app.push_screen(refuse_screen(self.session, self.subject, visited=is_visitor))

    def action_ink(self) -> None:
        """Ask for the slip that was signed, on a screen of its own: its Esc comes back here."""
        offer = Offer("accepted", "accept", tr("Take over by ink"), self.asked.offer.step)
        subject = self.seen or self.subject
        self.app.push_screen(InkScreen(self.session, offer, subject, variant="ink"))

    def action_print_label(self) -> None:
        """Print the slip."""
        if self.subject is not None:
            self.app.push_screen(LabelScreen(self.session, self.subject))

    def action_discard(self) -> None:
        """Before the giver's half is written, discard; after it, leave it open."""
        if self.is_over:
            self.dismiss(None)
        elif self._given is None:
            self.forget_visitor()
            super().action_discard()
        else:
            line = tr("Handed over, and nobody has taken it: the handoff stays open.")
            self.close_with(check(line, tr("The receiver takes it later; the giver may end it.")))


def _last_answer(subject: ScannedThing) -> tuple[str, Occurrence, Party | None] | None:
    """What was said to the giver's half last: its kind, by whom and when, and who has custody since."""
    units = [unit for _, unit in subject.held] or [one for one in (subject.unit,) if one is not None]
    facts = units[0].facts if units else {}
    answers = [(one.sequence, kind, one) for kind, one in facts.items() if kind in ANSWERS]
    if not answers:
        return None
    _, kind, said = max(answers, key=lambda one: one[0])
    return kind, said, units[0].custodian
