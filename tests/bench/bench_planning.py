"""The planner against first come, first served, on ten seeds of an invented network; and what it takes.

Run with `python -m tests.bench.bench_planning [seeds]`.
"""

import statistics
import sys
import time
from collections.abc import Iterator, Sequence

from tests.bench.planning_network import (
    ENOUGH_BEDS,
    FEW_BEDS,
    NOW,
    THERAPIES,
    Network,
    each_week,
    first_come,
)  # fmt: skip
from tests.bench.table import Row, show
from tracker.planning.chain import Taken
from tracker.planning.planner import PlanProposal, propose

SEEDS = 10
OTHERS = 10_000
ASKED = 200
PLAN_SECONDS, PROPOSE_MS = 2, 300
WAIT_LESS, SHORTER = 2, 20


def compared(beds: int, seeds: int) -> Iterator[Row]:
    """How the planner does with so many beds in each hospital."""
    network, took = Network(beds), []
    waits, veins, unplaced = [], [], 0
    for seed in range(1, seeds + 1):
        arrivals = network.arrivals(seed)
        first = first_come(arrivals)
        began = time.perf_counter()
        ours = each_week(arrivals)
        took.append(time.perf_counter() - began)
        unplaced += THERAPIES - ours.placed
        waits.append((first.wait, ours.wait))
        veins.append(100 * (1 - ours.vein_to_vein / first.vein_to_vein))
    least = min(100 * (1 - ours / first) for first, ours in waits)
    mean = 100 * (1 - sum(ours for _, ours in waits) / sum(first for first, _ in waits))
    short = beds == FEW_BEDS
    named = f"{beds} beds, {seeds} seeds:"
    yield Row(f"{named} therapies without a place", unplaced, at_most=0)
    yield Row(f"{named} weighed wait below first come, least of a seed", least, "%", at_least=0)
    yield Row(
        f"{named} weighed wait below first come, all seeds", mean, "%", at_least=WAIT_LESS if short else 0
    )
    yield Row(f"{named} median vein-to-vein below first come, least", min(veins), "%",
              at_least=SHORTER if short else None)  # fmt: skip
    yield Row(f"{named} {THERAPIES} therapies planned, longest", max(took), "s", at_most=PLAN_SECONDS)


def beside_others() -> Iterator[Row]:
    """How long one proposal takes where very many are booked."""
    network, taken = Network(FEW_BEDS), Taken()
    wide = Network(OTHERS)
    for one in wide.arrivals(0, OTHERS):
        found = propose(one.wish, Taken(), NOW)
        if isinstance(found, PlanProposal):
            taken.book_chain(one.wish.pathway, found.slots.values())
    times = []
    for one in network.arrivals(1, ASKED):
        began = time.perf_counter()
        propose(one.wish, taken, NOW)
        times.append(1000 * (time.perf_counter() - began))
    p95 = statistics.quantiles(times, n=20)[-1]
    yield Row(f"a proposal beside {OTHERS:,} booked therapies, p95", p95, "ms", at_most=PROPOSE_MS)


def rows(arguments: Sequence[str]) -> Iterator[Row]:
    """Both hospitals with enough beds and with too few, then a proposal in a full network."""
    seeds = int(arguments[0]) if arguments else SEEDS
    for beds in (ENOUGH_BEDS, FEW_BEDS):
        yield from compared(beds, seeds)
    yield from beside_others()


if __name__ == "__main__":
    show(rows(sys.argv[1:]))
