"""Everybody and everything of the demo's network, with what the scenes need to go on."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from labels.content import Content
from schema.errors import Refusal
from schema.vocabulary import Meaning, PrintOutcome
from tracker.clock import SimulatedClock
from tracker.demo import cast
from tracker.people.signer import Signer
from tracker.requests.base import Request, SignerReference
from tracker.tracker import Tracker

Paper = Content

PROTOCOL = "autologous-cryopreserved"
FRESH_PROTOCOL = "autologous-fresh"
HOSPITAL_NUMBER = "hospital_number"
PROGRAM_NUMBER = "program_number"


@dataclass(slots=True)
class Network:
    """The demo's store with everybody in it signed in."""

    tracker: Tracker
    clock: SimulatedClock
    chance: random.Random
    signers: dict[str, Signer] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    pins: dict[str, str] = field(default_factory=dict)
    badges: dict[str, str] = field(default_factory=dict)
    storage: dict[str, str] = field(default_factory=dict)
    """The frozen storage location of each site."""

    boxes: dict[str, str] = field(default_factory=dict)
    loggers: dict[str, str] = field(default_factory=dict)
    stations: dict[str, str] = field(default_factory=dict)
    """The front desk of each site."""

    papers: list[Paper] = field(default_factory=list)
    """Every label and slip that was printed, in order."""

    refrigerators: dict[str, str] = field(default_factory=dict)
    """The cool storage location of each site that has one."""

    def print(self, paper: Paper) -> None:
        """Put a paper among those printed; its copy came out."""
        self.papers.append(paper)
        code: str = getattr(paper, "code", "")
        if code:
            self.tracker.prints.settle((code,), PrintOutcome.PRINTED)

    def station(self, site: str, staff: str) -> str:
        """The terminal where somebody works at a site."""
        return cast.desk_of(site, staff)

    def password(self, staff: str) -> str:
        """The openly printed password of somebody."""
        return cast.PASSWORD.format(staff=staff.lower())

    def record(self, request: Request, *signers: str) -> tuple[str, ...]:
        """Record a request signed by these people; gives the event ids; raises Refusal when it is refused."""
        answer = self.tracker.record(request=request, signers=[self.signers[staff] for staff in signers])
        if answer.problem is not None:
            raise Refusal(
                f"{request.name} by {request.actor}: {answer.problem.message}",
                remedy=answer.problem.remedy,
                code=answer.problem.error,
            )
        return tuple(entry.statement_digest for entry in answer.entries)

    def by(
        self, staff: str, *others: tuple[str, Meaning], meaning: Meaning = Meaning.PERFORMED
    ) -> tuple[SignerReference, ...]:
        """The signers of a request: who did it, then the others."""
        return (
            SignerReference(staff=staff, meaning=meaning),
            *(SignerReference(staff=other, meaning=other_meaning) for other, other_meaning in others),
        )
