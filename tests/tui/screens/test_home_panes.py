"""The panes of home as text: the line beside the list, and the steps of what was scanned."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import StringIO

from rich.console import Console, RenderableType

from tests.support.journeys_shown import COI, NOW, UNIT, limit
from tracker.rules.decision import Violation
from tracker.values import ScanAnswer, WorkLine
from tui.looking import Offer
from tui.screens.home.line import first_step_text, late_words, line_panel, line_title
from tui.screens.what.panels import barred_panel, barred_title, offers_panel
from tui.themes import DARK_PALETTE, word_styles

LINE = WorkLine(
    UNIT, "leukapheresis", (COI,), "Freeze", "Cell laboratory", "cryopreserved", 25, limit(used=1.2)
)


def drawn(what: RenderableType, width: int = 60) -> list[str]:
    """As a pane of this width shows it."""
    out = StringIO()
    Console(file=out, width=width, theme=word_styles(DARK_PALETTE), color_system=None).print(what)
    return [line.rstrip() for line in out.getvalue().rstrip().split("\n")]


def test_the_line_beside_the_list() -> None:
    """Codes in groups, where it is, its limit as a bar; then the step, and that a line proves nothing."""
    assert line_title(LINE) == "This line: leukapheresis"
    assert drawn(line_panel(LINE, NOW, width=80), 80) == [
        "Code       UDJV B786 PST",
        "Therapy    CDT7 V9D8 S54",
        "Where      Cell laboratory",
        "Clock      Collection to start of manufacturing  ━━━━━━━━━━━━  2:00 h over",
    ]
    assert first_step_text(LINE).plain == "25  Freeze\nScan it to begin. A line proves nothing."
    others = replace(LINE, kind="", number=None, what="Somebody freezes it")
    assert first_step_text(others).plain == "Somebody freezes it\nSomebody else takes this step."


def test_why_a_line_is_late() -> None:
    """Since when, by the clock here; nothing for one that is in time."""
    assert LINE.clock is not None
    said = late_words(LINE, NOW, LINE.clock.due_at - timedelta(hours=5))
    assert said == "The limit was 29 Nov 05:30. Do it all the same, and say why it is late."
    assert late_words(replace(LINE, clock=limit(used=0.2)), NOW, NOW) == ""
    assert late_words(replace(LINE, clock=None), NOW, None) == ""


def offer(number: int, title: str, why: str = "") -> Offer:
    """A step that is possible, or is not and why."""
    violation = Violation("rule", why, "", answer=ScanAnswer.CHECK) if why else None
    return Offer("kind", "request", title, violation=violation, number=number)


def test_what_else_is_possible_stands_in_two_columns() -> None:
    """By number, down each column; in one where a title is longer than half the room."""
    first = replace(offer(23, "Bind"), is_next=True)
    others = (offer(95, "Destroy"), offer(33, "Put away"), offer(41, "Hand over"))
    steps = (first, *others, offer(25, "Freeze", "not now"))
    assert offers_panel(steps, width=40).plain.split("\n") == [
        " 33 Put away          95 Destroy",
        " 41 Hand over",
    ]
    long = (*steps, offer(22, "Apply the label and scan it back"))
    assert offers_panel(long, width=40).plain.split("\n") == [
        " 22 Apply the label and scan it back",
        *(" 33 Put away", " 41 Hand over", " 95 Destroy"),
    ]


def test_what_is_not_possible_has_its_reasons() -> None:
    """A reason of three is said once; the title counts them."""
    barred = tuple(offer(50 + one, f"Step {one}", "not at this site") for one in range(3))
    barred = (*barred, offer(62, "Release", "needs the qualified person"))
    assert barred_panel(barred, width=44).plain.split("\n") == [
        *("not at this site", " 50 Step 0", " 51 Step 1", " 52 Step 2"),
        " 62 Release: needs the qualified person",
    ]
    assert barred_title(barred) == "4 not now, and why"
    assert barred_title(barred[:1]) == "1 not now, and why"
