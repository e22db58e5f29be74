"""A command of the site, given a document on its standard input; bounded in time, output, environment."""

from __future__ import annotations

import os
import selectors
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from schema.errors import InputError

SECONDS_MAX: Final = 10.0
OUTPUT_KEPT: Final = 300
"""So many characters of what it said are kept."""

OUTPUT_BYTES_MAX: Final = 32_000_000
"""Beyond it the command is ended: it would say the same for ever."""

_ENVIRONMENT: Final = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR")
"""What it is given of the environment; addresses of stores and whatever else lies there it is not."""

_READ: Final = 65536
_LOOK_EVERY: Final = 0.02


@dataclass(frozen=True, slots=True)
class SiteCommand:
    """A command as it is started."""

    words: tuple[str, ...]
    channel: str
    """By its name, as it is noted."""

    @classmethod
    def parse(cls, text: str, *, by_shell: bool = False) -> SiteCommand:
        """From its line; raises InputError for none, or one that this machine does not have.

        Without a shell nothing in the line is more than a word; a shell is taken where the site says so.
        """
        if by_shell and text.strip():
            return cls(("/bin/sh", "-c", text), "sh")
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise InputError(
                f"The command {text[:60]!r} is not closed: {error}.", code="bad_command"
            ) from error
        if not words or shutil.which(words[0]) is None:
            raise InputError(
                f"This machine has no command {(words or [text])[0][:60]!r}.",
                remedy="Name an executable file with its whole path.",
                code="bad_command",
            )
        # It is run in another folder: a path from here would lead nowhere there.
        found = Path(str(shutil.which(words[0]))).absolute()
        return cls((str(found), *words[1:]), found.name[:60])


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What came of it."""

    problem: str = ""
    """Why it is not done; empty where it ended well."""

    @property
    def words(self) -> str:
        """As it is noted."""
        return self.problem or "done"


def run_command(command: SiteCommand, document: bytes, *, seconds: float = SECONDS_MAX) -> CommandResult:
    """Run it once with the document on its standard input; never raises for what the command does.

    It and all that it has started in its process group end with it, or after that time.
    """
    with tempfile.TemporaryFile() as given:
        # A file, and no pipe: nothing waits for a command that does not read.
        given.write(document)
        given.seek(0)
        try:
            process = subprocess.Popen(
                command.words,
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
                cwd="/",
            )
        except (OSError, ValueError) as error:
            return CommandResult(f"could not be started: {getattr(error, 'strerror', None) or error}")
        try:
            return _watched(process, seconds)
        finally:
            _end(process)


def _watched(process: subprocess.Popen[bytes], seconds: float) -> CommandResult:
    """Read what it says until it ends; a child of it may hold the pipe open for ever."""
    out = process.stdout
    if out is None:
        raise TypeError("The command was started without a pipe for its output.")
    os.set_blocking(out.fileno(), False)
    said, read, deadline = b"", 0, time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        selector.register(out, selectors.EVENT_READ)
        while not _has_ended(process):
            if time.monotonic() >= deadline:
                return CommandResult(_with_output(f"no end within {seconds:g} s", said))
            if selector.get_map() and selector.select(_LOOK_EVERY):
                chunk = _chunk(out)
                if not chunk:
                    selector.unregister(out)
                said, read = (said + chunk)[: 4 * OUTPUT_KEPT], read + len(chunk)
            else:
                time.sleep(0 if selector.get_map() else _LOOK_EVERY)
            if read > OUTPUT_BYTES_MAX:
                return CommandResult(_with_output(f"printed more than {OUTPUT_BYTES_MAX} bytes", said))
        said = (said + (_chunk(out) or b""))[: 4 * OUTPUT_KEPT]
    _end(process)
    code = process.returncode
    return CommandResult() if code == 0 else CommandResult(_with_output(_ending(code), said))


def _chunk(out: IO[bytes]) -> bytes:
    with suppress(BlockingIOError):
        return os.read(out.fileno(), _READ)
    return b""


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether it has ended; it stays on the list of processes, so that its group keeps its number."""
    options = os.WEXITED | os.WNOHANG | os.WNOWAIT
    return os.waitid(os.P_PID, process.pid, options) is not None


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _ending(code: int) -> str:
    return f"ended with {code}" if code >= 0 else f"ended by signal {-code}"


def _with_output(what: str, said: bytes) -> str:
    words = " ".join(said.decode("utf-8", "replace").split())
    shown = "".join(one if one.isprintable() else "?" for one in words)[:OUTPUT_KEPT]
    return f"{what}: {shown}" if shown else what
