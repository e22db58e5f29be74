"""Secrets and counters of signing in: state that is no part of the ledger."""

from __future__ import annotations

from typing import Final

from schema.tables import AccessCodeRow, CredentialRow, SignInFailureRow
from tracker.ledger import compiled
from tracker.ledger.engine import Session
from tracker.ledger.rows import TableRows

_CREDENTIALS: Final = TableRows(CredentialRow)
_CODES: Final = TableRows(AccessCodeRow)
_FAILURES: Final = TableRows(SignInFailureRow)

_PUT_CREDENTIAL: Final = compiled.insert_or_update(_CREDENTIALS.table)
_CREDENTIAL_OF: Final = compiled.select(_CREDENTIALS.table, "staff")
_DELETE_CREDENTIAL: Final = compiled.delete(_CREDENTIALS.table, "staff")
_PUT_CODE: Final = compiled.insert_or_update(_CODES.table)
_CODE_OF: Final = compiled.select(_CODES.table, "staff")
_DELETE_CODE: Final = compiled.delete(_CODES.table, "staff")
_PUT_FAILURE: Final = compiled.insert_or_update(_FAILURES.table)
_FAILURE_OF: Final = compiled.select(_FAILURES.table, "staff", "station")
_DELETE_FAILURE: Final = compiled.delete(_FAILURES.table, "staff", "station")


class SignInRecords:
    """The part of a transaction that keeps what opens people's keys."""

    _session: Session
    _erased: bool

    def put_credential(self, row: CredentialRow) -> None:
        """Keep a person's encrypted key, in place of the one before."""
        self._session.write(_PUT_CREDENTIAL, _CREDENTIALS.values(row))

    def credential(self, staff: str) -> CredentialRow | None:
        """A person's encrypted key."""
        row = self._session.one(_CREDENTIAL_OF, (staff,))
        return None if row is None else _CREDENTIALS.read(row)

    def delete_credential(self, staff: str) -> bool:
        """Destroy a person's encrypted key; False when there was none."""
        self._erased = True
        return self._session.change(_DELETE_CREDENTIAL, (staff,)) > 0

    def put_access_code(self, row: AccessCodeRow) -> None:
        """Keep a one-time code, in place of an older one."""
        self._session.write(_PUT_CODE, _CODES.values(row))

    def access_code(self, staff: str) -> AccessCodeRow | None:
        """A person's one-time code."""
        row = self._session.one(_CODE_OF, (staff,))
        return None if row is None else _CODES.read(row)

    def delete_access_code(self, staff: str) -> bool:
        """Use up a one-time code; False when there was none, so of two users only one succeeds."""
        return self._session.change(_DELETE_CODE, (staff,)) > 0

    def put_sign_in_failure(self, row: SignInFailureRow) -> None:
        """Keep how often a person failed at a station."""
        self._session.write(_PUT_FAILURE, _FAILURES.values(row))

    def sign_in_failure(self, staff: str, station: str) -> SignInFailureRow | None:
        """How often a person failed at a station since the last success there."""
        row = self._session.one(_FAILURE_OF, (staff, station))
        return None if row is None else _FAILURES.read(row)

    def delete_sign_in_failure(self, staff: str, station: str) -> bool:
        """Forget the failures after a success; False when there were none."""
        return self._session.change(_DELETE_FAILURE, (staff, station)) > 0
