"""What a story is: a terminal at a site, somebody's work on it, and a camera for the screens on the way."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol
from unittest.mock import patch

from tests.support.front_desk import Desk, desk_at
from tracker.demo.journey import Journey


class Camera(Protocol):
    """Keeps the screen in front under a name."""

    async def __call__(self, desk: Desk, name: str, *, wide: bool = False) -> None:
        """Keep it; a wide one is meant for a terminal larger than 80 by 24 and has that size already."""


@dataclass(frozen=True, slots=True)
class Story:
    """Ids come from the seed, so a story shows the same codes each time it is told."""

    name: str
    site: str
    tell: Callable[[Desk, Camera], Awaitable[None]]
    seed: int = 5
    hub: bool = False
    color: bool = True

    async def run(self, folder: Path, camera: Camera) -> None:
        """Open the terminal and tell the story."""
        with patch.dict(os.environ):
            os.environ.pop("NO_COLOR", None)
            if not self.color:
                os.environ["NO_COLOR"] = "1"
            async with desk_at(self.site, folder, seed=self.seed, hub=self.hub) as desk:
                await self.tell(desk, camera)


def another(journey: Journey, number: int) -> Journey:
    """A therapy of another patient in the same network."""
    return replace(journey, number=number, coi="", bag="", products=[], samples=[], cassettes={})
