"""How a command ends: the one place that prints errors and decides the exit code."""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from schema.errors import NO_ROOM, CartrailError

EXIT_FAULT: Final = 1
EXIT_BAD_INPUT: Final = 2
EXIT_UNUSABLE: Final = 5
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
    except KeyboardInterrupt:
        return _stopped()
    except BrokenPipeError:
        # Python flushes once more at exit; whoever was reading is gone, so that goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_BROKEN_PIPE
    except OSError as error:
        return _no_room(error) if error.errno in NO_ROOM else _fault(error)
    except Exception as error:  # noqa: BLE001  a fault of ours ends in a sentence, not in a traceback
        return _misused(error) if _is_typers(error) else _fault(error)
    return code


def _no_room(error: OSError) -> int:
    """A full or read-only disk is no fault of the program, whatever was being written."""
    what = error.filename or "The output"
    say(f"cartrail: {what} cannot be written: {error.strerror}.")
    say("  Make room, or name a place that you may write to, and run it again.")
    with suppress(OSError):
        # What is left in the buffer has nowhere to go; at exit Python would try again, and say so.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return EXIT_UNUSABLE


def tell(error: CartrailError) -> None:
    """Print what is wrong and what to do next."""
    say(f"cartrail: {error.message}")
    if error.details:
        say(f"  {error.details}")
    say(f"  {error.remedy}")


def say(text: str) -> None:
    """Print words for a person; what could move the cursor or color the screen is shown escaped."""
    with suppress(BrokenPipeError):
        print(printable(text), file=sys.stderr, flush=True)


def not_trusted(finding: object) -> str:
    """What stands over everything that is made of a record that is not sound, and what to do."""
    return f"THE RECORD CANNOT BE TRUSTED. {finding}. Run `cartrail verify`, and keep the store as it is."


def printable(text: str) -> str:
    """The text with every character that is not printable written out, and cut where nobody reads on."""
    shown = text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]} ... ({len(text)} characters)"
    return "".join(char if char.isprintable() or char == "\n" else f"\\x{ord(char):02x}" for char in shown)


def log_file() -> Path:
    """Where faults of the program itself are written in full."""
    import platformdirs

    return platformdirs.user_log_path("cartrail") / "cartrail.log"


def _stopped() -> int:
    say("Stopped. Of what was not answered it is not known whether it was recorded.")
    say("  Look at the board, or send it again under its event_id; nothing is recorded twice.")
    return EXIT_INTERRUPTED


def _is_typers(error: Exception) -> bool:
    """Whether Typer says that the command was typed wrongly; a command that runs without Typer cannot be."""
    typer = sys.modules.get("typer")
    return typer is not None and isinstance(error, (typer.TyperException, typer.Abort))


def _misused(error: Exception) -> int:
    """A wrong option or argument, or an answer that was not given."""
    if not hasattr(error, "format_message"):
        return _stopped()
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "cartrail"
    message = error.format_message().replace("Value error, ", "")
    say(f"cartrail: {message.replace(chr(10) + chr(9), ' ')}")
    say(f"  See `{path} --help`.")
    return EXIT_BAD_INPUT


def _fault(error: Exception) -> int:
    say(f"cartrail: this is a fault of the program ({type(error).__name__}), not of what you asked.")
    if note_fault(error):
        say(f"  Please report it with {log_file()}. Look at the board to see what was recorded.")
    return EXIT_FAULT


def _command() -> str:
    """The command that was run, by its name alone: an address after `--database` may hold a password."""
    from tui.cli.application import COMMANDS

    return next((f"cartrail {word}" for word in sys.argv[1:] if word in COMMANDS), "cartrail")


def without_passwords(text: str) -> str:
    """The text with the password of every address in it written over."""
    return re.sub(r"(://[^:/@\s]*):[^@\s]*@", r"\1:***@", text)


def note_fault(error: BaseException) -> bool:
    """Write a fault of the program into its log file; says why where that cannot be written."""
    path = log_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.write(f"{datetime.now(UTC).isoformat()} {_command()}\n")
            file.writelines(map(without_passwords, traceback.format_exception(error)))
    except OSError as reason:
        say(f"  Its details could not be written to {path}: {reason.strerror}.")
        return False
    return True
