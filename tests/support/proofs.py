"""Proof files as somebody else reads them: by the program that travels in bundles."""

from schema.errors import InputError
from tracker.evidence.checkpoint import parse_checkpoint
from tracker.evidence.proof import Proof
from tracker.evidence.standalone import verify


def read_proof(data: str | bytes) -> Proof:
    """The proof in a file, with its checkpoint; raises InputError for anything else."""
    try:
        found = verify.read_proof(data.encode() if isinstance(data, str) else data)
    except verify.Fault as error:
        raise InputError(f"This is not a proof file: {error}.") from error
    return Proof(found.leaf, found.path, parse_checkpoint(found.note))
