"""What every table of a protocol file is made of: texts that people see, and figures with their source."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, Strict, ValidationInfo, model_validator

from labels.wording import check_printable
from schema.events import base

_SEEN_MIN, _SEEN_MAX = date(1990, 1, 1), date(2099, 12, 31)


def _readable(value: str, info: ValidationInfo) -> str:
    """A text that people see and no hidden character turns around; raises ValueError or UnprintableText."""
    if not value.strip():
        raise ValueError("the text is blank")
    check_printable(value, (info.field_name or "text").replace("_", " "))
    return value


Title = Annotated[base.Title, AfterValidator(_readable)]


class ProtocolPart(base.Value):
    """A table of a protocol file; a list of words in it names none of them twice."""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for name in self.model_fields_set:
            given = getattr(self, name)
            words = [one for one in given if isinstance(one, str)] if isinstance(given, tuple) else []
            doubled = next((one for one in words if words.count(one) > 1), None)
            if doubled is not None:
                raise ValueError(f"{name} names {doubled} twice")
        return self


SeenDay = Annotated[date, Strict(), Field(ge=_SEEN_MIN, le=_SEEN_MAX)]


class Verified(StrEnum):
    """How a figure's source was looked at."""

    READ = "read"
    """Somebody read it where it says so."""

    SECONDARY = "secondary"
    """It was read in a text about the source."""

    CONFLICT = "conflict"
    """Sources disagree."""

    UNVERIFIED = "unverified"
    """Nobody has looked, or nothing was found."""


class Sourced(ProtocolPart):
    """A figure of a protocol with where it comes from."""

    source: Title
    seen: SeenDay | None = None
    """The day the source was looked at."""

    verified: Verified = Verified.UNVERIFIED
