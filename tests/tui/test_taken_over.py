"""A therapy that began before cartrail: taken over by the commands of the guide, found, and gone on with."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from tests.support.commands import Said, typed
from tests.support.under_way import recent
from tests.tui.test_first_site import network_file
from tests.tui.test_from_nothing import NewPlace, password, place, printed, twice, words
from tracker.acts.randomness import uuid7
from tracker.protocols.library import shipped

__all__ = ["place"]

pytestmark = [pytest.mark.slow, pytest.mark.waits]

PEOPLE = {"NURSE-1": "431907", "TECH-1": "552018", "TECH-2": "660913"}
FOUNDERS = {"ADA-1": "120931", "BEN-1": "778201"}
PAPER = b"%PDF-1.7\n1 0 obj\nthe release, scanned\nstartxref\n0\n%%EOF\n"


@dataclass
class Clinic:
    """A training store of the published commands, in which three people of the clinic have keys."""

    place: NewPlace
    tank: str

    def at_bench(self, line: str, *staff: str, exit_code: int = 0) -> Said:
        """A command at the station of the clinic, whose signers type their passwords."""
        place = self.place
        answers = tuple((f"Password of {one}", password(one)) for one in staff)
        said = typed(*words(line), "--station", "CHAIR-1", "--database", place.url, answers=answers)
        assert said.exit_code == exit_code, said
        return said

    def taken_over(self, *changes: tuple[str, str], exit_code: int = 0) -> Said:
        """The guide's own commands for a therapy under way, with what is changed in the file."""
        folder = self.place.folder
        example, command, *_ = printed("Therapies already under way")
        assert example == "patient take-over --example > therapy.toml"
        text = self.place.run(*words(example.partition(" >")[0])).out
        text = recent(text.replace("LT234567892", self.tank), datetime.now(UTC).date())
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (folder / "therapy.toml").write_text(text, encoding="utf-8")
        (folder / "release.pdf").write_bytes(PAPER)
        (folder / "wristband.txt").write_text(
            "CLINIC hospital_number H-000123\nPROGRAM program_number P-004711\n"
        )
        line = command.replace("therapy.toml", str(folder / "therapy.toml"))
        line = line.replace("wristband.txt", str(folder / "wristband.txt"))
        staff = ("NURSE-1", "TECH-1") if exit_code in (0, 3) else ()
        return self.at_bench(line.removesuffix(" --station CHAIR-1"), *staff, exit_code=exit_code)


@pytest.fixture
def clinic(place: NewPlace) -> Clinic:
    """The example's network, founded; the clinic has a tank and people."""
    founders = [
        pair
        for staff, pin in FOUNDERS.items()
        for pair in (*twice(f"New password of {staff}", password(staff)), *twice(f"New PIN of {staff}", pin))
    ]
    place.at_terminal(f"init --network {network_file(place)}", *founders)
    for staff, pin in PEOPLE.items():
        code = place.command(f"person code {staff} --json").records[0]["code"]
        place.at_terminal(
            f"person activate {staff} --witness BEN-1",
            ("Password of BEN-1", password("BEN-1")),
            (f"One-time code of {staff}", code),
            *twice(f"New password of {staff}", password(staff)),
            *twice(f"New PIN of {staff}", pin),
        )
    shown = place.command("site show CLINIC").out
    found = re.search(r"(LT\w{9}) .*Tank 1", shown)
    assert found is not None, shown
    return Clinic(place, found[1])


def coi_of(clinic: Clinic) -> str:
    """The one therapy of the store."""
    return str(clinic.place.command("patient list --json").records[0]["coi"])


def new_id() -> str:
    """The id of a request, made by whoever asks."""
    return uuid7(datetime.now(UTC), None)


def asked_by(staff: str) -> dict[str, object]:
    """What every request says."""
    return {"event_id": new_id(), "actor": staff, "station": "CHAIR-1"}


def record(clinic: Clinic, request: dict[str, object], *staff: str, exit_code: int = 0) -> Said:
    """One request as JSON, signed by people who type their passwords."""
    path = clinic.place.folder / "request.json"
    path.write_text(json.dumps(request), encoding="utf-8")
    return clinic.at_bench(f"record {path} --as {staff[0]}", *staff, exit_code=exit_code)


def test_issue_12_6a_a_product_that_lies_released_in_a_tank(clinic: Clinic) -> None:
    """Taken over by two, refused until each bag is scanned in its tank, then retrieved and matched."""
    clinic.taken_over()
    coi = coi_of(clinic)
    retrieving = {
        **asked_by("TECH-1"),
        "request": "retrieve",
        "units": ["EX-0042-1"],
        "location": clinic.tank,
    }
    refused = record(clinic, retrieving, "TECH-1", exit_code=3)
    assert "not_found_yet" in refused.out + refused.err
    *_, finding = printed("Therapies already under way")
    line = finding.replace("LT234567892", clinic.tank).removesuffix(" --station CHAIR-1")
    clinic.at_bench(line, "TECH-1")
    record(clinic, {**retrieving, "event_id": new_id()}, "TECH-1")
    identifiers = [("CLINIC", "hospital_number", "H-000123"), ("PROGRAM", "program_number", "P-004711")]
    matching = {
        **asked_by("TECH-1"), "request": "match_before_thaw", "units": ["EX-0042-1"], "coi": coi,
        "patient": [{"issuer": one, "type": kind, "value": value} for one, kind, value in identifiers],
        "confirmed": [*shipped("autologous-cryopreserved").protocol.bedside.confirm],
        "signers": [
            {"staff": "TECH-1", "meaning": "performed"}, {"staff": "TECH-2", "meaning": "witnessed"},
        ],
    }  # fmt: skip
    record(clinic, matching, "TECH-1", "TECH-2")
    clinic.place.run("verify", "--database", clinic.place.url)
