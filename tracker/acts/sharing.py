"""Rows that acts on things of several chains raise, so that two of them cannot pass each other unseen."""

from __future__ import annotations

from collections.abc import Mapping

from tracker.requests.base import Request, Scan
from tracker.rules.situation import Found, Resolution
from tracker.therapy.adoption.requests import AdoptCode, ReceiveManifest
from tracker.therapy.identity.requests import BindCassette, Enroll, RegisterUnit
from tracker.therapy.making.requests import StartCollection
from tracker.therapy.paperwork.requests import IssueForm


def shared_names(request: Request, resolutions: Mapping[str, Resolution]) -> frozenset[str]:
    """The rows that serialize acts on things which several chains share."""
    names: set[str] = set()
    if "box" in type(request).model_fields:
        names.update(
            f"box:{item.object_id}"
            for item in resolutions.values()
            if item.found is Found.BOX and item.object_id
        )
    if isinstance(request, BindCassette):
        names.add(f"cassette:{resolutions[request.cassette.key].object_id}")
    for scan in _adopting(request):
        names.add(f"code:{resolutions[scan.key].object_id or scan.code}")
    if isinstance(request, RegisterUnit) and request.unit is not None:
        names.add(f"object:{request.unit}")
    if isinstance(request, Enroll) and request.coi is not None:
        names.add(f"object:{request.coi}")
    if isinstance(request, IssueForm) and request.form is not None:
        names.add(f"object:{request.form}")
    return frozenset(names)


def _adopting(request: Request) -> tuple[Scan, ...]:
    """Codes that begin to stand for something by this request."""
    if isinstance(request, AdoptCode):
        return (request.adopted,)
    if isinstance(request, Enroll):
        return request.adopted_codes
    if isinstance(request, ReceiveManifest):
        return request.named()
    return (request.din,) if isinstance(request, StartCollection) else ()
