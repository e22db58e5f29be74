"""What the plan screen asks, one thing at a time, and what may be typed for it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum, auto
from typing import Final
from zoneinfo import ZoneInfo

from schema.errors import InputError
from schema.vocabulary import Priority
from schema.zones import typed_time
from tui.answers import said_back
from tui.forms.lists import reasons_for
from tui.forms.prompts import Choice
from tui.language import named, tr

DAYS_MAX: Final = 400
"""The planner looks no further ahead."""

_BY_DAYS: Final = re.compile(r"[+-][0-9]{1,3}")
_BY_CLOCK: Final = re.compile(r"[0-9]{1,2}:[0-9]{2}")


class Asked(Enum):
    """What is typed next."""

    READY = auto()
    PRIORITY = auto()
    TIME = auto()
    PLACE = auto()
    REASON = auto()


@dataclass(frozen=True, slots=True)
class Question:
    """One question: what to type, and among what where it is a choice."""

    asked: Asked
    ask: str
    typed: str
    """What to type, in a few words."""

    hint: str = ""
    choices: tuple[Choice, ...] = ()

    def chosen(self, text: str) -> Choice:
        """The choice of a number; raises InputError for another."""
        if text.isdecimal() and 1 <= int(text) <= len(self.choices):
            return self.choices[int(text) - 1]
        raise InputError(
            tr("{text} is no number of the list.", text=said_back(text)),
            remedy=tr("Type a number from 1 to {last}.", last=len(self.choices)),
        )


READY: Final = Question(
    Asked.READY,
    tr("From which day can the patient be collected?"),
    tr("Type the day"),
    tr("As 2026-12-07, or +7 for a week from today."),
)
GOES_ON: Final = replace(READY, ask=tr("From which day on can it go on? The cells are collected."))
PRIORITY: Final = Question(
    Asked.PRIORITY,
    tr("How pressing is it?"),
    tr("Type a number"),
    choices=tuple(Choice(one.value, named(one.value)) for one in Priority),
)
REASON: Final = Question(
    Asked.REASON,
    tr("Why is it moved? Then all is shown for signing."),
    tr("Type the number of the reason"),
    choices=reasons_for("reschedule"),
)


def time_question(what: str, standing: str) -> Question:
    """When a milestone is to be."""
    return Question(
        Asked.TIME,
        tr("{what}: {standing}. To when?", what=what, standing=standing),
        tr("Type the new time: +2, or 2026-12-10 09:00"),
        tr("+2 is two days later at the same time, 2026-12-10 that day, 09:00 another hour of the same day."),
    )


def day_typed(text: str, today: date) -> date:
    """A day, or so many days from today; raises InputError for what is none of both, and for the past."""
    try:
        day = today + timedelta(days=int(text)) if _BY_DAYS.fullmatch(text) else date.fromisoformat(text)
    except ValueError as error:
        raise _no_day(text) from error
    if not today <= day <= today + timedelta(days=DAYS_MAX):
        raise InputError(
            tr("{day} is past, or more than a year away.", day=day.isoformat()),
            remedy=tr("Type a day from today on."),
        )
    return day


def _no_day(text: str) -> InputError:
    return InputError(
        tr("{text} is no day.", text=said_back(text)),
        remedy=tr("Type it as 2026-12-07, or +7 for a week from today."),
    )


def time_typed(text: str, standing: datetime, zone: ZoneInfo) -> datetime:
    """A time by the clocks of a site, also told from where it stands: days later, another day, another hour.

    `standing` is by those clocks. Raises InputError for what is no time, and as `typed_time` does.
    """
    day, clock = standing.date(), f"{standing:%H:%M}"
    if _BY_CLOCK.fullmatch(text):
        clock = text.zfill(5)
    elif _BY_DAYS.fullmatch(text):
        day += timedelta(days=int(text))
    else:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return _whole_time(text, zone, day)
    return typed_time(f"{day.isoformat()} {clock}", zone, day=day)


def _whole_time(text: str, zone: ZoneInfo, day: date) -> datetime:
    try:
        return typed_time(text, zone, day=day)
    except InputError as error:
        if error.code == "no_time" and said_back(text) != text:
            # It may be a password, and others see the screen.
            raise InputError(tr("That is no time."), remedy=error.remedy, code=error.code) from None
        raise


def place_question(places: tuple[Choice, ...]) -> Question:
    """In which of several it is to be."""
    return Question(Asked.PLACE, tr("In which of them?"), tr("Type a number"), choices=places)
