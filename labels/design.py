"""The layouts of labels: which elements stand where on which stock, read from labels/designs and checked.

A design is a TOML file. Lengths are millimeters from the top left corner, letters are in points.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from labels.errors import RendererFault
from labels.symbols import QUIET
from schema.errors import InputError

DESIGNS: Final = Path(__file__).parent / "designs"
QR_SIDE: Final = 21 + 2 * QUIET
"""Modules along one side of a printed code's symbol, quiet zone included."""

PAPERS: Final = {"A4": (210, 297), "Letter": (215.9, 279.4), "A5": (148, 210)}
_STOCK: Final = re.compile(r"([1-9][0-9]{1,2})x([1-9][0-9]{1,2})")


def size_of(stock: str) -> tuple[float, float]:
    """Width and height of a stock such as `100x75`, or of a paper such as `A4`."""
    match = _STOCK.fullmatch(stock)
    if match is not None:
        return int(match.group(1)), int(match.group(2))
    if stock in PAPERS:
        return PAPERS[stock]
    raise ValueError(f"{stock} is not a stock: write millimeters as 100x75, or {', '.join(PAPERS)}")


def _stock(text: str) -> str:
    size_of(text)
    return text


Stock = Annotated[str, AfterValidator(_stock)]
Length = Annotated[float, Field(ge=0, le=300)]
Points = Annotated[float, Field(ge=4, le=40)]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class _Value(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Element(_Value):
    """One thing in a region; what is empty in the content takes no room."""

    show: Literal[
        "text", "lines", "statements", "named", "code", "id", "din", "write-ins", "fixed", "arrows", "cards"
    ]
    field: Word = "code"
    caption: str = ""
    size: Points = 8
    bold: bool = False
    boxed: bool = True
    columns: int = Field(default=2, ge=1, le=8)
    label_width: Length = 15
    height: Length = 12
    module: Length = 1.25
    align: Literal["left", "center", "right"] = "left"


class Region(_Value):
    """A rectangle that its elements must fit into, one under the other."""

    name: str = Field(pattern=r"^[a-z][a-z -]{0,31}$")
    x: Length
    y: Length
    width: Length
    height: Length
    gap: Length = 1.2
    elements: tuple[Element, ...] = Field(min_length=1)


class SymbolPlace(_Value):
    """Where a symbol stands, and how wide one of its modules is."""

    field: Literal["symbol", "isbt_symbol", "waybill_symbol", "sscc_symbol"] = "symbol"
    x: Length
    y: Length
    module: Length
    side: Length = 0
    """The most room a symbol of varying size may take; 0 for the code, whose size is always the same."""

    height: Length = 0
    """How high bars are; 0 for every other symbol, which is square."""


class Layout(_Value):
    """One stock of a design. `when` names a field that must not be empty for this layout to be taken."""

    stock: Stock
    banner: Length = 0
    """The height of the bar at the top that says what the store is for."""
    when: Word | None = None
    symbols: tuple[SymbolPlace, ...] = ()
    regions: tuple[Region, ...] = Field(min_length=1)

    @property
    def fields(self) -> frozenset[str]:
        """Every field that has a place on it, symbols included."""
        shown = (element.field for region in self.regions for element in region.elements)
        return frozenset((*shown, *(place.field for place in self.symbols)))

    @model_validator(mode="after")
    def _inside(self) -> Self:
        """Every region and symbol lies on the stock, below the banner."""
        width, height = size_of(self.stock)
        places = [(each.name, each.x, each.y, each.width, each.height) for each in self.regions]
        for place in self.symbols:
            side = place.side or QR_SIDE * place.module
            places.append((place.field, place.x, place.y, side, place.height or side))
        for name, x, y, wide, high in places:
            if x + wide > width + 0.01 or y + high > height + 0.01 or y < self.banner - 0.01:
                raise ValueError(f"{name} does not lie on {self.stock} below its banner")
        return self


class Design(_Value):
    """What one kind of label or card is called, says of itself and looks like on each stock."""

    form: Literal[1]
    name: str = Field(pattern=r"^[a-z][a-z-]{1,31}$")
    title: str
    heading: str = ""
    """A line that stands on every label of the design."""
    statements: tuple[str, ...] = ()
    """Statements that the stage demands; the content's own come after them, none twice."""
    write_ins: dict[Word, str] = Field(default_factory=dict)
    """By field, the box that is printed in its place when nobody knew it."""
    boxes: tuple[str, ...] = ()
    """Boxes to write into that stand on every label, after those for what nobody knew."""
    layouts: tuple[Layout, ...] = Field(min_length=1)

    @property
    def stocks(self) -> tuple[str, ...]:
        """The stocks it can be printed on, the usual one first."""
        return tuple(dict.fromkeys(layout.stock for layout in self.layouts))


def design(name: str) -> Design:
    """The layouts of a label, read and checked; raises InputError for a name without a file."""
    if name not in design_names():
        raise InputError(
            f"There is no layout labels/designs/{name}.toml.",
            remedy=f"Take one of {', '.join(design_names())}.",
        )
    return _loaded(name)


@lru_cache(maxsize=1)
def design_names() -> tuple[str, ...]:
    """Every design that is shipped, in order of name."""
    return tuple(sorted(path.stem for path in DESIGNS.glob("*.toml")))


@lru_cache(maxsize=64)
def _loaded(name: str) -> Design:
    """A design from its file; `base` takes over everything that the file itself does not say."""
    try:
        data = tomllib.loads((DESIGNS / f"{name}.toml").read_text(encoding="utf-8"))
        base = data.pop("base", None)
        # The layouts of the file come first, for theirs are the special ones.
        if base is not None:
            whole = _loaded(base).model_dump(exclude_defaults=True)
            data = whole | data | {"layouts": (*data.get("layouts", ()), *whole["layouts"])}
        found = Design.model_validate(data)
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise RendererFault(f"The label design {name} cannot be used: {error}") from error
    if found.name != name:
        raise RendererFault(f"The label design {name} calls itself {found.name}.")
    return found
