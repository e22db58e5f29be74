"""The invented people and scenes of a demo, as its terminal knows them; no other store has any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class InventedPerson:
    """What a real person would keep to themselves."""

    badge: str
    password: str
    pin: str


@dataclass(frozen=True, slots=True)
class Scene:
    """Something worth trying: where, as whom, what should happen, and the codes in their order."""

    staff: str
    station: str
    text: str
    codes: tuple[tuple[str, str], ...]
    """What each is on, and the code."""

    second: str | None = None
    """Who has to be there too."""


@dataclass(frozen=True, slots=True)
class Invented:
    """Everybody of one demo, and what waits for them."""

    people: Mapping[str, InventedPerson] = field(default_factory=dict)
    """By staff id."""

    scenes: tuple[Scene, ...] = ()
    folder: Path | None = None
    """Where its terminal puts what it prints and exports; None for this user's documents."""
