"""`cartrail backup` and `cartrail restore`: the store copied while others record, and put back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tui.cli.ending import say
from tui.cli.options import example
from tui.cli.output import print_json, print_rows
from tui.cli.progress import progress
from tui.cli.session import CommandSession

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
) -> int:
    """Put a backup's store at --database, where nothing may be yet, and verify it.

    First the backup is held against the newest head that this machine's keys and the given paper know. One
    that saw more means that entries would be lost: then nothing is restored, exit code 4.
    """
    from tracker.verification import restore_backup
    from tui.cli.verify import lines_of

    session = CommandSession.of(context)
    with progress("Verified", "entries") as show:
        verdict = restore_backup(
            folder,
            session.settings.database,
            config=session.settings.config,
            heads=head or (),
            progress=show,
        )
    if session.as_json:
        print_json(verdict.to_json())
    else:
        for line in lines_of(verdict):
            print(line)
    if verdict.exit_code == 0:
        say("The store stands again. On PostgreSQL run `cartrail migrate --app-role NAME` for its stations.")
    return verdict.exit_code


def _said(value: object) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
