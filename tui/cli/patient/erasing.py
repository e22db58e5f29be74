"""`cartrail patient erase` as a conversation: what will go, who signs, what is left and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schema.vocabulary import ErasureGround, Reason
from tui.cli.acting import error_of, signed_by, wire
from tui.cli.ending import say
from tui.cli.output import print_json, print_rows
from tui.cli.session import CommandSession, SignedIn

if TYPE_CHECKING:
    from tracker.tracker import Tracker
    from tracker.values import Erasure, ErasurePreview


def erase_patient(
    session: CommandSession,
    tracker: Tracker,
    coi: str,
    *,
    reason: Reason,
    ground: ErasureGround | None,
    approver: str,
) -> None:
    """Say what will go, have it signed by two people, and say what remains; raises what refused it."""
    request = wire(
        session,
        tracker,
        "erase",
        signers=signed_by(session.staff, approver),
        coi=coi,
        reason=reason.value,
        ground=None if ground is None else ground.value,
    )
    _announce(tracker.preview_erasure(coi))
    people = SignedIn(tracker, session.secrets)
    signers = [people.signer(staff, request["station"]) for staff in (session.staff, approver)]
    erasure = tracker.erase(coi=coi, request=request, signers=signers, mode=people.mode(signers))
    if session.as_json:
        print_json(_document(erasure))
    if erasure.answer.problem is not None:
        if not session.as_json:
            print_rows([("may still be in", trace) for trace in erasure.traces])
        raise error_of(erasure.answer.problem)
    if not session.as_json:
        _tell(erasure)


def _announce(preview: ErasurePreview) -> None:
    """What the two people are about to sign."""
    counted = ", ".join(f"{count} {what}" for what, count in preview.values.items())
    say(f"Erasing from {preview.coi} for good: {counted or 'nothing, for nothing is held any more'}.")


def _tell(erasure: Erasure) -> None:
    preview, first = erasure.preview, erasure.answer.entries[0]
    say(f"Erased. Recorded as entry {first.sequence} of {first.chain}; every proof stays valid.")
    print_rows([("erased", f"{count} {what}") for what, count in preview.values.items()])
    print_rows([("requests", f"{preview.requests} can no longer be recognized when sent again")])
    print_rows([("untraceable now", text) for text in preview.untraceable])
    print_rows([("stays in clear", code) for code in preview.codes])
    print_rows([("may still be in", trace) for trace in erasure.traces])


def _document(erasure: Erasure) -> dict[str, Any]:
    preview = erasure.preview
    return {
        **erasure.answer.to_json(),
        "erased": dict(preview.values),
        "requests": preview.requests,
        "untraceable": list(preview.untraceable),
        "in_clear": list(preview.codes),
        "may_still_be_in": list(erasure.traces),
    }
