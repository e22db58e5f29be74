"""What clocks may say: how far behind, how far ahead, and where recorded times may go back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from schema.entry import REGISTRY, Statement
from schema.errors import ClockAhead, ClockBehind
from schema.events.registry import ClockCorrected
from schema.instants import CLOCKS_APART_MAX, format_instant, parse_instant
from schema.vocabulary import Purpose
from tracker.acts.deciding import Context
from tracker.acts.state_cache import KnownRegistry, Tip
from tracker.ledger.transaction import Transaction
from tracker.registry.network.requests import ConfirmClock

AHEAD_SUSPICIOUS: Final = timedelta(days=40)
"""No store that works is silent for so long; a clock that says so is asked about."""


_NOT_ASKED: Final = frozenset({Purpose.DEMO, Purpose.TRAINING})
"""Where nothing is for patients, nobody is asked."""


def not_before(frozen_at: datetime, now: datetime) -> datetime:
    """The clock's time, or when the statement was frozen if the clock is a little before that.

    Raises ClockBehind where it went back by more than 120 s: it would be recorded before it occurred.
    """
    if frozen_at - now > CLOCKS_APART_MAX:
        behind = int((frozen_at - now).total_seconds())
        raise ClockBehind(f"This station's clock went back {behind} s since the statement was frozen.")
    return max(frozen_at, now)


def recorded_time(context: Context, statement: Statement, tip: Tip | None) -> datetime:
    """The recorder's time, never before its predecessor's; raises ClockBehind beyond 120 s.

    Only behind a `clock_corrected` that the predecessor did not know of may it be earlier.
    """
    now, registry = context.now, context.registry
    named = registry.tip.head.sequence if statement.chain != REGISTRY or tip is None else tip.head.sequence
    floor = tip.recorded_at if tip is not None else None
    if tip is not None and registry.state.clock_corrected_between(tip.judged_at, named):
        floor = None
    newest = max(_registry_time(registry), floor or now)
    if newest - now > CLOCKS_APART_MAX and not isinstance(statement.payload, ClockCorrected):
        behind = int((newest - now).total_seconds())
        raise ClockBehind(f"This station's clock is {behind} s behind what the ledger already holds.")
    return now if floor is None else max(now, floor)


def _registry_time(registry: KnownRegistry) -> datetime:
    """When the registry's head was recorded; of a correction the time to which it corrects."""
    last = registry.state.clock_corrections[-1:]
    if last and last[0].sequence == registry.tip.head.sequence:
        return last[0].corrected_to
    return registry.tip.recorded_at


def require_believable(transaction: Transaction, context: Context) -> None:
    """Raise ClockAhead where this clock is weeks ahead of everything that was recorded or signed.

    One entry by a clock a year ahead would keep everybody from recording until then. Where nothing is for
    patients nobody is asked.
    """
    tips = [context.registry.tip, *(known.tip for known in context.therapies.values())]
    newest = max(tip.recorded_at for tip in tips)
    unasked = isinstance(context.request, ConfirmClock) or context.registry.state.purpose in _NOT_ASKED
    if unasked or context.now - newest <= AHEAD_SUSPICIOUS:
        return
    newest = max([newest, *_newest_of_store(transaction)])
    if context.now - newest > AHEAD_SUSPICIOUS:
        days = (context.now - newest).days
        raise ClockAhead(
            f"This station's clock ({format_instant(context.now)}) is {days} days ahead of the newest that"
            f" was recorded here ({format_instant(newest)})."
        )


def _newest_of_store(transaction: Transaction) -> Iterator[datetime]:
    """When the newest entry outside the tree was recorded, and when the newest head was signed."""
    pending, checkpoint = transaction.newest_pending(), transaction.newest_checkpoint()
    if pending is not None:
        yield parse_instant(pending)
    if checkpoint is not None:
        yield checkpoint.signed_at
