"""Every request as an ordered list of what is asked: data, read by one engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from schema.canonical import Json
from schema.errors import InputError
from tracker.catalog import requests, requests_by_kind
from tracker.values import BegunRequest, Request
from tui.forms.bedside import MATCHES, confirm_sections
from tui.forms.fields import FIELDS, number_of, shows
from tui.forms.form import Form
from tui.forms.process import PERFORM_STEP, process_sections
from tui.forms.prompts import FormSetting, Section
from tui.framing import printed_code
from tui.language import tr

FORMS: Final[Mapping[str, str]] = {
    "adopt_code": (
        "coi unit? adopted adopted.issuer adopted.type certificate.identifier? certificate.containers? "
        "certificate.expires_on?"
    ),
    "enroll": "protocol indication? collection_site manufacturing_site treatment_site patient",
    # The wristband comes first: whatever does not belong to it is then stopped with evidence at once.
    "identify_patient": "patient coi",
    "find_units": "location units",
    "register_unit": "coi material",
    "register_unit/blank": "coi material number? of?",
    "void_form": "coi form reason remark?",
    "reconcile_labels": "coi reason?",
    "match_before_thaw": "patient coi certificate units product_code",
    "match_bag": "cassette units",
    "match_at_bedside": "patient coi certificate units",
    "correct": "coi field new reason",
    "cancel": "coi reason remark?",
    "open_deviation": "coi category description units?",
    "note": "coi text unit?",
    "assess_deviation": "coi deviation severity cause decision units? capa? remark?",
    "assess_excursion": "coi excursion decision basis",
    "close_deviation": "coi deviation capa? effective_by?",
    "pack": "box units tally seal data_logger? carrier destination display_celsius?",
    "pack/swap": "box units tally seal data_logger? carrier destination display_celsius?",
    "unpack": "box units",
    "inspect/box": "box seal_intact display_celsius? results",
    "inspect": "seal_intact results display_celsius?",
    "attempt_delivery": "box at_site called called.answered reason remark?",
    "divert": "box destination reason remark?",
    "book_shipment": "lane",
    "report_shipment": "milestone place estimated_delivery? source",
    "empty_box": "box left_inside",
    "collect_empty": "box",
    "return_empty": "box",
    "charge_shipper": "equipment",
    "set_equipment_status": "equipment status",
    "unschedule": "coi reason",
    "reschedule": "coi reason",
    "store": "units location",
    "let_lapse": "units",
    "let_lapse/box": "box",
    "start_collection": "coi units din",
    "complete_collection": "units volume_ml ended_at?",
    "start_manufacturing": "coi units",
    # What else is asked stands in the protocol's step: `tui.forms.process`.
    "complete_infusion": "units planned_ml? infused_ml",
    "perform_step": "units",
    "complete_manufacturing": "units children",
    "fail_manufacturing": "coi cause path kept?",
    "record_test": "coi test attempt phase result",
    "review_results": "coi about verdict remark?",
    # What a scale rests on is asked once it is chosen: `tui.forms.grading`.
    "grade_toxicity": "coi by grade? assessed_at? onset?",
    "set_dose": "coi indication? regimen? weight_kg? weighed_on?",
    "give_medicine": "coi medicine amount unit_of_measure route given_at? about?",
    "record_outcome": "coi duty result due_on? recorded_for?",
    "release_out_of_specification": "units basis requested risk_evaluation remark?",
    "reject": "units reason remark?",
    "quarantine": "units reason remark?",
    "lift_quarantine": "units reason remark?",
    "destroy": "units destroyed_ml? reason",
    "relinquish": "units to condition",
    "relinquish/box": "box seal display_celsius/shown condition",
    "relinquish/arrived": "box seal to display_celsius/shown condition",
    "accept": "units condition",
    "accept/box": "box seal condition",
    "accept/ink": (
        "box seal condition ink.company ink.name ink.id_seen ink.custodian ink.receipt ink.waybill?"
    ),
    "accept_partly": "units condition",
    "refuse": "units reason",
    "clear_line": "nothing_left",
    "refuse/box": "box reason",
}
"""The fields in the order they are asked, where the request does not say it; `?` marks what may be left out.

A name after `/` is a variant: of a closed box, of one that has arrived, of a slip signed in ink.
"""

OUTSIDE: Final = "outside.confirm outside_rules.doer outside_rules.reason outside_rules.remark"
DOER: Final = "outside_rules.doer.name outside_rules.doer.employer"
BY_OUTSIDER: Final = f"outside.confirm {DOER} outside_rules.reason outside_rules.remark"
"""Where no rule was in the way, it can only have been done by somebody without a part."""

TIMES: Final = ("started_at?", "ended_at?")
"""When a step of the process began and ended, where that is not now."""

LATE: Final = "occurred_at entry.reason"
PAPER: Final = "entry.form? actor occurred_at entry.reason"


def form_for(
    request: str,
    setting: FormSetting,
    *,
    variant: str = "",
    fixed: Mapping[str, Json] | None = None,
    before: str = "",
) -> Form:
    """The form of a request; `before` names what is asked first of a late, paper or outside entry.

    What `fixed` already answers is not asked.
    """
    more: tuple[Section, ...] = ()
    if request == PERFORM_STEP:
        more = (*process_sections(setting), *sections_of(TIMES, request, setting))
    elif request in MATCHES:
        more = confirm_sections(setting)
    listed = FORMS.get(f"{request}/{variant}") or FORMS.get(request) or needed_by(request)
    if not listed:
        raise InputError(
            tr("There is no form for the request {request}.", request=request),
            remedy=tr("Send it by `cartrail record`."),
        )
    known = dict(fixed or {})
    if request == PERFORM_STEP and setting.step is not None:
        known["step"] = setting.step.fact
    # What is taken out of one box says nothing of the other one, which is scanned.
    opened = _code_of(known, "from_box")
    setting = replace(
        setting, box=None if opened else setting.box or _code_of(known, "box"), opened_box=opened
    )
    names = [name for name in f"{before} {listed}".split() if name.rstrip("?") not in known]
    return Form(request, (*sections_of(names, request, setting), *more), known)


def takes_therapy(request: str) -> bool:
    """Whether the request says with which therapy its step was begun."""
    return issubclass(requests()[request], BegunRequest)


def _code_of(known: Mapping[str, Json], name: str) -> str | None:
    """The box that was scanned before the form was open."""
    scan = known.get(name)
    code = printed_code(str(scan["code"])) if isinstance(scan, Mapping) and "code" in scan else None
    return None if code is None else code.object_id


def needed_by(request: str) -> str:
    """What a step cannot do without, as its request has it: the required fields, then the reason."""
    one = requests()[request]
    if one not in requests_by_kind().values():
        return ""
    own = [name for name in one.model_fields if name not in Request.model_fields]
    needed = [name for name in own if one.model_fields[name].is_required()]
    return " ".join((*needed, *(("reason",) if one.needs_reason else ())))


def sections_of(names: Iterable[str], request: str, setting: FormSetting) -> tuple[Section, ...]:
    """What is asked for these fields, in their order."""
    made = (_section(name, request, setting) for name in names)
    return tuple(section for section in made if section is not None)


def _is_shown(field: str, setting: FormSetting) -> bool:
    """Whether the box has a display, which nobody may then leave unread."""
    return field == "display_celsius" and shows(setting, setting.box)


def _section(name: str, request: str, setting: FormSetting) -> Section | None:
    field = name.rstrip("?")
    make = FIELDS.get(field)
    section = make(request, setting) if make is not None else number_of(request, field)
    if section is None or not name.endswith("?") or _is_shown(field, setting):
        return section
    return replace(
        section, optional=True, prompts=tuple(replace(prompt, optional=True) for prompt in section.prompts)
    )
