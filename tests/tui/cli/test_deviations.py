"""`cartrail deviation`: the list that quality works off, and one deviation with all that was said of it."""

from __future__ import annotations

from collections.abc import Callable

from schema.vocabulary import Condition, Fault, Reason
from tests.support.commands import Cartrail
from tests.support.journeys import World, scans
from tracker.demo import stages
from tracker.demo.journey import scan
from tracker.requests.base import Scan
from tracker.therapy.custody.requests import Refuse, Relinquish
from tracker.therapy.deviations import AssessDeviation, CloseDeviation, OpenDeviation

Worlds = Callable[[str], World]


def two_deviations(made: World) -> tuple[str, str]:
    """One deviation of each therapy, the second closed."""
    for journey in (made.one, made.two):
        made.do(
            OpenDeviation, "QA-2", coi=scan(journey.coi), category="container", description="A scratch.",
            units=scans(journey.bag),
        )  # fmt: skip
    one, two = ([*made.state(journey).deviations][-1] for journey in (made.one, made.two))
    about = {"coi": scan(made.two.coi), "deviation": two}
    made.do(
        AssessDeviation, "QA-2", severity="major", cause="transport", decision="no_impact", capa="capa-9",
        remark="The logger shows nothing.",
        **about,
    )  # fmt: skip
    made.do(CloseDeviation, "QA-2", others="QP-1 approved", effective_by="2027-01-31", **about)
    return one, two


def test_findings_a12_what_is_open_is_listed(cartrail: Cartrail, world: Worlds) -> None:
    """Open ones; with --all the closed one too; of the sites that have a part in the therapy."""
    made = world("frozen")
    one, two = two_deviations(made)
    asked = ("deviation", "list", "--database", made.url, "--json")
    found = cartrail(*asked).records
    assert [(line["deviation"], line["therapy"], line["status"]) for line in found] == [
        (one, made.one.coi, "open")
    ]
    assert (found[0]["about"], found[0]["units"]) == ("container", [made.one.bag])
    assert [line["deviation"] for line in cartrail(*asked, "--all").records] == [one, two]
    assert [line["deviation"] for line in cartrail(*asked, "--site", "TREAT-A").records] == [one]
    assert cartrail(*asked, "--site", "TREAT-B").out == ""
    printed = cartrail("deviation", "list", "--database", made.url).out.splitlines()
    assert any(line.startswith(f"{one} {made.one.coi} ") for line in printed)


def test_findings_a12_one_deviation_is_shown_with_its_assessment(cartrail: Cartrail, world: Worlds) -> None:
    """What it is about, who assessed it and how, and since when it is closed."""
    made = world("frozen")
    one, two = two_deviations(made)
    (shown,) = cartrail("deviation", "show", two, "--database", made.url, "--json").records
    told = {name: shown[name] for name in ("status", "severity", "cause", "decision", "capa", "assessed_by")}
    assert told == {
        "status": "closed",
        "severity": "major",
        "cause": "transport",
        "decision": "no_impact",
        "capa": "capa-9",
        "assessed_by": "QA-2",
    }
    assert shown["closed_at"] > shown["assessed_at"] > shown["begun_at"]
    read = cartrail("deviation", "show", one, "--database", made.url).out
    assert "container" in read and "open" in read and "Severity" not in read


def test_no_such_deviation(cartrail: Cartrail, world: Worlds) -> None:
    """Exit 2, and where to look."""
    made = world("enrolled")
    answer = cartrail("deviation", "show", "nothing", "--database", made.url, exit_code=2)
    assert "cartrail deviation list" in answer.err


def test_findings_a12_giver_and_receiver_are_told_apart(cartrail: Cartrail, world: Worlds) -> None:
    """One warm box turned down at the door drafts two deviations: each says at which step, by whom, and what
    was read beside what the cells bear.
    """
    made = world("packed")
    box, seal = made.box_of(made.one), made.seal_of(made.one)
    stages.hand_box(made.one, "TECH-A1", made.one.courier, "COLL-A", box, seal)
    seen = {
        "box": scan(box),
        "seal": Scan(code=seal),
        "condition": Condition.NOT_IN_ORDER,
        "faults": (Fault.DISPLAY,),
        "display_celsius": "-118",
    }
    made.do(Relinquish, made.one.courier, **seen)
    made.do(Refuse, "DOCK-M", reason=Reason.TEMPERATURE_EXCURSION, **seen)
    asked = ("deviation", "list", "--database", made.url)
    given, refused = cartrail(*asked, "--json").records
    known = [(one["step"], one["begun_by"], one["read"]) for one in (given, refused)]
    assert known == [
        ("Hand over", made.one.courier, ["-118 C, allowed at or below -150 C"]),
        ("Refuse", "DOCK-M", ["-118 C, allowed at or below -150 C"]),
    ]
    printed = " ".join(cartrail(*asked).out.split())
    assert f"Hand over by {made.one.courier}" in printed and "Refuse by DOCK-M" in printed
    shown = cartrail("deviation", "show", str(refused["deviation"]), "--database", made.url).out
    assert "Refuse" in shown and "-118 C, allowed at or below -150 C" in shown
