"""Export a trail from the terminal: its form, what is open in it, and where it goes, all in sight."""

from __future__ import annotations

import hashlib
import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from schema.errors import CartrailError, InputError
from tracker.exports.forms import FOR_PROGRAMS, TrailFormat
from tracker.values import NOTHING_MORE, AsOf, Disclosure
from tui.answers import check, ok, safe
from tui.commands import Command, Sign
from tui.framing import RawScan
from tui.glyphs import DONE, LOOK, TO_COME
from tui.language import tr
from tui.screens.acting import ActingScreen
from tui.session import TerminalSession
from tui.shown_codes import code_text
from tui.states import style_of
from tui.widgets.pane import name_pane
from tui.workers import in_thread, start

FORMS: Final[tuple[tuple[TrailFormat, str, str], ...]] = (
    (TrailFormat.PDF, tr("Report for people and inspectors (PDF/A)"), "pdf"),
    (TrailFormat.XLSX, tr("Spreadsheet of several sheets (XLSX)"), "xlsx"),
    (TrailFormat.CSV, tr("Events as lines of text (CSV)"), "csv"),
    (TrailFormat.JSON, tr("The entries themselves, one a line (JSON)"), "jsonl"),
    (TrailFormat.EPCIS, tr("Events for other systems (EPCIS 2.0)"), "epcis.json"),
)
CHOICES: Final = (
    ("identifiers", tr("patient identifiers")),
    ("free_text", tr("free text")),
    ("names", tr("names of staff")),
)


class ExportScreen(ActingScreen):
    """Numbers choose; F10 writes. Every form is noted in the registry before its first byte."""

    about = tr(
        "Type the number of a format, or of something to include, then Enter; type a path to change where it "
        "goes. F10 writes the file. What you chose is noted in the file and in the registry."
    )
    DEFAULT_CSS = """
    ExportScreen {
        & #choices { height: 1fr; layout: vertical; }
        & #forms { height: 7; }
        & #contents { height: 5; }
        & #result { height: auto; min-height: 4; max-height: 100%; }
        &.-wide #choices, &.-very-wide #choices { layout: grid; grid-size: 2 2; grid-rows: 8 1fr; }
        &.-wide #choices OptionList, &.-very-wide #choices OptionList { height: 100%; }
        &.-wide #result, &.-very-wide #result { column-span: 2; height: 100%; }
    }
    """

    @dataclass
    class Written(Message):
        """The file is there."""

        path: Path
        digest: str
        """SHA-256 in hex, as `sha256sum` prints it."""

        note: str | None
        doubt: str | None = None
        """What cannot be in a sound record."""

    def __init__(self, session: TerminalSession, coi: str, as_of: AsOf | None = None) -> None:
        super().__init__(session)
        self.coi = coi
        self.form = 0
        self.disclosure = NOTHING_MORE
        self._as_of = as_of
        self._path: Path | None = None
        self._is_writing = False
        self.written_to: Path | None = None
        """The file that was written last from here."""

    def body(self) -> ComposeResult:
        """The formats, what will be open in the file, and where it goes; then the file with its digest."""
        with Container(id="choices"):
            yield OptionList(*(Option("") for _ in FORMS), id="forms", classes="pane -next", markup=False)
            yield OptionList(*(Option("") for _ in CHOICES), id="contents", classes="pane", markup=False)
            yield Static(id="result", classes="pane", markup=False)

    def on_mount(self) -> None:
        what = Text(tr("Export the trail of") + " ").append_text(code_text(self.coi))
        name_pane(self.query_one("#forms"), what, self._known_words())
        name_pane(self.query_one("#contents"), tr("What will be open in it"), tr("noted in the registry"))
        self._refresh_choice()
        self.query_one("#forms").focus()

    def _known_words(self) -> str:
        return tr("as known at {as_of}", as_of=self._as_of) if self._as_of is not None else tr("as it is now")

    @property
    def path(self) -> Path:
        """Where the file goes."""
        if self._path is not None:
            return self._path
        stamp = f"{self.session.now():%Y%m%d-%H%M}"
        return self.session.folder / f"trail-{self.coi}-{stamp}.{FORMS[self.form][2]}"

    def _refresh_choice(self) -> None:
        forms, contents = self.query_one("#forms", OptionList), self.query_one("#contents", OptionList)
        for at, (_, words, _) in enumerate(FORMS):
            forms.replace_option_prompt_at_index(at, choice_text(at + 1, words, is_on=at == self.form))
        for at, (field, words) in enumerate(CHOICES):
            is_on = bool(getattr(self.disclosure, field))
            contents.replace_option_prompt_at_index(at, choice_text(len(FORMS) + at + 1, words, is_on=is_on))
        result = self.query_one("#result", Static)
        result.update(goes_to_text(self.path, self.disclosure))
        name_pane(result, tr("Where it goes"), tr("F10 writes it; F1 a bundle"))
        self.show_keys()

    async def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter on a line chooses it, as its number does."""
        first = 1 if event.option_list.id == "forms" else len(FORMS) + 1
        await self._choose(first + event.option_index)
        self._refresh_choice()

    def help_text(self) -> str:
        """Also how a bundle is made, as one command that works as it stands."""
        session = self.session
        command = bundle_command(self.coi, session.database, session.station.id, session.staff)
        said = tr("A bundle that anybody can check without cartrail is made at a command line of this site:")
        return f"{self.about}\n\n{said}\n{command}\n" + tr(
            "It is checked by: python3 -I verify.py evidence.zip"
        )

    def label_of(self, command: type[Command]) -> str:
        """What F10 does here is to write the file."""
        return tr("Write the file") if command is Sign else super().label_of(command)

    def prompt(self) -> str:
        """A number, or a path."""
        return tr("Type a number, or where the file goes")

    async def take_scan(self, scan: RawScan) -> None:
        """A number chooses, anything else is a path."""
        text = scan.text.strip()
        if text.isdecimal():
            await self._choose(int(text))
        elif "/" in text or "." in text:
            self._path = self._named(text)
            self.show(ok(tr("It goes there.")))
        else:
            self.show(
                check(tr("That is neither a number of the list nor a path."), tr("F10 writes the file."))
            )
        self._refresh_choice()

    async def _choose(self, number: int) -> None:
        if 1 <= number <= len(FORMS):
            self.form, self._path = number - 1, None
            self.show(ok(FORMS[self.form][1] + "."))
        elif number <= len(FORMS) + len(CHOICES) and number > 0:
            await self._turn(CHOICES[number - len(FORMS) - 1][0])
        else:
            self.show(
                check(tr("There is no {number} here.", number=number), tr("Type a number of the list."))
            )

    async def _turn(self, field: str) -> None:
        session = self.session
        violation = await in_thread(lambda: session.tracker.exports.not_entitled(session.staff))
        if violation is not None:
            self.show(check(violation.message, violation.remedy))
            return
        wanted = not getattr(self.disclosure, field)
        self.disclosure = replace(self.disclosure, **{field: wanted})
        what = dict(CHOICES)[field]
        self.show(ok(tr("Included: {what}.", what=what) if wanted else tr("Left out: {what}.", what=what)))

    def _named(self, text: str) -> Path:
        path = Path(text).expanduser()
        return path if path.is_absolute() else self.session.folder / path

    def why_not_sign(self) -> str | None:
        """One file at a time, and json holds nothing but names beside the bare entries."""
        if self._is_writing:
            return tr("A file is being written.")
        is_json = FORMS[self.form][0] is TrailFormat.JSON
        if is_json and (self.disclosure.identifiers or self.disclosure.free_text):
            return tr(
                "Entries hold neither identifiers nor free text: choose another form, or leave them out."
            )
        return None

    def action_sign(self) -> None:
        """Write the file."""
        self._is_writing = True
        self.show(ok(tr("Writing ..."), str(self.path)))
        form, disclosure, path, session = FORMS[self.form][0], self.disclosure, self.path, self.session
        job = _Job(session, self.coi, self._as_of, form, disclosure, path)
        start(self, job.write, job="export", done=lambda said: ExportScreen.Written(path, *said))

    def on_export_screen_written(self, message: Written) -> None:
        """Say where it is with its digest, and whether it is noted; it stays in sight until Esc."""
        self._is_writing, self.written_to = False, message.path
        result = self.query_one("#result", Static)
        result.update(written_text(message))
        is_noted = message.note is None and message.doubt is None
        result.set_class(not is_noted, "-look")
        name_pane(result, tr("Written {time}", time=f"{self.session.now():%H:%M}"), tr("Esc closes"))
        if message.doubt is not None:
            line = tr("THE RECORD CANNOT BE TRUSTED, and {path} is of it.", path=message.path)
            self.show(check(line, message.doubt))
        elif message.note is None:
            self.show(
                ok(tr("Written to {path}.", path=message.path), tr("The export is noted in the registry."))
            )
        else:
            self.show(check(tr("Written to {path}, but not noted.", path=message.path), message.note))
        self.show_keys()

    def read_failed(self, error: CartrailError) -> None:
        """Nothing stands under that name."""
        self._is_writing = False
        super().read_failed(error)

    def action_discard(self) -> None:
        """Go back; what was written stays."""
        if self.written_to is not None:
            self.close_with(ok(tr("Written to {path}.", path=self.written_to)))
        else:
            self.close_with(ok(tr("Nothing was exported.")))


@dataclass(frozen=True, slots=True)
class _Job:
    """What is to be written, apart from the screen: it runs in a thread."""

    session: TerminalSession
    coi: str
    as_of: AsOf | None
    form: TrailFormat
    disclosure: Disclosure
    path: Path

    def write(self) -> tuple[str, str | None, str | None]:
        """Write the file, whole or not at all; its digest, why it could not be noted, what is not sound."""
        tracker = self.session.tracker
        if self.path.exists():
            raise InputError(
                tr("{path} is there already.", path=self.path),
                remedy=tr("Type another path."),
                code="not_written",
            )
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        trails = tracker.exports.trails((self.coi,), as_of=self.as_of)
        notes: list[str | None] = []
        note_id = tracker.new_event_id()

        def note(*, failed: str | None = None) -> None:
            notes.append(
                tracker.exports.note(
                    staff=self.session.staff,
                    station=self.session.station.id,
                    form=self.form.value,
                    chains=(self.coi,),
                    disclosure=self.disclosure,
                    signed_in=True,
                    head=None if failed else trails.head,
                    event_id=None if failed else note_id,
                    failed=failed,
                )
            )

        # The other forms are refused where they are written.
        doubts = () if self.form in FOR_PROGRAMS else tracker.exports.doubts(trails.chains)
        try:
            tracker.exports.save(
                self.form, trails, self.disclosure, self.path, begin=note, asked_by=self.session.staff
            )
        except CartrailError:
            if notes:
                note(failed=note_id)
            raise
        with self.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return digest, notes[0], str(doubts[0]) if doubts else None


def choice_text(number: int, words: str, *, is_on: bool) -> Text:
    """One line: its number, whether it is chosen, what it is."""
    text = Text().append(f"{number} ", style="key")
    shape = DONE if is_on else TO_COME
    return text.append(f"{shape} ", style=style_of(shape)).append(words, style="bold" if is_on else "")


def bundle_command(coi: str, database: str, station: str, staff: str) -> str:
    """The whole command that writes the evidence about one therapy; quoted as a shell reads it."""
    store = ("--database", database) if database else ()
    words = (*store, "--station", station, "--as", staff, "export", coi, "--out", "evidence.zip")
    return shlex.join(("cartrail", *words))


def goes_to_text(path: Path, disclosure: Disclosure) -> Text:
    """Where the file will be, and what a reader will see in it."""
    open_in_it = [words for field, words in CHOICES if getattr(disclosure, field)]
    shut = [words for field, words in CHOICES if not getattr(disclosure, field)]
    text = Text(f"{safe(str(path))}\n\n")
    for word, parts in ((tr("open"), open_in_it), (tr("left out"), shut)):
        text.append(f"{word}: ", style="muted").append(", ".join(parts) or tr("nothing")).append("\n")
    text.append(tr("Every event and code is in it, whatever is left out."), style="muted")
    return text


def written_text(written: ExportScreen.Written) -> Text:
    """The file with its digest, for who hands it on and who checks it."""
    text = Text().append(f"{DONE} ", style="ok").append(f"{safe(str(written.path))}\n")
    text.append("SHA-256 ", style="muted").append(f"{written.digest}\n")
    if written.note is None and written.doubt is None:
        return text.append(f"{DONE} ", style="ok").append(tr("noted in the registry"))
    return text.append(f"{LOOK} ", style="check").append(safe(written.doubt or written.note or ""))
