"""A long report in volumes: each page costs memory when it is set, and nobody binds a thousand of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tracker.exports.dossiers import Dossier
from tracker.exports.forms import VOLUME_EVENTS_MAX


def volumes_of(found: Sequence[Dossier]) -> Iterator[list[Dossier]]:
    """Dossiers in order, as many in a volume as fit by their events; a longer one is cut between two."""
    volume: list[Dossier] = []
    room = VOLUME_EVENTS_MAX
    for dossier in found:
        for part in _parts(dossier):
            if len(part.events) > room and volume:
                yield volume
                volume, room = [], VOLUME_EVENTS_MAX
            volume.append(part)
            room -= len(part.events)
    if volume:
        yield volume


def _parts(dossier: Dossier) -> Iterator[Dossier]:
    if len(dossier.events) <= VOLUME_EVENTS_MAX:
        yield dossier
        return
    for start in range(0, len(dossier.events), VOLUME_EVENTS_MAX):
        yield replace(dossier, events=dossier.events[start : start + VOLUME_EVENTS_MAX])
