"""A rack as a picture and in words: each state with shape and word; nothing that cannot be signed is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from rich.console import Console, RenderableType

from schema.vocabulary import Fault, ReadMode, Reason
from tracker.values import Found, RackItem, Resolution, ScanAnswer, Violation
from tui.screens.rack.picture import legend, picture, rack_cells, shelf_of
from tui.screens.rack.tally import COUNT_BOX, INSPECT, PUT_AWAY, CountedScan, Rack, RackPlace, TallyResult
from tui.screens.rack.text import (
    big_count,
    counters,
    heading,
    issues,
    issues_table,
    last_scans,
    not_expected_words,
    place_title,
)

AT = datetime(2026, 3, 1, 7, 26, 58, tzinfo=UTC)
TANK = RackPlace("LDXH44BJTS4", "LN2 tank 1", "code", ReadMode.SCANNED)
REPLACED = Violation("superseded", "Label copy A was replaced.", "Scan copy B.", answer=ScanAnswer.CHECK)
OTHERS = Violation("mixup", "Another patient's: take it out.", "Put it aside.")


def unit(number: int) -> str:
    """The id of a unit."""
    return f"UD{number:09}"


def scanned(rack: Rack, number: int, violation: Violation | None = None) -> TallyResult:
    """One scan, each a second after the one before."""
    item = RackItem(Resolution("code", Found.UNIT), unit(number), "CD234567892", "product")
    at = AT + timedelta(seconds=number)
    return rack.take(CountedScan(replace(item, violation=violation), unit(number), ReadMode.SCANNED, at))


def drawn(shown: RenderableType, width: int = 76) -> list[str]:
    """Its lines, as a terminal of that width shows them."""
    console = Console(width=width, color_system=None, force_terminal=False, legacy_windows=False)
    with console.capture() as caught:
        console.print(shown)
    return [line.rstrip() for line in caught.get().splitlines()]


def shapes(rack: Rack) -> str:
    """The shape of each cell."""
    return "".join(cell.shape for cell in rack_cells(rack))


def test_cells_fill_in_the_order_of_scanning() -> None:
    """Read, read now, to look at, not here, and so many not read yet as were counted by eye."""
    rack = Rack(PUT_AWAY, TANK, counted=5)
    scanned(rack, 1)
    assert scanned(rack, 2, REPLACED) is TallyResult.REFUSED
    assert scanned(rack, 3, OTHERS) is TallyResult.REFUSED
    scanned(rack, 4)
    assert shapes(rack) == "●▲■◉○○○"
    assert big_count(rack) == "2/5"
    assert counters(rack).plain == "2 of 5 can be signed; 3 not read yet   ▲ 1 look   ■ 1 not here"


def test_what_cannot_be_signed_is_named_until_it_is_settled() -> None:
    """By its cell and its reason, beyond the next OK and the next set, until F4 or its own scan."""
    rack = Rack(PUT_AWAY, TANK)
    scanned(rack, 1, OTHERS)
    scanned(rack, 2, REPLACED)
    scanned(rack, 3)
    said = [(one.where, one.why) for one in issues(rack)]
    assert said == [("no. 1", "Another patient's: take it out."), ("no. 2", "Label copy A was replaced.")]
    assert drawn(issues_table(rack))[0] == "■ no. 1 UD00 0000 001 Another patient's: take it out."
    rack.clear()
    assert len(issues(rack)) == 2
    scanned(rack, 2)
    assert [one.unit for one in issues(rack)] == [unit(1)]
    assert rack.undo() == unit(2) and rack.undo() == unit(1) and not issues(rack) and rack.undo() is None


def test_what_somebody_else_took_stands_in_its_cell_with_the_reason() -> None:
    """A refusal at signing goes into the cell, not into a line that the next answer overwrites."""
    rack = Rack(PUT_AWAY, TANK)
    scanned(rack, 1)
    scanned(rack, 2)
    gone = Violation("already", "Put away at 07:20 by TECH-A2.", "Leave it.")
    judged: Mapping[str, RackItem] = {unit(1): replace(rack.taken[unit(1)].item, violation=gone)}
    assert rack.keep(judged) == ("Put away at 07:20 by TECH-A2.",)
    assert shapes(rack) == "■◉" and [one.why for one in issues(rack)] == ["Put away at 07:20 by TECH-A2."]
    rack.at_fault, rack.why_refused = unit(2), "It is quarantined."
    assert shapes(rack) == "■■" and issues(rack)[1].why == "It is quarantined."


def test_what_is_expected_stands_from_the_beginning() -> None:
    """As the record has it: to come, read, missing with its reason, and what is not expected after it."""
    rack = Rack(COUNT_BOX, TANK, expected=(unit(1), unit(2), unit(3)))
    assert shapes(rack) == "○○○" and counters(rack).plain == "0 found; 3 not read yet"
    scanned(rack, 2)
    scanned(rack, 9)
    rack.reasons[unit(1)] = Reason.LABEL_UNREADABLE
    assert shapes(rack) == "▲●○■"
    assert [one.why for one in issues(rack)] == ["missing: Label unreadable", "not expected here"]


def test_a_unit_set_aside_is_to_be_looked_at() -> None:
    """It is signed with the others, and goes into quarantine."""
    rack = Rack(INSPECT, TANK, expected=(unit(1),))
    scanned(rack, 1)
    rack.set_aside()
    rack.find_fault(Fault.SEAL)
    assert shapes(rack) == "▲" and [one.why for one in issues(rack)] == ["quarantine: Seal"]


def test_the_picture_has_numbers_and_the_end_of_each_code() -> None:
    """Eight in a row at 80 columns; a row begins with the number of its first cell."""
    rack = Rack(PUT_AWAY, TANK, counted=11)
    for number in range(1, 10):
        scanned(rack, number)
    lines = drawn(picture(rack_cells(rack), first=0, columns=8, rows=3, is_high=False))
    assert [line.split()[0] for line in lines] == ["1", "9"]
    assert lines[0].split()[1:5] == ["●", "001", "●", "002"]
    assert lines[1].split()[1:] == ["◉", "009", "○", "○", "·", "·", "·", "·", "·"]
    assert place_title(rack) == "LN2 tank 1, no positions" and heading(rack) == "33  Put away"
    high = drawn(picture(rack_cells(rack), first=0, columns=8, rows=3, is_high=True))
    assert len(high) > len(lines)


def test_a_larger_rack_shows_one_shelf() -> None:
    """That of the last scan, or the one that was turned to; the title says which of how many."""
    rack = Rack(PUT_AWAY, TANK)
    for number in range(1, 201):
        scanned(rack, number)
    cells = rack_cells(rack)
    assert shelf_of(cells, 100, None) == 100 and shelf_of(cells, 100, 0) == 0
    assert shelf_of(cells, 100, 900) == 100 and shelf_of([], 100, None) == 0
    assert legend(cells, first=100, shown=100).startswith("101 to 200 of 200, PgUp PgDn   ●")
    lines = drawn(picture(cells, first=100, columns=10, rows=10, is_high=False), 90)
    assert len(lines) == 10 and lines[-1].split()[0] == "191"


def test_the_last_scans_stand_with_their_times() -> None:
    """The last one first, by the number of its cell; codes in groups."""
    rack = Rack(PUT_AWAY, TANK)
    scanned(rack, 1)
    scanned(rack, 2, OTHERS)
    assert drawn(last_scans(rack, 5), 40) == ["2 UD00 0000 002 07:27:00", "1 UD00 0000 001 07:26:59"]
    assert len(drawn(last_scans(rack, 1), 40)) == 1


def test_findings_f3_a_cell_has_the_end_of_the_code_that_was_scanned() -> None:
    """Given a bag read by its cassette, the cell shows the cassette's last three, which is in the hand."""
    rack = Rack(PUT_AWAY, TANK)
    read = Resolution("code", Found.CASSETTE, object_id="KDCCSK2BX2L")
    item = RackItem(read, unit(1), "CD234567892", "product")
    rack.take(CountedScan(item, "CTKDCCSK2BX2L4BL", ReadMode.SCANNED, AT))
    assert [cell.code for cell in rack_cells(rack)] == ["KDCCSK2BX2L"]
    assert "X2L" in drawn(picture(rack_cells(rack), first=0, columns=8, rows=1, is_high=False))[0]


def test_findings_f3_a_unit_in_no_place_is_in_no_place() -> None:
    """The sentence names where it is, or says that it is nowhere as a person would."""
    assert not_expected_words("UD1", "LN2 tank 1").endswith("by the record it is in LN2 tank 1.")
    assert not_expected_words("UD1", None).endswith("by the record it is in no place and no box.")
