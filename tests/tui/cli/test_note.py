"""`cartrail note`: its words come from a file, the standard input or the terminal, and from no argument."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.commands import Cartrail, write_credentials
from tests.support.journeys import World

Worlds = Callable[[str], World]


def test_logistics_a_note_at_the_command_line(
    cartrail: Cartrail, world: Worlds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a file, from a pipe; without words, with too many, and where nobody can be asked: bad input."""
    given = world("enrolled")
    file = write_credentials(tmp_path / "c.toml", {"NURSE-A1": given.network.password("NURSE-A1")})
    station = given.network.stations["COLL-A"]
    acting = ("--database", given.url, "--as", "NURSE-A1", "--station", station, "--credentials", file)
    words = tmp_path / "words.txt"
    words.write_text("\ufeffComes by taxi.\nCall the ward.\n", encoding="utf-8")
    said = cartrail("note", given.one.coi, words, "--milestone", "collection", *acting)
    assert "taxi" not in said.out + said.err
    monkeypatch.setattr("sys.stdin", io.StringIO("Fever since noon"))
    cartrail("note", given.one.coi, "-", *acting)
    assert [(one.text, one.milestone) for one in given.tracker.read.notes(coi=given.one.coi)] == [
        ("Fever since noon", None), ("Comes by taxi.\nCall the ward.", "collection"),
    ]  # fmt: skip
    words.write_text("x" * 2001, encoding="utf-8")
    assert "more than 2000 characters" in cartrail("note", given.one.coi, words, *acting, exit_code=2).err
    words.write_text(" \n", encoding="utf-8")
    assert "has no words" in cartrail("note", given.one.coi, words, *acting, exit_code=2).err
    words.write_text("red \x1b[31mink\x00", encoding="utf-8")
    assert "control character, U+001B" in cartrail("note", given.one.coi, words, *acting, exit_code=2).err
    missing = cartrail("note", given.one.coi, tmp_path / "no.txt", *acting, exit_code=2)
    assert "cannot be read as text" in missing.err
    assert "FILE is missing" in cartrail("note", given.one.coi, *acting, exit_code=2).err


def test_the_password_is_asked_before_what_is_seen(
    cartrail: Cartrail, world: Worlds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever cannot sign in is asked nothing whose answer stands on the screen."""
    given = world("enrolled")
    file = write_credentials(tmp_path / "c.toml", {"NURSE-A1": "not the password"})
    acting = ("--database", given.url, "--as", "NURSE-A1", "--credentials", file)
    station = ("--station", given.network.stations["COLL-A"])
    monkeypatch.setattr("tui.cli.asking.can_ask", lambda: True)
    monkeypatch.setattr("sys.stdin", io.StringIO("never read\n"))
    said = cartrail("note", given.one.coi, *acting, *station, exit_code=3).err
    assert "What should others know?" not in said and "password" in said


def test_logistics_a_patient_is_found_at_the_command_line(
    cartrail: Cartrail, world: Worlds, tmp_path: Path
) -> None:
    """The number comes from a file and is never said again; who may not ask is refused."""
    given = world("enrolled")
    staff = ("NURSE-A1", "LAB-A1")
    file = write_credentials(tmp_path / "c.toml", {one: given.network.password(one) for one in staff})
    station = given.network.stations["COLL-A"]
    number = tmp_path / "number.txt"
    value = given.one.wristband()[0].value
    number.write_text(value, encoding="utf-8")
    asked = ("patient", "find", number, "--database", given.url, "--station", station, "--credentials", file)
    said = cartrail(*asked, "--as", "NURSE-A1")
    assert given.one.coi in said.out and value not in said.out + said.err
    assert "1 therapy of this patient that you may see. It is noted that you looked." in said.err
    assert [one["coi"] for one in cartrail(*asked, "--json", "--as", "NURSE-A1").records] == [given.one.coi]
    refused = cartrail(*asked, "--as", "LAB-A1", exit_code=3)
    assert "is not apheresis nurse" in refused.err and given.one.coi not in refused.out
