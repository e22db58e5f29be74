"""`cartrail init`: a new store, founded on the word of two people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schema.errors import InputError, Refusal
from schema.identifiers import short_name
from schema.vocabulary import Purpose, SiteType
from tui.cli.ending import say
from tui.cli.options import example
from tui.cli.output import print_json, print_rows
from tui.cli.session import CommandSession

if TYPE_CHECKING:
    from tracker.tracker import Tracker
    from tracker.values import Founded, FounderAccount, NewStore

app = typer.Typer()


@app.command(
    "init",
    epilog=example(
        "cartrail init --purpose training --site PLANT --site-title 'Example Plant' \\",
        "  --zone Europe/Berlin \\",
        "  --founder ADA-1='Ada Example' --founder BEN-1='Ben Example' \\",
        "  --adopt autologous-cryopreserved",
    ),
)
def init(
    context: typer.Context,
    *,
    purpose: Annotated[Purpose, typer.Option(help="What the store is for, fixed for its life.")],
    site: Annotated[str, typer.Option(metavar="SITE", help="The code of the first site.")],
    site_title: Annotated[str, typer.Option(metavar="TITLE", help="Its name, as printed on labels.")],
    zone: Annotated[
        str, typer.Option(metavar="ZONE", help="Its time zone by region and city, as Europe/Berlin.")
    ],
    founder: Annotated[
        list[str],
        typer.Option(
            metavar="STAFF=NAME", help="One of the first two people, as 'ADA-1=Ada Example'; twice."
        ),
    ],
    site_type: Annotated[SiteType, typer.Option(help="What the site does.")] = SiteType.MANUFACTURER,
    address: Annotated[str, typer.Option(help="Its address, as printed on labels.")] = "",
    phone: Annotated[str, typer.Option(help="A number that is answered day and night.")] = "",
    adopt: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Adopt this shipped protocol too, signed by both founders."),
    ] = None,
) -> None:
    """Create a store, its keys and its first two people.

    Both are asked for a password and a PIN at the terminal, or --credentials names a file with passwords as
    STAFF = "password", and PINs so below [pins]. This machine becomes the hub: --station, else HUB-1.
    """
    session = CommandSession.of(context)
    from tracker.values import NewStore

    station = short_name(session.settings.station or "HUB-1", what="The station id")
    people = _founders(session, founder, attended=adopt is not None and purpose is not Purpose.DEMO)
    new = NewStore(
        purpose=purpose,
        site=short_name(site, what="The site code"),
        site_title=site_title,
        station=station,
        founders=people,
        site_type=site_type,
        zone=zone,
        address=address,
        phone_24h=phone,
    )
    _found(session, new, adopt)


def _founders(
    session: CommandSession, given: list[str], *, attended: bool
) -> tuple[FounderAccount, FounderAccount]:
    named = [_named(text) for text in given]
    if len(named) != 2:
        raise InputError(
            f"{len(named)} founders were named; a store is founded by two.",
            remedy="Give --founder STAFF=NAME twice.",
            code="not_two_founders",
        )
    first, second = named
    if first[0] == second[0]:
        raise InputError(
            f"Both founders have the staff id {first[0]}.",
            remedy="Name two different people.",
            code="same_person",
        )
    return _founder(session, *first, attended=attended), _founder(session, *second, attended=attended)


def _named(text: str) -> tuple[str, str]:
    staff, separator, name = text.partition("=")
    if not separator or not name.strip():
        raise InputError(
            f'"{text[:60]}" names no founder.', remedy="Write STAFF=NAME, as ADA-1='Ada Example'."
        )
    return short_name(staff.strip(), what="The founder's staff id"), name.strip()


def _founder(session: CommandSession, staff: str, name: str, *, attended: bool) -> FounderAccount:
    from tracker.values import FounderAccount

    password = session.secrets.new_password(staff)
    if attended and not password.attended:
        raise Refusal(
            "A protocol is adopted by two people who are there; --credentials cannot stand in for them.",
            remedy="Leave --credentials out, or leave --adopt out and adopt it later at the terminal.",
            code="unattended",
        )
    return FounderAccount(staff=staff, name=name, password=password.text, pin=session.secrets.pin(staff))


def _found(session: CommandSession, new: NewStore, adopt: str | None) -> None:
    from tracker.tracker import Tracker
    from tracker.values import shipped

    # A misspelled name should not leave a store behind.
    protocol = shipped(adopt) if adopt is not None else None
    tracker, founded = Tracker.found(url=session.settings.database, new=new, config=session.settings.config)
    try:
        _tell(session, new, founded)
        if protocol is not None:
            _adopt(tracker, new, founded, adopt or "")
    finally:
        tracker.close()


def _tell(session: CommandSession, new: NewStore, founded: Founded) -> None:
    facts = {
        "database": session.settings.shown_database,
        "origin": founded.origin,
        "purpose": new.purpose.value,
        "log_key": str(founded.log_key_file),
        "site": new.site,
        "station": new.station,
        "founders": [one.staff for one in new.founders],
    }
    if session.as_json:
        print_json(facts)
    else:
        print_rows(
            (name.replace("_", " "), ", ".join(value) if isinstance(value, list) else str(value))
            for name, value in facts.items()
        )
    _tell_next(new, founded.log_key_file)


def _tell_next(new: NewStore, log_key: Path) -> None:
    first = new.founders[0].staff
    say(f"Keep a copy of {log_key} where this machine's database is not: it signs the log's checkpoints.")
    say("What next:")
    say(f"  cartrail site add SITE --title TITLE --type TYPE --as {first}")
    say(f"  cartrail person add STAFF --name NAME --as {first}; then grant, badge, code, activate")
    say("  cartrail            the terminal")


def _adopt(tracker: Tracker, new: NewStore, founded: Founded, name: str) -> None:
    from schema.vocabulary import Meaning
    from tracker.values import AdoptProtocol, SignerReference, shipped
    from tui.cli.acting import error_of

    file = shipped(name)
    first, second = new.founders
    answer = tracker.adopt_protocol(
        file=file,
        request=AdoptProtocol(
            event_id=tracker.new_event_id(),
            actor=first.staff,
            station=new.station,
            signers=(
                SignerReference(staff=first.staff, meaning=Meaning.PERFORMED),
                SignerReference(staff=second.staff, meaning=Meaning.APPROVED),
            ),
            protocol=file.protocol.id,
            version=file.protocol.version,
            sha256=file.sha256,
            title=file.protocol.title,
        ),
        signers=founded.signers,
    )
    if answer.problem is not None:
        raise error_of(answer.problem)
    say(f"Adopted {file.protocol.id} version {file.protocol.version}, signed by both founders.")
