"""The screens as text, compared by tests/tui/test_snapshots.py; made by `python -m tests.support.snapshots`.

Each screen stands twice in its file: at 80 by 24 and at 120 by 40. Look at what has changed, then commit it.
`screens.json` says which class each file shows, so that a screen without a file is missed.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.support.front_desk import Desk, rest
from tests.support.gallery.stories import STORIES
from tests.support.places import SNAPSHOTS
from tests.support.terminal import painted

FOLDER: Final = SNAPSHOTS
INDEX: Final = FOLDER / "screens.json"
SIZES: Final = ((80, 24), (120, 40))


@dataclass
class TextCamera:
    """Keeps each screen at both sizes; a wide one is of the pictures alone."""

    screens: dict[str, dict[tuple[int, int], str]] = field(default_factory=dict)
    classes: dict[str, str] = field(default_factory=dict)
    """The screen that each of them shows, by module and name."""

    async def __call__(self, desk: Desk, name: str, *, wide: bool = False) -> None:
        """At the larger size first, so that the story goes on at 80 by 24."""
        if wide:
            return
        kept = self.screens[name] = {}
        shown = type(desk.app.screen)
        self.classes[name] = f"{shown.__module__}.{shown.__qualname__}"
        for size in (*reversed(SIZES), SIZES[0]):
            await desk.pilot.resize_terminal(*size)
            await rest(desk.pilot, desk.busy)
            # A list counts its lines when it is painted, and is as long as that from the next frame on.
            painted(desk.app)
            await rest(desk.pilot, desk.busy)
            kept[size] = desk.screen


def _fixed(text: str) -> str:
    """Without what is this run's own: digests and receipts by its keys, bytes, seconds of a countdown."""
    head, mark, bytes_on = text.partition("\u256d\u2500 Bytes")
    if mark:
        _, scan, keys = bytes_on.rpartition("\n \u25ba ")
        text = f"{head}{mark}{scan}{keys}"
    text = re.sub(r"\b4:5\d left", "4:59 left", text)
    text = re.sub(r"(?<=hash )[0-9A-F]{4} [0-9A-F]{4} [0-9A-F]{4}", "#### #### ####", text)
    text = re.sub(r"\b[0-9a-f]{16,}\b|\bCTR[0-9A-Z]{20,}\b", lambda found: "#" * len(found[0]), text)
    # What goes on of a digest in the next line.
    return re.sub(r"(#{16,} *│[^\n]*\n│ +)[0-9a-fA-Z]{1,15}(?= *│)", r"\1####", text)


def as_file(sizes: dict[tuple[int, int], str]) -> str:
    """A screen's file: the smaller size first; spaces at the ends of lines are not kept."""
    parts = []
    for width, height in SIZES:
        lines = [line.rstrip() for line in _fixed(sizes[width, height]).split("\n")]
        parts += [f"==== {width} x {height}", *lines]
    return "\n".join(parts) + "\n"


def shown_by_file() -> dict[str, str]:
    """The class of the screen in each file, by module and name."""
    shown: dict[str, str] = json.loads(INDEX.read_text(encoding="utf-8")) if INDEX.exists() else {}
    return shown


def main(names: list[str]) -> None:
    """All stories, or those that are named."""
    for story in STORIES:
        if not names or story.name in names:
            camera = TextCamera()
            with tempfile.TemporaryDirectory() as place:
                asyncio.run(story.run(Path(place), camera))
            for name, sizes in camera.screens.items():
                (FOLDER / f"{name}.txt").write_text(as_file(sizes), encoding="utf-8")
            shown = {**shown_by_file(), **camera.classes}
            there = {name: one for name, one in sorted(shown.items()) if (FOLDER / f"{name}.txt").exists()}
            INDEX.write_text(json.dumps(there, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
