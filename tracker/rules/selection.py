"""Which units and therapies the scanned codes of a request stand for, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from schema.entry import Read
from schema.vocabulary import ObjectType
from tracker.requests.base import PatientIdentifier, Request, Scan
from tracker.rules.decision import ScanAnswer, Violation
from tracker.rules.registry_state import RegistryState
from tracker.rules.situation import PATIENT_FIELD, Found, Resolution, Situation, patient_value
from tracker.rules.therapy_state import TherapyState, UnitState
from tracker.rules.typed_codes import SEAL_FIELDS

CARRIERS = {
    Found.UNIT: "label",
    Found.CASSETTE: "cassette",
    Found.COI: "coi_card",
    Found.BOX: "box",
    Found.LOCATION: "location",
    Found.RECEIPT: "slip",
    Found.FORM: "form",
}
_SHARED = frozenset(
    {
        *(Found.BOX, Found.LOCATION, Found.DATA_LOGGER, Found.SHIPMENT, Found.BADGE),
        *(Found.INSTRUMENT, Found.LOT),
    }
)
"""Codes of things that many therapies use: they name no patient's cells."""

CERTIFICATE = "certificate"
"""The field in which the paper of a release is read; any other receipt stands on a slip."""

_CLEAR_FIELDS = SEAL_FIELDS | {"din"}
"""Fields whose text belongs to this event by the person's own declaration."""


class Selected(Struct, frozen=True):
    """One unit of the request with the code it was read by."""

    unit: UnitState
    resolution: Resolution


class Selection(Struct, frozen=True):
    """The units of a request by therapy, and the codes that stand for no unit."""

    groups: Mapping[str, tuple[Selected, ...]]
    violations: tuple[Violation, ...]


def select(situation: Situation, scans: Iterable[Scan]) -> Selection:
    """The units that codes stand for, each once, in the order of scanning."""
    groups: dict[str, dict[str, Selected]] = {}
    violations: list[Violation] = []
    for scan in scans:
        resolution = situation.resolve(scan)
        unit = situation.unit_of(resolution)
        if unit is None or resolution.coi is None:
            violations.append(not_a(resolution, "unit"))
            continue
        groups.setdefault(resolution.coi, {}).setdefault(unit.unit, Selected(unit, resolution))
    return Selection({coi: tuple(found.values()) for coi, found in groups.items()}, tuple(violations))


def not_a(resolution: Resolution, wanted: str) -> Violation:
    """Why a code is not what the step needs; each kind of fault has its own answer.

    A code of another kind is only to be looked at: somebody scanned in another order.
    """
    found = _not_a(resolution, wanted)
    return replace(
        found,
        compared="code",
        expected=f"the code of a {wanted}",
        read=resolution.text,
        carrier=CARRIERS.get(resolution.found, ""),
    )


def _not_a(resolution: Resolution, wanted: str) -> Violation:
    text = _short(resolution.text)
    if resolution.found is Found.OTHER_PURPOSE:
        return Violation(
            "other_purpose", resolution.note or f"{text} is a code of another purpose.",
            "Keep it out of here: demo, training and production labels never mix.", waivable=False,
        )  # fmt: skip
    if resolution.found is Found.ANNOUNCED:
        return Violation(
            "not_bound", f"{text} stands in a manifest and was not yet scanned on its {wanted}.",
            "Scan the labels of that container against the manifest first.", waivable=False,
        )  # fmt: skip
    if resolution.found is Found.UNKNOWN:
        return Violation(
            "unknown_code", resolution.note or f"{text} is not known in this store.",
            "Check that the label belongs to this network; never guess which unit it is.", waivable=False,
        )  # fmt: skip
    if resolution.found is Found.CASSETTE and resolution.unit is None and wanted != "cassette":
        return Violation(
            "cassette_empty", f"By the record the cassette {text} holds no unit.",
            "Bind bag and cassette first, by scanning both.", waivable=False,
        )  # fmt: skip
    found = resolution.found.value.replace("_", " ")
    what = "no code of this store" if resolution.found is Found.FOREIGN else f"the code of a {found}"
    return Violation(
        "wrong_kind", f"{text} is {what}, not that of a {wanted}.",
        f"Scan the code of the {wanted}.", answer=ScanAnswer.CHECK, waivable=False,
    )  # fmt: skip


def _short(text: str) -> str:
    clean = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text[:40])
    return f'"{clean}"'


def therapy_of(situation: Situation, scan: Scan) -> TherapyState | Violation:
    """The therapy that a COI card, a unit or an adopted code stands for."""
    resolution = situation.resolve(scan)
    names_none = resolution.found in (Found.ANNOUNCED, Found.RECEIPT)
    if names_none or resolution.coi is None or resolution.coi not in situation.therapies:
        return not_a(resolution, "therapy")
    return situation.therapies[resolution.coi]


def object_of(situation: Situation, scan: Scan, found: Found) -> str | Violation:
    """The object id of a box, location, cassette or logger code."""
    resolution = situation.resolve(scan)
    if resolution.found is not found or resolution.object_id is None:
        return not_a(resolution, found.value.replace("_", " "))
    return resolution.object_id


def seal_of(situation: Situation, scan: Scan) -> str | Violation:
    """The text of a seal. It is stored in clear in several chains, so any other code is refused as a seal."""
    resolution = situation.resolve(scan)
    return resolution.text if resolution.found is Found.FOREIGN else not_a(resolution, "seal")


def reads_for(situation: Situation, request: Request, chain: str) -> tuple[Read, ...]:
    """Every code of the request as the chain may hold it.

    A code of another therapy is left out when the act has its own statement there, else committed.
    """
    reads: list[Read] = []
    for field, scan in request.scans():
        read = read_of(situation, chain, field, scan)
        if read is not None:
            reads.append(read)
    reads.extend(
        Read(
            "patient",
            situation.commit(chain, PATIENT_FIELD, patient_value(identifier)),
            identifier.mode,
            identifier.carrier,
        )
        for identifier in patient_identifiers(request)
    )
    return tuple(reads)


def patient_identifiers(request: Request) -> tuple[PatientIdentifier, ...]:
    """The patient identifiers a request carries, if it carries any."""
    given = request.given("patient")
    if not isinstance(given, tuple):
        return ()
    return tuple(item for item in given if isinstance(item, PatientIdentifier))


def read_of(situation: Situation, chain: str, field: str, scan: Scan) -> Read | None:
    """One scan as a read of a chain; None when it belongs to another therapy's own statement."""
    resolution = situation.resolve(scan)
    carrier = scan.carrier or (CARRIERS.get(resolution.found, field) if field != CERTIFICATE else field)
    if resolution.coi is not None and resolution.coi != chain:
        if resolution.coi in situation.therapies and field in ("units", "unit", "labels", "therapies"):
            return None
        return Read(field, situation.commit(chain, "code", resolution.text), scan.mode, carrier)
    if resolution.coi == chain or resolution.found in _SHARED or field in _CLEAR_FIELDS:
        return Read(field, resolution.text, scan.mode, carrier)
    return Read(field, situation.commit(chain, "code", resolution.text), scan.mode, carrier)


def wristband_violation(registry: RegistryState, identifier: PatientIdentifier) -> Violation | None:
    """Why a number does not fit the wristband rules of its issuer: a misread, and not a mix-up."""
    rules = [
        rule
        for site in registry.sites.values()
        for rule in site.wristband
        if (rule.issuer, rule.type) == (identifier.issuer, identifier.type)
    ]
    value, kind = identifier.value, identifier.type.replace("_", " ")
    if not rules or any(value.startswith(rule.prefix) and len(value) == rule.length for rule in rules):
        return None
    forms = " or ".join(
        dict.fromkeys(f'{rule.length} characters beginning "{rule.prefix}"' for rule in rules)
    )
    return Violation(
        "wristband_form",
        f"A {kind} of {identifier.issuer} has {forms}; what was read has {len(value)}.",
        "Read the wristband again, with its leading zeros.",
        waivable=False,
    )


def fresh_id(situation: Situation, object_type: ObjectType, given: str | None) -> str:
    """The id a request gives, or a new one."""
    return given if given is not None else situation.fresh(object_type)
