"""Attacks of somebody who owns the database, on any store: rows changed, moved, added and taken away."""

from __future__ import annotations

import sqlite3
import uuid
from datetime import timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from schema.canonical import canonical, leaf_digest, plain_digest
from schema.instants import format_instant, parse_instant
from schema.signing import sign
from schema.vocabulary import Meaning
from tracker.evidence.drill.attack import Attack, Caught
from tracker.evidence.drill.scene import AttackedCopy, RowEditor

_INSIDE: Final = 2
"""An entry with others before and behind it."""


def _say_otherwise(entry: dict[str, Any]) -> None:
    entry["statement"]["actor"] = "SOMEONE-9"


def edit_row(scene: AttackedCopy) -> None:
    """One entry says that somebody else did it; its own digests fit."""
    with scene.owner() as hands:
        hands.change(scene.coi, _INSIDE, _say_otherwise)


def keep_digest(scene: AttackedCopy) -> None:
    """The bytes change, the stored digest stays."""
    with scene.owner() as hands:
        body = hands.body(scene.coi, _INSIDE)
        hands.put(scene.coi, _INSIDE, body.replace(b'"recorded_at":"20', b'"recorded_at":"19'))


def delete_inside(scene: AttackedCopy) -> None:
    """An entry in the middle is gone."""
    with scene.owner() as hands:
        hands.delete(scene.coi, _INSIDE)


def delete_and_close_up(scene: AttackedCopy) -> None:
    """An entry in the middle is gone, and the chain is numbered and linked anew."""
    with scene.owner() as hands:
        hands.delete(scene.coi, _INSIDE)
        hands.rehash(scene.coi, _INSIDE)


def insert_inside(scene: AttackedCopy) -> None:
    """An event that never was stands between two that were."""
    with scene.owner() as hands:
        entry = hands.entry(scene.coi, _INSIDE)
        entry["statement"]["event_id"] = new_event_id()
        hands.append(scene.coi, entry)
        hands.run(
            "UPDATE custody_event SET sequence = -1 WHERE chain = ? AND sequence = ?", _last(hands, scene)
        )
        hands.run(
            "UPDATE custody_event SET sequence = sequence + 1000000000 WHERE chain = ? AND sequence > ?",
            (scene.coi, _INSIDE),
        )
        where = (_INSIDE + 1, scene.coi)
        hands.run("UPDATE custody_event SET sequence = ? WHERE chain = ? AND sequence = -1", where)
        hands.rehash(scene.coi, _INSIDE)


def new_event_id() -> str:
    """An id in the form of a UUIDv7, of no time in particular."""
    text = str(uuid.uuid4())
    return f"{text[:14]}7{text[15:]}"


def _last(hands: RowEditor, scene: AttackedCopy) -> tuple[str, int]:
    return scene.coi, hands.length(scene.coi) - 1


def reorder(scene: AttackedCopy) -> None:
    """Two events change places, and the chain is linked anew."""
    with scene.owner() as hands:
        first, second = (hands.body(scene.coi, number) for number in (_INSIDE, _INSIDE + 1))
        hands.run("UPDATE custody_event SET event_id = event_id || 'x' WHERE chain = ?", (scene.coi,))
        hands.put(scene.coi, _INSIDE, second)
        hands.put(scene.coi, _INSIDE + 1, first)
        hands.rehash(scene.coi)


def edit_and_rehash(scene: AttackedCopy) -> None:
    """What people signed is changed, and everything behind it is hashed anew."""
    with scene.owner() as hands:
        hands.change(scene.coi, _INSIDE, _say_otherwise)
        hands.rehash(scene.coi, _INSIDE)


def retime_and_rehash(scene: AttackedCopy) -> None:
    """The recording time, which nobody signs, is changed, and everything behind it is hashed anew."""
    with scene.owner() as hands:
        retime(hands, scene)


def retime(hands: RowEditor, scene: AttackedCopy) -> None:
    """A millisecond later, so that no clock gives it away."""
    sequence = hands.length(scene.coi) - 1
    moment = parse_instant(hands.entry(scene.coi, sequence)["recorded_at"]) + timedelta(milliseconds=1)
    hands.change(scene.coi, sequence, lambda found: found.update(recorded_at=format_instant(moment)))


def encode_otherwise(scene: AttackedCopy) -> None:
    """The same entry in other bytes, with digests that fit them."""
    with scene.owner() as hands:
        body = hands.body(scene.coi, _INSIDE).replace(b'"form":', b'"form": ', 1)
        hands.put(scene.coi, _INSIDE, body)
        row = (leaf_digest(body), scene.coi, _INSIDE)
        hands.run("UPDATE custody_event SET digest = ? WHERE chain = ? AND sequence = ?", row)


def move_signatures(scene: AttackedCopy) -> None:
    """Signatures of one statement stand under another."""
    with scene.owner() as hands:
        signatures = hands.entry(scene.coi, _INSIDE)["signatures"]
        hands.change(scene.coi, _INSIDE + 1, lambda found: found.update(signatures=signatures))
        hands.rehash(scene.coi, _INSIDE + 1)


def swap_digests(scene: AttackedCopy) -> None:
    """The stored digests of two entries change places."""
    with scene.owner() as hands:
        first, second = (leaf_digest(hands.body(scene.coi, number)) for number in (0, 1))
        for number, digest in ((0, second), (1, first)):
            row = (digest, scene.coi, number)
            hands.run("UPDATE custody_event SET digest = ? WHERE chain = ? AND sequence = ?", row)


def drop_guards(scene: AttackedCopy) -> None:
    """The triggers that stop UPDATE and DELETE are gone."""
    connection = sqlite3.connect(scene.path)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    connection.close()


def edit_read_table(scene: AttackedCopy) -> None:
    """The board shows what never happened; the entries are as they were."""
    with scene.owner() as hands:
        hands.run("UPDATE therapy SET stage = 'infused', attention = '[]' WHERE coi = ?", (scene.coi,))


def swap_openings(scene: AttackedCopy) -> None:
    """The values behind two commitments change places."""
    with scene.owner() as hands:
        rows = hands.run(
            "SELECT event_id, commitment, value FROM erasable WHERE chain = ? ORDER BY value LIMIT 2",
            (scene.coi,),
        ).fetchall()
        for (event_id, commitment, _), (_, _, value) in zip(rows, reversed(rows), strict=True):
            row = (value, event_id, commitment)
            hands.run("UPDATE erasable SET value = ? WHERE event_id = ? AND commitment = ?", row)


def hide_openings(scene: AttackedCopy) -> None:
    """What opens the commitments is deleted, without an erasure."""
    with scene.owner() as hands:
        hands.run("DELETE FROM erasable WHERE chain = ?", (scene.coi,))


def forge_entry(scene: AttackedCopy) -> None:
    """One more event at the chain's end, signed with a key made for it in the name of whoever acted last."""
    with scene.owner() as hands:
        entry = hands.entry(*_last(hands, scene))
        entry["statement"]["event_id"] = new_event_id()
        model = entry["signatures"][0]
        at = parse_instant(entry["recorded_at"])
        forged = sign(
            Ed25519PrivateKey.generate(), statement_digest=plain_digest(canonical(entry["statement"])),
            signer=model["signer"], name=model["name"], meaning=Meaning(model["meaning"]), signed_at=at,
        )  # fmt: skip
        hands.append(scene.coi, {**entry, "signatures": [forged.to_json()]})


def alter_attachment(scene: AttackedCopy) -> None:
    """The adopted protocol allows more than it did."""
    with scene.owner() as hands:
        hands.run("UPDATE attachment SET content = content || x'0a'")


def fork_chain(scene: AttackedCopy) -> None:
    """Two entries have one sequence, in a table made anew without its keys."""
    with scene.owner() as hands:
        hands.run("ALTER TABLE custody_event RENAME TO kept")
        hands.run("CREATE TABLE custody_event AS SELECT * FROM kept")
        hands.run("DROP TABLE kept")
        hands.run(
            "INSERT INTO custody_event"
            " SELECT chain, sequence, event_id || 'x', digest, statement_digest, body"
            " FROM custody_event WHERE chain = ? AND sequence = ?",
            (scene.coi, _INSIDE),
        )


def cut_tail(scene: AttackedCopy) -> None:
    """The last entry of the therapy is gone, as the queue of the log knows nothing of it; the tree does."""
    with scene.owner() as hands:
        hands.delete(*_last(hands, scene))
    scene.reproject()


def cut_tail_and_log(scene: AttackedCopy) -> None:
    """The last entry is gone with all that belonged to it, and the log is built anew without it."""
    cut_tail(scene)
    with scene.owner() as hands:
        hands.forget_strays()
    scene.relog()


def delete_therapy(scene: AttackedCopy) -> None:
    """Nothing of the therapy is left, and the log is built anew without it."""
    with scene.owner() as hands:
        for table, column in (("custody_event", "chain"), ("erasable", "chain"), ("therapy", "coi"),
                              ("unit", "coi"), ("scan_code", "coi"), ("bench", "coi")):  # fmt: skip
            hands.run(f"DELETE FROM {table} WHERE {column} = ?", (scene.coi,))  # noqa: S608  our own names
    scene.relog()


ATTACKS: Final = (
    Attack("edit an entry", "another name stands for who did it", Caught.ALONE, edit_row),
    Attack("change bytes, keep the digest", "an entry's body alone is changed", Caught.ALONE, keep_digest),
    Attack("delete inside", "an entry in the middle of a chain is gone", Caught.ALONE, delete_inside),
    Attack("delete and close up", "the rest is numbered and hashed anew", Caught.ALONE, delete_and_close_up),
    Attack("insert inside", "an event that never was, hashed into place", Caught.ALONE, insert_inside),
    Attack("reorder", "two events change places, hashed anew", Caught.ALONE, reorder),
    Attack("edit and re-hash", "what was signed, and all digests after it", Caught.ALONE, edit_and_rehash),
    Attack("re-time and re-hash", "a recording time, which nobody signs", Caught.ALONE, retime_and_rehash),
    Attack(
        "encode otherwise", "the same entry in other bytes, digests fitting", Caught.ALONE, encode_otherwise
    ),
    Attack("move a signature", "to another statement", Caught.ALONE, move_signatures),
    Attack("swap stored digests", "the digest columns of two entries", Caught.ALONE, swap_digests),
    Attack("drop the guards", "every append-only trigger", Caught.ALONE, drop_guards),
    Attack("edit a read table", "the board alone says infused", Caught.ALONE, edit_read_table),
    Attack("swap openings", "the values behind two commitments", Caught.ALONE, swap_openings),
    Attack("forge an entry", "signed with a key made for it", Caught.ALONE, forge_entry),
    Attack("alter an attachment", "a byte more in the adopted protocol", Caught.ALONE, alter_attachment),
    Attack("fork a chain", "two entries with one sequence", Caught.ALONE, fork_chain),
    Attack("cut a chain's tail", "its last entry is gone, the log stays", Caught.ALONE, cut_tail),
    Attack("cut the tail, rebuild the log", "and throw away what was signed", Caught.HEAD, cut_tail_and_log),
    Attack("delete a therapy", "every row of it, the log rebuilt", Caught.HEAD, delete_therapy),
    Attack(
        "delete openings",
        "what opens a therapy's commitments, without an erasure",
        Caught.NOTHING,
        hide_openings,
        because="values may be erased; it is said how many are gone, and no `erased` entry says why",
    ),
)
