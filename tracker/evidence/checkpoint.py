"""Checkpoints (C2SP tlog-checkpoint): origin, tree size and root of the log, as a note that its key signs."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from schema.errors import InputError
from schema.papercodes import TREE_SIZE_MAX
from tracker.evidence.note import SignedNote, decoded64, is_signed, no_double, parse_note, sign_note
from tracker.evidence.vkey import LogKey, VerifierKey, vkey
from tracker.ledger.tree import HASH_BYTES

_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A head of a log: all that is said of it lies in these three values."""

    origin: str
    tree_size: int
    root: str
    """Hex, as everywhere in cartrail; in the note it is base64."""

    @property
    def text(self) -> str:
        """The text that is signed."""
        root = base64.b64encode(bytes.fromhex(self.root)).decode("ascii")
        return f"{self.origin}\n{self.tree_size}\n{root}\n"


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint with the signatures under it, the log's and those of stations."""

    checkpoint: Checkpoint
    note: SignedNote

    def __str__(self) -> str:
        return str(self.note)


def sign(checkpoint: Checkpoint, key: LogKey) -> SignedCheckpoint:
    """The checkpoint as the log signs it; raises InputError under a key of another name than the origin."""
    if key.name != checkpoint.origin:
        raise InputError(f"The key of {key.name} does not sign for the log {checkpoint.origin}.")
    return SignedCheckpoint(checkpoint, sign_note(checkpoint.text, key))


def parse_checkpoint(data: str | bytes) -> SignedCheckpoint:
    """The checkpoint in these bytes, in exactly our form; whether its signatures verify is asked apart."""
    note = parse_note(data)
    no_double(note.signatures)
    return SignedCheckpoint(parse_text(note.text), note)


def parse_text(text: str) -> Checkpoint:
    """The checkpoint in a note's text; raises InputError for a fourth line, which nobody can audit."""
    lines = text.split("\n")
    if len(lines) != _LINES + 1 or lines[-1]:
        raise InputError(
            f"A checkpoint has the lines origin, tree size and root; this text has {len(lines) - 1} lines.",
            code="malformed_checkpoint",
        )
    origin, size, root = lines[:_LINES]
    vkey(origin, bytes(HASH_BYTES))  # Raises for an origin that cannot name a key.
    digest = decoded64(root, "root")
    if len(digest) != HASH_BYTES:
        raise InputError(f"The root has {len(digest)} bytes, not {HASH_BYTES}.", code="malformed_checkpoint")
    return Checkpoint(origin, number(size, "tree size"), digest.hex())


def number(text: str, what: str) -> int:
    """A decimal number without sign or leading zeros; raises InputError for one beyond any log of ours."""
    if _NUMBER.fullmatch(text) is None or int(text) > TREE_SIZE_MAX:
        raise InputError(
            f"The {what} {text[:30]!a} is not a plain number up to {TREE_SIZE_MAX}.",
            code="malformed_checkpoint",
        )
    return int(text)


def is_signed_by_log(signed: SignedCheckpoint, keys: Sequence[VerifierKey]) -> bool:
    """Whether one of the log's keys signed it; raises InputError where a line of one of them is false."""
    origin = signed.checkpoint.origin
    # Each is looked at, since a false line is refused also beside a true one.
    found = [is_signed(signed.note, key) for key in keys if key.name == origin]
    return any(found)
