"""The order in which several containers of a dose are given, and which component is in the hand."""

from __future__ import annotations

from collections.abc import Iterator

from schema.events.identity import PreThawMatched
from schema.events.processing import InfusionStarted
from tracker.protocols.bedside import Bedside
from tracker.requests.base import Scan
from tracker.rules.attempt import Attempt
from tracker.rules.decision import Violation
from tracker.rules.dosing import GIVEN_FROM
from tracker.rules.therapy_state import TherapyState, UnitState


def component_of(therapy: TherapyState, unit: UnitState) -> str | None:
    """The component in a container, or in what it was drawn from."""
    behind = (therapy.unit(name) for name in sorted(therapy.lineage(unit.unit)))
    found = (one.component for one in behind if one is not None and one.component is not None)
    return unit.component or next(found, None)


def drawn_from(therapy: TherapyState, unit: UnitState) -> bool:
    """Whether its cells are in another container by now, so that what is left of it is only destroyed."""
    return any(unit.unit in one.parents for one in therapy.units.values() if one.material in GIVEN_FROM)


def component_order(attempt: Attempt, unit: UnitState) -> Iterator[Violation]:
    """A component is given when nothing of the one before it is left to give."""
    order = attempt.protocol.bedside.order
    therapy = attempt.therapy
    own = component_of(therapy, unit)
    if attempt.kind != InfusionStarted.kind or own not in order:
        return
    before = order[: order.index(own)]
    for other in therapy.open_units():
        if other.material not in GIVEN_FROM or drawn_from(therapy, other):
            continue
        first = component_of(therapy, other)
        if first in before:
            yield Violation(
                "component_order",
                f"{_title(attempt.protocol.bedside, own)} is given only after all of "
                f"{_title(attempt.protocol.bedside, first)} is in; {other.unit} has not ended.",
                f"Give {other.unit} first, or destroy it before a witness.",
            )
            return


def product_code(attempt: Attempt, unit: UnitState) -> Iterator[Violation]:
    """The code on the carton against the component that the record has for the container."""
    bedside = attempt.protocol.bedside
    if attempt.kind != PreThawMatched.kind or not bedside.compare_product_code:
        return
    own, scan = component_of(attempt.therapy, unit), attempt.request.given("product_code")
    if not isinstance(scan, Scan):
        yield Violation(
            "product_code_missing",
            f"The product code on the carton of {attempt.subject} was not read.",
            "Scan the code on the carton, or type its NDC with the hyphens.",
            field="product_code",
        )
        return
    text = attempt.situation.resolve(scan).text
    read = bedside.component_of_code(text)
    if read is None or read.name != own:
        what = "no component of this product" if read is None else read.title
        yield Violation(
            "wrong_component",
            f"The carton is that of {what}; {unit.unit} is {_title(bedside, own)}.",
            "Put the carton back, take the one of this line, and look at the container in it.",
            field="product_code",
            compared="product code",
            expected=_title(bedside, own),
            read=text,
            carrier="carton",
        )


def _title(bedside: Bedside, name: str | None) -> str:
    known = bedside.component(name)
    return "a container without component" if known is None else known.title
