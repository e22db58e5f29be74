"""What the demo prints: the very labels and slips its people used, as PDF and as one list of codes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from labels.content import Content, LabelContent
from labels.kinds import LabelSubject
from labels.outputs import deliver, parse_target
from labels.papers.slip import HandoffSlip
from tracker.demo import cast
from tracker.demo.network import Network
from tracker.ledger.creation import private_folder

_BAGS = ("unit", "leukapheresis-bag", "in-process", "product-bag")
SHEETS: Sequence[tuple[str, Sequence[str]]] = (
    ("badges", ("badge",)),
    ("coi-cards", ("coi-card",)),
    ("unit-labels", _BAGS),
    ("sample-labels", ("sample-tube",)),
    ("cassette-labels", ("cassette",)),
    ("places-and-boxes", ("location", "equipment")),
    ("lots", ("lot",)),
    ("commands", ("command-card",)),
    ("steps", ("step-card",)),
    ("handoff-slips", ("slip",)),
)
"""By file, the designs that stand in it."""


def print_papers(network: Network, folder: Path) -> None:
    """One PDF for each kind of paper, and `codes.txt` with every code to paste."""
    private_folder(folder)
    _print_common(network)
    for name, designs in SHEETS:
        contents = [paper for paper in network.papers if paper.design in designs]
        if contents:
            with (folder / "printing.log").open("a", encoding="utf-8") as log:
                deliver(contents, parse_target(f"pdf:{folder / name}.pdf"), out=log)
    (folder / "printing.log").unlink(missing_ok=True)
    codes = folder / "codes.txt"
    codes.touch(mode=0o600)
    codes.write_text("\n".join(_code_lines(network)) + "\n", encoding="utf-8")


def _print_common(network: Network) -> None:
    """Badges, places, boxes and the cards for the wall, printed once at the hub."""
    staff, station = cast.FOUNDERS[0], cast.HUB_STATION
    tracker = network.tracker
    for badge in network.badges.values():
        network.print(tracker.labels.label(badge, staff, station))
    for location in (*network.storage.values(), *network.refrigerators.values()):
        network.print(tracker.labels.label(location, staff, station))
    for equipment in (*network.boxes.values(), *network.loggers.values()):
        network.print(tracker.labels.label(equipment, staff, station, design="equipment"))
    lots = {line.lot.id for line in tracker.read.lots()}
    for thing in (*sorted(lots), *(one for one in network.goods.values() if one not in lots)):
        network.print(tracker.labels.label(thing, staff, station))
    network.print(LabelContent(design="command-card", purpose=tracker.purpose))
    for page in tracker.labels.step_cards(station):
        network.print(page)


def _code_lines(network: Network) -> list[str]:
    """Every printed code with what it is on, for those without a scanner: paste them."""
    return [line for paper in network.papers for line in _lines_of(paper)]


def _lines_of(paper: Content) -> list[str]:
    if isinstance(paper, HandoffSlip):
        return [f"{one.receipt}  receipt, {one.coi_id}" for one in paper.therapies]
    if not isinstance(paper, LabelContent):
        return []
    if paper.codes:
        return [f"{one.text}  step: {one.meaning}" for one in paper.cards]
    if paper.kind.cards:
        return [f"{one.code}  command {one.name}" for one in paper.kind.cards if one.code]
    if not paper.code:
        return []
    match paper.kind.subject:
        case LabelSubject.PERSON:
            what = f"badge of {paper.person}, {paper.staff_id}"
        case LabelSubject.THERAPY:
            what = "COI card"
        case LabelSubject.UNIT:
            what = f"{paper.material}, therapy {paper.coi_id}"
        case LabelSubject.CASSETTE:
            what = f"cassette of {paper.unit_id}, therapy {paper.coi_id}"
        case LabelSubject.LOT:
            what = f"{paper.title}, lot {paper.batch}, {paper.site}"
        case _:
            what = f"{paper.title}, {paper.site}"
    return [f"{paper.code}  {what}"]
