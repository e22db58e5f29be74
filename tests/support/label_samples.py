"""A sample of every label, with made-up content, for tests and for the pictures in docs/labels.

`python -m tests.support.label_samples docs/labels` makes the pictures and the page that shows them.
"""

import io
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from PIL import Image

from labels.content import FIELDS, LabelContent
from labels.design import design, design_names
from labels.kinds import LABEL_KINDS
from labels.papers.downtime import DowntimeForm, FormChoice, FormCode, FormStep
from labels.pdf import PrintSetting, render_pages, render_png
from schema.identifiers import first_copy
from schema.positions import every_position
from schema.vocabulary import Purpose

COI = "CD345678923"
UNIT = "UD234567892"
MOMENT = "2026-11-23 14:30 +01:00"


def code(kind: str, rest: str = "234567892", purpose: str = "D") -> str:
    """The first printed code of an artificial object."""
    return first_copy(kind + purpose + rest).text


BLACK_UP_TO = 127
NOT_EVALUATED = "NOT EVALUATED FOR INFECTIOUS SUBSTANCES"
COMPOUND = "=+03000=A99992600000100=<S1384100&>0263302359"
"""An ISBT 128 message of a facility that does not exist."""

CELLS: Mapping[str, Any] = {"code": code("U"), "coi_id": COI}
RECIPIENT: Final = ("hospital number EX-HN-00001 (TREAT-A)", "program number EX-P-00001 (TREAT-A)")
BAG: Mapping[str, Any] = {
    **CELLS,
    "site": "North Example Hospital, Apheresis Unit",
    "address": "1 Example Road, 00000 Exampletown",
    "storage": "2 to 8 °C, do not freeze",
}

SAMPLES: Mapping[str, Mapping[str, Any]] = {
    "unit": {**BAG, "material": "Retained cells", "statements": ("NOT FOR INFUSION",)},
    "leukapheresis-bag": {
        **BAG,
        "material": "Leukapheresis for manufacture",
        "statements": (NOT_EVALUATED,),
        "din": "A999926000001",
    },
    "in-process": {
        **CELLS,
        "material": "CAR T cells in process",
        "storage": "2 to 8 °C, do not freeze",
        "count": "vessel 1 of 2",
    },
    "product-bag": {
        **BAG,
        "material": "CAR T cells, human, autologous",
        "statements": ("NO LEUKODEPLETING FILTER", "IDENTIFY RECIPIENT AND PRODUCT"),
        "storage": "at or below -150 °C, vapor of liquid nitrogen",
        "expiry": "2027-11-23 23:59 +01:00",
        "count": "bag 2 of 4",
        "batch": "MK-2026-000917",
        "patient_lines": RECIPIENT,
    },
    "tie-tag": {
        **CELLS,
        "material": "Leukapheresis for manufacture",
        "site": "North Example Hospital, Apheresis Unit",
        "address": "1 Example Road, 00000 Exampletown",
        "din": "A999926000001",
        "statements": (NOT_EVALUATED,),
        "patient_lines": ("medical record number 000-EXAMPLE-1 (Example)",),
    },
    "cassette": {
        **CELLS,
        "code": code("K"),
        "unit_id": UNIT,
        "material": "CAR T cells, human, autologous",
        "statements": ("DO NOT IRRADIATE", "NO LEUKODEPLETING FILTER", "IDENTIFY RECIPIENT AND PRODUCT"),
        "storage": "at or below -150 °C",
        "count": "bag 2 of 4",
        "batch": "MK-2026-000917",
        "patient_lines": RECIPIENT,
    },
    "vial": {
        "code": code("U"),
        "coi_id": COI,
        "material": "CAR T cells, CD8",
        "count": "vial 1 of 4",
        "volume": "4.6 mL",
        "storage": "at or below -150 °C",
        "expiry": "2027-11-23 23:59 +01:00",
    },
    "syringe": {
        "code": code("U", "345678923"),
        "coi_id": COI,
        "parent_id": UNIT,
        "material": "CAR T cells, CD8",
    },
    "sample-tube": {
        "code": code("U", "456789234"),
        "coi_id": COI,
        "material": "QC sample",
        "storage": "2 to 8 °C",
    },
    "outer-box": {
        "code": code("B", "456789234"),
        "sender": "North Example Hospital, Cell Lab",
        "sender_address": "1 Example Road, 00000 Exampletown",
        "receiver": "Example Cell Works, Dock 2",
        "receiver_address": "9 Sample Street, 11111 Sampleville",
        "phones": ("Hospital +00 0000 000001", "Cell Works +00 0000 000002"),
        "storage": "2 to 8 °C",
        "waybill": "020-12345675",
        "sscc": "(00)340123450000000000",
    },
    "coi-card": {
        "code": code("C", "345678923"),
        "therapy": "Autologous CAR T, example protocol 3",
        "site": "North Example Hospital",
    },
    "badge": {
        "code": code("P"),
        "person": "Ada Example",
        "staff_id": "AEXAMPLE",
        "site": "North Example Hospital",
        "roles": ("apheresis nurse", "dock"),
    },
    "location": {
        "code": code("L"),
        "title": "Tank 2, C, shelf 4",
        "site": "Example Cell Lab",
        "detail": "vapor of liquid nitrogen",
    },
    "equipment": {
        "code": code("B", "456789234"),
        "title": "Shipper 017",
        "site": "Example Cell Lab",
        "detail": "dry shipper, holds 240 h",
    },
    "lot": {
        "code": code("G", "567892345"),
        "title": "Lentiviral vector",
        "batch": "LV-2026-017",
        "expiry": "2027-03-31",
        "storage": "-90 C to -60 C",
        "site": "Example Cell Lab",
    },
    "command-card": {"site": "North Example Hospital"},
    "step-card": {
        "site": "North Example Hospital",
        "codes": (
            "22 Apply the label and scan it back",
            "23 Bind bag and cassette",
            "63 Release out of specification, at the physician's request",
        ),
    },
    "positions": {
        "title": "Freezer rack 1",
        "site": "Example Plant",
        "codes": tuple(f"{position} Freezer rack 1" for position in every_position(5, 7)),
    },
    "scanner-card": {"site": "North Example Hospital"},
}
"""By design, the fields of one label; a label without a sample here fails tests/labels/test_kinds.py."""


def sample(name: str, **changes: Any) -> LabelContent:
    """The sample of a design, or the same with other fields."""
    return LabelContent(design=name, purpose=Purpose.DEMO, **{**SAMPLES[name], **changes})


def unit(name: str, material: str, *statements: str, **known: Any) -> LabelContent:
    """A label of a unit with what all of them say; what is not known is written in."""
    usual = {key: value for key, value in BAG.items() if key not in FIELDS or key in LABEL_KINDS[name].asks}
    fields = {**usual, "material": material, "statements": statements, **known}
    return LabelContent(design=name, purpose=Purpose.DEMO, **fields)


def designs() -> tuple[str, ...]:
    """Every design that is complete; tests/labels/test_kinds.py names those that are not."""
    return tuple(name for name in LABEL_KINDS if name in SAMPLES and name in design_names())


def variants() -> list[tuple[str, LabelContent, str]]:
    """Every sample on every stock of its design, with the name of its picture."""
    isbt = unit("leukapheresis-bag", "Leukapheresis", NOT_EVALUATED, din="A999926000001", isbt=COMPOUND)
    return [
        ("leukapheresis-bag-isbt-100x75", isbt, "100x75"),
        *(
            (f"{name}-{stock}", _known(sample(name), stock), stock)
            for name in designs()
            for stock in design(name).stocks
        ),
    ]


def _known(label: LabelContent, stock: str) -> LabelContent:
    """On stock without room for boxes to write into everything must be known."""
    plan = design(label.design)
    if any("write_ins" in layout.fields for layout in plan.layouts if layout.stock == stock):
        return label
    known: dict[str, Any] = {name: MOMENT for name in plan.write_ins if not getattr(label, name)}
    return replace(label, **known)


def form() -> DowntimeForm:
    """The first steps at a bedside, as a form to be filled in by pen."""
    product = FormCode(what="Cassette of product", code=code("K"))
    ward, offset = "South Example Hospital", "-05:00"
    match = FormStep(
        title="Match patient and cassette, patient ready",
        who="cell lab technician, pharmacist, clinician",
        witness="witnessed",
        codes=(
            FormCode(what="COI card", code=code("C", "345678923")),
            product,
            FormCode(what="Wristband 1: hospital number (EXAMPLE)", free=True),
            FormCode(what="Wristband 2: program number (EXAMPLE)", free=True),
        ),
        choices=(FormChoice(what="Patient ready", options=("yes", "no")),),
        where=ward,
        offset=offset,
    )
    limit = "LIMIT 1 h, Pre-thaw match to thaw: began ____________ , latest ____________"
    thaw = FormStep(
        title="Start the thaw",
        who="cell lab technician",
        codes=(product,),
        limits=(limit,),
        where=ward,
        offset=offset,
    )
    handoff = FormStep(
        title="Handoff",
        who="cell lab technician, courier, dock",
        codes=(product, FormCode(what="Box or shipper"), FormCode(what="Seal", free=True)),
        choices=(
            FormChoice(what="Wrong", options=("seal", "display", "hold time", "damage", "label", "other")),
            FormChoice(what="Receiver's answer", options=("all taken", "partly", "refused")),
        ),
        is_handoff=True,
    )
    return DowntimeForm(
        purpose=Purpose.DEMO,
        code=code("F"),
        coi_code=code("C", "345678923"),
        origin="cartrail/demo/0123456789abcdef",
        therapy="Autologous CAR T, example protocol 3",
        site="South Example Hospital",
        issued="printed 2026-11-23 14:05 -05:00 by LAB-A1",
        due="2026-11-24 14:05 -05:00",
        steps=(handoff, match, thaw),
        kinds=("relinquished", "accepted", "pre_thaw_matched", "thaw_started"),
    )


def page() -> str:
    """The page that shows the pictures, label by label, in the order of their rows."""
    lines = [
        "# The labels in pictures",
        "",
        "What a 203 dpi printer prints. `python -m tests.support.label_samples docs/labels` makes this page.",
    ]
    for name in designs():
        plan = design(name)
        stocks = ", ".join(_spelled(stock) for stock in plan.stocks)
        lines += ["", f"## {plan.title}", "", f"`{name}`, {stocks}", ""]
        shown = [(picture, stock) for picture, label, stock in variants() if label.design == name]
        lines += [f"![{plan.title}, {stock}]({picture}.png)" for picture, stock in shown]
    return "\n".join(lines) + "\n"


def _spelled(stock: str) -> str:
    return f"{stock.replace('x', ' x ')} mm" if stock[0].isdigit() else stock


def main(folder: Path) -> None:
    """Write a picture of every variant as a 203 dpi printer prints it, and the page that shows them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.md").write_text(page(), encoding="utf-8")
    pictures = [
        (name, render_png(label, setting=PrintSetting(stock=stock))) for name, label, stock in variants()
    ]
    pictures.append(("downtime-A4", render_pages([form()])[0]))
    for name, content in pictures:
        picture = Image.open(io.BytesIO(content)).convert("L")
        black_and_white = picture.point(lambda value: 255 if value > BLACK_UP_TO else 0).convert("1")
        black_and_white.save(folder / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
