"""Before a trail leaves the store by command: sign-in where more is chosen, and the note in the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema.errors import CartrailError, Refusal, StoreError
from tui.cli.ending import say
from tui.cli.session import Session, SignedIn

if TYPE_CHECKING:
    from tracker.exports.disclosure import Sharing
    from tracker.exports.forms import TrailFormat
    from tracker.tracker import Tracker


def require_entitled(session: Session, tracker: Tracker) -> None:
    """Raise unless the person of --as signs in and may export; asked only where more was chosen.

    Sign-in counts failures, so it takes the store for writing where that can be had.
    """
    try:
        with session.writing() as writable:
            _require(session, writable)
    except StoreError:
        _require(session, tracker)


def note(session: Session, form: TrailFormat, chains: tuple[str, ...], sharing: Sharing) -> None:
    """Note the export in the registry, or say why that could not be; the export goes on either way."""
    try:
        with session.writing() as tracker:
            reason = tracker.exports.note(
                staff=session.staff,
                station=session.station_in(tracker),
                form=form,
                chains=chains,
                sharing=sharing,
            )
    except CartrailError as error:
        reason = f"{error.message} {error.remedy}"
    if reason is not None:
        say(f"This export is not noted in the registry. {reason}")


def _require(session: Session, tracker: Tracker) -> None:
    staff, station = session.staff, session.station_in(tracker)
    SignedIn(tracker, session.secrets).signer(staff, station)
    violation = tracker.exports.not_entitled(staff)
    if violation is not None:
        raise Refusal(violation.message, remedy=violation.remedy, code=violation.rule)
