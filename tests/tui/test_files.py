"""A file that somebody named: an ordinary one, and no more of it than is asked for."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

import pytest

from schema.errors import InputError
from tui import scanned
from tui.cli import equipment, network, note, plan, protocol, shipment, storage, temperature
from tui.cli.patient import identifiers, manifest, takeover
from tui.cli.secrets import read_credentials
from tui.files import start_of

HERE: Final = Path(scanned.__file__).parent

READERS: Final = {
    "scanned paper": lambda path: scanned.scanned_paper(str(path)),
    "certificate": equipment.digest_of,
    "network": network.read_network,
    "note": lambda path: note.read_text(str(path)),
    "plan": plan._written,
    "protocol": lambda path: protocol._file(str(path)),
    "carrier's file": shipment._content,
    "codes of a count": storage._lines,
    "logger's file": temperature.opened,
    "identifiers": lambda path: identifiers.read_identifiers(str(path)),
    "manifest": manifest._content,
    "therapy": takeover._therapy,
    "credentials": read_credentials,
}

OTHERS: Final = {
    "extraction.py": "its own modules, of which the words to be translated are taken",
    "files.py": "the one way",
    "cli/ending.py": "where to put what nobody reads any more, and the log",
    "cli/hub.py": "a file of the program itself",
    "cli/record/command.py": "a stream of lines, which a pipe may bring",
    "cli/secrets.py": "the terminal",
    "driver.py": "where to put what nobody reads any more",
    "screens/exporting/__init__.py": "what was just written there",
}
"""Where else something is opened, and what."""


@pytest.mark.parametrize("name", READERS)
def test_no_pipe_and_no_device_is_read(name: str, tmp_path: Path) -> None:
    """A pipe would be waited for without end, a device has no end: neither is taken for a file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (Path("/dev/zero"), pipe):
        with pytest.raises(InputError, match="cannot be read"):
            READERS[name](path)


def test_a_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    """One byte more says that there is more; a folder is no file."""
    file = tmp_path / "file"
    file.write_bytes(b"12345")
    assert start_of(file, 5) == b"12345"
    assert start_of(file, 3) == b"1234"
    with pytest.raises(IsADirectoryError):
        start_of(tmp_path, 3)


def test_every_file_that_is_named_is_read_in_this_way() -> None:
    """Who opens one otherwise stands above, with what it is."""
    shapes = (r"\.read_(bytes|text)\(", r"os\.open\(", r"(?<![\w.])(?<!def )open\(", r"\.open\((\"r|enc)")
    opens = re.compile("|".join(shapes))
    found = {
        str(path.relative_to(HERE)) for path in HERE.rglob("*.py") if opens.search(path.read_text("utf-8"))
    }
    assert found == OTHERS.keys()
