"""The values that the front door takes and gives, and the pure questions that can be asked of them."""

from __future__ import annotations

from tracker.acts.mentions import FOUND_PAGE
from tracker.acts.recorder import Proposal
from tracker.auditing import Audit, PatientSearch
from tracker.bundle.export import BundleWish, BundleWritten
from tracker.concerns import SpeaksOf
from tracker.downtime.forms import FormOut
from tracker.drill.run import Tried
from tracker.erasure import Erasure, ErasurePreview
from tracker.evidence.chain_proof import ChainProof
from tracker.evidence.entry_proof import EntryProof
from tracker.evidence.verification.verdict import StepVerdict, Verification
from tracker.exports.disclosure import NOTHING_MORE, Disclosure, parse_disclosure
from tracker.exports.dossiers import DossierEvent, Held, held_at
from tracker.exports.files import whole_file
from tracker.exports.gaps import Gap
from tracker.exports.lanes import CustodyLane, Unheld, lanes_of, unheld_in
from tracker.exports.measures import figure_records, value_records, write_records
from tracker.exports.quality import quality_records
from tracker.exports.rights import RightsList, WholeDay
from tracker.exports.rows import TrailRow
from tracker.exports.selection import Bound, EventSelection, parse_marked
from tracker.exports.trails import Trails
from tracker.kinds import STEP_KINDS, Handoff, by_code_of_box, is_decision, is_fresh, kind_of
from tracker.ledger.outage import Waiting
from tracker.network_file import (
    NETWORK_BYTES_MAX,
    NetworkFile,
    Wanted,
    network_example,
    network_of,
    wanted,
)
from tracker.new_store import Founded, FounderAccount, NewStore
from tracker.people.passwords import (
    PASSWORD_BYTES_MAX,
    PASSWORD_MIN,
    PIN_LENGTH,
    checked_password,
    checked_pin,
    is_pin,
)
from tracker.people.signer import SessionEnded, Signer
from tracker.planning.obstacles import in_short
from tracker.protocols.bands import CelsiusRange, celsius_range, range_of
from tracker.protocols.dosing import Dose, DoseBag
from tracker.protocols.drafts import draft
from tracker.protocols.library import PROTOCOL_BYTES_MAX, ProtocolFile, parse_protocol, shipped, shipped_names
from tracker.protocols.model import (
    Band,
    Keeping,
    Protocol,
    Scale,
    ScanOn,
    Step,
    basis_said,
    limit_said,
    with_unit,
)
from tracker.protocols.parts import Sourced
from tracker.protocols.rows import FileLines, differences, with_line
from tracker.protocols.unjudged import must_be_verified, unjudged, unverified
from tracker.registry.equipment.boxes import BOX_OPENERS
from tracker.registry.equipment.checks import scanner_check_due
from tracker.registry.network.requests import AdoptProtocol, IssueAccessCode
from tracker.registry.places.counting import COUNT_GOES_ON
from tracker.requests.base import BegunRequest, PatientIdentifier, Request, SignerReference
from tracker.requests.fields import numbers_of
from tracker.requests.paper_file import PAPER_BYTES_MAX, encoded_paper, paper_of
from tracker.rules.attempt import site_of_part
from tracker.rules.authority import WORKING_ROLES, grant_violation
from tracker.rules.certificates import CertificateSays, judged_certificate
from tracker.rules.checks.condition import allowed_for
from tracker.rules.checks.count import count_violations, tally_violations
from tracker.rules.checks.seal import seal_violations
from tracker.rules.clocks import RunningClock, running_clocks, shelf_life
from tracker.rules.conclusion import TYPED
from tracker.rules.custodians import described, receiving_department
from tracker.rules.decision import ScanAnswer, Slot, Violation
from tracker.rules.deviation_state import DeviationStatus
from tracker.rules.due_steps import due_step
from tracker.rules.equipment_use import EquipmentUse
from tracker.rules.form_state import FormState, FormStatus
from tracker.rules.grading import ScaleFinding
from tracker.rules.grading import table_of as scale_table
from tracker.rules.label_accounts import AccountedCopy
from tracker.rules.marks.standing import flag_is_grave
from tracker.rules.measures.drawn import Grouping
from tracker.rules.measures.figures import Figures, MeasureLine, MeasureWish
from tracker.rules.measures.table import MEASURES, MeasureName, MeasureRow, MeasureUnit
from tracker.rules.oos import OOS
from tracker.rules.plan_state import Promise
from tracker.rules.quality_figures import QualityReport
from tracker.rules.readiness import Readiness, ReadinessItem
from tracker.rules.registry_state import (
    Closure,
    Equipment,
    Grant,
    Location,
    Person,
    RegistryState,
    Station,
)
from tracker.rules.release import PredicateAnswer
from tracker.rules.results import standing_results, to_record
from tracker.rules.reviews import reviewed_results, to_review
from tracker.rules.selection import patient_identifiers
from tracker.rules.situation import Found, Resolution
from tracker.rules.standing import Standing
from tracker.rules.storage_life import StorageLife
from tracker.rules.therapy_state import (
    HandoffState,
    ManifestState,
    Occurrence,
    RefusalState,
    TherapyState,
    TherapyStatus,
    UnitState,
)
from tracker.rules.typed_codes import SEAL_FIELDS
from tracker.site_command import SiteCommand
from tracker.therapy.adoption.manifest_file import MANIFEST_BYTES_MAX, manifest_form_of
from tracker.therapy.adoption.manifests import holder_of, tally
from tracker.therapy.conditions.decisions import ASSESSING
from tracker.therapy.conditions.requests import AssessExcursion
from tracker.therapy.custody.faults import REASON_FAULTS
from tracker.therapy.making.requests import ReleaseOutOfSpecification
from tracker.therapy.review import GivenFinding, ReviewTrail
from tracker.therapy.takeover.therapy_file import (
    THERAPY_BYTES_MAX,
    TherapyFile,
    therapy_example,
    therapy_of,
)
from tracker.views.aftercare import AfterLine
from tracker.views.alerts import AlertLine, alert_sentence
from tracker.views.bookings import CarrierWord, HeardLine, ShipmentLine
from tracker.views.conditions import TypedValue
from tracker.views.deviations import deviation_words
from tracker.views.equipment import EquipmentLine
from tracker.views.exceptions import Exceptional, exceptions_of
from tracker.views.facts import (
    CODES,
    LIMITS_JUDGED,
    Fact,
    ReadCode,
    clock_of,
    field_words,
    judged_facts,
    limit_titles,
)
from tracker.views.finding import SoughtIdentifier
from tracker.views.growth import GrowthView
from tracker.views.hub import HubStatus, absence
from tracker.views.journey import Progress, Stretch, TherapyJourney, Whereabouts
from tracker.views.logger_files import JudgedLine, LoggerFileView, SaidOfFile
from tracker.views.logger_readings import (
    FoundExcursion,
    LoggerReadings,
    TherapyReadings,
    UnreadLogger,
)
from tracker.views.lots import LotLine
from tracker.views.making import step_said, unfit_goods
from tracker.views.measures import MeasureReport
from tracker.views.models import (
    AsOf,
    AtBench,
    BenchNow,
    BoardCounts,
    BoardOrder,
    BoardPage,
    BoardPlace,
    BoardRow,
    DeviationBackground,
    DeviationLine,
    DueClock,
    FoundTherapy,
    LabelAccount,
    LeftLabels,
    LeftOpen,
    Leg,
    Lookup,
    NextStep,
    RackItem,
    SearchSubject,
    Shipment,
    StockCount,
    Trail,
    TrailEntry,
    WorkLine,
    Worklist,
    open_of,
)
from tracker.views.next_steps import in_question
from tracker.views.notes import NoteLine
from tracker.views.pick_ups import PickUp
from tracker.views.planning import (
    BookedPlace,
    DayUse,
    PlanLine,
    PlanMove,
    PlannedCarrier,
    PlanOffer,
    ResourceWeek,
)
from tracker.views.preparing import PreparedProduct, PreparedUnit
from tracker.views.promised import PromisedLine
from tracker.views.releases import ReleaseLine, ReleaseView
from tracker.views.step_numbers import BEFORE_THERAPY, EQUIPMENT_STEPS, FOUND_STEP
from tracker.views.storage import CountedUnit, CountPreview, StorageMap, StoredUnit
from tracker.views.today_lines import (
    DueLine,
    MilestoneForecast,
    Pane,
    RoadLine,
    StoredLine,
    TherapyForecast,
    Today,
    UseLine,
    due_for,
    panes_of,
)
from tracker.views.tracing import SharedPlace, ThingTrace, TouchedUnit, UnitTrace
from tracker.views.tray import JourneyStep, LyingAround
from tracker.views.watching import LastGrade, WatchedTherapy

__all__ = [
    "ASSESSING",
    "BEFORE_THERAPY",
    "BOX_OPENERS",
    "CODES",
    "COUNT_GOES_ON",
    "EQUIPMENT_STEPS",
    "FOUND_PAGE",
    "FOUND_STEP",
    "LIMITS_JUDGED",
    "MANIFEST_BYTES_MAX",
    "MEASURES",
    "NETWORK_BYTES_MAX",
    "NOTHING_MORE",
    "OOS",
    "PAPER_BYTES_MAX",
    "PASSWORD_BYTES_MAX",
    "PASSWORD_MIN",
    "PIN_LENGTH",
    "PROTOCOL_BYTES_MAX",
    "REASON_FAULTS",
    "SEAL_FIELDS",
    "STEP_KINDS",
    "THERAPY_BYTES_MAX",
    "TYPED",
    "WORKING_ROLES",
    "AccountedCopy",
    "AdoptProtocol",
    "AfterLine",
    "AlertLine",
    "AsOf",
    "AssessExcursion",
    "AtBench",
    "Audit",
    "Band",
    "BegunRequest",
    "BenchNow",
    "BoardCounts",
    "BoardOrder",
    "BoardPage",
    "BoardPlace",
    "BoardRow",
    "BookedPlace",
    "Bound",
    "BundleWish",
    "BundleWritten",
    "CarrierWord",
    "CelsiusRange",
    "CertificateSays",
    "ChainProof",
    "Closure",
    "CountPreview",
    "CountedUnit",
    "CustodyLane",
    "DayUse",
    "DeviationBackground",
    "DeviationLine",
    "DeviationStatus",
    "Disclosure",
    "Dose",
    "DoseBag",
    "DossierEvent",
    "DueClock",
    "DueLine",
    "EntryProof",
    "Equipment",
    "EquipmentLine",
    "EquipmentUse",
    "Erasure",
    "ErasurePreview",
    "EventSelection",
    "Exceptional",
    "Fact",
    "Figures",
    "FileLines",
    "FormOut",
    "FormState",
    "FormStatus",
    "Found",
    "FoundExcursion",
    "FoundTherapy",
    "Founded",
    "FounderAccount",
    "Gap",
    "GivenFinding",
    "Grant",
    "Grouping",
    "GrowthView",
    "Handoff",
    "HandoffState",
    "HeardLine",
    "Held",
    "HubStatus",
    "IssueAccessCode",
    "JourneyStep",
    "JudgedLine",
    "Keeping",
    "LabelAccount",
    "LastGrade",
    "LeftLabels",
    "LeftOpen",
    "Leg",
    "Location",
    "LoggerFileView",
    "LoggerReadings",
    "Lookup",
    "LotLine",
    "LyingAround",
    "ManifestState",
    "MeasureLine",
    "MeasureName",
    "MeasureReport",
    "MeasureRow",
    "MeasureUnit",
    "MeasureWish",
    "MilestoneForecast",
    "NetworkFile",
    "NewStore",
    "NextStep",
    "NoteLine",
    "Occurrence",
    "Pane",
    "PatientIdentifier",
    "PatientSearch",
    "Person",
    "PickUp",
    "PlanLine",
    "PlanMove",
    "PlanOffer",
    "PlannedCarrier",
    "PredicateAnswer",
    "PreparedProduct",
    "PreparedUnit",
    "Progress",
    "Promise",
    "PromisedLine",
    "Proposal",
    "Protocol",
    "ProtocolFile",
    "QualityReport",
    "RackItem",
    "ReadCode",
    "Readiness",
    "ReadinessItem",
    "RefusalState",
    "RegistryState",
    "ReleaseLine",
    "ReleaseOutOfSpecification",
    "ReleaseView",
    "Request",
    "Resolution",
    "ResourceWeek",
    "ReviewTrail",
    "RightsList",
    "RoadLine",
    "RunningClock",
    "SaidOfFile",
    "Scale",
    "ScaleFinding",
    "ScanAnswer",
    "ScanOn",
    "SearchSubject",
    "SessionEnded",
    "SharedPlace",
    "Shipment",
    "ShipmentLine",
    "Signer",
    "SignerReference",
    "SiteCommand",
    "Slot",
    "SoughtIdentifier",
    "Sourced",
    "SpeaksOf",
    "Standing",
    "Station",
    "Step",
    "StepVerdict",
    "StockCount",
    "StorageLife",
    "StorageMap",
    "StoredLine",
    "StoredUnit",
    "Stretch",
    "TherapyFile",
    "TherapyForecast",
    "TherapyJourney",
    "TherapyReadings",
    "TherapyState",
    "TherapyStatus",
    "ThingTrace",
    "Today",
    "TouchedUnit",
    "Trail",
    "TrailEntry",
    "TrailRow",
    "Trails",
    "Tried",
    "TypedValue",
    "Unheld",
    "UnitState",
    "UnitTrace",
    "UnreadLogger",
    "UseLine",
    "Verification",
    "Violation",
    "Waiting",
    "Wanted",
    "WatchedTherapy",
    "Whereabouts",
    "WholeDay",
    "WorkLine",
    "Worklist",
    "absence",
    "alert_sentence",
    "allowed_for",
    "basis_said",
    "by_code_of_box",
    "celsius_range",
    "checked_password",
    "checked_pin",
    "clock_of",
    "count_violations",
    "described",
    "deviation_words",
    "differences",
    "draft",
    "due_for",
    "due_step",
    "encoded_paper",
    "exceptions_of",
    "field_words",
    "figure_records",
    "flag_is_grave",
    "grant_violation",
    "held_at",
    "holder_of",
    "in_question",
    "in_short",
    "is_decision",
    "is_fresh",
    "is_pin",
    "judged_certificate",
    "judged_facts",
    "kind_of",
    "lanes_of",
    "limit_said",
    "limit_titles",
    "manifest_form_of",
    "must_be_verified",
    "network_example",
    "network_of",
    "numbers_of",
    "open_of",
    "panes_of",
    "paper_of",
    "parse_disclosure",
    "parse_marked",
    "parse_protocol",
    "patient_identifiers",
    "quality_records",
    "range_of",
    "receiving_department",
    "reviewed_results",
    "running_clocks",
    "scale_table",
    "scanner_check_due",
    "seal_violations",
    "shelf_life",
    "shipped",
    "shipped_names",
    "site_of_part",
    "standing_results",
    "step_said",
    "tally",
    "tally_violations",
    "therapy_example",
    "therapy_of",
    "to_record",
    "to_review",
    "unfit_goods",
    "unheld_in",
    "unjudged",
    "unverified",
    "value_records",
    "wanted",
    "whole_file",
    "with_line",
    "with_unit",
    "write_records",
]
