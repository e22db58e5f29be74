"""The sign dialog: what is signed stands above, one signer comes after the other, all or none is returned."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final, Generic

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from schema.errors import CartrailError
from schema.vocabulary import ObjectType
from tracker.values import PASSWORD_BYTES_MAX, PIN_LENGTH, SessionEnded
from tui.answers import ShownAnswer, Verdict, check, ok, stop_for
from tui.capture import SecretInput
from tui.commands import Command, TakesCommands
from tui.delivery import TakesScans
from tui.framing import RawScan, has_our_form, printed_code, without_aim
from tui.language import named, tr
from tui.screens.sign.signing import (
    PROMPTS,
    SIGNING_LIMIT,
    Check,
    Checked,
    Discarded,
    DiscardReason,
    Login,
    Phase,
    Pin,
    S,
    Secret,
    ShownStatement,
    SignedSet,
    SignerSlot,
    signer_lines,
    statement_text,
    time_left,
)
from tui.shell import Shell
from tui.widgets.answer_bar import AnswerBar
from tui.widgets.key_bar import KeyBar
from tui.widgets.pane import name_pane
from tui.widgets.window import Window
from tui.workers import JobFailed, start

TICK: Final = 0.5
CHECK_JOB: Final = "check"


class SignScreen(
    TakesScans,
    TakesCommands[SignedSet[S] | Discarded],
    ModalScreen[SignedSet[S] | Discarded],
    Generic[S],
):
    """Returns Signed when the set is complete within five minutes, else Discarded; it writes nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "turn_page(-1)", show=False),
        Binding("pagedown", "turn_page(1)", show=False),
    ]
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    SignScreen {
        background: $background;
        & > Window { height: 1fr; }
        & > #signers { height: auto; }
        & > #prompt { height: 1; padding: 0 1; text-style: bold; }
        & > Input { padding: 0 1; }
        & > #left { height: 1; padding: 0 1; }
    }
    """

    @dataclass
    class Answered(Message):
        """The secret was right."""

        person: Checked[Any]

    def __init__(
        self,
        statement: ShownStatement,
        slots: Sequence[SignerSlot],
        *,
        check: Check[S],
        now: Callable[[], datetime],
        staff: Collection[str] = (),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self.statement = statement
        self.slots = tuple(slots)
        self.phase = Phase.BADGE
        self._check = check
        self._now = now
        self._staff = staff
        self._monotonic = monotonic
        self._until = monotonic() + SIGNING_LIMIT
        self._signed: list[tuple[Checked[S], datetime]] = []
        self._badge: RawScan | None = None
        self._is_over = False
        self.answers = AnswerBar()
        self._prompt = Static(id="prompt", markup=False)

    def compose(self) -> ComposeResult:
        yield self.answers
        with Window(classes="pane") as window:
            yield Static(statement_text(self.statement), markup=False)
        name_pane(window, self.statement.title, tr("this is what is signed"))
        signers = Static(id="signers", classes="pane -next", markup=False)
        name_pane(signers, tr("Signatures"))
        yield signers
        yield self._prompt
        yield SecretInput(password=True, compact=True)
        yield Static(id="left", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self.set_interval(TICK, self._tick)
        self.call_after_refresh(self._tick)
        # Whether there is more to read is known when the statement has been laid out.
        self.watch(self.query_one(Window), "show_vertical_scrollbar", self._tick, init=False)
        self._ask()

    def now(self) -> datetime:
        """The station's time."""
        return self._now()

    @property
    def slot(self) -> SignerSlot:
        """The signature asked for now."""
        return self.slots[len(self._signed)]

    @property
    def badge_read(self) -> RawScan | None:
        """The badge of who is asked for a password."""
        return self._badge

    def show(self, answer: ShownAnswer) -> None:
        """Show and sound the answer to the last scan or secret."""
        self.answers.show(answer)
        if isinstance(self.app, Shell):
            self.app.ring(answer.verdict)

    def command_refused(self, command: type[Command], reason: str) -> None:
        """Only leaving is possible here."""
        self.show(check(tr("{command} has to wait: sign, or discard with Esc.", command=tr(command.footer))))

    def key_useless(self, key: str, elsewhere: str) -> None:
        """A key of another screen waits as one of this does."""
        self.show(check(tr("{command} has to wait: sign, or discard with Esc.", command=elsewhere or key)))

    def action_discard(self) -> None:
        """Discard everything."""
        self._end(Discarded(DiscardReason.CANCELED))

    def escape_word(self) -> str:
        """Nothing is signed, nothing is written."""
        return tr("Discard")

    def action_turn_page(self, pages: int) -> None:
        """Read on in an answer, then in a statement, that is longer than its room."""
        if not self.answers.turn(pages):
            self.query_one(Window).turn(pages)

    def _end(self, result: SignedSet[S] | Discarded) -> None:
        # A check that comes back after Esc, or a second Esc, must not end the screen below.
        if not self._is_over:
            self._is_over = True
            self.dismiss(result)

    def _ask(self) -> None:
        """Ask for the first secret of the signer whose turn it is."""
        slot = self.slot
        self._badge = None
        if slot.badge is not None:
            self._badge = RawScan(slot.badge, slot.badge_mode, 0.0, len(slot.badge))
            self._enter(Phase.PASSWORD)
        else:
            self._enter(Phase.PIN if slot.in_session else Phase.BADGE)

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        self.query_one("#signers", Static).update(signer_lines(self.slots, self._signed))
        self._show_prompt("")
        secret = self.query_one(SecretInput)
        secret.clear()
        secret.is_pin = phase is Phase.PIN
        secret.restrict = r"[0-9]*" if phase is Phase.PIN else None
        secret.max_length = PIN_LENGTH if phase is Phase.PIN else PASSWORD_BYTES_MAX
        secret.display = phase in (Phase.PIN, Phase.PASSWORD)
        if secret.display:
            secret.focus()
        else:
            self.set_focus(None)

    def _show_prompt(self, typed: str) -> None:
        slot = self.slot
        self._prompt.update(Text(f"{slot.part}, {named(slot.meaning.value)}: {PROMPTS[self.phase]} {typed}"))

    def _tick(self) -> None:
        left = self._until - self._monotonic()
        more = "  " + tr("|  PgUp PgDn: read on") if self.query_one(Window).show_vertical_scrollbar else ""
        self.query_one("#left", Static).update(time_left(left) + more)
        if left <= 0 and self.is_current:
            self._end(Discarded(DiscardReason.EXPIRED))

    async def take_scan(self, scan: RawScan) -> None:
        """A badge or staff id where one is asked for, or the code CANCEL; all else is refused by name."""
        code = printed_code(scan.text)
        if code is not None and code.command == "CANCEL":
            self.action_discard()
        elif self.phase is not Phase.BADGE:
            self.show(
                check(
                    tr("Not now:") + " " + PROMPTS[self.phase],
                    tr("A code is never a password; nothing was used."),
                )
            )
            self.query_one(Input).focus()
        elif code is not None and code.object_type is ObjectType.BADGE:
            self._take_badge(scan, tr("Badge read."))
        elif code is None and scan.text.strip().upper() in self._staff:
            self._take_badge(scan, tr("Staff id read."))
        else:
            self.show(
                check(
                    tr("That is neither a badge nor a staff id of this store."),
                    tr("The person who signs scans the badge, or types the staff id."),
                )
            )

    def _take_badge(self, scan: RawScan, line: str) -> None:
        self._badge = scan
        self._enter(Phase.PASSWORD)
        self.show(ok(line))

    def scan_typed(self, text: str, waiting: int) -> None:
        """A badge typed by hand is echoed, anything else by asterisks."""
        # A password typed where a badge is asked for must not stand on the screen.
        if self.phase is Phase.BADGE:
            shown = text if "CTP".startswith(text[:3].upper()) else "*" * len(text)
            self._show_prompt(shown)

    def scan_failed(self, scan: RawScan, error: CartrailError) -> None:
        """The sentence stands in the answer bar; the dialog goes on."""
        self.show(stop_for(error).answer)

    def scan_discarded(self, scan: RawScan) -> None:
        """A scan from before the dialog is answered with CHECK."""
        self.show(
            check(tr("A scan was thrown away: it began before this dialog was open."), tr("Scan it again."))
        )

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        secret = event.value
        event.input.clear()
        if not secret or self.phase not in (Phase.PIN, Phase.PASSWORD):
            return
        named = next((name for name, value in self.statement.rows if value == secret), None)
        if has_our_form(secret):
            self.show(check(tr("A code is never a password."), tr("Type the password.")))
        elif named is not None:
            # Typed a field too early it would be signed, printed and exported.
            self.show(
                check(
                    tr("What you typed stands in the statement as {name}.", name=named),
                    tr("If it is your secret, press Esc, and leave it out there. Nothing was written."),
                )
            )
        elif self.phase is Phase.PIN and len(secret) != PIN_LENGTH:
            # Digits typed before the dialog was there are lost; what is left is no try that counts.
            self.show(
                check(
                    tr("The PIN has {pin_length} digits.", pin_length=PIN_LENGTH),
                    tr("Type all of them again, then Enter."),
                )
            )
        elif self.phase is Phase.PIN:
            self._send(Pin(self.slot.staff, secret))
        elif self._badge is not None:
            self._send(Login(without_aim(self._badge.text), self._badge.mode, secret))

    def _send(self, secret: Secret) -> None:
        slot, check_secret = self.slot, self._check
        self._enter(Phase.ANSWER)
        start(self, lambda: check_secret(slot, secret), job=CHECK_JOB, done=SignScreen.Answered)

    def on_sign_screen_answered(self, message: Answered) -> None:
        """One more signer, unless it is the wrong person or too late."""
        person, now = message.person, self._now()
        if self._monotonic() >= self._until:
            self._end(Discarded(DiscardReason.EXPIRED))
        elif self.slot.staff not in (None, person.staff):
            self._refuse(
                tr(
                    "This signature is {name}'s, not {other}'s.",
                    name=self.slot.name or self.slot.staff,
                    other=person.name,
                )
            )
        elif any(person.staff == other.staff for other, _ in self._signed):
            self._refuse(tr("{name} has signed already: a second person must.", name=person.name))
        else:
            self._signed.append((person, now))
            if len(self._signed) == len(self.slots):
                signers, times = zip(*self._signed, strict=True)
                self._end(SignedSet(signers, times))
            else:
                self._ask()
                self.show(
                    ok(tr("{name} signed.", name=person.name), tr("Nothing is written before everybody has."))
                )

    def on_job_failed(self, message: JobFailed) -> None:
        """The secret was wrong, or could not be checked; the third wrong PIN ends more than the dialog."""
        if isinstance(message.error, SessionEnded):
            self._end(Discarded(DiscardReason.SESSION_ENDED))
            return
        self._ask()
        self.show(ShownAnswer(Verdict.CHECK, message.error.message, message.error.remedy))

    def _refuse(self, line: str) -> None:
        self._ask()
        self.show(check(line, tr("The person named above signs with badge and password, or Esc discards.")))
