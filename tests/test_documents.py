"""Documents name modules and folders as they are: a file that moves takes its mention along."""

import re
from pathlib import Path

import pytest

from tests.support.places import ROOT

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
