"""Passwords, PINs, one-time codes and lock-outs: what opens a key, and everything that does not."""

import copy
import pickle
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import orjson
import pytest

from schema.canonical import canonical
from schema.errors import InputError, IntegrityFailure, SignInLocked, SignInRefused
from schema.identifiers import first_copy
from schema.papercodes import head_code, receipt_code
from schema.signing import key_id, verifies
from schema.vocabulary import Meaning
from schema.zones import offset_at
from tests.support.places import ROOT
from tests.support.quick_passwords import SHIPPED
from tracker.accounts import FAILURES_MAX, Failures, after_failure, require_unlocked
from tracker.people import access_codes, credentials
from tracker.people.credentials import SealedKey
from tracker.people.passwords import WEAK, ArgonCost, checked_password, checked_pin, is_our_code, recognizes
from tracker.people.signer import SessionEnded, Signer, enroll, unlock

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CLOCK = partial(offset_at, "Europe/Berlin")
PASSWORD, PIN = "three green doors", "271828"
DIGEST = "ab" * 32


@pytest.fixture(scope="module")
def credential() -> SealedKey:
    """The stored key of N-1."""
    return enroll(staff="N-1", name="New Person", password=PASSWORD, pin=PIN, cost=WEAK)[0]


def opened(credential: SealedKey) -> Signer:
    """N-1 in session."""
    return unlock(credential, PASSWORD, name="New Person")


def test_a_key_of_cartrail_itself_is_strong() -> None:
    """In a process without the weak cost of tests: the second recommendation of RFC 9106."""
    made = (
        "from tracker.people.signer import enroll; from tracker.tracker import Environment\n"
        "key = enroll(staff='N-1', name='N', password='three green doors', pin='271828')[0]\n"
        "print(key.verifier.split('$')[3], key.blob.decode(), Environment().cost.to_json())"
    )
    done = subprocess.run([sys.executable, "-c", made], capture_output=True, text=True, check=True, cwd=ROOT)
    verifier, said = done.stdout.split(maxsplit=1)
    assert verifier == "m=65536,t=3,p=4"
    assert '"argon2id":{"lanes":4,"memory_kib":65536,"passes":3}' in said
    assert "{'passes': 3, 'memory_kib': 65536, 'lanes': 4}" in said
    assert ArgonCost(passes=3, memory_kib=65536, lanes=4) == SHIPPED


class TestCredentials:
    def test_the_password_opens_the_key(self, credential: SealedKey) -> None:
        """What is signed verifies under the key that the credential names, with the printed name."""
        signer = opened(credential)
        signature = signer.sign(DIGEST, Meaning.PERFORMED, NOON)
        assert verifies(signature, DIGEST, signer.public)
        assert (signature.signer, signature.name, signature.key) == ("N-1", "New Person", credential.key)
        assert key_id(signer.public) == credential.key

    def test_wrong_passwords_do_not(self, credential: SealedKey) -> None:
        """Neither another one nor one that could never have been set."""
        for wrong in ("three green door", "THREE GREEN DOORS", "", "x" * 5000):
            with pytest.raises(SignInRefused) as refused:
                unlock(credential, wrong, name="New Person")
            assert refused.value.code == "wrong_password"

    def test_a_scan_is_no_password(self, credential: SealedKey) -> None:
        """It is refused by name, so that it need not count as a failure."""
        with pytest.raises(SignInRefused) as refused:
            unlock(credential, first_copy("PT234567892").text, name="New Person")
        assert refused.value.code == "code_as_password"

    def test_forms_of_the_same_letters_are_one_password(self) -> None:
        """Keyboards differ in how they compose an accented letter."""
        stored, _ = enroll(staff="N-1", name="N", password="cafe\u0301 au lait", pin=PIN, cost=WEAK)
        assert unlock(stored, "caf\u00e9 au lait", name="N").staff == "N-1"

    def test_a_row_under_another_name_does_not_open(self, credential: SealedKey) -> None:
        """The blob is bound to the staff id and the key id."""
        for changed in (replace(credential, staff="X-9"), replace(credential, key="0" * 16)):
            with pytest.raises(IntegrityFailure, match="changed"):
                unlock(changed, PASSWORD, name="N")

    @pytest.mark.parametrize("field", ["argon2id", "nonce", "salt", "sealed"])
    def test_no_part_of_the_blob_can_be_changed(self, credential: SealedKey, field: str) -> None:
        """Neither replaced, emptied nor left out; no forged cost is paid."""
        content = orjson.loads(credential.blob)
        for value in ("AAAA", "", {"passes": 1, "memory_kib": 2**40, "lanes": 1}, None):
            changed = {**content, field: value} if value is not None else {}
            with pytest.raises(IntegrityFailure):
                unlock(replace(credential, blob=canonical(changed)), PASSWORD, name="N")

    def test_a_verifier_that_is_none_is_a_finding(self, credential: SealedKey) -> None:
        """And a forged one with another cost is not paid for."""
        for verifier in ("", "letmein", credential.verifier.replace("m=8", "m=4194304")):
            with pytest.raises(IntegrityFailure):
                unlock(replace(credential, verifier=verifier), PASSWORD, name="N")

    def test_another_password_keeps_the_key(self, credential: SealedKey) -> None:
        """A change re-encrypts it; the old password then opens nothing."""
        changed = opened(credential).resealed("seven blue lamps", pin="161803", cost=WEAK)
        assert changed.key == credential.key
        with pytest.raises(SignInRefused):
            unlock(changed, PASSWORD, name="N")
        signer = unlock(changed, "seven blue lamps", name="N")
        signer.check_pin("161803")

    def test_secrets_are_not_shown(self, credential: SealedKey) -> None:
        """Neither in a log line nor in a copy."""
        signer = opened(credential)
        held = credentials.opened(credential, PASSWORD)
        for text in (repr(signer), str(signer), repr(held), repr(credential)):
            assert not {held.seed.hex(), repr(held.seed), held.pin_digest, credential.verifier} & {
                *text.split("'")
            }
            assert "argon2" not in text and "seed" not in text
        for store in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError):
                store(signer)


class TestRules:
    @pytest.mark.parametrize("weak", ["", "short", "1234567", "n-1-long"])
    def test_weak_passwords(self, weak: str) -> None:
        """At least 8 characters, and not the staff id."""
        with pytest.raises(InputError) as refused:
            checked_password(weak, staff="N-1-LONG")
        assert refused.value.code == "weak_password"

    def test_no_code_of_ours_is_a_password(self) -> None:
        """A badge, a command, a head or a receipt, as a scanner in any state writes it."""
        badge = first_copy("PT234567892").text
        head = head_code("cartrail/demo/0123456789abcdef", 5, DIGEST).text
        for code in (badge, badge.lower(), f"{badge}\r\n", "PT234567892", head, receipt_code(DIGEST).text):
            assert is_our_code(code)
            with pytest.raises(InputError) as refused:
                checked_password(code)
            assert refused.value.code == "code_as_password"
        assert not is_our_code(PASSWORD)

    @pytest.mark.parametrize(
        "pin", ["", "12345", "1234567", "12345a", "\u0661\u0662\u0663\u0664\u0665\u0666", "123456\n"]
    )
    def test_a_pin_is_six_digits(self, pin: str) -> None:
        """Of the ones on a keypad."""
        with pytest.raises(InputError):
            checked_pin(pin)

    def test_costs_have_limits(self) -> None:
        """A stored cost is not trusted beyond what the machine can bear."""
        for cost in ((0, 8, 1), (1, 8, 2), (1, 2**21, 1), (99, 8, 1)):
            with pytest.raises(InputError):
                ArgonCost(*cost)


class TestSession:
    def test_three_wrong_pins_end_it(self, credential: SealedKey) -> None:
        """Then neither the PIN nor a signature is taken."""
        signer = opened(credential)
        for _ in range(2):
            with pytest.raises(SignInRefused) as refused:
                signer.check_pin("000000")
            assert refused.value.code == "wrong_pin"
        with pytest.raises(SessionEnded):
            signer.check_pin("000000")
        assert not signer.in_session
        with pytest.raises(SessionEnded):
            signer.check_pin(PIN)
        with pytest.raises(SessionEnded):
            signer.sign(DIGEST, Meaning.PERFORMED, NOON)

    def test_a_right_pin_forgives_the_wrong_ones(self, credential: SealedKey) -> None:
        """Three in a row are counted."""
        signer = opened(credential)
        for _ in range(3):
            for _ in range(2):
                with pytest.raises(SignInRefused):
                    signer.check_pin("000000")
            signer.check_pin(PIN)
        assert signer.in_session

    def test_signing_out(self, credential: SealedKey) -> None:
        """The key is gone from the session."""
        signer = opened(credential)
        signer.end()
        with pytest.raises(SessionEnded):
            signer.sign(DIGEST, Meaning.PERFORMED, NOON)
        assert "ended" in repr(signer)


class TestAccessCodes:
    def test_it_opens_once_typed_in_any_way(self) -> None:
        """With or without hyphen, in small letters."""
        code = access_codes.draw_code()
        held = access_codes.held_code(code, staff="N-1", expires_at=NOON, cost=WEAK)
        for typed in (code, code.lower(), code.replace("-", ""), code.replace("-", " ")):
            access_codes.check_code(
                held, staff="N-1", code=typed, now=NOON - timedelta(seconds=1), offset_of=CLOCK
            )
        assert len(code) == 11 and not is_our_code(code)

    def test_it_opens_nothing_else(self) -> None:
        """Not late, not for another, not another code, not without one."""
        code = access_codes.draw_code()
        held = access_codes.held_code(code, staff="N-1", expires_at=NOON, cost=WEAK)
        early = NOON - timedelta(hours=1)
        cases = (
            (held, "N-1", code, NOON, "access_code_expired"),
            (held, "N-2", code, early, "access_code_missing"),
            (held, "N-1", access_codes.draw_code(), early, "wrong_access_code"),
            (None, "N-1", code, early, "access_code_missing"),
        )
        for kept, staff, typed, now, expected in cases:
            with pytest.raises(SignInRefused) as refused:
                access_codes.check_code(kept, staff=staff, code=typed, now=now, offset_of=CLOCK)
            assert refused.value.code == expected

    def test_only_a_hash_is_kept(self) -> None:
        """What is stored does not hold the code."""
        held = access_codes.held_code("22222-33333", staff="N-1", expires_at=NOON, cost=WEAK)
        assert "22222" not in held.staff + held.verifier
        assert recognizes(held.verifier, "2222233333")


class TestLockOut:
    def test_five_failures_lock_for_fifteen_minutes(self) -> None:
        """The fifth says that an event has to be recorded, and none before or after it."""
        failures = Failures("N-1", "HUB-1")
        begun: list[bool] = []
        for _ in range(7):
            failed = after_failure(failures, NOON)
            failures, begun = failed.failures, [*begun, failed.lock_out_begins]
        assert begun == [False] * 4 + [True] + [False] * 2
        with pytest.raises(SignInLocked, match="HUB-1"):
            require_unlocked(failures, NOON + timedelta(minutes=15) - timedelta(milliseconds=1), CLOCK)
        require_unlocked(failures, NOON + timedelta(minutes=15), CLOCK)

    @pytest.mark.parametrize(
        ("zone", "until"),
        [("Europe/Berlin", "2026-03-02 13:15 (+01:00)"), ("America/New_York", "2026-03-02 07:15 (-05:00)")],
    )
    def test_findings_f14_the_end_is_told_by_the_clock_on_the_wall(self, zone: str, until: str) -> None:
        """Whoever is locked out waits by the station's clock."""
        failures = Failures("N-1", "HUB-1", FAILURES_MAX, NOON + timedelta(minutes=15))
        with pytest.raises(SignInLocked) as locked:
            require_unlocked(failures, NOON, partial(offset_at, zone))
        assert locked.value.message == f"N-1 is locked at the station HUB-1 until {until}."

    def test_after_it_counting_starts_from_zero(self) -> None:
        """One more failure does not lock at once; five do."""
        failures = Failures("N-1", "HUB-1", FAILURES_MAX, NOON)
        begun: list[bool] = []
        for _ in range(FAILURES_MAX):
            failed = after_failure(failures, NOON)
            failures, begun = failed.failures, [*begun, failed.lock_out_begins]
        assert begun == [False] * 4 + [True]
