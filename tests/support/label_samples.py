"""One label of every design, with made-up content, for tests and for the pictures in docs/labels.

`python -m tests.support.label_samples docs/labels` makes the pictures anew.
"""

import io
import sys
from dataclasses import replace
from pathlib import Path

from PIL import Image

from labels.content import (
    BadgeLabel,
    BoxLabel,
    CassetteLabel,
    CoiCard,
    CommandCard,
    EquipmentLabel,
    Label,
    LocationLabel,
    SampleLabel,
    ScannerCard,
    SyringeLabel,
    TieTag,
    UnitLabel,
    VialLabel,
)
from labels.design import design
from labels.papers.downtime import DowntimeForm, FormChoice, FormCode, FormStep
from labels.pdf import Setting, render_pages, render_png
from schema.identifiers import first_copy
from schema.vocabulary import Purpose, Role

COI = "CD345678923"
UNIT = "UD234567892"
PATIENT = ("medical record number 000-EXAMPLE-1 (Example)",)


def code(kind: str, rest: str = "234567892", purpose: str = "D") -> str:
    """The first printed code of an artificial object."""
    return first_copy(kind + purpose + rest).text


def unit(design_name: str, material: str, *statements: str, isbt: str = "", **known: str) -> UnitLabel:
    """A unit label of a design; what is not known is written in."""
    return UnitLabel(
        purpose=Purpose.DEMO,
        code=code("U"),
        coi_id=COI,
        material=material,
        site="North Example Hospital, Apheresis Unit",
        address="1 Example Road, 00000 Exampletown",
        storage=known.get("storage", "2 to 8 °C, do not freeze"),
        expiry=known.get("expiry", ""),
        din=known.get("din", ""),
        count=known.get("count", ""),
        statements=statements,
        nickname="maple otter",
        write_ins=("End time", "Initials"),
        isbt=isbt,
        design=design_name,
    )


BLACK_UP_TO = 127
NOT_EVALUATED = "NOT EVALUATED FOR INFECTIOUS SUBSTANCES"
COMPOUND = "=+03000=A99992600000100=<S1384100&>0263302359"
"""An ISBT 128 message of a facility that does not exist."""

SAMPLES: list[Label] = [
    unit("unit", "Retained cells", "NOT FOR INFUSION"),
    unit("leukapheresis-bag", "Leukapheresis for manufacture", NOT_EVALUATED, din="A999926000001"),
    unit("in-process", "CAR T cells in process", count="vessel 1 of 2"),
    unit(
        "product-bag",
        "CAR T cells, human, autologous",
        "NO LEUKODEPLETING FILTER",
        "IDENTIFY RECIPIENT AND PRODUCT",
        storage="at or below -150 °C, vapor of liquid nitrogen",
        expiry="2027-11-23 23:59 +01:00",
        count="bag 1 of 2",
    ),
    TieTag(
        purpose=Purpose.DEMO,
        code=code("U"),
        coi_id=COI,
        material="Leukapheresis for manufacture",
        site="North Example Hospital, Apheresis Unit",
        address="1 Example Road, 00000 Exampletown",
        din="A999926000001",
        statements=(NOT_EVALUATED,),
        patient_lines=PATIENT,
        nickname="maple otter",
    ),
    CassetteLabel(
        purpose=Purpose.DEMO,
        code=code("K"),
        unit_id=UNIT,
        coi_id=COI,
        material="CAR T cells, human, autologous",
        storage="at or below -150 °C",
        expiry="2027-11-23 23:59 +01:00",
        nickname="maple otter",
        count="bag 1 of 2",
    ),
    VialLabel(
        purpose=Purpose.DEMO,
        code=code("U"),
        coi_id=COI,
        material="CAR T cells, CD8",
        count="vial 1 of 4",
        volume="4.6 mL",
        storage="at or below -150 °C",
        expiry="2027-11-23 23:59 +01:00",
    ),
    SyringeLabel(
        purpose=Purpose.DEMO,
        code=code("U", "345678923"),
        coi_id=COI,
        parent_id=UNIT,
        material="CAR T cells, CD8",
    ),
    SampleLabel(
        purpose=Purpose.DEMO,
        code=code("U", "456789234"),
        coi_id=COI,
        material="QC sample",
        test="Viability, identity",
        storage="2 to 8 °C",
    ),
    BoxLabel(
        purpose=Purpose.DEMO,
        code=code("B", "456789234"),
        sender="North Example Hospital, Cell Lab",
        sender_address="1 Example Road, 00000 Exampletown",
        receiver="Example Cell Works, Dock 2",
        receiver_address="9 Sample Street, 11111 Sampleville",
        phones=("Hospital +00 0000 000001", "Cell Works +00 0000 000002"),
        storage="2 to 8 °C",
    ),
    CoiCard(
        purpose=Purpose.DEMO,
        code=code("C", "345678923"),
        therapy="Autologous CAR T, example protocol 3",
        site="North Example Hospital",
        statements=("FOR AUTOLOGOUS USE ONLY",),
        nickname="maple otter",
    ),
    BadgeLabel(
        purpose=Purpose.DEMO,
        code=code("P"),
        person="Ada Example",
        staff_id="AEXAMPLE",
        site="North Example Hospital",
        roles=(Role.APHERESIS_NURSE.value.replace("_", " "), Role.DOCK.value),
    ),
    LocationLabel(
        purpose=Purpose.DEMO,
        code=code("L"),
        title="Tank 2, C, shelf 4",
        site="Example Cell Lab",
        detail="vapor of liquid nitrogen",
    ),
    EquipmentLabel(
        purpose=Purpose.DEMO,
        code=code("B", "456789234"),
        title="Shipper 017",
        site="Example Cell Lab",
        detail="dry shipper, holds 240 h",
    ),
    CommandCard(purpose=Purpose.DEMO, site="North Example Hospital"),
    ScannerCard(purpose=Purpose.DEMO, site="North Example Hospital"),
]
"""In the order of docs/labels.md."""


def variants() -> list[tuple[str, Label, str]]:
    """Every sample on every stock of its design, with the name of its picture."""
    isbt = unit("leukapheresis-bag", "Leukapheresis", NOT_EVALUATED, din="A999926000001", isbt=COMPOUND)
    return [
        ("leukapheresis-bag-isbt-100x75", isbt, "100x75"),
        *(
            (f"{label.design}-{stock}", _known(label, stock), stock)
            for label in SAMPLES
            for stock in design(label.design).stocks
        ),
    ]


def _known(label: Label, stock: str) -> Label:
    """On the smallest stock there is no box to write into, so everything must be known."""
    if isinstance(label, SampleLabel) and stock == "25x13":
        return replace(label, taken_at="2026-11-23 14:30 +01:00")
    return label


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
    return DowntimeForm(
        purpose=Purpose.DEMO,
        code=code("F"),
        coi_code=code("C", "345678923"),
        origin="cartrail/demo/0123456789abcdef",
        therapy="Autologous CAR T, example protocol 3",
        site="South Example Hospital",
        issued="printed 2026-11-23 14:05 -05:00 by LAB-A1",
        due="2026-11-24 14:05 -05:00",
        steps=(match, thaw),
        kinds=("pre_thaw_matched", "thaw_started"),
    )


def main(folder: Path) -> None:
    """Write a picture of every variant as a 203 dpi printer prints it."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = [(name, render_png(label, setting=Setting(stock=stock))) for name, label, stock in variants()]
    pictures.append(("downtime-A4", render_pages([form()])[0]))
    for name, content in pictures:
        picture = Image.open(io.BytesIO(content)).convert("L")
        black_and_white = picture.point(lambda value: 255 if value > BLACK_UP_TO else 0).convert("1")
        black_and_white.save(folder / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
