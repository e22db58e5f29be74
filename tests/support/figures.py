"""Figures of the source, of this checkout or another one: `python -m tests.support.figures [--repo PATH]`."""

from __future__ import annotations

import argparse
import ast
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from tests.support.places import PACKAGES, ROOT

LONG_FUNCTION = 40  # lines

# It travels in every bundle and imports nothing of ours, so it has an Entry and a Key of its own.
STANDS_ALONE = "tracker.evidence.standalone.verify"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One source file of a package, as Python reads it."""

    name: str
    path: Path
    text: str
    tree: ast.Module = field(repr=False)

    @classmethod
    def of(cls, name: str, path: Path, text: str) -> Module:
        """The module with that text; raises SyntaxError where it is no Python."""
        return cls(name, path, text, ast.parse(text))

    @property
    def package(self) -> str:
        """The package it belongs to: `schema`, `labels`, `tracker` or `tui`."""
        return self.name.partition(".")[0]

    @property
    def lines(self) -> int:
        """Every line of the file, blank ones and comments too."""
        return len(self.text.splitlines())

    @property
    def import_lines(self) -> int:
        """The lines that import statements take, those inside functions too."""
        return sum(
            (node.end_lineno or node.lineno) - node.lineno + 1
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
        )

    @property
    def functions(self) -> Iterator[tuple[str, int]]:
        """Each function and method with its length in lines."""
        for node in ast.walk(self.tree):
            if isinstance(node, Function):
                yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


@dataclass(frozen=True)
class Source:
    """The four packages of a checkout."""

    modules: Mapping[str, Module]

    @cached_property
    def imported(self) -> Mapping[str, frozenset[str]]:
        """The modules of ours that each module imports."""
        return {name: frozenset(self._imports(module)) for name, module in self.modules.items()}

    @cached_property
    def importers(self) -> Mapping[str, frozenset[str]]:
        """The modules that import each module."""
        found: dict[str, set[str]] = defaultdict(set)
        for name, targets in self.imported.items():
            for target in targets:
                found[target].add(name)
        return {name: frozenset(found[name]) for name in self.modules}

    @cached_property
    def loaded(self) -> Mapping[str, frozenset[str]]:
        """What each module loads of ours, sooner or later; imports for types alone load nothing."""
        return {
            name: frozenset(self._imports(module, {*_for_types_alone(module.tree)}))
            for name, module in self.modules.items()
        }

    def _imports(self, module: Module, without: Collection[ast.AST] = ()) -> Iterator[str]:
        for node in ast.walk(module.tree):
            if node in without:
                continue
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                # `from a.b import c` imports a module where c is one, else takes a name from a.b.
                names = [
                    one if (one := f"{node.module}.{alias.name}") in self.modules else node.module
                    for alias in node.names
                ]
            yield from (name for name in names if name in self.modules and name != module.name)


def _for_types_alone(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        name = getattr(node.test, "id", getattr(node.test, "attr", "")) if isinstance(node, ast.If) else ""
        if name == "TYPE_CHECKING":
            yield from ast.walk(node)


@cache
def read(root: Path) -> Source:
    """Every module of the four packages under a root."""
    modules = {}
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            text = path.read_text(encoding="utf-8")
            modules[name] = Module.of(name, path, text)
    return Source(modules)


def beside_their_only_importer(source: Source) -> list[str]:
    """Modules with exactly one importer, which lies in the same folder: perhaps one subject cut in two."""
    return [
        name
        for name, importers in source.importers.items()
        if len(importers) == 1
        and source.modules[next(iter(importers))].path.parent == source.modules[name].path.parent
    ]


def class_names_used_twice(source: Source) -> Mapping[str, tuple[str, ...]]:
    """Public class names that several modules define at their top, with those modules."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, module in source.modules.items():
        for node in module.tree.body if name != STANDS_ALONE else ():
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(name)
    return {name: tuple(modules) for name, modules in sorted(found.items()) if len(modules) > 1}


def tracker_modules_of_tui(source: Source) -> list[str]:
    """The modules of `tracker` that some module of `tui` imports."""
    return sorted(
        name
        for name, importers in source.importers.items()
        if name.split(".")[0] == "tracker" and any(one.split(".")[0] == "tui" for one in importers)
    )


def long_functions(source: Source) -> list[str]:
    """Functions of more than 40 lines, each with its module and length."""
    return [
        f"{module.name}:{name} ({lines})"
        for module in source.modules.values()
        for name, lines in module.functions
        if lines > LONG_FUNCTION
    ]


def report(source: Source, *, names: bool = False) -> Iterator[str]:
    """The figures, one a line; with their names where somebody wants to see which they are."""
    lines = Counter[str]()
    for module in source.modules.values():
        lines[module.package] += module.lines
    total = lines.total()
    by_package = ", ".join(f"{package} {lines[package]:,}" for package in PACKAGES)
    imports = sum(module.import_lines for module in source.modules.values())
    lone = beside_their_only_importer(source)
    twice = class_names_used_twice(source)
    of_tui = tracker_modules_of_tui(source)
    long = long_functions(source)
    yield f"{'modules':46} {len(source.modules):,}"
    yield f"{'lines':46} {total:,} ({by_package})"
    yield f"{'lines per module':46} {total / len(source.modules):.0f}"
    yield f"{'import lines':46} {imports / total:.1%}"
    yield f"{'modules with one importer, beside it':46} {len(lone)}"
    yield from _listed(lone if names else ())
    yield f"{'public class names used twice or more':46} {len(twice)}"
    yield from _listed(f"{name}: {', '.join(modules)}" for name, modules in twice.items())
    yield f"{'tracker modules that tui imports':46} {len(of_tui)}"
    yield from _listed(of_tui if names else ())
    yield f"{f'functions over {LONG_FUNCTION} lines':46} {len(long)}"
    yield from _listed(long if names else ())


def _listed(names: Sequence[str] | Iterator[str]) -> Iterator[str]:
    return (f"    {name}" for name in names)


def main() -> None:
    """Print the figures of this checkout, or of another one."""
    parser = argparse.ArgumentParser(description="Figures of the source of cartrail.")
    parser.add_argument("--repo", type=Path, default=ROOT, help="a checkout of cartrail; by default this one")
    parser.add_argument("--names", action="store_true", help="name what is counted")
    chosen = parser.parse_args()
    sys.stdout.write("\n".join(report(read(chosen.repo), names=chosen.names)) + "\n")


if __name__ == "__main__":
    main()
