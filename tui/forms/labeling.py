"""What is asked about copies of labels: which one, which ones, and how many were counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from tracker.values import Found
from tui.forms.prompts import FormSetting, Prompt, PromptKind, Section
from tui.language import tr

_LABELED: Final = (Found.UNIT, Found.CASSETTE, Found.COI)


def _label(_: str, __: FormSetting) -> Section:
    return Section(
        (Prompt("label", tr("Scan the label"), PromptKind.CODE, tr("the copy to void"), _LABELED),)
    )


def _labels(_: str, __: FormSetting) -> Section:
    return Section(
        (Prompt("labels", tr("Scan each label"), PromptKind.CODE, tr("copies out of use"), _LABELED),),
        many=True,
    )


def _count(_: str, __: FormSetting) -> Section:
    return Section(
        (Prompt("count", tr("Count the labels"), PromptKind.COUNT, tr("how many there are in your hand")),)
    )


LABELING: Final[Mapping[str, Callable[[str, FormSetting], Section | None]]] = {
    "label": _label,
    "labels": _labels,
    "count": _count,
}
