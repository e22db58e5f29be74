"""`cartrail station`: the terminals that record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schema.errors import InputError
from schema.identifiers import short_name
from schema.instants import format_instant
from schema.vocabulary import Reason
from tracker.settings import remember_station
from tui.cli.acting import ask, tell_answer
from tui.cli.board import bench_words
from tui.cli.ending import say
from tui.cli.options import Approver, example, reason_option, whole_number
from tui.cli.output import print_json, print_records, print_rows
from tui.cli.session import CommandSession, SignedIn

if TYPE_CHECKING:
    from tracker.values import RegistryState


app = typer.Typer()
group = typer.Typer(help="The terminals that record.")
app.add_typer(group, name="station", epilog=example("cartrail station list"))

StationId = Annotated[str, typer.Argument(metavar="STATION", help="The id of the terminal.")]


@group.command("list", epilog=example("cartrail station list --json"))
def list_stations(context: typer.Context) -> None:
    """List the stations, where they stand and which therapy is at their bench."""
    session = CommandSession.of(context)
    records = _records(session)
    headings = (
        *(("station", "Station"), ("site", "Site"), ("title", "Name"), ("state", "State")),
        ("at_bench", "At its bench"),
        ("scanner", "Scanner"),
    )
    print_records(records, headings, as_json=session.as_json, none="There is no station.")


@group.command("show", epilog=example("cartrail station show HUB-1"))
def show(context: typer.Context, station: StationId) -> None:
    """Show one station."""
    session = CommandSession.of(context)
    found = next((one for one in _records(session) if one["station"] == station), None)
    if found is None:
        raise InputError(f"There is no station {station}.", remedy="See `cartrail station list`.")
    if session.as_json:
        print_json(found)
    else:
        print_rows(found.items())


@group.command("add", epilog=example("cartrail station add DOCK-1 --at PLANT --title 'Dock' --as ADA-1"))
def add(
    context: typer.Context,
    station: StationId,
    *,
    site: Annotated[str, typer.Option("--at", metavar="SITE", help="Where it stands, for good.")],
    title: Annotated[str, typer.Option(help="Its name.")],
    pasted: Annotated[
        bool, typer.Option("--pasted/--no-pasted", help="Whether it takes codes that were pasted.")
    ] = True,
    bench: Annotated[
        str | None,
        typer.Option(metavar="LOCATION", help="The bench it stands at, where several terminals share one."),
    ] = None,
) -> None:
    """Let a terminal record at a site."""
    session = CommandSession.of(context)
    station, site = short_name(station, what="The station id"), short_name(site, what="The site code")
    with session.writing() as tracker:
        ask(
            session,
            tracker,
            "add_station",
            new_station=station,
            site=site,
            title=title,
            pasted_accepted=pasted,
            bench=bench,
        )


@group.command("set", epilog=example("cartrail station set DOCK-1 --board --as QA-1"))
def set_station(
    context: typer.Context,
    station: StationId,
    *,
    board: Annotated[
        bool, typer.Option("--board/--no-board", help="Whether it shows the board while nobody is signed in.")
    ],
) -> None:
    """Let a terminal show the board, which names nobody, without a sign-in; its own site decides."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        ask(session, tracker, "set_station_board", board_station=station, board=board)


@group.command(
    "retire", epilog=example("cartrail station retire DOCK-1 --as ADA-1 --approved-by QA-2 --station HUB-1")
)
def retire(context: typer.Context, station: StationId, *, approved_by: Approver = None) -> None:
    """Let a terminal record no longer; its id never stands for another.

    Somebody of its site signs, and somebody of another site where there is one.
    """
    session = CommandSession.of(context)
    with session.writing() as tracker:
        ask(session, tracker, "retire_station", approver=approved_by, old_station=station)


@group.command(
    "reactivate", epilog=example("cartrail station reactivate DOCK-1 --as ADA-1 --approved-by QA-2")
)
def reactivate(context: typer.Context, station: StationId, *, approved_by: Approver = None) -> None:
    """Let a retired terminal record again; `station key` gives it a new cosigning key."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        ask(session, tracker, "reactivate_station", approver=approved_by, old_station=station)


@group.command("use", epilog=example("cartrail station use DOCK-1"))
def use(context: typer.Context, station: StationId) -> None:
    """Let this machine remember that it is this station, so that commands need no --station."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        registry = tracker.registry
    known = registry.station(short_name(station, what="The station id"))
    if known is None or known.retired:
        raise InputError(f"There is no station {station} in use.", remedy="See `cartrail station list`.")
    remember_station(session.settings.config, registry.origin, known.id)
    say(f"This machine is the station {known.id} at {known.site} from now on.")


def _records(session: CommandSession) -> list[dict[str, str]]:
    with session.reading() as tracker:
        registry = tracker.registry
        benches = {one.bench: one for one in tracker.read.benches()}
    return [
        {
            "station": one.id,
            "site": one.site,
            "title": one.title,
            "pasted_codes": "accepted" if one.pasted_accepted else "refused",
            "state": "retired" if one.retired else "in use",
            "board": "shown to everybody" if one.shows_board else "after sign-in",
            "bench": one.bench,
            "at_bench": bench_words(benches.get(one.bench)),
            "scanner": scanner_words(registry, one.id),
            "scanner_check": asked_words(registry, one.id),
        }
        for one in registry.stations.values()
    ]


@group.command("scanner", epilog=example("cartrail station scanner DOCK-1 --within 12 --as QA-1"))
def scanner(
    context: typer.Context,
    station: Annotated[str, typer.Argument(metavar="STATION", help="The id of the terminal.")],
    *,
    within: Annotated[
        int | None,
        whole_number(metavar="HOURS", least=1, most=168, help_text="How long a passed check counts."),
    ] = None,
) -> None:
    """Let a station ask for a check of its scanner; without --within no longer. It blocks nobody."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        ask(session, tracker, "require_scanner_check", checked_station=station, within_hours=within)


@group.command("key", epilog=example("cartrail station key --as ADA-1"))
def key(
    context: typer.Context,
    *,
    on_hub: Annotated[
        bool, typer.Option("--on-hub", help="This station is the hub itself: no independent witness.")
    ] = False,
) -> None:
    """Make this station's cosigning key, here, and let an administrator vouch for it."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        station = session.station_in(tracker)
        signers = [SignedIn(tracker, session.secrets).signer(session.staff, station)]
        answer = tracker.make_station_key(
            actor=session.staff, station=station, on_hub=on_hub, signers=signers
        )
        tell_answer(session, tracker, answer)


@group.command("cosign", epilog=example("cartrail station cosign --station DOCK-1"))
def cosign(context: typer.Context) -> None:
    """Cosign the log's newest checkpoint, after checking that it continues the one cosigned before."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        tracker.integrate()
        line = tracker.log.cosign(session.station_in(tracker))
    if line is None:
        say("There is nothing new to cosign.")
    else:
        print(line)


@group.command(
    "rotate-log-key", epilog=example("cartrail station rotate-log-key --as ADA-1 --approved-by BEN-1")
)
def rotate_log_key(
    context: typer.Context,
    *,
    approved_by: Annotated[str, typer.Option(metavar="STAFF", help="The second person, who approves it.")],
) -> None:
    """Give the log its next key, on the hub; the one before is retired in the same act."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        station = session.station_in(tracker)
        people = SignedIn(tracker, session.secrets)
        signers = [people.signer(staff, station) for staff in (session.staff, approved_by)]
        people.require_attended(signers)
        answer = tracker.rotate_log_key(
            actor=session.staff, approver=approved_by, station=station, signers=signers
        )
        tell_answer(session, tracker, answer)


@group.command(
    "confirm-clock",
    epilog=example("cartrail station confirm-clock --today 2026-11-30 --witness BEN-1 --as ADA-1"),
)
def confirm_clock(
    context: typer.Context,
    *,
    today: Annotated[str, typer.Option(metavar="DAY", help="Today's date in UTC, off a calendar.")],
    witness: Annotated[str, typer.Option(metavar="STAFF", help="The second person, who compares it.")],
) -> None:
    """Confirm that this station's clock is right, after weeks in which nothing was recorded."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        ask(session, tracker, "confirm_clock", witness=witness, day=today)


@group.command(
    "correct-clock",
    epilog=example("cartrail station correct-clock --reason instrument_error --as ADA-1 --approved-by QA-1"),
)
def correct_clock(
    context: typer.Context,
    *,
    reason: Annotated[Reason, reason_option("correct_clock", "Why")],
    approved_by: Annotated[str, typer.Option(metavar="STAFF", help="The second person, of quality.")],
) -> None:
    """Let recorded times go back to this station's clock, after another one ran ahead; marked for ever."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        ask(session, tracker, "correct_clock", approver=approved_by, reason=reason.value)


@group.command(
    "lost-head",
    epilog=example(
        "cartrail station lost-head station.head --reason disk_failed --as ADA-1 --approved-by QA-2"
    ),
)
def lost_head(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The station.head of that machine.")],
    *,
    reason: Annotated[Reason, reason_option("name_lost_head", "Why")],
    approved_by: Annotated[str, typer.Option(metavar="STAFF", help="The second person, of quality.")],
) -> None:
    """Say that a machine's head is of what was lost, where it had seen more than any head that was named.

    That machine refuses the restored store (exit code 4). After this it goes on, and keeps what it had signed
    as station.head.lost-SIZE.
    """
    session = CommandSession.of(context)
    with session.restored() as tracker:
        station = session.station_in(tracker)
        people = SignedIn(tracker, session.secrets)
        signers = [people.signer(one, station) for one in (session.staff, approved_by)]
        people.require_attended(signers)
        answer = tracker.name_lost_head(
            path=file,
            event_id=session.new_event_id(tracker),
            actor=session.staff,
            approver=approved_by,
            station=station,
            reason=reason,
            signers=signers,
        )
        tell_answer(session, tracker, answer)


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
