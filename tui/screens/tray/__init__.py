"""The training tray: what lies around, to be chosen instead of scanned; only where nothing is real."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen, Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from schema.errors import CartrailError
from schema.identifiers import COMMANDS, first_copy
from schema.vocabulary import Meaning, ObjectType, Role
from tracker.values import Grant, LyingAround
from tui.answers import safe
from tui.delivery import TakesScans
from tui.framing import RawScan
from tui.invented import Invented
from tui.language import named, tr
from tui.screens.form import FormScreen
from tui.screens.home import HomeScreen
from tui.screens.sign import SignScreen
from tui.screens.sign.signing import Phase
from tui.screens.step.visiting import BadgeScreen
from tui.screens.tray.needs import (
    ENROLL,
    NEXT,
    PLAY,
    WHO_NEXT,
    How,
    TrayLine,
    command_line,
    for_prompt,
    thing_line,
)
from tui.screens.who import WhoScreen
from tui.session import TerminalSession, owner_of

TITLE_CELLS: Final = 30


class TrayScreen(TakesScans, ModalScreen[TrayLine | None]):
    """A list over the lower half; Enter sends what is chosen to the screen behind it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("ctrl+e", "leave", show=False),
    ]
    DEFAULT_CSS = """
    TrayScreen {
        align: center bottom;
        background: transparent;
        & > Vertical {
            height: 12;
            width: 100%;
            background: $surface;
            border: round $accent;
            border-title-color: $accent;
        }
        & #about { height: auto; max-height: 2; color: $accent; }
        & OptionList { height: 1fr; border: none; background: $surface; padding: 0; }
        & OptionList:focus { border: none; }
    }
    """

    def __init__(self, lines: tuple[TrayLine, ...], about: str = "") -> None:
        super().__init__()
        self.lines = lines
        self.about = about
        """What should happen in the scene that was picked."""

    def compose(self) -> ComposeResult:
        with Vertical() as pane:
            pane.border_title = tr("Training tray: nothing here exists")
            pane.border_subtitle = tr("Enter sends it as a scan   Esc closes")
            if self.about:
                yield Static(self.about, id="about", markup=False)
            yield OptionList(*(Option(line_text(line)) for line in self.lines))

    def on_mount(self) -> None:
        found = self.query_one(OptionList)
        found.focus()
        found.highlighted = next((i for i, line in enumerate(self.lines) if line.is_needed), 0)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self.lines[event.option_index])

    def action_leave(self) -> None:
        """Close it; nothing is sent."""
        self.dismiss(None)

    async def take_scan(self, scan: RawScan) -> None:
        """A real scanner may lie beside it: what it reads is not for the tray."""
        self.scan_discarded(scan)

    def scan_discarded(self, scan: RawScan) -> None:
        """Say so where it can be seen."""
        del scan
        self.app.notify(tr("The tray is open: Esc closes it, then scan again."), markup=False)

    def scan_failed(self, scan: RawScan, error: CartrailError) -> None:
        """Nothing is taken here that could fail."""
        del error
        self.scan_discarded(scan)


def line_text(line: TrayLine) -> Text:
    """One line: what it is, and the code on it; a secret is not shown."""
    mark = ">" if line.is_needed else " "
    detail = "" if line.how is How.SECRET else line.detail or line.text
    return Text(f"{mark} {safe(line.title):<{TITLE_CELLS}} {safe(detail)}", no_wrap=True, overflow="ellipsis")


def tray_lines(front: Screen[Any], session: TerminalSession, invented: Invented) -> tuple[TrayLine, ...]:
    """What can be chosen over a screen: what it asks for, then everything else; empty where it has no place.

    Reads the store.
    """
    if isinstance(front, BadgeScreen) and front.badge_of:
        return tuple(_badges(session, invented, fits=_receiver(front, session)))
    if isinstance(front, (SignScreen, WhoScreen)):
        return tuple(_secrets(front, session, invented))
    things = session.tracker.read.lying_around(station=session.station.id)
    needed = tuple(_needed(front, session, things))
    chosen = {line.text for line in needed}
    others = [thing_line(thing) for thing in things if thing.code not in chosen]
    goes_on = (WHO_NEXT, PLAY) if invented.people and isinstance(front, HomeScreen) else ()
    return (*needed, *goes_on, *others, *(command_line(one) for one in COMMANDS))


def _needed(
    front: Screen[Any], session: TerminalSession, things: tuple[LyingAround, ...]
) -> Iterator[TrayLine]:
    if isinstance(front, FormScreen):
        if front.setting is not None:
            fresh = first_copy(session.tracker.new_object_id(object_type=ObjectType.CASSETTE)).text
            yield from for_prompt(front.form, front.setting, things, fresh)
    elif isinstance(front, HomeScreen):
        if front.subject is not None and any(one.is_next for one in front.subject.offers):
            yield NEXT
        waits = [line.subject for line in front.waiting.lines]
        by_id = {thing.object_id: thing for thing in things}
        if front.subject is None:
            yield from (thing_line(by_id[one], is_needed=True) for one in waits if one in by_id)
            yield ENROLL


def _secrets(
    front: SignScreen[Any] | WhoScreen, session: TerminalSession, invented: Invented
) -> Iterator[TrayLine]:
    """Badges, passwords and PINs of invented people; a person of a training store has their own."""
    wanted = _asked_of(front, session)
    if wanted is not None:
        person = invented.people.get(wanted[0])
        if person is not None:
            secret = person.pin if wanted[1] is Phase.PIN else person.password
            word = tr("the PIN of") if wanted[1] is Phase.PIN else tr("the password of")
            yield TrayLine(f"{word} {wanted[0]}", secret, How.SECRET, is_needed=True)
        return
    slot = front.slot if isinstance(front, SignScreen) else None
    words = slot.name or "" if slot is not None else ""

    def fits(grant: Grant) -> bool:
        is_here = grant.site == session.station.site
        return is_here and (slot is None or slot.staff is not None or not words or named(grant.role) in words)

    yield from _badges(session, invented, slot.staff if slot is not None else None, fits=fits)
    if isinstance(front, WhoScreen) and invented.scenes:
        yield PLAY


def _receiver(front: BadgeScreen, session: TerminalSession) -> Callable[[Grant], bool]:
    """Who signs beside the person signed in: a driver, or somebody of the part that is given something."""
    registry, here = session.registry, session.station.site
    subject = front.subject
    units = [] if subject is None else [*(unit for _, unit in subject.held), subject.unit]
    has_travelled = any(unit.has_travelled for unit in units if unit is not None)
    gives = front.badge_meaning() is Meaning.RELINQUISHED
    given_to = [one["id"] for one in front.form.answers_to("to") if isinstance(one, dict)]
    department = registry.department(str(given_to[-1])) if given_to else None
    if department is not None and not gives:
        roles = department.roles
        return lambda grant: grant.site == here and grant.role in roles
    if gives or not has_travelled:
        return lambda grant: grant.role is Role.COURIER
    return lambda grant: grant.site == here and grant.role is Role.DOCK


def _badges(
    session: TerminalSession,
    invented: Invented,
    asked: str | None = None,
    *,
    fits: Callable[[Grant], bool],
) -> Iterator[TrayLine]:
    """Whose badge it may be: of one person, else of everybody, those first whom it fits."""
    registry = session.registry
    signed_in = session.staff if session.is_open else ""
    found = []
    for staff, person in invented.people.items():
        known = registry.person(staff)
        if known is None or staff == signed_in or asked not in (None, staff):
            continue
        is_fit = any(fits(grant) for grant in registry.grants_of(staff))
        roles = ", ".join(dict.fromkeys(named(grant.role) for grant in registry.grants_of(staff)))
        found.append(TrayLine(known.name, person.badge, is_needed=is_fit, detail=f"{staff} {roles}"))
    yield from sorted(found, key=lambda line: not line.is_needed)


def _asked_of(front: SignScreen[Any] | WhoScreen, session: TerminalSession) -> tuple[str, Phase] | None:
    """Whose secret is asked for now; None while a badge is."""
    if isinstance(front, WhoScreen):
        return None if front.asked_of is None else (front.asked_of, Phase.PASSWORD)
    if front.phase is Phase.PIN:
        return front.slot.staff or "", Phase.PIN
    if front.phase is Phase.PASSWORD and front.badge_read is not None:
        return owner_of(session.registry, front.badge_read), Phase.PASSWORD
    return None
