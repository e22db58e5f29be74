"""What holds for every request about the registry, whatever its subject."""

from schema.events import kinds, registry_kinds
from schema.events import registry as events
from schema.vocabulary import EntryMode, EquipmentType, LocationType, Meaning, Purpose, Role, SiteType
from tests.support.registry_story import ADA, NOON, SITE, Story, asked, commit, founded
from tracker import catalog
from tracker.registry.decide import DECISIONS, decide_registry
from tracker.registry.equipment.requests import AddEquipment
from tracker.registry.evolve import CHANGES
from tracker.registry.network.requests import AdoptProtocol
from tracker.registry.people.requests import AddPerson, BindBadge, DeactivatePerson
from tracker.registry.places.requests import (
    AddDepartment,
    AddLocation,
    AddSite,
    AddStation,
    ChangeSiteContact,
)
from tracker.registry.requests import RegistryRequest
from tracker.registry.situation import RegistrySituation
from tracker.requests.base import EntryDeclaration, Request
from tracker.rules.decision import Allowed


class TestEveryRequest:
    def test_each_has_a_rule_a_name_and_a_sentence(self) -> None:
        """And each event kind of the registry has something to change."""
        known = {one for one in catalog.requests().values() if issubclass(one, RegistryRequest)}
        assert set(DECISIONS) == known
        assert all(one.summary.endswith(".") for one in known)
        found = {one for (kind, _), one in kinds().items() if kind in registry_kinds()}
        assert set(CHANGES) == found

    def test_administration_is_live(self, story: Story) -> None:
        """It can be neither late nor outside the rules."""
        person = dict(staff="N-1", printed_name="New Person")
        late = asked(AddPerson, entry=EntryDeclaration(mode=EntryMode.LATE), **person)
        assert story.refusal(late) == "administration_is_live"
        outside = asked(AddPerson, outside_rules={"reason": "other"}, **person)
        assert story.refusal(outside) == "administration_is_live"
        assert story.refusal(asked(AddPerson, station="S-2", **person)) == "other_station"

    def test_unattended_entries_take_one_signature(self) -> None:
        """A script may add people, but not adopt a protocol; in a demo it may."""
        unattended = EntryDeclaration(mode=EntryMode.UNATTENDED)
        adopt = asked(
            AdoptProtocol, protocol="p", version=1, sha256="a" * 64, title="P", entry=unattended,
            signers="A-1 performed, B-2 approved",
        )  # fmt: skip
        training, demo = founded(), founded(Purpose.DEMO)
        training.do(asked(AddPerson, staff="N-1", printed_name="New Person", entry=unattended))
        assert training.refusal(adopt) == "unattended"
        demo.do(adopt)

    def test_reason_and_remark_stand_in_the_first_event(self, story: Story) -> None:
        """The remark is committed, not written."""
        story.hire("N-1")
        first, second = story.do(
            asked(DeactivatePerson, staff="N-1", reason="left_the_organization", remark="Moved away")
        )
        assert first.payload.reason == "left_the_organization"
        assert first.payload.remark == commit("remark", "Moved away")
        assert second.payload.reason is None and second.payload.remark is None

    def test_what_a_request_says_stands_in_its_event(self, story: Story) -> None:
        """Every field of the same name, given or left to its default, so that nobody asks in vain."""
        bench = dict(site=SITE, department="LAB", title="Cabinet", location_type=LocationType.BENCH)
        (added,) = story.do(asked(AddLocation, **bench))
        assert isinstance(added.payload, events.LocationAdded)
        rule = events.WristbandRule(issuer="CLINIC", type="mrn", prefix="A", length=8)
        requests = [
            asked(
                AddSite, site="CLINIC", title="Clinic", site_type=SiteType.TREATMENT_CENTER,
                zone="America/New_York", address="1 Road", phone_24h="+1 2", wristband=(rule,),
            ),
            asked(ChangeSiteContact, site="CLINIC", address="2 Road"),
            asked(AddDepartment, site="CLINIC", department="WARD", title="Ward", roles=(Role.CLINICIAN,)),
            asked(AddStation, new_station="CAB-1", site=SITE, title="Cabinet", bench=added.payload.location),
            asked(AddStation, new_station="CAB-2", site=SITE, title="Cabinet", pasted_accepted=False),
            asked(
                AddEquipment, equipment="BT234567892", equipment_type=EquipmentType.BOX, title="Box",
                site=SITE, hold_hours=240, requalification_due=NOON.isoformat(),
            ),
        ]  # fmt: skip
        for request in requests:
            (draft,) = story.do(request)
            own = type(request).model_fields.keys() - Request.model_fields.keys()
            for name in own & type(draft.payload).model_fields.keys():
                assert getattr(draft.payload, name) == getattr(request, name), (request.name, name)
        assert story.state.stations["CAB-1"].bench == added.payload.location

    def test_a_proposal_asks_nobody_to_sign_yet(self, story: Story) -> None:
        """Screens learn from it who is to sign."""
        request = asked(AdoptProtocol, protocol="p", version=1, sha256="a" * 64, title="P")
        proposed = decide_registry(story.situation(), request)
        assert isinstance(proposed, Allowed)
        assert [slot.meaning for slot in proposed.events[0].slots] == [Meaning.PERFORMED, Meaning.APPROVED]

    def test_a_decision_is_the_same_again(self) -> None:
        """Given the same situation and draws."""
        request = asked(BindBadge, staff=ADA)
        assert founded().decide(request) == founded().decide(request)
        assert RegistrySituation.__struct_config__.frozen
