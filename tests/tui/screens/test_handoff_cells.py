"""A handoff in four cells, as a picture of what is read and who has signed; no screen is opened."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schema.vocabulary import Condition, Fault
from tracker.values import Found
from tui.forms.form import Form
from tui.forms.lists import PARTLY
from tui.forms.prompts import FieldAnswer, Prompt, PromptKind, Section
from tui.screens.handoff.cells import Half, HandoffView, arrow_text, cells_of, half_text
from tui.widgets.scan_cell import lines_of

GIVER = Half("Cole Ferris", "Polar Courier", is_here=True)
BOX = FieldAnswer("code", "BD234567892 (scanned)", "BD234567892")
SEAL = FieldAnswer({"code": "SEAL-77001"}, "SEAL-77001 (scanned)")
YES = FieldAnswer(Condition.IN_ORDER.value, "All in order")
NO = FieldAnswer(Condition.NOT_IN_ORDER.value, "Not in order")


def asked(*fields: str) -> Form:
    """A form that asks these fields, one after the other."""
    kinds = {"box": PromptKind.CODE, "seal": PromptKind.CODE}
    prompts = [Prompt(name, name, kinds.get(name, PromptKind.CHOICE), wanted=(Found.BOX,)) for name in fields]
    return Form("relinquish", tuple(Section((one,)) for one in prompts))


def view(*given: FieldAnswer, fields: tuple[str, ...] = ("box", "seal", "condition")) -> HandoffView:
    """A handoff of a closed box with so much of it read."""
    form = asked(*fields)
    for one in given:
        form.take(one)
    return HandoffView(form, GIVER, Half(party="Goods receipt"), box="Dry shipper 4", seal="SEAL-77001")


def words(said: HandoffView) -> list[str]:
    """The four words that are read from two meters."""
    return [cell.word for cell in cells_of(said)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((), ["?", "-", "-", "-"]),
        ((BOX,), ["OK", "?", "-", "-"]),
        ((BOX, SEAL), ["OK", "OK", "?", "-"]),
        ((BOX, SEAL, YES), ["OK", "OK", "OK", "-"]),
        ((BOX, SEAL, NO), ["OK", "OK", "NO", "-"]),
    ],
)
def test_each_scan_fills_one_cell(given: tuple[FieldAnswer, ...], expected: list[str]) -> None:
    """Read, refused, asked now, to come: a word and a shape each."""
    assert words(view(*given)) == expected
    shapes = {"OK": "●", "NO": "■", "?": "◉", "-": "○"}
    assert [cell.shape for cell in cells_of(view(*given))] == [shapes[word] for word in expected]


def test_a_cell_names_the_thing_by_its_code_in_groups() -> None:
    """The box with its name, the seal with what it was compared to."""
    box, seal, order, person = cells_of(view(BOX, SEAL, YES))
    assert (box.value.plain, box.note) == ("BD23 4567 892", "Dry shipper 4")
    assert (seal.value.plain, seal.note) == ("SEAL-77001", "as it was sealed")
    assert (order.value.plain, order.note) == ("yes", "")
    assert (person.title, person.value.plain) == ("4 Receiver", "to come")


def test_a_display_stands_beside_its_limit() -> None:
    """In order as not in order: what it showed, and what the cells bear."""
    fields = ("box", "seal", "display_celsius", "condition")
    shown = replace(view(BOX, SEAL, FieldAnswer("-184", "-184"), YES, fields=fields), allowed="-150 C")
    order = cells_of(shown)[2]
    assert (order.word, order.value.plain, order.note) == ("OK", "yes, -184 C", "limit -150 C")
    doubted = FieldAnswer("-118", "-118", is_doubtful=True)
    warm = replace(view(BOX, SEAL, doubted, fields=fields), allowed="-150 C")
    order = cells_of(warm)[2]
    assert (order.word, order.value.plain, order.note) == ("NO", "display", "-118 C\nlimit -150 C")
    assert lines_of(order, 16) == 3


def test_what_is_wrong_stands_in_its_cell() -> None:
    """A seal that is gone is not OK because another one was read."""
    fields = ("box", "condition", "faults", "seal")
    wrong = view(BOX, NO, FieldAnswer(Fault.SEAL.value, "Seal"), fields=fields)
    box, seal, order, _ = cells_of(wrong)
    assert (box.word, seal.word, order.word) == ("OK", "NO", "NO")
    assert (seal.value.plain, seal.note, order.value.plain) == ("not read", "SEAL-77001", "Seal")


def test_the_receiver_sees_what_the_giver_read() -> None:
    """Confirmed by ALL-IN-ORDER: the number was read at the other terminal."""
    there = replace(view(BOX, SEAL, YES), given_display="-184")
    assert cells_of(there)[2].note == "giver: -184 C"


def test_units_in_the_hand_have_no_seal() -> None:
    """The cell says so; nothing is to come there."""
    bare = replace(view(fields=("units", "condition")), box="", seal="")
    first, seal, _, _ = cells_of(bare)
    assert (first.title, first.word) == ("1 Units", "?")
    assert (seal.word, seal.value.plain) == ("-", "none")


def test_partly_waits_for_its_units() -> None:
    """Some of it: the third cell counts what is taken."""
    partly = view(BOX, SEAL, FieldAnswer(PARTLY, "Partly"))
    assert cells_of(partly)[2].value.plain == "0 units taken"


def test_the_arrow_is_solid_when_both_have_signed() -> None:
    """Broken, half, whole: the shape alone says how far it is."""
    begun = view(BOX, SEAL, YES)
    given = replace(begun, giver=replace(GIVER, signed="13:21:38"), asks_badge_of="receiver")
    over = replace(given, receiver=Half("Cyrus Gorse", "Goods receipt", "13:22:10"), asks_badge_of="")
    assert arrow_text(begun).plain == "╌╌╌╌╌╌╌╌╌╌►"
    assert arrow_text(given).plain == "━━━━━╌╌╌╌╌►"
    assert arrow_text(over).plain == "━━━━━━━━━━►"
    assert words(given) == ["OK", "OK", "OK", "?"] and words(over) == ["OK", "OK", "OK", "OK"]


def test_each_person_stands_with_what_is_left_to_do() -> None:
    """The giver signs first; the receiver scans a badge, or has signed at a time."""
    given = replace(view(BOX, SEAL, YES), giver=replace(GIVER, signed="13:21:38"), asks_badge_of="receiver")
    giver = half_text(given.giver, given, is_giver=True).plain
    receiver = half_text(given.receiver, given, is_giver=False).plain
    assert giver == "Cole Ferris, Polar Courier\nsigned 13:21:38"
    assert receiver == "Goods receipt\nscan your badge, then password"


def test_a_name_of_sixty_characters_is_wrapped_and_not_cut() -> None:
    """The cells grow with it, all four alike."""
    name = "Maximiliana-Theodora von und zu Hohenlohe-Waldenburg-Schilling"
    over = replace(
        view(BOX, SEAL, YES), giver=replace(GIVER, signed="13:21:38"), receiver=Half(name, "", "13:22:10")
    )
    person = cells_of(over)[3]
    assert person.value.plain == name and lines_of(person, 16) > 2
