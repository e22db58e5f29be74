"""What is asked at both matches beside identity: the certificate, and each thing that is confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from schema.measured import VOLUME
from tracker.values import CertificateSays, DoseBag, Found, Resolution, judged_certificate
from tui.forms.prompts import Choice, FormSetting, Prompt, PromptKind, Section
from tui.language import named, tr

MATCHES: Final = frozenset({"match_before_thaw", "match_at_bedside"})


def certificate_section(_: str, setting: FormSetting) -> Section | None:
    """The code at the head of the certificate, where the protocol asks for it.

    What was released on paper before cartrail has none, and nobody could go on: it is not asked for.
    """
    if setting.protocol is None or not setting.protocol.bedside.certificate:
        return None
    if setting.therapy is not None and not setting.therapy.releases:
        return None
    prompt = Prompt(
        "certificate",
        tr("Scan the certificate"),
        PromptKind.CODE,
        tr("the release's code"),
        (Found.RECEIPT,),
        carrier="certificate",
    )
    return Section((prompt,))


def product_code_section(_: str, setting: FormSetting) -> Section | None:
    """The code on the carton, where the protocol tells components apart by it."""
    if setting.protocol is None or not setting.protocol.bedside.compare_product_code:
        return None
    prompt = Prompt(
        "product_code",
        tr("Scan the code on the carton"),
        PromptKind.CODE,
        tr("or type its NDC"),
        carrier="carton",
    )
    return Section((prompt,))


def component_section(_: str, setting: FormSetting) -> Section | None:
    """Which of several products that make up a dose goes into a container."""
    known = () if setting.protocol is None else setting.protocol.bedside.components
    choices = tuple(Choice(one.name, one.title) for one in known)
    return Section((Prompt("component", tr("Which component"), PromptKind.CHOICE, choices=choices),))


def part_section(_: str, setting: FormSetting) -> Section | None:
    """For which share of a split dose a container is."""
    choices = tuple(Choice(one, one.replace("_", " ")) for one in parts_asked(setting))
    return Section((Prompt("part", tr("For which part of the dose"), PromptKind.CHOICE, choices=choices),))


def color_section(_: str, setting: FormSetting) -> Section | None:
    """Which size of the product a container is, by its color, its number of cells and its volume."""
    choices = tuple(
        Choice(
            one.color,
            tr("{color}: {cells} million in {ml} mL", color=one.color, cells=one.cells, ml=one.volume_ml),
        )
        for one in bags_asked(setting)
    )
    return Section((Prompt("color", tr("Color of the bag"), PromptKind.CHOICE, choices=choices),))


def parts_asked(setting: FormSetting) -> tuple[str, ...]:
    """The shares of the dose that the patient has by the regimen that was set."""
    dose = None if setting.protocol is None else setting.protocol.dose
    own = None if setting.therapy is None or setting.therapy.dose is None else setting.therapy.dose.regimen
    parts = () if dose is None else dose.parts
    return tuple(dict.fromkeys(one.name for one in parts if one.regimen in (None, own)))


def bags_asked(setting: FormSetting) -> tuple[DoseBag, ...]:
    """The sizes in which the product comes."""
    dose = None if setting.protocol is None else setting.protocol.dose
    return () if dose is None else dose.bags


def planned_section(_: str, setting: FormSetting) -> Section | None:
    """How much of it was to be given, where the protocol has containers that are not given whole."""
    dose = None if setting.protocol is None else setting.protocol.dose
    if dose is None or all(bag.whole for bag in dose.bags):
        return None
    held = None if setting.unit is None else setting.unit.volume_ml
    expected = tr("all of it when left out") if held is None else tr("all {ml} mL when left out", ml=held)
    return Section((Prompt("planned_ml", tr("Planned mL"), PromptKind.DECIMAL, expected, measure=VOLUME),))


def confirm_sections(setting: FormSetting) -> tuple[Section, ...]:
    """Each thing by itself, so that nobody confirms a list unread; DONE leaves one out, and that stops."""
    if setting.protocol is None:
        return ()
    known = () if setting.unit is None else setting.unit.confirmed
    return tuple(
        Section(
            (Prompt("confirmed", _asked(word), PromptKind.CHOICE, choices=(_yes(word),), optional=True),),
            many=True,
            rounds=1,
            optional=True,
        )
        for word in setting.protocol.bedside.confirm
        if word not in known
    )


def receipt_words(read: Resolution, setting: FormSetting) -> str:
    """The end of a receipt, which nobody reads whole, and what a certificate is worth for the container."""
    ends = tr("receipt ..{end}", end=read.text[-4:])
    therapy, unit = setting.therapy, setting.unit
    if therapy is None or unit is None or read.coi != therapy.coi or read.object_id is None:
        return ends
    return f"{_WORTH[judged_certificate(therapy, unit, read.object_id)]} ..{read.text[-4:]}"


_WORTH: Final[Mapping[CertificateSays, str]] = {
    CertificateSays.VALID: tr("VALID"),
    CertificateSays.OUT_OF_SPECIFICATION: tr("VALID, OUT OF SPECIFICATION"),
    CertificateSays.OLD: tr("OLD"),
    CertificateSays.OTHER_CONTAINERS: tr("OF OTHER CONTAINERS"),
    CertificateSays.NO_RELEASE: tr("NO CERTIFICATE"),
}


def _asked(word: str) -> str:
    said = named(word)
    return said[:1].upper() + said[1:]


def _yes(word: str) -> Choice:
    return Choice(word, tr("Yes, both of us have seen to it"), "ALL-IN-ORDER")
