"""The golden vectors of the ledger, by our code and by none of it: bytes that must never change."""

import base64
import hashlib
import json
import uuid
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from schema.canonical import canonical, leaf_digest, parsed
from schema.commitments import Opening, opens
from schema.entry import read_entry
from schema.signing import key_id, sign, signed_bytes, verifies
from tests.support import places
from tracker.rules.public_keys import names_key, public_bytes
from tracker.therapy.decide import act_event_id

VECTORS: dict[str, Any] = json.loads((places.VECTORS / "ledger.json").read_text())
KEYS: dict[str, dict[str, str]] = VECTORS["keys"]
ENTRIES: list[dict[str, Any]] = VECTORS["entries"]

of_each_entry = pytest.mark.parametrize("vector", ENTRIES, ids=[vector["about"] for vector in ENTRIES])
of_each_key = pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)


def sha256(data: bytes) -> str:
    """Hex, as everywhere in the ledger."""
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("vector", VECTORS["canonical"], ids=lambda vector: vector["canonical"])
def test_canonical_bytes(vector: dict[str, Any]) -> None:
    """Ours, those of another library, and back."""
    expected = vector["canonical"].encode()
    assert canonical(vector["value"]) == expected == rfc8785.dumps(vector["value"])
    assert parsed(expected) == vector["value"]


@of_each_key
def test_keys(key: dict[str, str]) -> None:
    """A key id is the first 16 hex digits of SHA-256 of the public key."""
    public = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key["seed"])).public_key().public_bytes_raw()
    assert base64.b64encode(public).decode() == key["public"]
    assert key_id(public) == key["key"] == sha256(public)[:16]
    assert public_bytes(key["public"]) == public
    assert names_key(key["key"], key["public"])


@pytest.mark.parametrize("vector", VECTORS["commitments"], ids=lambda vector: vector["field"])
def test_commitments(vector: dict[str, Any]) -> None:
    """Salted, over field and value."""
    salt = base64.b64decode(vector["salt"])
    message = rfc8785.dumps({"field": vector["field"], "value": vector["value"]})
    assert sha256(b"cartrail/1 commitment\n" + salt + message) == vector["commitment"]
    opening = Opening(vector["field"], vector["value"], salt)
    assert opening.commitment == vector["commitment"]
    assert opens(vector["commitment"], opening)
    assert not opens(vector["commitment"], Opening(vector["field"], vector["value"], salt[:31]))


@pytest.mark.parametrize("vector", VECTORS["acts"], ids=lambda vector: vector["act"])
def test_ids_of_an_act(vector: dict[str, Any]) -> None:
    """The request's own id, then UUIDv5 in its namespace of the position in decimal."""
    assert [act_event_id(vector["act"], place) for place in vector["positions"]] == vector["event_ids"]
    for place, event_id in zip(vector["positions"][1:], vector["event_ids"][1:], strict=True):
        namespace = uuid.UUID(vector["act"]).bytes
        digest = bytearray(hashlib.sha1(namespace + str(place).encode()).digest()[:16])  # noqa: S324  RFC 9562
        digest[6] = digest[6] & 0x0F | 0x50
        digest[8] = digest[8] & 0x3F | 0x80
        assert str(uuid.UUID(bytes=bytes(digest))) == event_id


@of_each_entry
def test_bytes_and_digests_without_our_code(vector: dict[str, Any]) -> None:
    """Canonical body, leaf digest and statement digest, recomputed from the published formats."""
    body = vector["body"].encode()
    value = json.loads(body)
    assert rfc8785.dumps(value) == body
    assert sha256(b"\x00" + body) == vector["digest"]
    assert sha256(rfc8785.dumps(value["statement"])) == vector["statement_digest"]


@of_each_entry
def test_signatures_without_our_code(vector: dict[str, Any]) -> None:
    """Each is over the prefix and five fields, by the key its id names."""
    signatures = json.loads(vector["body"])["signatures"]
    for signature, message in zip(signatures, vector["signed"], strict=True):
        fields = {name: signature[name] for name in ("signer", "name", "meaning", "signed_at")}
        signed = {**fields, "statement_digest": vector["statement_digest"]}
        assert (b"cartrail/1 signature\n" + rfc8785.dumps(signed)).decode() == message
        key = KEYS[signature["signer"]]
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key["public"]))
        public.verify(base64.b64decode(signature["value"]), message.encode())
        assert signature["key"] == key["key"]


@of_each_entry
def test_entries_by_our_code(vector: dict[str, Any]) -> None:
    """Read, written again and digested to the same bytes."""
    body = vector["body"].encode()
    entry = read_entry(body)
    assert canonical(entry.to_json()) == body == entry.body
    assert (entry.digest, leaf_digest(body)) == (vector["digest"], vector["digest"])
    assert entry.statement.digest == vector["statement_digest"]


@of_each_entry
def test_signatures_by_our_code(vector: dict[str, Any]) -> None:
    """The signed bytes are these, the seed signs to the same value (RFC 8032), and it verifies."""
    body = vector["body"].encode()
    entry = read_entry(body)
    for signature, message in zip(entry.signatures, vector["signed"], strict=True):
        said = (signature.signer, signature.name, signature.meaning, signature.signed_at)
        assert signed_bytes(vector["statement_digest"], *said) == message.encode()
        key = KEYS[signature.signer]
        again = sign(
            Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key["seed"])),
            statement_digest=vector["statement_digest"],
            signer=signature.signer,
            name=signature.name,
            meaning=signature.meaning,
            signed_at=signature.signed_at,
        )
        assert again == signature
        assert verifies(signature, vector["statement_digest"], public_bytes(key["public"]))


def test_the_entries_are_two_chains() -> None:
    """Each entry names the one before it, and the therapy names the head of the registry."""
    bodies = [json.loads(vector["body"]) for vector in ENTRIES]
    digests = [vector["digest"] for vector in ENTRIES]
    assert [body["previous"] for body in bodies] == [None, digests[0], None, digests[2]]
    head = {"sequence": 1, "digest": digests[1]}
    assert [body["registry"] for body in bodies] == [None, None, head, head]
