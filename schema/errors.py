"""Every way cartrail says no, each with a code, a sentence, a remedy and an exit code.

CartrailError
  InputError        what was given cannot be understood              exit 2
  Refusal           the rules say no; the step was not taken         exit 3
  IntegrityFailure  the record cannot be trusted                     exit 4
  StoreError        the store cannot be used now                     exit 5
  EvidenceMissing   something the record promises is not there,
                    or is not understood                            exit 6
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import ClassVar, Final, Self

NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)
"""What a disk says that is full, read-only or broken; anything else is a wrong name."""


class CartrailError(Exception):
    """The one root: a sentence with the values that are wrong, and what to do next."""

    exit_code: ClassVar[int] = 1
    default_code: ClassVar[str] = "error"
    default_remedy: ClassVar[str] = "Report this with the command that was run."

    def __init__(self, message: str, *, remedy: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy or self.default_remedy
        self.code = code or self.default_code
        self.details = ""
        """For the administrator and the log: addresses and a server's own words."""

    def with_details(self, details: str) -> Self:
        """This error with what only an administrator needs to know."""
        self.details = details
        return self


class InputError(CartrailError):
    """What was given is not in a form that cartrail understands."""

    exit_code = 2
    default_code = "bad_input"
    default_remedy = "Correct the named value and try again; nothing was recorded."
    field: str = ""
    """The field of the request whose value it is, where that is known: a form asks for it again."""

    def at(self, field: str) -> Self:
        """This error as one of a field."""
        self.field = field
        return self


class BadCode(InputError):
    """A scanned or typed code that is not one of ours or not intact."""

    default_code = "bad_code"
    default_remedy = "Scan the label again; if it fails twice, read the characters with a second person."


class NotCanonical(InputError):
    """A value that has no place in a ledger entry: a float, a naive time, a key that is not ASCII."""

    default_code = "not_canonical"
    default_remedy = "Give decimals as text, times in UTC with milliseconds, and text in NFC."


class Unforeseen(InputError):
    """Values that this program did not expect and cannot handle: a fault of it, which stops one request."""

    default_code = "not_recorded"
    default_remedy = (
        "Nothing of this request was recorded, and other requests are not touched. Check its values; if they"
        " are right, report it with the log file."
    )


class RequestReused(InputError):
    """An event id that already stands for another request."""

    default_code = "request_reused"
    default_remedy = "Send the new request under a new event_id (UUIDv7)."


class CopiesExhausted(InputError):
    """An object whose every copy letter is already printed."""

    default_code = "copies_exhausted"
    default_remedy = "Void the label ledger of this object with quality and issue a new object."


class OtherLog(InputError):
    """A head, receipt or code of another log or purpose."""

    default_code = "other_log"
    default_remedy = "Check which store the paper belongs to and open that one."


class Refusal(CartrailError):
    """A rule forbids the requested step; nothing but evidence of the attempt was written."""

    exit_code = 3
    default_code = "refused"
    default_remedy = "Do what the rule asks first, or record what happened all the same with outside_rules."


class StatementChanged(Refusal):
    """What was signed is no longer what would be recorded."""

    default_code = "statement_changed"
    default_remedy = "Read the new statement and sign it anew."


class SignInRefused(Refusal):
    """A password, PIN, badge or one-time code that does not open the key."""

    default_code = "sign_in_refused"
    default_remedy = "Try again with your own badge and password; quality can issue a new one-time code."


class SignInLocked(SignInRefused):
    """A person locked at one station after repeated failures (21 CFR 11.300(d))."""

    default_code = "locked_out"
    default_remedy = "Wait 15 minutes, use another station, or record on paper and enter it later."


class IntegrityFailure(CartrailError):
    """The stored record differs from what was recorded; stop and keep the file."""

    exit_code = 4
    default_code = "integrity_failure"
    default_remedy = "Stop using this store, keep a copy of it as it is, and run `cartrail verify`."


class GuardMissing(IntegrityFailure):
    """An append-only trigger is not in the database."""

    default_code = "guard_missing"
    default_remedy = (
        "Somebody removed a guard: run `cartrail verify`, then `cartrail migrate` to put it back."
    )


class ReadTableDiffers(IntegrityFailure):
    """A table that repeats the record for lists holds what no entry leads to; the entries are untouched."""

    default_code = "read_table_differs"
    default_remedy = (
        "Nothing of the record is lost: tell the administrator, keep a copy of the store as it is, and run "
        "`cartrail verify`, which names every row that differs from what the entries say."
    )


class StoreError(CartrailError):
    """The store cannot be used now; what was asked was not written, but for OutcomeUnknown."""

    exit_code = 5
    default_code = "store_unusable"
    default_remedy = "Try again; if it stays, check the database address, the disk and the permissions."


class StoreUnreachable(StoreError):
    """A database server that does not answer, before anything was committed."""

    default_code = "store_unreachable"
    default_remedy = (
        "Nothing was written. Try again; if it stays, tell whoever looks after the database and go on with"
        " the downtime forms."
    )
    since: float | None = None
    """When the server was first asked in vain, by the monotonic clock."""


class OutcomeUnknown(StoreError):
    """The connection was lost, or a warning came, while it was committed: it may be recorded or not."""

    default_code = "outcome_unknown"
    default_remedy = (
        "Send the very same again (in a form F10 does that; on a line the same event_id): what is recorded is"
        " then answered and not recorded twice. Do not enter it anew before that."
    )
    since: float | None = None
    """When the server was first asked in vain, by the monotonic clock."""

    settle: Callable[[], None] | None = None
    """Waits until what may have been committed has come to stay or is gone; None where that cannot be."""


class StoreBusy(StoreError):
    """Others kept winning the same chain, or the database stayed locked."""

    default_code = "store_busy"
    default_remedy = "Try again in a moment; nothing is recorded twice."
    since: float | None = None
    """When a server's lock was first waited for in vain, by the monotonic clock; None where others won."""


class ClockBehind(StoreError):
    """This machine's clock is behind what the ledger already holds."""

    default_code = "clock_behind"
    default_remedy = (
        "Set the clock of this station (NTP) and try again. If this clock is right and another one ran ahead,"
        " two people, one of quality, run `cartrail station correct-clock`."
    )


class ClockAhead(StoreError):
    """This machine's clock is weeks ahead of everything that was recorded."""

    default_code = "clock_ahead"
    default_remedy = (
        "Look at a calendar. If this clock is wrong, set it (NTP). If it is right, you and a second person"
        " run `cartrail station confirm-clock --today DAY`."
    )


class EvidenceMissing(CartrailError):
    """A kind, opening or file that the record names is missing or not understood."""

    exit_code = 6
    default_code = "evidence_missing"
    default_remedy = "Use a newer cartrail, or ask the operator for the missing part."


class UnknownKind(EvidenceMissing):
    """An event kind or version written by a newer program."""

    default_code = "unknown_kind"
    default_remedy = "Update cartrail; until then this therapy can be verified but not added to."
