"""Facts of the licensed products: typed twice, laid over a shipped protocol, and told apart in words."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from schema.errors import InputError
from schema.vocabulary import Material
from tracker.protocols.bedside import Bedside
from tracker.protocols.dosing import DoseRule
from tracker.protocols.drafts import draft, facts, facts_names
from tracker.protocols.library import parse_protocol, shipped
from tracker.protocols.model import Protocol
from tracker.protocols.parts import Sourced
from tracker.protocols.rows import KNOWN_BY, SINGULAR, FileLines, differences
from tracker.protocols.spans import format_duration

BASE = "autologous-cryopreserved"
AGAIN: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("facts_again.toml").read_text(encoding="utf-8")
)
NAMES = ("axi-cel", "brexu-cel", "cilta-cel", "ide-cel", "liso-cel", "obe-cel", "tisa-cel")
CELLS_OUT = ("thaw_started", "thaw_ended", "infusion_started")
TEXT = shipped(BASE).content.decode()


def dose_again(rule: DoseRule) -> str:
    """A dose rule as the second typing writes it: `b_all <=50 0.2-5.0/kg`."""
    low, high = rule.per_kg or rule.flat or ("", "")
    words = [
        rule.indication,
        f"<={rule.weight_max_kg}" if rule.weight_max_kg else "",
        f">{rule.weight_over_kg}" if rule.weight_over_kg else "",
        f"{low}-{high}{'/kg' if rule.per_kg else ''}",
        f"aim {rule.target}" if rule.target is not None else "",
        f"max {rule.cells_max}" if rule.cells_max is not None else "",
    ]
    return " ".join(word for word in words if word)


def bedside_again(bedside: Bedside) -> list[str]:
    """What the label says for the bed, as the second typing writes it."""
    found = [" ".join((one.name, *one.product_codes, one.verified.value)) for one in bedside.components]
    found += [" ".join(("order", *bedside.order))] if bedside.order else []
    for name, said in (("filter", bedside.filter), ("rate", bedside.rate)):
        found += [f"{name} {said.text} {said.verified.value}"] if said is not None else []
    return found


def typed_again(protocol: Protocol) -> dict[str, Any]:
    """A draft's figures in the form of the second typing."""
    product = protocol.container(Material.PRODUCT)
    assert product is not None
    container = product.verified.value
    limits = {limit.name: limit for limit in protocol.limits}
    clocks = [
        [f"{one.start} -> {one.until} {format_duration(one.within)}", one.verified.value]
        for one in protocol.limits
        if one.until in ("infusion_started", "infusion_completed") and one.start in (*CELLS_OUT, "retrieved")
    ]
    depletion = limits["lymphodepletion_to_infusion"]
    assert depletion.not_before is not None
    thaw, release = protocol.step("thaw_started", Material.PRODUCT), protocol.milestones[3]
    assert thaw is not None and release.name == "release" and release.typical is not None
    viability = protocol.release_test("viability")
    assert viability is not None
    low, high = format_duration(depletion.not_before), format_duration(depletion.within)
    planned = f"{format_duration(release.earliest)}, {format_duration(release.typical)}"
    return {
        "storage_celsius_max": [product.storage_celsius_max, container],
        "shelf_life": [str(product.shelf_life), container],
        "volume_ml": [f"{product.volume_ml_min}-{product.volume_ml_max}", container],
        "cassette": [product.cassette, container],
        "dose": [] if protocol.dose is None else [dose_again(one) for one in protocol.dose.rules],
        "bedside": bedside_again(protocol.bedside),
        "clocks": sorted(clocks),
        "one_at_a_time": thaw.one_at_a_time,
        "lymphodepletion": [f"{low}-{high}", depletion.verified.value],
        "release": [planned, release.verified.value],
        "viability": [viability.limit, viability.verified.value],
        "ambient": [format_duration(limits["receipt_to_storage"].within), "secondary"]
        if "receipt_to_storage" in limits
        else None,
        "watch": [f"{one.region} {one.first_week} {one.at_least} near {one.near}" for one in protocol.watch],
        "indications": [
            " ".join(str(word) for word in (one.name, one.region, one.lines_before) if word)
            for one in protocol.indications
        ],
    }


@pytest.mark.parametrize("name", NAMES)
def test_making_n6_two_typings_of_each_product_agree(name: str) -> None:
    """A slip of one typist differs from the other; figures of the base that a label is silent on stay."""
    found = typed_again(draft(BASE, name).protocol)
    expected = {**AGAIN[name], "clocks": sorted(AGAIN[name]["clocks"])}
    assert {key: found[key] for key in expected} == expected
    assert set(found) - set(expected) <= {"volume_ml", "viability", "ambient", "watch"}


def test_making_n6_the_seven_products_ship_with_their_sources() -> None:
    """Each figure says where it is from, how that was looked at and, where somebody looked, when."""
    assert facts_names() == NAMES == tuple(sorted(AGAIN))
    for name in NAMES:
        given = facts(name)
        assert given["title"].endswith(": model, check the current label")
        for table, rows in given.items():
            sourced = (
                issubclass(_class_of(table), Sourced)
                if isinstance(rows, list) and table in KNOWN_BY
                else False
            )
            for row in rows if sourced else ():
                assert row["source"] and row["verified"], (name, table, row)
                assert (row["verified"] == "unverified") or row.get("seen"), (name, table, row)


def _class_of(table: str) -> type:
    row = getattr(draft(BASE, "tisa-cel").protocol, table)
    return type(row[0])


@pytest.mark.parametrize("base", ["autologous-cryopreserved", "autologous-fresh"])
def test_making_n6_a_draft_is_a_complete_file_of_its_own(base: str) -> None:
    """Whoever adopts it reads it back whole, from the bytes that its SHA-256 stands for, comments and all."""
    for name in NAMES:
        file = draft(base, name)
        again = parse_protocol(file.content)
        assert again.sha256 == file.sha256 and again.protocol == file.protocol
        assert file.protocol.id == name and file.protocol.version == 1
        text = file.content.decode()
        assert text.startswith(f"# DRAFT: facts of {name} over {base} version 1")
        assert "# boxes and handoffs, both ways" in text


def test_making_n6_a_draft_names_what_there_is() -> None:
    """An unknown product or base is refused with the words there are."""
    with pytest.raises(InputError, match="there are axi-cel, brexu-cel, cilta-cel"):
        draft(BASE, "tisa-cell")
    with pytest.raises(InputError, match="autologous-cryopreserved"):
        draft("autologous", "tisa-cel")


class TestDifferences:
    def test_making_n6_what_a_draft_has_otherwise(self) -> None:
        """In words, with both values, and nothing about what is the same."""
        said = [*differences(shipped(BASE).protocol, draft(BASE, "obe-cel").protocol)]
        assert "container product, shelf life: 6 mo, before 1 y." in said
        assert "limit thaw_to_infusion, within: 1 h, before 30 min." in said
        assert "limit infusion_duration is left out." in said
        assert (
            "indication b_all is new: title B-cell acute lymphoblastic leukemia of adults, "
            "source approval by the FDA, 11/2024."
        ) in said
        assert {line for line in said if line.startswith("step ")} <= {"step dose_set is left out."}

    def test_a_protocol_and_itself(self) -> None:
        """No line."""
        assert not [*differences(shipped(BASE).protocol, parse_protocol(TEXT.encode()).protocol)]

    def test_every_list_of_rows_is_known(self) -> None:
        """A new list of a protocol has its key and its word here, or a draft would lay it over by place."""
        lists = {
            name
            for name, value in Protocol.model_fields.items()
            if str(value.annotation).startswith("tuple[tracker.protocols")
        }
        assert lists - {"shipping"} == set(KNOWN_BY) == set(SINGULAR)


def refusal_of(old: str, new: str) -> str:
    """What is said of the shipped file with a text replaced."""
    assert old in TEXT
    with pytest.raises(InputError) as refused:
        parse_protocol(TEXT.replace(old, new, 1).encode(), name="mine.toml")
    return refused.value.message


def line_of(text: str, wanted: str) -> int:
    """The line of the row in which a text first stands."""
    lines = text[: text.index(wanted)].splitlines()
    return max(number for number, line in enumerate(lines, start=1) if line.startswith("[["))


class TestLines:
    def test_making_p3_a_step_named_as_a_kind(self) -> None:
        """Refused, with the line where that step begins."""
        said = refusal_of('name = "wash"\n', 'name = "released"\n')
        line = line_of(TEXT, 'name = "wash"\n')
        assert f"line {line}: step released: its name is that of a kind of event." in said

    def test_making_p3_a_limit_whose_start_no_step_brings_to_a_syringe(self) -> None:
        """No syringe is filled from what is retrieved, so its clock would never run."""
        rows = """
[[containers]]
material = "syringe"
title = "Syringe"
storage_text = "Room temperature"
shelf_life = "P1D"
shelf_life_from = "manufactured"
source = "made up"

[[limits]]
name = "syringe_out"
title = "Removal from storage to end of infusion"
start = "retrieved"
until = "infusion_completed"
guards = ["infusion_started"]
within = "PT2H"
cleared_by = ["stored", "packed"]
inherit = true
materials = ["syringe"]
source = "made up"
"""
        said = refusal_of("# clocks\n", f"# clocks\n{rows}")
        line = line_of(TEXT.replace("# clocks\n", f"# clocks\n{rows}", 1), 'name = "syringe_out"')
        assert f"line {line}: limit syringe_out names retrieved, which no step brings for syringe." in said

    def test_making_p3_months_of_the_calendar(self) -> None:
        """Thirteen months are accepted."""
        text = TEXT.replace('shelf_life = "P12M"', 'shelf_life = "P13M"')
        product = parse_protocol(text.encode()).protocol.container(Material.PRODUCT)
        assert product is not None and str(product.shelf_life) == "1 y 1 mo"

    def test_a_key_of_another_shape_has_its_own_line(self) -> None:
        """Not only the row's."""
        said = refusal_of('name = "match_to_thaw"\n', 'name = "match_to_thaw"\nwithinn = "PT1H"\n')
        row = line_of(TEXT, 'name = "match_to_thaw"')
        assert f"line {row + 2}: limits.2.withinn: there is no such field" in said

    def test_rows_that_are_written_in_one_line_have_none(self) -> None:
        """Better no line than a wrong one."""
        lines = FileLines(shipped(BASE).content)
        assert lines.of("stages", 0) is None and lines.of("limits", 99) is None
