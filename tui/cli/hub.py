"""`cartrail hub`: the service beside the log key, how it stands, and how a machine starts it."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from importlib import resources
from typing import TYPE_CHECKING, Annotated

import typer

from schema.counting import counted
from schema.errors import EvidenceMissing, InputError, StoreError
from tui.cli.ending import say
from tui.cli.options import example, whole_number
from tui.cli.output import print_json, print_rows, print_table
from tui.cli.readers import require_board
from tui.cli.session import CommandSession

if TYPE_CHECKING:
    from labels.outputs import PrintTarget
    from tracker.tracker import Tracker
    from tracker.values import HubStatus, SiteCommand

app = typer.Typer()
group = typer.Typer(help="The service beside the log key: takes in, signs, keeps paper ready for an outage.")
app.add_typer(group, name="hub", epilog=example("cartrail hub --report pdf:/srv/paper/downtime.pdf"))

TURN_SECONDS = 5.0
"""An entry is under a signed head so many seconds after it was recorded."""


@group.callback(invoke_without_command=True)
def hub(
    context: typer.Context,
    *,
    report: Annotated[
        str | None,
        typer.Option(metavar="TARGET", help="Where the downtime report goes: pdf:PATH or cups:QUEUE."),
    ] = None,
    every: Annotated[
        int, whole_number(metavar="MINUTES", least=1, most=1440, help_text="How often it is written.")
    ] = 15,
    hand_on: Annotated[
        str | None,
        typer.Option(
            metavar="COMMAND", help="Given each alert as JSON on its standard input, once; see the guide."
        ),
    ] = None,
    by_shell: Annotated[bool, typer.Option("--shell", help="Run that command by /bin/sh.")] = False,
) -> None:
    """Run the hub until it is stopped: sign the log's head, say that it is there, report, hand on alerts.

    What fails is said on stderr and tried again. Only one hub runs for a store.
    """
    if context.invoked_subcommand is not None:
        return
    session = CommandSession.of(context)
    deliver = None if report is None else _delivery(report)
    command = _command(hand_on, by_shell=by_shell)
    stopped = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stopped.set())
    _run(session, deliver, every, command, stopped)


@group.command("status", epilog=example("cartrail hub status", "cartrail hub status --json"))
def status(context: typer.Context) -> int:
    """Show whether the hub is there, what is unsigned, the backup, the clock, the disk and the stations.

    Exit code 6 where something is to be looked into, so that a monitor sees it.
    """
    session = CommandSession.of(context)
    with session.reading() as tracker:
        require_board(session, tracker)
        found = tracker.hub_status_here()
        warnings = tracker.server_warnings()
    if session.as_json:
        print_json(found.to_json())
        return _exit_code(found)
    print_rows(_rows(found))
    seen = [(one.station, one.site, _when(one.seen_at)) for one in found.stations]
    print_table(("Station", "Site", "Last heard of"), seen)
    for problem in (*found.problems(), *warnings):
        say(problem)
    return _exit_code(found)


@group.command("unit", epilog=example("cartrail hub unit > /etc/systemd/system/cartrail-hub.service"))
def unit() -> None:
    """Print a systemd unit that keeps the hub running; the comments say what to change in it."""
    text = resources.files(__package__).joinpath("cartrail-hub.service").read_text(encoding="utf-8")
    sys.stdout.write(text)


def _run(
    session: CommandSession,
    deliver: Callable[[bytes], None] | None,
    every: int,
    command: SiteCommand | None,
    stopped: threading.Event,
) -> None:
    with session.writing() as tracker:
        station = _station(session, tracker)
        service = tracker.hub(station=station, deliver=deliver, every_minutes=every, hand_on=command)
        service.start()
        say(f"The hub of {tracker.registry.origin} runs; stop it with Ctrl+C or SIGTERM.")
        trouble = ""
        try:
            while not stopped.is_set():
                turn = service.turn()
                now = "" if turn.trouble is None else turn.trouble.message
                if now != trouble:
                    say(now or "All is well again.")
                    trouble = now
                if turn.added:
                    added = counted(turn.added, "entry", "entries")
                    say(f"{added} taken in; the signed head is of {turn.tree_size}.")
                if turn.handed_on:
                    say(f"{counted(turn.handed_on, 'document', 'documents')} of alerts handed on.")
                if turn.not_handed_on:
                    say(f"Alerts were not handed on, and it is tried again: {turn.not_handed_on}.")
                stopped.wait(TURN_SECONDS)
        finally:
            service.stop()
        say("The hub was stopped; entries recorded from now on are unsigned until one runs again.")


def _command(hand_on: str | None, *, by_shell: bool) -> SiteCommand | None:
    if hand_on is None:
        if by_shell:
            raise InputError("--shell is of a command.", remedy="Add --hand-on COMMAND.")
        return None
    from tracker.values import SiteCommand

    return SiteCommand.parse(hand_on, by_shell=by_shell)


def _station(session: CommandSession, tracker: Tracker) -> str | None:
    """The station that this machine is; None where that is not clear, as on a server in a cellar."""
    try:
        station = session.station_in(tracker)
    except InputError:
        return None
    return station if tracker.registry.station(station) is not None else None


def _delivery(text: str) -> Callable[[bytes], None]:
    from labels.outputs import TargetKind, parse_target

    target = parse_target(text)
    if target.kind is TargetKind.PDF:
        return _to_file(target)
    if target.kind is TargetKind.CUPS:
        return _to_queue(target)
    raise InputError(
        "The downtime report is a PDF.",
        remedy="Give pdf:PATH or cups:QUEUE after --report.",
        code="bad_target",
    )


def _to_file(target: PrintTarget) -> Callable[[bytes], None]:
    from labels.outputs import write_whole

    path = target.path
    if path is None or not path.parent.is_dir():
        raise InputError(
            f"There is no folder for {path}.", remedy="Make the folder, or name another.", code="bad_target"
        )
    return lambda pdf: write_whole(path, pdf)


def _to_queue(target: PrintTarget) -> Callable[[bytes], None]:
    from labels.pdf import media_of
    from labels.printers import CupsQueue

    def send(pdf: bytes) -> None:
        result = CupsQueue(target.queue).print(pdf, raw=False, count=1, media=media_of(pdf))
        if result.code != "queued":
            raise StoreError(result.message, remedy=result.remedy, code="not_printed")

    return send


def _exit_code(found: HubStatus) -> int:
    return EvidenceMissing.exit_code if any(found.problems()) else 0


def _rows(found: HubStatus) -> list[tuple[str, str]]:
    difference, free = found.clock_difference, found.disk_free_bytes
    return [
        ("hub", f"last heard of {_when(found.hub_seen_at)} {found.hub_instance}".strip()),
        ("unsigned entries", str(found.unsigned)),
        ("unsigned since", "" if found.unsigned_since is None else _when(found.unsigned_since)),
        ("last backup", _when(found.backup_at)),
        ("clock difference", "same machine" if difference is None else f"{difference.total_seconds():.1f} s"),
        ("disk left", "" if free is None else f"{free // 1_000_000} MB"),
    ]


def _when(moment: object) -> str:
    return "never" if moment is None else f"{moment:%Y-%m-%d %H:%M:%SZ}"
