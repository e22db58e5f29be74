"""`cartrail station scanner`: where a check of the scanner is asked for, and what the newest one showed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from schema.instants import format_instant
from tui.cli.acting import ask
from tui.cli.session import Session

if TYPE_CHECKING:
    from tracker.rules.registry_state import RegistryState


def scanner(
    context: typer.Context,
    station: Annotated[str, typer.Argument(metavar="STATION", help="The id of the terminal.")],
    *,
    within: Annotated[
        int | None,
        typer.Option(min=1, max=168, metavar="HOURS", help="How long a passed check counts."),
    ] = None,
) -> None:
    """Let a station ask for a check of its scanner; without --within no longer. It blocks nobody."""
    session = Session.of(context)
    with session.writing() as tracker:
        ask(session, tracker, "require_scanner_check", checked_station=station, within_hours=within)


def scanner_words(registry: RegistryState, station: str) -> str:
    """The newest check of the scanner there: what it showed, when and by whom."""
    last = registry.scanner_checks.get(station)
    if last is None:
        return "never checked"
    verdict = "passed" if last.passed else f"FAILED ({', '.join(last.faults).replace('_', ' ')})"
    return f"{last.scanner}: {verdict} at {format_instant(last.at)} by {last.by}"


def asked_words(registry: RegistryState, station: str) -> str:
    """How often the station asks for one."""
    hours = registry.scanner_hours.get(station)
    return "not asked for" if hours is None else f"asked for every {hours} h"
