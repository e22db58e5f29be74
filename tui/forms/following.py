"""What is asked because of an answer: NOT-IN-ORDER asks what is wrong, and each fault asks for its value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from labels.keyed import seal_text
from schema.canonical import Json
from schema.vocabulary import Condition, DeviationDecision, Fault, Material, Reason, ResultsVerdict
from tracker.values import OOS, REASON_FAULTS
from tui.forms.bedside import bags_asked, parts_asked
from tui.forms.booking import BOOKED_WITH, PICK_UP
from tui.forms.catalog import DOER, sections_of
from tui.forms.fields import shows
from tui.forms.form import Form
from tui.forms.grading import GRADED_BY, finding_sections
from tui.forms.lists import FAULTS, NO_MORE_FAULTS, PARTLY, REFUSES, faults_of
from tui.forms.prompts import FieldAnswer, FormSetting, Prompt, PromptKind, Section
from tui.language import tr

RECEIVES: Final = "receives"
"""Said of a form that the receiver fills in although the giver's half is written first."""

THEN: Final = "then"
"""What the receiver does with what is not in order; no field of a request."""

DISPLAY_IS_WRONG: Final = FieldAnswer(Fault.DISPLAY.value, FAULTS[Fault.DISPLAY])
"""What goes without saying of a display that was read twice and is against a rule."""

_VALUES: Final[Mapping[Fault, tuple[str, ...]]] = {
    Fault.SEAL: (),
    Fault.DISPLAY: ("display_celsius",),
    Fault.HOLD_TIME: ("hold_until",),
    Fault.DAMAGE: ("remark",),
    Fault.LABEL: ("remark",),
    Fault.OTHER: ("remark",),
}
"""The fields that show a fault; the seal of a box is scanned anyway."""


_DECIDES: Final[Mapping[tuple[str, str], tuple[str, tuple[str, ...]]]] = {
    ("divert", "destination"): ("destination", ("receiver?",)),
    ("book_shipment", "lane"): (PICK_UP, BOOKED_WITH),
    ("grade_toxicity", "by"): (GRADED_BY, ()),
}
"""By request and field, what comes into question only once it is chosen: by which name, and what is asked."""


def follow_up(form: Form, prompt: Prompt, given: FieldAnswer, setting: FormSetting) -> Form:
    """The form with what this answer to its present question makes it ask next."""
    if prompt.field == "condition":
        return _with_condition(form, given, setting)
    if prompt.field == "display_celsius" and given.is_doubtful:
        return _with_display_named(form, setting)
    if prompt.field == "faults" and form.request in ("relinquish", "accept", "accept_partly"):
        return _after_fault(form, given, setting)
    if prompt.field == "faults" and form.request == "inspect" and isinstance(given.value, list):
        return with_values_of(form, [Fault(str(fault)) for fault in given.value], setting)
    if (form.request, prompt.field) in _DECIDES:
        name, more = _DECIDES[form.request, prompt.field]
        chosen = replace(setting, extra={**setting.extra, name: given.value})
        return form.followed_by((*sections_of(more, form.request, chosen), *finding_sections(chosen)))
    if prompt.field == "box" and form.request == "pack" and shows(setting, given.key):
        return form.with_optional("display_celsius", optional=False)
    if prompt.field == "material" or (prompt.field, form.request) == ("decision", "assess_deviation"):
        names = _which(given, setting) if prompt.field == "material" else _laboratory(form, given, setting)
        asked = form.followed_by(sections_of(names, form.request, setting))
        # That nothing came of it is a judgement like any other: its reason is written down.
        return asked.with_optional("remark", optional=given.value != DeviationDecision.NO_IMPACT.value)
    if prompt.field == "verdict":
        return form.with_optional("remark", optional=given.value != ResultsVerdict.QUERIED.value)
    if prompt.field == "outside_rules.doer":
        doer = () if given.value is None else DOER.split()
        return form.followed_by(sections_of(doer, form.request, setting))
    if prompt.field == THEN and given.value == REFUSES:
        return form.with_optional("seal")
    return _of_request(form, prompt, given, setting)


def _of_request(form: Form, prompt: Prompt, given: FieldAnswer, setting: FormSetting) -> Form:
    """The same of a question that only one request asks."""
    if (form.request, prompt.field) == ("store", "location"):
        return form.followed_by(_positions(form, given, setting))
    if (form.request, prompt.field) == ("refuse", "reason"):
        return form.followed_by(_after_refusal(given, setting))
    return form


def _positions(form: Form, given: FieldAnswer, setting: FormSetting) -> tuple[Section, ...]:
    """One position for each unit, where the place that was scanned has any."""
    place = setting.registry.location(given.key)
    if place is None or place.grid is None:
        return ()
    count = len({*form.keys_of("units")}) or 1
    asked = sections_of(("positions",), form.request, setting)
    return tuple(replace(section, rounds=count) for section in asked)


def _which(given: FieldAnswer, setting: FormSetting) -> tuple[str, ...]:
    """Which container of how many, where the protocol numbers those of this material."""
    container = setting.protocol.container(Material(str(given.value))) if setting.protocol else None
    asked = ("number", "of") if container is not None and container.numbered else ()
    if given.value != Material.PRODUCT.value or setting.protocol is None:
        return asked
    several = {
        "component": setting.protocol.bedside.components,
        "part": parts_asked(setting),
        "color": bags_asked(setting),
    }
    return (*asked, *(field for field, known in several.items() if known))


def _laboratory(form: Form, given: FieldAnswer, setting: FormSetting) -> tuple[str, ...]:
    """What the laboratory found: of cells out of specification, and of a result whatever becomes of them."""
    known = {} if setting.therapy is None else setting.therapy.deviations
    chosen = (known.get(str(one)) for one in form.answers_to("deviation"))
    is_of_result = any(one is not None and OOS in one.cause for one in chosen)
    return ("laboratory?", "retests?") if is_of_result or given.value == DeviationDecision.OOS.value else ()


def with_values_of(form: Form, faults: Iterable[Fault], setting: FormSetting) -> Form:
    """The form of an inspection that asks for what shows the faults of its units, once for all of them."""
    for name in dict.fromkeys(name for fault in faults for name in _VALUES[fault]):
        if any(section.prompts[0].field == name for section in form.sections):
            form = form.with_optional(name, optional=False)
        else:
            form = form.asking_last(sections_of((name,), form.request, setting))
    return form


def with_values_of_fixed(form: Form, setting: FormSetting) -> Form:
    """The same where the units were judged before the form was open, as in a rack."""
    results = form.fixed.get("results")
    faults = [
        Fault(str(fault))
        for one in (results if isinstance(results, list) else ())
        if isinstance(one, Mapping)
        for fault in _listed(one.get("faults"))
    ]
    return with_values_of(form, faults, setting)


def _listed(value: Json) -> Iterable[Json]:
    return value if isinstance(value, list) else ()


def _after_condition(form: Form, given: FieldAnswer, setting: FormSetting) -> tuple[Section, ...]:
    if given.value == Condition.NOT_IN_ORDER.value:
        first = _faults(form, setting)
        is_named = "display_celsius" in form.doubtful
        return (first, _faults(form, setting, besides=Fault.DISPLAY)) if is_named else (first,)
    if given.value == PARTLY and setting.box is not None:
        return sections_of(("units", "new_seal"), "accept_partly", setting)
    return ()


def _with_condition(form: Form, given: FieldAnswer, setting: FormSetting) -> Form:
    asked = form.followed_by(_after_condition(form, given, setting))
    if given.value == Condition.NOT_IN_ORDER.value and "display_celsius" in form.doubtful:
        asked.prefill(form.at + 1, DISPLAY_IS_WRONG)
    return asked


def _with_display_named(form: Form, setting: FormSetting) -> Form:
    """Where it was said that something is not in order, a display that is not belongs to it."""
    is_said = Condition.NOT_IN_ORDER.value in form.answers_to("condition")
    if not is_said or Fault.DISPLAY.value in form.answers_to("faults"):
        return form
    form = form.asking_last((_faults(form, setting),))
    form.prefill(len(form.sections) - 1, DISPLAY_IS_WRONG)
    return form


def _after_fault(form: Form, given: FieldAnswer, setting: FormSetting) -> Form:
    if given.value is None:
        return form.followed_by(_then(form, setting))
    fault = Fault(str(given.value))
    asked = {
        section.prompts[0].field
        for index, section in enumerate(form.sections)
        if index < form.at or not section.follows
    }
    if form.answers_to("display_celsius") and "display_celsius" not in form.doubtful:
        # What was typed before is in order: another number shows the fault.
        asked.discard("display_celsius")
    names = [name for name in _VALUES[fault] if name not in asked]
    more = _faults(form, setting, besides=fault)
    found = form.followed_by((*sections_of(names, form.request, setting), more))
    return found.with_optional("seal") if fault is Fault.SEAL else found


def _faults(form: Form, setting: FormSetting, besides: Fault | None = None) -> Section:
    """What is wrong: the faults that were not named yet, and an end once one was."""
    named = {*form.answers_to("faults"), *(() if besides is None else (besides.value,))}
    choices = [one for one in faults_of(setting) if one.value not in named]
    ask = tr("What else is wrong") if named else tr("What is wrong")
    if named:
        choices.append(NO_MORE_FAULTS)
    prompt = Prompt("faults", ask, PromptKind.CHOICE, choices=tuple(choices))
    return Section((prompt,), many=True, rounds=1)


def _then(form: Form, setting: FormSetting) -> tuple[Section, ...]:
    """A receiver refuses it or takes it into quarantine; with a slip in ink it was taken already."""
    is_ink = any(section.prompts[0].field.startswith("ink.") for section in form.sections)
    only_gives = form.request == "relinquish" and not setting.extra.get(RECEIVES)
    return () if only_gives or is_ink else sections_of((THEN,), form.request, setting)


def _after_refusal(given: FieldAnswer, setting: FormSetting) -> tuple[Section, ...]:
    reason = Reason(str(given.value))
    fault = REASON_FAULTS.get(reason)
    if fault is None:
        return sections_of(("remark?",), "refuse", setting)
    names = {Reason.SEAL_MISMATCH: ("seal",), Reason.SEAL_BROKEN: ("seal?",)}.get(reason, _VALUES[fault])
    return sections_of((*names, *(() if "remark" in names else ("remark?",))), "refuse", setting)


_REASONS: Final[Mapping[Fault, Reason]] = {
    Fault.DISPLAY: Reason.TEMPERATURE_EXCURSION,
    Fault.HOLD_TIME: Reason.TIME_LIMIT_EXCEEDED,
    Fault.DAMAGE: Reason.CONTAINER_DAMAGED,
    Fault.LABEL: Reason.LABEL_DAMAGED,
    Fault.OTHER: Reason.OTHER,
}


def refusal_of(data: Mapping[str, Json], sealed: str | None) -> dict[str, Json]:
    """The refusal that a receiver's answers become; `sealed` is the seal by the record.

    Its reason is the first fault.
    """
    kept = {key: value for key, value in data.items() if key not in (THEN, "custodian")}
    faults = data.get("faults")
    fault = Fault(str(faults[0])) if isinstance(faults, list) and faults else Fault.OTHER
    seal = data.get("seal")
    is_other = isinstance(seal, Mapping) and seal_text(str(seal.get("code"))) != sealed
    seals = Reason.SEAL_MISMATCH if is_other else Reason.SEAL_BROKEN
    return {**kept, "request": "refuse", "reason": _REASONS.get(fault, seals).value}


def said_by(request: str, data: Mapping[str, Json]) -> dict[str, Json]:
    """The fields of a request, with the fault that a reason for refusing names, and the windows of a lane."""
    way = data.get("lane")
    if request == "book_shipment" and isinstance(way, Mapping):
        return _booked(way, data)
    reason = data.get("reason")
    fault = REASON_FAULTS.get(Reason(reason)) if request == "refuse" and isinstance(reason, str) else None
    if fault is None or data.get("faults"):
        return dict(data)
    return {**data, "condition": Condition.NOT_IN_ORDER.value, "faults": [fault.value]}


def _booked(way: Mapping[str, Json], data: Mapping[str, Json]) -> dict[str, Json]:
    """The lane that was chosen with its windows, and another latest delivery where one was typed."""
    said, delivery = data.get("delivery"), way["delivery"]
    if isinstance(said, Mapping) and isinstance(delivery, Mapping):
        delivery = {**delivery, **said}
    return {**data, **way, "delivery": delivery}
