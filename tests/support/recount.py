"""What page one of a report says of a therapy, counted again from the stored bytes, as an inspector would.

Nothing of cartrail is imported: the entries are read from the file as JSON, and every number is counted by
what the documents say (docs/auditor.md, docs/evidence.md), not by the program.
"""

import json
import sqlite3
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

FAULTS = {
    "adverse_reaction", "container_damaged", "contents_differ", "expired", "identity_in_doubt",
    "instrument_error", "label_damaged", "label_lost", "label_unreadable", "lost_or_stolen",
    "manufacturing_failed", "seal_broken", "seal_mismatch", "temperature_excursion", "test_failed",
    "time_limit_exceeded",
}  # fmt: skip
LATE = timedelta(minutes=15)
SLOW = timedelta(minutes=30)

Entry = dict[str, Any]


def chain_of(database: Path, coi: str) -> list[Entry]:
    """The entries of a chain as they are stored."""
    with sqlite3.connect(database) as connection:
        rows = connection.execute(
            "SELECT body FROM custody_event WHERE chain = ? ORDER BY sequence", (coi,)
        ).fetchall()
    connection.close()
    return [json.loads(body) for (body,) in rows]


def when(text: str) -> datetime:
    """A time of the ledger."""
    return datetime.fromisoformat(text)


def findings(chain: list[Entry]) -> dict[str, int]:
    """How many entries each check of the events would list, without those that find nothing."""
    count: Counter[str] = Counter()
    frozen: set[str] = set()
    inside: dict[str, list[str]] = {}
    for entry in chain:
        for title in {*_of_kind(entry), *_of_entry(entry), *_of_display(entry, frozen, inside)}:
            count[title] += 1
        _remember(entry, frozen, inside)
    slow = sum(span > SLOW for span in handoffs(chain))
    if slow:
        count["Handoffs slower than the protocol expects"] = slow
    return dict(count)


def _of_kind(entry: Entry) -> list[str]:
    """By the kind of the event and what its payload says."""
    statement = entry["statement"]
    kind, payload = statement["kind"], statement["payload"]
    titles = {
        "mixup_prevented": "Mix-ups, prevented or not",
        "mixup_occurred": "Mix-ups, prevented or not",
        "rejected": "Released out of specification or rejected",
        "released_out_of_specification": "Released out of specification or rejected",
        "quarantined": "Put into quarantine, or out of it",
        "quarantine_lifted": "Put into quarantine, or out of it",
        **dict.fromkeys(
            ("refused", "lapsed", "partly_accepted", "delivery_attempted", "diverted"),
            "Refused, not delivered, ended, taken in part, or sent elsewhere",
        ),
        **dict.fromkeys(
            ("canceled", "infusion_stopped", "destroyed"), "Canceled, stopped early or destroyed"
        ),
        **dict.fromkeys(
            ("deviation_drafted", "deviation_opened", "deviation_assessed", "deviation_closed"),
            "Deviations drafted, opened, assessed or closed",
        ),
        "corrected": "Corrections",
    }
    found = [titles[kind]] if kind in titles else []
    if kind == "tested" and not payload["meets_limit"]:
        found.append("Results that do not meet their limit")
    if payload.get("reason") in FAULTS:
        found.append("Reasons that tell of a fault")
    results = [one["result"] for one in payload.get("results", ())]
    not_in_order = payload.get("condition") == "not_in_order" or payload.get("seal_intact") is False
    if not_in_order or any(one != "accept" for one in results):
        found.append("Not in order: seal, display, hold time, damage, label, bench")
    if payload.get("evidence") == "ink":
        found.append("Receivers who signed in ink")
    return found


def _of_entry(entry: Entry) -> list[str]:
    """By how, when and by whom it came into the record."""
    statement = entry["statement"]
    modes = {read["mode"] for read in statement["reads"]}
    by_mode = statement["entry"]["mode"]
    late = when(entry["recorded_at"]) - when(statement["occurred_at"]) > LATE
    asked = {
        "Outside the rules": bool(statement["outside_rules"]),
        "Recorded late": late or by_mode == "late",
        "Entered from paper or imported": by_mode in ("paper", "imported"),
        "Entered unattended": by_mode == "unattended",
        "Codes typed by hand, or read off paper outside paper entries": "manual" in modes
        or ("paper" in modes and by_mode != "paper"),
        "Codes pasted, or chosen from the training tray": bool({"pasted", "simulated"} & modes),
        "Entries without a signature": not entry["signatures"],
    }
    return [title for title, found in asked.items() if found]


def _of_display(entry: Entry, frozen: set[str], inside: dict[str, list[str]]) -> list[str]:
    """A display against what is in the box: frozen cells at or below -150 C, fresh ones at 2 to 8 C."""
    payload = entry["statement"]["payload"]
    if "display_celsius" not in payload:
        return []
    celsius = Decimal(payload["display_celsius"])
    named = payload.get("units") or [one["unit"] for one in payload.get("results", ())]
    for unit in named or inside.get(payload.get("box", ""), []):
        fits = celsius <= -150 if unit in frozen else 2 <= celsius <= 8
        if not fits:
            return ["Temperatures outside the band"]
    return []


def _remember(entry: Entry, frozen: set[str], inside: dict[str, list[str]]) -> None:
    kind, payload = entry["statement"]["kind"], entry["statement"]["payload"]
    if kind == "cryopreserved":
        frozen.update(payload["units"])
    if kind == "packed":
        inside[payload["box"]] = payload["units"]


def handoffs(chain: list[Entry]) -> list[timedelta]:
    """From each giver's statement to its answer."""
    given = {
        one["statement"]["event_id"]: when(one["statement"]["occurred_at"])
        for one in chain
        if one["statement"]["kind"] == "relinquished"
    }
    return [
        when(one["statement"]["occurred_at"]) - given[one["statement"]["payload"]["handoff"]]
        for one in chain
        if one["statement"]["payload"].get("handoff") in given
    ]


def handoff_note(chain: list[Entry]) -> str:
    """How many, the longest and the median, in whole minutes."""
    spans = handoffs(chain)
    longest, middle = (int(span.total_seconds()) // 60 for span in (max(spans), median_of(spans)))
    return f"{len(spans)} handoffs: longest {longest} min, median {middle} min, expected within 30 min"


def median_of(spans: list[timedelta]) -> timedelta:
    """The middle one, or the middle between the two middle ones."""
    return timedelta(seconds=median(span.total_seconds() for span in spans))


def units(chain: list[Entry]) -> tuple[int, int, list[str]]:
    """How many containers there are, how many have ended, and which have not."""
    registered = [
        one["statement"]["payload"]["unit"] for one in chain if one["statement"]["kind"] == "unit_registered"
    ]
    ended: set[str] = set()
    for one in chain:
        kind, payload = one["statement"]["kind"], one["statement"]["payload"]
        if kind in ("destroyed", "consumed", "retained", "infusion_completed", "infusion_stopped"):
            ended.update(payload["units"])
        if kind == "manufactured":
            ended.update(payload["parents"])
    return len(registered), len(ended), [unit for unit in registered if unit not in ended]


def given(chain: list[Entry]) -> tuple[int, Decimal]:
    """How many containers were infused, and how many mL in all."""
    amounts = [
        Decimal(one["statement"]["payload"]["infused_ml"])
        for one in chain
        if one["statement"]["kind"] in ("infusion_completed", "infusion_stopped")
    ]
    return len(amounts), sum(amounts, Decimal(0))


def vein_to_vein(chain: list[Entry]) -> timedelta | None:
    """From the end of the first collection to the end of the last infusion."""
    first = [
        when(one["statement"]["payload"]["ended_at"])
        for one in chain
        if one["statement"]["kind"] == "collected"
    ]
    last = [
        when(one["statement"]["occurred_at"])
        for one in chain
        if one["statement"]["kind"] in ("infusion_completed", "infusion_stopped")
    ]
    return max(last) - min(first) if first and last else None
