"""From the store to what a label says: one assembling function for each kind of label.

Each call records the copy that will be printed, so that no two pieces of paper carry the same copy letter.
With `preview` it is the same label with the same letter, and nothing is recorded.
"""

from tracker.labeling.blanks import blank_label
from tracker.labeling.cards import badge_label, coi_card, command_card, scanner_card
from tracker.labeling.containers import cassette_label, new_cassette_id, tie_tag, unit_label
from tracker.labeling.doses import syringes_of
from tracker.labeling.places import box_label, equipment_label, is_packed, location_label
from tracker.labeling.slips import handoff_slip

__all__ = [
    "badge_label",
    "blank_label",
    "box_label",
    "cassette_label",
    "coi_card",
    "command_card",
    "equipment_label",
    "handoff_slip",
    "is_packed",
    "location_label",
    "new_cassette_id",
    "scanner_card",
    "syringes_of",
    "tie_tag",
    "unit_label",
]
