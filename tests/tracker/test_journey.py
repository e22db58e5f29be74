"""One therapy from vein to vein through the front door, and the special ways of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from labels.pdf import render_pages
from schema.events.identity import AdoptedCode, LabelSuperseded
from schema.events.processing import Manufactured
from schema.identifiers import possible_copies
from schema.vocabulary import CodeType, Disposition, FinalDisposition, Material, Meaning
from tests.support import journeys
from tests.support.invariants import require_entries, require_projections, require_silence
from tests.support.journeys import World, scans
from tracker.demo import cast, stages
from tracker.demo.journey import GOOD_RESULTS, scan
from tracker.evidence.verification.store import verify_store
from tracker.exports.report.certificate import words_of
from tracker.requests.base import AdoptedCodeGiven, Scan
from tracker.rules.situation import Found
from tracker.therapy.adoption.requests import AdoptCode
from tracker.therapy.course import Close
from tracker.therapy.custody import requests as custody
from tracker.therapy.identity import requests as identity
from tracker.therapy.labels.requests import ApplyLabel, SupersedeLabel
from tracker.therapy.making import requests as processing

Worlds = Callable[[str], World]
MAKER_CODE = "KYM-0042-B1"


def test_vein_to_vein(world: Worlds) -> None:
    """Collected, made, tested, released, delivered, thawed, matched, infused, closed; then it verifies."""
    given = world("delivered")
    for product in given.one.products:
        stages.infuse(given.one, product)
    stages.close(given.one)
    state = given.state()
    assert state.status.value == "closed" and not state.outside
    assert {unit.final for unit in state.units.values()} == {
        FinalDisposition.CONSUMED,
        FinalDisposition.INFUSED,
    }
    journeys = [given.one, given.two]
    require_entries(given, journeys)
    require_projections(given, journeys)
    require_silence(given, journeys)
    given.tracker.close()
    assert verify_store(given.url, clock=given.clock).exit_code == 0


def test_the_trail_tells_it_in_order(world: Worlds) -> None:
    """Each step is there once, in the order of the protocol."""
    infused = world("infused")
    told = [kind for kind in infused.kinds(infused.one.coi) if kind not in ("stored", "retrieved")]
    milestones = [
        *("enrolled", "patient_identified", "collection_started", "collected", "cryopreserved", "packed"),
        *("inspected", "manufacturing_started", "manufactured", "released", "pre_thaw_matched"),
        *("thaw_started", "thaw_ended", "bag_matched", "bedside_matched", "infusion_started"),
    ]
    places = [told.index(kind) for kind in milestones]
    assert places == sorted(places)


def test_one_to_many_keeps_its_parents(world: Worlds) -> None:
    """Each filled container knows what it came from; the parent is used up."""
    given = world("made")
    state = given.state()
    for unit in (*given.one.products, *given.one.samples):
        assert state.units[unit].parents == (given.one.bag,)
    assert state.units[given.one.bag].final is FinalDisposition.CONSUMED
    payload = next(
        entry.statement.payload
        for entry in given.entries(given.one.coi)
        if isinstance(entry.statement.payload, Manufactured)
    )
    assert [child.material for child in payload.children] == [Material.PRODUCT] * 2 + [Material.QC_SAMPLE]


def started(given: World) -> None:
    """Manufacturing of the first therapy, begun."""
    bag = given.one.frozen_scans((given.one.bag,))
    given.do(custody.Retrieve, "OPER-1", units=bag, location=scan(given.network.storage[cast.HUB]))
    given.do(
        processing.StartManufacturing, "OPER-1", others="OPER-2 witnessed", units=bag, coi=scan(given.one.coi)
    )


def registered(given: World, number: int = 1, of: int = 1) -> str:
    """A product container with an identity and nothing on it yet; gives its id."""
    given.do(
        identity.RegisterUnit,
        "OPER-1",
        coi=scan(given.one.coi),
        material=Material.PRODUCT,
        number=number,
        of=of,
    )
    return [*given.state().units][-1]


def filled(given: World, unit: str) -> dict[str, Any]:
    """The end of manufacturing with one filled container."""
    child = processing.ChildGiven(unit=scan(unit), volume_ml="70")
    return {
        "units": given.one.frozen_scans((given.one.bag,)),
        "children": (child,),
        "others": "OPER-2 witnessed",
    }


class TestLabels:
    def test_an_unlabeled_container_is_not_filled(self, world: Worlds) -> None:
        """The label is scanned back off the container before anything is in it."""
        given = world("received")
        started(given)
        unit = registered(given)
        found = given.refusal(processing.CompleteManufacturing, "OPER-1", **filled(given, unit))
        assert found.error == "label_missing"
        copy = next(possible_copies(unit)).text
        given.do(ApplyLabel, "OPER-1", units=(Scan(code=copy),))
        given.do(processing.CompleteManufacturing, "OPER-1", **filled(given, unit))

    def test_a_damaged_label_is_superseded(self, world: Worlds) -> None:
        """Another copy takes its place before two people, with a reason; the old one no longer stands."""
        given = world("collected")
        first, second = list(possible_copies(given.one.bag))[:2]
        given.do(ApplyLabel, "NURSE-A1", units=(Scan(code=second.text),))
        values = {"units": (Scan(code=first.text),)}
        assert given.refusal(SupersedeLabel, "NURSE-A1", **values).error == "reason_missing"
        values["reason"] = "label_damaged"  # type: ignore[assignment]
        assert given.refusal(SupersedeLabel, "NURSE-A1", **values).error == "signature_missing"
        given.do(SupersedeLabel, "NURSE-A1", others="NURSE-A2 witnessed", **values)
        payload = given.entries(given.one.coi)[-1].statement.payload
        assert isinstance(payload, LabelSuperseded) and payload.copy_letter == first.copy
        assert given.tracker.read.lookup(code=first.text).superseded
        assert not given.tracker.read.lookup(code=second.text).superseded

    def test_a_frozen_label_stays(self, world: Worlds) -> None:
        """The own label of a frozen bag is never replaced."""
        given = world("frozen")
        copy = next(possible_copies(given.one.bag)).text
        found = given.refusal(
            SupersedeLabel,
            "TECH-A1",
            others="TECH-A2 witnessed",
            units=(Scan(code=copy),),
            reason="label_damaged",
        )
        assert found.error == "frozen_label"

    def test_a_cassette_holds_one_bag(self, world: Worlds) -> None:
        """Bound once, it stands for its bag for ever; the bag has no second one."""
        given = world("received")
        started(given)
        units = [registered(given, number, 2) for number in (1, 2)]
        for unit in units:
            given.do(ApplyLabel, "OPER-1", units=(scan(unit),))
        values = filled(given, units[0])
        values["children"] = tuple(processing.ChildGiven(unit=scan(unit)) for unit in units)
        given.do(processing.CompleteManufacturing, "OPER-1", **values)
        given.do(identity.BindCassette, "OPER-1", units=scans(units[0]), cassette=scan("KD234567892"))
        found = given.refusal(
            identity.BindCassette, "OPER-1", units=scans(units[1]), cassette=scan("KD234567892")
        )
        assert found.error == "cassette_taken"
        assert given.tracker.read.lookup(code=scan("KD234567892").code).resolution.unit == units[0]


class TestAdoptedCodes:
    def adopt(self, given: World, unit: str, issuer: str = "MAKER", code: str = MAKER_CODE) -> None:
        """Let a maker's code stand for a unit."""
        adopted = AdoptedCodeGiven(code=code, issuer=issuer, type=CodeType.LOT)
        given.do(AdoptCode, "OPER-1", coi=scan(given.one.coi), unit=scan(unit), adopted=adopted)

    def test_a_unit_with_only_the_makers_code(self, world: Worlds) -> None:
        """No label of ours: filled, frozen, tested, released and infused by the manufacturer's own code."""
        given = world("received")
        started(given)
        unit = registered(given)
        self.adopt(given, unit)
        given.do(processing.CompleteManufacturing, "OPER-1", **filled(given, unit))
        assert not given.state().units[unit].labels
        given.do(
            identity.BindCassette, "OPER-1", units=(Scan(code=MAKER_CODE),), cassette=scan("KD234567892")
        )
        given.one.products, given.one.cassettes[unit] = [unit], "KD234567892"
        given.do(processing.Cryopreserve, "OPER-1", units=scans("KD234567892"))
        given.one.store("OPER-1", cast.HUB, (unit,))
        given.one.test(GOOD_RESULTS)
        stages_release(given)
        journeys.deliver_product(given.one, given.network.boxes["Dry shipper 5"])
        given.one.retrieve("LAB-A1", given.one.treatment, (unit,))
        patient = {"coi": scan(given.one.coi), "patient": given.one.wristband()}
        frozen, bag = scans("KD234567892"), (Scan(code=MAKER_CODE),)
        given.do(identity.MatchBeforeThaw, "LAB-A1", others="PHARM-A witnessed", units=frozen, **patient)
        given.do(processing.StartThaw, "LAB-A1", units=frozen)
        given.do(processing.EndThaw, "LAB-A1", units=frozen)
        given.do(identity.MatchBag, "LAB-A1", units=bag, cassette=frozen[0])
        ward = {"to": {"type": "department", "id": "TREAT-A/WARD"}}
        given.do(custody.Relinquish, "LAB-A1", units=bag, **ward)
        given.do(custody.Accept, "DOC-A1", units=bag)
        given.do(identity.MatchAtBedside, "DOC-A1", others="DOC-A2 witnessed", units=bag, **patient)
        given.do(processing.StartInfusion, "DOC-A1", units=bag)
        given.do(processing.CompleteInfusion, "DOC-A1", units=bag, infused_ml="70")
        assert given.state().units[unit].final is FinalDisposition.INFUSED
        require_projections(given, [given.one])

    def test_two_issuers_with_the_same_value(self, world: Worlds) -> None:
        """They stand for two things and are kept apart: alone the text is not enough."""
        given = world("made")
        one, two = given.one.products
        self.adopt(given, one)
        assert given.tracker.read.lookup(code=MAKER_CODE).resolution.unit == one
        self.adopt(given, two, issuer="OTHER-MAKER")
        found = given.tracker.read.lookup(code=MAKER_CODE).resolution
        assert found.found is Found.UNKNOWN and "MAKER" in found.note and "OTHER-MAKER" in found.note
        values = {"units": (Scan(code=MAKER_CODE),), "reason": "other"}
        assert given.refusal(processing.Quarantine, "QA-2", **values).error == "unknown_code"
        codes = [code for unit in (one, two) for code in given.state().units[unit].adopted]
        assert codes == [
            AdoptedCode(issuer=issuer, type=CodeType.LOT, value=MAKER_CODE)
            for issuer in ("MAKER", "OTHER-MAKER")
        ]

    def test_one_issuer_gives_a_value_once(self, world: Worlds) -> None:
        """The same code of the same issuer is not taken over by another unit; a re-scan is a CHECK."""
        given = world("made")
        one, two = given.one.products
        self.adopt(given, one)
        adopted = AdoptedCodeGiven(code=MAKER_CODE, issuer="MAKER", type=CodeType.LOT)
        values: dict[str, Any] = {"coi": scan(given.one.coi), "adopted": adopted}
        assert given.refusal(AdoptCode, "OPER-1", unit=scan(two), **values).error == "code_taken"
        assert given.refusal(AdoptCode, "OPER-1", **values).error == "code_taken"
        assert given.refusal(AdoptCode, "OPER-1", unit=scan(one), **values).error == "already_done"

    def test_a_therapy_by_the_makers_identifier(self, world: Worlds) -> None:
        """A code of the whole therapy opens it like the COI card."""
        given = world("enrolled")
        adopted = AdoptedCodeGiven(code="COI-77", issuer="MAKER", type=CodeType.MANUFACTURER_COI)
        given.do(AdoptCode, "DOC-A1", coi=scan(given.one.coi), adopted=adopted)
        given.do(
            identity.IdentifyPatient,
            "NURSE-A1",
            others="NURSE-A2 witnessed",
            coi=Scan(code="COI-77"),
            patient=given.one.wristband(),
        )


def stages_release(given: World) -> None:
    """The first therapy's products, released in specification."""
    units = given.one.frozen_scans(tuple(given.one.products))
    given.do(processing.Release, "QP-1", others="QA-2 reviewed", units=units)


def test_out_of_specification_stays_visible(world: Worlds) -> None:
    """On the board until the infusion, and in the trail for ever."""
    given = world("made")
    given.one.test({**GOOD_RESULTS, "viability": "64"})
    units = given.one.frozen_scans(tuple(given.one.products))
    given.do(processing.ReleaseOutOfSpecification, "QP-1", others="DOC-A1 approved", units=units)
    assert given.state().units[given.one.products[0]].disposition is Disposition.RELEASED_OUT_OF_SPECIFICATION
    row = next(row for row in given.tracker.read.board() if row.coi == given.one.coi)
    assert "out_of_specification" in row.attention
    assert [str(one.meaning) for one in given.entries(given.one.coi)[-1].signatures] == [
        Meaning.RELEASED,
        Meaning.APPROVED,
    ]


def test_making_t13_every_paper_printed_after_the_release_says_so(world: Worlds, tmp_path: Path) -> None:
    """The labels of bag and cassette first of all, and they still fit; the certificate; the file is kept."""
    given = world("made")
    given.one.test({**GOOD_RESULTS, "viability": "64"})
    product, station = given.one.products[0], given.network.stations["MFG-1"]
    before = given.tracker.labels.label(product, "OPER-1", station, preview=True)
    assert "OUT OF SPECIFICATION" not in before.statements
    units = given.one.frozen_scans(tuple(given.one.products))
    given.do(processing.ReleaseOutOfSpecification, "QP-1", others="DOC-A1 approved", units=units)
    for design in ("product-bag", "cassette"):
        label = given.tracker.labels.label(product, "OPER-1", station, design=design, preview=True)
        assert label.statements[0] == "OUT OF SPECIFICATION"
        assert len(render_pages([label])) == 1, "it still fits"
    given.tracker.exports.certificate(coi=given.one.coi, out=tmp_path / "oos.pdf")
    therapy, protocol = given.tracker.read.therapy(coi=given.one.coi) or (None, None)
    assert therapy is not None and protocol is not None
    entries = given.entries(given.one.coi)
    words = words_of(entries[-1], entries, therapy, protocol, given.tracker.registry)
    assert words["title"] == "OUT OF SPECIFICATION - RELEASED AT THE PHYSICIAN'S REQUEST"
    assert ["Does not hold", "viability, tests met"] in words["facts"]
    assert ["Basis", "EU GMP 11.5"] in words["facts"]


def test_outside_the_rules_is_red_for_ever(world: Worlds) -> None:
    """Two minutes late: recorded as it happened, flagged on the board also after the therapy was closed."""
    given = world("bedside")
    given.one.wait(minutes=17)
    unit = scans(given.one.products[0])
    given.do(
        processing.StartInfusion,
        "DOC-A1",
        others="DOC-A2 witnessed",
        units=unit,
        outside_rules={"reason": "time_limit_exceeded", "remark": "Line was blocked."},
    )
    assert given.kinds(given.one.coi)[-2:] == ["infusion_started", "deviation_drafted"]
    given.do(processing.CompleteInfusion, "DOC-A1", units=unit, infused_ml="68")
    rest = given.one.frozen_scans((given.one.products[1],))
    given.do(processing.Destroy, "PHARM-A", others="LAB-A1 witnessed", units=rest, reason="other")
    given.do(Close, "QA-A", coi=scan(given.one.coi))
    row = next(row for row in given.tracker.read.board() if row.coi == given.one.coi)
    assert row.status == "closed" and row.attention[0] == "outside_rules"
    trail = given.tracker.read.trail(coi=given.one.coi)
    assert any(mark.startswith("outside rules: limit.") for entry in trail.entries for mark in entry.marks)
    assert b"blocked" not in given.bytes_of(given.one.coi)
    require_entries(given, [given.one])
