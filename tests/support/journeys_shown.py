"""Therapies as the board and the screen of a therapy are given them, written out without a store."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from schema.vocabulary import Material
from tracker.rules.standing import Standing
from tracker.rules.storage_life import StorageLife
from tracker.views.journey import Progress, Stretch, TherapyJourney, Whereabouts
from tracker.views.models import BoardRow, BoardUnit, DueClock

NOW = datetime(2026, 11, 29, 12, 30, tzinfo=UTC)
COI, UNIT, BOX = "CDT7V9D8S54", "UDJVB786PST", "BDFKHH9X596"
SHORTS = ("Order", "Collect", "Freeze", "To plant", "Make", "Release", "To ward", "At ward", "Infuse")


def local(at: datetime) -> datetime:
    """The clocks of a site on UTC."""
    return at


def limit(title: str = "Collection to start of manufacturing", *, used: float = 0.5) -> DueClock:
    """A limit of ten hours of which so much is used."""
    began = NOW - timedelta(hours=10) * used
    return DueClock(title, UNIT, began + timedelta(hours=10), began)


def line(**changes: Any) -> BoardRow:
    """A therapy on the road to its manufacturer."""
    whole = BoardRow(
        coi=COI,
        standing=Standing.ON_TRACK,
        stage="inbound",
        stage_title="On the way to manufacturing",
        stage_short="To plant",
        status="active",
        protocol="autologous-cryopreserved",
        collection_site="COLL-B",
        manufacturing_site="MFG-1",
        treatment_site="TREAT-B",
        attention=(),
        last_kind="relinquished",
        last_at=NOW - timedelta(hours=30),
        last_actor="TECH-B1",
        reviewed_through=None,
        clocks=(limit(),),
        units=(BoardUnit(UNIT, Material.LEUKAPHERESIS, "Polar Courier (CARR-X)", None, False, False),),
    )
    return replace(whole, **changes)


def unit(**changes: Any) -> Whereabouts:
    """Its bag, in a box with a courier."""
    whole = Whereabouts(
        unit=UNIT,
        material=Material.LEUKAPHERESIS,
        place="",
        box=BOX,
        destination="MFG-1",
        on_the_road=True,
        holder="Polar Courier (CARR-X)",
        since=datetime(2026, 11, 27, 23, 51, tzinfo=UTC),
        given_to="",
        quarantined=False,
        cassette="KDCCSK2BX2L",
        life=StorageLife(UNIT, timedelta(), 0, 0, timedelta()),
    )
    return replace(whole, **changes)


def stretches(now: int = 3, shorts: tuple[str, ...] = SHORTS) -> tuple[Stretch, ...]:
    """A strip that has come so far."""
    begin = datetime(2026, 11, 2, 8, tzinfo=UTC)
    spent = (timedelta(days=16), timedelta(hours=4), timedelta(minutes=42), timedelta(days=1, hours=7))
    return tuple(
        Stretch(short, Progress.TO_COME)
        if place > now
        else Stretch(
            short,
            Progress.NOW if place == now else Progress.DONE,
            begin + timedelta(days=place),
            spent[place % 4],
        )
        for place, short in enumerate(shorts)
    )


def journey(**changes: Any) -> TherapyJourney:
    """The same as a journey."""
    whole = TherapyJourney(
        line=line(),
        protocol="autologous-cryopreserved v1",
        stretches=stretches(),
        whereabouts=(unit(),),
        collected_at=NOW - timedelta(days=11),
        infused_at=None,
    )
    return replace(whole, **changes)
