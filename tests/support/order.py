"""In which order the tests run: what waits for other processes starts first, beside what computes."""

from collections.abc import Callable, Sequence
from itertools import groupby, islice
from typing import TypeVar

Test = TypeVar("Test")


def waiting_first(
    tests: Sequence[Test], waits: Callable[[Test], bool], workers: int, *, together: Callable[[Test], object]
) -> list[Test]:
    """The same tests, with those that wait at the head of the shares of every other worker.

    `--dist worksteal` gives each worker an equal share of the list at first. The workers between use the
    cores meanwhile, and at the end none is left alone with a test that waits for a minute. Tests of one file,
    `together`, stay in one share: what they share is made once.
    """
    waiting = [[*group] for _, group in groupby(filter(waits, tests), together)]
    others = iter([test for test in tests if not waits(test)])
    beginners = range(0, workers, 2)
    heads = {
        worker: [test for group in waiting[at :: len(beginners)] for test in group]
        for at, worker in enumerate(beginners)
    }
    ordered: list[Test] = []
    left = len(tests)
    for worker in range(workers):
        share, head = left // (workers - worker), heads.get(worker, [])
        ordered += [*head, *islice(others, max(0, share - len(head)))]
        left -= share
    return [*ordered, *others]
