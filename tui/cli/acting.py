"""Requests that a command makes for the person who acts: signed, recorded, answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

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
from tui.cli.recorded import recorded_rows
from tui.cli.session import CommandSession, SignedIn

if TYPE_CHECKING:
    from tracker.answers import Answer, Problem
    from tracker.tracker import Tracker

_ERRORS: Final[Mapping[int, type[CartrailError]]] = {
    one.exit_code: one for one in (InputError, Refusal, IntegrityFailure, StoreError, EvidenceMissing)
}


TAKEN_AWAY: Final = object()
"""The value of a field that is said to be there no longer, which is more than not to say it."""

BAD_REQUEST: Final = "bad_request"
LISTED_BY: Final[Mapping[str, str]] = {
    "lane": "site lane list",
    "site": "site list",
    "at_site": "site list",
    "carrier": "site list",
    "manufacturing_site": "site list",
    "treatment_site": "site list",
    "collection_site": "site list",
    "resource": "site resource list",
    "staff": "person list",
    "station": "station list",
    "item": "lot list",
    "protocol": "protocol list",
}
"""Where a person finds the values of a field."""

Told = Callable[["Answer"], "Iterable[tuple[str, str]]"]
"""What a command prints of what it recorded; it may print a table itself and give no rows."""


def error_of(problem: Problem) -> CartrailError:
    """A problem in an answer as the error it is."""
    return _ERRORS[problem.exit_code](problem.message, remedy=problem.remedy, code=problem.error)


def wire(session: CommandSession, tracker: Tracker, name: str, **fields: Any) -> dict[str, Any]:
    """A request of the person who acts at this station; what was not given is left out.

    What is `TAKEN_AWAY` is sent as null: it no longer stands.
    """
    said = {key: value for key, value in fields.items() if value is not None}
    given = {key: None if value is TAKEN_AWAY else value for key, value in said.items()}
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
    told: Told | None = None,
    **fields: Any,
) -> Answer:
    """Record one request of the person who acts and print the answer; raises the problem of a refusal.

    They sign with `meaning`; who approves or witnesses signs that.
    """
    named = signed_by(session.staff, approver, witness, meaning)
    request = wire(session, tracker, name, signers=named, **fields)
    people = people or SignedIn(tracker, session.secrets)
    signing = [session.staff] if named is None else [one["staff"] for one in named]
    signers = [people.signer(staff, request["station"]) for staff in signing]
    try:
        answer = tracker.record(request=request, signers=signers, mode=people.mode(signers))
        tell_answer(session, tracker, answer, told=told)
    except InputError as error:
        if error.code == BAD_REQUEST:
            raise _for_people(name, error) from error
        raise
    return answer


def _for_people(name: str, error: InputError) -> InputError:
    """A value that no request takes, said to who typed it: they know the command, not the request."""
    said = error.message.removeprefix(f"{name}: ")
    place, _, fault = said.partition(": ")
    listed = LISTED_BY.get(place.rpartition(".")[2])
    named = place.replace("_", " ").replace(".", " ")
    remedy = "Write it so; the --help of the command says what each value is."
    if listed is not None:
        remedy = f"`cartrail {listed}` lists those there are."
    return InputError(f"{named[:1].upper()}{named[1:]}: {fault}", remedy=remedy, code=error.code)


def tell_answer(
    session: CommandSession,
    tracker: Tracker,
    answer: Answer,
    *,
    more: Mapping[str, str] | None = None,
    told: Told | None = None,
) -> None:
    """Print what was recorded; raises the problem of an answer that is not ok.

    With `--json` it is one object, with `more` in it: what the command alone knows. Else it is what the entry
    says, or `told` where the command says it better.
    """
    if session.as_json:
        print_json({**answer.to_json(), **(more or {})})
    if answer.problem is not None:
        raise error_of(answer.problem)
    first = answer.entries[0]
    say(f"Recorded as entry {first.sequence} of {first.chain}.")
    for one in answer.notices:
        say(f"{one.message} {one.remedy}")
    if not session.as_json:
        print_rows(recorded_rows(tracker, answer) if told is None else told(answer))
