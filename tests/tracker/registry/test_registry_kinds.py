"""What the program knows of each registry kind, written out a second time: by question, not by kind."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Final

from schema.events import kinds, payload_from, registry_kinds
from tracker.catalog import requests
from tracker.registry.kinds import (
    REGISTRY_KINDS,
    Facts,
    RegistryKind,
    SignatureNeed,
    is_a_name,
    may_be_unsigned,
    subject_fields,
)
from tracker.registry.requests import RegistryRequest

ABOUT: Final[Mapping[str, Collection[str]]] = {
    "site": {
        "site_added", "site_deactivated", "site_reactivated", "site_contact_changed", "site_zone_set",
        "site_wristband_set", "site_days_set", "resource_closed", "closure_lifted", "department_added",
        "location_added", "resource_set",
    },
    "from_site": {"lane_set"},
    "to_site": {"lane_set"},
    "location": {"location_added", "location_conditions_set", "storage_counted"},
    "station": {
        "station_added", "station_board_set", "station_retired", "station_reactivated", "scanner_checked",
        "terminal_checked", "scanner_check_required",
    },
    "staff": {
        "person_added", "person_deactivated", "person_reactivated", "role_granted", "badge_bound",
        "access_code_issued", "locked_out",
    },
    "grant": {"role_revoked"},
    "badge": {"badge_bound", "badge_revoked"},
    "owner": {"key_added", "key_activated", "key_retired"},
    "key": {"key_added", "key_activated", "key_retired"},
    "protocol": {"protocol_adopted"},
    "equipment": {"equipment_added", "equipment_qualified", "equipment_status_set"},
    "box": {"shipper_charged"},
    "lot": {"lot_received", "lot_status_set"},
}  # fmt: skip
"""The kinds that are about what a field names: they travel with the therapies that name it too."""

ABOUT_NOTHING: Final = {
    "store_created", "clock_corrected", "clock_confirmed", "box_emptied", "empty_collected", "empty_returned",
    "label_stock_issued",
    "label_stock_destroyed", "exported", "trail_exported", "people_listed", "rights_reviewed",
    "identifier_searched",
    "store_restored", "lost_head_named",
}  # fmt: skip
"""In a bundle only where an entry names one as its registry head, or as the founding."""

UNSIGNED: Final = {"key_added", "locked_out", "trail_exported", "people_listed", "identifier_searched"}
"""Verification asks nobody to have signed these."""

NAMES: Final = {"person_added"}
"""Their facts are left out of an export without names."""


def test_each_kind_of_the_registry_has_a_row() -> None:
    """A kind without a row is in no bundle and never stands unsigned, so nobody may forget one."""
    assert REGISTRY_KINDS.keys() == registry_kinds()


def test_which_request_asks_for_each_kind() -> None:
    """One for each, but for the founding, which nobody can ask for, and what two requests ask for.

    Keys are added with a station and by themselves; a lot is recalled by a request of its own.
    """
    asked = Counter(
        one.records.kind
        for one in requests().values()
        if issubclass(one, RegistryRequest) and one.records is not None
    )
    assert asked.keys() == registry_kinds() - {"store_created"}
    assert {kind for kind, number in asked.items() if number > 1} == {"key_added", "lot_status_set"}


def answers(table: Mapping[str, RegistryKind]) -> Mapping[str, Collection[str]]:
    """What a table says to each question."""
    named = {field for row in table.values() for field in row.about}
    return {
        **{f"about {field}": {kind for kind, row in table.items() if field in row.about} for field in named},
        "about nothing": {kind for kind, row in table.items() if not row.about},
        "unsigned": {kind for kind, row in table.items() if row.signed is SignatureNeed.NOT_ASKED},
        "names": {kind for kind, row in table.items() if row.facts is Facts.NAME},
    }


EXPECTED: Final = {
    **{f"about {field}": kinds_about for field, kinds_about in ABOUT.items()},
    "about nothing": ABOUT_NOTHING,
    "unsigned": UNSIGNED,
    "names": NAMES,
}


def changed() -> Iterator[Mapping[str, RegistryKind]]:
    """Every table with one cell changed: another signature, other facts, a subject more or less."""
    table = {**REGISTRY_KINDS}
    for kind, row in table.items():
        rows = [replace(row, signed=other) for other in SignatureNeed if other is not row.signed]
        rows += [replace(row, facts=other) for other in Facts if other is not row.facts]
        rows += [replace(row, about=(*row.about, field)) for field in ABOUT if field not in row.about]
        rows += [replace(row, about=tuple(one for one in row.about if one != field)) for field in row.about]
        yield from ({**table, kind: one} for one in rows)


def test_each_question_has_the_answer_that_was_written_out() -> None:
    """One kind more or less is a decision over what is shown and signed, and somebody makes it twice."""
    assert answers(REGISTRY_KINDS) == EXPECTED
    assert all(len({*row.about}) == len(row.about) for row in REGISTRY_KINDS.values())


def test_every_change_of_one_cell_is_noticed() -> None:
    """So no two answers look the same to all questions."""
    tables = [*changed()]
    assert len(tables) == len(REGISTRY_KINDS) * (2 + len(ABOUT))
    assert not [table for table in tables if answers(table) == EXPECTED]


def test_the_rules_ask_the_table() -> None:
    """Evidence and exports ask by these three."""
    for kind, row in REGISTRY_KINDS.items():
        assert subject_fields(kind) == row.about
        assert may_be_unsigned(kind) == (kind in UNSIGNED) and is_a_name(kind) == (kind in NAMES)


def test_kinds_are_about_fields_that_they_have() -> None:
    """A field that was renamed would silently be about nobody; who and where are never left out."""
    whose = {"station", "staff", "owner", "badge", "grant", "protocol"}
    for (kind, version), payload in kinds().items():
        if kind in registry_kinds():
            fields = payload.model_fields.keys()
            assert {*subject_fields(kind)} <= fields, (kind, version)
            assert not whose & fields or subject_fields(kind), (kind, version)


def test_no_other_kind_writes_a_name() -> None:
    """Its facts are replaced where names were not chosen: all of them, for they are nothing else."""
    assert {
        kind
        for (kind, _), payload in kinds().items()
        if kind in registry_kinds() and "name" in payload.model_fields
    } == NAMES
    added = payload_from("person_added", 1, {"staff": "A-1", "name": "Ada Example"})
    assert {*added.to_json()} == {"staff", "name"}


def test_kinds_of_no_registry() -> None:
    """A kind of a newer program is about nothing here, is not excused from signing and hides nothing."""
    for kind in ("stored", "of_next_year"):
        assert not subject_fields(kind) and not may_be_unsigned(kind) and not is_a_name(kind)
