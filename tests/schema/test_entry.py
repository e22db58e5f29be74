"""Entries: from values to bytes and back, and everything an entry may not be."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import orjson
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.canonical import canonical, leaf_digest, parsed, plain_digest
from schema.commitments import Commitment
from schema.entry import (
    ENTRY_KEYS,
    REGISTRY,
    SIGNATURE_KEYS,
    STATEMENT_KEYS,
    Entry,
    Head,
    Read,
    entry_from,
    read_entry,
    require_readable,
)
from schema.entry_faults import purpose_faults
from schema.errors import CartrailError, InputError, NotCanonical, UnknownKind
from schema.events import kinds, payload_from, registry_kinds
from schema.instants import format_instant, parse_instant
from schema.signing import sign
from schema.vocabulary import Meaning, Purpose, ReadMode
from tests.support import places
from tests.support.stores import CHAIN, MORNING, entry_of
from tests.tracker.rules.test_signatures import private

T = TypeVar("T")


def full_entry() -> Entry:
    """An entry that has everything an entry can have."""
    made = entry_of(sequence=1, previous=Head(0, "ab" * 32))
    reads = (
        Read("coi", "CTCD23456789226V", ReadMode.SCANNED, "card"),
        Read("patient", Commitment(commitment="cd" * 32), ReadMode.MANUAL, "wristband"),
    )
    statement = made.statement
    statement = type(statement)(
        **{**vars(statement), "reads": reads, "outside_rules": ("order",)},
    )
    signature = sign(
        private(1),
        statement_digest=statement.digest,
        signer="ANN",
        name="Ann É",
        meaning=Meaning.PERFORMED,
        signed_at=MORNING,
    )
    return Entry(1, "ab" * 32, Head(7, "ef" * 32), MORNING, statement, (signature,))


def data_of(entry: Entry) -> dict[str, Any]:
    """The entry as a value that a test may spoil."""
    found = parsed(entry.body)
    assert isinstance(found, dict)
    return found


def read_again(data: dict[str, Any]) -> Entry:
    """What the reader makes of it."""
    body = canonical(data)
    return read_entry(body)


class TestBytes:
    @pytest.mark.parametrize("entry", [entry_of(), full_entry()], ids=["least", "full"])
    def test_an_entry_is_read_as_it_was_written(self, entry: Entry) -> None:
        again = read_entry(entry.body)
        assert again == entry
        assert again.body == entry.body == rfc8785.dumps(parsed(entry.body))
        assert canonical(again.to_json()) == entry.body
        assert again.digest == entry.digest == leaf_digest(entry.body)

    def test_the_digests_are_over_these_bytes(self) -> None:
        entry = full_entry()
        statement = data_of(entry)["statement"]
        assert entry.statement.digest == plain_digest(rfc8785.dumps(statement))
        assert entry.head == Head(1, entry.digest)

    def test_the_place_of_an_entry_is_outside_what_is_signed(self) -> None:
        first, second = entry_of(sequence=0), entry_of(sequence=9, previous=Head(8, "ab" * 32))
        moved = Entry(9, "ab" * 32, Head(3, "cd" * 32), MORNING + timedelta(days=1), first.statement)
        assert moved.statement.digest == first.statement.digest
        assert moved.digest != first.digest
        assert second.digest != first.digest

    def test_its_keys_are_those_of_the_published_form(self) -> None:
        data = data_of(full_entry())
        assert set(data) == ENTRY_KEYS
        assert set(data["statement"]) == STATEMENT_KEYS
        assert set(data["signatures"][0]) == SIGNATURE_KEYS
        assert data["form"] == "cartrail/1"


def spoiled() -> list[tuple[str, dict[str, Any]]]:
    """An entry with one thing wrong, for each thing."""
    found: list[tuple[str, dict[str, Any]]] = []

    def put(name: str, *path: str | int, value: Any = ...) -> None:
        data = data_of(full_entry())
        place: Any = data
        for part in path[:-1]:
            place = place[part]
        if value is ...:
            del place[path[-1]]
        else:
            place[path[-1]] = value
        found.append((name, data))

    for key in sorted(ENTRY_KEYS):
        put(f"without {key}", key)
    for key in sorted(STATEMENT_KEYS):
        put(f"without statement.{key}", "statement", key)
        put(f"null statement.{key}", "statement", key, value=None)
    for key in sorted(SIGNATURE_KEYS):
        put(f"without signature.{key}", "signatures", 0, key)
        put(f"number signature.{key}", "signatures", 0, key, value=1)
    put("another form", "form", value="cartrail/2")
    put("one key more", "more", value=1)
    put("a key more in the statement", "statement", "more", value=1)
    put("a key more in a signature", "signatures", 0, "more", value=1)
    put("a key more in the head", "registry", "more", value=1)
    put("a sequence of text", "sequence", value="1")
    put("a sequence of truth", "sequence", value=True)
    put("a head without digest", "registry", "digest")
    put("signatures as object", "signatures", value={})
    put("reads as text", "statement", "reads", value="x")
    put("a read with another key", "statement", "reads", 0, "more", value=1)
    put("a read of a number", "statement", "reads", 0, "code", value=1)
    put("an unknown read mode", "statement", "reads", 0, "mode", value="guessed")
    put("an unknown entry mode", "statement", "entry", "mode", value="dreamt")
    put("an unknown meaning", "signatures", 0, "meaning", value="liked")
    put("a rule that is a number", "statement", "outside_rules", value=[1])
    put("a payload that is a list", "statement", "payload", value=[])
    put("a payload with another field", "statement", "payload", "more", value=1)
    put("a payload without a field", "statement", "payload", "location")
    put("seconds without milliseconds", "recorded_at", value="2026-03-02T08:00:00Z")
    put("a time with offset", "recorded_at", value="2026-03-02T08:00:00.000+01:00")
    put("the thirtieth of February", "recorded_at", value="2026-02-30T08:00:00.000Z")
    put("the second sixty", "recorded_at", value="2026-03-02T08:00:60.000Z")
    return found


class TestWhatIsNoEntry:
    @pytest.mark.parametrize("data", [data for _, data in spoiled()], ids=[name for name, _ in spoiled()])
    def test_one_thing_wrong_is_refused(self, data: dict[str, Any]) -> None:
        with pytest.raises(InputError):
            read_again(data)

    @pytest.mark.parametrize("value", [None, [], "entry", 1, {}, {"form": "cartrail/1"}])
    def test_what_is_no_object_of_these_keys(self, value: Any) -> None:
        with pytest.raises(NotCanonical):
            entry_from(b"", value)

    @pytest.mark.parametrize(("kind", "version"), [("teleported", 1), ("stored", 2), ("stored", 0), ("", 1)])
    def test_a_newer_kind_or_version_is_told_apart(self, kind: str, version: int) -> None:
        data = data_of(full_entry())
        data["statement"].update(kind=kind, kind_version=version)
        with pytest.raises(UnknownKind):
            read_again(data)
        assert UnknownKind.exit_code == 6

    @settings(max_examples=300)
    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(sorted(ENTRY_KEYS | STATEMENT_KEYS)), inner, max_size=5)
            ),
            max_leaves=15,
        )
    )
    def test_no_value_raises_anything_else(self, value: Any) -> None:
        with pytest.raises(CartrailError):
            entry_from(b"", value)


class TestKinds:
    def test_each_kind_is_found_by_its_name_and_version(self) -> None:
        for (kind, version), payload_class in kinds().items():
            assert (payload_class.kind, payload_class.kind_version) == (kind, version)
        assert registry_kinds() < {kind for kind, _ in kinds()}

    def test_a_wrong_field_is_named(self) -> None:
        with pytest.raises(NotCanonical, match="payload of stored has a wrong location"):
            payload_from("stored", 1, {"units": ["UD234567892"], "location": "shelf"})

    def test_commitments_of_a_payload_are_found_at_any_depth(self) -> None:
        one, two = "ab" * 32, "cd" * 32
        payload = payload_from(
            "enrolled",
            1,
            {
                "coi": CHAIN,
                "protocol": {"id": "x", "version": 1, "sha256": one},
                "sites": {"collection": "LAB", "manufacturing": "LAB", "treatment": "LAB"},
                "patient_identifiers": [{"commitment": one}],
                "remark": {"commitment": two},
            },
        )
        assert {found.commitment for found in payload.commitments()} == {one, two}

    def test_the_registry_is_a_chain_of_its_own(self) -> None:
        assert REGISTRY == "registry"
        assert "site_added" in registry_kinds()
        assert "stored" not in registry_kinds()


class TestInstants:
    @given(st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31)))  # noqa: DTZ001  made aware below
    def test_a_time_is_read_as_it_was_written(self, moment: datetime) -> None:
        text = format_instant(moment.replace(tzinfo=UTC))
        assert len(text) == 24
        assert format_instant(parse_instant(text)) == text

    def test_a_naive_time_is_bad_input(self) -> None:
        with pytest.raises(InputError, match="has no offset"):
            format_instant(datetime(2026, 3, 2))  # noqa: DTZ001  that is the point


def read_by_hand(body: bytes) -> Entry:
    """The entry by another way: parsed, walked through, and its payload written again."""
    value = parsed(body)
    entry = entry_from(body, value)
    assert isinstance(value, dict)
    if canonical(entry.statement.payload.to_json()) != canonical(value["statement"]["payload"]):
        raise NotCanonical("the payload is not written as its version is.")
    return entry


def verdict(read: Callable[[bytes], T], body: bytes) -> T | type[CartrailError]:
    """What is read, or which error there is instead."""
    try:
        return read(body)
    except CartrailError as error:
        return type(error)


SAMPLES = [
    vector["body"].encode()
    for vector in json.loads((places.VECTORS / "ledger.json").read_text(encoding="utf-8"))["entries"]
] + [full_entry().body]
VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9)
    | st.sampled_from(["e\u0301", "\u00e9", 2**53, -(2**53), 1.0, [], {}, "1\n", "\x7f"])
)  # fmt: skip


def spots(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to each value in a value."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from spots(item, (*path, key))


class TestOneWayAndAnother:
    """`read_entry` reads just what the walk through the values does; `require_readable` refuses the same."""

    @pytest.mark.parametrize("body", SAMPLES)
    def test_samples(self, body: bytes) -> None:
        assert read_entry(body) == read_by_hand(body)
        require_readable(body)

    @settings(max_examples=300)
    @given(data=st.data())
    def test_a_value_put_in_place_of_another(self, data: st.DataObject) -> None:
        value = json.loads(data.draw(st.sampled_from(SAMPLES)))
        *path, last = data.draw(st.sampled_from(list(spots(value))[1:]))
        at = value
        for key in path:
            at = at[key]
        act = data.draw(st.sampled_from(["put", "delete", "add"]))
        if act == "delete":
            del at[last]
        elif act == "add" and isinstance(at, dict):
            at[data.draw(st.sampled_from(["more", "reason", "remark"]))] = data.draw(VALUES)
        else:
            at[last] = data.draw(VALUES)
        try:
            body = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        except TypeError:
            return
        said = verdict(read_by_hand, body)
        assert verdict(read_entry, body) == said
        assert verdict(require_readable, body) == (None if isinstance(said, Entry) else said)

    @settings(max_examples=300)
    @given(data=st.data())
    def test_bytes_put_in_place_of_others(self, data: st.DataObject) -> None:
        body = data.draw(st.sampled_from(SAMPLES))
        start = data.draw(st.integers(0, len(body)))
        end = data.draw(st.integers(start, min(start + 3, len(body))))
        changed = body[:start] + data.draw(st.binary(max_size=3)) + body[end:]
        said = verdict(read_by_hand, changed)
        assert verdict(read_entry, changed) == said
        assert verdict(require_readable, changed) == (None if isinstance(said, Entry) else said)


@pytest.mark.parametrize("code", ["CTUP23456789226V", "SEAL-1", Commitment(commitment="ab" * 32)])
@pytest.mark.parametrize("chain", ["CP234567892", "registry"])
def test_a_simulated_read_has_no_place_where_something_really_happens(
    chain: str, code: str | Commitment
) -> None:
    """Given the purpose of the store, it is a fault or none, whatever the entry names and in which chain."""
    read = Read(field="units", code=code, mode=ReadMode.SIMULATED, carrier="label")
    statement = replace(entry_of(chain).statement, reads=(read,))
    faults = {purpose: [*purpose_faults(statement, purpose)] for purpose in Purpose}
    assert faults == {
        Purpose.DEMO: [],
        Purpose.TRAINING: [],
        Purpose.VALIDATION: ["a read is simulated, and the store was founded for validation"],
        Purpose.PRODUCTION: ["a read is simulated, and the store was founded for production"],
    }
    assert not [*purpose_faults(entry_of(chain).statement, Purpose.PRODUCTION)]
