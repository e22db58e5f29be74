"""`cartrail label`: labels, badges, cards and handoff slips on paper, each copy with its own letter."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from schema.errors import InputError
from tui.cli.ending import say
from tui.cli.label_contents import Assembler, Which
from tui.cli.options import example
from tui.cli.output import print_json
from tui.cli.session import Session

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
        str,
        typer.Option(
            "--to", metavar="TARGET", help="pdf:PATH, png:PATH, text:, zpl:PATH, tcp://HOST or cups:QUEUE"
        ),
    ],
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
    from labels.outputs import deliver, parse_target
    from labels.pdf import Setting
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
    if not objects and not (command_card or scanner_card):
        raise InputError(
            "Nothing to print was named.",
            remedy="Give codes, ids or staff ids, --command-card or --scanner-card.",
            code="nothing_named",
        )
    session = Session.of(context)
    with session.writing() as tracker:
        assembler = Assembler(tracker, session, which)
        contents = [*assembler.cards(command=command_card, scanner=scanner_card)]
        contents += [content for text in objects or () for content in assembler.contents(text, copies)]
        text = io.StringIO()
        head = None
        if paper is not None:
            head = tracker.print_head(chains=sorted({getattr(one, "coi_id", "") for one in contents} - {""}))
        setting = Setting(stock=stock, paper=paper, head=head.text if head else None)
        files = deliver(contents, target, out=text, setting=setting)
    if session.as_json:
        codes = [code for content in contents for code in symbol_texts(content)]
        print_json({"codes": codes, "files": [str(path) for path in files], "text": text.getvalue()})
        return
    sys.stdout.write(text.getvalue())
    for path in files:
        say(f"Written to {path}; print it at 100 percent, without scaling.")


def _one_of(chosen: Sequence[Which]) -> Which:
    """The one paper that the options choose; two at once mean none of them."""
    if len(chosen) > 1:
        names = " and ".join(f"--{one.value}" for one in chosen)
        raise InputError(f"{names} choose different papers.", remedy="Give one of them.", code="two_papers")
    return chosen[0] if chosen else Which.USUAL
