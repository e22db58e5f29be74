"""What cells went through in their whole life, in words: outside their band, and out of storage. Pure."""

from __future__ import annotations

from rich.text import Text

from tracker.values import StorageLife
from tui.glyphs import BAD
from tui.language import tr
from tui.words import lasting


def life_text(words: str, *, is_passed: bool) -> Text:
    """The words of a life; with shape and color where it has passed what is allowed."""
    style = "stop" if is_passed else ""
    return Text(f"{BAD} " if is_passed else "", style=style).append(words, style=style)


def life_words(life: StorageLife) -> str:
    """Each of what happened, beside what is allowed in a life."""
    said = []
    if life.outside or life.excursions:
        allowed = (
            "" if life.outside_max is None else " " + tr("of {allowed}", allowed=lasting(life.outside_max))
        )
        said.append(tr("outside its band {length}", length=lasting(life.outside)) + allowed)
        said.append(_times(tr("{count} excursions"), tr("1 excursion"), life.excursions, life.excursions_max))
    if life.removals:
        said.append(
            _times(tr("taken out {count} times"), tr("taken out once"), life.removals, life.removals_max)
        )
        said.append(tr("{length} out of storage", length=lasting(life.out_of_storage)))
    return ", ".join(said)


def _times(many: str, one: str, count: int, most: int | None) -> str:
    words = one if count == 1 else many.format(count=count)
    return words if most is None else f"{words} {tr('of {allowed}', allowed=most)}"
