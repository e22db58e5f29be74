"""Erasing a patient through the front door: what goes, what stays in clear, and where copies may remain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from schema.commitments import Opening
from schema.entry import REGISTRY, Entry
from schema.errors import InputError
from schema.events.conditions import LOGGER_FILE_FIELD
from schema.events.paperwork import SCAN_FIELD
from schema.events.registry import Exported, TrailExported
from schema.instants import format_instant
from schema.vocabulary import EntryMode, PrintOutcome, Purpose
from tracker.acts.erasing import erasing
from tracker.acts.recorder import RequestData
from tracker.acts.state_cache import StateCache, entries
from tracker.answers import Answer
from tracker.open_store import OpenStore
from tracker.people.signer import Signer
from tracker.rules.therapy_state import TherapyState
from tracker.therapy.adoption.manifests import holder_of

_EXPORTS: Final = (TrailExported.kind, Exported.kind)
_WORDS: Final[Mapping[str, str]] = {
    "patient_identifier": "patient identifiers",
    "remark": "remarks",
    "finding": "findings as a review has them",
    "description": "descriptions of deviations",
    "note": "notes",
    "plan": "what was to be done about alerts",
    "code": "codes of others that were read",
    "person_name": "names of outside people",
    "company": "companies of outside people",
    "id_seen": "documents that outside people showed",
    "waybill": "waybills",
    SCAN_FIELD: "scanned papers",
    LOGGER_FILE_FIELD: "files of data loggers",
    "excursion_basis": "grounds on which excursions were assessed",
}


@dataclass(frozen=True, slots=True)
class ErasurePreview:
    """What an erasure takes from a therapy, and what it leaves."""

    coi: str
    values: Mapping[str, int]
    """How many values go, by what they are."""

    requests: int
    """Requests that cannot be recognized any more when they are sent again."""

    codes: tuple[str, ...]
    """Codes in clear by which whoever issued them may still know the patient."""

    copies: tuple[str, ...]
    """What left the store before with some of it, or lies beside it; nobody but its holder can erase that."""

    @property
    def untraceable(self) -> tuple[str, ...]:
        """What nobody can find out from this store afterwards."""
        return (
            "whose cells these were: no wristband or order can be matched with this therapy any more",
            "what was written in free text, and who signed for an outside company in ink",
            "which code of somebody else was read where a mix-up was prevented or happened",
        )


@dataclass(frozen=True, slots=True)
class Erasure:
    """The answer, what was erased, and where copies may remain."""

    answer: Answer
    preview: ErasurePreview
    traces: tuple[str, ...]
    """Where what is gone from the store may still be read."""


def preview_erasure(opened: OpenStore, coi: str) -> ErasurePreview:
    """What erasing a therapy would take away now; raises InputError for one that is not here."""
    known = opened.read.therapy(coi=coi)
    if known is None:
        raise InputError(f"There is no therapy {coi} in this store.", remedy="See `cartrail patient list`.")
    with opened.store.read() as transaction:
        found = erasing(transaction, StateCache(), coi)
    counted = Counter(_WORDS.get(one.field, one.field) for one in found.openings.values())
    return ErasurePreview(
        coi,
        dict(sorted(counted.items())),
        len(found.acts),
        tuple(_codes(known[0])),
        tuple(_copies(opened, known[0], counted[_WORDS[SCAN_FIELD]])),
    )


def erase(
    opened: OpenStore,
    *,
    coi: str,
    request: RequestData,
    signers: Sequence[Signer],
    mode: EntryMode | None = None,
) -> Erasure:
    """Erase and tell; an answer that is not ok has erased nothing.

    Asked again when nothing is held any more, it clears the disk of what another program kept there.
    """
    before = preview_erasure(opened, coi)
    answer = opened.record(request=request, signers=signers, mode=mode)
    if answer.problem is not None:
        again = answer.problem.error == "already_done"
        return Erasure(answer, before, (*before.copies, *opened.store.forget()) if again else ())
    return Erasure(answer, before, (*before.copies, *opened.store.traces))


def _copies(opened: OpenStore, state: TherapyState, scans: int) -> Iterator[str]:
    """Files that were exported, papers and printed labels, as far as the record knows of them."""
    with opened.store.read() as transaction:
        held = transaction.openings_of(REGISTRY)
        noted = [one for one in entries(transaction, REGISTRY) if one.statement.kind in _EXPORTS]
        nothing = {getattr(one.statement.payload, "failed", None) for one in noted}
        for entry in noted:
            payload = entry.statement.payload
            is_there = entry.statement.event_id not in nothing and getattr(payload, "failed", None) is None
            if is_there and isinstance(payload, TrailExported | Exported):
                names_it = _names(held.get(payload.chains.commitment), state.coi)
                told = _export_words(entry, payload, names_it=names_it)
                yield from [told] if told else []
        printed = [*transaction.printed_copies(state.coi), *transaction.copies_for(state.units)]
    if scans:
        yield f"the sheets of {scans} scanned papers, and the files of whoever scanned them"
    count = sum(one.outcome is not PrintOutcome.NOT_PRINTED for one in printed)
    if count:
        yield f"{count} printed labels and cards, where the protocol has identifiers printed on them"
    if opened.registry.purpose is Purpose.DEMO:
        yield "people.json beside a demo's store, which has the invented wristbands"


def _export_words(entry: Entry, payload: TrailExported | Exported, *, names_it: bool | None) -> str:
    """An export that was open enough to hold some of it; empty for any other, and for other therapies."""
    if isinstance(payload, Exported):
        what, chosen = "a bundle", ["identifiers and free text"] if payload.free_text else []
    else:
        what = f"a {payload.form} file"
        chosen = ["identifiers"] if payload.identifiers else []
        chosen += ["free text"] if payload.free_text else []
    if names_it is False or not chosen:
        return ""
    statement = entry.statement
    doubt = "" if names_it else "; of which therapies is not known any more"
    when = format_instant(statement.occurred_at)
    by = f"by {statement.actor} at {statement.site}, event {statement.event_id}"
    return f"{what} with {' and '.join(chosen)}, exported {when} {by}{doubt}"


def _names(opening: Opening | None, coi: str) -> bool | None:
    """Whether an export was of a therapy; None where what opens its list of therapies is gone."""
    return None if opening is None else f'"{coi}"' in str(opening.value)


def _codes(state: TherapyState) -> list[str]:
    codes = [f"{code.issuer} {code.type.value} {code.value}" for code in state.adopted]
    codes += [
        f"announced: {code.issuer} {code.type.value} {code.value}"
        for code in sorted(state.announced, key=str)
        if holder_of(state, code) is None
    ]
    for unit in state.units.values():
        codes += [f"{unit.unit}: donation {unit.din}"] if unit.din else []
        codes += [f"{unit.unit}: {code.issuer} {code.type.value} {code.value}" for code in unit.adopted]
    return codes
