"""The usual course of a therapy, day by day; each story plays a part of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from schema.vocabulary import SitePart
from tracker.demo import stages
from tracker.demo.journey import GOOD_RESULTS, Journey
from tracker.demo.timetable import Episode, on

Play = Callable[[Journey], object]
Course = tuple[tuple[str, int, str, SitePart, Play], ...]
"""Name, day after the beginning, local time, place, and what is done."""

COLLECTION, MANUFACTURING, TREATMENT = SitePart.COLLECTION, SitePart.MANUFACTURING, SitePart.TREATMENT
EARLY = ("viability", "car_expression", "dose", "vector_copies")
LATE = tuple(test for test in GOOD_RESULTS if test not in EARLY)


def begin_collection(journey: Journey) -> None:
    """Two people identify the patient, the bag is labeled, and the collection begins."""
    journey.identify()
    journey.label_bag()
    journey.start_collection()


def receive(journey: Journey) -> None:
    """The starting material comes to the manufacturer."""
    stages.receive_at_manufacturer(journey, journey.box, journey.seal)


def infuse_all(journey: Journey) -> None:
    """Bag after bag from the tank to the vein."""
    for unit in journey.products:
        stages.infuse(journey, unit)


def results_of(*tests: str, **others: str) -> Play:
    """Some release tests get their results, good ones where no other is given."""
    return lambda journey: journey.test({test: others.get(test, GOOD_RESULTS[test]) for test in tests})


def sent_in(box: str) -> Play:
    """The product leaves in this shipper."""
    return lambda journey: stages.send_product(journey, journey.network.boxes[box])


def picked_up_in(box: str) -> Play:
    """The starting material leaves in this shipper."""
    return lambda journey: stages.pick_up_leukapheresis(journey, journey.network.boxes[box])


def frozen(inbound: str, outbound: str = "", *, bags: int = 1) -> Course:
    """Frozen where it was collected; each day is one of the days such a therapy takes."""
    return (
        ("enroll", 0, "10:20", TREATMENT, Journey.enroll),
        ("begin", 3, "08:20", COLLECTION, begin_collection),
        ("collect", 3, "11:50", COLLECTION, Journey.complete_collection),
        ("freeze", 3, "13:30", COLLECTION, stages.freeze_collection),
        ("pick_up", 5, "10:10", COLLECTION, picked_up_in(inbound)),
        ("receive", 6, "14:30", MANUFACTURING, receive),
        ("start", 8, "07:40", MANUFACTURING, stages.start_manufacturing),
        ("make", 17, "13:20", MANUFACTURING, lambda journey: stages.complete_manufacturing(journey, bags)),
        ("test", 18, "10:00", MANUFACTURING, results_of(*EARLY)),
        ("test_late", 23, "15:00", MANUFACTURING, results_of(*LATE)),
        ("release", 24, "11:15", MANUFACTURING, stages.sign_release),
        ("send", 25, "09:30", MANUFACTURING, sent_in(outbound)),
        ("deliver", 26, "13:10", TREATMENT, stages.receive_product),
        ("deplete", 26, "16:20", TREATMENT, stages.begin_lymphodepletion),
        ("infuse", 30, "10:05", TREATMENT, infuse_all),
        ("close", 36, "16:00", TREATMENT, stages.close),
    )


def fresh(inbound: str, outbound: str = "", *, bags: int = 3) -> Course:
    """Straight from the chair to the clean room, and back in several bags."""
    return (
        ("enroll", 0, "09:40", TREATMENT, Journey.enroll),
        ("begin", 4, "08:40", COLLECTION, begin_collection),
        ("collect", 4, "12:10", COLLECTION, Journey.complete_collection),
        ("pick_up", 4, "13:40", COLLECTION, picked_up_in(inbound)),
        ("receive", 5, "15:30", MANUFACTURING, receive),
        ("start", 6, "08:15", MANUFACTURING, stages.start_manufacturing),
        ("make", 16, "10:40", MANUFACTURING, lambda journey: stages.complete_manufacturing(journey, bags)),
        ("test", 17, "09:30", MANUFACTURING, results_of(*EARLY)),
        ("test_late", 22, "14:10", MANUFACTURING, results_of(*LATE)),
        ("release", 23, "14:20", MANUFACTURING, stages.sign_release),
        ("send", 24, "10:00", MANUFACTURING, sent_in(outbound)),
        ("deliver", 25, "12:40", TREATMENT, stages.receive_product),
        ("deplete", 25, "15:50", TREATMENT, stages.begin_lymphodepletion),
        ("infuse", 29, "09:15", TREATMENT, infuse_all),
        ("close", 35, "15:30", TREATMENT, stages.close),
    )


def played(
    course: Course, start: int, *, until: str, instead: Mapping[str, Play] | None = None
) -> tuple[Episode, ...]:
    """The episodes of a course that began so many days ago, the last one included; some played otherwise."""
    other = instead or {}
    names = [name for name, *_ in course]
    return tuple(
        Episode(on(start - day, local), part, other.get(name, play))
        for name, day, local, part, play in course[: names.index(until) + 1]
    )
