"""GS1 at the scanner: element strings and Digital Link as typed fields, wrong check digits refused."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.description import describe
from labels.gs1 import Gs1Form, Gs1Message
from labels.reader import ReadingKind, read
from schema.errors import BadCode

GS = "\x1d"
GTIN = "0109501101530003"
FULL = f"{GTIN}1726123110LOT-1{GS}21SER/1"


def message(raw: str) -> Gs1Message:
    """The GS1 message of a scan."""
    content = read(raw).content
    assert isinstance(content, Gs1Message)
    return content


def refused(raw: str) -> BadCode:
    """The error that a scan ends in."""
    with pytest.raises(BadCode) as caught:
        read(raw)
    assert caught.value.message.isprintable() and caught.value.remedy
    return caught.value


@pytest.mark.parametrize("suffix", ["", "\r", "\n", "\r\n", "\t", GS, f"{GS}\r"])
@pytest.mark.parametrize("prefix", ["", GS, "]C1", "]d2", "]Q3", "]e0", f"]d2{GS}"])
def test_an_element_string_has_all_its_fields(prefix: str, suffix: str) -> None:
    """Item, lot, serial and expiry come out whatever prefix and terminator the scanner adds."""
    found = message(prefix + FULL + suffix)
    assert found.form is Gs1Form.ELEMENT_STRING
    assert (found.value("01"), found.lot, found.value("21")) == ("09501101530003", "LOT-1", "SER/1")
    assert found.expiry == date(2026, 12, 31)
    assert found.value("00") is None and found.value("8018") is None


def test_logistic_units_and_service_relations() -> None:
    """Shipments, patients and nurses are told apart by their application identifier."""
    assert message("]C100095011015300030017").value("00") == "095011015300030017"
    found = message(f"]d28018950110153000300183{GS}8017950110153000300183")
    assert found.value("8018") == found.value("8017") == "950110153000300183"


def test_an_expiry_may_have_a_time() -> None:
    """AI 7003 says the minute, and day 00 of AI 17 the last day of the month."""
    assert message(f"]d2{GTIN}70032612311430").expiry == datetime(2026, 12, 31, 14, 30)  # noqa: DTZ001
    assert message(f"]d2{GTIN}17260200").expiry == date(2026, 2, 28)


def test_a_digital_link_says_the_same() -> None:
    """The web address of a product holds the same fields, with and without the AIM prefix."""
    link = "https://id.gs1.org/01/09501101530003/10/LOT-1/21/SER%2F1?17=261231"
    for raw in (link, f"]Q1{link}\r"):
        found = message(raw)
        assert found.form is Gs1Form.DIGITAL_LINK
        assert (found.value("01"), found.lot, found.value("21")) == ("09501101530003", "LOT-1", "SER/1")
        assert found.expiry == date(2026, 12, 31)


def test_an_envelope_of_element_strings_is_opened() -> None:
    """ISO/IEC 15434 format 05 holds GS1 data between RS and EOT; format 06 holds something else."""
    assert message(f"[)>\x1e05{GS}{FULL}\x1e\x04").value("01") == "09501101530003"
    assert read(f"[)>\x1e06{GS}1TLOT\x1e\x04").kind is ReadingKind.FOREIGN


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("]d20109501101530004", "bad_check"),
        (f"{GS}0109501101530004", "bad_check"),
        ("01095011015300041726123110LOT-1", "bad_check"),
        ("]C100095011015300030018", "bad_check"),
        ("]d28018950110153000300184", "bad_check"),
        ("https://id.gs1.org/01/09501101530004", "bad_check"),
        ("https://example.org/x/01/09501101530004/10/A", "bad_check"),
        ("https://id.gs1.org/01/095011015300039999", "bad_structure"),
        (f"]d2{GTIN}17260230", "bad_structure"),
        (f"]d2{GTIN}0599{GS}", "bad_structure"),
        ("]d2ABC", "bad_structure"),
        ("]d2 0109501101530003", "bad_character"),
        (f"]d2{GS}", "bad_character"),
        (f"]d2{GTIN}10A{GS}10B", "run_together"),
        (f"]d2{GTIN}]d2{GTIN}", "run_together"),
        (f"]d2{GTIN}10LCTUD23456789226V", "run_together"),
    ],
)
def test_damaged_gs1_is_refused(raw: str, code: str) -> None:
    """A wrong check digit, date, identifier or a second scan is named."""
    assert refused(raw).code == code


def test_the_reason_names_both_digits() -> None:
    """What is wrong is said with its values."""
    assert "Expected 3, got 4" in refused("]d20109501101530004").message
    assert "digit 4" in refused("]d28018950110153000300184").message


@pytest.mark.parametrize(
    "text",
    [
        "0109501101530004",
        "0100000000000001X",
        "https://example.org/order/01",
        "https://example.org/01/2",
        "10LOT",
    ],
)
def test_nothing_is_guessed_without_a_prefix(text: str) -> None:
    """A number that merely begins like GS1 stays somebody's code, to the character."""
    reading = read(text)
    assert reading.kind is ReadingKind.FOREIGN and reading.text == text
    assert not read(GTIN).is_ours


@given(st.text("0123456789", min_size=13, max_size=13), st.integers(0, 13), st.integers(0, 9))
def test_every_wrong_digit_of_a_declared_item_is_refused(stem: str, place: int, digit: int) -> None:
    """With its AIM prefix no single wrong digit of a GTIN passes."""
    total = sum(int(char) * (3, 1)[index % 2] for index, char in enumerate(stem))
    gtin = stem + str(-total % 10)
    try:
        assert message(f"]d201{gtin}").value("01") == gtin
    except BadCode:
        # Some numbers have too few digits for any form of GTIN.
        return
    wrong = gtin[:place] + str(digit) + gtin[place + 1 :]
    if wrong != gtin:
        assert refused(f"]d201{wrong}").code == "bad_check"


@given(st.text("0123456789ABC/:?=-\x1d\x1e\x04 ", max_size=60))
def test_any_gs1_like_text_is_read_or_refused(text: str) -> None:
    """Fragments end in a reading or a BadCode, never in another exception."""
    for raw in (f"]d2{text}", f"01{text}", f"https://id.gs1.org/01/{text}"):
        try:
            reading = read(raw)
        except BadCode:
            continue
        assert all(value.isprintable() for _, value in describe(reading))
