"""Labels as plain text for a terminal, with QR symbols of half blocks that a camera reads off the screen."""

from __future__ import annotations

from typing import assert_never

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
from labels.slip import INK_FIELDS, LEFT_WITH_SOMEBODY, NO_HEAD, HandoffSlip, SlipSignature
from labels.symbols import symbol
from labels.wording import banner
from schema.identifiers import parse_printed

_HALF_BLOCKS = {(False, False): "\u2588", (False, True): "\u2580", (True, False): "\u2584", (True, True): " "}
"""By (upper dark, lower dark): light modules are drawn, so that on a dark terminal dark stays dark."""

_NAME_WIDTH = 14


def render_text(content: Content) -> str:
    """The content as lines of text, symbols included, ending in a line feed."""
    lines = [f"[ {banner(content.purpose) or content.purpose.value.upper()} ]"]
    match content:
        case UnitLabel():
            lines += _unit(content)
        case CassetteLabel():
            lines += _cassette(content)
        case BadgeLabel():
            lines += _named([("Badge of", content.person), ("Staff", content.staff_id)])
            lines += _named([("Role", role) for role in content.roles] + [("Site", content.site)])
            lines += _coded(content.code)
        case CoiCard():
            lines += [content.therapy, *content.patient_lines, *content.statements]
            lines += _named([("Read aloud", content.nickname), ("Site", content.site)])
            lines += _coded(content.code)
        case LocationLabel() | EquipmentLabel():
            lines += [content.title, *_named([("Detail", content.detail), ("Site", content.site)])]
            lines += _coded(content.code)
        case CommandCard():
            lines += _named([("Site", content.site)])
            for name, code, meaning in content.codes:
                lines += ["", f"{name}: {meaning}", half_blocks(code), code]
        case HandoffSlip():
            lines += _slip(content)
        case _:
            assert_never(content)
    return "\n".join(lines) + "\n"


def half_blocks(text: str) -> str:
    """The QR symbol of a code, two rows of modules to a line of text."""
    rows = symbol(text).rows
    # The side of a symbol is odd; the last line's missing half is one more light row.
    padded = [*rows, (False,) * len(rows)] if len(rows) % 2 else list(rows)
    pairs = zip(padded[::2], padded[1::2], strict=True)
    return "\n".join(
        "".join(_HALF_BLOCKS[pair] for pair in zip(upper, lower, strict=True)) for upper, lower in pairs
    )


def _named(rows: list[tuple[str, str]]) -> list[str]:
    return [f"{name:<{_NAME_WIDTH}}{value}" for name, value in rows if value]


def _coded(code: str) -> list[str]:
    return [*_named([("Object", parse_printed(code).object_id)]), half_blocks(code), code]


def _unit(label: UnitLabel) -> list[str]:
    din, check = label.din_text
    return [
        label.material,
        *label.patient_lines,
        *label.statements,
        *_named(
            [("COI", label.coi_id), ("DIN", f"{din} [{check}]" if din else ""), ("Storage", label.storage)]
        ),
        *_named([("Expiry", label.expiry), ("Read aloud", label.nickname), ("Site", label.site)]),
        *_named([("Address", label.address)]),
        *_named([(name, "________") for name in label.write_ins]),
        *_coded(label.code),
    ]


def _cassette(label: CassetteLabel) -> list[str]:
    return [
        label.material,
        *label.patient_lines,
        *label.statements,
        *_named([("Unit", label.unit_id), ("COI", label.coi_id), ("Storage", label.storage)]),
        *_named([("Expiry", label.expiry), ("Read aloud", label.nickname)]),
        *_coded(label.code),
    ]


def _slip(slip: HandoffSlip) -> list[str]:
    receiver = _named([(name, "________________") for name in INK_FIELDS])
    lines = [
        "Handoff slip",
        *_named([("Log", slip.origin), ("Printed", slip.printed_at)]),
        "",
        "GIVER",
        *_side(slip.giver),
        "",
        "RECEIVER" + (" - WRITE IN INK" if slip.receiver is None else ""),
        *(receiver if slip.receiver is None else _side(slip.receiver)),
        "",
        "CLOSED BOX",
        *_named([("Seal", slip.seal), ("Shipper", slip.shipper), ("Logger", slip.logger)]),
        *_named([("Condition", slip.condition)]),
        half_blocks(slip.box_code),
        slip.box_code,
    ]
    for therapy in slip.therapies:
        lines += ["", *_named([("Therapy", therapy.coi_id), ("Units", "  ".join(therapy.unit_ids))])]
        lines += [half_blocks(therapy.receipt), therapy.receipt]
    lines += ["", "LOG HEAD"]
    lines += [NO_HEAD] if slip.head_code is None else [half_blocks(slip.head_code), slip.head_code]
    return [*lines, "", LEFT_WITH_SOMEBODY, *_named([("24 h", phone) for phone in slip.phones])]


def _side(side: SlipSignature) -> list[str]:
    rows = [("Party", side.party), ("Name", side.person), ("Role", side.role)]
    return _named([*rows, ("Signed as", side.meaning), ("Signed at", side.signed_at)])
