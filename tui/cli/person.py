"""`cartrail person`: people, their roles, badges, keys and passwords."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schema.errors import InputError
from schema.instants import format_instant
from schema.vocabulary import Reason, Role
from tui.cli.acting import ask, entered, signed_by, tell_answer, wire
from tui.cli.ending import say
from tui.cli.options import Approver, example, reason_option
from tui.cli.output import print_json, print_records, print_rows
from tui.cli.readers import reader_in
from tui.cli.rights import RightsForm, note_people, show_ending, show_rights, sign_review
from tui.cli.session import CommandSession, SignedIn
from tui.cli.times import FoldOption, instant

if TYPE_CHECKING:
    from tracker.values import Grant, Person, RegistryState

app = typer.Typer()
group = typer.Typer(help="People, their roles, badges, keys and passwords.")
app.add_typer(group, name="person", epilog=example("cartrail person list"))

Staff = Annotated[str, typer.Argument(metavar="STAFF", help="The staff id.")]


@group.command(
    "list",
    epilog=example(
        "cartrail person list --json --as QA-1",
        "cartrail person list --on 2026-11-30 --format pdf --out rights.pdf --as QA-1",
        "cartrail person list --ending 30d --as ADA-1",
    ),
)
def list_people(
    context: typer.Context,
    *,
    day: Annotated[
        str | None,
        typer.Option("--on", metavar="DAY", help="Who held which role on this day, with training."),
    ] = None,
    ending: Annotated[
        str | None, typer.Option(metavar="30d", help="Only roles that end, or whose training does, so soon.")
    ] = None,
    form: Annotated[RightsForm | None, typer.Option("--format", help="With --on: csv and pdf too.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="PATH", help="The file of a csv or pdf.")] = None,
) -> None:
    """List people, the roles they hold and whether they can sign; or the rights of a day."""
    session = CommandSession.of(context)
    if (day is None) and (form, out) != (None, None):
        raise InputError("--format and --out are of a list of rights.", remedy="Add --on DAY.")
    if day is not None and ending is not None:
        raise InputError("--on and --ending are two lists.", remedy="Ask for one of them.")
    if day is not None:
        show_rights(session, day, form or (RightsForm.JSON if session.as_json else RightsForm.TABLE), out)
        return
    if ending is not None:
        show_ending(session, ending)
        return
    with session.reading() as tracker:
        registry = tracker.registry
        reader = reader_in(session, tracker)
        note_people(session, reader, "json" if session.as_json else "table", len(registry.people))
    records = [_summary(registry, person) for person in registry.people.values()]
    headings = (("staff", "Staff"), ("name", "Name"), ("roles", "Roles"), ("state", "State"))
    print_records(records, headings, as_json=session.as_json, none="There is no such person.")


@group.command(
    "review",
    epilog=example(
        "cartrail person review --on 2026-11-30 --as QA-1",
        "cartrail person review --on 2026-11-30 --observed 'CAM-1 left in October' --as QA-1",
    ),
)
def review(
    context: typer.Context,
    *,
    day: Annotated[str, typer.Option("--on", metavar="DAY", help="The day whose list was read.")],
    observed: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What is not in order; without it all is.")
    ] = None,
) -> None:
    """Sign, as quality, that the rights of a day were reviewed; the list's SHA-256 is what is signed."""
    sign_review(CommandSession.of(context), day, observed)


@group.command("show", epilog=example("cartrail person show ADA-1"))
def show(context: typer.Context, staff: Staff) -> None:
    """Show one person: badges, key, grants with their event ids, and the trails they opened last."""
    session = CommandSession.of(context)
    with session.reading() as tracker:
        registry = tracker.registry
        reader = reader_in(session, tracker)
        opened = [
            {"at": format_instant(one.opened_at), "therapy": one.chain, "station": one.station}
            for one in tracker.audit.opened_by(staff)
        ]
    person = registry.person(staff)
    if person is None:
        raise InputError(f"There is nobody with the staff id {staff}.", remedy="See `cartrail person list`.")
    note_people(session, reader, "json" if session.as_json else "table", 1)
    grants = [_grant(one) for one in registry.grants_of(staff)]
    key = registry.active_key(staff)
    facts = {
        **_summary(registry, person),
        "badges": list(person.badges),
        "key": key.key if key is not None else None,
    }
    if session.as_json:
        print_json({**facts, "grants": grants, "opened": opened})
        return
    print_rows(
        (name, ", ".join(value) if isinstance(value, list) else str(value or ""))
        for name, value in facts.items()
    )
    print()
    headings = (
        ("role", "Role"),
        ("site", "Site"),
        ("until", "Until"),
        ("state", "State"),
        ("grant", "Grant"),
    )
    print_records(grants, headings, as_json=False)
    if opened:
        print()
        looked = (("at", "Opened a trail at"), ("therapy", "Therapy"), ("station", "Station"))
        print_records(opened, looked, as_json=False)


@group.command("add", epilog=example("cartrail person add CAM-1 --name 'Cam Example' --as ADA-1"))
def add(
    context: typer.Context,
    staff: Staff,
    *,
    name: Annotated[str, typer.Option(help="The name as it is printed beside signatures.")],
) -> None:
    """Add a person. Their staff id is never given to anybody else."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        ask(session, tracker, "add_person", staff=staff, printed_name=name)


@group.command(
    "grant",
    epilog=example(
        "cartrail person grant CAM-1 courier --site CARRIER --training TR-7 --as ADA-1",
        "cartrail person grant CAM-1 quality --site PLANT --training TR-8 \\",
        "  --as ADA-1 --approved-by BEN-1",
    ),
)
def grant(
    context: typer.Context,
    staff: Staff,
    role: Annotated[Role, typer.Argument(metavar="ROLE", help="What they may do, as courier or quality.")],
    *,
    site: Annotated[str, typer.Option(help="Where.")],
    training: Annotated[str, typer.Option(metavar="REFERENCE", help="What shows that they can do it.")],
    training_expires: Annotated[
        str | None, typer.Option(metavar="TIME", help="When the training expires.")
    ] = None,
    since: Annotated[str | None, typer.Option("--from", metavar="TIME", help="From when.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="TIME", help="Until when.")] = None,
    fold: FoldOption = None,
    approved_by: Approver = None,
) -> None:
    """Let a person act in a role at a site. Roles that decide over others need a second signature.

    Times are by the clocks of that site.
    """
    session = CommandSession.of(context)
    with session.writing() as tracker:
        ask(
            session,
            tracker,
            "grant_role",
            approver=approved_by,
            staff=staff,
            role=role.value,
            site=site,
            training_reference=training,
            training_expires_at=instant(session, tracker, training_expires, fold, site=site),
            valid_from=instant(session, tracker, since, fold, site=site),
            valid_until=instant(session, tracker, until, fold, site=site),
        )


@group.command(
    "revoke",
    epilog=example(
        "cartrail person revoke 01890000-0000-7000-8000-000000000000 --as ADA-1",
        "cartrail person revoke PD234567892 --reason lost_or_stolen --as ADA-1",
    ),
)
def revoke(
    context: typer.Context,
    what: Annotated[str, typer.Argument(metavar="GRANT|BADGE", help="The event id of a grant, or a badge.")],
    *,
    reason: Annotated[Reason | None, reason_option("revoke", "Why")] = None,
) -> None:
    """Revoke a grant, or a badge that was lost or replaced."""
    session = CommandSession.of(context)
    why = reason.value if reason is not None else None
    with session.writing() as tracker:
        if what.startswith(("P", "CTP")):
            ask(session, tracker, "revoke_badge", badge=what, reason=why)
        else:
            ask(session, tracker, "revoke_role", grant=what, reason=why)


@group.command("badge", epilog=example("cartrail person badge CAM-1 --as ADA-1"))
def badge(
    context: typer.Context,
    staff: Staff,
    *,
    code: Annotated[
        str | None, typer.Option(metavar="CODE", help="A new badge just scanned; drawn when not given.")
    ] = None,
) -> None:
    """Bind a new badge to a person. `cartrail label STAFF` prints it."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        ask(session, tracker, "bind_badge", staff=staff, badge=code)


@group.command(
    "code",
    epilog=example(
        "cartrail person code CAM-1 --as ADA-1",
        "cartrail person code CAM-1 --now --as ADA-1 --approved-by QA-1",
    ),
)
def code(
    context: typer.Context,
    staff: Staff,
    *,
    now: Annotated[
        bool, typer.Option("--now", help="Retire the key they have at once; a second person approves.")
    ] = False,
    approved_by: Approver = None,
) -> None:
    """Issue a one-time code for a first or forgotten password. It is shown once.

    Whoever has a key works on with it until the new one is activated.
    """
    from tracker.catalog import parse_request
    from tracker.values import IssueAccessCode

    session = CommandSession.of(context)
    with session.writing() as tracker:
        people = SignedIn(tracker, session.secrets)
        named = signed_by(session.staff, approved_by)
        signing = [session.staff] if named is None else [one["staff"] for one in named]
        signers = [people.signer(one, session.station_in(tracker)) for one in signing]
        asked = {"staff": staff, "at_once": now or None, "signers": named}
        request = parse_request(
            wire(session, tracker, "issue_access_code", entry=entered(people.mode(signers)), **asked)
        )
        if not isinstance(request, IssueAccessCode):
            raise TypeError(request.name)
        answer, one_time = tracker.issue_access_code(request=request, signers=signers)
        if answer.ok and one_time is not None and not session.as_json:
            print(one_time)
        more = {"staff": staff, "code": one_time} if answer.ok and one_time is not None else {}
        tell_answer(session, tracker, answer, more=more)
    say(f"{staff} sets a password with it: `cartrail person activate {staff} --witness STAFF`.")


@group.command("activate", epilog=example("cartrail person activate CAM-1 --witness BEN-1"))
def activate(
    context: typer.Context,
    staff: Staff,
    *,
    witness: Annotated[
        str, typer.Option(metavar="STAFF", help="Somebody who did not issue the code and signs as witness.")
    ],
) -> None:
    """Set a first password with a one-time code, before a witness. This makes the person's key."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        station = session.station_in(tracker)
        people = SignedIn(tracker, session.secrets)
        seen_by = people.signer(witness, station)
        code = session.secrets.one_time_code(staff)
        tracker.require_access_code(staff=staff, code=code, station=station)
        chosen = session.secrets.new_password(staff)
        people.require_attended([seen_by], chosen)
        answer, _ = tracker.activate_key(
            staff=staff,
            code=code,
            password=chosen.text,
            pin=session.secrets.pin(staff),
            witness=seen_by,
            station=station,
        )
        tell_answer(session, tracker, answer)


@group.command(
    "deactivate", epilog=example("cartrail person deactivate CAM-1 --reason left_the_organization --as ADA-1")
)
def deactivate(
    context: typer.Context,
    staff: Staff,
    *,
    reason: Annotated[Reason | None, reason_option("deactivate_person", "Why")] = None,
    approved_by: Approver = None,
) -> None:
    """Let a person do nothing any more. Their key is retired; what they did stays.

    Somebody of their site signs, and somebody of another site where there is one.
    """
    session = CommandSession.of(context)
    with session.writing() as tracker:
        why = reason.value if reason is not None else None
        ask(session, tracker, "deactivate_person", approver=approved_by, staff=staff, reason=why)


@group.command("reactivate", epilog=example("cartrail person reactivate CAM-1 --as ADA-1 --approved-by QA-2"))
def reactivate(context: typer.Context, staff: Staff, *, approved_by: Approver = None) -> None:
    """Let a deactivated person act again, by the grants that stand; `person code` gives them a new key."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        ask(session, tracker, "reactivate_person", approver=approved_by, staff=staff)


@group.command("password", epilog=example("cartrail person password --as CAM-1"))
def password(context: typer.Context) -> None:
    """Change one's own password and PIN; the key stays the same."""
    session = CommandSession.of(context)
    with session.writing() as tracker:
        signer = SignedIn(tracker, session.secrets).signer(session.staff, session.station_in(tracker))
        tracker.change_password(
            signer=signer,
            password=session.secrets.replacement(session.staff),
            pin=session.secrets.pin(session.staff),
        )
    say(f"The password and PIN of {session.staff} are changed.")


def _summary(registry: RegistryState, person: Person) -> dict[str, Any]:
    roles = [f"{one.role.value} at {one.site}" for one in registry.grants_of(person.staff) if not one.revoked]
    can_sign = registry.active_key(person.staff) is not None
    state = "no longer active" if not person.active else "can sign" if can_sign else "no key yet"
    return {"staff": person.staff, "name": person.name, "roles": roles, "state": state}


def _grant(one: Grant) -> dict[str, Any]:
    return {
        "role": one.role.value,
        "site": one.site,
        "from": format_instant(one.valid_from),
        "until": format_instant(one.valid_until) if one.valid_until else None,
        "training": one.training_reference,
        "training_expires": format_instant(one.training_expires_at) if one.training_expires_at else None,
        "granted_by": one.granted_by,
        "state": "revoked" if one.revoked else "given",
        "grant": one.event_id,
    }
