"""What a mark of an event says where it is listed: the entry, and what an auditor asks of it first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from statistics import median
from types import MappingProxyType
from typing import Final

from schema.counting import counted
from schema.entry import Entry
from schema.events import Payload
from schema.events.custody import HandoffAnswer, Lapsed, Relinquished
from schema.events.deviations import DeviationAssessed, DeviationClosed, DeviationDrafted, DeviationOpened
from schema.events.identity import Corrected, Erased, MixupOccurred, MixupPrevented
from schema.events.labels import LabelsReconciled
from schema.events.processing import ReleasedOutOfSpecification, Tested
from schema.vocabulary import ReadMode
from tracker.concerns import Concern
from tracker.exports.deviations import assessed_words, closed_words
from tracker.exports.dossiers import Dossier, DossierEvent
from tracker.local_time import local as site_clock
from tracker.protocols.model import USUAL_HANDOFFS, basis_said, with_unit
from tracker.rules.limit_uses import span_words
from tracker.rules.marks.events import Mark
from tracker.rules.marks.values import SPOKEN_KINDS
from tracker.views.deviations import deviation_words


def finding_of(dossier: Dossier, event: DossierEvent, mark: Mark) -> str:
    """One line of a check: the therapy, the entry by number and kind, and what is to be said of it."""
    words = _DETAILS.get(mark.concern, _facts)(dossier, event.entry, mark)
    said = f": {words}" if words else ""
    return f"{named(dossier, event.entry)}{said}"


def named(dossier: Dossier, entry: Entry) -> str:
    """An entry by its therapy, its number and its kind."""
    return f"{dossier.chain} {entry.sequence} {entry.statement.kind.replace('_', ' ')}"


def _facts(_: Dossier, entry: Entry, mark: Mark) -> str:
    """The mark, then reason, display and units where it is the kind of event that calls for attention."""
    payload = entry.statement.payload
    own = SPOKEN_KINDS.get(payload.kind, payload.kind.replace("_", " "))
    if mark.words != own:
        return mark.words
    return ", ".join((*((own,) if payload.kind in SPOKEN_KINDS else ()), *_beside(payload)))


def _beside(payload: Payload) -> Iterator[str]:
    if payload.reason is not None:
        yield f"reason {payload.reason.value.replace('_', ' ')}"
    facts = payload.to_json()
    if "display_celsius" in facts:
        yield f"display {facts['display_celsius']} C"
    for name, words in (("infused_ml", "infused"), ("destroyed_ml", "destroyed")):
        if name in facts:
            yield f"{words} {facts[name]} mL"
    units = facts.get("units")
    if isinstance(units, list) and units:
        yield ", ".join(str(unit) for unit in units[:3]) + (
            f" and {len(units) - 3} more" if units[3:] else ""
        )


def _rules(_: Dossier, entry: Entry, __: Mark) -> str:
    rules = ", ".join(entry.statement.outside_rules).replace("_", " ")
    return ", ".join((rules, *_beside(entry.statement.payload)))


def _mixup(_: Dossier, entry: Entry, __: Mark) -> str:
    payload = entry.statement.payload
    if not isinstance(payload, (MixupPrevented, MixupOccurred)):
        return ""
    return f"at {payload.step.replace('_', ' ')}, {payload.field.replace('_', ' ')}"


def _out_of_specification(dossier: Dossier, entry: Entry, mark: Mark) -> str:
    payload = entry.statement.payload
    if isinstance(payload, ReleasedOutOfSpecification):
        failed = f"failed {', '.join(payload.failed_tests).replace('_', ' ')}"
        basis = () if payload.basis is None else (basis_said(payload.basis),)
        return ", ".join((failed, *basis, *_beside(payload)))
    return _facts(dossier, entry, mark)


def _correction(dossier: Dossier, entry: Entry, _: Mark) -> str:
    payload = entry.statement.payload
    if not isinstance(payload, Corrected):
        return ""
    numbers = {one.statement.event_id: one.sequence for one in dossier.entries}
    values = "in free text"
    if isinstance(payload.old, str) and isinstance(payload.new, str):
        values = f"from {payload.old} to {payload.new}"
    return f"{payload.field} of entry {numbers.get(payload.event, '?')}, {values}"


def _test(_: Dossier, entry: Entry, mark: Mark) -> str:
    payload = entry.statement.payload
    if not isinstance(payload, Tested):
        return mark.words
    result = with_unit(payload.result, payload.unit_of_measure)
    return f"{payload.test.replace('_', ' ')} {result} {mark.words}"


def _unsigned(_: Dossier, entry: Entry, __: Mark) -> str:
    drafted = isinstance(entry.statement.payload, (DeviationDrafted, MixupPrevented, MixupOccurred))
    return "made by the program as evidence" if drafted else ""


def _reset_keys(dossier: Dossier, entry: Entry, _: Mark) -> str:
    """Who signed, and who had issued the one-time code with which the key was made."""
    found = []
    for one in entry.signatures:
        key = dossier.registry.key(one.key)
        if key is not None and key.after_reset:
            made = key.activated_at
            there = None if made is None else site_clock(dossier.registry, entry.statement.site, made)
            when = "" if there is None else f", {there:%Y-%m-%d}"
            found.append(f"{one.signer}, {one.meaning.value.replace('_', ' ')} (code by {key.issuer}{when})")
    return "; ".join(found)


def _late(_: Dossier, entry: Entry, __: Mark) -> str:
    return f"{span_words(entry.recorded_at - entry.statement.occurred_at)} late"


def _reads(*modes: ReadMode) -> Callable[[Dossier, Entry, Mark], str]:
    def fields(_: Dossier, entry: Entry, __: Mark) -> str:
        return ", ".join(
            f"{read.field.replace('_', ' ')} off {read.carrier.replace('_', ' ')}"
            for read in entry.statement.reads
            if read.mode in modes
        )

    return fields


def _deviation(dossier: Dossier, entry: Entry, _: Mark) -> str:
    payload = entry.statement.payload
    known = None if dossier.state is None else dossier.state.deviations.get(entry.statement.event_id)
    if known is not None and isinstance(payload, (DeviationDrafted, DeviationOpened)):
        return deviation_words(known, dossier.protocol)
    if isinstance(payload, DeviationAssessed):
        return f"{_which_deviation(dossier, payload.deviation)}, {assessed_words(payload)}"
    if isinstance(payload, DeviationClosed):
        return f"{_which_deviation(dossier, payload.deviation)}, {closed_words(payload)}"
    return ""


def _which_deviation(dossier: Dossier, deviation: str) -> str:
    """The deviation by the number of the entry that drafted or opened it, and the units it is about."""
    numbers = {one.statement.event_id: one.sequence for one in dossier.entries}
    known = None if dossier.state is None else dossier.state.deviations.get(deviation)
    units = "" if known is None or not known.units else f" about {', '.join(known.units)}"
    return f"deviation of entry {numbers.get(deviation, '?')}{units}"


def _erased(_: Dossier, entry: Entry, __: Mark) -> str:
    payload = entry.statement.payload
    if not isinstance(payload, Erased):
        return ""
    ground = f", by {payload.ground.value.replace('_', ' ')}" if payload.ground else ""
    return f"{counted(payload.erased, 'value')} can no longer be opened{ground}"


def _labels(_: Dossier, entry: Entry, __: Mark) -> str:
    payload = entry.statement.payload
    if not isinstance(payload, LabelsReconciled):
        return ""
    differ = "differs" if payload.differences == 1 else "differ"
    return f"{payload.differences} of {counted(payload.printed, 'label')} {differ}"


_DETAILS: Final[Mapping[Concern, Callable[[Dossier, Entry, Mark], str]]] = MappingProxyType(
    {
        Concern.OUTSIDE_RULES: _rules,
        Concern.MIXUPS: _mixup,
        Concern.TESTS_FAILED: _test,
        Concern.UNSIGNED: _unsigned,
        Concern.RESET_KEYS: _reset_keys,
        Concern.OUT_OF_SPECIFICATION: _out_of_specification,
        Concern.DEVIATIONS: _deviation,
        Concern.CORRECTIONS: _correction,
        Concern.LATE: _late,
        Concern.TYPED: _reads(ReadMode.MANUAL, ReadMode.PAPER),
        Concern.PASTED: _reads(ReadMode.PASTED, ReadMode.SIMULATED),
        Concern.LABELS: _labels,
        Concern.ERASED: _erased,
    }
)
"""What is said beyond the words of the mark; of any other check the mark, or the facts of its kind."""


def handoff_spans(dossier: Dossier) -> Iterator[timedelta]:
    """How long each answered handoff among the events asked for was covered by no signature."""
    given = {
        one.statement.event_id: one.statement.occurred_at
        for one in dossier.entries
        if isinstance(one.statement.payload, Relinquished)
    }
    for event in dossier.events:
        payload = event.entry.statement.payload
        if isinstance(payload, (HandoffAnswer, Lapsed)) and payload.handoff in given:
            yield event.entry.statement.occurred_at - given[payload.handoff]


def handoff_note(dossiers: Sequence[Dossier]) -> str:
    """How many handoffs there were, the longest and the median, and what their protocols expect."""
    spans = [span for dossier in dossiers for span in handoff_spans(dossier)]
    if not spans:
        return "no handoff was answered"
    rows = {
        (USUAL_HANDOFFS if one.protocol is None else one.protocol.handoffs).answered_within
        for one in dossiers
    }
    expected = " or ".join(span_words(one) for one in sorted(rows))
    middle = span_words(timedelta(seconds=median(span.total_seconds() for span in spans)))
    count = f"{len(spans)} handoffs" if len(spans) > 1 else "1 handoff"
    return f"{count}: longest {span_words(max(spans))}, median {middle}, expected within {expected}"
