"""Small faults put into the rules one at a time: for each some test has to fail.

`python -m tests.support.mutants` changes single cells of the tables of kinds, then single constants of other
rules (a comparison, a number, a boolean, a member of a set), each in a copy of the tree. The tests of the
fast ring that import the module try it, nearest first, until one fails. A cell that no test misses is an
error; a constant may be one that makes no difference, and is only told.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from queue import SimpleQueue

import grimp

from tests.support import places
from tests.support.places import ROOT

KINDS = "tracker.kinds"
REGISTRY_KINDS = "tracker.registry.kinds"
TABLES = {KINDS: ("STEP_KINDS", "StepKind"), REGISTRY_KINDS: ("REGISTRY_KINDS", "RegistryKind")}
"""The name of each table and the class of its rows."""

RULES = ("rules", "therapy", "registry", "protocols")
"""The packages of tracker whose constants are changed."""

RING = tuple(f"tests.tracker.{name}" for name in ("test_kinds", "test_sets", *RULES, "requests"))
"""The tests that try a mutant."""

SEED = 20_261_129
CELLS = {KINDS: 48, REGISTRY_KINDS: 16}
CONSTANTS = 40
MINUTES = 15
PARTS = ("schema", "labels", "tracker", "tui", "tests", "docs", "pyproject.toml", "Makefile", "README.md")
"""What tests read of the tree."""

OPPOSITE: Mapping[type[ast.cmpop], str] = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==",
    ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in",
}  # fmt: skip
SPOKEN: Mapping[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one file, by its place in the text."""

    module: str
    start: int
    end: int
    text: str
    line: int
    change: str
    """What a reader is told: `"packed": people TWO -> ONE`."""

    @property
    def is_cell(self) -> bool:
        """Whether it is a cell of a table."""
        return self.module in TABLES


class Source:
    """A module's text and tree, and where in the text a node stands."""

    def __init__(self, module: str) -> None:
        self.module = module
        self.text = path_of(module).read_text(encoding="utf-8")
        self.tree = ast.parse(self.text)
        self._starts = [0]
        for line in self.text.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line.encode()))

    def place(self, line: int, column: int) -> int:
        """The byte at which a line and column lie."""
        return self._starts[line - 1] + column

    def mutant(self, node: ast.expr, text: str, change: str) -> Mutant:
        """The node replaced by another text."""
        start = self.place(node.lineno, node.col_offset)
        end = self.place(node.end_lineno or node.lineno, node.end_col_offset or 0)
        return Mutant(self.module, start, end, text, node.lineno, change)

    def said(self, node: ast.AST) -> str:
        """The source of a node."""
        return ast.get_source_segment(self.text, node) or ast.unparse(node)


def path_of(module: str, root: Path = ROOT) -> Path:
    """The file of a module."""
    path = root.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def cells(module: str) -> Iterator[Mutant]:
    """Every other answer in every cell of a table, columns that were left to their default included."""
    source = Source(module)
    table, row_class = TABLES[module]
    words = members(source.tree)
    columns = columns_of(source.tree, row_class)
    for kind, row in rows_of(source.tree, table):
        given: dict[str, ast.expr] = dict(zip(columns, row.args, strict=False))
        given.update((each.arg, each.value) for each in row.keywords if each.arg)
        for column, kind_of_cell in columns.items():
            cell = given.get(column)
            if cell is None:
                usual, answers = defaults_of(source.tree, row_class)[column], words[kind_of_cell]
                for other in answers:
                    if other not in (usual, usual.rpartition(".")[2]):
                        yield added(source, row, kind, column, other)
            else:
                for other in others(source, cell, words.get(kind_of_cell, ())):
                    yield source.mutant(cell, other, f'"{kind}": {column} {source.said(cell)} -> {other}')


def others(source: Source, cell: ast.expr, answers: Sequence[str]) -> Iterator[str]:
    """What may stand in a cell instead: another member, or a list of fields with one less or one more."""
    if isinstance(cell, ast.Tuple):
        names = [source.said(each) for each in cell.elts]
        for gone in names:
            kept = [name for name in names if name != gone]
            yield f"({', '.join(kept)}{',' if len(kept) == 1 else ''})"
        yield f'({"".join(f"{name}, " for name in names)}"carrier",)'
        return
    yield from (answer for answer in answers if answer != source.said(cell))


def added(source: Source, row: ast.Call, kind: str, column: str, answer: str) -> Mutant:
    """A row in which a column says something that was left to its default."""
    end = source.place(row.end_lineno or row.lineno, row.end_col_offset or 0) - 1
    change = f'"{kind}": {column} left out -> {answer}'
    return Mutant(source.module, end, end, f", {column}={answer}", row.lineno, change)


def members(tree: ast.Module) -> dict[str, tuple[str, ...]]:
    """The short names of each column's answers: `UNIT, THERAPY, EITHER = About`, or each by its member."""
    found: dict[str, tuple[str, ...]] = {"bool": ("False", "True")}
    for node in tree.body:
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Tuple):
            continue
        names = tuple(ast.unparse(each) for each in node.targets[0].elts)
        owner = node.value.elts[0] if isinstance(node.value, ast.Tuple) else node.value
        found[ast.unparse(owner).partition(".")[0]] = names
    return found


def columns_of(tree: ast.Module, row_class: str) -> dict[str, str]:
    """Name and type of each column, in order."""
    return {ast.unparse(each.target): ast.unparse(each.annotation) for each in _fields_of(tree, row_class)}


def defaults_of(tree: ast.Module, row_class: str) -> dict[str, str]:
    """What a column says where a row leaves it out."""
    return {
        ast.unparse(each.target): ast.unparse(each.value)
        for each in _fields_of(tree, row_class)
        if each.value is not None
    }


def _fields_of(tree: ast.Module, row_class: str) -> list[ast.AnnAssign]:
    (found,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == row_class)
    return [node for node in found.body if isinstance(node, ast.AnnAssign)]


def rows_of(tree: ast.Module, table: str) -> Iterator[tuple[str, ast.Call]]:
    """Each kind and the call that makes its row."""
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == table:
            for literal in ast.walk(node):
                if isinstance(literal, ast.Dict):
                    for key, value in zip(literal.keys, literal.values, strict=True):
                        if isinstance(key, ast.Constant) and isinstance(value, ast.Call):
                            yield str(key.value), value


def constants(module: str) -> Iterator[tuple[str, Mutant]]:
    """Every comparison, number, boolean and member of a set that a rule decides by, with its sort."""
    source = Source(module)
    for node in decisive(source.tree):
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            left, right = source.said(node.left), source.said(node.comparators[0])
            before, after = SPOKEN[type(node.ops[0])], OPPOSITE[type(node.ops[0])]
            text = f"{left} {after} {right}"
            if "\n" not in source.said(node):
                yield "comparison", source.mutant(node, text, f"{left} {before} -> {after} {right}")
        elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
            yield "boolean", source.mutant(node, str(not node.value), f"{node.value} -> {not node.value}")
        elif isinstance(node, ast.Constant) and isinstance(node.value, int):
            yield "number", source.mutant(node, str(node.value + 1), f"{node.value} -> {node.value + 1}")
        elif isinstance(node, ast.Set) and len(node.elts) > 1:
            for gone in node.elts:
                kept = ", ".join(source.said(each) for each in node.elts if each is not gone)
                yield "member", source.mutant(node, f"{{{kept}}}", f"without {source.said(gone)}")


def decisive(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that a rule decides by: no annotation, decorator, subscript, docstring or class option."""
    options = {"keywords"} if isinstance(node, ast.ClassDef) else set()
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "slice"} | options:
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or (isinstance(child, ast.keyword) and child.arg == "strict"):
                continue
            if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
                continue
            yield child
            yield from decisive(child)


def chosen(chance: random.Random) -> list[Mutant]:
    """The seeded mutants: cells of both tables, then as many constants of each sort as there is room for."""
    found: list[Mutant] = []
    for module, number in CELLS.items():
        found += chance.sample(list(cells(module)), number)
    sorts: dict[str, list[Mutant]] = {}
    for module in rule_modules():
        for sort, mutant in constants(module):
            sorts.setdefault(sort, []).append(mutant)
    share = -(-CONSTANTS // len(sorts))
    for sort in sorted(sorts):
        found += chance.sample(sorts[sort], min(share, len(sorts[sort])))
    return found


def rule_modules() -> list[str]:
    """The modules of the rules, but for the tables."""
    return [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for name in RULES
        for path in sorted((ROOT / "tracker" / name).glob("**/*.py"))
        if path.name != "__init__.py" and path != path_of(REGISTRY_KINDS)
    ]


class Tests:
    """Which test files import a module, directly or through what they import, nearest first."""

    def __init__(self) -> None:
        self._graph = grimp.build_graph("schema", "labels", "tracker", "tui", "tests", cache_dir=None)
        self._ring = sorted(
            name
            for name in self._graph.modules
            if name.startswith(RING) and name.rpartition(".")[2].startswith("test_")
        )

    def of(self, module: str) -> list[str]:
        """The files to run for a mutant of a module, with those that read the source of all."""
        near: list[tuple[int, int, str]] = []
        # The file named after the module notices most, so it is tried before all that import it too.
        own = f"test_{module.rpartition('.')[2]}"
        for name in self._ring:
            if self._graph.direct_import_exists(importer=name, imported=places.__name__):
                near.append((1, 1, name))
                continue
            chain = self._graph.find_shortest_chain(name, module)
            if name.rpartition(".")[2] == own:
                near.append((-1, 0, name))
            elif chain is not None:
                is_elsewhere = not name.startswith(f"tests.{module.rpartition('.')[0]}")
                near.append((len(chain) if is_elsewhere else 0, len(chain), name))
        return [str(path_of(name).relative_to(ROOT)) for _, _, name in sorted(near)]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one mutant."""

    mutant: Mutant
    is_noticed: bool
    by: str
    seconds: float

    def __str__(self) -> str:
        mutant = self.mutant
        word = "killed  " if self.is_noticed else "SURVIVED"
        place = f"{path_of(mutant.module).relative_to(ROOT)}:{mutant.line}"
        return f"{word} {place} {mutant.change}  ({self.by}, {self.seconds:.0f} s)"


class Trees:
    """Copies of the tree, each for one mutant at a time."""

    def __init__(self, folder: Path, number: int) -> None:
        self.free: SimpleQueue[Path] = SimpleQueue()
        # Python takes a module for unchanged when size and second of its file are: each writing has its own.
        self._seconds = count(int(time.time()) + 1)
        for copy in range(number):
            tree = folder / str(copy)
            for part in PARTS:
                if (ROOT / part).is_dir():
                    shutil.copytree(ROOT / part, tree / part, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy(ROOT / part, tree / part)
            self.free.put(tree)

    def tried(self, mutant: Mutant, tests: Sequence[str]) -> Verdict:
        """The mutant applied, its tests run, and the tree as it was again."""
        tree = self.free.get()
        path = path_of(mutant.module, tree)
        whole = path.read_bytes()
        began = time.perf_counter()
        try:
            self._write(path, whole[: mutant.start] + mutant.text.encode() + whole[mutant.end :])
            noticed, by = run(tree, tests)
        finally:
            self._write(path, whole)
            self.free.put(tree)
        return Verdict(mutant, noticed, by, time.perf_counter() - began)

    def _write(self, path: Path, content: bytes) -> None:
        path.write_bytes(content)
        second = next(self._seconds)
        os.utime(path, (second, second))


def run(tree: Path, tests: Sequence[str]) -> tuple[bool, str]:
    """Whether a test fails in a tree, and which."""
    command = [sys.executable, "-m", "pytest", "-xq", "--no-header", "--tb=no", "-m", "not slow"]
    # A mutant that hangs is noticed by the time-out that each test has.
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", *tests], cwd=tree, capture_output=True, text=True, check=False
    )
    if "while loading conftest" in done.stderr:
        return True, "nothing can be imported"
    lines = done.stdout.splitlines()
    failed = next((line.split()[1] for line in lines if line.startswith(("FAILED", "ERROR"))), "")
    if done.returncode not in (0, 1, 2):
        raise SystemExit(f"pytest could not run: {done.stdout}{done.stderr}")
    return done.returncode != 0, failed.partition("tests/")[2] or lines[-1].strip("= ")


def main() -> int:
    """Try all mutants and tell which survived; 1 when a cell of a table did, or time ran out."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seed", type=int, default=SEED, help="draws other mutants")
    arguments.add_argument("--workers", type=int, default=min(os.cpu_count() or 1, 8))
    arguments.add_argument("--of", default="", help="only those of modules whose name has this word")
    given = arguments.parse_args()
    mutants = [one for one in chosen(random.Random(given.seed)) if given.of in one.module]
    tests, began, verdicts = Tests(), time.perf_counter(), []
    with tempfile.TemporaryDirectory(prefix="cartrail-mutants-") as folder:
        trees = Trees(Path(folder), given.workers)
        files = {mutant.module: tests.of(mutant.module) for mutant in mutants}
        every = sorted({file for each in files.values() for file in each})
        is_broken, said = run(ROOT, every)
        if is_broken:
            sys.stdout.write(f"The tests fail without any mutant: {said}.\n")
            return 1

        def tried(mutant: Mutant) -> Verdict | None:
            if time.perf_counter() - began > MINUTES * 60:
                return None
            return trees.tried(mutant, files[mutant.module])

        with ThreadPoolExecutor(given.workers) as pool:
            for verdict in pool.map(tried, mutants):
                if verdict is not None:
                    verdicts.append(verdict)
                    sys.stdout.write(f"{verdict}\n")
                    sys.stdout.flush()
    return told(verdicts, len(mutants), time.perf_counter() - began)


def told(verdicts: Sequence[Verdict], number: int, seconds: float) -> int:
    """Say how it went; gives the exit code."""
    for name, is_cell in (("cells of the tables", True), ("other constants", False)):
        own = [verdict for verdict in verdicts if verdict.mutant.is_cell is is_cell]
        killed = sum(verdict.is_noticed for verdict in own)
        sys.stdout.write(f"{name}: {killed} of {len(own)} killed\n")
    sys.stdout.write(f"{len(verdicts)} of {number} mutants tried in {seconds / 60:.1f} minutes\n")
    if len(verdicts) < number:
        sys.stdout.write(f"After {MINUTES} minutes no more were begun; a quiet machine needs fewer.\n")
    has_survivor = any(verdict.mutant.is_cell and not verdict.is_noticed for verdict in verdicts)
    return 1 if has_survivor or len(verdicts) < number else 0


if __name__ == "__main__":
    sys.exit(main())
