"""A small real store for verification, founded and with a therapy begun; and hands that tamper with it."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from schema.canonical import canonical, leaf_digest, plain_digest
from schema.identifiers import first_copy
from schema.vocabulary import ClockKind, LocationType, Material, Meaning, ObjectType, Purpose, Role, SiteType
from tracker.clock import SimulatedClock
from tracker.drill.scene import RowEditor
from tracker.new_store import FounderAccount, NewStore
from tracker.people.passwords import WEAK
from tracker.people.signer import Signer
from tracker.protocols.library import shipped
from tracker.registry.network.requests import AdoptProtocol
from tracker.registry.places.requests import AddLocation
from tracker.requests.base import PatientIdentifier, Request, Scan, SignerReference
from tracker.therapy.identity import requests as identity
from tracker.therapy.labels.requests import ApplyLabel
from tracker.tracker import Environment, Tracker

MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)
SITE, STATION = "LAB", "LAB-01"
ANN, BEN = "ANN", "BEN"
PATIENT = (
    PatientIdentifier(issuer="LAB", type="hospital_number", value="0012345"),
    PatientIdentifier(issuer="PROGRAM", type="program_number", value="P-77"),
)
ROLES = (Role.ADMINISTRATOR, Role.QUALITY, Role.CLINICIAN, Role.APHERESIS_NURSE)


@dataclass(slots=True)
class Story:
    """An open store with its two founders signed in."""

    url: str
    tracker: Tracker
    clock: SimulatedClock
    signers: dict[str, Signer]
    coi: str = ""
    bag: str = ""
    other: str = ""
    """A second therapy, just enrolled."""

    digests: list[str] = field(default_factory=list)
    """Statement digests of what was recorded, in order."""

    def take(self, kind: type[Request], actor: str, *others: tuple[str, Meaning], **fields: object) -> None:
        """Record a request signed by its actor and others; it has to be accepted."""
        self.clock.advance(timedelta(minutes=2))
        signers = [SignerReference(staff=actor, meaning=Meaning.PERFORMED)]
        signers += [SignerReference(staff=staff, meaning=meaning) for staff, meaning in others]
        own = {"event_id": self.tracker.new_event_id(), "actor": actor, "station": STATION}
        request = kind.model_validate({**own, "signers": signers, **fields})
        answer = self.tracker.record(request=request, signers=list(self.signers.values()))
        assert answer.problem is None, answer.problem
        self.digests += [entry.statement_digest for entry in answer.entries]


def scan(object_id: str) -> Scan:
    """An object's first copy, scanned."""
    return Scan(code=first_copy(object_id).text)


def founded(url: str, config: Path) -> Story:
    """A store just founded."""
    clock = SimulatedClock(MORNING)
    new = NewStore(
        purpose=Purpose.DEMO,
        site=SITE,
        site_title="Small laboratory",
        station=STATION,
        zone="UTC",
        founders=(
            FounderAccount(ANN, "Ann Ashgrove", "correct horse ann", "135246"),
            FounderAccount(BEN, "Ben Birchall", "correct horse ben", "246135"),
        ),
        site_type=SiteType.TREATMENT_CENTER,
        clock=ClockKind.SIMULATED,
        roles=ROLES,
    )
    tracker, made = Tracker.found(url=url, new=new, config=config, environment=Environment(clock, None, WEAK))
    return Story(url, tracker, clock, {signer.staff: signer for signer in made.signers})


def build(url: str, config: Path) -> Story:
    """A founded store with a protocol, a place, a labeled bag, and a second therapy."""
    story = founded(url, config)
    file = shipped("autologous-cryopreserved")
    story.clock.advance(timedelta(minutes=1))
    adopt = AdoptProtocol.model_validate(
        {
            "event_id": story.tracker.new_event_id(),
            "actor": ANN,
            "station": STATION,
            "signers": [{"staff": ANN, "meaning": "performed"}, {"staff": BEN, "meaning": "approved"}],
            "protocol": file.protocol.id,
            "version": file.protocol.version,
            "sha256": file.sha256,
            "title": file.protocol.title,
        }
    )
    answer = story.tracker.adopt_protocol(file=file, request=adopt, signers=list(story.signers.values()))
    assert answer.problem is None, answer.problem
    story.take(
        AddLocation,
        ANN,
        site=SITE,
        department="QUALITY",
        title="Tank",
        location_type=LocationType.STORAGE,
    )
    story.coi = enroll(story)
    story.other = enroll_again(story)
    story.take(
        identity.IdentifyPatient, ANN, (BEN, Meaning.WITNESSED), coi=scan(story.coi), patient=PATIENT,
        remark="seen twice",
    )  # fmt: skip
    story.bag = story.tracker.new_object_id(object_type=ObjectType.UNIT)
    story.take(
        identity.RegisterUnit, ANN, coi=scan(story.coi), material=Material.LEUKAPHERESIS, unit=story.bag
    )
    story.take(ApplyLabel, BEN, units=(scan(story.bag),))
    return story


def enroll(story: Story, *others: tuple[str, Meaning], **more: object) -> str:
    """A therapy of the one patient there is."""
    coi = story.tracker.new_object_id(object_type=ObjectType.COI)
    story.take(
        identity.Enroll, ANN, *others, coi=coi, protocol="autologous-cryopreserved", collection_site=SITE,
        manufacturing_site=SITE, treatment_site=SITE, patient=PATIENT, **more,
    )  # fmt: skip
    return coi


def enroll_again(story: Story) -> str:
    """A further therapy of the same patient, which takes a reason and a witness."""
    return enroll(story, (BEN, Meaning.WITNESSED), reason="clinical_need")


@contextmanager
def tampering(path: Path) -> Iterator[sqlite3.Connection]:
    """A copy without guards and checks, as its owner can have it; the guards come back at the end."""
    connection = sqlite3.connect(path, isolation_level=None)
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    try:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
    finally:
        for _, sql in triggers:
            connection.execute(sql)
        connection.close()


class Forger(RowEditor):
    """Somebody who owns the database, and makes everything fit again that verification compares."""

    def rewrite(self, chain: str, sequence: int, change: Callable[[dict[str, Any]], object]) -> None:
        """Change an entry and make the whole chain fit again from there: columns, links, queue."""
        entry = self.entry(chain, sequence)
        change(entry)
        self.put(chain, sequence, canonical(entry))
        self.reseal(chain, sequence)

    def reseal(self, chain: str, first: int = 0) -> None:
        """Sequences, links, columns and queue of a chain as its bodies ask, from an entry on."""
        rows = self.run(
            "SELECT rowid, body FROM custody_event WHERE chain = ? ORDER BY sequence", (chain,)
        ).fetchall()
        self.run("UPDATE custody_event SET sequence = sequence + 100000 WHERE chain = ?", (chain,))
        self.run("DELETE FROM log_pending WHERE chain = ?", (chain,))
        previous: str | None = None
        for sequence, (rowid, body) in enumerate(rows):
            entry = orjson.loads(body)
            if sequence >= first:
                entry = {**entry, "sequence": sequence, "previous": previous}
                body = canonical(entry)  # noqa: PLW2901  what is stored from here on
            previous = leaf_digest(body)
            statement = plain_digest(canonical(entry["statement"]))
            self.run(
                "UPDATE custody_event SET sequence = ?, event_id = ?, digest = ?, statement_digest = ?,"
                " body = ? WHERE rowid = ?",
                (sequence, entry["statement"]["event_id"], previous, statement, body, rowid),
            )
            self.run("INSERT INTO log_pending VALUES (?, ?, ?)", (chain, sequence, entry["recorded_at"]))


def signed(
    entry: dict[str, Any], *signers: tuple[Signer, Meaning], at: datetime | None = None
) -> dict[str, Any]:
    """The entry with signatures that fit its statement."""
    digest = plain_digest(canonical(entry["statement"]))
    moment = at or datetime.fromisoformat(entry["recorded_at"])
    signatures = [signer.sign(digest, meaning, moment).to_json() for signer, meaning in signers]
    return {**entry, "signatures": signatures}


def copied(source: Path, target: Path) -> str:
    """The address of a copy of a closed SQLite store."""
    shutil.copy(source, target)
    return f"sqlite:///{target}"
