"""Bundles for tests: a demo exported whole and in part, and hands that take bundles apart and mend them."""

import hashlib
import io
import json
import random
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tests.support.demos import without_papers
from tracker.bundle.export import BundleWish, BundleWritten, export_bundle
from tracker.clock import SimulatedClock
from tracker.demo.cast import HUB_STATION
from tracker.demo.run import DemoResult, build_demo
from tracker.evidence.log import Log
from tracker.evidence.log_keys import key_folder
from tracker.evidence.standalone import verify
from tracker.people.passwords import WEAK
from tracker.people.signer import Signer
from tracker.tracker import Environment, Tracker

AUDITOR = "AUDIT-1"
UNTIL = datetime.fromisoformat("2026-03-01T12:00:00+00:00")


@dataclass(slots=True)
class Hall:
    """A demo store with an auditor in session at its hub, and the bundles that left it."""

    demo: DemoResult
    tracker: Tracker
    clock: SimulatedClock
    auditor: Signer
    written: dict[str, BundleWritten] = field(default_factory=dict)
    heads: list[str] = field(default_factory=list)

    @property
    def log(self) -> Log:
        """The demo's log, on its hub."""
        folder = key_folder(self.demo.config, self.tracker.registry.origin)
        return Log(self.tracker.store, folder, clock=self.clock)

    def export(self, name: str, *cois: str, heads: tuple[str, ...] = (), free_text: bool = True) -> bytes:
        """Export a bundle under a name; without therapies everything."""
        wish = BundleWish(AUDITOR, HUB_STATION, tuple(cois), whole=not cois, heads=heads, free_text=free_text)
        out = self.demo.folder / f"{name}.zip"
        self.written[name] = export_bundle(
            self.tracker, wish, config=self.demo.config, out=out, signers=[self.auditor]
        )
        return out.read_bytes()


def new_hall(folder: Path) -> Hall:
    """A new demo without its papers, opened."""
    with without_papers():
        return opened_hall(build_demo(folder=folder, until=UNTIL))


def opened_hall(demo: DemoResult) -> Hall:
    """A demo with its auditor in session, at the end of its story."""
    clock = SimulatedClock(datetime.fromisoformat(demo.until))
    tracker = Tracker.open(url=demo.url, environment=Environment(clock, random.Random(5), WEAK))
    (password,) = (one.password for one in demo.people if one.staff == AUDITOR)
    auditor = tracker.unlock(staff=AUDITOR, password=password, station=HUB_STATION)
    return Hall(demo, tracker, clock, auditor)


def files_of(bundle: bytes) -> dict[str, bytes]:
    """The files of a bundle."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def zipped(files: Mapping[str, bytes], *, order: Callable[[str], object] = str) -> bytes:
    """A zip of files as cartrail writes it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as bundle:
        for name in sorted(files, key=order):  # type: ignore[arg-type]
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o100644 << 16
            bundle.writestr(info, files[name])
    return out.getvalue()


def repaired(files: Mapping[str, bytes]) -> bytes:
    """The bundle of these files, with their digests in the manifest where that can still be read."""
    said = files.get("manifest.json", b"")
    try:
        manifest = json.loads(said)
        manifest["files"] = {
            name: hashlib.sha256(content).hexdigest()
            for name, content in files.items()
            if name != "manifest.json"
        }
        said = line(manifest)
    except (ValueError, TypeError):
        pass
    return zipped({**files, "manifest.json": said})


def line(value: object) -> bytes:
    """A value as a bundle writes it."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def changed(bundle: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The bundle with one file changed and the manifest repaired."""
    files = files_of(bundle)
    files[name] = change(files[name])
    return repaired(files)


@dataclass(frozen=True, slots=True)
class Judged:
    """What `verify.py` says of a bundle."""

    exit_code: int
    report: verify.Report | None
    """None where the file or a code could not be read."""

    @property
    def steps(self) -> tuple[str, ...]:
        """The outcome of each step, from the first."""
        return () if self.report is None else tuple(self.report.outcome(step) for step in verify.Step)

    def found(self) -> set[verify.Step]:
        """The steps with findings."""
        return set() if self.report is None else {step for step in verify.Step if self.report.findings[step]}

    def missed(self) -> set[verify.Step]:
        """The steps with something missing."""
        return set() if self.report is None else {step for step in verify.Step if self.report.gaps[step]}

    def messages(self, step: verify.Step) -> list[str]:
        """The findings of a step, each with its place."""
        return [] if self.report is None else [str(one) for one in self.report.findings[step]]


def judged(
    bundle: bytes, *, heads: tuple[str, ...] = (), receipts: tuple[str, ...] = (), require_head: bool = False
) -> Judged:
    """The verdict over a bundle's bytes, with exit code 2 as the command has it."""
    try:
        report = verify.verify(bundle, heads, receipts, require_head=require_head)
    except verify.BadInput:
        return Judged(2, None)
    return Judged(report.exit_code, report)
