"""How the wristband numbers of a site look, as a person writes it: one picture for each kind of number."""

from __future__ import annotations

import re
from typing import Final

from schema.errors import InputError
from schema.events.registry import WristbandRule

FORM: Final = "ISSUER/TYPE=PICTURE"
EXAMPLE: Final = "HOSPITAL-A/hospital_number=H-######"
LENGTH_MAX: Final = 40
_RULE: Final = re.compile(
    r"(?P<issuer>[A-Z0-9-]{2,16})/(?P<type>[a-z0-9][a-z0-9_.-]{0,63})=(?P<prefix>[A-Z0-9-]{0,10})(?P<rest>#+)",
    re.ASCII,
)


def wristband_rule(text: str) -> WristbandRule:
    """The rule of one picture: a fixed beginning, and # for each character after it.

    Raises InputError for a picture that says nothing of whose number it is or how long it is.
    """
    found = _RULE.fullmatch(text.strip())
    length = len(found["prefix"]) + len(found["rest"]) if found else 0
    if found is None or length > LENGTH_MAX:
        raise InputError(
            f'"{text.strip()[:60]}" does not say how a wristband number looks.',
            remedy=f"Write {FORM} as {EXAMPLE}: # for each further character, {LENGTH_MAX} at most in all.",
            code="no_wristband_rule",
        )
    return WristbandRule(issuer=found["issuer"], type=found["type"], prefix=found["prefix"], length=length)


def picture(rule: WristbandRule) -> str:
    """A rule as it is written."""
    return f"{rule.issuer}/{rule.type}={rule.prefix}{'#' * (rule.length - len(rule.prefix))}"
