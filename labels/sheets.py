"""Contents as the plain data that the Typst templates print: words, symbols and stock in millimeters."""

from __future__ import annotations

from typing import Final

from labels.content import FIELDS, Content, LabelContent
from labels.design import PAPERS, Design, Layout, design, size_of
from labels.isbt.values import din_text
from labels.kinds import CardCode
from labels.papers.downtime import (
    CONDITIONS,
    FORM_PAPERS,
    NO_FORM_HEAD,
    RULES,
    SIDES,
    DowntimeForm,
    FormStep,
)
from labels.papers.packing_list import COLUMNS, NO_PATIENT, PACKING_PAPERS, SIGNED_BY, PackingList
from labels.papers.slip import (
    COPIES,
    INK_FIELDS,
    LEFT_WITH_SOMEBODY,
    NO_HEAD,
    HandoffSlip,
    SlipSignature,
)
from labels.symbols import Symbol, bars, data_matrix, symbol
from labels.wording import banner
from schema.canonical import Json
from schema.errors import InputError
from schema.identifiers import parse_printed
from schema.vocabulary import ObjectType

Sheet = dict[str, Json]

NEVER_LEFT_OUT: Final = ("patient_lines", "statements", "write_ins", "isbt", "waybill", "sscc")
"""A layout without room for one of these refuses a label that has it, and is not printed without it."""

_HEADINGS: Final = {
    ObjectType.BOX: "BOX OR SHIPPER",
    ObjectType.SHIPMENT: "SHIPMENT",
    ObjectType.DATA_LOGGER: "DATA LOGGER",
    ObjectType.INSTRUMENT: "INSTRUMENT",
    ObjectType.FORM: "FORM",
}
"""Of a design that has no heading of its own, because it is for several types of object."""


def sheet(content: Content, stock: str | None = None) -> Sheet:
    """The data of one content: its kind, stock, banner, words and symbols."""
    purpose: Sheet = {"purpose": content.purpose.value, "banner": banner(content.purpose)}
    if isinstance(content, HandoffSlip):
        return purpose | _slip(content, stock)
    if isinstance(content, DowntimeForm):
        return purpose | _form(content, stock)
    if isinstance(content, PackingList):
        return purpose | _packing_list(content, stock)
    layout = layout_of(content, stock)
    width, height = map(int, size_of(layout.stock))
    shown = layout.fields
    words = {name: value for name, value in _words(content).items() if name in shown}
    return {"kind": content.design, "width": width, "height": height, **purpose, **words}


def layout_of(label: LabelContent, stock: str | None = None) -> Layout:
    """The layout for a stock, the usual one where none is named; InputError where there is none."""
    plan = design(label.design)
    wanted = stock or plan.stocks[0]
    values = _written(label, plan)
    fitting = (
        layout
        for layout in plan.layouts
        if layout.stock == wanted and (layout.when is None or values.get(layout.when))
    )
    layout = next(fitting, None)
    if layout is None:
        raise InputError(
            f"The {label.name} has no layout for {wanted}.",
            remedy=f"Print it on {' or '.join(plan.stocks)}.",
            code="wrong_stock",
        )
    shown = {name.removesuffix("_symbol") for name in layout.fields}
    missing = next((name for name in NEVER_LEFT_OUT if values.get(name) and name not in shown), None)
    if missing is not None:
        raise InputError(
            f"The {label.name} on {wanted} has no room for its {missing.replace('_', ' ')}.",
            remedy="Print it on larger stock: " + ", ".join(plan.stocks) + ".",
            code="wrong_stock",
        )
    return layout


def symbols_of(label: LabelContent) -> dict[str, Symbol]:
    """The symbols that a layout places, by the field it names them with."""
    found = {"symbol": symbol(label.code)} if label.kind.carries else {}
    found |= {"isbt_symbol": data_matrix(label.isbt)} if label.isbt else {}
    others = {"waybill_symbol": label.waybill, "sscc_symbol": label.sscc}
    return found | {name: bars(text) for name, text in others.items() if text}


def _written(label: LabelContent, plan: Design) -> Sheet:
    """What the label says, with the statements of its stage and boxes for what nobody knew."""
    values: Sheet = {name: getattr(label, name) for name in FIELDS}
    own = label.statements
    values["statements"] = (*(line for line in plan.statements if line not in own), *own)
    therapy = ("Therapy",) if label.blank else ()
    unknown = (box for field, box in plan.write_ins.items() if not values[field])
    always = (name for name in plan.boxes if name not in plan.write_ins.values())
    values["write_ins"] = (*therapy, *unknown, *label.asked, *always)
    return values


def _words(label: LabelContent) -> Sheet:
    plan, kind = design(label.design), label.kind
    words = _written(label, plan)
    words["heading"] = plan.heading
    if not kind.carries:
        return words | {"codes": [_card(card) for card in label.cards]}
    printed = parse_printed(label.code)
    if printed.object_type is not None and not plan.heading:
        words["heading"] = _HEADINGS.get(printed.object_type, "")
    number, check = din_text(label.din)
    words["din"] = {"number": number, "check": check} if number else ""
    words |= {"code": label.code, "object": printed.object_id}
    return words | {name: _drawn(found) for name, found in symbols_of(label).items()}


def _card(card: CardCode) -> Sheet:
    alone = card.code or card.meaning
    return {"name": card.name, "code": card.code, "symbol": _code(card.text, alone), "meaning": card.meaning}


def _code(text: str, shown_as: str | None = None) -> Sheet:
    """The QR symbol of a text as a template places it."""
    return _drawn(symbol(text), shown_as)


def _drawn(found: Symbol, shown_as: str | None = None) -> Sheet:
    """A symbol as a template places it; `shown_as` stands for a text with characters that do not print."""
    return {
        "text": found.text if shown_as is None else shown_as,
        "modules": found.size,
        "svg": found.svg(),
    }


def _form(form: DowntimeForm, stock: str | None) -> Sheet:
    paper = stock or FORM_PAPERS[0]
    if paper not in FORM_PAPERS:
        raise InputError(
            f"A downtime form is printed on {' or '.join(FORM_PAPERS)}, not on {stock}.",
            code="wrong_stock",
        )
    # Letter has no whole millimeters, and plain data no fractions.
    width, height = (f"{side:g}" for side in PAPERS[paper])
    return {
        "kind": form.design,
        "width": width,
        "height": height,
        "symbol": _code(form.code),
        "coi": form.coi_code,
        "origin": form.origin,
        "therapy": form.therapy,
        "site": form.site,
        "issued": form.issued,
        "due": form.due,
        "rules": RULES,
        "sides": SIDES,
        "conditions": CONDITIONS,
        "steps": [_step(step) for step in form.steps],
        "head": None if form.head_code is None else _code(form.head_code),
        "no_head": NO_FORM_HEAD,
    }


def _step(step: FormStep) -> Sheet:
    return {
        "title": step.title,
        "who": step.who,
        "where": step.where,
        "offset": step.offset,
        "witness": step.witness,
        "codes": [{"what": one.what, "code": one.code, "free": one.free} for one in step.codes],
        "handoff": step.is_handoff,
        "boxes": step.boxes,
        "choices": [{"what": one.what, "options": one.options} for one in step.choices],
        "limits": step.limits,
    }


def _packing_list(paper: PackingList, stock: str | None = None) -> Sheet:
    size = stock or PACKING_PAPERS[0]
    if size not in PACKING_PAPERS:
        raise InputError(
            f"A packing list is printed on {' or '.join(PACKING_PAPERS)}, not on {stock}.", code="wrong_stock"
        )
    width, height = (f"{side:g}" for side in PAPERS[size])
    return {
        "kind": paper.design,
        "width": width,
        "height": height,
        "symbol": _code(paper.box_code),
        "shipment": paper.shipment,
        "origin": paper.origin,
        "printed_at": paper.printed_at,
        "facts": paper.facts,
        "sender": paper.sender,
        "sender_address": paper.sender_address,
        "receiver": paper.receiver,
        "receiver_address": paper.receiver_address,
        "phones": paper.phones,
        "waybill": _drawn(bars(paper.waybill)) if paper.waybill else None,
        "sscc": _drawn(bars(paper.sscc)) if paper.sscc else None,
        "columns": COLUMNS,
        "units": [
            {
                "coi": one.coi_id,
                "unit": one.unit_id,
                "material": one.material,
                "count": one.count,
                "cassette": one.cassette,
                "volume": one.volume,
                "storage": one.storage,
            }
            for one in paper.units
        ],
        "documents": paper.documents,
        "signed_by": SIGNED_BY,
        "statement": NO_PATIENT,
    }


def _slip(slip: HandoffSlip, stock: str | None) -> Sheet:
    if stock not in (None, "A5"):
        raise InputError(f"A handoff slip is printed on A5, not on {stock}.", code="wrong_stock")
    width, height = map(int, PAPERS["A5"])
    return {
        "kind": slip.design,
        "width": width,
        "height": height,
        "symbol": _code(slip.box_code),
        "object": parse_printed(slip.box_code).object_id,
        "origin": slip.origin,
        "printed_at": slip.printed_at,
        "giver": _side(slip.giver),
        "receiver": None if slip.receiver is None else _side(slip.receiver),
        "ink_fields": INK_FIELDS,
        "facts": slip.facts,
        "codes": [
            {"name": name, "symbol": _drawn(bars(text))}
            for name, text in (("Waybill", slip.waybill), ("SSCC", slip.sscc))
            if text
        ],
        "therapies": [
            {"coi": item.coi_id, "units": item.unit_ids, "symbol": _code(item.receipt)}
            for item in slip.therapies
        ],
        "head": None if slip.head_code is None else _code(slip.head_code),
        "no_head": NO_HEAD,
        "statement": LEFT_WITH_SOMEBODY,
        "phones": slip.phones,
        "copies": COPIES,
    }


def _side(side: SlipSignature) -> Sheet:
    return {
        "party": side.party,
        "person": side.person,
        "role": side.role,
        "meaning": side.meaning,
        "signed_at": side.signed_at,
    }
