"""Rights as lists: who held which role on a day, what ends soon, and the review that quality signs."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from schema.counting import counted
from schema.errors import InputError
from schema.instants import format_instant
from schema.vocabulary import ReviewOutcome
from tui.cli.acting import ask
from tui.cli.ending import say
from tui.cli.output import print_records
from tui.cli.readers import WhoReads, noted, reader_in
from tui.cli.session import CommandSession, SignedIn
from tui.cli.times import whole_day

if TYPE_CHECKING:
    from tracker.tracker import Tracker
    from tracker.values import RightsList

_SPAN: Final = re.compile(r"([1-9][0-9]{0,3})d")
_HEADINGS: Final = (
    ("person", "Person"), ("role", "Role"), ("granted", "Granted"), ("training", "Training"),
    ("state", "State"), ("key", "Key"),
)  # fmt: skip


class RightsForm(StrEnum):
    """How a list of rights is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    PDF = "pdf"


def show_rights(session: CommandSession, day: str, form: RightsForm, out: Path | None) -> None:
    """The rights of a day on the terminal, or as a file."""
    if form is RightsForm.PDF and out is None:
        raise InputError("A PDF is a file, and none was named.", remedy="Add --out PATH.", code="no_out")
    if form in (RightsForm.TABLE, RightsForm.JSON) and out is not None:
        raise InputError(
            f"The form {form.value} is only looked at.", remedy="Leave --out away, or take csv or pdf."
        )
    with session.reading() as tracker:
        reader = reader_in(session, tracker)
        found = tracker.exports.rights(whole_day(session, tracker, day))
        note_people(session, reader, form.value, len(found.lines))
        if form is RightsForm.PDF:
            _write(tracker.exports.rights_paper(found, reader.on_paper), out)
        elif form is RightsForm.CSV:
            _write(found.to_csv(), out)
        else:
            as_json = form is RightsForm.JSON
            records = [*found.records()]
            print_records(records if as_json else [*map(_in_table, records)], _HEADINGS, as_json=as_json)
            say(found.last_review)


def _in_table(record: Mapping[str, Any]) -> dict[str, str]:
    """A right as cells of several lines, so that a line of 80 characters says all that the list knows."""

    def until(end: str) -> str:
        return f"\nuntil {end}" if end else ""

    return {
        "person": f"{record['staff']}\n{record['name']}",
        "role": f"{record['role']}\n{record['site']}",
        "granted": f"by {record['granted_by']}\nfrom {record['valid_from']}{until(record['valid_until'])}",
        "training": f"{record['training']}{until(record['training_until'])}",
        "state": record["state"],
        "key": record["key"],
    }


def show_ending(session: CommandSession, span: str) -> None:
    """The grants that end, or whose training ends, within so many days."""
    days = _SPAN.fullmatch(span)
    if days is None:
        raise InputError(f"{span[:20]} is no number of days.", remedy="Write it as 30d.", code="bad_span")
    with session.reading() as tracker:
        reader = reader_in(session, tracker)
        found = tracker.exports.rights_ending(timedelta(days=int(days[1])))
        note_people(session, reader, "ending", len(found))
    records: Sequence[Mapping[str, Any]] = [
        {
            "staff": one.staff,
            "role": one.role.value,
            "site": one.site,
            "until": format_instant(one.valid_until) if one.valid_until else "",
            "training": one.training_reference,
            "training_until": format_instant(one.training_expires_at) if one.training_expires_at else "",
            "grant": one.event_id,
        }
        for one in found
    ]
    headings = (
        ("staff", "Staff"), ("role", "Role"), ("site", "Site"), ("until", "Until"), ("training", "Training"),
        ("training_until", "Training until"),
    )  # fmt: skip
    print_records(records, headings, as_json=session.as_json)
    if not records:
        say(f"Nothing ends within {counted(int(days[1]), 'day')}.")


def sign_review(session: CommandSession, day: str, observed: str | None) -> None:
    """Sign that the rights of a day were reviewed: the list is made here, and its digest is signed."""
    with session.writing() as tracker:
        people = SignedIn(tracker, session.secrets)
        people.signer(session.staff, session.station_in(tracker))
        found: RightsList = tracker.exports.rights(whole_day(session, tracker, day))
        if not session.as_json:
            # What is signed is seen: the list of the day, and the digest that stands in the record.
            print_records([*map(_in_table, found.records())], _HEADINGS, as_json=False)
        say(f"You sign this list of {day} with {counted(len(found.lines), 'line')}.")
        outcome = ReviewOutcome.ACCEPTED if observed is None else ReviewOutcome.WITH_OBSERVATIONS
        ask(
            session,
            tracker,
            "review_rights",
            people=people,
            meaning="reviewed",
            day=day,
            sha256=sha256(found.to_csv()).hexdigest(),
            count=len(found.lines),
            outcome=outcome.value,
            remark=observed,
        )


def note_people(session: CommandSession, reader: WhoReads, form: str, count: int) -> None:
    """Who signed in to read about people is noted; a demo keeps no note of looking."""
    if not reader.is_signed_in:
        return

    def told(tracker: Tracker, staff: str, station: str) -> str | None:
        return tracker.exports.note_people(
            staff=staff, station=station, form=form, count=count, signed_in=True
        )

    noted(session, told)


def _write(content: bytes, out: Path | None) -> None:
    from tracker.values import whole_file

    if out is None:
        sys.stdout.buffer.write(content)
        return
    with whole_file(out) as file:
        file.write(content)
    say(f"Written to {out}.")
