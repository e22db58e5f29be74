"""The SQL that a station sends to PostgreSQL, listed for whoever asks whether another database takes it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Final

from tracker.ledger import compiled, postgres, postgres_session
from tracker.ledger.engine import TIMEOUT_SECONDS


@dataclass(frozen=True, slots=True)
class SentStatement:
    """One statement, and when it is sent."""

    when: str
    sql: str


_OPENING: Final = "when a connection is opened"
_TRANSACTION: Final = "around each transaction"
_STANDBY: Final = "only where synchronous_standby_names says that a standby is waited for"


def sent_statements() -> list[SentStatement]:
    """Every statement of recording and reading; writes of one transaction go together, as parts of a WITH.

    Making the tables, their guards and rights, and verification are not among them: the owner's and the
    auditor's programs may use what the server has.
    """
    around = [
        postgres_session.BEGIN_WRITING,
        postgres_session.BEGIN_READING,
        *("SAVEPOINT part_1", "RELEASE SAVEPOINT part_1", "ROLLBACK TO SAVEPOINT part_1"),
        *("SELECT CURRENT_TIMESTAMP", "COMMIT", "ROLLBACK"),
    ]
    opening = (postgres.LOCK_TIMEOUT.format(int(TIMEOUT_SECONDS * 1000)), *postgres.SETTINGS)
    found = [SentStatement(_OPENING, text) for text in opening]
    found.append(SentStatement("where the setting before is weaker", postgres.SYNCHRONOUS))
    found += [SentStatement(_TRANSACTION, text) for text in around]
    # The parts of a transaction are in their modules, each with its statements.
    import_module("tracker.ledger.transaction")
    texts = dict.fromkeys(statement.postgresql for statement in compiled.listed())
    found += [SentStatement("within one", " ".join(text.split())) for text in texts]
    found.append(SentStatement("before an answer is given again", postgres_session.STANDBYS_NAMED))
    found.append(SentStatement(_STANDBY, postgres_session.REPLICATED))
    return found
