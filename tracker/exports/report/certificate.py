"""The certificate of a release: what was released, by what, and the code that the bed reads off it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from labels.symbols import symbol
from schema.entry import Entry
from schema.errors import InputError
from schema.events.processing import Released, ReleasedOutOfSpecification
from schema.instants import parse_offset
from schema.papercodes import receipt_code
from schema.vocabulary import Purpose
from tracker.exports.files import whole_file
from tracker.exports.report.typesetting import typeset
from tracker.protocols.model import Protocol, basis_said
from tracker.protocols.unjudged import unverified
from tracker.rules.deviation_state import DeviationStatus
from tracker.rules.registry_state import RegistryState
from tracker.rules.results import StandingResult, standing_results
from tracker.rules.therapy_state import TherapyState


def write_certificate(
    entries: Sequence[Entry], therapy: TherapyState, protocol: Protocol, registry: RegistryState, out: Path
) -> str:
    """Write the certificate of the release that stands as PDF, whole or not at all; gives its receipt code.

    While nothing of it changes the same release gives the same bytes; its code never changes.
    """
    release = standing_release(entries)
    job = words_of(release, entries, therapy, protocol, registry)
    pdf = typeset(job, {}, release.statement.occurred_at, template="certificate.typ")
    with whole_file(out) as stream:
        stream.write(pdf)
    return receipt_code(release.statement.digest).text


def standing_release(entries: Iterable[Entry]) -> Entry:
    """The newest release of the chain; raises InputError where nothing was released."""
    kinds = (Released, ReleasedOutOfSpecification)
    found = [one for one in entries if isinstance(one.statement.payload, kinds)]
    if not found:
        raise InputError("Nothing of this therapy was released.", remedy="See `cartrail release COI`.")
    return found[-1]


def words_of(
    release: Entry,
    entries: Sequence[Entry],
    therapy: TherapyState,
    protocol: Protocol,
    registry: RegistryState,
) -> dict[str, Any]:
    """Every word of the paper, as data."""
    statement = release.statement
    payload = statement.payload
    if not isinstance(payload, (Released, ReleasedOutOfSpecification)):
        raise InputError(f"{statement.event_id} is no release.")
    numbers = {one.statement.event_id: one.sequence for one in entries}
    codes = therapy.adopted
    is_oos = isinstance(payload, ReleasedOutOfSpecification)
    at = statement.occurred_at.astimezone(parse_offset(statement.offset))
    receipt = receipt_code(statement.digest).text
    results = standing_results(therapy, protocol, payload.units)
    return {
        "title": "OUT OF SPECIFICATION - RELEASED AT THE PHYSICIAN'S REQUEST"
        if is_oos
        else "RELEASE FOR INFUSION CERTIFICATE",
        "oos": is_oos,
        "purpose": "" if registry.purpose is Purpose.PRODUCTION else registry.purpose.value,
        "at": [at.year, at.month, at.day, at.hour, at.minute, at.second],
        "facts": [
            ["Therapy (COI)", therapy.coi],
            ["Product", protocol.title],
            ["Codes of others", "; ".join(f"{one.type.value} {one.value}" for one in codes) or "none"],
            ["Released", f"{at:%Y-%m-%d %H:%M} {statement.offset}, entry {release.sequence}"],
            ["Site", statement.site],
            *_out_of_specification(payload),
        ],
        "containers": [*_containers(therapy, protocol, payload.units)],
        "tests": [
            [one.title, one.result or "no result", one.limit, _verdict(one)] for one in results
        ],
        "after": [
            f"{one.title}: {one.result}, known after this release; limit: {one.limit}"
            for one in results
            if one.is_after_release
        ],
        "predicates": [*_predicates(payload, numbers)],
        "deviations": [*_deviations(therapy, payload.units)],
        "unverified": [one.words for one in unverified(protocol)],
        "unverified_because": registry.unverified_because(protocol.id, protocol.version) or "",
        "signatures": [
            [one.meaning.value.replace("_", " "), f"{one.name} ({one.signer})",
             f"{one.signed_at.astimezone(parse_offset(statement.offset)):%Y-%m-%d %H:%M} {statement.offset}"]
            for one in release.signatures
        ],
        "receipt": {"text": receipt, "svg": symbol(receipt).svg()},
        "protocol": f"{therapy.protocol.id} version {therapy.protocol.version}, "
        f"SHA-256 {therapy.protocol.sha256[:16]}",
    }  # fmt: skip


def _verdict(one: StandingResult) -> str:
    """Of a result that no release waits for and that is not there yet, that it is still to come."""
    if one.is_awaited:
        return "after release"
    return "meets" if one.meets else "DOES NOT MEET"


def _out_of_specification(payload: Released | ReleasedOutOfSpecification) -> Iterator[list[str]]:
    """What did not hold, by which law it was released all the same, and on whose request."""
    if isinstance(payload, Released):
        return
    failed = ", ".join((*payload.failed_tests, *payload.failed)).replace("_", " ")
    yield ["Does not hold", failed]
    if payload.basis is not None:
        yield ["Basis", basis_said(payload.basis)]
    if payload.requested is not None:
        yield ["Requested", "by the physician who approved it; the words are kept in the record"]
    if payload.risk_evaluation is not None:
        yield ["Risks", "evaluated by the manufacturer; the file is kept in the record"]


def _containers(therapy: TherapyState, protocol: Protocol, units: Iterable[str]) -> Iterator[list[str]]:
    for unit in filter(None, map(therapy.unit, units)):
        container = protocol.container(unit.material)
        ends = "" if unit.expires_at is None else f"{unit.expires_at:%Y-%m-%d %H:%M} UTC"
        yield [
            unit.unit,
            f"{unit.number} of {unit.of}" if unit.number else "",
            unit.material.value if container is None else container.title,
            "" if unit.volume_ml is None else f"{unit.volume_ml} mL",
            ends,
            "IN QUARANTINE" if unit.quarantined else unit.disposition.value.replace("_", " "),
        ]


def _predicates(
    payload: Released | ReleasedOutOfSpecification, numbers: dict[str, int]
) -> Iterator[list[str]]:
    for one in payload.predicates:
        rests = " ".join(f"#{numbers[event]}" for event in one.evidence if event in numbers)
        answer = "holds" if one.applies else "nothing to judge"
        yield [one.name.value.replace("_", " "), answer, one.figure, rests]


def _deviations(therapy: TherapyState, units: Iterable[str]) -> Iterator[str]:
    """The closed deviations about what was released, with what quality said."""
    about = {name for unit in units for name in therapy.lineage(unit)}
    for one in therapy.deviations.values():
        if one.status is DeviationStatus.CLOSED and one.concerns(about) and one.assessed is not None:
            decided = one.assessed.decision.value.replace("_", " ")
            yield f"{one.title}: {one.assessed.severity.value}, {decided}"
