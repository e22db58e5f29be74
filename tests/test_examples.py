"""Hypothesis has no deadline and no fixed seed: neither a busy machine nor CI changes what a test is."""

import ast
from pathlib import Path

from hypothesis import settings

from tests.support import examples
from tests.support.places import ROOT

OWN = {"deadline", "derandomize"}


def with_settings() -> list[tuple[Path, ast.Call]]:
    """Every `settings(...)` of the tests."""
    return [
        (path.relative_to(ROOT), node)
        for path in sorted((ROOT / "tests").glob("**/*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "settings"
    ]


def test_the_profile_has_no_deadline_and_fresh_seeds() -> None:
    """Whichever profile runs, also where CI is set."""
    assert settings.get_current_profile_name() in {examples.SHORT, examples.LONG}
    for name in (examples.SHORT, examples.LONG):
        profile = settings.get_profile(name)
        assert (profile.deadline, profile.derandomize, profile.print_blob) == (None, False, True)


def test_no_test_sets_a_deadline_or_a_seed_of_its_own() -> None:
    """What a test does not say comes from the profile."""
    found = with_settings()
    assert len(found) >= 10
    assert not [
        f"{path}:{call.lineno} {keyword.arg}"
        for path, call in found
        for keyword in call.keywords
        if keyword.arg in OWN
    ]


def test_a_long_run_takes_ten_times_as_many() -> None:
    """The long search is the full one, the short one a tenth of it and never none."""
    assert examples.examples(200) in {20, 200}
    assert examples.examples(1) == 1
