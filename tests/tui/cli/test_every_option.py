"""A bad value for each option of each command: refused in words that a person at a bench knows."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

import pytest

from labels.keyed import in_groups
from schema.vocabulary import Reason
from tests.support.command_tree import leaves
from tests.support.commands import Cartrail, Site
from tui.__main__ import main
from tui.cli.options import ReasonParser
from tui.reasons import REASONS

ELSEWHERE: Final = {"demo", "drill", "init", "serve", "backup", "restore", "record", "migrate"}
"""What makes, copies or serves a store, or reads lines: their own tests say what they refuse."""

BAD: Final = "=?~"
OF_THE_PROGRAM: Final = re.compile(
    r"Value error|(Input|String|Value|List) should|validat|pydantic|pattern|NoneType|Enum|Error\b|Traceback"
    r"|regex|\b(?:tracker|tui|schema|labels)\.[a-z_]+|  is|<[a-z]"
)


def test_no_refusal_speaks_as_a_library(
    founded: Site,
    cartrail: Cartrail,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Each command as its help gives it, with one option wrong: exit 0, 2 or 3 and no word of the program."""
    monkeypatch.chdir(tmp_path)
    tried, told = 0, []
    for leaf in leaves():
        if leaf.name in ELSEWHERE:
            continue
        for option in leaf.own_options:
            code = main([*map(str, (*leaf.example, option.opts[0], BAD, *founded.as_ada))])
            sys.stdout.flush()
            said = capfd.readouterr().err
            tried += 1
            if code not in (0, 2, 3) or OF_THE_PROGRAM.search(said):
                told.append((leaf.name, option.opts[0], code, said))
    assert not told, told
    assert tried > 200


def test_an_option_with_nothing_behind_it(cartrail: Cartrail, founded: Site) -> None:
    """A variable of a script that is empty is no wish for everything."""
    for given in (("--site", ""), ("--site=",)):
        said = cartrail("plan", "week", *given, *founded.as_ada, exit_code=2)
        assert "Nothing stands after --site." in said.err


def test_each_reason_option_takes_the_reasons_of_its_act() -> None:
    """Listed in the help and in the refusal: a handful, and never all that there are."""
    helped = [one.help for leaf in leaves() for one in leaf.own_options if one.opts[0] == "--reason"]
    lists = {ReasonParser(request).listed for request in REASONS}
    assert len(helped) == 16
    for text in helped:
        listed = text.rpartition(": ")[2].removesuffix(".")
        assert listed in lists and listed.endswith(", other")
        assert len(listed.split(", ")) < len(Reason) / 3
    moving = ReasonParser("reschedule")
    assert moving(Reason.INFECTION) is Reason.INFECTION
    with pytest.raises(ValueError, match=r"^'misprint' is no reason for this. There are infection, "):
        moving(Reason.MISPRINT)


def test_a_list_of_a_site_that_is_none(cartrail: Cartrail, founded: Site) -> None:
    """It would be found empty, as if nothing were there; small letters name the same site."""
    lists: tuple[tuple[str, ...], ...] = (
        *(("alerts", "list"), ("board",), ("board", "--today"), ("deviation", "list"), ("outcome", "due")),
        *(("patient", "list"), ("plan", "week"), ("shipment", "list"), ("storage", "map"), ("trail",)),
    )
    for words in lists:
        said = cartrail(*words, "--site", "NOWHERE", *founded.as_ada, exit_code=2)
        assert 'There is no site "NOWHERE" in this store.' in said.err, words
    cartrail("plan", "week", "--site", "plant", *founded.as_ada)


CODE: Final = re.compile(r"(?:CT)?[BCDEFGKLPSU][DTVP][2-9B-X]{9}(?:[0-9A-Z]{3})?")


def written_otherwise(words: list[str], place: int) -> list[list[str]]:
    """The same command with one code in small letters, in groups of both, and behind an equals sign."""
    code, before = words[place], words[place - 1]
    small = [*words[:place], code.lower(), *words[place + 1 :]]
    grouped = [*words[:place], in_groups(code).lower(), *words[place + 1 :]]
    if not before.startswith("--"):
        return [small, grouped]
    return [small, grouped, [*words[: place - 1], f"{before}={code.lower()}", *words[place + 1 :]]]


def test_each_code_of_each_command_is_taken_however_it_is_written(
    founded: Site,
    cartrail: Cartrail,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Whatever the command answers to it as printed, it answers to it in small letters and in groups."""
    monkeypatch.chdir(tmp_path)

    def answer(words: list[str]) -> tuple[int, str, str]:
        code = main([*map(str, (*words, *founded.as_ada))])
        sys.stdout.flush()
        said = capfd.readouterr()
        return code, said.out, said.err

    tried = 0
    for leaf in leaves():
        if leaf.name in ELSEWHERE | {"scan"}:
            continue  # a scanner whose caps lock is on is explained by `scan`
        for place, word in enumerate(leaf.example):
            if CODE.fullmatch(word):
                plain = answer(leaf.example)
                for other in written_otherwise(leaf.example, place):
                    assert answer(other) == plain, other
                    tried += 1
    assert tried > 90
