"""Secrets and counters of signing in, and the copies printed: state that is no part of the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from schema.errors import CopiesExhausted
from schema.identifiers import PrintedCode, possible_copies
from schema.instants import format_instant, parse_instant
from schema.tables import AccessCode, Credential, PrintedCopy, SignInFailure, table_of
from tracker.ledger import compiled
from tracker.ledger.engine import Record, Session
from tracker.ledger.rows import AccessCodeRow, CredentialRow, PrintedCopyRow, SignInFailureRow

_CREDENTIAL: Final = table_of(Credential)
_CODE: Final = table_of(AccessCode)
_FAILURE: Final = table_of(SignInFailure)
_COPY: Final = table_of(PrintedCopy)

_PUT_CREDENTIAL: Final = compiled.insert_or_update(_CREDENTIAL)
_CREDENTIAL_OF: Final = compiled.select(_CREDENTIAL, "staff")
_DELETE_CREDENTIAL: Final = compiled.delete(_CREDENTIAL, "staff")
_PUT_CODE: Final = compiled.insert_or_update(_CODE)
_CODE_OF: Final = compiled.select(_CODE, "staff")
_DELETE_CODE: Final = compiled.delete(_CODE, "staff")
_PUT_FAILURE: Final = compiled.insert_or_update(_FAILURE)
_FAILURE_OF: Final = compiled.select(_FAILURE, "staff", "station")
_DELETE_FAILURE: Final = compiled.delete(_FAILURE, "staff", "station")
_PRINT: Final = compiled.insert_unless_there(_COPY)
_COPIES_OF: Final = compiled.fixed(
    sa.select(_COPY).where(_COPY.c.object_id == sa.bindparam("object_id")).order_by(_COPY.c.printed_at),
    "object_id",
)


class SignInRecords:
    """The part of a transaction that keeps what opens people's keys."""

    _session: Session
    _erased: bool

    def put_credential(self, row: CredentialRow) -> None:
        """Keep a person's encrypted key, in place of the one before."""
        updated = format_instant(row.updated_at)
        self._session.write(_PUT_CREDENTIAL, (row.staff, row.key, row.verifier, row.blob, updated))

    def credential(self, staff: str) -> CredentialRow | None:
        """A person's encrypted key."""
        row = self._session.one(_CREDENTIAL_OF, (staff,))
        return None if row is None else CredentialRow(*_with_time(row))

    def delete_credential(self, staff: str) -> bool:
        """Destroy a person's encrypted key; False when there was none."""
        self._erased = True
        return self._session.change(_DELETE_CREDENTIAL, (staff,)) > 0

    def put_access_code(self, row: AccessCodeRow) -> None:
        """Keep a one-time code, in place of an older one."""
        self._session.write(_PUT_CODE, (row.staff, row.code_hash, row.issuer, format_instant(row.expires_at)))

    def access_code(self, staff: str) -> AccessCodeRow | None:
        """A person's one-time code."""
        row = self._session.one(_CODE_OF, (staff,))
        return None if row is None else AccessCodeRow(*_with_time(row))

    def delete_access_code(self, staff: str) -> bool:
        """Use up a one-time code; False when there was none, so of two users only one succeeds."""
        return self._session.change(_DELETE_CODE, (staff,)) > 0

    def put_sign_in_failure(self, row: SignInFailureRow) -> None:
        """Keep how often a person failed at a station."""
        until = None if row.locked_until is None else format_instant(row.locked_until)
        self._session.write(_PUT_FAILURE, (row.staff, row.station, row.count, until))

    def sign_in_failure(self, staff: str, station: str) -> SignInFailureRow | None:
        """How often a person failed at a station since the last success there."""
        row = self._session.one(_FAILURE_OF, (staff, station))
        return None if row is None else SignInFailureRow(*_with_time(row))

    def delete_sign_in_failure(self, staff: str, station: str) -> bool:
        """Forget the failures after a success; False when there were none."""
        return self._session.change(_DELETE_FAILURE, (staff, station)) > 0


def _with_time(row: Record) -> list[Any]:
    values = list(row)
    values[-1] = None if row[-1] is None else parse_instant(row[-1])
    return values


class CopyRecords:
    """The part of a transaction that gives out copy letters."""

    _session: Session

    def print_copy(self, object_id: str, *, printed_at: datetime, staff: str, station: str) -> PrintedCode:
        """The next copy of an object's code, kept so that its letter is never given again.

        Raises CopiesExhausted when every letter is used.
        """
        used = {row.copy_letter for row in self.printed_copies(object_id)}
        for code in possible_copies(object_id):
            row = (object_id, code.copy, format_instant(printed_at), staff, station)
            # Another station may have taken the letter since it was looked up.
            if code.copy not in used and self._session.change(_PRINT, row):
                return code
        raise CopiesExhausted(
            f"{object_id} has no further copy: all {len(used)} of its copy letters are used."
        )

    def printed_copies(self, object_id: str) -> list[PrintedCopyRow]:
        """The copies of an object that were printed, oldest first."""
        rows = self._session.all(_COPIES_OF, (object_id,))
        return [PrintedCopyRow(row[0], row[1], parse_instant(row[2]), row[3], row[4]) for row in rows]
