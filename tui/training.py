"""The terminal of a demo or a training store: the same, with a tray to choose from instead of scanning.

No other store imports this module, and none records what was chosen: its reads are `simulated`.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Input

from tracker.values import WorkLine
from tui.app import CartrailApp
from tui.glyphs import GlyphSet
from tui.invented import Invented, Scene
from tui.language import tr
from tui.screens.home import HomeScreen
from tui.screens.sign import SignScreen
from tui.screens.sign.signing import Phase
from tui.screens.signin import SignInScreen
from tui.screens.stop import StopScreen
from tui.screens.tray import TrayScreen, tray_lines
from tui.screens.tray.needs import How, TrayLine
from tui.screens.tray.play import PlayScreen
from tui.session import TerminalSession
from tui.workers import in_thread

LOOK_AGAIN: Final = 0.1
"""Seconds between two looks whether what was sent has been answered, so that the tray opens again."""

WORKING: Final = frozenset({"scans", "sign-in", "acts"})


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
        self._coi = ""

    def on_mount(self) -> None:
        if self.invented.scenes:
            self.call_later(self.play)

    def play(self) -> None:
        """Show the scenes worth trying."""
        people = self.session.registry.people
        names = {staff: person.name for staff, person in people.items()}
        self.push_screen(PlayScreen(self.invented.scenes, names), self._begin)

    def _begin(self, scene: Scene | None) -> None:
        """Take the station of a scene; its person signs in there."""
        if scene is None:
            return
        self.scene = scene
        self.session.end()
        while len(self.screen_stack) > 2:  # the lowest screen is Textual's own
            self.pop_screen()
        there = TerminalSession.at(self.session.tracker, scene.station)
        self.session.station, self.session.zone, self.session.left = there.station, there.zone, None
        front: object = self.screen
        if isinstance(front, SignInScreen):
            front.ask(None)
            front.show_header()
        self._look_again()

    @property
    def is_busy(self) -> bool:
        """Whether something is being answered or written."""
        front: object = self.screen
        if isinstance(front, SignScreen):
            return front.phase is Phase.ANSWER
        return any(one.group in WORKING and not one.is_finished for one in self.workers)

    def action_tray(self) -> None:
        """Open the tray over the screen in front."""
        front: Screen[Any] = self.screen
        if not isinstance(front, (StopScreen, TrayScreen, PlayScreen)) and not self.is_busy:
            self.run_worker(self._open(front), group="tray", exclusive=True)

    async def _open(self, front: Screen[Any]) -> None:
        """Nothing where somebody has gone on meanwhile."""
        lines = await in_thread(lambda: tray_lines(front, self.session, self.invented))
        if self.screen is not front:
            return
        if not lines:
            self.notify(tr("Nothing to choose here: type your own password or PIN."), markup=False)
            return
        about = self.scene.text if self.scene is not None else ""
        self.push_screen(TrayScreen(self._of_scene_first(front, lines), about), self._chosen)

    def _of_scene_first(self, front: Screen[Any], lines: tuple[TrayLine, ...]) -> tuple[TrayLine, ...]:
        """The people and things of the scene that was picked, before what else would do."""
        scene = self.scene
        if scene is None:
            return lines
        people = (self.invented.people.get(one) for one in (scene.staff, scene.second or ""))
        wanted = [*(one.badge for one in people if one is not None), *(code for _, code in scene.codes)]
        if isinstance(front, HomeScreen) and front.subject is not None:
            return lines
        places = {code: place for place, code in enumerate(wanted)}
        return tuple(sorted(lines, key=lambda line: (not line.is_needed, places.get(line.text, len(places)))))

    def _chosen(self, line: TrayLine | None) -> None:
        if line is not None:
            self.call_later(self._take, line)  # the tray is still in front

    def _take(self, line: TrayLine) -> None:
        front: object = self.screen
        if isinstance(front, HomeScreen) and front.subject is not None and front.subject.therapy is not None:
            self._coi = front.subject.therapy.coi
        if line.how is How.PLAY:
            self.play()
        elif line.how is How.WHO_NEXT:
            self.run_worker(self._go_on(), group="tray")
        else:
            self._send(line)
            self._look_again()

    def _send(self, line: TrayLine) -> None:
        front: object = self.screen
        if line.how is How.STEP and isinstance(front, HomeScreen):
            front.action_next_step()
        elif line.how is How.SECRET:
            entry = self.screen.query_one(Input)
            entry.value = line.text
            entry.post_message(Input.Submitted(entry, line.text))
        else:
            self.simulate(line.text)

    def _look_again(self) -> None:
        self.set_timer(LOOK_AGAIN, self._again)

    def _again(self) -> None:
        """Open the tray anew when the screen in front has its answer; a STOP is read first.

        The timer may come when the terminal has ended already.
        """
        if not self.screen_stack:
            return
        if self.is_busy:
            self._look_again()
        else:
            self.action_tray()

    async def _go_on(self) -> None:
        """To the station and the person of the next step of the therapy that was on the screen last."""
        found = await in_thread(self._next_of_therapy)
        if found is None:
            self.notify(tr("Nobody has a step of this therapy now; scan it to see why."), markup=False)
            return
        staff, station, line = found
        text = tr("{what}: {thing} {subject}", what=line.what, thing=line.thing, subject=line.subject)
        self._begin(Scene(staff, station, text, ()))

    def _next_of_therapy(self) -> tuple[str, str, WorkLine] | None:
        """Who can take the next step, by what waits for each of the invented people at their own sites."""
        read, registry = self.session.tracker.read, self.session.registry
        found: list[tuple[bool, int, str, str, WorkLine]] = []
        for staff in self.invented.people:
            sites = {grant.site for grant in registry.grants_of(staff)}
            for station in registry.stations.values():
                if station.site not in sites or station.retired:
                    continue
                for place, line in enumerate(read.worklist(actor=staff, station=station.id).lines):
                    if line.kind and (not self._coi or self._coi in line.cois):
                        found.append((line.clock is None, place, staff, station.id, line))
                break
        first = min(found, key=lambda one: one[:4], default=None)
        return None if first is None else first[2:]
