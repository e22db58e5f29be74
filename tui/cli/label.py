"""`cartrail label`: labels, badges, cards and handoff slips on paper, each copy with its own letter."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from schema.errors import InputError, OtherLog
from schema.vocabulary import ObjectType
from tui.cli.ending import say
from tui.cli.options import example
from tui.cli.output import print_json
from tui.cli.session import Session

if TYPE_CHECKING:
    from labels.content import Content
    from tracker.tracker import Tracker

app = typer.Typer()

COPIES_MAX = 10
"""More copies of one label than any step needs would only leave valid copies lying about."""


@app.command(
    "label",
    epilog=example(
        "cartrail label UD234567892 --to pdf:bag.pdf --as ADA-1",
        "cartrail label UD234567892 --cassette --to pdf:cassette.pdf --as ADA-1",
        "cartrail label BD234567892 --slip --to pdf:slip.pdf --as ADA-1",
        "cartrail label ADA-1 LD234567892 --to text: --as ADA-1",
    ),
)
def label(
    context: typer.Context,
    objects: Annotated[
        list[str],
        typer.Argument(
            metavar="OBJECT...", help="Codes or ids, staff ids for badges, slip:EVENT_ID for a handoff."
        ),
    ],
    *,
    to: Annotated[
        str,
        typer.Option(
            "--to", metavar="TARGET", help="pdf:PATH, png:PATH, text:, zpl:PATH, tcp://HOST or cups:QUEUE"
        ),
    ],
    slip: Annotated[
        bool, typer.Option("--slip", help="For boxes: the slip of their open or last handoff.")
    ] = False,
    cassette: Annotated[
        bool, typer.Option("--cassette", help="For units: the label of the cassette, a fresh one if unbound.")
    ] = False,
    copies: Annotated[int, typer.Option(min=1, max=COPIES_MAX, help="Copies of each, each valid.")] = 1,
    stock: Annotated[
        str | None, typer.Option(metavar="WxH", help="The stock in the printer, such as 75x50.")
    ] = None,
    paper: Annotated[
        str | None, typer.Option(metavar="A4|Letter", help="Several labels on a sheet, with the log's head.")
    ] = None,
) -> None:
    """Print labels, badges, cards and handoff slips.

    Each printed copy is recorded and has a copy letter of its own.
    Patient identifiers are on it only where the protocol says so for that container.
    """
    from labels.outputs import deliver, parse_target
    from labels.pdf import Setting
    from labels.sheets import symbol_texts

    target = parse_target(to)
    session = Session.of(context)
    with session.writing() as tracker:
        printer = _Printer(tracker, session, slip=slip, cassette=cassette)
        contents = [content for text in objects for content in printer.contents(text, copies)]
        text = io.StringIO()
        head = None
        if paper is not None:
            head = tracker.print_head(chains=sorted({getattr(one, "coi_id", "") for one in contents} - {""}))
        setting = Setting(stock=stock, paper=paper, head=head.text if head else None)
        files = deliver(contents, target, out=text, setting=setting)
    if session.as_json:
        codes = [code for content in contents for code in symbol_texts(content)]
        print_json({"codes": codes, "files": [str(path) for path in files], "text": text.getvalue()})
        return
    sys.stdout.write(text.getvalue())
    for path in files:
        say(f"Written to {path}; print it at 100 percent, without scaling.")


class _Printer:
    """Makes the contents that one person at one station prints."""

    def __init__(self, tracker: Tracker, session: Session, *, slip: bool, cassette: bool) -> None:
        self._tracker = tracker
        self._slip = slip
        self._cassette = cassette
        self._station = session.station_in(tracker)
        self._staff = session.staff
        registry = tracker.registry
        person, station = registry.person(self._staff), registry.station(self._station)
        if person is None or not person.active:
            raise InputError(f"There is nobody active with the staff id {self._staff}.", code="unknown_staff")
        if station is None or station.retired:
            raise InputError(f"There is no station {self._station} in use.", code="unknown_station")

    def contents(self, text: str, copies: int) -> Iterator[Content]:
        """What is printed for one argument."""
        if text.startswith("slip:"):
            yield self._handoff(event_id=text.removeprefix("slip:"))
            return
        object_id = self._object_id(text)
        if self._slip and object_id.startswith(ObjectType.BOX.value):
            yield self._handoff(box=object_id)
            return
        for _ in range(copies):
            yield self._content(object_id)

    def _handoff(self, *, event_id: str | None = None, box: str | None = None) -> Content:
        from tracker.labeling import handoff_slip

        return handoff_slip(self._tracker, station=self._station, event_id=event_id, box=box)

    def _object_id(self, text: str) -> str:
        """The id of an object or the staff id; raises for codes of other stores and other issuers."""
        from schema.identifiers import is_object_id, purpose_of

        if self._tracker.registry.person(text) is not None:
            return text
        resolution = self._tracker.read.lookup(code=text).resolution
        object_id = resolution.unit or resolution.coi or resolution.object_id or ""
        if resolution.object_id is not None and is_object_id(resolution.object_id):
            object_id = resolution.object_id
        if not is_object_id(object_id):
            raise InputError(
                f"{resolution.text[:40]} stands for nothing that has a label here.",
                remedy="Give one of our codes or ids, or a staff id.",
                code="unknown_object",
            )
        if purpose_of(object_id) is not self._tracker.purpose:
            raise OtherLog(resolution.note)
        return object_id

    def _content(self, object_id: str) -> Content:
        from tracker import labeling

        by = (self._tracker, object_id, self._staff, self._station)
        if self._tracker.registry.person(object_id) is not None:
            return labeling.badge_label(*by)
        match ObjectType(object_id[0]):
            case ObjectType.UNIT:
                return labeling.cassette_label(*by) if self._cassette else labeling.unit_label(*by)
            case ObjectType.CASSETTE:
                return self._cassette_of(object_id)
            case ObjectType.COI:
                return labeling.coi_card(*by)
            case ObjectType.BADGE:
                return labeling.badge_label(*by)
            case ObjectType.LOCATION:
                return labeling.location_label(*by)
            case ObjectType.BOX | ObjectType.DATA_LOGGER:
                return labeling.equipment_label(*by)
            case ObjectType.SHIPMENT | ObjectType.FORM:
                raise InputError(
                    f"{object_id} has no label of its own.", remedy="Print the box's.", code="no_label"
                )

    def _cassette_of(self, cassette: str) -> Content:
        from tracker.labeling import cassette_label

        unit = self._tracker.read.lookup(code=cassette).resolution.unit
        if unit is None:
            raise InputError(
                f"The cassette {cassette} is bound to no unit.",
                remedy="Print it with its unit: `cartrail label UNIT --cassette`.",
                code="unbound_cassette",
            )
        return cassette_label(self._tracker, unit, self._staff, self._station)
