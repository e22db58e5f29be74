"""The pictures of docs/guide, made by the program itself: `python -m tests.screenshots`.

It walks the journey of tests/test_screens_journey.py and saves the screen at the places that the guide shows.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path

from tests import test_screens_journey as journey
from tests.front_desk import Desk, desk_at

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "guide" / "pictures"
FONTS = "DejaVu Sans Mono, Menlo, Consolas, monospace"


def save(desk: Desk, name: str) -> None:
    """One screen as SVG that needs no font from elsewhere."""
    svg = desk.app.export_screenshot()
    svg = re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.DOTALL).replace("Fira Code", FONTS)
    svg = re.sub(r"[ \t]+\n", "\n", svg)
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.svg").write_text(svg, encoding="utf-8")


async def shot(desk: Desk, name: str) -> None:
    """Let the screen be painted, then save it."""
    await desk.pilot.pause(0.3)
    save(desk, name)


async def chair(desk: Desk, coi: str) -> None:
    """The nurse: home, another patient's wristband, the right one, two signatures."""
    await desk.sign_in("NURSE-A1", "COLL-A")
    await desk.see(coi)
    await shot(desk, "home")
    await desk.choose("Identify the patient")
    await desk.scan("DEMO-HA-00008")
    await shot(desk, "stop")
    await desk.press("f3")
    await desk.scan(journey.WRISTBAND[0])
    await shot(desk, "step")
    await desk.scan(journey.WRISTBAND[1])
    await desk.see(coi)
    await desk.pin("NURSE-A1")
    await shot(desk, "sign")
    await desk.press("escape", "escape", "escape")


async def shipper(desk: Desk, coi: str) -> tuple[str, str, str, str]:
    """The technician packs, the courier takes over."""
    bag = await journey.collect(desk, coi)
    await journey.hand_unit(desk, bag, "Cell laboratory", "NURSE-A1", "TECH-A1")
    await desk.sign_in("TECH-A1")
    cassettes = await journey.freeze(desk, (bag,), "TECH-A1")
    await journey.take_out(desk, [cassettes[bag]], "TECH-A1")
    box = desk.network.boxes["Dry shipper 1"]
    seal = await journey.pack(desk, [cassettes[bag]], box, "Lindenhof", "TECH-A1", "TECH-A2")
    await desk.see(box)
    await shot(desk, "box")
    await desk.scan(seal)
    await desk.command("ALL-IN-ORDER")
    await desk.pin("TECH-A1")
    await shot(desk, "handoff")
    await desk.scan(desk.badge("COUR-X1"))
    await desk.type(desk.network.password("COUR-X1"))
    return box, seal, bag, cassettes[bag]


async def bedside(desk: Desk, coi: str, unit: str, cassette: str) -> None:
    """The clinicians: matched at the bed, infused."""
    await journey.infuse(desk, coi, unit, cassette)
    await desk.press("f6")
    await shot(desk, "board")
    await desk.press("enter")
    await shot(desk, "trail")
    await desk.press("f3", "f3")


async def walk(folder: Path) -> None:
    """The whole story."""
    async with desk_at("TREAT-A", folder, seed=5) as desk:
        await shot(desk, "sign-in")
        coi = await journey.enroll(desk)
        await chair(desk, coi)
        box, seal, bag, cassette = await shipper(desk, coi)
        await desk.sign_in("DOCK-M", "MFG-1")
        await journey.receive(desk, box, seal, "DOCK-M", "Clean room", "OPER-1")
        await desk.sign_in("OPER-1")
        await journey.inspect(desk, box, [cassette], "OPER-1")
        *products, sample = await journey.manufacture(desk, coi, bag, cassette)
        frozen = await journey.freeze(desk, tuple(products), "OPER-1")
        await journey.release(desk, coi, sample, list(frozen.values()))
        await desk.sign_in("OPER-1")
        await journey.take_out(desk, list(frozen.values()), "OPER-1")
        box = desk.network.boxes["Dry shipper 4"]
        seal = await journey.pack(desk, list(frozen.values()), box, "Harborview Hospital", "OPER-1", "OPER-2")
        await journey.hand_box(desk, box, seal, "OPER-1", "COUR-X1")
        await desk.sign_in("DOCK-A", "TREAT-A")
        await journey.receive(desk, box, seal, "DOCK-A", "Cell laboratory", "LAB-A1")
        await desk.sign_in("LAB-A1")
        await journey.inspect(desk, box, list(frozen.values()), "LAB-A1")
        await journey.put_away(desk, list(frozen.values()), "LAB-A1")
        await bedside(desk, coi, products[0], frozen[products[0]])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        asyncio.run(walk(Path(place)))
