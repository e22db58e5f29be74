"""The certificate of a release, and what must hold before one, from the front door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from schema.errors import InputError
from schema.events.processing import Released
from schema.papercodes import receipt_code
from tests.support.journeys import World
from tests.tracker.therapy.making.test_late_results import LATE
from tracker.exports.report.certificate import standing_release, words_of
from tracker.protocols.model import ReleaseTest


def test_making_t11_the_certificate_says_what_the_statement_of_the_release_holds(
    world: Callable[[str], World], tmp_path: Path
) -> None:
    """Its code is the receipt of the release, its lines are those of the statement, and it stays the same.

    T10: a result that became known after the release is marked at the next print, under the same code.
    """
    given = world("released")
    coi, tracker = given.one.coi, given.tracker
    (release,) = [one for one in given.entries(coi) if isinstance(one.statement.payload, Released)]
    out = tmp_path / "certificate.pdf"
    code = tracker.exports.certificate(coi=coi, out=out)
    assert code == receipt_code(release.statement.digest).text
    first = out.read_bytes()
    assert first.startswith(b"%PDF-")
    given.clock.advance(timedelta(days=3))
    assert tracker.exports.certificate(coi=coi, out=out) == code and out.read_bytes() == first
    known = tracker.read.therapy(coi=coi)
    assert known is not None
    therapy, protocol = known
    assert protocol is not None
    words = words_of(release, given.entries(coi), therapy, protocol, tracker.registry)
    payload = release.statement.payload
    assert isinstance(payload, Released)
    assert [row[0].replace(" ", "_") for row in words["predicates"]] == [
        one.name.value for one in payload.predicates
    ]
    assert len(words["predicates"]) == 9 and len(words["tests"]) == 7
    assert {row[3] for row in words["tests"]} == {"meets"}
    assert {row[5] for row in words["containers"]} == {"released"}
    assert words["title"] == "RELEASE FOR INFUSION CERTIFICATE" and words["purpose"] == "demo"
    assert [row[0] for row in words["signatures"]] == ["released", "reviewed"]
    assert words["after"] == []
    late = ReleaseTest.model_validate(LATE)
    waiting = protocol.model_copy(update={"release_tests": (*protocol.release_tests, late)})
    words = words_of(release, given.entries(coi), therapy, waiting, tracker.registry)
    assert words["tests"][-1] == ["Sterility, 14 days", "no result", "negative", "after release"]
    viability = therapy.tests[1, "viability"]
    positive = replace(viability, result="positive", changed=release.sequence + 9)
    told = replace(therapy, tests={**therapy.tests, (1, late.code): positive})
    words = words_of(release, given.entries(coi), told, waiting, tracker.registry)
    assert words["tests"][-1][3] == "DOES NOT MEET"
    assert words["after"] == ["Sterility, 14 days: positive, known after this release; limit: negative"]
    assert words["receipt"]["text"] == code


def test_making_p2_the_certificate_says_why_unverified_figures_were_adopted(
    world: Callable[[str], World],
) -> None:
    """What quality signed when the protocol was adopted is printed under the figures."""
    given = world("released")
    coi, registry = given.one.coi, given.tracker.registry
    known = given.tracker.read.therapy(coi=coi)
    assert known is not None and known[1] is not None
    entries, therapy = given.entries(coi), known[0]
    release = standing_release(entries)
    assert words_of(release, entries, therapy, known[1], registry)["unverified_because"] == ""
    adopted = registry.protocol(known[1].id, known[1].version)
    assert adopted is not None
    why = "Figures of the sponsor, appendix 3"
    waived = replace(registry, protocols={known[1].id: (replace(adopted, unverified_because=why),)})
    assert words_of(release, entries, therapy, known[1], waived)["unverified_because"] == why


def test_no_certificate_before_a_release(world: Callable[[str], World], tmp_path: Path) -> None:
    """Nothing is written, and what a release waits for is shown with its entries."""
    given = world("tested")
    with pytest.raises(InputError, match="Nothing of this therapy was released"):
        given.tracker.exports.certificate(coi=given.one.coi, out=tmp_path / "none.pdf")
    assert not [*tmp_path.glob("none*")]
    (view,) = given.tracker.read.releases(coi=given.one.coi)
    assert view.is_possible and view.holding == 9
    met = next(one for one in view.lines if one.verdict.predicate.value == "tests_met")
    assert met.verdict.figure == "7 of 7" and len(met.entries) == 7
