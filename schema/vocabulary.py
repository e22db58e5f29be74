"""The words of the field as closed sets, stored by value."""

from __future__ import annotations

from enum import StrEnum


class Weekday(StrEnum):
    """A day of the week, in the order of ISO 8601."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class ResourceType(StrEnum):
    """What can be booked at a site."""

    APHERESIS_CHAIR = "apheresis_chair"
    PICK_UP = "pick_up"
    MANUFACTURING_START = "manufacturing_start"
    SUITE = "suite"
    BED = "bed"


class Priority(StrEnum):
    """How pressing a therapy is."""

    ROUTINE = "routine"
    URGENT = "urgent"
    CRITICAL = "critical"


class AlertCause(StrEnum):
    """Why something calls for somebody."""

    DUE = "due"
    """A limit will soon run out, or something has to be recorded soon."""

    OVERDUE = "overdue"
    """What had to be recorded after a step, such as an authority told, was not."""

    BREACH = "breach"
    """A limit has run out, or what ends it is expected too late."""

    LATE = "late"
    """A promised time has passed, a handoff waits too long for its answer, or a form is not back."""

    AT_RISK = "at_risk"
    """It is expected later than it was promised."""

    REFUSED = "refused"
    """A box was refused, and nobody has taken it over or sent it elsewhere since."""

    QUARANTINED = "quarantined"
    RECALLED = "recalled"
    """A recalled lot touched its cells, and its own record does not say what became of them yet."""

    UNASSESSED = "unassessed"
    """Quality has not judged a deviation."""

    STALLED = "stalled"
    """Nothing was recorded of a therapy for longer than its protocol expects."""


class Purpose(StrEnum):
    """What a store is for, fixed for its life and printed on every label, slip and screen."""

    DEMO = "demo"
    TRAINING = "training"
    VALIDATION = "validation"
    PRODUCTION = "production"


TRIES = frozenset({Purpose.DEMO, Purpose.TRAINING})
"""Purposes of stores in which nothing is real, so that codes may be chosen instead of read."""


class ObjectType(StrEnum):
    """The letter that begins an object's id."""

    UNIT = "U"
    COI = "C"
    CASSETTE = "K"
    BADGE = "P"
    LOCATION = "L"
    SHIPMENT = "S"
    BOX = "B"
    DATA_LOGGER = "D"
    INSTRUMENT = "E"
    LOT = "G"
    """Goods with which cells are made: reagent, vector, set. Never the patient's batch."""

    FORM = "F"


class Role(StrEnum):
    """What a person may be granted at a site."""

    APHERESIS_NURSE = "apheresis_nurse"
    WARD_NURSE = "ward_nurse"
    CELL_LAB_TECHNICIAN = "cell_lab_technician"
    MANUFACTURING_OPERATOR = "manufacturing_operator"
    COURIER = "courier"
    DOCK = "dock"
    PHARMACIST = "pharmacist"
    CLINICIAN = "clinician"
    COORDINATOR = "coordinator"
    QUALITY = "quality"
    QUALIFIED_PERSON = "qualified_person"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Meaning(StrEnum):
    """What a signature means (21 CFR 11.50(a)(3))."""

    PERFORMED = "performed"
    WITNESSED = "witnessed"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    RELINQUISHED = "relinquished"
    RECEIVED = "received"
    ATTESTED = "attested"
    TRANSCRIBED = "transcribed"
    VERIFIED = "verified"
    RELEASED = "released"
    AUDIT_TRAIL_REVIEWED = "audit_trail_reviewed"


class EntryMode(StrEnum):
    """How an event came into the ledger."""

    LIVE = "live"
    LATE = "late"
    PAPER = "paper"
    IMPORTED = "imported"
    UNATTENDED = "unattended"


class ReadMode(StrEnum):
    """How a code came off its carrier."""

    SCANNED = "scanned"
    PASTED = "pasted"
    MANUAL = "manual"
    PAPER = "paper"
    SIMULATED = "simulated"
    """Chosen from the training tray: nobody read anything. Demo and training stores alone take it."""


class ShipmentMilestone(StrEnum):
    """What is heard of a shipment on its way."""

    TENDERED = "tendered"
    """Given to the airline."""

    DEPARTED = "departed"
    ARRIVED = "arrived"
    CUSTOMS_HELD = "customs_held"
    CUSTOMS_RELEASED = "customs_released"
    DELAYED = "delayed"
    LOST = "lost"
    DAMAGED = "damaged"
    RETURNED = "returned"


class ProgressSource(StrEnum):
    """From whom it was heard."""

    COURIER = "courier"
    CARRIER_FILE = "carrier_file"
    PHONE = "phone"


class ReviewOutcome(StrEnum):
    """What somebody who reviewed a record or a list says of it."""

    ACCEPTED = "accepted"
    WITH_OBSERVATIONS = "with_observations"


class FindingWord(StrEnum):
    """What a reviewer says of the findings of one check."""

    EXPLAINED = "explained"
    OBSERVED = "observed"


class SiteType(StrEnum):
    """What an organization does with the cells."""

    COLLECTION_CENTER = "collection_center"
    MANUFACTURER = "manufacturer"
    TREATMENT_CENTER = "treatment_center"
    CARRIER = "carrier"


class SitePart(StrEnum):
    """The part a site plays in one therapy."""

    COLLECTION = "collection"
    MANUFACTURING = "manufacturing"
    TREATMENT = "treatment"
    CARRIER = "carrier"
    ANY = "any"


class Material(StrEnum):
    """What is in a unit."""

    LEUKAPHERESIS = "leukapheresis"
    IN_PROCESS = "in_process"
    PRODUCT = "product"
    SYRINGE = "syringe"
    QC_SAMPLE = "qc_sample"
    RETAIN = "retain"


class Vessel(StrEnum):
    """What a unit is held in."""

    BAG = "bag"
    VIAL = "vial"
    SYRINGE = "syringe"
    TUBE = "tube"


class PartyType(StrEnum):
    """The three kinds of custodian, a person, a place or a carrier; a department is a place with a role."""

    PERSON = "person"
    LOCATION = "location"
    DEPARTMENT = "department"
    CARRIER = "carrier"


class Disposition(StrEnum):
    """The quality decision over a unit."""

    PENDING = "pending"
    RELEASED = "released"
    RELEASED_OUT_OF_SPECIFICATION = "released_out_of_specification"
    REJECTED = "rejected"


class FinalDisposition(StrEnum):
    """How a unit's life ended; a therapy closes when each of its units has one."""

    CONSUMED = "consumed"
    INFUSED = "infused"
    DESTROYED = "destroyed"
    RETAINED = "retained"


class Severity(StrEnum):
    """How grave a deviation is."""

    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class FailureCause(StrEnum):
    """Why a manufacture failed."""

    POOR_GROWTH = "poor_growth"
    LOW_VIABILITY = "low_viability"
    LOW_PURITY = "low_purity"
    LOW_TRANSDUCTION = "low_transduction"
    VECTOR_COPIES = "vector_copies"
    CONTAMINATION = "contamination"
    EQUIPMENT = "equipment"
    MISTAKE = "mistake"
    OTHER = "other"


class FailurePath(StrEnum):
    """What follows on a manufacture that failed."""

    REMANUFACTURE = "remanufacture"
    """It is made again from starting material that is left."""

    RECOLLECT = "recollect"
    """The patient's cells are collected once more."""

    OUT_OF_SPECIFICATION = "out_of_specification"
    """What was made may be released out of specification."""

    STOP = "stop"
    """Nothing more is made."""


class DeviationDecision(StrEnum):
    """What a deviation means for the units it is about."""

    NO_IMPACT = "no_impact"
    QUARANTINE = "quarantine"
    REJECT = "reject"
    OOS = "oos"


class ExposureVerdict(StrEnum):
    """What is said of cells by the readings of a logger beside them."""

    WITHIN = "within"
    """Inside, or outside no longer than they may be."""

    OUTSIDE = "outside"
    NOT_JUDGEABLE = "not_judgeable"
    """What nobody knows would be too much if it was outside."""

    NO_BAND = "no_band"
    """Their protocol says nothing of their temperature."""


class ExcursionDecision(StrEnum):
    """What quality says of cells after an excursion."""

    USABLE = "usable"
    NOT_USABLE = "not_usable"


class TemperatureUnit(StrEnum):
    """In which unit a logger's file gives temperatures."""

    CELSIUS = "celsius"
    FAHRENHEIT = "fahrenheit"


class DayOrder(StrEnum):
    """In which order a logger's file writes the parts of a day."""

    YEAR_FIRST = "year_first"
    MONTH_FIRST = "month_first"
    DAY_FIRST = "day_first"


class KnownFrom(StrEnum):
    """Where something is known from that a logger's readings depend on."""

    IN_FILE = "in_file"
    DECLARED = "declared"
    """A person said it."""


class ReleasePredicate(StrEnum):
    """What must hold before units are released; which of them are asked, the protocol says."""

    STEPS_COMPLETE = "steps_complete"
    TESTS_MET = "tests_met"
    RESULTS_REVIEWED = "results_reviewed"
    IDENTITY_ASSAY = "identity_assay"
    DOSE_IN_RANGE = "dose_in_range"
    LOTS_GOOD = "lots_good"
    INSTRUMENTS_QUALIFIED = "instruments_qualified"
    LABELS_RECONCILED = "labels_reconciled"
    CUSTODY_UNBROKEN = "custody_unbroken"
    EXCURSIONS_ASSESSED = "excursions_assessed"
    WITHIN_LIMITS = "within_limits"
    NO_OPEN_DEVIATION = "no_open_deviation"
    NO_QUARANTINE = "no_quarantine"
    NOT_EXPIRED = "not_expired"
    CERTIFICATE_ADOPTED = "certificate_adopted"
    COUNTS_MATCH = "counts_match"
    IDENTIFIERS_MATCH = "identifiers_match"
    """The last three are of a product whose making is in its maker's record and not in this one."""


class TestPhase(StrEnum):
    """Which of the results of one test it is (FDA guidance on OOS results, 2022)."""

    __test__ = False

    FIRST = "first"
    RETEST = "retest"
    """The same sample once more."""

    RESAMPLE = "resample"
    """Another sample of the same manufacture."""


class ResultsVerdict(StrEnum):
    """What another person says of results that they looked over."""

    AGREED = "agreed"
    QUERIED = "queried"


class LaboratoryFinding(StrEnum):
    """What the first phase of an investigation of a result found (FDA guidance on OOS results, 2022)."""

    ERROR = "error"
    NO_ERROR = "no_error"
    INCONCLUSIVE = "inconclusive"


class InspectionResult(StrEnum):
    """The decision over one unit when the box is opened (21 CFR 1271.265)."""

    ACCEPT = "accept"
    QUARANTINE = "quarantine"
    REJECT = "reject"


class Condition(StrEnum):
    """What the parties saw of a closed box."""

    IN_ORDER = "in_order"
    NOT_IN_ORDER = "not_in_order"


class Fault(StrEnum):
    """What somebody found not in order at a box or a unit; each has a value that goes with it."""

    SEAL = "seal"
    """Another seal than it was sealed with, or one that is broken or gone."""

    DISPLAY = "display"
    """The temperature that the display shows."""

    HOLD_TIME = "hold_time"
    """Until when the box says that it holds its temperature."""

    DAMAGE = "damage"
    LABEL = "label"
    OTHER = "other"


class Grade(StrEnum):
    """How the one who did it is known: a signature by key, ink on a slip, or the word of two others."""

    SIGNED = "signed"
    INK = "ink"
    ATTESTED = "attested"


class Scope(StrEnum):
    """Which step of the protocol a box or bench may be shared in."""

    ONE_THERAPY = "one_therapy"
    MULTI_THERAPY = "multi_therapy"


class ClockKind(StrEnum):
    """What `recorded_at` was read from."""

    SYSTEM = "system"
    SIMULATED = "simulated"


class HandoffType(StrEnum):
    """What a handoff is for."""

    INTERNAL = "internal"
    TRANSPORT = "transport"
    ISSUE = "issue"
    RETURN = "return"


class CodeType(StrEnum):
    """The kinds of code that other issuers give a unit or a therapy; none names a patient."""

    MANUFACTURER_COI = "manufacturer_coi"
    ORDER = "order"
    LOT = "lot"
    DIN = "din"
    ISBT_COI = "isbt_coi"
    SINGLE_EUROPEAN_CODE = "single_european_code"
    HOSPITAL_UNIT = "hospital_unit"
    CONTAINER = "container"
    AIR_WAYBILL = "air_waybill"
    COURIER_JOB = "courier_job"
    SSCC = "sscc"
    GRAI = "grai"
    CERTIFICATE = "certificate"
    """The maker's own release for infusion, as its number or code is printed on it."""


class EquipmentType(StrEnum):
    """What a box or device is."""

    BOX = "box"
    SHIPPER = "shipper"
    DATA_LOGGER = "data_logger"
    INSTRUMENT = "instrument"
    """What cells are made or counted with; nothing is packed in or with it."""


class EquipmentShown(StrEnum):
    """What people look for a box, shipper or logger under."""

    READY = "ready"
    """Fit, charged where it is charged, and empty."""

    IN_USE = "in_use"
    TO_CHARGE = "to_charge"
    DUE = "due"
    """To be tested: overdue, failed, or within two weeks."""

    AWAY = "away"
    """At another site than its own, or with a carrier."""

    OUT = "out"
    """Cleaned, repaired, quarantined, lost or retired."""


class EquipmentStatus(StrEnum):
    """Whether a box or device may be used."""

    IN_SERVICE = "in_service"
    CLEANING = "cleaning"
    QUARANTINED = "quarantined"
    REPAIR = "repair"
    LOST = "lost"
    RETIRED = "retired"


class LotStatus(StrEnum):
    """Whether a lot of goods may touch cells: only what quality has released may."""

    QUARANTINED = "quarantined"
    RELEASED = "released"
    RESTRICTED = "restricted"
    """Kept back from use until quality says more."""

    REJECTED = "rejected"
    RECALLED = "recalled"
    EXHAUSTED = "exhausted"


class Syndrome(StrEnum):
    """Adverse reactions to CAR T cells that are graded by a scale."""

    CRS = "crs"
    """Cytokine release syndrome."""

    ICANS = "icans"
    """Immune effector cell-associated neurotoxicity syndrome."""

    IEC_HS = "iec_hs"
    """Hemophagocytic lymphohistiocytosis-like syndrome of immune effector cells."""

    ICAHT = "icaht"
    """Hematotoxicity of immune effector cells."""

    OTHER = "other"


class DoseUnit(StrEnum):
    """In what a medicine is counted."""

    MG = "mg"
    G = "g"
    MICROGRAM = "microgram"
    ML = "ml"
    IU = "iu"
    """International units."""


class Route(StrEnum):
    """How a medicine is given."""

    IV = "iv"
    ORAL = "oral"
    SC = "sc"
    IM = "im"
    INTRATHECAL = "intrathecal"
    OTHER = "other"


class LocationType(StrEnum):
    """What a place is used for."""

    STORAGE = "storage"
    BENCH = "bench"
    DOCK = "dock"
    WARD = "ward"


class Reason(StrEnum):
    """Why something was done late, against a rule or undone; codes in clear, words in a commitment."""

    NETWORK_DOWN = "network_down"
    POWER_FAILURE = "power_failure"
    DISK_FAILED = "disk_failed"
    SCANNER_FAILED = "scanner_failed"
    PRINTER_FAILED = "printer_failed"
    PERFORMED_BEFORE_ENTRY = "performed_before_entry"
    CLINICAL_NEED = "clinical_need"
    TIME_LIMIT_EXCEEDED = "time_limit_exceeded"
    STAFF_UNAVAILABLE = "staff_unavailable"
    PATIENT_NOT_READY = "patient_not_ready"
    INFECTION = "infection"
    PATIENT_WITHDREW = "patient_withdrew"
    PATIENT_DIED = "patient_died"
    DISEASE_PROGRESSION = "disease_progression"
    MANUFACTURING_FAILED = "manufacturing_failed"
    TEMPERATURE_EXCURSION = "temperature_excursion"
    SEAL_BROKEN = "seal_broken"
    SEAL_MISMATCH = "seal_mismatch"
    CONTENTS_DIFFER = "contents_differ"
    CONTAINER_DAMAGED = "container_damaged"
    LABEL_DAMAGED = "label_damaged"
    LABEL_UNREADABLE = "label_unreadable"
    LABEL_LOST = "label_lost"
    MISPRINT = "misprint"
    UNUSED = "unused"
    NEVER_CAME_OUT = "never_came_out"
    FURTHER_COPY = "further_copy"
    IDENTITY_IN_DOUBT = "identity_in_doubt"
    TEST_PENDING = "test_pending"
    TEST_FAILED = "test_failed"
    RECEIVER_ABSENT = "receiver_absent"
    PLACE_CLOSED = "place_closed"
    RECEIVER_WITHOUT_ACCOUNT = "receiver_without_account"
    ADVERSE_REACTION = "adverse_reaction"
    REMAINDER = "remainder"
    EXPIRED = "expired"
    KEYING_ERROR = "keying_error"
    INSTRUMENT_ERROR = "instrument_error"
    INVESTIGATION_CLOSED = "investigation_closed"
    DEVIATION_ASSESSED = "deviation_assessed"
    LEFT_THE_ORGANIZATION = "left_the_organization"
    LOST_OR_STOLEN = "lost_or_stolen"
    FORGOTTEN_PASSWORD = "forgotten_password"  # noqa: S105 - a reason, not a secret
    REPLACED = "replaced"
    RECALLED_BY_MAKER = "recalled_by_maker"
    USED_UP = "used_up"
    GIVER_KEEPS_IT = "giver_keeps_it"
    RETENTION_ENDED = "retention_ended"
    DATA_SUBJECT_REQUEST = "data_subject_request"
    OTHER = "other"


class CountResult(StrEnum):
    """What a count of a place says of a unit, where that is not what the record says."""

    MISSING = "missing"
    """By the record it is there, and nobody found it."""

    UNEXPECTED = "unexpected"
    """It was there, and the record has it elsewhere."""

    FOUND_AGAIN = "found_again"
    """A count before missed it; this one found it where the record has it."""


class PrintOutcome(StrEnum):
    """What is certain about a copy on paper; `printing` is what a crash leaves, and reads as unknown."""

    PRINTING = "printing"
    PRINTED = "printed"
    NOT_PRINTED = "not_printed"
    UNKNOWN = "unknown"


class LabelState(StrEnum):
    """What a chain says of one copy of a label, each copy's last word."""

    APPLIED = "applied"
    VOIDED = "voided"
    SUPERSEDED = "superseded"
    DESTROYED = "destroyed"
    NOT_PRINTED = "not_printed"


class ErasureGround(StrEnum):
    """Why a patient's values go before they would have to: the letters of Art. 17(1) GDPR."""

    NO_LONGER_NECESSARY = "no_longer_necessary"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    OBJECTION = "objection"
    UNLAWFUL_PROCESSING = "unlawful_processing"
    LEGAL_OBLIGATION = "legal_obligation"
