"""Requests: each is documented, survives the wire, and is decided by the rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import TypeAdapter, ValidationError

from schema.errors import InputError
from schema.events.registry import ReadingDigests
from schema.vocabulary import CodeType, Priority, ReadMode, TestPhase
from tests.support.journeys import asked, scans
from tests.support.schema_bounds import bounds
from tracker.catalog import documentation, parse_request, requests, to_wire
from tracker.registry.requests import RegistryRequest
from tracker.requests.base import AdoptedCodeGiven, Request, Scan
from tracker.therapy.adoption.requests import AdoptCode
from tracker.therapy.custody import requests as custody
from tracker.therapy.decide import DECISIONS
from tracker.therapy.making import requests as processing

EVENT = "01890a5d-ac96-774b-8000-000000000001"


def test_every_request_has_a_name_and_a_sentence() -> None:
    """The name is what `record` takes, the sentence what people read."""
    for name, request_class in requests().items():
        assert request_class.name == name and name.replace("_", "").isalpha() and name.islower()
        assert request_class.summary.endswith((".", ").")) and len(request_class.summary) < 150
    summaries = [one.summary for one in requests().values()]
    assert len({*summaries}) == len(summaries)


def test_every_request_is_decided() -> None:
    """About a therapy by one decision, about the registry by the registry's."""
    registry_requests = {one for one in requests().values() if issubclass(one, RegistryRequest)}
    assert registry_requests
    assert {*DECISIONS} | registry_requests == {*requests().values()}


@pytest.fixture(scope="module")
def documented() -> dict[str, Any]:
    """The documentation of all requests as it goes out."""
    shapes: dict[str, Any] = json.loads(json.dumps(documentation()))
    return shapes


@pytest.mark.parametrize("name", sorted(requests()))
def test_every_request_is_documented(documented: dict[str, Any], name: str) -> None:
    """Its JSON Schema names it, asks for id, actor and station, and allows nothing else."""
    shape = documented[name]
    assert shape["properties"]["request"] == {"const": name}
    assert {"request", "event_id", "actor", "station"} <= {*shape["required"]}
    assert shape["additionalProperties"] is False and shape["description"]


LIMITS = Path(__file__).with_name("limits.json")
"""What each field of each request takes at least and at most, written out a second time."""


def test_each_field_has_the_limits_written_out(documented: dict[str, Any]) -> None:
    """A limit that moves is a decision: on purpose it is changed in both places."""
    shapes = {name: shape["properties"] for name, shape in documented.items()}
    for shape in documented.values():
        shapes |= shape.get("$defs", {})
    found = {name: dict(bounds(shape)) for name, shape in shapes.items()}
    assert sum(map(len, found.values())) > 300
    assert found == json.loads(LIMITS.read_text(encoding="utf-8"))


DEFAULTS = {
    "add_equipment.exclusive": False,
    "add_equipment.has_display": False,
    "add_site.address": "",
    "add_site.phone_24h": "",
    "add_station.pasted_accepted": True,
    "count_storage.goes_on": False,
    "export.free_text": True,
    "export.reading": ReadingDigests(),
    "export.whole": False,
    "export_trail.free_text": False,
    "export_trail.identifiers": False,
    "export_trail.staff_names": False,
    "issue_access_code.at_once": False,
    "record_test.phase": TestPhase.FIRST,
    "reschedule.promises_anew": False,
    "schedule.priority": Priority.ROUTINE,
    "set_resource.notice_hours": 0,
}
"""What a request says where it says nothing, besides `entry`, which is live."""


def test_what_is_said_by_leaving_it_out() -> None:
    """A default is an answer that nobody gave, so each is written down; the others are none or empty."""
    said = {
        f"{name}.{field}": info.default
        for name, request_class in requests().items()
        for field, info in request_class.model_fields.items()
        if not info.is_required() and info.default not in (None, ()) and field != "entry"
    }
    assert said == DEFAULTS


def test_a_request_survives_the_wire() -> None:
    """What Python asks comes back from its JSON as the same request, defaults not written."""
    for request in (
        asked(
            custody.Pack,
            "TECH-A1",
            station="COLL-A-01",
            event_id=EVENT,
            others="TECH-A2 witnessed",
            units=scans("UD234567892"),
            box=scans("BD234567892")[0],
            seal=Scan(code="S-1"),
            tally=1,
            carrier="CARR-X",
            destination="MFG-1",
        ),
        asked(
            custody.Inspect,
            "OPER-1",
            station="MFG-1-01",
            event_id=EVENT,
            box=scans("BD234567892")[0],
            seal_intact=True,
            results=({"unit": scans("UD234567892")[0], "result": "accept"},),
        ),
        asked(
            processing.CompleteInfusion,
            "DOC-A1",
            station="TREAT-A-01",
            event_id=EVENT,
            units=scans("UD234567892"),
            infused_ml="66.5",
            remark="Slowly.",
        ),
    ):
        wire = json.loads(json.dumps(to_wire(request)))
        assert parse_request(wire) == request
        assert "outside_rules" not in wire and "occurred_at" not in wire


def test_a_bare_string_is_a_scanned_code() -> None:
    """An instrument sends what it read; anything else about the read is said."""
    wire = {
        "request": "quarantine",
        "event_id": EVENT,
        "actor": "QA-2",
        "station": "MFG-1-01",
        "units": ["A", "B"],
    }
    request = parse_request(wire)
    assert isinstance(request, processing.Quarantine)
    assert [(scan.code, scan.mode) for scan in request.units] == [
        ("A", ReadMode.SCANNED),
        ("B", ReadMode.SCANNED),
    ]


def test_every_code_of_a_request_is_found() -> None:
    """Also codes inside children, results and ink, each with its field."""
    ink = custody.InkSigner(company="C", name="N", id_seen="I", custodian="CARR-X", receipt=Scan(code="R"))
    accept = asked(
        custody.Accept,
        "TECH-A2",
        station="COLL-A-01",
        event_id=EVENT,
        box=Scan(code="B"),
        seal=Scan(code="S"),
        ink=ink,
    )
    assert [(field, scan.code) for field, scan in accept.scans()] == [
        ("box", "B"),
        ("seal", "S"),
        ("receipt", "R"),
    ]
    made = asked(
        processing.CompleteManufacturing,
        "OPER-1",
        station="MFG-1-01",
        event_id=EVENT,
        units=(Scan(code="P"),),
        children=(processing.ChildGiven(unit=Scan(code="C1")), processing.ChildGiven(unit=Scan(code="C2"))),
    )
    assert [scan.code for _, scan in made.scans()] == ["P", "C1", "C2"]
    adopted = AdoptedCodeGiven(code="L", issuer="MAKER", type=CodeType.LOT)
    adopt = asked(AdoptCode, "QA-2", station="MFG-1-01", event_id=EVENT, coi=Scan(code="C"), adopted=adopted)
    assert [field for field, _ in adopt.scans()] == ["coi", "adopted"]


@pytest.mark.parametrize("name", [None, "", "Quarantine", "quarantined", 7, "x" * 1000])
def test_an_unknown_request(name: object) -> None:
    """It is named, shortened, with where to look."""
    with pytest.raises(InputError) as refused:
        parse_request({"request": name, "event_id": EVENT})  # type: ignore[dict-item]
    assert refused.value.code == "unknown_request" and len(refused.value.message) < 120
    assert "--help-requests" in refused.value.remedy


def test_who_keyed_it() -> None:
    """The actor, unless somebody else is named."""
    request = Request(event_id=EVENT, actor="QA-2", station="MFG-1-01")
    assert request.entered_by == "QA-2"
    other = request.model_copy(update={"entry": request.entry.model_copy(update={"by": "QA-A"})})
    assert other.entered_by == "QA-A"


HIDDEN = ("Ada\u202eecila", "Ada\u2066B", "Ada\u200bB", "Ada\ue000B", "Ada\u2028B", "Ada \u4e2d")


@pytest.mark.parametrize("text", HIDDEN)
@pytest.mark.parametrize(
    ("name", "field", "more"),
    [
        ("add_person", "printed_name", {"staff": "NEW-1"}),
        ("add_site", "title", {"site": "NEW-1"}),
        ("add_site", "address", {"site": "NEW-1"}),
        ("add_site", "phone_24h", {"site": "NEW-1"}),
        ("add_station", "title", {"new_station": "NEW-1"}),
    ],
)
def test_findings_c8_what_labels_refuse_is_refused_at_entry(
    text: str, name: str, field: str, more: dict[str, str]
) -> None:
    """A hidden character or one that the label font lacks: whoever registers it would never print it."""
    given = {"request": name, "event_id": EVENT, "actor": "ADA-1", "station": "HUB-1", **more, field: text}
    with pytest.raises(InputError) as caught:
        parse_request(given)
    assert caught.value.code in ("unprintable_text", "no_glyph")
    assert field.replace("_", " ") in caught.value.message


def test_findings_c8_names_of_other_scripts_that_can_be_printed() -> None:
    """Accents, Greek and Cyrillic are in the label font, and so are the joiners of some scripts."""
    for text in ("Zo\u00eb \u0141ukasz", "\u0395\u03bb\u03ad\u03bd\u03b7", "\u0418\u0432\u0430\u043d"):
        request = {"request": "add_person", "event_id": EVENT, "actor": "ADA-1", "station": "HUB-1"}
        assert parse_request({**request, "staff": "NEW-1", "printed_name": text})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"request": "book_shipment", "lane": "clinic-plant"},
            'lane: "clinic-plant" is not written as 2 to 16 capitals, digits and hyphens.',
        ),
        (
            {"request": "report_shipment", "shipment": "X", "milestone": "departed", "place": "JFK!"},
            'place: "JFK!" is not written as up to 64 small letters, digits, points, hyphens and low lines.',
        ),
        (
            {"request": "book_shipment", "shipment": "X", "lane": "A-B"},
            "shipment: this is not written as the id of a shipment.",
        ),
    ],
)
def test_a_value_of_another_form_is_named_in_words(given: dict[str, Any], said: str) -> None:
    """Never the pattern; and a value is said again only where its form holds nobody's number or name."""
    window = {"earliest": "2026-12-07T15:00:00.000Z", "latest": "2026-12-07T17:00:00.000Z"}
    more = {"therapies": ["X"], "pick_up": window, "delivery": window, "source": "phone"}
    taken = requests()[given["request"]].model_fields
    event = {"event_id": "01900000-0000-7000-8000-000000000001", "actor": "COORD-1", "station": "CLINIC-01"}
    whole = {**event, **{key: value for key, value in more.items() if key in taken}, **given}
    with pytest.raises(InputError) as refused:
        parse_request(whole)
    assert refused.value.message.endswith(said) and "match" not in refused.value.message


def test_no_name_and_no_words_carry_a_hidden_character() -> None:
    """What turns a line around is refused in every title and text of every request, typed or sent."""
    for request_class in requests().values():
        for name, field in request_class.model_fields.items():
            shape: Any = Annotated[field.annotation, name, *field.metadata]
            adapter: TypeAdapter[Any] = TypeAdapter(shape)
            if name in ("content", "file", "new", "risk_evaluation") or not _takes(adapter, "evil one"):
                continue  # a packed file, and what a correction holds to the rules of what it corrects
            assert not _takes(adapter, "\u202eevil one"), f"{request_class.name}.{name}"


def _takes(adapter: TypeAdapter[Any], text: str) -> bool:
    """Whether it is taken as words; a scan carries whatever a code has, and is compared and never shown."""
    try:
        return not isinstance(adapter.validate_python(text), Scan)
    except (InputError, ValidationError):
        return False
