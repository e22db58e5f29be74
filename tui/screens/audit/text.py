"""What an auditor reads beside the chain: headings, an entry with its proof, verification, checks. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from rich.table import Table
from rich.text import Text

from schema.vocabulary import EntryMode
from tracker.values import Audit, ChainProof, DossierEvent, EntryProof, Gap, Held, SpeaksOf, Unheld
from tui.answers import safe
from tui.glyphs import BAD, DONE, LOOK, TO_COME
from tui.language import named, tr
from tui.screens.audit.chain import ChainLine
from tui.screens.entry.text import entry_facts
from tui.shown_codes import code_text, in_sentence
from tui.states import shaped, style_of
from tui.words import brief, clock_time
from tui.wrapping import wrap

HASH_SHOWN: Final = 12
"""Characters of a digest that tell two entries apart at a glance; Enter shows it whole."""


def lanes_title(audit: Audit) -> Text:
    """Whose cells the lanes are of, and how the therapy stands."""
    state = audit.dossier.state
    text = Text(tr("Who held the cells of") + " ").append_text(code_text(audit.dossier.chain))
    return text if state is None else text.append(f", {named(state.status.value)}")


def units_words(audit: Audit) -> Text:
    """The unit that the lanes are of, or how many there are."""
    units = {one.unit: one.material for one in audit.dossier.holdings}
    if len(units) == 1:
        ((unit, material),) = units.items()
        return Text(f"{named(material)} ").append_text(code_text(unit))
    return Text(tr("{count} units", count=len(units)) if units else "")


def chain_title(audit: Audit) -> Text:
    """How far it was reviewed, or that it is an earlier state."""
    if audit.as_of is not None:
        one = tr("AS KNOWN AT {as_of}: 1 later entry not shown", as_of=audit.as_of)
        many = tr(
            "AS KNOWN AT {as_of}: {count} later entries not shown", as_of=audit.as_of, count=audit.later
        )
        return Text(f"{LOOK} " + (one if audit.later == 1 else many), style="check")
    return Text(tr("Chain: {review}", review=review_words(audit)))


def review_words(audit: Audit) -> str:
    """How far the trail was reviewed."""
    state = audit.dossier.state
    read = None if state is None else state.reviewed
    if read is None:
        return tr("never reviewed")
    return tr(
        "reviewed through #{sequence} by {actor} on {at}, {outcome}",
        sequence=read.through,
        actor=read.actor,
        at=audit.dossier.reviewed_on,
        outcome=read.words,
    )


def line_title(line: ChainLine | None) -> str:
    """What the pane beside the chain is."""
    if line is None or line.standing is not None:
        return tr("As it stands")
    return tr("Entry {number} and its proof", number=line.event.row.sequence if line.event else "")


def line_text(
    line: ChainLine, proof: EntryProof | None, outside: Text | None, *, is_wide: bool = False
) -> Text:
    """The line that the cursor is on: what it is and why it is marked, from whom to whom, and its proof.

    In a wide window each mark of the proof has a line of its own, and every value of the entry follows.
    """
    text = Text().append(f"{line.shape} ", style=style_of(line.shape))
    if line.standing is not None:
        text.append(f"{line.title}\n", style="bold").append_text(in_sentence(line.who))
        return text.append("\n" + tr("Found of the therapy as it stands now."), style="muted")
    event = line.event
    if event is None:
        return text
    if line.unheld is not None:
        text.append(tr("GAP"), style="stop").append("  ")
        text.append(tr("{span} without a holder", span=brief(line.unheld.length)) + "\n", style="bold")
        text.append_text(_from_to(line.unheld, event))
    else:
        text.append(line.title, style="bold")
        text.append(f"  {safe(event.row.marks)}\n" if event.row.marks else "\n", style=style_of(line.shape))
        if not is_wide:
            text.append(tr("happened") + " ", style="muted").append(clock_time(event.happened) + "\n")
            text.append(tr("signed by") + " ", style="muted").append(f"{line.who}\n")
    between = "\n" if is_wide else "  "
    text.append_text(proof_line(event, proof, outside, between))
    return text.append_text(short_entry_text(event)) if is_wide and line.unheld is None else text


def _from_to(unheld: Unheld, taking: DossierEvent) -> Text:
    given = unheld.given
    text = Text()
    rows = (
        (tr("from"), clock_time(given.statement.there(unheld.since)), tr("given by"), given),
        (tr("to"), clock_time(taking.happened), tr("taken by"), taking.entry),
    )
    for word, at, did, entry in rows:
        names = f" {tr('and')} ".join(dict.fromkeys(safe(one.name) for one in entry.signatures))
        text.append(f"{word:<5}", style="muted").append(f"{at} {did} {names or tr('(program)')}")
        if entry.statement.mode is EntryMode.PAPER:
            text.append(f" {LOOK} " + tr("on paper"), style="check")
        text.append("\n")
    return text


def proof_line(
    event: DossierEvent, proof: EntryProof | None, outside: Text | None, between: str = "  "
) -> Text:
    """Its digest, then what was proven just now, each with its shape."""
    text = Text().append(tr("hash") + " ", style="muted")
    text.append_text(code_text(event.entry.digest[:HASH_SHOWN].upper()))
    for one in proof_marks(proof, is_signed=bool(event.entry.signatures)):
        text.append(between).append_text(shaped(one))
    return text if outside is None else text.append(between).append_text(outside)


def proof_marks(proof: EntryProof | None, *, is_signed: bool = True) -> tuple[str, ...]:
    """Signature, place in the log, cosignatures: done, waiting, or failing."""
    if proof is None:
        return (f"{TO_COME} " + tr("being proven"),)
    signature = f"{DONE} " + tr("signature") if proof.signed else f"{BAD} " + tr("SIGNATURE FAILS")
    if proof.signed and not is_signed:
        signature = f"{TO_COME} " + tr("no signature")
    if proof.pending:
        return signature, f"{TO_COME} " + tr("waits for the log")
    if proof.head is None:
        return signature, f"{BAD} " + tr("NOT IN THE LOG")
    log = f"{DONE} " + tr("in log, head {size}", size=proof.head)
    seen = f"{DONE} " + tr("cosigned") if proof.cosigners else f"{TO_COME} " + tr("not cosigned")
    return signature, log, seen


def verified_lines(proof: ChainProof | None, outside: Text | None) -> Iterator[Text]:
    """What verifying the whole chain came to, a line each."""
    if proof is None:
        yield shaped(f"{TO_COME} " + tr("not verified yet: F6 does it"))
    else:
        yield from map(shaped, _verified(proof))
    yield outside or shaped(f"{TO_COME} " + tr("no outside head given: scan one to compare it"))


def _verified(proof: ChainProof) -> Iterator[str]:
    bad = ", ".join(map(str, proof.failing))
    count = proof.entries
    if proof.failing:
        yield f"{BAD} " + tr("NOT WHAT WAS RECORDED: entries {numbers}", numbers=bad)
    else:
        one, many = tr("1 entry"), tr("{count} entries", count=count)
        program = tr(", {count} made by the program", count=proof.by_program) if proof.by_program else ""
        signed = tr("{count} signed by people", count=proof.signed)
        yield f"{DONE} {one if count == 1 else many}: {signed}{program}"
    yield (
        f"{DONE} " + tr("each entry names the one before")
        if proof.linked
        else f"{BAD} " + tr("AN ENTRY DOES NOT NAME THE ONE BEFORE")
    )
    if proof.head is not None:
        yield f"{DONE} " + tr("log head {size} holds {count}", size=proof.head, count=proof.in_log)
        stations = len(proof.cosigners)
        by = tr("1 station") if stations == 1 else tr("{count} stations", count=stations)
        yield (
            f"{DONE} " + tr("head {size} cosigned by {by}", size=proof.head, by=by)
            if stations
            else f"{TO_COME} " + tr("head {size} is cosigned by no station", size=proof.head)
        )
    if proof.waiting:
        yield f"{TO_COME} " + tr("{count} wait for the log", count=proof.waiting)
    if proof.on_paper:
        yield f"{LOOK} " + tr("{count} taken from paper: compare with the form", count=proof.on_paper)


def signers_of(events: Sequence[DossierEvent]) -> tuple[tuple[str, int, int, int], ...]:
    """Who signed, by printed name: how many entries, how many of them with others, how many from paper."""
    entries: Counter[str] = Counter()
    with_others: Counter[str] = Counter()
    on_paper: Counter[str] = Counter()
    for event in events:
        names = {one.name for one in event.entry.signatures}
        entries.update(names)
        with_others.update(names if len(names) > 1 else ())
        on_paper.update(names if event.entry.statement.mode is EntryMode.PAPER else ())
    return tuple(
        (safe(name), count, with_others[name], on_paper[name]) for name, count in entries.most_common()
    )


def signers_table(rows: Sequence[tuple[str, int, int, int]]) -> Table:
    """Who signed as a table; names wrap, numbers stand under each other."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="muted")
    table.add_column(tr("who"))
    for title in (tr("entries"), tr("with others"), tr("paper")):
        table.add_column(title, justify="right")
    for name, entries, with_others, on_paper in rows:
        paper = Text(str(on_paper), style="check" if on_paper else "")
        table.add_row(Text(name), str(entries), str(with_others), paper)
    return table


def checks_text(audit: Audit, width: int) -> Text:
    """Checks with findings first, each finding under its check; then what found nothing, in one block."""
    text = Text()
    for gap in audit.found:
        shape = BAD if gap.is_grave else LOOK
        text.append(f"{shape} {gap.total}", style=style_of(shape))
        text.append(f"  {gap.title} ({_spoken_of(gap)})\n", style="bold")
        for finding in (*((gap.note,) if gap.note else ()), *gap.findings):
            said = safe(finding.removeprefix(audit.dossier.chain).lstrip(": "))
            for line in wrap(said, max(width - 12, 20)):
                text.append("     ").append_text(in_sentence(line)).append("\n")
    clean = [gap for gap in audit.gaps if not gap.total]
    if clean:
        text.append("\n" + tr("Looked for and not found") + "\n", style="bold")
        for gap in clean:
            text.append(f"{DONE} ", style="ok").append(f"{gap.title} ({_spoken_of(gap)})\n")
    text.rstrip()
    return text


def _spoken_of(gap: Gap) -> str:
    """Whether a check speaks of the events that are shown or of the therapy as it stands."""
    return tr("as it stands") if gap.speaks_of is SpeaksOf.TODAY else tr("in its events")


def short_entry_text(event: DossierEvent) -> Text:
    """The chosen event beside a list: its values and signers."""
    text = Text()
    for name, value in entry_facts(event):
        text.append(f"\n{name}\n", style="muted").append_text(in_sentence(value))
    return text


def held_text(held: Sequence[Held], moment: datetime) -> Text:
    """Who held each unit at that moment, since when by the clocks there, and the entry that says so."""
    text = Text(tr("WHO HELD IT AT {time}", time=clock_time(moment)) + "\n", style="bold")
    if not held:
        return text.append(tr("Nobody: no unit was in anybody's custody then."), style="not bold")
    for one in held:
        holding = one.holding
        place = ", ".join(part for part in (holding.site, holding.place) if part)
        text.append_text(in_sentence(f"{holding.unit} ({holding.material}): {holding.custodian}"))
        text.append(
            "\n    "
            + tr(
                "at {place}, since {time}, by entry {sequence}",
                place=safe(place) or tr("no named place"),
                time=clock_time(holding.since.statement.there(one.since)),
                sequence=one.sequence,
            )
            + "\n",
            style="not bold",
        )
    text.rstrip()
    return text
