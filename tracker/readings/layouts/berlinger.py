"""Berlinger loggers: the text file that a Q-tag or Fridge-tag writes itself.

A Fridge-tag's clock is set by its user, so the zone in its file says nothing of it. A Fridge-tag 2 keeps no
single readings, only the lowest and highest of each day.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from schema.vocabulary import DayOrder, TemperatureUnit
from tracker.readings.refusals import BadFile
from tracker.readings.sheet import UNIT_OF_LETTER, Channel, Rows, Sheet, one_serial
from tracker.readings.values import Format

_DEVICE: Final = "Device:"
_COLUMNS: Final = ("yyyy-MM-dd hh:mm", "T")


def sheet_of(rows: Rows) -> Sheet | None:
    """The sheet of a Berlinger file; None where this is none."""
    device = rows[0][0].strip() if rows and len(rows[0]) == 1 else ""
    if not device.startswith(_DEVICE) or "-tag" not in device:
        return None
    said = _said(rows)
    data = next((number for number, row in enumerate(rows) if [*row] == ["Data:"]), None)
    if data is None or data + 1 >= len(rows):
        raise BadFile(
            1,
            device,
            "keeps no single readings in its file: what the cells had cannot be judged by it.",
            remedy="Take what another logger in the box recorded, or open a deviation. Nothing was recorded.",
            code="no_readings",
        )
    header = [cell.strip() for cell in rows[data + 1]]
    if len(header) == 1:
        return None
    if tuple(header[1:3]) != _COLUMNS:
        raise BadFile(data + 2, ", ".join(header), "are not the columns of readings.")
    fridge, zone = "Fridge-tag" in device, said.get("Zone", "")
    is_set = said.get("User Clock Config") == "1" or fridge
    return Sheet(
        Format.FRIDGE_TAG if fridge else Format.Q_TAG,
        data + 2,
        cells_min=3,
        cells_max=4,
        day=1,
        channels=(Channel(2, "T", _unit(said.get("Temp unit"))),),
        serial=one_serial([said.get("Serial", "")], 1),
        offset=timedelta() if zone == "0.00" and not is_set else None,
        days=DayOrder.YEAR_FIRST,
        interval=_minutes(said.get("Logging Interval")),
        ends="Cert:",
        after="Sig:",
        quoted=False,
    )


def _said(rows: Rows) -> dict[str, str]:
    """What the section `Conf` says, each word as it is said first."""
    found: dict[str, str] = {}
    inside = False
    for row in rows:
        line = row[0] if row else ""
        if line and not line.startswith(" "):
            inside = line.strip() == "Conf:"
        elif inside:
            name, _, value = line.partition(":")
            found.setdefault(name.strip(), value.strip())
    return found


def _unit(said: str | None) -> TemperatureUnit | None:
    return UNIT_OF_LETTER.get(said or "")


def _minutes(said: str | None) -> timedelta | None:
    if said is None or not (said.isascii() and said.isdecimal()) or not 0 < int(said) <= 1440:
        return None
    return timedelta(minutes=int(said))
