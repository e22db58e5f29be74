"""The command in a process of its own with a terminal, from a server that has imported everything already.

Importing takes a second, and a set-up by the guide starts some forty commands. Run as `Command.start`.
"""

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from tui.__main__ import main

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(
    ["tests.support.quick_passwords", __name__, "tracker.tracker", "tui.cli.init", "tui.cli.person"]
)


def start(
    terminal: str, out: Path, arguments: Sequence[str], environment: Mapping[str, str]
) -> ForkServerProcess:
    """Start the command at a terminal; what it prints goes to a file, as to a pipe."""
    process = _SERVER.Process(
        target=_run, args=(terminal, out, tuple(arguments), dict(environment), Path.cwd()), daemon=True
    )
    process.start()
    return process


def _run(
    terminal: str, out: Path, arguments: Sequence[str], environment: Mapping[str, str], folder: Path
) -> None:
    os.setsid()
    # The first terminal that the leader of a session opens is the one that getpass finds at /dev/tty.
    slave = os.open(terminal, os.O_RDWR)
    printed = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for number, own in ((0, slave), (1, printed), (2, slave)):
        os.dup2(own, number)
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w", 1)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    code = main(list(arguments))
    sys.stdout.flush()
    sys.exit(code)
