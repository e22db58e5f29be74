"""Erasure: who may, what goes from every byte of the files, and that every proof stays."""

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from schema.errors import InputError, RequestReused
from schema.events.identity import Erased
from schema.instants import format_instant
from schema.papercodes import head_code, receipt_code
from schema.vocabulary import ErasureGround, Reason
from tests.support.commands import Cartrail
from tests.support.demos import DemoSite
from tests.support.evidence_story import ANN, BEN, STATION, Forger, build, tampering
from tests.support.journeys import World, enrolling
from tests.support.rule_cases import Case
from tracker.answers import Answer
from tracker.demo.cast import HUB_STATION
from tracker.demo.journey import scan
from tracker.evidence.verification.store import verify_store
from tracker.evidence.verification.verdict import Check
from tracker.exports.disclosure import Disclosure
from tracker.exports.forms import TrailFormat
from tracker.protocols.model import LONGEST_RETENTION, Retention
from tracker.requests.base import Request, Scan
from tracker.therapy.custody import requests as custody
from tracker.therapy.deviations import OpenDeviation
from tracker.therapy.erasure import Erase
from tracker.therapy.identity import requests as identity

Worlds = Callable[[str], World]
Cases = Callable[[str], Case]

REMARK = "said by her neighbor Amber Quill"
OUTSIDE = {
    "company": "Quickfoot Vans",
    "name": "Rob Oakley",
    "id_seen": "card 88-1204",
    "waybill": "WB-7730-1",
}
GROUND = ErasureGround.CONSENT_WITHDRAWN


def asked(world: World, **changes: Any) -> Request:
    """An erasure asked by quality and approved by the qualified person, on a legal ground."""
    given = {
        "coi": scan(world.one.coi),
        "reason": Reason.DATA_SUBJECT_REQUEST,
        "ground": GROUND,
        "others": "QP-1 approved",
        **changes,
    }
    return world.request(Erase, "QA-2", **{key: value for key, value in given.items() if value})


def taken(world: World, **changes: Any) -> Answer:
    """The same, recorded."""
    answer = world.send(asked(world, **changes))
    assert answer.ok, answer.problem
    return answer


def told(worlds: Worlds) -> World:
    """A therapy with free texts and an outside receiver, whose wristband was read at another's chair."""
    world = worlds("packed")
    world.do(
        OpenDeviation, "QA-2", coi=scan(world.one.coi), category="other", signed="QA-2 performed",
        description=f"heard: {REMARK}", remark=REMARK,
    )  # fmt: skip
    problem = world.refusal(
        identity.IdentifyPatient, "NURSE-A1", others="NURSE-A2 witnessed", coi=scan(world.two.coi),
        patient=world.one.wristband(),
    )  # fmt: skip
    assert problem.error == "mixup"
    box = scan(world.box_of(world.one))
    seal = Scan(code=world.seal_of(world.one))
    given = world.do(custody.Relinquish, "TECH-A1", box=box, seal=seal)
    ink = {
        **OUTSIDE,
        "custodian": world.one.carrier,
        "receipt": receipt_code(given.entries[0].statement_digest).text,
    }
    world.do(custody.Accept, "TECH-A2", box=box, seal=seal, ink=ink, signed="TECH-A2 attested")
    return world


def bytes_beside(world: World) -> bytes:
    """Every byte that lies beside the store, whatever the file is called."""
    path = Path(world.url.removeprefix("sqlite:///"))
    found = [file for file in path.parent.iterdir() if file.name.startswith(path.name)]
    assert not any(file.name.endswith("-journal") for file in found)
    return b"".join(file.read_bytes() for file in found)


def personal(world: World) -> list[str]:
    """What must not be found any more: identifiers, free texts, names of outside people."""
    return [*(identifier.value for identifier in world.one.wristband()), "Amber Quill", *OUTSIDE.values()]


class TestWhoMay:
    def test_not_while_a_unit_has_no_final_disposition(self, world: Worlds) -> None:
        made = world("frozen")
        answer = made.send(asked(made, ground=None))
        assert answer.problem is not None
        assert (answer.problem.error, answer.exit_code) == ("units_open", 3)
        assert made.one.bag in answer.problem.message

    def test_not_before_the_retention_date(self, world: Worlds) -> None:
        made = world("enrolled")
        answer = made.send(asked(made, ground=None))
        assert answer.problem is not None and answer.problem.error == "retention"
        assert "2006/86/EC" in answer.problem.message and "ground" in answer.problem.remedy

    def test_without_a_ground_once_nothing_is_open_and_the_date_has_come(self, case: Cases) -> None:
        given = case("enrolled")
        given.openings = {key: given.openings[key] for key in given.state.patient_identifiers}
        values = {"coi": scan(given.one.coi), "reason": Reason.RETENTION_ENDED, "others": "QP-1 approved"}
        short = Retention.model_validate({"keep": "P9D", "source": "a protocol's own"})
        given.protocol = given.protocol.model_copy(update={"retention": short})
        given.later(days=8)
        assert given.refusal(Erase, "QA-2", **values).rule == "retention"
        given.later(days=1)
        (draft,) = given.do(Erase, "QA-2", **values)
        assert draft.payload == Erased(erased=2, reason=Reason.RETENTION_ENDED)

    @pytest.mark.parametrize(
        ("changes", "rule"),
        [
            ({"reason": None}, "reason_missing"),
            ({"others": ""}, "signature_missing"),
            ({"others": "QA-2 approved"}, "same_person"),
            ({"others": "OPER-1 approved"}, "role_missing"),
        ],
    )
    def test_a_reason_and_two_people(self, world: Worlds, changes: dict[str, Any], rule: str) -> None:
        made = world("enrolled")
        before = made.count()
        answer = made.send(asked(made, **changes))
        assert answer.problem is not None and answer.problem.error == rule
        assert made.count() == before and len(made.tracker.preview_erasure(made.one.coi).values) == 1

    def test_nobody_but_quality(self, case: Cases) -> None:
        given = case("enrolled")
        values = {"coi": scan(given.one.coi), "reason": Reason.OTHER, "ground": GROUND}
        assert given.refusal(Erase, "OPER-1", **values).rule == "role_missing"

    def test_it_carries_no_free_text_of_its_own(self, world: Worlds) -> None:
        made = world("enrolled")
        with pytest.raises(InputError, match="no free text"):
            made.send(asked(made, remark=REMARK))

    def test_a_protocol_that_says_nothing_is_kept_longest(self) -> None:
        assert timedelta(days=10_950) == LONGEST_RETENTION.keep


class TestWhatGoes:
    def test_no_byte_of_the_files_holds_it_any_more(self, world: Worlds) -> None:
        made = told(world)
        before = bytes_beside(made)
        assert [text for text in personal(made) if text.encode() not in before] == []
        taken(made)
        after = bytes_beside(made)
        assert [text for text in personal(made) if text.encode() in after] == []
        # The other patient's therapy goes on with what it had.
        assert all(item.value.encode() in after for item in made.two.wristband())

    def test_every_proof_stays_valid(self, world: Worlds) -> None:
        made = told(world)
        chain = made.bytes_of(made.one.coi)
        size = made.tracker.integrate().integration.tree_size
        root = made.tracker.integrate().integration.root
        head = head_code(made.tracker.registry.origin, size, root)
        taken(made)
        made.tracker.integrate()
        assert made.tracker.log.check_head(head).exit_code == 0
        assert made.bytes_of(made.one.coi).startswith(chain)
        verdict = verify_store(made.url)
        assert (verdict.exit_code, verdict.findings, verdict.gaps) == (0, (), ())
        (note,) = verdict.steps[Check.COMMITMENTS - 1].notes
        assert "no longer held" in note and "of 0 the" not in note

    def test_the_entry_says_how_much_and_on_what_ground(self, world: Worlds) -> None:
        made = told(world)
        counted = made.tracker.preview_erasure(made.one.coi)
        taken(made)
        payload = made.entries(made.one.coi)[-1].statement.payload
        assert payload == Erased(
            erased=sum(counted.values.values()), ground=GROUND, reason=Reason.DATA_SUBJECT_REQUEST
        )
        assert counted.values["patient identifiers"] >= 2 and counted.values["names of outside people"] == 1

    def test_the_requests_of_its_acts_are_recognized_no_more(self, world: Worlds) -> None:
        made = world("enrolled")
        sent = made.request(OpenDeviation, "QA-2", coi=scan(made.one.coi), category="other", description="x")
        assert made.send(sent).ok and made.send(sent).repeated
        erasure = asked(made)
        assert made.send(erasure).ok
        with pytest.raises(RequestReused):
            made.send(sent)
        assert made.send(erasure).repeated

    def test_an_act_of_two_therapies_leaves_the_other_one_its_values(self, world: Worlds) -> None:
        """The statement that has the request's own id may stand in the other patient's chain."""
        made = world("frozen")
        units = [made.one.frozen_scans((made.one.bag,))[0], made.two.frozen_scans((made.two.bag,))[0]]
        tank = made.state().units[made.one.bag].location
        assert tank is not None
        sent = made.do(
            custody.Retrieve, "TECH-A1", units=tuple(units), location=scan(tank), remark="both at once"
        )
        assert {entry.chain for entry in sent.entries} == {made.one.coi, made.two.coi}
        for first, second in ((made.one, made.two), (made.two, made.one)):
            with made.tracker.store.read() as transaction:
                held = dict(transaction.openings_of(second.coi))
            taken(made, coi=scan(first.coi))
            with made.tracker.store.read() as transaction:
                assert not transaction.openings_of(first.coi)
                assert dict(transaction.openings_of(second.coi)) == held

    def test_another_therapy_of_the_same_patient_goes_on(self, world: Worlds) -> None:
        made = world("enrolled")
        order = made.one.wristband(carrier="order")
        again = enrolling(made, order, reason="clinical_need")
        made.do(identity.Enroll, "DOC-A1", others="COORD-A witnessed", **again)
        taken(made)
        known = made.tracker.read.therapy(coi=again["coi"])
        assert known is not None
        with made.tracker.store.read() as transaction:
            assert len(transaction.openings(known[0].patient_identifiers)) == 2

    def test_a_second_erasure_has_nothing_to_do_until_something_is_added(self, world: Worlds) -> None:
        made = world("enrolled")
        taken(made)
        answer = made.send(asked(made))
        assert answer.problem is not None and answer.problem.error == "already_done"
        made.do(OpenDeviation, "QA-2", coi=scan(made.one.coi), category="other", description=REMARK)
        assert made.tracker.read.therapy(coi=made.one.coi) is not None
        taken(made)
        assert REMARK.encode() not in bytes_beside(made)

    def test_nobody_can_be_matched_with_it_any_more(self, world: Worlds) -> None:
        made = world("enrolled")
        taken(made)
        problem = made.refusal(
            identity.IdentifyPatient, "NURSE-A1", others="NURSE-A2 witnessed", coi=scan(made.one.coi),
            patient=made.one.wristband(),
        )  # fmt: skip
        assert problem.error == "openings_erased"

    def test_one_signature_under_an_erasure_is_a_finding(self, world: Worlds) -> None:
        made = world("enrolled")
        taken(made)
        made.tracker.close()
        last = len(made.kinds(made.one.coi)) - 1
        with tampering(Path(made.url.removeprefix("sqlite:///"))) as connection:
            Forger(connection).rewrite(made.one.coi, last, lambda entry: entry["signatures"].pop())
        verdict = verify_store(made.url)
        assert any("needs 2 signatures and has 1" in finding.message for finding in verdict.findings)


class TestWhatItSays:
    @pytest.mark.waits
    def test_a_reader_keeps_the_write_ahead_log(self, world: Worlds) -> None:
        """Who still reads an older state keeps its pages; the answer names the file."""
        made = world("enrolled")
        reader = sqlite3.connect(made.url.removeprefix("sqlite:///"))
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM erasable").fetchall()
        outcome = made.tracker.erase(
            coi=made.one.coi, request=asked(made), signers=[*made.network.signers.values()]
        )
        reader.close()
        assert outcome.answer.ok
        assert any("another program still reads" in trace for trace in outcome.traces)
        again = made.tracker.erase(
            coi=made.one.coi,
            request=asked(made),
            signers=[*made.network.signers.values()],
        )
        assert again.answer.problem is not None and again.answer.problem.error == "already_done"
        assert not any("still reads" in trace for trace in again.traces)
        assert [text for text in personal(made)[:2] if text.encode() in bytes_beside(made)] == []

    def test_codes_that_stay_are_named(self, world: Worlds) -> None:
        made = world("collected")
        din = made.state().units[made.one.bag].din
        assert din is not None
        found = made.tracker.preview_erasure(made.one.coi)
        assert any(din in code for code in found.codes) and len(found.untraceable) == 3

    def test_findings_d19_exports_papers_and_cards_are_named(self, world: Worlds) -> None:
        """What left with identifiers is listed by when, who and which event; what held none of it is not."""
        made = world("enrolled")
        note, station = made.tracker.exports.note, made.network.stations["MFG-1"]
        for form, coi, chosen in (
            (TrailFormat.CSV, made.one.coi, Disclosure(identifiers=True, free_text=True)),
            (TrailFormat.PDF, made.one.coi, Disclosure(names=True)),
            (TrailFormat.XLSX, made.two.coi, Disclosure(identifiers=True)),
        ):
            assert not note(
                staff="QA-2", station=station, form=form, chains=(coi,), disclosure=chosen, signed_in=True
            )
        noted = made.entries("registry")[-3]
        outcome = made.tracker.erase(
            coi=made.one.coi, request=asked(made), signers=[*made.network.signers.values()]
        )
        at = format_instant(noted.statement.occurred_at)
        told = f"a csv file with identifiers and free text, exported {at} by QA-2 at MFG-1, event "
        assert [trace for trace in outcome.traces if "exported" in trace] == [told + noted.statement.event_id]
        assert any("people.json" in trace for trace in outcome.traces)

    def test_copies_beside_the_file_are_named(self, world: Worlds) -> None:
        made = world("enrolled")
        path = Path(made.url.removeprefix("sqlite:///"))
        copy = path.with_name(f"{path.name}.1000.20260101T000000Z.bak")
        copy.write_bytes(path.read_bytes())
        outcome = made.tracker.erase(
            coi=made.one.coi, request=asked(made), signers=[*made.network.signers.values()]
        )
        assert any(copy.name in trace for trace in outcome.traces)

    def test_the_command(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        coi = demo_site.coi("just enrolled")
        people = ("--as", "QA-2", "--approved-by", "QP-1", "--credentials", demo_site.credentials)
        shared = ("--database", demo_site.path, "--station", HUB_STATION, *people)
        reason = ("--reason", "data_subject_request")
        refused = cartrail("patient", "erase", coi, *reason, *shared, exit_code=3)
        assert "kept until" in refused.err
        said = cartrail("patient", "erase", coi, *reason, "--ground", "objection", *shared)
        assert "every proof stays valid" in said.err
        for part in ("untraceable now", "may still be in", "patient identifiers"):
            assert part in said.out
        assert "erased" in cartrail("patient", "show", coi, "--database", demo_site.path).out
        cartrail("verify", "--database", demo_site.path)


def test_postgres_says_what_is_not_in_its_hands(fresh_postgres: str, tmp_path: Path) -> None:
    """Dead rows, archives, replicas and backups are named, since no program can reach them."""
    story = build(fresh_postgres, tmp_path / "keys")
    request = {
        "request": "erase",
        "event_id": story.tracker.new_event_id(),
        "actor": ANN,
        "station": STATION,
        "signers": [{"staff": ANN, "meaning": "performed"}, {"staff": BEN, "meaning": "approved"}],
        "coi": story.coi,
        "reason": "data_subject_request",
        "ground": "legal_obligation",
    }
    outcome = story.tracker.erase(coi=story.coi, request=request, signers=[*story.signers.values()])
    assert outcome.answer.ok, outcome.answer.problem
    with story.tracker.store.read() as transaction:
        assert not transaction.openings_of(story.coi) and transaction.openings_of(story.other)
    for word in ("VACUUM", "archive", "replicas", "backups"):
        assert any(word in trace for trace in outcome.traces), word
    assert verify_store(fresh_postgres).exit_code == 0
    story.tracker.close()
