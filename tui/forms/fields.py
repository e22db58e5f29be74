"""What is asked for each field of a request: one small function a field, from the setting to its prompts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from annotated_types import MaxLen

from schema.vocabulary import EntryMode, Material, Scope, SiteType
from tracker.protocols.model import ScanOn
from tracker.requests.catalog import requests
from tracker.rules.manifests import tally
from tracker.rules.situation import Found
from tui.forms.labeling import LABELING
from tui.forms.lists import (
    CATEGORIES,
    CODE_TYPES,
    CONDITIONS,
    NOTHING_LEFT,
    RESULTS,
    YES_NO,
    correctable_fields,
    materials,
    parties,
    protocols,
    reasons,
    sites,
    tests,
    versions,
)
from tui.forms.prompts import Choice, Kind, Prompt, Section, Setting
from tui.forms.transport import TRANSPORT

LABELS_OF_OTHERS: Final = (Found.ANNOUNCED, Found.UNIT, Found.COI, Found.FOREIGN, Found.UNKNOWN)
"""What a label may turn out to be before the manifest is asked; several labels stand for one unit."""

Make = Callable[[str, Setting], Section | None]


def _one(prompt: Prompt) -> Section:
    return Section((prompt,))


def _typed(field: str, ask: str, kind: Kind, expected: str = "") -> Make:
    def make(_: str, __: Setting) -> Section:
        return _one(Prompt(field, ask, kind, expected))

    return make


def _chosen(field: str, ask: str, choices: Callable[[str, Setting], Sequence[Choice]]) -> Make:
    def make(request: str, setting: Setting) -> Section:
        return _one(Prompt(field, ask, Kind.CHOICE, choices=tuple(choices(request, setting))))

    return make


def _coi(_: str, setting: Setting) -> Section:
    therapy, step = setting.therapy, setting.step
    must_match = step is not None and bool(step.compare)
    return _one(
        Prompt(
            "coi",
            "Scan the COI card",
            Kind.CODE,
            f"COI {therapy.coi}" if therapy else "a COI card",
            (Found.COI,) if must_match else (Found.COI, Found.UNIT, Found.CASSETTE),
            coi=therapy.coi if therapy else None,
        )
    )


def _units(request: str, setting: Setting) -> Section:
    """One container or many: one where the request takes one, or where one therapy is at the bench."""
    field = requests()[request].model_fields.get("units")
    limits = [item.max_length for item in (field.metadata if field else ()) if isinstance(item, MaxLen)]
    step = setting.step
    single = limits == [1] or (step is not None and step.scope is Scope.ONE_THERAPY and bool(step.compare))
    prompt = _unit_prompt("units", setting)
    if single and setting.unit is not None:
        prompt = replace(prompt, object_id=setting.unit.unit)
    return Section((prompt,), many=True, rounds=1 if single else None)


def _unit(_: str, setting: Setting) -> Section:
    prompt = _unit_prompt("unit", setting)
    return Section((prompt,))


def _unit_prompt(field: str, setting: Setting) -> Prompt:
    step, unit = setting.step, setting.unit
    wanted: tuple[Found, ...] = (Found.UNIT, Found.CASSETTE)
    words = "unit or cassette"
    if step is not None and step.scan is ScanOn.UNIT:
        wanted, words = (Found.UNIT,), "the unit's label"
    elif step is not None and step.scan is ScanOn.CASSETTE and (unit is None or unit.cassette is not None):
        wanted, words = (Found.CASSETTE,), "the cassette"
    expected = ""
    if unit is not None:
        expected = f"{unit.cassette or unit.unit}" if wanted == (Found.CASSETTE,) else unit.unit
    is_alone = step is not None and step.scope is Scope.ONE_THERAPY
    coi = setting.therapy.coi if is_alone and setting.therapy else None
    return Prompt(field, f"Scan {words}", Kind.CODE, expected or words, wanted, coi=coi)


def _patient(request: str, setting: Setting) -> Section | None:
    site = setting.registry.site(setting.station.site)
    rules = site.wristband if site is not None else ()
    needed = setting.protocol.patient_identifiers_compared if setting.protocol else 2
    if setting.therapy is not None:
        needed = min(needed, len(setting.therapy.patient_identifiers))
    words = ", ".join(rule.type.replace("_", " ") for rule in rules) or "no wristband rule at this site"
    where = "order" if request == "enroll" else "wristband"
    prompt = Prompt("patient", f"Scan the {where}", Kind.PATIENT, words, carrier=where, rules=rules)
    return Section((prompt,), many=True, rounds=needed)


def _cassette(request: str, setting: Setting) -> Section | None:
    bound = setting.unit.cassette if setting.unit else None
    if request == "match_bag" and setting.unit is not None and bound is None:
        return None
    expected = bound if request == "match_bag" and bound else "an unused cassette"
    return _one(Prompt("cassette", "Scan the cassette", Kind.CODE, expected, (Found.CASSETTE,)))


def _location(request: str, setting: Setting) -> Section:
    at = setting.unit.location if setting.unit and request == "retrieve" else None
    place = setting.registry.location(at) if at else None
    expected = place.title if place else "a storage location"
    return _one(Prompt("location", "Scan the location", Kind.CODE, expected, (Found.LOCATION,)))


def _box(request: str, setting: Setting) -> Section:
    known = setting.registry.equipment(setting.box) if setting.box and request != "pack" else None
    return _one(
        Prompt(
            "box", "Scan the box", Kind.CODE, known.title if known else "a box or shipper", (Found.BOX,),
            object_id=setting.box if known else None,
        )
    )  # fmt: skip


def _seal(_: str, setting: Setting) -> Section:
    seal = setting.therapy.seals.get(setting.box) if setting.therapy and setting.box else None
    return _one(Prompt("seal", "Scan the seal", Kind.CODE, seal or "the seal's number", carrier="seal"))


def _logger(_: str, setting: Setting) -> Section:
    return _one(
        Prompt(
            "data_logger",
            "Scan the logger",
            Kind.CODE,
            "a data logger",
            (Found.DATA_LOGGER,),
        )
    )


def _din(_: str, __: Setting) -> Section:
    return _one(Prompt("din", "Scan the DIN", Kind.CODE, "donation number", carrier="label"))


def _labels_of_others(_: str, setting: Setting) -> Section:
    """Every label on the container, one after the other, with how many the manifest names."""
    found = None if setting.therapy is None else tally(setting.therapy, setting.unit)
    words = "each label on it" if found is None else f"{len(found.expected)} on the manifest"
    coi = setting.therapy.coi if setting.therapy else None
    prompt = Prompt("codes", "Scan each label", Kind.CODE, words, LABELS_OF_OTHERS, carrier="label", coi=coi)
    return Section((prompt,), many=True)


def _adopted(_: str, __: Setting) -> Section:
    return _one(Prompt("adopted", "Scan the other code", Kind.CODE, "another issuer's code", carrier="label"))


def _results(_: str, setting: Setting) -> Section:
    unit = Prompt("unit", "Scan each unit", Kind.CODE, "every unit in the box", (Found.UNIT, Found.CASSETTE))
    return Section(
        (unit, Prompt("result", "Decide", Kind.CHOICE, choices=RESULTS)), many=True, field="results"
    )


def _children(_: str, setting: Setting) -> Section:
    unit = Prompt("unit", "Scan a filled unit", Kind.CODE, "its label", (Found.UNIT,))
    volume = Prompt("volume_ml", "Volume in mL", Kind.DECIMAL, "a number")
    return Section((unit, volume), many=True, field="children")


def _receipt(_: str, __: Setting) -> Section:
    return _one(
        Prompt("ink.receipt", "Scan the receipt code", Kind.CODE, "on the signed slip", (Found.RECEIPT,))
    )


def _confirm(_: str, __: Setting) -> Section:
    return _one(Prompt("", "Did it happen all the same? Type", Kind.WORD, "HAPPENED"))


_FORM: Final = ("Scan the downtime form", Kind.CODE, "the code in its corner", (Found.FORM,))


def _condition(request: str, setting: Setting) -> Section:
    is_partly = request.startswith("accept")
    ask = "Container and label" if setting.box is None else "Seal, display, hold time"
    return _one(Prompt("condition", ask, Kind.CHOICE, choices=CONDITIONS if is_partly else CONDITIONS[:2]))


def _carriers(_: str, setting: Setting) -> Sequence[Choice]:
    return sites(setting, SiteType.CARRIER)


def _destinations(_: str, setting: Setting) -> Sequence[Choice]:
    """The site that the therapy needs it at is named first; nothing is chosen for the person."""
    therapy, unit = setting.therapy, setting.unit
    planned = ""
    if therapy is not None and unit is not None:
        is_start = unit.material is Material.LEUKAPHERESIS
        planned = therapy.sites.manufacturing if is_start else therapy.sites.treatment
    return sites(setting, planned=planned)


def _sites_of(site_type: SiteType) -> Callable[[str, Setting], Sequence[Choice]]:
    return lambda _, setting: sites(setting, site_type)


def _of_setting(make: Callable[[Setting], Sequence[Choice]]) -> Callable[[str, Setting], Sequence[Choice]]:
    return lambda _, setting: make(setting)


def _always(choices: Sequence[Choice]) -> Callable[[str, Setting], Sequence[Choice]]:
    return lambda _, __: choices


FIELDS: Final[Mapping[str, Make]] = {
    **TRANSPORT,
    **LABELING,
    "coi": _coi,
    "units": _units,
    "unit": _unit,
    "patient": _patient,
    "cassette": _cassette,
    "location": _location,
    "box": _box,
    "seal": _seal,
    "data_logger": _logger,
    "din": _din,
    "codes": _labels_of_others,
    "adopted": _adopted,
    "adopted.issuer": _typed("adopted.issuer", "Who issued it", Kind.NAME, "a short name"),
    "adopted.type": _chosen("adopted.type", "What kind of code", _always(CODE_TYPES)),
    "results": _results,
    "children": _children,
    "protocol": _chosen("protocol", "Choose the protocol", _of_setting(protocols)),
    "collection_site": _chosen("collection_site", "Collected at", _sites_of(SiteType.COLLECTION_CENTER)),
    "manufacturing_site": _chosen("manufacturing_site", "Made at", _sites_of(SiteType.MANUFACTURER)),
    "treatment_site": _chosen("treatment_site", "Given at", _sites_of(SiteType.TREATMENT_CENTER)),
    "carrier": _chosen("carrier", "Carried by", _carriers),
    "destination": _chosen("destination", "Goes to", _destinations),
    "at_site": _chosen("at_site", "At whose door", _destinations),
    "condition": _condition,
    "to": _chosen("to", "To whom", _of_setting(parties)),
    "material": _chosen("material", "What will be in it", _of_setting(materials)),
    "version": _chosen("version", "Which version", _of_setting(versions)),
    "test": _chosen("test", "Which test", _of_setting(tests)),
    "result": _typed("result", "Result", Kind.TEXT, "a number or a word, as in the limit"),
    "field": _chosen("field", "Which value is wrong", _of_setting(correctable_fields)),
    "new": _typed("new", "What is right", Kind.TEXT, "the right value"),
    "nothing_left": _chosen("nothing_left", "Is anything of it left", _always(NOTHING_LEFT)),
    "seal_intact": _chosen("seal_intact", "Is the seal intact", _always(YES_NO)),
    "tally": _typed("tally", "Count the units", Kind.COUNT, "how many are in the box"),
    "volume_ml": _typed("volume_ml", "Volume in mL", Kind.DECIMAL, "a number"),
    "infused_ml": _typed("infused_ml", "Infused in mL", Kind.DECIMAL, "a number"),
    "destroyed_ml": _typed("destroyed_ml", "Destroyed in mL", Kind.DECIMAL, "a number"),
    "display_celsius": _typed("display_celsius", "Display in C", Kind.DECIMAL, "a number, such as -184.2"),
    "ended_at": _typed("ended_at", "Ended at", Kind.TIME, "a time; now when left out"),
    "expires_at": _typed("expires_at", "Expires at", Kind.TIME, "a date and time"),
    "occurred_at": _typed("occurred_at", "When it happened", Kind.TIME, "14:05, or 2026-01-31 14:05"),
    "form": lambda _, __: _one(Prompt("form", *_FORM)),
    "entry.form": lambda _, __: _one(Prompt("entry.form", *_FORM)),
    "actor": _typed("actor", "Who did it, by the paper", Kind.NAME, "a staff id"),
    "category": _chosen("category", "What kind", _always(CATEGORIES)),
    "description": _typed("description", "What happened", Kind.TEXT, "in your words; not a patient's name"),
    "reason": _chosen("reason", "Why", reasons),
    "entry.reason": _chosen("entry.reason", "Why not at once", lambda _, __: reasons(EntryMode.LATE, __)),
    "outside_rules.reason": _chosen("outside_rules.reason", "Why", lambda _, __: reasons("outside", __)),
    "outside_rules.remark": _typed("outside_rules.remark", "What happened", Kind.TEXT, "in your words"),
    "outside.confirm": _confirm,
    "remark": _typed("remark", "Remark", Kind.TEXT, "in your words; not a patient's name"),
    "ink.company": _typed("ink.company", "Company on the slip", Kind.TEXT, "as written"),
    "ink.name": _typed("ink.name", "Printed name", Kind.TEXT, "as written"),
    "ink.id_seen": _typed("ink.id_seen", "ID seen", Kind.TEXT, "kind and number"),
    "ink.waybill": _typed("ink.waybill", "Waybill", Kind.TEXT, "its number"),
    "ink.custodian": _chosen("ink.custodian", "Which carrier", _carriers),
    "ink.receipt": _receipt,
}
"""By field name as it stands in the catalog."""
