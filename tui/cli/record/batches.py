"""Requests in batches: one transaction and one wait for the disk for many lines, answers after the commit."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from schema.errors import CartrailError, ClockBehind, InputError, StoreBusy, StoreError, Unforeseen
from tracker.answers import Answer, failed
from tui.cli.ending import note_fault
from tui.cli.record.intake import ParsedLine, answered, asked
from tui.cli.record.lines import Lines
from tui.cli.session import SignedIn

if TYPE_CHECKING:
    from tracker.tracker import Tracker
    from tracker.values import Signer

BATCH_LINES: Final = 1_000
BATCH_SECONDS: Final = 1.0
"""Whoever waits for an answer waits no longer than this for the lines of others."""

BATCH_BYTES: Final = 16_000_000
"""Lines taken in before they are recorded: enough for any batch, and no more memory than that."""


class Batches:
    """Takes lines from one source into one store."""

    def __init__(self, tracker: Tracker, people: SignedIn, lines: Lines) -> None:
        self._tracker = tracker
        self._people = people
        self._lines = lines
        self._pending: deque[ParsedLine] = deque()

    def answers(self) -> Iterator[list[Answer]]:
        """The answers of one committed batch after the other, in the order of the lines."""
        while self._gather():
            yield [answered(answer) for answer in self._recorded()]

    def _gather(self) -> bool:
        """Take in every line that waits; False at the end of the input."""
        size = 0
        if not self._pending:
            line = self._lines.wait()
            if line is None:
                return False
            self._pending.append(asked(line))
            size += line.length
        while len(self._pending) < BATCH_LINES and size < BATCH_BYTES:
            line = self._lines.waiting()
            if line is None:
                break
            self._pending.append(asked(line))
            size += line.length
        # Signing in writes failures of its own, which must not wait for this batch to end. A store that fails
        # here fails again when the lines are recorded, and is answered there.
        with suppress(StoreError):
            for one in self._pending:
                self._signers(one)
        return True

    def _recorded(self) -> list[Answer]:
        """One batch, answered after its commit; a store that fails answers for every line of it."""
        try:
            answers = self._warned(self._committed())
        except StoreError as error:
            answers = [one.answer or failed(one.event_id, error) for one in self._pending]
        for _ in answers:
            self._pending.popleft()
        return answers

    def _warned(self, answers: list[Answer]) -> list[Answer]:
        """The handoffs with what is wrong with the log, which has nothing to do with whether they stand."""
        trouble = self._tracker.log_trouble
        if trouble is None:
            return answers
        return [replace(one, notices=(*one.notices, trouble)) if one.handed_over else one for one in answers]

    def _committed(self) -> list[Answer]:
        """The batch as a whole again when somebody else was faster or held the store for long."""
        try:
            return self._tracker.in_batch(self._answers)
        except StoreBusy as busy:
            # A server that is locked has had its whole minute; a file has had ten seconds.
            if busy.since is not None:
                raise
        return self._tracker.in_batch(self._answers)

    def _answers(self) -> list[Answer]:
        answers: list[Answer] = []
        began = time.monotonic()
        for one in self._pending:
            answers.append(self._answer(one))
            if time.monotonic() - began >= BATCH_SECONDS:
                break
        return answers

    def _answer(self, one: ParsedLine) -> Answer:
        if one.answer is not None or one.request is None:
            return one.answer or failed(None, InputError("The line asks nothing."))
        signers, error = self._signers(one)
        if error is not None:
            return failed(one.event_id, error)
        try:
            return self._tracker.record(request=one.request, signers=signers, mode=self._people.mode(signers))
        except ClockBehind as behind:
            return failed(one.event_id, behind)
        except StoreError:
            # The transaction itself may be gone, and with it the lines before this one.
            raise
        except CartrailError as refused:
            if refused.__cause__ is not None and isinstance(refused, Unforeseen):
                note_fault(refused.__cause__)
            return failed(one.event_id, refused)

    def _signers(self, one: ParsedLine) -> tuple[list[Signer], CartrailError | None]:
        """Everybody a line names, in session; the actor signs alone where it names nobody."""
        if one.answer is not None:
            return [], None
        try:
            return [self._people.signer(staff, one.station) for staff in one.signers or (one.actor,)], None
        except CartrailError as error:
            return [], error
