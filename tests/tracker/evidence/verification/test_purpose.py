"""Both verifiers ask for what a store was founded before they take a simulated read, in every chain."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from schema.canonical import leaf_digest
from schema.entry import REGISTRY, Entry, Head, Read
from schema.instants import format_instant
from schema.vocabulary import Purpose, ReadMode
from tests.support.stores import CHAIN, MORNING, entry_of
from tracker.evidence.standalone import verify
from tracker.evidence.verification.chains import RegistryHeads, Walk
from tracker.evidence.verification.entries import examine
from tracker.evidence.verification.snapshot import StoredRow
from tracker.evidence.verification.verdict import Check, Journal
from tracker.rules.registry_state import RegistryState

PURPOSES = pytest.mark.parametrize("purpose", list(Purpose))
CHAINS = pytest.mark.parametrize("chain", [REGISTRY, CHAIN])


def made_by_hand(chain: str) -> Entry:
    """An entry in which a seal was chosen from a training tray: nothing in it names what the store is for."""
    read = Read(field="seal", code="SEAL-1", mode=ReadMode.SIMULATED, carrier="seal")
    made = entry_of(chain)
    head = None if chain == REGISTRY else Head(0, "ab" * 32)
    return replace(made, registry=head, statement=replace(made.statement, reads=(read,)), stored=None)


def expected(purpose: Purpose) -> list[str]:
    """What is said of it."""
    said = f"a read is simulated, and the store was founded for {purpose.value}"
    return [] if purpose in (Purpose.DEMO, Purpose.TRAINING) else [said]


@CHAINS
@PURPOSES
def test_the_verification_of_a_store(chain: str, purpose: Purpose) -> None:
    """Given the hand-made entry, the store's purpose decides at step 1, in the registry as in a therapy."""
    entry = made_by_hand(chain)
    digests = leaf_digest(entry.body), entry.statement.digest
    row = StoredRow(chain, 0, entry.body, *digests, entry.statement.event_id, None, None)
    journal = Journal()
    registry = RegistryHeads(RegistryState(purpose=purpose), {0: ("ab" * 32, MORNING)})
    Walk(chain, registry, journal).follow(examine(row, journal))
    found = [one.message for step in journal.steps() for one in step.findings if one.step == Check.FORM]
    assert [one for one in found if "simulated" in one] == expected(purpose)


@CHAINS
@PURPOSES
def test_the_verifier_that_travels_alone(chain: str, purpose: Purpose) -> None:
    """Given the same entry in a bundle, the single file says the same."""
    entry = made_by_hand(chain)
    report, registry = verify.Report(), verify.Registry()
    registry.purpose, registry.heads = (
        purpose.value,
        {0: ("ab" * 32, verify.instant(format_instant(MORNING)))},
    )
    walk = verify.Walk(registry, report, verify.Signatures(report))
    of_bundle = verify.Entry(entry.body, orjson.loads(entry.body), understood=True)
    walk.follow_registry(of_bundle, gapless=True) if chain == REGISTRY else walk.follow(of_bundle)
    found = [one.message for one in report.findings[verify.Step.FORM]]
    assert [one for one in found if "simulated" in one] == expected(purpose)
