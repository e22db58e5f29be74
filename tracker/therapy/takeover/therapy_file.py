"""A therapy that is under way, in one TOML file: what paper says of its units, their steps and results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from importlib import resources
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

from schema.events.base import ATTEMPTS_MAX, ShortName, Value, WholeNumber, Word
from schema.measured import VolumeText
from schema.vocabulary import CodeType, FinalDisposition, Material, ReadMode, Reason
from tracker.requests.fields import LabelTitle
from tracker.requests.toml_files import WrittenFile, twice

THERAPY_BYTES_MAX: Final = 200_000
"""Two hundred units with all their steps stay below it."""

_FILE: Final = WrittenFile(
    "file of a therapy",
    THERAPY_BYTES_MAX,
    "bad_therapy_file",
    "Correct the file; `cartrail patient take-over --example` prints one. Nothing was recorded.",
)


def _as_text(value: object) -> object:
    """A date or time that TOML has read itself as text again: only a site knows its clocks."""
    return str(value) if isinstance(value, (date, datetime)) else value


Written = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}( .{1,40})?$"), BeforeValidator(_as_text)]
"""A day and time, by the clocks of the station's site where it has no offset."""

Instants = Callable[[str], str]
"""Gives such a time as requests carry it; raises InputError for one that does not exist."""


class CodeWritten(Value):
    """A code that somebody else put on a container or on the therapy's papers."""

    issuer: ShortName
    type: CodeType
    code: str = Field(min_length=1, max_length=120)


class StepWritten(Value):
    """A step of the protocol, at the time that stands on paper."""

    step: Word
    at: Written


class ResultWritten(Value):
    """A release test's result, as it stands on paper."""

    test: Word
    result: str = Field(min_length=1, max_length=40)
    at: Written
    attempt: WholeNumber = Field(default=1, ge=1, le=ATTEMPTS_MAX)


class UnitWritten(Value):
    """A unit by a title of its own, by which others name it as what they came out of."""

    title: LabelTitle
    material: Material
    parents: tuple[LabelTitle, ...] = ()
    attempt: WholeNumber | None = Field(default=None, ge=0, le=ATTEMPTS_MAX)
    label: str | None = Field(default=None, max_length=40)
    codes: tuple[CodeWritten, ...] = ()
    place: str | None = Field(default=None, max_length=40)
    carrier: ShortName | None = None
    box: str | None = Field(default=None, max_length=40)
    cassette: str | None = Field(default=None, max_length=40)
    quarantined: Reason | None = None
    final: FinalDisposition | None = None
    volume_ml: VolumeText | None = None
    expires_at: Written | None = None
    steps: tuple[StepWritten, ...] = ()


class TherapyFile(Value):
    """What a file says; the patient's identifiers stand in another, which is not kept."""

    protocol: Word
    collection: ShortName
    manufacturing: ShortName
    treatment: ShortName
    indication: Word | None = None
    papers: tuple[str, ...] = ()
    codes: tuple[CodeWritten, ...] = ()
    steps: tuple[StepWritten, ...] = ()
    units: tuple[UnitWritten, ...] = Field(min_length=1)
    results: tuple[ResultWritten, ...] = ()

    def wanted(self, instant: Instants) -> Mapping[str, Any]:
        """The fields of the request `import_therapy`, but the patient, the papers and who asks."""
        return {
            "protocol": self.protocol,
            "collection_site": self.collection,
            "manufacturing_site": self.manufacturing,
            "treatment_site": self.treatment,
            "indication": self.indication,
            "adopted_codes": _codes(self.codes),
            "steps": _steps(self.steps, instant),
            "containers": [_unit(unit, instant) for unit in self.units],
            "results": [{**one.model_dump(mode="json"), "at": instant(one.at)} for one in self.results],
        }


def therapy_example() -> str:
    """A file with a product that lies released in a tank, to be changed."""
    found = resources.files(__package__).joinpath("therapy.example.toml")
    return found.read_text(encoding="utf-8")


def therapy_of(content: bytes) -> TherapyFile:
    """A therapy as a file says it; raises InputError naming the line or key that cannot be."""
    return _FILE.read(content, TherapyFile, _faults)


def _faults(said: TherapyFile) -> Iterator[str]:
    yield from twice("unit", [unit.title for unit in said.units])
    yield from twice("result of", [f"{one.test} of manufacture {one.attempt}" for one in said.results])
    codes = [*said.codes, *(code for unit in said.units for code in unit.codes)]
    yield from twice("code", [f"{one.code} of {one.issuer}" for one in codes])
    yield from twice("label", [unit.label for unit in said.units if unit.label is not None])
    yield from twice("cassette", [unit.cassette for unit in said.units if unit.cassette is not None])
    for unit in said.units:
        if unit.final is None and unit.place is None and unit.carrier is None:
            yield f'"{unit.title}" has neither a place nor a carrier nor an end'
        if unit.final is None and not unit.codes and unit.label is None:
            yield f'"{unit.title}" has neither a code of its own nor a label of ours'


def _codes(given: Iterable[CodeWritten]) -> list[dict[str, str]]:
    return [{**one.model_dump(mode="json"), "mode": ReadMode.PAPER.value} for one in given]


def _steps(given: Iterable[StepWritten], instant: Instants) -> list[dict[str, str]]:
    return [{"step": one.step, "at": instant(one.at)} for one in given]


def _unit(unit: UnitWritten, instant: Instants) -> dict[str, Any]:
    said = {
        "title": unit.title,
        "material": unit.material.value,
        "parents": list(unit.parents),
        "attempt": unit.attempt,
        "unit": unit.label,
        "codes": _codes(unit.codes),
        "location": unit.place,
        "carrier": unit.carrier,
        "box": unit.box,
        "cassette": unit.cassette,
        "quarantined": None if unit.quarantined is None else unit.quarantined.value,
        "final": None if unit.final is None else unit.final.value,
        "volume_ml": unit.volume_ml,
        "expires_at": None if unit.expires_at is None else instant(unit.expires_at),
        "steps": _steps(unit.steps, instant),
    }
    return {name: value for name, value in said.items() if value is not None}
