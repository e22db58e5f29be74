"""Play: the scenes of a demo that are worth trying, each with what should happen."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text

from tui.answers import safe
from tui.invented import Scene
from tui.language import tr
from tui.screens.tray.choosing import ChoosingScreen


class PlayScreen(ChoosingScreen[Scene]):
    """One choice a scene; Enter takes its station and asks for its person's badge."""

    title_words = tr("Play: pick a person. Nothing here exists.")
    keys = tr("Enter begins   Esc: look around alone")
    unheard = tr("Enter picks a scene; Esc goes to the sign-in screen.")

    def __init__(self, scenes: tuple[Scene, ...], names: Mapping[str, str]) -> None:
        super().__init__(
            [(one, _line(one, names)) for one in scenes],
            tr(
                "Enter picks a scene. From then on Ctrl+E opens the tray with what the screen asks for: "
                "Enter sends it as a scan, and F5 says what is next."
            ),
        )


def _line(scene: Scene, names: Mapping[str, str]) -> Text:
    who = f"{names.get(scene.staff, scene.staff)} ({scene.staff}), {scene.station}"
    return Text(f"{safe(who)}\n    {safe(scene.text)}")
