"""Trails as an EPCIS 2.0 document (JSON-LD), the form in which other systems take such events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO, Final

import orjson

from schema.instants import format_instant
from tracker.exports.epcis.events import NAMESPACES, OWN_URIS, Translator, dumped
from tracker.exports.excerpts import ShownChain
from tracker.exports.uris import Uris
from tracker.exports.wording import Heading

CONTEXT: Final = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
_SPLIT: Final = b'"eventList": []'


def write_epcis(chains: Iterable[ShownChain], heading: Heading, out: BinaryIO, uris: Uris = OWN_URIS) -> None:
    """The document, event after event."""
    before, after = _frame(heading, uris).split(_SPLIT)
    out.write(before + b'"eventList": [')
    first = True
    for chain in chains:
        for event in Translator(chain, uris).events():
            out.write((b"\n" if first else b",\n") + dumped(event))
            first = False
    out.write(b"\n]" + after + b"\n")
    out.flush()


def _frame(heading: Heading, uris: Uris) -> bytes:
    lines = (*heading.lines(), ("Identifiers", uris.stated()))
    document = {
        "@context": [CONTEXT, NAMESPACES],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": format_instant(heading.at),
        "cartrail:export": {f"cartrail:{_key(name)}": words for name, words in lines},
        "epcisBody": {"eventList": []},
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)


def _key(name: str) -> str:
    head, *rest = name.lower().split()
    return head + "".join(word.capitalize() for word in rest)
