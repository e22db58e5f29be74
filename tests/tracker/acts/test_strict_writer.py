"""What verification would find is not written: times, offsets, keys, and faults of one request alone."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from schema.entry import REGISTRY, read_entry
from schema.entry_faults import entry_faults
from schema.errors import ClockBehind, InputError, SignInRefused, StatementChanged, StoreBusy, Unforeseen
from schema.instants import format_instant, parse_declared
from schema.vocabulary import Meaning, Reason
from tests.support.journeys import Template, World, scans
from tracker.acts import deciding
from tracker.acts.recorder import Proposal
from tracker.answers import Answer
from tracker.demo.journey import scan
from tracker.evidence import log
from tracker.evidence.last_head import SIGNED_FILE
from tracker.evidence.log_keys import key_folder
from tracker.evidence.standalone import verify
from tracker.evidence.verification.store import verify_store
from tracker.kinds import is_decision
from tracker.people.passwords import WEAK
from tracker.people.signer import Signer, enroll
from tracker.registry.equipment.requests import ChargeShipper
from tracker.registry.network.requests import ActivateKey, IssueAccessCode
from tracker.registry.people.requests import GrantRole
from tracker.registry.places.requests import SetSiteZone
from tracker.registry.requests import RegistryRequest
from tracker.rules.public_keys import public_text
from tracker.therapy.custody import requests as custody
from tracker.therapy.deviations import OpenDeviation
from tracker.therapy.identity import requests as identity
from tracker.therapy.making import requests as processing
from tracker.tracker import Environment, Tracker

Worlds = Callable[[str], World]
LATE = {"mode": "late", "reason": "network_down"}


def verified(given: World) -> int:
    """The exit code of verification, by somebody who comes from outside."""
    return verify_store(given.url, clock=given.clock).exit_code


def turn_back(given: World, **span: float) -> None:
    """Somebody sets the machine's clock back; a demo's own clock never does that by itself."""
    given.clock._now -= timedelta(**span)


def quarantine(given: World, occurred_at: str, **more: Any) -> dict[str, Any]:
    """The first bag quarantined, entered late."""
    return {
        "units": scans(given.one.bag),
        "reason": "other",
        "entry": LATE,
        "occurred_at": occurred_at,
        **more,
    }


class TestTimes:
    @pytest.mark.parametrize("offset", ["+14:30", "+23:00", "-14:01", "-23:59", "+01:00:30"])
    def test_findings_c1_an_offset_that_no_place_has(self, offset: str, world: Worlds) -> None:
        """What verification does not read is not taken; nothing is written."""
        given = world("collected")
        before = given.count()
        declared = f"{given.clock.now() - timedelta(days=1):%Y-%m-%dT%H:%M:%S}{offset}"
        with pytest.raises(InputError, match="offset that no place has"):
            given.ask(processing.Quarantine, "QA-2", **quarantine(given, declared))
        assert given.count() == before

    @pytest.mark.parametrize("offset", ["+14:00", "-12:00", "+12:45", "+05:30", "-14:00"])
    def test_findings_c1_an_offset_that_is_read(self, offset: str) -> None:
        """The outermost ones are; whether they are the site's is another question."""
        assert parse_declared(f"2026-06-01T12:00:00{offset}")[1] == offset

    @pytest.mark.parametrize(
        ("declared", "floor"),
        [
            ("0001-01-01T00:00:00Z", "1972"),
            ("1970-01-01T00:00:00Z", "1972"),
            ("2025-12-31T23:59:59Z", "founded"),
            ("2026-01-05T07:00:01Z", "founded|enrolled"),
        ],
    )
    def test_findings_g4_nothing_happened_before_the_store_or_the_therapy(
        self, declared: str, floor: str, world: Worlds
    ) -> None:
        """The store was founded on 5 January 2026 at 07:00, the therapy enrolled some minutes later."""
        given = world("collected")
        before = given.count()
        with pytest.raises(InputError, match=floor):
            given.ask(processing.Quarantine, "QA-2", **quarantine(given, declared))
        assert given.count() == before

    def test_findings_g4_from_the_enrollment_on(self, world: Worlds) -> None:
        """The instant of the enrollment itself is no longer too early."""
        given = world("collected")
        enrolled = given.state().facts["enrolled"].at
        early = quarantine(given, format_instant(enrolled - timedelta(milliseconds=1)))
        with pytest.raises(InputError, match="was enrolled"):
            given.ask(processing.Quarantine, "QA-2", **early)
        found = given.ask(processing.Quarantine, "QA-2", **quarantine(given, format_instant(enrolled)))
        assert found.problem is None or found.problem.error != "occurred_too_early"

    def test_findings_g4_evidence_has_the_time_of_the_clock(self, world: Worlds) -> None:
        """A mix-up that was prevented and entered late is evidence of now, and every trail of it exports."""
        given = world("enrolled")
        declared = format_instant(given.state().facts["enrolled"].at + timedelta(seconds=1))
        answer = given.ask(
            identity.IdentifyPatient,
            "NURSE-A1",
            others="NURSE-A2 witnessed",
            coi=scan(given.one.coi),
            patient=given.two.wristband(),
            entry=LATE,
            occurred_at=declared,
        )
        assert not answer.ok and answer.entries
        evidence = given.entries(given.one.coi)[answer.entries[0].sequence]
        assert evidence.statement.occurred_at == given.clock.now() == evidence.recorded_at
        assert evidence.statement.offset == "-05:00"
        assert verified(given) == 0

    def test_an_entry_without_a_local_time_is_found(self, world: Worlds) -> None:
        """The first hour of the year 1, west of Greenwich, is no time of any calendar."""
        entry = world("enrolled").entries(REGISTRY)[0]
        statement = replace(entry.statement, occurred_at=datetime(1, 1, 1, tzinfo=UTC), offset="-05:00")
        broken = replace(entry, statement=statement, stored=None)
        assert [*entry_faults(broken, understood=True, decision=False)] == [
            "the local time of 1 with -05:00 is in no calendar"
        ]


class TestClockBetweenFreezingAndSigning:
    def proposed(self, given: World) -> tuple[Proposal, Signer]:
        """A quarantine frozen for QA-2 to sign."""
        request = given.request(
            processing.Quarantine, "QA-2", units=scans(given.one.bag), reason=Reason.CONTAINER_DAMAGED
        )
        proposal = given.tracker.propose(request=request)
        assert isinstance(proposal, Proposal)
        return proposal, given.network.signers["QA-2"]

    def test_findings_g8_a_clock_set_back_meanwhile(self, world: Worlds) -> None:
        """An hour back: it would be signed and recorded before it occurred."""
        given = world("collected")
        proposal, signer = self.proposed(given)
        frozen = given.clock.now()
        with pytest.raises(ClockBehind, match="went back 3600 s"):
            proposal.sign(signer, Meaning.PERFORMED, frozen - timedelta(hours=1))
        proposal.sign(signer, Meaning.PERFORMED, frozen)
        turn_back(given, hours=1)
        before = given.count()
        with pytest.raises(ClockBehind):
            given.tracker.conclude(proposal=proposal)
        assert given.count() == before

    def test_findings_g8_a_clock_slewed_by_seconds(self, world: Worlds) -> None:
        """A minute back is how clocks are kept right: recorded when it was frozen, not before."""
        given = world("collected")
        proposal, signer = self.proposed(given)
        frozen = given.clock.now()
        turn_back(given, seconds=60)
        proposal.sign(signer, Meaning.PERFORMED, given.clock.now())
        assert given.tracker.conclude(proposal=proposal).ok
        entry = given.entries(given.one.coi)[-1]
        assert entry.recorded_at == entry.statement.occurred_at == entry.signatures[0].signed_at == frozen

    def test_findings_g8_after_five_minutes_it_is_read_anew(self, world: Worlds) -> None:
        """The other bound stays as it was."""
        given = world("collected")
        proposal, signer = self.proposed(given)
        with pytest.raises(StatementChanged):
            proposal.sign(signer, Meaning.PERFORMED, given.clock.now() + timedelta(minutes=5, seconds=1))

    @pytest.mark.parametrize(
        ("request_class", "actor", "at", "fields"),
        [
            (ChargeShipper, "TECH-A1", "COLL-A", {"equipment": "Dry shipper 1"}),
            (IssueAccessCode, "ADMIN-1", "MFG-1", {"staff": "TECH-A1", "reason": "forgotten_password"}),
            (SetSiteZone, "ADMIN-1", "MFG-1", {"site": "TREAT-A", "zone": "Europe/Madrid"}),
            (
                GrantRole,
                "ADMIN-1",
                "MFG-1",
                {"staff": "TECH-A1", "role": "dock", "site": "COLL-A", "training_reference": "TR-9"},
            ),
        ],
        ids=["charge", "one-time code", "zone", "role"],
    )
    def test_a_time_in_an_act_of_the_registry_is_that_of_the_screen(
        self, world: Worlds, request_class: type[RegistryRequest], actor: str, at: str, fields: dict[str, Any]
    ) -> None:
        """Signing takes time: what is recorded three minutes later is the statement that was signed."""
        given = world("collected")
        if "equipment" in fields:
            fields = {"equipment": scan(given.network.boxes[fields["equipment"]])}
        proposal = given.tracker.propose(request=given.request(request_class, actor, at=at, **fields))
        assert isinstance(proposal, Proposal)
        given.clock.advance(timedelta(minutes=3))
        proposal.sign(given.network.signers[actor], Meaning.PERFORMED, given.clock.now())
        answer = given.tracker.conclude(proposal=proposal)
        assert answer.ok, answer.problem


def rekeyed(given: World, staff: str) -> Signer:
    """Somebody gets another key by a one-time code, as after a forgotten password."""
    given.do(IssueAccessCode, "ADMIN-1", staff=staff, reason="forgotten_password")
    name = given.tracker.registry.people[staff].name
    _, signer = enroll(staff=staff, name=name, password="another horse", pin="424242", cost=WEAK)
    request = given.request(
        ActivateKey,
        staff,
        at="TREAT-A",
        others="NURSE-A2 witnessed",
        key=signer.key,
        public=public_text(signer.public),
    )
    present = [signer, *(one for one in given.network.signers.values() if one.staff != staff)]
    origin = deciding.Origin(code_shown_by=staff)
    answer = given.tracker.record(request=request, signers=present, origin=origin)
    assert answer.ok, answer.problem
    return signer


class TestKeys:
    def test_findings_g2_a_session_whose_person_was_given_another_key(self, shared: World) -> None:
        """The bridge still holds the old key: its next line is refused, and the store verifies."""
        fresh = rekeyed(shared, "NURSE-A1")
        values: dict[str, Any] = {
            "units": scans(shared.one.bag),
            "coi": scan(shared.one.coi),
            "category": "other",
            "description": "x",
        }
        before = shared.count()
        with pytest.raises(SignInRefused, match="retired by registry entry") as caught:
            shared.ask(OpenDeviation, "NURSE-A1", **values)
        assert caught.value.code == "key_not_active" and shared.count() == before
        request = shared.request(OpenDeviation, "NURSE-A1", **values)
        assert shared.tracker.record(request=request, signers=[fresh]).ok
        assert shared.entries(shared.one.coi)[-1].signatures[0].key == fresh.key
        assert verified(shared) == 0

    def test_findings_g2_between_freezing_and_signing(self, shared: World) -> None:
        """A screen in session: what was signed by a key that is retired meanwhile is not written."""
        request = shared.request(
            OpenDeviation,
            "NURSE-A1",
            coi=scan(shared.one.coi),
            category="other",
            description="x",
        )
        proposal = shared.tracker.propose(request=request)
        assert isinstance(proposal, Proposal)
        proposal.sign(shared.network.signers["NURSE-A1"], Meaning.PERFORMED, shared.clock.now())
        rekeyed(shared, "NURSE-A1")
        with pytest.raises(SignInRefused, match="retired"):
            shared.tracker.conclude(proposal=proposal)
        assert verified(shared) == 0


class TestFaultsOfOneRequest:
    def test_findings_c2_no_exception_leaves_its_request(
        self, shared: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Three in one transaction, a fault of the program in the middle one: the others stand."""
        requests = [
            shared.request(
                OpenDeviation,
                "NURSE-A1",
                coi=scan(shared.one.coi),
                category=category,
                description="x",
            )
            for category in ("first", "second", "third")
        ]
        plain: Callable[[Any, Any], Any] = vars(deciding)["decide"]

        def faulty(situation: Any, request: Any) -> Any:
            if request.category == "second":
                raise OverflowError("date value out of range")
            return plain(situation, request)

        monkeypatch.setattr(deciding, "decide", faulty)
        signers = [*shared.network.signers.values()]
        said: list[str] = []

        def work() -> None:
            said.clear()
            for request in requests:
                try:
                    said.append(str(shared.tracker.record(request=request, signers=signers).ok))
                except Unforeseen as error:
                    said.append(f"{error.exit_code} {error.code}")

        shared.tracker.in_batch(work)
        assert said == ["True", "2 not_recorded", "True"]
        payloads = [entry.statement.payload for entry in shared.entries(shared.one.coi)[-2:]]
        assert [getattr(one, "category", None) for one in payloads] == ["first", "third"]
        assert verified(shared) == 0


def test_every_entry_of_a_journey_passes_the_checks(world: Worlds) -> None:
    """What the writer asks is what verification asks: none of hundreds of entries has a fault."""
    given = world("infused")
    for chain in (given.one.coi, given.two.coi, REGISTRY):
        for entry in given.entries(chain):
            assert not [*entry_faults(read_entry(entry.body), understood=True, decision=False)]
            assert all(len(base64.b64decode(one.value)) == 64 for one in entry.signatures)


def test_findings_g1_no_decision_stands_outside_the_rules(world: Worlds) -> None:
    """Neither the writer nor a verifier takes one that says so, in this program or in the single file."""
    given = world("released")
    entry = next(one for one in given.entries(given.one.coi) if one.statement.kind == "released")
    statement = replace(entry.statement, outside_rules=("tests_pending",))
    broken = replace(entry, statement=statement, stored=None)
    said = "released is a decision, and no decision stands outside the rules"
    assert [*entry_faults(broken, understood=True, decision=is_decision("released"))] == [said]
    value = orjson.loads(broken.body)
    assert [*verify._entry_faults(verify.Entry(broken.body, value, understood=True))] == [said]
    assert not is_decision("thaw_started")


def hub_of(given: World, template: Template, folder: Path) -> World:
    """A closed store again, on the machine with the log's key."""
    origin = template.snapshots["collected"].registry.origin
    keys = key_folder(template.folder, origin)
    # The head that was signed last is that of the later stages.
    shutil.copytree(keys, key_folder(folder, origin), ignore=shutil.ignore_patterns(SIGNED_FILE))
    return hub_again(given, folder)


def hub_again(given: World, folder: Path) -> World:
    """The hub started once more: now its newest head lies beside its key."""
    environment = Environment(given.clock, given.network.chance, WEAK, config=folder)
    tracker = Tracker.open(url=given.url, environment=environment)
    return replace(given, network=replace(given.network, tracker=tracker))


@pytest.fixture
def hub(template: Template, tmp_path: Path) -> Iterator[World]:
    """The store with its bags at the chair, on the machine with the log's key."""
    given = template.world("collected", tmp_path / "hub.db")
    given.tracker.close()
    opened = hub_of(given, template, tmp_path)
    opened.tracker.integrate()
    opened.tracker.close()
    opened = hub_again(opened, tmp_path)
    yield opened
    opened.tracker.close()


class TestAfterTheCommit:
    def hand_over(self, given: World) -> Answer:
        """The nurse hands the bag to the cell lab."""
        lab: dict[str, Any] = {"to": {"type": "department", "id": "COLL-A/CELL-LAB"}}
        return given.do(
            custody.Relinquish, "NURSE-A1", units=scans(given.one.bag), condition="in_order", **lab
        )

    def test_findings_g3_a_handoff_stands_though_its_head_cannot_be_signed(self, hub: World) -> None:
        """A damaged log.head is a warning beside ok, and stays one until it is mended."""
        hub.tracker.integrate()
        head = hub.tracker.log.folder / SIGNED_FILE
        kept = head.read_text(encoding="ascii")
        head.write_text("no head\n", encoding="ascii")
        answer = self.hand_over(hub)
        assert answer.ok and hub.kinds(hub.one.coi)[-1] == "relinquished"
        (notice,) = answer.notices
        assert notice.rule == "no_last_head" and hub.tracker.log_trouble == notice
        said = orjson.loads(orjson.dumps(answer.to_json()))
        assert said["ok"] is True and said["notices"][0]["message"] == notice.message
        assert hub.do(custody.Accept, "TECH-A1", units=scans(hub.one.bag), condition="in_order").notices
        head.write_text(kept, encoding="ascii")
        hub.tracker.integrate()
        assert hub.tracker.log_trouble is None

    def test_findings_g3_the_answer_is_kept_without_the_warning(self, hub: World) -> None:
        """Sent again under its id it stands once, and the answer is that it was recorded."""
        hub.tracker.integrate()
        (hub.tracker.log.folder / SIGNED_FILE).write_text("no head\n", encoding="ascii")
        lab: dict[str, Any] = {"to": {"type": "department", "id": "COLL-A/CELL-LAB"}}
        request = hub.request(
            custody.Relinquish, "NURSE-A1", units=scans(hub.one.bag), condition="in_order", **lab
        )
        first, second = hub.send(request), hub.send(request)
        assert first.ok and second.ok and second.repeated and first.entries == second.entries
        assert hub.kinds(hub.one.coi).count("relinquished") == 1

    def test_findings_g3_a_batch_is_committed_once(self, hub: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """A log that others hold is no reason to record a batch of handoffs again."""

        def busy(*_: object, **__: object) -> None:
            raise StoreBusy("The log is held by others.")

        monkeypatch.setattr(log, "integrate", busy)
        tries: list[Answer] = []
        lab: dict[str, Any] = {"to": {"type": "department", "id": "COLL-A/CELL-LAB"}}
        request = hub.request(
            custody.Relinquish, "NURSE-A1", units=scans(hub.one.bag), condition="in_order", **lab
        )
        signers = [*hub.network.signers.values()]
        hub.tracker.in_batch(lambda: tries.append(hub.tracker.record(request=request, signers=signers)))
        assert len(tries) == 1 and hub.kinds(hub.one.coi).count("relinquished") == 1
        assert hub.tracker.log_trouble is not None and hub.tracker.log_trouble.rule == "store_busy"

    def test_without_trouble_no_warning(self, hub: World) -> None:
        """An answer of a handoff has its three keys and no more."""
        assert set(self.hand_over(hub).to_json()) == {"ok", "event_id", "entries"}
