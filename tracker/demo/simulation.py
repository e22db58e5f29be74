"""A protocol played before it is adopted: one therapy by it, from enrollment to its end, in its own store."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from schema.errors import InputError, Refusal
from schema.vocabulary import DeviationDecision, Meaning, Reason, Severity, SitePart
from schema.zones import zone_info
from tracker.clock import SimulatedClock
from tracker.demo import cast, courses, licensed, stages
from tracker.demo.courses import Course
from tracker.demo.journey import Journey, scan
from tracker.demo.network import Network, adopt, build_network
from tracker.people.passwords import WEAK
from tracker.protocols.library import ProtocolFile
from tracker.protocols.model import Limit, Operator, Protocol, ReleaseTest
from tracker.requests.base import Request
from tracker.rules.therapy_state import TherapyStatus
from tracker.settings import KEYS_FOLDER, database_url
from tracker.therapy.course import Cancel
from tracker.therapy.deviations import AssessDeviation, CloseDeviation
from tracker.therapy.identity import requests as identity
from tracker.therapy.making import requests as processing
from tracker.tracker import Environment

BEGINS = datetime(2026, 1, 5, 7, tzinfo=UTC)
PACE_SECONDS = (30, 60)
"""Quicker than the demo's people: a label may leave three minutes between two steps."""

BAGS = 2


class Failure(StrEnum):
    """What goes wrong in a simulation."""

    LATE_THAW = "late_thaw"
    """The first bag is out or thawed for longer than its label allows."""

    OOS = "oos"
    """A release test fails."""

    WRONG_BAG = "wrong_bag"
    """Before the thaw the bag is taken to another patient of the site."""


@dataclass(frozen=True, slots=True)
class Stop:
    """What the rules refused on the way."""

    failure: Failure
    code: str
    message: str
    source: str
    """Where the figure is from that stopped it; empty where identities were compared."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """How a therapy by a protocol went."""

    protocol: str
    steps: tuple[tuple[datetime, str], ...]
    """When each entry of its record happened, and what it is in words."""

    stops: tuple[Stop, ...]
    status: TherapyStatus
    bags_given: int
    out_of_specification: bool


@dataclass(slots=True)
class _Play:
    """One therapy that is played."""

    journey: Journey
    failures: Collection[Failure]
    neighbor: Journey | None = None
    stops: list[Stop] = field(default_factory=list)

    def in_vain(
        self,
        failure: Failure,
        source: str,
        request_class: type[Request],
        actor: str,
        site: str,
        *others: tuple[str, Meaning],
        meaning: Meaning | None = None,
        **fields: object,
    ) -> None:
        """Ask for what has to be refused; raises Refusal with exit code 1 when it is permitted."""
        try:
            self.journey.ask(request_class, actor, site, *others, meaning=meaning, **fields)
        except Refusal as refusal:
            said = refusal.message.partition(": ")[2] or refusal.message
            self.stops.append(Stop(failure, refusal.code, said, source))
            return
        raise Refusal(
            f"{failure.value}: {request_class.name} was permitted, and nothing stopped it.",
            remedy="Look at the limits, release tests and comparisons of the protocol.",
            code="not_stopped",
        )


def simulate(file: ProtocolFile, failures: Collection[Failure] = ()) -> Simulated:
    """Play one therapy by a protocol, with what goes wrong; nothing of it stays.

    Raises Refusal where the protocol stops a therapy that goes as it should, or lets a failure pass.
    """
    with tempfile.TemporaryDirectory(prefix="cartrail-simulate-") as name:
        network = simulated_network(Path(name))
        try:
            return play(network, file, failures)
        finally:
            network.tracker.close()


def simulated_network(folder: Path) -> Network:
    """Sites, people and equipment in a folder, with nothing in hand yet."""
    # A simulation repeats; keys and salts are drawn by the store itself.
    clock, chance = SimulatedClock(BEGINS), random.Random(1)  # noqa: S311
    network = build_network(
        database_url(str(folder / "simulation.db")),
        config=folder / KEYS_FOLDER,
        environment=Environment(clock, chance, WEAK),
        clock=clock,
        chance=chance,
    )
    network.pace_seconds = PACE_SECONDS
    return network


def play(
    network: Network, file: ProtocolFile, failures: Collection[Failure] = (), number: int = 1
) -> Simulated:
    """One therapy by a protocol in a network of its own; patients of one network differ by their number."""
    protocol = file.protocol
    if protocol.is_made_elsewhere and Failure.OOS in failures and len(set(failures)) > 1:
        raise InputError(
            f"{protocol.id}: what its maker's certificate calls out of specification is never thawed here.",
            remedy="Simulate oos alone, and the other failures without it.",
        )
    if network.tracker.registry.latest_protocol(protocol.id) is None:
        adopt(network, file)
    journey = Journey(network, "A", number, protocol=protocol.id)
    one = _Play(journey, failures)
    begun = network.clock.now()
    for name, day, local, part, usual in _course(protocol, journey, failures):
        site = {SitePart.COLLECTION: journey.collection, SitePart.TREATMENT: journey.treatment}
        zone = next(known.zone for known in cast.SITES if known.code == site.get(part, cast.HUB))
        at = datetime.combine(
            begun.date() + timedelta(days=day + 1), time.fromisoformat(local), tzinfo=zone_info(zone)
        )
        network.clock.set(max(at.astimezone(UTC), network.clock.now()))
        instead = _INSTEAD.get(name)
        if instead is None:
            usual(journey)
        else:
            instead(one)
        if one.journey.is_over:
            break
    return _told(one)


def _course(protocol: Protocol, journey: Journey, failures: Collection[Failure]) -> Course:
    """The demo's usual days, with what this protocol says of the days before the infusion."""
    course = _usual(journey)
    deplete = next(day for name, day, *_ in course if name == "deplete")
    waits = [one.not_before for one in protocol.limits if "lymphodepletion_started" in one.starts]
    days = deplete + max((one.days for one in waits if one is not None), default=4)
    later = {"infuse": days, "close": days + 6}
    kept = tuple((name, later.get(name, day), *rest) for name, day, *rest in course)
    left_out = {"deplete"} if protocol.step("lymphodepletion_started", None) is None else set()
    if protocol.is_made_elsewhere and Failure.OOS in failures:
        left_out |= {"deplete", "infuse"}
    return tuple(one for one in kept if one[0] not in left_out)  # type: ignore[misc]


def _usual(journey: Journey) -> Course:
    """The days of such a therapy in the demo: fresh, frozen, or made in the record of another."""
    if journey.known.is_made_elsewhere:
        return licensed.course("Dry shipper 1", bags=BAGS)
    if journey.is_fresh:
        return courses.fresh("Cool box 1", "Dry shipper 4", bags=BAGS)
    return courses.frozen("Dry shipper 1", "Dry shipper 4", bags=BAGS)


def results(protocol: Protocol, *, failing: bool) -> Mapping[str, str]:
    """A result of each release test that meets it; of one a result that does not, where it should fail."""
    found = {test.code: _meeting(test) for test in protocol.release_tests}
    if failing:
        test = _failing_test(protocol)
        found[test.code] = _beyond(test)
    return found


def _failing_test(protocol: Protocol) -> ReleaseTest:
    """The first that is a number, else the first."""
    return min(protocol.release_tests, key=lambda one: one.operator is Operator.EQUALS)


def _meeting(test: ReleaseTest) -> str:
    step = Decimal(1).scaleb(-test.decimals)
    if test.operator is Operator.MORE_THAN:
        return str(Decimal(test.limit) + step)
    return str(Decimal(test.limit) - step) if test.operator is Operator.LESS_THAN else test.limit


def _beyond(test: ReleaseTest) -> str:
    if test.operator is Operator.EQUALS:
        return next(word for word in test.words if word != test.limit)
    low = test.operator in (Operator.AT_LEAST, Operator.MORE_THAN)
    return str(test.plausible_min if low else test.plausible_max)


def _enroll(one: _Play) -> None:
    one.journey.enroll()
    if Failure.WRONG_BAG in one.failures:
        one.neighbor = replace(one.journey, number=one.journey.number + 500, coi="")
        one.neighbor.enroll()


def _test(one: _Play) -> None:
    found = results(one.journey.known, failing=Failure.OOS in one.failures)
    one.journey.test(dict(found))


def _nothing(_: _Play) -> None:
    """Its results are all there already."""


def _read_certificate(one: _Play) -> None:
    licensed.read_certificate(one.journey, out_of_specification=Failure.OOS in one.failures)


def _release_on_certificate(one: _Play) -> None:
    """As it should be; what the certificate calls out of specification is blocked and destroyed."""
    journey = one.journey
    if Failure.OOS not in one.failures:
        licensed.sign_on_certificate(journey)
        return
    quality, site, units = f"QA-{journey.letter}", journey.treatment, journey.scans(tuple(journey.products))
    one.in_vain(
        Failure.OOS,
        "certificate of the maker",
        processing.Release,
        f"PHARM-{journey.letter}",
        site,
        (quality, Meaning.REVIEWED),
        meaning=Meaning.RELEASED,
        units=units,
    )
    reason = Reason.TEST_FAILED
    journey.ask(processing.Quarantine, quality, site, units=units, reason=reason)
    journey.retrieve(f"LAB-{journey.letter}1", site, tuple(journey.products))
    second = (f"LAB-{journey.letter}2", Meaning.WITNESSED)
    journey.ask(processing.Destroy, f"LAB-{journey.letter}1", site, second, units=units, reason=reason)


def _release(one: _Play) -> None:
    """As it should be; where a test failed, refused first, then released at the physician's request."""
    journey = one.journey
    if journey.known.is_made_elsewhere:
        _release_on_certificate(one)
        return
    if Failure.OOS not in one.failures:
        stages.sign_release(journey)
        return
    one.in_vain(
        Failure.OOS,
        _failing_test(journey.known).source,
        processing.Release,
        "QP-1",
        cast.HUB,
        ("QA-2", Meaning.REVIEWED),
        meaning=Meaning.RELEASED,
        units=journey.frozen_scans(tuple(journey.products)),
    )
    stages.sign_out_of_specification(journey)


def _infuse(one: _Play) -> None:
    first, *others = one.journey.products
    if Failure.WRONG_BAG in one.failures:
        _take_to_another(one, first)
    if Failure.LATE_THAW in one.failures:
        _too_late(one, first)
    else:
        stages.infuse(one.journey, first)
    for unit in others:
        stages.infuse(one.journey, unit)


def _take_to_another(one: _Play, unit: str) -> None:
    """Taken out for this patient, and matched with the card and wristband of another."""
    journey, neighbor = one.journey, one.neighbor
    if neighbor is None:
        raise LookupError("nobody else was enrolled")
    lab, bag = f"LAB-{journey.letter}1", (unit,)
    journey.retrieve(lab, journey.treatment, bag)
    one.in_vain(
        Failure.WRONG_BAG,
        "",
        identity.MatchBeforeThaw,
        lab,
        journey.treatment,
        (f"PHARM-{journey.letter}", Meaning.WITNESSED),
        units=journey.frozen_scans(bag),
        coi=scan(neighbor.coi),
        patient=neighbor.wristband(),
    )
    journey.store(lab, journey.treatment, bag)
    _settle(journey)


def label_clock(protocol: Protocol) -> Limit | None:
    """The shortest limit from the thaw or the removal that no infusion may begin beyond."""
    starts = {"thaw_started", "thaw_ended", "retrieved"}
    guarded = [
        one
        for one in protocol.limits
        if not starts.isdisjoint(one.starts) and "infusion_started" in (*one.ends, *one.guards)
    ]
    return min(guarded, key=lambda one: one.within, default=None)


def _too_late(one: _Play, unit: str) -> None:
    """Thawed and brought to the bed, where it waits for longer than the label allows: destroyed."""
    journey = one.journey
    clock, site, doctor = label_clock(journey.known), journey.treatment, f"DOC-{journey.letter}1"
    stages.issue(journey, unit)
    if clock is not None:
        journey.wait(seconds=clock.within.total_seconds())
    stages.match_at_bedside(journey, unit)
    bag = journey.scans((unit,))
    source = "" if clock is None else clock.source
    one.in_vain(Failure.LATE_THAW, source, processing.StartInfusion, doctor, site, units=bag)
    second, reason = (f"WARD-{journey.letter}", Meaning.WITNESSED), Reason.TIME_LIMIT_EXCEEDED
    journey.ask(processing.Destroy, doctor, site, second, units=bag, reason=reason)


def _settle(journey: Journey) -> None:
    """Quality of the manufacturer assesses and closes what was opened."""
    for deviation in journey.state.open_deviations():
        journey.wait(minutes=35)
        coi, opened = scan(journey.coi), deviation.deviation
        journey.ask(
            AssessDeviation,
            "QA-2",
            cast.HUB,
            coi=coi,
            deviation=opened,
            severity=Severity.MAJOR,
            cause="human_error",
            decision=DeviationDecision.NO_IMPACT,
            remark="Stopped before anything was thawed.",
        )
        approver = ("QP-1", Meaning.APPROVED)
        journey.ask(CloseDeviation, "QA-2", cast.HUB, approver, coi=coi, deviation=opened)


def _close(one: _Play) -> None:
    """Closed with its labels counted; the other patient, who was only enrolled, is canceled."""
    stages.close(one.journey)
    if one.neighbor is not None:
        doctor, quality = f"DOC-{one.journey.letter}1", (f"QA-{one.journey.letter}", Meaning.APPROVED)
        coi, reason = scan(one.neighbor.coi), Reason.PATIENT_WITHDREW
        one.neighbor.ask(Cancel, doctor, one.journey.treatment, quality, coi=coi, reason=reason)


_INSTEAD = {
    "enroll": _enroll,
    "test": _test,
    "test_late": _nothing,
    "read_certificate": _read_certificate,
    "release": _release,
    "infuse": _infuse,
    "close": _close,
}
"""What a simulation plays otherwise than the demo."""


def _told(played: _Play) -> Simulated:
    state, tracker = played.journey.state, played.journey.network.tracker
    trail = tracker.read.trail(coi=played.journey.coi)
    given = [unit for unit in state.units.values() if "infusion_completed" in unit.facts]
    return Simulated(
        protocol=played.journey.protocol,
        steps=tuple((one.entry.statement.occurred_at, one.title) for one in trail.entries),
        stops=tuple(played.stops),
        status=state.status,
        bags_given=len(given),
        out_of_specification=any("released_out_of_specification" in unit.facts for unit in given),
    )
