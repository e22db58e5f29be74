"""Which offset a logger's clock had, where a person names the zone of its place."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import BinaryIO, Final

from schema.errors import InputError
from schema.vocabulary import KnownFrom
from schema.zones import UnclearTime, checked_zone, format_offset_of, from_local, zone_info
from tracker.readings.cells import offset_of
from tracker.readings.reading import read
from tracker.readings.refusals import BadFile
from tracker.readings.values import Declared, Series

_OFFSET: Final = re.compile(r"[+-]\d\d:\d\d", re.ASCII)
_DAY: Final = timedelta(days=1)


def with_zone(stream: BinaryIO, declared: Declared, zone: str, now: datetime) -> Declared:
    """What is declared, with the offset that `zone` stands for: `+01:00`, `Z`, or a zone by its name.

    A named zone gives an offset only where its clocks were not set while the file was recorded: a logger
    keeps its clock or follows, and nobody can see which. Raises InputError, UnclearTime for an hour that the
    clocks skipped or showed twice, and BadFile for a file that cannot be read.
    """
    offset = timedelta() if zone in ("Z", "z") else offset_of(zone) if _OFFSET.fullmatch(zone) else None
    if offset is not None:
        return replace(declared, offset=offset)
    name = checked_zone(zone)
    try:
        _, series = read(stream, declared, now)
    except BadFile as error:
        if error.code != "zone_unknown_in_file":
            raise
        _, series = read(stream, replace(declared, offset=timedelta()), now + _DAY)
        return replace(declared, offset=_kept(series, name))
    if series.clock is KnownFrom.IN_FILE:
        return declared
    return replace(declared, offset=_kept(series, name))


def _kept(series: Series, name: str) -> timedelta:
    """The one offset of a zone from the first reading to the last, whose times are those on its clocks."""
    zone = zone_info(name)
    try:
        first = from_local(series.first_at.replace(tzinfo=None), zone)
        last = from_local(series.last_at.replace(tzinfo=None), zone)
    except UnclearTime as error:
        one, other = (format_offset_of(each) for each in (error.readings.first, error.readings.second))
        error.remedy = f"Say which of them the logger's clock had: --zone {one} or --zone {other}."
        raise
    offsets = {first.utcoffset(), last.utcoffset()}
    day = first.astimezone(UTC)
    while day < last:
        offsets.add(day.astimezone(zone).utcoffset())
        day += _DAY
    if len(offsets) > 1:
        raise InputError(
            f"The clocks in {name} were set between the first reading and the last, and a logger may keep "
            f"its clock: its times are {format_offset_of(first)} or {format_offset_of(last)}.",
            remedy=f"Say what its clock showed, as --zone {format_offset_of(first)}. Nothing was recorded.",
            code="zone_changes",
        )
    return offsets.pop() or timedelta()
