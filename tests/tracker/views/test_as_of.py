"""The record as it was known: by a time, or in the log of a size; marked wherever it is shown."""

import csv
from collections.abc import Callable
from datetime import timedelta

import orjson
import pytest

from schema.canonical import canonical, plain_digest
from schema.errors import InputError
from schema.instants import format_instant
from schema.vocabulary import EntryMode, ReadMode, Reason
from tests.support.commands import Cartrail
from tests.support.journeys import World
from tests.tracker.therapy.test_erasure import told
from tracker.demo.journey import scan
from tracker.exports.rows import TrailRow
from tracker.exports.selection import EventSelection
from tracker.exports.trails import Trails
from tracker.requests.base import EntryDeclaration, OutsideRules, Scan
from tracker.therapy.course import Close
from tracker.therapy.deviations import OpenDeviation
from tracker.therapy.evolve import replay
from tracker.therapy.labels.requests import VoidLabel
from tracker.views.models import AsOf

Worlds = Callable[[str], World]


def deviation(world: World) -> None:
    """One more entry."""
    world.do(OpenDeviation, "QA-2", coi=scan(world.one.coi), category="other", description="later")


class TestByTime:
    def test_every_moment_has_the_state_of_its_entries(self, world: Worlds) -> None:
        made = world("frozen")
        entries = made.entries(made.one.coi)
        for count, entry in enumerate(entries, start=1):
            as_of = AsOf(recorded_by=entry.recorded_at)
            trail = made.tracker.read.trail(coi=made.one.coi, as_of=as_of)
            shown = [one.entry for one in trail.entries]
            assert shown == entries[: len(shown)] and len(shown) >= count
            assert trail.state == replay((one.sequence, one.statement) for one in shown)
            assert trail.later == len(entries) - len(shown)

    def test_a_late_entry_was_not_known_when_it_happened(self, world: Worlds) -> None:
        """What counts is when the ledger took it, not the time it claims."""
        made = world("frozen")
        before = made.clock.now()
        made.clock.advance(timedelta(hours=3))
        made.do(
            OpenDeviation, "QA-2", coi=scan(made.one.coi), category="other", description="late",
            occurred_at=format_instant(before - timedelta(hours=1)),
            entry=EntryDeclaration(mode=EntryMode.LATE, reason=Reason.NETWORK_DOWN),
        )  # fmt: skip
        trail = made.tracker.read.trail(coi=made.one.coi, as_of=AsOf(recorded_by=before))
        assert trail.later == 1 and all(one.entry.recorded_at <= before for one in trail.entries)
        assert trail.notice == f"as known at {format_instant(before)}; 1 later entry not shown"

    def test_names_are_those_of_then(self, world: Worlds) -> None:
        made = world("enrolled")
        moment = made.clock.now()
        rows = Trails(made.tracker, ["registry"], EventSelection(), AsOf(recorded_by=moment)).rows()
        assert {row.as_of for row in rows} == {
            f"as known at {format_instant(moment)}; 0 later entries not shown"
        }

    def test_before_it_began_there_was_no_therapy(self, world: Worlds) -> None:
        made = world("enrolled")
        early = made.entries(made.one.coi)[0].recorded_at - timedelta(milliseconds=1)
        with pytest.raises(InputError, match="as known at"):
            made.tracker.read.trail(coi=made.one.coi, as_of=AsOf(recorded_by=early))

    def test_the_future_is_not_known(self, world: Worlds) -> None:
        made = world("enrolled")
        ahead = AsOf(recorded_by=made.clock.now() + timedelta(minutes=1))
        with pytest.raises(InputError, match="not come yet"):
            made.tracker.read.trail(coi=made.one.coi, as_of=ahead)


class TestBySize:
    def test_the_log_of_a_size_holds_what_was_in_it(self, world: Worlds) -> None:
        made = world("frozen")
        size = made.tracker.integrate().integration.tree_size
        entries = made.entries(made.one.coi)
        deviation(made)
        waiting = made.tracker.read.trail(coi=made.one.coi, as_of=AsOf(tree_size=size))
        assert [one.entry for one in waiting.entries] == entries and waiting.later == 1
        grown = made.tracker.integrate().integration.tree_size
        assert made.tracker.read.trail(coi=made.one.coi, as_of=AsOf(tree_size=grown)).later == 0
        assert made.tracker.read.trail(coi=made.one.coi, as_of=AsOf(tree_size=size)).later == 1

    def test_a_size_in_the_middle_of_a_chain(self, world: Worlds) -> None:
        made = world("frozen")
        made.tracker.integrate()
        with made.tracker.store.read() as transaction:
            leaf = transaction.leaf_of(made.one.coi, 3)
        assert leaf is not None
        trail = made.tracker.read.trail(coi=made.one.coi, as_of=AsOf(tree_size=leaf + 1))
        assert [one.entry.sequence for one in trail.entries] == [0, 1, 2, 3]

    def test_a_size_the_log_does_not_have(self, world: Worlds) -> None:
        made = world("enrolled")
        with pytest.raises(InputError, match="not 9999"):
            made.tracker.read.trail(coi=made.one.coi, as_of=AsOf(tree_size=9999))


class TestTheCommand:
    def test_each_form_says_so(self, cartrail: Cartrail, world: Worlds) -> None:
        made = world("frozen")
        size = made.tracker.integrate().integration.tree_size
        entries = made.entries(made.one.coi)
        deviation(made)
        asked = ("trail", made.one.coi, "--as-of", size, "--database", made.url)
        notice = f"as known at log size {size}; 1 later entry not shown"
        table = cartrail(*asked)
        assert table.out.startswith(notice.upper()) and notice in table.err
        found = list(csv.DictReader(cartrail(*asked, "--format", "csv").out.splitlines()))
        assert len(found) == len(entries) and {row["as_of"] for row in found} == {notice}
        written = cartrail(*asked, "--format", "json")
        assert [line["digest"] for line in written.records] == [entry.digest for entry in entries]
        assert notice in written.err

    def test_the_json_form_has_the_bytes_that_were_signed(self, cartrail: Cartrail, world: Worlds) -> None:
        made = world("enrolled")
        moment = made.clock.now()
        asked = ("trail", made.one.coi, "--as-of", format_instant(moment), "--database", made.url)
        # A store's clock may be simulated; that of the command is not, so this moment has not always come.
        line = cartrail(*asked, "--format", "json").out.encode().splitlines()[0]
        statement = canonical(orjson.loads(line)["statement"])
        assert line.endswith(b'"statement":' + statement + b"}")
        assert b"left_out" in line
        assert plain_digest(statement) == made.entries(made.one.coi)[0].statement.digest

    @pytest.mark.parametrize("text", ["yesterday", "2026-11-01", "2026-11-01T12:00:00", "-3", ""])
    def test_what_is_neither_a_time_nor_a_size(self, text: str) -> None:
        with pytest.raises(InputError):
            AsOf.parse(text)

    def test_without_it_nothing_is_marked(self, cartrail: Cartrail, world: Worlds) -> None:
        made = world("enrolled")
        assert "as known" not in cartrail("trail", made.one.coi, "--database", made.url).out.lower()
        row: TrailRow
        for row in Trails(made.tracker, [made.one.coi], EventSelection()).rows():
            assert row.as_of == ""


class TestMarks:
    def test_what_an_auditor_must_see_stands_in_every_row(self, world: Worlds) -> None:
        """Late, typed, paper, ink and outside the rules: in the row that tables and CSV are made of."""
        made = world("enrolled")
        made.clock.advance(timedelta(hours=1))
        late = format_instant(made.clock.now() - timedelta(minutes=40))
        made.do(
            OpenDeviation, "QA-2", coi=scan(made.one.coi), category="other", description="late",
            occurred_at=late, entry=EntryDeclaration(mode=EntryMode.LATE, reason=Reason.NETWORK_DOWN),
        )  # fmt: skip
        made.do(
            OpenDeviation, "QA-2", coi=scan(made.one.coi), category="other", description="paper",
            occurred_at=late, signed="QA-2 transcribed, QA-1 verified",
            entry=EntryDeclaration(mode=EntryMode.PAPER, reason=Reason.POWER_FAILURE),
        )  # fmt: skip
        made.do(
            OpenDeviation, "QA-2", category="other", description="typed", others="QA-1 verified",
            coi=Scan(code=scan(made.one.coi).code, mode=ReadMode.MANUAL),
        )  # fmt: skip
        made.do(
            Close, "QA-2", coi=scan(made.one.coi), others="",
        )  # fmt: skip
        made.do(
            VoidLabel, "QA-2", label=scan(made.one.coi), others="QA-1 witnessed",
            outside_rules=OutsideRules(reason=Reason.OTHER),
        )  # fmt: skip
        rows = list(Trails(made.tracker, [made.one.coi], EventSelection()).rows())
        marked = " | ".join(row.marks for row in rows)
        for mark in ("late", "paper", "typed", "outside rules"):
            assert mark in marked, mark
        trail = made.tracker.read.trail(coi=made.one.coi)
        for row, entry in zip(rows, trail.entries, strict=True):
            assert (row.marks, row.is_grave) == ("; ".join(entry.marks), entry.is_grave)

    def test_ink(self, world: Worlds) -> None:
        made = told(world)
        rows = list(Trails(made.tracker, [made.one.coi], EventSelection()).rows())
        assert rows[-1].kind == "accepted" and "ink" in rows[-1].marks
