"""What is asked when a carrier is booked: which pick-up, then what fits it, each by the clocks of its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from schema.canonical import Json
from schema.instants import format_instant
from schema.vocabulary import ReadMode
from schema.zones import zone_info
from tracker.values import PickUp
from tui.forms.prompts import Choice, FormSetting, Prompt, PromptKind, Section
from tui.language import tr
from tui.words import plan_time

PICK_UPS: Final = "pick_ups"
"""What the screen before has read: each pick-up as `told` writes it."""

PICK_UP: Final = "pick_up"
"""The pick-up that was chosen, as it goes into the request."""

BOOKED_WITH: Final = ("delivery.latest?", "box?", "data_logger?", "waybill?", "sscc?")
"""What is asked once a pick-up is chosen; all of it may come later."""


def told(found: Iterable[PickUp]) -> list[Json]:
    """The pick-ups that could be booked, with what a form needs of them."""
    return [
        {
            "way": _way(one),
            "label": label_of(one),
            "to_site": one.to_site,
            "until": plan_time(one.delivery[1]),
            "box": [[each.id, each.title] for each in one.boxes],
            "data_logger": [[each.id, each.title] for each in one.loggers],
        }
        for one in found
    ]


def _way(one: PickUp) -> dict[str, Json]:
    """The fields of a request that a pick-up answers."""
    way: dict[str, Json] = {
        "lane": one.lane,
        "pick_up": _window(one.pick_up),
        "delivery": _window(one.delivery),
    }
    return way if one.shipment is None else {**way, "shipment": one.shipment}


def _window(times: tuple[datetime, datetime]) -> dict[str, Json]:
    return dict(zip(("earliest", "latest"), map(format_instant, times), strict=True))


def label_of(one: PickUp) -> str:
    """When it comes and is there, each by its own clocks; by whom, and whether that is the plan."""
    words = tr(
        "{pick_up} {origin}, {to} by {there}, {carrier}",
        pick_up=plan_time(one.pick_up[1]),
        origin=one.from_site,
        to=one.to_site,
        there=plan_time(one.delivery[1]),
        carrier=one.carrier,
    )
    said = (tr("planned") if one.is_planned else "", tr("booked anew") if one.shipment else "")
    return ", ".join((words, *filter(None, said)))


def lane_section(_: str, setting: FormSetting) -> Section:
    """Which of the pick-ups that could be booked."""
    choices = tuple(Choice(one["way"], str(one["label"])) for one in _offers(setting))
    return Section((Prompt("lane", tr("Which pick-up"), PromptKind.CHOICE, choices=choices),))


def latest_section(_: str, setting: FormSetting) -> Section:
    """Until when it has to be there, by the clocks there; what was proposed where it is left out."""
    offer = _chosen(setting)
    site = str(offer.get("to_site", ""))
    zone = zone_info(setting.registry.zone_at(site, setting.now)) if site else None
    expected = tr("clocks of {site}; else {until}", site=site, until=str(offer.get("until", "")))
    ask = tr("Delivered by")
    return Section((Prompt("delivery.latest", ask, PromptKind.TIME, expected, zone=zone),))


def fitting_section(field: str, ask: str, setting: FormSetting) -> Section | None:
    """A shipper or logger among those that fit; nothing is asked where none does."""
    listed = _chosen(setting).get(field)
    pairs: Sequence[Json] = listed if isinstance(listed, list) else ()
    choices = tuple(
        Choice({"code": one[0], "mode": ReadMode.PASTED.value}, f"{one[1]} ({one[0]})")
        for one in pairs
        if isinstance(one, list)
    )
    return Section((Prompt(field, ask, PromptKind.CHOICE, choices=choices),)) if choices else None


def _offers(setting: FormSetting) -> list[Mapping[str, Json]]:
    offers = setting.extra.get(PICK_UPS)
    return [one for one in offers if isinstance(one, Mapping)] if isinstance(offers, list) else []


def _chosen(setting: FormSetting) -> Mapping[str, Json]:
    way = setting.extra.get(PICK_UP)
    return next((one for one in _offers(setting) if one["way"] == way), {})
