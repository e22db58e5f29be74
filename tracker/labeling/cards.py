"""Cards: of a therapy and of a person."""

from __future__ import annotations

from labels.content import BadgeLabel, CoiCard
from schema.errors import InputError
from tracker.labeling.subjects import patient_lines_of, therapy_of, unknown
from tracker.rules.registry_state import Person, RegistryState
from tracker.tracker import Tracker


def coi_card(tracker: Tracker, coi: str, staff: str, station: str) -> CoiCard:
    """The card of a therapy, for the chart and the chair."""
    registry = tracker.registry
    therapy, protocol = therapy_of(tracker, coi)
    printed = any(container.patient_identifiers_printed for container in protocol.containers)
    site = registry.site(therapy.sites.collection)
    return CoiCard(
        purpose=registry.purpose,
        code=tracker.print_copy(object_id=coi, staff=staff, station=station).text,
        therapy=protocol.title,
        site=site.title if site else therapy.sites.collection,
        patient_lines=patient_lines_of(tracker, therapy) if printed else (),
    )


def badge_label(tracker: Tracker, staff_or_badge: str, staff: str, station: str) -> BadgeLabel:
    """The badge of a person, named by staff id or by one badge id."""
    registry = tracker.registry
    badge, person = _badge(registry, staff_or_badge)
    grants = [grant for grant in registry.grants_of(person.staff) if not grant.revoked]
    sites = list(dict.fromkeys(grant.site for grant in grants))
    known = registry.site(sites[0]) if len(sites) == 1 else None
    return BadgeLabel(
        purpose=registry.purpose,
        code=tracker.print_copy(object_id=badge, staff=staff, station=station).text,
        person=person.name,
        staff_id=person.staff,
        site=known.title if known else ", ".join(sites),
        roles=tuple(dict.fromkeys(grant.role.value.replace("_", " ") for grant in grants)),
    )


def _badge(registry: RegistryState, text: str) -> tuple[str, Person]:
    owner = registry.badge_owner(text)
    if owner is not None:
        return text, owner
    person = registry.person(text)
    if person is None or not person.active:
        raise unknown("person or badge", text)
    if not person.badges:
        raise InputError(
            f"{text} has no badge.",
            remedy=f"Bind one first: `cartrail person badge {text}`.",
            code="no_badge",
        )
    return person.badges[-1], person
