"""The state of a box, shipper or logger in a word or two; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from schema.vocabulary import EquipmentShown
from tui.language import named, tr

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tracker.values import Equipment, EquipmentLine


def state_word(line: EquipmentLine) -> str:
    """Whether it may be used now, and if not what is to be done with it first."""
    one, violation = line.equipment, line.violation
    if one.status.value != "in_service":
        return named(one.status.value)
    if line.box is not None:
        return tr("in {box}", box=line.box)
    if line.units:
        inside = tr("1 unit inside") if line.units == 1 else tr("{count} units inside", count=line.units)
        return ", ".join(filter(None, (inside, _no_longer(line))))
    if one.with_carrier is not None:
        return tr("empty, with {carrier}", carrier=one.with_carrier)
    if violation is None:
        return tr("fit, due soon") if line.is_due_soon else tr("fit")
    words = {"not_charged": tr("to be charged"), "expires_in_transit": tr("due before it is used up")}
    return _no_longer(line) or words.get(violation.rule, named(violation.rule))


GROUPS: Final = {
    EquipmentShown.READY: tr("ready"),
    EquipmentShown.IN_USE: tr("in use"),
    EquipmentShown.TO_CHARGE: tr("to charge"),
    EquipmentShown.DUE: tr("due"),
    EquipmentShown.AWAY: tr("away"),
    EquipmentShown.OUT: tr("out of service"),
}
"""Under which words something is looked for, in the order of a morning."""


def counted_words(lines: Sequence[EquipmentLine]) -> str:
    """How many there are, and of which kinds."""
    found = [tr("{count} in all", count=len(lines))]
    for group, word in GROUPS.items():
        count = sum(group in one.groups for one in lines)
        found += [f"{count} {word}"] if count else []
    return ", ".join(found)


def where_words(line: EquipmentLine) -> str:
    """Where it is: at home, at another site, or with who carries it and where to."""
    one, where = line.equipment, line.where
    if where.carrier is not None:
        if where.destination is None:
            return where.carrier
        return tr("{carrier}, to {site}", carrier=where.carrier, site=where.destination)
    site = where.site or one.site
    if (line.units or line.box) and where.destination not in (None, site):
        return tr("{here}, for {site}", here=site, site=where.destination)
    return site


def doubt_words(one: Equipment, now: datetime) -> str:
    """Why a shipper on its way is in doubt: out of service, failed, or overdue; empty where it is not."""
    if one.status.value != "in_service":
        return named(one.status.value)
    if one.failed:
        return tr("failed its test")
    due = one.requalification_due
    return tr("to be qualified") if due is not None and due <= now else ""


def _no_longer(line: EquipmentLine) -> str:
    """That it failed or is overdue; empty where its test holds."""
    rule = line.violation.rule if line.violation is not None else ""
    if line.equipment.failed:
        return tr("failed its test")
    return {"not_qualified": tr("to be qualified"), "not_calibrated": tr("to be calibrated")}.get(rule, "")
