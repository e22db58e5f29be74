"""What a code is, in words or as JSON; needs no store and no command line library."""

from __future__ import annotations

from collections.abc import Sequence

from labels.description import describe
from labels.reader import Reading, read


def print_read(code: str) -> int:
    """Print what a scan says; raises BadCode for one that cannot be understood."""
    print_reading(read(code))
    return 0


def print_reading(reading: Reading, more: Sequence[tuple[str, str]] = (), *, as_json: bool = False) -> None:
    """Print a reading, and what a store had to say about it."""
    rows = [*describe(reading), *more]
    if as_json:
        import json

        print(json.dumps({"read": reading.kind.value, "rows": [list(row) for row in rows]}))
        return
    for name, value in rows:
        print(f"{name:<18}{value}")
