"""A handoff as four equal cells, and the two people with the arrow between them. Pure."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import Final

from rich.text import Text

from schema.vocabulary import Condition, Fault
from tui.answers import safe
from tui.forms.following import THEN
from tui.forms.form import Form
from tui.forms.lists import PARTLY
from tui.forms.prompts import FieldAnswer
from tui.glyphs import AHEAD, BAD, DONE, NEXT, NOW, TO_COME, USED
from tui.language import tr
from tui.shown_codes import code_text, in_sentence
from tui.widgets.scan_cell import Cell
from tui.words import spoken

_BOX: Final = ("box", "units")
_SEAL: Final = ("seal", "new_seal")
_ORDER: Final = frozenset({"condition", "display_celsius", "faults", "hold_until", "remark", THEN})
_ARROW_CELLS: Final = 10


@dataclass(frozen=True, slots=True)
class Half:
    """One side of a handoff: who stands for it, and when that person signed."""

    name: str = ""
    """The printed name; empty while nobody has come."""

    party: str = ""
    """The department or carrier, as far as the record has it."""

    signed: str = ""
    """The time of day; empty until it is signed."""

    is_here: bool = False
    """Whether this person is signed in at this terminal."""

    @property
    def who(self) -> str:
        """Name and party."""
        return ", ".join(filter(None, (self.name, self.party)))


@dataclass(frozen=True, slots=True)
class HandoffView:
    """What is read and signed of a handoff, and what the record says of it."""

    form: Form
    giver: Half
    receiver: Half
    box: str = ""
    """The name of the closed box; empty where units are handed over in the hand."""

    seal: str = ""
    """The seal by the record."""

    allowed: str = ""
    """The temperatures that what is inside bears."""

    given_display: str = ""
    """What the display showed the giver, where the receiver looks at it now."""

    asks_badge_of: str = ""
    is_signing: bool = False
    """Whether everything of the half that is next is read."""

    @property
    def is_over(self) -> bool:
        """Whether both have signed."""
        return bool(self.giver.signed and self.receiver.signed)


def cells_of(view: HandoffView) -> tuple[Cell, Cell, Cell, Cell]:
    """Box, seal, in order, and whoever comes to the terminal, each with its word and what was read."""
    return _thing(view), _seal(view), _order(view), _person(view)


def _now(form: Form) -> str:
    return "" if form.current is None else form.current.field


def _given(form: Form, fields: Container[str]) -> FieldAnswer | None:
    """The last answer to one of these fields."""
    found = [row.given for row in form.rows() if row.given is not None and row.prompt.field in fields]
    return found[-1] if found else None


def _expected(form: Form, fields: Container[str]) -> str:
    found = [row.prompt.expected for row in form.rows() if row.prompt.field in fields]
    return found[-1] if found else ""


def _thing(view: HandoffView) -> Cell:
    title = tr("1 Box") if view.box else tr("1 Units")
    if not view.box:
        return _units(view, title)
    given = _given(view.form, ("box",))
    if given is not None:
        return Cell(title, DONE, tr("OK"), code_text(given.key or given.shown), safe(view.box))
    return _open(title, view, ("box",), tr("scan its code"), safe(view.box))


def _units(view: HandoffView, title: str) -> Cell:
    read = view.form.keys_of("units")
    if not read:
        return _open(title, view, ("units",), tr("scan each"), "")
    is_now = _now(view.form) == "units"
    value = code_text(read[-1])
    note = tr("1 unit read") if len(read) == 1 else tr("{count} units read", count=len(read))
    return Cell(title, NOW if is_now else DONE, "?" if is_now else tr("OK"), value, note)


def _seal(view: HandoffView) -> Cell:
    title = tr("2 Seal")
    if not view.box:
        return Cell(title, TO_COME, "-", Text(tr("none")), tr("nothing is sealed"))
    is_wrong = Fault.SEAL.value in view.form.answers_to("faults")
    given = _given(view.form, _SEAL)
    value = in_sentence(_bare(given)) if given is not None else Text(tr("not read"))
    if is_wrong:
        return Cell(title, BAD, tr("NO"), value, view.seal)
    if given is not None:
        return Cell(title, DONE, tr("OK"), value, tr("as it was sealed") if view.seal else "")
    return _open(title, view, _SEAL, tr("scan it"), view.seal)


def _order(view: HandoffView) -> Cell:
    title, form = tr("3 In order"), view.form
    said = form.answers_to("condition")
    shown = [str(one) for one in form.answers_to("display_celsius")]
    display = tr("{celsius} C", celsius=shown[-1]) if shown else ""
    faults = [spoken(str(one)) for one in form.answers_to("faults") if one is not None]
    limit = tr("limit {allowed}", allowed=view.allowed) if view.allowed and display else ""
    if Condition.NOT_IN_ORDER.value in said or faults or "display_celsius" in form.doubtful:
        words = ", ".join(faults) or (tr("display") if display else tr("not in order"))
        return Cell(title, BAD, tr("NO"), Text(words), "\n".join(filter(None, (display, limit))))
    if PARTLY in said or form.request == "accept_partly":
        units = len(form.answers_to("units"))
        words = tr("1 unit taken") if units == 1 else tr("{count} units taken", count=units)
        return Cell(title, NOW if _now(form) else DONE, "?" if _now(form) else tr("OK"), Text(words))
    given = tr("giver: {celsius} C", celsius=view.given_display) if view.given_display else ""
    if said:
        return Cell(
            title, DONE, tr("OK"), Text(", ".join(filter(None, (tr("yes"), display)))), limit or given
        )
    return _open(title, view, _ORDER, tr("compare it") if given else tr("look at it"), display or given)


def _open(title: str, view: HandoffView, fields: Container[str], order: str, note: str) -> Cell:
    """A cell that nobody has answered: asked now, or to come."""
    if _now(view.form) in fields and not view.asks_badge_of:
        return Cell(title, NOW, "?", Text(order), note)
    return Cell(title, TO_COME, "-", Text(tr("to come")), note)


def _person(view: HandoffView) -> Cell:
    is_giver = not view.giver.signed and not view.giver.is_here
    title = tr("4 Giver") if is_giver else tr("4 Receiver")
    half = view.giver if is_giver else view.receiver
    if half.signed:
        return Cell(title, DONE, tr("OK"), Text(safe(half.name)), tr("signed {time}", time=half.signed))
    if view.asks_badge_of:
        return Cell(title, NOW, "?", Text(tr("waits")), tr("scan the badge"))
    if view.is_signing and half.is_here:
        return Cell(title, NOW, "?", Text(safe(half.name)), tr("signs now"))
    return Cell(title, TO_COME, "-", Text(safe(half.name) or tr("to come")))


def _bare(given: FieldAnswer) -> str:
    """What was read, without how."""
    return given.shown.rsplit(" (", 1)[0]


def arrow_text(view: HandoffView) -> Text:
    """Broken until somebody has signed, half solid with the giver's signature, solid with both."""
    solid = _ARROW_CELLS if view.is_over else _ARROW_CELLS // 2 if view.giver.signed else 0
    text = Text(USED * solid, style="bar.ok", no_wrap=True)
    text.append(AHEAD * (_ARROW_CELLS - solid), style="line")
    return text.append(NEXT, style="bar.ok" if view.is_over else "key")


def half_text(half: Half, view: HandoffView, *, is_giver: bool) -> Text:
    """Who it is, and in the second line that they have signed, or what they are to do."""
    text = Text(safe(half.name), style="bold")
    if half.party:
        text.append(", " if half.name else "", style="not bold").append(safe(half.party), style="not bold")
    if half.signed:
        return text.append("\n" + tr("signed {time}", time=half.signed), style="ok")
    is_next = bool(view.giver.signed) is not is_giver
    if not is_next:
        said = tr("signs after the giver")
    elif half.is_here:
        said = tr("reads the box and signs") if view.box else tr("reads the units and signs")
    elif view.asks_badge_of:
        said = tr("scan your badge, then password")
    else:
        said = tr("badge and password")
    return text.append("\n" + said, style="not bold")
