"""The scanner card: a rightly set scanner passes, and each wrong setting is named."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.misreads import layout_pairs, typed
from labels.reader import read
from labels.scanner_card import CARD_CODES, READINGS_MAX, Findings, judge

CODES = list(CARD_CODES.values())


def sent(change: Callable[[str], str], suffix: str = "\r") -> list[str]:
    """What arrives when something is done to each code on the way."""
    return [change(text) + suffix for text in CODES]


def faults(findings: Findings) -> set[str]:
    """The codes of what was found."""
    assert all(fault.message.isprintable() and fault.remedy for fault in findings.faults)
    return {fault.code for fault in findings.faults}


@pytest.mark.parametrize(("suffix", "name"), [("\r", "CR"), ("\n", "LF"), ("\r\n", "CR LF"), ("\t", "Tab")])
@pytest.mark.parametrize("aim", ["", "]Q1"])
def test_a_right_scanner_passes(suffix: str, name: str, aim: str) -> None:
    """Any one terminator and the AIM prefix are fine, in whatever order the codes are scanned."""
    findings = judge([aim + text + suffix for text in reversed(CODES)])
    assert findings.passed and findings.suffix == name
    assert findings.sends_aim == bool(aim)


def test_every_code_of_the_card_can_be_scanned_elsewhere() -> None:
    """On another screen a code of the card is somebody's code and no fault."""
    assert all(read(text + "\r").text == text for text in CODES)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (str.swapcase, "caps_lock"),
        (str.upper, "case_changed"),
        (str.lower, "case_changed"),
        (lambda text: "".join(char * 2 for char in text), "doubled_characters"),
        (lambda text: text[:8] + text[9:], "lost_characters"),
        (lambda text: text.replace("\x1d", ""), "separators"),
        (lambda text: text.replace("\x1d", "<GS>").replace("\x1e", "^"), "separators"),
        (lambda text: "\x02" + text, "added_characters"),
        (lambda text: text + "#", "added_characters"),
    ],
)
def test_each_setting_has_its_name(change: Callable[[str], str], code: str) -> None:
    """Caps lock, conversion, speed, separators and added texts are told apart."""
    findings = judge(sent(change))
    assert faults(findings) == {code}
    assert findings.suffix == "CR"


def swapped(text: str) -> str:
    """What caps lock makes of a text; a letter without a capital stays."""
    return "".join(char.swapcase() if len(char.swapcase()) == 1 else char for char in text)


@pytest.mark.parametrize("pair", list(layout_pairs()), ids="-".join)
@pytest.mark.parametrize("caps", [False, True])
@pytest.mark.parametrize("aim", ["", "]Q1"])
def test_the_keyboard_layout_is_named(pair: tuple[str, str], caps: bool, aim: str) -> None:  # noqa: FBT001
    """Both settings are named, also with caps lock on top and with the AIM prefix typed along."""
    findings = judge(
        sent(lambda text: swapped(typed(aim + text, *pair)) if caps else typed(aim + text, *pair))
    )
    named = [fault.message for fault in findings.faults if fault.code == "keyboard_layout"]
    assert any(pair[0] in message and pair[1] in message for message in named)
    assert not findings.passed


def test_suffixes_are_judged_over_all_scans() -> None:
    """None, two, and not always the same are three findings."""
    assert faults(judge(CODES)) == {"missing_suffix"}
    assert faults(judge(sent(str, "\r\r"))) == {"doubled_suffix"}
    mixed = judge([*sent(str)[:4], CODES[4] + "\t"])
    assert mixed.passed and mixed.suffix == ""
    joined = judge([CODES[0] + CODES[1] + "\r", *sent(str)[2:]])
    assert faults(joined) == {"run_together"}


def test_what_was_not_scanned_is_said() -> None:
    """A card half scanned does not pass, and neither does something else."""
    assert [fault.code for fault in judge([]).faults] == ["not_scanned"] * len(CODES)
    assert faults(judge([*sent(str), "0007-TEST\r"])) == {"unknown"}
    assert "too_many" in faults(judge(sent(str) * READINGS_MAX))


@given(st.lists(st.text(max_size=60), max_size=6))
def test_any_readings_are_judged(readings: list[str]) -> None:
    """Whatever is scanned, the answer is a list of findings that can be shown."""
    assert not judge(readings).passed
    faults(judge(readings))
