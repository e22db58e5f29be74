"""What a request names without a scan: an earlier event, or an id that something new is to have."""

from __future__ import annotations

from collections.abc import Mapping

from schema.entry import Statement, read_entry
from schema.errors import InputError
from tracker.ledger.transaction import Transaction
from tracker.requests.base import Request
from tracker.therapy.identity.requests import Correct, Enroll, RegisterUnit
from tracker.therapy.paperwork.requests import IssueForm


def named_statements(transaction: Transaction, request: Request) -> Mapping[str, Statement]:
    """Earlier statements that the request is about, by event id."""
    if not isinstance(request, Correct):
        return {}
    body = transaction.body_of_event(request.event)
    return {} if body is None else {request.event: read_entry(body).statement}


def require_free(transaction: Transaction, request: Request) -> None:
    """Raise InputError for an object id that a request gives and the store already has."""
    given = (
        request.unit
        if isinstance(request, RegisterUnit)
        else request.coi
        if isinstance(request, Enroll)
        else request.form
        if isinstance(request, IssueForm)
        else None
    )
    if given is not None and transaction.code(given) is not None:
        raise InputError(f"{given} already stands for something in this store.", remedy="Leave the id out.")
