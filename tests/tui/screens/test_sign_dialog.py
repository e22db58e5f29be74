"""The sign dialog: all signers or none, each with the right secret, within five minutes, no secret shown."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from schema.errors import SignInRefused
from schema.identifiers import command_code, first_copy
from schema.vocabulary import Meaning, ReadMode
from tests.support.terminal import CODE, HEADER, BenchApp, burst, by_hand, painted, settle
from tui.screens.sign import SignScreen
from tui.screens.sign.signing import (
    SIGNING_LIMIT,
    Checked,
    Discarded,
    DiscardReason,
    Login,
    Phase,
    Pin,
    Secret,
    ShownStatement,
    SignedSet,
    SignerSlot,
)
from tui.shown_codes import grouped

STATEMENT = ShownStatement(
    title="HAND OFF 1 box",
    rows=(("Kind", "relinquished"), ("Therapy", "CD234567892"), ("Units", "3 x[/]"), ("Time", "09:30")),
    digest="ab" * 32,
)
BADGES = {
    "CARLA-1": ("CARLA-1", "Carla Quality"),
    first_copy("PD234567892").text: ("ADA", "Ada Lab"),
    first_copy("PD234567893").text: ("BOB", "Bob Courier"),
}
_, ADAS, BOBS = BADGES
GIVER = SignerSlot(Meaning.RELINQUISHED, "giver", staff="ADA", name="Ada Lab", in_session=True)
RECEIVER = SignerSlot(Meaning.RECEIVED, "receiver")


@dataclass
class Desk:
    """A check of secrets that remembers what it was asked, and can be held up."""

    asked: list[Secret] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)
    takes: float = 0.0

    def check(self, slot: SignerSlot, secret: Secret) -> Checked[str]:
        """Right is PIN 123456 and the password `correct horse`."""
        self.asked.append(secret)
        self.threads.add(threading.get_ident())
        time.sleep(self.takes)
        match secret:
            case Pin(staff="ADA", pin="123456"):
                return Checked("ADA", "Ada Lab", "key of ADA")
            case Login(badge=badge, password="correct horse"):
                staff, name = BADGES[badge]
                return Checked(staff, name, f"key of {staff}")
        raise SignInRefused("This PIN or password is not right.")


@dataclass
class Clock:
    """A monotonic clock that is moved by hand."""

    at: float = 1000.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Table:
    """A dialog over the bench, and its result once there is one."""

    app: BenchApp
    pilot: Pilot[None]
    desk: Desk = field(default_factory=Desk)
    clock: Clock = field(default_factory=Clock)
    results: list[SignedSet[str] | Discarded | None] = field(default_factory=list)

    async def open(self, *slots: SignerSlot, statement: ShownStatement = STATEMENT) -> SignScreen[str]:
        """Put the dialog in front."""
        dialog = SignScreen(
            statement,
            slots,
            check=self.desk.check,
            now=lambda: HEADER.now,
            staff={"ADA", "CARLA-1"},
            monotonic=self.clock,
        )
        self.app.push_screen(dialog, self.results.append)
        await settle(self.pilot)
        return dialog

    async def scan(self, code: str) -> None:
        """Scan and wait for the answer."""
        burst(self.app, code + "\r")
        await settle(self.pilot)

    async def type(self, text: str) -> None:
        """Type by hand and wait for the answer."""
        by_hand(self.app, text + "\r")
        await settle(self.pilot)


async def test_a_handoff_is_signed_by_pin_and_then_by_badge_and_password() -> None:
    """The signer in session needs the PIN only, the other both components; the set comes back in order."""
    app = BenchApp()
    async with app.run_test(size=(80, 24)) as pilot:
        table = Table(app, pilot)
        dialog = await table.open(GIVER, RECEIVER)
        phases = [dialog.phase]
        await table.type("123456")
        assert table.results == []
        assert "Ada Lab (ADA), 09:30:00 +01:00" in painted(app)
        phases.append(dialog.phase)
        await table.scan(BOBS)
        phases.append(dialog.phase)
        await table.type("correct horse")
        assert phases == [Phase.PIN, Phase.BADGE, Phase.PASSWORD]
        assert table.results == [
            SignedSet((Checked("ADA", "Ada Lab", "key of ADA"), Checked("BOB", "Bob Courier", "key of BOB")))
        ]
        assert table.desk.asked[1] == Login(BOBS, ReadMode.SCANNED, "correct horse")
        assert threading.get_ident() not in table.desk.threads


async def test_the_dialog_says_what_is_signed_and_with_which_meaning() -> None:
    """Statement, digest, signers, meaning, prompt and countdown all fit 80x24, and data is not markup."""
    app = BenchApp()
    async with app.run_test(size=(80, 24)) as pilot:
        table = Table(app, pilot)
        await table.open(GIVER, RECEIVER)
        screen = painted(app)
        for part in (
            *(grouped(value) for _, value in STATEMENT.rows),
            STATEMENT.title,
            STATEMENT.digest[:16],
        ):
            assert part in screen
        for part in (
            "relinquished",
            "received",
            "giver",
            "Ada Lab",
            "to be named by badge",
            "PIN",
            "5:00 left",
        ):
            assert part in screen


async def test_a_long_statement_can_be_read_to_its_end() -> None:
    """Page Down works while the PIN is asked for."""
    app = BenchApp()
    async with app.run_test(size=(80, 24)) as pilot:
        rows = tuple((f"Unit {number}", f"UD2345678{number:02d}") for number in range(40))
        dialog = SignScreen(
            ShownStatement("HAND OFF", rows, "0" * 64), (GIVER,), check=Desk().check, now=lambda: HEADER.now
        )
        app.push_screen(dialog)
        await settle(pilot)
        assert "Unit 39" not in painted(app)
        assert "PgDn" in painted(app)
        await pilot.press("pagedown", "pagedown", "pagedown")
        await settle(pilot)
        assert "Unit 39" in painted(app)


@pytest.mark.parametrize("key", ["escape"])
async def test_leaving_discards_even_after_the_first_signature(key: str) -> None:
    """Esc and F3 return nothing of what was signed so far."""
    app = BenchApp()
    async with app.run_test() as pilot:
        table = Table(app, pilot)
        await table.open(GIVER, RECEIVER)
        await table.type("123456")
        await pilot.press(key, key)
        await settle(pilot)
        assert table.results == [Discarded(DiscardReason.CANCELED)]
        assert len(app.screen_stack) == 2


async def test_the_cancel_code_discards_for_gloved_hands() -> None:
    """Scanning CANCEL is Esc."""
    app = BenchApp()
    async with app.run_test() as pilot:
        table = Table(app, pilot)
        await table.open(GIVER)
        await table.scan(command_code("7").text)
        assert table.results == [Discarded(DiscardReason.CANCELED)]


async def test_five_minutes_end_it() -> None:
    """At the limit the dialog discards by itself, and says before how long there is."""
    app = BenchApp()
    async with app.run_test() as pilot:
        table = Table(app, pilot)
        dialog = await table.open(GIVER, RECEIVER)
        await table.type("123456")
        table.clock.at += SIGNING_LIMIT - 61
        await pilot.pause(0.6)
        assert "1:01 left" in painted(app)
        assert dialog.is_current
        table.clock.at += 61
        await pilot.pause(0.6)
        await settle(pilot)
        assert table.results == [Discarded(DiscardReason.EXPIRED)]


async def test_a_check_that_comes_back_too_late_signs_nothing() -> None:
    """The limit is judged when the signature would be given, not when the secret was typed."""
    app = BenchApp()
    async with app.run_test() as pilot:
        table = Table(app, pilot, Desk(takes=0.2))
        await table.open(GIVER)
        by_hand(app, "123456\r")
        await pilot.pause(0.05)
        table.clock.at += SIGNING_LIMIT
        await settle(pilot)
        await pilot.pause(0.3)
        assert table.results == [Discarded(DiscardReason.EXPIRED)]


async def test_the_screen_stays_alive_while_a_secret_is_checked() -> None:
    """Argon2 is slow: Esc works meanwhile, and the late answer ends no other screen."""
    app = BenchApp()
    async with app.run_test() as pilot:
        table = Table(app, pilot, Desk(takes=0.4))
        dialog = await table.open(GIVER)
        by_hand(app, "123456\r")
        await pilot.pause(0.1)
        assert dialog.phase is Phase.ANSWER
        await pilot.press("escape")
        await pilot.pause(0.5)
        assert table.results == [Discarded(DiscardReason.CANCELED)]
        assert len(app.screen_stack) == 2


async def test_a_wrong_secret_asks_again_and_says_what_to_do() -> None:
    """The refusal's sentence and remedy are shown, the field is empty, the same signer is asked again."""
    app = BenchApp()
    async with app.run_test(size=(120, 30)) as pilot:
        table = Table(app, pilot)
        dialog = await table.open(RECEIVER)
        await table.scan(BOBS)
        await table.type("wrong password")
        assert dialog.phase is Phase.BADGE
        assert dialog.query_one(Input).value == ""
        assert "This PIN or password is not right." in painted(app)
        assert "Try again with your own badge" in painted(app)
        await table.scan(BOBS)
        await table.type("correct horse")
        assert table.results == [SignedSet((Checked("BOB", "Bob Courier", "key of BOB"),))]


async def test_half_a_pin_is_no_try_that_counts() -> None:
    """Digits typed before the dialog was open are lost; the rest of them end no session."""
    app = BenchApp()
    async with app.run_test(size=(120, 30)) as pilot:
        table = Table(app, pilot)
        await table.open(GIVER)
        await table.type("3456")
        assert table.desk.asked == []
        assert "The PIN has 6 digits." in painted(app)
        await table.type("123456")
        assert isinstance(table.results[0], SignedSet)


async def test_findings_a15_a_pin_that_stands_in_the_statement_signs_nothing() -> None:
    """Typed as the remark, a field too early: it is not written for everybody to read."""
    app = BenchApp()
    async with app.run_test(size=(120, 30)) as pilot:
        table = Table(app, pilot)
        await table.open(GIVER, statement=replace(STATEMENT, rows=(("Remark", "123456"),)))
        await table.type("123456")
        assert (table.results, table.desk.asked) == ([], [])
        assert "What you typed stands in the statement as Remark." in painted(app)


async def test_a_long_password_is_not_cut() -> None:
    """A sentence of 300 letters may be a password, so all of it is typed here."""
    app = BenchApp()
    async with app.run_test(size=(120, 30)) as pilot:
        table = Table(app, pilot)
        await table.open(RECEIVER)
        await table.scan(BOBS)
        await table.type("correct horse " * 25)
        (login,) = table.desk.asked
        assert isinstance(login, Login) and len(login.password) == 350


async def test_one_person_cannot_sign_twice() -> None:
    """The giver's own badge is refused as the second person."""
    app = BenchApp()
    async with app.run_test(size=(120, 30)) as pilot:
        table = Table(app, pilot)
        await table.open(GIVER, RECEIVER)
        await table.type("123456")
        await table.scan(ADAS)
        await table.type("correct horse")
        assert table.results == []
        assert "Ada Lab has signed already" in painted(app)


async def test_a_named_signer_cannot_be_replaced() -> None:
    """A slot for one person takes no other's badge and password."""
    app = BenchApp()
    async with app.run_test(size=(120, 30)) as pilot:
        table = Table(app, pilot)
        await table.open(SignerSlot(Meaning.APPROVED, "quality", staff="ADA", name="Ada Lab"))
        await table.scan(BOBS)
        await table.type("correct horse")
        assert table.results == []
        assert "is Ada Lab's, not Bob Courier's" in painted(app)


async def test_a_code_is_no_secret_and_no_secret_is_shown() -> None:
    """A badge into the PIN or password field is withheld; typed secrets appear nowhere, even misplaced."""
    app = BenchApp()
    async with app.run_test(size=(120, 30)) as pilot:
        table = Table(app, pilot)
        dialog = await table.open(GIVER, RECEIVER)
        await table.scan(BOBS)
        assert dialog.query_one(Input).value == ""
        assert "Not now" in painted(app)
        await table.type("123456")
        by_hand(app, "correct horse")
        await settle(pilot)
        assert "correct" not in painted(app)
        by_hand(app, "\r")
        await settle(pilot)
        assert "correct" not in painted(app)
        assert "That is neither a badge nor a staff id of this store." in painted(app)
        await table.scan(CODE)
        assert "That is neither a badge nor a staff id of this store." in painted(app)
        await table.scan("]Q1" + BOBS)
        await table.scan(BOBS)
        by_hand(app, "correct horse")
        await settle(pilot)
        assert "correct" not in painted(app)
        assert dialog.query_one(Input).value == "correct horse"
        assert len(table.desk.asked) == 1
        by_hand(app, "\r")
        await settle(pilot)
        assert isinstance(table.results[0], SignedSet)
        assert table.desk.asked[1] == Login(BOBS, ReadMode.SCANNED, "correct horse")


async def test_a_badge_may_be_typed_by_hand() -> None:
    """Sign-in needs no second person, and the check is told how the badge was read."""
    app = BenchApp()
    async with app.run_test() as pilot:
        table = Table(app, pilot)
        await table.open(RECEIVER)
        await table.type(BOBS)
        await table.type("correct horse")
        assert table.desk.asked == [Login(BOBS, ReadMode.MANUAL, "correct horse")]


async def test_a_second_person_without_a_badge_types_the_staff_id() -> None:
    """Slowly or as fast as a scanner, it is taken like a badge; one that nobody has is refused at once."""
    for by_scanner in (False, True):
        app = BenchApp()
        async with app.run_test(size=(120, 30)) as pilot:
            table = Table(app, pilot)
            await table.open(RECEIVER)
            await table.type("NOBODY-1")
            assert "That is neither a badge nor a staff id of this store." in painted(app)
            await (table.scan if by_scanner else table.type)("CARLA-1")
            assert "Staff id read." in painted(app)
            await table.type("correct horse")
            assert table.results == [SignedSet((Checked("CARLA-1", "Carla Quality", "key of CARLA-1"),))]


def test_secrets_do_not_stand_in_a_log() -> None:
    """The representation of a secret leaves the secret out."""
    assert "123456" not in repr(Pin("ADA", "123456"))
    assert "horse" not in repr(Login(BOBS, ReadMode.SCANNED, "correct horse"))
    assert "key of" not in repr(Checked("ADA", "Ada Lab", "key of ADA"))
