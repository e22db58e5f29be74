"""The shell with one screen and no store, in a real terminal: `python -m tests.support.bare OUT`.

Each scan is a line of JSON in OUT; the exit code is that of the application.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import orjson

from tests.support.terminal import HEADER, BenchScreen
from tui.framing import RawScan
from tui.glyphs import glyphs_for
from tui.shell import Shell


class NotingScreen(BenchScreen):
    """The bench, which notes what it is given in a file."""

    def __init__(self, out: Path) -> None:
        super().__init__()
        self._out = out.open("ab", buffering=0)

    def on_mount(self) -> None:
        super().on_mount()
        self.set_focus(None)
        self.call_after_refresh(self._note, {"ready": True})

    def _note(self, line: dict[str, object]) -> None:
        self._out.write(orjson.dumps(line) + b"\n")

    async def take_scan(self, scan: RawScan) -> None:
        await super().take_scan(scan)
        self._note_scan(scan)

    def scan_overlong(self, scan: RawScan) -> None:
        super().scan_overlong(scan)
        self._note_scan(scan)

    def _note_scan(self, scan: RawScan) -> None:
        self._note({"text": scan.text, "mode": scan.mode.value, "is_overlong": scan.is_overlong})


class BareApp(Shell):
    """The shell with that screen."""

    def __init__(self, out: Path) -> None:
        super().__init__(header=lambda: HEADER, glyphs=glyphs_for("auto", os.environ))
        self._bench = NotingScreen(out)

    def on_mount(self) -> None:
        self.push_screen(self._bench)


if __name__ == "__main__":
    app = BareApp(Path(sys.argv[1]))
    app.run()
    sys.exit(app.return_code)
