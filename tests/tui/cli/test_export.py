"""Exporting and verifying by commands: a bundle in one line, checked by cartrail and by its own verifier."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from schema.papercodes import head_code
from tests.support import places
from tests.support.commands import Cartrail, write_credentials
from tests.support.demos import coi_of, copied
from tests.support.evidence_story import tampering
from tests.support.tamper import flips
from tracker.bundle import verification
from tracker.bundle.contents import verifier_source
from tracker.demo.cast import HUB_STATION
from tracker.demo.run import DemoResult


@pytest.fixture
def demo(demo_result: DemoResult, tmp_path: Path) -> DemoResult:
    """A copy of the demo with its keys, for exporting writes to it."""
    write_credentials(tmp_path / "passwords.toml", {one.staff: one.password for one in demo_result.people})
    return copied(demo_result, tmp_path / "demo")


def options(demo: DemoResult, staff: str = "AUDIT-1") -> tuple[str, ...]:
    """Who acts, where, on which store."""
    database = demo.folder / "cartrail.db"
    passwords = demo.folder.parent / "passwords.toml"
    return (
        *("--database", str(database), "--station", HUB_STATION),
        *("--as", staff, "--credentials", str(passwords)),
    )


def young(demo: DemoResult) -> str:
    """The therapy with one entry: what is said of its bundle holds for any."""
    return coi_of(demo, "just enrolled")


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, demo: DemoResult, cartrail: Cartrail) -> Cartrail:
    """The command on the hub, whose keys lie with the demo."""
    monkeypatch.setenv("CARTRAIL_CONFIG", str(demo.config))
    return cartrail


def test_a_bundle_checked_by_cartrail_and_by_itself(hub: Cartrail, demo: DemoResult, tmp_path: Path) -> None:
    """The head that export prints proves later which bundle was handed over."""
    bundle = tmp_path / "evidence.zip"
    head = hub("export", demo.therapies[0].coi_code, "--out", bundle, *options(demo)).out.strip()
    assert hub("verify", bundle, "--head", head, "--require-head").exit_code == 0
    with zipfile.ZipFile(bundle) as opened:
        (tmp_path / "verify.py").write_bytes(opened.read("verify.py"))
    done = subprocess.run(
        [sys.executable, "-I", "verify.py", "evidence.zip", "--head", head],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_one_changed_byte_is_exit_4(hub: Cartrail, demo: DemoResult, tmp_path: Path) -> None:
    """Whoever changed it."""
    bundle = tmp_path / "evidence.zip"
    hub("export", young(demo), "--out", bundle, *options(demo))
    data = bundle.read_bytes()
    (flip,) = flips(data, 1)
    bundle.write_bytes(flip.done(data))
    said = hub("verify", bundle, exit_code=4)
    assert "THIS BUNDLE CANNOT BE TRUSTED" in said.out and "store" not in said.out.splitlines()[-1]


def test_findings_d13_a_bundle_of_what_cannot_be_trusted(
    hub: Cartrail, demo: DemoResult, tmp_path: Path
) -> None:
    """The evidence leaves as it lies, without files for reading, and with 4: so does its own verification."""
    therapy = next(one for one in demo.therapies if one.outcome.startswith("closed"))
    changed = (
        'UPDATE custody_event SET body = CAST(replace(CAST(body AS TEXT), \'"volume_ml":"\', '
        f"'\"volume_ml\":\"1') AS BLOB) WHERE chain = '{therapy.coi}'"
    )
    with tampering(demo.folder / "cartrail.db") as connection:
        connection.execute(changed)
    bundle = tmp_path / "evidence.zip"
    said = hub("export", therapy.coi_code, "--out", bundle, *options(demo), exit_code=4)
    assert "THE RECORD CANNOT BE TRUSTED" in said.err
    with zipfile.ZipFile(bundle) as opened:
        assert not {"trail.pdf", "trail.csv", "epcis.json"} & set(opened.namelist())
    hub("verify", bundle, exit_code=4)


def test_findings_d16_a_damaged_or_foreign_file(hub: Cartrail, demo: DemoResult, tmp_path: Path) -> None:
    """Nothing was judged, so nothing is said against whoever made it."""
    bundle = tmp_path / "evidence.zip"
    hub("export", young(demo), "--out", bundle, *options(demo))
    cut = tmp_path / "cut.zip"
    cut.write_bytes(bundle.read_bytes()[:-9])
    said = hub("verify", cut, exit_code=2)
    assert "this file is damaged" in said.err and "cut" in said.err and not said.out
    with zipfile.ZipFile(tmp_path / "letter.docx", "w") as other:
        other.writestr("word/document.xml", "<x/>")
    assert "other files" in hub("verify", tmp_path / "letter.docx", exit_code=2).err


def test_findings_d17_the_program_and_its_digest(cartrail: Cartrail, tmp_path: Path) -> None:
    """What is printed is the file that bundles carry, and what the auditor's page publishes."""
    digest, _, path = cartrail("verify", "--program").out.strip().partition("  ")
    assert hashlib.sha256(Path(path).read_bytes()).hexdigest() == digest
    assert Path(path).read_bytes() == verifier_source()
    assert cartrail("verify", "--program", "--json").records == [{"path": path, "sha256": digest}]
    assert digest in (places.ROOT / "docs" / "auditor.md").read_text(encoding="utf-8")


def test_findings_d17_the_digest_is_published_with_the_program(
    cartrail: Cartrail, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lies beside the program, as `sha256sum` takes it; another program is not taken for ours."""
    digest, _, path = cartrail("verify", "--program").out.strip().partition("  ")
    beside = Path(f"{path}.sha256")
    assert beside.read_text("ascii") == f"{digest}  verify.py\n"
    other = tmp_path / "verify.py"
    other.write_bytes(Path(path).read_bytes() + b"\n")
    monkeypatch.setattr(verification, "PROGRAM", other)
    said = cartrail("verify", "--program", exit_code=4)
    assert digest in said.err and "Install cartrail again" in said.err and not said.out


def test_without_an_outside_head_a_strict_auditor_is_not_content(
    hub: Cartrail, demo: DemoResult, tmp_path: Path
) -> None:
    """And a head of another log is bad input."""
    bundle = tmp_path / "evidence.zip"
    hub("export", young(demo), "--out", bundle, *options(demo))
    hub("verify", bundle, "--require-head", exit_code=6)
    foreign = head_code("cartrail/demo/0123456789abcdef", 5, "ab" * 32).text
    hub("verify", bundle, "--head", foreign, exit_code=2)


def test_only_those_entitled_export(hub: Cartrail, demo: DemoResult, tmp_path: Path) -> None:
    """A courier may not carry the record out, and no file is left behind."""
    bundle = tmp_path / "evidence.zip"
    hub("export", young(demo), "--out", bundle, *options(demo, "COUR-X1"), exit_code=3)
    assert not bundle.exists()


def test_a_station_without_key_does_not_export(cartrail: Cartrail, demo: DemoResult, tmp_path: Path) -> None:
    """It is told where to do it."""
    said = cartrail("export", "--all", "--out", tmp_path / "e.zip", *options(demo), exit_code=5)
    assert "hub" in said.err


def test_the_log_changes_its_key_and_goes_on(hub: Cartrail, demo: DemoResult, tmp_path: Path) -> None:
    """By two people in one act; old and new heads verify in one bundle."""
    hub("station", "rotate-log-key", "--approved-by", "QA-1", *options(demo, "ADMIN-1"))
    hub("station", "key", "--on-hub", *options(demo, "ADMIN-1"))
    assert "cartrail/demo/" in hub("station", "cosign", *options(demo)).out
    bundle = tmp_path / "evidence.zip"
    hub("export", "--all", "--out", bundle, *options(demo))
    assert "no independent witness" in hub("verify", bundle).out


def test_nothing_and_everything_is_no_wish(hub: Cartrail, demo: DemoResult, tmp_path: Path) -> None:
    """Neither therapies nor --all, or both."""
    hub("export", "--out", tmp_path / "e.zip", *options(demo), exit_code=2)
    hub("export", demo.therapies[0].coi, "--all", "--out", tmp_path / "e.zip", *options(demo), exit_code=2)
