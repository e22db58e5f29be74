"""Sites, departments, locations, stations, equipment and protocols: what is added once, and who adds it."""

from collections.abc import Callable
from typing import Any

from schema.events import registry as events
from schema.identifiers import first_copy
from schema.signing import key_id
from schema.vocabulary import EquipmentType, LocationType, PartyType, Role, SiteType
from tests.support.journeys import World
from tests.support.registry_story import HUB, NOON, SITE, Story, asked, kinds_of, public_of
from tracker.demo import cast
from tracker.registry.equipment.requests import AddEquipment
from tracker.registry.network.requests import AddStationKey, AdoptProtocol
from tracker.registry.people.requests import AddPerson, DeactivatePerson
from tracker.registry.places.requests import (
    AddDepartment,
    AddLocation,
    AddSite,
    AddStation,
    DeactivateSite,
    ReactivateSite,
    ReactivateStation,
    RetireStation,
)
from tracker.rules.decision import Denied, ScanAnswer
from tracker.rules.public_keys import public_text

Worlds = Callable[[str], World]


class TestPlaces:
    def test_a_site_with_all_that_belongs_to_it(self, story: Story) -> None:
        """Ids that are not given are drawn; given ones may be printed codes."""
        story.do(
            asked(
                AddSite,
                site="CLINIC",
                title="Clinic",
                site_type=SiteType.TREATMENT_CENTER,
                zone="America/New_York",
            )
        )
        story.do(
            asked(
                AddDepartment,
                site="CLINIC",
                department="WARD",
                title="Ward",
                roles=(Role.CLINICIAN,),
            )
        )
        ward = dict(site="CLINIC", department="WARD", title="Fridge", location_type=LocationType.STORAGE)
        (drawn,) = story.do(asked(AddLocation, **ward))
        printed = first_copy("LT234567892").text
        story.do(asked(AddLocation, location=printed, **ward))
        story.do(asked(AddStation, new_station="WARD-1", site="CLINIC", title="Ward"))
        story.do(asked(AddEquipment, equipment_type=EquipmentType.DATA_LOGGER, title="Logger", site="CLINIC"))
        assert isinstance(drawn.payload, events.LocationAdded)
        assert set(story.state.locations) == {drawn.payload.location, "LT234567892"}
        assert story.state.zone_at("CLINIC", NOON) == "America/New_York"
        department = story.state.department("CLINIC/WARD")
        assert department is not None and department.roles == {Role.CLINICIAN}
        assert [one.id[0] for one in story.state.equipments.values()] == ["D"]

    def test_terminals_stand_at_the_bench_they_name(self, story: Story) -> None:
        """Two at one bench are one bench; a terminal that names none is a bench of its own."""
        bench = "LT234567892"
        place = dict(site=SITE, department="LAB", title="Cabinet", location_type=LocationType.BENCH)
        story.do(asked(AddLocation, location=bench, **place))
        for name in ("CAB-1", "CAB-2"):
            story.do(asked(AddStation, new_station=name, site=SITE, title="Cabinet", bench=bench))
        story.do(asked(AddStation, new_station="CAB-3", site=SITE, title="Cabinet"))
        stood = {name: story.state.stations[name].bench for name in ("CAB-1", "CAB-2", "CAB-3")}
        assert stood == {"CAB-1": bench, "CAB-2": bench, "CAB-3": "CAB-3"}

    def test_nothing_is_added_twice_or_to_nowhere(self, story: Story) -> None:
        """Each code is used once; each place belongs to one that is there."""
        site = dict(title="X", site_type=SiteType.CARRIER, zone="UTC")
        assert story.refusal(asked(AddSite, site=SITE, **site)) == "site_taken"
        roles = (Role.DOCK,)
        add_department = asked(AddDepartment, site=SITE, department="LAB", title="X", roles=roles)
        assert story.refusal(add_department) == "department_taken"
        assert story.refusal(asked(AddStation, new_station=HUB, site=SITE, title="X")) == "station_taken"
        assert story.refusal(asked(AddStation, new_station="S-2", site="GONE", title="X")) == "site_unknown"
        place = dict(site=SITE, title="X", location_type=LocationType.BENCH)
        assert story.refusal(asked(AddLocation, department="NONE", **place)) == "department_unknown"
        story.do(asked(AddLocation, location="LT234567892", department="LAB", **place))
        again = asked(AddLocation, location="LT234567892", department="LAB", **place)
        assert story.refusal(again) == "location_taken"

    def test_codes_of_another_purpose_or_type(self, story: Story) -> None:
        """A demo box is not a box of a training store, and a box is no logger."""
        box = dict(equipment_type=EquipmentType.SHIPPER, title="X", site=SITE)
        assert story.refusal(asked(AddEquipment, equipment="BD234567892", **box)) == "other_purpose"
        assert story.refusal(asked(AddEquipment, equipment="DT234567892", **box)) == "wrong_object"
        story.do(asked(AddEquipment, equipment="BT234567892", **box))
        assert story.refusal(asked(AddEquipment, equipment="BT234567892", **box)) == "equipment_taken"

    def test_the_branch_one_sits_on(self, story: Story) -> None:
        """A station takes neither itself nor its site out of the network."""
        assert story.refusal(asked(RetireStation, old_station=HUB)) == "own_station"
        assert story.refusal(asked(DeactivateSite, site=SITE)) == "own_site"

    def test_a_retired_station_records_nothing_and_cosigns_nothing(self, story: Story) -> None:
        """Its key goes with it."""
        story.do(asked(AddStation, new_station="S-2", site=SITE, title="Second"))
        public = public_of("station/S-2")
        key: dict[str, Any] = dict(key=key_id(public), public=public_text(public), on_hub=False)
        story.do(asked(AddStationKey, key_station="S-2", **key))
        assert story.refusal(asked(AddStationKey, key_station="S-2", **key)) == "key_active"
        drafts = story.do(asked(RetireStation, old_station="S-2"))
        assert kinds_of(drafts) == ["station_retired", "key_retired"]
        assert story.state.active_key("station/S-2") is None
        story.station = "S-2"
        add = asked(AddPerson, station="S-2", staff="N-1", printed_name="New Person")
        assert story.refusal(add) == "station_retired"

    def test_protocols_need_two_people_and_go_up(self, story: Story) -> None:
        """Performed by quality, approved by a second person, never the same or an older version."""
        terms = dict(protocol="autologous", sha256="a" * 64, title="Autologous")
        both = "A-1 performed, B-2 approved"
        assert story.refusal(asked(AdoptProtocol, version=1, **terms)) == "signature_missing"
        alone = asked(AdoptProtocol, version=1, signers="A-1 performed, A-1 approved", **terms)
        assert story.refusal(alone) == "same_person"
        story.do(asked(AdoptProtocol, version=2, signers=both, **terms))
        latest = story.state.latest_protocol("autologous")
        assert latest is not None and latest.version == 2
        again = story.decide(asked(AdoptProtocol, version=2, signers=both, **terms))
        assert isinstance(again, Denied) and again.reason.answer is ScanAnswer.CHECK
        older = asked(AdoptProtocol, version=1, signers=both, **terms)
        assert story.refusal(older) == "protocol_version_taken"


class TestFindingsG9:
    """What others rest on is switched off by people of two sites, when nothing is there, and comes back."""

    def clinic(self, story: Story, *, overseen: bool = True) -> None:
        """A clinic with a ward terminal; its own quality only where that is asked."""
        story.tell(
            events.SiteAdded(site="CLINIC", title="Clinic", site_type=SiteType.TREATMENT_CENTER, zone="UTC")
        )
        story.tell(events.StationAdded(station="WARD-1", site="CLINIC", title="Ward"))
        if overseen:
            story.hire("Q-9", Role.QUALITY, site="CLINIC")

    def test_findings_g9_somebody_of_the_site_and_somebody_of_another(self, story: Story) -> None:
        """The center's own people cannot end the clinic alone, and neither can the clinic."""
        self.clinic(story)
        for request_class, fields in (
            (DeactivateSite, {"site": "CLINIC"}),
            (RetireStation, {"old_station": "WARD-1"}),
        ):
            refused = [
                story.refusal(asked(request_class, signers="A-1 performed, B-2 approved", **fields)),
                story.refusal(asked(request_class, actor="Q-9", signers="Q-9 performed", **fields)),
                story.refusal(asked(request_class, **fields)),
            ]
            assert refused == ["role_elsewhere", "signature_missing", "role_elsewhere"]
        both = "Q-9 performed, B-2 approved"
        story.do(asked(RetireStation, actor="Q-9", signers=both, old_station="WARD-1"))
        story.do(asked(DeactivateSite, actor="Q-9", signers=both, site="CLINIC"))
        assert not story.state.sites["CLINIC"].active and story.state.stations["WARD-1"].retired

    def test_findings_g9_a_site_without_overseers_takes_two_of_elsewhere(self, story: Story) -> None:
        """One person alone ends no site, wherever they belong."""
        self.clinic(story, overseen=False)
        assert story.refusal(asked(DeactivateSite, site="CLINIC")) == "signature_missing"
        story.do(asked(DeactivateSite, signers="A-1 performed, B-2 approved", site="CLINIC"))

    def test_findings_g9_whichever_other_site_signs(self, story: Story) -> None:
        """Of two other sites either may give the second signature."""
        self.clinic(story)
        for site, staff in (("WEST", "Q-W"), ("EAST", "Q-E")):
            story.tell(
                events.SiteAdded(site=site, title=site, site_type=SiteType.TREATMENT_CENTER, zone="UTC")
            )
            story.hire(staff, Role.QUALITY, site=site)
        for second in ("B-2", "Q-W", "Q-E"):
            signed = f"Q-9 performed, {second} approved"
            story.do(asked(DeactivateSite, actor="Q-9", signers=signed, site="CLINIC"))
            story.do(asked(ReactivateSite, actor="Q-9", signers=signed, site="CLINIC"))

    def test_findings_g9_nobody_signs_for_what_is_done_to_them(self, story: Story) -> None:
        """Where only the person concerned could sign at another site, that site has nobody."""
        self.clinic(story)
        story.tell(events.SiteAdded(site="WEST", title="W", site_type=SiteType.TREATMENT_CENTER, zone="UTC"))
        story.grant("Q-9", Role.QUALITY, site="WEST")
        alone = asked(DeactivatePerson, signers="A-1 performed, Q-9 approved", staff="Q-9")
        assert story.refusal(alone) == "role_elsewhere"
        story.do(asked(DeactivatePerson, signers="A-1 performed, B-2 approved", staff="Q-9"))

    def carrier(self, story: Story) -> None:
        """A carrier with somebody of quality."""
        story.tell(events.SiteAdded(site="CARR", title="Courier", site_type=SiteType.CARRIER, zone="UTC"))
        story.hire("Q-C", Role.QUALITY, site="CARR")

    def test_findings_g9_a_carriers_quality_is_nobody_of_another_site(self, story: Story) -> None:
        """A carrier signs for itself alone, beside somebody of a site that handles cells."""
        self.clinic(story)
        self.carrier(story)
        clinic = asked(DeactivateSite, actor="Q-9", signers="Q-9 performed, Q-C approved", site="CLINIC")
        assert story.refusal(clinic) == "role_elsewhere"
        own = asked(DeactivateSite, actor="Q-C", signers="Q-C performed, Q-9 approved", site="CARR")
        story.do(own)
        assert not story.state.sites["CARR"].active

    def test_findings_g9_a_carriers_quality_stands_in_for_no_site(self, story: Story) -> None:
        """A site without overseers is switched off by those of sites that handle cells."""
        self.clinic(story, overseen=False)
        self.carrier(story)
        refused = asked(DeactivateSite, actor="Q-C", signers="Q-C performed, B-2 approved", site="CLINIC")
        assert story.refusal(refused) == "role_elsewhere"
        story.do(asked(DeactivateSite, signers="A-1 performed, B-2 approved", site="CLINIC"))

    def test_findings_g9_a_site_that_left_is_no_other_site(self, story: Story) -> None:
        """Whoever worked at a site that is switched off no longer answers for another one."""
        self.clinic(story)
        self.carrier(story)
        story.tell(events.SiteDeactivated(site="CLINIC"))
        refused = asked(DeactivateSite, actor="Q-C", signers="Q-C performed, Q-9 approved", site="CARR")
        assert story.refusal(refused) == "role_elsewhere"
        story.do(asked(DeactivateSite, actor="Q-C", signers="Q-C performed, B-2 approved", site="CARR"))

    def test_findings_g9_what_was_ended_comes_back(self, story: Story) -> None:
        """Site, then station, by the same two; what is in use is not taken back."""
        self.clinic(story)
        both = {"actor": "Q-9", "signers": "Q-9 performed, B-2 approved"}
        assert story.refusal(asked(ReactivateSite, site="CLINIC", **both)) == "site_active"
        assert story.refusal(asked(ReactivateSite, site="NOWHERE", **both)) == "site_unknown"
        assert story.refusal(asked(ReactivateStation, old_station="WARD-1", **both)) == "station_in_use"
        assert story.refusal(asked(ReactivateStation, old_station="GHOST-1", **both)) == "station_unknown"
        story.do(asked(RetireStation, old_station="WARD-1", **both))
        story.do(asked(DeactivateSite, site="CLINIC", **both))
        assert story.refusal(asked(ReactivateStation, old_station="WARD-1", **both)) == "site_inactive"
        assert story.refusal(asked(ReactivateSite, site="CLINIC")) == "role_elsewhere"
        story.do(asked(ReactivateSite, site="CLINIC", **both))
        story.do(asked(ReactivateStation, old_station="WARD-1", **both))
        assert story.state.sites["CLINIC"].active and not story.state.stations["WARD-1"].retired

    def test_findings_g9_nothing_is_switched_off_under_somebodys_hands(self, world: Worlds) -> None:
        """A site with units in custody stays, and so does whoever holds one."""
        given = world("at_hand")
        unit = next(one for one in given.state().units.values() if one.final is None and one.site)
        refused = given.refusal(DeactivateSite, cast.FOUNDERS[0], site=unit.site)
        assert refused.error == "still_in_use" and unit.unit in refused.message
        holder = unit.custodian
        assert holder is not None
        if holder.type is PartyType.PERSON:
            assert given.refusal(DeactivatePerson, cast.FOUNDERS[0], staff=holder.id).error == "still_in_use"
