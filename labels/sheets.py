"""Contents as the plain data that the Typst templates print: words, symbols and stock in millimeters."""

from __future__ import annotations

from typing import Final, assert_never

from labels.content import (
    BadgeLabel,
    CassetteLabel,
    CoiCard,
    CommandCard,
    Content,
    EquipmentLabel,
    LocationLabel,
    UnitLabel,
)
from labels.slip import COPIES, INK_FIELDS, LEFT_WITH_SOMEBODY, NO_HEAD, HandoffSlip, SlipSignature
from labels.symbols import symbol
from labels.wording import banner
from schema.canonical import Json
from schema.identifiers import parse_printed
from schema.vocabulary import ObjectType

Sheet = dict[str, Json]

STOCK: Final = {
    "unit": (100, 75),
    "cassette": (100, 60),
    "badge": (86, 54),
    "coi": (86, 54),
    "place": (75, 50),
    "commands": (148, 210),
    "slip": (148, 210),
}
"""Width and height of each kind of paper in millimeters."""

_HEADINGS: Final = {
    ObjectType.LOCATION: "LOCATION",
    ObjectType.BOX: "BOX OR SHIPPER",
    ObjectType.SHIPMENT: "SHIPMENT",
    ObjectType.DATA_LOGGER: "DATA LOGGER",
    ObjectType.FORM: "FORM",
}


def sheet(content: Content) -> Sheet:
    """The data of one content: its kind, stock, banner, words and symbols."""
    kind, words = _words(content)
    width, height = STOCK[kind]
    purpose: Sheet = {"purpose": content.purpose.value, "banner": banner(content.purpose)}
    return {"kind": kind, "width": width, "height": height, **purpose, **words}


def pages_of(content: Content) -> int:
    """How many pages one content prints on at least; only a slip has a second copy."""
    return len(COPIES) if isinstance(content, HandoffSlip) else 1


def symbol_texts(content: Content) -> tuple[str, ...]:
    """Every text that stands on one copy of the paper as a QR symbol."""
    if isinstance(content, CommandCard):
        return tuple(code for _, code, _ in content.codes)
    if isinstance(content, HandoffSlip):
        head = () if content.head_code is None else (content.head_code,)
        return (content.box_code, *(therapy.receipt for therapy in content.therapies), *head)
    return (content.code,)


def _words(content: Content) -> tuple[str, Sheet]:
    match content:
        case UnitLabel():
            return "unit", _unit(content)
        case CassetteLabel():
            return "cassette", _cassette(content)
        case BadgeLabel():
            words: Sheet = {"person": content.person, "staff": content.staff_id, "site": content.site}
            return "badge", _coded(content.code) | words | {"roles": content.roles}
        case CoiCard():
            return "coi", _coi_card(content)
        case LocationLabel() | EquipmentLabel():
            return "place", _place(content)
        case CommandCard():
            rows: list[Json] = [
                {"name": name, "symbol": _symbol(code), "meaning": text} for name, code, text in content.codes
            ]
            return "commands", {"site": content.site, "commands": rows}
        case HandoffSlip():
            return "slip", _slip(content)
        case _:
            assert_never(content)


def _symbol(text: str) -> Sheet:
    found = symbol(text)
    return {"text": text, "modules": found.size, "svg": found.svg()}


def _coded(code: str) -> Sheet:
    return {"symbol": _symbol(code), "object": parse_printed(code).object_id}


def _unit(label: UnitLabel) -> Sheet:
    din, check = label.din_text
    return _coded(label.code) | {
        "coi": label.coi_id,
        "material": label.material,
        "site": label.site,
        "address": label.address,
        "storage": label.storage,
        "expiry": label.expiry,
        "din": din,
        "din_check": check,
        "statements": label.statements,
        "patient_lines": label.patient_lines,
        "nickname": label.nickname,
        "write_ins": label.write_ins,
    }


def _cassette(label: CassetteLabel) -> Sheet:
    return _coded(label.code) | {
        "unit": label.unit_id,
        "coi": label.coi_id,
        "material": label.material,
        "storage": label.storage,
        "expiry": label.expiry,
        "statements": label.statements,
        "patient_lines": label.patient_lines,
        "nickname": label.nickname,
    }


def _coi_card(card: CoiCard) -> Sheet:
    return _coded(card.code) | {
        "therapy": card.therapy,
        "site": card.site,
        "statements": card.statements,
        "patient_lines": card.patient_lines,
        "nickname": card.nickname,
    }


def _place(label: LocationLabel | EquipmentLabel) -> Sheet:
    object_type = parse_printed(label.code).object_type
    heading = _HEADINGS[object_type] if object_type is not None else ""
    words: Sheet = {"heading": heading, "title": label.title, "site": label.site, "detail": label.detail}
    return _coded(label.code) | words


def _slip(slip: HandoffSlip) -> Sheet:
    return _coded(slip.box_code) | {
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
            {"coi": item.coi_id, "units": item.unit_ids, "symbol": _symbol(item.receipt)}
            for item in slip.therapies
        ],
        "head": None if slip.head_code is None else _symbol(slip.head_code),
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
