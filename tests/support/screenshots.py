"""The pictures of docs/terminal.md and the guides: `python -m tests.support.screenshots [STORY]`."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from pathlib import Path

from tests.support.front_desk import Desk
from tests.support.gallery.stories import STORIES
from tests.support.places import ROOT

FOLDER = ROOT / "docs" / "guide" / "pictures"
FONTS = "DejaVu Sans Mono, Menlo, Consolas, monospace"
FLASH_SECONDS = 0.7  # an answer flashes at most so long


def save(desk: Desk, name: str) -> None:
    """One screen as SVG that needs no font from elsewhere."""
    svg = desk.app.export_screenshot()
    svg = re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.DOTALL).replace("Fira Code", FONTS)
    svg = re.sub(r"[ \t]+\n", "\n", svg)
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.svg").write_text(svg, encoding="utf-8")


async def shot(desk: Desk, name: str, *, wide: bool = False) -> None:
    """Let the screen be painted and the flash of the last answer pass, then save it."""
    await desk.pilot.pause(FLASH_SECONDS)
    save(desk, name)


def main(names: list[str]) -> None:
    """All stories, or those that are named."""
    for story in STORIES:
        if not names or story.name in names:
            with tempfile.TemporaryDirectory() as place:
                asyncio.run(story.run(Path(place), shot))


if __name__ == "__main__":
    main(sys.argv[1:])
