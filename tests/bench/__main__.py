"""All benchmarks in one table, each in a process of its own: `python -m tests.bench [words]`.

Words pick the benchmarks whose name has one of them: `python -m tests.bench record verify`. One of them alone
takes its size: `python -m tests.bench.bench_verify_store 1000000`.
"""

import multiprocessing
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.bench.table import Row, measured, show


def names(words: Sequence[str]) -> list[str]:
    """The benchmarks of this folder whose name has one of the words; without words all of them."""
    found = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    return [name for name in found if not words or any(word in name for word in words)]


def all_rows(chosen: Sequence[str]) -> Iterator[Row]:
    """The rows of each; memory and caches of one are not those of the next."""
    for name in chosen:
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as alone:
            yield from alone.submit(measured, name).result()


if __name__ == "__main__":
    chosen = names(sys.argv[1:])
    if not chosen:
        raise SystemExit(f"No benchmark has one of these words: {' '.join(sys.argv[1:])}.")
    show(all_rows(chosen))
