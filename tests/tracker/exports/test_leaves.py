"""Each value of each kind of event stands in words in every form for reading, and so does each code read.

The events are made from the payload classes, every field filled with a value of its own, so a new kind or
field is looked for here by itself.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from functools import cache
from typing import Any, Final

import openpyxl
import orjson
import pypdfium2
import pytest
from pydantic import BaseModel

from schema.commitments import Commitment
from schema.entry import REGISTRY, Entry, Read, Statement
from schema.events import kinds, registry_kinds
from schema.events.base import JudgedClock, JudgedValue
from schema.events.custody import Packed
from schema.vocabulary import EntryMode, Purpose, ReadMode
from tests.support.filled import Filler, Leaf, leaves
from tests.test_fields import models
from tracker.exports.csvs import BYTE_ORDER_MARK, write_csv
from tracker.exports.disclosure import NOTHING_MORE, Disclosure
from tracker.exports.dossiers import Dossier, DossierEvent, Holding
from tracker.exports.epcis.document import write_epcis
from tracker.exports.report.document import set_report
from tracker.exports.rows import RowWriter, teller_of
from tracker.exports.wording import Heading
from tracker.exports.workbook import CONTINUED, write_workbook
from tracker.rules.registry_state import RegistryState
from tracker.views.facts import LEFT_OUT, field_words, judged_facts
from tracker.views.marks import Transition

COI: Final = "CD2345678CC"
EVERYTHING: Final = Disclosure(identifiers=True, free_text=True, names=True)
AT: Final = datetime(2026, 3, 1, 4, 30, tzinfo=UTC)
OFFSET: Final = "+05:30"
UNITS: Final = {"ml": "mL", "celsius": "°C", "hours": "h", "grams": "g"}
CARRIERS: Final = ("wristband", "tie_tag", "cassette", "slip", "screen", "badge")

KINDS: Final = sorted(kind for kind, _ in kinds())
OF_A_THERAPY: Final = [kind for kind in KINDS if kind not in registry_kinds()]


@dataclass(frozen=True)
class Sample:
    """One event of each kind, and each form of them."""

    dossier: Dossier
    entries: Mapping[str, Entry]
    openings: Mapping[str, str]


@cache
def sample() -> Sample:
    """One event of each kind, every field filled and a code read in each way, from no store."""
    filler = Filler()
    entries = tuple(_entry(number, kind, filler) for number, (kind, _) in enumerate(sorted(kinds())))
    registry = RegistryState()
    teller = teller_of(entries, registry, EVERYTHING, filler.openings, None)
    writer = RowWriter(registry, None, teller, disclosure=EVERYTHING)
    events = tuple(
        DossierEvent(one, writer.row(Transition(one, None, None)), writer.said(one), writer.read(one))
        for one in entries
    )
    dossier = Dossier(COI, registry, None, entries, events, None, (), filler.openings, EVERYTHING)
    opened = {commitment: str(one.value) for commitment, one in filler.openings.items()}
    return Sample(dossier, {one.statement.kind: one for one in entries}, opened)


def _entry(number: int, kind: str, filler: Filler) -> Entry:
    payload = filler.payload(kinds()[kind, 1])
    codes: list[str | Commitment] = [f"CODE-{number}-{place}" for place in range(len(ReadMode))]
    codes.append(filler.commitment(f"foreign code {number}"))
    modes = [*ReadMode, ReadMode.SCANNED]
    reads = tuple(
        Read("unit", code, mode, carrier) for code, mode, carrier in zip(codes, modes, CARRIERS, strict=True)
    )
    event_id = f"01a07cec-0000-7ea1-b2c3-{number:012}"
    chain = REGISTRY if kind in registry_kinds() else COI
    statement = Statement(
        event_id, event_id, chain, AT + timedelta(minutes=number), OFFSET, "NURSE-1", "STATION-1", "SITE-1",
        EntryMode.LATE, "CLERK-7", payload, reads,
    )  # fmt: skip
    return Entry(number, None, None, AT + timedelta(hours=9), statement)


def of_a_therapy() -> Dossier:
    """Those of the sample that are no events of the registry."""
    found = sample().dossier
    chosen = tuple(one for one in found.events if one.row.chain == COI)
    return replace(found, entries=tuple(one.entry for one in chosen), events=chosen)


HEADING: Final = Heading("cartrail/demo/0123456789abcdef", Purpose.DEMO, (COI,), "all", EVERYTHING, AT, None)


@cache
def in_csv() -> dict[str, str]:
    """What the file says of each event, but for the facts as JSON."""
    out = io.StringIO(newline="")
    write_csv((one.row for one in sample().dossier.events), out)
    lines = csv.DictReader(io.StringIO(out.getvalue().removeprefix(BYTE_ORDER_MARK), newline=""))
    return {
        line["kind"]: compact(" ".join(cell for name, cell in line.items() if name != "payload"))
        for line in lines
    }


@cache
def in_xlsx() -> dict[str, str]:
    """The same of the sheet of events, as another program reads it."""
    out = io.BytesIO()
    write_workbook([sample().dossier], HEADING, out)
    head, *rows = openpyxl.load_workbook(out)["events"].iter_rows(values_only=True)
    found: dict[str, list[str]] = {}
    kind = ""
    for row in rows:
        line = dict(zip(map(str, head), row, strict=True))
        told = [str(cell) for name, cell in line.items() if cell is not None and "JSON" not in name]
        # A row that goes on from the one above has no kind of its own.
        kind = str(line["kind"] or kind)
        found.setdefault(kind, []).extend(one.removeprefix(CONTINUED) for one in told)
    return {kind: compact(" ".join(told)) for kind, told in found.items()}


@cache
def in_epcis() -> dict[str, str]:
    """What each EPCIS event says, but for facts and reads as JSON."""
    out = io.BytesIO()
    write_epcis([of_a_therapy()], HEADING, out)
    events: list[dict[str, Any]] = orjson.loads(out.getvalue())["epcisBody"]["eventList"]
    return {
        event["cartrail:kind"].rpartition("/")[2]: compact(
            orjson.dumps(
                {
                    name: said
                    for name, said in event.items()
                    if name not in ("cartrail:facts", "cartrail:reads")
                }
            ).decode()
        )
        for event in events
    }


WHO: Final = "NURSE-1SITE-1,STATION-1enteredbyCLERK-7"
"""The column beside what an event says; where a row breaks over pages, it stands between the halves."""


@cache
def timeline() -> str:
    """The words of the timeline, compact."""
    document = pypdfium2.PdfDocument(set_report(HEADING, [of_a_therapy()]))
    text = "".join(_without_frame(page.get_textpage().get_text_range()) for page in document)
    document.close()
    return text[text.index("Timeline,") :]


@cache
def in_pdf() -> dict[str, str]:
    """What the timeline says of each event: all between the id of the event before it and its own."""
    text = timeline().replace(WHO, "")
    found: dict[str, str] = {}
    for event in of_a_therapy().events:
        said, _, text = text.partition(event.row.event_id)
        assert text, f"{event.row.kind} is not in the timeline"
        found[event.row.kind] = said
    return found


def _without_frame(page: str) -> str:
    """A page without its head and foot, which stand between the two halves of what is broken over pages."""
    title = re.escape(compact(HEADING.title))
    frame = (
        rf"^{title}DEMO|No\.Happened(\(local\))?WhatWhoandwhere(\(local\))?|noheadofthelogyet|Page\d+of\d+$"
    )
    return re.sub(frame, "", compact(page))


def compact(text: str) -> str:
    """A text without blanks and without where lines were broken."""
    return re.sub(r"[\s\u200b\ufffe\u00ad]", "", text)


def wanted(leaf: Leaf) -> str:
    """What has to stand there: the name of the field and its value, or of several the value alone."""
    value = said(leaf)
    if leaf.listed or leaf.name in ("unit", "units") or leaf.owner == "Party":
        return compact(value)
    return compact(f"{field_words(leaf.name)} {value}")


def said(leaf: Leaf) -> str:
    """The value as people read it."""
    value = leaf.value
    if isinstance(value, Commitment):
        return sample().openings[value.commitment]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, StrEnum):
        return value.value.replace("_", " ")
    if isinstance(value, datetime):
        local = value.astimezone(timezone(timedelta(hours=5, minutes=30)))
        return f"{local:%Y-%m-%d %H:%M:%S} +05:30"
    unit = next((f" {sign}" for part, sign in UNITS.items() if part in leaf.name.split("_")), "")
    return f"{value}{unit}"


def _plain(text: str) -> str:
    return text.replace(":", "").replace("-", "")


def missing(kind: str, text: str) -> Iterator[str]:
    """The leaves of an event that a text does not say."""
    # In a list of facts a colon stands behind the name of each, inside one a blank; a hyphen at which a line
    # ends is not in the text of a PDF.
    plain = _plain(text)
    entry = sample().entries[kind]
    for leaf in leaves(entry.statement.payload):
        if f"{leaf.owner}.{leaf.name}" not in LEFT_OUT and _plain(wanted(leaf)) not in plain:
            yield f"{leaf.owner}.{leaf.name}: {wanted(leaf)}"
    for read, carrier in zip(entry.statement.reads, CARRIERS, strict=True):
        code = read.code if isinstance(read.code, str) else sample().openings[read.code.commitment]
        told = compact(f"unit {code}, {read.mode.value} off {carrier.replace('_', ' ')}")
        if _plain(told) not in plain:
            yield f"read {told}"


@pytest.mark.parametrize("kind", OF_A_THERAPY)
def test_findings_d2_the_timeline_says_each_leaf(kind: str) -> None:
    """On paper: temperature, seal, result, reason, volume, shipment, and which code was read off what."""
    assert not list(missing(kind, in_pdf()[kind]))


@pytest.mark.parametrize("kind", KINDS)
def test_findings_d2_the_csv_file_says_each_leaf(kind: str) -> None:
    """In words, not only in the column with the facts as JSON."""
    assert not list(missing(kind, in_csv()[kind]))


@pytest.mark.parametrize("kind", KINDS)
def test_findings_d2_the_workbook_says_each_leaf(kind: str) -> None:
    """The same in the sheet of events."""
    assert not list(missing(kind, in_xlsx()[kind]))


@pytest.mark.parametrize("kind", OF_A_THERAPY)
def test_findings_d2_epcis_says_each_leaf(kind: str) -> None:
    """In a comment, which other systems show and no event id depends on."""
    assert not list(missing(kind, in_epcis()[kind]))


def test_what_is_left_out_has_a_reason() -> None:
    """Each is a field that there is, and the list says why no view has it in words."""
    classes: tuple[type[BaseModel], ...] = (*models(), Commitment)
    known = {f"{one.__name__}.{name}" for one in classes for name in one.model_fields}
    assert set(LEFT_OUT) <= known and all(len(why.split()) > 5 for why in LEFT_OUT.values())


def test_who_entered_it() -> None:
    """Somebody else than who did it stands beside the doer."""
    assert timeline().count(WHO) == len(OF_A_THERAPY)


def test_what_values_mean() -> None:
    """A measure has its unit, an event of the same chain its number; what was not chosen is not shown."""
    found = sample().dossier
    given = next(one for one in found.entries if one.statement.kind == "relinquished")
    taken = next(one for one in found.entries if one.statement.kind == "accepted")
    payload = taken.statement.payload.model_copy(
        update={"handoff": given.statement.event_id, "relinquished": given.statement.digest}
    )
    entry = replace(taken, statement=replace(taken.statement, payload=payload))
    told = teller_of(found.entries, RegistryState(), NOTHING_MORE, found.openings, None).facts(entry)
    facts = {one.name: one.value for one in told}
    assert facts["handoff"] == facts["what the giver said"] == f"entry {given.sequence}"
    assert re.fullmatch(r"-?\d+\.5 °C", facts["display"])
    assert facts["remark"] == "not shown here"


def test_findings_d2_limits_are_said_as_people_say_them() -> None:
    """Title, until when by the clocks there and whether kept; the reading and what is allowed."""
    start = "01a22b6d-0000-7000-8000-000000000001"
    clock = JudgedClock(rule="limit.product_out_of_storage", start=start, due=AT + timedelta(minutes=30))
    late = clock.model_copy(update={"rule": "limit.own", "due": AT - timedelta(minutes=30)})
    value = JudgedValue(rule="out_of_band", value="-184.2", maximum="-150")
    payload = Packed.model_construct(limits_judged=(clock, clock, late, value))
    titles = {"product_out_of_storage": "Time out of storage"}
    assert [str(one) for one in judged_facts(payload, AT, lambda _: OFFSET, titles)] == [
        "Time out of storage: until 2026-03-01 10:30 +05:30, kept",
        "Own: until 2026-03-01 09:30 +05:30, passed",
        "Display: -184.2 C, allowed at or below -150 C",
    ]


def test_findings_d21_nothing_runs_over_the_margin() -> None:
    """Words without end go on in the next line: of a person's text, of a place's or custodian's name."""
    found = of_a_therapy()
    long = Holding("UD2345678CC", "product", "W" * 120, "SITE-1", "P" * 120, found.entries[0])
    pdf = set_report(HEADING, [replace(found, holdings=(long,))])
    document = pypdfium2.PdfDocument(pdf)
    right = 0.0
    for number in range(1, len(document)):  # the drawing on the first one clips its names
        text = document[number].get_textpage()
        right = max([right, *(text.get_rect(at)[2] for at in range(text.count_rects()))])
    document.close()
    margin = (210 - 15) / 25.4 * 72
    assert margin - 30 < right <= margin + 1
