"""The list of lots: what stands in a line, what is recalled, and what a lot touched."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec.structs import replace

from schema.vocabulary import LotStatus
from tracker.rules.decision import Violation
from tracker.rules.registry_state import Lot
from tracker.values import TouchedUnit
from tracker.views.lots import LotLine
from tui.screens.lots.text import columns_for, detail_rows, line_cells, shape_of, state_word

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
LOT = Lot(
    "GT234567892", "lentiviral_vector", "MFG-1", "LV-2026-017", None, "2026-11-30", None, "-60", None,
    NOW, NOW, LotStatus.RELEASED, NOW,
)  # fmt: skip
FIT = LotLine(LOT, None)
WAITS = LotLine(
    replace(LOT, status=LotStatus.QUARANTINED, released_at=None),
    Violation("lot_not_released", "Lot LV-2026-017 is not released.", "Quality releases it."),
)
OVER = LotLine(LOT, Violation("lot_expired", "Lot LV-2026-017 was good until 2026-11-30.", "Take another."))
RECALLED = LotLine(
    replace(LOT, status=LotStatus.RECALLED),
    Violation("lot_recalled", "Lot LV-2026-017 is recalled.", "Take another."),
)


def test_making_r1_a_recalled_lot_is_a_square_and_a_word() -> None:
    """Shape and word of each state; a released lot that is over says so."""
    every = (FIT, WAITS, OVER, RECALLED)
    assert [shape_of(one) for one in every] == ["●", "▲", "▲", "■"]
    assert [state_word(one) for one in every] == ["released", "quarantined", "expired", "RECALLED"]


def test_a_line_of_the_lots() -> None:
    """At 80 the day stays and the code leaves; wide shows all."""
    columns = columns_for(76)
    assert [name for name, _, _ in columns] == ["item", "number", "state", "expires"]
    cells = [cell.plain for cell in line_cells(RECALLED, columns)]
    assert cells == ["lentiviral vector", "LV-2026-017", "■ RECALLED", "2026-11-30"]
    assert [name for name, _, _ in columns_for(120)][-2:] == ["lot", "site"]


def test_making_r4_what_a_lot_touched_stands_beside_it() -> None:
    """How many units of how many therapies, and how each stands now."""
    touched = (
        TouchedUnit("D222222222", "UD222222222", "product", "quarantined"),
        TouchedUnit("D333333333", "UD333333333", "product", "infused"),
    )
    rows = [(label.plain, value.plain) for label, value in detail_rows(RECALLED, touched, lambda at: at)]
    assert ("Why not", "Lot LV-2026-017 is recalled.") in rows
    assert ("Touched", "2 units, 2 therapies") in rows
    assert [value.split("  ")[1] for _, value in rows[-2:]] == ["quarantined", "infused"]
    none = [(label.plain, value.plain) for label, value in detail_rows(FIT, (), lambda at: at)]
    assert none[-1] == ("Touched", "no cells")
