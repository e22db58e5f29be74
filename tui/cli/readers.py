"""Who reads the record at the command line: in a demo store anybody, elsewhere somebody who signs in.

A machine with a shared account is nobody: people and trails are shown to who signed in, and it is noted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schema.errors import CartrailError, InputError, Refusal, StoreError
from schema.vocabulary import Purpose
from tui.cli.ending import say
from tui.cli.session import CommandSession, SignedIn

if TYPE_CHECKING:
    from tracker.tracker import Tracker
    from tracker.values import Violation


@dataclass(frozen=True, slots=True)
class WhoReads:
    """Who reads, as far as it is known."""

    staff: str | None
    is_signed_in: bool

    @property
    def on_paper(self) -> str:
        """How a file names them: whoever was only named is nobody's word."""
        if self.staff is None:
            return ""
        return self.staff if self.is_signed_in else f"{self.staff}, who did not sign in"


def reader_in(session: CommandSession, tracker: Tracker, *, is_open: bool = True) -> WhoReads:
    """Who reads a trail or the list of people; raises unless they hold a role and their password is right.

    In a demo store a name is enough where nothing more was chosen to be open. Sign-in counts failures, so the
    store is opened for writing where that is possible.
    """
    if is_open and tracker.purpose is Purpose.DEMO:
        return WhoReads(session.options.staff, is_signed_in=False)
    try:
        with session.writing() as writable:
            return _signed_in(session, writable, is_open=is_open)
    except StoreError:
        return _signed_in(session, tracker, is_open=is_open)


def require_printer(session: CommandSession, tracker: Tracker, people: SignedIn) -> None:
    """Raise unless who prints signs in, outside a demo store: each copy is kept as theirs.

    A label may show a patient's numbers, so a name alone prints no more than it reads. Nothing is signed.
    """
    if tracker.purpose is Purpose.DEMO:
        return
    people.signer(session.staff, session.station_in(tracker))
    violation = tracker.exports.not_a_reader(session.staff)
    if violation is not None:
        raise Refusal(violation.message, remedy=violation.remedy, code=violation.rule)


def require_board(session: CommandSession, tracker: Tracker) -> None:
    """Raise unless what names nobody may be seen: the site lets this station show it, or one signs in."""
    if tracker.purpose is Purpose.DEMO or _shows_board(session, tracker):
        return
    if session.options.staff is None:
        raise InputError(
            f"In a {tracker.purpose} store this asks who reads it.",
            remedy="Add --as STAFF, your own staff id. Quality of the site may let this station show it to "
            "everybody: `cartrail station set STATION --board`.",
            code="no_staff",
        )
    reader_in(session, tracker)


def require_measurer(session: CommandSession, tracker: Tracker) -> None:
    """Raise unless somebody signs in who may see measures; in a demo store everybody may."""
    if tracker.purpose is Purpose.DEMO:
        return
    reader_in(session, tracker)
    violation = tracker.exports.not_a_measurer(session.staff)
    if violation is not None:
        raise Refusal(violation.message, remedy=violation.remedy, code=violation.rule)


def noted(session: CommandSession, note: Callable[[Tracker, str, str], str | None]) -> None:
    """Note what is about to be read in the registry, or say why that could not be; it goes on either way.

    `note` takes the store, who reads and their station, and gives why it is not noted.
    """
    try:
        with session.writing() as tracker:
            reason = note(tracker, session.staff, session.station_in(tracker))
    except CartrailError as error:
        reason = f"{error.message} {error.remedy}"
    if reason is not None:
        say(f"This is not noted in the registry. {reason}")


def _shows_board(session: CommandSession, tracker: Tracker) -> bool:
    try:
        station = tracker.registry.station(session.station_in(tracker))
    except InputError:
        return False
    return station is not None and station.shows_board and not station.retired


def _signed_in(session: CommandSession, tracker: Tracker, *, is_open: bool) -> WhoReads:
    staff = session.staff
    SignedIn(tracker, session.secrets).signer(staff, session.station_in(tracker))
    violation: Violation | None
    violation = tracker.exports.not_a_reader(staff) if is_open else tracker.exports.not_entitled(staff)
    if violation is not None:
        raise Refusal(violation.message, remedy=violation.remedy, code=violation.rule)
    return WhoReads(staff, is_signed_in=True)
