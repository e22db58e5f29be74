"""The answers a person chooses from by number: reasons, results, sites, parties, materials, tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from schema.vocabulary import (
    CodeType,
    Condition,
    DeviationDecision,
    DoseUnit,
    EquipmentStatus,
    ExcursionDecision,
    FailureCause,
    FailurePath,
    Fault,
    InspectionResult,
    LaboratoryFinding,
    PartyType,
    ProgressSource,
    ResultsVerdict,
    Route,
    Severity,
    ShipmentMilestone,
    SiteType,
    TestPhase,
)
from tracker.values import (
    DeviationStatus,
    basis_said,
    deviation_words,
    site_of_part,
    to_record,
    to_review,
    with_unit,
)
from tui.forms.prompts import Choice, FormSetting
from tui.language import named, tr
from tui.reasons import reasons_of
from tui.words import spoken

PARTLY: Final = "partly"
"""No condition of the request: it makes the answer an `accept_partly`."""

NOTHING_LEFT: Final = (Choice(True, tr("No: no material, label or paper"), "CLEAR-BENCH"),)
YES_NO: Final = (Choice(True, tr("Yes"), "ALL-IN-ORDER"), Choice(False, tr("No"), "NOT-IN-ORDER"))
ANSWERED: Final = (Choice(True, tr("Yes")), Choice(False, tr("No")))
"""Whether somebody picked up: nothing that is in order or not, so no command code says it."""

RESULTS: Final = (
    Choice(InspectionResult.ACCEPT.value, tr("Accept"), "ALL-IN-ORDER"),
    Choice(InspectionResult.QUARANTINE.value, tr("Quarantine"), "NOT-IN-ORDER"),
    Choice(InspectionResult.REJECT.value, tr("Reject")),
)
CONDITIONS: Final = (
    Choice(Condition.IN_ORDER.value, tr("All in order"), "ALL-IN-ORDER"),
    Choice(Condition.NOT_IN_ORDER.value, tr("Not in order"), "NOT-IN-ORDER"),
    Choice(PARTLY, tr("Only these units; the others stay with the giver"), "PARTLY"),
)
FAULTS: Final = {
    Fault.SEAL: tr("Seal: another one, broken, or gone"),
    Fault.DISPLAY: tr("Display: too warm or too cold"),
    Fault.HOLD_TIME: tr("Hold time: over, or too short"),
    Fault.DAMAGE: tr("Damage"),
    Fault.LABEL: tr("Label: wrong, damaged or unreadable"),
    Fault.OTHER: tr("Something else"),
}
"""What can be wrong, in the order in which it is looked at."""

NO_MORE_FAULTS: Final = Choice(None, tr("Nothing else: all else is in order"), "ALL-IN-ORDER")
REFUSES: Final = "refuse"
THEN: Final = (
    Choice(REFUSES, tr("Refuse it: it stays with the giver")),
    Choice("quarantine", tr("Take it over, into quarantine")),
)
EQUIPMENT_STATUSES: Final = tuple(Choice(one.value, spoken(one.value)) for one in EquipmentStatus)
MILESTONES: Final = tuple(Choice(one.value, spoken(one.value)) for one in ShipmentMilestone)
SOURCES: Final = tuple(Choice(one.value, spoken(one.value)) for one in ProgressSource)
DOSE_UNITS: Final = tuple(Choice(one.value, named(one.value)) for one in DoseUnit)
ROUTES: Final = tuple(Choice(one.value, spoken(one.value)) for one in Route)
CODE_TYPES: Final = tuple(Choice(kind.value, spoken(kind.value)) for kind in CodeType)
CATEGORIES: Final = tuple(
    Choice(word, spoken(word))
    for word in (
        "identity",
        "label",
        "temperature",
        "container",
        "seal",
        "time_limit",
        "documentation",
        "other",
    )
)
FAILURES: Final = tuple(Choice(one.value, spoken(one.value)) for one in FailureCause)
PATHS: Final = tuple(Choice(one.value, spoken(one.value)) for one in FailurePath)
SEVERITIES: Final = tuple(Choice(one.value, spoken(one.value)) for one in Severity)
CAUSES: Final = tuple(
    Choice(word, spoken(word))
    for word in (
        "human_error",
        "procedure",
        "training",
        "equipment",
        "container",
        "starting_material",
        "process",
        "transport",
        "patient",
        "unknown",
        "other",
    )
)
DECISIONS: Final = (
    Choice(DeviationDecision.NO_IMPACT.value, tr("No impact: what happened is confirmed")),
    Choice(DeviationDecision.QUARANTINE.value, tr("Quarantine the units for the time being")),
    Choice(DeviationDecision.REJECT.value, tr("Reject the units")),
    Choice(DeviationDecision.OOS.value, tr("Out of specification")),
)
EXCURSION_DECISIONS: Final = (
    Choice(ExcursionDecision.USABLE.value, tr("Usable: they bore it")),
    Choice(ExcursionDecision.NOT_USABLE.value, tr("Not usable")),
)
LABORATORY: Final = (
    Choice(LaboratoryFinding.ERROR.value, tr("An error of the laboratory")),
    Choice(LaboratoryFinding.NO_ERROR.value, tr("No error of the laboratory")),
    Choice(LaboratoryFinding.INCONCLUSIVE.value, tr("Inconclusive")),
)
VERDICTS: Final = (
    Choice(ResultsVerdict.AGREED.value, tr("Agreed")),
    Choice(ResultsVerdict.QUERIED.value, tr("In question: say what")),
)
PHASES: Final = (
    Choice(TestPhase.FIRST.value, tr("First result")),
    Choice(TestPhase.RETEST.value, tr("Repeat test of the same sample")),
    Choice(TestPhase.RESAMPLE.value, tr("Repeat test of another sample")),
)
RETESTS: Final = (*(Choice(number, str(number)) for number in range(1, 4)), Choice(0, tr("none")))
"""Whoever types 1 allows one repeat: the place of a number in the list is that number."""


def reasons(request: str, _: FormSetting) -> tuple[Choice, ...]:
    """The reasons that a form asks among."""
    return reasons_for(request)


def reasons_for(request: str) -> tuple[Choice, ...]:
    """The reasons that come into question; a code in clear, words go into the remark."""
    return tuple(Choice(reason.value, spoken(reason.value)) for reason in reasons_of(request))


def faults_of(setting: FormSetting, *, box: bool | None = None) -> list[Choice]:
    """What can be wrong with a box, or with units that came without one."""
    is_box = setting.box is not None if box is None else box
    listed = [fault for fault in FAULTS if is_box or fault not in (Fault.SEAL, Fault.HOLD_TIME)]
    return [Choice(fault.value, FAULTS[fault]) for fault in listed]


def sites(setting: FormSetting, site_type: SiteType | None = None, *, planned: str = "") -> Sequence[Choice]:
    """The active sites of a type, or all that are no carriers."""
    found = [
        Choice(
            site.code,
            f"{site.title} ({site.code})" + (" " + tr("- planned") if site.code == planned else ""),
        )
        for site in setting.registry.sites.values()
        if site.active
        and (site.site_type is site_type or (site_type is None and site.site_type is not SiteType.CARRIER))
    ]
    return sorted(found, key=lambda choice: (choice.value != planned, str(choice.value)))


def sites_for(setting: FormSetting, site_type: SiteType) -> Sequence[Choice]:
    """Every site that may play a part in a therapy, those that are made for it first.

    A treatment center may collect and a hospital may make its own product; what another one is, is said.
    """
    registered = setting.registry.sites
    ours = {one.value for one in sites(setting, site_type)}
    found = [
        one
        if one.value in ours
        else replace(one, label=f"{one.label} - {spoken(registered[str(one.value)].site_type.value).lower()}")
        for one in sites(setting)
    ]
    return sorted(found, key=lambda one: one.value not in ours)


def protocols(setting: FormSetting) -> Sequence[Choice]:
    """The newest version of each adopted protocol."""
    newest = [versions[-1] for versions in setting.registry.protocols.values() if versions]
    return [
        Choice(one.protocol, tr("{title} (version {version})", title=one.title, version=one.version))
        for one in newest
    ]


def indications(setting: FormSetting) -> Sequence[Choice]:
    """What the adopted protocols are for, each word once; none where they list none."""
    found = {one.name: one for protocol in setting.adopted for one in protocol.indications}
    return [Choice(name, f"{one.title} ({name})") for name, one in found.items()]


def versions(setting: FormSetting) -> Sequence[Choice]:
    """The adopted versions of the therapy's protocol."""
    if setting.therapy is None:
        return ()
    adopted = setting.registry.protocols.get(setting.therapy.protocol.id, ())
    return [
        Choice(one.version, tr("Version {version}: {title}", version=one.version, title=one.title))
        for one in adopted
    ]


def materials(setting: FormSetting) -> Sequence[Choice]:
    """The containers that the protocol fills at this station's site."""
    if setting.protocol is None:
        return ()
    found = []
    for container in setting.protocol.containers:
        step = setting.protocol.step("unit_registered", container.material)
        site = site_of_part(setting.therapy, step.part) if step and setting.therapy else None
        if step is not None and site in (None, setting.station.site):
            found.append(Choice(container.material.value, container.title))
    return found


def tests(setting: FormSetting) -> Sequence[Choice]:
    """The release tests without a result, or with a repeat test to come, each with its limit."""
    if setting.protocol is None:
        return ()
    wanted = setting.protocol.release_tests
    if setting.therapy is not None:
        attempts = range(1, setting.therapy.newest_attempt + 1)
        missing = [set(to_record(setting.therapy, one, setting.protocol)) for one in attempts]
        wanted = tuple(test for test in wanted if any(test in one for one in missing))
    return [Choice(test.code, f"{test.title}: {test.limit_words}") for test in wanted]


def phases(setting: FormSetting) -> Sequence[Choice]:
    """Whether a result is a first one or a repeat test; nothing to choose where none may be repeated."""
    therapy, protocol = setting.therapy, setting.protocol
    if therapy is None or protocol is None:
        return ()
    repeated = (
        test
        for one in range(1, therapy.newest_attempt + 1)
        for test in to_record(therapy, one, protocol)
        if (one, test.code) in therapy.tests
    )
    return PHASES if any(repeated) else ()


def unreviewed(setting: FormSetting) -> Sequence[Choice]:
    """The results that wait for a review, all of a manufacture or one, each with its limit."""
    therapy, protocol = setting.therapy, setting.protocol
    if therapy is None or protocol is None:
        return ()
    found: list[Choice] = []
    for number in range(therapy.newest_attempt, 0, -1):
        waiting = to_review(therapy, number, protocol)
        events = list(dict.fromkeys(one.occurrence.event_id for _, one in waiting))
        if len(events) > 1:
            title = tr("All {count} of manufacture {number}", count=len(waiting), number=number)
            found.append(Choice([*events], title))
        for test, one in waiting:
            meets = tr("limit {limit}") if test.meets(one.result) else tr("DOES NOT MEET {limit}")
            said = meets.format(limit=test.limit_words)
            value = with_unit(one.result, test.unit_of_measure)
            found.append(Choice([one.occurrence.event_id], f"{test.title} {value} ({said})"))
    return found


def bases(setting: FormSetting) -> Sequence[Choice]:
    """By which law a release out of specification is possible, as the protocol has them."""
    known = () if setting.protocol is None else setting.protocol.release.bases
    return [Choice(one, basis_said(one)) for one in known]


def dosed_indications(setting: FormSetting) -> Sequence[Choice]:
    """What the protocol has a dose for."""
    protocol = setting.protocol
    if protocol is None or protocol.dose is None:
        return ()
    titles = {one.name: one.words for one in protocol.indications}
    return [Choice(name, titles.get(name, named(name))) for name in protocol.dose.indications]


def dose_regimens(setting: FormSetting) -> Sequence[Choice]:
    """The ways of sizing the dose among which the protocol lets choose; empty where there are none."""
    dose = None if setting.protocol is None else setting.protocol.dose
    known = () if dose is None else (one.regimen for one in dose.rules if one.regimen is not None)
    return [Choice(name, named(name)) for name in dict.fromkeys(known)]


def regimens(setting: FormSetting) -> Sequence[Choice]:
    """What the protocol has for making a patient ready."""
    known = () if setting.protocol is None else setting.protocol.regimens
    return [Choice(one.name, one.title) for one in known]


def duties(setting: FormSetting) -> Sequence[Choice]:
    """The duties of the protocol, each with everything that can be said of it."""
    known = () if setting.protocol is None else setting.protocol.duties
    return [Choice(one.name, f"{one.title}: {', '.join(one.results)}") for one in known]


def grades(setting: FormSetting) -> Sequence[Choice]:
    """The grades of the therapy, the newest first."""
    known = () if setting.therapy is None else setting.therapy.grades
    return [
        Choice(
            one.event_id,
            f"{named(one.syndrome.value).upper()} {one.grade}, {one.scale.upper()} {one.scale_version}, "
            f"{one.assessed_at.astimezone(setting.zone):%Y-%m-%d %H:%M}",
        )
        for one in reversed(known)
    ]


def attempts(setting: FormSetting) -> Sequence[Choice]:
    """The manufactures of the therapy, the newest first."""
    count = setting.therapy.attempts if setting.therapy else 0
    return [Choice(one, tr("Manufacture {number}", number=one)) for one in range(count, 0, -1)]


def parties(setting: FormSetting) -> Sequence[Choice]:
    """Who may be given a unit here: the departments of this site, then the carriers."""
    registry, here = setting.registry, setting.station.site
    found = [
        Choice({"type": PartyType.DEPARTMENT.value, "id": one.id}, f"{one.title} ({one.id})")
        for one in registry.departments.values()
        if one.site == here
    ]
    carriers = [
        site for site in registry.sites.values() if site.active and site.site_type is SiteType.CARRIER
    ]
    return [
        *found,
        *(
            Choice({"type": PartyType.CARRIER.value, "id": one.code}, f"{one.title} ({one.code})")
            for one in carriers
        ),
    ]


def deviations(request: str, setting: FormSetting) -> Sequence[Choice]:
    """The therapy's deviations that are not closed: first those that wait for this step, the oldest first."""
    if setting.therapy is None:
        return ()
    waits_for = DeviationStatus.OPEN if request == "assess_deviation" else DeviationStatus.ASSESSED
    listed = sorted(setting.therapy.open_deviations(), key=lambda one: one.status is not waits_for)
    return [
        Choice(
            one.deviation,
            tr(
                "{at}  {about} ({status})",
                at=f"{one.at.astimezone(setting.zone):%m-%d %H:%M}",
                about=deviation_words(one, setting.protocol),
                status=tr(one.status.value),
            ),
        )
        for one in listed
    ]


def decisions(request: str, _: FormSetting) -> Sequence[Choice]:
    """What quality may say of an excursion, or of a deviation."""
    return EXCURSION_DECISIONS if request == "assess_excursion" else DECISIONS


def excursions(_: str, setting: FormSetting) -> Sequence[Choice]:
    """The therapy's excursions: first those of which quality has said nothing."""
    if setting.therapy is None:
        return ()
    listed = sorted(setting.therapy.excursions.values(), key=lambda one: (one.decision is not None, one.at))
    return [
        Choice(
            one.event_id,
            tr(
                "{at}  {units} ({status})",
                at=f"{one.at.astimezone(setting.zone):%m-%d %H:%M}",
                units=", ".join(one.units),
                status=tr("not assessed") if one.decision is None else named(one.decision.value),
            ),
        )
        for one in listed
    ]


def correctable_fields(setting: FormSetting) -> Sequence[Choice]:
    """The values of the event that a correction may change, as the screen before found them."""
    fields = setting.extra.get("fields", ())
    return (
        [Choice(str(name), spoken(str(name))) for name in fields] if isinstance(fields, (list, tuple)) else ()
    )
