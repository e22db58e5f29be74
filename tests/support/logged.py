"""Files of the logger in a box, made for therapies of tests and stories, and recorded by quality."""

from __future__ import annotations

import gzip
from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta

from tracker.demo.journey import Journey, scan
from tracker.therapy.conditions.requests import RecordConditions

STEP = timedelta(minutes=10)


def file_of(journey: Journey, warm: Mapping[int, str], *, missing: range = range(0)) -> str:
    """A reading every ten minutes while the bag was or is in its box, some of them warmer, some missing."""
    found = journey.network.tracker.read.therapy(coi=journey.coi)
    assert found is not None
    (stay,) = (one for unit in found[0].units.values() for one in unit.stays)
    logger = journey.network.tracker.registry.equipment(stay.data_logger or "")
    assert logger is not None
    count = ((stay.until or journey.network.clock.now()) - stay.since) // STEP + 1
    cold = ("-184.2", "-185", "-183.6", "-186.1", "-184.9")
    lines = [
        f"{stay.since + number * STEP:%Y-%m-%dT%H:%M:%SZ},{warm.get(number, cold[number % len(cold)])}"
        for number in range(count)
        if number not in missing
    ]
    return "\n".join((f"serial,{logger.serial}", "interval_s,600", "time,celsius", *lines, ""))


def recorded(journey: Journey, text: str, *, staff: str = "QA-1", site: str = "MFG-1") -> None:
    """Read and kept at the manufacturer."""
    network = journey.network
    found = network.tracker.read.therapy(coi=journey.coi)
    assert found is not None
    (stay,) = (one for unit in found[0].units.values() for one in unit.stays)
    request = RecordConditions(
        event_id=network.tracker.new_event_id(),
        actor=staff,
        station=network.station(site, staff),
        shipment=scan(stay.shipment),
        file=b64encode(gzip.compress(text.encode(), mtime=0)).decode(),
    )
    network.record(request, staff)


WARM = {50: "-160", 51: "-149", 52: "-132.5", 53: "-128", 54: "-141", 55: "-158"}
"""An excursion of some tens of minutes."""
