"""`cartrail label`: labels, badges, cards and handoff slips on paper, each copy with its own letter."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import typer

from schema.errors import InputError
from tui.cli.ending import say
from tui.cli.label import options
from tui.cli.label.accounts import reconcile as account
from tui.cli.label.contents import Assembler, Which, one_of
from tui.cli.label.printing import Printed, blanks, issue_blanks, put_out
from tui.cli.options import example
from tui.cli.output import print_json
from tui.cli.readers import require_printer
from tui.cli.session import CommandSession, SignedIn

if TYPE_CHECKING:
    from labels.content import Content
    from labels.outputs import PrintTarget
    from labels.pdf import PrintSetting
    from tracker.tracker import Tracker

app = typer.Typer()


@app.command(
    "label",
    epilog=example(
        "cartrail label UD234567892 --to pdf:bag.pdf --as ADA-1",
        "cartrail label UD234567892 --cassette --to pdf:cassette.pdf --as ADA-1",
        "cartrail label UD234567892 --tie-tag --to tcp://10.0.0.7 --as ADA-1",
        "cartrail label BD234567892 --to pdf:outer-box.pdf --as ADA-1",
        "cartrail label BD234567892 --slip --to pdf:slip.pdf --as ADA-1",
        "cartrail label --command-card --step-card --scanner-card --to pdf:cards.pdf --as ADA-1",
        "cartrail label ADA-1 LD234567892 --to text: --as ADA-1",
        "cartrail label LD234567892 --positions --to pdf:positions.pdf --as ADA-1",
        "cartrail label UD234567892 --reason label_damaged --to pdf:again.pdf --as ADA-1",
        "cartrail label --blank 20 --material product --site PLANT --to pdf:blanks.pdf --as ADA-1",
        "cartrail label --reconcile --site PLANT",
        "cartrail label CD234567892 --downtime --stage bedside --to pdf:form.pdf --as ADA-1",
    ),
)
def label(
    context: typer.Context,
    objects: options.Objects = None,
    *,
    to: options.Target = None,
    reason: options.Why = None,
    reconcile: options.Reconcile = False,
    site: options.Site = None,
    blank: options.Blank = 0,
    material: options.Material = None,
    slip: options.Slip = False,
    packing_list: options.PackingList = False,
    equipment: options.Equipment = False,
    cassette: options.Cassette = False,
    tie_tag: options.TieTag = False,
    syringe: options.Syringe = False,
    downtime: options.Downtime = False,
    positions: options.Positions = False,
    stage: options.Stage = None,
    command_card: options.CommandCard = False,
    step_card: options.StepCard = False,
    scanner_card: options.ScannerCard = False,
    copies: options.Copies = 1,
    stock: options.Stock = None,
    paper: options.Paper = None,
) -> None:
    """Print labels, badges, cards, handoff slips and downtime forms.

    Each printed copy is recorded and has a copy letter of its own.
    Patient identifiers are on it only where the protocol says so for that container.
    """
    session = CommandSession.of(context)
    if reconcile:
        raise typer.Exit(account(session, objects or (), site))
    chosen = {
        Which.SLIP: slip,
        Which.PACKING_LIST: packing_list,
        Which.EQUIPMENT: equipment,
        Which.CASSETTE: cassette,
        Which.TIE_TAG: tie_tag,
        Which.SYRINGE: syringe,
        Which.DOWNTIME: downtime,
        Which.POSITIONS: positions,
    }
    target, which = _target(to), one_of([one for one, asked in chosen.items() if asked])
    _require_named(objects or command_card or step_card or scanner_card or blank)
    with session.writing() as tracker:
        require_printer(session, tracker, people := SignedIn(tracker, session.secrets))

        def assemble() -> Iterator[Content]:
            made = Assembler(tracker, session, which, stage)
            yield from made.cards(command=command_card, steps=step_card, scanner=scanner_card)
            yield from (one for text in objects or () for one in made.contents(text, copies))
            yield from blanks(tracker, session, blank, material, site) if blank else ()

        setting = partial(_setting, tracker, stock=stock, paper=paper)
        done = put_out(tracker, lambda: tuple(assemble()), target, setting=setting, reason=reason)
        if blank:
            issue_blanks(tracker, session, done.contents, material, site, people=people)
    _tell(session, done)


def _target(to: str | None) -> PrintTarget:
    """Where it is printed; raises InputError where nothing or no target is named."""
    from labels.outputs import parse_target

    if to is None:
        raise InputError(
            "Nothing says where to print.", remedy="Give --to, such as --to pdf:PATH.", code="no_target"
        )
    return parse_target(to)


def _require_named(named: object) -> None:
    if not named:
        raise InputError(
            "Nothing to print was named.",
            remedy="Give codes, ids or staff ids, --blank, --command-card, --step-card or --scanner-card.",
            code="nothing_named",
        )


def _tell(session: CommandSession, done: Printed) -> None:
    """What was printed and where it lies."""
    if session.as_json:
        codes = [code for content in done.contents for code in content.symbol_texts]
        print_json({"codes": codes, "files": [str(path) for path in done.files], "text": done.text})
        return
    sys.stdout.write(done.text)
    for path in done.files:
        say(f"Written to {path}\nPrint it at 100 percent, without scaling.")


def _setting(
    tracker: Tracker, contents: Sequence[Content], stock: str | None, paper: str | None
) -> PrintSetting:
    """How it is laid out; a sheet of paper is a witness of the log too."""
    from labels.content import therapies_on
    from labels.pdf import PrintSetting

    head = None
    if paper is not None:
        head = tracker.print_head(chains=sorted({coi for one in contents for coi in therapies_on(one)}))
    return PrintSetting(stock=stock, paper=paper, head=head.text if head else None)
