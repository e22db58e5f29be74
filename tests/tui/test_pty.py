"""In a real terminal: a rack scanned without a pause, and what scanners put between and behind codes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.burst import Rack, rack
from tests.support.terminals import Terminal, terminal
from tracker.tracker import Tracker

SCANS = 100
GS1 = "]d20104012345123456\x1d10LOT-7\x1d21SERIAL-9"
ISO_15434 = "[)>\x1e06\x1d1JUN043325711MH\x1e\x04"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Rack:
    """A tank with ten bags."""
    return rack(tmp_path_factory.mktemp("rack"), 10)


@pytest.fixture(scope="module")
def bench(filled: Rack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """A terminal that is ready to be scanned at, and at the end is left as it should be."""
    out = tmp_path_factory.mktemp("answers") / "answers.jsonl"
    with terminal(["-m", "tests.support.burst", filled.url, str(out), filled.tank], out) as opened:
        opened.wait(lambda: bool(opened.lines()), what="ready")
        yield opened
        assert opened.leave() == 0


def recorded(given: Rack) -> dict[str, list[tuple[int, str]]]:
    """Sequence and kind of every storage event, by therapy."""
    tracker = Tracker.open(url=given.url, read_only=True)
    try:
        return {
            coi: [
                (one.entry.sequence, one.entry.statement.kind)
                for one in tracker.read.trail(coi=coi).entries
                if one.entry.statement.kind in ("stored", "retrieved")
            ]
            for coi in given.cois
        }
    finally:
        tracker.close()


def test_a_hundred_scans_without_a_pause(bench: Terminal, filled: Rack) -> None:
    """Written at once, answered one by one: each an event that is in the store, in the order of the scans."""
    before = recorded(filled)
    rounds = SCANS // len(filled.cassettes)
    text = "".join(f"{code}\r" for _ in range(rounds) for code in filled.cassettes)
    answers = bench.answers(text.encode(), SCANS)
    assert [answer["text"] for answer in answers] == [*filled.cassettes] * rounds
    assert {answer["mode"] for answer in answers} == {"scanned"}
    after = recorded(filled)
    for code, coi in zip(filled.cassettes, filled.cois, strict=True):
        told = [(answer["sequence"], answer["kind"]) for answer in answers if answer["text"] == code]
        new = [
            (sequence, {"stored": "store", "retrieved": "retrieve"}[kind]) for sequence, kind in after[coi]
        ]
        assert new[len(before[coi]) :] == told and len(told) == rounds
        assert {kind for _, kind in told} == {"store", "retrieve"}


@pytest.mark.parametrize(
    ("sent", "texts"),
    [
        (f"{GS1}\r", [GS1]),
        (f"{ISO_15434}\r", [ISO_15434]),
        ("SEAL-1\r\nSEAL-2\r\nSEAL-3\r\n", ["SEAL-1", "SEAL-2", "SEAL-3"]),
        ("SEAL-1\nSEAL-2\tSEAL-3\r", ["SEAL-1", "SEAL-2", "SEAL-3"]),
        ("\x1b[200~SEAL-1\r\nSEAL-2\n\nSEAL-3\x1b[201~", ["SEAL-1", "SEAL-2", "SEAL-3"]),
        (f"\x1b[200~{GS1}\r{ISO_15434}\r\x1b[201~SEAL-4\r", [GS1, ISO_15434, "SEAL-4"]),
    ],
    ids=["GS", "RS and EOT", "CRLF", "LF and Tab", "bracketed paste", "paste with separators, then a scan"],
)
def test_what_scanners_send(sent: str, texts: list[str], bench: Terminal) -> None:
    """Separators stay in the code, every kind of line end ends it, and a paste is taken as such."""
    answers = bench.answers(sent.encode(), len(texts))
    assert [answer["text"] for answer in answers] == texts
    pasted = "\x1b[200~" in sent
    assert answers[0]["mode"] == ("pasted" if pasted else "scanned")
    # Whatever more came of it would stand before the next scan.
    assert [answer["text"] for answer in bench.answers(b"SEAL-99\r", 1)] == ["SEAL-99"]


def test_findings_f1_a_scan_with_bytes_that_are_no_text_is_a_check(bench: Terminal) -> None:
    """Given a byte of Latin-1 in a code, nothing of it is taken, and it says so; the next scan is read."""
    before = len(bench.painted)
    bench.send(b"SEAL-\xfc1\r")
    bench.wait(lambda: b"no text" in bytes(bench.painted[before:]), what="the check")
    assert [one["text"] for one in bench.answers(b"SEAL-78\r", 1)] == ["SEAL-78"]


NO_TEXT = {
    "Latin-1 letter": b"\xfc",
    "continuation alone": b"\x80\xbf",
    "begun and not ended": b"\xc3",
    "overlong": b"\xc0\xaf",
    "surrogate": b"\xed\xa0\x80",
    "beyond Unicode": b"\xf4\x90\x80\x80\xfe\xff",
    "UTF-16": "\ufeffSEAL".encode("utf-16-le"),
    "C1 as a byte": b"\x9b1;2R",
    "NUL and DEL": b"\x00\x7f\x00",
    "other controls": b"\x01\x02\x0c\x15\x16\x17\x19\x1c",
    "an escape that ends nowhere": b"\x1b[999999999999;",
    "an escape that is none": b"\x1b]\xfc\x07",
}


@pytest.mark.parametrize("sent", NO_TEXT.values(), ids=NO_TEXT.keys())
def test_findings_f1_bytes_that_are_no_text_end_nothing(sent: bytes, bench: Terminal) -> None:
    """Given bytes of each class in the middle of a scan, the next scan is read as if nothing had been."""
    bench.send(b"SEAL-" + sent + b"\r")
    bench.send(b"\x1b\r")
    answers = bench.answers(b"\rSEAL-77\r", 1)
    while answers[-1]["text"] != "SEAL-77":
        answers = bench.answers(b"", 1)
    assert answers[-1] == {"text": "SEAL-77", "mode": "scanned"}


def test_a_burst_in_pieces(bench: Terminal, filled: Rack) -> None:
    """A slow line cuts codes anywhere, inside a character's escape as well; no scan is lost or doubled."""
    before = len(bench.lines())
    text = "".join(f"{code}\r" for code in filled.cassettes).encode()
    for start in range(0, len(text), 7):
        bench.send(text[start : start + 7])
    bench.wait(lambda: len(bench.lines()) >= before + len(filled.cassettes), what="answers")
    assert [answer["text"] for answer in bench.lines()[before:]] == [*filled.cassettes]
