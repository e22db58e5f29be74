"""A site set up from one file, by the commands that the guide prints, on each engine."""

from __future__ import annotations

import json

import pytest

from schema.vocabulary import Role
from tests.support.commands import Cartrail, typed, write_credentials
from tests.tui.test_from_nothing import (
    PINS,
    WRISTBAND,
    NewPlace,
    enroll,
    follow,
    founded,
    password,
    place,
    printed,
    twice,
    words,
)
from tracker.ledger.store import Store
from tracker.network_file import network_example

__all__ = ["place"]

pytestmark = [pytest.mark.slow, pytest.mark.waits]


on_sqlite = pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
"""Where nothing is decided by the database, or nothing is written to it."""


def network_file(place: NewPlace) -> str:
    """The example of the guide as a file."""
    path = place.folder / "network.toml"
    path.write_text(place.run("init", "--example").out, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == network_example()
    return str(path)


def test_a_network_stands_after_the_commands_of_the_guide(place: NewPlace) -> None:
    """Founded and filled by one command, a key by three more, equipment qualified by two people."""
    example, founding = printed("From one file")
    assert example == "init --example > network.toml"
    said = place.at_terminal(
        founding.replace("network.toml", network_file(place)),
        *twice("New password of ADA-1", password("ADA-1")),
        *twice("New PIN of ADA-1", PINS["ADA-1"]),
        *twice("New password of BEN-1", password("BEN-1")),
        *twice("New PIN of BEN-1", PINS["BEN-1"]),
    )
    assert "Adopted autologous-cryopreserved" in said.err
    for line in printed("Each person"):
        if line.startswith("person activate"):
            code = place.command("person code NURSE-1 --json").records[0]["code"]
            place.at_terminal(
                line,
                ("Password of BEN-1", password("BEN-1")),
                ("One-time code of NURSE-1", code),
                *twice("New password of NURSE-1", password("NURSE-1")),
                *twice("New PIN of NURSE-1", PINS["NURSE-1"]),
            )
        elif not line.startswith("person code"):
            follow(place, line)
    for line in printed("Equipment"):
        follow(place, line)
    listed = place.command("site equipment list CLINIC --json").records
    assert {one["title"]: one["state"] for one in listed} == {"Dewar 7": "to be charged", "Logger 1": "fit"}
    people = place.command("person list --json").records
    roles = {one["staff"]: one["roles"] for one in people}
    assert len(roles) == 17 and Role.DOCK.value in json.dumps(roles["DOCK-1"])
    place.run(*words("station use CHAIR-1"), "--database", place.url)
    enroll(place, WRISTBAND)
    (therapy,) = place.command("board --json").records
    (offer,) = place.command(f"plan propose {therapy['coi']} --json").records
    assert [one["resource"] for one in offer["milestones"]] == [
        "CLINIC/CHAIR", "PLANT", "PLANT/START", "PLANT", "CLINIC", "CLINIC", "CLINIC/BED",
    ]  # fmt: skip
    place.run("verify", "--database", place.url)


@on_sqlite
def test_a_wrong_one_time_code_is_said_before_a_password_is_chosen(place: NewPlace) -> None:
    """Nobody chooses and repeats a password and a PIN for nothing; the right code counts after it."""
    founded(place)
    for line in printed("A site with patients")[:2]:
        follow(place, line)
    place.command("person add NURSE-1 --name 'Nora Nurse'")
    place.command("person grant NURSE-1 apheresis_nurse --site CLINIC --training TR-1")
    code = place.command("person code NURSE-1 --json").records[0]["code"]
    activate = words("person activate NURSE-1 --witness BEN-1")
    before = (("Password of BEN-1", password("BEN-1")),)
    wrong = (*before, ("One-time code of NURSE-1", "AAAAA-AAAAA"))
    said = typed(*activate, "--database", place.url, answers=wrong)
    assert said.exit_code == 3 and "That is not the one-time code of NURSE-1" in said.err
    assert "New password" not in said.err
    chosen = (
        *twice("New password of NURSE-1, at least 8 characters", password("NURSE-1")),
        *twice("New PIN of NURSE-1", PINS["NURSE-1"]),
    )
    right = (*before, ("One-time code of NURSE-1", code), *chosen)
    said = typed(*activate, "--database", place.url, answers=right)
    assert said.exit_code == 0 and "key added" in said.out


def test_nothing_stands_after_a_file_that_is_wrong(
    empty_url: str, cartrail: Cartrail, place: NewPlace
) -> None:
    """A key that nobody knows is said before any password is asked, and no store is made."""
    path = place.folder / "network.toml"
    path.write_text(network_example().replace("zone =", "zonne =", 1), encoding="utf-8")
    said = typed(*words(f"init --network {path}"), "--database", empty_url, answers=())
    assert said.exit_code == 2 and "sites.1.zonne is no key" in said.err and "Nothing was created" in said.err
    said = cartrail("verify", "--database", empty_url, exit_code=5)
    assert "There is no store" in said.err or "not a cartrail store" in said.err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('celsius_max = "-150"', 'celsius_max = "-150", celsius_min = "-100"', "-150 C as its warmest"),
        (
            'training_expires = "2099-12-31"',
            'training_expires = "2020-12-31"',
            "would end at 2020-12-31 00:00 (-05:00), before the grant begins. (grant_role: NURSE-1",
        ),
        ('name = "Nils Nurse"', 'name = "nora  NURSE"', "is printed beside the signatures of NURSE-1"),
        ("hold_hours = 240", "hold_hours = true", "hold_hours"),
    ],
)
@on_sqlite
def test_what_a_rule_forbids_is_said_before_any_password(
    place: NewPlace, old: str, new: str, said: str
) -> None:
    """All of it is recorded in a store that is thrown away first: nothing stands, nobody chose a secret."""
    path = place.folder / "network.toml"
    assert old in network_example()
    path.write_text(network_example().replace(old, new, 1), encoding="utf-8")
    refused = typed(*words(f"init --network {path}"), "--database", place.url, answers=())
    assert refused.exit_code == 2 and said in refused.err and "Nothing was created" in refused.err
    assert "password" not in refused.err.lower()
    place.run("verify", "--database", place.url, exit_code=5)


def test_where_a_store_is_nobody_is_asked(place: NewPlace) -> None:
    """Said at once; but tables that nobody founded, since `init` was killed, are founded now."""
    Store.create(place.url).close()
    path = network_file(place)
    people = place.folder / "people.toml"
    text = network_example().replace('"training"', '"demo"', 1)
    (place.folder / "network.toml").write_text(text, encoding="utf-8")
    write_credentials(people, {staff: password(staff) for staff in ("ADA-1", "BEN-1")}, PINS)
    place.run("init", "--network", path, "--database", place.url, "--credentials", people)
    for line in (f"init --network {path}", "init"):
        again = typed(*words(line), "--database", place.url, answers=())
        assert again.exit_code == 5 and "already" in again.err and "password" not in again.err.lower()


@on_sqlite
def test_a_file_of_passwords_does_not_decide(place: NewPlace) -> None:
    """A protocol and a role of quality are given by two people who are there, also at the founding."""
    told = ("init", "--network", network_file(place), "--database", place.url)
    said = place.run(*told, "--credentials", place.credentials, exit_code=3)
    assert "two people who are there" in said.err
    assert "Trying" not in said.err, "known before the file is tried"
    both = place.run(*told, "--site", "PLANT", "--credentials", place.credentials, exit_code=2)
    assert "the file says" in both.err
