"""What the program knows of each kind in the chain `registry`: one row a kind, one cell a question.

No column has a default: forgetting would hide an entry from a bundle, show a name that nobody chose to share,
or let an entry pass without a signature.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final


class SignatureNeed(Enum):
    """Whether verification asks for a signature under the entry; the entries that found a store need none."""

    ALWAYS = 1
    """Somebody answers for it."""

    NOT_ASKED = 2
    """The program wrote what it saw, or the act has a signed entry of its own."""


class Facts(Enum):
    """What the payload tells a reader who may not see the names of staff."""

    PLAIN = 1
    """Nothing that would have to be left out."""

    NAME = 2
    """Somebody's printed name: it is left out unless names were chosen."""


@dataclass(frozen=True, slots=True)
class RegistryKind:
    """The answers for one kind."""

    signed: SignatureNeed
    facts: Facts
    about: tuple[str, ...]
    """The payload fields that say what the entry is about: it is in each bundle that names one of them.

    A kind about nobody and nothing is in bundles only where an entry names it as its registry head.
    """


_ALWAYS, _NOT_ASKED = SignatureNeed.ALWAYS, SignatureNeed.NOT_ASKED
_PLAIN, _NAME = Facts.PLAIN, Facts.NAME

REGISTRY_KINDS: Final[Mapping[str, RegistryKind]] = MappingProxyType(
    {
        "store_created": RegistryKind(_ALWAYS, _PLAIN, ()),
        # Whoever reads a chain in which time goes back needs it: `bundle.selection` takes all of them along.
        "clock_corrected": RegistryKind(_ALWAYS, _PLAIN, ()),
        "clock_confirmed": RegistryKind(_ALWAYS, _PLAIN, ()),
        # What was lost concerns every reader: `bundle.selection` takes all of them along.
        "store_restored": RegistryKind(_ALWAYS, _PLAIN, ()),
        "lost_head_named": RegistryKind(_ALWAYS, _PLAIN, ()),
        "site_added": RegistryKind(_ALWAYS, _PLAIN, ("site",)),
        "site_deactivated": RegistryKind(_ALWAYS, _PLAIN, ("site",)),
        "site_reactivated": RegistryKind(_ALWAYS, _PLAIN, ("site",)),
        "site_contact_changed": RegistryKind(_ALWAYS, _PLAIN, ("site",)),
        "site_zone_set": RegistryKind(_ALWAYS, _PLAIN, ("site",)),
        "site_wristband_set": RegistryKind(_ALWAYS, _PLAIN, ("site",)),
        "site_days_set": RegistryKind(_ALWAYS, _PLAIN, ("site",)),
        "resource_set": RegistryKind(_ALWAYS, _PLAIN, ("site",)),
        "lane_set": RegistryKind(_ALWAYS, _PLAIN, ("from_site", "to_site")),
        "resource_closed": RegistryKind(_ALWAYS, _PLAIN, ("site",)),
        "closure_lifted": RegistryKind(_ALWAYS, _PLAIN, ("site",)),
        "department_added": RegistryKind(_ALWAYS, _PLAIN, ("site",)),
        "location_added": RegistryKind(_ALWAYS, _PLAIN, ("site", "location")),
        "location_conditions_set": RegistryKind(_ALWAYS, _PLAIN, ("location",)),
        "storage_counted": RegistryKind(_ALWAYS, _PLAIN, ("location",)),
        "station_added": RegistryKind(_ALWAYS, _PLAIN, ("station",)),
        "station_board_set": RegistryKind(_ALWAYS, _PLAIN, ("station",)),
        "station_retired": RegistryKind(_ALWAYS, _PLAIN, ("station",)),
        "station_reactivated": RegistryKind(_ALWAYS, _PLAIN, ("station",)),
        "terminal_checked": RegistryKind(_ALWAYS, _PLAIN, ("station",)),
        "scanner_checked": RegistryKind(_ALWAYS, _PLAIN, ("station",)),
        "scanner_check_required": RegistryKind(_ALWAYS, _PLAIN, ("station",)),
        "person_added": RegistryKind(_ALWAYS, _NAME, ("staff",)),
        "person_deactivated": RegistryKind(_ALWAYS, _PLAIN, ("staff",)),
        "person_reactivated": RegistryKind(_ALWAYS, _PLAIN, ("staff",)),
        # A grant is about the person who holds it, not about the site where many others work.
        "role_granted": RegistryKind(_ALWAYS, _PLAIN, ("staff",)),
        "role_revoked": RegistryKind(_ALWAYS, _PLAIN, ("grant",)),
        "rights_reviewed": RegistryKind(_ALWAYS, _PLAIN, ()),
        "badge_bound": RegistryKind(_ALWAYS, _PLAIN, ("staff", "badge")),
        "badge_revoked": RegistryKind(_ALWAYS, _PLAIN, ("badge",)),
        "access_code_issued": RegistryKind(_ALWAYS, _PLAIN, ("staff",)),
        # A person's key is added in the act that signs its activation.
        "key_added": RegistryKind(_NOT_ASKED, _PLAIN, ("owner", "key")),
        "key_activated": RegistryKind(_ALWAYS, _PLAIN, ("owner", "key")),
        "key_retired": RegistryKind(_ALWAYS, _PLAIN, ("owner", "key")),
        "locked_out": RegistryKind(_NOT_ASKED, _PLAIN, ("staff",)),
        "protocol_adopted": RegistryKind(_ALWAYS, _PLAIN, ("protocol",)),
        "equipment_added": RegistryKind(_ALWAYS, _PLAIN, ("equipment",)),
        "equipment_qualified": RegistryKind(_ALWAYS, _PLAIN, ("equipment",)),
        "equipment_status_set": RegistryKind(_ALWAYS, _PLAIN, ("equipment",)),
        "shipper_charged": RegistryKind(_ALWAYS, _PLAIN, ("box",)),
        # An empty box and blank labels belong to no therapy yet.
        "box_emptied": RegistryKind(_ALWAYS, _PLAIN, ()),
        "empty_collected": RegistryKind(_ALWAYS, _PLAIN, ()),
        "empty_returned": RegistryKind(_ALWAYS, _PLAIN, ()),
        "lot_received": RegistryKind(_ALWAYS, _PLAIN, ("lot",)),
        "lot_status_set": RegistryKind(_ALWAYS, _PLAIN, ("lot",)),
        "label_stock_issued": RegistryKind(_ALWAYS, _PLAIN, ()),
        "label_stock_destroyed": RegistryKind(_ALWAYS, _PLAIN, ()),
        "exported": RegistryKind(_ALWAYS, _PLAIN, ()),
        "trail_exported": RegistryKind(_NOT_ASKED, _PLAIN, ()),
        "people_listed": RegistryKind(_NOT_ASKED, _PLAIN, ()),
        "identifier_searched": RegistryKind(_NOT_ASKED, _PLAIN, ()),
    }
)


def subject_fields(kind: str) -> tuple[str, ...]:
    """The payload fields that say what an entry is about; none for a kind that this program does not know."""
    row = REGISTRY_KINDS.get(kind)
    return () if row is None else row.about


def may_be_unsigned(kind: str) -> bool:
    """Whether an entry of this kind stands without a signature; one of an unknown kind never does."""
    row = REGISTRY_KINDS.get(kind)
    return row is not None and row.signed is SignatureNeed.NOT_ASKED


def is_a_name(kind: str) -> bool:
    """Whether the facts of an entry are a person's name; kinds of other chains have none."""
    row = REGISTRY_KINDS.get(kind)
    return row is not None and row.facts is Facts.NAME
