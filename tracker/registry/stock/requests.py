"""Requests about blank labels: issued to a site in counted sets, destroyed by two."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from schema.events import stock as events
from schema.events.base import FormId, ShortName, UnitId, WholeNumber
from schema.vocabulary import Material
from tracker.registry.requests import RegistryRequest
from tracker.requests.base import PayloadClass
from tracker.requests.fields import object_id_of

BlankCode = Annotated[UnitId, BeforeValidator(object_id_of)]
"""A blank label by its printed code or its id."""


class IssueLabelStock(RegistryRequest):
    """Issue a set of blank labels."""

    name: ClassVar[str] = "issue_label_stock"
    summary: ClassVar[str] = "Issue a counted set of blank labels, coded beforehand, to a site."
    records: ClassVar[PayloadClass] = events.LabelStockIssued
    set: FormId | None = Field(default=None, description="drawn when not given")
    site: ShortName
    material: Material
    units: tuple[BlankCode, ...] = Field(min_length=1, max_length=200)
    count: WholeNumber = Field(ge=1, le=200, description="counted by hand; it must equal the units named")


class DestroyLabelStock(RegistryRequest):
    """Destroy blank labels that nobody will use."""

    name: ClassVar[str] = "destroy_label_stock"
    summary: ClassVar[str] = "Two people count blank labels of one set, each scanned, and destroy them."
    records: ClassVar[PayloadClass] = events.LabelStockDestroyed
    units: tuple[BlankCode, ...] = Field(min_length=1, max_length=200)
    count: WholeNumber = Field(ge=1, le=200, description="counted by hand; it must equal what was scanned")
