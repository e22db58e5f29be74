"""The grade of an adverse reaction from what was found, by the table of its scale; it suggests no treatment.

Sources: ASTCT consensus (Lee 2019, Biol Blood Marrow Transplant 25:625) for CRS, ICANS, ICE and CAPD;
Lee 2014 (Blood 124:188) and CTCAE 5.0 for CRS. Each table gives the lowest grade that its findings allow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from msgspec import Struct

from schema.measured import Measure
from schema.vocabulary import Syndrome
from tracker.protocols.model import Protocol, Scale

Findings = Mapping[str, Decimal | None]
"""What was found, by its word; None where it is there or not."""

Supported = tuple[int, str]
"""A grade that is the least by one finding, and that finding in words."""

FEVER_CELSIUS: Final = Decimal("38.0")
LOW_FLOW_L_PER_MIN: Final = Decimal(6)
OXYGEN_FRACTION_HIGH: Final = Decimal(40)
CAPD_DELIRIUM: Final = Decimal(9)


class ScaleFinding(Struct, frozen=True):
    """What a scale asks for, as people are asked."""

    name: str
    title: str
    measure: Measure | None = None
    """How it is counted; None where it is there or not."""


class Table(Struct, frozen=True):
    """How a scale grades."""

    findings: tuple[ScaleFinding, ...]
    judge: Callable[[Findings, Scale], Iterator[Supported]]
    missing: Callable[[Findings, Scale], tuple[str, ...]]
    """What has to be found before there is a grade at all, in words."""

    barred: Callable[[Findings, Scale], str] = lambda _, __: ""
    """Why what was found is not for this patient; empty where it is."""

    def finding(self, name: str) -> ScaleFinding | None:
        """What is asked by a word."""
        return next((one for one in self.findings if one.name == name), None)


def _count(
    name: str, title: str, most: int, unit: str = "", decimals: int = 0, least: int = 0
) -> ScaleFinding:
    return ScaleFinding(name, title, Measure(title, unit, Decimal(least), Decimal(most), decimals))


_DIED: Final = ScaleFinding("died", "Died of it")
_TEMPERATURE: Final = _count("temperature_celsius", "Temperature", 45, "C", 1, least=30)
_PRESSORS: Final = _count("pressors", "Vasopressors, without vasopressin beside another", 9)
_HYPOTENSION: Final = ScaleFinding("hypotension", "Low blood pressure, no vasopressor needed")
_OXYGEN_FRACTION: Final = _count("oxygen_fraction_percent", "Oxygen in the air given", 100, "%", 0, least=21)


def _crs_astct(found: Findings, _: Scale) -> Iterator[Supported]:
    if "died" in found:
        yield 5, "died of it"
    temperature = _number(found, "temperature_celsius")
    has_fever = temperature is not None and temperature >= FEVER_CELSIUS
    if has_fever:
        yield 1, f"{temperature} C"
    if not has_fever and "treated" not in found:
        return  # without fever it is CRS only where treatment may have taken the fever away
    yield from _pressure_astct(found)
    yield from _oxygen_astct(found)


def _pressure_astct(found: Findings) -> Iterator[Supported]:
    pressors = _number(found, "pressors") or Decimal(0)
    if "hypotension" in found:
        yield 2, "low blood pressure, no vasopressor"
    if pressors == 1:
        yield 3, "one vasopressor"
    if pressors > 1:
        yield 4, f"{pressors} vasopressors"


def _oxygen_astct(found: Findings) -> Iterator[Supported]:
    flow = _number(found, "nasal_l_per_min") or Decimal(0)
    if flow > 0:
        yield (2 if flow <= LOW_FLOW_L_PER_MIN else 3), f"nasal oxygen {flow} L/min"
    if "blow_by" in found:
        yield 2, "blow-by oxygen"
    if "oxygen_mask" in found:
        yield 3, "oxygen by mask"
    if "positive_pressure" in found:
        yield 4, "positive pressure ventilation"


def _crs_lee(found: Findings, _: Scale) -> Iterator[Supported]:
    if "died" in found:
        yield 5, "died of it"
    temperature = _number(found, "temperature_celsius")
    if temperature is not None and temperature >= FEVER_CELSIUS:
        yield 1, f"{temperature} C"
    if "symptoms" in found:
        yield 1, "symptoms that threaten no life"
    yield from _oxygen_fraction(found)
    if "hypotension" in found:
        yield 2, "low blood pressure that answers to fluids"
    pressors = _number(found, "pressors") or Decimal(0)
    if pressors:
        yield (2 if pressors == 1 else 3), f"{pressors} vasopressors"
    if "pressor_high_dose" in found:
        yield 3, "a vasopressor at high dose"
    organ, liver = _number(found, "organ_grade") or Decimal(0), _number(found, "liver_grade") or Decimal(0)
    if organ > 1:
        yield int(organ), f"organ toxicity of grade {organ}"
    if liver > 1:
        yield min(int(liver), 3), f"transaminases of grade {liver}"
    if "ventilator" in found:
        yield 4, "ventilator"


def _crs_ctcae(found: Findings, _: Scale) -> Iterator[Supported]:
    if "died" in found:
        yield 5, "died of it"
    temperature = _number(found, "temperature_celsius")
    if temperature is not None and temperature >= FEVER_CELSIUS:
        yield 1, f"{temperature} C"
    yield from _oxygen_fraction(found)
    if "hypotension" in found:
        yield 2, "low blood pressure that answers to fluids"
    if _number(found, "pressors"):
        yield 3, f"{_number(found, 'pressors')} vasopressors"
    if "life_threatening" in found:
        yield 4, "life-threatening"


def _oxygen_fraction(found: Findings) -> Iterator[Supported]:
    fraction = _number(found, "oxygen_fraction_percent")
    if fraction is not None and fraction > 21:
        yield (2 if fraction < OXYGEN_FRACTION_HIGH else 3), f"{fraction} % oxygen"


ICE: Final = ("ice_orientation", "ice_naming", "ice_command", "ice_sentence", "ice_attention")
"""The five items of the encephalopathy score: at most 4, 3, 1, 1 and 1 points."""

_AWAKENS: Final = {
    "awakens_spontaneously": (1, "awakens spontaneously"),
    "awakens_to_voice": (2, "awakens to voice"),
    "awakens_to_touch": (3, "awakens only to touch"),
    "unarousable": (4, "cannot be aroused"),
    "seizure_brief": (3, "a seizure that ended quickly"),
    "seizure_long": (4, "a seizure of more than 5 minutes, or one after the other"),
    "motor_weakness": (4, "deep focal motor weakness"),
    "edema_focal": (3, "focal edema"),
    "edema_diffuse": (4, "diffuse edema or signs of raised pressure"),
    "died": (5, "died of it"),
}


def ice(found: Findings) -> int | None:
    """The points of 10; None unless all five items were asked."""
    points = [_number(found, item) for item in ICE]
    known = [one for one in points if one is not None]
    return int(sum(known)) if len(known) == len(ICE) else None


def _icans(found: Findings, _: Scale) -> Iterator[Supported]:
    for name, supported in _AWAKENS.items():
        if name in found:
            yield supported
    score = ice(found)
    if score is not None:
        grade = next(grade for least, grade in ((10, 0), (7, 1), (3, 2), (0, 3)) if score >= least)
        yield grade, f"ICE {score}"
    capd = _number(found, "capd")
    if capd is not None:
        yield (3 if capd >= CAPD_DELIRIUM else 0), f"CAPD {capd}"


def _icans_missing(found: Findings, scale: Scale) -> tuple[str, ...]:
    if {"unarousable", "died"} & found.keys():
        return ()
    age = _number(found, "age_years")
    if age is None:
        return ("Age in years",)
    is_child = age < scale.capd_under_years
    if is_child:
        return () if "capd" in found else ("CAPD score",)
    return () if ice(found) is not None else ("the five items of ICE",)


def _icans_barred(found: Findings, scale: Scale) -> str:
    age, own = _number(found, "age_years"), scale.capd_under_years
    if age is None:
        return ""
    if age < own and any(item in found for item in ICE):
        return f"under {own} years it goes by CAPD; ICE is not for {age} years"
    return (
        f"from {own} years on it goes by ICE; CAPD is not for {age} years"
        if age >= own and "capd" in found
        else ""
    )


def _temperature_missing(found: Findings, _: Scale) -> tuple[str, ...]:
    return () if {"temperature_celsius", "died"} & found.keys() else ("Temperature",)


def _number(found: Findings, name: str) -> Decimal | None:
    return found.get(name)


_ASTCT_CRS: Final = Table(
    (
        _TEMPERATURE,
        ScaleFinding("treated", "Tocilizumab, a steroid or an antipyretic in the last 24 h"),
        _HYPOTENSION,
        _PRESSORS,
        _count("nasal_l_per_min", "Oxygen by nasal cannula", 80, "L/min", 1),
        ScaleFinding("blow_by", "Blow-by oxygen"),
        ScaleFinding("oxygen_mask", "Oxygen by face, nonrebreather or Venturi mask"),
        ScaleFinding("positive_pressure", "CPAP, BiPAP or ventilator"),
        _DIED,
    ),
    _crs_astct,
    _temperature_missing,
)
_LEE_CRS: Final = Table(
    (
        _TEMPERATURE,
        ScaleFinding("symptoms", "Symptoms that threaten no life"),
        _OXYGEN_FRACTION,
        _HYPOTENSION,
        _count("pressors", "Vasopressors", 9),
        ScaleFinding("pressor_high_dose", "A vasopressor at high dose"),
        _count("organ_grade", "Organ toxicity by CTCAE, without transaminases", 4),
        _count("liver_grade", "Transaminases by CTCAE", 4),
        ScaleFinding("ventilator", "Ventilator"),
        _DIED,
    ),
    _crs_lee,
    _temperature_missing,
)
_CTCAE_CRS: Final = Table(
    (
        _TEMPERATURE,
        _OXYGEN_FRACTION,
        _HYPOTENSION,
        _count("pressors", "Vasopressors", 9),
        ScaleFinding("life_threatening", "Life-threatening, urgent intervention"),
        _DIED,
    ),
    _crs_ctcae,
    _temperature_missing,
)
_ASTCT_ICANS: Final = Table(
    (
        _count("age_years", "Age in years, 89 for any more", 89),
        _count(ICE[0], "ICE: year, month, city, hospital", 4),
        _count(ICE[1], "ICE: three objects named", 3),
        _count(ICE[2], "ICE: a command followed", 1),
        _count(ICE[3], "ICE: a sentence written", 1),
        _count(ICE[4], "ICE: counted backward from 100 by ten", 1),
        _count("capd", "CAPD score", 32),
        *(ScaleFinding(name, said[:1].upper() + said[1:]) for name, (_, said) in _AWAKENS.items()),
    ),
    _icans,
    _icans_missing,
    _icans_barred,
)

TABLES: Final[Mapping[tuple[Syndrome, str, str], Table]] = {
    (Syndrome.CRS, "astct", "2019"): _ASTCT_CRS,
    (Syndrome.CRS, "lee", "2014"): _LEE_CRS,
    (Syndrome.CRS, "ctcae", "5.0"): _CTCAE_CRS,
    (Syndrome.ICANS, "astct", "2019"): _ASTCT_ICANS,
}
"""By syndrome, scale and version; by another scale a person says the grade and nothing is held against it."""


def table_of(scale: Scale) -> Table | None:
    """How a scale of a protocol grades; None where the program does not know."""
    return TABLES.get((scale.syndrome, scale.scale, scale.scale_version))


def lowest_grade(table: Table, scale: Scale, found: Findings) -> Supported:
    """The lowest grade that the findings allow, and the finding that says so."""
    return max(table.judge(found, scale), default=(0, "nothing that was found"), key=lambda one: one[0])


def signatures_needed(protocol: Protocol, syndrome: Syndrome, scale: str, version: str, grade: int) -> int:
    """How many people stand behind a grade: a grave one is confirmed by a second."""
    known = protocol.scale(syndrome, scale, version)
    return 2 if known is None or grade >= known.second_from else 1
