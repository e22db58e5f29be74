"""Labels as plain text for a terminal, with QR symbols of half blocks that a camera reads off the screen."""

from __future__ import annotations

from collections.abc import Iterator

from labels.content import Content
from labels.design import Element
from labels.papers.downtime import CONDITIONS, NO_FORM_HEAD, SIDES, DowntimeForm
from labels.papers.packing_list import NO_PATIENT, SIGNED_BY, PackingList
from labels.papers.slip import INK_FIELDS, LEFT_WITH_SOMEBODY, NO_HEAD, HandoffSlip, SlipSignature
from labels.sheets import Sheet, layout_of, sheet
from labels.symbols import symbol
from labels.wording import banner
from schema.canonical import Json

_HALF_BLOCKS = {(False, False): "\u2588", (False, True): "\u2580", (True, False): "\u2584", (True, True): " "}
"""By (upper dark, lower dark): light modules are drawn, so that on a dark terminal dark stays dark."""

_NAME_WIDTH = 18


def render_text(content: Content, stock: str | None = None) -> str:
    """The content as lines of text, symbols included, ending in a line feed."""
    lines = [f"[ {banner(content.purpose) or content.purpose.value.upper()} ]"]
    if isinstance(content, HandoffSlip):
        lines += _slip(content)
    elif isinstance(content, DowntimeForm):
        lines += _form(content)
    elif isinstance(content, PackingList):
        lines += _packing_list(content)
    else:
        words = sheet(content, stock)
        elements = [each for region in layout_of(content, stock).regions for each in region.elements]
        # On paper the code stands beside the words, on a screen below them.
        for element in sorted(elements, key=_is_code):
            lines += _shown(element, words)
        for card in content.cards:
            lines += ["", f"{card.name}: {card.meaning}", half_blocks(card.text)]
            lines += [card.text] if card.text.isprintable() else []
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


def _is_code(element: Element) -> bool:
    return element.show == "code"


def _shown(element: Element, words: Sheet) -> Iterator[str]:
    """The lines of one element; what is empty has none."""
    value = words.get(element.field)
    name = element.caption.capitalize() if len(element.caption) > len("READ") else element.caption
    match element.show:
        case "arrows" | "fixed":
            yield element.caption
        case "cards":
            return
        case "code":
            yield half_blocks(str(value))
            yield str(value)
        case "din":
            number, check = _din(value)
            yield from _named([(name, f"{number} [{check}]" if number else "")])
        case "write-ins":
            yield from _named([(item, "________") for item in _texts(value)])
        case "lines" | "statements":
            yield from _named([(name, item) for item in _texts(value)])
        case "text" | "named" | "id":
            yield from _named([(name, str(value or ""))])


def _texts(value: Json) -> list[str]:
    return [str(item) for item in value] if isinstance(value, (list, tuple)) else []


def _din(value: Json) -> tuple[str, str]:
    return (str(value["number"]), str(value["check"])) if isinstance(value, dict) else ("", "")


def _named(rows: list[tuple[str, str]]) -> list[str]:
    return [f"{name:<{_NAME_WIDTH - 1}} {value}" if name else value for name, value in rows if value]


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
        *_named([*slip.facts, ("Waybill", slip.waybill), ("SSCC", slip.sscc)]),
        half_blocks(slip.box_code),
        slip.box_code,
    ]
    for therapy in slip.therapies:
        lines += ["", *_named([("Therapy", therapy.coi_id), ("Units", "  ".join(therapy.unit_ids))])]
        lines += [half_blocks(therapy.receipt), therapy.receipt]
    lines += ["", "LOG HEAD"]
    lines += [NO_HEAD] if slip.head_code is None else [half_blocks(slip.head_code), slip.head_code]
    return [*lines, "", LEFT_WITH_SOMEBODY, *_named([("24 h", phone) for phone in slip.phones])]


def _packing_list(paper: PackingList) -> list[str]:
    ends = [("From", paper.sender), ("", paper.sender_address)]
    ends += [("To", paper.receiver), ("", paper.receiver_address)]
    lines = [
        "Packing list",
        *_named([("Shipment", paper.shipment), ("Printed", paper.printed_at)]),
        "",
        *(f"{name:<{_NAME_WIDTH - 1}} {value}" for name, value in ends if value),
        *_named([("24 h", phone) for phone in paper.phones]),
        "",
        *_named([*paper.facts, ("Waybill", paper.waybill), ("SSCC", paper.sscc)]),
        half_blocks(paper.box_code),
        paper.box_code,
        "",
        f"IN THE BOX: {len(paper.units)}",
    ]
    for number, one in enumerate(paper.units, start=1):
        what = ", ".join(filter(None, (one.material, one.count, one.volume, one.storage)))
        lines.append(f"{number:>2}  {one.coi_id}  {one.unit_id}  {what}  [ ] packed  [ ] received")
        lines += [f"    cassette {one.cassette}"] if one.cassette else []
    lines += ["", "DOCUMENTS THAT GO WITH IT", *(f"[ ] {name}" for name in paper.documents)]
    return [*lines, "", *_named([(name, "________________") for name in SIGNED_BY]), "", NO_PATIENT]


def _form(form: DowntimeForm) -> list[str]:
    lines = [
        "Downtime form",
        *_named([("Therapy", form.therapy), ("Site", form.site), ("Issued", form.issued)]),
        *_named([("Enter until", form.due), ("Log", form.origin)]),
        half_blocks(form.code),
        form.code,
        form.coi_code,
    ]
    for number, step in enumerate(form.steps, start=1):
        lines += ["", f"{number}. {step.title}", *_named([("Who", step.who), ("Where", step.where)])]
        lines += _named([(one.what, one.code or "________________") for one in step.codes])
        lines += _named([(one.what, " / ".join(one.options)) for one in step.choices])
        if step.is_handoff:
            blank = "party, name, display C, date, time, signature ________"
            lines += _named([(side.capitalize(), f"{' / '.join(CONDITIONS)}; {blank}") for side in SIDES])
        lines += [*_named([(box, "________") for box in step.boxes]), *step.limits]
    return [*lines, "", "LOG HEAD", form.head_code or NO_FORM_HEAD]


def _side(side: SlipSignature) -> list[str]:
    rows = [("Party", side.party), ("Name", side.person), ("Role", side.role)]
    return _named([*rows, ("Signed as", side.meaning), ("Signed at", side.signed_at)])
