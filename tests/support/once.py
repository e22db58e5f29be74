"""What is made once a run, however many processes the tests are spread over."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

Made = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The temporary folder of the whole run; each process of pytest-xdist has its own below it."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own


@pytest.fixture(scope="session")
def made_once(run_folder: Path) -> Made:
    """Gives the folder of a name, which the first process to ask for it fills while others wait.

    What lies there belongs to all tests: copy it, never change it.
    """

    def folder_of(name: str, make: Callable[[Path], None]) -> Path:
        made = run_folder / name
        with one_process_at_a_time(run_folder / f"{name}.lock"):
            if not made.exists():
                # What failed half way stays beside it, so that the next to ask tries again.
                attempt = run_folder / f"{name}.{os.getpid()}"
                make(attempt)
                attempt.rename(made)
        return made

    return folder_of


@contextmanager
def one_process_at_a_time(path: Path) -> Iterator[None]:
    """Hold the lock of a file."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
