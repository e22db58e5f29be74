"""Every label accounted for: what is open at this site, what to do about it, and the count by two."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from schema.vocabulary import LabelState, ReadMode
from tracker.values import AccountedCopy, LabelAccount, open_of
from tui.answers import check, ok, safe
from tui.commands import Command, Sign
from tui.framing import RawScan, printed_code
from tui.language import named, tr
from tui.looking import Offer, ScannedThing, by_id, look
from tui.screens.step import StepScreen
from tui.screens.what import ExplainingScreen
from tui.session import TerminalSession
from tui.widgets.window import Window
from tui.workers import in_thread

_VOID: Final = Offer("label_voided", "void_label", tr("Void a label"))
_DESTROY: Final = Offer(
    "labels_destroyed", "destroy_labels", tr("Destroy labels: scan each, count, two sign")
)
_RECONCILE: Final = Offer("labels_reconciled", "reconcile_labels", tr("Reconcile the labels of a therapy"))
_SUPERSEDE: Final = Offer("label_superseded", "supersede_label", tr("Replace a damaged label copy"))
_BIND: Final = Offer("unit_registered", "register_unit", tr("Bind this blank label to a therapy"))


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
    """Open copies first, each with what to do; scan one, or type its number, to choose it."""

    about = tr(
        "Scan a label, or type the number of a line and Enter, to choose a copy. F4: "
        "it is on its container. F6: void it. F7: destroy copies out of use. F10: "
        "count. Open copies keep their unit at this site."
    )
    own_commands: ClassVar[tuple[type[Command], ...]] = (Apply, Void, DestroyCopies)
    DEFAULT_CSS = """
    LabelsScreen #chosen { height: auto; max-height: 4; padding: 0 1; background: $surface; }
    LabelsScreen #window { height: 1fr; padding: 0 1; }
    LabelsScreen #lines { text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, session: TerminalSession, subject: ScannedThing | None = None) -> None:
        super().__init__(session)
        self.coi = subject.therapy.coi if subject is not None and subject.therapy is not None else None
        """The therapy whose labels are listed; None for all that were printed at this site."""
        self.found: tuple[LabelAccount, ...] = ()
        self.chosen: AccountedCopy | None = None
        self._read: RawScan | None = None
        """The scan that chose it; None when it was chosen by number."""

    def body(self) -> ComposeResult:
        """What is chosen, then the copies."""
        yield Static(id="chosen", markup=False)
        with Window(id="window"):
            yield Static(id="lines", markup=False)

    def on_screen_resume(self) -> None:
        self.do(self._look())

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
        open_now = open_of(self.found)
        where = tr("therapy {coi}", coi=self.coi) if self.coi else self.session.station.site
        text = Text(
            tr("LABELS of {where}: {count} open", where=where, count=len(open_now)) + "\n", style="bold"
        )
        for number, copy in enumerate(open_now, start=1):
            text.append(f"{number:>3} {self._line(copy)}\n", style="not bold")
        if not open_now:
            text.append("    " + tr("Every printed label is accounted for.") + "\n", style="not bold")
        text.append(
            "\n" + tr("OBJECT      PRINTED  APPLIED  VOIDED  SUPERSEDED  DESTROYED") + "\n", style="bold"
        )
        for account in self.found:
            states = (
                account.letters_of(LabelState.APPLIED),
                account.letters_of(LabelState.VOIDED),
                account.letters_of(LabelState.SUPERSEDED),
                account.letters_of(LabelState.DESTROYED),
            )
            applied, voided, superseded, destroyed = (letters or "-" for letters in states)
            card = " " + tr("card, in the chart") if account.kept else ""
            text.append(
                f"{account.object_id} {account.printed or '-':<8} {applied:<8} {voided:<7} {superseded:<11} "
                f"{destroyed}{card}\n",
                style="not bold",
            )
        self.query_one("#lines", Static).update(text)
        self.query_one("#chosen", Static).update(self._chosen_text())
        self.show_keys()

    def _line(self, copy: AccountedCopy) -> str:
        record = copy.record
        when = ""
        if record is not None and record.printed_at is not None:
            when = f"{self.session.local(record.printed_at):%m-%d %H:%M} {record.staff} {named(record.label)}"
        return f"{copy.code} {named(copy.word):<10} {safe(when)}"

    def _chosen_text(self) -> Text:
        copy = self.chosen
        if copy is None:
            return Text(tr("Scan a label, or type the number of a line."))
        text = Text(f"{copy.code}  {named(copy.word).upper()}\n", style="bold")
        return text.append(copy.to_do or tr("Nothing is open about it."), style="not bold")

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
                check(
                    tr("There is no line {number}.", number=number), tr("Type the number of an open label.")
                )
            )
            return
        self.chosen, self._read = open_now[number - 1], None
        self._show_lines()
        self.show(ok(tr("{code} is chosen.", code=self.chosen.code), self.chosen.to_do))

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
                self.show(
                    check(tr("No therapy has this label."), tr("Nothing was recorded. F2 explains it."))
                )
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
        self.show(ok(f"{copy.code}: {named(copy.word)}.", copy.to_do or tr("Nothing is open about it.")))

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
        """What is signed here is the count."""
        return tr("Sign the count") if command is Sign else super().label_of(command)

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
            self.close_with(ok(tr("The labels are closed.")))
            return
        self.chosen = self._read = None
        self._show_lines()
        self.show(self.discarded(tr("Nothing is chosen; nothing was recorded."), tr("Esc once more leaves.")))
