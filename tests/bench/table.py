"""One table for all benchmarks: what was measured, its aim, the figure, and whether the aim is met.

A benchmark is a module `bench_<name>.py` with a function `rows(arguments)` that yields its rows one by one.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module

HEADINGS = ("row", "aim", "figure", "")
WIDTHS = (68, 16, 16, 8)


@dataclass(frozen=True, slots=True)
class Row:
    """One figure; with `at_most` or `at_least` it has an aim, otherwise it stands beside the others."""

    title: str
    figure: float
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None

    @property
    def aim(self) -> str:
        """The aim in words: `<= 380 us`; empty where there is none."""
        if self.at_most is not None:
            return f"<= {shown(self.at_most, self.unit)}"
        return "" if self.at_least is None else f">= {shown(self.at_least, self.unit)}"

    @property
    def verdict(self) -> str:
        """`met` or `not met`; empty where there is no aim."""
        if self.at_most is None and self.at_least is None:
            return ""
        too_much = self.at_most is not None and self.figure > self.at_most
        too_little = self.at_least is not None and self.figure < self.at_least
        return "not met" if too_much or too_little else "met"


def shown(figure: float, unit: str) -> str:
    """A figure with three digits that count and its unit: `0.85x`, `17.2 us`, `1,340 events/s`."""
    size = abs(figure)
    digits = 0 if size >= 100 or figure == int(figure) else 1 if size >= 10 else 2
    return f"{figure:,.{digits}f}{'' if unit == 'x' else ' '}{unit}".rstrip()


def size_and_folder(arguments: Sequence[str], usual: int) -> tuple[int, str | None]:
    """What a benchmark takes from its command line: its size, and where its files lie if not in /tmp."""
    size = int(arguments[0]) if arguments else usual
    return size, arguments[1] if len(arguments) > 1 else None


def measured(name: str) -> list[Row]:
    """The rows of one benchmark at its usual size, in the process that asks."""
    return list(import_module(f"tests.bench.{name}").rows(()))


def show(rows: Iterable[Row]) -> None:
    """Print the rows as they come, then how long they took."""
    began = time.perf_counter()
    print(line(HEADINGS))
    for row in rows:
        print(line((row.title, row.aim, shown(row.figure, row.unit), row.verdict)), flush=True)
    print(f"{time.perf_counter() - began:.0f} s in all")


def line(cells: Iterable[str]) -> str:
    """The cells under each other's columns; a long title pushes the others aside instead of being cut."""
    first, *others = zip(cells, WIDTHS, strict=True)
    return " ".join((first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others))).rstrip()
