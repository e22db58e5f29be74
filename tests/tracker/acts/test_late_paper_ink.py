"""What was not entered live: late, from paper, by hand, imported, or with a receiver who signed in ink."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from schema.errors import InputError, Refusal
from schema.events.custody import Accepted
from schema.instants import format_instant
from schema.papercodes import receipt_code
from schema.vocabulary import EntryMode, Grade, PartyType, ReadMode
from tests.support.journeys import World, scans
from tracker.catalog import to_wire
from tracker.demo.journey import party, scan
from tracker.evidence.verification.store import verify_store
from tracker.requests.base import Scan
from tracker.therapy.custody import requests as custody
from tracker.therapy.making import requests as processing

Worlds = Callable[[str], World]
LATE = {"mode": "late", "reason": "network_down"}


def frozen(world: World) -> dict[str, Any]:
    """The first therapy's bag in quarantine for a test's sake."""
    return {"units": scans(world.one.bag), "reason": "other"}


def at(world: World, **ago: float) -> str:
    """Some time ago, as somebody declares it."""
    return format_instant(world.clock.now() - timedelta(**ago))


class TestTimes:
    def test_late_declares_time_and_reason(self, world: Worlds) -> None:
        """Both are asked, and the time stands beside the recorder's own."""
        given = world("frozen")
        with pytest.raises(InputError, match="declares when"):
            given.ask(processing.Quarantine, "QA-2", entry=LATE, **frozen(given))
        with pytest.raises(InputError, match="why"):
            given.ask(
                processing.Quarantine,
                "QA-2",
                entry={"mode": "late"},
                occurred_at=at(given, hours=1),
                units=scans(given.one.bag),
            )
        happened = given.clock.now() - timedelta(hours=1)
        given.do(
            processing.Quarantine, "QA-2", entry=LATE, occurred_at=format_instant(happened), **frozen(given)
        )
        entry = given.entries(given.one.coi)[-1]
        assert entry.statement.occurred_at == happened and entry.statement.mode == "late"
        assert entry.recorded_at == given.clock.now()

    def test_live_declares_no_time(self, world: Worlds) -> None:
        """A live entry takes the station's clock."""
        given = world("frozen")
        with pytest.raises(InputError, match="live"):
            given.ask(processing.Quarantine, "QA-2", occurred_at=at(given, minutes=1), **frozen(given))

    @pytest.mark.parametrize("text", ["2026-01-05T12:00:00", "2026-01-05", "yesterday", "12:00Z", ""])
    def test_a_naive_time_is_bad_input(self, world: Worlds, text: str) -> None:
        """Which midnight was meant cannot be guessed."""
        given = world("frozen")
        with pytest.raises(InputError):
            given.ask(processing.Quarantine, "QA-2", entry=LATE, occurred_at=text, **frozen(given))

    def test_the_future_has_not_happened(self, world: Worlds) -> None:
        """Up to 120 s are a matter of clocks; beyond it is refused."""
        given = world("frozen")
        ahead = at(given, minutes=-3, seconds=-1)
        with pytest.raises(Refusal) as refused:
            given.ask(processing.Quarantine, "QA-2", entry=LATE, occurred_at=ahead, **frozen(given))
        assert refused.value.code == "occurred_ahead" and refused.value.exit_code == 3
        near = given.clock.now() + timedelta(minutes=2)
        given.do(processing.Quarantine, "QA-2", entry=LATE, occurred_at=format_instant(near), **frozen(given))

    def test_the_local_offset_is_kept(self, world: Worlds) -> None:
        """That of the site's clocks then, whether it is written or the time is given in UTC."""
        given = world("frozen")
        for text, offset in (("2026-01-05T11:30:00+01:00", "+01:00"), ("2026-01-05T10:30:00Z", "+01:00")):
            given.do(processing.Quarantine, "QA-2", entry=LATE, occurred_at=text, **frozen(given))
            statement = given.entries(given.one.coi)[-1].statement
            assert statement.offset == offset
            assert statement.occurred_at == datetime.fromisoformat("2026-01-05T10:30:00+00:00")

    def test_late_is_shown_late_whatever_it_declares(self, world: Worlds) -> None:
        """More than 15 minutes behind it carries the mark in every trail."""
        given = world("frozen")
        for mode, minutes, late in (("imported", 16, True), ("unattended", 14, False), ("late", 1, True)):
            given.do(
                processing.Quarantine,
                "QA-2",
                entry={"mode": mode, "reason": "network_down"},
                occurred_at=at(given, minutes=minutes - 1),
                **frozen(given),
            )
            marks = given.tracker.read.trail(coi=given.one.coi).entries[-1].marks
            assert ("late" in marks) is late and mode in marks

    def test_findings_a9_a_declared_time_alone_stops_no_clock(self, world: Worlds) -> None:
        """Put away five minutes after it came out, said 55 minutes later: a second person confirms it."""
        given = world("frozen")
        there: dict[str, Any] = {
            "units": given.one.frozen_scans((given.one.bag,)),
            "location": scan(given.network.storage["COLL-A"]),
        }
        given.do(custody.Retrieve, "TECH-A1", **there)
        happened = format_instant(given.clock.now() + timedelta(minutes=5))
        given.clock.advance(timedelta(minutes=60))
        said: dict[str, Any] = {**there, "entry": LATE, "occurred_at": happened}
        assert given.refusal(custody.StoreUnits, "TECH-A1", **said).error == "signature_missing"
        request = given.request(custody.StoreUnits, "TECH-A1", others="TECH-A2 verified", **said)
        answer = given.send(request)
        assert answer.ok and [one.rule for one in answer.notices] == ["declared_time"]
        entry = given.entries(given.one.coi)[-1]
        assert [(one.signer, one.meaning) for one in entry.signatures] == [
            ("TECH-A1", "performed"),
            ("TECH-A2", "verified"),
        ]
        assert format_instant(entry.statement.occurred_at) == happened
        assert "late" in given.tracker.read.trail(coi=given.one.coi).entries[-1].marks
        again = given.send(request)
        assert again.repeated and again.notices == answer.notices
        assert verify_store(given.url).exit_code == 0

    def test_a_late_entry_stands_at_the_end_of_its_chain(self, world: Worlds) -> None:
        """Recorded times stay in order; only views sort by when it happened."""
        given = world("frozen")
        given.do(processing.Quarantine, "QA-2", entry=LATE, occurred_at=at(given, hours=1), **frozen(given))
        entries = given.entries(given.one.coi)
        assert [entry.recorded_at for entry in entries] == sorted(entry.recorded_at for entry in entries)
        assert entries[-1].statement.occurred_at < entries[-2].statement.occurred_at


class TestPaper:
    def paper(self, **changes: Any) -> dict[str, Any]:
        """An entry keyed from paper by QA-A."""
        return {"entry": {"mode": "paper", "by": "QA-A", "reason": "power_failure"}, **changes}

    def test_transcribed_and_verified(self, world: Worlds) -> None:
        """The keying person and a second one sign instead of the actor, who is named."""
        given = world("bedside")
        values = {"units": scans(given.one.products[0]), "occurred_at": at(given, minutes=0)}
        signed = "PHARM-A transcribed, QA-A verified"
        by = {"mode": "paper", "by": "PHARM-A", "reason": "power_failure"}
        given.do(processing.StartInfusion, "DOC-A1", signed=signed, entry=by, **values)
        entry = given.entries(given.one.coi)[-1]
        assert (entry.statement.actor, entry.statement.entered_by) == ("DOC-A1", "PHARM-A")
        assert [str(signature.meaning) for signature in entry.signatures] == ["transcribed", "verified"]

    @pytest.mark.parametrize(
        "signed",
        [
            "DOC-A1 performed",
            "QA-A transcribed",
            "QA-A transcribed, QA-A verified",
            "QA-A verified, DOC-A1 transcribed",
        ],
    )
    def test_not_by_one_and_not_by_another(self, world: Worlds, signed: str) -> None:
        """Two different people, and the transcriber is who keyed it."""
        given = world("frozen")
        values = self.paper(occurred_at=at(given, minutes=5), signed=signed)
        assert given.refusal(processing.Quarantine, "QA-2", **values, **frozen(given)).error in (
            "signature_missing",
            "same_person",
            "wrong_signer",
        )

    def test_the_rules_hold_for_paper(self, world: Worlds) -> None:
        """What was against the rules on paper is against them here, by the role of who did it."""
        given = world("bedside")
        values = self.paper(
            units=scans(given.one.products[0]),
            occurred_at=at(given, minutes=0),
            signed="QA-A transcribed, PHARM-A verified",
        )
        assert given.refusal(processing.StartInfusion, "PHARM-A", **values).error == "role_missing"

    def test_a_keyer_is_somebody(self, world: Worlds) -> None:
        """Nobody unknown keys an entry, in whatever mode."""
        given = world("frozen")
        for entry in ({"by": "NOBODY-1"}, {"mode": "late", "by": "NOBODY-1", "reason": "other"}):
            values = {"occurred_at": at(given, minutes=5)} if "mode" in entry else {}
            found = given.refusal(processing.Quarantine, "QA-2", entry=entry, **values, **frozen(given))
            assert found.error == "person_unknown"


class TestTyped:
    def test_typed_codes_are_verified(self, world: Worlds) -> None:
        """One confirmation by a second person for all codes typed at one sitting."""
        given = world("frozen")
        typed = {"units": (Scan(code=scan(given.one.bag).code, mode=ReadMode.MANUAL),), "reason": "other"}
        assert given.refusal(processing.Quarantine, "QA-2", **typed).error == "signature_missing"
        assert (
            given.refusal(processing.Quarantine, "QA-2", others="QA-2 verified", **typed).error
            == "same_person"
        )
        given.do(processing.Quarantine, "QA-2", others="QA-A verified", **typed)
        entry = given.entries(given.one.coi)[-1]
        assert [read.mode for read in entry.statement.reads] == ["manual"]
        assert "typed" in given.tracker.read.trail(coi=given.one.coi).entries[-1].marks

    def test_pasted_codes_are_kept_as_such(self, world: Worlds) -> None:
        """The mode of every read is kept for ever."""
        given = world("frozen")
        pasted = {"units": (Scan(code=scan(given.one.bag).code, mode=ReadMode.PASTED),), "reason": "other"}
        given.do(processing.Quarantine, "QA-2", **pasted)
        assert "pasted" in given.tracker.read.trail(coi=given.one.coi).entries[-1].marks


class TestInk:
    def slip(self, world: World) -> tuple[dict[str, Any], dict[str, Any]]:
        """A sealed box handed over, and what the driver's ink says on its slip."""
        box, seal = scan(world.box_of(world.one)), Scan(code=world.seal_of(world.one))
        answer = world.do(custody.Relinquish, "TECH-A1", box=box, seal=seal)
        receipt = receipt_code(answer.entries[0].statement_digest).text
        ink = {
            "company": "Polar Courier",
            "name": "D. River",
            "id_seen": "driver card 77",
            "waybill": "WB-1",
            "custodian": "CARR-X",
            "receipt": receipt,
        }
        return {"box": box, "seal": seal}, ink

    def test_a_driver_without_account(self, world: Worlds) -> None:
        """A second person of the site attests the ink; names are committed, and the grade is ink."""
        given = world("packed")
        box, ink = self.slip(given)
        given.do(custody.Accept, "TECH-A2", signed="TECH-A2 attested", ink=ink, **box)
        entry = given.entries(given.one.coi)[-1]
        payload = entry.statement.payload
        assert isinstance(payload, Accepted) and payload.evidence is Grade.INK and payload.ink is not None
        assert payload.custodian == party(PartyType.CARRIER, "CARR-X")
        assert [str(signature.meaning) for signature in entry.signatures] == ["attested"]
        for text in (b"River", b"driver card", b"WB-1", b"Polar"):
            assert text not in given.bytes_of(given.one.coi)
        assert "ink" in given.tracker.read.trail(coi=given.one.coi).entries[-1].marks

    def test_whose_ink_counts(self, world: Worlds) -> None:
        """Not attested by the giver, not on another slip, not for another carrier."""
        given = world("packed")
        box, ink = self.slip(given)
        other = receipt_code("ab" * 32).text
        for actor, changed, rule in (
            ("TECH-A1", {}, "same_person"),
            ("TECH-A2", {"receipt": other}, "wrong_slip"),
            ("TECH-A2", {"receipt": box["seal"].code}, "wrong_slip"),
            ("TECH-A2", {"custodian": "CARR-Y"}, "other_receiver"),
        ):
            found = given.refusal(
                custody.Accept, actor, signed=f"{actor} attested", ink={**ink, **changed}, **box
            )
            assert found.error == rule
        assert given.refusal(custody.Accept, "TECH-A2", ink=ink, **box).error == "signature_missing"

    def test_another_therapys_slip(self, world: Worlds) -> None:
        """The slip of another open handoff is not the slip of this one."""
        given = world("packed")
        box, ink = self.slip(given)
        second = scan(given.box_of(given.two)), Scan(code=given.seal_of(given.two))
        answer = given.do(custody.Relinquish, "TECH-A1", box=second[0], seal=second[1])
        wrong = {**ink, "receipt": receipt_code(answer.entries[0].statement_digest).text}
        found = given.refusal(custody.Accept, "TECH-A2", signed="TECH-A2 attested", ink=wrong, **box)
        assert found.error == "wrong_slip"


def test_unattended_may_leave_the_time_to_the_clock(world: Worlds) -> None:
    """Passwords from a file make an entry unattended; its time is declared or the clock's."""
    given = world("frozen")
    entry: Mapping[str, str] = {"mode": "unattended"}
    given.do(processing.Quarantine, "QA-2", entry=entry, **frozen(given))
    assert given.entries(given.one.coi)[-1].statement.occurred_at == given.clock.now()


def test_a_forced_mode_replaces_what_was_declared(world: Worlds) -> None:
    """What came with passwords from a file is unattended, whatever it calls itself."""
    given = world("frozen")
    wire = to_wire(given.request(processing.Quarantine, "QA-2", **frozen(given)))
    signers = [*given.network.signers.values()]
    answer = given.tracker.record(request=wire, signers=signers, mode=EntryMode.UNATTENDED)
    assert answer.ok and given.entries(given.one.coi)[-1].statement.mode is EntryMode.UNATTENDED
