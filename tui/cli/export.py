"""`cartrail export`: evidence in one file that anybody can check, with the verifier inside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schema.errors import InputError, IntegrityFailure
from schema.vocabulary import Purpose
from tui.cli.ending import not_trusted, say
from tui.cli.options import example
from tui.cli.output import print_json
from tui.cli.progress import growing
from tui.cli.readers import noted, reader_in
from tui.cli.session import CommandSession, SignedIn

if TYPE_CHECKING:
    from tracker.tracker import Tracker
    from tracker.values import BundleWish, BundleWritten

app = typer.Typer()


@app.command(
    "export",
    epilog=example(
        "cartrail export CD234567892 --out evidence.zip --as AUDIT-1",
        "cartrail export --all --out everything.zip --as AUDIT-1",
        "cartrail export --again EVENT_ID --out evidence.zip",
    ),
)
def export(
    context: typer.Context,
    coi: Annotated[
        list[str] | None, typer.Argument(metavar="COI...", help="Therapies, by id or code.")
    ] = None,
    *,
    out: Annotated[Path, typer.Option(metavar="BUNDLE.zip", help="The file to write, whole or not at all.")],
    whole: Annotated[bool, typer.Option("--all", help="Every chain, and the whole log.")] = False,
    head: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="A head on paper that the bundle has to contain.")
    ] = None,
    without_free_text: Annotated[
        bool, typer.Option("--without-free-text", help="Leave every committed value closed.")
    ] = False,
    no_reading: Annotated[
        bool, typer.Option("--no-reading", help="Only the evidence: no trail.pdf, trail.csv, epcis.json.")
    ] = False,
    again: Annotated[
        str | None, typer.Option(metavar="EVENT_ID", help="An earlier export once more.")
    ] = None,
) -> int:
    """Export evidence as one file that anybody can check without cartrail.

    The registry notes who took what out. The bundle holds its own verifier: `python3 -I verify.py FILE`.
    Exit code 4: it was written, and the record in it cannot be trusted.
    """
    session = CommandSession.of(context)
    if again is None and whole == bool(coi):
        raise InputError("An export is of named therapies or of --all.", remedy="Name one of the two.")
    from tracker.values import BundleWish

    with session.writing() as tracker:
        if again is not None:
            written = _again(session, tracker, again, out)
        else:
            chains = () if whole else tracker.exports.chains(coi or ())
            wish = BundleWish(
                session.staff,
                session.station_in(tracker),
                chains,
                whole,
                tuple(head or ()),
                not without_free_text,
                not no_reading,
            )
            written = _exported(session, tracker, wish, out)
    if session.as_json:
        print_json({"path": str(written.path), "event_id": written.event_id, "head": written.head.text})
    else:
        _tell(written, is_reading_wanted=not no_reading)
    if written.doubts:
        say(not_trusted(written.doubts[0]))
        return IntegrityFailure.exit_code
    return 0


def _tell(written: BundleWritten, *, is_reading_wanted: bool) -> None:
    count = len(written.chains)
    say(f"Written to {written.path}: {written.files} files, {count} {'chain' if count == 1 else 'chains'}.")
    if written.too_long and is_reading_wanted and not written.doubts:
        say(f"Too long for {' and '.join(written.too_long)}: `cartrail trail --format` writes them apart.")
    if written.left_out:
        say(
            "Left out, since they would now be other files than the export recorded:"
            f" {', '.join(written.left_out)}."
        )
    if written.erased_since:
        erased = ", ".join(written.erased_since)
        say(f"Erased since the first file, so openings and hashes differ from it: {erased}.")
    say(f"Export {written.event_id}. Keep its head apart from the file; it proves which bundle this was:")
    print(written.head.text)


def _again(session: CommandSession, tracker: Tracker, event_id: str, out: Path) -> BundleWritten:
    """The same bundle for whoever asks now, who signs in outside a demo and is noted."""
    from tracker.values import NOTHING_MORE

    is_demo = tracker.purpose is Purpose.DEMO
    if not is_demo:
        reader_in(session, tracker, is_open=False)
    written = tracker.exports.bundle_again(event_id, config=session.settings.config, out=out)
    if not is_demo:
        chains = tuple(one.chain for one in written.chains)
        noted(
            session,
            lambda store, staff, station: store.exports.note(
                staff=staff,
                station=station,
                form="bundle",
                chains=chains,
                disclosure=NOTHING_MORE,
                signed_in=True,
            ),
        )
    return written


def _exported(session: CommandSession, tracker: Tracker, wish: BundleWish, out: Path) -> BundleWritten:
    people = SignedIn(tracker, session.secrets)
    signers = [people.signer(wish.actor, wish.station)]
    mode = people.mode(signers)
    config = session.settings.config
    with growing("Gathered", "files") as watch:
        return tracker.exports.bundle(wish, config=config, out=out, signers=signers, mode=mode, watch=watch)
