"""Which registry entries a bundle of some therapies holds: enough to judge them, nothing about anybody else.

Those that found the store; those about somebody or something that is named in the therapies or in an entry so
included; those an included entry names as head. What an entry is about is its subject, not every name in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from schema.entry import Entry
from schema.events.registry import ClockCorrected, LostHeadNamed, StoreRestored
from tracker.registry.kinds import subject_fields
from tracker.rules.registry_state import LOG_OWNER, STATION_OWNER


@dataclass(slots=True)
class Names:
    """Everything that entries name: people, keys, stations, sites, protocols, things, and registry heads."""

    texts: set[str] = field(default_factory=set)
    heads: set[int] = field(default_factory=set)

    def take(self, entry: Entry) -> None:
        """What one entry names."""
        if entry.registry is not None:
            self.heads.add(entry.registry.sequence)
        statement = entry.statement
        self.texts |= {statement.actor, statement.station, statement.site, statement.entered_by}
        # A grant is revoked by the event that gave it.
        self.texts.add(statement.event_id)
        self.texts |= {text for one in entry.signatures for text in (one.signer, one.key)}
        self.texts.update(_texts(statement.payload.to_json()))
        self.texts.update(read.code for read in statement.reads if isinstance(read.code, str))


def selected(registry: Sequence[Entry], names: Names, cosigners: Iterable[str]) -> list[Entry]:
    """The entries to include, by sequence; `names` grows with them, and cosigners are owners of keys."""
    names.texts.update(cosigners)
    # Checkpoints are signed by the log's keys, so those are named by every bundle.
    names.texts.add(LOG_OWNER)
    founding = registry[0].statement.act if registry else ""
    taken: dict[int, Entry] = {}
    grown = True
    while grown:
        now = [
            entry for entry in registry if entry.sequence not in taken and _is_wanted(entry, names, founding)
        ]
        for entry in now:
            names.take(entry)
        taken.update((entry.sequence, entry) for entry in now)
        grown = bool(now)
    return [taken[sequence] for sequence in sorted(taken)]


def _is_wanted(entry: Entry, names: Names, founding: str) -> bool:
    if entry.statement.act == founding or entry.sequence in names.heads:
        return True
    if isinstance(entry.statement.payload, (ClockCorrected, LostHeadNamed, StoreRestored)):
        # Without it a chain in which recorded times go back, or paper of what was lost, would be a finding.
        return True
    return not names.texts.isdisjoint(_about(entry))


def _about(entry: Entry) -> Iterator[str]:
    payload = entry.statement.payload.to_json()
    for name in subject_fields(entry.statement.kind):
        value = payload.get(name)
        if isinstance(value, str):
            yield value
            # The key of a station is about the station.
            yield value.removeprefix(STATION_OWNER)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        yield from value.split("/")
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
