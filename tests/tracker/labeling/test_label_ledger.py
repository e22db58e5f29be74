"""The label ledger in a store: the row before the paper, its outcome once, and a count that is even."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from labels import outputs
from labels.errors import PrinterFault
from labels.outputs import PrintTarget, TargetKind
from labels.printers import TcpPrinter
from schema.errors import Refusal
from schema.identifiers import copy_number, parse_printed
from schema.tables import PrintedCopyRow
from schema.vocabulary import Material, Meaning, ObjectType, PrintOutcome, Reason
from tests.labels.test_printers import HASTE, Behavior, answer, answers, close, hang, printer_that, reset
from tests.support.journeys import World
from tests.support.stores import MORNING, UNIT
from tracker.demo.journey import scan
from tracker.evidence.verification.store import verify_store
from tracker.ledger.store import Store
from tracker.registry.stock import requests as stock
from tracker.requests.base import Scan
from tracker.therapy.course import Close
from tracker.therapy.custody import requests as custody
from tracker.therapy.identity import requests as identity
from tracker.therapy.labels import requests as labels
from tracker.therapy.labels.requests import ApplyLabel
from tracker.therapy.making import requests as processing
from tracker.tracker import Tracker
from tracker.views.models import LabelAccount, open_of

Worlds = Callable[[str], World]
NURSE = "NURSE-A1"


def bag_label(world: World, staff: str = NURSE) -> str:
    """A further label of the collection bag, assembled."""
    station = world.network.stations["COLL-A"]
    return world.tracker.labels.label(world.one.bag, staff, station).code


def row_of(tracker: Tracker, code: str) -> PrintedCopyRow:
    """The print record of a code."""
    printed = parse_printed(code)
    with tracker.store.read() as transaction:
        rows = transaction.printed_copies(printed.object_id)
    return next(row for row in rows if row.copy_letter == printed.copy)


def of_bag(world: World) -> LabelAccount:
    """The account of the collection bag's own label."""
    found = world.tracker.read.labels(coi=world.one.coi)
    return next(one for one in found if one.object_id == world.one.bag)


class TestRecord:
    def test_only_the_outcome_and_only_once(self, store: Store) -> None:
        """On both engines: nothing else of a print can be written again, and nothing removed."""
        with store.begin() as transaction:
            code = transaction.print_copy(
                UNIT,
                printed_at=MORNING,
                staff="A-1",
                station="S-1",
                label="unit label",
                site="LAB",
                unit=UNIT,
            )
            assert transaction.copies_for([UNIT])[0].outcome == "printing"
        with store.begin() as transaction:
            assert transaction.settle_copy(UNIT, code.copy, outcome="printed", at=MORNING)
            assert not transaction.settle_copy(UNIT, code.copy, outcome="not_printed", at=MORNING)
        with store.read() as transaction:
            (row,) = transaction.printed_copies(UNIT)
        assert (row.outcome, row.settled_at, row.site, row.unit) == ("printed", MORNING, "LAB", UNIT)

    def test_the_guard(self, store_url: str) -> None:
        """Whoever writes past the program is stopped by the database."""
        with Store.open(store_url) as store, store.begin() as transaction:
            transaction.print_copy(UNIT, printed_at=MORNING, staff="A-1", station="S-1")
            settled = transaction.print_copy(UNIT, printed_at=MORNING, staff="A-1", station="S-1")
            transaction.settle_copy(UNIT, settled.copy, outcome="unknown", at=MORNING)
        engine = sa.create_engine(store_url, poolclass=sa.NullPool)
        for statement in (
            "UPDATE printed_copy SET staff = 'B-2'",
            "UPDATE printed_copy SET reason = 'other', outcome = 'printed'",
            f"UPDATE printed_copy SET outcome = 'printed' WHERE copy_letter = '{settled.copy}'",
            "DELETE FROM printed_copy",
        ):
            with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
                connection.exec_driver_sql(statement)
        with engine.begin() as connection:
            open_rows = "UPDATE printed_copy SET outcome = 'printed' WHERE outcome = 'printing'"
            assert connection.exec_driver_sql(open_rows).rowcount == 1

    def test_a_crash_in_between(self, world: Worlds) -> None:
        """What was assembled and then lost reads as unknown, with what to do."""
        given = world("collected")
        with given.tracker.prints.job(reason=Reason.LABEL_DAMAGED):
            code = bag_label(given)
        assert row_of(given.tracker, code).outcome == "printing"
        (copy,) = of_bag(given).open
        assert copy.code == code and copy.word == "unknown" and "Look whether it came out" in copy.to_do


@contextmanager
def hasty(monkeypatch: pytest.MonkeyPatch, behavior: Behavior) -> Iterator[PrintTarget]:
    """A printer on this machine, asked by a program without patience."""
    monkeypatch.setattr(outputs, "TcpPrinter", lambda host, port: TcpPrinter(host, port, HASTE))
    with printer_that(behavior) as printer:
        yield PrintTarget(TargetKind.TCP, host="127.0.0.1", port=printer.port)


class TestPrinters:
    """A printer that misbehaves in each way: the copy says the truth, and the person knows what to do."""

    def printed_on(self, world: World, target: PrintTarget) -> tuple[str, PrinterFault | None]:
        """Print one further label of the bag; gives its code and what was said."""
        code = ""
        try:
            with world.tracker.prints.job(reason=Reason.LABEL_DAMAGED) as job:
                station = world.network.stations["COLL-A"]
                label = world.tracker.labels.label(world.one.bag, NURSE, station)
                code = label.code
                job.put_out((label,), target, out=io.StringIO())
        except PrinterFault as fault:
            return code, fault
        return code, None

    @pytest.mark.parametrize(
        "behavior",
        [
            *(hang, close),
            *(answers(answer(**{flag: 1})) for flag in ("paper_out", "head_open", "paused", "ribbon_out")),
        ],
        ids=["hangs", "closes", "paper out", "head open", "paused", "ribbon out"],
    )
    def test_it_certainly_did_not_print(
        self, behavior: Behavior, world: Worlds, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The copy is closed; printing again is no reprint and needs no reason."""
        given = world("collected")
        with hasty(monkeypatch, behavior) as target:
            code, fault = self.printed_on(given, target)
        assert fault is not None and "closed as not printed" in fault.remedy and code in fault.remedy
        assert row_of(given.tracker, code).outcome == "not_printed"
        assert not of_bag(given).open

    def test_nothing_listens(self, world: Worlds) -> None:
        """A printer that is not there at all."""
        given = world("collected")
        code, fault = self.printed_on(given, PrintTarget(TargetKind.TCP, host="127.0.0.1", port=9))
        assert fault is not None and row_of(given.tracker, code).outcome == "not_printed"

    @pytest.mark.parametrize(
        "behavior",
        [
            answers(answer(), then="close"),
            answers(answer(), answer(paper_out=1, remaining=1)),
            answers(answer(), answer(waiting=1)),
            reset,
        ],
        ids=["falls silent", "paper out midway", "never ends", "breaks off"],
    )
    def test_it_may_have_printed(
        self, behavior: Behavior, world: Worlds, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Somebody has to look; until then the copy is open and keeps the bag here."""
        given = world("collected")
        with hasty(monkeypatch, behavior) as target:
            code, fault = self.printed_on(given, target)
        assert fault is not None and "never_came_out" in fault.remedy and code in fault.remedy
        assert row_of(given.tracker, code).outcome == "unknown"
        assert [copy.word for copy in of_bag(given).open] == ["unknown"]
        label = Scan(code=code)
        given.do(labels.VoidLabel, NURSE, label=label, reason=Reason.NEVER_CAME_OUT)
        assert not of_bag(given).open

    def test_it_printed(self, world: Worlds, monkeypatch: pytest.MonkeyPatch) -> None:
        """The copy is open until it is scanned back."""
        given = world("collected")
        with hasty(monkeypatch, answers(answer(), answer(), answer())) as target:
            code, fault = self.printed_on(given, target)
        assert fault is None and row_of(given.tracker, code).outcome == "printed"
        assert [copy.code for copy in of_bag(given).open] == [code]
        given.do(ApplyLabel, NURSE, units=(Scan(code=code),))
        assert not of_bag(given).open

    def test_a_queue_only_takes_it(
        self, world: Worlds, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """What CUPS took may come out or not: somebody looks, and no error is raised."""
        given = world("collected")
        program = tmp_path / "lp"
        program.write_text("#!/bin/sh\ncat > /dev/null\necho request id is Q-1\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        code, fault = self.printed_on(given, PrintTarget(TargetKind.CUPS, queue="Q"))
        assert fault is None and row_of(given.tracker, code).outcome == "unknown"

    def test_what_cannot_be_written(self, world: Worlds, tmp_path: Path) -> None:
        """A folder that is not there: nothing is on paper, and the copy is closed."""
        given = world("collected")
        with pytest.raises(Exception, match="could not be written"):
            self.printed_on(given, PrintTarget(TargetKind.PDF, tmp_path / "none" / "label.pdf"))
        last = of_bag(given).copies[-1]
        assert last.was_not_printed and not of_bag(given).open

    def test_what_was_assembled_in_vain(self, world: Worlds) -> None:
        """The second label cannot be made, so the first was not printed either."""
        given = world("collected")
        made: list[str] = []

        def assemble() -> None:
            with given.tracker.prints.job(reason=Reason.LABEL_DAMAGED):
                made.append(bag_label(given))
                made.append(bag_label(given, "COUR-X1"))

        with pytest.raises(Refusal):
            assemble()
        assert [row_of(given.tracker, code).outcome for code in made] == ["not_printed"]


class TestReprint:
    def test_reason_and_role_are_kept(self, world: Worlds) -> None:
        """Why, by whom, of which kind and where stand in the print record."""
        given = world("collected")
        with pytest.raises(Refusal) as refused:
            bag_label(given)
        assert refused.value.code == "reprint_needs_reason"
        with given.tracker.prints.job(reason=Reason.LABEL_DAMAGED):
            row = row_of(given.tracker, bag_label(given))
        assert (row.reason, row.staff, row.label, row.site, row.unit) == (
            "label_damaged", NURSE, "unit label", "COLL-A", given.one.bag,
        )  # fmt: skip
        assert row_of(given.tracker, copy_number(given.one.bag, 1).text).reason is None

    def test_not_by_anybody(self, world: Worlds) -> None:
        """A courier may not print a further copy, with whatever reason."""
        given = world("collected")
        station = given.network.stations["COLL-A"]
        with pytest.raises(Refusal) as refused, given.tracker.prints.job(reason=Reason.LABEL_DAMAGED):
            given.tracker.labels.label(given.one.coi, "COUR-X1", station)
        assert refused.value.code == "reprint_role"


def test_every_label_of_a_journey(world: Worlds) -> None:
    """The demo's own people leave nothing open, and the count says so in evidence that verifies."""
    given = world("infused")
    found = given.tracker.read.labels(coi=given.one.coi)
    assert not open_of(found) and len(found) >= 6
    nobody_elses = {one.unit for one in given.tracker.read.labels(coi=given.two.coi)}
    assert not nobody_elses & {one.unit for one in found if one.unit}
    given.do(labels.ReconcileLabels, "OPER-1", others="OPER-2 witnessed", coi=scan(given.one.coi))
    payload = given.entries(given.one.coi)[-1].statement.payload.to_json()
    assert payload["differences"] == 0 and payload["printed"] == payload["accounted"]
    verdict = verify_store(given.url, clock=given.clock)
    assert verdict.exit_code == 0, verdict


def test_at_a_site_and_off_a_station(world: Worlds) -> None:
    """Labels printed at a site are found there; another site has none of them."""
    given = world("collected")
    with given.tracker.prints.job(reason=Reason.LABEL_DAMAGED) as job:
        bag_label(given)
        job.settle(PrintOutcome.PRINTED)
    here = given.tracker.read.labels(site="COLL-A")
    assert [copy.object_id for copy in open_of(here)] == [given.one.bag]
    station = given.network.stations["COLL-A"]
    assert open_of(given.tracker.read.labels(site="COLL-A", station=station)) == open_of(here)
    assert not given.tracker.read.labels(site="COLL-A", station="COLL-B-01")
    assert not given.tracker.read.labels(site="COLL-B")


def test_an_unbound_cassettes_label(world: Worlds) -> None:
    """A cassette's label belongs to the unit it was printed for, also when it is bound to none."""
    given = world("collected")
    station = given.network.stations["COLL-A"]
    with given.tracker.prints.job() as job:
        label = given.tracker.labels.label(given.one.bag, "TECH-A1", station, design="cassette")
        job.settle(PrintOutcome.PRINTED)
    (copy,) = open_of(given.tracker.read.labels(coi=given.one.coi))
    assert copy.code == label.code and copy.unit == given.one.bag
    given.do(labels.VoidLabel, "TECH-A1", label=Scan(code=label.code), reason=Reason.UNUSED)
    problem = given.refusal(Close, "QA-A", coi=scan(given.one.coi))
    assert problem.error == "units_open"
    given.do(
        labels.DestroyLabels,
        "TECH-A1",
        others="TECH-A2 witnessed",
        labels=(Scan(code=label.code),),
        count=1,
    )
    assert not open_of(given.tracker.read.labels(coi=given.one.coi))


def test_packing_looks_at_the_record(world: Worlds) -> None:
    """Through the front door: a label printed here and not accounted for keeps the box open."""
    given = world("frozen")
    one = given.one
    station = given.network.stations["COLL-A"]
    with given.tracker.prints.job(reason=Reason.FURTHER_COPY) as job:
        code = given.tracker.labels.label(one.bag, "TECH-A1", station, design="cassette").code
        job.settle(PrintOutcome.PRINTED)
    units = one.frozen_scans((one.bag,))
    given.do(custody.Retrieve, "TECH-A1", units=units, location=scan(given.network.storage["COLL-A"]))
    pack = {
        "others": "TECH-A2 witnessed",
        "units": units,
        "box": scan(given.network.boxes["Dry shipper 1"]),
        "seal": Scan(code="SEAL-9"),
        "tally": 1,
        "carrier": "CARR-X",
        "destination": "MFG-1",
    }
    assert given.refusal(custody.Pack, "TECH-A1", **pack).error == "label_open"
    given.do(ApplyLabel, NURSE, units=(Scan(code=code),))
    given.do(custody.Pack, "TECH-A1", **pack)


class TestStock:
    def issued(self, world: World, count: int = 3) -> tuple[str, ...]:
        """A set of blanks for product bags at the manufacturer."""
        units = tuple(world.tracker.new_object_id(object_type=ObjectType.UNIT) for _ in range(count))
        world.do(
            stock.IssueLabelStock, "OPER-1", site="MFG-1", material=Material.PRODUCT, units=units, count=count
        )
        return units

    def test_issued_is_bound_and_destroyed_and_left(self, world: Worlds) -> None:
        """One is bound by scan, one destroyed by two, one left."""
        given = world("received")
        first, second, _ = self.issued(given)
        one = given.one
        one.retrieve("OPER-1", "MFG-1", (one.bag,))
        one.ask(
            processing.StartManufacturing, "OPER-1", "MFG-1", ("OPER-2", Meaning.WITNESSED),
            coi=scan(one.coi), units=one.frozen_scans((one.bag,)),
        )  # fmt: skip
        code = copy_number(first, 1).text
        given.clock.advance(timedelta(minutes=5))
        given.do(
            identity.RegisterUnit, "OPER-1", coi=scan(one.coi), material=Material.PRODUCT, unit=code,
            parents=(scan(one.bag),), number=1, of=1,
        )  # fmt: skip
        given.do(ApplyLabel, "OPER-1", units=(Scan(code=code),))
        assert given.state().units[first].labeled
        destroyed = {"units": (copy_number(second, 1).text,), "count": 1}
        assert given.refusal(stock.DestroyLabelStock, "OPER-1", **destroyed).error == "signature_missing"
        given.do(stock.DestroyLabelStock, "OPER-1", others="OPER-2 witnessed", **destroyed)
        (count,) = given.tracker.read.label_stock(site="MFG-1")
        assert (count.issued, count.bound, count.destroyed, count.left) == (3, 1, 1, 1)
        again = {"units": (first,), "count": 1, "others": "OPER-2 witnessed"}
        assert given.refusal(stock.DestroyLabelStock, "OPER-1", **again).error == "already_done"
        assert verify_store(given.url, clock=given.clock).exit_code == 0

    def test_a_set_is_counted(self, world: Worlds) -> None:
        """The same label twice, a label already issued, and a place nobody knows."""
        given = world("enrolled")
        (unit,) = self.issued(given, 1)
        fresh = given.tracker.new_object_id(object_type=ObjectType.UNIT)
        ask = {"site": "MFG-1", "material": Material.PRODUCT}
        for units, count, error in (
            ((fresh, fresh), 2, "tally_differs"),
            ((unit,), 1, "already_done"),
            ((given.one.coi.replace("C", "U", 1),), 2, "tally_differs"),
        ):
            found = given.refusal(stock.IssueLabelStock, "OPER-1", **ask, units=units, count=count)
            assert found.error == error

    def test_of_this_site_and_for_this(self, world: Worlds) -> None:
        """A blank for product bags is no label of a collection bag, nor of another site."""
        given = world("identified")
        (unit,) = self.issued(given, 1)
        coi = scan(given.one.coi)
        found = given.refusal(
            identity.RegisterUnit, NURSE, coi=coi, material=Material.LEUKAPHERESIS, unit=unit
        )
        assert found.error in ("blank_of_other_site", "blank_of_other_material")
