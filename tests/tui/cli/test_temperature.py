"""`cartrail temperature`: checked, recorded, and asked again where a file does not say something."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from schema.vocabulary import ExcursionDecision
from tests.support.commands import Cartrail, write_credentials
from tests.support.journeys import World
from tui.cli import temperature

Worlds = Callable[[str], World]


def test_logistics_c5_a_file_at_the_command_line(
    cartrail: Cartrail, world: Worlds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checked without a trace, then kept; without its clock, of another logger, or too large: refused."""
    given = world("received")
    (bag,) = (unit for unit in given.state().units.values() if unit.stays)
    (stay,) = bag.stays
    logger = given.tracker.registry.equipment(stay.data_logger or "")
    assert logger is not None
    times = [stay.since + timedelta(minutes=number) for number in range(5)]
    head = f"serial,{logger.serial}\ntime,celsius\n"
    file = tmp_path / "logger.csv"
    file.write_text(head + "".join(f"{at:%Y-%m-%d %H:%M:%S},-184.2\n" for at in times), encoding="utf-8")
    key = write_credentials(tmp_path / "c.toml", {"QA-1": given.network.password("QA-1")})
    station = given.network.stations["MFG-1"]
    acting = ("--database", given.url, "--as", "QA-1", "--station", station, "--credentials", key)
    about = ("temperature", file, "--shipment", stay.shipment)
    before = given.count()

    unsaid = cartrail(*about, *acting, exit_code=2)
    assert "does not say by which clock its times are" in unsaid.err and "--zone" in unsaid.err
    said = json.loads(cartrail(*about, "--zone", "Z", "--check", "--json", *acting).out)
    assert (said["readings"], said["lowest"], said["logger"]) == (5, "-184.2", logger.title)
    assert [one["unit"] for one in said["units"]] == [bag.unit]
    assert "-184.2 C" in cartrail(*about, "--zone", "UTC", "--check", *acting).out
    assert given.count() == before

    cartrail(*about, "--zone", "Z", *acting)
    assert "conditions_recorded" in given.kinds(given.one.coi)
    again = cartrail(*about, "--zone", "Z", *acting, exit_code=3)
    assert "was read for the shipment" in again.err

    file.write_text(file.read_text(encoding="utf-8").replace(str(logger.serial), "QT-1"), encoding="utf-8")
    other = f"The file is of the logger QT-1; {logger.title} has the number {logger.serial}."
    assert other in cartrail(*about, "--zone", "Z", *acting, exit_code=3).err
    looked = cartrail(*about, "--zone", "Z", "--check", *acting, exit_code=3)
    assert other in looked.err and looked.out == "", "no verdict of another logger's file"
    monkeypatch.setattr(temperature, "FILE_BYTES_MAX", 20)
    assert "at most 200 MB" in cartrail(*about, *acting, exit_code=2).err
    assert (
        "cannot be read" in cartrail("temperature", tmp_path / "no.csv", *about[2:], *acting, exit_code=2).err
    )


def test_logistics_what_a_warm_file_did_is_said_in_plain_lines(
    cartrail: Cartrail, world: Worlds, tmp_path: Path
) -> None:
    """Named by its box: which unit is in quarantine, which deviation was drafted, and what comes next."""
    given = world("received")
    (bag,) = (unit for unit in given.state().units.values() if unit.stays)
    (stay,) = bag.stays
    logger = given.tracker.registry.equipment(stay.data_logger or "")
    box = given.state().shipments[stay.shipment].box
    assert logger is not None and box is not None
    times = [stay.since + timedelta(minutes=10 * number) for number in range(5)]
    file = tmp_path / "warm.csv"
    rows = "".join(f"{at:%Y-%m-%dT%H:%M:%SZ},-120.4\n" for at in times)
    file.write_text(f"serial,{logger.serial}\ninterval_s,600\ntime,celsius\n{rows}", encoding="utf-8")
    people = {one: given.network.password(one) for one in ("QA-1", "QP-1")}
    key = write_credentials(tmp_path / "c.toml", people)
    station = given.network.stations["MFG-1"]
    acting = ("--database", given.url, "--as", "QA-1", "--station", station, "--credentials", key)

    done = cartrail("temperature", file, "--shipment", box, *acting).out
    (deviation,) = given.state().deviations
    coi = given.one.coi
    outside = r"(19|20) min outside what it bears \(up to -150 C\), at worst -120.4 C"
    assert re.search(f"{bag.unit} of {coi}: {outside}. It is in quarantine.", done), "opened 20 min on"
    assert f"Deviation {deviation} was drafted for it: temperature excursion." in done
    assert f"cartrail deviation excursion {coi} {deviation} basis.txt" in done
    assert "{" not in done, "nothing of it is JSON"
    other = cartrail("temperature", file, "--shipment", coi, *acting, exit_code=2).err
    assert "is no shipment of this store, nor a box that travels" in other

    basis = tmp_path / "basis.txt"
    basis.write_text("stability study 12", encoding="utf-8")
    asked = ("deviation", "excursion", coi, deviation, basis, "--decision", "usable", "--approved-by", "QP-1")
    assert "until quality lifts it (step 92)" in cartrail(*asked, *acting).err
    (excursion,) = given.state().excursions.values()
    assert excursion.decision is ExcursionDecision.USABLE
