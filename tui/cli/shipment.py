"""`cartrail shipment`: carriers booked, what is heard of them, and their files."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import orjson
import typer

from schema.errors import CartrailError, InputError
from schema.instants import format_instant
from schema.vocabulary import ProgressSource, Reason, Role, ShipmentMilestone
from tui.cli.acting import TAKEN_AWAY, ask, error_of, wire
from tui.cli.ending import say
from tui.cli.known import known_or_all
from tui.cli.options import example
from tui.cli.output import print_json, print_records, print_rows
from tui.cli.readers import require_board
from tui.cli.session import CommandSession, SignedIn
from tui.cli.times import FoldOption, instant, moment, time_words
from tui.files import start_of

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.answers import Answer
    from tracker.tracker import Tracker
    from tracker.values import CarrierWord, ShipmentLine, Signer

FILE_BYTES_MAX: Final = 2_000_000
NONE: Final = "none"
"""Said of the box, logger, waybill or SSCC of a booking that no longer has one."""

app = typer.Typer()
group = typer.Typer(help="Shipments: book a carrier, say what is heard of it, take a carrier's file.")
app.add_typer(group, name="shipment", epilog=example("cartrail shipment list"))

Window = Annotated[str, typer.Option(metavar="TIME..TIME", help="From when until when.")]
HEADINGS: Final = (
    *(("shipment", "Shipment"), ("status", "Status"), ("way", "Way"), ("box", "Box")),
    *(("waybill", "Waybill"), ("deliver_by", "Deliver by"), ("expected", "Expected")),
)


@group.command(
    "book",
    epilog=example(
        "cartrail shipment book CD234567892 --lane CLINIC-PLANT --pick-up '2026-12-07 15:00..17:30' \\",
        "  --delivery '2026-12-08 16:00..2026-12-09 11:00' --box BT234567892 \\",
        "  --waybill 020-12345675 --as COORD-1",
    ),
)
def book(
    context: typer.Context,
    therapies: Annotated[list[str], typer.Argument(metavar="COI...", help="Whose cells travel in it.")],
    *,
    lane: Annotated[str, typer.Option(help="As `site lane list` has it.")],
    pick_up: Window,
    delivery: Window,
    box: Annotated[str | None, typer.Option(help="The shipper it is to travel in.")] = None,
    logger: Annotated[str | None, typer.Option(help="The data logger that goes with it.")] = None,
    waybill: Annotated[str | None, typer.Option(help="The number of the carrier's waybill or job.")] = None,
    sscc: Annotated[str | None, typer.Option(help="Its SSCC, with or without (00).")] = None,
    shipment: Annotated[
        str | None,
        typer.Option(
            help="A booking that this one takes the place of; of box, logger, waybill, "
            "SSCC stays what is not said, and none takes it away."
        ),
    ] = None,
    fold: FoldOption = None,
) -> None:
    """Book a carrier before anything is packed; times are by the clocks of the two ends of the lane."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        lane, leaves, arrives = _lane(tracker, lane)
        fields: dict[str, Any] = {
            "therapies": therapies,
            "lane": lane,
            "pick_up": _window(session, tracker, pick_up, fold, leaves),
            "delivery": _window(session, tracker, delivery, fold, arrives),
            "box": _or_none(box),
            "data_logger": _or_none(logger),
            "waybill": _or_none(waybill),
            "sscc": _or_none(sscc),
            "shipment": shipment,
        }
        before = None if shipment is None else _standing(tracker, shipment)
        ask(session, tracker, "book_shipment", **fields, told=partial(_booked, tracker, before))


def _lane(tracker: Tracker, typed: str) -> tuple[str, str, str]:
    """A lane and its two ends by its code, in any case; raises InputError that names those there are."""
    lanes = tracker.registry.lanes
    known = lanes.get(typed.strip().upper())
    if known is None:
        raise InputError(
            f"There is no lane {typed[:40]}. There are {', '.join(sorted(lanes)) or 'none'}.",
            remedy="`cartrail site lane list` lists them with their ends and times.",
            code="lane_unknown",
        )
    return known.code, known.from_site, known.to_site


def _or_none(given: str | None) -> object:
    return TAKEN_AWAY if given is not None and given.strip().lower() == NONE else given


def _standing(tracker: Tracker, shipment: str) -> ShipmentLine | None:
    """As it was booked; whether it can be booked anew is for the rules to say."""
    try:
        return tracker.read.shipment(code=shipment)
    except CartrailError:
        return None


def _say_changes(before: ShipmentLine, after: ShipmentLine) -> None:
    """What is another than it was, and what stays because nobody said it again."""
    for title, was, now in (
        ("The box", before.box, after.box),
        ("The data logger", before.data_logger, after.data_logger),
        ("The waybill", before.waybill, after.waybill),
        ("The SSCC", before.sscc, after.sscc),
    ):
        if was == now:
            if was:
                say(f"{title} stays {was}.")
        elif was and now:
            say(f"{title} is now {now}; {was} no longer stands.")
        else:
            say(f"{title} is now {now}." if now else f"{title} {was} no longer stands.")


def _booked(tracker: Tracker, before: ShipmentLine | None, answer: Answer) -> Iterator[tuple[str, str]]:
    """The booking as it stands, each time by the clocks of its end of the lane."""
    body = tracker.read.body(event_id=answer.event_id or "")
    code = "" if body is None else orjson.loads(body)["statement"]["payload"]["shipment"]
    line = tracker.read.shipment(code=code)
    if before is not None:
        _say_changes(before, line)
    yield "shipment", line.shipment
    yield "therapies", ", ".join(line.therapies)
    yield "carrier", f"{line.carrier}, {line.lane}"
    for name, site, window in (
        ("pick-up", line.from_site, line.pick_up),
        ("delivery", line.to_site, line.delivery),
    ):
        if window:
            yield name, f"{_time(window[0])} to {_time(window[1])} at {site}"
    yield "box", line.box_title or line.box
    yield "data logger", line.data_logger
    yield "waybill", line.waybill
    yield "sscc", line.sscc


def _window(
    session: CommandSession, tracker: Tracker, text: str, fold: Any, site: str | None
) -> dict[str, str]:
    """Two times; the second may be a time of day alone, on the day of the first."""
    first, dots, last = (part.strip() for part in text.partition(".."))
    if not dots or not first or not last:
        raise InputError(
            f'"{text[:60]}" is not from one time until another.',
            remedy="Write both with two dots between, as '2026-12-07 15:00..17:30'.",
            code="bad_window",
        )
    if len(last) <= len("17:30") and " " in first:
        last = f"{first.split(' ')[0]} {last}"
    found = (moment(session, tracker, one, fold, site=site) for one in (first, last))
    return dict(zip(("earliest", "latest"), map(format_instant, found), strict=True))


@group.command(
    "progress",
    epilog=example(
        "cartrail shipment progress 020-12345675 delayed --place jfk \\",
        "  --expected '2026-12-08 18:30' --as COUR-1",
    ),
)
def progress(
    context: typer.Context,
    shipment: Annotated[str, typer.Argument(metavar="CODE", help="Its id, waybill, SSCC, or the box.")],
    milestone: Annotated[ShipmentMilestone, typer.Argument(metavar="MILESTONE", help="What was heard.")],
    *,
    place: Annotated[str, typer.Option(help="Where, in one word: an airport, a hub, a site.")],
    expected: Annotated[str | None, typer.Option(metavar="TIME", help="When it will be delivered.")] = None,
    source: Annotated[
        ProgressSource | None,
        typer.Option(help="From whom; else courier where a courier records it, and phone for all others."),
    ] = None,
    happened: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="When, where that was not just now.")
    ] = None,
    fold: FoldOption = None,
) -> None:
    """Record what a carrier says of a shipment; what is lost or damaged goes into quarantine.

    `--expected` is by the clocks of where it goes, as is the answer; `--at` by those of this station.
    """
    session = CommandSession.of(context)
    with session.writing() as tracker:
        fields: dict[str, Any] = {
            "shipment": shipment,
            "milestone": milestone.value,
            "place": place.lower().replace(" ", "-"),
            "source": (source or _source(tracker, session.staff)).value,
            "estimated_delivery": instant(
                session, tracker, expected, fold, site=_destination(tracker, shipment)
            ),
        }
        if happened is not None:
            fields["occurred_at"] = instant(session, tracker, happened, fold)
            fields["entry"] = {"mode": "late", "reason": Reason.PERFORMED_BEFORE_ENTRY.value}
        ask(session, tracker, "report_shipment", **fields, told=partial(_heard, tracker, shipment))


def _source(tracker: Tracker, staff: str) -> ProgressSource:
    """From whom it is when nobody says it: a courier says what they see."""
    is_courier = any(one.role is Role.COURIER for one in tracker.registry.grants_of(staff))
    return ProgressSource.COURIER if is_courier else ProgressSource.PHONE


def _heard(tracker: Tracker, code: str, answer: Answer) -> Iterator[tuple[str, str]]:
    """What stands now of a shipment that was heard of, each time by the clocks of where it goes.

    Of one that was lost or damaged it says what became of the cells in it.
    """
    line = tracker.read.shipment(code=code)
    latest = max(line.heard, key=lambda one: one.at)
    yield "shipment", line.shipment
    yield "way", _way(line)
    yield "heard", f"{latest.milestone.replace('_', ' ')} {latest.place}"
    yield "from", latest.source.replace("_", " ")
    yield "at", _time(latest.at)
    yield "expected", _expected_words(line)
    recorded = {(one.chain, one.sequence) for one in answer.entries}
    for one in tracker.read.deviations() if len(recorded) > 1 else ():
        if (one.coi, one.state.sequence) in recorded:
            yield "in quarantine", f"all of {one.coi} that is in the shipment"
            yield "deviation", f"{one.state.deviation}, {one.state.title}"


def _destination(tracker: Tracker, code: str) -> str | None:
    """By whose clocks the delivery is expected; the station's where the shipment was not booked."""
    try:
        return tracker.read.shipment(code=code).to_site
    except CartrailError:
        return None


@group.command(
    "swap",
    epilog=example(
        "cartrail shipment swap BT234567892 BT234567893 --unit KT234567892 --unit KT234567893 \\",
        "  --seal SEAL-77 --logger DT234567892 --as TECH-B1 --witness TECH-B2",
    ),
)
def swap(
    context: typer.Context,
    box: Annotated[str, typer.Argument(metavar="BOX", help="The box that a courier holds.")],
    into: Annotated[str, typer.Argument(metavar="INTO", help="The other one.")],
    *,
    unit: Annotated[list[str], typer.Option(metavar="CODE", help="Each unit in it; give it for each.")],
    seal: Annotated[str, typer.Option(help="The seal of the other box.")],
    logger: Annotated[str | None, typer.Option(help="The logger in it: the old one, or another.")] = None,
    display: Annotated[str | None, typer.Option(metavar="CELSIUS", help="What its display shows.")] = None,
    witness: Annotated[str | None, typer.Option(metavar="STAFF", help="The second person.")] = None,
) -> None:
    """Put all that is in a box on its way into another one, before two people; custody stays as it is."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        carrier, destination = _way_of(tracker, unit[0], box)
        ask(
            session,
            tracker,
            "pack",
            witness=witness,
            units=unit,
            tally=len(unit),
            from_box=box,
            box=into,
            seal=seal,
            data_logger=logger,
            display_celsius=display,
            carrier=carrier,
            destination=destination,
        )


def _way_of(tracker: Tracker, unit: str, box: str) -> tuple[str, str]:
    """By whom the box goes where; raises InputError for one that holds no such unit."""
    held, found = tracker.read.lookup(code=unit), tracker.read.lookup(code=box).resolution
    way = None if held.therapy is None else held.therapy.boxes_carrier.get(found.object_id or "")
    if way is None:
        raise InputError(
            f"{unit[:40]} is in no packed box {box[:40]} by the record.",
            remedy="See `cartrail scan BOX --lookup`.",
            code="no_box",
        )
    return way


@group.command(
    "list", epilog=example("cartrail shipment list --carrier POLAR", "cartrail shipment list --json")
)
def list_shipments(
    context: typer.Context,
    *,
    site: Annotated[str | None, typer.Option(help="From or to this site alone.")] = None,
    carrier: Annotated[str | None, typer.Option(help="Of this carrier alone.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
) -> None:
    """List what is booked, by when the carrier comes; times are those of the destination."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        require_board(session, tracker)
        site, carrier = (known_or_all(tracker.registry, one) for one in (site, carrier))
        lines = tracker.read.booked_shipments(site=site, carrier=carrier, ended=every)
    if session.as_json:
        for line in lines:
            print_json(_record(line))
        return
    nothing = "No shipment is booked." if every else "No shipment is booked; --all lists those that are over."
    print_records(
        [_shown(line) for line in lines], HEADINGS, as_json=False, whole=("Shipment",), none=nothing
    )
    if lines:
        say("Each time is by the clocks of where it goes.")


@group.command("show", epilog=example("cartrail shipment show 020-12345675"))
def show(
    context: typer.Context,
    code: Annotated[str, typer.Argument(metavar="CODE", help="Its id, waybill, SSCC, or the box.")],
) -> None:
    """Show one shipment, booked or not, with all that was heard of it and every estimate of its delivery."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        require_board(session, tracker)
        line = tracker.read.shipment(code=code)
    if session.as_json:
        print_json(_record(line))
        return
    print_rows(_rows(line))
    for one in line.heard:
        expected = f", expected {_time(one.estimated_delivery)}" if one.estimated_delivery else ""
        source = one.source.replace("_", " ")
        said = one.milestone.replace("_", " ")
        print(f"{_time(one.at):<24} {said} {one.place}{expected} ({source}, {one.by})")


def _rows(line: ShipmentLine) -> Iterator[tuple[str, str]]:
    """A shipment as lines for a person; times by the clocks of their place."""

    def window(span: tuple[datetime, datetime] | None) -> str:
        return "" if span is None else f"{_time(span[0])} to {_time(span[1])}"

    yield "shipment", line.shipment
    yield "status", line.status if line.pick_up else f"{line.status}, not booked"
    yield "carrier", line.carrier
    yield "way", _way(line)
    yield "lane", line.lane
    yield "therapies", ", ".join(line.therapies)
    yield "pick-up", window(line.pick_up)
    yield "delivery", window(line.delivery)
    yield "expected", _expected_words(line)
    yield "holds until", _time(line.hold_until) if line.hold_until else ""
    yield "box", f"{line.box_title} ({line.box})" if line.box_title else line.box
    yield "logger", line.data_logger
    yield "waybill", line.waybill
    yield "sscc", line.sscc


def _expected_words(line: ShipmentLine) -> str:
    late = " AFTER IT HOLDS" if line.is_past_hold else " LATE" if line.is_late else ""
    return f"{_time(line.expected_at)}{late}" if line.expected_at else ""


@group.command("import", epilog=example("cartrail shipment import polar-2026-12-08.csv --as COORD-1"))
def import_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The carrier's file, comma-separated.")],
) -> None:
    """Take a carrier's file: every line, or none where one of them is wrong; what is known already is not
    recorded twice.
    """
    session = CommandSession.of(context)
    content = _content(file)
    with session.writing() as tracker:
        words = tracker.read.carrier_words(content=content)
        new = [one for one in words if not one.is_known]
        people = SignedIn(tracker, session.secrets)
        requests = [(one, _request(session, tracker, one)) for one in new]
        signer = people.signer(session.staff, session.station_in(tracker))

        def record() -> list[Answer]:
            return [
                _recorded(tracker, word, request, signer, people.mode([signer])) for word, request in requests
            ]

        answers = tracker.in_batch(record)
    for answer in answers:
        for notice in answer.notices:
            say(f"{notice.message} {notice.remedy}")
    known = len(words) - len(new)
    say(f"Recorded {len(new)} of {len(words)} lines; {known} were recorded before.")


def _content(file: Path) -> bytes:
    try:
        return start_of(file, FILE_BYTES_MAX)
    except OSError as error:
        raise InputError(
            f"{file} cannot be read: {error.strerror}.", remedy="Name another file.", code="no_file"
        ) from error


def _request(session: CommandSession, tracker: Tracker, word: CarrierWord) -> dict[str, Any]:
    line = word.line
    estimate = line.estimated_delivery
    return wire(
        session,
        tracker,
        "report_shipment",
        shipment=word.shipment,
        milestone=line.milestone.value,
        place=line.place,
        source=ProgressSource.CARRIER_FILE.value,
        estimated_delivery=None if estimate is None else format_instant(estimate),
        occurred_at=format_instant(line.at),
        entry={"mode": "imported"},
    )


def _recorded(
    tracker: Tracker, word: CarrierWord, request: dict[str, Any], signer: Signer, mode: Any
) -> Answer:
    """One line recorded; raises the error of one that is refused, with its number: then none stands."""
    try:
        answer = tracker.record(request=request, signers=[signer], mode=mode)
    except InputError as error:
        raise InputError(
            f"Line {word.line.number}: {error.message}", remedy=error.remedy, code=error.code
        ) from error
    if answer.problem is not None:
        found = error_of(answer.problem)
        raise type(found)(
            f"Line {word.line.number}: {found.message}", remedy=found.remedy, code=answer.problem.error
        )
    return answer


def _shown(line: ShipmentLine) -> dict[str, object]:
    late = " LATE" if line.is_late else ""
    late = " PAST ITS HOLD TIME" if line.is_past_hold else late
    said = line.heard[-1].milestone.replace("_", " ") if line.heard else ""
    return {
        "shipment": line.shipment,
        "status": ", ".join(filter(None, (line.status, said))),
        "way": _way(line),
        "box": line.box_title,
        "waybill": line.waybill,
        "deliver_by": time_words(line.delivery[1]) if line.delivery else "",
        "expected": f"{time_words(line.expected_at)}{late}" if line.expected_at else "",
    }


def _way(line: ShipmentLine) -> str:
    return " to ".join(filter(None, (line.from_site, line.to_site)))


def _time(at: datetime) -> str:
    """By the clocks of its place, which are named by their offset."""
    return f"{at:%Y-%m-%d %H:%M} {at.isoformat()[-6:]}"


def _record(line: ShipmentLine) -> dict[str, Any]:
    """A shipment as one flat record; times with the offset of their place."""
    return {
        "shipment": line.shipment,
        "status": line.status,
        "carrier": line.carrier,
        "lane": line.lane,
        "from_site": line.from_site,
        "to_site": line.to_site,
        "therapies": list(line.therapies),
        "pick_up_earliest": line.pick_up[0].isoformat() if line.pick_up else "",
        "pick_up_latest": line.pick_up[1].isoformat() if line.pick_up else "",
        "delivery_earliest": line.delivery[0].isoformat() if line.delivery else "",
        "delivery_latest": line.delivery[1].isoformat() if line.delivery else "",
        "box": line.box,
        "data_logger": line.data_logger,
        "waybill": line.waybill,
        "sscc": line.sscc,
        "expected": line.expected_at.isoformat() if line.expected_at else "",
        "is_late": line.is_late,
        "is_past_hold": line.is_past_hold,
        "heard": [
            {
                "milestone": one.milestone,
                "place": one.place,
                "at": one.at.isoformat(),
                "estimated_delivery": one.estimated_delivery.isoformat() if one.estimated_delivery else "",
                "source": one.source,
                "by": one.by,
            }
            for one in line.heard
        ],
    }
