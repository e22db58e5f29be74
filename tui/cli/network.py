"""`cartrail init --network FILE`: a store with its whole network, from one file."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schema.errors import CartrailError, InputError, Refusal
from schema.vocabulary import EntryMode, Meaning, ObjectType
from tui.cli.acting import error_of
from tui.cli.ending import say
from tui.cli.output import print_json, print_rows
from tui.files import start_of

if TYPE_CHECKING:
    from tracker.answers import Answer
    from tracker.tracker import Tracker
    from tracker.values import FounderAccount, NetworkFile, NewStore, Signer, Wanted


def read_network(path: Path) -> NetworkFile:
    """The network of a file; raises InputError for one that cannot be read or taken."""
    from tracker.values import NETWORK_BYTES_MAX, network_of, shipped

    try:
        content = start_of(path, NETWORK_BYTES_MAX)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.", code="no_network") from error
    network = network_of(content)
    for name in network.protocols:
        shipped(name)
    return network


def new_store(network: NetworkFile, founders: tuple[FounderAccount, FounderAccount]) -> NewStore:
    """What the store is founded with: the first site and two people of the file."""
    from tracker.values import NewStore

    first = network.sites[0]
    return NewStore(
        purpose=network.purpose,
        site=first.site,
        site_title=first.title,
        station=network.station,
        founders=founders,
        zone=first.zone,
        wristband=first.wristband_rules,
        site_type=first.type,
        address=first.address,
        phone_24h=first.phone_24h,
    )


def rehearse(network: NetworkFile) -> None:
    """Raise what would be refused, by recording all of it in a store that is thrown away.

    So nobody chooses a password, and nothing is made, for a file that a rule does not allow.
    """
    from tracker.tracker import Tracker
    from tracker.values import FounderAccount

    first, second = (
        FounderAccount(one.staff, one.name, secrets.token_urlsafe(24), f"{secrets.randbelow(10**6):06}")
        for one in network.founders
    )
    new = new_store(network, (first, second))
    with tempfile.TemporaryDirectory(prefix="cartrail-") as folder:
        tracker, founded = Tracker.found(url=f"sqlite:///{folder}/x.db", new=new, config=Path(folder))
        try:
            record_network(tracker, network, founded.signers, None)
        except CartrailError as error:
            # What a rule refuses is a fault of the file, whose every line could still be another.
            kind, remedy = type(error), f"{error.remedy} Nothing was created."
            if isinstance(error, Refusal):
                kind = InputError
            raise kind(error.message, remedy=remedy, code=error.code) from error
        finally:
            tracker.close()


def record_network(
    tracker: Tracker, network: NetworkFile, signers: tuple[Signer, Signer], mode: EntryMode | None
) -> None:
    """Record all that the file asks for, or nothing of it; raises the problem of what was refused.

    `mode` is how the entries come in: unattended where a file gave the passwords.
    """
    from tracker.values import wanted

    def new_id(object_type: ObjectType) -> str:
        return tracker.new_object_id(object_type=object_type)

    def all_of_it() -> None:
        for one in wanted(network, now=tracker.clock.now(), new_id=new_id):
            try:
                answer = _recorded(tracker, network, signers, one, mode)
            except InputError as error:
                raise _said_of(one, error) from error
            if answer.problem is not None:
                raise _said_of(one, error_of(answer.problem))

    tracker.in_batch(all_of_it)


def _said_of(one: Wanted, error: CartrailError) -> CartrailError:
    """The error with what of the file it is about."""
    where = f"{error.message} ({one.request}: {_named(one)})"
    return type(error)(where, remedy=error.remedy, code=error.code)


def tell_network(tracker: Tracker, network: NetworkFile, *, facts: dict[str, Any], as_json: bool) -> None:
    """Say what stands now, with the codes that were drawn, and what each person does next."""
    registry = tracker.registry
    if as_json:
        drawn = {one.id: f"{one.site}: {one.title}" for one in registry.locations.values()}
        drawn |= {one.id: f"{one.site}: {one.title}" for one in registry.equipments.values()}
        badges = {one.staff: [*one.badges] for one in registry.people.values()}
        print_json({**facts, "drawn": drawn, "badges": badges})
    else:
        counted = {
            "sites": registry.sites,
            "departments": registry.departments,
            "places": registry.locations,
            "stations": registry.stations,
            "equipment": registry.equipments,
            "people": registry.people,
        }
        print_rows(rows_of({**facts, **{name: str(len(each)) for name, each in counted.items()}}))
    first, second = (one.staff for one in network.founders)
    others = [one.staff for one in network.people if not one.is_founder]
    if others:
        say(f"Each of the other {len(others)} gets a badge, a one-time code and a key, as {others[0]}:")
        say(f"  cartrail label {others[0]} --to pdf:{others[0].lower()}.pdf --as {first}")
        say(f"  cartrail person code {others[0]} --as {first}")
        say(f"  cartrail person activate {others[0]} --witness {second}")


def rows_of(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What was made, as lines of two columns."""
    for name, value in facts.items():
        yield name.replace("_", " "), ", ".join(value) if isinstance(value, list) else str(value)


def _recorded(
    tracker: Tracker,
    network: NetworkFile,
    signers: tuple[Signer, Signer],
    one: Wanted,
    mode: EntryMode | None,
) -> Answer:
    first, second = signers
    signing = (first, second) if one.is_approved else (first,)
    meanings = (Meaning.PERFORMED, Meaning.APPROVED)
    request: dict[str, Any] = {
        "request": one.request,
        "event_id": tracker.new_event_id(),
        "actor": first.staff,
        "station": network.station,
        "signers": [
            {"staff": signer.staff, "meaning": meaning.value}
            for signer, meaning in zip(signing, meanings, strict=False)
        ],
        **one.fields,
    }
    return tracker.record(request=request, signers=signing, mode=mode)


def _named(one: Wanted) -> str:
    """What a request is about, for whoever looks it up in the file."""
    names = ("staff", "new_station", "department", "site", "title", "role")
    return ", ".join(str(one.fields[name]) for name in names if name in one.fields)
