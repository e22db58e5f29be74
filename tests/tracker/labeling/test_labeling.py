"""Every label design is reached from the store, says what its protocol asks, and is read back off paper."""

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
import zxingcpp
from PIL import Image
from pydantic import ValidationError

from labels.content import FIELDS, Content, LabelContent
from labels.isbt.message import parse_isbt
from labels.kinds import LABEL_KINDS, LabelSubject
from labels.pdf import render_pages
from schema.errors import InputError, Refusal
from schema.events.registry import SiteContactChanged
from schema.identifiers import first_copy
from schema.instants import format_instant
from schema.vocabulary import CodeType, Material, Reason, Vessel, Weekday
from tests.support.commands import Cartrail
from tests.support.demos import DemoSite
from tests.support.journeys import World
from tests.tracker.acts.test_plan_races import COORDINATOR
from tracker.demo.cleanroom import stock
from tracker.demo.journey import scan
from tracker.demo.network import administer
from tracker.labeling.labels import filled, still_asked
from tracker.labeling.places import (
    crossing_minute,
    labeled_box,
    labeled_equipment,
    labeled_location,
    labeled_lot,
    labeled_person,
    labeled_positions,
    labeled_station,
)
from tracker.labeling.units import LabeledUnit, labeled_therapy, labeled_unit
from tracker.protocols.model import Container, LabelElement
from tracker.registry.capacity.requests import SetLane
from tracker.registry.equipment.requests import ChargeShipper
from tracker.registry.places.requests import ChangeSiteContact, SetLocationConditions
from tracker.requests.base import Scan
from tracker.rules.therapy_state import UnitState
from tracker.therapy.custody.requests import Pack, Retrieve
from tracker.therapy.shipments.requests import BookShipment

Worlds = Callable[[str], World]


@pytest.fixture
def delivered(world: Worlds) -> Iterator[World]:
    """A product in its treatment center, in a world where any reprint has its reason."""
    made = world("delivered")
    with made.tracker.prints.job(reason=Reason.FURTHER_COPY):
        yield made


def by(world: World, object_id: str, site: str = "MFG-1", staff: str = "OPER-1") -> tuple[Any, ...]:
    """The object, and who prints at which station."""
    return (object_id, staff, world.network.stations[site])


def read_back(content: Content) -> set[str]:
    """What a camera reads off its pages at 203 dpi."""
    found: set[str] = set()
    for page in render_pages([content]):
        with Image.open(io.BytesIO(page)) as picture:
            found |= {one.bytes.decode() for one in zxingcpp.read_barcodes(picture.convert("L"))}
    return found


def outer_label(world: World, box: str) -> LabelContent:
    """The label on the outside of a packed box."""
    return world.tracker.labels.label(*by(world, box), design="outer-box")


def booked_and_packed(world: World) -> tuple[str, str]:
    """The frozen bag in the shipper that was booked for it, by a lane that asks for a document."""
    network, one, now = world.network, world.one, world.clock.now()
    administer(
        network, SetLane, lane="OCEAN", from_site="COLL-A", to_site="MFG-1", carrier="CARR-X",
        transit_hours=20, cutoff="17:00", picks_up_on=tuple(Weekday),
        documents=("Proforma invoice for the customs",),
    )  # fmt: skip
    box = scan(network.boxes["Dry shipper 1"])
    world.do(ChargeShipper, "TECH-A1", equipment=box)
    days = [format_instant(now + timedelta(days=number)) for number in (0, 2, 4)]
    world.do(
        BookShipment, COORDINATOR, therapies=(scan(one.coi),), lane="OCEAN", box=box, waybill="020-12345675",
        pick_up={"earliest": days[0], "latest": days[1]}, delivery={"earliest": days[1], "latest": days[2]},
        sscc="340123450000000017",
    )  # fmt: skip
    units = one.frozen_scans((one.bag,))
    world.do(Retrieve, "TECH-A1", units=units, location=scan(network.storage["COLL-A"]))
    world.do(
        Pack, "TECH-A1", others="TECH-A2 witnessed", units=units, tally=1, box=box, carrier="CARR-X",
        destination="MFG-1", seal=Scan(code="SEAL-PL-1"),
    )  # fmt: skip
    return network.boxes["Dry shipper 1"], network.stations["COLL-A"]


def made_of(unit: LabeledUnit, design: str) -> LabelContent:
    """A label of a unit as it would be printed, on a copy that nobody took."""
    code = first_copy(unit.object_id).text
    purpose = unit.registry.purpose
    return LabelContent(design=design, purpose=purpose, code=code, **filled(LABEL_KINDS[design], unit))


class TestEveryDesign:
    def test_of_units(self, delivered: World) -> None:
        """The protocol's vessel chooses the label; each is read back with the code it was given."""
        kinds = {}
        for unit in delivered.state().units.values():
            label = delivered.tracker.labels.label(*by(delivered, unit.unit))
            kinds[unit.material] = label.design
            assert label.code in read_back(label) and label.coi_id == delivered.one.coi
        assert kinds[Material.PRODUCT] == "product-bag" and kinds[Material.QC_SAMPLE] == "sample-tube"
        assert kinds[Material.LEUKAPHERESIS] == "leukapheresis-bag"

    def test_the_tie_tag(self, delivered: World) -> None:
        """When the collection ended with its zone, the donation number and boxes for two initials."""
        tag = delivered.tracker.labels.label(*by(delivered, delivered.one.bag), design="tie-tag")
        assert tag.code in read_back(tag)
        assert tag.collected.endswith(" UTC)") and "-05:00 (" in tag.collected and tag.din and tag.address
        assert "NOT EVALUATED FOR INFECTIOUS SUBSTANCES" in tag.statements
        with pytest.raises(Refusal, match="has no tie-tag"):
            delivered.tracker.labels.label(*by(delivered, delivered.one.products[0]), design="tie-tag")

    def test_logistics_l4_the_packing_list_of_what_was_packed_as_booked(self, world: Worlds) -> None:
        """Contents by codes, the way, and the documents of protocol and lane; waybill and SSCC as bars."""
        made = world("frozen")
        box, station = booked_and_packed(made)
        list_of = partial(made.tracker.labels.packing_list, station=station, box=box)
        paper = list_of(staff="TECH-A1")
        said = dict(paper.facts)
        assert [one.unit_id for one in paper.units] == [made.one.bag]
        assert (said["Seal"], said["Keep it"]) == ("SEAL-PL-1", "at or below -150 C")
        assert (
            said["Holds until"]
            and said["Coolant"].startswith("charged 20")
            and "number QT-" in said["Data logger"]
        )
        assert paper.documents[-1] == "Proforma invoice for the customs" and len(paper.documents) == 4
        assert {"020-12345675", "00340123450000000017"} < {*paper.symbol_texts} <= read_back(paper)
        label = outer_label(made, box)
        assert {"020-12345675", "00340123450000000017"} < {*label.symbol_texts} <= read_back(label)
        with pytest.raises(InputError, match="Nothing is packed in"):
            list_of(staff="TECH-A1", box=made.network.boxes["Dry shipper 2"])
        assert list_of(staff="COUR-X1").shipment == paper.shipment
        with pytest.raises(Refusal, match=r"works neither where this box .*: CARR-X, COLL-A, MFG-1"):
            list_of(staff="LAB-B1")
        with pytest.raises(Refusal, match="is of COLL-B; this box has to do with CARR-X, COLL-A, MFG-1"):
            list_of(staff="TECH-A1", station=made.network.stations["COLL-B"])

    def test_the_cards(self, delivered: World) -> None:
        """For gloved hands and for the start of a shift; they take no copies."""
        station = delivered.network.stations["TREAT-A"]
        for card in (
            delivered.tracker.labels.card("command-card", station),
            delivered.tracker.labels.card("scanner-card", station),
        ):
            assert card.site and {*card.symbol_texts} <= read_back(card)

    def test_counts_are_known_after_manufacturing(self, delivered: World) -> None:
        """Which bag of how many."""
        counts = [
            delivered.tracker.labels.label(*by(delivered, product), design="cassette").count
            for product in delivered.one.products
        ]
        assert counts == [f"bag {number} of {len(counts)}" for number in range(1, len(counts) + 1)]


class TestWhatTheStageAsks:
    def test_findings_f12_recipient_batch_which_of_how_many_and_expiry(self, delivered: World) -> None:
        """Given a frozen product, its label has the elements that the protocol asks for, and is read back."""
        label = delivered.tracker.labels.label(*by(delivered, delivered.one.products[0]), preview=True)
        assert [line.split(" DEMO-")[0] for line in label.patient_lines] == [
            "hospital number",
            "program number",
        ]
        assert label.count == f"bag 1 of {len(delivered.one.products)}"
        assert label.expiry.startswith("2027-") and not label.asked
        assert label.code in read_back(label)

    def test_findings_f12_before_it_is_filled_there_is_a_box_and_afterwards_no_label(
        self, delivered: World
    ) -> None:
        """Given a protocol that asks for a batch nobody adopted: refused with the step that brings it."""
        subject = labeled_unit(delivered.tracker, delivered.one.products[0])
        held = subject.container.model_copy(update={"label_requires": (LabelElement.BATCH,)})
        kind = LABEL_KINDS["product-bag"]
        filled_one = replace(subject, container=held)
        with pytest.raises(Refusal, match="asks for the batch on the unit label") as refused:
            still_asked(kind, filled_one, filled(kind, filled_one))
        assert refused.value.code == "label_incomplete" and "Adopt the batch first" in refused.value.remedy
        empty = replace(filled_one, unit=msgspec.structs.replace(filled_one.unit, facts={}))
        assert still_asked(kind, empty, filled(kind, empty)) == ("Batch",)

    def test_a_protocol_cannot_ask_for_what_nothing_brings(self) -> None:
        """Given a container that is not numbered, its label cannot be asked for which of how many."""
        with pytest.raises(ValidationError, match="label_requires count, so numbered is needed"):
            Container.model_validate(
                {
                    "material": "product",
                    "title": "Cells",
                    "storage_text": "cold",
                    "source": "x",
                    "label_requires": ["count"],
                }
            )


class TestTheOuterBox:
    def test_two_addresses_two_telephones_no_patient(self, world: Worlds) -> None:
        """From where it was packed to where it goes; the code is that on the box."""
        made = world("packed")
        box = made.box_of(made.one)
        label = outer_label(made, box)
        assert label.code in read_back(label)
        sites = [made.tracker.registry.site(code) for code in ("COLL-A", "MFG-1")]
        assert [label.sender, label.receiver] == [site.title for site in sites if site]
        assert all(site and site.phone_24h in phone for site, phone in zip(sites, label.phones, strict=True))
        assert made.one.coi not in str(label) and made.one.bag not in str(label)
        with made.tracker.store.read() as transaction:
            letters = [row.copy_letter for row in transaction.printed_copies(box)]
        assert outer_label(made, box).code == label.code
        with made.tracker.store.read() as transaction:
            assert [row.copy_letter for row in transaction.printed_copies(box)] == letters

    def test_what_is_missing_is_said_before_printing(self, world: Worlds) -> None:
        """An empty box goes to nobody; a site without address has to be given one."""
        made = world("enrolled")
        with pytest.raises(InputError, match="Nothing is packed"):
            outer_label(made, next(iter(made.network.boxes.values())))

    def test_a_sites_contact_is_changed(self, world: Worlds) -> None:
        """By an administrator; what is left out stays, and a number without digits is none."""
        made = world("packed")
        box = made.box_of(made.one)
        before = outer_label(made, box)
        change = {"site": "COLL-A", "phone_24h": "+00 0000 424242"}
        made.do(ChangeSiteContact, "ADMIN-1", **change)
        after = outer_label(made, box)
        assert "+00 0000 424242" in after.phones[0] and after.sender_address == before.sender_address
        assert made.ask(ChangeSiteContact, "ADMIN-1", **change).problem is not None
        assert made.refusal(ChangeSiteContact, "NURSE-A1", **{**change, "phone_24h": "1"}).error
        with pytest.raises(InputError, match="no digits"):
            made.ask(ChangeSiteContact, "ADMIN-1", site="COLL-A", phone_24h="at home")
        with pytest.raises(InputError, match="Neither"):
            made.ask(ChangeSiteContact, "ADMIN-1", site="COLL-A")
        kinds = [entry.statement.payload for entry in made.entries("registry")]
        assert [type(kind) for kind in kinds].count(SiteContactChanged) == 1


class TestDoses:
    def drawn(self, world: World) -> LabeledUnit:
        """A syringe drawn from a product that was taken out of its tank."""
        subject = labeled_unit(world.tracker, world.one.products[0])
        syringe = UnitState("UD999999999", Material.SYRINGE, (world.one.products[0],))
        container = Container(
            material=Material.SYRINGE,
            title="CAR T cells, CD8",
            storage_text="Use at once",
            source="liso-cel, one syringe a vial",
            statements=("FOR AUTOLOGOUS USE ONLY",),
        )
        return replace(subject, unit=syringe, container=container, state=subject.state.with_unit(syringe))

    def test_a_syringe_says_when_it_left_storage(self, world: Worlds) -> None:
        """And until when it may be given: some products' time runs from there."""
        made = world("thawed")
        subject = self.drawn(made)
        label = made_of(subject, "syringe")
        assert label.parent_id == made.one.products[0]
        parent = subject.state.units[label.parent_id]
        retrieved = parent.facts["retrieved"].at.astimezone()
        assert "-05:00 (" in label.removed_at and retrieved.strftime(":%M") in label.removed_at
        assert label.expiry > label.removed_at
        assert label.code in read_back(label)

    def test_a_syringe_of_nothing(self, world: Worlds) -> None:
        """Without the vial it was drawn from there is no label."""
        made = world("thawed")
        subject = self.drawn(made)
        orphan = replace(subject, unit=msgspec.structs.replace(subject.unit, parents=()))
        with pytest.raises(InputError, match="names no vial or bag"):
            made_of(orphan, "syringe")
        with pytest.raises(Refusal, match="No syringe was registered"):
            made.tracker.labels.syringes_of(made.one.products[0])

    def test_a_vial(self, world: Worlds) -> None:
        """Where the protocol keeps the product in vials."""
        made = world("released")
        subject = labeled_unit(made.tracker, made.one.products[0])
        own = {
            "vessel": Vessel.VIAL,
            "title": "CAR T cells, CD8",
            "statements": ("NO LEUKODEPLETING FILTER",),
            "storage_text": "at or below -150 C",
            "patient_identifiers_printed": False,
        }
        held = subject.container.model_copy(update=own)
        label = made_of(replace(subject, container=held), "vial")
        assert label.count.startswith("vial 1 of")
        assert label.code in read_back(label)


class TestIsbt:
    def test_a_data_matrix_where_the_protocol_asks(self, delivered: World) -> None:
        """The donation number, and with more known a compound message that reads back the same."""
        subject = labeled_unit(delivered.tracker, delivered.one.bag)
        asked = {"isbt_symbol": True, "isbt_product_code": "S1384100"}
        assert subject.isbt == ""
        subject = replace(subject, container=subject.container.model_copy(update=asked))
        text = subject.isbt
        message = parse_isbt(text)
        assert message is not None and text.startswith("=+03000=A9999")
        label = made_of(subject, "leukapheresis-bag")
        assert text in read_back(label)

    def test_nothing_is_printed_of_what_is_not_known(self, world: Worlds) -> None:
        """Before the donation number is scanned the label has no Data Matrix."""
        made = world("collected")
        subject = labeled_unit(made.tracker, made.one.bag)
        unknown = replace(subject, unit=msgspec.structs.replace(subject.unit, din=None, adopted=()))
        held = unknown.container.model_copy(update={"isbt_symbol": True})
        assert replace(unknown, container=held).isbt == ""
        assert CodeType.DIN not in {code.type for code in unknown.unit.adopted}


class TestPreview:
    def test_it_is_the_next_copy_and_takes_none(self, delivered: World) -> None:
        """What is seen is what is printed."""
        given = by(delivered, delivered.one.bag, "COLL-A", "NURSE-A1")
        seen = delivered.tracker.labels.label(*given, preview=True)
        assert delivered.tracker.labels.label(*given, preview=True) == seen
        assert delivered.tracker.labels.label(*given) == seen
        assert delivered.tracker.labels.label(*given) != seen


class TestCommandLine:
    def shared(self, demo_site: DemoSite) -> tuple[object, ...]:
        """Somebody of the hub prints."""
        return ("--database", demo_site.path, "--as", "OPER-1", "--station", "MFG-1-01")

    def test_cards_without_an_object(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """Both at once."""
        said = cartrail("label", "--command-card", "--scanner-card", "--to", "text:", *self.shared(demo_site))
        assert "ALL-IN-ORDER" in said.out and "SCAN-1" in said.out

    def test_options_that_do_not_fit(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """An option of other objects, two options, and nothing at all."""
        shared = ("--to", "text:", *self.shared(demo_site))
        coi = demo_site.coi("released")
        for arguments, part in (
            ((coi, "--tie-tag"), "--tie-tag is for a unit"),
            ((coi, "--slip"), "--slip is for a box"),
            ((coi, "--downtime", "--cassette"), "choose different papers"),
            ((), "Nothing to print was named"),
            ((coi, "--downtime", "--stage", "moon"), "no stage moon"),
        ):
            said = cartrail("label", *arguments, *shared, exit_code=2)
            assert part in said.err

    def test_a_form_goes_out_and_is_voided(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """Printed, listed as out, and given up before a second person."""
        coi = demo_site.coi("released")
        asked = ("--downtime", "--stage", "bedside", "--to", "text:", "--json")
        form = cartrail("label", coi, *asked, *self.shared(demo_site)).records[0]["codes"][0]
        database = ("--database", demo_site.path)
        (row,) = cartrail("form", "list", "--json", *database).records[0:1]
        assert form[2:13] in str(row) and "out" in str(row)
        signed = ("--as", "OPER-1", "--station", "MFG-1-01", "--credentials", demo_site.credentials)
        said = cartrail("form", "return", form, "nowhere.pdf", *database, *signed, exit_code=2)
        assert "cannot be read" in said.err
        void = ("form", "void", form, "--reason", "unused", "--witness", "OPER-2")
        assert "form voided" in cartrail(*void, *database, *signed).out
        assert form[2:13] not in cartrail("form", "list", *database).out
        assert (
            "is no downtime form"
            in cartrail("form", "void", coi, *void[3:], *database, *signed, exit_code=2).err
        )


def test_a_label_is_of_its_site_and_time(world: Worlds) -> None:
    """A time on a label is local, with the offset of where it happened; what did not happen is blank."""
    made = world("collected")
    made.clock.advance(timedelta(hours=1))
    bag = labeled_unit(made.tracker, made.one.bag)
    shown = made.state().unit(made.one.bag)
    assert shown is not None
    ended = shown.facts["collected"].at
    local = ended.astimezone(ZoneInfo("America/New_York"))
    assert bag.collected == f"{local:%Y-%m-%d %H:%M} -05:00 ({ended:%H:%M} UTC)"
    assert replace(bag, unit=msgspec.structs.replace(bag.unit, facts={})).collected == ""


def test_logistics_l1_both_zones_only_where_cells_cross_them(world: Worlds) -> None:
    """In UTC too where a site has other clocks then (ST-001 7.4.4); with the day where that differs."""
    registry = world("collected").tracker.registry
    evening = datetime(2026, 7, 1, 1, 30, tzinfo=UTC)
    assert crossing_minute(registry, evening, "COLL-A", ("TREAT-A",)) == "2026-06-30 21:30 -04:00"
    crossing = crossing_minute(registry, evening, "COLL-A", ("MFG-1", "TREAT-A"))
    assert crossing == "2026-06-30 21:30 -04:00 (2026-07-01 01:30 UTC)"
    noon = datetime(2026, 7, 1, 12, 30, tzinfo=UTC)
    assert crossing_minute(registry, noon, "MFG-1", ("TREAT-A",)) == "2026-07-01 14:30 +02:00 (12:30 UTC)"


PATIENT = {"patient_lines", "coi_id", "unit_id", "therapy"}


class TestFields:
    @pytest.fixture
    def known(self, world: Worlds) -> Mapping[LabelSubject, set[str]]:
        """By what a label is about, the fields that the store knows of it."""
        made = world("packed")
        stock(made.network)
        tracker, registry, box = made.tracker, made.tracker.registry, made.box_of(made.one)
        found = {
            LabelSubject.THERAPY: labeled_therapy(tracker, made.one.coi),
            LabelSubject.PERSON: labeled_person(registry, "OPER-1"),
            LabelSubject.LOCATION: labeled_location(registry, made.network.storage["MFG-1"]),
            LabelSubject.POSITIONS: labeled_positions(registry, made.network.storage["MFG-1"], ("A1",)),
            LabelSubject.EQUIPMENT: labeled_equipment(registry, box),
            LabelSubject.LOT: labeled_lot(registry, made.network.goods["viral_vector"]),
            LabelSubject.PACKED_BOX: labeled_box(tracker, box),
            LabelSubject.STATION: labeled_station(registry, "MFG-1-01"),
        }
        of_units = {name for name in FIELDS if hasattr(LabeledUnit, name)}
        named = {subject: {*one.fields} for subject, one in found.items()}
        return {LabelSubject.UNIT: of_units, LabelSubject.CASSETTE: of_units, **named}

    def test_every_field_is_filled(self, known: Mapping[LabelSubject, set[str]]) -> None:
        """A row asks only for what its subject knows by that name; what no store knows is a box."""
        assert {*known} == {*LabelSubject}
        assert not {
            f"{name} of {kind.design}"
            for kind in LABEL_KINDS.values()
            for name in {*kind.asks} - known[kind.subject]
        }
        assert {*FIELDS} == {name for kind in LABEL_KINDS.values() for name in kind.asks}

    def test_what_travels_outside_knows_no_patient(self, known: Mapping[LabelSubject, set[str]]) -> None:
        """No row could print a patient or therapy on a box, even by mistake."""
        assert {*FIELDS} >= PATIENT
        papers = (LabelSubject.PACKED_BOX, LabelSubject.EQUIPMENT, LabelSubject.LOCATION)
        for subject in (*papers, LabelSubject.POSITIONS):
            assert not known[subject] & PATIENT


def test_logistics_l6_a_sheet_of_positions_is_read_back(world: Worlds) -> None:
    """Each position of the place stands on it once, as a code that says just its name."""
    given = world("frozen")
    tank = given.network.storage["COLL-A"]
    with pytest.raises(InputError, match="has no rows and columns") as refused:
        given.tracker.labels.position_sheets(tank)
    assert f"cartrail site conditions {tank} --rows 5 --columns 8" in refused.value.remedy
    administer(given.network, SetLocationConditions, location=tank, rows=5, columns=8)
    pages = given.tracker.labels.position_sheets(tank)
    assert [len(page.codes) for page in pages] == [35, 5]
    every = {f"{row}{column}" for row in "ABCDE" for column in range(1, 9)}
    assert read_back(pages[0]) | read_back(pages[1]) == every
    assert {page.title for page in pages} == {"LN2 tank 1"} and not any(page.code for page in pages)
    with pytest.raises(InputError, match="There is no location"):
        given.tracker.labels.position_sheets("LD999999999")
