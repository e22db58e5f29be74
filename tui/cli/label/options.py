"""The options of `cartrail label`: what is printed, which of an object's papers, and where."""

from __future__ import annotations

from typing import Annotated

import typer

from schema.vocabulary import Reason
from tui.cli.label.printing import BLANKS_MAX
from tui.cli.options import reason_option, whole_number
from tui.reasons import REPRINT

COPIES_MAX = 10
"""More copies of one label than any step needs would only leave valid copies lying about."""

Objects = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="OBJECT...", help="Codes or ids, staff ids for badges, slip:EVENT_ID for a handoff."
    ),
]
Why = Annotated[Reason | None, reason_option(REPRINT, "Why a further copy is printed")]
Reconcile = Annotated[
    bool, typer.Option("--reconcile", help="Print nothing: show the state of every printed copy.")
]
Site = Annotated[str | None, typer.Option(metavar="SITE", help="For --reconcile and --blank: which site.")]
Blank = Annotated[int, whole_number(most=BLANKS_MAX, help_text="A counted set of N blank labels.")]
Material = Annotated[str | None, typer.Option(metavar="MATERIAL", help="For --blank: what they will be for.")]
Copies = Annotated[int, whole_number(least=1, most=COPIES_MAX, help_text="Copies of each, each valid.")]
Slip = Annotated[bool, typer.Option("--slip", help="For boxes: the slip of their open or last handoff.")]
Equipment = Annotated[
    bool, typer.Option("--equipment", help="For boxes: the box's own label, also while it is packed.")
]
Cassette = Annotated[
    bool, typer.Option("--cassette", help="For units: the label of the cassette, a fresh one if unbound.")
]
TieTag = Annotated[bool, typer.Option("--tie-tag", help="For collection bags: the tag that is tied to it.")]
Syringe = Annotated[
    bool, typer.Option("--syringe", help="For vials and bags: the labels of the syringes drawn from it.")
]
Downtime = Annotated[
    bool, typer.Option("--downtime", help="For therapies: a coded form for the steps that remain.")
]
PackingList = Annotated[
    bool,
    typer.Option("--packing-list", help="For packed boxes: what is in it, which documents go with it."),
]
Positions = Annotated[
    bool, typer.Option("--positions", help="For places: the codes of its positions, to be cut out.")
]
Stage = Annotated[
    str | None, typer.Option(metavar="STAGE", help="With --downtime: only the steps of one stage.")
]
CommandCard = Annotated[
    bool, typer.Option("--command-card", help="The card with the commands for gloved hands.")
]
StepCard = Annotated[
    bool, typer.Option("--step-card", help="The wall card: every step's number, to type or to scan.")
]
ScannerCard = Annotated[bool, typer.Option("--scanner-card", help="The card to scan when a shift begins.")]
Target = Annotated[
    str | None,
    typer.Option(
        "--to", metavar="TARGET", help="pdf:PATH, png:PATH, text:, zpl:PATH, tcp://HOST or cups:QUEUE"
    ),
]
Stock = Annotated[str | None, typer.Option(metavar="WxH", help="The stock in the printer, such as 75x50.")]
Paper = Annotated[
    str | None, typer.Option(metavar="A4|Letter", help="Several labels on a sheet, with the log's head.")
]
