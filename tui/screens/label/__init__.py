"""F8: the labels and slips for what is on the screen, seen before they are printed, and where they go."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from labels.outputs import PrintTarget, TargetKind, parse_target
from labels.text import render_text
from schema.errors import Refusal
from schema.vocabulary import Reason
from tui.answers import check, ok, safe
from tui.forms.lists import REPRINT, reasons
from tui.forms.prompts import Choice, FormSetting
from tui.framing import RawScan
from tui.language import tr
from tui.looking import ScannedThing
from tui.screens.acting import ActingScreen
from tui.screens.label.printables import Printable, printables
from tui.session import TerminalSession
from tui.widgets.window import Window
from tui.workers import in_thread

_TARGETS: Final = ("tcp://", "cups:", "pdf:")


class LabelScreen(ActingScreen):
    """Choose by number, look, print by F8; no two papers carry the same copy of a code."""

    about = tr(
        "Type the number of a paper to see it, then F8 prints it. PgUp and PgDn "
        "scroll. Where it goes: type tcp://HOST, cups:QUEUE, or pdf: for a file in the "
        "folder shown."
    )
    DEFAULT_CSS = """
    LabelScreen #paper { height: 1fr; padding: 0 1; }
    LabelScreen #list { width: auto; }
    LabelScreen #list.-code { background: $code-ground; color: $code-light; }
    """

    def __init__(self, session: TerminalSession, subject: ScannedThing | None) -> None:
        super().__init__(session)
        self.subject = subject
        self._printables = printables(session, subject)
        self._printed: list[str] = []
        self._seen: Printable | None = None
        """What is on the screen and would be printed now."""

        self._preview = ""
        self._again: Printable | None = None
        """What has a copy already and waits for the reason of a further one."""

    def body(self) -> ComposeResult:
        """The list of what can be printed, or one paper as it will be."""
        with Window(id="paper"):
            yield Static(id="list", markup=False)

    def on_mount(self) -> None:
        self._refresh()

    def _refresh(self) -> None:
        paper = self.query_one("#list", Static)
        paper.set_class(self._seen is not None, "-code")
        paper.update(self._list() if self._seen is None else Text(self._preview, no_wrap=True))
        self.query_one(Window).scroll_home(animate=False)
        self.show_keys()

    def _list(self) -> Text:
        again = self._again
        if again is None:
            text = Text(tr("PAPERS: type a number, then Enter, to see it") + "\n\n", style="bold")
            lines = [one.title for one in self._printables]
        else:
            text = Text(
                tr("WHY A FURTHER COPY of {title}: a number, then Enter; Esc: none", title=again.title)
                + "\n\n",
                style="bold",
            )
            lines = [choice.label for choice in self._reasons()]
        for number, line in enumerate(lines, start=1):
            text.append(f"{number:>3}  {line}\n")
        text.append("\n" + tr("Prints to  {where}", where=safe(self._where())) + "\n", style="not bold")
        for line in self._printed[-8:]:
            text.append(tr("Printed    {line}", line=line) + "\n", style="not bold")
        return text

    def _where(self) -> str:
        return self.session.labels_to or tr("files in {folder}", folder=self.session.folder)

    def _reasons(self) -> Sequence[Choice]:
        setting = FormSetting(
            self.session.registry, self.session.station, self.session.zone, self.session.tracker.clock.now()
        )
        return reasons(REPRINT, setting)

    async def take_scan(self, scan: RawScan) -> None:
        """The number of a line, or where papers go."""
        text, again = scan.text.strip(), self._again
        if text.lower().startswith(_TARGETS):
            self._aim(text)
            return
        lines: Sequence[object] = self._printables if again is None else self._reasons()
        if not text.isdecimal() or not 1 <= int(text) <= len(lines):
            self.show(
                check(tr("That is no number of the list."), tr("Type a number, then Enter; Esc goes back."))
            )
            return
        if again is not None:
            await self._put_out(again, Reason(str(self._reasons()[int(text) - 1].value)))
        else:
            await self._see(self._printables[int(text) - 1])

    def _aim(self, text: str) -> None:
        """Print elsewhere from now on, until this terminal is left."""
        target = None if text.lower() == "pdf:" else parse_target(text)
        if target is not None and not target.is_printer:
            self.show(
                check(
                    tr("Files go into the folder that is shown."), tr("Type pdf:, tcp://HOST or cups:QUEUE.")
                )
            )
            return
        self.session.labels_to = "" if target is None else text
        self._refresh()
        self.show(ok(tr("Papers go to {where}.", where=safe(self._where()))))

    async def _see(self, chosen: Printable) -> None:
        """Show it as it will be; what does not fit or is missing is said now, and nothing is printed."""
        self._preview = await in_thread(lambda: render_text(chosen.preview()))
        self._seen = chosen
        self._refresh()
        self.show(
            ok(
                tr("{title}: not printed yet.", title=chosen.title),
                tr("F8 prints it; Esc goes back to the list."),
            )
        )

    def why_not_print_label(self) -> str | None:
        """F8 prints what is seen."""
        return None if self._seen is not None else tr("Type the number of a paper first.")

    async def action_print_label(self) -> None:
        """Print what is on the screen."""
        if self._seen is not None:
            await self._put_out(self._seen, None)

    async def _put_out(self, chosen: Printable, reason: Reason | None) -> None:
        self._again, self._seen = None, None
        try:
            where, code = await in_thread(lambda: self._print(chosen, reason))
        except Refusal as refusal:
            if refusal.code != "reprint_needs_reason":
                self._refresh()
                raise
            self._again = chosen
            self._refresh()
            self.show(check(refusal.message, tr("Say why: type the number of a reason, then Enter.")))
            return
        self._printed.append(f"{code or chosen.title} -> {safe(where)}")
        self._refresh()
        self.show(ok(tr("{paper} is printed.", paper=f"{chosen.title} {code}".rstrip()), safe(where)))

    def action_discard(self) -> None:
        """Put the paper or the question for a reason away; nothing is printed."""
        if self._again is None and self._seen is None:
            super().action_discard()
            return
        self._again, self._seen = None, None
        self._refresh()
        self.show(ok(tr("Nothing was printed.")))

    def _print(self, chosen: Printable, reason: Reason | None) -> tuple[str, str]:
        folder, out = self.session.folder, io.StringIO()
        with self.session.tracker.prints.job(reason=reason) as job:
            content = chosen.make()
            code: str = getattr(content, "code", "")
            if self.session.labels_to:
                job.put_out((content,), parse_target(self.session.labels_to), out=out)
                return out.getvalue().strip() or self.session.labels_to, code
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{chosen.name}{'-' + code[-3] if code else ''}.pdf"
            job.put_out((content,), PrintTarget(TargetKind.PDF, path), out=out)
        return tr("{name}: print it unscaled", name=path.name), code
