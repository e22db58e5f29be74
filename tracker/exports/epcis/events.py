"""Entries of a chain as EPCIS 2.0 events, one for one, each with the id that its own content gives it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import orjson

from schema.canonical import canonical
from schema.entry import Entry
from schema.events import Party, Payload, payload_from
from schema.events.adoption import CodesBound
from schema.events.conditions import ConditionsRecorded, ExcursionFound
from schema.events.custody import (
    HandoffAnswer,
    Inspected,
    Lapsed,
    Packed,
    Refused,
    Relinquished,
    Retrieved,
    Stored,
)
from schema.events.identity import (
    CassetteBound,
    CodeAdopted,
    Corrected,
    Enrolled,
    MixupOccurred,
    UnitRegistered,
)
from schema.events.processing import Destroyed, Manufactured, StepPerformed, Tested
from schema.instants import format_instant
from schema.vocabulary import InspectionResult, PartyType
from tracker.exports.dossiers import local
from tracker.exports.epcis.event_hash import event_id
from tracker.exports.epcis.words import (
    ARRIVED,
    FILLED,
    HELD,
    KEPT,
    KINDS,
    LEFT_OVER,
    RECEIVED,
    SAMPLED,
    SHIPPED,
    VOIDED,
    EpcisWords,
)
from tracker.exports.excerpts import ShownChain, ShownEvent
from tracker.exports.rows import signed
from tracker.exports.uris import Uris
from tracker.views.facts import units_named

NAMESPACE: Final = "https://ns.cartrail.example/epcis/"
"""Of our extension fields; a name, not a page."""

NAMESPACES: Final = {"cartrail": NAMESPACE}
OWN_URIS: Final = Uris()
_OTHER: Final = EpcisWords("other")


class Translator:
    """Turns the entries of one chain into events."""

    def __init__(self, source: ShownChain, uris: Uris = OWN_URIS) -> None:
        self._source = source
        self._uris = uris
        self._by_id = {one.statement.event_id: one for one in source.entries}
        self._corrections: dict[str, list[Entry]] = {}
        for entry in source.entries:
            payload = entry.statement.payload
            if isinstance(payload, Corrected):
                self._corrections.setdefault(payload.event, []).append(entry)
        self._ended_by = self._ends()

    def _ends(self) -> Mapping[str, str]:
        """The event by which each unit ended: the first that does, for a unit ends once."""
        found: dict[str, str] = {}
        for entry in self._source.entries:
            payload = entry.statement.payload
            if KINDS.get(payload.kind, _OTHER).action == "DELETE" and not _names_box(payload):
                for unit in units_named(payload):
                    found.setdefault(unit, entry.statement.event_id)
        return found

    def events(self) -> Iterator[dict[str, Any]]:
        """The events that were asked for, in the order of the chain."""
        for shown in self._source.events:
            event = self.event(shown.entry)
            comment = self._comment(shown)
            if comment:
                # A comment is outside the hash: what is shown to whom does not change which event it is.
                event["rdfs:comment"] = comment
            yield event

    def event(self, entry: Entry) -> dict[str, Any]:
        """One entry as an event; a corrected one declares the error and names what stands in its place."""
        body = self._body(entry)
        body["eventID"] = event_id(body, NAMESPACES)
        corrections = self._corrections.get(entry.statement.event_id, [])
        if corrections:
            body["errorDeclaration"] = {
                "declarationTime": _time(corrections[-1].recorded_at, corrections[-1].statement.offset),
                "reason": "incorrect_data",
                "correctiveEventIDs": [event_id(self._body(one), NAMESPACES) for one in corrections],
            }
        return body

    def _body(self, entry: Entry) -> dict[str, Any]:
        correction = entry.statement.payload
        said = self._corrected(entry, correction) if isinstance(correction, Corrected) else entry
        statement = said.statement
        words = self._words(said)
        body: dict[str, Any] = {
            "type": words.type,
            "eventTime": _time(statement.occurred_at, statement.offset),
            "eventTimeZoneOffset": statement.offset,
            "recordTime": format_instant(entry.recorded_at),
            **self._objects(said, words),
            "bizStep": words.step,
        }
        if words.action:
            body["action"] = words.action
        if words.disposition:
            body["disposition"] = words.disposition
        body |= self._context(said)
        return body | self._extension(entry)

    def _corrected(self, entry: Entry, correction: Corrected) -> Entry:
        """The event that was wrong with everything that was put right up to this correction."""
        wrong = self._by_id.get(correction.event)
        if wrong is None or isinstance(wrong.statement.payload, Corrected):
            return entry
        data = dict(wrong.statement.payload.to_json())
        for one in self._corrections[correction.event]:
            change = one.statement.payload
            if one.sequence <= entry.sequence and isinstance(change, Corrected):
                new = change.new
                data[change.field] = new if isinstance(new, str) else {"commitment": new.commitment}
        right = payload_from(wrong.statement.kind, wrong.statement.payload.kind_version, data)
        return replace(wrong, statement=replace(wrong.statement, payload=right))

    def _words(self, entry: Entry) -> EpcisWords:
        payload = entry.statement.payload
        words = KINDS.get(payload.kind, _OTHER)
        if isinstance(payload, UnitRegistered) and payload.parents:
            return SAMPLED
        if isinstance(payload, StepPerformed) and payload.moves:
            return FILLED
        if isinstance(payload, Relinquished):
            return _given_words(entry, payload, words)
        if isinstance(payload, HandoffAnswer | Lapsed):
            return self._answer_words(payload, words)
        if isinstance(payload, Destroyed) and not self._ending(entry):
            return LEFT_OVER
        if isinstance(payload, Inspected):
            results = {one.result for one in payload.results}
            if results == {InspectionResult.ACCEPT}:
                return EpcisWords(words.step, "conformant")
            return words if InspectionResult.ACCEPT in results else EpcisWords(words.step, "non_conformant")
        return words

    def _answer_words(self, answer: HandoffAnswer | Lapsed, words: EpcisWords) -> EpcisWords:
        entry = self._by_id.get(answer.handoff)
        given = entry.statement.payload if entry is not None else None
        if entry is None or not isinstance(given, Relinquished):
            return words
        if isinstance(answer, Refused | Lapsed):
            return VOIDED if _travels(entry, given) else words
        if _travels(entry, given):
            return SHIPPED if given.to_party.type is PartyType.CARRIER else RECEIVED
        return KEPT if given.box else words

    def _ending(self, entry: Entry) -> list[str]:
        """The units that end by this event and had not ended before."""
        event_id = entry.statement.event_id
        return [unit for unit in units_named(entry.statement.payload) if self._ended_by.get(unit) == event_id]

    def _objects(self, entry: Entry, words: EpcisWords) -> dict[str, Any]:
        """What the event is about: what is put together, what became what, or what was seen."""
        payload = entry.statement.payload
        coi = self._uri("coi", self._source.chain)
        named = self._ending(entry) if isinstance(payload, Destroyed) else []
        units = [self._uri("unit", unit) for unit in named or self._units(payload)]
        if isinstance(payload, Manufactured):
            made = [self._uri("unit", one.unit) for one in payload.children]
            return {
                "inputEPCList": [self._uri("unit", unit) for unit in payload.parents],
                "outputEPCList": made,
            }
        if isinstance(payload, StepPerformed) and payload.moves:
            sources = dict.fromkeys((*payload.units, *(one.source for one in payload.moves)))
            for filled in payload.filled:
                sources.pop(filled, None)
            return {
                "inputEPCList": [self._uri("unit", unit) for unit in sources],
                "outputEPCList": [self._uri("unit", unit) for unit in payload.filled],
            }
        if isinstance(payload, Enrolled):
            children = [self._uri("patient", one.commitment) for one in payload.patient_identifiers]
            return {"parentID": coi, "childEPCs": children}
        if isinstance(payload, CassetteBound):
            return {"parentID": self._uri("cassette", payload.cassette), "childEPCs": units}
        if isinstance(payload, CodesBound):
            bound = [self._uris.adopted(one) for one in payload.codes]
            return {"parentID": (units or [coi])[0], "childEPCs": bound}
        if isinstance(payload, CodeAdopted):
            code = payload.code
            return {"parentID": (units or [coi])[0], "childEPCs": [self._uris.adopted(code)]}
        if words.type == "AggregationEvent":
            return {"parentID": self._uri("box", str(payload.to_json()["box"])), "childEPCs": units}
        return {"epcList": units or [coi]}

    def _units(self, payload: Payload) -> list[str]:
        if isinstance(payload, HandoffAnswer) and not payload.units:
            given = self._given(payload.handoff)
            return list(given.units) if given is not None else []
        if isinstance(payload, Inspected):
            return [one.unit for one in payload.results]
        if isinstance(payload, Tested):
            return [payload.sample] if payload.sample else []
        return list(units_named(payload))

    def _context(self, entry: Entry) -> dict[str, Any]:
        """Where it was, from whom to whom, how cold, and what it leaves to be seen."""
        payload = entry.statement.payload
        found: dict[str, Any] = {"readPoint": {"id": self._uri("site", entry.statement.site)}}
        place = payload.to_json().get("location")
        if isinstance(payload, Stored | ConditionsRecorded | ExcursionFound) and place is not None:
            found["bizLocation"] = {"id": self._uri("location", str(place))}
        parties = self._parties(payload)
        if parties is not None:
            found["sourceList"] = [{"type": "possessing_party", "source": self._party(parties[0])}]
            found["destinationList"] = [{"type": "possessing_party", "destination": self._party(parties[1])}]
        celsius = payload.to_json().get("display_celsius")
        if isinstance(celsius, str):
            report = {"type": "Temperature", "value": float(celsius), "uom": "CEL"}
            found["sensorElementList"] = [{"sensorReport": [report]}]
        if isinstance(payload, ConditionsRecorded):
            found["sensorElementList"] = [self._readings(payload)]
        if isinstance(payload, ExcursionFound) and payload.peak_celsius is not None:
            found["sensorElementList"] = [_alarm(payload)]
        if isinstance(payload, StepPerformed) and payload.lots:
            lots = [self._uri("lot", one.lot) for one in payload.lots]
            # Only what comes into being has master data of its own (EPCIS 2.0, 7.4.6).
            found |= {"ilmd": {"cartrail:lots": lots}} if payload.moves else {"cartrail:lots": lots}
        if isinstance(payload, Enrolled) and payload.indication is not None:
            found["cartrail:indication"] = payload.indication
        if isinstance(payload, MixupOccurred):
            found["persistentDisposition"] = {"set": ["mismatch_instance"]}
        return found

    def _readings(self, payload: ConditionsRecorded) -> dict[str, Any]:
        """The whole file as one element: its logger, its time, and its lowest, highest and mean."""
        times = {"startTime": format_instant(payload.first_at), "endTime": format_instant(payload.last_at)}
        report = {
            "type": "Temperature",
            "minValue": float(payload.celsius_min),
            "maxValue": float(payload.celsius_max),
            "meanValue": float(payload.celsius_mean),
            "uom": "CEL",
        }
        device = self._uri("logger", payload.data_logger)
        return {"sensorMetadata": {**times, "deviceID": device}, "sensorReport": [report]}

    def _parties(self, payload: Payload) -> tuple[Party, Party] | None:
        if isinstance(payload, Relinquished):
            return payload.from_party, payload.to_party
        if isinstance(payload, Retrieved):
            return Party(type=PartyType.LOCATION, id=payload.location), payload.custodian
        if isinstance(payload, (HandoffAnswer, Lapsed)):
            given = self._given(payload.handoff)
            if given is None:
                return None
            custodian = getattr(payload, "custodian", None)
            return given.from_party, custodian if isinstance(custodian, Party) else given.from_party
        return None

    def _extension(self, entry: Entry) -> dict[str, Any]:
        """What binds the event to its entry, and everything the standard has no word for."""
        statement = entry.statement
        payload = statement.payload
        found: dict[str, Any] = {
            "cartrail:event": f"urn:uuid:{statement.event_id}",
            "cartrail:kind": f"{NAMESPACE}kind/{statement.kind}",
            "cartrail:therapy": self._uri("coi", statement.chain),
            "cartrail:sequence": entry.sequence,
            "cartrail:entryDigest": f"sha256:{entry.digest}",
            "cartrail:statementDigest": f"sha256:{statement.digest}",
            "cartrail:actor": self._uri("person", statement.actor),
            "cartrail:station": self._uri("station", statement.station),
            "cartrail:entryMode": f"{NAMESPACE}mode/{statement.mode.value}",
            "cartrail:facts": canonical(payload.to_json()).decode(),
            "cartrail:signatures": [
                {
                    "cartrail:meaning": f"{NAMESPACE}meaning/{one.meaning.value}",
                    "cartrail:signer": self._uri("person", one.signer),
                    "cartrail:signedAt": format_instant(one.signed_at),
                    "cartrail:key": f"ed25519:{one.key}",
                    "cartrail:value": one.value,
                }
                for one in entry.signatures
            ],
        }
        if statement.reads:
            found["cartrail:reads"] = canonical([read.to_json() for read in statement.reads]).decode()
        if statement.outside_rules:
            found["cartrail:outsideRules"] = [f"{NAMESPACE}rule/{rule}" for rule in statement.outside_rules]
        if isinstance(payload, StepPerformed):
            found["cartrail:step"] = f"{NAMESPACE}step/{payload.step}"
            found["cartrail:instruments"] = [self._uri("instrument", one) for one in payload.instruments]
        if isinstance(payload, Packed) and payload.data_logger:
            found["cartrail:dataLogger"] = self._uri("logger", payload.data_logger)
        return {key: value for key, value in found.items() if value != []}

    def _comment(self, shown: ShownEvent) -> str:
        parts = [*shown.said, *(f"read: {one}" for one in shown.read)]
        if self._source.disclosure.names and shown.entry.signatures:
            parts.append(f"signed: {signed(shown.entry, self._source.disclosure)}")
        return "; ".join(parts)

    def _given(self, handoff: str) -> Relinquished | None:
        entry = self._by_id.get(handoff)
        payload = entry.statement.payload if entry is not None else None
        return payload if isinstance(payload, Relinquished) else None

    def _party(self, party: Party) -> str:
        return self._uri(party.type.value, *party.id.split("/"))

    def _uri(self, *parts: str) -> str:
        return self._uris.own(*parts)


def _given_words(entry: Entry, given: Relinquished, words: EpcisWords) -> EpcisWords:
    if _travels(entry, given):
        from_carrier = given.from_party.type is PartyType.CARRIER
        return ARRIVED if from_carrier and given.to_party.type is not PartyType.CARRIER else SHIPPED
    return HELD if given.box else words


def _travels(entry: Entry, given: Relinquished) -> bool:
    """Whether a handoff is part of a journey: a carrier has a part in it, or it is to another site."""
    parties = (given.from_party, given.to_party)
    elsewhere = given.to_party.site not in (None, entry.statement.site)
    return elsewhere or any(party.type is PartyType.CARRIER for party in parties)


def _names_box(payload: Payload) -> bool:
    """An aggregation: what it takes apart goes on."""
    return KINDS.get(payload.kind, _OTHER).type == "AggregationEvent"


def dumped(event: Mapping[str, Any]) -> bytes:
    """An event as JSON, indented for people."""
    return orjson.dumps(event, option=orjson.OPT_INDENT_2)


def _time(moment: datetime, offset: str) -> str:
    return local(moment, offset).isoformat(timespec="milliseconds")


def _alarm(payload: ExcursionFound) -> dict[str, Any]:
    """An excursion: from when to when, and how far."""
    times = {"startTime": format_instant(payload.began_at), "endTime": format_instant(payload.ended_at)}
    report = {
        "type": "Temperature",
        "value": float(payload.peak_celsius or 0),
        "uom": "CEL",
        "exception": "ALARM_CONDITION",
    }
    return {"sensorMetadata": times, "sensorReport": [report]}
