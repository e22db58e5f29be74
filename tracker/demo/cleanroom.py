"""The clean room of the hub: its lots and instruments, and the days that cells spend in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from schema.vocabulary import EquipmentType, LotStatus, Material, Meaning, ObjectType, SitePart
from tracker.demo import cast
from tracker.demo.journey import Journey, scan
from tracker.demo.network import Network
from tracker.demo.timetable import Episode, on
from tracker.registry.equipment.requests import AddEquipment, QualifyEquipment
from tracker.registry.lots.requests import ReceiveLot, SetLotStatus
from tracker.requests.base import Request
from tracker.therapy.benches import ClearLine, needs_witness
from tracker.therapy.making.requests import LotGiven, MeasuredGiven, MoveGiven, PerformStep

OPERATOR, SECOND, QUALITY = "OPER-1", "OPER-2", "QA-2"
Play = Callable[[Journey], object]
GOOD_FOR = timedelta(days=500)
LOTS: Final = (
    ("activation_reagent", "AR-2207", "09506000134352"),
    ("viral_vector", "LV-0093", None),
    ("selection_reagent", "SR-4410", "09506000134369"),
    ("processing_set", "PS-1182", "09506000134376"),
    ("culture_medium", "CM-7731", "09506000134383"),
    ("culture_medium", "CM-7802", "09506000134383"),
    ("cryo_medium", "FM-0518", "09506000134390"),
)
"""Item, the maker's number, and the GTIN where its packages carry one; the last of an item is not in use."""

INSTRUMENTS: Final = (
    ("cell_processor", "Cell processor 1"),
    ("culture_device", "Culture device 1"),
    ("culture_device", "Culture device 2"),
    ("cell_counter", "Cell counter 1"),
)
FIRST, OTHER = "Culture device 1", "Culture device 2"


def stock(network: Network) -> None:
    """Lots that quality released and instruments that it qualified; one lot still waits for its paper."""
    network.goods = goods = dict[str, str]()
    for item, number, gtin in LOTS:
        last = str((network.clock.now() + GOOD_FOR).date())
        lot = network.tracker.new_object_id(object_type=ObjectType.LOT)
        given = {"lot": lot, "item": item, "site": cast.HUB, "number": number, "gtin": gtin, "expires": last}
        _record(network, ReceiveLot, OPERATOR, **given)
        if item not in goods:
            _record(network, SetLotStatus, QUALITY, lot=scan(lot), status=LotStatus.RELEASED)
        goods.setdefault(item, lot)
    for kind, title in INSTRUMENTS:
        one = goods[title] = network.tracker.new_object_id(object_type=ObjectType.INSTRUMENT)
        described = {"equipment_type": EquipmentType.INSTRUMENT, "site": cast.HUB, "instrument_class": kind}
        _record(network, AddEquipment, cast.FOUNDERS[0], equipment=one, title=title, **described)
        due = network.clock.now() + GOOD_FOR
        signed = network.by(QUALITY, (cast.FOUNDERS[1], Meaning.APPROVED))
        said = {"verdict": "passed", "standard": "Two reference points", "due_at": due, "signers": signed}
        _record(network, QualifyEquipment, QUALITY, equipment=scan(one), **said)


def in_culture_of(cells: str) -> Play:
    """Thawed and activated in a device of its own, with so many million cells."""

    def play(journey: Journey) -> None:
        take(journey, "starting_thaw")
        _activate(journey, FIRST, cells)

    return play


def in_culture(journey: Journey) -> None:
    """Thawed and activated, in usual numbers."""
    in_culture_of("1180")(journey)


def selected(journey: Journey) -> None:
    """T cells are taken out of the starting material, and activated in a vessel of their own."""
    source = journey.bag
    vessel = journey.register(OPERATOR, cast.HUB, Material.IN_PROCESS, source)
    move = MoveGiven(source=scan(source), target=scan(vessel), volume_ml="96", empties=True)
    lots, processor = ("selection_reagent", "processing_set"), "Cell processor 1"
    take(journey, "selection", *lots, on=(processor,), measured={"viable_cells": "1240"}, moves=(move,))
    journey.bag = vessel
    clear(journey, processor)
    _activate(journey, OTHER, "1180")


def _activate(journey: Journey, device: str, cells: str) -> None:
    lots = ("activation_reagent", "culture_medium")
    take(journey, "activation", *lots, on=(device,), measured={"viable_cells": cells})


def transduced(device: str, cells: str = "1120") -> Play:
    """The vector is added, a day after the cells were activated."""
    measured = {"viable_cells": cells, "moi": "2.5"}
    return lambda journey: take(journey, "transduction", "viral_vector", on=(device,), measured=measured)


def fed(device: str, cells: str) -> Play:
    """Counted, and fed."""

    def play(journey: Journey) -> None:
        take(journey, "counting", on=("Cell counter 1",), measured={"viable_cells": cells})
        take(journey, "feeding", "culture_medium", on=(device,), quantity="150")

    return play


def harvested(journey: Journey) -> None:
    """The cells leave their device."""
    take(journey, "harvest", on=(OTHER,), measured={"viable_cells": "26400"})
    take(journey, "formulation", "cryo_medium")
    clear(journey, OTHER)


def counted(device: str, cells: str, car_positive: str) -> Play:
    """Counted late in the culture, with how many of the cells carry the receptor; and fed."""
    measured = {"viable_cells": cells, "car_positive": car_positive}

    def play(journey: Journey) -> None:
        take(journey, "counting", on=("Cell counter 1",), measured=measured)
        take(journey, "feeding", "culture_medium", on=(device,), quantity="150")

    return play


def stalled(started: int) -> tuple[Episode, ...]:
    """The days of a culture that does not grow, from the thaw to the last count."""
    days = (
        (0, "09:10", in_culture_of("100")),
        (1, "10:20", transduced(FIRST, "93")),
        (3, "09:30", fed(FIRST, "88")),
        (6, "09:20", fed(FIRST, "71")),
    )
    return tuple(Episode(on(started - day, local), SitePart.MANUFACTURING, play) for day, local, play in days)


def grown(started: int) -> tuple[Episode, ...]:
    """The days of a culture that falls with the vector and then grows to the dose, up to its harvest."""
    days = (
        (0, "09:10", in_culture_of("100")),
        (1, "10:20", transduced(FIRST, "97")),
        (3, "09:30", fed(FIRST, "95")),
        (5, "09:20", fed(FIRST, "240")),
        (7, "09:20", counted(FIRST, "610", "38.0")),
        (9, "08:50", harvested_from(FIRST, "1400")),
    )
    return tuple(Episode(on(started - day, local), SitePart.MANUFACTURING, play) for day, local, play in days)


def harvested_from(device: str, cells: str) -> Play:
    """The cells leave their device, are put into what they are frozen in, and counted by the milliliter."""
    filled = {"viable_per_ml": "6.2", "car_positive": "38.0"}

    def play(journey: Journey) -> None:
        take(journey, "harvest", on=(device,), measured={"viable_cells": cells, "car_positive": "38.0"})
        take(journey, "formulation", "cryo_medium", measured=filled)
        clear(journey, device)

    return play


def culture(started: int) -> tuple[Episode, ...]:
    """The days after manufacturing began, so many days ago, with cells that are still growing."""
    days = (
        (0, "09:10", in_culture),
        (1, "10:00", transduced(FIRST)),
        (3, "09:30", fed(FIRST, "4100")),
        (5, "09:20", fed(FIRST, "11800")),
    )
    return tuple(Episode(on(started - day, local), SitePart.MANUFACTURING, play) for day, local, play in days)


def whole_process(started: int) -> tuple[Episode, ...]:
    """The days from the selection to the harvest."""
    days = (
        (0, "10:40", selected),
        (1, "10:30", transduced(OTHER)),
        (4, "09:50", fed(OTHER, "5200")),
        (7, "09:40", fed(OTHER, "14900")),
        (10, "08:50", harvested),
    )
    return tuple(Episode(on(started - day, local), SitePart.MANUFACTURING, play) for day, local, play in days)


def take(
    journey: Journey,
    step: str,
    *items: str,
    on: Sequence[str] = (),
    measured: Mapping[str, str] | None = None,
    moves: tuple[MoveGiven, ...] = (),
    quantity: str | None = None,
) -> None:
    """A step of the process, signed as it asks: lots by what they are, instruments by their titles."""
    goods = journey.network.goods
    found = journey.network.tracker.read.therapy(coi=journey.coi)
    asked = next(found[1].steps_of(step)) if found and found[1] else None
    others = ((SECOND, Meaning.WITNESSED),) if asked and len(asked.signatures) > 1 else ()
    journey.ask(
        PerformStep,
        OPERATOR,
        cast.HUB,
        *others,
        step=step,
        units=journey.frozen_scans((journey.bag,)),
        lots=tuple(LotGiven(lot=scan(goods[item]), quantity=quantity) for item in items),
        instruments=tuple(scan(goods[title]) for title in on),
        measured=tuple(MeasuredGiven(measure=one, value=text) for one, text in (measured or {}).items()),
        moves=moves,
    )


def clear(journey: Journey, title: str) -> None:
    """Nothing of the therapy is left in an instrument; the next one may come."""
    bench = journey.network.goods[title]
    found = journey.network.tracker.read.therapy(coi=journey.coi)
    witness = found is not None and found[1] is not None and needs_witness(found[0], found[1], bench)
    others = ((SECOND, Meaning.WITNESSED),) if witness else ()
    journey.ask(ClearLine, OPERATOR, cast.HUB, *others, bench=bench, nothing_left=True)


def _record(network: Network, request_class: type[Request], actor: str, **fields: object) -> None:
    network.clock.advance(timedelta(minutes=3))
    station = cast.HUB_STATION if actor in cast.FOUNDERS else network.station(cast.HUB, actor)
    own = {"event_id": network.tracker.new_event_id(), "actor": actor, "station": station}
    request = request_class.model_validate({**own, **fields})
    network.record(request, *dict.fromkeys((actor, *(one.staff for one in request.signers))))
