"""What a bundle is made of: the names of its files, its manifest, and the zip that follows from them."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import IO, BinaryIO, Final

from schema.canonical import Json, canonical
from schema.errors import InputError
from schema.papercodes import head_code
from tracker.requests.fields import ChainEnd

FORM: Final = "cartrail-bundle/1"
MANIFEST: Final = "manifest.json"
ENTRIES: Final = "entries.ndjson"
REGISTRY_FILE: Final = "registry.ndjson"
LEAVES: Final = "leaves.csv"
CHECKPOINTS: Final = "checkpoints.ndjson"
KEYS: Final = "keys.json"
OPENINGS: Final = "openings.json"
ATTACHMENTS: Final = "attachments/"
PROOFS: Final = "proofs/"
PROOF_SUFFIX: Final = ".tlog-proof"
TRAIL: Final = "trail.csv"
TRAIL_PDF: Final = "trail.pdf"
EPCIS: Final = "epcis.json"
VERIFIER: Final = "verify.py"
REQUIRED: Final = (CHECKPOINTS, ENTRIES, KEYS, MANIFEST, OPENINGS, REGISTRY_FILE, VERIFIER)
NAMES: Final = re.compile(
    r"(attachments/[0-9a-f]{64}|checkpoints\.ndjson|entries\.ndjson|epcis\.json|keys\.json|leaves\.csv"
    r"|manifest\.json|openings\.json|proofs/[0-9a-f]{64}\.tlog-proof|registry\.ndjson|trail\.csv|trail\.pdf"
    r"|verify\.py)"
)

FIRST_DAY: Final = (1980, 1, 1, 0, 0, 0)
UNIX: Final = 3
REGULAR_FILE: Final = 0o100644 << 16

_IN_MEMORY: Final = 1 << 20
_BLOCK: Final = 1 << 16


def proof_name(digest: str) -> str:
    """The name of the proof of an entry."""
    return f"{PROOFS}{digest}{PROOF_SUFFIX}"


def json_line(value: Json) -> bytes:
    """A value as it stands in a bundle: canonical, on a line of its own."""
    return canonical(value) + b"\n"


@dataclass(frozen=True, slots=True)
class Part:
    """A file on its way into a bundle; a long one lies on the disk until then."""

    name: str
    content: IO[bytes]
    sha256: str


def part(name: str, blocks: Iterable[bytes]) -> Part:
    """The file of these bytes, with the digest that the manifest names."""
    content = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  lives until the zip is written
    digest = sha256()
    for block in blocks:
        digest.update(block)
        content.write(block)
    content.seek(0)
    return Part(name, content, digest.hexdigest())


@dataclass(frozen=True, slots=True)
class Extent:
    """A log at one size."""

    tree_size: int
    root: str


@dataclass(frozen=True, slots=True)
class BundleManifest:
    """What a bundle says of itself."""

    origin: str
    export: str
    chains: tuple[ChainEnd, ...]
    at: Extent
    """Checkpoint A: the log that is shown."""

    now: Extent
    """Checkpoint B: the log with the export's own entry."""

    exported_at: str
    exported_by: str

    def to_json(self, files: Mapping[str, str]) -> Mapping[str, Json]:
        """The manifest over files with these digests."""
        now = self.now
        return {
            "form": FORM,
            "origin": self.origin,
            "export": self.export,
            "chains": chains_json(self.chains),
            "at": {"tree_size": self.at.tree_size, "root": self.at.root},
            "tree_size": now.tree_size,
            "root": now.root,
            "head_code": head_code(self.origin, now.tree_size, now.root).text,
            "exported_at": self.exported_at,
            "exported_by": self.exported_by,
            "files": dict(files),
        }


def chains_json(chains: Sequence[ChainEnd]) -> list[Json]:
    """The chains as the manifest names them and the export commits to them."""
    return [end.model_dump(mode="json") for end in chains]


def write_zip(out: BinaryIO, manifest: BundleManifest, parts: Iterable[Part]) -> int:
    """Write the bundle; gives how many files it has. Raises InputError where one zip cannot hold them."""
    given = list(parts)
    said = manifest.to_json({one.name: one.sha256 for one in given})
    given.append(part(MANIFEST, [json_line(said)]))
    try:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, allowZip64=False) as bundle:
            for one in sorted(given, key=lambda each: each.name):
                _write_part(bundle, one)
    except (zipfile.LargeZipFile, RuntimeError) as error:
        raise InputError(
            f"The bundle does not fit into one zip of 65,535 files and 2 GiB: {error}.",
            remedy="Export fewer therapies at a time, or all of them with --all, which needs no proof files.",
            code="bundle_too_large",
        ) from error
    return len(given)


def zip_of(files: Mapping[str, bytes]) -> bytes:
    """The bundle of files that are all in memory, the manifest among them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as bundle:
        for name in sorted(files):
            bundle.writestr(_info(name), files[name])
    return out.getvalue()


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, FIRST_DAY)
    info.create_system = UNIX
    info.external_attr = REGULAR_FILE
    return info


def _write_part(bundle: zipfile.ZipFile, one: Part) -> None:
    with one.content as content, bundle.open(_info(one.name), "w") as file:
        while block := content.read(_BLOCK):
            file.write(block)
