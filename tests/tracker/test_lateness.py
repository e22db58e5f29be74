"""What is entered from memory: every kind of step and act is held to the same bound."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pytest

from schema.instants import format_instant
from schema.vocabulary import Role
from tests.support.authority_cases import THERAPY, staff_of, with_everybody
from tests.support.rule_cases import Case
from tests.tracker.test_authority_table import ROWS
from tracker.catalog import requests
from tracker.rules.decision import Allowed, Decision, Denied

LATE: Final = {"mode": "late", "reason": "network_down"}
NOT_FROM_MEMORY: Final = {"import_therapy": "it is read off paper by two, and no other mode is taken"}
"""The requests that are not held to the bound, and why."""


def entered(given: Case, name: str, after: timedelta) -> Decision:
    """What somebody who may do it is answered, who enters so long after it what happened now."""
    one, taken = THERAPY[name], ROWS[name]["inside"]["taken"]
    values = one.values(with_everybody(given, one.site))
    happened = given.now + timedelta(minutes=1)
    given.now += after
    return given.decide(
        requests()[name],
        staff_of(Role(taken[0])),
        at=one.site,
        occurred_at=format_instant(happened),
        entry=LATE,
        **values,
    )


@pytest.mark.parametrize("name", sorted(THERAPY.keys() - NOT_FROM_MEMORY.keys()))
def test_nothing_is_entered_from_memory_after_a_day(case: Callable[[str], Case], name: str) -> None:
    """Given what happened a day ago, then it is taken; a minute later it is refused, whatever kind it is."""
    in_time = entered(case(THERAPY[name].stage), name, timedelta(hours=24))
    assert isinstance(in_time, Allowed), in_time
    found = entered(case(THERAPY[name].stage), name, timedelta(hours=24, minutes=1))
    assert isinstance(found, Denied) and found.reason.rule == "entered_too_late", found
    assert found.reason.field == "occurred_at"
    if name in ("void_form", "attach_paper"):
        # No step, so no form has a line for it, and it does not happen outside the rules.
        assert found.reason.remedy == "Enter it now, and leave out the time."
