"""The measures: one row for each, with what it means, where that comes from, and how it is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from tracker.rules.measures import draws
from tracker.rules.measures.drawn import Draw, Grouping


class MeasureUnit(StrEnum):
    """In what a measure is told."""

    DAYS = "days"
    HOURS = "hours"
    PERCENT = "percent"
    """How many of those counted."""

    COUNT = "count"


class MeasureName(StrEnum):
    """Every measure, in the order in which they are shown."""

    READY_TO_VEIN = "ready_to_vein"
    VEIN_TO_VEIN = "vein_to_vein"
    TURNAROUND = "turnaround"
    ORDER_TO_COLLECTION = "order_to_collection"
    FREEZING = "freezing"
    WAY_TO_PLANT = "way_to_plant"
    WAITING_AT_PLANT = "waiting_at_plant"
    MAKING = "making"
    TESTING = "testing"
    WAY_TO_WARD = "way_to_ward"
    WAITING_AT_WARD = "waiting_at_ward"
    FIRST_PROMISE_KEPT = "first_promise_kept"
    LAST_PROMISE_KEPT = "last_promise_kept"
    DELIVERED_ON_TIME = "delivered_on_time"
    EXCURSIONS = "excursions"
    UNKNOWN_TEMPERATURE = "unknown_temperature"
    OUT_OF_SPECIFICATION = "out_of_specification"
    FAILED = "failed"
    PLACES_USED = "places_used"
    GIVEN_BACK_LATE = "given_back_late"
    RESCHEDULES = "reschedules"
    MIXUPS_PREVENTED = "mixups_prevented"


class MeasureRow(Struct, frozen=True):
    """One measure."""

    title: str
    unit: MeasureUnit
    definition: str
    """What is counted, from when to when, whose site and month it is, and what is left out."""

    source: str
    groupings: tuple[Grouping, ...]
    draw: Draw

    @property
    def is_time(self) -> bool:
        """Whether it has a median and quartiles."""
        return self.unit in (MeasureUnit.DAYS, MeasureUnit.HOURS)


_OF_THERAPIES: Final = (Grouping.SITE, Grouping.PROTOCOL, Grouping.MONTH)
_OF_SHIPMENTS: Final = (Grouping.SITE, Grouping.CARRIER, Grouping.LANE, Grouping.MONTH)
_OF_PLACES: Final = (Grouping.SITE, Grouping.RESOURCE, Grouping.MONTH)
_OWN: Final = "this program's own definition"
_DAYS, _HOURS, _PERCENT, _COUNT = MeasureUnit

MEASURES: Final[Mapping[MeasureName, MeasureRow]] = MappingProxyType(
    {
        MeasureName.READY_TO_VEIN: MeasureRow(
            "Ready to vein",
            _DAYS,
            "From the first day named as the one from which the patient could be collected until the first "
            "infusion began, in days of the calendar at the treatment site, whose month counts. It is what "
            "the patient feels; later ready days change nothing.",
            "cartrail's own: waits for a slot lie before the collection (Kourelis, TCT 2023)",
            _OF_THERAPIES,
            draws.READY_TO_VEIN,
        ),
        MeasureName.VEIN_TO_VEIN: MeasureRow(
            "Vein to vein",
            _DAYS,
            "From the end of the first collection until the first infusion began, by the clock; a "
            "manufacture that failed meanwhile counts in full. Site and month are those of the infusion.",
            "meta-analysis of 40 studies, PMC10431072",
            _OF_THERAPIES,
            draws.VEIN_TO_VEIN,
        ),
        MeasureName.TURNAROUND: MeasureRow(
            "Turnaround",
            _DAYS,
            "From the end of the first collection until quality first released a product, in or out of "
            "specification. Site is the manufacturer, month that of the release.",
            "glossary: collection to release",
            _OF_THERAPIES,
            draws.TURNAROUND,
        ),
        MeasureName.ORDER_TO_COLLECTION: MeasureRow(
            "Order to collection",
            _DAYS,
            "From the enrollment until the first collection ended. Site and month are those of the "
            "collection. A therapy that came in from paper counts where paper says when it was enrolled.",
            _OWN,
            _OF_THERAPIES,
            draws.ORDER_TO_COLLECTION,
        ),
        MeasureName.FREEZING: MeasureRow(
            "Collection to frozen",
            _HOURS,
            "From the end of the first collection until the first starting material was frozen, at the "
            "collection site. What travels fresh is left out.",
            _OWN,
            _OF_THERAPIES,
            draws.FREEZING,
        ),
        MeasureName.WAY_TO_PLANT: MeasureRow(
            "Way to the plant",
            _HOURS,
            "From when the carrier took over a box with starting material until it was first taken over by "
            "somebody who is no carrier, each shipment once, also where its box was changed. Site is where "
            "it was sent; what came back to its sender, or was lost, is left out.",
            _OWN,
            _OF_SHIPMENTS,
            draws.WAY_TO_PLANT,
        ),
        MeasureName.WAITING_AT_PLANT: MeasureRow(
            "Waiting at the plant",
            _DAYS,
            "From when starting material arrived at the manufacturer until the first manufacture was "
            "started there.",
            _OWN,
            _OF_THERAPIES,
            draws.WAITING_AT_PLANT,
        ),
        MeasureName.MAKING: MeasureRow(
            "Making",
            _DAYS,
            "From the start of a manufacture until its product was named, each manufacture of a therapy by "
            "itself. One that failed is left out.",
            _OWN,
            _OF_THERAPIES,
            draws.MAKING,
        ),
        MeasureName.TESTING: MeasureRow(
            "Product to decision",
            _DAYS,
            "From when a product was named until quality first decided on it: released, released out of "
            "specification or rejected; each manufacture by itself.",
            _OWN,
            _OF_THERAPIES,
            draws.TESTING,
        ),
        MeasureName.WAY_TO_WARD: MeasureRow(
            "Way to the ward",
            _HOURS,
            "The same as the way to the plant, of boxes with a product.",
            _OWN,
            _OF_SHIPMENTS,
            draws.WAY_TO_WARD,
        ),
        MeasureName.WAITING_AT_WARD: MeasureRow(
            "Waiting at the ward",
            _DAYS,
            "From when a product arrived at the treatment site until the first infusion began there.",
            _OWN,
            _OF_THERAPIES,
            draws.WAITING_AT_WARD,
        ),
        MeasureName.FIRST_PROMISE_KEPT: MeasureRow(
            "On time in full",
            _PERCENT,
            "Therapies whose first infusion began by the day that was promised first, in specification and "
            "without being stopped, of all whose promised day was kept or is over. The month is that of the "
            "promise, so that a late therapy counts although it is late; a canceled one is left out.",
            "on time in full, as supply chains use it, held against the first promise",
            _OF_THERAPIES,
            draws.FIRST_PROMISE_KEPT,
        ),
        MeasureName.LAST_PROMISE_KEPT: MeasureRow(
            "By the last promise",
            _PERCENT,
            "The same, held against the day that was promised last.",
            _OWN,
            _OF_THERAPIES,
            draws.LAST_PROMISE_KEPT,
        ),
        MeasureName.DELIVERED_ON_TIME: MeasureRow(
            "Delivered on time",
            _PERCENT,
            "Shipments that arrived at the site they were sent to by the end of the window that was booked "
            "for it, of all that did or whose window is over. A box sent without a booking has no window.",
            _OWN,
            _OF_SHIPMENTS,
            draws.DELIVERED_ON_TIME,
        ),
        MeasureName.EXCURSIONS: MeasureRow(
            "Excursions",
            _PERCENT,
            "Shipments in which something was outside its band for longer, or further, than it may be, per "
            "100 shipments whose logger was read; each once, however many therapies travel in it. Shipments "
            "whose logger was not read are left out.",
            "glossary: excursion; bands of the protocols",
            _OF_SHIPMENTS,
            draws.EXCURSIONS,
        ),
        MeasureName.UNKNOWN_TEMPERATURE: MeasureRow(
            "Temperature unknown",
            _PERCENT,
            "Shipments of which nobody can say whether their band was kept, because readings are missing, "
            "per 100 shipments whose logger was read.",
            _OWN,
            _OF_SHIPMENTS,
            draws.UNKNOWN_TEMPERATURE,
        ),
        MeasureName.OUT_OF_SPECIFICATION: MeasureRow(
            "Out of specification",
            _PERCENT,
            "Manufactures of which something was released out of specification, of all that quality has "
            "decided on. Site is the manufacturer, month that of its first decision.",
            "glossary: released out of specification",
            _OF_THERAPIES,
            draws.OUT_OF_SPECIFICATION,
        ),
        MeasureName.FAILED: MeasureRow(
            "Failed manufactures",
            _PERCENT,
            "Manufactures of which nothing was released: rejected, or ended without a product, of all that "
            "were decided on.",
            _OWN,
            _OF_THERAPIES,
            draws.FAILED,
        ),
        MeasureName.PLACES_USED: MeasureRow(
            "Slots used",
            _PERCENT,
            "Places that were booked, of those there were, on the days that are over: of a bed or suite each "
            "day that somebody was in it, of anything else the day on which something began.",
            _OWN,
            _OF_PLACES,
            draws.PLACES_USED,
        ),
        MeasureName.GIVEN_BACK_LATE: MeasureRow(
            "Given back under 72 h",
            _PERCENT,
            "Booked places that were given back, or left for another day, less than 72 hours before they "
            "began, of all that were given back. The month is that of the place.",
            _OWN,
            (Grouping.SITE, Grouping.PROTOCOL, Grouping.RESOURCE, Grouping.REASON, Grouping.MONTH),
            draws.GIVEN_BACK_LATE,
        ),
        MeasureName.RESCHEDULES: MeasureRow(
            "Reschedules",
            _COUNT,
            "How often something booked was moved, once for each act however many milestones moved with it; "
            "by the site at which it was said.",
            _OWN,
            (Grouping.SITE, Grouping.PROTOCOL, Grouping.REASON, Grouping.MONTH),
            draws.RESCHEDULES,
        ),
        MeasureName.MIXUPS_PREVENTED: MeasureRow(
            "Mix-ups prevented",
            _COUNT,
            "How often another patient's code was read at an identity step and the step was stopped; by the "
            "site at which it was read. A therapy whose code was read wrongly is not named.",
            "design, section 7: answers at the scanner",
            _OF_THERAPIES,
            draws.MIXUPS_PREVENTED,
        ),
    }
)
"""Complete, in the order of the names."""
