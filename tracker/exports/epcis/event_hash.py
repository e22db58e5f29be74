"""The event id of CBV 2.0: a hash over what an EPCIS event says, the same whoever computes it.

The rules are those of the reference implementation (epcis-event-hash-generator), which the tests compare
with; where its description and its program disagree, the program counts. Identifiers are our own URIs, so the
rewriting of GS1 keys has no part here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

_CBV: Final[Mapping[str, str]] = {
    "bizStep": "https://ref.gs1.org/cbv/BizStep-",
    "disposition": "https://ref.gs1.org/cbv/Disp-",
    "set": "https://ref.gs1.org/cbv/Disp-",
    "unset": "https://ref.gs1.org/cbv/Disp-",
}
_PARTY_TYPE: Final = "https://ref.gs1.org/cbv/SDT-"
_MEASUREMENT: Final = "https://gs1.org/voc/"
_NOT_HASHED: Final = {"type", "recordTime", "eventID", "errorDeclaration", "rdfs:comment"}
_LISTS: Final = {"epcList": "epc", "inputEPCList": "epc", "childEPCs": "epc", "outputEPCList": "epc"}
_ORDER: Final = (
    "eventTime", "eventTimeZoneOffset", "certificationInfo", "parentID", "epcList", "inputEPCList",
    "childEPCs", "outputEPCList", "action", "transformationID", "bizStep", "disposition",
    "persistentDisposition", "readPoint", "bizLocation", "sensorElementList",
)  # fmt: skip
"""Fields in the order they are hashed; whatever else an event has comes after them, sorted."""

_PARTIES: Final = {"sourceList": "source", "destinationList": "destination"}
_REPORT: Final = ("type", "value", "uom")
_NUMERIC: Final = "0123456789+-._iInN"
"""What a number in ASCII begins with, `inf` and `nan` among them; nearly all texts begin otherwise."""


def event_id(event: Mapping[str, Any], namespaces: Mapping[str, str]) -> str:
    """The id of an event as a `ni` URI; extension fields are named by prefix and namespace."""
    digest = hashlib.sha256(prehash(event, namespaces).encode()).hexdigest()
    return f"ni:///sha-256;{digest}?ver=CBV2.0"


def prehash(event: Mapping[str, Any], namespaces: Mapping[str, str]) -> str:
    """The text that is hashed."""
    ordered = "".join(_ordered(name, event[name]) for name in _ORDER if name in event)
    others = [name for name in event if name not in _ORDER and name not in _NOT_HASHED]
    parts = [part for name in others for part in _extension(name, event[name], namespaces)]
    return f"eventType={event['type']}{ordered}{''.join(sorted(parts))}"


def _ordered(name: str, value: Any) -> str:
    if name in _LISTS:
        return name + "".join(sorted(f"{_LISTS[name]}={_canonical(item)}" for item in value))
    if name == "persistentDisposition":
        return name + "".join(_words(key, value[key]) for key in ("set", "unset") if key in value)
    if name in ("readPoint", "bizLocation"):
        return f"{name}id={_canonical(value['id'])}"
    if name == "sensorElementList":
        return name + "".join(sorted("sensorElement" + _reports(element) for element in value))
    if name == "eventTime":
        return f"{name}={_instant(value)}"
    return f"{name}={_canonical(_CBV.get(name, '') + value)}"


def _words(key: str, values: Sequence[str]) -> str:
    return "".join(sorted(f"{key}={_CBV[key]}{value}" for value in values))


def _reports(element: Mapping[str, Any]) -> str:
    return "".join(
        sorted(
            "sensorReport"
            + "".join(
                f"{key}={_canonical((_MEASUREMENT if key == 'type' else '') + str(report[key]))}"
                for key in _REPORT
                if key in report
            )
            for report in element["sensorReport"]
        )
    )


def _extension(name: str, value: Any, namespaces: Mapping[str, str]) -> list[str]:
    """The parts of a field that has no place of its own: one, or one for each item of a list."""
    if name in _PARTIES:
        return [name + "".join(sorted(_party(_PARTIES[name], one) for one in value))]
    key = _expanded(name, namespaces)
    if isinstance(value, (list, tuple)):
        return [part for item in value for part in _extension(name, item, namespaces)]
    if isinstance(value, Mapping):
        parts = [part for inner, item in value.items() for part in _extension(inner, item, namespaces)]
        return [key + "".join(sorted(parts))]
    text = _canonical(str(value))
    return [f"{key}={text}" if text else key]


def _party(key: str, one: Mapping[str, str]) -> str:
    return f"type={_PARTY_TYPE}{one['type']}{key}={_canonical(one[key])}"


def _expanded(name: str, namespaces: Mapping[str, str]) -> str:
    prefix, colon, local = name.partition(":")
    return f"{{{namespaces[prefix]}}}{local}" if colon and prefix in namespaces else name


def _canonical(text: str) -> str:
    """A number without leading and trailing zeros; any other text unchanged."""
    text = text.strip()
    if text[:1].isascii() and text[:1] not in _NUMERIC:
        return text
    try:
        number = float(text)
        return str(int(number) if int(number) == number else number)
    except (ValueError, OverflowError):
        return text


def _instant(text: str) -> str:
    moment = datetime.fromisoformat(text).astimezone(UTC)
    return moment.isoformat(timespec="milliseconds")[:-6] + "Z"
