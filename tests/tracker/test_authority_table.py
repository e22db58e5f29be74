"""Each request about a therapy, asked by somebody with one role alone, within the rules and outside them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from typing import Final

import pytest

from schema.vocabulary import Role
from tests.support.authority_cases import THERAPY
from tests.support.places import ROOT
from tests.support.rule_cases import Case
from tracker.catalog import requests
from tracker.kinds import is_decision
from tracker.registry.requests import RegistryRequest

Rows = Mapping[str, Mapping[str, Mapping[str, list[str]]]]

ROWS: Final[Rows] = tomllib.loads((ROOT / "tests" / "tracker" / "authority.toml").read_text(encoding="utf-8"))
WAYS: Final = {"inside": False, "outside": True}


def test_every_cell_has_its_answer() -> None:
    """Each request, each way, each role once: a new request, kind or role is decided over here."""
    therapies = {name for name, one in requests().items() if not issubclass(one, RegistryRequest)}
    assert ROWS.keys() == THERAPY.keys() == therapies
    for name, ways in ROWS.items():
        assert ways.keys() == WAYS.keys(), name
        for way, answers in ways.items():
            roles = sorted(role for listed in answers.values() for role in listed)
            assert roles == sorted(Role), (name, way)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ROWS)
def test_findings_g1_who_may(case: Callable[[str], Case], name: str, way: str) -> None:
    """`taken`, `outside` (recorded with its mark), or the rule that refuses it."""
    one, request_class = THERAPY[name], requests()[name]
    found: dict[str, list[str]] = {}
    for role in Role:
        answer = one.asked(case(one.stage), request_class, role, outside=WAYS[way])
        found.setdefault(answer, []).append(role.value)
    expected = {answer: sorted(roles) for answer, roles in ROWS[name][way].items()}
    assert {answer: sorted(roles) for answer, roles in found.items()} == expected


def test_findings_g1_no_decision_is_in_the_column_outside() -> None:
    """And no fact is closed to those with a part: they may always say what happened."""
    for name, ways in ROWS.items():
        records = requests()[name].records
        assert records is not None
        outside = ways["outside"]
        if is_decision(records.kind):
            assert not {"outside", "taken"} & outside.keys(), name
        else:
            assert outside.keys() <= {"outside", "taken", "no_part"}, name


def test_findings_g1_auditors_and_administrators_do_nothing_in_a_therapy() -> None:
    """They read and grant; an auditor signs for having read."""
    for name, ways in ROWS.items():
        for answers in ways.values():
            allowed = {*answers.get("taken", ()), *answers.get("outside", ())}
            if name != "review_trail":
                assert not allowed & {"auditor", "administrator"}, name
