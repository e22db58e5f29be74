"""How the sign dialog checks a secret: PIN in session, else badge and password, then the right to sign."""

from __future__ import annotations

from schema.errors import InputError
from tracker.values import RegistryState, SessionEnded, Signer, Slot, grant_violation
from tui.framing import RawScan
from tui.language import tr
from tui.screens.sign.signing import Check, Checked, Login, Pin, Secret, SignerSlot
from tui.session import TerminalSession, owner_of


def secrets_checked(session: TerminalSession, slots: dict[SignerSlot, Slot]) -> Check[Signer]:
    """How a sign dialog checks a secret: PIN in session, else badge and password; then the right to sign."""

    def check(slot: SignerSlot, secret: Secret) -> Checked[Signer]:
        registry = session.registry
        signer = _opened(session, registry, secret)
        asked = slots[slot]
        found = grant_violation(registry, signer.staff, asked.roles, asked.site, session.tracker.clock.now())
        if found is not None:
            raise InputError(found.message, remedy=found.remedy, code=found.rule)
        return Checked(signer.staff, signer.name, signer)

    return check


def _opened(session: TerminalSession, registry: RegistryState, secret: Secret) -> Signer:
    if isinstance(secret, Pin):
        signer = session.signer
        if signer is None:
            raise SessionEnded(tr("Nobody is signed in here."))
        signer.check_pin(secret.pin)
        return signer
    return _unlocked(session, registry, secret)


def _unlocked(session: TerminalSession, registry: RegistryState, login: Login) -> Signer:
    staff = owner_of(registry, RawScan(login.badge, login.mode, 0.0, len(login.badge)))
    return session.tracker.unlock(staff=staff, password=login.password, station=session.station.id)
