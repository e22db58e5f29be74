"""Requests about the registry: given what was recorded, what is decided, without a database."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.errors import BadCode, InputError
from schema.events import kinds, registry_kinds
from schema.events import registry as events
from schema.events.base import Payload
from schema.events.equipment import EquipmentAdded
from schema.identifiers import first_copy
from schema.signing import key_id
from schema.vocabulary import EntryMode, EquipmentType, LocationType, Meaning, Purpose, Role, SiteType
from tests.support.registry_story import (
    ADA,
    BEN,
    HUB,
    NOON,
    SITE,
    Story,
    a_founding,
    asked,
    commit,
    founded,
    public_of,
    stated,
)
from tracker import catalog
from tracker.registry.decide import DECISIONS, RegistrySituation, propose_registry
from tracker.registry.equipment.requests import AddEquipment
from tracker.registry.evolve import CHANGES, evolve_registry
from tracker.registry.network.founding import NewFounder, founding_actor, founding_drafts
from tracker.registry.network.requests import (
    ActivateKey,
    AddStationKey,
    AdoptProtocol,
    IssueAccessCode,
    LockOut,
    RetireKey,
)
from tracker.registry.people.requests import (
    AddPerson,
    BindBadge,
    DeactivatePerson,
    GrantRole,
    RevokeBadge,
    RevokeRole,
)
from tracker.registry.places.requests import (
    AddDepartment,
    AddLocation,
    AddSite,
    AddStation,
    DeactivateSite,
    RetireStation,
)
from tracker.registry.requests import RegistryRequest
from tracker.requests.base import EntryDeclaration
from tracker.rules.decision import Allowed, Denied, Draft, ScanAnswer
from tracker.rules.public_keys import public_text
from tracker.rules.registry_state import RegistryState

DAY = timedelta(days=1)
BADGE = "PT234567892"


@pytest.fixture
def story() -> Story:
    """A store just founded by A-1 and B-2."""
    return founded()


def payloads(drafts: tuple[Draft, ...]) -> list[str]:
    """The kinds of what was decided."""
    return [draft.payload.kind for draft in drafts]


class TestFounding:
    def test_the_order_is_always_the_same(self) -> None:
        """Registry 0 to 14, unsigned but for the two activations at the end (design, section 8)."""
        drafts = founding_drafts(a_founding())
        assert payloads(drafts) == [
            "store_created", "site_added", "department_added", "station_added",
            "person_added", "person_added",
            "role_granted", "role_granted", "role_granted", "role_granted",
            "key_added", "key_added", "key_added",
            "key_activated", "key_activated",
        ]  # fmt: skip
        assert drafts == founding_drafts(a_founding())
        assert [bool(draft.slots) for draft in drafts] == [False] * 13 + [True] * 2
        owners = [draft.payload.owner for draft in drafts if isinstance(draft.payload, events.KeyAdded)]
        assert owners == ["log", ADA, BEN]

    def test_each_key_is_performed_by_its_owner_and_witnessed_by_the_other(self) -> None:
        """The store rests on two people's word."""
        founding = a_founding()
        for draft, owner, witness in zip(founding_drafts(founding)[-2:], (ADA, BEN), (BEN, ADA), strict=True):
            assert [(slot.meaning, slot.staff) for slot in draft.slots] == [
                (Meaning.PERFORMED, owner),
                (Meaning.WITNESSED, witness),
            ]
            assert founding_actor(founding, draft) == owner

    def test_the_store_it_founds(self, story: Story) -> None:
        """Both people can administer, the log's key counts, and the store has its purpose."""
        state = story.state
        assert (state.sequence, state.purpose, state.origin) == (14, Purpose.TRAINING, a_founding().origin)
        assert state.offset_at(SITE) == "+01:00" and state.offset_at("ELSEWHERE") == "+00:00"
        for owner in (ADA, BEN, "log"):
            key = state.active_key(owner)
            assert key is not None and key.public == public_of(owner)
        founder = state.founding_key(key_id(public_of(BEN)))
        assert founder is not None and founder.staff == BEN

    def test_two_different_people_with_different_keys(self) -> None:
        """One person, or one key, is not two."""
        ada = NewFounder(ADA, "Ada Example", public_of(ADA))
        for second in (NewFounder(ADA, "Again", public_of(BEN)), NewFounder(BEN, "Ben", public_of(ADA))):
            with pytest.raises(InputError):
                founding_drafts(a_founding(founders=(ada, second)))
        with pytest.raises(InputError, match="origin"):
            founding_drafts(a_founding(origin="cartrail/production/0123456789abcdef"))


class TestKeysOverTime:
    def test_a_key_counts_from_activation_to_retirement(self, story: Story) -> None:
        """Judged at the registry head that the signed entry names."""
        key = key_id(public_of("N-1"))
        story.hire("N-1")
        activated = story.state.sequence
        assert not story.state.keys[key].counts_at(activated - 1)
        story.tell(events.KeyRetired(owner="N-1", key=key))
        retired = story.state.sequence
        assert story.state.keys[key].counts_at(activated)
        assert story.state.keys[key].counts_at(retired - 1)
        assert not story.state.keys[key].counts_at(retired)
        assert story.state.active_key("N-1") is None

    def test_a_retired_key_stays_retired(self, story: Story) -> None:
        """Neither activating nor adding it again brings it back, nor can another own it."""
        key, public = key_id(public_of(ADA)), public_text(public_of(ADA))
        story.tell(events.KeyRetired(owner=ADA, key=key))
        story.tell(events.KeyAdded(owner=BEN, key=key, public=public))
        story.tell(events.KeyActivated(owner=ADA, key=key))
        assert story.state.active_key(ADA) is None
        held = story.state.key(key)
        assert held is not None and held.owner == ADA

    def test_a_key_under_a_wrong_id_is_not_taken_in(self, story: Story) -> None:
        """Else one could sign under another's key id."""
        story.tell(events.KeyAdded(owner="log", key="0" * 16, public=public_text(public_of("N-1"))))
        assert story.state.key("0" * 16) is None


class TestPlaces:
    def test_a_site_with_all_that_belongs_to_it(self, story: Story) -> None:
        """Ids that are not given are drawn; given ones may be printed codes."""
        story.do(
            asked(
                AddSite,
                site="CLINIC",
                title="Clinic",
                site_type=SiteType.TREATMENT_CENTER,
                offset="-05:00",
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
        assert story.state.offset_at("CLINIC") == "-05:00"
        department = story.state.department("CLINIC/WARD")
        assert department is not None and department.roles == {Role.CLINICIAN}
        assert [one.id[0] for one in story.state.equipments.values()] == ["D"]

    def test_nothing_is_added_twice_or_to_nowhere(self, story: Story) -> None:
        """Each code is used once; each place belongs to one that is there."""
        site = dict(title="X", site_type=SiteType.CARRIER)
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
        assert payloads(drafts) == ["station_retired", "key_retired"]
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


class TestPeople:
    def test_a_staff_id_is_never_reused(self, story: Story) -> None:
        """Not even of somebody who left (21 CFR 11.100(a))."""
        story.do(asked(AddPerson, staff="N-1", printed_name="New Person"))
        again = asked(AddPerson, staff="N-1", printed_name="Other Person")
        assert story.refusal(again) == "staff_taken"
        story.do(asked(DeactivatePerson, staff="N-1"))
        assert story.refusal(again) == "staff_taken"

    def test_only_administrators_add(self, story: Story) -> None:
        """Quality may end what was given, but gives nothing itself."""
        story.hire("Q-1", Role.QUALITY)
        story.hire("N-1", Role.COURIER)
        assert story.refusal(asked(AddPerson, actor="Q-1", staff="N-2", printed_name="X Y")) == "role_missing"
        drafts = story.do(asked(DeactivatePerson, actor="Q-1", staff="N-1"))
        assert payloads(drafts) == ["person_deactivated", "key_retired"]
        assert story.refusal(asked(BindBadge, staff="N-1")) == "person_inactive"

    def test_another_cannot_perform_in_the_actors_place(self, story: Story) -> None:
        """`performed` is the actor's own signature."""
        request = asked(AddPerson, staff="N-1", printed_name="New Person", signers="B-2 performed")
        assert story.refusal(request) == "wrong_signer"

    def test_somebody_always_administers(self, story: Story) -> None:
        """The last one with role and key is neither deactivated, revoked nor left without key."""
        story.hire("Q-1", Role.QUALITY)
        story.hire("N-1", Role.ADMINISTRATOR, key=False)
        story.do(asked(DeactivatePerson, actor="Q-1", staff=ADA))
        grant = next(one for one in story.state.grants_of(BEN) if one.role is Role.ADMINISTRATOR)
        for request in (
            asked(DeactivatePerson, actor="Q-1", staff=BEN),
            asked(RevokeRole, actor="Q-1", grant=grant.event_id),
            asked(RetireKey, actor=BEN, key=key_id(public_of(BEN))),
        ):
            assert story.refusal(request) == "last_administrator"
        assert story.refusal(asked(DeactivatePerson, actor=BEN, staff=BEN)) == "own_deactivation"

    def test_grants_that_one_person_cannot_give(self, story: Story) -> None:
        """Roles over others, and anything for oneself, are approved by a second person."""
        story.hire("N-1")
        terms = dict(site=SITE, training_reference="SOP 7")
        story.do(asked(GrantRole, staff="N-1", role=Role.COURIER, **terms))
        for staff, role in (("N-1", Role.QUALIFIED_PERSON), ("N-1", Role.QUALITY), (ADA, Role.COURIER)):
            alone = asked(GrantRole, staff=staff, role=role, **terms)
            assert story.refusal(alone) == "signature_missing"
            story.do(asked(GrantRole, staff=staff, role=role, signers="A-1 performed, B-2 approved", **terms))

    def test_grants_reach_neither_back_nor_nowhere(self, story: Story) -> None:
        """A grant from yesterday would cover what was done without one."""
        story.hire("N-1")
        terms = dict(staff="N-1", role=Role.COURIER, training_reference="SOP 7")
        for changes, rule in (
            (dict(valid_from=(NOON - DAY).isoformat()), "grant_backdated"),
            (dict(valid_until=(NOON - DAY).isoformat()), "grant_expired"),
            (dict(training_expires_at=NOON.isoformat()), "training_expired"),
            (dict(staff="X-9"), "person_unknown"),
            (dict(site="GONE"), "site_unknown"),
        ):
            assert story.refusal(asked(GrantRole, **{"site": SITE, **terms, **changes})) == rule

    def test_naive_times_are_bad_input(self) -> None:
        """Which midnight was meant cannot be guessed."""
        for naive in ("2026-03-02T12:00:00", datetime(2026, 3, 2, 12, 0)):  # noqa: DTZ001  a naive time is the point
            with pytest.raises(InputError, match="offset"):
                asked(
                    GrantRole,
                    staff="N-1",
                    role=Role.DOCK,
                    site=SITE,
                    training_reference="X",
                    valid_from=naive,
                )
        with pytest.raises(InputError, match="offset"):
            Story(now=datetime(2026, 3, 2, 12, 0)).situation()  # noqa: DTZ001  the same

    def test_revoking_a_grant(self, story: Story) -> None:
        """Named by its event; a second time is only said."""
        story.hire("N-1", Role.COURIER)
        grant = story.state.grants_of("N-1")[0].event_id
        assert story.refusal(asked(RevokeRole, grant=grant[:-1] + "f")) == "grant_unknown"
        story.do(asked(RevokeRole, actor=BEN, grant=grant))
        again = story.decide(asked(RevokeRole, grant=grant))
        assert isinstance(again, Denied) and again.reason.answer is ScanAnswer.CHECK

    def test_badges(self, story: Story) -> None:
        """One person for ever; lost ones stand for nobody."""
        bind = BindBadge
        (bound,) = story.do(asked(bind, staff=ADA, badge=first_copy(BADGE).text))
        assert [(read.field, read.code) for read in bound.reads] == [("badge", first_copy(BADGE).text)]
        owner = story.state.badge_owner(BADGE)
        assert owner is not None and (owner.staff, owner.badges) == (ADA, (BADGE,))
        assert story.refusal(asked(bind, staff=BEN, badge=BADGE)) == "badge_taken"
        assert story.refusal(asked(bind, staff=ADA, badge=BADGE)) == "badge_bound"
        assert story.refusal(asked(bind, staff=BEN, badge="PP234567892")) == "other_purpose"
        assert story.refusal(asked(bind, staff=BEN, badge="UT234567892")) == "wrong_object"
        with pytest.raises(BadCode):
            story.decide(asked(bind, staff=BEN, badge="CTnonsense"))
        story.do(asked(RevokeBadge, badge=BADGE))
        assert story.state.badge_owner(BADGE) is None
        assert story.refusal(asked(bind, staff=ADA, badge=BADGE)) == "badge_revoked"
        assert story.refusal(asked(RevokeBadge, badge=BADGE)) == "badge_revoked"
        assert story.refusal(asked(RevokeBadge, badge="PT222222222")) == "badge_unknown"
        story.do(asked(bind, staff=ADA))
        person = story.state.person(ADA)
        assert person is not None and len(person.badges) == 1


class TestKeys:
    @pytest.fixture
    def hired(self, story: Story) -> Story:
        """N-1 has a one-time code that A-1 issued, and has just entered it."""
        story.hire("N-1", key=False)
        story.hire("W-1")
        story.do(asked(IssueAccessCode, staff="N-1"))
        story.code_shown_by = "N-1"
        return story

    @staticmethod
    def activation(signers: str = "N-1 performed, W-1 witnessed", **changes: str) -> ActivateKey:
        """N-1's request to activate a new key."""
        public = public_of("N-1")
        terms = {"key": key_id(public), "public": public_text(public), **changes}
        request: ActivateKey = asked(ActivateKey, actor="N-1", signers=signers, **terms)
        return request

    def test_the_owner_signs_with_the_new_key(self, hired: Story) -> None:
        """Two events, of which only the activation is signed; the code is used up."""
        added, activated = hired.do(self.activation())
        assert payloads((added, activated)) == ["key_added", "key_activated"]
        assert added.slots == () and len(activated.slots) == 2
        assert hired.state.active_key("N-1") is not None
        assert hired.state.access_code("N-1") is None
        assert hired.refusal(self.activation()) == "access_code_missing"

    def test_the_issuer_cannot_witness(self, hired: Story) -> None:
        """So no administrator alone can make a key in somebody's name."""
        assert hired.refusal(self.activation("N-1 performed, A-1 witnessed")) == "witness_issued_code"
        assert hired.refusal(self.activation("N-1 performed, N-1 witnessed")) == "same_person"
        assert hired.refusal(self.activation("N-1 performed")) == "signature_missing"
        hired.do(self.activation("N-1 performed, B-2 witnessed"))

    def test_the_code_is_shown_in_time(self, hired: Story) -> None:
        """By the person themselves, before it expires."""
        for shown_by in (None, "W-1"):
            hired.code_shown_by = shown_by
            assert hired.refusal(self.activation()) == "access_code_not_shown"
        hired.code_shown_by = "N-1"
        hired.later(hours=24)
        assert hired.refusal(self.activation()) == "access_code_expired"

    def test_the_key_is_its_own(self, hired: Story) -> None:
        """Neither under a wrong id nor one that another has."""
        assert hired.refusal(self.activation(key="0" * 16)) == "key_mismatch"
        taken = public_of(ADA)
        request = self.activation(key=key_id(taken), public=public_text(taken))
        assert hired.refusal(request) == "key_taken"

    def test_a_forgotten_password_retires_the_key_unread(self, hired: Story) -> None:
        """The new code and the end of the old key are one act."""
        hired.do(self.activation())
        drafts = hired.do(asked(IssueAccessCode, staff="N-1", reason="forgotten_password"))
        assert payloads(drafts) == ["access_code_issued", "key_retired"]
        assert hired.state.active_key("N-1") is None

    def test_codes_for_oneself_or_for_ever(self, story: Story) -> None:
        """Another administrator issues it, for a few days at most."""
        assert story.refusal(asked(IssueAccessCode, staff=ADA)) == "own_access_code"
        story.hire("N-1", key=False)
        for days in (0, 8):
            request = asked(IssueAccessCode, staff="N-1", expires_at=(NOON + days * DAY).isoformat())
            assert story.refusal(request) == "access_code_time"

    def test_retiring_a_key(self, story: Story) -> None:
        """Its owner, administration or quality; never the log's."""
        story.hire("N-1", Role.COURIER)
        story.hire("C-1", Role.COURIER)
        key = key_id(public_of("N-1"))
        assert story.refusal(asked(RetireKey, actor="C-1", key=key)) == "role_missing"
        story.do(asked(RetireKey, actor="N-1", key=key))
        assert story.refusal(asked(RetireKey, key=key)) == "key_retired"
        assert story.refusal(asked(RetireKey, key="0" * 16)) == "key_unknown"
        assert story.refusal(asked(RetireKey, key=key_id(public_of("log")))) == "log_key"

    def test_lock_outs_are_made_by_the_program(self, story: Story) -> None:
        """Nobody locks out another by asking."""
        until = NOON + timedelta(minutes=15)
        request = asked(LockOut, staff=BEN, locked_station=HUB, until=until.isoformat())
        assert story.refusal(request) == "by_program"
        story.by_program = True
        (locked,) = story.do(request)
        assert locked.slots == ()
        assert story.state.locked_until(BEN, HUB) == until
        story.later(minutes=15)
        assert story.refusal(request) == "lock_out_over"


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

    def test_a_proposal_asks_nobody_to_sign_yet(self, story: Story) -> None:
        """Screens learn from it who is to sign."""
        request = asked(AdoptProtocol, protocol="p", version=1, sha256="a" * 64, title="P")
        proposed = propose_registry(story.situation(), request)
        assert isinstance(proposed, Allowed)
        assert [slot.meaning for slot in proposed.events[0].slots] == [Meaning.PERFORMED, Meaning.APPROVED]

    def test_a_decision_is_the_same_again(self) -> None:
        """Given the same situation and draws."""
        request = asked(BindBadge, staff=ADA)
        assert founded().decide(request) == founded().decide(request)
        assert RegistrySituation.__dataclass_params__.frozen  # type: ignore[attr-defined]  # made by dataclass


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
TITLES = st.just("Title")
EVENTS = st.one_of(
    st.sampled_from([draft.payload for draft in founding_drafts(a_founding())]),
    st.builds(events.SiteAdded, site=SITES, title=TITLES, site_type=st.sampled_from(SiteType)),
    st.builds(events.SiteDeactivated, site=SITES),
    st.builds(
        events.DepartmentAdded, site=SITES, department=st.just("LAB"), title=TITLES,
        roles=st.just((Role.DOCK,)),
    ),
    st.builds(
        events.LocationAdded, location=st.just("LT234567892"), site=SITES, department=st.just("LAB"),
        title=TITLES, location_type=st.sampled_from(LocationType),
    ),
    st.builds(events.StationAdded, station=STATIONS, site=SITES, title=TITLES),
    st.builds(events.StationRetired, station=STATIONS),
    st.builds(events.PersonAdded, staff=STAFF, name=TITLES),
    st.builds(events.PersonDeactivated, staff=STAFF),
    st.builds(
        events.RoleGranted, staff=STAFF, role=st.sampled_from(Role), site=SITES, valid_from=TIMES,
        valid_until=st.none() | TIMES, training=TRAINING,
    ),
    st.builds(events.RoleRevoked, grant=EVENT_IDS),
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
    st.builds(
        EquipmentAdded, equipment=st.just("BT234567892"), title=TITLES, site=SITES,
        equipment_type=st.sampled_from(EquipmentType),
    ),
    st.builds(events.LockedOut, staff=STAFF, station=STATIONS, until=TIMES),
    st.builds(
        events.TrailExported, form=st.just("csv"), chains=st.just(commit("chains", "[]")), count=st.just(1),
        identifiers=st.booleans(), free_text=st.booleans(), staff_names=st.booleans(),
    ),
)  # fmt: skip


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
