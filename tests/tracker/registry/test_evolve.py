"""What the events of the registry change: in any order the state stays whole."""

from datetime import timedelta
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from schema.events import capacity, equipment, lots, registry_kinds, stock
from schema.events import registry as events
from schema.events.base import Payload
from schema.signing import key_id
from schema.vocabulary import (
    EquipmentStatus,
    EquipmentType,
    LocationType,
    LotStatus,
    Material,
    ReviewOutcome,
    Role,
    SiteType,
    Weekday,
)
from tests.support.registry_story import (
    ADA,
    BEN,
    HUB,
    NOON,
    SITE,
    a_founding,
    commit,
    founded,
    public_of,
    stated,
)
from tracker.registry.evolve import evolve_registry
from tracker.registry.network.founding import founding_drafts
from tracker.rules.public_keys import public_text
from tracker.rules.registry_state import RegistryState

DAY = timedelta(days=1)
BADGE = "PT234567892"

FOUNDING = founding_drafts(a_founding())
# Few values for each field, so that events meet each other, and some meet nothing.
STAFF = st.sampled_from([ADA, BEN, "N-1"])
SITES = st.sampled_from([SITE, "CLINIC"])
STATIONS = st.sampled_from([HUB, "S-2"])
OWNERS = st.sampled_from([ADA, BEN, "N-1", "log", f"station/{HUB}"])
KEYS = st.sampled_from([key_id(public_of(owner)) for owner in (ADA, BEN, "log")])
PUBLICS = st.sampled_from([public_text(public_of(owner)) for owner in (ADA, BEN, "log")] + ["A" * 42 + "B="])
BADGES = st.sampled_from([BADGE, "PT222222222"])
TIMES = st.sampled_from([NOON, NOON + DAY])
TRAINING = st.builds(events.Training, reference=st.just("SOP 7"), expires_at=st.none() | TIMES)
EVENT_IDS = st.integers(0, 60).map(
    lambda number: stated(events.SiteDeactivated(site=SITE), number=number, actor=ADA).event_id
)
ZONES = st.sampled_from(["Europe/Berlin", "America/New_York"])
TITLES = st.just("Title")
UNITS = st.sets(st.sampled_from(["UT234567892", "UT222222222"]), min_size=1).map(tuple)
SETS = st.sampled_from(["FT234567892", "FT222222222"])
LOTS = st.sampled_from(["GT234567892", "GT222222222"])
BOXES = st.just("BT234567892")
NOTICED = st.builds(equipment.Noticed, heard=st.booleans(), seen=st.booleans())
CHAINS = st.just(commit("chains", "[]"))
DRAWN = (
    st.sampled_from([draft.payload for draft in FOUNDING if isinstance(draft.payload, events.StoreCreated)]),
    st.builds(events.SiteAdded, site=SITES, title=TITLES, site_type=st.sampled_from(SiteType), zone=ZONES),
    st.builds(events.SiteContactChanged, site=SITES, phone_24h=st.sampled_from(["+49 1", "+49 2"])),
    st.builds(events.SiteZoneSet, site=SITES, zone=ZONES, valid_from=TIMES),
    st.builds(events.SiteWristbandSet, site=SITES, wristband=st.just(())),
    st.builds(events.SiteDaysSet, site=SITES, open_on=st.sampled_from([(Weekday.MONDAY,), (*Weekday,)])),
    st.builds(
        events.ResourceClosed, site=SITES, resource=st.none(), from_day=st.just("2026-12-24"),
        until_day=st.just("2026-12-26"), title=TITLES,
    ),
    st.builds(
        capacity.ResourceSet, site=SITES, resource=st.just("CHAIR"), resource_type=st.just("apheresis_chair"),
        title=TITLES, per_weekday=st.just((2,) * 7), occupies_hours=st.just(5), opens=st.just("08:00"),
        closes=st.just("14:00"),
    ),
    st.builds(
        capacity.LaneSet, lane=st.just("LANE"), from_site=SITES, to_site=SITES, carrier=SITES,
        transit_hours=st.just(24), cutoff=st.just("17:00"), picks_up_on=st.just((Weekday.MONDAY,)),
    ),
    st.builds(events.ClosureLifted, site=SITES, closure=EVENT_IDS),
    st.builds(events.SiteDeactivated, site=SITES),
    st.builds(events.SiteReactivated, site=SITES),
    st.builds(
        events.DepartmentAdded, site=SITES, department=st.just("LAB"), title=TITLES,
        roles=st.just((Role.DOCK,)),
    ),
    st.builds(
        events.LocationAdded, location=st.just("LT234567892"), site=SITES, department=st.just("LAB"),
        title=TITLES, location_type=st.sampled_from(LocationType),
    ),
    st.builds(events.LocationConditionsSet, location=st.just("LT234567892"), celsius_max=st.just("-150")),
    st.builds(
        events.StorageCounted, location=st.just("LT234567892"), expected=st.just(3), found=st.just(2),
        missing=st.just(1), unexpected=st.just(0),
    ),
    st.builds(events.StationAdded, station=STATIONS, site=SITES, title=TITLES),
    st.builds(events.StationBoardSet, station=STATIONS, board=st.booleans()),
    st.builds(events.StationRetired, station=STATIONS),
    st.builds(events.StationReactivated, station=STATIONS),
    st.builds(events.PersonAdded, staff=STAFF, name=TITLES),
    st.builds(events.PersonDeactivated, staff=STAFF),
    st.builds(events.PersonReactivated, staff=STAFF),
    st.builds(
        events.RoleGranted, staff=STAFF, role=st.sampled_from(Role), site=SITES, valid_from=TIMES,
        valid_until=st.none() | TIMES, training=TRAINING,
    ),
    st.builds(events.RoleRevoked, grant=EVENT_IDS),
    st.builds(
        events.RightsReviewed, day=st.just("2026-03-02"), sha256=st.just("a" * 64), count=st.just(3),
        outcome=st.sampled_from(ReviewOutcome),
    ),
    st.builds(events.BadgeBound, badge=BADGES, staff=STAFF),
    st.builds(events.BadgeRevoked, badge=BADGES),
    st.builds(events.AccessCodeIssued, staff=STAFF, expires_at=TIMES),
    st.builds(events.KeyAdded, owner=OWNERS, key=KEYS, public=PUBLICS),
    st.builds(events.KeyActivated, owner=OWNERS, key=KEYS),
    st.builds(events.KeyRetired, owner=OWNERS, key=KEYS),
    st.builds(
        events.ProtocolAdopted, protocol=st.just("p"), version=st.integers(1, 3), sha256=st.just("a" * 64),
        title=TITLES,
    ),
    st.builds(events.ClockCorrected, corrected_to=TIMES),
    st.builds(
        events.StoreRestored, known_size=st.just(9), known_root=st.just("ab" * 32), restored_size=st.just(5)
    ),
    st.builds(
        events.LostHeadNamed,
        loss=st.just("01900000-0000-7000-8000-000000000001"),
        known_size=st.just(12),
        known_root=st.just("cd" * 32),
    ),
    st.builds(events.ClockConfirmed, day=st.just("2026-11-30")),
    st.builds(events.LockedOut, staff=STAFF, station=STATIONS, until=TIMES),
    st.builds(
        events.Exported, tree_size=st.just(1), root=st.just("a" * 64), chains=CHAINS, whole=st.booleans(),
        free_text=st.booleans(), checkpoints=st.just(()),
    ),
    st.builds(
        events.TrailExported, form=st.just("csv"), chains=CHAINS, count=st.just(1),
        identifiers=st.booleans(), free_text=st.booleans(), staff_names=st.booleans(),
        signed_in=st.booleans(),
    ),
    st.builds(
        events.IdentifierSearched, form=st.just("screen"), chains=CHAINS, count=st.just(1),
        signed_in=st.booleans(),
    ),
    st.builds(events.PeopleListed, form=st.just("table"), count=st.just(2), signed_in=st.booleans()),
    st.builds(
        equipment.EquipmentAdded, equipment=BOXES, title=TITLES, site=SITES,
        equipment_type=st.sampled_from(EquipmentType),
    ),
    st.builds(
        equipment.EquipmentQualified, equipment=BOXES, at=TIMES, standard=TITLES, due_at=st.none() | TIMES,
        verdict=st.sampled_from(equipment.CheckResult), unfit_since=st.none() | TIMES,
    ),
    st.builds(equipment.ShipperCharged, box=BOXES, at=TIMES),
    st.builds(
        equipment.EquipmentStatusSet, equipment=BOXES, status=st.sampled_from(EquipmentStatus)
    ),
    st.builds(equipment.BoxEmptied, box=BOXES, site=SITES, uses=st.integers(0, 3)),
    st.builds(equipment.EmptyCollected, box=BOXES, carrier=st.just("CARR"), site=SITES),
    st.builds(equipment.EmptyReturned, box=BOXES, carrier=st.just("CARR"), site=SITES),
    st.builds(equipment.TerminalChecked, station=STATIONS, ok=NOTICED, check=NOTICED, stop=NOTICED),
    st.builds(
        equipment.ScannerChecked, station=STATIONS, scanner=TITLES, card=st.just(1),
        result=st.sampled_from(equipment.CheckResult),
    ),
    st.builds(
        equipment.ScannerCheckRequired, station=STATIONS, within_hours=st.none() | st.integers(1, 168)
    ),
    st.builds(
        stock.LabelStockIssued, set=SETS, site=SITES, material=st.sampled_from(Material), units=UNITS,
        count=st.just(1),
    ),
    st.builds(stock.LabelStockDestroyed, set=SETS, site=SITES, units=UNITS, count=st.just(1)),
    st.builds(
        lots.LotReceived, lot=LOTS, item=st.just("cytokine"), site=SITES, number=TITLES,
        expires=st.just("2027-03-31"),
    ),
    st.builds(lots.LotStatusSet, lot=LOTS, status=st.sampled_from(LotStatus)),
)  # fmt: skip
EVENTS = st.one_of(st.sampled_from([draft.payload for draft in FOUNDING]), *DRAWN)


@given(st.tuples(*DRAWN))
def test_every_kind_is_drawn(drawn: tuple[Payload, ...]) -> None:
    """A kind that is missing here would be folded in no order but its own."""
    assert {one.kind for one in drawn} == registry_kinds()


@given(st.lists(EVENTS, max_size=40), st.booleans())
def test_evolving_never_fails(told: list[Payload], founded_first: bool) -> None:  # noqa: FBT001  hypothesis passes by position
    """In any order the state stays whole: what it names is there, and a key that counts is not retired."""
    state = founded().state if founded_first else RegistryState()
    for number, payload in zip(count(state.sequence + 1), told, strict=False):
        before = state
        state = evolve_registry(state, number, stated(payload, number=number, actor=ADA))
        assert state.sequence == number and before.sequence == number - 1
    for owner, held in state.active_keys.items():
        key = state.keys[held]
        assert key.owner == owner and key.retired_sequence is None and key.counts_at(state.sequence)
    for badge_id, badge in state.badges.items():
        assert (badge_id in state.people[badge.staff].badges) is not badge.revoked
    assert all(staff in state.people for staff in state.grants)
    assert all(station in state.stations for station in {*state.terminal_checks, *state.scanner_checks})
    for blank, name in state.blanks.items():
        assert blank in state.stock[name].units and blank not in state.stock[name].destroyed
    assert all(f"{one.site}/{one.department}" in state.departments for one in state.locations.values())
    for versions in state.protocols.values():
        assert [one.version for one in versions] == sorted({one.version for one in versions})


@given(st.lists(EVENTS, max_size=15))
def test_older_states_are_not_touched(told: list[Payload]) -> None:
    """States share their mappings, so no event may write into them."""
    states = [RegistryState()]
    copies = [RegistryState()]
    for number, payload in enumerate(told):
        states.append(evolve_registry(states[-1], number, stated(payload, number=number, actor=ADA)))
        again = RegistryState()
        for earlier, one in enumerate(told[: number + 1]):
            again = evolve_registry(again, earlier, stated(one, number=earlier, actor=ADA))
        copies.append(again)
    assert states == copies
