"""How each event kind reads in EPCIS 2.0: its type, action, business step and disposition of CBV 2.0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class EpcisWords:
    """The standard's words for one kind; what depends on the event itself is decided with it in hand."""

    step: str
    disposition: str | None = None
    action: str = "OBSERVE"
    type: str = "ObjectEvent"


KINDS: Final[Mapping[str, EpcisWords]] = {
    "enrolled": EpcisWords("commissioning", "active", "ADD", "AssociationEvent"),
    "therapy_imported": EpcisWords("other"),
    "unit_found": EpcisWords("cycle_counting"),
    "patient_identified": EpcisWords("inspecting", "conformant"),
    # The id is written on a label here; what it stands for comes into being at collection.
    "unit_registered": EpcisWords("encoding", "encoded"),
    "label_applied": EpcisWords("encoding", "encoded"),
    "label_superseded": EpcisWords("replacing"),
    "label_voided": EpcisWords("other"),
    "labels_destroyed": EpcisWords("other"),
    "labels_reconciled": EpcisWords("cycle_counting"),
    "cassette_bound": EpcisWords("packing", "container_closed", "ADD", "AggregationEvent"),
    "code_adopted": EpcisWords("encoding", "encoded", "ADD", "AssociationEvent"),
    "codes_bound": EpcisWords("encoding", "encoded", "ADD", "AssociationEvent"),
    "manifest_received": EpcisWords("other"),
    "protocol_repinned": EpcisWords("other"),
    "mixup_prevented": EpcisWords("inspecting"),
    "mixup_occurred": EpcisWords("inspecting", "mismatch_instance"),
    "bag_matched": EpcisWords("inspecting", "conformant"),
    "pre_thaw_matched": EpcisWords("inspecting", "conformant"),
    "bedside_matched": EpcisWords("inspecting", "conformant"),
    "canceled": EpcisWords("other", "inactive"),
    "closed": EpcisWords("decommissioning", "inactive", "DELETE"),
    "erased": EpcisWords("other"),
    "line_cleared": EpcisWords("other"),
    "form_issued": EpcisWords("other"),
    "paper_attached": EpcisWords("other"),
    "form_voided": EpcisWords("other"),
    "trail_reviewed": EpcisWords("other"),
    "stored": EpcisWords("storing"),
    "retrieved": EpcisWords("picking"),
    "packed": EpcisWords("packing", "container_closed", "ADD", "AggregationEvent"),
    "unpacked": EpcisWords("unpacking", "container_open", "DELETE", "AggregationEvent"),
    "relinquished": EpcisWords("staging_outbound", "in_progress"),
    "accepted": EpcisWords("accepting", "in_progress"),
    "partly_accepted": EpcisWords("accepting", "in_progress"),
    "refused": EpcisWords("other", "in_progress"),
    "lapsed": EpcisWords("other", "in_progress"),
    "delivery_attempted": EpcisWords("arriving", "in_transit"),
    "diverted": EpcisWords("other", "in_transit"),
    "inspected": EpcisWords("inspecting"),
    "collection_started": EpcisWords("collecting", "in_progress"),
    "collected": EpcisWords("commissioning", "active", "ADD"),
    "cryopreserved": EpcisWords("holding", "in_progress"),
    "manufacturing_started": EpcisWords("assembling", "in_progress"),
    "step_performed": EpcisWords("assembling", "in_progress"),
    "manufactured": EpcisWords("assembling", "active", "", "TransformationEvent"),
    "manufacturing_failed": EpcisWords("inspecting", "non_conformant"),
    "tested": EpcisWords("sampling"),
    "results_reviewed": EpcisWords("inspecting"),
    "released": EpcisWords("accepting", "available"),
    "released_out_of_specification": EpcisWords("accepting", "non_conformant"),
    "rejected": EpcisWords("inspecting", "non_conformant"),
    "quarantined": EpcisWords("holding", "unavailable"),
    "quarantine_lifted": EpcisWords("inspecting", "in_progress"),
    "dose_set": EpcisWords("other"),
    "lymphodepletion_started": EpcisWords("other"),
    "thaw_started": EpcisWords("removing", "in_progress"),
    "thaw_ended": EpcisWords("removing", "container_open"),
    "infusion_started": EpcisWords("dispensing", "partially_dispensed"),
    "infusion_stopped": EpcisWords("dispensing", "partially_dispensed"),
    "infusion_completed": EpcisWords("decommissioning", "dispensed", "DELETE"),
    "toxicity_graded": EpcisWords("other"),
    "medicine_given": EpcisWords("other"),
    "outcome_recorded": EpcisWords("other"),
    "destroyed": EpcisWords("destroying", "destroyed", "DELETE"),
    "consumed": EpcisWords("decommissioning", "disposed", "DELETE"),
    "retained": EpcisWords("storing", "reserved"),
    "scheduled": EpcisWords("other"),
    "rescheduled": EpcisWords("other"),
    "unscheduled": EpcisWords("other"),
    "alert_acknowledged": EpcisWords("other"),
    "shipment_booked": EpcisWords("other"),
    "shipment_progress": EpcisWords("other", "in_transit"),
    "conditions_recorded": EpcisWords("sensor_reporting"),
    "count_found": EpcisWords("cycle_counting"),
    "excursion_found": EpcisWords("inspecting", "non_conformant"),
    "excursion_assessed": EpcisWords("inspecting"),
    "noted": EpcisWords("other"),
    "taken_over": EpcisWords("other"),
    "deviation_drafted": EpcisWords("inspecting", "non_conformant"),
    "deviation_opened": EpcisWords("inspecting", "non_conformant"),
    "deviation_assessed": EpcisWords("inspecting"),
    "deviation_closed": EpcisWords("inspecting"),
}
"""Every kind of a therapy but `corrected`, which repeats the event that it corrects."""

SAMPLED: Final = EpcisWords("sampling", "active", "ADD")
"""A container that holds a sample or retain of another."""

FILLED: Final = EpcisWords("assembling", "in_progress", "", "TransformationEvent")
"""A step of the process at which cells went from containers into others."""

SHIPPED: Final = EpcisWords("shipping", "in_transit")
"""It is given to a carrier, or to another site."""

ARRIVED: Final = EpcisWords("arriving", "in_transit")
"""A carrier gives it to whom it was brought."""

RECEIVED: Final = EpcisWords("receiving", "in_progress")
"""It is taken from a carrier, or from another site."""

HELD: Final = EpcisWords("holding", "in_progress")
"""A closed box is offered within a site, as by the dock to the lab."""

KEPT: Final = EpcisWords("storing", "in_progress")
"""A closed box is taken over within a site."""

VOIDED: Final = EpcisWords("void_shipping", "in_progress")
"""What was to travel did not: refused, or kept by its giver."""

LEFT_OVER: Final = EpcisWords("destroying", "destroyed")
"""What was left of units that had ended before, such as infused ones."""
