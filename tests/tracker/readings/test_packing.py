"""A packed file is never unpacked beyond what is read of one, however much would come out of it."""

from __future__ import annotations

import io

import pytest

from tracker.readings import packing, text
from tracker.readings.refusals import BadFile
from tracker.readings.text import examined


def test_one_byte_more_than_a_file_may_have_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that it is seen to have more; what nobody packed is as it is."""
    monkeypatch.setattr(packing, "FILE_BYTES_MAX", 100)
    sizes = {size: len(packing.as_it_was(packing.packed(io.BytesIO(b"a" * size)))) for size in (0, 100, 9000)}
    assert sizes == {0: 0, 100: 100, 9000: 101}
    assert packing.as_it_was(b"plain") == b"plain"


def test_a_file_may_be_as_large_as_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """One byte more is refused."""
    monkeypatch.setattr(text, "FILE_BYTES_MAX", 100)
    assert examined(io.BytesIO(b"a" * 100)).size == 100
    with pytest.raises(BadFile, match="101 bytes"):
        examined(io.BytesIO(b"a" * 101))
