"""Labels, benches, forms for when systems fail, labels that cannot be read, and the scanner's card."""

from __future__ import annotations

from typing import Final

from labels.keyed import in_groups
from labels.scanner_card import CARD_CODES
from schema.vocabulary import PrintOutcome
from tests.support.front_desk import Desk, code_of, invented, rest
from tests.support.gallery.story import Camera, Story
from tests.tui.screens.test_bench import printed_here
from tests.tui.screens.test_labels import further_copy, labeled
from tests.tui.screens.test_unreadable import frozen_bag, retrieving
from tui.screens.tray import TrayScreen
from tui.screens.tray.lines import tray_over


async def labels(desk: Desk, shot: Camera) -> None:
    """The ledger with open copies, a label before it is printed, the papers a form belongs to."""
    journey = labeled(desk)
    code = further_copy(desk, journey)
    further_copy(desk, journey, PrintOutcome.UNKNOWN)
    await desk.sign_in("NURSE-A1")
    await desk.press("ctrl+l")
    await desk.scan(code)
    await shot(desk, "labels")
    await desk.press("escape", "escape")
    await desk.see(journey.bag)
    await desk.press("f8")
    await desk.type("1")
    await shot(desk, "label-preview")
    await desk.press("escape", "escape")
    by = {"staff": "NURSE-A1", "station": desk.app.session.station.id}
    form = desk.tracker.forms.make(journey.coi, **by)
    desk.tracker.forms.issue(form, **by)
    await desk.press("ctrl+n")
    await desk.scan(form.code)
    await shot(desk, "downtime")


async def bench(desk: Desk, shot: Camera) -> None:
    """A bench with a label on nothing, and the scanner's card half scanned."""
    journey = desk.story()
    journey.enroll()
    journey.identify()
    printed_here(desk, journey)
    await desk.sign_in("NURSE-A1")
    await desk.press("ctrl+b")
    await shot(desk, "bench")
    await desk.press("escape", "ctrl+t", "f6")
    for text in list(CARD_CODES.values())[:3]:
        await desk.scan(text.swapcase())
    await shot(desk, "scanner-card")


async def frost(desk: Desk, shot: Camera) -> None:
    """The way around a label that cannot be read, and its second reading."""
    journey = frozen_bag(desk)
    await retrieving(desk, journey)
    await desk.press("ctrl+u")
    await desk.type("1")
    await shot(desk, "unreadable")
    await desk.press("f10")
    await desk.type(in_groups(code_of(journey.cassettes[journey.bag])))
    await shot(desk, "unreadable-second")


async def training(desk: Desk, shot: Camera) -> None:
    """The training tray over home, with what waits there first."""
    journey = desk.story()
    journey.enroll()
    await desk.sign_in("NURSE-A1")
    session = desk.app.session
    tray = tray_over(desk.app.screen, session, invented(desk.network), journey.coi)
    desk.app.push_screen(TrayScreen(tray, "DEMO"))
    await rest(desk.pilot, desk.busy)
    await shot(desk, "tray")


STORIES: Final = (
    Story("labels", "COLL-A", labels),
    Story("bench", "COLL-A", bench),
    Story("frost", "COLL-A", frost),
    Story("training", "COLL-A", training),
)
