"""Every story, in the order of docs/terminal.md."""

from __future__ import annotations

from typing import Final

from tests.support.gallery import journey, lab, papers, review, road
from tests.support.gallery.story import Story

STORIES: Final = (
    Story("begin", "COLL-A", journey.begin),
    Story("chair", "TREAT-A", journey.chair),
    Story("shipper", "TREAT-A", journey.shipper),
    Story("bedside", "TREAT-A", journey.bedside),
    Story("shift", "COLL-A", lab.shift),
    Story("road", "TREAT-A", road.road, seed=6),
    Story("door", "MFG-1", road.door, seed=6),
    Story("themes", "COLL-A", road.themes, seed=6),
    Story("gray", "COLL-A", road.gray, seed=6, color=False),
    Story("audit", "TREAT-A", review.audit, hub=True),
    Story("labels", "COLL-A", papers.labels),
    Story("bench", "COLL-A", papers.bench),
    Story("frost", "COLL-A", papers.frost),
)
