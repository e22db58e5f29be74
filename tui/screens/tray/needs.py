"""What a trainee can choose now: first what the screen in front asks for, then all that lies around. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from schema.identifiers import COMMANDS, command_code
from schema.vocabulary import Scope
from tracker.values import Found, LyingAround, ScanOn, TherapyState, WorkLine, due_step
from tui.forms.form import Form
from tui.forms.prompts import Choice, FormSetting, Prompt, PromptKind
from tui.language import tr
from tui.screens.home.screens import ClearBench


class How(Enum):
    """How a choice reaches the screen in front."""

    READ = 1
    """Like a scan, as a simulated read."""

    SECRET = 2
    """Into the field for a password or a PIN; only for invented people."""

    ACT = 3
    """As the key of an action of the screen, such as `next_step`."""

    PLAY = 4
    """It opens the list of scenes."""

    WHO_NEXT = 5
    """It says which step of the therapy comes next, where and by whom, and offers to go there."""


@dataclass(frozen=True, slots=True)
class TrayLine:
    """One thing to choose."""

    title: str
    text: str
    how: How = How.READ
    is_needed: bool = False
    """Whether the screen in front asks for it now."""

    detail: str = ""
    is_wrong: bool = False
    """Whether it is another patient's and lies here to be tried."""

    place: str = ""
    """The site of a person, or where a thing is; shown where there is room."""


NEXT: Final = TrayLine(tr("the next step"), "next_step", How.ACT, is_needed=True, detail="SPACE")
SIGN: Final = TrayLine(tr("read it and sign"), "sign", How.ACT, is_needed=True, detail="F10")
LEAVE: Final = TrayLine(tr("both have signed: go on"), "discard", How.ACT, is_needed=True, detail="ESC")
ENROLL: Final = TrayLine(tr("the order of a new patient"), "10", detail=tr("step 10"))
PLAY: Final = TrayLine(tr("something else worth trying"), "", How.PLAY)
WHO_NEXT: Final = TrayLine(tr("what is next, and who does it?"), "", How.WHO_NEXT, detail="F5")
UNWRITTEN: Final = TrayLine(
    tr("it was not written: leave it"), "discard", How.ACT, is_needed=True, detail="ESC"
)
CLEAR: Final = TrayLine(
    tr("clear this bench first"), ClearBench.action(), How.ACT, is_needed=True, detail="^B"
)
UNCLEARED: Final = TrayLine(
    tr("something is left at this bench: go back"), "discard", How.ACT, is_needed=True, detail="ESC"
)
UNRELEASED: Final = TrayLine(
    tr("nothing to release now: go back"), "discard", How.ACT, is_needed=True, detail="ESC"
)
_WRISTBAND: Final = "wristband"
_DONE: Final = next(character for character, name in COMMANDS.items() if name == "DONE")
_VALUES: Final = {"display_celsius": "-184.2", "volume_ml": "68", "infused_ml": "60", "destroyed_ml": "5"}
"""Numbers that every shipped protocol takes, where no test or tally says another."""

_TEXTS: Final = {
    PromptKind.TEXT: tr("Training entry."),
    PromptKind.NAME: "TRAINING",
    PromptKind.REFERENCE: "training-1",
    PromptKind.POSITION: "F10",
    PromptKind.CALLED: "J. Ruiz, +00 555 0121",
}


def once(lines: Iterable[TrayLine]) -> tuple[TrayLine, ...]:
    """Of lines that send the same only the first: it is the one that says why it is there."""
    found: dict[tuple[How, str], TrayLine] = {}
    for line in lines:
        found.setdefault((line.how, line.text), line)
    return tuple(found.values())


def number_line(line: WorkLine) -> TrayLine:
    """A step that is chosen by its number, such as one that quality takes with a deviation."""
    detail = tr("step {number}", number=line.number)
    return TrayLine(line.what, str(line.number), is_needed=True, detail=detail)


def command_line(character: str, *, is_needed: bool = False) -> TrayLine:
    """A code of the command card."""
    code = command_code(character)
    return TrayLine(tr("command card"), code.text, is_needed=is_needed, detail=COMMANDS[character])


def thing_line(thing: LyingAround, *, is_needed: bool = False) -> TrayLine:
    """Something with a code on it."""
    whose = tr("{count} patients", count=len(thing.cois)) if len(thing.cois) > 1 else "".join(thing.cois)
    detail = " ".join(filter(None, dict.fromkeys((thing.object_id or thing.code, whose))))
    return TrayLine(thing.title, thing.code, is_needed=is_needed, detail=detail, place=thing.place)


def is_another_patients(thing: LyingAround, prompt: Prompt | None, setting: FormSetting) -> bool:
    """Whether it looks like what is asked for and is of another therapy: what the STOP is there for."""
    own = _own(setting)
    if prompt is None or not own or thing.may_be_of(own):
        return False
    if prompt.kind is PromptKind.PATIENT:
        return thing.title.startswith(_WRISTBAND)
    is_one = setting.step is not None and setting.step.scope is Scope.ONE_THERAPY
    return thing.found in prompt.wanted and (is_one or bool(prompt.coi or prompt.object_id))


def _own(setting: FormSetting) -> frozenset[str]:
    """The therapies that a form is about: of a box all that have something in it; empty for none."""
    own = (setting.therapy,) if setting.therapy is not None else ()
    return frozenset(one.coi for one in (*own, *setting.therapies))


def for_prompt(
    form: Form, setting: FormSetting, things: Iterable[LyingAround], fresh: str
) -> Iterator[TrayLine]:
    """What answers the question asked now, the likeliest first; `fresh` is a cassette nobody used."""
    prompt = form.current
    if prompt is None:
        return
    section = form.sections[form.at]
    given = {*form.keys_of(prompt.field), *(form.keys_of("units") if section.field else ())}
    own = _own(setting)
    fitting = [
        thing
        for thing in _fitting(prompt, setting, things)
        if thing.object_id not in given and (not own or thing.may_be_of(own))
    ]
    is_between = section.many and section.rounds is None and not form.rounds[form.at][-1]
    if is_between and given and not (section.field and fitting):
        yield command_line(_DONE, is_needed=True)
    if prompt.kind is PromptKind.CODE:
        yield from _codes(prompt, setting, fitting, fresh)
    elif prompt.kind is PromptKind.PATIENT:
        if setting.therapy is None:
            yield from _new_patient(prompt, form, setting)
            return
        coi = setting.therapy.coi
        bands = [one for one in things if one.title.startswith(_WRISTBAND) and coi in one.cois]
        yield from (thing_line(one, is_needed=True) for one in bands if not _was_given(form, one))
    elif prompt.kind is PromptKind.CHOICE:
        numbered = list(enumerate(prompt.choices, start=1))
        for number, choice in sorted(numbered, key=lambda one: not _goes_on(prompt, one[1], setting)):
            yield TrayLine(choice.label, str(number), is_needed=True, detail=choice.command or "")
    else:
        yield TrayLine(prompt.ask, _value(prompt, form, setting), is_needed=True)
    if prompt.optional or section.optional:
        yield command_line(_DONE, is_needed=True)


def _goes_on(prompt: Prompt, choice: Choice, setting: FormSetting) -> bool:
    """Whether a department that is given something is the one that takes its next step; all else goes on."""
    unit, protocol, value = setting.unit, setting.protocol, choice.value
    if prompt.field != "to" or unit is None or protocol is None or not isinstance(value, Mapping):
        return True
    department = setting.registry.department(str(value["id"]))
    if unit.custodian is not None and unit.custodian.id == value["id"]:
        return False  # it is there already
    due = due_step(protocol, unit)
    return department is not None and due is not None and not department.roles.isdisjoint(due.roles)


def _new_patient(prompt: Prompt, form: Form, setting: FormSetting) -> Iterator[TrayLine]:
    """Numbers that nobody has, in the form of each rule of the site."""
    given = form.keys_of("patient")
    for rule in prompt.rules:
        if f"{rule.issuer}/{rule.type}" not in given:
            room = rule.length - len(rule.prefix)
            number = f"{setting.now:%j%H%M%S}"[-room:].zfill(room)
            title = tr("the order, {type}", type=rule.type.replace("_", " "))
            yield TrayLine(title, rule.prefix + number, is_needed=True)


def _was_given(form: Form, band: LyingAround) -> bool:
    values = [one.get("value") for one in form.answers_to("patient") if isinstance(one, dict)]
    return band.code in values


def _fitting(prompt: Prompt, setting: FormSetting, things: Iterable[LyingAround]) -> list[LyingAround]:
    """The things that a code may be read off, those of the unit and therapy in question first."""
    found = [one for one in things if one.found in prompt.wanted]
    if prompt.object_id is not None:
        found = [one for one in found if prompt.object_id in (one.object_id, *one.cois)]
    if prompt.coi is not None:
        found = [one for one in found if prompt.coi in one.cois]
    unit = setting.unit.unit if setting.unit is not None else ""
    coi = setting.therapy.coi if setting.therapy is not None else ""
    wants_cassette = setting.step is not None and setting.step.scan is not ScanOn.UNIT

    def rank(one: LyingAround) -> tuple[bool, bool, int, bool]:
        is_cassette = one.found is Found.CASSETTE
        return (
            prompt.field == "coi" and one.found is not Found.COI,
            one.object_id not in (unit, setting.box, setting.location),
            0 if coi in one.cois else 1 if not one.cois else 2,
            (is_cassette is not wants_cassette),
        )

    return sorted(found, key=rank)


def _codes(
    prompt: Prompt, setting: FormSetting, fitting: list[LyingAround], fresh: str
) -> Iterator[TrayLine]:
    if prompt.field == "cassette" and (setting.unit is None or setting.unit.cassette is None):
        yield TrayLine(tr("a cassette not used before"), fresh, is_needed=True)
        return
    if prompt.field == "seal":
        sealed = _seal(setting.therapy, setting.box)
        yield TrayLine(tr("the seal"), sealed or "SEAL-77001", is_needed=True)
    elif prompt.field == "din":
        yield TrayLine(tr("the donation number"), f"=A9999{setting.now:%y%H%M%S}00", is_needed=True)
    for thing in fitting:
        yield thing_line(thing, is_needed=True)


def _seal(therapy: TherapyState | None, box: str | None) -> str:
    return therapy.seals.get(box or "", "") if therapy is not None else ""


def _value(prompt: Prompt, form: Form, setting: FormSetting) -> str:
    """A value that the protocol takes."""
    if prompt.kind is PromptKind.WORD:
        return prompt.expected
    if prompt.kind is PromptKind.TIME:
        return f"{setting.now.astimezone(setting.zone):%H:%M}"
    if prompt.kind is PromptKind.DAY:
        return f"{setting.now.astimezone(setting.zone):%Y-%m-%d}"
    if prompt.kind is PromptKind.COUNT:
        return str(max(len(form.keys_of("units")), 1))
    if prompt.field == "result":
        return _result(form, setting)
    if prompt.field == "infused_ml" and setting.unit is not None and setting.unit.volume_ml is not None:
        return str(setting.unit.volume_ml)  # nothing is left that two people would have to destroy
    return _VALUES.get(prompt.field) or _TEXTS.get(prompt.kind, "1")


def _result(form: Form, setting: FormSetting) -> str:
    """A result that just meets its limit."""
    named = form.answers_to("test")
    test = setting.protocol.release_test(str(named[-1])) if setting.protocol and named else None
    if test is None:
        return "1"
    return test.limit if test.meets(test.limit) else (test.plausible_max or test.limit)
