"""Cards: of a therapy, of a person, and those that are the same for everybody."""

from __future__ import annotations

from labels.content import BadgeLabel, CoiCard, CommandCard, ScannerCard
from schema.errors import InputError
from tracker.labeling.subjects import copy_of, patient_lines_of, therapy_of, unknown
from tracker.open_store import OpenStore
from tracker.rules.registry_state import Person, RegistryState


def coi_card(opened: OpenStore, coi: str, staff: str, station: str, *, preview: bool = False) -> CoiCard:
    """The card of a therapy, for the chart and the chair."""
    registry = opened.registry
    therapy, protocol = therapy_of(opened, coi)
    printed = any(container.patient_identifiers_printed for container in protocol.containers)
    site = registry.site(therapy.sites.collection)
    return CoiCard(
        purpose=registry.purpose,
        therapy=protocol.title,
        site=site.title if site else therapy.sites.collection,
        patient_lines=patient_lines_of(opened, therapy) if printed else (),
        code=copy_of(opened, coi, staff, station, preview=preview),
    )


def badge_label(
    opened: OpenStore, staff_or_badge: str, staff: str, station: str, *, preview: bool = False
) -> BadgeLabel:
    """The badge of a person, named by staff id or by one badge id."""
    registry = opened.registry
    badge, person = _badge(registry, staff_or_badge)
    grants = [grant for grant in registry.grants_of(person.staff) if not grant.revoked]
    sites = list(dict.fromkeys(grant.site for grant in grants))
    known = registry.site(sites[0]) if len(sites) == 1 else None
    return BadgeLabel(
        purpose=registry.purpose,
        person=person.name,
        staff_id=person.staff,
        site=known.title if known else ", ".join(sites),
        roles=tuple(dict.fromkeys(grant.role.value.replace("_", " ") for grant in grants)),
        code=copy_of(opened, badge, staff, station, preview=preview),
    )


def command_card(opened: OpenStore, station: str) -> CommandCard:
    """The card with the commands for gloved hands; it has no copies, for its codes are no objects."""
    return CommandCard(purpose=opened.purpose, site=_site_title(opened.registry, station))


def scanner_card(opened: OpenStore, station: str) -> ScannerCard:
    """The card that is scanned when a shift begins."""
    return ScannerCard(purpose=opened.purpose, site=_site_title(opened.registry, station))


def _site_title(registry: RegistryState, station: str) -> str:
    place = registry.station(station)
    site = registry.site(place.site) if place else None
    return site.title if site else ""


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
