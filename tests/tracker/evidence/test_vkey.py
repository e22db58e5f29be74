"""Keys of the log and of stations: as notes name them, and as the private one lies in a file."""

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from schema.errors import InputError, StoreError
from tests.support.vkeys import parsed_vkey
from tracker.evidence.vkey import COSIGNATURE, LogKey, read_log_key, vkey, write_log_key


class TestVkey:
    published = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

    def test_the_published_vector(self) -> None:
        """The example key of C2SP signed-note and Go's sumdb/note."""
        key = parsed_vkey(self.published)
        assert (key.name, key.algorithm, key.key_hash.hex()) == ("PeterNeumann", 1, "c74f20a3")
        assert str(key) == str(vkey("PeterNeumann", key.public)) == self.published

    def test_a_name_that_no_note_could_carry_is_refused(self) -> None:
        """Notes separate the name by spaces and the parts of a key by plus signs."""
        for name in ("", "two words", "a+b", "a\nb"):
            with pytest.raises(InputError):
                vkey(name, bytes(32))

    @given(st.binary(min_size=32, max_size=32), st.sampled_from([1, COSIGNATURE]))
    def test_round_trip(self, public: bytes, algorithm: int) -> None:
        """Stations' names hold slashes; base64 may hold a plus."""
        key = vkey("cartrail/demo/0123456789abcdef/station/HUB-1", public, algorithm=algorithm)
        assert parsed_vkey(str(key)) == key

    def test_the_log_key_lies_in_a_file_of_its_owner(self, tmp_path: Path) -> None:
        """Written once, 0600, read back as it was; others' eyes and changes are noticed."""
        path = tmp_path / "conf" / "log.key"
        key = LogKey("cartrail/demo/0123456789abcdef", Ed25519PrivateKey.generate())
        write_log_key(path, key)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert read_log_key(path).verifier == key.verifier
        assert "PRIVATE" not in repr(key)
        with pytest.raises(StoreError, match="already"):
            write_log_key(path, key)
        path.chmod(0o640)
        with pytest.raises(StoreError, match="0640"):
            read_log_key(path)
        path.chmod(0o600)
        path.write_text(path.read_text().replace("demo", "production"))
        with pytest.raises(StoreError, match="id"):
            read_log_key(path)
        for text in ("", "PRIVATE+KEY+a+b+c"):
            path.write_text(text)
            with pytest.raises(StoreError):
                read_log_key(path)
        path.unlink()
        with pytest.raises(StoreError, match="no readable"):
            read_log_key(path)
