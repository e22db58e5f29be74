"""Which screen a courier's task takes: the same form, by who is signed in or by a visitor with a badge."""

from __future__ import annotations

from schema.vocabulary import Role
from tracker.values import BOX_OPENERS, Found, grant_violation
from tui.commands import Command
from tui.language import tr
from tui.looking import Offer, ScannedThing
from tui.screens.step import StepScreen
from tui.screens.step.visiting import VisitedStep
from tui.session import TerminalSession


class Attempted(Command):
    """Nobody took it at the door: who was called and why; the box stays with the carrier."""

    key = "f6"
    footer = "Nobody there"
    palette = "Record an attempted delivery"


def own_carrier(session: TerminalSession) -> str | None:
    """The carrier that the person signed in drives for; None for other roles."""
    if not session.is_open:
        return None
    now = session.tracker.clock.now()
    for grant in session.registry.grants_of(session.staff):
        if grant.role is not Role.COURIER or grant.revoked:
            continue
        if grant_violation(session.registry, session.staff, {Role.COURIER}, grant.site, now) is None:
            return grant.site
    return None


def attempt_screen(session: TerminalSession, subject: ScannedThing) -> StepScreen:
    """Nobody took it at the door: by the courier, at whichever terminal there is."""
    offer = _offer(subject, "delivery_attempted", "attempt_delivery", tr("Record an attempted delivery"))
    return _by(session, offer, subject, visitor="" if own_carrier(session) else tr("courier"))


def refuse_screen(session: TerminalSession, subject: ScannedThing, *, visited: bool = False) -> StepScreen:
    """A refusal; at its destination a box needs to be told who takes it now, and where it goes."""
    offer = _offer(subject, "refused", "refuse", tr("Refuse"))
    variant = "box" if subject.held and subject.found is Found.BOX else ""
    return _by(session, offer, subject, visitor=tr("receiver") if visited else "", variant=variant)


def divert_screen(session: TerminalSession, subject: ScannedThing) -> StepScreen:
    """Another destination, by who is entitled to decide it: signed in here, or come to the terminal."""
    offer = _offer(subject, "diverted", "divert", tr("Send the box to another site"))
    is_entitled = subject.offer("diverted") is not None
    return _by(session, offer, subject, visitor="" if is_entitled else tr("person who decides"))


def heard_screen(session: TerminalSession, subject: ScannedThing) -> StepScreen:
    """What a carrier says of a box on its way, by its courier or by whom it told."""
    offer = Offer("shipment_progress", "report_shipment", tr("Say what is heard of the shipment"))
    return StepScreen(session, offer, subject, fixed={"shipment": {"code": subject.object_id or ""}})


def empty_screen(session: TerminalSession, subject: ScannedThing) -> StepScreen:
    """The next step of an empty box: looked into by two, taken away, brought back."""
    box = subject.registry.equipment(subject.object_id or "")
    is_courier = own_carrier(session) is not None
    if box is not None and box.with_carrier is not None:
        offer = Offer("empty_returned", "return_empty", tr("Take the empty box back"))
        return _by(session, offer, subject, visitor=tr("receiver") if is_courier else "")
    if box is not None and box.emptied_at_site == session.station.site:
        offer = Offer("empty_collected", "collect_empty", tr("Take the empty box away"))
        return _by(session, offer, subject, visitor="" if is_courier else tr("courier"))
    offer = Offer("box_emptied", "empty_box", tr("Say that the box is empty"))
    return _by(session, offer, subject, visitor="" if _opens_boxes(session) else tr("person of the site"))


def _opens_boxes(session: TerminalSession) -> bool:
    now, site = session.tracker.clock.now(), session.station.site
    return grant_violation(session.registry, session.staff, BOX_OPENERS, site, now) is None


def _offer(subject: ScannedThing, kind: str, request: str, title: str) -> Offer:
    known = next((one for one in subject.offers if one.kind == kind), None)
    return Offer(kind, request, title, known.step if known is not None else None)


def _by(
    session: TerminalSession, offer: Offer, subject: ScannedThing, *, visitor: str, variant: str = ""
) -> StepScreen:
    if visitor:
        return VisitedStep(session, offer, subject, part=visitor, variant=variant)
    return StepScreen(session, offer, subject, variant=variant)
