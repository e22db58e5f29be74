"""The scan capture: every scan whole, in order and once, whatever has the focus or holds the program up."""

from __future__ import annotations

import os
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.widgets import Button, Input

from schema.identifiers import copy_number
from schema.vocabulary import ReadMode
from tests.support.terminal import BADGE, CODE, CODES, BenchApp, BenchScreen, burst, by_hand, key, settle
from tui.answers import StopAnswer, ok
from tui.framing import (
    EOT,
    FRAME_LENGTH_MAX,
    GS,
    PASTE_LENGTH_MAX,
    RS,
    RawScan,
    ScanFrame,
    character_of,
    has_our_form,
    is_for_capture,
    pasted,
)
from tui.screens.stop import StopScreen
from tui.widgets.answer_bar import AnswerBar
from tui.widgets.lines import ScanField
from tui.workers import in_thread


def framed(text: str, *, gap: float) -> RawScan:
    """The scan that these characters make at this pace."""
    frame = ScanFrame()
    for index, char in enumerate(text):
        frame.add(char, index * gap)
    return frame.finish()


async def test_a_hundred_scans_without_a_pause_arrive_whole_and_in_order() -> None:
    """Zero gap between 100 codes, nothing focused: 100 of 100."""
    app = BenchApp()
    async with app.run_test() as pilot:
        burst(app, "".join(code + "\r" for code in CODES))
        await settle(pilot)
        assert app.bench.texts == CODES
        assert {scan.mode for scan in app.bench.scans} == {ReadMode.SCANNED}
        assert app.bench.query_one(AnswerBar).answer == ok(CODES[-1])


@pytest.mark.parametrize("focus", ["#remark", "#secret", "#number", "Button", "DataTable"])
async def test_focus_does_not_matter(focus: str) -> None:
    """With any widget focused 100 of 100 arrive, no field keeps a character and Enter presses nothing."""
    app = BenchApp()
    async with app.run_test() as pilot:
        app.bench.query_one(focus).focus()
        await pilot.pause()
        burst(app, "".join(code + "\r" for code in CODES))
        await settle(pilot)
        assert app.bench.texts == CODES
        assert [field.value for field in app.bench.query(Input)] == ["", "", ""]
        assert app.bench.pressed == 0
        assert app.bench.submitted == []


@pytest.mark.parametrize("focus", [None, "#remark"])
async def test_a_blocked_program_loses_nothing(focus: str | None) -> None:
    """Each answer holds the loop for 0.4 s while scans keep coming every 0.2 s: all arrive uncut."""
    app = BenchApp()
    async with app.run_test() as pilot:
        if focus:
            app.bench.query_one(focus).focus()
            await pilot.pause()
        app.bench.blocks_for = 0.4
        for code in CODES[:5]:
            burst(app, code + "\r\n")
            await pilot.pause(0.2)
        await settle(pilot)
        assert app.bench.texts == CODES[:5]


@pytest.mark.parametrize("suffix", ["\r", "\t", "\n", "\r\n", "\r\r", "\r\t"])
async def test_every_suffix_ends_one_frame(suffix: str) -> None:
    """Enter, Tab, LF, CR LF and doubled suffixes end a frame once; they press nothing and move no focus."""
    app = BenchApp()
    async with app.run_test() as pilot:
        button = app.bench.query_one(Button)
        button.focus()
        await pilot.pause()
        burst(app, CODE + suffix + BADGE + suffix)
        await settle(pilot)
        assert app.bench.texts == [CODE, BADGE]
        assert app.bench.pressed == 0
        assert app.focused is button


async def test_enter_alone_still_presses_a_button() -> None:
    """An Enter that ends no frame goes where it always went."""
    app = BenchApp()
    async with app.run_test() as pilot:
        app.bench.query_one(Button).focus()
        await pilot.press("enter")
        assert app.bench.pressed == 1


@pytest.mark.parametrize("focus", [None, "#remark", "#secret"])
async def test_separators_are_kept(focus: str | None) -> None:
    """GS, RS and EOT stay in the frame although they come as keys without a character."""
    text = f"]d2[)>{RS}06{GS}9N110375286414{GS}1T1A234{RS}{EOT}"
    app = BenchApp()
    async with app.run_test() as pilot:
        if focus:
            app.bench.query_one(focus).focus()
            await pilot.pause()
        burst(app, text + "\r")
        await settle(pilot)
        assert app.bench.texts == [text]
        assert [field.value for field in app.bench.query(Input)] == ["", "", ""]


@pytest.mark.parametrize("focus", [None, "#remark", "#secret"])
async def test_a_bracketed_paste_is_one_or_more_frames(focus: str | None) -> None:
    """A paste with separators is not cut where Python sees line ends, and is marked as pasted."""
    text = f"[)>{RS}06{GS}9N110375286414{RS}{EOT}"
    app = BenchApp()
    async with app.run_test() as pilot:
        if focus:
            app.bench.query_one(focus).focus()
            await pilot.pause()
        app.post_message(events.Paste(f"{text}\r\n{CODE}\r"))
        await settle(pilot)
        assert app.bench.texts == [text, CODE]
        assert {scan.mode for scan in app.bench.scans} == {ReadMode.PASTED}
        assert [field.value for field in app.bench.query(Input)] == ["", "", ""]


async def test_ten_megabytes_pasted_are_one_answer() -> None:
    """A paste beyond any rack is neither kept nor shown; the next scan works."""
    app = BenchApp()
    async with app.run_test() as pilot:
        app.post_message(events.Paste("A" * 10_000_000))
        app.post_message(events.Paste("A\r" * 5_000_000))
        burst(app, CODE + "\r")
        await settle(pilot)
        assert [scan.is_overlong for scan in app.bench.scans] == [True, True, False]
        assert app.bench.texts == ["", "", CODE]


@pytest.mark.parametrize("focus", [None, "#remark"])
async def test_a_stuck_key_is_not_kept(focus: str | None) -> None:
    """More characters than any code holds are counted, not kept, and no text field gets them."""
    app = BenchApp()
    async with app.run_test() as pilot:
        if focus:
            app.bench.query_one(focus).focus()
            await pilot.pause()
        burst(app, "x" * (FRAME_LENGTH_MAX + 500) + "\r" + CODE + "\r")
        for _ in range(50):
            await settle(pilot)
            if len(app.bench.scans) == 2:
                break
        first, second = app.bench.scans
        assert (first.text, first.length, first.is_overlong) == ("", FRAME_LENGTH_MAX + 500, True)
        assert second.text == CODE
        assert app.bench.query_one("#remark", Input).value == ""


async def test_typed_text_stays_in_its_field() -> None:
    """A remark typed by hand, with Enter, is the field's own; so is a password, and a number."""
    app = BenchApp()
    async with app.run_test() as pilot:
        for focus, text in (("#remark", "bag torn, see photo"), ("#secret", "Hunter2=]"), ("#number", "118")):
            app.bench.query_one(focus).focus()
            await pilot.pause()
            by_hand(app, text + "\r")
            await settle(pilot)
            assert app.bench.query_one(focus, Input).value == text
        assert app.bench.submitted == ["bag torn, see photo", "Hunter2=]", "118"]
        assert app.bench.scans == []


async def test_text_that_a_slow_line_delivers_at_once_stays_in_its_field() -> None:
    """Speed alone does not make a remark, or a password from a password store, a scan."""
    app = BenchApp()
    async with app.run_test() as pilot:
        for focus, text in (("#remark", "bag torn"), ("#secret", "CORRECT-HORSE-42")):
            app.bench.query_one(focus).focus()
            await pilot.pause()
            burst(app, text + "\r")
            await settle(pilot)
        assert app.bench.submitted == ["bag torn", "CORRECT-HORSE-42"]
        assert app.bench.scans == []


async def test_a_scan_leaves_a_half_typed_remark_as_it_was() -> None:
    """What was typed before the scan is still there after it, with the cursor where it was."""
    app = BenchApp()
    async with app.run_test() as pilot:
        remark = app.bench.query_one("#remark", Input)
        remark.focus()
        await pilot.pause()
        by_hand(app, "bag torn")
        await settle(pilot)
        remark.cursor_position = 3
        await pilot.pause()
        late = time.monotonic() + 5
        for index, char in enumerate(CODE + "\r"):
            app.post_message(key(char, at=late + index * 0.0002))
        await settle(pilot)
        assert (remark.value, remark.cursor_position) == ("bag torn", 3)
        assert app.bench.texts == [CODE]
        assert app.bench.submitted == []


@pytest.mark.parametrize("then", [None, "#secret"])
async def test_a_scan_stays_whole_when_the_focus_moves_in_the_middle_of_it(then: str | None) -> None:
    """Its first characters went to a field: that one is put back, and no other has the rest."""
    app = BenchApp()
    async with app.run_test() as pilot:
        remark, secret = (app.bench.query_one(name, Input) for name in ("#remark", "#secret"))
        remark.focus()
        await pilot.pause()
        began, half = time.monotonic(), len(CODE) // 2
        for index, char in enumerate(CODE[:half]):
            app.post_message(key(char, at=began + index * 0.0002))
        await settle(pilot)
        app.bench.set_focus(None if then is None else app.bench.query_one(then))
        for index, char in enumerate(CODE[half:] + "\r", start=half):
            app.post_message(key(char, at=began + index * 0.0002))
        await settle(pilot)
        assert app.bench.texts == [CODE]
        assert (remark.value, secret.value, app.bench.submitted) == ("", "", [])


@pytest.mark.parametrize("text", [BADGE, BADGE.lower(), "]Q1" + BADGE, BADGE[:-1] + "0"])
@pytest.mark.parametrize("focus", ["#secret", "#remark"])
async def test_a_code_is_never_taken_as_a_password_or_a_text(text: str, focus: str) -> None:
    """Scanned, typed by hand or misread, a frame of our form is withheld and delivered as a scan."""
    app = BenchApp()
    async with app.run_test() as pilot:
        field = app.bench.query_one(focus, Input)
        field.focus()
        await pilot.pause()
        burst(app, text + "\r")
        await settle(pilot)
        by_hand(app, text + "\r")
        await settle(pilot)
        assert field.value == ""
        assert app.bench.submitted == []
        typed = text if text.startswith("]") else text.upper()
        assert app.bench.texts == [text, typed]
        assert [scan.mode for scan in app.bench.scans] == [ReadMode.SCANNED, ReadMode.MANUAL]


async def test_a_code_corrected_while_typing_is_withheld_too() -> None:
    """Backspace and arrow keys break the frame, but not the rule."""
    app = BenchApp()
    async with app.run_test() as pilot:
        secret = app.bench.query_one("#secret", Input)
        secret.focus()
        await pilot.press(*"CTPDX", "left", "right", "backspace", *BADGE[4:], "enter")
        await settle(pilot)
        assert secret.value == ""
        assert app.bench.texts == [BADGE]
        assert app.bench.submitted == []


async def test_typing_by_hand_is_echoed_and_marked() -> None:
    """With no text field focused, typed characters show in the scan field, can be erased, are `manual`."""
    app = BenchApp()
    async with app.run_test() as pilot:
        field = app.bench.query_one(ScanField)
        await pilot.press("C", "T", "X")
        assert field.typed == "CTX"
        await pilot.press("backspace", *CODE[2:])
        assert field.typed == CODE
        await pilot.press("enter")
        await settle(pilot)
        assert field.typed == ""
        assert [(scan.text, scan.mode) for scan in app.bench.scans] == [(CODE, ReadMode.MANUAL)]
        await pilot.press("C", "T", "escape")
        assert field.typed == ""


async def test_letters_fire_nothing() -> None:
    """No single letter is bound anywhere: every printable key goes into the frame."""
    app = BenchApp()
    async with app.run_test() as pilot:
        text = "".join(chr(code) for code in range(33, 127))
        burst(app, text + "\r")
        await settle(pilot)
        assert app.bench.texts == [text]
        for name in app.bench.active_bindings:
            assert len(name) > 1, name


async def test_a_scan_begun_on_another_screen_is_thrown_away_aloud() -> None:
    """Half a code on the bench, then a stop, then the rest: nothing is taken, the stop counts it."""
    app = BenchApp()
    async with app.run_test() as pilot:
        burst(app, CODE[:8])
        await pilot.pause()

        app.bench.stop(StopAnswer("Wrong patient.", "A", "B", "Wait."))
        await pilot.pause()
        burst(app, CODE[8:] + "\r")
        await settle(pilot)
        assert app.bench.scans == []
        assert isinstance(app.screen, StopScreen)
        assert app.screen.discarded == 1


async def test_a_gate_asks_for_a_fresh_scan() -> None:
    """What was scanned ahead of an identity step is thrown away, aloud; the next scan counts."""
    app = BenchApp()
    async with app.run_test() as pilot:
        burst(app, CODE + "\r")
        app.bench.require_fresh_scan()
        await settle(pilot)
        assert (app.bench.texts, len(app.bench.discarded)) == ([], 1)
        burst(app, CODE + "\r")
        await settle(pilot)
        assert app.bench.texts == [CODE]


async def test_an_error_in_an_answer_is_a_stop_and_the_next_scan_works() -> None:
    """A refusal shows its remedy; a fault of ours is shown as one; neither ends the program."""
    app = BenchApp()
    async with app.run_test() as pilot:
        for text, expected in (("RAISE", "RAISE is not a code."), ("FAULT", "fault of its own")):
            burst(app, text + "\r")
            await settle(pilot)
            assert isinstance(app.screen, StopScreen)
            assert expected in app.screen.stop.line
            assert app.screen.stop.advice
            await pilot.press("f3")
        burst(app, CODE + "\r")
        await settle(pilot)
        assert app.bench.texts == [CODE]


async def test_a_screen_that_waits_for_a_dialog_does_not_hold_up_its_scans() -> None:
    """`push_screen_wait` inside `take_scan` works: the dialog has a line of its own."""

    class Asking(BenchScreen):
        async def take_scan(self, scan: RawScan) -> None:
            dialog = BenchScreen()
            self.app.push_screen(dialog)
            while not dialog.scans:
                await in_thread(lambda: time.sleep(0.01))
            self.scans.append(dialog.scans[0])

    app = BenchApp()
    async with app.run_test() as pilot:
        asking = Asking()
        await app.push_screen(asking)
        burst(app, CODE + "\r")
        await pilot.pause(0.1)
        burst(app, BADGE + "\r")
        await settle(pilot)
        assert asking.texts == [BADGE]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\t"), min_size=1)))
def test_a_paste_is_cut_at_its_terminators_only(frames: list[str]) -> None:
    """Whatever the text, the frames of a paste are the pieces between CR, LF and Tab."""
    assert [scan.text for scan in pasted("\r\n".join(frames), at=0.0)] == frames


@given(st.text(min_size=1, max_size=40), st.floats(0.0001, 0.4))
def test_a_frame_is_what_was_read(text: str, gap: float) -> None:
    """A frame holds its characters in order, and its pace decides its mode."""
    scan = framed(text, gap=gap)
    assert (scan.text, scan.length) == (text, len(text))
    if len(text) < 6 or gap > 0.031:
        assert scan.mode is ReadMode.MANUAL
    elif gap < 0.029:
        assert scan.mode is ReadMode.SCANNED


def test_stray_keys_before_a_scan_do_not_spoil_it() -> None:
    """Letters left in the scan field, a pause, then a scan: the scan counts; with no pause it is misread."""
    for pause, expected in ((1.0, CODE), (0.0, "hello" + CODE)):
        frame = ScanFrame()
        for index, char in enumerate("hello" + CODE):
            frame.add(char, index * 0.001 + (pause if index >= 5 else 0.0))
        scan = frame.finish()
        assert (scan.text, scan.mode) == (expected, ReadMode.SCANNED)


def test_one_slow_character_does_not_make_a_scan_typed() -> None:
    """The median decides: a scanner that hesitates once is still a scanner."""
    frame = ScanFrame()
    for index, char in enumerate(CODE):
        frame.add(char, index * 0.001 + (0.3 if index > 8 else 0.0))
    assert frame.finish().mode is ReadMode.SCANNED


@pytest.mark.parametrize(
    ("text", "mode", "is_secret", "expected"),
    [
        (CODE, ReadMode.MANUAL, True, True),
        (copy_number("PD234567892", 2).text, ReadMode.PASTED, True, True),
        ("CTX222222222246L", ReadMode.MANUAL, True, True),
        ("=A999926123456700", ReadMode.SCANNED, False, True),
        ("=A999926123456700", ReadMode.MANUAL, False, False),
        ("0012345678", ReadMode.SCANNED, False, True),
        ("0012345678", ReadMode.SCANNED, True, False),
        ("]C1=A999926123456700", ReadMode.SCANNED, True, True),
        (f"my{GS}pass", ReadMode.MANUAL, True, False),
        (f"my{GS}pass", ReadMode.MANUAL, False, True),
        ("CTUD2345678922", ReadMode.MANUAL, True, False),
    ],
)
def test_what_is_a_scan_in_a_text_field(text: str, mode: ReadMode, is_secret: bool, expected: bool) -> None:  # noqa: FBT001
    """The form decides, with the pace where the form leaves room."""
    assert is_for_capture(RawScan(text, mode, 0.0, len(text)), is_secret=is_secret) is expected


@given(st.text(max_size=30))
def test_no_text_but_ours_has_our_form(text: str) -> None:
    """Arbitrary text practically never has the form of a code, so it is never withheld from a field."""
    assert not has_our_form(text)


@pytest.mark.parametrize(
    ("name", "character", "expected"),
    [
        ("ctrl+right_square_bracket", GS, GS),
        ("ctrl+right_square_bracket", None, GS),
        ("ctrl+\x1d", "\x1d", GS),
        ("ctrl+circumflex_accent", None, RS),
        ("ctrl+d", None, EOT),
        ("A", "A", "A"),
        ("left_shift", None, None),
        ("f10", None, None),
        ("ctrl+q", "\x11", None),
    ],
)
def test_separators_are_known_by_the_name_of_their_key(
    name: str, character: str | None, expected: str | None
) -> None:
    """With and without the kitty protocol, a separator is one and no other control key is."""
    assert character_of(name, character) == expected
    assert os.environ["TEXTUAL_DISABLE_KITTY_KEY"] == "1"


def test_a_paste_at_the_limit_is_read() -> None:
    """The limit of a paste is a limit and not a guess."""
    rows = PASTE_LENGTH_MAX // 17
    assert len(pasted((CODE + "\r") * rows, at=0.0)) == rows
