"""The SQL of recording is listed in full, and holds nothing that other databases of the kind lack."""

import random
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import Cartrail
from tests.support.journeys import STAGES, START, lead
from tracker.clock import SimulatedClock
from tracker.demo.journey import Journey
from tracker.demo.network import build_network
from tracker.ledger.compiled import Compiled
from tracker.ledger.postgres_session import REPLICATED, STANDBYS_NAMED, PostgresSession
from tracker.ledger.statements import sent_statements
from tracker.people.passwords import WEAK
from tracker.tracker import Environment

FUNCTIONS = {"count", "min", "max", "sum"}
BEFORE_A_BRACKET = {
    "and", "from", "select", "values", "conflict", "in", "or", "as", "not", "on", "when", "exists",
}  # fmt: skip
LACKING = ("advisory", "listen", "notify", "for update", "for share", "lock table", "skip locked")


def one_line(text: str) -> str:
    """The statement as it stands in the list."""
    return " ".join(text.split())


def test_the_sql_of_recording_needs_no_server_function() -> None:
    """Of functions only those of every database; tables, keys and conflicts do the rest."""
    usual = [one for one in sent_statements() if one.sql not in (REPLICATED, STANDBYS_NAMED)]
    assert len(usual) > 80
    for one in usual:
        text = one.sql.lower()
        assert not any(word in text for word in LACKING), one.sql
        if one.when == "when a connection is opened":
            continue
        called = set(re.findall(r"(?<![a-z_.] )\b([a-z_]+) ?\((?!\))", text)) - BEFORE_A_BRACKET
        tables = set(re.findall(r"(?:insert into|update|from|join) ([a-z_]+)", text))
        assert called - tables - FUNCTIONS <= set(), one.sql


def test_all_that_recording_sends_is_listed(
    fresh_postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A therapy from enrolment to infusion and its log: each statement is in the list, or like one there."""
    sent: set[Compiled] = set()
    texts: set[str] = set()
    for name in ("all", "one", "write", "change"):
        kept = getattr(PostgresSession, name)

        def noted(session: Any, statement: Compiled, values: Any = (), kept: Any = kept) -> Any:
            sent.add(statement)
            return kept(session, statement, values)

        monkeypatch.setattr(PostgresSession, name, noted)
    for name in ("command", "query"):
        kept = getattr(PostgresSession, name)

        def said(session: Any, text: str, kept: Any = kept) -> Any:
            texts.add(re.sub(r"part_\d+", "part_1", text))
            return kept(session, text)

        monkeypatch.setattr(PostgresSession, name, said)
    clock, chance = SimulatedClock(START), random.Random(3)
    environment = Environment(clock, chance, WEAK, tmp_path)
    network = build_network(
        fresh_postgres, config=tmp_path, environment=environment, clock=clock, chance=chance
    )
    texts.clear()  # opening asks the server's catalog for tables and guards
    journey = Journey(network, "A", 1)
    for stage in STAGES:
        lead(journey, stage)
    network.tracker.integrate()
    network.tracker.close()
    listed = {one.sql for one in sent_statements()}
    assert len(sent) > 30
    assert {one_line(one.example.postgresql) for one in sent} <= listed
    assert texts <= listed


def test_the_list_is_printed(cartrail: Cartrail) -> None:
    """As SQL with a note when it is sent, or as JSON."""
    said = cartrail("settings", "--sql")
    assert "-- around each transaction\nBEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;" in said.out
    assert "-- only where synchronous_standby_names" in said.out
    records = cartrail("settings", "--sql", "--json").records
    assert {"when": "around each transaction", "sql": "COMMIT"} in records
