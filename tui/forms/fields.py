"""What is asked for each field of a request: one small function a field, from the setting to its prompts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from annotated_types import MaxLen

from schema.measured import TEMPERATURE, VOLUME, Measure
from schema.vocabulary import EntryMode, Material, PartyType, Scope, SiteType
from tracker.catalog import requests
from tracker.values import Found, ScanOn, numbers_of, tally
from tui.forms.bedside import (
    certificate_section,
    color_section,
    component_section,
    part_section,
    planned_section,
    product_code_section,
)
from tui.forms.booking import fitting_section, lane_section, latest_section
from tui.forms.grading import scales
from tui.forms.lists import (
    ANSWERED,
    CATEGORIES,
    CAUSES,
    CODE_TYPES,
    CONDITIONS,
    DOSE_UNITS,
    EQUIPMENT_STATUSES,
    FAILURES,
    LABORATORY,
    MILESTONES,
    NOTHING_LEFT,
    PATHS,
    RESULTS,
    RETESTS,
    ROUTES,
    SEVERITIES,
    SOURCES,
    THEN,
    VERDICTS,
    YES_NO,
    attempts,
    bases,
    correctable_fields,
    decisions,
    deviations,
    dose_regimens,
    dosed_indications,
    duties,
    excursions,
    faults_of,
    grades,
    indications,
    materials,
    parties,
    phases,
    protocols,
    reasons,
    regimens,
    sites,
    sites_for,
    tests,
    unreviewed,
    versions,
)
from tui.forms.prompts import Choice, FormSetting, Prompt, PromptKind, Section
from tui.language import named, tr
from tui.words import spoken

LABELS_OF_OTHERS: Final = (Found.ANNOUNCED, Found.UNIT, Found.COI, Found.FOREIGN, Found.UNKNOWN)
"""What a label may turn out to be before the manifest is asked; several labels stand for one unit."""

Make = Callable[[str, FormSetting], Section | None]


def _one(prompt: Prompt) -> Section:
    return Section((prompt,))


def _chosen(field: str, ask: str, choices: Callable[[str, FormSetting], Sequence[Choice]]) -> Make:
    def make(request: str, setting: FormSetting) -> Section:
        return _one(Prompt(field, ask, PromptKind.CHOICE, choices=tuple(choices(request, setting))))

    return make


def _coi(_: str, setting: FormSetting) -> Section:
    therapy, step = setting.therapy, setting.step
    must_match = step is not None and bool(step.compare)
    return _one(
        Prompt(
            "coi",
            tr("Scan the COI card"),
            PromptKind.CODE,
            tr("COI {coi}", coi=therapy.coi) if therapy else tr("a COI card"),
            (Found.COI,) if must_match else (Found.COI, Found.UNIT, Found.CASSETTE),
            coi=therapy.coi if therapy else None,
        )
    )


def _indication(request: str, setting: FormSetting) -> Section | None:
    """Asked where an adopted protocol lists some: which of them the chosen one takes, it says itself.

    Of a dose it is asked where the enrollment has not said it.
    """
    is_dose = request == "set_dose"
    if is_dose and setting.therapy is not None and setting.therapy.indication is not None:
        return None
    choices = tuple(dosed_indications(setting) if is_dose else indications(setting))
    if not choices:
        return None
    return _one(Prompt("indication", tr("For which disease"), PromptKind.CHOICE, choices=choices))


def _units(request: str, setting: FormSetting) -> Section:
    """One container or many: one where the request takes one, or where one therapy is at the bench."""
    field = requests()[request].model_fields.get("units")
    limits = [item.max_length for item in (field.metadata if field else ()) if isinstance(item, MaxLen)]
    step = setting.step
    single = limits == [1] or (step is not None and step.scope is Scope.ONE_THERAPY and bool(step.compare))
    prompt = _unit_prompt("units", setting)
    if single and setting.unit is not None:
        prompt = replace(prompt, object_id=setting.unit.unit)
    return Section((prompt,), many=True, rounds=1 if single else None)


def _unit(_: str, setting: FormSetting) -> Section:
    prompt = _unit_prompt("unit", setting)
    return Section((prompt,))


def _unit_prompt(field: str, setting: FormSetting) -> Prompt:
    step, unit = setting.step, setting.unit
    wanted: tuple[Found, ...] = (Found.UNIT, Found.CASSETTE)
    words = tr("unit or cassette")
    if step is not None and step.scan is ScanOn.UNIT:
        wanted, words = (Found.UNIT,), tr("the unit's label")
    elif step is not None and step.scan is ScanOn.CASSETTE and (unit is None or unit.cassette is not None):
        wanted, words = (Found.CASSETTE,), tr("the cassette")
    expected = ""
    if unit is not None:
        expected = f"{unit.cassette or unit.unit}" if wanted == (Found.CASSETTE,) else unit.unit
    is_alone = step is not None and step.scope is Scope.ONE_THERAPY
    coi = setting.therapy.coi if is_alone and setting.therapy else None
    return Prompt(field, tr("Scan {words}", words=words), PromptKind.CODE, expected or words, wanted, coi=coi)


def _patient(request: str, setting: FormSetting) -> Section | None:
    site = setting.registry.site(setting.station.site)
    rules = site.wristband if site is not None else ()
    needed = setting.protocol.patient_identifiers_compared if setting.protocol else 2
    if setting.therapy is not None:
        needed = min(needed, len(setting.therapy.patient_identifiers))
    words = ", ".join(named(rule.type) for rule in rules) or tr("no wristband rule at this site")
    where = "order" if request == "enroll" else "wristband"
    prompt = Prompt(
        "patient",
        tr("Scan the order") if request == "enroll" else tr("Scan the wristband"),
        PromptKind.PATIENT,
        words,
        carrier=where,
        rules=rules,
    )
    return Section((prompt,), many=True, rounds=needed)


def _cassette(request: str, setting: FormSetting) -> Section | None:
    bound = setting.unit.cassette if setting.unit else None
    if request == "match_bag" and setting.unit is not None and bound is None:
        return None
    expected = bound if request == "match_bag" and bound else tr("an unused cassette")
    return _one(Prompt("cassette", tr("Scan the cassette"), PromptKind.CODE, expected, (Found.CASSETTE,)))


def _location(request: str, setting: FormSetting) -> Section:
    at = setting.unit.location if setting.unit and request == "retrieve" else None
    place = setting.registry.location(at) if at else None
    expected = place.title if place else tr("a storage location")
    return _one(Prompt("location", tr("Scan the location"), PromptKind.CODE, expected, (Found.LOCATION,)))


def _positions(_: str, __: FormSetting) -> Section:
    """One for each unit; asked where the place that was scanned has positions."""
    expected = tr("one for each unit, in their order, as B7")
    return Section((Prompt("positions", tr("Say the position"), PromptKind.POSITION, expected),), many=True)


def _box(request: str, setting: FormSetting) -> Section | None:
    if request == "book_shipment":
        return fitting_section("box", tr("In which shipper"), setting)
    known = setting.registry.equipment(setting.box) if setting.box and request != "pack" else None
    swaps = setting.opened_box is not None
    return _one(
        Prompt(
            "box",
            tr("Scan the NEW box") if swaps else tr("Scan the box"),
            PromptKind.CODE,
            tr("another fit shipper") if swaps else known.title if known else tr("a box or shipper"),
            (Found.BOX,),
            object_id=setting.box if known else None,
        )
    )


def _equipment(_: str, setting: FormSetting) -> Section:
    known = setting.registry.equipment(setting.equipment or "")
    return _one(
        Prompt(
            "equipment",
            tr("Scan the shipper or logger"),
            PromptKind.CODE,
            known.title if known else tr("a box, shipper or data logger"),
            (Found.BOX, Found.DATA_LOGGER),
            object_id=setting.equipment,
        )
    )


def _seal(_: str, setting: FormSetting) -> Section:
    seal = setting.therapy.seals.get(setting.box) if setting.therapy and setting.box else None
    return _one(
        Prompt("seal", tr("Scan the seal"), PromptKind.CODE, seal or tr("the seal's number"), carrier="seal")
    )


def _logger(request: str, setting: FormSetting) -> Section | None:
    if request == "book_shipment":
        return fitting_section("data_logger", tr("With which logger"), setting)
    return _one(
        Prompt(
            "data_logger",
            tr("Scan the logger"),
            PromptKind.CODE,
            tr("a data logger"),
            (Found.DATA_LOGGER,),
            when=_logger_when(setting),
        )
    )


def _logger_when(setting: FormSetting) -> str:
    """Whether what was scanned travels with one; the box alone does not tell before its units are scanned."""
    if setting.protocol is None or setting.unit is None:
        return tr("(if the protocol asks)")
    is_asked = setting.protocol.shipping_of(setting.unit.material).logger_required
    return tr("(the protocol asks)") if is_asked else ""


def _din(_: str, __: FormSetting) -> Section:
    return _one(Prompt("din", tr("Scan the DIN"), PromptKind.CODE, tr("donation number"), carrier="label"))


def _labels_of_others(_: str, setting: FormSetting) -> Section:
    """Every label on the container, one after the other, with how many the manifest names."""
    found = None if setting.therapy is None else tally(setting.therapy, setting.unit)
    words = (
        tr("each label on it") if found is None else tr("{count} on the manifest", count=len(found.expected))
    )
    coi = setting.therapy.coi if setting.therapy else None
    prompt = Prompt(
        "codes", tr("Scan each label"), PromptKind.CODE, words, LABELS_OF_OTHERS, carrier="label", coi=coi
    )
    return Section((prompt,), many=True)


def _adopted(_: str, __: FormSetting) -> Section:
    return _one(
        Prompt(
            "adopted",
            tr("Scan the other code"),
            PromptKind.CODE,
            tr("another issuer's code"),
            carrier="label",
        )
    )


def _results(_: str, setting: FormSetting) -> Section:
    unit = Prompt(
        "unit",
        tr("Scan each unit"),
        PromptKind.CODE,
        tr("every unit in the box"),
        (Found.UNIT, Found.CASSETTE),
    )
    result = Prompt("result", tr("Decide"), PromptKind.CHOICE, choices=RESULTS)
    faults = tuple(replace(one, value=[one.value]) for one in faults_of(setting))
    wrong = Prompt(
        "faults",
        tr("What is wrong"),
        PromptKind.CHOICE,
        choices=faults,
        unless=(result.field, RESULTS[0].value),
    )
    return Section((unit, result, wrong), many=True, field="results")


def _children(_: str, setting: FormSetting) -> Section:
    unit = Prompt("unit", tr("Scan a filled unit"), PromptKind.CODE, tr("its label"), (Found.UNIT,))
    return Section((unit, measured("volume_ml", VOLUME)), many=True, field="children")


def _receipt(_: str, __: FormSetting) -> Section:
    return _one(
        Prompt(
            "ink.receipt",
            tr("Scan the receipt code"),
            PromptKind.CODE,
            tr("on the signed slip"),
            (Found.RECEIPT,),
        )
    )


def _confirm(_: str, __: FormSetting) -> Section:
    return _one(Prompt("", tr("Did it happen all the same? Type"), PromptKind.WORD, "HAPPENED"))


_DOERS: Final = (
    Choice(None, tr("Somebody with a part in the therapy")),
    Choice({}, tr("Somebody without a part in it: name and employer follow")),
)


_FORM: Final = (tr("Scan the downtime form"), PromptKind.CODE, tr("the code in its corner"), (Found.FORM,))


def _condition(request: str, setting: FormSetting) -> Section:
    is_partly = request.startswith("accept")
    ask = tr("Container and label") if setting.box is None else tr("Seal, display, hold time")
    return _one(
        Prompt("condition", ask, PromptKind.CHOICE, choices=CONDITIONS if is_partly else CONDITIONS[:2])
    )


def _carriers(_: str, setting: FormSetting) -> Sequence[Choice]:
    return sites(setting, SiteType.CARRIER)


def _parts(setting: FormSetting) -> frozenset[str]:
    """The sites that have a part in every therapy concerned."""
    known = setting.therapies or ((setting.therapy,) if setting.therapy is not None else ())
    parts = [{one.sites.collection, one.sites.manufacturing, one.sites.treatment} for one in known]
    return frozenset.intersection(*map(frozenset, parts)) if parts else frozenset()


def _destinations(request: str, setting: FormSetting) -> Sequence[Choice]:
    """The site that the therapy needs it at is named first; nothing is chosen for the person."""
    if request == "divert":
        parts = _parts(setting)
        found = [
            one if one.value in parts else replace(one, label=tr("{site} - no part in it", site=one.label))
            for one in sites(setting)
        ]
        return sorted(found, key=lambda one: one.value not in parts)
    therapy, unit = setting.therapy, setting.unit
    planned = ""
    if therapy is not None and unit is not None:
        is_start = unit.material is Material.LEUKAPHERESIS
        planned = therapy.sites.manufacturing if is_start else therapy.sites.treatment
    return sites(setting, planned=planned)


def _sites_of(site_type: SiteType) -> Callable[[str, FormSetting], Sequence[Choice]]:
    return lambda _, setting: sites_for(setting, site_type)


def _of_setting(
    make: Callable[[FormSetting], Sequence[Choice]],
) -> Callable[[str, FormSetting], Sequence[Choice]]:
    return lambda _, setting: make(setting)


def _always(choices: Sequence[Choice]) -> Callable[[str, FormSetting], Sequence[Choice]]:
    return lambda _, __: choices


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


def _attempt(_: str, setting: FormSetting) -> Section | None:
    """Whose result it is; nobody is asked where there was one manufacture."""
    choices = tuple(attempts(setting))
    if len(choices) < 2:
        return None
    return _one(Prompt("attempt", tr("Of which manufacture"), PromptKind.CHOICE, choices=choices))


def _regimen(request: str, setting: FormSetting) -> Section | None:
    """Of the chemotherapy before the cells, or of the dose; nobody is asked where a dose has none."""
    choices = dose_regimens(setting) if request == "set_dose" else regimens(setting)
    if request == "set_dose" and not choices:
        return None
    return _one(Prompt("regimen", tr("Which regimen"), PromptKind.CHOICE, choices=tuple(choices)))


def _causes(request: str, _: FormSetting) -> Sequence[Choice]:
    """Of a deviation, or of a manufacture that failed."""
    return FAILURES if request == "fail_manufacturing" else CAUSES


def _kept(_: str, setting: FormSetting) -> Section:
    coi = setting.therapy.coi if setting.therapy else None
    ask = tr("Scan what of it is kept")
    return Section(
        (Prompt("kept", ask, PromptKind.CODE, tr("all else is destroyed"), (Found.UNIT,), coi=coi),),
        many=True,
    )


def _about(request: str, setting: FormSetting) -> Section:
    """The results that are looked over, or the grade for which something is given."""
    if request == "review_results":
        ask, choices = tr("Which results do you look over"), unreviewed(setting)
    else:
        ask, choices = tr("For which grade"), grades(setting)
    return _one(Prompt("about", ask, PromptKind.CHOICE, choices=tuple(choices)))


def _phase(_: str, setting: FormSetting) -> Section | None:
    """Which result of its test it is; nobody is asked where none may be repeated."""
    choices = tuple(phases(setting))
    if not choices:
        return None
    return _one(Prompt("phase", tr("Which result of this test"), PromptKind.CHOICE, choices=choices))


def _count(_: str, __: FormSetting) -> Section:
    return Section(
        (Prompt("count", tr("Count the labels"), PromptKind.COUNT, tr("how many there are in your hand")),)
    )


_NOTHING_LEFT: Final = (
    Choice(0, tr("Nothing: it is empty"), "ALL-IN-ORDER"),
    Choice(1, tr("Something is still inside"), "NOT-IN-ORDER"),
)


def _called(_: str, __: FormSetting) -> Section:
    ask, expected = tr("Who was called"), tr("staff id; name, number")
    return _one(Prompt("called", ask, PromptKind.CALLED, expected))


def _answered(_: str, __: FormSetting) -> Section:
    return _one(Prompt("called.answered", tr("Did anybody answer"), PromptKind.CHOICE, choices=ANSWERED))


def _departments(setting: FormSetting) -> Sequence[Choice]:
    """The departments of the chosen destination, else of the sites with a part in every therapy inside."""
    chosen = setting.extra.get("destination")
    places = _parts(setting) if chosen is None else {chosen}
    found = [one for one in setting.registry.departments.values() if one.site in places]
    found.sort(key=lambda one: (one.site, one.title))
    return [
        Choice({"type": PartyType.DEPARTMENT.value, "id": one.id}, f"{one.title} ({one.id})") for one in found
    ]


def _receiver(_: str, setting: FormSetting) -> Section:
    choices = tuple(_departments(setting))
    return _one(Prompt("receiver", tr("Who takes it there"), PromptKind.CHOICE, choices=choices))


def _new_seal(_: str, setting: FormSetting) -> Section:
    return _one(
        Prompt(
            "new_seal",
            tr("Seal what is left, scan the seal"),
            PromptKind.CODE,
            tr("a new seal"),
            carrier="seal",
        )
    )


def _left_inside(_: str, __: FormSetting) -> Section:
    ask = tr("Both look inside: what is left")
    return _one(Prompt("tally", ask, PromptKind.CHOICE, "", choices=_NOTHING_LEFT))


def _typed(
    field: str, ask: str, kind: PromptKind, expected: str
) -> Callable[[str, FormSetting], Section | None]:
    return lambda _, __: Section((Prompt(field, ask, kind, expected),))


def _of_certificate(field: str, ask: str, kind: PromptKind, expected: str) -> Make:
    """Asked where the product is made elsewhere, and left out where the code is no certificate."""

    def make(_: str, setting: FormSetting) -> Section | None:
        if setting.protocol is None or not setting.protocol.is_made_elsewhere:
            return None
        return _one(Prompt(f"certificate.{field}", ask, kind, expected))

    return make


def shows(setting: FormSetting, box: str | None) -> bool:
    """Whether a box shows the temperature inside."""
    known = setting.registry.equipment(box or "")
    return known is not None and known.has_display


def _display(_: str, __: FormSetting) -> Section:
    return _one(measured("display_celsius", TEMPERATURE, tr("Display in C")))


def _display_of_a_box(request: str, setting: FormSetting) -> Section | None:
    """Asked where the box has a display; a number from elsewhere is said as a fault."""
    return _display(request, setting) if shows(setting, setting.box) else None


def _basis(request: str, setting: FormSetting) -> Section | None:
    """The data that an assessment rests on; the law of a release, where the protocol names any."""
    if request == "assess_excursion":
        data = tr("stability data by name; not a patient's name")
        return _one(Prompt("basis", tr("On which data"), PromptKind.TEXT, data))
    known = tuple(bases(setting))
    return _one(Prompt("basis", tr("By which law"), PromptKind.CHOICE, choices=known)) if known else None


def _risk_evaluation(_: str, setting: FormSetting) -> Section | None:
    """Asked where the protocol wants it as a file."""
    rules = None if setting.protocol is None else setting.protocol.release
    if rules is None or not rules.risk_evaluation:
        return None
    expected = tr("the name of its file: PDF, PNG or JPEG")
    return _one(Prompt("risk_evaluation", tr("The evaluation of the risks"), PromptKind.FILE, expected))


def number_of(request: str, field: str) -> Section:
    """The prompt for a number that has none of its own; raises ValueError when the field is no number."""
    numbers = numbers_of(requests()[request])
    if field not in numbers:
        raise ValueError(f"No prompt asks for {field} of {request}, and it is no number.")
    measure = numbers[field]
    if measure is None:
        return Section((Prompt(field, spoken(field), PromptKind.COUNT, tr("a whole number")),))
    return Section((measured(field, measure),))


def measured(field: str, measure: Measure, ask: str = "") -> Prompt:
    """The prompt for a measured number, with its plausible range."""
    return Prompt(field, ask or spoken(field), PromptKind.DECIMAL, measure.range, measure=measure)


FIELDS: Final[Mapping[str, Make]] = {
    "coi": _coi,
    "units": _units,
    "unit": _unit,
    "patient": _patient,
    "cassette": _cassette,
    "certificate": certificate_section,
    "product_code": product_code_section,
    "color": color_section,
    "component": component_section,
    "part": part_section,
    "planned_ml": planned_section,
    "location": _location,
    "positions": _positions,
    "box": _box,
    "equipment": _equipment,
    "status": _chosen("status", tr("What is it from now on"), _always(EQUIPMENT_STATUSES)),
    "seal": _seal,
    "data_logger": _logger,
    "din": _din,
    "codes": _labels_of_others,
    "adopted": _adopted,
    "certificate.identifier": _of_certificate(
        "identifier", tr("Patient's number on the certificate"), PromptKind.TEXT, tr("Aph ID, COI ID or DIN")
    ),
    "certificate.containers": _of_certificate(
        "containers", tr("How many containers it says"), PromptKind.COUNT, tr("a number, as printed")
    ),
    "certificate.expires_on": _of_certificate(
        "expires_on", tr("Good until"), PromptKind.DAY, tr("a day, such as 2026-01-31")
    ),
    "adopted.type": _chosen("adopted.type", tr("What kind of code"), _always(CODE_TYPES)),
    "results": _results,
    "children": _children,
    "protocol": _chosen("protocol", tr("Choose the protocol"), _of_setting(protocols)),
    "indication": _indication,
    "collection_site": _chosen("collection_site", tr("Collected at"), _sites_of(SiteType.COLLECTION_CENTER)),
    "manufacturing_site": _chosen("manufacturing_site", tr("Made at"), _sites_of(SiteType.MANUFACTURER)),
    "treatment_site": _chosen("treatment_site", tr("Given at"), _sites_of(SiteType.TREATMENT_CENTER)),
    "carrier": _chosen("carrier", tr("Carried by"), _carriers),
    "destination": _chosen("destination", tr("Goes to"), _destinations),
    "at_site": _chosen("at_site", tr("At whose door"), _destinations),
    "condition": _condition,
    "to": _chosen("to", tr("To whom"), _of_setting(parties)),
    "material": _chosen("material", tr("What will be in it"), _of_setting(materials)),
    "version": _chosen("version", tr("Which version"), _of_setting(versions)),
    "test": _chosen("test", tr("Which test"), _of_setting(tests)),
    "phase": _phase,
    "verdict": _chosen("verdict", tr("What do you say of them"), _always(VERDICTS)),
    "basis": _basis,
    "requested": _typed(
        "requested",
        tr("The physician's request"),
        PromptKind.TEXT,
        tr("by whom, when, and why"),
    ),
    "risk_evaluation": _risk_evaluation,
    "regimen": _regimen,
    "weighed_on": _typed("weighed_on", tr("Weighed on"), PromptKind.DAY, tr("a day; today when left out")),
    "by": _chosen("by", tr("By which scale"), _of_setting(scales)),
    "grade": _typed("grade", tr("Grade"), PromptKind.COUNT, tr("0 to 5; as found when left out")),
    "assessed_at": _typed("assessed_at", tr("Assessed at"), PromptKind.TIME, tr("a time; now when left out")),
    "medicine": _typed(
        "medicine", tr("Which medicine"), PromptKind.REFERENCE, tr("its substance, as tocilizumab")
    ),
    "unit_of_measure": _chosen("unit_of_measure", tr("Counted in"), _always(DOSE_UNITS)),
    "route": _chosen("route", tr("Given how"), _always(ROUTES)),
    "given_at": _typed("given_at", tr("Given at"), PromptKind.TIME, tr("a time; now when left out")),
    "about": _about,
    "duty": _chosen("duty", tr("What was due"), _of_setting(duties)),
    "due_on": _typed("due_on", tr("Due on"), PromptKind.DAY, tr("a day; else the earliest open one")),
    "recorded_for": _typed(
        "recorded_for", tr("As of which day"), PromptKind.DAY, tr("a day; today when left out")
    ),
    "onset": _typed("onset", tr("First signs on"), PromptKind.DAY, tr("a day, such as 2026-01-31")),
    "field": _chosen("field", tr("Which value is wrong"), _of_setting(correctable_fields)),
    "nothing_left": _chosen("nothing_left", tr("Is anything of it left"), _always(NOTHING_LEFT)),
    "then": _chosen("then", tr("What is done with it"), _always(THEN)),
    "seal_intact": _chosen("seal_intact", tr("Is the seal intact"), _always(YES_NO)),
    "form": lambda _, __: _one(Prompt("form", *_FORM)),
    "entry.form": lambda _, __: _one(Prompt("entry.form", *_FORM)),
    "deviation": _chosen("deviation", tr("Which deviation"), deviations),
    "severity": _chosen("severity", tr("How grave"), _always(SEVERITIES)),
    "cause": _chosen("cause", tr("From what"), _causes),
    "path": _chosen("path", tr("What follows"), _always(PATHS)),
    "kept": _kept,
    "decision": _chosen("decision", tr("What becomes of the units"), decisions),
    "laboratory": _chosen("laboratory", tr("What the laboratory found"), _always(LABORATORY)),
    "retests": _chosen("retests", tr("Repeat tests allowed"), _always(RETESTS)),
    "capa": _typed("capa", tr("Number of the action"), PromptKind.REFERENCE, tr("as in your system")),
    "effective_by": _typed(
        "effective_by", tr("Must have helped by"), PromptKind.DAY, tr("a day, such as 2026-01-31")
    ),
    "lane": lane_section,
    "delivery.latest": latest_section,
    "waybill": _typed("waybill", tr("Number of the waybill"), PromptKind.TEXT, tr("as 020-12345675")),
    "sscc": _typed("sscc", tr("Scan the SSCC"), PromptKind.TEXT, tr("or type its eighteen digits")),
    "milestone": _chosen("milestone", tr("What was heard"), _always(MILESTONES)),
    "source": _chosen("source", tr("From whom"), _always(SOURCES)),
    "place": _typed("place", tr("Where"), PromptKind.REFERENCE, tr("an airport, a hub, a site: JFK")),
    "estimated_delivery": _typed(
        "estimated_delivery", tr("Expected at the door"), PromptKind.TIME, tr("14:05, or 2026-01-31 14:05")
    ),
    "category": _chosen("category", tr("What kind"), _always(CATEGORIES)),
    "reason": _chosen("reason", tr("Why"), reasons),
    "entry.reason": _chosen("entry.reason", tr("Why not at once"), lambda _, __: reasons(EntryMode.LATE, __)),
    "outside_rules.reason": _chosen("outside_rules.reason", tr("Why"), lambda _, __: reasons("outside", __)),
    "outside.confirm": _confirm,
    "outside_rules.doer": _chosen("outside_rules.doer", tr("Who did it"), _always(_DOERS)),
    "outside_rules.doer.name": _typed(
        "outside_rules.doer.name", tr("Name of who did it"), PromptKind.TEXT, tr("as on the ID; no patient's")
    ),
    "outside_rules.doer.employer": _typed(
        "outside_rules.doer.employer", tr("Who employs them"), PromptKind.TEXT, tr("the company or hospital")
    ),
    "ink.custodian": _chosen("ink.custodian", tr("Which carrier"), _carriers),
    "ink.receipt": _receipt,
    "label": _label,
    "labels": _labels,
    "attempt": _attempt,
    "count": _count,
    "called": _called,
    "called.answered": _answered,
    "receiver": _receiver,
    "new_seal": _new_seal,
    "left_inside": _left_inside,
    "adopted.issuer": _typed("adopted.issuer", tr("Who issued it"), PromptKind.NAME, tr("a short name")),
    "result": _typed("result", tr("Result"), PromptKind.TEXT, tr("a number or a word, as in the limit")),
    "new": _typed("new", tr("What is right"), PromptKind.TEXT, tr("the right value")),
    "tally": _typed("tally", tr("Count the units"), PromptKind.COUNT, tr("how many are in the box")),
    "display_celsius": _display,
    "display_celsius/shown": _display_of_a_box,
    "hold_until": _typed(
        "hold_until", tr("Holds until, as the box says"), PromptKind.TIME, tr("14:05, or 2026-01-31 14:05")
    ),
    "started_at": _typed(
        "started_at", tr("Began at"), PromptKind.TIME, tr("a time; as its end when left out")
    ),
    "ended_at": _typed("ended_at", tr("Ended at"), PromptKind.TIME, tr("a time; now when left out")),
    "occurred_at": _typed(
        "occurred_at", tr("When it happened"), PromptKind.TIME, tr("14:05, or 2026-01-31 14:05")
    ),
    "actor": _typed("actor", tr("Who did it, by the paper"), PromptKind.NAME, tr("a staff id")),
    "excursion": _chosen("excursion", tr("Which excursion"), excursions),
    "description": _typed(
        "description", tr("What happened"), PromptKind.TEXT, tr("in your words; not a patient's name")
    ),
    "text": _typed(
        "text", tr("What others should know"), PromptKind.TEXT, tr("in your words; not a patient's name")
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
