"""What only the store knows of a trail's open ends: entries the log has not taken in, labels on paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracker.exports.dossiers import Dossier
from tracker.open_store import OpenStore
from tracker.views.models import open_of


def waiting_in(opened: OpenStore, found: Sequence[Dossier]) -> Iterator[str]:
    """The entries that wait for the log, therapy by therapy; they are always a chain's last ones."""
    with opened.store.read() as transaction:
        for one in found:
            waiting = 0
            for told in reversed(one.events):
                if transaction.leaf_of(one.chain, told.entry.sequence) is not None:
                    break
                waiting += 1
            if waiting:
                first = one.events[-waiting].entry.sequence
                yield f"{one.chain} {first}: {waiting} from this entry on"


def open_labels_in(opened: OpenStore, found: Sequence[Dossier]) -> Iterator[str]:
    """The printed copies that nobody said are applied, voided or destroyed."""
    for one in found:
        for copy in open_of(opened.read.labels(coi=one.chain)):
            yield f"{one.chain}: copy {copy.letter} of {copy.object_id}"
