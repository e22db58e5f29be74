"""What the station's guide tells an administrator to write into sshd's configuration is taken by sshd."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.support.places import ROOT

GUIDE: Final = ROOT / "docs" / "guide" / "station.md"
IN_MATCH: Final = frozenset(
    {
        "AcceptEnv",
        "AllowAgentForwarding",
        "AllowTcpForwarding",
        "AuthenticationMethods",
        "AuthorizedKeysFile",
        "ClientAliveCountMax",
        "ClientAliveInterval",
        "DisableForwarding",
        "ForceCommand",
        "MaxAuthTries",
        "PasswordAuthentication",
        "PermitListen",
        "PermitOpen",
        "PermitTTY",
        "PermitTunnel",
        "PermitUserRC",
        "PubkeyAuthentication",
        "SetEnv",
        "X11Forwarding",
    }
)
"""Of the directives that sshd_config(5) allows within a Match block, those that a station may need."""


def configuration() -> str:
    """The block of the guide."""
    blocks = re.findall(r"^```\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    (found,) = (block for block in blocks if "Match User" in block)
    return str(found)


def test_findings_e2_only_what_a_match_block_may_hold() -> None:
    """One directive that is not allowed there, and sshd does not start: nobody gets in any more."""
    before, _, inside = configuration().partition("Match User cartrail\n")
    assert {line.split()[0] for line in inside.splitlines()} <= IN_MATCH
    assert before.strip() == "PermitUserEnvironment no"


def test_findings_e2_sshd_takes_it(tmp_path: Path) -> None:
    """Tested by sshd itself, with a host key of its own."""
    program = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    maker = shutil.which("ssh-keygen")
    if program is None or maker is None:
        pytest.skip("This machine has no sshd; the directives are held to the list of sshd_config(5) above.")
    key, file = tmp_path / "host.key", tmp_path / "sshd_config"
    subprocess.run([maker, "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)

    def tested(text: str) -> subprocess.CompletedProcess[str]:
        file.write_text(text, encoding="utf-8")
        command = [program, "-t", "-f", str(file), "-h", str(key)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    said = tested(configuration())
    if "privilege separation" in said.stderr.lower():
        pytest.skip("sshd needs a folder here that only its own package makes, such as /run/sshd.")
    assert said.returncode == 0, said.stderr
    broken = tested(f"{configuration()}    PermitUserEnvironment no\n")
    assert broken.returncode != 0 and "not allowed within a Match block" in broken.stderr
