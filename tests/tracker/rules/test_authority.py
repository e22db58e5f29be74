"""Who may do it and who must sign it: grants, training, stations and signature sets, without a database."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from schema.entry import REGISTRY
from schema.events import registry as events
from schema.signing import key_id
from schema.vocabulary import EntryMode, Meaning, Purpose, Role, SiteType
from tests.support.registry_story import ADA, BEN, HUB, NOON, SITE, Story, asked, founded, public_of
from tracker.registry.people.requests import AddPerson
from tracker.requests.base import SignerReference
from tracker.rules.authority import (
    grant_violation,
    offered_signers,
    part_violation,
    signature_violations,
    signers_for,
    station_violation,
    unattended_violation,
)
from tracker.rules.decision import Draft, Slot

TECHNICIAN = frozenset({Role.CELL_LAB_TECHNICIAN})
HOUR = timedelta(hours=1)


@pytest.fixture
def story() -> Story:
    """A founded store with a technician, a courier and a second site."""
    story = founded()
    story.tell(
        events.SiteAdded(
            site="CLINIC", title="Clinic", site_type=SiteType.TREATMENT_CENTER, zone="America/New_York"
        )
    )
    story.hire("T-1", Role.CELL_LAB_TECHNICIAN)
    story.hire("C-1", Role.COURIER)
    return story


def rule(
    story: Story, staff: str, *, site: str | None = SITE, roles: frozenset[Role] = TECHNICIAN
) -> str | None:
    """The rule that keeps somebody from acting now, if one does."""
    violation = grant_violation(story.state, staff, roles, site, story.now)
    return None if violation is None else violation.rule


def by(staff: str, meaning: Meaning) -> SignerReference:
    """Somebody who is to sign."""
    return SignerReference(staff=staff, meaning=meaning)


def draft(slots: Iterable[Slot]) -> Draft:
    """A statement that these signatures are asked of."""
    return Draft(REGISTRY, events.SiteDeactivated(site=SITE), slots=tuple(slots))


def faults(story: Story, slots: list[Slot], *signers: SignerReference) -> list[str]:
    """The rules that these signers break."""
    return [one.rule for one in signature_violations(story.state, [draft(slots)], signers, story.now)]


class TestGrants:
    def test_a_grant_lets_act(self, story: Story) -> None:
        """Role, site and time fit, so nothing is in the way."""
        assert rule(story, "T-1") is None
        assert rule(story, "T-1", site=None) is None

    def test_nobody_and_the_deactivated(self, story: Story) -> None:
        """A staff id nobody has differs from one that was given up."""
        assert rule(story, "X-9") == "person_unknown"
        story.tell(events.PersonDeactivated(staff="T-1"))
        assert rule(story, "T-1") == "person_inactive"
        assert rule(story, "T-1", roles=frozenset()) == "person_inactive"

    def test_another_role_or_another_site(self, story: Story) -> None:
        """Having the role elsewhere is said with the place."""
        assert rule(story, "C-1") == "role_missing"
        violation = grant_violation(story.state, "T-1", TECHNICIAN, "CLINIC", NOON)
        assert violation is not None and violation.rule == "role_elsewhere"
        assert "use a station there: a command names it with --station" in violation.remedy
        assert SITE in violation.message and "CLINIC" in violation.message

    def test_the_ends_of_a_grant(self, story: Story) -> None:
        """It holds from its first instant and no longer at its last."""
        story.hire("T-2")
        story.grant("T-2", Role.CELL_LAB_TECHNICIAN, valid_from=NOON + HOUR, valid_until=NOON + 2 * HOUR)
        assert rule(story, "T-2") == "grant_not_yet_valid"
        story.now = NOON + HOUR
        assert rule(story, "T-2") is None
        story.now = NOON + 2 * HOUR - timedelta(milliseconds=1)
        assert rule(story, "T-2") is None
        story.now = NOON + 2 * HOUR
        assert rule(story, "T-2") == "grant_expired"

    def test_training_runs_out(self, story: Story) -> None:
        """A valid grant on training that has lapsed permits nothing."""
        story.hire("T-2")
        story.grant("T-2", Role.CELL_LAB_TECHNICIAN, training_expires_at=NOON + HOUR)
        assert rule(story, "T-2") is None
        story.now = NOON + HOUR
        violation = grant_violation(story.state, "T-2", TECHNICIAN, SITE, story.now)
        assert violation is not None and violation.rule == "training_expired"
        assert "SOP 7" in violation.message

    def test_revoked_until_granted_anew(self, story: Story) -> None:
        """Of several grants, one that holds is enough."""
        story.tell(events.RoleRevoked(grant=story.state.grants_of("T-1")[0].event_id))
        assert rule(story, "T-1") == "grant_revoked"
        story.grant("T-1", Role.CELL_LAB_TECHNICIAN)
        assert rule(story, "T-1") is None

    def test_stations(self, story: Story) -> None:
        """A terminal records as long as it and its site take part."""
        assert station_violation(story.state, HUB) is None
        unknown = station_violation(story.state, "NOWHERE")
        assert unknown is not None and unknown.rule == "station_unknown"
        story.tell(events.StationAdded(station="LAB-2", site="CLINIC", title="Second"))
        story.tell(events.SiteDeactivated(site="CLINIC"))
        gone = station_violation(story.state, "LAB-2")
        assert gone is not None and gone.rule == "site_inactive"
        story.tell(events.StationRetired(station=HUB))
        retired = station_violation(story.state, HUB)
        assert retired is not None and retired.rule == "station_retired"


class TestSignatureSets:
    two = (
        Slot(Meaning.PERFORMED, TECHNICIAN, SITE),
        Slot(Meaning.WITNESSED, frozenset({Role.CELL_LAB_TECHNICIAN, Role.QUALITY}), SITE),
    )

    def test_a_complete_set(self, story: Story) -> None:
        """Two people with the roles, in whatever order they are named."""
        signers = (by(BEN, Meaning.WITNESSED), by("T-1", Meaning.PERFORMED))
        assert signature_violations(story.state, [draft(self.two)], signers, NOON) == ()
        assert signers_for(story.state, self.two, signers, NOON) == (signers[1], signers[0])

    def test_nobody_is_their_own_second_person(self, story: Story) -> None:
        """One person with both roles cannot fill both slots."""
        signers = (by("T-1", Meaning.PERFORMED), by("T-1", Meaning.WITNESSED))
        assert faults(story, list(self.two), *signers) == ["same_person"]
        same_meaning = [Slot(Meaning.PERFORMED), Slot(Meaning.PERFORMED)]
        twice = (by("T-1", Meaning.PERFORMED), by("T-1", Meaning.PERFORMED))
        assert faults(story, same_meaning, *twice) == ["same_person"]

    def test_a_missing_signature(self, story: Story) -> None:
        """What is missing is named by meaning, roles and site."""
        violations = signature_violations(
            story.state, [draft(self.two)], (by("T-1", Meaning.PERFORMED),), NOON
        )
        assert [one.rule for one in violations] == ["signature_missing"]
        assert "witnessed" in violations[0].message and "quality" in violations[0].message
        assert not violations[0].waivable

    def test_the_wrong_role_or_person(self, story: Story) -> None:
        """The reason is that of the person who offered to sign."""
        signers = (by("T-1", Meaning.PERFORMED), by("C-1", Meaning.WITNESSED))
        assert faults(story, list(self.two), *signers) == ["role_missing"]
        named = [Slot(Meaning.RECEIVED, staff="C-1")]
        assert faults(story, named, by("T-1", Meaning.RECEIVED)) == ["wrong_signer"]
        assert faults(story, named, by("C-1", Meaning.RECEIVED)) == []

    def test_slots_are_filled_by_whom_they_fit(self, story: Story) -> None:
        """Somebody who fits two slots takes the one that nobody else can fill."""
        slots = [Slot(Meaning.APPROVED), Slot(Meaning.APPROVED, TECHNICIAN, SITE)]
        signers = (by("T-1", Meaning.APPROVED), by("C-1", Meaning.APPROVED))
        assert faults(story, slots, *signers) == []
        assert [one.staff for one in signers_for(story.state, slots, signers, NOON)] == ["C-1", "T-1"]

    def test_nobody_signs_unasked(self, story: Story) -> None:
        """An extra signature or a repeated one is refused."""
        one = [Slot(Meaning.PERFORMED)]
        assert faults(story, one, by("T-1", Meaning.PERFORMED), by(BEN, Meaning.APPROVED)) == [
            "signer_not_asked"
        ]
        assert faults(story, one, by("T-1", Meaning.PERFORMED), by("T-1", Meaning.PERFORMED)) == [
            "signer_not_asked"
        ]
        assert faults(story, [], by("T-1", Meaning.PERFORMED)) == ["signer_not_asked"]

    def test_only_active_keys_sign(self, story: Story) -> None:
        """A retired key or none at all gives no signature, except the key that is just being activated."""
        story.tell(events.KeyRetired(owner="T-1", key=key_id(public_of("T-1"))))
        slots, signer = [Slot(Meaning.PERFORMED)], by("T-1", Meaning.PERFORMED)
        assert faults(story, slots, signer) == ["key_missing"]
        assert signature_violations(story.state, [draft(slots)], [signer], NOON, activating="T-1") == ()

    def test_an_act_of_several_statements(self, story: Story) -> None:
        """Everybody signs what asks for them, and whoever signs nothing is refused."""
        payload = events.SiteDeactivated(site=SITE)
        drafts = [
            Draft("registry", payload, slots=self.two),
            Draft("registry", payload, slots=self.two[:1]),
            Draft("registry", payload),
        ]
        signers = [by("T-1", Meaning.PERFORMED), by(BEN, Meaning.WITNESSED)]
        assert signature_violations(story.state, drafts, signers, NOON) == ()
        extra = [*signers, by(ADA, Meaning.APPROVED)]
        assert [one.rule for one in signature_violations(story.state, drafts, extra, NOON)] == [
            "signer_not_asked"
        ]
        missing = signature_violations(story.state, drafts, signers[:1], NOON)
        assert [one.rule for one in missing] == ["signature_missing"]

    def test_without_signers_the_actor_performs(self) -> None:
        """Only where `performed` is asked."""
        request = asked(AddPerson, staff="N-1", printed_name="New Person")
        assert offered_signers(request, [Slot(Meaning.PERFORMED)]) == (by(ADA, Meaning.PERFORMED),)
        assert offered_signers(request, [Slot(Meaning.APPROVED)]) == ()


class TestUnattended:
    two = (Slot(Meaning.PERFORMED), Slot(Meaning.WITNESSED))

    @pytest.mark.parametrize("purpose", [Purpose.TRAINING, Purpose.VALIDATION, Purpose.PRODUCTION])
    def test_where_passwords_from_a_file_end(self, purpose: Purpose) -> None:
        """One signature may be given so; two-person steps, release and infusion may not."""
        mode = EntryMode.UNATTENDED
        assert unattended_violation(purpose, mode, "tested", self.two[:1]) is None
        for kind, slots, why in (
            ("collected", self.two, "needs 2 signatures"),
            ("released", self.two[:1], "is a release or infusion"),
            ("infusion_started", (), "is a release or infusion"),
        ):
            violation = unattended_violation(purpose, mode, kind, slots)
            assert violation is not None and violation.rule == "unattended" and why in violation.message

    def test_where_they_do_not_matter(self) -> None:
        """At the terminal, or in a demo."""
        assert unattended_violation(Purpose.DEMO, EntryMode.UNATTENDED, "released", self.two) is None
        assert unattended_violation(Purpose.PRODUCTION, EntryMode.LIVE, "released", self.two) is None


class TestPart:
    """Who has a part in a therapy signs in its chain, whatever else they lack."""

    def test_training_that_ran_out_leaves_somebody_there(self, story: Story) -> None:
        """They are still of the site; a grant that ended is not, and is named."""
        story.hire("T-2")
        story.grant("T-2", Role.CELL_LAB_TECHNICIAN, training_expires_at=NOON + HOUR)
        story.hire("T-3")
        story.grant("T-3", Role.CELL_LAB_TECHNICIAN, valid_until=NOON + HOUR)
        found = [part_violation(story.state, one, {SITE}, NOON + HOUR) for one in ("T-2", "T-3")]
        assert found[0] is None
        assert found[1] is not None and (found[1].rule, found[1].waivable) == ("grant_expired", False)

    @pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
    def test_who_reads_or_grants_works_on_no_therapy(self, role: Role, story: Story) -> None:
        """An auditor or administrator of the site has no part in what is made there."""
        story.hire("R-1", role)
        violation = part_violation(story.state, "R-1", {SITE}, NOON)
        assert violation is not None and violation.rule == "no_part"
        story.grant("R-1", Role.QUALITY)
        assert part_violation(story.state, "R-1", {SITE}, NOON) is None
        elsewhere = part_violation(story.state, "R-1", {"CLINIC"}, NOON)
        assert elsewhere is not None and elsewhere.rule == "no_part"
