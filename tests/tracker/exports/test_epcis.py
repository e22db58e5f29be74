"""Trails as EPCIS 2.0: valid by the official schema, with the event ids of the reference implementation."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from schema.entry import REGISTRY
from schema.vocabulary import CodeType
from tests.support.commands import Cartrail
from tests.support.demos import DemoSite
from tests.support.journeys import World
from tracker.demo.journey import scan
from tracker.exports.disclosure import NOTHING_MORE, Disclosure
from tracker.exports.epcis.document import write_epcis
from tracker.exports.epcis.event_hash import event_id
from tracker.exports.epcis.events import NAMESPACES, OWN_URIS
from tracker.exports.epcis.words import KINDS
from tracker.exports.excerpts import excerpts
from tracker.exports.selection import EventSelection
from tracker.exports.trails import Trails, chains_of
from tracker.exports.uris import Uris
from tracker.exports.wording import heading_of
from tracker.kinds import BESIDE, STEP_KINDS
from tracker.requests.base import AdoptedCodeGiven
from tracker.therapy.adoption.requests import AdoptCode
from tracker.therapy.corrections import Correct
from tracker.therapy.making import requests as processing
from tracker.tracker import Tracker

Document = dict[str, Any]

REFERENCE = Path(os.environ.get("CARTRAIL_TEST_EPCIS", "/nowhere"))
"""A folder with the official schema and examples of github.com/gs1/EPCIS; they are not ours to ship."""


@pytest.fixture
def tracker(demo_site: DemoSite) -> Iterator[Tracker]:
    """The demo, opened for reading."""
    opened = Tracker.open(url=demo_site.url, read_only=True)
    yield opened
    opened.close()


def document_of(
    tracker: Tracker,
    *cois: str,
    disclosure: Disclosure = NOTHING_MORE,
    selection: EventSelection | None = None,
    uris: Uris = OWN_URIS,
) -> Document:
    """The document of some therapies, or of all."""
    trails = Trails(tracker, chains_of(tracker, cois), selection or EventSelection())
    out = io.BytesIO()
    write_epcis(excerpts(trails, disclosure), heading_of(trails, disclosure), out, uris)
    found: Document = orjson.loads(out.getvalue())
    return found


def events_of(document: Document) -> list[Document]:
    """Its events."""
    found: list[Document] = document["epcisBody"]["eventList"]
    return found


def require_as_reference(document: Document) -> None:
    """Every event id is what the reference implementation makes of the event."""
    json_to_py = pytest.importorskip("epcis_event_hash_generator.json_to_py")
    generator = pytest.importorskip("epcis_event_hash_generator.hash_generator")
    text = json_to_py.event_list_from_epcis_document_str(orjson.dumps(document).decode())
    expected = generator.epcis_hashes_from_events(text)
    assert [one["eventID"] for one in events_of(document)] == expected


def require_valid(document: Document) -> None:
    """The official schema has nothing to say against the document."""
    validators = pytest.importorskip("jsonschema_rs")
    schema = REFERENCE / "EPCIS-JSON-Schema.json"
    if not schema.exists():
        pytest.skip("the official schema is not here: name its folder in CARTRAIL_TEST_EPCIS")
    validator = validators.validator_for(orjson.loads(schema.read_bytes()), validate_formats=True)
    assert not [str(error) for error in validator.iter_errors(document)]


class TestDocument:
    def test_every_kind_has_its_words(self) -> None:
        """No kind of a therapy is left out; a correction repeats the event that it corrects."""
        assert {*KINDS} == {*STEP_KINDS, *BESIDE} - {"corrected"}

    def test_ids_are_those_of_the_reference(self, tracker: Tracker) -> None:
        """With everything open and with nothing: what is shown does not change which event it is."""
        bare = document_of(tracker)
        opened = document_of(tracker, disclosure=Disclosure(identifiers=True, free_text=True, names=True))
        require_as_reference(bare)
        require_as_reference(opened)
        assert [one["eventID"] for one in events_of(bare)] == [one["eventID"] for one in events_of(opened)]

    def test_official_schema(self, tracker: Tracker) -> None:
        """Every event of the demo."""
        require_valid(
            document_of(tracker, disclosure=Disclosure(identifiers=True, free_text=True, names=True))
        )

    def test_one_event_for_each_entry(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """In order, with the digest of the entry and every signature; ids are all different."""
        coi = demo_site.coi("closed")
        entries = Trails(tracker, [coi], EventSelection()).known(coi).entries
        events = events_of(document_of(tracker, coi))
        assert [one["cartrail:entryDigest"] for one in events] == [f"sha256:{one.digest}" for one in entries]
        assert len({one["eventID"] for one in events}) == len(entries)
        for event, entry in zip(events, entries, strict=True):
            values = [one["cartrail:value"] for one in event.get("cartrail:signatures", ())]
            assert values == [one.value for one in entry.signatures]
            assert orjson.loads(event["cartrail:facts"]) == entry.statement.payload.to_json()

    def test_closed_without_names(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """Names and identifiers stand in comments, where they were chosen, and the document says so."""
        coi = demo_site.coi("closed")
        (therapy,) = (one for one in demo_site.demo.therapies if one.coi == coi)
        bare = orjson.dumps(document_of(tracker, coi)).decode()
        hidden = [person.name for person in demo_site.demo.people] + list(therapy.wristband)
        assert not [value for value in hidden if value in bare]
        opened = document_of(tracker, coi, disclosure=Disclosure(names=True))
        assert "names of staff: included" in opened["cartrail:export"]["cartrail:chosenToBeOpen"]

    def test_selection(self, tracker: Tracker) -> None:
        """Only the events asked for, with the ids they have anyway."""
        everything = {one["eventID"] for one in events_of(document_of(tracker))}
        chosen = [
            one["eventID"] for one in events_of(document_of(tracker, selection=EventSelection(site="MFG-1")))
        ]
        assert 0 < len(chosen) < len(everything) and set(chosen) < everything

    def test_nothing_at_all(self, tracker: Tracker) -> None:
        """A choice that takes no event is a document without events."""
        assert events_of(document_of(tracker, selection=EventSelection(site="NOWHERE"))) == []


class TestMapping:
    def of_kind(self, document: Document, kind: str) -> list[Document]:
        """The events of a kind of entry."""
        return [one for one in events_of(document) if one["cartrail:kind"].endswith(f"/{kind}")]

    def test_findings_d20_within_a_site_nothing_is_shipped(
        self, tracker: Tracker, demo_site: DemoSite
    ) -> None:
        """From the chair to the lab, dock to room and lab to ward; only a carrier ships and arrives."""
        document = document_of(tracker, demo_site.coi("closed"))
        steps = {
            (one["cartrail:kind"].rpartition("/")[2], _between(one)): (one["bizStep"], one["disposition"])
            for one in self.of_kind(document, "relinquished") + self.of_kind(document, "accepted")
        }
        assert steps == {
            ("relinquished", "person > department"): ("staging_outbound", "in_progress"),
            ("accepted", "person > department"): ("accepting", "in_progress"),
            ("relinquished", "person > carrier"): ("shipping", "in_transit"),
            ("accepted", "person > carrier"): ("shipping", "in_transit"),
            ("relinquished", "carrier > department"): ("arriving", "in_transit"),
            ("accepted", "carrier > department"): ("receiving", "in_progress"),
            ("relinquished", "department > department"): ("holding", "in_progress"),
            ("accepted", "department > department"): ("storing", "in_progress"),
        }

    def test_findings_d20_each_unit_ends_once(self, tracker: Tracker) -> None:
        """What is left of an infused unit is destroyed too, and that is no second end."""
        ended = [
            unit
            for event in events_of(document_of(tracker))
            if event.get("action") == "DELETE" and event["type"] == "ObjectEvent"
            for unit in event["epcList"]
        ]
        assert ended and len(ended) == len(set(ended))

    def test_handoffs_name_their_parties(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """A box given to a carrier is shipping, taken from one receiving, with both parties."""
        document = document_of(tracker, demo_site.coi("closed"))
        steps = {one["bizStep"] for one in self.of_kind(document, "accepted")}
        assert steps >= {"shipping", "receiving"}
        for one in self.of_kind(document, "relinquished") + self.of_kind(document, "accepted"):
            assert one["sourceList"][0]["type"] == one["destinationList"][0]["type"] == "possessing_party"

    def test_what_became_what(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """Manufacture is a transformation, packing an aggregation, the patient's binding an association."""
        document = document_of(tracker, demo_site.coi("closed"))
        (made,) = self.of_kind(document, "manufactured")
        assert made["type"] == "TransformationEvent" and made["inputEPCList"] and made["outputEPCList"]
        assert {one["type"] for one in self.of_kind(document, "packed")} == {"AggregationEvent"}
        assert {one["type"] for one in self.of_kind(document, "enrolled")} == {"AssociationEvent"}
        infused = self.of_kind(document, "infusion_completed")
        assert {(one["action"], one["disposition"]) for one in infused} == {("DELETE", "dispensed")}

    def test_out_of_specification(self, tracker: Tracker, demo_site: DemoSite) -> None:
        """Released all the same, and not conformant."""
        document = document_of(tracker, demo_site.coi("released out"))
        (released,) = self.of_kind(document, "released_out_of_specification")
        assert released["disposition"] == "non_conformant"

    def test_a_correction_declares_the_error(self, world: Callable[[str], World]) -> None:
        """The wrong event names what stands in its place, and keeps the id it had."""
        given = world("collected")
        entry = next(one for one in given.entries(given.one.coi) if one.statement.kind == "collected")
        before = document_of(given.tracker, given.one.coi)
        given.do(
            Correct, "NURSE-A1", coi=given.one.coi, event=entry.statement.event_id,
            field="volume_ml", new="199.5", reason="keying_error",
        )  # fmt: skip
        document = document_of(given.tracker, given.one.coi)
        (wrong,) = self.of_kind(document, "collected")
        (right,) = self.of_kind(document, "corrected")
        assert wrong["errorDeclaration"]["correctiveEventIDs"] == [right["eventID"]]
        assert wrong["eventID"] == self.of_kind(before, "collected")[0]["eventID"] != right["eventID"]
        assert right["eventTime"] == wrong["eventTime"] and right["bizStep"] == "commissioning"
        require_as_reference(document)
        require_valid(document)

    def test_digital_links_are_valid(self, world: Callable[[str], World]) -> None:
        """A trade item and a logistic unit go by the addresses of GS1, all else by those configured."""
        given = world("collected")
        for code in ("010950600013435221ABC/1", "00195212345678900006", "LOT-77 (EU)"):
            adopted = AdoptedCodeGiven(code=code, issuer="MAKER", type=CodeType.CONTAINER)
            given.do(AdoptCode, "NURSE-A1", coi=scan(given.one.coi), adopted=adopted)
        uris = Uris("https://id.example.org/cart", digital_link=True)
        document = document_of(given.tracker, given.one.coi, uris=uris)
        assert [one["childEPCs"] for one in self.of_kind(document, "code_adopted")] == [
            ["https://id.gs1.org/01/09506000134352/21/ABC%2F1"],
            ["https://id.gs1.org/00/195212345678900006"],
            ["https://id.example.org/cart/adopted/MAKER/container/LOT-77%20%28EU%29"],
        ]
        require_as_reference(document)
        require_valid(document)

    @pytest.mark.parametrize("remark", ["destroyed", "cartrail:x", "infinity", '"}]', "\u05d0bc", "0017"])
    def test_words_of_people_change_no_id(self, remark: str, world: Callable[[str], World]) -> None:
        """What a person wrote is a comment, whatever it looks like."""
        given = world("frozen")
        units = given.one.frozen_scans((given.one.bag,))
        given.do(processing.Quarantine, "QA-2", units=units, reason="other", remark=remark)
        document = document_of(given.tracker, given.one.coi, disclosure=Disclosure(free_text=True))
        comment = events_of(document)[-1]["rdfs:comment"]
        assert comment.startswith(f"reason: other; remark: {remark}; read: units CT")
        require_as_reference(document)


def _between(event: Document) -> str:
    """The kinds of the two parties of a handoff."""
    parties = event["sourceList"][0]["source"], event["destinationList"][0]["destination"]
    return " > ".join(party.removeprefix("https://id.cartrail.example/").split("/")[0] for party in parties)


class TestVectors:
    def test_official_hash(self) -> None:
        """The vector of the algorithm, its GS1 keys written as Digital Links beforehand."""
        path = REFERENCE / "examples" / "ReferenceEventHashAlgorithm.jsonld"
        normaliser = pytest.importorskip("epcis_event_hash_generator.dl_normaliser").normaliser
        if not path.exists():
            pytest.skip("the official examples are not here: name their folder in CARTRAIL_TEST_EPCIS")
        text = re.sub(r"urn:epc:id:[^\"]+", lambda found: str(normaliser(found[0])), path.read_text("utf-8"))
        document = orjson.loads(text)
        namespaces = {key: value for one in document["@context"][1:] for key, value in one.items()}
        expected = path.with_suffix(".hashes").read_text("utf-8").split()
        assert [event_id(one, namespaces) for one in events_of(document)] == expected

    def test_a_fixed_event(self) -> None:
        """An id once given stays, whatever becomes of this program."""
        event = {
            "type": "ObjectEvent", "eventTime": "2026-11-01T13:00:00.000+01:00",
            "eventTimeZoneOffset": "+01:00", "epcList": ["https://id.cartrail.example/unit/UD234567892"],
            "action": "OBSERVE", "bizStep": "inspecting", "cartrail:sequence": 7,
        }  # fmt: skip
        assert event_id(event, NAMESPACES) == event_id(
            {**event, "recordTime": "2026-11-01T12:00:01.000Z"}, NAMESPACES
        )
        assert event_id(event, NAMESPACES) == (
            "ni:///sha-256;a1adf2a32b32094771a1f776a8cf6c89f1a8ff7d6e13d33b9a4c76adb7761e92?ver=CBV2.0"
        )


class TestCommand:
    def test_standard_output(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """A document can be piped; the registry has none."""
        said = cartrail("trail", demo_site.coi("closed"), "--format", "epcis", "--database", demo_site.path)
        assert orjson.loads(said.out)["type"] == "EPCISDocument"
        said = cartrail("trail", REGISTRY, "--format", "epcis", "--database", demo_site.path, exit_code=2)
        assert "no units" in said.err
