"""The tables of the first store: the ledger and its log, what may be erased, secrets and read tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from schema import guards

revision = "1000"
down_revision = None
branch_labels = None
depends_on = None

_GUARDED = (
    *("custody_event", "attachment", "log_leaf", "log_node", "checkpoint", "cosignature"),
    "printed_copy",
)


def upgrade() -> None:
    """Create the tables, then their guards."""
    _create_ledger()
    _create_tree()
    _create_signed()
    _create_erasable()
    _create_people()
    _create_presence()
    _create_trail_opened()
    _create_alert_handed_on()
    _create_therapies()
    _create_work_of_therapies()
    _create_codes()
    _create_prints()
    _create_mentions()
    guards.install(op.get_bind(), tables=_GUARDED)


def downgrade() -> None:
    """Refuse: a record never goes back to a form that knew less."""
    raise NotImplementedError("cartrail migrates forward only; restore the copy made before the migration.")


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    kind = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=null)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False, autoincrement=False)


def _bytes(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _hex(table: str, column: str) -> sa.CheckConstraint:
    condition = f"length({column}) = 64 AND ltrim({column}, '0123456789abcdef') = ''"
    return _check(table, f"{column}_hex", condition)


def _natural(table: str, column: str) -> sa.CheckConstraint:
    return _check(table, f"{column}_natural", f"{column} >= 0")


def _filled(table: str, column: str) -> sa.CheckConstraint:
    return _check(table, f"{column}_filled", f"length({column}) > 0")


def _index(table: str, *columns: str, name: str = "", where: str = "") -> None:
    """An index, named after its columns unless it has a name; with `where`, over those rows alone."""
    condition = sa.text(where) if where else None
    op.create_index(
        op.f(f"ix_{table}_{name or '_'.join(columns)}"),
        table,
        list(columns),
        sqlite_where=condition,
        postgresql_where=condition,
    )


def _create_ledger() -> None:
    table = "custody_event"
    op.create_table(
        table,
        *(_text("chain"), _number("sequence")),
        *(_text("event_id"), _text("digest"), _text("statement_digest"), _bytes("body")),
        *(_key(table, "chain", "sequence"), _unique(table, "event_id")),
        *(_natural(table, "sequence"), _hex(table, "digest"), _hex(table, "statement_digest")),
        *(_filled(table, "chain"), _filled(table, "body")),
    )
    _index(table, "statement_digest")
    op.create_table(
        "attachment",
        *(_text("sha256"), _bytes("content")),
        *(_key("attachment", "sha256"), _hex("attachment", "sha256")),
    )
    op.create_table(
        "shared_row",
        *(_text("name"), _number("version")),
        *(_key("shared_row", "name"), _natural("shared_row", "version")),
        sqlite_with_rowid=False,
    )


def _create_tree() -> None:
    op.create_table(
        "log_pending",
        *(_text("chain"), _number("sequence"), _text("recorded_at")),
        *(_key("log_pending", "chain", "sequence"), _natural("log_pending", "sequence")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "log_leaf",
        *(_number("leaf_index"), _text("chain"), _number("sequence")),
        *(_key("log_leaf", "leaf_index"), _unique("log_leaf", "chain", "sequence")),
        *(_natural("log_leaf", "leaf_index"), _natural("log_leaf", "sequence")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "log_node",
        *(_number("level"), _number("node_index"), _bytes("hash")),
        _key("log_node", "level", "node_index"),
        _check("log_node", "level_above_leaves", "level >= 1"),
        _natural("log_node", "node_index"),
        _check("log_node", "hash_length", "length(hash) = 32"),
        sqlite_with_rowid=False,
    )


def _create_signed() -> None:
    op.create_table(
        "checkpoint",
        *(_number("tree_size"), _text("root"), _text("note"), _text("signed_at")),
        *(_key("checkpoint", "tree_size"), _natural("checkpoint", "tree_size")),
        *(_hex("checkpoint", "root"), _filled("checkpoint", "note")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "printed_head",
        *(_text("chain"), _number("tree_size"), _text("printed_at")),
        *(_key("printed_head", "chain", "tree_size"), _natural("printed_head", "tree_size")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "cosignature",
        *(_number("tree_size"), _text("station"), _text("line")),
        *(_key("cosignature", "tree_size", "station"), _natural("cosignature", "tree_size")),
        *(_filled("cosignature", "station"), _filled("cosignature", "line")),
        sqlite_with_rowid=False,
    )


def _create_erasable() -> None:
    op.create_table(
        "erasable",
        *(_text("event_id"), _text("commitment"), _text("chain"), _text("field")),
        *(_bytes("salt"), _text("value")),
        *(_key("erasable", "event_id", "commitment"), _hex("erasable", "commitment")),
        sqlite_with_rowid=False,
    )
    for column in ("commitment", "chain", "field"):
        _index("erasable", column)
    op.create_table(
        "request_answer",
        *(_text("event_id"), _bytes("salt"), _text("digest"), _bytes("answer")),
        *(_key("request_answer", "event_id"), _hex("request_answer", "digest")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "paper_scan",
        *(_text("chain"), _text("sha256"), _bytes("content"), _key("paper_scan", "chain", "sha256")),
        *(_hex("paper_scan", "sha256"), _filled("paper_scan", "content")),
    )
    table = "condition_file"
    op.create_table(
        table,
        *(_text("chain"), _text("sha256"), _bytes("content"), _key(table, "chain", "sha256")),
        *(_hex(table, "sha256"), _filled(table, "content")),
    )


def _create_people() -> None:
    op.create_table(
        "credential",
        *(_text("staff"), _text("key"), _text("verifier"), _bytes("blob"), _text("updated_at")),
        _key("credential", "staff"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "access_code",
        *(_text("staff"), _text("code_hash"), _text("issuer"), _text("expires_at")),
        _key("access_code", "staff"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sign_in_failure",
        *(_text("staff"), _text("station"), _number("count"), _text("locked_until", null=True)),
        *(_key("sign_in_failure", "staff", "station"), _natural("sign_in_failure", "count")),
        sqlite_with_rowid=False,
    )


def _create_presence() -> None:
    op.create_table(
        "presence",
        *(_text("name"), _text("seen_at"), _text("instance"), _text("trouble")),
        _key("presence", "name"),
        sqlite_with_rowid=False,
    )


def _create_trail_opened() -> None:
    op.create_table(
        "trail_opened",
        *(_text("staff"), _text("opened_at"), _text("chain"), _text("station")),
        _key("trail_opened", "staff", "opened_at", "chain"),
        sqlite_with_rowid=False,
    )


def _create_alert_handed_on() -> None:
    table = "alert_handed_on"
    op.create_table(
        table,
        *(_text("alert"), _text("role"), _number("attempt"), _text("subject"), _text("due_at")),
        *(_text("channel"), _text("at"), _text("result")),
        *(_key(table, "alert", "role", "attempt"), _natural(table, "attempt")),
        sqlite_with_rowid=False,
    )


def _create_therapies() -> None:
    op.create_table(
        "therapy",
        *(_text("coi"), _number("sequence")),
        *(_text(name) for name in ("stage", "status", "protocol", "protocol_version")),
        *(_text(name) for name in ("collection_site", "manufacturing_site", "treatment_site")),
        *(_text("waits_until"), _text("breach_at")),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("at_risk", "begun")),
        *(_text(name, null=True) for name in ("promised", "stalled_at", "noted_at", "duty_from")),
        *(_text(name) for name in ("attention", "document", "updated_at", "updated_hour")),
        *(_key("therapy", "coi"), _natural("therapy", "sequence")),
    )
    _index("therapy", "status", "updated_hour")
    _index("therapy", "updated_hour", name="attention", where="attention <> '[]'")
    _index("therapy", "waits_until", "coi", name="waits")
    _index("therapy", "waits_until", "coi", name="at_risk", where="at_risk")
    _index("therapy", "noted_at", name="noted", where="noted_at IS NOT NULL")
    _index("therapy", "duty_from", "coi", name="owed", where="duty_from IS NOT NULL")
    op.create_table(
        "unit",
        *(_text("unit"), _text("coi"), _number("sequence")),
        *(_text(name) for name in ("material", "custodian_type", "custodian")),
        *(_text(name, null=True) for name in ("site", "location", "box", "data_logger")),
        *(_text(name, null=True) for name in ("cassette", "disposition")),
        sa.Column("quarantined", sa.Boolean(), nullable=False),
        *(_text(name, null=True) for name in ("final_disposition", "handoff")),
        *(_text("document"), _key("unit", "unit"), _natural("unit", "sequence")),
    )
    for column in ("coi", "box", "site", "cassette"):
        _index("unit", column)
    # What is in motion, and what a place holds: a list of work costs the same with ten thousand therapies.
    at_hand = "final_disposition IS NULL AND (location IS NULL OR cassette IS NULL)"
    _index("unit", "site", name="at_hand", where=at_hand)
    _index("unit", "handoff", where="handoff IS NOT NULL")
    _index("unit", "location", where="location IS NOT NULL")


def _create_work_of_therapies() -> None:
    op.create_table(
        "bench",
        *(_text("bench"), _text("coi"), _number("sequence"), _text("taken_at"), _text("staff")),
        *(_key("bench", "bench", "coi"), _natural("bench", "sequence")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "deviation_now",
        *(_text("deviation"), _text("coi"), _number("sequence")),
        *(_text("status"), _text("site"), _text("begun_at")),
        *(_key("deviation_now", "deviation"), _natural("deviation_now", "sequence")),
        sqlite_with_rowid=False,
    )
    _index("deviation_now", "status", "begun_at")
    _index("deviation_now", "coi")
    op.create_table(
        "use_of",
        *(_text(name) for name in ("thing", "coi", "event_id")),
        *(_number("sequence"), _text("step"), _text("at")),
        *(_key("use_of", "thing", "coi", "event_id"), _natural("use_of", "sequence")),
        sqlite_with_rowid=False,
    )
    _index("use_of", "coi")
    _create_bookings()


def _create_bookings() -> None:
    op.create_table(
        "slot_use",
        *(_text("resource"), _text("day"), _text("coi"), _text("milestone")),
        *(_number("begins"), _number("sequence")),
        *(_key("slot_use", "resource", "day", "coi", "milestone"),),
        *(_natural("slot_use", "begins"), _natural("slot_use", "sequence")),
        sqlite_with_rowid=False,
    )
    _index("slot_use", "coi")
    op.create_table(
        "plan_milestone",
        *(_text("coi"), _text("name"), _number("sequence")),
        *(_text(name) for name in ("site", "place", "resource", "leaves_at", "starts_at", "ends_at")),
        *(_text(name, null=True) for name in ("lane", "done_at")),
        *(_key("plan_milestone", "coi", "name"), _natural("plan_milestone", "sequence")),
        sqlite_with_rowid=False,
    )
    # What is to come is looked for by the day; what is done is read with its therapy.
    _index("plan_milestone", "leaves_at", name="leaves", where="done_at IS NULL")
    for column in ("place", "site"):
        _index("plan_milestone", column, "leaves_at", name=column, where="done_at IS NULL")
    travels = "done_at IS NULL AND lane IS NOT NULL"
    _index("plan_milestone", "lane", "leaves_at", name="lane", where=travels)
    op.create_table(
        "shipment_now",
        *(_text("shipment"), _text("coi"), _number("sequence"), _text("status")),
        *(_text(name) for name in ("carrier", "from_site", "to_site", "begins_at", "ends_at")),
        *(_text(name, null=True) for name in ("box", "data_logger", "waybill", "sscc")),
        *(_key("shipment_now", "shipment", "coi"), _natural("shipment_now", "sequence")),
        sqlite_with_rowid=False,
    )
    for column in ("coi", "box", "data_logger", "waybill", "sscc"):
        _index("shipment_now", column)
    op.create_table(
        "therapy_history",
        *(_text("coi"), _number("sequence"), _text("document")),
        *(_key("therapy_history", "coi"), _natural("therapy_history", "sequence")),
        sqlite_with_rowid=False,
    )
    _create_storage()


def _create_storage() -> None:
    op.create_table(
        "place_position",
        *(_text("location"), _text("position"), _text("unit"), _text("coi"), _number("sequence")),
        *(_key("place_position", "location", "position"), _natural("place_position", "sequence")),
        sqlite_with_rowid=False,
    )
    _index("place_position", "coi")
    op.create_table(
        "equipment_place",
        *(_text("equipment"), _text("coi"), _number("sequence"), _text("at"), _text("site", null=True)),
        *(_text("custodian_type"), _text("custodian"), _number("units")),
        *(_text(name, null=True) for name in ("box", "destination", "hold_until")),
        *(_key("equipment_place", "equipment", "coi"), _natural("equipment_place", "sequence")),
        _natural("equipment_place", "units"),
        sqlite_with_rowid=False,
    )
    _index("equipment_place", "coi")


def _create_codes() -> None:
    op.create_table(
        "scan_code",
        *(_text("code"), _text("coi"), _number("sequence"), _text("object_type"), _text("object_id")),
        *(_text("issuer", null=True), _text("value", null=True), _text("status")),
        *(_key("scan_code", "code"), _natural("scan_code", "sequence")),
        sqlite_with_rowid=False,
    )
    for column in ("coi", "object_id", "value"):
        _index("scan_code", column)


def _create_prints() -> None:
    op.create_table(
        "printed_copy",
        *(_text(name) for name in ("object_id", "copy_letter", "printed_at", "staff", "station")),
        *(_text("label"), _text("site"), _text("unit", null=True), _text("reason", null=True)),
        *(_text("outcome"), _text("settled_at", null=True)),
        _key("printed_copy", "object_id", "copy_letter"),
        sqlite_with_rowid=False,
    )
    for column in ("unit", "site"):
        _index("printed_copy", column)


def _create_mentions() -> None:
    """Both begin empty: they are filled from the log, and could be emptied and filled again at any time."""
    op.create_table(
        "mention",
        *(_text("chain"), _text("subject"), _number("first_sequence"), _number("last_sequence")),
        *(_text("recorded_at"), _key("mention", "chain", "subject")),
        *(_natural("mention", "first_sequence"), _natural("mention", "last_sequence")),
        sqlite_with_rowid=False,
    )
    _index("mention", "subject", "recorded_at", "chain")
    op.create_table(
        "mention_reach",
        *(_text("name"), _number("leaves")),
        *(_key("mention_reach", "name"), _natural("mention_reach", "leaves")),
        sqlite_with_rowid=False,
    )
