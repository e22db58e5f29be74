"""The condition screen: curve and lanes drawn; quality comes from the worklist and assesses."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace as replace_struct

from schema.vocabulary import ExposureVerdict, Meaning
from tests.support.front_desk import desk_at
from tests.support.journeys import World
from tests.support.logged import WARM, file_of
from tests.support.logged import recorded as record
from tests.tracker.exports.test_report import pages_of
from tests.tracker.therapy.conditions.test_files_of_shipments import recorded, sent
from tests.tracker.views.test_logger_readings import Worlds
from tests.tui.screens.test_courier import on_board
from tests.tui.screens.test_screens import kinds
from tracker.demo import stages
from tracker.demo.journey import Journey, scan
from tracker.requests.base import Scan
from tracker.therapy.custody import requests as custody
from tracker.values import LoggerReadings, StorageLife
from tui.glyphs import GlyphSet, translated
from tui.screens.condition import ConditionScreen
from tui.screens.condition.curve import TimeAxis, curve_text, holder_at, lanes_text, value_at
from tui.screens.condition.text import erased_text, found_text, judged_rows, title_of, verdict_text
from tui.shown_codes import grouped


def same(moment: datetime) -> datetime:
    """Times as they are."""
    return moment


@pytest.fixture
def warm(world: Worlds) -> LoggerReadings:
    """A product that was warm for half an hour on its way, and of which some readings are missing."""
    given: World = world("delivered")
    lines = recorded(given, given.one, {60: "-149.9", 61: "-128", 62: "-149"}).splitlines(keepends=True)
    assert sent(given, given.one, "".join((*lines[:100], *lines[106:]))).ok
    found = given.tracker.read.therapy_readings(coi=given.one.coi)
    assert found is not None
    return found.files[0]


def test_the_curve_has_its_limit_its_peak_and_a_hole_where_readings_are_missing(warm: LoggerReadings) -> None:
    """Every line is as long as there is room for; in ASCII the curve is stars."""
    text = curve_text(warm, same, width=76, height=12)
    lines = text.plain.split("\n")
    assert len(lines) == 12 and {len(line) for line in lines[:-1]} == {76}
    (limit,) = (line for line in lines if "-150 limit" in line)
    assert limit.count("─") > 50
    reds = "".join(text.plain[span.start : span.end] for span in text.spans if span.style == "bar.stop")
    assert reds and all("\u2800" < shape < "\u2900" for shape in reds)
    cold = "".join(max(pair) for pair in zip(lines[-3][12:], lines[-2][12:], strict=True))
    assert sum("\u2800" < shape < "\u2900" for shape in cold) > 55, (
        "the curve is whole down to its lowest line"
    )
    assert cold.strip("\u2800 ") and " " in cold.strip()
    ascii_lines = translated(text.plain, GlyphSet.ASCII)
    assert ascii_lines.isascii() and "*" in ascii_lines


def test_the_lanes_stand_on_the_axis_of_the_curve(warm: LoggerReadings) -> None:
    """Who held it, what was warm and what nobody knows, each in words too."""
    said = lanes_text(warm, same, width=76).plain
    assert "Polar Courier" in said and ", -128 C" in said and "1:00 h" in said
    trace = warm.trace
    assert trace is not None
    lane = next(line for line in said.split("\n") if line.startswith("warm"))
    since, until = warm.stays[0].since, warm.stays[-1].until
    share = (trace.outside[0].began_at - since) / (until - since)
    assert lane.index("█") - 12 == int(share * 64)


def test_what_was_found_is_said_in_words_and_stays_when_the_file_is_erased(warm: LoggerReadings) -> None:
    """Never a figure that is nearer to the band than it was."""
    assert verdict_text(warm).plain == "■ WARM  30 min above -150 C, allowed 0 min"
    assert "F4 usable or not usable" in found_text(warm).plain
    erased = replace(warm, trace=None, sha256=None)
    said = erased_text(erased).plain
    assert (
        "was erased" in said
        and "30 min above -150 C" in said
        and "-128" in lanes_text(erased, same, width=76).plain
    )


def test_without_a_reading_in_its_time_nothing_is_in_order(warm: LoggerReadings) -> None:
    """Readings of other times are said to be of other times; each box in which it travelled is named."""
    assert warm.trace is not None and warm.has_reading
    (box,) = warm.boxes
    within = tuple(
        one.model_copy(update={"verdict": ExposureVerdict.WITHIN, "outside_s": 0}) for one in warm.said.judged
    )
    none = replace(
        warm,
        boxes=(box, "BT7REJP84PG"),
        said=warm.said.model_copy(update={"judged": within}),
        trace=replace(warm.trace, runs=()),
        excursions=(),
    )
    assert verdict_text(none).plain == "■ UNKNOWN  no reading lies in the time in these boxes"
    assert "no gap" not in found_text(none).plain
    assert f"{grouped(box)}, then BT7R EJP8 4PG" in title_of(none).plain


async def test_quality_comes_from_what_waits_and_assesses(tmp_path: Path) -> None:
    """Nothing is read: the screen says so. Then warm: the line, the curve, F4, two people; the mark goes."""
    async with desk_at("MFG-1", tmp_path) as desk:
        journey, box, seal = on_board(desk)
        journey.wait(hours=20)
        stages.receive_at_manufacturer(journey, box, seal)
        await desk.sign_in("QA-1")
        await desk.press("f6")
        await desk.scan(journey.coi)
        await desk.press("f11")
        assert "No readings" in desk.screen and "cartrail temperature FILE --shipment" in desk.screen
        await desk.press("f4")
        assert "There is no excursion to assess." in desk.told
        record(journey, file_of(journey, WARM))
        await desk.press("escape")
        assert "■ WARM" in desk.screen
        await desk.press("escape", "escape")
        await desk.take_line(kind="excursion_assessed")
        screen: object = desk.app.screen
        assert isinstance(screen, ConditionScreen)
        assert "-150 limit" in desk.screen and "■ WARM  40 min above -150 C" in desk.screen
        await desk.press("right")
        assert "cursor" in desk.screen and "Polar Courier" in desk.screen
        await desk.press("f12")
        assert "Written to" in desk.told, desk.told
        (table,) = desk.app.session.folder.glob("readings-*.csv")
        rows = table.read_text(encoding="utf-8").splitlines()
        assert rows[0] == "time,celsius,logger,beside,outside"
        assert sum(row.endswith(",yes,yes") for row in rows) == 4 and any(",-128," in row for row in rows)
        paper = " ".join("".join(pages_of(table.with_suffix(".pdf").read_bytes())).split())
        assert (
            "-150 \u00b0C limit" in paper and "Held by, in this order:" in paper and "Polar Courier" in paper
        )
        assert "40 min in 1" in paper and "In their life" in paper and "OUTSIDE TOO LONG" in paper
        await desk.press("f4")
        await desk.pick("Usable")
        await desk.type("stability study 12, 60 min at -120 C")
        said = " ".join(desk.screen.split())
        assert "-128 C, allowed at most -150 C" in said and "Usable" in said
        assert "stability study 12, 60 min at -120 C" in said
        await desk.pin("QA-1")
        await desk.second("QP-1")
        assert kinds(desk, journey.coi)[-1] == "excursion_assessed", desk.told
        assert "● usable, as quality found" in desk.screen and "F4" in desk.screen
        await desk.press("escape")
        assert "Assess the excursion" not in desk.screen


async def test_logistics_s7_the_files_of_several_therapies_in_one_box_one_after_the_other(
    tmp_path: Path,
) -> None:
    """F11 on a box of two: each therapy is judged by itself, Down shows the next, F4 is about it alone."""
    async with desk_at("MFG-1", tmp_path) as desk:
        first = desk.story()
        first.enroll()
        stages.collect_and_freeze(first)
        second = replace(first, number=8, coi="", bag="", cassettes={})
        second.enroll()
        stages.collect_and_freeze(second)
        box = first.network.boxes["Dry shipper 1"]
        seal = packed_together((first, second), box)
        stages.hand_box(first, "TECH-A1", "COUR-X1", "COLL-A", box, seal)
        first.wait(hours=20)
        record(first, file_of(first, WARM))
        await desk.sign_in("QA-1")
        await desk.press("ctrl+o")
        await desk.see(box)
        await desk.press("f11")
        screen: object = desk.app.screen
        assert isinstance(screen, ConditionScreen), desk.told
        assert {one.coi for one in screen.files} == {first.coi, second.coi}
        for place, shown in enumerate(screen.files, start=1):
            other = second if shown.coi == first.coi else first
            text = desk.screen
            assert f"file {place} of 2" in text and grouped(shown.coi) in text and "■ WARM" in text
            assert grouped(other.coi) not in text and grouped(other.bag) not in text
            assert {one.unit for one in shown.said.judged} == {first.bag if other is second else second.bag}
            await desk.press("down")
        await desk.press("f4")
        await desk.pick("Usable")
        await desk.type("stability study 12")
        await desk.pin("QA-1")
        await desk.second("QP-1")
        said = [kinds(desk, one.coi).count("excursion_assessed") for one in (first, second)]
        assert sorted(said) == [0, 1] and screen.shown is not None
        assert kinds(desk, screen.shown.coi).count("excursion_assessed") == 1


def packed_together(journeys: tuple[Journey, ...], box: str) -> str:
    """The bags of several patients out of one tank into one shipper; gives the seal."""
    one, seal = journeys[0], "SEAL-70007"
    for each in journeys:
        each.retrieve("TECH-A1", "COLL-A", (each.bag,))
    stages.charge(one, "TECH-A1", "COLL-A", box)
    one.ask(
        custody.Pack, "TECH-A1", "COLL-A", ("TECH-A2", Meaning.WITNESSED),
        units=tuple(unit for each in journeys for unit in each.frozen_scans((each.bag,))),
        box=scan(box), seal=Scan(code=seal), tally=len(journeys),
        data_logger=scan(stages.fit_logger(one, "COLL-A")),
        carrier=one.carrier, destination="MFG-1", display_celsius=one.display((one.bag,)),
    )  # fmt: skip
    return seal


def test_logistics_l5_a_life_is_added_up_beside_what_was_judged(warm: LoggerReadings) -> None:
    """Time out of storage and removals, beside what a life may have; of units beside the logger alone."""
    unit = warm.said.judged[0].unit
    life = StorageLife(unit, timedelta(minutes=30), 1, 4, timedelta(minutes=64), timedelta(minutes=10), 3, 20)
    elsewhere = replace_struct(life, unit="UD23456789R", removals=9)
    rows = [(label.plain, words.plain) for label, words in judged_rows(warm, (elsewhere, life), same)]
    outside = "■ outside its band 30 min of 10 min, 1 excursion of 3"
    taken_out = "taken out 4 times of 20, 1:04 h out of storage"
    assert rows[len(warm.said.judged)] == ("its life", f"{outside}, {taken_out}")
    assert not any("9 times" in words for _, words in rows)


def test_logistics_l5_the_cursor_says_what_was_read_then_and_who_had_the_cells(warm: LoggerReadings) -> None:
    """In the excursion its peak, in the gap that nobody knows; a line down the curve, and all in ASCII."""
    axis = TimeAxis.of(warm, 76)
    trace = warm.trace
    assert trace is not None
    peak = max((point for run in trace.runs for point in run), key=lambda point: point.celsius)
    at = axis.cell(peak.at)
    assert value_at(warm, axis, at).endswith("-128 C") and holder_at(warm, peak.at) == "Polar Courier"
    missing = axis.cell(trace.unknown[0].since + (trace.unknown[0].until - trace.unknown[0].since) / 2)
    assert value_at(warm, axis, missing) == "no reading"
    lanes = lanes_text(warm, same, width=76, cursor=axis.middle(at)).plain.split("\n")
    assert lanes[-1].startswith("cursor") and "-128 C  Polar Courier" in lanes[-1]
    text = curve_text(warm, same, width=76, height=12, cursor=axis.middle(at)).plain
    lines = text.split("\n")
    assert {len(line) for line in lines[:-1]} == {76}
    assert sum(line[12 + at] == "\u2502" for line in lines[:-1]) >= 5
    assert translated(text, GlyphSet.ASCII).isascii()
