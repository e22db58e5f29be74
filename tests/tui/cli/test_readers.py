"""Who reads what at the command line, and what the registry notes of it."""

from pathlib import Path
from typing import Any

import pytest

from schema.events.registry import PeopleListed, TrailExported
from tests.support.commands import Cartrail, Site, write_credentials
from tests.support.demos import DemoSite
from tracker.exports.selection import EVERYTHING
from tracker.exports.trails import Trails
from tracker.tracker import Tracker


def notes(site: Site | DemoSite) -> list[tuple[str, Any]]:
    """Who read what, as the registry has it, oldest first."""
    opened = Tracker.open(url=site.url, read_only=True)
    entries = Trails(opened, ["registry"], EVERYTHING).known("registry").entries
    opened.close()
    statements = [entry.statement for entry in entries]
    return [
        (one.actor, one.payload)
        for one in statements
        if isinstance(one.payload, (TrailExported, PeopleListed))
    ]


READS = (
    ("trail", "registry"),
    ("trail", "registry", "--format", "csv"),
    ("trail", "registry", "--format", "json"),
    ("person", "list"),
    ("person", "show", "BEN-1"),
)


class TestFindingsD5:
    """A name is nobody: who takes a copy signs in."""

    @pytest.mark.parametrize("asked", READS)
    def test_findings_d5_a_name_alone_reads_nothing(
        self, cartrail: Cartrail, founded: Site, tmp_path: Path, asked: tuple[str, ...]
    ) -> None:
        """Nobody named is bad input, a wrong password is refused; neither sees or leaves anything."""
        wrong = write_credentials(tmp_path / "wrong.toml", {"ADA-1": "not the password"})
        said = cartrail(*asked, "--database", founded.path, exit_code=2)
        assert said.out == "" and "--as STAFF" in said.err
        named = ("--database", founded.path, "--as", "ADA-1", "--credentials", wrong)
        assert cartrail(*asked, *named, exit_code=3).out == ""
        assert notes(founded) == []

    @pytest.mark.parametrize("asked", READS)
    def test_findings_d5_who_signed_in_is_noted(
        self, cartrail: Cartrail, founded: Site, asked: tuple[str, ...]
    ) -> None:
        """Each look outside a demo is one entry under the name of who signed in, and the store verifies."""
        said = cartrail(*asked, *founded.as_ada)
        assert said.out and "not noted" not in said.err
        ((actor, noted),) = notes(founded)
        assert actor == "ADA-1" and noted.signed_in
        assert isinstance(noted, TrailExported if asked[0] == "trail" else PeopleListed)
        cartrail("verify", "--database", founded.path)

    def test_findings_d5_in_a_demo_a_name_is_marked(self, cartrail: Cartrail, demo_site: DemoSite) -> None:
        """The file names them as not signed in, and so does the registry."""
        who = ("--as", "AUDIT-1", "--station", "MFG-1-01", "--database", demo_site.path)
        cartrail("trail", demo_site.coi("closed"), "--format", "csv", *who)
        ((actor, noted),) = notes(demo_site)
        assert (actor, noted.signed_in) == ("AUDIT-1", False)


class TestFindingsG14:
    """A shared account sees the board where the site lets it, and nothing that names people."""

    BOARDS = (("board",), ("patient", "list"), ("deviation", "list"), ("form", "list"))

    @pytest.mark.parametrize("asked", BOARDS)
    def test_findings_g14_the_board_asks_who_reads(
        self, cartrail: Cartrail, founded: Site, asked: tuple[str, ...]
    ) -> None:
        """Until its site lets the station show it; from then on nobody is asked there."""
        said = cartrail(*asked, "--database", founded.path, exit_code=2)
        assert "station set STATION --board" in said.err
        cartrail(*asked, *founded.as_ada)
        cartrail("station", "set", "HUB-1", "--board", *founded.as_ada)
        cartrail(*asked, "--database", founded.path)
        cartrail("person", "list", "--database", founded.path, exit_code=2)
        cartrail("station", "set", "HUB-1", "--no-board", *founded.as_ada)
        cartrail(*asked, "--database", founded.path, exit_code=2)

    def test_findings_g14_its_own_site_decides(self, cartrail: Cartrail, founded: Site) -> None:
        """An administrator of the plant cannot open the board of a ward."""
        cartrail("site", "add", "WARD", "--title", "Ward", "--type", "treatment_center",
                 "--zone", "Europe/Berlin", *founded.as_ada)  # fmt: skip
        cartrail("station", "add", "WARD-1", "--at", "WARD", "--title", "Ward", *founded.as_ada)
        shared = (*founded.as_ada, "--station", "HUB-1")
        said = cartrail("station", "set", "WARD-1", "--board", *shared, exit_code=3)
        assert "Somebody who is quality or administrator at WARD has to do this" in " ".join(said.err.split())
        same = cartrail("station", "set", "HUB-1", "--no-board", *shared, exit_code=3)
        assert "does not show the board" in same.err

    def test_findings_g14_somebody_without_a_role_reads_nothing(
        self, cartrail: Cartrail, founded: Site
    ) -> None:
        """Their password is right, and they are nobody here any more."""
        grants = [
            one["grant"]
            for one in cartrail("person", "show", "BEN-1", "--json", *founded.as_ada).records[0]["grants"]
        ]
        for one in grants:
            cartrail("person", "revoke", one, *founded.as_ada)
        as_ben = ("--database", founded.path, "--as", "BEN-1", "--credentials", founded.credentials)
        assert cartrail("person", "list", *as_ben, exit_code=3).out == ""
