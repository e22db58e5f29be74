"""The demo as a stranger meets it: therapies at every stage, with the people, papers and tasks to go on."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush
from pathlib import Path
from typing import Final

from labels.content import Content
from schema.errors import InputError
from tracker.clock import SimulatedClock
from tracker.demo import planned
from tracker.demo.capacity import add_capacity, close_a_start
from tracker.demo.cleanroom import stock
from tracker.demo.journey import Journey, scan
from tracker.demo.licensed import adopt_product
from tracker.demo.network import Network, build_network
from tracker.demo.on_the_road import on_the_road
from tracker.demo.papers import print_papers
from tracker.demo.storeroom import stow_and_count
from tracker.demo.stories import STORIES, Story
from tracker.demo.tasks import DemoTask
from tracker.demo.timetable import moment_of
from tracker.ledger.creation import private_folder
from tracker.people.passwords import WEAK
from tracker.settings import KEYS_FOLDER, database_url
from tracker.tracker import Environment

DATABASE = "cartrail.db"
PEOPLE_FILE = "people.json"
EPISODES_BETWEEN_NEWS = 12
"""After how many episodes the person who waits is told how far the demo is."""

STAYS_AT_THE_BENCH = timedelta(hours=6)
"""When a therapy goes on only later than this, its people clear the bench when they leave."""

HISTORY = timedelta(days=60)
"""How long before `until` the demo's network was founded."""

THERAPIES_MAX = 1000
"""Beyond the stories; their network grows with them."""

PLANNED = "planned"
"""The outcome of those that live by their plan."""

Say = Callable[[str], None]


PLANNER: Final = "COORD-A"
"""Who begins with the morning."""


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody of the demo, with what a real person would keep to themselves."""

    staff: str
    name: str
    role: str
    site: str
    badge: str
    password: str
    pin: str


@dataclass(frozen=True, slots=True)
class DemoTherapy:
    """One invented patient's therapy and the wristband to scan."""

    coi: str
    coi_code: str
    outcome: str
    wristband: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoResult:
    """Where the demo lies and who is in it."""

    folder: Path
    seed: int
    until: str
    people: tuple[DemoPerson, ...]
    therapies: tuple[DemoTherapy, ...]
    tasks: tuple[DemoTask, ...]
    """What waits for somebody, at the end of the story."""

    @property
    def scenes(self) -> tuple[DemoTask, ...]:
        """What can be tried: the morning of a coordinator, then what waits for somebody."""
        enrolled = next((one for one in self.tasks if one.kind == "patient_identified"), None)
        planner = next((one for one in self.people if one.staff == PLANNER), None)
        if enrolled is None or planner is None:
            return self.tasks
        text = (
            "Today is there once you have signed in: what is late, due and on the road; F4 on a line opens "
            "its plan. Scan the card of the patient who was just enrolled: F4, and F4 again, books a chain."
        )
        morning = DemoTask(planner.staff, f"{planner.site}-01", "scheduled", text, enrolled.codes[:1])
        return (morning, *self.tasks)

    @property
    def url(self) -> str:
        """The demo's own database."""
        return database_url(str(self.folder / DATABASE))

    @property
    def config(self) -> Path:
        """Where the demo's log key lies."""
        return self.folder / KEYS_FOLDER


def build_demo(
    *,
    folder: Path,
    seed: int = 1,
    until: datetime | None = None,
    therapies: int = len(STORIES),
    say: Say = lambda _: None,
) -> DemoResult:
    """A new demo in a folder; one that is there is moved aside, never written over.

    Beyond the told stories, further therapies live by a plan over half a year.

    Same seed and until: same ids, names, times and outcomes, and the same labels. The log's origin, which no
    other store may have, keys and salts are drawn anew; so heads differ, and with them every handoff slip.
    Raises InputError for an until after now, and for fewer therapies than there are stories.
    """
    now = datetime.now(UTC)
    end = (until or now).astimezone(UTC).replace(microsecond=0)
    if end > now:
        raise InputError(f"--until {end.isoformat()} is after now.", remedy="Name a time that has passed.")
    further = therapies - len(STORIES)
    if not 0 <= further <= THERAPIES_MAX:
        raise InputError(
            f"A demo of {therapies} therapies cannot be built.",
            remedy=f"Name {len(STORIES)} to {len(STORIES) + THERAPIES_MAX}.",
        )
    set_aside(folder)
    private_folder(folder)
    chance = random.Random(seed)  # noqa: S311 - a demo repeats with its seed; keys and salts do not
    clock = SimulatedClock(end - (planned.HISTORY if further else HISTORY))
    network = build_network(
        database_url(str(folder / DATABASE)),
        config=folder / KEYS_FOLDER,
        environment=Environment(clock, chance, WEAK),
        clock=clock,
        chance=chance,
        say=say,
    )
    if further:
        say("resources, lanes and further equipment")
        add_capacity(network, therapies)
    stock(network)
    adopt_product(network)
    told, waiting = _play(network, end, further, say)
    if further:
        on_the_road(network, [one.coi for one in told if one.outcome == PLANNED])
        close_a_start(network, end.date())
    people = _people(network)
    result = DemoResult(folder, seed, end.isoformat(), people, tuple(told), tuple(waiting))
    say("badges, cards, labels and slips on paper")
    print_papers(network, result.folder / "papers")
    network.tracker.integrate()
    network.tracker.close()
    _save(result)
    return result


def existing_demo(folder: Path) -> DemoResult | None:
    """The demo that lies in a folder, as it was left; None when there is none."""
    if not (folder / DATABASE).exists() or not (folder / PEOPLE_FILE).exists():
        return None
    data = json.loads((folder / PEOPLE_FILE).read_text(encoding="utf-8"))
    return DemoResult(
        folder,
        data["seed"],
        data["until"],
        tuple(DemoPerson(**person) for person in data["people"]),
        tuple(DemoTherapy(**{**one, "wristband": tuple(one["wristband"])}) for one in data["therapies"]),
        tuple(
            DemoTask(**{**one, "codes": tuple((title, code) for title, code in one["codes"])})
            for one in data.get("tasks", ())
        ),
    )


def set_aside(folder: Path) -> Path | None:
    """Move a demo that is there to the next free name beside it; gives that name."""
    if not folder.exists() or not any(folder.iterdir()):
        return None
    number = 1
    while (aside := folder.with_name(f"{folder.name}-{number}")).exists():
        number += 1
    shutil.move(str(folder), str(aside))
    return aside


def _play(
    network: Network, end: datetime, further: int, say: Say
) -> tuple[list[DemoTherapy], list[DemoTask]]:
    """Every stretch of every therapy in the order of its time, as they would come to a real network."""
    journeys = [
        Journey(network, story.letter, story.number, story.carrier, story.protocol) for story in STORIES
    ]
    plans = planned.planned(further, end, network.chance)
    others = [Journey(network, one.letter, one.number, protocol=one.protocol) for one in plans]
    lives = [_told(story, journey, end) for story, journey in zip(STORIES, journeys, strict=True)]
    if further:
        lives = [
            planned.with_its_plan(one, journey, story, end)
            for one, journey, story in zip(lives, journeys, STORIES, strict=True)
        ]
    lives += [
        planned.until_the_end(planned.life(journey, one), one.enrolled, end)
        for one, journey in zip(plans, others, strict=True)
    ]
    _live(network, lives, [*journeys, *others], end, say)
    stow_and_count(network)
    therapies = [
        _therapy(journey, story.outcome) for story, journey in zip(STORIES, journeys, strict=True)
    ] + [_therapy(journey, PLANNED) for journey in others if journey.coi]
    waiting = [
        story.task(journey)
        for story, journey in zip(STORIES, journeys, strict=True)
        if story.task is not None
    ]
    return therapies, waiting


def _told(story: Story, journey: Journey, end: datetime) -> planned.Life:
    """A story as it is written: each episode at its time."""
    for episode in story.episodes:
        yield moment_of(episode, journey, end)
        episode.play(journey)


def _live(
    network: Network, lives: Sequence[planned.Life], journeys: Sequence[Journey], end: datetime, say: Say
) -> None:
    """Let each life go on when its time has come; whoever stays away longer leaves the bench clear."""
    printed: dict[int, list[Content]] = {}
    due = [(moment, number) for number, one in enumerate(lives) if (moment := next(one, None)) is not None]
    heapify(due)
    begun, done = network.clock.now(), 0
    while due:
        moment, number = heappop(due)
        if done % EPISODES_BETWEEN_NEWS == 0:
            say(f"{moment:%d %B}: {round(100 * (moment - begun) / (end - begun))} % of the story")
        done += 1
        network.clock.set(moment)
        before = len(network.papers)
        following = next(lives[number], None)
        printed.setdefault(number, []).extend(network.papers[before:])
        if following is not None:
            heappush(due, (following, number))
        if (following or end) - moment > STAYS_AT_THE_BENCH:
            journeys[number].leave_benches()
    if network.clock.now() > end:
        raise InputError("The story ran beyond the end of the demo.")
    network.clock.set(end)
    # Nobody needs the labels of what has long been infused, and printing takes longer than all else here.
    over = [number for number in range(len(STORIES), len(journeys)) if journeys[number].is_over]
    old = {id(paper) for number in over for paper in printed[number]}
    network.papers[:] = [paper for paper in network.papers if id(paper) not in old]


def _therapy(journey: Journey, outcome: str) -> DemoTherapy:
    wristband = tuple(identifier.value for identifier in journey.wristband())
    return DemoTherapy(journey.coi, scan(journey.coi).code, outcome, wristband)


def _people(network: Network) -> tuple[DemoPerson, ...]:
    registry = network.tracker.registry
    found: list[DemoPerson] = []
    for staff in network.names:
        grants = registry.grants_of(staff)
        found.append(
            DemoPerson(
                staff=staff,
                name=network.names[staff],
                role=", ".join(grant.role.value.replace("_", " ") for grant in grants),
                site=grants[0].site if grants else "",
                badge=scan(network.badges[staff]).code,
                password=network.password(staff),
                pin=network.pins[staff],
            )
        )
    return tuple(found)


def _save(result: DemoResult) -> None:
    data = asdict(replace(result, folder=Path()))
    data.pop("folder")
    path = result.folder / PEOPLE_FILE
    # Names and wristbands, invented or not, are nobody's business on a shared machine.
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(json.dumps(data, indent=1), encoding="utf-8")
