"""The fixtures that any test may ask for; each is described where it is made."""

import gc
import os
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import pytest

import tests.support.quick_passwords
import tests.support.read_once

# isort: split
import tests.support.no_disk  # noqa: F401
from tests.support.commands import cartrail, founded, founded_file
from tests.support.demos import demo_result, demo_site
from tests.support.examples import register_profiles
from tests.support.journeys import template, world
from tests.support.once import made_once, run_folder
from tests.support.order import waiting_first
from tests.support.postgres import fresh_postgres, postgres_server, postgres_url
from tests.support.rehearsals import attacked, rehearsal
from tests.support.rule_cases import case
from tests.support.stores import empty_url, migrated_file, migrated_postgres, sqlite_path, store, store_url

__all__ = [
    "attacked",
    "cartrail",
    "case",
    "demo_result",
    "demo_site",
    "empty_url",
    "founded",
    "founded_file",
    "fresh_postgres",
    "made_once",
    "migrated_file",
    "migrated_postgres",
    "postgres_server",
    "postgres_url",
    "rehearsal",
    "run_folder",
    "sqlite_path",
    "store",
    "store_url",
    "template",
    "world",
]


def pytest_collection(session: pytest.Session) -> None:
    """Let each process of a whole run begin to import elsewhere: what one has compiled the others then read.

    In a fresh clone pytest writes every assertion anew, and all processes did so for every file at once.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    tests = Path(__file__).parent
    if not worker or [Path(one).resolve() for one in session.config.args] != [tests]:
        return
    files = sorted(path.relative_to(tests.parent).with_suffix("") for path in tests.rglob("test_*.py"))
    begin = len(files) * int(worker) // int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    for file in files[begin:] + files[:begin]:
        with suppress(Exception):  # said where pytest collects it
            import_module(".".join(file.parts))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to the whole run what asks for the demo, which takes seconds to build; begin with what waits."""
    for item in items:
        if isinstance(item, pytest.Function) and "demo_result" in item.fixturenames:
            item.add_marker("slow")
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    items[:] = waiting_first(
        items,
        lambda item: item.get_closest_marker("waits") is not None,
        workers,
        together=lambda item: item.path,
    )


def pytest_collection_finish() -> None:
    """Look for garbage seldom, and never again in what was loaded: that took a fifth of all time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


# Before any test module is imported: a test takes what it does not say from the profile of that moment.
register_profiles()
