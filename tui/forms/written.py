"""What is asked to be typed: numbers, times, short names and words, each read by its kind alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from tui.forms.prompts import FormSetting, Prompt, PromptKind, Section
from tui.language import tr


def _typed(
    field: str, ask: str, kind: PromptKind, expected: str
) -> Callable[[str, FormSetting], Section | None]:
    return lambda _, __: Section((Prompt(field, ask, kind, expected),))


WRITTEN: Final[Mapping[str, Callable[[str, FormSetting], Section | None]]] = {
    "adopted.issuer": _typed("adopted.issuer", tr("Who issued it"), PromptKind.NAME, tr("a short name")),
    "result": _typed("result", tr("Result"), PromptKind.TEXT, tr("a number or a word, as in the limit")),
    "new": _typed("new", tr("What is right"), PromptKind.TEXT, tr("the right value")),
    "tally": _typed("tally", tr("Count the units"), PromptKind.COUNT, tr("how many are in the box")),
    "volume_ml": _typed("volume_ml", tr("Volume in mL"), PromptKind.DECIMAL, tr("a number")),
    "infused_ml": _typed("infused_ml", tr("Infused in mL"), PromptKind.DECIMAL, tr("a number")),
    "destroyed_ml": _typed("destroyed_ml", tr("Destroyed in mL"), PromptKind.DECIMAL, tr("a number")),
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
