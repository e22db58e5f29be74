"""What the demo prints: the very labels and slips its people used, as PDF and as one list of codes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from labels.content import (
    BadgeLabel,
    CassetteLabel,
    CoiCard,
    CommandCard,
    EquipmentLabel,
    LocationLabel,
    SampleLabel,
    UnitLabel,
)
from labels.outputs import deliver, parse_target
from labels.papers.slip import HandoffSlip
from tracker.demo import cast
from tracker.demo.network import Network
from tracker.labeling import badge_label, equipment_label, location_label

SHEETS: Sequence[tuple[str, tuple[type, ...]]] = (
    ("badges", (BadgeLabel,)),
    ("coi-cards", (CoiCard,)),
    ("unit-labels", (UnitLabel,)),
    ("sample-labels", (SampleLabel,)),
    ("cassette-labels", (CassetteLabel,)),
    ("places-and-boxes", (LocationLabel, EquipmentLabel)),
    ("commands", (CommandCard,)),
    ("handoff-slips", (HandoffSlip,)),
)


def print_papers(network: Network, folder: Path) -> None:
    """One PDF for each kind of paper, and `codes.txt` with every code to paste."""
    folder.mkdir(parents=True, exist_ok=True)
    _print_common(network)
    for name, kinds in SHEETS:
        contents = [paper for paper in network.papers if isinstance(paper, kinds)]
        if contents:
            with (folder / "printing.log").open("a", encoding="utf-8") as log:
                deliver(contents, parse_target(f"pdf:{folder / name}.pdf"), out=log)
    (folder / "printing.log").unlink(missing_ok=True)
    (folder / "codes.txt").write_text("\n".join(_code_lines(network)) + "\n", encoding="utf-8")


def _print_common(network: Network) -> None:
    """Badges, places, boxes and the command card, printed once at the hub."""
    staff, station = cast.FOUNDERS[0], cast.HUB_STATION
    tracker = network.tracker
    for badge in network.badges.values():
        network.print(badge_label(tracker, badge, staff, station))
    for location in (*network.storage.values(), *network.refrigerators.values()):
        network.print(location_label(tracker, location, staff, station))
    for equipment in (*network.boxes.values(), *network.loggers.values()):
        network.print(equipment_label(tracker, equipment, staff, station))
    network.print(CommandCard(purpose=tracker.purpose))


def _code_lines(network: Network) -> list[str]:
    """Every printed code with what it is on, for those without a scanner: paste them."""
    lines: list[str] = []
    for paper in network.papers:
        match paper:
            case BadgeLabel():
                lines.append(f"{paper.code}  badge of {paper.person}, {paper.staff_id}")
            case CoiCard():
                lines.append(f"{paper.code}  COI card")
            case UnitLabel() | SampleLabel():
                lines.append(f"{paper.code}  {paper.material}, therapy {paper.coi_id}")
            case CassetteLabel():
                lines.append(f"{paper.code}  cassette of {paper.unit_id}, therapy {paper.coi_id}")
            case LocationLabel() | EquipmentLabel():
                lines.append(f"{paper.code}  {paper.title}, {paper.site}")
            case HandoffSlip():
                lines.extend(f"{one.receipt}  receipt, {one.coi_id}" for one in paper.therapies)
    return lines
