"""The demo as a stranger meets it: five therapies in five places, with the people and papers to go on."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from schema.errors import InputError
from schema.vocabulary import InspectionResult
from tracker.clock import SimulatedClock
from tracker.demo import stages
from tracker.demo.journey import Journey, scan
from tracker.demo.network import Network, build_network
from tracker.demo.papers import print_papers
from tracker.people.passwords import WEAK
from tracker.settings import KEYS_FOLDER, database_url
from tracker.tracker import Means

DATABASE = "cartrail.db"
PEOPLE_FILE = "people.json"
HISTORY = timedelta(days=38)
"""How long before `until` the demo's network was founded."""

Say = Callable[[str], None]


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

    @property
    def url(self) -> str:
        """The demo's own database."""
        return database_url(str(self.folder / DATABASE))

    @property
    def config(self) -> Path:
        """Where the demo's log key lies."""
        return self.folder / KEYS_FOLDER


def build_demo(
    *, folder: Path, seed: int = 1, until: datetime | None = None, say: Say = lambda _: None
) -> DemoResult:
    """A new demo in a folder; one that is there is moved aside, never written over.

    Same seed and until: same ids, names, times and outcomes. Raises InputError for an until after now.
    """
    now = datetime.now(UTC)
    end = (until or now).astimezone(UTC).replace(microsecond=0)
    if end > now:
        raise InputError(f"--until {end.isoformat()} is after now.", remedy="Name a time that has passed.")
    set_aside(folder)
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(seed)  # noqa: S311 - a demo repeats with its seed; keys and salts do not
    clock = SimulatedClock(end - HISTORY)
    network = build_network(
        database_url(str(folder / DATABASE)),
        config=folder / KEYS_FOLDER,
        means=Means(clock, chance, WEAK),
        clock=clock,
        chance=chance,
        say=say,
    )
    therapies = tuple(_play(network, end, say))
    result = DemoResult(
        folder,
        seed,
        end.isoformat(),
        people=_people(network),
        therapies=therapies,
    )
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


def _play(network: Network, end: datetime, say: Say) -> list[DemoTherapy]:
    """The five therapies, one after the other on the simulated clock."""
    played: list[DemoTherapy] = []
    for before_end, letter, number, carrier, outcome, play in _SCENES:
        network.clock.set(end - before_end)
        journey = Journey(network, letter, number, carrier)
        play(journey)
        if network.clock.now() > end:
            raise InputError(f"The scene {outcome} ran beyond the end of the demo.")
        say(outcome)
        values = tuple(identifier.value for identifier in journey.wristband())
        played.append(DemoTherapy(journey.coi, scan(journey.coi).code, outcome, values))
    network.clock.set(end)
    return played


def _closed(journey: Journey) -> None:
    network = journey.network
    journey.enroll()
    stages.collect_and_freeze(journey)
    box = network.boxes["Dry shipper 1"]
    seal = stages.pick_up_leukapheresis(journey, box)
    stages.receive_at_manufacturer(journey, box, seal)
    stages.manufacture(journey)
    stages.release(journey)
    stages.deliver_product(journey, network.boxes["Dry shipper 4"])
    for unit in journey.products:
        stages.infuse(journey, unit)
    stages.close(journey)


def _out_of_specification(journey: Journey) -> None:
    box = journey.network.boxes["Dry shipper 3"]
    journey.enroll()
    stages.collect_and_freeze(journey)
    seal = stages.pick_up_leukapheresis(journey, box)
    stages.receive_at_manufacturer(journey, box, seal)
    stages.manufacture(journey, bags=1)
    stages.release_out_of_specification(journey)


def _quarantined(journey: Journey) -> None:
    box = journey.network.boxes["Dry shipper 2"]
    journey.enroll()
    stages.collect_and_freeze(journey)
    seal = stages.pick_up_leukapheresis(journey, box)
    stages.receive_at_manufacturer(journey, box, seal, InspectionResult.QUARANTINE)


def _in_transit(journey: Journey) -> None:
    journey.enroll()
    stages.collect_and_freeze(journey)
    stages.pick_up_leukapheresis(journey, journey.network.boxes["Dry shipper 3"])


def _enrolled(journey: Journey) -> None:
    journey.enroll()


_SCENES = (
    (timedelta(days=37), "A", 17, "CARR-X", "closed", _closed),
    (timedelta(days=21), "B", 23, "CARR-Y", "released out of specification, waiting", _out_of_specification),
    (timedelta(days=6), "A", 31, "CARR-X", "in quarantine", _quarantined),
    (timedelta(days=2), "B", 42, "CARR-Y", "in transit", _in_transit),
    (timedelta(hours=3), "A", 58, "CARR-X", "just enrolled", _enrolled),
)


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
    (result.folder / PEOPLE_FILE).write_text(json.dumps(data, indent=1), encoding="utf-8")
