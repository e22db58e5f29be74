"""The demo's therapies: where each of them is, and what went wrong on the way."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.demo import cast, cleanroom, courses, licensed, mishaps, stages, tasks
from tracker.demo.courses import COLLECTION, MANUFACTURING, TREATMENT, fresh, frozen, played
from tracker.demo.journey import Journey
from tracker.demo.licensed import LICENSED_PROTOCOL
from tracker.demo.network import FRESH_PROTOCOL, PROTOCOL
from tracker.demo.tasks import Waiting
from tracker.demo.timetable import Episode, ago, near, on


@dataclass(frozen=True, slots=True)
class Story:
    """One therapy of the demo."""

    outcome: str
    letter: str
    number: int
    carrier: str
    protocol: str
    episodes: tuple[Episode, ...]
    task: Waiting | None = None
    """What it waits for, where somebody can do it."""


def _with_wrong_wristband(journey: Journey) -> None:
    mishaps.read_the_wrong_wristband(journey)
    mishaps.settle_deviation(journey, "human_error")
    courses.infuse_all(journey)


def _first_bag(journey: Journey) -> None:
    stages.infuse(journey, journey.products[0])


def _second_bag_matched(journey: Journey) -> None:
    stages.match_before_thaw(journey, journey.products[1])


def _dose_for_lymphoma(journey: Journey) -> None:
    stages.set_dose(journey, "dlbcl")


def _to_the_dock(journey: Journey) -> None:
    stages.relinquish_box(journey, journey.courier, journey.treatment, journey.box, journey.seal)


FINISHED = (
    Story("closed", "A", 17, "CARR-X", PROTOCOL,
          (*played(frozen("Dry shipper 1", "Dry shipper 4", bags=2), 58, until="close"),
           Episode(on(21, "09:20"), MANUFACTURING, stages.review))),
    Story("closed, one handoff signed in ink", "B", 18, "CARR-X", FRESH_PROTOCOL,
          played(fresh("Cool box 3", "Dry shipper 5"), 55, until="close",
                 instead={"pick_up": mishaps.pick_up_in_ink("Cool box 3")})),
    Story("canceled, manufacture failed", "B", 20, "CARR-Y", PROTOCOL,
          (*played(frozen("Dry shipper 3"), 33, until="start"),
           Episode(on(19, "11:20"), MANUFACTURING, mishaps.fail_to_make))),
    Story("infused after a prevented mix-up", "B", 23, "CARR-Y", PROTOCOL,
          (*played(frozen("Dry shipper 3", "Dry shipper 5"), 31, until="infuse",
                   instead={"deliver": mishaps.deliver_at_the_second_try,
                            "infuse": _with_wrong_wristband}),
           Episode(ago(hours=3), TREATMENT, mishaps.react)), tasks.close),
    Story("made elsewhere, infused on its certificate", "B", 21, "CARR-X", LICENSED_PROTOCOL,
          played(licensed.course(licensed.SHIPPER), 45, until="infuse")),
)  # fmt: skip
AT_TREATMENT = (
    Story("at the bedside, second of three bags", "A", 24, "CARR-X", FRESH_PROTOCOL,
          (*played(fresh("Cool box 1", "Dry shipper 6"), 30, until="deplete"),
           Episode(ago(minutes=110), TREATMENT, _first_bag),
           Episode(ago(minutes=15), TREATMENT, _second_bag_matched)), tasks.thaw_next),
    Story("released out of specification, waiting", "A", 27, "CARR-Y", PROTOCOL,
          played(frozen("Dry shipper 1", "Dry shipper 4"), 28, until="deliver",
                 instead={"test": courses.results_of(*courses.EARLY, viability="64"),
                          "release": stages.sign_out_of_specification}), tasks.match_frozen),
    Story("at the hospital's dock, collected and made a second time", "B", 31, "CARR-X", PROTOCOL,
          (*played(frozen(""), 55, until="freeze"), Episode(on(52, "16:10"), TREATMENT, _dose_for_lymphoma),
           *played(frozen("Dry shipper 3"), 55, until="start")[4:], *cleanroom.stalled(47),
           Episode(on(41, "15:20"), MANUFACTURING, mishaps.collect_again),
           *played(frozen("Dry shipper 3"), 26, until="start")[1:], *cleanroom.grown(18),
           *played(frozen("", "Dry shipper 5", bags=2), 26, until="send")[7:],
           Episode(ago(minutes=35), TREATMENT, _to_the_dock)), tasks.take_over),
    Story("in transit to the hospital", "A", 33, "CARR-X", PROTOCOL,
          played(frozen("Dry shipper 2", "Dry shipper 6"), 26, until="send"),
          tasks.hand_over(lambda journey: journey.treatment)),
)  # fmt: skip
AT_MANUFACTURER = (
    Story("tested, waiting for release", "A", 36, "CARR-X", PROTOCOL,
          played(frozen("Dry shipper 1"), 25, until="test_late"), tasks.release),
    Story("made, results missing", "B", 38, "CARR-X", FRESH_PROTOCOL,
          (*played(fresh("Cool box 3"), 20, until="start"), *cleanroom.whole_process(14),
           *played(fresh("Cool box 3"), 20, until="test")[-2:]),
          tasks.record_test),
    Story("being made, collection entered from paper", "B", 41, "CARR-Y", PROTOCOL,
          (*played(frozen("Dry shipper 3"), 15, until="start",
                   instead={"collect": mishaps.collect_on_paper}), *cleanroom.culture(7)), tasks.make),
    Story("late, fresh cells beyond their limit", "A", 44, "CARR-Y", FRESH_PROTOCOL,
          (Episode(on(8, "11:10"), TREATMENT, Journey.enroll),
           Episode(near("07:50", hours=(79, 103)), COLLECTION, courses.begin_collection),
           Episode(near("11:40", hours=(75, 99)), COLLECTION, Journey.complete_collection),
           Episode(near("13:20", hours=(73, 97)), COLLECTION, courses.picked_up_in("Cool box 2")),
           Episode(ago(hours=3), MANUFACTURING, courses.receive)), tasks.quarantine),
    Story("in quarantine", "A", 46, "CARR-X", PROTOCOL,
          played(frozen("Dry shipper 2"), 11, until="receive",
                 instead={"receive": mishaps.receive_with_broken_seal}), tasks.lift),
)  # fmt: skip
AT_COLLECTION = (
    Story("refused at pick-up", "B", 49, "CARR-X", PROTOCOL,
          played(frozen("Dry shipper 3"), 6, until="pick_up",
                 instead={"pick_up": mishaps.refuse_at_pick_up("Dry shipper 3", "-118.0")}), tasks.unpack),
    Story("in transit to manufacturing, fresh", "B", 55, "CARR-X", FRESH_PROTOCOL,
          (Episode(on(6, "10:30"), TREATMENT, Journey.enroll),
           Episode(near("08:10", hours=(52, 70)), COLLECTION, courses.begin_collection),
           Episode(near("11:50", hours=(49, 66)), COLLECTION, Journey.complete_collection),
           Episode(near("13:30", hours=(47, 64)), COLLECTION, courses.picked_up_in("Cool box 4"))),
          tasks.hand_over(lambda _: cast.HUB)),
    Story("collected, to be frozen", "A", 57, "CARR-X", PROTOCOL,
          (Episode(on(5, "15:10"), TREATMENT, Journey.enroll),
           Episode(near("08:30", hours=(30, 46)), COLLECTION, courses.begin_collection),
           Episode(near("12:20", hours=(27, 42)), COLLECTION, Journey.complete_collection),
           Episode(near("13:40", hours=(25, 40)), COLLECTION, stages.bring_to_lab)), tasks.bind),
    Story("at the chair, before collection", "B", 61, "CARR-X", FRESH_PROTOCOL,
          (Episode(on(4, "16:20"), TREATMENT, Journey.enroll),
           Episode(ago(minutes=50), COLLECTION, Journey.identify),
           Episode(ago(minutes=44), COLLECTION, Journey.label_bag)), tasks.begin_collection),
    Story("just enrolled", "A", 58, "CARR-X", PROTOCOL,
          (Episode(ago(hours=2), TREATMENT, Journey.enroll),), tasks.identify),
)  # fmt: skip
STORIES = (*FINISHED, *AT_TREATMENT, *AT_MANUFACTURER, *AT_COLLECTION)
