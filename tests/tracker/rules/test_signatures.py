"""Signatures: what they are over, how strictly they are read, and which keys may make them when."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from schema.entry import Signature
from schema.errors import InputError
from schema.signing import key_id, sign, signed_bytes, verifies
from schema.vocabulary import Meaning
from tracker.rules.registry_state import FounderKey, IssuedCode, Key, Person, RegistryState
from tracker.rules.signatures import Activation, signature_faults

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
DIGEST = "ab" * 32
PERFORMED, WITNESSED = Meaning.PERFORMED, Meaning.WITNESSED


def private(number: int) -> Ed25519PrivateKey:
    """A key of our own for tests."""
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


def public(number: int) -> bytes:
    """Its public bytes."""
    return private(number).public_key().public_bytes_raw()


def signature(number: int = 1, staff: str = "ANN", meaning: Meaning = PERFORMED) -> Signature:
    """A signature that fits."""
    return sign(
        private(number),
        statement_digest=DIGEST,
        signer=staff,
        name=f"Person {staff}",
        meaning=meaning,
        signed_at=AT,
    )


class TestSignatures:
    def test_it_fits_its_statement_and_key(self) -> None:
        made = signature()
        assert made.key == key_id(public(1))
        assert len(base64.b64decode(made.value)) == 64
        assert verifies(made, DIGEST, public(1))

    def test_it_fits_no_other_statement_or_key(self) -> None:
        assert not verifies(signature(), "cd" * 32, public(1))
        assert not verifies(signature(), DIGEST, public(2))

    @pytest.mark.parametrize(
        "change",
        [
            {"signer": "BEN"},
            {"name": "Person  ANN"},
            {"meaning": Meaning.APPROVED},
            {"signed_at": AT + timedelta(milliseconds=1)},
            {"key": "0" * 16},
        ],
    )
    def test_each_field_is_bound(self, change: dict[str, object]) -> None:
        assert not verifies(replace(signature(), **change), DIGEST, public(1))

    def test_what_is_signed_is_a_prefix_and_five_fields(self) -> None:
        assert signed_bytes(DIGEST, "ANN", "Ann É", PERFORMED, AT) == (
            b'cartrail/1 signature\n{"meaning":"performed","name":"Ann \xc3\x89",'
            b'"signed_at":"2026-03-02T08:00:00.000Z","signer":"ANN","statement_digest":"'
            + DIGEST.encode()
            + b'"}'
        )

    def test_a_naive_time_is_not_signed(self) -> None:
        with pytest.raises(InputError):
            signed_bytes(DIGEST, "ANN", "Ann", PERFORMED, AT.replace(tzinfo=None))

    @pytest.mark.parametrize(
        "value",
        [
            "",
            "=",
            "A" * 88,
            "not base64",
            base64.urlsafe_b64encode(b"\xff" * 64).decode(),
            base64.b64encode(b"\0" * 63).decode(),
            base64.b64encode(b"\0" * 65).decode(),
        ],
    )
    def test_a_value_that_is_no_signature(self, value: str) -> None:
        assert not verifies(replace(signature(), value=value), DIGEST, public(1))

    def test_base64_has_one_form(self) -> None:
        made = signature()
        loose = made.value[:-3] + chr(ord(made.value[-3]) + 1) + "=="
        assert base64.b64decode(loose) == base64.b64decode(made.value)
        for value in (loose, f"{made.value}\n", made.value.rstrip("="), f" {made.value}"):
            assert not verifies(replace(made, value=value), DIGEST, public(1))

    @settings(max_examples=200)
    @given(st.integers(0, 511))
    def test_no_bit_can_be_turned(self, bit: int) -> None:
        made = signature()
        raw = bytearray(base64.b64decode(made.value))
        raw[bit // 8] ^= 1 << bit % 8
        turned = replace(made, value=base64.b64encode(raw).decode())
        assert not verifies(turned, DIGEST, public(1))

    def test_a_public_key_that_is_none(self) -> None:
        for wrong in (b"", b"\0" * 31, b"\xff" * 32):
            assert not verifies(replace(signature(), key=key_id(wrong)), DIGEST, wrong)


def registry(**keys: Key) -> RegistryState:
    """Ann, Ben and Cleo with these keys."""
    people = {staff: Person(staff, f"Person {staff}") for staff in ("ANN", "BEN", "CLEO")}
    return RegistryState(people=people, keys={key.key: key for key in keys.values()})


def key(
    number: int, owner: str, *, added: int, activated: int | None = None, retired: int | None = None
) -> Key:
    """A key as the registry has it."""
    raw = public(number)
    return Key(owner, key_id(raw), raw, added, activated, retired)


ANNS = key(1, "ANN", added=4, activated=5, retired=9)
BENS = key(2, "BEN", added=4, activated=6)


class TestKeysThatCount:
    def faults(
        self,
        *signatures: Signature,
        head: int,
        state: RegistryState | None = None,
        activation: Activation | None = None,
    ) -> list[str]:
        judged_by = state or registry(ann=ANNS, ben=BENS)
        return list(
            signature_faults(signatures, DIGEST, registry=judged_by, head=head, activation=activation)
        )

    @pytest.mark.parametrize(
        ("head", "said"),
        [
            (-1, "did not hold"),
            (3, "did not hold"),
            (4, "did not count yet at registry entry 4"),
            (5, ""),
            (8, ""),
            (9, "retired by registry entry 9"),
            (99, "retired by registry entry 9"),
        ],
    )
    def test_a_key_counts_from_its_activation_to_its_retirement(self, head: int, said: str) -> None:
        found = self.faults(signature(), head=head)
        assert (not found) if not said else (len(found) == 1 and said in found[0])

    def test_no_signature_has_no_fault(self) -> None:
        assert self.faults(head=8) == []

    def test_two_people_sign(self) -> None:
        assert self.faults(signature(), signature(2, "BEN", WITNESSED), head=8) == []

    def test_one_person_does_not_sign_twice(self) -> None:
        found = self.faults(signature(), signature(meaning=WITNESSED), head=8)
        assert found == ["ANN signs 2 times, where each signature is another person's"]

    def test_a_key_of_another(self) -> None:
        (found,) = self.faults(signature(2, "ANN"), head=8)
        assert "which is that of BEN" in found

    def test_a_name_that_is_not_the_persons(self) -> None:
        people = {"ANN": Person("ANN", "Ann Ashgrove")}
        (found,) = self.faults(signature(), head=8, state=replace(registry(ann=ANNS), people=people))
        assert "is printed 'Person ANN'" in found

    def test_a_signature_that_does_not_fit(self) -> None:
        (found,) = self.faults(replace(signature(), meaning=WITNESSED), head=8)
        assert "does not fit" in found

    def test_an_activation_is_signed_with_the_key_it_activates(self) -> None:
        new = key(3, "CLEO", added=7)
        state = registry(ann=ANNS, ben=BENS, new=new)
        activation = Activation("CLEO", new.key)
        own, witness = signature(3, "CLEO"), signature(2, "BEN", WITNESSED)
        assert self.faults(own, witness, head=7, state=state, activation=activation) == []
        assert self.faults(own, head=7, state=state)[0].endswith("did not count yet at registry entry 7")
        assert self.faults(own, head=7, state=state, activation=activation) == [
            f"nobody witnessed the activation of the key {new.key}"
        ]
        assert self.faults(witness, head=7, state=state, activation=activation) == [
            f"CLEO did not sign the activation of the key {new.key} with it"
        ]

    def test_nobody_witnesses_their_own_activation(self) -> None:
        new = key(3, "CLEO", added=7)
        found = self.faults(
            signature(3, "CLEO"),
            signature(3, "CLEO", WITNESSED),
            head=7,
            state=registry(new=new),
            activation=Activation("CLEO", new.key),
        )
        assert any("nobody witnessed" in fault for fault in found)

    def test_the_issuer_of_a_code_does_not_witness_its_use(self) -> None:
        new = key(3, "CLEO", added=7)
        codes = {"CLEO": IssuedCode("BEN", AT, AT, 6)}
        found = self.faults(
            signature(3, "CLEO"),
            signature(2, "BEN", WITNESSED),
            head=7,
            state=replace(registry(ben=BENS, new=new), access_codes=codes),
            activation=Activation("CLEO", new.key),
        )
        assert found == ["BEN issued the one-time code and witnessed its use"]

    def test_founders_witness_each_other_before_their_own_keys_count(self) -> None:
        ann, ben = key(1, "ANN", added=1), key(2, "BEN", added=2)
        founders = tuple(FounderKey(one.owner, one.key) for one in (ann, ben))
        state = replace(registry(ann=ann, ben=ben), founders=founders)
        activation = Activation("ANN", ann.key)
        pair = signature(), signature(2, "BEN", WITNESSED)
        assert self.faults(*pair, head=2, state=state, activation=activation) == []
        stranger = replace(state, founders=founders[:1])
        assert len(self.faults(*pair, head=2, state=stranger, activation=activation)) == 1

    def test_a_retired_key_is_not_activated_again(self) -> None:
        old = key(3, "CLEO", added=3, retired=6)
        found = self.faults(
            signature(3, "CLEO"),
            signature(2, "BEN", WITNESSED),
            head=7,
            state=registry(ben=BENS, old=old),
            activation=Activation("CLEO", old.key),
        )
        assert any("retired by registry entry 6" in fault for fault in found)
