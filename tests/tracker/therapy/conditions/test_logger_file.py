"""A logger's file in a request: the bytes that were packed, and not one more than a file may have."""

from __future__ import annotations

import pytest

from schema.errors import InputError
from tracker.readings.refusals import BadFile
from tracker.therapy.conditions import logger_file
from tracker.therapy.conditions.logger_file import content_of, packed_file


@pytest.mark.parametrize("size", [0, 99, 100])
def test_what_was_packed_comes_out(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to the limit."""
    monkeypatch.setattr(logger_file, "FILE_BYTES_MAX", 100)
    assert content_of(packed_file(b"a" * size)) == b"a" * size


@pytest.mark.parametrize("size", [101, 5_000_000])
def test_of_a_file_too_large_one_byte_too_many_is_read(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much would come out of it; the refusal says how much was read."""
    monkeypatch.setattr(logger_file, "FILE_BYTES_MAX", 100)
    with pytest.raises(BadFile, match="101 bytes") as refused:
        content_of(packed_file(b"b" * size))
    assert refused.value.code == "logger_file_too_large"


@pytest.mark.parametrize("packed", ["%", "AAAA", packed_file(b"whole")[:-8]])
def test_what_is_not_whole_is_refused(packed: str) -> None:
    """Neither base64 nor gzip nor cut off."""
    with pytest.raises(InputError, match="not whole"):
        content_of(packed)
