"""Play: the scenes of a demo that are worth trying, each with what should happen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.text import Text

from schema.vocabulary import Role
from tracker.values import RegistryState
from tui.answers import safe
from tui.invented import Invented, Scene
from tui.language import tr
from tui.screens.tray.choosing import PlayedScreen
from tui.screens.tray.needs import ENROLL


class PlayScreen(PlayedScreen[Scene]):
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


def whole_journey(registry: RegistryState, invented: Invented) -> Iterator[Scene]:
    """The first scene: a therapy of one's own, begun by somebody who may enroll; none where nobody may."""
    for staff in invented.people:
        for grant in registry.grants_of(staff):
            at = next((one for one in registry.stations.values() if one.site == grant.site), None)
            if grant.role is Role.CLINICIAN and at is not None:
                text = tr(
                    "A whole therapy, from the order to the infusion: Enter leads, F5 goes on elsewhere."
                )
                yield Scene(staff, at.id, text, ((ENROLL.title, ENROLL.text),))
                return


def _line(scene: Scene, names: Mapping[str, str]) -> Text:
    who = f"{names.get(scene.staff, scene.staff)} ({scene.staff}), {scene.station}"
    return Text(f"{safe(who)}\n    {safe(scene.text)}")
