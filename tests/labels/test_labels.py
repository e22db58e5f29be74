"""Labels and slips on paper: what is printed is read back, whole, and as plain words."""

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from labels import pdf, wording
from labels.content import Content, LabelContent, therapies_on
from labels.design import design, size_of
from labels.errors import LabelOverflow, RendererFault, UnprintableText
from labels.outputs import PrintTarget, TargetKind, deliver, parse_target
from labels.papers.packing_list import ListedUnit, PackingList
from labels.papers.slip import COPIES, LEFT_WITH_SOMEBODY, NO_HEAD, HandoffSlip, SlipSignature, SlipTherapy
from labels.pdf import render_pages, render_pdf, render_png
from labels.sheets import sheet
from labels.symbols import QUIET, symbol
from labels.text import half_blocks, render_text
from labels.wording import banner
from schema.errors import BadCode, CartrailError, InputError, OtherLog
from schema.identifiers import PURPOSE_LETTER, first_copy
from schema.papercodes import head_code, receipt_code
from schema.vocabulary import Meaning, Purpose, Role
from tests.support.label_samples import COI, form, sample

ORIGIN = "cartrail/demo/0123456789abcdef"
MM = 72 / 25.4

HOSTILE = [
    "#panic()",
    '#read("/etc/passwd")',
    "*bold* _it_ $x$ `raw` <label> @ref",
    "^XA^FO0,0^FDno^FS^XZ ~JR",
    "[red]markup[/]",
    '"; rm -rf / #',
    "\\u{41} // /* */",
    "a  b -- --- ~ ...",
    "שלום עולם",
    "مرحبا",
    "Größe Ωμέγα Жизнь",
]


def object_id(kind: str, rest: str, purpose: Purpose = Purpose.DEMO) -> str:
    """An artificial object id."""
    return kind + PURPOSE_LETTER[purpose] + rest


def code(kind: str, rest: str, purpose: Purpose = Purpose.DEMO) -> str:
    """The first printed code of an artificial object."""
    return first_copy(object_id(kind, rest, purpose)).text


def unit_label(purpose: Purpose = Purpose.DEMO) -> LabelContent:
    """A unit label with everything on it."""
    return LabelContent(
        design="unit",
        purpose=purpose,
        code=code("U", "234567892", purpose),
        coi_id=object_id("C", "345678923", purpose),
        material="Leukapheresis, mononuclear cells",
        site="North Example Hospital, Apheresis Unit",
        address="1 Example Road, 00000 Exampletown",
        storage="2 to 8 °C, do not freeze",
        expiry="2026-11-25 14:30 +01:00",
        din="A999926000001",
        statements=("FOR AUTOLOGOUS USE ONLY", "NOT EVALUATED FOR INFECTIOUS SUBSTANCES"),
        patient_lines=("EXAMPLE, PATIENT ONE",),
    )


SIGNED = SlipSignature(
    party="Example Carrier",
    person="Carl Example",
    role=Role.COURIER,
    meaning=Meaning.RECEIVED,
    signed_at="2026-11-23 14:06:30 +01:00",
)


def slip(therapies: int = 1) -> HandoffSlip:
    """A slip over that many therapies, to be signed in ink."""
    return HandoffSlip(
        purpose=Purpose.DEMO,
        origin=ORIGIN,
        printed_at="2026-11-23 14:05:10 +01:00",
        giver=replace(
            SIGNED, party="North Example Hospital", person="Ada Example", meaning=Meaning.RELINQUISHED
        ),
        receiver=None,
        box_code=code("B", "456789234"),
        seal="SEAL-000123",
        shipper="Shipper 017, 9 days left",
        logger="Logger 4711",
        condition="in order",
        destination="Lakeside Cell Works, Hafenstrasse 12, 60327 Frankfurt",
        keep="vapor of liquid nitrogen, at or below -150 C; display -184 C",
        hold_until="2026-12-02 08:00:00 +01:00",
        waybill="020-12345675",
        sscc="(00)340123450000000000",
        therapies=tuple(
            SlipTherapy(
                coi_id=object_id("C", f"23456789{'23456789BC'[number]}"),
                unit_ids=tuple(object_id("U", f"23456789{letter}") for letter in "BCD"[: 1 + number % 3]),
                receipt=receipt_code(hashlib.sha256(bytes([number])).hexdigest()).text,
            )
            for number in range(therapies)
        ),
        head_code=head_code(ORIGIN, 123456, hashlib.sha256(b"root").hexdigest()).text,
        phones=("Hospital +00 0000 000001", "Carrier +00 0000 000002"),
    )


def packing_list(units: int = 3) -> PackingList:
    """A list of so many bags."""
    return PackingList(
        purpose=Purpose.DEMO,
        origin=ORIGIN,
        printed_at="2026-11-23 14:05 +01:00",
        box_code=code("B", "456789234"),
        shipment=object_id("S", "234567892"),
        facts=(("Seal", "SEAL-000123"), ("Keep it", "at or below -150 C"), ("Data logger", "Logger 3")),
        sender="North Example Hospital, Cell Lab",
        sender_address="1 Example Road, 00000 Exampletown",
        receiver="Example Cell Works, Dock 2",
        receiver_address="9 Sample Street, 11111 Sampleville",
        phones=("Hospital +00 0000 000001", "Cell Works +00 0000 000002"),
        units=tuple(
            ListedUnit(
                coi_id=object_id("C", "345678923"),
                unit_id=object_id("U", f"23456789{letter}"),
                material="CAR T cells",
                count=f"bag {number} of {units}",
                cassette=object_id("K", f"23456789{letter}"),
                volume="68 mL",
                storage="at or below -150 \u00b0C",
            )
            for number, letter in enumerate("BCDFGHJKL"[:units], start=1)
        ),
        documents=("Handoff slip, two copies", "Proforma invoice for the customs"),
        waybill="020-12345675",
        sscc="(00)340123450000000000",
    )


BADGE = LabelContent(
    design="badge",
    purpose=Purpose.DEMO,
    code=code("P", "234567892"),
    person="Ada Example",
    staff_id="AEXAMPLE",
    site="North Example Hospital",
    roles=(Role.APHERESIS_NURSE, Role.DOCK),
)

SHELF = LabelContent(
    design="location",
    purpose=Purpose.DEMO,
    code=code("L", "234567892"),
    title="Tank 2, rack C, shelf 4",
    site="Example Cell Lab",
    detail="vapor of liquid nitrogen",
)

CONTENTS: list[Content] = [
    unit_label(),
    LabelContent(
        design="cassette",
        purpose=Purpose.DEMO,
        code=code("K", "234567892"),
        unit_id=object_id("U", "234567892"),
        coi_id=object_id("C", "345678923"),
        material="CAR T cells, 68 mL",
        storage="at or below -150 °C",
        expiry="2027-11-23",
        statements=("FOR AUTOLOGOUS USE ONLY",),
    ),
    BADGE,
    LabelContent(
        design="coi-card",
        purpose=Purpose.DEMO,
        code=code("C", "345678923"),
        therapy="Autologous CAR T, example protocol 3",
        site="North Example Hospital",
    ),
    SHELF,
    LabelContent(
        design="equipment",
        purpose=Purpose.DEMO,
        code=code("B", "456789234"),
        title="Shipper 017",
        site="Example Cell Lab",
    ),
    LabelContent(design="command-card", purpose=Purpose.DEMO, site="North Example Hospital"),
    slip(2),
    packing_list(),
]
ON_LABEL_STOCK = [
    content for content in CONTENTS if content.design not in ("slip", "command-card", "packing-list")
]
by_name = pytest.mark.parametrize("content", CONTENTS, ids=lambda content: content.name)


def pictures(document: bytes) -> list[Image.Image]:
    """The pages of a PDF as a 300 dpi printer sees them."""
    return [page.render(scale=300 / 72, grayscale=True).to_pil() for page in pypdfium2.PdfDocument(document)]


def words(document: bytes) -> str:
    """All text of a PDF without its white space, which is layout."""
    pages = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(document)]
    return "".join("".join(pages).split())


def decoded(picture: Image.Image) -> list[str]:
    """The texts of all QR symbols on a picture."""
    return sorted(found.bytes.decode() for found in zxingcpp.read_barcodes(picture))


def usual_size(content: Content) -> tuple[float, float]:
    """Width and height of its usual stock in millimeters."""
    papers = {"slip": "A5", "packing-list": "A4"}
    return size_of(papers.get(content.design) or design(content.design).stocks[0])


def sizes(document: bytes) -> list[tuple[float, float]]:
    """The pages' widths and heights in millimeters."""
    found = [page.get_size() for page in pypdfium2.PdfDocument(document)]
    return [(round(width / MM, 2), round(height / MM, 2)) for width, height in found]


@by_name
def test_every_symbol_is_read_back(content: Content) -> None:
    """Each page's symbols decode to exactly the codes it was given, all of them and no other."""
    pages = pictures(render_pdf([content]))
    assert len(pages) == (len(COPIES) if isinstance(content, HandoffSlip) else 1)
    for page in pages:
        assert decoded(page) == sorted(content.symbol_texts)


@by_name
def test_papers_have_their_stock_and_say_their_purpose(content: Content) -> None:
    """A page measures what the stock measures, and carries the banner."""
    document = render_pdf([content])
    assert set(sizes(document)) == {usual_size(content)}
    assert "DEMO-NOTFORCLINICALUSE" in words(document)
    assert render_text(content).startswith("[ DEMO - NOT FOR CLINICAL USE ]\n")


@by_name
def test_every_word_is_on_the_paper(content: Content) -> None:
    """No text of the content is missing in the PDF or in the terminal's form."""
    printed, shown = words(render_pdf([content])), "".join(render_text(content).split())
    for text in (item for item in texts(sheet(content)) if not item.startswith("<svg")):
        assert "".join(text.split()) in printed
    for text in content.symbol_texts:
        # A GS1 identifier stands in parentheses where people read it, and is scanned without.
        assert all(text in words.replace("(00)", "00") for words in (printed, shown))


def texts(value: object) -> list[str]:
    """The words in a sheet that stand on the paper."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [
            text
            for key, item in value.items()
            if key not in ("kind", "purpose", "no_head", "width", "height")
            for text in texts(item)
        ]
    if isinstance(value, (list, tuple)):
        return [text for item in value for text in texts(item)]
    return []


@pytest.mark.parametrize("purpose", list(Purpose))
def test_each_purpose_is_printed(purpose: Purpose) -> None:
    """Everything but production has the bar; production has its word."""
    printed = words(render_pdf([unit_label(purpose)]))
    assert purpose.value.upper() in printed
    assert ("NOTFORCLINICALUSE" in printed) == (purpose is not Purpose.PRODUCTION)
    assert bool(banner(purpose)) == (purpose is not Purpose.PRODUCTION)


@pytest.mark.parametrize("content", ON_LABEL_STOCK, ids=lambda content: content.name)
def test_symbols_print_as_whole_dots(content: Content) -> None:
    """On a 203 dpi printer no dot of a label is half a module, and the picture has the stock's dots."""
    picture = Image.open(io.BytesIO(render_png(content, dpi=203))).convert("L")
    width, height = usual_size(content)
    assert picture.size == (int(width) * 8, int(height) * 8)
    found = zxingcpp.read_barcodes(picture)[0]
    corners = found.position
    area = picture.crop(
        (corners.top_left.x, corners.top_left.y, corners.bottom_right.x, corners.bottom_right.y)
    )
    grays = {value for _, value in area.getcolors(256) or []}
    assert grays == {0, 255}
    assert area.width >= 21 * 3


def test_a_printed_code_is_the_smallest_symbol() -> None:
    """A printed code is version 1 with its 16 characters as they are; a receipt and a head stay small."""
    printed = symbol("CTUD23456789226V")
    assert (printed.version, printed.size) == (1, 21 + 2 * QUIET)
    assert symbol(slip().therapies[0].receipt).version == 3
    assert symbol(slip().head_code or "").version == 4


def test_version_two_is_refused_for_a_printed_code() -> None:
    """A text of 16 characters that needs a larger symbol is no printed code and is not drawn."""
    with pytest.raises((RendererFault, ValueError)):
        symbol("ctud23456789226v")


@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_pictures_decode_at_every_resolution(dpi: int) -> None:
    """A unit label decodes at each printer's resolution."""
    picture = Image.open(io.BytesIO(render_png(unit_label(), dpi=dpi)))
    assert decoded(picture) == [unit_label().code]


def test_the_same_contents_give_the_same_bytes() -> None:
    """A label printed again is the same file, so that a copy can be compared."""
    assert render_pdf(CONTENTS) == render_pdf(CONTENTS)
    assert render_png(unit_label()) == render_png(unit_label())


def test_a_job_has_a_page_for_each_label() -> None:
    """Labels of different stock stand in one file in the order given, a slip twice."""
    expected = [usual_size(content) for content in CONTENTS]
    (at,) = (place for place, content in enumerate(CONTENTS) if isinstance(content, HandoffSlip))
    assert sizes(render_pdf(CONTENTS)) == [*expected[:at], expected[at], *expected[at:]]


def test_slip_copies_differ_in_their_name_only() -> None:
    """Giver and receiver hold the same words."""
    document = pypdfium2.PdfDocument(render_pdf([slip(2)]))
    first, second = ("".join(page.get_textpage().get_text_bounded().split()) for page in document)
    assert first.replace("Copy1:GIVER", "Copy2:RECEIVER") == second
    assert "".join(LEFT_WITH_SOMEBODY.split()) in first
    assert "RECEIVER-WRITEININK" in first and "Waybill" in first


def test_a_signed_receiver_takes_the_place_of_ink() -> None:
    """Name, role, time and meaning of both sides are on the slip (21 CFR 11.50)."""
    printed = words(render_pdf([replace(slip(), receiver=SIGNED)]))
    assert "CarlExample" in printed and "received" in printed and "relinquished" in printed
    assert "WRITEININK" not in printed


def test_a_slip_without_head_says_so() -> None:
    """Before the first checkpoint the slip names the lack."""
    bare = replace(slip(), head_code=None)
    assert "".join(NO_HEAD.split()) in words(render_pdf([bare]))
    assert NO_HEAD in render_text(bare)


def test_many_therapies_go_on_over_pages() -> None:
    """Nine therapies take two pages a copy with every receipt; each page names purpose and box."""
    full = slip(9)
    pages = pictures(render_pdf([full]))
    assert len(pages) == 4
    for copy in (pages[:2], pages[2:]):
        assert sorted(decoded(copy[0]) + decoded(copy[1])) == sorted(full.symbol_texts)
    document = pypdfium2.PdfDocument(render_pdf([full]))
    for page in document:
        printed = "".join(page.get_textpage().get_text_bounded().split())
        assert "DEMO-NOTFORCLINICALUSE" in printed and full.box_code in printed


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_are_printed_as_they_are(text: str) -> None:
    """Typst source, markup, printer language and right-to-left text are words like others."""
    label = replace(unit_label(), material=text, statements=(), patient_lines=(text,))
    document = render_pdf([label, replace(slip(), seal=text)])
    printed = words(document)
    if text.isascii():
        assert printed.count("".join(text.split())) == 4
    assert decoded(pictures(document)[0]) == [label.code]
    assert text in render_text(label)


@settings(max_examples=30)
@given(st.text(max_size=40))
def test_any_words_are_printed_or_refused(text: str) -> None:
    """Whatever the words, the answer is a label with its code or an error that is ours."""
    try:
        picture = render_png(replace(unit_label(), storage=text))
    except (LabelOverflow, UnprintableText):
        return
    assert decoded(Image.open(io.BytesIO(picture))) == [unit_label().code]


@pytest.mark.parametrize(
    "text", ["\x1b[31m", "line\nbreak", "\u202eevil", "\u2066x", "\ud800", "\ue000", "tab\t"]
)
def test_hidden_characters_are_refused(text: str) -> None:
    """A character that cannot be seen, or that turns a line around, has no place on a label."""
    with pytest.raises(UnprintableText, match="U\\+"):
        replace(unit_label(), material=text)


def test_a_letter_without_glyph_is_refused() -> None:
    """A box in place of a name is not a name."""
    with pytest.raises(UnprintableText, match="cannot draw"):
        render_pdf([replace(unit_label(), site="病院")])


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (replace(unit_label(), material="W" * 60), "material"),
        (replace(unit_label(), material="word " * 50), "text column"),
        (replace(unit_label(), statements=("FOR AUTOLOGOUS USE ONLY",) * 9), "text column"),
        (replace(BADGE, person="Anna " * 40), "text column"),
        (replace(SHELF, title="X" * 40), "title"),
        (replace(slip(), phones=("Hospital +00 0000 000001",) * 9), "phones"),
        (replace(slip(), seal="S" * 120), "seal"),
        (
            replace(slip(), therapies=(replace(slip().therapies[0], unit_ids=("UD234567892",) * 200),)),
            "units",
        ),
    ],
)
def test_what_does_not_fit_is_refused(content: Content, where: str) -> None:
    """Nothing is cut: the error names the paper and the place."""
    with pytest.raises(LabelOverflow, match=where) as caught:
        render_pdf([unit_label(), content])
    assert content.name in caught.value.message


def test_lengths_have_limits_before_layout() -> None:
    """A megabyte of words is refused when the content is made."""
    with pytest.raises(LabelOverflow, match="1000000 characters"):
        replace(unit_label(), material="x" * 1_000_000)
    with pytest.raises(LabelOverflow, match="300 lines"):
        replace(unit_label(), statements=("x",) * 300)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code": "CTUD23456789236V"}, BadCode),
        ({"code": code("K", "234567892")}, InputError),
        ({"code": "CTX222222222246L"}, BadCode),
        ({"code": code("U", "234567892", Purpose.PRODUCTION)}, OtherLog),
        ({"coi_id": "CD123"}, InputError),
        ({"coi_id": object_id("C", "345678923", Purpose.TRAINING)}, OtherLog),
        ({"din": "A99992600000100"}, InputError),
    ],
)
def test_a_label_carries_codes_of_its_kind_and_store(
    changes: dict[str, Any], error: type[CartrailError]
) -> None:
    """A wrong or foreign code is refused before it is ink."""
    with pytest.raises(error):
        replace(unit_label(), **changes)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"therapies": ()}, InputError),
        ({"origin": "cartrail/production/0123456789abcdef"}, OtherLog),
        ({"head_code": head_code("cartrail/demo/ffffffffffffffff", 1, "00" * 32).text}, OtherLog),
        ({"head_code": "CTH"}, BadCode),
        ({"box_code": code("U", "234567892")}, InputError),
    ],
)
def test_a_slip_is_of_one_log(changes: dict[str, Any], error: type[CartrailError]) -> None:
    """Head, box, therapies and origin belong together."""
    with pytest.raises(error):
        replace(slip(), **changes)


def test_an_unknown_font_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without its wording nothing is printed in another."""
    monkeypatch.setattr(pdf, "FONTS", tmp_path)
    with pytest.raises(RendererFault, match="font"):
        render_pdf([unit_label()])


def test_a_missing_font_file_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The character map is read from the font that prints."""
    monkeypatch.setattr(wording, "FONTS", tmp_path)
    wording._ranges.cache_clear()
    with pytest.raises(RendererFault, match="cannot be read"):
        render_pdf([unit_label()])


def test_half_blocks_are_read_off_a_screen() -> None:
    """The terminal's symbol, drawn as light blocks on a dark screen, decodes."""
    for text in slip().symbol_texts:
        lines = half_blocks(text).split("\n")
        size = len(lines[0])
        screen = Image.new("L", (size, 2 * len(lines)), 0)
        for row, line in enumerate(lines):
            for column, char in enumerate(line):
                if char in "\u2588\u2580":
                    screen.putpixel((column, 2 * row), 255)
                if char in "\u2588\u2584":
                    screen.putpixel((column, 2 * row + 1), 255)
        assert decoded(screen.resize((size * 6, 2 * len(lines) * 6), Image.Resampling.NEAREST)) == [text]


@pytest.mark.parametrize(
    ("text", "kind"),
    [("pdf:a.pdf", TargetKind.PDF), ("png:/x/b.png", TargetKind.PNG), ("text:", TargetKind.TEXT)],
)
def test_targets_are_understood(text: str, kind: TargetKind) -> None:
    """A target is a form and, but for text, a path."""
    target = parse_target(text)
    assert target.kind is kind
    assert (target.path is None) == (kind is TargetKind.TEXT)


@pytest.mark.parametrize("text", ["", "a.pdf", "pdf:", "svg:x", "text:x", "pdf:\0"])
def test_other_targets_are_refused(text: str) -> None:
    """Nonsense is refused, with what to give instead."""
    with pytest.raises(InputError) as caught:
        parse_target(text)
    assert caught.value.code == "bad_target"
    assert "pdf:PATH" in caught.value.remedy


def written(contents: Sequence[Content], target: PrintTarget) -> tuple[tuple[Path, ...], str]:
    """The files and the text that a delivery gives."""
    out = io.StringIO()
    return deliver(contents, target, out=out), out.getvalue()


def test_files_are_written_whole(tmp_path: Path) -> None:
    """A PDF replaces an older one, several pictures are numbered, and nothing else is left behind."""
    asked = tmp_path / "labels.pdf"
    asked.write_text("old")
    assert written(CONTENTS[:2], PrintTarget(TargetKind.PDF, asked)) == ((asked,), "")
    assert asked.read_bytes().startswith(b"%PDF")
    files, _ = written([slip()], PrintTarget(TargetKind.PNG, tmp_path / "slip.png"))
    assert [path.name for path in files] == ["slip-1.png", "slip-2.png"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["labels.pdf", "slip-1.png", "slip-2.png"]
    assert written(CONTENTS[:1], PrintTarget(TargetKind.TEXT)) == ((), render_text(CONTENTS[0]))


def test_nothing_is_written_when_printing_fails(tmp_path: Path) -> None:
    """An overflow, a missing folder and a folder in place of a file leave everything as it was."""
    old = tmp_path / "labels.pdf"
    old.write_text("old")
    with pytest.raises(LabelOverflow):
        written([replace(unit_label(), material="W" * 60)], PrintTarget(TargetKind.PDF, old))
    assert old.read_text() == "old"
    for path in (tmp_path / "no" / "labels.pdf", tmp_path):
        with pytest.raises(InputError):
            written([unit_label()], PrintTarget(TargetKind.PDF, path))
    assert list(tmp_path.iterdir()) == [old]


def test_a_slip_is_no_single_picture() -> None:
    """Two copies do not fit in one picture, and no labels are no job."""
    assert len(render_pages([slip()])) == 2
    with pytest.raises(InputError, match="2 pages"):
        render_png(slip())
    for wrong in ([], [unit_label()] * 501):
        with pytest.raises(InputError, match="one job"):
            render_pdf(wrong)
    with pytest.raises(InputError, match="dpi"):
        render_png(unit_label(), dpi=72)


def test_words_reach_the_typesetter_as_data_only() -> None:
    """The sheet of a hostile label is JSON with the words in it, and the templates know no words of it."""
    label = replace(unit_label(), material="#panic()")
    assert json.loads(json.dumps(sheet(label)))["material"] == "#panic()"
    sources = "".join(path.read_text() for path in (Path(pdf.__file__).parent / "templates").glob("*.typ"))
    assert "eval(" not in sources and "@preview" not in sources


def test_findings_d7_every_paper_says_whose_it_is() -> None:
    """Given each sort of paper, then the therapies are named whose bundles carry the head printed on it."""
    assert therapies_on(sample("product-bag")) == {COI}
    assert therapies_on(sample("coi-card")) == {COI}
    assert therapies_on(sample("badge")) == frozenset()
    assert therapies_on(form()) == {COI}
    assert therapies_on(slip(2)) == {"CD234567892", "CD234567893"}
