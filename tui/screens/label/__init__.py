"""F8: the labels and slips for what is on the screen, seen before they are printed, and where they go."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import OptionList, Static

from labels.outputs import PrintTarget, TargetKind, parse_target
from labels.text import render_text
from schema.errors import Refusal
from schema.vocabulary import Reason
from tui.answers import check, ok, safe
from tui.forms.lists import reasons
from tui.forms.prompts import Choice, FormSetting
from tui.framing import RawScan
from tui.language import tr
from tui.looking import ScannedThing
from tui.reasons import REPRINT
from tui.screens.acting import ActingScreen
from tui.screens.label.printables import Printable, printables
from tui.session import TerminalSession
from tui.widgets.pane import name_pane
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
    LabelScreen {
        & #papers { height: auto; max-height: 1fr; }
        & #to { height: 1fr; min-height: 3; }
        & #paper { height: 1fr; display: none; }
        & #words { width: auto; background: $code-ground; color: $code-light; }
        &.-seen #paper { display: block; }
        &.-seen #papers, &.-seen #to { display: none; }
    }
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
        yield OptionList(id="papers", classes="pane -next", markup=False)
        yield Static(id="to", classes="pane", markup=False)
        with Window(id="paper", classes="pane"):
            yield Static(id="words", markup=False)

    def on_mount(self) -> None:
        self.query_one("#papers").focus()
        self._refresh()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter on a line chooses it, as its number does."""
        self.do(self._number(event.option_index + 1))

    def prompt(self) -> str:
        """A paper, the reason of a further copy, or the key that prints."""
        if self._seen is not None:
            return tr("F8 prints it; Esc goes back to the list")
        return tr("Choose a paper") if self._again is None else tr("Say why: choose a reason")

    def _refresh(self) -> None:
        seen, again = self._seen, self._again
        self.set_class(seen is not None, "-seen")
        if seen is not None:
            self.query_one("#words", Static).update(Text(self._preview, no_wrap=True))
            window = self.query_one("#paper", Window)
            window.scroll_home(animate=False)
            name_pane(window, seen.title, tr("not printed yet"))
        papers = self.query_one("#papers", OptionList)
        lines = [one.title for one in self._printables]
        title = tr("Papers")
        if again is not None:
            lines = [choice.label for choice in self._reasons()]
            title = tr("WHY A FURTHER COPY of {title}?", title=again.title)
        papers.clear_options()
        papers.add_options(
            [Text().append(f"{at:>2} ", style="key").append(line) for at, line in enumerate(lines, start=1)]
        )
        name_pane(papers, title, tr("Esc: none") if again is not None else "")
        to = self.query_one("#to", Static)
        to.update(Text("\n").join([Text(safe(self._where())), *map(Text, self._printed[-8:])]))
        name_pane(
            to, tr("Prints to"), tr("{count} printed", count=len(self._printed)) if self._printed else ""
        )
        self.show_keys()

    def _where(self) -> str:
        return self.session.labels_to or tr("files in {folder}", folder=self.session.folder)

    def _reasons(self) -> Sequence[Choice]:
        setting = FormSetting(
            self.session.registry, self.session.station, self.session.zone, self.session.tracker.clock.now()
        )
        return reasons(REPRINT, setting)

    async def take_scan(self, scan: RawScan) -> None:
        """The number of a line, or where papers go."""
        text = scan.text.strip()
        if text.lower().startswith(_TARGETS):
            self._aim(text)
            return
        if not text.isdecimal():
            self._no_line()
        else:
            await self._number(int(text))

    def _no_line(self) -> None:
        self.show(
            check(tr("That is no number of the list."), tr("Type a number, then Enter; Esc goes back."))
        )

    async def _number(self, number: int) -> None:
        """The line with that number, of what is asked now."""
        again = self._again
        lines: Sequence[object] = self._printables if again is None else self._reasons()
        if not 1 <= number <= len(lines):
            self._no_line()
        elif again is not None:
            await self._put_out(again, Reason(str(self._reasons()[number - 1].value)))
        else:
            await self._see(self._printables[number - 1])

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
