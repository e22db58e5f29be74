"""The terminal of a demo or a training store: the same, with a tray to choose from instead of scanning.

No other store imports this module, and none records what was chosen: its reads are `simulated`.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, Final

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input

from schema.errors import CartrailError
from tui.answers import Verdict
from tui.app import CartrailApp
from tui.glyphs import GlyphSet
from tui.invented import Invented, Scene
from tui.language import tr
from tui.screens.bench import BenchScreen
from tui.screens.choosing import ChoosingScreen
from tui.screens.home import HomeScreen
from tui.screens.sign import SignScreen
from tui.screens.sign.signing import Phase
from tui.screens.signin import SignInScreen
from tui.screens.step import StepScreen
from tui.screens.stop import StopScreen
from tui.screens.tray import TrayScreen
from tui.screens.tray.ahead import Ahead, what_is_ahead
from tui.screens.tray.choosing import GoThereScreen
from tui.screens.tray.lines import Tray, coi_on, tray_over
from tui.screens.tray.needs import ENROLL, SIGN, UNWRITTEN, How, TrayLine
from tui.screens.tray.play import PlayScreen, whole_journey
from tui.screens.who import WhoScreen
from tui.session import TerminalSession
from tui.shown_codes import grouped
from tui.workers import in_thread, run_alone

LOOK_AGAIN: Final = 0.1
"""Seconds between two looks whether what was sent has been answered, so that the tray opens again."""

WORKING: Final = frozenset({"scans", "sign-in", "acts", "waiting"})


def _is_refused(front: Screen[Any]) -> bool:
    """Whether a step says that it was not written, and why: the same again would be refused again."""
    answer = front.answers.answer if isinstance(front, (StepScreen, BenchScreen)) else None
    return answer is not None and answer.verdict is Verdict.CHECK


class TrainingApp(CartrailApp):
    """Ctrl+E opens the tray on every screen but a STOP, and while nothing is being written."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+e", "tray", tr("Training tray"), show=False, priority=True, id="tray")
    ]

    def __init__(
        self, session: TerminalSession, *, glyphs: GlyphSet = GlyphSet.FULL, invented: Invented | None = None
    ) -> None:
        super().__init__(session, glyphs=glyphs)
        self.invented = invented or Invented()
        self.scene: Scene | None = None
        self.coi = ""
        """The therapy that is played."""
        self._looks_again = False
        """Whether the tray opens by itself as soon as the screen in front has its answer."""

        self._next_look: Timer | None = None

        self._keys_from = 0.0
        """A key that was pressed before this moment was meant for no screen."""

        self._signed_on: Screen[Any] | None = None
        """The step that was to be signed last; still in front, nothing of it was written."""

    def on_mount(self) -> None:
        if self.invented.scenes:
            self._keys_from = math.inf
            self.call_later(self.play)

    def play(self) -> None:
        """Show the scenes worth trying; keys that were pressed while nothing was to be seen choose none."""
        people = self.session.registry.people
        names = {staff: person.name for staff, person in people.items()}
        scenes = (*whole_journey(self.session.registry, self.invented), *self.invented.scenes)
        shown = PlayScreen(scenes, names)
        self.push_screen(shown, self._picked)
        shown.call_after_refresh(self._take_keys)

    def _take_keys(self) -> None:
        self._keys_from = time.monotonic()

    def _picked(self, scene: Scene | None) -> None:
        """A scene is of a therapy of its own, whatever was played before."""
        if scene is not None:
            self.coi = ""
            self._begin(scene)

    def _begin(self, scene: Scene) -> None:
        """Take the station of a scene; its person signs in there."""
        self.scene = scene
        self.session.end()
        while len(self.screen_stack) > 2:  # the lowest screen is Textual's own
            self.pop_screen()
        there = TerminalSession.at(self.session.tracker, scene.station)
        self.session.station, self.session.zone, self.session.left = there.station, there.zone, None
        front: object = self.screen
        if isinstance(front, SignInScreen):
            front.ask(None)
            front.answers.clear()  # it was said to whoever stood here before
            front.show_header()
        self._look_again()

    async def on_event(self, event: events.Event) -> None:
        """Between two trays Enter is for the next one, and not for the list on the screen behind."""
        if not (isinstance(event, events.Key) and self._is_meant_for_nothing(event)):
            await super().on_event(event)

    def _is_meant_for_nothing(self, key: events.Key) -> bool:
        is_early = key.time < self._keys_from and key.key != "ctrl+q"
        return is_early or (key.key == "enter" and self._is_coming)

    @property
    def _is_coming(self) -> bool:
        """Whether a tray, or the answer to F5, is about to stand in front."""
        if not (self._looks_again or self._is_asking):
            return False
        return not isinstance(self.screen, (StopScreen, ChoosingScreen, SignScreen, WhoScreen))

    @property
    def _is_asking(self) -> bool:
        return any(one.group == "tray" and not one.is_finished for one in self.workers)

    @property
    def is_busy(self) -> bool:
        """Whether something is being answered or written."""
        front: object = self.screen
        if isinstance(front, SignScreen):
            return front.phase is Phase.ANSWER
        return any(one.group in WORKING and not one.is_finished for one in self.workers)

    def action_tray(self) -> None:
        """Open the tray over the screen in front."""
        self._look_no_more()
        self._open_over(is_by_itself=False)

    def _open_over(self, *, is_by_itself: bool) -> None:
        front: Screen[Any] = self.screen
        if not isinstance(front, (StopScreen, ChoosingScreen)) and not self.is_busy:
            run_alone(self, partial(self._open, front, is_by_itself=is_by_itself), group="tray")

    async def _open(self, front: Screen[Any], *, is_by_itself: bool) -> None:
        """Nothing where somebody has gone on meanwhile; what opens by itself follows to the next screen."""
        try:
            tray = await in_thread(lambda: self.tray(front))
        except CartrailError as error:
            self.notify(f"{error.message} {error.remedy}", markup=False)
            return
        if self.screen is not front:
            if is_by_itself:
                self._look_again()
            return
        if not tray.things and not tray.badges:
            self.notify(tr("Nothing to choose here: type your own password or PIN."), markup=False)
            return
        about = self.scene.text if self.scene is not None else ""
        purpose = self.session.purpose.value.upper()
        opened = TrayScreen(tray, purpose, about, is_below=isinstance(front, SignScreen))
        if not isinstance(front, SignScreen):
            self.push_screen(opened, self._chosen)
            return
        front.styles.padding = (0, 0, opened.rows_of_page, 0)
        front.call_after_refresh(partial(self._open_below, front, opened))

    def _open_below(self, front: SignScreen[Any], opened: TrayScreen) -> None:
        """What is signed stays above the tray, to be read."""
        if self.screen is front:
            self.push_screen(opened, partial(self._chosen_below, front))
        else:
            self._look_again()

    def _chosen_below(self, front: SignScreen[Any], line: TrayLine | None) -> None:
        front.styles.padding = 0
        self._chosen(line)

    def tray(self, front: Screen[Any]) -> Tray:
        """What can be chosen over a screen now; it reads the store."""
        self.coi = coi_on(front, self.coi) or self.coi
        tray = tray_over(front, self.session, self.invented, self.coi)
        if front is self._signed_on and _is_refused(front):
            tray = replace(tray, things=(UNWRITTEN, *tray.things))
        return self._of_scene_first(front, tray)

    def _of_scene_first(self, front: Screen[Any], tray: Tray) -> Tray:
        """The people and things of the scene that was picked, before what else would do."""
        scene = self.scene
        if scene is None or (isinstance(front, HomeScreen) and front.subject is not None):
            return tray
        people = [self.invented.people.get(one) for one in (scene.staff, scene.second or "")]
        wanted = [*(one.badge for one in people if one is not None), *(code for _, code in scene.codes)]
        if isinstance(front, WhoScreen) and people[0] is not None:
            own = people[0].badge
            badges = (replace(one, is_needed=one.text == own) for one in tray.badges)
            tray = replace(tray, badges=tuple(badges))
        places = {code: place for place, code in enumerate(wanted)}
        if isinstance(front, HomeScreen) and not self.coi and ENROLL.text in places:
            things = (replace(ENROLL, is_needed=True), *(one for one in tray.things if one != ENROLL))
            tray = replace(tray, things=things)

        def in_order(lines: tuple[TrayLine, ...]) -> tuple[TrayLine, ...]:
            return tuple(
                sorted(lines, key=lambda line: (not line.is_needed, places.get(line.text, len(places))))
            )

        return replace(tray, things=in_order(tray.things), badges=in_order(tray.badges))

    def _chosen(self, line: TrayLine | None) -> None:
        if line is not None:
            self.call_later(self.take, line)  # the tray is still in front

    def take(self, line: TrayLine) -> None:
        """Send a choice to the screen in front, which then has its answer; the tray opens again."""
        self._look_no_more()
        if line.how is How.PLAY:
            self.play()
        elif line.how is How.WHO_NEXT:
            run_alone(self, self._ask_what_is_next, group="tray")
        else:
            self._send(line)
            self._look_again()

    def _send(self, line: TrayLine) -> None:
        self._signed_on = self.screen if line == SIGN else None
        if line.how is How.ACT:
            self.call_later(self.run_action, line.text, self.screen)
        elif line.how is How.SECRET:
            entry = self.screen.query_one(Input)
            entry.value = line.text
            entry.post_message(Input.Submitted(entry, line.text))
        else:
            self.simulate(line.text)

    def _look_again(self) -> None:
        self._look_no_more()
        self._looks_again = True
        self._next_look = self.set_timer(LOOK_AGAIN, self._again)

    def _look_no_more(self) -> None:
        """Somebody was faster than the tray that opens by itself: it would take away what they asked for."""
        self._looks_again = False
        if self._next_look is not None:
            self._next_look.stop()

    def _again(self) -> None:
        """Open the tray anew when the screen in front has its answer; a STOP is read first.

        The timer may come when the terminal has ended already.
        """
        self._looks_again = False
        if not self.screen_stack:
            return
        if self.is_busy:
            self._look_again()
        else:
            self._open_over(is_by_itself=True)

    async def _ask_what_is_next(self) -> None:
        """Name the next step of the therapy that is played, and offer to go there."""
        people = self.invented.people or self.session.registry.people
        try:
            ahead = await in_thread(lambda: what_is_ahead(self.session, self.coi, tuple(people)))
        except CartrailError as error:
            self.notify(f"{error.message} {error.remedy}", markup=False)
            return
        if ahead is None:
            self.notify(tr("Nobody has a step of this therapy now; scan it to see why."), markup=False)
            self._look_again()
            return
        if (ahead.staff, ahead.station) == self._standing:
            go = tr("show it: you are there already")
        else:
            go = tr("go there: station {station}, sign in as {name}", station=ahead.station, name=ahead.name)
        choices = [(True, Text(go)), (False, Text(tr("stay here")))]
        if self._is_begun:
            choices = [(False, Text(tr("stay here: this is not finished")))]
            if (ahead.staff, ahead.station) != self._standing:
                choices.append((True, Text(f"{tr('leave this unfinished,')} {go}")))
        self.push_screen(GoThereScreen(choices, grouped(ahead.words)), partial(self._go_there, ahead))

    @property
    def _standing(self) -> tuple[str, str]:
        """Who is signed in, and where."""
        return (self.session.staff if self.session.is_open else "", self.session.station.id)

    @property
    def _is_begun(self) -> bool:
        """Whether something stands in front that leaving would lose, such as a form or a rack."""
        return not isinstance(self.screen, (HomeScreen, WhoScreen))

    def _go_there(self, ahead: Ahead, goes: bool | None) -> None:  # noqa: FBT001  an answer, not a switch
        if goes:
            self.call_later(self._go, ahead)  # the question is still in front

    def _go(self, ahead: Ahead) -> None:
        front: object = self.screen
        self.coi = ahead.line.cois[0]
        if (ahead.staff, ahead.station) == self._standing and isinstance(front, HomeScreen):
            front.turn_to(ahead.line.subject)
            self._look_again()
        else:
            # What was said of the next step is no longer so as soon as it is taken.
            self._begin(Scene(ahead.staff, ahead.station, "", ()))
