"""The `cartrail` command and `python -m tui`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

CODE_LENGTHS: Final = (11, 16)
"""Of an id and of a printed code: what is neither is not looked at, so that a command starts fast."""


def _value(argument: str) -> str:
    """What an argument says: behind the equals sign of an option, else all of it."""
    return argument.partition("=")[2] if argument.startswith("--") and "=" in argument else argument


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; gives its exit code and never raises for what was asked wrongly."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["--version"]:
        # Scripts ask this first and often, so it loads no command line library.
        from importlib.metadata import version

        print(f"cartrail {version('cartrail')}")
        return 0
    if any(len(_value(argument).replace(" ", "")) in CODE_LENGTHS for argument in arguments):
        from labels.keyed import joined, typed

        # What a scanner sent is read as it came: why it is none of our codes is what `scan` is asked for.
        code_of = joined if arguments[0] == "scan" else typed
        arguments = [
            argument.removesuffix(_value(argument)) + code_of(_value(argument)) for argument in arguments
        ]
    from tui.cli.ending import ended

    if len(arguments) == 2 and arguments[0] == "scan" and not arguments[1].startswith("-"):
        # Whoever stands with a scanner waits for each code; Typer takes longer to start than all the rest.
        from tui.cli.codes import print_read

        return ended(lambda: print_read(arguments[1]))
    from tui.cli.application import run

    return ended(lambda: run(arguments))


if __name__ == "__main__":
    sys.exit(main())
