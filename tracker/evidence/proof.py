"""Proof files (C2SP tlog-proof): index, path and checkpoint, all that checking an entry offline takes."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Final

from schema.errors import InputError
from tracker.evidence.checkpoint import SignedCheckpoint, number, parse_checkpoint
from tracker.evidence.note import decoded64
from tracker.evidence.tree import HASH_BYTES, is_included

HEADING: Final = "c2sp.org/tlog-proof@v1"
PATH_MAX: Final = 63
"""More hashes than that no tree of a number of leaves that 63 bits can count needs."""

_INDEX: Final = "index "


@dataclass(frozen=True, slots=True)
class Proof:
    """That an entry is in the log as it was at a checkpoint."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: SignedCheckpoint

    def __str__(self) -> str:
        hashes = "".join(base64.b64encode(one).decode("ascii") + "\n" for one in self.path)
        return f"{HEADING}\n{_INDEX}{self.index}\n{hashes}\n{self.checkpoint}"

    def includes(self, leaf: bytes) -> bool:
        """Whether it proves the entry with this leaf hash; the checkpoint's signatures are asked apart."""
        head = self.checkpoint.checkpoint
        return is_included(leaf, self.index, head.tree_size, self.path, bytes.fromhex(head.root))


def parse_proof(data: str | bytes) -> Proof:
    """The proof in these bytes; raises InputError for an `extra` line, which no signature covers."""
    try:
        text = data.decode() if isinstance(data, bytes) else data
    except UnicodeDecodeError as error:
        raise _malformed("it is not UTF-8") from error
    above, blank, checkpoint = text.partition("\n\n")
    heading, *lines = above.split("\n")
    if heading != HEADING or not blank:
        raise _malformed(f'it does not begin with "{HEADING}" and come to a blank line')
    if lines and lines[0].startswith("extra"):
        raise _malformed("it has an `extra` line, which nothing signs")
    if not lines or not lines[0].startswith(_INDEX):
        raise _malformed("its second line is not the index")
    index = number(lines[0].removeprefix(_INDEX), "index")
    if len(lines) - 1 > PATH_MAX:
        raise _malformed(f"it has {len(lines) - 1} hashes; no tree needs more than {PATH_MAX}")
    return Proof(index, tuple(_hash(line) for line in lines[1:]), parse_checkpoint(checkpoint))


def _hash(line: str) -> bytes:
    found = decoded64(line, "hash")
    if len(found) != HASH_BYTES:
        raise _malformed(f"a hash has {len(found)} bytes, not {HASH_BYTES}")
    return found


def _malformed(why: str) -> InputError:
    return InputError(
        f"This is not a proof file: {why}.",
        remedy="Take the file as it was given out; a copied or reformatted proof is no evidence.",
        code="malformed_proof",
    )
