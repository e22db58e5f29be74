"""A logger's file in a request: the bytes that were packed, or a refusal that they are not whole."""

from __future__ import annotations

import io

import pytest

from schema.errors import InputError
from tracker.therapy.conditions.logger_file import file_of, packed_file


@pytest.mark.parametrize("content", [b"", b"time,celsius\n", b"a" * 200_000])
def test_what_was_packed_comes_out(content: bytes) -> None:
    """From its beginning, wherever the stream stood."""
    stream = io.BytesIO(content)
    stream.seek(0, io.SEEK_END)
    with file_of(packed_file(stream)) as found:
        assert found.read() == content


@pytest.mark.parametrize("text", ["%", "AAAA", packed_file(io.BytesIO(b"whole"))[:-8]])
def test_what_is_not_whole_is_refused(text: str) -> None:
    """Neither base64 nor gzip, nor cut off."""
    with pytest.raises(InputError, match="not whole"), file_of(text) as found:
        found.read()
