"""One therapy's steps, each by the request a scanner would send, on the demo's clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from schema.events import Party
from schema.identifiers import first_copy
from schema.vocabulary import InspectionResult, Material, Meaning, ObjectType, PartyType
from tracker.demo import cast
from tracker.demo.network import HOSPITAL_NUMBER, PROGRAM_NUMBER, PROTOCOL, Network
from tracker.labeling import cassette_label, coi_card, unit_label
from tracker.requests import custody, identity, processing
from tracker.requests.base import PatientIdentifier, Request, Scan
from tracker.rules.therapy_state import TherapyState

GOOD_RESULTS = {
    "viability": "92",
    "car_expression": "38.5",
    "dose": "412",
    "vector_copies": "2.1",
    "endotoxin": "0.5",
    "mycoplasma": "negative",
    "sterility": "negative",
}


def scan(object_id: str) -> Scan:
    """An object's first copy, scanned."""
    return Scan(code=first_copy(object_id).text)


def party(kind: PartyType, party_id: str) -> Party:
    """A custodian."""
    return Party(type=kind, id=party_id)


@dataclass(slots=True)
class Journey:
    """One therapy on its way; times pass as each step is taken."""

    network: Network
    letter: str
    """A or B: which collection and treatment center."""

    number: int
    carrier: str = "CARR-X"
    coi: str = ""
    bag: str = ""
    products: list[str] = field(default_factory=list)
    samples: list[str] = field(default_factory=list)
    cassettes: dict[str, str] = field(default_factory=dict)

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

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.network.clock.advance(timedelta(**span))

    def ask(
        self,
        request_class: type[Request],
        actor: str,
        site: str,
        *others: tuple[str, Meaning],
        meaning: Meaning | None = None,
        **fields: object,
    ) -> str:
        """Record a request of somebody at a site, a little later, signed by all; gives its event id."""
        self.wait(seconds=self.network.chance.randint(40, 200))
        event_id = self.network.tracker.new_event_id()
        own: dict[str, object] = {
            "event_id": event_id,
            "actor": actor,
            "station": self.network.stations[site],
        }
        if others or meaning is not None:
            own["signers"] = self.network.by(actor, *others, meaning=meaning or Meaning.PERFORMED)
        request = request_class.model_validate({**own, **fields})
        self.network.record(request, actor, *(other for other, _ in others))
        return event_id

    def enroll(self) -> None:
        """The treating physician enrolls the patient."""
        doctor = f"DOC-{self.letter}1"
        self.coi = self.network.tracker.new_object_id(object_type=ObjectType.COI)
        self.ask(
            identity.Enroll,
            doctor,
            self.treatment,
            coi=self.coi,
            protocol=PROTOCOL,
            collection_site=self.collection,
            manufacturing_site=cast.HUB,
            treatment_site=self.treatment,
            patient=self.wristband(carrier="order"),
        )
        station = self.network.stations[self.treatment]
        self.network.papers.append(coi_card(self.network.tracker, self.coi, doctor, station))

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

    def register(self, actor: str, site: str, material: Material, *parents: str) -> str:
        """A container gets an identity, its label is printed, applied and scanned back."""
        unit = self.network.tracker.new_object_id(object_type=ObjectType.UNIT)
        self.ask(
            identity.RegisterUnit,
            actor,
            site,
            coi=scan(self.coi),
            material=material,
            unit=unit,
            parents=tuple(scan(parent) for parent in parents),
        )
        label = unit_label(self.network.tracker, unit, actor, self.network.stations[site])
        self.network.papers.append(label)
        self.ask(identity.ApplyLabel, actor, site, units=(Scan(code=label.code),))
        return unit

    def collect(self) -> None:
        """Identified, labeled, collected, checked by a second person."""
        nurse, second = f"NURSE-{self.letter}1", (f"NURSE-{self.letter}2", Meaning.WITNESSED)
        self.bag = self.register(nurse, self.collection, Material.LEUKAPHERESIS)
        bag = (scan(self.bag),)
        din = Scan(code=f"=A9999{self.network.clock.now():%y}{self.number:06d}00")
        self.ask(processing.StartCollection, nurse, self.collection, coi=scan(self.coi), units=bag, din=din)
        self.wait(hours=3, minutes=self.network.chance.randint(0, 50))
        volume = str(self.network.chance.randint(180, 260))
        self.ask(processing.CompleteCollection, nurse, self.collection, second, units=bag, volume_ml=volume)

    def hand_units(self, giver: str, receiver: str, site: str, to: Party, units: tuple[str, ...]) -> None:
        """Units without a box from one person to another party of the site."""
        scans = tuple(scan(unit) for unit in units)
        self.ask(custody.Relinquish, giver, site, meaning=Meaning.RELINQUISHED, units=scans, to=to)
        self.ask(custody.Accept, receiver, site, meaning=Meaning.RECEIVED, units=scans)

    def freeze(self, actor: str, site: str, units: tuple[str, ...]) -> None:
        """Each bag into its cassette, frozen, put away."""
        tracker, station = self.network.tracker, self.network.stations[site]
        for unit in units:
            cassette = tracker.new_object_id(object_type=ObjectType.CASSETTE)
            self.cassettes[unit] = cassette
            self.network.papers.append(cassette_label(tracker, unit, actor, station, cassette))
            self.ask(identity.BindCassette, actor, site, units=(scan(unit),), cassette=scan(cassette))
        self.wait(minutes=30)
        self.ask(processing.Cryopreserve, actor, site, units=self.frozen_scans(units))
        self.store(actor, site, units)

    def frozen_scans(self, units: tuple[str, ...]) -> tuple[Scan, ...]:
        """The cassettes of frozen units, scanned."""
        return tuple(scan(self.cassettes[unit]) for unit in units)

    def store(self, actor: str, site: str, units: tuple[str, ...]) -> None:
        """Put away."""
        location = scan(self.network.storage[site])
        self.ask(custody.Store, actor, site, units=self.frozen_scans(units), location=location)

    def retrieve(self, actor: str, site: str, units: tuple[str, ...]) -> None:
        """Take out of storage."""
        location = scan(self.network.storage[site])
        self.ask(custody.Retrieve, actor, site, units=self.frozen_scans(units), location=location)

    def test_all(self, results: dict[str, str] | None = None) -> None:
        """Every release test gets a result."""
        for test, result in {**GOOD_RESULTS, **(results or {})}.items():
            self.wait(hours=2)
            self.ask(processing.RecordTest, "QA-2", cast.HUB, coi=scan(self.coi), test=test, result=result)

    def inspect(
        self, actor: str, site: str, box: str, result: InspectionResult, units: tuple[str, ...]
    ) -> None:
        """The box opened in the lab, each unit matched."""
        self.ask(
            custody.Inspect,
            actor,
            site,
            box=scan(box),
            seal_intact=True,
            results=tuple(
                custody.InspectionGiven(unit=one, result=result) for one in self.frozen_scans(units)
            ),
            display_celsius="-184.2",
        )
