"""A carrier booked at the terminal: from a therapy or its plan, with what could be booked for it."""

from __future__ import annotations

from schema.errors import CartrailError
from schema.vocabulary import ReadMode, Role
from tracker.values import grant_violation
from tui.answers import check
from tui.commands import Command
from tui.forms.booking import PICK_UPS, told
from tui.language import tr
from tui.looking import Offer, by_id, look
from tui.screens.acting import ActingScreen
from tui.screens.step import StepScreen
from tui.session import TerminalSession
from tui.workers import in_thread


class BookCarrier(Command):
    """Book a carrier for what travels next: the pick-up of the plan, a shipper that fits, logger, waybill."""

    key = "ctrl+b"
    footer = "Carrier"
    palette = "Book a carrier"


def why_no_booking(session: TerminalSession) -> str | None:
    """Coordinators book."""
    if not session.is_open:
        return tr("Sign in first.")
    now = session.tracker.clock.now()
    found = grant_violation(session.registry, session.staff, {Role.COORDINATOR}, None, now)
    return None if found is None else found.message


async def open_booking(screen: ActingScreen, coi: str) -> None:
    """Show the form with the pick-ups that could be booked now; where there is none, say so."""
    session = screen.session
    try:
        subject = await in_thread(lambda: look(session, by_id(coi)))
        found = await in_thread(lambda: session.tracker.read.pick_ups(coi=coi))
    except CartrailError as error:
        screen.show(check(error.message, error.remedy))
        return
    if not found:
        advice = tr("Have an administrator add a lane that keeps what the cells bear.")
        screen.show(check(tr("No carrier can be booked for {coi}: no lane leads on.", coi=coi), advice))
        return
    offer = Offer("shipment_booked", "book_shipment", tr("Book a carrier"))
    fixed = {"therapies": [{"code": coi, "mode": ReadMode.PASTED.value}]}
    screen.app.push_screen(StepScreen(session, offer, subject, fixed=fixed, extra={PICK_UPS: told(found)}))
