"""Reads a logger's file: every reading of it exactly, or none.

Nothing is guessed: by which clock its times are, in which unit its temperatures, and whose file it is stands
in it or is said by a person. A line that cannot be read refuses the whole file.
"""

from __future__ import annotations

from datetime import datetime
from typing import BinaryIO, Final

from tracker.readings.cells import Days, Temperatures
from tracker.readings.recognition import recognized
from tracker.readings.refusals import BadFile
from tracker.readings.sheet import Channel, Sheet
from tracker.readings.taking import Taking, agreed
from tracker.readings.text import Content, examined, head_of, lines_of, rows_of
from tracker.readings.values import Declared, Series

_HEAD: Final = 3000
"""Lines in which readings begin; a Fridge-tag tells sixty days first, of fifteen lines each."""


def read(stream: BinaryIO, declared: Declared, not_after: datetime) -> tuple[Content, Series]:
    """What is in a file that can be sought; raises BadFile for a file of which anything is not certain.

    `not_after` is when it is read: a reading of a later time was taken by a clock that is wrong.
    """
    content = examined(stream)
    head = head_of(stream, content.encoding, _HEAD)
    sheet, delimiter = recognized(head)
    channel = _channel(sheet, declared)
    unit = agreed(sheet, "unit", channel.unit, declared.unit)
    serial = agreed(sheet, "serial", sheet.serial, declared.serial)
    text = lines_of(stream, content.encoding)
    try:
        rows = rows_of(text, content.encoding, delimiter, quoted=sheet.quoted)
        taken = Taking(sheet, channel, Temperatures(unit), Days(sheet.days or declared.days))
        taken.take(rows, content)
    finally:
        text.detach()
    return content, taken.readings(declared, serial, not_after)


def _channel(sheet: Sheet, declared: Declared) -> Channel:
    """The column of the probe in the box; raises BadFile where there are several and nobody said which."""
    found, wanted = sheet.channels, declared.channel
    chosen = [one for one in found if wanted in (None, one.column + 1)]
    if len(chosen) == 1:
        return chosen[0]
    titles = "; ".join(f"{one.column + 1} {one.title.strip()[:24]}" for one in found)
    raise BadFile(
        sheet.header_line,
        titles,
        f"has {len(found)} columns of temperatures{'' if wanted is None else f', and {wanted} is none'}.",
        remedy="Say the number of the column of the probe in the box, as --channel "
        f"{found[0].column + 1}. Nothing was recorded.",
        code="channel_unknown",
    )
