"""Reading a bundle's manifest, strictly: nothing of it is taken on trust."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from schema.canonical import Json, parsed
from schema.entry import UUID_PATTERN
from schema.errors import CartrailError, InputError
from schema.instants import parse_instant
from schema.papercodes import TREE_SIZE_MAX, head_code
from tracker.evidence.bundle_container import Container, Fault
from tracker.evidence.bundle_format import FORM, LEAVES, MANIFEST, PROOFS, Extent
from tracker.evidence.bundle_verdict import BundleCheck, BundleJournal
from tracker.requests.fields import ChainEnd

_KEYS: Final = frozenset(
    [
        "form",
        "origin",
        "export",
        "chains",
        "at",
        "tree_size",
        "root",
        "head_code",
        "exported_at",
        "exported_by",
        "files",
    ]
)
_ORIGIN: Final = re.compile(r"cartrail/(demo|training|validation|production)/[0-9a-f]{16}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_SHORT: Final = re.compile(r"[A-Z0-9-]{2,16}")
_COI: Final = re.compile(r"C[DTVP][2-9B-X]{9}")


class OtherForm(Exception):
    """The manifest of a newer program."""


@dataclass(frozen=True, slots=True)
class ReadManifest:
    """What the manifest says, with every value of its form."""

    origin: str
    export: str
    chains: tuple[ChainEnd, ...]
    at: Extent
    now: Extent
    head_code: str
    exported_at: str
    exported_by: str
    files: Mapping[str, Json]
    chains_value: Json
    """The chains as they stand there, for the commitment."""


def value_of(container: Container, name: str) -> Json:
    """The value of a file that holds one line of canonical JSON; raises Fault for anything else."""
    body = container.read(name)
    if not body.endswith(b"\n"):
        raise Fault("it does not end in a newline")
    try:
        return parsed(body[:-1])
    except CartrailError as error:
        raise Fault(error.message) from error


def exact(value: Any, keys: frozenset[str], what: str) -> Mapping[str, Any]:
    """The object with exactly these keys; raises Fault for another."""
    if not isinstance(value, Mapping) or set(value) != keys:
        raise Fault(f"{what} does not have exactly the keys {', '.join(sorted(keys))}")
    return value


def read_manifest(container: Container) -> ReadManifest:
    """The manifest of a bundle; raises OtherForm, or Fault for anything else that is wrong."""
    value = value_of(container, MANIFEST)
    form = value.get("form") if isinstance(value, Mapping) else None
    if isinstance(form, str) and form.startswith("cartrail-bundle/") and form != FORM:
        raise OtherForm(f"the form is {form[:60]!r}; this program knows {FORM!r}")
    data = exact(value, _KEYS, "the manifest")
    if form != FORM:
        raise Fault(f"the form is {form!r}, not {FORM!r}")
    at = exact(data["at"], frozenset(("tree_size", "root")), "at")
    try:
        exported_at = _text(data["exported_at"], "exported_at", None)
        parse_instant(exported_at)
    except InputError as error:
        raise Fault(error.message) from error
    chains, files = data["chains"], data["files"]
    if not isinstance(chains, list) or not isinstance(files, Mapping):
        raise Fault("chains is not an array, or files is not an object")
    return ReadManifest(
        origin=_text(data["origin"], "origin", _ORIGIN),
        export=_text(data["export"], "export", UUID_PATTERN),
        chains=_chains(chains),
        at=_extent(at),
        now=_extent(data),
        head_code=_text(data["head_code"], "head_code", None),
        exported_at=exported_at,
        exported_by=_text(data["exported_by"], "exported_by", _SHORT),
        files=files,
        chains_value=chains,
    )


def check_manifest(container: Container, manifest: ReadManifest, journal: BundleJournal) -> None:
    """Step 2: files and digests match one by one, and the head is the one that is named."""
    there = {name for name in container.spans if name != MANIFEST}
    for name in sorted(there | set(manifest.files)):
        if name not in there or name not in manifest.files:
            where = "in the manifest" if name not in manifest.files else "in the bundle"
            journal.found(BundleCheck.MANIFEST, name, f"it is not {where}")
        elif container.sha256(name) != manifest.files[name]:
            message = "it does not have the digest that the manifest names"
            journal.found(BundleCheck.MANIFEST, name, message)
    now = manifest.now
    if manifest.head_code != head_code(manifest.origin, now.tree_size, now.root).text:
        message = "the head code is not that of its origin, size and root"
        journal.found(BundleCheck.MANIFEST, MANIFEST, message)
    if manifest.at.tree_size >= now.tree_size:
        journal.found(BundleCheck.MANIFEST, MANIFEST, "the export is not behind what it exported")
    if LEAVES in container and any(name.startswith(PROOFS) for name in container.spans):
        journal.found(BundleCheck.MANIFEST, LEAVES, "there are proofs beside it")


def _text(value: Any, what: str, pattern: re.Pattern[str] | None) -> str:
    if not isinstance(value, str):
        raise Fault(f"{what} is not text")
    if pattern is not None and pattern.fullmatch(value) is None:
        raise Fault(f"{what} is {value[:60]!r}")
    return value


def _number(value: Any, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Fault(f"{what} is not an integer")
    return value


def _extent(data: Mapping[str, Any]) -> Extent:
    size = _number(data["tree_size"], "tree_size")
    if not 0 < size <= TREE_SIZE_MAX:
        raise Fault(f"a tree size is {size}")
    return Extent(size, _text(data["root"], "root", _DIGEST))


def _chains(values: list[Any]) -> tuple[ChainEnd, ...]:
    ends: list[ChainEnd] = []
    for one in values:
        end = exact(one, frozenset(ChainEnd.model_fields), "a chain")
        chain, entries = _text(end["chain"], "a chain", _COI), _number(end["entries"], "entries")
        last = _number(end["last_sequence"], "last_sequence")
        if ends and chain <= ends[-1].chain:
            raise Fault(f"the chain {chain} is out of order")
        if entries < 1 or last != entries - 1:
            raise Fault(f"{chain} has {entries} entries and ends at {last}")
        digest = _text(end["last_digest"], "last_digest", _DIGEST)
        ends.append(ChainEnd(chain=chain, entries=entries, last_sequence=last, last_digest=digest))
    return tuple(ends)
