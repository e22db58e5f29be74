"""What every command has in common, and what each one does when all is well."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from schema.errors import InputError, Refusal
from schema.identifiers import parse_printed
from schema.papercodes import parse_head
from schema.vocabulary import Reason
from tests.support.commands import PASSWORDS, PINS, Cartrail, Site, installed, typed, write_credentials
from tests.support.demos import DemoSite, copied, without_papers
from tests.support.journeys import World
from tests.support.places import ROOT
from tracker.demo import stages
from tracker.demo.run import DemoResult
from tracker.demo.stories import STORIES
from tracker.ledger.store import Store
from tracker.protocols.model import Protocol
from tracker.rules.therapy_state import TherapyState
from tracker.views.reading import Reader
from tui.cli.application import COMMANDS, LATER, command_line

REFERENCE = ROOT / "docs" / "reference-cli.md"


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that can be run, with the words that name it."""
    below = getattr(command, "commands", {})
    for name, one in below.items():
        yield from commands(one, (*path, name))
    if not below and path[0] not in LATER:
        yield path, command


ALL = dict(commands(command_line([])))
NUMBERS = {
    option: path
    for path, command in ALL.items()
    for option in command.params
    if option.type_descriptor.annotation is int
}
"""Every option that is a whole number, with a command that has it."""


class TestEveryCommand:
    @pytest.mark.parametrize("path", ALL, ids=" ".join)
    def test_help_has_an_example_and_the_shared_options(
        self, path: tuple[str, ...], cartrail: Cartrail
    ) -> None:
        """`--help` says what the command is for, how it is called, and every option it shares."""
        said = cartrail(*path, "--help")
        assert f"cartrail {' '.join(path)}" in said.out.partition("Example:")[2]
        for option in ("--database", "--as", "--station", "--json", "--credentials", "--password-fd"):
            assert option in said.out
        lines = [line for line in said.out.splitlines() if "<" not in line]  # a list of choices is not folded
        assert max(map(len, lines)) <= 110

    @pytest.mark.parametrize("option", NUMBERS, ids=lambda option: option.opts[0])
    def test_findings_a10_a_whole_number_is_digits_alone(self, option: Any, cartrail: Cartrail) -> None:
        """What Python reads as a number and nobody writes is refused by the option's name."""
        flag = option.opts[0]
        for text in ("75_0", "+5", " 5", "5.0", "1e2", "-1", "\N{ARABIC-INDIC DIGIT FIVE}", "9" * 19):
            said = cartrail(*NUMBERS[option], f"{flag}={text}", exit_code=2)
            assert flag in said.err and "not a whole number in digits" in said.err

    @pytest.mark.parametrize("path", ALL, ids=" ".join)
    def test_stands_in_the_reference(self, path: tuple[str, ...]) -> None:
        """docs/reference-cli.md names every command."""
        assert f"`cartrail {' '.join(path)}" in REFERENCE.read_text(encoding="utf-8")

    def test_table_of_commands_is_complete(self) -> None:
        """The names by which modules are loaded are the names of the commands."""
        assert {path[0] for path in ALL} == set(COMMANDS)

    @pytest.mark.parametrize("name", LATER)
    def test_reserved_names_come_later(self, name: str, cartrail: Cartrail) -> None:
        """A name that is kept says so, whatever is typed after it."""
        said = cartrail(name, "something", "--with", "options", exit_code=2)
        assert "comes later" in said.err


class TestStart:
    def test_version(self, cartrail: Cartrail) -> None:
        """Both ways to ask say the same."""
        assert cartrail("--version").out.strip() == f"cartrail {metadata.version('cartrail')}"
        assert cartrail("--json", "--version").out.strip() == f"cartrail {metadata.version('cartrail')}"

    def test_alone_it_needs_a_terminal(self) -> None:
        """Without a terminal there is nothing to open."""
        said = installed()
        assert said.exit_code == 2
        assert "terminal" in said.err

    def test_unknown_option_and_command(self, cartrail: Cartrail) -> None:
        """What is typed wrongly is named, with where help is."""
        assert "No such command" in cartrail("bord", exit_code=2).err
        assert "`cartrail board --help`" in cartrail("board", "--sight", "X", exit_code=2).err

    def test_shared_options_before_and_after_the_command(self, cartrail: Cartrail, founded: Site) -> None:
        """The later one counts."""
        assert cartrail("--database", founded.path, "--json", "site", "list").records[0]["site"] == "PLANT"
        cartrail("--database", "/nowhere/at.db", "site", "list", "--database", founded.path)

    def test_settings_name_every_place(self, cartrail: Cartrail, tmp_path: Path) -> None:
        """Paths are shown as they would be used, and no password of a database."""
        said = cartrail(
            "settings", "--json", "--database", "postgresql://ann:geheim@host/db", "--station", "DOCK-1"
        )
        facts = said.records[0]
        assert facts["station"] == "DOCK-1"
        assert facts["config"] == str(tmp_path / "config")
        assert "geheim" not in said.out

    def test_broken_pipe_is_quiet(self, demo_site: DemoSite) -> None:
        """`cartrail trail | head` ends without a word."""
        who = "--as AUDIT-1 --station MFG-1-01"
        script = (
            f"{{ cartrail trail {who} --database {demo_site.path} --format json; echo $? >&2; }} | head -c 10"
        )
        done = process_shell(script)
        assert done.err.strip() == "141"


def process_shell(script: str) -> Any:
    """A line of shell in which `cartrail` is this program."""
    import subprocess
    import sys

    from tests.support.commands import Said

    prelude = f'cartrail() {{ "{sys.executable}" -m tui "$@"; }}; '
    done = subprocess.run(["bash", "-c", prelude + script], capture_output=True, check=False)
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


class TestScan:
    def test_reads_without_a_store(self, cartrail: Cartrail) -> None:
        """A code says what it is, in words and as JSON."""
        assert "unit code" in cartrail("scan", "CTUD23456789226V").out
        rows = dict(cartrail("scan", "CTUD23456789226V", "--json").records[0]["rows"])
        assert rows["object"] == "UD234567892"

    def test_lookup(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """A known code is found; one that no therapy here has is exit 3."""
        code = demo_site.demo.therapies[0].coi_code
        assert demo_site.coi("closed") in cartrail("scan", code, "--lookup", "--database", demo_site.path).out
        said = cartrail("scan", "CTUD23456789226V", "--lookup", "--database", demo_site.path, exit_code=3)
        assert "does not know it" in said.out

    def test_lookup_of_paper(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """A receipt off a slip leads to its entry."""
        receipt = next(
            line.split()[0]
            for line in (demo_site.demo.folder / "papers" / "codes.txt").read_text().splitlines()
            if line.startswith("CTR")
        )
        said = cartrail("scan", receipt, "--lookup", "--database", demo_site.path)
        assert "entry" in said.out
        verified = cartrail("verify", "--receipt", receipt, "--json", "--database", demo_site.path)
        assert verified.records[0]["receipts"][0]["code"] == receipt


class TestBoard:
    def test_fits_a_screen(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """Every therapy is there, in 80 columns."""
        said = cartrail("board", "--database", demo_site.path)
        assert all(therapy.coi in said.out for therapy in demo_site.demo.therapies)
        assert max(map(len, said.out.splitlines())) <= 80

    def test_late_first(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """Clocks that have ended come first, and say so."""
        rows = cartrail("board", "--json", "--database", demo_site.path).records
        late = [any(clock["late"] for clock in row["clocks"]) for row in rows]
        assert late == sorted(late, reverse=True)

    def test_filters(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """By site, by what calls for somebody, and by number."""
        base = ("board", "--json", "--database", demo_site.path)
        assert {row["collection_site"] for row in cartrail(*base, "--site", "COLL-B").records} == {"COLL-B"}
        assert all(row["attention"] for row in cartrail(*base, "--attention").records)
        said = cartrail(*base, "--limit", "2")
        assert len(said.records) == 2
        assert f"2 of {len(demo_site.demo.therapies)} therapies" in said.err


class TestVerify:
    def test_holds(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """An untouched store verifies, and what nobody looked at is said."""
        said = cartrail("verify", "--database", demo_site.path)
        assert "Not checked here" in said.out and "simulated clock" in said.out

    def test_asked_for_in_vain(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """Without a head from outside, --require-head is not content."""
        cartrail("verify", "--require-head", "--database", demo_site.path, exit_code=6)

    def test_a_bundle_that_is_not_there(self, cartrail: Cartrail) -> None:
        """It is said which file cannot be read."""
        assert "bundle.zip" in cartrail("verify", "bundle.zip", exit_code=2).err

    def test_foreign_receipt_is_a_finding(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """A statement that paper saw and the store has not: the record cannot be trusted."""
        from schema.papercodes import receipt_code

        foreign = receipt_code("0" * 64).text
        cartrail("verify", "--receipt", foreign, "--database", demo_site.path, exit_code=4)


class TestInit:
    ARGUMENTS = (
        *("init", "--purpose", "demo", "--site", "PLANT", "--site-title", "Plant", "--zone", "UTC"),
        *("--station", "HUB-9"),
        *("--founder", "ADA-1=Ada Example", "--founder", "BEN-1=Ben Example"),
    )

    def test_creates_keys_people_and_protocol(self, cartrail: Cartrail, tmp_path: Path) -> None:
        """Afterwards the store verifies, the key is not in it, and what is next is said."""
        credentials = write_credentials(tmp_path / "c.toml", PASSWORDS, PINS)
        shared = ("--database", tmp_path / "new.db", "--credentials", credentials)
        said = cartrail(*self.ARGUMENTS, "--adopt", "autologous-cryopreserved", "--json", *shared)
        facts = said.records[0]
        assert facts["origin"].startswith("cartrail/demo/")
        assert Path(facts["log_key"]).stat().st_mode & 0o777 == 0o600
        assert "What next" in said.err and "Adopted" in said.err
        cartrail("verify", *shared)
        listed = cartrail("protocol", "list", "--json", *shared).records
        assert {one["protocol"]: one["state"] for one in listed} == {
            "autologous-cryopreserved": "adopted",
            "autologous-fresh": "shipped, not adopted",
            "licensed-product": "shipped, not adopted",
        }
        again = cartrail(*self.ARGUMENTS, *shared, exit_code=5)
        assert "already" in again.err

    def test_one_person_founds_nothing(self, cartrail: Cartrail, tmp_path: Path) -> None:
        """Two different people are needed, and nothing is left when they are not."""
        credentials = write_credentials(tmp_path / "c.toml", PASSWORDS, PINS)
        arguments = [*self.ARGUMENTS[:-1], "ADA-1=Ada Again"]
        shared = ("--database", tmp_path / "new.db", "--credentials", credentials)
        assert "two different people" in cartrail(*arguments, *shared, exit_code=2).err
        assert not (tmp_path / "new.db").exists()

    def test_a_file_adopts_no_protocol(self, cartrail: Cartrail, tmp_path: Path) -> None:
        """Outside a demo two people adopt it, and a file of passwords is not two people."""
        credentials = write_credentials(tmp_path / "c.toml", PASSWORDS, PINS)
        arguments = ["training" if word == "demo" else word for word in self.ARGUMENTS]
        shared = ("--database", tmp_path / "new.db", "--credentials", credentials)
        said = cartrail(*arguments, "--adopt", "autologous-cryopreserved", *shared, exit_code=3)
        assert "--credentials" in said.err
        assert not (tmp_path / "new.db").exists()
        arguments = ["production" if word == "training" else word for word in arguments]
        said = cartrail(*arguments, "--adopt", "autologous-cryopreserved", *shared, exit_code=2)
        assert "autologous-cryopreserved is a model:" in said.err, "making P2"
        assert not (tmp_path / "new.db").exists()


class TestAdministration:
    def test_network_grows(self, cartrail: Cartrail, founded: Site) -> None:
        """Sites, departments, locations, equipment and stations are added and shown with their ids."""
        ada = founded.as_ada
        clinic = ("--title", "Clinic", "--type", "treatment_center", "--zone", "America/New_York")
        cartrail("site", "add", "CLINIC", *clinic, *ada)
        cartrail("station", "add", "WARD-1", "--at", "CLINIC", "--title", "Ward", *ada)
        at_hub = (*ada, "--station", "HUB-1")
        lab = ("--title", "Cell lab", "--role", "cell_lab_technician", "--role", "quality")
        cartrail("site", "department", "CLINIC", "LAB", *lab, *at_hub)
        cartrail("site", "location", "CLINIC", "LAB", "--title", "Tank 1", "--type", "storage", *at_hub)
        box = ("--title", "Dewar 7", "--type", "shipper", "--hold-hours", "240")
        cartrail("site", "equipment", "add", "CLINIC", *box, *at_hub)
        shown = cartrail("site", "show", "CLINIC", "--json", "--database", founded.path).records[0]
        assert [one["type"] for one in shown["things"]] == ["department", "storage", "station", "shipper"]
        alone = cartrail("station", "retire", "WARD-1", *at_hub, exit_code=3)
        assert "needs 2 signatures" in alone.err
        both = ("--approved-by", "BEN-1", "--database", founded.path, "--as", "ADA-1", "--station", "HUB-1")
        answers = [(f"Password of {staff}", PASSWORDS[staff]) for staff in ("ADA-1", "BEN-1")]
        for ended in (("station", "retire", "WARD-1"), ("site", "deactivate", "CLINIC")):
            said = typed(*ended, *both, answers=answers)
            assert said.exit_code == 0, said
        states = [one["state"] for one in cartrail("site", "list", "--json", *ada).records]
        assert states == ["active", "no longer active"]
        assert cartrail("station", "show", "WARD-1", "--json", *ada).records[0]["state"] == "retired"
        cartrail("verify", *ada)

    def test_person_from_adding_to_leaving(self, cartrail: Cartrail, founded: Site) -> None:
        """A person is added, granted a role, given a badge and a code, and leaves."""
        ada = founded.as_ada
        cartrail("person", "add", "CAM-1", "--name", "Cam Example", *ada)
        role = ("CAM-1", "courier", "--site", "PLANT", "--training", "TR-7")
        granted = cartrail("person", "grant", *role, *ada).out
        assert "courier" in granted
        badge = cartrail("person", "badge", "CAM-1", *ada).out
        (issued,) = cartrail("person", "code", "CAM-1", "--json", *ada).records
        assert issued["ok"] and issued["staff"] == "CAM-1", "one object, the answer and the code in it"
        code = issued["code"]
        assert len(code) == 11
        shown = cartrail("person", "show", "CAM-1", "--json", *ada).records[0]
        assert shown["state"] == "no key yet" and shown["badges"][0] in badge
        cartrail("person", "revoke", shown["grants"][0]["grant"], "--reason", "replaced", *ada)
        cartrail("person", "revoke", shown["badges"][0], "--reason", "lost_or_stolen", *ada)
        cartrail("person", "deactivate", "CAM-1", "--reason", "left_the_organization", *ada)
        states = {one["staff"]: one["state"] for one in cartrail("person", "list", "--json", *ada).records}
        assert states["CAM-1"] == "no longer active"
        cartrail("verify", *ada)

    def test_a_file_stands_in_for_nobody(self, cartrail: Cartrail, founded: Site) -> None:
        """A role that decides over others takes two people who are there."""
        cartrail("person", "add", "CAM-1", "--name", "Cam Example", *founded.as_ada)
        role = ("CAM-1", "quality", "--site", "PLANT", "--training", "TR-7", "--approved-by", "BEN-1")
        said = cartrail("person", "grant", *role, *founded.as_ada, exit_code=3)
        assert "unattended" in said.err

    def test_activation_in_a_demo(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """A first password makes a key, before a witness who did not issue the code."""
        hub = ("--database", demo_site.path, "--station", "MFG-1-01")
        passwords = {person.staff: person.password for person in demo_site.demo.people}
        write_credentials(
            demo_site.credentials, {**passwords, "NEW-1": "rain under stone"}, {"NEW-1": "551208"}
        )
        shared = (*hub, "--credentials", demo_site.credentials)
        cartrail("person", "add", "NEW-1", "--name", "New Example", "--as", "ADMIN-1", *shared)
        code = cartrail("person", "code", "NEW-1", "--json", "--as", "ADMIN-1", *shared).records[0]["code"]
        content = demo_site.credentials.read_text(encoding="utf-8")
        demo_site.credentials.write_text(f'{content}[codes]\nNEW-1 = "{code}"\n', encoding="utf-8")
        cartrail("person", "activate", "NEW-1", "--witness", "QA-1", *shared)
        assert cartrail("person", "show", "NEW-1", "--json", *hub).records[0]["state"] == "can sign"

    def test_protocol_shown_and_checked(self, cartrail: Cartrail, founded: Site, tmp_path: Path) -> None:
        """A shipped protocol can be read before it is adopted; a wrong file says where it is wrong."""
        shared = ("--database", founded.path)
        said = cartrail("protocol", "show", "autologous-cryopreserved", *shared)
        assert "Mycoplasma" in said.out
        cartrail("protocol", "check", "autologous-cryopreserved")
        wrong = tmp_path / "wrong.toml"
        wrong.write_text('form = 1\nid = "x"\n', encoding="utf-8")
        assert "shape" in cartrail("protocol", "check", wrong, exit_code=2).err

    def test_making_n6_a_draft_is_written_checked_and_compared(
        self, cartrail: Cartrail, founded: Site, tmp_path: Path
    ) -> None:
        """The figures of a licensed product as a file; what is there already is never written over."""
        shared, file = ("--database", founded.path), tmp_path / "ours.toml"
        drafting = ("--base", "autologous-cryopreserved", "--facts", "tisa-cel", "--out", file)
        said = cartrail("protocol", "draft", *drafting)
        assert "model, check the current label: written" in said.err + said.out
        assert "ours.toml" in cartrail("protocol", "draft", *drafting, exit_code=2).err
        checked = cartrail("protocol", "check", file).out
        assert re.search(r"not verified +line \d+: limit lymphodepletion_to_infusion: b_all 2 to 14", checked)
        told = cartrail("protocol", "diff", "autologous-cryopreserved", file, *shared).out
        assert "container product, shelf life: 9 mo, before 1 y." in told
        assert "Follicular lymphoma" in cartrail("protocol", "show", file, *shared).out
        same = cartrail("protocol", "diff", file, file, "--json", *shared)
        assert json.loads(same.out) == []

    def test_patients_are_not_named(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """Lists and details show which identifiers are held, never their values."""
        shared = ("--database", demo_site.path)
        therapy = demo_site.demo.therapies[0]
        listed = cartrail("patient", "list", *shared)
        shown = cartrail("patient", "show", therapy.coi, *shared)
        assert therapy.coi in listed.out and "held" in shown.out
        assert not any(value in listed.out + shown.out for value in therapy.wristband)
        assert "--reason" in cartrail("patient", "erase", therapy.coi, *shared, exit_code=2).err

    def test_enrolment_from_a_file(self, cartrail: Cartrail, demo_site: DemoSite, tmp_path: Path) -> None:
        """Identifiers come from a file, and the new therapy is on the board."""
        identifiers = tmp_path / "wristband.txt"
        lines = "HOSPITAL-A hospital_number DEMO-HA-00991\nPROGRAM program_number DEMO-P-00991\n"
        identifiers.write_text(lines, encoding="utf-8")
        sites = ("--collection", "COLL-A", "--manufacturing", "MFG-1", "--treatment", "TREAT-A")
        said = cartrail(
            *("patient", "enroll", "--protocol", "autologous-cryopreserved", *sites),
            *("--identifiers", identifiers, "--as", "DOC-A1", "--station", "TREAT-A-01"),
            *("--database", demo_site.path, "--credentials", demo_site.credentials),
        )
        assert "enrolled" in said.out and "00991" not in said.out + said.err
        coi = next(line.split()[1] for line in said.out.splitlines() if line.startswith("coi "))
        assert "2 kept, as commitments" in said.out and "{" not in said.out
        assert f"The therapy is {coi}.\nNext print its COI card" in said.err
        assert all(len(line) <= 80 for line in said.err.splitlines())
        assert f"cartrail label {coi} --to pdf:{coi}.pdf" in said.err


class TestLabels:
    def shared(self, demo_site: DemoSite) -> tuple[object, ...]:
        """Somebody of the hub prints."""
        return ("--database", demo_site.path, "--as", "OPER-1", "--station", "MFG-1-01")

    def test_each_copy_has_its_own_letter(
        self, cartrail: Cartrail, demo_site: DemoSite, tmp_path: Path
    ) -> None:
        """What a camera reads off the picture is a copy that was never printed before."""
        rows = cartrail("board", "--json", "--database", demo_site.path).records
        unit = next(one["unit"] for row in rows for one in row["units"] if one["site"] == "MFG-1")
        codes = []
        for number in range(2):
            target = tmp_path / f"{number}.png"
            why = ("--reason", "further_copy")
            cartrail("label", unit, "--to", f"png:{target}", *why, *self.shared(demo_site))
            with Image.open(target) as picture:
                codes += [found.text for found in zxingcpp.read_barcodes(picture)]
        printed = [parse_printed(code) for code in codes]
        assert {one.object_id for one in printed} == {unit}
        assert len({one.copy for one in printed}) == 2

    @pytest.mark.parametrize("what", ["OPER-1", "location", "box", "coi", "cassette"])
    def test_every_kind(self, what: str, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """Badges, locations, boxes, cards and cassettes are printed by id or staff id."""
        things = cartrail("site", "show", "COLL-A", "--json", "--database", demo_site.path).records[0][
            "things"
        ]
        named = {one["type"]: one["id"] for one in things}
        rows = cartrail("board", "--json", "--database", demo_site.path).records
        unit = next(one["unit"] for row in rows for one in row["units"] if one["material"] == "product")
        objects = {
            "location": (named["storage"],),
            "box": (named["shipper"],),
            "coi": (demo_site.coi("closed"), "--reason", "label_lost"),
            "cassette": (unit, "--cassette", "--reason", "label_lost"),
        }
        said = cartrail("label", *objects.get(what, (what,)), "--to", "text:", *self.shared(demo_site))
        assert "DEMO - NOT FOR CLINICAL USE" in said.out

    def test_slip_of_the_box_on_its_way(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """The slip names both sides with times, and its receipt is of the giver's statement."""
        box = next(
            line.split()[0]
            for line in (demo_site.demo.folder / "papers" / "codes.txt").read_text().splitlines()
            if "Cool box 4" in line
        )
        said = cartrail("label", box, "--slip", "--to", "text:", "--json", *self.shared(demo_site)).records[0]
        assert box in said["codes"]
        receipt = next(code for code in said["codes"] if code.startswith("CTR"))
        assert "Handoff slip" in said["text"] and demo_site.coi("in transit to manuf") in said["text"]
        found = cartrail("scan", receipt, "--lookup", "--database", demo_site.path)
        assert demo_site.coi("in transit to manuf") in found.out

    def test_slip_of_an_old_handoff(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """Any handoff of a box can be printed again by its event id; other events are refused."""
        import csv
        import io

        trail = cartrail("trail", demo_site.coi("closed"), "--format", "csv", "--database", demo_site.path)
        rows = list(csv.DictReader(io.StringIO(trail.out)))
        boxed = next(
            row["event_id"] for row in rows if row["kind"] == "relinquished" and '"box"' in row["payload"]
        )
        said = cartrail("label", f"slip:{boxed}", "--to", "text:", *self.shared(demo_site))
        assert "RECEIVER" in said.out and "WRITE IN INK" not in said.out
        enrolled = rows[0]["event_id"]
        said = cartrail("label", f"slip:{enrolled}", "--to", "text:", *self.shared(demo_site), exit_code=2)
        assert "not a handoff" in said.err

    @pytest.mark.parametrize(
        ("objects", "word"),
        [(("CTUD23456789226V",), "unknown"), (("CTUP2345678922UN",), "code"), (("KD234567892",), "bound")],
    )
    def test_unknown_objects(
        self, objects: tuple[str, ...], word: str, cartrail: Cartrail, demo_site: DemoSite
    ) -> None:
        """What is not of this store gets no label."""
        assert cartrail("label", *objects, "--to", "text:", *self.shared(demo_site), exit_code=2).err

    @pytest.mark.parametrize("printed", [False, True])
    def test_patient_identifiers_only_where_the_protocol_says(
        self, world: Callable[[str], World], monkeypatch: pytest.MonkeyPatch, *, printed: bool
    ) -> None:
        """The same therapy under a protocol that prints them, and under one that does not."""
        made = world("collected")
        follow(monkeypatch, patient_identifiers_printed=printed)
        station = made.network.stations["COLL-A"]
        with made.tracker.prints.job(reason=Reason.FURTHER_COPY):
            own = made.tracker.labels.label(made.one.bag, "NURSE-A1", station)
            card = made.tracker.labels.label(made.one.coi, "NURSE-A1", station)
            cassette = made.tracker.labels.label(made.one.bag, "NURSE-A1", station, design="cassette")
        values = [one.value for one in made.one.wristband()]
        for content in (own, card, cassette):
            lines = " ".join(content.patient_lines)
            assert all((value in lines) is printed for value in values)

    def test_manufacturers_label_stays(
        self, world: Callable[[str], World], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where the protocol keeps the manufacturer's label, ours is refused and no copy is used up."""
        made = world("collected")
        follow(monkeypatch, cartrail_label=False)
        with made.tracker.store.read() as transaction:
            before = transaction.printed_copies(made.one.bag)
        with pytest.raises(Refusal) as refused:
            made.tracker.labels.label(made.one.bag, "NURSE-A1", made.network.stations["COLL-A"])
        assert refused.value.code == "no_own_label"
        with made.tracker.store.read() as transaction:
            assert transaction.printed_copies(made.one.bag) == before

    def test_slip_before_and_after_it_was_given(self, world: Callable[[str], World]) -> None:
        """A packed box that nobody gave has none; once given, the receiver's side waits for ink."""
        made = world("packed")
        box = made.box_of(made.one)
        with pytest.raises(InputError) as none_yet:
            made.tracker.labels.slip(station=made.network.stations["COLL-A"], box=box)
        assert none_yet.value.code == "no_handoff"
        stages.relinquish_box(made.one, "TECH-A1", "COLL-A", box, made.seal_of(made.one))
        slip = made.tracker.labels.slip(station=made.network.stations["COLL-A"], box=box)
        assert slip.receiver is None and slip.giver.meaning == "relinquished"
        assert slip.therapies[0].unit_ids == (made.one.bag,)
        assert slip.destination.startswith("Lindenhof Cell Works") and slip.hold_until and slip.keep

    def test_a_sheet_carries_the_head(self, cartrail: Cartrail, demo_site: DemoSite, tmp_path: Path) -> None:
        """Several labels on office paper are a witness of the log too."""
        sheet = tmp_path / "sheet.pdf"
        coi = demo_site.coi("released")
        named = (coi, "OPER-1", "--reason", "further_copy", "--paper", "A4")
        cartrail("label", *named, "--to", f"pdf:{sheet}", *self.shared(demo_site))
        page = pypdfium2.PdfDocument(sheet)[0]
        text = page.get_textpage().get_text_range()
        (code,) = re.findall(r"CTH[A-Z0-9]{70}", "".join(text.split()))
        # D7: noted as that of a slip, also where the sheet is a COI card, whose own code names the therapy.
        with Store.open(demo_site.url) as store, store.read() as transaction:
            assert parse_head(code).tree_size in transaction.printed_heads(coi)

    def test_a_printer_that_is_not_there(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """It is said that nothing was printed, and what to do."""
        target = "tcp://127.0.0.1:9"
        said = cartrail("label", "OPER-1", "--to", target, *self.shared(demo_site), exit_code=5)
        assert "print" in said.err


def follow(monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    """Let every therapy follow a protocol whose containers are changed so."""
    real = Reader.therapy

    def changed(reader: Reader, *, coi: str) -> tuple[TherapyState, Protocol | None] | None:
        known = real(reader, coi=coi)
        assert known is not None and known[1] is not None
        containers = tuple(one.model_copy(update=changes) for one in known[1].containers)
        return known[0], known[1].model_copy(update={"containers": containers})

    monkeypatch.setattr(Reader, "therapy", changed)


class TestDemo:
    def test_without_a_terminal_it_prints(self, cartrail: Cartrail, tmp_path: Path) -> None:
        """The people with their secrets, and the board."""
        asked = ("--folder", tmp_path / "demo", "--seed", "3", "--until", "2026-11-01T12:00:00Z")
        with without_papers():
            said = cartrail("demo", *asked, "--therapies", str(len(STORIES)))
        assert "QP-1" in said.out and "Closed" in said.out
        assert cartrail("demo", "--folder", tmp_path / "demo", "--again").out == said.out
        assert (
            "Leave --again out" in cartrail("demo", "--folder", tmp_path / "no", "--again", exit_code=2).err
        )

    @pytest.mark.parametrize(("hours", "is_opened"), [(3, True), (5, False)])
    def test_one_of_the_last_hours_is_opened_at_once(
        self, *, hours: int, is_opened: bool, cartrail: Cartrail, demo_result: DemoResult, tmp_path: Path
    ) -> None:
        """While its clocks run as they were told; an older one is kept beside a new one."""
        folder = tmp_path / "demo"
        copied(demo_result, folder)
        facts = json.loads((folder / "people.json").read_text(encoding="utf-8"))
        facts["until"] = (datetime.now(UTC) - timedelta(hours=hours)).isoformat()
        (folder / "people.json").write_text(json.dumps(facts), encoding="utf-8")
        with without_papers(), pytest.MonkeyPatch.context() as patch:
            patch.setattr("tui.cli.demo.THERAPIES", len(STORIES))
            said = cartrail("demo", "--folder", folder)
        assert ("Opening the demo that is there" in said.err) is is_opened
        assert (demo_result.therapies[0].coi in said.out) is is_opened
        assert folder.with_name("demo-1").exists() is not is_opened

    def test_fewer_than_its_stories_are_none(self, cartrail: Cartrail, tmp_path: Path) -> None:
        """Every scene to try needs its therapy."""
        few = ("demo", "--folder", tmp_path / "demo", "--therapies", "3")
        assert f"Name {len(STORIES)} to {len(STORIES) + 1000}" in cartrail(*few, exit_code=2).err
        assert not (tmp_path / "demo").exists()

    @pytest.mark.parametrize("until", ["2999-01-01T00:00:00Z", "2026-11-01T12:00:00", "yesterday"])
    def test_end_has_to_be_in_the_past(self, until: str, cartrail: Cartrail, tmp_path: Path) -> None:
        """After now, naive or no time at all: said, and no demo made."""
        cartrail("demo", "--folder", tmp_path / "demo", "--until", until, exit_code=2)
        assert not (tmp_path / "demo").exists()
