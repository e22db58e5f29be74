"""`cartrail label --reconcile`: the state of every printed copy, open ones first with what to do."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

from schema.errors import InputError
from schema.vocabulary import LabelState
from tui.cli.ending import say
from tui.cli.known import known_site
from tui.cli.output import WIDTH, print_json, print_table
from tui.cli.readers import require_board
from tui.cli.session import CommandSession

if TYPE_CHECKING:
    from tracker.tracker import Tracker
    from tracker.values import LabelAccount, StockCount

EXIT_OPEN = 3
"""Some copies are not accounted for; the count was asked for and was not even."""


def reconcile(session: CommandSession, objects: Sequence[str], site: str | None) -> int:
    """Print the account of these objects' therapies or of a site; gives the exit code."""
    with session.reading() as tracker:
        require_board(session, tracker)
        found = _accounts(tracker, session, objects, site)
        stock = tracker.read.label_stock(site=site) if site is not None else ()
    open_count = sum(len(one.open) for one in found)
    if session.as_json:
        print_json({"labels": [_record(one) for one in found], "blanks": [_stock(one) for one in stock]})
    else:
        _show(found, stock)
    printed = sum(len(one.printed) for one in found)
    if open_count:
        say(f"Printed labels not accounted for: {open_count} of {printed}.")
        return EXIT_OPEN
    say(f"All {printed} printed labels are accounted for.")
    return 0


def _accounts(
    tracker: Tracker, session: CommandSession, objects: Sequence[str], site: str | None
) -> tuple[LabelAccount, ...]:
    if not objects:
        place = site
        if place is None:
            station = tracker.registry.station(session.station_in(tracker))
            place = "" if station is None else station.site
        return tracker.read.labels(site=known_site(tracker.registry, place))
    found: dict[tuple[str, str], LabelAccount] = {}
    for text in objects:
        resolution = tracker.read.lookup(code=text).resolution
        if resolution.coi is None:
            raise InputError(
                f"{text[:40]} belongs to no therapy.",
                remedy="Name a COI card, a unit or its cassette, or ask for a site: --site SITE.",
                code="unknown_object",
            )
        for one in tracker.read.labels(coi=resolution.coi):
            if resolution.unit is None or resolution.unit == one.unit:
                found[one.coi, one.object_id] = one
    return tuple(sorted(found.values(), key=lambda one: not one.open))


def _show(found: Sequence[LabelAccount], stock: Sequence[StockCount]) -> None:
    headings = ("Object", "Unit", "Printed", "Applied", "Voided", "Superseded", "Destroyed", "Open")
    if found:
        print_table(headings, [_line(one) for one in found], whole=("Object", "Unit"))
    for account in found:
        for copy in account.open:
            said = f"{copy.code}  {copy.word}. {copy.to_do}"
            print(fill(said, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False))
    if stock:
        print()
        print_table(
            ("Blank set", "Site", "For", "Issued", "Bound", "Destroyed", "Left"),
            [
                (one.set, one.site, one.material, *map(str, (one.issued, one.bound, one.destroyed, one.left)))
                for one in stock
            ],
            whole=("Blank set",),
        )


def _line(one: LabelAccount) -> tuple[str, ...]:
    unit = "" if one.unit in (None, one.object_id) else one.unit or ""
    return (
        one.object_id,
        "card" if one.kept else unit,
        one.printed or "-",
        *(
            one.letters_of(state) or "-"
            for state in (
                LabelState.APPLIED,
                LabelState.VOIDED,
                LabelState.SUPERSEDED,
                LabelState.DESTROYED,
            )
        ),
        "".join(copy.ordinal for copy in one.open) or "-",
    )


def _record(one: LabelAccount) -> dict[str, Any]:
    return {
        "therapy": one.coi,
        "unit": one.unit,
        "object": one.object_id,
        "printed": one.printed,
        "kept": one.kept,
        "open": [copy.code for copy in one.open],
        "copies": [
            {
                "code": copy.code,
                "copy": copy.ordinal,
                "state": copy.word.replace(" ", "_"),
                "label": copy.record.label if copy.record else None,
                "site": copy.record.site if copy.record else None,
                "station": copy.record.station if copy.record else None,
                "printed_by": copy.record.staff if copy.record else None,
                "reason": copy.record.reason.value if copy.record and copy.record.reason else None,
                "open": copy.is_open,
                "to_do": copy.to_do,
            }
            for copy in one.copies
        ],
    }


def _stock(one: StockCount) -> dict[str, Any]:
    return {
        "set": one.set,
        "site": one.site,
        "material": one.material,
        "issued": one.issued,
        "bound": one.bound,
        "destroyed": one.destroyed,
        "left": one.left,
    }
