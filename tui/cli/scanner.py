"""`cartrail scan --card`: what is set wrong at a scanner, by what it sends of the scanner card."""

from __future__ import annotations

import os
import re
import select
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

import typer

from labels.scanner_card import CARD_CODES, READINGS_MAX, CardReading, CardVerdict, verdict_of
from schema.errors import InputError, Refusal
from tui.cli.acting import ask
from tui.cli.ending import say
from tui.cli.options import options_in
from tui.cli.output import print_json
from tui.cli.session import CommandSession

_READING: Final = re.compile(r"[^\r\n\t]+[\r\n\t]*|[\r\n\t]+")
_BYTES_MAX: Final = 65_536
_PAUSE: Final = 0.4
"""Seconds without a key after which one scan has ended, whatever ended it."""

_TYPED_GAP: Final = 0.030
"""Mean seconds between keys: scanners stay far below, people far above."""

_LEAVE: Final = ("\x03", "\x1b")


def check_card(context: typer.Context, scanner: str | None) -> int:
    """Judge what comes, print each fault with its remedy, and keep the result where a name is given."""
    readings = list(_from_terminal() if sys.stdin.isatty() else _from_input())
    if not readings:
        raise InputError("Nothing was scanned.", remedy="Scan the codes of the scanner card.", code="empty")
    verdict = verdict_of(readings)
    _tell(verdict, as_json=options_in(context).as_json)
    if scanner is not None:
        _keep(CommandSession.of(context), scanner, readings)
    return 0 if verdict.passed else Refusal.exit_code


def _from_input() -> Iterator[CardReading]:
    """What a scanner sent into a file or pipe; each terminator belongs to the code before it."""
    text = sys.stdin.buffer.read(_BYTES_MAX).decode("utf-8", "replace")
    return (CardReading(found) for found in _READING.findall(text)[: READINGS_MAX + 1])


def _from_terminal() -> Iterator[CardReading]:
    """Scans one after the other until each code was there; Ctrl+C or Esc ends it early."""
    import termios
    import tty

    say(f"Scan the {len(CARD_CODES)} codes of the scanner card, one after the other. Esc ends it.")
    file = sys.stdin.fileno()
    before = termios.tcgetattr(file)
    try:
        tty.setraw(file)
        for number in range(1, len(CARD_CODES) + 1):
            reading = _one_scan(file)
            if reading is None:
                return
            yield reading
            os.write(sys.stderr.fileno(), f"{number} read\r\n".encode())
    finally:
        termios.tcsetattr(file, termios.TCSADRAIN, before)


def _one_scan(file: int) -> CardReading | None:
    """Everything until a pause; None when the person leaves."""
    text = os.read(file, 4096).decode("utf-8", "replace")
    if text in _LEAVE:
        return None
    began = last = time.monotonic()
    while len(text) < _BYTES_MAX and select.select([file], [], [], _PAUSE)[0]:
        text += os.read(file, 4096).decode("utf-8", "replace")
        last = time.monotonic()
    gap = (last - began) / max(len(text) - 1, 1)
    return CardReading(text, typed=gap > _TYPED_GAP)


def _tell(verdict: CardVerdict, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "passed": verdict.passed,
                "faults": [_fault(one.code, one.message, one.remedy) for one in verdict.faults],
                "advice": [_fault(one.code, one.message, one.remedy) for one in verdict.advice],
            }
        )
        return
    print("PASSED: the scanner is set right." if verdict.passed else "FAILED")
    for one in verdict.faults:
        print(f"  {one.message}\n    {one.remedy}")
    for one in verdict.advice:
        print(f"  Advice: {one.message} {one.remedy}")


def _fault(code: str, message: str, remedy: str) -> dict[str, str]:
    return {"code": code, "message": message, "remedy": remedy}


def _keep(session: CommandSession, scanner: str, readings: Sequence[CardReading]) -> None:
    given: list[dict[str, Any]] = [
        {"raw": one.raw, "mode": "manual" if one.typed else "scanned"} for one in readings
    ]
    with session.writing() as tracker:
        ask(session, tracker, "check_scanner", scanner=scanner, readings=given)
