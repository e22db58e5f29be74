"""Codes of other issuers: announced by a manifest, bound by scan."""
