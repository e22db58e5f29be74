"""Secrets and counters of signing in: state that is no part of the ledger."""

from __future__ import annotations

from typing import Any, Final

from schema.instants import format_instant, parse_instant
from schema.tables import AccessCode, Credential, SignInFailure, table_of
from tracker.ledger import compiled
from tracker.ledger.engine import Record, Session
from tracker.ledger.rows import AccessCodeRow, CredentialRow, SignInFailureRow

_CREDENTIAL: Final = table_of(Credential)
_CODE: Final = table_of(AccessCode)
_FAILURE: Final = table_of(SignInFailure)

_PUT_CREDENTIAL: Final = compiled.insert_or_update(_CREDENTIAL)
_CREDENTIAL_OF: Final = compiled.select(_CREDENTIAL, "staff")
_DELETE_CREDENTIAL: Final = compiled.delete(_CREDENTIAL, "staff")
_PUT_CODE: Final = compiled.insert_or_update(_CODE)
_CODE_OF: Final = compiled.select(_CODE, "staff")
_DELETE_CODE: Final = compiled.delete(_CODE, "staff")
_PUT_FAILURE: Final = compiled.insert_or_update(_FAILURE)
_FAILURE_OF: Final = compiled.select(_FAILURE, "staff", "station")
_DELETE_FAILURE: Final = compiled.delete(_FAILURE, "staff", "station")


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
