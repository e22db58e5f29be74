"""Sites as a command names them: in any case, and none that nobody has added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema.errors import InputError

if TYPE_CHECKING:
    from tracker.values import RegistryState


def known_site(registry: RegistryState, typed: str) -> str:
    """The code of a site; raises InputError for one that nobody has added: it would be found empty."""
    code = typed.strip().upper()
    if registry.site(code) is None:
        raise InputError(
            f'There is no site "{typed[:40]}" in this store.',
            remedy=f"There are {', '.join(sorted(registry.sites))}; `cartrail site list` shows them.",
            code="site_unknown",
        )
    return code


def known_or_all(registry: RegistryState, typed: str | None) -> str | None:
    """The code of a site that a list is narrowed to; None where it is of all."""
    return None if typed is None else known_site(registry, typed)
