"""The tables of the subjects: each is joined once, and each lies where the contracts keep rules pure."""

from __future__ import annotations

import importlib
import re
import tomllib
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from tests.support.places import ROOT
from tracker.therapy import decide, evolve

TABLES = ("CHANGES", "DECISIONS")


def modules() -> Iterator[ModuleType]:
    """Every module of the tracker with a table of its own; where they are joined is none."""
    for path in sorted((ROOT / "tracker").rglob("*.py")):
        joins = path.stem in ("decide", "evolve")
        if not joins and re.search(r"^(DECISIONS|CHANGES)\b", path.read_text(encoding="utf-8"), re.MULTILINE):
            yield importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def contracts() -> dict[str, list[str]]:
    """The packages that each contract is about, by its id."""
    found = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {one["id"]: one.get("source_modules", []) for one in found["tool"]["importlinter"]["contracts"]}


@pytest.mark.parametrize("contract", ["rules-are-pure", "rules-reach-no-store"])
def test_what_decides_and_changes_is_under_contract(contract: str) -> None:
    """A module that moved out of the packages named there would silently be free to read a clock."""
    sources = contracts()[contract]
    for module in modules():
        assert any(f"{module.__name__}.".startswith(f"{one}.") for one in sources), module.__name__


def test_every_table_of_a_therapy_is_joined() -> None:
    """A subject that nobody joins decides over nothing."""
    tables: dict[str, dict[type, Any]] = {name: {} for name in TABLES}
    for module in modules():
        for name in TABLES:
            if module.__name__.startswith("tracker.therapy."):
                tables[name].update(vars(module).get(name, {}))
    assert tables["CHANGES"] == evolve.CHANGES
    plain = {one for one in decide.DECISIONS if one.plain}
    assert tables["DECISIONS"] == {one: rule for one, rule in decide.DECISIONS.items() if one not in plain}
