"""How far long work has come: one line on a terminal, and nothing anywhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

EVERY: Final = 0.1
"""Seconds between two lines, so that work does not wait for the screen."""

Show = Callable[[int, int], None]


@contextmanager
def progress(verb: str, noun: str) -> Iterator[Show | None]:
    """Shows `verb done of total noun` while the block runs; None where nobody watches. No total is 0."""
    if not sys.stderr.isatty():
        yield None
        return
    last = 0.0

    def show(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= EVERY or done == total:
            last = now
            count = f"{done} of {total}" if total else str(done)
            print(f"\r{verb} {count} {noun}\x1b[K", end="", file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


@contextmanager
def growing(verb: str, noun: str) -> Iterator[Callable[[int], None]]:
    """The same where nobody knows how many there will be."""
    with progress(verb, noun) as show:
        yield (lambda _: None) if show is None else (lambda done: show(done, 0))


@contextmanager
def counting(verb: str, noun: str, total: int) -> Iterator[Callable[[int], None]]:
    """The same for those who only know how many are done."""
    with progress(verb, noun) as show:
        yield (lambda _: None) if show is None else (lambda done: show(done, total))
