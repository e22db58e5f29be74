"""Whose a logger's file is: of the logger that was packed with a shipment, or that records in a place.

Asked alike before a file is recorded and where it is only looked at.
"""

from __future__ import annotations

from collections.abc import Iterable

from tracker.rules.decision import Violation
from tracker.rules.registry_state import Equipment, Location, RegistryState
from tracker.rules.therapy_state import TherapyState
from tracker.therapy.conditions.subject import Subject


def packed_logger(therapies: Iterable[TherapyState], subject: Subject) -> str | Violation:
    """The logger that was packed into a shipment."""
    units = (unit for therapy in therapies for unit in therapy.units.values())
    stays = [one for unit in units for one in unit.stays if one.shipment == subject.shipment]
    if not stays:
        return Violation(
            "shipment_unknown",
            f"Nothing of a therapy that is open to you was packed into {subject.words}.",
            "Take the number of the shipment from a trail or slip.",
            waivable=False,
        )
    loggers = {one.data_logger for one in stays if one.data_logger is not None}
    if len(loggers) != 1:
        said = "no logger" if not loggers else f"the loggers {', '.join(sorted(loggers))}"
        return Violation(
            "no_logger",
            f"With {subject.words} {said} was packed, so no file can be known to be of it.",
            "Open a deviation about its temperature.",
            waivable=False,
        )
    return loggers.pop()


def without_logger(place: Location) -> Violation | None:
    """That nobody has said which logger records in a place."""
    if place.loggers:
        return None
    return Violation(
        "no_logger",
        f"Nobody has said which logger records in {place.title} ({place.id}).",
        f"An administrator says it: cartrail site conditions {place.id} --logger.",
        waivable=False,
    )


def logger_of_file(
    registry: RegistryState, subject: Subject, logger: str | None, serial: str
) -> Equipment | Violation:
    """A file says whose it is: the logger in the box, or one that records in the place or did before."""
    own = () if subject.place is None else subject.place.loggers
    wanted = dict.fromkeys([logger, *(one.logger for one in reversed(own))])
    known = [one for one in map(registry.equipment, filter(None, wanted)) if one is not None]
    named = next((one for one in known if one.serial is not None), None)
    if named is None or named.serial is None:
        title = known[0].title if known else str(logger)
        return Violation(
            "serial_unknown",
            f"Nobody has said the serial number of {title}, so no file can be known to be of it.",
            "An administrator adds the logger with its number: cartrail site equipment add --serial.",
            waivable=False,
        )
    its = next((one for one in known if one.serial == serial), None)
    if its is not None:
        return its
    where = "in the box" if subject.place is None else f"in {subject.place.title}"
    return Violation(
        "other_logger",
        f"The file is of the logger {serial}; {named.title} has the number {named.serial}.",
        f"Take the file of the logger that was {where}.",
        expected=named.serial,
        read=serial,
        waivable=False,
    )
