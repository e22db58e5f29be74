"""`cartrail label`: labels, badges, cards and handoff slips on paper, each copy with its own letter."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from schema.errors import InputError
from tui.cli.ending import say
from tui.cli.label_accounts import reconcile as account
from tui.cli.label_contents import Assembler, Which
from tui.cli.label_printing import BLANKS_MAX, blanks, issue_blanks, put_out
from tui.cli.options import example
from tui.cli.output import print_json
from tui.cli.session import Session

if TYPE_CHECKING:
    from labels.content import Content
    from labels.pdf import Setting
    from tracker.tracker import Tracker

app = typer.Typer()

COPIES_MAX = 10
"""More copies of one label than any step needs would only leave valid copies lying about."""


@app.command(
    "label",
    epilog=example(
        "cartrail label UD234567892 --to pdf:bag.pdf --as ADA-1",
        "cartrail label UD234567892 --cassette --to pdf:cassette.pdf --as ADA-1",
        "cartrail label UD234567892 --tie-tag --to tcp://10.0.0.7 --as ADA-1",
        "cartrail label BD234567892 --to pdf:outer-box.pdf --as ADA-1",
        "cartrail label BD234567892 --slip --to pdf:slip.pdf --as ADA-1",
        "cartrail label --command-card --scanner-card --to pdf:cards.pdf --as ADA-1",
        "cartrail label ADA-1 LD234567892 --to text: --as ADA-1",
        "cartrail label UD234567892 --reason label_damaged --to pdf:again.pdf --as ADA-1",
        "cartrail label --blank 20 --material product --site PLANT --to pdf:blanks.pdf --as ADA-1",
        "cartrail label --reconcile --site PLANT",
    ),
)
def label(
    context: typer.Context,
    objects: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="OBJECT...", help="Codes or ids, staff ids for badges, slip:EVENT_ID for a handoff."
        ),
    ] = None,
    *,
    to: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="TARGET", help="pdf:PATH, png:PATH, text:, zpl:PATH, tcp://HOST or cups:QUEUE"
        ),
    ] = None,
    reason: Annotated[
        str | None,
        typer.Option(metavar="REASON", help="Why a further copy is printed, such as label_damaged."),
    ] = None,
    reconcile: Annotated[
        bool, typer.Option("--reconcile", help="Print nothing: show what became of every printed copy.")
    ] = False,
    site: Annotated[
        str | None, typer.Option(metavar="SITE", help="For --reconcile and --blank: which site.")
    ] = None,
    blank: Annotated[
        int, typer.Option(min=0, max=BLANKS_MAX, metavar="N", help="A counted set of N blank labels.")
    ] = 0,
    material: Annotated[
        str | None, typer.Option(metavar="MATERIAL", help="For --blank: what they will be for.")
    ] = None,
    slip: Annotated[
        bool, typer.Option("--slip", help="For boxes: the slip of their open or last handoff.")
    ] = False,
    equipment: Annotated[
        bool, typer.Option("--equipment", help="For boxes: the box's own label, also while it is packed.")
    ] = False,
    cassette: Annotated[
        bool, typer.Option("--cassette", help="For units: the label of the cassette, a fresh one if unbound.")
    ] = False,
    tie_tag: Annotated[
        bool, typer.Option("--tie-tag", help="For collection bags: the tag that is tied to it.")
    ] = False,
    syringe: Annotated[
        bool, typer.Option("--syringe", help="For vials and bags: the labels of the syringes drawn from it.")
    ] = False,
    command_card: Annotated[
        bool, typer.Option("--command-card", help="The card with the commands for gloved hands.")
    ] = False,
    scanner_card: Annotated[
        bool, typer.Option("--scanner-card", help="The card to scan when a shift begins.")
    ] = False,
    copies: Annotated[int, typer.Option(min=1, max=COPIES_MAX, help="Copies of each, each valid.")] = 1,
    stock: Annotated[
        str | None, typer.Option(metavar="WxH", help="The stock in the printer, such as 75x50.")
    ] = None,
    paper: Annotated[
        str | None, typer.Option(metavar="A4|Letter", help="Several labels on a sheet, with the log's head.")
    ] = None,
) -> None:
    """Print labels, badges, cards and handoff slips.

    Each printed copy is recorded and has a copy letter of its own.
    Patient identifiers are on it only where the protocol says so for that container.
    """
    session = Session.of(context)
    if reconcile:
        raise typer.Exit(account(session, objects or (), site))
    if to is None:
        raise InputError(
            "Nothing says where to print.", remedy="Give --to, such as --to pdf:PATH.", code="no_target"
        )
    from labels.outputs import parse_target
    from labels.sheets import symbol_texts

    target = parse_target(to)
    chosen = {
        Which.SLIP: slip,
        Which.EQUIPMENT: equipment,
        Which.CASSETTE: cassette,
        Which.TIE_TAG: tie_tag,
        Which.SYRINGE: syringe,
    }
    which = _one_of([one for one, asked in chosen.items() if asked])
    if not objects and not (command_card or scanner_card or blank):
        raise InputError(
            "Nothing to print was named.",
            remedy="Give codes, ids or staff ids, --blank, --command-card or --scanner-card.",
            code="nothing_named",
        )
    with session.writing() as tracker:

        def assemble() -> Iterator[Content]:
            assembler = Assembler(tracker, session, which)
            yield from assembler.cards(command=command_card, scanner=scanner_card)
            for text in objects or ():
                yield from assembler.contents(text, copies)
            yield from blanks(tracker, session, blank, material, site) if blank else ()

        def setting(contents: Sequence[Content]) -> Setting:
            return _setting(tracker, contents, stock, paper)

        done = put_out(tracker, lambda: tuple(assemble()), target, setting=setting, reason=reason)
        if blank:
            issue_blanks(tracker, session, done.contents, material, site)
    if session.as_json:
        codes = [code for content in done.contents for code in symbol_texts(content)]
        print_json({"codes": codes, "files": [str(path) for path in done.files], "text": done.text})
        return
    sys.stdout.write(done.text)
    for path in done.files:
        say(f"Written to {path}; print it at 100 percent, without scaling.")


def _setting(tracker: Tracker, contents: Sequence[Content], stock: str | None, paper: str | None) -> Setting:
    """How it is laid out; a sheet of paper is a witness of the log too."""
    from labels.pdf import Setting

    head = None
    if paper is not None:
        head = tracker.print_head(chains=sorted({getattr(one, "coi_id", "") for one in contents} - {""}))
    return Setting(stock=stock, paper=paper, head=head.text if head else None)


def _one_of(chosen: Sequence[Which]) -> Which:
    """The one paper that the options choose; two at once mean none of them."""
    if len(chosen) > 1:
        names = " and ".join(f"--{one.value}" for one in chosen)
        raise InputError(f"{names} choose different papers.", remedy="Give one of them.", code="two_papers")
    return chosen[0] if chosen else Which.USUAL
