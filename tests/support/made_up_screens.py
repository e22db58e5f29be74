"""The main screens in the language of the environment: `python -m tests.support.made_up_screens` prints JSON.

A process takes up its language once, at its start, so a test of another language runs this one.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from msgspec import Struct
from pydantic import BaseModel

from tests.support.front_desk import Desk, desk_at
from tests.tui.screens.test_audit import auditing, shipped
from tests.tui.screens.test_courier import shipments, with_product
from tests.tui.screens.test_journey import WRISTBAND
from tests.tui.screens.test_labels import further_copy, labeled
from tests.tui.screens.test_rack import open_rack
from tests.tui.screens.test_screens import packed
from tui.screens.audit import AuditScreen
from tui.screens.home import HomeScreen
from tui.screens.labels import LabelsScreen
from tui.screens.rack import RackScreen
from tui.screens.rack.tally import RETRIEVE
from tui.screens.stop import StopScreen

Keep = Callable[[Desk, str], None]


async def chair(desk: Desk, keep: Keep) -> None:
    """Sign-in, what waits, a therapy's steps, another patient's wristband, the right one, the signature."""
    keep(desk, "signin")
    journey = desk.story()
    journey.enroll()
    await desk.sign_in("NURSE-A1")
    keep(desk, "waiting")
    await desk.see(journey.coi)
    keep(desk, "home")
    await desk.choose("Identify the patient")
    await desk.scan("DEMO-HA-00008")
    keep(desk, "stop")
    await desk.press("f3")
    await desk.scan(WRISTBAND[0])
    keep(desk, "step")
    await desk.scan(WRISTBAND[1])
    await desk.see(journey.coi)
    keep(desk, "sign")
    await desk.press("escape", "f1")
    keep(desk, "help")


async def lab(desk: Desk, keep: Keep) -> None:
    """A closed box handed over, a rack, the lock."""
    journey, box, seal = packed(desk)
    await desk.sign_in("TECH-A1")
    await desk.see(box)
    await desk.scan(seal)
    keep(desk, "handoff")
    await desk.press("escape", "escape", "escape")
    await open_rack(desk, RETRIEVE)
    await desk.see(desk.network.storage["COLL-A"])
    await desk.see(journey.cassettes[journey.bag])
    await desk.press("f3")
    keep(desk, "rack")
    await desk.press("escape", "ctrl+k")
    keep(desk, "lock")


async def road(desk: Desk, keep: Keep) -> None:
    """The boxes on their way, late."""
    _, box, _ = with_product(desk)
    desk.clock.advance(timedelta(days=9, hours=17))
    await shipments(desk, "COUR-X1")
    await desk.see(box)
    keep(desk, "shipments")


async def ledger(desk: Desk, keep: Keep) -> None:
    """A further copy of a label, on nothing yet."""
    journey = labeled(desk)
    code = further_copy(desk, journey)
    await desk.sign_in("NURSE-A1")
    await desk.press("ctrl+l")
    await desk.scan(code)
    keep(desk, "labels")


async def audit(desk: Desk, keep: Keep) -> None:
    """Lanes and chain, and every check."""
    journey, _ = shipped(desk)
    await auditing(desk, journey.coi)
    keep(desk, "audit")
    await desk.press("f6")
    keep(desk, "checks")


STORIES: Final[tuple[tuple[str, Callable[[Desk, Keep], Awaitable[None]]], ...]] = (
    ("COLL-A", chair),
    ("COLL-A", lab),
    ("TREAT-A", road),
    ("COLL-A", ledger),
    ("COLL-A", audit),
)


def texts_of(value: Any) -> Iterator[str]:
    """Every text inside a value of the record."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for one in fields(value):
            yield from texts_of(getattr(value, one.name))
    elif isinstance(value, Struct):
        for name in value.__struct_fields__:
            yield from texts_of(getattr(value, name))
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from texts_of(getattr(value, name))
    elif isinstance(value, Mapping):
        for pair in value.items():
            yield from texts_of(pair)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for one in value:
            yield from texts_of(one)


def record_of(desk: Desk) -> tuple[str, ...]:
    """What the record and its rules give to the screens that are open: names, titles, refusals."""
    found: list[object] = [desk.tracker.registry]
    for one in desk.app.screen_stack:
        screen: object = one
        if isinstance(screen, HomeScreen):
            found += [screen.waiting.worklist, screen.subject.offers if screen.subject else ()]
        elif isinstance(screen, LabelsScreen) and screen.chosen is not None:
            found.append(screen.chosen.to_do)
        elif isinstance(screen, RackScreen) and screen.rack is not None:
            found.append(screen.rack.place)
        elif isinstance(screen, StopScreen):
            found.append(screen.stop)
        elif isinstance(screen, AuditScreen):
            found += [(gap.title, gap.findings) for gap in screen.found.gaps] if screen.found else []
            found += [told.row.title for told in screen.found.dossier.events] if screen.found else []
    return tuple(dict.fromkeys(text for text in texts_of(found) if text))


async def main() -> None:
    """Tell the stories and print what their screens show."""
    shown: list[dict[str, object]] = []

    def keep(desk: Desk, name: str) -> None:
        shown.append({"name": name, "painted": desk.screen, "texts": record_of(desk)})

    for site, tell in STORIES:
        with TemporaryDirectory() as folder:
            async with desk_at(site, Path(folder), seed=5) as desk:
                await tell(desk, keep)
    json.dump(shown, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main())
