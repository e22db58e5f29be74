"""Contents as the plain data that the Typst templates print: words, symbols and stock in millimeters."""

from __future__ import annotations

from dataclasses import fields
from typing import Final

from labels.content import (
    CommandCard,
    Content,
    DowntimeForm,
    EquipmentLabel,
    HandoffSlip,
    Label,
    ScannerCard,
    UnitLabel,
)
from labels.design import Design, Layout, design, size_of
from labels.isbt.values import din_text
from labels.paged import PAGED, SLIP_SIZE, drawn, drawn_code, paged_sheet
from labels.papers.slip import COPIES
from labels.symbols import Symbol, data_matrix, symbol
from labels.wording import banner
from schema.canonical import Json
from schema.errors import InputError
from schema.identifiers import parse_printed
from schema.vocabulary import ObjectType

Sheet = dict[str, Json]

NEVER_LEFT_OUT: Final = ("patient_lines", "statements", "write_ins", "isbt")
"""A layout without room for one of these refuses a content that has it, and is not printed without it."""

_HEADINGS: Final = {
    ObjectType.BOX: "BOX OR SHIPPER",
    ObjectType.SHIPMENT: "SHIPMENT",
    ObjectType.DATA_LOGGER: "DATA LOGGER",
    ObjectType.FORM: "FORM",
}


def sheet(content: Content, stock: str | None = None) -> Sheet:
    """The data of one content: its kind, stock, banner, words and symbols."""
    purpose: Sheet = {"purpose": content.purpose.value, "banner": banner(content.purpose)}
    if isinstance(content, PAGED):
        return {**purpose, **paged_sheet(content, stock)}
    layout = layout_of(content, stock)
    wide, high = _dimensions(layout)
    shown = {element.field for region in layout.regions for element in region.elements}
    shown |= {place.field for place in layout.symbols}
    words = {name: value for name, value in _words(content).items() if name in shown}
    return {"kind": content.design, "width": wide, "height": high, **purpose, **words}


def layout_of(content: Label, stock: str | None = None) -> Layout:
    """The layout for a stock, the usual one where none is named; InputError where there is none."""
    plan = design(content.design)
    wanted = stock or plan.stocks[0]
    values = _written(content, plan)
    fitting = [
        layout
        for layout in plan.layouts
        if layout.stock == wanted and (layout.when is None or values.get(layout.when))
    ]
    if not fitting:
        raise InputError(
            f"The {content.name} has no layout for {wanted}.",
            remedy=f"Print it on {' or '.join(plan.stocks)}.",
            code="wrong_stock",
        )
    layout = fitting[0]
    shown = {element.field for region in layout.regions for element in region.elements}
    shown |= {place.field.removesuffix("_symbol") for place in layout.symbols}
    missing = [name for name in NEVER_LEFT_OUT if values.get(name) and name not in shown]
    if missing:
        raise InputError(
            f"The {content.name} on {wanted} has no room for its {missing[0].replace('_', ' ')}.",
            remedy="Print it on larger stock: " + ", ".join(plan.stocks) + ".",
            code="wrong_stock",
        )
    return layout


def usual_size(kind: str) -> tuple[float, float]:
    """Width and height of a kind of paper in millimeters, on its usual stock."""
    return SLIP_SIZE if kind == "slip" else size_of(design(kind).stocks[0])


def pages_of(content: Content) -> int:
    """How many pages one content prints on at least; only a slip has a second copy."""
    return len(COPIES) if isinstance(content, HandoffSlip) else 1


def symbol_texts(content: Content) -> tuple[str, ...]:
    """Every text that stands on one copy of the paper as a symbol."""
    if isinstance(content, (CommandCard, ScannerCard)):
        return tuple(code for _, code, _ in content.codes)
    if isinstance(content, DowntimeForm):
        return content.codes
    if isinstance(content, HandoffSlip):
        head = () if content.head_code is None else (content.head_code,)
        return (content.box_code, *(therapy.receipt for therapy in content.therapies), *head)
    isbt = (content.isbt,) if isinstance(content, UnitLabel) and content.isbt else ()
    return (content.code, *isbt)


def symbols_of(content: Label) -> dict[str, Symbol]:
    """The symbols that a layout places, by the field it names them with."""
    if isinstance(content, (CommandCard, ScannerCard)):
        return {}
    found = {"symbol": symbol(content.code)}
    if isinstance(content, UnitLabel) and content.isbt:
        found["isbt_symbol"] = data_matrix(content.isbt)
    return found


def _dimensions(layout: Layout) -> tuple[int, int]:
    width, height = size_of(layout.stock)
    return int(width), int(height)


def _written(content: Label, plan: Design) -> Sheet:
    """What the content says, with the statements of its stage and boxes for what nobody knew."""
    values: Sheet = {field.name: getattr(content, field.name) for field in fields(content)}
    if "statements" in values:
        own = _texts(values["statements"])
        values["statements"] = (*(line for line in plan.statements if line not in own), *own)
    if "write_ins" in values or plan.write_ins:
        asked = _texts(values.get("write_ins", ()))
        more = [name for name in asked if name not in plan.write_ins.values()]
        unknown = [box for field, box in plan.write_ins.items() if not values[field]]
        values["write_ins"] = (*unknown, *more)
    return values


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, tuple) else ()


def _words(content: Label) -> Sheet:
    plan = design(content.design)
    words = _written(content, plan)
    words["heading"] = plan.heading
    if isinstance(content, (CommandCard, ScannerCard)):
        return words | {"codes": _cards(content)}
    if isinstance(content, EquipmentLabel):
        object_type = parse_printed(content.code).object_type
        words["heading"] = _HEADINGS[object_type] if object_type is not None else ""
    number, check = din_text(str(words.get("din", "")))
    words["din"] = {"number": number, "check": check} if number else ""
    words["object"] = parse_printed(content.code).object_id
    return words | {name: drawn(found) for name, found in symbols_of(content).items()}


def _cards(content: CommandCard | ScannerCard) -> list[Json]:
    if isinstance(content, CommandCard):
        return [
            {"name": name, "code": code, "symbol": drawn_code(code), "meaning": meaning}
            for name, code, meaning in content.codes
        ]
    return [
        {"name": name, "code": "", "symbol": drawn(symbol(text), printable), "meaning": printable}
        for name, text, printable in content.codes
    ]
