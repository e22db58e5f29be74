"""The training tray: badges and things lying around, chosen in place of a scan, where nothing is real."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tracker.values import JourneyStep
from tui.answers import safe
from tui.glyphs import BAD, DONE, NEXT, NOW, TO_COME
from tui.language import tr
from tui.screens.choosing import LIST_COLUMNS
from tui.screens.tray.choosing import PlayedScreen
from tui.screens.tray.lines import Tray
from tui.screens.tray.needs import WHO_NEXT, How, TrayLine
from tui.shown_codes import grouped, in_sentence
from tui.states import style_of
from tui.widgets.pane import PANE_COLUMNS, name_pane
from tui.widgets.room import WIDE_FROM
from tui.wrapping import wrap

_BADGES_PART: Final = 2
_THINGS_PART: Final = 3
"""How the room is divided between people and things."""

_BELOW_LINES: Final = 4
"""Lines of a list below signatures."""

_BETWEEN: Final = 2
_INDENT: Final = "\n    "
_GROUPS: Final = re.compile(r"(?<=[0-9A-Z]{4}) (?=[0-9A-Z])")


class TrayScreen(PlayedScreen[TrayLine]):
    """Two lists over the lower part; Enter sends what is chosen to the screen behind it."""

    title_words = tr("Training tray: nothing here exists")
    unheard = tr("The tray is open: Esc closes it, then scan again.")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+e", "leave", show=False),
        Binding("f5", "what_is_next", show=False),
        Binding("left", "turn_to('badges')", show=False),
        Binding("right", "turn_to('things')", show=False),
    ]
    DEFAULT_CSS = f"""
    TrayScreen {{
        align: center bottom;
        background: transparent;
        & > Vertical {{ height: 15; }}
        &.-wide > Vertical, &.-very-wide > Vertical {{ height: 22; }}
        & #dots {{ height: 1; }}
        & #lists {{ height: 1fr; }}
        & .pane {{ background: $surface; }}
        & #badges {{ width: {_BADGES_PART}fr; }}
        & #things {{ width: {_THINGS_PART}fr; }}
        &.-below > Vertical {{ height: auto; }}
        &.-below #said {{ max-height: 1; }}
        &.-below #lists, &.-below #badges, &.-below #things, &.-below OptionList {{ height: auto; }}
        &.-below OptionList {{ max-height: {_BELOW_LINES}; }}
    }}
    """

    def __init__(self, tray: Tray, purpose: str, scene: str = "", *, is_below: bool = False) -> None:
        super().__init__((), heading(tray, purpose, "" if is_below else scene))
        self.tray = tray
        self.is_below = is_below
        """Whether it stands below signatures, in no more room than its lines need: they must be read."""

        self.set_class(is_below, "-below")
        self.badges = OptionList()
        self._dots = Static(journey_dots(tray.journey), id="dots", markup=False)

    @property
    def rows_of_page(self) -> int:
        """How many more rows it takes than the prompt, the field and the keys of a page have below it."""
        has_field = bool(self.tray.things)  # a secret; a badge is scanned without one
        return max(min(len(self.lines), _BELOW_LINES) - has_field, 0)

    @property
    def lines(self) -> tuple[TrayLine, ...]:
        """Everything that can be chosen: things, then badges."""
        return (*self.tray.things, *self.tray.badges)

    @property
    def highlighted(self) -> TrayLine:
        """What Enter would send."""
        if self._is_at_badges:
            return self.tray.badges[self.badges.highlighted or 0]
        return self.tray.things[self.options.highlighted or 0]

    def compose(self) -> ComposeResult:
        people = "   " + tr("◄ ► badges") if self.tray.badges and self.tray.things else ""
        keys = tr("Enter sends it as a scan") + people + "   " + tr("F5 what is next?   Esc closes")
        with Vertical() as pane:
            name_pane(pane, self.title_words, keys)
            yield Static(self.said, id="said", markup=False)
            self._dots.display = bool(self.tray.journey) and not self.is_below
            yield self._dots
            with Horizontal(id="lists"):
                if self.tray.badges:
                    with Vertical(id="badges", classes=self._part) as badges:
                        name_pane(badges, tr("Badges"))
                        yield self.badges
                if self.tray.things:
                    with Vertical(id="things", classes=self._part) as things:
                        name_pane(things, tr("Lying around here"), f"{NEXT} " + tr("what the step needs"))
                        yield self.options

    @property
    def _part(self) -> str:
        """A frame of its own for each list where there is room."""
        return "" if self.is_below else "pane"

    def begin(self) -> None:
        """Stand at the first line that the screen behind asks for."""
        self._fill()
        first = self.tray.likeliest
        for lines, found in ((self.tray.things, self.options), (self.tray.badges, self.badges)):
            found.highlighted = lines.index(first) if first in lines else 0
        (self.options if first in self.tray.things else self.badges).focus()

    def on_resize(self) -> None:
        """Lines are broken for the room there is."""
        self._fill()

    @property
    def _is_at_badges(self) -> bool:
        return self.badges.has_focus or not self.tray.things

    def _fill(self) -> None:
        width = self.app.size.width
        room = width - PANE_COLUMNS
        people = room * _BADGES_PART // (_BADGES_PART + _THINGS_PART) if self.tray.things else room
        things = room - people if self.tray.badges else room
        for found, lines, part in (
            (self.badges, self.tray.badges, people),
            (self.options, self.tray.things, things),
        ):
            at = found.highlighted
            found.set_options(
                Option(line_text(line, part - LIST_COLUMNS, is_wide=width >= WIDE_FROM)) for line in lines
            )
            found.highlighted = at

    def choice_at(self, options: OptionList, index: int) -> TrayLine:
        """A badge or a thing."""
        return (self.tray.badges if options is self.badges else self.tray.things)[index]

    def action_turn_to(self, which: str) -> None:
        """Go to the other list, where there is one."""
        lines, found = (
            (self.tray.badges, self.badges) if which == "badges" else (self.tray.things, self.options)
        )
        if lines:
            found.focus()

    def action_what_is_next(self) -> None:
        """Ask for the next step, its station and its person."""
        self.end(WHO_NEXT)


def heading(tray: Tray, purpose: str, scene: str) -> str:
    """The scene that was picked, then how far the journey is and what the screen asks for."""
    steps = tray.journey
    at = min(sum(one.is_done for one in steps) + 1, len(steps))
    asks = safe(grouped(tray.asks))
    if steps:
        far = tr("The journey, step {at} of {count}", at=at, count=len(steps))
        asks = ": ".join(filter(None, (far, asks)))
    return "\n".join(filter(None, (safe(grouped(scene)), f"{purpose}  {asks}" if asks else "")))


def journey_dots(steps: Sequence[JourneyStep]) -> Text:
    """A dot a step: done, the first that is not, to come."""
    text = Text()
    first = next((at for at, one in enumerate(steps) if not one.is_done), None)
    for at, one in enumerate(steps):
        mark = DONE if one.is_done else NOW if at == first else TO_COME
        text.append(mark, style=style_of(mark))
    return text


def line_text(line: TrayLine, width: int, *, is_wide: bool = False) -> Text:
    """What it is and the code on it, on a second line where both do not fit; a secret is not shown."""
    mark = NEXT if line.is_needed else BAD if line.is_wrong else " "
    text = Text().append(f"{mark} ", style="key" if line.is_needed else style_of(mark))
    text.append("\n  ".join(wrap(safe(line.title), max(width - text.cell_len, 1))))
    detail = Text() if line.how is How.SECRET else in_sentence(line.detail or line.text)
    if line.is_wrong:
        detail.append(" " + tr("try STOP"))
    if is_wide and line.place:
        detail.append("  " + safe(line.place))
    if not detail:
        return text
    gap = width - text.cell_len - detail.cell_len
    if gap >= _BETWEEN and "\n" not in text.plain:
        return text.append(" " * gap).append_text(detail)
    at = 0
    whole = _GROUPS.sub("\u00a0", detail.plain)  # the groups of a code stay together
    for said in wrap(whole, max(width + 1 - len(_INDENT), 1)):
        begin = whole.index(said, at)
        at = begin + len(said)
        text.append(_INDENT).append_text(detail[begin:at])
    return text
