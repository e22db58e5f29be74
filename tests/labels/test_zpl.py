"""ZPL: what an independent renderer makes of our formats is the label, and no text becomes a command."""

import io
from dataclasses import replace
from typing import Literal

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageFilter
from zplkit import Options, render
from zplkit.parse import parse
from zplkit.rendering import Limits

from labels.content import LabelContent
from labels.design import size_of
from labels.errors import LabelOverflow, UnprintableText
from labels.pdf import PrintSetting, render_png
from labels.zpl import DOTS_PER_MM, WIDTH_MAX, ZplMode, escaped, render_zpl
from schema.errors import CartrailError, InputError
from tests.support.label_samples import COMPOUND, sample, unit, variants

NARROW = [(name, label, stock) for name, label, stock in variants() if size_of(stock)[0] <= WIDTH_MAX]
every_narrow = pytest.mark.parametrize(
    ("label", "stock"), [(label, stock) for _, label, stock in NARROW], ids=[name for name, *_ in NARROW]
)
every_mode = pytest.mark.parametrize("mode", list(ZplMode))
COMMANDS = {b"XA", b"PW", b"LL", b"LH", b"LS", b"FO", b"GF", b"FS", b"BQ", b"BX", b"FH", b"FD", b"XZ"}
PRINTER: Literal["zd621"] = "zd621"


def printed(zpl: bytes, stock: str, dpi: Literal[203, 300] = 203, *, exact: bool = True) -> Image.Image:
    """What a printer makes of a format, each dot black or white; `exact` follows the manual to the dot."""
    width, height = (int(side * DOTS_PER_MM[dpi]) for side in size_of(stock))
    profile = "specification" if exact else PRINTER
    document = render(
        zpl,
        Options(profile=profile, width=width, height=height, dpi=dpi),
        limits=Limits(graphic_bytes=10**6),
    )
    assert not document.warnings and len(document.labels) == 1
    raster = document.labels[0].rasterize()
    return Image.frombytes("L", (raster.width, raster.height), raster.pixels)


def decoded(picture: Image.Image) -> list[str]:
    """The texts of all symbols on a picture."""
    found = zxingcpp.read_barcodes(picture, text_mode=zxingcpp.TextMode.Plain)
    return sorted(each.text for each in found)


@every_mode
@every_narrow
def test_every_label_prints_and_reads_back(label: LabelContent, stock: str, mode: ZplMode) -> None:
    """On a printer by the manual, and on one that shifts its symbols, the codes are exactly the label's."""
    (zpl,) = render_zpl([label], setting=PrintSetting(stock=stock), mode=mode)
    assert zpl.startswith(b"^XA") and zpl.endswith(b"^XZ") and zpl.count(b"^XA") == 1
    wanted = sorted(label.symbol_texts)
    picture = printed(zpl, stock)
    assert picture.size == tuple(side * 8 for side in size_of(stock))
    assert decoded(picture) == wanted
    assert decoded(printed(zpl, stock, exact=False)) == wanted
    closer = picture.resize((3 * picture.width, 3 * picture.height), Image.Resampling.NEAREST)
    askew = closer.rotate(2, expand=True, fillcolor=255).filter(ImageFilter.GaussianBlur(1.5))
    assert decoded(askew) == wanted


@every_narrow
def test_graphics_are_the_label_dot_by_dot(label: LabelContent, stock: str) -> None:
    """All in dots, a label printed over ZPL is the picture that was previewed."""
    (zpl,) = render_zpl([label], setting=PrintSetting(stock=stock), mode=ZplMode.GRAPHICS)
    picture = Image.open(io.BytesIO(render_png(label, setting=PrintSetting(stock=stock)))).convert("L")
    wanted = picture.point(lambda value: 255 if value > 127 else 0)
    assert ImageChops.difference(printed(zpl, stock), wanted).getbbox() is None


def test_symbols_are_the_printers_own() -> None:
    """Natively a code is a ^BQ field with its error correction, ISBT 128 content a ^BX field of ECC 200."""
    label = unit("unit", "Cells", isbt=COMPOUND)
    (native,) = render_zpl([label])
    assert f"^FDQA,{label.code}^FS".encode() in native
    assert b"^BQN,2,7,Q" in native and b"^BXN,3,200" in native
    (graphics,) = render_zpl([label], mode=ZplMode.GRAPHICS)
    assert b"^BQ" not in graphics and b"^BX" not in graphics


def test_printers_of_300_dpi_have_their_own_dots() -> None:
    """The same label has half as many dots again and reads back."""
    label = unit("unit", "Cells", isbt=COMPOUND)
    (zpl,) = render_zpl([label], setting=PrintSetting(dpi=300))
    assert decoded(printed(zpl, "100x75", 300)) == sorted(label.symbol_texts)


HOSTILE = [
    "^XA^FO0,0^FDno^FS^XZ",
    "~JR ~HS ^JUS",
    "_5EXZ \\5E",
    "^FS^FDCTUD23456789226V",
    "#panic()",
    '#read("/etc/passwd")',
    "שלום עולם",
    "مرحبا",
    "Größe Ωμέγα Жизнь",
    "",
]


@every_mode
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_are_dots(text: str, mode: ZplMode) -> None:
    """Whatever a name says, the format holds the same commands, and the label its one code."""
    label = replace(unit("unit", "Cells"), storage=text, site=text, patient_lines=(text,))
    (zpl,) = render_zpl([label], mode=mode)
    names = {bytes(element)[1:3] for element in parse(zpl).elements}
    assert names <= COMMANDS
    assert zpl.count(b"^") == (14 if mode is ZplMode.NATIVE else 9)
    assert zpl.count(b"~") == 0
    assert decoded(printed(zpl, "100x75")) == [label.code]


@settings(max_examples=25)
@given(st.text(max_size=40))
def test_any_words_are_dots_or_refused(text: str) -> None:
    """No text at all adds a command."""
    try:
        (zpl,) = render_zpl([replace(unit("unit", "Cells"), storage=text)])
    except (LabelOverflow, UnprintableText):
        return
    assert zpl.count(b"^") == 14 and zpl.count(b"~") == 0


@given(st.text(max_size=60))
def test_escaped_data_holds_no_control(text: str) -> None:
    """After ^FH_ every character comes back, and none of them is a command before that."""
    plain = escaped(text) if not any("\ud800" <= char <= "\udfff" for char in text) else ""
    assert not set(plain) & set("^~\\,\r\n")
    back = b"".join(
        bytes([int(part[:2], 16)]) + part[2:].encode() if index else part.encode()
        for index, part in enumerate(plain.split("_"))
    )
    assert back.decode() == (text if plain or not text else "")


@pytest.mark.parametrize(
    ("label", "setting", "words"),
    [
        (sample("command-card"), PrintSetting(), "104 mm"),
        (unit("unit", "Cells"), PrintSetting(dpi=600), "203 and 300"),
        (unit("unit", "Cells"), PrintSetting(paper="A4"), "no sheets"),
        (unit("unit", "Cells"), PrintSetting(stock="25x13"), "no layout"),
    ],
)
def test_what_a_label_printer_cannot_do_is_refused(
    label: LabelContent, setting: PrintSetting, words: str
) -> None:
    """Wide cards, other resolutions and sheets of paper are named, with where to print them."""
    with pytest.raises(InputError, match=words) as caught:
        render_zpl([label], setting=setting)
    assert caught.value.remedy


def test_overflow_is_found_before_anything_is_made() -> None:
    """One label of a job that does not fit stops all of them."""
    with pytest.raises(LabelOverflow):
        render_zpl([unit("unit", "Cells"), unit("unit", "W" * 80)])
    with pytest.raises(CartrailError):
        render_zpl([])
