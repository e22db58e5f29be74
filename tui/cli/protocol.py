"""`cartrail protocol`: workflows as files, checked, adopted by two people and shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schema.errors import InputError, StoreError
from tui.cli.acting import entered, signed_by, tell_answer, wire
from tui.cli.ending import say
from tui.cli.options import example
from tui.cli.output import print_json, print_records, print_rows
from tui.cli.session import CommandSession, SignedIn
from tui.files import start_of

if TYPE_CHECKING:
    from tracker.values import (
        Band,
        CelsiusRange,
        Dose,
        Keeping,
        Protocol,
        ProtocolFile,
        ProtocolVersion,
        Sourced,
    )

app = typer.Typer()
group = typer.Typer(help="Therapies' workflows: list, show, check and adopt them.")
app.add_typer(group, name="protocol", epilog=example("cartrail protocol list"))

Source = Annotated[
    str, typer.Argument(metavar="FILE|NAME", help="A TOML file, or the name of a shipped protocol.")
]


@group.command("list", epilog=example("cartrail protocol list"))
def list_protocols(context: typer.Context) -> None:
    """List the protocols of the store, and the shipped ones that could be adopted."""
    from tracker.values import shipped, shipped_names

    session = CommandSession.of(context)
    adopted = _adopted_here(session)
    records = [
        _record(one.protocol, one.version, one.title, "adopted", one.sha256)
        | ({} if one.unverified_because is None else {"unverified_because": one.unverified_because})
        for one in adopted
    ]
    digests = {one.sha256 for one in adopted}
    for file in map(shipped, shipped_names()):
        if file.sha256 not in digests:
            protocol = file.protocol
            records.append(
                _record(protocol.id, protocol.version, protocol.title, "shipped, not adopted", file.sha256)
            )
    headings = (("protocol", "Protocol"), ("version", "Version"), ("title", "Title"), ("state", "State"))
    print_records(records, headings, as_json=session.as_json)


def _adopted_here(session: CommandSession) -> list[ProtocolVersion]:
    """What the store has adopted; none before there is a store, when a first one is to be drafted."""
    try:
        with session.reading() as tracker:
            return [one for versions in tracker.registry.protocols.values() for one in versions]
    except StoreError as error:
        if error.code != "no_store":
            raise
        say(error.message)
        return []


def _record(protocol: str, version: int, title: str, state: str, sha256: str) -> dict[str, Any]:
    return {"protocol": protocol, "version": version, "title": title, "state": state, "sha256": sha256}


@group.command("show", epilog=example("cartrail protocol show autologous-cryopreserved"))
def show(context: typer.Context, source: Source) -> None:
    """Show a protocol's steps, limits and release tests; an adopted one by its id, else a file."""
    session = CommandSession.of(context)
    file = _adopted(session, source) or _file(source)
    if session.as_json:
        print_json(file.protocol.model_dump(mode="json"))
    else:
        _print(file)


@group.command("check", epilog=example("cartrail protocol check my-therapy.toml"))
def check(source: Source) -> None:
    """Check a protocol file: its shape, that every step can be reached, and what it leaves unjudged.

    Nothing is recorded. What is not judged or not verified does not keep a protocol from being adopted.
    """
    from tracker.values import FileLines, unjudged, unverified, with_line

    file = _file(source)
    protocol, lines = file.protocol, FileLines(file.content)
    print_rows(
        [
            ("protocol", f"{protocol.id} version {protocol.version}"),
            ("sha256", file.sha256),
            ("check", "holds"),
            *(("not judged", said) for said in unjudged(protocol)),
            *(
                ("not verified", with_line(lines.of_row(protocol, one.row), one.words))
                for one in unverified(protocol)
            ),
        ]
    )


@group.command(
    "draft",
    epilog=example(
        "cartrail protocol draft --base autologous-cryopreserved --facts tisa-cel --out tisa-cel.toml"
    ),
)
def draft_file(
    *,
    facts: Annotated[str, typer.Option(metavar="NAME", help="The licensed product whose figures are taken.")],
    base: Annotated[str, typer.Option(metavar="NAME", help="The shipped protocol that they are laid over.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the draft is written.")],
) -> None:
    """Write a protocol for a licensed product: its label's figures, with their sources, over a shipped one.

    It is a model and no label: every figure is to be held against the current label, and changed in the file.
    """
    from tracker.values import draft, unverified

    file = draft(base, facts)
    try:
        with out.expanduser().open("xb") as target:
            target.write(file.content)
    except OSError as error:
        raise InputError(
            f"{out} cannot be written: {error.strerror}.", remedy="Name a file that is not there yet."
        ) from error
    say(f"{file.protocol.title}: written to {out}.")
    count = len(unverified(file.protocol))
    say(f"{count} figures are not verified: `cartrail protocol check {out}` names them.")


@group.command("diff", epilog=example("cartrail protocol diff autologous-cryopreserved tisa-cel.toml"))
def diff(
    context: typer.Context,
    before: Source,
    after: Annotated[str, typer.Argument(metavar="FILE|NAME", help="The one that is compared with it.")],
) -> None:
    """Say what a protocol has otherwise than another; an adopted one is named by its id."""
    from tracker.values import differences

    session = CommandSession.of(context)
    one, other = ((_adopted(session, name) or _file(name)).protocol for name in (before, after))
    found = [{"difference": said} for said in differences(one, other)]
    if session.as_json:
        print_json(found)
        return
    for line in found:
        print(line["difference"])
    if not found:
        say("Both say the same.")


@group.command(
    "adopt",
    epilog=example("cartrail protocol adopt autologous-cryopreserved --as ADA-1 --approved-by BEN-1"),
)
def adopt(
    context: typer.Context,
    source: Source,
    *,
    approved_by: Annotated[str, typer.Option(metavar="STAFF", help="The second person, who approves it.")],
    unverified_because: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Why a production store takes figures that nobody has verified."),
    ] = None,
) -> None:
    """Adopt a version of a protocol, signed by quality and a second person; its bytes are kept.

    A production store takes no figure that feeds a rule and that nobody has verified, unless both sign why.
    """
    from tracker.catalog import parse_request
    from tracker.values import AdoptProtocol

    session = CommandSession.of(context)
    file = _file(source)
    with session.writing() as tracker:
        station = session.station_in(tracker)
        people = SignedIn(tracker, session.secrets)
        signers = [people.signer(staff, station) for staff in (session.staff, approved_by)]
        request = parse_request(
            wire(
                session,
                tracker,
                "adopt_protocol",
                entry=entered(people.mode(signers)),
                signers=signed_by(session.staff, approved_by),
                protocol=file.protocol.id,
                version=file.protocol.version,
                sha256=file.sha256,
                title=file.protocol.title,
                unverified_because=unverified_because,
            )
        )
        if not isinstance(request, AdoptProtocol):
            raise TypeError(request.name)
        answer = tracker.adopt_protocol(file=file, request=request, signers=signers)
        tell_answer(session, tracker, answer)
    say("Therapies enrolled from now on may be pinned to it; running ones stay with theirs.")


@group.command("simulate", epilog=example("cartrail protocol simulate tisa-cel.toml --failure late_thaw"))
def simulate(
    context: typer.Context,
    source: Source,
    *,
    failure: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD", help="What goes wrong: late_thaw, oos or wrong_bag; may be repeated."),
    ] = None,
) -> None:
    """Play one therapy by a protocol to its end, in a store that is gone afterwards.

    Exit code 3 says that the protocol stops a therapy that goes as it should, or lets a failure pass.
    Steps of the process are played only as far as other steps wait for none of them.
    """
    from tracker.demo.simulation import Failure, simulate

    known = [one.value for one in Failure]
    wrong = [word for word in failure or () if word not in known]
    if wrong:
        raise InputError(f"There is no failure {wrong[0]!r}.", remedy=f"Give one of {', '.join(known)}.")
    session = CommandSession.of(context)
    file = _file(source)
    found = simulate(file, [Failure(word) for word in failure or ()])
    begun = found.steps[0][0].date()
    steps = [{"day": str((at.date() - begun).days), "step": title} for at, title in found.steps]
    stops = [
        {"failure": one.failure.value, "code": one.code, "said": one.message, "source": one.source}
        for one in found.stops
    ]
    if session.as_json:
        given = {"containers_given": found.bags_given, "out_of_specification": found.out_of_specification}
        ended = {"protocol": found.protocol, "status": found.status.value, **given}
        print_json({**ended, "steps": steps, "stops": stops})
        return
    print_records(steps, (("day", "Day"), ("step", "Step")), as_json=False)
    for one in stops:
        print()
        rows = [("failure", one["failure"]), ("stopped by", one["code"]), ("said", one["said"])]
        print_rows([*rows, ("source", one["source"])] if one["source"] else rows)
    oos = ", out of specification" if found.out_of_specification else ""
    say(f"{found.protocol}: {found.status.value}, {found.bags_given} containers given{oos}.")


def _file(source: str) -> ProtocolFile:
    """A file on disk, else a shipped protocol of that name."""
    from tracker.values import PROTOCOL_BYTES_MAX, parse_protocol, shipped, shipped_names

    path = Path(source).expanduser()
    if source in shipped_names() and not path.exists():
        return shipped(source)
    try:
        content = start_of(path, PROTOCOL_BYTES_MAX)
    except OSError as error:
        raise InputError(
            f"{source} cannot be read: {error.strerror}.",
            remedy=f"Name a TOML file, or one of {', '.join(shipped_names())}.",
            code="no_protocol",
        ) from error
    return parse_protocol(content, name=path.name)


def _adopted(session: CommandSession, name: str) -> ProtocolFile | None:
    """The newest adopted version of a protocol, from the bytes that the store keeps."""
    from schema.errors import StoreError
    from tracker.values import parse_protocol

    try:
        with session.reading() as tracker:
            version = tracker.registry.latest_protocol(name)
            if version is None:
                return None
            content = tracker.read.protocol_file(sha256=version.sha256)
    except StoreError:
        # A shipped protocol can be read before there is any store.
        return None
    return None if content is None else parse_protocol(content, name=name)


def _words(values: Iterable[StrEnum]) -> str:
    return ", ".join(value.replace("_", " ") for value in values)


def _source(one: Sourced) -> str:
    """Where a figure comes from, how it was looked at and when."""
    seen = f", {one.seen}" if one.seen is not None else ""
    return f"{one.source} ({one.verified.value}{seen})"


def _print_doses(protocol: Protocol) -> None:
    """For whom how many cells are given; nothing where the protocol says nothing of it."""
    if protocol.dose is None:
        return
    print_records(
        [*_doses(protocol, protocol.dose)],
        (("indication", "Dose for"), ("weight", "Weight kg"), ("cells", "Cells"), ("source", "Source")),
        as_json=False,
    )
    print()


def _doses(protocol: Protocol, dose: Dose) -> Iterator[Mapping[str, str]]:
    known = {one.name: one.words for one in protocol.indications}
    unit = dose.unit.replace("_", " ")
    for rule in dose.rules:
        bounds = rule.per_kg or rule.flat or ()
        most = f", at most {rule.cells_max}" if rule.cells_max is not None else ""
        target = f", aim {rule.target}" if rule.target is not None else ""
        per = " for each kg" if rule.per_kg else ""
        over = f"over {rule.weight_over_kg}" if rule.weight_over_kg else ""
        up_to = f"up to {rule.weight_max_kg}" if rule.weight_max_kg else ""
        regimen = f", {rule.regimen.replace('_', ' ')}" if rule.regimen else ""
        yield {
            "indication": known.get(rule.indication, rule.indication) + regimen,
            "weight": " ".join(filter(None, (over, up_to))),
            "cells": f"{' to '.join(map(str, bounds))}{per}{target}{most} {unit}",
            "source": _source(rule),
        }


def _range(protocol: Protocol, band: Band, where: Keeping) -> CelsiusRange | None:
    from tracker.values import range_of

    return range_of(protocol, band.material, band.state, where)


def _print(file: ProtocolFile) -> None:
    protocol: Protocol = file.protocol
    print_rows(
        [
            ("protocol", f"{protocol.id} version {protocol.version}"),
            ("title", protocol.title),
            ("sha256", file.sha256),
        ]
    )
    print()
    if protocol.indications:
        given = [{"name": one.name, "for": one.words, "source": _source(one)} for one in protocol.indications]
        print_records(given, (("name", "Indication"), ("for", "For"), ("source", "Source")), as_json=False)
        print()
    _print_steps(protocol)
    print()
    bands = [
        {
            "material": f"{one.state.value} {one.material.value.replace('_', ' ')}",
            "where": _words(one.where),
            "keeps": " / ".join(dict.fromkeys(str(_range(protocol, one, where)) for where in one.where)),
            "source": _source(one),
        }
        for one in protocol.bands
    ]
    headings = (("material", "Material"), ("where", "In"), ("keeps", "Kept at"), ("source", "Source"))
    print_records(bands, headings, as_json=False)
    print()
    limits = [
        {"limit": one.title, "from": one.start, "until": one.until, "source": _source(one)}
        for one in protocol.limits
    ]
    print_records(
        limits,
        (("limit", "Limit"), ("from", "From"), ("until", "Until"), ("source", "Source")),
        as_json=False,
    )
    print()
    _print_doses(protocol)
    tests = [
        {
            "test": one.title,
            "limit": one.limit_words,
            "possible": ", ".join(one.words) or one.measure.range,
            "source": _source(one),
        }
        for one in protocol.release_tests
    ]
    headings = (("test", "Release test"), ("limit", "Limit"), ("possible", "Possible"), ("source", "Source"))
    print_records(tests, headings, as_json=False)


def _print_steps(protocol: Protocol) -> None:
    steps = [
        {
            "number": str(step.number),
            "step": step.title,
            "materials": _words(step.materials) or "all",
            "roles": _words(step.roles),
            "signed": _words(rule.meaning for rule in step.signatures),
        }
        for step in protocol.steps
    ]
    print_records(
        steps,
        (
            ("number", "No."),
            ("step", "Step"),
            ("materials", "Materials"),
            ("roles", "Roles"),
            ("signed", "Signed"),
        ),
        as_json=False,
    )
