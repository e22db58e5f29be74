"""People, their roles and their badges: what one person gives, and what takes two."""

from datetime import datetime, timedelta

import pytest

from schema.errors import BadCode, InputError
from schema.events import registry as events
from schema.identifiers import first_copy
from schema.signing import key_id
from schema.vocabulary import Role, SiteType
from tests.support.registry_story import ADA, BEN, NOON, SITE, Story, asked, kinds_of, public_of
from tracker.registry.network.requests import RetireKey
from tracker.registry.people.requests import (
    AddPerson,
    BindBadge,
    DeactivatePerson,
    GrantRole,
    ReactivatePerson,
    RevokeBadge,
    RevokeRole,
)
from tracker.rules.decision import Denied, ScanAnswer

DAY = timedelta(days=1)
BADGE = "PT234567892"


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
        assert kinds_of(drafts) == ["person_deactivated", "key_retired"]
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

    def test_a_grant_reaches_back_as_far_as_clocks_differ(self, story: Story) -> None:
        """Two minutes, to the millisecond."""
        story.hire("N-1")
        terms = dict(staff="N-1", role=Role.COURIER, site=SITE, training_reference="SOP 7")
        back = NOON - timedelta(seconds=120)
        earlier = (back - timedelta(milliseconds=1)).isoformat()
        assert story.refusal(asked(GrantRole, **terms, valid_from=earlier)) == "grant_backdated"
        story.do(asked(GrantRole, **terms, valid_from=back.isoformat()))
        (grant,) = story.state.grants_of("N-1")
        assert grant.valid_from == back

    def test_findings_d18_a_role_granted_twice(self, story: Story) -> None:
        """The same again is said and not recorded; other training or a later end is a renewal."""
        story.hire("N-1")
        terms = dict(staff="N-1", role=Role.COURIER, site=SITE, training_reference="SOP 7")
        until = dict(valid_until=(NOON + DAY).isoformat())
        story.do(asked(GrantRole, **terms, **until))
        again = story.decide(asked(GrantRole, **terms, **until))
        assert isinstance(again, Denied)
        assert (again.reason.rule, again.reason.answer) == ("already_granted", ScanAnswer.CHECK)
        assert "N-1 is courier at" in again.reason.message and "SOP 7" in again.reason.message
        story.do(asked(GrantRole, **{**terms, "training_reference": "SOP 8"}, **until))
        story.do(asked(GrantRole, **terms, valid_until=(NOON + 2 * DAY).isoformat()))
        story.do(asked(GrantRole, **terms))
        for changes in ({}, until):
            assert story.refusal(asked(GrantRole, **terms, **changes)) == "already_granted"
        for grant in story.state.grants_of("N-1"):
            story.do(asked(RevokeRole, actor=BEN, grant=grant.event_id))
        story.do(asked(GrantRole, **terms))

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


def test_findings_g10_a_printed_name_is_one_persons(story: Story) -> None:
    """Whatever looks the same beside a signature is the same name, also of somebody who left."""
    story.do(asked(AddPerson, staff="N-1", printed_name="Kim  Example"))
    for name in ("Kim Example", "KIM EXAMPLE", "kim   example", "Ada Example"):
        assert story.refusal(asked(AddPerson, staff="N-2", printed_name=name)) == "name_taken"
    story.do(asked(AddPerson, staff="N-2", printed_name="Kim B. Example"))


class TestFindingsG9:
    """A person is deactivated by somebody of their site and somebody of another, and may come back."""

    def test_findings_g9_a_nurse_of_another_site(self, story: Story) -> None:
        """The center's quality cannot end the clinic's staff, nor the clinic's quality alone."""
        story.tell(
            events.SiteAdded(site="CLINIC", title="Clinic", site_type=SiteType.TREATMENT_CENTER, zone="UTC")
        )
        story.hire("Q-9", Role.QUALITY, site="CLINIC")
        story.hire("N-1", Role.WARD_NURSE, site="CLINIC")
        center = asked(DeactivatePerson, staff="N-1", signers="A-1 performed, B-2 approved")
        assert story.refusal(center) == "role_elsewhere"
        assert story.refusal(asked(DeactivatePerson, actor="Q-9", staff="N-1")) == "signature_missing"
        both = {"actor": "Q-9", "signers": "Q-9 performed, B-2 approved"}
        story.do(asked(DeactivatePerson, staff="N-1", **both))
        left = story.state.person("N-1")
        assert left is not None and not left.active and story.state.active_key("N-1") is None
        assert story.refusal(asked(ReactivatePerson, actor="Q-9", staff="N-1")) == "signature_missing"
        story.do(asked(ReactivatePerson, staff="N-1", **both))
        back = story.state.person("N-1")
        assert back is not None and back.active and story.state.active_key("N-1") is None
        assert story.refusal(asked(ReactivatePerson, staff="N-1", **both)) == "person_active"
        assert story.refusal(asked(ReactivatePerson, staff="N-2", **both)) == "person_unknown"
