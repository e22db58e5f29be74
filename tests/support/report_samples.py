"""The samples in docs/samples: what leaves a demo store, as files and as pictures of their pages.

`python -m tests.support.report_samples docs/samples` builds the demo and writes them. Look at every page,
also in grey, before they are committed.
"""

import random
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pypdfium2

from tests.support.demos import without_papers
from tracker.clock import SimulatedClock
from tracker.demo.run import DemoResult, build_demo
from tracker.exports.disclosure import Disclosure
from tracker.exports.epcis.events import OWN_URIS
from tracker.exports.forms import TrailFile, TrailFormat
from tracker.exports.selection import EventSelection
from tracker.exports.trails import Trails, chains_of, of_shipment
from tracker.open_store import Environment
from tracker.people.passwords import WEAK
from tracker.tracker import Tracker

SEED: Final = 7
UNTIL: Final = datetime(2026, 11, 1, 12, tzinfo=UTC)
STAFF: Final = Disclosure(names=True)
"""Invented people, whose names are open in the samples."""

SCALE: Final = 1.5
"""Dots for each point of a page."""

TRAIL: Final = "infused after"
"""The therapy of most samples: infused, after a mix-up was prevented."""

REPORTS: Final = {"trail": TRAIL, "refused": "refused at pick-up"}
"""The reports, each of the therapy whose outcome begins so."""

FORMS: Final = {TrailFormat.CSV: "csv", TrailFormat.XLSX: "xlsx", TrailFormat.EPCIS: "epcis.json"}

PICTURES: Final = {"trail": (1, 2, 4, 5), "refused": (1,), "shipment": (2,)}
"""The pages that are kept as pictures, in grey as a copier gives them."""


def write_samples(folder: Path) -> None:
    """Every sample anew; what was there under its name is replaced."""
    with tempfile.TemporaryDirectory() as place, without_papers():
        demo = build_demo(folder=Path(place) / "demo", seed=SEED, until=UNTIL)
        clock = SimulatedClock(UNTIL)
        url = f"sqlite:///{demo.folder / 'cartrail.db'}"
        opened = Tracker.open(
            url=url, read_only=True, environment=Environment(clock, random.Random(SEED), WEAK)
        )
        for name, outcome in REPORTS.items():
            _save(opened, (_coi(demo, outcome),), TrailFormat.PDF, folder / f"{name}.pdf")
        for form, name in FORMS.items():
            _save(opened, (_coi(demo, TRAIL),), form, folder / f"trail.{name}")
        _save_shipment(opened, _coi(demo, TRAIL), folder / "shipment.pdf")
        opened.close()
    for name, pages in PICTURES.items():
        for page in pages:
            _picture(folder / f"{name}.pdf", page, folder / f"{name}-page-{page}.png")


def _coi(demo: DemoResult, outcome: str) -> str:
    return next(one.coi for one in demo.therapies if one.outcome.startswith(outcome))


def _save(opened: Tracker, chains: tuple[str, ...], form: TrailFormat, path: Path) -> None:
    TrailFile(Trails(opened, chains, EventSelection()), STAFF, "QA-2", OWN_URIS).save(
        form, path, lambda: None
    )


def _save_shipment(opened: Tracker, coi: str, path: Path) -> None:
    """The report of the shipment that the therapy's product travelled in."""
    trails = Trails(opened, chains_of(opened, ()), EventSelection())
    shipment = [
        entry.statement.payload.to_json()["shipment"]
        for entry in trails.known(coi).entries
        if entry.statement.kind == "packed"
    ][-1]
    TrailFile(of_shipment(trails, str(shipment)), STAFF, "QA-2", OWN_URIS).save(
        TrailFormat.PDF, path, lambda: None
    )


def _picture(pdf: Path, page: int, path: Path) -> None:
    document = pypdfium2.PdfDocument(pdf)
    document[page - 1].render(scale=SCALE, grayscale=True).to_pil().save(path, optimize=True)
    document.close()


if __name__ == "__main__":
    write_samples(Path(sys.argv[1]))
