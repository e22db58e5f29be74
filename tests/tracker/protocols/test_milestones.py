"""Milestones of a protocol: which may be adopted, and what the planner gets of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import pytest
from msgspec.structs import replace

from schema.events.identity import TherapySites
from schema.vocabulary import Material, ResourceType, SitePart, SiteType, Weekday
from tests.support.journeys import PROTOCOL
from tracker.planning.chain import Taken
from tracker.planning.planner import PlanProposal, Unplaced, Wish, propose
from tracker.protocols.graph import findings
from tracker.protocols.library import shipped
from tracker.protocols.model import Protocol
from tracker.protocols.unjudged import unjudged, unverified
from tracker.rules.pathways import pathway_of
from tracker.rules.registry_state import BookableResource, CarrierLane, RegistryState, Site, ZoneSince

FRESH: Final = shipped("autologous-fresh").protocol
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
SITES: Final = TherapySites(collection="CLINIC", manufacturing="PLANT", treatment="CLINIC")
NOW: Final = datetime(2026, 12, 4, 12, tzinfo=UTC)
WORKDAYS: Final = frozenset(list(Weekday)[:5])


def with_milestone(milestone: str, **changes: Any) -> Protocol:
    """The fresh protocol with one milestone changed; without changes it is left out."""
    found = []
    for one in FRESH.milestones:
        if one.name != milestone:
            found.append(one)
        elif changes:
            found.append(one.model_copy(update=changes))
    return FRESH.model_copy(update={"milestones": tuple(found)})


def test_both_shipped_protocols_plan_seven_milestones() -> None:
    """In the order of the journey, each with its source; and nothing of them is unsafe."""
    for protocol in (PROTOCOL, FRESH):
        assert [one.name for one in protocol.milestones] == [
            "collection", "receipt", "manufacturing_start", "release", "delivery", "lymphodepletion",
            "infusion",
        ]  # fmt: skip
        assert not findings(protocol)
    assert "milestone delivery: charging and packing" in " ".join(one.words for one in unverified(FRESH))
    assert "milestone release" not in " ".join(one.words for one in unverified(PROTOCOL)), (
        "a text about the source was read"
    )
    unrecorded = with_milestone("lymphodepletion", fulfilled_by=None)
    assert "milestone lymphodepletion is fulfilled by no step" in " ".join(unjudged(unrecorded))
    bare = FRESH.model_copy(update={"milestones": ()})
    assert "there are no milestones: nothing of a therapy can be planned." in unjudged(bare)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (("receipt", {"after": None}), "milestone receipt comes after none, and it is not the first."),
        (("receipt", {"after": "infusion"}), "comes after infusion, which does not stand before it."),
        (("delivery", {}), "comes after delivery, which does not stand before it."),
        (("release", {"name": "receipt"}), "milestone receipt is defined twice."),
        (("release", {"part": SitePart.CARRIER}), "carrier is no part that one site of a therapy has."),
        (
            ("receipt", {"carried_from": SitePart.TREATMENT}),
            "is carried from treatment, and nothing is there",
        ),
        (("receipt", {"carried_from": SitePart.MANUFACTURING}), "from manufacturing to manufacturing."),
        (("receipt", {"carried_from": None}), "is at another site than collection: say carried_from."),
        (("release", {"typical": 9 * DAY}), "milestone release: typical is less than earliest."),
        (("infusion", {"latest": DAY}), "latest is less than what is planned, 5 d."),
        (("collection", {"earliest": HOUR}), "is the first, so nothing lies before it."),
        (("collection", {"fulfilled_by": "flown"}), "is fulfilled by flown, which is no step."),
        (("collection", {"materials": (Material.PRODUCT,)}), "by no step collected of product."),
        (("receipt", {"typical": 73 * HOUR}), "limit collection_to_manufacturing lets 3 d pass, and 73 h"),
    ],
)
def test_what_cannot_be_planned_is_not_adopted(changed: tuple[str, dict[str, Any]], said: str) -> None:
    """Each in a sentence that names the milestone."""
    assert said in " ".join(findings(with_milestone(changed[0], **changed[1])))


def a_registry() -> RegistryState:
    """A clinic, a plant and a carrier, with a chair, a start and a bed."""
    sites = {
        code: Site(code, code.title(), kind, "", "", (ZoneSince("UTC"),), open_on=WORKDAYS)
        for code, kind in (
            ("CLINIC", SiteType.TREATMENT_CENTER), ("PLANT", SiteType.MANUFACTURER),
            ("POLAR", SiteType.CARRIER),
        )
    }  # fmt: skip
    found = [
        BookableResource(
            site, code, kind, code.title(), (2,) * 5 + (0, 0), most, hours * HOUR, timedelta(),
            (time(8), time(15)), date.min, date.max,
        )
        for site, code, kind, most, hours in (
            ("CLINIC", "CHAIR", ResourceType.APHERESIS_CHAIR, None, 6),
            ("PLANT", "START", ResourceType.MANUFACTURING_START, 8, 240),
            ("CLINIC", "BED", ResourceType.BED, 4, 336),
        )
    ]  # fmt: skip
    lanes = [
        CarrierLane(f"{a}-{b}", a, b, "POLAR", DAY, time(17), WORKDAYS, date.max)
        for a, b in (("CLINIC", "PLANT"), ("PLANT", "CLINIC"))
    ]
    return RegistryState(
        sites=sites, resources={one.id: one for one in found}, lanes={one.code: one for one in lanes}
    )


def no_offset(_: datetime) -> timedelta:
    return timedelta()


def planned(protocol: Protocol, registry: RegistryState) -> PlanProposal | Unplaced:
    """What the planner makes of a therapy that is ready on Monday, 7 December 2026."""
    pathway = pathway_of(protocol, SITES, registry, lambda _: no_offset)
    return propose(Wish(pathway, date(2026, 12, 7)), Taken(), NOW)


class TestPathway:
    def test_a_therapy_of_each_protocol_can_be_planned(self) -> None:
        """From the chair to the bed, at the sites that enrollment named; fresh cells within their limit."""
        for protocol in (PROTOCOL, FRESH):
            found = planned(protocol, a_registry())
            assert isinstance(found, PlanProposal)
            used = {name: slot.resource for name, slot in found.slots.items()}
            assert used == {
                "collection": "CLINIC/CHAIR", "receipt": "PLANT", "manufacturing_start": "PLANT/START",
                "release": "PLANT", "delivery": "CLINIC", "lymphodepletion": "CLINIC",
                "infusion": "CLINIC/BED",
            }  # fmt: skip
            gap = found.slots["manufacturing_start"].start - found.slots["collection"].end
            assert protocol is PROTOCOL or gap <= 72 * HOUR

    def test_only_limits_from_one_milestone_to_another_hold_the_plan(self) -> None:
        """A time out of storage ends on the way; that from chemotherapy to the cells is planned with."""
        fresh, frozen = (
            pathway_of(one, SITES, a_registry(), lambda _: no_offset) for one in (FRESH, PROTOCOL)
        )
        assert [(one.start, one.until, one.within) for one in fresh.gaps] == [
            ("collection", "manufacturing_start", 72 * HOUR), ("lymphodepletion", "infusion", 9 * DAY),
        ]  # fmt: skip
        assert [(one.start, one.until, one.within) for one in frozen.gaps] == [
            ("lymphodepletion", "infusion", 16 * DAY)
        ]
        assert frozen.gaps[0].title == "Lymphodepletion to infusion"

    def test_what_a_site_lacks_is_said(self) -> None:
        """No bed at the clinic, no carrier to the plant: there is no chain, and the reason is a sentence."""
        whole = a_registry()
        without_bed = {name: one for name, one in whole.resources.items() if name != "CLINIC/BED"}
        for registry, said in (
            (replace(whole, resources=without_bed), "Infusion: its site has nothing that can be booked"),
            (
                replace(whole, lanes={}),
                "Receipt by the manufacturer: no carrier goes there with what it bears",
            ),
        ):
            found = planned(PROTOCOL, registry)
            assert isinstance(found, Unplaced)
            assert said in [one.sentence for one in found.obstacles]

    def test_a_lane_that_is_too_warm_brings_nothing(self) -> None:
        """A cool lane takes fresh cells and no frozen ones; the carrier with dry shippers brings these."""
        whole = a_registry()
        cool, dry = (
            {code: replace(one, celsius_min=low, celsius_max=high) for code, one in whole.lanes.items()}
            for low, high in (("2", "8"), (None, "-150"))
        )
        fresh, frozen = (planned(one, replace(whole, lanes=cool)) for one in (FRESH, PROTOCOL))
        assert isinstance(fresh, Unplaced) and isinstance(frozen, Unplaced)
        said = {one.sentence for one in fresh.obstacles}
        assert said == {"Delivery: no carrier goes there with what it bears"}
        assert isinstance(planned(PROTOCOL, replace(whole, lanes=dry)), PlanProposal)
        mixed = {**dry, "CLINIC-PLANT": cool["CLINIC-PLANT"]}
        assert isinstance(planned(FRESH, replace(whole, lanes=mixed)), PlanProposal)

    def test_where_two_parts_are_at_one_site_nobody_drives(self) -> None:
        """A hospital that makes its own cells needs no lane."""
        alone = TherapySites(collection="CLINIC", manufacturing="CLINIC", treatment="CLINIC")
        registry = replace(a_registry(), lanes={})
        pathway = pathway_of(PROTOCOL, alone, registry, lambda _: no_offset)
        assert [one.name for one in pathway.milestones if one.lanes is not None] == []
