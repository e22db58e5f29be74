"""`cartrail alerts`: what calls for whom now, and that somebody has seen it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from schema.errors import InputError
from schema.instants import format_instant
from schema.vocabulary import AlertCause
from schema.zones import on_clock, zone_info
from tui.cli.acting import ask
from tui.cli.known import known_or_all
from tui.cli.note import read_text
from tui.cli.options import example
from tui.cli.output import print_records
from tui.cli.readers import require_board
from tui.cli.session import CommandSession
from tui.cli.times import time_words

if TYPE_CHECKING:
    from tracker.tracker import Tracker
    from tracker.values import AlertLine

app = typer.Typer()
group = typer.Typer(help="What calls for whom: limits, handoffs, quarantine, deviations, silence.")
app.add_typer(group, name="alerts", epilog=example("cartrail alerts", "cartrail alerts list --site MFG-1"))

_HEADINGS: Final = (
    *(("alert", "Alert"), ("says", "What"), ("since", "Since"), ("calls", "Calls")),
    ("seen", "Seen by"),
)
AtSite = Annotated[
    str | None, typer.Option(metavar="SITE", help="Of therapies in which this site has a part.")
]


@group.callback(invoke_without_command=True)
def alerts(context: typer.Context) -> None:
    """List what calls for somebody now, the gravest first."""
    if context.invoked_subcommand is None:
        _list(CommandSession.of(context), site=None, is_mine=False)


@group.command(
    "list", epilog=example("cartrail alerts list --site MFG-1 --json", "cartrail alerts list --mine")
)
def list_alerts(
    context: typer.Context,
    *,
    site: AtSite = None,
    mine: Annotated[
        bool, typer.Option("--mine", help="Only those that the person of --as may acknowledge.")
    ] = False,
) -> None:
    """List what calls for somebody now, the gravest first; what was seen stays until its cause ends."""
    _list(CommandSession.of(context), site=site, is_mine=mine)


def _list(session: CommandSession, *, site: str | None, is_mine: bool) -> None:
    with session.reading() as tracker:
        require_board(session, tracker)
        found = tracker.read.alerts(
            site=known_or_all(tracker.registry, site), staff=session.staff if is_mine else None
        )
        records = [_record(tracker, one) for one in found]
        since = [_since(tracker, one) for one in found]
    if not session.as_json:
        records = [{**one, "since": then} for one, then in zip(records, since, strict=True)]
    print_records(
        records,
        _HEADINGS,
        as_json=session.as_json,
        whole=("Alert",),
        none="Nothing calls for anybody.",
    )


def _since(tracker: Tracker, one: AlertLine) -> str:
    """Since when it calls, by the clocks of the site that it called first."""
    registry = tracker.registry
    zone = registry.zone_at(one.called[0].site if one.called else "", one.since)
    return time_words(on_clock(one.since, zone_info(zone)))


def _record(tracker: Tracker, one: AlertLine) -> dict[str, Any]:
    """With the sentence that is handed on, by the clocks of the site that is called first."""
    from tracker.values import alert_sentence

    return {
        "alert": one.id,
        "cause": one.cause.value,
        "therapy": one.coi,
        "subject": one.subject,
        "about": one.title,
        "says": alert_sentence(tracker.registry, one, one.called[0].site if one.called else ""),
        "limit": one.limit or "",
        "due_at": format_instant(one.due_at),
        "since": format_instant(one.since),
        "projected_at": "" if one.projected_at is None else format_instant(one.projected_at),
        "calls": ", ".join(f"{rung.role.value} {rung.site}" for rung in one.called).replace("_", " "),
        "seen": one.acknowledged_by or "",
        "seen_at": "" if one.acknowledged_at is None else format_instant(one.acknowledged_at),
        "plan": one.plan or "",
    }


@group.command(
    "acknowledge",
    epilog=example(
        "cartrail alerts acknowledge 0f8c7e5b6a1d2c34 --as QA-1",
        "cartrail alerts acknowledge 0f8c7e5b6a1d2c34 --plan plan.txt --as QA-1",
    ),
)
def acknowledge(
    context: typer.Context,
    alert: Annotated[str, typer.Argument(metavar="ALERT", help="Its id, as the list has it.")],
    *,
    plan: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="What you will do about it; - reads the standard input."),
    ] = None,
) -> None:
    """Sign that you have seen an alert that calls your role; it stays in the list until its cause ends."""
    session = CommandSession.of(context)
    words = None if plan is None else read_text(plan)
    with session.writing() as tracker:
        known = [one for one in tracker.read.alerts() if one.id == alert.strip().lower()]
        if not known:
            causes = ", ".join(one.value for one in AlertCause)
            raise InputError(
                f"There is no alert {alert[:40]!r} now.",
                remedy=f"Its cause may have ended: see `cartrail alerts list`. Causes are {causes}.",
                code="alert_unknown",
            )
        fields: dict[str, Any] = {**known[0].request, "plan": words}
        ask(session, tracker, "acknowledge_alert", **fields)
