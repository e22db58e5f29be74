"""The picture in docs/design.md, drawn from the packages' imports: `python -m tests.support.picture`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from tests.support.figures import Source, read
from tests.support.places import ROOT

DOCUMENT: Final = ROOT / "docs" / "design.md"
BEGIN: Final = "<!-- drawn by `make picture` from the imports -->\n"
END: Final = "<!-- end of the picture -->\n"

FLOORS: Final[Mapping[str, tuple[str, ...]]] = {
    "what people touch": ("tui.cli", "tui.screens", "tui.forms", "tui"),
    "the front door": ("tracker.values", "tracker.drill", "tracker.demo", "tracker.tracker"),
    "what leaves the store": ("tracker.bundle", "tracker.exports", "tracker.downtime", "tracker.labeling"),
    "services": (
        "tracker.open_store", "tracker.views", "tracker.evidence", "tracker.acts", "tracker.people",
        "tracker.ledger",
    ),
    "subjects, pure": ("tracker.catalog", "tracker.therapy", "tracker.registry"),
    "engine, pure": (
        "tracker.rules", "tracker.requests", "tracker.protocols", "tracker.planning", "tracker.readings",
        "tracker.kinds",
    ),
    "below": ("labels", "schema"),
}  # fmt: skip
"""The boxes of the picture by floor, the highest first; within a floor whoever imports stands first."""

WITH: Final[Mapping[str, str]] = {
    "tracker.accounts": "tracker.tracker",
    "tracker.auditing": "tracker.tracker",
    "tracker.local_time": "tracker.acts",
    "tracker.site_command": "tracker.tracker",
    "tracker.backup": "tracker.tracker",
    "tracker.concerns": "tracker.kinds",
    "tracker.erasure": "tracker.tracker",
    "tracker.exporting": "tracker.tracker",
    "tracker.hub": "tracker.tracker",
    "tracker.handing_on": "tracker.tracker",
    "tracker.network_file": "tracker.open_store",
    "tracker.new_store": "tracker.open_store",
    "tracker.settings": "tracker.tracker",
    "tracker.verification": "tracker.values",
}
"""Single modules that belong to the box of another."""

VALUES: Final = frozenset({"tracker.answers", "tracker.clock"})
"""Values that every floor may hold; an arrow to them would say nothing."""

BOXES: Final = tuple(name for names in FLOORS.values() for name in names)


def box_of(module: str) -> str | None:
    """The box that a module is drawn in; None for values, and for a package that only holds others."""
    if module in VALUES or module == "tracker":
        return None
    module = WITH.get(module, module)
    found = [box for box in BOXES if module == box or module.startswith(f"{box}.")]
    if not found:
        raise LookupError(f"{module} is in no box of the picture: name its floor in {__name__}.FLOORS.")
    return max(found, key=len)


def arrows(source: Source) -> frozenset[tuple[str, str]]:
    """Which box imports which."""
    pairs = ((box_of(name), box_of(target)) for name, targets in source.loaded.items() for target in targets)
    return frozenset((one, other) for one, other in pairs if one and other and one != other)


def reduced(every: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Without the arrows down the house that follow from two others; those that go up all stay."""
    pairs = frozenset(every)
    down = {pair for pair in pairs if goes_down(*pair)}
    below = {box: {other for one, other in down if one == box} for box in BOXES}
    reached: dict[str, set[str]] = {}
    for box in reversed(BOXES):
        reached[box] = below[box].union(*(reached[other] for other in below[box]))
    follows = {
        (one, other) for one, other in down if any(other in reached[between] for between in below[one])
    }
    return pairs - follows


def goes_down(one: str, other: str) -> bool:
    """Whether the second box stands after the first."""
    return BOXES.index(one) < BOXES.index(other)


def lines(source: Source) -> Iterator[str]:
    """The picture in Mermaid: a frame for each floor, a box for each package; dotted imports go upward."""
    yield "```mermaid"
    yield "flowchart TD"
    for number, (floor, boxes) in enumerate(FLOORS.items()):
        yield f'  subgraph floor{number}["{floor}"]'
        for box in boxes:
            yield f'    {_key(box)}["{_label(source, box)}"]'
        yield "  end"
    pairs = sorted(reduced(arrows(source)), key=lambda pair: (BOXES.index(pair[0]), BOXES.index(pair[1])))
    for one, other in pairs:
        yield f"  {_key(one)} {'-->' if goes_down(one, other) else '-.->'} {_key(other)}"
    yield "```"


def _key(box: str) -> str:
    return box.replace(".", "_")


def _label(source: Source, box: str) -> str:
    """The box's name, and below it the folders inside: the subjects, the screens."""
    inside = {
        name.removeprefix(f"{box}.").split(".")[0]
        for name in source.modules
        if name.startswith(f"{box}.") and name.removeprefix(f"{box}.").count(".")
    }
    drawn = {other.removeprefix(f"{box}.") for other in BOXES if other.startswith(f"{box}.")}
    words = sorted(inside - drawn)
    shown = [", ".join(words[at : at + 4]) for at in range(0, len(words), 4)]
    return "<br/>".join((f"<b>{box.replace('.', '/')}</b>", *shown))


def drawn(text: str, source: Source) -> str:
    """The document with the picture between its marks."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}" + "\n".join(lines(source)) + f"\n{END}{after}"


def main() -> None:
    """Draw the picture again."""
    DOCUMENT.write_text(drawn(DOCUMENT.read_text(encoding="utf-8"), read(ROOT)), encoding="utf-8")


if __name__ == "__main__":
    main()
