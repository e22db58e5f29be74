"""What comes down a line, as events: bursts, pastes and nonsense, without a terminal."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from textual import constants, events
from textual.message import Message

from tui.driver import LineReader
from tui.framing import FRAME_LENGTH_MAX, NO_TEXT, PASTE_LENGTH_MAX
from tui.line import BurstCut


def keys(messages: Iterable[Message]) -> str:
    """The characters of all keys, with `!` where a burst was cut."""
    return "".join(
        "!" if isinstance(one, BurstCut) else one.character or ""
        for one in messages
        if isinstance(one, (events.Key, BurstCut))
    )


@pytest.mark.parametrize("begun", ["\x1b]", "\x1b[", "\x1bP", "\x1b_", ""])
def test_a_burst_has_the_length_of_a_code_and_no_more(begun: str) -> None:
    """Given three times as many in pieces, the rest is cut once; what follows an end or a pause is read."""
    reader = LineReader()
    got = "".join(keys(reader.read(text)) for text in (begun, *["x" * 4000] * 3))
    assert len(got) == FRAME_LENGTH_MAX + 1 and got.endswith("x!")
    assert keys(reader.read("x\rSEAL-1\r")) == "SEAL-1\r"
    assert keys(reader.read("x" * 5000)).endswith("x!")
    assert keys(reader.wait(0.1)) == ""
    assert keys(reader.read("SEAL-2\r")) == "SEAL-2\r"


def test_a_rack_without_a_pause_is_no_burst() -> None:
    """Each scan has its end."""
    assert keys(LineReader().read("SEAL-1\r" * 1000)) == "SEAL-1\r" * 1000


def pasted(messages: Iterable[Message]) -> list[str]:
    return [one.text for one in messages if isinstance(one, events.Paste)]


def test_a_paste_keeps_no_more_than_is_looked_at() -> None:
    """One character too many says that it is too long; the end is found though it comes in pieces."""
    reader = LineReader()
    assert pasted(reader.read("\x1b[200~" + "x" * 70_000 + "\x1b[20")) == []
    assert [len(text) for text in pasted(reader.read("1~"))] == [PASTE_LENGTH_MAX + 1]
    assert keys(reader.read("SEAL-1\r")) == "SEAL-1\r"


def test_a_paste_without_end_is_ended_by_silence() -> None:
    """A slow line may pause; after two seconds the last line is no code any more."""
    reader = LineReader()
    assert pasted(reader.read("\x1b[200~SEAL-1\rSE")) == []
    assert [text for _ in range(15) for text in pasted(reader.wait(0.1))] == []
    assert pasted(reader.read("AL-2")) == []
    assert [text for _ in range(25) for text in pasted(reader.wait(0.1))] == [f"SEAL-1\rSEAL-2{NO_TEXT}"]
    assert keys(reader.read("SEAL-3\r")) == "SEAL-3\r"


def test_what_the_parser_stumbles_over_costs_itself_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A key of the kitty protocol whose number is no character: logged, and the scan around it is whole."""
    monkeypatch.setattr(constants, "DISABLE_KITTY_KEY", False)
    assert keys(LineReader().read("SE\x1b[9999999999;1uAL-1\r")) == "SEAL-1\r"
    assert "OverflowError" in caplog.text
