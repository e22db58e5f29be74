"""What loggers recorded, as it is shown: a file read again as it was read, and an erased one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from schema.vocabulary import ErasureGround, ExcursionDecision, Reason
from tests.support.journeys import World
from tests.tracker.therapy.conditions.test_files_of_shipments import packed, recorded, sent
from tracker.demo.journey import scan
from tracker.therapy.conditions.requests import AssessExcursion
from tracker.therapy.erasure import Erase
from tracker.views.logger_readings import TherapyReadings

Worlds = Callable[[str], World]


def seen(given: World) -> TherapyReadings:
    """Of the first therapy."""
    found = given.tracker.read.therapy_readings(coi=given.one.coi)
    assert found is not None
    return found


def flags(given: World) -> tuple[str, ...]:
    """Its marks on the board."""
    (row,) = (one for one in given.tracker.read.board() if one.coi == given.one.coi)
    return row.attention


def test_logistics_l5_without_a_file_it_says_which_boxes_wait_for_one(world: Worlds) -> None:
    """Two journeys, each with a logger."""
    given = world("delivered")
    found = seen(given)
    assert not found.files and len(found.unread) == 2
    assert packed(given, given.one).shipment in {one.shipment for one in found.unread}
    assert all(one.logger for one in found.unread)


def test_logistics_l5_the_curve_comes_from_the_kept_file_and_the_summary_stays_without_it(
    world: Worlds,
) -> None:
    """A file without a clock is read again by the offset that a person said; erased, its summary stays."""
    given = world("delivered")
    text = recorded(given, given.one, {20: "-149.9", 21: "-128", 22: "-149"}).replace("Z,", ",")
    assert sent(given, given.one, text, zone="+00:00").ok
    (one,) = seen(given).files
    assert one.trace is not None
    (peak,) = (point for run in one.trace.runs for point in run if point.celsius == -128)
    (outside,) = one.trace.outside
    assert outside.began_at < peak.at < outside.ended_at
    assert (outside.lasted, outside.peak) == (timedelta(minutes=30), "-128")
    assert one.bounds == ("-150",) and not one.trace.unknown
    assert len(one.held) >= 3 and one.held[0].since == one.stays[0].since
    assert one.held[-1].until == one.stays[-1].until
    assert len(seen(given).unread) == 1

    erasing = given.request(
        Erase, "QA-2", coi=scan(given.one.coi), reason=Reason.DATA_SUBJECT_REQUEST,
        ground=ErasureGround.CONSENT_WITHDRAWN, others="QP-1 approved",
    )  # fmt: skip
    assert given.send(erasing).ok
    (after,) = seen(given).files
    assert (after.trace, after.sha256) == (None, None)
    assert (after.said, after.excursions[0].found) == (one.said, one.excursions[0].found)


def test_logistics_l5_a_therapy_is_marked_until_its_excursion_is_assessed(world: Worlds) -> None:
    """Warm on the board, and what it is then no longer; unknown is not called warm."""
    given = world("delivered")
    assert sent(given, given.one, recorded(given, given.one, {20: "-128"})).ok
    assert flags(given)[0] == "warm"
    (found,) = seen(given).files[0].to_assess
    assert given.ask(
        AssessExcursion, "QA-2", others="QP-1 approved", coi=scan(given.one.coi), basis="study 12",
        excursion=found.state.event_id, decision=ExcursionDecision.USABLE,
    ).ok  # fmt: skip
    assert "warm" not in flags(given) and not seen(given).files[0].to_assess
    lines = recorded(given, given.one).splitlines(keepends=True)
    assert sent(given, given.one, "".join((*lines[:30], *lines[33:]))).ok
    assert {"warm", "temperature_unknown"} & {*flags(given)} == {"temperature_unknown"}
