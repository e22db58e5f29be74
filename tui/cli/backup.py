"""`cartrail backup` and `cartrail restore`: the store copied while others record, and put back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from schema.errors import InputError
from schema.papercodes import parse_receipt
from schema.vocabulary import Reason
from tui.cli.acting import tell_answer
from tui.cli.ending import say
from tui.cli.options import example, reason_option
from tui.cli.output import print_json, print_rows
from tui.cli.progress import progress
from tui.cli.session import CommandSession, SignedIn

app = typer.Typer()


@app.command(
    "backup",
    epilog=example("cartrail backup --to /mnt/backup", "cartrail backup --to /mnt/backup --keys /media/safe"),
)
def backup(
    context: typer.Context,
    *,
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="Where a new folder with the store is made.")],
    keys: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where this machine's keys go too, on another disk."),
    ] = None,
) -> None:
    """Copy the store as it is at one moment; recording goes on meanwhile.

    The keys are no part of it: whoever has store and log key could sign another record. --keys copies them
    to a place of their own. On PostgreSQL this needs pg_dump of the server's version.
    """
    session = CommandSession.of(context)
    with session.writing() as tracker:
        made = tracker.back_up(session.settings.database, to, keys=keys)
    facts = {"folder": str(made.folder), **made.to_json()}
    if session.as_json:
        print_json(facts)
        return
    print_rows((name.replace("_", " "), _said(value)) for name, value in facts.items() if name != "keys")
    if made.keys and keys is None:
        say(f"Not in it: {', '.join(made.keys)} of this machine. Keep a copy of them apart (--keys FOLDER).")


@app.command(
    "restore",
    epilog=example(
        "cartrail restore /mnt/backup/cartrail-production-... --database /srv/cartrail/store.db",
        "cartrail restore FOLDER --database postgresql://cartrail@db/cartrail --head CTH...",
        "cartrail restore FOLDER --accept-loss --as ADA-1 --approved-by QA-2 --reason disk_failed",
    ),
)
def restore(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="BACKUP", help="The folder that `cartrail backup` made.")],
    *,
    head: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="A head code off the newest paper; may be given again."),
    ] = None,
    head_file: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="The station.head of another machine; may be given again."),
    ] = None,
    receipt: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODE", help="With --accept-loss: a receipt to be looked for; may be given again."
        ),
    ] = None,
    accept_loss: Annotated[
        bool, typer.Option("--accept-loss", help="Go on although entries are lost: recorded for ever.")
    ] = False,
    approved_by: Annotated[
        str | None, typer.Option(metavar="STAFF", help="With --accept-loss: who approves it, of quality.")
    ] = None,
    reason: Annotated[Reason | None, reason_option("accept_loss", "With --accept-loss: why")] = None,
    remark: Annotated[
        str | None, typer.Option(metavar="TEXT", help="With --accept-loss: what happened, in words.")
    ] = None,
) -> int:
    """Put a backup's store at --database, where nothing may be yet, and verify it.

    First the backup is held against the newest head that this machine's keys and the given paper know. One
    that saw more means that entries would be lost: then nothing is restored, exit code 4. Only where they are
    lost for good, --accept-loss goes on: an administrator (--as) and quality sign, the log gets another key,
    and every verdict and report names the loss from then on.
    """
    session = CommandSession.of(context)
    seen = _Seen(head or (), head_file or ())
    if accept_loss:
        if approved_by is None or reason is None:
            raise InputError(
                "A loss is accepted by two people, for a reason.",
                remedy="Add --approved-by STAFF, of quality, and --reason CODE.",
                code="incomplete",
            )
        _accept_loss(session, folder, seen, receipt or (), _Word(approved_by, reason, remark))
    return _verified(session, folder, seen, restored=accept_loss)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the backup is held against, beside the heads that this machine keeps."""

    codes: Sequence[str]
    files: Sequence[Path]


@dataclass(frozen=True, slots=True)
class _Word:
    """Who approves a loss, and why it is accepted."""

    approver: str
    reason: Reason
    remark: str | None


def _accept_loss(
    session: CommandSession, folder: Path, seen: _Seen, receipts: Sequence[str], word: _Word
) -> None:
    """Put the store back, have the loss signed, and list what is known to be missing."""
    from tracker.verification import put_back_with_loss

    # A slip of the pen is refused before anything is put back.
    staff, wanted = session.staff, [parse_receipt(code) for code in receipts]
    backup, lost = put_back_with_loss(
        folder,
        session.settings.database,
        config=session.settings.config,
        heads=seen.codes,
        head_files=seen.files,
    )
    with session.restored() as tracker:
        station = session.station_in(tracker)
        people = SignedIn(tracker, session.secrets)
        signers = [people.signer(one, station) for one in (staff, word.approver)]
        people.require_attended(signers)
        answer = tracker.accept_loss(
            known=lost[0],
            actor=staff,
            approver=word.approver,
            station=station,
            reason=word.reason,
            remark=word.remark,
            signers=signers,
        )
        tell_answer(session, tracker, answer)
        missing = [code.text for code in wanted if tracker.log.check_receipt(code).exit_code]
    first, last = backup.tree_size + 1, lost[0].tree_size
    which = f"entry {last} of the log is" if first == last else f"entries {first} to {last} of the log are"
    say(f"Missing: {which} gone, and so is what came later.")
    for one in lost:
        say(f"  {one.source} saw {one.tree_size}: {one.tree_size - backup.tree_size} more than the backup")
    for code in missing:
        say(f"  the receipt {code}: its statement is gone")
    say("Enter them again from slips and forms (--mode paper), each by the two people who compare it.")


def _verified(session: CommandSession, folder: Path, seen: _Seen, *, restored: bool) -> int:
    from tracker.verification import restore_backup, verify_store
    from tui.cli.verify import lines_of

    with progress("Verified", "entries") as show:
        url, config = session.settings.database, session.settings.config
        # The heads that were given saw what is lost: the store is judged without them.
        verdict = (
            verify_store(url, config=config, progress=show)
            if restored
            else restore_backup(
                folder, url, config=config, heads=seen.codes, head_files=seen.files, progress=show
            )
        )
    if session.as_json:
        print_json(verdict.to_json())
    else:
        for line in lines_of(verdict):
            print(line)
    if verdict.exit_code == 0:
        stations = " Run `cartrail migrate --app-role NAME` for its stations."
        say("The store stands again." + (stations if url.startswith("postgres") else ""))
    return verdict.exit_code


def _said(value: object) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
