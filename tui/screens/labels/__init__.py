"""Every label accounted for: what is open at this site, what to do about it, and the count by two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import DataTable, OptionList, Static
from textual.widgets.option_list import Option

from labels.keyed import in_groups
from schema.vocabulary import LabelState, ReadMode
from tracker.values import AccountedCopy, LabelAccount, open_of
from tui.answers import check, ok
from tui.commands import Command, Discard, Help, PrintLabel, Sign
from tui.framing import RawScan, printed_code
from tui.glyphs import BAD, DONE
from tui.label_sums import LabelSum, Totals, sum_of, totals
from tui.language import named, tr
from tui.looking import Offer, ScannedThing, by_id, look
from tui.screens.label import LabelScreen
from tui.screens.labels.text import (
    copy_name,
    last_text,
    open_text,
    preview_text,
    shape_of,
    state_words,
)
from tui.screens.step import StepScreen
from tui.screens.what import ExplainingScreen
from tui.session import TerminalSession
from tui.shown_codes import code_text
from tui.states import styled
from tui.widgets.big_number import BigNumber
from tui.widgets.pane import PANE_COLUMNS, name_pane
from tui.workers import in_thread

_VOID: Final = Offer("label_voided", "void_label", tr("Void a label"))
_DESTROY: Final = Offer(
    "labels_destroyed", "destroy_labels", tr("Destroy labels: scan each, count, two sign")
)
_RECONCILE: Final = Offer("labels_reconciled", "reconcile_labels", tr("Reconcile the labels of a therapy"))
_SUPERSEDE: Final = Offer("label_superseded", "supersede_label", tr("Replace a damaged label copy"))
_BIND: Final = Offer("unit_registered", "register_unit", tr("Bind this blank label to a therapy"))


COUNTERS: Final = ("printed", "applied", "gone", "missing")
COLUMNS: Final = (
    (tr("object"), 13),
    (tr("printed"), 9),
    (tr("applied"), 7),
    (tr("void"), 4),
    (tr("replaced"), 8),
    (tr("destroyed"), 9),
    ("", 11),
)


class Apply(Command):
    """The label you have just scanned is on its container."""

    key = "f4"
    footer = "Apply"
    palette = "Record that the scanned label is on"


class Void(Command):
    """The chosen copy is on nothing: misprinted, unused, or it never came out."""

    key = "f6"
    footer = "Void"
    palette = "Void the chosen label"


class DestroyCopies(Command):
    """Destroy copies that are out of use: scan each, count them, two sign."""

    key = "f7"
    footer = "Destroy"
    palette = "Destroy labels before a second person"


class LabelsScreen(ExplainingScreen):
    """Whether every printed copy is accounted for, object by object; scan one, or choose an open one."""

    about = tr(
        "A row adds up when printed = applied + void + replaced + destroyed; else a copy is missing. "
        "Scan a label, or choose an open copy with the arrows and Enter or by its number. F4: it is on its "
        "container. F6: void it. F7: destroy copies out of use before a second person. F8: print one. "
        "F10: two people sign the count, and both read these rows."
    )
    own_commands: ClassVar[tuple[type[Command], ...]] = (Apply, Void, DestroyCopies)
    has_room_for_band = False
    DEFAULT_CSS = """
    LabelsScreen {
        & #counters { height: 6; }
        & #counters Vertical { width: 1fr; height: 6; }
        & #sums { height: 1fr; min-height: 5; scrollbar-size: 1 1; }
        & #open { height: auto; max-height: 6; scrollbar-size: 1 1; }
        &.-band.-narrow #counters { display: none; }
        & #beside { display: none; height: 1fr; }
        & #preview { width: 40; height: 1fr; }
        & #last { width: 1fr; height: 1fr; }
        &.-wide #beside, &.-very-wide #beside { display: block; }
        &.-wide #sums, &.-very-wide #sums { height: auto; max-height: 12; }
        &.-wide #open, &.-very-wide #open { max-height: 8; }
    }
    """

    def __init__(self, session: TerminalSession, subject: ScannedThing | None = None) -> None:
        super().__init__(session)
        self.coi = subject.therapy.coi if subject is not None and subject.therapy is not None else None
        """The therapy whose labels are listed; None for all that were printed at this site."""
        self.found: tuple[LabelAccount, ...] = ()
        self.chosen: AccountedCopy | None = None
        self._read: RawScan | None = None
        """The scan that chose it; None when it was chosen off the list."""

    def body(self) -> ComposeResult:
        """Four counters, the sums, the open copies; in a wide window the chosen and the last ones."""
        with Horizontal(id="counters"):
            for name in COUNTERS:
                with Vertical(id=name, classes="pane"):
                    yield BigNumber("0")
                    yield Static(markup=False)
        yield DataTable[Text](
            id="sums", classes="pane", cursor_type="none", cursor_foreground_priority="renderable"
        )
        yield OptionList(id="open", classes="pane", markup=False)
        with Horizontal(id="beside"):
            yield Static(id="preview", classes="pane", markup=False)
            yield Static(id="last", classes="pane", markup=False)

    def on_mount(self) -> None:
        table = self.query_one("#sums", DataTable)
        for title, width in COLUMNS:
            table.add_column(Text(title, justify="left" if width > 10 else "right"), width=width)
        name_pane(table, tr("Count"), tr("reading ..."))

    def on_screen_resume(self) -> None:
        self.query_one("#open", OptionList).focus()
        self.do(self._look())

    def on_resize(self) -> None:
        self._show_open(open_of(self.found))

    async def _look(self) -> None:
        coi, site = self.coi, self.session.station.site
        self.found = await in_thread(lambda: self.session.tracker.read.labels(coi=coi, site=site))
        if self.chosen is not None:
            self.chosen = self._known(self.chosen.code)
        self._show_lines()

    def _known(self, code: str) -> AccountedCopy | None:
        copies = (copy for account in self.found for copy in account.copies)
        return next((copy for copy in copies if copy.code == code), None)

    def _show_lines(self) -> None:
        sums = [sum_of(one) for one in self.found]
        self._show_counters(totals(sums))
        self._show_sums(sums)
        self._show_open(open_of(self.found))
        self._show_beside()
        self.show_keys()

    def _show_counters(self, found: Totals) -> None:
        words = {
            "printed": (found.printed, tr("printed")),
            "applied": (found.applied, f"{DONE} " + tr("applied")),
            "gone": (found.gone, tr("void or gone")),
            "missing": (found.missing, f"{BAD if found.missing else DONE} " + tr("missing")),
        }
        for name, (count, said) in words.items():
            pane = self.query_one(f"#{name}")
            pane.query_one(BigNumber).update(str(count))
            pane.query_one(Static).update(Text().append_text(styled(said)))
        missing = self.query_one("#missing")
        missing.set_class(found.missing > 0, "-bad")
        name_pane(self.query_one("#printed"), tr("Labels"))

    def _show_sums(self, sums: Sequence[LabelSum]) -> None:
        table = self.query_one("#sums", DataTable)
        table.clear()
        for one in sums:
            numbers = (one.applied, one.void, one.replaced, one.destroyed)
            cells = [Text(str(len(letters)), justify="right") for letters in numbers]
            printed = Text(f"{len(one.printed)} =", justify="right")
            table.add_row(code_text(one.object_id), printed, *cells, styled(one.verdict))
        is_signed_here = self.why_not_sign() is None
        sign = tr("F10 sign the count, two people") if is_signed_here else tr("a count is a therapy's")
        of = code_text(self.coi) if self.coi else Text(self.session.station.site)
        sum_words = tr("printed = applied + void + replaced + destroyed")
        name_pane(table, Text(tr("Count of") + " ").append_text(of).append(f": {sum_words}"), sign)

    def _show_open(self, copies: Sequence[AccountedCopy]) -> None:
        listed = self.query_one("#open", OptionList)
        registry, local = self.session.registry, self.session.local
        listed.clear_options()
        width = self.app.size.width - PANE_COLUMNS - 1
        lines = (open_text(at, one, registry, local, width=width) for at, one in enumerate(copies, start=1))
        listed.add_options(lines)
        is_missing = any(shape_of(one) == BAD for one in copies)
        listed.set_class(is_missing, "-bad")
        if not copies:
            listed.add_option(Option(Text(tr("Every printed label is accounted for.")), disabled=True))
        title = tr("Missing") if is_missing else tr("To do") if copies else f"{DONE} " + tr("Nothing is open")
        chosen = self.chosen
        if chosen is not None and chosen in copies:
            listed.highlighted = copies.index(chosen)
        said = Text("") if chosen is None else Text(tr("chosen:") + " ").append_text(copy_name(chosen))
        name_pane(listed, title, said)

    def _show_beside(self) -> None:
        preview, copy = self.query_one("#preview", Static), self.chosen
        preview.update(Text(tr("Scan a label, or choose one.")) if copy is None else preview_text(copy))
        name_pane(preview, tr("Chosen"), "" if copy is None else state_words(copy))
        last = self.query_one("#last", Static)
        last.update(last_text(self.found, self.session.local))
        name_pane(last, tr("Last printed"))

    def prompt(self) -> str:
        """A label, or the sheet it is on."""
        return tr("Scan a label, or type the number of an open one")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter on an open copy chooses it."""
        self._choose_number(event.option_index + 1)

    async def take_scan(self, scan: RawScan) -> None:
        """A copy, or the number of an open one."""
        if not self.accepts(scan):
            return
        text, code = scan.text.strip(), printed_code(scan.text)
        if code is not None and code.command is not None:
            await self.take_code(code.command)
        elif code is None and text.isdecimal():
            self._choose_number(int(text))
        elif code is None or code.object_type is None:
            self.show(
                check(tr("This is no label of ours."), tr("Scan a unit's, cassette's or therapy's label."))
            )
        else:
            await self._choose_scanned(scan, code.text)

    def _choose_number(self, number: int) -> None:
        open_now = open_of(self.found)
        if not 1 <= number <= len(open_now):
            self.show(
                check(tr("There is no line {number}.", number=number), tr("Type the number of an open copy."))
            )
            return
        self.chosen, self._read = open_now[number - 1], None
        self._show_lines()
        self.show(ok(tr("{copy} is chosen.", copy=_sentence(self.chosen)), self.chosen.to_do))

    async def _choose_scanned(self, scan: RawScan, code: str) -> None:
        copy = self._known(code)
        if copy is None:
            subject = await in_thread(lambda: look(self.session, scan))
            blank = subject.registry.stock.get(subject.registry.blanks.get(code[2:13], ""))
            if blank is not None and subject.therapy is None:
                given = {"unit": code, "material": blank.material.value}
                material = blank.material
                is_numbered = await in_thread(lambda: self.session.tracker.read.is_numbered(material))
                variant = "blank" if is_numbered else ""
                self.app.push_screen(StepScreen(self.session, _BIND, None, variant=variant, fixed=given))
                return
            if subject.therapy is None:
                self.show(check(tr("No therapy has this label."), tr("Nothing was recorded. Read it again.")))
                return
            self.coi = subject.therapy.coi
            await self._look()
            copy = self._known(code)
        if copy is None:
            self.show(
                check(
                    tr("By the record this copy was never printed."), tr("Keep the paper and call quality.")
                )
            )
            return
        self.chosen, self._read = copy, scan
        self._show_lines()
        words = f"{_sentence(copy)}: {state_words(copy)[2:]}."
        self.show(ok(words, copy.to_do or tr("Nothing is open about it.")))

    def why_not_apply(self) -> str | None:
        """Only a scan says that a copy is on, and only of one about which nothing was said yet."""
        copy = self.chosen
        if copy is None or self._read is None:
            return tr("Scan the label on its container first.")
        is_open = copy.state is None and not copy.is_card
        return None if is_open else tr("It is {word}.", word=named(copy.word))

    def why_not_void(self) -> str | None:
        """What is on a container is replaced, what is nowhere is voided."""
        copy = self.chosen
        if copy is None:
            return tr("Choose a label first.")
        return (
            None if copy.state in (None, LabelState.APPLIED) else tr("It is {word}.", word=named(copy.word))
        )

    def why_not_sign(self) -> str | None:
        """A count is a therapy's."""
        return None if self._therapy() is not None else tr("Choose a label of the therapy first.")

    def _therapy(self) -> str | None:
        if self.coi is not None:
            return self.coi
        copy = self.chosen
        found = (one.coi for one in self.found if copy is not None and one.object_id == copy.object_id)
        return next(found, None)

    def action_apply(self) -> None:
        """Say that the scanned copy is on its container."""
        if self.chosen is not None:
            self.do(self._apply(self.chosen))

    def action_void(self) -> None:
        """Void the chosen copy; one that is on its container is replaced."""
        copy = self.chosen
        if copy is not None:
            is_on = copy.state is LabelState.APPLIED
            offer, field = (_SUPERSEDE, "units") if is_on else (_VOID, "label")
            given: Any = [self._code(copy)] if is_on else self._code(copy)
            self._open(replace(offer, title=f"{offer.title}: {copy.code}"), {field: given})

    def action_destroy_copies(self) -> None:
        """Destroy copies before a second person."""
        self._open(_DESTROY, {})

    def label_of(self, command: type[Command]) -> str:
        """What is signed here is the count, what is printed is one label."""
        words = {Sign: tr("Sign the count"), PrintLabel: tr("Print one")}
        return words.get(command) or super().label_of(command)

    def likeliest(self) -> tuple[type[Command], ...]:
        """What ends an open copy first, then the count and a further label."""
        return (Apply, Void, DestroyCopies, Sign, PrintLabel, Discard, Help)

    def why_not_print_label(self) -> str | None:
        """A label is of an object."""
        is_chosen = self.chosen is not None or self.coi is not None
        return None if is_chosen else tr("Choose a label, or scan the therapy's card first.")

    def action_print_label(self) -> None:
        """See and print a further label of what is chosen."""
        object_id = self.chosen.object_id if self.chosen is not None else self.coi
        if object_id is not None:
            self.do(self._print(object_id))

    async def _print(self, object_id: str) -> None:
        subject = await in_thread(lambda: look(self.session, by_id(object_id)))
        self.app.push_screen(LabelScreen(self.session, subject))

    def action_sign(self) -> None:
        """Put the count into the therapy's chain."""
        self._open(_RECONCILE, {"coi": {"code": self._therapy(), "mode": ReadMode.PASTED.value}})

    def action_refresh(self) -> None:
        """Read the labels again."""
        self.do(self._look())

    def _open(self, offer: Offer, fixed: dict[str, Any]) -> None:
        self.do(self._opened(offer, fixed))

    async def _opened(self, offer: Offer, fixed: dict[str, Any]) -> None:
        coi = self._therapy()
        subject = None if coi is None else await in_thread(lambda: look(self.session, by_id(coi)))
        self.app.push_screen(StepScreen(self.session, offer, subject, fixed=fixed))

    def _code(self, copy: AccountedCopy) -> dict[str, str]:
        """The copy as it was read, or as it was chosen off this list, from which nobody can mistype it."""
        mode = ReadMode.PASTED if self._read is None else self._read.mode
        return {"code": copy.code, "mode": mode.value}

    async def _apply(self, copy: AccountedCopy) -> None:
        outcome = await self.act(
            {
                "request": "apply_label",
                "event_id": self.session.tracker.new_event_id(),
                "actor": self.session.staff,
                "station": self.session.station.id,
                "units": [self._code(copy)],
            }
        )
        if outcome is None:
            return
        if outcome.problem is not None:
            self.refused(outcome)
            return
        await self._look()
        self.show(self.written(outcome))

    def action_discard(self) -> None:
        """Choose nothing; once more leaves."""
        if self.chosen is None:
            self.close_with(ok(tr("Back from the labels.")))
            return
        self.chosen = self._read = None
        self._show_lines()
        self.show(self.discarded(tr("Nothing is chosen; nothing was recorded."), tr("Esc once more leaves.")))


def _sentence(copy: AccountedCopy) -> str:
    """A copy at the beginning of a sentence."""
    return tr("Copy {letter} of {object}", letter=copy.ordinal, object=in_groups(copy.object_id))
