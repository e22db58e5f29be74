"""What is asked to be typed: numbers, times, short names and words, each read by its kind alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from tracker.catalog import requests
from tracker.values import NumberType, numbers_of
from tui.forms.prompts import FormSetting, Prompt, PromptKind, Section
from tui.language import tr
from tui.words import spoken


def _typed(
    field: str, ask: str, kind: PromptKind, expected: str
) -> Callable[[str, FormSetting], Section | None]:
    return lambda _, __: Section((Prompt(field, ask, kind, expected),))


def number_of(request: str, field: str) -> Section:
    """A number that has no prompt of its own, asked for by its word; raises ValueError where it is none."""
    number = numbers_of(requests()[request]).get(field)
    if number is None:
        raise ValueError(f"No prompt asks for {field} of {request}, and it is no number.")
    if number is NumberType.COUNT:
        return Section((Prompt(field, spoken(field), PromptKind.COUNT, tr("a whole number")),))
    return Section((Prompt(field, spoken(field), PromptKind.DECIMAL, tr("a number")),))


WRITTEN: Final[Mapping[str, Callable[[str, FormSetting], Section | None]]] = {
    "adopted.issuer": _typed("adopted.issuer", tr("Who issued it"), PromptKind.NAME, tr("a short name")),
    "result": _typed("result", tr("Result"), PromptKind.TEXT, tr("a number or a word, as in the limit")),
    "new": _typed("new", tr("What is right"), PromptKind.TEXT, tr("the right value")),
    "tally": _typed("tally", tr("Count the units"), PromptKind.COUNT, tr("how many are in the box")),
    "display_celsius": _typed(
        "display_celsius", tr("Display in C"), PromptKind.DECIMAL, tr("a number, such as -184.2")
    ),
    "ended_at": _typed("ended_at", tr("Ended at"), PromptKind.TIME, tr("a time; now when left out")),
    "expires_at": _typed("expires_at", tr("Expires at"), PromptKind.TIME, tr("a date and time")),
    "occurred_at": _typed(
        "occurred_at", tr("When it happened"), PromptKind.TIME, tr("14:05, or 2026-01-31 14:05")
    ),
    "actor": _typed("actor", tr("Who did it, by the paper"), PromptKind.NAME, tr("a staff id")),
    "description": _typed(
        "description", tr("What happened"), PromptKind.TEXT, tr("in your words; not a patient's name")
    ),
    "outside_rules.remark": _typed(
        "outside_rules.remark", tr("What happened"), PromptKind.TEXT, tr("in your words")
    ),
    "remark": _typed("remark", tr("Remark"), PromptKind.TEXT, tr("in your words; not a patient's name")),
    "ink.company": _typed("ink.company", tr("Company on the slip"), PromptKind.TEXT, tr("as written")),
    "ink.name": _typed("ink.name", tr("Printed name"), PromptKind.TEXT, tr("as written")),
    "ink.id_seen": _typed("ink.id_seen", tr("ID seen"), PromptKind.TEXT, tr("kind and number")),
    "ink.waybill": _typed("ink.waybill", tr("Waybill"), PromptKind.TEXT, tr("its number")),
}
"""By field name as it stands in the catalog."""
