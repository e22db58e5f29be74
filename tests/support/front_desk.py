"""A terminal on a real store: the demo's network copied for each test, and the hands of its people."""

from __future__ import annotations

import asyncio
import random
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from unittest.mock import patch

from textual import events
from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual.pilot import Pilot

from schema.identifiers import COMMANDS, command_code, first_copy
from schema.papercodes import receipt_code
from schema.vocabulary import ObjectType
from tests.support.journeys import PROTOCOL
from tests.support.terminal import burst, by_hand, painted
from tracker.clock import SimulatedClock
from tracker.demo.journey import Journey
from tracker.demo.network import Network, build_network
from tracker.people.passwords import WEAK
from tracker.tracker import Environment, Tracker
from tui import workers
from tui.app import CartrailApp
from tui.invented import Invented, InventedPerson
from tui.screens.form import FormScreen
from tui.screens.handoff import HandoffScreen
from tui.screens.home import HomeScreen
from tui.screens.shift import LeavingScreen, TakeOverScreen
from tui.screens.signin import SignInScreen
from tui.screens.stop import StopScreen
from tui.session import TerminalSession
from tui.training import TrainingApp
from tui.widgets.answer_bar import AnswerBar
from tui.workers import run_alone

BEGIN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
NEVER_SECONDS = 3600.0
HAND_SECONDS = 0.2
"""From the scanner to a key; an Enter that comes sooner is taken for the end of the scan."""

FRAMES_MAX = 10
"""In so many a screen has found its form, if it does not move by itself."""

_RENDER_UPDATE = Compositor.render_update

COMMAND = {name: command_code(character).text for character, name in COMMANDS.items()}


@cache
def _original() -> tuple[Path, Network]:
    """The network, built once for all tests of a process."""
    folder = Path(mkdtemp(prefix="cartrail-network-"))
    clock, chance = SimulatedClock(BEGIN), random.Random(7)
    network = build_network(
        f"sqlite:///{folder / 'store.db'}",
        config=folder / "keys",
        environment=Environment(clock, chance, WEAK),
        clock=clock,
        chance=chance,
    )
    network.tracker.close()
    return folder, network


class Busy:
    """How many blocking calls run; a dialog that waits for a person is not one of them."""

    def __init__(self) -> None:
        self.calls = 0
        self.done = asyncio.Event()
        self._in_daemon_thread = workers.in_daemon_thread

    async def in_daemon_thread(self, work: Callable[[], object]) -> object:
        """Count a call while it runs."""
        self.calls += 1
        try:
            return await self._in_daemon_thread(work)
        finally:
            self.calls -= 1
            self.done.set()


def _unpainted(self: Compositor, **given: Any) -> object:
    """In place of painting what has changed; a picture that is asked for is painted."""
    if given.get("full"):
        return _RENDER_UPDATE(self, **given)
    visible_screen_stack.set(given["screen_stack"])
    self._dirty_regions.clear()
    return None


@contextmanager
def unwatched(busy: Busy) -> Iterator[None]:
    """Terminals that nobody looks at: laid out when they have come to rest, painted when a test reads them.

    To lay out and paint sixty frames a second takes longer than all that they show.
    """
    with (
        patch("tui.workers.in_daemon_thread", busy.in_daemon_thread),
        patch("textual.screen.UPDATE_PERIOD", NEVER_SECONDS),
        patch("textual.screen.Compositor.render_update", _unpainted),
    ):
        yield


async def rest(pilot: Pilot[None], busy: Busy) -> None:
    """Wait until the terminal waits for its people: nothing is left to run but what a clock will wake.

    What is new is laid out at once and not with the next frame: widgets draw themselves again for the room
    that they have then.
    """
    await calm(busy)
    for frame in range(FRAMES_MAX):
        for screen in (*pilot.app._background_screens, pilot.app.screen):
            screen._on_timer_update()
        await calm(busy)
        screen = pilot.app.screen
        if frame and not (screen._layout_required or screen._scroll_required or screen._dirty_widgets):
            return


async def calm(busy: Busy) -> None:
    """Wait until every task waits, and no thread is at work for one."""
    ready: Sequence[object] = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
    await asyncio.sleep(0)
    while ready or busy.calls:
        if busy.calls and not ready:
            busy.done.clear()
            await busy.done.wait()
        await asyncio.sleep(0)


@dataclass
class Desk:
    """One terminal: an app, its store, and everybody who may come to it."""

    app: CartrailApp
    pilot: Pilot[None]
    network: Network
    tracker: Tracker
    clock: SimulatedClock
    path: Path
    busy: Busy
    scans: int = 0
    keys: int = 0
    _hand_at: float = 0.0
    codes: dict[str, str] = field(default_factory=dict)
    signs_in_by_hand: bool = True
    """Whether people scan their badge and type their password, or are let in with the same question asked."""

    @property
    def screen(self) -> str:
        """What stands on the screen, as it will be painted with the next frame."""
        self.app.screen._on_timer_update()
        return painted(self.app)

    @property
    def told(self) -> str:
        """The last answer, whole."""
        front: object = self.app.screen
        if isinstance(front, StopScreen):
            stop = front.stop
            return f"STOP: {stop.line} {stop.expected} {stop.read} {stop.advice}"
        bar = getattr(self.app.screen, "answers", None)
        answer = bar.answer if isinstance(bar, AnswerBar) else None
        return f"{answer.verdict}: {answer.line} {answer.advice}" if answer else ""

    async def scan(self, code: str, *, later: float = 20) -> None:
        """Scan a code and wait for its answer; some time has passed."""
        self.clock.advance(timedelta(seconds=later))
        self.scans += 1
        burst(self.app, code + "\r")
        await rest(self.pilot, self.busy)

    async def see(self, object_id: str) -> None:
        """Scan the label of an object."""
        await self.scan(code_of(object_id))

    async def certificate(self, coi: str) -> None:
        """Scan the code at the head of the certificate of the newest release."""
        found = self.tracker.read.therapy(coi=coi)
        assert found is not None
        state, _ = found
        await self.scan(receipt_code(state.events[state.releases[-1]].digest).text)

    async def confirm(self) -> None:
        """Confirm everything that the protocol lists before a thaw."""
        for _ in PROTOCOL.bedside.confirm:
            await self.command("ALL-IN-ORDER")

    async def command(self, name: str) -> None:
        """Scan a command code."""
        await self.scan(COMMAND[name])

    async def type(self, text: str) -> None:
        """Type by hand, then Enter."""
        self.keys += len(text) + 1
        self._hand_at = by_hand(self.app, text + "\r")
        await rest(self.pilot, self.busy)

    async def begin(self, text: str) -> None:
        """Type by hand, and no Enter yet."""
        self.keys += len(text)
        self._hand_at = by_hand(self.app, text)
        await rest(self.pilot, self.busy)

    async def press(self, *keys: str) -> None:
        """Press keys that are no text."""
        self.keys += len(keys)
        for key in keys:
            event = events.Key(key, None)
            event.time = self._hand_at = max(event.time, self._hand_at) + HAND_SECONDS
            self.app.post_message(event)
            await rest(self.pilot, self.busy)

    async def squeeze(self) -> None:
        """Make the window far too small, and as large as before; what is in front stays there."""
        front, size = self.app.screen, self.app.size
        for columns, lines in ((40, 10), (1, 1), size):
            await self.pilot.resize_terminal(columns, lines)
            await rest(self.pilot, self.busy)
        assert self.app.screen is front

    async def sign_in(self, staff: str, site: str | None = None) -> None:
        """Sign out whoever is there, perhaps walk to another site, and sign in."""
        if site is not None and site != self.app.session.station.site:
            await self.go_to(site)
        elif self.app.session.is_open:
            await self.leave()
        if self.signs_in_by_hand:
            await self.scan(self.badge(staff))
            await self.type(self.network.password(staff))
        else:
            await self._let_in(staff)
        if isinstance(self.app.screen, TakeOverScreen):
            await self.press("f10")
            await self.pin(staff)
        assert self.app.session.staff == staff, self.told

    async def _let_in(self, staff: str) -> None:
        """What a right password does; nobody reads the questions for it in most tests."""
        self.clock.advance(timedelta(seconds=20))
        front: object = self.app.screen
        assert isinstance(front, SignInScreen), self.told
        station = self.app.session.station.id
        signer = self.tracker.unlock(staff=staff, password=self.network.password(staff), station=station)
        run_alone(front, partial(front.enter, signer), group="sign-in")
        await rest(self.pilot, self.busy)

    async def leave(self) -> None:
        """Sign out; what runs on is read first."""
        if isinstance(self.app.screen, HandoffScreen):
            await self.press("escape")
        await self.press("ctrl+x")
        if isinstance(self.app.screen, LeavingScreen):
            await self.press("f10")

    async def go_to(self, site: str) -> None:
        """This terminal is now the one of another site."""
        if self.app.session.is_open:
            await self.leave()
        station = self.tracker.registry.stations[self.network.stations[site]]
        if self.signs_in_by_hand:
            await self.press("f7")
            await self.type(str([*self.tracker.registry.stations.values()].index(station) + 1))
        else:
            front: object = self.app.screen
            assert isinstance(front, SignInScreen), self.told
            front._work_at(station)
        assert self.app.session.station.site == site

    def badge(self, staff: str) -> str:
        """The code on somebody's badge."""
        return code_of(self.network.badges[staff])

    async def pin(self, staff: str) -> None:
        """Sign with the PIN of who is signed in."""
        await self.type(self.network.pins[staff])

    async def second(self, staff: str) -> None:
        """Sign as the second person, with badge and password."""
        await self.scan(self.badge(staff))
        await self.type(self.network.password(staff))

    def number_of(self, title: str) -> int:
        """The number of the step with this title, possible or not."""
        screen: object = self.app.screen
        assert isinstance(screen, HomeScreen) and screen.subject is not None, self.told
        number = next(one.number for one in screen.subject.offers if one.title.startswith(title))
        assert number is not None, title
        return number

    async def choose(self, title: str) -> None:
        """Type the number of the step with this title."""
        number = self.number_of(title)
        screen: object = self.app.screen
        assert isinstance(screen, HomeScreen) and screen.subject is not None
        offer = screen.subject.numbered(number)
        assert offer is not None and offer.possible, offer
        await self.type(str(number))

    async def take_line(self, *, kind: str = "", subject: str = "") -> None:
        """Choose the first line of what waits that is for a step, or about a thing, with the arrows."""
        screen: object = self.app.screen
        assert isinstance(screen, HomeScreen), self.told
        lines = screen.waiting.lines
        index = next(
            i for i, one in enumerate(lines) if kind in ("", one.kind) and subject in ("", one.subject)
        )
        await self.press(*["down"] * (index + 1), "enter")

    async def pick(self, label: str) -> None:
        """Type the number of the choice with this label."""
        screen: object = self.app.screen
        assert isinstance(screen, FormScreen) and screen.form.current is not None, self.told
        choices = screen.form.current.choices
        number = next(number for number, one in enumerate(choices, 1) if one.label.startswith(label))
        await self.type(str(number))

    def fresh(self, object_type: ObjectType) -> str:
        """An id that stands for nothing yet, as on a roll of printed labels."""
        return self.tracker.new_object_id(object_type=object_type)

    def story(self) -> Journey:
        """A therapy that goes on through the front door, signed by everybody."""
        network = Network(
            self.tracker, self.clock, random.Random(3), {}, self.network.names, self.network.pins,
            self.network.badges, self.network.storage, self.network.boxes, self.network.loggers,
            self.network.stations,
        )  # fmt: skip
        network.signers = {
            staff: self.tracker.unlock(staff=staff, password=network.password(staff), station="MFG-1-01")
            for staff in network.names
        }
        return Journey(network, "A", 7)


def invented(network: Network) -> Invented:
    """The network's people with their secrets, as a demo has them."""
    people = {
        staff: InventedPerson(code_of(badge), network.password(staff), network.pins[staff])
        for staff, badge in network.badges.items()
    }
    return Invented(people)


def code_of(object_id: str) -> str:
    """The first printed copy of an id."""
    return first_copy(object_id).text


@asynccontextmanager
async def desk_at(
    site: str, folder: Path, *, seed: int | None = None, hub: bool = False, tray: bool = False
) -> AsyncIterator[Desk]:
    """A terminal at a site's station on a store of its own; with a seed the ids are the same each time.

    A hub has the keys of the log and signs its heads.
    """
    original, network = _original()
    path = folder / "store.db"
    shutil.copyfile(original / "store.db", path)
    keys = shutil.copytree(original / "keys", folder / "keys") if hub else None
    clock = SimulatedClock(network.clock.now())
    chance = None if seed is None else random.Random(seed)
    tracker = Tracker.open(url=f"sqlite:///{path}", environment=Environment(clock, chance, WEAK, keys))
    session = TerminalSession.at(tracker, network.stations[site])
    session.folder = folder / "labels"
    app = TrainingApp(session, invented=invented(network)) if tray else CartrailApp(session)
    busy = Busy()
    try:
        with unwatched(busy):
            async with app.run_test(size=(80, 24)) as pilot:
                await rest(pilot, busy)
                yield Desk(app, pilot, network, tracker, clock, path, busy, signs_in_by_hand=False)
    finally:
        tracker.close()
