"""The option that says how the wristband numbers of a site look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from schema.events.registry import WristbandRule
from schema.wristbands import EXAMPLE, FORM, wristband_rule

Wristband = Annotated[
    list[str] | None,
    typer.Option(
        metavar=FORM,
        help=f"How its wristband numbers look, as {EXAMPLE}, # for each further one; may be given again.",
    ),
]


def wristband_rules(texts: Sequence[str] | None) -> tuple[WristbandRule, ...]:
    """The rules of a site, in the order in which they are given."""
    return tuple(wristband_rule(text) for text in texts or ())
