"""Each screen says what it said: its text at 80 by 24 and 120 by 40, on a clock and a seed of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.support.gallery.stories import STORIES
from tests.support.gallery.story import Story
from tests.support.places import ROOT
from tests.support.snapshots import FOLDER, TextCamera, as_file, shown_by_file
from tui.commands import KEYS_MAX


@pytest.mark.parametrize("story", STORIES, ids=lambda story: str(story.name))
async def test_screens_are_as_they_were(story: Story, tmp_path: Path) -> None:
    """Changed on purpose: `python -m tests.support.snapshots`, look at the difference, commit it."""
    camera = TextCamera()
    await story.run(tmp_path, camera)
    assert camera.screens
    for name, sizes in camera.screens.items():
        for (width, height), text in sizes.items():
            lines = text.split("\n")
            assert len(lines) == height and {cell_len(line) for line in lines} == {width}, name
            keys = lines[-1].split()
            if keys[-2:] == ["^P", "More"]:
                named = [word for word in keys[:-2] if re.fullmatch(r"F[0-9]+|Esc|\^[A-Z]", word)]
                assert len(named) <= KEYS_MAX, (name, lines[-1])
        file = FOLDER / f"{name}.txt"
        assert file.exists(), (
            f"{name} is new: `python -m tests.support.snapshots {story.name}`, then look at it"
        )
        kept = file.read_text(encoding="utf-8")
        assert as_file(sizes) == kept, f"{name} at {story.site} has changed"
        assert camera.classes[name] == shown_by_file()[name], name


def test_no_text_is_cut() -> None:
    """What is longer than its place goes on in the next line; an invitation to type is no cut."""
    cut = {
        f"{path.stem}: {line.strip()}"
        for path in FOLDER.glob("*.txt")
        for line in path.read_text(encoding="utf-8").split("\n")
        if re.search(r"\w…", line) and "Search for commands…" not in line
    }
    assert not cut


def test_no_snapshot_is_left_over() -> None:
    """A file that no story writes would be compared with nothing; each story's camera says what it kept."""
    stories = sorted((ROOT / "tests" / "support" / "gallery").glob("*.py"))
    source = "\n".join(path.read_text(encoding="utf-8") for path in stories)
    kept = {path.stem for path in FOLDER.glob("*.txt")}
    assert not {name for name in kept if f'"{name}"' not in source and not name.startswith("theme-")}
