"""What one entry may not say, whatever its kind: asked before it is appended, and of its bytes ever after.

Writer and verification share these checks, so that nothing is taken that would be found later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from schema.entry import REGISTRY, UUID_PATTERN, Entry, Statement
from schema.errors import CartrailError
from schema.events import registry_kinds
from schema.identifiers import SHORT_NAME_PATTERN
from schema.instants import parse_offset
from schema.vocabulary import TRIES, Purpose, ReadMode

_COI: Final = re.compile(r"C[DTVP][2-9B-X]{9}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_KEY: Final = re.compile(r"[0-9a-f]{16}")
_TEXTS: Final = (
    ("event_id", UUID_PATTERN),
    ("act", UUID_PATTERN),
    ("actor", SHORT_NAME_PATTERN),
    ("station", SHORT_NAME_PATTERN),
    ("site", SHORT_NAME_PATTERN),
    ("entry.by", SHORT_NAME_PATTERN),
    ("the chain", re.compile(f"{REGISTRY}|{_COI.pattern}")),
)
_ALL_TEXTS: Final = re.compile("\n".join(f"(?:{pattern.pattern})" for _, pattern in _TEXTS))
"""No pattern matches a newline, so the texts match together just where each of them does."""


def entry_faults(entry: Entry, *, understood: bool, decision: bool) -> Iterator[str]:
    """What it says that none of ours could say; `understood` is False for a kind of a newer program.

    A `decision` is of a kind that never stands outside the rules.
    """
    statement = entry.statement
    texts = (
        statement.event_id,
        statement.act,
        statement.actor,
        statement.station,
        statement.site,
        statement.entered_by,
        statement.chain,
    )
    # One look at all of them is enough for nearly every entry.
    if _ALL_TEXTS.fullmatch("\n".join(texts)) is None:
        for (what, pattern), text in zip(_TEXTS, texts, strict=True):
            yield from _text_fault(what, text, pattern)
    if entry.previous is not None and _DIGEST.fullmatch(entry.previous) is None:
        yield from _text_fault("previous", entry.previous, _DIGEST)
    if entry.registry is not None and _DIGEST.fullmatch(entry.registry.digest) is None:
        yield from _text_fault("registry.digest", entry.registry.digest, _DIGEST)
    for signature in entry.signatures:
        yield from _text_fault("signer", signature.signer, SHORT_NAME_PATTERN)
        yield from _text_fault("key", signature.key, _KEY)
    if entry.sequence < 0:
        yield f"the sequence is {entry.sequence}"
    fault = _offset_fault(statement.offset)
    if fault is not None:
        yield fault
    elif not _has_local_time(entry):
        yield f"the local time of {statement.occurred_at.year} with {statement.offset} is in no calendar"
    if understood and (statement.payload.kind in registry_kinds()) != (statement.chain == REGISTRY):
        yield f"{statement.kind} has no place in the chain {statement.chain[:60]}"
    if understood and decision and statement.outside_rules:
        yield f"{statement.kind} is a decision, and no decision stands outside the rules"


def purpose_faults(statement: Statement, purpose: Purpose) -> Iterator[str]:
    """What it says that nobody can say in a store that was founded for this purpose."""
    if purpose not in TRIES and any(read.mode is ReadMode.SIMULATED for read in statement.reads):
        yield f"a read is simulated, and the store was founded for {purpose.value}"


def _has_local_time(entry: Entry) -> bool:
    """Whether every trail can print when it happened: UTC and offset together stay within the calendar."""
    year = entry.statement.occurred_at.year
    if 1 < year < 9999:
        return True
    try:
        entry.statement.occurred_at.astimezone(parse_offset(entry.statement.offset))
    except OverflowError:
        return False
    return True


def _text_fault(what: str, text: str, pattern: re.Pattern[str]) -> tuple[str, ...]:
    return () if pattern.fullmatch(text) is not None else (f"{what} is {text[:60]!r}",)


@lru_cache(maxsize=64)
def _offset_fault(offset: str) -> str | None:
    try:
        parse_offset(offset)
    except CartrailError as error:
        return error.message
    return None
