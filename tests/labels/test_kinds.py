"""Labels as data: each has its row, its layout and its sample, and the three fit together."""

from dataclasses import replace
from typing import Any

import pytest

from labels.content import FIELDS, LabelContent
from labels.design import design, design_names
from labels.kinds import LABEL_KINDS, LabelSubject, unit_label_kind, usual_label_kind
from labels.sheets import NEVER_LEFT_OUT
from schema.errors import InputError
from schema.vocabulary import Material, ObjectType, Purpose, Vessel
from tests.support.label_samples import SAMPLES, code, designs, sample

DERIVED = {"code", "object", "heading", "codes", "symbol", "write_ins"}
"""What a layout can show that no row asks for: it comes of the code, the design or the row itself."""

CARRIED = {
    "vial": "U",
    "tie-tag": "U",
    "cassette": "K",
    "coi-card": "C",
    "badge": "P",
    "location": "L",
    "outer-box": "BS",
    "equipment": "BSDEF",
    "lot": "G",
}
"""Of each subject one label, with the letters of the objects whose codes it may carry."""

NAMES = sorted({*LABEL_KINDS, *design_names(), *SAMPLES})
every_label = pytest.mark.parametrize("name", NAMES)


@every_label
def test_a_label_is_a_row_a_layout_and_a_sample(name: str) -> None:
    """Whichever of the three files was forgotten is named."""
    assert name in LABEL_KINDS, f"labels/kinds.py has no row {name}"
    assert name in design_names(), f"labels/designs/{name}.toml is missing"
    assert name in SAMPLES, f"tests/support/label_samples.py has no sample {name}"


@pytest.mark.parametrize("name", designs())
def test_row_and_layout_ask_for_the_same_fields(name: str) -> None:
    """What a layout shows is filled, and what is filled is shown somewhere or refused for lack of room."""
    plan, asked = design(name), {*LABEL_KINDS[name].asks}
    derived = DERIVED | ({"statements"} if plan.statements else set())
    shown = {field.removesuffix("_symbol") for layout in plan.layouts for field in layout.fields}
    assert not asked - {*FIELDS}, f"the row {name} asks for fields that no label has"
    assert not {*shown, *plan.write_ins} - derived - asked, f"the row {name} does not ask for what is shown"
    assert not asked - shown - {*NEVER_LEFT_OUT}, f"the layout {name} does not show what the row asks for"


@pytest.mark.parametrize("name", designs())
def test_a_field_that_is_not_asked_for_is_refused(name: str) -> None:
    """A label never carries what its row does not name, whoever made it."""
    label = sample(name)
    for field in {*FIELDS} - {*LABEL_KINDS[name].asks}:
        value: Any = ("X",) if isinstance(getattr(label, field), tuple) else "X"
        with pytest.raises(InputError, match="no place for its"):
            replace(label, **{field: value})


def test_no_label_without_a_row() -> None:
    """A name that is no design is answered with those that are."""
    with pytest.raises(InputError, match="no label bag") as caught:
        LabelContent(design="bag", purpose=Purpose.DEMO)
    assert "product-bag" in caught.value.remedy


@pytest.mark.parametrize("vessel", list(Vessel))
@pytest.mark.parametrize("material", list(Material))
def test_every_unit_has_a_usual_label(vessel: Vessel, material: Material) -> None:
    """That of its vessel and material, else the one for any material in that vessel; never a further one."""
    kind = unit_label_kind(vessel, material)
    assert kind.vessel is vessel and kind.material in (None, material) and not kind.further


def test_bags_have_the_label_of_their_stage() -> None:
    """What 21 CFR 1271.90 demands of each stage stands in its design."""
    stages = {
        Material.LEUKAPHERESIS: "leukapheresis-bag",
        Material.IN_PROCESS: "in-process",
        Material.PRODUCT: "product-bag",
        Material.RETAIN: "unit",
    }
    assert {one: unit_label_kind(Vessel.BAG, one).design for one in stages} == stages


@pytest.mark.parametrize("subject", list(LabelSubject))
def test_every_subject_has_a_label(subject: LabelSubject) -> None:
    """No subject is without a row."""
    assert usual_label_kind(subject).subject is subject


def test_no_two_labels_claim_the_same_unit() -> None:
    """A vessel and material have one usual label; a further one has a name of its own in the records."""
    usual = [(kind.vessel, kind.material) for kind in LABEL_KINDS.values() if kind.vessel is not None]
    assert len({*usual}) == len(usual)
    names = [kind.name for kind in LABEL_KINDS.values()]
    for kind in LABEL_KINDS.values():
        is_of_unit = kind.subject is LabelSubject.UNIT
        assert is_of_unit == (kind.vessel is not None or kind.further)
        assert not kind.further or names.count(kind.name) == 1


@pytest.mark.parametrize(("name", "letters"), CARRIED.items())
def test_a_label_carries_codes_of_its_subject_alone(name: str, letters: str) -> None:
    """Every other type of object is refused, before it is ink."""
    for object_type in ObjectType:
        carried = code(object_type.value)
        if object_type.value in letters:
            assert sample(name, code=carried).code == carried
        else:
            with pytest.raises(InputError):
                sample(name, code=carried)
