"""A therapy that began on paper: the example's file with days and places of the demo's network."""

from __future__ import annotations

import base64
import re
from datetime import date, timedelta
from typing import Any, Final

from schema.instants import format_instant
from schema.vocabulary import EntryMode, LocationType
from schema.zones import typed_time, zone_info
from tests.support.journeys import World
from tracker.answers import Answer
from tracker.demo.journey import scan
from tracker.demo.network import HOSPITAL_NUMBER, PROGRAM_NUMBER
from tracker.requests.base import PatientIdentifier, Scan
from tracker.rules.therapy_state import TherapyState
from tracker.therapy.takeover.requests import FindUnits, ImportTherapy
from tracker.therapy.takeover.therapy_file import therapy_example, therapy_of

PAPER: Final = b"%PDF-1.7\n1 0 obj\nthe release, scanned\nstartxref\n0\n%%EOF\n"
READ_ON: Final = date(2026, 10, 1)
"""When the paper of the example could have been read: all its steps are past, nothing has expired."""

BAGS: Final = ("EX-0042-1", "EX-0042-2")
READERS: Final = "LAB-A1 verified"


def recent(text: str, today: date) -> str:
    """The example with its days moved, as if its paper were read today."""
    moved = today - READ_ON

    def later(found: re.Match[str]) -> str:
        return (date.fromisoformat(found[0]) + moved).isoformat()

    return re.sub(r"20\d\d-\d\d-\d\d", later, text)


def tanks(given: World) -> list[str]:
    """The storage places of the treatment center."""
    return [
        one.id
        for one in given.tracker.registry.locations.values()
        if one.site == given.one.treatment and one.location_type is LocationType.STORAGE
    ]


def patient(*, carrier: str = "order") -> tuple[PatientIdentifier, ...]:
    """Somebody whom the store does not know yet."""
    return (
        PatientIdentifier(issuer="HOSPITAL-A", type=HOSPITAL_NUMBER, value="DEMO-HA-07777", carrier=carrier),
        PatientIdentifier(issuer="PROGRAM", type=PROGRAM_NUMBER, value="DEMO-P-07777", carrier=carrier),
    )


def on_paper(given: World, *changes: tuple[str, str]) -> dict[str, Any]:
    """What the example's file asks for, its text changed before it is read."""
    text = recent(therapy_example(), given.clock.now().date()).replace("LT234567892", tanks(given)[0])
    text = text.replace('treatment = "CLINIC"', f'treatment = "{given.one.treatment}"')
    text = text.replace('"CLINIC"', f'"{given.one.collection}"').replace('"PLANT"', '"MFG-1"')
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return dict(therapy_of(text.encode()).wanted(_in_utc))


def _in_utc(text: str) -> str:
    return format_instant(typed_time(text, zone_info("UTC"), day=READ_ON))


def import_values(given: World, *changes: tuple[str, str], **more: Any) -> dict[str, Any]:
    """The request with everything but who asks."""
    given.clock.advance(timedelta(minutes=2))
    values = {
        **on_paper(given, *changes),
        "patient": patient(),
        "papers": (base64.b64encode(PAPER).decode(),),
        "entry": {"mode": EntryMode.IMPORTED.value},
        "occurred_at": format_instant(given.clock.now()),
        "others": READERS,
        "at": given.one.treatment,
    }
    return {**values, **more}


def taken_over(given: World, *changes: tuple[str, str], **more: Any) -> TherapyState:
    """The therapy once it is taken over."""
    answer = given.do(ImportTherapy, "DOC-A1", **import_values(given, *changes, **more))
    known = given.tracker.read.therapy(coi=answer.entries[0].chain)
    assert known is not None
    return known[0]


def refused(given: World, *changes: tuple[str, str], **more: Any) -> Any:
    """Why it is not."""
    return given.refusal(ImportTherapy, "DOC-A1", **import_values(given, *changes, **more))


def by_code(code: str) -> Scan:
    """The maker's code on a bag, scanned."""
    return Scan(code=code)


def found(given: World, *codes: str, tank: str | None = None, **more: Any) -> Answer:
    """Bags scanned in a tank, whatever the answer is."""
    return given.ask(
        FindUnits,
        "LAB-A1",
        units=tuple(map(by_code, codes)),
        location=scan(tank or tanks(given)[0]),
        at=given.one.treatment,
        **more,
    )
