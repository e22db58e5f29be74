"""Events of the chain `registry` about blank labels: coded beforehand and issued in counted sets."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from schema.events.base import FormId, Payload, ShortName, UnitId, WholeNumber
from schema.vocabulary import Material


class LabelStockIssued(Payload):
    """A set of blank labels was printed and issued to a site; none of them stands for anything yet."""

    kind: ClassVar[str] = "label_stock_issued"
    set: FormId
    site: ShortName
    material: Material
    units: tuple[UnitId, ...] = Field(min_length=1, max_length=200)
    count: WholeNumber = Field(ge=1, le=200)


class LabelStockDestroyed(Payload):
    """Two people counted blank labels that nobody will use and destroyed them."""

    kind: ClassVar[str] = "label_stock_destroyed"
    set: FormId
    site: ShortName
    units: tuple[UnitId, ...] = Field(min_length=1, max_length=200)
    count: WholeNumber = Field(ge=1, le=200)
