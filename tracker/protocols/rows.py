"""Rows of a protocol file: what each is known by, in which line it stands, and how two files differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from tracker.protocols.model import Protocol

_HEADER = re.compile(r"\s*\[\[?([A-Za-z0-9_.-]+)\]?\]")
_KEY = re.compile(r"\s*([a-z_]+)\s*=")

KNOWN_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "stages": ("name",),
    "containers": ("material",),
    "bands": ("state", "material"),
    "steps": ("name", "kind"),
    "limits": ("name",),
    "release_tests": ("code",),
    "indications": ("name",),
    "regimens": ("name",),
    "measures": ("name",),
    "scales": ("syndrome", "scale", "scale_version"),
    "duties": ("name",),
    "watch": ("region",),
    "milestones": ("name",),
}
"""The keys by which a row of a list is the same in another file; a step has its name, else its kind."""

SINGULAR: Final[Mapping[str, str]] = {
    "containers": "container",
    "bands": "band",
    "steps": "step",
    "limits": "limit",
    "release_tests": "release test",
    "indications": "indication",
    "regimens": "regimen",
    "measures": "measure",
    "scales": "scale",
    "duties": "duty",
    "watch": "watch",
    "milestones": "milestone",
    "stages": "stage",
}


def known_as(table: str, row: Mapping[str, Any]) -> str:
    """What a row is called among those of its list: `thaw_to_infusion`, `frozen product`."""
    words = [str(row[key]) for key in KNOWN_BY[table] if row.get(key)]
    return words[0] if table == "steps" else " ".join(words)


def is_same_row(table: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two rows are about the same; two steps of a kind are, where a material is in both."""
    if known_as(table, one) != known_as(table, other):
        return False
    if table != "steps":
        return True
    mine, others = one.get("materials") or (), other.get("materials") or ()
    return not mine or not others or not {*mine}.isdisjoint(others)


class FileLines:
    """In which line of a protocol file its rows stand, counted from 1."""

    def __init__(self, content: bytes) -> None:
        self._text = content.decode("utf-8-sig", errors="replace").splitlines()
        self._headers: dict[str, list[int]] = {}
        for number, line in enumerate(self._text, start=1):
            found = _HEADER.match(line)
            if found is not None:
                self._headers.setdefault(found[1], []).append(number)

    def of(self, table: str, index: int, key: str = "") -> int | None:
        """The line of a row, or of a key in it; None where it is written in another form."""
        headers = self._headers.get(table, [])
        if index >= len(headers):
            return None
        start = headers[index]
        for number, line in enumerate(self._text[start:], start=start + 1):
            if _HEADER.match(line):
                break
            found = _KEY.match(line)
            if key and found is not None and found[1] == key:
                return number
        return start

    def of_row(self, protocol: Protocol, row: object) -> int | None:
        """The line of a part of a protocol that was read from this file."""
        for table in KNOWN_BY:
            for index, one in enumerate(getattr(protocol, table)):
                if one is row:
                    return self.of(table, index)
        return next(
            (self.of(name, 0) for name in self._headers if getattr(protocol, name, None) is row), None
        )

    def of_finding(self, protocol: Protocol, sentence: str) -> int | None:
        """The line of the row that a finding begins with: `limit thaw_to_infusion names ...`."""
        for table, what in SINGULAR.items():
            if not sentence.startswith(f"{what} "):
                continue
            word = re.split(r"[ :]", sentence.removeprefix(f"{what} "), maxsplit=1)[0]
            for index, row in enumerate(getattr(protocol, table)):
                number = getattr(row, "number", None) if table == "steps" else None
                if word in (known_as(table, row.model_dump(mode="json")), str(number)):
                    return self.of(table, index)
        return None


def with_line(line: int | None, sentence: str) -> str:
    """A sentence with where in its file it stands."""
    return sentence if line is None else f"line {line}: {sentence}"


def differences(before: Protocol, after: Protocol) -> Iterator[str]:
    """What one protocol has otherwise than another, a sentence each; nothing where both say the same."""
    first, second = before.model_dump(mode="json"), after.model_dump(mode="json")
    for table in second:
        if table in KNOWN_BY:
            yield from _rows_differ(table, first[table], second[table])
        elif isinstance(second[table], dict) and isinstance(first[table], dict):
            yield from _values_differ(table, first[table], second[table])
        elif first[table] != second[table]:
            yield _otherwise(table, first[table], second[table])


def _rows_differ(
    table: str, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    left = list(before)
    for row in after:
        same = next((one for one in left if is_same_row(table, one, row)), None)
        if same is None:
            yield f"{_called(table, row)} is new: {_said(row)}."
            continue
        left.remove(same)
        yield from _values_differ(_called(table, row), same, row)
    for row in left:
        yield f"{_called(table, row)} is left out."


def _called(table: str, row: Mapping[str, Any]) -> str:
    materials = row.get("materials") if table == "steps" else None
    return f"{SINGULAR[table]} {known_as(table, row)}{f' of {_value(materials)}' if materials else ''}"


def _values_differ(called: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for key in dict.fromkeys((*before, *after)):
        if before.get(key) != after.get(key):
            yield _otherwise(f"{called}, {key.replace('_', ' ')}", before.get(key), after.get(key))


def _otherwise(what: str, before: object, after: object) -> str:
    return f"{what}: {_value(after)}, before {_value(before)}."


def _said(row: Mapping[str, Any]) -> str:
    keys = ("title", "start", "until", "within", "limit", "after", "source")
    return ", ".join(f"{key} {_value(row[key])}" for key in keys if row.get(key)) or "as it stands there"


def _value(value: object) -> str:
    if value in (None, [], {}, ""):
        return "nothing"
    if isinstance(value, list):
        return ", ".join(_value(one) for one in value)
    if isinstance(value, dict):
        return " ".join(f"{key}={_value(one)}" for key, one in value.items() if one not in (None, [], {}, ""))
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
