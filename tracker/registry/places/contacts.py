"""How a site is reached: who may change it, and what the registry knows afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from schema.entry import Statement
from schema.errors import InputError
from schema.events import Payload
from schema.events.sites import SiteContactChanged
from tracker.registry.places.requests import ChangeSiteContact
from tracker.registry.requests import RegistryRequest
from tracker.registry.situation import (
    ADMINISTRATORS,
    RegistrySituation,
    accepted,
    performed,
    refused,
    refused_by,
)
from tracker.rules.decision import Answer, Decision
from tracker.rules.permissions import site_violation
from tracker.rules.registry_state import RegistryState


def change_contact(situation: RegistrySituation, request: ChangeSiteContact) -> Decision:
    """Labels print what stands here, so a telephone without digits is none."""
    if request.address is None and request.phone_24h is None:
        raise InputError("Neither an address nor a telephone is given.", remedy="Give one or both.")
    if request.phone_24h is not None and not any(map(str.isdigit, request.phone_24h)):
        raise InputError(
            "The telephone has no digits.", remedy="Give the number as it is dialed from abroad."
        )
    violation = site_violation(situation.registry, request.site)
    site = situation.registry.site(request.site)
    if violation is not None or site is None:
        return refused_by(violation) if violation else refused("site_unknown", "No such site.", "Check it.")
    if (request.address or site.address, request.phone_24h or site.phone_24h) == (
        site.address,
        site.phone_24h,
    ):
        return refused(
            "already_done", f"{site.code} is reached so already.", "Nothing to do.", answer=Answer.CHECK
        )
    changed = SiteContactChanged(site=site.code, address=request.address, phone_24h=request.phone_24h)
    return accepted(situation, request, [changed], performed(request, ADMINISTRATORS))


def _contact_changed(state: RegistryState, _: Statement, event: SiteContactChanged) -> RegistryState:
    site = state.site(event.site)
    if site is None:
        return state
    changed = replace(
        site, address=event.address or site.address, phone_24h=event.phone_24h or site.phone_24h
    )
    return replace(state, sites={**state.sites, site.code: changed})


HANDLERS: Final[Mapping[type[Payload], Callable[[RegistryState, Statement, Any], RegistryState]]] = {
    SiteContactChanged: _contact_changed
}
DECIDERS: Final[Mapping[type[RegistryRequest], Callable[[RegistrySituation, Any], Decision]]] = {
    ChangeSiteContact: change_contact
}
