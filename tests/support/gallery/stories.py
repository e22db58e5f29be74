"""Every story, in the order of docs/terminal.md; a new one stands at the end of its module here."""

from __future__ import annotations

from typing import Final

from tests.support.gallery import condition, journey, lab, papers, planning, review, road, storage
from tests.support.gallery.story import Story

STORIES: Final[tuple[Story, ...]] = (
    *journey.STORIES,
    *lab.STORIES,
    *road.STORIES,
    *review.STORIES,
    *papers.STORIES,
    *condition.STORIES,
    *planning.STORIES,
    *storage.STORIES,
)
