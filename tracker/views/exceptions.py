"""What a morning begins with, on the screen and at the command line: the same list, in the same order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from schema.vocabulary import AlertCause
from tracker.rules.standing import Standing
from tracker.views.alerts import AlertLine
from tracker.views.today_lines import TherapyForecast, Today

MARKED: Final = (
    *(AlertCause.QUARANTINED, AlertCause.RECALLED, AlertCause.REFUSED),
    *(AlertCause.OVERDUE, AlertCause.UNASSESSED),
)
"""What calls for somebody though its therapy may be on time."""

Exceptional = TherapyForecast | AlertLine


def exceptions_of(today: Today, alerts: Iterable[AlertLine]) -> tuple[Exceptional, ...]:
    """What is wrong; then cells that call for somebody, one line a therapy; then what is at risk."""
    known = {one.coi for one in today.exceptions}
    marked: dict[str, AlertLine] = {}
    for one in alerts:
        if one.cause in MARKED and one.coi not in known:
            marked.setdefault(one.coi, one)
    wrong = [one for one in today.exceptions if one.standing is not Standing.AT_RISK]
    return (*wrong, *marked.values(), *today.exceptions[len(wrong) :])
