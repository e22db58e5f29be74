"""Nothing recorded of a therapy goes by unlisted: each kind and each value has a check or a reason."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from msgspec.structs import replace
from pydantic import BaseModel

from schema.commitments import Commitment
from schema.events import Payload, kinds, registry_kinds
from schema.vocabulary import EntryMode, Fault, ReadMode, Reason
from tests.support.journeys import World
from tracker.concerns import CHECKS, WHY_NOT, Concern, SpeaksOf, is_check
from tracker.exports.gaps import gaps_of
from tracker.exports.standing_findings import STANDING
from tracker.kinds import BESIDE, STEP_KINDS, concern_of
from tracker.rules.marks.events import marks_of
from tracker.rules.marks.standing import FLAG_CONCERNS, Flag, flag_is_grave
from tracker.rules.marks.values import FIELDS, UNLISTED_REASONS, VALUES

LISTED_KINDS = {
    Concern.OUT_OF_SPECIFICATION: {
        "manufacturing_failed", "rejected", "released_out_of_specification",
    },
    Concern.MIXUPS: {"mixup_occurred", "mixup_prevented"},
    Concern.QUARANTINES: {"quarantined", "quarantine_lifted"},
    Concern.NOT_TAKEN: {"delivery_attempted", "diverted", "lapsed", "partly_accepted", "refused"},
    Concern.ENDED_EARLY: {"canceled", "destroyed", "infusion_stopped"},
    Concern.CHANGED_COURSE: {"protocol_repinned", "unpacked"},
    Concern.DEVIATIONS: {
        "deviation_assessed", "deviation_closed", "deviation_drafted", "deviation_opened",
        "excursion_assessed",
    },
    Concern.TEMPERATURES: {"excursion_found"},
    Concern.CORRECTIONS: {"corrected"},
    Concern.FORMS: {"form_voided"},
    Concern.ERASED: {"erased"},
    Concern.BEFORE: {"therapy_imported"},
}  # fmt: skip
LISTED_VALUES = {
    Concern.TESTS_FAILED: {"queried", "resample", "retest"},
    Concern.NOT_IN_ORDER: {"damaged", "not_in_order", "quarantine", "reject", *Fault},
    Concern.COUNTS: {"missing", "unexpected"},
    Concern.NOT_TAKEN: {"lost", "returned"},
    Concern.INK: {"ink"},
    Concern.ATTESTED: {"attested"},
    Concern.LATE: {"late"},
    Concern.PAPER: {"paper", "imported"},
    Concern.UNATTENDED: {"unattended"},
    Concern.TYPED: {"manual", "paper"},
    Concern.PASTED: {"pasted", "simulated"},
    Concern.OBSERVATIONS: {"with_observations"},
    Concern.FAULT_REASONS: {
        "adverse_reaction", "container_damaged", "contents_differ", "expired", "identity_in_doubt",
        "instrument_error", "label_damaged", "label_lost", "label_unreadable", "lost_or_stolen",
        "manufacturing_failed", "recalled_by_maker", "seal_broken", "seal_mismatch",
        "temperature_excursion", "test_failed", "time_limit_exceeded",
    },
}  # fmt: skip
WHY_ONLY = {
    "clinical_need", "data_subject_request", "deviation_assessed", "disease_progression",
    "disk_failed",
    "forgotten_password", "giver_keeps_it", "investigation_closed", "keying_error", "left_the_organization",
    "infection", "network_down", "other", "patient_died", "patient_not_ready", "patient_withdrew",
    "performed_before_entry", "place_closed",
    "power_failure", "receiver_absent", "receiver_without_account", "remainder", "replaced",
    "retention_ended", "scanner_failed", "staff_unavailable", "test_pending", "used_up",
}  # fmt: skip
_AT = datetime(2026, 11, 1, tzinfo=UTC)


def payloads() -> list[type[Payload]]:
    """The payloads of a therapy's chain."""
    return [payload for (kind, _), payload in kinds().items() if kind not in registry_kinds()]


def leaves(owner: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[tuple[str, Any]]:
    """Every field of a payload and of the values in it, as `Class.field` with each type it can have."""
    if owner in seen:
        return
    seen.add(owner)
    for name, field in owner.model_fields.items():
        declared = next(one for one in owner.__mro__ if name in vars(one).get("__annotations__", {}))
        for leaf in types_in(field.annotation):
            yield f"{declared.__name__}.{name}", leaf
            if isinstance(leaf, type) and issubclass(leaf, BaseModel) and leaf is not Commitment:
                yield from leaves(leaf, seen)


def types_in(annotation: Any) -> Iterator[Any]:
    """The types that a value of this annotation can have, inside tuples and unions."""
    if get_origin(annotation) is Annotated:
        yield from types_in(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, types.UnionType, tuple):
        for one in get_args(annotation):
            if one not in (Ellipsis, type(None)):
                yield from types_in(one)
    else:
        yield annotation


def vocabulary() -> Iterator[tuple[str, Any]]:
    """Every field of every payload of a therapy."""
    seen: set[type[BaseModel]] = set()
    for payload in payloads():
        yield from leaves(payload, seen)


def test_findings_d1_every_kind_has_a_check_or_a_reason() -> None:
    """By the table of kinds; which kinds are listed under what is written out once more here."""
    of_therapies = {payload.kind for payload in payloads()}
    assert of_therapies == {*STEP_KINDS, *BESIDE}
    found: dict[Concern, set[str]] = {}
    for kind in of_therapies:
        concern = concern_of(kind)
        assert concern is not None and (is_check(concern) or concern in WHY_NOT), kind
        if is_check(concern):
            found.setdefault(concern, set()).add(kind)
    assert found == LISTED_KINDS


def test_findings_d1_every_value_has_a_check_or_a_reason() -> None:
    """Each word of each closed list, each truth value and each count that an event can have."""
    missing = []
    for name, leaf in vocabulary():
        if isinstance(leaf, type) and issubclass(leaf, StrEnum):
            missing += [f"{name} {word}" for word in leaf if word not in VALUES.get(leaf, {})]
        elif leaf in (bool, int) and name not in FIELDS:
            missing.append(name)
        elif not isinstance(leaf, type):
            missing.append(f"{name}: {leaf} is of no known type")
    assert not missing
    for words in (EntryMode, ReadMode):
        assert {*VALUES[words]} == {*words}


def test_every_row_is_of_something_that_exists() -> None:
    """No row speaks of a field or a list of words that no event has."""
    names = {name for name, _ in vocabulary()}
    lists = {leaf for _, leaf in vocabulary() if isinstance(leaf, type) and issubclass(leaf, StrEnum)}
    assert {*FIELDS} <= names
    assert {*VALUES} - lists == {EntryMode, ReadMode}


def test_which_values_are_listed() -> None:
    """Written out a second time: one word more or less is a decision over what an auditor sees."""
    found: dict[Concern, set[str]] = {}
    for words in VALUES.values():
        for word, concern in words.items():
            if is_check(concern):
                found.setdefault(concern, set()).add(word.value)
    assert found == LISTED_VALUES
    assert {reason.value for reason in UNLISTED_REASONS} == WHY_ONLY
    assert {name for name, row in FIELDS.items() if is_check(row.concern)} == {
        "CodesBound.missing", "CodesBound.unlisted", "DeliveryAttempted.happened_at_site",
        "HandoffAnswer.happened_at_site", "HandoffAnswer.ink", "Inspected.seal_intact",
        "LabelsReconciled.differences", "LineCleared.nothing_left",
        "MakersCertificate.out_of_specification", "Manufactured.attempt", "Payload.doer",
        "Tested.meets_limit",
    }  # fmt: skip
    assert len(Reason) == len(WHY_ONLY) + len(LISTED_VALUES[Concern.FAULT_REASONS]) + 5


@pytest.mark.parametrize(
    ("name", "listed", "passed_over"),
    [
        ("Tested.meets_limit", [False], [True]),
        ("Inspected.seal_intact", [False], [True]),
        ("MakersCertificate.out_of_specification", [True], [False]),
        ("LineCleared.nothing_left", [False], [True]),
        ("Manufactured.attempt", [2, 3], [1]),
        ("LabelsReconciled.differences", [1], [0]),
        ("CodesBound.missing", [("a code",)], [()]),
        ("CodesBound.unlisted", [("a code",)], [()]),
    ],
)
def test_when_a_field_is_listed(name: str, listed: list[object], passed_over: list[object]) -> None:
    """A field is listed for what went wrong in it, and not for being there."""
    row = FIELDS[name]
    assert all(row.when(value) for value in listed) and not any(row.when(value) for value in passed_over)


def test_a_check_or_a_reason_never_both() -> None:
    """Every concern is shown as a check or says why it is none, and each check is asked by somebody."""
    assert {*CHECKS} | {*WHY_NOT} == {*Concern} and {*CHECKS}.isdisjoint(WHY_NOT)
    today = {concern for concern, check in CHECKS.items() if check.speaks_of is SpeaksOf.TODAY}
    of_the_store = {Concern.WAITING, Concern.OPEN_LABELS, Concern.REPEATED_MIXUPS}
    assert {*STANDING} | of_the_store == today
    (gaps,) = (gaps_of([], _AT),)
    assert [gap.concern for gap in gaps] == [concern for concern in CHECKS if concern not in of_the_store]


def test_findings_d10_the_board_marks_what_page_one_lists() -> None:
    """Each mark of the board leads to a check, and is red where that check is."""
    assert {*FLAG_CONCERNS} == {*Flag}
    assert [flag.value for flag in Flag if flag_is_grave(flag)] == [
        "outside_rules", "warm", "cold", "temperature_unknown", "test_failed",
        "out_of_specification", "rejected", "mixup_prevented", "out_of_place",
    ]  # fmt: skip
    grave = [flag_is_grave(flag) for flag in Flag]
    assert grave == sorted(grave, reverse=True), "the worst stands first"


def test_findings_g10_a_key_after_a_reset_is_marked(world: Callable[[str], World]) -> None:
    """What somebody signs with a key made by a one-time code says so; an ordinary key does not."""
    given = world("identified")
    entry = given.entries(given.one.coi)[-1]
    registry = given.tracker.registry
    signed = entry.signatures[0].key
    assert not marks_of(entry, None, None, None, registry)
    known = replace(registry.keys[signed], after_reset=True, issuer="ADMIN-1")
    (mark,) = marks_of(entry, None, None, None, replace(registry, keys={**registry.keys, signed: known}))
    assert mark.concern is Concern.RESET_KEYS and not mark.is_grave
    assert mark.words == f"{entry.signatures[0].signer} signed with a key made after a reset"
