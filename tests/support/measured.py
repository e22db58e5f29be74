"""Invented histories of therapies, as many as somebody wants, for pictures and benches of measures."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from schema.identifiers import ALPHABET
from schema.tables import HistoryRow, tuple_of
from schema.vocabulary import Material, Reason
from tracker.rules.measures.history import (
    GivenBack,
    Happening,
    History,
    HistoryStep,
    Judgment,
    MadeVerdict,
    Moment,
    TakenPlace,
    Way,
    written,
)
from tracker.tracker import Tracker

_ROW: Final = tuple_of(HistoryRow)
FAILS: Final = 0.05
_REASONS: Final = (Reason.INFECTION, Reason.INFECTION, Reason.PLACE_CLOSED, Reason.STAFF_UNAVAILABLE)


def invented_histories(count: int, until: datetime, *, seed: int = 1) -> Iterator[tuple[str, History]]:
    """Therapies that were ordered over thirteen months until a moment, each with its id."""
    chance = random.Random(seed)
    for number in range(count):
        digits = (ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(8))
        yield (
            f"CD{''.join(digits)}2",
            _history(chance, until, until - timedelta(days=395 * (1 - number / count))),
        )


def put_histories(tracker: Tracker, histories: Iterator[tuple[str, History]]) -> None:
    """Write them into the table that measures are read from; no entry leads to them."""
    with tracker.store.begin() as transaction:
        for coi, history in histories:
            transaction.put_history(_ROW(coi=coi, sequence=40, document=written(history)))


def _history(chance: random.Random, until: datetime, ordered: datetime) -> History:
    half = chance.choice("AB")
    lab, ward = f"COLL-{half}", f"TREAT-{half}"
    steps: dict[HistoryStep, tuple[Moment, ...]] = {}
    at, ways, judgments = ordered, [], []

    def passed(hours: float, spread: float) -> Moment:
        nonlocal at
        at += timedelta(hours=max(chance.gauss(hours, spread), hours / 4))
        return Moment(at, 7)

    def took(step: HistoryStep, hours: float, spread: float) -> bool:
        moment = passed(hours, spread)
        if moment.at <= until:
            steps[step] = (moment,)
        return moment.at <= until

    def way(number: int, material: Material, origin: str, to: str, hours: float) -> bool:
        taken, arrived = passed(6, 2), passed(hours, 3)
        if taken.at > until:
            return False
        carrier = chance.choice(("CARR-X", "CARR-X", "CARR-Y"))
        ways.append(
            Way(
                f"{origin}{number}{ordered:%Y%m%d%H%M}{chance.random()}",
                carrier,
                origin,
                to,
                (material,),
                taken,
                due_at=taken.at + timedelta(hours=hours + 4),
                taken=taken,
                arrived=arrived if arrived.at <= until else None,
                arrived_site=to if arrived.at <= until else None,
                is_read=arrived.at <= until,
                was_outside=chance.random() < (0.08 if carrier == "CARR-Y" else 0.02),
            )
        )
        return arrived.at <= until

    def was_released() -> bool:
        verdict = MadeVerdict.REJECTED if chance.random() < FAILS else MadeVerdict.RELEASED
        judged = passed(24 * 8, 24)
        if judged.at <= until:
            judgments.append(Judgment(1, verdict, judged))
        return judged.at <= until and verdict is MadeVerdict.RELEASED

    steps[HistoryStep.ENROLLED] = (Moment(at, 0),)
    _ = (
        took(HistoryStep.COLLECTED, 200, 60)
        and took(HistoryStep.FROZEN, 4, 1)
        and way(1, Material.LEUKAPHERESIS, lab, "MFG-1", 18)
        and took(HistoryStep.MAKING_STARTED, 40, 12)
        and took(HistoryStep.MADE, 24 * 12, 30)
        and was_released()
        and way(2, Material.PRODUCT, "MFG-1", ward, 22)
        and took(HistoryStep.INFUSION_STARTED, 24 * 6, 30)
    )
    promised = (ordered + timedelta(days=chance.randint(43, 52))).date().isoformat()
    day = (ordered + timedelta(days=8)).date().isoformat()
    moved = chance.random() < 0.2
    reason = chance.choice(_REASONS)
    moment = Moment(ordered + timedelta(days=4), 5)
    return History(
        chance.choice(("autologous-cryopreserved", "autologous-fresh")),
        lab,
        "MFG-1",
        ward,
        ready_from=(ordered + timedelta(days=3)).date().isoformat(),
        promised_first=promised,
        promised_last=promised,
        steps=steps,
        judgments=tuple(judgments),
        ways=tuple(ways),
        places=(TakenPlace("collection", f"{lab}/CHAIR", day, day),),
        given_back=(GivenBack(f"{lab}/CHAIR", ordered + timedelta(days=6), moment, reason),) if moved else (),
        moves=(Happening(moment, lab, reason.value),) if moved else (),
        mixups=(Happening(moment, ward, "bedside_matched"),) if chance.random() < 0.02 else (),
    )
