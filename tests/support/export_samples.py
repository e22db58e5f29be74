"""What leaves the store, of one invented therapy and one shipment of it, as docs/samples shows it.

`python -m tests.support.export_samples docs/samples` makes the files, and the first pages as pictures in
shades of grey: nothing in a report may be told by color alone.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Final

import pypdfium2

from schema.events.custody import Packed
from tests.support.demos import SEED, UNTIL, without_papers
from tracker.demo.run import DATABASE, build_demo
from tracker.exports.disclosure import Disclosure
from tracker.exports.forms import TrailFormat
from tracker.tracker import Tracker

EVERYTHING: Final = Disclosure(identifiers=True, free_text=True, names=True)
ASKED_BY: Final = "AUDIT-1"
WIDTH_PIXELS: Final = 620
FILES: Final = {
    TrailFormat.PDF: "trail.pdf",
    TrailFormat.CSV: "trail.csv",
    TrailFormat.XLSX: "trail.xlsx",
    TrailFormat.EPCIS: "trail.epcis.json",
}


def make(out: Path) -> None:
    """Write the samples into a folder that exists."""
    with tempfile.TemporaryDirectory() as folder, without_papers():
        store = Path(folder) / "demo"
        demo = build_demo(folder=store, seed=SEED, until=UNTIL)
        coi = next(one.coi for one in demo.therapies if one.outcome.startswith("released out"))
        tracker = Tracker.open(url=f"sqlite:///{store / DATABASE}", read_only=True)
        try:
            for form, name in FILES.items():
                _save(tracker, form, (coi,), None, out / name)
            _save(tracker, TrailFormat.PDF, (coi,), _shipment(tracker, coi), out / "shipment.pdf")
        finally:
            tracker.close()
    for name, pages in (("trail", (1, 2, 3, 4, 5)), ("shipment", (2,))):
        for page in pages:
            _picture(out / f"{name}.pdf", page, out / f"{name}-page-{page}.png")


def _save(
    tracker: Tracker, form: TrailFormat, chains: tuple[str, ...], shipment: str | None, out: Path
) -> None:
    trails = tracker.exports.trails(chains, shipment=shipment)
    tracker.exports.save(form, trails, EVERYTHING, out, begin=lambda: None, asked_by=ASKED_BY)


def _shipment(tracker: Tracker, coi: str) -> str:
    trail = tracker.read.trail(coi=coi)
    packed = (one.entry.statement.payload for one in trail.entries)
    return next(one.shipment for one in packed if isinstance(one, Packed))


def _picture(pdf: Path, page: int, out: Path) -> None:
    document = pypdfium2.PdfDocument(pdf)
    one = document[page - 1]
    one.render(scale=WIDTH_PIXELS / one.get_width(), grayscale=True).to_pil().save(out, optimize=True)
    document.close()


if __name__ == "__main__":
    make(Path(sys.argv[1]))
