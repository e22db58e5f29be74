"""The figures of quality for one month, drawn from the entries of each therapy alone.

What falls in the month is told by the clocks of the place where it was recorded. A share of less than a
thousand is told as a fraction: per thousand of eleven would be a figure that nobody has seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Final

from msgspec import Struct

from schema.entry import Statement
from schema.events.deviations import DeviationClosed, DeviationDrafted, DeviationOpened
from schema.events.identity import (
    BagMatched,
    BedsideMatched,
    Corrected,
    LabelApplied,
    MixupOccurred,
    MixupPrevented,
    PatientIdentified,
    PreThawMatched,
)
from schema.events.processing import (
    Rejected,
    Released,
    ReleasedOutOfSpecification,
    ResultsReviewed,
    Tested,
)
from schema.instants import parse_offset
from schema.vocabulary import ResultsVerdict, TestPhase

IDENTITY_CHECKS: Final = (
    *(PatientIdentified, LabelApplied, BagMatched, PreThawMatched, BedsideMatched),
    *(MixupPrevented, MixupOccurred),
)
"""Steps at which an identity is compared; one that was wrong is one of them."""

PER_THOUSAND_FROM: Final = 1000
OLD: Final = timedelta(days=30)
"""From which age on an open deviation is told by itself."""


class QualityFigure(StrEnum):
    """Every figure, in the order in which they are shown."""

    RESULTS = "results"
    OUT_OF_SPECIFICATION = "out_of_specification"
    RESULTS_CORRECTED = "results_corrected"
    HOURS_TO_REVIEW = "hours_to_review"
    RELEASED = "released"
    RIGHT_FIRST_TIME = "right_first_time"
    RELEASED_OUT_OF_SPECIFICATION = "released_out_of_specification"
    REJECTED = "rejected"
    DEVIATIONS_OPENED = "deviations_opened"
    DEVIATIONS_CLOSED = "deviations_closed"
    DAYS_TO_CLOSE = "days_to_close"
    DEVIATIONS_OPEN = "deviations_open"
    DEVIATIONS_OPEN_OLD = "deviations_open_old"
    OUTSIDE_THE_RULES = "outside_the_rules"
    MIXUPS_PREVENTED = "mixups_prevented"
    MIXUPS_OCCURRED = "mixups_occurred"


TITLES: Final[Mapping[QualityFigure, str]] = {
    QualityFigure.RESULTS: "Results recorded",
    QualityFigure.OUT_OF_SPECIFICATION: "Results out of specification",
    QualityFigure.RESULTS_CORRECTED: "Results corrected",
    QualityFigure.HOURS_TO_REVIEW: "Hours from a result to its review, median",
    QualityFigure.RELEASED: "Releases in specification",
    QualityFigure.RIGHT_FIRST_TIME: "Of them right first time",
    QualityFigure.RELEASED_OUT_OF_SPECIFICATION: "Releases out of specification",
    QualityFigure.REJECTED: "Rejections",
    QualityFigure.DEVIATIONS_OPENED: "Deviations begun",
    QualityFigure.DEVIATIONS_CLOSED: "Deviations closed",
    QualityFigure.DAYS_TO_CLOSE: "Days from begin to close, median",
    QualityFigure.DEVIATIONS_OPEN: "Deviations open at the end",
    QualityFigure.DEVIATIONS_OPEN_OLD: "Of them older than 30 days",
    QualityFigure.OUTSIDE_THE_RULES: "Steps outside the rules",
    QualityFigure.MIXUPS_PREVENTED: "Mix-ups prevented, of identity checks",
    QualityFigure.MIXUPS_OCCURRED: "Mix-ups that happened, of identity checks",
}

_SHARES: Final = {
    QualityFigure.OUT_OF_SPECIFICATION: QualityFigure.RESULTS,
    QualityFigure.RESULTS_CORRECTED: QualityFigure.RESULTS,
    QualityFigure.RIGHT_FIRST_TIME: QualityFigure.RELEASED,
}
"""Of which other figure it is a part."""


class QualityLine(Struct, frozen=True):
    """One figure of the month; of a part of it, such as one test, where it has any."""

    figure: QualityFigure
    part: str
    count: int
    of: int | None = None
    """Of how many, where it is a share."""

    median: float | None = None

    @property
    def words(self) -> str:
        """As people read it: a number, a fraction, or a share of a thousand where there are as many."""
        if self.median is not None:
            return f"{self.median:.1f} (n = {self.count})"
        if self.figure in (QualityFigure.HOURS_TO_REVIEW, QualityFigure.DAYS_TO_CLOSE):
            return "none"
        if self.of is None:
            return str(self.count)
        if self.of < PER_THOUSAND_FROM:
            return f"{self.count} of {self.of}"
        return f"{self.count * 1000 / self.of:.2f} per 1,000 (n = {self.of})"


class QualityReport(Struct, frozen=True):
    """The figures of one month."""

    month: date
    site: str | None
    therapies: int
    """Of how many therapies, whatever site they are of."""

    lines: tuple[QualityLine, ...]


class _Month:
    """Counts what falls into one month, chain by chain."""

    def __init__(self, month: date, now: datetime, site: str | None) -> None:
        self.month, self._site = month, site
        following = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
        self._ends_before = following
        self._now = now
        self.counts: Counter[tuple[QualityFigure, str]] = Counter()
        self.hours: list[float] = []
        self.days: list[float] = []
        self.checks = 0

    def is_in(self, statement: Statement) -> bool:
        """Whether something was recorded here, in the month."""
        there = _day(statement)
        return self._is_here(statement) and self.month <= there < self._ends_before

    def _is_here(self, statement: Statement) -> bool:
        return self._site is None or statement.site == self._site

    def count(self, figure: QualityFigure, part: str = "") -> None:
        """One more, of the whole and of its part."""
        self.counts[figure, ""] += 1
        if part:
            self.counts[figure, part] += 1

    def take(self, statements: Iterable[Statement]) -> None:
        """One therapy, from its first entry to its last."""
        tests, reviewed, begun = dict[str, Statement](), set[str](), dict[str, Statement]()
        closed, is_flawed = dict[str, Statement](), False
        for one in statements:
            payload = one.payload
            is_flawed = is_flawed or bool(one.outside_rules) or _is_flaw(payload, tests)
            if isinstance(payload, (DeviationDrafted, DeviationOpened)):
                begun[one.event_id] = one
            elif isinstance(payload, DeviationClosed):
                closed[payload.deviation] = one
            elif isinstance(payload, Tested):
                tests[one.event_id] = one
            if self.is_in(one):
                self._count(one, tests, reviewed, is_flawed=is_flawed)
            if isinstance(payload, ResultsReviewed):
                reviewed.update(payload.about)
        for event, first in begun.items():
            self._judged(first, closed.get(event))

    def _judged(self, first: Statement, closed: Statement | None) -> None:
        """A deviation: begun in the month, closed in it, or open when it ended."""
        if self.is_in(first):
            self.count(QualityFigure.DEVIATIONS_OPENED, _cause(first))
        if closed is not None and self.is_in(closed):
            self.count(QualityFigure.DEVIATIONS_CLOSED)
            self.days.append((closed.occurred_at - first.occurred_at) / timedelta(days=1))
        if self._is_here(first):
            self._leave_open(first, closed)

    def _leave_open(self, first: Statement, closed: Statement | None) -> None:
        """A deviation that was open when the month ended."""
        if _day(first) >= self._ends_before or (closed is not None and _day(closed) < self._ends_before):
            return
        self.count(QualityFigure.DEVIATIONS_OPEN)
        offset = parse_offset(first.offset)
        ended = datetime(self._ends_before.year, self._ends_before.month, 1, tzinfo=offset)
        if min(ended, self._now) - first.occurred_at > OLD:
            self.count(QualityFigure.DEVIATIONS_OPEN_OLD)

    def _count(
        self, one: Statement, tests: Mapping[str, Statement], reviewed: set[str], *, is_flawed: bool
    ) -> None:
        payload = one.payload
        if one.outside_rules:
            self.count(QualityFigure.OUTSIDE_THE_RULES)
        self.checks += isinstance(payload, IDENTITY_CHECKS)
        if isinstance(payload, Tested):
            self.count(QualityFigure.RESULTS)
            if not payload.meets_limit and payload.phase is TestPhase.FIRST:
                self.count(QualityFigure.OUT_OF_SPECIFICATION, payload.test)
        elif isinstance(payload, ResultsReviewed):
            for event in payload.about:
                result = tests.get(event)
                is_first = event not in reviewed and payload.verdict is ResultsVerdict.AGREED
                if result is not None and is_first:
                    self.hours.append((one.occurred_at - result.occurred_at) / timedelta(hours=1))
        elif isinstance(payload, Corrected) and payload.event in tests:
            self.count(QualityFigure.RESULTS_CORRECTED)
        elif isinstance(payload, Released):
            self.count(QualityFigure.RELEASED)
            if not is_flawed:
                self.count(QualityFigure.RIGHT_FIRST_TIME)
        figure = _SIMPLE.get(type(payload))
        if figure is not None:
            self.count(figure, payload.step if isinstance(payload, MixupPrevented) else "")


_SIMPLE: Final = {
    ReleasedOutOfSpecification: QualityFigure.RELEASED_OUT_OF_SPECIFICATION,
    Rejected: QualityFigure.REJECTED,
    MixupPrevented: QualityFigure.MIXUPS_PREVENTED,
    MixupOccurred: QualityFigure.MIXUPS_OCCURRED,
}


def _day(statement: Statement) -> date:
    return statement.occurred_at.astimezone(parse_offset(statement.offset)).date()


def _cause(statement: Statement) -> str:
    payload = statement.payload
    if isinstance(payload, DeviationDrafted):
        return payload.cause[0]
    return payload.category if isinstance(payload, DeviationOpened) else ""


def _is_flaw(payload: object, tests: Mapping[str, Statement]) -> bool:
    """Whether a release after it is no longer right first time."""
    if isinstance(payload, Tested):
        return not payload.meets_limit
    if isinstance(payload, Corrected):
        return payload.event in tests
    return isinstance(payload, (DeviationDrafted, DeviationOpened, Rejected, MixupPrevented))


def quality_figures(
    chains: Iterable[Iterable[Statement]],
    month: date,
    now: datetime,
    *,
    site: str | None = None,
    watch: Callable[[], None] = lambda: None,
) -> tuple[QualityLine, ...]:
    """The figures of a month, given by its first day, over every therapy; of one site, what it recorded."""
    found = _Month(month, now, site)
    for chain in chains:
        found.take(chain)
        watch()
    return tuple(line for figure in QualityFigure for line in _lines(found, figure))


def _lines(found: _Month, figure: QualityFigure) -> Iterable[QualityLine]:
    if figure is QualityFigure.HOURS_TO_REVIEW:
        yield _median(figure, found.hours)
        return
    if figure is QualityFigure.DAYS_TO_CLOSE:
        yield _median(figure, found.days)
        return
    of = found.counts[_SHARES[figure], ""] if figure in _SHARES else None
    if figure in (QualityFigure.MIXUPS_PREVENTED, QualityFigure.MIXUPS_OCCURRED):
        of = found.checks
    yield QualityLine(figure, "", found.counts[figure, ""], of)
    parts = sorted((name, count) for (one, name), count in found.counts.items() if one is figure and name)
    for name, count in parts:
        yield QualityLine(figure, name, count, of)


def _median(figure: QualityFigure, values: list[float]) -> QualityLine:
    return QualityLine(figure, "", len(values), median=median(values) if values else None)
