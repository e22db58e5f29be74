"""Import this before a test starts a terminal: what one has read of its style sheets the next ones share.

To read them takes a third of what a terminal takes to start, and the tests start some six hundred.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

_PARSE_RULES = Stylesheet._parse_rules


@cache
def _known(variables: frozenset[tuple[str, str]]) -> dict[tuple[object, ...], list[RuleSet]]:
    """The rules of each text that was read with these colors."""
    del variables
    return {}


def _parsed_once(self: Stylesheet, *given: Any, **named: Any) -> list[RuleSet]:
    known = _known(frozenset(self._variables.items()))
    key = (*given, *sorted(named.items()))
    if key not in known:
        known[key] = _PARSE_RULES(self, *given, **named)
    return known[key]


Stylesheet._parse_rules = _parsed_once  # type: ignore[method-assign]
