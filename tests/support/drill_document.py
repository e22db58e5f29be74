"""The table of the drill in docs/evidence.md.

`python -m tests.support.drill_document` writes it from a drill.
"""

import sys
import tempfile
from pathlib import Path

from tests.support.places import ROOT
from tracker.drill.rehearsal import rehearse
from tracker.drill.run import ATTACKS, AttackedStore, tried
from tracker.drill.scene import longest_chain
from tracker.drill.table import BEGIN, END, markdown

DOCUMENT = ROOT / "docs" / "evidence.md"


def block() -> list[str]:
    """The lines between the markers, headings included."""
    text = DOCUMENT.read_text(encoding="utf-8")
    return text.partition(f"{BEGIN}\n")[2].partition(f"{END}\n")[0].splitlines()


def write() -> None:
    """Drill on a rehearsal store and put the table into the document."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rehearsal = rehearse(folder)
        subject = AttackedStore(rehearsal.path, longest_chain(rehearsal.path)[0], is_rehearsal=True)
        table = markdown([tried(attack, subject, rehearsal, folder) for attack in ATTACKS])
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    DOCUMENT.write_text(before + table + rest.partition(f"{END}\n")[2], encoding="utf-8")


if __name__ == "__main__":
    write()
    sys.stderr.write(f"Written to {DOCUMENT}.\n")
