"""What is compared as soon as it is read, by the same rules that judge the whole step when it is signed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from labels.keyed import seal_text
from schema.errors import BadCode
from schema.vocabulary import Condition, Fault
from tracker.values import Violation, count_violations, seal_violations, tally_violations, unfit_goods
from tui.forms.form import Form
from tui.forms.process import PERFORM_STEP
from tui.forms.prompts import FieldAnswer, FormSetting, Prompt
from tui.language import tr

Judge = Callable[[Form, FieldAnswer, FormSetting], Iterator[Violation]]


def wrong_at_once(form: Form, prompt: Prompt, given: FieldAnswer, setting: FormSetting) -> Violation | None:
    """Why a value that was just read will be refused; None when nothing is known against it yet."""
    judge = _JUDGES.get((form.request, prompt.field))
    return None if judge is None else next(judge(form, given, setting), None)


def _seal(form: Form, given: FieldAnswer, setting: FormSetting) -> Iterator[Violation]:
    """The seal of a box that was sealed, unless the seal is what was said to be wrong."""
    is_said = Fault.SEAL.value in form.answers_to("faults") or form.request == "refuse"
    if setting.box is None or setting.therapy is None or is_said or not isinstance(given.value, Mapping):
        return
    packed, read = setting.therapy.seals.get(setting.box), str(given.value.get("code"))
    try:
        yield from seal_violations(setting.box, packed, seal_text(read))
    except BadCode:
        return  # what is no number of a seal is refused as such


def _tally(form: Form, given: FieldAnswer, _: FormSetting) -> Iterator[Violation]:
    fixed = form.fixed.get("units")
    scanned = len(fixed) if isinstance(fixed, list) else len(form.answers_to("units"))
    yield from tally_violations(int(str(given.value)), scanned)


def _count(form: Form, given: FieldAnswer, _: FormSetting) -> Iterator[Violation]:
    yield from count_violations(int(str(given.value)), len(form.answers_to("labels")))


def _condition(form: Form, given: FieldAnswer, _: FormSetting) -> Iterator[Violation]:
    """What was read twice and is against a rule is not in order, whatever else is."""
    if given.value != Condition.NOT_IN_ORDER.value and "display_celsius" in form.doubtful:
        read = f"{form.answers_to('display_celsius')[-1]} C"
        yield Violation(
            "not_in_order",
            tr("The display shows {read}: that is not in order.", read=read),
            tr("Answer NOT-IN-ORDER. If it shows something else, take the number back (F4)."),
            field="condition",
            expected=tr("NOT-IN-ORDER"),
            read=read,
        )


def _goods(_: Form, given: FieldAnswer, setting: FormSetting) -> Iterator[Violation]:
    """A lot or an instrument that is not for the step is put away before the next one is scanned."""
    if setting.protocol is not None and setting.step is not None:
        site = setting.station.site
        found = unfit_goods(setting.registry, setting.protocol, setting.step, given.key, site, setting.now)
        yield from () if found is None else (found,)


_JUDGES: Final[Mapping[tuple[str, str], Judge]] = {
    ("relinquish", "seal"): _seal,
    ("relinquish", "condition"): _condition,
    ("accept", "seal"): _seal,
    ("accept", "condition"): _condition,
    ("accept_partly", "seal"): _seal,
    ("pack", "tally"): _tally,
    ("destroy_labels", "count"): _count,
    (PERFORM_STEP, "lot"): _goods,
    (PERFORM_STEP, "instruments"): _goods,
}
"""By request and field."""
