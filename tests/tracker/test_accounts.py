"""Signing in against a store: what its failures leave, and that a success forgets them."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from schema.errors import SignInLocked, SignInRefused
from tests.support.commands import PASSWORDS, found
from tracker.accounts import FAILURES_EVERYWHERE_MAX, FAILURES_MAX
from tracker.clock import SystemClock
from tracker.people.passwords import WEAK
from tracker.people.signer import Signer
from tracker.registry.network.requests import IssueAccessCode
from tracker.tracker import Environment, Tracker


def test_a_success_forgets_the_failures_before_it(tmp_path: Path) -> None:
    """Four wrong passwords, the right one, four more: nobody is locked out; after a fifth, one is."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    found(url, tmp_path)
    staff = next(iter(PASSWORDS))
    tracker = Tracker.open(url=url, environment=Environment(SystemClock(), config=tmp_path))
    station = next(iter(tracker.registry.stations))

    def fail(times: int) -> None:
        for _ in range(times):
            with pytest.raises(SignInRefused, match="password is not that of"):
                tracker.unlock(staff=staff, password="not the password", station=station)

    fail(FAILURES_MAX - 1)
    assert tracker.unlock(staff=staff, password=PASSWORDS[staff], station=station).staff == staff
    fail(FAILURES_MAX - 1)
    assert tracker.registry.locked_until(staff, station) is None
    fail(1)
    assert tracker.registry.locked_until(staff, station) is not None
    with pytest.raises(SignInLocked):
        tracker.unlock(staff=staff, password=PASSWORDS[staff], station=station)
    tracker.close()


def test_findings_g12_no_password_is_looked_at_where_no_station_is(tmp_path: Path) -> None:
    """At an invented station even the right password opens nothing, and nothing is counted."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    found(url, tmp_path)
    tracker = Tracker.open(url=url, environment=Environment(SystemClock(), config=tmp_path))
    for number in range(FAILURES_MAX + 1):
        with pytest.raises(SignInRefused, match="no station") as refused:
            tracker.unlock(staff="ADA-1", password=PASSWORDS["ADA-1"], station=f"GHOST-{number}")
        assert refused.value.code == "station_unknown"
    assert tracker.registry.lockouts == {}
    tracker.close()


def test_findings_g12_guesses_over_many_stations_add_up(tmp_path: Path) -> None:
    """Four at each of four stations lock no station; the fifteenth of them locks the person at every one."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    found(url, tmp_path)
    tracker = Tracker.open(url=url, environment=Environment(SystemClock(), config=tmp_path))
    ada = tracker.unlock(staff="ADA-1", password=PASSWORDS["ADA-1"], station="HUB-1")
    for number in range(4):
        request = {
            "request": "add_station",
            "event_id": tracker.new_event_id(),
            "actor": "ADA-1",
            "station": "HUB-1",
            "new_station": f"LAB-{number}",
            "site": "PLANT",
            "title": "Lab",
        }
        assert tracker.record(request=request, signers=[ada]).ok
    for number in range(FAILURES_EVERYWHERE_MAX):
        with pytest.raises(SignInRefused, match="password is not that of"):
            tracker.unlock(staff="BEN-1", password="not the password", station=f"LAB-{number % 4}")
    with pytest.raises(SignInLocked, match="BEN-1 is locked at every station until"):
        tracker.unlock(staff="BEN-1", password=PASSWORDS["BEN-1"], station="HUB-1")
    registry = tracker.registry
    assert list(registry.lockouts) == [("BEN-1", "")]
    assert registry.locked_until("BEN-1", "HUB-1") == registry.lockouts["BEN-1", ""]
    assert [*registry.locked_out_at("LAB-3", SystemClock().now())] == ["BEN-1"]
    assert tracker.unlock(staff="ADA-1", password=PASSWORDS["ADA-1"], station="LAB-0").staff == "ADA-1"
    tracker.close()


def test_findings_g12_guesses_made_at_once_each_count(tmp_path: Path) -> None:
    """Five at the same moment lock the person out as five in a row do, and the lock-out stands there once."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    found(url, tmp_path)
    tracker = Tracker.open(url=url, environment=Environment(SystemClock(), config=tmp_path))
    together = Barrier(FAILURES_MAX)

    def guess(number: int) -> str:
        together.wait()
        with pytest.raises(SignInRefused) as refused:
            tracker.unlock(staff="BEN-1", password=f"guess number {number}", station="HUB-1")
        return refused.value.code

    with ThreadPoolExecutor(FAILURES_MAX) as pool:
        assert {*pool.map(guess, range(FAILURES_MAX))} == {"wrong_password"}
    with pytest.raises(SignInLocked):
        tracker.unlock(staff="BEN-1", password=PASSWORDS["BEN-1"], station="HUB-1")
    assert [*tracker.registry.lockouts] == [("BEN-1", "HUB-1")]
    tracker.close()


def test_findings_g11_who_keyed_it_has_signed_in(tmp_path: Path) -> None:
    """An entry that names somebody else as who keyed it is refused, and nothing is written."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    found(url, tmp_path)
    tracker = Tracker.open(url=url, environment=Environment(SystemClock(), config=tmp_path))
    ada = tracker.unlock(staff="ADA-1", password=PASSWORDS["ADA-1"], station="HUB-1")
    request = {
        "request": "add_person",
        "event_id": tracker.new_event_id(),
        "actor": "ADA-1",
        "station": "HUB-1",
        "staff": "CAM-1",
        "printed_name": "Cam Example",
    }
    for keyed_by, rule in (("BEN-1", "not_signed_in"), ("NOBODY-1", "not_signed_in"), ("ADA-1", None)):
        answer = tracker.record(request={**request, "entry": {"by": keyed_by}}, signers=[ada])
        assert (None if answer.problem is None else answer.problem.error) == rule
    tracker.close()


def test_findings_e7_the_old_password_opens_until_the_new_key_is_there(tmp_path: Path) -> None:
    """A code that nobody asked for costs nobody a shift; after a reset a wrong password tells of it."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    found(url, tmp_path)
    tracker = Tracker.open(url=url, environment=Environment(SystemClock(), cost=WEAK, config=tmp_path))
    ada, ben = (
        tracker.unlock(staff=staff, password=PASSWORDS[staff], station="HUB-1")
        for staff in ("ADA-1", "BEN-1")
    )

    def send(name: str, **fields: object) -> None:
        head = {"event_id": tracker.new_event_id(), "actor": "ADA-1", "station": "HUB-1"}
        answer = tracker.record(request={"request": name, **head, **fields}, signers=[ada])
        assert answer.ok, answer.problem

    def code_for(staff: str) -> str:
        request = IssueAccessCode(
            event_id=tracker.new_event_id(), actor="ADA-1", station="HUB-1", staff=staff
        )
        answer, code = tracker.issue_access_code(request=request, signers=[ada])
        assert answer.ok and code is not None
        return code

    def activate(password: str, witness: Signer) -> None:
        answer, _ = tracker.activate_key(
            staff="CAM-1", code=code_for("CAM-1"), password=password, pin="550192", witness=witness,
            station="HUB-1",
        )  # fmt: skip
        assert answer.ok, answer.problem

    send("add_person", staff="CAM-1", printed_name="Cam Example")
    send("grant_role", staff="CAM-1", role="courier", site="PLANT", training_reference="TR-7")
    activate("seven brown boxes", ben)
    code_for("CAM-1")
    assert tracker.unlock(staff="CAM-1", password="seven brown boxes", station="HUB-1").staff == "CAM-1"
    activate("eight brown boxes", ben)
    with pytest.raises(SignInRefused, match="password is not that of") as refused:
        tracker.unlock(staff="CAM-1", password="seven brown boxes", station="HUB-1")
    assert "with a one-time code by ADA-1: if that was not you, tell quality" in refused.value.remedy
    assert tracker.unlock(staff="CAM-1", password="eight brown boxes", station="HUB-1").staff == "CAM-1"
    tracker.close()
