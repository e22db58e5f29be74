"""The reader: what it understands, what it refuses and with which words, and that it starts fast."""

import hashlib
import json
import subprocess
import sys
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.description import describe
from labels.frames import LENGTH_MAX
from labels.isbt.message import IsbtForm, IsbtMessage
from labels.isbt.values import BloodGroup, check_character
from labels.misreads import _ROWS, layout_pairs, typed, untyped
from labels.reader import ForeignCode, Reading, ReadingKind, read
from schema.errors import BadCode
from schema.identifiers import ALPHABET, COMMANDS, command_code, first_copy, is_object_id
from schema.papercodes import head_code, receipt_code
from tests.support.places import ROOT

VECTORS: dict[str, Any] = json.loads((ROOT / "tests" / "vectors" / "codes.json").read_text())
ISBT_FILE = ROOT.parent / "shared" / "reference" / "isbt_vectors.json"
UNIT = "CTUD23456789226V"

needs_isbt_file = pytest.mark.skipif(not ISBT_FILE.exists(), reason="no published ISBT 128 vectors here")


CAPITALS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def isbt_vectors(key: str) -> list[dict[str, Any]]:
    """The published vectors of one kind; none where the file is absent."""
    if not ISBT_FILE.exists():
        return []
    vectors: list[dict[str, Any]] = json.loads(ISBT_FILE.read_text())[key]
    return vectors


def refusal(raw: str) -> BadCode:
    """The error that a raw scan ends in."""
    with pytest.raises(BadCode) as caught:
        read(raw)
    return caught.value


@pytest.mark.parametrize("vector", VECTORS["readings"], ids=lambda vector: repr(vector["raw"]))
def test_golden_readings(vector: dict[str, Any]) -> None:
    """Each code is read as its kind and described in the same rows as ever."""
    reading = read(vector["raw"])
    assert reading.kind == vector["kind"]
    assert [list(row) for row in describe(reading)] == vector["rows"]
    assert reading.raw == vector["raw"]


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: repr(vector["raw"])[:40])
def test_golden_refusals(vector: dict[str, Any]) -> None:
    """Each fault keeps its code, says what is wrong and what to do, and repeats little of what was read."""
    error = refusal(vector["raw"])
    assert error.code == vector["code"]
    assert error.message.isprintable() and error.remedy
    assert len(error.message) < 250


@pytest.mark.parametrize("suffix", ["", "\r", "\n", "\r\n", "\t"])
@pytest.mark.parametrize("prefix", ["", "]Q1", "]C0", "]d2", "]Qa"])
def test_prefix_and_terminator_come_off(prefix: str, suffix: str) -> None:
    """One AIM prefix and one terminator are the scanner's, not the code's."""
    reading = read(prefix + UNIT + suffix)
    assert reading.text == UNIT
    assert reading.aim == (prefix or None)
    assert reading.printed is not None and reading.printed.object_id == "UD234567892"


def test_separators_inside_stay() -> None:
    """GS, RS and EOT are data of other people's codes."""
    text = "[)>\x1e06\x1dLOT\x1e\x04"
    assert read(f"]d1{text}\r").content == ForeignCode(text)


@pytest.mark.parametrize("length", [LENGTH_MAX + 1, 10_000_000])
def test_a_flood_is_not_repeated(length: int) -> None:
    """A scan of ten megabytes is answered in one line."""
    error = refusal("\x1b" * length)
    assert error.code == "too_long"
    assert len(error.message) < 300 and "\x1b" not in error.message


def test_the_longest_scan_is_read() -> None:
    """A scan of exactly the limit is still somebody's code."""
    assert read("9" * LENGTH_MAX).kind is ReadingKind.FOREIGN


def test_control_characters_are_shown_as_numbers() -> None:
    """A terminal cannot be steered by what is scanned."""
    assert "\\x1b[2J" in refusal("CTUD\x1b[2J34567892").message
    rows = describe(read("\x1b[2JX\u202e"))
    assert all(value.isprintable() for _, value in rows)


def test_caps_lock_is_named() -> None:
    """The case-swapped code says what to turn off, for every kind of code that has letters."""
    for text in (UNIT, receipt_code("ab" * 32).text, "=A99992112345663"):
        error = refusal(text.lower())
        assert error.code == "caps_lock"
        assert "the scanner or keyboard has caps lock on" in error.message


@given(
    st.text(ALPHABET, min_size=9, max_size=9),
    st.integers(0, 15),
    st.sampled_from(CAPITALS),
)
def test_a_misread_is_never_a_code_of_ours(rest: str, place: int, char: str) -> None:
    """A single wrong character is refused by the reader whatever stands there."""
    text = first_copy("UD" + rest).text
    misread = text[:place] + char + text[place + 1 :]
    if misread != text:
        with pytest.raises(BadCode):
            read(misread)


@given(st.text(ALPHABET, min_size=9, max_size=9), st.integers(0, 14))
def test_swapped_neighbors_are_never_a_code_of_ours(rest: str, place: int) -> None:
    """Two characters that changed places never read as a code of ours."""
    text = first_copy("UD" + rest).text
    misread = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    if misread != text:
        try:
            assert not read(misread).is_ours
        except BadCode:
            return


@given(st.text(ALPHABET, min_size=9, max_size=9), st.integers(0, 13))
def test_a_jump_transposition_is_never_a_code_of_ours(rest: str, place: int) -> None:
    """Two characters that changed places across a third never read as a code of ours."""
    text = first_copy("UD" + rest).text
    misread = text[:place] + text[place : place + 3][::-1] + text[place + 3 :]
    if misread != text:
        assert not is_ours(misread)


def is_ours(text: str) -> bool:
    """Whether the reader takes a text for a code of ours."""
    try:
        return read(text).is_ours
    except BadCode:
        return False


def paper_codes(seed: str) -> tuple[str, str]:
    """A receipt and a head over a digest."""
    digest = hashlib.sha256(seed.encode()).hexdigest()
    return receipt_code(digest).text, head_code(f"cartrail/demo/{digest[:16]}", len(seed), digest).text


@given(st.text(max_size=8), st.integers(3, 72), st.sampled_from(CAPITALS))
def test_misread_papers_are_never_codes_of_ours(seed: str, place: int, char: str) -> None:
    """One wrong character, a swap of neighbors or a jump in a receipt or head is always caught."""
    for text in paper_codes(seed):
        at = min(place, len(text) - 3)
        for misread in (
            text[:at] + char + text[at + 1 :],
            text[:at] + text[at + 1] + text[at] + text[at + 2 :],
            text[:at] + text[at : at + 3][::-1] + text[at + 3 :],
        ):
            assert misread == text or not is_ours(misread)


def remapped(text: str) -> set[str]:
    """What a computer may see of a text when layout or caps lock are wrong, the text itself left out."""
    seen = {typed(text, *pair) for pair in layout_pairs()}
    return {variant for each in (text, *seen) for variant in (each, each.swapcase())} - {text}


@given(st.sampled_from("UCKPLSBDEGF"), st.sampled_from("DTVP"), st.text(ALPHABET, min_size=9, max_size=9))
def test_no_keyboard_fault_makes_another_code_of_ours(kind: str, purpose: str, rest: str) -> None:
    """AZERTY, QWERTZ and caps lock leave a code of an object or command as it is, or make it none of ours."""
    commands = [command_code(character).text for character in COMMANDS]
    for text in (first_copy(kind + purpose + rest).text, *commands):
        for seen in remapped(text):
            assert not is_ours(seen), seen


@given(st.text(max_size=8))
def test_no_azerty_or_caps_lock_makes_another_paper_code(seed: str) -> None:
    """A receipt or head typed through AZERTY or caps lock is none of ours.

    QWERTZ only swaps Y and Z there; the check characters miss that about once in 1,271 papers, and what is
    read then names no statement and no root.
    """
    for text in paper_codes(seed):
        for scanner, computer in layout_pairs():
            seen = typed(text, scanner, computer)
            if seen != text and "AZERTY" in scanner + computer:
                assert not is_ours(seen) and not is_ours(seen.swapcase())
        assert refusal(text.swapcase()).code == "caps_lock"


@pytest.mark.parametrize("pair", list(layout_pairs()), ids="-".join)
@pytest.mark.parametrize(
    "text", [UNIT, "=A99992112345600", "&>0183652359", "=<S1384100", "&/CHA999926A1B2C3"]
)
def test_keyboard_faults_are_named(pair: tuple[str, str], text: str) -> None:
    """Where the layout shows, the error names both settings; where it does not, the code is right."""
    if not set(text) <= set("".join(_ROWS[pair[0]])):
        return  # a scanner cannot type what its layout has no key for
    seen = typed(text, *pair)
    if seen == text:
        assert read(seen).text == text
        return
    error = refusal(seen)
    assert error.code == "keyboard_layout"
    assert text in untyped(seen, *pair)
    assert "keyboard layout" in error.remedy


@pytest.mark.parametrize("text", ["737485", "736368", "1234", "000000"])
def test_digits_alone_are_no_fault_of_a_layout(text: str) -> None:
    """On a French keyboard they are the keys of signs alone, and no code is: a number, or a PIN."""
    assert read(text).text == text


def test_a_dead_key_takes_the_next_letter_with_it() -> None:
    """On a German computer `=A` of a US scanner is one accented capital."""
    assert typed("=A9", "US", "German (QWERTZ)") == "\u00b4A9"
    error = refusal("\u00c199992112345600")
    assert error.code == "keyboard_layout" and "German" in error.message


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (UNIT + "\r\r", "doubled_suffix"),
        (UNIT + "\r\n\r\n", "doubled_suffix"),
        (UNIT + "\r\t", "doubled_suffix"),
        ("0007-TEST\n\n", "doubled_suffix"),
        ("\r\r", "empty"),
        (UNIT + "\x04", "odd_suffix"),
        ("\x02" + UNIT + "\x03\r", "odd_suffix"),
        ("\r" + UNIT, "odd_suffix"),
        ("=A99992112345600\x1d", "odd_suffix"),
        ("".join(char * 2 for char in UNIT), "doubled_characters"),
        (UNIT[1:], "bad_length"),
        (UNIT[2:], "bad_length"),
        (UNIT[3:], "bad_length"),
        (UNIT[:7] + UNIT[8:], "bad_length"),
        (UNIT * 3, "run_together"),
        (f"]Q1{UNIT}]Q1{UNIT}", "run_together"),
        ("]C0ORDER-1]C0ORDER-2", "run_together"),
        (f"=A99992112345600&aLOCAL{UNIT}", "run_together"),
    ],
)
def test_scanner_faults_are_named(raw: str, code: str) -> None:
    """A missing or doubled suffix, lost or doubled characters and joined scans each have their name."""
    error = refusal(raw)
    assert error.code == code
    assert error.message.isprintable() and error.remedy


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(raw: str) -> None:
    """The reader ends in a reading or a BadCode, and a foreign code is kept to the character."""
    try:
        reading = read(raw)
    except BadCode:
        return
    assert reading.text in raw
    assert all(value.isprintable() for _, value in describe(reading))


@given(st.text("=&<>+,/A9#$%0126:;()", min_size=1, max_size=60))
def test_any_isbt_like_text_is_read_or_refused(raw: str) -> None:
    """Fragments of ISBT 128 never end in an exception of another kind, and what is read adds up."""
    try:
        content = read(raw).content
    except BadCode:
        return
    if isinstance(content, IsbtMessage):
        assert "".join(item.identifier + item.content for item in content.structures) == raw


@needs_isbt_file
def test_published_din_vectors() -> None:
    """Every published DIN gives its check character, and its type 3 flag is verified."""
    for vector in isbt_vectors("din"):
        assert check_character(vector["din"]) == vector["check"]
        for scan in (vector["scan"], vector["scan_no_flag"]):
            content = read(scan).content
            assert isinstance(content, IsbtMessage) and content.din is not None
            assert (content.din.number, content.din.check) == (vector["din"], vector["check"])
        wrong = vector["scan"][:-2] + str(60 + (int(vector["type3_flag"]) - 59) % 37)
        assert refusal(wrong).code == "bad_check"
    for vector in isbt_vectors("constructed"):
        assert check_character(vector["content"]) == vector["check"]


@needs_isbt_file
def test_published_compound_vectors() -> None:
    """Every published compound message has its structures, and a wrong count is refused."""
    for vector in isbt_vectors("compound"):
        if "error" in vector:
            assert refusal(vector["raw"]).code == "bad_count"
            continue
        content = read(vector["raw"]).content
        assert isinstance(content, IsbtMessage) and content.form is IsbtForm.COMPOUND
        assert [item.number for item in content.structures] == vector["structures"]


@needs_isbt_file
def test_published_dates() -> None:
    """Every published date is that day and minute."""
    for vector in isbt_vectors("dates"):
        content = read(vector["raw"]).content
        assert isinstance(content, IsbtMessage)
        value = content.structures[0].value
        assert str(value).replace(" ", "T").startswith(vector["iso"])


@needs_isbt_file
def test_published_european_codes() -> None:
    """A Single European Code in its electronic form is one structure of forty characters."""
    for vector in isbt_vectors("sec"):
        text = vector.get("text", "").removeprefix("SEC: ")
        electronic = vector.get("electronic", "&,4" + text.replace(" ", ""))
        content = read(electronic).content
        assert isinstance(content, IsbtMessage) and content.sec is not None
        assert [item.number for item in content.structures] == ["038"]
        assert content.sec.text == text or not text
        fields = {
            "country": content.sec.country,
            "te": content.sec.facility,
            "donation": content.sec.donation,
        }
        fields |= {"product": content.sec.product, "split": content.sec.split}
        fields |= {"expiry": str(content.sec.expires_on), "system": content.sec.system}
        assert all(vector.get(key, value) == value for key, value in fields.items())


@given(st.from_regex(r"\A[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{10}\Z"), st.integers(0, 12), st.integers(0, 35))
def test_a_din_with_a_check_flag_catches_every_substitution(number: str, place: int, other: int) -> None:
    """With a type 3 flag no single wrong character of a DIN passes."""
    flag = 60 + (CAPITALS + "*").index(check_character(number))
    assert read(f"={number}{flag}").kind is ReadingKind.ISBT
    char = CAPITALS[other]
    misread = number[:place] + char + number[place + 1 :]
    if misread == number:
        return
    try:
        assert read(f"={misread}{flag}").kind is ReadingKind.FOREIGN
    except BadCode:
        return


@pytest.mark.parametrize(
    ("raw", "row"),
    [
        ("=$A999926000120103", ("product consignment", "A99992600012")),
        ("=$A999926000120103", ("container", "1 of 3")),
        ("=,000012", ("product divisions", "000012")),
        ("=]202612", ("expiration month and year", "2026-12")),
        ("=%5100", ("blood groups", "51")),
        ("=(2001202612311430", ("expiration date and time", "2026-12-31 14:30 UTC")),
        (
            "=(1002202612311430",
            ("collection date and time", "2026-12-31 14:30 local to the labeling facility"),
        ),
        ("&,4PL001499Z549917123456A00T041600320171231", ("establishment", "001499")),
        ("&,4PL001499Z549917123456A00T041600300000000", ("expiration date", "none")),
    ],
)
def test_rarer_structures_have_their_fields(raw: str, row: tuple[str, str]) -> None:
    """What a structure holds is said field by field."""
    assert row in describe(read(raw))


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("=$A999926000120403", "bad_count"),
        ("=]202613", "bad_date"),
        ("=(2001202602301430", "bad_date"),
        ("=(2001202612312460", "bad_date"),
        ("=(3001202612311430", "bad_character"),
        ("=(2099202612311430", "bad_character"),
        ("=%510X", "bad_character"),
        ("=#0020261301", "bad_date"),
        ("=>023366", "bad_date"),
        ("&,4PL001499Z549917123456A00T041600320171331", "bad_date"),
        ("&,4PL001499Z549917123456C00T041600320171231", "bad_character"),
    ],
)
def test_rarer_structures_are_checked(raw: str, code: str) -> None:
    """Month 13, day 366 of a common year, container 4 of 3 and an unknown coding system are refused."""
    assert refusal(raw).code == code


def test_a_message_gives_its_fields_by_name() -> None:
    """A compound message answers by field, None for what it does not hold."""
    raw = "=+05000=Z54991712345600=%T300=<T0416003&>0183652359&,4PL001499Z549917123456A00T041600320181231"
    content = read(raw).content
    assert isinstance(content, IsbtMessage)
    assert content.din is not None and content.din.number == "Z549917123456"
    assert content.product is not None and content.product.description == "T0416"
    blood_group = content.of(BloodGroup)
    assert blood_group is not None and blood_group.group == "T3"
    assert content.expiry == datetime(2018, 12, 31, 23, 59)  # noqa: DTZ001
    assert content.sec is not None and content.coi is None and content.division is None


def test_kinds_and_ownership() -> None:
    """What cartrail printed is told from what others printed."""
    assert read(UNIT).is_ours and read("CTX222222222246L").kind is ReadingKind.COMMAND
    assert not read("=A99992112345600").is_ours
    assert not read("MRN-000-TEST").is_ours
    assert is_object_id("UD234567892")


def test_the_reader_starts_without_heavy_libraries() -> None:
    """`cartrail scan` pays for no renderer, decoder, database or validator."""
    program = (
        "import sys, labels.reader; "
        "heavy = ('typst', 'qrcode', 'zxingcpp', 'PIL', 'sqlmodel', 'sqlalchemy', 'pydantic', 'orjson'); "
        "heavy += ('biip',); "
        "print([name for name in heavy if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (" ", "empty"),
        ("\x00", "empty"),
        ("\u200b\u200f", "empty"),
        ("]Q1 \r", "empty"),
        ("\udcff", "bad_character"),
        ("CTUD23456789226\udcff", "bad_character"),
        ("=A9999\udc80", "bad_character"),
        ("\u202eCTUD23456789226V", "odd_suffix"),
        ("CTUD23456789226V\u200f", "odd_suffix"),
        ("CTUD23456789226V\x1d", "odd_suffix"),
        ("CTUD23456789226V\x1e\x04\r", "odd_suffix"),
        ("=O12342112345600", "bad_character"),
        ("=012342112345600", "bad_character"),
        ("=A9999211234560\u0660", "bad_character"),
        ("&,4PL001499Z549917123456A00T041600320171331", "bad_date"),
        ("&/CHA99992600000a", "bad_character"),
        ("=+99000", "bad_count"),
        ("=+01000=A99992112345600=<S1234100", "bad_count"),
        ("]Q1]Q1CTUD23456789226V", "run_together"),
        ("https://id.gs1.org/01/09506000134353", "bad_check"),
        ("https://id.gs1.org/01/09506000134352/21/%00", "bad_structure"),
        ("]C10109506000134352172601001", "bad_structure"),
    ],
)
def test_hostile_and_odd_reads_have_their_reason(raw: str, code: str) -> None:
    """Nothing to see, bytes that are no text, hidden marks, forbidden letters, counts that do not add up."""
    error = refusal(raw)
    assert error.code == code and error.message.isprintable() and error.remedy


@given(st.text(max_size=60))
def test_whatever_is_read_can_be_shown_and_sent_on(raw: str) -> None:
    """Any read is a reading or a reason; what is taken is text that prints safely and can be stored."""
    found: Reading | BadCode
    try:
        found = read(raw)
    except BadCode as error:
        found = error
    if isinstance(found, BadCode):
        assert found.message.isprintable() and found.remedy
    else:
        assert found.text.encode("utf-8")
        assert all(value.isprintable() for _, value in describe(found))


def test_the_remapping_moves_letters_that_our_alphabet_leaves_out() -> None:
    """The search above would find a code if a letter that moves between keyboards stood in it."""
    for moved in "AQZWMY":
        assert any(typed(moved, *pair) not in (moved, moved.lower()) for pair in layout_pairs())
        assert moved not in ALPHABET
