"""What a step of the process asks for, by its protocol's own words: instruments, lots, values, containers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schema.measured import VOLUME
from tracker.values import Found, Protocol, Step
from tui.forms.prompts import Choice, FormSetting, Prompt, PromptKind, Section
from tui.language import named, tr

PERFORM_STEP: Final = "perform_step"

_LEFT: Final = (
    Choice(True, tr("Nothing that is used: its record ends"), "ALL-IN-ORDER"),
    Choice(False, tr("Something is left in it"), "NOT-IN-ORDER"),
)


def process_sections(setting: FormSetting) -> tuple[Section, ...]:
    """The questions of one step, in the order of the work: with what, what went where, the numbers."""
    step, protocol = setting.step, setting.protocol
    if step is None or protocol is None:
        return ()
    return (
        *_instruments(protocol, step),
        *_lots(protocol, step),
        *_moves(setting, step),
        *_measured(protocol, step),
    )


def _instruments(protocol: Protocol, step: Step) -> Iterator[Section]:
    for name in step.instruments:
        title = protocol.instruments[name].title
        prompt = Prompt(
            "instruments",
            tr("Scan the {thing}", thing=title[:1].lower() + title[1:]),
            PromptKind.CODE,
            title,
            (Found.INSTRUMENT,),
            carrier="label",
        )
        yield Section((prompt,), many=True, rounds=1)


def _lots(protocol: Protocol, step: Step) -> Iterator[Section]:
    """All lots one after the other, in any order; what is missing is said at the end."""
    if not step.items:
        return
    needed = ", ".join(protocol.items[name].title for name in step.lots)
    others = ", ".join(protocol.items[name].title for name in step.lots_optional)
    expected = "; ".join(filter(None, (needed, others and tr("if used: {items}", items=others))))
    prompt = Prompt(
        *("lot", tr("Scan each lot"), PromptKind.CODE, expected, (Found.LOT,)),
        carrier="label",
        optional=not step.lots,
    )
    yield Section((prompt,), many=True, field="lots", optional=not step.lots)


def _moves(setting: FormSetting, step: Step) -> Iterator[Section]:
    if step.into is None:
        return
    coi = setting.therapy.coi if setting.therapy is not None else None
    into, units = named(step.into.value), (Found.UNIT, Found.CASSETTE)
    prompts = (
        Prompt("source", tr("Scan what it came out of"), PromptKind.CODE, tr("its label"), units, coi=coi),
        Prompt("target", tr("Scan what was filled"), PromptKind.CODE, into, (Found.UNIT,), coi=coi),
        Prompt("volume_ml", tr("Volume mL"), PromptKind.DECIMAL, VOLUME.range, measure=VOLUME),
        Prompt("empties", tr("What is left where it came out of"), PromptKind.CHOICE, choices=_LEFT),
    )
    yield Section(prompts, many=True, field="moves")


def _measured(protocol: Protocol, step: Step) -> Iterator[Section]:
    for name in step.values:
        described = protocol.process_measure(name)
        if described is None:
            continue
        is_optional = name in step.measures_optional
        prompt = Prompt(
            "value",
            described.title,
            PromptKind.DECIMAL,
            described.range_words,
            measure=described.measure,
            optional=is_optional,
        )
        yield Section(
            (prompt,),
            many=True,
            field="measured",
            rounds=1,
            optional=is_optional,
            joined=(("measure", name),),
        )
