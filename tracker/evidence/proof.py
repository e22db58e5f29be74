"""Proof files (C2SP tlog-proof): index, path and checkpoint, all that checking an entry offline takes."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Final

from tracker.evidence.checkpoint import SignedCheckpoint
from tracker.ledger.tree import is_included

HEADING: Final = "c2sp.org/tlog-proof@v1"
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
