"""Benches on the command line: which are taken, clearing one by `record`, and typed codes there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from schema.identifiers import first_copy
from tests.support.commands import Cartrail
from tests.support.demos import DemoSite
from tests.tui.cli.test_record import event_id, write_lines
from tracker.demo import cast


def taken(cartrail: Cartrail, site: DemoSite) -> dict[str, str]:
    """The stations at whose bench something is, with what is there."""
    said = cartrail("station", "list", "--json", "--database", site.path)
    return {one["station"]: one["at_bench"] for one in said.records if one["at_bench"]}


def recorded(cartrail: Cartrail, site: DemoSite, folder: Path, line: dict[str, Any], **more: Any) -> Any:
    """One request by `record`, and its answer."""
    path = write_lines(folder / "lines.jsonl", {"event_id": event_id(), **line})
    said = cartrail("record", path, "--database", site.path, "--credentials", site.credentials, **more)
    (answer,) = said.records
    return answer


def test_a_bench_is_shown_and_cleared(cartrail: Cartrail, demo_site: DemoSite, tmp_path: Path) -> None:
    """Station list and board name the therapy; after `clear_line` they do not."""
    before = taken(cartrail, demo_site)
    station, words = next((one, words) for one, words in before.items() if one.startswith("TREAT"))
    coi = words.split()[0]
    board = cartrail("board", "--database", demo_site.path).out
    assert f"{station} (" in board and coi in board
    line = {
        "request": "clear_line",
        "actor": cast.worker_at(station),
        "station": station,
        "nothing_left": True,
    }
    answer = recorded(cartrail, demo_site, tmp_path, line)
    assert answer["ok"] and answer["entries"][0]["chain"] == coi
    assert taken(cartrail, demo_site) == {one: what for one, what in before.items() if one != station}
    again = recorded(cartrail, demo_site, tmp_path, line, exit_code=3)
    assert again["error"] == "bench_free" and again["entries"] == []
    wrong = recorded(cartrail, demo_site, tmp_path, {**line, "nothing_left": False}, exit_code=2)
    assert wrong["error"] == "bad_request" and "nothing_left" in wrong["message"]


def test_typed_codes(cartrail: Cartrail, demo_site: DemoSite, tmp_path: Path) -> None:
    """The same rules as at a terminal: check characters or a second reading, and a second person."""
    coi = next(iter(taken(cartrail, demo_site).values())).split()[0]
    line = {
        "request": "open_deviation",
        "actor": "QA-2",
        "station": "MFG-1-03",
        "category": "label",
        "description": "A corner of the card is torn.",
    }
    typed = {"code": first_copy(coi).text, "mode": "manual"}
    for code, error in (
        (typed, "signature_missing"),
        ({**typed, "code": coi}, "typed_without_check"),
        ({**typed, "again": first_copy(coi).text[:-1]}, "typed_differently"),
        ({**typed, "code": "ORDER 17"}, "typed_once"),
    ):
        answer = recorded(cartrail, demo_site, tmp_path, {**line, "coi": code}, exit_code=3)
        assert answer["error"] == error and answer["remedy"], json.dumps(answer)
    signers = [{"staff": "QA-2", "meaning": "performed"}, {"staff": "QP-1", "meaning": "verified"}]
    answer = recorded(cartrail, demo_site, tmp_path, {**line, "coi": typed, "signers": signers})
    assert answer["ok"]
