"""The list of shippers and loggers: what stands in a line, under which words each is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from schema.vocabulary import EquipmentShown, EquipmentStatus, EquipmentType
from tracker.rules.decision import Violation
from tracker.rules.registry_state import Equipment
from tracker.views.equipment import EquipmentLine, EquipmentWhere
from tui.equipment_words import counted_words, where_words
from tui.screens.equipment.text import columns_for, detail_rows, filters_text, line_cells

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
DEWAR = Equipment("BD234567892", EquipmentType.SHIPPER, "Dewar 7", "COLL-A", 240, NOW, has_display=True)
FIT = EquipmentLine(DEWAR, None)
FULL = replace(FIT, units=2, where=EquipmentWhere(None, "CARR-X", NOW, "MFG-1", NOW))
PACKED = replace(FIT, units=1, where=EquipmentWhere("COLL-A", None, NOW, "MFG-1", NOW))
THERE = replace(FIT, where=EquipmentWhere("MFG-1", None, NOW))
EMPTY = EquipmentLine(DEWAR, Violation("not_charged", "It was never charged.", "Charge it."))
GONE = EquipmentLine(
    Equipment(
        "BD234567892", EquipmentType.SHIPPER, "Dewar 7", "COLL-A", 240, None, has_display=True,
        status=EquipmentStatus.LOST,
    ),
    None,
)  # fmt: skip


def test_logistics_l6_under_which_words_a_shipper_is_found() -> None:
    """In several at once: full and away; nothing is ready that is to be charged, or is lost."""
    assert FIT.groups == {EquipmentShown.READY}
    assert FULL.groups == {EquipmentShown.IN_USE, EquipmentShown.AWAY}
    assert THERE.groups == {EquipmentShown.READY, EquipmentShown.AWAY}
    assert EMPTY.groups == {EquipmentShown.TO_CHARGE}
    assert GONE.groups >= {EquipmentShown.OUT}
    assert counted_words((FIT, FULL, EMPTY)) == "3 in all, 1 ready, 1 in use, 1 to charge, 1 away"


def test_logistics_l6_where_a_shipper_is_in_words() -> None:
    """At home, packed for another site, with its carrier, and opened elsewhere."""
    assert [where_words(one) for one in (FIT, PACKED, FULL, THERE)] == [
        "COLL-A", "COLL-A, for MFG-1", "CARR-X, to MFG-1", "MFG-1",
    ]  # fmt: skip


def test_a_line_of_the_list() -> None:
    """Shape and word of its state; columns leave from the end, and no word of the rest is cut."""
    columns = columns_for(76)
    assert [name for name, _, _ in columns] == ["what", "where", "state", "due"]
    cells = [cell.plain for cell in line_cells(FULL, columns, lambda at: at)]
    assert cells == ["Dewar 7", "CARR-X, to MFG-1", "◉ 2 units inside", "2026-03-02"]
    assert [line_cells(one, columns, lambda at: at)[2].plain[0] for one in (FIT, EMPTY, GONE)] == [
        "●",
        "▲",
        "■",
    ]
    assert [name for name, _, _ in columns_for(120)][-1] == "code"
    rows = {label.plain: value.plain for label, value in detail_rows(FULL, lambda at: at)}
    assert rows["Where"] == "CARR-X, to MFG-1" and rows["Belongs to"] == "COLL-A"


def test_the_filters_say_how_many() -> None:
    """What is nowhere has no word; the chosen one stands out."""
    text = filters_text((FIT, FULL), EquipmentShown.IN_USE)
    assert text.plain.split() == ["All", "2", "ready", "1", "in", "use", "1", "away", "1"]
    assert any(span.style == "now.key" for span in text.spans)
