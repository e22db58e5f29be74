"""The words of the field: closed sets, stored by value, spelled one way, and all of them used."""

from __future__ import annotations

import re
from enum import StrEnum

import pytest

from schema import vocabulary
from schema.events import kinds, registry_kinds
from schema.identifiers import PURPOSE_LETTER
from schema.vocabulary import ObjectType, PartyType, Purpose, Reason, Role, SitePart
from tests.support.journeys import PROTOCOL
from tests.support.places import ROOT
from tracker.catalog import requests
from tracker.demo import cast

ENUMS = [
    value for value in vars(vocabulary).values() if isinstance(value, type) and issubclass(value, StrEnum)
]
ENUMS.remove(StrEnum)
BRITISH = re.compile(
    r"colour|labell|organis|behaviour|centre|haemat|leukaem|cancell|programme|catalogue|licence"
)
NOT_OUR_WORDS = {"transfer", "handover", "hold", "administration", "batch", "hash", "nonce"}


@pytest.mark.parametrize("words", ENUMS, ids=lambda one: one.__name__)
def test_each_word_is_itself(words: type[StrEnum]) -> None:
    """Name and value say the same, in the form in which the ledger stores it."""
    assert words.__doc__ and words.__doc__.endswith(".")
    for word in words:
        assert word == word.value == str(word) and words(word.value) is word
        if words is not ObjectType:
            assert word.value == word.name.lower() and re.fullmatch(r"[a-z][a-z0-9_]*", word.value)
    assert len({word.value for word in words}) == len(words)


def test_letters_of_ids() -> None:
    """One letter each for what a code stands for and for the purpose of its store, none of them twice."""
    assert [one.value for one in ObjectType] == [*"UCKPLSBDEGF"]
    assert {*PURPOSE_LETTER} == {*Purpose} and sorted(PURPOSE_LETTER.values()) == ["D", "P", "T", "V"]
    assert "X" not in {one.value for one in ObjectType}  # commands begin with it


def test_event_kinds_are_facts() -> None:
    """Kinds are past participles of our words, requests are imperatives; none is both."""
    names = {kind for kind, _ in kinds()}
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in names)
    assert names.isdisjoint(requests())
    assert registry_kinds() < names
    assert not {word for name in names for word in name.split("_")} & NOT_OUR_WORDS


def test_spelling_is_american() -> None:
    """In words, titles and messages alike."""
    root = ROOT
    british = [
        f"{path.relative_to(root)}: {match.group()}"
        for package in ("schema", "labels", "tracker", "tui")
        for path in sorted((root / package).rglob("*"))
        if path.suffix in (".py", ".toml", ".typ")
        for match in BRITISH.finditer(path.read_text(encoding="utf-8").lower())
        if match.group() != "cancell"
    ]
    assert not british


def test_every_role_has_something_to_do() -> None:
    """Each role is in a step of the protocol, but for those who read, administer and approve."""
    working = {role for step in PROTOCOL.steps for role in step.roles}
    assert {*Role} - working == {Role.AUDITOR, Role.ADMINISTRATOR}
    assert {person.role for person in cast.PEOPLE} | {Role.ADMINISTRATOR} == {*Role}


def test_parts_and_parties() -> None:
    """Sites play a part in a therapy, parties hold its units."""
    assert {step.part for step in PROTOCOL.steps} == {*SitePart} - {SitePart.CARRIER}
    assert {*PartyType} == {PartyType.PERSON, PartyType.LOCATION, PartyType.DEPARTMENT, PartyType.CARRIER}


def test_reasons_are_codes() -> None:
    """Reasons stand in clear, so none can name a person; the words go into a commitment."""
    assert Reason.OTHER in Reason and len(Reason) > 30
