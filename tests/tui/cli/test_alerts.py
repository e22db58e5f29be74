"""`cartrail alerts`: the list, whose they are, and the signature that one was seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from schema.vocabulary import Reason
from tests.support.commands import Cartrail, write_credentials
from tests.support.journeys import World
from tracker.demo.journey import scan
from tracker.therapy.making.requests import Quarantine

Worlds = Callable[[str], World]


def test_logistics_alerts_are_listed_and_acknowledged(
    cartrail: Cartrail, world: Worlds, tmp_path: Path
) -> None:
    """Quality acknowledges with a plan; who is not called is refused; an unknown id is bad input."""
    given = world("made")
    unit = given.one.products[0]
    given.do(Quarantine, "QA-2", units=(scan(unit),), reason=Reason.OTHER)
    staff = ("QA-2", "COORD-A")
    file = write_credentials(tmp_path / "c.toml", {one: given.network.password(one) for one in staff})
    station = given.network.stations["MFG-1"]
    store = ("--database", given.url, "--station", station, "--credentials", file)
    listed = cartrail("alerts", "list", "--json", *store).records
    (held,) = [one for one in listed if one["cause"] == "quarantined"]
    assert (held["therapy"], held["subject"], held["seen"]) == (given.one.coi, unit, "")
    assert held["calls"].startswith("quality MFG-1")
    assert held["says"].startswith("Quarantined: ") and f"{unit} of {given.one.coi}, since" in held["says"]
    shown = cartrail("alerts", *store).out
    assert held["alert"] in shown and "Quarantined: " in shown, "N11: what it is"
    assert "Since" in shown.splitlines()[0], "N11: since when"
    assert not [
        one for one in cartrail("alerts", "list", "--site", "COLL-B", "--json", *store).records
        if one["therapy"] == given.one.coi
    ]  # fmt: skip
    mine = cartrail("alerts", "list", "--mine", "--json", *store, "--as", "COORD-A").records
    assert held["alert"] not in [one["alert"] for one in mine]

    words = tmp_path / "plan.txt"
    words.write_text("Asked the plant for the logger file", encoding="utf-8")
    acting = ("alerts", "acknowledge", held["alert"], "--plan", words, *store)
    assert "is not quality" in cartrail(*acting, "--as", "COORD-A", exit_code=3).err
    cartrail(*acting, "--as", "QA-2")
    (seen,) = [
        one for one in cartrail("alerts", "list", "--json", *store).records if one["alert"] == held["alert"]
    ]
    assert (seen["seen"], seen["plan"]) == ("QA-2", "Asked the plant for the logger file")
    cartrail("alerts", "acknowledge", "0" * 16, *store, "--as", "QA-2", exit_code=2)
    cartrail("verify", "--database", given.url)
