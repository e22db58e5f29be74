"""What is shipped stays small, described and finished; this reads the source and says where it does not."""

import ast
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.figures import class_names_used_twice, read
from tests.support.places import PACKAGES, ROOT

MODULES = sorted(path.relative_to(ROOT) for name in PACKAGES for path in ROOT.glob(f"{name}/**/*.py"))

FUNCTION_LINES_MAX = 60  # what a screen shows at once
TELLING_LINES_MAX = 5  # a function whose body is no longer is read as quickly as a sentence about it
MIGRATIONS = Path("schema/migrations")  # Alembic loads these by path

# How many modules each package has at least: fewer found means that a search misses some.
LEAST = {"schema": 30, "labels": 20, "tracker": 200, "tui": 100}

# A module with such a name says nothing of what it holds, so anything ends up in it.
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc"}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b")
TEXT_SUFFIXES = {".py", ".toml", ".typ", ".mako", ".tcss", ".json"}

# The framework says when it calls these; a docstring of ours would only repeat its manual.
FRAMEWORK_CALLS = re.compile(r"compose|render|process_(bind_param|result_value)|(on|watch)_\w+")
NEEDLESS_DECORATORS = {"override", "overload", "setter"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def tree(module: Path) -> ast.Module:
    """The module as Python reads it."""
    return ast.parse((ROOT / module).read_text(encoding="utf-8"))


def decorators(function: Function) -> set[str]:
    """The last name of each decorator: `setter` for `@value.setter`."""
    return {ast.unparse(each).partition("(")[0].rpartition(".")[2] for each in function.decorator_list}


def tells_itself(function: Function) -> bool:
    """Whether name and body say it all: a property, or a body of a few lines."""
    if decorators(function) & {"property", "cached_property"}:
        return True
    return (function.end_lineno or 0) - function.body[0].lineno < TELLING_LINES_MAX


def public(body: list[ast.stmt], owner: str = "") -> Iterator[tuple[str, Function | ast.ClassDef]]:
    """The public classes, functions and methods defined here, each with its dotted name."""
    for node in body:
        if not isinstance(node, Function | ast.ClassDef) or node.name.startswith("_"):
            continue
        if isinstance(node, ast.ClassDef):
            yield owner + node.name, node
            yield from public(node.body, f"{owner}{node.name}.")
        elif not decorators(node) & NEEDLESS_DECORATORS and not (
            owner and FRAMEWORK_CALLS.fullmatch(node.name)
        ):
            yield owner + node.name, node


def test_every_module_is_in_a_package() -> None:
    """A folder without `__init__.py` would fall out of what walks the packages, as the list of errors."""
    walked = {
        module.name
        for name in PACKAGES
        for module in pkgutil.walk_packages([str(ROOT / name)], prefix=f"{name}.")
    }
    found = {
        ".".join(module.with_suffix("").parts)
        for module in MODULES
        if module.name != "__init__.py" and MIGRATIONS not in module.parents
    }
    assert found <= walked
    for name, least in LEAST.items():
        assert sum(module.parts[0] == name for module in MODULES) >= least, name


def test_functions_are_short() -> None:
    """A function has at most 60 lines; a module has as many as its subject asks for."""
    long = [
        f"{module}:{node.lineno} {node.name} has {lines} lines"
        for module in MODULES
        for node in ast.walk(tree(module))
        if isinstance(node, Function)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES_MAX
    ]
    assert not long


def test_public_names_are_described() -> None:
    """A module and a public class have docstrings, and so has a public function that does not tell itself."""
    bare = []
    for module in MODULES:
        source = tree(module)
        if not ast.get_docstring(source):
            bare.append(str(module))
        bare += [
            f"{module}:{node.lineno} {name}"
            for name, node in public(source.body)
            if not ast.get_docstring(node) and (isinstance(node, ast.ClassDef) or not tells_itself(node))
        ]
    assert not bare


def test_one_name_is_one_thing() -> None:
    """No two modules have a public class of the same name; what a verifier must bring along alone may."""
    assert not class_names_used_twice(read(ROOT))


def test_no_module_has_an_empty_name() -> None:
    """No module or folder is a drawer for what nobody knew where to put."""
    assert not [str(module) for module in MODULES if EMPTY_NAMES & {*module.with_suffix("").parts}]


def test_nothing_shipped_says_it_is_unfinished() -> None:
    """What is left to do stands in an issue, where somebody sees it."""
    unfinished = [
        f"{path.relative_to(ROOT)}:{number}"
        for name in PACKAGES
        for path in sorted(ROOT.glob(f"{name}/**/*"))
        if path.suffix in TEXT_SUFFIXES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if UNFINISHED.search(line)
    ]
    assert not unfinished


def test_every_benchmark_gives_rows() -> None:
    """`make bench` prints one table, and leaves out none of its benchmarks."""
    benches = sorted(Path("tests/bench").joinpath(path.name) for path in ROOT.glob("tests/bench/bench_*.py"))
    assert len(benches) > 8
    for bench in benches:
        names = {node.name for node in tree(bench).body if isinstance(node, ast.FunctionDef)}
        assert "rows" in names, bench
