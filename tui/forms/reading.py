"""Whether a read answers a prompt: each field compared on its own, nothing inferred, nothing corrected."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from schema.canonical import Json
from schema.errors import InputError
from schema.events.registry import WristbandRule
from schema.identifiers import SHORT_NAME_PATTERN
from schema.measured import TEMPERATURE, parse
from schema.vocabulary import ObjectType, PartyType, ReadMode
from schema.zones import on_clock, typed_time
from tracker.values import Found, Person, Resolution, is_pin
from tui.answers import safe, said_back, shown
from tui.forms.bedside import receipt_words
from tui.forms.prompts import FieldAnswer, FormSetting, Prompt, PromptKind, WrongAnswer
from tui.framing import RawScan, has_our_form, printed_code, without_aim
from tui.language import named, tr
from tui.scanned import scanned_paper
from tui.typing import is_position

_LINE: Final = re.compile(r"[0-9]{1,3}")
_COUNT: Final = re.compile(r"[1-9][0-9]{0,3}")
_REFERENCE: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_TEXT_MAX: Final = 500
_WORDS: Final = frozenset({PromptKind.TEXT, PromptKind.NAME, PromptKind.REFERENCE})
_MAY_BE_NUMBERS: Final = frozenset({"result", "new"})
"""Values of a test and of a correction, which may have any number of digits."""


def needs_lookup(prompt: Prompt) -> bool:
    """Whether the store has to be asked what the code is."""
    return prompt.kind is PromptKind.CODE and bool(prompt.wanted)


def read_prompt(
    prompt: Prompt, scan: RawScan, resolution: Resolution | None, setting: FormSetting
) -> FieldAnswer | WrongAnswer:
    """The answer that a read is to a prompt, or what is wrong with it."""
    if prompt.kind is PromptKind.CODE:
        return _code(prompt, scan, resolution, setting)
    if prompt.kind is PromptKind.PATIENT:
        return _patient(prompt, scan)
    if prompt.kind is PromptKind.CHOICE:
        return _colleague(prompt, scan, setting) or _choice(prompt, scan)
    if prompt.kind is PromptKind.CALLED and (colleague := _badge_of(scan, setting)) is not None:
        return FieldAnswer({"staff": colleague.staff}, f"{colleague.name} ({colleague.staff})")
    if has_our_form(scan.text):
        return WrongAnswer(
            tr("A code was read where {ask} is asked.", ask=prompt.ask[:1].lower() + prompt.ask[1:]),
            tr("Type the answer."),
        )
    text = scan.text.strip()
    return _may_be_pin(prompt, text, setting) or _TYPED[prompt.kind](prompt, text, setting)


def _may_be_pin(prompt: Prompt, text: str, setting: FormSetting) -> WrongAnswer | None:
    """Six digits alone where words or a name are asked: a PIN typed too early would stand there in clear."""
    is_number = prompt.field in _MAY_BE_NUMBERS or setting.registry.person(text) is not None
    if prompt.kind not in _WORDS or is_number or not is_pin(text):
        return None
    return WrongAnswer(
        tr("{count} digits alone are not taken here.", count=len(text)),
        tr("A PIN is asked when it is signed. If it is a number of something, type what of before it."),
    )


def scanned(scan: RawScan, carrier: str | None) -> Mapping[str, Json]:
    """A read as a request carries it."""
    value: dict[str, Json] = {"code": without_aim(scan.text.strip()), "mode": scan.mode.value}
    if scan.again is not None:
        value["again"] = scan.again
    return {**value, "carrier": carrier} if carrier else value


def _code(
    prompt: Prompt, scan: RawScan, resolution: Resolution | None, setting: FormSetting
) -> FieldAnswer | WrongAnswer:
    text = without_aim(scan.text.strip())
    if resolution is None:
        if has_our_form(scan.text):
            return WrongAnswer(
                tr(
                    "This is a code of cartrail, not {expected}.",
                    expected=prompt.expected or tr("what is asked"),
                ),
                prompt.ask + ".",
            )
        words = f"{shown(scan.text)} ({named(scan.mode.value)})"
        return FieldAnswer(scanned(scan, prompt.carrier), words, text)
    if resolution.found not in prompt.wanted:
        grave = resolution.found in (Found.OTHER_PURPOSE, Found.UNKNOWN)
        return WrongAnswer(_wrong_kind(prompt, resolution), prompt.ask + ".", grave=grave)
    carrier = prompt.carrier or _CARRIERS.get(resolution.found)
    read = resolution.unit if resolution.found in (Found.UNIT, Found.CASSETTE) else resolution.object_id
    own = resolution.object_id if resolution.found is Found.CASSETTE else read
    if prompt.object_id is not None and prompt.object_id not in (read, own, resolution.coi):
        return WrongAnswer(
            tr(
                "Expected {expected}, read another {found}.",
                expected=prompt.expected or prompt.object_id,
                found=named(resolution.found.value),
            ),
            tr("Put it aside and scan the right one."),
            grave=True,
        )
    is_copy = prompt.field in ("label", "labels")
    words = f"{shown(text) if is_copy else resolution.object_id or shown(text)} ({named(scan.mode.value)})"
    if resolution.found is Found.RECEIPT:
        words = receipt_words(resolution, setting)
    # Several labels of one container are several reads; one container scanned twice is one container.
    return FieldAnswer(
        scanned(scan, carrier), words, text if is_copy or prompt.field == "codes" else read or text
    )


_CARRIERS: Final = {
    Found.UNIT: "label",
    Found.CASSETTE: "cassette",
    Found.COI: "coi_card",
    Found.BOX: "box",
    Found.LOCATION: "location",
    Found.RECEIPT: "slip",
}


def _wrong_kind(prompt: Prompt, resolution: Resolution) -> str:
    if resolution.note and resolution.found in (Found.OTHER_PURPOSE, Found.UNKNOWN):
        return resolution.note
    wanted = f" {tr('or')} ".join(named(found.value) for found in prompt.wanted)
    found = named(resolution.found.value)
    this = (
        tr("no code of this store")
        if resolution.found is Found.FOREIGN
        else tr("the code of a {found}", found=found)
    )
    return tr("This is {this}; the code of a {wanted} is asked for.", this=this, wanted=wanted)


def rule_of(rules: tuple[WristbandRule, ...], value: str) -> WristbandRule | None:
    """The one rule a wristband value follows, by prefix and length; None for no rule or more than one."""
    found = [rule for rule in rules if len(value) == rule.length and value.startswith(rule.prefix)]
    return found[0] if len(found) == 1 else None


def _patient(prompt: Prompt, scan: RawScan) -> FieldAnswer | WrongAnswer:
    value = without_aim(scan.text.strip())
    if has_our_form(value):
        return WrongAnswer(
            tr("This is a code of cartrail, not a number from the wristband."), tr("Scan the wristband.")
        )
    rule = rule_of(prompt.rules, value)
    if rule is None:
        is_typed = scan.mode is ReadMode.MANUAL
        read = tr("what was typed") if is_typed else shown(value)
        return WrongAnswer(
            tr("No wristband number of this site looks like {value}.", value=read),
            tr("Scan the wristband: {expected}.", expected=prompt.expected),
        )
    given: dict[str, Json] = {
        "issuer": rule.issuer,
        "type": rule.type,
        "value": value,
        "mode": scan.mode.value,
        "carrier": prompt.carrier or "wristband",
    }
    return FieldAnswer(given, f"{shown(value)} ({named(scan.mode.value)})", f"{rule.issuer}/{rule.type}")


def _badge_of(scan: RawScan, setting: FormSetting) -> Person | None:
    code = printed_code(scan.text)
    if code is None or code.object_type is not ObjectType.BADGE:
        return None
    return setting.registry.badge_owner(code.object_id)


def _colleague(prompt: Prompt, scan: RawScan, setting: FormSetting) -> FieldAnswer | None:
    """The badge of a person as the answer to whom a unit is given."""
    owner = _badge_of(scan, setting) if prompt.field == "to" else None
    if owner is None:
        return None
    return FieldAnswer({"type": PartyType.PERSON.value, "id": owner.staff}, f"{owner.name} ({owner.staff})")


def _called(prompt: Prompt, text: str, setting: FormSetting) -> FieldAnswer | WrongAnswer:
    """A person of the network by staff id, or somebody else by name and number."""
    person = setting.registry.person(text.upper()) if SHORT_NAME_PATTERN.fullmatch(text.upper()) else None
    if person is not None:
        return FieldAnswer({"staff": person.staff}, f"{person.name} ({person.staff})")
    name, comma, phone = (part.strip() for part in text.rpartition(","))
    if not comma or not name or sum(char.isdigit() for char in phone) < 3 or len(text) > 150:
        return WrongAnswer(
            tr("That is neither a staff id nor a name with a number."),
            tr("Type a staff id, or a name and number: J. Ruiz, +00 555 0121."),
        )
    return FieldAnswer({"name": name, "phone": phone}, shown(f"{name}, {phone}"))


def _choice(prompt: Prompt, scan: RawScan) -> FieldAnswer | WrongAnswer:
    code = printed_code(scan.text)
    command = code.command if code is not None else None
    typed = _as_word(scan.text)
    for number, choice in enumerate(prompt.choices, start=1):
        if (command is not None and choice.command == command) or typed == str(number):
            return FieldAnswer(choice.value, choice.label)
        if code is not None and code.object_id and _is_of(choice.value, code.object_id):
            return FieldAnswer(scanned(scan, None), choice.label)
    named_so = [one for one in prompt.choices if typed in (_as_word(one.label), _as_word(one.command or ""))]
    if typed and len(named_so) == 1:
        return FieldAnswer(named_so[0].value, named_so[0].label)
    if not prompt.choices:
        return WrongAnswer(
            tr("There is nothing to choose from: this list is empty."),
            tr("Esc ends this step. Call the administrator: what is chosen here is not in the network yet."),
        )
    if has_our_form(scan.text):
        return WrongAnswer(
            tr("A code was read where a choice is asked."), tr("Type the number of one line, then Enter.")
        )
    return WrongAnswer(
        _no_line(scan.text.strip()),
        tr("Type a number from 1 to {count}, then Enter.", count=len(prompt.choices)),
        grave=False,
    )


def _is_of(value: Json, object_id: str) -> bool:
    """Whether a choice is a thing whose code was scanned."""
    return isinstance(value, Mapping) and value.get("code") == object_id


def _as_word(text: str) -> str:
    """A word of a list as it is compared: capitals, small letters and blanks make no difference."""
    return " ".join(text.casefold().split())


def _no_line(text: str) -> str:
    """A number of up to three digits is said back; anything else may be a password."""
    if _LINE.fullmatch(text):
        return tr("There is no line {text} to choose.", text=text)
    return tr("That is no line of this list. No PIN, staff id or password is asked before one is chosen.")


def _decimal(prompt: Prompt, text: str, _: FormSetting) -> FieldAnswer | WrongAnswer:
    if prompt.measure is None:
        raise TypeError(prompt.field)
    if prompt.measure is TEMPERATURE and is_pin(text):
        # They may be a PIN that was typed a field too early, so they are not shown.
        return WrongAnswer(
            tr("{count} digits are no temperature.", count=len(text)),
            tr("Type what the display shows, such as -184.2; a PIN is asked when it is signed."),
            grave=False,
        )
    try:
        parse(text, prompt.measure)
    except InputError as error:
        if said_back(text) != text:
            return WrongAnswer(tr("That is no number."), error.remedy)
        return WrongAnswer(safe(error.message), error.remedy)
    return FieldAnswer(text, text)


def _count(prompt: Prompt, text: str, _: FormSetting) -> FieldAnswer | WrongAnswer:
    if _COUNT.fullmatch(text) is None:
        return WrongAnswer(
            tr("{text} is no count.", text=said_back(text)), tr("Type a whole number."), grave=False
        )
    return FieldAnswer(int(text), text)


def _text(prompt: Prompt, text: str, _: FormSetting) -> FieldAnswer | WrongAnswer:
    if len(text) > _TEXT_MAX:
        return WrongAnswer(
            tr("{count} characters are too many.", count=len(text)),
            tr("Use at most {count}.", count=_TEXT_MAX),
        )
    return FieldAnswer(text, shown(text))


def _name(prompt: Prompt, text: str, _: FormSetting) -> FieldAnswer | WrongAnswer:
    if SHORT_NAME_PATTERN.fullmatch(text.upper()) is None:
        return WrongAnswer(
            tr("That is no short name."),
            tr("Use 2 to 16 of A-Z, 0-9 and hyphen."),
        )
    return FieldAnswer(text.upper(), text.upper())


def _word(prompt: Prompt, text: str, _: FormSetting) -> FieldAnswer | WrongAnswer:
    if text != prompt.expected:
        return WrongAnswer(
            tr("That is not the word."),
            tr("Type {expected} in capitals, or Esc.", expected=prompt.expected),
        )
    return FieldAnswer(text, text)


def _time(prompt: Prompt, text: str, setting: FormSetting) -> FieldAnswer | WrongAnswer:
    """A time by this site's clocks, or those it is asked by: today's or with its date.

    One skipped or shown twice is asked.
    """
    zone = prompt.zone or setting.zone
    today = on_clock(setting.now, zone)
    try:
        moment = typed_time(text, zone, day=today.date())
    except InputError as error:
        if error.code == "no_time" and said_back(text) != text:
            return WrongAnswer(tr("That is no time."), error.remedy)
        return WrongAnswer(error.message, error.remedy)
    if prompt.field == "occurred_at" and moment - today > timedelta(minutes=2):
        return WrongAnswer(
            tr("{text} has not come yet.", text=shown(text)),
            tr("Type the date too: 2026-01-31 22:15."),
        )
    return FieldAnswer(moment.isoformat(timespec="seconds"), moment.isoformat(" ", timespec="minutes"))


def _day(_: Prompt, text: str, __: FormSetting) -> FieldAnswer | WrongAnswer:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return WrongAnswer(
            tr("{text} is no day.", text=said_back(text)), tr("Type it as 2026-01-31."), grave=False
        )
    return FieldAnswer(day.isoformat(), day.isoformat())


def _reference(_: Prompt, text: str, __: FormSetting) -> FieldAnswer | WrongAnswer:
    if _REFERENCE.fullmatch(text.lower()) is None:
        return WrongAnswer(
            tr("That is no reference."),
            tr("Use letters, digits, hyphen, point and underscore: CAPA-2026-014."),
        )
    return FieldAnswer(text.lower(), text.lower())


def _position(_: Prompt, text: str, __: FormSetting) -> FieldAnswer | WrongAnswer:
    if not is_position(text):
        return WrongAnswer(
            tr("{text} is no position.", text=said_back(text)),
            tr("Say the letter of the row, then the number of the column, as B7."),
        )
    return FieldAnswer(text.upper(), text.upper(), text.upper())


def _file(_: Prompt, text: str, __: FormSetting) -> FieldAnswer | WrongAnswer:
    try:
        content = scanned_paper(text)
    except InputError as error:
        # What was typed may have been a password: the command line's sentence would say it back.
        return WrongAnswer(tr("That is no file that can be taken."), error.remedy)
    return FieldAnswer(content, shown(Path(text).name))


_TYPED: Final[Mapping[PromptKind, Callable[[Prompt, str, FormSetting], FieldAnswer | WrongAnswer]]] = {
    PromptKind.DECIMAL: _decimal,
    PromptKind.COUNT: _count,
    PromptKind.TEXT: _text,
    PromptKind.NAME: _name,
    PromptKind.WORD: _word,
    PromptKind.TIME: _time,
    PromptKind.DAY: _day,
    PromptKind.REFERENCE: _reference,
    PromptKind.POSITION: _position,
    PromptKind.CALLED: _called,
    PromptKind.FILE: _file,
}
