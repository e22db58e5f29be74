"""Protocol files: reading, checking, and the ones that ship with cartrail."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from pydantic import ValidationError

from schema.errors import InputError
from schema.shape_faults import fault_words
from schema.toml_text import read_toml
from tracker.protocols.graph import findings
from tracker.protocols.model import Protocol
from tracker.protocols.rows import FileLines, with_line

PROTOCOL_BYTES_MAX = 1_000_000
"""A workflow written by people is a few dozen kilobytes; more is a mistake or an attack."""


@dataclass(frozen=True, slots=True)
class ProtocolFile:
    """A protocol with the exact bytes that its SHA-256 stands for."""

    protocol: Protocol
    content: bytes

    @property
    def sha256(self) -> str:
        """Hex SHA-256 of the file, as pinned to every therapy that runs by it."""
        return hashlib.sha256(self.content).hexdigest()


@lru_cache(maxsize=16)
def parse_protocol(content: bytes, *, name: str = "the protocol") -> ProtocolFile:
    """The protocol of a TOML file; raises InputError naming every finding.

    Kept by its bytes: the stores of a site, their verifier and their reports all ask for the same few files.
    """
    if len(content) > PROTOCOL_BYTES_MAX:
        raise InputError(f"{name} is larger than {PROTOCOL_BYTES_MAX} bytes.")
    try:
        protocol = Protocol.model_validate(read_toml(content.decode("utf-8-sig")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{name} is not a TOML file: {error}.") from error
    except InputError as error:
        raise InputError(f"{name}: {error.message}", remedy=error.remedy, code=error.code) from error
    except ValidationError as error:
        lines = FileLines(content)
        said = (_misshapen(lines, item["loc"], fault_words(item)) for item in error.errors()[:5])
        raise InputError(f"{name} does not have the shape of a protocol: {'; '.join(said)}.") from error
    found = findings(protocol)
    if found:
        lines = FileLines(content)
        said = (with_line(lines.of_finding(protocol, one), one) for one in found)
        raise InputError(
            f"{name} may not be adopted: {' '.join(said)}", remedy="Correct the file and adopt it again."
        )
    return ProtocolFile(protocol, content)


def _misshapen(lines: FileLines, place: tuple[int | str, ...], message: str) -> str:
    """What is wrong with a key, with its line where its row is a table of its own."""
    table, index, key = (*place, "", "", "")[:3]
    line = lines.of(str(table), index, str(key)) if isinstance(index, int) else None
    return with_line(line, f"{'.'.join(str(part) for part in place)}: {message}")


def shipped_names() -> tuple[str, ...]:
    """The names of the protocols in this package."""
    folder = resources.files("tracker.protocols")
    return tuple(
        sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml"))
    )


def shipped(name: str) -> ProtocolFile:
    """A protocol that ships with cartrail; raises InputError naming the ones there are."""
    if name not in shipped_names():
        raise InputError(f"There is no shipped protocol {name!r}: there are {', '.join(shipped_names())}.")
    return parse_protocol((resources.files("tracker.protocols") / f"{name}.toml").read_bytes(), name=name)
