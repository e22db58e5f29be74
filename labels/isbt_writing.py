"""ISBT 128 content for a label: what is known of a container as the one message its Data Matrix carries."""

from __future__ import annotations

from datetime import datetime

from labels.containers import din_text
from labels.isbt.message import parse_isbt
from labels.isbt.values import parse_coi
from schema.errors import BadCode, InputError

_FIRST_YEAR, _LAST_YEAR = 2000, 2099
"""The years that the one digit of a century in ISBT 128 dates is used for here (ST-001 2.4.5)."""


def is_din(text: str) -> bool:
    """Whether a text is a donation identification number without its flag."""
    return din_text(text)[0] != ""


def isbt_message(
    *, din: str, product_code: str | None = None, expires: datetime | None = None, coi: str | None = None
) -> str:
    """A donation number alone, or a compound message with what else is known (ST-001 2.4.23).

    `expires` is the local time of the facility that labels it; a CoI identifier of another form is left out.
    """
    if not is_din(din):
        raise InputError(f"{din[:20]} is no donation identification number of 13 characters.")
    parts = [f"={din}00"]
    if product_code is not None:
        parts.append(f"=<{product_code}")
    if expires is not None:
        if not _FIRST_YEAR <= expires.year <= _LAST_YEAR:
            raise InputError(f"ISBT 128 has no expiry in the year {expires.year}.")
        parts.append(f"&>0{expires:%y%j%H%M}")
    if coi is not None and _is_coi(coi):
        parts.append(f"&/{coi}")
    text = parts[0] if len(parts) == 1 else f"=+{len(parts):02}000" + "".join(parts)
    if parse_isbt(text) is None:
        raise InputError(f"{text} is no ISBT 128 message.")
    return text


def _is_coi(text: str) -> bool:
    try:
        parse_coi(text)
    except BadCode:
        return False
    return True
