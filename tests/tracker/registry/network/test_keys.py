"""Keys, one-time codes and lock-outs: what counts from when until when, and who decides."""

from datetime import timedelta

import pytest

from schema.events import registry as events
from schema.signing import key_id
from schema.vocabulary import Role
from tests.support.registry_story import ADA, BEN, HUB, NOON, Story, asked, kinds_of, public_of
from tracker.registry.network.requests import ActivateKey, IssueAccessCode, LockOut, RetireKey
from tracker.rules.public_keys import public_text

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

    def test_a_forgotten_password_retires_the_key_unread(self, hired: Story) -> None:
        """The new code and the end of the old key are one act."""
        hired.do(self.activation())
        drafts = hired.do(asked(IssueAccessCode, staff="N-1", reason="forgotten_password"))
        assert kinds_of(drafts) == ["access_code_issued", "key_retired"]
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
