"""A rack as it is shown: counters to be read from two meters, the last scans, what is missing. Pure."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Final

from rich.text import Text

from tui.answers import safe
from tui.forms.lists import FAULTS
from tui.language import named, tr
from tui.screens.rack.tally import DIFFERENCE_REASONS, PACK, TASKS, CountedScan, Rack
from tui.words import spoken

COUNT: Final = "count"


def big_count(rack: Rack) -> str:
    """Scanned of expected, for tall digits."""
    return f"{len(rack.taken)}" if rack.target is None else f"{len(rack.taken)}/{rack.target}"


def counters(rack: Rack) -> Text:
    """The tally in words and shapes; what differs stands out without color."""
    text = Text(no_wrap=True, overflow="ellipsis")
    target = rack.target
    expected = tr("not known") if target is None else str(target)
    text.append(
        tr("EXPECTED {expected}   SCANNED {count}", expected=expected, count=len(rack.taken)) + "\n",
        style="bold",
    )
    missing, unexpected = len(rack.missing), len(rack.unexpected)
    text.append(
        tr("{shape} MISSING {missing}", shape=_shape(missing), missing=missing),
        style="bold" if missing else "",
    )
    text.append(
        "   " + tr("{shape} UNEXPECTED {unexpected}", shape=_shape(unexpected), unexpected=unexpected) + "\n",
        style="bold" if unexpected else "",
    )
    text.append(
        tr("again {again}, turned down {refused}", again=rack.again, refused=rack.refused), style="not bold"
    )
    return text


def _shape(count: int) -> str:
    return "▲" if count else "○"


def heading(rack: Rack | None) -> str:
    """The task and its place."""
    if rack is None:
        return tr("RACK SCAN")
    place = (" " + tr("at {title}", title=safe(rack.place.title))) if rack.place else ""
    return f"{rack.task.title.upper()}{place}"


def tasks_text() -> Text:
    """What can be done with many things at once, by number."""
    text = Text(
        tr("What is done with the things you scan? Type the number, then Enter.") + "\n\n", style="bold"
    )
    for number, task in enumerate(TASKS, 1):
        text.append(f"{number:>3}  {task.title}\n", style="not bold")
    return text


def scans_text(rack: Rack, rows: int) -> Text:
    """The last scans first, then what is missing."""
    text = Text(no_wrap=True, overflow="ellipsis")
    taken = list(rack.taken.values())
    for index in range(len(taken) - 1, max(len(taken) - 1 - rows, -1), -1):
        one = taken[index]
        fault = rack.faults.get(one.unit)
        mark = tr("▲ quarantine: {fault}", fault=spoken(fault.value)) if fault is not None else ""
        if one.unit == rack.at_fault:
            mark = tr("■ refused")
        text.append(f"{index + 1:>4}  {_line(one)} {mark}\n", style="bold" if index == len(taken) - 1 else "")
    for one in list(rack.unexpected.values())[-3:]:
        text.append(
            tr("▲   UNEXPECTED {line}{why}", line=_line(one), why=_why(rack, one.unit)) + "\n",
            style="bold",
        )
    for unit in rack.missing[: max(rows - len(taken), 3)]:
        text.append(tr("○   missing {unit}{why}", unit=unit, why=_why(rack, unit)) + "\n", style="dim")
    text.rstrip()
    return text


def _line(one: CountedScan) -> str:
    return tr(
        "{unit}  {material} of {coi}  {at}",
        unit=one.unit,
        material=f"{safe(named(one.item.material)):<14}",
        coi=one.item.coi,
        at=f"{one.at:%H:%M:%S}",
    )


def _why(rack: Rack, unit: str) -> str:
    reason = rack.reasons.get(unit)
    return f": {spoken(reason.value)}" if reason else ""


def order(rack: Rack | None) -> str:
    """What to do next."""
    if rack is None:
        return tr("Type the number of a task.")
    if rack.task.place is not None and rack.place is None:
        return tr("Scan the {place}.", place=named(rack.task.place.value))
    if rack.task is PACK and rack.counted is None:
        return tr("Scan each unit; type how many you count, then Enter. Then DONE or F10.")
    return tr("Scan each unit. DONE or F10 finishes, CANCEL or Esc discards.")


def reasons_text(rack: Rack, difference: str) -> Text:
    """Why there is a difference, by number."""
    if difference == COUNT:
        what = tr("You counted {counted} and scanned {count}", counted=rack.counted, count=len(rack.taken))
    elif difference in rack.unexpected:
        what = tr("{difference} is not expected there", difference=difference)
    else:
        what = tr("{difference} is missing", difference=difference)
    text = Text(tr("{what}. Why? Type the number, then Enter; or scan it.", what=what) + "\n", style="bold")
    for number, reason in enumerate(DIFFERENCE_REASONS, 1):
        text.append("\n" if number == 4 else "").append(
            f"  {number} {spoken(reason.value)}", style="not bold"
        )
    return text


def faults_text(unit: str) -> Text:
    """What is wrong with a unit that came out of a box, by number."""
    text = Text(tr("What is wrong with {unit}? Type the number, then Enter.", unit=unit) + "\n", style="bold")
    for number, words in enumerate(FAULTS.values(), 1):
        text.append("\n" if number == 4 else "").append(f"  {number} {words}", style="not bold")
    return text


def tally_csv(rack: Rack, *, person: str, station: str, at: datetime) -> str:
    """A finished count as a table, one line a unit with its result; UTF-8 with a byte order mark."""
    out = io.StringIO()
    out.write("\ufeff")
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(("unit", "therapy", "material", "result", "read", "scanned_at", "reason"))
    for one in rack.taken.values():
        table.writerow(_row(one, "found", ""))
    for one in rack.unexpected.values():
        reason = rack.reasons.get(one.unit)
        table.writerow(_row(one, "unexpected", reason.value if reason else ""))
    for unit in rack.missing:
        reason = rack.reasons.get(unit)
        table.writerow((unit, "", "", "missing", "", "", reason.value if reason else ""))
    place = rack.place.object_id if rack.place else ""
    table.writerow(
        (
            "",
            "",
            "",
            tr("counted at {place} by {person}, {station}", place=place, person=person, station=station),
            "",
            at.isoformat(),
            "",
        )
    )
    return out.getvalue()


def _row(one: CountedScan, result: str, reason: str) -> tuple[str, ...]:
    item = one.item
    return (one.unit, item.coi or "", item.material, result, one.mode.value, one.at.isoformat(), reason)
