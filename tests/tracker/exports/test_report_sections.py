"""The parts of the report about one therapy: outcome, form, limits, identity checks, legs, drawing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from schema.events.processing import Collected
from schema.vocabulary import Disposition, FinalDisposition
from tests.support.demos import DemoSite
from tests.support.journeys import World, scans
from tests.support.rule_cases import Case
from tests.tracker.exports.test_report import pages_of, report_of
from tracker.exports.disclosure import NAMES_ONLY, NOTHING_MORE
from tracker.exports.dossiers import Dossier, dossiers
from tracker.exports.report.document import set_report
from tracker.exports.report.outcome import outcome_of
from tracker.exports.report.sections import section_of
from tracker.exports.report.shipments import shipments_of
from tracker.exports.selection import EventSelection
from tracker.exports.trails import Trails
from tracker.exports.wording import heading_of
from tracker.kinds import is_on_page_one
from tracker.rules.therapy_state import Occurrence, TherapyStatus
from tracker.therapy.custody import requests as custody
from tracker.therapy.making import requests as processing
from tracker.tracker import Tracker

Worlds = Callable[[str], World]
Cases = Callable[[str], Case]


@pytest.fixture
def tracker(demo_site: DemoSite) -> Iterator[Tracker]:
    """The demo, opened for reading."""
    opened = Tracker.open(url=demo_site.url, read_only=True)
    yield opened
    opened.close()


def dossier_of(tracker: Tracker, coi: str) -> Dossier:
    """One therapy, with the names of staff."""
    (found,) = dossiers(Trails(tracker, [coi], EventSelection()), NAMES_ONLY)
    return found


def section(tracker: Tracker, coi: str) -> dict[str, Any]:
    """What the report says of one therapy."""
    return section_of(dossier_of(tracker, coi), tracker.clock.now())


def limit(found: dict[str, Any], title: str) -> dict[str, Any]:
    """The only run of a limit."""
    (line,) = (one for one in found["limits"] if one["what"] == title)
    return dict(line)


@pytest.mark.parametrize(
    ("outcome", "word", "sentence"),
    [
        ("closed", "INFUSED, CLOSED", "2 of 2 containers of product given, 133.0 mL"),
        ("infused after", "INFUSED", "1 of 1 container of product given, 66.5 mL"),
        ("at the bedside", "INFUSED IN PART", "1 of 3 containers of product given, 66.5 mL"),
        ("canceled", "CANCELED", "No product was made. 1 of 1 container of any kind ended."),
        ("released out", "RUNNING: CELL LAB, TREATMENT", "Released OUT OF SPECIFICATION."),
        ("in quarantine", "RUNNING: MANUFACTURING", "Cells are in QUARANTINE."),
        ("just enrolled", "RUNNING: ENROLLED", "No product was made."),
    ],
)
def test_findings_d14_an_overall_outcome(
    outcome: str, word: str, sentence: str, tracker: Tracker, demo_site: DemoSite
) -> None:
    """The first thing a reader asks is answered in a word, and what it rests on in a sentence."""
    found = section(tracker, demo_site.coi(outcome))["outcome"]
    assert found["word"] == word and sentence in found["sentence"]


INFUSED = {"final": FinalDisposition.INFUSED}
STOPPED = {"infusion_stopped": Occurrence(datetime(2026, 12, 1, tzinfo=UTC), "event-1", 99, "DOC-A1")}
REJECTED = {"disposition": Disposition.REJECTED}


@pytest.mark.parametrize(
    ("first", "second", "status", "word"),
    [
        (INFUSED, INFUSED, TherapyStatus.ACTIVE, "INFUSED"),
        (INFUSED, INFUSED, TherapyStatus.CLOSED, "INFUSED, CLOSED"),
        (INFUSED, {"final": FinalDisposition.DESTROYED}, TherapyStatus.CLOSED, "INFUSED IN PART, CLOSED"),
        (INFUSED, {}, TherapyStatus.ACTIVE, "INFUSED IN PART"),
        ({**INFUSED, "facts": STOPPED}, INFUSED, TherapyStatus.ACTIVE, "INFUSED IN PART"),
        (INFUSED, INFUSED, TherapyStatus.CANCELED, "INFUSED"),
        (REJECTED, REJECTED, TherapyStatus.ACTIVE, "REJECTED"),
        (REJECTED, {}, TherapyStatus.ACTIVE, "RUNNING: QUALITY"),
        ({}, {}, TherapyStatus.CANCELED, "CANCELED"),
        (REJECTED, REJECTED, TherapyStatus.CLOSED, "CLOSED, NOT INFUSED"),
    ],
)
def test_findings_d14_the_word_above_everything(
    first: dict[str, Any], second: dict[str, Any], status: TherapyStatus, word: str, case: Cases
) -> None:
    """What became of both products says it, whatever else was recorded."""
    given = case("released")
    for product, changes in zip(given.one.products, (first, second), strict=True):
        given.change(product, **changes)
    found = outcome(given, status)
    assert found["word"] == word, found
    assert "QUARANTINE" not in found["sentence"] and "SPECIFICATION" not in found["sentence"]


def test_findings_d14_what_the_sentence_warns_of(case: Cases) -> None:
    """Cells that can still be given and are in quarantine, and a release out of specification."""
    given = case("released")
    one, other = given.one.products
    given.change(one, quarantined=True, final=FinalDisposition.DESTROYED)
    assert "QUARANTINE" not in outcome(given)["sentence"]
    given.change(other, quarantined=True)
    assert outcome(given)["sentence"].endswith("Cells are in QUARANTINE.")
    given.change(other, disposition=Disposition.RELEASED_OUT_OF_SPECIFICATION)
    assert "Released OUT OF SPECIFICATION." in outcome(given)["sentence"]


def outcome(given: Case, status: TherapyStatus = TherapyStatus.ACTIVE) -> dict[str, str]:
    """The outcome of the first therapy as it stands, without any event."""
    state = structs.replace(given.state, status=status)
    return outcome_of(
        Dossier(given.one.coi, given.registry, given.protocol, (), (), state, (), {}, NOTHING_MORE)
    )


def test_findings_d14_nobody_holds_what_was_infused(tracker: Tracker, demo_site: DemoSite) -> None:
    """Each line of the form says who has the cells from there on, or how they ended."""
    dossier = dossier_of(tracker, demo_site.coi("closed"))
    form = section_of(dossier, tracker.clock.now())["form"]
    assert all(line["holder"] for line in form)
    kinds = {event.row.sequence: event.row.kind for event in dossier.events}
    held = {(kinds[int(line["numbers"].split()[-1])], line["holder"]) for line in form}
    assert ("infusion_completed", "nobody: infused") in held
    assert ("destroyed", "nobody: infused before, its remainder destroyed") in held
    assert ("consumed", "nobody: consumed") in held
    (made,) = (holder for kind, holder in held if kind == "manufactured")
    assert "(OPER-1)" in made and "nobody: consumed" in made
    assert {kind for kind in kinds.values() if is_on_page_one(kind)} >= {kind for kind, _ in held}


def test_findings_d14_a_refused_box_stays_with_its_giver(tracker: Tracker, demo_site: DemoSite) -> None:
    """A refusal moves nothing, and the form says with whom it stays."""
    form = section(tracker, demo_site.coi("refused at pick-up"))["form"]
    assert form[-1]["what"] == "Refuse" and form[-1]["holder"].endswith("(TECH-B1)")
    assert "reason temperature excursion" in form[-1]["details"] and "-118.0 °C" in form[-1]["details"]


def test_findings_d14_limits_in_time_and_exceeded(world: Worlds) -> None:
    """Start, end, allowed and used of each limit with the events that began and ended it."""
    given = world("collected")
    given.clock.advance(timedelta(hours=53))
    units = scans(given.one.bag)
    given.do(custody.Relinquish, "NURSE-A1", units=units, to={"type": "department", "id": "COLL-A/CELL-LAB"})
    given.do(custody.Accept, "TECH-A1", units=units)
    running = limit(section(given.tracker, given.one.coi), "Collection to freezing")
    assert (running["state"], running["allowed"], running["ended"]) == ("RUNS, OVER", "2 d", "")
    assert running["started"].split(",")[0] == "6 collected"
    ended = next(
        one.statement.payload.ended_at
        for one in given.entries(given.one.coi)
        if isinstance(one.statement.payload, Collected)
    )
    over = given.clock.now() - ended - timedelta(hours=48)
    assert running["over"] == f"{over // timedelta(hours=1)} h {over.seconds // 60 % 60:02} min"


def test_findings_d14_limits_of_a_whole_therapy(tracker: Tracker, demo_site: DemoSite) -> None:
    """Each run of each limit stands there once, in the order in which they began."""
    found = section(tracker, demo_site.coi("infused after"))
    told = [(one["what"], one["started"].split(",")[0], one["ended"].split(",")[0], one["state"])
            for one in found["limits"]]  # fmt: skip
    assert told == [
        ("Collection to freezing", "5 collected", "9 cryopreserved", "in time"),
        ("Shelf life", "9 cryopreserved", "30 manufactured", "the unit ended"),
        ("Time out of storage", "13 retrieved", "14 packed", "in time"),
        ("Time out of storage", "21 inspected", "22 stored", "in time"),
        ("Time out of storage", "23 retrieved", "24 manufacturing started", "in time"),
        ("Shelf life", "32 cryopreserved", "71 infusion completed", "the unit ended"),
        ("Time out of storage", "44 retrieved", "45 packed", "in time"),
        ("Time out of storage", "53 inspected", "54 stored", "in time"),
        ("Lymphodepletion to infusion", "55 lymphodepletion started", "70 infusion started", "in time"),
        ("Time out of storage", "56 retrieved", "59 stored", "in time"),
        ("Time out of storage", "62 retrieved", "64 thaw started", "in time"),
        ("Pre-thaw match to thaw", "63 pre thaw matched", "64 thaw started", "in time"),
        ("End of thaw to start of infusion", "65 thaw ended", "70 infusion started", "in time"),
        ("Bedside match to infusion", "69 bedside matched", "70 infusion started", "in time"),
        ("Infusion", "70 infusion started", "71 infusion completed", "in time"),
    ]


def test_a_limit_that_ended_late_is_marked_and_listed(world: Worlds) -> None:
    """What the section calls exceeded, the event that ended it is marked with."""
    given = world("at_hand")
    unit = given.one.products[0]
    given.clock.advance(timedelta(minutes=45))
    thaw = {"units": given.one.frozen_scans((unit,)), "outside_rules": {"reason": "clinical_need"}}
    given.do(processing.StartThaw, "LAB-A1", others="DOC-A1 witnessed", **thaw)
    found = section(given.tracker, given.one.coi)
    (over,) = (one for one in found["limits"] if one["state"] == "EXCEEDED")
    assert over["what"] == "Time out of storage" and over["ended"].split()[1:3] == ["thaw", "started,"]
    (ended,) = (one for one in found["timeline"] if one["kind"] == "thaw_started")
    assert "over limit: Time out of storage, " in ended["marks"] and ended["grave"]


def test_findings_d14_identity_checks(tracker: Tracker, demo_site: DemoSite) -> None:
    """Who compared which identifiers off which carriers, how read, when; a stopped mix-up among them."""
    found = {one["number"]: one for one in section(tracker, demo_site.coi("infused after"))["checks"]}
    bedside, stopped = found["69"], found["57"]
    fields = [words.split(" off ")[0].rsplit(" ", 1)[0].split(" (")[0] for words in bedside["compared"]]
    assert fields == ["unit", "COI", "certificate", "patient identifier", "patient identifier"]
    assert [words.split(" off ")[1] for words in bedside["compared"]] == [
        "label, scanned", "coi card, scanned", "certificate, scanned", "wristband, scanned",
        "wristband, scanned",
    ]  # fmt: skip
    assert len(bedside["signed"]) == 2 and "witnessed" in bedside["signed"][1]
    assert bedside["outcome"] == "agree" and bedside["when"].endswith("+00:00")
    assert stopped["outcome"] == "STOPPED: another patient's code as patient"
    assert stopped["compared"] == [
        "at the step pre thaw matched: expected the patient identifier of this therapy",
        "read another's (committed, not in clear)",
    ]


def test_findings_d14_temperatures_by_leg(tracker: Tracker, demo_site: DemoSite) -> None:
    """Each display against its band, and how much of the hold time was used."""
    (leg,) = section(tracker, demo_site.coi("refused at pick-up"))["legs"]
    told = [(one["what"], one["celsius"], one["verdict"]) for one in leg["readings"]]
    assert told[-1] == ("refused", "-118.0 °C", "OUTSIDE")
    assert told[0][0] == "packed" and told[0][2] == "inside"
    assert "not opened yet" in dict(leg["facts"])["Packed to opened"]
    first, second = section(tracker, demo_site.coi("infused after"))["legs"]
    assert (first["title"].split(",")[0], second["title"].split(",")[0]) == (
        "COLL-B to MFG-1", "MFG-1 to TREAT-B",
    )  # fmt: skip
    assert dict(first["facts"])["Hold time"].startswith("26 h")
    assert {one["verdict"] for one in section(tracker, demo_site.coi("closed"))["storage"]} == {"fits"}


def test_the_drawing_is_in_order(tracker: Tracker, demo_site: DemoSite) -> None:
    """Lanes in the order of custody, bars and marks within the width, and every marked event among them."""
    dossier = dossier_of(tracker, demo_site.coi("infused after"))
    drawn = section_of(dossier, tracker.clock.now())["drawing"]
    assert [lane["name"] for lane in drawn["lanes"]] == list(
        dict.fromkeys(
            one.custodian for one in sorted(dossier.holdings, key=lambda one: one.since.statement.occurred_at)
        )
    )
    bars = [bar for lane in drawn["lanes"] for bar in lane["bars"]]
    assert all(0 <= bar["from"] < bar["to"] <= 1 for bar in bars)
    assert not any(bar["open"] for bar in bars)
    assert [mark["number"] for mark in drawn["marks"]] == [
        str(event.row.sequence) for event in dossier.events if event.marks
    ]
    assert [mark["number"] for mark in drawn["marks"] if mark["grave"]] == ["57"]
    stages = drawn["stages"]
    assert stages[0]["title"] == "Enrolled" and stages[-1]["title"] == "Infused"
    assert [one["to"] for one in stages[:-1]] == [one["from"] for one in stages[1:]]
    assert drawn["vein"] == "27 d"


def test_nothing_is_drawn_of_what_nobody_has_had(tracker: Tracker, demo_site: DemoSite) -> None:
    """A therapy that was only enrolled has no custodian and no drawing."""
    assert section(tracker, demo_site.coi("just enrolled"))["drawing"] is None


def test_a_shipment_says_who_holds_it_at_each_act(tracker: Tracker, demo_site: DemoSite) -> None:
    """Nobody is left to be looked up above, and times are those of the place, with their offset."""
    dossier = dossier_of(tracker, demo_site.coi("refused at pick-up"))
    (shipment,) = shipments_of([dossier])
    facts = dict(shipment["facts"])
    assert facts["Holds its temperature until"].endswith("+00:00") and facts["Data logger"].startswith(
        "Logger "
    )
    held = {act["what"]: act["holder"] for act in shipment["acts"]}
    assert held["Hand over"].endswith("(TECH-B1), until it is taken")
    assert held["Refuse"].endswith("(TECH-B1)") and all(held.values())


LONG = "Controlled-rate freezing and storage between two couriers, no"
"""A title of 61 characters."""


def test_no_word_of_the_drawing_is_cut(tracker: Tracker, demo_site: DemoSite) -> None:
    """Given names of 60 characters, then each stands there whole: on as many lines as a custodian needs, a
    stage as a number with a legend.
    """
    dossier = dossier_of(tracker, demo_site.coi("closed"))
    protocol = dossier.protocol
    assert protocol is not None
    stages = tuple(
        one.model_copy(update={"title": f"{LONG} {number:02}"}) for number, one in enumerate(protocol.stages)
    )
    names = {one.custodian: f"{LONG} {number:02}" for number, one in enumerate(dossier.holdings, 40)}
    changed = replace(
        dossier,
        protocol=protocol.model_copy(update={"stages": stages}),
        holdings=tuple(replace(one, custodian=names[one.custodian]) for one in dossier.holdings),
    )
    drawn = section_of(changed, tracker.clock.now())["drawing"]
    heading = heading_of(Trails(tracker, (dossier.chain,), EventSelection()), NOTHING_MORE)
    (first, *_) = pages_of(set_report(heading, [changed]))
    told = " ".join(first.split())
    legend = told[told.index("Stages: ") : told.index("The whole therapy")]
    for stage in drawn["stages"]:
        assert stage["title"] in legend
    for lane in drawn["lanes"]:
        assert lane["name"] in told


@pytest.mark.parametrize("outcome", ["infused after", "refused at pick-up", "closed, one handoff"])
def test_what_was_found_fits_on_page_one(outcome: str, tracker: Tracker, demo_site: DemoSite) -> None:
    """The drawing leaves room for it: the second page is the form of custody."""
    first, second, *_ = pages_of(report_of(tracker, demo_site.url, demo_site.coi(outcome)))
    assert "What could not be checked" in first and "CHAIN OF CUSTODY FORM" in second
