"""`cartrail restore --accept-loss`: what is refused before anything is put back, and what is listed after."""

from __future__ import annotations

from pathlib import Path

import pytest

from schema.papercodes import receipt_code
from schema.vocabulary import Purpose
from tests.support.commands import PASSWORDS, Cartrail, found, write_credentials
from tests.support.stores import sqlite_url
from tracker.tracker import Environment, Tracker


def signed(url: str, config: Path) -> str:
    """The head of the log, signed as it stands."""
    tracker = Tracker.open(url=url, environment=Environment(config=config))
    tracker.integrate()
    head = tracker.log.head()
    tracker.close()
    assert head is not None
    return head.text


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a demo store, where a file may stand in for people."""
    found(sqlite_url(tmp_path / "store.db"), tmp_path / "config", Purpose.DEMO)
    write_credentials(tmp_path / "credentials.toml", PASSWORDS)
    return tmp_path


def test_a_loss_is_accepted_and_listed(place: Path, cartrail: Cartrail) -> None:
    """Given a backup, one more person, and the disk gone, then two people go on: exit 0, and paper is 6."""
    as_ada = ("--as", "ADA-1", "--credentials", place / "credentials.toml")
    signed(sqlite_url(place / "store.db"), place / "config")
    cartrail("backup", "--to", place / "b", "--database", place / "store.db")
    (folder,) = (place / "b").iterdir()
    cartrail("person", "add", "NURSE-1", "--name", "N", "--database", place / "store.db", *as_ada)
    head = signed(sqlite_url(place / "store.db"), place / "config")
    receipt = receipt_code("ab" * 32).text
    new = ("--database", place / "new.db")
    refused = cartrail("restore", folder, *new, exit_code=4)
    assert "--accept-loss" in refused.err
    half = cartrail("restore", folder, *new, "--accept-loss", "--approved-by", "BEN-1", *as_ada, exit_code=2)
    assert "--reason" in half.err and not (place / "new.db").exists()
    said = cartrail(
        "restore", folder, *new, "--accept-loss", "--approved-by", "BEN-1", "--reason", "lost_or_stolen",
        "--head", head, "--receipt", receipt, *as_ada,
    )  # fmt: skip
    assert "Missing: entry " in said.err and f"the receipt {receipt}" in said.err
    assert "log.head saw" in said.err and f"{head} saw" in said.err
    assert "entries are lost: on " in said.out
    assert "entries are lost: on " in cartrail("verify", *new).out
    cartrail("verify", *new, "--head", head, exit_code=6)
    cartrail("person", "add", "NURSE-1", "--name", "N", *new, *as_ada)
