"""What a person can try in the demo: at which terminal, as whom, with which codes, and what happens then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tracker.demo import cast
from tracker.demo.journey import Journey, scan


@dataclass(frozen=True, slots=True)
class DemoTask:
    """One thing that waits for somebody."""

    staff: str
    station: str
    kind: str
    """The kind of event it leads to, as the next steps of the first code name it."""

    text: str
    codes: tuple[tuple[str, str], ...]
    """What to scan, in order: what it is on, and the code."""

    second: str | None = None
    """Who has to be there too."""


Waiting = Callable[[Journey], DemoTask]


def _task(
    journey: Journey,
    staff: str,
    site: str,
    kind: str,
    text: str,
    *codes: tuple[str, str],
    second: str | None = None,
) -> DemoTask:
    return DemoTask(staff, journey.network.station(site, staff), kind, text, codes, second)


def _code(title: str, object_id: str) -> tuple[str, str]:
    return title, scan(object_id).code


def _box(journey: Journey) -> tuple[tuple[str, str], ...]:
    return _code("box", journey.box), ("seal", journey.seal)


def _band(journey: Journey) -> tuple[tuple[str, str], ...]:
    return tuple(
        (f"wristband, {identifier.type.replace('_', ' ')}", identifier.value)
        for identifier in journey.wristband()
    )


def identify(journey: Journey) -> DemoTask:
    """The patient sits at the chair."""
    nurse, second = f"NURSE-{journey.letter}1", f"NURSE-{journey.letter}2"
    text = "Identify the patient at the chair by wristband, two nurses."
    codes = (_code("COI card", journey.coi), *_band(journey))
    return _task(journey, nurse, journey.collection, "patient_identified", text, *codes, second=second)


def begin_collection(journey: Journey) -> DemoTask:
    """The labeled bag hangs at the chair."""
    codes = (
        _code("bag", journey.bag),
        _code("COI card", journey.coi),
        ("donation number", f"=A9999{journey.network.clock.now():%y}{journey.number:06d}00"),
    )
    text = "Scan the bag, start the collection; it asks for COI card, bag and donation number."
    nurse = f"NURSE-{journey.letter}1"
    return _task(journey, nurse, journey.collection, "collection_started", text, *codes)


def bind(journey: Journey) -> DemoTask:
    """The bag must be frozen today."""
    text = "Freeze it before its clock runs out: print a cassette label (F8), bind, freeze, put away."
    codes = (_code("bag", journey.bag), ("LN2 tank", journey.place_of(journey.collection)))
    return _task(journey, f"TECH-{journey.letter}1", journey.collection, "cassette_bound", text, *codes)


def unpack(journey: Journey) -> DemoTask:
    """The driver refused a warm box."""
    packer, second = f"TECH-{journey.letter}1", f"TECH-{journey.letter}2"
    text = "The driver refused the warm box: take the cassette out again, before a witness."
    cassette = _code("cassette", journey.cassettes[journey.bag])
    box, _ = _box(journey)
    return _task(journey, packer, journey.collection, "unpacked", text, box, cassette, second=second)


def hand_over(site_of: Callable[[Journey], str]) -> Waiting:
    """The driver is at the door."""

    def task(journey: Journey) -> DemoTask:
        text = "Hand over the closed box: box, seal, ALL-IN-ORDER, PIN; the dock takes it by badge."
        site = site_of(journey)
        second = "DOCK-M" if site == cast.HUB else f"DOCK-{journey.letter}"
        return _task(journey, journey.courier, site, "relinquished", text, *_box(journey), second=second)

    return task


def take_over(journey: Journey) -> DemoTask:
    """The box stands at the dock and nobody has taken it."""
    text = "A box stands at the dock and the driver has signed: take it over, or refuse it."
    return _task(journey, f"DOCK-{journey.letter}", journey.treatment, "accepted", text, *_box(journey))


def quarantine(journey: Journey) -> DemoTask:
    """Fresh cells waited beyond their limit."""
    text = "The cells waited beyond 72 h: starting is refused. Quarantine them with a reason."
    return _task(journey, "QA-2", cast.HUB, "quarantined", text, _code("bag", journey.bag))


def lift(journey: Journey) -> DemoTask:
    """Quality has read the logger."""
    text = "The seal was torn, the logger shows nothing: assess the deviation, then two lift the quarantine."
    codes = (_code("COI card", journey.coi), _code("cassette", journey.cassettes[journey.bag]))
    return _task(journey, "QA-2", cast.HUB, "deviation_assessed", text, *codes, second="QP-1")


def make(journey: Journey) -> DemoTask:
    """The cells are ready to be filled."""
    text = "The cells have grown: register a product bag, print (F8) and apply its label, then fill it."
    codes = (_code("COI card", journey.coi), _code("starting material", journey.cassettes[journey.bag]))
    return _task(journey, "OPER-1", cast.HUB, "unit_registered", text, *codes, second="OPER-2")


def record_test(journey: Journey) -> DemoTask:
    """Results are still missing."""
    text = "Record the missing results: endotoxin, mycoplasma, sterility."
    return _task(journey, "QA-2", cast.HUB, "tested", text, _code("COI card", journey.coi))


def release(journey: Journey) -> DemoTask:
    """Every test is there."""
    text = "Every result is there and met: release it, with quality's review."
    cassettes = (_code("cassette", journey.cassettes[unit]) for unit in journey.products)
    return _task(journey, "QP-1", cast.HUB, "released", text, *cassettes, second="QA-2")


def match_frozen(journey: Journey) -> DemoTask:
    """The product waits in the tank, the patient is ready."""
    text = "Retrieve it, then match patient and cassette while it is frozen: two people."
    codes = (
        _code("cassette", journey.cassettes[journey.products[0]]),
        ("LN2 tank", journey.place_of(journey.treatment)),
        *_band(journey),
        _code("COI card", journey.coi),
        ("certificate", journey.certificate(journey.products[0]).code),
    )
    lab, pharmacist = f"LAB-{journey.letter}1", f"PHARM-{journey.letter}"
    return _task(journey, lab, journey.treatment, "retrieved", text, *codes, second=pharmacist)


def thaw_next(journey: Journey) -> DemoTask:
    """One bag is infused, the next is matched."""
    bag = journey.products[1]
    text = "The second bag was matched just now: thaw it, match it, bring it to the ward within the hour."
    codes = (_code("cassette", journey.cassettes[bag]), _code("bag", bag))
    return _task(journey, f"LAB-{journey.letter}1", journey.treatment, "thaw_started", text, *codes)


def close(journey: Journey) -> DemoTask:
    """Every unit has its end."""
    text = "Read the trail with its prevented mix-up (F6), then close the therapy."
    code = _code("COI card", journey.coi)
    return _task(journey, f"QA-{journey.letter}", journey.treatment, "closed", text, code)
