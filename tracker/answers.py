"""What comes back for a request: the entries it made, or why it was not taken."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import orjson
from msgspec import structs

from schema.canonical import Json
from schema.errors import CartrailError
from tracker.rules.decision import Notice, ScanAnswer, Violation


@dataclass(frozen=True, slots=True)
class EntryReference:
    """Where one entry of an act stands, and the digests that receipts and proofs name."""

    chain: str
    sequence: int
    digest: str
    statement_digest: str

    def to_json(self) -> Mapping[str, Json]:
        """The reference as `record` writes it."""
        return {
            "chain": self.chain,
            "sequence": self.sequence,
            "digest": self.digest,
            "statement_digest": self.statement_digest,
        }


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a request was not taken."""

    error: str
    message: str
    remedy: str
    exit_code: int
    field: str = ""
    """The field of the request at fault, where it is one."""

    compared: str = ""
    expected: str = ""
    read: str = ""
    carrier: str = ""
    """What was compared, expected and read, and off what; a patient's number never stands here."""

    unit: str = ""
    """The unit at fault, where the step is about several."""

    can_have_happened: bool = dataclasses.field(default=False, compare=False)
    """Whether the same may be recorded as what happened outside the rules; not said of a kept answer."""

    @classmethod
    def of(cls, error: CartrailError) -> Problem:
        """What an error says."""
        message = f"{error.message} {error.details}" if error.details else error.message
        return cls(error.code, message, error.remedy, error.exit_code)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one request; a refusal may carry the entries that are its evidence."""

    event_id: str | None
    entries: tuple[EntryReference, ...] = ()
    problem: Problem | None = None
    word: ScanAnswer = ScanAnswer.OK
    """What the scanner's operator is shown."""

    notices: tuple[Notice, ...] = ()
    """What to be told of a step that was taken: a result that does not meet its limit."""

    repeated: bool = False
    """Whether this is the kept answer to the same request sent again."""

    handed_over: bool = dataclasses.field(default=False, compare=False)
    """Whether custody moved or was offered: its slip wants a log head that contains it."""

    @property
    def ok(self) -> bool:
        """Whether the request was taken."""
        return self.problem is None

    @property
    def exit_code(self) -> int:
        """0, or the exit code of the problem."""
        return 0 if self.problem is None else self.problem.exit_code

    def to_json(self) -> Mapping[str, Json]:
        """The answer line of `cartrail record`."""
        entries: list[Json] = [entry.to_json() for entry in self.entries]
        if self.problem is None:
            done: dict[str, Json] = {"ok": True, "event_id": self.event_id, "entries": entries}
            if self.notices:
                done["notices"] = [structs.asdict(one) for one in self.notices]
            return done
        return {
            "ok": False,
            "event_id": self.event_id,
            "error": self.problem.error,
            "message": self.problem.message,
            "remedy": self.problem.remedy,
            "entries": entries,
            **{name: value for name in _COMPARED if (value := getattr(self.problem, name))},
        }


_COMPARED: Final = ("field", "compared", "expected", "read", "carrier", "unit")
"""What a problem says of the values at fault, where there are any."""


def refused(event_id: str, violation: Violation, entries: tuple[EntryReference, ...] = ()) -> Answer:
    """The answer of a rule that said no."""
    problem = Problem(
        violation.rule,
        violation.message,
        violation.remedy,
        3,
        **{name: getattr(violation, name) for name in _COMPARED},
        can_have_happened=violation.waivable,
    )
    return Answer(event_id, entries, problem, violation.answer)


def failed(event_id: str | None, error: CartrailError) -> Answer:
    """The answer of an error: nothing was written, but for OutcomeUnknown, where that is not known."""
    return Answer(event_id, (), Problem.of(error), ScanAnswer.STOP)


def to_bytes(answer: Answer) -> bytes:
    """An answer as it is kept for a request that is sent again: of its entries where they stand, no more."""
    data: dict[str, object] = {**answer.to_json(), "word": answer.word.value, "exit_code": answer.exit_code}
    del data["event_id"]
    data["entries"] = [(entry.chain, entry.sequence) for entry in answer.entries]
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS)


def from_bytes(content: bytes, event_id: str, entry_at: Callable[[str, int], EntryReference]) -> Answer:
    """The kept answer to the request with this id; `entry_at` gives what stands at a place of a chain."""
    data = orjson.loads(content)
    entries = tuple(entry_at(chain, sequence) for chain, sequence in data["entries"])
    problem = None
    if not data["ok"]:
        compared = {name: data.get(name, "") for name in _COMPARED}
        problem = Problem(data["error"], data["message"], data["remedy"], data["exit_code"], **compared)
    notices = tuple(Notice(**{**one, "answer": ScanAnswer(one["answer"])}) for one in data.get("notices", ()))
    return Answer(event_id, entries, problem, ScanAnswer(data["word"]), notices=notices, repeated=True)
