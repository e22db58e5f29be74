"""What commands print: tables in 80 columns, and what was recorded."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO

from tests.support.journeys import World
from tracker.demo.journey import scan
from tracker.therapy.making.requests import Quarantine
from tui.cli.output import WIDTH, print_table
from tui.cli.recorded import recorded_rows


def test_no_word_of_a_table_is_broken() -> None:
    """Given a long name beside a long role, lines end between words: `manufacturing_operator` stays whole."""
    out = StringIO()
    name = "Maximiliana Featherstonehaugh of the Northern Example Foundation"
    roles = "manufacturing_operator at PLANT-NORTH, cell_lab_technician at PLANT-NORTH"
    print_table(("Staff", "Name", "Roles", "State"), [("OPER-1", name, roles, "can sign")], file=out)
    text = out.getvalue()
    assert all(len(line) <= WIDTH for line in text.splitlines())
    for word in (*name.split(), *roles.replace(",", "").split(), "OPER-1", "can", "sign"):
        assert word in text, text


def test_what_cannot_fit_is_folded() -> None:
    """Given one word wider than the terminal, it is folded and nothing is lost."""
    out = StringIO()
    print_table(("A", "B"), [("x" * 100, "y" * 30)], file=out)
    assert out.getvalue().count("x") == 100 and out.getvalue().count("y") == 30


def test_an_act_about_two_therapies_names_both(world: Callable[[str], World]) -> None:
    """Given a bag of each in quarantine by one act, the other therapy stands below the first entry."""
    given = world("collected")
    units = (scan(given.one.bag), scan(given.two.bag))
    answer = given.ask(Quarantine, "NURSE-A1", units=units, reason="other")
    assert answer.ok, answer
    rows = dict(recorded_rows(given.tracker, answer))
    said = {rows["units"], rows["also in"]}
    assert said in ({given.one.bag, given.two.coi}, {given.two.bag, given.one.coi})
