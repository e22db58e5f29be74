"""Printing, and what is certain afterwards: printed, not printed, or unknown until somebody looks.

A network printer takes ZPL on port 9100 and is asked for its status before and after. A CUPS queue only takes
the job, so whether it was printed is seen at the printer.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from schema.vocabulary import PrintOutcome

ASK: Final = b"~HS"
ANSWER_MAX: Final = 1024
"""The answer has 82 bytes; what says more is not a ZPL printer."""

_LINE: Final = re.compile(rb"\x02([0-9A-Za-z,]*)\x03")
_FIELDS: Final = (12, 11, 2)
"""Fields of the three lines; some printers leave out the last of the third."""

FAULTS: Final = {
    "paper_out": ("is out of labels", "Load labels, close the printer, and look at the last label."),
    "head_open": ("has its head open", "Close the head, and look at the last label."),
    "ribbon_out": ("is out of ribbon", "Load ribbon, and look at the last label."),
    "paused": ("is paused", "Press pause to let it go on, and look at the last label."),
    "memory_lost": ("has lost its memory", "Switch it off and on, and try again."),
    "wrong_temperature": ("is too hot or too cold", "Let it reach its temperature, and try again."),
}
"""By code, what is wrong with the printer and what to do."""

PORT: Final = 9100
_IDLE_ANSWERS: Final = 2
"""A printer may answer once more before it takes up what it was just sent."""


@dataclass(frozen=True, slots=True)
class PrintResult:
    """How a print job ended, for the label ledger and for the person beside the printer."""

    outcome: PrintOutcome
    code: str
    message: str
    remedy: str = ""
    count: int = 0
    """How many labels the job had."""


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """One answer: what keeps the printer from printing, and what it still has to print."""

    faults: tuple[str, ...]
    formats_waiting: int
    labels_remaining: int
    is_receiving: bool
    """Whether a format has begun and not ended."""

    @property
    def is_idle(self) -> bool:
        """Whether nothing is left to print."""
        return not (self.formats_waiting or self.labels_remaining or self.is_receiving)


def whole_answer(data: bytes) -> bool:
    """Whether all three lines have come."""
    return len(_LINE.findall(data)) >= len(_FIELDS)


def parse_status(data: bytes) -> PrinterStatus | None:
    """The status in an answer; None for an answer of another form."""
    lines = [line.decode("ascii").split(",") for line in _LINE.findall(data)]
    if len(lines) < len(_FIELDS) or any(
        len(line) < least - 1 for line, least in zip(lines, _FIELDS, strict=False)
    ):
        return None
    first, second = lines[0], lines[1]
    try:
        flags = {
            "paper_out": first[1],
            "paused": first[2],
            "memory_lost": first[9],
            "head_open": second[2],
            "ribbon_out": second[3],
        }
        cold_or_hot = "1" in (first[10], first[11])
        waiting, remaining = int(first[4]), int(second[8])
    except (IndexError, ValueError):
        return None
    # Paper, head and ribbon pause the printer too; they come first because they say why.
    raised = [
        name for name in FAULTS if flags.get(name) == "1" or (name == "wrong_temperature" and cold_or_hot)
    ]
    return PrinterStatus(tuple(raised), waiting, remaining, first[7] == "1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a printer may take, in seconds."""

    connect: float = 5.0
    answer: float = 5.0
    """For one status, and for each piece of a format."""
    finish: float = 30.0
    """For the paper to come out, and a second more for each label."""
    between: float = 0.2


USUAL_PATIENCE: Final = Patience()


@dataclass(frozen=True, slots=True)
class TcpPrinter:
    """A ZPL printer on the network."""

    host: str
    port: int = PORT
    patience: Patience = USUAL_PATIENCE

    def print(self, formats: Sequence[bytes]) -> PrintResult:
        """Print the formats in order; the result says what is certain, whatever the printer does."""
        count = len(formats)
        try:
            line = socket.create_connection((self.host, self.port), timeout=self.patience.connect)
        except (OSError, UnicodeError) as error:
            return self._not_printed("no_connection", f"cannot be reached ({_reason(error)})", count)
        with line:
            line.settimeout(self.patience.answer)
            before = _asked(line)
            if before is None:
                return self._not_printed("no_status", "does not say how it is", count)
            if before.faults:
                return self._not_printed(before.faults[0], FAULTS[before.faults[0]][0], count)
            if not before.is_idle:
                return self._not_printed("busy", "is still printing something else", count)
            sent, stop = _sent(line, formats)
            if stop is not None and sent == 0:
                # A format prints at its last three characters, and these never left this machine.
                return self._not_printed(
                    "broken_off", f"broke off ({_reason(stop)}) before the first label", count
                )
            if stop is not None:
                words = f"broke off ({_reason(stop)}) after {sent} of {count} labels were sent"
                return self._unknown("broken_off", words, count)
            return self._finished(line, count)

    def _finished(self, line: socket.socket, count: int) -> PrintResult:
        deadline = time.monotonic() + self.patience.finish + count
        idle = 0
        while time.monotonic() < deadline:
            status = _asked(line)
            if status is None:
                return self._unknown("no_answer", "took the labels and then fell silent", count)
            if status.faults:
                words, remedy = FAULTS[status.faults[0]]
                return self._unknown(status.faults[0], f"took the labels and {words}", count, remedy)
            idle = idle + 1 if status.is_idle else 0
            if idle >= _IDLE_ANSWERS:
                return PrintResult(
                    PrintOutcome.PRINTED, "printed", f"{self.host} says it printed all.", "", count
                )
            time.sleep(self.patience.between)
        return self._unknown("still_printing", "took the labels and does not come to an end", count)

    def _not_printed(self, code: str, what: str, count: int) -> PrintResult:
        remedy = FAULTS[code][1] if code in FAULTS else "See that it is on and connected, and print again."
        return PrintResult(
            PrintOutcome.NOT_PRINTED,
            code,
            f"The printer {self.host} {what}; nothing was printed.",
            remedy,
            count,
        )

    def _unknown(self, code: str, what: str, count: int, remedy: str = "") -> PrintResult:
        message = f"The printer {self.host} {what}; whether they came out is not known."
        look = "Look at the printer, count what came out, and void what is missing or damaged."
        return PrintResult(PrintOutcome.UNKNOWN, code, message, f"{remedy} {look}".strip(), count)


@dataclass(frozen=True, slots=True)
class CupsQueue:
    """A queue of the Common UNIX Printing System, reached through its own `lp`."""

    queue: str
    wait: float = 30.0

    def print(self, data: bytes, *, raw: bool, count: int, media: str | None = None) -> PrintResult:
        """Hand one job to the queue; a job that was taken is `unknown` with the code `queued`.

        A job that is not raw is printed in its true size, on paper of the size `media` where all is of one.
        """
        program = shutil.which("lp")
        if program is None:
            return self._not_taken("no_lp", "there is no program `lp` on this machine", count)
        options = ["raw"] if raw else ["print-scaling=none", *([f"media={media}"] if media else [])]
        command = [program, "-d", self.queue, *(word for one in options for word in ("-o", one))]
        try:
            done = subprocess.run(command, input=data, capture_output=True, timeout=self.wait, check=False)
        except subprocess.TimeoutExpired:
            message = f"The queue {self.queue} did not answer in {self.wait:g} s; it may have taken the job."
            return PrintResult(
                PrintOutcome.UNKNOWN, "no_answer", message, "Look at the printer and at `lpstat`.", count
            )
        except OSError as error:
            return self._not_taken("no_lp", f"`lp` cannot be run ({_reason(error)})", count)
        if done.returncode != 0:
            return self._not_taken(
                "refused", _first_line(done.stderr) or f"`lp` ended with {done.returncode}", count
            )
        message = f"The queue {self.queue} took the job: {_first_line(done.stdout) or 'no job number given'}."
        return PrintResult(PrintOutcome.UNKNOWN, "queued", message, "Look whether it came out.", count)

    def _not_taken(self, code: str, why: str, count: int) -> PrintResult:
        message = f"The queue {self.queue} did not take the job: {why}; nothing was printed."
        remedy = "See with `lpstat -p` that the queue exists and accepts jobs, and print again."
        return PrintResult(PrintOutcome.NOT_PRINTED, code, message, remedy, count)


def _asked(line: socket.socket) -> PrinterStatus | None:
    """The printer's status; None where it does not answer, closes, or answers something else."""
    answer = b""
    deadline = time.monotonic() + (line.gettimeout() or USUAL_PATIENCE.answer)
    try:
        line.sendall(ASK)
        while not whole_answer(answer) and len(answer) < ANSWER_MAX and time.monotonic() < deadline:
            piece = line.recv(ANSWER_MAX)
            if not piece:
                return None
            answer += piece
    except OSError:
        return None
    return parse_status(answer)


def _sent(line: socket.socket, formats: Sequence[bytes]) -> tuple[int, OSError | None]:
    """How many formats left this machine whole, and what stopped the rest."""
    for sent, each in enumerate(formats):
        try:
            line.sendall(each)
        except OSError as error:
            return sent, error
    return len(formats), None


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return getattr(error, "strerror", None) or type(error).__name__


def _first_line(output: bytes) -> str:
    text = output.decode("utf-8", "replace").strip().partition("\n")[0]
    return "".join(char for char in text if char.isprintable())[:120]
