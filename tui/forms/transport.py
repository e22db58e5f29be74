"""What is asked about a box on its way: who was called, who takes it instead, what is left inside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from schema.vocabulary import PartyType, SiteType
from tui.forms.lists import YES_NO, sites
from tui.forms.prompts import Choice, FormSetting, Prompt, PromptKind, Section
from tui.language import tr

_NOTHING_LEFT: Final = (
    Choice(0, tr("Nothing: it is empty"), "ALL-IN-ORDER"),
    Choice(1, tr("Something is still inside"), "NOT-IN-ORDER"),
)


def _one(prompt: Prompt) -> Section:
    return Section((prompt,))


def _called(_: str, __: FormSetting) -> Section:
    ask, expected = tr("Who was called"), tr("staff id; name, number")
    return _one(Prompt("called", ask, PromptKind.CALLED, expected))


def _answered(_: str, __: FormSetting) -> Section:
    return _one(Prompt("called.answered", tr("Did anybody answer"), PromptKind.CHOICE, choices=YES_NO))


def _departments(setting: FormSetting) -> Sequence[Choice]:
    """The departments that a therapy's sites have: here first, then those of the other sites."""
    therapy, here = setting.therapy, setting.station.site
    known = therapy.sites if therapy is not None else None
    parts = (known.manufacturing, known.treatment, known.collection) if known is not None else ()
    order = list(dict.fromkeys((here, *parts)))
    found = [one for one in setting.registry.departments.values() if one.site in order]
    found.sort(key=lambda one: (order.index(one.site), one.title))
    return [
        Choice({"type": PartyType.DEPARTMENT.value, "id": one.id}, f"{one.title} ({one.id})") for one in found
    ]


def _carriers(setting: FormSetting) -> Sequence[Choice]:
    found = (one for one in setting.registry.sites.values() if one.active)
    return [
        Choice({"type": PartyType.CARRIER.value, "id": one.code}, f"{one.title} ({one.code})")
        for one in found
        if one.site_type is SiteType.CARRIER
    ]


def _is_at_destination(setting: FormSetting) -> bool:
    """Whether a carrier stands with the box where it was to go: refused here, it must go somewhere."""
    therapy, unit = setting.therapy, setting.unit
    planned = therapy.boxes_carrier.get(setting.box or "") if therapy is not None else None
    is_carried = unit is not None and unit.custodian is not None and unit.custodian.type is PartyType.CARRIER
    return planned is not None and planned[1] == setting.station.site and is_carried


def _next_custodian(_: str, setting: FormSetting) -> Section | None:
    """A box refused at its destination is nobody's errand until somebody is named."""
    if not _is_at_destination(setting):
        return None
    choices = (*_departments(setting), *_carriers(setting))
    return _one(Prompt("next_custodian", tr("Who takes it now"), PromptKind.CHOICE, choices=choices))


def _receiver(_: str, setting: FormSetting) -> Section:
    choices = tuple(_departments(setting))
    return _one(Prompt("receiver", tr("Who takes it there"), PromptKind.CHOICE, choices=choices))


def _next_site(_: str, setting: FormSetting) -> Section | None:
    if not _is_at_destination(setting):
        return None
    return _one(
        Prompt("next_site", tr("Where does it go now"), PromptKind.CHOICE, choices=tuple(sites(setting)))
    )


def _new_seal(_: str, setting: FormSetting) -> Section:
    return _one(
        Prompt(
            "new_seal",
            tr("Seal what is left, scan the seal"),
            PromptKind.CODE,
            tr("a new seal"),
            carrier="seal",
        )
    )


def _left_inside(_: str, __: FormSetting) -> Section:
    ask = tr("Both look inside: what is left")
    return _one(Prompt("tally", ask, PromptKind.CHOICE, "", choices=_NOTHING_LEFT))


TRANSPORT: Final[Mapping[str, Callable[[str, FormSetting], Section | None]]] = {
    "called": _called,
    "called.answered": _answered,
    "next_custodian": _next_custodian,
    "next_site": _next_site,
    "receiver": _receiver,
    "new_seal": _new_seal,
    "left_inside": _left_inside,
}
"""By field name as it stands in the catalog."""
