"""One therapy's steps, each by the request a scanner would send, on the demo's clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from schema.events import Party
from schema.identifiers import first_copy
from schema.vocabulary import InspectionResult, Material, Meaning, ObjectType, PartyType
from tracker.demo import cast
from tracker.demo.network import HOSPITAL_NUMBER, PROGRAM_NUMBER, PROTOCOL, Network
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
    labels: dict[str, str] = field(default_factory=dict)
    """The printed code on each unit."""

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

    def head(self, actor: str, site: str) -> tuple[str, str, str]:
        """Event id, actor and station of the next request, a little later."""
        self.wait(seconds=self.network.chance.randint(40, 200))
        return self.network.tracker.new_event_id(), actor, self.network.stations[site]

    def take(self, request: Request, *others: str) -> None:
        """Record a request with everybody who signs it."""
        self.network.record(request, request.actor, *others)

    def enroll(self, *, as_clinician: str | None = None) -> None:
        """The treating physician enrolls the patient."""
        event, actor, station = self.head(as_clinician or f"DOC-{self.letter}1", self.treatment)
        self.coi = self.network.tracker.new_object_id(object_type=ObjectType.COI)
        self.take(
            identity.Enroll(
                event_id=event, actor=actor, station=station, coi=self.coi, protocol=PROTOCOL,
                collection_site=self.collection, manufacturing_site=cast.HUB, treatment_site=self.treatment,
                patient=self.wristband(carrier="order"),
            )
        )  # fmt: skip

    def identify(self) -> None:
        """Two nurses compare the wristband at the chair."""
        nurse, second = f"NURSE-{self.letter}1", f"NURSE-{self.letter}2"
        event, actor, station = self.head(nurse, self.collection)
        self.take(
            identity.IdentifyPatient(
                event_id=event, actor=actor, station=station, coi=scan(self.coi), patient=self.wristband(),
                signers=self.network.by(nurse, (second, Meaning.WITNESSED)),
            ),
            second,
        )  # fmt: skip

    def register(self, actor: str, site: str, material: Material, *parents: str) -> str:
        """A container gets an identity, its label is printed, applied and scanned back."""
        event, actor, station = self.head(actor, site)
        unit = self.network.tracker.new_object_id(object_type=ObjectType.UNIT)
        self.take(
            identity.RegisterUnit(
                event_id=event, actor=actor, station=station, coi=scan(self.coi), material=material, unit=unit,
                parents=tuple(scan(parent) for parent in parents),
            )
        )  # fmt: skip
        copy = self.network.tracker.print_copy(object_id=unit, staff=actor, station=station)
        self.labels[unit] = copy.text
        event, actor, station = self.head(actor, site)
        self.take(
            identity.ApplyLabel(event_id=event, actor=actor, station=station, units=(Scan(code=copy.text),))
        )
        return unit

    def collect(self) -> None:
        """Identified, labeled, collected, checked by a second person."""
        nurse, second = f"NURSE-{self.letter}1", f"NURSE-{self.letter}2"
        self.bag = self.register(nurse, self.collection, Material.LEUKAPHERESIS)
        event, actor, station = self.head(nurse, self.collection)
        self.take(
            processing.StartCollection(
                event_id=event, actor=actor, station=station, coi=scan(self.coi), units=(scan(self.bag),),
                din=Scan(code=f"=A9999{self.network.clock.now():%y}{self.number:06d}00"),
            )
        )  # fmt: skip
        self.wait(hours=3, minutes=self.network.chance.randint(0, 50))
        event, actor, station = self.head(nurse, self.collection)
        self.take(
            processing.CompleteCollection(
                event_id=event, actor=actor, station=station, units=(scan(self.bag),),
                volume_ml=str(self.network.chance.randint(180, 260)),
                signers=self.network.by(nurse, (second, Meaning.WITNESSED)),
            ),
            second,
        )  # fmt: skip

    def hand_units(self, giver: str, receiver: str, site: str, to: Party, units: tuple[str, ...]) -> None:
        """Units without a box from one person to another party of the site."""
        event, actor, station = self.head(giver, site)
        self.take(
            custody.Relinquish(
                event_id=event, actor=actor, station=station, units=tuple(scan(unit) for unit in units), to=to,
                signers=self.network.by(giver, meaning=Meaning.RELINQUISHED),
            )
        )  # fmt: skip
        event, actor, station = self.head(receiver, site)
        self.take(
            custody.Accept(
                event_id=event, actor=actor, station=station, units=tuple(scan(unit) for unit in units),
                signers=self.network.by(receiver, meaning=Meaning.RECEIVED),
            )
        )  # fmt: skip

    def freeze(self, actor: str, site: str, units: tuple[str, ...]) -> None:
        """Each bag into its cassette, frozen, put away."""
        for unit in units:
            event, actor, station = self.head(actor, site)
            cassette = self.network.tracker.new_object_id(object_type=ObjectType.CASSETTE)
            self.cassettes[unit] = cassette
            self.take(
                identity.BindCassette(
                    event_id=event, actor=actor, station=station, units=(scan(unit),), cassette=scan(cassette)
                )
            )
        self.wait(minutes=30)
        event, actor, station = self.head(actor, site)
        self.take(
            processing.Cryopreserve(
                event_id=event, actor=actor, station=station, units=self.frozen_scans(units)
            )
        )
        self.store(actor, site, units)

    def frozen_scans(self, units: tuple[str, ...]) -> tuple[Scan, ...]:
        """The cassettes of frozen units, scanned."""
        return tuple(scan(self.cassettes[unit]) for unit in units)

    def store(self, actor: str, site: str, units: tuple[str, ...]) -> None:
        """Put away."""
        event, actor, station = self.head(actor, site)
        self.take(
            custody.Store(
                event_id=event, actor=actor, station=station, units=self.frozen_scans(units),
                location=scan(self.network.storage[site]),
            )
        )  # fmt: skip

    def retrieve(self, actor: str, site: str, units: tuple[str, ...]) -> None:
        """Take out of storage."""
        event, actor, station = self.head(actor, site)
        self.take(
            custody.Retrieve(
                event_id=event, actor=actor, station=station, units=self.frozen_scans(units),
                location=scan(self.network.storage[site]),
            )
        )  # fmt: skip

    def test_all(self, results: dict[str, str] | None = None) -> None:
        """Every release test gets a result."""
        for test, result in {**GOOD_RESULTS, **(results or {})}.items():
            self.wait(hours=2)
            event, actor, station = self.head("QA-2", cast.HUB)
            self.take(
                processing.RecordTest(
                    event_id=event, actor=actor, station=station, coi=scan(self.coi), test=test, result=result
                )
            )

    def inspect(
        self, actor: str, site: str, box: str, result: InspectionResult, units: tuple[str, ...]
    ) -> None:
        """The box opened in the lab, each unit matched."""
        event, actor, station = self.head(actor, site)
        self.take(
            custody.Inspect(
                event_id=event, actor=actor, station=station, box=scan(box), seal_intact=True,
                results=tuple(
                    custody.InspectionGiven(unit=one, result=result) for one in self.frozen_scans(units)
                ),
                display_celsius="-184.2",
            )
        )  # fmt: skip
