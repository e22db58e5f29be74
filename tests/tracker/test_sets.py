"""Sets that rules decide by, written out a second time."""

import ast
import importlib
from collections.abc import Iterator, Mapping
from typing import Final

import pytest

from tests.support.places import ROOT

EXPECTED: Final[Mapping[str, str]] = {
    # In these stores a clock far ahead is asked nothing: days are played in minutes there.
    "acts.clocks._NOT_ASKED": "demo training",
    "acts.intake.DECLARES_TIME": "imported late paper unattended",
    "acts.intake.NEEDS_REASON": "late paper",
    "acts.printing.ACCOUNTED": "U K C",
    "protocols.bands.MUST_BE_JUDGED": "leukapheresis product",
    "protocols.clock_checks.BACK_IN_THE_COLD": "stored packed",
    "protocols.clock_checks.INFUSIONS": "infusion_started infusion_completed",
    "protocols.clock_checks.STARTS_SHELF_LIFE": "collected cryopreserved manufactured",
    "protocols.clock_checks.THAWS": "thaw_started thaw_ended retrieved inspected",
    # What a hospital that receives a product does not judge or plan.
    "protocols.drafts._OF_THE_MAKER": "dose milestones release_tests",
    # What a release on the maker's certificate is never without.
    "protocols.model.ON_CERTIFICATE": "certificate_adopted counts_match identifiers_match not_expired",
    # An Aph ID, a COI ID, a DIN: what a maker calls a patient.
    "therapy.adoption.decisions._NAMES_PATIENT": "din isbt_coi manufacturer_coi",
    "protocols.graph.REQUIRED": "enrolled patient_identified collected released infusion_completed closed "
    "deviation_assessed deviation_closed",
    "protocols.milestone_checks.WITH_A_SITE": "collection manufacturing treatment",
    "rules.alerts.TO_DIVERT": "coordinator quality",
    "rules.clocks.BEFORE_THE_ROAD": "accepted packed relinquished",
    "rules.measures.draws._PASSED": "out_of_specification released",
    "rules.measures.keeping._MADE": "in_process product",
    "rules.measures.table._OF_PLACES": "month resource site",
    "rules.measures.table._OF_SHIPMENTS": "carrier lane month site",
    "rules.measures.table._OF_THERAPIES": "month protocol site",
    "rules.dosing.GIVEN_FROM": "product syringe",
    "rules.failed.BEGUN_AGAIN": "manufacturing_started step_performed",
    "rules.failed.MADE_FURTHER": "infusion_started manufactured released step_performed thaw_started",
    "rules.grading.ICE": "ice_orientation ice_naming ice_command ice_sentence ice_attention",
    "rules.storage_life._USES": "thaw_started manufacturing_started",
    # Who may say that a box is empty, and take it from a courier.
    # Words of a law that are written in capitals.
    "protocols.model._ABBREVIATIONS": "eu gmp ind uk us",
    # What no physician's request makes up for.
    "protocols.model.NEVER_FAILS": "identity_assay labels_reconciled custody_unbroken no_quarantine "
    "counts_match identifiers_match",
    # Every result of an identity assay.
    "protocols.model.IDENTITY_WORDS": "match no_match inconclusive",
    # Keys of a protocol's step that only a step of the process has.
    "protocols.process_checks._OF_THE_PROCESS": "day instruments into lots lots_optional measures "
    "measures_optional name witness_lots",
    "registry.equipment.boxes.BOX_OPENERS": "cell_lab_technician manufacturing_operator pharmacist dock "
    "quality",
    "registry.equipment.boxes.COURIERS": "courier",
    "registry.equipment.service.BY_HANDLERS": "in_service cleaning",
    "registry.equipment.service.DOUBTFUL": "lost quarantined",
    "registry.equipment.service.HANDLERS": "apheresis_nurse cell_lab_technician manufacturing_operator "
    "pharmacist dock quality",
    # Who takes goods in, and what they say of a lot without quality.
    "registry.lots.decisions.HANDLERS": "cell_lab_technician dock manufacturing_operator pharmacist quality",
    "registry.lots.decisions._BY_HANDLERS": "exhausted quarantined",
    "registry.lots.decisions._ENDED": "exhausted recalled rejected",
    "registry.network.exports.EXPORTERS": "auditor administrator quality",
    "registry.network.exports.KNOW_PATIENTS": "apheresis_nurse ward_nurse pharmacist clinician coordinator",
    "registry.network.exports.SEEKERS": "apheresis_nurse ward_nurse pharmacist clinician coordinator "
    "auditor administrator quality",
    "registry.network.founding.FOUNDING_ROLES": "administrator quality",
    "registry.people.decisions.APPROVED_ROLES": "quality qualified_person administrator",
    "registry.situation.PLANNERS": "administrator coordinator",
    "registry.situation.ADMINISTRATORS": "administrator",
    "registry.situation.OVERSEERS": "administrator quality",
    "registry.situation.QUALITY": "quality",
    "registry.stock.decisions.LABELERS": "apheresis_nurse cell_lab_technician manufacturing_operator "
    "pharmacist quality administrator",
    "rules.authority.OF_THE_PERSON": "grant_expired grant_not_yet_valid grant_revoked person_inactive "
    "role_elsewhere role_missing training_expired wrong_site",
    "rules.authority.WORKING_ROLES": "apheresis_nurse ward_nurse cell_lab_technician manufacturing_operator "
    "courier dock pharmacist clinician coordinator quality qualified_person",
    "rules.authority._NEAREST": "training_expired grant_not_yet_valid grant_expired grant_revoked",
    "rules.calendars._WEEK": "monday tuesday wednesday thursday friday saturday sunday",
    # Behind them stands no form and no other system's record.
    "rules.checks.declared.FROM_MEMORY": "late unattended",
    "rules.checks.label.MAKERS_CODE": "code_adopted codes_bound",
    "rules.checks.step.DECIDED_FOR_THERAPY": "diverted",
    "rules.certificates.RELEASES": "released released_out_of_specification",
    "rules.checks.bedside.TO_THE_PATIENT": "pre_thaw_matched bedside_matched",
    "rules.clocks.DRAWN": "syringe",
    "rules.conclusion.ACTORS_OWN": "performed relinquished received released",
    # Written out with what lists each in tests/tracker/rules/marks/test_marks.py.
    "rules.lots.TAINTED": "recalled rejected",
    "rules.marks.values.UNLISTED_REASONS": "clinical_need data_subject_request deviation_assessed "
    "disease_progression disk_failed forgotten_password giver_keeps_it investigation_closed keying_error "
    "infection left_the_organization network_down other patient_died patient_not_ready patient_withdrew "
    "performed_before_entry place_closed power_failure receiver_absent receiver_without_account remainder "
    "replaced retention_ended scanner_failed staff_unavailable test_pending used_up",
    "rules.marks.values._FAULTS": "adverse_reaction container_damaged contents_differ expired "
    "identity_in_doubt instrument_error label_damaged label_lost label_unreadable lost_or_stolen "
    "manufacturing_failed recalled_by_maker seal_broken seal_mismatch temperature_excursion test_failed "
    "time_limit_exceeded",
    "rules.marks.values._PRINTING": "misprint unused never_came_out further_copy printer_failed",
    # A limit from it runs for a unit, and says nothing of how long the cells in it keep.
    "rules.clocks.OF_THE_PATIENT": "lymphodepletion_started",
    "rules.alerts.OF_THE_NETWORK": "coordinator quality qualified_person",
    "rules.alerts.TO_JUDGE": "quality qualified_person",
    "rules.alerts.TO_TREAT": "clinician quality qualified_person",
    "rules.alerts.TO_PLAN": "coordinator quality",
    "rules.limits_judged._OF_UNITS": "box parents results unit units",
    "rules.readiness._WORST": "missing look not_due ready",
    # Seals and a donation number are declared by who records; any other text is looked up.
    "rules.selection._CLEAR_FIELDS": "seal new_seal din",
    # Used by many therapies: their codes name no patient's cells.
    "rules.selection._SHARED": "box location data_logger shipment badge instrument lot",
    # A seal is compared by who has it in the hand next.
    "rules.typed_codes.SEAL_FIELDS": "seal new_seal",
    # Those who receive material, and quality; nobody who only reads, administers or carries.
    "therapy.adoption.decisions.RECEIVERS": "apheresis_nurse cell_lab_technician clinician coordinator "
    "manufacturing_operator pharmacist quality",
    "therapy.adoption.decisions._FOREIGN_KINDS": "foreign announced unit coi unknown",
    "therapy.adoption.manifest_file._COLUMNS": "issuer number item material type code_issuer value",
    "therapy.making.process.FILLED_ONCE": "qc_sample retain syringe",
    # What is of the cells and goes along into another container; what was read on one stays with it.
    "therapy.making.state.HANDED_ON": "collected cryopreserved manufactured manufacturing_started released "
    "released_out_of_specification thaw_ended thaw_started",
    "therapy.conditions.decisions.ASSESSING": "quality qualified_person",
    "therapy.custody.faults._IN_WORDS": "damage label other",
    "therapy.custody.faults._OF_A_BOX": "seal hold_time",
    "therapy.deviations.CONFIRMING": "no_impact oos",
    "therapy.deviations.UNFIT": "not_qualified not_calibrated not_in_service",
    "therapy.erasure.APPROVERS": "quality qualified_person administrator",
    "therapy.labels.decisions.LABELED": "unit cassette coi",
    "therapy.making.quality.SAMPLES": "qc_sample retain",
    "therapy.making.quality._HELD": "quarantine reject",
    "therapy.review.REVIEWERS": "auditor quality qualified_person",
    # Begun before the therapy has any site, or read by auditors of every site.
    "therapy.planning.decisions.PLAN_MAKERS": "coordinator",
    # A carrier's time is promised by the coordinator; what it says is passed on by those whom it calls.
    # A shipment of a carrier's file is named by any one of the three; the file may have these columns.
    "therapy.shipments.carrier_file.CODES": "shipment waybill sscc",
    "therapy.shipments.carrier_file.COLUMNS": "shipment waybill sscc milestone place at estimated_delivery",
    "therapy.shipments.carrier_file.NEEDED": "milestone place at",
    "therapy.shipments.decisions.BOOKERS": "coordinator",
    "therapy.shipments.decisions.REPORTERS": "coordinator courier dock",
    "therapy.shipments.decisions.SITES": "coordinator dock",
    "therapy.shipments.decisions.HARMED": "lost damaged",
    "therapy.shipments.decisions.COMES_LATER": "box data_logger sscc waybill",
    "views.alerts.SINCE": "quarantined refused stalled unassessed",
    "therapy.shipments.decisions.BEFORE_IT_LEFT": "delayed",
    "therapy.standing.BY_OTHERS": "enrolled therapy_imported trail_reviewed",
    # Their state does not stand on paper alone.
    "therapy.takeover.decisions.NOT_FROM_PAPER": "canceled closed label_superseded protocol_repinned "
    "quarantined quarantine_lifted",
    # What stands open calls somebody as soon as it is there, and not only when a time has passed.
    "views.alerts._CALLING": "handoff_open quarantined stalled deviation refused",
    # What may be projected past a limit though none has passed yet.
    "views.board._MAY_BREACH": "late stalled at_risk",
    "views.exceptions.MARKED": "quarantined recalled refused overdue unassessed",
    "views.measures.MEASURE_READERS": "auditor coordinator quality",
    "views.today.OFF_THE_ROAD": "booked empty_carried empty_fetch",
    # What every view shows beside an event's title, not among what it says.
    "views.facts.SHOWN_ASIDE": "unit units",
    "views.next_steps._CARRIER_RULES": "wrong_carrier",
    "views.next_steps._AFTERWARDS": "toxicity_graded outcome_recorded",
    "views.next_steps._OF_DEVIATIONS": "deviation_assessed deviation_closed",
    # Copies that are to be destroyed.
    "views.offering._USELESS": "superseded voided",
    "views.offering._NOT_YOURS": "role_elsewhere role_missing",
    # Not on the way from vein to vein: no step of these is proposed as the next.
    "views.today_lines.OF_BOXES": "courier dock",
    "views.tray._ASIDE": "in_process qc_sample retain",
    # Whose work is what went wrong, at whichever site of the therapy.
    "views.worklist.LOOKS_INTO": "coordinator quality",
}
DECIDING: Final = ("acts", "protocols", "registry", "rules", "therapy", "views")


def sets_of_words() -> Iterator[tuple[str, frozenset[str]]]:
    """Every constant of the deciding packages that is a set or row of words, by its place."""
    for package in DECIDING:
        for path in sorted((ROOT / "tracker" / package).glob("**/*.py")):
            place = ".".join(path.relative_to(ROOT / "tracker").with_suffix("").parts)
            module = importlib.import_module(f"tracker.{place}".removesuffix(".__init__"))
            for name in _constants(ast.parse(path.read_text(encoding="utf-8"))):
                value = getattr(module, name, None)
                if isinstance(value, (set, frozenset, tuple)) and value:
                    words = [one for one in value if isinstance(one, str)]
                    if len(words) == len(value):
                        yield f"{place}.{name}", frozenset(str(one) for one in words)


def _constants(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
        yield from (each.id for each in targets if isinstance(each, ast.Name))


FOUND: Final = dict(sets_of_words())


def test_each_set_is_written_out() -> None:
    """A new one needs its line here, and one that is gone loses it."""
    assert sorted(FOUND) == sorted(EXPECTED)


@pytest.mark.parametrize("place", sorted(EXPECTED))
def test_what_is_in_each_set(place: str) -> None:
    """Nobody and nothing is added or forgotten unseen."""
    assert FOUND[place] == frozenset(EXPECTED[place].split())
