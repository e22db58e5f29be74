"""A pseudo-terminal with a program in it: bytes in as a scanner types them, bytes out as it paints them."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from tests.support.places import ROOT

PATIENCE = 120.0
"""Seconds until a program that says nothing is taken for stuck; a slow machine is no fault of it."""


@dataclass
class Terminal:
    """One program in a pseudo-terminal of 80 by 24, and everything it has painted."""

    process: subprocess.Popen[bytes]
    master: int
    out: Path
    painted: bytearray = field(default_factory=bytearray)
    is_hung_up: bool = False

    def send(self, data: bytes) -> None:
        """Type bytes all at once, and read what is painted meanwhile: neither side waits for the other."""
        os.set_blocking(self.master, False)
        while data:
            readable, writable, _ = select.select([self.master], [self.master], [], PATIENCE)
            if not readable and not writable:
                raise TimeoutError("The terminal takes nothing.")
            if readable:
                self._read()
            if writable:
                data = data[os.write(self.master, data) :]

    def wait(self, done: Callable[[], bool], *, what: str) -> None:
        """Read what is painted until something is so; raises TimeoutError when the program is stuck."""
        ends = time.monotonic() + PATIENCE
        while not done():
            if time.monotonic() > ends or self.process.poll() is not None:
                raise TimeoutError(f"{what}: {self.lines()[-3:]} {bytes(self.painted[-2000:])!r}")
            if select.select([self.master], [], [], 0.01)[0]:
                self._read()

    def lines(self) -> list[dict[str, object]]:
        """What the program has noted so far; a line that is being written is left for later."""
        if not self.out.exists():
            return []
        return [orjson.loads(line) for line in self.out.read_bytes().split(b"\n")[:-1]]

    def answers(self, data: bytes, count: int) -> list[dict[str, object]]:
        """Type bytes, and give what is noted of them once there are so many answers."""
        before = len(self.lines())
        self.send(data)
        self.wait(lambda: len(self.lines()) >= before + count, what=f"{count} answers")
        return self.lines()[before:]

    def leave(self) -> int:
        """Leave by Ctrl+Q; gives the exit code."""
        self.send(b"\x11")
        return self.drain()

    def drain(self) -> int:
        """Read until the program ends by itself; gives the exit code."""
        ends = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < ends:
            if select.select([self.master], [], [], 0.01)[0]:
                self._read()
        if select.select([self.master], [], [], 0)[0]:
            self._read()
        return self.process.wait(timeout=1)

    def hang_up(self) -> int:
        """Close our end, as a line does that breaks; gives the exit code."""
        self.is_hung_up = True
        os.close(self.master)
        return self.process.wait(timeout=PATIENCE)

    def _read(self) -> None:
        try:
            self.painted += os.read(self.master, 65_536)
        except BlockingIOError:
            return
        except OSError:
            # The program has left, and its side of the terminal with it.
            time.sleep(0.01)


@contextmanager
def terminal(
    arguments: Sequence[str], out: Path, *, size: tuple[int, int] = (24, 80), **environment: str
) -> Iterator[Terminal]:
    """A Python program in a pseudo-terminal of its own; it is ended at the latest with the block."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=ROOT,
        start_new_session=True,
        env={
            **os.environ,
            "TERM": "xterm-256color",
            "COLUMNS": str(size[1]),
            "LINES": str(size[0]),
            **environment,
        },
    )
    os.close(slave)
    opened = Terminal(process, master, out)
    try:
        yield opened
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        if not opened.is_hung_up:
            os.close(master)
