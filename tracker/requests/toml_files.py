"""A TOML file that somebody wrote for a command, read as a value; what is wrong is said with its place."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from pydantic import ValidationError

from schema.errors import InputError
from schema.events.base import Value
from schema.shape_faults import fault_place, fault_words
from schema.toml_text import read_toml

Read = TypeVar("Read", bound=Value)

_QUOTED: Final = re.compile(r'"([^"]+)"')


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A kind of file: what it is called, how large it may be, and what to do with a wrong one."""

    name: str
    """As it stands in messages, such as `network file`."""

    bytes_max: int
    code: str
    remedy: str

    def read(self, content: bytes, model: type[Read], faults: Callable[[Read], Iterator[str]]) -> Read:
        """What the file says; raises InputError naming the line or key that cannot be.

        `faults` tells what each part allows and the whole does not.
        """
        if len(content) > self.bytes_max:
            raise self.bad(f"it has more than {self.bytes_max} bytes")
        try:
            said = model.model_validate(read_toml(content.decode("utf-8-sig")))
            fault = next(faults(said), None)
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise self.bad(f"it is not text in UTF-8 (at line {line})") from error
        except tomllib.TOMLDecodeError as error:
            raise self.bad(f"it is not TOML in UTF-8: {error}") from error
        except InputError as error:
            raise self.bad(f"{error.message.removesuffix('.')}{_at_line(content, error.message)}") from error
        except ValidationError as error:
            raise self.bad(self._told(error)) from error
        if fault is not None:
            raise self.bad(fault)
        return said

    def bad(self, why: str) -> InputError:
        """The error about a file that cannot be taken."""
        return InputError(
            f"The {self.name} cannot be taken: {why.removesuffix('.')}.", remedy=self.remedy, code=self.code
        )

    def _told(self, error: ValidationError) -> str:
        found = error.errors()
        # A key that was misspelled is missing too: what stands in the file is said first.
        first = next((one for one in found if one["type"] == "extra_forbidden"), found[0])
        where = fault_place(first, first=1)
        if first["type"] == "extra_forbidden":
            return f"{where} is no key of a {self.name}"
        if first["type"] == "missing":
            return f"{where} is missing"
        return f"{where}: {fault_words(first)}"


def _at_line(content: bytes, message: str) -> str:
    """The first line with a text that a message quotes; nothing where it quotes none of the file."""
    lines = content.decode("utf-8-sig").splitlines()
    for quoted in _QUOTED.findall(message):
        for number, line in enumerate(lines, start=1):
            if quoted in line:
                return f" (at line {number})"
    return ""


def twice(what: str, names: Sequence[str]) -> Iterator[str]:
    """That a name which stands for one thing stands there more than once."""
    for name, count in Counter(names).items():
        if count > 1:
            yield f"the {what} {name} stands there {count} times"
