"""Designs as data: every label on every stock is read back, also damaged, and nothing is left out or cut."""

import io
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageFilter
from pydantic import ValidationError

from labels import design as layouts
from labels.content import FIELDS, NEEDED, LabelContent
from labels.design import PAPERS, Design, design, size_of
from labels.errors import LabelOverflow, RendererFault
from labels.kinds import LABEL_KINDS
from labels.pdf import GAP, MARGIN, PrintSetting, arranged, render_pages, render_pdf, render_png
from labels.sheets import layout_of, sheet
from labels.text import render_text
from schema.errors import InputError
from schema.vocabulary import Purpose
from tests.support.label_samples import (
    COMPOUND,
    NOT_EVALUATED,
    code,
    designs,
    page,
    sample,
    unit,
    variants,
)
from tests.support.places import ROOT

PICTURES = ROOT / "docs" / "labels"
MM = 72 / 25.4

every_variant = pytest.mark.parametrize(
    ("label", "stock"),
    [(label, stock) for _, label, stock in variants()],
    ids=[name for name, *_ in variants()],
)


def decoded(picture: Image.Image) -> list[str]:
    """The texts of all symbols on a picture."""
    found = zxingcpp.read_barcodes(picture, text_mode=zxingcpp.TextMode.Plain)
    return sorted(each.text for each in found)


@lru_cache(maxsize=200)
def printed(label: LabelContent, stock: str | None = None, dpi: int = 203) -> Image.Image:
    """A label as the dots of a thermal printer, in shades of gray; several tests look at each."""
    return Image.open(io.BytesIO(render_png(label, dpi=dpi, setting=PrintSetting(stock=stock)))).convert("L")


def black_and_white(picture: Image.Image) -> Image.Image:
    """What a thermal printer makes of it: each dot is black or not."""
    return picture.point(lambda value: 255 if value > 127 else 0)


def words(document: bytes) -> str:
    """All text of a PDF without its white space, which is layout."""
    pages = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(document)]
    return "".join("".join(pages).split())


@lru_cache(maxsize=200)
def paper(label: LabelContent, stock: str) -> bytes:
    """A label as PDF."""
    return render_pdf([label], setting=PrintSetting(stock=stock))


@every_variant
def test_each_label_is_read_back_on_each_stock(label: LabelContent, stock: str) -> None:
    """At 203 dpi in black and white, at 300 dpi and as PDF, the symbols give exactly their texts."""
    wanted = sorted(label.symbol_texts)
    assert decoded(black_and_white(printed(label, stock))) == wanted
    assert decoded(printed(label, stock, dpi=300)) == wanted
    page = pypdfium2.PdfDocument(paper(label, stock))[0]
    assert decoded(page.render(scale=300 / 72, grayscale=True).to_pil()) == wanted


@every_variant
def test_each_label_survives_a_bad_day(label: LabelContent, stock: str) -> None:
    """Blurred by the print head, stuck on by 2 degrees askew and seen by a camera, it is still read."""
    wanted = sorted(label.symbol_texts)
    dots = printed(label, stock)
    closeness = 2
    seen = dots.resize((closeness * dots.width, closeness * dots.height), Image.Resampling.NEAREST)
    assert decoded(seen.filter(ImageFilter.GaussianBlur(0.8 * closeness))) == wanted
    askew = seen.rotate(2, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)
    assert decoded(black_and_white(askew.filter(ImageFilter.GaussianBlur(0.4 * closeness)))) == wanted


@every_variant
def test_each_label_has_its_stock_and_every_word(label: LabelContent, stock: str) -> None:
    """The page measures the stock, carries the purpose, and all words the layout shows are on it."""
    document = paper(label, stock)
    width, height = pypdfium2.PdfDocument(document)[0].get_size()
    assert (round(width / MM, 1), round(height / MM, 1)) == size_of(stock)
    on_paper, on_screen = words(document), "".join(render_text(label, stock).split())
    assert "DEMO-NOTFORCLINICALUSE" in on_paper and "DEMO-NOTFORCLINICALUSE" in on_screen
    said = sheet(label, stock)
    for key, value in said.items():
        texts = [value] if isinstance(value, str) else value if isinstance(value, tuple) else ()
        for text in texts if key not in ("kind", "purpose") else ():
            assert "".join(str(text).split()) in on_paper, key
            assert "".join(str(text).split()) in on_screen, key


@every_variant
def test_modules_are_whole_dots(label: LabelContent, stock: str) -> None:
    """On a thermal printer a symbol has no gray dot: no module ends inside one."""
    picture = printed(label, stock)
    for found in zxingcpp.read_barcodes(picture):
        corner, far = found.position.top_left, found.position.bottom_right
        area = picture.crop((corner.x + 1, corner.y + 1, far.x - 1, far.y - 1))
        assert {value for _, value in area.getcolors(256) or []} <= {0, 255}


def test_the_stages_have_the_statements_they_must_have() -> None:
    """What 21 CFR 1271.90 and the shipping rules demand stands in the design, once, whoever prints it."""
    for name in ("leukapheresis-bag", "product-bag", "in-process"):
        label = unit(name, "Cells", "FOR AUTOLOGOUS USE ONLY", NOT_EVALUATED)
        assert words(render_pdf([label])).count("FORAUTOLOGOUSUSEONLY") == 1
        assert "NOTEVALUATEDFORINFECTIOUSSUBSTANCES" in words(render_pdf([label]))
    box = sample("outer-box")
    for text in ("DONOTX-RAY", "THISWAYUP", *("".join(phone.split()) for phone in box.phones)):
        assert text in words(render_pdf([box]))


def test_a_box_names_no_patient_and_needs_both_telephones() -> None:
    """It has no place for a patient, and one number that answers at night is not enough."""
    box = sample("outer-box")
    patient: dict[str, Any] = {
        "patient_lines": ("EXAMPLE",),
        "coi_id": "CD345678923",
        "unit_id": "UD234567892",
    }
    for name, value in patient.items():
        with pytest.raises(InputError, match="no place for its"):
            replace(box, **{name: value})
    for phones in ((), box.phones[:1], (box.phones[0], "nobody"), (*box.phones, "+00 1")):
        with pytest.raises(InputError, match="day and night"):
            replace(box, phones=phones)


def test_what_is_not_known_is_written_in() -> None:
    """An unknown volume is a box; a known one is printed and has no box."""
    unknown = unit("leukapheresis-bag", "Cells")
    known = replace(unknown, volume="212 mL")
    assert sheet(unknown)["write_ins"] == ("Volume mL", "Anticoagulant mL", "End time", "Initials")
    assert sheet(known)["write_ins"] == ("Anticoagulant mL", "End time", "Initials")
    blank = replace(unknown, blank=True, coi_id="")
    assert sheet(blank)["write_ins"] == (
        "Therapy",
        "Volume mL",
        "Anticoagulant mL",
        "End time",
        "Initials",
    )
    assert "212mL" in words(render_pdf([known])) and "VolumemL" not in words(render_pdf([known]))


@pytest.mark.parametrize("name", ["unit", "leukapheresis-bag", "product-bag"])
def test_isbt_content_is_a_data_matrix(name: str) -> None:
    """ISBT 128 content stands as ECC 200 beside our own QR code, and only where it is asked for."""
    label = unit(name, "Cells", isbt=COMPOUND)
    found = {each.format: each.text for each in zxingcpp.read_barcodes(black_and_white(printed(label)))}
    assert found == {
        zxingcpp.BarcodeFormat.QRCode: label.code,
        zxingcpp.BarcodeFormat.DataMatrix: COMPOUND,
    }
    assert decoded(printed(unit(name, "Cells"))) == [label.code]


def test_isbt_content_is_checked_and_needs_room() -> None:
    """What is not ISBT 128 is refused, and so is more of it than the label has room for."""
    for wrong in ("ORDER-1", "=A9999", "=+09000=A99992600000100"):
        with pytest.raises(InputError):
            unit("unit", "Cells", isbt=wrong)
    with pytest.raises(LabelOverflow, match="data matrix"):
        render_pdf([unit("unit", "Cells", isbt="=A99992600000100&a" + "x1Y" * 60)])
    with pytest.raises(InputError, match="isbt"):
        render_pdf([unit("in-process", "Cells", isbt=COMPOUND)])


def test_stock_without_room_is_refused_by_name() -> None:
    """A patient's identifier, a statement or a box to write into is never left out to fit the stock."""
    patient = replace(unit("unit", "Cells"), patient_lines=("EXAMPLE",))
    with pytest.raises(InputError, match="no layout for 25x13"):
        render_png(patient, setting=PrintSetting(stock="25x13"))
    vial = sample("vial")
    with pytest.raises(InputError, match="no room for its patient lines"):
        render_png(replace(vial, patient_lines=("EXAMPLE",)), setting=PrintSetting(stock="25x13"))
    with pytest.raises(InputError, match="no label bag"):
        render_png(replace(unit("unit", "Cells"), design="bag"))


@every_variant
def test_too_much_is_an_error_on_every_stock(label: LabelContent, stock: str) -> None:
    """A long word or too many lines in any text field is refused before anything is printed."""
    shown = {element.field for region in layout_of(label, stock).regions for element in region.elements}
    own = {*FIELDS} & shown & {*label.kind.asks}
    formed = {"code", "coi_id", "unit_id", "parent_id", "staff_id", "din", "phones", "codes", "sscc"}
    for name in own - formed:
        value: Any = "W" * 120 if isinstance(getattr(label, name), str) else ("W" * 120,)
        with pytest.raises(LabelOverflow):
            render_png(replace(label, **{name: value}), setting=PrintSetting(stock=stock))


@pytest.mark.parametrize("text", ["", "   "])
def test_a_label_without_its_name_is_refused(text: str) -> None:
    """What is in the bag, who wears the badge and what the place is called are never blank."""
    for design_name in designs():
        for name in {*NEEDED}.intersection(LABEL_KINDS[design_name].asks):
            with pytest.raises(InputError, match=f"has no {name}"):
                sample(design_name, **{name: text})


@pytest.mark.parametrize("purpose", list(Purpose))
def test_every_purpose_stands_on_the_smallest_label(purpose: Purpose) -> None:
    """Production has its word where the others have their bar."""
    letter = {"demo": "D", "training": "T", "validation": "V", "production": "P"}[purpose.value]
    vial = sample("vial")
    changes: dict[str, Any] = {
        "purpose": purpose,
        "code": code("U", purpose=letter),
        "coi_id": f"C{letter}345678923",
    }
    document = render_pdf([replace(vial, **changes)], setting=PrintSetting(stock="25x13"))
    assert purpose.value.upper() in words(document)


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_several_labels_stand_on_a_sheet(paper: str) -> None:
    """A sheet holds as many as fit, all of them readable, the next ones on the next sheet."""
    labels = [
        replace(unit("in-process", "Cells"), code=code("U", f"23456789{char}")) for char in "23456789BCDE"
    ]
    pages = render_pages(labels, setting=PrintSetting(paper=paper, stock="75x50"))
    found = [text for page in pages for text in decoded(Image.open(io.BytesIO(page)))]
    assert sorted(found) == sorted(label.code for label in labels)
    document = pypdfium2.PdfDocument(render_pdf(labels, setting=PrintSetting(paper=paper)))
    width, height = document[0].get_size()
    assert (round(width / MM, 1), round(height / MM, 1)) == PAPERS[paper]
    assert len(document) == len(pages) > 1


def test_places_do_not_overlap_and_used_ones_are_skipped() -> None:
    """Each label has its own place with room for the scissors, and a begun sheet is used up."""
    sizes = [(50.0, 25.0)] * 40 + [(75.0, 50.0)] * 3
    for places in arranged(sizes, "A4"):
        for (first, x, y), (_, other_x, other_y) in pairwise(places):
            assert other_x >= x + sizes[first][0] + GAP or other_y >= y + sizes[first][1] + GAP
        assert all(
            x + sizes[index][0] <= 210 - MARGIN and y + sizes[index][1] <= 297 - MARGIN
            for index, x, y in places
        )
    begun = arranged(sizes[:2], "A4", skip=3)
    assert [place[1:] for place in begun[0]] == [place[1:] for place in arranged(sizes[:5], "A4")[0][3:]]
    for size, paper in (((300.0, 50.0), "A4"), ((50.0, 25.0), "A3")):
        with pytest.raises(InputError):
            arranged([size], paper)


@pytest.mark.parametrize(
    "change",
    [
        {"form": 2},
        {"unknown": 1},
        {"layouts": []},
        {"layouts": [{"stock": "100", "regions": [{"name": "a", "x": 0, "y": 0, "width": 9, "height": 9}]}]},
        {
            "layouts": [
                {"stock": "25x13", "regions": [{"name": "a", "x": 20, "y": 0, "width": 9, "height": 9}]}
            ]
        },
        {
            "layouts": [
                {
                    "stock": "25x13",
                    "banner": 3,
                    "regions": [{"name": "a", "x": 0, "y": 0, "width": 9, "height": 9}],
                }
            ]
        },
    ],
)
def test_a_wrong_design_is_refused(change: dict[str, Any]) -> None:
    """An unknown key, a region off the stock or under the banner is found when the file is read."""
    for layout in change.get("layouts", ()):
        layout["regions"][0]["elements"] = [{"show": "code"}]
    whole = {
        "form": 1,
        "name": "trial",
        "title": "Trial",
        "layouts": [design("unit").layouts[0].model_dump()],
    }
    assert Design.model_validate(whole).stocks == ("100x75",)
    with pytest.raises(ValidationError):
        Design.model_validate(whole | change)


def test_a_damaged_design_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A design that cannot be read is a fault of the installation, not of the label."""
    (tmp_path / "trial.toml").write_text("form = 1\nname = ")
    monkeypatch.setattr(layouts, "DESIGNS", tmp_path)
    layouts.design_names.cache_clear()
    try:
        with pytest.raises(RendererFault, match="trial"):
            design("trial")
    finally:
        monkeypatch.undo()
        layouts.design_names.cache_clear()


def test_every_picture_in_the_docs_is_of_today() -> None:
    """The page names each, and each has the size and the codes of what the program prints now."""
    made = "run `python -m tests.support.label_samples docs/labels`"
    assert (PICTURES / "README.md").read_text(encoding="utf-8") == page(), made
    names = {name for name, *_ in variants()}
    assert {path.stem for path in PICTURES.glob("*.png")} == {*names, "downtime-A4"}, made
    for name, label, stock in variants():
        picture = Image.open(PICTURES / f"{name}.png").convert("L")
        assert decoded(picture) == sorted(label.symbol_texts)
        assert picture.size == printed(label, stock).size


def test_cards_hold_their_codes() -> None:
    """The command card and the scanner card are one page each with every code on it."""
    for card in (sample("command-card"), sample("scanner-card")):
        assert decoded(printed(card)) == sorted(card.symbol_texts)
