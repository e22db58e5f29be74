"""What is asked at the bed to grade a reaction: the scale first, then what that scale rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from schema.canonical import Json
from tracker.values import Scale, ScaleFinding, scale_table
from tui.forms.prompts import Choice, FormSetting, Prompt, PromptKind, Section
from tui.language import tr

GRADED_BY: Final = "graded_by"
"""The scale that was chosen, among what a setting knows beside."""


def scales(setting: FormSetting) -> Sequence[Choice]:
    """The scales of the protocol, in its order."""
    known = () if setting.protocol is None else setting.protocol.scales
    return [Choice(_said(one), one.title) for one in known]


def _said(scale: Scale) -> Mapping[str, Json]:
    return {
        "syndrome": scale.syndrome.value,
        "scale": scale.scale,
        "scale_version": scale.scale_version,
    }


def finding_sections(setting: FormSetting) -> tuple[Section, ...]:
    """What the chosen scale asks: each number by itself, then whatever else is there, from one list."""
    known = () if setting.protocol is None else setting.protocol.scales
    scale = next((one for one in known if _said(one) == setting.extra.get(GRADED_BY)), None)
    table = None if scale is None else scale_table(scale)
    if table is None:
        return ()
    counted = [one for one in table.findings if one.measure is not None]
    present = [one for one in table.findings if one.measure is None]
    return (*_numbers(counted), *_present(present))


def _numbers(found: Sequence[ScaleFinding]) -> Iterator[Section]:
    for one in found:
        if one.measure is None:
            continue
        prompt = Prompt(
            "value", tr(one.title), PromptKind.DECIMAL, one.measure.range, measure=one.measure, optional=True
        )
        yield Section(
            (prompt,),
            many=True,
            field="findings",
            rounds=1,
            optional=True,
            joined=(("finding", one.name),),
        )


def _present(found: Sequence[ScaleFinding]) -> Iterator[Section]:
    """One list to choose from until nothing more is there."""
    if found:
        choices = tuple(Choice(one.name, tr(one.title)) for one in found)
        prompt = Prompt(
            "finding", tr("What else is there"), PromptKind.CHOICE, choices=choices, optional=True
        )
        yield Section((prompt,), many=True, field="findings", optional=True)
