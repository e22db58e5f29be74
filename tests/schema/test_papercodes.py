"""Receipt and head codes: golden ones, round trips, and every way in which they can be wrong."""

import base64
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.errors import BadCode, InputError, OtherLog
from schema.identifiers import check_characters
from schema.papercodes import (
    HEAD_LENGTH,
    RECEIPT_LENGTH,
    TREE_SIZE_MAX,
    head_code,
    parse_head,
    parse_receipt,
    receipt_code,
)
from tests.support import places

VECTORS: dict[str, Any] = json.loads((places.VECTORS / "codes.json").read_text())

ORIGIN = "cartrail/demo/0123456789abcdef"
DIGEST = hashlib.sha256(b"statement").hexdigest()

digests = st.binary(min_size=32, max_size=32).map(bytes.hex)


@pytest.mark.parametrize("vector", VECTORS["receipts"])
def test_golden_receipts(vector: dict[str, Any]) -> None:
    """A receipt is CTR, the digest in base32 and two check characters."""
    code = vector["code"]
    plain = base64.b32encode(bytes.fromhex(vector["statement_digest"])).decode().rstrip("=")
    assert code[:-2] == "CTR" + plain
    assert int(code, 36) % 1271 == 1
    assert receipt_code(vector["statement_digest"]).text == code
    assert parse_receipt(code).statement_digest == vector["statement_digest"]


@pytest.mark.parametrize("vector", VECTORS["heads"])
def test_golden_heads(vector: dict[str, Any]) -> None:
    """A head is CTH, five bytes of the origin's digest, five of the size, the root and the check."""
    origin = hashlib.sha256(vector["origin"].encode()).digest()[:5]
    data = origin + vector["tree_size"].to_bytes(5, "big") + bytes.fromhex(vector["root"])
    code = vector["code"]
    assert code[:-2] == "CTH" + base64.b32encode(data).decode().rstrip("=")
    assert int(code, 36) % 1271 == 1
    assert head_code(vector["origin"], vector["tree_size"], vector["root"]).text == code
    head = parse_head(code)
    assert (head.tree_size, head.root) == (vector["tree_size"], vector["root"])
    assert head.is_of(vector["origin"])


@given(digests, st.integers(0, TREE_SIZE_MAX), st.text(max_size=40))
def test_codes_come_back_as_they_went(digest: str, size: int, origin: str) -> None:
    """Every digest and every head parse to what they were made of, at their fixed lengths."""
    receipt, head = receipt_code(digest), head_code(origin, size, digest)
    assert parse_receipt(receipt.text) == receipt and len(receipt.text) == RECEIPT_LENGTH
    assert parse_head(head.text) == head and len(head.text) == HEAD_LENGTH


@given(digests, st.integers(0, RECEIPT_LENGTH - 1), st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
def test_every_substitution_is_detected(digest: str, place: int, char: str) -> None:
    """No single wrong character in a receipt passes."""
    text = receipt_code(digest).text
    misread = text[:place] + char + text[place + 1 :]
    if misread != text:
        with pytest.raises(BadCode):
            parse_receipt(misread)


@given(digests, st.integers(0, HEAD_LENGTH - 2))
def test_every_transposition_is_detected(digest: str, place: int) -> None:
    """No two neighbors that changed places in a head pass."""
    text = head_code(ORIGIN, 17, digest).text
    misread = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    if misread != text:
        with pytest.raises(BadCode):
            parse_head(misread)


@pytest.mark.parametrize("copied", ["{small}", " {groups} ", "{dashed}"])
def test_findings_c11_codes_are_read_as_people_copy_them(copied: str) -> None:
    """Small letters, groups of four and hyphens are the same code; the code is kept as it was printed."""
    receipt, head = receipt_code(DIGEST), head_code(ORIGIN, 17, DIGEST)

    def typed(text: str) -> str:
        fours = [text[start : start + 4] for start in range(0, len(text), 4)]
        return copied.format(small=text.lower(), groups=" ".join(fours), dashed="-".join(fours).lower())

    assert parse_receipt(typed(receipt.text)) == receipt
    assert parse_head(typed(head.text)) == head


def test_bits_beyond_the_last_byte_are_refused() -> None:
    """A code that decodes to the same digest but is not the one we print is no code of ours."""
    stem = receipt_code("00" * 32).text[:-2]
    loose = stem[:-1] + "B"
    with pytest.raises(BadCode) as caught:
        parse_receipt(loose + check_characters(loose))
    assert caught.value.code == "not_canonical"


@pytest.mark.parametrize(
    ("digest", "size"),
    [
        ("", 0),
        ("00" * 31, 0),
        ("FF" * 32, 0),
        ("zz" * 32, 0),
        ("00" * 32, -1),
        ("00" * 32, TREE_SIZE_MAX + 1),
    ],
)
def test_only_digests_and_sizes_become_codes(digest: str, size: int) -> None:
    """What is no lower-case SHA-256 or no size of five bytes is refused before it is printed."""
    with pytest.raises(InputError):
        head_code(ORIGIN, size, digest)


def test_a_head_of_another_log_is_named() -> None:
    """A head says to which log it belongs, as far as five bytes can."""
    head = head_code(ORIGIN, 5, DIGEST)
    head.require_origin(ORIGIN)
    with pytest.raises(OtherLog, match="size 5"):
        head.require_origin("cartrail/demo/fedcba9876543210")
