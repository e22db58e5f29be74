"""A rack in words: how much can be signed, what has to be settled, what is asked. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.table import Table
from rich.text import Text

from tracker.values import BEFORE_THERAPY
from tui.answers import safe
from tui.forms.lists import FAULTS
from tui.glyphs import BAD, LOOK
from tui.language import named, tr
from tui.screens.rack.picture import RackCell, rack_cells
from tui.screens.rack.tally import DIFFERENCE_REASONS, PACK, TASKS, CountedScan, Rack
from tui.shown_codes import code_text, grouped
from tui.states import style_of
from tui.widgets.place_grid import loose_text
from tui.words import spoken

COUNT: Final = "count"


def big_count(rack: Rack) -> str:
    """Scanned of expected, for tall digits."""
    return f"{len(rack.taken)}" if rack.target is None else f"{len(rack.taken)}/{rack.target}"


def counters(rack: Rack) -> Text:
    """What will be signed, and what is not there yet."""
    count, target = len(rack.taken), rack.target
    if rack.task.counts:
        said = tr("{count} found", count=count)
    elif target is None:
        said = tr("{count} can be signed", count=count)
    else:
        said = tr("{count} of {target} can be signed", count=count, target=target)
    text = Text(said, style="bold")
    left = len(rack.missing) if rack.task.is_expected else max((target or 0) - count, 0)
    if left:
        text.append("; " + tr("{count} not read yet", count=left), style="not bold")
    looks, bad = len([one for one in issues(rack) if one.shape == LOOK]), len(rack.unexpected)
    bad += sum(one.is_grave for one in rack.turned_down.values()) + (rack.at_fault is not None)
    if looks:
        text.append("   ").append(f"{LOOK} " + tr("{count} look", count=looks), style="check")
    if bad:
        text.append("   ").append(f"{BAD} " + tr("{count} not here", count=bad), style="stop")
    return text


@dataclass(frozen=True, slots=True)
class Issue:
    """A unit that is not signed as it is, or not like the others: where, and why."""

    shape: str
    where: str
    """Its position, else the number of its cell in the picture, counted from 1."""

    unit: str
    why: str


def issues(rack: Rack) -> list[Issue]:
    """What has to be settled, in the order of the cells."""
    found = []
    for number, cell in enumerate(rack_cells(rack), start=1):
        why = _issue(rack, cell.unit)
        if why:
            place = rack.position_of(cell.unit) or tr("no. {number}", number=number)
            found.append(Issue(BAD if cell.is_bad else LOOK, place, cell.unit, why))
    return found


def _issue(rack: Rack, unit: str) -> str:
    if unit in rack.turned_down:
        return rack.turned_down[unit].why
    if unit == rack.at_fault:
        return rack.why_refused or tr("refused")
    if unit in rack.faults:
        return tr("quarantine: {fault}", fault=spoken(rack.faults[unit].value))
    reason = rack.reasons.get(unit)
    said = f": {spoken(reason.value)}" if reason else ""
    if unit in rack.unexpected:
        return tr("not expected here{why}", why=said)
    return tr("missing{why}", why=said) if reason else ""


def issues_table(rack: Rack) -> Table:
    """Each with its number, its code in groups and the reason; words are wrapped."""
    table = Table.grid(padding=(0, 1, 0, 0))
    for one in issues(rack):
        style = "stop" if one.shape == BAD else "check"
        number = Text(f"{one.shape} {one.where}", style=style, no_wrap=True)
        code = code_text(one.unit)
        code.no_wrap = True
        table.add_row(number, code, Text(safe(one.why)))
    return table


def heading(rack: Rack | None) -> str:
    """The step with its number, and the task."""
    if rack is None:
        return tr("Rack")
    number = BEFORE_THERAPY.get(rack.task.kind)
    return f"{number}  {rack.task.title}" if number is not None else rack.task.title


def place_title(rack: Rack) -> str:
    """Where, and that the record has no positions there; before the place was scanned neither is known."""
    if rack.task.place is not None and rack.place is None:
        return tr("not scanned yet")
    if rack.place is not None and rack.grid is not None:
        return safe(rack.place.title)
    place = f"{safe(rack.place.title)}, " if rack.place else ""
    return place + tr("no positions")


def tasks_text() -> Text:
    """What can be done with many things at once, by number."""
    text = Text(
        tr("What is done with the things you scan? Type the number, then Enter.") + "\n\n", style="bold"
    )
    for number, task in enumerate(TASKS, 1):
        text.append(f"{number:>3}  {task.title}\n", style="not bold")
    return text


def last_scans(rack: Rack, rows: int) -> Table:
    """The last ones first, each with the number of its cell and the time."""
    table = Table.grid(padding=(0, 1, 0, 0))
    cells = list(enumerate(rack_cells(rack), start=1))
    scanned = sorted(((cell.at, number, cell) for number, cell in cells if cell.at is not None), reverse=True)
    for at, number, cell in scanned[:rows]:
        shape = BAD if cell.is_bad else cell.shape
        table.add_row(
            Text(f"{number}", style=style_of(shape)),
            code_text(cell.unit),
            Text(f"{at:%H:%M:%S}", style="muted"),
        )
    return table


def order(rack: Rack | None) -> str:
    """What to do next."""
    if rack is None:
        return tr("Type the number of a task.")
    if rack.task.place is not None and rack.place is None:
        return tr("Scan the {place}.", place=named(rack.task.place.value))
    if rack.task is PACK and rack.counted is None:
        return tr("Scan each unit; type how many you count, then Enter. Then DONE or F10.")
    if rack.has_positions:
        return _position_order(rack)
    if rack.task.counts:
        return tr("Scan all that lies there. DONE or F10 finishes, CANCEL or Esc discards.")
    return tr("Scan each unit. DONE or F10 finishes, CANCEL or Esc discards.")


def _position_order(rack: Rack) -> str:
    if rack.homeless is not None:
        free = rack.next_free
        next_one = "" if free is None else " " + tr("The next free one is {position}.", position=free)
        return tr("Where does {unit} lie? Scan or type its position.", unit=rack.homeless) + next_one
    if rack.said is not None:
        return tr("Scan what lies in {position}.", position=rack.said)
    return tr("Scan a unit, then its position. DONE or F10 finishes, CANCEL or Esc discards.")


def prompt_words(rack: Rack | None) -> str:
    """What to scan now where each unit has a position; empty elsewhere."""
    if rack is None or rack.place is None or not rack.has_positions:
        return ""
    if rack.homeless is not None:
        free = rack.next_free
        hint = "" if free is None else tr("free: {position}", position=free)
        return tr("Position of {unit}", unit=grouped(rack.homeless)) + (f"   {hint}" if hint else "")
    return tr("Scan a unit, then its position") if rack.said is None else order(rack)


def counted_words(rack: Rack) -> str:
    """How many somebody counted by eye, beside how many were scanned so far."""
    if not rack.task.counts:
        return tr("You counted {number}.", number=rack.counted)
    return tr("You counted {number}, {count} scanned so far.", number=rack.counted, count=rack.seen)


def count_words(rack: Rack) -> str:
    """What a count is about to say, in one line."""
    return tr(
        "{expected} expected: {found} found, {missing} missing; {unexpected} unexpected, {unknown} unknown.",
        expected=len(rack.expected),
        found=len(rack.taken),
        missing=len(rack.missing),
        unexpected=len(rack.unexpected),
        unknown=len(rack.codes),
    )


def beside_text(cells: Sequence[RackCell], width: int) -> Text:
    """Units without a position, one after the other."""
    return loose_text([(cell.shape, cell.style, code_text(cell.unit)) for cell in cells], width)


def differences_table(rack: Rack, lines: int) -> Table:
    """What a count would say of each unit that is not where the record has it, before anybody signs."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    rows = [
        *((BAD, unit, _missing_words(rack, unit)) for unit in rack.missing),
        *((BAD, unit, _elsewhere_words(one)) for unit, one in rack.unexpected.items()),
        *((LOOK, code, tr("stands for no unit of this store")) for code in rack.codes),
    ]
    for shape, unit, words in rows[:lines]:
        table.add_row(Text(shape, style=style_of(shape)), code_text(unit), Text(safe(words)))
    if len(rows) > lines:
        table.add_row("", "", Text(tr("and {count} more", count=len(rows) - lines), style="muted"))
    return table


def _missing_words(rack: Rack, unit: str) -> str:
    position = rack.position_of(unit)
    return (
        tr("missing") if position is None else tr("missing, by the record in {position}", position=position)
    )


def _elsewhere_words(one: CountedScan) -> str:
    where = one.item.location or one.item.box or tr("no place and no box")
    return tr("unexpected, by the record in {where}", where=where)


def not_expected_words(unit: str | None, where: str | None) -> str:
    """That a unit has no place in this task, and where the record has it; some are in no place."""
    if where is None:
        return tr("{unit} is not expected there: by the record it is in no place and no box.", unit=unit)
    return tr("{unit} is not expected there: by the record it is in {where}.", unit=unit, where=where)


def reasons_text(rack: Rack, difference: str) -> Text:
    """Why there is a difference, by number."""
    if difference == COUNT:
        what = tr("You counted {counted} and scanned {count}", counted=rack.counted, count=len(rack.taken))
    elif difference in rack.unexpected:
        what = tr("{difference} is not expected there", difference=grouped(difference))
    else:
        what = tr("{difference} is missing", difference=grouped(difference))
    text = Text(tr("{what}. Why? Type the number, then Enter; or scan it.", what=what) + "\n", style="bold")
    for number, reason in enumerate(DIFFERENCE_REASONS, 1):
        text.append("\n" if number == 4 else "").append(
            f"  {number} {spoken(reason.value)}", style="not bold"
        )
    return text


def faults_text(unit: str) -> Text:
    """What is wrong with a unit that came out of a box, by number."""
    text = Text(
        tr("What is wrong with {unit}? Type the number, then Enter.", unit=grouped(unit)) + "\n", style="bold"
    )
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
