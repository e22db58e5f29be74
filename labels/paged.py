"""Papers with pages of their own, slips and downtime forms, as the plain data that their templates print."""

from __future__ import annotations

from typing import Final

from labels.design import PAPERS
from labels.papers.downtime import FORM_PAPERS, NO_FORM_HEAD, RULES, DowntimeForm, FormCode, FormStep
from labels.papers.slip import COPIES, INK_FIELDS, LEFT_WITH_SOMEBODY, NO_HEAD, HandoffSlip, SlipSignature
from labels.symbols import Symbol, symbol
from schema.canonical import Json
from schema.errors import InputError
from schema.identifiers import parse_printed

Sheet = dict[str, Json]
Paged = HandoffSlip | DowntimeForm

PAGED: Final = (HandoffSlip, DowntimeForm)
SLIP_SIZE: Final = (148, 210)


def paged_sheet(content: Paged, stock: str | None) -> Sheet:
    """The data of one paper: its kind, size, words and symbols."""
    if isinstance(content, DowntimeForm):
        paper = stock or FORM_PAPERS[0]
        if paper not in FORM_PAPERS:
            raise InputError(
                f"A downtime form is printed on {' or '.join(FORM_PAPERS)}, not on {stock}.",
                code="wrong_stock",
            )
        # Letter has no whole millimeters, and plain data no fractions.
        width, height = (f"{side:g}" for side in PAPERS[paper])
        return {"kind": "downtime", "width": width, "height": height, **_form(content)}
    if stock not in (None, "A5"):
        raise InputError(f"A handoff slip is printed on A5, not on {stock}.", code="wrong_stock")
    return {"kind": "slip", "width": SLIP_SIZE[0], "height": SLIP_SIZE[1], **_slip(content)}


def drawn_code(text: str) -> Sheet:
    """The QR symbol of a code as a template places it."""
    return drawn(symbol(text))


def drawn(found: Symbol, text: str | None = None) -> Sheet:
    """A symbol as a template places it; `text` stands beside it where the symbol's own has hidden signs."""
    return {"text": found.text if text is None else text, "modules": found.size, "svg": found.svg()}


def _form(form: DowntimeForm) -> Sheet:
    return {
        "symbol": drawn_code(form.code),
        "coi": drawn_code(form.coi_code),
        "origin": form.origin,
        "therapy": form.therapy,
        "site": form.site,
        "issued": form.issued,
        "due": form.due,
        "rules": RULES,
        "steps": [_step(step) for step in form.steps],
        "head": None if form.head_code is None else drawn_code(form.head_code),
        "no_head": NO_FORM_HEAD,
    }


def _step(step: FormStep) -> Sheet:
    return {
        "title": step.title,
        "who": step.who,
        "where": step.where,
        "offset": step.offset,
        "witness": step.witness,
        "codes": [_code(one) for one in step.codes],
        "boxes": step.boxes,
        "choices": [{"what": one.what, "options": one.options} for one in step.choices],
        "limits": step.limits,
    }


def _code(one: FormCode) -> Sheet:
    found: Sheet = {"what": one.what, "code": one.code, "free": one.free}
    return found | {"symbol": drawn_code(one.code)} if one.code else found


def _slip(slip: HandoffSlip) -> Sheet:
    return {
        "symbol": drawn_code(slip.box_code),
        "object": parse_printed(slip.box_code).object_id,
        "origin": slip.origin,
        "printed_at": slip.printed_at,
        "giver": _side(slip.giver),
        "receiver": None if slip.receiver is None else _side(slip.receiver),
        "ink_fields": INK_FIELDS,
        "seal": slip.seal,
        "shipper": slip.shipper,
        "logger": slip.logger,
        "condition": slip.condition,
        "therapies": [
            {"coi": item.coi_id, "units": item.unit_ids, "symbol": drawn_code(item.receipt)}
            for item in slip.therapies
        ],
        "head": None if slip.head_code is None else drawn_code(slip.head_code),
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
