"""Drafts: the figures of a licensed product laid over a protocol that ships, as a complete file to adopt."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any

import tomlkit
from tomlkit.items import AoT, Table

from schema.errors import InputError
from schema.vocabulary import Material
from tracker.protocols.library import ProtocolFile, parse_protocol, shipped
from tracker.protocols.rows import KNOWN_BY, is_same_row

LEAVES_OUT = "leaves_out"
"""The one key of a facts file that a protocol has not: rows of the base that do not hold for the product."""


def facts_names() -> tuple[str, ...]:
    """The products of which facts ship with the program."""
    folder = resources.files("tracker.protocols") / "facts"
    return tuple(
        sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml"))
    )


def facts(name: str) -> Mapping[str, Any]:
    """The facts of a product by their keys; raises InputError naming the products there are."""
    if name not in facts_names():
        raise InputError(
            f"There are no facts of {name!r}: there are {', '.join(facts_names())}.", code="no_facts"
        )
    path = resources.files("tracker.protocols") / "facts" / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def draft(base: str, product: str) -> ProtocolFile:
    """A protocol with the facts of a product over a shipped one; raises InputError for an unknown name.

    Comments and order of the base stay, so that whoever adopts it finds every figure in its place.
    """
    file, given = shipped(base), facts(product)
    document = tomlkit.parse(file.content.decode("utf-8"))
    for path in given.get(LEAVES_OUT, ()):
        _leave_out(document, path)
    _without_its_own(document, given)
    of_the_maker = _OF_THE_MAKER if file.protocol.is_made_elsewhere else ()
    for key, value in given.items():
        if key == LEAVES_OUT or key in of_the_maker:
            continue
        if key in KNOWN_BY:
            _lay_rows(document, key, value)
        elif isinstance(value, dict) and isinstance(document.get(key), dict):
            document[key].update(value)
        else:
            document[key] = value
    if file.protocol.is_made_elsewhere:
        _until_when_says_the_certificate(document)
    head = (
        f"# DRAFT: facts of {product} over {base} version {file.protocol.version} "
        f"(SHA-256 {file.sha256[:16]}).\n"
        "# A model: check each figure against the current label, with its source, and change it here.\n#\n"
    )
    return parse_protocol((head + tomlkit.dumps(document)).encode(), name=f"the draft of {product}")


def _without_its_own(document: tomlkit.TOMLDocument, given: Mapping[str, Any]) -> None:
    """Take away for whom the base is and how much they get: of another product that says nothing."""
    if "indications" in given or "dose" in given:
        document.pop("indications", None)
    if "dose" not in given:
        document.pop("dose", None)
        _leave_out(document, "steps/dose_set")


_OF_THE_MAKER = ("release_tests", "milestones", "dose")
"""What is judged and planned where the product is made; a hospital that receives it has the certificate."""


def _until_when_says_the_certificate(document: tomlkit.TOMLDocument) -> None:
    """No shelf life is counted from a step of the maker's record, and no cassette of ours is bound."""
    for row in document.get("containers", ()):
        if row["material"] == Material.PRODUCT.value:
            for key in ("shelf_life", "shelf_life_from", "cassette"):
                row.pop(key, None)


def _leave_out(document: tomlkit.TOMLDocument, path: str) -> None:
    """Without a row such as `limits/thaw_to_infusion` or `steps/bag_matched/product`, if the base has it."""
    table, name, *materials = path.split("/")
    rows = document.get(table, ())
    key = "kind" if table == "steps" else KNOWN_BY[table][0]
    wanted = {key: name, "materials": materials}
    for index in reversed(range(len(rows))):
        if is_same_row(table, wanted, rows[index]):
            del rows[index]


def _lay_rows(document: tomlkit.TOMLDocument, table: str, rows: list[Mapping[str, Any]]) -> None:
    """Each row's keys over those of the same row; a new one is written, but a step is only ever changed."""
    found = document.get(table)
    if not isinstance(found, AoT):
        found = tomlkit.aot()
        document.add(tomlkit.nl())
        document.append(table, found)
    new = 0
    for row in rows:
        same = [one for one in found if is_same_row(table, row, one)]
        for one in same:
            _lay_values(one, row)
        if not same and table != "steps":
            found.insert(new, _written(row))
            new += 1


def _lay_values(row: Any, values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        if key not in ("material", "materials"):
            row[key] = value
    if "verified" in values and "seen" not in values:
        row.pop("seen", None)  # nobody has looked at it: the day of the base is about another source


def _written(row: Mapping[str, Any]) -> Table:
    written = tomlkit.table()
    for key, value in row.items():
        written.add(key, value)
    written.add(tomlkit.nl())
    return written
