"""In a real terminal: lines that send nonsense without end, that say they have no size, and that die."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.terminals import Terminal, terminal
from tui.framing import NO_TEXT

pytestmark = pytest.mark.waits

BARE = ["-m", "tests.support.bare"]


@pytest.fixture
def fresh_line(tmp_path: Path) -> Iterator[Terminal]:
    """The same for one test, to which no burst before it has left anything."""
    out = tmp_path / "scans.jsonl"
    with terminal([*BARE, str(out)], out, LC_ALL="C") as opened:
        opened.wait(lambda: bool(opened.lines()), what="ready")
        yield opened
        assert opened.leave() == 0


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """A terminal with one screen and no store, in the locale C, and at the end dead."""
    out = tmp_path_factory.mktemp("line") / "scans.jsonl"
    with terminal([*BARE, str(out)], out, LC_ALL="C") as opened:
        opened.wait(lambda: bool(opened.lines()), what="ready")
        yield opened
        if not opened.is_hung_up:
            assert opened.leave() == 0


def taken(line: Terminal, sent: bytes) -> list[tuple[object, object]]:
    """What was noted of the bytes and of the scan behind them: each text, and whether it was too long."""
    before = len(line.lines())
    line.send(sent)
    line.send(b"SEAL-77\r")
    line.wait(lambda: [one.get("text") for one in line.lines()[before:]][-1:] == ["SEAL-77"], what="scan")
    return [(one["text"], one["is_overlong"]) for one in line.lines()[before:]]


def test_the_locale_c_gets_ascii(line: Terminal) -> None:
    """Though Python itself writes UTF-8 there; what was scanned is shown as it is."""
    line.wait(lambda: b"Ada Lab" in line.painted and b"Go" in line.painted, what="the whole screen")
    shown = bytes(line.painted).decode()
    assert {char for char in shown if not char.isascii()} <= {NO_TEXT}


MOUSE = b"\x1b[<0;5;5M\x1b[<0;5;5m"


@pytest.mark.parametrize(
    "size",
    [b"24;80;0;0", b"0;0;0;0", b"24;80;0;640", b"24;0;480;0", b"99999;99999;1;1"],
    ids=["no pixels", "nothing", "no height", "no columns", "larger than any"],
)
def test_a_terminal_that_knows_no_size_ends_nothing(size: bytes, line: Terminal) -> None:
    """Given a size of zero and the mouse, the scans around it are read."""
    sent = b"\x1b[48;%bt" % size + MOUSE + b"SEAL-1\r" + MOUSE
    assert taken(line, sent) == [("SEAL-1", False), ("SEAL-77", False)]


@pytest.mark.parametrize(
    "sent",
    [b"\x1b]" + b"x" * 200_000 + b"\r", b"\x1b[200~" + b"x" * 200_000 + b"\x1b[201~"],
    ids=["OSC", "a paste"],
)
def test_a_burst_without_end_is_cut_and_said(sent: bytes, line: Terminal) -> None:
    """Given 200,000 characters, they are one read that is too long; the scan right behind it is read."""
    assert taken(line, sent) == [("", True), ("SEAL-77", False)]


def test_a_paste_that_never_ends_is_given_up(fresh_line: Terminal) -> None:
    """Given a paste begun and no end, its whole lines are taken, the last one is not; scans are read."""
    line = fresh_line
    before, painted = len(line.lines()), len(line.painted)
    line.send(b"\x1b[200~SEAL-1\rSEAL-2")
    line.wait(lambda: b"no text" in bytes(line.painted[painted:]), what="the check")
    assert [one["text"] for one in line.lines()[before:]] == ["SEAL-1"]
    assert taken(line, b"") == [("SEAL-77", False)]


def test_a_dead_line_is_left(line: Terminal) -> None:
    """Given the other end is closed and no signal came, the application leaves, as after a hangup."""
    assert line.hang_up() == 129


def test_a_dumb_terminal_is_refused(tmp_path: Path) -> None:
    """Before any store is opened, with what to do."""
    with terminal(["-m", "tui", "--station", "A"], tmp_path / "none", TERM="dumb") as opened:
        assert opened.drain() == 2
    assert b"TERM is dumb" in opened.painted and b"TERM=vt100 cartrail" in opened.painted
