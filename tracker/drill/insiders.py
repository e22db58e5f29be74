"""Attacks of people with keys, on a rehearsal store: the operator with the log's key, and signers who lie."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from schema.canonical import canonical, leaf_digest, plain_digest
from schema.entry import REGISTRY
from schema.events.custody import Accepted, Inspected
from schema.instants import format_instant, parse_instant
from schema.papercodes import parse_head
from schema.vocabulary import EntryMode, Meaning, Reason
from tracker.backup import KnownHead
from tracker.clock import SimulatedClock
from tracker.demo import cast, stages
from tracker.demo.journey import Journey, scan
from tracker.drill.attack import Attack, Caught, InBundle
from tracker.drill.rehearsal import Rehearsal, copy_file, tell
from tracker.drill.rows import cut_tail_and_log, delete_therapy, new_event_id, retime
from tracker.drill.scene import AttackedCopy, RowEditor, head_of_store
from tracker.people.passwords import WEAK
from tracker.registry.network.requests import RetireKey
from tracker.requests.base import EntryDeclaration
from tracker.rules.checks.condition import HOLD_PASSED, OUT_OF_BAND
from tracker.rules.checks.unit import EXPIRED
from tracker.therapy.deviations import OpenDeviation
from tracker.tracker import Environment, Tracker

_LIAR: Final = "QA-2"
_WITHIN: Final = re.compile(rb'within = "[^"]*"')
"""How a protocol says how long something may take."""


def sign_again(rehearsal: Rehearsal, attacked: AttackedCopy) -> None:
    """A recording time is changed, everything is hashed and signed again with the log's own key."""
    attacked.key = rehearsal.key
    with attacked.owner() as editor:
        retime(editor, attacked)
    attacked.reproject()
    attacked.relog()


def cut_and_sign(rehearsal: Rehearsal, attacked: AttackedCopy) -> None:
    """The last entry is gone; the log without it is signed again."""
    attacked.key = rehearsal.key
    cut_tail_and_log(attacked)


def delete_and_sign(rehearsal: Rehearsal, attacked: AttackedCopy) -> None:
    """A whole therapy is gone; the log without it is signed again."""
    attacked.key = rehearsal.key
    delete_therapy(attacked)


def put_back(rehearsal: Rehearsal, attacked: AttackedCopy) -> None:
    """Somebody without a key puts an old backup in place of the store, beside the newer head of the hub."""
    attacked.set_back(rehearsal.backup)


def roll_back(rehearsal: Rehearsal, attacked: AttackedCopy) -> None:
    """An old backup is put in place and gone on with, as if what came after it had never been."""
    attacked.key = rehearsal.key
    attacked.set_back(rehearsal.backup)
    with rehearsal.going_on(attacked.path) as journey:
        tell(journey, "something else")
    attacked.integrate()


def declare_a_loss(rehearsal: Rehearsal, attacked: AttackedCopy) -> None:
    """Two people put an old backup in place of a store that stood whole, and sign that a disk failed."""
    known = parse_head(attacked.heads[0])
    attacked.key, attacked.config = rehearsal.key, attacked.path.with_name("new-keys")
    attacked.set_back(rehearsal.backup)
    shutil.rmtree(attacked.config, ignore_errors=True)
    clock = SimulatedClock(rehearsal.network.clock.now() + timedelta(minutes=5))
    environment = Environment(clock, random.Random(1), WEAK, attacked.config)  # noqa: S311 - a drill repeats
    tracker = Tracker.open_restored(url=attacked.url, environment=environment)
    try:
        answer = tracker.accept_loss(
            known=KnownHead("the hub", known.tree_size, known.root),
            actor="ADMIN-1",
            approver="QA-A",
            station=cast.HUB_STATION,
            reason=Reason.DISK_FAILED,
            remark=None,
            signers=[rehearsal.network.signers[staff] for staff in ("ADMIN-1", "QA-A")],
        )
        if not answer.ok:
            raise RuntimeError(answer.problem)
    finally:
        tracker.close()


def show_two_logs(rehearsal: Rehearsal, attacked: AttackedCopy) -> None:
    """From one point on two logs are kept, each signed; this auditor's paper is of the other one."""
    attacked.key = rehearsal.key
    attacked.set_back(rehearsal.backup)
    other = attacked.path.with_name("other.db")
    copy_file(rehearsal.backup, other)
    twin = AttackedCopy(other, attacked.coi, rehearsal.key)
    for one, text in ((attacked, "for the first auditor"), (twin, "for the second auditor")):
        with rehearsal.going_on(one.path) as journey:
            tell(journey, text)
        one.integrate()
    attacked.heads = [head_of_store(twin.url)]


def cut_waiting(rehearsal: Rehearsal, attacked: AttackedCopy) -> None:
    """An event is recorded, its receipt handed out, and it is gone before the log takes it in."""
    with rehearsal.going_on(attacked.path) as journey:
        tell(journey, "unwelcome")
    with attacked.owner() as editor:
        last = editor.length(attacked.coi) - 1
    attacked.receipt_of(last)
    with attacked.owner() as editor:
        editor.delete(attacked.coi, last)
        editor.run("DELETE FROM log_pending WHERE chain = ? AND sequence = ?", (attacked.coi, last))
        editor.forget_strays()
    attacked.reproject()


def lend_a_protocol(rehearsal: Rehearsal, attacked: AttackedCopy) -> None:
    """The protocol in the database allows more while one step is taken, and is put back after it."""
    with attacked.owner() as editor:
        kept = editor.run("SELECT sha256, content FROM attachment").fetchall()
        for sha256, content in kept:
            looser = _WITHIN.sub(rb'within = "PT900H"', content)
            editor.run("UPDATE attachment SET content = ? WHERE sha256 = ?", (looser, sha256))
    with rehearsal.going_on(attacked.path) as journey:
        tell(journey, "by a protocol that was never adopted")
    with attacked.owner() as editor:
        for sha256, content in kept:
            editor.run("UPDATE attachment SET content = ? WHERE sha256 = ?", (content, sha256))


def answer_otherwise(rehearsal: Rehearsal, attacked: AttackedCopy) -> None:
    """A receiver signs for something else than the giver said, and the log is signed over it."""
    attacked.key = rehearsal.key
    with attacked.owner() as editor:
        answer = next(one for one in range(editor.length(attacked.coi)) if _accepts(editor, attacked, one))
        entry = editor.entry(attacked.coi, answer)
        entry["statement"]["payload"]["relinquished"] = plain_digest(b"another box")
        sign_anew(rehearsal, entry)
        editor.change(attacked.coi, answer, lambda found: found.update(entry))
        editor.rehash(attacked.coi, answer)
    attacked.reproject()
    attacked.relog()


def pass_a_limit(rehearsal: Rehearsal, attacked: AttackedCopy) -> None:
    """A step that its limit forbade by then is recorded as in order by a changed program."""
    _judge_otherwise(rehearsal, attacked, lambda at: at - timedelta(seconds=1))


def loosen_a_limit(rehearsal: Rehearsal, attacked: AttackedCopy) -> None:
    """A changed program holds a step against a longer time than the protocol gives."""
    _judge_otherwise(rehearsal, attacked, lambda at: at + timedelta(days=30))


def stretch_a_shelf_life(rehearsal: Rehearsal, attacked: AttackedCopy) -> None:
    """Cells are packed by a changed program that lets them live longer than freezing said."""
    travel(rehearsal, attacked)
    _judge_otherwise(rehearsal, attacked, lambda at: at + timedelta(days=4000), EXPIRED)


def stretch_a_hold_time(rehearsal: Rehearsal, attacked: AttackedCopy) -> None:
    """A box is taken over by a changed program that lets it hold longer than packing said."""
    travel(rehearsal, attacked)
    _judge_otherwise(rehearsal, attacked, lambda at: at + timedelta(days=40), HOLD_PASSED, Accepted.kind)


def accept_what_is_warm(rehearsal: Rehearsal, attacked: AttackedCopy) -> None:
    """A changed program takes a display for in order that frozen cells do not bear, as the box is opened."""
    travel(rehearsal, attacked)

    def warm(statement: dict[str, Any]) -> None:
        payload = statement["payload"]
        payload["display_celsius"] = "-60.0"
        for one in payload["limits_judged"]:
            if one["rule"] == OUT_OF_BAND:
                one["value"] = "-60.0"

    sign_otherwise(rehearsal, attacked, lambda statement: statement["kind"] == Inspected.kind, warm)


def travel(rehearsal: Rehearsal, attacked: AttackedCopy) -> None:
    """The frozen bag goes on to the manufacturer and is taken out of its box there."""
    with rehearsal.going_on(attacked.path) as journey:
        box = journey.network.boxes["Dry shipper 1"]
        stages.receive_at_manufacturer(journey, box, stages.pick_up_leukapheresis(journey, box))
    with attacked.owner() as editor:
        # Its slips are in other hands; that they were printed is noted by nothing but rows.
        editor.run("DELETE FROM printed_head")


def _judge_otherwise(
    rehearsal: Rehearsal,
    attacked: AttackedCopy,
    until: Callable[[datetime], datetime],
    rule: str | None = None,
    kind: str | None = None,
) -> None:
    """The first step of the kind with such a clock says that it let the step until another time."""

    def clocks(statement: dict[str, Any]) -> list[dict[str, Any]]:
        is_of_kind = kind in (None, statement["kind"])
        judged = statement["payload"].get("limits_judged", ()) if is_of_kind else ()
        return [one for one in judged if "due" in one and rule in (None, one["rule"])]

    def judge(statement: dict[str, Any]) -> None:
        clocks(statement)[0]["due"] = format_instant(until(parse_instant(statement["occurred_at"])))

    sign_otherwise(rehearsal, attacked, lambda statement: bool(clocks(statement)), judge)


def sign_otherwise(
    rehearsal: Rehearsal,
    attacked: AttackedCopy,
    which: Callable[[dict[str, Any]], bool],
    change: Callable[[dict[str, Any]], None],
) -> None:
    """The first such statement of the therapy is changed, signed by the same people, and logged anew."""
    attacked.key = rehearsal.key
    with attacked.owner() as editor:
        entries = (editor.entry(attacked.coi, one) for one in range(editor.length(attacked.coi)))
        entry = next(one for one in entries if which(one["statement"]))
        change(entry["statement"])
        sign_anew(rehearsal, entry)
        editor.change(attacked.coi, entry["sequence"], lambda found: found.update(entry))
        editor.rehash(attacked.coi, entry["sequence"])
    attacked.reproject()
    attacked.relog()


def _accepts(editor: RowEditor, attacked: AttackedCopy, sequence: int) -> bool:
    found: bool = editor.entry(attacked.coi, sequence)["statement"]["kind"] == Accepted.kind
    return found


def sign_anew(rehearsal: Rehearsal, entry: dict[str, Any]) -> None:
    """Let the same people sign what the entry says now, at the times at which they signed before."""
    digest = plain_digest(canonical(entry["statement"]))
    signers = rehearsal.network.signers
    entry["signatures"] = [
        signers[one["signer"]]
        .sign(digest, Meaning(one["meaning"]), parse_instant(one["signed_at"]))
        .to_json()
        for one in entry["signatures"]
    ]


def use_retired_key(rehearsal: Rehearsal, attacked: AttackedCopy) -> None:
    """A key is retired, and whoever kept it signs one more event with it."""
    with rehearsal.going_on(attacked.path) as journey:
        network = journey.network
        key = network.signers[_LIAR].key
        network.record(
            RetireKey(
                event_id=network.tracker.new_event_id(),
                actor="ADMIN-1",
                station=cast.HUB_STATION,
                key=key,
                reason=Reason.LOST_OR_STOLEN,
            ),
            "ADMIN-1",
        )
    with attacked.owner() as editor:
        end = editor.length(REGISTRY) - 1
        head = {"sequence": end, "digest": leaf_digest(editor.body(REGISTRY, end))}
        at = rehearsal.network.clock.now() + timedelta(minutes=2)
        entry = editor.entry(attacked.coi, editor.length(attacked.coi) - 1)
        entry["statement"]["event_id"] = new_event_id()
        entry["statement"]["act"] = entry["statement"]["event_id"]
        digest = plain_digest(canonical(entry["statement"]))
        signature = rehearsal.network.signers[_LIAR].sign(digest, Meaning.PERFORMED, at)
        told = {"recorded_at": format_instant(at), "registry": head, "signatures": [signature.to_json()]}
        editor.append(attacked.coi, {**entry, **told})
    attacked.reproject()


def back_date(rehearsal: Rehearsal, attacked: AttackedCopy) -> None:
    """The recorder's clock is set back to just after the last event, and the entry is made by that clock."""
    attacked.key = rehearsal.key
    with rehearsal.going_on(attacked.path) as journey:
        tell(journey, "said a week later")
    attacked.integrate()


def claim_early(rehearsal: Rehearsal, attacked: AttackedCopy) -> None:
    """A late entry claims to have happened hours ago."""
    attacked.key = rehearsal.key
    with rehearsal.going_on(attacked.path, at=rehearsal.network.clock.now() + timedelta(hours=9)) as journey:
        _tell_late(journey)
    attacked.integrate()


def _tell_late(journey: Journey) -> None:
    clock = journey.network.clock
    clock.advance(timedelta(minutes=1))
    journey.ask(
        OpenDeviation, _LIAR, cast.HUB, coi=scan(journey.coi), category="other", description="claimed",
        occurred_at=format_instant(clock.now() - timedelta(hours=8)),
        entry=EntryDeclaration(mode=EntryMode.LATE, reason=Reason.NETWORK_DOWN),
    )  # fmt: skip


def record_nothing(rehearsal: Rehearsal, attacked: AttackedCopy) -> None:
    """A bag is moved, and nobody records it."""


def sign_a_lie(rehearsal: Rehearsal, attacked: AttackedCopy) -> None:
    """Somebody with a key records, signed and on time, what did not happen."""
    attacked.key = rehearsal.key
    with rehearsal.going_on(attacked.path) as journey:
        tell(journey, "none of this happened")
    attacked.integrate()


def enroll_a_lie(rehearsal: Rehearsal, attacked: AttackedCopy) -> None:
    """From the first entry on the therapy is bound to somebody else's identifiers."""
    attacked.key = rehearsal.key
    with rehearsal.going_on(attacked.path) as journey:
        journey.number += 90
        journey.network.clock.advance(timedelta(minutes=1))
        journey.enroll()
    attacked.integrate()


ATTACKS: Final = (
    Attack(
        "declare a loss that was none",
        "an administrator and quality put an old backup in place of a whole store and sign for a failed disk",
        Caught.NAMED,
        InBundle.NAMED,
        inside=declare_a_loss,
    ),
    Attack(
        "sign everything again",
        "the operator changes a recording time, re-hashes, rebuilds and signs the log with its key",
        Caught.HEAD,
        InBundle.PAPER,
        inside=sign_again,
    ),
    Attack(
        "cut the tail and sign again",
        "the last entry, with the log's key",
        Caught.HEAD,
        InBundle.PAPER,
        inside=cut_and_sign,
    ),
    Attack(
        "delete a therapy and sign again",
        "every row, with the log's key",
        Caught.HEAD,
        InBundle.REFUSED,
        inside=delete_and_sign,
    ),
    Attack(
        "put an old backup in place",
        "by somebody without the log's key, beside the newer head of the hub",
        Caught.ALONE,
        InBundle.REFUSED,
        inside=put_back,
    ),
    Attack(
        "restore an old backup and continue",
        "what came after it never was",
        Caught.HEAD,
        InBundle.PAPER,
        inside=roll_back,
    ),
    Attack(
        "show two logs",
        "each auditor sees another one, both are signed",
        Caught.HEAD,
        InBundle.PAPER,
        inside=show_two_logs,
    ),
    Attack(
        "cut an entry before integration",
        "recorded, receipt handed out, deleted before the log took it in",
        Caught.RECEIPT,
        InBundle.NOTHING,
        inside=cut_waiting,
    ),
    Attack(
        "lend a protocol",
        "the adopted file allows more while a step is taken, and is put back",
        Caught.REFUSED,
        InBundle.TRUE,
        inside=lend_a_protocol,
    ),
    Attack(
        "pass a limit",
        "a step that came too late is signed as in order",
        Caught.ALONE,
        InBundle.CAUGHT,
        inside=pass_a_limit,
    ),
    Attack(
        "loosen a limit",
        "a step is judged by a longer time than the protocol gives",
        Caught.ALONE,
        InBundle.PAPER,
        inside=loosen_a_limit,
    ),
    Attack(
        "stretch a shelf life",
        "cells are packed as if they lived longer than was said when they were frozen",
        Caught.ALONE,
        InBundle.CAUGHT,
        inside=stretch_a_shelf_life,
    ),
    Attack(
        "stretch a hold time",
        "a box is taken over as if it held longer than was said when it was packed",
        Caught.ALONE,
        InBundle.CAUGHT,
        inside=stretch_a_hold_time,
    ),
    Attack(
        "accept what is warm",
        "a display that frozen cells do not bear is taken for in order as the box is opened",
        Caught.ALONE,
        InBundle.CAUGHT,
        inside=accept_what_is_warm,
    ),
    Attack(
        "answer what was not said",
        "a receiver's signed acceptance names another statement than the giver's",
        Caught.ALONE,
        InBundle.CAUGHT,
        inside=answer_otherwise,
    ),
    Attack(
        "retire a key and use it",
        "one more event signed with it",
        Caught.ALONE,
        InBundle.CAUGHT,
        inside=use_retired_key,
    ),
    Attack(
        "back-date an event",
        "the recorder's clock is set back to just after the last event",
        Caught.NOTHING,
        InBundle.NOTHING,
        inside=back_date,
        because="the time is the recorder's word; heads printed in between do not contain it, so bound it",
    ),
    Attack(
        "claim an early time",
        "a late entry says it happened hours ago",
        Caught.NOTHING,
        InBundle.NOTHING,
        inside=claim_early,
        because="a declared time is somebody's word; every view marks the entry late and shows both times",
    ),
    Attack(
        "never record an event",
        "a bag is moved and nobody says so",
        Caught.NOTHING,
        InBundle.NOTHING,
        inside=record_nothing,
        because="what nobody said leaves no bytes; the other party's slip and the next step ask for it",
    ),
    Attack(
        "sign what did not happen",
        "by somebody with a key, on time",
        Caught.NOTHING,
        InBundle.NOTHING,
        inside=sign_a_lie,
        because="a signature proves who said it, not that it is so; two people at the steps that matter help",
    ),
    Attack(
        "lie at the start",
        "a therapy enrolled with another patient's identifiers",
        Caught.NOTHING,
        InBundle.NOTHING,
        inside=enroll_a_lie,
        because="nothing was known before; two people, a second identifier and the assay of the cells help",
    ),
)
