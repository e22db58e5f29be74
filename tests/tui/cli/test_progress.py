"""How far long work has come: on a terminal one line that is gone at the end, elsewhere nothing."""

from __future__ import annotations

import os
import pty
from pathlib import Path

from tests.support.commands import process
from tests.support.demos import DemoSite
from tests.support.forked import Command


def on_terminal(*arguments: object) -> str:
    """What a command says on stderr, which is a real terminal."""
    above, below = pty.openpty()
    done = Command(*arguments, stderr=below)
    os.close(below)
    told = b""
    while True:
        try:
            part = os.read(above, 4096)
        except OSError:  # Linux says so when the other end is closed
            break
        if not part:
            break
        told += part
    os.close(above)
    assert done.wait() == 0, told
    return told.decode()


def test_many_therapies(demo_site: DemoSite, tmp_path: Path) -> None:
    """It counts to all of them, then clears its line before what is said last."""
    asked = ("trail", "--format", "csv", "--out", tmp_path / "trail.csv", "--database", demo_site.path)
    told = on_terminal(*asked)
    count = len(demo_site.demo.therapies)
    assert f"Written {count} of {count} therapies" in told
    assert told.rstrip().endswith(f"Written to {tmp_path / 'trail.csv'}.")
    assert "\r\x1b[K" in told


def test_no_terminal(demo_site: DemoSite, tmp_path: Path) -> None:
    """A pipe gets the sentence and no counting."""
    asked = ("trail", "--format", "csv", "--out", tmp_path / "trail.csv", "--database", demo_site.path)
    said = process(*asked)
    assert said.exit_code == 0 and "\r" not in said.err and "therapies" not in said.err
