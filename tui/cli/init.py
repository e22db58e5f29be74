"""`cartrail init`: a new store, founded on the word of two people."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from schema.errors import InputError, Refusal
from schema.events.registry import WristbandRule
from schema.identifiers import short_name
from schema.vocabulary import EntryMode, Purpose, SiteType
from schema.wristbands import EXAMPLE, wristband_rule
from schema.zones import checked_zone
from tracker.settings import remember_station
from tui.cli.asking import asked, chosen_of, given_or_asked, require, text_of
from tui.cli.ending import say
from tui.cli.network import new_store, read_network, record_network, rehearse, rows_of, tell_network
from tui.cli.options import example
from tui.cli.output import print_json, print_rows
from tui.cli.session import CommandSession
from tui.cli.wristbands import Wristband, wristband_rules

if TYPE_CHECKING:
    from tracker.tracker import Tracker
    from tracker.values import Founded, FounderAccount, NewStore
    from tui.cli.secrets import Secret

app = typer.Typer()

FOUNDERS: Final = 2

_Site = Annotated[str | None, typer.Option(metavar="SITE", help="The code of the first site.")]
_SiteTitle = Annotated[str | None, typer.Option(metavar="TITLE", help="Its name, as printed on labels.")]
_Zone = Annotated[
    str | None, typer.Option(metavar="ZONE", help="Its time zone by region and city, as Europe/Berlin.")
]
_Founders = Annotated[
    list[str] | None,
    typer.Option(metavar="STAFF=NAME", help="One of the first two people, as 'ADA-1=Ada Example'; twice."),
]


@app.command(
    "init",
    epilog=example(
        "cartrail init --purpose training --site PLANT --site-title 'Example Plant' \\",
        "  --zone Europe/Berlin \\",
        "  --founder ADA-1='Ada Example' --founder BEN-1='Ben Example' \\",
        "  --adopt autologous-cryopreserved",
        "cartrail init --example > network.toml",
        "cartrail init --network network.toml",
    ),
)
def init(
    context: typer.Context,
    *,
    purpose: Annotated[
        Purpose | None, typer.Option(help="What the store is for, fixed for its life.")
    ] = None,
    site: _Site = None,
    site_title: _SiteTitle = None,
    zone: _Zone = None,
    founder: _Founders = None,
    site_type: Annotated[SiteType | None, typer.Option(help="What the site does; else manufacturer.")] = None,
    address: Annotated[str | None, typer.Option(help="Its address, as printed on labels.")] = None,
    phone: Annotated[str | None, typer.Option(help="A number that is answered day and night.")] = None,
    wristband: Wristband = None,
    adopt: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Adopt this shipped protocol too, signed by both founders."),
    ] = None,
    network: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Take all of it, with sites and people, from a TOML file."),
    ] = None,
    print_example: Annotated[
        bool, typer.Option("--example", help="Print a file for --network, to be changed.")
    ] = False,
) -> None:
    """Create a store, its keys and its first two people.

    What no option says is asked at the terminal. Both people are asked for a password and a PIN there, or
    --credentials names a file with passwords as STAFF = "password", and PINs so below [pins]: outside a demo
    store only where no protocol is set up and no role that decides over others, which take two people who are
    there. This machine becomes the hub: --station, else HUB-1. With --network the file says everything but
    the secrets.
    """
    session = CommandSession.of(context)
    if print_example:
        _print_example()
        return
    if network is not None:
        options = (purpose, site, site_title, zone, founder, site_type, address, phone, wristband, adopt)
        _found_network(session, network, options)
        return
    _require_free(session)
    required = {"--purpose": purpose, "--site": site, "--site-title": site_title, "--zone": zone}
    require({**required, "--founder": founder})
    asks = not all(required.values())
    first = _FirstSite.asked_for(
        site=site,
        title=site_title,
        zone=zone,
        site_type=site_type,
        address=address,
        phone=phone,
        wristband=wristband,
        asks=asks,
    )
    chosen = purpose or chosen_of("What is the store for, for its whole life", Purpose)
    named = _two(founder)
    _require_verified(chosen, () if adopt is None else (adopt,))
    _found(session, _new_store(session, chosen, first, named, attended=adopt is not None), adopt)


def _print_example() -> None:
    from tracker.values import network_example

    sys.stdout.write(network_example())


def _require_free(session: CommandSession) -> None:
    """Nobody is asked for anything where no store can be made."""
    from tracker.tracker import Tracker

    Tracker.require_free(session.settings.database)


def _require_verified(purpose: Purpose, protocols: Sequence[str]) -> None:
    """Neither a misspelled name nor a model leaves a store behind or lets anybody type a password."""
    from tracker.values import must_be_verified, shipped

    for name in protocols:
        open_figures = must_be_verified(shipped(name))
        if purpose is Purpose.PRODUCTION and open_figures:
            raise InputError(
                f"{name} is a model: {len(open_figures)} of its figures feed a rule and are not verified.",
                remedy="Make the store without it, then adopt a file with your own figures: "
                "cartrail protocol check, then adopt.",
                code="figures_unverified",
            )


@dataclass(frozen=True, slots=True)
class _FirstSite:
    """What is asked of the first site."""

    code: str
    title: str
    zone: str
    site_type: SiteType
    address: str
    phone: str
    wristband: tuple[WristbandRule, ...]

    @classmethod
    def asked_for(
        cls,
        *,
        site: str | None,
        title: str | None,
        zone: str | None,
        site_type: SiteType | None,
        address: str | None,
        phone: str | None,
        wristband: list[str] | None,
        asks: bool,
    ) -> _FirstSite:
        """What the options say of it; the rest is asked, where somebody is there and asked for it."""
        code = given_or_asked(site, "Code of the first site, as PLANT", _code)
        name = given_or_asked(title, "Its name, as printed on labels", text_of("A name"))
        where = given_or_asked(zone, "Its time zone by region and city, as Europe/Berlin", checked_zone)
        kind = site_type
        if asks:
            if kind is None:
                kind = chosen_of("What it does", SiteType, default=SiteType.MANUFACTURER)
            address = given_or_asked(address, "Its address, or Enter", str)
            phone = given_or_asked(phone, "A telephone that is answered day and night, or Enter", _phone)
        rules = wristband_rules(wristband)
        if asks and not rules and kind not in (SiteType.MANUFACTURER, SiteType.CARRIER):
            rules = tuple(_asked_rules())
        return cls(code, name, where, kind or SiteType.MANUFACTURER, address or "", phone or "", rules)


def _asked_rules() -> Iterator[WristbandRule]:
    """One picture after the other, until Enter alone."""

    def read(text: str) -> WristbandRule | None:
        return wristband_rule(text) if text else None

    while (rule := asked(f"A wristband number, as {EXAMPLE}, or Enter", read)) is not None:
        yield rule


def _code(text: str) -> str:
    return short_name(text, what="The site code")


def _phone(text: str) -> str:
    if text and not any(map(str.isdigit, text)):
        raise InputError("The telephone has no digits.", remedy="Type it as it is dialed from abroad.")
    return text


def _two(given: list[str] | None) -> tuple[tuple[str, str], tuple[str, str]]:
    """Staff id and name of the two founders; raises InputError for fewer, more, or one person twice."""
    named = [_named(text) for text in given or ()]
    if given is None:
        for which in ("first", "second"):
            named.append(
                asked(f"The {which} founder, as ADA-1=Ada Example", lambda text: _other(text, named))
            )
    if len(named) != FOUNDERS:
        raise InputError(
            f"{len(named)} founders were named; a store is founded by two.",
            remedy="Give --founder STAFF=NAME twice.",
            code="not_two_founders",
        )
    first, second = named[0], named[1]
    _other("=".join(second), [first])
    return first, second


def _other(text: str, before: list[tuple[str, str]]) -> tuple[str, str]:
    """Somebody who is not named yet."""
    staff, name = _named(text)
    if any(staff == known for known, _ in before):
        raise InputError(
            f"Both founders have the staff id {staff}.",
            remedy="Name two different people.",
            code="same_person",
        )
    return staff, name


def _new_store(
    session: CommandSession,
    purpose: Purpose,
    site: _FirstSite,
    named: tuple[tuple[str, str], tuple[str, str]],
    *,
    attended: bool,
) -> NewStore:
    from tracker.values import NewStore

    station = short_name(session.settings.station or "HUB-1", what="The station id")
    both = attended and purpose is not Purpose.DEMO
    first, second = named
    return NewStore(
        purpose=purpose,
        site=site.code,
        site_title=site.title,
        station=station,
        founders=(_founder(session, *first, attended=both), _founder(session, *second, attended=both)),
        zone=site.zone,
        wristband=site.wristband,
        site_type=site.site_type,
        address=site.address,
        phone_24h=site.phone,
    )


def _named(text: str) -> tuple[str, str]:
    staff, separator, name = text.partition("=")
    if not separator or not name.strip():
        raise InputError(
            f'"{text[:60]}" names no founder.', remedy="Write STAFF=NAME, as ADA-1='Ada Example'."
        )
    return short_name(staff.strip(), what="The founder's staff id"), name.strip()


def _founder(session: CommandSession, staff: str, name: str, *, attended: bool) -> FounderAccount:
    return _account(session, staff, name, _secret_of(session, staff, attended=attended))


def _account(session: CommandSession, staff: str, name: str, password: Secret) -> FounderAccount:
    from tracker.values import FounderAccount

    return FounderAccount(staff=staff, name=name, password=password.text, pin=session.secrets.pin(staff))


def _secret_of(session: CommandSession, staff: str, *, attended: bool) -> Secret:
    """A founder's new password; raises Refusal where it comes from a file and two have to be there."""
    if attended:
        _require_there(session, staff)
    return session.secrets.new_password(staff)


def _require_there(session: CommandSession, staff: str) -> None:
    if session.secrets.holds(staff):
        raise Refusal(
            "A protocol, and a role that decides over others, need two people who are there; --credentials "
            "cannot stand in for them.",
            remedy="Leave --credentials out, or leave protocol and roles out and give them at the terminal.",
            code="unattended",
        )


def _found_network(session: CommandSession, path: Path, others: Sequence[object]) -> None:
    """Found a store and record its whole network, signed by its founders; no other option says any of it."""
    from tracker.tracker import Tracker

    if session.settings.station is not None or any(one is not None for one in others):
        raise InputError(
            "With --network the file says what the store is for, its sites, station and founders.",
            remedy="Leave out --station and every option of a first site, or leave out --network.",
            code="two_answers",
        )
    network = read_network(path)
    Tracker.require_free(session.settings.database)
    _require_verified(network.purpose, network.protocols)
    both = network.needs_both and network.purpose is not Purpose.DEMO
    for one in network.founders if both else ():
        _require_there(session, one.staff)  # known before the file is tried, which takes some seconds
    say("Trying the whole file on a store that is thrown away: this takes some seconds ...")
    rehearse(network)
    say("The file holds together. Now the founders.")
    passwords: list[Secret] = []
    accounts: list[FounderAccount] = []
    for one in network.founders:
        passwords.append(_secret_of(session, one.staff, attended=both))
        accounts.append(_account(session, one.staff, one.name, passwords[-1]))
    new = new_store(network, (accounts[0], accounts[1]))
    attended = network.purpose is Purpose.DEMO or all(one.attended for one in passwords)
    tracker, founded = Tracker.found(url=session.settings.database, new=new, config=session.settings.config)
    try:
        remember_station(session.settings.config, founded.origin, new.station)
        record_network(tracker, network, founded.signers, None if attended else EntryMode.UNATTENDED)
        for name in network.protocols:
            _adopt(tracker, new, founded, name)
        tell_network(tracker, network, facts=_facts(session, new, founded), as_json=session.as_json)
        _tell_server(tracker)
        _tell_log_key(founded.log_key_file)
    finally:
        tracker.close()


def _found(session: CommandSession, new: NewStore, adopt: str | None) -> None:
    from tracker.tracker import Tracker

    tracker, founded = Tracker.found(url=session.settings.database, new=new, config=session.settings.config)
    try:
        _tell(session, new, founded)
        _tell_server(tracker)
        remember_station(session.settings.config, founded.origin, new.station)
        if adopt is not None:
            _adopt(tracker, new, founded, adopt)
    finally:
        tracker.close()


def _tell_server(tracker: Tracker) -> None:
    """What is to be changed about the database before people record."""
    for line in tracker.server_warnings():
        say(line)


def _facts(session: CommandSession, new: NewStore, founded: Founded) -> dict[str, Any]:
    return {
        "database": session.settings.shown_database,
        "origin": founded.origin,
        "purpose": new.purpose.value,
        "log_key": str(founded.log_key_file),
        "site": new.site,
        "station": new.station,
        "founders": [one.staff for one in new.founders],
    }


def _tell(session: CommandSession, new: NewStore, founded: Founded) -> None:
    facts = _facts(session, new, founded)
    if session.as_json:
        print_json(facts)
    else:
        print_rows(rows_of(facts))
    _tell_next(new, founded.log_key_file)


def _tell_next(new: NewStore, log_key: Path) -> None:
    first = new.founders[0].staff
    _tell_log_key(log_key)
    say("What next:")
    say(f"  cartrail site add SITE --title TITLE --type TYPE --as {first}")
    say(f"  cartrail person add STAFF --name NAME --as {first}; then grant, badge, code, activate")
    say("  cartrail            the terminal")


def _tell_log_key(log_key: Path) -> None:
    say(f"Keep a copy of {log_key} where this machine's database is not: it signs the log's checkpoints.")


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
