"""Notes, checkpoints, cosignatures and proof files are those of other people's tools, byte for byte."""

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from schema.errors import InputError
from schema.papercodes import TREE_SIZE_MAX
from tests.support import places
from tests.support.proofs import read_proof
from tests.support.vkeys import parsed_vkey
from tracker.evidence.checkpoint import Checkpoint, is_signed_by_log, parse_checkpoint, parse_text, sign
from tracker.evidence.cosignature import (
    cosign,
    cosigned,
    parse_cosignature,
    station_name,
    station_vkey,
    with_cosignatures,
)
from tracker.evidence.note import SIGNATURES_MAX, is_signed, parse_note, sign_note
from tracker.evidence.proof import Proof
from tracker.evidence.vkey import LogKey, VerifierKey, read_log_key
from tracker.ledger.tree import Frontier, leaf_hash, node_hash

VECTORS: Any = json.loads((places.VECTORS / "log.json").read_text(encoding="utf-8"))
ORIGIN = "cartrail/demo/0123456789abcdef"
LOG = LogKey(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
STATION = LogKey(station_name(ORIGIN, "DOCK-1"), Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
STATION_VKEY = station_vkey(ORIGIN, "DOCK-1", STATION.verifier.public)
NOON = datetime(2026, 3, 2, 12, 0, 0, 999000, tzinfo=UTC)
LEAF, OTHER_LEAF = leaf_hash(b"one"), leaf_hash(b"two")
HEAD = Checkpoint(ORIGIN, 2, node_hash(LEAF, OTHER_LEAF).hex())


def refused(what: Any, *arguments: Any) -> InputError:
    """The InputError that a call ends in; any other exception fails the test."""
    with pytest.raises(InputError) as error:
        what(*arguments)
    return error.value


class TestNotes:
    note = VECTORS["note"]
    keys = tuple(parsed_vkey(key) for key in note["keys"])

    def test_the_note_of_go_verifies(self) -> None:
        """Both published signatures, each by its own key and none by the other's."""
        text = self.note["text"] + "\n" + "".join(self.note["lines"])
        parsed = parse_note(text.encode())
        assert parsed.text == self.note["text"]
        assert str(parsed) == text
        assert all(is_signed(parsed, key) for key in self.keys)
        only_first = parse_note(self.note["text"] + "\n" + self.note["lines"][0])
        assert [is_signed(only_first, key) for key in self.keys] == [True, False]

    def test_the_published_key_signs_the_published_bytes(self, tmp_path: Path) -> None:
        """Ed25519 has one signature for each text, so Go's tools would give the same file."""
        path = tmp_path / "log.key"
        path.write_text(self.note["private_key"] + "\n")
        path.chmod(0o600)
        signed = sign_note(self.note["text"], read_log_key(path))
        assert str(signed) == self.note["text"] + "\n" + self.note["lines"][0]

    def test_the_note_of_the_specification_verifies(self) -> None:
        """As C2SP prints it."""
        example = VECTORS["note_example"]
        assert is_signed(parse_note(example["note"]), parsed_vkey(example["key"]))

    def test_a_false_line_of_a_known_key_is_refused(self) -> None:
        """Another text, another signature, and a signature too long."""
        whole = self.note["text"] + "\n" + self.note["lines"][0]
        name, _, data = self.note["lines"][0].rstrip("\n").rpartition(" ")
        longer = base64.b64encode(base64.b64decode(data) + b"\0").decode()
        for text in (
            whole.replace("answer", "Answer"),
            whole.replace("ZJkuBS9", "ZJkuBS8"),
            f"{self.note['text']}\n{name} {longer}\n",
        ):
            assert refused(is_signed, parse_note(text), self.keys[0]).code == "bad_signature"
        refused(is_signed, parse_note(whole), STATION_VKEY)

    @pytest.mark.parametrize(
        "form",
        [
            "TEXT",
            "TEXT\n",
            "TEXTLINE\n",
            "TEXT\nLINE",
            "TEXT\nLINE\n\n",
            "\x01TEXT\nLINE\n",
            "\udc80TEXT\nLINE\n",
            "TEXT\r\n\nLINE\n",
            "\n\nLINE\n",
            "TEXT\nLINE\nUnexpected line.\n",
            "TEXT\n\u2014 PeterNeumann x08gow==\n",
            "TEXT\n" + "LINE\n" * (SIGNATURES_MAX + 1),
        ],
    )
    def test_malformed_notes_are_refused(self, form: str) -> None:
        """Nothing is read that would not be written in just this way."""
        line = self.note["lines"][0].rstrip("\n")
        refused(parse_note, form.replace("TEXT", self.note["text"]).replace("LINE", line))

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("PeterNeumann ", "Peter\tNeumann "),
            ("PeterNeumann", "Bad Name"),
            ("PeterNeumann", "Bad+Name"),
            ("PeterNeumann", "Bad\u2003Name"),
            ("PeterNeumann", ""),
            ("\u2014", "-"),
            ("nAM=", "nAN="),
            ("nAM=", "nAM"),
            ("nAM=", "nAM=="),
            ("x08go", "x08g\u00f6"),
        ],
    )
    def test_malformed_lines_are_refused(self, old: str, new: str) -> None:
        """A name has no space or plus, and base64 has one way of being written."""
        line = self.note["lines"][0]
        assert old in line
        refused(parse_note, self.note["text"] + "\n" + line.replace(old, new))

    def test_what_is_not_utf8_is_refused(self) -> None:
        """In the text and in a signature line."""
        whole = (self.note["text"] + "\n" + self.note["lines"][0]).encode()
        for data in (b"\xff" + whole, whole.replace(b"Peter", b"P\xe4ter")):
            assert refused(parse_note, data).code == "malformed_note"

    def test_a_text_may_have_empty_lines(self) -> None:
        """The last one parts it from the signatures."""
        signed = sign_note("one\n\ntwo\n", LOG)
        parsed = parse_note(str(signed))
        assert parsed == signed
        assert is_signed(parsed, LOG.verifier)
        for text in ("", "\n", "one", "one\ttwo\n"):
            refused(sign_note, text, LOG)


class TestCheckpoints:
    def test_ours_is_read_back(self) -> None:
        """Three lines and the log's signature."""
        signed = sign(HEAD, LOG)
        assert str(signed).startswith(f"{ORIGIN}\n2\n")
        parsed = parse_checkpoint(str(signed).encode())
        assert (parsed, parsed.checkpoint) == (signed, HEAD)
        assert is_signed_by_log(parsed, [LOG.verifier])
        assert not is_signed_by_log(parsed, [])
        other = LogKey(ORIGIN, STATION.private)
        assert not is_signed_by_log(parsed, [other.verifier])
        assert is_signed_by_log(parsed, [other.verifier, LOG.verifier])

    def test_only_a_key_of_the_origin_signs(self) -> None:
        """A checkpoint under another name would be one of another log."""
        refused(sign, HEAD, STATION)

    @pytest.mark.parametrize("witnessed", VECTORS["witnessed"])
    def test_those_of_public_logs_verify(self, witnessed: Any) -> None:
        """Public logs signed them and public witnesses cosigned, among lines of keys unknown to us."""
        signed = parse_checkpoint(witnessed["checkpoint"])
        assert str(signed) == witnessed["checkpoint"]
        key = parsed_vkey(witnessed["key"])
        line = next(one for one in signed.note.signatures if one.names(key))
        assert cosigned(signed.checkpoint, line, key).seconds == witnessed["seconds"]
        if "log_key" in witnessed:
            assert is_signed_by_log(signed, [parsed_vkey(witnessed["log_key"])])

    def test_the_example_of_the_specification_is_understood(self) -> None:
        """Its keys are not published, so it is the framing that is compared."""
        example = VECTORS["cosignature_example"]
        signed = parse_checkpoint(example["checkpoint"])
        assert str(signed) == example["checkpoint"]
        assert signed.checkpoint.tree_size == 20852163
        assert int.from_bytes(signed.note.signatures[1].value[:8], "big") == example["seconds"]

    @pytest.mark.parametrize(
        "text",
        [
            f"{ORIGIN}\n2\n{{root}}\nan extension\n",
            f"{ORIGIN}\n2\n{{root}}",
            f"{ORIGIN}\n2\n",
            f"{ORIGIN}\n02\n{{root}}\n",
            f"{ORIGIN}\n+2\n{{root}}\n",
            f"{ORIGIN}\n-2\n{{root}}\n",
            f"{ORIGIN}\n2 \n{{root}}\n",
            f"{ORIGIN}\n\u0662\n{{root}}\n",
            f"{ORIGIN}\n{TREE_SIZE_MAX + 1}\n{{root}}\n",
            f"{ORIGIN}\n{'9' * 5000}\n{{root}}\n",
            f"{ORIGIN}\n2\n{{root}}=\n",
            f"{ORIGIN}\n2\nAAAA\n",
            f"{ORIGIN}\n2\n{{root}}\n\n",
            "\n2\n{root}\n",
            "a b\n2\n{root}\n",
            "a+b\n2\n{root}\n",
        ],
    )
    def test_others_are_refused(self, text: str) -> None:
        """Extension lines cannot be audited; sizes and roots have one way of being written."""
        root = base64.b64encode(bytes.fromhex(HEAD.root)).decode()
        assert parse_text(f"{ORIGIN}\n2\n{root}\n") == HEAD
        refused(parse_text, text.replace("{root}", root))

    def test_a_key_stands_once(self) -> None:
        """A second line of one key would add bytes and nothing else."""
        signed = sign(HEAD, LOG)
        refused(parse_checkpoint, str(signed) + signed.note.signatures[0].line)

    @given(st.data())
    def test_no_changed_byte_passes(self, data: st.DataObject) -> None:
        """Each is refused, or leaves a checkpoint that the log has not signed."""
        whole = str(sign(HEAD, LOG)).encode()
        place = data.draw(st.integers(0, len(whole) - 1))
        value = data.draw(st.integers(0, 255).filter(lambda byte: byte != whole[place]))
        changed = whole[:place] + bytes([value]) + whole[place + 1 :]
        with suppress(InputError):
            assert not is_signed_by_log(parse_checkpoint(changed), [LOG.verifier])


class TestCosignatures:
    def test_a_station_signs_time_and_head(self) -> None:
        """The line stands under the log's own, verifies there and says when."""
        line = cosign(HEAD, STATION, NOON).line
        signed = with_cosignatures(str(sign(HEAD, LOG)), [line])
        assert str(signed).endswith(line)
        assert is_signed_by_log(signed, [LOG.verifier])
        found = cosigned(HEAD, parse_cosignature(line), STATION_VKEY)
        assert found.name == f"{ORIGIN}/station/DOCK-1"
        assert found.signed_at == NOON.replace(microsecond=0)

    @pytest.mark.parametrize(
        ("head", "key"),
        [
            (Checkpoint(ORIGIN, 3, HEAD.root), STATION_VKEY),
            (Checkpoint(ORIGIN, 2, "0" * 64), STATION_VKEY),
            (Checkpoint("another", 2, HEAD.root), STATION_VKEY),
            (HEAD, STATION.verifier),
            (HEAD, station_vkey(ORIGIN, "DOCK-2", STATION.verifier.public)),
            (HEAD, VerifierKey(STATION.name, LOG.verifier.public, 4)),
        ],
    )
    def test_it_counts_for_one_head_and_key_alone(self, head: Checkpoint, key: VerifierKey) -> None:
        """Not for another size, root, log, type, station or key."""
        refused(cosigned, head, cosign(HEAD, STATION, NOON), key)

    def test_a_changed_time_or_length_is_refused(self) -> None:
        """The time is signed with the head."""
        line = cosign(HEAD, STATION, NOON)
        value = line.value
        for other in (
            value[:7] + bytes([value[7] ^ 1]) + value[8:],
            b"\xff" + value[1:],
            value[:-1],
            value + b"\0",
            value[8:],
        ):
            changed = type(line)(line.name, line.key_hash, other)
            assert refused(cosigned, HEAD, changed, STATION_VKEY).code == "bad_signature"

    def test_a_stored_line_is_one_line(self) -> None:
        """Anything else in that column is not a cosignature."""
        line = cosign(HEAD, STATION, NOON).line
        for text in ("", "\n", line[:-1], line + line, line + "\n", "x" + line):
            refused(parse_cosignature, text)


class TestProofs:
    proof = Proof(1, (LEAF,), sign(HEAD, LOG))

    def test_it_is_read_back_and_holds(self) -> None:
        """The format of the specification, without an `extra` line."""
        text = str(self.proof)
        assert text.startswith("c2sp.org/tlog-proof@v1\nindex 1\n")
        assert read_proof(text) == read_proof(text.encode()) == self.proof
        assert read_proof(text).includes(OTHER_LEAF)
        assert not read_proof(text).includes(LEAF)

    def test_a_log_of_one_entry_needs_no_hash(self) -> None:
        """The blank line follows the index at once."""
        frontier = Frontier()
        frontier.append(LEAF)
        proof = Proof(0, (), sign(Checkpoint(ORIGIN, 1, frontier.root().hex()), LOG))
        assert "index 0\n\ncartrail/" in str(proof)
        assert read_proof(str(proof)).includes(LEAF)

    @pytest.mark.parametrize(
        "change",
        [
            lambda text: text.replace("@v1", "@v2"),
            lambda text: text.replace("index 1", "extra AAAA\nindex 1"),
            lambda text: text.replace("index 1", "index 01"),
            lambda text: text.replace("index 1", "index -1"),
            lambda text: text.replace("index 1", "index"),
            lambda text: text.replace("index 1\n", ""),
            lambda text: text.replace("index 1\n", "index 1\n\n"),
            lambda text: text.replace("index 1\n", "index 1\nAAAA\n"),
            lambda text: text.replace("index 1\n", "index 1\n!!\n"),
            lambda text: text.replace("index 1\n", "index 1\n" + "A" * 43 + "=\n" * 64),
            lambda text: text.replace("\n", "\r\n"),
            lambda text: "\n" + text,
            lambda text: text + "\n",
            lambda text: text[:-1],
            lambda text: text.partition("\n\n")[0],
            lambda text: text[:0],
        ],
    )
    def test_others_are_refused(self, change: Any) -> None:
        """An `extra` line is covered by no signature; everything has one way of being written."""
        refused(read_proof, change(str(self.proof)))
        refused(read_proof, b"\xff" + str(self.proof).encode())

    @given(st.data())
    def test_no_changed_byte_passes(self, data: st.DataObject) -> None:
        """Each is refused, proves another entry, or stands under a head the log has not signed."""
        whole = str(self.proof).encode()
        place = data.draw(st.integers(0, len(whole) - 1))
        value = data.draw(st.integers(0, 255).filter(lambda byte: byte != whole[place]))
        try:
            proof = read_proof(whole[:place] + bytes([value]) + whole[place + 1 :])
            holds = proof.includes(OTHER_LEAF) and is_signed_by_log(proof.checkpoint, [LOG.verifier])
        except InputError:
            holds = False
        assert not holds
