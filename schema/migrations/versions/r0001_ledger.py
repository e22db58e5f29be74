"""The ledger, its erasable openings, people's secrets and the read tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from schema import guards

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of the first store, then their guards."""
    _create_ledger()
    _create_erasable()
    _create_people()
    _create_therapies()
    _create_codes()
    guards.install(op.get_bind(), tables=("custody_event", "attachment"))


def downgrade() -> None:
    """Refuse: a record never goes back to a form that knew less."""
    raise NotImplementedError("cartrail migrates forward only; restore the copy made before the migration.")


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    kind = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=null)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _bytes(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _check(table: str, column: str, kind: str) -> sa.CheckConstraint:
    condition = {
        "hex": f"length({column}) = 64 AND ltrim({column}, '0123456789abcdef') = ''",
        "natural": f"{column} >= 0",
        "filled": f"length({column}) > 0",
    }[kind]
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{column}_{kind}"))


def _create_ledger() -> None:
    op.create_table(
        "custody_event",
        _text("chain"),
        _number("sequence"),
        _text("event_id"),
        _text("digest"),
        _text("statement_digest"),
        _bytes("body"),
        _key("custody_event", "chain", "sequence"),
        sa.UniqueConstraint("event_id", name=op.f("uq_custody_event_event_id")),
        _check("custody_event", "sequence", "natural"),
        _check("custody_event", "digest", "hex"),
        _check("custody_event", "statement_digest", "hex"),
        _check("custody_event", "chain", "filled"),
        _check("custody_event", "body", "filled"),
    )
    op.create_index("ix_custody_event_statement_digest", "custody_event", ["statement_digest"])
    op.create_table(
        "log_pending",
        _text("chain"),
        _number("sequence"),
        _text("recorded_at"),
        _key("log_pending", "chain", "sequence"),
        _check("log_pending", "sequence", "natural"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "attachment",
        _text("sha256"),
        _bytes("content"),
        _key("attachment", "sha256"),
        _check("attachment", "sha256", "hex"),
    )
    op.create_table(
        "shared_row",
        _text("name"),
        _number("version"),
        _key("shared_row", "name"),
        _check("shared_row", "version", "natural"),
        sqlite_with_rowid=False,
    )


def _create_erasable() -> None:
    op.create_table(
        "erasable",
        _text("event_id"),
        _text("commitment"),
        _text("chain"),
        _text("field"),
        _bytes("salt"),
        _text("value", null=True),
        _key("erasable", "event_id", "commitment"),
        _check("erasable", "commitment", "hex"),
        sqlite_with_rowid=False,
    )
    opening = sa.text("field <> 'request'")
    for column in ("commitment", "chain"):
        op.create_index(
            f"ix_erasable_{column}", "erasable", [column], sqlite_where=opening, postgresql_where=opening
        )
    op.create_table(
        "request_answer",
        _text("event_id"),
        _bytes("answer"),
        _key("request_answer", "event_id"),
        sqlite_with_rowid=False,
    )


def _create_people() -> None:
    op.create_table(
        "credential",
        _text("staff"),
        _text("key"),
        _text("verifier"),
        _bytes("blob"),
        _text("updated_at"),
        _key("credential", "staff"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "access_code",
        _text("staff"),
        _text("code_hash"),
        _text("issuer"),
        _text("expires_at"),
        _key("access_code", "staff"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sign_in_failure",
        _text("staff"),
        _text("station"),
        _number("count"),
        _text("locked_until", null=True),
        _key("sign_in_failure", "staff", "station"),
        _check("sign_in_failure", "count", "natural"),
        sqlite_with_rowid=False,
    )


def _create_therapies() -> None:
    op.create_table(
        "therapy",
        _text("coi"),
        _number("sequence"),
        *(_text(name) for name in ("stage", "status", "protocol", "protocol_version")),
        *(_text(name) for name in ("collection_site", "manufacturing_site", "treatment_site")),
        *(_text(name) for name in ("attention", "document", "updated_at")),
        _key("therapy", "coi"),
        _check("therapy", "sequence", "natural"),
    )
    op.create_index("ix_therapy_status_updated_at_coi", "therapy", ["status", "updated_at", "coi"])
    waiting = sa.text("attention <> '[]'")
    op.create_index(
        "ix_therapy_attention",
        "therapy",
        ["updated_at", "coi"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_table(
        "unit",
        _text("unit"),
        _text("coi"),
        _number("sequence"),
        *(_text(name) for name in ("material", "custodian_type", "custodian")),
        *(_text(name, null=True) for name in ("site", "location", "box", "cassette", "disposition")),
        sa.Column("quarantined", sa.Boolean(), nullable=False),
        *(_text(name, null=True) for name in ("final_disposition", "handoff")),
        _text("document"),
        _key("unit", "unit"),
        _check("unit", "sequence", "natural"),
    )
    for column in ("coi", "box", "site", "cassette"):
        op.create_index(f"ix_unit_{column}", "unit", [column])


def _create_codes() -> None:
    op.create_table(
        "scan_code",
        _text("code"),
        _text("coi"),
        _number("sequence"),
        *(_text(name) for name in ("object_type", "object_id")),
        *(_text(name, null=True) for name in ("issuer", "value")),
        _text("status"),
        _key("scan_code", "code"),
        _check("scan_code", "sequence", "natural"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_scan_code_coi", "scan_code", ["coi"])
    op.create_index("ix_scan_code_object_id", "scan_code", ["object_id"])
    op.create_index("ix_scan_code_value", "scan_code", ["value"])
    op.create_table(
        "printed_copy",
        *(_text(name) for name in ("object_id", "copy_letter", "printed_at", "staff", "station")),
        _key("printed_copy", "object_id", "copy_letter"),
        sqlite_with_rowid=False,
    )
