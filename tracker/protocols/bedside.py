"""What a protocol asks for at the bed: certificate, what is confirmed, order of components, watch after."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from schema.events.base import Word
from schema.events.identity import CONFIRMED_MAX
from tracker.protocols.parts import ProtocolPart, Sourced, Title
from tracker.protocols.spans import ShelfLife

ProductCode = Annotated[str, Field(pattern=r"^[0-9]{4,5}-[0-9]{3,4}-[0-9]{1,2}$|^[0-9]{14}$")]
"""A national drug code with its hyphens, or a GTIN of fourteen digits."""


class Component(Sourced):
    """One of several products that make up a dose, such as CD8 and CD4; its source also says the order."""

    name: Word
    title: Title
    product_codes: tuple[ProductCode, ...] = ()
    """What stands on its carton and says which of them it is."""


class LabelSays(Sourced):
    """What the label says for the people at the bed, as one line."""

    text: Title


class Bedside(ProtocolPart):
    """What is read and confirmed at both matches, beside patient and container, and what is given first."""

    certificate: bool = False
    """Whether the certificate of the release is scanned at them."""

    compare_product_code: bool = False
    """Whether the product code on the carton is scanned before the thaw."""

    confirm: tuple[Word, ...] = Field(default=(), max_length=CONFIRMED_MAX)
    """What has to be confirmed before the thaw, in this order."""

    components: tuple[Component, ...] = ()
    order: tuple[Word, ...] = ()
    """The components in the order in which they are given: each after all of the one before."""

    filter: LabelSays | None = None
    """What the label says of filters."""

    rate: LabelSays | None = None
    """How fast it is given."""

    def component(self, name: str | None) -> Component | None:
        """A component by its word."""
        return next((one for one in self.components if one.name == name), None)

    def component_of_code(self, code: str) -> Component | None:
        """The component that a product code names, however it is written; None for no code of these."""
        wanted = product_digits(code)
        for one in self.components:
            if wanted in map(product_digits, one.product_codes):
                return one
        return None


class Watch(Sourced):
    """How long a label has a patient looked after once the cells are in, in one region."""

    region: Word
    label: Title
    """Which edition of the label says it."""

    first_week: Title | None = None
    """How often the patient is looked at in the first week, as the label says it."""

    at_least: ShelfLife
    """From the end of the infusion."""

    near: ShelfLife | None = None
    """How long the patient stays near the treatment center."""


_NDC_DIGITS = 10
_GTIN_DIGITS = 14


def product_digits(code: str) -> str:
    """The digits by which two writings of a product code are the same: a GTIN of a drug holds its NDC."""
    text = code.strip().removeprefix("(01)")
    if text[:2] == "01" and text[:16].isdigit() and len(text) >= _GTIN_DIGITS + 2:
        text = text[2:]
    digits = "".join(char for char in text[:_GTIN_DIGITS] if char.isdigit())
    if len(digits) == _GTIN_DIGITS and digits[1:3] == "03":
        return digits[3 : 3 + _NDC_DIGITS]
    return digits


def bedside_findings(bedside: Bedside) -> Iterator[str]:
    """Every word that nothing describes, and every comparison that nothing can answer."""
    names = [one.name for one in bedside.components]
    for name in sorted({one for one in names if names.count(one) > 1}):
        yield f"bedside: there are two components {name}."
    for name in bedside.order:
        if name not in names:
            yield f"bedside: {name} in order is a component that is described nowhere."
    codes = [product_digits(code) for one in bedside.components for code in one.product_codes]
    for code in sorted({one for one in codes if codes.count(one) > 1}):
        yield f"bedside: the product code {code} stands for two components."
    for one in bedside.components if bedside.compare_product_code else ():
        if not one.product_codes:
            yield f"bedside: component {one.name} has no product code to compare."
    if bedside.compare_product_code and not bedside.components:
        yield "bedside: compare_product_code needs components with their product codes."
