"""A database that does not answer: told on the standard error while a command waits for it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tui.language import tr

if TYPE_CHECKING:
    from tracker.values import Waiting


def wait_words(wait: Waiting) -> str:
    """What a person is told while the database does not answer."""
    return tr(
        "The database does not answer. It is asked again for {seconds} s more.",
        seconds=int(wait.seconds_left),
    )


@contextmanager
def waits_shown() -> Iterator[None]:
    """Tell who waits, from two seconds on: a terminal counts down, elsewhere each wait has one line."""
    from tracker.tracker import Tracker

    watched = sys.stderr.isatty()
    told = False

    def show(wait: Waiting | None) -> None:
        nonlocal told
        if wait is None:
            line = "" if watched else tr("The database answers again, or was given up.")
            print(
                f"\r{line}\x1b[K" if watched else line,
                end="" if watched else "\n",
                file=sys.stderr,
                flush=True,
            )
        elif watched:
            print(f"\r{wait_words(wait)}\x1b[K", end="", file=sys.stderr, flush=True)
        elif not told:
            print(wait_words(wait), file=sys.stderr, flush=True)
        told = wait is not None

    with Tracker.waits_told(show):
        yield
