"""Printers that misbehave in every way: what is certain about the paper is said, and nothing hangs."""

import contextlib
import io
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.errors import LabelOverflow, PrinterFault
from labels.outputs import PrintTarget, TargetKind, deliver, parse_target, print_labels
from labels.pdf import PrintSetting, render_pdf
from labels.printers import CupsQueue, Patience, PrintResult, TcpPrinter, parse_status
from schema.errors import InputError
from schema.vocabulary import PrintOutcome
from tests.support.label_samples import sample, unit

HASTE = Patience(connect=0.5, answer=0.3, finish=0.2, between=0.01)
LABEL = b"^XA^FO0,0^GB9,9,9^FS^XZ"

Behavior = Callable[["FakePrinter", socket.socket], None]


def answer(**flags: int) -> bytes:
    """The three lines that a printer answers to ~HS."""
    get = flags.get
    first = (
        f"030,{get('paper_out', 0)},{get('paused', 0)},0600,{get('waiting', 0):03},0,0,{get('partial', 0)}"
    )
    first += f",000,{get('memory_lost', 0)},{get('cold', 0)},0"
    second = f"001,0,{get('head_open', 0)},{get('ribbon_out', 0)},0,2,4,0,{get('remaining', 0):08},1,000"
    return b"".join(b"\x02" + line.encode() + b"\x03\r\n" for line in (first, second, "1234,0"))


class FakePrinter:
    """A printer on a port of this machine; what it does with a connection is given."""

    def __init__(self, behavior: Behavior) -> None:
        self._behavior = behavior
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.received = b""
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            line, _ = self._listener.accept()
            line.settimeout(5)
            with line:
                self._behavior(self, line)

    def ask_of(self, line: socket.socket) -> bytes:
        """Everything up to the next ~HS, without it."""
        data = b""
        while b"~HS" not in data:
            piece = line.recv(65536)
            if not piece:
                return data
            data += piece
        return data.replace(b"~HS", b"")

    def close(self) -> None:
        """Let go of the port."""
        self._listener.close()
        self._thread.join(timeout=6)


def answers(*statuses: bytes, then: str = "repeat") -> Behavior:
    """A printer that gives these answers in turn, then repeats the last, falls silent or closes."""

    def behave(printer: FakePrinter, line: socket.socket) -> None:
        for status in statuses:
            printer.received += printer.ask_of(line)
            line.sendall(status)
        while then == "repeat":
            more = printer.ask_of(line)
            printer.received += more
            line.sendall(statuses[-1])
        if then == "silence":
            printer.received += printer.ask_of(line)
            time.sleep(0.6)

    return behave


def hang(printer: FakePrinter, line: socket.socket) -> None:
    """Take the connection and say nothing."""
    time.sleep(0.6)


def close(printer: FakePrinter, line: socket.socket) -> None:
    """Take the connection and let it go."""


def reset(printer: FakePrinter, line: socket.socket) -> None:
    """Answer once and break off with a reset while the label comes in."""
    printer.ask_of(line)
    line.sendall(answer())
    line.recv(100)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@contextlib.contextmanager
def printer_that(behavior: Behavior) -> Iterator[FakePrinter]:
    """A fake printer for the length of a test."""
    printer = FakePrinter(behavior)
    try:
        yield printer
    finally:
        printer.close()


def tried(behavior: Behavior, *formats: bytes) -> tuple[PrintResult, bytes]:
    """How printing ended, and what the printer had got."""
    with printer_that(behavior) as printer:
        began = time.monotonic()
        result = TcpPrinter("127.0.0.1", printer.port, HASTE).print(formats or (LABEL,))
        assert time.monotonic() - began < 5
    assert result.message.isprintable() and (result.remedy or result.outcome is PrintOutcome.PRINTED)
    return result, printer.received


def test_a_printer_that_prints() -> None:
    """Asked before, sent, busy for a while, then idle: printed, and it got exactly the formats."""
    busy = answer(waiting=1), answer(remaining=1), answer(partial=1)
    result, received = tried(answers(answer(), *busy, answer()), LABEL, LABEL)
    assert (result.outcome, result.count) == (PrintOutcome.PRINTED, 2)
    assert received == LABEL * 2


@pytest.mark.parametrize(
    ("flag", "code"),
    [
        ("paper_out", "paper_out"),
        ("head_open", "head_open"),
        ("paused", "paused"),
        ("ribbon_out", "ribbon_out"),
        ("memory_lost", "memory_lost"),
        ("cold", "wrong_temperature"),
        ("waiting", "busy"),
        ("remaining", "busy"),
        ("partial", "busy"),
    ],
)
def test_a_printer_that_is_not_ready_gets_nothing(flag: str, code: str) -> None:
    """With a fault or another job before it starts, nothing is sent: not printed is certain."""
    result, received = tried(answers(answer(**{flag: 1})))
    assert (result.outcome, result.code) == (PrintOutcome.NOT_PRINTED, code)
    assert received == b""


@pytest.mark.parametrize("flag", ["paper_out", "head_open", "paused", "ribbon_out"])
def test_a_printer_that_stops_midway_is_unknown(flag: str) -> None:
    """A fault after the label was sent names the fault and sends somebody to look."""
    result, received = tried(answers(answer(), answer(**{flag: 1, "remaining": 1})))
    assert (result.outcome, result.code) == (PrintOutcome.UNKNOWN, flag)
    assert "Look at the printer" in result.remedy and received == LABEL


def test_paper_out_is_named_before_the_pause_it_brings() -> None:
    """The reason comes before its consequence."""
    result, _ = tried(answers(answer(paper_out=1, paused=1)))
    assert result.code == "paper_out"


@pytest.mark.parametrize(
    ("behavior", "outcome", "code"),
    [
        (hang, PrintOutcome.NOT_PRINTED, "no_status"),
        (close, PrintOutcome.NOT_PRINTED, "no_status"),
        (answers(b"HTTP/1.1 400 Bad Request\r\n\r\n", then="silence"), PrintOutcome.NOT_PRINTED, "no_status"),
        (answers(b"\x02x\x03\x02y\x03\x02z\x03"), PrintOutcome.NOT_PRINTED, "no_status"),
        (answers(b"\xff" * 5000), PrintOutcome.NOT_PRINTED, "no_status"),
        (answers(answer()[:40], then="silence"), PrintOutcome.NOT_PRINTED, "no_status"),
        (answers(answer(), then="silence"), PrintOutcome.UNKNOWN, "no_answer"),
        (answers(answer(), then="close"), PrintOutcome.UNKNOWN, "no_answer"),
        (answers(answer(), answer(), then="close"), PrintOutcome.UNKNOWN, "no_answer"),
        (answers(answer(), answer(waiting=1)), PrintOutcome.UNKNOWN, "still_printing"),
        (reset, PrintOutcome.UNKNOWN, "no_answer"),
    ],
    ids=[
        "hangs",
        "closes",
        "http",
        "nonsense",
        "flood",
        "half",
        "silent",
        "closes-after",
        "closes-later",
        "busy",
        "reset",
    ],
)
def test_printers_that_break_off(behavior: Behavior, outcome: PrintOutcome, code: str) -> None:
    """Before anything was sent it is certain; afterwards only the paper knows."""
    result, _ = tried(behavior)
    assert (result.outcome, result.code) == (outcome, code)


def test_a_label_that_never_left_whole_was_not_printed() -> None:
    """Broken off within the first label, whose last characters never left, nothing can have been printed."""
    huge = b"^XA" + b"0" * 30_000_000 + b"^XZ"
    result, _ = tried(reset, huge)
    assert (result.outcome, result.code) == (PrintOutcome.NOT_PRINTED, "broken_off")
    result, _ = tried(reset, LABEL, huge)
    assert (result.outcome, result.code) == (PrintOutcome.UNKNOWN, "broken_off")
    assert "1 of 2" in result.message


def test_a_printer_that_is_not_there() -> None:
    """A closed port and a name that nobody has are told at once."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    for printer in (TcpPrinter("127.0.0.1", port, HASTE), TcpPrinter("no-such-host.invalid", 9100, HASTE)):
        result = printer.print([LABEL])
        assert (result.outcome, result.code) == (PrintOutcome.NOT_PRINTED, "no_connection")


@given(st.binary(max_size=120))
def test_any_answer_is_a_status_or_none(data: bytes) -> None:
    """A printer may say what it likes."""
    assert parse_status(data) is None or b"\x02" in data
    assert parse_status(answer() + data) is not None


LP = """#!/bin/sh
printf '%s\\n' "$@" > "$0.arguments"
cat > "$0.data"
{}
"""


@pytest.fixture
def lp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Puts a stand-in `lp` first in PATH that ends in the given way."""

    def made(ending: str) -> Path:
        program = tmp_path / "lp"
        program.write_text(LP.format(ending))
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
        return program

    return made


def test_a_queue_takes_zpl_raw_or_a_pdf(lp: Callable[[str], Path]) -> None:
    """`lp` gets the queue and the job on its input; that it was printed only the paper shows."""
    program = lp('echo "request id is LAB-7 (1 file(s))"')
    result = print_labels([unit("unit", "Cells")], parse_target("cups:LAB"))
    assert (result.outcome, result.code, result.count) == (PrintOutcome.UNKNOWN, "queued", 1)
    assert "LAB-7" in result.message
    assert Path(f"{program}.arguments").read_text().split() == ["-d", "LAB", "-o", "raw"]
    assert Path(f"{program}.data").read_bytes().startswith(b"^XA")
    print_labels([sample("command-card")], parse_target("cups:OFFICE/pdf"))
    assert Path(f"{program}.data").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("contents", "paper", "media"),
    [
        (["command-card"], None, "media=A5"),
        (["unit", "unit"], None, "media=Custom.100x75mm"),
        (["unit", "command-card"], None, None),
        (["unit"], "Letter", "media=Letter"),
    ],
)
def test_findings_d21_a_queue_prints_in_true_size(
    contents: list[str], paper: str | None, media: str | None, lp: Callable[[str], Path]
) -> None:
    """Scaled to the page, a label's modules would lie between two dots; the paper is said where it is one."""
    program = lp('echo "request id is OFFICE-7 (1 file(s))"')
    setting = PrintSetting(paper=paper)
    print_labels([sample(name) for name in contents], parse_target("cups:OFFICE/pdf"), setting=setting)
    options = ["-o", "print-scaling=none", *(["-o", media] if media else [])]
    assert Path(f"{program}.arguments").read_text().split() == ["-d", "OFFICE", *options]


@pytest.mark.parametrize("name", ["unit", "command-card", "scanner-card"])
def test_findings_d21_a_label_says_that_nobody_scales_it(name: str) -> None:
    """As another program reads the file, which is whole: its pages are found by its table."""
    document = pypdfium2.PdfDocument(render_pdf([sample(name)]))
    assert not pypdfium2.raw.FPDF_VIEWERREF_GetPrintScaling(document)
    assert len(document) == 1 and document[0].get_textpage().get_text_range()
    document.close()


def test_a_queue_that_does_not_take_the_job(
    lp: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unknown queue, a missing `lp` and one that hangs are three results."""
    lp("echo 'lp: The printer or class does not exist.' >&2; exit 1")
    result = CupsQueue("LAB").print(b"^XA^XZ", raw=True, count=1)
    assert (result.outcome, result.code) == (PrintOutcome.NOT_PRINTED, "refused")
    assert "does not exist" in result.message
    lp("exec sleep 5")
    result = CupsQueue("LAB", wait=0.3).print(b"^XA^XZ", raw=True, count=1)
    assert (result.outcome, result.code) == (PrintOutcome.UNKNOWN, "no_answer")
    monkeypatch.setenv("PATH", "/nonexistent")
    result = CupsQueue("LAB").print(b"^XA^XZ", raw=True, count=1)
    assert (result.outcome, result.code) == (PrintOutcome.NOT_PRINTED, "no_lp")


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("zpl:a.zpl", PrintTarget(TargetKind.ZPL, Path("a.zpl"))),
        ("tcp://printer.example:9101", PrintTarget(TargetKind.TCP, host="printer.example", port=9101)),
        ("tcp://192.0.2.7/", PrintTarget(TargetKind.TCP, host="192.0.2.7", port=9100)),
        ("tcp://[2001:db8::7]:9100", PrintTarget(TargetKind.TCP, host="2001:db8::7", port=9100)),
        ("cups:Lab_Printer-2", PrintTarget(TargetKind.CUPS, queue="Lab_Printer-2")),
        ("cups:OFFICE/pdf", PrintTarget(TargetKind.CUPS, queue="OFFICE", raw=False)),
    ],
)
def test_printers_are_understood(text: str, target: PrintTarget) -> None:
    """A network printer, a queue and a ZPL file are targets like the others."""
    assert parse_target(text) == target


@pytest.mark.parametrize(
    "text",
    [
        "tcp://",
        "tcp://host:0x",
        "tcp://host:99999",
        "tcp://a/b",
        "tcp://user@host",
        "cups:",
        "cups:-o",
        "cups:a b",
        "zpl:",
    ],
)
def test_what_names_no_printer_is_refused(text: str) -> None:
    """A queue that `lp` would take for an option never reaches it."""
    with pytest.raises(InputError) as caught:
        parse_target(text)
    assert caught.value.code == "bad_target" and "tcp://HOST" in caught.value.remedy


def test_delivery_ends_in_words_or_a_fault(lp: Callable[[str], Path]) -> None:
    """A printed or queued job is a line of text, everything else an error with the result in it."""
    out = io.StringIO()
    with printer_that(answers(answer())) as printer:
        assert (
            deliver([unit("unit", "Cells")], parse_target(f"tcp://127.0.0.1:{printer.port}"), out=out) == ()
        )
    assert "printed" in out.getvalue() and printer.received.startswith(b"^XA")
    lp("exit 0")
    assert deliver([unit("unit", "Cells")], parse_target("cups:LAB"), out=out) == ()
    with printer_that(answers(answer(paper_out=1))) as printer, pytest.raises(PrinterFault) as caught:
        deliver([unit("unit", "Cells")], parse_target(f"tcp://127.0.0.1:{printer.port}"), out=out)
    assert caught.value.result.outcome is PrintOutcome.NOT_PRINTED
    assert (caught.value.code, caught.value.exit_code) == ("paper_out", 5)


def test_nothing_is_sent_when_a_label_does_not_fit(tmp_path: Path) -> None:
    """An overflow is found before the printer hears of the job, and a ZPL file is whole or not there."""
    with printer_that(answers(answer())) as printer:
        with pytest.raises(LabelOverflow):
            print_labels([unit("unit", "W" * 80)], parse_target(f"tcp://127.0.0.1:{printer.port}"))
        socket.create_connection(("127.0.0.1", printer.port)).close()
    assert printer.received == b""
    target = parse_target(f"zpl:{tmp_path / 'labels.zpl'}")
    assert deliver([unit("unit", "Cells")] * 2, target, out=io.StringIO()) == (tmp_path / "labels.zpl",)
    assert (tmp_path / "labels.zpl").read_bytes().count(b"^XA") == 2
    with pytest.raises(InputError):
        print_labels([unit("unit", "Cells")], parse_target("text:"))
