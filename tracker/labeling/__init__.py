"""From the store to what a label says: one assembling function for each kind of label.

Each call records the copy that will be printed, so that no two pieces of paper carry the same copy letter.
"""

from tracker.labeling.cards import badge_label, coi_card
from tracker.labeling.containers import cassette_label, new_cassette_id, unit_label
from tracker.labeling.places import equipment_label, location_label
from tracker.slips import handoff_slip

__all__ = [
    "badge_label",
    "cassette_label",
    "coi_card",
    "equipment_label",
    "handoff_slip",
    "location_label",
    "new_cassette_id",
    "unit_label",
]
