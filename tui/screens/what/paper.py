"""Heads and receipts off paper, held against the store's log; and the head to copy onto paper."""

from __future__ import annotations

from rich.text import Text

from labels.reader import Reading, ReadingKind
from labels.text import half_blocks
from schema.papercodes import HeadCode, ReceiptCode
from tracker.tracker import Tracker
from tui.answers import ShownAnswer, StopAnswer, ok, safe
from tui.language import named, tr


def paper_answer(tracker: Tracker, reading: Reading) -> ShownAnswer | StopAnswer | None:
    """What the log says of a scanned head or receipt; None for any other code. Raises OtherLog."""
    content = reading.content
    if reading.kind is ReadingKind.HEAD and isinstance(content, HeadCode):
        verdict = tracker.log.check_head(content)
        return _said(str(verdict), content.text, holds=verdict.exit_code == 0)
    if reading.kind is ReadingKind.RECEIPT and isinstance(content, ReceiptCode):
        receipt = tracker.log.check_receipt(content)
        words = tr("the statement of this receipt: {outcome}", outcome=named(receipt.outcome.value))
        if receipt.place is not None:
            words += tr(
                ", entry {sequence} of {chain}", sequence=receipt.place.sequence, chain=receipt.place.chain
            )
        return _said(words, content.text, holds=receipt.exit_code == 0)
    return None


def _said(words: str, code: str, *, holds: bool) -> ShownAnswer | StopAnswer:
    sentence = words[0].upper() + words[1:] + "."
    if holds:
        return ok(sentence, tr("Nothing was recorded."))
    return StopAnswer(
        sentence,
        expected=tr("a log that contains what this paper saw"),
        read=code,
        advice=tr(
            "Stop using this store, keep the paper and a copy of the store, and run `cartrail verify`."
        ),
    )


def head_text(tracker: Tracker) -> Text:
    """The newest head as text and symbol, for a witness to keep; a sentence when the log has none."""
    head = tracker.log.head()
    if head is None:
        return Text(tr("THE LOG HAS NO HEAD YET: it has one after the first handoff on the hub."))
    text = Text(tr("THE LOG'S HEAD, to be kept by a witness") + "\n", style="bold")
    text.append(
        tr("{size} entries\n{text}", size=head.tree_size, text=safe(head.text)) + "\n\n", style="not bold"
    )
    return text.append(half_blocks(head.text), style="not bold")
