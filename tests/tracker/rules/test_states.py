"""States made out of states: none is changed by a later one."""

import copy
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from schema.vocabulary import SiteType
from tracker.rules.growing import Growing
from tracker.rules.registry_state import EVERY_STATION, RegistryState, Site, ZoneSince


def test_findings_g12_who_cannot_sign_in_where() -> None:
    """Locked at this station or at every one, and only until that ends."""
    now = datetime(2026, 3, 2, 8, tzinfo=UTC)
    soon, later = now + timedelta(minutes=5), now + timedelta(minutes=15)
    locked = RegistryState(
        lockouts={
            ("HERE-1", "CHAIR-1"): soon, ("THERE-1", "DOCK-1"): soon, ("ALL-1", EVERY_STATION): later,
            ("ALL-1", "CHAIR-1"): soon, ("PAST-1", "CHAIR-1"): now,
        }
    )  # fmt: skip
    assert locked.locked_out_at("CHAIR-1", now) == {"HERE-1": soon, "ALL-1": later}
    assert locked.locked_out_at("DOCK-1", now) == {"THERE-1": soon, "ALL-1": later}
    assert locked.locked_until("PAST-1", "CHAIR-1") == now and locked.locked_until("PAST-1", "DOCK-1") is None


def test_findings_a13_the_zone_of_a_site_counts_from_its_moment_on() -> None:
    """To the millisecond; before it the one before, and UTC for a site that nobody knows."""
    since = datetime(2026, 3, 2, 8, tzinfo=UTC)
    zones = (ZoneSince("Europe/Berlin", None), ZoneSince("America/New_York", since))
    site = Site("CLINIC", "Clinic", SiteType.TREATMENT_CENTER, "", "", zones)
    state = RegistryState(sites={"CLINIC": site})
    assert state.zone_at("CLINIC", since) == "America/New_York"
    assert state.zone_at("CLINIC", since - timedelta(milliseconds=1)) == "Europe/Berlin"
    assert state.zone_at("NOWHERE", since) == "UTC"


class TestGrowing:
    def test_the_shorter_ones_stay(self) -> None:
        none = Growing[str, int]()
        one = none.plus("a", 1)
        two = one.plus("b", 2)
        assert (dict(none), dict(one), dict(two)) == ({}, {"a": 1}, {"a": 1, "b": 2})
        assert "b" not in one and one.get("b") is None and list(two) == ["a", "b"]
        with pytest.raises(KeyError):
            one["b"]

    def test_branches_do_not_see_each_other(self) -> None:
        base = Growing({"a": 1})
        left, right = base.plus("b", 2), base.plus("c", 3)
        assert (dict(left), dict(right), dict(base)) == ({"a": 1, "b": 2}, {"a": 1, "c": 3}, {"a": 1})
        assert dict(left.plus("c", 4)) == {"a": 1, "b": 2, "c": 4}
        assert dict(right.plus("d", 5)) == {"a": 1, "c": 3, "d": 5}

    def test_another_value_for_a_key(self) -> None:
        base = Growing({"a": 1}).plus("b", 2)
        assert dict(base.plus("a", 9)) == {"a": 9, "b": 2} and base["a"] == 1

    def test_threads(self) -> None:
        """Whoever comes first shares; nobody finds what another one added."""
        base = Growing({"a": 1})
        with ThreadPoolExecutor(8) as pool:
            grown = list(pool.map(lambda number: base.plus(str(number), number), range(200)))
        assert all(dict(one) == {"a": 1, str(number): number} for number, one in enumerate(grown))

    def test_equality_and_copies(self) -> None:
        grown = Growing[str, int]().plus("a", 1)
        assert grown == {"a": 1} == Growing({"a": 1}) and copy.copy(grown) == grown
