"""Nothing is lost between the forms: the same events, ids and signatures in each of them."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pypdfium2
import pytest

from tests.support.commands import Cartrail
from tests.support.demos import DemoSite

WHO = ("--as", "AUDIT-1", "--station", "MFG-1-01")
OUTCOMES = ("closed", "released out", "in quarantine", "in transit", "just enrolled")


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_form_tells_the_same(
    outcome: str, cartrail: Cartrail, demo_site: DemoSite, tmp_path: Path
) -> None:
    """Event ids in order, and who signed what with which key, by independent readers of each form."""
    coi = demo_site.coi(outcome)

    def written(form: str, *more: object) -> Path:
        out = tmp_path / f"trail.{form}"
        cartrail("trail", coi, "--format", form, "--out", out, "--database", demo_site.path, *WHO, *more)
        return out

    named = ("--with", "names", "--credentials", demo_site.credentials)
    entries: list[Any] = [orjson.loads(line) for line in written("json", *named).read_bytes().splitlines()]
    ids = [one["statement"]["event_id"] for one in entries]
    signed = [
        (number, one["signer"], one["meaning"], one["value"])
        for number, entry in enumerate(entries)
        for one in entry["signatures"]
    ]
    assert ids and signed

    rows = list(csv.DictReader(io.StringIO(written("csv").read_text("utf-8-sig"), newline="")))
    assert [row["event_id"].removeprefix("'") for row in rows] == ids
    assert sum(
        len(row["signatures"].removeprefix("'").split("; ")) for row in rows if row["signatures"]
    ) == len(signed)

    book = openpyxl.load_workbook(written("xlsx", *named))
    assert [line["event id"] for line in _lines(book, "events")] == ids
    assert [
        (line["sequence"], line["staff id"], line["meaning"], line["signature (Ed25519, Base64)"])
        for line in _lines(book, "signatures")
    ] == signed

    events = orjson.loads(written("epcis", *named).read_bytes())["epcisBody"]["eventList"]
    assert [event["cartrail:event"].removeprefix("urn:uuid:") for event in events] == ids
    assert [
        (event["cartrail:sequence"], *_signature(one))
        for event in events
        for one in event.get("cartrail:signatures", ())
    ] == signed

    document = pypdfium2.PdfDocument(written("pdf", *named).read_bytes())
    text = "\n".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    places = [text.index(event_id) for event_id in ids]
    assert places == sorted(places) and f"Timeline, {len(ids)} events" in text
    assert f"Signatures, {len(signed)}" in text
    assert all(one["key"] in text and one["name"] in text for entry in entries for one in entry["signatures"])


def _lines(book: openpyxl.Workbook, sheet: str) -> list[dict[str, Any]]:
    head, *rows = book[sheet].iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


def _signature(one: dict[str, str]) -> tuple[str, str, str]:
    signer, meaning = (one[f"cartrail:{name}"].rpartition("/")[2] for name in ("signer", "meaning"))
    return signer, meaning, one["cartrail:value"]
