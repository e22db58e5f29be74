"""A site's command, however it behaves: ended in time, never heard out for ever, given little to see."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import pytest

from schema.errors import InputError
from tracker.site_command import SiteCommand, run_command

DOCUMENT = b'{"alerts":[]}\n'


def shell(text: str) -> SiteCommand:
    """What a site says to its shell."""
    return SiteCommand.parse(text, by_shell=True)


def test_logistics_the_document_comes_on_standard_input(tmp_path: Path) -> None:
    """Whole, also where it is larger than a pipe holds."""
    large = b"x" * 300_000 + b"\n"
    assert run_command(shell(f"cat > {tmp_path}/got"), large).words == "done"
    assert (tmp_path / "got").read_bytes() == large


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("exec 0<&-; exit 0", "done"),
        ("head -c 10000000 /dev/zero", "done"),
        ("exit 1", "ended with 1"),
        ("echo 'no route\x1b[2J to pager' >&2; exit 7", "ended with 7: no route?[2J to pager"),
        ("kill -9 $$", "ended by signal 9"),
        ("sleep 30 & echo kept; exit 0", "done"),
        ("(sleep 30; echo late) & exit 3", "ended with 3"),
    ],
)
def test_logistics_however_it_behaves(text: str, words: str) -> None:
    """It closes its input, prints 10 MB, fails, or leaves a child that keeps the pipe: it is over at once."""
    began = time.monotonic()
    assert run_command(shell(text), DOCUMENT).words == words
    assert time.monotonic() - began < 8


def alive_in(group: int) -> list[str]:
    """The processes of a group that still run; what waits to be taken off the list does not."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state != "Z":
                found.append(str(stat))
    return found


@pytest.mark.parametrize(
    "text", ["sleep 60", "sleep 60 & wait", "trap '' TERM; cat; while :; do :; done", "yes"]
)
def test_logistics_one_that_hangs_is_ended_with_all_it_started(text: str, tmp_path: Path) -> None:
    """After its time, with its whole process group."""
    marked = f"echo $$ > {tmp_path}/pid; {text}"
    problem = run_command(shell(marked), DOCUMENT, seconds=0.4).problem
    assert problem.startswith(("no end within 0.4 s", "printed more than"))
    group, given_up = int((tmp_path / "pid").read_text()), time.monotonic() + 20
    while alive_in(group) and time.monotonic() < given_up:
        time.sleep(0.01)
    assert not alive_in(group)


def test_logistics_it_sees_little_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No address of a store and no secret; its folder is the root."""
    monkeypatch.setenv("CARTRAIL_DATABASE", "postgresql://app:secret@db/x")
    assert run_command(shell(f"env > {tmp_path}/env; pwd >> {tmp_path}/env"), DOCUMENT).words == "done"
    seen = (tmp_path / "env").read_text()
    assert "secret" not in seen and "PATH=" in seen and seen.endswith("/\n")


def test_logistics_without_a_shell_a_line_is_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in it is expanded; what is not there, or not closed, is bad input before the hub starts."""
    script = tmp_path / "gate way"
    script.write_text(f'#!/bin/sh\nprintf "%s|" "$@" > {tmp_path}/got\n')
    script.chmod(0o700)
    command = SiteCommand.parse(f"'{script}' $HOME ';' 'a b'")
    assert command.channel == "gate way" and run_command(command, DOCUMENT).words == "done"
    assert (tmp_path / "got").read_text() == "$HOME|;|a b|"
    for text in ("", "  ", "no-such-command-here", "'open"):
        with pytest.raises(InputError):
            SiteCommand.parse(text)
    monkeypatch.chdir(tmp_path)
    here = SiteCommand.parse("'./gate way' here")
    assert run_command(here, DOCUMENT).words == "done", "it runs in another folder than it was named in"
    script.unlink()
    assert run_command(command, DOCUMENT).words.startswith("could not be started: No such file")
