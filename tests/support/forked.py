"""The command in a process of its own, forked from a server that has imported everything already.

Importing takes a second of a core, and the tests start some hundred commands. Where the start itself matters,
as in what an installed command says without a terminal, `subprocess` starts the real one.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from multiprocessing import reduction
from multiprocessing.process import BaseProcess
from pathlib import Path
from subprocess import DEVNULL, PIPE, TimeoutExpired
from threading import Thread
from types import TracebackType
from typing import IO, Any, Final, Self

from tui.__main__ import main

STARTED_BY: Final = "forkserver"
_SERVER: Final = multiprocessing.get_context(STARTED_BY)
_SERVER.set_forkserver_preload(
    [
        "tests.support.quick_passwords",
        "tests.support.read_once",
        "tests.support.no_disk",
        __name__,
        "tracker.tracker",
        "tracker.evidence.verification.processes",
        "tui.cli.init",
        "tui.cli.person",
        "tui.cli.record",
        "tui.cli.hub",
    ]
)


class _Passed:
    """A file that the new process gets under a number of its own."""

    def __init__(self, file: int) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Callable[..., int], tuple[object]]:
        return _received, (reduction.DupFd(self.file),)


def _received(given: Any) -> int:
    file: int = given.detach()
    return file


class Command:
    """A command that runs, as `subprocess.Popen` has it; each file is nothing, PIPE, or one of ours."""

    def __init__(
        self, *arguments: object, stdin: int = DEVNULL, stdout: int = DEVNULL, stderr: int = DEVNULL
    ) -> None:
        theirs, ours = zip(*(_ends(*one) for one in ((0, stdin), (1, stdout), (2, stderr))), strict=True)
        files = (_Passed(theirs[0]), _Passed(theirs[1]), _Passed(theirs[2]))
        given = (tuple(map(str, arguments)), dict(os.environ), Path.cwd())
        self._process = _SERVER.Process(target=_piped, args=(files, *given), daemon=True)
        self._process.start()
        for file, asked in zip(theirs, (stdin, stdout, stderr), strict=True):
            if file != asked:
                os.close(file)
        self._pipes = [
            os.fdopen(file, "wb" if at == 0 else "rb") if file else None for at, file in enumerate(ours)
        ]

    @property
    def stdin(self) -> IO[bytes]:
        """What the command reads."""
        return _there(self._pipes[0])

    @property
    def stdout(self) -> IO[bytes]:
        """What it answers."""
        return _there(self._pipes[1])

    @property
    def stderr(self) -> IO[bytes]:
        """What it says besides."""
        return _there(self._pipes[2])

    @property
    def returncode(self) -> int | None:
        """How it has ended: minus the signal where one has ended it, None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Until it has ended; raises TimeoutExpired."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise TimeoutExpired("cartrail", timeout or 0)
        return self._process.exitcode

    def poll(self) -> int | None:
        """How it has ended, as `returncode`."""
        return self._process.exitcode

    def kill(self) -> None:
        """As a power cut does."""
        self._process.kill()

    def terminate(self) -> None:
        """As a service manager ends it."""
        self._process.terminate()

    def communicate(self, given: bytes = b"") -> tuple[bytes, bytes]:
        """Write all this, read all that is said, and wait for the end."""
        said: dict[int, bytes] = {}
        readers = [
            Thread(target=lambda at=at, pipe=pipe: said.update({at: pipe.read()}), daemon=True)
            for at, pipe in enumerate(self._pipes)
            if at and pipe is not None
        ]
        for reader in readers:
            reader.start()
        with suppress(BrokenPipeError):
            self.stdin.write(given)
            self.stdin.flush()
        with suppress(BrokenPipeError):
            self.stdin.close()
        for reader in readers:
            reader.join()
        self.wait()
        return said.get(1, b""), said.get(2, b"")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pipe in self._pipes:
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        self.wait()


def _ends(number: int, asked: int) -> tuple[int, int]:
    """Their end of one of the three files, and ours; 0 where we have none."""
    if asked == PIPE:
        read, write = os.pipe()
        return (read, write) if number == 0 else (write, read)
    if asked == DEVNULL:
        return os.open(os.devnull, os.O_RDWR), 0
    return asked, 0


def _there(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None, "this file is no pipe"
    return pipe


def at_terminal(
    terminal: str, out: Path, arguments: Sequence[str], environment: Mapping[str, str]
) -> BaseProcess:
    """Start the command at a terminal; what it prints goes to a file, as to a pipe."""
    given = (tuple(arguments), dict(environment), Path.cwd())
    process = _SERVER.Process(target=_at_terminal, args=(terminal, out, *given), daemon=True)
    process.start()
    return process


def _at_terminal(terminal: str, out: Path, *given: object) -> None:
    os.setsid()
    # The first terminal that the leader of a session opens is the one that getpass finds at /dev/tty.
    slave = os.open(terminal, os.O_RDWR)
    _run((slave, os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), slave), *given)  # type: ignore[arg-type]


def _piped(files: tuple[int, int, int], *given: object) -> None:
    os.setsid()
    _run(files, *given)  # type: ignore[arg-type]


def _run(
    files: tuple[int, int, int], arguments: Sequence[str], environment: Mapping[str, str], folder: Path
) -> None:
    for number, file in enumerate(files):
        os.dup2(file, number)
    for file in {*files} - {0, 1, 2}:
        os.close(file)
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w", 1)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    code = main(list(arguments))
    sys.stdout.flush()
    sys.exit(code)
