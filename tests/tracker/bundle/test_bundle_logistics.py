"""What people said of a journey: verified by outsiders, and gone without a trace once it is erased."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from schema.vocabulary import AlertCause, ErasureGround, Reason
from tests.support.bundles import files_of, judged
from tests.support.journeys import Template, World
from tests.tracker.acts.test_plan_races import COORDINATOR, with_one_bed
from tests.tracker.therapy.conditions.test_files_of_shipments import recorded, sent, serial_of
from tracker.bundle.export import BundleWish, export_bundle
from tracker.demo.cast import HUB_STATION
from tracker.demo.journey import scan
from tracker.people.passwords import WEAK
from tracker.therapy.alerts import AcknowledgeAlert
from tracker.therapy.erasure import Erase
from tracker.therapy.notes import Note
from tracker.therapy.shipments.requests import BookShipment, ReportShipment
from tracker.tracker import Environment, Tracker

Worlds = Callable[[str], World]

NAME = "Jane Quillfeather"
KINDS = {
    *("noted", "alert_acknowledged", "conditions_recorded", "excursion_found"),
    *("shipment_booked", "shipment_progress"),
}


def window(given: World, first: timedelta, last: timedelta) -> dict[str, str]:
    """From so long after now until so long after."""
    now = given.clock.now()
    return {"earliest": (now + first).isoformat(), "latest": (now + last).isoformat()}


def told(given: World) -> None:
    """A note, a file with a name in it, an alert seen, and another shipment that is booked and late."""
    one = given.one
    given.do(Note, "NURSE-A1", coi=scan(one.coi), text=f"{NAME} has a fever")
    hobo = f'"Plot Title: {NAME}"\n"Date Time, GMT+00:00","Temp, °C (LGR S/N: {serial_of(given, one)})"\n'
    lines = recorded(given, one, {20: "-149.9", 21: "-128"}).splitlines()[3:]
    rows = [line.replace("T", " ").replace("Z,", ",") for line in lines]
    assert sent(given, one, hobo + "\n".join([*rows, ""])).ok
    alert = next(
        line
        for line in given.tracker.read.therapy_alerts(coi=one.coi)
        if line.cause is AlertCause.QUARANTINED and line.subject in one.products
    )
    asked = {**alert.request, "coi": scan(one.coi), "limit": None}
    given.do(AcknowledgeAlert, "QA-2", **asked, plan=f"Call {NAME}")
    booked = given.do(
        BookShipment, COORDINATOR, therapies=(scan(one.coi),), lane="COLL-A-MFG-1",
        pick_up=window(given, timedelta(hours=20), timedelta(hours=50)),
        delivery=window(given, timedelta(hours=60), timedelta(hours=100)),
    )  # fmt: skip
    assert booked.event_id is not None
    (shipment,) = [each for each in given.tracker.read.booked_shipments() if one.coi in each.therapies]
    given.do(
        ReportShipment, COORDINATOR, at="TREAT-A", shipment=scan(shipment.shipment), milestone="delayed",
        place="jfk", source="phone", remark=f"{NAME} was told",
    )  # fmt: skip


def bundle_of(given: World, config: Path, out: Path) -> bytes:
    """The therapy as it is handed to somebody outside."""
    auditor = given.network.signers["AUDIT-1"]
    environment = Environment(given.clock, cost=WEAK, config=config)
    tracker = Tracker.open(url=given.url, environment=environment)
    tracker.log.integrate_and_sign()
    given.clock.advance(timedelta(minutes=3))
    wish = BundleWish("AUDIT-1", HUB_STATION, (given.one.coi,))
    export_bundle(tracker, wish, config=config, out=out, signers=[auditor])
    tracker.close()
    return out.read_bytes()


def test_logistics_what_was_said_of_a_journey_verifies_outside_and_can_be_erased(
    world: Worlds, template: Template, tmp_path: Path
) -> None:
    """Every kind of it is in the bundle; after the erasure no file, bundle or free page has the name."""
    given, config = world("delivered"), template.keys(tmp_path / "keys")
    with_one_bed(given)
    told(given)
    before = bundle_of(given, config, tmp_path / "before.zip")
    assert judged(before).exit_code == 0
    files = files_of(before)
    chain = b"".join(content for name, content in files.items() if name.endswith("ndjson"))
    kinds = {json.loads(line).get("statement", {}).get("kind") for line in chain.splitlines()}
    assert kinds >= KINDS
    assert NAME.encode() in files["openings.json"] and NAME.encode() not in chain

    erasing = given.request(
        Erase, "QA-2", coi=scan(given.one.coi), reason=Reason.DATA_SUBJECT_REQUEST,
        ground=ErasureGround.CONSENT_WITHDRAWN, others="QP-1 approved",
    )  # fmt: skip
    assert given.send(erasing).ok
    after = bundle_of(given, config, tmp_path / "after.zip")
    assert judged(after).exit_code == 0
    word = NAME.split()[1].encode()
    assert word not in after
    store = Path(given.url.removeprefix("sqlite:///"))
    beside = [*store.parent.glob(f"{store.name}*"), *(one for one in config.rglob("*") if one.is_file())]
    assert [one.name for one in beside if word in one.read_bytes()] == []
