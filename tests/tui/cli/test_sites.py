"""`cartrail init`, `site` and `station use`: what a site says of itself, and which station a machine is."""

from __future__ import annotations

from pathlib import Path

import pytest

from schema.errors import InputError
from schema.wristbands import picture, wristband_rule
from tests.support.commands import PASSWORDS, PINS, Cartrail, Site, process, write_credentials

CLINIC = ("CLINIC", "--title", "Clinic", "--type", "treatment_center")
NEW_YORK = ("--zone", "America/New_York")


class TestWristbands:
    @pytest.mark.parametrize(
        ("text", "prefix", "length"),
        [
            ("HOSPITAL-A/hospital_number=H-######", "H-", 8),
            ("HOSPITAL-A/mrn=########", "", 8),
            ("PROGRAM/program_number=DEMO-P-#", "DEMO-P-", 8),
        ],
    )
    def test_findings_e1_a_picture_is_a_rule(self, text: str, prefix: str, length: int) -> None:
        """A fixed beginning, and how many characters there are in all; it is shown as it was written."""
        rule = wristband_rule(text)
        assert (rule.prefix, rule.length) == (prefix, length) and picture(rule) == text

    @pytest.mark.parametrize(
        "text",
        [
            *(
                "",
                "H-######",
                "hospital-a/mrn=###",
                "HOSPITAL-A/mrn=",
                "HOSPITAL-A/mrn=H-",
                "HOSPITAL-A/mrn=#x#",
            ),
            *("HOSPITAL-A/MRN=###", "HOSPITAL-A/mrn=" + "#" * 41, "HOSPITAL-A/mrn=h-###", "A\x1b/mrn=###"),
        ],
    )
    def test_what_is_no_picture_is_said(self, text: str) -> None:
        with pytest.raises(InputError) as caught:
            wristband_rule(text)
        assert (
            caught.value.code == "no_wristband_rule" and "HOSPITAL-A/hospital_number" in caught.value.remedy
        )


class TestSet:
    def test_findings_e1_what_a_site_says_of_itself_can_be_changed(
        self, cartrail: Cartrail, founded: Site
    ) -> None:
        """Contact, wristband numbers and zone, one or all at once; each is an entry of its own."""
        ada = founded.as_ada
        cartrail("site", "add", *CLINIC, *NEW_YORK, "--wristband", "CLINIC/mrn=H-####", *ada)
        before = founded.count()
        cartrail(
            *("site", "set", "CLINIC", "--phone", "+00 1", "--wristband", "CLINIC/mrn=######"),
            *("--zone", "America/Chicago", "--from", "2190-01-01 00:00", *ada),
        )
        assert founded.count() == before + 3
        shown = cartrail("site", "show", "CLINIC", "--json", *ada).records[0]
        assert shown["phone_24h"] == "+00 1" and shown["wristbands"] == "CLINIC/mrn=######"
        # Typed at a station in Berlin, by the clocks of the clinic that it is about.
        assert shown["zone"] == "America/New_York"
        assert shown["later_zones"] == "America/Chicago from 2190-01-01T05:00:00.000Z"
        cartrail("site", "set", "CLINIC", "--no-wristband", *ada)
        assert cartrail("site", "show", "CLINIC", "--json", *ada).records[0]["wristbands"] == ""
        cartrail("verify", *ada)

    def test_logistics_l1_a_role_ends_by_the_clocks_of_its_site(
        self, cartrail: Cartrail, founded: Site
    ) -> None:
        """Typed in Berlin: eight in the evening in New York, unless the time says whose it is."""
        ada = founded.as_ada
        cartrail("site", "add", *CLINIC, *NEW_YORK, *ada)
        cartrail("person", "add", "CAM-1", "--name", "Cam Example", *ada)
        grant = ("person", "grant", "CAM-1", "dock", "--site", "CLINIC", "--training", "GMP-1")
        for until in ("2190-01-15 20:00 Europe/Berlin", "2190-01-15 20:00"):
            cartrail(*grant, "--until", until, *ada)
        shown = cartrail("person", "show", "CAM-1", "--json", *ada).records[0]
        assert [one["until"] for one in shown["grants"]] == [
            "2190-01-15T19:00:00.000Z",
            "2190-01-16T01:00:00.000Z",
        ]

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            ((), "Nothing to change"),
            (("--zone", "EST"), "no time zone"),
            (("--zone", "../../etc/passwd"), "no time zone"),
            (("--from", "2190-01-01"), "without the zone"),
            (("--zone", "UTC", "--from", "2190-03-28 02:30"), "skipped 2190-03-28"),
            (("--zone", "UTC", "--from", "soon"), "is no time"),
            (("--zone", "UTC", "--from", "9999-01-01"), "after 2199"),
            (("--wristband", "x"), "does not say"),
            (("--wristband", "A-1/mrn=#", "--no-wristband"), "contradict"),
            (("--phone", "nobody"), "has no digits"),
        ],
    )
    def test_bad_input_is_said_in_a_sentence(
        self, arguments: tuple[str, ...], said: str, cartrail: Cartrail, founded: Site
    ) -> None:
        """Nothing is recorded, and the sentence says what to write."""
        before = founded.count()
        answer = cartrail("site", "set", "PLANT", *arguments, *founded.as_ada, exit_code=2)
        assert said in answer.err and founded.count() == before

    def test_logistics_l1_an_hour_that_is_skipped_takes_fold(self, cartrail: Cartrail, founded: Site) -> None:
        """Both readings are shown; the option says which is meant."""
        change = ("site", "set", "PLANT", "--zone", "Europe/Vienna", "--from", "2190-03-28 02:30")
        asked = cartrail(*change, *founded.as_ada, exit_code=2)
        assert "03:30 +02:00" in asked.err and "01:30 +01:00" in asked.err
        cartrail(*change, "--fold", "first", *founded.as_ada)
        shown = cartrail("site", "show", "PLANT", "--json", *founded.as_ada).records[0]
        assert shown["later_zones"] == "Europe/Vienna from 2190-03-28T01:30:00.000Z"

    @pytest.mark.parametrize("code", ["clinic", "Clinic", "C", "CLINIC NORTH", "CLINIC-IN-THE-NORTH"])
    def test_a_code_in_small_letters_is_said(self, code: str, cartrail: Cartrail, founded: Site) -> None:
        """The sentence says how it is written, and what was meant where that can be known."""
        add = ("site", "add", code, "--title", "Clinic", "--type", "treatment_center", *NEW_YORK)
        said = cartrail(*add, *founded.as_ada, exit_code=2).err
        assert "2 to 16 of A-Z, 0-9 and hyphen" in said
        assert ("Write it as CLINIC" in said) is (code.upper() == "CLINIC")

    def test_logistics_l1_days_and_closures(self, cartrail: Cartrail, founded: Site) -> None:
        """Typed, shown with their event, and lifted by it."""
        ada = founded.as_ada
        cartrail("site", "days", "PLANT", "monday", "friday", *ada)
        closed = ("PLANT", "2190-12-24", "2190-12-26", "--title", "Holidays")
        event = cartrail("site", "close", *closed, "--json", *ada).records[0]["event_id"]
        shown = cartrail("site", "show", "PLANT", "--json", *ada).records[0]
        assert shown["open_on"] == "monday, friday"
        assert shown["closed"] == f"2190-12-24 to 2190-12-26: Holidays ({event})"
        cartrail("site", "reopen", "PLANT", event, *ada)
        assert cartrail("site", "show", "PLANT", "--json", *ada).records[0]["closed"] == ""
        backwards = ("PLANT", "2190-12-26", "2190-12-24", "--title", "X")
        said = cartrail("site", "close", *backwards, *ada, exit_code=2)
        assert "from 2190-12-26 until 2190-12-24" in said.err
        cartrail("verify", *ada)

    def test_past_and_without_zone(self, cartrail: Cartrail, founded: Site) -> None:
        """A zone is not changed for what has been recorded, and no site is without one."""
        past = ("--zone", "Europe/Vienna", "--from", "2020-01-01")
        assert (
            "keeps the local time"
            in cartrail("site", "set", "PLANT", *past, *founded.as_ada, exit_code=3).err
        )
        assert "--zone" in cartrail("site", "add", *CLINIC, *founded.as_ada, exit_code=2).err


class TestThisStation:
    def test_findings_e8_a_machine_remembers_which_station_it_is(
        self, cartrail: Cartrail, founded: Site
    ) -> None:
        """With a second station, commands ask once; what is remembered counts until another is said."""
        ada = founded.as_ada
        cartrail("station", "add", "DOCK-1", "--at", "PLANT", "--title", "Dock", *ada)
        person = ("person", "add", "CAM-1", "--name", "Cam Example")
        unknown = cartrail(*person, *ada, exit_code=2).err
        assert "does not know which one it is" in unknown and "cartrail station use" in unknown
        cartrail("station", "use", "DOCK-1", "--database", founded.path)
        cartrail(*person, *ada)
        assert (
            cartrail("trail", "registry", "--format", "json", *ada).records[-1]["statement"]["station"]
            == "DOCK-1"
        )
        cartrail("station", "retire", "DOCK-1", *ada, "--station", "HUB-1")
        # With one left there is no question any more.
        cartrail("person", "add", "DAN-1", "--name", "Dan Example", *ada)
        cartrail("station", "use", "DOCK-1", "--database", founded.path, exit_code=2)
        cartrail("station", "use", "dock-1", "--database", founded.path, exit_code=2)

    def test_findings_e8_init_makes_this_machine_the_hub(self, cartrail: Cartrail, tmp_path: Path) -> None:
        """A second station takes nothing from it."""
        credentials = write_credentials(tmp_path / "c.toml", PASSWORDS, PINS)
        shared = ("--database", tmp_path / "new.db", "--credentials", credentials)
        people = ("--founder", "ADA-1=Ada Example", "--founder", "BEN-1=Ben Example")
        site = ("--site", "PLANT", "--site-title", "Plant", "--zone", "Europe/Berlin")
        cartrail("init", "--purpose", "training", *site, *people, *shared)
        for name in ("DOCK-1", "DOCK-2"):
            cartrail("station", "add", name, "--at", "PLANT", "--title", "Dock", "--as", "ADA-1", *shared)
        assert cartrail("settings", "--json", *shared).records[0]["station"] == "HUB-1"


class TestInit:
    def test_findings_e1_what_is_missing_is_named_where_nobody_can_be_asked(self, tmp_path: Path) -> None:
        """All of it in one sentence, and nothing is made."""
        said = process("init", "--purpose", "training", "--database", tmp_path / "new.db")
        assert said.exit_code == 2
        assert "--site, --site-title, --zone, --founder are missing." in said.err
        assert not (tmp_path / "new.db").exists()

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            (("--zone", "EST"), "no time zone"),
            (("--site", "plant"), "Write it as PLANT"),
            (("--wristband", "mrn"), "does not say"),
            (("--adopt", "no-such-protocol"), "no-such-protocol"),
        ],
    )
    def test_bad_input_makes_nothing(
        self, wrong: tuple[str, str], said: str, cartrail: Cartrail, tmp_path: Path
    ) -> None:
        credentials = write_credentials(tmp_path / "c.toml", PASSWORDS, PINS)
        given = {"--purpose": "training", "--site": "PLANT", "--site-title": "Plant", "--zone": "UTC"}
        given |= dict([wrong])
        options = [word for pair in given.items() for word in pair]
        people = ("--founder", "ADA-1=Ada Example", "--founder", "BEN-1=Ben Example")
        shared = ("--database", tmp_path / "new.db", "--credentials", credentials)
        assert said in cartrail("init", *options, *people, *shared, exit_code=2).err
        assert not (tmp_path / "new.db").exists()


class TestCapacity:
    def test_resources_and_lanes_are_set_listed_and_closed(self, cartrail: Cartrail, founded: Site) -> None:
        """Set again, the newest counts; what is no number for each day is said."""
        ada = founded.as_ada
        chair = (
            *(
                "site",
                "resource",
                "set",
                "PLANT",
                "START",
                "--type",
                "manufacturing_start",
                "--title",
                "Start",
            ),
            *("--occupies-hours", "240", "--concurrent", "8", "--opens", "08:00", "--closes", "14:00"),
        )
        wrong = cartrail(*chair, "--per-weekday", "2,2", *ada, exit_code=2).err
        assert '"2,2" is not a number for each day of the week' in wrong
        cartrail(*chair, "--per-weekday", "9,9,9,9,9,9,9", *ada)
        cartrail(*chair, "--per-weekday", "2,2,2,2,0,0,0", "--until-day", "2190-12-31", *ada)
        (line,) = cartrail("site", "resource", "list", "PLANT", "--json", *ada).records
        assert (line["resource"], line["per_weekday"], line["at_once"], line["until_day"]) == (
            "PLANT/START", "2,2,2,2,0,0,0", 8, "2190-12-31",
        )  # fmt: skip
        cartrail("site", "resource", "list", "NOWHERE", *ada, exit_code=2)
        cartrail("site", "add", *CLINIC, *NEW_YORK, *ada)
        lane = (
            *("site", "lane", "set", "BACK", "PLANT", "CLINIC", "--transit-hours", "24", "--cutoff", "15:00"),
            *("--on", "monday", "--carrier"),
        )
        assert "no carrier" in cartrail(*lane, "CLINIC", *ada, exit_code=3).err
        cartrail("site", "add", "POLAR", "--title", "Polar", "--type", "carrier", "--zone", "UTC", *ada)
        cartrail(*lane, "POLAR", *ada)
        (line,) = cartrail("site", "lane", "list", "--json", *ada).records
        assert (line["from_site"], line["to_site"], line["picks_up_on"]) == ("PLANT", "CLINIC", "monday")
        close = ("plan", "close", "PLANT/START", "2190-12-24..2190-12-26", "--title", "Holidays")
        cartrail(*close, *ada)
        assert "START 2190-12-24" in cartrail("site", "show", "PLANT", "--json", *ada).records[0]["closed"]
        assert "no resource NONE" in cartrail(*close[:2], "PLANT/NONE", *close[3:], *ada, exit_code=3).err
        cartrail(*close[:2], "START", *close[3:], *ada, exit_code=2)
        cartrail("verify", *ada)
