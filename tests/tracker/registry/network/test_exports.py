"""What left the store is noted for somebody who is in it."""

from schema.events import registry as events
from tests.support.registry_story import ADA, Story, asked
from tracker.registry.network.requests import ExportTrail

CHAINS = ("CT234567892", "CT234567893")


def test_a_trail_leaves_for_somebody_of_the_store(story: Story) -> None:
    """Noted unsigned, with how many therapies; for a stranger nothing leaves."""
    story.by_program = True
    (draft,) = story.do(asked(ExportTrail, actor=ADA, form="csv", chains=CHAINS))
    noted = draft.payload
    assert isinstance(noted, events.TrailExported) and noted.count == 2 and not draft.slots
    assert (noted.identifiers, noted.free_text, noted.staff_names) == (False, False, False)
    stranger = asked(ExportTrail, actor="NOBODY-1", form="csv", chains=CHAINS)
    assert story.refusal(stranger) == "person_unknown"
