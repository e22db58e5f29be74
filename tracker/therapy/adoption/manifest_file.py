"""A manifest file read as data: TOML, JSON or CSV, in which nothing stands but codes.

The file is kept for ever and goes into bundles; words have no place in it, nobody could erase a name there.
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from pydantic import Field, ValidationError

from labels.frames import shown
from labels.gs1 import is_trade_item_number
from labels.identities import stated_value
from labels.reader import read
from schema.canonical import plain_digest
from schema.errors import BadCode, InputError
from schema.events.adoption import DocumentNumber, ManifestForm, ManifestUnit
from schema.events.base import ShortName, Value, WholeNumber
from schema.events.identity import AdoptedCode
from schema.shape_faults import fault_place, fault_words
from schema.toml_text import read_toml
from schema.vocabulary import CodeType, Material

MANIFEST_BYTES_MAX: Final = 65_536
"""Two hundred containers with a dozen codes each stay far below it."""

CONTENT_CHARACTERS_MAX: Final = 87_384
"""The same in base64."""

_COLUMNS: Final = ("issuer", "number", "item", "material", "type", "code_issuer", "value")
_SPOILED: Final = re.compile(r'[+-]?[0-9]+(?:[.,][0-9]+)?E[+-]?[0-9]+|="[^"]*"|#+|#[A-Z/0!?]+', re.IGNORECASE)
"""What a spreadsheet makes of numbers that it takes for its own."""

_ITEM: Final = re.compile(r"[0-9]{1,3}")
_BARE_TRADE_ITEM: Final = re.compile(r"[0-9]{12,14}")
_TOML_TEXTS: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'')


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a file says, its codes in the form by which they are known here."""

    issuer: str
    number: str
    sha256: str
    codes: tuple[AdoptedCode, ...]
    units: tuple[ManifestUnit, ...]

    @property
    def all_codes(self) -> tuple[AdoptedCode, ...]:
        """Those of the therapy, then those of each container."""
        return (*self.codes, *(code for unit in self.units for code in unit.codes))


class _Code(Value):
    type: CodeType
    value: str = Field(min_length=1, max_length=200)
    issuer: ShortName | None = None


class _Line(_Code):
    """A code on a line of its own in a CSV file."""

    line: int


class _Unit(Value):
    item: WholeNumber = Field(ge=1, le=200)
    material: Material
    codes: tuple[_Code, ...] = Field(min_length=1, max_length=12)


class _File(Value):
    issuer: ShortName
    number: DocumentNumber
    codes: tuple[_Code, ...] = Field(default=(), max_length=24)
    units: tuple[_Unit, ...] = Field(default=(), max_length=200)


def content_of(encoded: str) -> bytes:
    """The bytes of a file that a request carries; raises InputError."""
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _bad("its content is not base64.") from error
    if len(content) > MANIFEST_BYTES_MAX:
        raise _bad(f"it has {len(content)} bytes, {MANIFEST_BYTES_MAX} is the most.")
    return content


@lru_cache(maxsize=8)
def manifest_of(encoded: str, form: ManifestForm) -> Manifest:
    """What a file in base64 says; raises InputError naming what cannot be taken."""
    content = content_of(encoded)
    try:
        text = content.decode("utf-8-sig")
        file = _File.model_validate(_READ[form](text))
    except UnicodeDecodeError as error:
        raise _bad("it is not text in UTF-8.") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise _bad(f"{fault_place(first) or 'the file'}: {fault_words(first)}.") from error
    units = tuple(
        ManifestUnit(item=one.item, material=one.material, codes=_codes(file, one.codes, f"item {one.item}"))
        for one in file.units
    )
    manifest = Manifest(
        file.issuer, file.number, plain_digest(content), _codes(file, file.codes, "therapy"), units
    )
    _require_distinct(manifest)
    return manifest


def _codes(file: _File, given: Sequence[_Code], where: str) -> tuple[AdoptedCode, ...]:
    return tuple(_code(file, one, where) for one in given)


def _code(file: _File, given: _Code, where: str) -> AdoptedCode:
    where = f"line {given.line} ({where})" if isinstance(given, _Line) else where
    try:
        if read(given.value).is_ours:
            raise BadCode(f"{shown(given.value)} is a code of cartrail.", code="own_code")
        _require_as_sent(given)
        value = stated_value(given.value, given.type)
        return AdoptedCode(issuer=given.issuer or file.issuer, type=given.type, value=value)
    except BadCode as error:
        raise _bad(f"{where}: {error.message}") from error


def _require_as_sent(given: _Code) -> None:
    """Raise BadCode for a number that a spreadsheet spoiled, or that names a product and no container."""
    if _SPOILED.fullmatch(given.value):
        raise BadCode(f"{shown(given.value)} is what a spreadsheet made of a number.", code="spoiled_number")
    bare = given.type is CodeType.CONTAINER and _BARE_TRADE_ITEM.fullmatch(given.value)
    if bare and is_trade_item_number(given.value):
        raise BadCode(
            f"{shown(given.value)} is a GTIN of {len(given.value)} digits, which names a product and not one"
            " container.",
            code="names_nothing",
        )


def _require_distinct(manifest: Manifest) -> None:
    """Raise InputError where one code would stand for two things, or two containers have one number."""
    items = [unit.item for unit in manifest.units]
    if len({*items}) < len(items):
        raise _bad("two containers have the same item number.")
    if not manifest.all_codes:
        raise _bad("it names no code.")
    stands_for: dict[tuple[str, str], int | None] = {}
    for item, codes in [(None, manifest.codes), *((unit.item, unit.codes) for unit in manifest.units)]:
        for code in codes:
            if stands_for.setdefault((code.issuer, code.value), item) != item:
                raise _bad(
                    f"{shown(code.value)} of {code.issuer} stands for two things; "
                    "put what several containers share at the therapy."
                )
        if len({*codes}) < len(codes):
            raise _bad("a code stands twice for the same thing.")


def _from_toml(text: str) -> Mapping[str, Any]:
    if "#" in _TOML_TEXTS.sub("", text):
        raise _bad("it has a comment; the file is kept for ever and holds codes only.")
    try:
        return read_toml(text)
    except tomllib.TOMLDecodeError as error:
        raise _bad(f"it is no TOML: {error}.") from error


def _from_json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _bad("it is no JSON.") from error


def _from_csv(text: str) -> Mapping[str, Any]:
    """One code a line; a line without item is about the therapy."""
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        if tuple(reader.fieldnames or ()) != _COLUMNS:
            raise _bad(f"its first line is not {','.join(_COLUMNS)}.")
        rows = list(reader)
    except csv.Error as error:
        raise _bad(f"it is no CSV: {error}.") from error
    heads = {(row["issuer"], row["number"]) for row in rows}
    if len(heads) != 1:
        raise _bad("its lines do not all name one issuer and one number.")
    issuer, number = heads.pop()
    units: dict[str, dict[str, Any]] = {}
    file: dict[str, Any] = {"issuer": issuer, "number": number, "codes": [], "units": []}
    for line, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise _bad(f"line {line} has not {len(_COLUMNS)} cells.")
        code = _line(row, line)
        if not row["item"]:
            file["codes"].append(code)
            continue
        item = int(row["item"]) if _ITEM.fullmatch(row["item"]) else row["item"]
        unit = units.setdefault(row["item"], {"item": item, "material": row["material"], "codes": []})
        if unit["material"] != row["material"]:
            raise _bad(f"line {line} says another material of item {shown(row['item'])}.")
        unit["codes"].append(code)
    file["units"] = [*units.values()]
    return file


def _line(row: Mapping[str, Any], line: int) -> _Line:
    given = {"type": row["type"], "value": row["value"], "issuer": row["code_issuer"] or None, "line": line}
    try:
        return _Line.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = fault_place(first)
        raise _bad(f"line {line}: {where} {shown(str(row.get(where, '')))}: {fault_words(first)}.") from error


def _bad(why: str) -> InputError:
    return InputError(
        f"The manifest cannot be taken: {why}",
        remedy="Ask its sender for a corrected file; nothing of it was taken.",
        code="bad_manifest",
    )


_READ: Final = {
    ManifestForm.TOML: _from_toml,
    ManifestForm.JSON: _from_json,
    ManifestForm.CSV: _from_csv,
}


def manifest_form_of(name: str) -> ManifestForm:
    """The form of a file by the end of its name; raises InputError for any other."""
    end = name.rpartition(".")[2].lower()
    if end not in {one.value for one in ManifestForm}:
        raise InputError(
            f"{shown(name)} does not end like a manifest file.",
            remedy="Name a file that ends in .toml, .json or .csv.",
            code="bad_manifest",
        )
    return ManifestForm(end)


def missing_of(expected: Sequence[AdoptedCode], scanned: Sequence[AdoptedCode]) -> Iterator[AdoptedCode]:
    """What is expected and was not scanned, in the order of the manifest."""
    return (code for code in expected if code not in scanned)
