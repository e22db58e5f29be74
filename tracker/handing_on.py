"""Alerts handed on to a command of the site: once for each cause and role, again only where it is not known.

What was handed on is noted after the command has ended. Killed in between, the hub hands it on once more
under the same alert id, by which the receiver can drop it. None is lost, because alerts are derived anew.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson

from schema.canonical import Json
from schema.errors import StoreError
from schema.instants import format_instant
from schema.tables import AlertHandedOnRow, tuple_of
from tracker.ledger.retry import retrying
from tracker.open_store import OpenStore
from tracker.rules.alert_state import Rung
from tracker.rules.registry_state import RegistryState
from tracker.site_command import CommandResult, SiteCommand, run_command
from tracker.views.alerts import AlertLine, alert_sentence

_row: Final = tuple_of(AlertHandedOnRow)

DONE: Final = CommandResult().words
WAITS: Final = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
"""Before the second, third and fourth attempt; there is no fifth."""

ONE_BY_ONE_MAX: Final = 10
"""More at once are grouped: one document for each role of a site."""

IN_ONE_MAX: Final = 1000
BUDGET_SECONDS: Final = 10.0
"""After so long a turn of the hub ends; what is left waits for the next one."""


@dataclass(frozen=True, slots=True)
class ToHandOn:
    """An alert that is to be handed on to a role, and how often that was tried."""

    line: AlertLine
    rung: Rung
    attempt: int
    """The one to come, from 1."""


@dataclass(frozen=True, slots=True)
class HandOnTurn:
    """What one turn did."""

    runs: int = 0
    done: int = 0
    given_up: int = 0
    """Alerts that could not be handed on, however often it was tried."""

    is_whole: bool = True
    """Whether nothing is left that was due."""

    problem: str = ""
    """What the last command that failed came to."""


class HandOn:
    """Hands on the alerts of one store to one command."""

    def __init__(self, opened: OpenStore, command: SiteCommand) -> None:
        self._opened = opened
        self._command = command

    def turn(self) -> HandOnTurn:
        """Run the command for what is due now, for some seconds at most."""
        now = self._opened.clock.now()
        waiting, given_up = self._waiting(now)
        groups = list(grouped(waiting))
        runs = done = 0
        problem, began = "", time.monotonic()
        for group in groups:
            if runs and time.monotonic() - began > BUDGET_SECONDS:
                break
            result = run_command(self._command, self._document(group))
            self._note(group, result)
            runs += 1
            done += 0 if result.problem else 1
            problem = result.problem or problem
        return HandOnTurn(runs, done, given_up, runs == len(groups), problem)

    def _waiting(self, now: datetime) -> tuple[list[ToHandOn], int]:
        lines = [one for one in self._opened.read.alerts() if not one.is_acknowledged]
        found: list[ToHandOn] = []
        given_up = 0
        with self._opened.store.read() as transaction:
            for line in lines:
                noted = transaction.handed_on(line.id)
                for rung in line.called:
                    attempts = [one for one in noted if one.role == rung.role.value]
                    given_up += _is_given_up(attempts)
                    if is_due(attempts, now):
                        found.append(ToHandOn(line, rung, len(attempts) + 1))
        return found, given_up

    def _document(self, group: Sequence[ToHandOn]) -> bytes:
        registry, rung = self._opened.registry, group[0].rung
        return document_of(registry, rung, group)

    def _note(self, group: Sequence[ToHandOn], result: CommandResult) -> None:
        at = self._opened.clock.now()
        rows = [
            _row(
                alert=one.line.id,
                role=one.rung.role.value,
                attempt=one.attempt,
                subject=one.line.subject,
                due_at=one.line.due_at,
                channel=self._command.channel,
                at=at,
                result=result.words,
            )
            for one in group
        ]

        def write() -> None:
            with self._opened.store.begin() as transaction:
                transaction.put_handed_on(rows)

        retrying(write)


def is_due(attempts: Sequence[AlertHandedOnRow], now: datetime) -> bool:
    """Whether it is to be tried now, after these attempts; a clock that was set back waits for nothing."""
    if not attempts:
        return True
    last = attempts[-1]
    if last.result == DONE or len(attempts) > len(WAITS):
        return False
    return not last.at <= now < last.at + WAITS[len(attempts) - 1]


def _is_given_up(attempts: Sequence[AlertHandedOnRow]) -> bool:
    return len(attempts) > len(WAITS) and attempts[-1].result != DONE


def grouped(waiting: Sequence[ToHandOn]) -> Iterator[tuple[ToHandOn, ...]]:
    """One by one while they are few; of many at once, those of one role of a site together."""
    if len(waiting) <= ONE_BY_ONE_MAX:
        yield from ((one,) for one in waiting)
        return
    together: dict[Rung, list[ToHandOn]] = {}
    for one in waiting:
        together.setdefault(one.rung, []).append(one)
    for found in together.values():
        yield from (tuple(found[at : at + IN_ONE_MAX]) for at in range(0, len(found), IN_ONE_MAX))


def document_of(registry: RegistryState, rung: Rung, group: Iterable[ToHandOn]) -> bytes:
    """What the command reads: one line of JSON. It names no patient, and nothing that is committed."""
    alerts = [_told(registry, one) for one in group]
    document: dict[str, Json] = {
        "form": "cartrail-alerts/1",
        "store": registry.origin,
        "purpose": registry.purpose.value,
        "site": rung.site,
        "role": rung.role.value,
        "count": len(alerts),
        "alerts": list(alerts),
    }
    return orjson.dumps(document) + b"\n"


def _told(registry: RegistryState, one: ToHandOn) -> dict[str, Json]:
    line = one.line
    said: dict[str, Json] = {
        "alert": line.id,
        "cause": line.cause.value,
        "says": alert_sentence(registry, line, one.rung.site),
        "about": line.title,
        "therapy": line.coi,
        "subject": line.subject,
        "due_at": format_instant(line.due_at),
        "since": format_instant(line.since),
        "escalated": one.rung != line.called[0],
        "attempt": one.attempt,
    }
    if line.projected_at is not None:
        said["projected_at"] = format_instant(line.projected_at)
    return said


def trouble_of(turn: HandOnTurn) -> StoreError | None:
    """What an administrator has to look into; None where nothing was given up."""
    if not turn.given_up:
        return None
    words = f"{turn.given_up} alerts" if turn.given_up > 1 else "1 alert"
    return StoreError(
        f"{words} could not be handed on: see the table alert_handed_on, and `cartrail alerts`.",
        remedy="Put the command of --hand-on right, and tell those concerned by telephone.",
        code="not_handed_on",
    )
