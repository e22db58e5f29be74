"""The picture of the house in docs/design.md is drawn from the imports, and shows them as they are."""

from tests.support.figures import Module, Source, read
from tests.support.picture import BOXES, DOCUMENT, arrows, box_of, drawn, reduced
from tests.support.places import ROOT


def test_the_picture_is_current() -> None:
    """Draw it again with `make picture`, and look at the arrow that is new."""
    text = DOCUMENT.read_text(encoding="utf-8")
    assert drawn(text, read(ROOT)) == text


def test_every_box_holds_modules() -> None:
    """A package that is gone is taken out of the picture; a new one is given a floor."""
    assert {box_of(name) for name in read(ROOT).modules} - {None} == {*BOXES}


def test_an_arrow_that_follows_from_others_is_left_out() -> None:
    """Who may import the engine may import what the engine stands on; what goes upward is always shown."""
    through, past, back = ("tui", "tracker.acts"), ("tui", "schema"), ("schema", "tui")
    assert reduced({through, past, ("tracker.acts", "schema")}) == {through, ("tracker.acts", "schema")}
    assert back in reduced({through, past, ("tracker.acts", "schema"), back})


def test_an_import_for_types_alone_is_no_arrow() -> None:
    """It loads nothing."""
    text = (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import schema.entry\nimport labels.reader\n"
    )
    names = {"tui.app": text, "schema.entry": "", "labels.reader": ""}
    source = Source({name: Module.of(name, ROOT / name, body) for name, body in names.items()})
    assert arrows(source) == {("tui", "labels")}
