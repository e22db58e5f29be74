"""The `cartrail` command and `python -m tui`."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; gives its exit code and never raises for what was asked wrongly."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["--version"]:
        # Scripts ask this first and often, so it loads no command line library.
        from importlib.metadata import version

        print(f"cartrail {version('cartrail')}")
        return 0
    from tui.cli.application import run
    from tui.cli.ending import ended

    return ended(lambda: run(arguments))


if __name__ == "__main__":
    sys.exit(main())
