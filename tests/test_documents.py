"""Documents name modules and folders as they are: a file that moves takes its mention along."""

import re
from pathlib import Path

import pytest

from tests.support.places import ROOT
from tracker.protocols.library import shipped, shipped_names
from tracker.views.step_numbers import titles_by_number

DOCUMENTS = sorted(path.relative_to(ROOT) for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")))

# A path of the tree in backquotes: `tracker/kinds.py`, or `acts/intake.py` for what lies in tracker.
NAMED = re.compile(r"`([a-z_]+(?:/[a-z_0-9-]+)*(?:/|\.(?:py|toml|md|pot)))(?=[`:])")
BEGINNINGS = (ROOT, ROOT / "tracker", ROOT / "tests", ROOT / "docs")

# What a reader may have or make by an example, and the tree has not.
ELSEWHERE = {"labels/designs/freezer-tag.toml"}


def named_in(document: Path) -> set[str]:
    """The paths that a document names; a file without a folder is a reader's own."""
    found = NAMED.findall((ROOT / document).read_text(encoding="utf-8"))
    return {path for path in found if "/" in path.rstrip("/") or path.endswith("/")} - ELSEWHERE


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_what_a_document_names_is_there(document: Path) -> None:
    """From the root of the tree, or from one of the folders that the document is about."""
    beginnings = (*BEGINNINGS, (ROOT / document).parent)
    missing = {
        path for path in named_in(document) if not any((start / path).exists() for start in beginnings)
    }
    assert not missing


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_links_lead_somewhere(document: Path) -> None:
    """A link within the tree names a file of it."""
    text = (ROOT / document).read_text(encoding="utf-8")
    targets = {target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text)}
    inside = {target for target in targets if target and "://" not in target}
    assert not {target for target in inside if not ((ROOT / document).parent / target).exists()}


# A step's number as a guide gives it: "Found" (32), or `11` for *Identify the patient at the chair*.
BEHIND_TITLE = re.compile(r'"([A-Z][^"]+)" \(([1-9][0-9])\)')
BEFORE_TITLE = re.compile(r"\b([1-9][0-9])`? (?:for|is always) \*([^*]+)\*")


def steps_named_in(text: str) -> list[tuple[str, int]]:
    """The steps that a text names by title and number."""
    behind = [(title, int(number)) for title, number in BEHIND_TITLE.findall(text)]
    return behind + [(title, int(number)) for number, title in BEFORE_TITLE.findall(text)]


def test_a_step_named_with_its_number_has_it() -> None:
    """Given a guide that says which number to type, then the step with that title has it."""
    titles = titles_by_number(shipped(name).protocol for name in shipped_names())
    named = [one for path in DOCUMENTS for one in steps_named_in((ROOT / path).read_text(encoding="utf-8"))]
    assert {"Found", "Freeze", "Identify the patient at the chair"} <= {title for title, _ in named}
    wrong = [(title, number) for title, number in named if not titles.get(number, "").startswith(title)]
    assert not wrong
