"""How a command ends: the one place that prints errors and decides the exit code."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import typer

from schema.errors import CartrailError

EXIT_FAULT: Final = 1
EXIT_BAD_INPUT: Final = 2
EXIT_INTERRUPTED: Final = 130
"""128 + SIGINT, as shells report it."""

EXIT_BROKEN_PIPE: Final = 141
"""128 + SIGPIPE."""

SHOWN_MAX: Final = 2000
"""A message quotes what it was given; what is longer than this is not for reading."""


def ended(work: Callable[[], int]) -> int:
    """The exit code of a command, after its errors were told."""
    try:
        code = work()
        sys.stdout.flush()
    except CartrailError as error:
        tell(error)
        return error.exit_code
    except typer.TyperException as error:
        return _misused(error)
    except (KeyboardInterrupt, typer.Abort):
        say("Stopped. What was not answered was not recorded.")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Python flushes once more at exit; whoever was reading is gone, so that goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_BROKEN_PIPE
    except Exception as error:  # noqa: BLE001  a fault of ours ends in a sentence, not in a traceback
        return _fault(error)
    return code


def tell(error: CartrailError) -> None:
    """Print what is wrong and what to do next."""
    say(f"cartrail: {error.message}")
    say(f"  {error.remedy}")


def say(text: str) -> None:
    """Print words for a person; what could move the cursor or color the screen is shown escaped."""
    with suppress(BrokenPipeError):
        print(printable(text), file=sys.stderr, flush=True)


def printable(text: str) -> str:
    """The text with every character that is not printable written out, and cut where nobody reads on."""
    shown = text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]} ... ({len(text)} characters)"
    return "".join(char if char.isprintable() or char == "\n" else f"\\x{ord(char):02x}" for char in shown)


def log_file() -> Path:
    """Where faults of the program itself are written in full."""
    import platformdirs

    return platformdirs.user_log_path("cartrail") / "cartrail.log"


def _misused(error: typer.TyperException) -> int:
    """A wrong option or argument, told by Typer."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "cartrail"
    message = getattr(error, "format_message", lambda: str(error))()
    say(f"cartrail: {message}")
    say(f"  See `{path} --help`.")
    return EXIT_BAD_INPUT


def _fault(error: Exception) -> int:
    say(f"cartrail: this is a fault of the program ({type(error).__name__}), not of what you asked.")
    path = log_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.write(f"{datetime.now(UTC).isoformat()} {' '.join(sys.argv[:2])}\n")
            file.writelines(traceback.format_exception(error))
    except OSError as reason:
        say(f"  Its details could not be written to {path}: {reason.strerror}.")
    else:
        say(f"  Please report it with {path}. Look at the board to see what was recorded.")
    return EXIT_FAULT
