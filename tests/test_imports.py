"""Our four packages have common names, and the command line is quick: both go wrong unnoticed."""

import ast
import json
import subprocess
import sys
import tomllib
from importlib import import_module, metadata
from pathlib import Path

import pytest

from tests.support.places import PACKAGES, ROOT

# Runs the command as its script does, then says which modules that took.
COMMAND = """
import json, sys
sys.argv = ["cartrail", *sys.argv[1:]]
from tui.__main__ import main
try:
    main()
finally:
    sys.stdout.flush()
    print("\\n" + json.dumps(sorted(sys.modules)))
"""


def run_command(*arguments: str, folder: Path) -> tuple[str, set[str]]:
    """What the command printed, and the names of the packages that were loaded when it was done."""
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    printed, modules = done.stdout.rstrip("\n").rsplit("\n", 1)
    return printed, {name.partition(".")[0] for name in json.loads(modules)}


@pytest.mark.parametrize("name", PACKAGES)
def test_package_is_ours(name: str) -> None:
    """PyPI has a `schema`, a `labels`, a `tracker` and a `tui` of other people."""
    file = import_module(name).__file__
    assert file is not None
    assert Path(file).parent == ROOT / name
    assert (ROOT / name / "py.typed").is_file(), "who imports it gets our types"


def test_nothing_installed_brings_a_module_of_our_names() -> None:
    """A dependency with a top-level module of our name would be hidden by ours, or hide it."""
    foreign = {
        (distribution.name, file.parts[0])
        for distribution in metadata.distributions()
        if distribution.name != "cartrail"
        for file in distribution.files or ()
        if file.parts[0].partition(".")[0] in PACKAGES
    }
    assert not foreign


def test_version_answers_before_typer(tmp_path: Path) -> None:
    """`--version` is what a script asks first; it needs no command line library."""
    printed, loaded = run_command("--version", folder=tmp_path)
    assert metadata.version("cartrail") in printed
    assert not loaded & {"typer", "click", "rich", "textual", "sqlmodel", "sqlalchemy", "alembic"}


@pytest.mark.parametrize("arguments", [("--help",), ("scan", "CTUD23456789226V")])
def test_help_and_scan_load_no_heavy_library(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """Reading a code or the help opens no store and no screen, so it loads nothing that serves them."""
    printed, loaded = run_command(*arguments, folder=tmp_path)
    assert printed.strip()
    assert not loaded & {"textual", "sqlmodel", "sqlalchemy", "alembic", "typst", "PIL"}


def deciding_modules() -> list[str]:
    """The modules that hold decisions or changes of a state, which are the rules."""
    return [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sorted((ROOT / "tracker").glob("**/*.py"))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) in {"DECISIONS", "CHANGES"}
    ]


@pytest.mark.parametrize("contract", ["rules-reach-no-store", "rules-are-pure"])
def test_every_rule_is_under_the_contracts(contract: str) -> None:
    """A rule that moved out of the packages which a contract names would leave it without a word."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (sources,) = (one["source_modules"] for one in settings["contracts"] if one["id"] == contract)
    found = deciding_modules()
    assert len(found) > 10
    assert not [one for one in found if not one.startswith(tuple(f"{source}." for source in sources))]
