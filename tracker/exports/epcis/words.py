"""How each event kind reads in EPCIS 2.0: its type, action, business step and disposition of CBV 2.0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Words:
    """The standard's words for one kind; what depends on the event itself is decided with it in hand."""

    step: str
    disposition: str | None = None
    action: str = "OBSERVE"
    type: str = "ObjectEvent"


KINDS: Final[Mapping[str, Words]] = {
    "enrolled": Words("commissioning", "active", "ADD", "AssociationEvent"),
    "patient_identified": Words("inspecting", "conformant"),
    # The id is written on a label here; what it stands for comes into being at collection.
    "unit_registered": Words("encoding", "encoded"),
    "label_applied": Words("encoding", "encoded"),
    "label_superseded": Words("replacing"),
    "label_voided": Words("other"),
    "labels_destroyed": Words("other"),
    "labels_reconciled": Words("cycle_counting"),
    "cassette_bound": Words("packing", "container_closed", "ADD", "AggregationEvent"),
    "code_adopted": Words("encoding", "encoded", "ADD", "AssociationEvent"),
    "codes_bound": Words("encoding", "encoded", "ADD", "AssociationEvent"),
    "manifest_received": Words("other"),
    "protocol_repinned": Words("other"),
    "mixup_prevented": Words("inspecting"),
    "mixup_occurred": Words("inspecting", "mismatch_instance"),
    "bag_matched": Words("inspecting", "conformant"),
    "pre_thaw_matched": Words("inspecting", "conformant"),
    "bedside_matched": Words("inspecting", "conformant"),
    "canceled": Words("other", "inactive"),
    "closed": Words("decommissioning", "inactive", "DELETE"),
    "erased": Words("other"),
    "line_cleared": Words("other"),
    "form_issued": Words("other"),
    "paper_attached": Words("other"),
    "form_voided": Words("other"),
    "trail_reviewed": Words("other"),
    "stored": Words("storing"),
    "retrieved": Words("picking"),
    "packed": Words("packing", "container_closed", "ADD", "AggregationEvent"),
    "unpacked": Words("unpacking", "container_open", "DELETE", "AggregationEvent"),
    "relinquished": Words("staging_outbound", "in_progress"),
    "accepted": Words("accepting", "in_progress"),
    "partly_accepted": Words("accepting", "in_progress"),
    "refused": Words("other", "in_progress"),
    "lapsed": Words("void_shipping", "in_progress"),
    "delivery_attempted": Words("arriving", "in_transit"),
    "diverted": Words("other", "in_transit"),
    "inspected": Words("inspecting"),
    "collection_started": Words("collecting", "in_progress"),
    "collected": Words("commissioning", "active", "ADD"),
    "cryopreserved": Words("holding", "in_progress"),
    "manufacturing_started": Words("assembling", "in_progress"),
    "manufactured": Words("assembling", "active", "", "TransformationEvent"),
    "tested": Words("sampling"),
    "released": Words("accepting", "available"),
    "released_out_of_specification": Words("accepting", "non_conformant"),
    "rejected": Words("inspecting", "non_conformant"),
    "quarantined": Words("holding", "unavailable"),
    "quarantine_lifted": Words("inspecting", "in_progress"),
    "thaw_started": Words("removing", "in_progress"),
    "thaw_ended": Words("removing", "container_open"),
    "infusion_started": Words("dispensing", "partially_dispensed"),
    "infusion_stopped": Words("dispensing", "partially_dispensed"),
    "infusion_completed": Words("decommissioning", "dispensed", "DELETE"),
    "destroyed": Words("destroying", "destroyed", "DELETE"),
    "consumed": Words("decommissioning", "disposed", "DELETE"),
    "retained": Words("storing", "reserved"),
    "taken_over": Words("other"),
    "deviation_drafted": Words("inspecting", "non_conformant"),
    "deviation_opened": Words("inspecting", "non_conformant"),
}
"""Every kind of a therapy but `corrected`, which repeats the event that it corrects."""

SAMPLED: Final = Words("sampling", "active", "ADD")
"""A container that holds a sample or retain of another."""

SHIPPED: Final = Words("shipping", "in_transit")
"""A box is given to a carrier."""

RECEIVED: Final = Words("receiving", "in_progress")
"""A box is taken from a carrier."""

VOIDED: Final = Words("void_shipping", "in_progress")
"""A box that was to travel did not."""
