"""Requests that a command makes for the person who acts: signed, recorded, answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import orjson

from schema.errors import (
    CartrailError,
    EvidenceMissing,
    InputError,
    IntegrityFailure,
    Refusal,
    StoreError,
)
from schema.vocabulary import EntryMode
from tui.cli.ending import say
from tui.cli.output import print_json, print_rows
from tui.cli.session import CommandSession, SignedIn

if TYPE_CHECKING:
    from tracker.answers import Answer, Problem
    from tracker.tracker import Tracker

_ERRORS: Final[Mapping[int, type[CartrailError]]] = {
    one.exit_code: one for one in (InputError, Refusal, IntegrityFailure, StoreError, EvidenceMissing)
}


def error_of(problem: Problem) -> CartrailError:
    """A problem in an answer as the error it is."""
    return _ERRORS[problem.exit_code](problem.message, remedy=problem.remedy, code=problem.error)


def wire(session: CommandSession, tracker: Tracker, name: str, **fields: Any) -> dict[str, Any]:
    """A request of the person who acts at this station; what was not given is left out."""
    given = {key: value for key, value in fields.items() if value is not None}
    return {
        "request": name,
        "event_id": session.new_event_id(tracker),
        "actor": session.staff,
        "station": session.station_in(tracker),
        **given,
    }


def signed_by(
    actor: str, approver: str | None, witness: str | None = None, meaning: str = "performed"
) -> list[dict[str, str]] | None:
    """Who signs: the actor alone by default, or the actor and somebody who approves or witnesses."""
    others = [(approver, "approved"), (witness, "witnessed")]
    signers = [{"staff": staff, "meaning": meaning} for staff, meaning in others if staff is not None]
    if not signers and meaning == "performed":
        return None
    return [{"staff": actor, "meaning": meaning}, *signers]


def entered(mode: EntryMode | None) -> dict[str, str] | None:
    """The declaration of a request that a file's passwords sign."""
    return None if mode is None else {"mode": mode.value}


def ask(
    session: CommandSession,
    tracker: Tracker,
    name: str,
    *,
    approver: str | None = None,
    witness: str | None = None,
    people: SignedIn | None = None,
    meaning: str = "performed",
    details: bool = True,
    **fields: Any,
) -> Answer:
    """Record one request of the person who acts and print the answer; raises the problem of a refusal.

    They sign with `meaning`; who approves or witnesses signs that. Without `details` the command itself says
    what the entry says.
    """
    named = signed_by(session.staff, approver, witness, meaning)
    request = wire(session, tracker, name, signers=named, **fields)
    people = people or SignedIn(tracker, session.secrets)
    signing = [session.staff] if named is None else [one["staff"] for one in named]
    signers = [people.signer(staff, request["station"]) for staff in signing]
    answer = tracker.record(request=request, signers=signers, mode=people.mode(signers))
    tell_answer(session, tracker, answer, details=details)
    return answer


def tell_answer(
    session: CommandSession,
    tracker: Tracker,
    answer: Answer,
    *,
    more: Mapping[str, str] | None = None,
    details: bool = True,
) -> None:
    """Print what was recorded; raises the problem of an answer that is not ok.

    With `--json` it is one object, with `more` in it: what the command alone knows.
    """
    if session.as_json:
        print_json({**answer.to_json(), **(more or {})})
    if answer.problem is not None:
        raise error_of(answer.problem)
    first = answer.entries[0]
    say(f"Recorded as entry {first.sequence} of {first.chain}.")
    for one in answer.notices:
        say(f"{one.message} {one.remedy}")
    if details and not session.as_json:
        print_rows(_said(tracker, answer))


def _said(tracker: Tracker, answer: Answer) -> list[tuple[str, str]]:
    """What the first entry says, ids drawn by the program included."""
    body = tracker.read.body(event_id=answer.event_id or "")
    if body is None:
        return []
    statement = orjson.loads(body)["statement"]
    rows = [("event", statement["kind"].replace("_", " ")), ("event id", statement["event_id"])]
    payload = statement["payload"].items()
    return rows + [(name.replace("_", " "), _told(name, one)) for name, one in payload if one != []]


def _told(name: str, value: Any) -> str:
    """A value for a person: commitments are counted, a flat object is told as words."""
    if isinstance(value, str):
        return value
    if name == "patient_identifiers":
        return f"{len(value)} kept, as commitments"
    if isinstance(value, dict) and all(isinstance(one, str | int) for one in value.values()):
        return ", ".join(f"{key.replace('_', ' ')} {one}" for key, one in value.items())
    return orjson.dumps(value).decode()
