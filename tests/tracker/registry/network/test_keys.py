"""Keys, one-time codes and lock-outs: what counts from when until when, and who decides."""

from datetime import timedelta

import pytest

from schema.events import registry as events
from schema.signing import key_id
from schema.vocabulary import Role, SiteType
from tests.support.registry_story import ADA, BEN, HUB, NOON, Story, asked, kinds_of, public_of
from tracker.registry.network.requests import (
    AcceptLoss,
    ActivateKey,
    IssueAccessCode,
    LockOut,
    NameLostHead,
    RetireKey,
)
from tracker.rules.decision import Allowed, Denied
from tracker.rules.public_keys import public_text
from tracker.rules.registry_state import RegistryState, StoreLoss
from tracker.views.key_changes import key_notices

DAY = timedelta(days=1)


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
        assert kinds_of((added, activated)) == ["key_added", "key_activated"]
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

    def rekeying(self, story: Story, signers: str, number: int = 2) -> ActivateKey:
        """N-1's request to activate a further key."""
        public = public_of(f"N-1 {number}")
        story.code_shown_by = "N-1"
        terms = {"key": key_id(public), "public": public_text(public)}
        request: ActivateKey = asked(ActivateKey, actor="N-1", signers=signers, **terms)
        return request

    def test_findings_e7_a_code_disables_nobody(self, story: Story) -> None:
        """The key stays until the next one is made, and is retired before the same witness."""
        story.hire("N-1", Role.WARD_NURSE)
        story.hire("W-1", Role.WARD_NURSE)
        first = key_id(public_of("N-1"))
        drafts = story.do(asked(IssueAccessCode, staff="N-1", reason="forgotten_password"))
        assert kinds_of(drafts) == ["access_code_issued"]
        assert story.state.active_keys["N-1"] == first
        retired, added, activated = story.do(self.rekeying(story, "N-1 performed, W-1 witnessed"))
        assert kinds_of((retired, added, activated)) == ["key_retired", "key_added", "key_activated"]
        assert [len(one.slots) for one in (retired, added, activated)] == [1, 0, 2]
        held = story.state.active_key("N-1")
        assert held is not None and held.key != first and held.after_reset and held.issuer == ADA
        assert not story.state.keys[first].after_reset

    def test_findings_e7_at_once_on_the_word_of_two(self, story: Story) -> None:
        """A second person approves it; a person without a key needs none."""
        story.hire("N-1", Role.WARD_NURSE)
        story.hire("N-2", key=False)
        at_once = asked(IssueAccessCode, staff="N-1", at_once=True)
        assert story.refusal(at_once) == "signature_missing"
        both = "A-1 performed, B-2 approved"
        drafts = story.do(asked(IssueAccessCode, staff="N-1", at_once=True, signers=both))
        assert kinds_of(drafts) == ["access_code_issued", "key_retired"]
        assert story.state.active_key("N-1") is None
        story.do(asked(IssueAccessCode, staff="N-2", at_once=True))

    def test_findings_g10_the_witness_worked_there_before(self, story: Story) -> None:
        """Neither somebody invented for it, nor somebody of another site, nor one without a role."""
        story.tell(events.SiteAdded(site="WARD", title="W", site_type=SiteType.TREATMENT_CENTER, zone="UTC"))
        story.hire("N-1", Role.WARD_NURSE)
        story.hire("W-1", Role.WARD_NURSE)
        story.hire("FAR-1", Role.WARD_NURSE, site="WARD")
        story.hire("IDLE-1")
        story.do(asked(IssueAccessCode, staff="N-1"))
        story.hire("NEW-1", Role.WARD_NURSE)
        story.grant("FAR-1", Role.WARD_NURSE)
        for witness in ("NEW-1", "FAR-1", "IDLE-1"):
            request = self.rekeying(story, f"N-1 performed, {witness} witnessed")
            assert story.refusal(request) == "witness_without_standing", witness
        story.do(self.rekeying(story, "N-1 performed, W-1 witnessed"))

    def test_findings_g10_owner_and_quality_are_told(self, story: Story) -> None:
        """While a code is out for somebody who has a key, and for two weeks after it was used."""
        story.tell(events.SiteAdded(site="WARD", title="W", site_type=SiteType.TREATMENT_CENTER, zone="UTC"))
        story.hire("N-1", Role.WARD_NURSE)
        story.hire("W-1", Role.WARD_NURSE)
        story.hire("Q-9", Role.QUALITY, site="WARD")
        story.do(asked(IssueAccessCode, staff="N-1"))

        def told(staff: str) -> list[str]:
            return [one.rule for one in key_notices(story.state, staff, story.now)]

        assert {staff: told(staff) for staff in ("N-1", BEN, "W-1", "Q-9")} == {
            "N-1": ["access_code_out"], BEN: ["access_code_out"], "W-1": [], "Q-9": [],
        }  # fmt: skip
        story.do(self.rekeying(story, "N-1 performed, W-1 witnessed"))
        (notice,) = key_notices(story.state, "N-1", story.now)
        made = "The key of Person N-1 (N-1) was made anew at 2026-03-02 13:00 (+01:00)"
        assert notice.message == f"{made} with a one-time code by A-1."
        assert told(BEN) == ["key_after_reset"] and told("W-1") == []
        story.later(days=14)
        assert told("N-1") == []

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


class TestAcceptedLoss:
    @staticmethod
    def loss(signers: str, known_size: int = 9) -> AcceptLoss:
        """Go on with 5 entries of the 9 that a head saw."""
        public = public_of("log again")
        request: AcceptLoss = asked(
            AcceptLoss, signers=signers, reason="lost_or_stolen", known_size=known_size,
            known_root="ab" * 32, restored_size=5, key=key_id(public), public=public_text(public),
        )  # fmt: skip
        return request

    @pytest.fixture
    def program(self, story: Story) -> Story:
        """The program asks, as it made the key."""
        story.by_program = True
        return story

    def test_the_log_gets_another_key_in_the_same_act(self, program: Story) -> None:
        """The loss first, then the old key ends and the new one counts."""
        program.hire("Q-1", Role.QUALITY)
        before = program.state.active_key("log")
        drafts = program.do(self.loss("A-1 performed, Q-1 approved"))
        assert kinds_of(drafts) == ["store_restored", "key_retired", "key_added"]
        after = program.state.active_key("log")
        assert before is not None and after is not None and after.key == key_id(public_of("log again"))
        (loss,) = program.state.losses
        assert (loss.restored_size, loss.known_size, loss.known_root) == (5, 9, "ab" * 32)
        assert loss.words == (
            "entries are lost: on 2026-03-02 13:00 (+01:00) a backup of 5 entries took the place of a store"
            f" that held 9 or more (registry entry {loss.sequence}: on the word of A-1 and of quality,"
            " lost_or_stolen)"
        )

    def test_quality_of_another_site_signs_where_there_is_any(self, program: Story) -> None:
        """Once somebody of quality can sign elsewhere, the one of this site does not suffice."""
        program.hire("Q-1", Role.QUALITY)
        program.tell(
            events.SiteAdded(
                site="OTHER", title="Other", site_type=SiteType.MANUFACTURER, zone="Europe/Berlin"
            )
        )
        assert isinstance(program.decide(self.loss("A-1 performed, Q-1 approved")), Allowed)
        program.hire("Q-2", Role.QUALITY, site="OTHER")
        assert isinstance(program.decide(self.loss("A-1 performed, Q-1 approved")), Denied)
        program.do(self.loss("A-1 performed, Q-2 approved"))

    def test_an_administrator_is_no_quality(self, program: Story) -> None:
        """Two administrators do not suffice."""
        program.hire("Q-1", Role.QUALITY)
        program.hire("D-1", Role.ADMINISTRATOR)
        assert isinstance(program.decide(self.loss("A-1 performed, D-1 approved")), Denied)

    def test_where_nothing_is_lost(self, program: Story) -> None:
        """A head that the backup holds takes nothing away."""
        program.hire("Q-1", Role.QUALITY)
        assert program.refusal(self.loss("A-1 performed, Q-1 approved", known_size=5)) == "nothing_lost"

    @pytest.mark.parametrize(
        ("size", "root", "rule"),
        [
            (7, "cd" * 32, "already_named"),
            (9, "ab" * 32, "already_named"),
            (9, "cd" * 32, "heads_differ"),
            (5, "cd" * 32, "heads_differ"),
        ],
    )
    def test_a_head_that_is_no_news(self, program: Story, size: int, root: str, rule: str) -> None:
        """What the loss covers needs no word; what it cannot have been part of is no loss."""
        program.hire("Q-1", Role.QUALITY)
        program.do(self.loss("A-1 performed, Q-1 approved"))
        assert program.refusal(self.head(program, size, root)) == rule

    def test_a_larger_head_is_named_by_two(self, program: Story) -> None:
        """From then on the loss is as large, and the head of that size is told by its root."""
        program.hire("Q-1", Role.QUALITY)
        program.do(self.loss("A-1 performed, Q-1 approved"))
        assert isinstance(program.decide(self.head(program, 12, signers="A-1 performed")), Denied)
        program.do(self.head(program, 12))
        (loss,) = program.state.losses
        assert loss.largest == 12 and "a store that held 12 or more" in loss.words
        assert loss.took(12, "cd" * 32) and not loss.took(12, "ef" * 32)
        assert loss.took(11, "ef" * 32) and loss.took(9, "ab" * 32) and not loss.took(9, "ef" * 32)

    @staticmethod
    def head(
        program: Story, size: int, root: str = "cd" * 32, signers: str = "A-1 performed, Q-1 approved"
    ) -> NameLostHead:
        """A head that a machine shows only now."""
        loss = program.state.losses[-1].event_id
        request: NameLostHead = asked(
            NameLostHead, signers=signers, reason="disk_failed", loss=loss, known_size=size, known_root=root
        )
        return request

    def test_what_a_loss_covers(self) -> None:
        """Heads beyond the backup up to the newest known, that one by its root alone, and none after it."""
        loss = StoreLoss("event", 7, "2026-03-02 12:00 (+01:00)", 5, 9, "ab" * 32, "A-1", "disk_failed")
        other = "cd" * 32
        assert [size for size in range(12) if loss.took(size, other)] == [6, 7, 8]
        assert loss.took(9, "ab" * 32) and not loss.took(9, other)
        registry = RegistryState(losses=(loss,))
        assert registry.loss_of(6, other) == loss and registry.loss_of(6, other, after="event") is None
        assert registry.loss_of(6, other, after="an event that is lost too") == loss
