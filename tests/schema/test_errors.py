"""Every way to say no: a code, a sentence, a remedy, and an exit code that says which kind of no."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import labels
import schema
import tracker
import tui
from schema import errors
from schema.errors import CartrailError
from tests.support.places import ROOT
from tracker.answers import EntryReference, failed, from_bytes, refused, to_bytes
from tracker.rules.decision import ScanAnswer, Violation

FAMILIES = {
    errors.InputError: 2,
    errors.Refusal: 3,
    errors.IntegrityFailure: 4,
    errors.StoreError: 5,
    errors.EvidenceMissing: 6,
}
RULE = re.compile(r"[a-z][a-z_]*(\.[a-z_]+)?")


def subclasses(of: type[CartrailError]) -> Iterator[type[CartrailError]]:
    """Every error class, however deep."""
    for one in of.__subclasses__():
        yield one
        yield from subclasses(one)


def all_errors() -> list[type[CartrailError]]:
    """Every error of the shipped packages, all of them imported."""
    for package in (schema, labels, tracker, tui):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "migrations" not in module.name and not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    return sorted(set(subclasses(CartrailError)), key=lambda one: one.__qualname__)


def test_every_error_belongs_to_a_family() -> None:
    """Its exit code is its family's: 2 input, 3 refused, 4 not trusted, 5 not now, 6 missing."""
    found = all_errors()
    assert {*FAMILIES} <= {*found}
    for error in found:
        families = [one for one in FAMILIES if issubclass(error, one)]
        if not families:  # a typesetter or printer that does not work is neither input nor record
            assert error.__module__ == "labels.errors" and error.exit_code in (1, 5), error
            continue
        (family,) = families
        assert error.exit_code == FAMILIES[family], error


def test_every_error_has_a_code_and_a_remedy() -> None:
    """Both stand in the class, so that no place can forget them."""
    found = all_errors()
    for error in found:
        assert "default_remedy" in vars(error) or len(error.__mro__) > 3, error
        made = error("The bag reads A but the band reads B.") if takes_a_message(error) else None
        if made is not None:
            assert re.fullmatch(r"[a-z_]+", made.code) and made.code != "error"
            assert made.remedy.endswith(".") and made.remedy != CartrailError.default_remedy
            assert str(made) == made.message
    codes = [error.default_code for error in found if "default_code" in vars(error)]
    assert len({*codes}) == len(codes)


def takes_a_message(error: type[CartrailError]) -> bool:
    """Whether an error is made from a sentence."""
    return error.__init__ is CartrailError.__init__


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    """What the module draws is what it defines."""
    drawn = dict(re.findall(r"^  (\w+) .*?exit (\d)", errors.__doc__ or "", re.MULTILINE | re.DOTALL))
    assert {name: int(code) for name, code in drawn.items()} == {
        family.__name__: code for family, code in FAMILIES.items()
    }


def test_a_place_may_say_it_better() -> None:
    """A remedy or code of its own takes the place of the class's."""
    error = errors.Refusal("No.", remedy="Yes.", code="special")
    assert (error.message, error.remedy, error.code, error.exit_code) == ("No.", "Yes.", "special", 3)


def violations() -> Iterator[tuple[Path, ast.Call]]:
    """Every place in the rules that makes a violation."""
    for path in sorted((ROOT / "tracker").glob("**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Violation":
                yield path, node


def test_every_violation_has_a_rule_and_a_remedy() -> None:
    """Three texts each; the rule is a word that can stand in `outside_rules`."""
    found = list(violations())
    assert len(found) > 150 and len({path.parent for path, _ in found}) > 8
    for path, node in found:
        where = f"{path.name}:{node.lineno}"
        texts = [
            *node.args,
            *(keyword.value for keyword in node.keywords if keyword.arg in ("message", "remedy")),
        ]
        assert len(texts) >= 3, where
        rule = texts[0]
        if isinstance(rule, ast.Constant):
            assert RULE.fullmatch(str(rule.value)), where
        remedy = texts[2]
        if isinstance(remedy, ast.Constant):
            assert str(remedy.value).endswith("."), where


@pytest.mark.parametrize("word", ScanAnswer)
def test_answers_survive_being_kept(word: ScanAnswer) -> None:
    """The kept answer to a retry is the answer that was given."""
    violation = Violation("too_early", "Too early.", "Wait.", word)
    event_id, entry = (
        "01890a5d-ac96-774b-8000-000000000001",
        EntryReference("CD234567892", 7, "a" * 64, "b" * 64),
    )
    given = refused(event_id, violation, (entry,))
    kept = from_bytes(to_bytes(given), event_id, lambda *place: {("CD234567892", 7): entry}[place])
    assert kept.repeated and kept.problem == given.problem and kept.word is word
    assert kept.to_json() == given.to_json() and kept.exit_code == 3


def test_an_error_as_an_answer() -> None:
    """`record` gives code, sentence and remedy of an error, and its exit code."""
    answer = failed("id", errors.StoreBusy("Locked."))
    assert answer.exit_code == 5 and not answer.ok
    assert answer.to_json() == {
        "ok": False,
        "event_id": "id",
        "error": "store_busy",
        "message": "Locked.",
        "remedy": errors.StoreBusy.default_remedy,
        "entries": [],
    }
