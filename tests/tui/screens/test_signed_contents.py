"""What is signed is seen: results beside limits, expiry, deviations, and what is in the hand at a match."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import islice

from schema.identifiers import possible_copies
from schema.instants import format_instant
from schema.vocabulary import Material
from tests.support.journeys import World
from tracker.demo import cleanroom, stages
from tracker.demo.journey import GOOD_RESULTS, scan
from tracker.therapy.deviations import OpenDeviation
from tracker.values import Proposal
from tui.screens.sign.copies import count_words, with_ordinals
from tui.screens.sign.statements import statement_of
from tui.session import TerminalSession

Worlds = Callable[[str], World]


def shown(made: World, actor: str, site: str, request: Mapping[str, object]) -> dict[str, str]:
    """The rows of the sign dialog for a request, by their names."""
    station = made.network.stations[site]
    session = TerminalSession.at(made.tracker, station)
    head = {"event_id": made.tracker.new_event_id(), "actor": actor, "station": station}
    proposal = made.tracker.propose(request={**head, **request})
    assert isinstance(proposal, Proposal), proposal
    return dict(statement_of(proposal, session, session.registry).rows)


def test_findings_f11_a_release_is_signed_with_its_results_expiry_and_deviations(world: Worlds) -> None:
    """Given every test in, each is read with its limit, then expiry and open deviations."""
    made = world("tested")
    cassettes = [{"code": scan(made.one.cassettes[unit]).code} for unit in made.one.products]
    rows = shown(made, "QP-1", "MFG-1", {"request": "release", "units": cassettes})
    _, protocol = made.tracker.read.therapy(coi=made.one.coi) or (None, None)
    assert protocol is not None
    for test in protocol.release_tests:
        assert test.limit_words in rows[test.title]
    assert rows["Deviations"].startswith("0 open")
    assert made.one.products[-1] in rows["Expires"]


def test_findings_f11_a_correction_is_signed_with_the_test_its_limit_and_the_verdict(world: Worlds) -> None:
    """Given a result typed wrong, its correction names the test and the verdict on the new one."""
    made = world("tested")
    entries = made.entries(made.one.coi)
    (wrong,) = [
        one.statement.event_id
        for one in entries
        if one.statement.kind == "tested" and one.statement.payload.to_json()["test"] == "viability"
    ]
    request = {
        "request": "correct",
        "coi": {"code": scan(made.one.coi).code},
        "event": wrong,
        "field": "result",
        "new": "12",
        "reason": "other",
    }
    rows = shown(made, "QA-2", "MFG-1", request)
    assert rows["Test"].startswith("viability, limit at least ")
    assert rows["The new result"] == "DOES NOT MEET IT"


def test_findings_f11_a_match_is_signed_with_what_is_in_the_hand(world: Worlds) -> None:
    """Given the product at hand, the two who match read which bag of how many, how much, and until when."""
    made = world("at_hand")
    unit = made.one.products[0]
    request = {
        "request": "match_before_thaw",
        "patient": [one.model_dump(mode="json") for one in made.one.wristband()],
        "coi": {"code": scan(made.one.coi).code},
        "units": [{"code": scan(made.one.cassettes[unit]).code}],
        "certificate": {"code": made.one.certificate(unit).code},
        "confirmed": [*made.one.confirm()],
    }
    rows = shown(made, "LAB-A1", "TREAT-A", request)
    assert rows[unit].startswith("1 of 2, 68 mL, Released, expires "), rows


def test_findings_f11_a_dose_is_signed_with_what_is_in_the_hand(world: Worlds) -> None:
    """Given the bag at the bed, who starts the infusion reads which of how many, how much, and until when."""
    made = world("bedside")
    unit = made.one.products[0]
    request = {"request": "start_infusion", "units": [{"code": scan(unit).code}]}
    rows = shown(made, "DOC-A1", "TREAT-A", request)
    assert rows[unit].startswith("1 of 2, 68 mL, Released, expires "), rows
    assert "▲ CHECK" not in rows


def test_findings_a12_an_open_deviation_is_read_first_at_the_bed(world: Worlds) -> None:
    """Above everything that is signed, where 24 lines do not hide it: a long statement hides its end."""
    made = world("bedside")
    unit = made.one.products[0]
    said = {"coi": scan(made.one.coi), "category": "container", "description": "A scratch."}
    made.do(OpenDeviation, "DOC-A1", at="TREAT-A", units=(scan(unit),), **said)
    request = {"request": "start_infusion", "units": [{"code": scan(unit).code}]}
    rows = shown(made, "DOC-A1", "TREAT-A", request)
    first, message = next(iter(rows.items()))
    assert first == "▲ CHECK" and message.startswith(
        f"A deviation about {unit} is open: container, open, of "
    )


def test_findings_a9_outside_the_rules_is_read_first_and_in_words(world: Worlds) -> None:
    """Given a step that is told from memory a day later, the two who sign read that before all else."""
    made = world("frozen")
    made.clock.advance(timedelta(hours=26))
    unit = {"code": scan(made.one.cassettes[made.one.bag]).code}
    tank = {"code": scan(made.network.storage["COLL-A"]).code}
    request = {
        "request": "retrieve", "units": [unit], "location": tank,
        "outside_rules": {"reason": "temperature_excursion", "remark": "It stood open."},
        "occurred_at": format_instant(made.clock.now() - timedelta(hours=25)),
        "entry": {"mode": "late", "reason": "network_down"},
    }  # fmt: skip
    rows = shown(made, "TECH-A1", "COLL-A", request)
    assert next(iter(rows.items())) == ("■ OUTSIDE RULES", "Entered too late"), rows


def test_findings_f10_a_copy_is_signed_by_the_letter_that_people_know() -> None:
    """Given the characters that stand inside codes, the sign page has A, B, C, and the sum of each object."""
    unit = "UD234567892"
    letters = "".join(code.copy for code in islice(possible_copies(unit), 3))
    assert with_ordinals({"unit": unit, "copy_letter": letters[1]}) == {"unit": unit, "copy": "B"}
    count = with_ordinals({"object": unit, "printed": letters, "applied": letters[:2], "open": letters[2]})
    assert count_words(count) == f"{unit}: printed 3 (A, B, C), applied 2 (A, B); 1 (C) missing"
    count = with_ordinals({"object": unit, "printed": letters[:1], "applied": letters[:1], "open": ""})
    assert count_words(count) == f"{unit}: printed 1 (A), applied 1 (A); adds up"


def test_a_bench_is_signed_by_its_name(world: Worlds) -> None:
    """Given an infusion, its place stands there in words, and the volume with its unit."""
    made = world("infusing")
    units = [{"code": scan(made.one.products[0]).code}]
    asked = {"request": "complete_infusion", "units": units, "infused_ml": "60"}
    rows = shown(made, "DOC-A1", "TREAT-A", asked)
    station = made.network.stations["TREAT-A"]
    assert rows["Bench"] == f"{station} ({made.tracker.registry.stations[station].title})"
    assert rows["Infused mL"] == "60"
    assert "Copy letter" not in rows


def test_making_a_step_is_signed_with_every_lot_by_its_name(world: Worlds) -> None:
    """Given lots and a device, the two who sign read names, numbers with units, and what went where."""
    made = world("received")
    one, network = made.one, made.network
    cleanroom.stock(network)
    stages.start_manufacturing(one)
    vessel = one.register("OPER-1", "MFG-1", Material.IN_PROCESS, one.bag)
    request = {
        "request": "perform_step",
        "step": "selection",
        "units": [{"code": scan(one.cassettes[one.bag]).code}],
        "lots": [
            {"lot": {"code": scan(network.goods[item]).code}}
            for item in ("processing_set", "selection_reagent")
        ],
        "instruments": [{"code": scan(network.goods["Cell processor 1"]).code}],
        "measured": [{"measure": "viable_cells", "value": "1240"}],
        "moves": [
            {
                "source": {"code": scan(one.cassettes[one.bag]).code},
                "target": {"code": scan(vessel).code},
                "volume_ml": "96",
                "empties": True,
            }
        ],
    }
    rows = shown(made, "OPER-1", "MFG-1", request)
    assert rows["Step"] == "Select the T cells"
    assert rows["With"] == f"Cell processor 1 ({network.goods['Cell processor 1']})"
    assert rows["Lot"].startswith(
        f"processing set lot PS-1182 ({network.goods['processing_set']}), good till"
    )
    assert rows["Measured"] == "Viable cells in the vessel 1240 million cells"
    assert rows["Moved"] == f"{one.bag} into {vessel}, 96 mL, emptied"
    assert not {"Lots", "Instruments", "Moves"} & {*rows}


def test_making_t13_both_signers_read_the_law_the_request_and_which_file(world: Worlds) -> None:
    """What is only committed in the statement stands in words before those who sign it."""
    made = world("made")
    made.one.test({**GOOD_RESULTS, "viability": "64"})
    cassettes = [{"code": scan(made.one.cassettes[unit]).code} for unit in made.one.products]
    asked = {"request": "release_out_of_specification", "units": cassettes, **stages.REQUESTED}
    rows = shown(made, "QP-1", "MFG-1", asked)
    assert rows["By which law"] == "EU GMP 11.5"
    assert rows["The physician's request"] == stages.REQUESTED["requested"]
    assert rows["The evaluation of the risks"].startswith("a file of 77 bytes, SHA-256 ")
    assert rows["Viability"] == "64 percent (DOES NOT MEET at least 70 percent)"
    assert rows["Tests met"] == "DOES NOT HOLD" and rows["No quarantine"] == "none"


def test_findings_f11_an_enrollment_is_signed_with_its_protocol_and_sites(world: Worlds) -> None:
    """Given an order, who signs reads by which protocol and where it is collected, made and given."""
    made = world("enrolled")
    asked = {
        "request": "enroll",
        "protocol": "autologous-cryopreserved",
        "patient": [one.model_dump() for one in replace(made.one, number=77).wristband(carrier="order")],
        "collection_site": "COLL-A",
        "manufacturing_site": "MFG-1",
        "treatment_site": "TREAT-A",
    }
    rows = shown(made, "DOC-A1", "TREAT-A", asked)
    assert rows["Protocol"] == "autologous-cryopreserved version 1"
    assert rows["Collected at"].endswith("(COLL-A)") and rows["Made at"].endswith("(MFG-1)")
    assert rows["Given at"].endswith("(TREAT-A)")
