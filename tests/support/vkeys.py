"""Published keys, read back from the text that notes name them by."""

import base64

from tracker.evidence.vkey import VerifierKey, vkey


def parsed_vkey(text: str) -> VerifierKey:
    """The key of a vkey, which writes itself as that very text again."""
    name, _, data = text.split("+", 2)
    raw = base64.b64decode(data, validate=True)
    key = vkey(name, raw[1:], algorithm=raw[0])
    assert str(key) == text
    return key
