"""All words in one place: what a person reads on a screen is in the template; a catalog speaks instead."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from schema.identifiers import COMMANDS
from schema.vocabulary import Reason
from tests.support.catalogs import MADE_UP, made_up, write_catalog
from tui import language
from tui.causes import DONE
from tui.commands import Happened
from tui.extraction import HERE, TEMPLATE, modules, sentences, template
from tui.language import named, tr
from tui.words import spoken

TWO_WORDS = re.compile(r"[A-Za-z]{2,}[:.,;]? +[A-Za-z]{2}")
STYLES = {"bold reverse", "bold underline", "not bold"}
NOT_SHOWN = {
    "CSS",
    "DEFAULT_CSS",
    "FORMS",
    "OUTSIDE",
    "BY_OUTSIDER",
    "DOER",
    "LATE",
    "PANES",
    "PAPER",
    "footer",
    "palette",
}
"""Names whose texts are a stylesheet, names of fields, or taken from the class by the extractor."""

NOT_SAID = {"TypeError", "RuntimeError", "ValueError", "tr", "info", "warning", "exception"}
"""Calls whose texts are for programmers and log files, or go through the catalog."""

MAIN = (
    *("signin", "waiting", "home", "stop", "step", "sign", "help", "handoff", "rack", "lock"),
    *("shipments", "labels", "audit", "checks"),
)
PROTOCOL = (HERE.parent / "tracker/protocols/autologous-cryopreserved.toml").read_text(encoding="utf-8")
LETTERS = re.compile(r"[A-Za-z]{2,}")
ID = re.compile(r"\b[A-Z]D[A-Z0-9]{2} [A-Z0-9]{4} [A-Z0-9]{3}\b|\b[A-F0-9]{4}(?: [A-F0-9]{4})+\b|\S*\d\S*")
"""An id or a digest in its groups, and what holds a digit: a code, a key or a time; no language has them."""

SIGNS = {"OK", "CHECK", "STOP", "Esc", "Ctrl", "UTC", "pgup", "pgdn"} | {
    part for name in COMMANDS.values() for part in name.split("-")
}
"""The three answers are signs in a shape of their own; keys and printed codes say what stands on them."""


def said(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every text of a module that somebody could read and that does not go through `tr`."""
    above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or node.value in STYLES:
            continue
        chain: list[ast.AST] = []
        one = above.get(node)
        while one is not None:
            chain.append(one)
            one = above.get(one)
        is_key = isinstance(chain[0], ast.Dict) and node in chain[0].keys
        if is_key or isinstance(chain[0], ast.Expr) or any(_is_exempt(one) for one in chain):
            continue
        yield node.lineno, node.value


def _is_exempt(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        function = node.func
        name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
        return name in NOT_SAID
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        return isinstance(target, ast.Name) and target.id in NOT_SHOWN
    return False


def test_the_template_has_every_sentence() -> None:
    """One place for translators."""
    is_complete = TEMPLATE.read_text(encoding="utf-8") == template()
    assert is_complete, (
        f"{TEMPLATE.name} lacks a sentence or has one too many: run `python -m tui.extraction`"
    )


@pytest.mark.parametrize("name", modules())
def test_every_sentence_goes_through_the_catalog(name: str) -> None:
    """Two words in a row outside `tr` are a sentence that no translator ever sees."""
    for line, text in said(ast.parse((HERE / name).read_text(encoding="utf-8"))):
        assert TWO_WORDS.search(text) is None, f"{name}:{line} says {text!r} without tr()."


@pytest.mark.parametrize("name", modules())
def test_a_sentence_is_whole_before_its_values_come(name: str) -> None:
    """An f-string or a variable inside `tr` would be looked up with its values and never found."""
    for node in ast.walk(ast.parse((HERE / name).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tr":
            assert not isinstance(node.args[0], (ast.JoinedStr, ast.BinOp)), f"{name}:{node.lineno}"


def leaving() -> Iterator[str]:
    """What is said where a screen goes away and all is well."""
    for name in modules():
        text = (HERE / name).read_text(encoding="utf-8")
        if "close_with(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Call):
                continue
            if ast.unparse(node).startswith(("self.close_with(ok(tr(", "close_with(ok(tr(")):
                found = (each.value for each in ast.walk(node) if isinstance(each, ast.Constant))
                yield from (one for one in found if isinstance(one, str))


def test_leaving_a_screen_is_never_said_as_an_act_of_the_record() -> None:
    """After Esc stood "The therapy is closed.": somebody signs that, and nobody had."""
    acts = {word.lower() for word in DONE.values()}
    said = set(leaving())
    assert "Back from the therapy." in said
    assert not [text for text in said if acts & set(re.findall(r"[a-z]+", text))]


def test_every_value_of_a_sentence_has_a_name() -> None:
    """A translator moves values about, which only names allow; the record's own braces do not occur."""
    for text in sentences():
        assert re.sub(r"\{[a-z_0-9]+\}", "", text).count("{") == 0, text


def test_words_of_commands_and_of_the_record_are_in_it() -> None:
    """A command's words stand in its class, a code's in the vocabulary; neither is written inside `tr`."""
    known = sentences()
    assert {Happened.footer, Happened.palette, Happened.help()} <= known.keys()
    assert all(reason.value.replace("_", " ") in known for reason in Reason)


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder of one's own with a few words of German, one of them spoiled."""
    words = {
        "There is no line {number}.": "Keine Zeile {number}.",
        "There is no step {number}.": "Kein Schritt {nummer}.",
        "label damaged": "Etikett beschädigt",
    }
    write_catalog(tmp_path, "de", words)
    monkeypatch.setenv(language.FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setenv("LANGUAGE", "de")
    language._catalog.cache_clear()
    yield
    language._catalog.cache_clear()


@pytest.mark.usefixtures("german")
class TestCatalog:
    def test_it_speaks_in_the_place_of_english(self) -> None:
        """Sentences with their values, and codes of the record alone or at the beginning of a line."""
        assert tr("There is no line {number}.", number=7) == "Keine Zeile 7."
        assert named("label_damaged") == "Etikett beschädigt"
        assert spoken("label_damaged") == "Etikett beschädigt"

    def test_what_it_lacks_stays_english(self) -> None:
        """Half a catalog is better than none."""
        assert tr("FETCH") == "FETCH"

    def test_a_spoiled_sentence_stops_no_terminal(self) -> None:
        """A value that the sentence does not have: the English one is said, with its value."""
        assert tr("There is no step {number}.", number=3) == "There is no step 3."


@pytest.fixture(scope="module")
def screens(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, list[str]]]:
    """The main screens in a made-up language, with the record's own texts on them."""
    folder = tmp_path_factory.mktemp("catalogs")
    write_catalog(folder, MADE_UP, {text: made_up(text) for text in sentences()})
    # The language of a process is taken up once, so another process shows the screens.
    told = subprocess.run(
        (sys.executable, "-m", "tests.support.made_up_screens"),
        env={**os.environ, "LANGUAGE": MADE_UP, language.FOLDER_VARIABLE: str(folder)},
        cwd=HERE.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return {one["name"]: (one["painted"], one["texts"]) for one in json.loads(told.stdout)}


@pytest.mark.parametrize("name", MAIN)
def test_no_word_of_the_terminal_stays_english(screens: dict[str, tuple[str, list[str]]], name: str) -> None:
    """What is left in letters of English is the record's: names, titles, rules' sentences, printed codes."""
    painted, texts = screens[name]
    record = {word.lower() for text in (*texts, PROTOCOL) for word in LETTERS.findall(text)}
    left = [
        word
        for word in LETTERS.findall(ID.sub(" ", painted))
        # A name at the end of its cell may be cut.
        if word not in SIGNS and not any(one.startswith(word.lower()) for one in record)
    ]
    assert left == [], f"{left}\n{painted}"
    assert sum("\u0410" <= char <= "\u044f" for char in painted) > 40, painted


def test_the_made_up_screens_are_all_looked_at(screens: dict[str, tuple[str, list[str]]]) -> None:
    """A screen that is shown and not in the list would be looked at by nobody."""
    assert set(screens) == set(MAIN)
