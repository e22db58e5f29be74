"""One code has one form, however it comes: scanned, typed, as printed, in a link, in a document."""

from __future__ import annotations

from itertools import permutations

import pytest

from labels.identities import identities, stated_value
from labels.keyed import donation_text, keyed, seal_text
from labels.reader import ReadingKind, read
from schema.errors import BadCode
from schema.vocabulary import CodeType

GS = "\x1d"
GTIN = "09506000134352"
ONE = f"(01){GTIN}(10)LOT77(21)0001"


def named(raw: str) -> str:
    """The value by which the thing is known that a code names."""
    return identities(read(raw))[0].value


@pytest.mark.parametrize(
    "raw",
    [
        f"(01){GTIN}(21)0001(10)LOT77",
        f"(01){GTIN}(10)LOT77(21)0001",
        f"(01) {GTIN} (10) LOT77 (21) 0001",
        f"]d201{GTIN}210001{GS}10LOT77",
        f"]d201{GTIN}10LOT77{GS}210001\r",
        f"01{GTIN}10LOT77{GS}210001",
        f"01{GTIN}210001{GS}10LOT77",
        f"https://id.gs1.org/01/{GTIN}/10/LOT77/21/0001",
        f"https://maker.example/01/{GTIN}/10/LOT77/21/0001",
    ],
)
def test_findings_c3_one_value_however_it_comes(raw: str) -> None:
    """The order of the elements, parentheses and links are ways of sending it."""
    assert named(raw) == ONE


def test_findings_c3_every_order_of_the_elements() -> None:
    """Four elements printed in twenty-four orders, sent in as many."""
    elements = {"01": GTIN, "10": "LOT77", "21": "0001", "17": "261231"}
    for order in permutations(elements):
        printed = "".join(f"({name}){elements[name]}" for name in order)
        sent = "]d2" + "".join(
            f"{name}{elements[name]}{GS if name in ('10', '21') else ''}" for name in order
        )
        assert named(printed) == named(sent) == ONE, printed


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("(01)09506000134353(10)LOT77(21)0001", "bad_check"),
        ("(01)9506000134352(21)0001", "bad_structure"),
        ("(00)123", "bad_structure"),
        (f"(01){GTIN}(01)09501101530003", "run_together"),
    ],
)
def test_findings_c4_a_damaged_number_in_parentheses(raw: str, code: str) -> None:
    """What begins with a key of GS1 in parentheses is nothing else."""
    with pytest.raises(BadCode) as caught:
        read(raw)
    assert caught.value.code == code


def test_other_text_in_parentheses_is_somebody_elses() -> None:
    """A number in parentheses that is no key of GS1 keeps its text."""
    assert read("(12) north").kind is ReadingKind.FOREIGN
    assert read("(A)123").kind is ReadingKind.FOREIGN


@pytest.mark.parametrize("raw", ["A9999 26 000777 N", "a9999 26 000777 n", "A9999 26 000777"])
def test_findings_c5_a_donation_number_as_it_is_printed(raw: str) -> None:
    """In its groups, with or without the character in the box, it is that number."""
    assert named(raw) == named("=A99992600077700") == "A999926000777"


@pytest.mark.parametrize("raw", ["A9999 26 000777 X", "a9999 26 000777 0"])
def test_findings_c5_the_wrong_character_in_the_box(raw: str) -> None:
    """A slip of the finger is named."""
    for reader in (read, keyed, donation_text):
        with pytest.raises(BadCode, match="its own is") as caught:
            reader(raw)
        assert caught.value.code == "bad_check"


@pytest.mark.parametrize(
    "mark", ["<GS>", "<gs>", "{GS}", "[GS]", "<FNC1>", "\\x1d", "\\u001D", "^]", "<0x1D>", "\u241d"]
)
@pytest.mark.parametrize("prefix", ["", "]d2", "]C1", "\x1d"])
def test_findings_c6_a_separator_written_out(mark: str, prefix: str) -> None:
    """The lot would be the lot and all that follows it; the scanner is to blame and is named."""
    with pytest.raises(BadCode, match="the scanner replaced it") as caught:
        read(f"{prefix}01{GTIN}10LOT77{mark}210001")
    assert caught.value.code == "replaced_separator"


def test_findings_c6_a_lot_with_brackets_stays_a_lot() -> None:
    """Brackets alone are letters of GS1."""
    assert read(f"01{GTIN}10LOT<77>").kind is ReadingKind.GS1


@pytest.mark.parametrize("raw", ["SEAL 94500", "SEAL94500", " SEAL 94500\r", "]C1SEAL94500"])
def test_findings_g6_a_seal_in_its_groups(raw: str) -> None:
    """Blanks are of the print, prefix and Enter of the scanner."""
    assert seal_text(raw) == "SEAL94500"


@pytest.mark.parametrize("raw", ["   ", "SI\u00c8GEL 1", "S" * 41, "SEAL\x1d1", "SEAL\t1"])
def test_findings_g6_what_is_no_seal(raw: str) -> None:
    """What the payload could not hold is refused where it is entered."""
    with pytest.raises(BadCode):
        seal_text(raw)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("=A99992600077700", "=A99992600077700"),
        ("A9999 26 000777", "=A99992600077700"),
        ("A9999 26 000777 N", "=A99992600077783"),
        ("A999926000777N", "=A99992600077783"),
        ("G098 516 245", "G098516245"),
    ],
)
def test_findings_g6_a_donation_number_in_its_one_form(raw: str, text: str) -> None:
    """With the box it carries its proof as the flag of the symbol would: N is 23, and 60 more."""
    assert donation_text(raw) == text
    assert keyed(text).is_checked is (raw[-1] == "N")


@pytest.mark.parametrize("raw", ["\u00c4-1", "9" * 41])
def test_findings_g6_what_is_no_donation_number(raw: str) -> None:
    """Letters with accents and endless texts."""
    with pytest.raises(BadCode):
        donation_text(raw)


@pytest.mark.parametrize("raw", ["LOT7", " LOT7", "LOT7 ", "  LOT7  ", " LOT7 \r"])
def test_findings_c3_blanks_around_a_code_are_none_of_it(raw: str) -> None:
    """A symbol padded with them names the same thing as the file that has none; inside they count."""
    assert named(raw) == "LOT7"
    assert stated_value(raw.rstrip("\r"), CodeType.LOT) == "LOT7"
    assert named("LOT 7") == "LOT 7"
