"""Attacks of somebody who owns the database, on any store: rows changed, moved, added and taken away."""

from __future__ import annotations

import sqlite3
import uuid
from datetime import timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from schema.canonical import canonical, leaf_digest, plain_digest
from schema.entry import REGISTRY
from schema.events.registry import Exported
from schema.instants import format_instant, parse_instant
from schema.signing import sign
from schema.vocabulary import Meaning
from tracker.drill.attack import Attack, Caught, InBundle
from tracker.drill.scene import AttackedCopy, RowEditor

_INSIDE: Final = 2
"""An entry with others before and behind it."""


def _say_otherwise(entry: dict[str, Any]) -> None:
    entry["statement"]["actor"] = "SOMEONE-9"


def edit_row(attacked: AttackedCopy) -> None:
    """One entry says that somebody else did it; its own digests fit."""
    with attacked.owner() as editor:
        editor.change(attacked.coi, _INSIDE, _say_otherwise)


def keep_digest(attacked: AttackedCopy) -> None:
    """The bytes change, the stored digest stays."""
    with attacked.owner() as editor:
        body = editor.body(attacked.coi, _INSIDE)
        editor.put(attacked.coi, _INSIDE, body.replace(b'"recorded_at":"20', b'"recorded_at":"19'))


def delete_inside(attacked: AttackedCopy) -> None:
    """An entry in the middle is gone."""
    with attacked.owner() as editor:
        editor.delete(attacked.coi, _INSIDE)


def delete_and_close_up(attacked: AttackedCopy) -> None:
    """An entry in the middle is gone, and the chain is numbered and linked again."""
    with attacked.owner() as editor:
        editor.delete(attacked.coi, _INSIDE)
        editor.rehash(attacked.coi, _INSIDE)


def insert_inside(attacked: AttackedCopy) -> None:
    """An event that never was stands between two that were."""
    with attacked.owner() as editor:
        entry = editor.entry(attacked.coi, _INSIDE)
        entry["statement"]["event_id"] = new_event_id()
        editor.append(attacked.coi, entry)
        editor.run(
            "UPDATE custody_event SET sequence = -1 WHERE chain = ? AND sequence = ?", _last(editor, attacked)
        )
        editor.run(
            "UPDATE custody_event SET sequence = sequence + 1000000000 WHERE chain = ? AND sequence > ?",
            (attacked.coi, _INSIDE),
        )
        where = (_INSIDE + 1, attacked.coi)
        editor.run("UPDATE custody_event SET sequence = ? WHERE chain = ? AND sequence = -1", where)
        editor.rehash(attacked.coi, _INSIDE)


def new_event_id() -> str:
    """An id in the form of a UUIDv7, of no time in particular."""
    text = str(uuid.uuid4())
    return f"{text[:14]}7{text[15:]}"


def _last(editor: RowEditor, attacked: AttackedCopy) -> tuple[str, int]:
    return attacked.coi, editor.length(attacked.coi) - 1


def reorder(attacked: AttackedCopy) -> None:
    """Two events change places, and the chain is linked again."""
    with attacked.owner() as editor:
        first, second = (editor.body(attacked.coi, number) for number in (_INSIDE, _INSIDE + 1))
        editor.run("UPDATE custody_event SET event_id = event_id || 'x' WHERE chain = ?", (attacked.coi,))
        editor.put(attacked.coi, _INSIDE, second)
        editor.put(attacked.coi, _INSIDE + 1, first)
        editor.rehash(attacked.coi)


def edit_and_rehash(attacked: AttackedCopy) -> None:
    """What people signed is changed, and everything behind it is hashed again."""
    with attacked.owner() as editor:
        editor.change(attacked.coi, _INSIDE, _say_otherwise)
        editor.rehash(attacked.coi, _INSIDE)


def retime_and_rehash(attacked: AttackedCopy) -> None:
    """The recording time, which nobody signs, is changed, and everything behind it is hashed again."""
    with attacked.owner() as editor:
        retime(editor, attacked)


def retime(editor: RowEditor, attacked: AttackedCopy) -> None:
    """A millisecond later, so that no clock gives it away."""
    sequence = editor.length(attacked.coi) - 1
    moment = parse_instant(editor.entry(attacked.coi, sequence)["recorded_at"]) + timedelta(milliseconds=1)
    editor.change(attacked.coi, sequence, lambda found: found.update(recorded_at=format_instant(moment)))


def encode_otherwise(attacked: AttackedCopy) -> None:
    """The same entry in other bytes, with digests that fit them."""
    with attacked.owner() as editor:
        body = editor.body(attacked.coi, _INSIDE).replace(b'"form":', b'"form": ', 1)
        editor.put(attacked.coi, _INSIDE, body)
        row = (leaf_digest(body), attacked.coi, _INSIDE)
        editor.run("UPDATE custody_event SET digest = ? WHERE chain = ? AND sequence = ?", row)


def move_signatures(attacked: AttackedCopy) -> None:
    """Signatures of one statement stand under another."""
    with attacked.owner() as editor:
        signatures = editor.entry(attacked.coi, _INSIDE)["signatures"]
        editor.change(attacked.coi, _INSIDE + 1, lambda found: found.update(signatures=signatures))
        editor.rehash(attacked.coi, _INSIDE + 1)


def swap_digests(attacked: AttackedCopy) -> None:
    """The stored digests of two entries change places."""
    with attacked.owner() as editor:
        first, second = (leaf_digest(editor.body(attacked.coi, number)) for number in (0, 1))
        for number, digest in ((0, second), (1, first)):
            row = (digest, attacked.coi, number)
            editor.run("UPDATE custody_event SET digest = ? WHERE chain = ? AND sequence = ?", row)


def drop_guards(attacked: AttackedCopy) -> None:
    """The triggers that stop UPDATE and DELETE are gone."""
    connection = sqlite3.connect(attacked.path)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    connection.close()


def edit_read_table(attacked: AttackedCopy) -> None:
    """The board shows what never happened; the entries are as they were."""
    with attacked.owner() as editor:
        editor.run("UPDATE therapy SET stage = 'infused', attention = '[]' WHERE coi = ?", (attacked.coi,))


def swap_openings(attacked: AttackedCopy) -> None:
    """The values behind two commitments change places."""
    with attacked.owner() as editor:
        rows = editor.run(
            "SELECT event_id, commitment, value FROM erasable WHERE chain = ? ORDER BY value LIMIT 2",
            (attacked.coi,),
        ).fetchall()
        for (event_id, commitment, _), (_, _, value) in zip(rows, reversed(rows), strict=True):
            row = (value, event_id, commitment)
            editor.run("UPDATE erasable SET value = ? WHERE event_id = ? AND commitment = ?", row)


def hide_openings(attacked: AttackedCopy) -> None:
    """What opens the commitments is deleted, without an erasure."""
    with attacked.owner() as editor:
        editor.run("DELETE FROM erasable WHERE chain = ?", (attacked.coi,))


def forge_entry(attacked: AttackedCopy) -> None:
    """One more event at the chain's end, signed with a key made for it in the name of whoever acted last."""
    with attacked.owner() as editor:
        entry = editor.entry(*_last(editor, attacked))
        entry["statement"]["event_id"] = new_event_id()
        model = entry["signatures"][0]
        at = parse_instant(entry["recorded_at"])
        forged = sign(
            Ed25519PrivateKey.generate(), statement_digest=plain_digest(canonical(entry["statement"])),
            signer=model["signer"], name=model["name"], meaning=Meaning(model["meaning"]), signed_at=at,
        )  # fmt: skip
        editor.append(attacked.coi, {**entry, "signatures": [forged.to_json()]})


def hide_from_search(attacked: AttackedCopy) -> None:
    """The index of names no longer knows the therapy; the entries are as they were."""
    with attacked.owner() as editor:
        editor.run("DELETE FROM mention WHERE chain = ?", (attacked.coi,))


def add_trigger(attacked: AttackedCopy) -> None:
    """A trigger of the attacker's changes what is written beside the entries."""
    with attacked.owner() as editor:
        editor.run(
            "CREATE TRIGGER tidy AFTER INSERT ON unit BEGIN"
            " UPDATE unit SET quarantined = 0 WHERE unit = NEW.unit; END"
        )


def delete_checkpoints(attacked: AttackedCopy) -> None:
    """What the log signed and nothing else names is gone; the leaves are as they were."""
    with attacked.owner() as editor:
        named = {row[0] for row in editor.run("SELECT tree_size FROM printed_head").fetchall()}
        for sequence in range(editor.length(REGISTRY)):
            statement = editor.entry(REGISTRY, sequence)["statement"]
            if statement["kind"] == Exported.kind:
                named |= {statement["payload"]["tree_size"], *statement["payload"]["checkpoints"]}
        for (size,) in editor.run("SELECT tree_size FROM checkpoint").fetchall():
            if size not in named:
                for table in ("cosignature", "checkpoint"):
                    editor.run(f"DELETE FROM {table} WHERE tree_size = ?", (size,))  # noqa: S608  our own names


def date_checkpoints(attacked: AttackedCopy) -> None:
    """The table says that the log was signed on another day."""
    with attacked.owner() as editor:
        editor.run("UPDATE checkpoint SET signed_at = '2020-01-01T00:00:00.000Z'")


def alter_attachment(attacked: AttackedCopy) -> None:
    """The adopted protocol allows more than it did."""
    with attacked.owner() as editor:
        editor.run("UPDATE attachment SET content = content || x'0a'")


def fork_chain(attacked: AttackedCopy) -> None:
    """Two entries have one sequence, in a table rebuilt without its keys."""
    with attacked.owner() as editor:
        editor.run("ALTER TABLE custody_event RENAME TO kept")
        editor.run("CREATE TABLE custody_event AS SELECT * FROM kept")
        editor.run("DROP TABLE kept")
        editor.run(
            "INSERT INTO custody_event"
            " SELECT chain, sequence, event_id || 'x', digest, statement_digest, body"
            " FROM custody_event WHERE chain = ? AND sequence = ?",
            (attacked.coi, _INSIDE),
        )


def cut_tail(attacked: AttackedCopy) -> None:
    """The last entry of the therapy is gone, as the queue of the log knows nothing of it; the tree does."""
    with attacked.owner() as editor:
        editor.delete(*_last(editor, attacked))
    attacked.reproject()


def cut_tail_and_log(attacked: AttackedCopy) -> None:
    """The last entry is gone with all that belonged to it, and the log is rebuilt without it."""
    cut_tail(attacked)
    with attacked.owner() as editor:
        editor.forget_strays()
    attacked.relog()


def delete_therapy(attacked: AttackedCopy) -> None:
    """Nothing of the therapy is left, and the log is rebuilt without it."""
    with attacked.owner() as editor:
        for table, column in (("custody_event", "chain"), ("erasable", "chain"), ("therapy", "coi"),
                              ("unit", "coi"), ("scan_code", "coi"), ("bench", "coi"),
                              ("deviation_now", "coi"), ("slot_use", "coi"),
                              ("plan_milestone", "coi"), ("shipment_now", "coi"),
                              ("place_position", "coi"), ("equipment_place", "coi"),
                              ("therapy_history", "coi"),
                              ("use_of", "coi")):  # fmt: skip
            editor.run(f"DELETE FROM {table} WHERE {column} = ?", (attacked.coi,))  # noqa: S608  our own names
    attacked.relog()


ATTACKS: Final = (
    Attack("edit an entry", "another name stands for who did it", Caught.ALONE, InBundle.CAUGHT, edit_row),
    Attack(
        "change bytes, keep the digest",
        "an entry's body alone is changed",
        Caught.ALONE,
        InBundle.CAUGHT,
        keep_digest,
    ),
    Attack(
        "delete inside",
        "an entry in the middle of a chain is gone",
        Caught.ALONE,
        InBundle.REFUSED,
        delete_inside,
    ),
    Attack(
        "delete and close up",
        "the rest is numbered and hashed again",
        Caught.ALONE,
        InBundle.REFUSED,
        delete_and_close_up,
    ),
    Attack(
        "insert inside",
        "an event that never was, hashed into place",
        Caught.ALONE,
        InBundle.CAUGHT,
        insert_inside,
    ),
    Attack("reorder", "two events change places, hashed again", Caught.ALONE, InBundle.CAUGHT, reorder),
    Attack(
        "edit and re-hash",
        "what was signed, and all digests after it",
        Caught.ALONE,
        InBundle.CAUGHT,
        edit_and_rehash,
    ),
    Attack(
        "re-time and re-hash",
        "a recording time, which nobody signs",
        Caught.ALONE,
        InBundle.CAUGHT,
        retime_and_rehash,
    ),
    Attack(
        "encode otherwise",
        "the same entry in other bytes, digests fitting",
        Caught.ALONE,
        InBundle.REFUSED,
        encode_otherwise,
    ),
    Attack("move a signature", "to another statement", Caught.ALONE, InBundle.CAUGHT, move_signatures),
    Attack(
        "swap stored digests", "the digest columns of two entries", Caught.ALONE, InBundle.TRUE, swap_digests
    ),
    Attack("drop the guards", "every append-only trigger", Caught.ALONE, InBundle.REFUSED, drop_guards),
    Attack("edit a read table", "the board alone says infused", Caught.ALONE, InBundle.TRUE, edit_read_table),
    Attack(
        "swap openings", "the values behind two commitments", Caught.ALONE, InBundle.CAUGHT, swap_openings
    ),
    Attack("forge an entry", "signed with a key made for it", Caught.ALONE, InBundle.CAUGHT, forge_entry),
    Attack(
        "alter an attachment",
        "a byte more in the adopted protocol",
        Caught.ALONE,
        InBundle.REFUSED,
        alter_attachment,
    ),
    Attack("fork a chain", "two entries with one sequence", Caught.ALONE, InBundle.CAUGHT, fork_chain),
    Attack(
        "cut a chain's tail",
        "its last entry is gone, the log stays",
        Caught.ALONE,
        InBundle.REFUSED,
        cut_tail,
    ),
    Attack(
        "cut the tail, rebuild the log",
        "and throw away what was signed",
        Caught.ALONE,
        InBundle.REFUSED,
        cut_tail_and_log,
    ),
    Attack(
        "delete a therapy", "every row of it, the log rebuilt", Caught.ALONE, InBundle.REFUSED, delete_therapy
    ),
    Attack(
        "hide from a search",
        "the index of names forgets a therapy",
        Caught.ALONE,
        InBundle.TRUE,
        hide_from_search,
    ),
    Attack(
        "add a trigger",
        "one that tidies a read table as it is written",
        Caught.ALONE,
        InBundle.TRUE,
        add_trigger,
    ),
    Attack(
        "delete the checkpoints",
        "those that no export and no paper names, with what stations signed of them",
        Caught.NOTHING,
        InBundle.TRUE,
        delete_checkpoints,
        because="the tree they were of is there and is signed again; what an export or paper names is missed",
    ),
    Attack(
        "date the checkpoints otherwise",
        "the column that says when each was signed",
        Caught.NOTHING,
        InBundle.TRUE,
        date_checkpoints,
        because="nobody signs that column; a cosignature carries its own time, and each entry its own",
    ),
    Attack(
        "delete openings",
        "what opens a therapy's commitments, without an erasure",
        Caught.NOTHING,
        InBundle.NOTHING,
        hide_openings,
        because="values may be erased; it is said how many are gone, and no `erased` entry says why",
    ),
)
