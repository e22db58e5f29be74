"""Who may do it and who must sign it: the one door to permissions and signature sets."""

from tracker.rules.permissions import (
    grant_violation,
    roles_text,
    site_violation,
    station_violation,
    unattended_violation,
)
from tracker.rules.signature_sets import (
    act_signature_violations,
    offered_signers,
    signature_violations,
    signers_for,
)

__all__ = [
    "act_signature_violations",
    "grant_violation",
    "offered_signers",
    "roles_text",
    "signature_violations",
    "signers_for",
    "site_violation",
    "station_violation",
    "unattended_violation",
]
