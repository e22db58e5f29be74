"""A step of the process as it is signed: every lot by its name, every number with its unit. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schema.entry import Statement as Frozen
from schema.events.processing import StepPerformed
from tracker.values import Proposal, RegistryState, step_said
from tui.language import tr

SAID_AS_STEP: Final = frozenset({"step", "instruments", "lots", "measured", "moves"})
"""What of a step of the process the rows here say, and the others do not."""


def process_rows(statement: Frozen, proposal: Proposal, registry: RegistryState) -> Iterator[tuple[str, str]]:
    """The step, and a row for each thing that touches the cells at it."""
    payload = statement.payload
    if not isinstance(payload, StepPerformed):
        return
    context = proposal.decided.context
    pinned = context.therapies[statement.chain].state.protocol
    said = step_said(payload, context.protocols.get((pinned.id, pinned.version)), registry)
    yield tr("Step"), said.title
    yield from ((tr("With"), one) for one in said.instruments)
    yield from ((tr("Lot"), one) for one in said.lots)
    yield from ((tr("Measured"), one) for one in said.measured)
    yield from ((tr("Moved"), one) for one in said.moves)
