"""`cartrail deviation`: what went wrong, and how far quality is with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from schema.instants import format_instant
from schema.vocabulary import ExcursionDecision
from tui.cli.acting import ask
from tui.cli.ending import say
from tui.cli.known import known_or_all
from tui.cli.note import read_text
from tui.cli.options import Approver, example
from tui.cli.output import print_json, print_records, print_rows
from tui.cli.readers import require_board
from tui.cli.session import CommandSession

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.tracker import Tracker
    from tracker.values import DeviationBackground, DeviationLine

app = typer.Typer()
group = typer.Typer(help="Deviations: drafted by the program or opened by a person, assessed, closed.")
app.add_typer(group, name="deviation", epilog=example("cartrail deviation list"))

_HEADINGS = (
    ("deviation", "Deviation"),
    ("therapy", "Therapy"),
    ("about", "About"),
    ("status", "Status"),
)
"""So few that they have room beside the id, which is copied and never folded."""


@group.command("list", epilog=example("cartrail deviation list --site MFG-1 --json"))
def list_deviations(
    context: typer.Context,
    *,
    every: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    site: Annotated[
        str | None, typer.Option(metavar="SITE", help="Of therapies in which this site has a part.")
    ] = None,
) -> None:
    """List the deviations that quality has not closed, the oldest first."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        require_board(session, tracker)
        at = known_or_all(tracker.registry, site)
        found = [
            _record(one, tracker.read.deviation_background(deviation=one.state.deviation))
            for one in tracker.read.deviations(is_open=not every, site=at)
        ]
    lines = found if session.as_json else [{**one, "about": _about(one)} for one in found]
    print_records(
        lines,
        _HEADINGS,
        as_json=session.as_json,
        whole=("Deviation", "Therapy"),
        none="No deviation is open; --all lists closed ones.",
    )


@group.command("show", epilog=example("cartrail deviation show 01890a5d-ac96-774b-bcce-b302099a8057"))
def show(
    context: typer.Context,
    deviation: Annotated[
        str, typer.Argument(metavar="DEVIATION", help="The id of the event that drafted or opened it.")
    ],
) -> None:
    """Show one deviation: what it is about, how it was assessed, and whether it is closed."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        require_board(session, tracker)
        line = tracker.read.deviation(deviation=deviation)
        found = _record(line, tracker.read.deviation_background(deviation=deviation))
    if session.as_json:
        print_json(found)
        return
    print_rows((name.replace("_", " ").capitalize(), _text(value)) for name, value in found.items())


@group.command(
    "excursion",
    epilog=example(
        "cartrail deviation excursion CD234567892 01890a5d-ac96-774b-bcce-b302099a8057 \\",
        "  --decision usable basis.txt --as QA-2 --approved-by QP-1",
    ),
)
def excursion(
    context: typer.Context,
    coi: Annotated[str, typer.Argument(metavar="COI", help="The therapy.")],
    event: Annotated[
        str,
        typer.Argument(
            metavar="EXCURSION", help="The deviation that was drafted for it, or the event that found it."
        ),
    ],
    basis: Annotated[
        str, typer.Argument(metavar="FILE", help="On which data it rests; - reads the standard input.")
    ],
    *,
    decision: Annotated[ExcursionDecision, typer.Option(help="Whether the cells may be used.")],
    approved_by: Approver = None,
) -> None:
    """Say whether cells may be used after an excursion of their temperature (quality, two people).

    It lifts no quarantine by itself.
    """
    session = CommandSession.of(context)
    text = read_text(basis)
    with session.writing() as tracker:
        ask(
            session,
            tracker,
            "assess_excursion",
            approver=approved_by,
            coi=coi,
            excursion=_excursion(tracker, event),
            decision=decision.value,
            basis=text,
        )
    say(_STILL[decision])


_STILL = {
    ExcursionDecision.USABLE: "The quarantine stands until quality lifts it (step 92), "
    "and the deviation until it is assessed (66) and closed (67).",
    ExcursionDecision.NOT_USABLE: "The cells stay in quarantine: quality rejects them.",
}


def _excursion(tracker: Tracker, named: str) -> str:
    """The event that found an excursion, by its own id or by that of the deviation drafted for it."""
    drafted = (one.state for one in tracker.read.deviations(is_open=False))
    return next((one.about for one in drafted if one.deviation == named and one.about), named)


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _about(record: Mapping[str, object]) -> str:
    """What tells two deviations of one cause apart: the step, whose record it was, and what was read."""
    step = f"{record['step']} by {record['begun_by']}" if record["event"] else ""
    return "; ".join(filter(None, (str(record["about"]), step, _text(record["read"]))))


def _record(line: DeviationLine, known: DeviationBackground | None) -> dict[str, object]:
    """A deviation as one flat record; what is not known yet is empty."""
    one, assessed = line.state, line.state.assessed
    found = () if known is None else dict.fromkeys((each.read, each.expected) for each in known.found)
    return {
        "deviation": one.deviation,
        "therapy": line.coi,
        "site": one.site,
        "begun_at": format_instant(one.at),
        "begun_by": one.actor,
        "about": one.title,
        "event": one.about or "",
        "step": known.step if known is not None and one.about else "",
        "read": [f"{read}, allowed {expected}" for read, expected in found],
        "units": list(one.units),
        "status": one.status.value,
        "severity": assessed.severity.value if assessed else "",
        "cause": assessed.cause if assessed else "",
        "decision": assessed.decision.value if assessed else "",
        "capa": (assessed.capa or "") if assessed else "",
        "assessed_by": assessed.actor if assessed else "",
        "assessed_at": format_instant(assessed.at) if assessed else "",
        "closed_at": format_instant(one.closed_at) if one.closed_at else "",
    }
