"""Printing through a real scheduler of the Common UNIX Printing System, where this machine has one."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from labels.outputs import parse_target, print_labels
from labels.printers import CupsQueue
from schema.vocabulary import PrintOutcome
from tests.support.label_samples import unit

QUEUE = "LAB"
SECONDS_MAX = 20
"""How long a scheduler may take to start, and to send a job on, on a machine with much to do."""

CONFIGURATION = """\
Listen 127.0.0.1:{port}
DefaultAuthType None
WebInterface No
Browsing No
<Location />
  Order allow,deny
  Allow all
</Location>
<Policy default>
  <Limit All>
    Order deny,allow
  </Limit>
</Policy>
"""

FILES = """\
ServerRoot {root}
RequestRoot {root}/spool
CacheDir {root}/cache
StateDir {root}/state
TempDir {root}/spool/tmp
AccessLog {root}/access
ErrorLog {root}/error
PageLog {root}/page
FileDevice Yes
"""


def _program(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin")))


pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0 or not (_program("cupsd") and _program("lp")),
    reason="This machine has no cupsd, or it may not be started by who runs the tests.",
)


class Listener:
    """A raw printer port that keeps what it is sent."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.received = b""
        self.ended = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            line, _ = self._socket.accept()
            line.settimeout(SECONDS_MAX)
            with line:
                while piece := line.recv(65536):
                    self.received += piece
            self.ended.set()

    def close(self) -> None:
        """Let go of the port."""
        self._socket.close()


@pytest.fixture
def printer() -> Iterator[Listener]:
    """The device behind the queue."""
    listener = Listener()
    yield listener
    listener.close()


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder that the scheduler's backends, which are another user's, reach too; pytest's are closed."""
    with tempfile.TemporaryDirectory(prefix="cartrail-cups-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def scheduler(root: Path, monkeypatch: pytest.MonkeyPatch, printer: Listener) -> Iterator[None]:
    """A cupsd of its own, with folders of its own, that `lp` is pointed to."""
    for name in ("spool", "spool/tmp", "cache", "state"):
        (root / name).mkdir(mode=0o777)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (root / "cupsd.conf").write_text(CONFIGURATION.format(port=port))
    (root / "cups-files.conf").write_text(FILES.format(root=root))
    program = str(_program("cupsd"))
    command = [program, "-f", "-c", str(root / "cupsd.conf"), "-s", str(root / "cups-files.conf")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            monkeypatch.setenv("CUPS_SERVER", f"127.0.0.1:{port}")
            _until_it_answers(port)
            _run("lpadmin", "-p", QUEUE, "-E", "-v", f"socket://127.0.0.1:{printer.port}")
            yield
        finally:
            running.terminate()


def _until_it_answers(port: int) -> None:
    give_up = time.monotonic() + SECONDS_MAX
    while time.monotonic() < give_up:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    pytest.fail("cupsd did not start.")


def _run(name: str, *arguments: str) -> None:
    program = _program(name)
    assert program is not None
    subprocess.run([program, *arguments], check=True, capture_output=True, timeout=SECONDS_MAX)


@pytest.mark.usefixtures("scheduler")
def test_a_label_passes_a_real_queue_byte_for_byte(printer: Listener) -> None:
    """What comes out at the device is the ZPL that went in; that there is paper nobody has said."""
    result = print_labels([unit("unit", "Cells")], parse_target(f"cups:{QUEUE}"))
    assert (result.outcome, result.code) == (PrintOutcome.UNKNOWN, "queued"), result.message
    assert printer.ended.wait(SECONDS_MAX)
    assert printer.received.startswith(b"^XA")
    assert printer.received.rstrip().endswith(b"^XZ")


@pytest.mark.usefixtures("scheduler")
def test_a_queue_nobody_set_up_prints_nothing() -> None:
    """The scheduler's own words reach the person."""
    result = CupsQueue("NOWHERE").print(b"^XA^XZ", raw=True, count=1)
    assert (result.outcome, result.code) == (PrintOutcome.NOT_PRINTED, "refused")
    assert "NOWHERE" in result.message or "not exist" in result.message
