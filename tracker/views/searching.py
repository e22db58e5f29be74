"""Therapies by the beginning of a COI, unit, cassette or adopted code: what a person can type of it."""

from __future__ import annotations

from tracker.ledger.transaction import Transaction

OVERREAD = 8
"""One therapy may have several codes that begin alike."""


def cois_beginning(transaction: Transaction, text: str, *, limit: int) -> tuple[str, ...]:
    """The therapies that a typed text may mean, a page of them; nothing for an empty text."""
    typed = text.strip()
    if not typed:
        return ()
    bare = typed.upper()
    # A printed code is the object's id between two marks; of a typed one the end may be missing.
    spellings = dict.fromkeys((bare, bare.removeprefix("CT")[:11], typed))
    found: dict[str, None] = {}
    for spelling in spellings:
        if spelling:
            rows = transaction.codes_beginning(spelling, limit=limit * OVERREAD)
            found.update(dict.fromkeys(row.coi for row in rows))
    return tuple(found)[:limit]
