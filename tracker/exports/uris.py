"""The URIs by which other systems know our things: below a configured address, or GS1 Digital Link."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from labels.gs1 import parse_gs1
from labels.identities import gs1_parts
from schema.errors import BadCode, InputError
from schema.events.identity import AdoptedCode
from schema.toml_text import read_toml

FILE: Final = "exports.toml"
"""In the configuration folder; without it a placeholder address is used."""

NOBODY: Final = "https://id.cartrail.example"
RESOLVER: Final = "https://id.gs1.org"
_BASE: Final = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*/?")


@dataclass(frozen=True, slots=True)
class Uris:
    """How identifiers are written."""

    base: str = NOBODY
    """What our own begin with."""

    digital_link: bool = False
    """Whether an adopted GS1 code that names one thing is written as GS1 Digital Link."""

    def own(self, *parts: str) -> str:
        """An identifier of ours: each part a step of the path."""
        return "/".join((self.base.rstrip("/"), *map(_step, parts)))

    def adopted(self, code: AdoptedCode) -> str:
        """Another issuer's code."""
        link = digital_link(code.value) if self.digital_link else None
        return link or self.own("adopted", code.issuer, code.type.value, code.value)

    def stated(self) -> str:
        """The choice, as an export says it."""
        others = "as GS1 Digital Link where they are GS1" if self.digital_link else "below it too"
        return f"our identifiers below {self.base}; codes of others {others}"


def _step(part: str) -> str:
    """A part of a path; our own ids have nothing in them to be escaped."""
    return part if part.isalnum() and part.isascii() else quote(part, safe="")


def digital_link(value: str) -> str | None:
    """The canonical GS1 Digital Link of a code of one instance: a trade item with serial, or an SSCC."""
    parts = gs1_parts(value) or _parsed(value)
    if "00" in parts:
        return f"{RESOLVER}/00/{parts['00']}"
    if "01" in parts and "21" in parts:
        return f"{RESOLVER}/01/{parts['01']}/21/{quote(parts['21'], safe='')}"
    return None


def _parsed(value: str) -> dict[str, str]:
    """The elements of a value that was adopted as it was scanned."""
    try:
        message = parse_gs1(value, None)
    except BadCode:
        return {}
    return {} if message is None else {item.identifier: item.value for item in message.elements}


def uris_in(folder: Path) -> Uris:
    """The configured addresses; raises InputError for a file that does not say them rightly."""
    path = folder / FILE
    try:
        data = read_toml(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return Uris()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _wrong(path, f"cannot be read: {error}") from error
    found = data.get("epcis", {})
    if set(data) - {"epcis"} or not isinstance(found, dict) or set(found) - {"base", "digital_link"}:
        raise _wrong(path, "holds something else than [epcis] with base and digital_link")
    base, link = found.get("base", NOBODY), found.get("digital_link", False)
    if not isinstance(base, str) or _BASE.fullmatch(base) is None:
        raise _wrong(path, f"has a base that is no address of the web: {str(base)[:80]!r}")
    if not isinstance(link, bool):
        raise _wrong(path, "has a digital_link that is neither true nor false")
    return Uris(base.rstrip("/"), link)


def _wrong(path: Path, what: str) -> InputError:
    return InputError(
        f"{path} {what}.",
        remedy='Write [epcis], base = "https://id.example.org" and digital_link = true or false.',
        code="bad_settings",
    )
