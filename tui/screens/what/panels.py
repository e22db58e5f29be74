"""What was scanned and what can be done with it, as rich text for the home screen. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import zip_longest
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.console import Group
from rich.text import Text

from schema.identifiers import copy_ordinal
from schema.vocabulary import LotStatus
from schema.zones import on_clock, zone_info
from tracker.values import (
    Found,
    Resolution,
    TherapyState,
    UnitState,
    Violation,
    described,
    recalled_lots,
    tally,
)
from tui.answers import safe, shown
from tui.equipment_words import state_word
from tui.language import named, tr
from tui.looking import HELD_SHOWN_MAX, Offer, ScannedThing
from tui.shown_codes import in_sentence
from tui.states import style_of
from tui.widgets.limit_bar import limit_lines
from tui.widgets.pane import LABEL_CELLS, facts_grid
from tui.words import quality_words, refusal_words, route_words, short_day, short_time, spoken, thing_words
from tui.wrapping import wrap

_SAID_ONCE_FROM: Final = 3
"""So many steps with the same reason are listed under it."""

_BETWEEN: Final = 2
"""Columns between two columns of steps."""

_NUMBERED: Final = 4
"""The width of a number and its mark before a step."""


def subject_panel(
    subject: ScannedThing, now: datetime, local: Callable[[datetime], datetime], *, width: int
) -> Group:
    """What it is, where, who holds it, every limit as a line; what is serious in capitals with a shape."""
    facts = [
        (Text(name, style="muted"), in_sentence(value, style=style_of(value)))
        for name, value in (
            *_rows(subject),
            *_refusal_rows(subject, local),
            *_equipment_rows(subject, local),
            *_lot_rows(subject),
        )
    ]
    lines = limit_lines(subject.clocks, now, width=width - LABEL_CELLS - 1)
    facts += [(Text("" if place else tr("Clock"), style="muted"), one) for place, one in enumerate(lines)]
    return Group(in_sentence(_title(subject), style="bold"), facts_grid(facts))


def offers_panel(offers: tuple[Offer, ...], *, width: int) -> Text:
    """What is possible besides the next step, by number, in two columns where each takes one line."""
    possible = [one for one in offers if one.possible and not one.is_next]
    possible.sort(key=lambda one: one.number or 0)
    column = (width - _BETWEEN) // 2
    titles = [f"{'' if one.number is None else one.number:>3} {safe(one.title)}" for one in possible]
    text = Text(no_wrap=True, overflow="ellipsis", style="bold")
    if any(cell_len(title) > column for title in titles):
        _lines(text, ((one, "") for one in possible), width, style="")
    else:
        half = (len(titles) + 1) // 2
        for left, right in zip_longest(titles[:half], titles[half:], fillvalue=""):
            text.append(f"{set_cell_size(left, column)}  {right}".rstrip() + "\n")
    text.rstrip()
    return text


def barred_panel(offers: tuple[Offer, ...], unit: UnitState | None = None, *, width: int) -> Text:
    """What is not possible now, with the reason of each; one that many share is said once."""
    text = Text(no_wrap=True, overflow="ellipsis", style="muted")
    by_reason: dict[str, list[Offer]] = {}
    for offer in offers:
        if offer.violation is not None:
            by_reason.setdefault(_why(offer, offer.violation, unit), []).append(offer)
    for reason, offers_of in by_reason.items():
        if len(offers_of) < _SAID_ONCE_FROM:
            _lines(text, ((one, reason) for one in offers_of), width, style="")
        else:
            for part in wrap(safe(reason), width):
                text.append(part + "\n")
            _lines(text, ((one, "") for one in offers_of), width, style="")
    text.rstrip()
    return text


def barred_title(offers: tuple[Offer, ...]) -> str:
    """How many steps are not possible now, over those that say so when they are opened."""
    count = sum(one.violation is not None for one in offers)
    return tr("1 not now, and why") if count == 1 else tr("{count} not now, and why", count=count)


def next_step(offers: tuple[Offer, ...], *, width: int) -> Text:
    """The step that comes next by the protocol; empty when there is none for this person here."""
    text = Text(no_wrap=True, overflow="ellipsis")
    _lines(text, ((one, "") for one in offers if one.is_next), width, style="bold")
    text.rstrip()
    return text


def _lines(text: Text, offers: Iterable[tuple[Offer, str]], width: int, *, style: str) -> None:
    """Each step with its number, whole: at a word's end it goes on in the next line."""
    for offer, why in offers:
        number = "" if offer.number is None else offer.number
        line = f"{number:>3} {safe(offer.title)}{safe(f': {why}' if why else '')}"
        for part in wrap(line, width, indent=_NUMBERED):
            text.append(part + "\n", style=style)


def _why(offer: Offer, violation: Violation, unit: UnitState | None) -> str:
    """One line has no room for both: where a step is missing, which one says more than that."""
    if offer.reason:
        return offer.reason
    if violation.rule == "too_early":
        return violation.remedy
    # The rules begin many of their sentences with the title or the unit, which stand there already.
    begins = f"{unit.material.value} {unit.unit} " if unit else ""
    said = violation.message.removeprefix(f"{offer.title}: ")
    return said.removeprefix(f"{offer.title} ").removeprefix(begins)


def _ordinal(resolution: Resolution) -> str:
    return copy_ordinal(resolution.object_id or "", resolution.copy or "")


def _title(subject: ScannedThing) -> str:
    resolution = subject.lookup.resolution
    name = resolution.object_id if resolution.object_id != resolution.text else None
    copy = tr(", copy {copy}", copy=_ordinal(resolution)) if resolution.copy else ""
    if resolution.copy is None and resolution.identities and resolution.coi is not None:
        # Another issuer's code: what it stands for first, then the code itself.
        name, copy = resolution.unit or resolution.coi, tr(", by {text}", text=shown(resolution.text))
    return f"{safe(thing_words(subject.lookup))} {shown(name or resolution.text)}{copy}"


def _rows(subject: ScannedThing) -> Iterator[tuple[str, str]]:
    lookup = subject.lookup
    if lookup.resolution.note and lookup.therapy is None:
        yield tr("Note"), lookup.resolution.note
    if lookup.superseded:
        yield tr("Label"), tr("■ SUPERSEDED: this copy was taken out of use")
    if lookup.therapy is not None:
        yield tr("Therapy"), f"{lookup.therapy.coi}  {route_words(lookup.therapy)}"
        if lookup.therapy.status.value != "active":
            yield tr("Status"), f"■ {named(lookup.therapy.status.value).upper()}"
        if lookup.therapy.outside:
            yield (
                tr("Outside"),
                tr("■ {count} event(s) outside the rules", count=len(lookup.therapy.outside)),
            )
    if lookup.unit is not None:
        yield from _unit_rows(subject, lookup.unit)
    elif subject.held:
        yield from _held_rows(subject)
    elif lookup.therapy is not None:
        yield from _therapy_rows(subject, lookup.therapy)
    if subject.handoff is not None:
        to_party = described(subject.registry, subject.handoff.to_party)
        yield tr("Handoff"), tr("▲ handed over to {who}, nobody has taken it yet", who=to_party)


def _refusal_rows(subject: ScannedThing, local: Callable[[datetime], datetime]) -> Iterator[tuple[str, str]]:
    """Of a box, and of what is in one: that nobody took it over, who refused it, where and why."""
    for therapy, unit in ((subject.therapy, subject.lookup.unit), *subject.held):
        refused = therapy and unit and therapy.boxes_refused.get(unit.box or "")
        if refused:
            yield tr("Refused"), refusal_words(refused, local(refused.occurrence.at))
            return


_GRAVE: Final = frozenset({"not_in_service", "not_qualified", "not_calibrated"})
"""What puts in doubt also what is in the box already."""


def _equipment_rows(
    subject: ScannedThing, local: Callable[[datetime], datetime]
) -> Iterator[tuple[str, str]]:
    """Of a box, shipper or logger: whether it is fit, until when, and how long it holds."""
    line = subject.equipment
    if line is None:
        return
    one, state = line.equipment, state_word(line)
    yield tr("Of"), one.site
    rule = line.violation.rule if line.violation is not None else ""
    grave = rule and (rule in _GRAVE or not (line.units or line.box))
    yield tr("State"), f"■ {state.upper()}" if grave else state
    if one.requalification_due is not None:
        soon = "▲ " if line.is_due_soon else ""
        zone = subject.registry.zone_at(one.site, one.requalification_due)
        till = short_day(on_clock(one.requalification_due, zone_info(zone)))
        yield tr("Good till"), f"{soon}{till}"
    if one.charged_at is not None:
        holds = (
            "" if one.holds_until is None else tr(", holds until {at}", at=short_time(local(one.holds_until)))
        )
        yield tr("Charged"), f"{short_time(local(one.charged_at))}{holds}"


def _lot_rows(subject: ScannedThing) -> Iterator[tuple[str, str]]:
    """Of a lot of goods: whose it is, whether it may be used, and until when."""
    lot = subject.registry.lot(subject.object_id or "")
    if lot is None or subject.found is not Found.LOT:
        return
    yield tr("Of"), lot.site
    word = named(lot.status.value)
    yield tr("State"), word if lot.status is LotStatus.RELEASED else f"■ {word.upper()}"
    yield tr("Good till"), tr("the end of {day}", day=lot.expires)


def _unit_rows(subject: ScannedThing, unit: UnitState) -> Iterator[tuple[str, str]]:
    yield (
        tr("With"),
        tr(
            "{described}, at {site}",
            described=described(subject.registry, unit.custodian),
            site=unit.site or tr("no site yet"),
        ),
    )
    parts = [
        tr("position {position}", position=unit.position) if unit.position else "",
        tr("cassette {cassette}", cassette=unit.cassette) if unit.cassette else "",
        tr("DIN {din}", din=unit.din) if unit.din else "",
    ]
    if unit.number is not None:
        parts.append(tr("{number} of {count}", number=unit.number, count=unit.of))
    parts.append(tr("{volume_ml} mL", volume_ml=unit.volume_ml) if unit.volume_ml is not None else "")
    if any(parts):
        yield tr("Container"), ", ".join(filter(None, parts))
    if unit.box is not None:
        yield tr("In box"), tr("{box}: scan the box to hand it over or to open it", box=unit.box)
    yield from _label_rows(subject.therapy, unit)
    yield tr("Quality"), quality_words(unit)
    if subject.therapy is not None:
        for lot in recalled_lots(subject.therapy, subject.registry, (unit,)):
            yield tr("Lot"), f"■ {lot}"


def _label_rows(therapy: TherapyState | None, unit: UnitState | None) -> Iterator[tuple[str, str]]:
    """How many of the codes that its manifest names were scanned on it."""
    found = None if therapy is None else tally(therapy, unit)
    if found is not None:
        missing = ", ".join(
            tr("{type} of {issuer}", type=spoken(one.type.value), issuer=one.issuer) for one in found.missing
        )
        there = len(found.expected) - len(found.missing)
        yield (
            tr("Labels"),
            tr("{there} of {count} scanned", there=there, count=len(found.expected))
            + (tr("; missing: {missing}", missing=missing) if missing else ""),
        )


def _held_rows(subject: ScannedThing) -> Iterator[tuple[str, str]]:
    place = tr("Holds") if subject.found is Found.BOX else tr("Here")
    for therapy, unit in subject.held[:HELD_SHOWN_MAX]:
        material = spoken(unit.material.value)
        name = tr("{material} {unit} of {coi}", material=material, unit=unit.unit, coi=therapy.coi)
        yield place, _with_quality(name, unit)
    more = max(len(subject.held) - HELD_SHOWN_MAX, 0) + subject.more
    if more:
        yield "", tr("and 1 more unit") if more == 1 else tr("and {more} more units", more=more)
    if subject.found is Found.BOX:
        yield tr("With"), described(subject.registry, subject.held[0][1].custodian)
        yield tr("Seal"), subject.seal or tr("none")


def _with_quality(name: str, unit: UnitState) -> str:
    """A unit and its status; a serious one first, where no narrow terminal cuts it."""
    words = quality_words(unit)
    return f"{words}: {name}" if words.startswith("■") else f"{name}: {words}"


def _therapy_rows(subject: ScannedThing, therapy: TherapyState) -> Iterator[tuple[str, str]]:
    yield tr("Protocol"), f"{therapy.protocol.id} v{therapy.protocol.version}"
    for unit in list(therapy.units.values())[:4]:
        holder = f", {described(subject.registry, unit.custodian)}" if unit.final is None else ""
        yield tr("Unit"), _with_quality(f"{spoken(unit.material.value)} {unit.unit}", unit) + holder
    if not therapy.units:
        yield tr("Units"), tr("none yet")
    yield from _label_rows(therapy, None)
    more = len(therapy.units) - 4
    if more > 0:
        yield "", tr("and 1 more unit") if more == 1 else tr("and {more} more units", more=more)
