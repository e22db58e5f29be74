"""Object ids and printed codes: the golden ones, and every single misread."""

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.errors import BadCode, CopiesExhausted
from schema.identifiers import (
    ALPHABET,
    COMMANDS,
    COPIES_MIN,
    PURPOSE_LETTER,
    PrintedCode,
    check_characters,
    command_code,
    copy_number,
    draw_object_id,
    first_copy,
    parse_printed,
    possible_copies,
)
from schema.vocabulary import ObjectType, Purpose
from tests.support import places

VECTORS: dict[str, Any] = json.loads((places.VECTORS / "codes.json").read_text())

_ISO36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

object_ids = st.builds(
    lambda kind, purpose, rest: kind.value + PURPOSE_LETTER[purpose] + rest,
    st.sampled_from(list(ObjectType)),
    st.sampled_from(list(Purpose)),
    st.text(ALPHABET, min_size=9, max_size=9),
)
printed_codes = object_ids.filter(lambda object_id: any(possible_copies(object_id))).flatmap(
    lambda object_id: st.sampled_from(list(possible_copies(object_id)))
)


@pytest.mark.parametrize(("text", "check"), VECTORS["check_characters"].items())
def test_check_characters_are_those_of_the_standard(text: str, check: str) -> None:
    """ISO 7064 gives its own example, and a checked number leaves 1 over 1271 in base 36."""
    assert check_characters(text) == check
    assert int(text + check, 36) % 1271 == 1


@pytest.mark.parametrize("vector", VECTORS["printed"])
def test_copies_are_printed_in_order(vector: dict[str, Any]) -> None:
    """The first copies of an id are the golden ones and name their object."""
    for number, text in enumerate(vector["copies"], start=1):
        code = copy_number(vector["object"], number)
        assert code.text == text
        assert parse_printed(text) == code
        assert code.object_id == vector["object"]


@pytest.mark.parametrize(("name", "text"), VECTORS["commands"].items())
def test_commands_are_printed_as_agreed(name: str, text: str) -> None:
    """Each command code is the golden one, has no purpose and no object type."""
    character = next(key for key, value in COMMANDS.items() if value == name)
    code = command_code(character)
    assert code.text == text
    assert parse_printed(text).command == name
    assert (code.purpose, code.object_type) == (None, None)


@given(st.text(_ISO36, min_size=1, max_size=70))
def test_check_characters_hold_for_every_text(text: str) -> None:
    """A text with its check characters is 1 modulo 1271, whatever the text."""
    assert int(text + check_characters(text), 36) % 1271 == 1


@given(printed_codes, st.integers(0, 15), st.sampled_from(_ISO36))
def test_every_substitution_is_detected(code: PrintedCode, place: int, char: str) -> None:
    """No single wrong character gives another code."""
    misread = code.text[:place] + char + code.text[place + 1 :]
    if misread != code.text:
        with pytest.raises(BadCode):
            parse_printed(misread)


@given(printed_codes, st.integers(0, 14))
def test_every_transposition_is_detected(code: PrintedCode, place: int) -> None:
    """No two neighbors that changed places give another code."""
    text = code.text
    misread = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    if misread != text:
        with pytest.raises(BadCode):
            parse_printed(misread)


@given(object_ids)
def test_copies_differ_and_name_one_object(object_id: str) -> None:
    """All copies of an id are different codes of the same object, and there is an end to them."""
    copies = list(possible_copies(object_id))
    assert len({code.text for code in copies}) == len(copies)
    assert {code.object_id for code in copies} <= {object_id}
    with pytest.raises(CopiesExhausted):
        copy_number(object_id, len(copies) + 1)


@given(st.randoms(use_true_random=False))
def test_drawn_ids_have_copies_enough(source: random.Random) -> None:
    """An id is drawn again until it can be printed eight times."""
    object_id = draw_object_id(ObjectType.UNIT, Purpose.DEMO, source.choice)
    assert len(list(possible_copies(object_id))) >= COPIES_MIN
    assert first_copy(object_id).purpose is Purpose.DEMO


@given(st.text(max_size=20))
def test_nothing_else_is_a_code(text: str) -> None:
    """Whatever is no code is refused, never an exception of another kind."""
    try:
        code = parse_printed(text)
    except BadCode:
        return
    assert code.text == text and int(text, 36) % 1271 == 1
