"""One line of `record` as a request: JSON without floats or doubled names, or an answer that says why not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NoReturn

from schema.canonical import Json, normalized
from schema.entry import UUID_PATTERN
from schema.errors import InputError
from tracker.answers import Answer, failed
from tracker.catalog import parse_request
from tui.cli.ending import printable
from tui.cli.record.lines import LINE_BYTES_MAX, Line

ELSEWHERE: Final = {
    "adopt_protocol": "`cartrail protocol adopt FILE`, which keeps the file's bytes too",
    "issue_access_code": "`cartrail person code STAFF`, which shows the code once",
    "activate_key": "`cartrail person activate STAFF`, at which the owner sets a password",
}
"""Requests that come with something which is no part of a line: a file, a code or a password."""


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """One line: its request, or the answer to a line without one."""

    request: Mapping[str, Any] | None
    answer: Answer | None

    @property
    def event_id(self) -> str | None:
        """The id of the request, where it has the form of one."""
        return event_id_of(self.request)

    @property
    def station(self) -> str:
        """The station the request names."""
        return self._text("station")

    @property
    def signers(self) -> tuple[str, ...]:
        """Who the request says will sign."""
        named = self.request.get("signers") if self.request is not None else None
        if not isinstance(named, list):
            return ()
        staff = (one.get("staff") for one in named if isinstance(one, dict))
        return tuple(dict.fromkeys(one for one in staff if isinstance(one, str)))

    @property
    def actor(self) -> str:
        """Who the request says acts."""
        return self._text("actor")

    def _text(self, name: str) -> str:
        found = self.request.get(name) if self.request is not None else None
        return found if isinstance(found, str) else ""


def asked(line: Line) -> ParsedLine:
    """What one line asks."""
    try:
        request = _parsed(line)
    except InputError as error:
        return ParsedLine(None, failed(None, error))
    name = request.get("request")
    if isinstance(name, str) and name in ELSEWHERE:
        elsewhere = InputError(
            f"{name} is not taken from a line.", remedy=f"Use {ELSEWHERE[name]}.", code="not_by_record"
        )
        return ParsedLine(request, failed(event_id_of(request), elsewhere))
    try:
        # Before anybody signs in: what asks nothing that exists needs no password.
        parse_request(_values(request))
    except InputError as error:
        return ParsedLine(request, failed(event_id_of(request), error))
    return ParsedLine(request, None)


def _values(request: Mapping[str, Any]) -> Mapping[str, Json]:
    data = normalized(request, where="request")
    if not isinstance(data, Mapping):
        raise TypeError(type(data).__name__)
    return data


def event_id_of(request: Mapping[str, Any] | None) -> str | None:
    """The request's id if it has the form of an event id; nothing else is repeated to the asker."""
    found = request.get("event_id") if request is not None else None
    return found if isinstance(found, str) and UUID_PATTERN.fullmatch(found) else None


def answered(answer: Answer) -> Answer:
    """The answer with a message that is safe and short, whatever it quotes."""
    if answer.problem is None:
        return answer
    problem = replace(answer.problem, message=printable(answer.problem.message))
    return replace(answer, problem=problem)


def _parsed(line: Line) -> Mapping[str, Any]:
    if line.content is None:
        raise InputError(
            f"Line {line.number} has {line.length} bytes; {LINE_BYTES_MAX} is the most.",
            remedy="Send one request a line; nothing of this line was recorded.",
            code="line_too_long",
        )
    try:
        value = json.loads(
            line.content.decode("utf-8"), object_pairs_hook=_object, parse_float=_float, parse_constant=_float
        )
    except RecursionError as error:
        raise _not_json(line, "it is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise _not_json(line, "it is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise _not_json(line, f"{error.msg} at column {error.colno}") from error
    except ValueError as error:
        raise _not_json(line, "it has a number that is too long") from error
    if not isinstance(value, dict):
        raise InputError(
            f"Line {line.number} is not a JSON object.",
            remedy='Send {"request": name, ...} on one line.',
            code="not_an_object",
        )
    return value


def _not_json(line: Line, reason: str) -> InputError:
    return InputError(
        f"Line {line.number} is not JSON: {reason}.",
        remedy="Send one JSON object a line, in UTF-8.",
        code="not_json",
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        # Readers differ in which of the two they take, and what is signed must be what was meant.
        raise InputError(
            "An object has the same name twice.", remedy="Give each name once.", code="doubled_name"
        )
    return found


def _float(text: str) -> NoReturn:
    raise InputError(
        f"{text[:40]} is not a whole number, and the ledger holds no floats.",
        remedy='Write decimals as text, such as "-152.3".',
        code="float",
    )
