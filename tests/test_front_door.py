"""The terminal reaches the program through one front door, and the contract for it leaves nothing out."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.support.places import ROOT
from tracker import values

OPEN = {
    "tracker.answers",
    "tracker.catalog",
    "tracker.demo.run",
    "tracker.demo.simulation",
    "tracker.exports.forms",
    "tracker.settings",
    "tracker.tracker",
    "tracker.values",
    "tracker.verification",
}
"""What `tui` may import of tracker."""


def imported() -> Iterator[tuple[Path, str, str]]:
    """Each name that a module of `tui` imports from tracker, with where from."""
    for path in sorted((ROOT / "tui").glob("**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "tracker":
                yield from ((path, node.module or "", alias.name) for alias in node.names)
            elif isinstance(node, ast.Import):
                yield from (
                    (path, alias.name, "") for alias in node.names if alias.name.startswith("tracker.")
                )


def test_tui_imports_the_front_door_alone() -> None:
    """Also for types alone, which the contract does not count."""
    found = list(imported())
    assert len(found) > 100
    strange = {
        f"{path.relative_to(ROOT)}: {module} {name}"
        for path, module, name in found
        if module not in OPEN and f"{module}.{name}" not in OPEN
    }
    assert not strange


def test_values_are_those_that_are_used() -> None:
    """What nobody takes out at the door need not stand there."""
    used = {name for _, module, name in imported() if module == "tracker.values"}
    assert used == {*values.__all__}


def test_the_contract_protects_everything_else() -> None:
    """A new module of tracker is behind the door from its first day."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (contract,) = [one for one in contracts["contracts"] if one["id"] == "one-front-door"]
    parts = {module.rpartition(".")[0] for module in OPEN} - {"tracker"}
    expected = set[str]()
    for package in ("tracker", *parts):
        for path in (ROOT / package.replace(".", "/")).iterdir():
            name = f"{package}.{path.stem}"
            is_module = path.suffix == ".py" and path.stem != "__init__"
            is_package = path.is_dir() and (path / "__init__.py").is_file()
            if (is_module or is_package) and name not in OPEN | parts:
                expected.add(name)
    assert {*contract["protected_modules"]} == expected


def test_nobody_outside_reaches_into_the_store() -> None:
    """`tracker.store` is for what stands behind the door."""
    reaching = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / "tui").glob("**/*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in ("store", "desk")
        and ast.unparse(node.value).rpartition(".")[2] == "tracker"
    ]
    assert not reaching
