"""What verifying a whole chain comes to: counts, links, the newest head; one bad entry is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.support.journeys import World
from tracker.evidence.chain_proof import chain_proof
from tracker.evidence.entry_proof import EntryProof

HOLDS = EntryProof(("It holds.",), holds=True, signed=True, head=12, cosigners=("COLL-A-01",))
WAITS = EntryProof(("Too new.",), holds=True, pending=True, signed=True)
FAILS = EntryProof(("The store no longer has these bytes.",), holds=False)


def test_the_sum_over_a_chain(world: Callable[[str], World]) -> None:
    """All but the last are under the newest head, which one station cosigned; the last waits for the log."""
    entries = world("identified").entries(world("identified").one.coi)
    found = chain_proof(entries, [*[HOLDS] * (len(entries) - 2), replace(HOLDS, head=14), WAITS])
    assert (found.entries, found.in_log, found.waiting) == (len(entries), len(entries) - 1, 1)
    assert (found.head, found.cosigners, found.failing) == (14, ("COLL-A-01",), ())
    assert found.linked and found.holds and found.signed + found.by_program == len(entries)


def test_what_is_wrong_is_named(world: Callable[[str], World]) -> None:
    """An entry whose bytes are gone by its number; a chain in another order no longer links."""
    entries = world("identified").entries(world("identified").one.coi)
    proofs = [HOLDS] * len(entries)
    found = chain_proof(entries, [*proofs[:-1], FAILS])
    assert found.failing == (entries[-1].sequence,) and not found.holds
    turned = chain_proof(tuple(reversed(entries)), proofs)
    assert not turned.linked and not turned.holds
