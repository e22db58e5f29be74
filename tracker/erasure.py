"""Erasing a patient through the front door: what goes, what stays in clear, and where copies may remain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from schema.errors import InputError
from schema.vocabulary import EntryMode
from tracker.acts.erasing import erasing
from tracker.acts.recorder import RequestData
from tracker.acts.state_cache import StateCache
from tracker.answers import Answer
from tracker.open_store import OpenStore
from tracker.people.signer import Signer
from tracker.rules.therapy_state import TherapyState
from tracker.therapy.adoption.manifests import holder_of

_WORDS: Final[Mapping[str, str]] = {
    "patient_identifier": "patient identifiers",
    "remark": "remarks",
    "description": "descriptions of deviations",
    "code": "codes of others that were read",
    "person_name": "names of outside people",
    "company": "companies of outside people",
    "id_seen": "documents that outside people showed",
    "waybill": "waybills",
    "paper_scan": "scanned papers",
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
    return ErasurePreview(coi, dict(sorted(counted.items())), len(found.acts), tuple(_codes(known[0])))


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
        return Erasure(answer, before, opened.store.forget() if again else ())
    return Erasure(answer, before, opened.store.traces)


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
