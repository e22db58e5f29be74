"""What left the store is noted for somebody who is in it."""

from schema.events import registry as events
from schema.vocabulary import Purpose
from tests.support.registry_story import ADA, Story, asked, founded
from tracker.registry.network.requests import ExportTrail, ListPeople, SearchIdentifier

CHAINS = ("CT234567892", "CT234567893")


def test_a_trail_leaves_for_somebody_of_the_store(story: Story) -> None:
    """Noted unsigned, with how many therapies; for a stranger nothing leaves."""
    story.by_program = True
    (draft,) = story.do(asked(ExportTrail, actor=ADA, form="csv", chains=CHAINS, signed_in=True))
    noted = draft.payload
    assert isinstance(noted, events.TrailExported) and noted.count == 2 and not draft.slots
    assert (noted.identifiers, noted.free_text, noted.staff_names) == (False, False, False)
    stranger = asked(ExportTrail, actor="NOBODY-1", form="csv", chains=CHAINS, signed_in=True)
    assert story.refusal(stranger) == "person_unknown"


def test_findings_d5_a_name_alone_takes_nothing_out(story: Story) -> None:
    """Outside a demo store who reads has signed in; in a demo it is said that nobody did."""
    story.by_program = True
    for request in (
        asked(ExportTrail, form="csv", chains=CHAINS, signed_in=False),
        asked(ListPeople, form="table", count=2, signed_in=False),
        asked(SearchIdentifier, form="table", chains=CHAINS, signed_in=False),
    ):
        assert story.refusal(request) == "not_signed_in"
        demo = founded(Purpose.DEMO)
        demo.by_program = True
        (draft,) = demo.do(request)
        assert not getattr(draft.payload, "signed_in", True)
    (draft,) = story.do(asked(ListPeople, form="table", count=2, signed_in=True))
    assert draft.payload == events.PeopleListed(form="table", count=2, signed_in=True)
