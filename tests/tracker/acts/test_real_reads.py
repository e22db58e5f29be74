"""In a store where something really happens nothing was read off a training tray, wherever a read stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from schema.errors import Refusal
from schema.vocabulary import Purpose, ReadMode
from tracker.acts.intake import require_read
from tracker.catalog import requests
from tracker.requests.base import Request


def planted(annotation: Any) -> Iterator[Any]:
    """Values of a type, each with one simulated read in another of the places where one can stand."""
    if isinstance(annotation, type) and issubclass(annotation, ReadMode):
        yield ReadMode.SIMULATED
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            for value in planted(field.annotation):
                yield annotation.model_construct(**{**dict.fromkeys(annotation.model_fields), name: value})
    else:
        for part in get_args(annotation):
            for value in planted(part):
                is_list = getattr(annotation, "__origin__", None) is tuple
                yield (value,) if is_list else value


EVERY = [(name, kind) for name, kind in requests().items() if any(True for _ in planted(kind))]


def test_every_request_is_asked() -> None:
    """The requests in which something is read are most of them, and the scanner test is one."""
    assert len(EVERY) > 60
    assert {"check_scanner", "apply_label", "identify_patient", "enroll"} <= {name for name, _ in EVERY}


@pytest.mark.parametrize(("name", "kind"), EVERY, ids=[name for name, _ in EVERY])
def test_a_simulated_read_is_refused_wherever_it_stands(name: str, kind: type[Request]) -> None:
    """Given a request with one read that nobody made, a production store refuses it; a demo takes it."""
    for request in planted(kind):
        with pytest.raises(Refusal) as refused:
            require_read(request, Purpose.PRODUCTION)
        assert refused.value.code == "simulated_read", name
        require_read(request, Purpose.DEMO)
