"""Export a trail from the terminal: its form, what is open in it, and where it goes, all in sight."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from rich.text import Text
from textual.app import ComposeResult
from textual.message import Message
from textual.widgets import Static

from schema.errors import CartrailError, InputError
from tracker.exports.forms import FOR_PROGRAMS, TrailFormat
from tracker.values import NOTHING_MORE, AsOf, Disclosure
from tui.answers import check, ok, safe
from tui.framing import RawScan
from tui.language import tr
from tui.screens.acting import ActingScreen
from tui.session import TerminalSession
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
    ExportScreen #choice { padding: 0 1; height: 1fr; }
    """

    @dataclass
    class Written(Message):
        """The file is there."""

        path: Path
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

    def body(self) -> ComposeResult:
        """The choices."""
        yield Static(id="choice", markup=False)

    def on_mount(self) -> None:
        self._refresh_choice()

    @property
    def path(self) -> Path:
        """Where the file goes."""
        if self._path is not None:
            return self._path
        stamp = f"{self.session.now():%Y%m%d-%H%M}"
        return self.session.folder / f"trail-{self.coi}-{stamp}.{FORMS[self.form][2]}"

    def _refresh_choice(self) -> None:
        text = Text(tr("EXPORT the trail of {coi}", coi=self.coi), style="bold")
        if self._as_of is not None:
            text.append(tr(", as known at {as_of}", as_of=self._as_of))
        text.append("\n\n" + tr("FORM") + "\n")
        for number, (_, words, _) in enumerate(FORMS, 1):
            mark = "(x)" if number - 1 == self.form else "○"
            style = "bold" if number - 1 == self.form else "not bold"
            text.append(f" {number}  {mark} {words}\n", style=style)
        text.append("\n" + tr("OPEN IN IT") + "\n")
        for number, (field, words) in enumerate(CHOICES, len(FORMS) + 1):
            mark = "●" if getattr(self.disclosure, field) else "○"
            text.append(f" {number}  {mark} {words}\n", style="bold" if mark == "●" else "not bold")
        text.append("\n" + tr("TO") + "\n").append(f" {safe(str(self.path))}\n", style="not bold")
        text.append("\n" + tr("F10 writes it and notes it in the registry."), style="not bold")
        self.query_one("#choice", Static).update(text)
        self.show_keys()

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
        """Say where it is, and whether it is noted."""
        self._is_writing = False
        if message.doubt is not None:
            self.close_with(
                check(
                    tr("THE RECORD CANNOT BE TRUSTED, and {path} is of it.", path=message.path), message.doubt
                )
            )
        elif message.note is None:
            self.close_with(
                ok(tr("Written to {path}.", path=message.path), tr("The export is noted in the registry."))
            )
        else:
            self.close_with(check(tr("Written to {path}, but not noted.", path=message.path), message.note))

    def read_failed(self, error: CartrailError) -> None:
        """Nothing stands under that name."""
        self._is_writing = False
        super().read_failed(error)

    def action_discard(self) -> None:
        """Nothing is written."""
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

    def write(self) -> tuple[str | None, str | None]:
        """Write the file, whole or not at all; why it could not be noted, and what is not sound."""
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
        return notes[0], str(doubts[0]) if doubts else None
