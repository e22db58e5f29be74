"""Labels, cards and handoff slips from the store."""

from tracker.labeling.labels import blank_label, card_for, label_for
from tracker.labeling.places import is_packed
from tracker.labeling.slips import handoff_slip
from tracker.labeling.units import new_cassette_id, syringes_of

__all__ = [
    "blank_label",
    "card_for",
    "handoff_slip",
    "is_packed",
    "label_for",
    "new_cassette_id",
    "syringes_of",
]
