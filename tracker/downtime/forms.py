"""Downtime forms: made of a therapy as it stands, noted as out before they are printed, listed until back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from labels.papers.downtime import DowntimeForm
from schema.errors import InputError, Refusal
from schema.identifiers import first_copy
from schema.vocabulary import ObjectType
from tracker.downtime.steps import BlockMaker, Remaining, blocks_of, remaining_steps
from tracker.labeling.places import code_on, local_minute
from tracker.labeling.units import therapy_of
from tracker.local_time import offset_of
from tracker.open_store import OpenStore
from tracker.protocols.model import Protocol
from tracker.requests.base import Scan
from tracker.rules.form_state import FormState
from tracker.rules.therapy_state import TherapyState
from tracker.therapy.paperwork.requests import IssueForm

OTHER_EVENTS = 2
"""Blocks for what no protocol foresees, at the end of every form."""


@dataclass(frozen=True, slots=True)
class FormOut:
    """A form that was printed and is not yet back."""

    coi: str
    form: FormState
    overdue: bool

    @property
    def due_at(self) -> datetime:
        """Until when it is entered and given back."""
        return self.form.due_at


class DowntimeForms:
    """Downtime forms of one open store: made, issued, and those that are out."""

    def __init__(self, opened: OpenStore) -> None:
        self._opened = opened

    def make(self, coi: str, *, staff: str, station: str, stage: str | None = None) -> DowntimeForm:
        """The form of a therapy's remaining steps, with a code of its own; nothing is recorded by making it.

        Raises Refusal when nothing is left to be done, InputError for a stage that is not in the protocol.
        """
        opened = self._opened
        therapy, protocol = therapy_of(opened, coi)
        remaining = _remaining(therapy, protocol, stage)
        registry = opened.registry
        place = registry.station(station)
        if place is None:
            raise InputError(f"There is no station {station} in use.", code="unknown_station")
        now = opened.clock.now()
        site = registry.site(place.site)
        head = opened.print_head(chains=(coi,))

        def local(moment: datetime, at: str) -> str:
            return local_minute(registry, moment, at)

        due = now + protocol.paper_entry_within

        def offset(at: str) -> str:
            found = {offset_of(registry, at)(moment) for moment in (now, due)}
            return found.pop() if len(found) == 1 else ""

        kinds = _identifier_kinds(opened, therapy)
        maker = BlockMaker(registry, therapy, protocol, lambda one: _code_of(opened, one), kinds, offset)
        blocks = [maker.block(one, local, place.site) for one in blocks_of(remaining)]
        return DowntimeForm(
            purpose=registry.purpose,
            code=first_copy(opened.new_object_id(object_type=ObjectType.FORM)).text,
            coi_code=_code_of(opened, coi),
            origin=registry.origin,
            therapy=protocol.title,
            site=site.title if site else place.site,
            issued=f"printed {local(now, place.site)} by {staff}",
            due=local(due, place.site),
            steps=(*blocks, *(maker.other(place.site) for _ in range(OTHER_EVENTS))),
            kinds=tuple(dict.fromkeys(one.step.kind for one in remaining)),
            head_code=head.text if head else None,
        )

    def issue(self, form: DowntimeForm, *, staff: str, station: str) -> None:
        """Note that a form goes out; raises Refusal when it may not, and then it is not to be printed."""
        request = IssueForm(
            event_id=self._opened.new_event_id(),
            actor=staff,
            station=station,
            coi=Scan(code=form.coi_code),
            form=form.form,
            steps=form.kinds,
        )
        problem = self._opened.record(request=request).problem
        if problem is not None:
            raise Refusal(problem.message, remedy=problem.remedy, code=problem.error)

    def out(self) -> tuple[FormOut, ...]:
        """Every form that is not back, of all therapies, the most urgent first."""
        opened = self._opened
        with opened.store.read() as transaction:
            rows = transaction.forms_out()
        now = opened.clock.now()
        found: list[FormOut] = []
        for row in rows:
            known = opened.read.therapy(coi=row.coi)
            form = known[0].forms.get(row.object_id) if known else None
            if form is not None and form.is_out:
                found.append(FormOut(row.coi, form, form.is_overdue(now)))
        return tuple(sorted(found, key=lambda one: (one.due_at, one.form.form)))


def _remaining(therapy: TherapyState, protocol: Protocol, stage: str | None) -> tuple[Remaining, ...]:
    stages = [one.name for one in protocol.stages]
    if stage is not None and stage not in stages:
        raise InputError(
            f"The protocol {protocol.id} has no stage {stage[:40]}.",
            remedy=f"Take one of {', '.join(stages)}.",
            code="unknown_stage",
        )
    found = remaining_steps(therapy, protocol, stage)
    if not found:
        where = f" in the stage {stage}" if stage else ""
        raise Refusal(
            f"No step of {therapy.coi} is left{where}.",
            remedy="See `cartrail trail`; nothing was printed.",
            code="nothing_left",
        )
    return found


def _code_of(opened: OpenStore, object_id: str) -> str:
    """The code on an object's label: a form repeats it and takes no copy of its own."""
    with opened.store.read() as transaction:
        return code_on(transaction, object_id)


def _identifier_kinds(opened: OpenStore, therapy: TherapyState) -> tuple[str, ...]:
    """Which kinds of identifier the order has, by type and issuer; their numbers stay off the paper."""
    with opened.store.read() as transaction:
        held = transaction.openings(therapy.patient_identifiers)
    found: list[str] = []
    for number, commitment in enumerate(therapy.patient_identifiers, start=1):
        value = held[commitment].value if commitment in held else None
        if isinstance(value, Mapping):
            found.append(f"{str(value['type']).replace('_', ' ')} ({value['issuer']})")
        else:
            found.append(f"identifier {number}")
    return tuple(found)
