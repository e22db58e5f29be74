"""The shape of a protocol file: stages, materials, steps, limits and release tests of one therapy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Annotated, Final, Self

from pydantic import (
    Field,
    model_validator,
)

from schema.errors import InputError
from schema.events.base import VERSION_MAX, WholeNumber, Word
from schema.events.deviations import RETESTS_MAX
from schema.events.processing import StepWord
from schema.measured import CelsiusText, Measure, NumberText, VolumeText, parse, unit_said
from schema.vocabulary import (
    EquipmentType,
    Material,
    Meaning,
    ReleasePredicate,
    ResourceType,
    Role,
    Scope,
    SitePart,
    Syndrome,
    Vessel,
)
from tracker.protocols.bedside import Bedside, Watch
from tracker.protocols.dosing import Dose
from tracker.protocols.formulas import Formula, factors_of
from tracker.protocols.growth import CultureDay, Growth
from tracker.protocols.parts import ProtocolPart, Sourced, Title
from tracker.protocols.spans import Allowance, Duration, ShelfLife

Fact = Annotated[str, Field(pattern=r"^[a-z0-9_]+(\|[a-z0-9_]+)*$")]


class Holder(StrEnum):
    """Who may take a step, by custody."""

    CUSTODIAN = "custodian"
    SITE = "site"
    ANYONE = "anyone"


class Comparison(StrEnum):
    """An identifier that must be read and agree with the therapy."""

    COI = "coi"
    PATIENT = "patient"
    CASSETTE = "cassette"


class ScanOn(StrEnum):
    """Which code stands for a unit at a step."""

    UNIT = "unit"
    CASSETTE = "cassette"
    EITHER = "either"


class SignatureRule(ProtocolPart):
    """One signature a step needs, and the roles that may give it."""

    meaning: Meaning
    roles: tuple[Role, ...] = ()
    part: SitePart | None = None
    """The site whose grant counts, where it is not the site of the step."""


StepNumber = Annotated[WholeNumber, Field(ge=10, le=599)]
"""Two digits, for ever: the tens are where in the journey; 500 to 599 are the steps of the process."""


class Step(ProtocolPart):
    """One step for some materials: who, where, after what, with which scans and signatures."""

    kind: Word
    number: StepNumber
    """By which people name it: on the screen, on the wall card, on the telephone. No two kinds share one."""

    title: Title
    stage: Word
    materials: tuple[Material, ...] = ()
    part: SitePart = SitePart.ANY
    roles: tuple[Role, ...] = Field(min_length=1)
    signatures: tuple[SignatureRule, ...] = ()
    after: tuple[Fact, ...] = ()
    """Facts that come first; `a|b` is either of them."""

    compare: tuple[Comparison, ...] = ()
    scan: ScanOn = ScanOn.EITHER
    once: bool = True
    quarantine_blocks: bool = False
    needs_release: bool = False
    one_at_a_time: bool = False
    """Not while another unit of the material has taken this step and has not ended."""

    holder: Holder = Holder.CUSTODIAN
    scope: Scope = Scope.MULTI_THERAPY
    open_product: bool = False
    """Cells are open at it: the bench is then cleared before a witness."""

    optional: bool = False
    """An optional step is offered, but is no progress: the board keeps the stage before it."""

    name: StepWord | None = None
    """What a step of the process is called; `step_performed` alone has one, and it is the fact."""

    instruments: tuple[Word, ...] = ()
    """Classes of which one instrument each is scanned at it."""

    lots: tuple[Word, ...] = ()
    """Items of which a lot each is scanned at it."""

    lots_optional: tuple[Word, ...] = ()
    measures: tuple[Word, ...] = ()
    """What is measured at it."""

    measures_optional: tuple[Word, ...] = ()
    into: Material | None = None
    """What is filled at it: its units go into units of this material; None where nothing is moved."""

    day: tuple[CultureDay, CultureDay] | None = None
    """From which to which day of the culture it is done."""

    witness_lots: bool = False
    """Whether a second person sees the lots as they are scanned, and signs as witness."""

    @property
    def fact(self) -> str:
        """What it brings: the name of a step of the process, the kind of any other."""
        return self.name or self.kind

    @property
    def items(self) -> tuple[str, ...]:
        """Every item of which a lot may be scanned at it."""
        return (*self.lots, *self.lots_optional)

    @property
    def values(self) -> tuple[str, ...]:
        """Everything that may be measured at it."""
        return (*self.measures, *self.measures_optional)


class Limit(Sourced):
    """A time limit: from a fact of the unit (or therapy) until a step."""

    name: Word
    title: Title
    start: Fact
    """What starts it; of `a|b` the later counts."""

    until: Fact
    """What ends it and is judged by it; of `a|b` whichever comes."""

    within: Duration
    not_before: Duration | None = None
    """How long after its start what ends it may come at the earliest; whole days count by the calendar."""

    cleared_by: tuple[Word, ...] = ()
    """Steps that stop it without having met it: put back into storage, packed for the way."""

    inherit: bool = False
    """Whether what is filled from a unit keeps the unit's start: a syringe is no fresher than its vial."""

    guards: tuple[Word, ...] = ()
    """Steps on the way that may not begin either once the limit has passed."""

    materials: tuple[Material, ...] = ()

    @property
    def starts(self) -> tuple[str, ...]:
        """The facts that start it."""
        return _alternatives(self.start)

    @property
    def ends(self) -> tuple[str, ...]:
        """The steps that end it."""
        return _alternatives(self.until)


@lru_cache(maxsize=1024)
def _alternatives(fact: str) -> tuple[str, ...]:
    return tuple(fact.split("|"))


class ProcessMeasure(ProtocolPart):
    """A number that is measured at steps of the process, and what it can be at all."""

    name: Word
    title: Title
    unit: Word | None = None
    """As a word, such as `million_cells`; None for a plain number."""

    decimals: WholeNumber = Field(default=0, ge=0, le=6)
    plausible_min: NumberText
    plausible_max: NumberText
    equals: Formula | None = None
    """What other measures of the same step say that it is: `viable_cells / total_cells * 100`."""

    within: NumberText | None = None
    """How far it may be from that."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if Decimal(self.plausible_min) >= Decimal(self.plausible_max):
            raise ValueError(f"{self.name}: plausible_min must be below plausible_max")
        if (self.equals is None) != (self.within is None):
            raise ValueError(f"{self.name}: equals and within are given together")
        return self

    @property
    def measure(self) -> Measure:
        """What its number is held against when it is typed."""
        low, high = Decimal(self.plausible_min), Decimal(self.plausible_max)
        return Measure(self.title, self.unit or "", low, high, self.decimals)

    @property
    def range_words(self) -> str:
        """What it can be at all, as people read it: `0 to 5000 mL`."""
        return with_unit(f"{self.plausible_min} to {self.plausible_max}", self.unit)

    @property
    def factors(self) -> tuple[tuple[str, str], ...]:
        """Its formula as pairs of `*` or `/` and a measure or number, the first with `*`; none without."""
        return factors_of(self.equals)


class ItemCode(StrEnum):
    """Codes of others by which a lot of an item may be scanned."""

    GTIN = "gtin"
    """GTIN and lot number in one GS1 code, as on most packs."""


class Item(ProtocolPart):
    """Goods with which cells are made; every lot is of one."""

    title: Title
    critical: bool = False
    """Whether it stays in or changes the cells, so that it stands first wherever lots are listed."""

    celsius_min: CelsiusText | None = None
    celsius_max: CelsiusText | None = None
    """How its lots are to be kept; a lot whose label says otherwise is not used."""

    codes: tuple[ItemCode, ...] = ()
    measure: Word | None = None
    """In what is said how much of a lot was taken; without one nobody says it."""


class Qualification(StrEnum):
    """Whether an instrument of a class has to be within its test."""

    REQUIRED = "required"
    NONE = "none"


class InstrumentClass(ProtocolPart):
    """What cells are made or counted with."""

    title: Title
    exclusive: bool = False
    """Whether one therapy at a time is in it; it is then taken and cleared as a bench is."""

    qualification: Qualification = Qualification.REQUIRED


class Operator(StrEnum):
    """How a result is compared with its limit."""

    AT_LEAST = ">="
    AT_MOST = "<="
    MORE_THAN = ">"
    LESS_THAN = "<"
    EQUALS = "=="


_OPERATORS_SAID: Final[Mapping[str, str]] = {
    Operator.AT_LEAST: "at least ",
    Operator.AT_MOST: "at most ",
    Operator.MORE_THAN: "more than ",
    Operator.LESS_THAN: "less than ",
    Operator.EQUALS: "",
}


def limit_said(limit_text: str) -> str:
    """A limit as it is recorded, in words: `>= 70` as `at least 70`, `== negative` as `negative`."""
    operator, _, limit = limit_text.partition(" ")
    said = _OPERATORS_SAID.get(operator)
    return limit_text if said is None else f"{said}{limit.replace('_', ' ')}"


def with_unit(value: str, unit_of_measure: str | None) -> str:
    """A number with its unit as people write it: `0.5 EU/mL`."""
    return f"{value} {unit_said(unit_of_measure)}".rstrip()


class Recorded(StrEnum):
    """In whose record the making of a product stands."""

    HERE = "here"
    ELSEWHERE = "elsewhere"
    """In its maker's: a hospital receives it with a certificate, and releases it on that."""


class Manufacture(ProtocolPart):
    """Where the making of the product is recorded."""

    recorded: Recorded = Recorded.HERE


ON_CERTIFICATE: Final = (
    ReleasePredicate.CERTIFICATE_ADOPTED,
    ReleasePredicate.COUNTS_MATCH,
    ReleasePredicate.IDENTIFIERS_MATCH,
    ReleasePredicate.NOT_EXPIRED,
)
"""What a release on the maker's certificate is never without."""


_ABBREVIATIONS: Final = frozenset({"eu", "uk", "us", "gmp", "ind"})


def basis_said(basis: str) -> str:
    """The law that permits a release out of specification, as people write it: `EU GMP 11.5`."""
    words = " ".join(one.upper() if one in _ABBREVIATIONS else one for one in basis.split("_"))
    return re.sub(r"(?<=[0-9]) (?=[0-9])", ".", words)


NEVER_FAILS: Final = frozenset(
    {
        ReleasePredicate.IDENTITY_ASSAY,
        ReleasePredicate.LABELS_RECONCILED,
        ReleasePredicate.CUSTODY_UNBROKEN,
        ReleasePredicate.NO_QUARANTINE,
        ReleasePredicate.COUNTS_MATCH,
        ReleasePredicate.IDENTIFIERS_MATCH,
    }
)
"""What no physician's request makes up for."""


class ReleaseRules(ProtocolPart):
    """What must hold before units are released in specification, in the order in which it is listed."""

    predicates: tuple[ReleasePredicate, ...] = (
        ReleasePredicate.TESTS_MET,
        ReleasePredicate.RESULTS_REVIEWED,
        ReleasePredicate.EXCURSIONS_ASSESSED,
        ReleasePredicate.NO_OPEN_DEVIATION,
        ReleasePredicate.NO_QUARANTINE,
    )
    may_fail: tuple[ReleasePredicate, ...] = (ReleasePredicate.TESTS_MET,)
    """What need not hold for a release out of specification, at a physician's request."""

    bases: tuple[Word, ...] = ()
    """By which law that is possible; where there are any, the release names one."""

    risk_evaluation: bool = False
    """Whether the manufacturer's evaluation of the risks goes with it, as a file (EU GMP ATMP 11.53)."""

    @model_validator(mode="after")
    def _never_fails(self) -> Self:
        """Another patient's cells, a label that is missing and cells that nobody held are never given."""
        never = sorted(one.value for one in self.may_fail if one in NEVER_FAILS)
        if never:
            raise ValueError(f"may_fail never has {', '.join(never)}")
        return self

    @model_validator(mode="after")
    def _never_less(self) -> Self:
        """What is never left out of a release, whatever a program asks besides."""
        elsewhere = ReleasePredicate.CERTIFICATE_ADOPTED in self.predicates
        for needed in ON_CERTIFICATE if elsewhere else (ReleasePredicate.TESTS_MET,):
            if needed not in self.predicates:
                raise ValueError(f"predicates must have {needed.value}")
        if ReleasePredicate.NO_QUARANTINE not in self.predicates:
            raise ValueError("predicates must have no_quarantine")
        return self


class TestGate(StrEnum):
    """What else than a limit a release test decides."""

    __test__ = False

    IDENTITY = "identity"
    """Whether the product is the patient's at all; nothing makes up for it."""


IDENTITY_WORDS: Final = ("match", "no_match", "inconclusive")
"""Every result of an identity assay."""


class ResultPhase(StrEnum):
    """Whether a release waits for the result of a test."""

    RELEASE = "release"
    AFTER_RELEASE = "after_release"
    """It takes longer than the patient can wait, such as a sterility test of 14 days; it is due later."""


class ReleaseTest(Sourced):
    """A release test with its limit, unit and basis, and what a result of it can be at all."""

    code: Word
    title: Title
    operator: Operator
    limit: str = Field(min_length=1, max_length=40)
    unit_of_measure: Word | None = None
    basis: Title
    plausible_min: NumberText | None = None
    plausible_max: NumberText | None = None
    decimals: WholeNumber = Field(default=0, ge=0, le=6)
    words: tuple[Word, ...] = ()
    """Every result there can be of a test that is no number."""

    retests_max: WholeNumber = Field(default=0, ge=0, le=RETESTS_MAX)
    """How many repeat tests an assessment may allow at most."""

    review: bool = False
    """Whether nothing is released before another person has agreed with its result."""

    phase: ResultPhase = ResultPhase.RELEASE
    due_after: Duration | None = None
    """Of a test after the release: how long after it the result is due."""

    gate: TestGate | None = None
    independent_of: tuple[Word, ...] = ()
    """Steps whose performer cannot record it: whoever filled or labeled would check themselves."""

    @model_validator(mode="after")
    def _proves_identity(self) -> Self:
        """An identity assay has its own three words, of which only a match is good."""
        if self.gate is TestGate.IDENTITY and (self.limit, {*self.words}) != ("match", {*IDENTITY_WORDS}):
            raise ValueError(
                f"{self.code}: an identity assay has the limit match and the words "
                f"{', '.join(IDENTITY_WORDS)}"
            )
        return self

    @model_validator(mode="after")
    def _is_due(self) -> Self:
        """What no release waits for has a day of its own, and is no proof of whose cells they are."""
        if (self.phase is ResultPhase.AFTER_RELEASE) != (self.due_after is not None):
            raise ValueError(f'{self.code}: phase = "after_release" and due_after are given together')
        if self.is_late and self.gate is not None:
            raise ValueError(f"{self.code}: nothing is released before the {self.gate.value} is known")
        return self

    @property
    def is_late(self) -> bool:
        """Whether its result comes after the release and keeps none back."""
        return self.phase is ResultPhase.AFTER_RELEASE

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """A number has a range and a word its list: without them a slip would pass for a result."""
        if self.operator is Operator.EQUALS:
            if self.limit not in self.words:
                raise ValueError(f"{self.code}: words must list every result there can be, with {self.limit}")
            return self
        if self.plausible_min is None or self.plausible_max is None:
            raise ValueError(f"{self.code}: plausible_min and plausible_max are needed")
        if Decimal(self.plausible_min) >= Decimal(self.plausible_max):
            raise ValueError(f"{self.code}: plausible_min must be below plausible_max")
        try:
            parse(self.limit, self.measure)
        except InputError as error:
            raise ValueError(f"{self.code}: its limit cannot be met: {error.message}") from error
        return self

    @property
    def measure(self) -> Measure:
        """What its number is held against before it is compared."""
        low, high = Decimal(self.plausible_min or 0), Decimal(self.plausible_max or 0)
        return Measure(self.title, self.unit_of_measure or "", low, high, self.decimals)

    @property
    def limit_text(self) -> str:
        """The limit as it is recorded beside a result: `>= 70`."""
        return f"{self.operator.value} {self.limit}"

    @property
    def limit_words(self) -> str:
        """The limit with its unit as people say it: `at least 70 percent`."""
        return with_unit(limit_said(self.limit_text), self.unit_of_measure)

    def read(self, result: str, unit: str | None = None) -> str:
        """A result as it is recorded; raises InputError for what is no result of this test."""
        if self.operator is not Operator.EQUALS:
            parse(result, self.measure, unit=unit)
            return result
        if result not in self.words:
            raise InputError(
                f"{result!r} is no result of {self.title}.",
                remedy=f"Give one of {', '.join(self.words)}.",
                code="bad_word",
            )
        return result

    def meets(self, result: str) -> bool:
        """Whether a result meets the limit; what is no result of the test meets none."""
        try:
            self.read(result)
        except InputError:
            return False
        if self.operator is Operator.EQUALS:
            return result == self.limit
        value, limit = Decimal(result), Decimal(self.limit)
        return {
            Operator.AT_LEAST: value >= limit,
            Operator.AT_MOST: value <= limit,
            Operator.MORE_THAN: value > limit,
            Operator.LESS_THAN: value < limit,
        }[self.operator]


_USUAL_VESSELS = {
    Material.SYRINGE: Vessel.SYRINGE,
    Material.QC_SAMPLE: Vessel.TUBE,
    Material.RETAIN: Vessel.TUBE,
}


class LabelElement(StrEnum):
    """What the label of a container has to say at its stage, beside what every label says."""

    RECIPIENT = "recipient"
    """The patient's identifiers, so that it can be compared with a wristband by eye."""

    BATCH = "batch"
    COUNT = "count"
    """Which container of how many."""

    EXPIRY = "expiry"


class Container(Sourced):
    """How units of one material are held, kept and labeled."""

    material: Material
    title: Title
    cassette: bool = False
    storage_celsius_max: CelsiusText | None = None
    storage_celsius_min: CelsiusText | None = None
    """How the label says it is kept; it takes the place of what a band says (`tracker.protocols.bands`)."""

    storage_text: Title
    shelf_life: ShelfLife | None = None
    shelf_life_from: Word | None = None
    """The step from which it is counted."""

    volume_ml_min: VolumeText | None = None
    volume_ml_max: VolumeText | None = None
    """What can be in it at all; a volume beyond was mistyped."""

    statements: tuple[Title, ...] = ()
    patient_identifiers_printed: bool = False
    numbered: bool = False
    """Whether each says which of how many it is when it is registered, and on its label: bag 1 of 2."""

    label_requires: tuple[LabelElement, ...] = ()
    """Before it is filled, what nobody knows yet is a box to write into; afterwards no label lacks it."""

    cartrail_label: bool = True
    """False where the manufacturer's own label stays and is adopted by scan."""

    vessel: Vessel | None = None
    """What it is held in, where that is not what the material is usually held in; it chooses the label."""

    isbt_symbol: bool = False
    """Whether the label carries ISBT 128 content as Data Matrix, once the donation number is known."""

    isbt_product_code: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{4}[A-Z0-9]{3}$")] | None = None
    """As the program's own ICCBBA license has it; no table of such codes is part of cartrail."""

    @model_validator(mode="after")
    def _can_say_it(self) -> Self:
        """What a label has to say, something else here has to bring about."""
        brought = {
            LabelElement.RECIPIENT: (self.patient_identifiers_printed, "patient_identifiers_printed"),
            LabelElement.COUNT: (self.numbered, "numbered"),
            LabelElement.EXPIRY: (self.shelf_life is not None, "shelf_life"),
        }
        for element in self.label_requires:
            is_brought, key = brought.get(element, (True, ""))
            if not is_brought:
                raise ValueError(f"{self.material.value}: label_requires {element.value}, so {key} is needed")
        return self

    @property
    def held_in(self) -> Vessel:
        """The vessel as the protocol says, or as is usual for the material."""
        return self.vessel or _USUAL_VESSELS.get(self.material, Vessel.BAG)


class ThermalState(StrEnum):
    """What has been done to a unit's temperature so far; each has a band of its own."""

    FRESH = "fresh"
    """Not frozen yet, or never."""

    FROZEN = "frozen"
    THAWED = "thawed"


class Keeping(StrEnum):
    """Where a unit is while a band holds."""

    STORAGE = "storage"
    TRANSPORT = "transport"


class Band(Sourced):
    """The temperatures that units of one material may have, and how long they may be outside."""

    material: Material
    state: ThermalState
    where: tuple[Keeping, ...] = Field(min_length=1)
    celsius_min: CelsiusText | None = None
    celsius_max: CelsiusText | None = None
    """Left out where the container of the material says it, as its label does."""

    allowed_outside: Allowance = timedelta(0)
    """How long one excursion may last; a display is a value of one moment, so it never may be outside."""

    total_outside: Allowance | None = None
    peak: CelsiusText | None = None
    """Beyond it cells are taken as lost, however short the excursion was."""

    excursions_max: WholeNumber | None = Field(default=None, ge=0, le=1000)
    removals_max: WholeNumber | None = Field(default=None, ge=0, le=1000)
    """How often a unit may be taken out of storage in its life."""


class Shipping(Sourced):
    """What units of some materials travel in and with."""

    materials: tuple[Material, ...] = ()
    """Empty for every material that no other row names."""

    equipment_types: tuple[EquipmentType, ...] = (EquipmentType.SHIPPER,)
    logger_required: bool = True
    hold_required: bool = True
    """Whether it has to be known until when the box holds its temperature."""

    hold_margin: Duration = timedelta(days=1)
    """How much longer than until the latest delivery a booked shipper has to hold."""

    hold_factor: Annotated[str, Field(pattern=r"^(0\.[1-9][0-9]?|1(\.0)?)$")] = "0.6"
    """The part of its tested hold time that a shipper is relied on for: models vary by 40 %."""

    documents: tuple[Title, ...] = Field(default=(), max_length=20)
    """What has to go with the box; a carrier's lane may ask for more."""


STRICT_SHIPPING = Shipping(source="the program's own rule, where a protocol says nothing")


class Retention(ProtocolPart):
    """How long what opens a therapy's commitments is kept at least, from its last event on."""

    keep: Duration
    source: Title


LONGEST_RETENTION = Retention.model_validate(
    {"keep": "P10950D", "source": "30 years: Directive 2006/86/EC Art. 9"}
)
"""The default, kept long because what was erased too early cannot be recovered."""


class Stage(ProtocolPart):
    """A stretch of the journey, as the board shows it."""

    name: Word
    title: Title
    short: Annotated[str, Field(pattern=r"^[^\p{C}\s]([^\p{C}]{0,6}[^\p{C}\s])?$")]
    """Its name in the strip of the journey and on the board; neighbors of one name are one stretch there."""


class Planning(ProtocolPart):
    """What is expected of the course of a therapy, beside its limits."""

    stalled_after: Duration = timedelta(days=3)
    """How long nothing may be recorded of a running therapy before it is shown as stalled."""

    escalate_after: Duration = timedelta(hours=1)
    """How long an alert waits for its acknowledgement before the next role is told, too."""


class PlannedStep(Sourced):
    """A milestone: a step that is planned ahead, how long after which other, and what it needs a place of."""

    name: Word
    title: Title
    part: SitePart
    """At which site of the therapy it is."""

    fulfilled_by: Word | None = None
    """The step that fulfills it; None for what is planned and not recorded here."""

    materials: tuple[Material, ...] = ()
    """Of which of its units the step fulfills it; empty for all."""

    after: Word | None = None
    """The milestone before it; None for the first."""

    carried_from: SitePart | None = None
    """The site from which a carrier brings what it needs; the time between then ends at the pick-up."""

    resource: ResourceType | None = None
    """What it needs a place of; None where the site only has to be open."""

    lasts: Duration = timedelta(0)
    earliest: Allowance = timedelta(0)
    """What must lie between the end of the milestone before and this one."""

    typical: Allowance | None = None
    """What is planned between them; `earliest` where it is left out."""

    latest: Allowance | None = None
    """What may lie between them at most."""

    @property
    def is_fulfilled_at_start(self) -> bool:
        """Whether the step that fulfills it is taken when it begins, as `infusion_started` is."""
        return self.fulfilled_by is not None and self.fulfilled_by.endswith("_started")


class Indication(Sourced):
    """A disease that the product is for; a therapy is enrolled with one of them."""

    name: Word
    title: Title
    region: Word | None = None
    """Whose authority says so, such as `eu`; None for all of them."""

    lines_before: WholeNumber | None = Field(default=None, ge=1, le=20)
    """After how many lines of therapy at least; None where its source names none."""

    @property
    def words(self) -> str:
        """All of it as people read it: `Multiple myeloma, after 2 lines (EU)`."""
        count = self.lines_before
        lines = "" if count is None else f", after {count} {'line' if count == 1 else 'lines'} of therapy"
        return f"{self.title}{lines}{f' ({self.region.upper()})' if self.region else ''}"


class Regimen(Sourced):
    """A chemotherapy with which a patient is made ready for the cells."""

    name: Word
    title: Title


class Scale(Sourced):
    """A scale by which an adverse reaction is graded; grades of two scales are never compared."""

    syndrome: Syndrome
    scale: Word
    scale_version: Word
    title: Title
    second_from: WholeNumber = Field(default=3, ge=1, le=5)
    """From which grade on a second person confirms it."""

    capd_under_years: WholeNumber = Field(default=12, ge=0, le=21)
    """Below which age confusion is told by CAPD and not by ICE; sources differ by a year."""

    @property
    def key(self) -> str:
        """All three in one word, by which it is chosen from a list."""
        return f"{self.syndrome.value}/{self.scale}/{self.scale_version}"


class DutyCondition(StrEnum):
    """Of which therapies a duty is."""

    OUT_OF_SPECIFICATION = "out_of_specification"
    """Those of which a container was given that was released out of specification."""


class Duty(Sourced):
    """What has to be done or looked at after a step: once within a time, or again and again."""

    name: Word
    title: Title
    after: Word
    """The step from whose first time it counts."""

    only_if: DutyCondition | None = None
    within: Duration | None = None
    every: ShelfLife | None = None
    until: ShelfLife | None = None
    """How long after the step it is repeated."""

    roles: tuple[Role, ...] = Field(min_length=1)
    results: tuple[Word, ...] = Field(min_length=1)
    """Everything that can be said of it."""

    ended_by: tuple[Word, ...] = ()
    """Results after which nothing more of it is due."""

    measure: Word | None = None
    """What a number said beside a result is of; without one, a result is a word alone."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.within is None) == (self.every is None) or (self.every is None) != (self.until is None):
            raise ValueError(f"{self.name}: give either within, or every with until")
        if not {*self.ended_by} <= {*self.results}:
            raise ValueError(f"{self.name}: ended_by names a result that it does not have")
        return self


class Handoffs(Sourced):
    """What is expected of every handoff."""

    answered_within: Duration
    """From the giver's signature to the receiver's; a slower one is shown, and refuses nothing."""


USUAL_HANDOFFS = Handoffs.model_validate(
    {"answered_within": "PT30M", "source": "the program's own figure, where a protocol says nothing"}
)


class Protocol(ProtocolPart):
    """A therapy's workflow, adopted with version and SHA-256 and pinned to each therapy at enrolment."""

    form: WholeNumber = Field(ge=1, le=1)
    id: Word
    version: WholeNumber = Field(ge=1, le=VERSION_MAX)
    title: Title
    patient_identifiers_compared: WholeNumber = Field(ge=2, le=4)
    paper_entry_within: Duration
    retention: Retention = LONGEST_RETENTION
    planning: Planning = Planning()
    handoffs: Handoffs = USUAL_HANDOFFS
    reprint_roles: tuple[Role, ...] = ()
    """Who may print a further copy of a label; empty for those who may apply labels, and quality."""

    stages: tuple[Stage, ...] = Field(min_length=1)
    containers: tuple[Container, ...] = Field(min_length=1)
    bands: tuple[Band, ...] = ()
    shipping: tuple[Shipping, ...] = ()
    steps: tuple[Step, ...] = Field(min_length=1)
    limits: tuple[Limit, ...] = ()
    release_tests: tuple[ReleaseTest, ...] = ()
    release: ReleaseRules = ReleaseRules()
    manufacture: Manufacture = Manufacture()
    bedside: Bedside = Bedside()
    indications: tuple[Indication, ...] = ()
    """What it may be enrolled for; empty where the file does not say."""

    regimens: tuple[Regimen, ...] = ()
    measures: tuple[ProcessMeasure, ...] = ()
    items: Mapping[Word, Item] = Field(default_factory=dict)
    """By the word that every lot of it names."""

    instruments: Mapping[Word, InstrumentClass] = Field(default_factory=dict)
    """By the word that every instrument of it names."""

    growth: Growth | None = None
    dose: Dose | None = None
    scales: tuple[Scale, ...] = ()
    duties: tuple[Duty, ...] = ()
    watch: tuple[Watch, ...] = ()
    """What labels say of the days after an infusion; a region has one."""

    milestones: tuple[PlannedStep, ...] = ()
    """In their order; each comes after one that stands before it."""

    def steps_of(self, kind: str) -> Iterator[Step]:
        """Every step of a kind, or of a name of the process, one per group of materials."""
        steps, kinds = self.by_kind
        if steps is not self.steps:
            # A changed copy of a protocol takes along what was made of the steps it had before.
            return iter(_by_kind(self.steps).get(kind, ()))
        return iter(kinds.get(kind, ()))

    @cached_property
    def by_kind(self) -> tuple[tuple[Step, ...], Mapping[str, list[Step]]]:
        """The steps, and those of each kind."""
        return self.steps, _by_kind(self.steps)

    def step(self, kind: str, material: Material | None) -> Step | None:
        """The step of a kind or name for a material; a step without materials is for all of them."""
        for step in self.steps_of(kind):
            if material is None or not step.materials or material in step.materials:
                return step
        return None

    def limits_until(self, kind: str, material: Material | None) -> Iterator[Limit]:
        """The limits that a step of that kind ends, or may not begin beyond."""
        limits, kinds = self.limits_by_kind
        if limits is not self.limits:
            kinds = _limits_by_kind(self.limits)
        return (
            limit
            for limit in kinds.get(kind, ())
            if not limit.materials or material is None or material in limit.materials
        )

    @cached_property
    def limits_by_kind(self) -> tuple[tuple[Limit, ...], Mapping[str, list[Limit]]]:
        """The limits, and those that each kind of step ends or may not begin beyond."""
        return self.limits, _limits_by_kind(self.limits)

    def container(self, material: Material) -> Container | None:
        """How a material is held."""
        for container in self.containers:
            if container.material is material:
                return container
        return None

    def shipping_of(self, material: Material) -> Shipping:
        """What a material travels in and with; the strict rule where the protocol says nothing."""
        rows = [row for row in self.shipping if material in row.materials]
        return next(iter([*rows, *(row for row in self.shipping if not row.materials)]), STRICT_SHIPPING)

    def process_measure(self, name: str) -> ProcessMeasure | None:
        """What is measured at steps of the process, by its name."""
        return next((one for one in self.measures if one.name == name), None)

    def scale(self, syndrome: Syndrome, scale: str, version: str) -> Scale | None:
        """A scale by what it grades, its name and its version."""
        wanted = syndrome, scale, version
        return next(
            (one for one in self.scales if (one.syndrome, one.scale, one.scale_version) == wanted), None
        )

    @property
    def is_made_elsewhere(self) -> bool:
        """Whether the making of its product stands in its maker's record and not in this one."""
        return self.manufacture.recorded is Recorded.ELSEWHERE

    def indication(self, name: str) -> Indication | None:
        """What it may be enrolled for, by its word."""
        return next((one for one in self.indications if one.name == name), None)

    def process_steps(self) -> tuple[Step, ...]:
        """The steps of the process, which have names of their own."""
        return tuple(step for step in self.steps if step.name is not None)

    def release_test(self, code: str) -> ReleaseTest | None:
        """A release test by its code."""
        return next((test for test in self.release_tests if test.code == code), None)


def _limits_by_kind(limits: Iterable[Limit]) -> dict[str, list[Limit]]:
    kinds: dict[str, list[Limit]] = {}
    for limit in limits:
        for kind in dict.fromkeys((*limit.ends, *limit.guards)):
            kinds.setdefault(kind, []).append(limit)
    return kinds


def _by_kind(steps: Iterable[Step]) -> dict[str, list[Step]]:
    kinds: dict[str, list[Step]] = {}
    for step in steps:
        kinds.setdefault(step.fact, []).append(step)
    return kinds
