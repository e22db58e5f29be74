"""A therapy in words: where it is now, with whom, what is due, every limit; canceled, quarantined, apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from io import StringIO

import pytest
from rich.console import Console, RenderableType

from schema.vocabulary import Material
from tests.support.journeys_shown import BOX, NOW, journey, limit, line, local, unit
from tracker.rules.standing import Standing
from tracker.rules.storage_life import StorageLife
from tracker.views.journey import TherapyJourney, Whereabouts
from tracker.views.notes import NoteLine
from tracker.views.today_lines import TherapyForecast
from tui.screens.therapy.text import frame_of, note_rows, now_rows, title_of, units_text, vein_line
from tui.themes import PALETTES, word_styles
from tui.widgets.pane import facts_grid

SAMPLE = "UDR7KCK8K8G"


def shown(drawing: RenderableType, width: int = 76) -> list[str]:
    """The lines as a terminal shows them."""
    out = StringIO()
    theme = word_styles(next(iter(PALETTES.values())))
    Console(file=out, width=width, theme=theme, color_system=None).print(drawing)
    return [row.rstrip() for row in out.getvalue().rstrip("\n").split("\n")]


def lying(name: str, place: str, material: Material) -> Whereabouts:
    """A unit that is put away."""
    return unit(unit=name, place=place, material=material, box="", destination="", on_the_road=False)


def now(one: TherapyJourney, *, why: str = "", width: int = 76) -> list[str]:
    """The pane of now."""
    return shown(facts_grid(now_rows(one, NOW, local, why=why, width=width)), width)


def test_where_with_whom_due_and_every_limit() -> None:
    """On the road: the box in groups, the courier since when, both limits as bars."""
    hold = limit("Hold time of the shipper", used=0.2)
    one = journey(line=line(clocks=(hold, limit(used=0.9))))
    assert now(one) == [
        "▲ SOON     On the road to MFG-1, box BDFK HH9X 596",
        "With       Polar Courier (CARR-X), since 27 Nov 23:51",
        "Due        29 Nov 13:30  Collection to start of manufacturing",
        "Limits     ▲ Collection to start of manufacturing ━━━━━━━━━━━━━─ 1:00 h left",
        "           ○ Hold time of the shipper             ━━━─────────── 8:00 h left",
    ]
    assert frame_of(one, NOW) == "-look"
    assert title_of(one).plain == "CDT7 V9D8 S54   autologous-cryopreserved v1"


def test_making_x1_what_was_made_elsewhere_is_never_shown_as_complete() -> None:
    """The title says what the cells are for, and a line that their making is in another's record."""
    one = journey(protocol="tisa-cel v1", indication="b_all", is_made_elsewhere=True)
    assert title_of(one).plain == "CDT7 V9D8 S54   tisa-cel v1   b all"
    assert "Made       elsewhere, not in this record" in now(one)
    assert not any(row.startswith("Made") for row in now(journey()))


def test_units_that_are_apart() -> None:
    """Each place once, the one whose limit ends first on top; the rest are counted."""
    sample = lying(SAMPLE, "Fridge 2, COLL-B", Material.QC_SAMPLE)
    bags = [lying(f"UDR7KCK8K8{n}", f"Tank {n}, MFG-1", Material.PRODUCT) for n in "3456"]
    lines = now(journey(whereabouts=(sample, unit(), *bags)))
    assert lines[0] == "○ on time  On the road to MFG-1, box BDFK HH9X 596"
    assert "Also       qc sample UDR7 KCK8 K8G: Fridge 2, COLL-B" in lines
    assert "           and 3 more units: F7" in lines
    pair = journey(whereabouts=(unit(), sample, lying("UDR7KCK8K8H", "Fridge 2, COLL-B", Material.RETAIN)))
    assert any("2 units: Fridge 2, COLL-B" in row for row in now(pair))


def test_a_handoff_that_nobody_has_answered() -> None:
    """It is given, and it is still with the giver."""
    one = journey(whereabouts=(unit(on_the_road=False, given_to="Dock (MFG-1/DOCK)"),))
    assert now(one)[:3] == [
        "○ on time  In box BDFK HH9X 596 for MFG-1",
        "With       Polar Courier (CARR-X), since 27 Nov 23:51",
        "Handoff    ▲ handed over to Dock (MFG-1/DOCK), nobody has taken it yet",
    ]


@pytest.mark.parametrize(
    ("changes", "frame"),
    [
        ({}, ""),
        ({"line": line(clocks=(limit(used=0.9),))}, "-look"),
        ({"line": line(standing=Standing.LATE)}, "-bad"),
        ({"line": line(standing=Standing.STALLED)}, "-bad"),
        ({"whereabouts": (unit(quarantined=True),)}, "-bad"),
        ({"line": line(standing=Standing.CLOSED, status="canceled")}, "-bad"),
        ({"line": line(standing=Standing.CLOSED, status="closed", clocks=(limit(used=0.9),))}, ""),
    ],
)
def test_what_is_grave_frames_the_pane(changes: dict[str, object], frame: str) -> None:
    """Quarantined, late, stalled and canceled; then soon."""
    assert frame_of(journey(**changes), NOW) == frame


def test_what_is_not_on_time_says_why() -> None:
    """Today had the sentence and the therapy had not."""
    reason = "Lymphodepletion was due Sat 28 Nov 17:20, 19:10 h ago."
    expected = TherapyForecast("CDT7V9D8S54", Standing.LATE, reason, None, None, ())
    one = journey(line=line(standing=Standing.LATE))
    rows = shown(facts_grid(now_rows(one, NOW, local, why="", width=76, forecast=expected)))
    assert rows[1] == f"Why        {reason}"
    fine = replace(expected, standing=Standing.ON_TRACK)
    rows = shown(facts_grid(now_rows(one, NOW, local, why="", width=76, forecast=fine)))
    assert not [row for row in rows if row.startswith("Why")]


def test_canceled_says_why() -> None:
    """The state, the reason, and no limit any more."""
    ended = line(standing=Standing.CLOSED, status="canceled", clocks=(), units=())
    assert now(journey(line=ended, whereabouts=()), why="Disease progression") == [
        "■ CANCELED Disease progression"
    ]
    done = line(standing=Standing.CLOSED, status="closed", clocks=())
    assert now(journey(line=done, whereabouts=())) == ["● done     Nothing is open any more."]


def test_before_the_first_bag() -> None:
    """Nothing is invented: the stage, and that there is no unit yet."""
    early = line(standing=Standing.NOT_STARTED, clocks=(), stage_title="Enrolled", units=())
    one = journey(line=early, whereabouts=(), collected_at=None)
    assert now(one) == ["○ to come  Enrolled: no unit yet"]
    assert vein_line(one, NOW).plain == "○ to come"


def test_vein_to_vein_ends_with_the_infusion() -> None:
    """From the end of collection until now, and after that until the cells went back."""
    assert vein_line(journey(), NOW).plain == "vein to vein  11 d   ○ on time"
    infused = journey(infused_at=NOW - timedelta(days=9))
    assert vein_line(infused, NOW).plain.startswith("vein to vein  2 d 0 h")


def test_vein_to_vein_of_how_long_was_promised() -> None:
    """With a plan; before the collection the promised day, and without a plan that nothing is booked."""
    booked = {"can_be_planned": True, "is_booked": True}
    planned = journey(promised_infusion=date(2026, 12, 23), **booked)
    assert vein_line(planned, NOW).plain == "vein to vein  ━━━━━───────────  11 d of 35 promised   ○ on time"
    early = journey(promised_infusion=date(2026, 12, 23), **booked, collected_at=None)
    assert vein_line(early, NOW).plain == "infusion promised  Wed 23 Dec   ○ on time"
    given_back = replace(early, is_booked=False)
    assert vein_line(given_back, NOW).plain == "infusion promised  Wed 23 Dec   not booked   ○ on time"
    assert vein_line(journey(can_be_planned=True, collected_at=None), NOW).plain == "not booked   ○ on time"


def test_units_with_place_and_cassette() -> None:
    """Codes in groups; quarantine by shape and word."""
    assert units_text(journey(whereabouts=(unit(quarantined=True),))).plain == (
        "UDJV B786 PST  leukapheresis\n  ■ QUARANTINED\n  On the road to MFG-1\n  box BDFK HH9X 596\n"
        "  cassette KDCC SK2B X2L"
    )
    assert units_text(journey(whereabouts=())).plain == "none open"
    assert BOX not in units_text(journey()).plain


@pytest.mark.parametrize(
    "name", ["Cell laboratory " * 8, "細胞調製室 " * 12, "e\u0301cole " * 20, "[b]bold[/b]"]
)
def test_long_names_go_on_below_themselves(name: str) -> None:
    """Nothing is cut, nothing is markup, and no line is wider than the pane."""
    lines = now(journey(whereabouts=(unit(holder=name.strip()),)))
    text = "".join(lines).replace(" ", "")
    assert name.replace(" ", "") in text
    assert all(row.startswith(("With", "Due", "Limits", "○", " ")) for row in lines)


def note(text: str | None = "Comes by taxi.", **changes: object) -> NoteLine:
    """A note of this morning."""
    at = NOW - timedelta(hours=2)
    given: dict[str, object] = {
        "event_id": "e", "coi": "CDT7V9D8S54", "at": at, "actor": "COORD-1", "site": "MFG-1", "unit": None,
        "milestone": None, "text": text, **changes,
    }  # fmt: skip
    return NoteLine(**given)  # type: ignore[arg-type]


def test_logistics_the_newest_note_stands_in_the_therapy() -> None:
    """Who wrote it, when, about what, whole words of it; how many more there are; erased ones say so."""

    def lines(*notes: NoteLine) -> list[str]:
        return shown(facts_grid(note_rows(notes, NOW, local, width=76)))

    (line,) = lines(note(milestone="manufacturing_start"))
    assert line.startswith("Note       COORD-1, 29 Nov ") and line.endswith(
        ": manufacturing start: Comes by taxi."
    )
    assert lines(note(), note())[-1] == "           and 1 more note: F7"
    assert lines(note(None))[0].endswith(": erased")
    long = lines(note("[b]word[/] " * 40))
    assert len(long) == 2 and long[1].endswith("[b]word[/]\u2026")
    assert "UDR7 KCK8 K8G: Comes" in lines(note(unit=SAMPLE))[0]


def test_logistics_l5_what_the_cells_went_through_stands_beside_what_they_bear() -> None:
    """Too much of it is marked; nothing of it is said of cells that were never warm nor taken out."""
    life = StorageLife("", timedelta(minutes=12), 2, 4, timedelta(minutes=64), timedelta(minutes=10), 3, 20)
    lines = now(journey(whereabouts=(unit(life=life),)), width=100)
    at = next(place for place, row in enumerate(lines) if row.startswith("Its life"))
    assert lines[at].split("Its life")[1].strip() == (
        "■ outside its band 12 min of 10 min, 2 excursions of 3, taken out 4 times of 20, 1:04 h"
    )
    taken_out = StorageLife("", timedelta(), 0, 1, timedelta(minutes=3))
    assert "Its life   taken out once, 3 min out of storage" in now(
        journey(whereabouts=(unit(life=taken_out),))
    )
    assert not any("Its life" in row for row in now(journey()))
