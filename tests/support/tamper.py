"""Flips in a bundle: every one has to be seen.

`make test` takes a few hundred positions; `python -m tests.support.tamper` all that the issue asks for.
"""

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from tests.support.bundles import files_of, judged, new_hall, repaired, zipped
from tracker.evidence.standalone.verify import NOT_PROVED, open_container

POSITIONS = 2_000
SEED = 20_260_301


@dataclass(frozen=True, slots=True)
class Flip:
    """One byte to change, in a file or between files."""

    name: str | None
    """The file; None for a byte of the zip itself."""

    place: int
    mask: int

    def done(self, bundle: bytes) -> bytes:
        """The bundle with the byte changed, and the manifest's digests repaired around it."""
        if self.name is None:
            return _flipped(bundle, self.place, self.mask)
        files = files_of(bundle)
        files[self.name] = _flipped(files[self.name], self.place, self.mask)
        # What the manifest says is repaired around a flip, not over it.
        return zipped(files) if self.name == "manifest.json" else repaired(files)


def _flipped(data: bytes, place: int, mask: int) -> bytes:
    return data[:place] + bytes([data[place] ^ mask]) + data[place + 1 :]


def flips(bundle: bytes, count: int, seed: int = SEED) -> Iterator[Flip]:
    """Seeded positions over all of the bundle but what is no evidence."""
    spans = open_container(bundle)
    chance = random.Random(seed)
    made = 0
    while made < count:
        place, mask = chance.randrange(len(bundle)), 1 << chance.randrange(8)
        inside = next((name for name, span in spans.items() if span.start <= place < span.end), None)
        if inside in NOT_PROVED:
            continue
        made += 1
        yield Flip(inside, place - (spans[inside].start if inside else 0), mask)


def every_byte_of_an_entry(bundle: bytes, name: str, number: int) -> Iterator[Flip]:
    """Each byte of one line of a file, its newline included."""
    lines = files_of(bundle)[name].splitlines(keepends=True)
    start = sum(map(len, lines[:number]))
    chance = random.Random(SEED)
    for place in range(start, start + len(lines[number])):
        yield Flip(name, place, 1 << chance.randrange(8))


def caught(bundle: bytes, wanted: Iterable[Flip]) -> Counter[int]:
    """How many flips each step was the first to find, 0 for a file that is damaged.

    Raises AssertionError for a flip that passes.
    """
    steps: Counter[int] = Counter()
    for flip in wanted:
        said = judged(flip.done(bundle))
        # A zip whose end is not one is a damaged file, of which nothing can be judged.
        assert said.exit_code == 4 or (said.exit_code == 2 and flip.name is None), (flip, said.exit_code)
        steps[min(said.found(), default=0)] += 1
    return steps


def main() -> None:
    """All positions and every byte of an entry for one therapy; a quarter of them for everything at once."""
    with tempfile.TemporaryDirectory() as folder:
        hall = new_hall(Path(folder) / "demo")
        one, whole = hall.export("one", hall.demo.therapies[3].coi), hall.export("all")
        hall.tracker.close()
        every_byte = every_byte_of_an_entry(one, "entries.ndjson", 3)
        tell("one therapy", one, chain(flips(one, POSITIONS), every_byte))
        tell("everything", whole, flips(whole, POSITIONS // 4))


def tell(name: str, bundle: bytes, wanted: Iterable[Flip]) -> None:
    """What caught the flips of a bundle."""
    started = time.perf_counter()
    seen = caught(bundle, wanted)
    seconds = time.perf_counter() - started
    steps = ", ".join(f"step {step}: {count}" for step, count in sorted(seen.items()))
    sys.stdout.write(f"{name}: {seen.total()} flips, all rejected ({steps}), {seconds:.0f} s\n")


if __name__ == "__main__":
    main()
