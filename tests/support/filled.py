"""Payloads made from their classes, every field with a value of its own: what a view drops is seen."""

from __future__ import annotations

import base64
import hashlib
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import count
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, TypeAdapter, ValidationError

from schema.commitments import Commitment, Opening
from schema.errors import CartrailError
from schema.events.base import Payload

ALPHABET = "23456789BCDEFGHJKLNPRSTUVX"
START = datetime(2026, 3, 1, 4, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Leaf:
    """One value in a payload: the class and field it stands in, and the value itself."""

    owner: str
    name: str
    value: object
    listed: bool = False
    """Whether it is one of several under that name."""


@dataclass
class Filler:
    """Fills payloads; no value is given twice, but for enumerations, small counts and truth."""

    openings: dict[str, Opening] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(10_001))

    def payload(self, kind: type[Payload]) -> Payload:
        """A payload of a class with every field given, its lists with two items where they may."""
        return kind.model_validate(self._fields(kind))

    def _fields(self, model: type[BaseModel]) -> dict[str, object]:
        hints = get_type_hints(model, include_extras=True)
        return {
            name: self._value(_with_limits(hints[name], info.metadata), 0)
            for name, info in model.model_fields.items()
        }

    def _value(self, hint: Any, place: int) -> object:
        plain = _plain(hint)
        if get_origin(plain) in (Union, types.UnionType):
            return self._value(_with_limits(_first_given(plain), _metadata(hint)), place)
        if get_origin(plain) is tuple:
            return self._several(hint, get_args(plain)[0])
        if plain is Commitment:
            return self.commitment(f"committed words {next(self.numbers)}")
        if isinstance(plain, type) and issubclass(plain, BaseModel):
            return plain.model_validate(self._fields(plain))
        if isinstance(plain, type) and issubclass(plain, StrEnum):
            return list(plain)[-1 - place]
        if plain is bool:
            return True
        return self._scalar(hint, plain)

    def commitment(self, words: str) -> Commitment:
        """A commitment whose opening is kept."""
        opening = Opening("remark", words, hashlib.sha256(words.encode()).digest())
        self.openings[opening.commitment] = opening
        return Commitment(commitment=opening.commitment)

    def _several(self, hint: Any, item: Any) -> tuple[object, ...]:
        found = tuple(self._value(item, place) for place in range(2))
        if _fits(hint, found):
            return found
        # What has one for each day of the week takes no fewer.
        week = (*found, *(self._value(item, 0) for _ in range(5)))
        return week if _fits(hint, week) else found[:1]

    def _scalar(self, hint: Any, plain: object) -> object:
        number = next(self.numbers)
        if plain is datetime or get_origin(plain) is datetime:
            return START + timedelta(hours=number)
        candidates = (number, number % 90 + 10, number % 3 + 1) if plain is int else _texts(number)
        return next(one for one in candidates if _fits(hint, one))


def leaves(value: BaseModel) -> Iterator[Leaf]:
    """Every value in a payload at any depth, commitments whole."""
    for name in type(value).model_fields:
        yield from _leaves(Leaf(type(value).__name__, name, getattr(value, name)))


def _leaves(one: Leaf) -> Iterator[Leaf]:
    if isinstance(one.value, tuple):
        for item in one.value:
            yield from _leaves(Leaf(one.owner, one.name, item, listed=True))
    elif isinstance(one.value, BaseModel) and not isinstance(one.value, Commitment):
        yield from leaves(one.value)
    elif one.value is not None:
        yield one


def _texts(number: int) -> Iterator[str]:
    """What a text may look like, the freest first."""
    digest = hashlib.sha256(str(number).encode())
    yield from (
        f"Words {number}",
        f"words-{number}",
        f"WORDS-{number}",
        f"words_{number}",
        f"{number}.5",
        f"{number % 90 + 10}.5",
    )
    letters = ALPHABET[number // 26 % 26] + ALPHABET[number % 26]
    yield from (f"{kind}D2345678{letters}"[:11] for kind in "UCKPLSBDEGF")
    yield from (digest.hexdigest(), digest.hexdigest()[:16], base64.b64encode(digest.digest()).decode())
    yield f"01a07cec-f478-7ea1-b2c3-{number:012}"
    yield from (
        f"2026-02-{number % 28 + 1:02}",
        "Asia/Kolkata",
        "+05:30",
        f"{number % 24:02}:{number % 60:02}",
    )
    yield from (f"{number:018}", f"{number:014}")
    yield f"{chr(ord('A') + number % 26)}{number % 99 + 1}"
    yield f"SITE-{number}/THING"
    yield from (f"cartrail/demo/{digest.hexdigest()[:16]}", letters, letters[-1], "A", "")


def _with_limits(hint: Any, metadata: Any) -> Any:
    """The hint with what its field says besides, such as the least length of a tuple."""
    for one in metadata:
        hint = Annotated[hint, one]
    return hint


def _plain(hint: Any) -> Any:
    return get_args(hint)[0] if hasattr(hint, "__metadata__") else hint


def _metadata(hint: Any) -> Any:
    return getattr(hint, "__metadata__", ())


def _first_given(union: Any) -> Any:
    """The part of a union that is something; of a text or a commitment the text."""
    return next(part for part in get_args(union) if part is not type(None))


def _fits(hint: Any, value: object) -> bool:
    try:
        TypeAdapter(hint).validate_python(value)
    except (ValidationError, CartrailError):
        return False
    return True
