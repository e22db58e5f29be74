"""Another box for what a courier holds: all that is in it, sealed anew, on the same way."""

from __future__ import annotations

from schema.canonical import Json
from tui.forms.reading import scanned
from tui.looking import Offer, ScannedThing
from tui.screens.step import StepScreen
from tui.session import TerminalSession


def is_swap(offer: Offer, subject: ScannedThing | None) -> bool:
    """Whether a step packs what is in the box that was scanned."""
    return offer.request == "pack" and subject is not None and bool(subject.held)


def swap_screen(
    session: TerminalSession, offer: Offer, subject: ScannedThing, *, outside: bool = False
) -> StepScreen:
    """The form of a packing without what stays as it is: carrier and destination."""
    therapy, _ = subject.held[0]
    carrier, destination = therapy.boxes_carrier.get(subject.object_id or "", ("", ""))
    fixed: dict[str, Json] = {
        "from_box": dict(scanned(subject.scan, "box")),
        "carrier": carrier,
        "destination": destination,
    }
    return StepScreen(session, offer, subject, variant="swap", fixed=fixed, outside=outside)
