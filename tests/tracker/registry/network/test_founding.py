"""The founding of a store: the same entries in the same order, on the word of two people."""

import pytest

from schema.errors import InputError
from schema.events import registry as events
from schema.signing import key_id
from schema.vocabulary import Meaning, Purpose
from tests.support.registry_story import ADA, BEN, NOON, SITE, Story, a_founding, kinds_of, public_of
from tracker.registry.network.founding import NewFounder, founding_actor, founding_drafts


class TestFounding:
    def test_the_order_is_always_the_same(self) -> None:
        """Registry 0 to 14, unsigned but for the two activations at the end (design, section 8)."""
        drafts = founding_drafts(a_founding())
        assert kinds_of(drafts) == [
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
        assert state.zone_at(SITE, NOON) == "Europe/Berlin" and state.zone_at("ELSEWHERE", NOON) == "UTC"
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
