"""What is typed: command words and codes in any case are taken, slips are named, PINs are never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from labels.keyed import in_groups, joined
from labels.keyed import typed as typed_by_hand
from schema.identifiers import COMMANDS, command_code, first_copy
from schema.vocabulary import ReadMode
from tests.support.front_desk import desk_at
from tests.tui.screens.test_journey import enroll
from tests.tui.screens.test_screens import packed
from tui.capture import may_be_pin
from tui.framing import RawScan
from tui.screens.handoff import HandoffScreen
from tui.typing import as_read, command_character, command_said, echoed

CODE = first_copy("UD234567892").text


def typed(text: str, mode: ReadMode = ReadMode.MANUAL) -> str:
    """What is made of a text that was typed."""
    return as_read(RawScan(text, mode, 0.0, len(text))).text


@pytest.mark.parametrize("character", list(COMMANDS))
def test_findings_f7_each_command_word_can_be_typed(character: str) -> None:
    """Given the word as the screen prints it, with its brackets or without, it is the command's code."""
    word = COMMANDS[character]
    assert typed(word) == typed(f"[{word}]") == typed(f" {word} ") == command_code(character).text
    assert command_character(word.lower()) == (character if "-" in word else None)
    assert typed(word, ReadMode.SCANNED) == word, "a scanner sends the code of the card"


@pytest.mark.parametrize("text", ["done", "All in order", "ALL-IN-ORDER.", "[]", "[DONE", "", "PARTLY 2"])
def test_findings_f7_other_words_are_words(text: str) -> None:
    """Given a remark or half a word, nothing is made of it."""
    assert typed(text) == text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("not in order", "NOT-IN-ORDER"),
        (" [All-in-Order] ", "ALL-IN-ORDER"),
        ("done", None),
        ("SEAL-77", None),
        ("all in order here", None),
    ],
)
def test_findings_f7_the_words_of_a_command_name_it(text: str, name: str | None) -> None:
    """With blanks or hyphens, in any case; a single word may be something else."""
    assert command_said(text) == name


@pytest.mark.parametrize(
    "text", [CODE.lower(), in_groups(CODE), in_groups(CODE).lower(), f" {CODE} ", CODE.title()]
)
def test_findings_f8_a_code_is_taken_in_any_case_and_in_groups(text: str) -> None:
    """Given a code as people type it, its check characters prove it; a scanned one is left as it was read."""
    assert typed(text) == CODE
    assert typed("ud234567892") == "UD234567892"
    if " " not in text.strip():
        assert typed(text, ReadMode.SCANNED) == text


@pytest.mark.parametrize("mode", [ReadMode.PASTED, ReadMode.SCANNED])
@pytest.mark.parametrize("code", [CODE, "UD234567892"])
def test_a_code_copied_off_a_screen_is_taken_in_its_groups(code: str, mode: ReadMode) -> None:
    """A terminal may send a line as fast as a scanner does; no scanner reads blanks in a code."""
    text = in_groups(code)
    found = as_read(RawScan(text, mode, 0.0, len(text)))
    assert (found.text, found.mode) == (code, ReadMode.PASTED)


@pytest.mark.parametrize(
    ("argument", "taken"),
    [
        ("ud23 4567 892", "UD234567892"),
        ("ud234567892", "UD234567892"),
        (in_groups(CODE).lower(), CODE),
        (CODE.lower(), CODE.lower()),
        ("UD23 4567 892", "UD234567892"),
        (in_groups(CODE), CODE),
        ("UD2345 67892", "UD2345 67892"),
        ("a note of two words", "a note of two words"),
        ("", ""),
    ],
)
def test_a_command_takes_a_code_as_the_board_shows_it(argument: str, taken: str) -> None:
    """N2, N7: in its groups of four, an id in small letters too; of any other text nothing is made."""
    assert joined(argument) == taken


def test_an_id_in_small_letters_is_taken_however_fast_it_comes() -> None:
    """A remote terminal sends a line as fast as a scanner; a label's code in small letters is explained."""
    for text in ("ud234567892", "ud23 4567 892"):
        assert typed(text, ReadMode.SCANNED) == "UD234567892"
    assert typed(CODE.lower(), ReadMode.SCANNED) == CODE.lower()
    assert typed_by_hand(CODE.lower()) == typed_by_hand(in_groups(CODE).lower()) == CODE


@pytest.mark.parametrize(
    ("text", "shown"), [("1", "1"), ("540", "540"), ("1234", "****"), ("123456", "******"), ("CT12", "CT12")]
)
def test_findings_f9_digits_are_hidden_where_no_number_is_asked_for(text: str, shown: str) -> None:
    """Given digits at a code prompt, more than a step number has may be a PIN."""
    assert echoed(text, is_number=False) == shown
    assert echoed(text, is_number=True) == text


@pytest.mark.parametrize(
    ("text", "may"), [("123456", True), ("12", True), ("1234567", False), ("=A99992600000100", False)]
)
def test_findings_f9_what_may_be_a_pin(text: str, may: bool) -> None:  # noqa: FBT001
    """Given digits, and no more than six, it may be one; nothing else is a try."""
    assert may_be_pin(text) is may


async def test_findings_f7_a_handoff_by_typed_words(tmp_path: Path) -> None:
    """Given a box and its seal, ALL-IN-ORDER typed in small letters goes on as if it were scanned."""
    async with desk_at("COLL-A", tmp_path) as desk:
        _, box, seal = packed(desk)
        await desk.sign_in("TECH-A1")
        await desk.see(box)
        await desk.scan(seal)
        assert isinstance(desk.app.screen, HandoffScreen)
        await desk.type("-184.2")
        await desk.type("all-in-order")
        await desk.pin("TECH-A1")
        assert desk.told.startswith("OK: The giver's half is signed and written"), desk.told


async def test_findings_f8_a_wrong_character_is_named(tmp_path: Path) -> None:
    """Given a typed code with one wrong character, home and a form say so and ask for no second person."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        coi = await enroll(desk)
        code = first_copy(coi).text
        wrong = code[:8] + ("B" if code[8] != "B" else "D") + code[9:]
        await desk.sign_in("NURSE-A1", "COLL-A")
        await desk.type(wrong)
        assert desk.told.startswith("CHECK: One character is wrong"), desk.told
        assert in_groups(wrong) in desk.told
        await desk.type(code.lower())
        await desk.choose("Identify the patient")


async def test_findings_f9_a_donation_number_at_the_pin_is_no_try(tmp_path: Path) -> None:
    """Given the PIN prompt, a donation number scanned or pasted there is a CHECK and leaves all tries."""
    async with desk_at("COLL-A", tmp_path) as desk:
        _, box, seal = packed(desk)
        await desk.sign_in("TECH-A1")
        await desk.see(box)
        await desk.scan(seal)
        await desk.type("-184.2")
        await desk.type("ALL-IN-ORDER")
        for _ in range(4):
            await desk.scan("=A99992600000100")
            assert desk.told.startswith("CHECK: Not now:"), desk.told
        await desk.pin("TECH-A1")
        assert desk.app.session.is_open and "wrong" not in desk.told.lower(), desk.told


async def test_findings_f9_a_pin_typed_early_is_not_shown(tmp_path: Path) -> None:
    """Given home and a form that asks for a code, six digits are neither looked up nor shown."""
    async with desk_at("COLL-A", tmp_path) as desk:
        _, box, _ = packed(desk)
        await desk.sign_in("TECH-A1")
        await desk.type("482913")
        assert desk.told.startswith("CHECK: Six digits are no code."), desk.told
        assert "482913" not in desk.screen
        await desk.see(box)
        await desk.type("482913")
        assert "482913" not in desk.screen and "482913" not in desk.told
