"""Making a store: the keys of the log and of the first two people, and the founding entries."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from labels.wording import check_printable
from schema.entry import Entry, Head, Signature, Statement
from schema.errors import InputError, StoreError
from schema.events import registry as events
from schema.tables import CredentialRow, tuple_of
from schema.vocabulary import ClockKind, EntryMode, Purpose, Role, SiteType
from schema.zones import checked_zone, offset_at
from tracker.evidence.log_keys import LOG_KEY_FILE, key_folder
from tracker.evidence.vkey import LogKey, write_log_key
from tracker.ledger.retry import retrying
from tracker.ledger.store import Store
from tracker.people.credentials import SealedKey
from tracker.people.passwords import STRONG, ArgonCost, checked_password, checked_pin
from tracker.people.signer import Signer, enroll
from tracker.registry.network.founding import (
    FOUNDING_ROLES,
    Founding,
    NewFounder,
    founding_actor,
    founding_drafts,
)
from tracker.rules.decision import Draft
from tracker.therapy.decide import act_event_id

_credential_row: Final = tuple_of(CredentialRow)


@dataclass(frozen=True, slots=True)
class FounderAccount:
    """One of the first two people, with the password and PIN they chose."""

    staff: str
    name: str
    password: str
    pin: str


@dataclass(frozen=True, slots=True)
class NewStore:
    """What a store is founded with."""

    purpose: Purpose
    site: str
    site_title: str
    station: str
    founders: tuple[FounderAccount, FounderAccount]
    zone: str
    """The time zone of the first site, by its name."""

    wristband: tuple[events.WristbandRule, ...] = ()
    site_type: SiteType = SiteType.MANUFACTURER
    address: str = ""
    phone_24h: str = ""
    department: str = "QUALITY"
    department_title: str = "Quality"
    clock: ClockKind = ClockKind.SYSTEM
    roles: tuple[Role, ...] = FOUNDING_ROLES


@dataclass(frozen=True, slots=True)
class Founded:
    """A store just made, with its founders in session."""

    store: Store
    origin: str
    signers: tuple[Signer, Signer]
    log_key_file: Path


def found_store(
    url: str,
    new: NewStore,
    *,
    config: Path,
    now: datetime,
    event_id: Callable[[], str],
    cost: ArgonCost = STRONG,
) -> Founded:
    """Create the database, the log key and the founding entries, these in one transaction."""
    if new.clock is ClockKind.SIMULATED and new.purpose is not Purpose.DEMO:
        raise InputError(f"A {new.purpose.value} store takes no simulated clock; only a demo store does.")
    for founder in new.founders:
        checked_password(founder.password, staff=founder.staff)
        checked_pin(founder.pin)
    printed = {"site's title": new.site_title, "address": new.address, "telephone": new.phone_24h}
    printed |= {"department's title": new.department_title}
    printed |= {f"name of {founder.staff}": founder.name for founder in new.founders}
    for where, text in printed.items():
        check_printable(text, where)
    origin = f"cartrail/{new.purpose.value}/{secrets.token_hex(8)}"
    log_key = LogKey(origin, Ed25519PrivateKey.generate())
    made = [_enrolled(founder, cost) for founder in new.founders]
    founding = _founding(new, origin, log_key, [signer for _, signer in made], now)
    drafts = founding_drafts(founding)
    store = Store.create(url)
    path = key_folder(config, origin) / LOG_KEY_FILE
    try:
        write_log_key(path, log_key)
        entries = _entries(founding, drafts, {signer.staff: signer for _, signer in made}, now, event_id)
        credentials = [credential_row(credential, now) for credential, _ in made]
        retrying(lambda: _written(store, entries, credentials))
    except OSError as error:
        store.close()
        raise StoreError(f"The log key cannot be written to {path}: {error.strerror}.") from error
    return Founded(store, origin, (made[0][1], made[1][1]), path)


def _written(store: Store, entries: Sequence[Entry], credentials: Sequence[CredentialRow]) -> None:
    """The founding entries with the keys of the founders, unless an attempt before has come to stay."""
    with store.begin() as transaction:
        if transaction.event(entries[0].statement.event_id) is not None:
            transaction.await_replication()
            return
        transaction.append(entries)
        for row in credentials:
            transaction.put_credential(row)


def credential_row(credential: SealedKey, now: datetime) -> CredentialRow:
    """A credential as the store keeps it."""
    return _credential_row(
        staff=credential.staff,
        key=credential.key,
        verifier=credential.verifier,
        blob=credential.blob,
        updated_at=now,
    )


def _enrolled(founder: FounderAccount, cost: ArgonCost) -> tuple[SealedKey, Signer]:
    return enroll(
        staff=founder.staff, name=founder.name, password=founder.password, pin=founder.pin, cost=cost
    )


def _founding(
    new: NewStore, origin: str, log_key: LogKey, signers: Sequence[Signer], now: datetime
) -> Founding:
    first, second = (NewFounder(signer.staff, signer.name, signer.public) for signer in signers)
    return Founding(
        origin=origin,
        purpose=new.purpose,
        clock=new.clock,
        log_key=str(log_key.verifier),
        log_public=log_key.verifier.public,
        site=events.SiteAdded(
            site=new.site,
            title=new.site_title,
            site_type=new.site_type,
            address=new.address,
            phone_24h=new.phone_24h,
            zone=checked_zone(new.zone),
            wristband=new.wristband,
        ),
        departments=(
            events.DepartmentAdded(
                site=new.site,
                department=new.department,
                title=new.department_title,
                roles=(Role.QUALITY, Role.QUALIFIED_PERSON),
            ),
        ),
        station=events.StationAdded(station=new.station, site=new.site, title="Hub"),
        founders=(first, second),
        valid_from=now,
        roles=new.roles,
    )


def _entries(
    founding: Founding,
    drafts: Sequence[Draft],
    signers: dict[str, Signer],
    now: datetime,
    event_id: Callable[[], str],
) -> list[Entry]:
    act = event_id()
    entries: list[Entry] = []
    previous: Head | None = None
    for sequence, draft in enumerate(drafts):
        actor = founding_actor(founding, draft)
        statement = Statement(
            event_id=act_event_id(act, sequence),
            act=act,
            chain=draft.chain,
            occurred_at=now,
            offset=offset_at(founding.site.zone, now),
            actor=actor,
            station=founding.station.station,
            site=founding.site.site,
            mode=EntryMode.LIVE,
            entered_by=actor,
            payload=draft.payload,
        )
        entry = Entry(
            sequence=sequence,
            previous=previous.digest if previous else None,
            registry=None,
            recorded_at=now,
            statement=statement,
            signatures=tuple(_signatures(statement, draft, signers, now)),
        )
        entries.append(entry)
        previous = entry.head
    return entries


def _signatures(
    statement: Statement, draft: Draft, signers: dict[str, Signer], now: datetime
) -> list[Signature]:
    return [
        signers[slot.staff].sign(statement.digest, slot.meaning, now)
        for slot in draft.slots
        if slot.staff is not None
    ]
