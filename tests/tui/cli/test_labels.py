"""`cartrail label` as an account: the state of every copy, why there is another, blanks in counted sets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from schema.identifiers import parse_printed
from tests.support.commands import Cartrail, Said, Site, write_credentials
from tests.support.demos import DemoSite

TECH = ("--as", "TECH-A1", "--station", "COLL-A-01")
OPERATOR = ("--as", "OPER-1", "--station", "MFG-1-01")


def unit_at(cartrail: Cartrail, site: DemoSite, place: str) -> str:
    """A unit whose own label was printed at a site."""
    found = cartrail("label", "--reconcile", "--site", place, "--json", "--database", site.path).records[0]
    return next(str(one["object"]) for one in found["labels"] if one["object"] == one["unit"])


def account_of(said: Said, object_id: str) -> dict[str, Any]:
    """The account of one object."""
    found: list[dict[str, Any]] = said.records[0]["labels"]
    return next(one for one in found if one["object"] == object_id)


def test_a_site_with_nothing_open(cartrail: Cartrail, demo_site: DemoSite) -> None:
    """Exit 0 and a line for each object."""
    said = cartrail("label", "--reconcile", "--site", "COLL-A", "--database", demo_site.path)
    assert "printed labels are accounted for" in said.err and "Printed" in said.out


def test_an_open_label_is_told_with_what_to_do(
    cartrail: Cartrail, demo_site: DemoSite, tmp_path: Path
) -> None:
    """A further copy needs a reason, is then open, and exit 3 says so to a script."""
    unit = unit_at(cartrail, demo_site, "COLL-A")
    target = ("--to", f"pdf:{tmp_path / 'label.pdf'}", *TECH, "--database", demo_site.path)
    refused = cartrail("label", unit, *target, exit_code=3)
    assert "a further copy needs a reason" in refused.err and not (tmp_path / "label.pdf").exists()
    assert (
        "'why' is no reason for this" in cartrail("label", unit, "--reason", "why", *target, exit_code=2).err
    )
    cartrail("label", unit, "--reason", "label_damaged", *target)
    asked = ("label", "--reconcile", unit, "--database", demo_site.path)
    said = cartrail(*asked, exit_code=3)
    assert "Apply it and scan it back" in said.out and "not accounted for" in said.err
    account = account_of(cartrail(*asked, "--json", exit_code=3), unit)
    last = account["copies"][-1]
    assert (last["state"], last["reason"], last["open"]) == ("printed", "label_damaged", True)
    assert account["open"] == [last["code"]] and parse_printed(last["code"]).object_id == unit


def test_a_printer_that_refuses_closes_the_copy(cartrail: Cartrail, demo_site: DemoSite) -> None:
    """It is told so, and nothing is open afterwards."""
    unit = unit_at(cartrail, demo_site, "COLL-A")
    why = ("--reason", "label_lost", "--to", "tcp://127.0.0.1:9")
    said = cartrail("label", unit, *why, *TECH, "--database", demo_site.path, exit_code=5)
    assert "closed as not printed" in said.err
    told = cartrail("label", "--reconcile", unit, "--json", "--database", demo_site.path)
    account = account_of(told, unit)
    assert account["copies"][-1]["state"] == "not_printed" and not account["open"]


def test_outside_a_demo_a_label_is_printed_by_who_signs_in(
    cartrail: Cartrail, founded: Site, tmp_path: Path
) -> None:
    """Each copy is kept under a name, and a label may show a patient's numbers: no name alone."""
    card = tmp_path / "card.pdf"
    target = ("--to", f"pdf:{card}", "--database", founded.path, "--as", "ADA-1")
    asked = ("label", "--command-card", *target)
    said = cartrail(*asked, exit_code=2)
    assert "The password of ADA-1 is needed" in said.err and not card.exists()
    wrong = write_credentials(tmp_path / "wrong.toml", {"ADA-1": "not the words of hers"})
    said = cartrail(*asked, "--credentials", wrong, exit_code=3)
    assert "password" in said.err and not card.exists()
    cartrail(*asked, "--credentials", founded.credentials)
    assert card.exists()


def test_blank_labels_are_a_counted_set(cartrail: Cartrail, demo_site: DemoSite, tmp_path: Path) -> None:
    """Printed, issued by signature, and counted at their site."""
    asked = ("label", "--blank", "3", "--material", "product", "--site", "MFG-1")
    target = ("--to", f"pdf:{tmp_path / 'blanks.pdf'}", *OPERATOR)
    shared = ("--database", demo_site.path, "--credentials", demo_site.credentials)
    said = cartrail(*asked, *target, *shared)
    assert "label stock issued" in said.out and (tmp_path / "blanks.pdf").exists()
    found = cartrail("label", "--reconcile", "--site", "MFG-1", "--json", "--database", demo_site.path)
    (count,) = found.records[0]["blanks"]
    assert (count["issued"], count["bound"], count["destroyed"], count["left"]) == (3, 0, 0, 3)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--reconcile", "--site", "NOWHERE"), "no site"),
        (("--reconcile", "LD234567892"), "belongs to no therapy"),
        (("OPER-1",), "where to print"),
        (("--to", "text:"), "Nothing to print"),
        (("--blank", "2", "--to", "text:"), "what they will be for"),
        (("--blank", "2", "--material", "product", "--to", "text:"), "issued to a site"),
        (("--blank", "2", "--material", "syringe", "--site", "MFG-1", "--to", "text:"), "syringe"),
    ],
)
def test_what_makes_no_sense(
    arguments: tuple[str, ...], word: str, cartrail: Cartrail, demo_site: DemoSite
) -> None:
    """Each is said in a sentence, and nothing is printed."""
    said = cartrail("label", *arguments, *OPERATOR, "--database", demo_site.path, exit_code=2)
    assert word in said.err
