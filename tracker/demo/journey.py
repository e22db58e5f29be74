"""One therapy's steps, each by the request a scanner would send, on the demo's clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from schema.events import Party
from schema.identifiers import first_copy
from schema.papercodes import receipt_code
from schema.vocabulary import (
    CodeType,
    Condition,
    Fault,
    InspectionResult,
    Material,
    Meaning,
    ObjectType,
    PartyType,
)
from tracker.demo import cast
from tracker.demo.asking import Asker
from tracker.demo.network import HOSPITAL_NUMBER, PROGRAM_NUMBER, PROTOCOL
from tracker.protocols.model import Protocol
from tracker.requests.base import AdoptedCodeGiven, PatientIdentifier, Scan
from tracker.rules.certificates import release_of
from tracker.rules.therapy_state import TherapyState, TherapyStatus
from tracker.therapy.custody import requests as custody
from tracker.therapy.identity import requests as identity
from tracker.therapy.labels.requests import ApplyLabel
from tracker.therapy.making import requests as processing

GOOD_RESULTS = {
    "viability": "92",
    "car_expression": "38.5",
    "dose": "412",
    "vector_copies": "2.1",
    "endotoxin": "0.5",
    "mycoplasma": "negative",
    "sterility": "negative",
}


MAKER = "MAKER"
"""Who issues the numbers of a licensed product."""

USUAL_ML = {Material.PRODUCT: Decimal(68), Material.QC_SAMPLE: Decimal(4)}


def scan(object_id: str) -> Scan:
    """An object's first copy, scanned."""
    return Scan(code=first_copy(object_id).text)


def party(kind: PartyType, party_id: str) -> Party:
    """A custodian."""
    return Party(type=kind, id=party_id)


@dataclass(slots=True)
class Journey(Asker):
    """One therapy on its way; times pass as each step is taken."""

    letter: str
    """A or B: which collection and treatment center."""

    number: int
    carrier: str = "CARR-X"
    protocol: str = PROTOCOL
    coi: str = ""
    bag: str = ""
    collections: int = 0
    """How often cells were collected: each collection has a donation number of its own."""

    products: list[str] = field(default_factory=list)
    samples: list[str] = field(default_factory=list)
    cassettes: dict[str, str] = field(default_factory=dict)
    makers_codes: dict[str, str] = field(default_factory=dict)
    """What the maker of a licensed product wrote on each container, which has no label of ours."""

    box: str = ""
    """The shipper that was packed last, and the seal on it."""

    seal: str = ""

    @property
    def known(self) -> Protocol:
        """The newest version of its protocol, by which it runs."""
        tracker = self.network.tracker
        adopted = tracker.registry.latest_protocol(self.protocol)
        found = None if adopted is None else tracker.read.protocol(sha256=adopted.sha256)
        if found is None:
            raise LookupError(self.protocol)
        return found

    @property
    def is_fresh(self) -> bool:
        """Whether the starting material travels fresh, from the chair to the clean room."""
        return self.known.step("cryopreserved", Material.LEUKAPHERESIS) is None

    def fill_ml(self, material: Material) -> Decimal:
        """How much is filled into one container: the usual volume, or what its label allows at most."""
        container = self.known.container(material)
        most = None if container is None else container.volume_ml_max
        return min(USUAL_ML[material], Decimal(most)) if most is not None else USUAL_ML[material]

    @property
    def makers_number(self) -> str:
        """The number that the maker of a licensed product gave the patient."""
        return f"APH-{self.letter}-{self.number:05d}"

    @property
    def collection(self) -> str:
        """The collection center."""
        return f"COLL-{self.letter}"

    @property
    def treatment(self) -> str:
        """The treatment center."""
        return f"TREAT-{self.letter}"

    @property
    def courier(self) -> str:
        """The courier of the carrier."""
        return f"COUR-{self.carrier[-1]}1"

    @property
    def state(self) -> TherapyState:
        """The therapy as it stands."""
        found = self.network.tracker.read.therapy(coi=self.coi)
        if found is None:
            raise LookupError(self.coi)
        return found[0]

    @property
    def is_over(self) -> bool:
        """Whether the therapy was closed or canceled."""
        return bool(self.coi) and self.state.status is not TherapyStatus.ACTIVE

    def wristband(self, *, carrier: str = "wristband") -> tuple[PatientIdentifier, ...]:
        """The invented patient's two identifiers."""
        hospital = f"DEMO-H{self.letter}-{self.number:05d}"
        return (
            PatientIdentifier(
                issuer=f"HOSPITAL-{self.letter}", type=HOSPITAL_NUMBER, value=hospital, carrier=carrier
            ),
            PatientIdentifier(
                issuer="PROGRAM", type=PROGRAM_NUMBER, value=f"DEMO-P-{self.number:05d}", carrier=carrier
            ),
        )

    def certificate(self, unit: str) -> Scan:
        """The code at the head of the certificate of a container's release."""
        state = self.state
        release = release_of(state.units[unit])
        if release is None:
            raise LookupError(f"{unit} was not released")
        return Scan(code=receipt_code(state.events[release.event_id].digest).text, carrier="certificate")

    def confirm(self) -> tuple[str, ...]:
        """Everything that the protocol has confirmed before a thaw."""
        found = self.network.tracker.read.therapy(coi=self.coi)
        return () if found is None or found[1] is None else found[1].bedside.confirm

    def leave_benches(self) -> None:
        """Every bench this therapy is at is cleared by somebody who works there, but no instrument."""
        instruments = set(self.network.goods.values())
        for bench in sorted(set(self.state.benches) - instruments):
            self.clear_bench(cast.worker_at(bench), bench)

    def enroll(self) -> None:
        """The treating physician enrolls the patient."""
        doctor = f"DOC-{self.letter}1"
        self.coi = self.network.tracker.new_object_id(object_type=ObjectType.COI)
        aph = AdoptedCodeGiven(code=self.makers_number, issuer=MAKER, type=CodeType.MANUFACTURER_COI)
        self.ask(
            identity.Enroll,
            doctor,
            self.treatment,
            coi=self.coi,
            protocol=self.protocol,
            collection_site=self.collection,
            manufacturing_site=cast.HUB,
            treatment_site=self.treatment,
            indication=next((one.name for one in self.known.indications), None),
            patient=self.wristband(carrier="order"),
            adopted_codes=(aph,) if self.known.is_made_elsewhere else (),
        )
        station = self.network.station(self.treatment, doctor)
        self.network.print(self.network.tracker.labels.label(self.coi, doctor, station))

    def identify(self) -> None:
        """Two nurses compare the wristband at the chair."""
        second = (f"NURSE-{self.letter}2", Meaning.WITNESSED)
        self.ask(
            identity.IdentifyPatient,
            f"NURSE-{self.letter}1",
            self.collection,
            second,
            coi=scan(self.coi),
            patient=self.wristband(),
        )

    def register(
        self, actor: str, site: str, material: Material, *parents: str, number: int = 1, of: int = 1
    ) -> str:
        """A container gets an identity, its label is printed, applied and scanned back."""
        unit = self.register_unlabeled(actor, site, material, *parents, number=number, of=of)
        printed = self.network.tracker.labels.label(unit, actor, self.network.station(site, actor))
        self.network.print(printed)
        self.ask(ApplyLabel, actor, site, units=(Scan(code=printed.code),))
        return unit

    def register_unlabeled(
        self, actor: str, site: str, material: Material, *parents: str, number: int = 1, of: int = 1
    ) -> str:
        """A container gets an identity, and no label of ours."""
        unit = self.network.tracker.new_object_id(object_type=ObjectType.UNIT)
        self.ask(
            identity.RegisterUnit,
            actor,
            site,
            coi=scan(self.coi),
            material=material,
            unit=unit,
            parents=tuple(scan(parent) for parent in parents),
            number=number if material is Material.PRODUCT else None,
            of=of if material is Material.PRODUCT else None,
            component=self._component(material, number),
        )
        return unit

    def _component(self, material: Material, number: int) -> str | None:
        """Which part of the dose a container is for, where there are several: they follow one another."""
        known = self.known.bedside.components
        return known[(number - 1) % len(known)].name if known and material is Material.PRODUCT else None

    def product_code(self, unit: str) -> Scan | None:
        """The code on the carton, where it is compared before the thaw."""
        bedside, named = self.known.bedside, self.state.units[unit].component
        part = bedside.component(named) if bedside.compare_product_code else None
        return None if part is None else Scan(code=part.product_codes[0])

    def collect(self) -> None:
        """Labeled, collected, checked by a second person."""
        self.label_bag()
        self.start_collection()
        self.wait(hours=3, minutes=self.network.chance.randint(0, 50))
        self.complete_collection()

    def label_bag(self) -> None:
        """The collection bag has its label before it hangs at the chair."""
        self.bag = self.register(f"NURSE-{self.letter}1", self.collection, Material.LEUKAPHERESIS)

    def start_collection(self) -> None:
        """Label and donation number scanned at the chair."""
        nurse, bag = f"NURSE-{self.letter}1", (scan(self.bag),)
        drawn = f"{self.network.clock.now():%y}{self.collections}{self.number:05d}"
        self.collections += 1
        din = Scan(code=f"=A9999{drawn}00")
        self.ask(processing.StartCollection, nurse, self.collection, coi=scan(self.coi), units=bag, din=din)

    def complete_collection(self) -> None:
        """End time, volume, and the label checked by a second person."""
        nurse, second = f"NURSE-{self.letter}1", (f"NURSE-{self.letter}2", Meaning.WITNESSED)
        volume, bag = str(self.network.chance.randint(180, 260)), (scan(self.bag),)
        self.ask(processing.CompleteCollection, nurse, self.collection, second, units=bag, volume_ml=volume)

    def hand_units(self, giver: str, receiver: str, site: str, to: Party, units: tuple[str, ...]) -> None:
        """Units without a box from one person to another party of the site."""
        scans = self.scans(units)
        seen = Condition.IN_ORDER
        self.ask(
            custody.Relinquish, giver, site, meaning=Meaning.RELINQUISHED, units=scans, to=to, condition=seen
        )
        self.ask(custody.Accept, receiver, site, meaning=Meaning.RECEIVED, units=scans, condition=seen)

    def freeze(self, actor: str, site: str, units: tuple[str, ...]) -> None:
        """Each bag into its cassette, where it has one, frozen, put away."""
        tracker, station = self.network.tracker, self.network.station(site, actor)
        held = self.known.container(self.state.units[units[0]].material)
        for unit in units if held is not None and held.cassette else ():
            cassette = tracker.new_object_id(object_type=ObjectType.CASSETTE)
            self.cassettes[unit] = cassette
            printed = tracker.labels.label(unit, actor, station, design="cassette", cassette=cassette)
            self.network.print(printed)
            self.ask(identity.BindCassette, actor, site, units=(scan(unit),), cassette=scan(cassette))
        self.wait(minutes=30)
        self.ask(processing.Cryopreserve, actor, site, units=self.frozen_scans(units))
        self.store(actor, site, units)

    def frozen_scans(self, units: tuple[str, ...]) -> tuple[Scan, ...]:
        """The code to scan of each unit: its cassette, or its own label where it never had one."""
        return tuple(
            scan(self.cassettes[unit]) if unit in self.cassettes else self.scanned(unit) for unit in units
        )

    def scanned(self, unit: str) -> Scan:
        """The label on a container: ours, or its maker's."""
        code = self.makers_codes.get(unit)
        return scan(unit) if code is None else Scan(code=code)

    def scans(self, units: tuple[str, ...]) -> tuple[Scan, ...]:
        """The label on each of them."""
        return tuple(map(self.scanned, units))

    def place(self, site: str, units: tuple[str, ...]) -> Scan:
        """Where units are kept at a site: frozen in the tank, fresh in the refrigerator."""
        kept = self.network.storage if self.is_frozen(units) else self.network.refrigerators
        return scan(kept[site])

    def is_frozen(self, units: tuple[str, ...]) -> bool:
        """Whether all of them were frozen."""
        known = self.state.units
        return all(
            unit in self.cassettes or unit in self.makers_codes or "cryopreserved" in known[unit].facts
            for unit in units
        )

    def place_of(self, site: str) -> str:
        """The code on the frozen storage of a site."""
        return scan(self.network.storage[site]).code

    def store(self, actor: str, site: str, units: tuple[str, ...]) -> None:
        """Put away."""
        location = self.place(site, units)
        self.ask(custody.StoreUnits, actor, site, units=self.frozen_scans(units), location=location)

    def retrieve(self, actor: str, site: str, units: tuple[str, ...]) -> None:
        """Take out of storage."""
        location = self.place(site, units)
        self.ask(custody.Retrieve, actor, site, units=self.frozen_scans(units), location=location)

    def test(self, results: dict[str, str]) -> None:
        """Some release tests get their results, of the newest manufacture where there was more than one."""
        newest, request = self.state.newest_attempt, processing.RecordTest
        attempt = newest if newest > 1 else None
        coi = scan(self.coi)
        for test, result in results.items():
            self.wait(minutes=10)
            self.ask(request, "QA-2", cast.HUB, coi=coi, test=test, result=result, attempt=attempt)

    def inspect(
        self,
        actor: str,
        site: str,
        box: str,
        result: InspectionResult,
        units: tuple[str, ...],
        *,
        seal_intact: bool = True,
        faults: tuple[Fault, ...] = (),
    ) -> None:
        """The box opened in the lab, each unit matched."""
        self.ask(
            custody.Inspect,
            actor,
            site,
            box=scan(box),
            seal_intact=seal_intact,
            results=tuple(
                custody.InspectionGiven(unit=one, result=result, faults=faults)
                for one in self.frozen_scans(units)
            ),
            display_celsius=self.display(units),
        )

    def display(self, units: tuple[str, ...]) -> str:
        """What the logger of a box shows: cool for fresh cells, far below freezing for frozen ones."""
        frozen = self.is_frozen(units)
        return f"{-self.network.chance.randint(1795, 1912) / 10 if frozen else 4.3:.1f}"
