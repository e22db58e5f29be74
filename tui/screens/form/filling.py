"""A form made ready for what was scanned, what is said at each read, and the request it becomes. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from labels.keyed import keyed
from labels.reader import read
from schema.canonical import Json
from schema.errors import BadCode
from schema.events.adoption import CodesBound
from schema.vocabulary import Condition, EntryMode, InspectionResult, Meaning, ReadMode
from schema.zones import zone_info
from tracker.answers import Answer
from tracker.values import SEAL_FIELDS, Found, Proposal, Protocol, RegistryState, TypedValue, is_fresh
from tui.answers import ShownAnswer, check
from tui.forms.catalog import BY_OUTSIDER, LATE, OUTSIDE, PAPER, form_for
from tui.forms.form import Form
from tui.forms.prompts import FieldAnswer, FormSetting, Prompt, PromptKind
from tui.forms.reading import read_prompt
from tui.framing import RawScan
from tui.language import tr
from tui.looking import Offer, ScannedThing
from tui.session import TerminalSession
from tui.words import spoken

SCANNED_WITHIN: Final = 120.0
"""Seconds for which the scan on the home screen counts as the scan of what is now in the hand."""

_SUBJECT_FIELDS: Final = frozenset({"coi", "units", "box", "location", "equipment"})
_AT_A_DESK: Final = frozenset({"deviation_assessed", "deviation_closed"})
"""Judged where no card lies: the therapy is the one that was chosen, and nothing is compared with it."""
_LABELS_READ: Final = frozenset({"codes_bound"})
"""Steps at which every label read has to be of this therapy, though the protocol compares none."""


@dataclass(frozen=True, slots=True)
class FormTask:
    """Which step a form is for, and how it is entered."""

    offer: Offer
    subject: ScannedThing | None
    variant: str = ""
    mode: EntryMode = EntryMode.LIVE
    outside: bool = False
    by_outsider: bool = False
    """Whether no rule was in the way, so that only who did it lies outside the rules."""

    fixed: Mapping[str, Json] | None = None
    extra: Mapping[str, Json] | None = None

    @property
    def is_identity(self) -> bool:
        """Whether another patient's code here is a mix-up, to be kept as evidence."""
        step = self.offer.step
        return step is not None and (bool(step.compare) or self.offer.kind in _LABELS_READ)

    @property
    def must_be_fresh(self) -> bool:
        """Whether nothing scanned before counts: identity, release, and the scan back of a label."""
        step = self.offer.step
        releases = step is not None and any(rule.meaning is Meaning.RELEASED for rule in step.signatures)
        return self.is_identity or releases or is_fresh(self.offer.kind)


def setting_of(session: TerminalSession, registry: RegistryState, asked: FormTask) -> FormSetting:
    """Where the form is filled in."""
    subject = asked.subject
    found = subject.found if subject else None
    protocol = subject.lookup.protocol if subject else None
    now = session.tracker.clock.now()
    # A site's zone may have changed since the terminal was opened.
    session.zone = zone_info(registry.zone_at(session.station.site, now))
    return FormSetting(
        registry=registry,
        station=session.station,
        zone=session.zone,
        now=now,
        protocol=protocol,
        adopted=_adopted(session, registry) if asked.offer.request == "enroll" else (),
        step=asked.offer.step,
        therapy=subject.therapy if subject else None,
        therapies=tuple({one.coi: one for one, _ in subject.held}.values()) if subject else (),
        unit=subject.unit or (subject.held[0][1] if subject.held else None) if subject else None,
        box=subject.object_id if subject and found is Found.BOX else None,
        equipment=subject.object_id if subject and found in (Found.BOX, Found.DATA_LOGGER) else None,
        location=subject.object_id if subject and found is Found.LOCATION else None,
        extra=dict(asked.extra or {}),
    )


def _adopted(session: TerminalSession, registry: RegistryState) -> tuple[Protocol, ...]:
    """The newest version of each protocol, from the bytes that the store keeps."""
    newest = [versions[-1] for versions in registry.protocols.values() if versions]
    found = (session.tracker.read.protocol(sha256=one.sha256) for one in newest)
    return tuple(one for one in found if one is not None)


def made_form(asked: FormTask, setting: FormSetting, now: float) -> Form:
    """The form with what the person has already scanned filled in, where that scan may count."""
    entry: dict[str, Json] = {"entry": {"mode": asked.mode.value}} if asked.mode is not EntryMode.LIVE else {}
    before = {EntryMode.LATE: LATE, EntryMode.PAPER: PAPER}.get(asked.mode, "")
    if asked.outside:
        before = f"{BY_OUTSIDER if asked.by_outsider else OUTSIDE} {before}"
    form = form_for(
        asked.offer.request,
        setting,
        variant=asked.variant,
        fixed={**_named(asked), **(asked.fixed or {}), **entry},
        before=before,
    )
    subject = asked.subject
    if subject is not None and subject.therapy is not None and asked.offer.kind in _AT_A_DESK:
        return _with_therapy(form, subject.therapy.coi)
    if subject is None or asked.must_be_fresh or now - subject.scan.began > SCANNED_WITHIN:
        return form
    fields = {section.prompts[0].field: section.optional for section in form.sections}
    for index, section in enumerate(form.sections):
        prompt = section.prompts[0]
        if prompt.kind is not PromptKind.CODE or prompt.field not in _SUBJECT_FIELDS:
            continue
        if prompt.field == "box" and "from_box" in form.fixed:
            continue  # it is the one that all is taken out of
        if prompt.field == "coi" and subject.unit is not None and fields.get("units") is False:
            continue  # the unit is in the hand; the card has to be scanned too
        given = read_prompt(prompt, subject.scan, subject.lookup.resolution, setting)
        if isinstance(given, FieldAnswer):
            form.prefill(index, given)
    return form


def _with_therapy(form: Form, coi: str) -> Form:
    """The form without a card to scan: nobody can mistype what was chosen."""
    chosen = FieldAnswer({"code": coi, "mode": ReadMode.PASTED.value}, tr("{coi} (chosen)", coi=coi), coi)
    for index, section in enumerate(form.sections):
        if section.prompts[0].field == "coi":
            form.prefill(index, chosen)
    return form


def _named(asked: FormTask) -> Mapping[str, Json]:
    """The unit whose labels are scanned; it may have no label of ours."""
    unit = asked.subject.unit if asked.subject else None
    return {"unit": unit.unit} if unit and asked.offer.kind in _LABELS_READ else {}


def stand_in(form: Form, subject: ScannedThing) -> dict[str, Json]:
    """What was read so far, and for the rest what the step was begun with: enough to judge an identity by.

    That is named by its id, not by how it was chosen: a line of a list or a typed code proves nothing, and
    need not here, because what is compared with it is what was read.
    """
    begun: Json = subject.object_id or subject.scan.text.strip()
    data = form.fold()
    for section in form.sections:
        field = section.prompts[0].field
        if field == "coi":
            data.setdefault(field, begun if subject.therapy is None else subject.therapy.coi)
        elif field == "cassette":
            data.setdefault(field, begun)
        elif field in ("units", "codes"):
            data.setdefault(field, [begun])
    return data


JUDGED_AT_ONCE: Final = frozenset({"display_celsius", "destination", "location"})
"""Values held against what the cells bear while their field is still there to correct."""


def typed_value(
    form: Form, prompt: Prompt, given: FieldAnswer, subject: ScannedThing | None
) -> TypedValue | None:
    """A value that is judged at once, with the units it is about; None for any other.

    A place is judged where something is put into it: out of one that is too warm everything may be taken.
    """
    value = given.key if prompt.field == "location" else given.value
    faults = form.answers_to("faults")
    is_declared = "display" in faults or form.request == "refuse"
    if prompt.field not in JUDGED_AT_ONCE or not isinstance(value, str) or is_declared:
        return None
    if prompt.field == "location" and form.request != "store":
        return None
    data = form.fold()
    named = [*_codes(data.get("units")), *_codes(data.get("results"))]
    is_unit = subject is not None and subject.found is not Found.BOX
    if not named and subject is not None and is_unit:
        named = [subject.scan.text.strip()]
    box = subject.object_id if subject is not None and subject.found is Found.BOX else None
    return TypedValue(prompt.field, value, tuple(named), box, packs=form.request == "pack")


def _codes(value: Json) -> Iterator[str]:
    """The codes in a list of scans, or of things that have one."""
    for one in value if isinstance(value, list) else ():
        scan = one.get("unit", one) if isinstance(one, Mapping) else one
        code = scan.get("code") if isinstance(scan, Mapping) else scan
        if isinstance(code, str):
            yield code


@dataclass(slots=True)
class Twice:
    """The first reading of a code that has to be typed again; it is not shown."""

    first: RawScan | None = None

    def take(self, prompt: Prompt, scan: RawScan) -> RawScan | ShownAnswer:
        """The read to go on with, or what is still missing."""
        first, self.first = self.first, None
        if not _needs_second(prompt, scan):
            return scan
        if first is None:
            self.first = scan
            return check(
                tr("Typed once; it has no check character."),
                tr("A second person reads the label and types it too, or scan it."),
            )
        if scan.text.strip() != first.text.strip():
            return check(
                tr("The two readings differ: nothing was taken."),
                tr("The first person reads it again from the label."),
            )
        return replace(scan, again=first.text.strip())


def _needs_second(prompt: Prompt, scan: RawScan) -> bool:
    is_typed = scan.mode is ReadMode.MANUAL and scan.again is None
    if not is_typed or prompt.kind is not PromptKind.CODE or prompt.field in SEAL_FIELDS:
        return False
    try:
        found = keyed(scan.text)
        if not found.is_checked:
            read(found.text)  # what its check characters refuse is said as such, and no second person helps
        return not found.is_checked
    except BadCode:
        return False


LABELS: Final = "codes"
_LISTS_OF_UNITS: Final = frozenset({"units", "results", "children"})
_ABOUT_THE_UNIT: Final = frozenset(
    {
        *("mixup", "not_in_box", "box_not_scanned", "own_parent"),
        *("cassette_empty", "not_bound", "other_purpose", "unknown_code", "wrong_kind"),
    }
)
"""Refusals of one unit of a list that nothing read after it would undo."""


def lists_units(form: Form, prompt: Prompt) -> bool:
    """Whether a unit is scanned here into a list that goes on: at its end all were read in vain."""
    section = form.sections[form.at] if form.at < len(form.sections) else None
    name = prompt.field if section is None or section.field is None else section.field
    is_unit = prompt.kind is PromptKind.CODE and name in _LISTS_OF_UNITS
    return is_unit and section is not None and section.many and section.rounds is None


def judged_so_far(form: Form) -> dict[str, Json]:
    """The request of a list that goes on, with the likeliest answers where they are not asked yet."""
    data = form.fold()
    results = data.get("results")
    if isinstance(results, list):
        data["results"] = [{"result": InspectionResult.ACCEPT.value, **one} for one in results]
    asked = {section.prompts[0].field for section in form.sections}
    likely: dict[str, Json] = {"remark": tr("Remark"), "condition": Condition.IN_ORDER.value}
    return {**{field: value for field, value in likely.items() if field in asked}, **data}


def refused_unit(outcome: Proposal | Answer | None) -> Answer | None:
    """The refusal of the unit just read; None when it may stay."""
    if not isinstance(outcome, Answer) or outcome.problem is None:
        return None
    return outcome if outcome.problem.error in _ABOUT_THE_UNIT else None


_AT_ONCE: Final = frozenset(
    {
        *("not_on_manifest", "other_container", "wrong_kind", "wrong_material", "code_taken"),
        *("no_manifest", "other_purpose", "mixup"),
    }
)
"""Refusals that no further label would undo; the others wait until all labels are read."""


def refused_at_once(outcome: Proposal | Answer | None) -> Answer | None:
    """The refusal of the label just read; None when it may stay."""
    if isinstance(outcome, Proposal) or outcome is None or outcome.problem is None:
        return None
    return outcome if outcome.problem.error in _AT_ONCE else None


def tally_words(outcome: Proposal | Answer | None) -> str:
    """How many codes of the manifest were read, and which are still missing."""
    if not isinstance(outcome, Proposal):
        return ""
    payload = outcome.decided.statements[0].payload
    if not isinstance(payload, CodesBound):
        return ""
    missing = ", ".join(
        tr("{type} of {issuer}", type=spoken(one.type.value), issuer=one.issuer) for one in payload.missing
    )
    words = tr("{count} on the manifest", count=len(payload.codes))
    return (
        tr("{words}; missing: {missing}", words=words, missing=missing)
        if missing
        else tr("{words}, none missing", words=words)
    )
