"""The attacks in a bundle: exported from the attacked copy, or altered after it left the store."""

from __future__ import annotations

import hashlib
import json
import shutil
import warnings
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from schema.errors import CartrailError
from tracker.bundle.export import BundleWish, export_bundle
from tracker.bundle.format import MANIFEST, json_line, zip_of
from tracker.demo import cast
from tracker.drill.attack import Attack, InBundle
from tracker.drill.rehearsal import Rehearsal
from tracker.drill.scene import AttackedCopy
from tracker.evidence.last_head import SIGNED_FILE
from tracker.evidence.standalone import verify

_AUDITOR: Final = "AUDIT-1"
_AFTER: Final = timedelta(hours=12)
"""The auditor comes when everything is done, what claims to be late included."""


@dataclass(frozen=True, slots=True)
class BundleFound:
    """What a bundle showed of an attack."""

    refused: str = ""
    """Why no bundle could be made; empty where one was."""

    alone: tuple[verify.Step, ...] = ()
    """The steps with findings of the bundle alone."""

    messages: tuple[str, ...] = ()
    """What these said."""

    paper: tuple[verify.Step, ...] = ()
    """The same with a head and a receipt from before the attack; not tried where the bundle shows it."""

    named: bool = False
    """Whether its verdict names what was said to have been lost."""

    @property
    def shown(self) -> InBundle:
        """The least that it takes; NOTHING where nothing shows anything, be it that there is nothing."""
        if self.refused:
            return InBundle.REFUSED
        if self.alone:
            return InBundle.CAUGHT
        if self.paper:
            return InBundle.PAPER
        return InBundle.NAMED if self.named else InBundle.NOTHING


def exported(rehearsal: Rehearsal, attacked: AttackedCopy, folder: Path) -> BundleFound:
    """What the bundle of the attacked therapy shows, exported by an auditor on the hub after the attack."""
    try:
        data = _export(rehearsal, attacked, folder, reading=False)
    except CartrailError as error:
        return BundleFound(refused=error.code)
    return _found(data, attacked)


def altered(attack: Attack, rehearsal: Rehearsal, attacked: AttackedCopy, folder: Path) -> BundleFound:
    """What a bundle shows whose files were changed and whose manifest was made to fit them."""
    kept = folder / "left.zip"
    if not kept.exists():
        kept.write_bytes(_export(rehearsal, attacked, folder, reading=True))
    with zipfile.ZipFile(kept) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    if attack.on_bundle is not None:
        attack.on_bundle(files)
    return _found(_mended(files), attacked)


def _found(data: bytes, attacked: AttackedCopy) -> BundleFound:
    report = verify.verify(data)
    messages = tuple(str(one) for found in report.findings.values() for one in found)
    if messages:
        return BundleFound(alone=_steps(report), messages=messages)
    paper = _steps(verify.verify(data, attacked.heads, attacked.receipts))
    return BundleFound(paper=paper, named=names_a_loss(report.unchecked))


def names_a_loss(said: Iterable[str]) -> bool:
    """Whether a verdict says that entries are lost."""
    return any("entries are lost" in one for one in said)


def _steps(report: verify.Report) -> tuple[verify.Step, ...]:
    return tuple(step for step in verify.Step if report.findings[step])


def _export(rehearsal: Rehearsal, attacked: AttackedCopy, folder: Path, *, reading: bool) -> bytes:
    out = folder / "attacked.zip"
    wish = BundleWish(_AUDITOR, cast.HUB_STATION, (attacked.coi,), reading=reading)
    at = rehearsal.network.clock.now() + _AFTER
    with rehearsal.going_on(attacked.path, at=at) as journey:
        network = journey.network
        config = _config(rehearsal, attacked, folder)
        with warnings.catch_warnings():
            # A forked chain has one proof file twice, which zipfile warns of and the verifier finds.
            warnings.simplefilter("ignore", UserWarning)
            export_bundle(network.tracker, wish, config=config, out=out, signers=[network.signers[_AUDITOR]])
    return out.read_bytes()


def _config(rehearsal: Rehearsal, attacked: AttackedCopy, folder: Path) -> Path:
    """The hub's keys; an operator who attacks took the head that was signed last away from beside them."""
    config = folder / "config"
    shutil.rmtree(config, ignore_errors=True)
    if attacked.config is not None:
        shutil.copytree(attacked.config, config)
        return config
    shutil.copytree(rehearsal.config, config)
    if attacked.key is not None:
        for head in config.glob(f"*/{SIGNED_FILE}"):
            head.unlink()
    return config


def _mended(files: Mapping[str, bytes]) -> bytes:
    """The zip of these files with a manifest that names them by their digests."""
    said = json.loads(files[MANIFEST])
    said["files"] = {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items() if name != MANIFEST
    }
    return zip_of({**files, MANIFEST: json_line(said)})
