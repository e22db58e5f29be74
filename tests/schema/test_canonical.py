"""Canonical form: the bytes of RFC 8785 for every value an entry may hold, and a refusal for every other."""

import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.canonical import (
    INTEGER_MAX,
    NESTING_MAX,
    canonical,
    canonical_as_received,
    checked,
    leaf_digest,
    normalized,
    parsed,
    plain_digest,
)
from schema.errors import InputError, NotCanonical

TEXTS = st.text(st.characters(exclude_categories=["Cs"])).map(lambda text: unicodedata.normalize("NFC", text))
KEYS = st.text(st.characters(max_codepoint=127), max_size=8)
INTEGERS = st.integers(-INTEGER_MAX, INTEGER_MAX)
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXTS,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=25,
)

REFUSED = [
    1.5,
    0.0,
    float("nan"),
    float("inf"),
    INTEGER_MAX + 1,
    -INTEGER_MAX - 1,
    10**400,
    "e\u0301",
    "\u212b",
    "\ud800",
    "a\udfffb",
    b"bytes",
    {1, 2},
    Decimal(1),
    datetime(2026, 3, 2, tzinfo=UTC),
    object(),
    {"\u00e4": 1},
    {1: 1},
    {None: 1},
]
WRAPPED: list[Callable[[Any], Any]] = [lambda v: v, lambda v: [v], lambda v: {"a": [{"b": v}]}]


class TestValues:
    @settings(max_examples=500)
    @given(VALUES)
    def test_the_bytes_are_those_of_rfc_8785(self, value: Any) -> None:
        assert canonical(value) == rfc8785.dumps(value)

    @settings(max_examples=300)
    @given(VALUES)
    def test_what_was_written_is_read_again(self, value: Any) -> None:
        body = canonical(value)
        assert parsed(body) == value
        assert canonical(parsed(body)) == body

    @settings(max_examples=300)
    @given(VALUES, st.randoms())
    def test_any_other_way_to_write_it_is_refused(self, value: Any, chance: Any) -> None:
        body = canonical(value)
        other = orjson.dumps(value, option=orjson.OPT_INDENT_2)
        spaced = b" " + body
        for bytes_given in {other, spaced, body + b"\n"} - {body}:
            with pytest.raises(NotCanonical):
                parsed(bytes_given)

    @settings(max_examples=500)
    @given(st.binary(max_size=200))
    def test_bytes_are_canonical_or_refused(self, body: bytes) -> None:
        try:
            value = parsed(body)
        except NotCanonical:
            return
        assert canonical(value) == body

    @pytest.mark.parametrize("wrap", WRAPPED, ids=["alone", "in a list", "deep"])
    @pytest.mark.parametrize("value", REFUSED, ids=lambda value: type(value).__name__)
    def test_what_has_no_place_in_an_entry_is_refused(self, value: Any, wrap: Callable[[Any], Any]) -> None:
        with pytest.raises(NotCanonical):
            canonical(wrap(value))

    def test_the_refusal_names_the_place(self) -> None:
        with pytest.raises(NotCanonical, match=r"value\.payload\.units\[1\] .* float"):
            canonical({"payload": {"units": ["x", 1.5]}})  # type: ignore[list-item]

    @pytest.mark.parametrize("value", [INTEGER_MAX, -INTEGER_MAX, 0, True, None, "", [], {}, (1, 2)])
    def test_the_ends_of_what_is_allowed(self, value: Any) -> None:
        checked(value)
        assert canonical(value) == rfc8785.dumps(list(value) if isinstance(value, tuple) else value)

    def test_nesting_ends(self) -> None:
        deep: Any = "x"
        for _ in range(NESTING_MAX):
            deep = [deep]
        canonical(deep)
        with pytest.raises(NotCanonical, match="nested deeper"):
            canonical([deep])

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"\xff",
            b"nul",
            b"1.5",
            b"1.0",
            b"-0",
            b"1e3",
            b"NaN",
            b"9007199254740992",
            b'"\\ud800"',
            b'"\\u00e4"',
            b'"\\/"',
            b'{"a":1,"a":2}',
            b'{"a":1,"a":1}',
            b'{"b":1,"a":1}',
            b'{"a": 1}',
            b"[1,]",
            b"\xef\xbb\xbf1",
            "\u212b".encode().join([b'"', b'"']),
            b"[" * 2_000 + b"]" * 2_000,
            b"[" * 1_000_000,
            b"1" * 100_000,
        ],
        ids=lambda body: ascii(body)[:30],
    )
    def test_bytes_in_another_form_are_refused(self, body: bytes) -> None:
        with pytest.raises(NotCanonical):
            parsed(body)

    def test_normalizing_brings_text_to_nfc_and_refuses_the_rest(self) -> None:
        assert normalized({"name": "e\u0301", "all": ("\u212b", 1, True, None)}) == {
            "name": "\u00e9",
            "all": ["\u00c5", 1, True, None],
        }
        for value in (1.5, {"a": [0.0]}, INTEGER_MAX + 1, "\ud800", b"x"):
            with pytest.raises(NotCanonical):
                normalized(value)

    @given(st.text())
    def test_normalized_text_is_canonical(self, text: str) -> None:
        try:
            value = normalized(text)
        except NotCanonical:
            assert any(unicodedata.category(char) == "Cs" for char in text)
        else:
            assert parsed(canonical(value)) == unicodedata.normalize("NFC", text)

    def test_digests(self) -> None:
        assert plain_digest(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        # The RFC 6962 leaf hash of no bytes, as in its reference vectors.
        assert leaf_digest(b"") == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"

    def test_a_value_that_is_not_canonical_is_bad_input(self) -> None:
        assert issubclass(NotCanonical, InputError)
        assert NotCanonical.exit_code == 2


@given(VALUES)
def test_what_normalizing_left_as_it_was_has_the_same_bytes_as_any_value(value: Any) -> None:
    normal = normalized(value)
    assert canonical_as_received(value, normal) == canonical(normal) == rfc8785.dumps(normal)


def test_what_normalizing_changed_is_looked_at_again() -> None:
    received = {"remark": "Mu\u0308ller", "key": 1}
    assert (
        canonical_as_received(received, normalized(received)) == '{"key":1,"remark":"M\u00fcller"}'.encode()
    )
    foreign = {"gr\u00f6\u00dfe": 1}
    with pytest.raises(NotCanonical):
        canonical_as_received(foreign, normalized(foreign))
